package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

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
	last   kpi.Load  // the last live load of the dataset; zero if there is none
	then   *kpi.City // as its folder stood; nil if there is none
	came   connector.Result
}

// do goes through the steps. Before it returns nil the load is live or unchanged; after an error the warehouse is as it was.
func (a *attempt) do(ctx context.Context) (err error) {
	if err := a.guard(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.clear()) }()
	if err := a.recall(ctx); err != nil {
		return err
	}
	if err := a.fetch(ctx); err != nil {
		return err
	}
	if known, err := a.known(ctx); err != nil || known {
		return err
	}
	if err := a.keep(ctx); err != nil {
		return err
	}
	return a.load(ctx)
}

// recall asks the ledger what was before.
func (a *attempt) recall(ctx context.Context) error {
	var err error
	if a.last, _, err = a.Ledger.LastLive(ctx, a.ds.ID, time.Time{}); err != nil || a.last.ID == 0 {
		return err
	}
	a.then, err = a.Ledger.Folder(ctx, a.last.Folder)
	return err
}

// sameReading reports whether there is a last live load and its rows were read as the city now says.
func (a *attempt) sameReading() bool {
	return a.then != nil && sameReading(a.then, a.city, a.ds.ID)
}

// fetch lets the connector make the copies.
func (a *attempt) fetch(ctx context.Context) error {
	c, ok := a.Connectors[a.ds.Source.Kind]
	if !ok {
		return kpi.Errorf(kpi.CodeInvalid, "dataset %s: there is no connector for sources of kind %q", a.ds.ID, a.ds.Source.Kind)
	}
	req := connector.Request{
		Folder: a.folder, Dataset: a.ds, Dir: a.spool.Tmp(), Progress: a.Progress,
		Network: a.Network, Place: Placer(a.city.Districts), Recorded: a.recorded(a.city, a.report.Load.Started), Entries: a.Entries, Same: sameFields(a.city),
	}
	if a.sameReading() {
		req.Previous = a.last
	}
	a.Hook(kpi.StepFetch)
	var err error
	if a.came, err = a.read(ctx, c, req); err != nil {
		return err
	}
	if req.Previous.ID == 0 && (a.came.NotModified || a.came.Changes) {
		return fmt.Errorf("dataset %s: the connector speaks of what is new since a load that it was not told of; this is a fault of the program", a.ds.ID)
	}
	a.note()
	return nil
}

// read asks the connector. What comes from outside may find a mistake in what reads it: that costs the delivery, not the program.
func (a *attempt) read(ctx context.Context, c Connector, req connector.Request) (came connector.Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			a.Logger.Error("a connector broke", "dataset", a.ds.ID, "panic", v, "stack", string(debug.Stack()))
			err = kpi.Errorf(kpi.CodeInvalid, "dataset %s: the delivery broke what reads it; this is a fault of the program, see its log", a.ds.ID)
		}
	}()
	return c.Read(ctx, req)
}

// note writes what came into the report.
func (a *attempt) note() {
	l := &a.report.Load
	l.SourceHash, l.Changes, l.Cursor = a.came.SourceHash, a.came.Changes, a.came.Cursor
	for _, f := range a.came.Files {
		l.Spool = append(l.Spool, f.SpoolFile)
	}
	for i := range a.came.Rejects {
		a.came.Rejects[i].Load = l.ID
	}
	a.report.Warnings = append(a.report.Warnings, a.came.Warnings...)
	if names := undeclared(a.came.Files); len(names) > 0 {
		a.report.Warnings = append(a.report.Warnings, "columns that are not declared were left out: "+listed(names))
	}
	if l.Accepted != "" {
		a.report.Warnings = append(a.report.Warnings, "whatever the number of rows is, it was accepted by "+l.Accepted)
	}
}

