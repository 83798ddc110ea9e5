package pages

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
)

//go:embed *.gohtml
var files embed.FS

// layout is the template that every page is put into; parts are what several pages use. Files that begin with an underscore are no
// page.
const layout = "_layout.gohtml"

// errorTemplate is the template of the pages that say what went wrong.
const errorTemplate = "error"

// parseTemplates reads the template of every page, each with its own copy of the layout and the parts.
func parseTemplates(list []Page) (map[string]*template.Template, error) {
	shared, err := template.New(layout).ParseFS(files, "_*.gohtml")
	if err != nil {
		return nil, err
	}
	names := []string{errorTemplate}
	for _, page := range list {
		names = append(names, page.Name)
	}
	all := make(map[string]*template.Template, len(names))
	for _, name := range names {
		t, err := shared.Clone()
		if err != nil {
			return nil, err
		}
		if all[name], err = t.ParseFS(files, name+".gohtml"); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// view is what the layout and the templates are executed with.
type view struct {
	Content
	P       *i18n.Printer
	Page    string // its name
	Assets  assetLinks
	Home    Link
	Site    string // the name of the site, in window titles
	Path    string // of this page, with its query
	Menu    []Link
	Langs   []langLink
	Foot    foot
	NoIndex bool     // search engines should not keep it
	Who     string   // the name of whoever is signed in; "" if nobody is
	Stage   bool     // without head and foot
	Own     string   // address of the page's own script; "" if it has none
	Live    string   // address of the script for live progress; "" on pages that have none
	Mine    *mineBar // the reader's own district; nil on pages that know none
	Dress   dress
	MadeUp  bool // the people and what they said are made up
}

// langLink leads to the same page in another language.
type langLink struct {
	URL     string
	Lang    kpi.Lang
	Name    string
	Current bool
}

// foot is the last part of every page. It is empty while nothing has been published.
type foot struct {
	AsOf      string // a finished phrase
	Published string
	City      Words
	Credits   []credit
	Map       []mapColumn // of the site
}

// credit names who published the data.
type credit struct {
	Publisher, URL, Licence string
}

// view puts the frame around a page's content. suffix is the path below the language, with its query.
func (p *Pages) view(r *Request, page, suffix string, c Content) view {
	v := view{
		Content: c,
		P:       r.P,
		Page:    page,
		Assets:  p.links,
		Home:    Link{URL: r.To("/"), Words: own(r.P.T("nav.scorecard")), Current: page == scorecardPage.Name},
		Path:    r.To(suffix),
		Langs:   languages(r, suffix),
	}
	v.Dress = p.dressed(r)
	v.Own = p.own[page]
	v.Stage = slices.ContainsFunc(p.pages, func(m Page) bool { return m.Name == page && m.Stage })
	v.Menu = p.menu(r, page)
	if r.City != nil {
		v.Foot.City = r.Words(r.City.Name)
		v.Site = r.P.T("nav.site", "city", v.Foot.City.Text)
		v.Foot.Map = p.siteMap(r, page, suffix)
	}
	if r.staff != nil {
		if r.Person != nil && r.Person.ID != 0 {
			v.Who = r.Person.Name
		}
		v.Path, v.Langs, v.NoIndex, v.Live, v.MadeUp = suffix, staffLanguages(r, suffix), true, p.links.Staff, r.demo != nil
		return v
	}
	v.Mine = r.mineBar(page, suffix)
	if r.Card != nil {
		v.Foot.AsOf = r.asOf()
		if r.Card.Number > 0 {
			v.Foot.Published = r.P.T("footer.published", "time", r.at(r.Card.PublishedAt).Text, "n", r.Card.Number)
		}
		v.Foot.Credits = credits(r.City)
	}
	return v
}

// menu returns the entries of the menu for the reader.
func (p *Pages) menu(r *Request, current string) []Link {
	var list []Link
	for _, m := range p.pages {
		if m.Menu == "" || (m.Role == StaffOnly && !r.leadsTo(m)) || (m.Shown != nil && !m.Shown(r)) {
			continue
		}
		link := Link{URL: m.Path, Words: own(r.P.T(m.Menu)), Current: m.Name == current}
		if m.Role == Everyone {
			link.URL = r.To(m.Path)
		}
		list = append(list, link)
	}
	return list
}

// leadsTo reports whether the menu leads to a staff page. On public pages, which are the same for all of the staff, it leads to those that all of
// them may see.
func (r *Request) leadsTo(m Page) bool {
	if r.staff != nil {
		return r.Person.MayAnywhere(m.Needs)
	}
	return r.Staff && m.Needs == account.SeeStaff
}

// languages returns links to the same page in the languages that the city offers.
func languages(r *Request, suffix string) []langLink {
	var links []langLink
	for _, l := range offered(r.City) {
		links = append(links, langLink{URL: "/" + i18n.Segment(l) + suffix, Lang: l, Name: i18n.OwnName(l), Current: l == r.Lang})
	}
	return links
}

// offered returns the languages of the city, its own first; all of them while there is no city.
func offered(city *kpi.City) []kpi.Lang {
	if city == nil || len(city.Languages) == 0 {
		return kpi.Langs
	}
	return city.Languages
}

// credits returns who published the data, each once.
func credits(city *kpi.City) []credit {
	var list []credit
	for _, d := range city.Datasets {
		c := credit{d.Credit.Publisher, webAddress(d.Credit.URL), d.Credit.Licence}
		same := func(o credit) bool { return o.Publisher == c.Publisher && o.Licence == c.Licence }
		if c.Publisher != "" && !slices.ContainsFunc(list, same) {
			list = append(list, c)
		}
	}
	return list
}

// webAddress returns an address of the web as it is, and nothing for any other: a credit is a link that leads off the site.
func webAddress(s string) string {
	if strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
		return s
	}
	return ""
}

// render executes the template of a page. Nothing is sent before it is whole.
func (p *Pages) render(v view) ([]byte, error) {
	t, ok := p.templates[v.Page]
	if !ok {
		return nil, fmt.Errorf("pages: there is no template for the page %q", v.Page)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, layout, v); err != nil {
		return nil, fmt.Errorf("render %s in %s: %w", v.Page, v.P.Lang, err)
	}
	return b.Bytes(), nil
}

// with hands a part of a page to a template that several pages use, together with the printer.
type with struct {
	P    *i18n.Printer
	Data any
}

// With hands on the printer to a part of a part.
func (w with) With(data any) any { return with{w.P, data} }

// With is for templates: {{template "name" ($.With .)}}.
func (v view) With(data any) any { return with{v.P, data} }

// table is a list of indicators with its caption.
type table struct {
	P       *i18n.Printer
	Caption Words
	Rows    []Summary
	Mine    *Link // the district that the reader chose, which has a column of its own; nil if none was
	Ask     bool  // see [Group]
}

// With hands on the printer to a part of a row.
func (t table) With(data any) any { return with{t.P, data} }

// Table is for templates: {{template "rows" ($.Table .)}} with a [Group].
func (v view) Table(g Group) any { return table{v.P, g.Heading.Words, g.Rows, v.chosen(), g.Ask} }

// Listed is Table for summaries under a message.
func (v view) Listed(id string, rows []Summary) any {
	return table{v.P, own(v.P.T(id)), rows, v.chosen(), false}
}

// chosen is the district that the reader chose, nil if none was.
func (v view) chosen() *Link {
	if v.Mine == nil {
		return nil
	}
	return v.Mine.District
}
