package main

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"citystat/ingest/job"
	"citystat/kpi"
)

// TestWhatChangedIsTold: after the start the program says with its time what a run changed, and nothing of one that found nothing new.
func TestWhatChangedIsTold(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/script/city.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	said := new(output)
	o := testOptions(filepath.Join(dir, "town"), t.TempDir())
	o.Out = said
	app := start(t, o)
	told := func() string {
		t.Helper()
		before := len(said.String())
		if err := app.Run(t.Context(), "repairs", job.How{Trigger: kpi.TriggerSchedule, Attempt: 1}); err != nil {
			t.Fatal(err)
		}
		return said.String()[before:]
	}
	if got := told(); got != "" {
		t.Errorf("nothing was new, and it is said: %q", got)
	}
	edit(t, o.Folder, "data/repairs.csv", "3,2026-04-05,", "3,2026-03-05,")
	if got, want := told(), regexp.MustCompile(`^20\d\d-\d\d-\d\dT\S+Z repairs: load \d+, 4 rows read, 3 accepted, 1 rejected \(0 new, 1 restated`); !want.MatchString(got) {
		t.Errorf("said of a run that restated a row: %q", got)
	}
}
