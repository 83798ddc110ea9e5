package scorecard

import (
	"cmp"
	"math"
	"slices"

	"citystat/kpi"
)

// longestGap is the number of periods without observations that are filled. A longer gap comes from a row with a mistaken date, such as
// the year 0015, and thousands of empty periods would say nothing.
const longestGap = 400

// subject is an indicator with everything that its result depends on, but for the observations.
type subject struct {
	indicator *kpi.Indicator
	city      *kpi.City
	calendar  kpi.Calendar
	asOf      kpi.Date
	until     kpi.Date // the day until which the dataset's rows are known
}

// result makes the result of an indicator from its observations, in any order.
func (s subject) result(observations []kpi.Observation) (Result, error) {
	r := Result{Indicator: s.indicator}
	series, err := s.series(observations)
	if err != nil {
		return r, err
	}
	for _, group := range series {
		if group.dimension == "" {
			r.Total, r.Series = group.total, s.fill(group.points)
		} else {
			r.Members = append(r.Members, s.member(group))
		}
	}
	if r.Series == nil {
		r.Series = []Point{}
	}
	s.sortMembers(r.Members)
	s.describe(&r)
	return r, nil
}

// describe adds what is computed from the series: where the trajectory is, what is settled, signal and assessment.
func (s subject) describe(r *Result) {
	for k := range r.Series {
		p := &r.Series[k]
		p.Expected, p.ToDate = nil, nil // a public copy has those of the series with everything in it
		if e, ok := s.indicator.Expected(p.Period); ok {
			p.Expected = &e
		}
		p.Settled = s.indicator.Settled(p.Period, s.asOf)
	}
	in := kpi.AssessInput{Indicator: s.indicator, Calendar: s.calendar, AsOf: s.asOf, Bands: s.city.Bands, Signal: s.signal(r.Series)}
	for _, p := range r.Series {
		in.Series = append(in.Series, kpi.SeriesPoint{Period: p.Period, Observation: p.Observation})
	}
	s.toDate(r.Series, in.Series)
	r.Assessment = kpi.Assess(in)
	s.outlooks(r)
	r.Assessment.Trend = s.trend(r.Series)
	r.Equity = s.equity(r)
	r.Drivers = s.drivers(r)
	s.explain(r)
}

// toDate writes into the points what a year's total was at their end, and what it should have been.
func (s subject) toDate(series []Point, points []kpi.SeriesPoint) {
	if !s.indicator.AddsUp() {
		return
	}
	for k := range series {
		d, err := s.indicator.YearToDate(s.calendar, points, series[k].Period)
		if err != nil || !d.Known {
			continue
		}
		series[k].ToDate = number(d.Total)
		if e, _, ok := s.indicator.ExpectedToDate(s.calendar, points, d); ok {
			series[k].Expected = number(e)
		}
	}
}

// group is the observations of the whole city, or of one member of a dimension, by period.
type group struct {
	dimension, member string
	total             *kpi.Observation
	points            []Point
}

// series sorts observations into groups, the whole city first. Of several observations of one period the one of the newest definition and
// load counts. Periods of another kind are those of an older definition: they do not compare, and are left out. So are periods that
// begin after the as-of date; there should be none.
func (s subject) series(observations []kpi.Observation) ([]*group, error) {
	sorted := slices.Clone(observations)
	slices.SortStableFunc(sorted, func(a, b kpi.Observation) int {
		return cmp.Or(cmp.Compare(a.Dimension, b.Dimension), cmp.Compare(a.Member, b.Member), cmp.Compare(a.Period, b.Period),
			cmp.Compare(b.Version, a.Version), cmp.Compare(b.Load, a.Load))
	})
	sorted = slices.CompactFunc(sorted, func(a, b kpi.Observation) bool {
		return a.Dimension == b.Dimension && a.Member == b.Member && a.Period == b.Period
	})
	var list []*group
	for _, o := range sorted {
		if len(list) == 0 || list[len(list)-1].dimension != o.Dimension || list[len(list)-1].member != o.Member {
			list = append(list, &group{dimension: o.Dimension, member: o.Member})
		}
		if err := s.add(list[len(list)-1], o); err != nil {
			return nil, err
		}
	}
	for _, g := range list {
		slices.SortFunc(g.points, func(a, b Point) int { return a.Period.First.Compare(b.Period.First) })
	}
	return list, nil
}

