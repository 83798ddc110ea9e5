package connector

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"citystat/kpi"
)

const table12 = "a,b\n1,2\n3,4\n"

// cut sends the first part of an answer and breaks the connection.
func cut(t *testing.T, w http.ResponseWriter, part string) {
	t.Helper()
	write(t, w, part)
	if err := http.NewResponseController(w).Flush(); err != nil {
		t.Error(err)
	}
	panic(http.ErrAbortHandler)
}

func header(w http.ResponseWriter, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		w.Header().Set(pairs[i], pairs[i+1])
	}
}

// TestFaultsThatPass has a server that goes wrong once, or twice, and is fine then.
func TestFaultsThatPass(t *testing.T) {
	status := func(s int, pairs ...string) func(*testing.T, int, http.ResponseWriter, *http.Request) bool {
		return func(_ *testing.T, k int, w http.ResponseWriter, _ *http.Request) bool {
			if k > 2 {
				return false
			}
			header(w, pairs...)
			w.WriteHeader(s)
			return true
		}
	}
	for name, c := range map[string]struct {
		fault func(t *testing.T, k int, w http.ResponseWriter, r *http.Request) bool // whether it has answered the k-th request, from 1
		asked int
	}{
		"408":                     {status(408), 3},
		"425":                     {status(425), 3},
		"429":                     {status(429), 3},
		"500":                     {status(500), 3},
		"502":                     {status(502), 3},
		"503":                     {status(503), 3},
		"504":                     {status(504), 3},
		"429, come at once":       {status(429, "Retry-After", "0"), 3},
		"503, a date in the past": {status(503, "Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"), 3},
		"429, no such wait":       {status(429, "Retry-After", "soon"), 3},
		"still preparing":         {status(202), 3},
		"reset before the answer": {func(_ *testing.T, k int, _ http.ResponseWriter, _ *http.Request) bool {
			if k == 1 {
				panic(http.ErrAbortHandler)
			}
			return false
		}, 2},
		"reset in the answer, no ranges": {func(t *testing.T, k int, w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Range") != "" {
				t.Error("asked for a range without a validator")
			}
			if k == 1 {
				header(w, "Content-Length", "12")
				cut(t, w, table12[:5])
			}
			return false
		}, 2},
		"reset in chunks": {func(t *testing.T, k int, w http.ResponseWriter, _ *http.Request) bool {
			if k == 1 {
				cut(t, w, table12[:8])
			}
			return false
		}, 2},
		"length too large": {func(t *testing.T, k int, w http.ResponseWriter, _ *http.Request) bool {
			if k == 1 {
				header(w, "Content-Length", "20")
				write(t, w, table12)
				return true
			}
			return false
		}, 2},
		"ranges are ignored": {func(t *testing.T, k int, w http.ResponseWriter, r *http.Request) bool {
			header(w, "ETag", `"1"`)
			if k == 1 {
				header(w, "Content-Length", "12")
				cut(t, w, "other fil")
			}
			if r.Header.Get("Range") != "bytes=9-" || r.Header.Get("If-Range") != `"1"` {
				t.Errorf("resumed with %v", r.Header)
			}
			return false
		}, 2},
		"another file on resuming": {func(t *testing.T, k int, w http.ResponseWriter, r *http.Request) bool {
			switch k {
			case 1:
				header(w, "Content-Length", "12", "ETag", `"1"`)
				cut(t, w, "x,y\n9")
			case 2:
				header(w, "Content-Range", "bytes 5-11/12", "Content-Length", "7", "ETag", `"2"`)
				w.WriteHeader(http.StatusPartialContent)
				write(t, w, table12[5:])
				return true
			}
			if r.Header.Get("Range") != "" {
				t.Error("resumed what had changed")
			}
			return false
		}, 3},
		"another length on resuming": {func(t *testing.T, k int, w http.ResponseWriter, _ *http.Request) bool {
			switch k {
			case 1:
				header(w, "Content-Length", "30", "ETag", `"1"`)
				cut(t, w, "x,y\n9")
			case 2:
				header(w, "Content-Range", "bytes 5-11/12", "ETag", `"1"`)
				w.WriteHeader(http.StatusPartialContent)
				write(t, w, table12[5:])
				return true
			}
			return false
		}, 3},
		"another part than asked for": {func(t *testing.T, k int, w http.ResponseWriter, _ *http.Request) bool {
			switch k {
			case 1:
				header(w, "Content-Length", "12", "ETag", `"1"`)
				cut(t, w, table12[:5])
			case 2:
				header(w, "Content-Range", "bytes 0-11/12", "ETag", `"1"`)
				w.WriteHeader(http.StatusPartialContent)
				write(t, w, table12)
				return true
			}
			return false
		}, 3},
		"another part as long as the one asked for": {func(t *testing.T, k int, w http.ResponseWriter, _ *http.Request) bool {
			switch k {
			case 1:
				header(w, "Content-Length", "12", "ETag", `"1"`)
				cut(t, w, table12[:5])
			case 2:
				header(w, "Content-Range", "bytes 0-6/12", "ETag", `"1"`)
				w.WriteHeader(http.StatusPartialContent)
				write(t, w, table12[:7])
				return true
			}
			return false
		}, 3},
		"a part that begins too early": {func(t *testing.T, k int, w http.ResponseWriter, _ *http.Request) bool {
			switch k {
			case 1:
				header(w, "Content-Length", "12", "ETag", `"1"`)
				cut(t, w, table12[:5])
			case 2:
				header(w, "Content-Range", "bytes 4-11/12", "ETag", `"1"`)
				w.WriteHeader(http.StatusPartialContent)
				write(t, w, table12[4:11])
				return true
			}
			return false
		}, 3},
		"nothing left on resuming": {func(t *testing.T, k int, w http.ResponseWriter, _ *http.Request) bool {
			switch k {
			case 1:
				header(w, "Content-Length", "12", "ETag", `"1"`)
				cut(t, w, table12[:5])
			case 2:
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				return true
			}
			return false
		}, 3},
		"weak validator": {func(t *testing.T, k int, w http.ResponseWriter, r *http.Request) bool {
			if k == 1 {
				header(w, "Content-Length", "12", "ETag", `W/"1"`)
				cut(t, w, table12[:5])
			}
			if r.Header.Get("Range") != "" {
				t.Error("resumed by a weak validator")
			}
			return false
		}, 2},
		"changed a moment ago": {func(t *testing.T, k int, w http.ResponseWriter, r *http.Request) bool {
			if k == 1 {
				header(w, "Content-Length", "12", "Last-Modified", time.Now().UTC().Format(http.TimeFormat))
				cut(t, w, table12[:5])
			}
			if r.Header.Get("Range") != "" {
				t.Error("resumed by a date that may stand for two files")
			}
			return false
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if !c.fault(t, int(asked.Add(1)), w, r) {
					write(t, w, table12)
				}
			})
			text, _, err := bring(t, reaching(t, s), kpi.Source{URL: s.URL}, kpi.Load{})
			if err != nil || text != table12 || int(asked.Load()) != c.asked {
				t.Errorf("%q after %d requests, %v", text, asked.Load(), err)
			}
		})
	}
}

