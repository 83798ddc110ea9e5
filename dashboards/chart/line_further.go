package chart

import "math"

// bands writes the usual ups and downs: one area where all points share their limits, else one for each stretch between breaks, which follows
// the limits from point to point.
func (d *lineLayout) bands() {
	if !d.limited() {
		d.band()
		return
	}
	for _, s := range d.stretches() {
		d.limits(s[0], s[1])
	}
}

// band writes the limits of all points.
func (d *lineLayout) band() {
	if d.Band == nil || d.Band.High <= d.Band.Low {
		return
	}
	hi, lo := d.y.at(d.Band.High), d.y.at(d.Band.Low)
	width := d.plot.w
	if d.far.some {
		width = d.points[len(d.points)-1].x + d.half() - d.plot.x
	}
	d.c.rect("c-band", box{d.plot.x, hi, width, lo - hi})
}

// half is what belongs to a point at either side.
func (d *lineLayout) half() float64 { return min(0.5*d.spacing, 14) }

// limits writes the limits of the points from first to the one before end. Limits that do not change hold for the points after the last
// one that they were computed from, too.
func (d *lineLayout) limits(first, end int) {
	var upper, lower []point
	last, flat := -1, true
	for i := first; i < end; i++ {
		p := d.Points[i]
		if p.Lower == nil {
			continue
		}
		x := d.points[i].x
		if last < 0 {
			x = max(x-d.half(), d.plot.x)
		} else {
			flat = flat && *p.Lower == *d.Points[last].Lower && *p.Upper == *d.Points[last].Upper
		}
		upper, lower = append(upper, point{x, d.y.at(*p.Upper)}), append(lower, point{x, d.y.at(*p.Lower)})
		last = i
	}
	if last < 0 {
		return
	}
	x := d.points[last].x + d.half()
	if flat {
		x = d.points[end-1].x + d.half()
	}
	n := len(upper) - 1
	upper, lower = append(upper, point{x, upper[n].y}), append(lower, point{x, lower[n].y})
	for i := len(lower) - 1; i >= 0; i-- {
		upper = append(upper, lower[i])
	}
	d.c.polygon("c-band", upper)
}

// zone sets periods apart.
func (d *lineLayout) zone() {
	if d.Zone == nil {
		return
	}
	x := d.points[d.Zone.From].x - d.half()
	d.c.rect("c-zone", box{x, d.plot.y, d.points[d.Zone.To].x + d.half() - x, d.plot.h})
}

// head is a label over the plot, with the middle of its text and its row, from below.
type head struct {
	text string
	x    float64
	row  int
}

// Rows of labels over the plot, and their height.
const (
	mostHeads = 2
	headLead  = 1.25
)

// headline finds the places of the labels over the plot and returns how many rows they take. A label for which there is none is left out.
func (d *lineLayout) headline() int {
	for _, b := range d.Breaks {
		d.over(b.Label, (d.points[b.At-1].x+d.points[b.At].x)/2)
	}
	if z := d.Zone; z != nil {
		d.over(z.Label, (d.points[z.From].x+d.points[z.To].x)/2)
	}
	rows := 0
	for _, h := range d.heads {
		rows = max(rows, h.row+1)
	}
	return rows
}

// over finds the place of a label over the plot.
func (d *lineLayout) over(text string, x float64) {
	w := textWidth(text, d.c.font)
	if w > d.c.w || text == "" {
		return
	}
	x = max(min(x, d.c.w-w/2), w/2)
	for row := range mostHeads {
		free := true
		for _, h := range d.heads {
			free = free && (h.row != row || math.Abs(h.x-x) >= (w+textWidth(h.text, d.c.font))/2+0.4*d.c.font)
		}
		if free {
			d.heads = append(d.heads, head{text, x, row})
			return
		}
	}
}

// breaks writes a line where the points before and after do not compare, and the labels over the plot.
func (d *lineLayout) breaks() {
	for _, b := range d.Breaks {
		x := (d.points[b.At-1].x + d.points[b.At].x) / 2
		d.c.hover("line", "c-break", b.Label, "x1", x, "y1", d.plot.y, "x2", x, "y2", d.plot.y+d.plot.h)
	}
	for _, h := range d.heads {
		d.c.label("", h.text, h.x, d.plot.y-(1.1+headLead*float64(h.row))*d.c.font, atMiddle)
	}
}

