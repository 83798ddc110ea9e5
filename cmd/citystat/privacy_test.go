package main

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"citystat/kpi"
	"citystat/kpi/ledger"
)

// Every value that must be nowhere is MARKED, with the kind of its source and its place; what may be kept says so.
const mark = "MARKED"

// The secrets that the sources of the test are fetched with.
var secrets = map[string]string{"PRIVACY_TOKEN": "MARKED-secret-token", "PRIVACY_USER_PASSWORD": "MARKED-secret-password", "PRIVACY_HEADER": "MARKED-secret-header"}

// privateCity writes the folder, with the n-th good delivery of everything.
func privateCity(t *testing.T, dir string, portal *fakePortal) []markedSource {
	t.Helper()
	host := strings.TrimPrefix(portal.URL, "http://")
	files := map[string]string{"city.yaml": townCity + "network: {allow_hosts: [\"" + host + "\"]}\n"}
	sources := markedSources(portal.URL)
	for _, s := range sources {
		from := [4]string{"ID", "DAY", "AMOUNT", "PERSON"}
		if s.id == "contracts" {
			from = [4]string{"id", "date", "tender.value.amount", "language"}
		}
		files["datasets/"+s.id+".yaml"] = fmt.Sprintf(`dataset: %[1]s
name: Rows of %[1]s
why: They are read.
source: %[2]s
key: [id]
columns:
  id: {from: %[3]s, type: text}
  day: {from: %[4]s, type: date, format: "%%Y-%%m-%%d"}
  amount: {from: %[5]s, type: number}
drop: [%[6]s]
checks:
  - {rule: amount >= 0, else: reject}
indicators:
  - id: amount-of-%[1]s
    name: Amount of %[1]s
    sentence: What it comes to.
    method: All amounts are added up.
    kind: outcome
    priority: streets
    department: works
    measure: {sum: {of: amount}, date: day}
    unit: number
    direction: up
    period: month
`, s.id, s.source, from[0], from[1], from[2], from[3])
	}
	put(t, dir, files)
	deliver(t, dir, portal, sources, 0)
	return sources
}

// deliver brings the n-th good delivery of every source.
func deliver(t *testing.T, dir string, portal *fakePortal, sources []markedSource, n int) {
	t.Helper()
	for _, s := range sources {
		bring(t, dir, portal, s, s.good(n))
	}
}

func bring(t *testing.T, dir string, portal *fakePortal, s markedSource, content string) {
	t.Helper()
	if s.file == "" {
		portal.deliveries[s.id] = content
		return
	}
	put(t, dir, map[string]string{"data/" + s.file: content})
}

// TestPrivacy: what is dropped, what nobody declared and what is secret is nowhere: not in a file under the data directory, in a log, in what a
// command prints, or on a page; after good loads, after bad ones, and after the program was killed in the middle of one.
func TestPrivacy(t *testing.T) {
	for name, value := range secrets {
		t.Setenv(name, value)
	}
	dir, data, portal := filepath.Join(t.TempDir(), "city"), filepath.Join(t.TempDir(), "data"), newFakePortal(t)
	sources := privateCity(t, dir, portal)
	said := new(output)
	o := testOptions(dir, data)
	o.Out, o.Log = said, slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	app := start(t, o)
	loadedAll(t, app, sources, 10)
	if portal.told < 2 {
		t.Errorf("%d requests came with their secrets; the portal was not asked as it should be", portal.told)
	}
	sweep(t, "after a good load", data, said, app, sources)

	for round := 0; ; round++ {
		tried := 0
		for _, s := range sources {
			if round < len(s.bad) {
				bring(t, dir, portal, s, s.bad[round])
				tried++
			}
		}
		if tried == 0 {
			break
		}
		for _, s := range sources {
			if round >= len(s.bad) {
				continue
			}
			out, errOut, err := command(t, "ingest", dir, s.id, "--data", data, "--json")
			if err == nil {
				t.Errorf("%s: the bad delivery %d became live: %.100q", s.id, round, s.bad[round])
			}
			clean(t, fmt.Sprintf("what ingest says of the bad delivery %d of %s", round, s.id), []byte(out+errOut+fmt.Sprint(err)))
		}
		sweepFiles(t, fmt.Sprintf("after bad delivery %d", round), data)
		clean(t, fmt.Sprintf("/staff/data after bad delivery %d", round), get(t, app, "/staff/data"))
	}
	sweep(t, "after bad deliveries", data, said, app, sources)
	loadedAll(t, app, sources, 10)
	stop(t, app)

	for n, step := range []kpi.Step{kpi.StepFetch, kpi.StepSpool, kpi.StepCheck, kpi.StepLive} {
		deliver(t, dir, portal, sources, n+1)
		killed(t, dir, data, step)
		app = start(t, o)
		sweepFiles(t, "after a kill at "+string(step), data)
		loadedAll(t, app, sources, 10+float64(n+1))
		if step == kpi.StepLive {
			sweep(t, "after kills", data, said, app, sources)
		}
		stop(t, app)
	}
	sweepFiles(t, "at the end", data)
	sweepStores(t, "at the end", data)
}

