package chart

import "math"

// lineLayout is a line chart in a size: where everything stands.
type lineLayout struct {
	*Line
	c       *canvas
	y       scale
	plot    box
	labels  []string // of the ticks of y
	last    int
	points  []point
	spacing float64
	ahead   float64 // where the farthest day ahead stands
	far     beyond
	heads   []head
}

// draw writes the chart.
func (l *Line) draw(c *canvas) {
	n := 5
	if c.narrow() {
		n = 4
	}
	y, ok := l.scaleY(n)
	if !ok {
		c.label("", fit(l.Empty, c.font, c.w-16), c.w/2, c.h/2, atMiddle)
		return
	}
	d := &lineLayout{Line: l, c: c, y: y, last: l.last()}
	d.place()
	d.zone()
	d.bands()
	d.fan()
	d.grid()
	d.axis()
	d.levels()
	d.breaks()
	d.extras()
	d.series()
	d.aheadOf()
	d.waypoints()
	d.marks()
	d.write()
}

// place finds the room for the axes and the place of every point.
func (d *lineLayout) place() {
	c, left := d.c, 0.0
	for _, v := range d.y.ticks {
		label := d.Axis.Label(v, d.y.stepsDigit)
		d.labels = append(d.labels, label)
		left = max(left, textWidth(label, c.font))
	}
	right := 0.5 * c.font
	d.far = d.beyond()
	if d.last == len(d.Points)-1 && !d.far.some {
		if w := 1.06*textWidth(d.Points[d.last].Shown, c.font) + 12; w <= 0.2*c.w {
			right = w
		}
	}
	d.plot = box{x: left + 10, w: c.w - left - 10 - right}
	d.spread()
	top := (1.5 + headLead*float64(d.headline())) * c.font
	if d.Axis.Title != "" {
		top += 0.9 * c.font
	}
	d.plot.y, d.plot.h = top, c.h-top-3*c.font
	d.y.from, d.y.to = d.plot.y+d.plot.h, d.plot.y
	for i, p := range d.Points {
		if p.Value != nil {
			d.points[i].y = d.y.at(*p.Value)
		}
	}
}

// spread divides the width among the points and what lies ahead: as far as it is in time, but no farther than the points reach themselves
// by a little more than a half.
func (d *lineLayout) spread() {
	n := float64(len(d.Points))
	more := 0.0
	if d.far.some {
		more = max(min(d.far.after, 0.6*n+1), 0.06*n+0.5)
	}
	inset := min(14, 0.35*d.plot.w/(n+more))
	d.spacing = d.plot.w - 2*inset
	if n+more > 1 {
		d.spacing /= n + more - 1
	}
	for i := range d.Points {
		at := point{x: d.plot.x + inset + float64(i)*d.spacing}
		if n+more == 1 {
			at.x = d.plot.x + d.plot.w/2
		}
		d.points = append(d.points, at)
	}
	d.ahead = d.plot.x + inset + (n-1+more)*d.spacing
}

// grid writes the lines and labels of the axis of values.
func (d *lineLayout) grid() {
	c := d.c
	if d.Axis.Title != "" {
		c.label("", fit(d.Axis.Title, c.font, c.w), 0, 0.7*c.font, atStart)
	}
	for i, v := range d.y.ticks {
		y := d.y.at(v)
		class := "c-grid"
		if v == 0 || v == d.y.lo && v > 0 {
			class = "c-axis"
		}
		c.line(class, d.plot.x, y, d.plot.x+d.plot.w, y)
		c.label("", d.labels[i], d.plot.x-8, y, atEnd)
	}
}

// axis writes the names of the periods, as many as there is room for, and their groups below where they change.
func (d *lineLayout) axis() {
	c := d.c
	widest := 0.0
	for _, p := range d.Points {
		widest = max(widest, textWidth(p.Tick, c.font))
	}
	step, first := thin(d.Points, (widest+0.7*c.font)/d.spacing)
	y := d.plot.y + d.plot.h
	edge := box{0, 0, d.farTick(y), c.h}
	free, group := -1.0, ""
	for i := first; i < len(d.Points); i += step {
		p, x := d.Points[i], d.points[i].x
		if c.room("", p.Tick, x, y, atMiddle).within(edge) {
			c.line("c-axis", x, y, x, y+4)
			c.label("", p.Tick, x, y+1.15*c.font, atMiddle)
		}
		if p.Group == "" || p.Group == group {
			continue
		}
		b := c.room("", p.Group, x, y+2.35*c.font, atMiddle)
		shift := max(0, -b.x) - max(0, b.x+b.w-edge.w)
		if b.x+shift > free && b.x+shift >= 0 {
			c.label("", p.Group, x+shift, y+2.35*c.font, atMiddle)
			free, group = b.x+shift+b.w+0.5*c.font, p.Group
		}
	}
}

// thin returns every how manieth period is named, and the first of them. Where groups change, the first of a group is among them.
func thin(points []LinePoint, need float64) (step, first int) {
	step = 1
	for _, s := range []int{1, 2, 3, 4, 6, 12, 24, 52, 104, 260, 520, 1040} {
		step = s
		if float64(s) >= need {
			break
		}
	}
	for i := 1; i < len(points); i++ {
		if points[i].Group != points[i-1].Group {
			return step, i % step
		}
	}
	return step, (len(points) - 1) % step
}

