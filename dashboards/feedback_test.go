package dashboards

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"citystat/dashboards/pages"
	"citystat/kpi/scorecard/scorecardtest"
)

// mailServer is a server with feedback, a clock that the test moves, and a log that it reads.
func mailServer(t *testing.T, o Options) (s *Server, mail *scorecardtest.Feedback, log *logBuffer, move func(time.Duration)) {
	t.Helper()
	now := scorecardtest.Now
	mail, log = scorecardtest.NewFeedback(), &logBuffer{}
	o.Published, o.Feedback, o.FeedbackDesk, o.Now = published(scorecardtest.Normal()), mail, mail, func() time.Time { return now }
	o.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return newServer(t, o), mail, log, func(d time.Duration) { now = now.Add(d) }
}

// write fills in the form and sends it, with headers of its own.
func write(t *testing.T, s *Server, move func(time.Duration), headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	m := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(ask(s, http.MethodGet, "/en/feedback").Body.String())
	if m == nil {
		t.Fatal("the form has no token")
	}
	move(time.Minute)
	r := httptest.NewRequest(http.MethodPost, "/en/feedback", strings.NewReader(url.Values{"token": {m[1]}, "text": {"The light is out."}}.Encode()))
	r.RemoteAddr = "203.0.113.77:5000"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// Only a page of this site can send the form.
func TestFeedbackComesFromThisSite(t *testing.T) {
	s, mail, _, move := mailServer(t, Options{})
	before := len(mail.Letters)
	for name, headers := range map[string][]string{
		"another site": {"Sec-Fetch-Site", "cross-site"}, "a neighbour": {"Sec-Fetch-Site", "same-site"}, "another origin": {"Origin", "http://evil.example"}, "no origin to be named": {"Origin", "null"},
	} {
		if w := write(t, s, move, headers...); w.Code != http.StatusForbidden || len(mail.Letters) != before {
			t.Errorf("%s: %d, %d letters", name, w.Code, len(mail.Letters))
		}
	}
	for _, path := range []string{"/en/feedback/answers", "/en/feedback/" + scorecardtest.Answered, "/feedback", "/en/feedback.csv"} {
		if w := ask(s, http.MethodPost, path); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
	if w := write(t, s, move, "Sec-Fetch-Site", "same-origin", "Origin", "http://example.com"); w.Code != http.StatusSeeOther {
		t.Errorf("this site: %d", w.Code)
	}
	long := ask(s, http.MethodGet, "/en/feedback?about=/"+strings.Repeat("a", 9000))
	if long.Code != http.StatusOK {
		t.Errorf("a long address: %d", long.Code)
	}
	r := httptest.NewRequest(http.MethodPost, "/en/feedback", strings.NewReader("text="+strings.Repeat("a", 100<<10)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("100 kB: %d", w.Code)
	}
}

// Nothing says who wrote: no log line has the address of the machine, or the reference.
func TestTheLogDoesNotSayWhoWrote(t *testing.T) {
	s, mail, log, move := mailServer(t, Options{})
	w := write(t, s, move)
	if w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	reference := mail.Letters[len(mail.Letters)-1].Reference
	r := httptest.NewRequest(http.MethodGet, "/en/feedback/"+reference, nil)
	r.RemoteAddr = "203.0.113.77:5000"
	s.ServeHTTP(httptest.NewRecorder(), r)
	r = httptest.NewRequest(http.MethodGet, "/en/feedback/0000-0000-0000", nil)
	r.RemoteAddr = "203.0.113.77:5000"
	s.ServeHTTP(httptest.NewRecorder(), r)
	all := log.String()
	for _, bad := range []string{"203.0.113.77", reference, "light is out"} {
		if strings.Contains(all, bad) {
			t.Errorf("the log holds %q", bad)
		}
	}
	if !strings.Contains(all, "path=/en/feedback/:reference") || strings.Count(all, "msg=request ") < 4 {
		t.Errorf("the log does not say that somebody asked: %s", all)
	}
	r = httptest.NewRequest(http.MethodGet, "/en/data", nil)
	r.RemoteAddr = "203.0.113.77:5000"
	s.ServeHTTP(httptest.NewRecorder(), r)
	if !strings.Contains(log.String(), "from=203.0.113.77") {
		t.Error("of other pages the log does not say who asked")
	}
}

// The limits are the server's to set.
func TestFeedbackLimits(t *testing.T) {
	s, _, _, move := mailServer(t, Options{FeedbackLimits: pages.FeedbackLimits{PerAddress: 1, Overall: 2}})
	from := func(address string) int {
		return write(t, s, move, "X-Forwarded-For", address).Code // which nobody may believe
	}
	if got := from("198.51.100.1"); got != http.StatusSeeOther {
		t.Errorf("the first: %d", got)
	}
	w := write(t, s, move, "X-Forwarded-For", "198.51.100.2")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("the second, who calls himself another: %d %v", w.Code, w.Header())
	}
	if _, err := New(Options{Published: published(nil), FeedbackLimits: pages.FeedbackLimits{Overall: -1}}); err == nil {
		t.Error("a negative limit was taken")
	}
}

// /metrics counts what was written and what became of it, and holds none of it.
func TestFeedbackIsCounted(t *testing.T) {
	s, mail, log, _ := mailServer(t, Options{})
	body := ask(s, http.MethodGet, "/metrics").Body.String()
	for _, want := range []string{
		`citystat_feedback_total{state="received"} 8`, `citystat_feedback_total{state="answered"} 4`, `citystat_feedback_total{state="closed"} 1`, "citystat_feedback_open 3",
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("%s is missing", want)
		}
	}
	if strings.Contains(body, scorecardtest.Secret) || strings.Contains(body, scorecardtest.Waiting) {
		t.Error("/metrics holds what was written")
	}
	mail.Err = http.ErrHandlerTimeout
	if body := ask(s, http.MethodGet, "/metrics").Body.String(); strings.Contains(body, "citystat_feedback_open") || !strings.Contains(body, "citystat_build_info") || !strings.Contains(log.String(), "feedback cannot be counted") {
		t.Error("a store that does not answer takes the other metrics away, or is not told of")
	}
	none, err := New(Options{Published: published(scorecardtest.Normal()), Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if body := ask(none, http.MethodGet, "/metrics").Body.String(); strings.Contains(body, "feedback") {
		t.Error("without a store there is a metric")
	}
	if w := ask(none, http.MethodGet, "/en/feedback"); w.Code != http.StatusNotFound {
		t.Errorf("without a store: %d", w.Code)
	}
}
