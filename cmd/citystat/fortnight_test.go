package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"citystat/dashboards/dashboardstest/browser"
	"citystat/kpi/evidence/evidencetest"
)

// meetsIn is what the folder of the made-up town says of its stat meeting.
const meetsIn = `
meetings:
  - id: streetstat
    name: Streets meeting
    purpose: What holds up repairs in the street.
    departments: [streets]
    every: 2 weeks
    weekday: Thursday
    from: 2026-11-12
    time: "10:00"
    minutes: 60
    chair: mayor
    analyst: data-office
    standing: [potholes-on-time]
    public: true
`

// meetsInSpanish are its words in the town's other language.
const meetsInSpanish = `
  - {at: person.mayor.title, of: "Mayor", text: "Alcaldía"}
  - {at: meeting.streetstat.name, of: "Streets meeting", text: "Reunión de calles"}
  - {at: meeting.streetstat.purpose, of: "What holds up repairs in the street.", text: "Qué frena las reparaciones en la calle."}
`

// edits writes a file of the town anew.
func edits(t *testing.T, name string, change func(string) string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(change(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestFortnight lives the fortnight between two stat meetings of a town: late data come, the agenda is prepared with the keyboard alone, the memo goes out, the head of
// the department reads it in Spanish, the mayor presides on a tablet and the others see what is written down while they sit there, the follow-up memo goes out, the owner
// moves a date and sends a photo, a number is corrected, and in the next meeting the promise comes back and is closed. A resident reads what is meant for residents.
func TestFortnight(t *testing.T) {
	w := newTown(t, func(folder string) {
		edits(t, filepath.Join(folder, "city.yaml"), func(s string) string {
			return strings.Replace(s, "people:\n", "people:\n  - {id: mayor, title: Mayor}\n", 1) + meetsIn
		})
		edits(t, filepath.Join(folder, "text", "es.yaml"), func(s string) string { return strings.TrimRight(s, "\n") + meetsInSpanish })
	})
	f := &fortnight{week: w}
	f.ana = w.hire("Ana", "en", atDesk, true, "analyst")
	f.marta = w.hire("Marta", "en", onTablet, false, "mayor")
	f.simon = w.hire("Simón", "es", atDesk, false, "department_head:streets")
	f.vera = w.hire("Vera", "en", onPhone, false, "viewer")
	f.resident = browser.NewPerson(w.chromium, t, w.site(), "A resident", onPhone)
	f.prepare()
	f.memo()
	f.meet()
	f.followUp()
	f.between()
	f.again()
	w.tells("meeting.edit", "meeting.issue", "meeting.begin", "meeting.end", "meeting.follow", "note.open", "commitment.make", "commitment.move", "commitment.finish", "commitment.keep")
}

// fortnight is the town with those who play.
type fortnight struct {
	*week
	ana, marta, simon, vera, resident *browser.Person
}

const (
	firstMeeting  = "/meetings/streetstat/2026-11-12"
	secondMeeting = "/meetings/streetstat/2026-11-26"
)

// loads puts another file in the place of the reports, and lets Ana load it.
func (f *fortnight) loads(change func(string) string, value string) {
	f.t.Helper()
	edits(f.t, filepath.Join(f.folder(), "data", "potholes.csv"), change)
	f.ana.Goes("/staff/data")
	f.ana.Presses(`form[action*="potholes"] button`, http.StatusOK)
	f.ana.WaitsFor("/staff/indicators/potholes-on-time", value)
}

// prepare is the Monday: the file that was late comes, and Ana prepares the agenda without a mouse.
func (f *fortnight) prepare() {
	f.t.Helper()
	f.loads(func(s string) string {
		for _, n := range []string{"201", "202", "203", "204", "205"} {
			s += "P-0" + n + ",2026-10-22,2026-10-27,2026-10-26\n"
		}
		return s
	}, "52.0%")
	for _, topic := range []string{"The contract for asphalt ends in June.", "Who pays for the poles?", "A word on the fair."} {
		f.ana.Goes(firstMeeting)
		f.ana.Unfolds("details:has(> form input[name=what][value=topic]) > summary")
		f.ana.Types("#add-topic", topic)
		f.ana.Types("#add-topic-minutes", "6")
		f.ana.Types("#add-topic-reason", "The council asks.")
		f.ana.Presses("form:has(input[name=what][value=topic]) button[type=submit]", http.StatusOK)
	}
	f.ana.Presses(`#item-topic-2 button[value="up"]`, http.StatusOK)
	f.ana.Unfolds("#item-topic-3 details:has(input[name=do][value=drop]) > summary")
	f.ana.Types("#item-topic-3-drop", "There is no time for the fair.")
	f.ana.Presses("#item-topic-3 form:has(input[name=do][value=drop]) button[type=submit]", http.StatusOK)
	if order := browser.Value[[]string](f.ana.Tab, `[...document.querySelectorAll(".agenda-item")].map(e => e.id)`); strings.Join(order, " ") != "item-indicator-potholes-on-time item-topic-2 item-topic-1 item-topic-3" {
		f.t.Errorf("the agenda is in the order %v", order)
	}
	f.ana.Sees("There is no time for the fair.")
}

// memo is the Tuesday, 49 hours before the meeting: the memo goes out, and the others read it.
func (f *fortnight) memo() {
	f.t.Helper()
	f.on("2026-11-10")
	f.ana.Goes(firstMeeting + "/memo")
	f.ana.Presses("form:has(input[name=do][value=issue]) button[type=submit]", http.StatusOK)
	f.simon.Goes(firstMeeting + "/memo")
	f.simon.Sees("Who pays for the poles?", "Huecos reparados a tiempo", "52", "There is no time for the fair.")
	f.vera.Goes(firstMeeting + "/memo")
	f.vera.Sees("The contract for asphalt ends in June.")
	for _, page := range []string{firstMeeting, firstMeeting + "/memo", firstMeeting + "/live", firstMeeting + "/slides/1", "/meetings", "/meetings/streetstat"} {
		f.vera.Goes(page)
		if f.vera.Has("main form[method=post]") {
			f.t.Errorf("%s offers a form to a viewer", page)
		}
	}
	if lang := browser.Value[string](f.simon.Tab, "document.documentElement.lang"); lang != "es" {
		f.t.Errorf("Simón reads in %q", lang)
	}
	f.resident.Goes("/en" + firstMeeting)
	f.resident.Sees("Streets meeting")
	f.resident.SeesNot("asphalt", "poles", "the fair", "Ana", "Simón")
}

// meet is the first meeting: Marta presides, goes through the slides with the arrow keys, and writes down what is said; Simón sees it in his window.
func (f *fortnight) meet() {
	f.t.Helper()
	f.on("2026-11-12")
	f.simon.Goes(firstMeeting + "/live")
	f.marta.Goes(firstMeeting + "/live")
	f.marta.Presses("form:has(input[name=do][value=begin]) button", http.StatusOK)
	f.marta.Goes(firstMeeting + "/slides/1")
	f.marta.Sees("Streets meeting", "Who pays for the poles?")
	slide := 1
	for !f.marta.Has(".slide-value") {
		if slide++; slide > 9 {
			f.t.Fatal("no slide has the number")
		}
		f.marta.Strikes(kb.ArrowRight)
		if at := f.marta.At(); at != firstMeeting+"/slides/"+strconv.Itoa(slide) {
			f.t.Fatalf("the arrow key led to %s, want slide %d", at, slide)
		}
	}
	f.marta.Sees("52.0%", "Potholes mended on time")
	f.marta.Strikes(kb.ArrowLeft)
	f.marta.Strikes(kb.End)
	f.writes("decision", "The night crew works until the end of May.", "", "", true)
	f.writes("promise", "Mend the potholes of the quay.", "streets-head", "2026-11-20", true)
	f.writes("request", "Send the list of the streets without a crew.", "streets-head", "2026-11-19", false)
	f.simon.Looks("what Marta wrote")
	f.marta.Goes(firstMeeting + "/live")
	f.marta.Presses("form:has(input[name=do][value=end]) button", http.StatusOK)
}

// writes lets Marta write something down, and waits until Simón sees it without a reload.
func (f *fortnight) writes(kind, text, owner, due string, residents bool) {
	f.t.Helper()
	f.marta.Goes(firstMeeting + "/live?item=indicator/potholes-on-time")
	f.marta.Ticks("#kind-" + kind)
	f.marta.Types("#commitment-text", text)
	if owner != "" {
		f.marta.Chooses("#commitment-owner", owner)
		f.marta.Types("#commitment-due", due)
	}
	if residents {
		f.marta.Ticks("#commitment-public")
	}
	f.marta.Presses(".live-form button[type=submit]", http.StatusOK)
	f.marta.Sees(text)
	f.simon.Wait("what Marta wrote: "+text, `document.getElementById("live-entries").textContent.includes("`+text+`")`)
}

// followUp is the Friday: the follow-up memo, and what residents get to read.
func (f *fortnight) followUp() {
	f.t.Helper()
	f.on("2026-11-13")
	f.ana.Goes(firstMeeting + "/follow-up")
	f.ana.Types("#summary", "We spoke of the quay for most of the hour.")
	f.ana.Presses("form:has(#summary) button[type=submit]", http.StatusOK)
	f.simon.Goes(firstMeeting + "/follow-up")
	f.simon.Sees("Mend the potholes of the quay.", "Send the list of the streets without a crew.", "The night crew works until the end of May.", "We spoke of the quay for most of the hour.")
	f.resident.Goes("/en" + firstMeeting)
	f.resident.Sees("The night crew works until the end of May.", "Mend the potholes of the quay.")
	f.resident.SeesNot("Send the list", "asphalt", "most of the hour", "Simón", "Marta")
}

// between are the days until the next meeting: Simón moves the date, shows with a photo what was done, and calls it done; numbers are corrected.
func (f *fortnight) between() {
	f.t.Helper()
	f.on("2026-11-18")
	f.simon.Goes("/staff/commitments/1")
	f.simon.Types("#move-due", "2026-11-25")
	f.simon.Types("#move-note", "El asfalto llega tarde.")
	f.simon.Presses("form:has(#move-due) button[type=submit]", http.StatusOK)
	photo := filepath.Join(f.t.TempDir(), "muelle.jpg")
	if err := os.WriteFile(photo, evidencetest.Photo(64, 48, 6), 0o600); err != nil {
		f.t.Fatal(err)
	}
	f.on("2026-11-23")
	f.simon.Goes("/staff/commitments/1")
	f.simon.Types("#evidence-shows", "La calle del muelle, sin huecos.")
	f.simon.Brings("#evidence-file", photo)
	f.simon.Presses("form:has(#evidence-file) button[type=submit]", http.StatusOK)
	f.simon.Sees("La calle del muelle, sin huecos.", "muelle.jpg")
	f.simon.Presses("form:has(#finish-note) button[type=submit]", http.StatusOK)
	f.loads(func(s string) string {
		s = strings.Replace(s, "2026-10-16,2026-10-21,2026-10-25", "2026-10-16,2026-10-21,2026-10-20", 1)
		return strings.Replace(s, "2026-10-15,2026-10-20,2026-10-24", "2026-10-15,2026-10-20,2026-10-19", 1)
	}, "60.0%")
}

// again is the next meeting: the promise comes back, what changed is said, the mayor closes it, and residents read that it was kept.
func (f *fortnight) again() {
	f.t.Helper()
	f.on("2026-11-24")
	f.ana.Goes(secondMeeting)
	f.ana.Sees("Mend the potholes of the quay.", "What changed since last time", "Number revised", "52.0%", "60.0%")
	f.ana.Goes(secondMeeting + "/memo")
	f.ana.Presses("form:has(input[name=do][value=issue]) button[type=submit]", http.StatusOK)
	f.on("2026-11-26")
	f.marta.Goes(secondMeeting + "/live?item=commitment/1")
	f.marta.Sees("Mend the potholes of the quay.")
	f.marta.Presses("form:has(input[name=do][value=begin]) button", http.StatusOK)
	f.marta.Goes(secondMeeting + "/live?item=commitment/1")
	f.marta.Presses(".live-keep button", http.StatusOK)
	f.marta.Presses("form:has(input[name=do][value=end]) button", http.StatusOK)
	f.simon.Goes("/staff/commitments/1")
	f.simon.Sees("El asfalto llega tarde.")
	f.resident.Goes("/en" + firstMeeting)
	f.resident.Sees("Mend the potholes of the quay.", "ommitment kept")
	f.resident.SeesNot("El asfalto", "muelle.jpg")
	f.resident.Goes("/en/indicators/potholes-on-time")
	f.resident.Sees("Mend the potholes of the quay.")
	f.on("2026-11-27")
	f.ana.Goes(secondMeeting + "/follow-up")
	f.ana.Presses("form:has(#summary) button[type=submit]", http.StatusOK)
}
