package dashboards

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"citystat/dashboards/dashboardstest/browser"
	"citystat/kpi/scorecard/scorecardtest"
)

// feedbackInBrowser writes as a resident does, answers as the staff do, and looks at every state on the way: the form with mistakes, the form
// sent too often, the page with the reference before and after, the desk. Scripts are off: nothing of it needs one.
func feedbackInBrowser(chromium context.Context, t *testing.T) {
	mail := scorecardtest.NewFeedback()
	var late atomic.Int64 // nanoseconds by which the server's clock is ahead
	site := httptest.NewServer(newServer(t, Options{
		Published: published(scorecardtest.Normal()), Staff: scorecardtest.NewStaff(), Feedback: mail, FeedbackDesk: mail,
		Now: func() time.Time { return scorecardtest.Now.Add(time.Duration(late.Load())) },
	}))
	t.Cleanup(site.Close)
	b := browser.NewTab(chromium, t, site.URL)
	b.Emulate(browser.WithoutScript)
	wait := func() { late.Add(int64(10 * time.Second)) }

	// A letter with a mistake: what was typed stays, the summary has the focus, and its link leads to the field.
	b.Open("/en/feedback?about=/indicators/repair-cost", http.StatusOK)
	b.Fill(map[string]string{"text": "The cost does not add up.", "email": "rosa"})
	wait()
	b.Submit("text", http.StatusUnprocessableEntity)
	if focus := browser.Value[string](b, `document.activeElement.getAttribute("role")`); focus != "alert" {
		t.Errorf("after a mistake the focus is on %q", focus)
	}
	b.LookAround("feedback_wrong", "errors")
	b.Do("follow the link", chromedp.Click(chromedp.CSS(`[role=alert] a`)))
	if at := browser.Value[string](b, `document.activeElement.id+" "+document.getElementById("text").value+" "+document.getElementById("indicator").value`); at != "email The cost does not add up. repair-cost" {
		t.Errorf("the link leads to, and the form holds: %q", at)
	}
	b.Fill(map[string]string{"email": "rosa@example.org"})
	b.Submit("text", http.StatusOK)
	at := browser.Value[string](b, `location.pathname`)
	reference, ok := strings.CutPrefix(at, "/en/feedback/")
	if !ok || !browser.Value[bool](b, `document.querySelector("main").textContent.includes("`+reference+`")`) {
		t.Fatalf("after it was sent, the reader is at %q", at)
	}
	b.LookAround("feedback_received")

	// Too many letters.
	for range 4 {
		b.Open("/en/feedback", http.StatusOK)
		b.Fill(map[string]string{"text": "Again."})
		wait()
		b.Submit("text", http.StatusOK)
	}
	b.Open("/en/feedback", http.StatusOK)
	b.Fill(map[string]string{"text": "Once more."})
	wait()
	b.Submit("text", http.StatusTooManyRequests)
	if left := browser.Value[string](b, `document.getElementById("text").value`); left != "Once more." {
		t.Errorf("what was written is %q", left)
	}
	b.LookAround("feedback_limited")

	// The staff answer: first with a mistake, then for all to read.
	b.Open("/staff/feedback", http.StatusOK)
	open := `document.querySelector("#letter-` + reference + ` details").open=true`
	browser.Value[bool](b, open)
	b.Fill(map[string]string{"heard-" + reference: "A cost does not add up."})
	b.Submit("heard-"+reference, http.StatusUnprocessableEntity)
	b.LookAround("staff_feedback_wrong", "errors")
	if got := browser.Value[string](b, `document.getElementById("heard-`+reference+`").value`); got != "A cost does not add up." {
		t.Errorf("the staff's form holds %q", got)
	}
	b.Fill(map[string]string{"said-" + reference: "It did not. It does now."})
	b.Submit("heard-"+reference, http.StatusOK)
	b.LookAround("staff_feedback_done")
	for _, state := range []string{"open", "answered", "closed"} {
		b.Open("/staff/feedback?state="+state, http.StatusOK)
		b.LookAround("staff_feedback_" + state)
	}
	for name, path := range map[string]string{
		"feedback_answered": at, "feedback_closed": "/en/feedback/" + scorecardtest.Closed, "feedback_about": "/en/feedback/answers?indicator=street-lights-on-time",
	} {
		b.Open(path, http.StatusOK)
		b.LookAround(name)
	}
	b.Open(at, http.StatusOK)
	if !browser.Value[bool](b, `document.querySelector("main").textContent.includes("It does now.") && !document.querySelector("main").textContent.includes("add up. ")`) {
		t.Error("the answer does not stand under the reference")
	}
}
