package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"citystat/kpi/scorecard"
)

// TestAMissingFileTakesNothingElse: the file of one dataset is not there when the program starts. The city has its scorecard: the other dataset's
// numbers, and of the missing one the last good ones, if it ever came. Reading the folder again goes on in the same way.
func TestAMissingFileTakesNothingElse(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/script/missing.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	o, said := testOptions(filepath.Join(dir, "town"), t.TempDir()), new(output)
	o.Out, o.Log = said, slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelWarn}))
	lamps := filepath.Join(o.Folder, "data", "lamps.csv")

	never := start(t, o)
	checkNumber(t, card(t, never), "on-time", 50)
	if r := card(t, never).Result("lamps-out"); r.Total != nil && r.Total.Value != nil {
		t.Errorf("a dataset that never came has the number %v", *r.Total.Value)
	}
	if s := said.String(); !strings.Contains(s, `datasets/lamps.yaml:4:27: warning: no file matches "data/lamps.csv"`) || !strings.Contains(s, "1 dataset cannot be loaded") {
		t.Errorf("the missing file is not told:\n%s", s)
	}
	if err := os.Rename(filepath.Join(dir, "lamps.csv"), lamps); err != nil {
		t.Fatal(err)
	}
	if err := never.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkNumber(t, card(t, never), "lamps-out", 2)
	stop(t, never)

	if err := os.Remove(lamps); err != nil {
		t.Fatal(err)
	}
	edit(t, o.Folder, "data/repairs.csv", "2026-03-09", "2026-03-05")
	again := start(t, o)
	checkNumber(t, card(t, again), "on-time", 100)
	checkNumber(t, card(t, again), "lamps-out", 2)
	for _, d := range card(t, again).Datasets {
		if missing := d.Dataset == "lamps"; d.Last == nil || (d.Failed != nil) != missing {
			t.Errorf("%s: last %v, failed %v", d.Dataset, d.Last, d.Failed)
		}
	}

	before := len(said.String())
	edit(t, o.Folder, "data/repairs.csv", "2026-03-01", "2026-03-03")
	if err := again.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkNumber(t, card(t, again), "on-time", 50)
	checkNumber(t, card(t, again), "lamps-out", 2)
	if s := said.String()[before:]; !strings.Contains(s, "datasets/lamps.yaml:4:27") || !strings.Contains(s, "no file matches") {
		t.Errorf("the missing file is not told when the folder is read again: %q", s)
	}
	edit(t, o.Folder, "datasets/lamps.yaml", "data/lamps.csv", "data/lamp.csv") // a slip of the pen looks the same
	if err := again.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkNumber(t, card(t, again), "lamps-out", 2)
	if page := get(t, again, "/en/indicators/lamps-out"); !bytes.Contains(page, []byte("Lamps out")) {
		t.Error("the page of the missing dataset's indicator does not show it")
	}
}

// checkNumber compares an indicator's number with what it has to be.
func checkNumber(t *testing.T, c *scorecard.Scorecard, indicator string, want float64) {
	t.Helper()
	r := c.Result(indicator)
	if r == nil || r.Total == nil || r.Total.Value == nil || *r.Total.Value != want {
		t.Errorf("%s is %+v, want %v", indicator, r, want)
	}
}
