package ingest

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"citystat/ingest/connector"
	"citystat/kpi"
)

// rereadAll loads the datasets whose rows the city reads in another way than they were loaded anew from their kept copies, where it can be.
// One for which that fails stays as it is: its report says why.
func (r *Runner) rereadAll(ctx context.Context, city *kpi.City, asOf kpi.Date, how How) ([]Report, error) {
	var reports []Report
	for i := range city.Datasets {
		loads, err := r.toReread(ctx, city, &city.Datasets[i])
		if err != nil {
			return reports, err
		}
		for _, l := range loads {
			if ctx.Err() != nil {
				return reports, ctx.Err()
			}
			rep, err := r.reread(ctx, city, &city.Datasets[i], l, asOf, how)
			reports = append(reports, rep)
			if err != nil {
				break // the changes that follow have nothing to follow on
			}
		}
	}
	return reports, nil
}

// fromSpool is how a load comes about that asks no source: it is no attempt at one.
func fromSpool(how How) How {
	if how.Trigger == "" {
		how.Trigger = kpi.TriggerStart
	}
	how.Attempt, how.Accepted = 0, ""
	return how
}

// askedSource reports whether a load asked its source, and did not read kept copies anew.
func askedSource(l kpi.Load) bool { return l.Attempt > 0 || l.Trigger == "" }

// toReread returns the loads of a dataset whose copies hold its rows, oldest first: the last live one and, if that brought changes alone,
// those before it back to the last one that brought everything. It returns none if the rows are read as they were, if the source itself
// is another one, or if it was tried already with this folder.
func (r *Runner) toReread(ctx context.Context, city *kpi.City, ds *kpi.Dataset) ([]kpi.Load, error) {
	last, ok, err := r.Ledger.LastLive(ctx, ds.ID, time.Time{})
	if err != nil || !ok {
		return nil, err
	}
	then, err := r.Ledger.Folder(ctx, last.Folder)
	if err != nil || sameReading(then, city, ds.ID) || !sameCopies(then, city, ds) {
		return nil, err
	}
	_, version, err := r.Ledger.City(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	loads, err := r.Ledger.Loads(ctx, ds.ID, 0)
	if err != nil {
		return nil, err
	}
	var chain []kpi.Load
	for _, l := range loads {
		if l.State == kpi.LoadFailed && l.Folder == version && l.SourceHash == last.SourceHash && l.ID > last.ID {
			return nil, nil
		}
		if l.State != kpi.LoadLive {
			continue
		}
		chain = append(chain, l)
		if !l.Changes {
			break
		}
	}
	slices.Reverse(chain)
	return chain, nil
}

// sameCopies reports whether a connector would make the same copies of the same sources by both folders, but for the columns. How the source is
// reached makes no difference.
func sameCopies(then, now *kpi.City, ds *kpi.Dataset) bool {
	was := then.Dataset(ds.ID)
	if was == nil {
		return false
	}
	a, b := was.Source, ds.Source
	for _, s := range []*kpi.Source{&a, &b} {
		s.Token, s.User, s.Password, s.Key, s.HostKey, s.Headers, s.MaxBytes, s.Timeout = "", "", "", "", "", nil, 0, 0
	}
	if !reflect.DeepEqual(a, b) {
		return false
	}
	return b.Geometry != geometryDistrict || reflect.DeepEqual(outlines(then), outlines(now))
}

// outlines lists the districts with their borders.
func outlines(city *kpi.City) []kpi.District {
	list := make([]kpi.District, len(city.Districts))
	for i, d := range city.Districts {
		list[i] = kpi.District{ID: d.ID, Polygons: d.Polygons}
	}
	return list
}

// reread is a load whose source are the kept copies of an earlier one.
func (r *Runner) reread(ctx context.Context, city *kpi.City, ds *kpi.Dataset, of kpi.Load, asOf kpi.Date, how How) (Report, error) {
	return r.open(ctx, city, ds, asOf, fromSpool(how), func(rep *Report) (err error) {
		a := &attempt{Runner: r, city: city, ds: ds, report: rep}
		if err := a.guard(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.clear()) }()
		if err := a.recall(ctx); err != nil {
			return err
		}
		if err := a.unpack(ctx, of); err != nil {
			return err
		}
		if err := a.keep(ctx); err != nil {
			return err
		}
		return a.load(ctx)
	})
}

// unpack brings the kept copies of a load as if a connector had just made them. The load is noted as staged before they are looked at: one
// that fails is known by its source, and not tried again.
func (a *attempt) unpack(ctx context.Context, of kpi.Load) error {
	a.Hook(kpi.StepFetch)
	a.came = connector.Result{
		SourceHash: of.SourceHash, Read: of.Counts.Read, Skipped: of.Counts.Skipped, Changes: of.Changes, Cursor: of.Cursor,
		Warnings: []string{"read anew from the kept copies of " + of.Started.UTC().Format(time.DateTime) + " UTC, because the folder reads them in another way"},
	}
	var err error
	if a.came.Rejects, err = a.spool.Rejects(of.ID); err != nil {
		return err
	}
	var missing []error
	for _, f := range of.Spool {
		path, err := a.spool.Plain(ctx, f.Copy)
		if err != nil {
			return err
		}
		a.came.Files = append(a.came.Files, connector.File{SpoolFile: f, Plain: path})
		missing = append(missing, fits(path, f.Source, a.ds))
	}
	a.note()
	if err := errors.Join(missing...); err != nil {
		return errors.Join(err, a.Ledger.Stage(ctx, a.report.Load))
	}
	return nil
}

// fits checks that a kept copy holds the columns that are declared now, and no other: what is dropped now must not be read from it.
func fits(path, source string, ds *kpi.Dataset) error {
	have, err := header(path)
	if err != nil {
		return fmt.Errorf("the kept copy of %s: %w", source, err)
	}
	var lacks, more []string
	wanted := map[string]bool{}
	for _, c := range ds.Columns {
		if c.From == kpi.FromLine || slices.Contains(ds.Drop, c.From) { // the line is in every copy
			continue
		}
		wanted[c.From] = true
		if !slices.Contains(have, c.From) {
			lacks = append(lacks, c.From)
		}
	}
	for _, name := range have {
		if !wanted[name] {
			more = append(more, name)
		}
	}
	switch {
	case len(lacks) > 0:
		return kpi.Errorf(kpi.CodeInvalid, "%s is to be read in another way, and its kept copy lacks %s; the numbers stay by the old definitions until the next good delivery", source, strings.Join(lacks, ", "))
	case len(more) > 0:
		return kpi.Errorf(kpi.CodeInvalid, "%s is to be read without %s, which its kept copy holds; the numbers stay by the old definitions until the next good delivery", source, strings.Join(more, ", "))
	}
	return nil
}

// header returns the names of the columns of a plain copy, without that of the line number.
func header(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	names, err := csv.NewReader(bufio.NewReader(f)).Read()
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return names[1:], nil
}
