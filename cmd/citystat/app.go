package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"
	_ "time/tzdata" // zones for machines that have none

	"citystat/dashboards"
	"citystat/ingest"
	"citystat/ingest/job"
	"citystat/kpi"
)

// Options says how the program serves a city.
type Options struct {
	Folder   string             // the city folder; "" for the sample city
	Data     string             // the data directory; "" for the city's own place
	Addr     string             // host:port to listen on
	Out      io.Writer          // what the program says to the person who started it
	Log      *slog.Logger       // what it says to the operator
	Progress func(kpi.Progress) // may be nil
	Hook     func(kpi.Step)     // may be nil
	Now      func() time.Time   // the clock
}

// DefaultOptions are the options of `citystat serve` without flags.
func DefaultOptions() Options {
	return Options{Addr: "127.0.0.1:8080", Out: io.Discard, Log: slog.Default(), Now: time.Now}
}

// validate turns a wrong option into a message before anything is opened.
func (o Options) validate() error {
	if _, _, err := net.SplitHostPort(o.Addr); err != nil {
		return errUsage{fmt.Errorf("--addr %q is not an address: %w; write host:port, such as 127.0.0.1:8080", o.Addr, err)}
	}
	return nil
}

// App is the whole program as a value: New opens the stores, Start serves, Stop ends cleanly. It never touches signals, so a test runs
// it in its own process.
type App struct {
	opts    Options
	engine  *engine
	server  *dashboards.Server
	control *controlServer
	jobs    *job.Scheduler
	ln      net.Listener
	work    sync.WaitGroup
	cancel  context.CancelFunc
	stop    sync.Once
	failed  chan error // the server's end, when it was not asked to end
	loaded  chan struct{}
}

// NewApp reads the folder and opens the stores. A wrong folder is refused with all its mistakes.
func NewApp(ctx context.Context, o Options) (*App, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	f := folder{path: o.Folder}
	city, files, err := f.mustLoad(o.Out)
	if err != nil {
		return nil, err
	}
	dir, err := dataDir(o.Data, city)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(o.Out, "CityStat %s\nCity             %s (%s)\nData directory   %s\n", version(), city.Name.String(city.Source()), f, dir)
	app := &App{opts: o, failed: make(chan error, 1), loaded: make(chan struct{})}
	app.engine, err = openEngine(ctx, engineOptions{
		Folder: f, City: city, Files: files, Dir: dir, Log: o.Log, Progress: app.progress, Hook: o.Hook, Now: o.Now,
	})
	if err != nil {
		return nil, err
	}
	if err := app.wire(); err != nil {
		return nil, errors.Join(err, app.engine.Close())
	}
	return app, nil
}

// progress tells whoever watches how far a run is.
func (a *App) progress(p kpi.Progress) {
	if a.opts.Progress != nil {
		a.opts.Progress(p)
	}
	if a.jobs != nil {
		a.jobs.Report(p)
	}
}

// wire makes the scheduler and the server.
func (a *App) wire() error {
	var err error
	if a.jobs, err = job.New(job.Options{Runner: a.engine, Logger: a.opts.Log}); err != nil {
		return err
	}
	city, _ := a.engine.definitions()
	if err := a.jobs.Set(city); err != nil {
		return err
	}
	a.server, err = dashboards.New(dashboards.Options{
		Published: a.engine.Published,
		Ready:     a.engine.Ready,
		Staff:     &staff{engine: a.engine, jobs: a.jobs},
		Logger:    a.opts.Log,
		Now:       a.opts.Now,
		Version:   version(),
	})
	return err
}

// Start listens and serves, and loads what is new in the background. It returns once the address answers.
func (a *App) Start(ctx context.Context) error {
	var err error
	if a.ln, err = new(net.ListenConfig).Listen(ctx, "tcp", a.opts.Addr); err != nil {
		return fmt.Errorf("%w; is another server running there? choose another address with --addr", err)
	}
	ctx, a.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if a.control, err = startControl(ctx, a.engine); err != nil {
		return errors.Join(err, a.ln.Close())
	}
	a.work.Go(func() {
		if err := a.server.Serve(a.ln); err != nil {
			a.failed <- err
		}
	})
	fmt.Fprintf(a.opts.Out, "Address          http://%s\n", a.Addr())
	a.work.Go(func() { a.loadAll(ctx) })
	a.work.Go(func() {
		if err := a.jobs.Run(ctx); err != nil {
			a.opts.Log.Error("the schedules ended", "err", err)
		}
	})
	a.work.Go(func() { a.watchDay(ctx) })
	return nil
}

// Addr is the address that the server listens on.
func (a *App) Addr() string { return a.ln.Addr().String() }

// Failed yields the error of a server that ended by itself.
func (a *App) Failed() <-chan error { return a.failed }

// Loaded is closed once the loads that Start began are over.
func (a *App) Loaded() <-chan struct{} { return a.loaded }

// Reload reads the folder again, see engine.Reload.
func (a *App) Reload(ctx context.Context) error {
	err := a.engine.Reload(ctx)
	city, _ := a.engine.definitions()
	return errors.Join(err, a.jobs.Set(city))
}

// loadAll runs every dataset that has no schedule once and says what came of it. Those that have one run when their time comes, or at once
// if it came while the program was not running.
func (a *App) loadAll(ctx context.Context) {
	defer close(a.loaded)
	city, _ := a.engine.definitions()
	var ids []string
	for i := range city.Datasets {
		if city.Datasets[i].Schedule.IsZero() {
			ids = append(ids, city.Datasets[i].ID)
		}
	}
	var reports []ingest.Report
	var err error
	if len(ids) > 0 {
		reports, err = a.engine.Ingest(ctx, ingest.How{Trigger: kpi.TriggerStart}, ids)
	} else {
		err = a.engine.NewDay(ctx)
	}
	for _, r := range reports {
		fmt.Fprintln(a.opts.Out, reportLine(r))
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		a.opts.Log.Error("loading", "err", err)
		fmt.Fprintf(a.opts.Out, "Loading failed: %v\n", err)
	default:
		if p, _ := a.engine.Published(ctx); p != nil {
			fmt.Fprintf(a.opts.Out, "Ready. Publication %d: %d indicators as of %s.\n", p.Number, len(p.Results), p.AsOf)
		}
	}
}

// watchDay recomputes at each midnight of the city. A city with a fixed day has none.
func (a *App) watchDay(ctx context.Context) {
	for {
		city, _ := a.engine.definitions()
		cal, err := city.Calendar()
		if err != nil {
			a.opts.Log.Error("the city's calendar", "err", err)
			return
		}
		now := a.opts.Now()
		wait := kpi.DateOf(now.In(cal.Location)).EndIn(cal.Location).Sub(now)
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(wait, time.Second)):
		}
		if err := a.engine.NewDay(ctx); err != nil && ctx.Err() == nil {
			a.opts.Log.Error("recomputing for the new day; yesterday's numbers stay", "err", err)
		}
	}
}

// Stop ends the server, waits for work under way to end at a safe place, and closes the stores. Only the first call does anything.
func (a *App) Stop(ctx context.Context) (err error) {
	a.stop.Do(func() { err = a.end(ctx) })
	return err
}

func (a *App) end(ctx context.Context) error {
	var errs []error
	if a.cancel != nil {
		a.cancel()
	}
	if a.server != nil {
		errs = append(errs, a.server.Shutdown(ctx))
	}
	if a.control != nil {
		errs = append(errs, a.control.Close())
	}
	a.work.Wait()
	errs = append(errs, a.engine.Close())
	return errors.Join(errs...)
}
