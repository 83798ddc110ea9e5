package assets

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

func newSet(t *testing.T) *Set {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The chart library is the official build of the version that NOTICE names, byte for byte.
func TestVendoredFileIsTheOneInTheNotice(t *testing.T) {
	s := newSet(t)
	notice, err := s.Body("NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	body, err := s.Body(ECharts)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(body)
	const official = "b66b25aeb4df84e33199dc21694014d336d222cbd9deb0e5a7c14bd6aa0d0fd0" // echarts 6.1.0, dist/echarts.min.js
	if got := hex.EncodeToString(sum[:]); got != official {
		t.Errorf("%s has SHA-256 %s, want %s", ECharts, got, official)
	}
	for _, want := range []string{"Apache ECharts 6.1.0", ECharts, official, "Apache License 2.0", "axe-core", "Mozilla Public License 2.0"} {
		if !bytes.Contains(notice, []byte(want)) {
			t.Errorf("NOTICE does not name %q", want)
		}
	}
	err = fs.WalkDir(embedded, "vendor", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !bytes.Contains(notice, []byte(name)) {
			t.Errorf("NOTICE does not name %s", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestServe(t *testing.T) {
	s := newSet(t)
	for _, tc := range []struct{ name, kind string }{
		{"css/tokens.css", "text/css; charset=utf-8"},
		{"js/app.js", "text/javascript; charset=utf-8"},
		{"icons/favicon.svg", "image/svg+xml"},
		{ECharts, "text/javascript; charset=utf-8"},
		{"NOTICE", "text/plain; charset=utf-8"},
	} {
		url, err := s.URL(tc.name)
		if err != nil {
			t.Fatal(err)
		}
		body, err := s.Body(tc.name)
		if err != nil {
			t.Fatal(err)
		}
		res := get(s, http.MethodGet, url, nil)
		if res.Code != http.StatusOK || !bytes.Equal(res.Body.Bytes(), body) {
			t.Errorf("GET %s: status %d, %d bytes, want 200 and %d bytes", url, res.Code, res.Body.Len(), len(body))
		}
		want := map[string]string{
			"Content-Type":           tc.kind,
			"Cache-Control":          "public, max-age=31536000, immutable",
			"Vary":                   "Accept-Encoding",
			"X-Content-Type-Options": "nosniff",
		}
		for h, v := range want {
			if got := res.Header().Get(h); got != v {
				t.Errorf("GET %s: %s is %q, want %q", url, h, got, v)
			}
		}
		if head := get(s, http.MethodHead, url, nil); head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("Content-Length") != res.Header().Get("Content-Length") {
			t.Errorf("HEAD %s: status %d, %d bytes, length %s", url, head.Code, head.Body.Len(), head.Header().Get("Content-Length"))
		}
	}
}

func TestServeCompressed(t *testing.T) {
	s := newSet(t)
	url, err := s.URL(ECharts)
	if err != nil {
		t.Fatal(err)
	}
	res := get(s, http.MethodGet, url, http.Header{"Accept-Encoding": {"br, gzip"}})
	if got := res.Header().Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("Content-Encoding is %q", got)
	}
	if res.Body.Len() > 400_000 {
		t.Errorf("compressed chart library has %d bytes", res.Body.Len())
	}
	z, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := s.Body(ECharts); !bytes.Equal(plain, want) {
		t.Error("the compressed bytes are not the file")
	}
	for _, tag := range []string{res.Header().Get("ETag"), strings.Replace(res.Header().Get("ETag"), "-gz", "", 1), `"x", W/` + res.Header().Get("ETag"), "*"} {
		if again := get(s, http.MethodGet, url, http.Header{"Accept-Encoding": {"gzip"}, "If-None-Match": {tag}}); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("If-None-Match %s: status %d with %d bytes, want 304 without", tag, again.Code, again.Body.Len())
		}
	}
	if again := get(s, http.MethodGet, url, http.Header{"If-None-Match": {`"other"`}}); again.Code != http.StatusOK {
		t.Errorf("If-None-Match of another file: status %d, want 200", again.Code)
	}
}

func TestServeRefuses(t *testing.T) {
	s := newSet(t)
	url, err := s.URL("js/app.js")
	if err != nil {
		t.Fatal(err)
	}
	old := regexp.MustCompile(`[0-9a-f]{12}`).ReplaceAllString(url, "000000000000")
	for _, path := range []string{Prefix, "/assets/js/app.js", "/assets/../go.mod", old, url + "/"} {
		if res := get(s, http.MethodGet, path, nil); res.Code != http.StatusNotFound || res.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("GET %s: status %d, Cache-Control %q; want 404 that nobody keeps", path, res.Code, res.Header().Get("Cache-Control"))
		}
	}
	if res := get(s, http.MethodPost, url, nil); res.Code != http.StatusMethodNotAllowed || res.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: status %d, Allow %q", res.Code, res.Header().Get("Allow"))
	}
}

func get(h http.Handler, method, path string, header http.Header) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, "http://localhost/", nil)
	req.URL.Path = path
	for k, v := range header {
		req.Header[k] = v
	}
	res := httptest.NewRecorder()
	h.ServeHTTP(res, req)
	return res
}

