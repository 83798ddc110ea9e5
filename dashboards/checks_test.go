package dashboards

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"citystat/dashboards/dashboardstest/browser"
)

// good is a page on which no check finds anything. Each defect below is one change to it.
const good = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Good</title>
<link rel="stylesheet" href="/good.css"></head>
<body><a href="#main">Skip</a>
<header><nav aria-label="Languages"><a href="/es/" lang="es" hreflang="es">Español</a></nav></header>
<main id="main"><h1>Good page</h1><h2>Part</h2>
<p class="more"><a href="/a">First</a> <a href="/b">Second</a></p>
<p><span class="chip"><svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6"/></svg>On track</span></p>
<figure><figcaption>Lights rose to 83%</figcaption>
<svg role="img" aria-labelledby="t d" width="300" height="100" viewBox="0 0 300 100"><title id="t">Lights on time</title>
<desc id="d">A line that rises from 60 percent in January to 83 percent in June.</desc><path class="c-line" d="M4 90 L290 20" fill="none" stroke="#0b5cad" stroke-width="2"/><text class="c-t" x="4" y="30" font-size="14">83%</text></svg>
<table><caption>Lights</caption><thead><tr><th scope="col">Month</th><th scope="col">Value</th></tr></thead><tbody><tr><th scope="row">June</th><td>83</td></tr></tbody></table>
<a href="/x.csv">CSV</a></figure>
<p class="swatch" aria-hidden="true"></p>
<div class="scroll" role="group" tabindex="0" aria-label="Wide"><p class="line">A line that is as long as it is and has nowhere to break off</p></div>
<form method="get" action="/"><label>Search <input name="q"></label> <button type="submit">Search</button></form>
</main></body></html>`

// goodForm is a page that refused a form, on which no check finds anything either.
const goodForm = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Error: Write to us</title>
<link rel="stylesheet" href="/good.css"></head>
<body><main id="main"><h1>Write to us</h1>
<div role="alert"><h2>There is a problem</h2><ul><li><a href="#text">Write something</a></li></ul></div>
<form method="post" action="/form"><p><label for="text">Your words</label></p><p id="text-error">Write something</p>
<p><input id="text" name="text" aria-invalid="true" aria-describedby="text-error"></p><p><button type="submit">Send</button></p></form>
</main></body></html>`

// goodCSS has enough rules to be taken for the site's own.
func goodCSS() string {
	var b strings.Builder
	b.WriteString("body{font-family:sans-serif;color:#111;background:#fff}a,button,input{min-height:24px;min-width:24px;display:inline-block}.scroll{overflow-x:auto;width:12em}.line{white-space:nowrap}.swatch{Width:40px;height:20px;background:#0b5cad;border:1px solid #05a}:focus-visible{outline:3px solid #05a}@media print{nav{display:none}}\n")
	for i := range 60 {
		fmt.Fprintf(&b, ".filler%d{color:#111}\n", i)
	}
	return b.String()
}

// defectSite serves the good pages, each defect in one of them, and pages that make trouble of other kinds.
func defectSite(t *testing.T) string {
	t.Helper()
	css := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/css")
			fmt.Fprint(w, text)
		}
	}
	html := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, text)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/good.css", css(goodCSS()+defectCSS))
	mux.HandleFunc("/empty.css", css(""))
	mux.HandleFunc("/favicon.ico", css(""))
	for i, d := range defects {
		page := d.page()
		if !strings.Contains(page, d.old) {
			t.Fatalf("%s: the good page has no %q", d.name, d.old)
		}
		mux.HandleFunc(fmt.Sprintf("/bad/%d", i), html(strings.Replace(page, d.old, d.new, 1)))
	}
	mux.HandleFunc("/good", html(good))
	mux.HandleFunc("/good-form", html(goodForm))
	mux.HandleFunc("/policy", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", contentPolicy)
		fmt.Fprint(w, strings.Replace(good, "<h2>", `<h2 style="color:red">`, 1))
	})
	mux.HandleFunc("/broken", html(strings.Replace(good, "</main>", `</main><script>missing()</script><img src="/gone.png" alt=""><img src="http://127.0.0.1:9/x.png" alt="">`, 1)))
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	return site.URL
}

// TestBrowserChecksSeeDefects seeds defects into a good page: a check that sees nothing there proves nothing anywhere.
func TestBrowserChecksSeeDefects(t *testing.T) {
	site, chromium := defectSite(t), browser.Start(t)
	t.Run("good", func(t *testing.T) { findsNothing(browser.NewTab(chromium, t, site)) })
	b := browser.NewTab(chromium, t, site)
	for i, d := range defects {
		b.Emulate(d.look())
		b.Open(fmt.Sprintf("/bad/%d", i), http.StatusOK)
		if found := d.seen(b); len(found) == 0 {
			t.Errorf("%s: %s saw nothing", d.name, d.check)
		}
	}
	t.Run("troubles", func(t *testing.T) { seesTroubles(browser.NewTab(chromium, t, site)) })
}

// findsNothing runs every check on the good pages.
func findsNothing(b *browser.Tab) {
	for page, checks := range map[string][]string{
		"/good": {"reflow", "style", "language('en')", "headings", "figures", "tables", "drawings", "contrast", "status", "whole", "spacing", "larger", "targets", "still", "plain",
			"remember", "unfold", "steady('figure')"},
		"/good-form": {"errors", "whole", "targets", "plain"},
	} {
		b.Emulate(desk)
		b.Open(page, http.StatusOK)
		b.Check(page, checks...)
		b.Axe(page)
		b.Walk(page)
		b.Emulate(onPaper)
		b.Check(page, "paper")
		if page == "/good" {
			b.Emulate(forcedScreens[0])
			b.Check(page, "forced", "contrast")
		}
		b.Quiet(page)
	}
}

// onPaper is how a defect of the print is looked at.
var onPaper = browser.Look{Width: 718, Height: 900, Scheme: "light", Media: "print"}

// seesTroubles makes sure that violations, exceptions, and failed and foreign requests are noted.
func seesTroubles(b *browser.Tab) {
	b.T.Helper()
	b.Emulate(desk)
	b.Open("/policy", http.StatusOK)
	if v := browser.Value[[]string](b, "window.cspViolations"); len(v) != 1 || !strings.Contains(v[0], "style-src") {
		b.T.Errorf("violations of the policy: %v", v)
	}
	b.Open("/broken", http.StatusOK)
	all := b.Troubles()
	for _, want := range []string{"exception", "answers 404", "asks elsewhere", "a request failed"} {
		if !strings.Contains(all, want) {
			b.T.Errorf("%q was not noted in:\n%s", want, all)
		}
	}
}

// The defects of the design are all seeded, under the names that it gives them.
func TestDefectsOfTheDesign(t *testing.T) {
	seeded := map[string]bool{}
	for _, d := range defects {
		if d.design != "" && seeded[d.design] {
			t.Errorf("%s is seeded twice", d.design)
		}
		seeded[d.design] = true
	}
	delete(seeded, "")
	for _, name := range designDefects {
		if !seeded[name] {
			t.Errorf("nothing seeds the defect %q", name)
		}
		delete(seeded, name)
	}
	if len(designDefects) != 20 || len(seeded) > 0 {
		t.Errorf("%d defects of the design, and others: %v", len(designDefects), seeded)
	}
}
