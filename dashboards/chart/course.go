package chart

import (
	"math"
	"slices"
)

// Course are lines over days, and steps with a day. Its texts are finished. Days are whole numbers from any day on.
type Course struct {
	Lines []CourseLine
	Steps []CourseStep
	Today *CourseDay // a line through all
	Ticks []CourseDay
	Axis  Axis
	Empty string // stands in a chart without values
}

// CourseLine is one line, its points by day.
type CourseLine struct {
	Name   string
	Style  CourseStyle
	Points []CoursePoint
}

// CourseStyle is how a line is drawn.
type CourseStyle string

// The styles.
const (
	CourseDone     CourseStyle = "done"     // what was done: with a mark on each report, and its newest value
	CoursePlanned  CourseStyle = "planned"  // what was planned
	CourseSpent    CourseStyle = "spent"    // the money for it, with a mark on each report
	CourseSpending CourseStyle = "spending" // the money planned
)

// CoursePoint is a value on a day.
type CoursePoint struct {
	Day   int
	Value float64
	Label string // the day
	Shown string // the value as a reader sees it
}

// CourseStep is a step with a day.
type CourseStep struct {
	Day   int
	Done  bool
	Name  string
	Label string // the day, and whether it is done
}

// CourseDay is a day with the one or two lines of its label.
type CourseDay struct {
	Day         int
	Tick, Group string
}

// NewCourse returns the figure of lines over days.
func NewCourse(id, finding, caption, desc string, t Table, c Course) *Figure {
	c.Lines = slices.Clone(c.Lines)
	for i := range c.Lines {
		c.Lines[i].Points = slices.DeleteFunc(slices.Clone(c.Lines[i].Points), func(p CoursePoint) bool { return finite(&p.Value) == nil })
	}
	c.Lines = slices.DeleteFunc(c.Lines, func(l CourseLine) bool { return len(l.Points) == 0 })
	return &Figure{ID: id, Finding: finding, Caption: caption, Table: t, desc: desc, plot: &c}
}

func (l *Course) height(s size) float64 { return s.h }

// courseClasses are the classes of the lines.
var courseClasses = map[CourseStyle]string{CourseDone: "c-line", CoursePlanned: "c-expected", CourseSpent: "c-other", CourseSpending: "c-spending"}

// courseLayout is a drawing of lines over days in a size.
type courseLayout struct {
	*Course
	c           *canvas
	y           scale
	plot        box
	first, last int // days
}

func (l *Course) draw(c *canvas) {
	n := 5
	if c.narrow() {
		n = 4
	}
	y, ok := l.scaleY(n)
	if !ok {
		c.label("", fit(l.Empty, c.font, c.w-16), c.w/2, c.h/2, atMiddle)
		return
	}
	d := &courseLayout{Course: l, c: c, y: y}
	d.place()
	d.grid()
	d.days()
	d.today()
	for _, style := range []CourseStyle{CourseSpending, CoursePlanned, CourseSpent, CourseDone} {
		for _, line := range l.Lines {
			if line.Style == style {
				d.line(line)
			}
		}
	}
	d.steps()
	d.write()
}

// scaleY returns the axis of values: from zero, to all of it at least where the axis has such an end.
func (l *Course) scaleY(n int) (scale, bool) {
	lo, hi := 0.0, math.Inf(-1)
	for _, line := range l.Lines {
		for _, p := range line.Points {
			lo, hi = min(lo, p.Value), max(hi, p.Value)
		}
	}
	if math.IsInf(hi, -1) {
		return scale{}, false
	}
	if l.Axis.Ceiling != nil {
		hi = max(hi, *l.Axis.Ceiling)
	}
	return newScale(lo, hi, n, l.Axis.bounds(lo, hi, true)), true
}

