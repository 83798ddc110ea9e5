package dashboards

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"citystat/kpi/scorecard/scorecardtest"
)

// BenchmarkScorecardPage asks for the page that most readers open first.
func BenchmarkScorecardPage(b *testing.B) { againstBare(b, "/en/") }

// BenchmarkIndicatorPage asks for the heaviest kind of page.
func BenchmarkIndicatorPage(b *testing.B) {
	againstBare(b, "/en/indicators/"+scorecardtest.Normal().Results[0].Indicator.ID)
}

// againstBare asks the whole server for a page over real connections that are kept alive, and next to it a bare
// Echo handler that serves the same bytes with the same headers. The two take turns within one run, so that a noisy machine slows both;
// the ratio of their requests a second is reported.
func againstBare(b *testing.B, path string) {
	b.Helper()
	log := slog.New(slog.NewTextHandler(&sink{}, nil)) // lines are made, as in operation
	s := newServer(b, Options{Published: published(scorecardtest.Normal()), Logger: log})
	ours := listen(b, s)
	header, body := fetch(b, ours+path)
	e := echo.New()
	e.GET(path, func(c echo.Context) error {
		h := c.Response().Header()
		for name, values := range header {
			h[name] = values
		}
		c.Response().WriteHeader(http.StatusOK)
		_, err := c.Response().Write(body)
		return err
	})
	bare := listen(b, e)
	clients := make([]*http.Client, 2*runtime.GOMAXPROCS(0))
	for i := range clients {
		clients[i] = &http.Client{Transport: &http.Transport{DisableCompression: true}}
	}
	const turn = 200 // requests in a row to the same server
	load(b, clients, ours+path, len(body), turn)
	load(b, clients, bare+path, len(body), turn)
	var tookOurs, tookBare time.Duration
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		tookOurs += load(b, clients, ours+path, len(body), turn)
		tookBare += load(b, clients, bare+path, len(body), turn)
		n += turn
	}
	b.ReportMetric(float64(n)/tookOurs.Seconds(), "pages/s")
	b.ReportMetric(float64(n)/tookBare.Seconds(), "bare/s")
	b.ReportMetric(tookBare.Seconds()/tookOurs.Seconds(), "ratio")
	b.ReportMetric(float64(len(body)), "bytes/page")
}

// sink takes a log and counts its bytes.
type sink struct{ n atomic.Int64 }

func (s *sink) Write(p []byte) (int, error) { s.n.Add(int64(len(p))); return len(p), nil }

// listen serves a handler on a free port with the bounds of our own server, until the benchmark ends.
func listen(b *testing.B, h http.Handler) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	b.Cleanup(func() {
		if err := server.Close(); err != nil {
			b.Error(err)
		}
		<-done
	})
	return "http://" + l.Addr().String()
}

// get asks for a page as a browser does, which takes it compressed.
func get(ctx context.Context, c *http.Client, url string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Encoding", "gzip")
	return c.Do(r)
}

func fetch(b *testing.B, url string) (http.Header, []byte) {
	b.Helper()
	res, err := get(b.Context(), &http.Client{Transport: &http.Transport{DisableCompression: true}}, url)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Encoding") != "gzip" {
		b.Fatalf("%s: %d %v %v", url, res.StatusCode, res.Header, err)
	}
	h := res.Header.Clone()
	h.Del("Date") // the server's own
	return h, body
}

// load shares n requests among the clients and returns how long they took together.
func load(b *testing.B, clients []*http.Client, url string, size, n int) time.Duration {
	b.Helper()
	start := time.Now()
	var work sync.WaitGroup
	for i, c := range clients {
		work.Go(func() {
			for range n/len(clients) + min(1, max(0, n%len(clients)-i)) {
				res, err := get(b.Context(), c, url)
				if err != nil {
					b.Error(err)
					return
				}
				got, err := io.Copy(io.Discard, res.Body)
				res.Body.Close()
				if err != nil || int(got) != size {
					b.Errorf("%d bytes of %d: %v", got, size, err)
					return
				}
			}
		})
	}
	work.Wait()
	return time.Since(start)
}
