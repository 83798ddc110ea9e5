package pages

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"citystat/assets"
	"citystat/dashboards/dashboardstest"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// site is the pages behind a server that has nothing else, as a reader meets them.
type site struct {
	t     *testing.T
	echo  *echo.Echo
	pages *Pages
	card  *scorecard.Scorecard
	asked int // how often the publication was asked for
	mail  *scorecardtest.Feedback
	now   time.Time
}

// messages are read once for all sites: a bundle does not change.
var messages = sync.OnceValues(i18n.New)

func newSite(t *testing.T, card *scorecard.Scorecard) *site {
	t.Helper()
	bundle, err := messages()
	if err != nil {
		t.Fatal(err)
	}
	set, err := assets.New()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, echo: echo.New(), card: card, mail: scorecardtest.NewFeedback(), now: scorecardtest.Now}
	s.pages, err = New(Options{
		Published: func(context.Context) (*scorecard.Scorecard, error) { s.asked++; return s.card, nil },
		Bundle:    bundle, Assets: set, Now: func() time.Time { return s.now }, Logger: slog.New(slog.DiscardHandler),
		Feedback: s.mail, Desk: s.mail,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.echo.HTTPErrorHandler = s.fail
	s.pages.RegisterAssets(s.echo)
	for _, path := range []string{"/indicators/:file", "/api/v1/indicators", "/api/v1/indicators/:id"} {
		s.echo.GET(path, func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	}
	s.pages.Register(s.echo)
	return s
}

// fail answers as the server does.
func (s *site) fail(err error, c echo.Context) {
	status := http.StatusInternalServerError
	if he, ok := err.(*echo.HTTPError); ok { //nolint:errorlint // echo returns its own errors unwrapped
		status = he.Code
	}
	switch kpi.ErrorCode(err) {
	case kpi.CodeNotFound:
		status = http.StatusNotFound
	case kpi.CodeInvalid:
		status = http.StatusBadRequest
	case kpi.CodeUnready:
		status = http.StatusServiceUnavailable
	}
	body, err := s.pages.ErrorPage(c, status, "REF123")
	if err != nil {
		s.t.Errorf("error page %d: %v", status, err)
	}
	if err := c.HTMLBlob(status, body); err != nil {
		s.t.Error(err)
	}
}

func (s *site) do(method, path string, header http.Header) *httptest.ResponseRecorder {
	s.t.Helper()
	req := httptest.NewRequest(method, path, nil)
	for k, v := range header {
		req.Header[k] = v
	}
	res := httptest.NewRecorder()
	s.echo.ServeHTTP(res, req)
	return res
}

// page asks for a page that must be there.
func (s *site) page(path string) *document {
	s.t.Helper()
	res := s.do(http.MethodGet, path, nil)
	if res.Code != http.StatusOK {
		s.t.Fatalf("GET %s: status %d", path, res.Code)
	}
	return parse(s.t, path, res.Body.String())
}

// paths returns an address of every page for every thing that it can be about, below the language.
func paths(t *testing.T, card *scorecard.Scorecard) []string {
	t.Helper()
	return fewPaths(t, card, math.MaxInt)
}

// fewPaths is paths with the first few things of each kind, for cities in which all things of a kind are alike.
func fewPaths(t *testing.T, card *scorecard.Scorecard, each int) []string {
	t.Helper()
	var list []string
	for _, p := range All() {
		if p.Role != Everyone {
			continue
		}
		of, err := dashboardstest.Addresses(p.Path, card)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, of[:min(each, len(of))]...)
	}
	return list
}

// cards are the cities that every page must hold out.
func cards() map[string]func() *scorecard.Scorecard {
	return map[string]func() *scorecard.Scorecard{
		"normal": scorecardtest.Normal, "empty": scorecardtest.Empty, "one": scorecardtest.One, "hostile": scorecardtest.Hostile,
		"works": scorecardtest.Works, "published": scorecardtest.Published, "districts without data": withoutDistricts,
		"named right to left": named(scorecardtest.RightToLeft()...), "named at length": named(scorecardtest.LongNames()...),
		"named script": named("</script><script>alert(1)</script>"), "named marker": named("__f__alert(1)__f__"),
	}
}

// named makes a city whose names are all among the texts.
func named(texts ...string) func() *scorecard.Scorecard {
	return func() *scorecard.Scorecard { return scorecardtest.Named(texts...) }
}

// withoutDistricts is a city whose districts have no data: some indicators know none of them, others have them without a value.
func withoutDistricts() *scorecard.Scorecard {
	card := scorecardtest.Normal()
	for i := range card.Results {
		r := &card.Results[i]
		if i%2 == 0 {
			r.Members = nil
			continue
		}
		for j := range r.Members {
			for k := range r.Members[j].Series {
				o := &r.Members[j].Series[k]
				o.Value, o.Rows, o.Numerator, o.Denominator = nil, 0, nil, nil
			}
		}
	}
	return card
}
