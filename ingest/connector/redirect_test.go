package connector

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"citystat/kpi"
)

// moved answers with a redirect.
func moved(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusFound)
}

func TestRedirectsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		to, says string
		asked    int
	}{
		"circle":        {"/", "redirects more than 5 times", 6},
		"metadata":      {"https://169.254.169.254/latest/", "metadata service", 1},
		"private":       {"https://inner.example/", "which is private", 1},
		"not encrypted": {"http://public.example/", "not encrypted", 1},
		"other port":    {"https://public.example:8080/", "allow_hosts", 1},
		"file":          {"file:///etc/passwd", "no way to fetch data", 1},
		"gopher":        {"gopher://public.example/", "no way to fetch data", 1},
		"user":          {"https://user:hunter2@public.example/", "holds a user or a password", 1},
		"odd":           {"https://0x7f.1/", "neither a name nor an address", 1},
	} {
		asked := 0
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked++; moved(w, c.to) })
		n := newNetwork(t, NetworkOptions{Pace: quick, Network: allow(s), Resolver: names{"inner.example": {"10.0.0.1"}, "public.example": {"8.8.8.8"}}})
		_, _, err := bring(t, n, kpi.Source{URL: s.URL}, kpi.Load{})
		if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), c.says) || asked != c.asked || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %d requests, %v", name, asked, err)
		}
	}
}

func TestFiveRedirectsAreFollowed(t *testing.T) {
	t.Parallel()
	asked := 0
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked <= 5 {
			moved(w, "/next?signature=hunter2")
			return
		}
		write(t, w, table12)
	})
	n := reaching(t, s)
	ans, err := n.get(t.Context(), ask{url: s.URL + "/first"})
	if err != nil {
		t.Fatal(err)
	}
	if err := ans.Close(); err != nil {
		t.Error(err)
	}
	if ans.fetch.URL != s.URL+"/first" || ans.fetch.FinalURL != s.URL+"/next" {
		t.Errorf("%+v", ans.fetch)
	}
}

func TestNoWayFromHTTPSToHTTP(t *testing.T) {
	t.Parallel()
	plain := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the plain server was asked") })
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { moved(w, plain.URL) }))
	defer s.Close()
	n := newNetwork(t, NetworkOptions{Pace: quick, Network: allow(s, plain), CA: pemOf(s.Certificate().Raw)}) // both are allowed: it is the step down that is not
	if _, _, err := bring(t, n, kpi.Source{URL: s.URL}, kpi.Load{}); err == nil || !strings.Contains(err.Error(), "from https:// to http://") {
		t.Error(err)
	}
}

// TestSecretsStayWithTheirHost sends them on within a host and never to another, nor back again after another.
func TestSecretsStayWithTheirHost(t *testing.T) {
	t.Setenv("CITYSTAT_TEST_TOKEN", "hunter2-token")
	secrets := []string{"Authorization", "X-App-Token", "Cookie"}
	var seen []string
	note := func(who string, r *http.Request) {
		for _, name := range secrets {
			if strings.Contains(r.Header.Get(name), "hunter2") {
				seen = append(seen, who+" "+name)
			}
		}
		if r.Referer() != "" {
			t.Errorf("%s is told where the request came from: %s", who, r.Referer())
		}
		if r.Header.Get("If-None-Match") == "" {
			t.Errorf("%s is not told what is there", who)
		}
	}
	var first *httptest.Server
	other := serve(t, func(w http.ResponseWriter, r *http.Request) { note("other", r); moved(w, first.URL+"/back") })
	first = serve(t, func(w http.ResponseWriter, r *http.Request) {
		note(r.URL.Path, r)
		switch r.URL.Path {
		case "/a":
			moved(w, "/b")
		case "/b":
			moved(w, other.URL+"/c")
		default:
			write(t, w, table12)
		}
	})
	src := kpi.Source{URL: first.URL + "/a", Token: "${CITYSTAT_TEST_TOKEN}", Headers: map[string]kpi.SecretRef{"X-App-Token": "${CITYSTAT_TEST_TOKEN}", "Cookie": "id=${CITYSTAT_TEST_TOKEN}"}}
	before := kpi.Load{Spool: []kpi.SpoolFile{{Fetch: kpi.Fetch{URL: src.URL, ETag: `"1"`}}}}
	if text, _, err := bring(t, reaching(t, first, other), src, before); err != nil || text != table12 {
		t.Fatal(err)
	}
	want := "/a Authorization,/a X-App-Token,/a Cookie,/b Authorization,/b X-App-Token,/b Cookie"
	if got := strings.Join(seen, ","); got != want {
		t.Errorf("secrets were seen by %s", got)
	}
}
