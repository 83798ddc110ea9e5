package chart

import (
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Equity returns the figure of the groups of a dimension beside the reference that the city fixed: each with its value, the interval in
// which the true value probably lies, and a word for how it stands.
func Equity(p *i18n.Printer, id, finding string, city *kpi.City, r *scorecard.Result, e *scorecard.Equity) *Figure {
	q := equity{p: p, city: city, ind: r.Indicator, r: r, e: e}
	f := Forest{Name: p.Text(r.Indicator.Name), Empty: p.T("chart.empty")}
	most, intervals := 0.0, false
	for _, g := range e.Groups {
		out := q.group(g)
		f.Groups = append(f.Groups, out)
		intervals = intervals || out.Value != nil && out.Range != ""
		for _, v := range []*float64{g.Value, g.Low, g.High} {
			if v = finite(v); v != nil {
				most = max(most, *v, -*v)
			}
		}
	}
	f.Axis = axis(p, r.Indicator.Unit, most)
	f.Axis.Whole = false
	caption := []string{p.T("chart.caption.groups")}
	if intervals {
		caption = append(caption, p.T("chart.caption.interval"))
	}
	if finite(e.Value) != nil {
		f.Reference = &Level{*e.Value, q.reference()}
		caption = append(caption, p.T("chart.caption.reference"))
	}
	if r.Indicator.Unit == kpi.Percent {
		caption = append(caption, p.T("chart.caption.points"))
	}
	if e.Hidden > 0 {
		caption = append(caption, p.T("chart.caption.suppressed"))
	}
	return NewForest(id, finding, strings.Join(caption, " "), q.desc(), q.table(), f)
}

type equity struct {
	p    *i18n.Printer
	city *kpi.City
	ind  *kpi.Indicator
	r    *scorecard.Result
	e    *scorecard.Equity
}

func (q *equity) name(member string) string { return q.p.Member(q.e.Dimension, member, q.city) }

func (q *equity) show(v *float64) string { return q.p.Value(v, q.ind.Unit, q.ind.Decimals) }

// reference names the line that groups are compared with.
func (q *equity) reference() string {
	if q.e.Reference == "" {
		return q.p.T("chart.city_value", "value", q.show(q.e.Value))
	}
	return q.p.T("chart.reference_value", "name", q.name(q.e.Reference), "value", q.show(q.e.Value))
}

// marks are the forms of the verdicts.
var marks = map[scorecard.Verdict]Mark{
	scorecard.VerdictBetter: MarkUp, scorecard.VerdictWorse: MarkDown, scorecard.VerdictDifferent: MarkDiamond, scorecard.VerdictSimilar: MarkCircle,
	scorecard.VerdictTooFew: MarkHollow, scorecard.VerdictNone: MarkSquare, scorecard.VerdictReference: MarkSquare, scorecard.VerdictHidden: MarkSquare,
}

// word is the verdict as the drawing has room for it: what better and worse are measured by is named beside the line.
func (q *equity) word(v scorecard.Verdict) string {
	switch v {
	case scorecard.VerdictBetter, scorecard.VerdictWorse:
		return q.p.T("chart.verdict." + string(v))
	}
	return q.p.Verdict(v, false)
}

func (q *equity) group(g scorecard.Group) ForestGroup {
	out := ForestGroup{ID: g.Member, Name: q.name(g.Member), Word: q.word(g.Verdict), Mark: marks[g.Verdict], Shown: q.show(g.Value)}
	if g.Suppressed == kpi.NotSuppressed {
		out.Value, out.Low, out.High, out.Range = g.Value, g.Low, g.High, interval(q.p, q.ind, g.Low, g.High)
	}
	return out
}

func (q *equity) desc() string {
	n := map[scorecard.Verdict]int{}
	for _, g := range q.e.Groups {
		n[g.Verdict]++
	}
	return q.p.T("chart.desc.groups", "n", len(q.e.Groups), "better", n[scorecard.VerdictBetter], "worse", n[scorecard.VerdictWorse],
		"different", n[scorecard.VerdictDifferent], "similar", n[scorecard.VerdictSimilar])
}

// periods names the first and the last period that were put together.
func periods(p *i18n.Printer, r *scorecard.Result, from, to string) string {
	name := func(id string) string {
		for i := range r.Series {
			if r.Series[i].Period.ID == id {
				return p.Period(r.Series[i].Period)
			}
		}
		return id
	}
	if from == to {
		return name(to)
	}
	return p.T("value.range", "low", name(from), "high", name(to))
}

func (q *equity) table() Table {
	p := q.p
	group := p.T("table.group")
	if q.e.Dimension == kpi.DimensionDistrict {
		group = p.T("table.district")
	}
	number := func(key, label string) Column { return Column{Key: key, Label: label, Number: true, Only: OnlyFile} }
	t := Table{
		Caption: p.T("table.caption.groups", "name", q.ind.Name, "period", periods(p, q.r, q.e.From, q.e.To)),
		Columns: []Column{
			{Key: "member", Only: OnlyFile},
			{Key: "member_name", Label: group},
			{Key: "value", Label: p.T("table.value"), Number: true},
			{Key: "interval", Label: p.T("table.interval"), Number: true, Only: OnlyPage},
			number("low", p.T("table.lower")), number("high", p.T("table.upper")),
			{Key: "difference", Label: p.T("table.difference"), Number: true},
			{Key: "difference_interval", Label: p.T("table.interval"), Number: true, Only: OnlyPage},
			number("difference_low", p.T("table.lower")), number("difference_high", p.T("table.upper")),
			{Key: "ratio", Label: p.T("table.ratio"), Number: true},
			number("ratio_low", p.T("table.lower")), number("ratio_high", p.T("table.upper")),
			{Key: "rows", Label: p.T("table.rows"), Number: true},
			{Key: "verdict", Label: p.T("table.verdict")},
		},
	}
	for _, g := range q.e.Groups {
		t.Rows = append(t.Rows, q.tableRow(g))
	}
	return t
}

// tableRow is the row of a group; one that is not shown has its name and the reason.
func (q *equity) tableRow(g scorecard.Group) Row {
	p := q.p
	word := p.Verdict(g.Verdict, q.e.Reference != "")
	cells := []Cell{{Raw: g.Member}, {Text: q.name(g.Member), Raw: q.name(g.Member)}}
	if g.Suppressed != kpi.NotSuppressed {
		for range 12 {
			cells = append(cells, Cell{Text: p.T("value.suppressed")})
		}
		return Row{Cells: append(cells, Cell{Text: suppressed(p, g.Suppressed), Raw: string(g.Verdict)}), Mark: word}
	}
	change := func(v *float64) Cell {
		return Cell{Text: p.ChangeShort(v, q.ind.Unit, q.ind.Decimals), Number: finite(v)}
	}
	ratio := func(v *float64) Cell {
		if v = finite(v); v == nil {
			return Cell{Text: p.T("value.none")}
		}
		return Cell{Text: p.Number(*v, 2), Number: v}
	}
	between := Cell{Text: p.T("value.none")}
	if finite(g.DiffLow) != nil && finite(g.DiffHigh) != nil {
		between.Text = p.T("value.range", "low", change(g.DiffLow).Text, "high", change(g.DiffHigh).Text)
	}
	own := Cell{Text: interval(p, q.ind, g.Low, g.High)}
	if own.Text == "" {
		own.Text = p.T("value.none")
	}
	return Row{Cells: append(cells, valueCell(p, q.ind, g.Value), own, valueCell(p, q.ind, g.Low), valueCell(p, q.ind, g.High),
		change(g.Difference), between, change(g.DiffLow), change(g.DiffHigh), ratio(g.Ratio), ratio(g.RatioLow), ratio(g.RatioHigh),
		count(p, g.Rows), Cell{Text: word, Raw: string(g.Verdict)}), Mark: word}
}
