package dashboards

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"citystat/dashboards/dashboardstest/browser"
	"citystat/dashboards/i18n"
	"citystat/dashboards/pages"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// ofAKind are the staff's pages that stand for the others where forms and other words are looked at quickly: the full tier looks at all.
var ofAKind = []string{"staff_work", "staff_commitments", "staff_entries", "meeting", "meeting_slide", "meeting_live", "memo"}

// ofEachKind leaves out staff pages for which another one stands.
func ofEachKind(list []sheet) []sheet {
	if fullBrowser() {
		return list
	}
	return slices.DeleteFunc(list, func(s sheet) bool { return s.card == "staff" && !slices.Contains(ofAKind, s.name) })
}

// refused sends the first form of every page empty, as a program or an old browser may, and looks at the page that refuses it: a resident's in three
// ways, one of the staff's in the way in which least fits.
func refused(chromium context.Context, t *testing.T, sites map[string]string, card *scorecard.Scorecard) {
	for _, s := range ofEachKind(everyPage(t, card)) {
		i := slices.IndexFunc(pages.All(), func(p pages.Page) bool { return p.Name == s.name })
		if p := pages.All()[i]; p.Post == nil || p.Role == pages.AtDoor {
			continue
		}
		looks := []browser.Look{desk, screens[5], screens[4]}
		if s.card == "staff" {
			looks = screens[5:]
		}
		t.Run(s.name, func(t *testing.T) {
			for _, l := range looks {
				b := browser.NewTab(chromium, t, sites[s.card])
				b.Emulate(l)
				b.Open(s.address(i18n.Segment(kpi.English)), http.StatusOK)
				if !sendEmpty(b) {
					return // it does something with nothing, such as forgetting a choice, or nothing can be sent now
				}
				what := s.name + " refused " + l.String()
				b.Check(what, "errors", "reflow", "whole", "headings", "targets", "spacing")
				b.Axe(what)
				b.Screenshot("en-" + s.name + "_refused-" + l.String())
				b.Walk(what)
				b.Quiet(what)
			}
		})
	}
}

// sendEmpty sends the page's first form that is posted, past the browser's own checks, and reports whether it was refused.
func sendEmpty(b *browser.Tab) bool {
	b.T.Helper()
	if !browser.Value[bool](b, `document.querySelector("main form[method=post]") !== null`) {
		return false
	}
	b.Expect(http.StatusUnprocessableEntity)
	res, err := browser.Run(b, func(ctx context.Context) (*network.Response, error) {
		return chromedp.RunResponse(ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("main form[method=post]").submit()`))
	})
	if err != nil {
		b.T.Fatalf("send the form: %v", err)
	}
	if res.Status != http.StatusUnprocessableEntity {
		b.Troubles() // what was expected was a refusal
		return false
	}
	b.LoadChecks()
	return true
}

// pseudo looks at every page in a language that nobody speaks: English with accents, half as long again. What has room for it has room for
// Portuguese and French, and a word without an accent did not come from the messages.
func pseudo(chromium context.Context, t *testing.T, card *scorecard.Scorecard) {
	bundle, err := i18n.Pseudo()
	if err != nil {
		t.Fatal(err)
	}
	sites := map[string]string{}
	for name, staff := range map[string]Staff{"normal": nil, "staff": scorecardtest.NewStaff(), "door": scorecardtest.NewStaff()} {
		o := everything(card)
		o.Staff, o.bundle = staff, bundle
		if town, _ := doorTown(); staff != nil {
			o.Work = workOf(t, name, scorecardtest.NewStaff().TheCity)
			o.Directory, o.Trail = town, town
			if name == "door" {
				o.Mail, o.Recovery = &postbox{}, &postbox{}
				o.Demo = demoTown{town}
				openDoor(t, &o, town)
			}
		}
		site := httptest.NewServer(newServer(t, o))
		t.Cleanup(site.Close)
		sites[name] = site.URL
	}
	for _, s := range ofEachKind(everyPage(t, card)) {
		t.Run(s.name, func(t *testing.T) {
			b := browser.NewTab(chromium, t, sites[s.card])
			b.Emulate(screens[5])
			b.Open(s.address(i18n.Segment(kpi.English)), s.status)
			if title := browser.Value[string](b, "(document.querySelector('footer') ?? document.body).textContent"); !strings.ContainsAny(title, "áéíóú") {
				t.Fatalf("the page is not in the pseudo-language: %q", title)
			}
			for _, l := range []browser.Look{screens[5], desk} {
				b.Emulate(l)
				what := s.name + " " + l.String()
				b.Check(what, "unfold", "reflow", "whole", "drawings", "targets")
				b.Screenshot("xa-" + s.name + "-" + l.String())
			}
			b.Emulate(browser.Look{Width: 718, Height: 1000, Scheme: "light", Media: "print"})
			b.Check(s.name+" on paper", "paper", "whole")
			b.Quiet(s.name)
		})
	}
}
