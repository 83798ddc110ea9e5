package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"citystat/ingest"
	"citystat/ingest/connector"
	"citystat/kpi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// badFiles is where the files lie that break loaders.
const badFiles = "../../ingest/connector/testdata/synthetic"

const kpiColumn = "  kpi: {from: kpi, type: text}\n"

// badCity has a dataset for each form of a file, and one that is fetched.
func badCity(t *testing.T, portal string) (dir string, good map[string]string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "city")
	const bounded, of = "expect: {rows_change_at_most: 60%}\nlimits: {rejects: 30%}\n", "{sum: {of: value}, date: date}"
	columns := func(dept, more string) string {
		return "key: [date, dept" + strings.Repeat(", kpi", len(more)/len(kpiColumn)) + "]\ncolumns:\n  date: {from: date, type: date, format: \"%Y-%m-%d\"}\n  dept: {from: dept, type: text" + dept + "}\n" + more + "  value: {from: value, type: number}\n"
	}
	const numbered = "limits: {rejects: 30%}\nkey: [line]\ncolumns:\n  line: {from: _line, type: integer}\n  value: {from: a, type: number}\n"
	datasets := map[string][2]string{ // how it is read, and what its indicator measures, if it has one
		"table":   {"source: {kind: csv, path: data/table}\n" + bounded + columns("", kpiColumn), of},
		"units":   {"source: {kind: csv, path: data/units}\n" + bounded + columns(", values: {Public Works: works, Parks: parks}", kpiColumn), of},
		"book":    {"source: {kind: xlsx, path: data/book}\nlimits: {rejects: 30%}\n" + columns("", ""), of},
		"list":    {"source: {kind: json, path: data/list, shape: rows}\n" + numbered, ""},
		"lines":   {"source: {kind: json, path: data/lines, shape: lines}\n" + numbered, ""},
		"trips":   {"source: {kind: parquet, path: data/trips}\n" + numbered, ""},
		"fetched": {"source: {kind: csv, url: \"" + portal + "/x.csv\", timeout: 20 seconds}\n" + bounded + columns("", kpiColumn), of},
	}
	files := map[string]string{"city.yaml": strings.Replace(townCity, "2026-03-31", "2026-12-31", 1) + "network: {allow_hosts: [\"" + strings.TrimPrefix(portal, "http://") + "\"]}\n"}
	for id, d := range datasets {
		files["datasets/"+id+".yaml"] = "dataset: " + id + "\nname: Rows of " + id + "\nwhy: They are read.\n" + d[0]
		if d[1] != "" {
			files["datasets/"+id+".yaml"] += fmt.Sprintf("indicators:\n  - id: of-%s\n    name: Sum of %[1]s\n    sentence: What it comes to.\n    method: All are added up.\n    kind: outcome\n    priority: streets\n    department: works\n    measure: %s\n    unit: number\n    direction: up\n    period: month\n", id, d[1])
		}
	}
	control, err := os.ReadFile(filepath.Join(badFiles, "good.csv"))
	if err != nil {
		t.Fatal(err)
	}
	good = map[string]string{
		"table": string(control), "units": string(control), "fetched": string(control), "book": workbook(string(control)),
		"list": `[{"a": 100}, {"a": 234}]`, "lines": "{\"a\": 100}\n{\"a\": 234}\n",
		"trips": goodTrips(),
	}
	for id, content := range good {
		files["data/"+id] = content
	}
	put(t, dir, files)
	return dir, good
}

// workbook writes a table as a workbook.
func workbook(table string) string {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	must(err)
	f := excelize.NewFile()
	for i, row := range rows {
		must(f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row))
	}
	var b bytes.Buffer
	must(errors.Join(f.Write(&b), f.Close()))
	return b.String()
}

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func parquetRows[T any](rows []T) string {
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b)
	_, err := w.Write(rows)
	must(errors.Join(err, w.Close()))
	return b.String()
}

func goodTrips() string {
	type row struct {
		A float64 `parquet:"a"`
	}
	return parquetRows([]row{{100}, {234}})
}

