package pages

import "slices"

// mapColumn is a column of the map of the site, which stands at the same place on every page.
type mapColumn struct {
	Heading string
	Links   []Link
}

// mapEntry is a place of the site: an address below the language, and a place in it. It is in the map if its page is.
type mapEntry struct{ Path, Anchor, Label string }

// The fixed columns. The first column is the menu, but for what stands in one of these: a new page with a menu entry needs no line here.
var (
	mapNumbers = []mapEntry{
		{methodologyPath, "", "nav.method"}, {"/glossary", "", "nav.glossary"}, {changesPath, "", "changes.menu"}, {"/data", "", "nav.data"}, {apiPath, "", "nav.api"},
	}
	mapHelp = []mapEntry{
		{aboutPath, "contact", "nav.contact"}, {feedbackPath, "", "nav.feedback"}, {accessibilityPath, "", "nav.accessibility"}, {aboutPath, "", "nav.about"},
		{aboutPath, "privacy", "nav.privacy"},
	}
)

// siteMap leads to everything that is not about one thing alone. page is the name of the one that is shown, suffix its address below the
// language: the form for feedback is told of it.
func (p *Pages) siteMap(r *Request, page, suffix string) []mapColumn {
	results := mapColumn{Heading: r.P.T("sitemap.results")}
	for _, link := range p.menu(r, page) {
		fixed := func(e mapEntry) bool { return link.URL == r.To(e.Path) }
		if !slices.ContainsFunc(slices.Concat(mapNumbers, mapHelp), fixed) {
			results.Links = append(results.Links, link)
		}
	}
	help := p.mapColumn(r, page, "sitemap.site", mapHelp)
	for i := range help.Links {
		if about := r.feedbackAbout(suffix); help.Links[i].URL == r.To(feedbackPath) && about != "" {
			help.Links[i].URL = about
		}
	}
	columns := []mapColumn{results, p.mapColumn(r, page, "sitemap.numbers", mapNumbers), help}
	return slices.DeleteFunc(columns, func(c mapColumn) bool { return len(c.Links) == 0 })
}

func (p *Pages) mapColumn(r *Request, page, heading string, entries []mapEntry) mapColumn {
	c := mapColumn{Heading: r.P.T(heading)}
	for _, e := range entries {
		at := slices.IndexFunc(p.pages, func(q Page) bool { return q.Path == e.Path && q.Role == Everyone })
		if at < 0 || (p.pages[at].Shown != nil && !p.pages[at].Shown(r)) {
			continue
		}
		link := Link{URL: r.To(e.Path), Words: own(r.P.T(e.Label)), Current: p.pages[at].Name == page && e.Anchor == ""}
		if e.Anchor != "" {
			link.URL += "#" + e.Anchor
		}
		c.Links = append(c.Links, link)
	}
	return c
}