// TestResume breaks off again and again, with each kind of validator, and every byte comes once.
func TestResume(t *testing.T) {
	t.Parallel()
	for name, validator := range map[string][2]string{"tag": {"ETag", `"v1"`}, "date": {"Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT"}} {
		var ranges []string
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			header(w, validator[0], validator[1])
			first := 0
			if g := r.Header.Get("Range"); g != "" {
				ranges = append(ranges, g)
				if r.Header.Get("If-Range") != validator[1] || r.Header.Get("If-None-Match") != "" {
					t.Errorf("%s: resumed with %v", name, r.Header)
				}
				if _, err := fmt.Sscanf(g, "bytes=%d-", &first); err != nil {
					t.Error(err)
				}
				header(w, "Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, len(table12)-1, len(table12)), "Content-Length", strconv.Itoa(len(table12)-first))
				w.WriteHeader(http.StatusPartialContent)
			} else {
				header(w, "Content-Length", strconv.Itoa(len(table12)))
			}
			if last := first + 5; last < len(table12) {
				cut(t, w, table12[first:last])
			}
			write(t, w, table12[first:])
		})
		text, _, err := bring(t, reaching(t, s), kpi.Source{URL: s.URL}, kpi.Load{})
		if err != nil || text != table12 || fmt.Sprint(ranges) != "[bytes=5- bytes=10-]" {
			t.Errorf("%s: %q %v %v", name, text, ranges, err)
		}
	}
}

