package pages

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"citystat/assets"
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
}

func newSite(t *testing.T, card *scorecard.Scorecard) *site {
	t.Helper()
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	set, err := assets.New()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, echo: echo.New(), card: card}
	s.pages, err = New(Options{
		Published: func(context.Context) (*scorecard.Scorecard, error) { s.asked++; return s.card, nil },
		Bundle:    bundle, Assets: set, Now: func() time.Time { return scorecardtest.Now }, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.echo.HTTPErrorHandler = s.fail
	s.echo.GET(assets.Prefix+"*", echo.WrapHandler(set))
	for _, path := range []string{"/indicators/:file", "/api/v1/indicators"} {
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
func paths(card *scorecard.Scorecard) []string {
	var list []string
	for _, p := range All() {
		switch p.Path {
		case priorityPage.Path:
			for _, pr := range card.City.Priorities {
				list = append(list, "/priorities/"+pr.ID)
			}
		case indicatorPage.Path:
			for _, res := range card.Results {
				if res.Indicator.Public {
					list = append(list, "/indicators/"+res.Indicator.ID)
				}
			}
		default:
			list = append(list, p.Path)
		}
	}
	return list
}

// cards are the cities that every page must hold out.
func cards() map[string]func() *scorecard.Scorecard {
	return map[string]func() *scorecard.Scorecard{
		"normal": scorecardtest.Normal, "empty": scorecardtest.Empty, "one": scorecardtest.One, "hostile": scorecardtest.Hostile,
	}
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	for name, card := range cards() {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, card())
			for _, lang := range offered(s.card.City) {
				for _, path := range paths(s.card) {
					s.page("/" + i18n.Segment(lang) + path).check(lang)
				}
			}
		})
	}
}

// A city with thousands of rows of everything is served too, and no page of it is beyond what a phone can load.
func TestHugeCity(t *testing.T) {
	s := newSite(t, scorecardtest.Huge())
	for _, path := range []string{"/en/", "/en/indicators", "/en/data", "/en/indicators/" + s.card.Results[0].Indicator.ID} {
		res := s.do(http.MethodGet, path, http.Header{"Accept-Encoding": {"gzip"}})
		if res.Code != http.StatusOK || res.Body.Len() > 300<<10 {
			t.Errorf("GET %s: status %d, %d bytes compressed", path, res.Code, res.Body.Len())
		}
	}
}

// What a city writes is text. It never becomes markup, a handler or a link that runs.
func TestHostileCity(t *testing.T) {
	s := newSite(t, scorecardtest.Hostile())
	for _, path := range append(paths(s.card), "/indicators?q="+url.QueryEscape(`"><script>alert(1)</script>`)) {
		d := s.page("/en" + path)
		scripts := 0
		for _, n := range elements(d.root, "script") {
			if get(n, "src") != "" {
				scripts++
			}
		}
		if scripts != 1 {
			t.Errorf("%s: %d scripts are loaded, want our one", path, scripts)
		}
		d.policy()
	}
}

func TestMenuLanguagesAndAlternates(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for _, lang := range s.card.City.Languages {
		d := s.page("/" + i18n.Segment(lang) + "/indicators?status=behind&x=1&q=a")
		alternates := map[string]string{}
		for _, l := range elements(d.root, "link") {
			if get(l, "rel") == "alternate" {
				alternates[get(l, "hreflang")] = get(l, "href")
			}
		}
		for _, other := range s.card.City.Languages {
			want := "/" + i18n.Segment(other) + "/indicators?q=a&status=behind"
			if alternates[string(other)] != want {
				t.Errorf("%s: alternate for %s is %q, want %q", lang, other, alternates[string(other)], want)
			}
		}
		if alternates["x-default"] == "" {
			t.Errorf("%s: no alternate for all other languages", lang)
		}
		links := 0
		for _, a := range elements(d.root, "a") {
			if h := get(a, "hreflang"); h != "" {
				links++
				if get(a, "lang") != h || text(a) != i18n.OwnName(kpi.Lang(h)) {
					t.Errorf("%s: the link to %s is %q with lang %q", lang, h, text(a), get(a, "lang"))
				}
			}
		}
		if want := len(s.card.City.Languages) - 1; links != want {
			t.Errorf("%s: %d links to other languages, want %d", lang, links, want)
		}
	}
}

