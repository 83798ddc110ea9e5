package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/warehouse"
)

// Reconcile brings the two stores to the same state after the program has ended in any way. It should be called at every start, before
// anything is read from the warehouse:
//
//   - a load that the ledger has as open or staged is taken out of the warehouse and abandoned: the old numbers stay;
//   - whatever else the warehouse holds and the ledger does not call live is taken out too;
//   - if the warehouse lacks a live data version, or its observations are not those that became live (by their checksum), it is rebuilt
//     from the spool.
func (r *Runner) Reconcile(ctx context.Context) error {
	release, err := r.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	loads, err := r.Ledger.Loads(ctx, "", 0)
	if err != nil {
		return err
	}
	if err := r.sweep(ctx); err != nil {
		return err
	}
	for _, l := range loads {
		if l.State != kpi.LoadOpen && l.State != kpi.LoadStaged {
			continue
		}
		r.Logger.Warn("the program ended during a load; the numbers before it stay", "load", l.ID, "dataset", l.Dataset, "state", l.State)
		if err := r.Ledger.End(ctx, kpi.Load{ID: l.ID, State: kpi.LoadAbandoned, Error: "the program ended during this load"}); err != nil {
			return err
		}
	}
	why, err := r.broken(ctx, live(loads))
	if err != nil || why == "" {
		return err
	}
	r.Logger.Warn("the warehouse is rebuilt from the spool", "why", why)
	return r.rebuild(ctx)
}

// live returns the live ones of a list of loads, oldest first.
func live(loads []kpi.Load) []kpi.Load {
	var list []kpi.Load
	for _, l := range slices.Backward(loads) {
		if l.State == kpi.LoadLive {
			list = append(list, l)
		}
	}
	return list
}

// sweep takes every data version that is not live out of the warehouse, newest first.
func (r *Runner) sweep(ctx context.Context) error {
	loads, err := r.Ledger.Loads(ctx, "", 0)
	if err != nil {
		return err
	}
	keep := map[int64]bool{}
	for _, l := range live(loads) {
		keep[l.ID] = true
	}
	if err := r.undoAll(ctx, func(v int64) bool { return !keep[v] }); err != nil {
		return err
	}
	r.dirty = false
	return nil
}

// undoAll takes the data versions for which is holds out of the warehouse, newest first: each closes rows that an older one has opened.
func (r *Runner) undoAll(ctx context.Context, is func(int64) bool) error {
	versions, err := r.Warehouse.Versions(ctx)
	if err != nil {
		return err
	}
	slices.Sort(versions)
	for _, v := range slices.Backward(versions) {
		if !is(v) {
			continue
		}
		if err := r.Warehouse.Undo(ctx, v); err != nil {
			return fmt.Errorf("data version %d could not be taken out of the warehouse: %w", v, err)
		}
	}
	return nil
}

// broken returns why the warehouse does not hold what the ledger calls live; "" if it does.
func (r *Runner) broken(ctx context.Context, live []kpi.Load) (string, error) {
	if len(live) == 0 {
		return "", nil
	}
	versions, err := r.Warehouse.Versions(ctx)
	if err != nil {
		return "", err
	}
	for _, l := range live {
		if !slices.Contains(versions, l.ID) {
			return fmt.Sprintf("it lacks data version %d", l.ID), nil
		}
	}
	newest := live[len(live)-1]
	sum, err := r.Warehouse.Checksum(ctx, newest.ID)
	if err != nil {
		return "", err
	}
	if sum != newest.Checksum {
		return fmt.Sprintf("its observations at data version %d are not those that became live", newest.ID), nil
	}
	return "", nil
}

// Rebuild makes the warehouse anew from the spool and the ledger: every live load and recomputation in order, with its own data version,
// folder and as-of date. It fails, after the last one, if a count or a checksum is not what it was when it became live.
func (r *Runner) Rebuild(ctx context.Context) error {
	release, err := r.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	return r.rebuild(ctx)
}

func (r *Runner) rebuild(ctx context.Context) error {
	loads, err := r.Ledger.Loads(ctx, "", 0)
	if err != nil {
		return err
	}
	if err := r.undoAll(ctx, func(int64) bool { return true }); err != nil {
		return err
	}
	r.dirty = false
	re := &replay{Runner: r, last: map[string]kpi.Load{}, cities: map[int]*kpi.City{}}
	var differ []error
	for _, l := range live(loads) {
		out, err := re.again(ctx, l)
		if err != nil {
			return errors.Join(append(differ, fmt.Errorf("data version %d cannot be rebuilt: %w", l.ID, err))...)
		}
		differ = append(differ, compare(l, out))
		re.last[l.Dataset], re.visible = l, l.ID
		r.Logger.Info("rebuilt", "load", l.ID, "dataset", l.Dataset, "as_of", l.AsOf)
	}
	return errors.Join(differ...)
}

// compare reports how a replayed data version differs from the one that became live.
func compare(was kpi.Load, now warehouse.Output) error {
	switch {
	case now.Counts != was.Counts:
		return fmt.Errorf("data version %d came back with other counts: %+v, and it was %+v", was.ID, now.Counts, was.Counts)
	case now.Checksum != was.Checksum:
		return fmt.Errorf("data version %d came back with other observations: checksum %s, and it was %s", was.ID, now.Checksum, was.Checksum)
	}
	return nil
}

// replay is a rebuild on its way.
type replay struct {
	*Runner
	last    map[string]kpi.Load // by dataset
	visible int64
	cities  map[int]*kpi.City // by version of the folder
}

func (r *replay) city(ctx context.Context, version int) (*kpi.City, error) {
	if c, ok := r.cities[version]; ok {
		return c, nil
	}
	c, err := r.Ledger.Folder(ctx, version)
	r.cities[version] = c
	return c, err
}

// countable is [Countable] at this place of the history.
func (r *replay) countable(ctx context.Context, city *kpi.City) (*kpi.City, []string, error) {
	return countable(city, func(dataset string) (*kpi.City, error) {
		l, ok := r.last[dataset]
		if !ok {
			return nil, nil
		}
		return r.city(ctx, l.Folder)
	})
}

// again does what made a data version once more.
func (r *replay) again(ctx context.Context, l kpi.Load) (out warehouse.Output, err error) {
	city, err := r.city(ctx, l.Folder)
	if err != nil {
		return out, err
	}
	if l.Cause != kpi.CauseLoad {
		countable, _, err := r.countable(ctx, city)
		if err != nil {
			return out, err
		}
		return r.Warehouse.Recompute(ctx, warehouse.RecomputeInput{Version: l.ID, Cause: l.Cause, City: countable, AsOf: l.AsOf, Visible: r.visible})
	}
	in := warehouse.LoadInput{
		City: bounded(city, l), Dataset: l.Dataset, Read: l.Counts.Read, Skipped: l.Counts.Skipped, Previous: r.last[l.Dataset], Visible: r.visible, Progress: r.Progress,
		Load: l,
	}
	// It is handed over as it was before the warehouse had it.
	in.Load.State, in.Load.LiveAt, in.Load.Ended, in.Load.Counts, in.Load.Checks, in.Load.Warnings, in.Load.Checksum = kpi.LoadStaged, time.Time{}, time.Time{}, kpi.Counts{}, nil, nil, ""
	if in.Rejects, err = r.spool.Rejects(l.ID); err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, r.spool.Discard(in.Files...)) }()
	for _, f := range l.Spool {
		path, err := r.spool.Plain(ctx, f.Copy)
		if err != nil {
			return out, err
		}
		in.Files = append(in.Files, path)
	}
	return r.Warehouse.Load(ctx, in)
}
