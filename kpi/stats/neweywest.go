package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Coefficient is a number that was estimated, with how sure it is.
type Coefficient struct {
	Value float64
	// StdErr is in the unit of Value. It is 0, and not known, where nothing is left to judge by: a series that follows its model without
	// any error, or one unit alone.
	StdErr float64
	DF     float64 // degrees of freedom of Student's t; 0: the normal distribution
}

// Limits returns the confidence limits, for a confidence such as 0.95. ok is false where StdErr is not known, for a confidence that is
// not between 0 and 1, and for limits too large for a float.
func (c Coefficient) Limits(confidence float64) (lower, upper float64, ok bool) {
	if !(confidence > 0 && confidence < 1) || !(c.StdErr > 0) {
		return 0, 0, false
	}
	z := normalDeviate(confidence)
	if c.DF > 0 {
		z = distuv.StudentsT{Sigma: 1, Nu: c.DF}.Quantile(0.5 + confidence/2)
	}
	lower, upper = c.Value-z*c.StdErr, c.Value+z*c.StdErr
	if !finite(lower) || !finite(upper) {
		return 0, 0, false
	}
	return lower, upper, true
}

// P returns the probability of an estimate at least as far from zero if the truth is zero. ok is false where StdErr is not known.
func (c Coefficient) P() (p float64, ok bool) {
	if !(c.StdErr > 0) {
		return 0, false
	}
	t := math.Abs(c.Value) / c.StdErr
	if c.DF <= 0 {
		return math.Erfc(t / math.Sqrt2), true
	}
	if !finite(t) || !finite(t*t) {
		return 0, true
	}
	return math.Min(1, 2*distuv.StudentsT{Sigma: 1, Nu: c.DF}.Survival(t)), true
}

// coefficient makes a Coefficient of numbers whose data were scaled to about 1 by a power of two, and takes the power out again. What is
// not more than the last digits of such data is zero: arithmetic is never taken for an effect, nor for an error.
func coefficient(value, stdErr, df float64, exponent int) Coefficient {
	const rounding = 1e-12
	if math.Abs(value) <= rounding {
		value = 0
	}
	if !(stdErr > rounding) {
		stdErr = 0
	}
	return Coefficient{Value: math.Ldexp(value, exponent), StdErr: math.Ldexp(stdErr, exponent), DF: df}
}

// NeweyWestLag is the number of lags that is used where none is named: ⌊4(n/100)^(2/9)⌋ of n values (Newey & West, Review of Economic
// Studies 61, 1994, for the Bartlett kernel), and with a season of period values at least one season, but not more than a quarter of
// the values. period 0 is no season.
func NeweyWestLag(n, period int) int {
	if n < 2 {
		return 0
	}
	lag := int(4 * math.Pow(float64(n)/100, 2.0/9))
	return min(max(lag, min(period, n/4)), n-1)
}

// NeweyWest returns the covariance of a regression's coefficients for errors whose size may change and that are correlated with those
// of up to lag periods before, with Bartlett's weights 1 − l/(lag + 1) (Newey & West, Econometrica 55, 1987). x and f are the rows and
// the fit of OLS. period holds the time of each row, ascending, in whole periods, so that a gap is a gap; nil: one row follows the
// other. adjust multiplies by n/(n − k), as Stata does. The errors are ErrDesign and ErrTooLarge.
func NeweyWest(x [][]float64, f Fit, period []int, lag int, adjust bool) ([][]float64, error) {
	n, k := len(x), len(f.Coefficients)
	if n == 0 || n != len(f.Residuals) || len(f.Inverse) != k || lag < 0 || period != nil && len(period) != n {
		return nil, fmt.Errorf("%w: %d rows, %d residuals, lag %d", ErrDesign, n, len(f.Residuals), lag)
	}
	for i := 1; i < len(period); i++ {
		if period[i] < period[i-1] {
			return nil, fmt.Errorf("%w: the periods do not ascend", ErrDesign)
		}
	}
	influence := make([][]float64, n) // (X'X)⁻¹xₜeₜ: their covariances are those of the coefficients, without a product of three matrices
	for i, row := range x {
		if len(row) != k {
			return nil, fmt.Errorf("%w: row %d has %d columns, not %d", ErrDesign, i, len(row), k)
		}
		influence[i] = make([]float64, k)
		for a := range influence[i] {
			for b, v := range row {
				influence[i][a] += f.Inverse[a][b] * v
			}
			influence[i][a] *= f.Residuals[i]
		}
	}
	factor := 1.0
	if adjust && n > k {
		factor = float64(n) / float64(n-k)
	}
	covariance := make([][]float64, k)
	for a := range covariance {
		covariance[a] = make([]float64, k)
	}
	for i := range influence {
		for j := i; j >= 0; j-- {
			l := distance(period, j, i)
			if l > lag {
				break
			}
			addProduct(covariance, influence[i], influence[j], factor*(1-float64(l)/float64(lag+1)), i != j)
		}
	}
	for a, row := range covariance {
		for b := range a {
			covariance[b][a] = row[b]
		}
		for _, v := range row[:a+1] {
			if !finite(v) {
				return nil, ErrTooLarge
			}
		}
	}
	return covariance, nil
}

// distance is the time from row j to row i.
func distance(period []int, j, i int) int {
	if period == nil {
		return i - j
	}
	return period[i] - period[j]
}

// addProduct adds weight · uv' to the lower half of m and, with both, weight · vu' too.
func addProduct(m [][]float64, u, v []float64, weight float64, both bool) {
	for a, row := range m {
		x, y := weight*u[a], 0.0
		if both {
			y = weight * v[a]
		}
		for b := range row[:a+1] {
			row[b] += x*v[b] + y*u[b]
		}
	}
}

// DurbinWatson returns Σ(eₜ − eₜ₋₁)²/Σe² of a regression's residuals: about 2 for errors that are independent of each other, towards 0 the
// more each is like the one before. It is 0 where there are no errors.
func DurbinWatson(residuals []float64) float64 {
	e := append([]float64(nil), residuals...)
	scaleDown(e, 0, 1)
	var steps, squares float64
	for i, v := range e {
		squares += v * v
		if i > 0 {
			steps += (v - e[i-1]) * (v - e[i-1])
		}
	}
	if squares == 0 || !finite(steps/squares) {
		return 0
	}
	return steps / squares
}
