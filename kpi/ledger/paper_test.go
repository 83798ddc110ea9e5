package ledger

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

func TestPapers(t *testing.T) {
	ctx := t.Context()
	db, err := Open(ctx, filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	by, now := account.By{Name: "the test"}, time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	c := kpi.Commentary{Indicator: "trees", Period: "2026-10", Department: "parks", State: kpi.CommentaryDraft, Lang: kpi.English, Happened: "It rained."}
	if err := db.SaveCommentary(ctx, &c, by, now); err != nil {
		t.Fatal(err)
	}
	if c.ID != 1 || c.Revision != 1 || !c.At.Equal(now) || c.By != "the test" || !c.Since.Equal(now) {
		t.Fatalf("stamped %+v", c.Stamp)
	}
	mine, theirs := c, c
	theirs.Happened = "It snowed."
	if err := db.SaveCommentary(ctx, &theirs, by, now.Add(-time.Hour)); err != nil { // the clock was set back
		t.Fatal(err)
	}
	if theirs.Revision != 2 || theirs.At.Before(now) {
		t.Fatalf("stamped %+v", theirs.Stamp)
	}
	mine.Happened = "It was dry."
	if err := db.SaveCommentary(ctx, &mine, by, now.Add(time.Hour)); kpi.ErrorCode(err) != kpi.CodeConflict || mine.Revision != 1 {
		t.Fatalf("saved over somebody's text: %v, %+v", err, mine.Stamp)
	}
	got, err := db.Commentary(ctx, 1)
	if err != nil || got.Happened != "It snowed." {
		t.Fatalf("%+v, %v", got, err)
	}
	history, err := db.CommentaryHistory(ctx, 1)
	if err != nil || len(history) != 2 || history[0].Happened != "It rained." {
		t.Fatalf("%+v, %v", history, err)
	}
	for name, q := range map[string]struct {
		kpi.PaperQuery
		n int
	}{
		"all": {kpi.PaperQuery{}, 1}, "of trees": {kpi.PaperQuery{Subject: "trees"}, 1}, "of roads": {kpi.PaperQuery{Subject: "roads"}, 0},
		"of parks": {kpi.PaperQuery{Department: "parks", States: []string{"draft", "submitted"}}, 1}, "approved": {kpi.PaperQuery{States: []string{"approved"}}, 0},
	} {
		if list, err := db.Commentaries(ctx, q.PaperQuery); err != nil || len(list) != q.n {
			t.Errorf("%s: %d, %v", name, len(list), err)
		}
	}
	gone := kpi.Commentary{Stamp: kpi.Stamp{ID: 9, Revision: 1}, Indicator: "trees"}
	if err := db.SaveCommentary(ctx, &gone, by, now); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("saved what is not there: %v", err)
	}
	if _, err := db.Commentary(ctx, 9); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("read what is not there: %v", err)
	}
	for _, q := range []string{`UPDATE paper SET state = 'x'`, `DELETE FROM paper`, `INSERT OR REPLACE INTO paper SELECT kind, id, revision, at, person, name, 'x', subject, department, body FROM paper`} {
		if _, err := db.write.ExecContext(ctx, q); err == nil {
			t.Errorf("%s was done", q)
		}
	}
	if _, _, wrong, err := db.VerifyAudit(ctx); wrong != "" || err != nil {
		t.Error(wrong, err)
	}
}

// TestPapersAtOnce lets many people save over the same revision: one of them does.
func TestPapersAtOnce(t *testing.T) {
	ctx := t.Context()
	db, err := Open(ctx, filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	by, now := account.By{Name: "the test"}, time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	first := kpi.Commentary{Indicator: "trees", State: kpi.CommentaryDraft, Lang: kpi.English, Happened: "It rained."}
	if err := db.SaveCommentary(ctx, &first, by, now); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	won := make(chan bool, 20)
	for range cap(won) {
		wg.Go(func() {
			c := first
			err := db.SaveCommentary(ctx, &c, by, now)
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
	if n != 1 {
		t.Errorf("%d saved", n)
	}
}
