package scorecard

import (
	"cmp"
	"math"
	"slices"

	"citystat/kpi"
	"citystat/kpi/stats"
)

// addsUp is the share of the sizes of its parts by which a sum of groups may miss the city, so that the last digits of a float are no rest.
const addsUp = 1e-9

// leastFolded is the number of members whose numbers are not shown that must stand together: of one alone, what the others leave of the city is its
// number.
const leastFolded = 2

// periodsCompared is how many there are: from and to.
const periodsCompared = 2

// drivers divides the change of the judged period among the groups of each dimension: since the same period a year before, or where that has no
// value since the settled one before it. Nothing is divided between two definitions, nor where one of the periods has too few rows.
func (s subject) drivers(r *Result) []Drivers {
	to := slices.IndexFunc(r.Series, func(p Point) bool { return p.Period.ID == r.Assessment.Period })
	if to < 0 || !s.divisible(r.Series[to], r.Series[to]) {
		return nil
	}
	from := s.before(r.Series, to)
	if from < 0 {
		return nil
	}
	var list []Drivers
	for k, m := range r.Members {
		if k > 0 && r.Members[k-1].Dimension == m.Dimension {
			continue
		}
		if d, ok := driversOf(r, m.Dimension, r.Series[from].Period.ID, r.Series[to].Period.ID, nil); ok {
			list = append(list, d)
		}
	}
	return list
}

// divisible reports whether a period can be compared with the judged one.
func (s subject) divisible(p, judged Point) bool {
	o := p.Observation
	return p.Settled && o.Value != nil && o.Suppressed == kpi.NotSuppressed && o.Rows >= int64(s.indicator.Minimum) && o.Version == judged.Observation.Version
}

// before returns the place of the period with which the one at a place is compared, -1 if there is none.
func (s subject) before(series []Point, to int) int {
	year := s.yearBefore(series[to].Period)
	last := -1
	for k, p := range series[:to] {
		if !s.divisible(p, series[to]) {
			continue
		}
		if p.Period.ID == year {
			return k
		}
		last = k
	}
	return last
}

// yearBefore is the id of the same period a year before. Of a day or a week it is the one 52 weeks before, so that it has the same days of the week.
func (s subject) yearBefore(p kpi.Period) string {
	day := p.First.AddMonths(-12)
	if p.Kind == kpi.Day || p.Kind == kpi.Week {
		day = p.First.AddDays(-52 * 7)
	}
	year, err := s.calendar.Period(p.Kind, day)
	if err != nil {
		return ""
	}
	return year.ID
}

// driversWith returns the drivers of a result as far as they may be shown: what hidden holds for enters together, as what the others leave of the
// city. Numbers that are hidden change nothing in what is returned. A dimension whose groups do not add up has none, as in the result itself.
func driversWith(r *Result, hidden func(dimension, member, period string) bool) []Drivers {
	var list []Drivers
	for _, d := range r.Drivers {
		hide := func(member, period string) bool { return hidden(d.Dimension, member, period) }
		if shown, ok := driversOf(r, d.Dimension, d.From, d.To, hide); ok {
			list = append(list, shown)
		}
	}
	return list
}

