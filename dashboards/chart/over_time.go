package chart

import (
	"slices"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Bounds of the figures by district over time: below the least there is nothing to compare, and above the most nobody can read them.
const (
	leastPeriods = 6
	mostPeriods  = 24 // the newest ones
	leastRows    = 3
	mostHeatRows = 60
	mostPanels   = 24
)

// overTime are the districts of a city by period, the newest periods that are over.
type overTimeData struct {
	p       *i18n.Printer
	ind     *kpi.Indicator
	periods []kpi.Period
	city    []Member // by period
	whole   bool     // the city's value lies on the districts' scale
	rows    []districtRow
	most    float64
}

// districtRow is a district with a member for each period.
type districtRow struct {
	id, name string
	cells    []Member
}

// newOverTime reads the result; nil where there are too few periods or districts with values.
func newOverTime(p *i18n.Printer, city *kpi.City, r *scorecard.Result) *overTimeData {
	o := &overTimeData{p: p, ind: r.Indicator}
	for _, pt := range r.Series {
		if !pt.Observation.Partial {
			o.periods = append(o.periods, pt.Period)
		}
	}
	o.periods = o.periods[max(0, len(o.periods)-mostPeriods):]
	valued := 0
	day := newest(r)
	for i := range city.Districts {
		dist := &city.Districts[i]
		row := districtRow{id: dist.ID, name: districtName(p, dist, day)}
		some := false
		for _, x := range o.periods {
			m := o.member(r.Observation(x.ID, kpi.DimensionDistrict, dist.ID))
			row.cells = append(row.cells, m)
			some = some || m.Value != nil
		}
		valued += bit(some)
		if !some && !day.IsZero() && !dist.On(day) {
			continue
		}
		o.rows = append(o.rows, row)
	}
	if len(o.periods) < leastPeriods || valued < leastRows {
		return nil
	}
	o.whole = !r.Indicator.Measure.Flow()
	for _, x := range o.periods {
		m := o.member(r.Observation(x.ID, "", ""))
		if m.Few || !o.whole {
			m.Value = nil
		}
		o.city = append(o.city, m)
	}
	return o
}

// member is an observation of a period, nil if there is none.
func (o *overTimeData) member(obs *kpi.Observation) Member {
	m := Member{Shown: o.p.T("value.none")}
	switch {
	case obs == nil:
	case obs.Suppressed != kpi.NotSuppressed:
		m.Shown, m.Note = o.p.T("value.suppressed"), suppressed(o.p, obs.Suppressed)
	default:
		m.Value, m.Shown = finite(obs.Value), o.p.Observed(o.ind, obs)
		if m.Value != nil {
			o.most = max(o.most, *m.Value, -*m.Value)
			if m.Few = obs.Rows < int64(o.ind.Minimum); m.Few {
				m.Note = o.p.T("table.mark.too_few")
			}
		}
	}
	return m
}

// missing is what the legend says of cells without a value to compare: that some are not shown, or have too few cases, or have none.
func (o *overTimeData) missing() string {
	few, hidden := false, false
	for _, r := range o.rows {
		for _, m := range r.cells {
			few, hidden = few || m.Few, hidden || m.Value == nil && m.Note != ""
		}
	}
	switch {
	case hidden:
		return o.p.T("page.legend_hidden")
	case few:
		return o.p.T("chart.legend.too_few")
	}
	return o.p.T("chart.legend.none")
}

// DistrictHeat returns the figure of an indicator by district and period, the newest two dozen that are over; nil where there are too few
// periods or districts to see a pattern, or too many districts.
func DistrictHeat(p *i18n.Printer, id string, city *kpi.City, r *scorecard.Result) *Figure {
	o := newOverTime(p, city, r)
	if o == nil || len(o.rows) > mostHeatRows {
		return nil
	}
	h := Heat{
		Name: p.Text(o.ind.Name), None: o.missing(), Title: p.T("table.value"), Empty: p.T("chart.empty"),
		Range: func(low, high string) string { return p.T("chart.legend.range", "low", low, "high", high) },
	}
	for _, x := range o.periods {
		tick, group := p.PeriodTick(x)
		h.Cols = append(h.Cols, HeatColumn{tick, group, p.Period(x)})
	}
	for _, row := range o.rows {
		h.Rows = append(h.Rows, HeatRow{ID: row.id, Name: row.name, Cells: row.cells})
	}
	if o.whole {
		h.Rows = append(h.Rows, HeatRow{Name: p.T("chart.city"), Whole: true, Cells: o.city})
	}
	return NewHeat(id, o.standing(), p.T("figure.caption.heat"), p.T("figure.desc.heat", "n", len(o.rows), "total", len(o.periods), "extremes", o.extremes()), o.table(), h)
}

// standing says how many districts lie on one side of the whole city nearly all the time, which a single period does not show.
func (o *overTimeData) standing() string {
	above, below := 0, 0
	for _, row := range o.rows {
		up, down, n := o.sides(row)
		if n == 0 {
			continue
		}
		above += bit(4*up >= 3*n)
		below += bit(4*down >= 3*n)
	}
	if !o.whole || len(o.rows) == 0 {
		return o.extremes()
	}
	return o.p.T("figure.heat.standing", "n", above, "below", below, "total", len(o.rows))
}

// sides counts the periods in which a district lies above the whole city and below it, as the numbers are shown, and those in which both have a value.
func (o *overTimeData) sides(row districtRow) (up, down, n int) {
	for k, m := range row.cells {
		if m.Value == nil || m.Few || o.city[k].Value == nil {
			continue
		}
		n++
		own, whole := i18n.Round(*m.Value, o.ind.Decimals), i18n.Round(*o.city[k].Value, o.ind.Decimals)
		up += bit(own > whole)
		down += bit(own < whole)
	}
	return up, down, n
}

// extremes names the lowest and the highest value of all districts and periods.
func (o *overTimeData) extremes() string {
	type spot struct {
		m      *Member
		name   string
		period kpi.Period
	}
	var low, high spot
	for _, row := range o.rows {
		for k := range row.cells {
			m := &row.cells[k]
			if m.Value == nil || m.Few {
				continue
			}
			if low.m == nil || *m.Value < *low.m.Value {
				low = spot{m, row.name, o.periods[k]}
			}
			if high.m == nil || *m.Value > *high.m.Value {
				high = spot{m, row.name, o.periods[k]}
			}
		}
	}
	if low.m == nil {
		return o.p.T("chart.members.none")
	}
	return o.p.T("figure.extremes", "district", low.name, "low", low.m.Shown, "in_low", o.p.InPeriod(low.period),
		"other_district", high.name, "high", high.m.Shown, "in_high", o.p.InPeriod(high.period))
}

// table has a row for each district and a column for each period.
func (o *overTimeData) table() Table {
	p := o.p
	t := Table{
		Caption: p.T("figure.table.heat", "name", o.ind.Name),
		Columns: []Column{{Key: "member", Only: OnlyFile}, {Key: "member_name", Label: p.T("table.district")}},
	}
	for _, x := range o.periods {
		t.Columns = append(t.Columns, Column{Key: x.ID, Label: p.Upper(p.PeriodShort(x)), Number: true})
	}
	add := func(id, name string, cells []Member, apart bool) {
		row := Row{Apart: apart, Cells: []Cell{{Raw: id}, {Text: name, Raw: name}}}
		for _, m := range cells {
			row.Cells = append(row.Cells, Cell{Text: m.Shown, Number: m.Value})
		}
		t.Rows = append(t.Rows, row)
	}
	for _, row := range o.rows {
		add(row.id, row.name, row.cells, false)
	}
	if o.whole {
		add("", p.T("chart.city"), o.city, true)
	}
	return t
}

// DayHeat returns the figure of a daily indicator as a calendar: a column for each week, a row for each day of it; nil for what is not daily or has
// too few days.
func DayHeat(p *i18n.Printer, id string, r *scorecard.Result) *Figure {
	ind := r.Indicator
	if ind.Period != kpi.Day || len(r.Series) < 4*7 {
		return nil
	}
	o := &overTimeData{p: p, ind: ind}
	newest := r.Series[len(r.Series)-1].Period.First
	weeks := weeksUntil(newest, min(newest.Sub(r.Series[0].Period.First)/7+1, mostPeriods))
	h := Heat{
		Name: p.Text(ind.Name), None: p.T("chart.legend.none"), Title: p.T("table.value"), Empty: p.T("chart.empty"),
		Range: func(low, high string) string { return p.T("chart.legend.range", "low", low, "high", high) },
	}
	t := Table{Caption: p.T("table.caption.periods", "name", ind.Name), Columns: []Column{{Key: "week", Label: p.PeriodKind(kpi.Week)}}}
	for day := range 7 {
		name := p.WeekdayShort(weeks[0].AddDays(day))
		h.Rows = append(h.Rows, HeatRow{Name: name, Cells: make([]Member, len(weeks))})
		t.Columns = append(t.Columns, Column{Key: []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}[day], Label: name, Number: true})
	}
	for k, monday := range weeks {
		tick, group := p.PeriodTick(kpi.Period{Kind: kpi.Day, First: monday, Last: monday})
		h.Cols = append(h.Cols, HeatColumn{tick, group, p.Days(monday, monday.AddDays(6))})
		row := Row{Cells: []Cell{{Text: p.Days(monday, monday.AddDays(6)), Raw: monday.String()}}}
		for day := range 7 {
			m := Member{}
			if i := slices.IndexFunc(r.Series, func(pt scorecard.Point) bool { return pt.Period.First == monday.AddDays(day) }); i >= 0 && !r.Series[i].Observation.Partial {
				m = o.member(&r.Series[i].Observation)
			}
			h.Rows[day].Cells[k] = m
			row.Cells = append(row.Cells, Cell{Text: m.Shown, Number: m.Value})
		}
		t.Rows = append(t.Rows, row)
	}
	return NewHeat(id, trendDesc(p, r), p.T("figure.caption.days"), strings.Join([]string{p.T("figure.caption.days"), trendDesc(p, r)}, " "), t, h)
}

