package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"citystat/ingest"
	"citystat/kpi"
	"citystat/kpi/warehouse"
)

// townCity and townRepairs are a town of a few repairs: rows that are good, broken and refused, and a column that may be dropped.
const townCity = `city: small-town
name: Small Town
about: A town of a few repairs.
languages: [en]
time_zone: America/New_York
fiscal_year_starts: July
publish: every_load
as_of: 2026-03-31
departments:
  - {id: works, name: Works}
priorities:
  - id: streets
    name: Streets
    promise: We repair within three days.
    goals: [{id: quick, name: Quick repairs}]
`

const townRepairs = `dataset: repairs
name: Repairs
why: Residents report what is broken.
source: {kind: csv, path: data/repairs.csv}
key: [id]
columns:
  id: {from: ID, type: text, empty_is: reject}
  due: {from: DUE, type: date, format: "%Y-%m-%d"}
  closed: {from: CLOSED, type: date, format: "%Y-%m-%d"}
  crew: {from: CREW, type: text}
indicators:
  - id: on-time
    name: Repairs on time
    sentence: Repairs that were done by their deadline.
    method: A repair counts once its deadline has passed.
    kind: outcome
    priority: streets
    department: works
    measure:
      share: {of: closed <= due}
      exclude:
        - {when: due > as_of, because: not-yet-due}
      date: due
    unit: percent
    direction: up
    period: month
`

// The deliveries: a first one with a row that is cut short and one with a day that never was, one that restates, and one that is no table.
const (
	townFirst  = "ID,DUE,CLOSED,CREW\n1,2026-03-02,2026-03-01,north\n2,2026-03-05,2026-03-09,south\n3,2026-04-05,,north\n4,2026-02-30,2026-03-01,south\n5,2026-03-07\n\n"
	townSecond = "ID,DUE,CLOSED,CREW\n1,2026-03-02,2026-03-01,north\n2,2026-03-05,2026-03-04,south\n3,2026-04-05,,north\n6,2026-03-11,2026-03-15,south\n"
	townBroken = "<!DOCTYPE html><html><body>Bad gateway</body></html>\n"
	townCut    = "ID,DUE,CLOSED,CREW\n1,2026-13-02,2026-03-01,north\n"
)

// put writes files of a folder.
func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// command runs a command of the program in this process and returns what it printed.
func command(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errOut bytes.Buffer
	cmd := newRoot(nil, &out, &errOut)
	cmd.SetArgs(args)
	err = cmd.ExecuteContext(t.Context())
	return out.String(), errOut.String(), err
}

// findings runs citystat doctor and returns what it found by the name of the check.
func findings(t *testing.T, city, data string, more ...string) (map[string]ingest.Finding, error) {
	t.Helper()
	out, _, err := command(t, append([]string{"doctor", city, "--data", data, "--json"}, more...)...)
	var list []ingest.Finding
	if jerr := json.Unmarshal([]byte(out), &list); jerr != nil {
		t.Fatalf("%v: %v\n%s", err, jerr, out)
	}
	found := map[string]ingest.Finding{}
	for _, f := range list {
		if _, twice := found[f.Check]; twice {
			t.Errorf("two findings are called %s", f.Check)
		}
		found[f.Check] = f
	}
	return found, err
}

// town holds, once they are made, the files of a city folder and of its data directory with two good loads, two that failed and two that were unchanged.
var town struct {
	once       sync.Once
	city, data fstest.MapFS
}

// makeTown returns the folder of the town and a data directory that the caller may harm.
func makeTown(t *testing.T) (city, data string) {
	t.Helper()
	town.once.Do(func() {
		city, data := filepath.Join(t.TempDir(), "city"), filepath.Join(t.TempDir(), "data")
		put(t, city, map[string]string{"city.yaml": townCity, "datasets/repairs.yaml": townRepairs})
		for i, delivery := range []string{townFirst, townCut, townSecond, townSecond, townBroken, townSecond} {
			put(t, city, map[string]string{"data/repairs.csv": delivery})
			_, _, err := command(t, "ingest", city, "--data", data)
			if bad := delivery == townBroken || delivery == townCut; (err != nil) != bad {
				t.Fatalf("delivery %d: %v", i, err)
			}
		}
		town.city, town.data = inMemory(t, city), inMemory(t, data)
	})
	if town.data == nil {
		t.Fatal("the town could not be made, see the first test that needed it")
	}
	base := t.TempDir()
	city, data = filepath.Join(base, "city"), filepath.Join(base, "data")
	if err := errors.Join(os.CopyFS(city, town.city), os.CopyFS(data, town.data)); err != nil {
		t.Fatal(err)
	}
	closeDir(t, data)
	return city, data
}

