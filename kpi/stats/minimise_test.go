package stats

import (
	"math"
	"testing"
)

func TestMinimise(t *testing.T) {
	valley := func(p []float64) float64 { return 100*squareOf(p[1]-p[0]*p[0]) + squareOf(1-p[0]) }
	for name, c := range map[string]struct {
		f             func([]float64) float64
		x, step, want []float64
	}{
		"Rosenbrock's valley": {valley, []float64{-1.2, 1}, []float64{0.1, 0.1}, []float64{1, 1}},
		"one dimension":       {func(p []float64) float64 { return math.Abs(p[0] - 3) }, []float64{10}, []float64{1}, []float64{3}},
		"holes": {func(p []float64) float64 {
			if p[0] < 0 {
				return math.NaN()
			}
			return squareOf(p[0]-0.5) + squareOf(p[1])
		}, []float64{3, 2}, []float64{-2, 1}, []float64{0.5, 0}},
	} {
		value := newNelderMead(len(c.x)).minimise(c.f, c.x, c.step, 2000, 1e-18)
		for i, want := range c.want {
			if math.Abs(c.x[i]-want) > 1e-6 {
				t.Errorf("%s: %v, want %v", name, c.x, c.want)
			}
		}
		if value != c.f(c.x) {
			t.Errorf("%s: the value is %v, not %v", name, c.f(c.x), value)
		}
	}
	calls := 0
	nowhere := []float64{1, 2}
	value := newNelderMead(2).minimise(func([]float64) float64 { calls++; return math.NaN() }, nowhere, []float64{1, 1}, 50, 0)
	if !math.IsInf(value, 1) || nowhere[0] != 1 || nowhere[1] != 2 || calls > 60 {
		t.Errorf("no number anywhere: %v at %v after %d calls", value, nowhere, calls)
	}
}

func TestReflectionSolve(t *testing.T) {
	solve := func(columns [][]float64, y []float64) []float64 {
		c := make([]float64, len(columns))
		copies := make([][]float64, len(columns))
		for k := range columns {
			copies[k] = append([]float64(nil), columns[k]...)
		}
		reflectionSolve(copies, append([]float64(nil), y...), c)
		return c
	}
	a, b := []float64{1, 1, 1, 1}, []float64{0, 1, 2, 3}
	got := solve([][]float64{a, b}, []float64{-1, -3, -5, -7})
	if math.Abs(got[0]-1) > 1e-12 || math.Abs(got[1]-2) > 1e-12 {
		t.Errorf("a line: %v", got)
	}
	got = solve([][]float64{a, a, b}, []float64{-1, -3, -5, -7}) // the second column says nothing new
	if math.Abs(got[0]-1) > 1e-12 || got[1] != 0 || math.Abs(got[2]-2) > 1e-12 {
		t.Errorf("a column twice: %v", got)
	}
	got = solve([][]float64{{0, 0}, {1, 2}, {3, 1}, {1, 1}}, []float64{-4, -3}) // more columns than values
	if got[0] != 0 || math.Abs(got[1]+3*got[2]+got[3]-4) > 1e-12 || math.Abs(2*got[1]+got[2]+got[3]-3) > 1e-12 {
		t.Errorf("more columns than values: %v", got)
	}
}
