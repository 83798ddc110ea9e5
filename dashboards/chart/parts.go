package chart

import (
	"cmp"
	"math"
	"slices"
)

// Parts are what groups contributed to a change, to the right of zero where they added to it and to the left where they took away. Its texts
// are finished.
type Parts struct {
	Names  [2]string // of the two kinds of bars, for the interactive chart
	Rows   []Part
	Mixed  bool // there are two kinds: what a group's own value changed by, and what its size did
	Whole  string
	Axis   Axis
	Empty  string                 // stands in a chart without values
	Others func(n int) string     // names the groups that are put together
	Show   func(v float64) string // a contribution as a reader sees it
}

// Part is one row.
type Part struct {
	ID    string
	Name  string
	Rate  float64 // the group's own value changed
	Mix   float64 // the group grew or shrank
	Total float64
}

// mostParts is how many groups have a row of their own; the others are put together, unless there is only one more.
const mostParts = 10

// NewParts returns the figure of contributions in order of their size, the largest first.
func NewParts(id, finding, caption, desc string, t Table, b Parts) *Figure {
	b.Rows = folded(b.Rows, b.Others)
	return &Figure{ID: id, Finding: finding, Caption: caption, Table: t, desc: desc, plot: &b}
}

// folded sorts rows and puts those of the smallest contributions together.
func folded(rows []Part, others func(int) string) []Part {
	var list []Part
	for _, r := range rows {
		if finite(&r.Rate) != nil && finite(&r.Mix) != nil && finite(&r.Total) != nil {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b Part) int { return cmp.Compare(math.Abs(b.Total), math.Abs(a.Total)) })
	if len(list) <= mostParts+1 {
		return list
	}
	rest := Part{Name: others(len(list) - mostParts)}
	for _, r := range list[mostParts:] {
		rest.Rate, rest.Mix, rest.Total = rest.Rate+r.Rate, rest.Mix+r.Mix, rest.Total+r.Total
	}
	if finite(&rest.Rate) == nil || finite(&rest.Mix) == nil || finite(&rest.Total) == nil {
		return list[:mostParts]
	}
	return append(list[:mostParts:mostParts], rest)
}

// nameRoom is the width that names may take.
func (b *Parts) nameRoom(s size) float64 {
	if s.narrow() {
		return 0.72 * s.w
	}
	return 0.3 * s.w
}

// thick is the height of the bars of a row.
func (b *Parts) thick() float64 {
	if b.Mixed {
		return 24
	}
	return 15
}

// rowHeight is the height of a row. In the narrow drawing the name stands over its bars.
func (b *Parts) rowHeight(r Part, s size) float64 {
	lines := float64(max(1, len(wrap(r.Name, s.font, b.nameRoom(s), 2))))
	if s.narrow() {
		return 12 + b.thick() + lead*lines
	}
	return 12 + max(b.thick(), lead*lines)
}

func (b *Parts) height(s size) float64 {
	h := 1.7 * s.font
	for _, r := range b.Rows {
		h += b.rowHeight(r, s)
	}
	return max(h+4, s.h/3)
}

// partsLayout is a drawing of contributions in a size.
type partsLayout struct {
	*Parts
	c *canvas
	x scale
}

func (b *Parts) draw(c *canvas) {
	x, ok := b.scaleX()
	if !ok {
		c.label("", fit(b.Empty, c.font, c.w-16), c.w/2, c.h/2, atMiddle)
		return
	}
	d := &partsLayout{Parts: b, c: c, x: x}
	d.place()
	c.label("c-strong", fit(b.Whole, c.font, 0.94*c.w), 0, 0.75*c.font, atStart)
	y := 1.7 * c.font
	top := y
	for _, r := range b.Rows {
		h := b.rowHeight(r, c.size)
		d.bars(r, y, h)
		y += h
	}
	d.zero(top, y)
	y = top
	for _, r := range b.Rows {
		h := b.rowHeight(r, c.size)
		d.words(r, y, h)
		y += h
	}
}

// scaleX returns the axis of contributions, with zero in it.
func (b *Parts) scaleX() (scale, bool) {
	lo, hi := 0.0, 0.0
	for _, r := range b.Rows {
		for _, v := range b.ends(r) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if lo == hi {
		hi = 1
	}
	const most = math.MaxFloat64 / 8
	return scale{lo: max(lo, -most), hi: min(hi, most)}, len(b.Rows) > 0
}

// ends are where the bars of a row end.
func (b *Parts) ends(r Part) []float64 {
	if b.Mixed {
		return []float64{r.Rate, r.Mix}
	}
	return []float64{r.Total}
}

// place finds the room for names and for the contributions, which stand at the right.
func (d *partsLayout) place() {
	names, values := 0.0, 0.0
	for _, r := range d.Rows {
		for _, line := range wrap(r.Name, d.c.font, d.nameRoom(d.c.size), 2) {
			names = max(names, textWidth(line, d.c.font))
		}
		values = max(values, 1.06*textWidth(d.Show(r.Total), d.c.font))
	}
	if d.c.narrow() {
		d.x.from, d.x.to = 4, d.c.w-4
		return
	}
	d.x.from, d.x.to = names+16, d.c.w-min(values, 0.24*d.c.w)-16
}

// zero writes the line from which bars begin; in the narrow drawing beside the bars alone, since names stand between them.
func (d *partsLayout) zero(top, bottom float64) {
	x := d.x.at(0)
	if !d.c.narrow() {
		d.c.line("c-axis", x, top, x, bottom)
		return
	}
	for _, r := range d.Rows {
		h := d.rowHeight(r, d.c.size)
		mid := d.middle(top, h)
		d.c.line("c-axis", x, mid-d.thick()/2-2, x, mid+d.thick()/2+2)
		top += h
	}
}

// middle is the height at which the bars of a row lie.
func (d *partsLayout) middle(top, height float64) float64 {
	if d.c.narrow() {
		return top + height - 4 - d.thick()/2
	}
	return top + height/2
}

// bars writes the bars of a row: the group's own value over its size.
func (d *partsLayout) bars(r Part, top, height float64) {
	mid := d.middle(top, height)
	if !d.Mixed {
		d.bar("c-bar", r.Name+": "+d.Show(r.Total), r.Total, mid-7.5, 15)
		return
	}
	d.bar("c-bar", r.Name+", "+d.Names[0]+": "+d.Show(r.Rate), r.Rate, mid-11.5, 12)
	d.bar("c-bar-few", r.Name+", "+d.Names[1]+": "+d.Show(r.Mix), r.Mix, mid+2, 9)
}

func (d *partsLayout) bar(class, title string, v, y, thick float64) {
	zero, end := d.x.at(0), d.x.at(v)
	d.c.hover("rect", class, title, "x", min(zero, end), "y", y, "width", max(math.Abs(end-zero), 1), "height", thick)
}

// words writes the name of a group and what it contributed.
func (d *partsLayout) words(r Part, top, height float64) {
	c := d.c
	lines := wrap(r.Name, c.font, d.nameRoom(c.size), 2)
	y := top + 11
	if !c.narrow() {
		y = top + height/2 - lead*float64(len(lines)-1)/2
	}
	for i, line := range lines {
		c.label("c-name", line, 0, y+lead*float64(i), atStart)
	}
	if c.narrow() {
		c.label("c-value", fit(d.Show(r.Total), c.font, 0.26*c.w), c.w-1, y, atEnd)
		return
	}
	c.label("c-value", fit(d.Show(r.Total), c.font, 0.24*c.w), c.w-1, top+height/2, atEnd)
}
