package meeting

import (
	"slices"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// A card that is made of what was kept is the one that the agenda was made of, though nobody knows any more what was seen before and what was wrong with the data.
func TestSeenCardIsTheOneOfTheAgenda(t *testing.T) {
	live := &scorecard.Scorecard{AsOf: kpi.NewDate(2026, 4, 10), Results: []scorecard.Result{
		monthly("crossed", kpi.Behind, kpi.Steady, 90, 91, 69), monthly("broken", kpi.OnTrack, kpi.Steady, 90, 91, 92), monthly("worse", kpi.WellBehind, kpi.Worsening, 70, 71, 69),
		monthly("standing", kpi.WellBehind, kpi.Worsening, 70, 71, 69), monthly("calm", kpi.OnTrack, kpi.Steady, 90, 91, 92), monthly("asked", kpi.OnTrack, kpi.Steady, 90, 91, 92),
	}}
	live.Results[1].Indicator.Dataset = "other"
	before := &scorecard.Scorecard{AsOf: kpi.NewDate(2026, 3, 10), Results: []scorecard.Result{monthly("crossed", kpi.OnTrack, kpi.Steady, 90, 91)}}
	in := AgendaInputs{
		City: &kpi.City{}, Live: live, Before: before, Troubles: map[string]DutyState{"other": DataFailed},
		Series:  &kpi.MeetingSeries{ID: "s", Standing: []string{"standing", "calm"}},
		Meeting: &kpi.Meeting{Series: "s", Date: kpi.NewDate(2026, 4, 16), Minutes: 90, Agenda: kpi.AgendaEdits{Added: []kpi.AgendaItem{{Key: IndicatorKey("asked"), Indicator: "asked", Reason: "The council asks."}}}},
	}
	a := MakeAgenda(in)
	if len(a.Items) != 6 {
		t.Fatalf("%d items on the agenda: %+v", len(a.Items), a.Items)
	}
	for _, it := range a.Items {
		seen := SeenCard(live, &it.AgendaItem, in.Meeting.Date)
		if seen == nil {
			t.Fatalf("%s has no card", it.Key)
		}
		c := it.Card
		if seen.Rule != c.Rule || !slices.Equal(seen.Also, c.Also) || seen.Was != c.Was || seen.Seen != c.Seen || seen.Trouble != c.Trouble || seen.Off != c.Off || len(seen.Missed) != len(c.Missed) {
			t.Errorf("%s: seen as %+v, was %+v", it.Key, seen, c)
		}
	}
	gone := kpi.AgendaItem{Indicator: "gone"}
	promise := kpi.AgendaItem{Indicator: "worse", Commitment: 3}
	if SeenCard(live, &gone, in.Meeting.Date) != nil || SeenCard(live, &promise, in.Meeting.Date) != nil {
		t.Error("what has no number has a card")
	}
}

func TestMemoHours(t *testing.T) {
	due := time.Date(2026, 3, 17, 13, 30, 0, 0, time.UTC)
	for after, want := range map[time.Duration]int{-5 * time.Hour: 53, 0: 48, time.Minute: 47, 28 * time.Hour: 20, 47*time.Hour + 30*time.Minute: 0, 48*time.Hour + time.Minute: -1, 51 * time.Hour: -3} {
		if got := MemoHours(&kpi.MeetingMemo{Due: due, At: due.Add(after)}); got != want {
			t.Errorf("issued %s after it was due: %d hours before the meeting, want %d", after, got, want)
		}
	}
}

// What came of a meeting is told from what was there before it and what came after it.
func TestFollowUp(t *testing.T) {
	slot := kpi.NewDate(2026, 3, 5)
	day, source := slot, kpi.MeetingSource("s", slot)
	m := &kpi.Meeting{
		Series: "s", Slot: slot, Date: day, Opened: time.Date(2026, 3, 5, 15, 0, 0, 0, time.UTC), Over: time.Date(2026, 3, 5, 16, 0, 0, 0, time.UTC),
		Memo: &kpi.MeetingMemo{Items: []kpi.AgendaItem{{Key: "commitment/3"}, {Key: "indicator/a"}, {Key: "indicator/b"}, {Key: "topic/1"}, {Key: "commitment/9"}, {Key: "commitment/10"}}},
	}
	one := func(id int64, c kpi.Commitment) kpi.Commitment {
		c.Stamp = kpi.Stamp{ID: id, Revision: int(id) + 1}
		return c
	}
	in := FollowUpInputs{Series: &kpi.MeetingSeries{ID: "s", Departments: []string{"works"}}, Meeting: m, Zone: time.UTC,
		Commitments: []kpi.Commitment{
			one(1, kpi.Commitment{Source: source, Department: "health", Indicator: "b"}),
			one(2, kpi.Commitment{Source: source, Kind: kpi.CommitmentRequest, Department: "works"}),
			one(3, kpi.Commitment{State: kpi.CommitmentKept, Ended: day, Department: "works"}),
			one(4, kpi.Commitment{State: kpi.CommitmentKept, Ended: day, Department: "health"}),               // not this meeting's
			one(5, kpi.Commitment{State: kpi.CommitmentDropped, Ended: day.AddDays(-1), Department: "works"}), // before it
			one(6, kpi.Commitment{Department: "works", Moves: []kpi.DueMove{{Chair: true, At: m.Opened.Add(time.Minute)}}}),
			one(7, kpi.Commitment{Department: "works", Moves: []kpi.DueMove{{At: m.Opened.Add(time.Minute)}}}), // its owner's slip
			one(8, kpi.Commitment{Source: kpi.MeetingSource("s", day.AddDays(14)), Department: "works"}),
			one(9, kpi.Commitment{Source: kpi.MeetingSource("s", slot.AddDays(-14)), State: kpi.CommitmentKept, Ended: day, Department: "health"}), // promised in the series, by another department
		},
		Notes: []kpi.MeetingNote{
			{Stamp: kpi.Stamp{ID: 1, Revision: 1}, Series: "s", Slot: slot, Kind: kpi.NoteDecision, Item: "topic/1", State: kpi.NoteOpen},
			{Stamp: kpi.Stamp{ID: 2, Revision: 4}, Series: "s", Slot: slot, Kind: kpi.NoteLater, State: kpi.NoteTaken},
			{Stamp: kpi.Stamp{ID: 3, Revision: 2}, Series: "s", Slot: slot, Kind: kpi.NoteDecision, Item: "indicator/a", State: kpi.NoteWithdrawn},
			{Stamp: kpi.Stamp{ID: 4, Revision: 1}, Series: "s", Slot: slot.AddDays(14), Kind: kpi.NoteDecision, State: kpi.NoteOpen},
		},
	}
	f := MakeFollowUp(in)
	memo := f.Memo()
	if got := memo.Commitments; !slices.Equal(got, []int64{1, 2, 3, 9, 6}) || len(f.Promised) != 1 || len(f.Requested) != 1 || len(f.Closed) != 2 || len(f.Moved) != 1 {
		t.Errorf("commitments %v: %+v", got, f)
	}
	if got := memo.Notes; !slices.Equal(got, []int64{1, 2}) || len(f.Decisions) != 1 || len(f.Later) != 1 {
		t.Errorf("notes %v: %+v", got, f)
	}
	if memo.Revisions["commitment/3"] != 4 || memo.Revisions["note/2"] != 4 || len(memo.Revisions) != 7 {
		t.Errorf("revisions %v", memo.Revisions)
	}
	var silent []string
	for _, it := range f.Silent {
		silent = append(silent, it.Key)
	}
	if !slices.Equal(silent, []string{"indicator/a", "commitment/10"}) {
		t.Errorf("nothing was written down of %v", silent)
	}
	m.Opened = time.Time{}
	if f := MakeFollowUp(in); len(f.Closed)+len(f.Moved) > 0 {
		t.Error("something was closed in a meeting that never began")
	}
	m.Memo = nil
	if f := MakeFollowUp(FollowUpInputs{Series: in.Series, Meeting: m, Zone: time.UTC}); len(f.Silent) > 0 || f.Memo().Revisions != nil {
		t.Errorf("nothing came of it, and it says %+v", f)
	}
}

func TestNextMeeting(t *testing.T) {
	s := &kpi.MeetingSeries{ID: "s", Weekday: time.Thursday, Weeks: 2, From: kpi.NewDate(2026, 3, 5)}
	city := &kpi.City{}
	m := Planned(city, s, kpi.NewDate(2026, 3, 5))
	off := Planned(city, s, kpi.NewDate(2026, 3, 19))
	off.State = kpi.MeetingCancelled
	if next := Next(city, s, nil, &m); next == nil || next.Slot != off.Slot {
		t.Errorf("after the first comes %+v", next)
	}
	if next := Next(city, s, []kpi.Meeting{off}, &m); next == nil || next.Slot != kpi.NewDate(2026, 4, 2) {
		t.Errorf("after a cancelled one comes %+v", next)
	}
	s.Until = kpi.NewDate(2026, 3, 10)
	if next := Next(city, s, nil, &m); next != nil {
		t.Errorf("after the last one comes %+v", next)
	}
}
