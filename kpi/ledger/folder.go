package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"citystat/kpi"
)

// RecordFolder records the city's folder as in force from now on and returns its version, counting from 1: the newest version again if
// the hash is the newest one's, one more if not. It sets Version on city.Indicators. A definition version goes up when what the
// indicator measures ([kpi.Indicator.MeasureHash]) differs from the newest version's.
//
// It fails with [kpi.CodeConflict] when the ledger belongs to another city.
func (db *DB) RecordFolder(ctx context.Context, city *kpi.City, now time.Time) (int, error) {
	if city.ID == "" || city.Hash == "" || now.IsZero() {
		return 0, kpi.Errorf(kpi.CodeInvalid, "a folder is recorded with its city's id, its hash and a time")
	}
	var folder int
	given := map[string]int{}
	err := db.update(ctx, "record folder", func(tx *sql.Tx) error {
		if err := belongs(ctx, tx, db.path, city.ID, now); err != nil {
			return err
		}
		newest, hash, seen, err := newestFolder(ctx, tx)
		if err != nil {
			return err
		}
		if newest > 0 && hash == city.Hash {
			folder = newest
			return folderDefinitions(ctx, tx, folder, given)
		}
		folder = newest + 1
		return addFolder(ctx, tx, city, folder, max(nanos(now), seen), given)
	})
	if err != nil {
		return 0, err
	}
	for i := range city.Indicators {
		city.Indicators[i].Version = given[city.Indicators[i].ID]
	}
	return folder, nil
}

// belongs makes the ledger the city's if it is nobody's, and refuses another's.
func belongs(ctx context.Context, tx *sql.Tx, path, id string, now time.Time) error {
	var owner string
	err := tx.QueryRowContext(ctx, `/* RecordFolder */ SELECT id FROM city`).Scan(&owner)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		_, err = tx.ExecContext(ctx, `INSERT INTO city (one, id, since) VALUES (1, ?, ?)`, id, nanos(now))
		return err
	case err != nil:
		return err
	case owner != id:
		return kpi.Errorf(kpi.CodeConflict, "ledger %s belongs to the city %s and this folder is of %s; name another data directory for it", path, owner, id)
	}
	return nil
}

// Founded returns when the ledger began to belong to its city; the zero time if it is nobody's yet.
func (db *DB) Founded(ctx context.Context) (time.Time, error) {
	var since int64
	err := db.read.QueryRowContext(ctx, `/* Founded */ SELECT since FROM city`).Scan(&since)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, db.fail("read when the ledger began", err)
	}
	return timeOf(since), nil
}

func newestFolder(ctx context.Context, tx *sql.Tx) (version int, hash string, seen int64, err error) {
	err = tx.QueryRowContext(ctx, `/* RecordFolder */ SELECT version, hash, seen FROM folder ORDER BY version DESC LIMIT 1`).Scan(&version, &hash, &seen)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", 0, nil
	}
	return version, hash, seen, err
}

// addFolder stores a new folder version and the definition versions that it brings.
func addFolder(ctx context.Context, tx *sql.Tx, city *kpi.City, folder int, seen int64, given map[string]int) error {
	kept := *city
	kept.Indicators = append([]kpi.Indicator(nil), city.Indicators...)
	fresh := map[string]string{} // indicators with a new definition → its hash
	for i := range kept.Indicators {
		ind := &kept.Indicators[i]
		if city.Dataset(ind.Dataset) == nil {
			return kpi.Errorf(kpi.CodeInvalid, "indicator %s is of dataset %q, which the folder does not have", ind.ID, ind.Dataset)
		}
		if _, twice := given[ind.ID]; twice {
			return kpi.Errorf(kpi.CodeInvalid, "the folder has two indicators %s", ind.ID)
		}
		hash := ind.MeasureHash(city.Basis(ind))
		version, old, err := newestDefinition(ctx, tx, ind.ID)
		if err != nil {
			return err
		}
		if old != hash {
			version++
			fresh[ind.ID] = hash
		}
		ind.Version = version
		given[ind.ID] = version
	}
	body, err := pack(&kept)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `/* RecordFolder */ INSERT INTO folder (version, hash, seen, body) VALUES (?, ?, ?, ?)`, folder, city.Hash, seen, body); err != nil {
		return err
	}
	for i := range kept.Indicators {
		if err := addDefinition(ctx, tx, &kept.Indicators[i], folder, seen, fresh); err != nil {
			return err
		}
	}
	return nil
}

