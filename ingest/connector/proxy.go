package connector

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"

	"citystat/kpi"
)

// proxy returns what tells the proxy for an address, nil for none: that of the city, else that of the environment. NO_PROXY holds for both.
func (n *Network) proxy(configured string) (func(*url.URL) (*url.URL, error), error) {
	cfg := httpproxy.FromEnvironment()
	cfg.CGI = false // the program is no CGI program, and REQUEST_METHOD says nothing
	if configured != "" {
		opened, err := n.vault.open("network: proxy", kpi.SecretRef(configured), false)
		if err != nil {
			return nil, err
		}
		cfg.HTTPProxy, cfg.HTTPSProxy = opened, opened
	}
	where := []string{"HTTP_PROXY in the environment", "HTTPS_PROXY in the environment"}
	if configured != "" {
		where = []string{"network: proxy", "network: proxy"}
	}
	for i, p := range []string{cfg.HTTPProxy, cfg.HTTPSProxy} {
		if err := n.checkProxy(where[i], p); err != nil {
			return nil, err
		}
	}
	return cfg.ProxyFunc(), nil
}

// checkProxy refuses what the library would silently take for no proxy. A password in the address is remembered as a secret and not shown.
func (n *Network) checkProxy(where, address string) error {
	if address == "" {
		return nil
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5" && u.Scheme != "socks5h" {
		return kpi.Errorf(kpi.CodeInvalid, "%s is no address of a proxy; write it as http://proxy.example.org:3128", where)
	}
	if password, ok := u.User.Password(); ok {
		n.vault.remember(password)
	}
	return nil
}

// proxyRefusal is what the proxy said when it was asked for a way to a host.
type proxyRefusal struct{ status int }

// Error says what the proxy answered.
func (p *proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy answered %d %s", p.status, http.StatusText(p.status))
}

func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return &proxyRefusal{resp.StatusCode}
	}
	return nil
}

// gate checks every request, so every hop of a redirect too, and sends it directly or through the proxy.
type gate struct {
	guard           *guard
	proxy           func(*url.URL) (*url.URL, error)
	direct, through http.RoundTripper
}

// RoundTrip sends a request if it may be sent.
func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.admit(r.URL); err != nil {
		return nil, err
	}
	proxy, err := g.proxy(r.URL)
	if err != nil {
		return nil, err
	}
	if proxy == nil {
		return g.direct.RoundTrip(r)
	}
	if err := g.foresee(r); err != nil {
		return nil, err
	}
	return g.through.RoundTrip(r)
}

// foresee refuses what can be seen from here to be wrong, though it is the proxy that connects and its own rules decide. A name that only
// the proxy can resolve is left to it.
func (g *gate) foresee(r *http.Request) error {
	const patience = 3 * time.Second // behind some proxies nobody answers questions about names
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	_, err := g.guard.addresses(ctx, r.URL.Hostname(), port(r.URL), webRules)
	var no *refusal
	if errors.As(err, &no) {
		return err
	}
	return nil
}

// admit checks what an address itself says.
func (g *gate) admit(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse("%.20q is no way to fetch data; use https://", u.Scheme+"://")
	case u.Hostname() == "":
		return refuse("the address has no host")
	case u.User != nil:
		return refuse("the address of %s holds a user or a password; use user: and password: with a reference to the secret", u.Host)
	case u.Scheme == "http" && !g.guard.allows(u.Hostname(), port(u), webRules.ports):
		return refuse("http://%s is not encrypted; use https://, or, if the city trusts this host and the way to it, add it to network: allow_hosts", u.Host)
	}
	return nil
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	case u.Scheme == "sftp":
		return "22"
	}
	return "443"
}

const redirects = 5

// harmless are the headers that another host may see.
var harmless = map[string]bool{"Accept": true, "Accept-Encoding": true, "User-Agent": true, "Range": true, "If-Range": true, "If-None-Match": true, "If-Modified-Since": true}

// followed decides whether a redirect is followed. Every other header than the harmless ones may hold a secret and is for the first host only;
// once another host was on the way it does not come back. The address that led here stays unknown: it may hold a secret too.
func followed(r *http.Request, via []*http.Request) error {
	last := via[len(via)-1].URL
	switch {
	case len(via) > redirects:
		return refuse("it redirects more than %d times, probably in a circle; write the address at which the data are", redirects)
	case last.Scheme == "https" && r.URL.Scheme == "http":
		return refuse("it redirects from https:// to http://%s, which is not encrypted; ask who runs it to mend that", r.URL.Host)
	}
	r.Header.Del("Referer")
	foreign := !sameHost(via[0].URL, r.URL)
	for _, v := range via[1:] {
		foreign = foreign || !sameHost(via[0].URL, v.URL)
	}
	if !foreign {
		return nil
	}
	for name := range r.Header {
		if !harmless[name] {
			r.Header.Del(name)
		}
	}
	return nil
}

// sameHost reports whether two addresses lead to the same server; https at its usual port counts as the same as http at its usual port.
func sameHost(a, b *url.URL) bool {
	upgraded := a.Scheme == "http" && port(a) == "80" && b.Scheme == "https" && port(b) == "443"
	return strings.EqualFold(a.Hostname(), b.Hostname()) && (port(a) == port(b) || upgraded)
}
