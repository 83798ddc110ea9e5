package stats

import "math"

// loess smooths equally spaced values by local polynomials with tricube weights, as the STL program of Cleveland and others does.
type loess struct {
	window, jump int // window is odd
	degree       Degree
}

// newLoess fills in the defaults: a jump of a tenth of the window as it was asked for, and the window is then odd and at least 3.
func newLoess(window int, degree Degree, jump int, byDefault Degree) loess {
	if degree == DegreeDefault {
		degree = byDefault
	}
	if jump == 0 {
		jump = max(1, (window+9)/10)
	}
	window = max(window, 3)
	return loess{window: window + 1 - window&1, jump: jump, degree: degree}
}

// smooth sets out to the smoothed y. Every jump-th value and the last are fitted, the others lie on lines between them; where no value in
// reach has weight, y stays. weights may be nil; work is scratch as long as y.
func (l loess) smooth(y, weights, work, out []float64) {
	n := len(y)
	jump := max(1, min(l.jump, n-1))
	last, left, right := 0, 0, 0
	fit := func(i int) {
		var ok bool
		if out[i], ok = l.at(y, weights, work, float64(i), left, right); !ok {
			out[i] = y[i]
		}
		between := out[last:i]
		step := (out[i] - out[last]) / float64(max(1, i-last))
		for j := 1; j < len(between); j++ {
			between[j] = out[last] + step*float64(j)
		}
		last = i
	}
	for i := 0; i < n; i += jump {
		left = max(0, min(i-l.window/2, n-l.window))
		right = min(left+l.window, n) - 1
		fit(i)
	}
	if last < n-1 { // the last value is fitted from the same neighbours as the one before
		fit(n - 1)
	}
}

// at returns the local fit at x from the values of indices left to right; false where none has weight.
func (l loess) at(y, weights, work []float64, x float64, left, right int) (float64, bool) {
	reach := math.Max(x-float64(left), float64(right)-x)
	if l.window > len(y) {
		reach += float64((l.window - len(y)) / 2)
	}
	near, far, sum := .001*reach, .999*reach, 0.0
	for j := left; j <= right; j++ {
		w, r := 0.0, math.Abs(float64(j)-x)
		if r <= far {
			w = 1
			if r > near {
				q := r / reach
				w = 1 - q*q*q
				w *= w * w
			}
			if weights != nil {
				w *= weights[j]
			}
		}
		work[j] = w
		sum += w
	}
	if !(sum > 0) {
		return 0, false
	}
	value, center := 0.0, 0.0
	for j := left; j <= right; j++ {
		work[j] /= sum
		value += work[j] * y[j]
		center += work[j] * float64(j)
	}
	if l.degree == Linear && reach > 0 {
		value += l.tilt(y[left:right+1], work[left:right+1], float64(left)-center, x-center, float64(len(y)-1))
	}
	return value, true
}

// tilt is what a line adds to the weighted mean, x away from the weighted center; y begins at first, seen from it. It is 0 where the
// values with weight lie so close together, compared with all, that they tell no slope.
func (l loess) tilt(y, w []float64, first, x, all float64) float64 {
	spread, sum := 0.0, 0.0
	for j, v := range w {
		d := first + float64(j)
		spread += v * d * d
		sum += v * d * y[j]
	}
	if math.Sqrt(spread) <= .001*all {
		return 0
	}
	return x / spread * sum
}
