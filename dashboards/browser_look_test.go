package dashboards

import (
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
)

// The ways in which every page is looked at. The order matters for nothing but the pictures: the first one opens the page.
var (
	screens = []look{
		{width: 1280, height: 900, scheme: "light", media: "screen"}, {width: 1280, height: 900, scheme: "dark", media: "screen"},
		{width: 390, height: 844, scheme: "dark", media: "screen"}, {width: 390, height: 844, scheme: "light", media: "screen"},
		{width: 320, height: 640, scheme: "dark", media: "screen"}, {width: 320, height: 640, scheme: "light", media: "screen"},
	}
	forcedScreens = []look{
		{width: 1280, height: 900, scheme: "light", media: "screen", forced: true}, {width: 390, height: 844, scheme: "dark", media: "screen", forced: true},
		{width: 320, height: 640, scheme: "light", media: "screen", forced: true},
	}
	desk   = screens[0]
	zoomed = look{width: 320, height: 256, scheme: "light", media: "screen"} // a window of 1280 × 1024 at 400 %
)

// lookAt looks at one address in every way in the full tier; otherwise, and in the languages after the first, in those in which most shows.
func lookAt(b *tab, s sheet, lang kpi.Lang) {
	if s.brief {
		glance(b, s, lang)
		return
	}
	if lang != kpi.English || !fullBrowser() {
		translated(b, s, lang)
		return
	}
	segment := i18n.Segment(lang)
	path := s.address(segment)
	b.emulate(desk)
	b.open(path, s.status)
	b.check(s.name, "style", "language('"+string(lang)+"')", "headings", "figures", "tables", "remember")
	for _, l := range screens {
		b.emulate(l)
		what := s.name + " " + l.String()
		b.check(what, "reflow", "whole", "drawings", "contrast", "status", "still", "targets")
		b.axe(what)
		b.screenshot(segment + "-" + s.name + "-" + l.String())
	}
	for _, l := range forcedScreens {
		b.emulate(l)
		b.check(s.name+" "+l.String(), "reflow", "status", "drawings", "contrast", "forced")
		b.screenshot(segment + "-" + s.name + "-" + l.String())
	}
	enlarge(b, s)
	b.quiet(s.name)
	if !s.hostile() {
		for _, l := range []look{desk, zoomed} {
			b.emulate(l)
			b.walk(s.name + " " + l.String())
		}
	}
	paper(b, s, lang)
	withoutScripts(b, s, path, segment)
	b.quiet(s.name)
	if s.card == "hostile" || s.card == "staff-hostile" {
		return // its tables are long, and have been looked at
	}
	unfolded(b, s, path)
}

// translated looks at one address in another language: words have other lengths, and the same colours, shapes and order.
func translated(b *tab, s sheet, lang kpi.Lang) {
	segment := i18n.Segment(lang)
	path := s.address(segment)
	b.emulate(desk)
	b.open(path, s.status)
	b.check(s.name, "style", "language('"+string(lang)+"')", "headings", "figures", "tables", "remember")
	for _, l := range []look{desk, screens[2], screens[5]} {
		b.emulate(l)
		b.check(s.name+" "+l.String(), "reflow", "whole", "drawings", "status", "targets")
		b.screenshot(segment + "-" + s.name + "-" + l.String())
	}
	b.axe(s.name)
	b.check(s.name, "spacing")
	b.emulate(desk)
	b.check(s.name, "larger")
	if lang == kpi.English {
		b.check(s.name, "contrast")
		b.emulate(forcedScreens[1])
		b.check(s.name+" "+forcedScreens[1].String(), "reflow", "status", "contrast", "forced")
		if !s.hostile() {
			b.emulate(desk)
			b.walk(s.name)
		}
	}
	b.emulate(look{width: 718, height: 1000, scheme: "light", media: "print"})
	b.check(s.name+" on paper", "paper")
	b.screenshot(segment + "-" + s.name + "-718-light-print")
	l := look{width: 390, height: 844, scheme: "light", media: "screen", plain: true}
	b.emulate(l)
	b.open(path, s.status)
	b.check(s.name+" "+l.String(), "plain", "reflow", "style")
	b.quiet(s.name)
}

// glance looks at one address in the ways in which strange words show what they do.
func glance(b *tab, s sheet, lang kpi.Lang) {
	for i, l := range []look{desk, screens[5]} {
		b.emulate(l)
		if i == 0 {
			b.open(s.address(i18n.Segment(lang)), s.status)
			b.check(s.name, "style", "headings", "figures", "tables", "unfold")
		}
		b.check(s.name+" "+l.String(), "reflow", "drawings", "status", "spacing", "targets")
		b.screenshot(i18n.Segment(lang) + "-" + s.name + "-" + l.String())
	}
	if !strings.HasPrefix(s.card, "hostile-") { // where everything has one name, sections have no names of their own
		b.axe(s.name)
	}
	b.emulate(look{width: 718, height: 1000, scheme: "light", media: "print"})
	b.check(s.name+" on paper", "paper")
	b.quiet(s.name)
}

// hostile reports whether the sheet's city has words that cannot be compared with what comes out of a printer or a keyboard.
func (s sheet) hostile() bool { return strings.Contains(s.card, "hostile") }

// enlarge looks at the page with more space between the words, with larger ones, and through a magnifying glass.
func enlarge(b *tab, s sheet) {
	for _, l := range []look{screens[3], screens[5], desk} {
		b.emulate(l)
		b.check(s.name+" "+l.String(), "spacing")
	}
	b.check(s.name, "larger")
	for zoom, l := range map[string]look{"200 %": {width: 640, height: 512, scheme: "light", media: "screen"}, "400 %": zoomed} {
		b.emulate(l)
		b.check(s.name+" at "+zoom, "reflow", "whole", "drawings", "targets")
	}
}

// unfolded looks at the page with everything open that can be.
func unfolded(b *tab, s sheet, path string) {
	l := screens[5]
	b.emulate(l)
	b.open(path, s.status)
	b.check(s.name+" unfolded", "unfold", "reflow", "whole", "targets", "spacing")
	b.axe(s.name + " unfolded")
	b.quiet(s.name + " unfolded")
}

// withoutScripts looks at the page as a reader without JavaScript, in every width.
func withoutScripts(b *tab, s sheet, path, segment string) {
	for _, width := range []int64{1280, 390, 320} {
		l := look{width: width, height: 900, scheme: "light", media: "screen", plain: true}
		b.emulate(l)
		b.open(path, s.status)
		b.check(s.name+" "+l.String(), "plain", "reflow", "style")
		if width != 320 {
			b.screenshot(segment + "-" + s.name + "-" + l.String())
		}
	}
}
