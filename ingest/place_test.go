package ingest

import (
	"math"
	"math/rand/v2"
	"testing"

	"citystat/kpi"
)

// ring makes a closed or open ring of x, y pairs.
func ring(xy ...float64) [][2]float64 {
	var r [][2]float64
	for i := 0; i < len(xy); i += 2 {
		r = append(r, [2]float64{xy[i], xy[i+1]})
	}
	return r
}

func square(w, s, e, n float64) [][2]float64 { return ring(w, s, e, s, e, n, w, n, w, s) }

func TestPlacer(t *testing.T) {
	find := Placer([]kpi.District{
		{ID: "west", Polygons: [][][][2]float64{{square(0, 0, 10, 10), square(4, 4, 6, 6)}}}, // a hole in its middle
		{ID: "park", Polygons: [][][][2]float64{{square(4, 4, 6, 6)}}},
		{ID: "east", Polygons: [][][][2]float64{{ring(10, 0, 20, 0, 20, 10, 10, 10)}, {square(30, 0, 31, 1)}}}, // not closed, and an island
		{ID: "arrow", Polygons: [][][][2]float64{{ring(0, -10, 5, -5, 10, -10, 5, -1)}}},
		{ID: "nowhere"},
		{ID: "empty", Polygons: [][][][2]float64{{}, {{}}}},
	})
	for _, c := range []struct {
		x, y float64
		want string
	}{
		{1, 1, "west"}, {5, 5, "park"}, {15, 5, "east"}, {30.5, 0.5, "east"}, {25, 5, ""}, {-1, 5, ""}, {5, 11, ""},
		{5, -3, "arrow"}, {5, -6, ""}, {1, -9, ""},
		{0, 0, "west"}, {10, 5, "east"}, {20, 5, ""}, {5, 10, ""}, {4, 5, "park"}, {6, 5, "west"}, {math.NaN(), 5, ""}, {math.Inf(1), 5, ""},
	} {
		if got := find(c.x, c.y); got != c.want {
			t.Errorf("(%g, %g) is in %q, want %q", c.x, c.y, got, c.want)
		}
	}
	if Placer([]kpi.District{{ID: "nowhere"}}) != nil {
		t.Error("a map of nothing")
	}
}

// TestNeighboursShareNoPoint cuts a square into districts along zigzag borders that both sides draw through the same points: every point of the
// square, those of the borders too, is in exactly one of them, whichever way round the rings go.
func TestNeighboursShareNoPoint(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		border := ring(5, 0)
		for y := 1.0; y < 10; y++ {
			border = append(border, [2]float64{3 + 4*r.Float64(), y})
		}
		border = append(border, [2]float64{5, 10})
		west, east := append(ring(0, 10, 0, 0), border...), append(ring(10, 10, 10, 0), border...)
		find := []func(float64, float64) string{
			Placer([]kpi.District{{ID: "west", Polygons: [][][][2]float64{{west}}}}),
			Placer([]kpi.District{{ID: "east", Polygons: [][][][2]float64{{east}}}}),
		}
		points := append(ring(), border[:len(border)-1]...)
		for i := range border[:len(border)-1] {
			points = append(points, [2]float64{(border[i][0] + border[i+1][0]) / 2, (border[i][1] + border[i+1][1]) / 2}, [2]float64{10 * r.Float64(), 10 * r.Float64()})
		}
		for _, p := range points {
			in := 0
			for _, f := range find {
				if f(p[0], p[1]) != "" {
					in++
				}
			}
			if in != 1 {
				t.Fatalf("(%g, %g) is in %d districts; border %v", p[0], p[1], in, border)
			}
		}
	}
}

// TestInsideAgreesWithAngles compares the counting of crossings with another method, the sum of the angles under which the edges are seen.
func TestInsideAgreesWithAngles(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		var star [][2]float64
		for i := range 12 {
			a, d := 2*math.Pi*float64(i)/12, 1+4*r.Float64()
			star = append(star, [2]float64{d * math.Cos(a), d * math.Sin(a)})
		}
		for range 50 {
			x, y := 12*r.Float64()-6, 12*r.Float64()-6
			sum := 0.0
			for i, p := range star {
				q := star[(i+1)%len(star)]
				a := math.Atan2(q[1]-y, q[0]-x) - math.Atan2(p[1]-y, p[0]-x)
				sum += math.Remainder(a, 2*math.Pi)
			}
			if want := math.Abs(sum) > math.Pi; inside([][][2]float64{star}, x, y) != want {
				t.Fatalf("(%g, %g) in %v: want %v", x, y, star, want)
			}
		}
	}
}
