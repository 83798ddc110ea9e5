package warehouse

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// trustAtOnce bounds the indicators that are looked at in one scan.
const trustAtOnce = 64

// Trust counts what the rows visible at a version say about whether the city's indicators can be trusted as of a day, and how often values
// that were settled became others, see [kpi.TrustFacts]. Datasets that were never loaded have none. It fails with a *RereadError if the folder reads
// rows in another way than they were loaded.
func (db *DB) Trust(ctx context.Context, city *kpi.City, asOf kpi.Date, version int64) ([]kpi.TrustFacts, error) {
	var list []kpi.TrustFacts
	err := db.read(ctx, func(t *tx) error {
		for i := range city.Datasets {
			facts, err := t.trust(ctx, city, &city.Datasets[i], asOf, version)
			if err != nil {
				return err
			}
			list = append(list, facts...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking at whether numbers can be trusted as of %s at version %d: %w", asOf, version, err)
	}
	return list, nil
}

func (t *tx) trust(ctx context.Context, city *kpi.City, d *kpi.Dataset, asOf kpi.Date, version int64) ([]kpi.TrustFacts, error) {
	indicators := indicatorsOf(city, d.ID)
	_, hash, table, loaded, err := t.rowsOf(ctx, d.ID, version)
	if err != nil || !loaded || len(indicators) == 0 {
		return nil, err
	}
	if hash != d.Hash {
		return nil, &RereadError{Datasets: []string{d.ID}}
	}
	o, err := newObserver(t, city, d, asOf, version, table)
	if err != nil {
		return nil, err
	}
	facts := make([]kpi.TrustFacts, len(indicators))
	for i, ind := range indicators {
		facts[i].Indicator = ind.ID
	}
	for from := 0; from < len(indicators); from += trustAtOnce {
		to := min(from+trustAtOnce, len(indicators))
		if err := o.windows(ctx, indicators[from:to], facts[from:to]); err != nil {
			return nil, err
		}
	}
	return facts, t.moved(ctx, indicators, version, facts)
}

// windows counts the rows of each indicator, and those whose slack lies in the windows around the deadline.
func (o *observer) windows(ctx context.Context, indicators []*kpi.Indicator, facts []kpi.TrustFacts) error {
	s := o.scope()
	var columns, results []string
	var dest []any
	for i, ind := range indicators {
		p, err := newPlan(o.dataset, ind)
		if err != nil {
			return err
		}
		class, err := p.class(s, p.date)
		if err != nil {
			return fmt.Errorf("indicator %s: %w", ind.ID, err)
		}
		columns, results = append(columns, fmt.Sprintf("%s AS k%d", class, i)), append(results, fmt.Sprintf("count(*) FILTER (WHERE k%d <> %d)", i, classNone))
		dest = append(dest, &facts[i].Rows)
		end, ok := deadlineOf(p.of)
		if !ok || ind.Measure.Kind != kpi.MeasureShare {
			continue
		}
		slack, err := s.compile(end.slack)
		if err != nil {
			return fmt.Errorf("indicator %s: deadline: %w", ind.ID, err)
		}
		f := &facts[i]
		f.Deadline, f.Window, f.Unit = true, end.window, end.unit
		columns = append(columns, fmt.Sprintf("%s - %s AS s%d", slack, float(end.less), i))
		for _, w := range []struct {
			from, to float64
			n        *int64
		}{{1, 2, &f.Early}, {0, 1, &f.Met}, {-1, 0, &f.Missed}, {-2, -1, &f.Late}} {
			results = append(results, fmt.Sprintf("count(*) FILTER (WHERE k%d IN (%d, %d) AND s%d >= %s AND s%d < %s)", i, classCounted, classHolds, i, float(w.from*end.window), i, float(w.to*end.window)))
			dest = append(dest, w.n)
		}
	}
	rows := s.withSteps(placed(o.dataset, fmt.Sprintf("(SELECT * FROM %s AS v WHERE %s)", o.source, s.visible("_from", "_to", o.version)), o.table))
	s.printf("SELECT %s FROM (SELECT %s FROM %s AS r)", strings.Join(results, ", "), strings.Join(columns, ", "), rows)
	return o.tx.query(ctx, func(scan func(...any) error) error { return scan(dest...) }, s.String(), s.args...)
}

// float writes a number as a literal of SQL.
func float(v float64) string { return "CAST(" + strconv.FormatFloat(v, 'f', -1, 64) + " AS DOUBLE)" }

// deadline is what a share promises: a row keeps it if its slack, less what is lost, is 0 or more.
type deadline struct {
	slack  expr.Node // a number of days or hours
	less   float64   // 1 where a whole day that is only just missed has a slack of 0
	window float64
	unit   kpi.Unit
}

// deadlineOf finds the deadline in what a share is of: a comparison of two days or times, or of the time between two with a number, by
// itself or as part of a conjunction.
func deadlineOf(n expr.Node) (deadline, bool) {
	b, ok := n.(*expr.Binary)
	if !ok {
		return deadline{}, false
	}
	switch b.Op {
	case "and":
		if d, ok := deadlineOf(b.L); ok {
			return d, true
		}
		return deadlineOf(b.R)
	case "<", "<=":
		return deadlineBetween(b.L, b.R, b.Op == "<")
	case ">", ">=":
		return deadlineBetween(b.R, b.L, b.Op == ">")
	}
	return deadline{}, false
}

// deadlineBetween is the deadline of done ≤ due, or of the time taken ≤ a number.
func deadlineBetween(done, due expr.Node, strict bool) (deadline, bool) {
	if call, ok := done.(*expr.Call); ok {
		return deadlineAfter(call, due, strict)
	}
	a, ok1 := done.(*expr.Column)
	b, ok2 := due.(*expr.Column)
	if !ok1 || !ok2 || a.Type != b.Type || a.Type != expr.Date && a.Type != expr.Timestamp {
		return deadline{}, false
	}
	d := deadline{slack: &expr.Call{At: a.At, Name: "days_between", Args: []expr.Node{a, b}}, window: 1, unit: kpi.Days}
	if strict && a.Type == expr.Date {
		d.less = 1
	}
	return d, true
}

// deadlineAfter is the deadline of a time between two columns that may be so long: a tenth of it is the window, a day or an hour at least.
func deadlineAfter(call *expr.Call, limit expr.Node, strict bool) (deadline, bool) {
	units := map[string]kpi.Unit{"days_between": kpi.Days, "workdays_between": kpi.Days, "hours_between": kpi.Hours}
	unit, ok := units[call.Name]
	l, literal := limit.(*expr.Literal)
	if !ok || !literal || l.Type != expr.Number {
		return deadline{}, false
	}
	allowed, ok := numberOf(l)
	if !ok || allowed < 0 {
		return deadline{}, false
	}
	d := deadline{slack: &expr.Binary{At: call.At, Op: "-", L: l, R: call}, window: max(allowed/10, 1), unit: unit}
	if whole := call.Name == "workdays_between" || slices.ContainsFunc(call.Args, isDate); strict && whole {
		d.less = 1
	}
	return d, true
}

func isDate(n expr.Node) bool {
	c, ok := n.(*expr.Column)
	return ok && c.Type == expr.Date
}

func numberOf(l *expr.Literal) (float64, bool) {
	switch v := l.Value.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}

// moved counts the settled periods of each indicator, and those whose value was another after it had settled. A value that an observation was
// given as of a day on which its period had settled is one that was shown as final.
func (t *tx) moved(ctx context.Context, indicators []*kpi.Indicator, version int64, facts []kpi.TrustFacts) error {
	index := map[string]int{}
	for i, ind := range indicators {
		index[ind.ID] = i
	}
	s := &statement{}
	s.printf(`SELECT indicator, definition, count(*), count(*) FILTER (WHERE n > 1), coalesce(max(period) FILTER (WHERE n > 1), '')
		FROM (SELECT indicator, definition, period, count(DISTINCT value) AS n FROM observation
			WHERE dimension = '' AND period <> %s AND NOT provisional AND NOT partial AND value IS NOT NULL AND from_version <= %s
			GROUP BY indicator, definition, period)
		GROUP BY indicator, definition`, s.text(kpi.PeriodTotal), s.bind(version, "BIGINT"))
	return t.query(ctx, func(scan func(...any) error) error {
		var id, latest string
		var definition int
		var judged, moved int
		if err := scan(&id, &definition, &judged, &moved, &latest); err != nil {
			return err
		}
		if i, ok := index[id]; ok && definition == indicators[i].Version {
			facts[i].Judged, facts[i].Moved, facts[i].Latest = judged, moved, latest
		}
		return nil
	}, s.String(), s.args...)
}
