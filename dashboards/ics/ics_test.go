package ics

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"citystat/dashboards/i18n"
	"citystat/dashboards/ics/icstest"
	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// hostile tries to end a line, a text and a parameter.
const hostile = "Ana \"the; boss\", \\n C:\\streets\r\nATTENDEE:mailto:spy@example.com\u2028END:VEVENT\x00\x1b \t ñandú 道路 🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧"

// TestReadBack writes everything that an event can say, with words that try to break out of it, and reads it by the grammar.
func TestReadBack(t *testing.T) {
	start := time.Date(2026, 10, 25, 1, 30, 0, 0, time.FixedZone("", -5*3600))
	e := Event{
		UID: "streets/2026-10-25@harborview", Sequence: 3, Stamp: start.AddDate(0, 0, -20), Start: start, Length: 90 * time.Minute, Lang: kpi.Portuguese,
		Summary: hostile, Location: hostile, Text: hostile, URL: "https://stat.city.gov/meetings/streets/2026-10-25",
		Organizer: Mailbox{hostile, "stat@city.gov"}, Guest: Mailbox{hostile, "ana+stat@city.gov"},
	}
	says := strings.NewReplacer("\r\n", "\n", "\u2028", "\n", "\x00", "", "\x1b", "").Replace(hostile)
	for _, m := range []Method{Publish, Request, Cancel} {
		e.Cancelled = m == Cancel
		b, err := (&Calendar{Method: m, Name: hostile, Events: []Event{e, e}}).Bytes()
		if err != nil {
			t.Fatal(err)
		}
		cal := icstest.Read(t, b)
		for name, want := range map[string]string{"VERSION": "2.0", "METHOD": string(m), "CALSCALE": "GREGORIAN"} {
			if got := cal.Get(t, name); got != want {
				t.Errorf("%s: %s is %q", m, name, got)
			}
		}
		if got := cal.Text(t, ("X-WR-CALNAME")); got != says || cal.Get(t, "PRODID") == "" {
			t.Errorf("%s: the calendar is called %q", m, got)
		}
		if len(cal.Parts) != 2 {
			t.Fatalf("%s: %d events", m, len(cal.Parts))
		}
		event := &cal.Parts[1]
		for name, want := range map[string]string{
			"UID": e.UID, "SEQUENCE": "3", "DTSTART": "20261025T063000Z", "DTEND": "20261025T080000Z", "DTSTAMP": "20261005T063000Z", "URL": e.URL,
			"STATUS": map[bool]string{false: "CONFIRMED", true: "CANCELLED"}[m == Cancel], "TRANSP": map[bool]string{false: "OPAQUE", true: "TRANSPARENT"}[m == Cancel],
		} {
			if got := event.Get(t, name); got != want {
				t.Errorf("%s: %s is %q, want %q", m, name, got, want)
			}
		}
		for _, name := range []string{"SUMMARY", "LOCATION", "DESCRIPTION"} {
			if got := event.Text(t, name); got != says {
				t.Errorf("%s: %s is %q, want %q", m, name, got, says)
			}
		}
		people := ""
		for _, x := range event.Props {
			switch x.Name {
			case "SUMMARY":
				if x.Params["LANGUAGE"] != "pt-BR" {
					t.Errorf("%s: the language is %q", m, x.Params["LANGUAGE"])
				}
			case "ORGANIZER", "ATTENDEE":
				people += x.Value + " "
				if !strings.HasPrefix(x.Params["CN"], "Ana 'the; boss', \\n C:\\streetsATTENDEE:mailto:spy@example.com") {
					t.Errorf("%s: the name is %q", m, x.Params["CN"])
				}
			}
		}
		want := "mailto:stat@city.gov mailto:ana+stat@city.gov "
		if m == Publish {
			want = ""
		}
		if people != want {
			t.Errorf("%s: it is between %q, want %q", m, people, want)
		}
	}
}

// TestFolding cuts lines of every length, of letters of every width, at no more than 75 octets and never within a letter.
func TestFolding(t *testing.T) {
	for _, letter := range []string{"a", "é", "道", "🚧"} {
		for n := range 200 {
			s := strings.Repeat(letter, n)
			w := &writer{}
			w.line("X:" + s)
			lines := strings.Split(strings.TrimSuffix(w.String(), "\r\n"), "\r\n")
			for i, line := range lines {
				if len(line) > 75 || !utf8.ValidString(line) || i > 0 && line[0] != ' ' || i < len(lines)-1 && len(line) < 72 {
					t.Fatalf("%d × %s: line %d is %q", n, letter, i, line)
				}
			}
			if got := strings.ReplaceAll(strings.Join(lines, "\r\n"), "\r\n ", ""); got != "X:"+s {
				t.Fatalf("%d × %s comes back as %q", n, letter, got)
			}
		}
	}
}

