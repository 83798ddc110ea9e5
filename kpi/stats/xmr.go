package stats

import "math"

// Constants of the individuals chart: 3/d2 and D4 for moving ranges of two points, d2 = 1.128.
const (
	LimitFactor  = 2.66 // limits lie so many mean moving ranges from the mean
	nearFactor   = 2 * LimitFactor / 3
	screenFactor = 3.267
)

// Points that the rules look at.
const (
	TrendPoints = 7
	ShiftPoints = 7
	WindowSize  = 3
	WindowNear  = 2
)

// TrialPoints is the number of points below which limits are trial limits: they will still move.
const TrialPoints = 12

// Rule is a way in which a point of an XmR chart tells that something changed.
type Rule string

// The rules, strongest first: a point that breaks several is marked by the first.
const (
	RuleNone       Rule = ""
	RuleOutside    Rule = "outside"      // beyond a limit
	RuleTrend      Rule = "trend"        // one of 7 points that rise, or fall, at every step
	RuleTwoOfThree Rule = "two_of_three" // one of 2 in 3 points on one side that lie in the last third before the limit
	RuleShift      Rule = "shift"        // one of 7 points in a row on one side of the mean
)

// Options of an XmR chart.
type Options struct {
	// Screen leaves out, once, the moving ranges that are themselves out of the ordinary (3.267 times the mean range or more), so that
	// one outlier does not hide the next.
	Screen bool
	// FixAfter computes the limits from the first so many points of each segment; 0: from all of them.
	FixAfter int
	// Rebase holds the indices at which a new segment begins, ascending; limits and runs start anew there.
	Rebase []int
}

// Limits are the lines of a segment of the chart. Known is false, and the lines are 0, where there are none: with fewer than two
// points, or where the numbers are too large to be added up.
type Limits struct {
	Known                bool
	Mean                 float64
	Lower, Upper         float64 // mean ∓ 2.66 · mean moving range
	NearLower, NearUpper float64 // at two thirds of the way to the limits
	Range                float64 // the mean moving range, screened if so asked
}

// Segment is a stretch of the series with its own limits. First and End are indices into the series, First ≤ i < End.
type Segment struct {
	First, End int
	Points     int // with a value
	Limits     Limits
}

// Trial reports whether the segment's limits rest on fewer than TrialPoints points.
func (s Segment) Trial() bool { return s.Points < TrialPoints }

// Point is the reading of one value.
type Point struct {
	Segment int  // index into Chart.Segments
	Valid   bool // it has a value
	Side    int  // 1 above the mean, -1 below, 0 on it
	Near    bool // within the limits, beyond two thirds of the way to them
	Rule    Rule
	// Direction is where the rule points, 1 to higher values, -1 to lower ones, 0 without a rule: the side for all rules but the trend,
	// whose points have the direction of the steps. A point at which a rise turns into a fall belongs to the later one.
	Direction int
}

// Chart is an XmR chart.
type Chart struct {
	Points   []Point // parallel to the values
	Segments []Segment
}

// Last returns the reading of the last point that has a value, and whether there is one.
func (c Chart) Last() (int, Point, bool) {
	for i := len(c.Points) - 1; i >= 0; i-- {
		if c.Points[i].Valid {
			return i, c.Points[i], true
		}
	}
	return 0, Point{}, false
}

// XmR reads a series by the rules of "Making Data Count". Limits and rules are those of each segment by itself. Values that are not
// finite are left out, their neighbours follow each other. A constant series has limits equal to its mean.
func XmR(values []float64, o Options) Chart {
	c := Chart{Points: make([]Point, len(values))}
	first := 0
	for _, end := range append(append([]int(nil), o.Rebase...), len(values)) {
		if end = min(end, len(values)); end > first {
			c.segment(values, first, end, o)
			first = end
		}
	}
	return c
}

// segment reads the values from first to end and adds them to the chart as a segment.
func (c *Chart) segment(values []float64, first, end int, o Options) {
	var x []float64
	var at []int
	for i := first; i < end; i++ {
		c.Points[i].Segment = len(c.Segments)
		if finite(values[i]) {
			x, at = append(x, values[i]), append(at, i)
		}
	}
	basis := x
	if o.FixAfter > 0 && o.FixAfter < len(x) {
		basis = x[:o.FixAfter]
	}
	s := Segment{First: first, End: end, Points: len(x), Limits: limits(basis, o.Screen)}
	c.Segments = append(c.Segments, s)
	for j, p := range read(x, s.Limits) {
		p.Valid, p.Segment = true, len(c.Segments)-1
		c.Points[at[j]] = p
	}
}

// limits computes the lines from finite values.
func limits(x []float64, screen bool) Limits {
	if len(x) < 2 {
		return Limits{}
	}
	ranges := make([]float64, len(x)-1)
	for i := range ranges {
		ranges[i] = math.Abs(x[i+1] - x[i])
	}
	m, r := mean(x), mean(ranges)
	if screen && r > 0 { // with r = 0 every range would be left out
		var kept []float64
		for _, v := range ranges {
			if sign(v, screenFactor*r, v) < 0 {
				kept = append(kept, v)
			}
		}
		r = mean(kept)
	}
	l := Limits{Known: true, Mean: m, Range: r, Lower: m - LimitFactor*r, Upper: m + LimitFactor*r, NearLower: m - nearFactor*r, NearUpper: m + nearFactor*r}
	if !finite(l.Lower) || !finite(l.Upper) || !finite(m) {
		return Limits{}
	}
	return l
}

