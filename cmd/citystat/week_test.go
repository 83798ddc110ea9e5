package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"citystat/dashboards/dashboardstest/browser"
)

// week is the whole program serving the made-up town of testdata/week, on a clock of its own, and the browser before which its people sit.
type week struct {
	t        *testing.T
	chromium context.Context //nolint:containedctx // of the browser, for the whole test
	app      *App
	data     string
	now      atomic.Pointer[time.Time]
}

// newWeek starts the program on a Monday morning.
func newWeek(t *testing.T) *week {
	t.Helper()
	return newTown(t, func(string) {})
}

// newTown starts the program on that morning, with a folder that was changed before.
func newTown(t *testing.T, change func(folder string)) *week {
	t.Helper()
	w := &week{t: t, chromium: browser.Start(t), data: filepath.Join(t.TempDir(), "data")}
	w.on("2026-11-09")
	folder := filepath.Join(t.TempDir(), "city")
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("testdata", "week"))); err != nil {
		t.Fatal(err)
	}
	change(folder)
	o := testOptions(folder, w.data)
	o.Now = func() time.Time { return *w.now.Load() }
	w.app = start(t, o)
	return w
}

// on makes it nine o'clock of a day in the town.
func (w *week) on(day string) {
	w.t.Helper()
	at, err := time.Parse(time.RFC3339, day+"T09:00:00-05:00")
	if err != nil {
		w.t.Fatal(err)
	}
	w.now.Store(&at)
}

