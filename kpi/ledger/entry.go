package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// EntryBatches returns the batches that a query asks for, as they stand now and without their rows, by id. Their subject is the dataset.
func (db *DB) EntryBatches(ctx context.Context, q kpi.PaperQuery) ([]kpi.EntryBatch, error) {
	return papers[kpi.EntryBatch](ctx, db, paperQuery{kind: paperEntry, subject: q.Subject, department: q.Department, states: q.States})
}

// EntryBatch returns one as it stands now, with its rows. It fails with [kpi.CodeNotFound] if there is none.
func (db *DB) EntryBatch(ctx context.Context, id int64) (kpi.EntryBatch, error) {
	b, err := onePaper[kpi.EntryBatch](ctx, db, paperEntry, id)
	if err != nil {
		return b, err
	}
	return b, db.readEntryRows(ctx, &b)
}

// Entered returns the batches of a dataset that count, with their rows, in the order in which they were entered.
func (db *DB) Entered(ctx context.Context, dataset string) ([]kpi.EntryBatch, error) {
	list, err := db.EntryBatches(ctx, kpi.PaperQuery{Subject: dataset, States: []string{string(kpi.EntryEntered)}})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b kpi.EntryBatch) int { return cmp.Or(cmp.Compare(a.Turn, b.Turn), cmp.Compare(a.ID, b.ID)) })
	for i := range list {
		if err := db.readEntryRows(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (db *DB) readEntryRows(ctx context.Context, b *kpi.EntryBatch) error {
	return db.view(ctx, "read the rows of an entry", func(tx *sql.Tx) error {
		var text []byte
		err := tx.QueryRowContext(ctx, `/* entry rows */ SELECT rows FROM entry_rows WHERE batch = ? AND revision = ?`, b.ID, b.Kept).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return kpi.Errorf(kpi.CodeInternal, "the rows of entry %d are not in the ledger; restore it from a backup", b.ID)
		}
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &b.Rows)
	})
}

// SaveEntryBatch keeps a revision. Its rows are kept where it is a draft; of any other state they are those of the draft, whatever b says. It fails with
// [kpi.CodeConflict] if somebody else has saved one since, or if the batch is in a state out of which it cannot be moved so.
func (db *DB) SaveEntryBatch(ctx context.Context, b *kpi.EntryBatch, by account.By, now time.Time) error {
	var was *kpi.EntryBatch
	if b.ID != 0 {
		w, err := db.EntryBatch(ctx, b.ID)
		if err != nil {
			return err
		}
		if w.Revision != b.Revision {
			return kpi.Errorf(kpi.CodeConflict, "entry %d was changed by somebody else meanwhile (revision %d, yours is %d); read it again", b.ID, w.Revision, b.Revision)
		}
		was = &w
	}
	next, err := db.nextEntry(ctx, was, *b, now)
	if err != nil {
		return err
	}
	rows := next.Rows
	fresh := next.Kept == next.Revision+1
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	p := paper{
		kind: paperEntry, state: string(next.State), subject: next.Dataset, department: next.Department, action: "entry." + string(next.State),
		detail: entryDetail(&next),
	}
	next.Rows = nil // they stand apart
	err = save(ctx, db, p, &next.Stamp, &next, by, now, func(tx *sql.Tx) error {
		if !fresh {
			return nil
		}
		_, err := tx.ExecContext(ctx, `/* entry rows */ INSERT INTO entry_rows (batch, revision, rows) VALUES (?, ?, ?)`, next.ID, next.Revision, string(text))
		return err
	})
	if err != nil {
		return err
	}
	next.Rows = rows
	*b = next
	return nil
}

// nextEntry is the revision that will be kept. was is the one before it, nil if there is none.
func (db *DB) nextEntry(ctx context.Context, was *kpi.EntryBatch, b kpi.EntryBatch, now time.Time) (kpi.EntryBatch, error) {
	next := b
	if b.State != kpi.EntryDraft && was != nil {
		next = *was
		next.State, next.Why = b.State, b.Why
	}
	next.Count = 0
	for _, r := range next.Rows {
		if !r.Out {
			next.Count++
		}
	}
	if next.Rows == nil {
		next.Rows = []kpi.EntryRow{}
	}
	if err := meeting.CheckEntry(was, &next); err != nil {
		return next, err
	}
	switch {
	case was != nil && reflect.DeepEqual(was.Rows, next.Rows):
		next.Kept = was.Kept
	default:
		next.Kept = next.Revision + 1
	}
	if next.State == kpi.EntryEntered {
		others, err := db.EntryBatches(ctx, kpi.PaperQuery{Subject: next.Dataset})
		if err != nil {
			return next, err
		}
		next.Entered, next.Turn = now.UTC(), 1
		for _, o := range others { // two that are entered in the same instant have one turn, and the order of their ids
			next.Turn = max(next.Turn, o.Turn+1)
		}
	}
	return next, nil
}

// entryDetail is what the audit trail says of a batch: how much and of what, and no row.
func entryDetail(b *kpi.EntryBatch) map[string]string {
	d := map[string]string{"dataset": b.Dataset, "rows": strconv.Itoa(b.Count)}
	if b.File != "" {
		d["file"] = b.File
	}
	if b.State == kpi.EntryUndone {
		d["why"] = fmt.Sprintf("%.200s", b.Why)
	}
	return d
}
