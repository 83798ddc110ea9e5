package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"citystat/ingest/connector"
	"citystat/kpi"
	"citystat/kpi/warehouse"
)

// Journal is the part of the ledger in which a load is written down.
type Journal interface {
	Begin(ctx context.Context, l kpi.Load) (int64, error)
	Stage(ctx context.Context, l kpi.Load) error
	Live(ctx context.Context, l kpi.Load) error
	Finish(ctx context.Context, id int64, state kpi.LoadState, reason string) error
}

// History is the part of the ledger that is asked what was.
type History interface {
	City(ctx context.Context, knownAt time.Time) (*kpi.City, int, error)
	Folder(ctx context.Context, version int) (*kpi.City, error)
	LastLive(ctx context.Context, dataset string, knownAt time.Time) (kpi.Load, bool, error)
	Visible(ctx context.Context, knownAt time.Time) (int64, time.Time, error)
	Loads(ctx context.Context, dataset string, limit int) ([]kpi.Load, error)
}

// Ledger says which loads are live.
type Ledger interface {
	Journal
	History
}

// Loader is the part of the warehouse that turns copies into rows and observations.
type Loader interface {
	Load(ctx context.Context, in warehouse.LoadInput) (warehouse.Output, error)
	Recompute(ctx context.Context, in warehouse.RecomputeInput) (warehouse.Output, error)
	Facts(ctx context.Context, city *kpi.City, dataset string, version int64) (warehouse.Facts, error)
}

// Keeper is the part of the warehouse that knows its data versions.
type Keeper interface {
	Undo(ctx context.Context, version int64) error
	Versions(ctx context.Context) ([]int64, error)
	Checksum(ctx context.Context, version int64) (string, error)
}

// Warehouse holds rows and observations.
type Warehouse interface {
	Loader
	Keeper
}

// Connector brings one delivery of a dataset. Its errors are fit for people; after one it has left nothing behind.
type Connector interface {
	Read(ctx context.Context, req connector.Request) (connector.Result, error)
}

// Options are what a Runner works with.
type Options struct {
	Ledger     Ledger
	Warehouse  Warehouse
	Dir        string               // the data directory: spool/ is in it, and warehouse.duckdb
	Connectors map[string]Connector // by kind of source; nil: those of package connector
	MinFree    int64                // bytes that must be free on the disk of the spool before a load; 0: 1 GiB. Three times the warehouse must be free too
	Progress   func(kpi.Progress)   // may be nil
	Hook       func(kpi.Step)       // called when a step begins; may be nil
	Now        func() time.Time     // nil: time.Now
	Logger     *slog.Logger         // nil: slog.Default
}

// Runner runs loads, one at a time: data versions become live in the order in which they are handed out.
type Runner struct {
	Options
	spool *Spool
	turn  chan struct{} // holds a value while somebody runs
	dirty bool          // a failed load could not be undone; guarded by turn
}

