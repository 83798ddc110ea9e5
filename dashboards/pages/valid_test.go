package pages

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// What a page is made of must be HTML as it is defined, not what a browser makes of anything. A parser mends what it reads, so this reads the
// tags as they stand.

// set makes a set of words.
func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

var (
	voidElements  = set("area base br col embed hr img input link meta source track wbr")
	phrasing      = set("a abbr b bdi bdo br button cite code data dfn em i img input kbd label mark meter output progress q s samp script select small span strong sub sup svg textarea time u var wbr")
	onlyPhrasing  = set("p h1 h2 h3 h4 h5 h6 span em strong b i small code data time label button  abbr pre legend")
	knownElements = set("html head meta title link script body header nav main section article aside footer div h1 h2 h3 h4 h5 h6 p ul ol li dl dt dd figure figcaption table caption thead tbody tfoot tr th td " +
		"form fieldset legend label input select optgroup option textarea button details summary blockquote hr pre address noscript output progress meter img br wbr " +
		"a abbr b bdi bdo cite code data em i kbd mark q s samp small span strong sub sup time u var colgroup col search")
	svgElements = set("svg g path line polyline polygon rect circle ellipse text tspan title desc defs use symbol pattern clippath lineargradient stop marker a")
	parents     = map[string]map[string]bool{
		"li": set("ul ol"), "dt": set("dl div"), "dd": set("dl div"), "tr": set("thead tbody tfoot"), "td": set("tr"), "th": set("tr"), "caption": set("table"), "thead": set("table"),
		"tbody": set("table"), "tfoot": set("table"), "figcaption": set("figure"), "summary": set("details"), "legend": set("fieldset"), "option": set("select optgroup"), "main": set("body"),
	}
	children = map[string]map[string]bool{
		"ul": set("li"), "ol": set("li"), "dl": set("dt dd div"), "table": set("caption thead tbody tfoot colgroup"), "thead": set("tr"), "tbody": set("tr"), "tr": set("th td"),
		"select": set("option optgroup"), "html": set("head body"), "head": set("meta title link script"),
	}
	required = map[string][]string{
		"html": {"lang"}, "a": {"href"}, "img": {"alt", "src"}, "form": {"action", "method"}, "button": {"type"}, "th": {"scope"}, "data": {"value"}, "time": {"datetime"},
		"link": {"rel", "href"}, "option": {"value"}, "select": {"name", "id"}, "input": {"name"}, "textarea": {"name", "id"},
	}
	roles         = set("img group status alert application list listitem region note search presentation none list timer")
	ariaNames     = set("aria-label aria-labelledby aria-describedby aria-hidden aria-current aria-expanded aria-controls aria-live aria-invalid aria-required aria-valuetext aria-atomic aria-details aria-roledescription aria-owns aria-errormessage")
	attributeName = regexp.MustCompile(`^(id|class|lang|dir|hidden|tabindex|role|title|href|hreflang|rel|type|name|value|content|charset|src|defer|for|action|method|scope|colspan|rowspan|datetime|selected|checked|disabled|` +
		`required|form|maxlength|minlength|rows|cols|autocomplete|inputmode|placeholder|open|max|min|low|high|optimum|alt|width|height|loading|download|enctype|novalidate|autofocus|autocapitalize|spellcheck|label|step|pattern|http-equiv|media|start|reversed|accept|` +
		`data-[a-z0-9-]+|aria-[a-z]+)$`)
)

// invalid returns what is not HTML in a page.
func invalid(source string) []string {
	v := validator{ids: map[string]bool{}}
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				v.bad("%v", z.Err())
			}
			return v.end()
		case html.StartTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			v.start(z.Token(), raw)
		case html.EndTagToken:
			v.close(z.Token().Data)
		case html.TextToken:
			v.text(z.Token().Data)
		case html.DoctypeToken, html.CommentToken:
		}
	}
}

// open is an element whose end has not come.
type open struct {
	name     string
	children []string
	words    bool
}

