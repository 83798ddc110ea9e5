package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Sessions keeps what browsers' sessions hold, by the token in their cookie, of which it has the hash alone: whoever reads a backup cannot become
// anybody. It is a store of github.com/alexedwards/scs.
type Sessions struct {
	db  *DB
	now func() time.Time
}

// Sessions returns the store of sessions, on a clock.
func (db *DB) Sessions(now func() time.Time) *Sessions { return &Sessions{db, now} }

// FindCtx returns what a session holds; false if there is none or it has expired.
func (s *Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := s.db.read.QueryRowContext(ctx, `/* Sessions.Find */ SELECT data FROM session WHERE hash = ? AND expires > ?`, hashOf(token), nanos(s.now())).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, s.db.fail("find a session", err)
	}
	return data, true, nil
}

// CommitCtx keeps what a session holds until it expires. Those that have expired are let go of.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	return s.db.update(ctx, "keep a session", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `/* Sessions.Commit */ DELETE FROM session WHERE expires <= ?`, nanos(s.now())); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `/* Sessions.Commit */ INSERT INTO session (hash, data, expires) VALUES (?, ?, ?)
			ON CONFLICT (hash) DO UPDATE SET data = excluded.data, expires = excluded.expires`, hashOf(token), data, nanos(expires))
		return err
	})
}

// DeleteCtx ends a session.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.db.update(ctx, "end a session", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `/* Sessions.Delete */ DELETE FROM session WHERE hash = ?`, hashOf(token))
		return err
	})
}

// Find is FindCtx for callers without a context.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx for callers without a context.
func (s *Sessions) Commit(token string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expires)
}

// Delete is DeleteCtx for callers without a context.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