// listed writes names that a source gave for people: each on one line and none longer than a name is, and not more of them than anybody reads.
func listed(names []string) string {
	const most, longest = 50, 100
	var list []string
	for i, n := range names {
		if i == most {
			list = append(list, fmt.Sprintf("and %d more", len(names)-most))
			break
		}
		if r := []rune(n); len(r) > longest {
			n = string(r[:longest]) + "…"
		}
		if strings.ContainsFunc(n, func(r rune) bool { return !unicode.IsPrint(r) }) {
			n = strconv.Quote(n)
		}
		list = append(list, n)
	}
	return strings.Join(list, ", ")
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

// clear empties the directory of temporary files: what was fetched and the copies that are not kept, whoever left them there. Loads run
// one at a time, so there is nothing of anybody else's in it.
func (a *attempt) clear() error {
	left, err := filepath.Glob(filepath.Join(a.spool.Tmp(), "*"))
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range left {
		errs = append(errs, os.RemoveAll(path))
	}
	return errors.Join(errs...)
}

// known ends the load as unchanged if nothing came that the last live load has not brought, read and counted in the same way. A source
// that says itself that nothing is new brings no rows to be counted in another way: that is left to a recomputation.
func (a *attempt) known(ctx context.Context) (bool, error) {
	switch {
	case !a.sameReading():
		return false, nil
	case a.came.NotModified || a.came.Changes && a.rows() == 0:
	case a.last.SourceHash != a.came.SourceHash: // the same changes a second time change nothing: rows are told apart by their key
		return false, nil
	default:
		b, err := a.basis(ctx, a.last)
		if err != nil || !b.measures(a.city, a.ds.ID) {
			return false, err
		}
	}
	if err := a.Ledger.End(ctx, kpi.Load{ID: a.report.Load.ID, State: kpi.LoadUnchanged, Ended: a.Now()}); err != nil {
		return false, err
	}
	a.report.Unchanged, a.report.Duration = true, a.Now().Sub(a.report.Load.Started)
	a.report.Load = a.last
	return true, nil
}

// rows counts the rows that came, with those that were set aside.
func (a *attempt) rows() int64 {
	n := int64(len(a.came.Rejects))
	for _, f := range a.came.Files {
		n += f.Rows
	}
	return n
}

// keep takes the copies into the spool and tells the ledger.
func (a *attempt) keep(ctx context.Context) error {
	a.Hook(kpi.StepSpool)
	kept := map[string]bool{}
	for _, f := range a.came.Files {
		if kept[f.Copy] || f.Compressed == "" { // two sources with the same rows share a copy; one that is read anew is kept already
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

// input is what the warehouse is given.
func (a *attempt) input(visible int64) warehouse.LoadInput {
	in := warehouse.LoadInput{
		Load: a.report.Load, City: bounded(a.city, a.report.Load), Dataset: a.ds.ID, Rejects: a.came.Rejects, Read: a.came.Read, Skipped: a.came.Skipped,
		Previous: a.last, Visible: visible, Progress: a.Progress, Hook: a.Hook,
	}
	for _, f := range a.came.Files {
		in.Files = append(in.Files, f.Plain)
	}
	return in
}

// load brings the copies into the warehouse and makes the load live.
func (a *attempt) load(ctx context.Context) error {
	visible, _, err := a.Ledger.Visible(ctx, time.Time{})
	if err != nil {
		return err
	}
	in := a.input(visible)
	out, err := a.Warehouse.Load(ctx, in)
	if err == nil {
		err = verify(in, out)
	}
	if err == nil {
		a.report.Rejects, err = a.Warehouse.RejectGroupsOf(ctx, a.ds.ID, a.report.Load.ID, a.report.Load.ID)
	}
	if err == nil {
		err = a.publish(ctx, a.report, out)
	}
	if err != nil {
		return errors.Join(err, a.undo(ctx, a.report.Load.ID), a.keepRefused(out.Refused))
	}
	return nil
}

// keepRefused keeps the rows for which the warehouse would not take the load, beside those that the connector set aside: whoever is to mend
// the source must see them.
func (a *attempt) keepRefused(rows []kpi.Reject) error {
	all := append(slices.Clone(a.came.Rejects), rows...)
	a.report.Rejects = countRejects(all)
	if len(rows) == 0 { // what was set aside is kept already
		return nil
	}
	return a.spool.KeepRejects(a.report.Load.ID, all)
}

// bounded is the city by which a load is checked: without the bound on the change in the number of rows where somebody has accepted it, and
// where everything was fetched of a source of which the loads before hold changes alone, so that there is nothing to compare with.
func bounded(city *kpi.City, l kpi.Load) *kpi.City {
	i := slices.IndexFunc(city.Datasets, func(d kpi.Dataset) bool { return d.ID == l.Dataset })
	if i < 0 || city.Datasets[i].Expect.RowsChangeAtMost == 0 {
		return city
	}
	if anew := city.Datasets[i].Source.Delivers == kpi.DeliversChanges && !l.Changes; l.Accepted == "" && !anew {
		return city
	}
	c := *city
	c.Datasets = slices.Clone(city.Datasets)
	c.Datasets[i].Expect.RowsChangeAtMost = 0
	return &c
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
	l.State, l.Ended = kpi.LoadLive, l.LiveAt
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