type validator struct {
	found  []string
	stack  []*open
	ids    map[string]bool
	refs   [][2]string // attribute, id
	images int         // depth within a drawing
}

func (v *validator) bad(format string, args ...any) {
	v.found = append(v.found, fmt.Sprintf(format, args...))
}

func (v *validator) parent() *open {
	if len(v.stack) == 0 {
		return &open{}
	}
	return v.stack[len(v.stack)-1]
}

// inside reports whether an element with one of the names is open.
func (v *validator) inside(names ...string) bool {
	return slices.ContainsFunc(v.stack, func(o *open) bool { return slices.Contains(names, o.name) })
}

func (v *validator) start(t html.Token, raw string) {
	name := t.Data
	v.attributes(t, raw)
	if v.images > 0 || name == "svg" {
		if !svgElements[name] {
			v.bad("<%s> stands in a drawing", name)
		}
	} else {
		v.place(name)
	}
	p := v.parent()
	p.children = append(p.children, name)
	if voidElements[name] || (t.Type == html.SelfClosingTagToken && (v.images > 0 || name == "svg")) {
		return
	}
	if t.Type == html.SelfClosingTagToken {
		v.bad("<%s/> ends where it begins, which HTML does not know", name)
	}
	if name == "svg" {
		v.images++
	}
	v.stack = append(v.stack, &open{name: name})
}

// place checks where an element stands.
func (v *validator) place(name string) {
	p := v.parent()
	switch {
	case !knownElements[name] && !voidElements[name]:
		v.bad("<%s> is no element", name)
	case parents[name] != nil && !parents[name][p.name]:
		v.bad("<%s> stands in <%s>", name, p.name)
	case children[p.name] != nil && !children[p.name][name] && name != "script" && name != "template":
		v.bad("<%s> holds <%s>", p.name, name)
	case onlyPhrasing[p.name] && !phrasing[name]:
		v.bad("<%s> holds <%s>, which is no part of a sentence", p.name, name)
	case p.name == "div" && len(v.stack) > 1 && v.stack[len(v.stack)-2].name == "dl" && name != "dt" && name != "dd":
		v.bad("a group of <dl> holds <%s>", name)
	}
	interactive := set("a button input select textarea label details")
	if interactive[name] && v.inside("a", "button") {
		v.bad("<%s> stands in what is pressed itself", name)
	}
	if (name == "form" || name == "label" || name == "main") && v.inside(name) {
		v.bad("<%s> stands in another", name)
	}
	switch first := len(p.children) == 0; {
	case (name == "summary" || name == "caption" || name == "legend") && !first:
		v.bad("<%s> is not the first in <%s>", name, p.name)
	case name == "dd" && (first || (p.children[len(p.children)-1] != "dt" && p.children[len(p.children)-1] != "dd")):
		v.bad("<dd> comes after no <dt>")
	}
}

func (v *validator) attributes(t html.Token, raw string) {
	seen := map[string]bool{}
	for _, name := range rawAttributes(raw) {
		if seen[name] {
			v.bad("<%s> has %s twice", t.Data, name)
		}
		seen[name] = true
	}
	for _, a := range t.Attr {
		switch {
		case a.Key == "id":
			if v.ids[a.Val] || a.Val == "" || strings.ContainsAny(a.Val, " \t\n") {
				v.bad("the id %q stands twice or is none", a.Val)
			}
			v.ids[a.Val] = true
		case a.Key == "for" || a.Key == "aria-labelledby" || a.Key == "aria-describedby" || a.Key == "aria-controls" || a.Key == "aria-details" || a.Key == "aria-errormessage" || a.Key == "aria-owns":
			if strings.TrimSpace(a.Val) == "" {
				v.bad("<%s %s> names nothing", t.Data, a.Key)
			}
			for ref := range strings.FieldsSeq(a.Val) {
				v.refs = append(v.refs, [2]string{"<" + t.Data + " " + a.Key, ref})
			}
		case a.Key == "role" && !roles[a.Val]:
			v.bad("<%s> has the role %q", t.Data, a.Val)
		case a.Key == "tabindex" && a.Val != "0" && a.Val != "-1":
			v.bad("<%s> has the tabindex %s", t.Data, a.Val)
		case a.Key == "datetime" && !moment(a.Val):
			v.bad("<%s datetime=%q> is no time", t.Data, a.Val)
		case strings.HasPrefix(a.Key, "aria-") && !ariaNames[a.Key]:
			v.bad("<%s> has %s, which is no attribute", t.Data, a.Key)
		case v.images == 0 && t.Data != "svg" && !attributeName.MatchString(a.Key):
			v.bad("<%s> has %s, which is no attribute", t.Data, a.Key)
		}
	}
	if v.images > 0 {
		return
	}
	for _, name := range required[t.Data] {
		if !slices.ContainsFunc(t.Attr, func(a html.Attribute) bool { return a.Key == name }) {
			v.bad("<%s> has no %s", t.Data, name)
		}
	}
}

