package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// Holdings returns who holds which post, and who did: what a query asks for, as it stands now, by id. Their subject is the post.
func (db *DB) Holdings(ctx context.Context, q kpi.PaperQuery) ([]kpi.Holding, error) {
	return papers[kpi.Holding](ctx, db, paperQuery{kind: paperHolding, subject: q.Subject, states: q.States})
}

// SaveHolding keeps a revision, if it agrees with all others of the post as they stand at that moment ([meeting.CheckHolding]); otherwise it fails with
// [kpi.CodeInvalid] and the [meeting.HoldingProblem]. It fails with [kpi.CodeConflict] if somebody else has saved one since.
func (db *DB) SaveHolding(ctx context.Context, h *kpi.Holding, by account.By, now time.Time) error {
	p := paper{kind: paperHolding, state: "held", subject: h.Post, action: "holding.begun", detail: map[string]string{
		"post": h.Post, "holder": subject(h.Holder), "from": h.From.String(),
	}}
	if !h.Until.IsZero() {
		p.detail["until"] = h.Until.String()
	}
	if h.Acting {
		p.detail["acting"] = strconv.FormatBool(h.Acting)
	}
	if h.Reason != "" {
		p.detail["reason"] = h.Reason
	}
	switch {
	case h.Void:
		p.state, p.action = "void", "holding.void"
	case h.ID != 0:
		p.action = "holding.changed"
	}
	return save(ctx, db, p, &h.Stamp, h, by, now, func(tx *sql.Tx) error { return checkHolding(ctx, tx, h) })
}

// checkHolding compares a holding, which was just written, with its revision before and with the others of its post.
func checkHolding(ctx context.Context, tx *sql.Tx, h *kpi.Holding) error {
	var others []kpi.Holding
	var was *kpi.Holding
	read := func(scan scanFunc) error {
		var text []byte
		var o kpi.Holding
		if err := scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal(text, &o); err != nil {
			return fmt.Errorf("a holding cannot be read: %w", err)
		}
		if o.ID == h.ID {
			was = &o
		} else {
			others = append(others, o)
		}
		return nil
	}
	err := each(ctx, tx, read, `/* checkHolding */ SELECT body FROM paper p WHERE kind = ? AND (id = ? AND revision = ? OR id <> ? AND subject = ?
		AND revision = (SELECT max(n.revision) FROM paper n WHERE n.kind = p.kind AND n.id = p.id))`, string(paperHolding), h.ID, h.Revision-1, h.ID, h.Post)
	if err != nil {
		return err
	}
	if wrong := meeting.CheckHolding(others, was, h); wrong != "" {
		return &kpi.Error{Code: kpi.CodeInvalid, Message: "the holding cannot be kept", Err: wrong}
	}
	return nil
}
