package connector

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"citystat/kpi"
)

func TestLookupSecret(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) kpi.SecretRef {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return kpi.SecretRef("file:" + path)
	}
	t.Setenv("CITYSTAT_TEST_SECRET", "hunter2")
	t.Setenv("CITYSTAT_TEST_EMPTY", "")
	for ref, want := range map[kpi.SecretRef]string{
		"${CITYSTAT_TEST_SECRET}": "hunter2", file("plain", "hunter2"): "hunter2", file("line", "hunter2\n"): "hunter2", file("windows", "hunter2\r\n"): "hunter2",
		file("two", "a\nb\n\n"): "a\nb\n", file("blank", " hunter2 \n"): " hunter2 ",
	} {
		if got, err := LookupSecret(ref); err != nil || got != want {
			t.Errorf("%s: %q %v", ref, got, err)
		}
	}
	for ref, says := range map[kpi.SecretRef]string{
		"${CITYSTAT_TEST_NONE}": "CITYSTAT_TEST_NONE", "${CITYSTAT_TEST_EMPTY}": "CITYSTAT_TEST_EMPTY", "file:relative": "file:relative", kpi.SecretRef("file:" + dir): "cannot be read",
		kpi.SecretRef("file:" + filepath.Join(dir, "none")): "no such file", file("empty", "\n"): "is empty", file("large", strings.Repeat("x", secretSize+1)): "larger than",
	} {
		if got, err := LookupSecret(ref); got != "" || kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "xxxx") {
			t.Errorf("%s: %q %v", ref, got, err)
		}
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	v := newVault(func(ref kpi.SecretRef) (string, error) {
		if ref == "${NONE}" {
			return "", kpi.Errorf(kpi.CodeInvalid, "the secret %s is not there", ref)
		}
		return "opened-" + strings.Trim(string(ref), "${}"), nil
	})
	for _, c := range []struct {
		ref    kpi.SecretRef
		secret bool
		want   string
	}{{"", true, ""}, {"${A}", true, "opened-A"}, {"file:/x", true, "opened-file:/x"}, {"Bearer ${A} ${B}", false, "Bearer opened-A opened-B"}, {"text/csv", false, "text/csv"}, {"postgres://u:${A}@h/d", true, "postgres://u:opened-A@h/d"}} {
		if got, err := v.open("token", c.ref, c.secret); err != nil || got != c.want {
			t.Errorf("%s: %q %v", c.ref, got, err)
		}
	}
	for _, ref := range []kpi.SecretRef{"hunter2", "${NONE}", "${A} ${NONE}", "${not a name}", "$NAME"} {
		got, err := v.open("token", ref, true)
		if got != "" || kpi.ErrorCode(err) != kpi.CodeInvalid || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %q %v", ref, got, err)
		}
	}
	if got := v.scrub("at h: opened-A, " + url.QueryEscape("postgres://u:opened-A@h/d") + ", abc"); got != "at h: [secret], [secret], abc" {
		t.Error(got)
	}
}

// marked are secrets whose every form is looked for in everything that is said.
var marked = []string{"hunter2-Token/+=&", "hunter2-Pass\"word", "hunter2-Head er", "hunter2-Query"}

// forms are the ways in which a secret may be repeated.
func forms(secrets []string) []string {
	all := []string{"hunter2"}
	for _, s := range secrets {
		b, err := json.Marshal(s)
		if err != nil {
			panic(err)
		}
		all = append(all, s, url.QueryEscape(s), url.PathEscape(s), strings.Trim(string(b), `"`), base64.StdEncoding.EncodeToString([]byte(s)), base64.StdEncoding.EncodeToString([]byte("clerk:"+s)))
	}
	return all
}

