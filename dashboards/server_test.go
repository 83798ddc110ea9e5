package dashboards

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"citystat/dashboards/pages"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// quiet is a logger for tests that do not read the log.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// published gives the same scorecard for ever.
func published(card *scorecard.Scorecard) func(context.Context) (*scorecard.Scorecard, error) {
	return func(context.Context) (*scorecard.Scorecard, error) { return card, nil }
}

// newServer makes a server, with what the options leave out filled in for a test.
func newServer(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Logger == nil {
		o.Logger = quiet()
	}
	if o.Now == nil {
		o.Now = func() time.Time { return scorecardtest.Now }
	}
	if o.Feedback == nil {
		mail := scorecardtest.NewFeedback()
		o.Feedback, o.FeedbackDesk = mail, mail
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func normalServer(t testing.TB) *Server {
	t.Helper()
	return newServer(t, Options{Published: published(scorecardtest.Normal())})
}

func ask(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// logBuffer is a log that several goroutines may write to.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}
func (l *logBuffer) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

func TestEveryAnswerCarriesThePolicy(t *testing.T) {
	s := normalServer(t)
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
			"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		"Strict-Transport-Security": "", "Server": "", "X-Powered-By": "", "Set-Cookie": "",
	}
	ids := map[string]bool{}
	for _, path := range []string{"/", "/en/", "/en/none", "/none", "/api/v1/indicators", "/api/v1/none", "/indicators/permit-days.csv", "/changes.csv", "/evaluations/none.csv", "/healthz", "/readyz", "/metrics", "/assets/none.css"} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
			h := ask(s, method, path, "X-Request-Id", "forged\nline").Header()
			for name, value := range want {
				if got := h.Get(name); got != value {
					t.Errorf("%s %s: %s: %q, want %q", method, path, name, got, value)
				}
			}
			if !strings.Contains(h.Get("Permissions-Policy"), "camera=()") || h.Get("Cache-Control") == "" || h.Get("Cross-Origin-Resource-Policy") == "" {
				t.Errorf("%s %s: %v", method, path, h)
			}
			id := h.Get("X-Request-Id")
			if len(id) < 20 || ids[id] {
				t.Errorf("%s %s: request id %q is short, forged or was given before", method, path, id)
			}
			ids[id] = true
		}
	}
}

func TestTransportSecurityIsPromisedOnlyBehindTLS(t *testing.T) {
	s := newServer(t, Options{Published: published(scorecardtest.One()), TLS: true})
	if got := ask(s, http.MethodGet, "/healthz").Header().Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("Strict-Transport-Security: %q", got)
	}
}

