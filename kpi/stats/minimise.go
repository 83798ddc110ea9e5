package stats

import "math"

// nelderMead is a minimiser after Nelder and Mead (1965), with the coefficients that Gao and Han (2012) fit to the number of dimensions. It
// takes any function: a value that is no number counts as the largest. It keeps its memory from one use to the next.
type nelderMead struct {
	points [][]float64
	values []float64
	centre []float64
	trial  [2][]float64
	order  []int
}

// newNelderMead makes a minimiser for functions of n variables.
func newNelderMead(n int) *nelderMead {
	s := &nelderMead{values: make([]float64, n+1), centre: make([]float64, n), order: make([]int, n+1)}
	for range n + 1 {
		s.points = append(s.points, make([]float64, n))
	}
	s.trial[0], s.trial[1] = make([]float64, n), make([]float64, n)
	return s
}

// minimise starts at x, with a simplex of the given step to each side, and leaves in x the best point found after about the given number of
// evaluations, or when the simplex is a thousandth of what it was and its values differ by less than the tolerance. It returns the value
// there.
func (s *nelderMead) minimise(f func([]float64) float64, x, step []float64, evaluations int, tolerance float64) float64 {
	g := func(p []float64) float64 {
		evaluations--
		if v := f(p); !math.IsNaN(v) {
			return v
		}
		return math.Inf(1)
	}
	n := len(x)
	for i := range s.points {
		copy(s.points[i], x)
		if i > 0 {
			s.points[i][i-1] += step[i-1]
		}
		s.values[i] = g(s.points[i])
		s.order[i] = i
	}
	for {
		s.sort()
		best, worst := s.order[0], s.order[n]
		if flat := s.values[worst]-s.values[best] <= tolerance; evaluations <= 0 || math.IsInf(s.values[best], 1) || flat && s.small(step) {
			copy(x, s.points[best])
			return s.values[best]
		} else if flat { // equal values on both sides of the lowest
			s.shrink(g, 0.5)
			continue
		}
		s.move(g, worst, s.values[best], s.values[s.order[n-1]])
	}
}

// small reports whether all points lie within a thousandth of a step of the best.
func (s *nelderMead) small(step []float64) bool {
	best := s.points[s.order[0]]
	for _, p := range s.points {
		for j, v := range p {
			if math.Abs(v-best[j]) > 1e-3*math.Abs(step[j]) {
				return false
			}
		}
	}
	return true
}

// sort orders the points by value. The order changes little from one move to the next.
func (s *nelderMead) sort() {
	for i := 1; i < len(s.order); i++ {
		for j := i; j > 0 && s.values[s.order[j]] < s.values[s.order[j-1]]; j-- {
			s.order[j], s.order[j-1] = s.order[j-1], s.order[j]
		}
	}
}

// move replaces the worst point by a better one, or draws all points towards the best.
func (s *nelderMead) move(f func([]float64) float64, worst int, best, second float64) {
	n := float64(len(s.centre))
	for j := range s.centre {
		s.centre[j] = 0
		for i := range s.points {
			if i != worst {
				s.centre[j] += s.points[i][j] / n
			}
		}
	}
	n = math.Max(n, 2)
	reflected := s.try(f, 0, worst, 1)
	switch {
	case reflected < best:
		if expanded := s.try(f, 1, worst, 1+2/n); expanded < reflected {
			s.accept(worst, 1, expanded)
		} else {
			s.accept(worst, 0, reflected)
		}
		return
	case reflected < second:
		s.accept(worst, 0, reflected)
		return
	case reflected < s.values[worst]:
		if outside := s.try(f, 1, worst, 0.75-1/(2*n)); outside <= reflected {
			s.accept(worst, 1, outside)
			return
		}
	default:
		if inside := s.try(f, 1, worst, -(0.75 - 1/(2*n))); inside < s.values[worst] {
			s.accept(worst, 1, inside)
			return
		}
	}
	s.shrink(f, 1-1/n)
}

// try evaluates the point beyond the centre, seen from the worst, at a multiple of their distance.
func (s *nelderMead) try(f func([]float64) float64, k, worst int, times float64) float64 {
	for j, c := range s.centre {
		s.trial[k][j] = c + times*(c-s.points[worst][j])
	}
	return f(s.trial[k])
}

func (s *nelderMead) accept(worst, k int, value float64) {
	copy(s.points[worst], s.trial[k])
	s.values[worst] = value
}

func (s *nelderMead) shrink(f func([]float64) float64, times float64) {
	best := s.points[s.order[0]]
	for _, i := range s.order[1:] {
		for j := range best {
			s.points[i][j] = best[j] + times*(s.points[i][j]-best[j])
		}
		s.values[i] = f(s.points[i])
	}
}

// reflectionSolve finds the coefficients c that make |y + Σ c_k·columns_k|² smallest, by Householder reflections, and overwrites columns and
// y. A column that adds nothing to those before it gets 0.
func reflectionSolve(columns [][]float64, y, c []float64) {
	row := 0
	pivots := make([]int, len(columns))
	for k, v := range columns {
		c[k], pivots[k] = 0, -1
		norm, all := 0.0, 0.0
		for i, a := range v {
			all += a * a
			if i >= row {
				norm += a * a
			}
		}
		if norm <= all*1e-24 || row == len(y) {
			continue
		}
		norm = math.Copysign(math.Sqrt(norm), -v[row])
		head := v[row] - norm
		reflectOnto(v[row:], head, norm, y[row:])
		for _, w := range columns[k+1:] {
			reflectOnto(v[row:], head, norm, w[row:])
		}
		v[row] = norm
		pivots[k] = row
		row++
	}
	for k := len(columns) - 1; k >= 0; k-- {
		p := pivots[k]
		if p < 0 {
			continue
		}
		rest := -y[p]
		for j := k + 1; j < len(columns); j++ {
			rest -= columns[j][p] * c[j]
		}
		c[k] = rest / columns[k][p]
	}
}

// reflectOnto applies to w the reflection that turns the column v, whose first element becomes norm, onto the axis; head is v[0] − norm.
func reflectOnto(v []float64, head, norm float64, w []float64) {
	dot := head * w[0]
	for i := 1; i < len(v); i++ {
		dot += v[i] * w[i]
	}
	dot /= -norm * head
	w[0] -= dot * head
	for i := 1; i < len(v); i++ {
		w[i] -= dot * v[i]
	}
}
