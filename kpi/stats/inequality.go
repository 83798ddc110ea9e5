package stats

import "math"

// EventsPerGroup is the number of events that each group should have before groups are ranked or a largest gap is told: with three and
// more small groups, noise alone makes the best and the worst look far apart.
const EventsPerGroup = 20

// EnoughEvents reports whether each of two or more groups has EventsPerGroup events.
func EnoughEvents(events []float64) bool {
	for _, e := range events {
		if !(e >= EventsPerGroup) {
			return false
		}
	}
	return len(events) > 1
}

// Group is a part of the population with its rate.
type Group struct {
	Population float64 // people, or any share of them; not negative
	Value      float64 // the rate; a group whose value is not finite is left out of everything
	Error      float64 // standard error of Value, 0 if it is not known
}

// Estimate is a number that may not exist, with its standard error in the same unit.
type Estimate struct {
	Value, Error    float64
	Known, HasError bool
}

// estimate makes an estimate of a number; it is not known if the number is not finite. An error below 0 or not finite is missing.
func estimate(value, deviation float64) Estimate {
	if !finite(value) {
		return Estimate{}
	}
	m := Estimate{Value: value, Known: true}
	if deviation >= 0 && finite(deviation) {
		m.Error, m.HasError = deviation, true
	}
	return m
}

func exact(value float64) Estimate { return estimate(value, -1) }

// scaled multiplies an estimate, where it exists, by a positive factor.
func (m Estimate) scaled(factor float64) Estimate {
	if !m.Known {
		return m
	}
	if !m.HasError {
		return exact(m.Value * factor)
	}
	return estimate(m.Value*factor, m.Error*factor)
}

// shares are groups that have a value, with their shares of the population.
type shares struct {
	w, y, se  []float64
	at        []int // where each stands in the groups it came from
	mean      float64
	hasErrors bool
	total     float64 // population
}

func sharesOf(groups []Group) (s shares, ok bool) {
	s.hasErrors = true
	for i, g := range groups {
		if !finite(g.Value) {
			continue
		}
		if !(g.Population >= 0) {
			return shares{}, false
		}
		s.w, s.y, s.se, s.at = append(s.w, g.Population), append(s.y, g.Value), append(s.se, g.Error), append(s.at, i)
		s.total += g.Population
		s.hasErrors = s.hasErrors && g.Error > 0 && finite(g.Error)
	}
	if !(s.total > 0) || !finite(s.total) {
		return shares{}, false
	}
	for i := range s.w {
		s.w[i] /= s.total
	}
	s.mean = s.sum(func(i int) float64 { return s.y[i] })
	s.mean += s.sum(func(i int) float64 { return s.y[i] - s.mean }) // so that equal values have that value as their mean
	return s, finite(s.mean)
}

// sum is the weighted mean of f over the groups.
func (s shares) sum(f func(i int) float64) float64 {
	v := 0.0
	for i, w := range s.w {
		v += w * f(i)
	}
	return v
}

// plain is the mean of f over the groups, each counted once.
func (s shares) plain(f func(i int) float64) float64 {
	v := 0.0
	for i := range s.w {
		v += f(i) / float64(len(s.w))
	}
	return v
}

// propagated is the standard error of a function of the values with those derivatives, -1 without the errors of the values.
func (s shares) propagated(derivative func(i int) float64) float64 {
	if !s.hasErrors {
		return -1
	}
	v := 0.0
	for i, e := range s.se {
		v = math.Hypot(v, derivative(i)*e)
	}
	return v
}

// best is the group with the best value, the largest of those that share it: its rate is the least chance.
func (s shares) best(higherIsBetter bool) int {
	b := 0
	for i, y := range s.y {
		better := y > s.y[b]
		if !higherIsBetter {
			better = y < s.y[b]
		}
		if better || y == s.y[b] && s.w[i] > s.w[b] {
			b = i
		}
	}
	return b
}