// Every link of the site leads to something that is there, down to the place in the page.
func TestLinksLeadSomewhere(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	seen := map[string]*document{}
	queue := []string{"/en/", "/fr/"}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if _, done := seen[path]; done {
			continue
		}
		res := s.do(http.MethodGet, path, nil)
		if res.Code >= 300 {
			t.Errorf("a link leads to %s: status %d", path, res.Code)
		}
		seen[path] = nil
		if !strings.HasPrefix(res.Header().Get("Content-Type"), "text/html") {
			continue
		}
		d := parse(t, path, res.Body.String())
		seen[path] = d
		for _, href := range hrefs(d) {
			target, fragment, _ := strings.Cut(href, "#")
			if target == "" {
				target = path
			}
			queue = append(queue, target)
			if fragment != "" && target == path && d.ids[fragment] == nil {
				t.Errorf("%s: the link #%s leads nowhere", path, fragment)
			}
		}
	}
	if want := len(paths(s.card)) * len(s.card.City.Languages); len(seen) < want {
		t.Errorf("only %d addresses can be reached by links, want at least %d", len(seen), want)
	}
	for path, d := range seen {
		if d == nil {
			continue
		}
		for _, href := range hrefs(d) {
			if target, fragment, ok := strings.Cut(href, "#"); ok && target != "" && seen[target] != nil && seen[target].ids[fragment] == nil {
				t.Errorf("%s: the link %s leads to no such place", path, href)
			}
		}
	}
}

// hrefs returns the addresses on this site that a page leads to.
func hrefs(d *document) []string {
	var list []string
	for _, n := range elements(d.root, "a", "link") {
		if href := get(n, "href"); href != "" && !leadsOff(href) {
			list = append(list, href)
		}
	}
	for _, n := range elements(d.root, "script") {
		for _, name := range []string{"src", "data-echarts"} {
			if v := get(n, name); v != "" {
				list = append(list, v)
			}
		}
	}
	return list
}

// The numbers on the pages are those of the scorecard, unrounded.
func TestPagesShowTheScorecardsNumbers(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for i := range s.card.Results {
		res := &s.card.Results[i]
		if !res.Indicator.Public {
			continue
		}
		d := s.page("/en/indicators/" + res.Indicator.ID)
		have := map[string]bool{}
		for _, n := range elements(d.root, "data") {
			have[get(n, "value")] = true
		}
		want := map[string]*float64{"value": res.Assessment.Value, "expected value": res.Assessment.Expected}
		if res.Total != nil {
			want["total"] = res.Total.Value
		}
		for _, pt := range res.Series {
			want["value of "+pt.Period.ID] = pt.Observation.Value
		}
		for what, v := range want {
			if v != nil && !have[raw(v)] {
				t.Errorf("%s: the %s, %s, is not on the page", res.Indicator.ID, what, raw(v))
			}
		}
		for member, v := range districtValues(res) {
			if v != nil && !have[raw(v)] {
				t.Errorf("%s: the value of %s, %s, is not on the page", res.Indicator.ID, member, raw(v))
			}
		}
	}
}

// districtValues are the values by district of the period that a page shows first.
func districtValues(res *scorecard.Result) map[string]*float64 {
	out := map[string]*float64{}
	for _, m := range res.Members {
		if o := res.Observation(res.Assessment.Period, m.Dimension, m.Member); o != nil && m.Dimension == kpi.DimensionDistrict {
			out[m.Member] = o.Value
		}
	}
	return out
}

// A reader chooses the period of the map and the table. A period that does not exist is said to be one.
func TestPeriodOfDistricts(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	res := s.card.Results[0]
	base := "/en/indicators/" + res.Indicator.ID
	chosen := func(path string) string {
		for _, o := range elements(s.page(path).root, "option") {
			if _, ok := attribute(o, "selected"); ok {
				return get(o, "value")
			}
		}
		return ""
	}
	if got := chosen(base); got != res.Assessment.Period {
		t.Errorf("the period shown first is %q, want the judged one, %q", got, res.Assessment.Period)
	}
	for _, period := range []string{kpi.PeriodTotal, res.Series[3].Period.ID} {
		if got := chosen(base + "?period=" + period); got != period {
			t.Errorf("asked for %q, got %q", period, got)
		}
	}
	if res := s.do(http.MethodGet, base+"?period=1999-01", nil); res.Code != http.StatusBadRequest {
		t.Errorf("a period that does not exist: status %d, want 400", res.Code)
	}
}

