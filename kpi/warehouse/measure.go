package warehouse

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// The classes of a row for one indicator: it takes no part, it is counted, it is counted and what a share asks for holds or, of a duration, the
// case is closed, or it is excluded for one of the reasons, which are counted on from classFirstReason.
const (
	classNone = iota
	classCounted
	classHolds
	classFirstReason
)

// wordBits is how many bits of a signature's word are used: those of a positive BIGINT.
const wordBits = 62

// plan is an indicator ready to be measured.
type plan struct {
	ind     *kpi.Indicator
	date    *kpi.Column
	where   expr.Node // nil: all rows
	of      expr.Node // nil: a count, rate or duration
	per     expr.Node // of a ratio
	span    *span     // of a duration
	when    []expr.Node
	reasons []string // by class, from classFirstReason on: the exclusions', then no-date, no-value, after-as-of and, of a duration, closed-before-opened
	word    int      // the word of the signature that holds its class, the lowest bit, and the bits
	shift   int
	mask    int64
	value   int // the place of what is summed among the sums of its group, -1: nothing is; that of what it is divided by is the next
}

func (p *plan) is(kinds ...kpi.MeasureKind) bool { return slices.Contains(kinds, p.ind.Measure.Kind) }

// needed lists the expressions without whose value a row cannot be counted. A share does without: what is not known to hold does not
// hold, so an open case whose deadline has passed is a promise not kept.
func (p *plan) needed() []expr.Node {
	switch {
	case p.of == nil || p.is(kpi.MeasureShare):
		return nil
	case p.per != nil:
		return []expr.Node{p.of, p.per}
	}
	return []expr.Node{p.of}
}

// columns lists the columns that are read to count the plan, some of them twice.
func (p *plan) columns() []string {
	list := []string{p.date.Name}
	for _, n := range append([]expr.Node{p.where, p.of, p.per}, p.when...) {
		if n != nil {
			list = append(list, expr.Columns(n)...)
		}
	}
	if p.span != nil {
		list = append(list, p.span.from.Name, p.span.to.Name)
	}
	return list
}

// quantile reports whether the value is one of those of the rows, which cannot be added up from parts.
func (p *plan) quantile() bool { return p.is(kpi.MeasureMedian, kpi.MeasurePercentile) }

// newPlan reads an indicator's expressions.
func newPlan(d *kpi.Dataset, ind *kpi.Indicator) (*plan, error) {
	m, name := ind.Measure, "indicator "+ind.ID
	p := &plan{ind: ind, date: column(d, m.Date), value: -1}
	if p.date == nil || (p.date.Type != kpi.TypeDate && p.date.Type != kpi.TypeTimestamp) {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s: date: %q is no date or timestamp column of %s", name, m.Date, d.ID)
	}
	var err error
	if m.Where != "" {
		if p.where, err = parse(d, name+": where", m.Where, expr.Boolean); err != nil {
			return nil, err
		}
	}
	for _, e := range m.Exclude {
		when, err := parse(d, name+": exclude", e.When, expr.Boolean)
		if err != nil {
			return nil, err
		}
		p.when, p.reasons = append(p.when, when), append(p.reasons, e.Because)
	}
	p.reasons = append(p.reasons, kpi.ReasonNoDate, kpi.ReasonNoValue, kpi.ReasonAfterAsOf)
	return p, p.parseOf(d)
}

