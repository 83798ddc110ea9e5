package kpi

import (
	"math"
	"slices"
	"time"
)

// AddsUp reports whether the indicator's values add up in a year, and its targets are for the year's total.
func (i *Indicator) AddsUp() bool {
	return i.AddsUpIn == Year || i.AddsUpIn == FiscalYear
}

// yearOf returns the first day of the year, as [Indicator.AddsUpFrom] begins it, in which a day lies.
func (i *Indicator) yearOf(d Date) Date {
	first := Date{d.Year, max(i.AddsUpFrom, time.January), 1}
	if d.Before(first) {
		first.Year--
	}
	return first
}

// ToDate is a year's total until the end of one of its periods.
type ToDate struct {
	Year  Period  // calendar or fiscal year
	Since Period  // the first period of the year
	Until Period  // the last one that was added
	Total float64 // Σ values
	Known bool    // every period of the year until then has a value
	Rows  int64
	Left  map[string]int64 // rows excluded
}

// YearToDate adds up the periods of a year until the end of one of them, in whose year they lie. A period that is not there counts as
// having no value, so the total is not known. series is by period, one point each. A week that lies in two years belongs to that of its last day.
func (i *Indicator) YearToDate(c Calendar, series []SeriesPoint, until Period) (ToDate, error) {
	year, err := c.Period(i.AddsUpIn, until.Last)
	if err != nil {
		return ToDate{}, err
	}
	periods, err := c.Periods(until.Kind, year.First, until.Last)
	if err != nil {
		return ToDate{}, err
	}
	d := ToDate{Year: year, Since: until, Until: until, Known: len(periods) > 0}
	at := 0
	for k, p := range periods {
		if k == 0 {
			d.Since = p
		}
		for at < len(series) && series[at].Period.Last.Before(p.Last) {
			at++
		}
		if at == len(series) || series[at].Period.Last != p.Last || !series[at].hasValue() {
			d.Known = false
			continue
		}
		d.add(series[at].Observation)
	}
	return d, nil
}

func (d *ToDate) add(o Observation) {
	d.Total += *o.Value
	d.Rows += o.Rows
	for reason, n := range o.Excluded {
		if d.Left == nil {
			d.Left = map[string]int64{}
		}
		d.Left[reason] += n
	}
}

// Phasing is how the way of a year's total to its target is divided among its days.
const (
	PhasingFlat     = "flat"     // every day brings the same
	PhasingSeasonal = "seasonal" // as in the years before
)

// Phasings lists the ways.
var Phasings = []string{PhasingFlat, PhasingSeasonal}

// ExpectedToDate returns what the year's total should be at the end of a period of it, and by which phasing; false where nothing says. A
// seasonal trajectory goes as the complete years before did, all together: T · Σ first n parts / Σ all parts; without one such year it is flat.
// A flat one is straight from nothing before the first day through the points on the way to the target, so that 92 of 365 days bring 92/365 of it.
func (i *Indicator) ExpectedToDate(c Calendar, series []SeriesPoint, d ToDate) (expected float64, phasing string, ok bool) {
	t := i.targetOfYear(d.Year, d.Until.Last)
	if t == nil || i.Direction == Range {
		return 0, "", false
	}
	if i.Trajectory == TrajectorySeasonal {
		if e, ok := i.seasonal(c, series, d, t.Value); ok {
			return e, PhasingSeasonal, true
		}
	}
	path := []waypoint{{d.Year.First.AddDays(-1), 0, true}}
	for _, w := range i.TargetsInForce(d.Until.Last) {
		if i.yearOf(w.By) == i.yearOf(d.Year.Last) && w.By.Before(t.By) && i.Trajectory != TrajectorySeasonal {
			path = append(path, waypoint{w.By, w.Value, false})
		}
	}
	path = append(path, waypoint{t.By, t.Value, false})
	path = slices.CompactFunc(path, func(a, b waypoint) bool { return a.day == b.day })
	day := d.Until.Last
	if i.lastOfYear(c, d.Until) {
		day = d.Year.Last // a year of weeks ends with the last one that ends in it
	}
	e, ok := along(path, day, false)
	return e, PhasingFlat, ok
}

// targetOfYear returns the target that a year goes to, as it stood at the end of a day: what was changed later changes nothing that was expected
// before.
func (i *Indicator) targetOfYear(year Period, day Date) *Target {
	targets := i.targetsOfYear(year.Last, day)
	if k := governing(targets, year); k >= 0 && len(targets) > 0 {
		return &targets[k]
	}
	return nil
}

// targetsOfYear returns the targets of the year in which a day lies, as they stood at the end of another day.
func (i *Indicator) targetsOfYear(in, day Date) []Target {
	return slices.DeleteFunc(i.TargetsInForce(day), func(t Target) bool { return i.yearOf(t.By) != i.yearOf(in) })
}

// over reports whether a target's date has come at the end of a period of its year.
func (i *Indicator) over(c Calendar, until Period, t Target) bool {
	return !until.Last.Before(t.By) || i.lastOfYear(c, until)
}

// lastOfYear reports whether no later period belongs to the year of one: a week belongs to that of its last day.
func (i *Indicator) lastOfYear(c Calendar, p Period) bool {
	return i.yearOf(c.Next(p).Last) != i.yearOf(p.Last)
}

