package i18n

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"citystat/kpi"
)

// SourceKind returns the words for a kind of source.
func (p *Printer) SourceKind(k kpi.SourceKind) string {
	if p.bundle.Has("source." + k) {
		return p.T("source." + k)
	}
	return p.T("source.other", "code", k)
}

// Trigger returns what set a run off.
func (p *Printer) Trigger(t kpi.Trigger) string {
	if p.bundle.Has("trigger." + string(t)) {
		return p.T("trigger." + string(t))
	}
	return p.T("staff.not_recorded")
}

// RejectMend returns what can be done about rows that were refused for a reason.
func (p *Printer) RejectMend(code string) string {
	if p.bundle.Has("reject.mend." + code) {
		return p.T("reject.mend." + code)
	}
	return p.T("reject.mend.other")
}

// Span returns a span of time in the largest unit in which it is at least one and a half: 40 seconds, 12 minutes, 3 days. Seconds below
// ten have a decimal.
func (p *Printer) Span(d time.Duration) string {
	d = max(d, 0)
	for _, u := range []struct {
		id string
		of time.Duration
	}{{"unit.days", 24 * time.Hour}, {"unit.hours", time.Hour}, {"unit.minutes", time.Minute}} {
		if d >= u.of*3/2 || d == u.of {
			return p.counted(u.id, float64(d)/float64(u.of), 0, "")
		}
	}
	decimals := 0
	if d < 10*time.Second {
		decimals = 1
	}
	return p.counted("unit.seconds", d.Seconds(), decimals, "")
}

// Bytes returns a size with its unit, in steps of a thousand.
func (p *Printer) Bytes(n int64) string {
	for _, u := range []struct {
		id string
		of float64
	}{{"unit.gigabytes", 1e9}, {"unit.megabytes", 1e6}} {
		if v := float64(n) / u.of; v >= 1 {
			return p.T(u.id, "n", p.Number(v, 1))
		}
	}
	return p.T("unit.kilobytes", "n", p.Number(math.Ceil(float64(n)/1e3), 0))
}

// Schedule returns when a dataset is loaded. It is "" for a schedule that cannot be said in a few words: its own text says it then.
func (p *Printer) Schedule(s kpi.Schedule) string {
	if s.IsZero() {
		return p.T("schedule.none")
	}
	f := strings.Fields(s.Cron)
	if len(f) != 5 || f[3] != "*" {
		return ""
	}
	minute, hour, day, weekday := f[0], f[1], f[2], f[4]
	if every, ok := strings.CutPrefix(minute, "*/"); ok && hour == "*" && day == "*" && weekday == "*" {
		n, err := strconv.Atoi(every)
		if err != nil || n < 1 || 60%n != 0 {
			return ""
		}
		return p.T("schedule.interval", "every", p.Span(time.Duration(n)*time.Minute))
	}
	m, ok := digits(minute, 59)
	if !ok {
		return ""
	}
	return p.scheduleAt(m, hour, day, weekday)
}

// scheduleAt says a schedule whose minute is fixed.
func (p *Printer) scheduleAt(minute int, hour, day, weekday string) string {
	if hour == "*" && day == "*" && weekday == "*" {
		return p.T("schedule.hourly", "n", minute)
	}
	h, ok := digits(hour, 23)
	if !ok {
		return ""
	}
	clock := p.Clock(time.Date(2000, time.January, 1, h, minute, 0, 0, time.UTC))
	switch {
	case day == "*" && weekday == "*":
		return p.T("schedule.daily", "time", clock)
	case day == "*":
		if days := p.weekdays(weekday); days != "" {
			return p.T("schedule.weekly", "days", days, "time", clock)
		}
	case weekday == "*":
		if strings.Trim(day, "0123456789,") == "" {
			return p.T("schedule.monthly", "days", strings.Join(strings.Split(day, ","), ", "), "time", clock)
		}
	}
	return ""
}

// weekdays returns the names of the weekdays in a field of cron, Monday first; "" if it cannot be read.
func (p *Printer) weekdays(field string) string {
	var days []int
	for part := range strings.SplitSeq(field, ",") {
		from, to, isRange := strings.Cut(part, "-")
		a, okA := weekday(from)
		b, okB := a, true
		if isRange {
			b, okB = weekday(to)
		}
		if !okA || !okB || a > b {
			return ""
		}
		for d := a; d <= b; d++ {
			days = append(days, d)
		}
	}
	slices.Sort(days)
	var names []string
	for _, d := range slices.Compact(days) {
		names = append(names, p.words.WeekdayWide(time.Weekday(d%7)))
	}
	return p.List(names)
}

// weekday reads a day of the week as cron writes it, as a number from 1 (Monday) to 7.
func weekday(s string) (int, bool) {
	if i := slices.Index([]string{"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"}, strings.ToUpper(s)); i >= 0 {
		return i + 1, true
	}
	n, ok := digits(s, 7)
	if n == 0 {
		n = 7
	}
	return n, ok
}

// digits reads a plain number up to limit.
func digits(s string, limit int) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n <= limit && strings.Trim(s, "0123456789") == ""
}

// Cell returns a text as a cell of a file that somebody may open in a spreadsheet: an apostrophe stands before what would be run as a
// formula. These are OWASP's first characters of CSV injection and their full-width forms, after any spaces.
func Cell(s string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " \u00a0"))
	if s != "" && strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", first) {
		return "'" + s
	}
	return s
}