// parseOf reads what a measure is of.
func (p *plan) parseOf(d *kpi.Dataset) error {
	m, name := p.ind.Measure, "indicator "+p.ind.ID
	if p.is(kpi.MeasurePercentile, kpi.MeasureDuration) && !(m.P > 0 && m.P < 1) {
		return kpi.Errorf(kpi.CodeInvalid, "%s: p is %v and must lie between 0 and 1", name, m.P)
	}
	want := expr.Number
	var err error
	switch m.Kind {
	case kpi.MeasureCount, kpi.MeasureRate:
		return nil
	case kpi.MeasureDuration:
		p.reasons = append(p.reasons, kpi.ReasonClosedBeforeOpened)
		p.span, err = newSpan(d, p.ind)
		return err
	case kpi.MeasureShare:
		want = expr.Boolean
	case kpi.MeasureRatio:
		if p.per, err = parse(d, name+": per", m.Per, want); err != nil {
			return err
		}
	case kpi.MeasureSum, kpi.MeasureMean, kpi.MeasureMedian, kpi.MeasurePercentile, kpi.MeasureLast:
	default:
		return kpi.Errorf(kpi.CodeInvalid, "%s: there is no measure %q; use one of %v", name, m.Kind, kpi.MeasureKinds)
	}
	p.of, err = parse(d, name+": of", m.Of, want)
	return err
}

// group holds the indicators of a dataset that are measured in one scan: those with the same date column and length of period, up to bounds.
//
// Every row gets, for each indicator, its class. The classes of a row are packed into a few integers, its signature, and the rows are
// counted by period, member and signature. One pass finds the numerator, the denominator, the rows and every reason of every indicator,
// and its cost hardly grows with their number. Counts and exact sums can be added up, so what is found for the members of the first
// dimension gives the whole city, and the periods give the total. Only what cannot be added up needs further passes: quantiles, durations and
// what there was on the last day.
type group struct {
	dataset *kpi.Dataset
	date    *kpi.Column
	kind    kpi.PeriodKind
	plans   []*plan
	words   int
	at      int // the first free bit of the last word
	sums    []summand
	ordered int          // plans with a quantile or a last day
	periods []kpi.Period // from the first in which a row lies to the one that holds the as-of day
}

// summand is a value that is added up over the rows that a plan counts.
type summand struct {
	plan int // its place in the group
	of   expr.Node
}

