package chart

import (
	"math"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Drivers returns the figure of what each group contributed to the change between two periods, the largest first. It is arithmetic, and
// says nothing of what brought the change about.
func Drivers(p *i18n.Printer, id, finding string, city *kpi.City, r *scorecard.Result, d *scorecard.Drivers) *Figure {
	ind := r.Indicator
	decimals := ind.Decimals
	if ind.Measure.Ratio() {
		decimals = max(decimals, 1) // parts of a change are smaller than what changed
	}
	decimals = visibleDecimals(d, decimals)
	show := func(v float64) string { return p.ChangeShort(&v, ind.Unit, decimals) }
	said := func(v float64) string { return p.Change(&v, ind.Unit, decimals) } // an abbreviation may end in a point, as a sentence does
	b := Parts{
		Names: [2]string{p.T("chart.own_value"), p.T("chart.mix")}, Empty: p.T("chart.empty"), Show: show,
		Whole:  p.T("chart.city_value", "value", show(d.Change)),
		Others: func(n int) string { return p.T("chart.rest", "n", n) },
	}
	most := 0.0
	for _, g := range d.Groups {
		b.Rows = append(b.Rows, Part{ID: g.Member, Name: driverName(p, city, d, g.Member), Rate: g.Rate, Mix: g.Mix, Total: g.Total})
		b.Mixed = b.Mixed || g.Mix != 0
		most = max(most, g.Total, -g.Total)
	}
	b.Axis = axis(p, ind.Unit, most)
	b.Axis.Floor, b.Axis.Ceiling, b.Axis.Whole = nil, nil, false
	b.Before, b.After = partEnd(p, r, d.From), partEnd(p, r, d.To)
	caption := []string{p.T("figure.caption.waterfall")}
	if b.Mixed {
		caption = append(caption, p.T("chart.caption.mix"))
	}
	if ind.Unit == kpi.Percent {
		caption = append(caption, p.T("chart.caption.points"))
	}
	return NewParts(id, finding, strings.Join(caption, " "), driversDesc(p, city, d, said), driversTable(p, city, r, d, decimals), b)
}

// visibleDecimals are more decimals where a part that is wide enough to be seen would be labelled as nothing.
func visibleDecimals(d *scorecard.Drivers, decimals int) int {
	const visible, more = 1.0 / 60, 2 // of the largest bar
	most := 0.0
	for _, g := range d.Groups {
		most = max(most, math.Abs(g.Total))
	}
	least := decimals
	for _, g := range d.Groups {
		for _, v := range []float64{g.Rate, g.Mix, g.Total} {
			for finite(&v) != nil && math.Abs(v) > most*visible && i18n.Round(v, decimals) == 0 && decimals < least+more {
				decimals++
			}
		}
	}
	return decimals
}

// partEnd is the whole city in a period; nil where it has no value there.
func partEnd(p *i18n.Printer, r *scorecard.Result, period string) *PartEnd {
	o := r.Observation(period, "", "")
	if o == nil || finite(o.Value) == nil {
		return nil
	}
	name := period
	for i := range r.Series {
		if r.Series[i].Period.ID == period {
			name = p.Upper(p.PeriodShort(r.Series[i].Period))
		}
	}
	return &PartEnd{Name: name, Shown: p.Observed(r.Indicator, o)}
}

// driverName is the name of a group, or what stands for all whose numbers are not shown.
func driverName(p *i18n.Printer, city *kpi.City, d *scorecard.Drivers, member string) string {
	if member == "" {
		return p.Upper(p.T("drivers.hidden"))
	}
	return p.Member(d.Dimension, member, city)
}

func driversDesc(p *i18n.Printer, city *kpi.City, d *scorecard.Drivers, show func(float64) string) string {
	if len(d.Groups) == 0 {
		return p.T("chart.empty")
	}
	largest := d.Groups[0]
	for _, g := range d.Groups {
		if max(g.Total, -g.Total) > max(largest.Total, -largest.Total) {
			largest = g
		}
	}
	return p.T("chart.desc.drivers", "change", show(d.Change), "rate", show(d.Rate), "mix", show(d.Mix),
		"district", driverName(p, city, d, largest.Member), "value", show(largest.Total))
}

// driversTable is the table of all groups, none put together, and of the whole city.
func driversTable(p *i18n.Printer, city *kpi.City, r *scorecard.Result, d *scorecard.Drivers, decimals int) Table {
	group := p.T("table.group")
	if d.Dimension == kpi.DimensionDistrict {
		group = p.T("table.district")
	}
	t := Table{
		Caption: p.T("table.caption.drivers", "name", r.Indicator.Name, "period", periods(p, r, d.From, d.To)),
		Columns: []Column{
			{Key: "member", Only: OnlyFile},
			{Key: "member_name", Label: group},
			{Key: "rate", Label: p.T("table.rate"), Number: true},
			{Key: "mix", Label: p.T("table.mix"), Number: true},
			{Key: "total", Label: p.T("table.contribution"), Number: true},
		},
	}
	change := func(v float64) Cell {
		return Cell{Text: p.ChangeShort(&v, r.Indicator.Unit, decimals), Number: finite(&v)}
	}
	for _, g := range d.Groups {
		name := driverName(p, city, d, g.Member)
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Raw: g.Member}, {Text: name, Raw: name}, change(g.Rate), change(g.Mix), change(g.Total)}})
	}
	whole := p.T("chart.city")
	t.Rows = append(t.Rows, Row{Apart: true, Cells: []Cell{{}, {Text: whole, Raw: whole}, change(d.Rate), change(d.Mix), change(d.Change)}})
	return t
}