// Nothing that needs attention stands among the wins, and nothing on track under "needs attention".
func TestAttentionAndWins(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	d := s.page("/en/")
	section := func(id string) *html.Node {
		for _, n := range elements(d.root, "section") {
			if get(n, "aria-labelledby") == id {
				return n
			}
		}
		t.Fatalf("there is no section %s", id)
		return nil
	}
	for id, words := range map[string][]kpi.PublicStatus{
		"attention": {kpi.PublicBehind, kpi.PublicOffTrack}, "wins": {kpi.PublicOnTrack},
	} {
		shown := 0
		for _, a := range elements(section(id), "a") {
			ind, ok := strings.CutPrefix(get(a, "href"), "/en/indicators/")
			if !ok {
				continue
			}
			shown++
			if got := s.card.Result(ind).Assessment.Status.Public(); !slices.Contains(words, got) {
				t.Errorf("%s stands under %s and is %s", ind, id, got)
			}
		}
		tally, want := s.card.Tally(""), 0
		for _, w := range words {
			want += tally[w]
		}
		if shown != want {
			t.Errorf("%d indicators under %s, want %d", shown, id, want)
		}
	}
	var order []int
	for _, a := range elements(section("attention"), "a") {
		order = append(order, s.card.Result(strings.TrimPrefix(get(a, "href"), "/en/indicators/")).Assessment.Status.Rank())
	}
	if !slices.IsSorted(order) {
		t.Errorf("what needs attention is not in order, the worst first: ranks %v", order)
	}
}

// An indicator that is not public is nowhere: not in a list, not by its address, not beside another.
func TestUnpublishedLeaksNowhere(t *testing.T) {
	card := scorecardtest.Normal()
	const secret = "Secret Performance Name"
	hidden := card.Results[1].Indicator
	hidden.Public, hidden.Name = false, kpi.NewText(kpi.English, secret)
	for i := range card.City.Indicators {
		if card.City.Indicators[i].ID == hidden.ID {
			card.City.Indicators[i] = *hidden
		}
		card.City.Indicators[i].PairedWith = append(card.City.Indicators[i].PairedWith, hidden.ID)
	}
	for i := range card.Results {
		card.Results[i].Indicator.PairedWith = append(card.Results[i].Indicator.PairedWith, hidden.ID)
	}
	s := newSite(t, card)
	for _, path := range append(paths(card), "/indicators?q=secret") {
		res := s.do(http.MethodGet, "/en"+path, nil)
		if strings.Contains(res.Body.String(), secret) || strings.Contains(res.Body.String(), "/"+hidden.ID) {
			t.Errorf("%s shows an indicator that is not public", path)
		}
	}
	for _, path := range []string{"/en/indicators/" + hidden.ID, "/en/indicators/none"} {
		if res := s.do(http.MethodGet, path, nil); res.Code != http.StatusNotFound {
			t.Errorf("GET %s: status %d, want 404", path, res.Code)
		}
	}
}

