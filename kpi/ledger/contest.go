package ledger

import (
	"context"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
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

// SaveContest keeps a revision. It fails with [kpi.CodeConflict] if somebody else has saved one since.
func (db *DB) SaveContest(ctx context.Context, c *kpi.Contest, by account.By, now time.Time) error {
	p := paper{
		kind: paperContest, state: string(c.State), subject: c.Indicator, department: c.Department, action: "contest." + string(c.State),
		detail: map[string]string{"indicator": c.Indicator, "period": c.Period},
	}
	return save(ctx, db, p, &c.Stamp, c, by, now, nil)
}