// weeksUntil returns the Mondays of n weeks, the last of which holds the day.
func weeksUntil(d kpi.Date, n int) []kpi.Date {
	monday := kpi.NewDate(2024, 1, 1) // a Monday
	back := d.Sub(monday) % 7
	if back < 0 {
		back += 7
	}
	last := d.AddDays(-back)
	list := make([]kpi.Date, n)
	for i := range list {
		list[i] = last.AddDays(-7 * (n - 1 - i))
	}
	return list
}

// DistrictPanels returns the figure of a small line for each district, all on one scale, with the whole city behind each; nil where there are too few
// periods or districts, or more districts than anybody compares.
func DistrictPanels(p *i18n.Printer, id string, city *kpi.City, r *scorecard.Result) *Figure {
	o := newOverTime(p, city, r)
	if o == nil || len(o.rows) > mostPanels {
		return nil
	}
	d := Panels{Name: p.Text(o.ind.Name), Axis: axis(p, o.ind.Unit, o.most), Empty: p.T("chart.empty")}
	for _, x := range o.periods {
		tick, group := p.PeriodTick(x)
		d.Points = append(d.Points, HeatColumn{tick, group, p.Period(x)})
	}
	for _, row := range o.rows {
		d.Panels = append(d.Panels, Panel{ID: row.id, Name: row.name, Cells: enough(row.cells), Last: row.cells[len(row.cells)-1].Shown})
	}
	caption := p.T("figure.caption.panels")
	if o.whole {
		d.Whole = &Panel{Name: p.T("chart.city"), Cells: o.city}
		caption += " " + p.T("figure.caption.panels_city")
	}
	return NewPanels(id, o.moved(), caption, p.T("figure.desc.panels", "n", len(o.rows), "moved", o.moved()), o.changes(), d)
}

