package chart

import (
	"math"
	"slices"
)

// Waypoint is a target at its day, on the way or at its end.
type Waypoint struct {
	At          float64 // its place among the points: 0 is that of the first, len−1 that of the last; more lies ahead
	Value       float64
	Tick, Group string // the two lines of its label on the axis, of one that lies ahead
	Label       string // the day
	Shown       string
}

// FanStep is the forecast of one period.
type FanStep struct {
	At                  float64 // as of a waypoint
	Low, Mean, High     float64 // the outer interval and the middle
	InnerLow, InnerHigh float64
	Label               string
	Shown               string // the outer interval as a reader sees it
}

// beyond is the farthest day that a line shows after its last point.
type beyond struct {
	some        bool
	after       float64 // periods after the last point
	tick, group string
	label       string
}

// cleanBeyond leaves out what lies ahead or on the way and cannot be drawn.
func (l *Line) cleanBeyond() {
	if len(l.Points) == 0 {
		l.Fan, l.Way = nil, nil
		return
	}
	l.Way = slices.DeleteFunc(slices.Clone(l.Way), func(w Waypoint) bool {
		return finite(&w.Value) == nil || finite(&w.At) == nil || w.At < 0
	})
	sound := func(s FanStep) bool {
		list := []float64{s.At, s.Low, s.InnerLow, s.InnerHigh, s.High}
		for i := range list {
			if finite(&list[i]) == nil || i > 1 && list[i] < list[i-1] {
				return false
			}
		}
		return finite(&s.Mean) != nil
	}
	if l.Ahead == nil || l.last() < 0 || slices.ContainsFunc(l.Fan, func(s FanStep) bool { return !sound(s) }) {
		l.Fan = nil
	}
}

// opens is the number of the point from which the fan opens, the last one that the forecast knew; −1 if it has no value.
func (l *Line) opens() int {
	k := int(l.Fan[0].At) - 1
	if k < 0 || k >= len(l.Points) || l.Points[k].Value == nil {
		return -1
	}
	return k
}

// ends reports whether the fan ends within the points: then the day of the outlook needs no place of its own.
func (l *Line) ends() bool {
	k := len(l.Fan)
	return k > 0 && l.Fan[k-1].At <= float64(len(l.Points)-1)
}

// aheadAt is the place of the day of the outlook among the points.
func (l *Line) aheadAt() float64 {
	if l.ends() {
		return l.Fan[len(l.Fan)-1].At
	}
	return float64(len(l.Points)-1) + l.Ahead.After
}

// beyond returns the farthest day ahead.
func (l *Line) beyond() (far beyond) {
	if a := l.Ahead; a != nil && !l.ends() {
		far = beyond{true, a.After, a.Tick, a.Group, a.Label}
	}
	for _, w := range l.Way {
		if after := w.At - float64(len(l.Points)-1); after > 0 && (!far.some || after > far.after) {
			far = beyond{true, after, w.Tick, w.Group, w.Label}
		}
	}
	return far
}

// at is where a place among the points, or after the last of them, stands. What lies ahead takes the room that there is for it.
func (d *lineLayout) at(place float64) float64 {
	n := len(d.points) - 1
	last := d.points[n].x
	over := place - float64(n)
	if over <= 0 {
		return last + over*d.spacing
	}
	after := d.far.after
	if k := len(d.Fan); k > 0 {
		after = max(after, d.Fan[k-1].At-float64(n)) // the period in which the day lies ends after it
	}
	if after <= 0 {
		return d.ahead
	}
	return last + min(over/after, 1)*(d.ahead-last)
}

// farTick writes the farthest day under the axis and returns where the room for other labels ends.
func (d *lineLayout) farTick(y float64) (edge float64) {
	c := d.c
	if !d.far.some {
		return c.w
	}
	edge = c.w
	for line, text := range []string{d.far.tick, d.far.group} {
		if text == "" {
			continue
		}
		w := textWidth(text, c.font)
		x := min(d.ahead, c.w-w/2)
		c.label("", text, x, y+(1.15+1.2*float64(line))*c.font, atMiddle)
		edge = min(edge, x-w/2-0.5*c.font)
	}
	c.line("c-axis", d.ahead, y, d.ahead, y+4)
	return edge
}