// TestSecretsAreNeverSaid gives every kind of secret to servers that repeat all they are told, in every way of failing, and searches what
// is said: errors, their parts, logs, provenance, warnings.
func TestSecretsAreNeverSaid(t *testing.T) {
	for i, name := range []string{"TOKEN", "PASSWORD", "HEADER", "QUERY"} {
		t.Setenv("CITYSTAT_TEST_"+name, marked[i])
	}
	repeat := func(r *http.Request) string {
		b, err := json.Marshal(map[string]any{"error": map[string]any{"message": "you sent " + r.URL.String() + " " + r.URL.RawQuery + " " + strings.Join(r.URL.Query()["token"], " ") + " " +
			r.Header.Get("Authorization") + " " + r.Header.Get("X-Api") + " " + base64.StdEncoding.EncodeToString([]byte(r.Header.Get("X-Api"))) + strings.Repeat(" "+r.Header.Get("X-Api"), 50)}})
		if err != nil {
			t.Error(err)
		}
		return string(b)
	}
	for name, answer := range map[string]http.HandlerFunc{
		"fine": func(w http.ResponseWriter, r *http.Request) { header(w, "ETag", `"1"`); write(t, w, table12) },
		"refused": func(w http.ResponseWriter, r *http.Request) {
			header(w, "Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			write(t, w, repeat(r))
		},
		"refused as text": func(w http.ResponseWriter, r *http.Request) {
			header(w, "Content-Type", "text/plain")
			w.WriteHeader(http.StatusForbidden)
			write(t, w, repeat(r))
		},
		"busy": func(w http.ResponseWriter, r *http.Request) {
			header(w, "Content-Type", "application/json")
			w.WriteHeader(http.StatusServiceUnavailable)
			write(t, w, repeat(r))
		},
		"moved":             func(w http.ResponseWriter, r *http.Request) { moved(w, "https://10.0.0.1/?"+r.URL.RawQuery) },
		"moved to nowhere":  func(w http.ResponseWriter, r *http.Request) { moved(w, "http://[bad?"+r.URL.RawQuery) },
		"moved to a scheme": func(w http.ResponseWriter, r *http.Request) { moved(w, marked[3]+":"+r.URL.RawQuery) },
		"moved to a name":   func(w http.ResponseWriter, r *http.Request) { moved(w, "https://"+marked[3]+".invalid/") },
		"moved in a circle": func(w http.ResponseWriter, r *http.Request) { moved(w, "/?"+r.URL.RawQuery) },
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			header(w, "Content-Length", "12")
			cut(t, w, table12[:5])
		},
		"no HTTP": func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			write(t, conn, r.Header.Get("Authorization")+" "+marked[3]+"\r\n\r\n")
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		},
		"page":    func(w http.ResponseWriter, r *http.Request) { write(t, w, "<html>"+repeat(r)) },
		"no JSON": func(w http.ResponseWriter, r *http.Request) { write(t, w, marked[3]) },
	} {
		s := serve(t, answer)
		var logged bytes.Buffer
		n := newNetwork(t, NetworkOptions{Pace: quick, Network: allow(s), Resolver: names{}, Logger: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		query, err := n.secret("token", "${CITYSTAT_TEST_QUERY}")
		if err != nil {
			t.Fatal(err)
		}
		said := []string{}
		for _, src := range []kpi.Source{
			{Token: "${CITYSTAT_TEST_TOKEN}", Headers: map[string]kpi.SecretRef{"X-Api": "k=${CITYSTAT_TEST_HEADER}"}},
			{User: "clerk", Password: "${CITYSTAT_TEST_PASSWORD}", Headers: map[string]kpi.SecretRef{"X-Api": "${CITYSTAT_TEST_HEADER}"}},
		} {
			src.URL = s.URL + "/x?b=" + url.QueryEscape(query) + "&token=" + url.QueryEscape(query) + "&api_key=hunter2-Undeclared"
			said = append(said, saidBy(t, n, src)...)
		}
		said = append(said, logged.String())
		for _, text := range said {
			for _, secret := range forms(marked) {
				if strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
					t.Errorf("%s: %q is said in %q", name, secret, text)
				}
			}
		}
	}
}

// saidBy fetches a source in each way and returns everything that is said about it.
func saidBy(t *testing.T, n *Network, src kpi.Source) (said []string) {
	t.Helper()
	tell := func(err error) {
		for ; err != nil; err = errors.Unwrap(err) {
			said = append(said, err.Error())
		}
	}
	req := Request{Dataset: &kpi.Dataset{ID: "requests", Source: src}, Dir: t.TempDir()}
	items, _, warnings, clean, err := n.items(t.Context(), req)
	tell(err)
	tell(clean())
	said = append(said, warnings...)
	for _, it := range items {
		b, err := json.Marshal(it.fetch)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, it.name, string(b))
	}
	h, err := n.header(&src)
	if err != nil {
		t.Fatal(err)
	}
	_, err = n.getJSON(t.Context(), ask{url: src.URL, header: h}, &struct{ A int }{})
	tell(err)
	ans, err := n.get(t.Context(), ask{url: src.URL, header: h, limit: 5})
	tell(err)
	if err == nil {
		_, err = ans.Read(make([]byte, 100))
		tell(err)
		tell(ans.Close())
	}
	return said
}
