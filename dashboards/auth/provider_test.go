package auth

import (
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"citystat/kpi/account"
)

// realProvider is a provider of identities: the OpenID-certified server of the zitadel/oidc library, with its own page for passwords. It knows
// test-user@localhost, whose e-mail address is test-user@zitadel.ch and verified.
type realProvider struct {
	t      *testing.T
	issuer string
	server *httptest.Server
}

func newRealProvider(t *testing.T) *realProvider {
	t.Helper()
	logger := slog.Default()
	t.Cleanup(func() { slog.SetDefault(logger) }) // the example replaces it
	var handler http.Handler
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	issuer := "http://localhost:" + port
	handler = exampleop.SetupServer(issuer, storage.NewStorage(storage.NewUserStore(issuer)), slog.New(slog.DiscardHandler), false)
	s.Start()
	t.Cleanup(s.Close)
	return &realProvider{t, issuer, s}
}

// office is a server that trusts the provider.
func (p *realProvider) office(secret string) *office {
	p.t.Helper()
	options := ProviderOptions{Issuer: p.issuer, ClientID: "city", Secret: secret}
	provider := NewProvider(options)
	o := newOffice(p.t, provider)
	provider.opts.Redirect = o.url + "/back"
	storage.RegisterClients(storage.WebClient("city", "the secret of the city", o.url+"/back"))
	return o
}

var hidden = regexp.MustCompile(`name="id" value="([^"]+)"`)

// leave goes to the provider and returns the page that asks for a password there.
func (p *realProvider) leave(b *browser) (at *url.URL, id string) {
	p.t.Helper()
	res, err := b.c.Get(b.o.url + "/begin")
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	m := hidden.FindStringSubmatch(string(body))
	if m == nil {
		p.t.Fatalf("%d %s is no page that asks for a password:\n%s", res.StatusCode, res.Request.URL, body)
	}
	return res.Request.URL, m[1]
}

// come signs in at the provider and follows it back.
func (p *realProvider) come(b *browser, at *url.URL, id string) (int, string) {
	p.t.Helper()
	return b.read(b.c.PostForm(at.String(), url.Values{"id": {id}, "username": {"test-user@localhost"}, "password": {"verysecure"}}))
}

func TestSignInThroughAProvider(t *testing.T) {
	p := newRealProvider(t)
	o := p.office("the secret of the city")
	o.town.Set(1, func(a *account.Person) { a.Email = "test-user@zitadel.ch" })
	b := o.browser()
	at, id := p.leave(b)
	if status, said := p.come(b, at, id); status != 200 || said != "test-user@zitadel.ch viewer" {
		t.Fatalf("%d %s", status, said)
	}
	if who := b.who(); !strings.HasPrefix(who, "test-user") {
		t.Error(who)
	}
	// The person is known by their identity from now on, whatever their address becomes here.
	o.town.Set(1, func(a *account.Person) { a.Email = "somebody.else@city.gov" })
	again := o.browser()
	at, id = p.leave(again)
	if status, said := p.come(again, at, id); status != 200 || said != "somebody.else@city.gov viewer" {
		t.Errorf("%d %s", status, said)
	}
	o.town.Set(1, func(a *account.Person) { a.Disabled = true })
	if who := b.who(); who != "nobody" {
		t.Error(who)
	}
}

func TestStrangersOfAProviderStayOut(t *testing.T) {
	p := newRealProvider(t)
	o := p.office("the secret of the city") // where nobody has the address
	b := o.browser()
	at, id := p.leave(b)
	if status, said := p.come(b, at, id); status != 403 || b.who() != "nobody" {
		t.Errorf("%d %s", status, said)
	}
}

func TestAWrongSecretOfTheClient(t *testing.T) {
	p := newRealProvider(t)
	o := p.office("another secret")
	o.town.Set(1, func(a *account.Person) { a.Email = "test-user@zitadel.ch" })
	b := o.browser()
	at, id := p.leave(b)
	if status, _ := p.come(b, at, id); status != 403 || b.who() != "nobody" {
		t.Errorf("%d", status)
	}
}

// TestReturnsThatDoNotBelongHere plays an attacker who sends his own code, or an old one, into somebody's session.
func TestReturnsThatDoNotBelongHere(t *testing.T) {
	p := newRealProvider(t)
	o := p.office("the secret of the city")
	o.town.Set(1, func(a *account.Person) { a.Email = "test-user@zitadel.ch" })
	attacker, victim := o.browser(), o.browser()
	var back string
	attacker.c.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/back" {
			back = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	at, id := p.leave(attacker)
	p.come(attacker, at, id)
	if back == "" {
		t.Fatal("the provider sent nobody back")
	}
	if status, _ := victim.read(victim.c.Get(back)); status != 403 || victim.who() != "nobody" {
		t.Errorf("somebody else's return: %d, and then %s", status, victim.who())
	}
	p.leave(victim) // now there is a departure, another one
	if status, _ := victim.read(victim.c.Get(back)); status != 403 || victim.who() != "nobody" {
		t.Errorf("somebody else's return after a departure: %d, and then %s", status, victim.who())
	}
	for _, query := range []string{"", "?state=", "?state=x&code=y", "?code=y"} {
		if status, _ := victim.read(victim.c.Get(o.url + "/back" + query)); status != 403 {
			t.Errorf("%s: %d", query, status)
		}
	}
	attacker.c.CheckRedirect = nil
	if status, _ := attacker.read(attacker.c.Get(back)); status != 200 {
		t.Errorf("the return to whom it belongs: %d", status)
	}
	if status, _ := attacker.read(attacker.c.Get(back)); status != 403 {
		t.Errorf("the same return twice: %d", status)
	}
}

// TestAProviderThatComesLater is not there when it is first needed, and then it is.
func TestAProviderThatComesLater(t *testing.T) {
	up := false
	var issuer string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !up {
			http.Error(w, "starting", http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(map[string]any{"issuer": issuer, "authorization_endpoint": issuer + "/auth", "token_endpoint": issuer + "/token", "jwks_uri": issuer + "/keys"}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(s.Close)
	issuer = s.URL
	o := newOffice(t, NewProvider(ProviderOptions{Issuer: issuer, ClientID: "city", Redirect: "http://x/back"}))
	b := o.browser()
	b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if status, said := b.read(b.c.Get(o.url + "/begin")); status != 503 || !strings.Contains(said, "password") {
		t.Errorf("%d %s", status, said)
	}
	up = true
	res, err := b.c.Get(o.url + "/begin")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	to, err := res.Location()
	if err != nil {
		t.Fatal(err)
	}
	q := to.Query()
	if q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) < 43 || len(q.Get("state")) < 32 || len(q.Get("nonce")) < 32 || q.Get("response_type") != "code" {
		t.Errorf("%s", to)
	}
	if d := newDoor(Options{People: o.town, Passwords: o.town, Sessions: o.town, Now: nil}, o.door.hasher); d.HasProvider() {
		t.Error("a provider out of nothing")
	}
}
