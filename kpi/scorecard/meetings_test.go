package scorecard

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"citystat/kpi"
)

// TestMeetingsInPublic fills every field of what people type about meetings with its own name, and looks which of them the public gets: a field that somebody adds to a
// record is not public before it stands here.
func TestMeetingsInPublic(t *testing.T) {
	city := &kpi.City{
		Meetings:   []kpi.MeetingSeries{{ID: "open", Public: true}, {ID: "closed"}},
		Indicators: []kpi.Indicator{{ID: "lights", Public: true}, {ID: "few", Public: true, Suppress: 5}, {ID: "sick-days"}},
	}
	open := map[string]bool{"lights": true, "few": true}
	var said Words
	items := func() []kpi.AgendaItem {
		list := make([]kpi.AgendaItem, 6)
		for k, change := range []func(*kpi.AgendaItem){
			func(i *kpi.AgendaItem) { i.Indicator, i.Text, i.Note, i.Commitment = "lights", "", 0, 0 },
			func(i *kpi.AgendaItem) { i.Indicator, i.Text, i.Note, i.Commitment = "few", "", 0, 0 },
			func(i *kpi.AgendaItem) { i.Indicator, i.Text, i.Note, i.Commitment = "sick-days", "", 0, 0 },
			func(i *kpi.AgendaItem) { i.Indicator, i.Note, i.Commitment = "lights", 0, 0 }, // a topic, with a text
			func(i *kpi.AgendaItem) { i.Indicator, i.Note, i.Commitment = "sick-days", 0, 1 },
			func(i *kpi.AgendaItem) { i.Indicator, i.Note, i.Commitment = "lights", 0, 2 },
		} {
			list[k] = filled[kpi.AgendaItem](t)
			change(&list[k])
		}
		return list
	}
	for _, state := range kpi.MeetingStates {
		for _, series := range []string{"open", "closed", "gone"} {
			m := filled[kpi.Meeting](t)
			m.Series, m.State, m.Memo.Items = series, state, items()
			said.Meetings = append(said.Meetings, m)
		}
	}
	for _, public := range []bool{true, false} {
		for _, kind := range []kpi.NoteKind{kpi.NoteDecision, kpi.NoteLater} {
			for _, state := range []kpi.NoteState{kpi.NoteOpen, kpi.NoteWithdrawn} {
				for _, series := range []string{"open", "closed"} {
					n := filled[kpi.MeetingNote](t)
					n.Public, n.Kind, n.State, n.Series, n.Indicator = public, kind, state, series, "sick-days"
					said.Notes = append(said.Notes, n)
				}
			}
		}
	}
	void, declared := filled[kpi.Emergency](t), filled[kpi.Emergency](t)
	declared.Void = false
	said.Emergencies = []kpi.Emergency{void, declared}
	for id, public := range map[int64]bool{1: true, 2: false} {
		said.Commitments = append(said.Commitments, kpi.Commitment{Stamp: kpi.Stamp{ID: id}, Public: public})
	}
	p := said.public(city, open)
	if len(p.Meetings) != len(kpi.MeetingStates) || len(p.Notes) != 1 || len(p.Emergencies) != 1 {
		t.Fatalf("public are %d meetings, %d notes and %d emergencies", len(p.Meetings), len(p.Notes), len(p.Emergencies))
	}
	fields := func(record any) string {
		t.Helper()
		b, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range regexp.MustCompile(`field-(\w+)`).FindAllStringSubmatch(string(b), -1) {
			got = append(got, m[1])
		}
		for _, key := range []string{"person", "founder", "by", "value", "late", "slips", "steady"} {
			if regexp.MustCompile(`"` + key + `":[^0f]`).Match(b) {
				t.Errorf("it has %s: %s", key, b)
			}
		}
		slices.Sort(got)
		return strings.Join(slices.Compact(got), " ")
	}
	for _, m := range p.Meetings {
		want := "Chair"
		if m.State.Held() {
			want = "Chair Part Rule"
		}
		if got := fields(m); got != want || (m.Memo != nil) != m.State.Held() || (m.FollowUp != nil) != m.State.Held() {
			t.Errorf("public of a meeting that is %s: %s; want %s", m.State, got, want)
		}
		if !m.State.Held() {
			continue
		}
		var agenda []string
		for _, i := range m.Memo.Items {
			agenda = append(agenda, strings.TrimSpace(i.Indicator+" "+i.Rule+" "+map[bool]string{true: "promise"}[i.Commitment != 0]))
		}
		if got := strings.Join(agenda, ", "); got != "lights field-Rule, few, , , field-Rule promise, " {
			t.Errorf("public of its agenda: %s", got)
		}
	}
	if got := fields(p.Notes[0]); got != "Lang Text" || p.Notes[0].Series != "open" {
		t.Errorf("public of a decision: %s", got)
	}
	if got := fields(p.Emergencies[0]); got != "Departments" {
		t.Errorf("public of an emergency: %s", got)
	}
}

