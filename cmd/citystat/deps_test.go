package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows says which of our packages each package may import. A package that is not here may not exist.
var arrows = map[string][]string{
	"assets":                            {},
	"sample-data":                       {},
	"kpi":                               {},
	"kpi/expr":                          {},
	"kpi/stats":                         {},
	"kpi/scorecard":                     {"kpi", "kpi/stats"},
	"kpi/scorecard/scorecardtest":       {"kpi", "kpi/stats", "kpi/scorecard"},
	"kpi/warehouse":                     {"kpi", "kpi/expr"},
	"kpi/account":                       {"kpi"},
	"kpi/account/accounttest":           {"kpi", "kpi/account"},
	"kpi/meeting":                       {"kpi", "kpi/account", "kpi/release", "kpi/scorecard"}, // a round is something that is due; the scorecard says what the mayor will see
	"kpi/release":                       {"kpi", "kpi/account"},
	"kpi/evidence":                      {}, // what a photo tells beside its points is nobody's but its own to forget
	"kpi/evidence/evidencetest":         {},
	"kpi/ledger":                        {"kpi", "kpi/account", "kpi/evidence", "kpi/meeting", "kpi/release"},
	"kpi/ledger/ledgertest":             {"kpi", "kpi/account", "kpi/evidence", "kpi/evidence/evidencetest", "kpi/meeting", "kpi/release", "kpi/ledger", "kpi/scorecard", "kpi/scorecard/scorecardtest"}, // what a decision would change is found with a scorecard
	"ingest":                            {"kpi", "kpi/warehouse", "ingest/connector", "ingest/job"},                                                                                                      // job for the times at which a delivery is due
	"ingest/job":                        {"kpi"},
	"ingest/backup":                     {"kpi"},
	"ingest/suggest":                    {"kpi", "kpi/expr", "ingest/connector"},
	"ingest/connector":                  {"kpi"},
	"ingest/catalog":                    {"kpi", "kpi/expr", "ingest/connector", "assets"}, // plans come as tables, read when the folder is; assets knows which colours can be read
	"dashboards/i18n":                   {"kpi", "kpi/scorecard", "kpi/meeting"},           // pages and mail say in the same words what is due, and why a number is called out
	"dashboards/chart":                  {"kpi", "kpi/scorecard", "dashboards/i18n"},
	"dashboards/mail":                   {"kpi", "kpi/account", "kpi/meeting", "kpi/release", "dashboards/i18n", "dashboards/ics"},
	"dashboards/ics":                    {"kpi", "dashboards/i18n"},
	"dashboards/ics/icstest":            {},
	"dashboards/pages":                  {"kpi/account", "kpi/evidence", "kpi/meeting", "kpi/release", "dashboards/auth", "dashboards/ics", "kpi", "kpi/scorecard", "dashboards/i18n", "dashboards/chart", "assets"},
	"dashboards/api":                    {"kpi", "kpi/scorecard", "kpi/meeting", "dashboards/i18n", "assets"}, // meeting for what an emergency suspends; assets for its way of sending bytes that were compressed once
	"dashboards/metrics":                {"kpi", "kpi/scorecard"},
	"dashboards/auth":                   {"kpi", "kpi/account"},
	"dashboards":                        {"dashboards/auth", "kpi", "kpi/scorecard", "dashboards/i18n", "dashboards/chart", "dashboards/pages", "dashboards/api", "dashboards/metrics", "assets"},
	"dashboards/dashboardstest":         {"kpi", "kpi/scorecard", "kpi/scorecard/scorecardtest", "dashboards/i18n", "dashboards/metrics"},
	"dashboards/dashboardstest/browser": {},
	"cmd/citystat":                      {"*"},
}

// testsMay lists what the tests of a package may import beyond its arrows.
var testsMay = map[string][]string{
	"dashboards/auth":    {"kpi/account/accounttest"},
	"kpi/evidence":       {"kpi/evidence/evidencetest"},
	"dashboards/ics":     {"dashboards/ics/icstest", "kpi/scorecard/scorecardtest"},
	"dashboards/mail":    {"dashboards/ics/icstest", "kpi/ledger"},
	"dashboards":         {"dashboards/ics/icstest", "kpi/ledger", "kpi/ledger/ledgertest", "kpi/meeting", "kpi/release", "kpi/account", "kpi/account/accounttest", "kpi/evidence/evidencetest", "kpi/scorecard/scorecardtest", "dashboards/dashboardstest", "dashboards/dashboardstest/browser"},
	"dashboards/pages":   {"kpi/ledger", "kpi/ledger/ledgertest", "kpi/account/accounttest", "kpi/scorecard/scorecardtest", "dashboards/dashboardstest"},
	"dashboards/api":     {"kpi/scorecard/scorecardtest"},
	"dashboards/metrics": {"kpi/scorecard/scorecardtest"},
	"dashboards/chart":   {"kpi/scorecard/scorecardtest"},
	"dashboards/i18n":    {"kpi/scorecard/scorecardtest"},
	"ingest":             {"kpi/account", "kpi/ledger", "kpi/scorecard", "ingest/catalog"}, // cities of the real world, the whole way
	"ingest/suggest":     {"kpi/ledger", "kpi/warehouse", "ingest", "ingest/catalog"},
	"kpi/warehouse":      {"ingest", "ingest/connector", "kpi/ledger"},   // the benchmark of the whole path
	"kpi/ledger":         {"kpi/evidence/evidencetest", "kpi/scorecard"}, // a year of stat meetings, on numbers that a scorecard judges
	"ingest/catalog":     {"sample-data"},                                // that the patch of a decision fits the folders of the samples
}

