package pages

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

func TestMenuOfLanguages(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for _, lang := range s.card.City.Languages {
		d := s.page("/" + i18n.Segment(lang) + "/indicators?status=behind&x=1&q=a")
		links := 0
		for _, a := range elements(d.root, "a") {
			if h := get(a, "hreflang"); h != "" {
				links++
				if get(a, "lang") != h || text(a) != h+" "+i18n.OwnName(kpi.Lang(h)) {
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
	if want := len(paths(t, s.card)) * len(s.card.City.Languages); len(seen) < want {
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
		if href := get(n, "href"); href != "" && !leadsOff(href) && !strings.HasPrefix(href, "tel:") && !strings.HasPrefix(href, "mailto:") {
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
	if n := len(elements(s.page("/es/").root, "nav")); n != 3 { // menu, languages, map of the site
		t.Errorf("%d navigations", n)
	}
}

func TestCachingAndConditionalRequests(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	first := s.do(http.MethodGet, "/en/", nil)
	tag := first.Header().Get("ETag")
	if tag == "" || !strings.Contains(first.Header().Get("Cache-Control"), "public") || !slices.Equal(first.Header().Values("Vary"), []string{"Cookie", "Accept-Encoding"}) {
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
