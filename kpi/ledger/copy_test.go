package ledger

import (
	"archive/tar"
	"compress/gzip"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"

	"github.com/google/go-cmp/cmp"
)

// TestAWayBackFromAMigration: the ledger of an older program is kept as it was, and nobody else can read it; 30 days later it is forgotten.
func TestAWayBackFromAMigration(t *testing.T) {
	path := old(t, "schema-1.db")
	was, err := Look(t.Context(), path)
	if err != nil || was.Schema != 1 || was.City != "springfield" || was.Rows["load"] != 6 || was.Entries != 0 || was.Head != "" {
		t.Fatalf("%+v, %v", was, err)
	}
	db := open(t, path)
	kept := path + ".before-1"
	f, err := Look(t.Context(), kept)
	if err != nil || f.Schema != 1 || f.Rows["load"] != 6 || len(f.Copies) != len(was.Copies) {
		t.Errorf("%+v, %v", f, err)
	}
	if st, err := os.Stat(kept); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
	if now, err := Look(t.Context(), path); err != nil || now.Schema != NewestSchema() || now.Rows["load"] != 6 {
		t.Errorf("%+v, %v", now, err)
	}
	made := time.Now()
	if n, err := db.ForgetCopies(made.Add(29 * 24 * time.Hour)); n != 0 || err != nil {
		t.Errorf("%d forgotten too early, %v", n, err)
	}
	if n, err := db.ForgetCopies(made.Add(31 * 24 * time.Hour)); n != 1 || err != nil {
		t.Errorf("%d forgotten, %v", n, err)
	}
	if left, err := filepath.Glob(path + ".before*"); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestNoMigrationWithoutACopy: if no copy can be kept, nothing is changed.
func TestNoMigrationWithoutACopy(t *testing.T) {
	path := old(t, "schema-1.db")
	if err := os.MkdirAll(filepath.Join(path+".before-1.part", "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); err == nil {
		t.Fatal("migrated without a copy")
	}
	if f, err := Look(t.Context(), path); err != nil || f.Schema != 1 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestNewLedgersHaveNothingToKeep(t *testing.T) {
	db := fresh(t)
	if left, err := filepath.Glob(db.path + ".before*"); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestCopiesOfNothing(t *testing.T) {
	dir := t.TempDir()
	wantError(t, Copy(t.Context(), filepath.Join(dir, "none.db"), filepath.Join(dir, "copy.db")), kpi.CodeNotFound, "there is no ledger at")
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte("this is no database, and it is long enough for a header of a hundred bytes, which SQLite looks at first of all things"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantError(t, Copy(t.Context(), text, filepath.Join(dir, "copy.db")), kpi.CodeInvalid, "is not a ledger")
	if _, err := os.Stat(filepath.Join(dir, "copy.db")); !os.IsNotExist(err) {
		t.Errorf("a copy of nothing is left: %v", err)
	}
	_, err := Look(t.Context(), text)
	wantError(t, err, kpi.CodeInvalid, "is not a ledger")
	if err := os.WriteFile(text, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Look(t.Context(), text)
	wantError(t, err, kpi.CodeInvalid, "is no CityStat ledger")
	db := fresh(t)
	if err := Copy(t.Context(), db.path, text); !errors.Is(err, os.ErrExist) {
		t.Errorf("a copy over what is there: %v", err)
	}
}

// TestRestoredLetsNobodyIn: what let somebody in before does not after, and passwords still do.
func TestRestoredLetsNobodyIn(t *testing.T) {
	db := fresh(t)
	id := add(t, db, "ana@city.gov", account.Grant{Role: account.Administrator})
	by := account.By{Name: "the test"}
	secret, err := db.NewLink(t.Context(), id, by, day, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.UseLink(t.Context(), secret, "hash", day); err != nil {
		t.Fatal(err)
	}
	if secret, err = db.NewLink(t.Context(), id, by, day, time.Hour); err != nil {
		t.Fatal(err)
	}
	epoch, err := db.SignedIn(t.Context(), id, "password", day)
	if err != nil {
		t.Fatal(err)
	}
	sessions := db.Sessions(func() time.Time { return day })
	if err := sessions.CommitCtx(t.Context(), "token", []byte("x"), day.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := db.Restored(t.Context(), day, by, day.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := sessions.FindCtx(t.Context(), "token"); ok || err != nil {
		t.Errorf("the session is there still, %v", err)
	}
	if _, ok, err := db.Session(t.Context(), id, epoch); ok || err != nil {
		t.Errorf("the person is signed in still, %v", err)
	}
	if _, err := db.LinkOf(t.Context(), secret, day); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("the link serves still: %v", err)
	}
	if c, ok, err := db.Credentials(t.Context(), "ana@city.gov"); !ok || c.Password != "hash" || err != nil {
		t.Errorf("%+v, %v, %v", c, ok, err)
	}
	trail, err := db.Audit(t.Context(), 0, 1)
	if err != nil || trail[0].Action != "ledger.restored" || trail[0].Detail["made"] != "2026-03-01T09:00:00Z" {
		t.Errorf("%+v, %v", trail, err)
	}
}

// TestOldLedgersKeepEveryRow: every value that an older program has written is there after the migrations as it was.
func TestOldLedgersKeepEveryRow(t *testing.T) {
	for _, schema := range []int{1, 5} {
		path := filepath.Join(t.TempDir(), "ledger.db")
		if err := os.WriteFile(path, fromOld(t, fmt.Sprintf("schema-%d.tar.gz", schema), "data/ledger.db"), 0o600); err != nil {
			t.Fatal(err)
		}
		was := dumped(t, path, nil)
		open(t, path)
		if len(was) < 7 {
			t.Errorf("schema %d: only %d tables", schema, len(was))
		}
		if diff := cmp.Diff(was, dumped(t, path, was)); diff != "" {
			t.Errorf("schema %d (-before +after):\n%s", schema, diff)
		}
	}
}

// fromOld reads a file of a data directory that an older program has left.
func fromOld(t *testing.T, archive, name string) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "cmd", "citystat", "testdata", "old", archive))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err != nil {
			t.Fatalf("%s in %s: %v", name, archive, err)
		}
		if h.Name == name {
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
	}
}

// dumped reads all rows of every table: of the tables and columns that a dump has, or of all.
func dumped(t *testing.T, path string, like map[string][]string) map[string][]string {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(path, "mode=ro"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tables := map[string][]string{}
	if like == nil {
		for _, name := range strings.Fields(text(t, db, `SELECT group_concat(name, ' ') FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`)) {
			tables[name] = []string{text(t, db, `SELECT group_concat(name) FROM pragma_table_info('`+name+`')`)}
		}
	}
	for name, lines := range like {
		tables[name] = lines[:1:1]
	}
	for name, lines := range tables {
		eachRow(t, db, `SELECT `+lines[0]+` FROM `+name+` ORDER BY 1, 2`, func(scan scanFunc) error {
			values := make([]any, strings.Count(lines[0], ",")+1)
			for i := range values {
				values[i] = new(any)
			}
			err := scan(values...)
			line := ""
			for _, v := range values {
				line += fmt.Sprintf("%v|", *v.(*any))
			}
			tables[name] = append(tables[name], line)
			return err
		})
	}
	return tables
}

func text(t *testing.T, db *sql.DB, query string) (s string) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// eachRow calls fn for every row of a query.
func eachRow(t *testing.T, db *sql.DB, query string, fn func(scanFunc) error) {
	t.Helper()
	err := inTx(t.Context(), db, func(tx *sql.Tx) error { return each(t.Context(), tx, fn, query) })
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}
