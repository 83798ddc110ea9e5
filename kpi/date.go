package kpi

import (
	"fmt"
	"time"
)

// Date is a day of the Gregorian calendar, without a time zone. The zero Date is no day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// NewDate returns the day, normalised as time.Date does (31 June is 1 July).
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf returns the day of t in t's own location.
func DateOf(t time.Time) Date { y, m, d := t.Date(); return Date{y, m, d} }

// ParseDate reads a day written as 2006-01-02.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date; write it as 2026-06-30", s)
	}
	return DateOf(t), nil
}

// IsZero reports whether d is no day.
func (d Date) IsZero() bool { return d == Date{} }

// String returns the day as 2006-01-02, and "" for no day.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// In returns the first instant of the day in loc: midnight, the first of two where clocks are set back over midnight, the instant at
// which the day begins where it has no midnight. A day that was skipped there begins, and ends, with the next one.
func (d Date) In(loc *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
	if loc == time.UTC {
		return t
	}
	if since, _ := t.ZoneBounds(); DateOf(t) == d && (since.IsZero() || t.Sub(since) >= 24*time.Hour) {
		return t // no clock was changed around this midnight
	}
	return d.search(loc)
}

// search finds the first instant of the day among the stretches between clock changes that lie around it.
func (d Date) search(loc *time.Location) time.Time {
	const around = 48 * time.Hour // no zone is further from UTC, nor does any change its clocks by more than a day
	midnight := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	var next time.Time // the first instant that is later than the day, should the day not exist
	for t := midnight.Add(-around).In(loc); t.Before(midnight.Add(around)); {
		_, offset := t.Zone()
		since, until := t.ZoneBounds()
		if until.IsZero() {
			until = midnight.Add(around)
		}
		begin := midnight.Add(-time.Duration(offset) * time.Second)
		if first := later(begin, since); first.Before(until) && first.Before(begin.Add(24*time.Hour)) {
			return first.In(loc)
		}
		if first := later(begin.Add(24*time.Hour), since); next.IsZero() && first.Before(until) {
			next = first
		}
		t = until.In(loc)
	}
	return next.In(loc)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// EndIn returns the first instant after the day in loc.
func (d Date) EndIn(loc *time.Location) time.Time { return d.AddDays(1).In(loc) }

// AddDays returns the day n days later.
func (d Date) AddDays(n int) Date { return NewDate(d.Year, d.Month, d.Day+n) }

// AddMonths returns the same day n months later, or the last day of that month if it has no such day.
func (d Date) AddMonths(n int) Date {
	first := NewDate(d.Year, d.Month+time.Month(n), 1)
	last := NewDate(first.Year, first.Month+1, 0).Day
	return Date{first.Year, first.Month, min(d.Day, last)}
}

// Sub returns the number of days from e to d: positive when d is later.
func (d Date) Sub(e Date) int {
	return int(d.In(time.UTC).Sub(e.In(time.UTC)) / (24 * time.Hour))
}

// Compare returns -1, 0 or 1 as d is before, the same as or after e.
func (d Date) Compare(e Date) int { return d.In(time.UTC).Compare(e.In(time.UTC)) }

// Before reports whether d is before e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d is after e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.In(time.UTC).Weekday() }

// MarshalText writes the day as 2006-01-02, and nothing for no day.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	var err error
	*d, err = ParseDate(string(b))
	return err
}
