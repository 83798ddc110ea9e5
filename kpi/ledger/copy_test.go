package ledger

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
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
