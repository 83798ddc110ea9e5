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

// Trend returns the figure of an indicator over time: its values, where the trajectory says they should be, the target, the usual ups and
// downs, what does not compare, and where the value will probably be by the target's date. Of what adds up in a year target and outlook are
// for the year's total, which [YearToDate] shows. id is the figure's in the page.
func Trend(p *i18n.Printer, id string, r *scorecard.Result) *Figure {
	ind, a := r.Indicator, r.Assessment
	l := Line{Name: p.Text(ind.Name), Expected: p.T("chart.expected"), BandName: p.T("chart.band"), Empty: p.T("chart.empty")}
	for _, pt := range r.Series {
		l.Points = append(l.Points, linePoint(p, ind, pt))
	}
	marks := breaks(p, r.Series)
	for _, b := range marks {
		l.Breaks = append(l.Breaks, Break{b.At, p.Upper(b.Label)})
	}
	if m := middle(p, ind, r); m != nil {
		l.Extras = append(l.Extras, *m)
	}
	if a.Target != nil && ind.Direction != kpi.Neutral && !ind.AddsUp() {
		l.Target = &Level{a.Target.Value, p.T("chart.target", "target", p.Target(a.Target, ind))}
		if ind.Direction == kpi.Range {
			l.Target.Value = a.Target.High
			l.Lower = &Level{Value: a.Target.Low}
		}
	}
	if s := a.Signal; s.Lower != nil && s.Upper != nil && s.Mean != nil {
		l.Band = &Band{*s.Lower, *s.Mean, *s.Upper}
	}
	if n := len(r.Series); n > 0 && !ind.AddsUp() {
		places := make([]kpi.Period, n)
		for i := range r.Series {
			places[i] = r.Series[i].Period
		}
		l.Way, l.WayName = waypoints(p, r, places), p.T("figure.way")
		if l.Ahead = ahead(p, ind, a.Outlook, r.Series[n-1].Period); l.Ahead != nil {
			l.Fan = fan(p, ind, a.Outlook, places)
		}
	}
	l.Steps = ind.Trajectory == kpi.TrajectoryStep || ind.Trajectory == kpi.TrajectoryEveryPeriod
	l.Axis = axis(p, ind.Unit, largest(r.Series))
	l.clean()
	return NewLine(id, i18n.Finding(p, *r), trendCaption(p, r, &l), trendDesc(p, r), trendTable(p, r, marks), l)
}

// breaks returns where the definition changes, or limits begin anew.
func breaks(p *i18n.Printer, series []scorecard.Point) []Break {
	var list []Break
	version := 0 // of the last value
	for i, pt := range series {
		o := pt.Observation
		valued := finite(o.Value) != nil
		changed := valued && version != 0 && o.Version != version
		switch {
		case changed:
			list = append(list, Break{i, p.T("chart.break.definition")})
		case i > 0 && pt.Segment != series[i-1].Segment:
			list = append(list, Break{i, p.T("chart.break.limits")})
		}
		if valued {
			version = o.Version
		}
	}
	return list
}

// middle is the median of a run chart, which has no limits; nil if there is none.
func middle(p *i18n.Printer, ind *kpi.Indicator, r *scorecard.Result) *Extra {
	e := Extra{Name: p.T("chart.median"), Style: StyleMiddle}
	some := false
	for _, pt := range r.Series {
		var v *float64
		if pt.Lower == nil {
			v = finite(pt.Mean)
		}
		e.Values, e.Shown = append(e.Values, v), append(e.Shown, p.Value(v, ind.Unit, ind.Decimals))
		some = some || v != nil
	}
	if !some {
		return nil
	}
	return &e
}

// ahead is the outlook beside a series that ends with a period; nil if there is none or its day lies in a period before.
func ahead(p *i18n.Printer, ind *kpi.Indicator, o *kpi.Outlook, last kpi.Period) *Ahead {
	if o == nil || o.By.Before(last.First) {
		return nil
	}
	tick, group := p.PeriodTick(kpi.Period{Kind: kpi.Day, First: o.By, Last: o.By})
	return &Ahead{
		After: max(float64(o.By.Sub(last.Last))/float64(last.Days()), 0), Low: o.Low, Mean: o.Mean, High: o.High,
		Tick: tick, Group: group, Label: p.Upper(p.By(o.By)), Name: p.T("chart.ahead"), Shown: interval(p, ind, &o.Low, &o.High),
	}
}

