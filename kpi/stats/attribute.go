package stats

import "math"

// AttributeKind names a control chart by the letter it has in the textbooks; a prime marks the charts that measure how much more (or
// less) the periods differ than chance alone would make them.
type AttributeKind string

// The charts. Which to use: p for a share of cases, u for events among so many people or visits, both only while the denominators are
// in the hundreds; with the denominators of a city use the primed ones (see Overdispersion). c for events with a steady opportunity, t and g
// for events too rare to be counted by month.
const (
	ChartP      AttributeKind = "p"  // numerators are part of the denominators
	ChartLaneyP AttributeKind = "p'" // p with the limits widened by SigmaZ
	ChartC      AttributeKind = "c"  // counts, denominators are not looked at
	ChartU      AttributeKind = "u"  // counts among denominators
	ChartLaneyU AttributeKind = "u'" // u with the limits widened by SigmaZ
	ChartI      AttributeKind = "i"  // any values, denominators are not looked at
	ChartIPrime AttributeKind = "i'" // any numerators over denominators, which weigh the periods
	ChartT      AttributeKind = "t"  // times between events, denominators are not looked at
	ChartG      AttributeKind = "g"  // cases between events, denominators are not looked at
)

// Constants of the charts: limits lie at 3 standard deviations; d2 is the mean moving range of two normal points in standard deviations,
// rounded as in the printed tables so that limits agree with those of other programs; times between events of a steady rate are
// nearly normal after the power 1/3.6 (Nelson 1994).
const (
	limitSigmas   = 3
	rangePerSigma = 1.128
	timePower     = 3.6
)

// AttributePoint is the reading of one period.
type AttributePoint struct {
	Valid        bool    // it has a value: finite, with a denominator above 0, and not impossible for the kind of chart
	Value        float64 // numerator over denominator, or the numerator where the chart has no denominators
	Sigma        float64 // the standard deviation that the chart expects here; for t in the transformed unit, days^(1/3.6)
	Lower, Upper float64
	Side         int // 1 above the centre, -1 below, 0 on it
	Outside      int // 1 above the upper limit, -1 below the lower one, 0 between them or on one
}

// AttributeChart is a control chart whose limits may differ from period to period. Known is false, and all lines are 0, where there
// are none: with fewer than two points to compute them from, for a kind that does not exist, or where numbers are too large.
type AttributeChart struct {
	Kind  AttributeKind
	Known bool
	Basis int // how many points the lines were computed from
	// Center is Σ numerators / Σ denominators, the mean without denominators; for t the mean of the transformed times, for g
	// the median, because both are skewed.
	Center float64
	// SigmaZ is the spread of the standardised values, mean |Δz| / 1.128: 1 when periods differ by chance alone. It is computed for
	// p, p', u and u', 0 for the others.
	SigmaZ float64
	Points []AttributePoint // parallel to the numerators
	Runs   RunTest          // of the values around Center
}

// Trial reports whether the lines rest on fewer than TrialPoints points.
func (c AttributeChart) Trial() bool { return c.Basis < TrialPoints }

// Attribute draws a control chart of counts. Numerators and denominators are parallel; those that a chart does not look at may be nil.
// fixAfter computes the lines from the first so many points that have a value, 0 from all of them. Periods without a value are left out,
// their neighbours follow each other. Where a series has a break, each side is a chart of its own.
//
// With n the denominators and p̄, ū, c̄ the centre, limits are 3 standard deviations away (Montgomery, "Introduction to Statistical Quality
// Control"): p √(p̄(1−p̄)/n), u √(ū/n), c √c̄, g √(ḡ(ḡ+1)) around the mean ḡ; p' and u' multiply by SigmaZ (Laney 2002); i is mean
// |Δx| / 1.128; i' the mean of √(π/2)·|Δx| / √(1/n₁ + 1/n₂) over √n (Taylor 2017). Limits of counts end at 0, those of shares also at 1.
func Attribute(kind AttributeKind, numerators, denominators []float64, fixAfter int) AttributeChart {
	c := AttributeChart{Kind: kind, Points: make([]AttributePoint, len(numerators))}
	s := c.sample(numerators, denominators)
	basis := s
	if fixAfter > 0 && fixAfter < len(s.y) {
		basis = attributeSample{x: s.x[:fixAfter], n: s.n[:fixAfter], y: s.y[:fixAfter]}
	}
	if len(basis.y) < 2 {
		return c
	}
	mean := basis.center()
	spread := basis.spread(kind, mean)
	if kind.overDenominators() && kind != ChartIPrime {
		c.SigmaZ = basis.sigmaZ(mean, spread)
	}
	if kind == ChartLaneyP || kind == ChartLaneyU {
		spread *= c.SigmaZ
	}
	c.Basis, c.Center = len(basis.y), mean
	switch kind {
	case ChartG:
		c.Center = middleValue(basis.y)
	case ChartT:
		c.Center = math.Pow(mean, timePower)
	}
	c.draw(s, mean, spread)
	return c
}

// attributeSample holds the periods that have a value.
type attributeSample struct {
	x, n []float64 // numerators, denominators or 1
	y    []float64 // what the limits are computed of: x/n, for t the transformed time
	at   []int     // indices into the series
}

