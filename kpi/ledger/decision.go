package ledger

import (
	"context"
	"strconv"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// Decisions returns the decisions that a query asks for, as they stand now, by id. Their subject is the indicator.
func (db *DB) Decisions(ctx context.Context, q kpi.PaperQuery) ([]kpi.Decision, error) {
	return papers[kpi.Decision](ctx, db, paperQuery{kind: paperDecision, subject: q.Subject, department: q.Department, states: q.States})
}

// Decision returns one as it stands now. It fails with [kpi.CodeNotFound] if there is none.
func (db *DB) Decision(ctx context.Context, id int64) (kpi.Decision, error) {
	return onePaper[kpi.Decision](ctx, db, paperDecision, id)
}

// DecisionHistory returns every revision of one, oldest first.
func (db *DB) DecisionHistory(ctx context.Context, id int64) ([]kpi.Decision, error) {
	return papers[kpi.Decision](ctx, db, paperQuery{kind: paperDecision, id: id, all: true})
}

// SaveDecision keeps a decision, or that it is withdrawn. It fails with [kpi.CodeInvalid] if it says too little or would change what was decided, and
// with [kpi.CodeConflict] if somebody else has saved a revision since.
func (db *DB) SaveDecision(ctx context.Context, d *kpi.Decision, by account.By, now time.Time) error {
	var before *kpi.Decision
	if d.ID != 0 {
		old, err := db.Decision(ctx, d.ID)
		if err != nil {
			return err
		}
		before = &old
	}
	if err := meeting.KeepDecision(before, d); err != nil {
		return err
	}
	p := paper{kind: paperDecision, state: string(d.State), subject: d.Indicator, action: "decision." + string(d.State), detail: decisionDetail(d)}
	return save(ctx, db, p, &d.Stamp, d, by, now, nil)
}

// decisionDetail is what the audit trail says of a decision.
func decisionDetail(d *kpi.Decision) map[string]string {
	detail := map[string]string{"kind": string(d.Kind), "on": d.On.String(), "whose": d.Whose}
	put := func(key, value string) {
		if value != "" {
			detail[key] = value
		}
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	put("indicator", d.Indicator)
	put("owner", d.Owner)
	put("act", d.Act.Title)
	put("because", d.Why)
	if t := d.Target; t != nil {
		put("by", t.By.String())
		put("target", t.Kind)
		switch {
		case d.Kind == kpi.DecideDrop:
		case t.Low != 0 || t.High != 0:
			put("value", number(t.Low)+".."+number(t.High))
		default:
			put("value", number(t.Value))
		}
	}
	return detail
}
