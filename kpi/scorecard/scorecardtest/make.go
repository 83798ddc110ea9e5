package scorecardtest

import (
	"math"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// history is one indicator and the history that is invented for it.
type history struct {
	indicator   kpi.Indicator
	signal      kpi.SignalKind
	signalRule  string
	months      int     // periods of the history
	newest      int     // the newest period, counted from the one in which the as-of date lies: 0, or negative
	volume      int     // rows a period in the whole city, about
	from, to    float64 // the level at the first and at the newest period, in the indicator's unit
	wobble      float64 // ups and downs around the level, in the indicator's unit
	excluded    map[string]int64
	undated     map[string]int64 // excluded rows without a period: in the total alone
	gaps        []int            // periods without a row
	noDistricts bool
	changedAt   int // the period from which definition version 2 counts; 0: never
}

type builder struct {
	city *kpi.City
	asOf kpi.Date
	seed uint64
}

// card builds the scorecard of the plans, in their order.
func (b *builder) card(plans []history) *scorecard.Scorecard {
	for _, p := range plans {
		b.city.Indicators = append(b.city.Indicators, p.indicator)
	}
	card := &scorecard.Scorecard{
		Number: 7, PublishedAt: KnownAt.Add(time.Minute), City: b.city, AsOf: b.asOf,
		KnownAt: KnownAt, Version: dataVersion, Folder: 3,
	}
	for i := range plans {
		b.seed = uint64(i+1) * 1_000_003
		card.Results = append(card.Results, b.result(&b.city.Indicators[i], plans[i]))
	}
	return card
}

// next is a number in [-1, 1) that looks random and is always the same (splitmix64).
func (b *builder) next() float64 {
	b.seed += 0x9e3779b97f4a7c15
	z := b.seed
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return float64((z^(z>>31))>>11)/(1<<52) - 1
}

func (b *builder) result(ind *kpi.Indicator, p history) scorecard.Result {
	periods := b.periods(ind, p)
	r := scorecard.Result{Indicator: ind}
	members := b.members(ind, p)
	series := make([][]kpi.Observation, len(members))
	var city []kpi.Observation
	for i, period := range periods {
		level := p.to
		if len(periods) > 1 {
			level = p.from + (p.to-p.from)*float64(i)/float64(len(periods)-1)
		}
		level += p.wobble * b.next()
		parts := b.period(ind, p, period, i, level, members)
		for m := range parts {
			if parts[m].Rows > 0 || parts[m].ExcludedRows() > 0 {
				series[m] = append(series[m], parts[m])
			}
		}
		whole := b.sum(ind, parts, level)
		whole.Period, whole.Dimension, whole.Member = period.ID, "", ""
		b.clocks(ind, &whole, period)
		city = append(city, whole)
		r.Series = append(r.Series, scorecard.Point{
			Period: period, Observation: whole, Expected: expected(ind, period), Settled: !whole.Partial && !whole.Provisional,
		})
	}
	for m, name := range members {
		if name == "" || len(series[m]) == 0 {
			continue
		}
		total := b.total(ind, series[m], p.to, nil)
		total.Dimension, total.Member = kpi.DimensionDistrict, name
		r.Members = append(r.Members, scorecard.Member{Dimension: kpi.DimensionDistrict, Member: name, Total: total, Series: series[m]})
	}
	if len(city) > 0 {
		r.Total = b.total(ind, city, p.to, p.undated)
	}
	r.Assessment = b.assess(ind, p, &r)
	return r
}

// periods returns the periods of a plan's history.
func (b *builder) periods(ind *kpi.Indicator, p history) []kpi.Period {
	cal, err := b.city.Calendar()
	must(err)
	list := make([]kpi.Period, p.months)
	day := b.asOf
	for i := p.newest; i < 0; i++ {
		period, err := cal.Period(ind.Period, day)
		must(err)
		day = period.First.AddDays(-1)
	}
	for i := p.months - 1; i >= 0; i-- {
		period, err := cal.Period(ind.Period, day)
		must(err)
		list[i], day = period, period.First.AddDays(-1)
	}
	return list
}

// members returns the districts of the city and the two members for rows without one; a single "" if there are none.
func (b *builder) members(ind *kpi.Indicator, p history) []string {
	if p.noDistricts || len(b.city.Districts) == 0 {
		return []string{""}
	}
	ind.Dimensions = []string{kpi.DimensionDistrict}
	var list []string
	for _, d := range b.city.Districts {
		list = append(list, d.ID)
	}
	return append(list, kpi.MemberNotRecorded, kpi.MemberNotRecognised)
}

// period invents one period of every member.
func (b *builder) period(ind *kpi.Indicator, p history, period kpi.Period, i int, level float64, members []string) []kpi.Observation {
	out := make([]kpi.Observation, len(members))
	weights := 0.0
	for m := range members {
		weights += weight(m, len(members))
	}
	for m, name := range members {
		share := weight(m, len(members)) / weights
		o := kpi.Observation{Indicator: ind.ID, Version: version(p, i), Period: period.ID, Member: name}
		if name != "" {
			o.Dimension = kpi.DimensionDistrict
		}
		rows := int64(math.Round(float64(p.volume) * share * (1 + 0.15*b.next())))
		if contains(p.gaps, i) {
			rows = 0
		}
		if ind.Measure.Kind == kpi.MeasureCount {
			rows = int64(math.Max(0, math.Round(level*share)))
		}
		fill(ind, &o, rows, level*(1+0.25*spread(m, len(members))), level*share)
		for reason, n := range p.excluded {
			if k := int64(math.Round(float64(n) * share)); k > 0 {
				o.Excluded = add(o.Excluded, reason, k)
			}
		}
		b.clocks(ind, &o, period)
		out[m] = o
	}
	return out
}

// fill gives o its rows, numerator, denominator and value. The level is the value wanted, part what a sum should come to.
func fill(ind *kpi.Indicator, o *kpi.Observation, rows int64, level, part float64) {
	o.Rows = rows
	n := float64(rows)
	switch ind.Measure.Kind {
	case kpi.MeasureCount:
		o.Numerator, o.Value = ptr(n), ptr(n)
	case kpi.MeasureSum:
		sum := math.Max(0, math.Round(part))
		if rows == 0 {
			sum = 0
		}
		o.Numerator, o.Value = ptr(sum), ptr(sum)
	case kpi.MeasureShare:
		o.Numerator, o.Denominator = ptr(math.Round(n*math.Min(100, math.Max(0, level))/100)), ptr(n)
	case kpi.MeasureMean:
		o.Numerator, o.Denominator = ptr(math.Round(n*level*4)/4), ptr(n)
	default:
		if rows > 0 {
			o.Value = ptr(math.Round(level*24) / 24)
		}
	}
	ratio(ind, o)
}

// ratio derives the value of a share or a mean from its numerator and denominator.
func ratio(ind *kpi.Indicator, o *kpi.Observation) {
	if !ind.Measure.Ratio() || o.Denominator == nil || *o.Denominator == 0 {
		return
	}
	v := *o.Numerator / *o.Denominator
	if ind.Measure.Kind == kpi.MeasureShare {
		v = 100 * *o.Numerator / *o.Denominator
	}
	o.Value = ptr(v)
}

// sum adds observations: Σ/Σ for ratios, the level for quantiles, which cannot be added.
func (b *builder) sum(ind *kpi.Indicator, parts []kpi.Observation, level float64) kpi.Observation {
	o := kpi.Observation{Indicator: ind.ID}
	for _, p := range parts {
		o.Version = p.Version
		o.Rows += p.Rows
		o.Numerator, o.Denominator = plus(o.Numerator, p.Numerator), plus(o.Denominator, p.Denominator)
		for reason, n := range p.Excluded {
			o.Excluded = add(o.Excluded, reason, n)
		}
	}
	switch {
	case ind.Measure.Ratio():
		ratio(ind, &o)
	case ind.Measure.Flow():
		o.Value = ptr(*o.Numerator)
	case o.Rows > 0:
		o.Value = ptr(math.Round(level*24) / 24)
	}
	return o
}

func (b *builder) total(ind *kpi.Indicator, series []kpi.Observation, level float64, undated map[string]int64) *kpi.Observation {
	o := b.sum(ind, series, level)
	o.Period, o.AsOf, o.Load = kpi.PeriodTotal, b.asOf, dataVersion
	for reason, n := range undated {
		o.Excluded = add(o.Excluded, reason, n)
	}
	for _, s := range series {
		o.Partial, o.Provisional = o.Partial || s.Partial, o.Provisional || s.Provisional
	}
	return &o
}

// clocks sets what follows from the as-of date.
func (b *builder) clocks(ind *kpi.Indicator, o *kpi.Observation, p kpi.Period) {
	o.AsOf, o.Load = b.asOf, dataVersion
	o.Partial = b.asOf.Before(p.Last)
	o.Provisional = b.asOf.Before(ind.SettledOn(p))
	if !o.Provisional {
		o.Load = dataVersion - 3
	}
}

// weight makes the first districts larger than the last ones; rows without a district are few.
func weight(m, n int) float64 {
	if n > 2 && m >= n-2 {
		return 0.25 / float64(m-n+3)
	}
	return 2 - float64(m)/float64(n)
}

// spread is in [-0.5, 0.5]: some districts are better served than others.
func spread(m, n int) float64 {
	if n <= 1 {
		return 0
	}
	return float64((m*5)%n)/float64(n-1) - 0.5
}

func version(p history, i int) int {
	if p.changedAt > 0 && i >= p.changedAt {
		return 2
	}
	return 1
}

func ptr(v float64) *float64 { return &v }

func plus(a, b *float64) *float64 {
	if a == nil || b == nil {
		if a == nil {
			a = b
		}
		return a
	}
	return ptr(*a + *b)
}

func add(m map[string]int64, k string, n int64) map[string]int64 {
	if m == nil {
		m = map[string]int64{}
	}
	m[k] += n
	return m
}

func contains(list []int, i int) bool {
	for _, k := range list {
		if k == i {
			return true
		}
	}
	return false
}

// must stops a test run whose synthetic city is wrong: there is nobody to hand the error to.
func must(err error) {
	if err != nil {
		panic("scorecardtest: " + err.Error())
	}
}
