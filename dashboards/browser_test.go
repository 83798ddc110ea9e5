package dashboards

import (
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"citystat/dashboards/i18n"
	"citystat/dashboards/pages"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

var screenshots = flag.String("screenshots", "", "write a picture of every page that the browser tests look at to this directory")

// fullBrowser reports whether every page is to be looked at in every language, with every kind of indicator.
func fullBrowser() bool { return os.Getenv("CITYSTAT_BROWSER") == "full" }

// sheet is an address to look at.
type sheet struct {
	name   string // for messages and pictures
	path   string // below the language; of a staff page the whole address
	status int
	card   string // which city: normal, empty, hostile, none
	source bool   // looked at in the source language only
}

// address is where the sheet is in a language.
func (s sheet) address(segment string) string {
	if !strings.HasPrefix(s.path, pages.StaffRoot+"/") {
		return "/" + segment + s.path
	}
	if strings.Contains(s.path, "?") {
		return s.path + "&lang=" + segment
	}
	return s.path + "?lang=" + segment
}

// sheets are an address of every page that there is, and of the pages that say what went wrong. In the full tier there are more of
// those that look different with other numbers.
func sheets(card *scorecard.Scorecard) []sheet {
	var list []sheet
	for _, p := range pages.All() {
		if p.Role == pages.StaffOnly {
			path := strings.Replace(strings.Replace(p.Path, ":dataset", "street-safety", 1), ":id", card.Results[0].Indicator.ID, 1)
			list = append(list, sheet{name: p.Name, path: path, status: http.StatusOK, card: "staff"})
			continue
		}
		path := strings.Replace(p.Path, ":id", card.Results[0].Indicator.ID, 1)
		if strings.HasPrefix(p.Path, "/priorities/") {
			path = strings.Replace(p.Path, ":id", card.City.Priorities[0].ID, 1)
		}
		if strings.HasPrefix(p.Path, "/evaluations/") {
			path = strings.Replace(p.Path, ":id", card.Evaluations[0].Definition.ID, 1)
		}
		list = append(list, sheet{name: p.Name, path: path, status: http.StatusOK, card: "normal"})
	}
	list = append(list, sheet{name: "not-found", path: "/indicators/no-such-indicator", status: http.StatusNotFound, card: "normal"})
	if !fullBrowser() {
		return list
	}
	ok := func(name, path, city string, source bool) {
		list = append(list, sheet{name, path, http.StatusOK, city, source})
	}
	for _, r := range card.Results[1:] {
		ok("indicator-"+r.Indicator.ID, "/indicators/"+r.Indicator.ID, "normal", true)
	}
	id := card.Results[0].Indicator.ID
	ok("indicator-period", "/indicators/"+id+"?period=2025-06", "normal", true)
	ok("indicators-search", "/indicators?q=light", "normal", true)
	ok("indicators-none", "/indicators?q=zzzzz", "normal", false)
	ok("empty", "/", "empty", false)
	ok("empty-indicator", "/indicators/"+id, "empty", false)
	ok("empty-data", "/data", "empty", true)
	ok("staff-public", "/", "staff", true)
	ok("staff-many", "/staff/data/service-requests/rejects", "staff", true)
	ok("staff-none", "/staff/data/resident-survey/rejects", "staff", true)
	ok("staff-asked", "/staff/data?asked=tree-census", "staff", true)
	ok("staff-empty", "/staff/data", "staff-empty", false)
	ok("staff-hostile", "/staff/data", "staff-hostile", true)
	ok("staff-hostile-rejects", "/staff/data/service-requests/rejects", "staff-hostile", true)
	ok("plan", "/", "plan", true)
	ok("plan-axis", "/priorities/axis-1", "plan", true)
	ok("plan-list", "/indicators", "plan", true)
	ok("plan-search", "/indicators?priority=axis-2&status=behind&q=product", "plan", true)
	ok("plan-indicator", "/indicators/goal-017", "plan", true)
	ok("works", "/", "works", true)
	ok("works-priority", "/priorities/safe-streets", "works", false)
	ok("works-indicator", "/indicators/harbor-promenade", "works", false)
	ok("published-indicator", "/indicators/families-housed?period=total", "published", false)
	ok("changes-found", "/changes?indicator=repair-cost&what=target", "normal", true)
	ok("changes-none", "/changes", "unchanged", false)
	ok("evaluation-compared", "/evaluations/letters-before-inspection", "normal", false)
	ok("evaluations-none", "/evaluations", "unchanged", true)
	ok("hostile-changes", "/changes", "hostile", true)
	ok("hostile-evaluations", "/evaluations", "hostile", true)
	ok("hostile-evaluation", "/evaluations/letters-before-inspection", "hostile", true)
	ok("hostile-indicator-changed", "/indicators/hiring-days", "hostile", true)
	ok("staff-indicator-none", "/staff/indicators/satisfied-residents", "staff", true)
	ok("staff-hostile-indicator", "/staff/indicators/"+id, "staff-hostile", true)
	ok("hostile", "/", "hostile", true)
	ok("hostile-indicator", "/indicators/"+id, "hostile", true)
	ok("hostile-indicators", "/indicators", "hostile", true)
	ok("hostile-data", "/data", "hostile", true)
	return append(list, sheet{name: "unready", path: "/", status: http.StatusServiceUnavailable, card: "none"})
}

// cities serves the synthetic cities.
func cities(t *testing.T) map[string]string {
	t.Helper()
	sites := map[string]string{}
	for name, card := range map[string]*scorecard.Scorecard{
		"normal": scorecardtest.Normal(), "empty": scorecardtest.Empty(), "hostile": scorecardtest.Hostile(), "plan": scorecardtest.Plan(), "none": nil,
		"works": scorecardtest.Works(), "published": scorecardtest.Published(), "unchanged": scorecardtest.One(),
	} {
		site := httptest.NewServer(newServer(t, Options{Published: published(card)}))
		t.Cleanup(site.Close)
		sites[name] = site.URL
	}
	for name, office := range offices() {
		site := httptest.NewServer(newServer(t, Options{Published: published(scorecardtest.Normal()), Staff: office}))
		t.Cleanup(site.Close)
		sites[name] = site.URL
	}
	return sites
}

// offices are those who look after the data of the synthetic cities.
func offices() map[string]*scorecardtest.Staff {
	empty := scorecardtest.NewStaff()
	empty.TheCity.Datasets, empty.TheCity.Indicators, empty.Reports = nil, nil, nil
	return map[string]*scorecardtest.Staff{"staff": scorecardtest.NewStaff(), "staff-empty": empty, "staff-hostile": scorecardtest.NewHostileStaff()}
}

// TestBrowser looks at the pages in a real browser.
func TestBrowser(t *testing.T) {
	sites, card := cities(t), scorecardtest.Normal()
	browser := startBrowser(t)
	langs := kpi.Langs[:1]
	if fullBrowser() {
		langs = kpi.Langs
	}
	for _, lang := range langs {
		for _, s := range sheets(card) {
			if s.source && lang != kpi.English {
				continue
			}
			t.Run(i18n.Segment(lang)+"/"+s.name, func(t *testing.T) {
				lookAt(newTab(browser, t, sites[s.card]), s, lang)
			})
		}
	}
	t.Run("explore", func(t *testing.T) { explore(browser, t, sites["normal"], card.Results[0].Indicator.ID) })
}

// lookAt looks at one address in every way.
func lookAt(b *tab, s sheet, lang kpi.Lang) {
	segment := i18n.Segment(lang)
	path := s.address(segment)
	first := true
	for _, l := range []look{
		{width: 1280, height: 900, scheme: "light", media: "screen"}, {width: 1280, height: 900, scheme: "dark", media: "screen"},
		{width: 390, height: 844, scheme: "dark", media: "screen"}, {width: 390, height: 844, scheme: "light", media: "screen"},
	} {
		b.emulate(l)
		if first {
			b.open(path, s.status)
			b.check(s.name, "style", "language('"+string(lang)+"')", "headings", "figures")
			first = false
		}
		what := s.name + " " + l.String()
		b.check(what, "reflow", "drawings", "status", "still")
		b.axe(what)
		b.screenshot(segment + "-" + s.name + "-" + l.String())
	}
	b.check(s.name+" 390", "spacing")
	forced := look{width: 390, height: 844, scheme: "dark", media: "screen", forced: true}
	b.emulate(forced)
	b.check(s.name+" "+forced.String(), "status", "drawings")
	b.screenshot(segment + "-" + s.name + "-" + forced.String())
	b.emulate(look{width: 320, height: 640, scheme: "light", media: "screen"})
	b.check(s.name+" 320", "reflow", "spacing", "drawings")
	b.quiet(s.name)
	if lang == kpi.English && !strings.Contains(s.card, "hostile") {
		b.emulate(look{width: 1280, height: 900, scheme: "light", media: "screen"})
		b.walk(s.name)
	}
	paper(b, s, segment)
	withoutScripts(b, s, path, segment)
	b.quiet(s.name)
}

// paper looks at the page as it is printed: on A4, whose 210 mm less two margins of 10 mm are 718 px.
func paper(b *tab, s sheet, segment string) {
	l := look{width: 718, height: 1000, scheme: "light", media: "print"}
	b.emulate(l)
	b.check(s.name+" on paper", "paper")
	b.screenshot(segment + "-" + s.name + "-" + l.String())
	if s.name != "indicator" {
		return
	}
	pdf, err := run(b, func(ctx context.Context) ([]byte, error) {
		return chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFOutlineAndTagged()))
	})
	if err != nil || !strings.HasPrefix(string(pdf), "%PDF-") || !strings.Contains(string(pdf), "/StructTreeRoot") {
		b.t.Errorf("%s: printed: %d bytes, %v, or not tagged", s.name, len(pdf), err)
	}
}

