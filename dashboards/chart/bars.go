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
	Low   *float64 // the interval in which the true value probably lies; nil: none
	High  *float64
	Range string // the interval as a reader sees it
	Few   bool   // rests on too few rows to be judged
	Note  string // why there is no value, or that there are few rows
	Apart bool   // not a member: rows without a name
	Mine  bool   // the one that the reader chose, see [Figure.PointOut]
}

// NewBars returns the figure of members in order of their values, the greatest first. Those with too few rows follow, then those without
// a value; those that are apart stand below.
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
		m := &list[i]
		m.Value, m.Low, m.High = finite(m.Value), finite(m.Low), finite(m.High)
		if m.Value == nil || m.Low == nil || m.High == nil || *m.High < *m.Low {
			m.Low, m.High, m.Range = nil, nil, ""
		}
	}
	slices.SortStableFunc(list, func(a, b Member) int {
		return cmp.Or(bit(a.Apart)-bit(b.Apart), bit(a.Value == nil)-bit(b.Value == nil), bit(a.Few)-bit(b.Few), cmp.Compare(valueOr(b.Value), valueOr(a.Value)))
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

// nameRoom is the width that names may take.
func (b *Bars) nameRoom(s size) float64 {
	if s.narrow() {
		return s.w
	}
	return 0.36 * s.w
}

// lead is the height of a line of a name.
const lead = 18

// rowHeight is the height of a member's row. In the narrow drawing the name stands over its bar; a long name takes two lines.
func (b *Bars) rowHeight(m Member, s size) float64 {
	lines := float64(len(m.lines(s.font, b.nameRoom(s))))
	if s.narrow() {
		return 23 + lead*max(1, lines)
	}
	return 10 + lead*max(1, lines)
}

// bold is how much wider bold letters are.
const bold = 1.06

// lines are the lines in which a name stands; the one that the reader chose is bold.
func (m Member) lines(font, room float64) []string {
	if m.Mine {
		room /= bold
	}
	return wrap(m.Name, font, room, 2)
}

// apart returns the number of rows that are no members.
func (b *Bars) apart() (n int) {
	for _, m := range b.Members {
		n += bit(m.Apart)
	}
	return n
}

func (b *Bars) height(s size) float64 {
	h := 2.1*s.font + 6
	for _, m := range b.Members {
		h += b.rowHeight(m, s)
	}
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
	for _, pass := range []func(m Member, top, height float64){d.bar, nil, d.whisker, d.words} {
		y := 2.1 * c.font
		top, ended := y, false
		for i, m := range b.Members {
			if m.Apart && (i == 0 || !b.Members[i-1].Apart) {
				if pass == nil {
					d.city(top, y)
					ended = true
				}
				y = d.rest(y, pass == nil)
			}
			h := b.rowHeight(m, c.size)
			if pass != nil {
				pass(m, y, h)
			}
			y += h
		}
		if pass == nil && !ended {
			d.city(top, y)
		}
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
	if lo == hi {
		hi = 1
	}
	b.intervals(lo, hi, show)
	const most = math.MaxFloat64 / 8
	return scale{lo: max(lo, -most), hi: min(hi, most)}, true
}

// intervals shows the ends of the intervals, no farther than the bars reach by a half: one of a tiny group would leave no room for the others.
func (b *Bars) intervals(lo, hi float64, show func(float64)) {
	reach := 0.5 * (hi - lo)
	for _, m := range b.Members {
		if m.Low != nil {
			show(max(*m.Low, lo-reach))
			show(min(*m.High, hi+reach))
		}
	}
}

// place finds the room for names at the left and values at the right.
func (d *barLayout) place() {
	names, values, room := 0.0, 0.0, d.nameRoom(d.c.size)
	for _, m := range d.Members {
		for _, line := range m.lines(d.c.font, room) {
			w := textWidth(line, d.c.font)
			if m.Mine {
				w *= bold
			}
			names = max(names, w)
		}
		values = max(values, 1.06*textWidth(m.Shown, d.c.font))
	}
	left := 0.0
	if !d.c.narrow() {
		left = names + 12
	}
	negative := 0.0
	if d.x.lo < 0 {
		negative = min(values, d.valueRoom()) + 8
	}
	d.x.from, d.x.to = left+negative, d.c.w-min(values, d.valueRoom())-12
}

// middle is the height at which the bar of a row lies.
func (d *barLayout) middle(top, height float64) float64 {
	if d.c.narrow() {
		return top + height - 15
	}
	return top + height/2
}

// bar writes the bar of a member.
func (d *barLayout) bar(m Member, top, height float64) {
	if m.Value == nil {
		return
	}
	class, thick := "c-bar", 15.0
	switch {
	case m.Apart:
		class = "c-bar-rest"
	case m.Few:
		class = "c-bar-few"
	}
	if m.Mine {
		class += " c-mine"
	}
	if d.c.narrow() {
		thick = 13
	}
	title := m.Name + ": " + m.Shown
	for _, s := range []string{m.Range, m.Note} {
		if s != "" {
			title += ", " + s
		}
	}
	zero, end := d.x.at(0), d.x.at(*m.Value)
	d.c.hover("rect", class, title, "x", min(zero, end), "y", d.middle(top, height)-thick/2, "width", max(math.Abs(end-zero), 1), "height", thick)
}

// whisker writes the interval of a member over its bar, with a light edge that keeps it apart from the bar; an end beyond the axis has no cap.
func (d *barLayout) whisker(m Member, top, height float64) {
	if m.Low == nil {
		return
	}
	y, lo, hi := d.middle(top, height), d.x.at(*m.Low), d.x.at(*m.High)
	for _, class := range []string{"c-whisker-edge", "c-whisker"} {
		d.c.line(class, lo, y, hi, y)
		if *m.Low >= d.x.lo {
			d.c.line(class, lo, y-4.5, lo, y+4.5)
		}
		if *m.High <= d.x.hi {
			d.c.line(class, hi, y-4.5, hi, y+4.5)
		}
	}
}

// words writes the name and the value of a member.
func (d *barLayout) words(m Member, top, height float64) {
	c := d.c
	lines, class := m.lines(c.font, d.nameRoom(c.size)), "c-name"
	if m.Mine {
		class = "c-strong"
	}
	y := top + 9
	if !c.narrow() {
		y = top + height/2 - lead*float64(len(lines)-1)/2
	}
	for i, line := range lines {
		c.label(class, line, 0, y+lead*float64(i), atStart)
	}
	zero, mid := d.x.at(0), d.middle(top, height)
	if m.Value == nil {
		note := fit(cmp.Or(m.Note, m.Shown), c.font, c.w-zero-6)
		c.label("c-note", note, d.beside(zero+6, textWidth(note, c.font)), mid, atStart)
		return
	}
	shown, end := fit(m.Shown, c.font, d.valueRoom()), d.x.at(*m.Value)
	if *m.Value < 0 {
		if m.Low != nil {
			end = min(end, d.x.at(*m.Low))
		}
		c.label("c-value", shown, end-7, mid, atEnd)
		return
	}
	if m.High != nil {
		end = max(end, d.x.at(*m.High))
	}
	if room := c.w - end - 8; room > d.valueRoom() { // a short bar leaves more
		shown = fit(m.Shown, c.font, room/bold)
	}
	at := end + 7
	if m.Few { // words, in which a line is harder to read over than in a number
		at = d.beside(at, bold*textWidth(shown, c.font))
	}
	c.label("c-value", shown, at, mid, atStart)
}

// valueRoom is the room that is kept for the values beside the longest bar. Where the names have lines of their own there is more of it.
func (d *barLayout) valueRoom() float64 {
	if d.c.narrow() {
		return 0.42 * d.c.w
	}
	return 0.3 * d.c.w
}

// beside returns where words begin that would begin at x: beyond the line of the whole if that would go through them and there is room behind it.
func (d *barLayout) beside(x, width float64) float64 {
	if d.City == nil {
		return x
	}
	const off = 6
	line := d.x.at(d.City.Value)
	if after := line + off; x-off < line && line < x+width+off && after+width <= d.c.w {
		return after
	}
	return x
}

// rest returns where the rows begin that belong to no member, and writes what sets them apart.
func (d *barLayout) rest(y float64, write bool) float64 {
	c := d.c
	if !write {
		return y + 2.4*c.font
	}
	c.line("c-rule", 0, y+0.6*c.font, c.w, y+0.6*c.font)
	c.label("", fit(d.Rest, c.font, c.w), 0, y+1.5*c.font, atStart)
	return y + 2.4*c.font
}

// city writes the line of the whole, from the first row to the last: over the bars and under the values.
func (d *barLayout) city(top, bottom float64) {
	c := d.c
	zero := d.x.at(0)
	if zero > 0 {
		c.line("c-axis", zero, top, zero, bottom)
	}
	if d.City == nil {
		return
	}
	x := d.x.at(d.City.Value)
	c.line("c-city", x, top-2, x, bottom)
	label := fit(d.City.Label, c.font, c.w)
	w := textWidth(label, c.font)
	c.label("c-city-label", label, min(max(x, w/2), c.w-w/2), 0.75*c.font, atMiddle)
}