// TestLongFilesOnBadLines come in the end: only attempts in vain are counted.
func TestLongFilesOnBadLines(t *testing.T) {
	t.Parallel()
	text, piece, asked := strings.Repeat("0123456789abcde\n", 600_000), 1<<20, 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		first := 0
		header(w, "ETag", `"v1"`)
		if g := r.Header.Get("Range"); g != "" {
			if _, err := fmt.Sscanf(g, "bytes=%d-", &first); err != nil {
				t.Error(err)
			}
			header(w, "Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, len(text)-1, len(text)))
		}
		header(w, "Content-Length", strconv.Itoa(len(text)-first))
		if first > 0 {
			w.WriteHeader(http.StatusPartialContent)
		}
		if last := first + piece; last < len(text) {
			cut(t, w, text[first:last])
		}
		write(t, w, text[first:])
	})
	var told []kpi.Progress
	n := reaching(t, s)
	ds := dataset("0123456789abcde")
	ds.Source = kpi.Source{Kind: kpi.SourceCSV, URL: s.URL}
	res, err := CSV{}.Read(t.Context(), Request{Dataset: ds, Dir: t.TempDir(), Network: n, Progress: func(p kpi.Progress) { told = append(told, p) }})
	if err != nil || asked != 10 || res.Files[0].Rows != 599_999 || res.Files[0].Bytes != int64(len(text)) {
		t.Fatalf("after %d requests, %v", asked, err)
	}
	for i, p := range told[:10] {
		if p.Step != kpi.StepFetch || p.Total != int64(len(text)) || p.Done > p.Total || i > 0 && p.Done <= told[i-1].Done {
			t.Errorf("%d: %+v", i, p)
		}
	}
}

// TestRetryAfter waits as long as it is asked to, in both forms, and no longer than is allowed.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		asked string
		least time.Duration
	}{{"1", time.Second}, {"date", 400 * time.Millisecond}} {
		var asked int
		noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if asked++; asked == 1 {
				if c.asked == "date" {
					c.asked = noon.Add(time.Second).Format(http.TimeFormat)
				}
				header(w, "Retry-After", c.asked)
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			write(t, w, table12)
		})
		n := newNetwork(t, NetworkOptions{Network: allow(s), Pace: quick, Now: func() time.Time { return noon.Add(600 * time.Millisecond) }})
		began := time.Now()
		text, _, err := bring(t, n, kpi.Source{URL: s.URL}, kpi.Load{})
		if took := time.Since(began); err != nil || text != table12 || took < c.least {
			t.Errorf("Retry-After %s: %q after %v, %v", c.asked, text, took, err)
		}
	}
}