// withoutScripts looks at the page as a reader without JavaScript, in both widths.
func withoutScripts(b *tab, s sheet, path, segment string) {
	for _, width := range []int64{1280, 390} {
		l := look{width: width, height: 900, scheme: "light", media: "screen", plain: true}
		b.emulate(l)
		b.open(path, s.status)
		b.check(s.name+" "+l.String(), "plain", "reflow", "style")
		b.screenshot(segment + "-" + s.name + "-" + l.String())
	}
}

// explore opens every chart of an indicator's page, moves in it with the keyboard and the pointer, and closes it again.
func explore(browser context.Context, t *testing.T, site, id string) {
	for _, l := range []look{{width: 1280, height: 900, scheme: "light", media: "screen"}, {width: 390, height: 844, scheme: "dark", media: "screen"}} {
		t.Run(l.String(), func(t *testing.T) {
			b := newTab(browser, t, site)
			b.emulate(l)
			b.open("/en/indicators/"+id, http.StatusOK)
			figures := value[[]string](b, "[...document.querySelectorAll('figure')].filter(f=>f.querySelector('[data-explore]')).map(f=>f.id)")
			if len(figures) < 3 {
				t.Fatalf("charts to explore: %v", figures)
			}
			for _, figure := range figures {
				openChart(b, figure)
				moveInChart(b, figure)
				b.quiet("exploring " + figure)
			}
			b.check("explored", "reflow", "still")
			b.axe("explored " + l.String())
			b.screenshot("en-indicator-explored-" + l.String())
			for _, figure := range figures {
				closeChart(b, figure)
			}
			b.check("closed", "drawings", "figures")
			b.quiet("closed")
		})
	}
}

