package ledger

import (
	"path/filepath"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// TestWordsThen reads what stood at each time.
func TestWordsThen(t *testing.T) {
	ctx := t.Context()
	db, err := Open(ctx, filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	start, by := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC), account.By{Name: "the test"}
	hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	c := kpi.Commentary{Indicator: "trees", Period: "2026-10"}
	for n, step := range []struct {
		state kpi.CommentaryState
		text  string
	}{
		{kpi.CommentaryDraft, "one"}, {kpi.CommentarySubmitted, "one"}, {kpi.CommentaryApproved, "one"}, {kpi.CommentaryDraft, "two"}, {kpi.CommentarySubmitted, "two"},
		{kpi.CommentaryReturned, "two"}, {kpi.CommentarySubmitted, "three"}, {kpi.CommentaryApproved, "three"}, {kpi.CommentaryWithdrawn, "three"},
	} {
		c.State, c.Happened = step.state, step.text
		if err := db.SaveCommentary(ctx, &c, by, hour(n)); err != nil {
			t.Fatal(err)
		}
	}
	for n, want := range []string{"", "", "one", "one", "one", "one", "one", "three", "", ""} {
		list, err := db.ApprovedCommentary(ctx, hour(n))
		got := ""
		for _, c := range list {
			got += c.Happened
		}
		if err != nil || got != want {
			t.Errorf("hour %d: %q, %v; want %q", n, got, err, want)
		}
	}
	k := kpi.Contest{Indicator: "trees", Period: "2026-10", State: kpi.ContestOpen, Reason: "twice counted"}
	if err := db.SaveContest(ctx, &k, by, hour(1)); err != nil {
		t.Fatal(err)
	}
	k.State = kpi.ContestUpheld
	if err := db.SaveContest(ctx, &k, by, hour(3)); err != nil {
		t.Fatal(err)
	}
	for n, want := range []int{0, 1, 1, 0} {
		if list, err := db.OpenContests(ctx, hour(n)); err != nil || len(list) != want {
			t.Errorf("hour %d: %d contests, %v; want %d", n, len(list), err, want)
		}
	}
	if list, err := db.OpenContests(ctx, time.Time{}); err != nil || len(list) != 0 {
		t.Errorf("now: %+v, %v", list, err)
	}
	if list, err := db.ContestHistory(ctx, k.ID); err != nil || len(list) != 2 || list[0].State != kpi.ContestOpen {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := db.Contests(ctx, kpi.PaperQuery{Subject: "trees", States: []string{"upheld"}}); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := db.CommitmentsThen(ctx, time.Time{}); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}
