package auth

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/account/accounttest"
)

// newTown is a town of two.
func newTown() (t *accounttest.Town, links map[string]string) {
	t, links = accounttest.New(), map[string]string{}
	for _, email := range []string{"ana@city.gov", "ben@city.gov"} {
		_, links[email] = t.Add(email, "Somebody", account.Grant{Role: account.Viewer})
	}
	return t, links
}

// office is a server that lets people in through a door.
type office struct {
	t    *testing.T
	town *accounttest.Town
	link map[string]string // by address
	door *Door
	url  string
	now  time.Time
}

func newOffice(t *testing.T, provider *Provider) *office {
	t.Helper()
	town, links := newTown()
	o := &office{t: t, town: town, link: links, now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	o.door = newDoor(Options{
		Passwords: o.town, People: o.town, Sessions: o.town, Now: func() time.Time { return o.now }, Provider: provider, Logger: slog.New(slog.DiscardHandler),
	}, cheapHasher(t))
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		var wait WaitError
		status := map[kpi.Code]int{kpi.CodeDenied: 403, kpi.CodeNotFound: 404, kpi.CodeUnready: 503}[kpi.ErrorCode(err)]
		if errors.As(err, &wait) {
			status = 429
		}
		if status == 0 {
			status = 500
		}
		if err := c.String(status, err.Error()); err != nil {
			t.Error(err)
		}
	}
	e.Use(o.door.Known)
	e.GET("/who", func(c echo.Context) error {
		if p := PersonOf(c); p != nil {
			return c.String(200, p.Email+" "+string(p.Grants[0].Role))
		}
		return c.String(200, "nobody")
	})
	e.POST("/in", func(c echo.Context) error {
		if err := o.door.SignIn(c.Request().Context(), c.FormValue("email"), c.FormValue("password"), "203.0.113.5"); err != nil {
			return err
		}
		return c.String(200, "in")
	})
	e.POST("/link", func(c echo.Context) error {
		weak, err := o.door.UseLink(c.Request().Context(), c.FormValue("link"), c.FormValue("password"))
		if err != nil {
			return err
		}
		return c.String(200, "weak:"+string(weak))
	})
	e.POST("/out", func(c echo.Context) error { return o.door.SignOut(c.Request().Context()) })
	e.GET("/begin", func(c echo.Context) error {
		to, err := o.door.Begin(c.Request().Context(), "/who")
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusFound, to)
	})
	e.GET("/back", func(c echo.Context) error {
		to, err := o.door.Finish(c.Request().Context(), c.QueryParam("state"), c.QueryParam("code"))
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusFound, to)
	})
	s := httptest.NewServer(e)
	t.Cleanup(s.Close)
	o.url = s.URL
	return o
}

// browser is somebody's.
type browser struct {
	o *office
	c *http.Client
}

func (o *office) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return &browser{o, &http.Client{Jar: jar}}
}

