package pages

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// Whoever reads a page by its headings, its figures or its tables is told apart what stands on it: no two of them have the same words.
func TestTitlesAreUnique(t *testing.T) {
	for name, card := range map[string]*scorecard.Scorecard{"normal": scorecardtest.Normal(), "published": scorecardtest.Published()} {
		s := newSite(t, card)
		titles := 0
		for _, lang := range kpi.Langs {
			for _, path := range paths(t, card) {
				d := s.page("/" + i18n.Segment(lang) + path)
				for what, tags := range map[string][]string{"heading": {"h1", "h2", "h3"}, "finding": {"figcaption"}, "table": {"caption"}} {
					seen := map[string]bool{}
					for _, n := range elements(d.root, tags...) {
						title := strings.Join(strings.Fields(text(n)), " ")
						if one := strings.HasPrefix(path, "/indicators/") || strings.HasPrefix(path, "/evaluations/"); !one && (n.Data == "h3" || what == "table" || inEntry(n)) {
							continue // of one of many things, told apart by the heading above
						}
						if seen[title] {
							d.errorf("%s: the %s %q stands twice", name, what, title)
						}
						seen[title] = true
						titles++
					}
				}
			}
		}
		if titles < 1000 {
			t.Errorf("%s: %d titles", name, titles)
		}
	}
}

// inEntry reports whether a node is a part of an entry of a list.
func inEntry(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "li" || p.Data == "article" {
			return true
		}
	}
	return false
}