// bad is a delivery that may harm: what comes, and of which dataset.
type bad struct{ name, dataset, content string }

// badDeliveries are all files of the list, and what is too large to lie in a file.
func badDeliveries(t *testing.T) []bad {
	t.Helper()
	f, err := os.Open(filepath.Join(badFiles, "MANIFEST.csv"))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := csv.NewReader(f).ReadAll()
	if err = errors.Join(err, f.Close()); err != nil || len(manifest) < 90 {
		t.Fatal(len(manifest), err)
	}
	var list []bad
	for _, line := range manifest[1:] {
		content, err := os.ReadFile(filepath.Join(badFiles, line[0]))
		if line[0] == "json_deep.json" && errors.Is(err, fs.ErrNotExist) {
			continue // it is made below
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, bad{line[0], datasetFor(line[0]), string(content)})
	}
	head := "date,dept,kpi,value\n"
	return append(list,
		bad{"nothing but white space", "table", " \n\t\n \n"},
		bad{"20,000 columns", "table", strings.Repeat("x,", 20_000) + "y\n" + strings.Repeat("1,", 20_000) + "1\n"},
		bad{"a field of 10 MB", "table", head + "2026-01-01,Public Works," + strings.Repeat("a", 10<<20) + ",1\n"},
		bad{"20,001 quotes", "table", head + "2026-01-01,Public Works," + strings.Repeat(`"`, 20_001) + ",1\n"},
		bad{"gzip in gzip that grows", "table", gzipped(gzipped(strings.Repeat("\x00", 20<<20)))},
		bad{"gzip that grows", "table", gzipped(head + strings.Repeat("2026-01-01,Public Works,a,1\n", 1<<20))},
		bad{"10,001 members", "table", manyMembers(10_001)},
		bad{"a whole path in an archive", "table", oneMember("/etc/passwd", head)},
		bad{"a backslash in an archive", "table", oneMember(`..\x.csv`, head)},
		bad{"brackets 100,000 deep", "list", strings.Repeat("[", 100_000)},
		bad{"a list that is cut behind a comma", "list", `[{"a": 1},`},
	)
}

func datasetFor(file string) string {
	switch {
	case strings.HasPrefix(file, "unknown_dept"):
		return "units"
	case strings.HasPrefix(file, "xls"):
		return "book"
	case strings.HasSuffix(file, ".json"):
		return "list"
	case strings.HasSuffix(file, ".ndjson"):
		return "lines"
	case strings.HasSuffix(file, ".parquet"):
		return "trips"
	}
	return "table"
}

func manyMembers(n int) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := range n {
		_, err := w.Create(fmt.Sprint(i))
		must(err)
	}
	must(w.Close())
	return b.String()
}

func oneMember(name, content string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	must(err)
	_, err = io.WriteString(f, content)
	must(errors.Join(err, w.Close()))
	return b.String()
}

// TestBadDeliveries: a bad file in the place of a good one never takes the last good number away. Whatever comes, every row of it is counted; what
// fails is told with the file and shown to those who look after it, and the next good file heals it. What is said of each is in the golden file.
func TestBadDeliveries(t *testing.T) {
	portal := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(portal.Close)
	dir, good := badCity(t, portal.URL)
	o := testOptions(dir, filepath.Join(t.TempDir(), "data"))
	o.Log = quiet()
	app := start(t, o)
	var said strings.Builder
	before := map[string]shown{}
	for id := range good {
		if before[id] = shownOf(t, app, id); id != "fetched" && before[id].rows == 0 {
			t.Fatalf("%s is not loaded", id)
		}
	}
	for _, b := range badDeliveries(t) {
		t.Run(b.name, func(t *testing.T) {
			was := shownOf(t, app, b.dataset)
			put(t, dir, map[string]string{"data/" + b.dataset: b.content})
			rep := ingestOne(t, app, b.dataset)
			fmt.Fprintf(&said, "%s\n%s\n", b.name, outcome(rep))
			checkDelivery(t, app, b.dataset, rep, was)
			heal(t, app, dir, b.dataset, good, before[b.dataset])
		})
	}
	goldenFile(t, "testdata/badinput.golden", said.String())
	if found, err := findings(t, dir, o.Data); err != nil {
		t.Errorf("the doctor: %v: %+v", err, found)
	}
}

