package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// Preferences returns what a person chose, or what holds for whoever has chosen nothing.
func (db *DB) Preferences(ctx context.Context, person int64) (p account.Preferences, err error) {
	err = db.view(ctx, "read preferences", func(tx *sql.Tx) error {
		p, err = preferencesIn(ctx, tx, person)
		return err
	})
	return p, err
}

func preferencesIn(ctx context.Context, tx *sql.Tx, person int64) (account.Preferences, error) {
	p := account.DefaultPreferences()
	err := tx.QueryRowContext(ctx, `/* Preferences */ SELECT digest FROM preference WHERE person = ?`, person).Scan(&p.Digest)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return p, err
}

// SetPreferences keeps what a person chose. It fails with [kpi.CodeNotFound] if there is no such person. What stays as it was leaves no trace.
func (db *DB) SetPreferences(ctx context.Context, person int64, p account.Preferences, by account.By, now time.Time) error {
	if err := p.Check(); err != nil {
		return err
	}
	return db.update(ctx, "keep preferences", func(tx *sql.Tx) error {
		var known bool
		if err := tx.QueryRowContext(ctx, `/* SetPreferences */ SELECT EXISTS (SELECT 1 FROM person WHERE id = ?)`, person).Scan(&known); err != nil {
			return err
		}
		if !known {
			return kpi.Errorf(kpi.CodeNotFound, "there is nobody with the number %d", person)
		}
		was, err := preferencesIn(ctx, tx, person)
		if err != nil || was == p {
			return err
		}
		_, err = tx.ExecContext(ctx, `/* SetPreferences */ INSERT INTO preference (person, digest, changed) VALUES (?, ?, ?)
			ON CONFLICT (person) DO UPDATE SET digest = excluded.digest, changed = excluded.changed`, person, string(p.Digest), nanos(now))
		if err != nil {
			return err
		}
		return audit(ctx, tx, by, now, "preferences.changed", subject(person), map[string]string{"digest": string(was.Digest) + " → " + string(p.Digest)})
	})
}
