package chart

import (
	"cmp"
	"math"
	"slices"
)

// Forest are groups beside a reference: for each a mark at its value, a line over the interval in which the true value probably lies, and
// a word. Its texts are finished.
type Forest struct {
	Name      string // of the values, for the interactive chart
	Groups    []ForestGroup
	Reference *Level // a line with its label
	Axis      Axis
	Empty     string // stands in a chart without values
}

// ForestGroup is one row.
type ForestGroup struct {
	ID        string
	Name      string
	Value     *float64 // nil: none, or it is not shown
	Low, High *float64 // nil: no interval
	Shown     string   // the value as a reader sees it
	Range     string   // the interval as a reader sees it
	Word      string   // how it stands to the reference
	Mark      Mark
	Mine      bool // the one that the reader chose, see [Figure.PointOut]
}

// Mark is the form of a group's mark. It says the same as the group's word.
type Mark string

// The forms.
const (
	MarkUp      Mark = "up"      // triangle with its tip up
	MarkDown    Mark = "down"    // triangle with its tip down
	MarkDiamond Mark = "diamond" // square on its corner
	MarkCircle  Mark = "circle"
	MarkHollow  Mark = "hollow" // circle without filling
	MarkSquare  Mark = "square"
)

// NewForest returns the figure of groups in order of their values, the greatest first; those with too few rows follow, then those without a
// value.
func NewForest(id, finding, caption, desc string, t Table, f Forest) *Figure {
	f.Groups = slices.Clone(f.Groups)
	for i := range f.Groups {
		g := &f.Groups[i]
		g.Value, g.Low, g.High = finite(g.Value), finite(g.Low), finite(g.High)
		if g.Low == nil || g.High == nil || *g.High < *g.Low {
			g.Low, g.High = nil, nil
		}
	}
	slices.SortStableFunc(f.Groups, func(a, b ForestGroup) int {
		return cmp.Or(bit(a.Value == nil)-bit(b.Value == nil), bit(a.Mark == MarkHollow)-bit(b.Mark == MarkHollow), cmp.Compare(valueOr(b.Value), valueOr(a.Value)))
	})
	if f.Reference != nil && finite(&f.Reference.Value) == nil {
		f.Reference = nil
	}
	return &Figure{ID: id, Finding: finding, Caption: caption, Table: t, desc: desc, plot: &f}
}

// nameRoom is the width that names may take.
func (f *Forest) nameRoom(s size) float64 {
	if s.narrow() {
		return s.w
	}
	return 0.27 * s.w
}

// rowHeight is the height of a row. In the narrow drawing the name stands over the value and its word, and these over the mark.
func (f *Forest) rowHeight(g ForestGroup, s size) float64 {
	lines := float64(max(1, len(g.lines(s.font, f.nameRoom(s)))))
	if !s.narrow() {
		return 12 + lead*lines
	}
	if g.Value == nil {
		return 12 + lead*(lines+1)
	}
	return 34 + lead*(lines+1)
}

// lines are the lines in which a name stands; the one that the reader chose is bold.
func (g ForestGroup) lines(font, room float64) []string {
	return Member{Name: g.Name, Mine: g.Mine}.lines(font, room)
}

func (f *Forest) height(s size) float64 {
	h := f.head(s) + 2.2*s.font
	for _, g := range f.Groups {
		h += f.rowHeight(g, s)
	}
	return max(h, s.h/2)
}

// head is the room over the rows, for the label of the reference.
func (f *Forest) head(s size) float64 { return 2.1 * s.font }

