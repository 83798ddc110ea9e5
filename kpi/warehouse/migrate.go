package warehouse

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"citystat/kpi"
)

// migrations are numbered SQL files, run once each, in order. No column has a default that is a function: DuckDB cannot replay
// every such change after a crash.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date. A checkpoint follows every change, so that no later crash has to replay one.
func (db *DB) migrate(ctx context.Context) error {
	if _, err := db.sql.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS migration (number INTEGER NOT NULL, name VARCHAR NOT NULL)"); err != nil {
		return fmt.Errorf("migrations: %w", db.classify(err))
	}
	var done int
	if err := db.sql.QueryRowContext(ctx, "SELECT coalesce(max(number), 0) FROM migration").Scan(&done); err != nil {
		return fmt.Errorf("migrations: %w", db.classify(err))
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if done > len(files) {
		return kpi.Errorf(kpi.CodeConflict, "the warehouse was written by a newer CityStat (schema %d, this one knows %d); use the newer one, or delete %s and run citystat rebuild", done, len(files), db.file())
	}
	for i, name := range files[done:] {
		if err := db.migrateOne(ctx, done+i+1, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (db *DB) migrateOne(ctx context.Context, number int, name string) error {
	if !strings.HasPrefix(name, fmt.Sprintf("migrations/%04d_", number)) {
		return fmt.Errorf("it should have the number %d", number)
	}
	text, err := fs.ReadFile(migrations, name)
	if err != nil {
		return err
	}
	err = db.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, string(text)); err != nil {
			return err
		}
		_, err := t.exec(ctx, "INSERT INTO migration VALUES ($1, $2)", number, name)
		return err
	})
	if err != nil {
		return err
	}
	_, err = db.sql.ExecContext(ctx, "CHECKPOINT "+catalogName)
	return db.classify(err)
}

func (db *DB) file() string { return (&Options{Dir: db.dir}).file() }
