package dashboards

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"citystat/dashboards/auth"
	"citystat/dashboards/pages"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/account/accounttest"
	"citystat/kpi/scorecard/scorecardtest"
)

// doorLink is the link of the first person of a town.
const doorLink = "link-1-0000000000000000000000000000000000000001"

// doorTown is a town with somebody of every role, one who is disabled, and one with a name that tries everything. It returns the links by address.
func doorTown() (*accounttest.Town, map[string]string) {
	town, links := accounttest.New(), map[string]string{}
	add := func(email, name string, grants ...account.Grant) int64 {
		id, link := town.Add(email, name, grants...)
		links[email] = link
		return id
	}
	for _, r := range account.Roles {
		g := account.Grant{Role: r}
		if r.OfDepartment() {
			g.Department = "public-works"
		}
		add(string(r)+"@harborview.gov", "Somebody "+string(r), g)
	}
	out := add("former@harborview.gov", "</script><script>alert(1)</script> מיכל "+strings.Repeat("Long", 20))
	town.Set(out, func(p *account.Person) { p.Disabled = true })
	return town, links
}

// doorServer is a server where people sign in.
func doorServer(t testing.TB, town *accounttest.Town, change func(*Options)) *Server {
	t.Helper()
	mail, office := scorecardtest.NewFeedback(), scorecardtest.NewStaff()
	o := Options{
		Published: published(scorecardtest.Normal()), Staff: office, Directory: town, Trail: town, Work: workOf(t, "door", office.TheCity),
		Feedback: mail, FeedbackDesk: mail, Mail: &postbox{}, Recovery: &postbox{}, Site: "https://stat.harborview.gov", StaffKey: "the key of this machine",
	}
	o.Demo = demoTown{town}
	openDoor(t, &o, town)
	if change != nil {
		change(&o)
	}
	return newServer(t, o)
}

// demoTown is a town whose people are made up.
type demoTown struct{ *accounttest.Town }

// DemoPeople returns all of them who are not disabled.
func (d demoTown) DemoPeople(ctx context.Context) ([]account.Person, error) {
	list, err := d.People(ctx)
	return slices.DeleteFunc(list, func(p account.Person) bool { return p.Disabled }), err
}

// Key is the secret of their link: that of the first person's, so that one address suits every page at the door.
func (demoTown) Key() string { return doorLink }

