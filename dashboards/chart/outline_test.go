package chart

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// coast is a ring with many more points than can be seen.
func coast(n int, west, south, size float64) [][2]float64 {
	ring := make([][2]float64, 0, n+1)
	for i := range n {
		at := 2 * math.Pi * float64(i) / float64(n)
		r := size * (1 + 0.08*math.Sin(9*at) + 0.01*math.Sin(57*at))
		ring = append(ring, [2]float64{west + r*math.Cos(at), south + r*math.Sin(at)})
	}
	return append(ring, ring[0])
}

var pathNumber = regexp.MustCompile(`-?(?:\d+\.?\d*|\.\d+)`)

// pathPoints reads the points of a path that was written by ring.
func pathPoints(t *testing.T, d string) (list []point) {
	t.Helper()
	for part := range strings.SplitSeq(strings.TrimSuffix(d, "z"), "zM") {
		var v []float64
		for _, s := range pathNumber.FindAllString(part, -1) {
			f, err := strconv.ParseFloat(s, 64)
			if err != nil {
				t.Fatal(err)
			}
			v = append(v, f)
		}
		at := point{}
		for i := 0; i+1 < len(v); i += 2 {
			at = point{at.x + v[i], at.y + v[i+1]}
			list = append(list, at)
		}
	}
	return list
}

// Whatever the outline, it is drawn with few points, and none of the outline's own lies further from the drawn line than the grid.
func TestOutlineHasFewPointsAndKeepsItsShape(t *testing.T) {
	for _, n := range []int{5, 300, 2_000, 40_000} {
		m := &Map{Areas: []Area{{Polygons: [][][][2]float64{{coast(n, -71, 42, 0.1)}}}, {Polygons: [][][][2]float64{{coast(n/2+3, -70.6, 42.1, 0.05), coast(7, -70.6, 42.1, 0.01)}}}}}
		p := m.project(box{2, 2, 500, 460})
		total := 0
		for _, a := range m.Areas {
			for _, ring := range a.Polygons[0] {
				c := newCanvas(size{w: 760, h: 460}, "m")
				c.ring(ring, p)
				drawn := pathPoints(t, strings.TrimPrefix(c.bytes(), "M"))
				total += len(drawn)
				for _, q := range ring {
					if d := fromLine(p.at(q), drawn); d > 1.5*p.grid {
						t.Fatalf("%d points: one lies %.2f from the line, at a grid of %v", n, d, p.grid)
					}
				}
			}
		}
		if total > outlinePoints {
			t.Errorf("%d points became %d", n, total)
		}
		if n <= 300 && p.grid != grids[0] {
			t.Errorf("%d points are drawn on a grid of %v", n, p.grid)
		}
	}
}

// fromLine is how far a point lies from a closed line.
func fromLine(q point, line []point) float64 {
	best := math.Inf(1)
	for i, a := range line {
		b := line[(i+1)%len(line)]
		dx, dy := b.x-a.x, b.y-a.y
		along := 0.0
		if l := dx*dx + dy*dy; l > 0 {
			along = min(1, max(0, ((q.x-a.x)*dx+(q.y-a.y)*dy)/l))
		}
		best = min(best, math.Hypot(q.x-a.x-along*dx, q.y-a.y-along*dy))
	}
	return best
}

// What is smaller than the grid is not drawn, and a straight line needs its ends alone.
func TestOutlineLeavesOutWhatIsNotSeen(t *testing.T) {
	p := projection{kx: 1, ky: 1, grid: 0.5}
	for _, c := range []struct {
		ring [][2]float64
		want string
	}{
		{[][2]float64{{0, 0}, {0.1, 0}, {0.1, -0.1}, {0, 0}}, ""},
		{[][2]float64{{0, 0}, {1, 0}, {2, 0}, {4, 0}, {4, -2}, {4, -4}, {0, -4}, {0, 0}}, "M0 0l4 0 0 4-4 0z"},
		{[][2]float64{{1.26, 0}, {3, -1.5}, {0.3, -2.5}}, "M1.5 0l1.5 1.5-2.5 1z"},
	} {
		canvas := newCanvas(size{w: 760, h: 460}, "m")
		canvas.ring(c.ring, p)
		if got := canvas.bytes(); got != c.want {
			t.Errorf("%v: %q, want %q", c.ring, got, c.want)
		}
	}
}
