package chart

import (
	"encoding/json"
	"math"
	"slices"
)

// Panels are small lines on one scale, each in a field of its own, with the line of the whole behind each. Its texts are finished.
type Panels struct {
	Name   string // of the values, for the interactive chart
	Panels []Panel
	Whole  *Panel // behind each; nil: none
	Points []HeatColumn
	Axis   Axis
	Empty  string // stands in a chart without values
}

// Panel is one line.
type Panel struct {
	ID, Name string
	Cells    []Member // one for each point
	Last     string   // the newest value, or why there is none
	Mine     bool     // the one that the reader chose, see [Figure.PointOut]
}

// NewPanels returns the figure of small lines in the order in which they are given.
func NewPanels(id, finding, caption, desc string, t Table, p Panels) *Figure {
	clean := func(panel Panel) Panel {
		cells := make([]Member, len(p.Points))
		copy(cells, panel.Cells)
		for k := range cells {
			cells[k].Value = finite(cells[k].Value)
		}
		panel.Cells = cells
		return panel
	}
	p.Panels = slices.Clone(p.Panels)
	for i := range p.Panels {
		p.Panels[i] = clean(p.Panels[i])
	}
	if p.Whole != nil {
		whole := clean(*p.Whole)
		p.Whole = &whole
	}
	return &Figure{ID: id, Finding: finding, Caption: caption, Table: t, desc: desc, plot: &p}
}

// columns is how many fields stand beside each other.
func (p *Panels) columns(s size) int {
	if s.narrow() {
		return 2
	}
	return 4
}

// Sizes of a field: of its plot, and the room between two.
const (
	panelPlot = 62.0
	panelGap  = 18.0
)

// panelLayout is a drawing of small lines in a size.
type panelLayout struct {
	*Panels
	c      *canvas
	y      scale
	labels []string
	left   float64 // room for the labels of the axis
	width  float64 // of a field
}

// layout finds the room for everything; false if there is no value.
func (p *Panels) layout(c *canvas) (*panelLayout, bool) {
	y, ok := p.scaleY()
	if !ok {
		return nil, false
	}
	d := &panelLayout{Panels: p, c: c, y: y}
	for _, v := range y.ticks {
		label := p.Axis.Label(v, y.stepsDigit)
		d.labels = append(d.labels, label)
		d.left = max(d.left, textWidth(label, c.font)+8)
	}
	d.left = min(d.left, 0.3*c.w)
	n := float64(p.columns(c.size))
	d.width = (c.w - d.left - 4 - (n-1)*panelGap) / n
	return d, true
}

// scaleY returns the one axis of all lines.
func (p *Panels) scaleY() (scale, bool) {
	lo, hi := math.Inf(1), math.Inf(-1)
	show := func(cells []Member) {
		for _, m := range cells {
			if m.Value != nil {
				lo, hi = min(lo, *m.Value), max(hi, *m.Value)
			}
		}
	}
	for _, panel := range p.Panels {
		show(panel.Cells)
	}
	if math.IsInf(lo, 1) {
		return scale{}, false
	}
	if p.Whole != nil {
		show(p.Whole.Cells)
	}
	return newScale(lo, hi, 2, p.Axis.bounds(lo, hi, false)), true
}

// words are the lines of a field's name, and those of its newest value.
func (d *panelLayout) words(panel Panel) (name, last []string) {
	return wrap(panel.Name, d.c.font, d.width, 2), wrap(panel.Last, 1.06*d.c.font, d.width, 2)
}

// headLines is how many lines the words of a row of fields take.
func (d *panelLayout) headLines(row []Panel) int {
	lines := 2
	for _, panel := range row {
		name, last := d.words(panel)
		lines = max(lines, len(name)+len(last))
	}
	return lines
}

// lines are the fields that stand beside each other.
func (p *Panels) lines(s size) [][]Panel {
	return slices.Collect(slices.Chunk(p.Panels, p.columns(s)))
}