// span is the first and the last day that the drawing shows.
func (l *Course) span() (first, last int) {
	first, last = math.MaxInt, math.MinInt
	show := func(day int) { first, last = min(first, day), max(last, day) }
	for _, line := range l.Lines {
		for _, p := range line.Points {
			show(p.Day)
		}
	}
	for _, s := range l.Steps {
		show(s.Day)
	}
	if l.Today != nil {
		show(l.Today.Day)
	}
	if last == first {
		last++
	}
	return first, last
}

// oneLane is for how many steps one line of names is enough; names of more have a second one over it.
const oneLane = 3

// place finds the room for the axes; steps have a lane over the plot.
func (d *courseLayout) place() {
	c, left := d.c, 0.0
	for _, v := range d.y.ticks {
		left = max(left, textWidth(d.Axis.Label(v, d.y.stepsDigit), c.font))
	}
	top := 1.2 * c.font
	if len(d.Steps) > 0 {
		top += 1.4 * c.font
	}
	if len(d.Steps) > oneLane {
		top += 1.3 * c.font
	}
	d.plot = box{left + 10, top, c.w - left - 10 - 0.6*c.font, c.h - top - 3*c.font}
	d.y.from, d.y.to = d.plot.y+d.plot.h, d.plot.y
	d.first, d.last = d.span()
}

// at is where a day stands.
func (d *courseLayout) at(day int) float64 {
	return d.plot.x + 6 + (d.plot.w-12)*(float64(day)-float64(d.first))/(float64(d.last)-float64(d.first))
}

func (d *courseLayout) grid() {
	c := d.c
	for _, v := range d.y.ticks {
		y := d.y.at(v)
		class := "c-grid"
		if v == 0 {
			class = "c-axis"
		}
		c.line(class, d.plot.x, y, d.plot.x+d.plot.w, y)
		c.label("", d.Axis.Label(v, d.y.stepsDigit), d.plot.x-8, y, atEnd)
	}
}

// days writes the ticks of the axis of time, as many as there is room for, and their groups below where they change.
func (d *courseLayout) days() {
	c, widest := d.c, 0.0
	points := make([]LinePoint, len(d.Ticks))
	for i, t := range d.Ticks {
		points[i] = LinePoint{Tick: t.Tick, Group: t.Group}
		widest = max(widest, textWidth(t.Tick, c.font))
	}
	if len(points) == 0 {
		return
	}
	apart := d.plot.w
	if n := len(points); n > 1 {
		apart = (d.at(d.Ticks[n-1].Day) - d.at(d.Ticks[0].Day)) / float64(n-1)
	}
	step, first := thin(points, (widest+0.7*c.font)/max(apart, 1e-3))
	y, edge := d.plot.y+d.plot.h, box{0, 0, c.w, c.h}
	free, group := -1.0, ""
	for i := first; i < len(points); i += step {
		x := d.at(d.Ticks[i].Day)
		if c.room("", points[i].Tick, x, y, atMiddle).within(edge) {
			c.line("c-axis", x, y, x, y+4)
			c.label("", points[i].Tick, x, y+1.15*c.font, atMiddle)
		}
		if points[i].Group == "" || points[i].Group == group {
			continue
		}
		w := textWidth(points[i].Group, c.font)
		at := max(min(x, c.w-w/2), w/2)
		if at-w/2 > free {
			c.label("", points[i].Group, at, y+2.35*c.font, atMiddle)
			free, group = at+w/2+0.5*c.font, points[i].Group
		}
	}
}

// today writes the line through all.
func (d *courseLayout) today() {
	if d.Today == nil {
		return
	}
	x := d.at(d.Today.Day)
	d.c.hover("line", "c-break", d.Today.Tick, "x1", x, "y1", d.plot.y, "x2", x, "y2", d.plot.y+d.plot.h)
}

