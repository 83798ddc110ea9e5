package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"citystat/kpi"
)

// checkFresh asks the checks that the data go on until lately, of the rows that are visible now: a delivery of changes without news is not stale for
// that. Days after the as-of date do not count, or one wrong year would hide that nothing came.
func (l *loader) checkFresh(ctx context.Context) error {
	var stale []string
	for i := range l.checks {
		c := &l.checks[i]
		if c.Kind != kpi.CheckFresh {
			continue
		}
		newest, err := l.newestDay(ctx, column(l.dataset, c.Columns[0]))
		if err != nil {
			return err
		}
		r := kpi.CheckResult{Check: c.Check}
		if why := c.stale(newest, l.asOf.day); why != "" {
			r.Failed = 1
			if c.Else == kpi.ElseFail {
				stale = append(stale, why)
			} else {
				l.out.Warnings = append(l.out.Warnings, why)
			}
		}
		l.out.Checks = append(l.out.Checks, r)
	}
	l.sortResults()
	if len(stale) > 0 {
		return kpi.Errorf(kpi.CodeInvalid, "%s; find out why nothing newer came, or write else: warn", strings.Join(stale, "; "))
	}
	return nil
}

// newestDay is the newest day in a column up to the as-of date, in the zone of the city; no day if there is none.
func (l *loader) newestDay(ctx context.Context, c *kpi.Column) (kpi.Date, error) {
	s := &statement{}
	last := ""
	if c.Type == kpi.TypeTimestamp {
		last = s.timestamp(l.asOf.last)
	} else {
		last = s.date(l.asOf.day)
	}
	s.printf("SELECT CAST(max(%[1]s) AS TIMESTAMP) FROM %[2]s WHERE _to IS NULL AND %[1]s <= %[3]s", quoteName(c.Name), quoteName(l.table), last)
	var newest sql.NullTime
	if err := l.tx.row(ctx, s, &newest); err != nil || !newest.Valid {
		return kpi.Date{}, err
	}
	if c.Type == kpi.TypeDate {
		return kpi.DateOf(newest.Time.UTC()), nil
	}
	cal, err := l.in.City.Calendar()
	if err != nil {
		return kpi.Date{}, err
	}
	return kpi.DateOf(newest.Time.In(cal.Location)), nil
}

// stale says why the newest day is too old, "" if it is not. The bound counts whole days: within 36 hours is within one day.
func (c *check) stale(newest, asOf kpi.Date) string {
	bound := asOf.AddDays(-int(c.Within / (24 * time.Hour)))
	switch {
	case newest.IsZero():
		return fmt.Sprintf("the check %q is broken: no row has a day in %s up to %s; the newest should be %s or later", c.Rule, c.Columns[0], asOf, bound)
	case newest.Before(bound):
		return fmt.Sprintf("the check %q is broken: the newest day in %s is %s and should be %s or later (as of %s)", c.Rule, c.Columns[0], newest, bound, asOf)
	}
	return ""
}