// styleClasses are the classes of further lines.
var styleClasses = map[Style]string{
	StyleBefore: "c-before", StyleOther: "c-other", StyleFitted: "c-fitted", StyleWithout: "c-without", StyleMiddle: "c-middle",
}

// extras writes the further lines, interrupted at gaps and breaks. Of those who are compared with nothing was changed: theirs goes on.
func (d *lineLayout) extras() {
	for _, e := range d.Extras {
		var run []point
		for i, v := range e.Values {
			if v == nil || e.Style != StyleOther && d.broken(i) {
				d.c.polyline(styleClasses[e.Style], run)
				run = nil
			}
			if v != nil {
				run = append(run, point{d.points[i].x, d.y.at(*v)})
			}
		}
		d.c.polyline(styleClasses[e.Style], run)
		d.otherMarks(e)
	}
}

// otherMarks writes the points of those who are compared with.
func (d *lineLayout) otherMarks(e Extra) {
	if e.Style != StyleOther {
		return
	}
	for i, v := range e.Values {
		if v == nil {
			continue
		}
		at := point{d.points[i].x, d.y.at(*v)}
		if d.spacing >= 9 {
			d.c.rect("c-other-dot", box{at.x - 3, at.y - 3, 6, 6})
		}
		if i < len(e.Shown) {
			d.c.hover("circle", "c-hit", e.Name+", "+d.Points[i].Label+": "+e.Shown[i], "cx", at.x, "cy", at.y, "r", min(12, max(4, d.spacing/2)))
		}
	}
}

// writeExtras labels further lines at their end.
func (d *lineLayout) writeExtras() {
	for _, e := range d.Extras {
		end := -1
		for i, v := range e.Values {
			if v != nil {
				end = i
			}
		}
		if e.Label == "" || end < 0 || textWidth(e.Label, d.c.font) > 0.8*d.plot.w {
			continue
		}
		at, gap := point{d.points[end].x, d.y.at(*e.Values[end])}, 0.95*d.c.font
		right := min(at.x+8, d.c.w-1)
		var spots []spot
		for _, back := range []int{0, len(e.Values) / 6, len(e.Values) / 3, len(e.Values) / 2} {
			i := max(end-back, 0)
			if e.Values[i] == nil {
				continue
			}
			x, y := d.points[i].x, d.y.at(*e.Values[i])
			spots = append(spots, spot{x, y - gap, atEnd}, spot{x, y + gap, atEnd}, spot{x, y - gap, atMiddle}, spot{x, y + gap, atMiddle})
		}
		spots = append(spots, spot{right, at.y - gap, atEnd}, spot{right, at.y + gap, atEnd})
		d.put("c-other-label", e.Label, spots)
	}
}

// costFurther counts what a label would cover of further lines, breaks and what lies ahead.
func (d *lineLayout) costFurther(b box) float64 {
	k := 0.0
	for _, e := range d.Extras {
		for i := 1; i < len(e.Values); i++ {
			v, w := e.Values[i-1], e.Values[i]
			if v != nil && w != nil && !d.broken(i) && b.crossed(point{d.points[i-1].x, d.y.at(*v)}, point{d.points[i].x, d.y.at(*w)}) {
				k++
			}
		}
	}
	for _, br := range d.Breaks {
		if x := (d.points[br.At-1].x + d.points[br.At].x) / 2; b.crossed(point{x, d.plot.y}, point{x, d.plot.y + d.plot.h}) {
			k += 2
		}
	}
	k += d.costWay(b)
	if a := d.Ahead; a != nil && !d.ends() {
		if b.overlaps(box{d.ahead - 8, d.y.at(a.High) - 4, 16, d.y.at(a.Low) - d.y.at(a.High) + 8}) {
			k += 4
		}
		if d.last >= 0 && b.crossed(d.points[d.last], point{d.ahead, d.y.at(a.Mean)}) {
			k++
		}
	}
	return k
}
