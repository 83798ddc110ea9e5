package chart

import (
	"cmp"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// YearToDate returns the figure of what adds up in a year: the running total of the newest year with one, beside what it should be by then,
// the target, the year before, and where the total will probably be at the end. It is nil for what does not add up, and before there is a
// total.
func YearToDate(p *i18n.Printer, id, finding string, city *kpi.City, r *scorecard.Result) *Figure {
	y := newYearToDate(city, r)
	if y == nil {
		return nil
	}
	ind := r.Indicator
	l := Line{Name: p.PeriodShort(y.year), Expected: p.T("chart.expected"), Empty: p.T("chart.empty"), Base: new(float64)}
	before := Extra{Name: p.PeriodShort(y.before), Label: p.PeriodShort(y.before), Style: StyleBefore}
	some := false
	for _, s := range y.slots {
		tick, group := p.PeriodTick(s.period)
		l.Points = append(l.Points, LinePoint{
			Tick: tick, Group: group, Label: p.Period(s.period), Value: s.total, Shown: p.Value(s.total, ind.Unit, ind.Decimals),
			Expected: s.expected, ExpectedAs: p.Value(s.expected, ind.Unit, ind.Decimals), Provisional: s.provisional, Partial: s.partial,
		})
		before.Values, before.Shown = append(before.Values, s.before), append(before.Shown, p.Value(s.before, ind.Unit, ind.Decimals))
		some = some || finite(s.before) != nil
	}
	if some {
		l.Extras = append(l.Extras, before)
	}
	if y.target != nil && ind.Direction != kpi.Neutral {
		l.Target = &Level{y.target.Value, p.T("chart.target", "target", p.Target(y.target, ind))}
		if ind.Direction == kpi.Range {
			l.Target.Value, l.Lower = y.target.High, &Level{Value: y.target.Low}
		}
	}
	if o := r.Assessment.Outlook; o != nil && !o.By.Before(y.year.First) && !o.By.After(y.year.Last) {
		places := make([]kpi.Period, len(y.slots))
		for i := range y.slots {
			places[i] = y.slots[i].period
		}
		if l.Ahead = ahead(p, ind, o, places[len(places)-1]); l.Ahead != nil {
			l.Fan = fan(p, ind, o, places)
		}
	}
	l.Axis = axis(p, ind.Unit, y.most())
	l.clean()
	return NewLine(id, finding, y.caption(p, ind, &l), y.desc(p, ind), y.table(p, ind), l)
}

// yearToDate is a year of what adds up, period by period.
type yearToDate struct {
	year, before kpi.Period
	target       *kpi.Target // of the year
	phasing      string
	slots        []yearSlot
	last         int // the newest slot with a total that is not partial, or else the newest with one
}

// yearSlot is one period of the year, begun or not.
type yearSlot struct {
	period               kpi.Period
	value                *float64 // of the period by itself
	total                *float64
	expected             *float64
	before               *float64 // the total at the same point of the year before
	partial, provisional bool
}

// newYearToDate finds the newest year with a total; nil if there is none.
func newYearToDate(city *kpi.City, r *scorecard.Result) *yearToDate {
	calendar, err := city.Calendar()
	newest := -1
	for i := range r.Series {
		if finite(r.Series[i].ToDate) != nil {
			newest = i
		}
	}
	ind := r.Indicator
	if err != nil || newest < 0 || !ind.AddsUp() {
		return nil
	}
	y := &yearToDate{last: -1}
	y.year, err = calendar.Period(ind.AddsUpIn, r.Series[newest].Period.Last)
	if err != nil {
		return nil
	}
	y.before, _ = calendar.Period(ind.AddsUpIn, y.year.First.AddDays(-1)) // the same kind of period
	y.target = ind.TargetFor(y.year)
	y.fill(calendar, r)
	if y.last < 0 {
		return nil
	}
	return y
}

// fill adds the periods that end in the year, with what the series has for them and for those of the year before.
func (y *yearToDate) fill(c kpi.Calendar, r *scorecard.Result) {
	ind := r.Indicator
	var points []kpi.SeriesPoint
	at := map[string]int{}
	for i, pt := range r.Series {
		points = append(points, kpi.SeriesPoint{Period: pt.Period, Observation: pt.Observation})
		at[pt.Period.ID] = i
	}
	earlier := totals(c, ind, r, y.before)
	periods := ending(c, ind.Period, y.year)
	for n, period := range periods {
		s := yearSlot{period: period}
		if i, ok := at[period.ID]; ok {
			o := r.Series[i].Observation
			s.value, s.total, s.partial, s.provisional = finite(o.Value), finite(r.Series[i].ToDate), o.Partial, o.Provisional
		}
		d := kpi.ToDate{Year: y.year, Since: periods[0], Until: period}
		if e, phasing, ok := ind.ExpectedToDate(c, points, d); ok {
			s.expected, y.phasing = finite(&e), phasing
		}
		if n < len(earlier) {
			s.before = earlier[n]
		}
		if s.total != nil && (y.last < 0 || !s.partial) {
			y.last = n
		}
		y.slots = append(y.slots, s)
	}
}

// ending returns the periods that end in a year.
func ending(c kpi.Calendar, kind kpi.PeriodKind, year kpi.Period) []kpi.Period {
	list, err := c.Periods(kind, year.First, year.Last)
	if err != nil {
		return nil
	}
	if n := len(list); n > 0 && list[n-1].Last.After(year.Last) {
		list = list[:n-1] // a week belongs to the year of its last day
	}
	return list
}

// totals returns the running totals of a year, nil where there is none.
func totals(c kpi.Calendar, ind *kpi.Indicator, r *scorecard.Result, year kpi.Period) []*float64 {
	var list []*float64
	for _, period := range ending(c, ind.Period, year) {
		var v *float64
		for i := range r.Series {
			if r.Series[i].Period.ID == period.ID {
				v = finite(r.Series[i].ToDate)
			}
		}
		list = append(list, v)
	}
	return list
}

// most is the largest amount of the figure.
func (y *yearToDate) most() float64 {
	most := 0.0
	for _, s := range y.slots {
		for _, v := range []*float64{s.total, s.before, s.expected} {
			if v != nil {
				most = max(most, *v, -*v)
			}
		}
	}
	return most
}

func (y *yearToDate) caption(p *i18n.Printer, ind *kpi.Indicator, l *Line) string {
	list := []string{p.T("chart.caption." + string(ind.Period)), p.T("chart.caption.to_date")}
	say := func(when bool, id string) {
		if when {
			list = append(list, p.T("chart.caption."+id))
		}
	}
	partial := false
	for i, pt := range l.Points {
		partial = partial || pt.Value != nil && pt.Partial && i > 0 && l.Points[i-1].Value != nil
	}
	say(l.path(), "expected")
	say(l.path(), cmp.Or(y.phasing, kpi.PhasingFlat))
	say(len(l.Extras) > 0, "before")
	say(partial, "partial")
	if len(l.Fan) > 0 {
		list = append(list, p.T("figure.caption.fan"))
	}
	say(l.Ahead != nil, "ahead")
	return strings.Join(list, " ")
}

// desc says how far the total has come, and how far it should have.
func (y *yearToDate) desc(p *i18n.Printer, ind *kpi.Indicator) string {
	s := y.slots[y.last]
	list := []string{p.T("chart.desc.to_date", "value", p.Value(s.total, ind.Unit, ind.Decimals), "in_period", p.InPeriod(s.period))}
	if s.expected != nil {
		list = append(list, p.T("chart.desc.expected", "expected", p.Value(s.expected, ind.Unit, ind.Decimals)))
	}
	if y.target != nil {
		list = append(list, p.T("chart.desc.target", "target", p.Target(y.target, ind)))
	}
	return strings.Join(list, " ")
}

func (y *yearToDate) table(p *i18n.Printer, ind *kpi.Indicator) Table {
	t := Table{
		Caption: p.T("table.caption.to_date", "name", ind.Name),
		Columns: []Column{
			{Key: "period", Label: p.PeriodKind(ind.Period)},
			{Key: "value", Label: p.T("table.value"), Number: true},
			{Key: "to_date", Label: p.T("table.to_date"), Number: true},
			{Key: "expected", Label: p.T("table.expected"), Number: true},
			{Key: "before", Label: p.T("table.before"), Number: true},
			{Key: "note", Label: p.T("table.note"), Only: OnlyPage},
		},
	}
	for _, s := range y.slots {
		mark := p.Mark(kpi.Observation{Partial: s.partial, Provisional: s.provisional})
		t.Rows = append(t.Rows, Row{Mark: mark, Cells: []Cell{
			{Text: p.Period(s.period), Raw: s.period.ID}, valueCell(p, ind, s.value), valueCell(p, ind, s.total),
			valueCell(p, ind, s.expected), valueCell(p, ind, s.before), {Text: mark},
		}})
	}
	return t
}
