package scorecard

import (
	"math"
	"slices"

	"citystat/kpi"
	"citystat/kpi/stats"
)

// What may become of an evaluation, see [EvaluationStates].
const (
	evaluationAnswered  = "answered"
	evaluationTooBefore = "too_few_before" // periods with a value
	evaluationTooAfter  = "too_few_after"
	evaluationNoOthers  = "no_comparison" // nobody to compare with has a value before and one after
	evaluationNotFitted = "not_fitted"    // the method cannot be applied to such values
)

// Names of effects, see [EffectNames].
const (
	effectLevel      = "level"
	effectSlope      = "slope"
	effectAtEnd      = "at_end"
	effectRateRatio  = "rate_ratio"
	effectDifference = "difference"
)

const (
	evaluationConfidence = 0.95
	evaluationLevel      = 0.05 // of the test of the slopes before

	// unsureBelow is the number of periods below which limits by Newey and West are said to be too narrow: of 60 values that are independent,
	// limits of 95 percent hold the truth in 88 of 100 series, of 24 to 36 in 82 to 86 (see [stats.Segmented]).
	unsureBelow = 60

	// harmonicPairs is how many pairs of sine and cosine make a season (Bernal, Cummins, Gasparrini, Int. J. Epidemiol. 46, 2017: two for months).
	harmonicPairs = 2
	seasonName    = "harmonics"
	daysInWeek    = 7
)

// evaluations answers the questions of the city, in the order of the folder.
func evaluations(city *kpi.City, results []Result) []Evaluation {
	var list []Evaluation
	for _, e := range city.Evaluations {
		at := slices.IndexFunc(results, func(r Result) bool { return r.Indicator.ID == e.Indicator })
		if at < 0 {
			list = append(list, Evaluation{Definition: e, Method: e.Method, State: evaluationTooBefore})
			continue
		}
		list = append(list, evaluateWith(&results[at], e, nil))
	}
	return list
}

// evaluateWith answers a question from the result of its indicator. hidden says of a member in a period that its numbers may not be shown, and of
// the whole city if member is ""; nil: all may. The answer is computed from what may be shown alone: a period in which a member that is
// needed is hidden has no value, so that what is hidden changes nothing in the answer.
//
// It looks at settled periods of the newest definition that have a value and enough rows. A period is after if it begins on the day on which the thing
// was in force or later, and before if it ended before that day, or before the announcement; what lies between is left out. Those in Where
// are added up: Σ numerator / Σ denominator of a share, mean, ratio or rate. A median, percentile or duration of several members does not
// exist.
func evaluateWith(r *Result, e kpi.Evaluation, hidden func(member, period string) bool) Evaluation {
	v := newEvaluator(r, e, hidden)
	a := Evaluation{Definition: e, Method: e.Method}
	m := r.Indicator.Measure
	switch several := len(e.Where) > 1 && !m.Ratio() && !addable(m); {
	case e.Method == kpi.EvaluateDifferences:
		v.differences(&a)
	case several:
		a.State = evaluationNotFitted
	case e.Method == kpi.EvaluateCounts:
		v.counts(&a)
	default:
		a.Method = kpi.EvaluateSegments
		v.segments(&a)
	}
	if v.unseen {
		a.Warnings = append(a.Warnings, EvaluationHidden)
	}
	return a
}

// evaluator reads the series of an indicator for one evaluation.
type evaluator struct {
	kpi.Evaluation
	result *Result
	hidden func(member, period string) bool
	unseen bool                                   // something that was needed was hidden
	axis   []Point                                // the periods of the whole city, one after the other
	at     map[string]map[string]*kpi.Observation // by member and period
	start  int                                    // the first period after, in axis
	left   []bool                                 // periods that are neither before nor after
}

func newEvaluator(r *Result, e kpi.Evaluation, hidden func(member, period string) bool) *evaluator {
	v := &evaluator{Evaluation: e, result: r, hidden: hidden, axis: settledStretch(r.Series), at: map[string]map[string]*kpi.Observation{}}
	if hidden == nil {
		v.hidden = func(string, string) bool { return false }
	}
	for _, member := range slices.Concat(e.Where, e.ComparedTo) {
		m := r.Member(e.Dimension, member)
		if m == nil {
			continue
		}
		v.at[member] = make(map[string]*kpi.Observation, len(m.Series))
		for k := range m.Series {
			v.at[member][m.Series[k].Period] = &m.Series[k]
		}
	}
	until := e.Date // the first day of which it is not certain that nothing had changed
	if !e.AnnouncedOn.IsZero() && e.AnnouncedOn.Before(until) {
		until = e.AnnouncedOn
	}
	v.start, v.left = len(v.axis), make([]bool, len(v.axis))
	for k, p := range v.axis {
		if after := !p.Period.First.Before(e.Date); after {
			v.start = min(v.start, k)
		} else {
			v.left[k] = !p.Period.Last.Before(until)
		}
	}
	return v
}