// ingestOne loads a dataset and returns its report.
func ingestOne(t *testing.T, app *App, dataset string) ingest.Report {
	t.Helper()
	reports, err := app.engine.Ingest(t.Context(), ingest.How{Trigger: kpi.TriggerPerson}, []string{dataset})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(reports, func(r ingest.Report) bool { return r.Dataset == dataset })
	return reports[i]
}

// shown is what is shown of a dataset: the number of its indicator, if it has one, and its visible rows.
type shown struct {
	public bool
	value  float64
	rows   int64
}

func shownOf(t *testing.T, app *App, dataset string) shown {
	t.Helper()
	if r := card(t, app).Result("of-" + dataset); r != nil && r.Total != nil {
		return shown{public: true, value: *r.Total.Value, rows: r.Total.Rows}
	}
	version, _, err := app.engine.led.Visible(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	audit, err := app.engine.wh.Audit(t.Context(), version)
	if err != nil {
		t.Fatal(err)
	}
	return shown{rows: audit.Visible[dataset]}
}

// outcome says what came of a delivery, for the golden file.
func outcome(rep ingest.Report) string {
	var b strings.Builder
	if rep.Error != "" {
		fmt.Fprintf(&b, "  failed: %s\n", strings.ReplaceAll(loadNumber.ReplaceAllString(rep.Error, "load N"), "\n", "\n  "))
	} else {
		c := rep.Load.Counts
		fmt.Fprintf(&b, "  live: %d read, %d accepted, %d rejected, %d skipped, %d restated\n", c.Read, c.Accepted, c.Rejected, c.Skipped, c.Restated)
	}
	for _, g := range rep.Rejects {
		fmt.Fprintf(&b, "  refused: %d %s %s\n", g.Rows, g.Reason, g.Column)
	}
	for _, w := range rep.Warnings {
		fmt.Fprintf(&b, "  warning: %s\n", w)
	}
	return b.String()
}

var loadNumber = regexp.MustCompile(`load \d+`)

// checkDelivery checks what must hold whatever came.
func checkDelivery(t *testing.T, app *App, dataset string, rep ingest.Report, before shown) {
	t.Helper()
	staff := string(get(t, app, "/staff/data"))
	if rep.Error == "" {
		if c := rep.Load.Counts; c.Read != c.Accepted+c.Rejected+c.Skipped || c.Accepted == 0 {
			t.Errorf("live with the counts %+v", c)
		}
		return
	}
	if file := map[bool]string{false: "data/" + dataset, true: "/x.csv"}[dataset == "fetched"]; !strings.Contains(rep.Error, file) && !strings.Contains(rep.Error, "of "+dataset) {
		t.Errorf("the report does not name the file: %s", rep.Error)
	}
	if !strings.Contains(staff, `<pre lang="en" dir="auto">`) {
		t.Error("/staff/data does not show the failure")
	}
	if now := shownOf(t, app, dataset); now != before {
		t.Errorf("shown is %+v, and was %+v before it", now, before)
	}
	if list, err := app.engine.led.Loads(t.Context(), dataset, 1); err != nil || list[0].State != kpi.LoadFailed || list[0].Error != rep.Error {
		t.Errorf("the ledger has %+v, %v", list, err)
	}
	shows(t, app, dataset, before)
}

// shows makes sure that the public sees a number: on its page, in the table and through the API.
func shows(t *testing.T, app *App, dataset string, want shown) {
	t.Helper()
	if !want.public {
		return
	}
	number := value(&want.value)
	if body := string(get(t, app, "/en/indicators/of-"+dataset)); !strings.Contains(strings.ReplaceAll(body, ",", ""), number) {
		t.Errorf("the page does not show %s", number)
	}
	if body := string(get(t, app, "/api/v1/indicators/of-"+dataset)); !strings.Contains(body, number) {
		t.Errorf("the API does not say %s", number)
	}
}

// heal brings a good file; everything is as it was.
func heal(t *testing.T, app *App, dir, dataset string, good map[string]string, before shown) {
	t.Helper()
	put(t, dir, map[string]string{"data/" + dataset: good[dataset]})
	reports, err := app.engine.Ingest(t.Context(), ingest.How{Trigger: kpi.TriggerPerson, Accepted: "the test"}, []string{dataset})
	if err != nil || reports[0].Error != "" {
		t.Fatalf("the good file that came next: %v, %+v", err, reports)
	}
	if now := shownOf(t, app, dataset); now != before {
		t.Errorf("after the good file that came next: %+v, want %+v", now, before)
	}
	for _, s := range card(t, app).Datasets {
		if s.Dataset == dataset && s.Failed != nil {
			t.Error("it is still called failed")
		}
	}
}

// goldenFile compares with a golden file.
func goldenFile(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got), -update writes it anew:\n%s", file, diff)
	}
}

