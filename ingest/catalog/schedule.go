package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/robfig/cron/v3"

	"citystat/kpi"
)

// readSchedule reads when the dataset is fetched: in words, or with more about it, as {at: daily 05:30, retries: 3}.
func (ds *dataset) readSchedule() {
	n := ds.o.get("schedule", optional)
	if n == nil {
		return
	}
	s := kpi.Schedule{Retries: 3, RetryIn: 5 * time.Minute}
	if n.kind == scalar {
		s.Text, s.Cron = strings.Join(strings.Fields(n.text), " "), ds.when(n)
		ds.d.Schedule = ds.regular(n, s)
		return
	}
	o, ok := ds.object(n, scheduleShape)
	if !ok {
		return
	}
	at, crontab := o.key["at"], o.key["cron"]
	switch {
	case at != nil && crontab != nil:
		ds.bad(crontab, "keep one of the two", "the schedule is given twice, as at and as cron")
	case crontab != nil:
		if n, text := o.raw("cron", required); n != nil {
			s.Text, s.Cron = strings.Join(strings.Fields(text), " "), ds.cron(n)
		}
	default:
		if n, text := o.raw("at", required); n != nil {
			s.Text, s.Cron = strings.Join(strings.Fields(text), " "), ds.when(n)
		}
	}
	s.Jitter = o.span("jitter", optional, 6)
	if n, v := o.integer("retries", optional, 0, 10); n != nil {
		s.Retries = int(v)
	}
	if d := o.span("retry_in", optional, 6); d > 0 {
		s.RetryIn = d
	}
	if s.Retries == 0 {
		s.RetryIn = 0
		if n := o.key["retry_in"]; n != nil {
			ds.bad(n, "leave it out, or write retries: 3", "there is a time before the first retry, and there are no retries")
		}
	}
	place := n
	if p := o.value["jitter"]; p != nil && s.Jitter > 0 {
		place = p
	}
	ds.d.Schedule = ds.regular(place, s)
}

// regular checks a schedule against itself and against what is expected of the dataset; n is where a jitter stands.
func (ds *dataset) regular(n *node, s kpi.Schedule) kpi.Schedule {
	if s.Cron == "" {
		return kpi.Schedule{}
	}
	spec, err := parseCron(s.Cron)
	if err != nil {
		return kpi.Schedule{} // was reported
	}
	least, most := gaps(spec)
	if s.Jitter >= least && s.Jitter > 0 {
		ds.bad(n, "write a shorter one", "a run may begin %s late, and the next one is due after %s", spoken(s.Jitter), spoken(least))
	}
	if every := ds.d.Expect.Every; every > 0 && most > every+every/20 {
		ds.warn(ds.o.value["schedule"], "run it more often, or expect data less often", "data are expected every %s, and up to %s lie between two runs", spoken(every), spoken(most))
	}
	return s
}

// spoken writes a length of time in its largest whole unit.
func spoken(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if d >= u.unit && d%u.unit == 0 {
			return fmt.Sprintf("%d %s%s", d/u.unit, u.name, either(d == u.unit, "", "s"))
		}
	}
	return strings.TrimSuffix(d.String(), "0s")
}

// gaps returns the shortest and the longest time between two runs in five years, clock changes left aside; 0 if it never runs.
func gaps(s *cron.SpecSchedule) (least, most time.Duration) {
	begin := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	end := begin.AddDate(5, 0, 0)
	first := s.Next(begin.Add(-time.Second))
	last := first
	for t := first; !t.IsZero() && t.Before(end); {
		if d := t.Sub(last); d > 0 {
			most = max(most, d)
			if least == 0 || d < least {
				least = d
			}
		}
		last = t
		day := t.Truncate(24 * time.Hour)
		if t.Sub(first) >= 24*time.Hour { // every day has the runs of the first one: only its first and last matter
			last = day.Add(lastOfDay(s))
			t = s.Next(day.Add(24*time.Hour - time.Second))
			continue
		}
		t = s.Next(t)
	}
	if most == 0 && !first.IsZero() { // once in five years
		return end.Sub(begin), end.Sub(begin)
	}
	return least, most
}

// lastOfDay returns the time of the last run on a day that has any.
func lastOfDay(s *cron.SpecSchedule) time.Duration {
	top := func(bits uint64, from int) int {
		for i := from; i > 0; i-- {
			if bits&(1<<i) != 0 {
				return i
			}
		}
		return 0
	}
	return time.Duration(top(s.Hour, 23))*time.Hour + time.Duration(top(s.Minute, 59))*time.Minute
}