// New opens the spool and returns a Runner. Nobody else may use the spool; [Runner.Reconcile] should be called before anything else.
func New(o Options) (*Runner, error) {
	if o.Ledger == nil || o.Warehouse == nil || o.Dir == "" {
		return nil, errors.New("ingest: a runner needs a ledger, a warehouse and a data directory")
	}
	if o.Connectors == nil {
		o.Connectors = map[string]Connector{"csv": connector.CSV{}}
	}
	if o.MinFree == 0 {
		o.MinFree = 1 << 30
	}
	if o.Progress == nil {
		o.Progress = func(kpi.Progress) {}
	}
	if o.Hook == nil {
		o.Hook = func(kpi.Step) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	spool, err := OpenSpool(filepath.Join(o.Dir, "spool"))
	if err != nil {
		return nil, err
	}
	return &Runner{Options: o, spool: spool, turn: make(chan struct{}, 1)}, nil
}

// take waits for the runner's turn; the function that it returns gives it back.
func (r *Runner) take(ctx context.Context) (func(), error) {
	select {
	case r.turn <- struct{}{}:
		return func() { <-r.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Report is how a run of a dataset went.
type Report struct {
	Dataset      string            `json:"dataset,omitempty"`   // empty: a recomputation
	Load         kpi.Load          `json:"load"`                // if Unchanged: the last live one
	Unchanged    bool              `json:"unchanged,omitempty"` // nothing new: the numbers are as they were
	Duration     time.Duration     `json:"duration"`
	Rejects      []kpi.RejectGroup `json:"rejects,omitempty"` // by reason and column
	Observations int64             `json:"observations"`      // new ones, and those that changed
	Warnings     []string          `json:"warnings,omitempty"`
	Error        string            `json:"error,omitempty"` // why it failed; the last good data stay
}

// Run loads one dataset of the city from its folder and judges as of asOf. The folder must be the newest that the ledger has recorded.
// If the same sources came as in the last live load, and the city reads them and counts them in the same way, the report is Unchanged;
// what a new as-of date changes is left to [Runner.Refresh].
//
// After an error the last good data stay. A delivery that is refused is a [kpi.CodeInvalid]; the report says what is known about it.
func (r *Runner) Run(ctx context.Context, city *kpi.City, folder fs.FS, dataset string, asOf kpi.Date) (Report, error) {
	release, err := r.take(ctx)
	if err != nil {
		return Report{Dataset: dataset}, err
	}
	defer release()
	return r.run(ctx, city, folder, dataset, asOf)
}

// RunAll runs the datasets (all of them if none is named) in the order of the folder, and recomputes what is left behind by a new
// as-of date or a change of definitions. A dataset that fails does not stop the others; the error joins all of theirs. The reports are
// in the order of the runs; one without a dataset is the recomputation.
func (r *Runner) RunAll(ctx context.Context, city *kpi.City, folder fs.FS, asOf kpi.Date, datasets ...string) ([]Report, error) {
	release, err := r.take(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	wanted := map[string]bool{}
	for _, id := range datasets {
		if city.Dataset(id) == nil {
			return nil, noDataset(city, id)
		}
		wanted[id] = true
	}
	var reports []Report
	var errs []error
	for _, ds := range city.Datasets {
		if len(wanted) > 0 && !wanted[ds.ID] {
			continue
		}
		if ctx.Err() != nil {
			return reports, errors.Join(append(errs, ctx.Err())...)
		}
		rep, err := r.run(ctx, city, folder, ds.ID, asOf)
		reports, errs = append(reports, rep), append(errs, err)
	}
	rep, err := r.refresh(ctx, city, asOf)
	if err != nil || !rep.Unchanged {
		reports, errs = append(reports, rep), append(errs, err)
	}
	return reports, errors.Join(errs...)
}

func noDataset(city *kpi.City, id string) error {
	return kpi.Errorf(kpi.CodeNotFound, "the folder of %s has no dataset %q", city.ID, id)
}

// run opens a load and sees to it that it is finished, whatever happens.
func (r *Runner) run(ctx context.Context, city *kpi.City, folder fs.FS, dataset string, asOf kpi.Date) (Report, error) {
	rep := Report{Dataset: dataset}
	ds := city.Dataset(dataset)
	if ds == nil {
		return rep, noDataset(city, dataset)
	}
	version, err := r.ready(ctx, city, asOf)
	if err != nil {
		return rep, err
	}
	rep.Load = kpi.Load{Cause: kpi.CauseLoad, Dataset: dataset, State: kpi.LoadOpen, Started: r.Now(), Folder: version, AsOf: asOf}
	if rep.Load.ID, err = r.Ledger.Begin(ctx, rep.Load); err != nil {
		return rep, err
	}
	a := &attempt{Runner: r, city: city, folder: folder, ds: ds, report: &rep}
	err = a.do(ctx)
	r.finish(ctx, &rep, err)
	return rep, err
}

// ready checks that a load may begin and returns the version of the folder.
func (r *Runner) ready(ctx context.Context, city *kpi.City, asOf kpi.Date) (int, error) {
	if asOf.IsZero() {
		return 0, kpi.Errorf(kpi.CodeInvalid, "a load needs a day as of which it is judged")
	}
	if r.dirty {
		if err := r.sweep(ctx); err != nil {
			return 0, fmt.Errorf("a failed load is still in the warehouse: %w", err)
		}
	}
	newest, version, err := r.Ledger.City(ctx, time.Time{})
	if err != nil {
		return 0, err
	}
	if newest.Hash != city.Hash {
		return 0, kpi.Errorf(kpi.CodeConflict, "the folder of %s is not the newest that the ledger knows; record it first", city.ID)
	}
	return version, nil
}

// finish ends a load in the ledger unless it is live, and completes the report.
func (r *Runner) finish(ctx context.Context, rep *Report, failed error) {
	l := &rep.Load
	log := r.Logger.With("load", l.ID, "dataset", l.Dataset)
	if rep.Unchanged {
		log.Info("nothing new since this load")
		return
	}
	rep.Duration = r.Now().Sub(l.Started)
	if failed == nil {
		log.Info("load is live", "read", l.Counts.Read, "rejected", l.Counts.Rejected, "duration", rep.Duration)
		return
	}
	l.State, l.Error, rep.Error = kpi.LoadFailed, failed.Error(), failed.Error()
	log.Warn("load failed; the last good data stay", "error", failed)
	// The caller may have given up; the ledger should know all the same. If it cannot be told, Reconcile tells it at the next start.
	end, cancel := lastWords(ctx)
	defer cancel()
	if err := r.Ledger.Finish(end, l.ID, kpi.LoadFailed, l.Error); err != nil {
		log.Error("the ledger could not note that the load failed", "error", err)
	}
}

// lastWords is a context for what must still be done after the caller's has ended.
func lastWords(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
}

// warehouseFile is where the warehouse lies, beside the spool. It is never opened here: that would lose DuckDB's lock on it.
func (r *Runner) warehouseFile() string {
	return filepath.Join(r.Dir, "warehouse.duckdb")
}
