package main

import (
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"citystat/ingest/job"
	"citystat/kpi"
)

// TestWhatChangedIsTold: after the start the program says with its time what a run changed, and nothing of one that found nothing new.
func TestWhatChangedIsTold(t *testing.T) {
	app, said, folder := startTown(t)
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
	edit(t, folder, "data/repairs.csv", "3,2026-04-05,", "3,2026-03-05,")
	if got, want := told(), regexp.MustCompile(`^20\d\d-\d\d-\d\dT\S+Z repairs: load \d+, 4 rows read, 3 accepted, 1 rejected \(0 new, 1 restated`); !want.MatchString(got) {
		t.Errorf("said of a run that restated a row: %q", got)
	}
}

// TestALongFailureIsToldWithItsBeginning: after more failures than are listed, and during another run, the failure and the last good run are told.
func TestALongFailureIsToldWithItsBeginning(t *testing.T) {
	app, _, folder := startTown(t)
	edit(t, folder, "data/repairs.csv", "ID,DUE", "Id?,DUE")
	for range runsShown + 2 {
		if err := app.Run(t.Context(), "repairs", job.How{Trigger: kpi.TriggerSchedule, Attempt: 1}); err == nil {
			t.Fatal("a broken file is loaded")
		}
	}
	if _, err := app.engine.led.Begin(t.Context(), kpi.Load{Cause: kpi.CauseLoad, Dataset: "repairs", Started: time.Now(), Folder: 1, AsOf: kpi.NewDate(2026, 3, 31), Trigger: kpi.TriggerSchedule, Attempt: 1}); err != nil {
		t.Fatal(err)
	}
	list, err := (&staff{engine: app.engine, jobs: app.jobs}).Datasets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := list[0]
	if len(r.Runs) != runsShown+1 || r.Runs[0].State != kpi.LoadOpen || r.Runs[runsShown].State != kpi.LoadLive {
		t.Errorf("runs: %+v", r.Runs)
	}
	if r.State.Failed == nil || r.State.Failed.ID != r.Runs[1].ID {
		t.Errorf("the failure is %+v", r.State.Failed)
	}
}

// startTown serves the small town of the script.
func startTown(t *testing.T) (app *App, said *output, folder string) {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/script/city.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	said = new(output)
	o := testOptions(filepath.Join(dir, "town"), t.TempDir())
	o.Out = said
	return start(t, o), said, o.Folder
}
