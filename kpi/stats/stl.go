package stats

import (
	"math"
	"slices"
)

// Degree of the polynomial that a loess smoother of STL fits.
type Degree int

// The degrees.
const (
	DegreeDefault Degree = iota
	Constant
	Linear
)

// STLOptions are those of R's stl; the zero value has a season that repeats itself exactly, no robustness, and R's defaults.
type STLOptions struct {
	// Window is the span of the seasonal smoother in full cycles (R's s.window), odd and at least 7 to be of use; 0: "periodic", the same
	// season in every cycle.
	Window int
	// TrendWindow is the span of the trend smoother in periods; 0: the odd number from 1.5 · period / (1 − 1.5/Window) upwards.
	TrendWindow int
	// LowWindow is the span of the low-pass smoother in periods; 0: the odd number from the period upwards.
	LowWindow int
	// Degrees: of the seasonal smoother (default Constant), the trend (Linear) and the low-pass filter (that of the trend).
	SeasonalDegree, TrendDegree, LowDegree Degree
	// Jumps: every so many-th point is smoothed, those between lie on a line; 0: a tenth of the window, rounded up.
	SeasonalJump, TrendJump, LowJump int
	// Robust gives little weight to values that lie far off; Inner and Outer are the numbers of rounds, 0: 2 and 0, if Robust 1 and 15.
	Robust       bool
	Inner, Outer int
}

// Decomposition is a series taken apart: value = Seasonal + Trend + Remainder. The slices run from the first value to the last:
// element i belongs to values[First+i].
type Decomposition struct {
	First                      int
	Seasonal, Trend, Remainder []float64 // a gap has a season and a trend, and the remainder 0
	Weights                    []float64 // 0 to 1: what the value counted in the last round of a robust fit; 0 for a gap
	has                        []bool    // nil: all
}

// STL takes a series apart into season, trend and remainder by loess (Cleveland, Cleveland, McRae and Terpenning 1990), with the defaults
// of R's stl. values[i] is that of period i, and period the number of them in a full cycle, 12 for months.
//
// Gaps, values that are not finite, have no weight in any smoother, and those before the first value and after the last are left out. ok
// is false where the series is too short or has too many of them: with fewer than two full cycles from first to last value, more than a
// quarter of them missing, a whole cycle missing in a row, or a season with fewer than two values. R refuses exactly two cycles, and gaps.
// ok is also false for a period below 2, for negative options and where a number is too large.
func STL(values []float64, period int, o STLOptions) (d Decomposition, ok bool) {
	first, y, has := trimmed(values)
	if !o.valid() || !enough(has, period) {
		return Decomposition{}, false
	}
	scale := scaleDown(y, 0, 1)
	f := newSTLFit(y, has, period, o)
	f.run()
	if o.Window == 0 {
		repeatSeason(f.seasonal, period)
	}
	d = Decomposition{First: first, Seasonal: f.seasonal, Trend: f.trend, Remainder: make([]float64, len(y)), Weights: f.weights, has: has}
	for i, v := range y {
		if has[i] {
			d.Remainder[i] = v - d.Seasonal[i] - d.Trend[i]
		}
	}
	for _, part := range [][]float64{d.Seasonal, d.Trend, d.Remainder} {
		for i, v := range part {
			if part[i] = math.Ldexp(v, scale); !finite(part[i]) {
				return Decomposition{}, false
			}
		}
	}
	return d, true
}

// valid reports whether the options make sense.
func (o STLOptions) valid() bool {
	for _, v := range []int{o.Window, o.TrendWindow, o.LowWindow, o.SeasonalJump, o.TrendJump, o.LowJump, o.Inner, o.Outer} {
		if v < 0 || v > math.MaxInt32 {
			return false
		}
	}
	return max(o.SeasonalDegree, o.TrendDegree, o.LowDegree) <= Linear && min(o.SeasonalDegree, o.TrendDegree, o.LowDegree) >= 0
}

// trimmed returns the values from the first to the last, those between which are missing on a line between their neighbours, and which
// there are.
func trimmed(values []float64) (first int, y []float64, has []bool) {
	first = slices.IndexFunc(values, finite)
	if first < 0 {
		return 0, nil, nil
	}
	last := len(values) - 1
	for !finite(values[last]) {
		last--
	}
	y, has = slices.Clone(values[first:last+1]), make([]bool, last-first+1)
	before := 0
	for i, v := range y {
		if has[i] = finite(v); !has[i] {
			continue
		}
		for j := before + 1; j < i; j++ {
			share := float64(j-before) / float64(i-before)
			y[j] = y[before]*(1-share) + v*share
		}
		before = i
	}
	return first, y, has
}

// enough reports whether there are values enough to tell season from trend.
func enough(has []bool, period int) bool {
	if period < 2 || period > len(has)/2 {
		return false
	}
	missing, run := 0, 0
	season := make([]int, period)
	for i, is := range has {
		if is {
			season[i%period]++
			run = 0
			continue
		}
		missing++
		if run++; run >= period {
			return false
		}
	}
	return 4*missing <= len(has) && slices.Min(season) >= 2
}

// repeatSeason replaces the values of each season by their mean.
func repeatSeason(seasonal []float64, period int) {
	var same []float64
	for j := range period {
		same = same[:0]
		for i := j; i < len(seasonal); i += period {
			same = append(same, seasonal[i])
		}
		m := mean(same)
		for i := j; i < len(seasonal); i += period {
			seasonal[i] = m
		}
	}
}

