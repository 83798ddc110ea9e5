package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata" // zones for machines that have none

	"citystat/dashboards"
	"citystat/dashboards/auth"
	"citystat/dashboards/mail"
	"citystat/dashboards/pages"
	"citystat/ingest"
	"citystat/ingest/job"
	"citystat/kpi"
	"citystat/kpi/ledger"
)

// Options says how the program serves a city.
type Options struct {
	Folder   string             // the city folder; "" for the sample city, sample:NAME for one by name
	Data     string             // the data directory; "" for the city's own place
	Addr     string             // host:port to listen on
	Out      io.Writer          // what the program says to the person who started it
	Log      *slog.Logger       // what it says to the operator
	Progress func(kpi.Progress) // may be nil
	Hook     func(kpi.Step)     // may be nil
	Now      func() time.Time   // the clock
	Locked   bool               // the staff pages want the key that lies in the data directory
	Demo     bool               // a city that the program carries has its people and a year of their meetings; on a loopback address alone
	Site     string             // the address by which the site is reached; one that begins with https:// is reached over HTTPS only
	Proxies  []netip.Prefix     // whose X-Forwarded-For is believed

	Provider auth.ProviderOptions // of identities; no Issuer: there is none
	Mail     *mail.Config         // how mail is sent; nil: none is
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
	post    *post          // nil: no mail is sent
	shown   *demonstration // nil: people are real
	ln      net.Listener
	work    sync.WaitGroup
	cancel  context.CancelFunc
	stop    sync.Once
	failed  chan error // the server's end, when it was not asked to end
	loaded  chan struct{}
	done    sync.Once       // closes loaded
	ran     bool            // a dataset was run; of the scheduler's goroutine
	ctx     context.Context //nolint:containedctx // of the work between Start and Stop, for the scheduler's callback
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
	if app.shown, err = app.demo(ctx); err != nil {
		return nil, errors.Join(err, app.engine.Close())
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
	if a.jobs, err = job.New(job.Options{Runner: a, Logger: a.opts.Log, AtStart: true, Idle: func() { a.started(a.ctx) }}); err != nil {
		return err
	}
	city, _ := a.engine.definitions()
	if err := a.jobs.Set(city); err != nil {
		return err
	}
	o := dashboards.Options{
		Published: a.engine.Published, Ready: a.engine.Ready, Staff: &staff{engine: a.engine, jobs: a.jobs}, NotLocal: !loopback(a.opts.Addr),
		Feedback: a.engine.led, FeedbackDesk: a.engine.led, Work: a.workspace(),
		Logger: a.opts.Log, Now: a.opts.Now, Version: version(), Site: a.opts.Site, TLS: strings.HasPrefix(a.opts.Site, "https://"), TrustedProxies: a.opts.Proxies,
	}
	if a.opts.Locked && !o.NotLocal {
		if o.StaffKey, err = staffKey(a.engine.dir); err != nil {
			return err
		}
	}
	if err := a.signIn(&o); err != nil {
		return err
	}
	if a.shown != nil {
		o.Demo = a.shown
	}
	if err := a.writeMail(&o); err != nil {
		return err
	}
	a.server, err = dashboards.New(o)
	return err
}

// signIn lets people sign in: with a password, and through the city's provider of identities if one is named.
func (a *App) signIn(o *dashboards.Options) error {
	led := a.engine.led
	d := auth.Options{Passwords: led, People: led, Sessions: led.Sessions(a.opts.Now), Now: a.opts.Now, Secure: o.TLS, Logger: a.opts.Log}
	if p := a.opts.Provider; p.Issuer != "" {
		if a.opts.Site == "" {
			return errUsage{errors.New("a provider of identities leads people back to the site: name its address with --site (CITYSTAT_SITE)")}
		}
		p.Redirect = strings.TrimSuffix(a.opts.Site, "/") + dashboards.ProviderReturn
		d.Provider = auth.NewProvider(p)
	}
	door, err := auth.New(d)
	if err != nil {
		return err
	}
	o.Door, o.Directory, o.Trail, o.Anybody = door, led, led, anybody(led)
	return nil
}

// anybody reports whether somebody can sign in. People are never deleted: once there is somebody it is not asked again.
func anybody(led *ledger.DB) func(context.Context) (bool, error) {
	var known atomic.Bool
	return func(ctx context.Context) (bool, error) {
		if known.Load() {
			return true, nil
		}
		people, err := led.People(ctx)
		if err != nil || len(people) == 0 {
			return false, err
		}
		known.Store(true)
		return true, nil
	}
}

// loopback reports whether only this machine can reach an address. Before there is sign-in, staff pages exist on no other.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// Start listens and serves, and loads what is new in the background. It returns once the address answers.
func (a *App) Start(ctx context.Context) error {
	var err error
	if a.ln, err = new(net.ListenConfig).Listen(ctx, "tcp", a.opts.Addr); err != nil {
		return fmt.Errorf("%w; is another server running there? choose another address with --addr", err)
	}
	ctx, a.cancel = context.WithCancel(context.WithoutCancel(ctx))
	a.ctx = ctx
	if a.control, err = startControl(ctx, a.engine); err != nil {
		return errors.Join(err, a.ln.Close())
	}
	a.work.Go(func() {
		if err := a.server.Serve(a.ln); err != nil {
			a.failed <- err
		}
	})
	fmt.Fprintf(a.opts.Out, "Address          http://%s\n", a.Addr())
	if a.shown != nil {
		fmt.Fprintf(a.opts.Out, "Look around as   http://%s%s (people who are made up)\n", a.Addr(), pages.DemoPath(a.shown.key))
	} else if at := a.server.StaffAddress(a.ln.Addr()); at != "" {
		fmt.Fprintf(a.opts.Out, "For the staff    %s\n", at)
	}
	a.work.Go(func() {
		defer a.done.Do(func() { close(a.loaded) })
		if err := a.jobs.Run(ctx); err != nil {
			a.opts.Log.Error("the schedules ended", "err", err)
		}
	})
	a.work.Go(func() { a.watchDay(ctx) })
	a.sendMail(ctx)
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

// Run runs one dataset and publishes what changed: the scheduler's way in. What comes at the start is told to the person who started the
// program; later, what changed is told with its time, and a failure by the log. Its error has the code of what failed.
func (a *App) Run(ctx context.Context, dataset string, how job.How) error {
	a.ran = true
	reports, failed, err := a.engine.ingest(ctx, ingest.How(how), []string{dataset})
	for _, r := range reports {
		switch {
		case how.Trigger == kpi.TriggerStart:
			fmt.Fprintln(a.opts.Out, reportLine(r))
		case r.Error == "" && !r.Unchanged:
			fmt.Fprintln(a.opts.Out, time.Now().UTC().Format(time.RFC3339), reportLine(r))
		}
		if r.Dataset == dataset && r.Error != "" {
			err = errors.Join(failed, err)
		}
	}
	if err != nil && len(reports) == 0 && ctx.Err() == nil {
		fmt.Fprintf(a.opts.Out, "Loading %s failed: %v\n", dataset, err)
	}
	return err
}

// LastRun returns the newest run of a dataset, however it ended.
func (a *App) LastRun(ctx context.Context, dataset string) (kpi.Load, bool, error) {
	return a.engine.LastRun(ctx, dataset)
}

// started is called when all that a start brings is done.
func (a *App) started(ctx context.Context) {
	defer a.done.Do(func() { close(a.loaded) })
	if !a.ran { // nothing was due: the day may be another all the same
		if err := a.engine.NewDay(ctx); err != nil && ctx.Err() == nil {
			a.opts.Log.Error("recomputing for today; the numbers before it stay", "err", err)
		}
	}
	if p, _ := a.engine.Published(ctx); p != nil {
		fmt.Fprintf(a.opts.Out, "Ready. Publication %d: %d indicators as of %s.\n", p.Number, len(p.Results), p.AsOf)
	}
	if a.shown != nil {
		a.work.Go(func() { a.writeDemo(ctx) })
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
		if err := a.engine.forgetEmails(ctx); err != nil && ctx.Err() == nil {
			a.opts.Log.Error("addresses of residents were kept long enough, and are still there", "err", err)
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