func TestHeadWhereverGet(t *testing.T) {
	s := newServer(t, everything(scorecardtest.Normal()))
	has := map[string]bool{}
	for _, r := range s.echo.Routes() {
		has[r.Method+" "+r.Path] = true
	}
	for _, r := range s.echo.Routes() {
		if r.Method == http.MethodGet && !has["HEAD "+r.Path] {
			t.Errorf("GET %s has no HEAD", r.Path)
		}
	}
	site := httptest.NewServer(s)
	defer site.Close()
	addresses := []string{"/api/v1/indicators", "/indicators/permit-days.csv", "/changes.csv", "/indicators/permit-days/equity.csv", "/healthz", "/metrics", "/robots.txt", "/none"}
	card := scorecardtest.Normal()
	for _, p := range pages.All() {
		if p.Role == pages.Everyone {
			addresses = append(addresses, "/en"+example(t, p.Path, card))
		}
	}
	for _, path := range addresses {
		get, err := http.Get(site.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		head, err := http.Head(site.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(head.Body)
		if err != nil || len(body) != 0 || head.StatusCode != get.StatusCode || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("%s: HEAD %d %v with %d bytes (%v), GET %d %v", path, head.StatusCode, head.Header, len(body), err, get.StatusCode, get.Header)
		}
		get.Body.Close()
		head.Body.Close()
	}
}

// Programs that read the whole web may read what the public may.
func TestRobots(t *testing.T) {
	w := ask(normalServer(t), http.MethodGet, "/robots.txt")
	if w.Code != http.StatusOK || w.Body.String() != "User-agent: *\nDisallow: /staff\nDisallow: /meetings\n" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") ||
		!strings.Contains(w.Header().Get("Cache-Control"), "public") {
		t.Errorf("%d %v %q", w.Code, w.Header(), w.Body)
	}
}

// An address below a language that is no page is answered by a page in that language, which leads on.
func TestNoSuchPage(t *testing.T) {
	s := normalServer(t)
	for lang, want := range map[string]string{"en": "lang=\"en\"", "es": "lang=\"es\"", "pt-br": "lang=\"pt-BR\"", "fr": "lang=\"fr\""} {
		for _, path := range []string{"/nothing", "/indicators/nothing", "/nothing/at/all"} {
			w := ask(s, http.MethodGet, "/"+lang+path)
			body := w.Body.String()
			if w.Code != http.StatusNotFound || !strings.Contains(body, "<html "+want) || !strings.Contains(body, `href="/`+lang+`/"`) || !strings.Contains(body, `content="noindex"`) {
				t.Errorf("/%s%s: %d, %.200s", lang, path, w.Code, body)
			}
		}
	}
}

func TestMethodsThatNobodyAnswers(t *testing.T) {
	s := normalServer(t)
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "BREW"} {
		for _, path := range []string{"/en/", "/api/v1/indicators", "/none", "/healthz"} {
			w := ask(s, method, path)
			if w.Code != http.StatusMethodNotAllowed || !strings.Contains(w.Header().Get("Allow"), "GET") {
				t.Errorf("%s %s: %d, Allow %q", method, path, w.Code, w.Header().Get("Allow"))
			}
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	s := normalServer(t)
	r := httptest.NewRequest(http.MethodGet, "/en/", strings.NewReader(strings.Repeat("x", 1<<20)))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", w.Code)
	}
}

func TestWhoIsBelievedAboutTheClient(t *testing.T) {
	for name, c := range map[string]struct {
		trusted []netip.Prefix
		peer    string
		header  string
		want    string
	}{
		"nobody is trusted":            {nil, "192.0.2.1:1234", "6.6.6.6", "192.0.2.1"},
		"loopback is not trusted":      {nil, "127.0.0.1:1234", "6.6.6.6", "127.0.0.1"},
		"a named proxy is trusted":     {[]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, "192.0.2.1:1234", "6.6.6.6", "6.6.6.6"},
		"others are not":               {[]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, "10.0.0.1:1234", "6.6.6.6", "10.0.0.1"},
		"what the client put in front": {[]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, "192.0.2.1:1234", "6.6.6.6, 198.51.100.7", "198.51.100.7"},
		"rubbish":                      {[]netip.Prefix{netip.MustParsePrefix("2001:db8::/32")}, "[2001:db8::1]:1234", "what\never", "2001:db8::1"},
	} {
		t.Run(name, func(t *testing.T) {
			var log logBuffer
			s := newServer(t, Options{Published: published(scorecardtest.One()), TrustedProxies: c.trusted, Logger: slog.New(slog.NewJSONHandler(&log, nil))})
			r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
			r.RemoteAddr = c.peer
			r.Header["X-Forwarded-For"] = []string{c.header}
			s.ServeHTTP(httptest.NewRecorder(), r)
			var line struct{ From, Path, Method, ID string }
			if err := json.Unmarshal([]byte(strings.Split(log.String(), "\n")[0]), &line); err != nil {
				t.Fatal(err)
			}
			if line.From != c.want || line.Path != "/healthz" || line.Method != http.MethodGet || line.ID == "" {
				t.Errorf("log %+v, want a request from %s", line, c.want)
			}
		})
	}
}

func TestErrorsBecomeStatusesAndSayNothingOfTheInside(t *testing.T) {
	const inside = "SECRET-/var/lib/ledger.db"
	for name, c := range map[string]struct {
		err   error
		want  int
		level string
	}{
		"unknown":            {errors.New(inside), 500, "ERROR"},
		"internal":           {kpi.Errorf(kpi.CodeInternal, "%s", inside), 500, "ERROR"},
		"a store is away":    {&kpi.Error{Code: kpi.CodeUnready, Message: "come back later", Err: errors.New(inside)}, 503, "WARN"},
		"denied":             {kpi.Errorf(kpi.CodeDenied, "%s", inside), 403, ""},
		"not found":          {kpi.Errorf(kpi.CodeNotFound, "%s", inside), 404, ""},
		"too slow":           {context.DeadlineExceeded, 503, "ERROR"},
		"the reader is gone": {context.Canceled, 499, ""},
	} {
		for _, path := range []string{"/en/", "/api/v1/indicators", "/indicators/x.csv"} {
			t.Run(name+path, func(t *testing.T) {
				var log logBuffer
				s := newServer(t, Options{
					Logger:    slog.New(slog.NewTextHandler(&log, nil)),
					Published: func(context.Context) (*scorecard.Scorecard, error) { return nil, c.err },
				})
				w := ask(s, http.MethodGet, path)
				if w.Code != c.want {
					t.Errorf("%d, want %d", w.Code, c.want)
				}
				if strings.Contains(w.Body.String(), "SECRET") {
					t.Errorf("the answer shows the inside: %s", w.Body)
				}
				if c.level != "" && !strings.Contains(log.String(), "level="+c.level+` msg="request failed"`) {
					t.Errorf("log: %s", log.String())
				}
				if c.level == "ERROR" && c.want == 500 && !strings.Contains(log.String(), inside) {
					t.Errorf("the log does not say what happened: %s", log.String())
				}
				if c.want == 503 && w.Header().Get("Retry-After") == "" {
					t.Error("no Retry-After")
				}
				if kind := w.Header().Get("Content-Type"); (kind == "application/problem+json") == (path == "/en/") {
					t.Errorf("Content-Type %s", kind)
				}
				if w.Header().Get("Cache-Control") != "no-store" {
					t.Errorf("an error may be kept: %s", w.Header().Get("Cache-Control"))
				}
			})
		}
	}
}

func TestPanicsBecomeErrors(t *testing.T) {
	var log logBuffer
	s := newServer(t, Options{
		Logger:    slog.New(slog.NewTextHandler(&log, nil)),
		Published: func(context.Context) (*scorecard.Scorecard, error) { panic("SECRET") },
	})
	for _, path := range []string{"/api/v1/indicators", "/en/"} {
		w := ask(s, http.MethodGet, path)
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "SECRET") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if !strings.Contains(log.String(), "SECRET") || !strings.Contains(log.String(), "server_test.go") {
		t.Errorf("the log does not say where: %s", log.String())
	}
}

func TestWhatTakesTooLongIsEnded(t *testing.T) {
	s := newServer(t, Options{
		Timeout: time.Millisecond,
		Published: func(ctx context.Context) (*scorecard.Scorecard, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
	})
	if w := ask(s, http.MethodGet, "/api/v1/indicators"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d", w.Code)
	}
}

func TestAddressesThatDoNotExist(t *testing.T) {
	s := normalServer(t)
	answer := func(path string) string {
		w := ask(s, http.MethodGet, path)
		h := w.Header().Clone()
		h.Del("X-Request-Id")
		var b strings.Builder
		if err := h.Write(&b); err != nil {
			t.Fatal(err)
		}
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
		return b.String() + w.Body.String()
	}
	want := answer("/no-such-thing/at-all")
	for _, path := range []string{"/staff", "/staff/", "/staff/audit", "/meetings", "/meetings/x", "/.env", "/.git/config", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/debug/pprof/", "/wp-login.php", "/%00"} {
		if got := answer(path); got != want {
			t.Errorf("%s is told apart from an address that does not exist:\n%s\n%s", path, got, want)
		}
	}
	for _, path := range []string{"/assets/../doc.go", "/assets/%2e%2e/doc.go", "/assets/"} {
		if w := ask(s, http.MethodGet, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestRedirectsStayOnTheSite(t *testing.T) {
	s := normalServer(t)
	for _, target := range []string{"/", "//evil.example/", "/en//evil.example/", "//evil.example/en/", "/pt/", "/PT-BR/indicators/", "/en/indicators/", `/\evil.example/`, "/en/%5cevil.example/", "/en", "/es/data/?x=//evil.example"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = "evil.example"
		r.URL.Path, r.URL.RawQuery, _ = strings.Cut(target, "?")
		r.Header.Set("X-Forwarded-Host", "evil.example")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		to := w.Header().Get("Location")
		if to == "" {
			continue
		}
		if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) {
			t.Errorf("%s leads to %s", target, to)
		}
	}
}

func TestHealthAndReadiness(t *testing.T) {
	var err error
	card := scorecardtest.One()
	s := newServer(t, Options{
		Ready:     func(context.Context) error { return err },
		Published: func(context.Context) (*scorecard.Scorecard, error) { return card, nil },
	})
	check := func(path string, want int, text string) {
		t.Helper()
		w := ask(s, http.MethodGet, path)
		if w.Code != want || !strings.Contains(w.Body.String(), text) || strings.Contains(w.Body.String(), "SECRET") {
			t.Errorf("%s: %d %s, want %d %q", path, w.Code, w.Body, want, text)
		}
	}
	check("/healthz", 200, "ok")
	check("/readyz", 200, "ready")
	err = errors.New("SECRET path of the ledger")
	check("/readyz", 503, "does not answer")
	check("/healthz", 200, "ok")
	err = kpi.Errorf(kpi.CodeUnready, "the first load is under way")
	check("/readyz", 503, "the first load is under way")
	err, card = nil, nil
	check("/readyz", 200, "ready") // a city that publishes by release is ready before its first one
	check("/en/", 503, "")
	check("/api/v1/indicators", 503, "nothing is published")
	s = newServer(t, Options{Published: func(context.Context) (*scorecard.Scorecard, error) { return card, nil }})
	check("/readyz", 503, "nothing is published") // unless it is asked otherwise, it wants something to show
	card = scorecardtest.One()
	check("/readyz", 200, "ready")
}

func TestMetricsNameRoutesNotPaths(t *testing.T) {
	s := normalServer(t)
	for _, path := range []string{"/en/", "/api/v1/indicators/permit-days", "/wp-login.php", "/x/STRANGER-1", "/api/v1/indicators/STRANGER-2", "/indicators/STRANGER-3.csv"} {
		ask(s, http.MethodGet, path)
	}
	body := ask(s, http.MethodGet, "/metrics").Body.String()
	for _, want := range []string{
		`citystat_http_request_duration_seconds_count{code="2xx",method="GET",route="/api/v1/indicators/:id"} 1`,
		`citystat_http_request_duration_seconds_count{code="4xx",method="GET",route="/api/v1/indicators/:id"} 1`,
		`citystat_indicator_value{dimension="",indicator="permit-days"`, "citystat_build_info", "go_goroutines",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if strings.Contains(body, "STRANGER") || strings.Contains(body, "wp-login") {
		t.Error("what a stranger asked for is a label")
	}
}

func TestOptionsThatCannotWork(t *testing.T) {
	for _, o := range []Options{{}, {Published: published(nil), MaxConns: -1}, {Published: published(nil), Timeout: -1}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	s := normalServer(t)
	again := s.opts
	if _, err := New(again); err == nil {
		t.Error("two servers registered in one registry")
	}
	if h := s.http; h.ReadHeaderTimeout != 5*time.Second || h.ReadTimeout != 30*time.Second || h.WriteTimeout != time.Minute || h.IdleTimeout != 2*time.Minute || h.MaxHeaderBytes != 32<<10 {
		t.Errorf("the server's bounds: %+v", h)
	}
}

func TestShutdownLetsRequestsFinish(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	s := newServer(t, Options{Published: func(context.Context) (*scorecard.Scorecard, error) {
		close(entered)
		<-leave
		return scorecardtest.One(), nil
	}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served, answered, stopped := make(chan error, 1), make(chan int, 1), make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	go func() {
		res, err := http.Get("http://" + l.Addr().String() + "/api/v1/indicators")
		if err != nil {
			t.Error(err)
			answered <- 0
			return
		}
		defer res.Body.Close()
		answered <- res.StatusCode
	}()
	<-entered
	go func() { stopped <- s.Shutdown(context.Background()) }()
	if err := <-served; err != nil { // the listener is closed now, the request still under way
		t.Errorf("Serve: %v", err)
	}
	select {
	case err := <-stopped:
		t.Errorf("Shutdown returned before the request had finished: %v", err)
	default:
	}
	close(leave)
	if code := <-answered; code != http.StatusOK {
		t.Errorf("the request under way got %d", code)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

func TestShutdownCutsOffWhatNeverEnds(t *testing.T) {
	entered := make(chan struct{})
	s := newServer(t, Options{Published: func(ctx context.Context) (*scorecard.Scorecard, error) {
		close(entered)
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	cut := make(chan error, 1)
	go func() {
		res, err := http.Get("http://" + l.Addr().String() + "/api/v1/indicators")
		if err == nil {
			res.Body.Close()
		}
		cut <- err
	}()
	<-entered
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: %v", err)
	}
	if err := <-cut; err == nil {
		t.Error("the request was answered")
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestRoutesAreKnown(t *testing.T) {
	got := normalServer(t).patterns()
	for _, want := range []string{"/", "/en/", "/es/", "/pt-br/", "/fr/", "/api/v1/indicators", "/api/v1/indicators/:id", "/indicators/:file", "/healthz", "/readyz", "/metrics", "/assets/*",
		"/en/changes", "/fr/evaluations", "/es/evaluations/:id", "/changes.csv", "/evaluations/:file", "/indicators/:id/equity.csv", "/indicators/:id/year-to-date.csv"} {
		if !slices.Contains(got, want) {
			t.Errorf("there is no route %s in %v", want, got)
		}
	}
}