// lineHeight is the height of a row of fields.
func (d *panelLayout) lineHeight(row []Panel) float64 {
	return lead*float64(d.headLines(row)) + 6 + panelPlot + panelGap
}

func (p *Panels) height(s size) float64 {
	d, ok := p.layout(newCanvas(s, ""))
	if !ok {
		return s.h / 2
	}
	h := 3 * s.font
	for _, row := range p.lines(s) {
		h += d.lineHeight(row)
	}
	return h
}

func (p *Panels) draw(c *canvas) {
	d, ok := p.layout(c)
	if !ok {
		c.label("", fit(p.Empty, c.font, c.w-16), c.w/2, c.h/2, atMiddle)
		return
	}
	top := 0.0
	list := p.lines(c.size)
	for i, row := range list {
		head := lead*float64(d.headLines(row)) + 6
		plot := box{y: top + head, w: d.width, h: panelPlot}
		d.y.from, d.y.to = plot.y+plot.h, plot.y
		for k, panel := range row {
			plot.x = d.left + float64(k)*(d.width+panelGap)
			d.field(panel, plot, top)
		}
		d.axis(top + head)
		top += d.lineHeight(row)
		for k := range row { // under the lowest field of each column
			if i == len(list)-1 || k >= len(list[i+1]) {
				d.ends(d.left+float64(k)*(d.width+panelGap), plot.y+plot.h)
			}
		}
	}
}

// axis writes the labels of the values beside the first field of a row.
func (d *panelLayout) axis(top float64) {
	free := math.Inf(1)
	for i, v := range d.y.ticks {
		if y := d.y.at(v); y < free-1.1*d.c.font || i == 0 {
			d.c.label("", fit(d.labels[i], d.c.font, d.left-7), d.left-8, min(max(y, top), top+panelPlot), atEnd)
			free = y
		}
	}
}

// at is where a point stands in a field.
func (d *panelLayout) at(plot box, k int, v float64) point {
	const inset = 5
	x := plot.x + plot.w/2
	if n := len(d.Points); n > 1 {
		x = plot.x + inset + float64(k)/float64(n-1)*(plot.w-2*inset)
	}
	return point{x, d.y.at(v)}
}

// field writes the name, the newest value and the two lines of a field.
func (d *panelLayout) field(panel Panel, plot box, top float64) {
	c := d.c
	y := top + 10
	name, last := d.words(panel)
	class := "c-name"
	if panel.Mine {
		class = "c-strong"
		c.rect("c-mine-edge", box{plot.x - 3, plot.y - 3, plot.w + 6, plot.h + 6})
	}
	for _, line := range name {
		c.label(class, line, plot.x, y, atStart)
		y += lead
	}
	for _, line := range last {
		c.label("c-strong", line, plot.x, y, atStart)
		y += lead
	}
	for _, v := range d.y.ticks {
		class := "c-grid"
		if v == d.y.lo {
			class = "c-axis"
		}
		c.line(class, plot.x, d.y.at(v), plot.x+plot.w, d.y.at(v))
	}
	if d.Whole != nil {
		d.line("c-before", d.Whole.Cells, plot)
	}
	d.line("c-line-small", panel.Cells, plot)
	for k := len(panel.Cells) - 1; k >= 0; k-- {
		if m := panel.Cells[k]; m.Value != nil {
			c.dot("c-last", d.at(plot, k, *m.Value), 4)
			break
		}
	}
	c.hover("rect", "c-hit", panel.Name+": "+panel.Last, "x", plot.x, "y", plot.y, "width", plot.w, "height", plot.h)
}

// line writes a line, interrupted at gaps; a value alone is a point.
func (d *panelLayout) line(class string, cells []Member, plot box) {
	var run []point
	flush := func() {
		if len(run) == 1 && class == "c-line-small" {
			d.c.dot("c-dot", run[0], 2.5)
		}
		d.c.polyline(class, run)
		run = nil
	}
	for k, m := range cells {
		if m.Value == nil {
			flush()
			continue
		}
		run = append(run, d.at(plot, k, *m.Value))
	}
	flush()
}