// stlFit is a decomposition in the making.
type stlFit struct {
	period             int
	season, trendLine  loess
	low                loess
	inner, outer       int
	y                  []float64
	has                []bool
	seasonal, trend    []float64
	weights            []float64
	cycles, a, b, work []float64 // scratch, each two cycles longer than the series
}

func newSTLFit(y []float64, has []bool, period int, o STLOptions) *stlFit {
	n := len(y)
	long := n + 2*period
	f := &stlFit{
		period: period, y: y, has: has, inner: o.Inner, outer: o.Outer,
		seasonal: make([]float64, n), trend: make([]float64, n), weights: make([]float64, n),
		cycles: make([]float64, long), a: make([]float64, long), b: make([]float64, long), work: make([]float64, long),
	}
	for i, is := range has {
		if is {
			f.weights[i] = 1
		}
	}
	if o.Window == 0 { // so wide that all values of a season count the same
		o.Window, o.SeasonalDegree = 10*n+1, Constant
	}
	trend := o.TrendWindow
	if trend == 0 {
		trend = int(math.Ceil(1.5 * float64(period) / (1 - 1.5/float64(o.Window))))
		trend += 1 - trend&1
	}
	low := o.LowWindow
	if low == 0 {
		low = period + 1 - period&1
	}
	f.season = newLoess(o.Window, o.SeasonalDegree, o.SeasonalJump, Constant)
	f.trendLine = newLoess(trend, o.TrendDegree, o.TrendJump, Linear)
	f.low = newLoess(low, o.LowDegree, o.LowJump, f.trendLine.degree)
	f.defaultRounds(o.Robust)
	return f
}

func (f *stlFit) defaultRounds(robust bool) {
	inner, outer := 2, 0
	if robust {
		inner, outer = 1, 15
	}
	if f.inner == 0 {
		f.inner = inner
	}
	if f.outer == 0 {
		f.outer = outer
	}
}

// run goes through the outer rounds, each of which weighs the values anew by what the one before left over of them.
func (f *stlFit) run() {
	for round := 0; ; round++ {
		for range f.inner {
			f.update()
		}
		if round == f.outer {
			return
		}
		f.weigh()
	}
}

// update is one inner round: the season is what smoothing the seasons each for itself gives, less what passes a low-pass filter; the
// trend is the smoothed rest.
func (f *stlFit) update() {
	n, p := len(f.y), f.period
	rest := f.a[:n]
	for i, v := range f.y {
		rest[i] = v - f.trend[i]
	}
	f.smoothCycles(rest)
	length := movingMean(f.cycles, p, f.a)
	length = movingMean(f.a[:length], p, f.b)
	length = movingMean(f.b[:length], 3, f.a)
	f.low.smooth(f.a[:length], nil, f.work, f.b)
	rest = f.a[:n]
	for i, v := range f.y {
		f.seasonal[i] = f.cycles[p+i] - f.b[i]
		rest[i] = v - f.seasonal[i]
	}
	f.trendLine.smooth(rest, f.weights, f.work, f.trend)
}

// smoothCycles smooths the values of each season and extends them by a cycle to both sides, into f.cycles.
func (f *stlFit) smoothCycles(rest []float64) {
	long := len(rest)/f.period + 1
	buffer := make([]float64, 4*(long+2))
	for j := range f.period {
		k := (len(rest)-j-1)/f.period + 1
		sub, weights := buffer[:k], buffer[long:long+k]
		work, out := buffer[2*long:2*long+k], buffer[3*long:3*long+k+2]
		for i := range k {
			sub[i], weights[i] = rest[i*f.period+j], f.weights[i*f.period+j]
		}
		s := f.season
		s.smooth(sub, weights, work, out[1:])
		var ok bool
		if out[0], ok = s.at(sub, weights, work, -1, 0, min(s.window, k)-1); !ok {
			out[0] = out[1]
		}
		if out[k+1], ok = s.at(sub, weights, work, float64(k), max(0, k-s.window), k-1); !ok {
			out[k+1] = out[k]
		}
		for m, v := range out {
			f.cycles[m*f.period+j] = v
		}
	}
}

// weigh sets the weights by Tukey's biweight of what is left over, in units of six times its median.
func (f *stlFit) weigh() {
	var left []float64
	for i, v := range f.y {
		f.a[i] = math.Abs(v - f.trend[i] - f.seasonal[i])
		if f.has[i] {
			left = append(left, f.a[i])
		}
	}
	unit := 6 * halfwayOf(left)
	for i := range f.y {
		switch r := f.a[i]; {
		case !f.has[i] || r > .999*unit:
			f.weights[i] = 0
		case r <= .001*unit:
			f.weights[i] = 1
		default:
			q := r / unit
			f.weights[i] = (1 - q*q) * (1 - q*q)
		}
	}
}

// movingMean sets out to the means of n values in a row and returns how many there are.
func movingMean(x []float64, n int, out []float64) int {
	sum := 0.0
	for _, v := range x[:n] {
		sum += v
	}
	out[0] = sum / float64(n)
	for i := n; i < len(x); i++ {
		sum += x[i] - x[i-n]
		out[i-n+1] = sum / float64(n)
	}
	return len(x) - n + 1
}
