package main

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"citystat/ingest/backup"
	"citystat/kpi"
)

// TestExportTakesNothingAway: an export that may not run leaves what another one is writing, and one whose unfinished files would stand where the data
// directory is leaves that.
func TestExportTakesNothingAway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "city.part")
	to := filepath.Join(t.TempDir(), "records")
	writeFile(t, filepath.Join(dir, "ledger.db"), "a ledger")
	if _, err := writeExport(t.Context(), dir, filepath.Join(filepath.Dir(dir), "city"), false); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("an export over the data directory: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "ledger.db")); err != nil {
		t.Fatalf("an export has deleted the data directory: %v", err)
	}
	lock, err := os.Create(filepath.Join(dir, ledgerCopy+".lock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lock.Close() })
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		t.Fatal(err)
	}
	others := filepath.Join(to+".part", "papers", "decision.jsonl")
	writeFile(t, others, "{}")
	if _, err := writeExport(t.Context(), dir, to, false); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Errorf("a second export at the same time: %v", err)
	}
	if _, err := os.Stat(others); err != nil {
		t.Errorf("the second export has deleted what the first one wrote: %v", err)
	}
}

// TestRestoreReplacesNoLedger: a server that was started again while a backup was being restored keeps the ledger that it has begun.
func TestRestoreReplacesNoLedger(t *testing.T) {
	dir := t.TempDir()
	work := filepath.Join(dir, restoring)
	writeFile(t, filepath.Join(work, backup.LedgerName), "restored")
	writeFile(t, filepath.Join(dir, backup.LedgerName), "of a server")
	if err := moveUp(work, dir); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Errorf("what was restored took the place of a ledger: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(dir, backup.LedgerName))
	if err != nil || string(text) != "of a server" {
		t.Errorf("the ledger of the server is %q, %v", text, err)
	}
}

// writeFile writes a file where there may be no directory yet.
func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