// interval is two values as a reader sees them, "" without one of them.
func interval(p *i18n.Printer, ind *kpi.Indicator, low, high *float64) string {
	if finite(low) == nil || finite(high) == nil {
		return ""
	}
	return p.T("value.range", "low", p.Value(low, ind.Unit, ind.Decimals), "high", p.Value(high, ind.Unit, ind.Decimals))
}

// Sparkline returns a line of the last two years of an indicator, for a card. It ends with the judged value, which the card shows: a
// later one, not settled yet, could say the opposite of the status beside it. Of what adds up in a year it is the year's total as it grew, to which the
// target belongs, or else the periods without the target.
func Sparkline(r *scorecard.Result) template.HTML {
	a := &r.Assessment
	var values, totals []*float64
	begun := false
	for _, pt := range r.Series {
		values = append(values, pt.Observation.Value)
		if begun = begun || pt.Period.ID == a.Since; begun {
			totals = append(totals, pt.ToDate)
		}
		if pt.Period.ID == a.Period {
			break
		}
	}
	values = values[max(0, len(values)-24):]
	var target *float64
	if t := a.Target; t != nil && r.Indicator.Direction != kpi.Range && r.Indicator.Direction != kpi.Neutral {
		target = &t.Value
	}
	if !r.Indicator.AddsUp() {
		return Spark(values, target)
	}
	if a.Judged != nil {
		if total := Spark(totals, target); total != "" {
			return total
		}
	}
	return Spark(values, nil)
}

