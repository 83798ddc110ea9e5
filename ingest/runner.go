package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
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
	End(ctx context.Context, l kpi.Load) error
}

// History is the part of the ledger that is asked what was.
type History interface {
	City(ctx context.Context, knownAt time.Time) (*kpi.City, int, error)
	Folder(ctx context.Context, version int) (*kpi.City, error)
	LastLive(ctx context.Context, dataset string, knownAt time.Time) (kpi.Load, bool, error)
	Visible(ctx context.Context, knownAt time.Time) (int64, time.Time, error)
	Loads(ctx context.Context, dataset string, limit int) ([]kpi.Load, error)
	Emergencies(ctx context.Context) ([]kpi.Emergency, error) // in which nothing has to be delivered in time
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
	RejectGroupsOf(ctx context.Context, dataset string, since, load int64) ([]kpi.RejectGroup, error)
	Preview(ctx context.Context, in warehouse.LoadInput) (warehouse.Previewed, error)
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
	Network    *connector.Network   // how connectors reach other machines; nil: not at all
	Recorded   connector.Recorded   // tables of what people type; nil: none. The runner adds those that it knows itself: see [TableLoads]
	Entries    connector.Entries    // what people entered into datasets of kind entry; nil: there are none
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
	step  kpi.Step      // of the run that is on; guarded by turn
}

