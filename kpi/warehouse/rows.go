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

// contents lists the columns of a row table that hold what the source says.
func contents(d *kpi.Dataset) []string {
	list := make([]string, len(d.Columns))
	for i := range d.Columns {
		list[i] = keptName(&d.Columns[i])
	}
	return list
}

// chooseTable finds or makes the row table, and decides whether the rows can go straight into it.
func (l *loader) chooseTable(ctx context.Context) error {
	last, _, before, loaded, err := l.tx.rowsOf(ctx, l.dataset.ID, l.in.Visible)
	if err != nil {
		return err
	}
	l.table = rowTableName(l.dataset.ID, l.dataset.Hash)
	if loaded {
		l.before = before
	}
	l.direct = l.before != l.table
	if l.in.Load.Changes {
		if err := l.follows(last, loaded); err != nil {
			return l.tx.fail(err)
		}
	}
	return l.ensureTable(ctx)
}

// staged is the SQL of a derived table of the rows of this load that were read, refused ones too; _row is the number of the row.
func (l *loader) staged() string {
	if l.direct {
		return fmt.Sprintf("(SELECT *, rowid AS _row FROM %s WHERE _from = %d)", quoteName(l.table), l.in.Load.ID)
	}
	return "(SELECT *, rowid AS _row FROM " + stageTable + ")"
}

// compareRows finds out what the load changes: which rows are new, restated or gone.
func (l *loader) compareRows(ctx context.Context) error {
	l.out.Counts.New = l.out.Counts.Accepted
	switch {
	case l.in.Load.Changes:
		return l.compareChanges(ctx)
	case l.before != "":
		return l.compare(ctx)
	}
	return nil
}

// keepRows makes the rows of the load the visible ones: what is as it was stays, what has changed is closed and opened anew, what is
// gone is closed, what is new is opened.
func (l *loader) keepRows(ctx context.Context) error {
	if l.before != "" {
		which := ""
		if !l.direct {
			which = " AND rowid IN (SELECT old FROM " + diffTable + ")"
		}
		if _, err := l.tx.exec(ctx, "UPDATE "+quoteName(l.before)+" SET _to = $1 WHERE _to IS NULL"+which, l.in.Load.ID); err != nil {
			return err
		}
	}
	if !l.direct {
		if err := l.openRows(ctx); err != nil {
			return err
		}
	}
	return l.verifyVisible(ctx)
}

// ensureTable finds the row table for the way in which the dataset is read now, or makes it.
func (l *loader) ensureTable(ctx context.Context) error {
	s := &statement{}
	s.printf("SELECT count(*) > 0 FROM row_table WHERE name = %s", s.text(l.table))
	var there bool
	if err := l.tx.row(ctx, s, &there); err != nil || there {
		return err
	}
	var columns strings.Builder
	for _, c := range l.dataset.Columns {
		fmt.Fprintf(&columns, ", %s %s", quoteName(keptName(&c)), sqlType(c.Type))
	}
	if _, err := l.tx.exec(ctx, fmt.Sprintf("CREATE TABLE %s (_from BIGINT NOT NULL, _to BIGINT, _file INTEGER NOT NULL, _line BIGINT NOT NULL, _fault INTEGER, _raw VARCHAR, _twice BIGINT%s)", quoteName(l.table), columns.String())); err != nil {
		return err
	}
	_, err := l.tx.exec(ctx, "INSERT INTO row_table VALUES ($1, $2, $3, $4)", l.table, l.dataset.ID, l.dataset.Hash, l.in.Load.ID)
	return err
}

// openRows opens the staged rows that differ from the visible ones as new row versions.
func (l *loader) openRows(ctx context.Context) error {
	names := quoteNames("", contents(l.dataset))
	_, err := l.tx.exec(ctx, fmt.Sprintf("INSERT INTO %s (_from, _file, _line, _twice, %[2]s) SELECT $1, _file, _line, _twice, %[2]s FROM %[3]s WHERE _fault IS NULL AND _row IN (SELECT new FROM %[4]s)",
		quoteName(l.table), names, l.staged(), diffTable), l.in.Load.ID)
	return err
}

// verifyVisible makes sure that now exactly the accepted rows are visible; after a delivery of changes those that were, and the new ones.
func (l *loader) verifyVisible(ctx context.Context) error {
	visible, err := l.countVisible(ctx)
	if err != nil {
		return err
	}
	if want := l.extent().now; visible != want {
		return kpi.Errorf(kpi.CodeInternal, "%d rows should be visible and %d would be; the load is not trusted", want, visible)
	}
	return nil
}

func (l *loader) countVisible(ctx context.Context) (int64, error) {
	s := &statement{}
	s.printf("SELECT count(*) FROM %s WHERE _to IS NULL", quoteName(l.table))
	var visible int64
	err := l.tx.row(ctx, s, &visible)
	return visible, err
}

// compare finds what differs between the visible rows and the staged ones, by key. If the dataset was read in another way before, only
// the columns that both have are compared, for the counts; all rows are then closed and opened.
func (l *loader) compare(ctx context.Context) error {
	shared := contents(l.dataset)
	if l.direct {
		var err error
		if shared, err = l.sharedColumns(ctx, l.before); err != nil {
			return err
		}
	}
	how, ok := l.following(shared)
	if !ok {
		return l.countAnew(ctx)
	}
	if _, err := l.tx.exec(ctx, fmt.Sprintf(`CREATE TEMP TABLE diff AS SELECT o._old AS old, s._row AS new FROM (SELECT *, rowid AS _old FROM %s WHERE _to IS NULL) AS o
		FULL JOIN (SELECT * FROM %s WHERE _fault IS NULL) AS s ON %s WHERE %s OR o._old IS NULL OR s._row IS NULL`, quoteName(l.before), l.staged(), how.on, how.differ)); err != nil {
		return err
	}
	return l.countDiff(ctx)
}

// following says how a staged row s is told to be a visible row o restated.
type following struct {
	on     string // the condition that both have the same key
	differ string // the condition that they say something else
	key    string // the key's columns
}

// following is by the dataset's key, and compares the columns that both have; ok is false if a column of the key is not among these.
func (l *loader) following(shared []string) (how following, ok bool) {
	var on, key []string
	differ := []string{"false"}
	for _, name := range l.dataset.Key {
		name = keptName(column(l.dataset, name))
		if !slices.Contains(shared, name) {
			return how, false
		}
		key = append(key, name)
		on = append(on, fmt.Sprintf("o.%[1]s = s.%[1]s", quoteName(name)))
	}
	for _, name := range shared {
		if !slices.Contains(key, name) {
			differ = append(differ, fmt.Sprintf("o.%[1]s IS DISTINCT FROM s.%[1]s", quoteName(name)))
		}
	}
	return following{strings.Join(on, " AND "), strings.Join(differ, " OR "), quoteNames("", key)}, true
}

// countDiff counts what differs.
func (l *loader) countDiff(ctx context.Context) error {
	s := &statement{}
	s.printf("SELECT count(*) FILTER (old IS NULL), count(*) FILTER (old IS NOT NULL AND new IS NOT NULL), count(*) FILTER (new IS NULL) FROM %s", diffTable)
	c := &l.out.Counts
	return l.tx.row(ctx, s, &c.New, &c.Restated, &c.Gone)
}

// countAnew is for a dataset that has another key than before: no row can be followed, so all are gone and all are new.
func (l *loader) countAnew(ctx context.Context) error {
	s := &statement{}
	s.printf("SELECT count(*) FROM %s WHERE _to IS NULL", quoteName(l.before))
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
