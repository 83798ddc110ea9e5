package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"citystat/dashboards"
	"citystat/ingest/job"
	"citystat/kpi"
)

// visitor is somebody's browser at a running program.
type visitor struct {
	t   *testing.T
	app *App
	c   *http.Client
}

// signedIn adds somebody with a role and lets them in by their link.
func signedIn(t *testing.T, app *App, email, role string) *visitor {
	t.Helper()
	r, err := app.engine.people(t.Context(), url.Values{"do": {"add"}, "email": {email}, "name": {"Somebody " + role}, "role": {role}, "by": {"the test"}})
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t, app, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	const password = "four words in a row"
	if status, _, body := v.send(dashboards.LinkPath(r.Secret), url.Values{"password": {password}, "again": {password}}); status != http.StatusSeeOther {
		t.Fatalf("%s sets a password: %d\n%s", email, status, body)
	}
	return v
}

// send sends a form; nil asks for a page.
func (v *visitor) send(path string, form url.Values) (status int, to, body string) {
	v.t.Helper()
	var res *http.Response
	var err error
	if form == nil {
		res, err = v.c.Get("http://" + v.app.Addr() + path)
	} else {
		res, err = v.c.PostForm("http://"+v.app.Addr()+path, form)
	}
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location"), string(b)
}

var revisionField = regexp.MustCompile(`name="revision" value="(\d+)"`)

// move makes a move on the page of a round, at the revision that the page shows.
func (v *visitor) move(path string, form url.Values, want int) string {
	v.t.Helper()
	_, _, page := v.send(path, nil)
	form.Set("revision", "1")
	if m := revisionField.FindStringSubmatch(page); m != nil {
		form.Set("revision", m[1])
	} else if want == http.StatusSeeOther {
		v.t.Fatalf("the page of the round has no form\n%s", page)
	}
	status, _, body := v.send(path, form)
	if status != want {
		v.t.Fatalf("%v: %d, want %d\n%s", form, status, want, body)
	}
	return page
}

// releasedTown is the small town, which publishes by release.
func releasedTown(t *testing.T) (*App, string) {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/script/city.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	town := filepath.Join(dir, "town")
	edit(t, town, "city.yaml", "publish: every_load", "publish: by_release")
	return start(t, testOptions(town, t.TempDir())), town
}

