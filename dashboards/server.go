package dashboards

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"

	"citystat/assets"
	"citystat/dashboards/api"
	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/dashboards/metrics"
	"citystat/dashboards/pages"
)

// Server is the web server of one city. It is an http.Handler, so a test needs no port.
type Server struct {
	opts  Options
	echo  *echo.Echo
	http  *http.Server
	pages *pages.Pages
	seen  *metrics.HTTP
	stop  chan struct{} // closed when the server begins to end
}

// New makes a server. It reads every template and every asset, so that what is broken in the program shows at once.
func New(o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{opts: o, echo: echo.New(), stop: make(chan struct{})}
	s.echo.IPExtractor = ipExtractor(o.TrustedProxies)
	s.echo.HTTPErrorHandler = func(err error, c echo.Context) { s.fail(c, err) }
	s.http = &http.Server{
		Handler:           s.echo,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelWarn),
	}
	s.http.RegisterOnShutdown(sync.OnceFunc(func() { close(s.stop) })) // what stays open for ever would hold it up
	if err := s.routes(); err != nil {
		return nil, err
	}
	if s.seen, err = metrics.NewHTTP(o.Registry, s.patterns()); err != nil {
		return nil, err
	}
	s.echo.Use(s.middleware()...)
	return s, nil
}

// routes adds everything that can be asked for.
func (s *Server) routes() error {
	set, err := assets.New()
	if err != nil {
		return fmt.Errorf("assets: %w", err)
	}
	bundle := s.opts.bundle
	if bundle == nil {
		if bundle, err = i18n.New(); err != nil {
			return fmt.Errorf("languages: %w", err)
		}
	}
	programs := api.New(s.opts.Published, bundle, chart.Document)
	s.pages, err = pages.New(pages.Options{
		Published: s.opts.Published, Bundle: bundle, Assets: set, Now: s.opts.Now, Logger: s.opts.Logger, TLS: s.opts.TLS,
		API:   told(programs),
		Staff: s.opts.Staff, Stopping: s.stop, Heartbeat: s.opts.heartbeat,
		Door: s.opts.Door, Directory: s.opts.Directory, Trail: s.opts.Trail, Site: s.opts.Site, Work: s.opts.Work, Demo: s.opts.Demo, Mail: s.opts.Mail, Recovery: s.opts.Recovery,
		Feedback: s.opts.Feedback, Desk: s.opts.FeedbackDesk, Limits: s.opts.FeedbackLimits,
	})
	if err != nil {
		return err
	}
	scrape, err := s.metrics()
	if err != nil {
		return err
	}
	reads := []string{http.MethodGet, http.MethodHead} // HEAD wherever GET: Echo has it only where it is told
	s.echo.Match(reads, "/robots.txt", robots)
	s.echo.Match(reads, "/healthz", s.healthz)
	s.echo.Match(reads, "/readyz", s.readyz)
	s.echo.Match(reads, "/metrics", echo.WrapHandler(scrape))
	s.pages.RegisterAssets(s.echo)
	programs.Register(s.echo)
	s.pages.Register(s.echo)
	return nil
}

// told is what programs can read, for the page that tells it.
func told(a *api.API) pages.API {
	d := pages.API{Columns: api.CSVColumns()}
	for _, e := range a.Endpoints() {
		d.Addresses = append(d.Addresses, pages.APIAddress{Name: e.Name, Path: e.Path, Query: e.Query})
	}
	return d
}

// metrics makes the handler of /metrics and fills the registry.
func (s *Server) metrics() (http.Handler, error) {
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "citystat_build_info", Help: "The program's version.", ConstLabels: prometheus.Labels{"version": s.opts.Version},
	}, func() float64 { return 1 })
	for _, c := range []prometheus.Collector{
		metrics.NewFeedback(s.opts.FeedbackDesk, s.opts.Logger), metrics.NewMail(s.opts.MailCounts),
		metrics.NewCollector(metrics.Options{Published: s.opts.Published, Now: s.opts.Now, Logger: s.opts.Logger}),
		build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := s.opts.Registry.Register(c); err != nil {
			return nil, fmt.Errorf("register with the registry of /metrics: %w", err)
		}
	}
	return promhttp.HandlerFor(s.opts.Registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(s.opts.Logger.Handler(), slog.LevelError),
		ErrorHandling:       promhttp.ContinueOnError, // what can be said is said; what cannot is logged
		MaxRequestsInFlight: 4,
	}), nil
}

// patterns are the routes of the server, for labels.
func (s *Server) patterns() []string {
	var list []string
	for _, r := range s.echo.Routes() {
		list = append(list, r.Path)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.Handler.ServeHTTP(w, r) }

// Serve answers requests that come to the listener until Shutdown is called; it returns nil then.
func (s *Server) Serve(l net.Listener) error {
	err := s.http.Serve(netutil.LimitListener(l, s.opts.MaxConns))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve on %s: %w", l.Addr(), err)
}

// Shutdown lets requests under way finish and takes no new ones. When the context ends first, what is left is cut off.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests under way did not finish: %w", err), s.http.Close())
	}
	return nil
}
