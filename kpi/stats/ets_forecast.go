package stats

import "math"

// Psi returns the weights c_0 to c_{h−1} with which a shock one, two, … periods ago is part of the error of an additive model:
// c_0 = 1, c_j = α + β·(φ + … + φ^j) + γ·[m divides j]. It is nil for h below 1 or above twice MaxHorizon.
func (p ETSParams) Psi(model ETSModel, period, h int) []float64 {
	if h < 1 || h > 2*MaxHorizon {
		return nil
	}
	phi := p.Phi
	if !model.Damped {
		phi = 1
	}
	psi := make([]float64, h)
	psi[0] = 1
	power, sum := 1.0, 0.0
	for j := 1; j < h; j++ {
		power *= phi
		sum += power
		psi[j] = p.Alpha
		if model.Trend == 'A' {
			psi[j] += p.Beta * sum
		}
		if model.seasonal() && period > 0 && j%period == 0 {
			psi[j] += p.Gamma
		}
	}
	return psi
}

// Forecast forecasts from the state after the last value. With additive errors (class 1) σ_h² = σ²·Σ_{j<h} c_j², see Psi. With
// multiplicative errors and additive parts (class 2) the variance follows the recursion of Hyndman and others (2008, chapter 6):
// (1 + σ²)·θ_h − μ_h², θ_h = μ_h² + σ²·Σ_{j<h} c_j²·θ_{h−j}. With a multiplicative season (class 3) the second moments of level and
// slope times each season's effect are carried forward, exact for normal errors; the mean is not quite the point forecast then. It is
// false for a model that has no last state.
func (e ETS) Forecast(h int) (Forecast, bool) {
	if !e.complete() || h < 1 || h > MaxHorizon || e.ahead > MaxHorizon || !finite(e.Sigma) || e.Sigma < 0 {
		return Forecast{}, false
	}
	r := newETSRun(e.Model, e.ETSParams, e.Last)
	if e.Model.seasonal() && len(r.s) != e.Period {
		return Forecast{}, false
	}
	s := stretch{points: e.Points, ahead: e.ahead}
	_, s.exp = math.Frexp(math.Max(math.Abs(r.l), math.Abs(r.b)))
	if e.Model.Error == 'A' {
		return e.additive(s, r, h+e.ahead)
	}
	return e.relative(s, r.rescaled(-s.exp), h)
}

func (e ETS) additive(s stretch, r *etsRun, steps int) (Forecast, bool) {
	s.exp = 0
	means := make([]float64, steps)
	for k := range means {
		means[k] = r.forecast()
		r.step(math.NaN())
	}
	f, ok := s.forecast(MethodETS, e.Period, means, pathErrors{sigma: e.Sigma, psi: e.Psi(e.Model, e.Period, steps)})
	if ok {
		f.Model = e.Model.String()
	}
	return f, ok
}

func (e ETS) relative(s stretch, r *etsRun, h int) (Forecast, bool) {
	moments := r.additiveMoments
	if e.Model.Season == 'M' {
		moments = r.seasonalMoments
	}
	means, sd := moments(e.Sigma, h+s.ahead)
	f := Forecast{
		Method: MethodETS, Model: e.Model.String(), Season: max(e.Period, 1), Points: s.points,
		Mean: means[s.ahead:], SD: sd[s.ahead:], errors: pathErrors{sigma: e.Sigma, skip: s.ahead, model: r},
	}
	return f.rescale(s.exp)
}

// additiveMoments returns means and standard deviations of a model with multiplicative errors and additive parts.
func (r *etsRun) additiveMoments(sigma float64, steps int) (means, sd []float64) {
	psi := r.p.Psi(r.model, len(r.s), steps)
	c := r.clone()
	means, sd = make([]float64, steps), make([]float64, steps)
	theta := make([]float64, steps)
	for h := range means {
		means[h] = c.forecast()
		c.step(math.NaN())
		sum := 0.0
		for j := 1; j <= h; j++ {
			sum += squareOf(psi[j]) * theta[h-j]
		}
		theta[h] = squareOf(means[h]) + squareOf(sigma)*sum
		sd[h] = math.Sqrt(math.Max((1+squareOf(sigma))*theta[h]-squareOf(means[h]), 0))
	}
	return means, sd
}

