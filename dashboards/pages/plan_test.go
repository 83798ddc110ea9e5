package pages

import (
	"net/http"
	"strings"
	"testing"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// A plan of 335 indicators is read at a glance on the front page, by goal on the page of an axis, and found by text, number or product.
func TestPlanOfHundreds(t *testing.T) {
	s := newSite(t, scorecardtest.Plan())
	for _, lang := range []kpi.Lang{kpi.English, kpi.French} {
		for _, path := range []string{"/", "/indicators", "/indicators?page=4", "/priorities/axis-1", "/indicators/goal-001", "/data"} {
			s.page("/" + i18n.Segment(lang) + path).check(lang)
		}
	}
	front := s.page("/en/")
	links := map[string]bool{}
	for _, a := range elements(front.root, "a") {
		links[get(a, "href")] = true
	}
	for _, pr := range s.card.City.Priorities {
		for word, n := range s.card.Tally(pr.ID) {
			href := "/en/indicators?priority=" + pr.ID + "&status=" + string(word)
			if links[href] != (n > 0) {
				t.Errorf("%s: %d are %s, and there is a way to them: %v", pr.ID, n, word, links[href])
			}
		}
	}
	shown := 0
	for href := range links {
		if strings.HasPrefix(href, "/en/indicators/") {
			shown++
		}
	}
	if shown > 28 || !links["/en/indicators"] || !links["/en/indicators?status=off_track"] || !links["/en/indicators?status=on_track"] {
		t.Errorf("the front page leads to %d indicators, or not to the rest of them", shown)
	}
	seen := map[string]bool{}
	next := "/en/indicators"
	for pages := 0; next != "" && pages < 9; pages++ {
		d := s.page(next)
		next = ""
		for _, a := range elements(d.root, "a") {
			if id, ok := strings.CutPrefix(get(a, "href"), "/en/indicators/"); ok {
				seen[id] = true
			}
			if get(a, "rel") == "next" {
				next = get(a, "href")
			}
		}
	}
	if len(seen) != 335 {
		t.Errorf("page by page there are %d indicators, want 335", len(seen))
	}
	for query, want := range map[string]string{
		"q=PDM-017": "Indicators shown: 1 of 335", "q=2.3.1+PDM": "Product 1", "q=zzz": "No results", "priority=axis-4&status=on_track": "Good government",
	} {
		if got := text(s.page("/en/indicators?" + query).root); !strings.Contains(got, want) {
			t.Errorf("%s: %q is not said", query, want)
		}
	}
	for _, page := range []string{"0", "5", "-1", "x", "99999999999999999999"} {
		if res := s.do(http.MethodGet, "/en/indicators?page="+page, nil); res.Code != http.StatusBadRequest {
			t.Errorf("page %s: %d", page, res.Code)
		}
	}
	axis := text(s.page("/en/priorities/axis-1").root)
	for _, want := range []string{"1.1 Program 1", "PDM-001", "1.1.1 Product 1", "On track: "} {
		if !strings.Contains(axis, want) {
			t.Errorf("axis 1: %q is not said", want)
		}
	}
	one := text(s.page("/en/indicators/goal-001").root)
	for _, want := range []string{"Product", "1.1.1 Product 1", "Number in the plan", "PDM-001"} {
		if !strings.Contains(one, want) {
			t.Errorf("an indicator of a plan: %q is not said", want)
		}
	}
}
