package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"citystat/kpi"
)

// A stock is what there was on the last day of a period that has a row counted anywhere in the city. Two scans find it: one the newest moment in
// every period, one the sums over the rows of its day. Which day that is the city's clocks say, so the bounds come from Go.

func (p *plan) last() bool { return p.is(kpi.MeasureLast) }

// lastDays finds what there was on the last days.
func (o *observer) lastDays(ctx context.Context, t *tally, of portion, plans []*plan) error {
	if plans = some(plans, (*plan).last); len(plans) == 0 || !of.byPeriod() {
		return nil // the total is that of the last period
	}
	newest, err := o.newest(ctx, t.group, of, plans)
	if err != nil {
		return err
	}
	s, g := o.scope(), t.group
	more, err := valuesOf(s, g, plans)
	if err != nil {
		return err
	}
	var days, values, on []string
	var results strings.Builder
	for i, p := range plans {
		from, to := o.days(g, newest[i])
		days = append(days, fmt.Sprintf("list_extract(%[1]s, p + 1) AS a%[3]d, list_extract(%[2]s, p + 1) AS b%[3]d", s.bind(from, "BIGINT[]"), s.bind(to, "BIGINT[]"), i))
		values = append(values, fmt.Sprintf("%[1]s AND us >= a%[3]d AND us < b%[3]d AS l%[3]d, %[2]s AS v%[3]d", p.counted(fmt.Sprintf("k%d", i)), exactly(fmt.Sprintf("l%d", i), fmt.Sprintf("x%d", i)), i))
		on = append(on, fmt.Sprintf("l%d", i))
		fmt.Fprintf(&results, ", sum(v%[1]d), count(v%[1]d), count(*) FILTER (l%[1]d)", i)
	}
	rows := o.classified(s, g, of, append(more, g.moment()+" AS us"))
	sets, which := g.cellSets(portion{of.periods, false}, true)
	s.printf("SELECT %s%s FROM (SELECT *, %s FROM (SELECT *, %s FROM %s)) WHERE p IS NOT NULL AND (%s) GROUP BY GROUPING SETS (%s)", which, results.String(),
		strings.Join(values, ", "), strings.Join(days, ", "), rows, strings.Join(on, " OR "), sets)
	return o.tx.query(ctx, func(scan func(...any) error) error { return t.addLast(scan, plans) }, s.String(), s.args...)
}

// moment is the SQL for the date of a row in microseconds since 1970.
func (g *group) moment() string {
	name := "r." + quoteName(g.date.Name)
	if g.date.Type == kpi.TypeDate {
		name = "CAST(" + name + " AS TIMESTAMP)"
	}
	return "epoch_us(" + name + ")"
}

// newest finds the newest moment of a counted row in every period, in microseconds, for each of the plans.
func (o *observer) newest(ctx context.Context, g *group, of portion, plans []*plan) ([]map[int]int64, error) {
	s := o.scope()
	more := []string{g.moment() + " AS us"}
	var results []string
	for i, p := range plans {
		class, err := p.class(s, g.date)
		if err != nil {
			return nil, fmt.Errorf("indicator %s: %w", p.ind.ID, err)
		}
		more = append(more, fmt.Sprintf("%s AS k%d", class, i))
		results = append(results, fmt.Sprintf("max(us) FILTER (%s)", p.counted(fmt.Sprintf("k%d", i))))
	}
	rows := o.classified(s, g, of, more)
	list := make([]map[int]int64, len(plans))
	for i := range list {
		list[i] = map[int]int64{}
	}
	s.printf("SELECT p, %s FROM %s WHERE p IS NOT NULL GROUP BY p", strings.Join(results, ", "), rows)
	err := o.tx.query(ctx, func(scan func(...any) error) error {
		var period int
		at, dest := make([]sql.NullInt64, len(plans)), []any{&period}
		for i := range at {
			dest = append(dest, &at[i])
		}
		err := scan(dest...)
		for i := range at {
			if at[i].Valid {
				list[i][period] = at[i].Int64
			}
		}
		return err
	}, s.String(), s.args...)
	return list, err
}

// days returns the bounds, in microseconds, of the days on which the moments lie, by the place of the period; none begins where there is no moment.
func (o *observer) days(g *group, moments map[int]int64) (from, to []int64) {
	from, to = make([]int64, len(g.periods)), make([]int64, len(g.periods))
	for period, at := range moments {
		a, b := o.dayOf(g, time.UnixMicro(at).UTC())
		from[period], to[period] = a.UnixMicro(), b.UnixMicro()
	}
	return from, to
}

// dayOf returns the bounds of the day on which a moment lies. Where clocks are set back over midnight a moment may show the day before, though the
// next one has begun: days follow on each other as the calendar has them.
func (o *observer) dayOf(g *group, at time.Time) (from, to time.Time) {
	loc := o.calendar.Location
	if g.date.Type == kpi.TypeDate {
		loc = time.UTC
	}
	day := kpi.DateOf(at.In(loc))
	for day.In(loc).After(at) {
		day = day.AddDays(-1)
	}
	for !day.EndIn(loc).After(at) {
		day = day.AddDays(1)
	}
	return day.In(loc).UTC(), day.EndIn(loc).UTC()
}

// addLast takes a row of the scan.
func (t *tally) addLast(scan func(...any) error, plans []*plan) error {
	var f finding
	dest := []any{&f.id, &f.period, &f.member}
	sums, valued, rows := make([]any, len(plans)), make([]int64, len(plans)), make([]int64, len(plans))
	for i := range plans {
		dest = append(dest, &sums[i], &valued[i], &rows[i])
	}
	if err := scan(dest...); err != nil {
		return err
	}
	for i, p := range plans {
		if rows[i] == 0 {
			continue
		}
		if lack := rows[i] - valued[i]; lack > 0 {
			return kpi.Errorf(kpi.CodeInvalid, "indicator %s: %d of %d values of a last day are not finite or beyond ±%g; correct the source or exclude such rows", p.ind.ID, lack, rows[i], maxValue)
		}
		sum, err := exact(sums[i])
		if err != nil {
			return err
		}
		c := t.cell(t.group.index(p), f, true)
		c.of = exactSum{}
		c.of.add(sum, rows[i])
	}
	return nil
}
