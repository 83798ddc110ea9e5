package stats

import "math"

// ZoneMarks is the set of numbered rules whose pattern a point completes: the rule was broken by this point and the ones before it.
type ZoneMarks uint8

// Has reports whether the rule is in the set. Rules are numbered from 1.
func (m ZoneMarks) Has(rule int) bool { return rule >= 1 && rule <= 8 && m&(1<<(rule-1)) != 0 }

// pattern is a rule over the last points of a series.
type pattern struct {
	points int
	holds  func(w []zoned) bool // w holds that many points
}

// zoned is a point as the rules see it.
type zoned struct {
	// zone counts the lines that the point lies beyond, on either side, the centre included: 0 on the centre, 1 up to one standard
	// deviation away, 4 beyond three; negative below.
	zone   int
	within bool // one standard deviation from the centre; never where there is no deviation, or a constant series would be too quiet
	step   int  // from the point before: 1 up, -1 down, 0 level
}

// The rules of Nelson, "The Shewhart Control Chart: Tests for Special Causes" (1984), in his numbering.
var nelsonRules = []pattern{
	{1, beyond(1, 3)},
	{9, beyond(9, 0)},
	{6, steady},
	{14, alternating},
	{3, beyond(2, 2)},
	{5, beyond(4, 1)},
	{15, hugging},
	{8, avoiding},
}

// The zone rules of Western Electric, "Statistical Quality Control Handbook" (1956).
var westernElectricRules = []pattern{
	{1, beyond(1, 3)},
	{3, beyond(2, 2)},
	{5, beyond(4, 1)},
	{8, beyond(8, 0)},
}

// Nelson applies Nelson's rules 1 to 8 to a series with the given centre and standard deviation, in the unit of the values. The result
// is parallel to the values and marks the last point of every pattern:
//
//  1. one point beyond 3 standard deviations
//  2. 9 in a row on one side of the centre
//  3. 6 in a row rising, or falling
//  4. 14 in a row going up and down by turns
//  5. 2 of 3 in a row beyond 2 standard deviations on one side
//  6. 4 of 5 in a row beyond 1 standard deviation on one side
//  7. 15 in a row within 1 standard deviation
//  8. 8 in a row none of which is within 1 standard deviation, on both sides
//
// A product uses one set of rules, because each rule adds false alarms: these are beside those of XmR, not on top of them. Values that
// are not finite are left out, their neighbours follow each other. There are no marks without a finite centre and a finite standard
// deviation of 0 or more.
func Nelson(values []float64, center, sigma float64) []ZoneMarks {
	return zoneMarks(nelsonRules, values, center, sigma)
}

// WesternElectric applies the four zone rules, as Nelson does his, and numbers them: 1, a point beyond 3 standard deviations; 2, 2 of 3
// beyond 2; 3, 4 of 5 beyond 1; 4, 8 in a row on one side of the centre.
func WesternElectric(values []float64, center, sigma float64) []ZoneMarks {
	return zoneMarks(westernElectricRules, values, center, sigma)
}

func zoneMarks(rules []pattern, values []float64, center, sigma float64) []ZoneMarks {
	marks := make([]ZoneMarks, len(values))
	if !finite(center) || !finite(sigma) || sigma < 0 {
		return marks
	}
	scale := math.Abs(center)
	for _, v := range values {
		if finite(v) {
			scale = max(scale, math.Abs(v))
		}
	}
	points := make([]zoned, 0, len(values))
	last := 0.0
	for i, v := range values {
		if !finite(v) {
			continue
		}
		p := zoned{zone: zone(v, center, sigma, scale)}
		p.within = p.zone >= -1 && p.zone <= 1 && sign(sigma, 0, scale) > 0
		if len(points) > 0 {
			p.step = sign(v, last, scale)
		}
		points, last = append(points, p), v
		for r, rule := range rules {
			if n := len(points); n >= rule.points && rule.holds(points[n-rule.points:]) {
				marks[i] |= 1 << r
			}
		}
	}
	return marks
}

// zone counts the lines that v lies beyond. A point on a line is not beyond it.
func zone(v, center, sigma, scale float64) int {
	side := sign(v, center, scale)
	z := side
	for k := 1.0; side != 0 && k <= limitSigmas; k++ {
		if sign(v, center+float64(side)*k*sigma, scale) != side {
			break
		}
		z += side
	}
	return z
}

// beyond makes the test that so many points lie beyond so many standard deviations on the same side.
func beyond(need, sigmas int) func([]zoned) bool {
	return func(w []zoned) bool {
		above, below := 0, 0
		for _, p := range w {
			switch {
			case p.zone > sigmas:
				above++
			case p.zone < -sigmas:
				below++
			}
		}
		return above >= need || below >= need
	}
}

// steady tests that every step goes the same way.
func steady(w []zoned) bool {
	for _, p := range w[1:] {
		if p.step == 0 || p.step != w[1].step {
			return false
		}
	}
	return true
}

// alternating tests that every step goes the other way than the one before.
func alternating(w []zoned) bool {
	for i := 1; i < len(w); i++ {
		if w[i].step == 0 || i > 1 && w[i].step == w[i-1].step {
			return false
		}
	}
	return true
}

// hugging tests that no point is beyond one standard deviation: the limits are too wide, often because two processes are charted as one.
func hugging(w []zoned) bool {
	for _, p := range w {
		if !p.within {
			return false
		}
	}
	return true
}

// avoiding tests that every point is beyond one standard deviation, some above and some below. Without the second condition a plain shift
// would break the rule too, which rules 2 and 6 tell already.
func avoiding(w []zoned) bool {
	above, below := 0, 0
	for _, p := range w {
		switch {
		case p.zone > 1:
			above++
		case p.zone < -1:
			below++
		}
	}
	return above > 0 && below > 0 && above+below == len(w)
}
