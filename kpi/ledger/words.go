package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"citystat/kpi"
)

// ApprovedCommentary returns each text that was approved last, as known then (zero: now), by id. A commentary that is being written anew stands as it was approved;
// one that was withdrawn does not stand.
func (db *DB) ApprovedCommentary(ctx context.Context, knownAt time.Time) ([]kpi.Commentary, error) {
	approved, withdrawn := string(kpi.CommentaryApproved), string(kpi.CommentaryWithdrawn)
	return papers[kpi.Commentary](ctx, db, paperQuery{kind: paperCommentary, among: []string{approved, withdrawn}, states: []string{approved}, knownAt: knownAt})
}

// OpenContests returns the contests that were open, as known then (zero: now), by id.
func (db *DB) OpenContests(ctx context.Context, knownAt time.Time) ([]kpi.Contest, error) {
	return papers[kpi.Contest](ctx, db, paperQuery{kind: paperContest, states: []string{string(kpi.ContestOpen)}, knownAt: knownAt})
}

// CommitmentsThen returns all commitments as they stood then (zero: now), by id.
func (db *DB) CommitmentsThen(ctx context.Context, knownAt time.Time) ([]kpi.Commitment, error) {
	return papers[kpi.Commitment](ctx, db, paperQuery{kind: paperCommitment, knownAt: knownAt})
}

// MeetingsThen returns the meetings that somebody had done something about, as they stood then (zero: now), by id.
func (db *DB) MeetingsThen(ctx context.Context, knownAt time.Time) ([]kpi.Meeting, error) {
	return papers[kpi.Meeting](ctx, db, paperQuery{kind: paperMeeting, knownAt: knownAt})
}

// MeetingNotesThen returns what had been decided in meetings and left for later, as it stood then (zero: now), by id.
func (db *DB) MeetingNotesThen(ctx context.Context, knownAt time.Time) ([]kpi.MeetingNote, error) {
	return papers[kpi.MeetingNote](ctx, db, paperQuery{kind: paperNote, knownAt: knownAt})
}

// EmergenciesThen returns the emergencies that had been declared, as they stood then (zero: now), by id.
func (db *DB) EmergenciesThen(ctx context.Context, knownAt time.Time) ([]kpi.Emergency, error) {
	return papers[kpi.Emergency](ctx, db, paperQuery{kind: paperEmergency, knownAt: knownAt})
}

// revisionBefore returns the revision before the one that a transaction has just written; nil if that is the first.
func revisionBefore[T any](ctx context.Context, tx *sql.Tx, kind paperKind, s *kpi.Stamp) (*T, error) {
	var text []byte
	err := tx.QueryRowContext(ctx, `/* revisionBefore */ SELECT body FROM paper WHERE kind = ? AND id = ? AND revision = ?`, string(kind), s.ID, s.Revision-1).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	was := new(T)
	if err := json.Unmarshal(text, was); err != nil {
		return nil, fmt.Errorf("a %s cannot be read: %w", kind, err)
	}
	return was, nil
}

// alone fails with [kpi.CodeConflict] if another thing of the kind is about the same period of the same indicator, in a state if one is named.
func alone(ctx context.Context, tx *sql.Tx, kind paperKind, s *kpi.Stamp, indicator, period, state string) error {
	var other int64
	err := tx.QueryRowContext(ctx, `/* alone */ SELECT id FROM paper p WHERE kind = ? AND subject = ? AND id <> ? AND json_extract(body, '$.period') = ? AND (? = '' OR state = ?)
		AND revision = (SELECT max(n.revision) FROM paper n WHERE n.kind = p.kind AND n.id = p.id) LIMIT 1`, string(kind), indicator, s.ID, period, state, state).Scan(&other)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return kpi.Errorf(kpi.CodeConflict, "%s %d is about this number already; read it first", kind, other)
}

// FirstGoodLoad returns when a dataset was loaded well for the first time, from a time on; the zero time if it was not yet. A load that found nothing new is good.
func (db *DB) FirstGoodLoad(ctx context.Context, dataset string, from time.Time) (time.Time, error) {
	var at sql.NullInt64
	err := db.view(ctx, "read loads", func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `/* FirstGoodLoad */ SELECT min(started) FROM load WHERE dataset = ? AND state IN ('live', 'unchanged') AND started >= ?`, dataset, nanos(from)).Scan(&at)
	})
	if err != nil || !at.Valid {
		return time.Time{}, err
	}
	return timeOf(at.Int64), nil
}
