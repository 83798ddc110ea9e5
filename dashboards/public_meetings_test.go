package dashboards

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// TestMeetingsInPublic looks what of the meetings of a city reaches residents: of public series when they were held, public indicators and promises of their agendas, and
// decisions that are meant for them; and nothing else, anywhere.
func TestMeetingsInPublic(t *testing.T) {
	live := scorecardtest.Normal()
	card, err := live.Public(nil)
	if err != nil {
		t.Fatal(err)
	}
	frozen, err := json.Marshal(card)
	if err != nil {
		t.Fatal(err)
	}
	const list = "/en/meetings"
	one := list + "/streetstat/" + scorecardtest.MetMeeting
	all := []string{
		list, one, "/es/meetings", "/fr/meetings/streetstat/" + scorecardtest.MetMeeting, list + "/streetstat/" + scorecardtest.MovedMeeting, list + "/streetstat/" + scorecardtest.PlannedMeeting,
		"/meetings.csv", "/en/indicators/street-lights-on-time", "/api/v1/indicators/street-lights-on-time", "/indicators/street-lights-on-time.csv", "/metrics", "/changes.csv", "/en/",
	}
	// The live scorecard in place of the published one changes nothing: the pages choose for themselves too.
	for name, site := range map[string]*Server{"published": newServer(t, Options{Published: published(card)}), "live": newServer(t, Options{Published: published(live)})} {
		body := map[string]string{}
		for _, path := range all {
			w := ask(site, http.MethodGet, path)
			if w.Code != http.StatusOK {
				t.Fatalf("%s, %s: %d", name, path, w.Code)
			}
			body[path] = w.Body.String()
		}
		if name == "published" {
			body["the publication"] = string(frozen)
		}
		for path, b := range body {
			for _, bad := range []string{scorecardtest.Secret, "@harborview.gov", "41.4142", "no-such-indicator"} {
				if strings.Contains(b, bad) {
					t.Errorf("%s, %s holds %q", name, path, bad)
				}
			}
			if regexp.MustCompile(`Room 2\b`).MatchString(b) {
				t.Errorf("%s, %s says where people sit", name, path)
			}
		}
		for path, wants := range map[string][]string{
			list: {"StreetStat", "Not held: emergency", "Cancelled", "first planned for February", "The night crew works until the end of May.", `href="` + one + `"`},
			one: {
				"The night crew works until the end of May.", `lang="es"`, "Train two more electricians.", "Answer every report of a dark street", "Its due date had passed.", "Further items that are not public: 3",
				"It was behind its target, and there was a real change.", "Families in shelter housed within 90", "It is on every agenda of these meetings.",
			},
			list + "/streetstat/" + scorecardtest.PlannedMeeting: {"The agenda will be here once the meeting has begun."},
			list + "/streetstat/" + scorecardtest.MovedMeeting:   {"first planned for February"},
			"/en/indicators/street-lights-on-time":               {`href="` + one + `"`},
			"/en/":                                               {`href="` + list + `"`},
		} {
			for _, want := range wants {
				if !strings.Contains(body[path], want) {
					t.Errorf("%s, %s does not say %q", name, path, want)
				}
			}
		}
		if strings.Contains(body[one], "Its status had changed") {
			t.Errorf("%s: of an indicator whose numbers are kept back it is told by which rule it was on the agenda", name)
		}
		rows, err := csv.NewReader(strings.NewReader(body["/meetings.csv"])).ReadAll()
		if err != nil || len(rows) != 13 {
			t.Fatalf("%s: %d rows, %v", name, len(rows), err)
		}
		var became []string
		for _, r := range rows[1:] {
			became = append(became, r[2][5:]+" "+r[4]+" "+r[8]+" "+r[11]+" "+r[12]+" "+r[13])
		}
		want := "12-11 missed    ; 12-25 cancelled    ; 01-08 held true true 0 0; 01-22 suspended    ; 02-05 held false false 0 0; 02-19 held true true 0 0; 03-05 held true true 2 2; 03-19 held true  0 0; " +
			"04-02 coming    ; 04-16 coming    ; 04-30 cancelled    ; 05-14 coming    "
		if got := strings.Join(became, "; "); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
	// Of a series for staff alone there is nothing, nor of days that are none of a series.
	site := newServer(t, Options{Published: published(card)})
	for _, path := range []string{"/citystat/2026-03-10", "/streetstat/2026-03-06", "/streetstat/2026-3-5", "/none/2026-03-05", "/streetstat/x", "/streetstat"} {
		if w := ask(site, http.MethodGet, list+path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if regexp.MustCompile(`The month in the city|office moves`).Match(frozen) {
		t.Error("the publication names a series that is for staff alone")
	}
}

// TestMeetingsAheadInAnEmergency: while nobody knows when an emergency ends, a meeting that is still to come is planned, and not one that was not held.
func TestMeetingsAheadInAnEmergency(t *testing.T) {
	card, err := scorecardtest.Normal().Public(nil)
	if err != nil {
		t.Fatal(err)
	}
	card.Emergencies = append(card.Emergencies, kpi.Emergency{Stamp: kpi.Stamp{ID: 2}, From: card.AsOf.AddDays(-1)})
	site := newServer(t, Options{Published: published(card)})
	rows, err := csv.NewReader(strings.NewReader(ask(site, http.MethodGet, "/meetings.csv").Body.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	became := map[string]string{}
	for _, r := range rows {
		became[r[2]] = r[4]
	}
	for slot, want := range map[string]string{"2026-04-02": "coming", "2026-04-16": "coming", "2026-04-30": "suspended", "2026-05-14": "coming", "2025-12-25": "cancelled"} {
		if became[slot] != want {
			t.Errorf("%s: %q, want %q", slot, became[slot], want)
		}
	}
	if page := ask(site, http.MethodGet, "/en/meetings/streetstat/2026-05-14").Body.String(); strings.Contains(page, "Not held") || !strings.Contains(page, "Planned") {
		t.Error("a meeting that is still to come was not held")
	}
}

// TestNoMeetingsInPublic: a city without public series has no menu entry, and a page that says so.
func TestNoMeetingsInPublic(t *testing.T) {
	card := scorecardtest.Published()
	card.City.Meetings, card.Meetings, card.Notes, card.Emergencies = nil, nil, nil, nil
	site := newServer(t, Options{Published: published(card)})
	if body := ask(site, http.MethodGet, "/en/").Body.String(); strings.Contains(body, `href="/en/meetings"`) {
		t.Error("the menu leads to meetings that are not there")
	}
	if w := ask(site, http.MethodGet, "/en/meetings"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "There are no meetings here yet") {
		t.Errorf("%d", w.Code)
	}
}