// flaky is a server that misbehaves: once, or until it is told otherwise.
type flaky struct {
	mu     sync.Mutex
	body   string
	fault  func(n int, w http.ResponseWriter, r *http.Request) bool // reports whether it has answered
	asked  int
	served int
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if f.fault != nil && f.fault(f.asked, w, r) {
		return
	}
	f.served++
	w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprint(crc32.ChecksumIEEE([]byte(f.body)))))
	http.ServeContent(w, r, "x.csv", time.Time{}, strings.NewReader(f.body))
}

func (f *flaky) set(body string, fault func(int, http.ResponseWriter, *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.body, f.fault, f.asked, f.served = body, fault, 0, 0
}

// TestBadPortal: a portal that throttles, fails, breaks off or says that nothing is new costs no number.
func TestBadPortal(t *testing.T) {
	server := &flaky{}
	portal := httptest.NewServer(server)
	t.Cleanup(portal.Close)
	dir, good := badCity(t, portal.URL)
	server.set(good["fetched"], nil)
	o := testOptions(dir, t.TempDir())
	o.Log = quiet()
	app := start(t, o)
	hurry(t, app)
	before := shownOf(t, app, "fetched")
	status := func(code int, times int) func(int, http.ResponseWriter, *http.Request) bool {
		return func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n > times {
				return false
			}
			w.Header().Set("Retry-After", "0")
			http.Error(w, "not now", code)
			return true
		}
	}
	const always = 1 << 30
	newer := strings.Replace(good["fetched"], ",101", ",201", 1)
	half := func(n int, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", fmt.Sprint(len(newer)))
		_, _ = io.WriteString(w, newer[:len(newer)/2])
		return true
	}
	for _, c := range []struct {
		name  string
		body  string
		fault func(int, http.ResponseWriter, *http.Request) bool
		fails string  // part of the report; empty: it goes well
		total float64 // what is shown then
	}{
		{"429 twice", newer, status(http.StatusTooManyRequests, 2), "", before.value + 100},
		{"429 for ever", newer, status(http.StatusTooManyRequests, always), "429", before.value},
		{"503 once", newer, status(http.StatusServiceUnavailable, 1), "", before.value + 100},
		{"500 for ever", newer, status(http.StatusInternalServerError, always), "500", before.value},
		{"404", newer, status(http.StatusNotFound, always), "404", before.value},
		{"broken off for ever", newer, half, "/x.csv", before.value},
		{"a page that says 200", "<!DOCTYPE html><html><body>Log in</body></html>", nil, "HTML", before.value},
		{"half of the rows, and no word of it", newer[:strings.Index(newer, "2026-03")], nil, "rows", before.value},
	} {
		t.Run(c.name, func(t *testing.T) {
			server.set(good["fetched"], nil)
			ingestOne(t, app, "fetched")
			server.set(c.body, c.fault)
			rep := ingestOne(t, app, "fetched")
			if c.fails == "" && rep.Error != "" || !strings.Contains(rep.Error, c.fails) {
				t.Errorf("the report says %q, want %q", rep.Error, c.fails)
			}
			if now := card(t, app).Result("of-fetched").Total; *now.Value != c.total {
				t.Errorf("%v is shown, want %v", *now.Value, c.total)
			}
			get(t, app, "/en/indicators/of-fetched")
			if c.fails != "" {
				checkDelivery(t, app, "fetched", rep, before)
			}
		})
	}
	server.set(good["fetched"], nil)
	ingestOne(t, app, "fetched")
	server.set(good["fetched"], nil)
	if rep := ingestOne(t, app, "fetched"); !rep.Unchanged || server.served != 1 {
		t.Errorf("the same again: %+v", rep)
	}
}