func (b *browser) read(res *http.Response, err error) (int, string) {
	b.o.t.Helper()
	if err != nil {
		b.o.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.o.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func (b *browser) who() string {
	b.o.t.Helper()
	_, who := b.read(b.c.Get(b.o.url + "/who"))
	return who
}

func (b *browser) post(path string, fields ...string) (int, string) {
	b.o.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.read(b.c.PostForm(b.o.url+path, form))
}

// token is the session's.
func (b *browser) token() string {
	at, err := url.Parse(b.o.url)
	if err != nil {
		b.o.t.Fatal(err)
	}
	for _, c := range b.c.Jar.Cookies(at) {
		if c.Name == "citystat_session" {
			return c.Value
		}
	}
	return ""
}

const goodPassword = "llueve sobre el muelle"

func TestSignIn(t *testing.T) {
	o := newOffice(t, nil)
	ana := o.browser()
	if who := ana.who(); who != "nobody" || ana.token() != "" {
		t.Fatalf("before: %s, with the session %q", who, ana.token())
	}
	if status, _ := ana.post("/in", "email", "ana@city.gov", "password", ""); status != 403 {
		t.Errorf("signed in without a password ever set: %d", status)
	}
	if _, said := ana.post("/link", "link", o.link["ana@city.gov"], "password", "short"); said != "weak:too_short" {
		t.Error(said)
	}
	if _, said := ana.post("/link", "link", o.link["ana@city.gov"], "password", goodPassword); said != "weak:" {
		t.Error(said)
	}
	if status, _ := ana.post("/link", "link", o.link["ana@city.gov"], "password", goodPassword); status != 404 {
		t.Errorf("the link serves twice: %d", status)
	}
	if who := ana.who(); who != "ana@city.gov viewer" {
		t.Error(who)
	}
	old := ana.token()
	if status, _ := ana.post("/in", "email", " Ana@City.gov", "password", goodPassword); status != 200 || ana.token() == old {
		t.Errorf("%d; the token after a sign-in is the one before: %t", status, ana.token() == old)
	}
	ghost := o.browser()
	at, err := url.Parse(o.url)
	if err != nil {
		t.Fatal(err)
	}
	ghost.c.Jar.SetCookies(at, []*http.Cookie{{Name: "citystat_session", Value: old}})
	if who := ghost.who(); who != "nobody" {
		t.Errorf("the token before the sign-in is %s's", who)
	}
	if status, _ := ana.post("/out"); status != 200 || ana.who() != "nobody" {
		t.Errorf("%d, and then %s", status, ana.who())
	}
}

// TestTheAnswerSaysNotWhich tries an address that is nobody's, a wrong password, somebody disabled and what is no address: one answer.
func TestTheAnswerSaysNotWhich(t *testing.T) {
	o := newOffice(t, nil)
	b := o.browser()
	if _, said := b.post("/link", "link", o.link["ben@city.gov"], "password", goodPassword); said != "weak:" {
		t.Fatal(said)
	}
	o.town.Set(2, func(p *account.Person) { p.Disabled = true })
	answers := map[string]bool{}
	for _, try := range [][2]string{{"nobody@city.gov", goodPassword}, {"ana@city.gov", "wrong"}, {"ben@city.gov", goodPassword}, {"'; --", goodPassword}} {
		status, said := o.browser().post("/in", "email", try[0], "password", try[1])
		if status != 403 {
			t.Errorf("%s: %d", try[0], status)
		}
		answers[said] = true
	}
	if len(answers) != 1 {
		t.Errorf("the answers differ: %v", answers)
	}
}

func TestRightsAreThoseOfNow(t *testing.T) {
	o := newOffice(t, nil)
	b := o.browser()
	b.post("/link", "link", o.link["ana@city.gov"], "password", goodPassword)
	o.town.Set(1, func(p *account.Person) { p.Grants = []account.Grant{{Role: account.Analyst}} })
	if who := b.who(); who != "ana@city.gov analyst" {
		t.Error(who)
	}
	o.town.Set(1, func(p *account.Person) { p.Disabled = true })
	if who := b.who(); who != "nobody" {
		t.Error(who)
	}
	o.town.Set(1, func(p *account.Person) { p.Disabled = false })
	if who := b.who(); who != "nobody" {
		t.Errorf("the session of somebody disabled came back: %s", who)
	}
}

func TestANewPasswordEndsSessionsElsewhere(t *testing.T) {
	o := newOffice(t, nil)
	here, there := o.browser(), o.browser()
	there.post("/link", "link", o.link["ana@city.gov"], "password", goodPassword)
	here.post("/link", "link", o.town.Link(1), "password", goodPassword+", siempre")
	if here.who() == "nobody" || there.who() != "nobody" {
		t.Errorf("here %s, there %s", here.who(), there.who())
	}
}

func TestWrongPasswordsAreSlowedDown(t *testing.T) {
	o := newOffice(t, nil)
	b := o.browser()
	b.post("/link", "link", o.link["ana@city.gov"], "password", goodPassword)
	b.post("/out")
	for i := range 12 {
		status, _ := b.post("/in", "email", "ana@city.gov", "password", "wrong")
		if want := map[bool]int{true: 403, false: 429}[i < 10]; status != want {
			t.Errorf("try %d: %d, want %d", i+1, status, want)
		}
	}
	if status, said := b.post("/in", "email", "ana@city.gov", "password", goodPassword); status != 429 || !strings.Contains(said, "15m") {
		t.Errorf("the right password: %d %s", status, said)
	}
	o.now = o.now.Add(15 * time.Minute)
	if status, _ := b.post("/in", "email", "ana@city.gov", "password", goodPassword); status != 200 {
		t.Errorf("a quarter of an hour later: %d", status)
	}
}

func TestOldHashesAreMadeAnew(t *testing.T) {
	o := newOffice(t, nil)
	b := o.browser()
	b.post("/link", "link", o.link["ana@city.gov"], "password", goodPassword)
	o.door.hasher.cost = cost{memory: 128, passes: 1, lanes: 1}
	before := o.town.Hash(1)
	if status, _ := b.post("/in", "email", "ana@city.gov", "password", goodPassword); status != 200 {
		t.Fatal(status)
	}
	if after := o.town.Hash(1); after == before || !strings.Contains(after, "m=128") {
		t.Errorf("%s, then %s", before, after)
	}
}

func TestCookie(t *testing.T) {
	o := newOffice(t, nil)
	for _, secure := range []bool{false, true} {
		form := url.Values{"link": {o.town.Link(1)}, "password": {goodPassword}}
		o.door.opts.Secure = secure
		d := newDoor(o.door.opts, o.door.hasher)
		e := echo.New()
		e.Use(d.Known)
		e.POST("/link", func(c echo.Context) error {
			_, err := d.UseLink(c.Request().Context(), c.FormValue("link"), c.FormValue("password"))
			return err
		})
		r := httptest.NewRequest(http.MethodPost, "/link", strings.NewReader(form.Encode()))
		r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		cookies := w.Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%v", cookies)
		}
		c := cookies[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != secure || strings.HasPrefix(c.Name, "__Host-") != secure {
			t.Errorf("secure %t: %s", secure, c)
		}
		if w.Header().Get("Cache-Control") == "" {
			t.Errorf("the answer may be kept by a cache: %v", w.Header())
		}
	}
}

func TestDoorNeedsItsParts(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("a door without people")
	}
}
