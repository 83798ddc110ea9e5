package warehouse

import (
	"context"
	"fmt"

	"citystat/kpi"
)

// follows refuses a delivery of changes that has nothing to follow on: its rows are what has changed since one certain load, read in the same way.
func (l *loader) follows(last int64, loaded bool) error {
	switch {
	case !loaded:
		return kpi.Errorf(kpi.CodeConflict, "dataset %s: only changes were delivered and there is no load that they follow; fetch everything", l.dataset.ID)
	case l.direct:
		return kpi.Errorf(kpi.CodeConflict, "dataset %s: only changes were delivered and the folder now reads the rows in another way than they were loaded; fetch everything", l.dataset.ID)
	case last != l.in.Previous.ID:
		return kpi.Errorf(kpi.CodeConflict, "dataset %s: the changes follow load %d and the last one is %d; fetch them again", l.dataset.ID, l.in.Previous.ID, last)
	}
	return nil
}

// compareChanges finds which rows of a delivery of changes are new and which restate a visible one. The visible rows are looked through by key
// alone; the other columns are read of those that were delivered.
func (l *loader) compareChanges(ctx context.Context) error {
	var err error
	if l.visible, err = l.countVisible(ctx); err != nil {
		return err
	}
	how, ok := l.following(contents(l.dataset))
	if !ok {
		return l.tx.fail(kpi.Errorf(kpi.CodeInternal, "dataset %s: its key is not among its columns", l.dataset.ID))
	}
	accepted := fmt.Sprintf("(SELECT * FROM %s WHERE _fault IS NULL)", l.staged())
	table := quoteName(l.before)
	// Two steps: in one DuckDB reads every column of every visible row.
	for _, q := range []string{
		fmt.Sprintf("CREATE TEMP TABLE met AS SELECT o._old AS old, s._row AS row FROM %s AS s JOIN (SELECT %s, rowid AS _old FROM %s WHERE _to IS NULL) AS o ON %s", accepted, how.key, table, how.on),
		fmt.Sprintf(`CREATE TEMP TABLE diff AS SELECT m.old AS old, s._row AS new FROM %[1]s AS s LEFT JOIN %[2]s AS m ON m.row = s._row
			LEFT JOIN (SELECT *, rowid AS _old FROM %[3]s WHERE rowid IN (SELECT old FROM %[2]s)) AS o ON o._old = m.old WHERE m.old IS NULL OR %[4]s`, accepted, metTable, table, how.differ),
	} {
		if _, err := l.tx.exec(ctx, q); err != nil {
			return err
		}
	}
	return l.countDiff(ctx)
}

// metTable holds the pairs of row numbers (old, row) of visible rows and of those of a delivery of changes with the same key.
const metTable = "temp.main.met"

// extent is how many rows a dataset has.
type extent struct {
	before, now int64
	were, are   string // how to say so
}

// extent compares the rows before the load with those after it: those of the two deliveries, or, where only changes were delivered, those that are visible.
func (l *loader) extent() extent {
	if l.in.Load.Changes {
		return extent{l.visible, l.visible + l.out.Counts.New, "before", "would be visible"}
	}
	return extent{l.in.Previous.Counts.Accepted, l.out.Counts.Accepted, "in the last load", "were accepted"}
}
