package stats

import (
	"errors"
	"fmt"
	"math"
)

// ErrNoFit means that no rates fit best, for every step makes a better fit: there are no cases at all, or none wherever a column says so, and the
// logarithm of a rate of zero has no bottom.
var ErrNoFit = errors.New("the counts have no best fit")

// PoissonFit is a regression of counts: E y = exposure · exp(x·Coefficients), with a variance that is the mean times Dispersion.
type PoissonFit struct {
	Coefficients []float64   // k, logarithms of rate ratios; that of a column of ones is the logarithm of the rate
	Inverse      [][]float64 // k × k, (X'WX)⁻¹: the covariance of the coefficients is Dispersion times this
	Fitted       []float64   // n, expected counts
	DF           int         // n − k
	// Dispersion is Pearson's Σ(y − μ)²/μ divided by DF: 1 for counts of events that know nothing of each other, more for most of a city's.
	// Deviance is 2Σ(y ln(y/μ) − (y − μ)); both are in the unit of y.
	Dispersion float64
	Deviance   float64
}

// QuasiPoisson fits counts by iterated least squares (McCullagh & Nelder, Generalized Linear Models, 1989). x[i] is the row of count
// y[i] and of exposure[i], what the count is out of; nil: 1 for all. Counts need not be whole. The errors are ErrDesign (also for a
// negative count, and an exposure that is not positive), ErrCollinear, ErrNoFit and ErrTooLarge.
func QuasiPoisson(x [][]float64, y, exposure []float64) (PoissonFit, error) {
	p, err := newPoisson(x, y, exposure)
	if err != nil {
		return PoissonFit{}, err
	}
	if err := p.iterate(); err != nil {
		return PoissonFit{}, err
	}
	f := p.fit
	for _, v := range append(append(f.Inverse, f.Coefficients, f.Fitted), []float64{f.Dispersion, f.Deviance}) {
		for _, w := range v {
			if !finite(w) {
				return PoissonFit{}, ErrTooLarge
			}
		}
	}
	return f, nil
}

// poisson is a fit under way, with counts divided by their mean.
type poisson struct {
	x            [][]float64
	y, offset    []float64 // offset: logarithm of the exposure, less that of the mean count
	scale        float64   // mean count
	eta, mu      []float64 // expected counts, as logarithms and as they are
	lastEta      []float64
	lastDeviance float64
	row          [][]float64 // of the weighted regression
	target       []float64
	fit          PoissonFit
}

func newPoisson(x [][]float64, y, exposure []float64) (*poisson, error) {
	n := len(y)
	if n == 0 || len(x) != n || exposure != nil && len(exposure) != n {
		return nil, fmt.Errorf("%w: %d rows for %d counts", ErrDesign, len(x), n)
	}
	p := &poisson{x: x, y: make([]float64, n), offset: make([]float64, n), row: make([][]float64, n), target: make([]float64, n)}
	p.eta, p.mu, p.lastEta = make([]float64, n), make([]float64, n), make([]float64, n)
	for i, v := range y {
		if !finite(v) || v < 0 {
			return nil, fmt.Errorf("%w: count %g", ErrDesign, v)
		}
		if len(x[i]) == 0 || len(x[i]) != len(x[0]) {
			return nil, fmt.Errorf("%w: row %d has %d columns", ErrDesign, i, len(x[i]))
		}
		if exposure != nil && (!(exposure[i] > 0) || !finite(exposure[i])) {
			return nil, fmt.Errorf("%w: exposure %g", ErrDesign, exposure[i])
		}
		p.scale += v / float64(n)
		p.row[i] = make([]float64, len(x[i]))
	}
	if p.scale == 0 {
		return nil, fmt.Errorf("%w: every count is zero", ErrNoFit)
	}
	for i, v := range y {
		p.y[i], p.offset[i] = v/p.scale, -math.Log(p.scale)
		if exposure != nil {
			p.offset[i] += math.Log(exposure[i])
		}
	}
	return p, nil
}

