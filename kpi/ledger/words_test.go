package ledger

import (
	"path/filepath"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// TestWordsThen reads what stood at each time.
func TestWordsThen(t *testing.T) {
	ctx := t.Context()
	db, err := Open(ctx, filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	start := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	ana, ben := person(t, db, "ana@city.gov"), person(t, db, "ben@city.gov")
	c := kpi.Commentary{Indicator: "trees", Period: "2026-10", Lang: kpi.English}
	for n, do := range []struct {
		step meeting.CommentaryStep
		text string
		by   account.By
	}{
		{meeting.CommentarySave, "one", ana}, {meeting.CommentarySend, "one", ana}, {meeting.CommentaryApprove, "one", ben}, {meeting.CommentarySave, "two", ben}, {meeting.CommentarySend, "two", ben},
		{meeting.CommentaryReturn, "two", ana}, {meeting.CommentarySend, "three", ana}, {meeting.CommentaryApprove, "three", ben}, {meeting.CommentaryWithdraw, "three", ben},
	} {
		typed, was := c, &c
		if typed.Happened = do.text; c.ID == 0 {
			was = nil
		}
		next, err := meeting.TurnCommentary(was, typed, do.step, do.by, "Say why.")
		if err != nil {
			t.Fatal(err)
		}
		if err := db.SaveCommentary(ctx, &next, do.by, hour(n)); err != nil {
			t.Fatalf("%s: %v", do.step, err)
		}
		c = next
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
	another := kpi.Commentary{Indicator: "trees", Period: "2026-10", Lang: kpi.English, State: kpi.CommentaryDraft, Happened: "another", Author: ana.Person}
	if err := db.SaveCommentary(ctx, &another, ana, hour(9)); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Errorf("two commentaries about one number: %v", err)
	}
	k := kpi.Contest{Indicator: "trees", Period: "2026-10", State: kpi.ContestOpen, Reason: "twice counted"}
	if err := db.SaveContest(ctx, &k, ana, hour(1)); err != nil {
		t.Fatal(err)
	}
	again := kpi.Contest{Indicator: "trees", Period: "2026-10", State: kpi.ContestOpen, Reason: "and again"}
	if err := db.SaveContest(ctx, &again, ben, hour(2)); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Errorf("two open contests of one number: %v", err)
	}
	k.State, k.Answer = kpi.ContestUpheld, "It was not."
	for by, want := range map[account.By]kpi.Code{ana: kpi.CodeDenied, {Name: "this machine"}: kpi.CodeDenied} {
		if err := db.SaveContest(ctx, &k, by, hour(3)); kpi.ErrorCode(err) != want || k.Revision != 1 {
			t.Errorf("%s answers: %v, revision %d", by.Name, err, k.Revision)
		}
	}
	if err := db.SaveContest(ctx, &k, ben, hour(3)); err != nil {
		t.Fatal(err)
	}
	if err := db.SaveContest(ctx, &again, ben, hour(4)); err != nil {
		t.Errorf("a number cannot be contested again: %v", err)
	}
	again.State = kpi.ContestWithdrawn
	if err := db.SaveContest(ctx, &again, ana, hour(5)); err != nil {
		t.Error(err)
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

// person adds somebody.
func person(t *testing.T, db *DB, email string) account.By {
	t.Helper()
	id, err := db.AddPerson(t.Context(), account.Person{Email: email, Name: email}, account.By{Name: "the test"}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return account.By{Person: id, Name: email}
}
