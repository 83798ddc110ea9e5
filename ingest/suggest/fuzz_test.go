package suggest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"citystat/ingest/catalog"
	"citystat/ingest/suggest"
	"citystat/kpi"
)

// FuzzFile looks at anything: it never panics, its errors are fit for people, and what it suggests is accepted by the catalog and shows no
// e-mail address.
func FuzzFile(f *testing.F) {
	for _, pattern := range sources[:2] {
		names, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, n := range names {
			if b, err := os.ReadFile(n); err == nil && len(b) < 2000 && !strings.HasSuffix(n, ".parquet") {
				f.Add(b)
			}
		}
	}
	f.Add([]byte("a,\"b\nc\",#d,'e',: f\n1,2,3,4,5\n"))
	f.Add([]byte("mail,x\nana@example.org,1\n"))
	address := regexp.MustCompile(`[a-z]+@[a-z]+\.[a-z]{2,}`)
	f.Fuzz(func(t *testing.T, b []byte) {
		if strings.HasPrefix(string(b), "PAR1") {
			return // read by a process of its own: too slow to be tried so often
		}
		block, err := suggest.File(t.Context(), fstest.MapFS{"f.csv": {Data: b}}, "f.csv", suggest.Options{Dir: t.TempDir()})
		if err != nil {
			if kpi.ErrorCode(err) != kpi.CodeInvalid {
				t.Fatalf("the error %v is not fit for people", err)
			}
			return
		}
		if m := address.Find(block); m != nil {
			t.Errorf("an address is shown:\n%s", block)
		}
		city, problems, err := catalog.Load(fstest.MapFS{
			"city.yaml": {Data: []byte(minimalCity)}, "datasets/f.yaml": {Data: block}, "data/f.csv": {Data: b},
		})
		if err != nil || city == nil {
			t.Errorf("%v\n%s\n%s", err, problems, block)
		}
	})
}
