package ledger

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

func postLedger(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestHoldings(t *testing.T) {
	ctx, db := t.Context(), postLedger(t)
	by, now := account.By{Person: 0, Name: "the test"}, time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	day := func(m time.Month, d int) kpi.Date { return kpi.Date{Year: 2026, Month: m, Day: d} }
	save := func(h *kpi.Holding) meeting.HoldingProblem {
		t.Helper()
		err := db.SaveHolding(ctx, h, by, now)
		var p meeting.HoldingProblem
		if err != nil && (kpi.ErrorCode(err) != kpi.CodeInvalid || !errors.As(err, &p)) {
			t.Fatal(err)
		}
		return p
	}
	first := kpi.Holding{Post: "director", Holder: 1, From: day(1, 1)}
	if p := save(&first); p != "" {
		t.Fatal(p)
	}
	second := kpi.Holding{Post: "director", Holder: 2, From: day(6, 1)}
	if p := save(&second); p != meeting.HoldingTaken || second.ID != 0 {
		t.Fatalf("two people hold a post: %q, %+v", p, second.Stamp)
	}
	ended := first
	ended.Until = day(5, 31)
	if p := save(&ended); p != "" || ended.Revision != 2 {
		t.Fatalf("%q, %+v", p, ended.Stamp)
	}
	if p := save(&second); p != "" || second.ID != 2 {
		t.Fatalf("%q, %+v", p, second.Stamp)
	}
	longer := ended
	longer.Until = day(6, 1)
	if p := save(&longer); p != meeting.HoldingTaken {
		t.Errorf("the first holder stays beside the second: %q", p)
	}
	other := ended
	other.Holder = 3
	if p := save(&other); p != meeting.HoldingOtherPerson {
		t.Errorf("a revision is about somebody else: %q", p)
	}
	if err := db.SaveHolding(ctx, &first, by, now); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Errorf("saved over a revision that was not seen: %v", err)
	}
	elsewhere := kpi.Holding{Post: "clerk", Holder: 1, From: day(1, 1)}
	if p := save(&elsewhere); p != "" {
		t.Errorf("another post is not free: %q", p)
	}
	if list, err := db.Holdings(ctx, kpi.PaperQuery{Subject: "director"}); err != nil || len(list) != 2 || list[0].Until != day(5, 31) {
		t.Errorf("%+v, %v", list, err)
	}
	second.Void, second.Reason = true, "wrong person"
	if p := save(&second); p != "" {
		t.Fatal(p)
	}
	third := kpi.Holding{Post: "director", Holder: 3, From: day(6, 1)}
	if p := save(&third); p != "" {
		t.Errorf("what was entered by mistake keeps the post: %q", p)
	}
	audited, err := db.Audit(ctx, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, a := range audited {
		actions = append(actions, a.Action)
	}
	want := []string{"holding.begun", "holding.void", "holding.begun", "holding.begun", "holding.changed", "holding.begun"}
	if len(actions) != len(want) {
		t.Fatalf("the trail says %v, want %v", actions, want)
	}
	for i := range want {
		if actions[i] != want[i] {
			t.Fatalf("the trail says %v, want %v", actions, want)
		}
	}
	if d := audited[1].Detail; d["post"] != "director" || d["holder"] != "person 2" || d["from"] != "2026-06-01" || d["reason"] != "wrong person" {
		t.Errorf("the trail says %v", d)
	}
}

// TestPostTakenAtOnce lets many people give the same post to somebody at the same time: one of them does.
func TestPostTakenAtOnce(t *testing.T) {
	ctx, db := t.Context(), postLedger(t)
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	var wg sync.WaitGroup
	won := make(chan bool, 20)
	for n := range cap(won) {
		wg.Go(func() {
			h := kpi.Holding{Post: "director", Holder: int64(n + 1), From: kpi.Date{Year: 2026, Month: 1, Day: 1}}
			err := db.SaveHolding(ctx, &h, account.By{Name: "the test"}, now)
			if err != nil && !errors.Is(err, meeting.HoldingTaken) {
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
		t.Errorf("%d people were given the post", n)
	}
}

func TestHandovers(t *testing.T) {
	ctx, db := t.Context(), postLedger(t)
	by, now := account.By{Name: "the test"}, time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	h := kpi.Handover{
		Post: "director", Department: "parks", Holding: 1, From: 1, On: kpi.Date{Year: 2026, Month: 12, Day: 31},
		Items: []kpi.HandoverItem{{Kind: kpi.OwnsIndicator, ID: "trees"}, {Kind: kpi.OwnsDataset, ID: "requests"}},
	}
	if err := db.SaveHandover(ctx, &h, by, now); err != nil || h.ID != 1 {
		t.Fatal(err)
	}
	twin := h
	twin.Stamp = kpi.Stamp{}
	if err := db.SaveHandover(ctx, &twin, by, now); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Errorf("a holding has two lists: %v", err)
	}
	lost := h
	lost.Items = h.Items[1:]
	var p meeting.HandoverProblem
	if err := db.SaveHandover(ctx, &lost, by, now); !errors.As(err, &p) || p != meeting.HandoverLost {
		t.Errorf("an item was lost: %v", err)
	}
	h.Items[0].Done, h.Items[0].Note, h.To = true, "call the nursery first", 4
	if err := db.SaveHandover(ctx, &h, by, now); err != nil {
		t.Fatal(err)
	}
	if open, err := db.Handovers(ctx, kpi.PaperQuery{Department: "parks", States: []string{"open"}}); err != nil || len(open) != 1 || open[0].To != 4 {
		t.Errorf("%+v, %v", open, err)
	}
	h.Items[1].Done, h.Ended = true, true
	if err := db.SaveHandover(ctx, &h, by, now); err != nil {
		t.Fatal(err)
	}
	if open, err := db.Handovers(ctx, kpi.PaperQuery{States: []string{"open"}}); err != nil || len(open) != 0 {
		t.Errorf("%+v, %v", open, err)
	}
	got, err := db.Handover(ctx, 1)
	if err != nil || !got.Ended || got.Items[0].Note != "call the nursery first" || got.Revision != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, none := range []int64{-1, 0, 2} {
		if _, err := db.Handover(ctx, none); kpi.ErrorCode(err) != kpi.CodeNotFound {
			t.Errorf("there is a handover %d: %v", none, err)
		}
	}
}
