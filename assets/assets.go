// Package assets holds the files that a browser fetches: style sheets, the one script, icons, and the pinned build of
// Apache ECharts with its licence. They are embedded in the program.
//
// Every file is served under an address that holds a hash of its bytes, such as /assets/js/app.1f0c2d3e4b5a.js. The
// address changes exactly when the bytes do, so a browser may keep a file for ever and never shows a stale one.
package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:embed css js icons vendor NOTICE
var embedded embed.FS

// Prefix begins the address of every asset.
const Prefix = "/assets/"

// ECharts is the name of the pinned chart library, loaded only when a reader opens a chart.
const ECharts = "vendor/echarts/echarts.min.js"

// ErrUnknown is returned for a name that no asset has.
var ErrUnknown = errors.New("no such asset")

// types are the content types by file extension. Nothing else can be served, so a file never reaches a browser as a type
// that was guessed.
var types = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".png":  "image/png",
	".json": "application/json; charset=utf-8",
	".txt":  "text/plain; charset=utf-8",
	"":      "text/plain; charset=utf-8", // LICENSE, NOTICE
}

// Set is the assets of a running server. It may be read by many goroutines while names are added.
type Set struct {
	mu     sync.RWMutex
	byName map[string]*file
	byPath map[string]*file
	put    []*file // what was put, the oldest first
}

// mostPut bounds how many files are kept that were put, of all names: a page that was made before the last change still finds its own.
const mostPut = 16

// file is one asset: its address, its bytes, and its compressed bytes, made when they are first asked for.
type file struct {
	name, path, etag, kind string
	body                   []byte
	gzipped                func() []byte
}

// New returns the embedded assets. It fails only if the program was built with a file of a type that cannot be served.
func New() (*Set, error) {
	s := &Set{byName: map[string]*file{}, byPath: map[string]*file{}}
	err := fs.WalkDir(embedded, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := embedded.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read embedded asset %s: %w", name, err)
		}
		return s.Add(name, body)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Add adds an asset that another package brings, such as the style of the charts. Adding the same bytes under the same
// name again does nothing; other bytes under a name that is taken are refused, since pages may already link to it.
func (s *Set) Add(name string, body []byte) error {
	f, err := newFile(name, body)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, taken := s.byName[name]; taken {
		if old.etag != f.etag {
			return fmt.Errorf("asset %q is already there with other bytes", name)
		}
		return nil
	}
	s.byName[name], s.byPath[f.path] = f, f
	return nil
}

// newFile makes a file of a type that is served.
func newFile(name string, body []byte) (*file, error) {
	kind, ok := types[path.Ext(name)]
	if !ok {
		return nil, fmt.Errorf("asset %q has no type that is served; add its extension to assets.types", name)
	}
	if !fs.ValidPath(name) || name == "." {
		return nil, fmt.Errorf("asset name %q is not a plain relative path", name)
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	f := &file{name: name, path: Prefix + hashed(name, hash[:12]), etag: `"` + hash[:32] + `"`, kind: kind, body: body}
	f.gzipped = sync.OnceValue(func() []byte { return Gzip(body) })
	return f, nil
}

// Put adds an asset whose bytes may change while the server runs, as what comes from the city's folder does, and returns its address. Other
// bytes under the same name have another address; the former stays for a while, for the pages that link to it.
func (s *Set) Put(name string, body []byte) (string, error) {
	f, err := newFile(name, body)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byPath[f.path] != nil {
		return f.path, nil
	}
	s.byPath[f.path] = f
	if s.put = append(s.put, f); len(s.put) > mostPut {
		delete(s.byPath, s.put[0].path)
		s.put = s.put[1:]
	}
	return f.path, nil
}

// Has reports whether something is served at the address.
func (s *Set) Has(address string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byPath[address] != nil
}

// Bundle adds an asset that is the given assets one after another, and returns its address. One style sheet is one
// request, and its rules keep their order.
func (s *Set) Bundle(name string, parts ...string) (string, error) {
	var b strings.Builder
	for _, part := range parts {
		body, err := s.Body(part)
		if err != nil {
			return "", fmt.Errorf("bundle %s: %w", name, err)
		}
		b.Write(body)
		b.WriteByte('\n')
	}
	if err := s.Add(name, []byte(b.String())); err != nil {
		return "", err
	}
	return s.URL(name)
}

// URL returns the address of the asset with the name.
func (s *Set) URL(name string) (string, error) {
	f, err := s.file(name)
	if err != nil {
		return "", err
	}
	return f.path, nil
}

// Body returns the bytes of the asset with the name. They must not be changed.
func (s *Set) Body(name string) ([]byte, error) {
	f, err := s.file(name)
	if err != nil {
		return nil, err
	}
	return f.body, nil
}

func (s *Set) file(name string) (*file, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if f, ok := s.byName[name]; ok {
		return f, nil
	}
	return nil, fmt.Errorf("%w: %q", ErrUnknown, name)
}

// hashed puts the hash between a name and its extension.
func hashed(name, hash string) string {
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + hash + ext
}
