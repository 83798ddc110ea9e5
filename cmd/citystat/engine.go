package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"citystat/ingest"
	"citystat/ingest/connector"
	"citystat/kpi"
	"citystat/kpi/ledger"
	"citystat/kpi/scorecard"
	"citystat/kpi/warehouse"
)

// engine is the program without its server: a city's folder, its two stores, and what ties them together. Sub-commands that work
// alone use it directly; App puts the server on top.
type engine struct {
	folder  folder
	dir     string
	log     *slog.Logger
	now     func() time.Time
	led     *ledger.DB
	wh      *warehouse.DB
	runner  *ingest.Runner
	builder *scorecard.Builder

	change sync.Mutex // one change of the stores at a time

	mu    sync.RWMutex // guards city, own and files
	city  *kpi.City    // with the decisions laid over it
	own   *kpi.City    // as the folder alone has it
	files fs.FS

	deciding sync.Mutex      // one decision at a time
	laying   sync.WaitGroup  // decisions that are being laid over the folder
	life     context.Context //nolint:containedctx // until Close; of work that goes on when whoever asked for it is gone
	die      context.CancelFunc

	published atomic.Pointer[scorecard.Scorecard]

	said sync.WaitGroup // publications of what people said that are under way
}

// engineOptions says what to open and how.
type engineOptions struct {
	Folder   folder
	City     *kpi.City // read from Folder, without mistakes
	Files    fs.FS
	Dir      string
	Log      *slog.Logger
	Progress func(kpi.Progress)  // may be nil
	Hook     func(step kpi.Step) // may be nil; tests stop the program there
	Now      func() time.Time
}

// openEngine opens both stores and brings them into agreement. What it opened before an error it closes.
func openEngine(ctx context.Context, o engineOptions) (*engine, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w; choose another with --data DIR", err)
	}
	if err := os.Chmod(o.Dir, 0o700); err != nil { // somebody may have made it for everybody to read
		return nil, fmt.Errorf("data directory: %w; it must be this account's own", err)
	}
	e := &engine{folder: o.Folder, dir: o.Dir, log: o.Log, now: o.Now, city: o.City, own: o.City, files: o.Files}
	e.life, e.die = context.WithCancel(context.WithoutCancel(ctx))
	if err := e.open(ctx, o); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func (e *engine) open(ctx context.Context, o engineOptions) error {
	var err error
	// The warehouse first: whoever has it open owns the directory, and a ledger is not migrated under a program that is at work.
	if e.wh, err = openWarehouse(ctx, o.Dir, e.log); err != nil {
		return err
	}
	if e.led, err = ledger.Open(ctx, filepath.Join(o.Dir, "ledger.db")); err != nil {
		return err
	}
	// What was published is shown at once, whatever state the warehouse is in.
	if err := e.readPublished(ctx); err != nil {
		return err
	}
	if e.city, _, err = e.lay(ctx, e.own); err != nil {
		return err
	}
	if _, err := e.led.RecordFolder(ctx, e.city, e.now()); err != nil {
		return err
	}
	if err := e.forgetEmails(ctx); err != nil {
		return err
	}
	if n, err := e.led.ForgetCopies(e.now()); err != nil {
		e.log.Warn("a copy of the ledger from before an upgrade was kept long enough, and is still there", "err", err)
	} else if n > 0 {
		e.log.Info("copies of the ledger from before an upgrade were kept long enough", "deleted", n)
	}
	network, err := newNetwork(e.city, e.files, e.log)
	if err != nil {
		return err
	}
	e.runner, err = ingest.New(ingest.Options{
		Ledger: e.led, Warehouse: e.wh, Dir: o.Dir, Network: network, Recorded: tables{e}, Entries: e.led,
		Progress: o.Progress, Hook: o.Hook, Now: e.now, Logger: e.log,
	})
	if err != nil {
		return err
	}
	e.builder = scorecard.NewBuilder(&store{led: e.led, wh: e.wh}, scorecard.WithWords(words{e.led, &archives{led: e.led}}))
	return e.runner.Reconcile(ctx)
}

// newNetwork makes the way to other machines as the city's folder allows it.
func newNetwork(city *kpi.City, files fs.FS, log *slog.Logger) (*connector.Network, error) {
	o := connector.NetworkOptions{Network: city.Network, Version: version(), Logger: log}
	if city.Network.CA != "" {
		var err error
		if o.CA, err = fs.ReadFile(files, city.Network.CA); err != nil {
			return nil, &kpi.Error{Code: kpi.CodeInvalid, Message: "network: ca in city.yaml cannot be read", Err: err}
		}
	}
	return connector.NewNetwork(o)
}

