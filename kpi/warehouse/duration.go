package warehouse

import (
	"context"
	"fmt"
	"slices"

	"citystat/kpi"
)

// span is what a duration runs between.
type span struct {
	from, to *kpi.Column
	unit     kpi.Unit
}

// newSpan finds the columns of a duration: two of dates or two of timestamps.
func newSpan(d *kpi.Dataset, ind *kpi.Indicator) (*span, error) {
	m := ind.Measure
	sp := &span{column(d, m.From), column(d, m.To), ind.Unit}
	for _, c := range []*kpi.Column{sp.from, sp.to} {
		if c == nil || (c.Type != kpi.TypeDate && c.Type != kpi.TypeTimestamp) {
			return nil, kpi.Errorf(kpi.CodeInvalid, "indicator %s: a duration runs from one date or timestamp column of %s to another, and %q or %q is none", ind.ID, d.ID, m.From, m.To)
		}
	}
	if sp.from.Type != sp.to.Type {
		return nil, kpi.Errorf(kpi.CodeInvalid, "indicator %s: %s is a %s and %s is a %s; a duration runs between two dates or two timestamps", ind.ID, m.From, sp.from.Type, m.To, sp.to.Type)
	}
	switch {
	case sp.unit == kpi.Days, sp.unit == kpi.WorkingDays, sp.unit == kpi.Hours && sp.from.Type == kpi.TypeTimestamp:
		return sp, nil
	case sp.unit == kpi.Hours:
		return nil, kpi.Errorf(kpi.CodeInvalid, "indicator %s: between two dates there are no hours; use unit: days", ind.ID)
	}
	return nil, kpi.Errorf(kpi.CodeInvalid, "indicator %s: a duration is in days, working_days or hours, not in %q", ind.ID, sp.unit)
}

func (sp *span) begin(s scope) string  { return s.table + quoteName(sp.from.Name) }
func (sp *span) finish(s scope) string { return s.table + quoteName(sp.to.Name) }

// grains is how many of the whole numbers in which times are counted make one of the unit: times must be equal or not, without rounding.
func (sp *span) grains() float64 {
	switch {
	case sp.from.Type == kpi.TypeDate || sp.unit == kpi.WorkingDays:
		return 1
	case sp.unit == kpi.Hours:
		return microsecondsInHour
	}
	return microsecondsInDay
}

// time is the SQL for how long a case lasted, in grains: until its end or, while it is open, until that of the as-of day.
func (sp *span) time(s scope) string {
	end := s.end(sp.to)
	until := fmt.Sprintf("least(coalesce(%s, %s), %s)", sp.finish(s), end, end)
	switch {
	case sp.unit == kpi.WorkingDays:
		return s.workdays(exprType(sp.from.Type), sp.begin(s), until)
	case sp.from.Type == kpi.TypeDate:
		return fmt.Sprintf("date_diff('day', %s, %s)", sp.begin(s), until)
	}
	return fmt.Sprintf("date_diff('microsecond', %s, %s)", sp.begin(s), until)
}

// durations finds the quantiles of durations by Kaplan and Meier's estimate.
func (o *observer) durations(ctx context.Context, t *tally, of portion, plans []*plan) error {
	for _, p := range some(plans, func(p *plan) bool { return p.span != nil }) {
		if err := o.duration(ctx, t, of, p); err != nil {
			return fmt.Errorf("indicator %s: %w", p.ind.ID, err)
		}
	}
	return nil
}

// cases are the times of the cases of a cell, in grains, twice each and one more where the case is open: in order, those that were closed at a time
// come before those last seen open at it.
type cases []int64

