package ledger

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
	"citystat/kpi/account"
)

// entriesOf are the numbers of the batches that count, with how many rows each has.
func entriesOf(t *testing.T, db *DB, dataset string) []string {
	t.Helper()
	list, err := db.Entered(t.Context(), dataset)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range list {
		got = append(got, fmt.Sprintf("%d: %d", b.ID, len(b.Rows)))
	}
	return got
}

// TestEntries: what counts, in which order, and that nothing that was typed is lost or changed.
func TestEntries(t *testing.T) {
	db, ctx, by := fresh(t), t.Context(), account.By{Name: "the test"}
	row := func(line int64, v string) kpi.EntryRow {
		return kpi.EntryRow{Line: line, Fields: map[string]string{"Value": v}}
	}
	save := func(b *kpi.EntryBatch) {
		t.Helper()
		if err := db.SaveEntryBatch(ctx, b, by, day); err != nil {
			t.Fatal(err)
		}
	}
	first := &kpi.EntryBatch{Dataset: "permits", Department: "works", State: kpi.EntryDraft, File: "march.xlsx", Note: "as every month", Rows: []kpi.EntryRow{row(2, "1"), row(3, "x")}}
	save(first)
	second := &kpi.EntryBatch{Dataset: "permits", State: kpi.EntryDraft, Rows: []kpi.EntryRow{row(1, "9")}}
	save(second)
	other := &kpi.EntryBatch{Dataset: "trees", State: kpi.EntryDraft, Rows: []kpi.EntryRow{row(1, "9")}}
	save(other)
	if first.ID != 1 || second.ID != 2 || first.Kept != 1 || first.Count != 2 {
		t.Fatalf("%+v %+v", first, second)
	}
	if got := entriesOf(t, db, "permits"); got != nil {
		t.Errorf("drafts count: %v", got)
	}
	mended := *first
	mended.Rows = []kpi.EntryRow{row(2, "1"), {Line: 3, Fields: map[string]string{"Value": "x"}, Out: true}}
	save(&mended)
	if mended.Kept != 2 || mended.Count != 1 {
		t.Errorf("%+v", mended)
	}
	second.State, mended.State = kpi.EntryEntered, kpi.EntryEntered
	second.Rows = []kpi.EntryRow{row(1, "another value")} // of what is entered the rows are those of the draft
	save(second)
	save(&mended) // in the same instant, after it
	if second.Rows[0].Fields["Value"] != "9" || mended.Kept != 2 || mended.Turn <= second.Turn {
		t.Errorf("%+v %+v", second, mended)
	}
	if diff := cmp.Diff([]string{"2: 1", "1: 2"}, entriesOf(t, db, "permits")); diff != "" {
		t.Errorf("in the order in which they were entered (-want +got):\n%s", diff)
	}
	second.State, second.Why = kpi.EntryUndone, "a slip"
	save(second)
	if diff := cmp.Diff([]string{"1: 2"}, entriesOf(t, db, "permits")); diff != "" {
		t.Error(diff)
	}
	stale := *first
	stale.State = kpi.EntryDiscarded
	if err := db.SaveEntryBatch(ctx, &stale, by, day); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Errorf("saved over what somebody else has entered: %v", err)
	}
	list, err := db.EntryBatches(ctx, kpi.PaperQuery{Subject: "permits"})
	if err != nil || len(list) != 2 || list[0].Rows != nil || list[0].Count != 1 || list[0].Department != "works" || list[1].Why != "a slip" {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := db.EntryBatch(ctx, 9); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Error(err)
	}
	if err := db.SaveEntryBatch(ctx, &kpi.EntryBatch{Dataset: "permits", State: kpi.EntryEntered, Rows: first.Rows}, by, day); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("entered unseen: %v", err)
	}
	var kept int
	if err := db.write.QueryRowContext(ctx, `SELECT count(*) FROM entry_rows`).Scan(&kept); err != nil || kept != 4 {
		t.Errorf("rows are kept %d times, %v", kept, err)
	}
	for _, q := range []string{`UPDATE entry_rows SET rows = '[]'`, `DELETE FROM entry_rows`, `INSERT OR REPLACE INTO entry_rows VALUES (1, 1, '[]')`} {
		if _, err := db.write.ExecContext(ctx, q); err == nil {
			t.Errorf("%s was done", q)
		}
	}
	trail, err := db.Audit(ctx, 0, 1)
	if err != nil || trail[0].Action != "entry.undone" || trail[0].Detail["dataset"] != "permits" || trail[0].Detail["why"] != "a slip" {
		t.Errorf("%+v, %v", trail, err)
	}
	if _, _, wrong, err := db.VerifyAudit(ctx); wrong != "" || err != nil {
		t.Error(wrong, err)
	}
}

// TestEntriesAtOnce lets many people enter the same draft: it counts once.
func TestEntriesAtOnce(t *testing.T) {
	db, ctx, by := fresh(t), t.Context(), account.By{Name: "the test"}
	b := &kpi.EntryBatch{Dataset: "permits", State: kpi.EntryDraft, Rows: []kpi.EntryRow{{Line: 1, Fields: map[string]string{"Value": "1"}}}}
	if err := db.SaveEntryBatch(ctx, b, by, day); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	won := make(chan bool, 10)
	for range cap(won) {
		wg.Go(func() {
			mine := *b
			mine.State = kpi.EntryEntered
			err := db.SaveEntryBatch(ctx, &mine, by, day.Add(time.Second))
			if err != nil && kpi.ErrorCode(err) != kpi.CodeConflict {
				t.Error(err)
			}
			won <- err == nil
		})
	}
	wg.Wait()
	close(won)
	n := 0
	for w := range won {
		if w {
			n++
		}
	}
	if got := entriesOf(t, db, "permits"); n != 1 || len(got) != 1 {
		t.Errorf("%d entered it, and it counts as %v", n, got)
	}
}