// openDoor lets the people of a town sign in.
func openDoor(t testing.TB, o *Options, town *accounttest.Town) {
	t.Helper()
	o.Now = func() time.Time { return scorecardtest.Now }
	door, err := auth.New(auth.Options{Passwords: town, People: town, Sessions: town, Now: o.Now, Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	o.Door, o.Anybody = door, town.Anybody
}

// doorSite serves it.
func doorSite(t *testing.T) string {
	t.Helper()
	town, _ := doorTown()
	site := httptest.NewServer(doorServer(t, town, nil))
	t.Cleanup(site.Close)
	return site.URL
}

// guest is somebody's browser at a site.
type guest struct {
	t    *testing.T
	site string
	c    *http.Client
}

func newGuest(t *testing.T, site string) *guest {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &guest{t, site, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// do asks, and returns status, where it leads, and the body.
func (g *guest) do(method, path string, form url.Values, headers ...string) (status int, to, body string) {
	g.t.Helper()
	var sent io.Reader
	if form != nil {
		sent = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, g.site+path, sent)
	if err != nil {
		g.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := g.c.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location"), string(b)
}

const goodPassword = "llueve sobre el muelle"

// in signs somebody in by a link.
func (g *guest) in(link string) *guest {
	g.t.Helper()
	status, to, body := g.do(http.MethodPost, pages.LinkPath(link), url.Values{"password": {goodPassword}, "again": {goodPassword}})
	if status != http.StatusSeeOther || to != pages.StaffRoot {
		g.t.Fatalf("sign in by a link: %d, to %q\n%s", status, to, body)
	}
	return g
}

// act is something that only some may do, as it is done over HTTP.
type act struct {
	action     account.Action
	department string // that it is about; empty: none in particular
	method     string
	path       string
	form       url.Values
}

// other is a second right by which something may be done; empty: there is none.
func (a act) other() account.Action {
	if strings.HasPrefix(a.path, "/staff/handovers/") {
		return account.ChangePosts
	}
	return ""
}

// acts are all that staff can do, with the right to it. A staff route that is not among them fails the test.
func acts() []act {
	live := scorecardtest.NewStaff()
	of := func(dataset string) string { return live.TheCity.Dataset(dataset).Department }
	list := []act{
		{account.SeeStaff, "", "GET", "/staff/data", nil},
		{account.SeeStaff, "", "GET", "/staff/indicators/" + scorecardtest.Normal().Results[0].Indicator.ID, nil},
		{account.Decide, "", "GET", "/staff/indicators/" + scorecardtest.Normal().Results[0].Indicator.ID + "/decide", nil},
		{account.Decide, "", "POST", "/staff/indicators/" + scorecardtest.Normal().Results[0].Indicator.ID + "/decide", url.Values{"do": {"target"}, "step": {"save"}}},
		{account.Decide, "", "GET", "/staff/terms", nil},
		{account.Decide, "", "GET", "/staff/terms/1", nil},
		{account.Decide, "", "POST", "/staff/terms/1", url.Values{"target": {"0"}, "seen": {""}, "reason": {""}}},
		{account.SeeStaff, "", "GET", "/staff/decisions", nil},
		{account.SeeStaff, "", "GET", "/staff/decisions.patch", nil},
		{account.Decide, "", "POST", "/staff/decisions", url.Values{"do": {"withdraw"}, "decision": {"1"}, "revision": {"1"}, "because": {""}}},
		{account.SeePeople, "", "GET", "/staff/people", nil},
		{account.SeeAudit, "", "GET", "/staff/audit?verify=1", nil},
		{account.SeeFeedback, "", "GET", "/staff/feedback", nil},
		{account.SeeFeedback, "", "GET", "/staff/feedback.csv", nil},
		{account.AnswerFeedback, "", "POST", "/staff/feedback", url.Values{"do": {"close"}, "reference": {scorecardtest.Waiting}, "why": {""}}},
		{account.SeeStaff, "", "GET", "/staff/me", nil},
		{account.SeeStaff, "", "POST", "/staff/me", url.Values{"digest": {"hourly"}}},
		{account.SeeStaff, "", "GET", "/staff/commitments", nil},
		{account.SeeStaff, "", "GET", "/staff/commitments.csv?state=all", nil},
		{account.SeeStaff, "", "GET", "/staff/commitments/1", nil},
		{account.Commit, "", "POST", "/staff/commitments", url.Values{"text": {""}}},
		{account.Commit, "public-works", "POST", "/staff/commitments/1", url.Values{"do": {"report"}, "note": {""}}},
		{account.CloseCommitments, "public-works", "POST", "/staff/commitments/1", url.Values{"do": {"drop"}, "note": {""}}},
		{account.SeeStaff, "", "GET", "/staff/commitments/2/evidence/1", nil},
		{account.Commit, "public-works", "POST", "/staff/commitments/1", url.Values{"do": {"evidence"}, "shows": {""}}},
		{account.CloseCommitments, "public-works", "POST", "/staff/commitments/2", url.Values{"do": {"withdraw"}, "evidence": {"2"}, "reason": {""}}},
		{account.ChangePeople, "", "POST", "/staff/people", url.Values{"do": {"add"}, "email": {"x"}, "name": {""}}},
		{account.SeeStaff, "", "GET", "/staff/releases", nil},
		{account.CheckRound, "", "POST", "/staff/releases", url.Values{"period": {"2026-02"}}}, // one is under way
		{account.SeeStaff, "", "GET", "/staff/releases/2", nil},
		{account.FillRound, "public-works", "POST", "/staff/releases/2", url.Values{"do": {"fill"}, "department": {"public-works"}, "revision": {"1"}}},
		{account.FillRound, "housing", "POST", "/staff/releases/2", url.Values{"do": {"fill"}, "department": {"housing"}, "revision": {"1"}}},
		{account.CheckRound, "", "POST", "/staff/releases/1", url.Values{"do": {"return"}, "department": {"public-works"}, "revision": {"1"}, "note": {"x"}}},
		{account.Release, "", "POST", "/staff/releases/1", url.Values{"do": {"release"}, "revision": {"1"}}},
	}
	list = append(list, actsInMeetings()...)
	list = append(list,
		act{account.SeeStaff, "", "GET", "/staff/posts", nil},
		act{account.ChangePosts, "", "POST", "/staff/posts", url.Values{"do": {"give"}}},
		act{account.SeeStaff, "", "GET", "/staff/posts/data-office", nil},
		act{account.ChangePosts, "", "POST", "/staff/posts/data-office", url.Values{"do": {"give"}}},
		act{account.SeeStaff, "", "GET", "/staff/handovers/1", nil},
		act{account.HandOver, "public-works", "POST", "/staff/handovers/1", url.Values{}},
		act{account.HandOver, "transportation", "POST", "/staff/handovers/2", url.Values{}},
	)
	list = append(list, act{account.SeeStaff, "", "GET", "/meetings/streetstat/2026-04-02", nil},
		act{account.PrepareMeetings, "", "POST", "/meetings/streetstat/2026-04-02", url.Values{"do": {"edit"}, "key": {"topic/1"}, "minutes": {""}, "revision": {"1"}}})
	for _, i := range live.TheCity.Indicators[:5] { // of two departments
		list = append(list, actsOnWords(i.ID, i.Department)...)
		list = append(list, act{account.SeeCases, i.Department, "GET", "/staff/indicators/" + i.ID + "/cases", nil}, act{account.SeeCases, i.Department, "GET", "/staff/indicators/" + i.ID + "/cases.csv", nil})
	}
	list = append(list,
		act{account.SeeStaff, "", "GET", "/meetings/streetstat/calendar.ics", nil}, act{account.SeeStaff, "", "GET", "/meetings/streetstat/2026-04-02/invitation.ics", nil},
		act{account.SeeStaff, "", "GET", "/staff/work", nil}, act{account.SeeStaff, "", "GET", "/staff/work?department=housing", nil},
		act{account.SeeStaff, "", "GET", "/staff/departments/housing", nil}, act{account.SeeStaff, "", "GET", "/staff/departments/housing/board.csv", nil},
	)
	list = append(list,
		act{account.SeeStaff, "", "GET", "/meetings", nil}, act{account.SeeStaff, "", "GET", "/meetings?series=streetstat", nil},
		act{account.SeeStaff, "", "GET", "/meetings/streetstat", nil}, act{account.SeeStaff, "", "GET", "/meetings/streetstat/2026-04-02/change", nil},
		act{account.ConveneMeetings, "", "POST", "/meetings/streetstat", url.Values{"do": {"call"}}},
		act{account.ConveneMeetings, "", "POST", "/meetings/streetstat/2026-04-02/change", url.Values{"do": {"cancel"}}},
		act{account.SeeStaff, "", "GET", "/staff/emergencies", nil}, act{account.SeeStaff, "", "GET", "/staff/emergencies/1", nil},
		act{account.ConveneMeetings, "", "POST", "/staff/emergencies", url.Values{"what": {""}}},
		act{account.ConveneMeetings, "", "POST", "/staff/emergencies/1", url.Values{"do": {"void"}, "revision": {"1"}, "reason": {""}}},
	)
	list = append(list, actsOnWords("", "")...)
	list = append(list, actsOnMemos()...)
	for _, d := range live.TheCity.Datasets {
		list = append(list, act{account.SeeRejects, of(d.ID), "GET", "/staff/data/" + d.ID + "/rejects", nil},
			act{account.SeeRejects, of(d.ID), "GET", "/staff/data/" + d.ID + "/rejects.csv", nil},
			act{account.SeeStaff, "", "GET", "/staff/data/" + d.ID + "/deliveries.csv", nil},
			act{account.RunLoad, of(d.ID), "POST", "/staff/data/" + d.ID + "/load", url.Values{}},
			act{account.EnterValues, of(d.ID), "GET", "/staff/data/" + d.ID + "/entries", nil},
			act{account.EnterValues, of(d.ID), "POST", "/staff/data/" + d.ID + "/entries", url.Values{"do": {"type"}}})
		if d.Source.Kind == kpi.SourceEntry {
			list = append(list, act{account.EnterValues, of(d.ID), "GET", "/staff/data/" + d.ID + "/entries/1", nil},
				act{account.EnterValues, of(d.ID), "POST", "/staff/data/" + d.ID + "/entries/1", url.Values{"do": {"undo"}}})
		}
	}
	return list
}

// TestRightsOverHTTP lets everybody do everything: role by role, action by action, department by department. Whoever may is answered, whoever may not
// is refused, and whoever is not known is led to the door.
func TestRightsOverHTTP(t *testing.T) {
	town, links := doorTown()
	s := doorServer(t, town, func(o *Options) {
		for i := range o.Staff.(*scorecardtest.Staff).TheCity.Datasets { // every second one belongs to somebody else
			o.Staff.(*scorecardtest.Staff).TheCity.Datasets[i].Department = []string{"public-works", "housing", ""}[i%3]
		}
	})
	site := httptest.NewServer(s)
	t.Cleanup(site.Close)
	list := acts()
	for i := range list {
		for k, d := range scorecardtest.NewStaff().TheCity.Datasets {
			if strings.HasPrefix(list[i].path, "/staff/data/"+d.ID+"/") && list[i].action != account.SeeStaff {
				list[i].department = []string{"public-works", "housing", ""}[k%3]
			}
		}
	}
	cells := 0
	for _, role := range account.Roles {
		g := newGuest(t, site.URL).in(links[string(role)+"@harborview.gov"])
		for _, a := range list {
			may := account.Rights[a.action][role] == account.Everywhere || account.Rights[a.action][role] == account.OwnDepartment && a.department == "public-works"
			if a.department == "" && !strings.Contains(a.path, "/data/") { // about none in particular: whoever may for one department comes in
				may = account.Rights[a.action][role] != account.Nowhere
			}
			may = may || account.Rights[a.other()][role] == account.Everywhere
			status, _, _ := g.do(a.method, a.path, a.form)
			if got := status != http.StatusForbidden; got != may || status >= 500 || status == http.StatusNotFound && !strings.HasSuffix(a.path, "deliveries.csv") || status == http.StatusMethodNotAllowed {
				t.Errorf("%s, %s of %q: %s %s gives %d", role, a.action, a.department, a.method, a.path, status)
			}
			cells++
		}
	}
	stranger := newGuest(t, site.URL)
	for _, a := range list {
		status, to, _ := stranger.do(a.method, a.path, a.form)
		if status != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in") {
			t.Errorf("a stranger: %s %s gives %d, to %q", a.method, a.path, status, to)
		}
	}
	if cells < 200 {
		t.Errorf("only %d cells were tried", cells)
	}
	for _, r := range s.staffRoutes().Routes() {
		if !pages.BelowStaff(r.Path) || r.Method != http.MethodGet && r.Method != http.MethodPost || r.Path == "/staff/" || r.Path == "/staff" || strings.HasSuffix(r.Path, "/events") {
			continue
		}
		pattern := regexp.MustCompile("^" + regexp.MustCompile(`:[a-z]+`).ReplaceAllString(regexp.QuoteMeta(r.Path), `[^/?]+`) + `(\?.*)?$`)
		known := false
		for _, a := range list {
			known = known || a.method == r.Method && pattern.MatchString(a.path)
		}
		if !known {
			t.Errorf("nobody tries %s %s: add it to acts", r.Method, r.Path)
		}
	}
}

func TestSignInPage(t *testing.T) {
	town, links := doorTown()
	site := httptest.NewServer(doorServer(t, town, nil))
	t.Cleanup(site.Close)
	g := newGuest(t, site.URL).in(links["viewer@harborview.gov"])
	if status, _, body := g.do("GET", "/staff/data", nil); status != 200 || !strings.Contains(body, "Somebody viewer") || strings.Contains(body, "/staff/people") {
		t.Errorf("%d: the page does not say who is in, or leads where a viewer may not go", status)
	}
	if status, _, body := g.do("GET", "/en/", nil); status != 200 || !strings.Contains(body, `href="/staff/data"`) {
		t.Errorf("%d: the public page has no way back to the staff's", status)
	}
	if status, to, _ := g.do("POST", "/sign-out", url.Values{}); status != http.StatusSeeOther || to != "/sign-in?out=1" {
		t.Errorf("signing out: %d, to %q", status, to)
	}
	if status, to, _ := g.do("GET", "/staff/data?asked=trees", nil); status != http.StatusSeeOther || to != "/sign-in?to=%2Fstaff%2Fdata%3Fasked%3Dtrees" {
		t.Errorf("signed out: %d, to %q", status, to)
	}
	if _, _, body := g.do("GET", "/en/", nil); strings.Contains(body, "/staff") {
		t.Error("the public page still knows the way to the staff's")
	}
	form := url.Values{"email": {"viewer@harborview.gov"}, "password": {"wrong, quite wrong"}, "to": {"/staff/data?asked=trees"}}
	status, _, body := g.do("POST", "/sign-in", form)
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "<title>Error: ") || strings.Contains(body, "quite wrong") || !strings.Contains(body, `value="viewer@harborview.gov"`) {
		t.Errorf("a wrong password: %d\n%s", status, body)
	}
	for to, want := range map[string]string{
		"/staff/data?asked=trees": "/staff/data?asked=trees", "https://evil.example/staff/": "/staff", "//evil.example/staff/": "/staff", "/staff/../en/": "/staff/../en/", "javascript:alert(1)": "/staff",
		"/\\evil.example": "/staff", "": "/staff", "/staff//evil.example": "/staff",
	} {
		form.Set("password", goodPassword)
		form.Set("to", to)
		if status, got, _ := g.do("POST", "/sign-in", form); status != http.StatusSeeOther || got != want {
			t.Errorf("%q leads to %q with %d, want %q", to, got, status, want)
		}
	}
	for _, header := range [][2]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}} {
		if status, _, _ := newGuest(t, site.URL).do("POST", "/sign-in", form, header[0], header[1]); status != http.StatusForbidden {
			t.Errorf("signed in from another site (%s): %d", header[0], status)
		}
	}
}

// TestTooManyWrongPasswords sends eleven.
func TestTooManyWrongPasswords(t *testing.T) {
	town, _ := doorTown()
	g := newGuest(t, doorSite(t))
	_ = town
	form := url.Values{"email": {"viewer@harborview.gov"}, "password": {"wrong, quite wrong"}}
	for i := range 11 {
		status, _, body := g.do("POST", "/sign-in", form)
		if want := map[bool]int{true: 422, false: 429}[i < 10]; status != want {
			t.Fatalf("try %d: %d, want %d\n%s", i+1, status, want, body)
		}
	}
}

func TestPeoplePage(t *testing.T) {
	town, links := doorTown()
	site := httptest.NewServer(doorServer(t, town, nil))
	t.Cleanup(site.Close)
	g := newGuest(t, site.URL).in(links["administrator@harborview.gov"])
	status, _, body := g.do("POST", "/staff/people", url.Values{"do": {"add"}, "name": {"Nadia Pérez"}, "email": {"Nadia@harborview.gov"}, "lang": {"es"},
		"role": {"analyst", "department_head:public-works"}})
	link := regexp.MustCompile(`https://stat\.harborview\.gov(/sign-in/link/[A-Za-z0-9_-]+)`).FindStringSubmatch(body)
	if status != http.StatusOK || link == nil {
		t.Fatalf("%d: the page shows no link\n%s", status, body)
	}
	if _, _, body := g.do("GET", "/staff/people", nil); strings.Contains(body, link[1]) || !strings.Contains(body, "nadia@harborview.gov") {
		t.Error("the link is shown again, or the person is not there")
	}
	new := newGuest(t, site.URL)
	if status, _, body := new.do("GET", link[1], nil); status != http.StatusOK || !strings.Contains(body, `value="nadia@harborview.gov"`) {
		t.Fatalf("%d\n%s", status, body)
	}
	for _, c := range []struct{ password, again, want string }{{"short", "short", "12"}, {goodPassword, "another", "not the same"}, {"nadia@harborview.gov", "nadia@harborview.gov", "too easy"}} {
		status, _, body := new.do("POST", link[1], url.Values{"password": {c.password}, "again": {c.again}})
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, c.want) || strings.Contains(body, `value="`+c.password) && c.password != "nadia@harborview.gov" {
			t.Errorf("%q: %d", c.password, status)
		}
	}
	new.in(strings.TrimPrefix(link[1], "/sign-in/link/"))
	if status, _, _ := new.do("GET", link[1], nil); status != http.StatusNotFound {
		t.Errorf("the link serves twice: %d", status)
	}
	if status, _, _ := new.do("GET", "/staff/people", nil); status != http.StatusForbidden {
		t.Errorf("an analyst sees people: %d", status)
	}
	people, err := town.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id := ""
	for _, p := range people {
		if p.Email == "nadia@harborview.gov" {
			id = fmt.Sprint(p.ID)
			if p.Lang != kpi.Spanish || !p.Has(account.Analyst) || !p.May(account.RunLoad, "public-works") {
				t.Errorf("%+v", p)
			}
		}
		if p.Has(account.Administrator) {
			if status, _, _ := g.do("POST", "/staff/people", url.Values{"do": {"disable"}, "person": {fmt.Sprint(p.ID)}}); status != http.StatusConflict {
				t.Errorf("the last administrator is disabled: %d", status)
			}
		}
	}
	if status, to, _ := g.do("POST", "/staff/people", url.Values{"do": {"disable"}, "person": {id}}); status != http.StatusSeeOther || !strings.Contains(to, "done="+id) {
		t.Errorf("%d %q", status, to)
	}
	if status, _, _ := new.do("GET", "/staff/data", nil); status != http.StatusSeeOther {
		t.Errorf("somebody disabled sees staff pages: %d", status)
	}
	for _, form := range []url.Values{{"do": {"roles"}, "person": {id}, "role": {"king"}}, {"do": {"roles"}, "person": {"x"}}, {"do": {"nothing"}, "person": {id}}, {"do": {"roles"}, "person": {id}, "role": {"department_head:nowhere"}}} {
		if status, _, _ := g.do("POST", "/staff/people", form); status != http.StatusBadRequest {
			t.Errorf("%v: %d", form, status)
		}
	}
	if _, _, body := g.do("GET", "/staff/audit", nil); !strings.Contains(body, "Person added") || !strings.Contains(body, "Link made") {
		t.Error("the trail does not tell of it")
	}
}

