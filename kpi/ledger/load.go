package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"time"

	"citystat/kpi"
)

// Begin opens a load (or, with another cause than a load, a recomputation) and returns its data version. It reads Cause, Dataset,
// Started, Folder, AsOf, Trigger, Attempt and Accepted of l; the id is never given twice.
func (db *DB) Begin(ctx context.Context, l kpi.Load) (int64, error) {
	if l.Started.IsZero() || (l.Cause == kpi.CauseLoad) != (l.Dataset != "") {
		return 0, kpi.Errorf(kpi.CodeInvalid, "a load begins with a time, and with a dataset unless it is a recomputation")
	}
	var id int64
	err := db.update(ctx, "begin load", func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `/* Begin */ INSERT INTO load (cause, dataset, state, started, folder, as_of, set_off, attempt, accepted_by) VALUES (?, ?, 'open', ?, ?, ?, ?, ?, ?)`,
			string(l.Cause), l.Dataset, nanos(l.Started), l.Folder, l.AsOf.String(), string(l.Trigger), l.Attempt, l.Accepted)
		if err != nil {
			return err
		}
		id, err = r.LastInsertId()
		return err
	})
	return id, err
}

// Stage records that the kept copies of an open load are complete: Spool and SourceHash of l.
func (db *DB) Stage(ctx context.Context, l kpi.Load) error {
	return db.update(ctx, "stage load", func(tx *sql.Tx) error {
		n, err := changed(tx.ExecContext(ctx, `/* Stage */ UPDATE load SET state = 'staged', source_hash = ? WHERE id = ? AND state = 'open'`, l.SourceHash, l.ID))
		if err != nil {
			return err
		}
		if n == 0 {
			return wrongState(ctx, tx, l.ID, "be staged; only an open load can")
		}
		for i, f := range l.Spool {
			if err := addSpoolFile(ctx, tx, l.ID, i, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func addSpoolFile(ctx context.Context, tx *sql.Tx, load int64, seq int, f kpi.SpoolFile) error {
	undeclared, err := json.Marshal(f.Undeclared)
	if err != nil {
		return err
	}
	fetch, err := json.Marshal(f.Fetch)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `/* Stage */ INSERT INTO spool_file (load, seq, source, source_hash, bytes, modified, copy, rows, undeclared, fetch) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		load, seq, f.Source, f.SourceHash, f.Bytes, sometime(f.Modified), f.Copy, f.Rows, string(undeclared), string(fetch))
	return err
}

// Live makes a staged load (or an open recomputation) visible: Counts, Checks, Warnings, Checksum, LiveAt, Changes and
// Cursor of l. It is the single commit point: before it every reader sees the old numbers, after it the new ones. Calling it again for
// a load that is live with the same checksum does nothing. It fails with [kpi.CodeConflict] if a newer data version is live already.
func (db *DB) Live(ctx context.Context, l kpi.Load) error {
	if l.LiveAt.IsZero() || l.Checksum == "" {
		return kpi.Errorf(kpi.CodeInvalid, "a load becomes live with a time and a checksum")
	}
	if l.Counts.Read != l.Counts.Accepted+l.Counts.Rejected+l.Counts.Skipped {
		return kpi.Errorf(kpi.CodeInvalid, "load %d: %d rows read are not %d accepted + %d rejected + %d skipped", l.ID, l.Counts.Read, l.Counts.Accepted, l.Counts.Rejected, l.Counts.Skipped)
	}
	return db.update(ctx, "make load live", func(tx *sql.Tx) error {
		var state kpi.LoadState
		var cause kpi.Cause
		var checksum string
		err := tx.QueryRowContext(ctx, `/* Live */ SELECT state, cause, checksum FROM load WHERE id = ?`, l.ID).Scan(&state, &cause, &checksum)
		if errors.Is(err, sql.ErrNoRows) {
			return noLoad(l.ID)
		}
		if err != nil {
			return err
		}
		if state == kpi.LoadLive && checksum == l.Checksum {
			return nil
		}
		if state != kpi.LoadStaged && (state != kpi.LoadOpen || cause == kpi.CauseLoad) {
			return wrongState(ctx, tx, l.ID, "become live; only a staged load or an open recomputation can")
		}
		return setLive(ctx, tx, l)
	})
}

func setLive(ctx context.Context, tx *sql.Tx, l kpi.Load) error {
	var newest, at int64
	if err := tx.QueryRowContext(ctx, `/* Live */ SELECT coalesce(max(id), 0), coalesce(max(live_at), 0) FROM load WHERE state = 'live'`).Scan(&newest, &at); err != nil {
		return err
	}
	if newest > l.ID {
		return kpi.Errorf(kpi.CodeConflict, "load %d cannot become live: data version %d already is; run it again", l.ID, newest)
	}
	checks, err := json.Marshal(l.Checks)
	if err != nil {
		return err
	}
	warnings, err := json.Marshal(l.Warnings)
	if err != nil {
		return err
	}
	c := l.Counts
	_, err = tx.ExecContext(ctx, `/* Live */ UPDATE load SET state = 'live', live_at = ?, read = ?, accepted = ?, rejected = ?, skipped = ?,
		new = ?, restated = ?, gone = ?, checks = ?, warnings = ?, checksum = ?, changes = ?, cursor = ?, ended = ? WHERE id = ?`,
		max(nanos(l.LiveAt), at), c.Read, c.Accepted, c.Rejected, c.Skipped, c.New, c.Restated, c.Gone, string(checks), string(warnings), l.Checksum, l.Changes, l.Cursor, max(nanos(l.LiveAt), at), l.ID)
	return err
}

// Finish is [DB.End] without a time.
func (db *DB) Finish(ctx context.Context, id int64, state kpi.LoadState, reason string) error {
	return db.End(ctx, kpi.Load{ID: id, State: state, Error: reason})
}

// End ends a load that does not become live: State of l is unchanged, failed (with the reason in Error) or abandoned; Ended and FailedAt are
// kept too. Calling it again with the same state does nothing.
func (db *DB) End(ctx context.Context, l kpi.Load) error {
	switch {
	case l.State != kpi.LoadUnchanged && l.State != kpi.LoadFailed && l.State != kpi.LoadAbandoned:
		return kpi.Errorf(kpi.CodeInvalid, "a load is not finished as %q", l.State)
	case l.State == kpi.LoadFailed && l.Error == "":
		return kpi.Errorf(kpi.CodeInvalid, "load %d cannot fail without a reason", l.ID)
	}
	return db.update(ctx, "finish load", func(tx *sql.Tx) error {
		n, err := changed(tx.ExecContext(ctx, `/* End */ UPDATE load SET state = ?, error = ?, ended = ?, failed_at = ? WHERE id = ? AND state IN ('open', 'staged')`,
			string(l.State), l.Error, sometime(l.Ended), string(l.FailedAt), l.ID))
		if err != nil || n > 0 {
			return err
		}
		var now kpi.LoadState
		if err := tx.QueryRowContext(ctx, `/* End */ SELECT state FROM load WHERE id = ?`, l.ID).Scan(&now); err == nil && now == l.State {
			return nil
		}
		return wrongState(ctx, tx, l.ID, "end as "+string(l.State))
	})
}

// wrongState explains why an update of a load changed nothing.
func wrongState(ctx context.Context, tx *sql.Tx, id int64, cannot string) error {
	var state string
	err := tx.QueryRowContext(ctx, `SELECT state FROM load WHERE id = ?`, id).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return noLoad(id)
	}
	if err != nil {
		return err
	}
	return kpi.Errorf(kpi.CodeConflict, "load %d is %s and cannot %s", id, state, cannot)
}

func noLoad(id int64) error { return kpi.Errorf(kpi.CodeNotFound, "there is no load %d", id) }

func changed(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// LastLive returns the newest load of the dataset that was live at knownAt (the zero time: now), and whether there is one. The
// dataset "" asks for the newest recomputation.
func (db *DB) LastLive(ctx context.Context, dataset string, knownAt time.Time) (kpi.Load, bool, error) {
	list, err := db.loads(ctx, `WHERE state = 'live' AND dataset = ? AND live_at <= ? ORDER BY id DESC LIMIT 1`, dataset, until(knownAt))
	if err != nil || len(list) == 0 {
		return kpi.Load{}, false, err
	}
	return list[0], true, nil
}

// LastFull returns the id of the newest live load of the dataset, up to the load with the id upTo, that brought everything and not changes
// alone: its rows and those of the live loads that followed are what is visible at upTo. It is 0 if there is none.
func (db *DB) LastFull(ctx context.Context, dataset string, upTo int64) (int64, error) {
	var id int64
	err := db.read.QueryRowContext(ctx, `/* LastFull */ SELECT coalesce(max(id), 0) FROM load WHERE state = 'live' AND dataset = ? AND changes = 0 AND id <= ?`, dataset, upTo).Scan(&id)
	if err != nil {
		return 0, db.fail("read last full load", err)
	}
	return id, nil
}

// Visible returns the newest data version that was live at knownAt (the zero time: now) and when it became live; 0 and the zero time
// if there was none.
func (db *DB) Visible(ctx context.Context, knownAt time.Time) (int64, time.Time, error) {
	var id, at int64
	err := db.read.QueryRowContext(ctx, `/* Visible */ SELECT id, live_at FROM load WHERE state = 'live' AND live_at <= ? ORDER BY id DESC LIMIT 1`, until(knownAt)).Scan(&id, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, time.Time{}, nil
	}
	if err != nil {
		return 0, time.Time{}, db.fail("read visible version", err)
	}
	return id, timeOf(at), nil
}

// Loads returns the loads of a dataset, or all data versions if dataset is "", in any state, newest first; at most limit, or all if
// limit is 0.
func (db *DB) Loads(ctx context.Context, dataset string, limit int) ([]kpi.Load, error) {
	return db.LoadsBefore(ctx, dataset, 0, limit)
}

// LoadsBefore is a page of [DB.Loads]: those older than the load with the id before, or from the newest on if it is 0. The id of a
// page's last load asks for the next page, whatever was loaded in the meantime.
func (db *DB) LoadsBefore(ctx context.Context, dataset string, before int64, limit int) ([]kpi.Load, error) {
	if limit <= 0 {
		limit = -1
	}
	if before <= 0 {
		before = math.MaxInt64
	}
	if dataset == "" {
		return db.loads(ctx, `WHERE id < ? ORDER BY id DESC LIMIT ?`, before, limit)
	}
	return db.loads(ctx, `WHERE dataset = ? AND id < ? ORDER BY id DESC LIMIT ?`, dataset, before, limit)
}

// Load returns the data version with the id, in any state, and whether there is one.
func (db *DB) Load(ctx context.Context, id int64) (kpi.Load, bool, error) {
	list, err := db.loads(ctx, `WHERE id = ?`, id)
	if err != nil || len(list) == 0 {
		return kpi.Load{}, false, err
	}
	return list[0], true, nil
}

func (db *DB) loads(ctx context.Context, where string, args ...any) ([]kpi.Load, error) {
	var list []kpi.Load
	err := db.view(ctx, "read loads", func(tx *sql.Tx) error {
		err := each(ctx, tx, func(scan scanFunc) error {
			l, err := scanLoad(scan)
			list = append(list, l)
			return err
		}, `/* loads */ SELECT id, cause, dataset, state, started, live_at, folder, as_of, source_hash,
			read, accepted, rejected, skipped, new, restated, gone, checks, warnings, checksum, error,
			set_off, attempt, accepted_by, changes, cursor, ended, failed_at FROM load `+where, args...)
		if err != nil {
			return err
		}
		return spoolFiles(ctx, tx, list)
	})
	return list, err
}

func scanLoad(scan scanFunc) (kpi.Load, error) {
	var l kpi.Load
	var started int64
	var liveAt, ended sql.NullInt64
	var asOf, checks, warnings string
	c := &l.Counts
	if err := scan(&l.ID, &l.Cause, &l.Dataset, &l.State, &started, &liveAt, &l.Folder, &asOf, &l.SourceHash,
		&c.Read, &c.Accepted, &c.Rejected, &c.Skipped, &c.New, &c.Restated, &c.Gone, &checks, &warnings, &l.Checksum, &l.Error,
		&l.Trigger, &l.Attempt, &l.Accepted, &l.Changes, &l.Cursor, &ended, &l.FailedAt); err != nil {
		return l, err
	}
	l.Started = timeOf(started)
	if liveAt.Valid {
		l.LiveAt = timeOf(liveAt.Int64)
	}
	if ended.Valid {
		l.Ended = timeOf(ended.Int64)
	}
	return l, errors.Join(l.AsOf.UnmarshalText([]byte(asOf)), json.Unmarshal([]byte(checks), &l.Checks), json.Unmarshal([]byte(warnings), &l.Warnings))
}

// spoolFiles fills in the kept copies of all loads of a list with one query: a ledger may hold many thousands of loads.
func spoolFiles(ctx context.Context, tx *sql.Tx, list []kpi.Load) error {
	if len(list) == 0 {
		return nil
	}
	at := make(map[int64]*kpi.Load, len(list))
	ids := make([]int64, len(list))
	for i := range list {
		at[list[i].ID], ids[i] = &list[i], list[i].ID
	}
	wanted, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	return each(ctx, tx, func(scan scanFunc) error {
		var id int64
		var f kpi.SpoolFile
		var modified sql.NullInt64
		var undeclared, fetch string
		if err := scan(&id, &f.Source, &f.SourceHash, &f.Bytes, &modified, &f.Copy, &f.Rows, &undeclared, &fetch); err != nil {
			return err
		}
		if modified.Valid {
			f.Modified = timeOf(modified.Int64)
		}
		err := errors.Join(json.Unmarshal([]byte(undeclared), &f.Undeclared), json.Unmarshal([]byte(fetch), &f.Fetch))
		at[id].Spool = append(at[id].Spool, f)
		return err
	}, `/* loads */ SELECT load, source, source_hash, bytes, modified, copy, rows, undeclared, fetch FROM spool_file
		WHERE load IN (SELECT value FROM json_each(?)) ORDER BY load, seq`, string(wanted))
}
