package chart

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
)

// freshWeeks is how many weeks a calendar of freshness shows.
const freshWeeks = kpi.DeliveryWeeks

// Freshness returns the figure of when a dataset's deliveries came in the last weeks, and on which days its data were older than its folder
// promises; nil where nothing is known of any day. asOf is the day up to which it is known.
func Freshness(p *i18n.Printer, id string, ds *kpi.Dataset, st kpi.DatasetState, asOf kpi.Date) *Figure {
	f := fresh{p: p, ds: ds, byDay: map[kpi.Date]kpi.Delivery{}}
	if asOf.IsZero() || !f.read(st, asOf) {
		return nil
	}
	weeks := weeksUntil(asOf, freshWeeks)
	c := DayCalendar{Name: p.Text(ds.Name), Words: map[DayKind]string{}}
	for _, k := range dayKinds {
		c.Words[k] = p.T("figure.day." + string(k))
	}
	t := Table{
		Caption: p.T("figure.table.freshness", "name", ds.Name),
		Columns: []Column{{Key: "date", Label: p.T("table.date")}, {Key: "delivery", Label: p.T("figure.delivery")}, {Key: "late", Label: p.T("figure.late")}},
	}
	n := map[DayKind]int{}
	for _, monday := range weeks {
		tick, group := p.PeriodTick(kpi.Period{Kind: kpi.Day, First: monday, Last: monday})
		c.Weeks = append(c.Weeks, HeatColumn{tick, group, p.Days(monday, monday.AddDays(6))})
	}
	for day := range 7 {
		c.Days = append(c.Days, p.WeekdayShort(weeks[0].AddDays(day)))
	}
	for i := range 7 * freshWeeks {
		day := weeks[0].AddDays(i)
		cell := DayCell{Label: p.Date(day)}
		if !day.After(asOf) {
			cell.Kind, cell.Late = f.kind(day), f.late(day)
			n[cell.Kind]++
			n[dayLate] += bit(cell.Late)
			cell.Shown = f.says(cell)
		}
		c.Cells = append(c.Cells, cell)
		if cell.Kind != dayNothing || cell.Late {
			late := Cell{Raw: "false"}
			if cell.Late {
				late = Cell{Text: c.Words[dayLate], Raw: "true"}
			}
			t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: p.Date(day), Raw: day.String()}, {Text: f.word(cell.Kind), Raw: cmp.Or(string(cell.Kind), "none")}, late}})
		}
	}
	finding := p.T("figure.freshness", "n", n[dayNew], "unchanged", n[dayUnchanged], "failed", n[dayFailed])
	if ds.Expect.Every > 0 {
		finding += " " + p.T("figure.freshness_late", "late", n[dayLate])
	}
	return NewDayCalendar(id, finding, p.T("figure.caption.freshness"), p.T("figure.desc.freshness", "name", ds.Name)+" "+finding, t, c)
}

// fresh are the deliveries of a dataset by day.
type fresh struct {
	p     *i18n.Printer
	ds    *kpi.Dataset
	byDay map[kpi.Date]kpi.Delivery
	since kpi.Date // the first day on which new data came
}

// read reports whether anything is known.
func (f *fresh) read(st kpi.DatasetState, asOf kpi.Date) bool {
	for _, d := range st.Deliveries {
		if d.Day.After(asOf) {
			continue
		}
		f.byDay[d.Day] = d
		if d.New && (f.since.IsZero() || d.Day.Before(f.since)) {
			f.since = d.Day
		}
	}
	return len(f.byDay) > 0
}

// kind is what came on a day, the best of it.
func (f *fresh) kind(day kpi.Date) DayKind {
	d := f.byDay[day]
	switch {
	case d.New:
		return dayNew
	case d.Unchanged:
		return dayUnchanged
	case d.Failed:
		return dayFailed
	}
	return dayNothing
}

