package warehouse

import (
	"fmt"
	"math/bits"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// The classes of a row for one indicator: it takes no part, it is counted, it is counted and what a share asks for holds, or it is
// excluded for one of the reasons, which are counted on from classFirstReason.
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
	where   expr.Node // nil: all rows
	of      expr.Node // nil: a count
	when    []expr.Node
	reasons []string // by class, from classFirstReason on: the exclusions', then no-date, no-value, after-as-of
	word    int      // the word of the signature that holds its class, the lowest bit, and the bits
	shift   int
	mask    int64
	value   int // its place among the sums of its group; -1: none
}

// needsValue reports whether a row for which Of is null cannot be counted. A share does without: what is not known to hold does not
// hold, so an open case whose deadline has passed is a promise not kept.
func (p *plan) needsValue() bool {
	return p.ind.Measure.Kind != kpi.MeasureCount && p.ind.Measure.Kind != kpi.MeasureShare
}

// quantile reports whether the value cannot be added up from parts.
func (p *plan) quantile() bool {
	return p.ind.Measure.Kind == kpi.MeasureMedian || p.ind.Measure.Kind == kpi.MeasurePercentile
}

// newPlan reads an indicator's expressions.
func newPlan(d *kpi.Dataset, ind *kpi.Indicator) (*plan, error) {
	m, name := ind.Measure, "indicator "+ind.ID
	p := &plan{ind: ind, value: -1}
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
	p.of, err = parseOf(d, ind)
	return p, err
}

// parseOf reads what a measure is of.
func parseOf(d *kpi.Dataset, ind *kpi.Indicator) (expr.Node, error) {
	m, name := ind.Measure, "indicator "+ind.ID
	want := expr.Number
	switch m.Kind {
	case kpi.MeasureCount:
		return nil, nil
	case kpi.MeasureShare:
		want = expr.Boolean
	case kpi.MeasureSum, kpi.MeasureMean, kpi.MeasureMedian:
	case kpi.MeasurePercentile:
		if !(m.P > 0 && m.P < 1) {
			return nil, kpi.Errorf(kpi.CodeInvalid, "%s: p is %v and must lie between 0 and 1", name, m.P)
		}
	default:
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s: there is no measure %q; use one of %v", name, m.Kind, kpi.MeasureKinds)
	}
	return parse(d, name+": of", m.Of, want)
}

// group holds the indicators of a dataset that are measured in one scan: those with the same date column and length of period, up to bounds.
//
// Every row gets, for each indicator, its class. The classes of a row are packed into a few integers, its signature, and the rows are
// counted by period, member and signature. One pass finds the numerator, the denominator, the rows and every reason of every indicator,
// and its cost hardly grows with their number. Counts and exact sums can be added up, so what is found for the members of the first
// dimension gives the whole city, and the periods give the total. Only quantiles need a second pass.
type group struct {
	dataset *kpi.Dataset
	date    *kpi.Column
	kind    kpi.PeriodKind
	plans   []*plan
	words   int
	at      int // the first free bit of the last word
	sums    []*plan
	ordered int          // plans with a quantile
	periods []kpi.Period // from the first in which a row lies to the one that holds the as-of day
}