// TestFaultsThatStay are those that no attempt cures.
func TestFaultsThatStay(t *testing.T) {
	status := func(s int, pairs ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { header(w, pairs...); w.WriteHeader(s) }
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		asked  int
		code   kpi.Code
		says   []string
	}{
		"busy for good":   {status(503), 4, kpi.CodeUnready, []string{"answered 503 Service Unavailable", "at the last of 4 attempts", "the last good data stay"}},
		"long wait":       {status(429, "Retry-After", "3600"), 1, kpi.CodeUnready, []string{"429", "come back in 1h0m0s"}},
		"endless wait":    {status(429, "Retry-After", strings.Repeat("9", 50)), 1, kpi.CodeUnready, []string{"429"}},
		"wait beyond end": {status(429, "Retry-After", "2"), 1, kpi.CodeUnready, []string{"429"}},
		"no token":        {status(401), 1, kpi.CodeInvalid, []string{"401 Unauthorized", "token"}},
		"may not":         {status(403), 1, kpi.CodeInvalid, []string{"403 Forbidden", "token"}},
		"not there":       {status(404), 1, kpi.CodeInvalid, []string{"404 Not Found", "mend the address"}},
		"gone":            {status(410), 1, kpi.CodeInvalid, []string{"410 Gone", "mend the address"}},
		"bad":             {status(400), 1, kpi.CodeInvalid, []string{"400 Bad Request"}},
		"not made":        {status(501), 1, kpi.CodeInvalid, []string{"501"}},
		"no content":      {status(204), 1, kpi.CodeInvalid, []string{"204 No Content"}},
		"reset content":   {status(205), 1, kpi.CodeInvalid, []string{"205"}},
		"part unasked":    {status(206), 1, kpi.CodeInvalid, []string{"206"}},
		"choices":         {status(300), 1, kpi.CodeInvalid, []string{"300"}},
		"304 unasked":     {status(304), 1, kpi.CodeInvalid, []string{"304"}},
		"coding":          {func(w http.ResponseWriter, _ *http.Request) { header(w, "Content-Encoding", "br"); write(t, w, "x") }, 1, kpi.CodeInvalid, []string{`coding "br"`}},
		"too large, said so": {func(w http.ResponseWriter, _ *http.Request) { header(w, "Content-Length", "1001"); write(t, w, "x") }, 1, kpi.CodeInvalid,
			[]string{"max_bytes", "1000 bytes"}},
		"endless chunks": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte("x"), 500)); err != nil {
					return
				}
			}
		}, 1, kpi.CodeInvalid, []string{"max_bytes"}},
		"always cut": {func(w http.ResponseWriter, _ *http.Request) {
			header(w, "Content-Length", "12")
			cut(t, w, table12[:5])
		}, 4, kpi.CodeUnready,
			[]string{"ended its answer too early (5 of 12 bytes came)", "4 attempts"}},
		"no way back": {status(302, "Location", "http://[bad"), 1, kpi.CodeInvalid, []string{"redirects to what is no address"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			s := serve(t, func(w http.ResponseWriter, r *http.Request) { asked.Add(1); c.answer(w, r) })
			src := kpi.Source{URL: s.URL + "/data/a.csv", MaxBytes: 1000}
			if name == "wait beyond end" {
				src.Timeout = time.Second
			}
			text, _, err := bring(t, reaching(t, s), src, kpi.Load{})
			if err == nil || text != "" || int(asked.Load()) != c.asked || kpi.ErrorCode(err) != c.code {
				t.Fatalf("%q after %d requests, %s: %v", text, asked.Load(), kpi.ErrorCode(err), err)
			}
			for _, part := range append(c.says, s.URL+"/data/a.csv") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}

// TestSlowServers are cut off by the clock that is for them.
func TestSlowServers(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		pace   Pace
		says   string
	}{
		"no answer": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, Pace{Answer: 30 * time.Millisecond}, "did not answer in time"},
		"stall": {func(w http.ResponseWriter, r *http.Request) {
			write(t, w, "a,b\n")
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			<-r.Context().Done()
		}, Pace{Idle: 30 * time.Millisecond}, "stopped sending in the middle of its answer"},
		"drip": {func(w http.ResponseWriter, r *http.Request) {
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte("x")); err != nil {
					return
				}
				if err := http.NewResponseController(w).Flush(); err != nil {
					return
				}
				<-tick.C
			}
		}, Pace{Total: 100 * time.Millisecond}, "took longer than the source's timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.answer)
			pace := c.pace
			pace.Attempts, pace.First = 2, time.Millisecond
			text, _, err := bring(t, newNetwork(t, NetworkOptions{Network: allow(s), Pace: pace}), kpi.Source{URL: s.URL}, kpi.Load{})
			if text != "" || kpi.ErrorCode(err) != kpi.CodeUnready || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q %v", text, err)
			}
		})
	}
}

// TestEndedByPeople returns the context's error and nothing else.
func TestEndedByPeople(t *testing.T) {
	t.Parallel()
	began := make(chan bool)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { close(began); <-r.Context().Done() })
	n := reaching(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-began; cancel() }()
	_, _, _, clean, err := n.items(ctx, Request{Dataset: &kpi.Dataset{Source: kpi.Source{URL: s.URL}}, Dir: t.TempDir()})
	if !errors.Is(err, context.Canceled) || clean() != nil {
		t.Error(err)
	}
}

