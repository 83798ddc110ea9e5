package connector

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
)

// quick is a pace for tests.
var quick = Pace{Attempts: 4, First: time.Millisecond, Cap: 2 * time.Millisecond, RetryAfter: 3 * time.Second, Connect: 5 * time.Second, Answer: 5 * time.Second, Idle: 5 * time.Second, Total: time.Minute}

// reaching makes a Network that may reach the servers.
func reaching(t *testing.T, servers ...*httptest.Server) *Network {
	t.Helper()
	return newNetwork(t, NetworkOptions{Network: allow(servers...), Pace: quick, Version: "1.2.3"})
}

// allow lets the city allow the servers, which are on this machine.
func allow(servers ...*httptest.Server) kpi.Network {
	var to kpi.Network
	for _, s := range servers {
		to.AllowHosts = append(to.AllowHosts, s.Listener.Addr().String())
	}
	return to
}

func newNetwork(t *testing.T, o NetworkOptions) *Network {
	t.Helper()
	n, err := NewNetwork(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// serve starts a server that ends with the test.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func write(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Error(err)
	}
}

// bring fetches the source's address as a delivery of files.
func bring(t *testing.T, n *Network, src kpi.Source, before kpi.Load) (string, []string, error) {
	t.Helper()
	dir := t.TempDir()
	ds := &kpi.Dataset{ID: "requests", Source: src}
	items, notModified, warnings, clean, err := n.items(t.Context(), Request{Dataset: ds, Dir: dir, Network: n, Previous: before})
	text := ""
	if notModified {
		text = "not modified"
	}
	for _, it := range items {
		f, err := it.open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		text += string(b)
	}
	if err := clean(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("after the delivery there are %v (%v)", left, err)
	}
	return text, warnings, err
}

func TestFetch(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.UserAgent() != "CityStat/1.2.3" || r.Header.Get("Accept-Encoding") != "identity" {
			t.Errorf("asked as %v", r.Header)
		}
		write(t, w, "a,b\n1,2\n")
	})
	text, warnings, err := bring(t, reaching(t, s), kpi.Source{URL: s.URL + "/a.csv"}, kpi.Load{})
	if err != nil || text != "a,b\n1,2\n" || len(warnings) > 0 {
		t.Fatalf("%q %v %v", text, warnings, err)
	}
}

func TestJSON(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { write(t, w, `{"rows": [12345678901234567890]}`) })
	n := reaching(t, s)
	var got map[string]any
	ans, err := n.getJSON(t.Context(), ask{url: s.URL + "/x"}, &got)
	if err != nil || ans.fetch.Status != 200 {
		t.Fatal(err)
	}
	for _, bad := range []string{"https://127.0.0.1/", "http://example.com/", "ftp://x/"} {
		_, err := n.getJSON(t.Context(), ask{url: bad}, &got)
		if err == nil || kpi.ErrorCode(err) != kpi.CodeInvalid || strings.Contains(err.Error(), "attempts") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