// line writes a line, and the marks of reports.
func (d *courseLayout) line(l CourseLine) {
	var run []point
	for _, p := range l.Points {
		run = append(run, point{d.at(p.Day), d.y.at(p.Value)})
	}
	d.c.polyline(courseClasses[l.Style], run)
	if l.Style != CourseDone && l.Style != CourseSpent {
		return
	}
	before := math.Inf(-1)
	for i, at := range run {
		last := i == len(run)-1
		switch {
		case l.Style == CourseSpent && (at.x-before >= 9 || last):
			d.c.rect("c-other-dot", box{at.x - 3, at.y - 3, 6, 6})
			before = at.x
		case l.Style == CourseDone && last:
			d.c.dot("c-last", at, 5)
		case l.Style == CourseDone && at.x-before >= 13:
			d.c.dot("c-dot", at, 3.75)
			before = at.x
		}
		d.c.hover("circle", "c-hit", l.Name+", "+l.Points[i].Label+": "+l.Points[i].Shown, "cx", at.x, "cy", at.y, "r", 8.0)
	}
}

// steps writes the steps in their lane, and the names of those for which there is room.
func (d *courseLayout) steps() {
	c, y := d.c, d.plot.y-1.2*d.c.font
	var taken []box
	for _, s := range d.Steps {
		at, class := point{d.at(s.Day), y}, "c-step"
		if s.Done {
			class = "c-step-done"
		}
		c.line("c-grid", at.x, y, at.x, d.plot.y+d.plot.h)
		c.diamond(class, at, 6)
		c.hover("circle", "c-hit", s.Name+": "+s.Label, "cx", at.x, "cy", at.y, "r", 12.0)
		taken = append(taken, box{at.x - 9, at.y - 9, 18, 18})
	}
	for _, s := range slices.Backward(d.Steps) { // those at the edge have the least choice
		x := d.at(s.Day)
		spots := []spot{{x + 11, y, atStart}, {x - 11, y, atEnd}}
		if over := y - 1.3*c.font; len(d.Steps) > oneLane {
			spots = append(spots, spot{x, over, atEnd}, spot{min(x+9, c.w-1), over, atEnd}, spot{x, over, atMiddle})
		}
		for _, at := range spots {
			room := c.room("", s.Name, at.x, at.y, at.a)
			if room.within(box{0, 0, c.w, c.h}) && !slices.ContainsFunc(taken, room.overlaps) {
				c.label("", s.Name, at.x, at.y, at.a)
				taken = append(taken, room)
				break
			}
		}
	}
}

// write labels what was done last.
func (d *courseLayout) write() {
	for _, l := range d.Lines {
		if l.Style != CourseDone {
			continue
		}
		p := l.Points[len(l.Points)-1]
		at, c := point{d.at(p.Day), d.y.at(p.Value)}, d.c
		gap := 0.95 * c.font
		best, cost := spot{}, math.Inf(1)
		for _, s := range []spot{{at.x + 10, at.y, atStart}, {at.x, at.y - gap, atMiddle}, {at.x, at.y + gap, atMiddle}, {at.x - 10, at.y, atEnd}, {at.x + 10, at.y + gap, atStart}, {at.x - 10, at.y - gap, atEnd}} {
			if k := d.cost(c.room("c-value", p.Shown, s.x, s.y, s.a)); k < cost {
				best, cost = s, k
			}
		}
		if cost < forbidden {
			c.label("c-value", p.Shown, best.x, best.y, best.a)
		}
	}
}

// cost counts what a label would cover.
func (d *courseLayout) cost(b box) float64 {
	k := 0.0
	if !b.within(box{0, 0, d.c.w, d.plot.y + d.plot.h}) {
		k += forbidden
	}
	for _, t := range d.c.text {
		if b.overlaps(t.box) {
			k += forbidden
		}
	}
	for _, l := range d.Lines {
		for i := 1; i < len(l.Points); i++ {
			p, q := l.Points[i-1], l.Points[i]
			if b.crossed(point{d.at(p.Day), d.y.at(p.Value)}, point{d.at(q.Day), d.y.at(q.Value)}) {
				k++
			}
		}
	}
	if d.Today != nil {
		if x := d.at(d.Today.Day); b.x < x && x < b.x+b.w {
			k++
		}
	}
	return k
}