// TestTheKeyEndsWithTheFirstPerson: as long as nobody can sign in, being at this machine with its key is enough; then no more.
func TestTheKeyEndsWithTheFirstPerson(t *testing.T) {
	town := accounttest.New()
	site := httptest.NewServer(doorServer(t, town, nil))
	t.Cleanup(site.Close)
	g := newGuest(t, strings.Replace(site.URL, "127.0.0.1", "localhost", 1))
	if status, _, _ := g.do("GET", "/staff/data", nil); status != http.StatusNotFound {
		t.Errorf("without the key: %d", status)
	}
	if status, _, _ := g.do("GET", "/sign-in", nil); status != http.StatusNotFound {
		t.Errorf("a door that nobody can come through: %d", status)
	}
	if status, _, _ := g.do("GET", "/staff/data?key=the+key+of+this+machine", nil); status != http.StatusSeeOther {
		t.Errorf("with the key: %d", status)
	}
	if status, _, _ := g.do("GET", "/staff/data", nil); status != http.StatusOK {
		t.Errorf("after the key: %d", status)
	}
	town.Add("ana@harborview.gov", "Ana", account.Grant{Role: account.Administrator})
	if status, to, _ := g.do("GET", "/staff/data", nil); status != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in") {
		t.Errorf("the key still opens: %d", status)
	}
	if status, _, body := g.do("GET", "/en/", nil); status != http.StatusOK || strings.Contains(body, "/staff") {
		t.Errorf("%d: the public page still leads there", status)
	}
}

