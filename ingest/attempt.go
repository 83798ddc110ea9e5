package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"citystat/ingest/connector"
	"citystat/kpi"
	"citystat/kpi/warehouse"
)

// attempt is one load on its way.
type attempt struct {
	*Runner
	city   *kpi.City
	folder fs.FS
	ds     *kpi.Dataset
	report *Report
	came   connector.Result
}

// do goes through the steps. Before it returns nil the load is live or unchanged; after an error the warehouse is as it was.
func (a *attempt) do(ctx context.Context) (err error) {
	if err := a.guard(); err != nil {
		return err
	}
	if err := a.fetch(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.clear()) }()
	last, _, err := a.Ledger.LastLive(ctx, a.ds.ID, time.Time{})
	if err != nil {
		return err
	}
	if known, err := a.known(ctx, last); err != nil || known {
		return err
	}
	if err := a.keep(ctx); err != nil {
		return err
	}
	return a.load(ctx, last)
}

// fetch lets the connector make the copies.
func (a *attempt) fetch(ctx context.Context) error {
	c, ok := a.Connectors[a.ds.Source.Kind]
	if !ok {
		return kpi.Errorf(kpi.CodeInvalid, "dataset %s: there is no connector for sources of kind %q", a.ds.ID, a.ds.Source.Kind)
	}
	a.Hook(kpi.StepFetch)
	var err error
	a.came, err = c.Read(ctx, connector.Request{Folder: a.folder, Dataset: a.ds, Dir: a.spool.Tmp(), Progress: a.Progress})
	if err != nil {
		return err
	}
	l := &a.report.Load
	l.SourceHash = a.came.SourceHash
	for _, f := range a.came.Files {
		l.Spool = append(l.Spool, f.SpoolFile)
	}
	for i := range a.came.Rejects {
		a.came.Rejects[i].Load = l.ID
	}
	a.report.Warnings = a.came.Warnings
	if names := undeclared(a.came.Files); len(names) > 0 {
		a.report.Warnings = append(a.report.Warnings, "columns that are not declared were left out: "+strings.Join(names, ", "))
	}
	return nil
}

