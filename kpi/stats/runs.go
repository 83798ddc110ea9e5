package stats

import (
	"math"
	"slices"
)

// RunTest reads a series as being above or below a line, which shows a shift that is too small to leave the limits. Unlike the rule of
// 7 points its thresholds grow with the number of points, so that a long chart does not give more false alarms than a short one.
type RunTest struct {
	Useful                  int // points that have a value and do not lie on the line
	Longest                 int // points of the longest run on one side of the line
	LongestMax              int // a longer run is a signal
	First, Last             int // indices of the first and last point of that run, the latest if several are as long; 0 without one
	Crossings, CrossingsMin int // how often the series crosses the line; fewer crossings are a signal
	Signal                  bool
}

// AnhojThresholds returns the longest run and the fewest crossings that n points, those on the line not counted, have by chance:
// round(log₂ n) + 3 (Schilling 2012) and the 5 % quantile of the binomial distribution with n−1 trials and probability ½ (Chen 2010), as
// combined by Anhøj and Olesen 2014. Both are 0 without points. It takes time proportional to n.
func AnhojThresholds(n int) (longest, crossings int) {
	if n < 1 {
		return 0, 0
	}
	return int(math.Round(math.Log2(float64(n)))) + 3, fairQuantile(n-1, 0.05)
}

// fairQuantile returns the smallest k with P(X ≤ k) ≥ p, p < ½, for the heads X of n tosses of a fair coin. It steps down from the middle,
// where no probability is too small for a float.
func fairQuantile(n int, p float64) int {
	k := n / 2
	at := 1.0 // P(X = k) = Π (2i−1)/2i for the largest even number of tosses up to n
	for i := 1; i <= k; i++ {
		at *= float64(2*i-1) / float64(2*i)
	}
	upTo := (1 + at) / 2 // P(X ≤ k) for an even n
	if n%2 == 1 {
		at *= float64(n) / float64(n+1)
		upTo = 0.5
	}
	for k > 0 && upTo-at >= p {
		upTo -= at
		at *= float64(k) / float64(n-k+1)
		k--
	}
	return k
}

// Runs applies the run test to values and a line, in the unit of the values. Values that are not finite are left out, and so are those
// on the line, as if they were not there. Without a finite line there are no runs.
func Runs(values []float64, line float64) RunTest {
	if !finite(line) {
		return RunTest{}
	}
	scale := 0.0
	for _, v := range values {
		if finite(v) {
			scale = max(scale, math.Abs(v))
		}
	}
	sides := make([]int, len(values))
	for i, v := range values {
		if finite(v) {
			sides[i] = sign(v, line, scale)
		}
	}
	return readRuns(sides)
}

// readRuns reads sides, 1 and -1; 0 is a point that does not count.
func readRuns(sides []int) RunTest {
	var t RunTest
	side, run, first := 0, 0, 0
	for i, s := range sides {
		if s == 0 {
			continue
		}
		t.Useful++
		if s != side {
			if side != 0 {
				t.Crossings++
			}
			side, run, first = s, 0, i
		}
		if run++; run >= t.Longest {
			t.Longest, t.First, t.Last = run, first, i
		}
	}
	t.LongestMax, t.CrossingsMin = AnhojThresholds(t.Useful)
	t.Signal = t.Longest > t.LongestMax || t.Crossings < t.CrossingsMin
	return t
}

// RunChart is a series around its median: the chart for short and skewed series, because it asks nothing of their distribution.
type RunChart struct {
	Known  bool    // there is a value
	Points int     // with a value
	Median float64 // of all values, or of the first ones if so asked
	Runs   RunTest
}

// MedianRuns reads a series by its runs around the median. fixAfter takes the median of the first so many values, 0 of all. Values that
// are not finite are left out.
func MedianRuns(values []float64, fixAfter int) RunChart {
	x := valid(values)
	if len(x) == 0 {
		return RunChart{}
	}
	basis := x
	if fixAfter > 0 && fixAfter < len(x) {
		basis = x[:fixAfter]
	}
	c := RunChart{Known: true, Points: len(x), Median: middleValue(basis)}
	c.Runs = Runs(values, c.Median)
	return c
}

// middleValue returns the median of finite values, of which there is at least one.
func middleValue(x []float64) float64 {
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	low, high := sorted[(len(x)-1)/2], sorted[len(x)/2]
	if low == high {
		return low // halves of the smallest floats are 0
	}
	return low/2 + high/2 // the sum of the two may be too large
}
