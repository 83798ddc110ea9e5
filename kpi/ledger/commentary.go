package ledger

import (
	"context"
	"database/sql"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// Commentaries returns the commentaries that a query asks for, as they stand now, by id. Their subject is the indicator.
func (db *DB) Commentaries(ctx context.Context, q kpi.PaperQuery) ([]kpi.Commentary, error) {
	return papers[kpi.Commentary](ctx, db, paperQuery{kind: paperCommentary, subject: q.Subject, department: q.Department, states: q.States})
}

// Commentary returns one as it stands now. It fails with [kpi.CodeNotFound] if there is none.
func (db *DB) Commentary(ctx context.Context, id int64) (kpi.Commentary, error) {
	return onePaper[kpi.Commentary](ctx, db, paperCommentary, id)
}

// CommentaryHistory returns every revision of one, oldest first.
func (db *DB) CommentaryHistory(ctx context.Context, id int64) ([]kpi.Commentary, error) {
	return papers[kpi.Commentary](ctx, db, paperQuery{kind: paperCommentary, id: id, all: true})
}

// SaveCommentary keeps a revision, if it may follow the one before ([meeting.CheckCommentary]) and no other commentary is about the same number. It fails with
// [kpi.CodeConflict] if somebody else has saved one since.
func (db *DB) SaveCommentary(ctx context.Context, c *kpi.Commentary, by account.By, now time.Time) error {
	p := paper{
		kind: paperCommentary, state: string(c.State), subject: c.Indicator, department: c.Department, action: "commentary." + string(c.State),
		detail: map[string]string{"indicator": c.Indicator, "period": c.Period},
	}
	return save(ctx, db, p, &c.Stamp, c, by, now, func(tx *sql.Tx) error {
		was, err := revisionBefore[kpi.Commentary](ctx, tx, paperCommentary, &c.Stamp)
		if err != nil {
			return err
		}
		if err := meeting.CheckCommentary(was, c); err != nil {
			return err
		}
		return alone(ctx, tx, paperCommentary, &c.Stamp, c.Indicator, c.Period, "")
	})
}
