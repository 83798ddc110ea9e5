package pages

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// What the city wrote in one language only is marked as such wherever it stands by itself on a page in another, so that a screen reader reads
// it as it is meant. What stands within a sentence of ours is read with it, and so are names of persons and places, which are nobody's
// language (WCAG 3.1.2).
func TestFallbackCarriesItsLanguage(t *testing.T) {
	texts := make([]string, 5000)
	for i := range texts {
		texts[i] = fmt.Sprintf("Nobody translated number %d", i)
	}
	s := newSite(t, scorecardtest.Named(texts...))
	known := map[string]bool{}
	collect(reflect.ValueOf(s.card), known, map[uintptr]bool{})
	delete(known, "") // of what the city leaves out
	for _, d := range s.card.City.Districts {
		for _, name := range append(append([]string{d.Name.String(kpi.English)}, d.Parts...), d.Postcodes...) {
			delete(known, name)
		}
	}
	shown := map[string]bool{}
	for _, path := range paths(t, s.card) {
		d := s.page("/fr" + path)
		for n := range d.root.Descendants() {
			words := strings.TrimSpace(n.Data)
			if n.Type != html.TextNode || !known[words] || within(n, "script", "svg", "title") {
				continue
			}
			shown[words] = true
			if lang := langOf(n); lang != string(kpi.English) {
				d.errorf("%q in <%s class=%q> is said to be in %q", words, n.Parent.Data, get(n.Parent, "class"), lang)
			}
		}
	}
	if len(shown) < 60 {
		t.Errorf("only %d texts of the city were found", len(shown))
	}
}

// collect gathers every text of the city below a value.
func collect(v reflect.Value, into map[string]bool, seen map[uintptr]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return
		}
		seen[v.Pointer()] = true
		collect(v.Elem(), into, seen)
	case reflect.Struct:
		if text, ok := v.Interface().(kpi.Text); ok {
			into[text.String(kpi.English)] = true
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				collect(v.Field(i), into, seen)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			collect(v.Index(i), into, seen)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			collect(v.MapIndex(key), into, seen)
		}
	default:
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
