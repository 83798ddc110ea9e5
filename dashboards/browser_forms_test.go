package dashboards

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"citystat/dashboards/i18n"
	"citystat/dashboards/pages"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// refused sends every form of the public pages empty, as a program or an old browser may, and looks at the page that refuses it.
func refused(browser context.Context, t *testing.T, site string, card *scorecard.Scorecard) {
	for _, p := range pages.All() {
		if p.Role != pages.Everyone || p.Post == nil {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			for _, l := range []look{desk, screens[5], {width: 320, height: 640, scheme: "dark", media: "screen"}} {
				b := newTab(browser, t, site)
				b.emulate(l)
				b.open("/en"+example(t, p.Path, card), http.StatusOK)
				if !sendEmpty(b) {
					return // it does something with nothing, such as forgetting a choice
				}
				what := p.Name + " refused " + l.String()
				b.check(what, "errors", "reflow", "whole", "headings", "targets", "spacing")
				b.axe(what)
				b.screenshot("en-" + p.Name + "_refused-" + l.String())
				b.walk(what)
				b.quiet(what)
			}
		})
	}
}

// sendEmpty sends the page's first form that is posted, past the browser's own checks, and reports whether it was refused.
func sendEmpty(b *tab) bool {
	b.t.Helper()
	b.mu.Lock()
	b.expect = http.StatusUnprocessableEntity
	b.mu.Unlock()
	res, err := run(b, func(ctx context.Context) (*network.Response, error) {
		return chromedp.RunResponse(ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("main form[method=post]").submit()`))
	})
	if err != nil {
		b.t.Fatalf("send the form: %v", err)
	}
	if res.Status != http.StatusUnprocessableEntity {
		b.mu.Lock()
		b.troubles = nil // what was expected was a refusal
		b.mu.Unlock()
		return false
	}
	b.do("load the checks", chromedp.Evaluate[chromedp.Void](checksSource+"\n"+layoutSource))
	return true
}

// pseudo looks at every page in a language that nobody speaks: English with accents, half as long again. What has room for it has room for
// Portuguese and French, and a word without an accent did not come from the messages.
func pseudo(browser context.Context, t *testing.T, card *scorecard.Scorecard) {
	bundle, err := i18n.Pseudo()
	if err != nil {
		t.Fatal(err)
	}
	sites := map[string]string{}
	for name, staff := range map[string]Staff{"normal": nil, "staff": scorecardtest.NewStaff(), "door": scorecardtest.NewStaff()} {
		o := everything(card)
		o.Staff, o.bundle = staff, bundle
		if town, _ := doorTown(); staff != nil {
			o.Directory, o.Trail = town, town
			if name == "door" {
				openDoor(t, &o, town)
			}
		}
		site := httptest.NewServer(newServer(t, o))
		t.Cleanup(site.Close)
		sites[name] = site.URL
	}
	for _, s := range everyPage(t, card) {
		t.Run(s.name, func(t *testing.T) {
			b := newTab(browser, t, sites[s.card])
			b.emulate(screens[5])
			b.open(s.address(i18n.Segment(kpi.English)), s.status)
			if title := value[string](b, "document.querySelector('footer').textContent"); !strings.ContainsAny(title, "áéíóú") {
				t.Fatalf("the page is not in the pseudo-language: %q", title)
			}
			for _, l := range []look{screens[5], desk} {
				b.emulate(l)
				what := s.name + " " + l.String()
				b.check(what, "unfold", "reflow", "whole", "drawings", "targets")
				b.screenshot("xa-" + s.name + "-" + l.String())
			}
			b.emulate(look{width: 718, height: 1000, scheme: "light", media: "print"})
			b.check(s.name+" on paper", "paper", "whole")
			b.quiet(s.name)
		})
	}
}
