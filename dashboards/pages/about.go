package pages

import (
	"context"

	"citystat/assets"
	"citystat/dashboards/i18n"
	"citystat/kpi"
)

const aboutPath = "/about"

var aboutPage = Page{Name: "about", Path: aboutPath, Role: Everyone, Load: loadAbout}

// aboutData says who publishes the site, from what, how often, and what it does with its readers.
type aboutData struct {
	City      Words
	About     Words
	Contact   *contactView
	Updated   string
	Next      string
	Publish   string
	Datasets  []updateView
	Languages []langLink
	Source    string // the name of the city's own language
	Credits   []credit
	Licence   string
	Charts    string
	Feedback  *Link // the form, where there is one
	Changes   Link
	Data      Link
	API       Link
	Cookies   []cookieView
}

// updateView is how often a dataset should come, and how far it has.
type updateView struct {
	Link
	Every string
	Until Moment
}

// cookieView is a cookie that the public pages may set.
type cookieView struct{ Name, Use, Time string }

// cookies are all that a public page, or its script, may leave with a reader, and what each is for. A test holds the pages to the list.
var cookies = []struct{ Name, Use string }{
	{langCookie, "about.cookie.lang"},
	{districtCookie, "about.cookie.district"},
}

func loadAbout(_ context.Context, r *Request) (Content, error) {
	d := aboutData{
		City: r.Words(r.City.Name), About: r.Prose(r.City.About), Contact: r.contact(), Next: r.nextUpdate(), Publish: r.P.T("method.changed.every_load"),
		Languages: languages(r, aboutPath), Source: i18n.OwnName(r.City.Source()), Credits: credits(r.City),
		Licence: assets.ProgramLicence, Charts: r.P.T("about.software.charts", "name", assets.EChartsName, "licence", assets.EChartsLicence),
		Changes: Link{URL: r.To(changesPath), Words: own(r.P.T("changes.menu"))},
		Data:    Link{URL: r.To(dataPage.Path), Words: own(r.P.T("nav.data"))},
		API:     Link{URL: r.To(apiPath), Words: own(r.P.T("about.api"))},
	}
	if r.City.Publish == kpi.PublishByRelease {
		d.Publish = r.P.T("method.changed.by_release")
	}
	if !r.Card.PublishedAt.IsZero() {
		d.Updated = r.P.T("home.last_update", "date", kpi.DateOf(r.Card.PublishedAt.In(r.Cal.Location)))
	}
	if r.takesFeedback() {
		d.Feedback = &Link{URL: r.To(feedbackPath), Words: own(r.P.T("nav.feedback"))}
	}
	for i := range r.City.Datasets {
		if ds := &r.City.Datasets[i]; r.feedsPublic(ds.ID) {
			v := updateView{Link: Link{URL: r.To(dataPage.Path) + "#" + ds.ID, Words: r.Words(ds.Name)}, Every: r.every(ds.Expect.Every)}
			if v.Every == "" {
				v.Every = r.P.T("about.updates.unknown")
			}
			if until := r.state(ds.ID).DataUntil; !until.IsZero() {
				v.Until = r.on(until)
			}
			d.Datasets = append(d.Datasets, v)
		}
	}
	for _, c := range cookies {
		d.Cookies = append(d.Cookies, cookieView{c.Name, r.P.T(c.Use), r.P.T("about.year")})
	}
	return Content{Title: r.P.T("nav.about"), Summary: r.P.T("about.intro"), Data: d}, nil
}
