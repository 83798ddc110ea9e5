package ledger

import (
	"context"
	"database/sql"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// Contests returns the contested numbers that a query asks for, as they stand now, by id. Their subject is the indicator.
func (db *DB) Contests(ctx context.Context, q kpi.PaperQuery) ([]kpi.Contest, error) {
	return papers[kpi.Contest](ctx, db, paperQuery{kind: paperContest, subject: q.Subject, department: q.Department, states: q.States})
}

// Contest returns one as it stands now. It fails with [kpi.CodeNotFound] if there is none.
func (db *DB) Contest(ctx context.Context, id int64) (kpi.Contest, error) {
	return onePaper[kpi.Contest](ctx, db, paperContest, id)
}

// ContestHistory returns every revision of one, oldest first.
func (db *DB) ContestHistory(ctx context.Context, id int64) ([]kpi.Contest, error) {
	return papers[kpi.Contest](ctx, db, paperQuery{kind: paperContest, id: id, all: true})
}

// SaveContest keeps a revision, if it may follow the one before ([meeting.CheckContest]) and no other contest of the same number is open. It fails with
// [kpi.CodeConflict] if somebody else has saved one since.
func (db *DB) SaveContest(ctx context.Context, c *kpi.Contest, by account.By, now time.Time) error {
	p := paper{
		kind: paperContest, state: string(c.State), subject: c.Indicator, department: c.Department, action: "contest." + string(c.State),
		detail: map[string]string{"indicator": c.Indicator, "period": c.Period},
	}
	return save(ctx, db, p, &c.Stamp, c, by, now, func(tx *sql.Tx) error {
		was, err := revisionBefore[kpi.Contest](ctx, tx, paperContest, &c.Stamp)
		if err != nil {
			return err
		}
		if err := meeting.CheckContest(was, c); err != nil || c.State != kpi.ContestOpen {
			return err
		}
		return alone(ctx, tx, paperContest, &c.Stamp, c.Indicator, c.Period, string(kpi.ContestOpen))
	})
}
