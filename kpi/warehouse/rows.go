package warehouse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"citystat/kpi"
)

// diffTable holds what a load changes: (old, new), the row numbers of a visible row version and of a staged row with the same key; one
// of them null, or both with different contents.
const diffTable = "temp.main.diff"

// contents lists the columns of a row table that hold what the source says, in their order: the declared ones, then raw district names.
func contents(d *kpi.Dataset) []string {
	list := columnNames(d)
	for _, c := range districtColumns(d) {
		list = append(list, rawName(c.name))
	}
	return list
}

// keepRows makes the rows of the load the visible ones: what is as it was stays, what has changed is closed and opened anew, what is
// gone is closed, what is new is opened.
func (l *loader) keepRows(ctx context.Context) error {
	_, _, before, loaded, err := l.tx.rowsOf(ctx, l.dataset.ID, l.in.Visible)
	if err != nil {
		return err
	}
	if err := l.ensureTable(ctx); err != nil {
		return err
	}
	if !loaded {
		l.out.Counts.New = l.out.Counts.Accepted
		return l.openRows(ctx, "")
	}
	same := before == l.table
	if err := l.compare(ctx, before, same); err != nil {
		return err
	}
	closed, opened := "", ""
	if same {
		closed = " AND rowid IN (SELECT old FROM " + diffTable + ")"
		opened = " AND _row IN (SELECT new FROM " + diffTable + ")"
	}
	if _, err := l.tx.exec(ctx, "UPDATE "+quoteName(before)+" SET _to = $1 WHERE _to IS NULL"+closed, l.in.Load.ID); err != nil {
		return err
	}
	return l.openRows(ctx, opened)
}

// ensureTable finds the row table for the way in which the dataset is read now, or makes it.
func (l *loader) ensureTable(ctx context.Context) error {
	l.table = rowTableName(l.dataset.ID, l.dataset.Hash)
	s := &statement{}
	s.printf("SELECT count(*) > 0 FROM row_table WHERE name = %s", s.text(l.table))
	var there bool
	if err := l.tx.row(ctx, s, &there); err != nil || there {
		return err
	}
	var columns strings.Builder
	for _, c := range l.dataset.Columns {
		fmt.Fprintf(&columns, ", %s %s", quoteName(c.Name), sqlType(c.Type))
		if slices.Contains(l.dataset.Key, c.Name) {
			columns.WriteString(" NOT NULL")
		}
	}
	for _, c := range districtColumns(l.dataset) {
		fmt.Fprintf(&columns, ", %s VARCHAR", quoteName(rawName(c.name)))
	}
	if _, err := l.tx.exec(ctx, fmt.Sprintf("CREATE TABLE %s (_from BIGINT NOT NULL, _to BIGINT, _file INTEGER NOT NULL, _line BIGINT NOT NULL%s)", quoteName(l.table), columns.String())); err != nil {
		return err
	}
	_, err := l.tx.exec(ctx, "INSERT INTO row_table VALUES ($1, $2, $3, $4)", l.table, l.dataset.ID, l.dataset.Hash, l.in.Load.ID)
	return err
}

// openRows opens staged rows as new row versions and makes sure that now exactly the accepted ones are visible.
func (l *loader) openRows(ctx context.Context, which string) error {
	names := quoteNames("", contents(l.dataset))
	s := &statement{}
	s.printf("INSERT INTO %s (_from, _to, _file, _line, %s) SELECT %s, NULL, _file, _line, %s FROM %s WHERE _fault IS NULL%s",
		quoteName(l.table), names, s.bind(l.in.Load.ID, "BIGINT"), names, l.stagedRows(true), which)
	if _, err := l.tx.run(ctx, s); err != nil {
		return err
	}
	s = &statement{}
	s.printf("SELECT count(*) FROM %s WHERE _to IS NULL", quoteName(l.table))
	var visible int64
	if err := l.tx.row(ctx, s, &visible); err != nil {
		return err
	}
	if visible != l.out.Counts.Accepted {
		return kpi.Errorf(kpi.CodeInternal, "%d rows were accepted and %d would be visible; the load is not trusted", l.out.Counts.Accepted, visible)
	}
	return nil
}

// compare finds what differs between the visible rows and the staged ones, by key. If the dataset was read in another way before, only
// the columns that both have are compared, for the counts; all rows are then closed and opened.
func (l *loader) compare(ctx context.Context, before string, same bool) error {
	shared, key := contents(l.dataset), l.dataset.Key
	if !same {
		var err error
		if shared, err = l.sharedColumns(ctx, before); err != nil {
			return err
		}
	}
	var on, differ []string
	for _, name := range key {
		if !slices.Contains(shared, name) {
			return l.countAnew(ctx, before)
		}
		on = append(on, fmt.Sprintf("o.%[1]s = s.%[1]s", quoteName(name)))
	}
	for _, name := range shared {
		if !slices.Contains(key, name) {
			differ = append(differ, fmt.Sprintf("o.%[1]s IS DISTINCT FROM s.%[1]s", quoteName(name)))
		}
	}
	differ = append(differ, "o._old IS NULL", "s._row IS NULL")
	if _, err := l.tx.exec(ctx, fmt.Sprintf(`CREATE TEMP TABLE diff AS SELECT o._old AS old, s._row AS new FROM (SELECT *, rowid AS _old FROM %s WHERE _to IS NULL) AS o
		FULL JOIN (SELECT * FROM %s WHERE _fault IS NULL) AS s ON %s WHERE %s`, quoteName(before), l.stagedRows(true), strings.Join(on, " AND "), strings.Join(differ, " OR "))); err != nil {
		return err
	}
	s := &statement{}
	s.printf("SELECT count(*) FILTER (old IS NULL), count(*) FILTER (old IS NOT NULL AND new IS NOT NULL), count(*) FILTER (new IS NULL) FROM %s", diffTable)
	c := &l.out.Counts
	return l.tx.row(ctx, s, &c.New, &c.Restated, &c.Gone)
}

// countAnew is for a dataset that has another key than before: no row can be followed, so all are gone and all are new.
func (l *loader) countAnew(ctx context.Context, before string) error {
	s := &statement{}
	s.printf("SELECT count(*) FROM %s WHERE _to IS NULL", quoteName(before))
	l.out.Counts.New = l.out.Counts.Accepted
	return l.tx.row(ctx, s, &l.out.Counts.Gone)
}

// sharedColumns lists the columns that another row table of the dataset has too, with the same type.
func (l *loader) sharedColumns(ctx context.Context, other string) ([]string, error) {
	there := map[string]bool{}
	err := l.tx.query(ctx, func(scan func(...any) error) error {
		var name, typ string
		err := scan(&name, &typ)
		if c := column(l.dataset, strings.TrimPrefix(name, "_raw_")); c != nil && typ == sqlType(c.Type) {
			there[name] = true
		}
		return err
	}, "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = $1 AND table_name = $2", catalogName, other)
	return slices.DeleteFunc(contents(l.dataset), func(name string) bool { return !there[name] }), err
}
