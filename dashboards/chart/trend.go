package chart

import (
	"html/template"
	"math"
	"strconv"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Trend returns the figure of an indicator over time: its values, where the trajectory says they should be, the target, and the usual
// ups and downs. id is the figure's in the page.
func Trend(p *i18n.Printer, id string, r *scorecard.Result) *Figure {
	ind, a := r.Indicator, r.Assessment
	l := Line{Name: p.Text(ind.Name), Expected: p.T("chart.expected"), BandName: p.T("chart.band"), Empty: p.T("chart.empty")}
	for _, pt := range r.Series {
		l.Points = append(l.Points, linePoint(p, ind, pt))
	}
	if a.Target != nil && ind.Direction != kpi.Neutral {
		l.Target = &Level{a.Target.Value, p.T("chart.target", "target", p.Target(a.Target, ind))}
		if ind.Direction == kpi.Range {
			l.Target.Value = a.Target.High
			l.Lower = &Level{Value: a.Target.Low}
		}
	}
	if s := a.Signal; s.Lower != nil && s.Upper != nil && s.Mean != nil {
		l.Band = &Band{*s.Lower, *s.Mean, *s.Upper}
	}
	l.Steps = ind.Trajectory == kpi.TrajectoryStep || ind.Trajectory == kpi.TrajectoryEveryPeriod
	l.Axis = axis(p, ind.Unit, largest(r.Series))
	return NewLine(id, i18n.Finding(p, *r), trendCaption(p, ind, &l), trendDesc(p, r), trendTable(p, r), l)
}

// Sparkline returns a line of the last two years of an indicator, for a card. It ends with the judged value, which the card shows: a
// later one, not settled yet, could say the opposite of the status beside it.
func Sparkline(r *scorecard.Result) template.HTML {
	var values []*float64
	for _, pt := range r.Series {
		values = append(values, pt.Observation.Value)
		if pt.Period.ID == r.Assessment.Period {
			break
		}
	}
	values = values[max(0, len(values)-24):]
	var target *float64
	if t := r.Assessment.Target; t != nil && r.Indicator.Direction != kpi.Range && r.Indicator.Direction != kpi.Neutral {
		target = &t.Value
	}
	return Spark(values, target)
}

func linePoint(p *i18n.Printer, ind *kpi.Indicator, pt scorecard.Point) LinePoint {
	o := pt.Observation
	tick, group := p.PeriodTick(pt.Period)
	return LinePoint{
		Tick: tick, Group: group, Label: p.Period(pt.Period),
		Value: o.Value, Shown: p.Observed(ind, &o),
		Expected: pt.Expected, ExpectedAs: p.Value(pt.Expected, ind.Unit, ind.Decimals),
		Provisional: o.Provisional, Partial: o.Partial, Outside: pt.Outside,
	}
}

// largest returns the largest amount of a series.
func largest(series []scorecard.Point) float64 {
	most := 0.0
	for _, pt := range series {
		if v := finite(pt.Observation.Value); v != nil {
			most = max(most, math.Abs(*v))
		}
	}
	return most
}

// axis returns how an axis of values is labelled whose largest amount is most: millions and more are counted in words.
func axis(p *i18n.Printer, unit kpi.Unit, most float64) Axis {
	zero, hundred := 0.0, 100.0
	a := Axis{Floor: &zero, Whole: unit == kpi.Number && most < 1e6 && most == math.Trunc(most)}
	var title []string
	switch unit {
	case kpi.Percent:
		a.Ceiling = &hundred
	case kpi.Days, kpi.Hours:
		title = append(title, p.Unit(unit))
	}
	divisor := 1.0
	switch {
	case most >= 1e10:
		divisor = 1e9
		title = append(title, p.T("scale.billions"))
	case most >= 1e6:
		divisor = 1e6
		title = append(title, p.T("scale.millions"))
	}
	a.Title = p.Upper(p.List(title))
	a.Label = func(v float64, decimals int) string {
		v /= divisor
		if math.Abs(v) >= 1e9 {
			return strconv.FormatFloat(v, 'g', 2, 64) // no city's number; only so that nothing breaks
		}
		decimals = min(decimals, 6)
		for d := decimals; divisor > 1 && d < 3 && i18n.Round(v, d) != i18n.Round(v, 6); d++ {
			decimals = d + 1
		}
		if unit == kpi.Percent {
			return p.Percent(v, decimals)
		}
		return p.Number(v, decimals)
	}
	return a
}

// trendCaption says how to read what is drawn, and nothing else.
func trendCaption(p *i18n.Printer, ind *kpi.Indicator, l *Line) string {
	list := []string{p.T("chart.caption." + string(ind.Period))}
	say := func(when bool, id string) {
		if when {
			list = append(list, p.T("chart.caption."+id))
		}
	}
	var outside, provisional, partial, gaps bool
	begun := false
	for i, pt := range l.Points {
		value := finite(pt.Value) != nil
		begun = begun || value
		outside = outside || value && pt.Outside && !pt.Provisional && !pt.Partial
		provisional = provisional || value && (pt.Provisional || pt.Partial)
		partial = partial || value && pt.Partial && i > 0 && finite(l.Points[i-1].Value) != nil
		gaps = gaps || begun && !value
	}
	if !begun {
		return ""
	}
	say(l.path(), "expected")
	say(l.Band != nil, "band")
	say(outside, "outside")
	say(provisional, "provisional")
	say(partial, "partial")
	say(gaps, "gap")
	return strings.Join(list, " ")
}

// trendDesc says in words what the drawing shows: how many values, the lowest, the highest and the latest.
func trendDesc(p *i18n.Printer, r *scorecard.Result) string {
	ind := r.Indicator
	var low, high, last *scorecard.Point
	n := 0
	for i := range r.Series {
		pt := &r.Series[i]
		v := finite(pt.Observation.Value)
		if v == nil {
			continue
		}
		n++
		last = pt
		if low == nil || *v < *low.Observation.Value {
			low = pt
		}
		if high == nil || *v > *high.Observation.Value {
			high = pt
		}
	}
	if last == nil {
		return p.T("chart.empty")
	}
	show := func(pt *scorecard.Point) string { return p.Observed(ind, &pt.Observation) }
	return p.T("chart.desc.line", "n", n, "low", show(low), "in_low", p.InPeriod(low.Period), "high", show(high), "in_high", p.InPeriod(high.Period),
		"value", show(last), "in_period", p.InPeriod(last.Period))
}

// trendTable is the table of an indicator by period.
func trendTable(p *i18n.Printer, r *scorecard.Result) Table {
	ind := r.Indicator
	t := Table{
		Caption: p.T("table.caption.periods", "name", ind.Name),
		Columns: []Column{
			{Key: "period", Label: p.PeriodKind(ind.Period)},
			{Key: "numerator", Label: p.T("table.numerator"), Number: true, Only: OnlyFile},
			{Key: "denominator", Label: p.T("table.denominator"), Number: true, Only: OnlyFile},
			{Key: "value", Label: p.T("table.value"), Number: true},
			{Key: "expected", Label: p.T("table.expected"), Number: true, Only: OnlyFile},
			{Key: "rows", Label: p.T("table.rows"), Number: true},
			{Key: "excluded", Label: p.T("table.left_out"), Number: true},
			{Key: "partial", Label: p.T("table.mark.partial"), Only: OnlyFile},
			{Key: "provisional", Label: p.T("table.mark.provisional"), Only: OnlyFile},
			{Key: "note", Label: p.T("table.note"), Only: OnlyPage},
		},
	}
	for _, pt := range r.Series {
		if finite(pt.Expected) != nil {
			t.Columns[4].Only = Everywhere
		}
		o := pt.Observation
		var marks []string
		if m := p.Mark(o); m != "" {
			marks = append(marks, m)
		}
		if finite(o.Value) != nil && o.Rows < int64(ind.Minimum) {
			marks = append(marks, p.T("table.mark.too_few"))
		}
		if pt.Outside {
			marks = append(marks, p.T("table.mark.outside"))
		}
		mark := p.List(marks)
		t.Rows = append(t.Rows, Row{Mark: mark, Cells: []Cell{
			{Text: p.Period(pt.Period), Raw: pt.Period.ID},
			amount(p, o.Numerator), amount(p, o.Denominator), {Text: p.Observed(ind, &o), Number: finite(o.Value)}, valueCell(p, ind, pt.Expected),
			count(p, o.Rows), count(p, o.ExcludedRows()),
			{Raw: strconv.FormatBool(o.Partial)}, {Raw: strconv.FormatBool(o.Provisional)}, {Text: mark},
		}})
	}
	return t
}

// valueCell is a value in the indicator's unit.
func valueCell(p *i18n.Printer, ind *kpi.Indicator, v *float64) Cell {
	return Cell{Text: p.Value(v, ind.Unit, ind.Decimals), Number: finite(v)}
}

// count is a number of rows.
func count(p *i18n.Printer, n int64) Cell {
	v := float64(n)
	return Cell{Text: p.Int(n), Number: &v}
}

// amount is a numerator or a denominator.
func amount(p *i18n.Printer, v *float64) Cell {
	if v = finite(v); v == nil {
		return Cell{Text: p.T("value.none")}
	}
	return Cell{Text: p.Number(*v, 2), Number: v}
}
