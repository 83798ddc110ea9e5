package pages

import (
	"io/fs"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"citystat/assets"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

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