func TestFilters(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	rows := func(query string) []string {
		var ids []string
		for _, table := range elements(s.page("/es/indicators"+query).root, "table") {
			for _, a := range elements(table, "a") {
				ids = append(ids, strings.TrimPrefix(get(a, "href"), "/es/indicators/"))
			}
		}
		return ids
	}
	all := rows("")
	if len(all) != len(s.card.Results) {
		t.Errorf("%d indicators without a filter, want %d", len(all), len(s.card.Results))
	}
	count := func(match func(*scorecard.Result) bool) int {
		n := 0
		for i := range s.card.Results {
			if match(&s.card.Results[i]) {
				n++
			}
		}
		return n
	}
	ind := s.card.Results[0].Indicator
	for query, match := range map[string]func(*scorecard.Result) bool{
		"?priority=" + ind.Priority:     func(r *scorecard.Result) bool { return r.Indicator.Priority == ind.Priority },
		"?department=" + ind.Department: func(r *scorecard.Result) bool { return r.Indicator.Department == ind.Department },
		"?status=off_track":             func(r *scorecard.Result) bool { return r.Assessment.Status.Public() == kpi.PublicOffTrack },
		"?status=off_track&priority=" + ind.Priority: func(r *scorecard.Result) bool {
			return r.Assessment.Status.Public() == kpi.PublicOffTrack && r.Indicator.Priority == ind.Priority
		},
		"?q=":             func(*scorecard.Result) bool { return true },
		"?status=nothing": func(*scorecard.Result) bool { return false },
	} {
		if got, want := len(rows(query)), count(match); got != want {
			t.Errorf("%s: %d indicators, want %d", query, got, want)
		}
	}
	// Without accents and capitals, as people type.
	name := ind.Name.String(kpi.Spanish)
	for _, q := range []string{name, strings.ToUpper(name), fold(name)} {
		if got := rows("?q=" + url.QueryEscape(q)); !slices.Contains(got, ind.ID) {
			t.Errorf("searched for %q, found %v", q, got)
		}
	}
}

func TestRedirects(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for _, tc := range []struct {
		path, accept, cookie string
		status               int
		to                   string
	}{
		{"/", "", "", 302, "/en/"},
		{"/", "fr-CA,fr;q=0.9,en;q=0.5", "", 302, "/fr/"},
		{"/", "pt-PT", "", 302, "/pt-br/"},
		{"/", "*", "", 302, "/en/"},
		{"/", "ht;q=0.9, es-MX;q=0.8", "", 302, "/es/"},
		{"/", "fr", "es", 302, "/es/"},
		{"/", "fr", "pt-BR", 302, "/pt-br/"},
		{"/", "fr", "klingon", 302, "/fr/"},
		{"/en", "", "", 301, "/en/"},
		{"/pt-br", "", "", 301, "/pt-br/"},
		{"/EN/indicators", "", "", 301, "/en/indicators"},
		{"/pt/data", "", "", 301, "/pt-br/data"},
		{"/pt-BR/indicators?q=a%20b", "", "", 301, "/pt-br/indicators?q=a%20b"},
		{"/fr_CA/", "", "", 301, "/fr/"},
		{"/es-mx", "", "", 301, "/es/"},
		{"/en/indicators/", "", "", 301, "/en/indicators"},
		{"/en/data//?x=1", "", "", 301, "/en/data?x=1"},
	} {
		h := http.Header{"Accept-Language": {tc.accept}}
		if tc.cookie != "" {
			h["Cookie"] = []string{"lang=" + tc.cookie}
		}
		res := s.do(http.MethodGet, tc.path, h)
		if got := res.Header().Get("Location"); res.Code != tc.status || got != tc.to {
			t.Errorf("GET %s (%s, cookie %q): %d to %q, want %d to %q", tc.path, tc.accept, tc.cookie, res.Code, got, tc.status, tc.to)
		}
		if tc.path == "/" && !strings.Contains(res.Header().Get("Vary"), "Accept-Language") {
			t.Errorf("GET /: Vary is %q", res.Header().Get("Vary"))
		}
	}
	for _, path := range []string{"/xx/", "/en/nothing", "/indicators", "//evil.example/", "/en//evil.example", "/favicon.ico", "/en/indicators/a/b"} {
		res := s.do(http.MethodGet, "http://localhost"+path, nil)
		if loc := res.Header().Get("Location"); strings.HasPrefix(loc, "//") || strings.Contains(loc, "://") {
			t.Errorf("GET %s leads off the site: %s", path, loc)
		} else if loc == "" && res.Code != http.StatusNotFound {
			t.Errorf("GET %s: status %d, want 404", path, res.Code)
		}
	}
}

