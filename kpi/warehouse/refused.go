package warehouse

import (
	"context"
	"fmt"
	"strings"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// MaxRefused bounds the refused rows of a load that was not taken: enough to see what is wrong with it.
const MaxRefused = 10_000

// refusedRows is the SQL query for the rows that were refused here, as they are written down: file, line, column, reason, detail, raw.
func (l *loader) refusedRows(s *statement) string {
	var codes []int64
	var columns, reasons, details, sources []string
	for _, f := range l.explain() {
		codes = append(codes, int64(f.code))
		columns, reasons, details = append(columns, f.column), append(reasons, f.reason), append(details, f.detail)
	}
	for _, f := range l.in.Load.Spool {
		sources = append(sources, f.Source)
	}
	return fmt.Sprintf(`SELECT (%s)[s._file + 1] AS file, s._line AS line, f.field AS field, f.reason AS reason, f.detail AS detail, coalesce(s._raw%s, '') AS raw
		FROM %s AS s JOIN (SELECT unnest(%s) AS code, unnest(%s) AS field, unnest(%s) AS reason, unnest(%s) AS detail) AS f ON f.code = s._fault`,
		s.bind(sources, "VARCHAR[]"), l.rawOfChecks(s), l.staged(),
		s.bind(codes, "BIGINT[]"), s.bind(columns, "VARCHAR[]"), s.bind(reasons, "VARCHAR[]"), s.bind(details, "VARCHAR[]"))
}

// rawOfChecks is the SQL for what a row said that a check has set aside: the columns of the check with their values.
func (l *loader) rawOfChecks(s *statement) string {
	var cases strings.Builder
	for i := range l.checks {
		c := &l.checks[i]
		if c.Else != kpi.ElseReject {
			continue
		}
		names := c.Columns
		if c.node != nil {
			names = expr.Columns(c.node)
		}
		var parts []string
		for _, name := range names {
			if col := column(l.dataset, name); col != nil {
				parts = append(parts, fmt.Sprintf("%s || ' = ' || coalesce(CAST(s.%s AS VARCHAR), 'blank')", s.text(col.From), quoteName(keptName(col))))
			}
		}
		if len(parts) > 0 {
			fmt.Fprintf(&cases, " WHEN %d THEN left(concat_ws(', ', %s), 250)", c.code(), strings.Join(parts, ", "))
		}
	}
	if cases.Len() == 0 {
		return ""
	}
	return ", CASE s._fault" + cases.String() + " END"
}

// keepRefused writes the rows down that were refused here.
func (l *loader) keepRefused(ctx context.Context) error {
	s := &statement{}
	load, dataset := s.bind(l.in.Load.ID, "BIGINT"), s.text(l.dataset.ID)
	s.printf("INSERT INTO reject SELECT %s, %s, file, line, field, reason, detail, raw FROM (%s)", load, dataset, l.refusedRows(s))
	kept, err := l.tx.run(ctx, s)
	if err == nil && kept != l.refused {
		err = kpi.Errorf(kpi.CodeInternal, "%d rows were refused and %d were written down", l.refused, kept)
	}
	return err
}

// showRefused hands out the rows that were refused by a load which will not be taken, while they can still be asked for.
func (l *loader) showRefused(ctx context.Context) error {
	if l.rows == 0 || l.tx.poisoned() || ctx.Err() != nil {
		return nil //nolint:nilerr // why the load ends is known, and nothing can be asked any more
	}
	s := &statement{}
	s.printf("SELECT file, line, field, reason, detail, raw FROM (%s) ORDER BY file, line, field LIMIT %d", l.refusedRows(s), MaxRefused)
	return l.tx.query(ctx, func(scan func(...any) error) error {
		r := kpi.Reject{Load: l.in.Load.ID, Dataset: l.dataset.ID}
		err := scan(&r.File, &r.Line, &r.Column, &r.Reason, &r.Detail, &r.Raw)
		l.out.Refused = append(l.out.Refused, r)
		return err
	}, s.String(), s.args...)
}

// poisoned reports whether nothing can be asked any more.
func (t *tx) poisoned() bool { return t.err != nil }
