package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Thresholds of the hints about what a chart can bear. The first two are the usual ones; the others were chosen by simulation of stable
// charts of 36 points, where 13 % of normal series have a point outside the limits: 20 % of Poisson counts with mean 5 do, 28 % with mean 2;
// and of 36 normal values 1 % have a skewness above 1, of 36 log-normal ones with standard deviation 0.5, where 59 % of charts have a
// point outside, 63 %.
const (
	LagOneMax    = 0.3 // a larger correlation of neighbours makes XmR limits too narrow
	LagOnePoints = 20  // with fewer points it cannot be told from chance
	SkewnessMax  = 1.0
	RareMean     = 5.0 // counts with a smaller mean are rare events
)

// dispersionQuantile is the 95 % quantile of the normal distribution: one chart of chance counts in 20 is taken for an over-dispersed one,
// which does little harm, because its SigmaZ is near 1.
const dispersionQuantile = 1.6448536269514722

// Suitability says what speaks against an XmR chart of a series.
type Suitability struct {
	Points      int
	LagOne      float64 // correlation of neighbours, in [-1, 1]; 0 if not LagOneKnown
	LagOneKnown bool
	// Autocorrelated: with 20 or more points, LagOne is above 0.3. XmR does not fit: its limits come from the differences of
	// neighbours, which are then smaller than the spread of the series. A shift or a trend has the same effect, so it is the values
	// of one segment that are to be asked about.
	Autocorrelated bool
	Skewness       float64 // adjusted Fisher–Pearson coefficient; 0 with fewer than three points or no spread
	Skewed         bool    // with 12 or more points, beyond ±1: one limit is too near. Use the median's runs, or a transformation
	// Rare: with 12 or more points, all of them whole and none negative, their mean is below 5. Use the time or the cases between
	// events (ChartT, ChartG), or longer periods.
	Rare bool
}

// SuitsXmR examines the values of one segment. Values that are not finite are gaps: the points around one are no neighbours here, because
// a longer time lies between them.
func SuitsXmR(values []float64) Suitability {
	x := valid(values)
	s := Suitability{Points: len(x)}
	s.LagOne, s.LagOneKnown = LagOne(values)
	s.Autocorrelated = s.LagOneKnown && s.Points >= LagOnePoints && s.LagOne > LagOneMax
	s.Skewness = skewness(x)
	if s.Points >= TrialPoints {
		s.Skewed = math.Abs(s.Skewness) > SkewnessMax
		s.Rare = rare(x)
	}
	return s
}

// LagOne returns the correlation of a series with itself one period later, and whether there is one: it takes two neighbours and values
// that differ. Without gaps it is Σ(x_i−x̄)(x_{i+1}−x̄) / Σ(x_i−x̄)² (Box and Jenkins). Values that are not finite are gaps; as R's acf
// with na.pass does, the first sum is then taken over the k pairs that have both values and divided by k+1, the second by the number of
// values, and the quotient is held within [-1, 1].
func LagOne(values []float64) (r float64, ok bool) {
	d := deviations(values)
	n, pairs, square, product := 0.0, 0.0, 0.0, 0.0
	for i, v := range d {
		if !finite(v) {
			continue
		}
		n++
		square += v * v
		if i > 0 && finite(d[i-1]) {
			pairs++
			product += v * d[i-1]
		}
	}
	if pairs == 0 || square == 0 {
		return 0, false
	}
	return max(-1, min(1, product/(pairs+1)/(square/n))), true
}

// deviations returns the differences from the mean, so scaled that the largest is 1 and no square is too large or too small; all are 0
// if they are but the last digits of floats. Gaps stay gaps.
func deviations(values []float64) []float64 {
	x := valid(values)
	d := make([]float64, len(values))
	unit := largest(x)
	if unit == 0 {
		unit = 1
	}
	for i := range x {
		x[i] /= unit
	}
	m, reach := mean(x), 0.0
	for _, v := range x {
		reach = max(reach, math.Abs(v-m))
	}
	for i, v := range values {
		switch {
		case !finite(v):
			d[i] = math.NaN()
		case sign(reach, 0, 1) > 0:
			d[i] = (v/unit - m) / reach
		}
	}
	return d
}

