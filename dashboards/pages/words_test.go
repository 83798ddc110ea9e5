package pages

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// named returns the section of a page that is named by a heading with the id, nil if there is none.
func (d *document) named(id string) *html.Node {
	for _, n := range elements(d.root, "section") {
		if get(n, "aria-labelledby") == id {
			return n
		}
	}
	return nil
}

// said returns the text of a section with its spaces made plain.
func (d *document) said(id string) string {
	n := d.named(id)
	if n == nil {
		return ""
	}
	return strings.Join(strings.Fields(text(n)), " ")
}

// The rules are the city's own: what its folder says stands on the page, and nothing that it does not use.
func TestRulesAreTheCitysOwn(t *testing.T) {
	card := scorecardtest.Normal()
	card.City.Outlook = false
	usual := newSite(t, card).page("/en/methodology")
	for _, id := range []string{"words", "status", "open-sdg", "executed", "signal", "periods", "counting", "left-out", "privacy", "groups", "together", "calendar", "population", "changes"} {
		if usual.named(id) == nil {
			t.Errorf("there is no section %s", id)
		}
	}
	for _, id := range []string{"cityscore", "outlook"} {
		if usual.named(id) != nil {
			t.Errorf("the page explains %s, which the city does not use", id)
		}
	}
	for id, want := range map[string][]string{
		"status":     {"95%", "60%", "usual limits"},
		"words":      {"Between 60% and 95%", "Less than 60%"},
		"calendar":   {"America/New York", "July", "Saturday, Sunday", "Fiscal year 2026"},
		"population": {"184,300", "July 1, 2025", "Old Harbor", "31,200"},
		"left-out":   {"No due date", "Closed as a duplicate of another request", "Fewest cases that are judged: 10"},
		"together":   {"no average"},
		"changes":    {"as soon as new data have come"},
	} {
		for _, w := range want {
			if got := usual.said(id); !strings.Contains(got, w) {
				t.Errorf("%s does not say %q: %s", id, w, got)
			}
		}
	}

	card.City.Bands = kpi.Bands{OnTrack: 0.9, Behind: 0.5}
	card.City.FiscalStart, card.City.Weekend, card.City.Publish = 1, nil, kpi.PublishByRelease
	card.City.RollUp = &kpi.RollUp{Weights: map[string]float64{card.Results[0].Indicator.ID: 2.5}}
	card.City.Population, card.City.Outlook = nil, true
	card.Results[2].Indicator.Judge.By = kpi.MethodCityScore
	other := newSite(t, card).page("/en/methodology")
	for id, want := range map[string][]string{
		"status": {"90%", "50%", "chose these limits itself"}, "words": {"Between 50% and 90%"}, "cityscore": {"0.5"}, "calendar": {"January"},
		"together": {"asked for a score", "2.5", "66.7%"}, "changes": {"at set dates"}, "outlook": {"under 10%", "10% to 33%", "over 90%", "80%", "below 5% or above 95%"},
	} {
		for _, w := range want {
			if got := other.said(id); !strings.Contains(got, w) {
				t.Errorf("%s does not say %q: %s", id, w, got)
			}
		}
	}
	if other.named("population") != nil {
		t.Error("a city that gives no number of residents has a section about it")
	}
}

// Whatever decides a status has its rule on the page to which the indicator's own page leads.
func TestAnswersLeadToTheirRule(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	rules := s.page("/es/methodology")
	by := map[string]int{}
	for i := range s.card.Results {
		ind := s.card.Results[i].Indicator
		want := statusRule(ind)
		by[want]++
		found := false
		for _, a := range elements(s.page("/es/indicators/"+ind.ID).root, "a") {
			if anchor, ok := strings.CutPrefix(get(a, "href"), "/es"+methodologyPath+"#"); ok {
				found = found || anchor == want
				if rules.ids[anchor] == nil {
					t.Errorf("%s leads to the rule %s, which is not there", ind.ID, anchor)
				}
			}
		}
		if !found {
			t.Errorf("%s does not lead to the rule %s", ind.ID, want)
		}
	}
	for _, rule := range []string{"status", "year", "open-sdg", "executed"} {
		if by[rule] == 0 {
			t.Errorf("no indicator of the synthetic city is judged by %s", rule)
		}
	}
}

// Every status stands under the public word that it has.
func TestEveryStatusIsExplained(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for _, lang := range kpi.Langs {
		seen := map[string]string{}
		p := s.pages.opts.Bundle.Printer(lang, "")
		for _, tr := range elements(s.page("/"+i18n.Segment(lang)+"/methodology").named("words"), "tr") {
			if cells := elements(tr, "th", "td"); len(cells) == 3 && cells[1].Data == "td" {
				seen[text(cells[1])] = strings.TrimSpace(text(cells[0]))
				if len(text(cells[2])) < 20 {
					t.Errorf("%s: %q means %q", lang, text(cells[1]), text(cells[2]))
				}
			}
		}
		for _, st := range kpi.Statuses {
			if got := seen[p.Upper(p.Status(st))]; !strings.EqualFold(got, p.PublicStatus(st.Public())) {
				t.Errorf("%s: %s stands under %q, want %q", lang, st, got, p.PublicStatus(st.Public()))
			}
		}
	}
}

