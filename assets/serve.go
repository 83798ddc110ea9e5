package assets

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// ServeHTTP serves the assets by their addresses. An address whose hash is not current is not found: a page that names it
// is older than the program, and would not fit the file that is there now.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	s.mu.RLock()
	f := s.byPath[r.URL.Path]
	s.mu.RUnlock()
	if f == nil {
		w.Header().Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	if strings.HasPrefix(f.kind, "image/") {
		h.Set("Content-Security-Policy", picturePolicy)
	}
	Write(w, r, Body{Plain: f.body, Gzip: f.gzipped, ETag: f.etag})
}

// picturePolicy lets a picture that is opened by itself do nothing: an SVG is a document too. Only its own colours may stand in it.
const picturePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"

// Body is an answer that is the same for everybody: its bytes, its compressed bytes, and the entity tag of both.
type Body struct {
	Status int // 0 means 200
	Plain  []byte
	Gzip   func() []byte // may return nil: then the plain bytes are sent
	ETag   string        // quoted
}

// Write answers a GET or HEAD request with the body: 304 where the reader has it already, compressed where the reader
// accepts that. Content-Type and Cache-Control are the caller's.
func Write(w http.ResponseWriter, r *http.Request, b Body) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	status := b.Status
	if status == 0 {
		status = http.StatusOK
	}
	body, tag := b.Plain, b.ETag
	if AcceptsGzip(r.Header.Get("Accept-Encoding")) && b.Gzip != nil {
		if z := b.Gzip(); z != nil {
			body = z
			tag = strings.TrimSuffix(tag, `"`) + `-gz"` // another representation, another strong tag
			h.Set("Content-Encoding", "gzip")
		}
	}
	if b.ETag != "" {
		h.Set("ETag", tag)
		if status == http.StatusOK && matches(r.Header.Get("If-None-Match"), b.ETag) {
			h.Del("Content-Encoding")
			h.Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body) //nolint:errcheck // the reader has gone: there is nobody left to tell
	}
}

// matches reports whether an If-None-Match header names the tag, in either of its representations (RFC 9110 §13.1.2,
// weak comparison).
func matches(header, tag string) bool {
	plain := strings.Trim(tag, `"`)
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == "*" {
			return true
		}
		if strings.TrimSuffix(strings.Trim(part, `"`), "-gz") == plain && strings.HasPrefix(part, `"`) {
			return true
		}
	}
	return false
}

// AcceptsGzip reports whether an Accept-Encoding header lets the answer be compressed with gzip (RFC 9110 §12.5.3). No
// header at all lets everything, but a plain answer is the safe one then.
func AcceptsGzip(header string) bool {
	any := false
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		allowed := weight(params) > 0
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return allowed // named outright: this is the last word
		case "*":
			any = allowed
		}
	}
	return any
}

// weight returns the q of a coding's parameters; 1 if there is none, 0 if it is no number.
func weight(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		k, v, found := strings.Cut(strings.TrimSpace(p), "=")
		if found && strings.EqualFold(strings.TrimSpace(k), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
			if err != nil {
				return 0
			}
			return q
		}
	}
	return 1
}

// Gzip compresses as well as gzip can. It returns nil where that does not make the bytes fewer.
func Gzip(body []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(fmt.Sprintf("assets: gzip level: %v", err)) // the level is a constant of the library
	}
	if _, err := z.Write(body); err != nil {
		return nil
	}
	if err := z.Close(); err != nil || b.Len() >= len(body) {
		return nil
	}
	return b.Bytes()
}
