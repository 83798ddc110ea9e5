package pages

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"citystat/assets"
	"citystat/dashboards/chart"
	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

const smallLogo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 32"><style>path{fill:#fff}</style><path d="M0 0h64v32H0z"/></svg>`

// Figures can be read and told apart on the grounds of every preset: what their package says, with what the preset has otherwise.
func TestFiguresInEveryPreset(t *testing.T) {
	for _, preset := range assets.Presets {
		tokens, err := assets.Theme{Preset: preset}.Tokens(chart.CSS)
		if err != nil {
			t.Fatal(err)
		}
		for _, mode := range assets.Modes {
			for _, name := range []string{"c-paper", "c-text", "c-strong", "c-line", "c-bar", "c-target", "c-band", "c-zone", "c-zone-3", "c-fan", "c-fan-inner", "c-axis", "c-rest", "c-edge", "c-hatch", "c-seq-5", "paper", "surface"} {
				if !strings.HasPrefix(tokens[mode][name], "#") {
					t.Errorf("%s, %s: --%s is %q, and nothing is checked", preset, mode, name, tokens[mode][name])
				}
			}
		}
		for _, f := range tokens.Check() {
			t.Errorf("%s, %s: %s; %s", preset, f.Mode, f.Message(), f.Mend(f.Front.Name))
		}
	}
}

var (
	sheets = regexp.MustCompile(`<link rel="stylesheet" href="([^"]+)">`)
	logos  = regexp.MustCompile(`<a class="wordmark"[^>]*>(<img[^>]*>|<svg)`)
	themes = regexp.MustCompile(`<meta name="theme-color" content="([^"]+)" media="([^"]+)">`)
)

// A city without a theme has the site's own sheet and mark; one with a theme has its sheet after it, and its logo in the place of the mark. A
// new publication has another theme at once, at another address, and pages that are open keep what they link to.
func TestThemeOfAPage(t *testing.T) {
	card := scorecardtest.Normal()
	card.City.Theme = kpi.Theme{}
	s := newSite(t, card)
	plain := s.do(http.MethodGet, "/en/", nil).Body.String()
	if n := len(sheets.FindAllString(plain, -1)); n != 1 || logos.FindStringSubmatch(plain)[1] != "<svg" {
		t.Errorf("without a theme there are %d sheets and the mark %s", n, logos.FindString(plain))
	}
	if got := themes.FindAllStringSubmatch(plain, -1); len(got) != 2 || got[0][1] != "#15304b" || got[1][1] != "#0d1b29" {
		t.Errorf("the browser's frame is %v", got)
	}

	other := scorecardtest.Normal()
	other.Number, other.Folder = card.Number+1, card.Folder+1
	other.City.Theme = kpi.Theme{
		Preset: "govbr", Light: map[string]string{"accent": "#0b6b46"},
		Logo: &kpi.Picture{Type: "image/svg+xml", Data: []byte(smallLogo), Alt: kpi.NewText(kpi.English, `Seal "of" <the> city`)},
	}
	s.card = other
	for _, path := range []string{"/en/", "/es/", "/en/indicators", "/en/nowhere"} {
		body := s.do(http.MethodGet, path, nil).Body.String()
		found := sheets.FindAllStringSubmatch(body, -1)
		if len(found) != 2 || !strings.Contains(found[0][1], "css/site.") || !strings.Contains(found[1][1], "city/theme.") {
			t.Fatalf("%s links to %v", path, found)
		}
		css := s.do(http.MethodGet, found[1][1], nil)
		if css.Code != http.StatusOK || css.Header().Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(css.Header().Get("Cache-Control"), "immutable") ||
			!strings.Contains(css.Body.String(), "--accent:#0b6b46;") || !strings.Contains(css.Body.String(), "--radius:8px;") {
			t.Errorf("%s: status %d, %v:\n%s", found[1][1], css.Code, css.Header(), css.Body)
		}
		if got := themes.FindAllStringSubmatch(body, -1); len(got) != 2 || got[0][1] != "#ffffff" || got[1][1] != "#071d41" {
			t.Errorf("%s: the browser's frame is %v", path, got)
		}
	}
	mark := logos.FindStringSubmatch(s.do(http.MethodGet, "/en/", nil).Body.String())[1]
	if want := regexp.MustCompile(`^<img src="(/assets/city/logo\.[0-9a-f]{12}\.svg)" alt="Seal &#34;of&#34; &lt;the&gt; city" width="72" height="36">$`); !want.MatchString(mark) {
		t.Errorf("the logo is %s", mark)
	}
	if mark := logos.FindStringSubmatch(s.do(http.MethodGet, "/es/", nil).Body.String())[1]; !strings.Contains(mark, `lang="en"`) {
		t.Errorf("the words of the logo have no language: %s", mark)
	}
}

