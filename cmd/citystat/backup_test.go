package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"citystat/ingest/backup"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger"
)

// smallTown writes the folder of the small town that the scripts load, and returns where it is.
func smallTown(t *testing.T) string { return townOf(t, "backup.txtar") }

// townOf writes the folder town of a script.
func townOf(t *testing.T, script string) string {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("testdata", "script", script))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range a.Files {
		if !strings.HasPrefix(f.Name, "town/") {
			continue
		}
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "town")
}

// citystat runs a command, and returns what it printed.
func citystat(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := newRoot(nil, &out, &out)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

// TestBackupWhilePeopleWork asks a server for backups while many write: each is whole, passes the drill, and holds everything that was acknowledged before
// it began.
func TestBackupWhilePeopleWork(t *testing.T) {
	town, dir := smallTown(t), t.TempDir()
	app := start(t, testOptions(town, filepath.Join(dir, "data")))
	ctx, cancel := context.WithCancel(t.Context())
	var people, letters atomic.Int64 // acknowledged
	var work sync.WaitGroup
	by := account.By{Name: "the test"}
	for w := range 3 {
		work.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if _, err := app.engine.led.AddPerson(ctx, account.Person{Email: fmt.Sprintf("p%d-%d@city.gov", w, n), Name: "Somebody"}, by, time.Now()); err == nil {
					people.Add(1)
				}
				if _, err := app.engine.led.SubmitFeedback(ctx, kpi.Feedback{Received: time.Now(), Lang: kpi.English, Text: "A light is out."}); err == nil {
					letters.Add(1)
				}
			}
		})
	}
	for n := range 3 {
		for letters.Load() < int64(20*(n+1)) { // some have written
			runtime.Gosched()
		}
		wantPeople, wantLetters := people.Load(), letters.Load()
		file := filepath.Join(dir, fmt.Sprintf("b%d.tar", n))
		said, err := citystat(t, "backup", file, town, "--data", filepath.Join(dir, "data"))
		if err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		if said, err = citystat(t, "restore", "--verify", file, town); err != nil || strings.Contains(said, "WRONG") {
			t.Fatalf("%v\n%s", err, said)
		}
		to := filepath.Join(dir, fmt.Sprintf("again%d", n))
		if said, err = citystat(t, "restore", file, "--data", to); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		facts, err := ledger.Look(t.Context(), filepath.Join(to, "ledger.db"))
		if err != nil {
			t.Fatal(err)
		}
		if facts.Rows["person"] < wantPeople || facts.Rows["feedback"] < wantLetters || wantPeople == 0 {
			t.Errorf("the backup has %d people and %d letters; %d and %d were acknowledged before it began", facts.Rows["person"], facts.Rows["feedback"], wantPeople, wantLetters)
		}
	}
	zipped := filepath.Join(dir, "all.zip")
	if said, err := citystat(t, "export", zipped, town, "--data", filepath.Join(dir, "data")); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if z, err := zip.OpenReader(zipped); err != nil || len(z.File) < 20 || z.Close() != nil {
		t.Errorf("an export of a server at work: %v", err)
	}
	cancel()
	work.Wait()
	// What was restored is served as it was.
	published := card(t, app)
	stop(t, app)
	again := start(t, testOptions(town, filepath.Join(dir, "again2")))
	if c := card(t, again); c.Number != published.Number || !c.PublishedAt.Equal(published.PublishedAt) {
		t.Errorf("publication %d of %s, want %d of %s", c.Number, c.PublishedAt, published.Number, published.PublishedAt)
	}
}

// TestARestoreThatFailsLeavesNothing: what cannot be restored leaves an empty directory, and one that was cut off is told of.
func TestARestoreThatFailsLeavesNothing(t *testing.T) {
	town, dir := smallTown(t), t.TempDir()
	data, file := filepath.Join(dir, "data"), filepath.Join(dir, "b.tar")
	for _, args := range [][]string{{"ingest", town, "--data", data}, {"backup", file, "--data", data}} {
		if said, err := citystat(t, args...); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(whole)
	bad[512+4096+100] ^= 1 // within the ledger
	if err := os.WriteFile(file, bad, 0o600); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, "again")
	if _, err := citystat(t, "restore", file, "--data", to); err == nil || !strings.Contains(err.Error(), `the member "ledger.db" has another hash than the manifest says`) {
		t.Errorf("%v", err)
	}
	if list, err := os.ReadDir(to); err != nil || len(list) > 0 {
		t.Errorf("left: %v, %v", list, err)
	}
	if said, err := citystat(t, "restore", "--verify", file); err == nil || !strings.Contains(said, "WRONG   hashes") {
		t.Errorf("%v\n%s", err, said)
	}
	for want, m := range map[string]backup.Manifest{
		"a newer CityStat (v9) has written it":     {Program: "v9", Schema: ledger.NewestSchema() + 1},
		"holds no ledger; take another backup":     {},
		"the manifest says 7 of the newest public": {},
	} {
		if strings.HasPrefix(want, "the manifest") { // of another backup
			m = backup.Manifest{Publication: 7, Schema: ledger.NewestSchema(), City: "small-town", Head: ""}
			if _, err := backup.Write(t.Context(), file, m, []backup.Member{{Name: backup.LedgerName, Path: filepath.Join(data, "ledger.db")}}, true); err != nil {
				t.Fatal(err)
			}
		} else if _, err := backup.Write(t.Context(), file, m, nil, true); err != nil {
			t.Fatal(err)
		}
		if _, err := citystat(t, "restore", file, "--data", to); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err := os.WriteFile(file, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(to, restoring), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := citystat(t, "restore", file, "--data", to); err == nil || !strings.Contains(err.Error(), "a restore that did not come to its end") {
		t.Errorf("%v", err)
	}
}
