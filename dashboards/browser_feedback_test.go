package dashboards

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"citystat/kpi/scorecard/scorecardtest"
)

// feedbackInBrowser writes as a resident does, answers as the staff do, and looks at every state on the way: the form with mistakes, the form
// sent too often, the page with the reference before and after, the desk. Scripts are off: nothing of it needs one.
func feedbackInBrowser(browser context.Context, t *testing.T) {
	mail := scorecardtest.NewFeedback()
	var late atomic.Int64 // nanoseconds by which the server's clock is ahead
	site := httptest.NewServer(newServer(t, Options{
		Published: published(scorecardtest.Normal()), Staff: scorecardtest.NewStaff(), Feedback: mail, FeedbackDesk: mail,
		Now: func() time.Time { return scorecardtest.Now.Add(time.Duration(late.Load())) },
	}))
	t.Cleanup(site.Close)
	b := newTab(browser, t, site.URL)
	b.emulate(withoutScript)
	wait := func() { late.Add(int64(10 * time.Second)) }

	// A letter with a mistake: what was typed stays, the summary has the focus, and its link leads to the field.
	b.open("/en/feedback?about=/indicators/repair-cost", http.StatusOK)
	fill(b, map[string]string{"text": "The cost does not add up.", "email": "rosa"})
	wait()
	b.submit("text", http.StatusUnprocessableEntity)
	if focus := value[string](b, `document.activeElement.getAttribute("role")`); focus != "alert" {
		t.Errorf("after a mistake the focus is on %q", focus)
	}
	b.look("feedback_wrong", "errors")
	b.do("follow the link", chromedp.Click(chromedp.CSS(`[role=alert] a`)))
	if at := value[string](b, `document.activeElement.id+" "+document.getElementById("text").value+" "+document.getElementById("indicator").value`); at != "email The cost does not add up. repair-cost" {
		t.Errorf("the link leads to, and the form holds: %q", at)
	}
	fill(b, map[string]string{"email": "rosa@example.org"})
	b.submit("text", http.StatusOK)
	at := value[string](b, `location.pathname`)
	reference, ok := strings.CutPrefix(at, "/en/feedback/")
	if !ok || !value[bool](b, `document.querySelector("main").textContent.includes("`+reference+`")`) {
		t.Fatalf("after it was sent, the reader is at %q", at)
	}
	b.look("feedback_received")

	// Too many letters.
	for range 4 {
		b.open("/en/feedback", http.StatusOK)
		fill(b, map[string]string{"text": "Again."})
		wait()
		b.submit("text", http.StatusOK)
	}
	b.open("/en/feedback", http.StatusOK)
	fill(b, map[string]string{"text": "Once more."})
	wait()
	b.submit("text", http.StatusTooManyRequests)
	if left := value[string](b, `document.getElementById("text").value`); left != "Once more." {
		t.Errorf("what was written is %q", left)
	}
	b.look("feedback_limited")

	// The staff answer: first with a mistake, then for all to read.
	b.open("/staff/feedback", http.StatusOK)
	open := `document.querySelector("#letter-` + reference + ` details").open=true`
	value[bool](b, open)
	fill(b, map[string]string{"heard-" + reference: "A cost does not add up."})
	b.submit("heard-"+reference, http.StatusUnprocessableEntity)
	b.look("staff_feedback_wrong", "errors")
	if got := value[string](b, `document.getElementById("heard-`+reference+`").value`); got != "A cost does not add up." {
		t.Errorf("the staff's form holds %q", got)
	}
	fill(b, map[string]string{"said-" + reference: "It did not. It does now."})
	b.submit("heard-"+reference, http.StatusOK)
	b.look("staff_feedback_done")
	for _, state := range []string{"open", "answered", "closed"} {
		b.open("/staff/feedback?state="+state, http.StatusOK)
		b.look("staff_feedback_" + state)
	}
	for name, path := range map[string]string{
		"feedback_answered": at, "feedback_closed": "/en/feedback/" + scorecardtest.Closed, "feedback_about": "/en/feedback/answers?indicator=street-lights-on-time",
	} {
		b.open(path, http.StatusOK)
		b.look(name)
	}
	b.open(at, http.StatusOK)
	if !value[bool](b, `document.querySelector("main").textContent.includes("It does now.") && !document.querySelector("main").textContent.includes("add up. ")`) {
		t.Error("the answer does not stand under the reference")
	}
}

// fill types into fields, by their ids.
func fill(b *tab, fields map[string]string) {
	b.t.Helper()
	for id, text := range fields {
		if !value[bool](b, `(e=>{if(!e)return false;e.value="";e.focus();return document.activeElement===e})(document.getElementById("`+id+`"))`) {
			b.t.Fatalf("the field %s cannot be typed into", id)
		}
		b.press(text)
	}
}

// submit presses the button of the form with a field, and waits for the answer.
func (b *tab) submit(field string, status int) {
	b.t.Helper()
	b.mu.Lock()
	b.expect = status
	b.mu.Unlock()
	value[bool](b, `(document.getElementById("`+field+`").form.querySelector("button[type=submit]").focus(), true)`)
	res, err := run(b, func(ctx context.Context) (*network.Response, error) {
		return chromedp.RunResponse(ctx, chromedp.KeyEvent("\r"))
	})
	if err != nil || int(res.Status) != status {
		b.t.Fatalf("send the form with %s: %v, %v; want %d", field, res, err, status)
	}
	b.do("load the checks", chromedp.Evaluate[chromedp.Void](checksSource+"\n"+layoutSource))
}

// look looks at the page as it is now, on a screen and on a phone, in the light and the dark.
func (b *tab) look(name string, more ...string) {
	b.t.Helper()
	for _, l := range []look{ // the page came without its script; axe needs one of its own
		{width: 390, height: 844, scheme: "dark", media: "screen"}, {width: 320, height: 640, scheme: "light", media: "screen"},
		{width: 1280, height: 900, scheme: "dark", media: "screen"}, {width: 1280, height: 900, scheme: "light", media: "screen"},
	} {
		b.emulate(l)
		what := name + " " + l.String()
		b.check(what, append([]string{"reflow", "whole", "headings", "targets", "spacing", "plain"}, more...)...)
		b.axe(what)
		b.screenshot("en-" + name + "-" + l.String())
	}
	b.quiet(name)
	b.emulate(withoutScript)
}

// withoutScript is how the way of a letter is gone.
var withoutScript = look{width: 1280, height: 900, scheme: "light", media: "screen", plain: true}
