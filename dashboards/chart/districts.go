package chart

import (
	"slices"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// DistrictBars returns the figure of an indicator by district in one period, or over all of them for kpi.PeriodTotal.
func DistrictBars(p *i18n.Printer, id string, city *kpi.City, r *scorecard.Result, period string) *Figure {
	d := newDistricts(p, city, r, period)
	b := Bars{
		Name: p.Text(r.Indicator.Name), Members: d.members, Axis: axis(p, r.Indicator.Unit, d.most),
		Rest: p.T("member.unplaced"), Empty: p.T("chart.empty"),
	}
	if d.comparable() {
		b.City = &Level{*d.city.Value, p.T("chart.city_value", "value", d.show(d.city.Value))}
	}
	return NewBars(id, d.standing(), d.barsCaption(b.City != nil), d.desc(), d.table("table.caption.districts"), b)
}

// DistrictMap returns the same values as a map; nil if the city has no outlines.
func DistrictMap(p *i18n.Printer, id string, city *kpi.City, r *scorecard.Result, period string) *Figure {
	d := newDistricts(p, city, r, period)
	m := Map{
		Name: p.Text(r.Indicator.Name), None: p.T("chart.legend.none"), Outline: "citystat-districts", Title: p.T("table.value"), Empty: p.T("chart.empty"),
		Range: func(low, high string) string { return p.T("chart.legend.range", "low", low, "high", high) },
	}
	hidden := false
	for i, dist := range d.there {
		o := d.seen[dist.ID]
		hidden = hidden || o != nil && o.Suppressed != kpi.NotSuppressed
		area := Area{Member: d.members[i], Polygons: dist.Polygons}
		if dist.Ended(d.day) {
			area.Polygons = nil // its area belongs to others now
		}
		m.Areas = append(m.Areas, area)
		if d.members[i].Few {
			m.None = p.T("chart.legend.too_few")
		}
	}
	if hidden {
		m.None = p.T("page.legend_hidden")
	}
	if !m.drawn() {
		return nil
	}
	return NewMap(id, d.finding(), p.T("chart.caption.map"), d.desc(), d.table("table.caption.district_map"), m)
}

// districts are the observations of one period by district.
type districts struct {
	p       *i18n.Printer
	ind     *kpi.Indicator
	name    string // of the period
	city    *kpi.Observation
	members []Member        // the city's districts in their order, then others, then those apart
	there   []*kpi.District // those that are among the members, in their order
	day     kpi.Date        // on which the newest period ends: what has ended before it is marked
	seen    map[string]*kpi.Observation
	most    float64
}

func newDistricts(p *i18n.Printer, city *kpi.City, r *scorecard.Result, period string) *districts {
	d := &districts{p: p, ind: r.Indicator, name: p.T("period.total"), city: r.Observation(period, "", ""), seen: map[string]*kpi.Observation{}}
	for _, pt := range r.Series {
		if pt.Period.ID == period {
			d.name = p.Period(pt.Period)
		}
	}
	d.day = newest(r)
	for i := range city.Districts {
		dist := &city.Districts[i]
		o := r.Observation(period, kpi.DimensionDistrict, dist.ID)
		if o == nil && !d.day.IsZero() && !dist.On(d.day) {
			continue // what is not there has no place, unless rows name it
		}
		d.there = append(d.there, dist)
		d.add(dist.ID, districtName(p, dist, d.day), o, false)
	}
	var others []string
	for _, m := range r.Members {
		reserved := m.Member == kpi.MemberNotRecorded || m.Member == kpi.MemberNotRecognised
		if m.Dimension == kpi.DimensionDistrict && city.District(m.Member) == nil && !reserved {
			others = append(others, m.Member)
		}
	}
	slices.Sort(others) // districts that the folder knew when the rows came, and no longer knows
	for _, id := range others {
		d.add(id, id, r.Observation(period, kpi.DimensionDistrict, id), false)
	}
	for _, id := range []string{kpi.MemberNotRecorded, kpi.MemberNotRecognised} {
		if o := r.Observation(period, kpi.DimensionDistrict, id); o != nil && (o.Value != nil || o.Rows+o.ExcludedRows() > 0 || o.Suppressed != kpi.NotSuppressed) {
			d.add(id, p.Member(kpi.DimensionDistrict, id, city), o, true)
		}
	}
	return d
}

// newest is the last day of the newest period of a result; zero if it has none.
func newest(r *scorecard.Result) kpi.Date {
	if n := len(r.Series); n > 0 {
		return r.Series[n-1].Period.Last
	}
	return kpi.Date{}
}

// districtName is the name of a district, with a word where it has ended.
func districtName(p *i18n.Printer, d *kpi.District, day kpi.Date) string {
	if d.Ended(day) {
		return p.T("org.ended_name", "name", d.Name)
	}
	return p.Text(d.Name)
}

// add adds a member with its observation, nil if it has none.
func (d *districts) add(id, name string, o *kpi.Observation, apart bool) {
	m := Member{ID: id, Name: name, Apart: apart}
	if o != nil {
		m.Value = finite(o.Value)
		d.seen[id] = o
	}
	m.Shown = d.show(m.Value)
	if o != nil && o.Suppressed != kpi.NotSuppressed {
		m.Shown, m.Note = d.p.T("value.suppressed"), suppressed(d.p, o.Suppressed)
	}
	if m.Value != nil {
		d.most = max(d.most, *m.Value, -*m.Value)
		if m.Few = o.Rows < int64(d.ind.Minimum); m.Few {
			m.Note, m.Shown = d.p.T("table.mark.too_few"), d.p.Observed(d.ind, o)
		} else if !apart {
			m.Low, m.High = scorecard.Interval(d.ind, o)
			m.Range = interval(d.p, d.ind, m.Low, m.High)
		}
	}
	d.members = append(d.members, m)
}

func (d *districts) show(v *float64) string { return d.p.Value(v, d.ind.Unit, d.ind.Decimals) }

// comparable reports whether the value of the whole city lies on the same scale as those of its districts: an average does, a count
// does not, and one that rests on too few rows to be judged is nothing to compare with.
func (d *districts) comparable() bool {
	return d.city != nil && finite(d.city.Value) != nil && d.city.Rows >= int64(d.ind.Minimum) && !d.ind.Measure.Flow()
}

// extremes returns the lowest and the highest of the members that can be compared; nil if there are fewer than two.
func (d *districts) extremes() (low, high *Member, n int) {
	for i := range d.members {
		m := &d.members[i]
		if m.Value == nil || m.Few || m.Apart {
			continue
		}
		n++
		if low == nil || *m.Value < *low.Value {
			low = m
		}
		if high == nil || *m.Value > *high.Value {
			high = m
		}
	}
	if n < 2 {
		return nil, nil, n
	}
	return low, high, n
}

// finding is pattern 20, or says that there is nothing to compare.
func (d *districts) finding() string {
	low, high, _ := d.extremes()
	switch {
	case low == nil:
		return d.p.T("chart.members.none")
	case d.city == nil || finite(d.city.Value) == nil:
		return d.p.T("chart.members.extremes", "district", low.Name, "low", low.Shown, "other_district", high.Name, "high", high.Shown)
	}
	return d.p.T("sentence.widest_gap", "district", low.Name, "low", low.Shown, "other_district", high.Name, "high", high.Shown, "value", d.p.Observed(d.ind, d.city))
}

// highestShown is how many districts are named as those with the highest values.
const highestShown = 3

// standing is the finding of the bars, which the map does not show as well: how many districts lie above the whole city or, where the city has no
// value on their scale, which are the highest.
func (d *districts) standing() string {
	low, _, n := d.extremes()
	switch {
	case low == nil:
		return d.finding()
	case !d.comparable():
		var list []string
		for _, m := range sorted(d.members) {
			if m.Value != nil && !m.Few && !m.Apart && len(list) < highestShown {
				list = append(list, d.p.T("chart.members.one", "district", m.Name, "value", m.Shown))
			}
		}
		return d.p.T("chart.members.highest", "members", d.p.List(list))
	}
	above := 0
	for _, m := range d.members {
		if m.Value != nil && !m.Few && !m.Apart && i18n.Round(*m.Value, d.ind.Decimals) > i18n.Round(*d.city.Value, d.ind.Decimals) {
			above++
		}
	}
	return d.p.T("chart.members.above", "n", above, "total", n)
}

func (d *districts) desc() string {
	_, _, n := d.extremes()
	return d.p.T("chart.desc.members", "n", n, "extremes", d.finding())
}

func (d *districts) barsCaption(city bool) string {
	caption := d.p.T("chart.caption.bars")
	if city {
		caption = d.p.T("chart.caption.bars_city")
	}
	few, ranges := false, false
	for _, m := range d.members {
		few, ranges = few || m.Few && !m.Apart, ranges || m.Range != ""
	}
	if ranges {
		caption += " " + d.p.T("figure.caption.whisker")
	}
	if few {
		caption += " " + d.p.T("chart.caption.few")
	}
	return caption
}

// table is the table by district, in the order of the bars, under one of the captions.
func (d *districts) table(caption string) Table {
	p := d.p
	t := Table{
		Caption: p.T(caption, "name", d.ind.Name, "period", d.name),
		Columns: []Column{
			{Key: "member", Only: OnlyFile},
			{Key: "member_name", Label: p.T("table.district")},
			{Key: "numerator", Label: p.T("table.numerator"), Number: true, Only: OnlyFile},
			{Key: "denominator", Label: p.T("table.denominator"), Number: true, Only: OnlyFile},
			{Key: "value", Label: p.T("table.value"), Number: true},
			{Key: "interval", Label: p.T("table.interval"), Number: true, Only: OnlyPage},
			{Key: "low", Label: p.T("table.lower"), Number: true, Only: OnlyFile},
			{Key: "high", Label: p.T("table.upper"), Number: true, Only: OnlyFile},
			{Key: "rows", Label: p.T("table.rows"), Number: true},
			{Key: "excluded", Label: p.T("table.left_out"), Number: true},
			{Key: "note", Label: p.T("table.note"), Only: OnlyPage},
		},
	}
	ranges := false
	for _, m := range sorted(d.members) {
		o := d.seen[m.ID]
		if o == nil {
			o = &kpi.Observation{}
		}
		ranges = ranges || m.Range != ""
		t.Rows = append(t.Rows, Row{Apart: m.Apart, Mark: m.Note, Cells: []Cell{
			{Raw: m.ID}, {Text: m.Name, Raw: m.Name}, amount(p, o.Numerator), amount(p, o.Denominator), {Text: m.Shown, Number: finite(o.Value)},
			{Text: m.Range}, valueCell(p, d.ind, m.Low), valueCell(p, d.ind, m.High),
			shownCount(p, o, o.Rows), shownCount(p, o, o.ExcludedRows()), {Text: m.Note},
		}})
	}
	if !ranges { // a measure without intervals has no columns for them
		t.drop("interval", "low", "high")
	}
	return t
}