// newGroups plans the indicators of a dataset, in the order of the folder.
func newGroups(d *kpi.Dataset, indicators []*kpi.Indicator) ([]*group, error) {
	var list []*group
	index := map[string]*group{}
	for _, ind := range indicators {
		p, err := newPlan(d, ind)
		if err != nil {
			return nil, err
		}
		date := column(d, ind.Measure.Date)
		if date == nil || (date.Type != kpi.TypeDate && date.Type != kpi.TypeTimestamp) {
			return nil, kpi.Errorf(kpi.CodeInvalid, "indicator %s: date: %q is no date or timestamp column of %s", ind.ID, ind.Measure.Date, d.ID)
		}
		key := date.Name + " " + string(ind.Period)
		g := index[key]
		if g == nil || g.full(p) {
			g = &group{dataset: d, date: date, kind: ind.Period, words: 1}
			index[key], list = g, append(list, g)
		}
		g.pack(p)
	}
	return list, nil
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

// summed reports whether values are added up.
func (p *plan) summed() bool {
	return p.ind.Measure.Kind == kpi.MeasureSum || p.ind.Measure.Kind == kpi.MeasureMean
}

// full reports whether an indicator is beyond the bounds of the scan.
func (g *group) full(p *plan) bool {
	return g.words == maxWords && g.at+p.width() > wordBits || p.summed() && len(g.sums) == maxValues || p.quantile() && g.ordered == maxValues
}

// pack gives an indicator its bits in the signature and its place among the sums.
func (g *group) pack(p *plan) {
	width := p.width()
	if g.at+width > wordBits {
		g.at, g.words = 0, g.words+1
	}
	p.word, p.shift, p.mask = g.words-1, g.at, 1<<width-1
	g.at += width
	if p.summed() {
		p.value, g.sums = len(g.sums), append(g.sums, p)
	}
	if p.quantile() {
		g.ordered++
	}
	g.plans = append(g.plans, p)
}

// class is the SQL for the class of a row, already shifted to its bits. The order of its lines is the order in which kpi.Measure
// decides.
func (p *plan) class(s scope, date *kpi.Column) (string, error) {
	var b strings.Builder
	at := func(class int) string { return fmt.Sprintf("%d::BIGINT", int64(class)<<p.shift) }
	for i, n := range p.when {
		when, err := s.compile(n)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, " WHEN %s THEN %s", when, at(classFirstReason+i))
	}
	last := classFirstReason + len(p.when)
	d := s.table + quoteName(date.Name)
	fmt.Fprintf(&b, " WHEN %s IS NULL THEN %s", d, at(last))
	of := ""
	if p.of != nil {
		var err error
		if of, err = s.compile(p.of); err != nil {
			return "", err
		}
	}
	if p.needsValue() {
		fmt.Fprintf(&b, " WHEN %s IS NULL THEN %s", of, at(last+1))
	}
	fmt.Fprintf(&b, " WHEN %s > %s THEN %s", d, s.end(date), at(last+2))
	if p.ind.Measure.Kind == kpi.MeasureShare {
		fmt.Fprintf(&b, " WHEN %s THEN %s", of, at(classHolds))
	}
	sql := fmt.Sprintf("CASE%s ELSE %s END", b.String(), at(classCounted))
	if p.where == nil {
		return sql, nil
	}
	where, err := s.compile(p.where)
	return fmt.Sprintf("CASE WHEN %s THEN %s ELSE 0::BIGINT END", where, sql), err
}

// end binds the end of the as-of day as a value of the column's type. A value that is bound must be used: DuckDB refuses a gap in the
// numbers of its parameters.
func (s scope) end(date *kpi.Column) string {
	if date.Type == kpi.TypeDate {
		return s.date(s.asOf.day)
	}
	return s.timestamp(s.asOf.last)
}

// counted is the SQL condition under which a row's class, in a column, is one of the counted.
func (p *plan) counted(column string) string {
	return fmt.Sprintf("%s = %d", column, int64(1)<<p.shift)
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

// periodTable binds the group's periods and returns the derived table (bucket, a, b, v) whose v is the period's place. For a date column
// a period runs from the midnight of its first day to that after its last one, whatever the zone: days have no hour.
func (g *group) periodTable(s *statement) string {
	from, to, n := make([]int64, len(g.periods)), make([]int64, len(g.periods)), make([]int64, len(g.periods))
	for i, p := range g.periods {
		a, b := p.From, p.To
		if g.date.Type == kpi.TypeDate {
			a, b = p.First.In(time.UTC), p.Last.EndIn(time.UTC)
		}
		from[i], to[i], n[i] = a.UnixMicro(), b.UnixMicro(), int64(i)
	}
	return buckets(s.bind(from, "BIGINT[]"), s.bind(to, "BIGINT[]"), s.bind(n, "BIGINT[]"), microsecondsInDay)
}

// memberOf is the SQL for a row's member of a dimension.
func memberOf(d *kpi.Dataset, table, dimension string) string {
	name := table + quoteName(dimension)
	if column(d, dimension).Type == kpi.TypeDistrict {
		return name // never null in a row table
	}
	return fmt.Sprintf("coalesce(%s, '%s')", name, kpi.MemberNotRecorded)
}

// classified is the SQL of a derived table with, for every visible row of a row table, its period p (null if it lies in none), its members d0,
// d1 …, and whatever else more lists.
func (g *group) classified(s scope, table string, version int64, more []string) string {
	date := s.table + quoteName(g.date.Name)
	if g.date.Type == kpi.TypeDate {
		date = "CAST(" + date + " AS TIMESTAMP)"
	}
	columns := []string{"p.v AS p"}
	for i, name := range g.dataset.Dimensions {
		columns = append(columns, fmt.Sprintf("%s AS d%d", memberOf(g.dataset, s.table, name), i))
	}
	visible := fmt.Sprintf("(SELECT * FROM %s WHERE %s)", quoteName(table), s.visible("_from", "_to", version))
	return fmt.Sprintf("(SELECT %s FROM %s AS r LEFT JOIN %s AS p ON %s = p.bucket AND %s >= p.a AND %s < p.b)",
		strings.Join(append(columns, more...), ", "), placed(g.dataset, visible, table), g.periodTable(s.statement), bucketOf(date, microsecondsInDay), date, date)
}
