package pages

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// What the city wrote in one language only is marked as such wherever it stands by itself on a page in another, so that a screen reader reads
// it as it is meant. What stands within a sentence of ours is read with it.
func TestFallbackCarriesItsLanguage(t *testing.T) {
	var texts []string
	known := map[string]bool{}
	for i := range 40 {
		texts = append(texts, fmt.Sprintf("Nobody translated number %d", i))
		known[texts[i]] = true
	}
	s := newSite(t, scorecardtest.Named(texts...))
	shown := 0
	for _, path := range paths(t, s.card) {
		d := s.page("/fr" + path)
		for n := range d.root.Descendants() {
			if n.Type != html.TextNode || !known[strings.TrimSpace(n.Data)] || within(n, "script", "svg", "title") {
				continue
			}
			shown++
			if lang := langOf(n); lang != string(kpi.English) {
				d.errorf("%q in <%s class=%q> is said to be in %q", strings.TrimSpace(n.Data), n.Parent.Data, get(n.Parent, "class"), lang)
			}
		}
	}
	if shown < 200 {
		t.Errorf("only %d texts of the city were found", shown)
	}
}

// langOf is the language that a text is said to be in.
func langOf(n *html.Node) string {
	for p := n.Parent; p != nil; p = p.Parent {
		if lang, ok := attribute(p, "lang"); ok {
			return lang
		}
	}
	return ""
}
