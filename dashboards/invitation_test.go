package dashboards

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"citystat/dashboards/ics/icstest"
	"citystat/kpi/ledger/ledgertest"
	"citystat/kpi/scorecard/scorecardtest"
)

// TestCalendarFiles reads meetings as a calendar program does: one that was moved, one that was cancelled, and a whole series, in the reader's language. No number is
// in any of them.
func TestCalendarFiles(t *testing.T) {
	town, links := doorTown()
	site := httptest.NewServer(doorServer(t, town, nil))
	t.Cleanup(site.Close)
	viewer := newGuest(t, site.URL).in(links["viewer@harborview.gov"])
	file := func(path, lang string) icstest.Part {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, site.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Language", lang)
		res, err := viewer.c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var b bytes.Buffer
		if _, err := b.ReadFrom(res.Body); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %v", path, res.StatusCode, err)
		}
		if kind := res.Header.Get("Content-Type"); kind != "text/calendar; charset=utf-8; method=PUBLISH" || res.Header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("%s is sent as %s, %s", path, kind, res.Header.Get("Cache-Control"))
		}
		name := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(path, "/meetings/"), "/invitation.ics"), "/", "-")
		if name = strings.TrimSuffix(name, "-calendar.ics"); res.Header.Get("Content-Disposition") != `attachment; filename="`+name+`.ics"` {
			t.Errorf("%s is called %s", path, res.Header.Get("Content-Disposition"))
		}
		return icstest.Read(t, b.Bytes())
	}

	moved := file("/meetings/streetstat/2026-04-16/invitation.ics", "es").Parts[0]
	for name, want := range map[string]string{
		"UID": "streetstat/2026-04-16@harborview", "DTSTART": "20260420T140000Z", "DTEND": "20260420T150000Z", "SEQUENCE": "1", "STATUS": "CONFIRMED",
		"SUMMARY": "Reunión de calles", "LOCATION": "Room 2", "URL": "https://stat.harborview.gov/meetings/streetstat/2026-04-16",
	} {
		if got := moved.Get(t, name); got != want {
			t.Errorf("the one that was moved: %s is %q, want %q", name, got, want)
		}
	}
	text := strings.ReplaceAll(moved.Text(t, "DESCRIPTION"), "\u00a0", " ")
	holds(t, "the one that was moved", text, "Fecha anterior: 16 de abril de 2026", "Nota preparatoria: https://stat.harborview.gov/meetings/streetstat/2026-04-16/memo")
	lacks(t, "the one that was moved", text, "council")
	off := file("/meetings/streetstat/2026-04-30/invitation.ics", "fr").Parts[0]
	if got := off.Text(t, "SUMMARY"); off.Get(t, "STATUS") != "CANCELLED" || off.Get(t, "SEQUENCE") != "1" || !strings.HasPrefix(got, "Réunion annulée\u00a0: Revue") {
		t.Errorf("the one that was cancelled: %q, %s, %s", got, off.Get(t, "STATUS"), off.Get(t, "SEQUENCE"))
	}
	planned := file("/meetings/citystat/2026-04-14/invitation.ics", "en").Parts[0]
	if planned.Get(t, "SEQUENCE") != "0" || planned.Get(t, "DTSTART") != "20260414T180000Z" || planned.Get(t, "DTEND") != "20260414T193000Z" {
		t.Errorf("one of which nobody has said anything: %+v", planned)
	}

	all := file("/meetings/streetstat/calendar.ics", "pt-BR")
	if all.Text(t, "X-WR-CALNAME") != "Reunião das ruas" {
		t.Errorf("the calendar is called %q", all.Text(t, "X-WR-CALNAME"))
	}
	states, last := map[string]int{}, ""
	seen := map[string]bool{}
	for i := range all.Parts {
		e := &all.Parts[i]
		states[e.Get(t, "STATUS")]++
		if start := e.Get(t, "DTSTART"); start < last {
			t.Errorf("%s follows %s", start, last)
		} else {
			last = start
		}
		uid := e.Get(t, "UID")
		if seen[uid] {
			t.Errorf("%s is there twice", uid)
		}
		seen[uid] = true
	}
	for _, slot := range []string{"2025-10-02", ledgertest.HeldMeeting, ledgertest.NextMeeting, ledgertest.ComingMeeting, "2026-04-16", "2026-04-30", "2027-03-04"} {
		if !seen["streetstat/"+slot+"@harborview"] {
			t.Errorf("the meeting of %s is not in the calendar", slot)
		}
	}
	if seen["streetstat/2027-04-01@harborview"] || states["CANCELLED"] != 1 {
		t.Errorf("the calendar goes on for ever, or counts %v", states)
	}

	for _, path := range []string{"/meetings/nothing/calendar.ics", "/meetings/nothing/2026-04-16/invitation.ics", "/meetings/streetstat/2026-04-15/invitation.ics", "/meetings/streetstat/tomorrow/invitation.ics"} {
		if status, _, _ := viewer.do("GET", path, nil); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, to, _ := newGuest(t, site.URL).do("GET", "/meetings/streetstat/calendar.ics", nil); status != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in") {
		t.Errorf("a stranger: %d, to %q", status, to)
	}
}

// TestHostileCalendar: whatever a folder and people write, a file is a calendar and nothing more.
func TestHostileCalendar(t *testing.T) {
	town, links := doorTown()
	office := scorecardtest.NewHostileStaff()
	site := httptest.NewServer(doorServer(t, town, func(o *Options) {
		o.Staff, o.Work = office, workOf(t, "staff-hostile", office.TheCity)
	}))
	t.Cleanup(site.Close)
	viewer := newGuest(t, site.URL).in(links["viewer@harborview.gov"])
	for i := range office.TheCity.Meetings {
		status, _, body := viewer.do("GET", "/meetings/"+office.TheCity.Meetings[i].ID+"/calendar.ics", nil)
		if status != http.StatusOK {
			t.Fatal(status, body)
		}
		cal := icstest.Read(t, []byte(body))
		for k := range cal.Parts {
			names := map[string]int{}
			for _, x := range cal.Parts[k].Props {
				names[x.Name]++
			}
			want := map[string]int{"UID": 1, "DTSTAMP": 1, "DTSTART": 1, "DTEND": 1, "SEQUENCE": 1, "STATUS": 1, "TRANSP": 1, "SUMMARY": 1, "DESCRIPTION": 1, "URL": 1}
			if names["LOCATION"] == 1 {
				want["LOCATION"] = 1
			}
			got, _ := json.Marshal(names)                           //nolint:errchkjson // counts
			if is, _ := json.Marshal(want); !bytes.Equal(got, is) { //nolint:errchkjson // counts
				t.Fatalf("an event has %s", got)
			}
		}
		if len(cal.Parts) < 12 {
			t.Errorf("%d meetings", len(cal.Parts))
		}
	}
	if len(office.TheCity.Meetings) == 0 {
		t.Error("the hostile city has no meetings")
	}
}
