package stats

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// Errors of a regression; errors.Is finds them.
var (
	// ErrDesign: the rows do not have the same length, a value is not finite, or there are no more rows than columns.
	ErrDesign = errors.New("the regression has no usable design")
	// ErrCollinear: a column follows from the others, or nearly so, and the coefficients would be mostly rounding error.
	ErrCollinear = errors.New("the columns of the regression cannot be told apart")
	// ErrTooLarge: a result does not fit into a float.
	ErrTooLarge = errors.New("the numbers of the regression are too large")
)

// Conditions beyond which a fit is refused. A design as floats is itself off by 1e-16, which the condition multiplies: 1e7 leaves nine
// digits, and is where R's lm drops a column. A design known to twice the digits may be worse.
const (
	conditionLimit     = 1e7
	conditionLimitWide = 1e13
)

// Fit is a linear regression by least squares of n values on k columns.
type Fit struct {
	Coefficients []float64   // k, in the order of the columns, in units of y per unit of the column
	StdErrors    []float64   // k, for independent errors of one size: √(Sigma2 · Inverse[j][j])
	Residuals    []float64   // n, y minus fitted, in the order of the rows
	Inverse      [][]float64 // k × k, (X'X)⁻¹: the covariance of the coefficients is Sigma2 times this
	DF           int         // n − k
	RSS          float64     // Σ residual²
	Sigma2       float64     // RSS / DF
	// R2 is the share of Σ(y − ȳ)² that the fit explains or, where no combination of the columns is a constant, of Σy². It is 0 for a y
	// that has nothing to explain.
	R2 float64
	// Condition is that of the design with columns of equal length (√k times the Frobenius norm of R⁻¹): the input's relative error
	// times it bounds what the coefficients of a good fit are off by.
	Condition float64
}

// OLS fits y by least squares to the columns of x: x[i] is the row of y[i], and a constant term is a column of ones. It factors the
// design by Householder QR and refines the solution with residuals of twice the digits (Björck 1967), so that the coefficients are as
// good as the floats they come from. Every value must be finite: the caller leaves out periods without a value.
// The errors are ErrDesign, ErrCollinear (no numbers are better than numbers of chance) and ErrTooLarge.
func OLS(x [][]float64, y []float64) (Fit, error) {
	if len(x) != len(y) || len(x) == 0 {
		return Fit{}, fmt.Errorf("%w: %d rows for %d values", ErrDesign, len(x), len(y))
	}
	k := len(x[0])
	d := olsDesign{n: len(y), k: k, hi: make([]float64, len(y)*k), exponent: make([]int, k)}
	for i, row := range x {
		if len(row) != k {
			return Fit{}, fmt.Errorf("%w: row %d has %d columns, not %d", ErrDesign, i, len(row), k)
		}
		copy(d.hi[i*k:], row)
	}
	for j := range k {
		d.exponent[j] = scaleDown(d.hi, j, k)
	}
	return d.fit(y, conditionLimit)
}

// Polynomial fits y by least squares to 1, x, x², … x^degree. The powers are formed with twice the digits of a float, so that what OLS
// must refuse for the rounding of its columns (degree 10 in NIST's Filip) is solved to the last digits. Errors are those of OLS.
func Polynomial(x, y []float64, degree int) (Fit, error) {
	if len(x) != len(y) || degree < 0 || degree >= len(y) {
		return Fit{}, fmt.Errorf("%w: degree %d of %d points for %d values", ErrDesign, degree, len(x), len(y))
	}
	k := degree + 1
	d := olsDesign{n: len(y), k: k, hi: make([]float64, len(y)*k), lo: make([]float64, len(y)*k), exponent: make([]int, k)}
	base := append([]float64(nil), x...)
	e := scaleDown(base, 0, 1) // all powers are at most 1: none overflows
	for i, v := range base {
		hi, lo := 1.0, 0.0
		for j := range k {
			d.hi[i*k+j], d.lo[i*k+j], d.exponent[j] = hi, lo, j*e
			hi, lo = timesFloat(hi, lo, v)
		}
	}
	return d.fit(y, conditionLimitWide)
}

// scaleDown divides every step-th value from the first by the power of two that brings the largest into [½, 1), and returns the power.
// Powers of two round nothing, and no square of the values overflows.
func scaleDown(x []float64, first, step int) int {
	largest := 0.0
	for i := first; i < len(x); i += step {
		largest = math.Max(largest, math.Abs(x[i]))
	}
	_, e := math.Frexp(largest)
	for i := first; i < len(x); i += step {
		x[i] = math.Ldexp(x[i], -e)
	}
	return e
}

// olsDesign is a design of n rows and k columns in rows, as the sum of hi and lo (nil: 0); column j is to be multiplied by 2^exponent[j].
type olsDesign struct {
	n, k     int
	hi, lo   []float64
	exponent []int
}

