package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// maxTrusted bounds the indicators of one scan.
const maxTrusted = 64

// Trust tells what the rows behind the indicators say about whether their numbers can be trusted, as of a day and as known at a data version, in the
// order of the folder; nothing of datasets that were never loaded. The rows are counted in one scan of each dataset (of 64 indicators at a time). Late
// revisions are found in the kept history of the stored values of the whole city: a value that was in force in a version as of whose day the period was
// settled, and is another now; no value counts as another too. It fails with a *RereadError as Observe does.
//
// A deadline is found in what a share asks for, alone or as one of conditions joined by and: a time that is at most another (closed <= due), or a call of
// days_between, hours_between or workdays_between that is at most a number; also the other way round, with < and with between. Of several the first
// with a number counts; of times the one whose later side is not the earlier side of another (opened <= closed and closed <= due has its deadline in due).
// Where the deadline itself is too late (<), the windows include their later ends instead of the earlier ones: what is met was in time.
func (db *DB) Trust(ctx context.Context, city *kpi.City, asOf kpi.Date, version int64) ([]kpi.TrustFacts, error) {
	var list []kpi.TrustFacts
	err := db.read(ctx, func(t *tx) error {
		facts := map[string]*kpi.TrustFacts{}
		for i := range city.Datasets {
			if err := t.trustRows(ctx, city, &city.Datasets[i], asOf, version, facts); err != nil {
				return err
			}
		}
		if err := t.trustHistory(ctx, city, asOf, version, facts); err != nil {
			return err
		}
		for i := range city.Indicators {
			if f := facts[city.Indicators[i].ID]; f != nil {
				list = append(list, *f)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("trust as of %s at version %d: %w", asOf, version, err)
	}
	return list, nil
}

// trustRows counts the rows of a dataset.
func (t *tx) trustRows(ctx context.Context, city *kpi.City, d *kpi.Dataset, asOf kpi.Date, version int64, facts map[string]*kpi.TrustFacts) error {
	o, plans, err := t.observerOf(ctx, city, d, asOf, version)
	if err != nil || o == nil {
		return err
	}
	for part := range slices.Chunk(plans, maxTrusted) {
		if err := o.trust(ctx, part, facts); err != nil {
			return err
		}
	}
	return nil
}

// trust runs one scan.
func (o *observer) trust(ctx context.Context, plans []*plan, facts map[string]*kpi.TrustFacts) error {
	s := o.scope()
	var columns, counts []string
	var dest []any
	for i, p := range plans {
		f := &kpi.TrustFacts{Indicator: p.ind.ID}
		facts[p.ind.ID] = f
		class, err := p.class(s, p.date)
		if err != nil {
			return fmt.Errorf("indicator %s: %w", p.ind.ID, err)
		}
		columns = append(columns, fmt.Sprintf("%s AS k%d", class, i))
		counts, dest = append(counts, fmt.Sprintf("count(*) FILTER (k%d <> %d)", i, classNone)), append(dest, &f.Rows)
		promise := p.promise(o.dataset)
		if promise == nil {
			continue
		}
		slack, err := promise.slack(s)
		if err != nil {
			return fmt.Errorf("indicator %s: %w", p.ind.ID, err)
		}
		f.Deadline, f.Window, f.Unit = true, promise.window, promise.unit
		columns = append(columns, fmt.Sprintf("%s AS s%d", slack, i))
		for window, n := range map[float64]*int64{1: &f.Early, 0: &f.Met, -1: &f.Missed, -2: &f.Late} {
			within := promise.within(fmt.Sprintf("s%d", i), s.bind(window*promise.window, "DOUBLE"), s.bind((window+1)*promise.window, "DOUBLE"))
			counts, dest = append(counts, fmt.Sprintf("count(*) FILTER (%s AND %s)", p.counted(fmt.Sprintf("k%d", i)), within)), append(dest, n)
		}
	}
	s.printf("SELECT %s FROM (SELECT %s FROM %s AS r)", strings.Join(counts, ", "), strings.Join(columns, ", "), s.withSteps(placed(o.dataset, o.rows(s, nil, everything), o.table)))
	return o.tx.row(ctx, s.statement, dest...)
}

// promise is a deadline that a share asks for.
type promise struct {
	done, due expr.Node // two times of one type, the first of which should come first; or
	took, may expr.Node // a call for the time between two, and how long that may be
	strict    bool      // the deadline itself is too late
	window    float64   // the width of a window, in the unit
	unit      kpi.Unit
	dataset   *kpi.Dataset
}

// comparison is a condition with its sides in order: less < more, or less <= more.
type comparison struct {
	less, more expr.Node
	strict     bool
}

// comparisons lists the comparisons of which a condition is the conjunction; others than those of order are left out.
func comparisons(n expr.Node) []comparison {
	switch n := n.(type) {
	case *expr.Between:
		if !n.Negated {
			return []comparison{{n.Lo, n.X, false}, {n.X, n.Hi, false}}
		}
	case *expr.Binary:
		switch n.Op {
		case "and":
			return append(comparisons(n.L), comparisons(n.R)...)
		case "<", "<=":
			return []comparison{{n.L, n.R, n.Op == "<"}}
		case ">", ">=":
			return []comparison{{n.R, n.L, n.Op == ">"}}
		}
	}
	return nil
}

// units are those of the functions that tell how long something took.
var units = map[string]kpi.Unit{"days_between": kpi.Days, "hours_between": kpi.Hours, "workdays_between": kpi.WorkingDays}

// promise finds the deadline that a share asks for; nil if there is none.
func (p *plan) promise(d *kpi.Dataset) *promise {
	if !p.is(kpi.MeasureShare) {
		return nil
	}
	// The day that is judged is no deadline, and nothing is done by it.
	list := slices.DeleteFunc(comparisons(p.of), func(c comparison) bool { return expr.UsesAsOf(c.less) || expr.UsesAsOf(c.more) })
	for _, c := range list {
		if call, ok := c.less.(*expr.Call); ok && units[call.Name] != "" {
			window := 1.0
			if k, ok := constant(c.more); ok {
				window = math.Max(window, k/10)
			}
			return &promise{took: c.less, may: c.more, strict: c.strict, window: window, unit: units[call.Name], dataset: d}
		}
	}
	list = slices.DeleteFunc(list, func(c comparison) bool {
		t := nodeType(c.less, d)
		return t != expr.Date && t != expr.Timestamp || len(expr.Columns(c.less)) == 0
	})
	if len(list) == 0 {
		return nil
	}
	last := slices.IndexFunc(list, func(c comparison) bool {
		return !slices.ContainsFunc(list, func(other comparison) bool { return expr.String(other.less) == expr.String(c.more) })
	})
	c := list[max(last, 0)]
	return &promise{done: c.less, due: c.more, strict: c.strict, window: 1, unit: kpi.Days, dataset: d}
}

// constant is the value of a number that no row changes.
func constant(n expr.Node) (float64, bool) {
	switch n := n.(type) {
	case *expr.Literal:
		v, ok := n.Value.(float64)
		return v, ok
	case *expr.Negate:
		v, ok := constant(n.X)
		return -v, ok
	case *expr.Binary:
		a, isA := constant(n.L)
		b, isB := constant(n.R)
		v := math.NaN()
		switch n.Op {
		case "+":
			v = a + b
		case "-":
			v = a - b
		case "*":
			v = a * b
		case "/":
			v = a / b
		}
		return v, isA && isB && !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	return 0, false
}

// slack is the SQL for how long before its deadline a row was done, in the unit; negative where it was late, null where it is not known.
func (p *promise) slack(s scope) (string, error) {
	switch {
	case p.took != nil:
		return s.compose("(%s - %s)", p.may, p.took)
	case nodeType(p.done, p.dataset) == expr.Date:
		return s.compose("CAST(date_diff('day', %s, %s) AS DOUBLE)", p.done, p.due)
	}
	return s.elapsed([]expr.Node{p.done, p.due}, microsecondsInDay)
}

// within is the SQL condition that a slack lies in a window.
func (p *promise) within(slack, from, to string) string {
	if p.strict {
		return fmt.Sprintf("%[1]s > %[2]s AND %[1]s <= %[3]s", slack, from, to)
	}
	return fmt.Sprintf("%[1]s >= %[2]s AND %[1]s < %[3]s", slack, from, to)
}

// spoken is a value of the whole city in a period, and the data versions [from, to) in which it was in force; to 0: still.
type spoken struct {
	value    sql.NullFloat64
	from, to int64
}

func (s spoken) at(version int64) bool { return s.from <= version && (s.to == 0 || version < s.to) }

// trustHistory counts the settled periods with a value, and those of them whose value was another after they had settled.
func (t *tx) trustHistory(ctx context.Context, city *kpi.City, asOf kpi.Date, version int64, facts map[string]*kpi.TrustFacts) error {
	cal, err := city.Calendar()
	if err != nil {
		return err
	}
	made, err := t.made(ctx, version)
	if err != nil {
		return err
	}
	history := map[string]map[string][]spoken{} // indicator → period
	err = t.query(ctx, func(scan func(...any) error) error {
		var indicator, period string
		var definition int
		var s spoken
		if err := scan(&indicator, &definition, &period, &s.value, &s.from, &s.to); err != nil {
			return err
		}
		if i := city.Indicator(indicator); i == nil || i.Version != definition || facts[indicator] == nil {
			return nil
		}
		if history[indicator] == nil {
			history[indicator] = map[string][]spoken{}
		}
		history[indicator][period] = append(history[indicator][period], s)
		return nil
	}, "SELECT indicator, definition, period, value, from_version, coalesce(to_version, 0) FROM observation WHERE dimension = '' AND from_version <= $1 ORDER BY from_version", version)
	if err != nil {
		return err
	}
	for id, periods := range history {
		h := newIndicatorHistory(city.Indicator(id), made, periods[kpi.PeriodTotal])
		delete(periods, kpi.PeriodTotal)
		if err := h.judge(cal, asOf, version, periods, facts[id]); err != nil {
			return fmt.Errorf("indicator %s: %w", id, err)
		}
	}
	return nil
}

// made lists the data versions up to one, oldest first.
func (t *tx) made(ctx context.Context, until int64) ([]version, error) {
	var list []version
	err := t.query(ctx, func(scan func(...any) error) error {
		var v version
		var asOf sql.NullTime
		err := scan(&v.id, &v.dataset, &asOf)
		v.asOf = kpi.DateOf(asOf.Time.UTC())
		list = append(list, v)
		return err
	}, "SELECT version, dataset, as_of FROM data_version WHERE version <= $1 ORDER BY version", until)
	return list, err
}

// indicatorHistory is what was said of an indicator: the versions that made its values anew while its definition was in force.
type indicatorHistory struct {
	ind  *kpi.Indicator
	made []version
}

// newIndicatorHistory finds the versions. While a definition is in force there is a total.
func newIndicatorHistory(ind *kpi.Indicator, made []version, total []spoken) indicatorHistory {
	h := indicatorHistory{ind: ind}
	next := 0
	for _, v := range made {
		for next < len(total) && total[next].to != 0 && total[next].to <= v.id {
			next++
		}
		if (v.dataset == "" || v.dataset == ind.Dataset) && next < len(total) && total[next].at(v.id) {
			h.made = append(h.made, v)
		}
	}
	return h
}

func (h indicatorHistory) judge(cal kpi.Calendar, asOf kpi.Date, version int64, periods map[string][]spoken, f *kpi.TrustFacts) error {
	var latest kpi.Date
	for id, values := range periods {
		p, err := cal.Parse(id)
		if err != nil {
			return err
		}
		now := valueAt(values, version)
		if !now.Valid || !h.ind.Settled(p, asOf) {
			continue
		}
		f.Judged++
		if !h.moved(p, values, now) {
			continue
		}
		f.Moved++
		if p.First.After(latest) {
			latest, f.Latest = p.First, p.ID
		}
	}
	return nil
}

// moved reports whether the value was another in some version as of whose day the period had settled.
func (h indicatorHistory) moved(p kpi.Period, values []spoken, now sql.NullFloat64) bool {
	return slices.ContainsFunc(h.made, func(v version) bool { return valueAt(values, v.id) != now && h.ind.Settled(p, v.asOf) })
}

// valueAt is the value in force at a version; none if there is no observation.
func valueAt(values []spoken, version int64) sql.NullFloat64 {
	for _, s := range values {
		if s.at(version) {
			return s.value
		}
	}
	return sql.NullFloat64{}
}
