package dashboards

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"citystat/dashboards/dashboardstest/browser"
	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// explore opens every chart of a page, moves in it with the keyboard and the pointer, and closes it again.
func explore(chromium context.Context, t *testing.T, site, name, path string) {
	for _, l := range []browser.Look{{Width: 1280, Height: 900, Scheme: "light", Media: "screen"}, {Width: 390, Height: 844, Scheme: "dark", Media: "screen"}} {
		t.Run(l.String(), func(t *testing.T) {
			b := browser.NewTab(chromium, t, site)
			b.Emulate(l)
			b.Open(path, http.StatusOK)
			figures := browser.Value[[]string](b, "[...document.querySelectorAll('figure')].filter(f=>f.querySelector('[data-explore]')).map(f=>f.id)")
			if len(figures) < 3 {
				t.Fatalf("charts to explore: %v", figures)
			}
			for _, figure := range figures {
				openChart(b, figure)
				moveInChart(b, figure)
				b.Quiet("exploring " + figure)
			}
			b.Check("explored", "reflow", "still")
			b.Axe("explored " + l.String())
			b.Screenshot("en-" + name + "-explored-" + l.String())
			for _, figure := range figures {
				closeChart(b, figure)
			}
			b.Check("closed", "drawings", "figures")
			b.Quiet("closed")
		})
	}
}

// openChart presses a figure's button and waits until the chart is drawn in place of the drawing.
func openChart(b *browser.Tab, figure string) {
	b.T.Helper()
	b.Do("open "+figure, chromedp.Click(chromedp.CSS("#"+figure+" [data-explore]")))
	b.Do("wait for "+figure, chromedp.WaitVisible(chromedp.CSS("#"+figure+" [data-live] svg")))
	if still := browser.Value[bool](b, "getComputedStyle(document.querySelector('#"+figure+" [data-still]')).display!=='none'"); still {
		b.T.Errorf("%s: the drawing still stands beside the chart", figure)
	}
	b.Check("explored", "steady('#"+figure+" [data-live]')")
	if drawn := browser.Value[int](b, "document.querySelectorAll('#"+figure+" [data-live] svg path').length"); drawn < 3 {
		b.T.Errorf("%s: the chart is empty", figure)
	}
}

// moveInChart goes to data with the keys, which tell the reader where they are, and moves the pointer over the chart.
func moveInChart(b *browser.Tab, figure string) {
	b.T.Helper()
	said := make([]string, 0, 6)
	for _, key := range []string{kb.Home, kb.ArrowRight, kb.ArrowLeft, kb.End, kb.ArrowRight, kb.ArrowLeft} {
		b.Press(key)
		said = append(said, browser.Value[string](b, "document.querySelector('#"+figure+" [role=status]').textContent"))
	}
	first, second, last := said[0], said[1], said[3]
	if first == "" || first == second || second == last || first == last || said[2] != first || said[4] != last || said[5] == last {
		b.T.Errorf("%s: the keys told the reader %q", figure, said)
	}
	if grid := browser.Value[bool](b, "['cells','panels'].includes(document.querySelector('#"+figure+"').dataset.kind)"); grid {
		moveAcross(b, figure)
	}
	type box struct{ X, Y, W, H float64 }
	at := browser.Value[box](b, "(()=>{const r=document.querySelector('#"+figure+" [data-live]').getBoundingClientRect();return {x:r.x,y:r.y,w:r.width,h:r.height}})()")
	for _, part := range []float64{0.25, 0.5, 0.75} {
		b.Do("move the pointer", chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at.X+part*at.W, at.Y+0.5*at.H))
	}
}

// moveAcross goes to the next row of a grid and back: what is said there is neither what stands beside the first cell nor at its end.
func moveAcross(b *browser.Tab, figure string) {
	b.T.Helper()
	said := make([]string, 0, 5)
	for _, key := range []string{kb.Home, kb.ArrowDown, kb.ArrowUp, kb.ArrowUp, kb.ArrowRight} {
		b.Press(key)
		said = append(said, browser.Value[string](b, "document.querySelector('#"+figure+" [role=status]').textContent"))
	}
	if said[0] == said[1] || said[1] == said[4] || said[2] != said[0] || said[3] != said[0] || said[4] == said[0] {
		b.T.Errorf("%s: across the rows the keys told the reader %q", figure, said)
	}
}

// closeChart leaves a chart with Escape: the drawing is there again, and the focus where it came from.
func closeChart(b *browser.Tab, figure string) {
	b.T.Helper()
	browser.Value[bool](b, "(document.querySelector('#"+figure+" [data-live]').focus(), true)")
	b.Press(kb.Escape)
	if ok := browser.Value[bool](b, "document.querySelector('#"+figure+" [data-live]').hidden && document.activeElement===document.querySelector('#"+figure+" [data-explore]')"); !ok {
		b.T.Errorf("%s: Escape did not close the chart and give the focus back", figure)
	}
}

// TestBrowserLive watches a load in a browser: what the page shows follows it without being asked for again, and where the reader is
// stays as it is. Then it presses the button.
func TestBrowserLive(t *testing.T) {
	office := scorecardtest.NewStaff()
	site := httptest.NewServer(newServer(t, Options{Published: published(scorecardtest.Normal()), Staff: office}))
	t.Cleanup(site.Close)
	b := browser.NewTab(browser.Start(t), t, site.URL)
	b.Emulate(browser.Look{Width: 390, Height: 844, Scheme: "light", Media: "screen"})
	b.Open("/staff/data?lang=es", http.StatusOK)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := office.Watching(ctx, 1); err != nil {
		t.Fatal(err)
	}
	const requests, trees = "document.querySelector('#dataset-service-requests')", "document.querySelector('#dataset-tree-census')"
	office.Send(kpi.RunState{Dataset: "tree-census", Running: true, Progress: kpi.Progress{Step: kpi.StepFetch, Done: 3_000_000, Unit: "bytes"}})
	b.Wait("the load begins", trees+".querySelector('progress').checkVisibility() && "+trees+".querySelector('[data-step]').textContent==='Paso 1 de 7: lectura de los archivos'")
	b.Check("while it runs", "reflow", "status", "still")
	b.Axe("while it runs")
	browser.Value[bool](b, "("+requests+".querySelectorAll('details').forEach(d=>{d.open=true}), "+requests+".querySelector('summary').focus(), true)")

	done := office.Reports[0]
	done.Job = kpi.RunState{Dataset: "service-requests"}
	office.Report(0, done)
	office.Send(done.Job)
	b.Wait("the load ends", requests+".querySelector('button') && document.querySelector('[data-said]').textContent==='Carga terminada. Solicitudes de servicio'")
	if !browser.Value[bool](b, "[..."+requests+".querySelectorAll('details')].every(d=>d.open) && document.activeElement==="+requests+".querySelector('summary')") {
		t.Error("what the reader had opened was closed, or the focus went elsewhere")
	}
	b.Check("after it", "reflow", "status", "headings")
	b.Quiet("live progress")

	if _, err := browser.Run(b, func(ctx context.Context) (*network.Response, error) {
		return chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("#dataset-service-requests button")))
	}); err != nil {
		t.Fatalf("load now: %v", err)
	}
	b.Wait("the page after the button", "location.search==='?asked=service-requests' && document.querySelector('[data-said]').textContent.startsWith('Se pidió una carga')")
	if asked := office.Asked(); len(asked) != 1 || asked[0] != "service-requests" {
		t.Errorf("asked for %v", asked)
	}
	b.Quiet("after the button")
}