// Disparity holds the measures of inequality among groups without an order. Measures that divide by the mean exist for a positive mean
// only, those with logarithms and Gini's for values that are not negative. Sources: WHO, Handbook on Health Inequality Monitoring, 2013,
// and its package healthequal; Harper and Lynch, Methods for Measuring Cancer Disparities, 2005.
type Disparity struct {
	Groups          int      // with a value
	Mean            float64  // of the values, weighted with the population
	Best            int      // index of the group with the best value
	RangeDifference Estimate // largest value − smallest
	RangeRatio      Estimate // largest value / smallest, if all are positive

	IndexUnweighted, IndexWeighted   Estimate // index of disparity: mean distance from Mean, in percent of Mean
	BetweenVariance                  Estimate // Σ w (y − mean)², in the square of the unit
	BetweenDeviation                 Estimate // its root
	Variation                        Estimate // BetweenDeviation in percent of Mean
	Theil, MeanLogDeviation          Estimate // not times 1000, as WHO's tools print them; the errors have the unit of the value
	Gini                             Estimate // 0 to 1
	FromMean, FromMeanWeighted       Estimate // mean distance from Mean, groups counted once or by their population
	FromBest, FromBestWeighted       Estimate // mean distance from the best group
	Attributable                     Estimate // best − mean: what the mean would gain if all were as the best are. No error; see Attributable
	AttributablePercent              Estimate // Attributable in percent of Mean
	FromReference, ReferenceWeighted Estimate // mean distance from the reference group
}

// Disparities measures how far groups are apart. reference is the index of the group that policy names, -1 for none; a small group with
// a lucky year is no reference. ok is false without a group that has a value and without population.
func Disparities(groups []Group, reference int, higherIsBetter bool) (d Disparity, ok bool) {
	s, ok := sharesOf(groups)
	if !ok {
		return Disparity{}, false
	}
	best := s.best(higherIsBetter)
	d = Disparity{Groups: len(s.w), Mean: s.mean, Best: s.at[best]}
	d.BetweenVariance = s.variance()
	if d.BetweenVariance.Known {
		deviation := -1.0
		if d.BetweenVariance.HasError && d.BetweenVariance.Value > 0 {
			deviation = d.BetweenVariance.Error / (2 * math.Sqrt(d.BetweenVariance.Value))
		}
		d.BetweenDeviation = estimate(math.Sqrt(d.BetweenVariance.Value), deviation)
	}
	d.FromMean, d.FromMeanWeighted = s.distance(s.mean)
	d.FromBest, d.FromBestWeighted = s.distance(s.y[best])
	d.Attributable = exact(s.y[best] - s.mean)
	if reference >= 0 && reference < len(groups) && finite(groups[reference].Value) {
		d.FromReference, d.ReferenceWeighted = s.distance(groups[reference].Value)
	}
	low, high := s.y[0], s.y[0]
	for _, y := range s.y {
		low, high = min(low, y), max(high, y)
	}
	d.RangeDifference = exact(high - low)
	if low > 0 {
		d.RangeRatio = exact(high / low)
	}
	if s.mean > 0 {
		percent := 100 / s.mean
		d.IndexUnweighted, d.IndexWeighted = d.FromMean.scaled(percent), d.FromMeanWeighted.scaled(percent)
		d.Variation, d.AttributablePercent = exact(d.BetweenDeviation.Value*percent), d.Attributable.scaled(percent)
		d.Variation.Known = d.Variation.Known && d.BetweenDeviation.Known
		d.Theil, d.MeanLogDeviation = s.theil(), s.logDeviation()
	}
	if s.mean > 0 && low >= 0 {
		d.Gini = s.gini()
	}
	return d, true
}

// distance is the mean absolute distance of the values from one, unweighted and weighted.
func (s shares) distance(from float64) (unweighted, weighted Estimate) {
	f := func(i int) float64 { return math.Abs(s.y[i] - from) }
	return exact(s.plain(f)), exact(s.sum(f))
}

// variance is the between-group variance; its error is the one of healthequal, exact for independent normal values.
func (s shares) variance() Estimate {
	v := s.sum(func(i int) float64 { d := s.y[i] - s.mean; return d * d })
	if !s.hasErrors {
		return exact(v)
	}
	var linear, squares, fourths, own float64
	for i, w := range s.w {
		e := w * s.se[i]
		d := (s.y[i] - s.mean) * e
		linear += d * d
		squares += e * e
		fourths += e * e * e * e
		own += e * e * (1 - w) * (1 - w) * s.se[i] * s.se[i]
	}
	return estimate(v, math.Sqrt(4*linear+2*(squares*squares-fourths+own)))
}

// theil is Σ w r ln r with r = y/mean, 0 for r = 0.
func (s shares) theil() Estimate {
	term := func(r float64) float64 {
		if r == 0 {
			return 0
		}
		return r * math.Log(r)
	}
	v := s.sum(func(i int) float64 { return term(s.y[i] / s.mean) })
	deviation := s.propagated(func(i int) float64 { return s.w[i] / s.mean * (math.Log(s.y[i]/s.mean) - v) })
	return estimate(v, deviation)
}

// logDeviation is −Σ w ln r; a value of 0 makes it infinite, so that it does not exist.
func (s shares) logDeviation() Estimate {
	v := s.sum(func(i int) float64 { return -math.Log(s.y[i] / s.mean) })
	deviation := s.propagated(func(i int) float64 { return s.w[i] * (1/s.mean - 1/s.y[i]) })
	return estimate(v, deviation)
}

