package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"citystat/kpi"
)

// version is a row of data_version.
type version struct {
	id      int64
	cause   kpi.Cause
	dataset string // "" for a recomputation
	hash    string
	asOf    kpi.Date
}

func (t *tx) record(ctx context.Context, v version, c kpi.Counts) error {
	s := &statement{}
	s.printf("INSERT INTO data_version VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
		s.bind(v.id, "BIGINT"), s.text(string(v.cause)), s.text(v.dataset), s.text(v.hash), s.bind(v.asOf.String(), "DATE"),
		s.bind(c.Read, "BIGINT"), s.bind(c.Accepted, "BIGINT"), s.bind(c.Rejected, "BIGINT"), s.bind(c.Skipped, "BIGINT"))
	_, err := t.run(ctx, s)
	return err
}

// Versions lists the data versions that the warehouse holds, oldest first.
func (db *DB) Versions(ctx context.Context) ([]int64, error) {
	var list []int64
	err := db.read(ctx, func(t *tx) error {
		return t.query(ctx, func(scan func(...any) error) error {
			var v int64
			err := scan(&v)
			list = append(list, v)
			return err
		}, "SELECT version FROM data_version ORDER BY version")
	})
	if err != nil {
		return nil, fmt.Errorf("data versions: %w", err)
	}
	return list, nil
}

// visible is the SQL condition under which a row version with the bounds is visible at a version that is bound to the statement.
func (s *statement) visible(from, to string, version int64) string {
	v := s.bind(version, "BIGINT")
	return fmt.Sprintf("%s <= %s AND (%s IS NULL OR %s > %s)", from, v, to, to, v)
}

// rowsOf tells how the rows of a dataset that are visible at a version were read: the load that brought them, the hash of the
// dataset as it was then, and the row table. ok is false if there was no load yet.
func (t *tx) rowsOf(ctx context.Context, dataset string, at int64) (load int64, hash, table string, ok bool, err error) {
	s := &statement{}
	s.printf(`SELECT v.version, v.dataset_hash, r.name FROM data_version AS v JOIN row_table AS r ON r.dataset = v.dataset AND r.dataset_hash = v.dataset_hash
		WHERE v.dataset = %s AND v.version <= %s ORDER BY v.version DESC LIMIT 1`, s.text(dataset), s.bind(at, "BIGINT"))
	err = t.query(ctx, func(scan func(...any) error) error {
		ok = true
		return scan(&load, &hash, &table)
	}, s.String(), s.args...)
	return load, hash, table, ok, err
}

// RereadError says that the rows of datasets were read in another way than the folder now says: their columns, formats or lists of
// values have changed. Load each of them anew, from its source or its spool copies, then go on. Its kpi code is conflict.
type RereadError struct {
	Datasets []string
}

// Error names the datasets and the mend.
func (e *RereadError) Error() string {
	return fmt.Sprintf("the folder now reads the rows of %s in another way than they were loaded; load anew: citystat ingest", strings.Join(e.Datasets, ", "))
}

// Unwrap lets kpi.ErrorCode find the code.
func (e *RereadError) Unwrap() error {
	return &kpi.Error{Code: kpi.CodeConflict, Message: e.Error()}
}

// Undo takes a data version back as if it had never been: its rows and observations go, those that it closed are open again. It is
// for versions that never became live, and takes back the newest version only. Undoing a version that is not there does nothing.
func (db *DB) Undo(ctx context.Context, id int64) error {
	err := db.write(ctx, func(t *tx) error {
		known, err := t.undoable(ctx, id)
		if err != nil || !known {
			return err
		}
		return t.undo(ctx, id)
	})
	if err != nil {
		return fmt.Errorf("undo data version %d: %w", id, err)
	}
	return nil
}

func (t *tx) undoable(ctx context.Context, id int64) (known bool, err error) {
	s := &statement{}
	s.printf("SELECT count(*) FILTER (version = %[1]s) > 0, max(version) FROM data_version WHERE version >= %[1]s", s.bind(id, "BIGINT"))
	var newest sql.NullInt64
	if err := t.row(ctx, s, &known, &newest); err != nil {
		return false, err
	}
	if known && newest.Int64 != id {
		return false, kpi.Errorf(kpi.CodeConflict, "version %d came after it; undo that one first", newest.Int64)
	}
	return known, nil
}

func (t *tx) undo(ctx context.Context, id int64) error {
	tables, made, err := t.rowTables(ctx, id)
	if err != nil {
		return err
	}
	var do []string
	for _, name := range tables {
		q := quoteName(name)
		do = append(do, "DELETE FROM "+q+" WHERE _from = $1", "UPDATE "+q+" SET _to = NULL WHERE _to = $1")
	}
	// What was counted before it is not kept any more: the next version counts everything anew.
	do = append(do, "DELETE FROM tally WHERE dataset IN (SELECT dataset FROM tallied WHERE version >= $1)", "DELETE FROM tallied WHERE version >= $1")
	do = append(do, "DELETE FROM observation WHERE from_version = $1", "UPDATE observation SET to_version = NULL WHERE to_version = $1",
		"DELETE FROM reject WHERE version = $1", "DELETE FROM load_file WHERE version = $1", "DELETE FROM row_table WHERE created = $1", "DELETE FROM data_version WHERE version = $1")
	for _, q := range do {
		if _, err := t.exec(ctx, q, id); err != nil {
			return err
		}
	}
	for _, name := range made {
		if _, err := t.exec(ctx, "DELETE FROM place WHERE row_table = $1", name); err != nil {
			return err
		}
		if _, err := t.exec(ctx, "DROP TABLE "+quoteName(name)); err != nil {
			return err
		}
	}
	return nil
}

// rowTables lists the row tables that a version may have touched, and apart from them those that it made.
func (t *tx) rowTables(ctx context.Context, version int64) (touched, made []string, err error) {
	err = t.query(ctx, func(scan func(...any) error) error {
		var name string
		var created int64
		if err := scan(&name, &created); err != nil {
			return err
		}
		if created == version {
			made = append(made, name)
		} else {
			touched = append(touched, name)
		}
		return nil
	}, "SELECT name, created FROM row_table ORDER BY name")
	return touched, made, err
}
