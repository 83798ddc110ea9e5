package stats

// Since returns the index of the first point of the run that made point i break its rule: of the points beyond the limit on the same
// side, of the steps in one direction, of the three points, of the points on one side of the mean. It is i itself for a point without a rule. values are
// those that the chart was made of.
func (c Chart) Since(values []float64, i int) int {
	p := c.Points[i]
	scale := largest(valid(values))
	first, reach := i, 0
	for j := c.before(i); j >= 0; j = c.before(j) {
		q := c.Points[j]
		reach++
		var run bool
		switch p.Rule {
		case RuleOutside:
			run = q.Rule == RuleOutside && q.Direction == p.Direction
		case RuleTrend:
			run = sign(values[first], values[j], scale) == p.Direction
		case RuleTwoOfThree:
			run = q.Side == p.Side && reach < WindowSize
		case RuleShift:
			run = q.Side == p.Side
		}
		if !run {
			break
		}
		first = j
	}
	if p.Rule == RuleTwoOfThree {
		for !c.Points[first].Near {
			first++
		}
	}
	return first
}

// before returns the index of the point with a value before i in the same segment, or -1.
func (c Chart) before(i int) int {
	for j := i - 1; j >= c.Segments[c.Points[i].Segment].First; j-- {
		if c.Points[j].Valid {
			return j
		}
	}
	return -1
}

// valid returns the finite values.
func valid(values []float64) []float64 {
	var list []float64
	for _, v := range values {
		if finite(v) {
			list = append(list, v)
		}
	}
	return list
}
