package kpi

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// PeriodKind is the length of the periods of an indicator.
type PeriodKind string

// The kinds of period.
const (
	Day           PeriodKind = "day"
	Week          PeriodKind = "week" // ISO 8601, Monday to Sunday
	Month         PeriodKind = "month"
	Quarter       PeriodKind = "quarter"
	Year          PeriodKind = "year"
	FiscalQuarter PeriodKind = "fiscal_quarter"
	FiscalYear    PeriodKind = "fiscal_year"
)

// PeriodKinds lists the kinds, shortest first.
var PeriodKinds = []PeriodKind{Day, Week, Month, Quarter, FiscalQuarter, Year, FiscalYear}

// PeriodTotal is the id that an observation over all periods carries in place of a period's id.
const PeriodTotal = "total"

// Period is a stretch of days that an observation is for. From and To are the half-open instants [From, To) in UTC of the days
// First to Last (both included) in the city's time zone.
type Period struct {
	ID    string     `json:"id"`
	Kind  PeriodKind `json:"kind"`
	First Date       `json:"first"`
	Last  Date       `json:"last"`
	From  time.Time  `json:"from"`
	To    time.Time  `json:"to"`
}

// Days returns the number of days of the period, both ends included.
func (p Period) Days() int { return p.Last.Sub(p.First) + 1 }

// Calendar makes periods. It is the only place in which a calendar is computed; SQL joins on the periods that it made.
type Calendar struct {
	Location    *time.Location
	FiscalStart time.Month // the first month of the fiscal year; January if zero
}

// Period returns the period of the kind in which the day lies.
func (c Calendar) Period(kind PeriodKind, d Date) (Period, error) {
	var first, last Date
	var id string
	fs := max(c.FiscalStart, time.January)
	switch kind {
	case Day:
		first, last, id = d, d, d.String()
	case Week:
		back := (int(d.Weekday()) + 6) % 7
		first = d.AddDays(-back)
		last = first.AddDays(6)
		y, w := first.In(time.UTC).ISOWeek()
		id = fmt.Sprintf("%04d-W%02d", y, w)
	case Month:
		first = Date{d.Year, d.Month, 1}
		last = first.AddMonths(1).AddDays(-1)
		id = fmt.Sprintf("%04d-%02d", d.Year, d.Month)
	case Quarter:
		q := (int(d.Month) - 1) / 3
		first = Date{d.Year, time.Month(q*3 + 1), 1}
		last = first.AddMonths(3).AddDays(-1)
		id = fmt.Sprintf("%04d-Q%d", d.Year, q+1)
	case Year:
		first, last = Date{d.Year, 1, 1}, Date{d.Year, 12, 31}
		id = fmt.Sprintf("%04d", d.Year)
	case FiscalQuarter, FiscalYear:
		start := Date{d.Year, fs, 1}
		if d.Before(start) {
			start.Year--
		}
		name := start.AddMonths(12).AddDays(-1).Year
		if kind == FiscalYear {
			first, last = start, start.AddMonths(12).AddDays(-1)
			id = fmt.Sprintf("FY%04d", name)
			break
		}
		q := ((d.Year-start.Year)*12 + int(d.Month) - int(start.Month)) / 3
		first = start.AddMonths(3 * q)
		last = first.AddMonths(3).AddDays(-1)
		id = fmt.Sprintf("FY%04d-Q%d", name, q+1)
	default:
		return Period{}, fmt.Errorf("there is no period %q; use one of %v", kind, PeriodKinds)
	}
	loc := c.Location
	if loc == nil {
		loc = time.UTC
	}
	return Period{ID: id, Kind: kind, First: first, Last: last, From: first.In(loc).UTC(), To: last.EndIn(loc).UTC()}, nil
}

// Next returns the period of the same kind after p.
func (c Calendar) Next(p Period) Period {
	next, _ := c.Period(p.Kind, p.Last.AddDays(1)) // the kind of a Period is a kind
	return next
}

// Periods returns the periods of a kind from the one that holds first to the one that holds last. It is empty when last is before
// first.
func (c Calendar) Periods(kind PeriodKind, first, last Date) ([]Period, error) {
	p, err := c.Period(kind, first)
	if err != nil {
		return nil, err
	}
	var list []Period
	for ; !p.First.After(last); p = c.Next(p) {
		list = append(list, p)
	}
	return list, nil
}

var periodIDs = regexp.MustCompile(`^(?:(\d{4})-(\d\d)-(\d\d)|(\d{4})-W(\d\d)|(\d{4})-(\d\d)|(\d{4})-Q([1-4])|(\d{4})|FY(\d{4})|FY(\d{4})-Q([1-4]))$`)

// Parse returns the period with the id.
func (c Calendar) Parse(id string) (Period, error) {
	m := periodIDs.FindStringSubmatch(id)
	if m == nil {
		return Period{}, fmt.Errorf("%q is no period; write 2015-06-30, 2015-W23, 2015-06, 2015-Q2, 2015, FY2016 or FY2016-Q1", id)
	}
	n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v } // the pattern lets digits only
	fs := max(c.FiscalStart, time.January)
	fiscal := func(name int) Date {
		if fs == time.January {
			return Date{name, fs, 1}
		}
		return Date{name - 1, fs, 1}
	}
	var kind PeriodKind
	var d Date
	switch {
	case m[1] != "":
		kind, d = Day, NewDate(n(1), time.Month(n(2)), n(3))
	case m[4] != "":
		// 4 January is always in week 1.
		kind, d = Week, NewDate(n(4), 1, 4).AddDays(7*(n(5)-1))
	case m[6] != "":
		kind, d = Month, NewDate(n(6), time.Month(n(7)), 1)
	case m[8] != "":
		kind, d = Quarter, NewDate(n(8), time.Month(n(9)*3), 1)
	case m[10] != "":
		kind, d = Year, Date{n(10), 1, 1}
	case m[11] != "":
		kind, d = FiscalYear, fiscal(n(11))
	default:
		kind, d = FiscalQuarter, fiscal(n(12)).AddMonths(3*(n(13)-1))
	}
	p, err := c.Period(kind, d)
	if err == nil && p.ID != id {
		err = fmt.Errorf("%q is no period: there is no such day, week or month", id)
	}
	return p, err
}