// inMemory reads the files of a directory.
func inMemory(t *testing.T, dir string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		name, rerr := filepath.Rel(dir, path)
		if err = errors.Join(err, rerr); err != nil {
			return err
		}
		if e.IsDir() {
			files[name] = &fstest.MapFile{Mode: os.ModeDir | 0o700}
			return nil
		}
		b, err := os.ReadFile(path)
		files[name] = &fstest.MapFile{Data: b, Mode: 0o600}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// closeDir gives a copied data directory the modes of the one that it was copied from: os.CopyFS widens them.
func closeDir(t *testing.T, data string) {
	t.Helper()
	err := filepath.WalkDir(data, func(path string, e os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir():
			return os.Chmod(path, 0o700)
		}
		return os.Chmod(path, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDoctorWell: of a healthy city the doctor says that all is well, and at how much it looked.
func TestDoctorWell(t *testing.T) {
	city, data := makeTown(t)
	found, err := findings(t, city, data)
	if err != nil {
		t.Error(err)
	}
	for check, looked := range map[string]int64{
		"folder": 1, "stores": 2, "ledger": 1, "publications": 5, "counts": 2, "watermark": 2, "failed-loads": 4, "rows": 2, "checksums": 2, "recomputed": 2,
		"spool-copies": 2, "dropped-columns": 3, "spool-orphans": 3, "spool-tmp": 1, "free-space": 1, "clock": 6, "deliveries": 1, "provenance": 2, "published": 1,
	} {
		f, ok := found[check]
		if !ok || f.Looked != looked || len(f.Wrong) > 0 || len(f.Warnings) > 0 {
			t.Errorf("%s: %+v; want %d looked at and nothing wrong", check, f, looked)
		}
	}
	if f := found["spool-orphans"]; len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "1 copies are of loads that did not become live") {
		t.Errorf("orphans: %+v", f)
	}
	out, _, err := command(t, "doctor", city, "--data", data, "--quick")
	if err != nil || !strings.Contains(out, "All is well: ") || !strings.Contains(out, "its hash was not computed) (copies: 2)") {
		t.Errorf("%v\n%s", err, out)
	}
}

// harm is damage done to a data directory, and what the doctor must say of it.
type harm struct {
	name  string
	do    func(t *testing.T, city, data string)
	wrong map[string]string // check → part of what is said
	also  []string          // checks that may find something wrong as well
}

func harms() []harm {
	inLedger := func(statements ...string) func(*testing.T, string, string) {
		return func(t *testing.T, _, data string) {
			alter(t, "sqlite", filepath.Join(data, "ledger.db"), statements...)
		}
	}
	inWarehouse := func(statements ...string) func(*testing.T, string, string) {
		return func(t *testing.T, _, data string) {
			alter(t, "duckdb", filepath.Join(data, "warehouse.duckdb"), statements...)
		}
	}
	return []harm{
		{"a byte of a copy", func(t *testing.T, _, data string) { flip(t, copyOf(t, data, 0)) }, map[string]string{"spool-copies": "is damaged; restore it from a backup"}, nil},
		{"a copy is gone", func(t *testing.T, _, data string) { remove(t, copyOf(t, data, 0)) }, map[string]string{"spool-copies": "the spool has lost the copy"}, nil},
		{"the rows set aside are gone", func(t *testing.T, _, data string) { remove(t, filepath.Join(data, "spool", "rejects", "1.json.zst")) },
			map[string]string{"counts": "load 1 of repairs: 6 rows were read, and the spool has 4 in copies and 0 set aside, with 1 skipped"}, nil},
		{"the rows set aside are damaged", func(t *testing.T, _, data string) { flip(t, filepath.Join(data, "spool", "rejects", "1.json.zst")) },
			map[string]string{"counts": "is damaged; restore it from a backup"}, nil},
		{"rows are lost", func(t *testing.T, _, data string) {
			alter(t, "duckdb", filepath.Join(data, "warehouse.duckdb"), "DELETE FROM "+rowTable(t, data)+" WHERE _to IS NULL AND id = '1'")
		}, map[string]string{"rows": "are visible; make the warehouse anew: citystat rebuild", "recomputed": "indicator on-time, 2026-03: stored is"}, nil},
		{"a row says something else", func(t *testing.T, _, data string) {
			alter(t, "duckdb", filepath.Join(data, "warehouse.duckdb"), "UPDATE "+rowTable(t, data)+" SET closed = DATE '2026-03-30' WHERE _to IS NULL AND id = '1'")
		}, map[string]string{"recomputed": "and the rows give"}, nil},
		{"an observation by the last bit", inWarehouse("UPDATE observation SET value = value + 1e-13 WHERE to_version IS NULL AND period = '2026-03'"),
			map[string]string{"recomputed": "stored is", "checksums": "the observations at data version", "published": "indicator on-time: shown is"}, nil},
		{"an old observation", inWarehouse("UPDATE observation SET value = 1 WHERE to_version IS NOT NULL AND period = '2026-03'"),
			map[string]string{"checksums": "the observations at data version 1"}, nil},
		{"a reject is lost", inWarehouse("DELETE FROM reject"), map[string]string{"rows": "rows were rejected and 0 are written down"}, nil},
		{"a version is undone", func(t *testing.T, _, data string) { undo(t, data, 3) }, map[string]string{"watermark": "calls data version 3 live and the warehouse lacks it"},
			[]string{"checksums", "recomputed", "published", "rows"}},
		{"a failed load left something", inWarehouse("INSERT INTO observation SELECT * REPLACE (5 AS from_version, 5 AS to_version) FROM observation WHERE to_version IS NULL"),
			map[string]string{"failed-loads": "load 5 of repairs is failed and left 0 row versions, 2 observations"}, nil},
		{"a version that nobody knows", inWarehouse("INSERT INTO data_version SELECT * REPLACE (99 AS version) FROM data_version LIMIT 1"),
			map[string]string{"failed-loads": "data version 99, of which the ledger knows nothing"}, nil},
		{"a table of nobody", inWarehouse("CREATE TABLE row_stranger (_from BIGINT, _to BIGINT)"), map[string]string{"failed-loads": "the table row_stranger, which is of no dataset"}, nil},
		{"counts in the ledger", inLedger("DROP TRIGGER load_update", "UPDATE load SET read = read + 1, accepted = accepted + 1 WHERE id = 3"),
			map[string]string{"counts": "load 3 of repairs", "rows": "load 3 of repairs: the ledger has"}, []string{"published"}},
		{"published bytes", inLedger("DROP TRIGGER publication_update", "UPDATE publication SET body = (SELECT body FROM publication WHERE number = 1) WHERE number = 2"),
			map[string]string{"publications": "publication 2: its bytes are not those that were published"}, nil},
		{"the newest publication", inLedger("DROP TRIGGER publication_update", "UPDATE publication SET body = (SELECT body FROM publication WHERE number = 1)"),
			map[string]string{"published": "its bytes are not those that were published"}, []string{"publications"}},
		{"a reference to nothing", inLedger("PRAGMA foreign_keys = 0", "INSERT INTO folder_definition VALUES (77, 'on-time', 1)"), map[string]string{"ledger": "refers to a row of table folder that is not there"}, nil},
		{"the hash of a source", inLedger("DROP TRIGGER load_update", "UPDATE load SET source_hash = ''"), map[string]string{"provenance": "the hash of its source is not known"}, []string{"published"}},
		{"a load of tomorrow", inLedger("DROP TRIGGER load_identity", "DROP TRIGGER load_update", "UPDATE load SET started = started + 86400 * 1000000000 WHERE id = 6"), map[string]string{"clock": "load 6 of repairs happened on"}, nil},
		{"a directory that others can read", func(t *testing.T, _, data string) { chmod(t, filepath.Join(data, "spool"), 0o755) }, map[string]string{"modes": "chmod 0700 "}, nil},
		{"a ledger that others can read", func(t *testing.T, _, data string) { chmod(t, filepath.Join(data, "ledger.db"), 0o640) }, map[string]string{"modes": "ledger.db has the mode 0640"}, nil},
		{"a warehouse that is none", func(t *testing.T, _, data string) { put(t, data, map[string]string{"warehouse.duckdb": "nonsense"}) }, map[string]string{"stores": "the warehouse"}, nil},
		{"no warehouse", func(t *testing.T, _, data string) { remove(t, filepath.Join(data, "warehouse.duckdb")) }, map[string]string{"stores": "the next start makes it anew from the spool"}, nil},
		{"a ledger that is none", func(t *testing.T, _, data string) {
			put(t, data, map[string]string{"ledger.db": strings.Repeat("nonsense", 1000)})
		}, map[string]string{"stores": "the ledger"}, nil},
		{"a wrong folder", func(t *testing.T, city, _ string) { put(t, city, map[string]string{"city.yaml": "city: [\n"}) }, map[string]string{"folder": "citystat check says what to mend"}, nil},
		{"a column that is dropped now", dropCrew, map[string]string{"dropped-columns": "still holds CREW, which the folder now drops"}, nil},
	}
}

// TestDoctorHarm: whatever is harmed, the doctor says what and where, and nothing else.
func TestDoctorHarm(t *testing.T) {
	for _, h := range harms() {
		t.Run(h.name, func(t *testing.T) {
			city, data := makeTown(t)
			h.do(t, city, data)
			found, err := findings(t, city, data)
			if err == nil || exitStatus(err) != 1 {
				t.Errorf("exit status of %v, want 1", err)
			}
			for check, f := range found {
				said := strings.Join(f.Wrong, "\n")
				want, expected := h.wrong[check]
				if expected && !strings.Contains(said, want) {
					t.Errorf("%s says %q, want %q", check, said, want)
				}
				if !expected && said != "" && !slices.Contains(h.also, check) {
					t.Errorf("%s is said to be wrong too: %s", check, said)
				}
			}
			for check := range h.wrong {
				if _, ok := found[check]; !ok {
					t.Errorf("%s was not examined", check)
				}
			}
		})
	}
}

// alter runs SQL in a store that nobody has open.
func alter(t *testing.T, driver, file string, statements ...string) {
	t.Helper()
	db, err := sql.Open(driver, file)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// rowTable is the quoted name of the town's one table of rows.
func rowTable(t *testing.T, data string) string {
	t.Helper()
	db, err := sql.Open("duckdb", filepath.Join(data, "warehouse.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	var name string
	if err := db.QueryRowContext(t.Context(), "SELECT name FROM row_table").Scan(&name); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return `"` + name + `"`
}

// copyOf is the path of one of the copies that the live loads need.
func copyOf(t *testing.T, data string, n int) string {
	t.Helper()
	var list []string
	db, err := sql.Open("sqlite", filepath.Join(data, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.QueryContext(t.Context(), "SELECT DISTINCT copy FROM spool_file JOIN load ON load.id = load WHERE state = 'live' ORDER BY load")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(rows.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	}()
	for rows.Next() {
		var hash string
		if err := rows.Scan(&hash); err != nil {
			t.Fatal(err)
		}
		list = append(list, filepath.Join(data, "spool", hash[:2], hash+".csv.s2"))
	}
	if rows.Err() != nil || n >= len(list) {
		t.Fatal(rows.Err(), list)
	}
	return list[n]
}

func flip(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-3] ^= 0x10
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// undo takes a data version out of the warehouse behind the ledger's back.
func undo(t *testing.T, data string, version int64) {
	t.Helper()
	wh, err := warehouse.Open(t.Context(), warehouse.Options{Dir: data, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := wh.Undo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	if err := wh.Close(); err != nil {
		t.Fatal(err)
	}
}

// dropCrew drops a column that the kept copies hold, while the source delivers nothing good.
func dropCrew(t *testing.T, city, data string) {
	t.Helper()
	edit(t, city, "datasets/repairs.yaml", "  crew: {from: CREW, type: text}\n", "")
	edit(t, city, "datasets/repairs.yaml", "key: [id]\n", "key: [id]\ndrop: [CREW]\n")
	put(t, city, map[string]string{"data/repairs.csv": townBroken})
	if _, _, err := command(t, "ingest", city, "--data", data); err == nil {
		t.Fatal("a page of HTML became live")
	}
}

// TestDoctorKilled: what a killed program left is told of, is no fault, and is gone after the next start.
func TestDoctorKilled(t *testing.T) {
	city, data := makeTown(t)
	alter(t, "sqlite", filepath.Join(data, "ledger.db"), "INSERT INTO load (cause, dataset, state, started, folder, as_of) VALUES ('load', 'repairs', 'staged', 1, 1, '2026-03-31')")
	alter(t, "duckdb", filepath.Join(data, "warehouse.duckdb"), "INSERT INTO data_version SELECT * REPLACE (7 AS version) FROM data_version LIMIT 1")
	put(t, data, map[string]string{"spool/tmp/source.part": "half a delivery"})
	found, err := findings(t, city, data)
	if err != nil {
		t.Error(err)
	}
	for check, want := range map[string]string{"failed-loads": "the program ended during load 7 of repairs", "spool-tmp": "the next start removes them"} {
		if f := found[check]; len(f.Warnings) != 1 || !strings.Contains(f.Warnings[0], want) {
			t.Errorf("%s: %+v, want the warning %q", check, f, want)
		}
	}
	app := start(t, testOptions(city, data))
	if found, err = findings(t, city, data); err != nil || len(found["failed-loads"].Warnings)+len(found["spool-tmp"].Warnings) > 0 {
		t.Errorf("after a start: %v, %+v", err, found)
	}
	put(t, data, map[string]string{"spool/tmp/source.part": "half a delivery"})
	if found, err = findings(t, city, data); err == nil || len(found["spool-tmp"].Wrong) != 1 {
		t.Errorf("a file in tmp while nothing is loaded: %v, %+v", err, found["spool-tmp"])
	}
	stop(t, app)
}

// TestDoctorNothing: where nothing is, the doctor says so and makes nothing.
func TestDoctorNothing(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if _, _, err := command(t, "doctor", "--data", data); err == nil || !strings.Contains(err.Error(), "nothing was ever loaded there") {
		t.Error(err)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("the directory was made: %v", err)
	}
}

// TestDoctorLate: a delivery that is due and has not come is a warning.
func TestDoctorLate(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	put(t, dir, map[string]string{
		"city.yaml":             strings.Replace(townCity, "as_of: 2026-03-31\n", "", 1),
		"datasets/repairs.yaml": strings.Replace(townRepairs, "key: [id]\n", "key: [id]\nexpect: {every: 1 day}\n", 1), "data/repairs.csv": townFirst,
	})
	now := time.Date(2026, 3, 20, 15, 0, 0, 0, time.UTC)
	f := folder{path: dir}
	city, files, err := f.mustLoad(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	e, err := openEngine(t.Context(), engineOptions{Folder: f, City: city, Files: files, Dir: data, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := e.Ingest(t.Context(), ingest.How{Trigger: kpi.TriggerPerson}, nil); err != nil {
		t.Fatal(err)
	}
	late := func() []string {
		t.Helper()
		list, err := e.Examine(context.Background(), true)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(list, func(f ingest.Finding) bool { return f.Check == "deliveries" })
		return list[i].Warnings
	}
	if said := late(); len(said) > 0 {
		t.Errorf("on the same day: %v", said)
	}
	now = now.AddDate(0, 0, 3)
	if said := late(); len(said) != 1 || !strings.Contains(said[0], "repairs was due by 2026-03-2") {
		t.Errorf("three days later: %v", said)
	}
}
