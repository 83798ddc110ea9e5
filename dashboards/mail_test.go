package dashboards

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"citystat/dashboards/pages"
	"citystat/kpi"
)

// mailSecret ends mail.
const mailSecret = "ends-the-mail-of-somebody-0000000000000000"

// postbox remembers what was asked of mail.
type postbox struct {
	mu     sync.Mutex
	ended  int
	asked  []string
	failed int // days
}

// Unsubscribes knows one secret.
func (l *postbox) Unsubscribes(_ context.Context, secret string, _ time.Time) (bool, error) {
	return secret == mailSecret, nil
}

// Unsubscribe counts.
func (l *postbox) Unsubscribe(context.Context, string, time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended++
	return nil
}

// MailTrouble is as many days as it was told.
func (l *postbox) MailTrouble(context.Context) (kpi.Date, int, string, error) {
	return kpi.NewDate(2026, 3, 18), l.failed, "no route to host", nil
}

// Recover remembers for whom.
func (l *postbox) Recover(email string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, email)
}

// TestUnsubscribe ends mail as a person does, and as the program that a person reads their mail with (RFC 8058): without a session, without a cookie, in either
// encoding, from anywhere. A look at the page ends nothing.
func TestUnsubscribe(t *testing.T) {
	town, _ := doorTown()
	l := &postbox{}
	var log bytes.Buffer
	var mu sync.Mutex
	s := doorServer(t, town, func(o *Options) {
		o.Mail = l
		o.Logger = slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			return log.Write(p)
		}), nil))
	})
	site := httptest.NewServer(s)
	t.Cleanup(site.Close)
	const path = pages.UnsubscribeRoot + "/" + mailSecret
	g := newGuest(t, site.URL)
	status, _, body := g.do("GET", path, nil)
	if status != http.StatusOK || !strings.Contains(body, `action="`+path+`"`) || !strings.Contains(body, "noindex") || l.ended != 0 {
		t.Fatalf("%d, ended %d times\n%s", status, l.ended, body)
	}
	for _, name := range []string{"Somebody", "@harborview.gov"} {
		if strings.Contains(body, name) {
			t.Errorf("the page says whose mail it is: %s", name)
		}
	}
	if status, to, body := g.do("POST", path, url.Values{"List-Unsubscribe": {"One-Click"}}, "Origin", "https://mail.example", "Sec-Fetch-Site", "cross-site"); status != http.StatusOK || to != "" || !strings.Contains(body, "Done") || l.ended != 1 {
		t.Errorf("%d, to %q, ended %d times", status, to, l.ended)
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	if err := errors.Join(w.WriteField("List-Unsubscribe", "One-Click"), w.Close()); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, site.URL+path, &form)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK || l.ended != 2 {
		t.Errorf("in parts: %d, %v, ended %d times", res.StatusCode, err, l.ended)
	}
	for i := range 5 {
		want := map[bool]int{true: http.StatusNotFound, false: http.StatusServiceUnavailable}[i < 3]
		if status, _, _ := g.do([]string{"GET", "POST"}[i%2], pages.UnsubscribeRoot+"/wrong", map[bool]url.Values{true: {}, false: nil}[i%2 == 1]); status != want {
			t.Errorf("wrong secret, try %d: %d, want %d", i+1, status, want)
		}
	}
	if status, _, _ := g.do("GET", path, nil); status != http.StatusOK {
		t.Errorf("after wrong ones the right one gives %d", status)
	}
	mu.Lock()
	defer mu.Unlock()
	if strings.Contains(log.String(), mailSecret) || !strings.Contains(log.String(), pages.UnsubscribeRoot) {
		t.Errorf("the log has the secret, or not the requests:\n%s", log.String())
	}
}