// hurry lets the program wait for no portal.
func hurry(t *testing.T, app *App) {
	t.Helper()
	city, _ := app.engine.definitions()
	n, err := connector.NewNetwork(connector.NetworkOptions{Network: city.Network, Version: "test", Logger: quiet(), Pace: connector.Pace{First: time.Millisecond, Cap: 2 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	app.engine.runner.Network.Close()
	app.engine.runner.Network = n
}

// TestRestated: a late restatement of a period that was published makes a new publication; the old one keeps its bytes, and what was known before is
// still known.
func TestRestated(t *testing.T) {
	portal := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(portal.Close)
	dir, good := badCity(t, portal.URL)
	o := testOptions(dir, filepath.Join(t.TempDir(), "data"))
	o.Log = quiet()
	app := start(t, o)
	first := card(t, app)
	put(t, dir, map[string]string{"data/table": strings.Replace(good["table"], ",101", ",999", 1)})
	rep := ingestOne(t, app, "table")
	if rep.Error != "" || rep.Load.Counts.Restated != 1 || rep.Load.Counts.New != 0 {
		t.Errorf("%+v", rep)
	}
	second := card(t, app)
	if second.Number == first.Number || *second.Result("of-table").Total.Value != *first.Result("of-table").Total.Value+898 {
		t.Errorf("publication %d after %d, %v after %v", second.Number, first.Number, *second.Result("of-table").Total.Value, *first.Result("of-table").Total.Value)
	}
	was, werr := app.engine.builder.Build(t.Context(), kpi.At{AsOf: first.AsOf, KnownAt: first.KnownAt})
	if werr != nil || *was.Result("of-table").Total.Value != *first.Result("of-table").Total.Value {
		t.Errorf("as known then: %v", werr)
	}
	if n, wrong, err := app.engine.led.CheckPublications(t.Context()); err != nil || len(wrong) > 0 || n < 2 {
		t.Errorf("%d publications: %v, %v", n, wrong, err)
	}
}

// TestCollapse: a delivery with far fewer rows than the last one waits for somebody who answers for it.
func TestCollapse(t *testing.T) {
	portal := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(portal.Close)
	dir, good := badCity(t, portal.URL)
	data := t.TempDir()
	app := start(t, testOptions(dir, data))
	before := shownOf(t, app, "table")
	put(t, dir, map[string]string{"data/table": good["table"][:strings.Index(good["table"], "2026-03")]})
	rep := ingestOne(t, app, "table")
	if rep.Error == "" {
		t.Fatal("two of twelve rows became live")
	}
	checkDelivery(t, app, "table", rep, before)
	if out, _, err := command(t, "ingest", dir, "table", "--data", data, "--accept", "Ana Reyes"); err != nil || !strings.Contains(out, "accepted by Ana Reyes") {
		t.Errorf("%v\n%s", err, out)
	}
	if now := card(t, app).Result("of-table").Total; now.Rows != 2 {
		t.Errorf("%d rows are counted, want 2", now.Rows)
	}
}