// settledStretch is the end of a series in which every period is settled, of the newest definition and the one after the period before it.
func settledStretch(series []Point) []Point {
	end := len(series)
	for end > 0 && !series[end-1].Settled {
		end--
	}
	first, version := end, -1
	for ; first > 0; first-- {
		p := series[first-1]
		if !p.Settled || first < end && series[first].Period.First != p.Period.Last.AddDays(1) {
			break
		}
		if o := p.Observation; o.Value != nil {
			if version >= 0 && o.Version != version {
				break
			}
			version = o.Version
		}
	}
	return series[first:end]
}

// amount is what members together have in a period; value is NaN where there is none.
type amount struct {
	numerator, denominator, value float64
	rows                          int64
	members                       int // that have a value
}

// of returns the observation of a member in a period, of the whole city if member is "": nil if there is none. ok is false if it may not be seen.
func (v *evaluator) of(k int, member string) (o *kpi.Observation, ok bool) {
	period := v.axis[k].Period.ID
	if member == "" {
		o = &v.axis[k].Observation
	} else {
		o = v.at[member][period]
	}
	if v.hidden(member, period) || o != nil && o.Suppressed != kpi.NotSuppressed {
		v.unseen = true
		return nil, false
	}
	if city := v.axis[k].Observation; o != nil && o.Value != nil && city.Value != nil && o.Version != city.Version {
		return nil, false
	}
	return o, true
}

// amount adds members up in a period; none stand for the whole city.
func (v *evaluator) amount(k int, members []string) amount {
	if len(members) == 0 {
		members = []string{""}
	}
	none := amount{value: math.NaN()}
	var a amount
	for _, m := range members {
		o, ok := v.of(k, m)
		if !ok || !v.add(&a, k, m, o) {
			return none
		}
	}
	none.rows = a.rows
	kind := v.result.Indicator.Measure
	switch {
	case a.members == 0 || a.rows < int64(v.result.Indicator.Minimum):
		return none
	case kind.Ratio() && len(members) > 1:
		if a.denominator == 0 {
			return none
		}
		a.value = kind.Factor() * a.numerator / a.denominator
	case !kind.Ratio() && !addable(kind) && len(members) > 1:
		return none
	}
	if math.IsNaN(a.value) || math.IsInf(a.value, 0) {
		return none
	}
	return a
}

// addable reports whether values of members are added up.
func addable(m kpi.Measure) bool { return m.Flow() || m.Kind == kpi.MeasureLast }

// add adds the observation of a member. It reports false where what is missing makes the sum unknown: the rows of a place whose residents nobody
// counted, a flow of which nobody knows that it was 0.
func (v *evaluator) add(a *amount, k int, member string, o *kpi.Observation) bool {
	m := v.result.Indicator.Measure
	if o == nil {
		known := v.at[member] != nil && m.Flow() && v.axis[k].Observation.Value != nil
		if known {
			a.members++
		}
		return known || !m.EmptyIsZero()
	}
	a.rows += o.Rows
	if m.Ratio() {
		if o.Numerator == nil || o.Denominator == nil {
			return o.Rows == 0 && m.Kind != kpi.MeasureRate
		}
		a.numerator, a.denominator = a.numerator+*o.Numerator, a.denominator+*o.Denominator
	}
	if o.Value == nil {
		return !m.EmptyIsZero()
	}
	a.value += *o.Value
	a.members++
	return true
}

// amounts adds members up in every period.
func (v *evaluator) amounts(members []string) []amount {
	list := make([]amount, len(v.axis))
	for k := range list {
		list[k] = v.amount(k, members)
	}
	return list
}

// used returns of each period what get makes of it, NaN where it has no value or is left out.
func (v *evaluator) used(list []amount, get func(amount) float64) []float64 {
	values := make([]float64, len(list))
	for k, a := range list {
		if values[k] = get(a); v.left[k] || math.IsNaN(a.value) {
			values[k] = math.NaN()
		}
	}
	return values
}

func valueOf(a amount) float64 { return a.value }

// around counts the values before and after, and says where there are too few.
func (v *evaluator) around(a *Evaluation, values []float64, before, after int) bool {
	for k, x := range values {
		switch {
		case math.IsNaN(x):
		case k < v.start:
			a.Before++
		default:
			a.After++
		}
	}
	switch {
	case a.Before < before:
		a.State = evaluationTooBefore
	case a.After < after:
		a.State = evaluationTooAfter
	}
	return a.State == ""
}

// lines are what a method draws into a period: where its line lies, and where it would had nothing changed.
type lines func(k int) (fitted, without *float64)

// points are the periods from the first to the last with a value on either side.
func (v *evaluator) points(list []amount, drawn lines, sides ...[]amount) []EvaluationPoint {
	first, last := len(list), -1
	for _, side := range append(sides, list) {
		for k, a := range side {
			if !math.IsNaN(a.value) {
				first, last = min(first, k), max(last, k)
			}
		}
	}
	var points []EvaluationPoint
	for k := first; k <= last; k++ {
		p := EvaluationPoint{Period: v.axis[k].Period.ID, Value: number(list[k].value), Rows: list[k].rows, After: k >= v.start, LeftOut: v.left[k]}
		if drawn != nil {
			p.Fitted, p.Counterfactual = drawn(k)
		}
		points = append(points, p)
	}
	return points
}

