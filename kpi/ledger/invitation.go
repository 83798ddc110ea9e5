package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"citystat/kpi/meeting"
)

const (
	// invitationTries is how often mail about a meeting is tried; the wait between two tries grows by an hour each time.
	invitationTries = 12
	// invitationWait is the wait before the second one.
	invitationWait = time.Hour
)

// Invitations returns the mail about meetings that were told to begin from a time on, by meeting, person and sequence.
func (db *DB) Invitations(ctx context.Context, from time.Time) ([]meeting.Invitation, error) {
	var list []meeting.Invitation
	err := db.view(ctx, "read invitations", func(tx *sql.Tx) error {
		return each(ctx, tx, func(scan scanFunc) error {
			var i meeting.Invitation
			var slot, said, state string
			var again bool
			if err := scan(&i.Series, &slot, &i.Person, &i.Sequence, &said, &state, &again); err != nil {
				return err
			}
			i.Sent = state == "sent" || state == "sending" && again
			if err := json.Unmarshal([]byte(said), &i.Said); err != nil {
				return fmt.Errorf("an invitation to %s/%s cannot be read: %w", i.Series, slot, err)
			}
			if err := i.Slot.UnmarshalText([]byte(slot)); err != nil {
				return err
			}
			list = append(list, i)
			return nil
		}, `/* Invitations */ SELECT series, slot, person, sequence, said, state, again FROM invitation WHERE starts >= ? ORDER BY series, slot, person, sequence`, nanos(from))
	})
	return list, err
}

// BeginInvitation notes that mail about a meeting is about to be sent. It reports whether it may be: not if it was sent, nor while nobody knows whether it was and it has
// been sent once more since, nor sooner than some hours after the server refused it, nor after twelve tries. So whoever is invited gets it once, and at most once more.
func (db *DB) BeginInvitation(ctx context.Context, i *meeting.Invitation, now time.Time) (ok bool, err error) {
	said, err := json.Marshal(i.Said)
	if err != nil {
		return false, err
	}
	err = db.update(ctx, "begin an invitation", func(tx *sql.Tx) error {
		ok = false
		var state string
		var tries, again int
		var at int64
		err := tx.QueryRowContext(ctx, `/* BeginInvitation */ SELECT state, tries, again, at FROM invitation WHERE series = ? AND slot = ? AND person = ? AND sequence = ?`,
			i.Series, i.Slot.String(), i.Person, i.Sequence).Scan(&state, &tries, &again, &at)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			ok = true
			_, err = tx.ExecContext(ctx, `/* BeginInvitation */ INSERT INTO invitation (series, slot, person, sequence, starts, said, state, tries, at) VALUES (?, ?, ?, ?, ?, ?, 'sending', 1, ?)`,
				i.Series, i.Slot.String(), i.Person, i.Sequence, nanos(i.Said.Start), string(said), nanos(now))
			return err
		case err != nil:
			return err
		case state == "sent", state == "sending" && again == 1, tries >= invitationTries:
			return nil
		case state == "failed" && now.Before(timeOf(at).Add(time.Duration(tries)*invitationWait)):
			return nil
		case state == "sending":
			again = 1
		}
		ok = true
		_, err = tx.ExecContext(ctx, `/* BeginInvitation */ UPDATE invitation SET starts = ?, said = ?, state = 'sending', tries = tries + 1, again = ?, at = ? WHERE series = ? AND slot = ? AND person = ? AND sequence = ?`,
			nanos(i.Said.Start), string(said), again, nanos(now), i.Series, i.Slot.String(), i.Person, i.Sequence)
		return err
	})
	return ok && err == nil, err
}

// InvitationTrouble returns how much of the mail about meetings that are still to come did not go out, and the newest reason.
func (db *DB) InvitationTrouble(ctx context.Context, now time.Time) (n int, why string, err error) {
	err = db.view(ctx, "read what became of invitations", func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `/* InvitationTrouble */ SELECT count(*) FROM invitation WHERE state = 'failed' AND starts >= ?`, nanos(now)).Scan(&n)
		if err != nil || n == 0 {
			return err
		}
		return tx.QueryRowContext(ctx, `/* InvitationTrouble */ SELECT error FROM invitation WHERE state = 'failed' AND starts >= ? ORDER BY at DESC LIMIT 1`, nanos(now)).Scan(&why)
	})
	return n, why, err
}

// EndInvitation notes what came of mail about a meeting that was begun: it was sent, or the server did not take it, for a reason. Where nobody knows, it is not called.
func (db *DB) EndInvitation(ctx context.Context, i *meeting.Invitation, failure string, now time.Time) error {
	state := "sent"
	if failure != "" {
		state = "failed"
	}
	return db.update(ctx, "end an invitation", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `/* EndInvitation */ UPDATE invitation SET state = ?, error = ?, at = ? WHERE series = ? AND slot = ? AND person = ? AND sequence = ? AND state = 'sending'`,
			state, failure, nanos(now), i.Series, i.Slot.String(), i.Person, i.Sequence)
		return err
	})
}
