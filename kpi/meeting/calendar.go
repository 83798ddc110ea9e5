package meeting

import (
	"cmp"
	"slices"
	"time"

	"citystat/kpi"
)

const (
	// MemoBefore is how long before a meeting its memo is out (Baltimore City Code, Art. 1 § 61-4: 48 hours).
	MemoBefore = 48 * time.Hour
	// FollowUpDays is in how many days after a meeting its follow-up memo is out (the same: 2 days); the last of them counts whole.
	FollowUpDays = 2
	// maxAhead bounds how far ahead meetings are planned, in months.
	maxAhead = 24
)

// Slots returns the days that the rhythm of a series gives it, from one day to another, both included. A day that is no working day is held on the next one;
// see [Planned].
func Slots(s *kpi.MeetingSeries, from, until kpi.Date) []kpi.Date {
	if !s.Until.IsZero() && s.Until.Before(until) {
		until = s.Until
	}
	var list []kpi.Date
	first := s.From
	for first.Weekday() != s.Weekday {
		first = first.AddDays(1)
	}
	switch {
	case s.Weeks > 0:
		step := 7 * s.Weeks
		if behind := from.Sub(first); behind > 0 {
			first = first.AddDays((behind + step - 1) / step * step)
		}
		for d := first; !d.After(until); d = d.AddDays(step) {
			list = append(list, d)
		}
	case s.Month != 0:
		month := kpi.NewDate(s.From.Year, s.From.Month, 1)
		if from.After(month) {
			month = kpi.NewDate(from.Year, from.Month, 1)
		}
		for ; !month.After(until); month = month.AddMonths(1) {
			d := weekdayOf(month, s.Weekday, s.Month)
			if !d.Before(first) && !d.Before(from) && !d.After(until) {
				list = append(list, d)
			}
		}
	}
	return list
}

// weekdayOf returns the nth weekday of the month that begins on a day, the last one if n is −1.
func weekdayOf(first kpi.Date, weekday time.Weekday, n int) kpi.Date {
	d := first.AddDays((int(weekday-first.Weekday()) + 7) % 7)
	if n > 0 {
		return d.AddDays(7 * (n - 1))
	}
	for next := d.AddDays(7); next.Month == first.Month; next = d.AddDays(7) {
		d = next
	}
	return d
}

// Planned returns the meeting that a series has at a slot as long as nobody has said anything about it.
func Planned(city *kpi.City, s *kpi.MeetingSeries, slot kpi.Date) kpi.Meeting {
	return kpi.Meeting{
		Series: s.ID, Slot: slot, Date: city.Workdays().After(slot, 0), At: s.At, Minutes: s.Minutes, Chair: s.Chair, State: kpi.MeetingPlanned,
	}
}

// Calendar returns the meetings of a series whose day lies between two days, both included, in order of their day: those that the ledger has (saved; of any
// series), and those that the rhythm gives it and of which nobody has said anything. What the ledger has stays as it is, whatever became of the rhythm.
func Calendar(city *kpi.City, s *kpi.MeetingSeries, saved []kpi.Meeting, from, until kpi.Date) []kpi.Meeting {
	var list []kpi.Meeting
	for _, m := range saved {
		if m.Series == s.ID && !m.Date.Before(from) && !m.Date.After(until) {
			list = append(list, m)
		}
	}
	list = append(list, unsaid(city, s, saved, from, until)...)
	slices.SortStableFunc(list, func(a, b kpi.Meeting) int {
		return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.At, b.At), a.Slot.Compare(b.Slot))
	})
	return list
}