// A city that offers fewer languages sends readers of the others to its own.
func TestOnlyTheCitysLanguages(t *testing.T) {
	card := scorecardtest.Normal()
	card.City.Languages = []kpi.Lang{kpi.Spanish, kpi.English}
	s := newSite(t, card)
	if res := s.do(http.MethodGet, "/fr/data", nil); res.Code != http.StatusFound || res.Header().Get("Location") != "/es/data" {
		t.Errorf("GET /fr/data: %d to %q, want 302 to /es/data", res.Code, res.Header().Get("Location"))
	}
	if res := s.do(http.MethodGet, "/", http.Header{"Accept-Language": {"fr"}}); res.Header().Get("Location") != "/es/" {
		t.Errorf("GET / for a reader of French leads to %s", res.Header().Get("Location"))
	}
	if n := len(elements(s.page("/es/").root, "nav")); n != 2 {
		t.Errorf("%d navigations", n)
	}
}

// A text that is not translated is shown in the language in which there is one, and says so to screen readers.
func TestUntranslatedTextCarriesItsLanguage(t *testing.T) {
	card := scorecardtest.Normal()
	card.City.Priorities[0].Name = kpi.NewText(kpi.English, "Untranslated promise")
	d := newSite(t, card).page("/fr/")
	found := 0
	for _, n := range elements(d.root, "span") {
		if text(n) == "Untranslated promise" && get(n, "lang") == "en" {
			found++
		}
	}
	if found == 0 {
		t.Error("the untranslated name is not marked as English")
	}
}

func TestCachingAndConditionalRequests(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	first := s.do(http.MethodGet, "/en/", nil)
	tag := first.Header().Get("ETag")
	if tag == "" || !strings.Contains(first.Header().Get("Cache-Control"), "public") || !strings.Contains(first.Header().Get("Vary"), "Accept-Encoding") {
		t.Errorf("headers: %v", first.Header())
	}
	if res := s.do(http.MethodGet, "/en/", http.Header{"If-None-Match": {tag}}); res.Code != http.StatusNotModified || res.Body.Len() != 0 {
		t.Errorf("with the tag: status %d, %d bytes; want 304 without", res.Code, res.Body.Len())
	}
	if res := s.do(http.MethodHead, "/en/", nil); res.Code != http.StatusOK || res.Body.Len() != 0 || res.Header().Get("Content-Length") != fmt.Sprint(first.Body.Len()) {
		t.Errorf("HEAD: status %d, %d bytes, Content-Length %s, want %d", res.Code, res.Body.Len(), res.Header().Get("Content-Length"), first.Body.Len())
	}
	gz := s.do(http.MethodGet, "/en/", http.Header{"Accept-Encoding": {"gzip"}})
	if gz.Header().Get("Content-Encoding") != "gzip" || gz.Body.Len() >= first.Body.Len()/2 {
		t.Errorf("compressed: encoding %q, %d of %d bytes", gz.Header().Get("Content-Encoding"), gz.Body.Len(), first.Body.Len())
	}
	if res := s.do(http.MethodGet, "/en/?utm=1", nil); res.Header().Get("ETag") != tag {
		t.Error("a parameter that the page does not know makes another page of it")
	}

	// A new publication is seen at once.
	next := scorecardtest.Normal()
	next.Number++
	next.Results[0].Assessment.Value = ptr(12.5)
	s.card = next
	if res := s.do(http.MethodGet, "/en/", http.Header{"If-None-Match": {tag}}); res.Code != http.StatusOK || res.Header().Get("ETag") == tag {
		t.Errorf("after a publication: status %d, tag %s", res.Code, res.Header().Get("ETag"))
	}
}

func ptr(v float64) *float64 { return &v }

// Whoever asks for ever new addresses cannot fill the memory.
func TestCacheIsBounded(t *testing.T) {
	c := newCache(100_000)
	for i := range 1000 {
		c.put(fmt.Sprint(i), newRendered(make([]byte, 1000)))
		if c.get("0") == nil && i < 50 {
			t.Fatalf("the page asked for last was let go of after %d others", i)
		}
	}
	if c.size > 100_000 || len(c.byKey) != c.order.Len() || len(c.byKey) > 57 {
		t.Errorf("%d bytes in %d pages, %d in order", c.size, len(c.byKey), c.order.Len())
	}
	if c.get("0") == nil || c.get("1") != nil || c.get("999") == nil {
		t.Error("the cache did not keep what was asked for last")
	}
	c.put("large", newRendered(make([]byte, 200_000)))
	if c.get("large") != nil || c.get("0") == nil {
		t.Error("a page larger than the cache pushed the others out")
	}
	c.put("0", newRendered(make([]byte, 10)))
	if got := c.get("0"); len(got.body) != 10 {
		t.Error("a page was not replaced")
	}
}

