package chart

import (
	"regexp"
	"strings"
	"sync"

	"citystat/dashboards/i18n"
	"citystat/kpi/scorecard"
)

// Document returns an indicator's course as an SVG document that stands by itself: with its name, its finding, and the colours of the light theme
// in place. It names no other file, and programs that know no custom properties (office suites, print shops) draw it too.
func Document(p *i18n.Printer, r *scorecard.Result) []byte {
	f := Trend(p, "over-time", r)
	s := wide
	s.h = f.plot.height(s)
	c := newCanvas(s, f.ID)
	c.begin(p.Text(r.Indicator.Name), f.Finding+" "+f.desc)
	c.buf = append(c.buf, "<style>"...)
	c.buf = append(c.buf, plainStyle()...) // from the program, without a text of the city
	c.buf = append(c.buf, "</style>"...)
	c.leaf("rect", "c-ground", "width", c.w, "height", c.h)
	f.plot.draw(c)
	c.end()
	return []byte(c.bytes())
}

var (
	firstRoot = regexp.MustCompile(`(?s):root \{(.*?)\}`)
	property  = regexp.MustCompile(`(--[a-z0-9-]+):\s*([^;]+);`)
	reference = regexp.MustCompile(`var\((--[a-z0-9-]+)(?:, ([^()]*))?\)`)
	plainRule = regexp.MustCompile(`(?m)^\.c-[^@{}]+\{[^{}]*\}$`)
)

// plainStyle is the part of the style that stands outside of media queries, with the light theme's colours in the place of their names.
var plainStyle = sync.OnceValue(func() string {
	light := map[string]string{}
	for _, m := range property.FindAllStringSubmatch(firstRoot.FindString(CSS), -1) {
		light[m[1]] = m[2]
	}
	var b strings.Builder
	b.WriteString(".c-ground{fill:#ffffff}")
	for _, rule := range plainRule.FindAllString(CSS, -1) {
		if strings.HasPrefix(rule, ".c-figure") || strings.HasPrefix(rule, ".c-narrow") {
			continue // of a page
		}
		b.WriteString(reference.ReplaceAllStringFunc(rule, func(s string) string {
			m := reference.FindStringSubmatch(s)
			if v, ok := light[m[1]]; ok {
				return v
			}
			return m[2]
		}))
	}
	return b.String()
})