// seasonal phases a target as the complete years before went, by the number of the period in its year.
func (i *Indicator) seasonal(c Calendar, series []SeriesPoint, d ToDate, target float64) (float64, bool) {
	n := 0
	for p := d.Since; !p.Last.After(d.Until.Last); p = c.Next(p) {
		n++
	}
	var parts []float64
	for last := d.Year.First.AddDays(-1); ; {
		year, err := c.Period(i.AddsUpIn, last)
		if err != nil {
			return 0, false
		}
		values, ok := i.partsOf(c, series, year)
		if !ok {
			break
		}
		for k, v := range values {
			if k == len(parts) {
				parts = append(parts, 0)
			}
			parts[k] += v
		}
		last = year.First.AddDays(-1)
	}
	return SeasonalPhasing(target, parts, n)
}

// partsOf returns the values of all periods that end in a year; false if one is missing.
func (i *Indicator) partsOf(c Calendar, series []SeriesPoint, year Period) ([]float64, bool) {
	last, err := c.Period(i.Period, year.Last)
	if err == nil && last.Last.After(year.Last) {
		last, err = c.Period(i.Period, last.First.AddDays(-1))
	}
	if err != nil {
		return nil, false
	}
	d, err := i.YearToDate(c, series, last)
	if err != nil || !d.Known {
		return nil, false
	}
	var parts []float64
	for _, p := range series {
		if !p.Period.Last.Before(year.First) && !p.Period.Last.After(year.Last) {
			parts = append(parts, *p.Observation.Value)
		}
	}
	return parts, true
}

// judgeYear decides the status of what adds up: the year's total so far beside the part of the target that should be there by now.
//
// Where more is better the pace is total / expected; where less is better it is expected / total, for a total over what was allowed so far
// is behind in the same measure. A count that has reached its target cannot lose it; any other total is achieved when its year is over.
func (a *Assessment) judgeYear(in AssessInput, series []SeriesPoint, judged SeriesPoint) {
	d, ok := a.toDate(in, series, judged)
	if !ok {
		a.decide(NoData, RuleYearUnknown)
		return
	}
	a.due(in, series, d)
	a.judgeTotal(in.Indicator, d.Total, in.Indicator.over(in.Calendar, judged.Period, *a.Target))
}

// toDate sets the year's total until the judged period. It reports false where that is not known.
func (a *Assessment) toDate(in AssessInput, series []SeriesPoint, judged SeriesPoint) (ToDate, bool) {
	d, err := in.Indicator.YearToDate(in.Calendar, series, judged.Period)
	if err != nil || !d.Known || !usable(d.Total) {
		return d, false
	}
	a.Judged, a.Since = &d.Total, d.Since.ID
	a.Rows, a.Excluded = d.Rows, d.Left
	return d, true
}

// due sets what should be there of the year's total by now.
func (a *Assessment) due(in AssessInput, series []SeriesPoint, d ToDate) {
	if e, phasing, ok := in.Indicator.ExpectedToDate(in.Calendar, series, d); ok && usable(e) {
		gap := d.Total - e
		a.Expected, a.Gap, a.Phasing = &e, &gap, phasing
	}
}

// judgeTotal decides by the year's total; over says that its target's date has come.
func (a *Assessment) judgeTotal(i *Indicator, total float64, over bool) {
	t := *a.Target
	a.Met = meets(i.Direction, t, total)
	if p, ok := Covered(0, t.Value, total); ok && i.Direction != Range {
		a.Progress = &p
	}
	direction := i.Direction
	if expected := a.Expected; expected != nil {
		total, due := total, *expected
		if t.Value < 0 { // as much below nothing as it asks for is as much of the opposite: at least −100 is a loss of at most 100
			direction, total, due = direction.opposite(), -total, -due
		}
		a.Pace = yearPace(direction, total, due)
	}
	kept := over && t.Kind != TargetInterim
	switch {
	case a.Met && (kept || i.Direction == Up && i.Measure.Kind == MeasureCount && t.Kind != TargetInterim):
		a.decide(Achieved, RuleYearMet)
	case direction == Down && !a.Met, direction == Range && t.beyond(total) && !a.Met:
		a.decide(WellBehind, RuleYearExceeded)
	case direction == Range && a.Met, direction == Up && a.Met:
		a.decide(OnTrack, RuleMet)
	case direction == Range && !over:
		a.decide(OnTrack, RuleYearPace) // it has not left the range, and can still come into it
	case a.Pace != nil:
		a.decide(a.Bands.status(*a.Pace), RuleYearPace)
	default:
		a.decide(WellBehind, RuleDistance)
	}
}

// beyond reports whether a total that began at nothing has passed the far end of a range.
func (t Target) beyond(total float64) bool {
	if t.High < 0 {
		return total < t.Low
	}
	return total > t.High
}

// opposite is the direction of the value with the other sign.
func (d Direction) opposite() Direction {
	switch d {
	case Up:
		return Down
	case Down:
		return Up
	}
	return d
}

// meets reports whether a total keeps its target, with the tolerance of all decisions.
func meets(d Direction, t Target, total float64) bool {
	slack := func(v float64) float64 { return tolerance * math.Max(math.Abs(v), math.Abs(total)) }
	switch d {
	case Down:
		return total <= t.Value+slack(t.Value)
	case Range:
		return total >= t.Low-slack(t.Low) && total <= t.High+slack(t.High)
	}
	return total >= t.Value-slack(t.Value)
}

// yearPace is how a total stands to what is expected, 1 where it is as it should be; nil where they cannot be compared.
func yearPace(d Direction, total, expected float64) *float64 {
	if d == Down {
		total, expected = expected, total
		if near(expected, 0) || expected <= 0 { // nothing was used of what might have been
			pace := 1.0
			return &pace
		}
	}
	if expected <= 0 || total < 0 {
		return nil
	}
	pace := total / expected
	if !usable(pace) {
		return nil
	}
	return &pace
}