// moment reports whether a text is a time as <time> has it.
func moment(s string) bool {
	for _, layout := range []string{time.RFC3339, "2006-01-02", "2006-01", "2006", "15:04"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// rawAttributes returns the names of a tag's attributes as they are written.
var rawAttribute = regexp.MustCompile(`[\s"']([a-zA-Z][\w:-]*)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?`)

func rawAttributes(tag string) (names []string) {
	_, rest, _ := strings.Cut(tag, " ")
	for _, m := range rawAttribute.FindAllStringSubmatch(" "+rest, -1) {
		names = append(names, strings.ToLower(m[1]))
	}
	return names
}

func (v *validator) text(data string) {
	if strings.TrimSpace(data) == "" || v.images > 0 {
		return
	}
	p := v.parent()
	p.words = true
	if children[p.name] != nil {
		v.bad("<%s> holds words: %q", p.name, strings.TrimSpace(data))
	}
}

func (v *validator) close(name string) {
	if voidElements[name] {
		v.bad("</%s> ends what has no end", name)
		return
	}
	p := v.parent()
	if p.name != name {
		v.bad("</%s> stands where <%s> is to end", name, p.name)
		if !v.inside(name) {
			return
		}
		for v.parent().name != name {
			v.stack = v.stack[:len(v.stack)-1]
		}
	}
	if name == "svg" {
		v.images--
	}
	if v.images == 0 {
		v.content(v.parent())
	}
	v.stack = v.stack[:len(v.stack)-1]
}

// content checks what an element must hold when it ends.
func (v *validator) content(o *open) {
	has := func(name string) bool { return slices.Contains(o.children, name) }
	switch {
	case o.name == "details" && !has("summary"):
		v.bad("<details> has no <summary>")
	case (o.name == "ul" || o.name == "ol" || o.name == "dl" || o.name == "tr" || o.name == "select") && len(o.children) == 0:
		v.bad("<%s> is empty", o.name)
	case o.name == "dl" && !has("div") && !(has("dt") && has("dd")):
		v.bad("<dl> has no pair")
	case o.name == "table" && (!has("thead") || !has("tbody")):
		v.bad("<table> has no head or no body")
	case o.name == "fieldset" && !has("legend"):
		v.bad("<fieldset> has no <legend>")
	case o.name == "figcaption" && !o.words && len(o.children) == 0:
		v.bad("<figcaption> is empty")
	}
}

func (v *validator) end() []string {
	for _, o := range v.stack {
		v.bad("<%s> does not end", o.name)
	}
	for _, ref := range v.refs {
		if !v.ids[ref[1]] {
			v.bad("%s=%q> names nothing that is there", ref[0], ref[1])
		}
	}
	return v.found
}

// valid checks that the page is HTML.
func (d *document) valid() {
	d.t.Helper()
	if !strings.HasPrefix(d.source, "<!doctype html>\n<html lang=") {
		d.errorf("does not begin as a page: %.40q", d.source)
	}
	found := invalid(d.source)
	for _, problem := range found[:min(len(found), 8)] {
		d.errorf("%s", problem)
	}
}

// Each thing that is not HTML is seen, and nothing is where all is well.
func TestInvalidIsSeen(t *testing.T) {
	const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>x</title></head><body><main id="main"><h1>x <small>y</small></h1><p id="p">A <a href="/">link</a> &amp; <br> <b>more</b></p>
<ul><li>one</li></ul><dl><div><dt>a</dt><dd>b</dd></div></dl><details><summary>x</summary><p>y</p></details>
<table><caption>c</caption><thead><tr><th scope="col">x</th></tr></thead><tbody><tr><th scope="row">y</th></tr></tbody></table>
<form action="/" method="get"><label for="q">q</label> <input id="q" name="q" aria-describedby="p" required> <button type="submit">x</button></form>
<svg viewBox="0 0 1 1" aria-hidden="true"><path d="M0 0"/><clipPath id="c"><rect width="1"/></clipPath></svg><time datetime="2026-03-01">x</time></main></body></html>`
	if found := invalid(page); len(found) > 0 {
		t.Errorf("in the good page: %v", found)
	}
	for _, c := range []struct{ old, new, want string }{
		{`<p id="p">`, `<p id="main">`, "stands twice"},
		{`<p id="p">`, `<p id="p" class="a" class="b">`, "class twice"},
		{`<p id="p">`, `<p id="p" style>`, "no attribute"},
		{`<p id="p">`, `<p id="p" aria-lable="x">`, "no attribute"},
		{`<p id="p">`, `<p id="p" role="buton">`, "the role"},
		{`<p id="p">`, `<p id="p" tabindex="4">`, "tabindex"},
		{`<b>more</b>`, `<div>more</div>`, "no part of a sentence"},
		{`<b>more</b>`, `<blink>more</blink>`, "no element"},
		{`<b>more</b>`, `<b>more`, "is to end"},
		{`<b>more</b>`, `more</b>`, "is to end"},
		{`<b>more</b>`, `<b/>`, "ends where it begins"},
		{`<br>`, `<br></br>`, "no end"},
		{`<a href="/">link</a>`, `<a href="/">link <a href="/x">in</a></a>`, "pressed itself"},
		{`<a href="/">link</a>`, `<a>link</a>`, "no href"},
		{`<small>y</small>`, `<p>y</p>`, "no part of a sentence"},
		{`<li>one</li>`, `one`, "holds words"},
		{`<li>one</li>`, `<p>one</p>`, "holds <p>"},
		{`<li>one</li>`, ``, "is empty"},
		{`<ul><li>one</li></ul>`, `<li>one</li>`, "stands in"},
		{`<dt>a</dt>`, ``, "no <dt>"},
		{`<summary>x</summary><p>y</p>`, `<p>y</p>`, "no <summary>"},
		{`<summary>x</summary><p>y</p>`, `<p>y</p><summary>x</summary>`, "not the first"},
		{`<tbody><tr><th scope="row">y</th></tr></tbody>`, `<tr><th scope="row">y</th></tr>`, "stands in"},
		{`<th scope="row">`, `<th>`, "no scope"},
		{`<thead><tr><th scope="col">x</th></tr></thead>`, ``, "no head"},
		{`for="q"`, `for="gone"`, "names nothing"},
		{`aria-describedby="p"`, `aria-describedby=""`, "names nothing"},
		{`<button type="submit">`, `<button>`, "no type"},
		{`<form action="/" method="get">`, `<form method="get">`, "no action"},
		{`datetime="2026-03-01"`, `datetime="March 1"`, "no time"},
		{`<path d="M0 0"/>`, `<div></div>`, "in a drawing"},
		{`</main>`, ``, "is to end"},
		{`</body></html>`, ``, "does not end"},
	} {
		if !strings.Contains(page, c.old) {
			t.Fatalf("the good page has no %s", c.old)
		}
		found := invalid(strings.Replace(page, c.old, c.new, 1))
		if !slices.ContainsFunc(found, func(p string) bool { return strings.Contains(p, c.want) }) {
			t.Errorf("%s in place of %s: found %v, want %q", c.new, c.old, found, c.want)
		}
	}
}