// openWarehouse opens the warehouse. One that DuckDB cannot open is put aside, not deleted: it can be rebuilt from the spool, and the
// reconciliation that follows does so.
func openWarehouse(ctx context.Context, dir string, log *slog.Logger) (*warehouse.DB, error) {
	o := warehouse.Options{Dir: dir, Logger: log}
	wh, err := warehouse.Open(ctx, o)
	file := filepath.Join(dir, "warehouse.duckdb")
	if code := kpi.ErrorCode(err); err == nil || code == kpi.CodeConflict || code == kpi.CodeInvalid || ctx.Err() != nil {
		return wh, err
	}
	aside := file + ".broken"
	if moveErr := moveAll(file, aside); moveErr != nil {
		return nil, errors.Join(err, moveErr)
	}
	log.Warn("the warehouse cannot be opened; it is put aside and made anew from the spool", "aside", aside, "err", err)
	wh, again := warehouse.Open(ctx, o)
	if again != nil { // then it was not the file's fault
		return nil, errors.Join(again, moveAll(aside, file))
	}
	return wh, nil
}

// moveAll moves a database file and its log; what is not there need not be moved.
func moveAll(from, to string) error {
	for _, end := range []string{"", ".wal"} {
		if err := os.Rename(from+end, to+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("putting the warehouse aside: %w", err)
		}
	}
	return nil
}

// Close closes the stores.
func (e *engine) Close() error {
	e.said.Wait()
	var errs []error
	e.die()
	e.laying.Wait()
	if e.wh != nil {
		errs = append(errs, e.wh.Close())
	}
	if e.led != nil {
		errs = append(errs, e.led.Close())
	}
	return errors.Join(errs...)
}

// definitions returns the city, with the decisions laid over it, and its files as they are now.
func (e *engine) definitions() (*kpi.City, fs.FS) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.city, e.files
}

// asOf is the day that is judged now: the city's fixed day, or today in its time zone.
func (e *engine) asOf(city *kpi.City) (kpi.Date, error) {
	if !city.AsOf.IsZero() {
		return city.AsOf, nil
	}
	cal, err := city.Calendar()
	if err != nil {
		return kpi.Date{}, err
	}
	return kpi.DateOf(e.now().In(cal.Location)), nil
}

// LastRun returns the newest run of a dataset that asked its source, however it ended. Copies that were read anew are no such run.
func (e *engine) LastRun(ctx context.Context, dataset string) (kpi.Load, bool, error) {
	const page = 20
	for before := int64(0); ; {
		loads, err := e.led.LoadsBefore(ctx, dataset, before, page)
		if err != nil {
			return kpi.Load{}, false, err
		}
		for _, l := range loads {
			if l.Attempt > 0 || l.Trigger == "" {
				return l, true, nil
			}
		}
		if len(loads) < page {
			return kpi.Load{}, false, nil
		}
		before = loads[len(loads)-1].ID
	}
}

// Ingest runs the datasets with the ids, or all of them, and publishes what changed. A dataset that fails does not stop the
// others: its report says why, and its last good data stay.
func (e *engine) Ingest(ctx context.Context, how ingest.How, ids []string) ([]ingest.Report, error) {
	reports, _, err := e.ingest(ctx, how, ids)
	return reports, err
}

// ingest is Ingest, and says with which errors datasets failed.
func (e *engine) ingest(ctx context.Context, how ingest.How, ids []string) (reports []ingest.Report, failed, err error) {
	e.change.Lock()
	defer e.change.Unlock()
	city, files := e.definitions()
	for _, id := range ids {
		if city.Dataset(id) == nil {
			return nil, nil, kpi.Errorf(kpi.CodeNotFound, "the city has no dataset %q; it has %s", id, datasetIDs(city))
		}
	}
	asOf, err := e.asOf(city)
	if err != nil {
		return nil, nil, err
	}
	reports, failed = e.runner.RunAll(ctx, city, files, asOf, how, ids...)
	if ctx.Err() != nil {
		return reports, failed, context.Cause(ctx)
	}
	if failed != nil && !anyFailed(reports) {
		return reports, nil, failed
	}
	return reports, failed, e.publish(ctx, city, asOf)
}

// anyFailed reports whether a report says why its dataset failed: then the error of the run is known.
func anyFailed(reports []ingest.Report) bool {
	return slices.ContainsFunc(reports, func(r ingest.Report) bool { return r.Error != "" })
}

// NewDay recomputes what depends on the day, once the city's day has changed.
func (e *engine) NewDay(ctx context.Context) error {
	e.change.Lock()
	defer e.change.Unlock()
	city, _ := e.definitions()
	asOf, err := e.asOf(city)
	if err != nil {
		return err
	}
	if err := e.runner.Refresh(ctx, city, asOf); err != nil {
		return err
	}
	return e.publish(ctx, city, asOf)
}

