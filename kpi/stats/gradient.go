package stats

import "math"

// Gradient holds the measures of inequality among groups that have an order, from the most disadvantaged to the most advantaged. They
// exist for two groups and more, their errors for three and more; those that divide by the mean exist for a positive mean.
type Gradient struct {
	Mean   float64
	Ridits []float64 // parallel to the groups: share of the population that comes before the middle of the group; 0 without a value
	// RelativeConcentration is 2/mean · Σ w y (R − ½), positive if the advantaged have more; AbsoluteConcentration is that times the mean.
	RelativeConcentration, AbsoluteConcentration Estimate
	// Slope is the slope index of inequality: the difference between the top and the bottom of the population on the straight line through
	// the groups, by least squares weighted with the population. RelativeSlope is the ratio of the two, if both are positive. WHO's
	// healthequal fits a logit curve instead, which gives other numbers: 44.4 for 46.3 on its own example.
	Slope, RelativeSlope Estimate
}

// Gradients measures inequality along the order of the groups. ok is false without two groups that have people and a value.
func Gradients(groups []Group) (g Gradient, ok bool) {
	s, ok := sharesOf(groups)
	if !ok {
		return Gradient{}, false
	}
	g = Gradient{Mean: s.mean, Ridits: make([]float64, len(groups))}
	ridit, before := make([]float64, len(s.w)), 0.0
	for i, w := range s.w {
		ridit[i] = before + w/2
		before += w
		g.Ridits[s.at[i]] = ridit[i]
	}
	// One regression gives all: the slope is covariance over variance, the concentration index twice the covariance over the mean.
	spread := s.sum(func(i int) float64 { return (ridit[i] - 0.5) * (ridit[i] - 0.5) })
	if !(spread > 1e-15) { // all people are in one group
		return Gradient{}, false
	}
	slope := s.sum(func(i int) float64 { return (s.y[i] - s.mean) * (ridit[i] - 0.5) }) / spread
	deviation := -1.0
	if n := len(s.w); n > 2 {
		rest := s.sum(func(i int) float64 { e := s.y[i] - s.mean - slope*(ridit[i]-0.5); return e * e })
		deviation = math.Sqrt(rest / float64(n-2) / spread)
	}
	g.Slope = estimate(slope, deviation)
	g.AbsoluteConcentration = g.Slope.scaled(2 * spread)
	if s.mean > 0 {
		g.RelativeConcentration = g.Slope.scaled(2 * spread / s.mean)
	}
	if bottom, top := s.mean-slope/2, s.mean+slope/2; bottom > 0 && top > 0 {
		g.RelativeSlope = exact(top / bottom)
	}
	return g, true
}