// scaleX returns the axis of values, as far as values, intervals and the reference reach. An interval is shown no farther than twice as far
// as the values reach themselves: one of a tiny group would leave no room for the others.
func (f *Forest) scaleX(n int) (scale, bool) {
	lo, hi := math.Inf(1), math.Inf(-1)
	show := func(v float64) { lo, hi = min(lo, v), max(hi, v) }
	some := false
	for _, g := range f.Groups {
		if g.Value != nil {
			show(*g.Value)
			some = true
		}
	}
	if !some {
		return scale{}, false
	}
	if f.Reference != nil {
		show(f.Reference.Value)
	}
	low, high := lo, hi
	reach := max(2*(hi-lo), 0.1*max(math.Abs(lo), math.Abs(hi)))
	for _, g := range f.Groups {
		if g.Value != nil && g.Low != nil {
			show(max(*g.Low, low-reach))
			show(min(*g.High, high+reach))
		}
	}
	b := f.Axis.bounds(lo, hi, false)
	s := newScale(lo, hi, n, b)
	return s, true
}

// forestLayout is a drawing of groups in a size.
type forestLayout struct {
	*Forest
	c        *canvas
	x        scale
	words    float64 // where the words of the wide drawing begin
	rowsFrom float64
}

func (f *Forest) draw(c *canvas) {
	n := 5
	if c.narrow() {
		n = 4
	}
	x, ok := f.scaleX(n)
	if !ok && len(f.Groups) == 0 {
		c.label("", fit(f.Empty, c.font, c.w-16), c.w/2, c.h/2, atMiddle)
		return
	}
	d := &forestLayout{Forest: f, c: c, x: x, rowsFrom: f.head(c.size)}
	d.place()
	bottom := d.rowsFrom
	for _, g := range f.Groups {
		bottom += f.rowHeight(g, c.size)
	}
	if ok {
		d.axis(bottom)
	}
	y := d.rowsFrom
	for _, g := range f.Groups {
		h := f.rowHeight(g, c.size)
		d.row(g, y, h)
		y += h
	}
	if ok {
		d.reference(bottom)
	}
	for i, y := 0, d.rowsFrom; i < len(f.Groups); i++ {
		h := f.rowHeight(f.Groups[i], c.size)
		d.say(f.Groups[i], y, h)
		y += h
	}
}

// place finds the room for names at the left, values and words at the right.
func (d *forestLayout) place() {
	names, words := 0.0, 0.0
	for _, g := range d.Groups {
		for _, line := range g.lines(d.c.font, d.nameRoom(d.c.size)) {
			w := textWidth(line, d.c.font)
			if g.Mine {
				w *= bold
			}
			names = max(names, w)
		}
		words = max(words, textWidth(g.Word, d.c.font), 1.06*textWidth(g.Shown, d.c.font))
	}
	if d.c.narrow() {
		d.x.from, d.x.to = 10, d.c.w-10
		return
	}
	values := 0.0
	for _, g := range d.Groups {
		if g.Value != nil {
			values = max(values, 1.06*textWidth(g.Shown, d.c.font))
		}
	}
	values, words = min(values, 0.16*d.c.w), min(words, 0.28*d.c.w)
	d.words = d.c.w - words
	d.x.from, d.x.to = names+22, d.words-values-34
}

// axis writes the ticks and their lines.
func (d *forestLayout) axis(bottom float64) {
	c := d.c
	c.line("c-axis", d.x.from, bottom, d.x.to, bottom)
	free := -1.0
	for _, v := range d.x.ticks {
		x := d.x.at(v)
		d.upright("c-grid", x, bottom)
		label := d.Axis.Label(v, d.x.stepsDigit)
		w := textWidth(label, c.font)
		if at := max(min(x, c.w-w/2), w/2); at-w/2 > free {
			c.label("", label, at, bottom+1.1*c.font, atMiddle)
			free = at + w/2 + 0.5*c.font
		}
	}
}

// upright writes a line through all rows; in the narrow drawing beside the marks alone, since texts stand between them.
func (d *forestLayout) upright(class string, x, bottom float64) {
	if !d.c.narrow() {
		d.c.line(class, x, d.rowsFrom-2, x, bottom)
		return
	}
	y := d.rowsFrom
	for _, g := range d.Groups {
		h := d.rowHeight(g, d.c.size)
		if g.Value != nil {
			mid := d.middle(y, h)
			d.c.line(class, x, mid-12, x, mid+12)
		}
		y += h
	}
}