func TestErrorPages(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for path, want := range map[string]struct {
		status int
		lang   kpi.Lang
		words  string
	}{
		"/fr/rien":                        {404, kpi.French, "Page introuvable"},
		"/es/indicators/nada":             {404, kpi.Spanish, "Página no encontrada"},
		"/pt-br/priorities/nada":          {404, kpi.Portuguese, "Página não encontrada"},
		"/nowhere":                        {404, kpi.English, "Page not found"},
		"/en/indicators/x%3Cscript%3E":    {404, kpi.English, "Page not found"},
		"/en/indicators/..%2f..%2fsecret": {404, kpi.English, "Page not found"},
	} {
		res := s.do(http.MethodGet, path, nil)
		d := parse(t, path, res.Body.String())
		d.check(want.lang)
		if res.Code != want.status || !strings.Contains(text(elements(d.root, "h1")[0]), want.words) {
			t.Errorf("GET %s: status %d, %q; want %d, %q", path, res.Code, text(elements(d.root, "h1")[0]), want.status, want.words)
		}
	}
}

// Before anything was published there is a page that says so, in four languages, with what to do.
func TestNothingPublished(t *testing.T) {
	s := newSite(t, nil)
	for _, lang := range kpi.Langs {
		res := s.do(http.MethodGet, "/"+i18n.Segment(lang)+"/", nil)
		if res.Code != http.StatusServiceUnavailable || !strings.Contains(res.Body.String(), "citystat ingest") {
			t.Errorf("%s: status %d, want 503 with what to do", lang, res.Code)
		}
		parse(t, string(lang), res.Body.String()).check(lang)
	}
	if res := s.do(http.MethodGet, "/", http.Header{"Accept-Language": {"es"}}); res.Header().Get("Location") != "/es/" {
		t.Errorf("GET / leads to %q", res.Header().Get("Location"))
	}
}

// An indicator without a row to judge has no value. It says why, and never claims a percentage.
func TestNoRowsToJudge(t *testing.T) {
	card := scorecardtest.Normal()
	res := &card.Results[0]
	res.Assessment = kpi.Assessment{Status: kpi.NoData, AsOf: card.AsOf, Rule: res.Assessment.Rule, Newest: res.Assessment.Newest, Bands: kpi.DefaultBands}
	left := map[string]int64{kpi.ReasonNoDueDate: 5253, kpi.ReasonClosedBeforeOpened: 140}
	res.Total = &kpi.Observation{Indicator: res.Indicator.ID, Period: kpi.PeriodTotal, Excluded: left}
	for i := range res.Series {
		res.Series[i].Observation.Value, res.Series[i].Observation.Rows = nil, 0
		res.Series[i].Observation.Numerator, res.Series[i].Observation.Denominator = nil, nil
	}
	res.Members = nil
	s := newSite(t, card)
	d := s.page("/en/indicators/" + res.Indicator.ID)
	d.check(kpi.English)
	body := text(d.root)
	for _, want := range []string{"5,393", "5,253", "No due date", "140", "Closed before it was opened", "None of the rows can be judged"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, n := range elements(d.root, "data") {
		if get(n, "value") == "100" || strings.Contains(text(n), "100%") {
			t.Errorf("the page claims %s", text(n))
		}
	}
}

// One case of one is not 100 %.
func TestTooFewIsSaidInCases(t *testing.T) {
	card := scorecardtest.Normal()
	res := &card.Results[0]
	one := 1.0
	hundred := 100.0
	pt := point(res, res.Assessment.Period)
	pt.Observation.Value, pt.Observation.Rows, pt.Observation.Numerator, pt.Observation.Denominator = &hundred, 1, &one, &one
	res.Assessment.Status, res.Assessment.Value, res.Assessment.Rows = kpi.TooFew, &hundred, 1
	res.Total = &pt.Observation
	s := newSite(t, card)
	for _, path := range []string{"/en/", "/en/indicators", "/en/indicators/" + res.Indicator.ID} {
		shown := 0
		for _, n := range elements(s.page(path).root, "data") {
			if get(n, "value") == "100" && !within(n, "figure") {
				shown++
				if text(n) != "1 of 1" {
					t.Errorf("%s shows %q, want 1 of 1", path, text(n))
				}
			}
		}
		if shown == 0 {
			t.Errorf("%s does not show the value", path)
		}
	}
}

// When new data are late the front page says so; a city that looks back expects none.
func TestNextUpdate(t *testing.T) {
	card := scorecardtest.Normal()
	for name, tc := range map[string]struct {
		asOf  kpi.Date
		every time.Duration
		want  string
	}{
		"fixed":   {asOf: card.AsOf, every: 24 * time.Hour, want: "looks back"},
		"due":     {every: 48 * time.Hour, want: "Next update: by"},
		"overdue": {every: time.Hour, want: "have not come yet"},
		"unknown": {want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			card := scorecardtest.Normal()
			card.City.AsOf = tc.asOf
			for i := range card.City.Datasets {
				card.City.Datasets[i].Expect.Every = tc.every
			}
			for i := range card.Datasets {
				if l := card.Datasets[i].Last; l != nil {
					l.LiveAt = scorecardtest.Now.Add(-24 * time.Hour)
				}
			}
			body := text(newSite(t, card).page("/en/").root)
			for _, phrase := range []string{"looks back", "Next update", "have not come yet"} {
				if got := strings.Contains(body, phrase); got != (tc.want != "" && strings.Contains(tc.want, phrase)) {
					t.Errorf("%q is said: %v", phrase, got)
				}
			}
		})
	}
}