// overDenominators reports whether the chart is of numerators over denominators.
func (k AttributeKind) overDenominators() bool {
	switch k {
	case ChartP, ChartLaneyP, ChartU, ChartLaneyU, ChartIPrime:
		return true
	}
	return false
}

// allows reports whether a period can have this numerator and denominator.
func (k AttributeKind) allows(x, n float64) bool {
	switch k {
	case ChartI, ChartIPrime:
		return true
	case ChartP, ChartLaneyP:
		return x >= 0 && x <= n
	case ChartC, ChartU, ChartLaneyU, ChartT, ChartG:
		return x >= 0
	}
	return false
}

// sample collects the periods that have a value and notes them in the points.
func (c *AttributeChart) sample(numerators, denominators []float64) attributeSample {
	room := len(numerators)
	buffer := make([]float64, 3*room)
	s := attributeSample{x: buffer[:0:room], n: buffer[room : room : 2*room], y: buffer[2*room : 2*room], at: make([]int, 0, room)}
	for i, x := range numerators {
		n := 1.0
		if c.Kind.overDenominators() {
			if n = 0; i < len(denominators) {
				n = denominators[i]
			}
		}
		y := x / n
		if !(n > 0) || !finite(n) || !finite(y) || !c.Kind.allows(x, n) {
			continue
		}
		c.Points[i] = AttributePoint{Valid: true, Value: y}
		if c.Kind == ChartT {
			y = math.Pow(y, 1/timePower)
		}
		s.x, s.n, s.y, s.at = append(s.x, x), append(s.n, n), append(s.y, y), append(s.at, i)
	}
	return s
}

// center is the mean of the values, weighed by the denominators: where these are 1, the plain mean.
func (s attributeSample) center() float64 {
	x, n, plain := 0.0, 0.0, true
	for i := range s.x {
		x, n = x+s.x[i], n+s.n[i]
		plain = plain && s.n[i] == 1
	}
	if plain {
		return mean(s.y)
	}
	return x / n
}

// spread is the standard deviation of a value with denominator 1.
func (s attributeSample) spread(kind AttributeKind, center float64) float64 {
	switch kind {
	case ChartP, ChartLaneyP:
		return math.Sqrt(center * (1 - center))
	case ChartC, ChartU, ChartLaneyU:
		return math.Sqrt(center)
	case ChartG:
		return math.Sqrt(center * (center + 1))
	case ChartIPrime:
		sum := 0.0
		for i := 1; i < len(s.y); i++ {
			sum += math.Abs(s.y[i]-s.y[i-1]) / math.Sqrt(1/s.n[i]+1/s.n[i-1])
		}
		return math.Sqrt(math.Pi/2) * sum / float64(len(s.y)-1)
	}
	return meanStep(s.y) / rangePerSigma
}

// sigmaZ is the standard deviation of the standardised values, from their moving ranges.
func (s attributeSample) sigmaZ(center, spread float64) float64 {
	if spread == 0 { // no case in any period, or all of them: every value lies on the centre
		return 0
	}
	z := make([]float64, len(s.y))
	for i, y := range s.y {
		z[i] = (y - center) * math.Sqrt(s.n[i]) / spread
	}
	return meanStep(z) / rangePerSigma
}

// meanStep is the mean absolute difference of neighbours.
func meanStep(x []float64) float64 {
	sum := 0.0
	for i := 1; i < len(x); i++ {
		sum += math.Abs(x[i] - x[i-1])
	}
	return sum / float64(len(x)-1)
}

// draw puts the limits around the mean and reads the points against them.
func (c *AttributeChart) draw(s attributeSample, mean, spread float64) {
	values := make([]float64, len(s.at)) // not y, which t has transformed
	for j, i := range s.at {
		values[j] = c.Points[i].Value
	}
	scale := largest(values)
	for j, i := range s.at {
		p := &c.Points[i]
		p.Sigma = spread / math.Sqrt(s.n[j])
		p.Lower, p.Upper = c.Kind.limits(mean, p.Sigma)
		if !finite(p.Sigma) || !finite(p.Lower) || !finite(p.Upper) || !finite(c.Center) || !finite(c.SigmaZ) {
			c.erase()
			return
		}
		p.Side = sign(p.Value, c.Center, scale)
		p.Outside = max(sign(p.Value, p.Upper, scale), 0) + min(sign(p.Value, p.Lower, scale), 0)
	}
	c.Known = true
	sides := make([]int, len(c.Points))
	for i, p := range c.Points {
		sides[i] = p.Side
	}
	c.Runs = readRuns(sides)
}

// limits lie at 3 standard deviations, but not where no value can be.
func (k AttributeKind) limits(mean, sigma float64) (lower, upper float64) {
	lower, upper = mean-limitSigmas*sigma, mean+limitSigmas*sigma
	if k == ChartI || k == ChartIPrime {
		return lower, upper
	}
	lower = max(lower, 0)
	switch k {
	case ChartP, ChartLaneyP:
		upper = min(upper, 1)
	case ChartT:
		lower, upper = math.Pow(lower, timePower), math.Pow(upper, timePower)
	}
	return lower, upper
}

// erase takes the lines away and keeps the values.
func (c *AttributeChart) erase() {
	c.Known, c.Basis, c.Center, c.SigmaZ = false, 0, 0, 0
	for i, p := range c.Points {
		c.Points[i] = AttributePoint{Valid: p.Valid, Value: p.Value}
	}
}