// late reports whether the newest data were older on a day than the folder promises. Before the first delivery that is known nobody can say.
func (f *fresh) late(day kpi.Date) bool {
	if f.ds.Expect.Every <= 0 || f.since.IsZero() || day.Before(f.since) {
		return false
	}
	within := max(int(f.ds.Expect.Every/(24*time.Hour)), 1)
	for back := range within + 1 {
		if f.byDay[day.AddDays(-back)].New {
			return false
		}
	}
	return true
}

// word is what came on a day in words.
func (f *fresh) word(k DayKind) string {
	if k == dayNothing {
		return f.p.T("figure.day.none")
	}
	return f.p.T("figure.day." + string(k))
}

// says is a day in words.
func (f *fresh) says(c DayCell) string {
	list := []string{f.word(c.Kind)}
	if c.Late {
		list = append(list, f.word(dayLate))
	}
	return strings.Join(list, ", ")
}

// DayCalendar are days by week: a column each week, a row each day of it. Its texts are finished.
type DayCalendar struct {
	Name  string // for the interactive chart
	Weeks []HeatColumn
	Days  []string  // short names of the days of a week
	Cells []DayCell // week by week
	Words map[DayKind]string
}

// DayCell is one day.
type DayCell struct {
	Kind  DayKind
	Late  bool
	Label string // the day
	Shown string // what came, and whether the data were late; "" of a day to come
}

// DayKind is what came on a day.
type DayKind string

// The kinds. Each has a form of its own.
const (
	dayNothing   DayKind = ""
	dayNew       DayKind = "new"       // full square
	dayUnchanged DayKind = "unchanged" // hollow circle
	dayFailed    DayKind = "failed"    // cross
	dayLate      DayKind = "late"      // stripes behind
)

// dayKinds lists those that the legend explains, in its order.
var dayKinds = []DayKind{dayNew, dayUnchanged, dayFailed, dayLate}

// NewDayCalendar returns the figure of days by week.
func NewDayCalendar(id, finding, caption, desc string, t Table, c DayCalendar) *Figure {
	return &Figure{ID: id, Finding: finding, Caption: caption, Table: t, desc: desc, plot: &c}
}

// Sizes of a day.
const (
	dayHeight   = 22.0
	mostDayWide = 36.0
)

func (l *DayCalendar) height(s size) float64 {
	return 7*dayHeight + 3.1*s.font + l.legend(newCanvas(s, ""), "", 0, 0, s.w) + 8
}

func (l *DayCalendar) draw(c *canvas) {
	left := 0.0
	for _, name := range l.Days {
		left = max(left, textWidth(name, c.font)+10)
	}
	width := min((c.w-left-2)/float64(len(l.Weeks)), mostDayWide)
	hatch := c.id + "-" + c.short + "h"
	c.hatch(hatch)
	for day, name := range l.Days {
		c.label("", name, left-8, (float64(day)+0.5)*dayHeight, atEnd)
	}
	for i, cell := range l.Cells {
		b := box{left + float64(i/7)*width + 1, float64(i%7)*dayHeight + 1, width - 2, dayHeight - 2}
		l.cell(c, cell, b, hatch)
	}
	ticks := make([]LinePoint, len(l.Weeks))
	for i, week := range l.Weeks {
		ticks[i] = LinePoint{Tick: week.Tick, Group: week.Group}
	}
	bottom := 7 * dayHeight
	c.axisOfTime(ticks, func(i int) float64 { return left + (float64(i)+0.5)*width }, width, bottom)
	l.legend(c, hatch, 0, bottom+3.1*c.font, c.w)
}

// cell writes a day.
func (l *DayCalendar) cell(c *canvas, d DayCell, b box, hatch string) {
	c.rect("c-day", b)
	if d.Late {
		c.leaf("rect", "c-through", "fill", "url(#"+hatch+")", "x", b.x, "y", b.y, "width", b.w, "height", b.h)
	}
	at := point{b.x + b.w/2, b.y + b.h/2}
	c.dayMark(d.Kind, at)
	if (d.Kind != dayNothing || d.Late) && !c.narrow() {
		c.hover("rect", "c-hit", d.Label+": "+d.Shown, "x", b.x, "y", b.y, "width", b.w, "height", b.h)
	}
}

