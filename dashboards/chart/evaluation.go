package chart

import (
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Evaluation returns the figure of the answer to one of the city's questions about what it did: the values before and after, the lines
// through them, where the values would be without a change, and those of the comparison group. It is nil where there is nothing to draw.
// r is the result of its indicator.
func Evaluation(p *i18n.Printer, id, finding string, city *kpi.City, r *scorecard.Result, e *scorecard.Evaluation) *Figure {
	calendar, err := city.Calendar()
	if err != nil || len(e.Treated) == 0 {
		return nil
	}
	v := evaluation{p: p, ind: r.Indicator, e: e}
	for _, pt := range e.Treated {
		period, err := calendar.Parse(pt.Period)
		if err != nil {
			return nil
		}
		v.periods = append(v.periods, period)
	}
	l := v.line()
	l.clean()
	return NewLine(id, finding, v.caption(&l), v.desc(), v.table(), l)
}

type evaluation struct {
	p       *i18n.Printer
	ind     *kpi.Indicator
	e       *scorecard.Evaluation
	periods []kpi.Period // of the treated points
}

// compared returns the point of the comparison group in a period, nil if it has none.
func (v *evaluation) compared(period string) *scorecard.EvaluationPoint {
	for i := range v.e.Compared {
		if v.e.Compared[i].Period == period {
			return &v.e.Compared[i]
		}
	}
	return nil
}

func (v *evaluation) show(x *float64) string { return v.p.Value(x, v.ind.Unit, v.ind.Decimals) }

// line is the drawing. The lines through the values are two: the course before a date does not lead into that after it.
func (v *evaluation) line() Line {
	p := v.p
	l := Line{Name: p.Text(v.ind.Name), Empty: p.T("chart.empty"), Loose: true}
	fitted := Extra{Name: p.T("chart.fitted"), Style: StyleFitted}
	without := Extra{Name: p.T("chart.without"), Style: StyleWithout}
	other := Extra{Name: p.T("chart.comparison"), Label: p.T("chart.comparison"), Style: StyleOther}
	most := 0.0
	begins := 0
	for i, pt := range v.e.Treated {
		tick, group := p.PeriodTick(v.periods[i])
		l.Points = append(l.Points, LinePoint{Tick: tick, Group: group, Label: p.Period(v.periods[i]), Value: pt.Value, Shown: v.show(pt.Value), Apart: pt.LeftOut})
		if begins == 0 && pt.After {
			begins = i
		}
		fitted.Values, fitted.Shown = append(fitted.Values, pt.Fitted), append(fitted.Shown, v.show(pt.Fitted))
		without.Values, without.Shown = append(without.Values, pt.Counterfactual), append(without.Shown, v.show(pt.Counterfactual))
		var value *float64
		if c := v.compared(pt.Period); c != nil {
			value = c.Value
		}
		other.Values, other.Shown = append(other.Values, value), append(other.Shown, v.show(value))
		for _, x := range []*float64{pt.Value, value} {
			if x = finite(x); x != nil {
				most = max(most, *x, -*x)
			}
		}
	}
	l.Breaks = []Break{{begins, p.Date(v.e.Definition.Date)}}
	l.Zone = v.zone()
	for _, e := range []Extra{other, without, fitted} {
		if hasValue(e.Values) {
			l.Extras = append(l.Extras, e)
		}
	}
	l.Axis = axis(p, v.ind.Unit, most)
	return l
}

func hasValue(values []*float64) bool {
	for _, v := range values {
		if finite(v) != nil {
			return true
		}
	}
	return false
}

// zone is the stretch between announcement and start, nil if there is none.
func (v *evaluation) zone() *Zone {
	var z *Zone
	for i, pt := range v.e.Treated {
		switch {
		case !pt.LeftOut:
		case z == nil:
			z = &Zone{From: i, To: i, Label: v.p.T("chart.left_out")}
		default:
			z.To = i
		}
	}
	return z
}

func (v *evaluation) caption(l *Line) string {
	p := v.p
	list := []string{p.T("chart.caption." + string(v.ind.Period))}
	for _, s := range l.Extras {
		switch {
		case s.Style == StyleFitted:
			list = append(list, p.T("chart.caption.fitted"))
		case s.Style == StyleOther:
			list = append(list, p.T("chart.caption.comparison"))
		case v.e.Method == kpi.EvaluateDifferences:
			list = append(list, p.T("chart.caption.without_comparison"))
		default:
			list = append(list, p.T("chart.caption.without"))
		}
	}
	if len(l.Breaks) > 0 {
		list = append(list, p.T("chart.caption.date", "date", v.e.Definition.Date))
	}
	if l.Zone != nil {
		list = append(list, p.T("chart.caption.zone"))
	}
	return strings.Join(list, " ")
}

func (v *evaluation) desc() string {
	return v.p.T("chart.desc.evaluation", "before", v.e.Before, "after", v.e.After)
}

func (v *evaluation) table() Table {
	p := v.p
	t := Table{
		Caption: p.T("table.caption.evaluation", "name", v.e.Definition.Name),
		Columns: []Column{
			{Key: "period", Label: p.PeriodKind(v.ind.Period)},
			{Key: "side", Label: p.T("table.side")},
			{Key: "value", Label: p.T("table.value"), Number: true},
			{Key: "fitted", Label: p.T("table.fitted"), Number: true},
			{Key: "counterfactual", Label: p.T("table.without"), Number: true},
			{Key: "compared", Label: p.T("table.comparison"), Number: true, Only: OnlyFile},
			{Key: "rows", Label: p.T("table.rows"), Number: true},
		},
	}
	if len(v.e.Compared) > 0 {
		t.Columns[5].Only = Everywhere
	}
	for i, pt := range v.e.Treated {
		side := "before"
		switch {
		case pt.LeftOut:
			side = "left_out"
		case pt.After:
			side = "after"
		}
		var other *float64
		if c := v.compared(pt.Period); c != nil {
			other = c.Value
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: p.Period(v.periods[i]), Raw: pt.Period}, {Text: p.T("table.mark." + side), Raw: side}, valueCell(p, v.ind, pt.Value), valueCell(p, v.ind, pt.Fitted),
			valueCell(p, v.ind, pt.Counterfactual), valueCell(p, v.ind, other), count(p, pt.Rows),
		}})
	}
	return t
}