// owners lists libraries that one package alone may import: to change the library is then to change one package.
var owners = map[string]string{
	"github.com/marcboeker/go-duckdb": "kpi/warehouse",
	"modernc.org/sqlite":              "kpi/ledger",
	"github.com/go-echarts":           "dashboards/chart",
	"github.com/spf13/cobra":          "cmd/citystat",
}

// purity lists the packages that may import the standard library alone, and what of the rest is allowed to them.
var purity = map[string][]string{
	"kpi":           {},
	"kpi/expr":      {},
	"kpi/stats":     {"gonum.org/v1/gonum"},
	"kpi/scorecard": {},
	"kpi/meeting":   {},
	"kpi/release":   {},
	"kpi/evidence":  {},
}

// forbidden lists parts of the standard library that the domain does not know.
var forbidden = map[string][]string{
	"kpi":           {"database/sql", "net/http", "log", "log/slog", "os"},
	"kpi/expr":      {"database/sql", "net/http", "log", "log/slog", "os"},
	"kpi/stats":     {"database/sql", "net/http", "log", "log/slog", "os", "time"},
	"kpi/scorecard": {"database/sql", "net/http", "log", "log/slog", "os"},
	"kpi/meeting":   {"database/sql", "net/http", "log", "log/slog", "os"},
	"kpi/release":   {"database/sql", "net/http", "log", "log/slog", "os"},
	"kpi/evidence":  {"database/sql", "net/http", "log", "log/slog", "os", "time"},
}

// imported is one import of one file.
type imported struct {
	pkg, file, path string
	test            bool
}

// TestArrows keeps the plan of the house: it reads every file's imports itself, so its answer is never a stale one.
func TestArrows(t *testing.T) {
	imports := readImports(t, filepath.Join("..", ".."))
	if len(imports) < 100 {
		t.Fatalf("only %d imports were found: the test looks in the wrong place", len(imports))
	}
	for _, i := range imports {
		if msg := judge(i); msg != "" {
			t.Errorf("%s: %s", i.file, msg)
		}
	}
}

// TestArrowsCatch makes sure that the judge can say no.
func TestArrowsCatch(t *testing.T) {
	for _, i := range []imported{
		{pkg: "kpi", path: "citystat/kpi/stats"},
		{pkg: "kpi", path: "database/sql"},
		{pkg: "kpi", path: "gonum.org/v1/gonum/mat"},
		{pkg: "dashboards", path: "citystat/kpi/warehouse"},
		{pkg: "dashboards/pages", path: "citystat/ingest"},
		{pkg: "ingest", path: "github.com/marcboeker/go-duckdb/v2"},
		{pkg: "dashboards/pages", path: "github.com/go-echarts/go-echarts/v2/charts"},
		{pkg: "ingest", path: "citystat/kpi/ledger"},
		{pkg: "kpi/new", path: "fmt"},
	} {
		if judge(i) == "" {
			t.Errorf("%s may import %s, and should not", i.pkg, i.path)
		}
	}
	if msg := judge(imported{pkg: "ingest", path: "citystat/kpi/ledger", test: true}); msg != "" {
		t.Errorf("a test of ingest may not import the ledger: %s", msg)
	}
}

// judge says what is wrong with an import; "" if nothing is.
func judge(i imported) string {
	allowed, known := arrows[i.pkg]
	if !known {
		return "package " + i.pkg + " is not in the plan of the house; add it to arrows with what it may import"
	}
	for prefix, owner := range owners {
		if strings.HasPrefix(i.path, prefix) && i.pkg != owner {
			return "only " + owner + " may import " + prefix
		}
	}
	if ours, ok := strings.CutPrefix(i.path, "citystat/"); ok {
		if i.test {
			allowed = append(slices.Clone(allowed), testsMay[i.pkg]...)
			allowed = append(allowed, i.pkg)
		}
		if !slices.Contains(allowed, ours) && !slices.Contains(allowed, "*") {
			return i.pkg + " may not import " + ours
		}
		return ""
	}
	if i.test {
		return ""
	}
	if slices.Contains(forbidden[i.pkg], i.path) {
		return i.pkg + " may not import " + i.path
	}
	if extra, pure := purity[i.pkg]; pure && strings.Contains(strings.Split(i.path, "/")[0], ".") {
		if !slices.ContainsFunc(extra, func(p string) bool { return strings.HasPrefix(i.path, p) }) {
			return i.pkg + " may import the standard library only, not " + i.path
		}
	}
	return ""
}

// readImports parses the imports of every Go file below root, test data and dot directories left out.
func readImports(t *testing.T, root string) []imported {
	t.Helper()
	var list []imported
	fset := token.NewFileSet()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := path.Base(name); d.IsDir() && (base == "testdata" || strings.HasPrefix(base, ".") && name != ".") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parser.ParseFile(fset, filepath.Join(root, name), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			list = append(list, imported{pkg: path.Dir(name), file: name, path: p, test: strings.HasSuffix(name, "_test.go")})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// topLevel is all that may lie at the top of the project, dotfiles apart.
var topLevel = []string{"cmd", "kpi", "ingest", "dashboards", "assets", "sample-data", "go.mod", "go.sum", "README.md", "LICENSE"}

// TestTopLevel keeps the top of the project as it is.
func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(topLevel, e.Name()) {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
	for _, name := range topLevel {
		if _, err := os.Stat(filepath.Join("..", "..", name)); err != nil {
			t.Errorf("the top level lacks %s", name)
		}
	}
}