// gini is half the mean distance of the values of two people, in units of the mean.
func (s shares) gini() Estimate {
	v := 0.0
	for i, w := range s.w {
		for j := range i {
			v += w * s.w[j] * math.Abs(s.y[i]-s.y[j]) / s.mean
		}
	}
	return exact(v)
}

// WithFloor returns the groups with values below a floor, a small positive number, raised to it. WHO's tools take Theil's index and the
// mean log deviation so, with 0.000001, for a group without any event; the mean log deviation then says more of the floor than of the
// groups.
func WithFloor(groups []Group, floor float64) []Group {
	raised := append([]Group(nil), groups...)
	for i := range raised {
		if raised[i].Value < floor {
			raised[i].Value = floor
		}
	}
	return raised
}

// Attributable gives the gain of the mean if all groups had the value of one, in the unit of the values and in percent of the mean. The
// values are so many in scale (100 for percent) of the people in Population, who must be counted, not only shared, for the errors; a
// scale of 0 leaves them out. The error is that of S. D. Walter, Biometrics 32, 1976, for the fraction; healthequal gives it for the
// fraction even where it prints percent, which makes that interval 100 times too narrow. A group that is worse than the mean has nothing to
// give: both are 0, without error. ok is false for a group without value and without a positive mean.
func Attributable(groups []Group, group int, higherIsBetter bool, scale float64) (gain, percent Estimate, ok bool) {
	s, ok := sharesOf(groups)
	if !ok || group < 0 || group >= len(groups) || !finite(groups[group].Value) || !(s.mean > 0) {
		return Estimate{}, Estimate{}, false
	}
	own := groups[group]
	difference := own.Value - s.mean
	if higherIsBetter == (difference < 0) && difference != 0 {
		return exact(0), exact(0), true
	}
	deviation := -1.0
	if scale > 0 && own.Population > 0 {
		events := s.mean / scale * s.total
		c := own.Value / scale * own.Population
		a, d := events-c, own.Population-c
		b := s.total - a - own.Population
		if v := (a*d*(s.total-c) + b*c*c) / (events * events) / events * c / (own.Population * own.Population) * s.total / own.Population; v >= 0 {
			deviation = math.Sqrt(v)
		}
	}
	if deviation < 0 {
		return exact(difference), exact(100 * difference / s.mean), true
	}
	return estimate(difference, deviation*s.mean), estimate(100*difference/s.mean, 100*deviation), true
}

// Against compares a group with the reference. Both are needed: success of 85 % against 95 % is a ratio of 0.89, the same said as
// failure one of 3.
type Against struct {
	Difference Estimate // y − reference
	Ratio      Estimate // y / reference, if both are positive or y is 0
}

// AgainstReference compares each group with the reference; the result is parallel to the groups. The errors take the groups for
// independent of each other. ok is false for a reference without a value.
func AgainstReference(groups []Group, reference int) (list []Against, ok bool) {
	if reference < 0 || reference >= len(groups) || !finite(groups[reference].Value) {
		return nil, false
	}
	r := groups[reference]
	list = make([]Against, len(groups))
	for i, g := range groups {
		if !finite(g.Value) {
			continue
		}
		if i == reference {
			list[i] = Against{Difference: exact(0)}
			if r.Value > 0 {
				list[i].Ratio = exact(1)
			}
			continue
		}
		known := g.Error > 0 && r.Error > 0
		difference, ratio := -1.0, -1.0
		if known {
			difference = math.Hypot(g.Error, r.Error)
			ratio = math.Hypot(g.Error/r.Value, g.Value/r.Value*(r.Error/r.Value))
		}
		list[i].Difference = estimate(g.Value-r.Value, difference)
		if r.Value > 0 && g.Value >= 0 {
			list[i].Ratio = estimate(g.Value/r.Value, ratio)
		}
	}
	return list, true
}

// FourFifths compares a rate of selection with the highest of all groups: below four fifths of it, the US agencies of the Uniform
// Guidelines (29 CFR 1607.4 D, 1978) see evidence of adverse impact. Exactly four fifths is not below. ok is false unless 0 ≤ rate and
// 0 < highest.
func FourFifths(rate, highest float64) (ratio float64, below, ok bool) {
	ratio = rate / highest
	if !(rate >= 0 && highest > 0) || !finite(rate) || !finite(ratio) {
		return 0, false, false
	}
	return ratio, ratio < 0.8*(1-1e-9), true
}
