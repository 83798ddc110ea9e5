package ledger

import (
	"context"
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