func linePoint(p *i18n.Printer, ind *kpi.Indicator, pt scorecard.Point) LinePoint {
	o := pt.Observation
	tick, group := p.PeriodTick(pt.Period)
	l := LinePoint{
		Tick: tick, Group: group, Label: p.Period(pt.Period), Value: o.Value, Shown: p.Observed(ind, &o),
		Mean: pt.Mean, Lower: pt.Lower, Upper: pt.Upper, Provisional: o.Provisional, Partial: o.Partial, Outside: pt.Outside,
	}
	if !ind.AddsUp() {
		l.Expected, l.ExpectedAs = pt.Expected, p.Value(pt.Expected, ind.Unit, ind.Decimals)
	}
	return l
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
	case kpi.Days, kpi.WorkingDays, kpi.Hours:
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
func trendCaption(p *i18n.Printer, r *scorecard.Result, l *Line) string {
	list := []string{p.T("chart.caption." + string(r.Indicator.Period))}
	say := func(when bool, id string) {
		if when {
			list = append(list, p.T("chart.caption."+id))
		}
	}
	var outside, provisional, partial, gaps, suppressed, missing bool
	begun := false
	for i, pt := range l.Points {
		value := finite(pt.Value) != nil
		hidden := !value && r.Series[i].Observation.Suppressed != kpi.NotSuppressed
		begun = begun || value
		outside = outside || value && pt.Outside && !pt.Provisional && !pt.Partial
		provisional = provisional || value && (pt.Provisional || pt.Partial)
		partial = partial || value && pt.Partial && i > 0 && finite(l.Points[i-1].Value) != nil && !l.broken(i)
		gaps = gaps || missing && value // what ends with no value has no gap
		missing = begun && !value && !hidden
		suppressed = suppressed || hidden
	}
	if !begun {
		return ""
	}
	say(l.path(), "expected")
	say(l.Band != nil || l.limited(), "band")
	say(len(l.Extras) > 0, "median")
	say(outside, "outside")
	say(provisional, "provisional")
	say(partial, "partial")
	say(gaps, "gap")
	say(suppressed, "suppressed")
	say(len(l.Breaks) > 0, "break")
	if len(l.Way) > 0 {
		list = append(list, p.T("figure.caption.way"))
	}
	if len(l.Fan) > 0 {
		list = append(list, p.T("figure.caption.fan"))
	}
	say(l.Ahead != nil, "ahead")
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
func trendTable(p *i18n.Printer, r *scorecard.Result, breaks []Break) Table {
	ind := r.Indicator
	t := Table{
		Caption: p.T("table.caption.periods", "name", ind.Name),
		Columns: []Column{
			{Key: "period", Label: p.PeriodKind(ind.Period)},
			{Key: "numerator", Label: p.T("table.numerator"), Number: true, Only: OnlyFile},
			{Key: "denominator", Label: p.T("table.denominator"), Number: true, Only: OnlyFile},
			{Key: "value", Label: p.T("table.value"), Number: true},
			{Key: "adjusted", Label: p.T("table.adjusted"), Number: true, Only: OnlyFile},
			{Key: "expected", Label: p.T("table.expected"), Number: true, Only: OnlyFile},
			{Key: "mean", Label: p.T("table.mean"), Number: true, Only: OnlyFile},
			{Key: "lower", Label: p.T("table.lower"), Number: true, Only: OnlyFile},
			{Key: "upper", Label: p.T("table.upper"), Number: true, Only: OnlyFile},
			{Key: "rows", Label: p.T("table.rows"), Number: true},
			{Key: "excluded", Label: p.T("table.left_out"), Number: true},
			{Key: "partial", Label: p.T("table.mark.partial"), Only: OnlyFile},
			{Key: "provisional", Label: p.T("table.mark.provisional"), Only: OnlyFile},
			{Key: "suppressed", Label: p.T("table.mark.suppressed"), Only: OnlyFile},
			{Key: "note", Label: p.T("table.note"), Only: OnlyPage},
		},
	}
	const adjusted, expected = 4, 5
	for i, pt := range r.Series {
		if finite(pt.Adjusted) != nil {
			t.Columns[adjusted].Only = Everywhere
		}
		if finite(pt.Expected) != nil && !ind.AddsUp() {
			t.Columns[expected].Only = Everywhere
		} else {
			pt.Expected = nil // of a year's total
		}
		o := pt.Observation
		mark := p.List(pointMarks(p, ind, pt, i, breaks))
		t.Rows = append(t.Rows, Row{Mark: mark, Cells: []Cell{
			{Text: p.Period(pt.Period), Raw: pt.Period.ID},
			amount(p, o.Numerator), amount(p, o.Denominator), {Text: p.Observed(ind, &o), Number: finite(o.Value)},
			valueCell(p, ind, pt.Adjusted), valueCell(p, ind, pt.Expected), valueCell(p, ind, pt.Mean), valueCell(p, ind, pt.Lower), valueCell(p, ind, pt.Upper),
			shownCount(p, &o, o.Rows), shownCount(p, &o, o.ExcludedRows()),
			{Raw: strconv.FormatBool(o.Partial)}, {Raw: strconv.FormatBool(o.Provisional)}, {Raw: string(o.Suppressed)}, {Text: mark},
		}})
	}
	return t
}

// pointMarks are what is remarkable about a point, in words.
func pointMarks(p *i18n.Printer, ind *kpi.Indicator, pt scorecard.Point, i int, breaks []Break) []string {
	var marks []string
	o := pt.Observation
	if o.Suppressed != kpi.NotSuppressed {
		marks = append(marks, suppressed(p, o.Suppressed))
	} else if m := p.Mark(o); m != "" {
		marks = append(marks, m)
	}
	if finite(o.Value) != nil && o.Rows < int64(ind.Minimum) {
		marks = append(marks, p.T("table.mark.too_few"))
	}
	if pt.Outside {
		marks = append(marks, p.T("table.mark.outside"))
	}
	for _, b := range breaks {
		if b.At == i {
			marks = append(marks, b.Label)
		}
	}
	return marks
}

// suppressed says why a number is not shown.
func suppressed(p *i18n.Printer, s kpi.Suppression) string {
	if s == kpi.SuppressedComplementary {
		return p.T("table.mark.suppressed_complementary")
	}
	return p.T("table.mark.suppressed")
}

// shownCount is a number of rows of an observation, none if they are not shown.
func shownCount(p *i18n.Printer, o *kpi.Observation, n int64) Cell {
	if o.Suppressed != kpi.NotSuppressed {
		return Cell{Text: p.T("value.suppressed")}
	}
	return count(p, n)
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
