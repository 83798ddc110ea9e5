package chart

import (
	"cmp"
	"html/template"
	"math"
	"slices"
	"strings"
)

// Atlas is the districts of a city to look at and to go to: each area is a link that works without a script. It shows where they lie and no
// numbers, so it is no [Figure]. Whoever does not see it needs a list of the same links beside it, which also serves where an area is too small
// to be hit.
type Atlas struct {
	Label string // what it is, for those who do not see it
	Areas []AtlasArea
	Names bool // the names are written where there is room for them
}

// AtlasArea is one district.
type AtlasArea struct {
	Name     string
	URL      string // "" leads nowhere
	Here     bool   // it is the one that the page is about, or that the reader chose
	Polygons [][][][2]float64
}

// NewAtlas returns the atlas; nil if there is no outline to draw.
func NewAtlas(label string, names bool, areas []AtlasArea) *Atlas {
	a := &Atlas{Label: label, Areas: areas, Names: names}
	if !a.shape().drawn() {
		return nil
	}
	return a
}

// shape is the same areas as a map, which knows how to lay them out.
func (a *Atlas) shape() *Map {
	m := &Map{}
	for _, area := range a.Areas {
		m.Areas = append(m.Areas, Area{Polygons: area.Polygons})
	}
	return m
}

// SVGWide returns the drawing for columns of 608 CSS pixels and more.
func (a *Atlas) SVGWide() template.HTML { return template.HTML(a.svg(wide).bytes()) } // every text went through canvas, which escapes

// SVGNarrow returns the drawing for phones, and for the margin of a page.
func (a *Atlas) SVGNarrow() template.HTML { return template.HTML(a.svg(narrow).bytes()) } // as above

// reach is the least width and height of an area that can be hit: 24 CSS pixels in the smallest column.
const reach = 30

func (a *Atlas) svg(s size) *canvas {
	room := box{2, 2, s.w - 4, 1.1 * s.w}
	if !s.narrow() {
		room.h = 0.9 * s.w
	}
	p := a.shape().project(room)
	s.h = math.Ceil(p.used) + 4
	c := newCanvas(s, "")
	// Not an image: links inside one would be hidden from those who do not see it.
	c.open("svg", "c-svg c-atlas "+s.class, "xmlns", "http://www.w3.org/2000/svg", "role", "group", "aria-label", a.Label,
		"viewBox", "0 0 "+number(s.w)+" "+number(s.h), "width", s.w, "height", s.h)
	for _, area := range a.Areas {
		if !area.Here {
			area.draw(c, p)
		}
	}
	for _, area := range a.Areas { // over its neighbours, whose edges it shares
		if area.Here {
			area.draw(c, p)
		}
	}
	if a.Names {
		a.names(c, p)
	}
	c.end()
	return c
}

// draw writes an area, as a link where it can be hit.
func (a AtlasArea) draw(c *canvas, p projection) {
	if len(a.Polygons) == 0 {
		return
	}
	class := "c-place"
	if a.Here {
		class = "c-place c-here"
	}
	shape := func() {
		c.start("path", class, []any{"fill-rule", "evenodd"})
		c.outline(a.Polygons, p)
		c.buf = append(c.buf, '>')
		c.element("title", a.Name)
		c.close("path")
	}
	if a.URL == "" || !a.hit(p) {
		shape()
		return
	}
	attrs := []any{"href", a.URL, "aria-label", a.Name}
	if a.Here {
		attrs = append(attrs, "aria-current", "true")
	}
	c.open("a", "", attrs...)
	shape()
	c.close("a")
}

// hit reports whether a finger can hit the area.
func (a AtlasArea) hit(p projection) bool {
	for _, polygon := range a.Polygons {
		if b := bounding(polygon, p); b.w >= reach && b.h >= reach {
			return true
		}
	}
	return false
}

// bounding is the box around a polygon.
func bounding(polygon [][][2]float64, p projection) box {
	if len(polygon) == 0 || len(polygon[0]) == 0 {
		return box{}
	}
	least, most := p.at(polygon[0][0]), p.at(polygon[0][0])
	for _, q := range polygon[0] {
		at := p.at(q)
		least, most = point{min(least.x, at.x), min(least.y, at.y)}, point{max(most.x, at.x), max(most.y, at.y)}
	}
	return box{least.x, least.y, most.x - least.x, most.y - least.y}
}

// names writes the name of each area where there is room for all of it inside, and no other name stands already.
func (a *Atlas) names(c *canvas, p projection) {
	for _, area := range a.Areas {
		lines, at, ok := area.place(c, p)
		if !ok {
			continue
		}
		boxes := make([]box, len(lines))
		for i, line := range lines {
			boxes[i] = c.room("c-name", line, at.x, at.y+lead*float64(i), atMiddle)
		}
		taken := slices.ContainsFunc(c.text, func(t textBox) bool { return slices.ContainsFunc(boxes, t.overlaps) })
		if taken {
			continue
		}
		class := "c-name c-through"
		if area.Here {
			class = "c-name c-through c-here-name"
		}
		for i, line := range lines {
			c.text = append(c.text, textBox{line, boxes[i]})
			c.start("text", "c-t "+class, []any{"x", at.x, "y", at.y + lead*float64(i) + 0.35*c.font, "text-anchor", "middle", "aria-hidden", "true"})
			c.buf = append(c.buf, '>')
			c.escape(line)
			c.close("text")
		}
	}
}

