package meeting

import (
	"time"

	"citystat/kpi"
)

// # What an emergency suspends
//
// A deadline that falls on a day of a declared emergency is suspended: it is counted apart, neither as kept nor as missed, for ever, whether the work was done or
// not. The work itself stays. It is to be there as many days after the emergency as were left when that began, and is late from then on; while nobody knows when
// the emergency ends, it is not late at all. A deadline before the emergency was missed before it, one after it is what it was.
//
// An emergency that was called off ([kpi.Emergency.Void]) suspends nothing, and one whose days are changed suspends what falls on those that it has now.

// Deadline is the day by which something is to be there, as the emergencies of a city leave it.
type Deadline struct {
	Day       kpi.Date       // that was set: the last on which it is in time; zero: none was
	Emergency *kpi.Emergency // into which it falls; nil: none, and the rest says nothing
	Again     kpi.Date       // the day by which it is to be there after it; zero while nobody knows when it ends
}

// DeadlineOf returns what emergencies make of a deadline of a department on a day. department is "" of what is the whole city's: that is suspended only where an
// emergency is all departments'.
func DeadlineOf(emergencies []kpi.Emergency, day kpi.Date, department string) Deadline {
	return deadlineOf(emergencies, day, func(day kpi.Date) *kpi.Emergency { return kpi.EmergencyOf(emergencies, day, department) })
}

// SeriesDeadline is [DeadlineOf] for what a series of meetings asks for: its memos, its follow-up memos. It is suspended where emergencies have all of its departments.
func SeriesDeadline(emergencies []kpi.Emergency, day kpi.Date, s *kpi.MeetingSeries) Deadline {
	return deadlineOf(emergencies, day, func(day kpi.Date) *kpi.Emergency {
		if len(s.Departments) == 0 {
			return kpi.EmergencyOf(emergencies, day, "")
		}
		var first *kpi.Emergency
		for _, d := range s.Departments {
			e := kpi.EmergencyOf(emergencies, day, d)
			if e == nil {
				return nil
			}
			if first == nil {
				first = e
			}
		}
		return first
	})
}

// deadlineOf follows a deadline through one emergency after another.
func deadlineOf(emergencies []kpi.Emergency, day kpi.Date, on func(kpi.Date) *kpi.Emergency) Deadline {
	d := Deadline{Day: day}
	if day.IsZero() {
		return d
	}
	d.Emergency, d.Again = on(day), day
	for range len(emergencies) { // each moves it once at most: it moves to a day behind its own
		e := on(d.Again)
		if e == nil {
			return d
		}
		if e.Until.IsZero() {
			d.Again = kpi.Date{}
			return d
		}
		d.Again = e.Until.AddDays(1 + d.Again.Sub(e.From))
	}
	return d
}

// Suspended reports whether it is counted apart, neither as kept nor as missed.
func (d *Deadline) Suspended() bool { return d.Emergency != nil }

// last is the last day on which it is not late; zero where there is none.
func (d *Deadline) last() kpi.Date {
	if d.Emergency != nil {
		return d.Again
	}
	return d.Day
}

// DaysLate is how many days something is, or was, beyond it on a day: 0 if it is not late.
func (d *Deadline) DaysLate(on kpi.Date) int {
	if last := d.last(); !last.IsZero() {
		return max(0, on.Sub(last))
	}
	return 0
}

// CommitmentDeadline returns what emergencies make of the date of a commitment as it stands now ([kpi.Commitment.Due]), for its owner's work and what is said of it.
func CommitmentDeadline(emergencies []kpi.Emergency, c *kpi.Commitment) Deadline {
	return DeadlineOf(emergencies, c.Due, c.Department)
}