// New opens the spool and returns a Runner. Nobody else may use the spool; [Runner.Reconcile] should be called before anything else.
func New(o Options) (*Runner, error) {
	if o.Ledger == nil || o.Warehouse == nil || o.Dir == "" {
		return nil, errors.New("ingest: a runner needs a ledger, a warehouse and a data directory")
	}
	if o.Connectors == nil {
		o.Connectors = connectors()
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
	r := &Runner{Options: o, spool: spool, turn: make(chan struct{}, 1)}
	r.Hook = func(s kpi.Step) { r.step = s; o.Hook(s) }
	return r, nil
}

// connectors are those of package connector, by the kind of source.
func connectors() map[string]Connector {
	return map[string]Connector{
		kpi.SourceCSV: connector.CSV{}, kpi.SourceXLSX: connector.XLSX{}, kpi.SourceJSON: connector.JSON{}, kpi.SourceGeoJSON: connector.GeoJSON{},
		kpi.SourceParquet: connector.Parquet{}, kpi.SourceOCDS: connector.OCDS{}, kpi.SourceSocrata: connector.Socrata{}, kpi.SourceCKAN: connector.CKAN{},
		kpi.SourceArcGIS: connector.ArcGIS{}, kpi.SourceSQL: connector.SQL{}, kpi.SourceLedger: connector.Ledger{},
		kpi.SourceEntry: connector.Entry{},
	}
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

// How says how a run came about.
type How struct {
	Trigger  kpi.Trigger // what set it off
	Attempt  int         // 1 for a first try, more for a retry; 0 counts as 1
	Accepted string      // who accepted that the number of rows changes more than is expected; empty: nobody, and such a load fails
}

// Run loads one dataset of the city from its folder and judges as of asOf. The folder must be the newest that the ledger has recorded.
// If nothing came that the last live load has not brought, and the city reads it and counts it in the same way, the report is Unchanged;
// what a new as-of date changes, or a definition where the source itself said that nothing is new, is left to [Runner.Refresh].
//
// After an error the last good data stay. A delivery that is refused is a [kpi.CodeInvalid]; the report says what is known about it.
func (r *Runner) Run(ctx context.Context, city *kpi.City, folder fs.FS, dataset string, asOf kpi.Date, how How) (Report, error) {
	release, err := r.take(ctx)
	if err != nil {
		return Report{Dataset: dataset}, err
	}
	defer release()
	return r.run(ctx, city, folder, dataset, asOf, how)
}

// RunAll runs the datasets (all of them if none is named) in the order of the folder, those of what the program records last, so that they
// tell of the others; then it does what [Runner.Refresh] does. A dataset that fails does not stop the others; the error joins all of
// theirs. The reports are in the order of the runs; one without a dataset is the recomputation.
func (r *Runner) RunAll(ctx context.Context, city *kpi.City, folder fs.FS, asOf kpi.Date, how How, datasets ...string) ([]Report, error) {
	release, err := r.take(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	wanted, err := inTurn(city, datasets)
	if err != nil {
		return nil, err
	}
	var reports []Report
	var errs []error
	for _, id := range wanted {
		if ctx.Err() != nil {
			return reports, errors.Join(append(errs, ctx.Err())...)
		}
		rep, err := r.run(ctx, city, folder, id, asOf, how)
		reports, errs = append(reports, rep), append(errs, err)
	}
	more, err := r.refresh(ctx, city, asOf, how)
	for _, rep := range more {
		if rep.Error != "" && rep.Dataset != "" {
			errs = append(errs, errors.New(rep.Error))
		}
	}
	return append(reports, more...), errors.Join(append(errs, err)...)
}

// inTurn returns the ids of the datasets to run, in the order in which they run.
func inTurn(city *kpi.City, wanted []string) ([]string, error) {
	for _, id := range wanted {
		if city.Dataset(id) == nil {
			return nil, noDataset(city, id)
		}
	}
	var first, last []string
	for _, ds := range city.Datasets {
		switch {
		case len(wanted) > 0 && !slices.Contains(wanted, ds.ID):
		case ds.Source.Kind == kpi.SourceLedger:
			last = append(last, ds.ID)
		default:
			first = append(first, ds.ID)
		}
	}
	return append(first, last...), nil
}

func noDataset(city *kpi.City, id string) error {
	return kpi.Errorf(kpi.CodeNotFound, "the folder of %s has no dataset %q", city.ID, id)
}

// run loads a dataset from its source.
func (r *Runner) run(ctx context.Context, city *kpi.City, folder fs.FS, dataset string, asOf kpi.Date, how How) (Report, error) {
	ds := city.Dataset(dataset)
	if ds == nil {
		return Report{Dataset: dataset}, noDataset(city, dataset)
	}
	how.Attempt = max(how.Attempt, 1)
	return r.open(ctx, city, ds, asOf, how, func(rep *Report) error {
		a := &attempt{Runner: r, city: city, folder: folder, ds: ds, report: rep}
		return a.do(ctx)
	})
}

// open opens a load, lets do do it and sees to it that it is finished, whatever happens.
func (r *Runner) open(ctx context.Context, city *kpi.City, ds *kpi.Dataset, asOf kpi.Date, how How, do func(*Report) error) (Report, error) {
	rep := Report{Dataset: ds.ID}
	version, err := r.ready(ctx, city, asOf)
	if err != nil {
		return rep, err
	}
	rep.Load = kpi.Load{
		Cause: kpi.CauseLoad, Dataset: ds.ID, State: kpi.LoadOpen, Started: r.Now(), Folder: version, AsOf: asOf,
		Trigger: how.Trigger, Attempt: how.Attempt, Accepted: how.Accepted,
	}
	if rep.Load.ID, err = r.Ledger.Begin(ctx, rep.Load); err != nil {
		return rep, err
	}
	r.step = kpi.StepFetch
	err = r.full(do(&rep))
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
	if ctx.Err() != nil { // the delivery is not to blame
		l.State = kpi.LoadAbandoned
	}
	log.Warn("load did not become live; the last good data stay", "state", l.State, "error", failed)
	// The caller may have given up; the ledger should know all the same. If it cannot be told, Reconcile tells it at the next start.
	end, cancel := lastWords(ctx)
	defer cancel()
	l.Ended, l.FailedAt = r.Now(), r.step
	if err := r.Ledger.End(end, *l); err != nil {
		log.Error("the ledger could not note how the load ended", "error", err)
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
