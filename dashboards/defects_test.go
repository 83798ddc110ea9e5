package dashboards

import (
	"strings"

	"citystat/dashboards/dashboardstest/browser"
)

// designDefects are the twenty defects of the design's mutation test, most of which axe alone does not see.
var designDefects = []string{
	"svg without name", "svg role removed", "useless alt “chart”", "no table", "headers as td", "status by colour only", "focus outline removed", "svg text 1.5:1",
	"line 1.3:1", "language link without lang", "error not linked to field", "900 px wide page", "keyboard trap",
	"HTML text 2:1", "html lang", "missing label", "heading skip", "12 px targets", "unfocusable scroll region", "endless animation",
}

// defect is a change to a good page, with what must see it: a check of testdata, "axe:" and a rule of axe, or "walk:" and what the walk
// with the keyboard says.
type defect struct {
	name, old, new, check string
	design                string // its name in the design, if it has one
	form                  bool   // the page is goodForm
}

func (d defect) page() string {
	if d.form {
		return goodForm
	}
	return good
}

// look is how the defect is looked at.
func (d defect) look() browser.Look {
	switch d.check {
	case "paper":
		return onPaper
	case "forced":
		return desk // remembered first; see seen
	}
	return desk
}

// seen returns what the check finds.
func (d defect) seen(b *browser.Tab) []string {
	b.T.Helper()
	if rule, ok := strings.CutPrefix(d.check, "axe:"); ok {
		return b.AxeFinds(rule)
	}
	if phrase, ok := strings.CutPrefix(d.check, "walk:"); ok {
		return matching(b.Stops(), phrase)
	}
	check := d.check
	if !strings.Contains(check, "(") {
		check += "()"
	}
	if d.check == "forced" {
		b.Check(d.name, "remember")
		b.Emulate(forcedScreens[0])
	}
	return browser.Value[[]string](b, "citystatChecks."+check)
}

func matching(problems []string, phrase string) (found []string) {
	for _, p := range problems {
		if strings.Contains(p, phrase) {
			found = append(found, p)
		}
	}
	return found
}

const (
	goodChip = `<span class="chip"><svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6"/></svg>On track</span>`
	goodText = `<text class="c-t" x="4" y="30" font-size="14">`
	goodDesc = "A line that rises from 60 percent in January to 83 percent in June."
)