// fit solves the least squares problem; it overwrites nothing of the caller's.
func (d olsDesign) fit(y []float64, limit float64) (Fit, error) {
	if d.k == 0 || d.n <= d.k {
		return Fit{}, fmt.Errorf("%w: %d values for %d coefficients", ErrDesign, d.n, d.k)
	}
	for _, v := range [][]float64{y, d.hi} {
		for _, x := range v {
			if !finite(x) {
				return Fit{}, fmt.Errorf("%w: not a finite number", ErrDesign)
			}
		}
	}
	q, ok := factorQR(d)
	if !ok || !(q.condition <= limit) {
		return Fit{}, fmt.Errorf("%w: condition %.2g, at most %.0g", ErrCollinear, q.condition, limit)
	}
	b := append([]float64(nil), y...)
	e := scaleDown(b, 0, 1)
	x, r := q.refine(d, b, make([]float64, d.k))
	f := Fit{DF: d.n - d.k, Residuals: r, Coefficients: x, Condition: q.condition}
	f.R2 = explained(b, r, q.spansConstant())
	f.unscale(q.inverse(d), d.exponent, e)
	for _, v := range append(append(f.Inverse, f.Coefficients, f.StdErrors, f.Residuals), []float64{f.RSS, f.Sigma2}) {
		for _, x := range v {
			if !finite(x) {
				return Fit{}, ErrTooLarge
			}
		}
	}
	return f, nil
}

// unscale takes the powers of two out of coefficients and residuals and derives the rest.
func (f *Fit) unscale(inverse [][]float64, column []int, y int) {
	rss := 0.0
	for i, v := range f.Residuals {
		rss += v * v
		f.Residuals[i] = math.Ldexp(v, y)
	}
	s2 := rss / float64(f.DF)
	f.RSS, f.Sigma2 = math.Ldexp(rss, 2*y), math.Ldexp(s2, 2*y)
	f.Inverse, f.StdErrors = inverse, make([]float64, len(column))
	for i, row := range inverse {
		f.StdErrors[i] = math.Ldexp(math.Sqrt(s2*row[i]), y-column[i])
		f.Coefficients[i] = math.Ldexp(f.Coefficients[i], y-column[i])
		for j := range row {
			row[j] = math.Ldexp(row[j], -column[i]-column[j])
		}
	}
}

// explained returns R², about the mean if the columns can make a constant.
func explained(y, residuals []float64, constant bool) float64 {
	var center, rss, tss float64
	if constant {
		center = mean(y)
	}
	for i, v := range y {
		rss += residuals[i] * residuals[i]
		tss += (v - center) * (v - center)
	}
	if tss <= 0x1p-100*float64(len(y)) { // y is scaled to about 1: what it varies by is rounding
		return 0
	}
	return math.Max(0, 1-rss/tss)
}

// olsFactors is a design factored into Q, held as n × k Householder vectors below R in qr, and R; inv is R⁻¹.
type olsFactors struct {
	qr        blas64.General
	inv       blas64.Triangular
	tau, work []float64
	condition float64
}

// factorQR factors the design; ok is false where R has no inverse.
func factorQR(d olsDesign) (q olsFactors, ok bool) {
	q.qr = blas64.General{Rows: d.n, Cols: d.k, Stride: d.k, Data: append([]float64(nil), d.hi...)}
	q.tau = make([]float64, d.k)
	q.work = make([]float64, 1)
	lapack64.Geqrf(q.qr, q.tau, q.work, -1)
	q.work = make([]float64, max(int(q.work[0]), 64*(d.k+1)))
	lapack64.Geqrf(q.qr, q.tau, q.work, len(q.work))
	q.inv = blas64.Triangular{Uplo: blas.Upper, Diag: blas.NonUnit, N: d.k, Stride: d.k, Data: append([]float64(nil), q.qr.Data[:d.k*d.k]...)}
	q.condition = math.MaxFloat64
	if !lapack64.Trtri(q.inv) {
		return q, false
	}
	sum := 0.0
	for i := range d.k { // row i of R⁻¹ times the length of column i
		length := blas64.Nrm2(blas64.Vector{N: i + 1, Inc: d.k, Data: q.qr.Data[i:]})
		row := blas64.Nrm2(blas64.Vector{N: d.k - i, Inc: 1, Data: q.inv.Data[i*d.k+i:]})
		sum += length * length * row * row
	}
	if c := math.Sqrt(float64(d.k) * sum); finite(c) {
		q.condition = c
		return q, true
	}
	return q, false
}

