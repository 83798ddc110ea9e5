package ledger

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// full is a load with every field filled in.
func full(folder int) kpi.Load {
	return kpi.Load{
		Cause: kpi.CauseLoad, Dataset: "requests", Started: day, Folder: folder, AsOf: kpi.NewDate(2026, 2, 28), SourceHash: "s",
		Trigger: kpi.TriggerSchedule, Attempt: 2, Accepted: "the controller",
		Spool: []kpi.SpoolFile{
			{Source: "data/b.csv", SourceHash: "b", Bytes: 10, Modified: day, Copy: "cb", Rows: 2, Undeclared: []string{"", "ssn"}},
			{Source: "data/a.csv", SourceHash: "a", Bytes: 20, Copy: "ca", Rows: 3, Fetch: kpi.Fetch{
				At: day, URL: "https://data.example/a.csv", FinalURL: "https://cdn.example/a.csv", Status: 200,
				ETag: `"abc"`, LastModified: "Sun, 01 Mar 2026 09:00:00 GMT", ContentType: "text/csv",
			}},
		},
	}
}

func TestLoadKeepsEveryField(t *testing.T) {
	db := fresh(t)
	want := full(record(t, db, city("h1"), day))
	var err error
	if want.ID, err = db.Begin(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if err := db.Stage(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	want.State = kpi.LoadLive
	want.LiveAt = day.Add(time.Minute)
	want.Ended = want.LiveAt
	want.Counts = kpi.Counts{Read: 10, Accepted: 7, Rejected: 2, Skipped: 1, New: 3, Restated: 1, Gone: 5}
	want.Checks = []kpi.CheckResult{{Check: kpi.Check{ID: "u", Rule: "unique id", Kind: kpi.CheckUnique, Columns: []string{"id"}, Else: kpi.ElseWarn}, Failed: 2}}
	want.Warnings = []string{"one", "two"}
	want.Checksum = "sum"
	want.Changes, want.Cursor = true, "2026-03-01T00:00:00Z"
	if err := db.Live(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	got, ok, err := db.LastLive(t.Context(), "requests", time.Time{})
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestStatesOfALoad(t *testing.T) {
	begin := func(db *DB, l kpi.Load) kpi.Load {
		id, err := db.Begin(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		l.ID, l.LiveAt, l.Checksum = id, day, "sum"
		return l
	}
	load := func(db *DB) kpi.Load { return begin(db, full(record(t, db, city("h1"), day))) }
	recompute := func(db *DB) kpi.Load {
		return begin(db, kpi.Load{Cause: kpi.CauseAsOf, Started: day, Folder: record(t, db, city("h1"), day), AsOf: kpi.DateOf(day)})
	}
	stage := func(db *DB, l kpi.Load) error { return db.Stage(t.Context(), l) }
	golive := func(db *DB, l kpi.Load) error { return db.Live(t.Context(), l) }
	finish := func(s kpi.LoadState) func(*DB, kpi.Load) error {
		return func(db *DB, l kpi.Load) error { return db.Finish(t.Context(), l.ID, s, "why") }
	}
	otherSum := func(db *DB, l kpi.Load) error { l.Checksum = "other"; return db.Live(t.Context(), l) }
	type step = func(*DB, kpi.Load) error
	for _, c := range []struct {
		name  string
		begin func(*DB) kpi.Load
		steps []step // the last one is what is tested
		want  string // part of its error; empty: none
		state kpi.LoadState
	}{
		{"staged", load, []step{stage}, "", kpi.LoadStaged},
		{"staged twice", load, []step{stage, stage}, "load 1 is staged and cannot be staged; only an open load can", kpi.LoadStaged},
		{"live", load, []step{stage, golive}, "", kpi.LoadLive},
		{"live twice is live", load, []step{stage, golive, golive}, "", kpi.LoadLive},
		{"live twice with other numbers", load, []step{stage, golive, otherSum}, "load 1 is live and cannot become live", kpi.LoadLive},
		{"live without a copy", load, []step{golive}, "load 1 is open and cannot become live; only a staged load or an open recomputation can", kpi.LoadOpen},
		{"recomputation is live at once", recompute, []step{golive}, "", kpi.LoadLive},
		{"failed", load, []step{finish(kpi.LoadFailed)}, "", kpi.LoadFailed},
		{"failed twice", load, []step{finish(kpi.LoadFailed), finish(kpi.LoadFailed)}, "", kpi.LoadFailed},
		{"failed after staging", load, []step{stage, finish(kpi.LoadFailed)}, "", kpi.LoadFailed},
		{"unchanged", load, []step{finish(kpi.LoadUnchanged)}, "", kpi.LoadUnchanged},
		{"abandoned", load, []step{stage, finish(kpi.LoadAbandoned)}, "", kpi.LoadAbandoned},
		{"failed, then live", load, []step{stage, finish(kpi.LoadFailed), golive}, "load 1 is failed and cannot become live", kpi.LoadFailed},
		{"failed, then abandoned", load, []step{finish(kpi.LoadFailed), finish(kpi.LoadAbandoned)}, "load 1 is failed and cannot end as abandoned", kpi.LoadFailed},
		{"live, then failed", load, []step{stage, golive, finish(kpi.LoadFailed)}, "load 1 is live and cannot end as failed", kpi.LoadLive},
		{"finished as live", load, []step{stage, finish(kpi.LoadLive)}, `a load is not finished as "live"`, kpi.LoadStaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := fresh(t)
			l := c.begin(db)
			for i, s := range c.steps {
				err := s(db, l)
				if i < len(c.steps)-1 || c.want == "" {
					if err != nil {
						t.Fatalf("step %d: %v", i, err)
					}
				} else if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want %q", err, c.want)
				}
			}
			list, err := db.Loads(t.Context(), "", 0)
			if err != nil || len(list) != 1 || list[0].State != c.state {
				t.Errorf("loads %+v (%v), want one that is %s", list, err, c.state)
			}
		})
	}
}

func TestLoadRefusesNonsense(t *testing.T) {
	db := fresh(t)
	f := record(t, db, city("h1"), day)
	_, err := db.Begin(t.Context(), kpi.Load{Cause: kpi.CauseLoad, Started: day, Folder: f})
	wantError(t, err, kpi.CodeInvalid, "a load begins with a time, and with a dataset unless it is a recomputation")
	_, err = db.Begin(t.Context(), kpi.Load{Cause: kpi.CauseLoad, Dataset: "x", Started: day, Folder: 7})
	wantError(t, err, kpi.CodeInternal, "FOREIGN KEY")
	l := full(f)
	if l.ID, err = db.Begin(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if err := db.Stage(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	l.LiveAt, l.Checksum, l.Counts = day, "sum", kpi.Counts{Read: 3, Accepted: 1, Rejected: 1}
	wantError(t, db.Live(t.Context(), l), kpi.CodeInvalid, "load 1: 3 rows read are not 1 accepted + 1 rejected + 0 skipped")
	wantError(t, db.Live(t.Context(), kpi.Load{ID: l.ID}), kpi.CodeInvalid, "with a time and a checksum")
	l.ID, l.Counts = 9, kpi.Counts{}
	wantError(t, db.Live(t.Context(), l), kpi.CodeNotFound, "there is no load 9")
	wantError(t, db.Stage(t.Context(), l), kpi.CodeNotFound, "there is no load 9")
	wantError(t, db.Finish(t.Context(), 9, kpi.LoadFailed, "x"), kpi.CodeNotFound, "there is no load 9")
	wantError(t, db.Finish(t.Context(), 1, kpi.LoadFailed, ""), kpi.CodeInvalid, "load 1 cannot fail without a reason")
}

func TestLoadsBecomeLiveInOrder(t *testing.T) {
	db := fresh(t)
	f := record(t, db, city("h1"), day)
	early := full(f)
	var err error
	if early.ID, err = db.Begin(t.Context(), early); err != nil {
		t.Fatal(err)
	}
	if err := db.Stage(t.Context(), early); err != nil {
		t.Fatal(err)
	}
	live(t, db, "other", f, day)
	early.LiveAt, early.Checksum = day, "sum"
	wantError(t, db.Live(t.Context(), early), kpi.CodeConflict, "load 1 cannot become live: data version 2 already is; run it again")
}

func TestKnownAtOfLoads(t *testing.T) {
	db := fresh(t)
	f := record(t, db, city("h1"), day)
	hour := func(n int) time.Time { return day.Add(time.Duration(n) * time.Hour) }
	a := live(t, db, "requests", f, hour(1))
	b := live(t, db, "permits", f, hour(2))
	failed, err := db.Begin(t.Context(), full(f))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Finish(t.Context(), failed, kpi.LoadFailed, "broken"); err != nil {
		t.Fatal(err)
	}
	c := live(t, db, "requests", f, hour(4))
	d := live(t, db, "requests", f, hour(3)) // the clock was set back: it became live at hour 4
	for _, q := range []struct {
		at                time.Time
		visible           int64
		requests, permits int64
	}{
		{hour(1).Add(-1), 0, 0, 0},
		{hour(1), a, a, 0},
		{hour(2).Add(-1), a, a, 0},
		{hour(2), b, a, b},
		{hour(3), b, a, b},
		{hour(4).Add(-1), b, a, b},
		{hour(4), d, d, b},
		{time.Time{}, d, d, b},
	} {
		v, at, err := db.Visible(t.Context(), q.at)
		if err != nil || v != q.visible {
			t.Errorf("visible at %v: %d (%v), want %d", q.at, v, err, q.visible)
		}
		if v == 0 != at.IsZero() {
			t.Errorf("version %d became live at %v", v, at)
		}
		for ds, want := range map[string]int64{"requests": q.requests, "permits": q.permits} {
			l, ok, err := db.LastLive(t.Context(), ds, q.at)
			if err != nil || l.ID != want || ok != (want != 0) {
				t.Errorf("last live %s at %v: %d, %v (%v), want %d", ds, q.at, l.ID, ok, err, want)
			}
		}
	}
	var ids []int64
	list, err := db.Loads(t.Context(), "requests", 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		ids = append(ids, l.ID)
	}
	if diff := cmp.Diff([]int64{d, c, failed}, ids); diff != "" {
		t.Errorf("loads of requests (-want +got):\n%s", diff)
	}
	if all, err := db.Loads(t.Context(), "", 0); err != nil || len(all) != 5 {
		t.Errorf("%d loads (%v), want 5", len(all), err)
	}
}

// TestLastFull: a load of changes builds on the loads before it, back to the one that brought everything; what did not become live is none of them.
func TestLastFull(t *testing.T) {
	db := fresh(t)
	f := record(t, db, city("h1"), day)
	begin := func(changes bool) kpi.Load {
		l := full(f)
		l.Changes, l.Checksum, l.LiveAt = changes, "sum", day
		var err error
		if l.ID, err = db.Begin(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		if err := db.Stage(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		return l
	}
	come := func(changes bool) int64 {
		l := begin(changes)
		if err := db.Live(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		return l.ID
	}
	one, two := come(false), come(true)
	failed := begin(false)
	if err := db.Finish(t.Context(), failed.ID, kpi.LoadFailed, "broken"); err != nil {
		t.Fatal(err)
	}
	other := live(t, db, "permits", f, day)
	three, four, five := come(true), come(false), come(true)
	for _, c := range []struct {
		dataset    string
		upTo, want int64
	}{
		{"requests", one, one}, {"requests", two, one}, {"requests", failed.ID, one}, {"requests", three, one}, {"requests", four, four}, {"requests", five, four},
		{"requests", one - 1, 0}, {"permits", five, other}, {"nothing", five, 0},
	} {
		if got, err := db.LastFull(t.Context(), c.dataset, c.upTo); err != nil || got != c.want {
			t.Errorf("%s up to %d: %d (%v), want %d", c.dataset, c.upTo, got, err, c.want)
		}
	}
}

func TestLastRecomputation(t *testing.T) {
	db := fresh(t)
	f := record(t, db, city("h1"), day)
	live(t, db, "requests", f, day)
	if _, ok, err := db.LastLive(t.Context(), "", time.Time{}); ok || err != nil {
		t.Fatal("a load passes for a recomputation", err)
	}
	id, err := db.Begin(t.Context(), kpi.Load{Cause: kpi.CauseAsOf, Started: day, Folder: f, AsOf: kpi.DateOf(day)})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Live(t.Context(), kpi.Load{ID: id, LiveAt: day, Checksum: "x"}); err != nil {
		t.Fatal(err)
	}
	l, ok, err := db.LastLive(t.Context(), "", time.Time{})
	if err != nil || !ok || l.ID != id || l.Cause != kpi.CauseAsOf {
		t.Errorf("%+v, %v, %v", l, ok, err)
	}
}

// writeForever is the child of TestKillNineLosesNothing: it prints the id of every load after it is live.
func writeForever(path string) {
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	db, err := Open(ctx, path)
	must(err)
	f, err := db.RecordFolder(ctx, city("h1"), day)
	must(err)
	for {
		l := full(f)
		l.ID, err = db.Begin(ctx, l)
		must(err)
		must(db.Stage(ctx, l))
		l.LiveAt, l.Checksum = time.Now(), fmt.Sprintf("sum%d", l.ID)
		must(db.Live(ctx, l))
		fmt.Println(l.ID)
	}
}

func TestKillNineLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	var last int64
	for round := range 5 {
		acked, heard := last, 0
		killed(t, "CITYSTAT_TEST_LEDGER", path, func(line string) bool {
			if _, err := fmt.Sscan(line, &acked); err != nil {
				t.Error(err)
			}
			heard++
			return heard == 10+7*round
		})
		last = checkAfterKill(t, path, acked)
	}
}

// checkAfterKill opens the ledger and returns its newest live load, which is no older than the last acknowledged one.
func checkAfterKill(t *testing.T, path string, acked int64) int64 {
	t.Helper()
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	list, err := db.Loads(t.Context(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	var newest int64
	for _, l := range list {
		switch {
		case l.State == kpi.LoadLive && (l.Checksum != fmt.Sprintf("sum%d", l.ID) || len(l.Spool) != 2):
			t.Errorf("load %d is half there: %+v", l.ID, l)
		case l.ID <= acked && l.State != kpi.LoadLive && l.State != kpi.LoadAbandoned:
			t.Errorf("acknowledged load %d is %s", l.ID, l.State)
		}
		if l.State == kpi.LoadLive {
			newest = max(newest, l.ID)
		} else if l.State != kpi.LoadAbandoned {
			if err := db.Finish(t.Context(), l.ID, kpi.LoadAbandoned, "killed"); err != nil {
				t.Error(err)
			}
		}
	}
	if newest < acked {
		t.Errorf("newest live load %d, but %d was acknowledged", newest, acked)
	}
	return newest
}

func TestHowALoadEndedIsKept(t *testing.T) {
	db := fresh(t)
	f := record(t, db, city("h1"), day)
	for _, end := range []kpi.Load{
		{State: kpi.LoadFailed, Error: "why", Ended: day.Add(time.Second), FailedAt: kpi.StepCheck},
		{State: kpi.LoadUnchanged, Ended: day.Add(time.Second)},
		{State: kpi.LoadAbandoned},
	} {
		id, err := db.Begin(t.Context(), full(f))
		if err != nil {
			t.Fatal(err)
		}
		end.ID = id
		for range 2 {
			if err := db.End(t.Context(), end); err != nil {
				t.Fatal(err)
			}
		}
		l, ok, err := db.Load(t.Context(), id)
		if err != nil || !ok || l.State != end.State || l.Error != end.Error || !l.Ended.Equal(end.Ended) || l.FailedAt != end.FailedAt {
			t.Errorf("%+v ended as %+v, %v", end, l, err)
		}
	}
}