// levels writes the target and the expected path.
func (d *lineLayout) levels() {
	for _, level := range []*Level{d.Lower, d.Target} {
		if level != nil {
			y := d.y.at(level.Value)
			d.c.line("c-target", d.plot.x, y, d.plot.x+d.plot.w, y)
		}
	}
	if !d.path() {
		return
	}
	var run []point
	for i, p := range d.Points {
		if p.Expected == nil {
			d.c.polyline("c-expected", run)
			run = nil
			continue
		}
		at := point{d.points[i].x, d.y.at(*p.Expected)}
		if n := len(run); d.Steps && n > 0 && run[n-1].y != at.y {
			middle := (run[n-1].x + at.x) / 2
			run = append(run, point{middle, run[n-1].y}, point{middle, at.y})
		}
		run = append(run, at)
	}
	d.c.polyline("c-expected", append(run, d.pathOn(run)...))
}

// series writes the line, interrupted at gaps and breaks; the part to a period that is not over is dotted.
func (d *lineLayout) series() {
	if d.Loose {
		return
	}
	var run []point
	flush := func() {
		d.c.polyline("c-line", run)
		run = nil
	}
	for i, p := range d.Points {
		if d.broken(i) {
			flush()
		}
		switch {
		case p.Value == nil:
			flush()
		case p.Partial && len(run) > 0:
			from := run[len(run)-1]
			flush()
			d.c.polyline("c-partial", []point{from, d.points[i]})
			run = []point{d.points[i]}
		default:
			run = append(run, d.points[i])
		}
	}
	flush()
}

// marks writes the points. Where they stand close only those are drawn that say something of their own.
func (d *lineLayout) marks() {
	for i, p := range d.Points {
		if p.Value == nil {
			continue
		}
		at, title := d.points[i], p.Label+": "+p.Shown
		switch {
		case p.Provisional || p.Partial || p.Apart:
			d.c.dot("c-hollow", at, 4)
		case p.Outside:
			d.c.rect("c-out", box{at.x - 4.5, at.y - 4.5, 9, 9})
		case i == d.last:
			d.c.dot("c-last", at, 5)
		case d.alone(i) || d.spacing >= 13:
			d.c.dot("c-dot", at, 3.75)
		}
		d.c.hover("circle", "c-hit", title, "cx", at.x, "cy", at.y, "r", min(12, max(4, d.spacing/2)))
	}
}

// alone reports whether no line leads to a point.
func (d *lineLayout) alone(i int) bool {
	before := i > 0 && d.Points[i-1].Value != nil && !d.broken(i)
	after := i+1 < len(d.Points) && d.Points[i+1].Value != nil && !d.broken(i+1)
	return d.Loose || !before && !after
}

// write labels the last value and the target, where they cover least.
func (d *lineLayout) write() {
	c, gap := d.c, 0.95*d.c.font
	shown, at := fit(d.Points[d.last].Shown, c.font, 0.6*c.w), d.points[d.last]
	x := min(max(at.x, d.plot.x+0.53*textWidth(shown, c.font)), c.w-0.53*textWidth(shown, c.font)-1)
	var spots []spot
	if d.far.some || d.last == len(d.Points)-1 && d.plot.x+d.plot.w < c.w-0.6*c.font {
		spots = append(spots, spot{d.points[d.last].x + 10, at.y, atStart})
	}
	spots = append(spots, spot{x, at.y - gap, atMiddle}, spot{x, at.y + gap, atMiddle}, spot{at.x - 10, at.y - gap, atEnd}, spot{at.x - 10, at.y + gap, atEnd})
	d.put("c-value", shown, spots)
	d.writeTarget()
	d.writeExtras()
}

// writeTarget labels the target.
func (d *lineLayout) writeTarget() {
	c := d.c
	if d.Target == nil {
		return
	}
	y := d.y.at(d.Target.Value)
	label := fit(d.Target.Label, c.font, d.plot.w)
	left, right := d.plot.x+6, d.plot.x+d.plot.w-2
	mid := (left + right) / 2
	d.put("c-target-label", label, []spot{{right, y - 0.75*c.font, atEnd}, {left, y - 0.75*c.font, atStart}, {right, y + 0.75*c.font, atEnd},
		{left, y + 0.75*c.font, atStart}, {mid, y - 0.75*c.font, atMiddle}, {mid, y + 0.75*c.font, atMiddle}})
}

// spot is a place where a label may stand.
type spot struct {
	x, y float64
	a    anchor
}

// put writes a label at the spot that is in the drawing, overlaps no other label and covers the least of the lines.
func (d *lineLayout) put(class, text string, spots []spot) {
	best, cost := spots[0], math.Inf(1)
	for _, s := range spots {
		if k := d.cost(d.c.room(class, text, s.x, s.y, s.a)); k < cost {
			best, cost = s, k
		}
	}
	if cost < forbidden || class == "c-value" {
		d.c.label(class, text, best.x, best.y, best.a)
	}
}

// forbidden is the cost of a spot where a label would cover another one or leave the drawing.
const forbidden = 1e6

// cost counts what a label would cover.
func (d *lineLayout) cost(b box) float64 {
	k := 0.0
	if !b.within(box{0, 0, d.c.w, d.plot.y + d.plot.h}) {
		k += forbidden
	}
	for _, t := range d.c.text {
		if b.overlaps(t.box) {
			k += forbidden
		}
	}
	for i := range d.points {
		if d.Points[i].Value == nil {
			continue
		}
		if p := d.points[i]; b.overlaps(box{p.x - 6, p.y - 6, 12, 12}) {
			k += 4
		}
		if i > 0 && d.Points[i-1].Value != nil && !d.Loose && !d.broken(i) && b.crossed(d.points[i-1], d.points[i]) {
			k += 2
		}
		if e, f := d.Points[i].Expected, d.Points[max(i-1, 0)].Expected; e != nil && f != nil && d.path() &&
			b.crossed(point{d.points[max(i-1, 0)].x, d.y.at(*f)}, point{d.points[i].x, d.y.at(*e)}) {
			k++
		}
	}
	return k + d.costFurther(b)
}