// mean adds in two passes, so that the mean of equal values is that value.
func mean(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	n, sum := float64(len(x)), 0.0
	for _, v := range x {
		sum += v
	}
	m, rest := sum/n, 0.0
	for _, v := range x {
		rest += v - m
	}
	return m + rest/n
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// sign compares a with b: 0 if they are equal but for the last digits of floats as large as scale, so that arithmetic is never taken
// for a change.
func sign(a, b, scale float64) int {
	if math.Abs(a-b) <= 1e-12*math.Abs(scale) {
		return 0
	}
	if a > b {
		return 1
	}
	return -1
}

// Read applies the rules of XmR to values that have lines already, as one segment: those of another chart, turned into standard
// deviations from its centre, so that one set of rules serves all charts. Values that are not finite are left out.
func Read(values []float64, l Limits) Chart {
	c := Chart{Points: make([]Point, len(values))}
	var x []float64
	var at []int
	for i, v := range values {
		if finite(v) {
			x, at = append(x, v), append(at, i)
		}
	}
	for j, p := range read(x, l) {
		p.Valid = true
		c.Points[at[j]] = p
	}
	if len(values) > 0 {
		c.Segments = []Segment{{End: len(values), Points: len(x), Limits: l}}
	}
	return c
}

// read applies the rules to the values of one segment, weakest rule first, so that stronger ones overwrite it.
func read(x []float64, l Limits) []Point {
	points := make([]Point, len(x))
	if !l.Known {
		return points
	}
	outside := make([]int, len(x))
	scale := largest(x)
	for i, v := range x {
		points[i].Side = sign(v, l.Mean, scale)
		outside[i] = max(sign(v, l.Upper, scale), 0) + min(sign(v, l.Lower, scale), 0)
		points[i].Near = outside[i] == 0 && (sign(v, l.NearUpper, scale) > 0 || sign(v, l.NearLower, scale) < 0)
	}
	markShifts(points)
	markTwoOfThree(points)
	markTrends(x, scale, points)
	for i, d := range outside {
		if d != 0 {
			points[i].Rule, points[i].Direction = RuleOutside, d
		}
	}
	return points
}

// largest returns the largest absolute value.
func largest(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = math.Max(m, math.Abs(v))
	}
	return m
}

func (p *Point) mark(r Rule, direction int) { p.Rule, p.Direction = r, direction }

// markShifts marks runs of 7 and more on one side of the mean; a point on the mean ends a run.
func markShifts(points []Point) {
	run := 0
	for i := range points {
		if i > 0 && points[i].Side == points[i-1].Side {
			run++
		} else {
			run = 1
		}
		if points[i].Side == 0 || run < ShiftPoints {
			continue
		}
		for j := i - ShiftPoints + 1; j <= i; j++ {
			points[j].mark(RuleShift, points[i].Side)
		}
	}
}

// markTwoOfThree marks the near points of every three in a row that are all on one side, two or more of them near.
func markTwoOfThree(points []Point) {
	for i := WindowSize - 1; i < len(points); i++ {
		w := points[i-WindowSize+1 : i+1]
		near, sum := 0, 0
		for _, p := range w {
			sum += p.Side
			if p.Near {
				near++
			}
		}
		if near < WindowNear || sum != WindowSize && sum != -WindowSize {
			continue
		}
		for j := range w {
			if w[j].Near {
				w[j].mark(RuleTwoOfThree, w[j].Side)
			}
		}
	}
}

// markTrends marks runs of 7 points with 6 steps in one direction; a tie ends a run.
func markTrends(x []float64, scale float64, points []Point) {
	run, last := 0, 0
	for i := 1; i < len(x); i++ {
		step := sign(x[i], x[i-1], scale)
		if step == last {
			run++
		} else {
			run = 1
		}
		last = step
		if step == 0 || run < TrendPoints-1 {
			continue
		}
		for j := i - TrendPoints + 1; j <= i; j++ {
			points[j].mark(RuleTrend, step)
		}
	}
}

// Assurance says whether a process as it is will meet a target.
type Assurance string

// The answers.
const (
	AssuranceNone  Assurance = ""            // no limits to say it from
	AlwaysMeets    Assurance = "always"      // the target lies beyond the limit on the bad side
	NeverMeets     Assurance = "never"       // the target lies beyond the limit on the good side
	SometimesMeets Assurance = "hit_or_miss" // the target lies within the limits
)

// Assure compares a target with the limits. higherIsBetter says which side is good.
func Assure(l Limits, target float64, higherIsBetter bool) Assurance {
	if !l.Known || !finite(target) {
		return AssuranceNone
	}
	above, below := AlwaysMeets, NeverMeets // where the limits lie, seen from the target
	if !higherIsBetter {
		above, below = NeverMeets, AlwaysMeets
	}
	scale := largest([]float64{target, l.Lower, l.Upper})
	switch {
	case sign(target, l.Lower, scale) < 0:
		return above
	case sign(target, l.Upper, scale) > 0:
		return below
	}
	return SometimesMeets
}
