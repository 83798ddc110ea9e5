package connector

import (
	"math"
	"slices"
	"strconv"
)

// maxPositions is how many positions one geometry may have.
const maxPositions = 500_000

// position is a place on earth, in degrees.
type position struct{ lon, lat float64 }

// coordinates are the nested arrays of a geometry: a position, or a list of such.
type coordinates struct {
	at   position
	list []coordinates
	leaf bool
}

// geometry reads a geometry object and returns its place, nil if it has none.
func (f *features) geometry() (*position, error) {
	kind := ""
	var c *coordinates
	var first *position // of a collection
	left := maxPositions
	err := f.members(func(name string) error {
		var err error
		switch {
		case name == "type":
			kind, err = f.word()
		case name == "coordinates" && f.kind() == '[':
			c, err = f.coordinates(&left)
		case name == "geometries" && f.kind() == '[':
			first, err = f.geometries()
		default:
			err = f.skip()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	depth, known := geometryDepth[kind]
	switch {
	case kind == "GeometryCollection":
		return first, nil
	case !known:
		return nil, faultf("feature %d has a geometry of the type %q, and there is none such", f.rows, cutText(kind, 40))
	case c == nil || len(c.list) == 0 && !c.leaf:
		return nil, nil // without coordinates it is nowhere, as null is
	case !c.deep(depth):
		return nil, faultf("feature %d: the coordinates are not those of a %s", f.rows, kind)
	}
	return place(kind, c), nil
}

// geometries reads the members of a collection.
func (f *features) geometries() (*position, error) {
	if err := f.open('['); err != nil {
		return nil, err
	}
	var first *position
	for {
		more, err := f.more()
		if err != nil || !more {
			return first, err
		}
		if f.kind() != '{' {
			return nil, faultf("feature %d: a geometry is no object", f.rows)
		}
		at, err := f.geometry()
		if err != nil {
			return nil, err
		}
		if first == nil {
			first = at
		}
	}
}

// geometryDepth is how many arrays lie around a position.
var geometryDepth = map[string]int{"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}

// coordinates reads nested arrays. A position may have more than two numbers; the others are left out.
func (f *features) coordinates(left *int) (*coordinates, error) {
	if err := f.open('['); err != nil {
		return nil, err
	}
	c := &coordinates{}
	for n := 0; ; n++ {
		more, err := f.more()
		if err != nil {
			return nil, err
		}
		if !more {
			if c.leaf && n < 2 {
				return nil, faultf("feature %d: a position has one number", f.rows)
			}
			return c, nil
		}
		switch k := f.kind(); {
		case k == '0' && len(c.list) == 0:
			err = f.number(c, n, left)
		case k == '[' && !c.leaf:
			var inner *coordinates
			if inner, err = f.coordinates(left); err == nil {
				c.list = append(c.list, *inner)
			}
		default:
			err = faultf("feature %d: among the coordinates stands %s", f.rows, kindWord(k))
		}
		if err != nil {
			return nil, err
		}
	}
}

func (f *features) number(c *coordinates, n int, left *int) error {
	s, err := f.scalar()
	if err != nil {
		return err
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return faultf("feature %d: a coordinate is too large a number", f.rows)
	}
	switch n {
	case 0:
		c.leaf, c.at.lon = true, v
		if *left--; *left < 0 {
			return faultf("feature %d has more than %d positions", f.rows, maxPositions)
		}
	case 1:
		c.at.lat = v
	}
	return nil
}

// deep reports whether depth arrays lie around all positions.
func (c *coordinates) deep(depth int) bool {
	if depth == 0 || c.leaf {
		return depth == 0 && c.leaf
	}
	return !slices.ContainsFunc(c.list, func(inner coordinates) bool { return !inner.deep(depth - 1) })
}

// points returns a list of positions.
func (c *coordinates) points() []position {
	list := make([]position, len(c.list))
	for i := range c.list {
		list[i] = c.list[i].at
	}
	return list
}

// place is the place of a geometry, as said at [GeoJSON]; nil if it has none.
func place(kind string, c *coordinates) *position {
	switch kind {
	case "Point":
		return &c.at
	case "MultiPoint":
		return &c.list[0].at
	case "LineString":
		return half(c.points())
	case "MultiLineString":
		return half(largest(c.list, func(line coordinates) float64 { return length(line.points()) }).points())
	case "Polygon":
		return inside(c.list)
	}
	return inside(largest(c.list, func(p coordinates) float64 {
		if len(p.list) == 0 {
			return -1
		}
		area, _ := ringCentre(p.list[0].points())
		return area
	}).list)
}

func largest(list []coordinates, size func(coordinates) float64) *coordinates {
	best, most := &list[0], math.Inf(-1)
	for i := range list {
		if s := size(list[i]); s > most {
			best, most = &list[i], s
		}
	}
	return best
}

func length(line []position) float64 {
	sum := 0.0
	for i := 1; i < len(line); i++ {
		sum += math.Hypot(line[i].lon-line[i-1].lon, line[i].lat-line[i-1].lat)
	}
	return sum
}

// half is the point half way along a line.
func half(line []position) *position {
	if len(line) == 0 {
		return nil
	}
	rest := length(line) / 2
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		step := math.Hypot(b.lon-a.lon, b.lat-a.lat)
		if step > 0 && rest <= step {
			return &position{a.lon + (b.lon-a.lon)*rest/step, a.lat + (b.lat-a.lat)*rest/step}
		}
		rest -= step
	}
	return &line[0] // it has no length
}

// ringCentre returns the area of a ring and its centre of gravity, by the shoelace formula, from its first point, so that small rings far
// from 0, 0 keep their digits.
func ringCentre(ring []position) (area float64, at position) {
	if len(ring) == 0 {
		return 0, at
	}
	var x, y float64
	o := ring[0]
	for i := range ring {
		a, b := ring[i], ring[(i+1)%len(ring)]
		cross := (a.lon-o.lon)*(b.lat-o.lat) - (b.lon-o.lon)*(a.lat-o.lat)
		area += cross
		x += (a.lon + b.lon - 2*o.lon) * cross
		y += (a.lat + b.lat - 2*o.lat) * cross
	}
	if area == 0 {
		return 0, o
	}
	return math.Abs(area / 2), position{o.lon + x/(3*area), o.lat + y/(3*area)}
}

// inside is a point in a polygon of rings, the first of which is the outer one.
func inside(rings []coordinates) *position {
	if len(rings) == 0 || len(rings[0].list) == 0 {
		return nil
	}
	outer := rings[0].points()
	area, c := ringCentre(outer)
	if area == 0 {
		return &outer[0]
	}
	low, high := outer[0].lat, outer[0].lat
	for _, p := range outer {
		low, high = min(low, p.lat), max(high, p.lat)
	}
	at := crossings(rings, c.lat)
	for i := 1; i < len(at); i += 2 {
		if at[i-1] <= c.lon && c.lon <= at[i] {
			return &c
		}
	}
	best := outer[0]
	widest := 0.0
	at = crossings(rings, (low+high)/2)
	for i := 1; i < len(at); i += 2 {
		if w := at[i] - at[i-1]; w > widest {
			widest, best = w, position{(at[i-1] + at[i]) / 2, (low + high) / 2}
		}
	}
	return &best
}

// crossings are the longitudes at which the rings cross a latitude, in order: between the first and the second one is inside, and so on.
func crossings(rings []coordinates, lat float64) []float64 {
	var at []float64
	for _, r := range rings {
		ring := r.points()
		for i := range ring {
			a, b := ring[i], ring[(i+1)%len(ring)]
			if (a.lat > lat) != (b.lat > lat) {
				at = append(at, a.lon+(lat-a.lat)*(b.lon-a.lon)/(b.lat-a.lat))
			}
		}
	}
	slices.Sort(at)
	return at
}