// fan writes the two intervals of the forecast, from the last value on: the outer one, and the inner one over it.
func (d *lineLayout) fan() {
	if len(d.Fan) == 0 {
		return
	}
	area := func(class string, low, high func(FanStep) float64) {
		var upper, lower []point
		if k := d.opens(); k >= 0 {
			upper = append(upper, d.points[k])
		}
		for _, s := range d.Fan {
			x := d.at(s.At)
			upper, lower = append(upper, point{x, d.y.at(high(s))}), append(lower, point{x, d.y.at(low(s))})
		}
		slices.Reverse(lower)
		d.c.polygon(class, append(upper, lower...))
	}
	area("c-fan", func(s FanStep) float64 { return s.Low }, func(s FanStep) float64 { return s.High })
	area("c-fan-inner", func(s FanStep) float64 { return s.InnerLow }, func(s FanStep) float64 { return s.InnerHigh })
}

// way is the middle of the forecast, from the last value on.
func (d *lineLayout) way(end point) []point {
	if len(d.Fan) == 0 {
		return []point{d.points[d.last], end}
	}
	var way []point
	if k := d.opens(); k >= 0 {
		way = append(way, d.points[k])
	}
	for _, s := range d.Fan {
		way = append(way, point{d.at(s.At), d.y.at(s.Mean)})
	}
	return way
}

// aheadOf writes the interval in which the value will probably be, and its middle. An end beyond the axis has no cap.
func (d *lineLayout) aheadOf() {
	a, c := d.Ahead, d.c
	if a == nil {
		return
	}
	x := d.ahead
	if d.ends() || d.far.after > a.After {
		x = d.at(d.aheadAt())
	}
	hi, mid, lo := point{x, d.y.at(a.High)}, point{x, d.y.at(a.Mean)}, point{x, d.y.at(a.Low)}
	if d.last >= 0 {
		c.polyline("c-way", d.way(mid))
	}
	c.line("c-ahead", hi.x, hi.y, lo.x, lo.y)
	for _, end := range []struct {
		at point
		v  float64
	}{{hi, a.High}, {lo, a.Low}} {
		if end.v >= d.y.lo && end.v <= d.y.hi {
			c.line("c-ahead", end.at.x-6, end.at.y, end.at.x+6, end.at.y)
		}
	}
	if a.Mean >= d.y.lo && a.Mean <= d.y.hi {
		c.diamond("c-ahead-middle", mid, 5.5)
	}
	c.hover("rect", "c-hit", a.Label+": "+a.Shown, "x", hi.x-10, "y", hi.y-6, "width", 20.0, "height", max(lo.y-hi.y, 0)+12)
}

// pathOn is the expected path after the last point, to the targets that lie ahead.
func (d *lineLayout) pathOn(run []point) []point {
	if len(run) == 0 || d.Points[len(d.Points)-1].Expected == nil {
		return nil
	}
	var list []point
	y := run[len(run)-1].y
	for _, w := range d.Way {
		if w.At <= float64(len(d.Points)-1) {
			continue
		}
		at := point{d.at(w.At), d.y.at(w.Value)}
		if d.Steps && at.y != y {
			list = append(list, point{at.x, y})
		}
		list, y = append(list, at), at.y
	}
	return list
}

// waypoints writes the targets at their days.
func (d *lineLayout) waypoints() {
	for _, w := range d.Way {
		at := point{d.at(w.At), d.y.at(w.Value)}
		class := "c-step-done"
		if w.At > float64(len(d.Points)-1) {
			class = "c-step"
		}
		d.c.diamond(class, at, 5.5)
		d.c.hover("circle", "c-hit", w.Label+": "+w.Shown, "cx", at.x, "cy", at.y, "r", 10.0)
	}
}

// costWay counts what a label would cover of the targets at their days.
func (d *lineLayout) costWay(b box) float64 {
	k := 0.0
	for _, w := range d.Way {
		x, y := d.at(w.At), d.y.at(w.Value)
		if b.overlaps(box{x - 7, y - 7, 14, 14}) {
			k += 3
		}
	}
	for i, s := range d.Fan {
		x, from := d.at(s.At), d.points[d.last].x
		if i > 0 {
			from = d.at(d.Fan[i-1].At)
		}
		if high := d.y.at(s.High); b.overlaps(box{from, high, x - from, d.y.at(s.Low) - high}) {
			k += 3
			break
		}
	}
	return k
}