// CommitmentDaysLate is [kpi.Commitment.DaysLate] with emergencies: 0 as long as one suspends its date.
func CommitmentDaysLate(emergencies []kpi.Emergency, c *kpi.Commitment, today kpi.Date) int {
	late := c.DaysLate(today)
	if d := CommitmentDeadline(emergencies, c); late > 0 && d.Suspended() {
		return d.DaysLate(c.Due.AddDays(late)) // the day until which it counts: today, or when its owner called it done
	}
	return late
}

// Timing is how something stands to its deadline, as statistics count it.
type Timing string

// The ways.
const (
	TimingOnTime    Timing = "on_time"
	TimingLate      Timing = "late"      // it came late, or did not come and the time is over
	TimingSuspended Timing = "suspended" // its deadline fell into an emergency: neither
	TimingOpen      Timing = "open"      // it did not come yet, and there is time
	TimingNone      Timing = "none"      // there is no deadline: the meeting was cancelled, or has not been held
)

// CommitmentTiming is how a commitment stands to the date that was agreed, as [kpi.Commitment.OnTime] judges it, with emergencies counted apart.
func CommitmentTiming(emergencies []kpi.Emergency, c *kpi.Commitment, today kpi.Date) Timing {
	onTime, known := c.OnTime(today)
	d := DeadlineOf(emergencies, c.Agreed(), c.Department)
	switch {
	case c.State == kpi.CommitmentDropped && !known:
		return TimingNone // it was dropped before its date: nobody waits for it
	case d.Suspended():
		return TimingSuspended
	case !known:
		return TimingOpen
	case onTime:
		return TimingOnTime
	}
	return TimingLate
}

// Timing is how something that was there on a day stands to its deadline: done is zero as long as it is not there. It serves what has a day and a department and
// nothing more, such as a commentary or a delivery.
func (d *Deadline) Timing(done, today kpi.Date) Timing {
	switch {
	case d.Day.IsZero():
		return TimingNone
	case d.Suspended():
		return TimingSuspended
	case !done.IsZero() && !done.After(d.Day):
		return TimingOnTime
	case done.IsZero() && !today.After(d.Day):
		return TimingOpen
	}
	return TimingLate
}

// MemoTiming is how the memo of a meeting stands to its deadline ([MemoDue]). A cancelled meeting has none.
func MemoTiming(emergencies []kpi.Emergency, s *kpi.MeetingSeries, m *kpi.Meeting, now time.Time, loc *time.Location) Timing {
	if m.State == kpi.MeetingCancelled {
		return TimingNone
	}
	var at time.Time
	if m.Memo != nil {
		at = m.Memo.At
	}
	return momentTiming(emergencies, s, MemoDue(m, loc), at, now, loc)
}

// FollowUpTiming is how the follow-up memo of a meeting stands to its deadline ([FollowUpDue]). Only a meeting that was held has one.
func FollowUpTiming(emergencies []kpi.Emergency, s *kpi.MeetingSeries, m *kpi.Meeting, now time.Time, loc *time.Location) Timing {
	if !m.State.Held() {
		return TimingNone
	}
	var at time.Time
	if m.FollowUp != nil {
		at = m.FollowUp.At
	}
	return momentTiming(emergencies, s, FollowUpDue(m, loc), at, now, loc)
}

// momentTiming judges something that is due before a moment and went out at another, zero as long as it did not. What is due at the end of a day falls on that day.
func momentTiming(emergencies []kpi.Emergency, s *kpi.MeetingSeries, due, at, now time.Time, loc *time.Location) Timing {
	d := SeriesDeadline(emergencies, dueDay(due, loc), s)
	switch {
	case d.Suspended():
		return TimingSuspended
	case !at.IsZero() && !at.After(due):
		return TimingOnTime
	case at.IsZero() && !now.After(due):
		return TimingOpen
	}
	return TimingLate
}

// dueDay is the day on which a moment falls by which something is due; the end of a day is that day's.
func dueDay(due time.Time, loc *time.Location) kpi.Date {
	return kpi.DateOf(due.In(loc).Add(-time.Nanosecond))
}
