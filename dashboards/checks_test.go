package dashboards

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// good is a page on which no check finds anything. Each defect below is one change to it.
const good = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Good</title>
<link rel="stylesheet" href="/good.css"></head>
<body><a href="#main">Skip</a>
<header><nav aria-label="Languages"><a href="/es/" lang="es" hreflang="es">Español</a></nav></header>
<main id="main"><h1>Good page</h1><h2>Part</h2>
<p><span class="chip"><svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6"/></svg>On track</span></p>
<figure><figcaption>Lights rose to 83%</figcaption>
<svg role="img" aria-labelledby="t d" width="300" height="100" viewBox="0 0 300 100"><title id="t">Lights on time</title>
<desc id="d">A line that rises from 60 percent in January to 83 percent in June.</desc><text x="4" y="30" font-size="14">83%</text></svg>
<table><caption>Lights</caption><thead><tr><th scope="col">Month</th><th scope="col">Value</th></tr></thead><tbody><tr><th scope="row">June</th><td>83</td></tr></tbody></table>
<a href="/x.csv">CSV</a></figure>
<form method="get" action="/"><label>Search <input name="q"></label> <button type="submit">Search</button></form>
</main></body></html>`

// goodCSS has enough rules to be taken for the site's own.
func goodCSS() string {
	var b strings.Builder
	b.WriteString("body{font-family:sans-serif;color:#111;background:#fff}a,button,input{min-height:24px;display:inline-block}:focus-visible{outline:3px solid #05a}@media print{nav{display:none}}\n")
	for i := range 60 {
		fmt.Fprintf(&b, ".filler%d{color:#111}\n", i)
	}
	return b.String()
}

// defects are changes to the good page, each with the check that must see it.
var defects = []struct {
	name, old, new, check string
	plain                 bool
}{
	{name: "too wide", old: "<h2>Part</h2>", new: `<h2>Part</h2><div class="wide">x</div>`, check: "reflow"},
	{name: "no style sheet", old: `<link rel="stylesheet" href="/good.css">`, new: "", check: "style"},
	{name: "empty style sheet", old: "/good.css", new: "/empty.css", check: "style"},
	{name: "wrong language", old: `<html lang="en">`, new: `<html lang="fr">`, check: "language('en')"},
	{name: "language link without lang", old: `lang="es" hreflang`, new: `hreflang`, check: "language('en')"},
	{name: "unknown language", old: "<h2>", new: `<h2 lang="xx">`, check: "language('en')"},
	{name: "two h1", old: "<h2>Part</h2>", new: "<h1>Part</h1>", check: "headings"},
	{name: "heading skipped", old: "<h2>Part</h2>", new: "<h4>Part</h4>", check: "headings"},
	{name: "drawing without role", old: `role="img" `, new: "", check: "figures"},
	{name: "drawing without words", old: "A line that rises from 60 percent in January to 83 percent in June.", new: "chart", check: "figures"},
	{name: "name that is not there", old: `aria-labelledby="t d"`, new: `aria-labelledby="t d gone"`, check: "figures"},
	{name: "no table", old: "<table>", new: `<div class="table">`, check: "figures"},
	{name: "no table caption", old: "<caption>Lights</caption>", new: "", check: "figures"},
	{name: "head without scope", old: `<th scope="row">`, new: "<th>", check: "figures"},
	{name: "no file", old: `<a href="/x.csv">CSV</a>`, new: "", check: "figures"},
	{name: "no figcaption", old: "<figcaption>Lights rose to 83%</figcaption>", new: "", check: "figures"},
	{name: "id twice", old: "<h2>", new: `<h2 id="main">`, check: "figures"},
	{name: "small text in a drawing", old: `font-size="14"`, new: `font-size="11"`, check: "drawings"},
	{name: "text made small by scaling", old: `width="300" height="100" viewBox`, new: `width="150" height="50" viewBox`, check: "drawings"},
	{name: "two drawings", old: "<figcaption>", new: `<svg role="img" aria-label="another drawing of the same" width="9" height="9"></svg><figcaption>`, check: "drawings"},
	{name: "status by colour alone", old: `<svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6"/></svg>On`, new: "On", check: "status"},
	{name: "status without a word", old: "</svg>On track", new: "</svg>", check: "status"},
	{name: "text that is cut", old: "<h2>Part</h2>", new: `<h2>Part</h2><p class="cut">A text that only just has room</p>`, check: "spacing"},
	{name: "animation", old: "<h2>", new: `<h2 class="moving">`, check: "still"},
	{name: "table not printed", old: "<table>", new: `<table class="screenonly">`, check: "paper"},
	{name: "menu printed", old: `<nav aria-label="Languages">`, new: `<nav aria-label="Languages" class="printed">`, check: "paper"},
	{name: "button that needs a script", old: "<h2>", new: `<button type="button">Explore</button><h2>`, check: "plain", plain: true},
	{name: "form that cannot be sent", old: `<button type="submit">Search</button>`, new: "", check: "plain", plain: true},
	{name: "heading hidden without scripts", old: "<h1>", new: `<h1 class="screenonly">`, check: "plain", plain: true},
}

