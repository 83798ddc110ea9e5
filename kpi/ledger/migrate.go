package ledger

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"citystat/kpi"
)

//go:embed migration/*.sql
var migrations embed.FS

// applicationID marks the file as a CityStat ledger ("city" in ASCII), so that another program's database is never migrated.
const applicationID = 0x63697479

// migrate brings the schema up to the newest number, each step in a transaction of its own. What an older program has written is copied before, see
// [DB.ForgetCopies].
func (db *DB) migrate(ctx context.Context) error {
	steps, err := steps()
	if err != nil {
		return err
	}
	var have, app, tables int
	for _, q := range []struct {
		sql  string
		into *int
	}{{`PRAGMA user_version`, &have}, {`PRAGMA application_id`, &app}, {`SELECT count(*) FROM sqlite_schema`, &tables}} {
		if err := db.write.QueryRowContext(ctx, q.sql).Scan(q.into); err != nil {
			return err
		}
	}
	if tables > 0 && app != applicationID {
		return kpi.Errorf(kpi.CodeInvalid, "%s is a database, but not a CityStat ledger; name another data directory", db.path)
	}
	if have > len(steps) {
		return kpi.Errorf(kpi.CodeConflict, "ledger %s has schema %d and this program knows up to %d: a newer CityStat has written it; start that one", db.path, have, len(steps))
	}
	if have > 0 && have < len(steps) {
		if err := db.keepBefore(ctx, have); err != nil {
			return err
		}
	}
	for i := have; i < len(steps); i++ {
		if err := db.step(ctx, i+1, steps[i]); err != nil {
			return fmt.Errorf("migration %d: %w", i+1, err)
		}
	}
	return nil
}

func (db *DB) step(ctx context.Context, number int, text string) error {
	return inTx(ctx, db.write, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return err
		}
		// PRAGMAs take no parameters; both numbers are ours.
		_, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d; PRAGMA application_id = %d`, number, applicationID))
		return err
	})
}

// steps returns the migrations in order. Their names begin with their number: 0001_first.sql.
func steps() ([]string, error) {
	files, err := fs.Glob(migrations, "migration/*.sql")
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(files))
	for i, f := range files {
		number, _, _ := strings.Cut(strings.TrimPrefix(f, "migration/"), "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 {
			return nil, fmt.Errorf("%s should begin with %04d_", f, i+1)
		}
		b, err := migrations.ReadFile(f)
		if err != nil {
			return nil, err
		}
		texts[i] = string(b)
	}
	return texts, nil
}