func TestAdd(t *testing.T) {
	s := newSet(t)
	for range 2 { // the same bytes twice are one asset
		if err := s.Add("css/chart.css", []byte(".plot{}")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Add("css/chart.css", []byte(".other{}")); err == nil {
		t.Error("other bytes under a taken name were accepted")
	}
	for _, name := range []string{"page.html", "../up.css", "/root.css", "a//b.css", "data.exe"} {
		if err := s.Add(name, []byte("x")); err == nil {
			t.Errorf("asset name %q was accepted", name)
		}
	}
	url, err := s.Bundle("css/all.css", "css/tokens.css", "css/chart.css")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^/assets/css/all\.[0-9a-f]{12}\.css$`).MatchString(url) {
		t.Errorf("address of the bundle: %s", url)
	}
	body := get(s, http.MethodGet, url, nil).Body.String()
	if !strings.HasPrefix(body, "/* Every colour") || !strings.HasSuffix(body, ".plot{}\n") {
		t.Errorf("the bundle is not its parts in order: %.40q … %.40q", body, body[len(body)-20:])
	}
	if _, err := s.Bundle("css/none.css", "css/nowhere.css"); !errors.Is(err, ErrUnknown) {
		t.Errorf("bundle of an unknown part: %v", err)
	}
	if _, err := s.URL("nowhere"); !errors.Is(err, ErrUnknown) {
		t.Errorf("address of an unknown asset: %v", err)
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"":                          false,
		"gzip":                      true,
		"br, GZIP":                  true,
		"gzip;q=0":                  false,
		"gzip; q=0.0, br":           false,
		"gzip;q=0.5":                true,
		"*":                         true,
		"*;q=0":                     false,
		"*, gzip;q=0":               false,
		"identity":                  false,
		"gzip;q=x":                  false,
		"deflate;q=1.0, gzip;q=0.1": true,
	} {
		if got := AcceptsGzip(header); got != want {
			t.Errorf("AcceptsGzip(%q) = %v, want %v", header, got, want)
		}
	}
}

// Our own files fetch nothing from anywhere, and the script does nothing that a strict Content-Security-Policy forbids.
func TestOwnFilesKeepToThemselves(t *testing.T) {
	s := newSet(t)
	bad := regexp.MustCompile(`(?i)https?://|@import|url\(\s*['"]?(//|http)|\beval\(|new Function|\.innerHTML|\.cssText|setAttribute\(\s*["']style`)
	err := fs.WalkDir(embedded, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, "vendor/") || name == "NOTICE" {
			return err
		}
		body, err := s.Body(name)
		if err != nil {
			return err
		}
		text := strings.ReplaceAll(string(body), `xmlns="http://www.w3.org/2000/svg"`, "")
		if m := bad.FindString(text); m != "" {
			t.Errorf("%s holds %q", name, m)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