// Words stand in the order of the reader's alphabet, under their first letters, those of the city among them.
func TestGlossary(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	s.card.City.Glossary = append(s.card.City.Glossary, kpi.Term{ID: "arbol", Term: kpi.NewText(kpi.English, "Árbol"), Meaning: kpi.NewText(kpi.English, "A tree.")})
	for _, lang := range kpi.Langs {
		d := s.page("/" + i18n.Segment(lang) + "/glossary")
		d.check(lang)
		var words []string
		for _, sec := range elements(d.root, "section") {
			letter := strings.TrimSpace(text(elements(sec, "h2")[0]))
			for _, dt := range elements(sec, "dt") {
				word := strings.TrimSpace(text(dt))
				words = append(words, word)
				if got := initial(word); got != letter {
					t.Errorf("%s: %q stands under %s", lang, word, letter)
				}
			}
		}
		if len(words) < len(programTerms)+len(kpi.PublicStatuses)+len(s.card.City.Glossary) {
			t.Errorf("%s: only %d words", lang, len(words))
		}
		order := collate.New(language.Make(string(lang)), collate.IgnoreCase)
		if !slices.IsSortedFunc(words, order.CompareString) {
			t.Errorf("%s: the words are not in order: %q", lang, words)
		}
		if at := d.ids["city-arbol"]; at == nil || initial(text(at)) != "A" {
			t.Errorf("%s: Árbol does not stand under A", lang)
		}
	}
}

// Help stands at the same place on every page, whatever the page is about, and on the pages that say what went wrong.
func TestMapOfTheSiteIsTheSameEverywhere(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	links := func(d *document) []string {
		var list []string
		for _, n := range elements(d.root, "nav") {
			if get(n, "class") == "sitemap" {
				for _, a := range elements(n, "a") {
					place, _, _ := strings.Cut(get(a, "href"), "?") // the form for feedback is told what it is about
					list = append(list, place)
				}
			}
		}
		return list
	}
	want := links(s.page("/fr/"))
	for _, path := range []string{methodologyPath, "/glossary", accessibilityPath, aboutPath, aboutPath + "#contact", aboutPath + "#privacy", "/data", changesPath, apiPath, "/indicators"} {
		if !slices.Contains(want, "/fr"+path) {
			t.Errorf("the map of the site does not lead to %s", path)
		}
	}
	if sorted := slices.Compact(slices.Sorted(slices.Values(want))); len(sorted) != len(want) {
		t.Errorf("the map of the site leads somewhere twice: %v", want)
	}
	for _, path := range paths(t, s.card) {
		if got := links(s.page("/fr" + path)); !slices.Equal(got, want) {
			t.Errorf("%s: the map of the site is another one: %v", path, got)
		}
	}
	res := s.do(http.MethodGet, "/fr/indicators/none", nil)
	if got := links(parse(t, "not found", res.Body.String())); !slices.Equal(got, want) {
		t.Errorf("on the page of an error the map of the site is another one: %v", got)
	}
	for _, p := range All() {
		leads := func(href string) bool {
			return href == "/fr"+p.Path || href != "/fr/" && strings.HasPrefix("/fr"+p.Path, href+"/")
		} // to it, or to the page above it
		if p.Role == Everyone && !strings.Contains(p.Path, ":") && p.Shown == nil && !slices.ContainsFunc(want, leads) {
			t.Errorf("no menu and no map leads to %s", p.Path)
		}
	}
}

// The page for programs tells what it is given, with words for each.
func TestAPIPage(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	s.pages.opts.API = API{
		Addresses: []APIAddress{{"list", "/api/v1/indicators", nil}, {"indicator", "/api/v1/indicators/{id}", []string{"period", "lang"}}},
		Columns:   []string{"period", "value", "excluded_REASON"},
	}
	for _, lang := range kpi.Langs {
		d := s.page("/" + i18n.Segment(lang) + "/api")
		d.check(lang)
		if n := len(elements(d.named("addresses"), "tr")); n != 3 {
			t.Errorf("%s: %d rows of addresses, want 3", lang, n)
		}
		if n := len(elements(d.named("columns"), "tr")); n != 4 {
			t.Errorf("%s: %d rows of columns, want 4", lang, n)
		}
		res := s.card.Results[0]
		if got := d.said("example"); !strings.Contains(got, `"value": `+raw(res.Assessment.Value)) {
			t.Errorf("%s: the example says %s", lang, got)
		}
	}
}

// The engine's limits come from the constants that it computes with.
func TestEngineMethodsAreTheEnginesOwn(t *testing.T) {
	m := scorecard.EngineMethods()
	card := scorecardtest.Normal()
	early := 0
	for _, res := range card.Results {
		s := res.Assessment.Signal
		if s.Needed != m.SignalPeriods || (s.Kind == kpi.TooEarly) != (s.Points < m.SignalPeriods) {
			t.Errorf("%s: %d of %d periods, %s; the page says that %d are needed", res.Indicator.ID, s.Points, s.Needed, s.Kind, m.SignalPeriods)
		}
		if s.Kind == kpi.TooEarly {
			early++
		}
		if o := res.Assessment.Outlook; o != nil && (o.Probability < m.LeastChance || o.Probability > m.MostChance) {
			t.Errorf("%s: a probability of %g", res.Indicator.ID, o.Probability)
		}
	}
	if early == 0 {
		t.Error("the synthetic city has no indicator for which it is too early")
	}
}
