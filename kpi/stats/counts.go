package stats

import (
	"fmt"
	"math"
)

// RatioEffect is how many times as high a rate is as it would be, with confidence limits.
type RatioEffect struct {
	Value, Lower, Upper float64
}

// SegmentedCounts is a series of counts as two lines of the logarithm of their rate, before a change and after it:
// ln E y = ln exposure + β0 + β1·t + β2·X + β3·X(t − Start) + season, with t and X as in Segmented and a variance that is Dispersion times
// the mean (quasi-Poisson), so that counts that come in clusters do not pass for surer than they are. Coefficients are logarithms; their
// limits are those of the normal distribution, as published analyses of this kind have them.
type SegmentedCounts struct {
	Before, After int     // counts
	Dispersion    float64 // Pearson's χ² divided by the degrees of freedom; 1 if the errors were said to be Poisson's
	DF            int     // of the residuals
	Intercept     Coefficient
	Trend         Coefficient // per period, before
	Level         Coefficient // change at Start
	Slope         Coefficient // change of Trend; the zero Coefficient with NoSlope
	Season        []Coefficient

	in         Interruption
	coef       []float64
	covariance [][]float64
}

// CountsRegression fits the two lines. counts holds one count a period, and exposure what each is out of (people, inspections): nil, 1
// for all. A count that is not finite, or whose exposure is not finite or 0, is a period without a value. poisson takes the variance to be
// the mean, for comparison with analyses that did. The errors are ErrAround and those of QuasiPoisson.
func CountsRegression(counts, exposure []float64, in Interruption, poisson bool) (SegmentedCounts, error) {
	if exposure != nil && len(exposure) != len(counts) {
		return SegmentedCounts{}, fmt.Errorf("%w: %d exposures for %d counts", ErrDesign, len(exposure), len(counts))
	}
	there := make([]float64, len(counts))
	for i, v := range counts {
		if there[i] = v; exposure != nil && (exposure[i] == 0 || !finite(exposure[i])) {
			there[i] = math.NaN()
		}
	}
	s := SegmentedCounts{in: in}
	var err error
	if s.Before, s.After, err = in.check(there); err != nil {
		return SegmentedCounts{}, err
	}
	var x [][]float64
	var y, n []float64
	for i, v := range there {
		if !finite(v) {
			continue
		}
		x, y = append(x, in.row(i, i >= in.Start)), append(y, v)
		if exposure != nil {
			n = append(n, exposure[i])
		}
	}
	f, err := QuasiPoisson(x, y, n)
	if err != nil {
		return SegmentedCounts{}, err
	}
	s.coef, s.covariance, s.DF, s.Dispersion = f.Coefficients, f.Inverse, f.DF, f.Dispersion
	if poisson {
		s.Dispersion = 1
	}
	for _, row := range s.covariance {
		for j := range row {
			row[j] *= s.Dispersion
		}
	}
	return s.named()
}

// named fills in the coefficients by name.
func (s SegmentedCounts) named() (SegmentedCounts, error) {
	all := make([]Coefficient, len(s.coef))
	for j := range all {
		unit := make([]float64, len(s.coef))
		unit[j] = 1
		if all[j] = s.combine(unit); !finite(all[j].StdErr) {
			return SegmentedCounts{}, ErrTooLarge
		}
	}
	s.Intercept, s.Trend, s.Level, s.Season = all[0], all[1], all[2], all[3:]
	if j := s.in.slope(); j > 0 {
		s.Slope, s.Season = all[j], all[j+1:]
	}
	return s, nil
}

func (s SegmentedCounts) combine(row []float64) Coefficient {
	value, variance := combination(row, s.coef, s.covariance)
	return coefficient(value, math.Sqrt(variance), 0, 0)
}

// combination returns Σ row·β and its variance.
func combination(row, coef []float64, covariance [][]float64) (value, variance float64) {
	for a, v := range row {
		if v == 0 {
			continue
		}
		value += v * coef[a]
		for b, w := range row {
			variance += v * w * covariance[a][b]
		}
	}
	return value, max(0, variance)
}

// EffectAt is how many times as high the rate is, k periods after Start, as the line before drawn on: exp(β2 + kβ3), with confidence
// limits. ok is false before Start, where there is no error to judge by, for a confidence that is not between 0 and 1, and for limits
// too large for a float.
func (s SegmentedCounts) EffectAt(k int, confidence float64) (RatioEffect, bool) {
	if k < 0 || len(s.coef) == 0 {
		return RatioEffect{}, false
	}
	row := make([]float64, len(s.coef))
	row[2] = 1
	if j := s.in.slope(); j > 0 {
		row[j] = float64(k)
	}
	return s.combine(row).ratio(confidence)
}

// ratio reads a coefficient that is a logarithm.
func (c Coefficient) ratio(confidence float64) (RatioEffect, bool) {
	lower, upper, ok := c.Limits(confidence)
	r := RatioEffect{Value: math.Exp(c.Value), Lower: math.Exp(lower), Upper: math.Exp(upper)}
	if !ok || !finite(r.Value) || !finite(r.Lower) || !finite(r.Upper) {
		return RatioEffect{}, false
	}
	return r, true
}

// RateAt is the expected rate at index i of the series, season included: the count for an exposure of 1. ok is false where it is too
// large for a float.
func (s SegmentedCounts) RateAt(i int) (float64, bool) { return s.rate(s.in.row(i, i >= s.in.Start)) }

// RateWithout is the rate that would be expected at index i had nothing changed.
func (s SegmentedCounts) RateWithout(i int) (float64, bool) { return s.rate(s.in.row(i, false)) }

func (s SegmentedCounts) rate(row []float64) (float64, bool) {
	if len(row) != len(s.coef) {
		return 0, false
	}
	value, _ := combination(row, s.coef, s.covariance)
	r := math.Exp(value)
	if !finite(r) {
		return 0, false
	}
	return r, true
}