// driversOf divides the change of the whole city between two periods among the members of a dimension; ok is false where it cannot be divided
// without a rest: no value in one of the periods, members that do not add up to the city, a measure that has no parts, or fewer than two groups.
//
// hidden says of a member in a period that its numbers may not be shown, and of the whole city if member is ""; nil: all may. Who is hidden in
// one of the periods enters in both into one group without a name: the city less those that are shown, so that it tells nothing that
// these do not. Whether members add up to the city cannot be seen then: the caller asks for dimensions of which it is known. If fewer than two
// are hidden in a period in which somebody is, nothing is divided: a single one would be the rest of a subtraction, and to put it together with one
// that is shown elsewhere would hide nothing.
func driversOf(r *Result, dimension, from, to string, hidden func(member, period string) bool) (d Drivers, ok bool) {
	q := division{measure: r.Indicator.Measure}
	for t, period := range []string{from, to} {
		o := r.Observation(period, "", "")
		if o == nil || !q.city.set(t, o) || hidden != nil && hidden("", period) {
			return Drivers{}, false
		}
	}
	if !q.collect(r.Members, dimension, [periodsCompared]string{from, to}, hidden) || !q.divide() {
		return Drivers{}, false
	}
	d = Drivers{Dimension: dimension, From: from, To: to, Change: q.city.value[1] - q.city.value[0], Groups: q.groups}
	total := 0.0
	for _, g := range d.Groups {
		d.Rate, d.Mix, total = d.Rate+g.Rate, d.Mix+g.Mix, total+g.Total
	}
	if size := math.Max(math.Abs(q.city.value[0]), math.Abs(q.city.value[1])); !(math.Abs(total-d.Change) <= addsUp*size) || math.IsInf(d.Rate, 0) || math.IsInf(d.Mix, 0) {
		return Drivers{}, false
	}
	slices.SortStableFunc(d.Groups, func(a, b Driver) int { return cmp.Compare(math.Abs(b.Total), math.Abs(a.Total)) })
	return d, len(d.Groups) >= 2
}

// portion is what a group brings into the two periods. What it does not bring is 0.
type portion struct {
	member                        string
	numerator, denominator, value [periodsCompared]float64
	hasNumerator, hasDenominator  [periodsCompared]bool
}

// set takes the numbers of an observation; it reports whether it has a value. What is not finite is no number.
func (p *portion) set(t int, o *kpi.Observation) bool {
	if o.Suppressed != kpi.NotSuppressed {
		return false
	}
	take := func(v *float64, to *[periodsCompared]float64) bool {
		if v == nil || number(*v) == nil {
			return false
		}
		to[t] = *v
		return true
	}
	p.hasNumerator[t], p.hasDenominator[t] = take(o.Numerator, &p.numerator), take(o.Denominator, &p.denominator)
	return take(o.Value, &p.value)
}

// nothing reports whether the group brings nothing into either period.
func (p *portion) nothing() bool {
	none := [periodsCompared]float64{}
	return p.numerator == none && p.denominator == none && p.value == none
}

// division is the city in two periods and the groups among which its change is divided.
type division struct {
	measure kpi.Measure
	city    portion
	parts   []portion
	folded  bool // the last part is the city less the others
	groups  []Driver
}

// collect takes the members, those that are hidden as one. It reports false if these are too few to stand together.
func (q *division) collect(members []Member, dimension string, periods [periodsCompared]string, hidden func(member, period string) bool) bool {
	var count [periodsCompared]int
	for k := range members {
		m := &members[k]
		if m.Dimension != dimension {
			continue
		}
		p, fold := portion{member: m.Member}, false
		for t, period := range periods {
			at := slices.IndexFunc(m.Series, func(o kpi.Observation) bool { return o.Period == period })
			switch {
			case at < 0:
			case m.Series[at].Suppressed != kpi.NotSuppressed || hidden != nil && hidden(m.Member, period):
				fold = true
				count[t]++
			default:
				p.set(t, &m.Series[at])
			}
		}
		if fold {
			q.folded = true
		} else if !p.nothing() {
			q.parts = append(q.parts, p)
		}
	}
	if count[0] > 0 && count[0] < leastFolded || count[1] > 0 && count[1] < leastFolded || q.folded && len(q.parts) == 0 {
		return false
	}
	if q.folded {
		q.parts = append(q.parts, q.rest())
	}
	return true
}

// rest is what the parts leave of the city.
func (q *division) rest() portion {
	of := func(get func(*portion) float64) float64 {
		left := get(&q.city)
		size := math.Abs(left)
		for k := range q.parts {
			v := get(&q.parts[k])
			left, size = left-v, size+math.Abs(v)
		}
		if math.Abs(left) <= addsUp*size {
			return 0
		}
		return left
	}
	rest := portion{hasNumerator: q.city.hasNumerator, hasDenominator: q.city.hasDenominator}
	for t := range periodsCompared {
		rest.numerator[t] = of(func(p *portion) float64 { return p.numerator[t] })
		rest.denominator[t] = of(func(p *portion) float64 { return p.denominator[t] })
		rest.value[t] = of(func(p *portion) float64 { return p.value[t] })
	}
	return rest
}

