package suggest

import (
	"regexp"
	"strings"
	"time"
)

// form is a way in which days or times are written.
type form struct {
	format string // of strptime; empty: ISO 8601, which needs none
	layout string // of package time
	clock  bool   // with a time of day
	zoned  bool   // with its offset from UTC
	short  bool   // with a year of two digits
	order  string // "day" or "month" first, where either is usual
}

var (
	isoDay   = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	isoTime  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?$`)
	fraction = regexp.MustCompile(`:\d{2}[.,]\d`)
	zone     = regexp.MustCompile(`(Z|[+-]\d{2}:\d{2})$`)
)

// forms lists the ways that are known.
func forms() []form {
	days := []form{
		{format: "%Y/%m/%d", layout: "2006/1/2"}, {format: "%Y%m%d", layout: "20060102"}, {format: "%Y.%m.%d", layout: "2006.1.2"},
		{format: "%d/%m/%Y", layout: "2/1/2006", order: "day"}, {format: "%m/%d/%Y", layout: "1/2/2006", order: "month"},
		{format: "%d-%m-%Y", layout: "2-1-2006", order: "day"}, {format: "%m-%d-%Y", layout: "1-2-2006", order: "month"},
		{format: "%d.%m.%Y", layout: "2.1.2006", order: "day"}, {format: "%m.%d.%Y", layout: "1.2.2006", order: "month"},
		{format: "%d/%m/%y", layout: "2/1/06", order: "day", short: true}, {format: "%m/%d/%y", layout: "1/2/06", order: "month", short: true},
		{format: "%d-%m-%y", layout: "2-1-06", order: "day", short: true}, {format: "%m-%d-%y", layout: "1-2-06", order: "month", short: true},
		{format: "%d %b %Y", layout: "2 Jan 2006"}, {format: "%d-%b-%Y", layout: "2-Jan-2006"}, {format: "%b %d, %Y", layout: "Jan 2, 2006"},
		{format: "%d %B %Y", layout: "2 January 2006"}, {format: "%B %d, %Y", layout: "January 2, 2006"}, {format: "%d-%b-%y", layout: "2-Jan-06", short: true},
		{format: "%Y-%m-%d", layout: "2006-01-02"},
	}
	clocks := [][2]string{
		{"%H:%M:%S", "15:04:05"}, {"%H:%M", "15:04"}, {"%I:%M:%S %p", "3:04:05 PM"}, {"%I:%M %p", "3:04 PM"},
	}
	list := days[: len(days)-1 : len(days)-1]
	for _, d := range days {
		for _, c := range clocks {
			f := d
			f.format, f.layout, f.clock = d.format+" "+c[0], d.layout+" "+c[1], true
			list = append(list, f)
		}
	}
	return list
}

// reads reports whether a value is written in this way and is a day that was or will be.
func (f form) reads(v string) bool {
	if f.clock && fraction.MatchString(v) {
		return false
	}
	t, err := time.Parse(f.layout, strings.ToUpper(v))
	return err == nil && usual(t)
}

func usual(t time.Time) bool { return t.Year() >= 1600 && t.Year() <= 2200 }

// readMoments returns the ways in which all values are written, and of the first of them how many values it reads if it does not read all.
func readMoments(values []string) (ways []form, near form, reads int) {
	if f, ok := readISO(values); ok {
		return []form{f}, form{}, 0
	}
	if len(values[0]) > 40 {
		return nil, form{}, 0
	}
	for _, v := range values {
		if _, ok := readISO([]string{v}); ok {
			near, reads = form{format: "%Y-%m-%d, with or without a time"}, reads+1
		}
	}
	for _, f := range forms() {
		n := 0
		for i, v := range values {
			if f.reads(v) {
				n++
			} else if n == 0 && i > 20 {
				break
			}
		}
		if n == len(values) {
			ways = append(ways, f)
		} else if n > reads {
			near, reads = f, n
		}
	}
	return ways, near, reads
}

// readISO reports whether all values are days or times as ISO 8601 writes them.
func readISO(values []string) (form, bool) {
	f := form{clock: isoTime.MatchString(values[0]), zoned: true}
	for _, v := range values {
		day := v[:min(len(v), 10)]
		if f.clock && !isoTime.MatchString(v) || !f.clock && !isoDay.MatchString(v) {
			return f, false
		}
		if t, err := time.Parse(time.DateOnly, day); err != nil || !usual(t) {
			return f, false
		}
		if f.clock && (v[11:13] > "23" || v[14:16] > "59" || len(v) > 18 && v[16] == ':' && v[17:19] > "59") {
			return f, false
		}
		f.zoned = f.zoned && zone.MatchString(v)
	}
	f.zoned = f.zoned && f.clock
	return f, true
}
