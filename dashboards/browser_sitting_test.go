package dashboards

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"citystat/dashboards/dashboardstest/browser"
	"citystat/dashboards/pages"
	"citystat/kpi/account"
)

// smallest is the size of the smallest text that is seen, in CSS pixels, with its words.
const smallest = `(() => {
  let least = 99, words = "";
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || !e.getClientRects().length || !e.checkVisibility({ checkVisibilityCSS: true }) || e.closest(".skip, .unseen")) continue;
    const m = e.closest("svg") ? e.getScreenCTM() : null;
    const size = parseFloat(getComputedStyle(e).fontSize) * (m ? Math.hypot(m.a, m.b) : 1);
    if (size < least) { least = size; words = texts.currentNode.textContent.trim().slice(0, 40); }
  }
  return { Least: least, Words: words };
})()`

// sittingInBrowser sits in a meeting: the mayor writes on a tablet and with the keyboard alone, the analyst watches, and the slides are on the wall.
func sittingInBrowser(chromium context.Context, t *testing.T) {
	town, links := doorTown()
	s := doorServer(t, town, func(o *Options) { o.Demo = nil })
	site := httptest.NewServer(s)
	t.Cleanup(site.Close)
	t.Cleanup(func() { close(s.stop) })
	seat := func(r account.Role, l browser.Look) *browser.Person {
		p := browser.NewPerson(chromium, t, site.URL, "meeting "+string(r), l)
		p.Goes(pages.LinkPath(links[string(r)+"@harborview.gov"]))
		p.Types("#password", goodPassword)
		p.Types("#again", goodPassword)
		p.Presses("main form button[type=submit]", 200)
		return p
	}
	tablet := browser.Look{Width: 820, Height: 1180, Scheme: "dark", Media: "screen"}
	mayor, analyst := seat(account.Mayor, tablet), seat(account.Analyst, browser.Look{Width: 1024, Height: 768, Scheme: "light", Media: "screen"})
	mayor.Keyboard = true
	analyst.Goes(liveAt + "?lang=es")
	mayor.Goes(liveAt)
	mayor.Presses(`button[type=submit]:not(.quiet)`, 200)
	mayor.Sees("The meeting has begun.")
	analyst.Wait("the meeting has begun for the analyst too", `!!document.querySelector("#commitment-text")`)
	analyst.Types("#commitment-text", "Half a sentence") // what somebody types stays while others write
	mayor.Goes(liveAt)
	mayor.Types("#commitment-text", "Replace the lamps of the quay.")
	mayor.Presses("#commitment-text", 200) // Enter
	mayor.Sees("The commitment is saved.", "Replace the lamps of the quay.")
	if !browser.Value[bool](mayor.Tab, `document.activeElement.id === "commitment-text" && document.activeElement.value === ""`) {
		t.Error("the field has not the focus after it was saved")
	}
	analyst.Wait("the analyst sees it", `document.querySelector("#live-entries").textContent.includes("lamps of the quay") && document.querySelector("[data-said]").textContent.includes("Somebody mayor")`)
	if !browser.Value[bool](analyst.Tab, `document.querySelector("#commitment-text").value === "Half a sentence"`) {
		t.Error("what the analyst typed is gone")
	}
	analyst.Quiet("while others write")
	analyst.Screenshot("meeting-seen")
	presented(mayor.Tab)
}

// presented looks at every slide on a projector and on tablets, and goes through them with the keys.
func presented(b *browser.Tab) {
	b.T.Helper()
	wall := browser.Look{Width: 1280, Height: 720, Scheme: "light", Media: "screen"}
	b.Emulate(wall)
	b.Open(sittingAt+"/slides", 200)
	last := browser.Value[string](b, `document.querySelector("[data-ways]").dataset.last`)
	for n := 1; ; n++ {
		at := fmt.Sprintf("%s/slides/%d", sittingAt, n)
		for _, l := range []browser.Look{wall, {Width: 1024, Height: 768, Scheme: "dark", Media: "screen"}, {Width: 820, Height: 1180, Scheme: "light", Media: "screen"}} {
			b.Emulate(l)
			text := browser.Value[struct {
				Least float64
				Words string
			}](b, smallest)
			if text.Least < 17.9 {
				b.T.Errorf("slide %d, %s: %q has %.1f px", n, l, text.Words, text.Least)
			}
			if height := browser.Value[int](b, "document.documentElement.scrollHeight"); l == wall && height > 720 {
				b.T.Errorf("slide %d scrolls: it is %d px high", n, height)
			}
			what := fmt.Sprintf("slide %d %s", n, l)
			b.Check(what, "reflow", "whole", "headings", "targets", "contrast", "status")
			b.Screenshot(fmt.Sprintf("slide-%02d-%s", n, l))
		}
		b.Emulate(wall)
		if at == last {
			break
		}
		goes(b, kb.ArrowRight, fmt.Sprintf("%s/slides/%d", sittingAt, n+1))
	}
	goes(b, kb.Home, sittingAt+"/slides/1")
	b.Press(kb.ArrowLeft) // there is none before it
	goes(b, kb.ArrowRight, sittingAt+"/slides/2")
	goes(b, kb.ArrowLeft, sittingAt+"/slides/1")
	goes(b, kb.End, last)
	b.Open(sittingAt+"/slides/2", 200)
	if browser.Value[bool](b, `!!document.querySelector("[data-timer]")`) {
		b.Wait("the clock runs", `document.querySelector("[data-clock]").textContent !== "0:00"`)
		left := browser.Value[string](b, `(document.querySelector("[data-hold]").click(), document.querySelector("[data-hold]").textContent + " " + document.querySelector("[data-timer]").getAttribute("aria-live"))`)
		if left != "Go on off" {
			b.T.Errorf("the clock that stands still offers %q", left)
		}
	}
	goes(b, kb.Escape, sittingAt)
	b.Quiet("slides")
}

// goes presses a key that leads to another page.
func goes(b *browser.Tab, key, to string) {
	b.T.Helper()
	if _, err := browser.Run(b, func(ctx context.Context) (*network.Response, error) {
		return chromedp.RunResponse(ctx, chromedp.KeyEvent(key))
	}); err != nil {
		b.T.Fatalf("the key %q leads nowhere: %v", key, err)
	}
	if at := browser.Value[string](b, "location.pathname"); at != to {
		b.T.Fatalf("the key %q leads to %s, want %s", key, at, to)
	}
	b.LoadChecks()
}