func addDefinition(ctx context.Context, tx *sql.Tx, ind *kpi.Indicator, folder int, seen int64, fresh map[string]string) error {
	if hash, ok := fresh[ind.ID]; ok {
		body, err := pack(ind)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `/* RecordFolder */ INSERT INTO definition (indicator, version, hash, folder, seen, body) VALUES (?, ?, ?, ?, ?, ?)`,
			ind.ID, ind.Version, hash, folder, seen, body); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `/* RecordFolder */ INSERT INTO folder_definition (folder, indicator, definition) VALUES (?, ?, ?)`, folder, ind.ID, ind.Version)
	return err
}

func newestDefinition(ctx context.Context, tx *sql.Tx, indicator string) (version int, hash string, err error) {
	err = tx.QueryRowContext(ctx, `/* RecordFolder */ SELECT version, hash FROM definition WHERE indicator = ? ORDER BY version DESC LIMIT 1`, indicator).Scan(&version, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	return version, hash, err
}

func folderDefinitions(ctx context.Context, tx *sql.Tx, folder int, given map[string]int) error {
	return each(ctx, tx, func(scan scanFunc) error {
		var id string
		var version int
		err := scan(&id, &version)
		given[id] = version
		return err
	}, `/* RecordFolder */ SELECT indicator, definition FROM folder_definition WHERE folder = ?`, folder)
}

// City returns the city as its folder stood at knownAt, every indicator with its definition version, and the folder's version. The
// zero time asks for the newest. It fails with [kpi.CodeNotFound] if no folder was known then.
func (db *DB) City(ctx context.Context, knownAt time.Time) (*kpi.City, int, error) {
	return db.folder(ctx, `/* City */ SELECT version, body FROM folder WHERE seen <= ? ORDER BY version DESC LIMIT 1`, until(knownAt), func() error { return db.notYetKnown(ctx) })
}

// notYetKnown says that no folder was known at a time, and since when there is one.
func (db *DB) notYetKnown(ctx context.Context) error {
	const missing = "no folder of the city was known at that time"
	var first sql.NullInt64
	if err := db.read.QueryRowContext(ctx, `/* City */ SELECT min(seen) FROM folder`).Scan(&first); err != nil || !first.Valid {
		return kpi.Errorf(kpi.CodeNotFound, missing)
	}
	return kpi.Errorf(kpi.CodeNotFound, missing+"; the first one was read at %s, so ask for then or later", timeOf(first.Int64).UTC().Format(time.RFC3339))
}

// Folder returns the city as the version of its folder has it. It fails with [kpi.CodeNotFound] if there is no such version.
func (db *DB) Folder(ctx context.Context, version int) (*kpi.City, error) {
	city, _, err := db.folder(ctx, `/* Folder */ SELECT version, body FROM folder WHERE version = ?`, int64(version),
		func() error {
			return kpi.Errorf(kpi.CodeNotFound, "ledger %s has no folder version %d", db.path, version)
		})
	return city, err
}

func (db *DB) folder(ctx context.Context, query string, arg int64, missing func() error) (*kpi.City, int, error) {
	var version int
	var body []byte
	err := db.read.QueryRowContext(ctx, query, arg).Scan(&version, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, missing()
	}
	if err != nil {
		return nil, 0, db.fail("read folder", err)
	}
	var city kpi.City
	if err := unpack(body, &city); err != nil {
		return nil, 0, db.fail("read folder", err)
	}
	return &city, version, nil
}

// Definition is one definition version of an indicator.
type Definition struct {
	Indicator kpi.Indicator // as it stood when the version was first seen
	Folder    int           // the folder version in which it first stood
	Seen      time.Time
}

// Definitions returns the definition versions of an indicator, oldest first; none if the ledger never saw it.
func (db *DB) Definitions(ctx context.Context, indicator string) ([]Definition, error) {
	var list []Definition
	err := db.view(ctx, "read definitions", func(tx *sql.Tx) error {
		return each(ctx, tx, func(scan scanFunc) error {
			var d Definition
			var seen int64
			var body []byte
			if err := scan(&d.Folder, &seen, &body); err != nil {
				return err
			}
			d.Seen = timeOf(seen)
			list = append(list, d)
			return unpack(body, &list[len(list)-1].Indicator)
		}, `/* Definitions */ SELECT folder, seen, body FROM definition WHERE indicator = ? ORDER BY version`, indicator)
	})
	return list, err
}
