package dashboards

import (
	"net/http/httptest"
	"testing"

	"citystat/dashboards/dashboardstest/browser"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// TestFirstScreen: on a phone the answer stands on the first screen, in every language: how many promises are kept, and what became of an indicator and
// whether that is good. On a large screen its chart begins there too.
func TestFirstScreen(t *testing.T) {
	card := scorecardtest.Normal()
	site := httptest.NewServer(newServer(t, Options{Published: published(card)}))
	t.Cleanup(site.Close)
	b := browser.NewTab(browser.Start(t), t, site.URL)
	below := func(height float64, selectors ...string) {
		t.Helper()
		for _, s := range selectors {
			at := browser.Value[[]float64](b, `(e => e ? [e.getBoundingClientRect().top, e.getBoundingClientRect().bottom] : [])(document.querySelector("`+s+`"))`)
			if len(at) != 2 || at[1] <= at[0] {
				t.Errorf("%s: there is no %s", b.T.Name(), s)
			} else if at[1] > height {
				t.Errorf("%s ends %.0f px down, of %.0f", s, at[1], height)
			}
		}
	}
	for _, lang := range kpi.Langs {
		root := "/" + i18n.Segment(lang)
		b.Emulate(browser.Look{Width: 390, Height: 844, Scheme: "light", Media: "screen"})
		b.Open(root+"/", 200)
		below(844, "h1", ".lead", ".tally.big")
		b.Open(root+"/indicators/"+card.Results[0].Indicator.ID, 200)
		below(844, "h1", ".open .chip", ".lead", ".numbers")
		b.Emulate(browser.Look{Width: 1280, Height: 900, Scheme: "light", Media: "screen"})
		below(900, ".lead", ".numbers", "#trend")
	}
	b.Quiet("first screens")
}
