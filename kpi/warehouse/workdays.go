package warehouse

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// workCalendar is the city's working calendar as arithmetic on the numbers of days since 1970, for SQL. It says what [kpi.Workdays] says.
//
// Weeks are cut so that one begins with a working day after a day of the weekend: then the working days of a usual week are one run, and so many of
// its first r days are working days as the smaller of r and the run's length.
type workCalendar struct {
	perWeek  int64
	runs     []run   // of working days in a week
	shift    int64   // added to a day's number: a multiple of 7 is the first day of a week, and no day of the years 0 to 9999 is negative
	holidays []int64 // the numbers of the days that are no weekend, each once, in order
}

// run is a stretch of working days in a week: from its day from, before it after days of work, so many days long.
type run struct{ from, after, days int64 }

// The days of the years 0 to 9999, by number: the bounds of what can be added.
const (
	firstDay = -719_528
	lastDay  = 2_932_896
	mostDays = 10_000 * 366
)

// dayNumber is the number of a day since 1 January 1970.
func dayNumber(d kpi.Date) int64 {
	return (d.In(time.UTC).Unix()-firstDay*86_400)/86_400 + firstDay
}

func newWorkCalendar(c *kpi.City) *workCalendar {
	weekend := c.Weekend
	if len(weekend) == 0 {
		weekend = kpi.DefaultWeekend
	}
	off := func(day time.Weekday) bool { return slices.Contains(weekend, day%7) }
	first := time.Monday
	for k := range time.Weekday(7) {
		if off(k) && !off(k+1) {
			first = (k + 1) % 7
		}
	}
	// 1 January 1970 was a Thursday.
	w := &workCalendar{shift: 7*7*mostDays + int64((time.Thursday-first+7)%7)}
	for k := range int64(7) {
		switch day := first + time.Weekday(k); {
		case off(day):
		case k > 0 && !off(day-1):
			w.runs[len(w.runs)-1].days++
			w.perWeek++
		default:
			w.runs = append(w.runs, run{k, w.perWeek, 1})
			w.perWeek++
		}
	}
	for _, h := range c.Holidays {
		if !h.IsZero() && !off(h.Weekday()) {
			w.holidays = append(w.holidays, dayNumber(h))
		}
	}
	slices.Sort(w.holidays)
	w.holidays = slices.Compact(w.holidays)
	return w
}

// since is the number of days that are no weekend before the one with the number, but for a constant.
func (w *workCalendar) since(day int64) int64 {
	q, r := (day+w.shift)/7, (day+w.shift)%7
	n := q * w.perWeek
	for _, run := range w.runs {
		n += min(max(r-run.from, 0), run.days)
	}
	return n
}

// sinceSQL is since of a day's number in SQL.
func (w *workCalendar) sinceSQL(day string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "(%s + %d) // 7 * %d", day, w.shift, w.perWeek)
	for _, run := range w.runs {
		r := fmt.Sprintf("(%s + %d) %% 7", day, w.shift)
		if run.from > 0 {
			r = fmt.Sprintf("greatest(%s - %d, 0)", r, run.from)
		}
		fmt.Fprintf(&b, " + least(%s, %d)", r, run.days)
	}
	return "(" + b.String() + ")"
}

// passed lists, for the numbers from the first of the sorted ones on, how many of them are less; the last is all of them.
func passed(sorted []int64) []int64 {
	if len(sorted) == 0 {
		return nil
	}
	list := make([]int64, 0, sorted[len(sorted)-1]-sorted[0]+2)
	n := 0
	for at := sorted[0]; at <= sorted[len(sorted)-1]+1; at++ {
		for n < len(sorted) && sorted[n] < at {
			n++
		}
		list = append(list, int64(n))
	}
	return list
}

// less is the SQL for how many of sorted numbers are less than x: an element of a list that is bound once, under a name.
func (s scope) less(name string, sorted []int64, x string) string {
	if len(sorted) == 0 {
		return "0"
	}
	return fmt.Sprintf("list_extract(%s, greatest(least(%s - %d, %d), 1))", s.list(name, passed(sorted)), x, sorted[0]-1, sorted[len(sorted)-1]-sorted[0]+2)
}

// worked is the SQL for the number of working days before a day, given by its number, but for a constant.
func (s scope) worked(day string) string {
	return fmt.Sprintf("(%s - %s)", s.work.sinceSQL(day), s.less("holidays", s.work.holidays, day))
}

// localDay is the SQL for the day of a timestamp in the dataset's zone; a date is itself.
func (s scope) localDay(t expr.Type, x string) string {
	if t == expr.Date {
		return x
	}
	return s.once("CAST(" + s.localTime(x, s.zone) + " AS DATE)")
}

// number is the SQL for the number of a day, or of that of a timestamp in the dataset's zone.
func (s scope) number(t expr.Type, x string) string {
	return s.once("(" + s.localDay(t, x) + " - DATE '1970-01-01')")
}

// workdays is the SQL for the working days of [from, to), as a whole number: negative where to comes first.
func (s scope) workdays(t expr.Type, from, to string) string {
	if s.work.perWeek == 0 {
		return fmt.Sprintf("CASE WHEN %s IS NOT NULL AND %s IS NOT NULL THEN 0::BIGINT END", from, to)
	}
	return fmt.Sprintf("(%s - %s)", s.once(s.worked(s.number(t, to))), s.once(s.worked(s.number(t, from))))
}

// addWorkdays is the SQL for the working day that lies n working days after a day: the last on which n working days, of which a fraction does not
// count, have passed since. Null where there is none within the years 0 to 9999.
func (s scope) addWorkdays(day, n string) string {
	w := s.work
	if w.perWeek == 0 {
		return "NULL::DATE"
	}
	whole := s.once(fmt.Sprintf("CASE WHEN %[1]s BETWEEN %[2]d AND %[3]d THEN CAST(floor(%[1]s) AS BIGINT) END", n, -mostDays, mostDays))
	m := s.once(fmt.Sprintf("(%s + %s)", s.worked(s.number(expr.Date, day)), whole))
	// A holiday moves all days on before which there are at least as many working days as before it.
	moved := make([]int64, len(w.holidays))
	for i, h := range w.holidays {
		moved[i] = w.since(h) - int64(i)
	}
	m = s.once(fmt.Sprintf("(%s + %s)", m, s.less("moved", moved, "("+m+" + 1)")))
	found := s.once(fmt.Sprintf("(%s // %d * 7 + %s - %d)", m, w.perWeek, w.weekday(fmt.Sprintf("%s %% %d", m, w.perWeek)), w.shift))
	return fmt.Sprintf("CASE WHEN %[1]s BETWEEN %[2]d AND %[3]d THEN DATE '1970-01-01' + CAST(%[1]s AS INTEGER) END", found, firstDay, lastDay)
}

// weekday is the SQL for the day of a week before which there are so many of its working days.
func (w *workCalendar) weekday(left string) string {
	var b strings.Builder
	for _, run := range slices.Backward(w.runs) {
		fmt.Fprintf(&b, " WHEN %[1]s >= %[2]d THEN %[1]s + %[3]d", left, run.after, run.from-run.after)
	}
	return "CASE" + b.String() + " END"
}
