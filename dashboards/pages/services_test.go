package pages

import (
	"strings"
	"testing"

	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

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
