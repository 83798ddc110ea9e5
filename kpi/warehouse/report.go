package warehouse

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"citystat/kpi"
)

// maxObservations bounds the observations of one indicator. A single wrong date, such as one in the year 1900 in an indicator by day,
// would otherwise make a hundred thousand periods without rows.
const maxObservations = 500_000

// report makes observations of what was counted.
func (o *observer) report(t *tally) ([]kpi.Observation, error) {
	var list []kpi.Observation
	for i, p := range t.group.plans {
		r := &reporter{observer: o, periods: t.group.periods[:len(t.group.until(o.asOf.day))], plan: p, first: -1}
		for n, c := range t.series[i][theCity].periods {
			if c.counted > 0 && (r.first < 0 || n < r.first) {
				r.first = n
			}
		}
		found, err := r.places(t, t.series[i])
		if err != nil {
			return nil, fmt.Errorf("indicator %s: %w", p.ind.ID, err)
		}
		list = append(list, found...)
	}
	return list, nil
}

// reporter makes the observations of one indicator.
type reporter struct {
	*observer
	periods []kpi.Period
	plan    *plan
	first   int // the first period with a counted row in the whole city; -1: none
}

// places goes through the city and the members of whose rows some take part, in order.
func (r *reporter) places(t *tally, known map[place]*series) ([]kpi.Observation, error) {
	all := map[place]*series{}
	for where, s := range known {
		if where == theCity || s.total.taking() {
			all[where] = s
		}
	}
	if r.plan.ind.Measure.EmptyIsZero() {
		for _, where := range r.filled(t) {
			if all[where] == nil {
				all[where] = &series{periods: map[int]*cell{}}
			}
		}
		if n := (len(r.periods) - r.first) * len(all); r.first >= 0 && n > maxObservations {
			return nil, kpi.Errorf(kpi.CodeInvalid, "its first row is of %s, and by %s that makes %d values, most of them 0; exclude rows with such a date, or choose a longer period", r.periods[r.first].ID, t.group.kind, n)
		}
	}
	var list []kpi.Observation
	for _, where := range slices.SortedFunc(maps.Keys(all), comparePlaces) {
		found, err := r.series(where, all[where])
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.dimension, b.dimension), cmp.Compare(a.member, b.member))
}

// filled lists the places in which a flow or rate without rows is 0: those members that the dataset knows at all, and the city's districts.
func (r *reporter) filled(t *tally) []place {
	var list []place
	for d, name := range r.dataset.Dimensions {
		for m, rows := range t.members[d] {
			if rows > 0 {
				list = append(list, place{d, m})
			}
		}
		if column(r.dataset, name).Type == kpi.TypeDistrict {
			for _, district := range r.city.Districts {
				list = append(list, place{d, district.ID})
			}
		}
	}
	return list
}

// series makes the observations of one place: a value for every period that has one, and the total.
func (r *reporter) series(where place, s *series) ([]kpi.Observation, error) {
	var list []kpi.Observation
	ind := r.plan.ind
	zeros := ind.Measure.EmptyIsZero()
	for n, p := range r.periods {
		c := s.periods[n]
		zero := zeros && r.first >= 0 && n >= r.first && !p.First.After(ind.Covered(r.asOf.day))
		if c == nil && zero {
			c = &cell{}
		}
		if c == nil || !zero && !c.taking() {
			continue
		}
		o, err := r.observation(where, p.ID, c)
		if err != nil {
			return nil, err
		}
		o.Partial, o.Provisional = ind.Partial(p, r.asOf.day), !ind.Settled(p, r.asOf.day)
		list = append(list, o)
	}
	total, err := r.observation(where, kpi.PeriodTotal, &s.total)
	return append(list, total), err
}

