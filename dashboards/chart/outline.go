package chart

import "math"

// An outline has more points than a drawing can show: they are most of a page's weight. Each point is moved to a grid of half a unit, finer than
// a line is wide, and those that then add nothing are left out. Neighbours share the points of their border, so they still fit.

// grids are the steps of the grid, in units of the drawing. The first that leaves few enough points is taken.
var grids = []float64{0.5, 0.8, 1, 1.5, 2} // whole tenths, as numbers are written

// outlinePoints is how many points all areas of a drawing may have together.
const outlinePoints = 1800

// grid returns the step of the grid for the areas in a projection.
func (m *Map) grid(p projection) float64 {
	for _, p.grid = range grids {
		n := 0
		for _, a := range m.Areas {
			for _, polygon := range a.Polygons {
				for _, ring := range polygon {
					n += len(p.ring(ring))
				}
			}
		}
		if n <= outlinePoints {
			break
		}
	}
	return p.grid
}

// step is a way in steps of the grid.
type step struct{ x, y int }

// ring returns a ring's points on the grid, without those that fall on the one before or lie on the way between their neighbours. What is
// smaller than the grid has none.
func (p projection) ring(ring [][2]float64) []step {
	list := make([]step, 0, len(ring))
	for _, q := range ring {
		at := p.at(q)
		s := step{int(math.Round(at.x / p.grid)), int(math.Round(at.y / p.grid))}
		if n := len(list); n > 0 && s == list[n-1] {
			continue
		}
		for n := len(list); n >= 2 && straight(list[n-2], list[n-1], s); n = len(list) {
			list = list[:n-1]
		}
		list = append(list, s)
	}
	if n := len(list); n > 1 && list[0] == list[n-1] {
		list = list[:n-1] // the path closes it
	}
	if len(list) < 3 {
		return nil
	}
	return list
}

// straight reports whether b lies on the way from a to c.
func straight(a, b, c step) bool {
	ux, uy, vx, vy := b.x-a.x, b.y-a.y, c.x-b.x, c.y-b.y
	return ux*vy == uy*vx && ux*vx+uy*vy > 0
}

// ring writes a ring as one way from point to point, each told from the one before: that is half of what it takes to tell where they are.
func (c *canvas) ring(ring [][2]float64, p projection) {
	list := p.ring(ring)
	if list == nil {
		return
	}
	number := func(v int, apart bool) {
		if apart && v >= 0 {
			c.buf = append(c.buf, ' ') // a minus sign sets numbers apart by itself
		}
		c.buf = appendNumber(c.buf, float64(v)*p.grid)
	}
	c.buf = append(c.buf, 'M')
	number(list[0].x, false)
	number(list[0].y, true)
	for i, s := range list[1:] {
		if i == 0 {
			c.buf = append(c.buf, 'l')
		}
		number(s.x-list[i].x, i > 0)
		number(s.y-list[i].y, true)
	}
	c.buf = append(c.buf, 'z')
}
