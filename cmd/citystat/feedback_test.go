package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"citystat/kpi"
	"citystat/kpi/ledger"
)

// writeLetter is the script command "letter DATA NAME TEXT [EMAIL]": somebody writes, and the reference is kept in the environment.
func writeLetter(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: letter DATA NAME TEXT [EMAIL]")
	}
	f := kpi.Feedback{Received: time.Now(), Lang: kpi.English, About: "/indicators/on-time", Indicator: "on-time", Text: args[2]}
	if len(args) > 3 {
		f.Email = args[3]
	}
	db, err := ledger.Open(context.Background(), filepath.Join(ts.MkAbs(args[0]), "ledger.db"))
	ts.Check(err)
	reference, err := db.SubmitFeedback(context.Background(), f)
	ts.Check(err)
	ts.Check(db.Close())
	ts.Setenv(args[1], reference)
}

func TestFeedbackScript(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/feedback", Cmds: map[string]func(*testscript.TestScript, bool, []string){"letter": writeLetter}})
}

// feedbackCommand runs the command line.
func feedbackCommand(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := newRoot(nil, &out, io.Discard)
	cmd.SetArgs(append([]string{"feedback"}, args...))
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

// TestFeedback writes through the pages of a running program, answers from the command line, which acts through that program, and reads the
// answer on the pages, where it stands at once although they were asked for before.
func TestFeedback(t *testing.T) {
	o := testOptions("", t.TempDir())
	var late time.Duration // by which the program's clock is ahead
	o.Now = func() time.Time { return time.Now().Add(late) }
	app := start(t, o)
	public := *app.engine.published.Load()
	city := *public.City
	city.Feedback = true
	public.City = &city
	app.engine.published.Store(&public)

	site := "http://" + app.Addr()
	const indicator = "/en/indicators/street-lights-on-time"
	m := regexp.MustCompile(`name="token" value="([^"]+)"`).FindSubmatch(get(t, app, "/en/feedback?about=/indicators/street-lights-on-time"))
	if m == nil {
		t.Fatal("the form has no token")
	}
	late = time.Minute
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(site+"/en/feedback", url.Values{
		"token": {string(m[1])}, "text": {"The light at 14 Quay Street is out."}, "email": {"rosa@example.org"}, "indicator": {"street-lights-on-time"}, "about": {"/indicators/street-lights-on-time"},
	})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	at := res.Header.Get("Location")
	reference, ok := strings.CutPrefix(at, "/en/feedback/")
	if res.StatusCode != http.StatusSeeOther || !ok {
		t.Fatalf("%d to %q", res.StatusCode, at)
	}
	if body := get(t, app, at); !bytes.Contains(body, []byte(reference)) || bytes.Contains(body, []byte("Quay")) {
		t.Error("the page with the reference lacks it, or shows what was written")
	}
	get(t, app, indicator) // it is kept from now on

	out, err := feedbackCommand(t, "", "--data", o.Data)
	if err != nil || !strings.Contains(out, reference+"  open  ") || !strings.Contains(out, "    The light at 14 Quay Street is out.") || !strings.Contains(out, "e-mail rosa@example.org") {
		t.Errorf("listed: %v\n%s", err, out)
	}
	const heard, said = "A light at the quay is out.", "It was mended on Monday."
	if out, err = feedbackCommand(t, "", reference, "--data", o.Data, "--heard", heard, "--said", said, "--by", "Public Works"); err != nil || !strings.Contains(out, reference+"  answered  ") {
		t.Errorf("answered: %v\n%s", err, out)
	}
	for _, path := range []string{at, indicator, "/en/feedback/answers"} {
		body := string(get(t, app, path))
		if !strings.Contains(body, heard) || !strings.Contains(body, said) || strings.Contains(body, "14 Quay") || strings.Contains(body, "rosa@") {
			t.Errorf("%s lacks the answer, or shows what was written", path)
		}
	}
	if _, err = feedbackCommand(t, "", reference, "--data", o.Data, "--close", "Twice."); err == nil || !strings.Contains(err.Error(), "was answered already") {
		t.Errorf("closed after it was answered: %v", err)
	}
	if body := string(get(t, app, "/metrics")); !strings.Contains(body, `citystat_feedback_total{state="answered"} 1`) || !strings.Contains(body, "citystat_feedback_open 0") || strings.Contains(body, reference) {
		t.Error("/metrics does not count feedback, or names it")
	}
	if status, body := fetch(t, app, "/staff/feedback?state=answered"); status != http.StatusOK || !strings.Contains(string(body), "14 Quay Street") {
		t.Errorf("the staff's page: %d", status)
	}
}

// TestAddressesAreForgotten: an address that was kept for 180 days is gone after the next start.
func TestAddressesAreForgotten(t *testing.T) {
	o := testOptions("", t.TempDir())
	app := start(t, o)
	reference, err := app.engine.led.SubmitFeedback(t.Context(), kpi.Feedback{Received: time.Now(), Lang: kpi.English, Text: "x", Email: "rosa@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	email := func(app *App) string {
		list, _, err := app.engine.led.Feedback(t.Context(), kpi.FeedbackQuery{Reference: reference})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0].Email
	}
	stop(t, app)
	app = start(t, o)
	if email(app) == "" {
		t.Error("the address is forgotten at once")
	}
	stop(t, app)
	o.Now = func() time.Time { return time.Now().Add(kpi.KeepEmail) }
	if got := email(start(t, o)); got != "" {
		t.Errorf("after 180 days the address is %q", got)
	}
}