const defectCSS = `.wide{width:1500px}.cut{width:14em;height:1.2em;white-space:nowrap;overflow:hidden}.moving{animation:m 1s infinite}@keyframes m{to{opacity:.5}}
@media print{.screenonly{display:none}.printed{display:block!important}}@media screen{h1.screenonly{display:none}}`

// TestBrowserChecksSeeDefects seeds defects into a good page: a check that sees nothing there proves nothing anywhere.
func TestBrowserChecksSeeDefects(t *testing.T) {
	css := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/css")
			fmt.Fprint(w, text)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/good.css", css(goodCSS()+defectCSS))
	mux.HandleFunc("/empty.css", css(""))
	mux.HandleFunc("/favicon.ico", css(""))
	for i, d := range defects {
		if !strings.Contains(good, d.old) {
			t.Fatalf("%s: the good page has no %q", d.name, d.old)
		}
		mux.HandleFunc(fmt.Sprintf("/bad/%d", i), func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.Replace(good, d.old, d.new, 1))
		})
	}
	mux.HandleFunc("/good", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, good) })
	mux.HandleFunc("/policy", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", contentPolicy)
		fmt.Fprint(w, strings.Replace(good, "<h2>", `<h2 style="color:red">`, 1))
	})
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.Replace(good, "</main>", `</main><script>missing()</script><img src="/gone.png" alt=""><img src="http://127.0.0.1:9/x.png" alt="">`, 1))
	})
	mux.HandleFunc("/trap", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.Replace(good, "</main>", `<p><a href="/late">Late</a> <button class="quiet">No focus</button></p></main>
			<style>.quiet:focus-visible{outline:none}</style><script>document.querySelector("input").addEventListener("keydown",e=>e.preventDefault())</script>`, 1))
	})
	site := httptest.NewServer(mux)
	defer site.Close()
	browser := startBrowser(t)
	screen, print := look{width: 1280, height: 900, scheme: "light", media: "screen"}, look{width: 718, height: 900, scheme: "light", media: "print"}

	b := newTab(browser, t, site.URL)
	b.emulate(screen)
	b.open("/good", 200)
	b.check("good", "reflow", "style", "language('en')", "headings", "figures", "drawings", "status", "spacing", "still", "plain")
	b.axe("good")
	b.walk("good")
	b.emulate(print)
	b.check("good", "paper")
	b.quiet("good")
	for i, d := range defects {
		l := screen
		if d.check == "paper" {
			l = print
		}
		b.emulate(l)
		b.open(fmt.Sprintf("/bad/%d", i), 200)
		check := d.check
		if !strings.Contains(check, "(") {
			check += "()"
		}
		if found := value[[]string](b, "citystatChecks."+check); len(found) == 0 {
			t.Errorf("%s: %s saw nothing", d.name, d.check)
		}
	}
	seesTroubles(t, newTab(browser, t, site.URL), screen)
}

// seesTroubles makes sure that violations, exceptions, failed and foreign requests and keyboard traps are noted.
func seesTroubles(t *testing.T, b *tab, l look) {
	t.Helper()
	b.emulate(l)
	b.open("/policy", 200)
	if v := value[[]string](b, "window.cspViolations"); len(v) != 1 || !strings.Contains(v[0], "style-src") {
		t.Errorf("violations of the policy: %v", v)
	}
	b.open("/broken", 200)
	b.mu.Lock()
	all := strings.Join(b.troubles, "\n")
	b.troubles = nil
	b.mu.Unlock()
	for _, want := range []string{"exception", "answers 404", "asks elsewhere", "a request failed"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q was not noted in:\n%s", want, all)
		}
	}
	b.open("/trap", 200)
	problems := b.stops()
	all = strings.Join(problems, "\n")
	if !strings.Contains(all, "reached") {
		t.Errorf("a trap was not seen: %v", problems)
	}
	b.open("/trap", 200)
	value[bool](b, `(document.querySelector("input").remove(), true)`)
	if all = strings.Join(b.stops(), "\n"); !strings.Contains(all, "not shown") {
		t.Errorf("a focus that is not shown was not seen: %s", all)
	}
}