// openChart presses a figure's button and waits until the chart is drawn in place of the drawing.
func openChart(b *tab, figure string) {
	b.t.Helper()
	b.do("open "+figure, chromedp.Click(chromedp.CSS("#"+figure+" [data-explore]")))
	b.do("wait for "+figure, chromedp.WaitVisible(chromedp.CSS("#"+figure+" [data-live] svg")))
	if still := value[bool](b, "getComputedStyle(document.querySelector('#"+figure+" [data-still]')).display!=='none'"); still {
		b.t.Errorf("%s: the drawing still stands beside the chart", figure)
	}
	if drawn := value[int](b, "document.querySelectorAll('#"+figure+" [data-live] svg path').length"); drawn < 3 {
		b.t.Errorf("%s: the chart is empty", figure)
	}
}

// moveInChart goes to data with the keys, which tell the reader where they are, and moves the pointer over the chart.
func moveInChart(b *tab, figure string) {
	b.t.Helper()
	said := make([]string, 0, 6)
	for _, key := range []string{kb.Home, kb.ArrowRight, kb.ArrowLeft, kb.End, kb.ArrowRight, kb.ArrowLeft} {
		b.press(key)
		said = append(said, value[string](b, "document.querySelector('#"+figure+" [role=status]').textContent"))
	}
	first, second, last := said[0], said[1], said[3]
	if first == "" || first == second || second == last || first == last || said[2] != first || said[4] != last || said[5] == last {
		b.t.Errorf("%s: the keys told the reader %q", figure, said)
	}
	type box struct{ X, Y, W, H float64 }
	at := value[box](b, "(()=>{const r=document.querySelector('#"+figure+" [data-live]').getBoundingClientRect();return {x:r.x,y:r.y,w:r.width,h:r.height}})()")
	for _, part := range []float64{0.25, 0.5, 0.75} {
		b.do("move the pointer", chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at.X+part*at.W, at.Y+0.5*at.H))
	}
}