// defects are one change each.
var defects = []defect{
	// What is written.
	{name: "no style sheet", old: `<link rel="stylesheet" href="/good.css">`, new: "", check: "style"},
	{name: "empty style sheet", old: "/good.css", new: "/empty.css", check: "style"},
	{name: "wrong language", design: "html lang", old: `<html lang="en">`, new: `<html lang="fr">`, check: "language('en')"},
	{name: "language link without lang", design: "language link without lang", old: `lang="es" hreflang`, new: `hreflang`, check: "language('en')"},
	{name: "unknown language", old: "<h2>", new: `<h2 lang="xx">`, check: "language('en')"},
	{name: "two h1", old: "<h2>Part</h2>", new: "<h1>Part</h1>", check: "headings"},
	{name: "heading skipped", design: "heading skip", old: "<h2>Part</h2>", new: "<h4>Part</h4>", check: "headings"},
	{name: "heading skipped, for axe", old: "<h2>Part</h2>", new: "<h4>Part</h4>", check: "axe:heading-order"},
	{name: "label missing", design: "missing label", old: "<label>Search <input name=\"q\"></label>", new: `Search <input name="q">`, check: "axe:label"},

	// Figures and tables.
	{name: "drawing without role", design: "svg role removed", old: `role="img" `, new: "", check: "figures"},
	{name: "drawing without name", design: "svg without name", old: `role="img" aria-labelledby="t d"`, new: `role="img"`, check: "figures"},
	{name: "drawing without name, for axe", old: `aria-labelledby="t d" width="300" height="100" viewBox="0 0 300 100"><title id="t">Lights on time</title>`,
		new: `width="300" height="100" viewBox="0 0 300 100">`, check: "axe:svg-img-alt"},
	{name: "drawing with a useless name", design: "useless alt “chart”", old: goodDesc, new: "chart", check: "figures"},
	{name: "name that is not there", old: `aria-labelledby="t d"`, new: `aria-labelledby="t d gone"`, check: "figures"},
	{name: "no table", design: "no table", old: "<table>", new: `<div class="table">`, check: "figures"},
	{name: "no table caption", old: "<caption>Lights</caption>", new: "", check: "figures"},
	{name: "no caption of any table", old: "<caption>Lights</caption>", new: "", check: "tables"},
	{name: "heads that are cells", design: "headers as td", old: `<th scope="col">Month</th><th scope="col">Value</th>`, new: "<td>Month</td><td>Value</td>", check: "tables"},
	{name: "row without head", old: `<th scope="row">June</th>`, new: "<td>June</td>", check: "tables"},
	{name: "head without scope", old: `<th scope="row">`, new: "<th>", check: "figures"},
	{name: "no file", old: `<a href="/x.csv">CSV</a>`, new: "", check: "figures"},
	{name: "no figcaption", old: "<figcaption>Lights rose to 83%</figcaption>", new: "", check: "figures"},
	{name: "id twice", old: "<h2>", new: `<h2 id="main">`, check: "figures"},
	{name: "small text in a drawing", old: `font-size="14"`, new: `font-size="11"`, check: "drawings"},
	{name: "text made small by scaling", old: `width="300" height="100" viewBox`, new: `width="150" height="50" viewBox`, check: "drawings"},
	{name: "two drawings", old: "<figcaption>", new: `<svg role="img" aria-label="another drawing of the same" width="9" height="9"></svg><figcaption>`, check: "drawings"},

	// Colours.
	{name: "status without a shape", design: "status by colour only", old: goodChip, new: `<span class="chip">On track</span>`, check: "status"},
	{name: "status without a word", old: "</svg>On track", new: "</svg>", check: "status"},
	{name: "two statuses with one shape", old: goodChip, new: goodChip + strings.Replace(goodChip, "On track", "Off track", 1), check: "status"},
	{name: "mark without a word", old: "<h2>Part</h2>", new: `<h2>Part</h2><ul><li><svg class="mark" width="16" height="16" aria-hidden="true"><circle r="6" cx="8" cy="8"/></svg> 12</li></ul>`, check: "status"},
	{name: "pale text", design: "HTML text 2:1", old: "<h2>Part</h2>", new: `<h2>Part</h2><p class="pale">Hard to read</p>`, check: "axe:color-contrast"},
	{name: "pale text in a drawing", design: "svg text 1.5:1", old: goodText, new: `<text fill="#d0d0d0" x="4" y="30" font-size="14">`, check: "contrast"},
	{name: "text on a bar like it", old: goodText, new: `<rect x="0" y="0" width="300" height="60" fill="#333"/><text fill="#222" x="4" y="30" font-size="14">`, check: "contrast"},
	{name: "pale line", design: "line 1.3:1", old: `stroke="#0b5cad"`, new: `stroke="#e0e0e0"`, check: "contrast"},
	{name: "told by its ground", old: `<p class="swatch"`, new: `<p class="swatch bare"`, check: "forced"},
	{name: "told by the ground of a part", old: `<p class="swatch"`, new: `<p class="badge"`, check: "forced"},

	// Room.
	{name: "too wide", design: "900 px wide page", old: "<h2>Part</h2>", new: `<h2>Part</h2><div class="wide">x</div>`, check: "reflow"},
	{name: "text that is cut", old: "<h2>Part</h2>", new: `<h2>Part</h2><p class="cut">A text that only just has room</p>`, check: "spacing"},
	{name: "text that another lies upon when it grows", old: "<h2>Part</h2>", new: `<h2>Part</h2><div class="rows"><p>A text that takes a second line when it has no room for its words in one</p></div><p>The next line</p>`, check: "spacing"},
	{name: "text cut when it is larger", old: "<h2>Part</h2>", new: `<h2>Part</h2><p class="low">Enough room for one size</p>`, check: "larger"},
	{name: "text cut as it is", old: "<h2>Part</h2>", new: `<h2>Part</h2><div class="tight"><p><b>A text that has far too little room for all of its words</b></p></div>`, check: "whole"},
	{name: "text upon text", old: "<h2>Part</h2>", new: `<h2>Part</h2><p>One text of some length</p><p class="upon">Another text of some length</p>`, check: "whole"},
	{name: "small targets", design: "12 px targets", old: `<p class="more">`, new: `<p class="more small">`, check: "axe:target-size"},
	{name: "small targets, for our own", old: `<p class="more">`, new: `<p class="more small">`, check: "targets"},

	// Keyboard and motion.
	{name: "focus that is not shown", design: "focus outline removed", old: `<form method="get"`, new: `<form class="quiet" method="get"`, check: "walk:not shown"},
	{name: "keyboard trap", design: "keyboard trap", old: `</main>`, new: `<p><a href="/late">Late</a></p></main><script>document.querySelector("input").addEventListener("keydown",e=>e.preventDefault())</script>`, check: "walk:reached"},
	{name: "focus behind something", old: "</main>", new: `</main><div class="cover">A band that stays</div>`, check: "walk:hidden behind"},
	{name: "order of its own", old: `<input name="q">`, new: `<input name="q" tabindex="3">`, check: "walk:want"},
	{name: "region that the keyboard cannot scroll", design: "unfocusable scroll region", old: `<div class="scroll" role="group" tabindex="0" aria-label="Wide">`, new: `<div class="scroll">`, check: "axe:scrollable-region-focusable"},
	{name: "animation", design: "endless animation", old: "<h2>", new: `<h2 class="moving">`, check: "still"},
	{name: "animation in a drawing", old: goodText, new: `<circle r="3"><animate attributeName="cx" from="0" to="9" dur="1s" repeatCount="indefinite"/></circle>` + goodText, check: "still"},
	{name: "chart that moves", old: "</main>", new: `</main><script>setInterval(()=>document.querySelector("figure path").setAttribute("d","M4 90 L290 "+Math.random()),10)</script>`, check: "steady('figure')"},

	// Paper, and no script.
	{name: "table not printed", old: "<table>", new: `<table class="screenonly">`, check: "paper"},
	{name: "folded table not printed", old: "<table>", new: `<details><summary>Table</summary><table>`, check: "paper"},
	{name: "row not printed", old: "<tbody><tr>", new: `<tbody><tr class="screenonly">`, check: "paper"},
	{name: "menu printed", old: `<nav aria-label="Languages">`, new: `<nav aria-label="Languages" class="printed">`, check: "paper"},
	{name: "button that needs a script", old: "<h2>", new: `<button type="button">Explore</button><h2>`, check: "plain"},
	{name: "form that cannot be sent", old: `<button type="submit">Search</button>`, new: "", check: "plain"},
	{name: "form whose button is hidden", old: `<button type="submit">`, new: `<button type="submit" class="gone">`, check: "plain"},
	{name: "form that is sent elsewhere", old: `action="/"`, new: `action="https://example.org/"`, check: "plain"},
	{name: "heading hidden without scripts", old: "<h1>", new: `<h1 class="screenonly">`, check: "plain"},
	{name: "table that a script shows", old: "</main>", new: `<table hidden><tbody><tr><th scope="row">x</th></tr></tbody></table></main>`, check: "plain"},

	// Refused forms.
	{name: "error not at its field", design: "error not linked to field", old: ` aria-describedby="text-error"`, new: "", check: "errors", form: true},
	{name: "error that is not there", old: `aria-describedby="text-error"`, new: `aria-describedby="gone"`, check: "errors", form: true},
	{name: "no summary of errors", old: `<a href="#text">Write something</a>`, new: "Write something", check: "errors", form: true},
	{name: "summary that is not announced", old: `role="alert"`, new: "", check: "errors", form: true},
	{name: "title without an error", old: "<title>Error: ", new: "<title>", check: "errors", form: true},
	{name: "no field in error", old: ` aria-invalid="true"`, new: "", check: "errors", form: true},
}

const defectCSS = `.wide{width:1500px}.cut{width:14em;height:1.2em;white-space:nowrap;overflow:hidden}.moving{animation:m 1s infinite}@keyframes m{to{opacity:.5}}
.pale{color:#b0b0b0}.bare{border:0}.badge::before{content:"";display:block;width:30px;height:10px;background:#900}
.rows{width:36em;height:1.3em}.rows p{margin:0;line-height:1.3}.rows+p{margin:0}.low{height:24px;overflow:hidden}.tight{width:6em;overflow:hidden}.tight b{white-space:nowrap}
.upon{margin-top:-2.2em}.small a{width:12px;height:12px;min-width:0;min-height:0;font-size:8px;line-height:12px}.gone{display:none!important}.quiet :focus-visible{outline:none}.cover{position:fixed;inset:auto 0 0 0;height:80%;background:#eee}
@media print{.screenonly{display:none}.printed{display:block!important}}@media screen{h1.screenonly{display:none}}`