// TestNotModified asks with the validators of the last good delivery, and compares the bytes where a server has none.
func TestNotModified(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		send   [2]string
		expect string
	}{"tag": {[2]string{"ETag", `W/"7"`}, "If-None-Match"}, "date": {[2]string{"Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT"}, "If-Modified-Since"}} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			header(w, c.send[0], c.send[1])
			if r.Header.Get(c.expect) == c.send[1] {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			write(t, w, table12)
		})
		n := reaching(t, s)
		_, _, _, clean, err := n.items(t.Context(), Request{Dataset: &kpi.Dataset{Source: kpi.Source{URL: s.URL + "/?q=1"}}, Dir: t.TempDir()})
		if err != nil || clean() != nil {
			t.Fatal(err)
		}
		before := kpi.Load{Spool: []kpi.SpoolFile{{Fetch: kpi.Fetch{URL: s.URL + "/?q=1", ETag: map[string]string{"tag": c.send[1]}[name], LastModified: map[string]string{"date": c.send[1]}[name]}}}}
		if text, _, err := bring(t, n, kpi.Source{URL: s.URL + "/?q=1"}, before); err != nil || text != "not modified" {
			t.Errorf("%s: %q %v", name, text, err)
		}
		if text, _, err := bring(t, n, kpi.Source{URL: s.URL + "/?q=2"}, before); err != nil || text != table12 {
			t.Errorf("%s, another address: %q %v", name, text, err)
		}
	}
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { write(t, w, table12) })
	sum := sha256.Sum256([]byte(table12))
	for hash, want := range map[string]string{hex.EncodeToString(sum[:]): "not modified", strings.Repeat("0", 64): table12} {
		before := kpi.Load{Spool: []kpi.SpoolFile{{SourceHash: hash, Fetch: kpi.Fetch{URL: s.URL}}}}
		if text, _, err := bring(t, reaching(t, s), kpi.Source{URL: s.URL}, before); err != nil || text != want {
			t.Errorf("%q %v", text, err)
		}
	}
}

// TestGzipIsKeptAsItCame hashes and keeps what a server sends compressed as it is; opening a source decompresses it.
func TestGzipIsKeptAsItCame(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	write(t, z, table12)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		header(w, "Content-Encoding", "gzip", "Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT")
		write(t, w, packed.String())
	})
	n := reaching(t, s)
	if text, _, err := bring(t, n, kpi.Source{URL: s.URL}, kpi.Load{}); err != nil || text != packed.String() {
		t.Errorf("%q %v", text, err)
	}
	ds := dataset("a", "b")
	ds.Source = kpi.Source{Kind: kpi.SourceCSV, URL: s.URL}
	res, err := CSV{}.Read(t.Context(), Request{Dataset: ds, Dir: t.TempDir(), Network: n})
	if err != nil {
		t.Fatal(err)
	}
	f, sum := res.Files[0], sha256.Sum256(packed.Bytes())
	if f.Rows != 2 || f.SourceHash != hex.EncodeToString(sum[:]) || f.Source != s.URL || f.Fetch.Status != 200 || f.Fetch.LastModified == "" || f.Modified.Year() != 2015 {
		t.Errorf("%+v", f)
	}
}

// TestWarnings are for what is odd and no reason to refuse.
func TestWarnings(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, c := range map[string]struct {
		header []string
		close  bool
		want   string
	}{
		"clock behind": {[]string{"Date", now.Add(-26 * time.Hour).UTC().Format(http.TimeFormat)}, false, "the clock of "},
		"clock ahead":  {[]string{"Date", now.Add(3 * time.Hour).UTC().Format(http.TimeFormat)}, false, "the clock of "},
		"old in cache": {[]string{"Date", now.Add(-5 * time.Hour).UTC().Format(http.TimeFormat), "Age", "18000"}, false, ""},
		"right":        {nil, false, ""},
		"no length":    {nil, true, "does not say how long its answer is"},
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			header(w, c.header...)
			if !c.close {
				write(t, w, table12)
				return
			}
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			write(t, conn, "HTTP/1.0 200 OK\r\n\r\n"+table12)
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		})
		text, warnings, err := bring(t, reaching(t, s), kpi.Source{URL: s.URL}, kpi.Load{})
		if all := strings.Join(warnings, "\n"); err != nil || text != table12 || (c.want == "") != (all == "") || !strings.Contains(all, c.want) {
			t.Errorf("%s: %q %q %v", name, text, all, err)
		}
	}
}

// TestNowhereToWrite is this machine's trouble and said as such.
func TestNowhereToWrite(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { write(t, w, table12) })
	_, _, _, clean, err := reaching(t, s).items(t.Context(), Request{Dataset: &kpi.Dataset{Source: kpi.Source{URL: s.URL}}, Dir: filepath.Join(t.TempDir(), "none")})
	if kpi.ErrorCode(err) != kpi.CodeInternal || !strings.Contains(err.Error(), "cannot be written") || clean() != nil {
		t.Error(err)
	}
}
