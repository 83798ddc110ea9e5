package chart

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Heat are values by row and column: the districts of a city by period. A cell says its value by its colour and by its size, so that nobody
// needs the colour. Its texts are finished.
type Heat struct {
	Name  string // of the values, for the interactive chart
	Rows  []HeatRow
	Cols  []HeatColumn
	Range func(low, high string) string // "55% to 61%", of finished values
	None  string                        // legend: cells without a value to compare
	Title string                        // legend: what the colours are
	Empty string                        // stands in a chart without values
}

// HeatRow is a row with a cell for each column.
type HeatRow struct {
	ID, Name string
	Whole    bool // the whole city: its name is written stronger
	Mine     bool // the one that the reader chose, see [Figure.PointOut]
	Cells    []Member
}

// HeatColumn is a column.
type HeatColumn struct {
	Tick, Group string // the two lines of its label; Group is written where it changes
	Label       string // its full name
}

// NewHeat returns the figure of values by row and column, in the order in which they are given.
func NewHeat(id, finding, caption, desc string, t Table, h Heat) *Figure {
	h.Rows = slices.Clone(h.Rows)
	for i := range h.Rows {
		cells := make([]Member, len(h.Cols))
		copy(cells, h.Rows[i].Cells)
		for k := range cells {
			cells[k].Value = finite(cells[k].Value)
		}
		h.Rows[i].Cells = cells
	}
	return &Figure{ID: id, Finding: finding, Caption: caption, Table: t, desc: desc, plot: &h}
}

// classify divides all values into classes.
func (h *Heat) classify() []class {
	var all []Member
	for _, r := range h.Rows {
		all = append(all, r.Cells...)
	}
	return classify(all)
}

// nameRoom is the width that names may take.
func (h *Heat) nameRoom(s size) float64 {
	if s.narrow() {
		return s.w
	}
	return 0.3 * s.w
}

// rowHeight is the height of a row. In the narrow drawing the name stands over its cells.
func (h *Heat) rowHeight(r HeatRow, s size) float64 {
	lines := lead * float64(max(1, len(wrap(r.Name, s.font, h.nameRoom(s), 2))))
	if s.narrow() {
		return lines + h.cellHeight(s) + 6
	}
	return max(h.cellHeight(s)+2, lines+4)
}

// cellHeight is the height of a cell.
func (h *Heat) cellHeight(s size) float64 {
	if s.narrow() {
		return 18
	}
	return 22
}

func (h *Heat) height(s size) float64 {
	total := 3.1 * s.font // of the axis
	for _, r := range h.Rows {
		total += h.rowHeight(r, s)
	}
	c := newCanvas(s, "")
	return max(total+h.legend(c, h.classify(), "", 0)+8, s.h/2)
}

// heatLayout is a drawing of cells in a size.
type heatLayout struct {
	*Heat
	c     *canvas
	list  []class
	left  float64 // where the first column begins
	width float64 // of a column
	hatch string
}

func (h *Heat) draw(c *canvas) {
	list := h.classify()
	if len(list) == 0 || len(h.Cols) == 0 {
		c.label("", fit(h.Empty, c.font, c.w-16), c.w/2, c.h/2, atMiddle)
		return
	}
	d := &heatLayout{Heat: h, c: c, list: list, hatch: c.id + "-" + c.short + "h"}
	d.place()
	c.hatch(d.hatch)
	y := 2.0
	for _, r := range h.Rows {
		height := h.rowHeight(r, c.size)
		d.row(r, y, height)
		y += height
	}
	ticks := make([]LinePoint, len(h.Cols))
	for i, col := range h.Cols {
		ticks[i] = LinePoint{Tick: col.Tick, Group: col.Group}
	}
	c.axisOfTime(ticks, func(i int) float64 { return d.left + (float64(i)+0.5)*d.width }, d.width, y)
	h.legend(c, list, d.hatch, y+3.1*c.font)
}

// place finds the room for names and columns.
func (d *heatLayout) place() {
	if !d.c.narrow() {
		for _, r := range d.Rows {
			for _, line := range wrap(r.Name, d.c.font, d.nameRoom(d.c.size), 2) {
				d.left = max(d.left, d.nameWidth(r, line))
			}
		}
		d.left = min(d.left, d.nameRoom(d.c.size)*1.06) + 14
	}
	d.width = min((d.c.w-d.left)/float64(len(d.Cols)), 34)
}

func (d *heatLayout) nameWidth(r HeatRow, line string) float64 {
	w := textWidth(line, d.c.font)
	if r.Whole || r.Mine {
		w *= 1.06
	}
	return w
}

// row writes the name of a row and its cells.
func (d *heatLayout) row(r HeatRow, top, height float64) {
	c := d.c
	class := "c-name"
	if r.Whole || r.Mine {
		class = "c-strong"
	}
	lines := wrap(r.Name, c.font, d.nameRoom(c.size), 2)
	y, middle := top+height/2-lead*float64(len(lines)-1)/2, top+height/2
	if c.narrow() {
		y, middle = top+9, top+height-4-d.cellHeight(c.size)/2
	}
	for i, line := range lines {
		c.label(class, fit(line, c.font, c.w/1.06), 0, y+lead*float64(i), atStart)
	}
	if r.Mine {
		c.rect("c-mine-edge", box{d.left - 2, middle - d.cellHeight(c.size)/2 - 1, d.width*float64(len(d.Cols)) + 4, d.cellHeight(c.size) + 2})
	}
	striped := ""
	for k, cell := range r.Cells {
		b := d.cell(cell, point{d.left + (float64(k)+0.5)*d.width, middle})
		class := classOf(cell, d.list)
		if class < 0 {
			striped += way(b)
		}
		d.fill(r, k, class, b)
	}
	if striped != "" {
		c.leaf("path", "c-through", "fill", "url(#"+d.hatch+")", "d", striped)
	}
}

