package kpi

import (
	"slices"
	"sort"
	"time"
)

// Workdays is the working calendar of a city: every day is a working day that is neither of the weekend nor a holiday.
//
// # Durations
//
// A duration in working days is the number of working days of the half-open interval [from, to): the day on which it begins counts if it
// is a working day, the day on which it ends does not. So what was opened and closed on one day took 0 days, what was opened on a Friday
// and closed on the Monday took 1, and what was opened on a Saturday and closed on the Monday took 0, since no working day passed. Of two
// timestamps the days in the city's time zone are taken and the times of day are not looked at, see [Workdays.WorkdaysTaken]. A due date follows
// from the same convention: [Workdays.AddWorkdays] gives the last working day on which something took no more than n days.
//
// The convention is that of numpy's busday_count, which the oracle was made with; [Workdays.WorkdaysThrough] is for counts that include the last
// day. Both ask for the number of holidays before a day, which is a binary search: O(log holidays), however many years lie between.
//
// The zero Workdays has no weekend and no holidays.
type Workdays struct {
	off      [7]bool // the days of the weekend, in a week that begins on a Thursday, as 1 January 1970 was
	holidays []int   // day numbers of the holidays that are on no weekend, in order, each once
}

// DefaultWeekend is the weekend of a city that named none.
var DefaultWeekend = []time.Weekday{time.Saturday, time.Sunday}

// NewWorkdays returns the calendar with a weekend, DefaultWeekend if it is empty, and holidays in any order. A holiday on a weekend takes
// no day away, and one that is named twice takes one. Where all seven days are of the weekend there is no working day.
func NewWorkdays(weekend []time.Weekday, holidays []Date) Workdays {
	if len(weekend) == 0 {
		weekend = DefaultWeekend
	}
	var w Workdays
	for k := range w.off {
		w.off[k] = slices.Contains(weekend, (time.Thursday+time.Weekday(k))%7)
	}
	for _, h := range holidays {
		if n := dayNumber(h); !h.IsZero() && !w.weekend(n) {
			w.holidays = append(w.holidays, n)
		}
	}
	slices.Sort(w.holidays)
	w.holidays = slices.Compact(w.holidays)
	return w
}

// IsWorkday reports whether the day is a working day.
func (w Workdays) IsWorkday(d Date) bool {
	n := dayNumber(d)
	_, holiday := slices.BinarySearch(w.holidays, n)
	return !w.weekend(n) && !holiday
}

// WorkdaysBetween returns the number of working days of [from, to): from included, to not. It is negative where to is before from, so that
// what lies between a and b and what lies between b and c always add up to what lies between a and c.
func (w Workdays) WorkdaysBetween(from, to Date) int {
	return w.count(dayNumber(to)) - w.count(dayNumber(from))
}

// WorkdaysThrough returns the number of working days from one day to another, both included: 0 where to is before from.
func (w Workdays) WorkdaysThrough(from, to Date) int {
	return max(0, w.count(dayNumber(to)+1)-w.count(dayNumber(from)))
}

// WorkdaysTaken returns the working days that passed between two instants: those between their days in loc (UTC if it is nil), the first
// included and the last not. The times of day do not matter.
func (w Workdays) WorkdaysTaken(from, to time.Time, loc *time.Location) int {
	if loc == nil {
		loc = time.UTC
	}
	return w.WorkdaysBetween(DateOf(from.In(loc)), DateOf(to.In(loc)))
}

// AddWorkdays returns the working day that lies n working days after a day, before it for a negative n: the one working day that
// WorkdaysBetween d and it counts n. So 1 working day after a Friday is the Monday, and 0 after it the Friday itself; a day that is no working day
// counts from the next one, so that 0 after a Saturday is the Monday and −1 the Friday. It is false where there is no such day: in a
// calendar without working days, or outside of the years 0 to 9999.
func (w Workdays) AddWorkdays(d Date, n int) (Date, bool) {
	const most = 10_000 * 366 // more days than those years have
	if n < -most || n > most || d.Year < 0 || d.Year > 9999 {
		return Date{}, false
	}
	number, ok := w.nth(w.count(dayNumber(d)) + n)
	if !ok {
		return Date{}, false
	}
	day := DateOf(time.Unix(int64(number)*86_400, 0).UTC())
	return day, day.Year >= 0 && day.Year <= 9999
}

// After returns the day that lies n working days after a day, as [Workdays.AddWorkdays] counts them; n days of the week where that knows none.
func (w Workdays) After(d Date, n int) Date {
	if day, ok := w.AddWorkdays(d, n); ok {
		return day
	}
	return d.AddDays(n)
}

// Workdays returns the city's calendar of working days.
func (c *City) Workdays() Workdays { return NewWorkdays(c.Weekend, c.Holidays) }

// dayNumber returns the days from 1 January 1970 to d.
func dayNumber(d Date) int {
	return int(floorDiv(d.In(time.UTC).Unix(), 86_400))
}

func floorDiv[T int | int64](a, b T) T {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// weekend reports whether the day with the number is of the weekend.
func (w Workdays) weekend(number int) bool { return w.off[number-7*floorDiv(number, 7)] }

// weekdays returns how many of the first k days of a week are no weekend.
func (w Workdays) weekdays(k int) int {
	n := 0
	for _, off := range w.off[:k] {
		if !off {
			n++
		}
	}
	return n
}

// sinceEpoch returns the number of days before the one with the number that are no weekend, from 1 January 1970 on; negative before it.
func (w Workdays) sinceEpoch(number int) int {
	q := floorDiv(number, 7)
	return q*w.weekdays(7) + w.weekdays(number-7*q)
}

// count returns the number of working days before the day with the number, but for a constant.
func (w Workdays) count(number int) int {
	passed, _ := slices.BinarySearch(w.holidays, number)
	return w.sinceEpoch(number) - passed
}

// nth returns the working day before which there are n, as count counts.
func (w Workdays) nth(n int) (int, bool) {
	perWeek := w.weekdays(7)
	if perWeek == 0 {
		return 0, false
	}
	// The holidays that lie before it are those with at most n working days before them, and that number never falls.
	n += sort.Search(len(w.holidays), func(i int) bool { return w.sinceEpoch(w.holidays[i])-i > n })
	q := floorDiv(n, perWeek)
	k := 0
	for left := n - q*perWeek; w.off[k] || left > 0; k++ {
		if !w.off[k] {
			left--
		}
	}
	return 7*q + k, true
}
