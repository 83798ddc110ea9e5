package ingest

import (
	"math"

	"citystat/ingest/connector"
	"citystat/kpi"
)

// Placer returns the function that finds the district of a place by the districts' polygons; nil if no district has one.
//
// A point on the border of two districts belongs to exactly one of them, provided that both draw the border through the same points. The
// rule is even-odd over all rings of a polygon, so that what lies in a hole lies outside.
func Placer(districts []kpi.District) connector.Placer {
	var list []area
	for _, d := range districts {
		for _, polygon := range d.Polygons {
			if box, ok := boxOf(polygon); ok {
				list = append(list, area{d.ID, polygon, box})
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	return func(longitude, latitude float64) string {
		for i := range list {
			if list[i].box.holds(longitude, latitude) && inside(list[i].rings, longitude, latitude) {
				return list[i].district
			}
		}
		return ""
	}
}

// area is one polygon of a district.
type area struct {
	district string
	rings    [][][2]float64
	box      box
}

// box is a bounding box: two comparisons rule out nearly every polygon.
type box struct{ west, south, east, north float64 }

func (b box) holds(x, y float64) bool {
	return x >= b.west && x <= b.east && y >= b.south && y <= b.north
}

// boxOf returns the bounds of a polygon, and false if it has no point.
func boxOf(rings [][][2]float64) (box, bool) {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, ring := range rings {
		for _, p := range ring {
			b.west, b.east = min(b.west, p[0]), max(b.east, p[0])
			b.south, b.north = min(b.south, p[1]), max(b.north, p[1])
		}
	}
	return b, b.west <= b.east
}

// inside counts how often a ray to the east crosses the rings: an odd number of times from inside. An edge holds its lower end and not its
// upper one, and a point of the edge itself counts as west of it, so nothing is counted twice where edges meet
// (W. R. Franklin, PNPOLY).
func inside(rings [][][2]float64, x, y float64) bool {
	in := false
	for _, ring := range rings {
		for i, j := 0, len(ring)-1; i < len(ring); j, i = i, i+1 {
			a, b := ring[i], ring[j]
			if a[1] > b[1] { // the same edge is cut at the same place whichever way round it is drawn
				a, b = b, a
			}
			if a[1] <= y && y < b[1] && x < a[0]+(b[0]-a[0])*(y-a[1])/(b[1]-a[1]) {
				in = !in
			}
		}
	}
	return in
}