// cell is the square of a value: the higher its class, the larger it is. What has no value to compare has one of middle size.
func (d *heatLayout) cell(m Member, at point) box {
	share := 0.62
	if k := classOf(m, d.list); k >= 0 {
		share = heatShare(shade(k, len(d.list)))
	}
	w, h := max(share*(d.width-1.5), 2), share*(d.cellHeight(d.c.size)-2)
	return box{at.x - w/2, at.y - h/2, w, h}
}

// heatShare is how much of its cell a square of a colour takes, in width and in height.
func heatShare(shade int) float64 { return 0.36 + 0.16*float64(shade-1) }

// fill writes a cell. The wide drawing says it when the pointer rests on it; phones have no such pointer.
func (d *heatLayout) fill(r HeatRow, k, class int, b box) {
	name := "c-cell c-none"
	if class >= 0 {
		name = "c-cell c-s" + strconv.Itoa(shade(class, len(d.list)))
	}
	if d.c.narrow() {
		d.c.rect(name, b)
		return
	}
	d.c.hover("rect", name, d.says(r, k), "x", b.x, "y", b.y, "width", b.w, "height", b.h)
}

// says is a cell in words.
func (h *Heat) says(r HeatRow, k int) string {
	m := r.Cells[k]
	title := r.Name + ", " + h.Cols[k].Label + ": " + m.Shown
	if m.Note != "" && m.Note != m.Shown {
		title += ", " + m.Note
	}
	return title
}

// way is a rectangle as the data of a path.
func way(b box) string {
	var s strings.Builder
	for _, part := range []string{"M", number(b.x), " ", number(b.y), "h", number(b.w), "v", number(b.h), "h", number(-b.w), "Z"} {
		s.WriteString(part)
	}
	return s.String()
}

// missing reports whether there is a cell without a value to compare.
func (h *Heat) missing(list []class) bool {
	for _, r := range h.Rows {
		if slices.ContainsFunc(r.Cells, func(m Member) bool { return classOf(m, list) < 0 }) {
			return true
		}
	}
	return false
}

// legend writes the sizes and colours with their ranges, the smallest first, in as many lines as it takes, and returns their height.
func (h *Heat) legend(c *canvas, list []class, hatch string, top float64) float64 {
	if len(list) == 0 {
		return 0
	}
	x, y := 0.0, top
	item := func(text string, mark func(at point)) {
		text = fit(text, c.font, c.w-26)
		w := 26 + textWidth(text, c.font) + 18
		if x > 0 && x+w-18 > c.w {
			x, y = 0, y+legendRow
		}
		if mark != nil {
			mark(point{x + 10, y + legendRow/2})
			c.label("", text, x+26, y+legendRow/2, atStart)
		} else {
			c.label("c-strong", fit(text, 1.06*c.font, c.w-x), x, y+legendRow/2, atStart)
			w += 0.06*textWidth(text, c.font) - 26
		}
		x += w
	}
	if h.Title != "" {
		item(h.Title, nil)
	}
	square := func(class string, share float64) func(point) {
		return func(at point) {
			side := 18 * share
			c.rect(class, box{at.x - side/2, at.y - side/2, side, side})
			if class == "c-cell c-none" {
				c.leaf("rect", "", "fill", "url(#"+hatch+")", "x", at.x-side/2, "y", at.y-side/2, "width", side, "height", side)
			}
		}
	}
	for i, k := range list {
		text := k.lowText
		if k.lowText != k.highText {
			text = h.Range(k.lowText, k.highText)
		}
		n := shade(i, len(list))
		item(text, square("c-cell c-s"+strconv.Itoa(n), heatShare(n)))
	}
	if h.missing(list) {
		item(h.None, square("c-cell c-none", 0.72))
	}
	return y + legendRow - top
}

// axisOfTime writes the labels of columns under them, as many as there is room for, and their groups below where they change.
func (c *canvas) axisOfTime(points []LinePoint, at func(int) float64, spacing, y float64) {
	widest := 0.0
	for _, p := range points {
		widest = max(widest, textWidth(p.Tick, c.font))
	}
	step, first := thin(points, (widest+0.7*c.font)/spacing)
	edge, free, group := box{0, 0, c.w, math.Inf(1)}, -1.0, ""
	for i := first; i < len(points); i += step {
		p, x := points[i], at(i)
		if !c.room("", p.Tick, x, y+1.15*c.font, atMiddle).within(edge) {
			continue
		}
		c.line("c-axis", x, y, x, y+4)
		c.label("", p.Tick, x, y+1.15*c.font, atMiddle)
		if p.Group == "" || p.Group == group {
			continue
		}
		w := textWidth(p.Group, c.font)
		if x = max(min(x, c.w-w/2), w/2); x-w/2 > free {
			c.label("", p.Group, x, y+2.35*c.font, atMiddle)
			free, group = x+w/2+0.5*c.font, p.Group
		}
	}
}
