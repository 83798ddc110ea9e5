package warehouse

import (
	"context"
	"database/sql"
	"fmt"

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

// Kaplan and Meier: S(t) = Π (1 − dᵢ/nᵢ) over the times tᵢ ≤ t at which dᵢ of the nᵢ cases that lasted at least so long were closed. With cᵢ cases last
// seen open at tᵢ, nᵢ₊₁ = nᵢ − dᵢ − cᵢ, and so S(tₖ) = (nₖ − dₖ)/n₁ · Π_{i<k} (1 + cᵢ/nᵢ₊₁): only where cases were last seen open is there a
// factor at all, and without any the estimate is one division. The logarithms of the factors are added up as whole numbers of 10⁻¹⁸: a sum in an order
// that the threads choose would differ in the last digits, and the quantile with it. log(1 + x) is corrected for what 1 + x loses (Kahan).
const (
	logarithm = `CAST(round(CASE WHEN x > 0 THEN ln(1 + x) * (x / ((1 + x) - 1)) ELSE 0 END * 1e18) AS HUGEINT)`
	// survival is how near S must come to 1 − p: S is 0.5 where half of the cases are closed, and no product of rounded factors says so exactly.
	survival = 1e-12
)

// duration finds the quantiles of one indicator: the first time at which at most 1 − p of the cases are still open.
func (o *observer) duration(ctx context.Context, t *tally, of portion, p *plan) error {
	s, g := o.scope(), t.group
	class, err := p.class(s, g.date)
	if err != nil {
		return err
	}
	rows, err := o.classified(s, g, of, []string{class + " AS k", p.span.time(s) + " AS t"})
	if err != nil {
		return err
	}
	sets, id := g.cellSets(of, "t")
	s.printf(`WITH ended AS (SELECT %s AS id, p, %s AS member, t, count(*) AS n, count(*) FILTER (k = %s) AS d FROM %s WHERE %s GROUP BY GROUPING SETS (%s)),
		risk AS (SELECT *, sum(n) OVER (PARTITION BY id, p, member) AS n1, coalesce(sum(n) OVER before, 0) AS gone FROM ended
			WINDOW before AS (PARTITION BY id, p, member ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
		factor AS (SELECT *, coalesce((n - d) / nullif(CAST(n1 - gone - n AS DOUBLE), 0), 0) AS x FROM risk),
		survivor AS (SELECT *, coalesce(sum(%s) OVER (PARTITION BY id, p, member ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS log FROM factor)
		SELECT id, p, member, min(t) FROM survivor WHERE d > 0 AND CAST(n1 - gone - d AS DOUBLE) / CAST(n1 AS DOUBLE) * exp(CAST(log AS DOUBLE) / 1e18) <= %s GROUP BY id, p, member`,
		id, firstOf("d", len(g.dataset.Dimensions)), p.shifted(classHolds), rows, p.counted("k"), sets, logarithm, s.bind(1-p.ind.Measure.P+survival, "DOUBLE"))
	return o.tx.query(ctx, func(scan func(...any) error) error {
		var f finding
		var at sql.NullInt64
		if err := scan(&f.id, &f.period, &f.member, &at); err != nil {
			return err
		}
		if at.Valid {
			c := t.cell(g.index(p), f, of.byPeriod())
			v := float64(at.Int64) / p.span.grains()
			c.quantile = &v
		}
		return nil
	}, s.String(), s.args...)
}
