package catalog

import (
	"strings"
	"time"

	"citystat/kpi"
)

// readAddsUp reads the year in which a flow adds up.
func (ds *dataset) readAddsUp(o object, i *kpi.Indicator) {
	year := oneOf(o, "adds_up_in", optional, "", []kpi.PeriodKind{kpi.FiscalYear, kpi.Year})
	key, n := o.key["adds_up_in"], o.value["adds_up_in"]
	switch {
	case year == "" || i.Measure.Kind == "": // not there, or reported
	case !i.Measure.Flow():
		ds.bad(key, "leave it out", "count and sum add up in a year, and %s does not", i.Measure.Kind)
	case i.Period == kpi.Year || i.Period == kpi.FiscalYear:
		ds.bad(n, "write period: month, or leave adds_up_in out", "the indicator has one value a %s, and nothing that adds up in a %s", plainWords(i.Period), plainWords(year))
	case i.Period == kpi.Quarter && year == kpi.FiscalYear && !ds.quartersFit(), i.Period == kpi.FiscalQuarter && year == kpi.Year && !ds.quartersFit():
		ds.bad(n, "write period: month", "the fiscal year begins in %s, so that a %s goes on over the end of a %s", ds.calendar.FiscalStart, plainWords(i.Period), plainWords(year))
	default:
		i.AddsUpIn = year
	}
}

// quartersFit reports whether every quarter of the calendar is one of the fiscal year, whose beginning is perhaps not known.
func (ds *dataset) quartersFit() bool {
	return ds.calendar == nil || (ds.calendar.FiscalStart-time.January)%3 == 0
}

// plainWords writes a word of the folder as words.
func plainWords[T ~string](word T) string { return strings.ReplaceAll(string(word), "_", " ") }

// readTrajectory reads the way to the targets.
func (ds *dataset) readTrajectory(o object, i *kpi.Indicator) {
	i.Trajectory = oneOf(o, "trajectory", optional, kpi.TrajectoryLinear, kpi.Trajectories)
	n := o.value["trajectory"]
	said := o.value["adds_up_in"] != nil || o.misspelt("adds_up_in")
	switch {
	case i.Trajectory == kpi.TrajectorySeasonal && !said:
		ds.bad(n, "add adds_up_in: fiscal_year, or write linear", "a year goes like those before where its months add up, and nothing says that they do")
	case i.AddsUpIn != "" && i.Trajectory != kpi.TrajectoryLinear && i.Trajectory != kpi.TrajectorySeasonal:
		ds.bad(n, "write linear for as much each day, or seasonal for as much as in the years before", "what adds up in a %s goes to its total linear or seasonal, not %s", plainWords(i.AddsUpIn), i.Trajectory)
	}
}

// needlessBaseline reports a baseline of what adds up in a year, which begins at nothing each year. Only a method that compares with a year
// long ago takes its year from it.
func (ds *dataset) needlessBaseline(o object, i *kpi.Indicator) bool {
	key := o.key["baseline"]
	if key == nil || i.AddsUpIn == "" || i.Judge.By == kpi.MethodOpenSDG && i.Judge.Since == 0 {
		return false
	}
	ds.bad(key, "leave it out", "the baseline has no effect: what adds up in a %s begins each one at nothing", plainWords(i.AddsUpIn))
	return true
}

// wholeYear checks that the target of a year is for its last day.
func (ds *dataset) wholeYear(by *node, t kpi.Target, i *kpi.Indicator) {
	if i.AddsUpIn == "" || t.Kind != kpi.TargetAnnual || ds.calendar == nil {
		return
	}
	year, err := ds.calendar.Period(i.AddsUpIn, t.By)
	if err != nil || t.By == year.Last {
		return
	}
	ds.bad(by, "write by: "+nearestEnd(year, t.By).String()+", or kind: interim for what should be there by then", "an annual target is for the total of a %s, and none ends on %s", plainWords(i.AddsUpIn), t.By)
}

// nearestEnd returns the last day of the period or of the one before, whichever is nearer to a day within it.
func nearestEnd(p kpi.Period, day kpi.Date) kpi.Date {
	before := p.First.AddDays(-1)
	if day.Sub(before) < p.Last.Sub(day) && before.Year > 0 {
		return before
	}
	return p.Last
}