// interruption is where the series may have changed. A season is that of the year; of days it is that of the week.
func (v *evaluator) interruption() stats.Interruption {
	in := stats.Interruption{Start: v.start}
	if !v.Seasonal {
		return in
	}
	kind := v.result.Indicator.Period
	if in.Season.Period, in.Season.Harmonics = cycle(kind), harmonicPairs; kind == kpi.Day {
		in.Season.Period, in.Season.Harmonics = daysInWeek, daysInWeek/2
	}
	if in.Season.Period == 0 {
		in.Season = stats.Season{}
	}
	return in
}

// seasonOf names what was done about the season.
func seasonOf(in stats.Interruption) string {
	if in.Season.Period == 0 {
		return ""
	}
	return seasonName
}

// segments answers by a line before and a line after.
func (v *evaluator) segments(a *Evaluation) {
	list, in := v.amounts(v.Where), v.interruption()
	a.Treated = v.points(list, nil)
	values := v.used(list, valueOf)
	if need := max(stats.MinAround, in.Season.Period); !v.around(a, values, need, need) {
		return
	}
	a.State = evaluationNotFitted
	fit, err := stats.SegmentedRegression(values, in, stats.HAC{Lag: stats.AutoLag})
	if err != nil {
		return
	}
	last := len(values) - 1
	for math.IsNaN(values[last]) {
		last--
	}
	end, ok := fit.EffectAt(last - v.start)
	if !ok {
		return
	}
	a.State, a.Lag, a.Season = evaluationAnswered, fit.Lag, seasonOf(in)
	a.Effects = []Effect{
		effectOf(effectLevel, v.axis[v.start].Period.ID, fit.Level), effectOf(effectSlope, "", fit.Slope), effectOf(effectAtEnd, v.axis[last].Period.ID, end),
	}
	if a.Before+a.After < unsureBelow {
		a.Warnings = append(a.Warnings, EvaluationShort)
	}
	a.Treated = v.points(list, v.drawn(func(k int) (float64, bool) { c, ok := fit.Fitted(k); return c.Value, ok },
		func(k int) (float64, bool) { c, ok := fit.Without(k); return c.Value, ok }))
}

// drawn makes lines of a model: its own where it was fitted, and after it the one of before, drawn on.
func (v *evaluator) drawn(fitted, without func(k int) (float64, bool)) lines {
	point := func(of func(k int) (float64, bool), k int) *float64 {
		if x, ok := of(k); ok {
			return number(x)
		}
		return nil
	}
	return func(k int) (*float64, *float64) {
		switch {
		case v.left[k]:
			return nil, point(without, k)
		case k < v.start:
			return point(fitted, k), nil
		}
		return point(fitted, k), point(without, k)
	}
}

// effectOf is an effect with its limits, those that can be known.
func effectOf(name, at string, c stats.Coefficient) Effect {
	e := Effect{Name: name, At: at, Size: c.Value}
	low, high, ok := c.Limits(evaluationConfidence)
	p, known := c.P()
	if ok && known {
		e.Low, e.High, e.P = &low, &high, &p
	}
	return e
}

// counts answers by how many times as high a rate is after as its line before, drawn on: quasi-Poisson, with a step at the start and no change of
// slope, as published analyses of this kind have it. What a share or rate is out of is its exposure.
func (v *evaluator) counts(a *Evaluation) {
	m := v.result.Indicator.Measure
	list, in := v.amounts(v.Where), v.interruption()
	in.NoSlope = true
	a.Treated = v.points(list, nil)
	values := v.used(list, valueOf)
	if need := max(stats.MinAround, in.Season.Period); !v.around(a, values, need, need) {
		return
	}
	a.State = evaluationNotFitted
	var exposure []float64
	switch {
	case m.Ratio():
		values = v.used(list, func(a amount) float64 { return a.numerator })
		exposure = v.used(list, func(a amount) float64 { return a.denominator })
	case !addable(m):
		return
	}
	fit, err := stats.CountsRegression(values, exposure, in, false)
	if err != nil {
		return
	}
	ratio := effectOf(effectRateRatio, "", fit.Level)
	for _, x := range []*float64{&ratio.Size, ratio.Low, ratio.High} {
		if x == nil {
			continue
		}
		if *x = math.Exp(*x); math.IsInf(*x, 0) {
			return
		}
	}
	a.State, a.Season, a.Effects, a.Dispersion = evaluationAnswered, seasonOf(in), []Effect{ratio}, number(fit.Dispersion)
	scaled := func(of func(k int) (float64, bool)) func(k int) (float64, bool) {
		return func(k int) (float64, bool) { x, ok := of(k); return m.Factor() * x, ok }
	}
	a.Treated = v.points(list, v.drawn(scaled(fit.RateAt), scaled(fit.RateWithout)))
}