// duration finds the quantiles of one indicator. DuckDB gathers the cases of every member, by period where periods are asked for; they are put in
// order here. Windows in SQL, which sort and add up the same, took twenty times as long.
func (o *observer) duration(ctx context.Context, t *tally, of portion, p *plan) error {
	s, g := o.scope(), t.group
	class, err := p.class(s, g.date)
	if err != nil {
		return err
	}
	rows := o.classified(s, g, of, []string{class + " AS k", p.span.time(s) + " AS t"})
	// What is of the city or of all periods is put together from the members and periods.
	whole := map[*cell]cases{}
	sets, which := g.cellSets(portion{of.periods, !of.byPeriod()}, len(g.dataset.Dimensions) == 0)
	s.printf("SELECT %s, list(2 * t + CASE WHEN k = %s THEN 0 ELSE 1 END) FROM %s WHERE %s GROUP BY GROUPING SETS (%s)", which, p.shifted(classHolds), rows, p.counted("k"), sets)
	err = o.tx.query(ctx, func(scan func(...any) error) error {
		var f finding
		var list any
		if err := scan(&f.id, &f.period, &f.member, &list); err != nil {
			return err
		}
		times, err := integers(list)
		if err != nil || len(times) == 0 {
			return err
		}
		for i, c := range t.cells(g.index(p), f, of) {
			if i == 0 {
				c.quantile = p.survival(times)
			} else {
				whole[c] = append(whole[c], times...)
			}
		}
		return nil
	}, s.String(), s.args...)
	for c, times := range whole {
		c.quantile = p.survival(times)
	}
	return err
}

// survival is the quantile of cases in the indicator's unit, nil if there is none.
func (p *plan) survival(c cases) *float64 {
	at, ok := c.quantile(p.ind.Measure.P)
	if !ok {
		return nil
	}
	v := float64(at) / p.span.grains()
	return &v
}

// cells returns the cells to which the cases of a member belong, the one first to which no others do: its own and, if it is of the first dimension, the
// city's, in the period and over all periods, as far as they are asked for.
func (t *tally) cells(plan int, f finding, of portion) []*cell {
	where := []place{t.place(f)}
	if where[0].dimension == 0 {
		where = append(where, theCity)
	}
	var list []*cell
	for _, w := range where {
		s := t.at(plan, w)
		if of.byPeriod() {
			list = append(list, s.cell(int(f.period.Int64)))
		}
		if of.total {
			list = append(list, &s.total)
		}
	}
	return list
}

func integers(v any) ([]int64, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("a list came as %T", v)
	}
	out := make([]int64, len(list))
	for i, x := range list {
		if out[i], ok = x.(int64); !ok {
			return nil, fmt.Errorf("a time came as %T %v", x, x)
		}
	}
	return out, nil
}

// nearly is how near the estimate must come to 1 − p: it is 0.5 where half of the cases are closed, and a product of rounded factors may be a little
// more.
const nearly = 1e-12

// quantile is the first time, in grains, at which at most 1 − p of the cases are still open; there is none while more are.
//
// Kaplan and Meier: S(t) = Π (1 − dᵢ/nᵢ) over the times tᵢ ≤ t at which dᵢ of the nᵢ cases that lasted at least so long were closed. With cᵢ cases last
// seen open at tᵢ, nᵢ₊₁ = nᵢ − dᵢ − cᵢ, and so S(tₖ) = (nₖ − dₖ)/n₁ · Π_{i<k} (nᵢ − dᵢ)/nᵢ₊₁: there is a factor only where cases were last seen open, and
// without any the estimate is one division.
func (c cases) quantile(p float64) (int64, bool) {
	slices.Sort(c)
	n, factor := len(c), 1.0
	for i := 0; i < n; {
		at, risk, closed := c[i]>>1, n-i, 0
		for ; i < n && c[i]>>1 == at; i++ {
			if c[i]&1 == 0 {
				closed++
			}
		}
		if closed > 0 && float64(risk-closed)/float64(n)*factor <= 1-p+nearly {
			return at, true
		}
		if left := n - i; left > 0 {
			factor *= float64(risk-closed) / float64(left)
		}
	}
	return 0, false
}