// TestForgotten asks for links: for somebody, for nobody, for no address, and too often. The answers are the same to the last byte.
func TestForgotten(t *testing.T) {
	town, _ := doorTown()
	l := &postbox{}
	site := httptest.NewServer(doorServer(t, town, func(o *Options) { o.Recovery = l }))
	t.Cleanup(site.Close)
	g := newGuest(t, site.URL)
	if _, _, body := g.do("GET", "/sign-in", nil); !strings.Contains(body, `href="/sign-in/forgotten"`) {
		t.Error("the page where people sign in does not lead to it")
	}
	answer := map[string]string{}
	for _, email := range []string{"viewer@harborview.gov", "nobody@harborview.gov"} {
		status, _, body := g.do("POST", "/sign-in/forgotten", url.Values{"email": {email}})
		if status != http.StatusOK {
			t.Errorf("%s: %d", email, status)
		}
		answer[email] = body
	}
	if answer["viewer@harborview.gov"] != answer["nobody@harborview.gov"] || strings.Contains(answer["viewer@harborview.gov"], "viewer") {
		t.Error("the answer tells whether there is somebody")
	}
	if status, _, body := g.do("POST", "/sign-in/forgotten", url.Values{"email": {"no address\r\nBcc: x@y.z"}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, "<title>Error: ") || !strings.Contains(body, "Bcc: x@y.z") {
		t.Errorf("no address: %d", status)
	}
	for i := range 3 {
		want := map[bool]int{true: http.StatusOK, false: http.StatusTooManyRequests}[i < 2]
		if status, _, _ := g.do("POST", "/sign-in/forgotten", url.Values{"email": {"VIEWER@harborview.gov "}}); status != want {
			t.Errorf("once more: %d, want %d", status, want)
		}
	}
	if got := strings.Join(l.asked, " "); got != "viewer@harborview.gov nobody@harborview.gov viewer@harborview.gov viewer@harborview.gov" {
		t.Errorf("asked for %s", got)
	}
	if status, _, _ := newGuest(t, site.URL).do("POST", "/sign-in/forgotten", url.Values{"email": {"x@y.z"}}, "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
		t.Errorf("from another site: %d", status)
	}
	without := newGuest(t, doorSiteWithout(t))
	if status, _, _ := without.do("GET", "/sign-in/forgotten", nil); status != http.StatusNotFound {
		t.Errorf("where no mail is sent: %d", status)
	}
	if _, _, body := without.do("GET", "/sign-in", nil); strings.Contains(body, "forgotten\"") {
		t.Error("a page leads to a form that is not there")
	}
}

// doorSiteWithout serves a site that sends no mail.
func doorSiteWithout(t *testing.T) string {
	t.Helper()
	town, _ := doorTown()
	site := httptest.NewServer(doorServer(t, town, func(o *Options) { o.Mail, o.Recovery = nil, nil }))
	t.Cleanup(site.Close)
	return site.URL
}

// TestMailTrouble: whoever may do something about it is told that mail has not gone out for days, and not after one bad morning.
func TestMailTrouble(t *testing.T) {
	town, links := doorTown()
	l := &postbox{}
	site := httptest.NewServer(doorServer(t, town, func(o *Options) {
		o.Mail, o.MailCounts = l, func() map[string]int64 { return map[string]int64{"sent": 3, "failed": 2} }
	}))
	t.Cleanup(site.Close)
	g := newGuest(t, site.URL).in(links["administrator@harborview.gov"])
	for days, want := range []bool{false, false, true} {
		l.failed = days
		for _, path := range []string{"/staff/people", "/staff/releases"} {
			if _, _, body := g.do("GET", path, nil); strings.Contains(body, "No mail has gone out since") != want || strings.Contains(body, "no route") {
				t.Errorf("%s after %d days: want %t", path, days, want)
			}
		}
	}
	if _, _, body := g.do("GET", "/metrics", nil); !strings.Contains(body, `citystat_mail_total{result="failed"} 2`) || !strings.Contains(body, `citystat_mail_total{result="sent"} 3`) {
		t.Error("/metrics does not count mail")
	}
}