// TestReleaseByTwoPeople goes from live numbers to public ones as two people: nothing is public before, everything after, and what is wrong with it is mended by
// another release alone.
func TestReleaseByTwoPeople(t *testing.T) {
	app, town := releasedTown(t)
	public := []string{"/en/", "/en/indicators/on-time", "/indicators/on-time.csv", "/indicators/on-time.json", "/api/v1/indicators", "/en/data"}
	hidden := func(why string) {
		t.Helper()
		for _, path := range public {
			if status, body := fetch(t, app, path); status < 400 || strings.Contains(string(body), "1 of 2") {
				t.Fatalf("%s: %s is public: %d", why, path, status)
			}
		}
	}
	hidden("before a release")
	chief, head, analyst := signedIn(t, app, "chief@town.gov", "chief_of_staff"), signedIn(t, app, "head@town.gov", "department_head:works"), signedIn(t, app, "analyst@town.gov", "analyst")
	opening := url.Values{"period": {"2026-03"}, "fill_by": {"2099-04-08"}, "check_by": {"2099-04-13"}, "release_on": {"2099-04-15"}}
	if status, to, body := chief.send("/staff/releases", opening); status != http.StatusSeeOther || to != "/staff/releases/1" {
		t.Fatalf("%d, to %q\n%s", status, to, body)
	}
	const round = "/staff/releases/1"
	works := func(do string, more ...string) url.Values {
		f := url.Values{"do": {do}, "department": {"works"}}
		for _, note := range more {
			f.Set("note", note)
		}
		return f
	}
	release := url.Values{"do": {"release"}, "note": {"Our first release."}}
	chief.move(round, release, http.StatusConflict) // nothing is filled
	chief.move(round, works("fill"), http.StatusForbidden)
	head.move(round, works("check"), http.StatusForbidden)
	analyst.move(round, works("fill"), http.StatusSeeOther)
	analyst.move(round, works("check"), http.StatusForbidden)          // whoever filled it
	chief.move(round, works("return"), http.StatusUnprocessableEntity) // without saying why
	chief.move(round, works("return", "Repair 4 has a wrong date."), http.StatusSeeOther)
	head.move(round, works("fill", "It is not ours."), http.StatusSeeOther)
	chief.move(round, works("check"), http.StatusSeeOther)
	hidden("before somebody releases")
	if page := analyst.move(round, release, http.StatusForbidden); !strings.Contains(page, "You filled a part of this round") || strings.Contains(page, `value="release"`) {
		t.Error("the page does not say why somebody who filled a part does not release, or has a button for it")
	}
	head.move(round, release, http.StatusForbidden)
	hidden("after those who may not have tried")
	if page := chief.move(round, release, http.StatusSeeOther); !strings.Contains(page, "New in public") || !strings.Contains(page, "1 of 2") {
		t.Errorf("the page does not say what changes for the public\n%s", page)
	}
	for _, path := range public {
		if status, _ := fetch(t, app, path); status != http.StatusOK {
			t.Errorf("%s after the release: %d", path, status)
		}
	}
	shown := func() string {
		t.Helper()
		m := regexp.MustCompile(`<data value="(\d+)">\d of 2`).FindSubmatch(get(t, app, "/en/indicators/on-time"))
		if m == nil {
			t.Fatal("the page of the indicator has no number")
		}
		return string(m[1])
	}
	if got := shown(); got != "50" {
		t.Errorf("%s is on the page", got)
	}
	c := card(t, app)
	if c.Number != 1 || c.Release == nil || c.Release.Round != 1 || c.Release.Note.Text != "Our first release." || c.Release.Note.Lang != kpi.English {
		t.Errorf("publication %d: %+v", c.Number, c.Release)
	}
	if _, _, page := chief.send(round, nil); strings.Contains(page, "<textarea") || !strings.Contains(page, "Somebody chief_of_staff") {
		t.Error("a round that is over has forms, or does not say who released it")
	}

	columns, rows, err := tables{app.engine}.Table(t.Context(), "filings")
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range rows {
		if err != nil || len(row) != len(columns) || strings.Join(row[:6], " ") != "1/works 1 2026-03 works checked 2099-04-08" || row[7] != "true" || row[8] != "1" {
			t.Errorf("the filing as a row: %v, %v", row, err)
		}
	}

	// New data change nothing in public until they are released.
	edit(t, town, "data/repairs.csv", "2,2026-03-05,2026-03-09", "2,2026-03-05,2026-03-04")
	if err := app.Run(t.Context(), "repairs", job.How{Trigger: kpi.TriggerSchedule, Attempt: 1}); err != nil {
		t.Fatal(err)
	}
	if got := shown(); got != "50" || card(t, app).Number != 1 {
		t.Errorf("a load is public without a release: %s", got)
	}
	if status, _, body := chief.send("/staff/releases", opening); status != http.StatusUnprocessableEntity || !strings.Contains(body, "Say what is corrected") || !strings.Contains(body, `value="2099-04-13"`) {
		t.Errorf("a second release of a period without a reason: %d", status)
	}
	opening.Set("correction", "Repair 2 was done in time.")
	if status, to, body := chief.send("/staff/releases", opening); status != http.StatusSeeOther || to != "/staff/releases/2" {
		t.Fatalf("%d, to %q\n%s", status, to, body)
	}
	chief.move("/staff/releases/2", works("excuse", "The office was closed."), http.StatusSeeOther)
	if page := chief.move("/staff/releases/2", url.Values{"do": {"release"}}, http.StatusForbidden); !strings.Contains(page, "Nobody but you took part") {
		t.Error("the page does not say why nobody releases alone")
	}
	if page := analyst.move("/staff/releases/2", url.Values{"do": {"release"}}, http.StatusSeeOther); !strings.Contains(page, "1 of 2") || !strings.Contains(page, "2 of 2") {
		t.Error("the page does not compare what is public with what would be")
	}
	if body := string(get(t, app, "/en/")); card(t, app).Number != 2 || !strings.Contains(body, "Repair 2 was done in time.") || !strings.Contains(body, "The office was closed.") {
		t.Errorf("publication %d: the front page does not say what it corrects and who has not reported", card(t, app).Number)
	}
	if got := shown(); got != "100" {
		t.Errorf("the corrected number is not public: %s", got)
	}
}
