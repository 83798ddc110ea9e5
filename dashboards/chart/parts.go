package chart

import (
	"cmp"
	"math"
	"slices"
)

// Parts are what groups contributed to a change, as a waterfall: each bar begins where the one before ended, from the value before to the value
// after. Its texts are finished.
type Parts struct {
	Names  [2]string // of the two kinds of bars, for the interactive chart
	Rows   []Part
	Mixed  bool // there are two kinds: what a group's own value changed by, and what its size did
	Whole  string
	Before *PartEnd // nil: not known
	After  *PartEnd
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

// PartEnd is where a waterfall begins or ends.
type PartEnd struct {
	Name  string // the period
	Shown string // the value as a reader sees it
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

// endHeight is the height of the row of a beginning or an end.
func (b *Parts) endHeight(e *PartEnd) float64 {
	if e == nil || len(b.Rows) == 0 {
		return 0
	}
	return 14 + lead
}

func (b *Parts) height(s size) float64 {
	h := 1.7*s.font + b.endHeight(b.Before) + b.endHeight(b.After)
	for _, r := range b.Rows {
		h += b.rowHeight(r, s)
	}
	return max(h+4, s.h/3)
}

// partsLayout is a drawing of contributions in a size.
type partsLayout struct {
	*Parts
	c     *canvas
	x     scale
	steps []partStep
}

// partStep is where the bars of a row begin, meet and end.
type partStep struct{ from, middle, to float64 }

// steps are the bars of all rows.
func (b *Parts) steps() []partStep {
	const most = math.MaxFloat64 / 8
	bound := func(v float64) float64 { return min(max(v, -most), most) }
	var list []partStep
	at := 0.0
	for _, r := range b.Rows {
		s := partStep{from: at, middle: bound(at + r.Total), to: bound(at + r.Total)}
		if b.Mixed {
			s.middle = bound(at + r.Rate)
			s.to = bound(s.middle + r.Mix)
		}
		list, at = append(list, s), s.to
	}
	return list
}

func (b *Parts) draw(c *canvas) {
	x, ok := b.scaleX()
	if !ok {
		c.label("", fit(b.Empty, c.font, c.w-16), c.w/2, c.h/2, atMiddle)
		return
	}
	d := &partsLayout{Parts: b, c: c, x: x, steps: b.steps()}
	d.place()
	c.label("c-strong", fit(b.Whole, c.font, 0.94*c.w), 0, 0.75*c.font, atStart)
	y := 1.7*c.font + b.endHeight(b.Before)
	top := y
	for i, r := range b.Rows {
		h := b.rowHeight(r, c.size)
		d.bars(i, y, h)
		y += h
	}
	d.lines(top, y)
	d.end(b.Before, 1.7*c.font)
	d.end(b.After, y)
	y = top
	for _, r := range b.Rows {
		h := b.rowHeight(r, c.size)
		d.words(r, y, h)
		y += h
	}
}

// scaleX returns the axis of contributions, with the beginning, at zero, in it.
func (b *Parts) scaleX() (scale, bool) {
	lo, hi := 0.0, 0.0
	for _, s := range b.steps() {
		lo, hi = min(lo, s.middle, s.to), max(hi, s.middle, s.to)
	}
	if lo == hi {
		hi = 1
	}
	return scale{lo: lo, hi: hi}, len(b.Rows) > 0
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

// lines writes the line of the beginning, and from each row's end to the next row's begin; in the narrow drawing beside the bars alone, since
// names stand between them.
func (d *partsLayout) lines(top, bottom float64) {
	c := d.c
	from := d.x.at(0)
	if !c.narrow() {
		c.line("c-axis", from, top-d.endHeight(d.Before)+8, from, bottom)
	}
	half := d.thick()/2 + 2
	y := top
	for i, s := range d.steps {
		h := d.rowHeight(d.Rows[i], c.size)
		mid, to := d.middle(y, h), d.x.at(s.to)
		y += h
		next := bottom + d.endHeight(d.After) - 8
		if i+1 < len(d.steps) {
			next = d.middle(y, d.rowHeight(d.Rows[i+1], c.size)) + half
		}
		switch {
		case c.narrow():
			c.line("c-axis", from, mid-half, from, mid+half)
			c.line("c-link", to, mid-half, to, mid+half)
		case i+1 < len(d.steps) || d.After != nil:
			c.line("c-link", to, mid-half, to, next)
		}
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
func (d *partsLayout) bars(i int, top, height float64) {
	r, s, mid := d.Rows[i], d.steps[i], d.middle(top, height)
	if !d.Mixed {
		d.bar("c-bar", r.Name+": "+d.Show(r.Total), s.from, s.to, mid-7.5, 15)
		return
	}
	d.bar("c-bar", r.Name+", "+d.Names[0]+": "+d.Show(r.Rate), s.from, s.middle, mid-11.5, 12)
	d.bar("c-bar-few", r.Name+", "+d.Names[1]+": "+d.Show(r.Mix), s.middle, s.to, mid+2, 9)
}

func (d *partsLayout) bar(class, title string, from, to, y, thick float64) {
	a, b := d.x.at(from), d.x.at(to)
	d.c.hover("rect", class, title, "x", min(a, b), "y", y, "width", max(math.Abs(b-a), 1), "height", thick)
}

// end writes the period and the value with which the waterfall begins or ends.
func (d *partsLayout) end(e *PartEnd, top float64) {
	if e == nil {
		return
	}
	c, y := d.c, top+d.endHeight(e)/2
	shown := fit(e.Shown, 1.06*c.font, 0.5*c.w)
	c.label("c-value", fit(e.Name, 1.06*c.font, c.w-1.06*textWidth(shown, c.font)-16), 0, y, atStart)
	c.label("c-value", shown, c.w-1, y, atEnd)
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
