package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
)

var districtsPage = Page{
	Name: districtsName, Path: districtsPath, Menu: "places.menu", Role: Everyone, Query: []string{"q", backParam},
	Shown: func(r *Request) bool { return r.City != nil && len(r.City.Districts) > 0 }, Load: loadDistricts, Post: chooseDistrict,
}

const (
	districtsName = "districts"
	districtsPath = "/districts"
)

// backParam is the query parameter that says where a reader came from: an address below the language.
const backParam = "to"

// districtsData is every district: to find, to look at, to choose.
type districtsData struct {
	Action   string
	Query    string
	Label    string // of the search
	Searched bool
	Found    []foundView
	Said     string // what was found
	Atlas    *atlasView
	List     []districtView
	Ended    []endedView // what was a district once
	Choice   choice
}

// foundView is a district that fits what was searched for.
type foundView struct {
	Link
	ID  string
	Why string // by which other name it was found
}

// districtView is a district in a list.
type districtView struct {
	Link
	Mine  bool
	Parts string // names of what lies in it
}

// choice is the form that remembers a district.
type choice struct {
	Action  string
	Back    string // where it leads; "" leads to the page of the district
	Options []option
	Error   string // what is wrong with what was sent
	Chosen  *Link
}

func loadDistricts(_ context.Context, r *Request) (Content, error) {
	return r.allDistricts(""), nil
}

// allDistricts is the page of all districts, with what is wrong with a form that was sent, if anything is.
func (r *Request) allDistricts(wrong string) Content {
	d := districtsData{Action: r.To(districtsPath), Query: r.Query.Get("q"), Label: r.P.T(r.searchLabel()), Choice: r.choice(wrong)}
	if d.Query != "" {
		d.Searched = true
		r.search(&d)
	}
	here := ""
	if r.District != nil {
		here = r.District.ID
	}
	d.Atlas = r.atlas(here, r.P.T("places.map_label"), true)
	for _, dist := range r.City.DistrictsOn(r.day()) {
		d.List = append(d.List, districtView{
			Link: Link{URL: r.To("/districts/" + dist.ID), Words: r.Words(dist.Name)}, Mine: dist.ID == here, Parts: r.P.List(dist.Parts),
		})
	}
	i18n.SortBy(r.P, d.List, func(v districtView) string { return v.Text })
	d.Ended = r.endedDistricts()
	c := Content{Title: r.P.T("places.title"), Summary: r.P.T("places.intro"), Data: d}
	if wrong != "" {
		c.Title = r.P.T("places.error_window", "title", c.Title)
	}
	return c
}

// searchLabel names what a district can be found by in this city.
func (r *Request) searchLabel() string {
	has := func(names func(*kpi.District) []string) bool {
		return slices.ContainsFunc(r.City.Districts, func(d kpi.District) bool { return len(names(&d)) > 0 })
	}
	switch {
	case has(func(d *kpi.District) []string { return d.Postcodes }):
		return "places.q"
	case has(func(d *kpi.District) []string { return d.Parts }):
		return "places.q_parts"
	}
	return "places.q_name"
}

// search fills in what was found.
func (r *Request) search(d *districtsData) {
	for _, m := range find(r.City, d.Query) {
		d.Found = append(d.Found, r.foundNow(m, d.Found)...)
	}
	switch len(d.Found) {
	case 0:
		d.Said = r.P.T("places.found_none", "value", r.P.T("value.quoted", "value", d.Query))
	default:
		d.Said = r.P.T("places.found", "n", len(d.Found))
	}
}

// foundNow is a district that fits; where it has ended, those that took over from it, unless they were found already.
func (r *Request) foundNow(m match, found []foundView) []foundView {
	var list []foundView
	for _, id := range r.City.Heirs(kpi.OrgDistrict, m.district.ID, r.day()) {
		v := foundView{Link: r.orgLink(kpi.OrgDistrict, id), ID: id}
		switch {
		case id != m.district.ID:
			v.Why = r.P.T("org.formerly", "name", r.P.Text(m.district.Name))
		case m.by != "":
			v.Why = r.P.T(m.by, "name", m.name)
		}
		if !slices.ContainsFunc(found, func(f foundView) bool { return f.ID == id }) {
			list = append(list, v)
		}
	}
	return list
}

// choice is the form that remembers a district.
func (r *Request) choice(wrong string) choice {
	c := choice{Action: r.To(districtsPath), Back: back(r.Query.Get(backParam)), Error: wrong}
	for _, d := range r.City.DistrictsOn(r.day()) {
		c.Options = append(c.Options, option{Value: d.ID, Words: r.Words(d.Name), Selected: r.District != nil && r.District.ID == d.ID})
	}
	i18n.SortBy(r.P, c.Options, func(o option) string { return o.Words.Text })
	if r.District != nil {
		c.Chosen = &Link{URL: r.To("/districts/" + r.District.ID), Words: r.Words(r.District.Name)}
	}
	return c
}

// chooseDistrict remembers the district that a form names, or forgets it, and leads the reader back.
func chooseDistrict(_ context.Context, r *Request, form url.Values) (Posted, error) {
	to := back(form.Get(backParam))
	if form.Has("forget") {
		if to == "" {
			to = districtsPath
		}
		return Posted{To: r.To(to), Cookies: []*http.Cookie{keepDistrict("")}}, nil
	}
	d := r.City.District(form.Get("district"))
	if d == nil {
		r.Query.Set(backParam, to)
		return Posted{Content: r.allDistricts(r.P.T("places.error"))}, nil
	}
	now := lifeNow(r.City, d.ID, r.day())
	if now == nil { // it has ended, and its page leads to those that took over
		return Posted{To: r.To("/districts/" + d.ID)}, nil
	}
	if d = now; to == "" {
		to = "/districts/" + d.ID
	}
	return Posted{To: r.To(to), Cookies: []*http.Cookie{keepDistrict(d.ID)}}, nil
}

// back returns an address below the language to which a reader may be led back, and "" for anything else. Because the language is put before it, it
// never leads off this site.
func back(to string) string {
	u, err := url.Parse(to)
	if err != nil || !strings.HasPrefix(to, "/") || u.Host != "" || u.Scheme != "" || strings.Contains(to, "//") || strings.Contains(to, "..") || strings.Contains(to, `\`) {
		return ""
	}
	return u.String()
}