// skewness is the adjusted Fisher–Pearson coefficient of finite values, √(n(n−1))/(n−2) · m₃/m₂^(3/2), as in Excel, SAS and SPSS.
func skewness(x []float64) float64 {
	n := float64(len(x))
	if n < 3 {
		return 0
	}
	square, cube := 0.0, 0.0
	for _, d := range deviations(x) {
		square, cube = square+d*d, cube+d*d*d
	}
	if square == 0 {
		return 0
	}
	return math.Sqrt(n*(n-1)) / (n - 2) * (cube / n) / math.Pow(square/n, 1.5)
}

// rare reports whether finite values are counts of rare events.
func rare(x []float64) bool {
	for _, v := range x {
		if v < 0 || v != math.Trunc(v) {
			return false
		}
	}
	return mean(x) < RareMean
}

// Dispersion compares how much the periods differ with how much they would by chance alone.
type Dispersion struct {
	Points int
	// SigmaZ is Laney's: the standard deviation of the standardised values from their moving ranges, so that a slow drift does not
	// count. 1 is chance.
	SigmaZ float64
	// Bound is what SigmaZ stays below in 95 % of series of chance counts: 1 + 1.645 times its standard deviation, for normal values.
	Bound float64
	// Over: with 12 or more points SigmaZ is above Bound. The limits of p or u are then too narrow: use p' or u'.
	Over   bool
	Ratio  float64 // Pearson's χ² over its degrees of freedom; unlike SigmaZ, drifts and shifts raise it
	PValue float64 // probability of as large a Ratio by chance, from the χ² distribution
}

// Overdispersion tests whether p or u limits suit a series: kind is ChartP, ChartU or ChartC (their primed charts are tested as they
// are), numerators and denominators are those of Attribute. ok is false for other kinds, with fewer than two points, or if no point
// has a case or every point has all of them. χ² is rough where fewer than 5 cases are expected in a period.
func Overdispersion(kind AttributeKind, numerators, denominators []float64) (d Dispersion, ok bool) {
	switch kind {
	case ChartP, ChartLaneyP, ChartC, ChartU, ChartLaneyU:
	default:
		return Dispersion{}, false
	}
	c := AttributeChart{Kind: kind, Points: make([]AttributePoint, len(numerators))}
	s := c.sample(numerators, denominators)
	if len(s.y) < 2 {
		return Dispersion{}, false
	}
	center := s.center()
	spread := s.spread(kind, center)
	chi, df := 0.0, float64(len(s.y)-1)
	for i, y := range s.y {
		z := (y - center) * math.Sqrt(s.n[i]) / spread
		chi += z * z
	}
	d = Dispersion{Points: len(s.y), SigmaZ: s.sigmaZ(center, spread), Bound: 1 + dispersionQuantile*sigmaZDeviation(len(s.y)), Ratio: chi / df}
	if !finite(center) || !(spread > 0) || !finite(d.SigmaZ) || !finite(chi) {
		return Dispersion{}, false
	}
	d.Over = d.Points >= TrialPoints && d.SigmaZ > d.Bound
	d.PValue = distuv.ChiSquared{K: df}.Survival(chi)
	return d, true
}

// sigmaZDeviation is the standard deviation of SigmaZ for n independent standard normal values: the mean of n−1 absolute differences has
// the variance ((n−1)(2−4/π) + 2(n−2)·c)/(n−1)², c = 4/π·(√¾ + π/12 − 1) the covariance of two differences that share a value.
func sigmaZDeviation(n int) float64 {
	m := float64(n - 1)
	c := 4 / math.Pi * (math.Sqrt(0.75) + math.Pi/12 - 1)
	return math.Sqrt(m*(2-4/math.Pi)+2*(m-1)*c) / m / rangePerSigma
}