// Where no target is the city's own it is said once, and not beside each value; on the indicator's own page it is said always.
func TestExamplesAreSaidOnce(t *testing.T) {
	card := scorecardtest.Normal()
	const once, each = "Every target here is an example", "illustrative target"
	for _, path := range []string{"/en/", "/en/indicators"} {
		if body := text(newSite(t, card).page(path).root); strings.Contains(body, once) || !strings.Contains(body, each) {
			t.Errorf("%s: a city with some targets of its own marks the others", path)
		}
	}
	for i := range card.Results {
		for j := range card.Results[i].Indicator.Targets {
			card.Results[i].Indicator.Targets[j].Illustrative = true
		}
	}
	s := newSite(t, card)
	for _, path := range []string{"/en/", "/en/indicators", "/en/priorities/" + card.City.Priorities[0].ID} {
		if body := text(s.page(path).root); strings.Count(body, once) != 1 || strings.Contains(body, each) {
			t.Errorf("%s: said %d times that the targets are examples, and each time beside a value: %v", path, strings.Count(body, once), strings.Contains(body, each))
		}
	}
	if body := text(s.page("/en/indicators/" + card.Results[0].Indicator.ID).root); !strings.Contains(body, each) {
		t.Error("the page of an indicator does not mark its target")
	}
}

func TestPagesAreChecked(t *testing.T) {
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	good := dataPage
	for name, spoil := range map[string]func(*Page){
		"no name":      func(p *Page) { p.Name = "" },
		"error's name": func(p *Page) { p.Name = errorTemplate },
		"no path":      func(p *Page) { p.Path = "data" },
		"no load":      func(p *Page) { p.Load = nil },
		"no role":      func(p *Page) { p.Role = "" },
		"menu":         func(p *Page) { p.Menu = "nav.nothing" },
		"same path":    func(p *Page) { p.Name = "other" },
		"same name":    func(p *Page) { p.Path = "/other" },
	} {
		bad := good
		spoil(&bad)
		if err := checkPages([]Page{good, bad}, bundle); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := checkPages(All(), bundle); err != nil {
		t.Error(err)
	}
	if _, err := parseTemplates([]Page{{Name: "nowhere"}}); err == nil {
		t.Error("a page without a template was accepted")
	}
}

func TestNewRefusesWhatIsMissing(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("pages without a publication, words, assets and a clock were made")
	}
}
