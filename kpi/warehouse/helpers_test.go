package warehouse

import (
	"bytes"
	"context"
	"encoding/csv"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"citystat/kpi"
)

// openTest opens a warehouse in a new directory.
func openTest(t testing.TB) *DB {
	t.Helper()
	return openDir(t, t.TempDir())
}

func openDir(t testing.TB, dir string) *DB {
	t.Helper()
	db := openUnclosed(t, dir)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// openUnclosed opens a warehouse that the test closes itself.
func openUnclosed(t testing.TB, dir string) *DB {
	t.Helper()
	db, err := Open(context.Background(), Options{Dir: dir, Threads: 2, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// table is a source file as rows of fields, the header first. Its lines are counted from 1.
type table [][]string

// writeCopy writes the canonical copy of a table into the spool, as a connector would.
func writeCopy(t testing.TB, db *DB, name string, rows table) (path string, spool kpi.SpoolFile) {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for i, r := range rows {
		line := "_line"
		if i > 0 {
			line = strconv.Itoa(i + 1)
		}
		if err := w.Write(append([]string{line}, r...)); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return writeBytes(t, db, name, b.Bytes(), int64(len(rows)-1))
}

func writeBytes(t testing.TB, db *DB, name string, b []byte, rows int64) (string, kpi.SpoolFile) {
	t.Helper()
	path := filepath.Join(db.dir, "spool", "tmp", name+".csv")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, kpi.SpoolFile{Source: "data/" + name + ".csv", Copy: name, Rows: rows}
}

// loading makes the input of a load of one table.
func loading(t testing.TB, db *DB, city *kpi.City, version, visible int64, asOf string, tables ...table) LoadInput {
	t.Helper()
	day, err := kpi.ParseDate(asOf)
	if err != nil {
		t.Fatal(err)
	}
	in := LoadInput{City: city, Dataset: city.Datasets[0].ID, Visible: visible, Load: kpi.Load{ID: version, Cause: kpi.CauseLoad, Dataset: city.Datasets[0].ID, AsOf: day}}
	for i, rows := range tables {
		path, spool := writeCopy(t, db, "v"+strconv.FormatInt(version, 10)+"-"+strconv.Itoa(i), rows)
		in.Files, in.Load.Spool = append(in.Files, path), append(in.Load.Spool, spool)
		in.Read += spool.Rows
	}
	return in
}

// mustLoad loads tables as a version and fails the test if that fails.
func mustLoad(t testing.TB, db *DB, city *kpi.City, version, visible int64, asOf string, tables ...table) Output {
	t.Helper()
	out, err := db.Load(context.Background(), loading(t, db, city, version, visible, asOf, tables...))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func mustObservations(t testing.TB, db *DB, city *kpi.City, version int64) []kpi.Observation {
	t.Helper()
	list, err := db.Observations(context.Background(), city, version)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func mustChecksum(t testing.TB, db *DB, version int64) string {
	t.Helper()
	sum, err := db.Checksum(context.Background(), version)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// find returns the one observation of a period, dimension and member.
func find(t testing.TB, list []kpi.Observation, indicator, period, dimension, member string) kpi.Observation {
	t.Helper()
	i := slices.IndexFunc(list, func(o kpi.Observation) bool {
		return o.Indicator == indicator && o.Period == period && o.Dimension == dimension && o.Member == member
	})
	if i < 0 {
		t.Fatalf("there is no observation of %s in %s of %s %s", indicator, period, dimension, member)
	}
	return list[i]
}

func text(s string) kpi.Text { return kpi.NewText(kpi.English, s) }

// district makes a district with aliases.
func district(id, name string, aliases ...string) kpi.District {
	return kpi.District{ID: id, Name: text(name), Aliases: aliases}
}

func ptr(v float64) *float64 { return &v }