// TestMeetingsNearTheDay: a year back and a few weeks ahead, of public series, in order.
func TestMeetingsNearTheDay(t *testing.T) {
	card := &Scorecard{AsOf: date("2016-01-12"), City: &kpi.City{Meetings: []kpi.MeetingSeries{{ID: "open", Public: true}, {ID: "closed"}}}}
	meet := func(series, day string) kpi.Meeting {
		return kpi.Meeting{Series: series, Slot: date(day), Date: date(day)}
	}
	said := Words{
		Meetings: []kpi.Meeting{
			meet("open", "2016-03-08"), meet("open", "2016-03-09"), meet("open", "2015-01-12"), meet("open", "2015-01-11"), meet("closed", "2016-01-05"), meet("open", "2016-01-05"), meet("gone", "2016-01-05"),
		},
		Notes: []kpi.MeetingNote{
			{Stamp: kpi.Stamp{ID: 2}, Kind: kpi.NoteDecision, Series: "open", Slot: date("2016-01-05")}, {Stamp: kpi.Stamp{ID: 1}, Kind: kpi.NoteDecision, Series: "open", Slot: date("2016-01-05")},
			{Kind: kpi.NoteDecision, Series: "open", Slot: date("2015-01-11")}, {Kind: kpi.NoteLater, Series: "open", Slot: date("2016-01-05")},
			{Kind: kpi.NoteDecision, State: kpi.NoteWithdrawn, Series: "open", Slot: date("2016-01-05")}, {Kind: kpi.NoteDecision, Series: "closed", Slot: date("2016-01-05")},
		},
		Emergencies: []kpi.Emergency{{From: date("2014-01-01"), Until: date("2015-01-11")}, {From: date("2015-12-01")}, {From: date("2015-12-01"), Void: true}, {From: date("2016-06-01")}},
	}
	var own Words
	own.withMeetings(said, card)
	var got []string
	for i := range own.Meetings {
		got = append(got, own.Meetings[i].Name())
	}
	if s := strings.Join(got, ", "); s != "open/2015-01-12, open/2016-01-05, open/2016-03-08" {
		t.Error(s)
	}
	if len(own.Notes) != 2 || own.Notes[0].ID != 1 || len(own.Emergencies) != 1 {
		t.Errorf("%+v, %+v", own.Notes, own.Emergencies)
	}
	card.Words = own
	if m := card.MeetingAt("open", date("2016-01-05")); m == nil || len(card.DecisionsOf("open", m.Slot)) != 2 || card.MeetingAt("open", date("2015-01-11")) != nil {
		t.Errorf("%+v", m)
	}
	if f := card.Frozen(); f.Meetings != nil || f.Notes != nil || f.Emergencies != nil || card.Meetings == nil {
		t.Error("what is kept with a meeting holds all meetings before it")
	}
}