// later are the places of the interactive chart after the last point: a forecast period each, and the farthest day last.
func (l *Line) later() (names []string, places []float64) {
	n, far := float64(len(l.Points)-1), l.beyond()
	if !far.some {
		return nil, nil
	}
	for i, s := range l.Fan {
		if s.At > n && i < len(l.Fan)-1 {
			names, places = append(names, s.Label), append(places, s.At)
		}
	}
	return append(names, far.label), append(places, math.Inf(1))
}

// index returns the category of a place.
func (l *Line) index(place float64, later []float64) int {
	n := len(l.Points)
	if place <= float64(n-1) || len(later) == 0 {
		return min(max(int(math.Ceil(place-1e-9)), 0), n-1)
	}
	for i, at := range later {
		if place <= at {
			return n + i
		}
	}
	return n + len(later) - 1
}

// wholeRow is a row of gaps, one for every category.
func (l *Line) wholeRow(later []float64) []any {
	row := make([]any, len(l.Points)+len(later))
	for i := range row {
		row[i] = gap
	}
	return row
}

// waySeries are the targets at their days.
func (l *Line) waySeries(later []float64) map[string]any {
	data := l.wholeRow(later)
	for i := range l.Way {
		w := &l.Way[i]
		d, _ := datum(&w.Value, w.Shown).(map[string]any)
		if w.At > float64(len(l.Points)-1) {
			d["itemStyle"] = map[string]any{"color": "@c-paper", "borderColor": "@c-target", "borderWidth": 1.5}
		}
		data[l.index(w.At, later)] = d
	}
	return map[string]any{"type": "line", "name": l.WayName, "data": data, "symbol": "diamond", "symbolSize": 11, "color": "@c-target",
		"lineStyle": map[string]any{"width": 0}, "z": 5}
}

// fanSeries are the intervals of the forecast, each as two lines that nobody sees with the area between them, and its middle, which says them.
func (l *Line) fanSeries(later []float64) []any {
	middle := l.wholeRow(later)
	from := l.opens()
	if from >= 0 {
		middle[from] = *l.Points[from].Value // only so that the line begins there: it is said by its own series
	}
	var list []any
	interval := func(stack, colour string, low, high func(FanStep) float64) {
		lower, width := l.wholeRow(later), l.wholeRow(later)
		if from >= 0 {
			lower[from], width[from] = *l.Points[from].Value, 0.0
		}
		for _, s := range l.Fan {
			k := l.index(s.At, later)
			if w := high(s) - low(s); finite(&w) != nil {
				lower[k], width[k] = low(s), w
			}
		}
		under := func(data []any) map[string]any {
			return map[string]any{"type": "line", "name": l.Ahead.Name, "data": data, "symbol": "none", "silent": true, "connectNulls": true,
				"stack": stack, "stackStrategy": "all", "color": colour, "lineStyle": map[string]any{"width": 0}, "z": 1}
		}
		area := under(width)
		area["areaStyle"] = map[string]any{"color": colour, "opacity": 1}
		list = append(list, under(lower), area)
	}
	interval("fan", "@c-fan", func(s FanStep) float64 { return s.Low }, func(s FanStep) float64 { return s.High })
	interval("fan-inner", "@c-fan-inner", func(s FanStep) float64 { return s.InnerLow }, func(s FanStep) float64 { return s.InnerHigh })
	for i := range l.Fan[:len(l.Fan)-1] {
		s := &l.Fan[i]
		middle[l.index(s.At, later)] = datum(&s.Mean, s.Shown)
	}
	end := l.Fan[len(l.Fan)-1]
	middle[l.index(end.At, later)] = end.Mean // the outlook says it
	return append(list, map[string]any{"type": "line", "name": l.Ahead.Name, "data": middle, "symbol": "none", "connectNulls": true, "color": "@c-line",
		"lineStyle": map[string]any{"color": "@c-line", "width": 1.25, "type": []any{1, 4}}, "z": 2})
}
