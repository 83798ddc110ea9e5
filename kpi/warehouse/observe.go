package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
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

// observe computes the observations of one dataset: none if it was never loaded.
func (t *tx) observe(ctx context.Context, city *kpi.City, d *kpi.Dataset, asOf kpi.Date, version int64) ([]kpi.Observation, error) {
	indicators := indicatorsOf(city, d.ID)
	_, hash, table, loaded, err := t.rowsOf(ctx, d.ID, version)
	if err != nil || !loaded || len(indicators) == 0 {
		return nil, err
	}
	if hash != d.Hash {
		return nil, &RereadError{Datasets: []string{d.ID}}
	}
	if err := validate(d); err != nil {
		return nil, err
	}
	o, err := newObserver(t, city, d, asOf, version, table)
	if err != nil {
		return nil, err
	}
	groups, err := newGroups(d, indicators)
	if err != nil {
		return nil, err
	}
	if err := o.findPeriods(ctx, groups); err != nil {
		return nil, err
	}
	var list []kpi.Observation
	for _, g := range groups {
		found, err := o.measure(ctx, g)
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
	return &observer{tx: t, city: city, dataset: d, calendar: cal, zone: zone, asOf: asOfIn(asOf, cal.Location), version: version, table: table}, nil
}

// findPeriods makes every group's periods: from the earliest day in its date column to the as-of day.
func (o *observer) findPeriods(ctx context.Context, groups []*group) error {
	s := &statement{}
	first := make([]sql.NullTime, len(groups))
	dest := make([]any, len(groups))
	columns := make([]string, len(groups))
	for i, g := range groups {
		columns[i], dest[i] = "min("+quoteName(g.date.Name)+")", &first[i]
	}
	s.printf("SELECT %s FROM %s WHERE %s", strings.Join(columns, ", "), quoteName(o.table), s.visible("_from", "_to", o.version))
	if err := o.tx.row(ctx, s, dest...); err != nil {
		return err
	}
	for i, g := range groups {
		var day kpi.Date
		if first[i].Valid && g.date.Type == kpi.TypeDate {
			day = kpi.DateOf(first[i].Time.UTC())
		} else if first[i].Valid {
			day = kpi.DateOf(first[i].Time.In(o.calendar.Location))
		}
		var err error
		if g.periods, err = periodsUntil(o.calendar, g.kind, day, o.asOf.day); err != nil {
			return err
		}
	}
	return nil
}

func (o *observer) scope(s *statement) scope {
	return scope{statement: s, table: "r.", dataset: o.dataset, asOf: o.asOf, zone: o.zone}
}

// measure counts the rows of a group and makes observations of them.
func (o *observer) measure(ctx context.Context, g *group) ([]kpi.Observation, error) {
	t := newTally(g)
	if err := o.countRows(ctx, g, t); err != nil {
		return nil, err
	}
	if err := o.quantiles(ctx, g, t); err != nil {
		return nil, err
	}
	return o.report(g, t)
}

// countRows runs the one scan of a group.
func (o *observer) countRows(ctx context.Context, g *group, t *tally) error {
	s := &statement{}
	sc := o.scope(s)
	var more []string
	words := make([][]string, g.words)
	for i, p := range g.plans {
		class, err := p.class(sc, g.date)
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
	for i, p := range g.plans {
		if p.value < 0 {
			continue
		}
		of, err := sc.compile(p.of)
		if err != nil {
			return fmt.Errorf("indicator %s: %w", p.ind.ID, err)
		}
		more = append(more, fmt.Sprintf("%s AS x%d", of, p.value))
		fmt.Fprintf(&values, ", CASE WHEN %s AND abs(x%[2]d) < %[3]v THEN CAST(x%[2]d AS DECIMAL(38, %[4]d)) END AS v%[2]d", p.counted(fmt.Sprintf("k%d", i)), p.value, maxValue, decimals)
	}
	for i := range g.sums {
		fmt.Fprintf(&results, ", sum(v%d), count(v%d)", i, i)
	}
	sets, ids := g.sets()
	s.printf("SELECT %s, p, %s, %s, count(*)%s FROM (SELECT *%s%s FROM %s) GROUP BY GROUPING SETS (%s)", groupingID(ids), firstOf("d", len(g.dataset.Dimensions)), firstOf("h", g.words),
		results.String(), signatures.String(), values.String(), g.classified(sc, o.table, o.version, more), sets)
	return o.tx.query(ctx, func(scan func(...any) error) error { return t.add(scan) }, s.String(), s.args...)
}

// decimals is how many digits after the point of a value go into a sum. Sums are exact, so that they are the same however DuckDB
// divides the work among threads.
const decimals = 12

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

// quantiles finds medians and percentiles by period and in total, of the city and of every member.
func (o *observer) quantiles(ctx context.Context, g *group, t *tally) error {
	s := &statement{}
	sc := o.scope(s)
	var plans []*plan
	var more, values, some []string
	var results strings.Builder
	for _, p := range g.plans {
		if !p.quantile() {
			continue
		}
		class, err := p.class(sc, g.date)
		if err != nil {
			return fmt.Errorf("indicator %s: %w", p.ind.ID, err)
		}
		of, err := sc.compile(p.of)
		if err != nil {
			return fmt.Errorf("indicator %s: %w", p.ind.ID, err)
		}
		i := len(plans)
		plans = append(plans, p)
		more = append(more, fmt.Sprintf("%s AS k%d, %s AS x%d", class, i, of, i))
		values = append(values, fmt.Sprintf("CASE WHEN %s AND abs(x%d) < %v THEN x%d END AS v%d", p.counted(fmt.Sprintf("k%d", i)), i, maxValue, i, i))
		some = append(some, fmt.Sprintf("v%d IS NOT NULL", i))
		fmt.Fprintf(&results, ", quantile_cont(v%d, %s), count(v%d)", i, strconv.FormatFloat(p.fraction(), 'f', -1, 64), i)
	}
	if len(plans) == 0 {
		return nil
	}
	ids, sets := []string{"p"}, []string{"(p)", "()"}
	for d := range g.dataset.Dimensions {
		ids, sets = append(ids, fmt.Sprintf("d%d", d)), append(sets, fmt.Sprintf("(p, d%d), (d%d)", d, d))
	}
	s.printf("SELECT %s, p, %s%s FROM (SELECT *, %s FROM %s) WHERE %s GROUP BY GROUPING SETS (%s)", groupingID(ids), firstOf("d", len(g.dataset.Dimensions)), results.String(),
		strings.Join(values, ", "), g.classified(sc, o.table, o.version, more), strings.Join(some, " OR "), strings.Join(sets, ", "))
	return o.tx.query(ctx, func(scan func(...any) error) error { return t.addQuantiles(scan, plans) }, s.String(), s.args...)
}

// fraction is the part of the values that lies below a quantile.
func (p *plan) fraction() float64 {
	if p.ind.Measure.Kind == kpi.MeasureMedian {
		return 0.5
	}
	return p.ind.Measure.P
}

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
