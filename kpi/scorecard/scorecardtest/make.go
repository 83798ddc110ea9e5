package scorecardtest

import (
	"context"
	"math"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// history is one indicator and the history that is invented for it.
type history struct {
	indicator   kpi.Indicator
	months      int     // periods of the history
	newest      int     // the newest period, counted from the one in which the as-of date lies: 0, or negative
	volume      int     // rows a period in the whole city, about
	from, to    float64 // the level at the first and at the newest period, in the indicator's unit
	wobble      float64 // ups and downs around the level, in the indicator's unit
	excluded    map[string]int64
	undated     map[string]int64 // excluded rows without a period: in the total alone
	gaps        []int            // periods without a row
	noDistricts bool
	changedAt   int       // the period from which definition version 2 counts; 0: never
	season      []float64 // what is added to the level, by calendar month
	swing       float64   // by how much of itself the volume goes up and down in a year
	jumpAt      int       // the period from which the level lies higher by jump; 0: never
	jump        float64
	jumpIn      []string // the members in which it does; empty: in all
	thin        string   // a member with few rows
	seed        uint64   // of its chance, where it is not its place: then one that comes later changes no other
}

// level is the value wanted of a period, but for chance.
func (p history) level(i, n int, period kpi.Period) float64 {
	level := p.to
	if n > 1 {
		level = p.from + (p.to-p.from)*float64(i)/float64(n-1)
	}
	if len(p.season) > 0 {
		level += p.season[period.First.Month-1]
	}
	if p.jumpAt > 0 && i >= p.jumpAt && len(p.jumpIn) == 0 {
		level += p.jump
	}
	return level
}

// above is what lies on the level in a member alone.
func (p history) above(member string, i int) float64 {
	if p.jumpAt > 0 && i >= p.jumpAt && slices.Contains(p.jumpIn, member) {
		return p.jump
	}
	return 0
}

// share is the part of the whole city's rows that a member has, before they are made to add up.
func (p history) share(name string, m, n int) float64 {
	if name != "" && name == p.thin {
		return 0.03
	}
	return weight(m, n)
}

type builder struct {
	city     *kpi.City
	asOf     kpi.Date
	datasets []kpi.DatasetState
	record   scorecard.Record
	said     scorecard.Words
	seed     uint64
}

// card lets the engine make the scorecard of the plans, in their order, from the observations that are invented for them.
func (b *builder) card(plans []history) *scorecard.Scorecard {
	for _, p := range plans {
		b.city.Indicators = append(b.city.Indicators, p.indicator)
	}
	in := invention{city: b.city, datasets: b.datasets, record: b.record, said: b.said}
	n := uint64(0)
	for i := range plans {
		seed := plans[i].seed
		if seed == 0 {
			n++
			seed = n
		}
		b.seed = seed * 1_000_003
		in.observations = append(in.observations, b.observations(&b.city.Indicators[i], plans[i])...)
	}
	if len(in.observations) > 0 {
		in.version, in.liveAt = dataVersion, KnownAt
	}
	card, err := scorecard.NewBuilder(in, scorecard.WithWords(in)).Build(context.Background(), kpi.At{AsOf: b.asOf})
	must(err)
	card.Number, card.PublishedAt = 7, KnownAt.Add(time.Minute)
	return card
}

// invention is what stands in place of the stores.
type invention struct {
	city         *kpi.City
	version      int64
	liveAt       time.Time
	observations []kpi.Observation
	datasets     []kpi.DatasetState
	record       scorecard.Record
	said         scorecard.Words
}

// Definitions returns the city.
func (in invention) Definitions(context.Context, kpi.At) (*kpi.City, int, error) {
	return in.city, 3, nil
}

// Version returns the data version.
func (in invention) Version(context.Context, kpi.At) (int64, time.Time, error) {
	return in.version, in.liveAt, nil
}

// Observations returns what was invented.
func (in invention) Observations(context.Context, *kpi.City, kpi.At) ([]kpi.Observation, error) {
	return in.observations, nil
}

// Datasets returns what is known of the datasets.
func (in invention) Datasets(context.Context, *kpi.City, kpi.At) ([]kpi.DatasetState, error) {
	return in.datasets, nil
}

// Record returns the changes of the folder and what the rows say about trust.
func (in invention) Record(context.Context, *kpi.City, kpi.At) (scorecard.Record, error) {
	return in.record, nil
}

// next is a number in [-1, 1) that looks random and is always the same (splitmix64).
func (b *builder) next() float64 {
	b.seed += 0x9e3779b97f4a7c15
	z := b.seed
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return float64((z^(z>>31))>>11)/(1<<52) - 1
}

// observations invents the history of an indicator: of the whole city and of its members, by period and over all of them.
func (b *builder) observations(ind *kpi.Indicator, p history) []kpi.Observation {
	periods := b.periods(ind, p)
	members := b.members(ind, p)
	series := make([][]kpi.Observation, len(members))
	var list, city []kpi.Observation
	for i, period := range periods {
		level := p.level(i, len(periods), period) + p.wobble*b.next()
		parts := b.period(ind, p, period, i, level, members)
		for m := range parts {
			if parts[m].Rows > 0 || parts[m].ExcludedRows() > 0 {
				series[m] = append(series[m], parts[m])
			}
		}
		whole := b.sum(ind, "", parts, level)
		whole.Period, whole.Dimension, whole.Member = period.ID, "", ""
		b.clocks(ind, &whole, period)
		city = append(city, whole)
	}
	for m, name := range members {
		if name == "" || len(series[m]) == 0 {
			continue
		}
		total := b.total(ind, name, series[m], p.to, nil)
		total.Dimension, total.Member = kpi.DimensionDistrict, name
		list = append(append(list, series[m]...), *total)
	}
	if len(city) > 0 {
		list = append(append(list, city...), *b.total(ind, "", city, p.to, p.undated))
	}
	return list
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
	if p.noDistricts || len(b.city.DistrictsOn(b.asOf)) == 0 {
		return []string{""}
	}
	ind.Dimensions = []string{kpi.DimensionDistrict}
	var list []string
	for _, d := range b.city.DistrictsOn(b.asOf) {
		list = append(list, d.ID)
	}
	return append(list, kpi.MemberNotRecorded, kpi.MemberNotRecognised)
}

// period invents one period of every member.
func (b *builder) period(ind *kpi.Indicator, p history, period kpi.Period, i int, level float64, members []string) []kpi.Observation {
	out := make([]kpi.Observation, len(members))
	weights := 0.0
	for m, name := range members {
		weights += p.share(name, m, len(members))
	}
	volume := float64(p.volume) * (1 + p.swing*math.Cos(2*math.Pi*float64(period.First.Month)/12))
	for m, name := range members {
		share := p.share(name, m, len(members)) / weights
		o := kpi.Observation{Indicator: ind.ID, Version: version(p, i), Period: period.ID, Member: name}
		if name != "" {
			o.Dimension = kpi.DimensionDistrict
		}
		rows := int64(math.Round(volume * share * (1 + 0.15*b.next())))
		if slices.Contains(p.gaps, i) {
			rows = 0
		}
		here := level*(1+0.25*spread(m, len(members))) + p.above(name, i)
		switch ind.Measure.Kind {
		case kpi.MeasureCount:
			rows = int64(math.Max(0, math.Round(level*share)))
		case kpi.MeasureRate:
			if n := b.residents(name); n > 0 {
				o.Denominator = ptr(n)
				rows = int64(math.Max(0, math.Round(here*n/ind.Measure.Factor())))
			}
		}
		fill(ind, &o, rows, here, level*share)
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
	case kpi.MeasureRatio:
		per := math.Round(n * 1.4) // more than one a row
		o.Numerator, o.Denominator = ptr(math.Round(per*level*100/ind.Measure.Factor())/100), ptr(per)
	case kpi.MeasureRate:
		o.Numerator = ptr(n) // its denominator are the residents, who are there without rows
	case kpi.MeasureLast:
		if rows > 0 {
			o.Numerator = ptr(math.Max(0, math.Round(part)))
			o.Value = o.Numerator
		}
	case kpi.MeasureDuration:
		o.Numerator, o.Denominator = ptr(math.Floor(n*0.94)), ptr(n)
		if rows > 0 {
			o.Value = ptr(math.Max(0, math.Round(level)))
		}
	default:
		if rows > 0 {
			o.Value = ptr(math.Round(level*24) / 24)
		}
	}
	ratio(ind, o)
}

// ratio derives the value of a share, mean, ratio or rate from its numerator and denominator.
func ratio(ind *kpi.Indicator, o *kpi.Observation) {
	if !ind.Measure.Ratio() || o.Denominator == nil || *o.Denominator == 0 {
		return
	}
	o.Value = ptr(ind.Measure.Factor() * *o.Numerator / *o.Denominator)
}

// residents is how many people live in the whole city ("") or in a district; 0 where nobody counted them.
func (b *builder) residents(member string) float64 {
	switch p := b.city.Population; {
	case p == nil:
		return 0
	case member == "":
		return float64(p.Value)
	default:
		return float64(p.ByDistrict[member])
	}
}

// sum adds observations: Σ/Σ for ratios, the level for quantiles, which cannot be added. A rate is one of the residents of the member, or
// of the whole city ("").
func (b *builder) sum(ind *kpi.Indicator, member string, parts []kpi.Observation, level float64) kpi.Observation {
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
	case ind.Measure.Kind == kpi.MeasureRate:
		if o.Denominator = nil; b.residents(member) > 0 {
			o.Denominator = ptr(b.residents(member))
		}
		ratio(ind, &o)
	case ind.Measure.Ratio():
		ratio(ind, &o)
	case ind.Measure.Flow():
		o.Value = ptr(*o.Numerator)
	case ind.Measure.Kind == kpi.MeasureLast:
		o.Value = o.Numerator
	case ind.Measure.Kind == kpi.MeasureDuration && o.Rows > 0:
		o.Value = ptr(math.Max(0, math.Round(level)))
	case o.Rows > 0:
		o.Value = ptr(math.Round(level*24) / 24)
	}
	return o
}

func (b *builder) total(ind *kpi.Indicator, member string, series []kpi.Observation, level float64, undated map[string]int64) *kpi.Observation {
	o := b.sum(ind, member, series, level)
	if ind.Measure.Kind == kpi.MeasureLast { // a stock is that of the last day
		o.Numerator, o.Value = nil, nil
		for _, s := range series {
			if s.Value != nil {
				o.Numerator, o.Value = s.Numerator, s.Value
			}
		}
	}
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

// must stops a test run whose synthetic city is wrong: there is nobody to hand the error to.
func must(err error) {
	if err != nil {
		panic("scorecardtest: " + err.Error())
	}
}
