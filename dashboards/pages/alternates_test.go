package pages

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"

	"citystat/dashboards/dashboardstest"
	"citystat/dashboards/i18n"
	"citystat/kpi/scorecard/scorecardtest"
)

var alternate = regexp.MustCompile(`<([^>]*)>; rel="alternate"; hreflang="([^"]*)"`)

// linked returns where the Link header of an address leads, by language.
func (s *site) linked(path string) map[string]string {
	s.t.Helper()
	found := map[string]string{}
	for _, m := range alternate.FindAllStringSubmatch(s.do(http.MethodGet, path, nil).Header().Get("Link"), -1) {
		found[m[2]] = m[1]
	}
	return found
}

// Every page names itself in every language with its whole address, and each of those pages names the same ones.
func TestAlternates(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for _, path := range append(paths(t, s.card), "/indicators?q=a&status=behind") {
		if slices.ContainsFunc(All(), func(p Page) bool { // one reader's own: no search engine keeps it
			of, err := dashboardstest.Addresses(p.Path, s.card)
			return p.Bare && err == nil && slices.Contains(of, path)
		}) {
			if got := s.linked("/en" + path); len(got) > 0 {
				t.Errorf("%s is one reader's own, and search engines are told of %v", path, got)
			}
			continue
		}
		want := map[string]string{"x-default": "http://example.com/en" + path}
		for _, lang := range s.card.City.Languages {
			want[string(lang)] = "http://example.com/" + i18n.Segment(lang) + path
		}
		for _, lang := range s.card.City.Languages {
			if got := s.linked("/" + i18n.Segment(lang) + path); !maps.Equal(got, want) {
				t.Fatalf("%s in %s: %v, want %v", path, lang, got, want)
			}
		}
	}
	if got := s.linked("/es/indicators?x=1&status=behind&q=a"); got["fr"] != "http://example.com/fr/indicators?q=a&status=behind" {
		t.Errorf("what the page does not know stays in the address: %v", got)
	}
	if got := s.linked("/en/indicators/none"); len(got) > 0 {
		t.Errorf("a page that is not there has others: %v", got)
	}
	s.pages.opts.TLS = true
	if got := s.linked("/en/")["es"]; got != "https://example.com/es/" {
		t.Errorf("behind TLS the Spanish page is at %s", got)
	}
	for _, host := range []string{"", "evil>; rel=x", "a,b", `"`, "x y", "a/b"} {
		req := httptest.NewRequest(http.MethodGet, "/en/", nil)
		req.Host = host
		res := httptest.NewRecorder()
		s.echo.ServeHTTP(res, req)
		if got := res.Header().Get("Link"); got != "" {
			t.Errorf("a site by the name %q has links %s", host, got)
		}
	}
}
