package meeting

import (
	"slices"
	"time"

	"citystat/kpi"
)

// FollowUpInputs is what a follow-up memo is made of.
type FollowUpInputs struct {
	Series      *kpi.MeetingSeries
	Meeting     *kpi.Meeting
	Zone        *time.Location
	Commitments []kpi.Commitment  // of all departments and states
	Notes       []kpi.MeetingNote // of all meetings of the series
}

// FollowUp is what came of a meeting.
type FollowUp struct {
	Decisions []kpi.MeetingNote
	Promised  []kpi.Commitment
	Requested []kpi.Commitment
	Later     []kpi.MeetingNote // topics for another time
	Closed    []kpi.Commitment  // on the day of the meeting, made before it: as kept, or dropped
	Moved     []kpi.Commitment  // to which whoever presides gave another date that day
	Silent    []kpi.AgendaItem  // that were on the agenda, and of which nothing is written down
}

// MakeFollowUp says what came of a meeting. It is a pure function: with the revisions that a follow-up memo names it says the same for ever.
func MakeFollowUp(in FollowUpInputs) FollowUp {
	var f FollowUp
	source := kpi.MeetingSource(in.Meeting.Series, in.Meeting.Slot)
	told := map[string]bool{} // keys of the agenda of which something is written down
	for _, n := range in.Notes {
		if n.Series != in.Meeting.Series || n.Slot != in.Meeting.Slot || n.State == kpi.NoteWithdrawn {
			continue
		}
		told[n.Item] = true
		if n.Kind == kpi.NoteDecision {
			f.Decisions = append(f.Decisions, n)
		} else {
			f.Later = append(f.Later, n)
		}
	}
	for _, c := range in.Commitments {
		switch {
		case c.Source == source && c.Kind == kpi.CommitmentRequest:
			f.Requested = append(f.Requested, c)
		case c.Source == source:
			f.Promised = append(f.Promised, c)
		case !TakesPromise(in.Series, &c):
			continue
		case c.State.Ended() && in.held(c.Ended):
			f.Closed = append(f.Closed, c)
		case slices.ContainsFunc(c.Moves, func(m kpi.DueMove) bool { return m.Chair && in.held(kpi.DateOf(m.At.In(in.Zone))) }):
			f.Moved = append(f.Moved, c)
		default:
			continue
		}
		told[CommitmentKey(c.ID)] = true
		if c.Source == source && c.Indicator != "" {
			told[IndicatorKey(c.Indicator)] = true
		}
	}
	if in.Meeting.Memo == nil {
		return f
	}
	for _, it := range in.Meeting.Memo.Items {
		if !told[it.Key] {
			f.Silent = append(f.Silent, it)
		}
	}
	return f
}

// held reports whether a day is one on which the meeting went on.
func (in *FollowUpInputs) held(day kpi.Date) bool {
	m := in.Meeting
	if m.Opened.IsZero() {
		return false
	}
	first := kpi.DateOf(m.Opened.In(in.Zone))
	last := first
	if !m.Over.IsZero() {
		last = kpi.DateOf(m.Over.In(in.Zone))
	}
	return !day.Before(first) && !day.After(last)
}

// Memo is what goes out as the follow-up memo: the numbers of all that is listed, each with the revision in which it stands.
func (f *FollowUp) Memo() *kpi.FollowUpMemo {
	memo := &kpi.FollowUpMemo{Revisions: map[string]int{}}
	for _, list := range [][]kpi.Commitment{f.Promised, f.Requested, f.Closed, f.Moved} {
		for i := range list {
			memo.Commitments = append(memo.Commitments, list[i].ID)
			memo.Revisions[CommitmentKey(list[i].ID)] = list[i].Revision
		}
	}
	for _, list := range [][]kpi.MeetingNote{f.Decisions, f.Later} {
		for i := range list {
			memo.Notes = append(memo.Notes, list[i].ID)
			memo.Revisions[NoteKey(list[i].ID)] = list[i].Revision
		}
	}
	if len(memo.Revisions) == 0 {
		memo.Revisions = nil
	}
	return memo
}

// Next returns the meeting of a series that comes after another one and is not cancelled; nil if none is planned.
func Next(city *kpi.City, s *kpi.MeetingSeries, saved []kpi.Meeting, m *kpi.Meeting) *kpi.Meeting {
	for _, next := range Calendar(city, s, saved, m.Date, m.Date.AddMonths(maxAhead)) {
		later := next.Date.After(m.Date) || next.At > m.At
		if next.Slot != m.Slot && later && next.State != kpi.MeetingCancelled {
			return &next
		}
	}
	return nil
}