// ends writes the first and the last period under a field.
func (d *panelLayout) ends(x, y float64) {
	c, n := d.c, len(d.Points)
	for _, e := range []struct {
		col HeatColumn
		x   float64
		a   anchor
	}{{d.Points[0], x, atStart}, {d.Points[n-1], x + d.width, atEnd}} {
		for i, text := range []string{e.col.Tick, e.col.Group} {
			if text = fit(text, c.font, d.width/2-4); text != "" && (n > 1 || e.a == atStart) {
				c.label("", text, e.x, y+(1.05+1.2*float64(i))*c.font, e.a)
			}
		}
	}
}

// option of small lines: a field each, which the site's script places by the room that there is, and a series each, so that the keyboard goes along
// a line and from line to line.
func (p *Panels) option(f *Figure) (map[string]any, error) {
	names := make([]string, len(p.Points))
	for i, col := range p.Points {
		names[i] = col.Label
	}
	tree, err := overTime(f, names)
	if err != nil {
		return nil, err
	}
	y, ok := p.scaleY()
	xs, ys, grids, titles, series := []any{}, []any{}, []any{}, []any{}, []any{}
	for i, panel := range p.Panels {
		x := map[string]any{"type": "category", "data": names, "gridIndex": i, "axisLabel": map[string]any{"show": false}, "axisTick": map[string]any{"show": false},
			"axisLine": map[string]any{"lineStyle": map[string]any{"color": "@c-axis"}}}
		axis := map[string]any{"type": "value"}
		if ok {
			axis = valueAxis(y, p.Axis)
			delete(axis, "name")
		}
		axis["gridIndex"] = i
		xs, ys, grids = append(xs, x), append(ys, axis), append(grids, map[string]any{})
		titles = append(titles, map[string]any{"text": panel.Name, "textStyle": map[string]any{"color": "@c-strong", "fontSize": 13, "fontWeight": "normal", "overflow": "truncate"}})
		series = append(series, map[string]any{"type": "line", "name": panel.Name, "data": p.data(panel), "xAxisIndex": i, "yAxisIndex": i, "symbol": "circle",
			"symbolSize": 5, "showSymbol": false, "color": "@c-line", "lineStyle": map[string]any{"color": "@c-line", "width": 2}})
	}
	if p.Whole != nil {
		for i := range p.Panels {
			data := make([]any, len(p.Whole.Cells))
			for k, m := range p.Whole.Cells {
				data[k] = gap
				if m.Value != nil {
					data[k] = *m.Value
				}
			}
			series = append(series, map[string]any{"type": "line", "name": p.Whole.Name, "data": data, "xAxisIndex": i, "yAxisIndex": i, "symbol": "none", "silent": true,
				"color": "@c-rest", "lineStyle": map[string]any{"color": "@c-rest", "width": 1.5}})
		}
	}
	tree["xAxis"], tree["yAxis"], tree["grid"], tree["title"], tree["series"] = xs, ys, grids, titles, series
	tree["tooltip"] = tooltip("item")
	tree["keys"] = map[string]any{"x": 1, "y": len(p.Points), "panels": len(p.Panels)}
	return tree, nil
}

// data are the points of a line, each with what is said of it.
func (p *Panels) data(panel Panel) []any {
	data := make([]any, len(panel.Cells))
	for k, m := range panel.Cells {
		d := map[string]any{"value": gap, "title": panel.Name + ", " + p.Points[k].Label, "shown": m.Shown}
		if m.Value != nil {
			d["value"] = *m.Value
		}
		if p.Whole != nil && p.Whole.Cells[k].Value != nil {
			d["shown"] = m.Shown + "; " + p.Whole.Name + " " + p.Whole.Cells[k].Shown
		}
		data[k] = d
	}
	return data
}

// outline is nil for what is no map.
func (p *Panels) outline() (string, json.RawMessage, error) { return "", nil, nil }
