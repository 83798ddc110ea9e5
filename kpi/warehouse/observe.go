package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	duckdb "github.com/marcboeker/go-duckdb/v2"

	"citystat/kpi"
)

// Observe computes the observations of all datasets as of a day, afresh from the rows visible at a data version. Nothing is stored. They are
// those that a load or recomputation at that version would have stored for that day; Load is 0, for no version first gave them. It fails with
// a *RereadError if the folder reads rows in another way than they were loaded.
func (db *DB) Observe(ctx context.Context, city *kpi.City, asOf kpi.Date, version int64) ([]kpi.Observation, error) {
	var list []kpi.Observation
	err := db.read(ctx, func(t *tx) error {
		for i := range city.Datasets {
			o, err := t.observe(ctx, city, &city.Datasets[i], asOf, version)
			if err != nil {
				return err
			}
			list = append(list, o...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("observe as of %s at version %d: %w", asOf, version, err)
	}
	sortObservations(city, list)
	return list, nil
}

// indicatorsOf lists the indicators of a dataset.
func indicatorsOf(city *kpi.City, dataset string) []*kpi.Indicator {
	var list []*kpi.Indicator
	for i := range city.Indicators {
		if city.Indicators[i].Dataset == dataset {
			list = append(list, &city.Indicators[i])
		}
	}
	return list
}

// observe computes the observations of one dataset from all of its rows: none if it was never loaded.
func (t *tx) observe(ctx context.Context, city *kpi.City, d *kpi.Dataset, asOf kpi.Date, version int64) ([]kpi.Observation, error) {
	o, plans, err := t.observerOf(ctx, city, d, asOf, version)
	if err != nil || o == nil {
		return nil, err
	}
	counted, err := o.countAll(ctx, plans)
	if err != nil {
		return nil, err
	}
	var list []kpi.Observation
	for _, y := range counted {
		found, err := o.report(y)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

// observer computes observations from the rows of a table that are visible at a version.
type observer struct {
	tx       *tx
	city     *kpi.City
	dataset  *kpi.Dataset
	calendar kpi.Calendar
	zone     *time.Location // of the dataset, for date_of
	asOf     asOf
	version  int64
	table    string
	source   string // the SQL of the table in which the rows are looked up: the row table, or one with some of its rows
}

// observerOf returns what observes a dataset, and its indicators ready to be measured; nil if it was never loaded or has none.
func (t *tx) observerOf(ctx context.Context, city *kpi.City, d *kpi.Dataset, asOf kpi.Date, version int64) (*observer, []*plan, error) {
	indicators := indicatorsOf(city, d.ID)
	_, hash, table, loaded, err := t.rowsOf(ctx, d.ID, version)
	if err != nil || !loaded || len(indicators) == 0 {
		return nil, nil, err
	}
	if hash != d.Hash {
		return nil, nil, &RereadError{Datasets: []string{d.ID}}
	}
	if err := validate(d); err != nil {
		return nil, nil, err
	}
	o, err := newObserver(t, city, d, asOf, version, table)
	if err != nil {
		return nil, nil, err
	}
	plans, err := newPlans(d, indicators)
	return o, plans, err
}

func newObserver(t *tx, city *kpi.City, d *kpi.Dataset, asOf kpi.Date, version int64, table string) (*observer, error) {
	cal, err := city.Calendar()
	if err != nil {
		return nil, err
	}
	zone, err := zoneOf(city, d, nil)
	if err != nil {
		return nil, err
	}
	return &observer{tx: t, city: city, dataset: d, calendar: cal, zone: zone, asOf: asOfIn(asOf, cal.Location), version: version, table: table, source: quoteName(table)}, nil
}

// countAll counts everything of some plans.
func (o *observer) countAll(ctx context.Context, plans []*plan) ([]*tally, error) {
	if len(plans) == 0 {
		return nil, nil
	}
	groups := newGroups(o.dataset, plans)
	first, err := o.earliest(ctx, groups)
	if err != nil {
		return nil, err
	}
	var list []*tally
	for i, g := range groups {
		if g.periods, err = periodsUntil(o.calendar, g.kind, first[i], o.asOf.day); err != nil {
			return nil, err
		}
		t, err := o.measure(ctx, g)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// earliest finds the earliest day in the date column of every group; none if no row has one.
func (o *observer) earliest(ctx context.Context, groups []*group) ([]kpi.Date, error) {
	s := o.scope()
	first := make([]sql.NullTime, len(groups))
	dest := make([]any, len(groups))
	columns := make([]string, len(groups))
	for i, g := range groups {
		columns[i], dest[i] = "min("+quoteName(g.date.Name)+")", &first[i]
	}
	rows := o.rows(s, groups[0], everything)
	s.printf("SELECT %s FROM %s", strings.Join(columns, ", "), rows)
	if err := o.tx.row(ctx, s.statement, dest...); err != nil {
		return nil, err
	}
	days := make([]kpi.Date, len(groups))
	for i, g := range groups {
		if first[i].Valid && g.date.Type == kpi.TypeDate {
			days[i] = kpi.DateOf(first[i].Time.UTC())
		} else if first[i].Valid {
			days[i] = kpi.DateOf(first[i].Time.In(o.calendar.Location))
		}
	}
	return days, nil
}

// scope begins a statement.
func (o *observer) scope() scope {
	return newScope(&statement{}, o.city, o.dataset, o.asOf, o.zone, "r.")
}

// measure counts the rows of a group.
func (o *observer) measure(ctx context.Context, g *group) (*tally, error) {
	t := newTally(g)
	if err := o.countRows(ctx, t); err != nil {
		return nil, err
	}
	if err := o.findRest(ctx, t, everything, g.plans); err != nil {
		return nil, err
	}
	t.settle()
	return t, nil
}

// findRest finds what cannot be added up, for some of the plans of a group.
func (o *observer) findRest(ctx context.Context, t *tally, of portion, plans []*plan) error {
	if err := o.quantiles(ctx, t, of, plans); err != nil {
		return err
	}
	if err := o.lastDays(ctx, t, of, plans); err != nil {
		return err
	}
	return o.durations(ctx, t, of, plans)
}

// portion says which cells of a group a scan is for.
type portion struct {
	periods []int // by their places in the group; nil: all
	total   bool  // those over all periods too, or alone if periods is empty and not nil
}

// everything is what is found when all is counted anew.
var everything = portion{nil, true}

// byPeriod reports whether there are periods in it.
func (p portion) byPeriod() bool { return p.periods == nil || len(p.periods) > 0 }

// some returns the plans for which is holds.
func some(plans []*plan, is func(*plan) bool) []*plan {
	return slices.DeleteFunc(slices.Clone(plans), func(p *plan) bool { return !is(p) })
}

// countRows runs the one scan of a group.
func (o *observer) countRows(ctx context.Context, t *tally) error {
	s, g := o.scope(), t.group
	var more []string
	words := make([][]string, g.words)
	for i, p := range g.plans {
		class, err := p.class(s, g.date)
		if err != nil {
			return fmt.Errorf("indicator %s: %w", p.ind.ID, err)
		}
		more = append(more, fmt.Sprintf("%s AS k%d", class, i))
		words[p.word] = append(words[p.word], fmt.Sprintf("k%d", i))
	}
	var signatures, values, results strings.Builder
	for i, w := range words {
		fmt.Fprintf(&signatures, ", %s AS h%d", strings.Join(w, " + "), i)
	}
	for i, v := range g.sums {
		p := g.plans[v.plan]
		of, err := s.compile(v.of)
		if err != nil {
			return fmt.Errorf("indicator %s: %w", p.ind.ID, err)
		}
		more = append(more, fmt.Sprintf("%s AS x%d", of, i))
		fmt.Fprintf(&values, ", %s AS v%d", exactly(p.counted(fmt.Sprintf("k%d", v.plan)), fmt.Sprintf("x%d", i)), i)
		fmt.Fprintf(&results, ", sum(v%d), count(v%d)", i, i)
	}
	rows := o.classified(s, g, everything, more)
	sets, ids := g.sets()
	s.printf("SELECT %s, p, %s, %s, count(*)%s FROM (SELECT *%s%s FROM %s) GROUP BY GROUPING SETS (%s)", groupingID(ids), firstOf("d", len(g.dataset.Dimensions)), firstOf("h", g.words),
		results.String(), signatures.String(), values.String(), rows, sets)
	return o.tx.query(ctx, func(scan func(...any) error) error { return t.add(scan) }, s.String(), s.args...)
}

// decimals is how many digits after the point of a value go into a sum. Sums are exact, so that they are the same however DuckDB
// divides the work among threads.
const decimals = 12

// exactly is the SQL for a value as it is summed where the condition holds: null elsewhere, and where it is too large.
func exactly(condition, value string) string {
	return fmt.Sprintf("CASE WHEN %s AND abs(%s) < %v THEN CAST(%[2]s AS DECIMAL(38, %[4]d)) END", condition, value, maxValue, decimals)
}

// sets are the grouping sets of the scan: by period, the member of one dimension and one word of the signature. ids are the columns
// whose presence tells a set.
func (g *group) sets() (sets string, ids []string) {
	var list []string
	for w := range g.words {
		for d := range max(len(g.dataset.Dimensions), 1) {
			member := fmt.Sprintf("d%d, ", d)
			if len(g.dataset.Dimensions) == 0 {
				member = ""
			}
			list = append(list, fmt.Sprintf("(p, %sh%d)", member, w))
		}
	}
	for d := range g.dataset.Dimensions {
		ids = append(ids, fmt.Sprintf("d%d", d))
	}
	for w := range g.words {
		ids = append(ids, fmt.Sprintf("h%d", w))
	}
	return strings.Join(list, ", "), ids
}

// cellSets are the grouping sets of a scan for what cannot be added up: by period and in total, of every member and, if it is asked for, of the city; and
// the SQL of what tells the cell of a row of its result (see finding): the columns id, p and member.
func (g *group) cellSets(of portion, city bool) (sets, which string) {
	var list, ids []string
	id, period := "0::BIGINT", "NULL::BIGINT"
	add := func(member ...string) {
		if of.byPeriod() {
			list = append(list, "("+strings.Join(append([]string{"p"}, member...), ", ")+")")
		}
		if of.total {
			list = append(list, "("+strings.Join(member, ", ")+")")
		}
	}
	if of.byPeriod() {
		ids, period = append(ids, "p"), "p"
	}
	if city {
		add()
	}
	for i := range g.dataset.Dimensions {
		d := fmt.Sprintf("d%d", i)
		ids = append(ids, d)
		add(d)
	}
	if len(ids) > 0 {
		id = groupingID(ids)
	}
	return strings.Join(list, ", "), fmt.Sprintf("%s AS id, %s AS p, %s AS member", id, period, firstOf("d", len(g.dataset.Dimensions)))
}

// groupingID is the SQL of a number with a bit, the last column's the lowest, for every column that is not in the row's grouping set.
func groupingID(columns []string) string { return "grouping_id(" + strings.Join(columns, ", ") + ")" }

// firstOf is the SQL for the one of the columns name0, name1 … that is in the row's grouping set.
func firstOf(name string, n int) string {
	columns := make([]string, n)
	for i := range columns {
		columns[i] = fmt.Sprintf("%s%d", name, i)
	}
	return "coalesce(" + strings.Join(append(columns, "NULL"), ", ") + ")"
}

// quantiles finds medians and percentiles.
func (o *observer) quantiles(ctx context.Context, t *tally, of portion, plans []*plan) error {
	if plans = some(plans, (*plan).quantile); len(plans) == 0 {
		return nil
	}
	s, g := o.scope(), t.group
	more, err := valuesOf(s, g, plans)
	if err != nil {
		return err
	}
	var values, valued []string
	var results strings.Builder
	for i, p := range plans {
		values = append(values, fmt.Sprintf("CASE WHEN %s AND abs(x%d) < %v THEN x%d END AS v%d", p.counted(fmt.Sprintf("k%d", i)), i, maxValue, i, i))
		valued = append(valued, fmt.Sprintf("v%d IS NOT NULL", i))
		fmt.Fprintf(&results, ", quantile_cont(v%d, %s), count(v%d)", i, strconv.FormatFloat(p.fraction(), 'f', -1, 64), i)
	}
	rows := o.classified(s, g, of, more)
	sets, which := g.cellSets(of, true)
	s.printf("SELECT %s%s FROM (SELECT *, %s FROM %s) WHERE %s GROUP BY GROUPING SETS (%s)", which, results.String(),
		strings.Join(values, ", "), rows, strings.Join(valued, " OR "), sets)
	return o.tx.query(ctx, func(scan func(...any) error) error { return t.addQuantiles(scan, plans, of) }, s.String(), s.args...)
}

// addQuantiles takes a row of the quantiles' scan.
func (t *tally) addQuantiles(scan func(...any) error, plans []*plan, of portion) error {
	var f finding
	values, ranked := make([]sql.NullFloat64, len(plans)), make([]int64, len(plans))
	dest := []any{&f.id, &f.period, &f.member}
	for i := range plans {
		dest = append(dest, &values[i], &ranked[i])
	}
	if err := scan(dest...); err != nil {
		return err
	}
	for i, p := range plans {
		if values[i].Valid {
			c := t.cell(t.group.index(p), f, of.byPeriod())
			c.quantile, c.ranked = &values[i].Float64, ranked[i]
		}
	}
	return nil
}

// valuesOf is the SQL of the columns k0, x0, k1, x1 …: the class of a row and what the measure is of, for each of the plans.
func valuesOf(s scope, g *group, plans []*plan) ([]string, error) {
	var list []string
	for i, p := range plans {
		class, err := p.class(s, g.date)
		if err != nil {
			return nil, fmt.Errorf("indicator %s: %w", p.ind.ID, err)
		}
		of, err := s.compile(p.of)
		if err != nil {
			return nil, fmt.Errorf("indicator %s: %w", p.ind.ID, err)
		}
		list = append(list, fmt.Sprintf("%s AS k%d, %s AS x%d", class, i, of, i))
	}
	return list, nil
}

// fraction is the part of the values that lies below a quantile.
func (p *plan) fraction() float64 {
	if p.ind.Measure.Kind == kpi.MeasureMedian {
		return 0.5
	}
	return p.ind.Measure.P
}

func (g *group) index(p *plan) int { return slices.Index(g.plans, p) }

// exact turns DuckDB's sum into an exact number of units of the last decimal.
func exact(v any) (*big.Int, error) {
	switch v := v.(type) {
	case nil:
		return new(big.Int), nil
	case duckdb.Decimal:
		if int(v.Scale) == decimals {
			return v.Value, nil
		}
	}
	return nil, fmt.Errorf("a sum came as %T %v", v, v)
}

// ratio is num / 10^decimals, rounded once.
func ratio(num *big.Int) float64 {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(decimals), nil)
	f, _ := new(big.Rat).SetFrac(num, scale).Float64()
	return f
}