// inverse returns (X'X)⁻¹ = R⁻¹R⁻ᵀ. Of a design with twice the digits it is refined: column j solves r + Ax = 0, A'r = −e.
func (q olsFactors) inverse(d olsDesign) [][]float64 {
	k := q.inv.N
	m := make([][]float64, k)
	if d.lo != nil {
		for j := range m {
			e := make([]float64, k)
			e[j] = -1
			m[j], _ = q.refine(d, make([]float64, d.n), e)
		}
		return m
	}
	for i := range m {
		m[i] = make([]float64, k)
		for j := range i + 1 { // row i of R⁻¹ begins at column i
			n := k - i
			a, b := q.inv.Data[i*k+i:], q.inv.Data[j*k+i:]
			v := blas64.Dot(blas64.Vector{N: n, Inc: 1, Data: a}, blas64.Vector{N: n, Inc: 1, Data: b})
			m[i][j], m[j][i] = v, v
		}
	}
	return m
}

// timesQ replaces x by Qx or Q'x.
func (q olsFactors) timesQ(t blas.Transpose, x []float64) {
	lapack64.Ormqr(blas.Left, t, q.qr, q.tau, blas64.General{Rows: len(x), Cols: 1, Stride: 1, Data: x}, q.work, len(q.work))
}

// spansConstant reports whether a combination of the columns is a constant: whether ones lie in their span.
func (q olsFactors) spansConstant() bool {
	ones := make([]float64, q.qr.Rows)
	for i := range ones {
		ones[i] = 1
	}
	q.timesQ(blas.Trans, ones)
	rest := ones[q.qr.Cols:]
	return blas64.Nrm2(blas64.Vector{N: len(rest), Inc: 1, Data: rest}) <= 1e-10*math.Sqrt(float64(len(ones)))
}

// refine solves r + Ax = b, A'r = c; with c = 0, x are the coefficients and r the residuals. It does so again and again for what is
// still missing from the two sides, computed with twice the digits, until nothing more is gained (Higham, Accuracy and Stability of
// Numerical Algorithms, 20.5). The first round is the ordinary solution.
func (q olsFactors) refine(d olsDesign, b, c []float64) (x, r []float64) {
	const rounds = 12
	x, r = make([]float64, d.k), make([]float64, d.n)
	f, g := make([]float64, d.n), make([]float64, d.k)
	upper := blas64.Triangular{Uplo: blas.Upper, Diag: blas.NonUnit, N: d.k, Stride: d.k, Data: q.qr.Data}
	last := math.Inf(1)
	for range rounds {
		d.missing(x, r, b, c, f, g)
		q.timesQ(blas.Trans, f)
		blas64.Trsv(blas.Trans, upper, blas64.Vector{N: d.k, Inc: 1, Data: g})
		dx := make([]float64, d.k)
		for j := range dx {
			dx[j], f[j] = f[j]-g[j], g[j]
		}
		blas64.Trsv(blas.NoTrans, upper, blas64.Vector{N: d.k, Inc: 1, Data: dx})
		q.timesQ(blas.NoTrans, f)
		step, done := 0.0, true
		for j, v := range dx {
			step = math.Max(step, math.Abs(v))
			done = done && math.Abs(v) <= 0x1p-53*math.Abs(x[j])
		}
		if step > last/2 { // it only goes round in the last digit now
			break
		}
		last = step
		for j, v := range dx {
			x[j] += v
		}
		for i, v := range f {
			r[i] += v
		}
		if done {
			break
		}
	}
	return x, r
}

// missing sets f to b − r − Ax and g to c − A'r, with twice the digits of a float on the way.
func (d olsDesign) missing(x, r, b, c, f, g []float64) {
	low := make([]float64, d.k)
	copy(g, c)
	for i := range d.n {
		sum, rest := twoSum(b[i], -r[i])
		for j := range d.k {
			a := d.hi[i*d.k+j]
			p, e := twoProduct(-a, x[j])
			var lost float64
			sum, lost = twoSum(sum, p)
			rest += e + lost
			p, e = twoProduct(-a, r[i])
			g[j], lost = twoSum(g[j], p)
			low[j] += e + lost
			if d.lo != nil {
				rest -= d.lo[i*d.k+j] * x[j]
				low[j] -= d.lo[i*d.k+j] * r[i]
			}
		}
		f[i] = sum + rest
	}
	for j := range g {
		g[j] += low[j]
	}
}

// twoSum returns a + b rounded and what the rounding lost (Knuth).
func twoSum(a, b float64) (sum, rest float64) {
	sum = a + b
	t := sum - a
	return sum, (a - (sum - t)) + (b - t)
}

// twoProduct returns a · b rounded and what the rounding lost.
func twoProduct(a, b float64) (product, rest float64) {
	product = a * b
	return product, math.FMA(a, b, -product)
}

// timesFloat multiplies hi + lo by v.
func timesFloat(hi, lo, v float64) (float64, float64) {
	p, e := twoProduct(hi, v)
	e = math.FMA(lo, v, e)
	sum := p + e
	return sum, e - (sum - p)
}
