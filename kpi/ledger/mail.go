package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// mailTries is how often a digest is tried on its day.
const mailTries = 5

// unsubscribeValid is how long the link below a mail ends mail.
const unsubscribeValid = 366 * 24 * time.Hour

// BeginDigest notes that a person's digest of a day is about to be sent. It reports whether it may be: not if it was sent, nor while nobody knows whether it
// was (the program ended while it was being sent, or the server was gone before it answered) and it has been sent once more since, nor after five tries. So whoever
// is owed a digest gets one, and at most one more than that.
func (db *DB) BeginDigest(ctx context.Context, person int64, day kpi.Date, now time.Time) (ok bool, err error) {
	err = db.update(ctx, "begin a digest", func(tx *sql.Tx) error {
		var state string
		var tries, again int
		err := tx.QueryRowContext(ctx, `/* BeginDigest */ SELECT state, tries, again FROM digest WHERE person = ? AND day = ?`, person, day.String()).Scan(&state, &tries, &again)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			ok = true
			_, err = tx.ExecContext(ctx, `/* BeginDigest */ INSERT INTO digest (person, day, state, tries, at) VALUES (?, ?, 'sending', 1, ?)`, person, day.String(), nanos(now))
			return err
		case err != nil:
			return err
		case state == "sent", tries >= mailTries, state == "sending" && again == 1:
			return nil
		case state == "sending":
			again = 1
		}
		ok = true
		_, err = tx.ExecContext(ctx, `/* BeginDigest */ UPDATE digest SET state = 'sending', tries = tries + 1, again = ?, at = ? WHERE person = ? AND day = ?`,
			again, nanos(now), person, day.String())
		return err
	})
	return ok && err == nil, err
}

// EndDigest notes what came of a digest that was begun: it was sent, or the server did not take it, for a reason. Where nobody knows, it is not called.
func (db *DB) EndDigest(ctx context.Context, person int64, day kpi.Date, failure string, now time.Time) error {
	state := "sent"
	if failure != "" {
		state = "failed"
	}
	return db.update(ctx, "end a digest", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `/* EndDigest */ UPDATE digest SET state = ?, error = ?, at = ? WHERE person = ? AND day = ? AND state = 'sending'`,
			state, failure, nanos(now), person, day.String())
		return err
	})
}

// MailTrouble returns the first of the days since which no digest was sent although some were tried, how many such days there are, and the newest reason. There
// are none if the newest day went well, or if nothing was ever tried.
func (db *DB) MailTrouble(ctx context.Context) (since kpi.Date, days int, why string, err error) {
	err = db.view(ctx, "read what became of mail", func(tx *sql.Tx) error {
		var first sql.NullString
		err := tx.QueryRowContext(ctx, `/* MailTrouble */ SELECT min(day), count(DISTINCT day) FROM digest WHERE day > (SELECT coalesce(max(day), '') FROM digest WHERE state = 'sent')`).Scan(&first, &days)
		if err != nil || !first.Valid {
			return err
		}
		if err := since.UnmarshalText([]byte(first.String)); err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, `/* MailTrouble */ SELECT error FROM digest WHERE error <> '' ORDER BY at DESC LIMIT 1`).Scan(&why)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return err
	})
	return since, days, why, err
}

// NewUnsubscribe makes the secret of a link by which a person ends their digests without signing in. The ledger has its hash. It serves for a year; those
// that are older are forgotten.
func (db *DB) NewUnsubscribe(ctx context.Context, person int64, now time.Time) (string, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	secret := base64.RawURLEncoding.EncodeToString(raw)
	err := db.update(ctx, "make a link that ends mail", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `/* NewUnsubscribe */ DELETE FROM unsubscribe WHERE person = ? AND created < ?`, person, nanos(now.Add(-unsubscribeValid))); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `/* NewUnsubscribe */ INSERT INTO unsubscribe (hash, person, created) VALUES (?, ?, ?)`, hashOf(secret), person, nanos(now))
		return err
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// Unsubscribes reports whether a secret is one that ends somebody's mail.
func (db *DB) Unsubscribes(ctx context.Context, secret string, now time.Time) (ok bool, err error) {
	err = db.view(ctx, "read a link that ends mail", func(tx *sql.Tx) error {
		_, ok, err = unsubscribeIn(ctx, tx, secret, now)
		return err
	})
	return ok, err
}

func unsubscribeIn(ctx context.Context, tx *sql.Tx, secret string, now time.Time) (person int64, ok bool, err error) {
	err = tx.QueryRowContext(ctx, `/* Unsubscribe */ SELECT person FROM unsubscribe WHERE hash = ? AND created > ?`, hashOf(secret), nanos(now.Add(-unsubscribeValid))).Scan(&person)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return person, err == nil, err
}

// Unsubscribe ends the digests of the person whose secret it is; whoever has the secret may. It may be done more than once, and fails with [kpi.CodeNotFound] if
// the secret is none.
func (db *DB) Unsubscribe(ctx context.Context, secret string, now time.Time) error {
	var person int64
	err := db.view(ctx, "read a link that ends mail", func(tx *sql.Tx) error {
		var ok bool
		var err error
		if person, ok, err = unsubscribeIn(ctx, tx, secret, now); err == nil && !ok {
			err = kpi.Errorf(kpi.CodeNotFound, "this link ends nobody's mail")
		}
		return err
	})
	if err != nil {
		return err
	}
	p, err := db.Preferences(ctx, person)
	if err != nil {
		return err
	}
	p.Digest = account.DigestNever
	return db.SetPreferences(ctx, person, p, account.By{Person: person, Name: "link in a mail"}, now)
}
