package pages

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/assets"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// document is a rendered page, read as a browser reads it.
type document struct {
	t      *testing.T
	name   string // for messages
	source string
	root   *html.Node
	all    []*html.Node // elements, in order
	ids    map[string]*html.Node
}

func parse(t *testing.T, name, body string) *document {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	d := &document{t: t, name: name, source: body, root: root, ids: map[string]*html.Node{}}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		d.all = append(d.all, n)
		if id, ok := attribute(n, "id"); ok {
			if d.ids[id] != nil {
				d.errorf("the id %q stands twice", id)
			}
			d.ids[id] = n
		}
	}
	return d
}

func (d *document) errorf(format string, args ...any) {
	d.t.Helper()
	d.t.Errorf(d.name+": "+format, args...)
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func get(n *html.Node, name string) string { v, _ := attribute(n, name); return v }

// elements returns the elements below n (n itself not) with one of the names.
func elements(n *html.Node, names ...string) []*html.Node {
	var list []*html.Node
	for c := range n.Descendants() {
		if c.Type == html.ElementNode {
			for _, name := range names {
				if c.Data == name {
					list = append(list, c)
				}
			}
		}
	}
	return list
}

// text returns the text below a node, as it is.
func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// check looks at everything that must hold for every page.
func (d *document) check(lang kpi.Lang) {
	d.t.Helper()
	d.valid()
	d.headings()
	d.references()
	d.policy()
	d.tables()
	d.figures()
	d.words(lang)
	d.numbers()
	if got := get(elements(d.root, "html")[0], "lang"); got != string(lang) {
		d.errorf("html has lang %q, want %q", got, lang)
	}
	if title := strings.TrimSpace(text(elements(d.root, "title")[0])); title == "" {
		d.errorf("there is no title")
	}
	if main := elements(d.root, "main"); len(main) != 1 || get(main[0], "id") != "main" {
		d.errorf("there are %d main elements, want one that the skip link leads to", len(main))
	}
}

func (d *document) headings() {
	level, ones := 0, 0
	for _, h := range elements(d.root, "h1", "h2", "h3", "h4", "h5", "h6") {
		n := int(h.Data[1] - '0')
		if n == 1 {
			ones++
		}
		if n > level+1 {
			d.errorf("heading %q is an %s after an h%d", text(h), h.Data, level)
		}
		if strings.TrimSpace(text(h)) == "" {
			d.errorf("an %s is empty", h.Data)
		}
		level = n
	}
	if ones != 1 {
		d.errorf("there are %d h1, want 1", ones)
	}
}

// references checks that what names another element names one that is there, and that controls have names.
func (d *document) references() {
	for _, n := range d.all {
		for _, name := range []string{"for", "aria-labelledby", "aria-describedby", "aria-controls"} {
			for id := range strings.FieldsSeq(get(n, name)) {
				if d.ids[id] == nil {
					d.errorf("<%s %s=%q> names nothing", n.Data, name, id)
				}
			}
		}
		switch n.Data {
		case "a", "button", "summary", "label":
			if strings.TrimSpace(text(n)) == "" {
				d.errorf("<%s> %v has no words", n.Data, n.Attr)
			}
		case "nav", "section", "aside":
			if get(n, "aria-label")+get(n, "aria-labelledby") == "" {
				d.errorf("<%s class=%q> has no name", n.Data, get(n, "class"))
			}
		case "img":
			d.picture(n)
		}
	}
}

// evidenceSource is where photos lie that people added to commitments.
var evidenceSource = regexp.MustCompile(`^/staff/commitments/\d+/evidence/\d+$`)

// picture allows the city's own logo in the head, and, for the staff alone, photos that people added; everything else is drawn in SVG.
func (d *document) picture(n *html.Node) {
	said := map[string]bool{}
	for _, a := range n.Attr {
		said[a.Key] = true
	}
	switch {
	case evidenceSource.MatchString(get(n, "src")):
		if strings.TrimSpace(get(n, "alt")) == "" || !said["width"] || !said["height"] || get(n, "loading") != "lazy" {
			d.errorf("a photo lacks alt, width, height or loading: %v", n.Attr)
		}
	case get(n.Parent, "class") != "wordmark" || !strings.HasPrefix(get(n, "src"), assets.Prefix+"city/logo."):
		d.errorf("<img src=%q>: pages have drawings in SVG only", get(n, "src"))
	case !said["alt"] || !said["width"] || !said["height"]:
		d.errorf("the logo lacks alt, width or height: %v", n.Attr)
	}
}

// policy checks what the Content-Security-Policy forbids, and that nothing is fetched from elsewhere.
func (d *document) policy() {
	for _, n := range d.all {
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				d.errorf("<%s %s=%q> is inline", n.Data, a.Key, a.Val)
			}
			if (a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "data") && leadsOff(a.Val) {
				if n.Data != "a" || !strings.Contains(get(n, "rel"), "external") {
					d.errorf("<%s %s=%q> leads off the site", n.Data, a.Key, a.Val)
				}
			}
		}
		switch n.Data {
		case "style", "iframe", "object", "embed", "base":
			d.errorf("there is a <%s>", n.Data)
		case "script":
			if kind := get(n, "type"); kind != "application/json" && get(n, "src") == "" {
				d.errorf("there is an inline script of type %q", kind)
			}
		case "form":
			if m := get(n, "method"); m != "get" && (m != "post" || !takesForm(get(n, "action"))) {
				d.errorf("a form with method %q to %q", m, get(n, "action"))
			}
		}
	}
}