// iterate fits until the expected counts move no more. Where a rate wants to be zero they do so for ever.
func (p *poisson) iterate() error {
	const rounds = 60
	level := math.Inf(-1) // of the offsets: of the exposures, to begin as if the rate were the same everywhere
	for _, o := range p.offset {
		level = math.Max(level, o)
	}
	sum := 0.0
	for _, o := range p.offset {
		sum += math.Exp(o-level) / float64(len(p.y))
	}
	for i, v := range p.y { // halfway between the count and what that rate makes of the exposure
		p.mu[i] = v/2 + math.Exp(p.offset[i]-level)/sum/2
		p.eta[i] = math.Log(p.mu[i])
	}
	p.lastDeviance = math.MaxFloat64
	for i := range rounds {
		moved, err := p.round()
		if i > 0 && errors.Is(err, ErrCollinear) { // the columns differ where the rate has gone to zero
			return fmt.Errorf("%w: nothing is left of some", ErrNoFit)
		}
		if err != nil {
			return err
		}
		if moved < 1e-10 {
			p.finish()
			return nil
		}
	}
	return fmt.Errorf("%w: still moving after %d rounds", ErrNoFit, rounds)
}

// round is one weighted regression and a step towards its answer; it returns how far the logarithms of the expected counts moved.
func (p *poisson) round() (moved float64, err error) {
	for i, m := range p.mu {
		w := math.Sqrt(m)
		for j, v := range p.x[i] {
			p.row[i][j] = w * v
		}
		p.target[i] = w * (p.eta[i] - p.offset[i] + (p.y[i]-m)/m)
	}
	f, err := OLS(p.row, p.target)
	if err != nil {
		return 0, err
	}
	p.fit = PoissonFit{Coefficients: f.Coefficients, Inverse: f.Inverse, DF: f.DF}
	p.eta, p.lastEta = p.lastEta, p.eta
	for i := range p.eta {
		p.eta[i] = p.offset[i]
		for j, v := range p.x[i] {
			p.eta[i] += v * f.Coefficients[j]
		}
	}
	if !p.towards() {
		return 0, fmt.Errorf("%w: the expected counts leave the range of a float", ErrNoFit)
	}
	for i, e := range p.eta {
		moved = math.Max(moved, math.Abs(e-p.lastEta[i]))
	}
	return moved, nil
}

// towards halves a step that made the fit worse until it does not, and reports whether that came to an end.
func (p *poisson) towards() bool {
	const halvings = 40
	for range halvings {
		deviance := 0.0
		for i, e := range p.eta {
			p.mu[i] = math.Exp(e)
			deviance += poissonDeviance(p.y[i], p.mu[i])
		}
		if finite(deviance) && deviance <= p.lastDeviance+1e-12*(1+math.Abs(p.lastDeviance)) {
			p.lastDeviance = deviance
			return true
		}
		for i := range p.eta {
			p.eta[i] = p.eta[i]/2 + p.lastEta[i]/2
		}
	}
	return false
}

func poissonDeviance(y, mu float64) float64 {
	if y == 0 {
		return 2 * mu
	}
	return 2 * (y*math.Log(y/mu) - (y - mu))
}

// finish derives what is not of the regression, and takes the scale out. Errors no larger than what the rounds leave are none.
func (p *poisson) finish() {
	const rounding = 1e-18
	f := &p.fit
	pearson := 0.0
	f.Fitted = make([]float64, len(p.y))
	for i, m := range p.mu {
		pearson += (p.y[i] - m) * (p.y[i] - m) / m
		f.Fitted[i] = m * p.scale
	}
	if f.Dispersion = pearson / float64(f.DF); f.Dispersion < rounding {
		f.Dispersion = 0
	}
	f.Deviance, f.Dispersion = math.Max(0, p.lastDeviance)*p.scale, f.Dispersion*p.scale
	for _, row := range f.Inverse {
		for j := range row {
			row[j] /= p.scale
		}
	}
}
