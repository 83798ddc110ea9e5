package scorecard

import (
	"math"

	"citystat/kpi"
	"citystat/kpi/stats"
)

const (
	equityConfidence = 0.95
	equityMonths     = 12 // periods are put together so far back, so that small groups have rows enough
)

// Methods of the intervals.
const (
	intervalWilson = "wilson" // of shares
	intervalByar   = "byar"   // of rates; exact for fewer than ten events
	intervalNone   = "none"   // the measure has none
)

// equity compares the groups of every dimension with the reference. It reads what the result shows: a group of which a number is suppressed
// is hidden whole, so what is computed of a public copy holds nothing that is not public.
func (s subject) equity(r *Result) []Equity {
	var list []Equity
	if r.Assessment.Period == "" || s.indicator.Measure.Flow() || s.indicator.Measure.Kind == kpi.MeasureLast {
		return nil // sums of unlike groups: there is nothing to compare
	}
	dimensions, reference := s.indicator.Dimensions, ""
	if p := s.indicator.Equity; p != nil {
		reference = p.Reference
		if len(p.By) > 0 {
			dimensions = p.By
		}
	}
	for _, d := range dimensions {
		if e := s.compare(r, d, reference); e != nil {
			list = append(list, *e)
		}
	}
	return list
}

// pool is what a group's periods together say. num and den are 0 where the measure has none.
type pool struct {
	value    float64 // in the indicator's unit; NaN: none
	num, den float64
	rows     int64
	hidden   kpi.Suppression
}

// compare makes the comparison of one dimension; nil where the city has no value, or fewer than two groups have.
func (s subject) compare(r *Result, dimension, reference string) *Equity {
	periods := s.pooled(r)
	if len(periods) == 0 {
		return nil
	}
	var city []kpi.Observation
	for _, id := range periods {
		if o := r.Observation(id, "", ""); o != nil {
			city = append(city, *o)
		}
	}
	whole := s.pool(city)
	e := &Equity{Dimension: dimension, Reference: reference, From: periods[0], To: periods[len(periods)-1], Method: s.intervals()}
	against := whole
	if reference != "" {
		against = pool{value: math.NaN()} // until it is found among the members: what has no rows is no reference, and the city is another one
	}
	shown := 0
	var pools []pool
	for k := range r.Members {
		m := &r.Members[k]
		if m.Dimension != dimension || m.Member == kpi.MemberNotRecorded || m.Member == kpi.MemberNotRecognised {
			continue
		}
		var list []kpi.Observation
		for _, id := range periods {
			if o := r.Observation(id, dimension, m.Member); o != nil {
				list = append(list, *o)
			}
		}
		p := s.pool(list)
		if m.Member == reference {
			against = p
		}
		if !math.IsNaN(p.value) {
			shown++
		}
		pools = append(pools, p)
		e.Groups = append(e.Groups, Group{Member: m.Member, Population: s.residents(dimension, m.Member)})
	}
	if shown < 2 || math.IsNaN(against.value) {
		return nil
	}
	e.Value, e.Low, e.High = s.limits(against)
	for k := range e.Groups {
		s.group(&e.Groups[k], pools[k], against, reference)
		if e.Groups[k].Verdict == VerdictHidden {
			e.Hidden++
		}
	}
	s.disparity(e)
	return e
}

// pooled returns the ids of the settled periods that are put together: those of the year that ends with the judged one, by the same
// definition. A quantile cannot be put together from parts, so it stands for the judged period alone.
func (s subject) pooled(r *Result) []string {
	judged := -1
	for k := range r.Series {
		if r.Series[k].Period.ID == r.Assessment.Period {
			judged = k
		}
	}
	if judged < 0 {
		return nil
	}
	last := r.Series[judged]
	if !s.indicator.Measure.Ratio() {
		return []string{last.Period.ID}
	}
	first := last.Period.Last.AddDays(1).AddMonths(-equityMonths)
	var list []string
	for k := 0; k <= judged; k++ {
		p := r.Series[k]
		if p.Settled && !p.Period.First.Before(first) && p.Observation.Version == last.Observation.Version {
			list = append(list, p.Period.ID)
		}
	}
	return list
}

