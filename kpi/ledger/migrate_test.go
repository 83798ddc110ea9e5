package ledger

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// old copies the ledger of an older program to a directory of the test.
func old(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOldLedgerKeepsEverything opens what the program wrote when it knew nothing of triggers, attempts and deliveries of changes.
func TestOldLedgerKeepsEverything(t *testing.T) {
	path := old(t, "schema-1.db")
	db := open(t, path)
	loads, err := db.Loads(t.Context(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	var states []kpi.LoadState
	for _, l := range loads {
		states = append(states, l.State)
		if l.Trigger != "" || l.Attempt != 0 || l.Accepted != "" || l.Changes || l.Cursor != "" || !l.Ended.IsZero() || l.FailedAt != "" {
			t.Errorf("load %d has what nobody had written: %+v", l.ID, l)
		}
	}
	want := []kpi.LoadState{kpi.LoadLive, kpi.LoadUnchanged, kpi.LoadLive, kpi.LoadFailed, kpi.LoadLive, kpi.LoadLive}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Fatalf("states (-want +got):\n%s", diff)
	}
	first := loads[5]
	if first.Dataset != "requests" || first.Counts != (kpi.Counts{Read: 5, Accepted: 3, Rejected: 1, Skipped: 1, New: 3}) || first.Checksum == "" ||
		len(first.Spool) != 1 || first.Spool[0].Source != "data/requests.csv" || first.Spool[0].Rows != 3 || first.Spool[0].Fetch != (kpi.Fetch{}) {
		t.Errorf("the first load: %+v", first)
	}
	if c, version, err := db.City(t.Context(), time.Time{}); err != nil || version != 1 || c.ID != "springfield" || len(c.Indicators) != 3 {
		t.Errorf("the folder: %+v, %d, %v", c, version, err)
	}
	if _, err := db.write.Exec(`UPDATE load SET cursor = 'x' WHERE id = 1`); err == nil {
		t.Error("a load that had ended before the migration can be changed after it")
	}
	// What it does next is like what any ledger does.
	id := live(t, db, "requests", 1, day.AddDate(2, 0, 0))
	if id <= loads[0].ID {
		t.Errorf("data version %d was given again", id)
	}
}

func TestMigrationsRunOnce(t *testing.T) {
	path := old(t, "schema-1.db")
	for range 2 {
		db, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		var have int
		if err := db.write.QueryRow(`PRAGMA user_version`).Scan(&have); err != nil || have != newestSchema(t) {
			t.Errorf("schema %d, %v", have, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHistoryComesInPages asks for the loads of one dataset among those of another, page by page.
func TestHistoryComesInPages(t *testing.T) {
	db := fresh(t)
	f := record(t, db, city("h1"), day)
	var want []int64
	for i := range 7 {
		want = append([]int64{live(t, db, "requests", f, day.Add(time.Duration(2*i)*time.Minute))}, want...)
		live(t, db, "permits", f, day.Add(time.Duration(2*i+1)*time.Minute))
	}
	var got []int64
	for before, pages := int64(0), 0; ; pages++ {
		page, err := db.LoadsBefore(t.Context(), "requests", before, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			if pages != 3 {
				t.Errorf("%d pages, want 3", pages)
			}
			break
		}
		for _, l := range page {
			got, before = append(got, l.ID), l.ID
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	all, err := db.LoadsBefore(t.Context(), "", 5, 0)
	if err != nil || len(all) != 4 || all[0].ID != 4 {
		t.Errorf("all before 5: %+v, %v", all, err)
	}
}

func TestAHistoryPageUsesItsIndex(t *testing.T) {
	db := fresh(t)
	var id, parent, unused int
	var plan string
	err := db.read.QueryRow(`EXPLAIN QUERY PLAN SELECT id FROM load WHERE dataset = 'a' AND id < 9 ORDER BY id DESC LIMIT 3`).Scan(&id, &parent, &unused, &plan)
	if err != nil || plan != "SEARCH load USING COVERING INDEX load_dataset (dataset=? AND id<?)" && plan != "SEARCH load USING COVERING INDEX load_dataset (dataset=? AND rowid<?)" {
		t.Errorf("plan %q, %v", plan, err)
	}
}

// newestSchema is the number of the last migration.
func newestSchema(t *testing.T) int {
	t.Helper()
	files, err := migrations.ReadDir("migration")
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}
