package meeting

import (
	"testing"
	"time"

	"citystat/kpi"
)

// TestSequence counts what people must be told: days, hours, who presides, whether it takes place; and nothing else that is done with a meeting.
func TestSequence(t *testing.T) {
	s := &kpi.MeetingSeries{ID: "streets", Chair: "mayor", Weekday: time.Thursday, Weeks: 2, From: kpi.NewDate(2026, 10, 1), At: 570, Minutes: 60}
	city := &kpi.City{TimeZone: "America/New_York", Languages: kpi.Langs, Holidays: []kpi.Date{kpi.NewDate(2026, 10, 15)}, Meetings: []kpi.MeetingSeries{*s}}
	slot := kpi.NewDate(2026, 10, 15)
	m := Planned(city, s, slot)
	if m.Date != kpi.NewDate(2026, 10, 16) {
		t.Fatalf("on a holiday it is held on %s", m.Date)
	}
	if got := Sequence(city, s, nil); got != 0 {
		t.Errorf("as it is planned: %d", got)
	}
	var history []kpi.Meeting
	for _, c := range []struct {
		what   string
		change func()
		want   int
	}{
		{"an agenda", func() { m.Agenda.Order = []string{"topic/1"} }, 0},
		{"a memo", func() { m.State = kpi.MeetingReady }, 0},
		{"another day", func() {
			m.Moves, m.Date = append(m.Moves, kpi.MeetingMove{From: m.Date, To: slot.AddDays(5)}), slot.AddDays(5)
		}, 1},
		{"another hour", func() { m.At = 600 }, 2},
		{"back", func() { m.Date, m.At = kpi.NewDate(2026, 10, 16), 570 }, 3},
		{"somebody else", func() { m.Chair, m.Delegated = "deputy", "She is ill." }, 4},
		{"cancelled", func() { m.State = kpi.MeetingCancelled }, 5},
		{"restored", func() { m.State = kpi.MeetingPlanned }, 6},
		{"held", func() { m.State = kpi.MeetingHeld }, 6},
	} {
		c.change()
		history = append(history, m)
		if got := Sequence(city, s, history); got != c.want {
			t.Errorf("%s: %d, want %d", c.what, got, c.want)
		}
	}
	if got := Sequence(city, s, history[2:3]); got != 1 {
		t.Errorf("the first thing that is done is to move it: %d", got)
	}
	called := kpi.Meeting{Series: s.ID, Slot: slot.AddDays(1), Date: slot.AddDays(1), Extra: true, At: 800, Minutes: 30, Chair: "mayor", State: kpi.MeetingPlanned}
	if got := Sequence(city, s, []kpi.Meeting{called}); got != 0 {
		t.Errorf("one that was called: %d", got)
	}
	zone, err := time.LoadLocation(city.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	if told := TellMeeting(&called, zone); !told.Start.Equal(time.Date(2026, 10, 16, 17, 20, 0, 0, time.UTC)) || told.Minutes != 30 || told.Chair != "mayor" || told.Cancelled {
		t.Errorf("people are told %+v", told)
	}
}