// pool puts observations together.
func (s subject) pool(list []kpi.Observation) pool {
	p := pool{value: math.NaN()}
	for _, o := range list {
		if o.Suppressed != kpi.NotSuppressed {
			return pool{value: math.NaN(), hidden: o.Suppressed}
		}
		p.rows += o.Rows
		if o.Numerator != nil && o.Denominator != nil {
			p.num, p.den = p.num+*o.Numerator, p.den+*o.Denominator
		}
		if !s.indicator.Measure.Ratio() && o.Value != nil {
			p.value = *o.Value
		}
	}
	if s.indicator.Measure.Ratio() && p.den > 0 {
		p.value = s.indicator.Measure.Factor() * p.num / p.den
	}
	if math.IsInf(p.value, 0) {
		p.value = math.NaN()
	}
	return p
}

// residents is the population of a district, 0 where nobody counted it.
func (s subject) residents(dimension, member string) int64 {
	if dimension != kpi.DimensionDistrict || s.city.Population == nil {
		return 0
	}
	return s.city.Population.ByDistrict[member]
}

// intervals names the method that the measure's intervals come from.
func (s subject) intervals() string {
	switch s.indicator.Measure.Kind {
	case kpi.MeasureShare:
		return intervalWilson
	case kpi.MeasureRate:
		return intervalByar
	}
	return intervalNone
}

// interval is the 95 % interval of a group, in the indicator's unit.
func (s subject) interval(p pool) stats.Interval {
	factor := s.indicator.Measure.Factor()
	switch s.indicator.Measure.Kind {
	case kpi.MeasureShare:
		return stats.Wilson(p.num, p.den, equityConfidence).Scale(factor)
	case kpi.MeasureRate:
		if _, i, ok := stats.Rate(p.num, p.den, factor, equityConfidence, stats.OHID); ok {
			return i
		}
	}
	return stats.Interval{}
}

// Interval returns the 95 % interval of an observation, in the indicator's unit; nil where the measure has none, or the observation is not
// shown.
func Interval(ind *kpi.Indicator, o *kpi.Observation) (low, high *float64) {
	if o == nil || o.Value == nil {
		return nil, nil
	}
	s := subject{indicator: ind}
	_, low, high = s.limits(s.pool([]kpi.Observation{*o}))
	if low == nil || high == nil {
		return nil, nil
	}
	return low, high
}

func (s subject) limits(p pool) (value, low, high *float64) {
	i := s.interval(p)
	value = number(p.value)
	if i.HasLower && i.HasUpper {
		low, high = number(i.Lower), number(i.Upper)
	}
	return value, low, high
}

// group fills in what a group is beside the reference.
func (s subject) group(g *Group, p, against pool, reference string) {
	g.Suppressed = p.hidden
	if p.hidden != kpi.NotSuppressed {
		g.Verdict, g.Population = VerdictHidden, 0
		return
	}
	g.Rows, g.Verdict = p.rows, VerdictNone
	if math.IsNaN(p.value) {
		return
	}
	g.Value, g.Low, g.High = s.limits(p)
	g.Difference = number(p.value - against.value)
	if against.value > 0 {
		g.Ratio = number(p.value / against.value)
	}
	if reference == g.Member {
		g.Verdict = VerdictReference
		return
	}
	s.judgeGroup(g, p, against, reference == "")
}

