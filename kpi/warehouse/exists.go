package warehouse

import (
	"context"
	"fmt"

	"citystat/kpi"
)

// checkExists asks the checks that look for a row's value in another dataset, among the rows that the checks of single rows left. What counts
// there is what was visible when this load began, so a rebuild that repeats the loads in their order comes to the same.
func (l *loader) checkExists(ctx context.Context) error {
	for i := range l.checks {
		c := &l.checks[i]
		if c.Kind != kpi.CheckExists {
			continue
		}
		var err error
		if c.absent, err = l.absent(ctx, c); err != nil {
			return err
		}
		s := &statement{}
		rows, err := l.breaking(s, c, "count(*)")
		if err != nil {
			return err
		}
		s.printf("%s", rows)
		var failed int64
		if err := l.tx.row(ctx, s, &failed); err != nil {
			return err
		}
		if err := l.conclude(ctx, c, failed); err != nil {
			return err
		}
	}
	return nil
}

// absent is the SQL condition under which a staged row breaks the check: its value is not blank and stands in no visible row of the other dataset.
func (l *loader) absent(ctx context.Context, c *check) (string, error) {
	mine := column(l.dataset, c.Columns[0])
	theirs, rows, err := l.lookUp(ctx, c)
	if err != nil {
		return "", err
	}
	if !sameKind(mine.Type, theirs.Type) {
		return "", kpi.Errorf(kpi.CodeInvalid, "the check %q compares %s, a %s, with %s of %s, a %s; give both the same type", c.Rule, mine.Name, mine.Type, theirs.Name, c.InDataset, theirs.Type)
	}
	known := "true"
	if theirs.Type == kpi.TypeDistrict { // a name that is no district is no value that could be met
		known = fmt.Sprintf("there.%s NOT IN ('%s', '%s')", quoteName(theirs.Name), kpi.MemberNotRecorded, kpi.MemberNotRecognised)
	}
	return fmt.Sprintf("%s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s AS there WHERE there.%s = staged.%s AND %s)",
		quoteName(keptName(mine)), rows, quoteName(theirs.Name), quoteName(mine.Name), known), nil
}

// sameKind reports whether values of two types can be compared.
func sameKind(a, b kpi.ColumnType) bool {
	number := func(t kpi.ColumnType) bool { return t == kpi.TypeInteger || t == kpi.TypeNumber }
	return a == b || number(a) && number(b)
}

// lookUp finds the column in which the check looks, and the SQL of a derived table of the rows that are visible there. A dataset that was never
// loaded fails the load whatever the check says: nobody could tell a wrong value from one that has yet to come.
func (l *loader) lookUp(ctx context.Context, c *check) (*kpi.Column, string, error) {
	d := l.in.City.Dataset(c.InDataset)
	if d == nil || d.ID == l.dataset.ID {
		return nil, "", kpi.Errorf(kpi.CodeInvalid, "the check %q looks in %q, which is no other dataset of the city", c.Rule, c.InDataset)
	}
	theirs := column(d, c.InColumn)
	if theirs == nil {
		return nil, "", kpi.Errorf(kpi.CodeInvalid, "the check %q looks in the column %q, which the dataset %s does not declare", c.Rule, c.InColumn, d.ID)
	}
	_, _, table, loaded, err := l.tx.rowsOf(ctx, d.ID, l.in.Visible)
	if err != nil {
		return nil, "", err
	}
	if !loaded {
		return nil, "", kpi.Errorf(kpi.CodeConflict, "the check %q looks in the dataset %s, which was never loaded; load %s first", c.Rule, d.ID, d.ID)
	}
	s := &statement{}
	s.printf("SELECT count(*) > 0 FROM duckdb_columns() WHERE database_name = %s AND table_name = %s AND column_name = %s AND data_type = %s",
		s.text(catalogName), s.text(table), s.text(keptName(theirs)), s.text(sqlType(theirs.Type)))
	var there bool
	if err := l.tx.row(ctx, s, &there); err != nil {
		return nil, "", err
	}
	if !there {
		return nil, "", kpi.Errorf(kpi.CodeConflict, "the check %q looks in the column %s of the dataset %s, which was not yet there, or of another type, when its rows were loaded; load %s anew", c.Rule, theirs.Name, d.ID, d.ID)
	}
	rows := fmt.Sprintf("(SELECT * FROM %s WHERE _from <= %[2]d AND (_to IS NULL OR _to > %[2]d))", quoteName(table), l.in.Visible)
	if theirs.Type == kpi.TypeDistrict {
		rows = placed(d, rows, table)
	}
	return theirs, rows, nil
}