// add puts an observation into its group.
func (s subject) add(g *group, o kpi.Observation) error {
	if o.Period == kpi.PeriodTotal {
		g.total = &o
		return nil
	}
	p, err := s.calendar.Parse(o.Period)
	if err != nil {
		return err
	}
	if p.Kind != s.indicator.Period || p.First.After(s.asOf) {
		return nil
	}
	o.Partial, o.Provisional = s.indicator.Partial(p, s.asOf), !s.indicator.Settled(p, s.asOf)
	g.points = append(g.points, Point{Period: p, Observation: o})
	return nil
}

// fill adds the periods without observations, from the first observed one to the newest that has begun.
func (s subject) fill(points []Point) []Point {
	if len(points) == 0 {
		return nil
	}
	known := s.until // the day until which a period without rows is known to have had none
	if before := points[len(points)-1].Period.First.AddDays(-1); known.IsZero() || known.Before(before) {
		known = before
	}
	if covered := s.indicator.Covered(s.asOf); covered.Before(known) {
		known = covered
	}
	var list []Point
	for k, p := range points {
		if k > 0 {
			list = append(list, s.gap(points[k-1].Period, p.Period.First.AddDays(-1), known)...)
		}
		list = append(list, p)
	}
	return append(list, s.gap(points[len(points)-1].Period, s.asOf, known)...)
}

// gap returns the periods after a period that begin on a day or before it, none if they are too many.
func (s subject) gap(after kpi.Period, until, known kpi.Date) []Point {
	var list []Point
	for p := s.calendar.Next(after); !p.First.After(until); p = s.calendar.Next(p) {
		if len(list) == longestGap {
			return nil
		}
		list = append(list, Point{Period: p, Observation: s.empty(p, !p.Last.After(known))})
	}
	return list
}

// empty is the observation of a period without rows: 0 for a flow, if rows of that time would be known; no value otherwise.
func (s subject) empty(p kpi.Period, known bool) kpi.Observation {
	o := kpi.Observation{Indicator: s.indicator.ID, Version: s.indicator.Version, Period: p.ID, AsOf: s.asOf, Partial: s.indicator.Partial(p, s.asOf), Provisional: !s.indicator.Settled(p, s.asOf)}
	if known && s.indicator.Measure.Flow() {
		var number, value float64
		o.Numerator, o.Value = &number, &value
	}
	return o
}

// member makes the series of a member of a dimension.
func (s subject) member(g *group) Member {
	m := Member{Dimension: g.dimension, Member: g.member, Total: g.total, Series: make([]kpi.Observation, 0, len(g.points))}
	for _, p := range g.points {
		m.Series = append(m.Series, p.Observation)
	}
	return m
}

// sortMembers puts dimensions in the order of the folder, districts too; other members follow by name, and last those that are none.
func (s subject) sortMembers(members []Member) {
	rank := func(m Member) int {
		switch m.Member {
		case kpi.MemberNotRecognised:
			return math.MaxInt - 1
		case kpi.MemberNotRecorded:
			return math.MaxInt
		}
		if m.Dimension == kpi.DimensionDistrict {
			if k := slices.IndexFunc(s.city.Districts, func(d kpi.District) bool { return d.ID == m.Member }); k >= 0 {
				return k
			}
		}
		return len(s.city.Districts)
	}
	slices.SortStableFunc(members, func(a, b Member) int {
		return cmp.Or(cmp.Compare(slices.Index(s.indicator.Dimensions, a.Dimension), slices.Index(s.indicator.Dimensions, b.Dimension)),
			cmp.Compare(a.Dimension, b.Dimension), cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Member, b.Member))
	})
}

// clean takes numbers that are not finite for no value, so that none reaches a page or breaks a JSON document.
func clean(o kpi.Observation) kpi.Observation {
	for _, v := range []**float64{&o.Numerator, &o.Denominator, &o.Value} {
		if *v != nil && (math.IsNaN(**v) || math.IsInf(**v, 0)) {
			*v = nil
		}
	}
	return o
}
