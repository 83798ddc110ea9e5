package main

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"citystat/dashboards/pages"
	"citystat/kpi"
	sampledata "citystat/sample-data"
)

// TestDemo starts the sample city as a newcomer does: a year of meetings is written, the link leads whoever sits at this machine to it and nobody else, and a second
// start writes nothing more.
func TestDemo(t *testing.T) {
	said := new(output)
	o := testOptions("", t.TempDir())
	o.Demo, o.Out, o.Locked = true, said, true
	app, err := startApp(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, app) })
	<-app.shown.end
	_, link, ok := strings.Cut(said.String(), "Look around as   http://")
	if !ok {
		t.Fatalf("the link is not printed:\n%s", said.String())
	}
	link, _, _ = strings.Cut(link, " ")
	link = "http://" + link
	held := yearOf(t, app)

	for name, change := range map[string]func(*http.Request){
		"another machine behind a proxy": func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.7") },
		"a name that leads here":         func(r *http.Request) { r.Host = "stat.example.com" },
		"a wrong secret":                 func(r *http.Request) { r.URL.Path += "x" },
	} {
		if status, body := ask(t, http.DefaultClient, http.MethodGet, link, nil, change); status != http.StatusNotFound || strings.Contains(body, "Maya Ellison") {
			t.Errorf("%s: %d, want the answer of an address that nobody knows", name, status)
		}
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	status, body := ask(t, client, http.MethodGet, link, nil, nil)
	if status != http.StatusOK || !strings.Contains(body, "Maya Ellison") || strings.Contains(body, "Ruth Calder") {
		t.Errorf("the link: %d; it names those who are there, and not who left", status)
	}
	if status, _ := ask(t, client, http.MethodPost, link, url.Values{"person": {"999"}}, nil); status != http.StatusForbidden {
		t.Errorf("somebody who is not of the demonstration: %d", status)
	}
	mayor, err := app.engine.led.PersonByEmail(context.Background(), "maya.ellison@demo.example")
	if err != nil {
		t.Fatal(err)
	}
	status, body = ask(t, client, http.MethodPost, link, url.Values{"person": {strconv.FormatInt(mayor.ID, 10)}}, nil)
	if status != http.StatusOK || !strings.Contains(body, "Maya Ellison") || !strings.Contains(body, "made up") {
		t.Errorf("looking around as the mayor: %d; each page says who it is, and that it is made up", status)
	}
	if n, _, problem, err := app.engine.led.VerifyAudit(context.Background()); err != nil || problem != "" || n == 0 {
		t.Errorf("the audit trail of the year: %d entries, %q, %v", n, problem, err)
	}

	stop(t, app)
	if app, err = startApp(o); err != nil {
		t.Fatal(err)
	}
	<-app.shown.end
	if again := yearOf(t, app); again != held {
		t.Errorf("after a second start %d papers, before %d", again, held)
	}
	stop(t, app)
}

// ask asks for an address.
func ask(t *testing.T, c *http.Client, method, address string, form url.Values, change func(*http.Request)) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if change != nil {
		change(req)
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// yearOf counts what the year holds, and fails where it is no year of meetings.
func yearOf(t *testing.T, app *App) int {
	t.Helper()
	ctx := context.Background()
	list, err := app.engine.led.Meetings(ctx, kpi.PaperQuery{})
	if err != nil {
		t.Fatal(err)
	}
	states := map[kpi.MeetingState]int{}
	for i := range list {
		states[list[i].State]++
		if m := &list[i]; m.State == kpi.MeetingClosed && (m.Memo == nil || len(m.Memo.Items) == 0) {
			t.Errorf("the meeting %s had no memo", m.Name())
		}
	}
	if states[kpi.MeetingClosed] < 30 || states[kpi.MeetingCancelled] == 0 || states[kpi.MeetingReady] == 0 || states[kpi.MeetingOpen]+states[kpi.MeetingHeld] != 0 {
		t.Errorf("meetings of the year by state: %v", states)
	}
	promised, err := app.engine.led.Commitments(ctx, kpi.PaperQuery{})
	if err != nil {
		t.Fatal(err)
	}
	kept := map[kpi.CommitmentState]int{}
	slips := 0
	for i := range promised {
		kept[promised[i].State]++
		slips = max(slips, promised[i].Slips())
	}
	if kept[kpi.CommitmentKept] < 20 || kept[kpi.CommitmentOpen] == 0 || slips < kpi.ThirdSlip {
		t.Errorf("commitments of the year: %v, %d slips at most", kept, slips)
	}
	return len(list) + len(promised)
}

// TestDemoIsOfSampleCitiesAlone tries the cities and addresses that have none.
func TestDemoIsOfSampleCitiesAlone(t *testing.T) {
	folder := filepath.Join("testdata", "week")
	for name, change := range map[string]func(*Options){
		"a folder":                     func(o *Options) { o.Folder = folder },
		"an address that others reach": func(o *Options) { o.Folder, o.Addr = samplePrefix+"puerto-claro", "0.0.0.0:0" },
		"a site behind a proxy":        func(o *Options) { o.Folder, o.Site = samplePrefix+"puerto-claro", "https://stat.example" },
		"nobody asked for it":          func(o *Options) { o.Folder, o.Demo = samplePrefix+"puerto-claro", false },
	} {
		t.Run(name, func(t *testing.T) {
			o := testOptions("", t.TempDir())
			o.Demo = true
			change(&o)
			app, err := NewApp(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			defer stop(t, app)
			if people, err := app.engine.led.People(t.Context()); err != nil || len(people) != 0 || app.shown != nil {
				t.Errorf("there are %d people who are made up (%v)", len(people), err)
			}
		})
	}
}

// TestDemoScripts reads the script of each sample city.
func TestDemoScripts(t *testing.T) {
	for _, name := range sampledata.Names() {
		city, _, _, err := folder{path: samplePrefix + name}.load()
		if err != nil || city == nil {
			t.Fatal(name, err)
		}
		script, err := readDemo(name, city)
		if err != nil || script == nil || len(script.Decisions) == 0 || len(script.Departments["any"].Promises) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if pages.DemoPath("x y") != "/sign-in/demo/x%20y" {
		t.Error(pages.DemoPath("x y"))
	}
}