// loadedAll makes sure that every dataset shows its numbers: a test that loads nothing finds nothing.
func loadedAll(t *testing.T, app *App, sources []markedSource, first float64) {
	t.Helper()
	for _, s := range sources {
		r := card(t, app).Result("amount-of-" + s.id)
		if r == nil || r.Total == nil || *r.Total.Numerator != first+20 {
			t.Errorf("%s is not loaded as it should be", s.id)
		}
		list, err := app.engine.allRefused(t.Context(), s.id, kpi.RejectQuery{Limit: 100})
		if err != nil || len(list) != 1 || len(list[0].Rows) < 2 {
			t.Errorf("%s: refused %+v, %v; want the row with a bad day and the one that breaks the check", s.id, list, err)
		}
		if said := fmt.Sprint(list); s.id == "plain" && !(strings.Contains(said, "field_count") && strings.Contains(said, "invalid_utf8") && strings.Contains(said, "stray_quote")) {
			t.Errorf("%s: refused %s; want rows that are broken in each way", s.id, said)
		}
	}
}

// clean fails if a mark is in what somebody may see.
func clean(t *testing.T, what string, b []byte) {
	t.Helper()
	if i := bytes.Index(b, []byte(mark)); i >= 0 {
		t.Errorf("%s: …%.300q…", what, b[max(i-120, 0):min(i+120, len(b))])
	}
}

// sweep looks everywhere while the program serves.
func sweep(t *testing.T, when, data string, said *output, app *App, sources []markedSource) {
	t.Helper()
	sweepFiles(t, when, data)
	clean(t, when+", what the program said", []byte(said.String()))
	paths := []string{"/en/", "/en/indicators", "/en/data", "/api/v1/indicators", "/metrics", "/readyz", "/staff/data"}
	for _, s := range sources {
		paths = append(paths, "/en/indicators/amount-of-"+s.id, "/indicators/amount-of-"+s.id+".csv", "/indicators/amount-of-"+s.id+".json", "/api/v1/indicators/amount-of-"+s.id, "/staff/data/"+s.id+"/rejects")
	}
	for _, path := range paths {
		clean(t, when+", "+path, get(t, app, path))
	}
	for _, s := range sources {
		out, errOut, err := command(t, "rejects", app.opts.Folder, s.id, "--data", data)
		clean(t, when+", citystat rejects "+s.id, []byte(out+errOut+fmt.Sprint(err)))
	}
	out, errOut, err := command(t, "doctor", app.opts.Folder, "--data", data)
	if err != nil {
		t.Errorf("%s: %v\n%s", when, err, out)
	}
	clean(t, when+", citystat doctor", []byte(out+errOut))
}

// sweepFiles searches every file under the data directory, as it is and as what is packed in it.
func sweepFiles(t *testing.T, when, data string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(data, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == socketName {
			return err
		}
		clean(t, when+", the name of "+path, []byte(path))
		b, err := readAside(path)
		if err != nil {
			return err
		}
		files++
		clean(t, when+", "+path, b)
		plain, err := unpacked(path, b)
		clean(t, when+", what is packed in "+path, plain)
		return err
	})
	if err != nil || files < 10 {
		t.Errorf("%s: %d files were searched: %v", when, files, err)
	}
}

// readAside reads a file in another process: to open and close the file of a database in this one would take DuckDB's lock on it away.
func readAside(path string) ([]byte, error) {
	return exec.Command("cat", "--", path).Output()
}

func unpacked(path string, b []byte) ([]byte, error) {
	switch filepath.Ext(path) {
	case ".s2":
		return io.ReadAll(s2.NewReader(bytes.NewReader(b)))
	case ".zst":
		z, err := zstd.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		return io.ReadAll(z)
	case ".gz":
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(z)
	}
	return nil, nil
}

