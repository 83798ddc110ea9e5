package dashboards

import (
	"strings"

	"citystat/dashboards/dashboardstest/browser"
	"citystat/dashboards/i18n"
	"citystat/kpi"
)

// The ways in which every page is looked at. The order matters for nothing but the pictures: the first one opens the page.
var (
	screens = []browser.Look{
		{Width: 1280, Height: 900, Scheme: "light", Media: "screen"}, {Width: 1280, Height: 900, Scheme: "dark", Media: "screen"},
		{Width: 390, Height: 844, Scheme: "dark", Media: "screen"}, {Width: 390, Height: 844, Scheme: "light", Media: "screen"},
		{Width: 320, Height: 640, Scheme: "dark", Media: "screen"}, {Width: 320, Height: 640, Scheme: "light", Media: "screen"},
	}
	forcedScreens = []browser.Look{
		{Width: 1280, Height: 900, Scheme: "light", Media: "screen", Forced: true}, {Width: 390, Height: 844, Scheme: "dark", Media: "screen", Forced: true},
		{Width: 320, Height: 640, Scheme: "light", Media: "screen", Forced: true},
	}
	desk   = screens[0]
	zoomed = browser.Look{Width: 320, Height: 256, Scheme: "light", Media: "screen"} // a window of 1280 × 1024 at 400 %
)

// lookAt looks at one address in every way in the full tier; otherwise, and in the languages after the first, in those in which most shows.
func lookAt(b *browser.Tab, s sheet, lang kpi.Lang) {
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
	b.Emulate(desk)
	b.Open(path, s.status)
	b.Check(s.name, "style", "language('"+string(lang)+"')", "headings", "figures", "tables", "remember")
	for _, l := range screens {
		b.Emulate(l)
		what := s.name + " " + l.String()
		b.Check(what, "reflow", "whole", "drawings", "contrast", "status", "still", "targets")
		b.Axe(what)
		b.Screenshot(segment + "-" + s.name + "-" + l.String())
	}
	for _, l := range forcedScreens {
		b.Emulate(l)
		b.Check(s.name+" "+l.String(), "reflow", "status", "drawings", "contrast", "forced")
		b.Screenshot(segment + "-" + s.name + "-" + l.String())
	}
	enlarge(b, s)
	b.Quiet(s.name)
	if !s.hostile() {
		for _, l := range []browser.Look{desk, zoomed} {
			b.Emulate(l)
			b.Walk(s.name + " " + l.String())
		}
	}
	paper(b, s, lang)
	withoutScripts(b, s, path, segment)
	b.Quiet(s.name)
	if s.card == "hostile" || s.card == "staff-hostile" {
		return // its tables are long, and have been looked at
	}
	unfolded(b, s, path)
}

// translated looks at one address in another language: words have other lengths, and the same colours, shapes and order.
func translated(b *browser.Tab, s sheet, lang kpi.Lang) {
	segment := i18n.Segment(lang)
	path := s.address(segment)
	b.Emulate(desk)
	b.Open(path, s.status)
	b.Check(s.name, "style", "language('"+string(lang)+"')", "headings", "figures", "tables", "remember")
	for _, l := range []browser.Look{desk, screens[2], screens[5]} {
		b.Emulate(l)
		b.Check(s.name+" "+l.String(), "reflow", "whole", "drawings", "status", "targets")
		b.Screenshot(segment + "-" + s.name + "-" + l.String())
	}
	b.Axe(s.name)
	b.Check(s.name, "spacing")
	b.Emulate(desk)
	b.Check(s.name, "larger")
	if lang == kpi.English {
		b.Check(s.name, "contrast")
		b.Emulate(forcedScreens[1])
		b.Check(s.name+" "+forcedScreens[1].String(), "reflow", "status", "contrast", "forced")
		if !s.hostile() {
			b.Emulate(desk)
			b.Walk(s.name)
		}
	}
	b.Emulate(browser.Look{Width: 718, Height: 1000, Scheme: "light", Media: "print"})
	b.Check(s.name+" on paper", "paper")
	b.Screenshot(segment + "-" + s.name + "-718-light-print")
	l := browser.Look{Width: 390, Height: 844, Scheme: "light", Media: "screen", Plain: true}
	b.Emulate(l)
	b.Open(path, s.status)
	b.Check(s.name+" "+l.String(), "plain", "reflow", "style")
	b.Quiet(s.name)
}

// glance looks at one address in the ways in which strange words show what they do.
func glance(b *browser.Tab, s sheet, lang kpi.Lang) {
	for i, l := range []browser.Look{desk, screens[5]} {
		b.Emulate(l)
		if i == 0 {
			b.Open(s.address(i18n.Segment(lang)), s.status)
			b.Check(s.name, "style", "headings", "figures", "tables", "unfold")
		}
		b.Check(s.name+" "+l.String(), "reflow", "drawings", "status", "spacing", "targets")
		b.Screenshot(i18n.Segment(lang) + "-" + s.name + "-" + l.String())
	}
	if !strings.HasPrefix(s.card, "hostile-") { // where everything has one name, sections have no names of their own
		b.Axe(s.name)
	}
	b.Emulate(browser.Look{Width: 718, Height: 1000, Scheme: "light", Media: "print"})
	b.Check(s.name+" on paper", "paper")
	b.Quiet(s.name)
}

// hostile reports whether the sheet's city has words that cannot be compared with what comes out of a printer or a keyboard.
func (s sheet) hostile() bool { return strings.Contains(s.card, "hostile") }

// enlarge looks at the page with more space between the words, with larger ones, and through a magnifying glass.
func enlarge(b *browser.Tab, s sheet) {
	for _, l := range []browser.Look{screens[3], screens[5], desk} {
		b.Emulate(l)
		b.Check(s.name+" "+l.String(), "spacing")
	}
	b.Check(s.name, "larger")
	for zoom, l := range map[string]browser.Look{"200 %": {Width: 640, Height: 512, Scheme: "light", Media: "screen"}, "400 %": zoomed} {
		b.Emulate(l)
		b.Check(s.name+" at "+zoom, "reflow", "whole", "drawings", "targets")
	}
}

// unfolded looks at the page with everything open that can be.
func unfolded(b *browser.Tab, s sheet, path string) {
	l := screens[5]
	b.Emulate(l)
	b.Open(path, s.status)
	b.Check(s.name+" unfolded", "unfold", "reflow", "whole", "targets", "spacing")
	b.Axe(s.name + " unfolded")
	b.Quiet(s.name + " unfolded")
}

// withoutScripts looks at the page as a reader without JavaScript, in every width.
func withoutScripts(b *browser.Tab, s sheet, path, segment string) {
	for _, width := range []int64{1280, 390, 320} {
		l := browser.Look{Width: width, Height: 900, Scheme: "light", Media: "screen", Plain: true}
		b.Emulate(l)
		b.Open(path, s.status)
		b.Check(s.name+" "+l.String(), "plain", "reflow", "style")
		if width != 320 {
			b.Screenshot(segment + "-" + s.name + "-" + l.String())
		}
	}
}