// middle is the height at which the mark of a row lies.
func (d *forestLayout) middle(top, height float64) float64 {
	if d.c.narrow() {
		return top + height - 17
	}
	return top + height/2
}

// row writes the interval of a group; an end beyond the axis has no cap.
func (d *forestLayout) row(g ForestGroup, top, height float64) {
	if g.Value == nil || g.Low == nil {
		return
	}
	y, c := d.middle(top, height), d.c
	lo, hi := d.x.at(*g.Low), d.x.at(*g.High)
	c.line("c-range", lo, y, hi, y)
	if *g.Low >= d.x.lo {
		c.line("c-range", lo, y-5, lo, y+5)
	}
	if *g.High <= d.x.hi {
		c.line("c-range", hi, y-5, hi, y+5)
	}
}

// reference writes the line that groups are compared with, over the intervals and under the marks.
func (d *forestLayout) reference(bottom float64) {
	if d.Reference == nil {
		return
	}
	c, x := d.c, d.x.at(d.Reference.Value)
	d.upright("c-city", x, bottom)
	label := fit(d.Reference.Label, c.font, c.w)
	w := textWidth(label, c.font)
	c.label("c-city-label", label, min(max(x, w/2), c.w-w/2), 0.75*c.font, atMiddle)
}

// say writes the mark of a group, its name, value and word.
func (d *forestLayout) say(g ForestGroup, top, height float64) {
	c := d.c
	lines, class := g.lines(c.font, d.nameRoom(c.size)), "c-name"
	if g.Mine {
		class = "c-strong"
	}
	y, mid := top+13, d.middle(top, height)
	if !c.narrow() {
		y = top + height/2 - lead*float64(len(lines)-1)/2
	}
	for i, line := range lines {
		c.label(class, line, 0, y+lead*float64(i), atStart)
	}
	if g.Value != nil {
		d.mark(g, mid)
	}
	if c.narrow() {
		d.sayNarrow(g, y+lead*float64(max(1, len(lines))))
		return
	}
	if g.Value != nil {
		shown := fit(g.Shown, c.font, 0.16*c.w)
		c.label("c-value", shown, d.words-16, mid, atEnd)
	}
	c.label("", fit(g.Word, c.font, 0.28*c.w), d.words, mid, atStart)
}

// sayNarrow writes value and word in one line.
func (d *forestLayout) sayNarrow(g ForestGroup, y float64) {
	c, x := d.c, 0.0
	if g.Value != nil {
		shown := fit(g.Shown, c.font, 0.4*c.w)
		c.label("c-value", shown, 0, y, atStart)
		x = 1.06*textWidth(shown, c.font) + 12
	}
	c.label("", fit(g.Word, c.font, c.w-x), x, y, atStart)
}

// mark writes the mark of a group.
func (d *forestLayout) mark(g ForestGroup, y float64) {
	c, at := d.c, point{d.x.at(*g.Value), y}
	switch g.Mark {
	case MarkUp, MarkDown:
		c.triangle("c-out", at, 8, g.Mark == MarkUp)
	case MarkDiamond:
		c.diamond("c-out", at, 7.5)
	case MarkHollow:
		c.dot("c-hollow", at, 5)
	case MarkSquare:
		c.rect("c-out", box{at.x - 5, at.y - 5, 10, 10})
	default:
		c.dot("c-dot", at, 5.5)
	}
	title := g.Name + ": " + g.Shown
	for _, s := range []string{g.Range, g.Word} {
		if s != "" {
			title += ", " + s
		}
	}
	c.hover("circle", "c-hit", title, "cx", at.x, "cy", at.y, "r", 12.0)
}