// judgeGroup tests the difference itself: intervals that overlap say nothing. A group is part of the city, so it is tested against the rest of
// the city, and the difference from the city is that difference times the part that the rest has of it.
func (s subject) judgeGroup(g *Group, p, against pool, whole bool) {
	if s.intervals() == intervalNone || p.den <= 0 {
		return
	}
	other, part := against, 1.0
	if whole {
		other = pool{num: against.num - p.num, den: against.den - p.den}
		part = other.den / against.den
		if s.indicator.Measure.Kind == kpi.MeasureRate && other.num < 0 || other.den <= 0 {
			return
		}
	}
	difference, ok := s.difference(p, other)
	if !ok {
		return
	}
	difference = difference.Scale(part)
	g.DiffLow, g.DiffHigh = number(difference.Lower), number(difference.Upper)
	if !whole {
		s.ratio(g, p, other)
	}
	events := p.den
	if s.indicator.Measure.Kind == kpi.MeasureRate {
		events = p.num
	}
	switch {
	case events < stats.EventsPerGroup || p.rows < int64(s.indicator.Minimum):
		g.Verdict = VerdictTooFew
	default:
		g.Verdict = s.side(difference)
	}
}

// side says on which side of none a difference lies, in the indicator's direction.
func (s subject) side(difference stats.Interval) Verdict {
	switch {
	case difference.Lower <= 0 && difference.Upper >= 0:
		return VerdictSimilar
	case s.indicator.Direction != kpi.Up && s.indicator.Direction != kpi.Down:
		return VerdictDifferent
	case (difference.Lower > 0) == (s.indicator.Direction == kpi.Up):
		return VerdictBetter
	}
	return VerdictWorse
}

// difference is the 95 % interval of the difference of two groups, in the indicator's unit: Newcombe's of shares, the same way with the limits
// of both for rates (Zou and Donner, Statistics in Medicine 27, 2008).
func (s subject) difference(a, b pool) (stats.Interval, bool) {
	factor := s.indicator.Measure.Factor()
	if s.indicator.Measure.Kind == kpi.MeasureShare {
		_, i, ok := stats.ProportionDifference(a.num, a.den, b.num, b.den, equityConfidence)
		return i.Scale(factor), ok && i.HasLower && i.HasUpper
	}
	x, y := s.interval(a), s.interval(b)
	if !x.HasLower || !x.HasUpper || !y.HasLower || !y.HasUpper {
		return stats.Interval{}, false
	}
	p, q := factor*a.num/a.den, factor*b.num/b.den
	i := stats.Interval{
		Lower: p - q - math.Hypot(p-x.Lower, y.Upper-q), Upper: p - q + math.Hypot(x.Upper-p, q-y.Lower), HasLower: true, HasUpper: true,
	}
	return i, !math.IsNaN(i.Lower) && !math.IsNaN(i.Upper)
}

// ratio fills in the interval of the ratio to a reference that the group is no part of.
func (s subject) ratio(g *Group, a, b pool) {
	var i stats.Interval
	var ok bool
	if s.indicator.Measure.Kind == kpi.MeasureShare {
		_, i, ok = stats.ProportionRatio(a.num, a.den, b.num, b.den, equityConfidence)
	} else {
		_, i, _, ok = stats.RateRatio(a.num, a.den, b.num, b.den, equityConfidence)
	}
	if ok && i.HasLower && i.HasUpper {
		g.RatioLow, g.RatioHigh = number(i.Lower), number(i.Upper)
	}
}

// disparity fills in how far the groups that can be compared are apart, weighted by residents where all of them have some counted, else by what
// was counted of them.
func (s subject) disparity(e *Equity) {
	var groups []stats.Group
	population := true
	for _, g := range e.Groups {
		if g.Value == nil || g.Verdict == VerdictTooFew {
			continue
		}
		population = population && g.Population > 0
		groups = append(groups, stats.Group{Population: float64(g.Rows), Value: *g.Value})
	}
	if len(groups) < 2 {
		return
	}
	e.Weights = "rows"
	if population {
		e.Weights = "population"
		k := 0
		for _, g := range e.Groups {
			if g.Value != nil && g.Verdict != VerdictTooFew {
				groups[k].Population = float64(g.Population)
				k++
			}
		}
	}
	d, ok := stats.Disparities(groups, -1, s.indicator.Direction != kpi.Down)
	if !ok {
		e.Weights = ""
		return
	}
	if d.RangeDifference.Known {
		e.Range = number(d.RangeDifference.Value)
	}
	if d.IndexWeighted.Known {
		e.Disparity = number(d.IndexWeighted.Value)
	}
}
