package pages

import (
	"io/fs"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"citystat/assets"
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

// What a folder writes becomes no link but to the web, and no number to call but a number.
func TestAddressesOfAFolder(t *testing.T) {
	for address, want := range map[string]string{
		"https://311.city.example/report?type=pothole": "311.city.example", "http://www.city.example": "city.example", " https://city.example/a b ": "city.example",
		"HTTPS://CITY.example/": "CITY.example", "javascript:alert(1)": "", "JaVaScRiPt://%0aalert(1)": "", "data:text/html,x": "", "//evil.example/": "", "https:evil": "",
		"https://": "", "https://user:word@evil.example/": "", "ftp://city.example/": "", "mailto:a@b.example": "", "file:///etc/passwd": "", "java\nscript:alert(1)": "",
		"vbscript:x": "", "": "", "report.html": "", "https://[::1": "", "tel:311": "",
	} {
		href, host := outside(address)
		if host != want || (href == "") != (want == "") {
			t.Errorf("outside(%q) = %q, %q, want the host %q", address, href, host, want)
		}
	}
	for phone, want := range map[string]string{
		"311": "tel:311", "+1 (603) 555-0142": "tel:+16035550142", "0800\u00a0123.45/67": "tel:08001234567", "+55 11 3113\u20119000": "tel:+551131139000",
		"": "", "12": "", "1-800-FIX-IT": "", "311;phone-context=evil": "", "tel:311": "", "3+11": "", "javascript:311": "", "*#06#": "", "٣١١": "", "311\n": "tel:311", "+": "",
	} {
		if got := string(callable(phone)); got != want {
			t.Errorf("callable(%q) = %q, want %q", phone, got, want)
		}
	}
}

// A service stands beside each indicator that measures it, leads off the site and says so; each stands once on the front page.
func TestServices(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	shared := *s.card.Results[0].Indicator.Service
	s.card.Results[3].Indicator.Service = &shared
	names := map[string]int{}
	for i := range s.card.Results {
		ind := s.card.Results[i].Indicator
		reports := 0
		for _, a := range elements(s.page("/en/indicators/"+ind.ID).root, "a") {
			if ind.Service != nil && get(a, "href") == ind.Service.Report && !within(a, "table") {
				reports++
				name := get(a, "aria-label") // it begins with the words that are seen, for those who speak to their computer
				if get(a, "rel") != "external noreferrer" || name != text(a)+" ("+ind.Service.Name.String(kpi.English)+", leads to another site)" {
					t.Errorf("%s: the link %q, %q with rel %q does not say that it leads off the site, or to what", ind.ID, text(a), name, get(a, "rel"))
				}
			}
		}
		if want := ind.Service != nil; (reports == 1) != want {
			t.Errorf("%s: %d links to report, has a service: %v", ind.ID, reports, want)
		}
		if ind.Service != nil {
			names[ind.Service.Name.String(kpi.English)]++
		}
	}
	front := s.page("/en/").named("services")
	items := elements(front, "li")
	if len(items) != len(names) || len(names) < 3 {
		t.Errorf("%d services on the front page, want %d", len(items), len(names))
	}
	for _, li := range items {
		var hrefs []string
		for _, a := range elements(li, "a") {
			hrefs = append(hrefs, get(a, "href"))
		}
		if len(hrefs) != 3 || !strings.HasPrefix(hrefs[0], "https://311.harborview.example/report/") || hrefs[1] != "https://311.harborview.example/track" || hrefs[2] != "tel:311" {
			t.Errorf("a service leads to %v", hrefs)
		}
	}
	rows := 0
	for _, a := range elements(s.page("/en/priorities/safe-streets").root, "a") {
		if get(a, "class") == "away" && within(a, "table") {
			rows++
		}
	}
	if rows != 6 { // three indicators, each with report and track
		t.Errorf("%d links beside the rows of a priority, want 6", rows)
	}
}

// A service whose addresses cannot be trusted is no service.
func TestHostileServices(t *testing.T) {
	card := scorecardtest.Normal()
	for i, s := range []kpi.Service{
		{Report: "javascript:alert(1)", Track: "data:text/html,x", Phone: "<img src=x>"},
		{Report: "//evil.example", Phone: "tel:311"},
		{Report: "https://ok.example/?q=\"><script>alert(1)</script>&a=b", Track: "vbscript:x", Phone: "1-800-CITY"},
	} {
		card.Results[i].Indicator.Service = &s
	}
	s := newSite(t, card)
	for i, want := range []int{0, 0, 1} {
		n := 0
		for _, a := range elements(s.page("/en/indicators/"+card.Results[i].Indicator.ID).root, "a") {
			if get(a, "class") == "away" && !within(a, "table") {
				n++
				if href := get(a, "href"); !strings.HasPrefix(href, "https://ok.example/?q=") || strings.ContainsAny(href, `"<>`) {
					t.Errorf("a link leads to %q", href)
				}
			}
		}
		if n != want {
			t.Errorf("service %d has %d links, want %d", i, n, want)
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

// The page about the site names every cookie that the public pages set, and no other.
func TestCookiesAreNamed(t *testing.T) {
	set, err := assets.New()
	if err != nil {
		t.Fatal(err)
	}
	url, err := set.URL("js/app.js")
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, scorecardtest.Normal())
	script := s.do(http.MethodGet, url, nil).Body.String()
	want := map[string]bool{districtCookie: true}
	for _, m := range regexp.MustCompile(`document\.cookie = "([a-z]+)=`).FindAllStringSubmatch(script, -1) {
		want[m[1]] = true
	}
	if len(want) != strings.Count(script, "document.cookie")+1 {
		t.Errorf("the script sets cookies in a way that this test does not read")
	}
	got := map[string]bool{}
	for _, code := range elements(s.page("/en/about").named("privacy"), "code") {
		got[text(code)] = true
	}
	if !maps.Equal(got, want) {
		t.Errorf("the page names %v, the pages set %v", got, want)
	}
}

// Who publishes can be reached, and what is not known is said to be unknown.
func TestAboutAndStatement(t *testing.T) {
	card := scorecardtest.Normal()
	s := newSite(t, card)
	for path, want := range map[string][]string{
		"/en/about":            {"Mayor’s Data Office", "data@harborview.example", "+1 603 555-0142", "1 Quay Street", "harborview.example", "City of Harborview (CC0-1.0)", "Apache License 2.0", "English"},
		"/en/accessibility":    {"Mayor’s Data Office", "February 11, 2026", "Commission on Disability", "scanned budget annexes", "Civil Rights Division", "Title II", "WCAG 2.2"},
		"/pt-br/accessibility": {"11 de fevereiro de 2026", "Comissão da Pessoa com Deficiência"},
	} {
		body := text(s.page(path).root)
		for _, w := range want {
			if !strings.Contains(strings.ReplaceAll(body, "\u00a0", " "), w) {
				t.Errorf("%s does not say %q", path, w)
			}
		}
	}
	card.City.Contact, card.City.Statement = kpi.Contact{}, kpi.Statement{}
	s = newSite(t, card)
	for path, want := range map[string]string{"/en/about": "has not named a contact", "/en/accessibility": "No person has assessed"} {
		if !strings.Contains(text(s.page(path).root), want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
}

// Levels A and AA of WCAG 2.2 have 55 criteria (W3C Recommendation of 5 October 2023); each is answered once, by a result and a remark that there are.
func TestCriteriaOfWCAG(t *testing.T) {
	levels := map[string]string{
		"A": `1.1.1 1.2.1 1.2.2 1.2.3 1.3.1 1.3.2 1.3.3 1.4.1 1.4.2 2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2 2.4.3 2.4.4 2.5.1 2.5.2 2.5.3 2.5.4
			3.1.1 3.2.1 3.2.2 3.2.6 3.3.1 3.3.2 3.3.7 4.1.2`,
		"AA": `1.2.4 1.2.5 1.3.4 1.3.5 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11 1.4.12 1.4.13 2.4.5 2.4.6 2.4.7 2.4.11 2.5.7 2.5.8 3.1.2 3.2.3 3.2.4 3.3.3 3.3.4 3.3.8 4.1.3`,
	}
	want := map[string]string{}
	for level, list := range levels {
		for number := range strings.FieldsSeq(list) {
			want[number] = level
		}
	}
	if len(want) != 55 {
		t.Fatalf("this test knows %d criteria", len(want))
	}
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	got, remarks := map[string]string{}, map[string]bool{}
	for _, c := range criteria {
		if got[c.Number] != "" {
			t.Errorf("%s stands twice", c.Number)
		}
		got[c.Number] = c.Level
		for _, id := range []string{"wcag." + c.Number, "acr." + c.Result} {
			if !bundle.Has(id) {
				t.Errorf("%s: there is no message %s", c.Number, id)
			}
		}
		if remarks[c.Remark] = true; c.Remark != "" && !bundle.Has("acr.remark."+c.Remark) {
			t.Errorf("%s: there is no remark %s", c.Number, c.Remark)
		}
		if c.Result != conforms && c.Remark == "" {
			t.Errorf("%s is %s and does not say why", c.Number, c.Result)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("criteria: %v\nwant %v", got, want)
	}
	for _, id := range bundle.IDs() {
		if remark, ok := strings.CutPrefix(id, "acr.remark."); ok && !remarks[remark] {
			t.Errorf("no criterion has the remark %s", remark)
		}
	}
}

// A field that asks for something personal says to the browser what it is (WCAG 1.3.5), as the statement promises.
func TestPersonalFieldsSayWhatTheyAreFor(t *testing.T) {
	templates, err := fs.Glob(files, "*.gohtml")
	if err != nil || len(templates) < 10 {
		t.Fatal(templates, err)
	}
	field := regexp.MustCompile(`<input[^>]*type="(?:email|tel)"[^>]*>`)
	for _, name := range templates {
		body, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, input := range field.FindAllString(string(body), -1) {
			if !strings.Contains(input, "autocomplete=") {
				t.Errorf("%s: %s does not say what it is for", name, input)
			}
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
