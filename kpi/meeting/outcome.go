package meeting

import (
	"slices"
	"time"

	"citystat/kpi"
)

// Outcome is what became of a meeting.
type Outcome string

// The outcomes.
const (
	OutcomeHeld      Outcome = "held" // or is, just now
	OutcomeCancelled Outcome = "cancelled"
	OutcomeMissed    Outcome = "missed" // its day is over, and nobody opened it, moved it or cancelled it
	OutcomeComing    Outcome = "coming"
)

// Outcomes lists the outcomes.
var Outcomes = []Outcome{OutcomeHeld, OutcomeCancelled, OutcomeMissed, OutcomeComing}

// OutcomeOf says what became of a meeting, at a moment. That one was not held is nowhere written: it follows from what is not there, from the end of its day on, and one
// that is opened afterwards was held. m may be as the ledger has it, or as its rhythm plans it.
func OutcomeOf(m *kpi.Meeting, now time.Time, loc *time.Location) Outcome {
	switch {
	case m.State.Held():
		return OutcomeHeld
	case m.State == kpi.MeetingCancelled:
		return OutcomeCancelled
	case now.Before(m.Date.EndIn(loc)):
		return OutcomeComing
	}
	return OutcomeMissed
}

// Month is a month of a year.
type Month struct {
	Year  int
	Month time.Month
}

// MonthOf is the month of a day.
func MonthOf(d kpi.Date) Month { return Month{d.Year, d.Month} }

// First is its first day.
func (m Month) First() kpi.Date { return kpi.NewDate(m.Year, m.Month, 1) }

// Months lists the months from that of one day to that of another, both included.
func Months(from, until kpi.Date) []Month {
	var list []Month
	for d := MonthOf(from).First(); !d.After(until); d = d.AddMonths(1) {
		list = append(list, MonthOf(d))
	}
	return list
}

// HeldBy counts in each month the meetings in which a department was asked about its numbers: those that were held, of series that take it. list may hold meetings of all
// series of the city.
func HeldBy(city *kpi.City, department string, list []kpi.Meeting) map[Month]int {
	count := map[Month]int{}
	for i := range list {
		m := &list[i]
		if s := city.Series(m.Series); s != nil && m.State.Held() && s.Takes(department) {
			count[MonthOf(m.Date)]++
		}
	}
	return count
}

// MonthsWithout lists those of some months in which a department had no meeting, where every department has one a month at least (Baltimore City Code, Art. 1 § 61-4). A month in
// which an emergency had the department on every working day counts for nothing.
func MonthsWithout(months []Month, count map[Month]int, emergencies []kpi.Emergency, department string, w kpi.Workdays) []Month {
	return slices.DeleteFunc(slices.Clone(months), func(m Month) bool {
		if count[m] > 0 {
			return true
		}
		for d := m.First(); d.Month == m.Month; d = d.AddDays(1) {
			if w.IsWorkday(d) && kpi.EmergencyOf(emergencies, d, department) == nil {
				return false
			}
		}
		return true
	})
}