// unsaid returns the meetings that the rhythm of a series gives it and of which nobody has said anything, those whose day lies between two days.
//
// A slot that is no working day is held on the next one. Where no working day lies between a slot and the next slot, as in a long holiday, only the later one is held: two
// meetings of a series are not on one day. A slot that cannot be held by the last day of the series is not held.
//
// A rhythm that is changed in the folder changes what is planned, also of the past: a meeting that the ledger has, and that was none of the rhythm of now, stands for
// the slot beside it, at most half a step away. So a weekly meeting that went from Thursdays to Wednesdays has one meeting in each week that is over. Where that
// is not enough, the series begins anew (from) with its new rhythm.
func unsaid(city *kpi.City, s *kpi.MeetingSeries, saved []kpi.Meeting, from, until kpi.Date) []kpi.Meeting {
	var of []kpi.Meeting
	known := map[kpi.Date]bool{}
	for _, m := range saved {
		if m.Series != s.ID {
			continue
		}
		known[m.Slot] = true
		if !m.Extra && !m.Slot.Before(s.From) && len(Slots(s, m.Slot, m.Slot)) == 0 {
			of = append(of, m)
		}
	}
	work, step := city.Workdays(), stepOf(s)
	slots := Slots(s, heldFrom(work, from), until.AddDays(step)) // with the one after the last
	var list []kpi.Meeting
	for i, slot := range slots {
		m := Planned(city, s, slot)
		switch {
		case known[slot], m.Date.Before(from), m.Date.After(until), !s.Until.IsZero() && m.Date.After(s.Until):
		case i+1 < len(slots) && !work.After(slots[i+1], 0).After(m.Date):
		case slices.ContainsFunc(of, func(o kpi.Meeting) bool { return 2*max(slot.Sub(o.Slot), o.Slot.Sub(slot)) <= step }):
		default:
			list = append(list, m)
		}
	}
	return list
}

// stepOf is how many days lie between two slots of a series at most.
func stepOf(s *kpi.MeetingSeries) int {
	if s.Weeks > 0 {
		return 7 * s.Weeks
	}
	return 35
}

// heldFrom returns the first of the days off that end with a day: a slot on one of them is held after them. It is the day itself where the day before is a working day.
func heldFrom(work kpi.Workdays, day kpi.Date) kpi.Date {
	if before, ok := work.AddWorkdays(day, -1); ok {
		return before.AddDays(1)
	}
	return day
}

// Find returns the meeting of a series with a slot: as the ledger has it, or as the rhythm plans it. ok is false if there is none.
func Find(city *kpi.City, s *kpi.MeetingSeries, saved []kpi.Meeting, slot kpi.Date) (m kpi.Meeting, ok bool) {
	for i := range saved {
		if saved[i].Series == s.ID && saved[i].Slot == slot {
			return saved[i], true
		}
	}
	if len(Slots(s, slot, slot)) == 0 {
		return m, false
	}
	day := Planned(city, s, slot).Date
	for _, m := range unsaid(city, s, saved, day, day) {
		if m.Slot == slot {
			return m, true
		}
	}
	return m, false
}

// LastHeld returns the meeting of a series that was held last before another one; nil if there was none. saved may hold meetings of all series.
func LastHeld(saved []kpi.Meeting, m *kpi.Meeting) *kpi.Meeting {
	var last *kpi.Meeting
	for i := range saved {
		s := &saved[i]
		if s.Series != m.Series || s.Slot == m.Slot || !s.State.Held() || s.Date.After(m.Date) || s.Date == m.Date && s.At >= m.At {
			continue
		}
		if last == nil || last.Date.Before(s.Date) || last.Date == s.Date && last.At < s.At {
			last = s
		}
	}
	return last
}

// MemoDue is when the memo of a meeting is due.
func MemoDue(m *kpi.Meeting, loc *time.Location) time.Time {
	if m.Memo != nil {
		return m.Memo.Due // of the day for which it went out: a date that is moved afterwards makes no memo late
	}
	return m.Start(loc).Add(-MemoBefore)
}

// FollowUpDue is when the follow-up memo of a meeting is due: the end of the second day after it.
func FollowUpDue(m *kpi.Meeting, loc *time.Location) time.Time {
	if m.FollowUp != nil {
		return m.FollowUp.Due
	}
	day := m.Date
	if !m.Opened.IsZero() {
		day = kpi.DateOf(m.Opened.In(loc))
	}
	return day.AddDays(FollowUpDays).EndIn(loc)
}