// TestLinksAreNotInTheLog opens a link, uses it and asks for another: a secret in the log would serve whoever reads it first.
func TestLinksAreNotInTheLog(t *testing.T) {
	town, links := doorTown()
	var log bytes.Buffer
	var mu sync.Mutex
	site := httptest.NewServer(doorServer(t, town, func(o *Options) {
		o.Logger = slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			return log.Write(p)
		}), nil))
	}))
	t.Cleanup(site.Close)
	g := newGuest(t, site.URL)
	secret := links["viewer@harborview.gov"]
	g.do("GET", pages.LinkPath(secret), nil)
	g.do("POST", pages.LinkPath(secret), url.Values{"password": {"short"}, "again": {"short"}})
	g.in(secret)
	g.do("GET", pages.LinkPath(secret), nil) // used: an error page
	mu.Lock()
	defer mu.Unlock()
	if said := log.String(); strings.Contains(said, secret) || strings.Contains(said, goodPassword) || strings.Count(said, "/sign-in/link/") < 4 {
		t.Errorf("the log has a secret, or not the requests:\n%s", said)
	}
}

// writerFunc is a function that takes what is written.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestPagesKeepToRights looks at the page of the data as somebody of each kind: no button that would be refused, no link, and no words of a failure, which
// may quote a row, but for those who may see refused rows.
func TestPagesKeepToRights(t *testing.T) {
	town, links := doorTown()
	site := httptest.NewServer(doorServer(t, town, func(o *Options) {
		for i := range o.Staff.(*scorecardtest.Staff).TheCity.Datasets {
			o.Staff.(*scorecardtest.Staff).TheCity.Datasets[i].Department = []string{"public-works", "housing"}[i%2]
		}
	}))
	t.Cleanup(site.Close)
	button, refused := regexp.MustCompile(`action="/staff/data/[a-z-]+/load"`), regexp.MustCompile(`href="/staff/data/[a-z-]+/rejects`)
	seen := map[account.Role][3]int{}
	for _, role := range account.Roles {
		_, _, body := newGuest(t, site.URL).in(links[string(role)+"@harborview.gov"]).do("GET", "/staff/data", nil)
		seen[role] = [3]int{len(button.FindAllString(body, -1)), len(refused.FindAllString(body, -1)), strings.Count(body, "<pre")}
	}
	all, head := seen[account.Analyst], seen[account.DepartmentHead]
	if all[0] == 0 || all[1] == 0 || all[2] == 0 || head[0] == 0 || head[0] >= all[0] || head[1]+head[2] >= all[1]+all[2] {
		t.Errorf("an analyst sees %v, a department head %v: the test shows nothing", all, head)
	}
	for _, role := range []account.Role{account.Viewer, account.Administrator, account.Mayor} {
		if seen[role] != [3]int{} {
			t.Errorf("%s sees buttons, links to refused rows and messages: %v", role, seen[role])
		}
	}
}