func (r *reporter) observation(where place, period string, c *cell) (kpi.Observation, error) {
	o := kpi.Observation{Indicator: r.plan.ind.ID, Version: r.plan.ind.Version, Period: period, Member: where.member, Rows: c.counted, AsOf: r.asOf.day}
	if where.dimension >= 0 {
		o.Dimension = r.dataset.Dimensions[where.dimension]
	}
	for i, n := range c.excluded {
		if n > 0 {
			if o.Excluded == nil {
				o.Excluded = map[string]int64{}
			}
			o.Excluded[r.plan.reasons[i]] += n
		}
	}
	if n := r.plan.unusable(c); n > 0 {
		return o, kpi.Errorf(kpi.CodeInvalid, "%s: %d of %d values are not finite or beyond ±%g; correct the source or exclude such rows", period, n, c.counted, maxValue)
	}
	r.value(&o, where, c)
	for _, v := range []*float64{o.Numerator, o.Denominator, o.Value} {
		if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
			return o, kpi.Errorf(kpi.CodeInvalid, "%s: the value is not finite; correct the source or exclude rows", period)
		}
	}
	return o, nil
}

// unusable is the number of counted rows whose value can neither be summed nor ranked. Where there are two, it is that of the one that more lack.
func (p *plan) unusable(c *cell) int64 {
	var n int64
	for i, a := range []exactSum{c.of, c.per}[:len(p.summed())] {
		if lack := c.counted - a.rows; i == 0 || lack > n {
			n = lack
		}
	}
	if p.quantile() {
		n = c.counted - c.ranked
	}
	return n
}

// value fills in numerator, denominator and value, by the kind of measure.
func (r *reporter) value(o *kpi.Observation, where place, c *cell) {
	m := r.plan.ind.Measure
	rows, sum := float64(c.counted), c.of.float()
	switch m.Kind {
	case kpi.MeasureCount:
		o.Numerator, o.Value = &rows, &rows
	case kpi.MeasureSum:
		o.Numerator, o.Value = &sum, &sum
	case kpi.MeasureMean:
		o.Numerator, o.Denominator = &sum, &rows
	case kpi.MeasureShare:
		holds := float64(c.holds)
		o.Numerator, o.Denominator = &holds, &rows
	case kpi.MeasureRatio:
		per := c.per.float()
		o.Numerator, o.Denominator = &sum, &per
	case kpi.MeasureRate:
		o.Numerator, o.Denominator = &rows, r.residents(where)
	case kpi.MeasureLast:
		if c.of.rows > 0 {
			o.Numerator, o.Value = &sum, &sum
		}
	case kpi.MeasureDuration:
		closed := float64(c.holds)
		o.Numerator, o.Denominator, o.Value = &closed, &rows, c.quantile
	case kpi.MeasureMedian, kpi.MeasurePercentile:
		o.Value = c.quantile
	}
	if m.Ratio() && o.Denominator != nil && *o.Denominator != 0 {
		v := m.Factor() * *o.Numerator / *o.Denominator
		o.Value = &v
	}
}

// residents is the number of residents of a place: of the city, or of a district where the folder says it; nil: nobody counted them.
func (r *reporter) residents(where place) *float64 {
	p := r.city.Population
	if p == nil {
		return nil
	}
	n := p.Value
	if where.dimension >= 0 {
		n = 0
		if column(r.dataset, r.dataset.Dimensions[where.dimension]).Type == kpi.TypeDistrict {
			n = p.ByDistrict[where.member]
		}
	}
	if n <= 0 {
		return nil
	}
	v := float64(n)
	return &v
}

// sortObservations puts observations into the order in which everybody sees them: by indicator as in the folder, the city before the dimensions,
// members by name with those that are no members last, periods by time with the total last.
func sortObservations(city *kpi.City, list []kpi.Observation) {
	rank := make(map[string]int, len(city.Indicators))
	for i := range city.Indicators {
		rank[city.Indicators[i].ID] = i
	}
	slices.SortFunc(list, func(a, b kpi.Observation) int {
		// Ids of periods of one kind sort by time, and "total" after all of them.
		return cmp.Or(cmp.Compare(rank[a.Indicator], rank[b.Indicator]), cmp.Compare(a.Indicator, b.Indicator), cmp.Compare(a.Version, b.Version),
			cmp.Compare(a.Dimension, b.Dimension), cmp.Compare(reserved(a.Member), reserved(b.Member)), cmp.Compare(a.Member, b.Member), cmp.Compare(a.Period, b.Period))
	})
}

// reserved puts the members that stand for rows without one behind the others.
func reserved(member string) int {
	switch member {
	case kpi.MemberNotRecorded:
		return 1
	case kpi.MemberNotRecognised:
		return 2
	}
	return 0
}