// nameLines is the greatest number of lines that a name on the atlas takes.
const nameLines = 3

// place finds where a name fits into the largest part of an area: its lines, and the middle of the first of them.
func (a AtlasArea) place(c *canvas, p projection) (lines []string, at point, ok bool) {
	if len(a.Polygons) == 0 || strings.TrimSpace(a.Name) == "" {
		return nil, point{}, false
	}
	size := func(polygon [][][2]float64) float64 { b := bounding(polygon, p); return b.w * b.h }
	polygon := slices.MaxFunc(a.Polygons, func(x, y [][][2]float64) int { return cmp.Compare(size(x), size(y)) })
	b := bounding(polygon, p)
	// Widths are those of the widest faces, and a name has a light edge: where there is no better way, its ends may lie over the line.
	for _, part := range []float64{1, 0.82} {
		for n := 1; n <= nameLines; n++ {
			lines, whole := balanced(a.Name, c.font, n)
			if !whole {
				continue
			}
			width := 0.0
			for _, line := range lines {
				width = max(width, textWidth(line, c.font))
			}
			if at, ok := roomFor(polygon, p, b, part*width, lead*float64(len(lines))); ok {
				return lines, at, true
			}
		}
	}
	return nil, point{}, false
}

// roomFor finds where a text so wide and so high fits into a polygon: the middle of its first line.
func roomFor(polygon [][][2]float64, p projection, b box, width, height float64) (at point, ok bool) {
	const tries = 32
	best := 0.0
	for i := 1; i < tries; i++ {
		y := b.y + b.h*float64(i)/tries
		left, right := widest(polygon, p, y-height/2, y+height/2)
		room := right - left - width
		// The middle of the area is better than its edge, if it has the room.
		if score := room - math.Abs(y-b.y-b.h/2)*0.25; room > 0 && (!ok || score > best) {
			best, at, ok = score, point{(left + right) / 2, y - height/2 + lead/2}, true
		}
	}
	return at, ok
}

// balanced breaks a name into so many lines of about the same width, at its spaces; false if it has too few words for that.
func balanced(s string, font float64, n int) ([]string, bool) {
	words := strings.Fields(s)
	if len(words) < n {
		return nil, false
	}
	if n == 1 {
		return []string{strings.Join(words, " ")}, true
	}
	var best []string
	least := math.Inf(1)
	for first := 1; first <= len(words)-n+1; first++ {
		rest, ok := balanced(strings.Join(words[first:], " "), font, n-1)
		if !ok {
			continue
		}
		lines := append([]string{strings.Join(words[:first], " ")}, rest...)
		width := 0.0
		for _, line := range lines {
			width = max(width, textWidth(line, font))
		}
		if width < least {
			best, least = lines, width
		}
	}
	return best, best != nil
}

// widest returns the ends of the widest piece of a polygon that is inside it from a height to another.
func widest(polygon [][][2]float64, p projection, top, bottom float64) (left, right float64) {
	const steps = 4
	free := []float64{math.Inf(-1), math.Inf(1)}
	for i := 0; i <= steps; i++ {
		free = shared(free, crossings(polygon, p, top+(bottom-top)*float64(i)/steps))
		if len(free) == 0 {
			return 0, 0
		}
	}
	for i := 0; i+1 < len(free); i += 2 {
		if free[i+1]-free[i] > right-left {
			left, right = free[i], free[i+1]
		}
	}
	return left, right
}

// crossings returns where a level line enters and leaves a polygon, from the left to the right.
func crossings(polygon [][][2]float64, p projection, y float64) []float64 {
	var list []float64
	for _, ring := range polygon {
		for i := range ring {
			q, r := p.at(ring[i]), p.at(ring[(i+1)%len(ring)])
			if (q.y <= y) != (r.y <= y) {
				list = append(list, q.x+(y-q.y)/(r.y-q.y)*(r.x-q.x))
			}
		}
	}
	slices.Sort(list)
	return list[:len(list)/2*2]
}

// shared returns the pieces that two lists of pieces have in common.
func shared(a, b []float64) []float64 {
	var list []float64
	for i, j := 0, 0; i+1 < len(a) && j+1 < len(b); {
		if from, to := max(a[i], b[j]), min(a[i+1], b[j+1]); from < to {
			list = append(list, from, to)
		}
		if a[i+1] < b[j+1] {
			i += 2
		} else {
			j += 2
		}
	}
	return list
}
