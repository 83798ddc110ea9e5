package dashboards

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// listening is a server on a real port, with bounds that would end an ordinary answer soon.
func listening(t *testing.T, o Options) (*Server, *scorecardtest.Staff, string, <-chan error) {
	t.Helper()
	s, office := staffServer(t, o)
	s.http.ReadTimeout, s.http.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := s.http.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, office, "http://" + l.Addr().String(), served
}

// watch opens the live progress.
func watch(ctx context.Context, t *testing.T, site, query string) (*http.Response, *bufio.Scanner) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, site+"/staff/data/events"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res, bufio.NewScanner(res.Body)
}

// job is an event as the script reads it.
type job struct {
	Dataset, State, Title, Started, Step, Amount, Ended string
	Done                                                int
}

// until reads events until one satisfies; it counts the signs of life on the way.
func until(t *testing.T, sc *bufio.Scanner, is func(job) bool) (found job, beats int) {
	t.Helper()
	for sc.Scan() {
		if strings.HasPrefix(sc.Text(), ":") {
			beats++
		}
		data, ok := strings.CutPrefix(sc.Text(), "data: ")
		if !ok {
			continue
		}
		var j job
		if err := json.Unmarshal([]byte(data), &j); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if is(j) {
			return j, beats
		}
	}
	t.Fatalf("the stream ended: %v", sc.Err())
	return job{}, 0
}

// Live progress goes on past the bounds of ordinary answers, in the reader's language, and says when a load has ended.
func TestLiveProgress(t *testing.T) {
	_, office, site, _ := listening(t, Options{Timeout: 50 * time.Millisecond, heartbeat: 5 * time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	res, sc := watch(ctx, t, site, "?lang=fr")
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") || res.Header.Get("Cache-Control") != "private, no-store" {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	running := func(j job) bool { return j.Dataset == "service-requests" && j.State == "running" }
	first, _ := until(t, sc, running)
	if first.Step != "Étape 3 sur 7\u00a0: lecture des lignes" || !strings.HasPrefix(first.Amount, "Lignes\u00a0: 41\u00a0200 sur") || first.Done < 285 || first.Done > 428 {
		t.Errorf("at first: %+v", first)
	}
	st := office.Reports[0].Job
	st.Progress = kpi.Progress{Dataset: st.Dataset, Step: kpi.StepFetch, Done: 12_400_000, Unit: "bytes"}
	// So many signs of life take longer than any bound of the server.
	for beats := 0; beats < 40; {
		if !sc.Scan() {
			t.Fatalf("the stream ended after %d signs of life: %v", beats, sc.Err())
		}
		if strings.HasPrefix(sc.Text(), ":") {
			beats++
		}
	}
	office.Send(st)
	second, _ := until(t, sc, func(j job) bool { return running(j) && j.Done < 285 })
	if second.Amount != "Lu\u00a0: 12,4\u00a0Mo" || second.Ended != "" {
		t.Errorf("while it is fetched: %+v", second)
	}
	office.Send(kpi.RunState{Dataset: st.Dataset})
	last, _ := until(t, sc, func(j job) bool { return j.Dataset == st.Dataset && j.State == "" })
	if last.Ended != "Chargement terminé. Demandes de services" { //nolint:misspell // French
		t.Errorf("at the end: %+v", last)
	}
	cancel()
	wait, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	if err := office.Watching(wait, 0); err != nil {
		t.Errorf("after the reader had gone: %v", err)
	}
}

// The server ends at once, however many watch.
func TestShutdownEndsLiveProgress(t *testing.T) {
	s, office, site, served := listening(t, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, sc := watch(ctx, t, site, "")
	until(t, sc, func(job) bool { return true })
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	for sc.Scan() { // what was sent before the end is read
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if err := office.Watching(ctx, 0); err != nil {
		t.Error(err)
	}
}

// So many may watch and no more, other sites may not, and the states are sent no more often than a reader can see.
func TestListenersAreBounded(t *testing.T) {
	_, office, site, _ := listening(t, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var last *bufio.Scanner
	for range 16 {
		_, last = watch(ctx, t, site, "")
	}
	if err := office.Watching(ctx, 16); err != nil {
		t.Fatal(err)
	}
	if res, _ := watch(ctx, t, site, ""); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the 17th: %d", res.StatusCode)
	}
	sent := 0
	for i := range 500 {
		st := office.Reports[0].Job
		st.Progress.Done = int64(42_000 + i)
		office.Send(st)
	}
	until(t, last, func(j job) bool {
		if j.Dataset == "service-requests" {
			sent++
		}
		return strings.Contains(j.Amount, "42,499")
	})
	if sent > 5 {
		t.Errorf("500 states in a moment were sent as %d events", sent)
	}
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	v := here()
	v.header = req.Header
	s, _ := staffServer(t, Options{})
	if w := v.answer(s, "/staff/data/events"); w.Code != http.StatusForbidden {
		t.Errorf("a page of another site: %d", w.Code)
	}
	v = here()
	v.method = http.MethodHead
	if w := v.answer(s, "/staff/data/events"); w.Code != http.StatusOK || w.Body.Len() > 0 {
		t.Errorf("HEAD: %d", w.Code)
	}
}