// sweepStores asks both stores for all that they hold: what is compressed in their files cannot be found by its letters.
func sweepStores(t *testing.T, when, data string) {
	t.Helper()
	db, err := sql.Open("duckdb", filepath.Join(data, "warehouse.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() // only read
	tables := strings.Fields(scanText(t, db, "SELECT string_agg(table_name, ' ') FROM duckdb_tables()"))
	if len(tables) < 6 {
		t.Errorf("%s: the warehouse has the tables %v", when, tables)
	}
	for _, table := range tables {
		clean(t, when+", table "+table, []byte(scanText(t, db, `SELECT coalesce(string_agg(CAST(x AS VARCHAR), chr(10)), '') FROM "`+table+`" AS x`)))
	}
	led, err := ledger.Open(t.Context(), filepath.Join(data, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer led.Close() // only read
	loads, err := led.Loads(t.Context(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	clean(t, when+", the loads", []byte(jsonOf(loads)))
	for _, l := range loads {
		city, err := led.Folder(t.Context(), l.Folder)
		if err != nil {
			t.Fatal(err)
		}
		clean(t, when+", the folder", []byte(jsonOf(city)))
	}
	p, _, err := led.Published(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	clean(t, when+", what is published", p.Body)
}

func scanText(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	var s string
	if err := db.QueryRowContext(t.Context(), query).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

// The variables by which a process of this test knows what to do.
const (
	killFolder = "CITYSTAT_KILL_FOLDER"
	killData   = "CITYSTAT_KILL_DATA"
	killStep   = "CITYSTAT_KILL_STEP"
)

// killed loads everything in a process of its own, which is killed when the last dataset reaches a step.
func killed(t *testing.T, dir, data string, step kpi.Step) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPrivacyRole$", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), killFolder+"="+dir, killData+"="+data, killStep+"="+string(step))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("it was not killed at %s: %v\n%s", step, err, out)
	}
	clean(t, "the output of the program that was killed at "+string(step), out)
}

// TestPrivacyRole is the process that is killed; alone it does nothing.
func TestPrivacyRole(t *testing.T) {
	dir, data, step := os.Getenv(killFolder), os.Getenv(killData), kpi.Step(os.Getenv(killStep))
	if dir == "" {
		return
	}
	o := testOptions(dir, data)
	o.Out = os.Stdout
	seen := 0
	o.Hook = func(s kpi.Step) {
		if s != step {
			return
		}
		if seen++; seen == 3 { // in the third dataset, with two that are loaded
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute) // until the signal is there
		}
	}
	if _, err := startApp(o); err != nil {
		t.Fatal(err)
	}
	t.Fatal("it was not killed")
}

// TestDropExtended: a column that is dropped later comes no more, and the number that is shown stays while the source brings nothing good. The copies
// that were kept before hold it still; the doctor names them.
func TestDropExtended(t *testing.T) {
	dir, data := filepath.Join(t.TempDir(), "city"), filepath.Join(t.TempDir(), "data")
	delivery := strings.ReplaceAll(strings.ReplaceAll(townFirst, "north", mark+"-north"), "south", mark+"-south")
	put(t, dir, map[string]string{"city.yaml": townCity, "datasets/repairs.yaml": townRepairs, "data/repairs.csv": delivery})
	said := new(output)
	o := testOptions(dir, data)
	o.Out, o.Log = said, slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	app := start(t, o)
	before := card(t, app).Result("on-time").Total

	edit(t, dir, "datasets/repairs.yaml", "  crew: {from: CREW, type: text}\n", "")
	edit(t, dir, "datasets/repairs.yaml", "key: [id]\n", "key: [id]\ndrop: [CREW]\n")
	put(t, dir, map[string]string{"data/repairs.csv": townBroken})
	if err := app.Reload(t.Context()); err != nil {
		t.Errorf("reading the folder again while the source is broken: %v", err)
	}
	if now := card(t, app).Result("on-time").Total; *now.Value != *before.Value || now.Rows != before.Rows {
		t.Errorf("%+v is shown after %+v", now, before)
	}
	for _, path := range []string{"/en/", "/en/indicators/on-time", "/en/data", "/api/v1/indicators/on-time", "/staff/data", "/staff/data/repairs/rejects"} {
		clean(t, path, get(t, app, path))
	}
	put(t, dir, map[string]string{"data/repairs.csv": delivery})
	out, errOut, err := command(t, "ingest", dir, "--data", data)
	if err != nil {
		t.Fatal(err, out)
	}
	clean(t, "what ingest says", []byte(out+errOut))
	clean(t, "what the program says", []byte(said.String()))
	l, ok, err := app.engine.led.LastLive(t.Context(), "repairs", time.Time{})
	if err != nil || !ok || l.ID < 2 {
		t.Fatal(l.ID, ok, err)
	}
	path := filepath.Join(data, "spool", l.Spool[0].Copy[:2], l.Spool[0].Copy+".csv.s2")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := unpacked(path, b)
	if err != nil || !bytes.HasPrefix(plain, []byte("_line,ID,DUE,CLOSED\n")) {
		t.Errorf("the new copy: %v %.60s", err, plain)
	}
	clean(t, "the new copy", plain)
	if now := card(t, app).Result("on-time").Total; *now.Value != *before.Value || now.Rows != before.Rows {
		t.Errorf("%+v is shown after %+v", now, before)
	}
	found, err := findings(t, dir, data)
	if f := found["dropped-columns"]; err == nil || len(f.Wrong) != 2 || !strings.Contains(f.Wrong[0], "kept by load 1 of repairs, still holds CREW") || !strings.Contains(f.Wrong[1], "keeps 1 rows of repairs as they came in load 1") {
		t.Errorf("the doctor: %v %+v", err, f)
	}
}
