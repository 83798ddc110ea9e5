package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// day is a fixed morning; tests count from it.
var day = time.Date(2026, 3, 1, 9, 0, 0, 123456789, time.UTC)

func open(t *testing.T, path string) *DB {
	t.Helper()
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func fresh(t *testing.T) *DB { return open(t, filepath.Join(t.TempDir(), "data", "ledger.db")) }

// city is a small city with two indicators.
func city(hash string) *kpi.City {
	return &kpi.City{
		ID: "springfield", Hash: hash, TimeZone: "UTC", Name: kpi.NewText(kpi.English, "Springfield"), Languages: []kpi.Lang{kpi.English},
		Formats:  map[kpi.Lang]string{kpi.English: "en-US"},
		Datasets: []kpi.Dataset{{ID: "requests", Hash: "d1"}},
		Indicators: []kpi.Indicator{
			{ID: "potholes", Dataset: "requests", Measure: kpi.Measure{Kind: kpi.MeasureCount, Date: "opened"}, Unit: kpi.Number, Period: kpi.Month},
			{ID: "on-time", Dataset: "requests", Measure: kpi.Measure{Kind: kpi.MeasureShare, Of: "closed <= due", Date: "due"}, Unit: kpi.Percent, Period: kpi.Month},
		},
	}
}

func record(t *testing.T, db *DB, c *kpi.City, at time.Time) int {
	t.Helper()
	v, err := db.RecordFolder(t.Context(), c, at)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// live runs one load through all its states and returns its id.
func live(t *testing.T, db *DB, dataset string, folder int, at time.Time) int64 {
	t.Helper()
	l := kpi.Load{Cause: kpi.CauseLoad, Dataset: dataset, Started: at, Folder: folder, AsOf: kpi.DateOf(at)}
	var err error
	if l.ID, err = db.Begin(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if err := db.Stage(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	l.LiveAt, l.Checksum = at, fmt.Sprintf("sum%d", l.ID)
	if err := db.Live(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	return l.ID
}

func wantError(t *testing.T, err error, code kpi.Code, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	if got := kpi.ErrorCode(err); got != code {
		t.Errorf("code of %q is %q, want %q", err, got, code)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	db := open(t, filepath.Join(dir, "ledger.db"))
	record(t, db, city("h1"), day)
	for name, want := range map[string]os.FileMode{"": 0o700 | os.ModeDir, "ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600} {
		st, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if st.Mode() != want {
			t.Errorf("%q has mode %v, want %v", name, st.Mode(), want)
		}
	}
}

func TestSettingsOfEveryConnection(t *testing.T) {
	db := fresh(t)
	for name, pool := range map[string]*sql.DB{"write": db.write, "read": db.read} {
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"} {
			var got string
			if err := pool.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s = %q (%v), want %q", name, pragma, got, err, want)
			}
		}
	}
	if _, err := db.read.Exec(`INSERT INTO city VALUES (1, 'x', 1)`); err == nil {
		t.Error("a reading connection could write")
	}
}

func TestPingAnswersAndFailsAfterClose(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(t.Context()); err == nil {
		t.Error("a closed ledger answers")
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	newer := filepath.Join(dir, "newer.db")
	db, err := Open(t.Context(), newer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.write.Exec(`PRAGMA user_version = 99`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), newer)
	wantError(t, err, kpi.CodeConflict, fmt.Sprintf("newer.db has schema 99 and this program knows up to %d: a newer CityStat has written it; start that one", newestSchema(t)))

	junk := filepath.Join(dir, "junk.db")
	if err := os.WriteFile(junk, bytes.Repeat([]byte("no database\n"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), junk)
	wantError(t, err, kpi.CodeInvalid, "junk.db is not a ledger or its beginning is damaged; restore it from a backup or name another data directory")

	foreign := filepath.Join(dir, "foreign.db")
	other, err := sql.Open("sqlite", foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Exec(`CREATE TABLE somebody (x)`); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), foreign)
	wantError(t, err, kpi.CodeInvalid, "foreign.db is a database, but not a CityStat ledger")
}

func TestDamagedPageSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	c := city("h1")
	c.Districts = []kpi.District{{ID: "a", Aliases: make([]string, 20000)}}
	for i := range c.Districts[0].Aliases {
		c.Districts[0].Aliases[i] = digest([]byte{byte(i), byte(i >> 8)}) // does not compress, so the body fills many pages
	}
	record(t, db, c, day)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(b); i++ { // everything but the first page
		b[i] ^= 0x5a
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err = Open(t.Context(), path)
	if err == nil {
		_, _, err = db.City(t.Context(), time.Time{})
		if cerr := db.Close(); cerr != nil {
			t.Log(cerr)
		}
	}
	wantError(t, err, kpi.CodeInvalid, "ledger.db is damaged and cannot be rebuilt; restore it from a backup")
}

func TestImmutableRows(t *testing.T) {
	db := fresh(t)
	f := record(t, db, city("h1"), day)
	id := live(t, db, "requests", f, day)
	if _, err := db.Publish(t.Context(), Publication{PublishedAt: day, AsOf: kpi.DateOf(day), Version: id, Folder: f, Body: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Begin(t.Context(), full(f)); err != nil {
		t.Fatal(err)
	}
	for q, want := range map[string]string{
		`UPDATE city SET id = 'x'`:                                     "the ledger keeps its city",
		`DELETE FROM city`:                                             "the ledger keeps its city",
		`UPDATE folder SET hash = 'x'`:                                 "a folder version is never changed",
		`DELETE FROM folder`:                                           "a folder version is never deleted",
		`UPDATE definition SET hash = 'x'`:                             "a definition version is never changed",
		`DELETE FROM definition`:                                       "a definition version is never deleted",
		`UPDATE folder_definition SET definition = 2`:                  "a folder version is never changed",
		`DELETE FROM folder_definition`:                                "a folder version is never deleted",
		`UPDATE publication SET body = x'00'`:                          "a publication is never changed",
		`DELETE FROM publication`:                                      "a publication is never deleted",
		`INSERT OR REPLACE INTO publication SELECT * FROM publication`: "a publication is never deleted",
		`DELETE FROM load`:                                             "a load is never deleted",
		`UPDATE load SET checksum = 'x' WHERE id = 1`:                  "a load that has ended is never changed",
		`UPDATE load SET state = 'failed' WHERE id = 1`:                "a load that has ended is never changed",
		`UPDATE load SET cursor = 'x' WHERE id = 1`:                    "a load that has ended is never changed",
		`UPDATE load SET accepted_by = 'x' WHERE state = 'open'`:       "what a load is does not change",
	} {
		_, err := db.write.Exec(q)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", q, err, want)
		}
	}
}

func TestConcurrentReadersSeeWholeStates(t *testing.T) {
	db := fresh(t)
	f := record(t, db, city("h1"), day)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	for range readers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for ctx.Err() == nil {
				list, err := db.Loads(t.Context(), "requests", 1)
				if err != nil {
					t.Error(err)
					return
				}
				for _, l := range list {
					if l.State == kpi.LoadLive && l.Checksum != fmt.Sprintf("sum%d", l.ID) {
						t.Errorf("load %d is live with checksum %q", l.ID, l.Checksum)
					}
				}
			}
		}()
	}
	for i := range 50 {
		live(t, db, "requests", f, day.Add(time.Duration(i)*time.Second))
	}
	stop()
	wg.Wait()
	if v, _, err := db.Visible(t.Context(), time.Time{}); err != nil || v != 50 {
		t.Errorf("visible %d (%v), want 50", v, err)
	}
}

func TestReopenKeepsEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	f := record(t, db, city("h1"), day)
	live(t, db, "requests", f, day)
	before, err := db.Loads(t.Context(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	after, err := open(t, path).Loads(t.Context(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
}
