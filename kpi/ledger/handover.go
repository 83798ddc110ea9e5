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

// The states of a handover in the table of papers.
const (
	handoverOpen  = "open"
	handoverEnded = "ended"
	handoverVoid  = "void"
)

// Handovers returns the lists of what posts hand over that a query asks for, as they stand now, by id. Their subject is the post, their states are open, ended
// and void.
func (db *DB) Handovers(ctx context.Context, q kpi.PaperQuery) ([]kpi.Handover, error) {
	return papers[kpi.Handover](ctx, db, paperQuery{kind: paperHandover, subject: q.Subject, department: q.Department, states: q.States})
}

// Handover returns one as it stands now. It fails with [kpi.CodeNotFound] if there is none.
func (db *DB) Handover(ctx context.Context, id int64) (kpi.Handover, error) {
	return onePaper[kpi.Handover](ctx, db, paperHandover, id)
}

// SaveHandover keeps a revision, if [meeting.CheckHandover] allows it; otherwise it fails with [kpi.CodeInvalid] and the [meeting.HandoverProblem]. A holding has
// one list: a second fails with [kpi.CodeConflict], and so does a revision that somebody else has overtaken.
func (db *DB) SaveHandover(ctx context.Context, h *kpi.Handover, by account.By, now time.Time) error {
	p := paper{kind: paperHandover, state: handoverOpen, subject: h.Post, department: h.Department, action: "handover.changed", detail: map[string]string{
		"post": h.Post, "from": subject(h.From), "on": h.On.String(), "open": strconv.Itoa(openItems(h)),
	}}
	if h.To != 0 {
		p.detail["to"] = subject(h.To)
	}
	switch {
	case h.Void:
		p.state, p.action = handoverVoid, "handover.void"
	case h.Ended:
		p.state, p.action = handoverEnded, "handover.ended"
	case h.ID == 0:
		p.action = "handover.begun"
	}
	return save(ctx, db, p, &h.Stamp, h, by, now, func(tx *sql.Tx) error { return checkHandover(ctx, tx, h) })
}

// openItems is how much of a list is still to be handed over.
func openItems(h *kpi.Handover) int {
	n := 0
	for _, i := range h.Items {
		if !i.Done {
			n++
		}
	}
	return n
}

// checkHandover compares a handover, which was just written, with its revision before, and looks that its holding has no other list.
func checkHandover(ctx context.Context, tx *sql.Tx, h *kpi.Handover) error {
	var was *kpi.Handover
	err := each(ctx, tx, func(scan scanFunc) error {
		var text []byte
		var o kpi.Handover
		if err := scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal(text, &o); err != nil {
			return fmt.Errorf("a handover cannot be read: %w", err)
		}
		switch {
		case o.ID == h.ID && o.Revision == h.Revision-1:
			was = &o
		case o.ID != h.ID && o.Holding == h.Holding && !o.Void:
			return kpi.Errorf(kpi.CodeConflict, "there is a list for this holding already: handover %d", o.ID)
		}
		return nil
	}, `/* checkHandover */ SELECT body FROM paper p WHERE kind = ? AND (id = ? AND revision = ? OR id <> ? AND subject = ?
		AND revision = (SELECT max(n.revision) FROM paper n WHERE n.kind = p.kind AND n.id = p.id))`, string(paperHandover), h.ID, h.Revision-1, h.ID, h.Post)
	if err != nil {
		return err
	}
	if wrong := meeting.CheckHandover(was, h); wrong != "" {
		return &kpi.Error{Code: kpi.CodeInvalid, Message: "the handover cannot be kept", Err: wrong}
	}
	return nil
}