// takesForm reports whether a form can be sent to an address: to one of the staff's, or to a page that takes one.
func takesForm(address string) bool {
	if BelowStaff(address) || address == OutPath { // which whoever is signed in finds on every page
		return true
	}
	_, below, _ := strings.Cut(strings.TrimPrefix(address, "/"), "/")
	return slices.ContainsFunc(All(), func(p Page) bool { return p.Post != nil && p.Path == "/"+below })
}

func leadsOff(url string) bool {
	return strings.Contains(url, "://") || strings.HasPrefix(url, "//") || strings.Contains(strings.ToLower(url), "javascript:") ||
		strings.HasPrefix(strings.ToLower(url), "data:")
}

func (d *document) tables() {
	for _, t := range elements(d.root, "table") {
		captions := elements(t, "caption")
		if len(captions) != 1 || strings.TrimSpace(text(captions[0])) == "" {
			d.errorf("a table has no caption")
			continue
		}
		caption := text(captions[0])
		for _, th := range elements(t, "th") {
			if s := get(th, "scope"); s != "col" && s != "row" {
				d.errorf("table %q: a th has scope %q", caption, s)
			}
		}
		columns := len(elements(elements(t, "thead")[0], "th"))
		for _, body := range elements(t, "tbody") {
			for _, tr := range elements(body, "tr") {
				cells := elements(tr, "th", "td")
				if len(cells) != columns {
					d.errorf("table %q: a row has %d cells under %d headers", caption, len(cells), columns)
				}
				if cells[0].Data != "th" {
					d.errorf("table %q: a row has no header", caption)
				}
			}
		}
	}
}

// figures checks that every figure is a named drawing, a table, and a file.
func (d *document) figures() {
	for _, f := range elements(d.root, "figure") {
		id := get(f, "id")
		drawings := 0
		for _, svg := range elements(f, "svg") {
			if get(svg, "role") != "img" {
				continue
			}
			drawings++
			name := ""
			for ref := range strings.FieldsSeq(get(svg, "aria-labelledby") + " " + get(svg, "aria-describedby")) {
				if n := d.ids[ref]; n != nil {
					name += text(n)
				}
			}
			if len([]rune(name)) < 40 {
				d.errorf("figure %s: a drawing is called %q, want 40 letters that say what it shows", id, name)
			}
		}
		if drawings == 0 {
			d.errorf("figure %s has no drawing", id)
		}
		if len(elements(f, "table")) == 0 {
			d.errorf("figure %s has no table", id)
		}
		if len(elements(f, "figcaption")) != 1 {
			d.errorf("figure %s has no finding", id)
		}
		file := false
		for _, a := range elements(f, "a") {
			file = file || strings.HasSuffix(get(a, "href"), ".csv")
		}
		if !file {
			d.errorf("figure %s has no file", id)
		}
	}
}

var (
	placeholder = regexp.MustCompile(`\{[a-z_]+\}`)
	unknownID   = regexp.MustCompile(`\[[a-z0-9_]+\.[a-z0-9_.-]+\]`)
	badSpace    = regexp.MustCompile(`[^ ] [%:»$€;!?]|« `)
	doublePoint = regexp.MustCompile(`[^.]\.\.(?:[^.]|$)`)
)

// words checks that every message is there and filled in, and the spaces of French.
func (d *document) words(lang kpi.Lang) {
	for n := range d.root.Descendants() {
		// Labels in drawings are cut to their room: package chart tests them.
		if n.Type != html.TextNode || n.Parent.Data == "script" || within(n, "code", "pre", "text") {
			continue
		}
		words := ours(n.Data)
		if m := unknownID.FindString(words); m != "" {
			d.errorf("a message is missing: %s", m)
		}
		if m := placeholder.FindString(words); m != "" {
			d.errorf("%q was not filled in: %s", n.Data, m)
		}
		if m := badSpace.FindString(words); m != "" && lang == kpi.French {
			d.errorf("%q has a space that can break before or after %q", n.Data, m)
		}
		if m := doublePoint.FindString(words); m != "" {
			d.errorf("%q ends twice", n.Data)
		}
	}
	for _, n := range d.all {
		if l, ok := attribute(n, "lang"); ok {
			if _, _, known := i18n.FromSegment(l); !known {
				d.errorf("<%s lang=%q> is no language of the site", n.Data, l)
			}
		}
	}
}

// ours returns a text without what only a hostile city writes: its words may hold anything.
func ours(text string) string {
	for _, h := range scorecardtest.HostileTexts() {
		text = strings.ReplaceAll(text, h, "")
		text = strings.ReplaceAll(text, strings.Join(strings.Fields(h), " "), "") // as drawings write it
	}
	return text
}

func within(n *html.Node, names ...string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		for _, name := range names {
			if p.Data == name {
				return true
			}
		}
	}
	return false
}

// numbers checks that every <data> holds a number that a machine can read, or says that there is none.
func (d *document) numbers() {
	for _, n := range elements(d.root, "data") {
		v, ok := attribute(n, "value")
		if _, err := strconv.ParseFloat(v, 64); !ok || (err != nil && v != "") {
			d.errorf("<data value=%q> %q is no number", v, text(n))
		}
		if strings.TrimSpace(text(n)) == "" {
			d.errorf("<data value=%q> shows nothing", v)
		}
	}
}