// levelSlope is a symmetric matrix of level and slope: a for level and level, b for level and slope, c for slope and slope.
type levelSlope struct{ a, b, c float64 }

// seasonalMoments returns means and standard deviations of a model with multiplicative errors and season. The vector x of level and
// slope becomes (F + Gε)x in each period, and the effect s of the season whose turn it is becomes (1 + γε)s, so that mean q = E[x·s] and
// second moment P = E[xx'·s²] of each season follow
//
//	q → Fq, P → FPF' + σ²·GPG' in periods that are not its turn,
//	q → (F + γσ²G)q, P → (1 + γ²σ²)·FPF' + 2γσ²·(FPG' + GPF') + (σ² + 3γ²σ⁴)·GPG' in those that are,
//
// with E[ε²] = σ², E[ε³] = 0, E[ε⁴] = 3σ⁴. The value is (1 + ε)·w'x·s.
func (r *etsRun) seasonalMoments(sigma float64, steps int) (means, sd []float64) {
	m, v, gamma := len(r.s), squareOf(sigma), r.p.Gamma
	q := make([][2]float64, m)
	p := make([]levelSlope, m)
	for i := range q {
		s := r.s[(r.pos+i)%m]
		q[i] = [2]float64{r.l * s, r.b * s}
		p[i] = levelSlope{squareOf(q[i][0]), q[i][0] * q[i][1], squareOf(q[i][1])}
	}
	means, sd = make([]float64, steps), make([]float64, steps)
	for h := range means {
		turn := h % m
		means[h] = r.outlook(q[turn])
		second := r.outlook([2]float64{r.outlook([2]float64{p[turn].a, p[turn].b}), r.outlook([2]float64{p[turn].b, p[turn].c})})
		sd[h] = math.Sqrt(math.Max((1+v)*second-squareOf(means[h]), 0))
		for i := range q {
			g := 0.0
			if i == turn {
				g = gamma
			}
			q[i] = r.carry(q[i], g*v)
			p[i] = r.carrySecond(p[i], v, g)
		}
	}
	return means, sd
}

// outlook returns w'x, what level and slope together give in the next period.
func (r *etsRun) outlook(x [2]float64) float64 {
	if r.model.Trend == 'A' {
		return x[0] + r.p.Phi*x[1]
	}
	return x[0]
}

// carry returns (F + kG)x.
func (r *etsRun) carry(x [2]float64, k float64) [2]float64 {
	o := r.outlook(x)
	next := [2]float64{o + k*r.p.Alpha*o, 0}
	if r.model.Trend == 'A' {
		next[1] = r.p.Phi*x[1] + k*r.p.Beta*o
	}
	return next
}

// carrySecond returns the second moment one period on.
func (r *etsRun) carrySecond(p levelSlope, v, gamma float64) levelSlope {
	phi := 0.0
	if r.model.Trend == 'A' {
		phi = r.p.Phi
	}
	row, column := r.outlook([2]float64{p.a, p.b}), r.outlook([2]float64{p.b, p.c}) // w'P
	o := row
	if phi != 0 {
		o += phi * column // w'Pw
	}
	ff := levelSlope{o, phi * column, phi * phi * p.c} // FPF', F = (w', (0 φ))
	gg := levelSlope{squareOf(r.p.Alpha) * o, r.p.Alpha * r.p.Beta * o, squareOf(r.p.Beta) * o}
	fg := levelSlope{2 * r.p.Alpha * o, r.p.Beta*o + r.p.Alpha*phi*column, 2 * r.p.Beta * phi * column} // FPG' + GPF'
	kf, kg, km := 1+squareOf(gamma)*v, v+3*squareOf(gamma)*v*v, 2*gamma*v
	return levelSlope{kf*ff.a + kg*gg.a + km*fg.a, kf*ff.b + kg*gg.b + km*fg.b, kf*ff.c + kg*gg.c + km*fg.c}
}
