package connector

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
)

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	write(t, z, text)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestAnswersInJSON reads answers as services give them.
func TestAnswersInJSON(t *testing.T) {
	t.Parallel()
	const rows = `{"rows": [{"id": 9007199254740993}]}`
	for name, c := range map[string]struct {
		first, then http.HandlerFunc
		says        string // empty: it goes well
		status      int
		code        kpi.Code
	}{
		"plain": {first: func(w http.ResponseWriter, _ *http.Request) { write(t, w, rows+"\n") }},
		"compressed": {first: func(w http.ResponseWriter, _ *http.Request) {
			header(w, "Content-Encoding", "gzip")
			write(t, w, packed(t, rows))
		}},
		"cut, then fine": {first: func(w http.ResponseWriter, _ *http.Request) { header(w, "Content-Length", "50"); cut(t, w, rows[:10]) },
			then: func(w http.ResponseWriter, _ *http.Request) { write(t, w, rows) }},
		"cut within its compression, then fine": {first: func(w http.ResponseWriter, _ *http.Request) {
			header(w, "Content-Encoding", "gzip")
			write(t, w, packed(t, rows)[:30])
		},
			then: func(w http.ResponseWriter, _ *http.Request) { write(t, w, rows) }},
		"not compressed at all, then fine": {first: func(w http.ResponseWriter, _ *http.Request) { header(w, "Content-Encoding", "gzip"); write(t, w, rows) },
			then: func(w http.ResponseWriter, _ *http.Request) { write(t, w, rows) }},
		"always cut": {first: func(w http.ResponseWriter, _ *http.Request) { header(w, "Content-Length", "50"); cut(t, w, rows[:10]) }, says: "ended its answer too early, at the last of 4 attempts", code: kpi.CodeUnready},
		"coding":     {first: func(w http.ResponseWriter, _ *http.Request) { header(w, "Content-Encoding", "br"); write(t, w, rows) }, says: `coding "br"`, code: kpi.CodeInvalid},
		"too large":  {first: func(w http.ResponseWriter, _ *http.Request) { write(t, w, `"`+strings.Repeat("x", 2000)+`"`) }, says: "more than the", code: kpi.CodeInvalid},
		"bomb": {first: func(w http.ResponseWriter, _ *http.Request) {
			header(w, "Content-Encoding", "gzip")
			write(t, w, packed(t, `"`+strings.Repeat("x", 100_000)+`"`))
		}, says: "more than the", code: kpi.CodeInvalid},
		"page":          {first: func(w http.ResponseWriter, _ *http.Request) { write(t, w, "<!DOCTYPE html><title>Log in</title>") }, says: "HTML or XML page where JSON was expected", code: kpi.CodeInvalid},
		"other form":    {first: func(w http.ResponseWriter, _ *http.Request) { write(t, w, `{"rows": "none"}`) }, says: `of another form than is documented: a string at`, code: kpi.CodeInvalid},
		"no JSON":       {first: func(w http.ResponseWriter, _ *http.Request) { write(t, w, "NaN") }, says: "no JSON", code: kpi.CodeInvalid},
		"nothing":       {first: func(http.ResponseWriter, *http.Request) {}, says: "no JSON", code: kpi.CodeInvalid},
		"two values":    {first: func(w http.ResponseWriter, _ *http.Request) { write(t, w, rows+rows) }, says: "more after its end", code: kpi.CodeInvalid},
		"socrata error": {first: said(t, 400, `{"code": "query.soql.no-such-column", "error": true, "message": "No such column: statuss"}`), says: "400 Bad Request (No such column: statuss)", status: 400, code: kpi.CodeInvalid},
		"ckan error":    {first: said(t, 404, `{"success": false, "error": {"__type": "Not Found Error", "message": "Not found: Resource"}}`), says: "(Not found: Resource)", status: 404, code: kpi.CodeInvalid},
		"long and odd":  {first: said(t, 400, `{"detail": "a\u001b[31m\n`+strings.Repeat("b ", 500)+`"}`), says: "(a [31m b b", status: 400, code: kpi.CodeInvalid},
		"page as error": {first: func(w http.ResponseWriter, _ *http.Request) {
			header(w, "Content-Type", "text/html")
			w.WriteHeader(http.StatusNotFound)
			write(t, w, "<p>hunter2")
		}, says: "404 Not Found; ", status: 404, code: kpi.CodeInvalid},
		"busy": {first: said(t, 503, `{"message": "too many"}`), says: "503 Service Unavailable (too many), at the last of 4", status: 503, code: kpi.CodeUnready},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Accept-Encoding") != "gzip" || r.Header.Get("Accept") != "application/json" {
					t.Errorf("asked with %v", r.Header)
				}
				if asked++; asked > 1 && c.then != nil {
					c.then(w, r)
					return
				}
				c.first(w, r)
			})
			var got struct{ Rows []map[string]any }
			ans, err := reaching(t, s).getJSON(t.Context(), ask{url: s.URL + "/api", limit: 1000}, &got)
			if c.says == "" {
				if err != nil || got.Rows[0]["id"] != json.Number("9007199254740993") || ans.fetch.Status != 200 || ans.fetch.URL != s.URL+"/api" {
					t.Errorf("%v %v", got, err)
				}
				return
			}
			if kpi.ErrorCode(err) != c.code || !strings.Contains(err.Error(), c.says) || statusOf(err) != c.status || len(err.Error()) > 450 || strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("%s, status %d: %v", kpi.ErrorCode(err), statusOf(err), err)
			}
		})
	}
}

// said answers with a status and JSON about it.
func said(t *testing.T, status int, text string) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, _ *http.Request) {
		header(w, "Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		write(t, w, text)
	}
}

// TestStreams reads an answer as it comes, with the same bounds.
func TestStreams(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		limit  int64
		want   string
		code   kpi.Code
	}{
		"whole":     {func(w http.ResponseWriter, _ *http.Request) { write(t, w, table12) }, 12, table12, ""},
		"too large": {func(w http.ResponseWriter, _ *http.Request) { write(t, w, table12) }, 11, "", kpi.CodeInvalid},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			header(w, "Content-Length", "12")
			cut(t, w, table12[:5])
		}, 12, table12[:5], kpi.CodeUnready},
		"stall": {func(w http.ResponseWriter, r *http.Request) {
			header(w, "Content-Length", "12")
			write(t, w, table12[:5])
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			<-r.Context().Done()
		}, 12, table12[:5], kpi.CodeUnready},
	} {
		s := serve(t, c.answer)
		pace := quick
		pace.Idle = 100 * time.Millisecond
		ans, err := newNetwork(t, NetworkOptions{Network: allow(s), Pace: pace}).get(t.Context(), ask{url: s.URL, limit: c.limit})
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(ans)
		if string(text) != c.want || kpi.ErrorCode(err) != c.code || err != nil && !strings.Contains(err.Error(), s.URL) {
			t.Errorf("%s: %q %v", name, text, err)
		}
		if err := ans.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestStreamEndedByPeople ends with the context's error.
func TestStreamEndedByPeople(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		write(t, w, "x")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	ans, err := reaching(t, s).get(ctx, ask{url: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(ans, make([]byte, 1)); err != nil {
		t.Error(err)
	}
	cancel()
	if _, err := io.ReadAll(ans); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := ans.Close(); err != nil {
		t.Error(err)
	}
}