var (
	clockTime  = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])$`)
	looseTime  = regexp.MustCompile(`^([0-9]{1,2})[:.h]([0-5][0-9])$`)
	minutePast = regexp.MustCompile(`^:([0-5][0-9])$`)
	monthDay   = regexp.MustCompile(`^([0-9]{2})-([0-9]{2})$`)
)

// whenExamples are the ways of saying when, the first word of each in front.
func whenExamples() []string {
	return []string{"every 15 minutes", "hourly :20", "daily 05:30", "weekdays 06:00", "weekly Monday 05:30", "monthly 1 06:00", "quarterly 2 06:00", "yearly 07-01 06:00"}
}

// when reads the words of a schedule and returns them as five fields of cron; "" if it has reported why it cannot.
func (ds *dataset) when(n *node) string {
	fields := strings.Fields(n.text)
	if len(fields) == 0 {
		ds.bad(n, "write it as daily 05:30", "the schedule is empty")
		return ""
	}
	w := &timing{ds: ds, n: n, args: fields[1:]}
	want := map[string]int{"every": 2, "hourly": 1, "daily": 1, "weekdays": 1, "weekly": 2, "monthly": 2, "quarterly": 2, "yearly": 2}
	count, known := want[fields[0]]
	example := ""
	for _, e := range whenExamples() {
		if strings.HasPrefix(e, fields[0]+" ") {
			example = e
		}
	}
	switch {
	case !known:
		ds.bad(n, whenMend(fields), "%s is no schedule", short(n.text))
		return ""
	case fields[0] == "every" && len(fields) == 2:
		ds.bad(n, everyMend(fields[1]), "%s is no schedule", short(n.text))
		return ""
	case len(w.args) != count && (fields[0] != "hourly" || len(w.args) != 0):
		ds.bad(n, "write it as "+example, "%s is no schedule", short(n.text))
		return ""
	}
	c := w.cron(fields[0])
	if w.failed {
		return ""
	}
	return c
}

// whenMend offers a schedule for words that are none.
func whenMend(fields []string) string {
	if len(fields) == 5 {
		if _, err := parseCron(strings.Join(fields, " ")); err == nil {
			return fmt.Sprintf("write {cron: %q}", strings.Join(fields, " "))
		}
	}
	var first []string
	for _, e := range whenExamples() {
		first = append(first, strings.Fields(e)[0])
	}
	if best := nearest(fields[0], first); best != "" {
		return "write it as " + whenExamples()[slices.Index(first, best)]
	}
	return "write it as " + strings.Join(whenExamples(), ", ") + `, or as {cron: "30 5 * * 1-5"}`
}

// everyMend offers a schedule for "every day" and the like.
func everyMend(unit string) string {
	first := map[string]string{"hour": "hourly", "day": "daily", "weekday": "weekdays", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}[unit]
	for _, e := range whenExamples() {
		if first != "" && strings.HasPrefix(e, first+" ") {
			return "write it as " + e
		}
	}
	return "write it as every 15 minutes"
}

// timing reads the words behind the first one of a schedule.
type timing struct {
	ds     *dataset
	n      *node
	args   []string
	failed bool
}

func (w *timing) bad(mend, format string, args ...any) {
	w.ds.bad(w.n, mend, format, args...)
	w.failed = true
}

func (w *timing) cron(word string) string {
	switch word {
	case "every":
		return w.every()
	case "hourly":
		return w.hourly()
	case "daily":
		return w.clock(0) + " * * *"
	case "weekdays":
		return w.clock(0) + " * * 1-5"
	case "weekly":
		return w.clock(1) + " * * " + w.weekday()
	case "monthly":
		return w.clock(1) + " " + w.dayOfMonth() + " * *"
	case "quarterly":
		return w.clock(1) + " " + w.dayOfMonth() + " 1,4,7,10 *"
	}
	return w.clock(1) + " " + w.dayOfYear() + " *"
}

// clock reads a time of day as the minute and hour of cron.
func (w *timing) clock(arg int) string {
	s := w.args[arg]
	if m := clockTime.FindStringSubmatch(s); m != nil {
		return trimZero(m[2]) + " " + trimZero(m[1])
	}
	mend := "write hours and minutes of a day of 24 hours, such as 05:30"
	if m := looseTime.FindStringSubmatch(s); m != nil && len(m[1]) == 1 {
		mend = "write 0" + m[1] + ":" + m[2]
	}
	w.bad(mend, "%s is no time of day", short(s))
	return "0 0"
}

func trimZero(s string) string {
	if len(s) == 2 && s[0] == '0' {
		return s[1:]
	}
	return s
}

func (w *timing) hourly() string {
	if len(w.args) == 0 {
		return "0 * * * *"
	}
	m := minutePast.FindStringSubmatch(w.args[0])
	if m == nil {
		w.bad("write the minutes past the hour, such as hourly :20", "%s are no minutes past the hour", short(w.args[0]))
		return ""
	}
	return trimZero(m[1]) + " * * * *"
}

// every reads a number of minutes that divides an hour or of hours that divides a day: with others the last run of an hour or day and
// the first of the next would lie closer than the rest.
func (w *timing) every() string {
	count, err := strconv.Atoi(w.args[0])
	minutes, hours := []int{5, 10, 15, 20, 30}, []int{2, 3, 4, 6, 8, 12}
	switch unit := strings.TrimSuffix(w.args[1], "s"); {
	case unit == "minute" && err == nil && slices.Contains(minutes, count):
		return fmt.Sprintf("*/%d * * * *", count)
	case unit == "hour" && err == nil && slices.Contains(hours, count):
		return fmt.Sprintf("0 */%d * * *", count)
	case unit == "minute" && count == 60, unit == "hour" && count == 1:
		w.bad("write hourly, or hourly :20", "%s is no schedule", short(w.n.text))
	case unit == "hour" && count == 24, unit == "day" && count == 1:
		w.bad("write daily 05:30", "%s is no schedule", short(w.n.text))
	default:
		w.bad("write every 5, 10, 15, 20 or 30 minutes, or every 2, 3, 4, 6, 8 or 12 hours", "%s is no schedule", short(w.n.text))
	}
	return ""
}

func (w *timing) weekday() string {
	names := make([]string, 7)
	for d := range names {
		names[d] = time.Weekday(d).String()
	}
	for d, name := range names {
		if w.args[0] == name {
			return strconv.Itoa(d)
		}
	}
	w.bad(suggest(w.args[0], names, "the days are"), "there is no day of the week %s", short(w.args[0]))
	return "0"
}

// dayOfMonth reads a day that every month has.
func (w *timing) dayOfMonth() string {
	if day, err := strconv.Atoi(w.args[0]); err == nil && day >= 1 && day <= 28 {
		return strconv.Itoa(day)
	}
	w.bad("write a day from 1 to 28, such as 1", "%s is no day that every month has", short(w.args[0]))
	return "1"
}

// dayOfYear reads a day that every year has, as the day and month of cron.
func (w *timing) dayOfYear() string {
	if m := monthDay.FindStringSubmatch(w.args[0]); m != nil {
		if t, err := time.Parse("2006-01-02", "2023-"+w.args[0]); err == nil { // not a leap year
			return fmt.Sprintf("%d %d", t.Day(), t.Month())
		}
	}
	w.bad("write month and day, such as 07-01", "%s is no day that every year has", short(w.args[0]))
	return "1 1"
}

// parseCron reads the five fields of cron.
func parseCron(s string) (*cron.SpecSchedule, error) {
	if strings.Contains(s, "=") || strings.HasPrefix(s, "@") {
		return nil, fmt.Errorf("%q is no schedule of five fields", s)
	}
	spec, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(s)
	if err != nil {
		return nil, err
	}
	plain, ok := spec.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("%q is no schedule of five fields", s)
	}
	return plain, nil
}

// cron reads the five fields of cron; "" if it has reported what is wrong with them.
func (ds *dataset) cron(n *node) string {
	fields := strings.Fields(n.text)
	names := []string{"minute", "hour", "day of the month", "month", "day of the week"}
	ranges := []string{"0 to 59", "0 to 23", "1 to 31", "1 to 12", "0 to 6, from Sunday"}
	if len(fields) != len(names) || strings.Contains(n.text, "=") {
		ds.bad(n, "write minute, hour, day of the month, month and day of the week, such as "+scheduleShape.line("cron"), "a cron schedule has five fields, and %s has %d", short(n.text), len(fields))
		return ""
	}
	for i, f := range fields {
		alone := slices.Repeat([]string{"*"}, len(names))
		alone[i] = f
		if _, err := parseCron(strings.Join(alone, " ")); err != nil {
			ds.add(SeverityError, n.at(fieldAt(n.text, i)), fmt.Sprintf("the field for the %s cannot be %s", names[i], short(f)), "write *, or numbers from "+ranges[i]+", with -, / and commas")
			return ""
		}
	}
	all := strings.Join(fields, " ")
	spec, err := parseCron(all)
	if err != nil || spec.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		ds.bad(n, "name a day that there is", "the time of the cron schedule %s never comes", short(all))
		return ""
	}
	if !strings.HasPrefix(fields[2], "*") && !strings.HasPrefix(fields[4], "*") && fields[2] != "?" && fields[4] != "?" {
		ds.warn(n, "write * for one of the two if both are meant to hold", "with a day of the month and a day of the week, cron runs on both")
	}
	return all
}

// fieldAt returns the offset of a field of a text, 0 for the first one.
func fieldAt(text string, i int) int {
	at := 0
	for ; ; i-- {
		at += len(text[at:]) - len(strings.TrimLeftFunc(text[at:], unicode.IsSpace))
		if i == 0 {
			return at
		}
		at += len(text[at:]) - len(strings.TrimLeftFunc(text[at:], func(r rune) bool { return !unicode.IsSpace(r) }))
	}
}
