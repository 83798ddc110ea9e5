package connector

import (
	"bufio"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"citystat/kpi"
)

// tunnel is a proxy that connects every CONNECT to one server, and answers plain requests itself.
type tunnel struct {
	*httptest.Server
	to     string // address of the server
	status int    // to refuse with; 0: do not

	mu    sync.Mutex
	asked []string
	auth  string
}

func newTunnel(t *testing.T, to string) *tunnel {
	t.Helper()
	p := &tunnel{to: to}
	p.Server = serve(t, func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.Host)
		p.auth = r.Header.Get("Proxy-Authorization")
		p.mu.Unlock()
		switch {
		case p.status != 0:
			w.WriteHeader(p.status)
		case r.Method == http.MethodConnect:
			p.connect(t, w)
		default:
			write(t, w, table12)
		}
	})
	return p
}

func (p *tunnel) connect(t *testing.T, w http.ResponseWriter) {
	t.Helper()
	there, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.to)
	if err != nil {
		t.Error(err)
		return
	}
	here, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	write(t, here, "HTTP/1.1 200 Connection established\r\n\r\n")
	pump(here, there, buf.Reader)
}

// pump carries bytes both ways until one side ends.
func pump(here, there net.Conn, rest *bufio.Reader) {
	done := make(chan bool, 2)
	go func() { io.Copy(there, rest); done <- true }() // ends with the connections
	go func() { io.Copy(here, there); done <- true }() // the same
	<-done
	here.Close()  // end of the tunnel
	there.Close() // the same
}

// behind makes a city behind a proxy: a server whose name only the proxy can connect to.
func behind(t *testing.T) (authority, *tunnel) {
	t.Helper()
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"} {
		t.Setenv(name, "")
	}
	city := newAuthority(t)
	s := city.server(t, "data.city.example", time.Now().Add(time.Hour), func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != "" {
			t.Error("the server was told the proxy's password")
		}
		write(t, w, table12)
	})
	return city, newTunnel(t, s.Listener.Addr().String())
}

func TestProxyOfTheCity(t *testing.T) {
	city, proxy := behind(t)
	t.Setenv("CITYSTAT_TEST_PROXY", "hunter2")
	at := "http://clerk:${CITYSTAT_TEST_PROXY}@" + proxy.Listener.Addr().String()
	for _, resolver := range []names{{"data.city.example": {"8.8.8.8"}}, {}} { // known here, and known to the proxy only
		proxy.asked = nil
		n := newNetwork(t, NetworkOptions{Pace: quick, CA: pemOf(city.cert.Raw), Network: kpi.Network{Proxy: at}, Resolver: resolver})
		text, _, err := bring(t, n, kpi.Source{URL: "https://data.city.example/a.csv"}, kpi.Load{})
		if err != nil || text != table12 || !slices.Equal(proxy.asked, []string{"CONNECT data.city.example:443"}) {
			t.Errorf("%q %v %v", text, proxy.asked, err)
		}
		if proxy.auth != "Basic "+base64.StdEncoding.EncodeToString([]byte("clerk:hunter2")) {
			t.Errorf("the proxy was told %q", proxy.auth)
		}
	}
}

func TestProxyOfTheEnvironment(t *testing.T) {
	city, proxy := behind(t)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("NO_PROXY", "inner.example")
	n := newNetwork(t, NetworkOptions{Pace: quick, CA: pemOf(city.cert.Raw), Network: kpi.Network{AllowHosts: []string{"plain.example"}}, Resolver: names{"data.city.example": {"8.8.8.8"}, "inner.example": {"10.0.0.1"}, "plain.example": {"10.0.0.2"}}})
	if text, _, err := bring(t, n, kpi.Source{URL: "https://data.city.example/a.csv"}, kpi.Load{}); err != nil || text != table12 {
		t.Errorf("%q %v", text, err)
	}
	if text, _, err := bring(t, n, kpi.Source{URL: "http://plain.example/a.csv"}, kpi.Load{}); err != nil || text != table12 {
		t.Errorf("%q %v", text, err)
	}
	if _, _, err := bring(t, n, kpi.Source{URL: "https://inner.example/a.csv"}, kpi.Load{}); err == nil || !strings.Contains(err.Error(), "which is private") {
		t.Errorf("NO_PROXY: %v", err)
	}
	if want := []string{"CONNECT data.city.example:443", "GET plain.example"}; !slices.Equal(proxy.asked, want) {
		t.Errorf("the proxy was asked for %v", proxy.asked)
	}
}

// TestProxyIsNoWayAroundTheGuard asks through a proxy that would connect to anything.
func TestProxyIsNoWayAroundTheGuard(t *testing.T) {
	city, proxy := behind(t)
	n := newNetwork(t, NetworkOptions{Pace: quick, CA: pemOf(city.cert.Raw), Network: kpi.Network{Proxy: proxy.URL}, Resolver: names{"self.example": {"127.0.0.1"}, "inner.example": {"10.0.0.1"}}})
	for _, url := range []string{"https://self.example/", "https://inner.example/", "https://169.254.169.254/", "https://[fd00:ec2::254]/", "https://0x7f.1/", "https://data.city.example:22/", "http://data.city.example/",
		strings.Replace(proxy.URL, "http:", "https:", 1)} { // the proxy itself is allowed as a proxy only
		if _, _, err := bring(t, n, kpi.Source{URL: url}, kpi.Load{}); kpi.ErrorCode(err) != kpi.CodeInvalid {
			t.Errorf("%s: %v", url, err)
		}
	}
	if len(proxy.asked) > 0 {
		t.Errorf("the proxy was asked for %v", proxy.asked)
	}
}

func TestProxyThatRefuses(t *testing.T) {
	city, proxy := behind(t)
	for status, want := range map[int]struct {
		code  kpi.Code
		says  string
		asked int
	}{407: {kpi.CodeInvalid, "network: proxy", 1}, 403: {kpi.CodeInvalid, "to allow the host", 1}, 502: {kpi.CodeUnready, "the proxy answered 502", 4}} {
		proxy.status, proxy.asked = status, nil
		n := newNetwork(t, NetworkOptions{Pace: quick, CA: pemOf(city.cert.Raw), Network: kpi.Network{Proxy: proxy.URL}, Resolver: names{}})
		_, _, err := bring(t, n, kpi.Source{URL: "https://data.city.example/"}, kpi.Load{})
		if kpi.ErrorCode(err) != want.code || !strings.Contains(err.Error(), want.says) || len(proxy.asked) != want.asked {
			t.Errorf("%d: %v after %v", status, err, proxy.asked)
		}
	}
}

func TestProxyThatIsNone(t *testing.T) {
	behind(t)
	for _, bad := range []string{"ftp://proxy.example:21", "http://", "http://clerk:hunter2@[::1", "${CITYSTAT_TEST_NONE}"} {
		if _, err := NewNetwork(NetworkOptions{Network: kpi.Network{Proxy: bad}}); kpi.ErrorCode(err) != kpi.CodeInvalid || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	t.Setenv("HTTPS_PROXY", "ftp://clerk:hunter2@proxy.example")
	if _, err := NewNetwork(NetworkOptions{}); err == nil || !strings.Contains(err.Error(), "HTTPS_PROXY") || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}
