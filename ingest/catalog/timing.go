package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

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