// closeChart leaves a chart with Escape: the drawing is there again, and the focus where it came from.
func closeChart(b *tab, figure string) {
	b.t.Helper()
	value[bool](b, "(document.querySelector('#"+figure+" [data-live]').focus(), true)")
	b.press(kb.Escape)
	if ok := value[bool](b, "document.querySelector('#"+figure+" [data-live]').hidden && document.activeElement===document.querySelector('#"+figure+" [data-explore]')"); !ok {
		b.t.Errorf("%s: Escape did not close the chart and give the focus back", figure)
	}
}

// TestBrowserLive watches a load in a browser: what the page shows follows it without being asked for again, and where the reader is
// stays as it is. Then it presses the button.
func TestBrowserLive(t *testing.T) {
	office := scorecardtest.NewStaff()
	site := httptest.NewServer(newServer(t, Options{Published: published(scorecardtest.Normal()), Staff: office}))
	t.Cleanup(site.Close)
	b := newTab(startBrowser(t), t, site.URL)
	b.emulate(look{width: 390, height: 844, scheme: "light", media: "screen"})
	b.open("/staff/data?lang=es", http.StatusOK)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := office.Watching(ctx, 1); err != nil {
		t.Fatal(err)
	}
	const requests, trees = "document.querySelector('#dataset-service-requests')", "document.querySelector('#dataset-tree-census')"
	office.Send(kpi.RunState{Dataset: "tree-census", Running: true, Progress: kpi.Progress{Step: kpi.StepFetch, Done: 3_000_000, Unit: "bytes"}})
	b.wait("the load begins", trees+".querySelector('progress').checkVisibility() && "+trees+".querySelector('[data-step]').textContent==='Paso 1 de 7: lectura de los archivos'")
	b.check("while it runs", "reflow", "status", "still")
	b.axe("while it runs")
	value[bool](b, "("+requests+".querySelectorAll('details').forEach(d=>{d.open=true}), "+requests+".querySelector('summary').focus(), true)")

	done := office.Reports[0]
	done.Job = kpi.RunState{Dataset: "service-requests"}
	office.Report(0, done)
	office.Send(done.Job)
	b.wait("the load ends", requests+".querySelector('button') && document.querySelector('[data-said]').textContent==='Carga terminada. Solicitudes de servicio'")
	if !value[bool](b, "[..."+requests+".querySelectorAll('details')].every(d=>d.open) && document.activeElement==="+requests+".querySelector('summary')") {
		t.Error("what the reader had opened was closed, or the focus went elsewhere")
	}
	b.check("after it", "reflow", "status", "headings")
	b.quiet("live progress")

	if _, err := run(b, func(ctx context.Context) (*network.Response, error) {
		return chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("#dataset-service-requests button")))
	}); err != nil {
		t.Fatalf("load now: %v", err)
	}
	b.wait("the page after the button", "location.search==='?asked=service-requests' && document.querySelector('[data-said]').textContent.startsWith('Se pidió una carga')")
	if asked := office.Asked(); len(asked) != 1 || asked[0] != "service-requests" {
		t.Errorf("asked for %v", asked)
	}
	b.quiet("after the button")
}

// wait waits until an expression is true in the page.
func (b *tab) wait(what, js string) {
	b.t.Helper()
	b.do(what, chromedp.Poll[chromedp.Void](js))
}
