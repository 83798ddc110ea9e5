package meeting

import (
	"time"

	"citystat/kpi"
)

// EmergencyCount is how many deadlines fall into an emergency, by what is due. What data are due in it is for the loads to say.
type EmergencyCount struct {
	Memos, FollowUps, Commitments, Commentaries int
}

// Sum is how many there are.
func (c EmergencyCount) Sum() int { return c.Memos + c.FollowUps + c.Commitments + c.Commentaries }

// DatedDuty is something that is due on a day from a department.
type DatedDuty struct {
	Due        kpi.Date
	Department string
}

// EmergencyInputs is what the deadlines of an emergency are found in.
type EmergencyInputs struct {
	City         *kpi.City
	Loc          *time.Location
	Today        kpi.Date
	Meetings     []kpi.Meeting    // of all series, that the ledger has
	Commitments  []kpi.Commitment // of all states
	Commentaries []DatedDuty
}

// CountEmergency counts the deadlines that an emergency suspends, as if it were the only one: those of meetings, also of those that are planned for its days (of one whose end nobody knows until today),
// those of commitments by the date that was agreed, and those of commentary.
func CountEmergency(e *kpi.Emergency, in EmergencyInputs) EmergencyCount {
	var c EmergencyCount
	list, until := []kpi.Emergency{*e}, e.Until
	if until.IsZero() {
		until = in.Today
	}
	last := until.AddDays(2 * int(MemoBefore/(24*time.Hour)))
	if planned := in.Today.AddMonths(maxAhead); planned.Before(last) { // of an emergency until the year 9999 nobody counts the meetings of eight thousand years
		last = planned
	}
	for i := range in.City.Meetings {
		s := &in.City.Meetings[i]
		for _, m := range Calendar(in.City, s, in.Meetings, e.From.AddDays(-2*FollowUpDays), last) {
			c.countMeeting(list, s, &m, until, in.Loc)
		}
	}
	for i := range in.Commitments {
		p := &in.Commitments[i]
		if d := DeadlineOf(list, p.Agreed(), p.Department); d.Suspended() {
			c.Commitments++
		}
	}
	for _, d := range in.Commentaries {
		if line := DeadlineOf(list, d.Due, d.Department); line.Suspended() {
			c.Commentaries++
		}
	}
	return c
}

// countMeeting counts the deadlines of a meeting until a day. A cancelled one has none, and a follow-up memo is due of one that was held.
func (c *EmergencyCount) countMeeting(list []kpi.Emergency, s *kpi.MeetingSeries, m *kpi.Meeting, until kpi.Date, loc *time.Location) {
	falls := func(due time.Time) bool {
		d := SeriesDeadline(list, dueDay(due, loc), s)
		return d.Suspended() && !d.Day.After(until)
	}
	if m.State != kpi.MeetingCancelled && falls(MemoDue(m, loc)) {
		c.Memos++
	}
	if m.State.Held() && falls(FollowUpDue(m, loc)) {
		c.FollowUps++
	}
}
