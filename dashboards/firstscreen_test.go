package dashboards

import (
	"net/http/httptest"
	"testing"

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
	b := newTab(startBrowser(t), t, site.URL)
	below := func(height float64, selectors ...string) {
		t.Helper()
		for _, s := range selectors {
			at := value[[]float64](b, `(e => e ? [e.getBoundingClientRect().top, e.getBoundingClientRect().bottom] : [])(document.querySelector("`+s+`"))`)
			if len(at) != 2 || at[1] <= at[0] {
				t.Errorf("%s: there is no %s", b.t.Name(), s)
			} else if at[1] > height {
				t.Errorf("%s ends %.0f px down, of %.0f", s, at[1], height)
			}
		}
	}
	for _, lang := range kpi.Langs {
		root := "/" + i18n.Segment(lang)
		b.emulate(look{width: 390, height: 844, scheme: "light", media: "screen"})
		b.open(root+"/", 200)
		below(844, "h1", ".lead", ".tally.big")
		b.open(root+"/indicators/"+card.Results[0].Indicator.ID, 200)
		below(844, "h1", ".open .chip", ".lead", ".numbers")
		b.emulate(look{width: 1280, height: 900, scheme: "light", media: "screen"})
		below(900, ".lead", ".numbers", "#trend")
	}
	b.quiet("first screens")
}