// Reload reads the folder again. A wrong folder is refused: the last good definitions stay in force, and the error says why.
func (e *engine) Reload(ctx context.Context) error {
	city, files, problems, err := e.folder.load()
	if err != nil {
		return fmt.Errorf("the folder was not reloaded, the last good definitions stay: %w", err)
	}
	if city == nil {
		return kpi.Errorf(kpi.CodeInvalid, "the folder was not reloaded, the last good definitions stay:\n%s", problems)
	}
	if current, _ := e.definitions(); current.ID != city.ID {
		return kpi.Errorf(kpi.CodeConflict, "the folder now describes the city %q, this server serves %q; start another server for it", city.ID, current.ID)
	}
	for _, p := range problems.Deliveries() {
		e.log.Warn("a dataset cannot be loaded, its last good data stay", "problem", p.String())
	}
	if err := e.take(ctx, city, files); err != nil {
		return fmt.Errorf("the folder was not reloaded, the last good definitions stay: %w", err)
	}
	_, err = e.Ingest(ctx, ingest.How{Trigger: kpi.TriggerStart}, nil)
	return err
}

// take makes a folder that was read the one in force, with what was decided laid over it.
func (e *engine) take(ctx context.Context, own *kpi.City, files fs.FS) error {
	e.change.Lock()
	defer e.change.Unlock()
	city, _, err := e.lay(ctx, own)
	if err != nil {
		return err
	}
	network, err := newNetwork(city, files, e.log)
	if err != nil {
		return err
	}
	if _, err := e.led.RecordFolder(ctx, city, e.now()); err != nil {
		return err
	}
	e.runner.Network.Close()
	e.runner.Network = network
	e.mu.Lock()
	e.city, e.own, e.files = city, own, files
	e.mu.Unlock()
	return nil
}

// Rebuild makes the warehouse anew from the spool and checks that every number came back.
func (e *engine) Rebuild(ctx context.Context) error {
	e.change.Lock()
	defer e.change.Unlock()
	return e.runner.Rebuild(ctx)
}

// Ready reports whether both stores answer and, where every load is published, a scorecard is. A city that publishes by release is ready
// before its first one.
func (e *engine) Ready(ctx context.Context) error {
	if err := e.led.Ping(ctx); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if err := e.wh.Ping(ctx); err != nil {
		return fmt.Errorf("warehouse: %w", err)
	}
	if city, _ := e.definitions(); city.Publish == kpi.PublishEveryLoad && e.published.Load() == nil {
		return kpi.Errorf(kpi.CodeUnready, "nothing is published yet; the first load is under way or failed, see the log")
	}
	return nil
}

// Published returns the newest published scorecard, nil if there is none.
func (e *engine) Published(context.Context) (*scorecard.Scorecard, error) {
	return e.published.Load(), nil
}

// publish freezes the scorecard where the city publishes every load. The same bytes get no new number.
func (e *engine) publish(ctx context.Context, city *kpi.City, asOf kpi.Date) error {
	if city.Publish != kpi.PublishEveryLoad {
		return nil
	}
	p, err := e.freeze(ctx, asOf, nil)
	if err != nil || p == nil {
		return err
	}
	if _, err := e.led.Publish(ctx, *p); err != nil {
		return err
	}
	return e.readPublished(ctx)
}

// freeze makes a publication of the scorecard of now, with what a release says of itself if it is of one; nil if nothing was ever loaded.
func (e *engine) freeze(ctx context.Context, asOf kpi.Date, of *kpi.ReleaseNote) (*ledger.Publication, error) {
	card, err := e.builder.Build(ctx, kpi.At{AsOf: asOf})
	if err != nil || card.Version == 0 {
		return nil, err
	}
	public, err := card.Public(e.published.Load())
	if err != nil {
		return nil, fmt.Errorf("nothing new is published, what was published stays: %w", err)
	}
	public.Release = of
	body, err := json.Marshal(public)
	if err != nil {
		return nil, fmt.Errorf("freezing the scorecard: %w", err)
	}
	return &ledger.Publication{PublishedAt: e.now(), AsOf: card.AsOf, Version: card.Version, Folder: card.Folder, Body: body}, nil
}

// readPublished takes the newest publication from the ledger, so that what is shown is what was frozen.
func (e *engine) readPublished(ctx context.Context) error {
	p, ok, err := e.led.Published(ctx)
	if err != nil || !ok {
		return err
	}
	if current := e.published.Load(); current != nil && current.Number == p.Number {
		return nil
	}
	card := new(scorecard.Scorecard)
	if err := json.Unmarshal(p.Body, card); err != nil {
		return fmt.Errorf("publication %d in the ledger cannot be read: %w", p.Number, err)
	}
	card.Number, card.PublishedAt = p.Number, p.PublishedAt
	card.Withhold() // a publication that was frozen before cities decided this has what they do not show
	e.published.Store(card)
	return nil
}

// datasetIDs names the city's datasets for an error.
func datasetIDs(city *kpi.City) string {
	s := ""
	for i, d := range city.Datasets {
		if i > 0 {
			s += ", "
		}
		s += d.ID
	}
	return s
}
