// Package pages is what a reader sees: the public pages of a city, and those of the people who look after its data, in the reader's
// language.
//
// A page is one Go file and one template, and one line in [All]. Its route in every language, its menu entry, its place in the
// tests (languages, empty and hostile cities, headings, figures, links) all derive from its [Page]. A page is a function of the
// published scorecard, the language and the query: it knows no server, no clock and no store. It is rendered to a buffer before a
// byte is sent, and the bytes are kept until the next publication.
//
// The numbers of a figure are a file too, at an address without a language: see [allFiles].
//
// A staff page ([StaffOnly]) reads what is live through [Staff], is made anew for each reader and kept by nobody. Its routes are added
// apart from the others ([Pages.RegisterStaff]), so that a server can keep them from everybody else by not having them at all.
package pages

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"citystat/assets"
	"citystat/dashboards/auth"
	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/kpi/scorecard"
)

// cacheBytes bounds the rendered pages that are kept. The page of an indicator has about 120 kB, so this is some 200 of them.
const cacheBytes = 32 << 20

// styles are the parts of the one style sheet, in the order of their rules. The charts' own style comes from their package.
var styles = []string{
	"css/tokens.css",
	"css/base.css",
	"css/components.css",
	"css/face.css",
	"css/places.css",
	"css/feedback.css",
	"css/people.css",
	"css/posts.css",
	"css/staff.css",
	"css/work.css",
	"css/entries.css",
	"css/translation.css",
	"css/words.css",
	"css/rounds.css",
	"css/commentary.css",
	"css/commitments.css",
	"css/public-meetings.css",
	"css/terms.css",
	"css/meeting.css",
	"css/agenda.css",
	"css/memo.css",
	"css/demo.css",
	"css/calendar.css",
	"css/slides.css",
	"css/live.css",
	"css/decisions.css",
	"css/figures.css", "css/chart.css", "css/print.css",
}

// Options are what the pages need. All but Logger are required.
type Options struct {
	// Published returns the newest published scorecard; nil, or an error with code unready or not found, while there is none.
	Published func(context.Context) (*scorecard.Scorecard, error)
	Bundle    *i18n.Bundle
	Assets    *assets.Set
	Now       func() time.Time
	Logger    *slog.Logger // slog.Default() if nil
	TLS       bool         // the site is reached over HTTPS
	API       API          // what programs can read, for the page that tells it; may be empty

	Staff     Staff           // what staff pages read; nil: there are none
	Stopping  <-chan struct{} // closed when the server ends: what stays open for ever must end then; may be nil
	Heartbeat time.Duration   // between the signs of life of what stays open; 15 s if 0

	Door      *auth.Door // by which people come in; nil: nobody signs in
	Directory Directory  // the people who can; nil: there are none
	Trail     Trail      // what was changed by whom; nil: nobody wrote it down
	Site      string     // address of the site, for links that are sent or copied; without a slash at its end

	Work Work // what departments keep here

	Demo Demo // people who are made up; nil: there are none

	Mail     Mail     // what was sent, and who wants no more; nil: no mail is sent
	Recovery Recovery // sends links to those who have forgotten their password; nil: an administrator makes them

	Feedback Feedback       // where residents write; nil: nowhere, even if the city's folder allows it
	Desk     FeedbackDesk   // where the staff answer; nil: nowhere
	Limits   FeedbackLimits // how much residents may write
}

// Pages serves every page of [All]. It is safe for many goroutines.
type Pages struct {
	opts      Options
	pages     []Page
	templates map[string]*template.Template
	links     assetLinks
	own       map[string]string // the addresses of the scripts of pages that have one of their own, by the page's name
	cache     *cache
	flight    singleflight.Group
	clock     atomic.Pointer[clock]
	listeners chan struct{} // holds a value for each reader of live progress
	sitters   chan struct{} // and for each who watches a meeting
	box       *letterbox
}

// assetLinks are the addresses of the assets that every page names.
type assetLinks struct{ Style, Script, Icon, ECharts, Staff string }

// New parses every template and adds the style of the charts to the assets. It fails if a template is broken: a server with a broken
// page does not start.
func New(o Options) (*Pages, error) {
	if o.Published == nil || o.Bundle == nil || o.Assets == nil || o.Now == nil {
		return nil, errors.New("pages: Published, Bundle, Assets and Now are required")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 15 * time.Second
	}
	links, err := linkAssets(o.Assets)
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	p := &Pages{opts: o, pages: All(), links: links, own: map[string]string{}, cache: newCache(cacheBytes), listeners: make(chan struct{}, maxListeners), sitters: make(chan struct{}, maxSitters)}
	for _, page := range p.pages {
		if page.Own == "" {
			continue
		}
		if p.own[page.Name], err = o.Assets.URL(page.Own); err != nil {
			return nil, fmt.Errorf("pages: %w", err)
		}
	}
	if p.box, err = newLetterbox(o.Limits); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	if err := checkPages(p.pages, o.Bundle); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	if p.templates, err = parseTemplates(p.pages); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	return p, nil
}

// linkAssets makes the one style sheet and returns the addresses of all that a page names.
func linkAssets(set *assets.Set) (assetLinks, error) {
	if err := set.Add("css/chart.css", []byte(chart.CSS)); err != nil {
		return assetLinks{}, err
	}
	style, err := set.Bundle("css/site.css", styles...)
	if err != nil {
		return assetLinks{}, err
	}
	l := assetLinks{Style: style}
	for name, url := range map[string]*string{"js/app.js": &l.Script, "js/staff.js": &l.Staff, "icons/favicon.svg": &l.Icon, assets.ECharts: &l.ECharts} {
		if *url, err = set.URL(name); err != nil {
			return assetLinks{}, err
		}
	}
	return l, nil
}