// hire lets somebody set a password by the link that the command line prints, in a browser of their own.
func (w *week) hire(name, lang string, l browser.Look, keyboard bool, roles ...string) *browser.Person {
	w.t.Helper()
	args := []string{"user", "add", w.folder(), strings.ToLower(strings.ReplaceAll(name, "ó", "o")) + "@ribera.gov", "--data", w.data, "--name", name, "--lang", lang, "--site", w.site()}
	for _, r := range roles {
		args = append(args, "--role", r)
	}
	said, _, err := command(w.t, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	link := regexp.MustCompile(`/sign-in/link/\S+`).FindString(said)
	p := browser.NewPerson(w.chromium, w.t, w.site(), name, l)
	p.Keyboard = keyboard
	p.Goes(link + "?lang=" + lang)
	p.Types("#password", "llueve sobre el muelle")
	p.Types("#again", "llueve sobre el muelle")
	p.Presses("main form button[type=submit]", http.StatusOK)
	p.Sees(name)
	return p
}

func (w *week) site() string   { return "http://" + w.app.Addr() }
func (w *week) folder() string { return w.app.opts.Folder }

// value is the value of a period as residents, programs and /metrics read it: all of them the same.
func (w *week) value(indicator, period string) string {
	w.t.Helper()
	file := string(get(w.t, w.app, "/indicators/"+indicator+".csv"))
	for line := range strings.Lines(file) {
		if fields := strings.Split(line, ","); len(fields) > 6 && strings.Contains(line, ","+period+",") || strings.HasPrefix(line, period+",") {
			return line
		}
	}
	return ""
}

// The windows before which people sit.
var (
	atDesk   = browser.Look{Width: 1280, Height: 900, Scheme: "light", Media: "screen"}
	onTablet = browser.Look{Width: 820, Height: 1180, Scheme: "dark", Media: "screen"}
	onPhone  = browser.Look{Width: 390, Height: 844, Scheme: "light", Media: "screen"}
)

// TestWeek lives one week of a town: a value is typed by keyboard alone, a spreadsheet uploaded and mended, a wrong number contested in Spanish, commentary
// written on a tablet, returned and approved, a target decided with its legal act, a post handed over; and somebody looks on who may change nothing.
func TestWeek(t *testing.T) {
	w := newWeek(t)
	w.hire("Irma", "en", atDesk, false, "administrator")

	// Monday: Beto types October's inspections with the keyboard alone.
	beto := w.hire("Beto", "en", atDesk, true, "department_staff:parks")
	beto.Goes("/staff/work")
	beto.Sees("Playground inspections")
	beto.Goes("/staff/data/inspections/entries")
	beto.Types("#v-month", "2026-10-01")
	beto.Types("#v-passed", "30")
	beto.Types("#v-inspected", "40")
	beto.Types("#note", "Rosa counted twice.")
	beto.Presses("form.writing input[name=do][value=type] ~ .actions button", http.StatusOK)
	beto.Sees("75")
	beto.Presses("button[name=do][value=enter]", http.StatusOK)
	resident := browser.NewPerson(w.chromium, t, w.site(), "A resident", onPhone)
	resident.WaitsFor("/en/indicators/playgrounds-safe", "75.0%")
	resident.SeesNot("Rosa", "Beto")

	// Tuesday: he uploads the usual spreadsheet with a row that cannot be and one that cannot be read, and mends them.
	w.on("2026-11-10")
	beto.Keyboard = false
	sheet := filepath.Join(t.TempDir(), "inspections.csv")
	if err := os.WriteFile(sheet, []byte("Month,Passed,Inspected,Note\n2026-08-01,39,40,\n2026-09-01,44,40,more than all\n2026-10-01,three,40,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	beto.Goes("/staff/data/inspections/entries")
	beto.Brings("#file", sheet)
	beto.Presses("form[enctype] button[type=submit]", http.StatusOK)
	beto.Sees("2 rows would be refused")
	beto.Presses("button[name=do][value=enter]", http.StatusUnprocessableEntity) // they would take the place of good ones
	beto.Types("#r-3-passed", "34")
	beto.Types("#r-4-passed", "31")
	beto.Presses("button[name=do][value=mend]", http.StatusOK)
	beto.SeesNot("would be refused")
	beto.Presses("button[name=do][value=enter]", http.StatusOK)
	resident.WaitsFor("/en/indicators/playgrounds-safe", "77.5%")

	// Wednesday: Simón contests a number, in Spanish; Ana answers him, and the card says so as long as it is open.
	w.on("2026-11-11")
	simon := w.hire("Simón", "es", atDesk, false, "department_head:streets")
	ana := w.hire("Ana", "en", atDesk, false, "analyst")
	simon.Goes("/staff/indicators/potholes-on-time/contest")
	simon.Types("#reason", "Dos huecos de octubre se cerraron y la cuadrilla no los anotó.")
	simon.Types("#believed", "50")
	simon.Ticks("#public")
	simon.Presses("button[name=do][value=contest]", http.StatusOK)
	simon.Goes("/staff/indicators/potholes-on-time")
	simon.Sees("En disputa")
	resident.Goes("/en/indicators/potholes-on-time")
	resident.Sees("Contested")
	ana.Goes("/staff/contests/1")
	ana.Chooses("#outcome", "uphold")
	ana.Types("#answer", "The crew's list has no repair of those two.")
	ana.Presses("button[name=do][value=answer]", http.StatusOK)
	simon.Goes("/staff/contests/1")
	simon.Sees("The crew's list has no repair of those two.")
	resident.Goes("/en/indicators/potholes-on-time")
	resident.SeesNot("Contested", "cuadrilla")

	// Thursday: Beto explains the miss on a tablet; Nadia returns it, he writes more, she approves, and residents read it.
	w.on("2026-11-12")
	nadia := w.hire("Nadia", "en", atDesk, false, "department_head:parks")
	beto.Emulate(onTablet)
	beto.Goes("/staff/indicators/playgrounds-safe/commentary?period=2026-10")
	beto.Types("#happened", "Nine of forty playgrounds failed.")
	beto.Types("#why", "Bolts rust.")
	beto.Types("#next", "We replace all bolts at the beach.")
	beto.Chooses("#owner", "parks-head")
	beto.Types("#due", "2026-12-15")
	beto.Types("#help", "A truck on Mondays.")
	beto.Chooses("#public", "true")
	beto.Presses("button[name=do][value=send]", http.StatusOK)
	nadia.Goes("/staff/commentary/1")
	nadia.Types("#note", "Say how many children use them.")
	nadia.Presses("button[name=do][value=return]", http.StatusOK)
	resident.Goes("/en/indicators/playgrounds-safe")
	resident.SeesNot("Nine of forty", "A truck")
	beto.Goes("/staff/indicators/playgrounds-safe/commentary?period=2026-10")
	beto.Sees("Say how many children use them.")
	beto.Types("#happened", "Nine of forty playgrounds failed. Two thousand children use them.")
	beto.Presses("button[name=do][value=send]", http.StatusOK)
	nadia.Goes("/staff/commentary/1")
	nadia.Presses("button[name=do][value=approve]", http.StatusOK)
	resident.Goes("/en/indicators/playgrounds-safe")
	resident.Sees("Two thousand children use them.", "We replace all bolts at the beach.")
	resident.SeesNot("A truck", "Nadia", "Beto", "Say how many")

	// What will be done becomes a commitment. Ana decides a target with its legal act.
	nadia.Goes("/staff/commitments?" + url.Values{"text": {"Replace all bolts at the beach."}, "owner": {"parks-head"}, "due": {"2026-12-15"}, "indicator": {"playgrounds-safe"}, "source": {"commentary/1"}}.Encode())
	nadia.Ticks("#commitment-public")
	nadia.Presses("form.writing .actions button[type=submit]", http.StatusOK)
	resident.Goes("/en/indicators/playgrounds-safe")
	resident.Sees("Replace all bolts at the beach.")
	ana.Goes("/staff/indicators/playgrounds-safe/decide")
	ana.Types("#decide-by", "2027-12-31")
	ana.Types("#decide-value", "98")
	ana.Types("#decide-on", "2026-11-11")
	ana.Types("#decide-whose", "City Council")
	ana.Types("#decide-reason", "Every child plays where nothing is loose.")
	ana.Types("#decide-act_title", "Ordinance 31 of 2026")
	ana.Types("#decide-act_date", "2026-11-11")
	ana.Types("#decide-act_url", "https://ribera.example/gazette/31")
	ana.Presses("button[name=step][value=check]", http.StatusOK)
	ana.Presses("button[name=step][value=save]", http.StatusOK)
	resident.Goes("/en/changes")
	resident.Sees("Ordinance 31 of 2026", "Every child plays where nothing is loose.", "98")

	// Friday: Nadia holds the post, leaves, and hands it over to Omar.
	w.on("2026-11-13")
	carla := w.hire("Carla", "en", atDesk, false, "chief_of_staff")
	omar := w.hire("Omar", "en", onPhone, false, "department_head:parks")
	give := func(who *browser.Person, holder, from string) {
		t.Helper()
		who.Goes("/staff/posts/parks-head")
		who.Chooses("#holder", holder)
		who.Types("#from", from)
		who.Presses("form.writing input[name=do][value=give] ~ .actions button", http.StatusOK)
	}
	give(carla, w.id("nadia"), "2026-01-05")
	carla.Goes("/staff/posts/parks-head")
	carla.Types("form:has(input[value=end]) input[name=until]", "2026-11-13")
	carla.Presses("form.writing input[name=do][value=end] ~ .actions button", http.StatusOK)
	give(carla, w.id("omar"), "2026-11-14")
	nadia.Goes("/staff/handovers/1")
	nadia.Sees("Playgrounds that pass inspection", "Replace all bolts at the beach.")
	nadia.Types("textarea[name^=note-]", "The bolts are ordered.")
	for _, id := range browser.Value[[]string](nadia.Tab, `[...document.querySelectorAll("input[name^=done-]")].map(e => e.id)`) {
		nadia.Ticks(`[id="` + id + `"]`)
	}
	nadia.Presses(".actions.keep button", http.StatusOK)
	w.on("2026-11-16")
	omar.Goes("/staff/work")
	omar.Sees("Replace all bolts at the beach.")
	omar.Goes("/staff/handovers/1")
	omar.Sees("The bolts are ordered.")

	// Vera reads all of it and changes nothing.
	vera := w.hire("Vera", "en", atDesk, false, "viewer")
	for _, path := range []string{
		"/staff/work", "/staff/data", "/staff/indicators/playgrounds-safe", "/staff/commentary", "/staff/contests", "/staff/commitments", "/staff/decisions", "/staff/posts", "/staff/departments/parks",
	} {
		vera.Goes(path)
		if vera.Has("main form[method=post]") {
			t.Errorf("%s offers a form to a viewer", path)
		}
	}
	w.audited()
}

// id is the number of somebody's account, as forms send it.
func (w *week) id(name string) string {
	w.t.Helper()
	p, err := w.app.engine.led.PersonByEmail(w.t.Context(), name+"@ribera.gov")
	if err != nil {
		w.t.Fatal(err)
	}
	return fmt.Sprint(p.ID)
}

// audited makes sure that the trail tells of the week, in order and whole, and that a rebuild gives the same numbers.
func (w *week) audited() {
	w.t.Helper()
	w.tells("person.added", "entry.entered", "contest.open", "contest.upheld", "commentary.returned", "commentary.approved", "commitment.make", "decision.in_force", "handover.ended")
	before := w.value("playgrounds-safe", "2026-10")
	if err := w.app.engine.Rebuild(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	if after := w.value("playgrounds-safe", "2026-10"); before == "" || after != before {
		w.t.Errorf("October after a rebuild: %q, before: %q", after, before)
	}
}

// tells makes sure that the trail is in order and whole, and tells of what was done.
func (w *week) tells(actions ...string) {
	w.t.Helper()
	_, _, wrong, err := w.app.engine.led.VerifyAudit(w.t.Context())
	if wrong != "" || err != nil {
		w.t.Errorf("the audit trail: %s, %v", wrong, err)
	}
	trail, err := w.app.engine.led.Audit(w.t.Context(), 0, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	done := map[string]bool{}
	for _, a := range trail {
		done[a.Action] = true
	}
	for _, want := range actions {
		if !done[want] {
			w.t.Errorf("the trail does not tell of %s; it has %v", want, done)
		}
	}
}