// undeclared returns the names of the columns that nobody declared, each once.
func undeclared(files []connector.File) []string {
	var names []string
	for _, f := range files {
		for _, n := range f.Undeclared {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	return names
}

// clear removes the copies that are not kept.
func (a *attempt) clear() error {
	var paths []string
	for _, f := range a.came.Files {
		paths = append(paths, f.Plain, f.Compressed)
	}
	return a.spool.Discard(paths...)
}

// known ends the load as unchanged if its rows are those of the last live load and mean the same.
func (a *attempt) known(ctx context.Context, last kpi.Load) (bool, error) {
	if last.ID == 0 || last.SourceHash != a.came.SourceHash {
		return false, nil
	}
	then, err := a.Ledger.Folder(ctx, last.Folder)
	if err != nil || !sameReading(then, a.city, a.ds.ID) {
		return false, err
	}
	b, err := a.basis(ctx, last)
	if err != nil || !b.measures(a.city, a.ds.ID) {
		return false, err
	}
	if err := a.Ledger.Finish(ctx, a.report.Load.ID, kpi.LoadUnchanged, ""); err != nil {
		return false, err
	}
	a.report.Unchanged, a.report.Duration = true, a.Now().Sub(a.report.Load.Started)
	a.report.Load = last
	return true, nil
}

// keep takes the copies into the spool and tells the ledger.
func (a *attempt) keep(ctx context.Context) error {
	a.Hook(kpi.StepSpool)
	kept := map[string]bool{}
	for _, f := range a.came.Files {
		if kept[f.Copy] { // two sources with the same rows share a copy
			continue
		}
		kept[f.Copy] = true
		if err := a.spool.Keep(f.Copy, f.Compressed); err != nil {
			return err
		}
	}
	if err := a.spool.KeepRejects(a.report.Load.ID, a.came.Rejects); err != nil {
		return err
	}
	if err := a.Ledger.Stage(ctx, a.report.Load); err != nil {
		return err
	}
	a.report.Load.State = kpi.LoadStaged
	return nil
}

// load brings the copies into the warehouse and makes the load live.
func (a *attempt) load(ctx context.Context, last kpi.Load) error {
	visible, _, err := a.Ledger.Visible(ctx, time.Time{})
	if err != nil {
		return err
	}
	in := warehouse.LoadInput{
		Load: a.report.Load, City: a.city, Dataset: a.ds.ID, Rejects: a.came.Rejects, Read: a.came.Read, Skipped: a.came.Skipped,
		Previous: last, Visible: visible, Progress: a.Progress, Hook: a.Hook,
	}
	for _, f := range a.came.Files {
		in.Files = append(in.Files, f.Plain)
	}
	out, err := a.Warehouse.Load(ctx, in)
	if err == nil {
		err = verify(in, out)
	}
	var facts warehouse.Facts
	if err == nil {
		facts, err = a.Warehouse.Facts(ctx, a.city, a.ds.ID, a.report.Load.ID)
	}
	if err == nil {
		a.report.Rejects = facts.Rejects
		err = a.publish(ctx, a.report, out)
	}
	if err != nil {
		return errors.Join(err, a.undo(ctx, a.report.Load.ID))
	}
	return nil
}

// verify holds what the warehouse counted against what the connector counted on its own.
func verify(in warehouse.LoadInput, out warehouse.Output) error {
	var rows int64
	for _, f := range in.Load.Spool {
		rows += f.Rows
	}
	c, structural := out.Counts, int64(len(in.Rejects))
	switch {
	case in.Read != rows+structural+in.Skipped:
		return fmt.Errorf("load %d: the connector read %d records, but copied %d, set %d aside and skipped %d; this is a fault of the program", in.Load.ID, in.Read, rows, structural, in.Skipped)
	case c.Read != in.Read || c.Skipped != in.Skipped || c.Accepted+c.Rejected != rows+structural || c.Rejected < structural:
		return fmt.Errorf("load %d: the connector counted %d records (%d set aside, %d skipped) and the warehouse %d (%d accepted, %d rejected, %d skipped); this is a fault of the program",
			in.Load.ID, in.Read, structural, in.Skipped, c.Read, c.Accepted, c.Rejected, c.Skipped)
	}
	return nil
}

// publish makes what the warehouse has committed visible. From here on the caller's context no longer counts: between the two stores
// there is no way back half-way.
func (r *Runner) publish(ctx context.Context, rep *Report, out warehouse.Output) error {
	ctx, cancel := lastWords(ctx)
	defer cancel()
	r.Hook(kpi.StepLive)
	l := rep.Load
	rep.Warnings = append(rep.Warnings, out.Warnings...)
	l.Counts, l.Checks, l.Warnings, l.Checksum, l.LiveAt = out.Counts, out.Checks, rep.Warnings, out.Checksum, r.Now()
	if err := r.Ledger.Live(ctx, l); err != nil {
		// The answer may have been lost on its way, not the commit.
		if now, ok, lerr := r.Ledger.LastLive(ctx, l.Dataset, time.Time{}); lerr != nil || !ok || now.ID != l.ID {
			return errors.Join(err, lerr)
		}
	}
	l.State = kpi.LoadLive
	rep.Load, rep.Observations = l, out.Observations
	return nil
}

// undo takes a data version that will not become live out of the warehouse. If that fails no other load begins before it has succeeded:
// the version's rows would become visible with the next one.
func (r *Runner) undo(ctx context.Context, version int64) error {
	ctx, cancel := lastWords(ctx)
	defer cancel()
	if err := r.Warehouse.Undo(ctx, version); err != nil {
		r.dirty = true
		return fmt.Errorf("load %d could not be taken out of the warehouse: %w", version, err)
	}
	return nil
}