// TestNoCalendar refuses what would be none.
func TestNoCalendar(t *testing.T) {
	good := Event{
		UID: "a/2026-10-01@b", Stamp: time.Unix(1, 0), Start: time.Unix(1, 0), Length: time.Hour, Summary: "A", URL: "https://stat.city.gov/a",
		Organizer: Mailbox{"", "stat@city.gov"}, Guest: Mailbox{"", "ana@city.gov"},
	}
	if _, err := (&Calendar{Method: Request, Events: []Event{good}}).Bytes(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Event){
		"no identity": func(e *Event) { e.UID = "" }, "two lines": func(e *Event) { e.UID = "a\r\nb" }, "no time": func(e *Event) { e.Start = time.Time{} },
		"never written": func(e *Event) { e.Stamp = time.Time{} }, "no length": func(e *Event) { e.Length = 0 }, "no name": func(e *Event) { e.Summary = " \x00" }, "before the first": func(e *Event) { e.Sequence = -1 },
		"another line in an address": func(e *Event) { e.URL += "\r\nX:1" }, "no address": func(e *Event) { e.URL = "javascript:alert(1)" }, "a space in it": func(e *Event) { e.URL += " " },
		"nobody": func(e *Event) { e.Guest.Address = "" }, "no sender": func(e *Event) { e.Organizer.Address = "stat" }, "two people": func(e *Event) { e.Guest.Address = "a@b.c,mailto:spy@b.c" },
		"a line in a mailbox": func(e *Event) { e.Guest.Address = "a@b.c\r\nX:1" }, "an invitation to nothing": func(e *Event) { e.Cancelled = true },
	} {
		e := good
		change(&e)
		if b, err := (&Calendar{Method: Request, Events: []Event{e}}).Bytes(); err == nil {
			t.Errorf("%s: %s", name, b)
		}
	}
	if _, err := (&Calendar{Method: Cancel, Events: []Event{good}}).Bytes(); err == nil {
		t.Error("what takes place is called off")
	}
}

// TestMeeting says a meeting in four languages: as it is planned, moved twice and back, given to somebody else, and cancelled. It says no reason and no number.
func TestMeeting(t *testing.T) {
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	city := scorecardtest.Normal().City
	s := &city.Meetings[0]
	zone, err := time.LoadLocation(city.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	day := func(d int) kpi.Date { return kpi.NewDate(2026, time.April, d) }
	moved := []kpi.MeetingMove{{From: day(2), To: day(7), Reason: "Only 12 % were there."}, {From: day(7), To: day(2), Reason: "No."}, {From: day(2), To: day(9)}}
	words := map[kpi.Lang][3]string{
		kpi.English: {"Chair: ", "Earlier date: April 2, 2026", "Meeting canceled: "}, kpi.Spanish: {"Preside: ", "Fecha anterior: 2 de abril de 2026", "Reunión cancelada: "},
		kpi.Portuguese: {"Preside: ", "Data anterior: 2 de abril de 2026", "Reunião cancelada: "}, kpi.French: {"Présidence : ", "Date précédente : 2 avril 2026", "Réunion annulée : "},
	}
	uids := map[string]bool{}
	for lang, w := range words {
		p := bundle.Printer(lang, city.Formats[lang])
		for _, state := range []kpi.MeetingState{kpi.MeetingPlanned, kpi.MeetingReady, kpi.MeetingCancelled} {
			m := kpi.Meeting{Series: s.ID, Slot: day(2), Date: day(9), At: 570, Minutes: 60, Moves: moved, Chair: city.People[1].ID, State: state, Reason: "1234 complaints"}
			of := Meeting{City: city, Zone: zone, Series: s, Meeting: &m, Sequence: 4, Now: scorecardtest.Now, Page: "https://stat.city.gov/p", Memo: "https://stat.city.gov/p/memo"}
			e := of.Event(p)
			b, err := (&Calendar{Method: Publish, Events: []Event{e}}).Bytes()
			if err != nil {
				t.Fatal(err)
			}
			event := icstest.Read(t, b).Parts[0]
			text := strings.ReplaceAll(event.Text(t, "DESCRIPTION"), "\u00a0", " ")
			post := p.Text(city.People[1].Title)
			for _, want := range []string{w[0] + post, w[1]} {
				if !strings.Contains(text, want) {
					t.Errorf("%s, %s: %q is not in %q", lang, state, want, text)
				}
			}
			if strings.Contains(string(b), "1234") || strings.Contains(string(b), "12 %") || strings.Count(text, "2026") != 2 { // two earlier dates
				t.Errorf("%s: it says too much: %q", lang, text)
			}
			cancelled := state == kpi.MeetingCancelled
			title := strings.ReplaceAll(event.Text(t, "SUMMARY"), "\u00a0", " ")
			if strings.HasPrefix(title, w[2]) != cancelled || !strings.HasSuffix(title, p.Text(s.Name)) || strings.Contains(text, of.Memo) == cancelled {
				t.Errorf("%s, %s: %q, %q", lang, state, title, text)
			}
			if got := event.Get(t, "DTSTART"); got != "20260409T133000Z" {
				t.Errorf("it begins at %s", got)
			}
			uids[event.Get(t, "UID")] = true
		}
	}
	if diff := cmp.Diff(map[string]bool{"streetstat/2026-04-02@harborview": true}, uids); diff != "" {
		t.Errorf("the identities are %s", diff)
	}
	if got := PostOf(bundle.Printer(kpi.English, ""), city, "gone"); got != "gone" {
		t.Errorf("a post that is gone is %q", got)
	}
}

// FuzzText writes any text and reads it back.
func FuzzText(f *testing.F) {
	f.Add(hostile)
	f.Add("\xff\\,;")
	f.Fuzz(func(t *testing.T, s string) {
		e := Event{UID: "a/b@c", Stamp: time.Unix(1, 0), Start: time.Unix(1, 0), Length: time.Hour, Summary: "x" + s, Location: s, Text: s, Organizer: Mailbox{s, "a@b"}, Guest: Mailbox{s, "c@d"}}
		b, err := (&Calendar{Method: Request, Name: s, Events: []Event{e}}).Bytes()
		if err != nil {
			t.Fatal(err)
		}
		event := icstest.Read(t, b).Parts[0]
		if n := len(event.Props); n > 12 {
			t.Fatal(fmt.Sprint(n, " properties"))
		}
		event.Text(t, "SUMMARY")
	})
}