// newPlans reads the expressions of a dataset's indicators, in the order of the folder.
func newPlans(d *kpi.Dataset, indicators []*kpi.Indicator) ([]*plan, error) {
	list := make([]*plan, len(indicators))
	var err error
	for i, ind := range indicators {
		if list[i], err = newPlan(d, ind); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// newGroups puts plans together that can be measured in one scan.
func newGroups(d *kpi.Dataset, plans []*plan) []*group {
	var list []*group
	index := map[string]*group{}
	for _, p := range plans {
		key := p.date.Name + " " + string(p.ind.Period)
		g := index[key]
		if g == nil || g.full(p) {
			g = &group{dataset: d, date: p.date, kind: p.ind.Period, words: 1}
			index[key], list = g, append(list, g)
		}
		g.pack(p)
	}
	return list
}

// The bounds of one scan. Every word is one more way of grouping all rows, and in each of them every group keeps all sums: a plan of hundreds
// of goals in a single scan needed more memory than the warehouse may have for some hundred rows. Beyond the bounds the others have a scan of
// their own.
const (
	maxWords  = 4
	maxValues = 32 // sums, or quantiles
)

// width is how many bits the class of a row needs.
func (p *plan) width() int { return bits.Len(uint(classFirstReason + len(p.reasons) - 1)) }

// summed lists the values that are added up over all rows counted.
func (p *plan) summed() []expr.Node {
	if p.is(kpi.MeasureSum, kpi.MeasureMean, kpi.MeasureRatio) {
		return p.needed()
	}
	return nil
}

// ordered reports whether the plan has part in the scan for quantiles or in that for last days.
func (p *plan) ordered() bool { return p.quantile() || p.is(kpi.MeasureLast) }

// full reports whether an indicator is beyond the bounds of the scan.
func (g *group) full(p *plan) bool {
	return g.words == maxWords && g.at+p.width() > wordBits || len(g.sums)+len(p.summed()) > maxValues || p.ordered() && g.ordered == maxValues
}

// pack gives an indicator its bits in the signature and its place among the sums.
func (g *group) pack(p *plan) {
	width := p.width()
	if g.at+width > wordBits {
		g.at, g.words = 0, g.words+1
	}
	p.word, p.shift, p.mask = g.words-1, g.at, 1<<width-1
	g.at += width
	for i, of := range p.summed() {
		if i == 0 {
			p.value = len(g.sums)
		}
		g.sums = append(g.sums, summand{len(g.plans), of})
	}
	if p.ordered() {
		g.ordered++
	}
	g.plans = append(g.plans, p)
}

// class is the SQL for the class of a row, already shifted to its bits. The order of its lines is the order in which kpi.Measure
// decides.
func (p *plan) class(s scope, date *kpi.Column) (string, error) {
	var b strings.Builder
	then := func(class int, format string, args ...any) {
		fmt.Fprintf(&b, " WHEN %s THEN %s", fmt.Sprintf(format, args...), p.shifted(class))
	}
	for i, n := range p.when {
		when, err := s.compile(n)
		if err != nil {
			return "", err
		}
		then(classFirstReason+i, "%s", when)
	}
	last := classFirstReason + len(p.when)
	d := s.table + quoteName(date.Name)
	then(last, "%s IS NULL", d)
	for _, n := range p.needed() {
		of, err := s.compile(n)
		if err != nil {
			return "", err
		}
		then(last+1, "%s IS NULL", of)
	}
	if p.span != nil {
		then(last+1, "%s IS NULL", p.span.begin(s))
		then(last+3, "%s < %s", p.span.finish(s), p.span.begin(s))
		then(last+2, "%s > %s", p.span.begin(s), s.end(p.span.from))
	}
	then(last+2, "%s > %s", d, s.end(date))
	if p.span != nil {
		then(classHolds, "%s <= %s", p.span.finish(s), s.end(p.span.to))
	}
	if p.is(kpi.MeasureShare) {
		of, err := s.compile(p.of)
		if err != nil {
			return "", err
		}
		then(classHolds, "%s", of)
	}
	sql := fmt.Sprintf("CASE%s ELSE %s END", b.String(), p.shifted(classCounted))
	if p.where == nil {
		return sql, nil
	}
	where, err := s.compile(p.where)
	return fmt.Sprintf("CASE WHEN %s THEN %s ELSE 0::BIGINT END", where, sql), err
}

// shifted is the SQL for a class at its place in the signature.
func (p *plan) shifted(class int) string { return fmt.Sprintf("%d::BIGINT", int64(class)<<p.shift) }

// end binds the end of the as-of day as a value of the column's type. A value that is bound must be used: DuckDB refuses a gap in the
// numbers of its parameters.
func (s scope) end(date *kpi.Column) string {
	if date.Type == kpi.TypeDate {
		return s.date(s.asOf.day)
	}
	return s.timestamp(s.asOf.last)
}

// counted is the SQL condition under which a row's class, in a column, is one of the counted: the only one, but for shares and durations.
func (p *plan) counted(column string) string {
	if p.is(kpi.MeasureShare, kpi.MeasureDuration) {
		return fmt.Sprintf("%s IN (%s, %s)", column, p.shifted(classCounted), p.shifted(classHolds))
	}
	return fmt.Sprintf("%s = %s", column, p.shifted(classCounted))
}

// maxValue bounds the values that are summed: their sums, exact to twelve digits after the point, must fit into 38 digits.
const maxValue = 1e15

// periodsUntil lists the periods from the one that holds first to the one that holds the as-of day. That one is there even if all rows are
// later: they may lie in it, and are left out there.
func periodsUntil(cal kpi.Calendar, kind kpi.PeriodKind, first, asOf kpi.Date) ([]kpi.Period, error) {
	if first.IsZero() {
		return nil, nil
	}
	if first.After(asOf) {
		first = asOf
	}
	return cal.Periods(kind, first, asOf)
}

// bounds are the instants [from, to) of a period in the date column. For a column of dates it runs from the midnight of its first day to that
// after its last one, whatever the zone: days have no hour.
func (g *group) bounds(p kpi.Period) (from, to time.Time) {
	if g.date.Type == kpi.TypeDate {
		return p.First.In(time.UTC), p.Last.EndIn(time.UTC)
	}
	return p.From, p.To
}

// periodTable binds periods of the group and returns the derived table (bucket, a, b, v) whose v is the period's place.
func (g *group) periodTable(s *statement, places []int) string {
	from, to, n := make([]int64, len(places)), make([]int64, len(places)), make([]int64, len(places))
	for i, k := range places {
		a, b := g.bounds(g.periods[k])
		from[i], to[i], n[i] = a.UnixMicro(), b.UnixMicro(), int64(k)
	}
	return buckets(s.bind(from, "BIGINT[]"), s.bind(to, "BIGINT[]"), s.bind(n, "BIGINT[]"), microsecondsInDay)
}

// until lists the places of the periods that begin on or before a day.
func (g *group) until(day kpi.Date) []int {
	var list []int
	for i, p := range g.periods {
		if !p.First.After(day) {
			list = append(list, i)
		}
	}
	return list
}

// memberOf is the SQL for a row's member of a dimension.
func memberOf(d *kpi.Dataset, table, dimension string) string {
	name := table + quoteName(dimension)
	if column(d, dimension).Type == kpi.TypeDistrict {
		return name // never null in a row table
	}
	return fmt.Sprintf("coalesce(%s, '%s')", name, kpi.MemberNotRecorded)
}

// classified is the SQL of a derived table with, for every row that is looked at, its period p (null if it lies in none that is asked for; if some are
// asked for, only their rows are there), its members d0, d1 …, and whatever else more lists.
func (o *observer) classified(s scope, g *group, of portion, more []string) string {
	date := s.table + quoteName(g.date.Name)
	if g.date.Type == kpi.TypeDate {
		date = "CAST(" + date + " AS TIMESTAMP)"
	}
	period, periods := "p.v", ""
	switch {
	case !of.byPeriod():
		period = "NULL::BIGINT"
	case of.periods == nil:
		periods = " LEFT JOIN " + g.periodTable(s.statement, g.until(o.asOf.day))
	default:
		periods = " JOIN " + g.periodTable(s.statement, of.periods)
	}
	if periods != "" {
		periods += fmt.Sprintf(" AS p ON %s = p.bucket AND %s >= p.a AND %s < p.b", bucketOf(date, microsecondsInDay), date, date)
	}
	columns := []string{period + " AS p"}
	for i, name := range g.dataset.Dimensions {
		columns = append(columns, fmt.Sprintf("%s AS d%d", memberOf(g.dataset, s.table, name), i))
	}
	return fmt.Sprintf("(SELECT %s FROM %s AS r%s)", strings.Join(append(columns, more...), ", "), s.withSteps(placed(g.dataset, o.rows(s, g, of), o.table)), periods)
}

// rows is the SQL of a derived table of the rows of the row table that are looked at. Where some periods are asked for, the days from the first to the
// last of them are named too: DuckDB then passes over the parts of the table that hold others.
func (o *observer) rows(s scope, g *group, of portion) string {
	conditions := s.visible("_from", "_to", o.version)
	if of.byPeriod() && of.periods != nil {
		from, to := g.bounds(g.periods[slices.Min(of.periods)])
		if _, end := g.bounds(g.periods[slices.Max(of.periods)]); end.After(to) {
			to = end
		}
		bound := s.timestamp
		if g.date.Type == kpi.TypeDate {
			bound = func(t time.Time) string { return s.date(kpi.DateOf(t)) }
		}
		conditions += fmt.Sprintf(" AND v.%[1]s >= %[2]s AND v.%[1]s < %[3]s", quoteName(g.date.Name), bound(from), bound(to))
	}
	return fmt.Sprintf("(SELECT * FROM %s AS v WHERE %s)", o.source, conditions)
}