// dayMark writes the form of what came on a day.
func (c *canvas) dayMark(k DayKind, at point) {
	switch k {
	case dayNew:
		c.rect("c-out", box{at.x - 6.5, at.y - 6.5, 13, 13})
	case dayUnchanged:
		c.dot("c-hollow", at, 4.5)
	case dayFailed:
		c.polyline("c-cross-edge", []point{{at.x - 5, at.y - 5}, {at.x + 5, at.y + 5}})
		c.polyline("c-cross-edge", []point{{at.x - 5, at.y + 5}, {at.x + 5, at.y - 5}})
		c.polyline("c-cross", []point{{at.x - 5, at.y - 5}, {at.x + 5, at.y + 5}})
		c.polyline("c-cross", []point{{at.x - 5, at.y + 5}, {at.x + 5, at.y - 5}})
	}
}

// legend writes the forms with their words and returns the height that they take.
func (l *DayCalendar) legend(c *canvas, hatch string, left, top, right float64) float64 {
	x, y := left, top
	for _, k := range dayKinds {
		text := fit(l.Words[k], c.font, right-left-26)
		w := 26 + textWidth(text, c.font) + 18
		if x > left && x+w-18 > right {
			x, y = left, y+legendRow
		}
		at := point{x + 10, y + legendRow/2}
		if k == dayLate {
			b := box{at.x - 9, at.y - 9, 18, 18}
			c.rect("c-day", b)
			c.leaf("rect", "", "fill", "url(#"+hatch+")", "x", b.x, "y", b.y, "width", b.w, "height", b.h)
		}
		c.dayMark(k, at)
		c.label("", text, x+26, at.y, atStart)
		x += w
	}
	return y + legendRow - top
}

// option of days: a mark each, day by day, so that the keyboard goes from day to day and from week to week.
func (l *DayCalendar) option(f *Figure) (map[string]any, error) {
	tree, err := rows(f, l.Days)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(l.Weeks))
	for i, week := range l.Weeks {
		names[i] = week.Label
	}
	data := make([]any, len(l.Cells))
	for i, cell := range l.Cells {
		d := map[string]any{"value": []any{i / 7, i % 7}, "title": cell.Label, "shown": cell.Shown, "symbol": "circle", "symbolSize": 3}
		edge := map[string]any{"color": "@c-paper", "borderColor": "@c-line", "borderWidth": 2}
		switch cell.Kind {
		case dayNew:
			d["symbol"], d["symbolSize"] = "rect", 14
		case dayUnchanged:
			d["symbolSize"], d["itemStyle"] = 9, edge
		case dayFailed:
			d["symbol"], d["symbolSize"], d["itemStyle"] = "triangle", 14, map[string]any{"color": "@c-strong"}
		case dayNothing:
			d["itemStyle"] = map[string]any{"color": "@c-axis"}
			if cell.Late {
				d["symbol"], d["symbolSize"], d["itemStyle"] = "diamond", 12, map[string]any{"color": "@c-paper", "borderColor": "@c-rest", "borderWidth": 1.5}
			}
		}
		data[i] = d
	}
	tree["xAxis"] = []any{map[string]any{"type": "category", "data": names, "axisLabel": text(map[string]any{"hideOverlap": true}),
		"axisLine": map[string]any{"lineStyle": map[string]any{"color": "@c-axis"}}}}
	tree["tooltip"] = tooltip("item")
	tree["keys"] = map[string]any{"x": 7, "y": 1}
	tree["series"] = []any{map[string]any{"type": "scatter", "name": l.Name, "data": data, "color": "@c-line", "itemStyle": map[string]any{"opacity": 1}}}
	return tree, nil
}

// outline is nil for what is no map.
func (l *DayCalendar) outline() (string, json.RawMessage, error) { return "", nil, nil }