// enough returns cells without the values that rest on too few cases: as a share of a few they would swing over the whole scale.
func enough(cells []Member) []Member {
	list := slices.Clone(cells)
	for i := range list {
		if list[i].Few {
			list[i].Value = nil
		}
	}
	return list
}

// moved counts the districts whose value rose and fell from the first period to the last.
func (o *overTimeData) moved() string {
	up, down, n := 0, 0, 0
	for _, row := range o.rows {
		first, last := o.ends(row)
		if first == nil || last == nil {
			continue
		}
		n++
		a, b := i18n.Round(*first.Value, o.ind.Decimals), i18n.Round(*last.Value, o.ind.Decimals)
		up, down = up+bit(b > a), down+bit(b < a)
	}
	if n == 0 {
		return o.p.T("chart.members.none")
	}
	return o.p.T("figure.panels.moved", "since_period", o.p.SincePeriod(o.periods[0]), "n", up, "down", down, "total", n)
}

// ends returns a district in the first and in the last period; nil where it has no value to compare there.
func (o *overTimeData) ends(row districtRow) (first, last *Member) {
	at := func(k int) *Member {
		if m := &row.cells[k]; m.Value != nil && !m.Few {
			return m
		}
		return nil
	}
	return at(0), at(len(row.cells) - 1)
}

// changes is the table of small lines: where each begins and ends, and between which values it lies.
func (o *overTimeData) changes() Table {
	p, n := o.p, len(o.periods)
	period := func(k int) string { return p.Upper(p.PeriodShort(o.periods[k])) }
	t := Table{
		Caption: p.T("figure.table.panels", "name", o.ind.Name),
		Columns: []Column{
			{Key: "member", Only: OnlyFile}, {Key: "member_name", Label: p.T("table.district")},
			{Key: o.periods[0].ID, Label: period(0), Number: true}, {Key: o.periods[n-1].ID, Label: period(n - 1), Number: true},
			{Key: "change", Label: p.T("figure.change"), Number: true}, {Key: "lowest", Label: p.T("figure.lowest"), Number: true}, {Key: "highest", Label: p.T("figure.highest"), Number: true},
		},
	}
	for _, row := range o.rows {
		var change *float64
		if first, last := o.ends(row); first != nil && last != nil {
			diff := *last.Value - *first.Value
			change = &diff
		}
		var low, high *float64
		for _, m := range enough(row.cells) {
			if m.Value != nil && (low == nil || *m.Value < *low) {
				low = m.Value
			}
			if m.Value != nil && (high == nil || *m.Value > *high) {
				high = m.Value
			}
		}
		shown := func(k int) Cell { return Cell{Text: row.cells[k].Shown, Number: row.cells[k].Value} }
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Raw: row.id}, {Text: row.name, Raw: row.name}, shown(0), shown(n - 1),
			{Text: p.ChangeShort(change, o.ind.Unit, o.ind.Decimals), Number: finite(change)}, valueCell(p, o.ind, low), valueCell(p, o.ind, high),
		}})
	}
	return t
}
