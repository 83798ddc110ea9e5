package chart

import (
	"cmp"
	"math"
	"slices"
)

// Bars are values of the members of a dimension, in one period. Its texts are finished.
type Bars struct {
	Name    string // of the values, for the interactive chart
	Members []Member
	City    *Level // the value of the whole: a line with its label
	Axis    Axis
	Rest    string // heading over the rows that belong to no member
	Empty   string // stands in a chart without values
}

// Member is one bar, or one area of a map.
type Member struct {
	ID    string
	Name  string
	Value *float64 // nil: no value
	Shown string   // as a reader sees it
	Few   bool     // rests on too few rows to be judged
	Note  string   // why there is no value, or that there are few rows
	Apart bool     // not a member: rows without a name
}

// NewBars returns the figure of members in order of their values, the greatest first; those without a value follow, and those that
// are apart stand below.
func NewBars(id, finding, caption, desc string, t Table, b Bars) *Figure {
	b.Members = sorted(b.Members)
	if b.City != nil && finite(&b.City.Value) == nil {
		b.City = nil
	}
	return &Figure{ID: id, Finding: finding, Caption: caption, Table: t, desc: desc, plot: &b}
}

// sorted returns the members in the order in which bars stand.
func sorted(members []Member) []Member {
	list := slices.Clone(members)
	for i := range list {
		list[i].Value = finite(list[i].Value)
	}
	slices.SortStableFunc(list, func(a, b Member) int {
		return cmp.Or(bit(a.Apart)-bit(b.Apart), bit(a.Value == nil)-bit(b.Value == nil), cmp.Compare(valueOr(b.Value), valueOr(a.Value)))
	})
	return list
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func valueOr(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// rowHeight is the height of a row: in the narrow drawing the name stands over its bar.
func (b *Bars) rowHeight(s size) float64 {
	if s.narrow() {
		return 41
	}
	return 28
}

// apart returns the number of rows that are no members.
func (b *Bars) apart() (n int) {
	for _, m := range b.Members {
		n += bit(m.Apart)
	}
	return n
}

func (b *Bars) height(s size) float64 {
	h := 2.1*s.font + float64(len(b.Members))*b.rowHeight(s) + 6
	if b.apart() > 0 {
		h += 2.4 * s.font
	}
	return max(h, s.h/2)
}

// barLayout is a bar chart in a size.
type barLayout struct {
	*Bars
	c *canvas
	x scale
}

func (b *Bars) draw(c *canvas) {
	x, ok := b.scaleX()
	if !ok {
		c.label("", fit(b.Empty, c.font, c.w-16), c.w/2, c.h/2, atMiddle)
		return
	}
	d := &barLayout{Bars: b, c: c, x: x}
	d.place()
	y := 2.1 * c.font
	first := y
	for i, m := range b.Members {
		if m.Apart && (i == 0 || !b.Members[i-1].Apart) {
			d.city(first, y)
			y = d.rest(y)
			first = -1
		}
		d.row(m, y)
		y += b.rowHeight(c.size)
	}
	if first >= 0 {
		d.city(first, y)
	}
}

// scaleX returns the axis of values: always from zero.
func (b *Bars) scaleX() (scale, bool) {
	lo, hi, some := 0.0, 0.0, false
	show := func(v float64) { lo, hi = min(lo, v), max(hi, v) }
	for _, m := range b.Members {
		if m.Value != nil {
			show(*m.Value)
			some = true
		}
	}
	if !some {
		return scale{}, false
	}
	if b.City != nil {
		show(b.City.Value)
	}
	if c := finite(b.Axis.Ceiling); c != nil && *c > 0 && hi > 0.8**c {
		hi = max(hi, *c)
	}
	if lo == hi {
		hi = 1
	}
	const most = math.MaxFloat64 / 8
	return scale{lo: max(lo, -most), hi: min(hi, most)}, true
}

// place finds the room for names at the left and values at the right.
func (d *barLayout) place() {
	names, values := 0.0, 0.0
	for _, m := range d.Members {
		names = max(names, textWidth(m.Name, d.c.font))
		values = max(values, 1.06*textWidth(m.Shown, d.c.font))
	}
	left := 0.0
	if !d.c.narrow() {
		left = min(names, 0.36*d.c.w) + 12
	}
	negative := 0.0
	if d.x.lo < 0 {
		negative = min(values, 0.3*d.c.w) + 8
	}
	d.x.from, d.x.to = left+negative, d.c.w-min(values, 0.3*d.c.w)-12
}

// row writes the name, the bar and the value of a member.
func (d *barLayout) row(m Member, top float64) {
	c, h := d.c, d.rowHeight(d.c.size)
	mid, thick := top+h/2, 15.0
	if c.narrow() {
		mid = top + 27
		thick = 13
		c.label("c-name", fit(m.Name, c.font, c.w), 0, top+9, atStart)
	} else {
		c.label("c-name", fit(m.Name, c.font, 0.36*c.w), 0, mid, atStart)
	}
	zero := d.x.at(0)
	if m.Value == nil {
		c.label("", fit(cmp.Or(m.Note, m.Shown), c.font, c.w-zero-6), zero+6, mid, atStart)
		return
	}
	end := d.x.at(*m.Value)
	class := "c-bar"
	switch {
	case m.Apart:
		class = "c-bar-rest"
	case m.Few:
		class = "c-bar-few"
	}
	title := m.Name + ": " + m.Shown
	if m.Note != "" {
		title += ", " + m.Note
	}
	b := box{min(zero, end), mid - thick/2, math.Abs(end - zero), thick}
	c.hover("rect", class, title, "x", b.x, "y", b.y, "width", max(b.w, 1), "height", b.h)
	shown := fit(m.Shown, c.font, 0.3*c.w)
	if *m.Value < 0 {
		c.label("c-value", shown, end-7, mid, atEnd)
		return
	}
	c.label("c-value", shown, end+7, mid, atStart)
}

// rest writes what sets the rows apart that belong to no member, and returns where they begin.
func (d *barLayout) rest(y float64) float64 {
	c := d.c
	c.line("c-rule", 0, y+0.6*c.font, c.w, y+0.6*c.font)
	c.label("", fit(d.Rest, c.font, c.w), 0, y+1.5*c.font, atStart)
	return y + 2.4*c.font
}

// city writes the line of the whole, from the first row to the last, behind the values.
func (d *barLayout) city(top, bottom float64) {
	c := d.c
	zero := d.x.at(0)
	c.line("c-axis", zero, top, zero, bottom)
	if d.City == nil {
		return
	}
	x := d.x.at(d.City.Value)
	c.line("c-city", x, top-2, x, bottom)
	label := fit(d.City.Label, c.font, c.w)
	w := textWidth(label, c.font)
	c.label("c-city-label", label, min(max(x, w/2), c.w-w/2), 0.75*c.font, atMiddle)
}
