package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// paperPreferences are what people chose for themselves: papers whose id is the person's, so that each person has one.
const paperPreferences paperKind = "preferences"

// Preferences returns what a person chose, or what holds for whoever has chosen nothing.
func (db *DB) Preferences(ctx context.Context, person int64) (account.Preferences, error) {
	p := account.DefaultPreferences()
	err := db.view(ctx, "read preferences", func(tx *sql.Tx) error {
		var err error
		p, _, err = preferencesIn(ctx, tx, person)
		return err
	})
	return p, err
}

// preferencesIn returns what a person chose, and how often they have chosen.
func preferencesIn(ctx context.Context, tx *sql.Tx, person int64) (p account.Preferences, revision int, err error) {
	var text []byte
	p = account.DefaultPreferences()
	err = tx.QueryRowContext(ctx, `/* Preferences */ SELECT revision, body FROM paper WHERE kind = ? AND id = ? ORDER BY revision DESC LIMIT 1`, string(paperPreferences), person).Scan(&revision, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return p, 0, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	return p, revision, err
}

// SetPreferences keeps what a person chose. It fails with [kpi.CodeNotFound] if there is no such person. What stays as it was leaves no trace.
func (db *DB) SetPreferences(ctx context.Context, person int64, p account.Preferences, by account.By, now time.Time) error {
	if err := p.Check(); err != nil {
		return err
	}
	text, err := json.Marshal(p)
	if err != nil {
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
		was, revision, err := preferencesIn(ctx, tx, person)
		if err != nil || was == p {
			return err
		}
		_, err = tx.ExecContext(ctx, `/* SetPreferences */ INSERT INTO paper (kind, id, revision, at, person, name, state, subject, department, body) VALUES (?, ?, ?, ?, ?, ?, '', '', '', ?)`,
			string(paperPreferences), person, revision+1, nanos(now), sql.NullInt64{Int64: by.Person, Valid: by.Person != 0}, by.Name, string(text))
		if err != nil {
			return err
		}
		return audit(ctx, tx, by, now, "preferences.changed", subject(person), map[string]string{"digest": string(was.Digest) + " → " + string(p.Digest)})
	})
}