// A logo is served as what it is, and lets nothing run even when it is opened by itself.
func TestLogoIsServedHarmlessly(t *testing.T) {
	card := scorecardtest.Normal()
	card.City.Theme.Logo = &kpi.Picture{Type: "image/svg+xml", Data: []byte(smallLogo)}
	s := newSite(t, card)
	src := regexp.MustCompile(`src="([^"]+)" alt=""`).FindStringSubmatch(s.do(http.MethodGet, "/en/", nil).Body.String())
	if src == nil {
		t.Fatal("the logo is not on the page")
	}
	res := s.do(http.MethodGet, src[1], nil)
	if res.Code != http.StatusOK || res.Body.String() != smallLogo {
		t.Fatalf("status %d: %s", res.Code, res.Body)
	}
	for h, want := range map[string]string{
		"Content-Type": "image/svg+xml", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
	} {
		if got := res.Header().Get(h); got != want {
			t.Errorf("%s is %q, want %q", h, got, want)
		}
	}
}

// A page that a browser kept finds the city's files although the server has begun anew and nobody has asked it for a page yet.
func TestThemeAfterRestart(t *testing.T) {
	card := scorecardtest.Normal()
	card.City.Theme = kpi.Theme{Preset: "plain"}
	links := sheets.FindAllStringSubmatch(newSite(t, card).do(http.MethodGet, "/en/", nil).Body.String(), -1)
	again := newSite(t, card)
	if res := again.do(http.MethodGet, links[1][1], nil); res.Code != http.StatusOK {
		t.Errorf("%s: status %d", links[1][1], res.Code)
	}
	if res := again.do(http.MethodGet, "/assets/city/theme.000000000000.css", nil); res.Code != http.StatusNotFound {
		t.Errorf("an old sheet: status %d", res.Code)
	}
}

// A sentence says how its translation came about, in the reader's language; a name in a list does not.
func TestTranslationsAreMarked(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for lang, want := range map[string]string{
		"es":    `Calles y parques por los que dé gusto caminar. <small class="unread">(Traducción automática, sin revisar)</small>`,
		"pt-br": `Ruas e parques onde dê gosto caminhar. <small class="unread">(Rascunho de tradução, ainda sem revisão)</small>`,
		"fr":    `<span lang="en">Streets and parks that are a pleasure to walk in.</span> <small class="unread">(Traduction à mettre à jour)</small>`,
		"en":    `Streets and parks that are a pleasure to walk in.</p>`,
	} {
		for _, path := range []string{"/", "/priorities/clean-neighborhoods"} {
			body := s.do(http.MethodGet, "/"+lang+path, nil).Body.String()
			if !strings.Contains(body, want) {
				t.Errorf("%s%s does not say %s", lang, path, want)
			}
			if n := strings.Count(body, "unread"); lang == "en" && n > 0 || n > 1 {
				t.Errorf("%s%s has %d notes about translations", lang, path, n)
			}
		}
	}
	r := &Request{P: s.pages.opts.Bundle.Printer(kpi.Spanish, "es-MX"), Lang: kpi.Spanish}
	name := kpi.Text{Source: kpi.English, In: map[kpi.Lang]string{kpi.English: "Lamps", kpi.Spanish: "Farolas"}, State: map[kpi.Lang]kpi.TextState{kpi.Spanish: kpi.TextMachine}}
	if got := r.Words(name); got != (Words{Text: "Farolas"}) {
		t.Errorf("a name says %+v", got)
	}
	if got := r.Prose(kpi.NewText(kpi.English, "Lamps")); got != (Words{Text: "Lamps", Lang: kpi.English, Note: "Texto aún sin traducir"}) {
		t.Errorf("a missing translation says %+v", got)
	}
	if got := r.Prose(kpi.Text{}); got != (Words{}) {
		t.Errorf("no text says %+v", got)
	}
}

// What a publication of another program may hold breaks neither the page nor the sheet.
func TestHostileTheme(t *testing.T) {
	s := newSite(t, scorecardtest.Hostile())
	links := sheets.FindAllStringSubmatch(s.do(http.MethodGet, "/en/", nil).Body.String(), -1)
	if len(links) != 2 {
		t.Fatalf("the page links to %v", links)
	}
	css := s.do(http.MethodGet, links[1][1], nil).Body.String()
	if strings.ContainsAny(css, "<>") || !strings.Contains(css, "--link:#0b3d0b;") || strings.Contains(css, "--band:") || strings.Contains(css, "--accent:") {
		t.Errorf("the sheet is\n%s", css)
	}
}