// sums reports whether the parts add up to the city, but for the last digits.
func (q *division) sums(get func(p *portion, t int) float64) bool {
	for t := range periodsCompared {
		sum, size := 0.0, math.Abs(get(&q.city, t))
		for k := range q.parts {
			v := get(&q.parts[k], t)
			sum, size = sum+v, size+math.Abs(v)
		}
		if !(math.Abs(sum-get(&q.city, t)) <= addsUp*size) || math.IsInf(size, 0) {
			return false
		}
	}
	return true
}

func partOfNumerator(p *portion, t int) float64   { return p.numerator[t] }
func partOfDenominator(p *portion, t int) float64 { return p.denominator[t] }
func partOfValue(p *portion, t int) float64       { return p.value[t] }

// divide divides the change by the kind of measure. Medians, percentiles and durations of a city are not made of those of its parts.
func (q *division) divide() bool {
	switch m := q.measure; {
	case m.Flow(), m.Kind == kpi.MeasureLast:
		return q.sums(partOfValue) && q.add(partOfValue, 1)
	case m.Kind == kpi.MeasureRate && q.city.denominator[0] == q.city.denominator[1] && q.city.denominator[0] > 0:
		// As many residents as before: the rows add up, also those of no district, for which there are no residents to compare with.
		return q.sums(partOfNumerator) && q.add(partOfNumerator, m.Factor()/q.city.denominator[0])
	case m.Ratio():
		return q.whole() && q.sums(partOfNumerator) && q.sums(partOfDenominator) && q.split()
	}
	return false
}

// whole reports whether the numbers of which a ratio is made are known of the city, and give its value.
func (q *division) whole() bool {
	for t := range periodsCompared {
		if !q.city.hasNumerator[t] || !q.city.hasDenominator[t] || !(q.city.denominator[t] > 0) {
			return false
		}
		v := q.measure.Factor() * q.city.numerator[t] / q.city.denominator[t]
		if !(math.Abs(v-q.city.value[t]) <= addsUp*math.Abs(v)) {
			return false
		}
	}
	return true
}

// add divides what adds up: each group contributes by how much it changed.
func (q *division) add(get func(p *portion, t int) float64, factor float64) bool {
	before, after := make([]float64, len(q.parts)), make([]float64, len(q.parts))
	for k := range q.parts {
		before[k], after[k] = factor*get(&q.parts[k], 0), factor*get(&q.parts[k], 1)
	}
	a := stats.Contributions(before, after)
	if !a.Known {
		return false
	}
	for k, v := range a.Points {
		q.groups = append(q.groups, Driver{Member: q.parts[k].member, Rate: v, Total: v})
	}
	return true
}

// split divides a ratio by Kitagawa: weights are denominators, rates the groups' own values. A group that has a numerator and no denominator,
// such as a cost without units, has no rate; what it brings to the city's is mix.
func (q *division) split() bool {
	factor := q.measure.Factor()
	list := make([]stats.MixGroup, len(q.parts))
	rate := func(p portion, t int) float64 {
		if p.denominator[t] == 0 {
			return math.NaN()
		}
		return factor * p.numerator[t] / p.denominator[t]
	}
	for k, p := range q.parts {
		list[k] = stats.MixGroup{Weight0: p.denominator[0], Weight1: p.denominator[1], Rate0: rate(p, 0), Rate1: rate(p, 1)}
	}
	m := stats.Kitagawa(list)
	if !m.Known {
		return false
	}
	for k, p := range q.parts {
		e := m.Groups[k]
		for t, sign := range [periodsCompared]float64{-1, 1} {
			if p.denominator[t] == 0 {
				e.Mix += sign * factor * p.numerator[t] / q.city.denominator[t]
			}
		}
		q.groups = append(q.groups, Driver{Member: p.member, Rate: e.Rate, Mix: e.Mix, Total: e.Total()})
	}
	return true
}
