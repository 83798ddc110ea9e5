package ledger

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
)

// TestIntegrity: a sound ledger has nothing wrong; a reference to nothing and a publication whose bytes changed are told of.
func TestIntegrity(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	city := &kpi.City{ID: "town", Hash: "1"}
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if _, err := db.RecordFolder(t.Context(), city, now); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`{"a": 1}`, `{"a": 2}`} {
		if _, err := db.Publish(t.Context(), Publication{PublishedAt: now, AsOf: kpi.NewDate(2026, 3, 1), Folder: 1, Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	if wrong, err := db.Integrity(t.Context()); err != nil || len(wrong) > 0 {
		t.Errorf("a sound ledger: %v, %v", wrong, err)
	}
	if n, wrong, err := db.CheckPublications(t.Context()); err != nil || n != 2 || len(wrong) > 0 {
		t.Errorf("a sound ledger: %d publications, %v, %v", n, wrong, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	raw.SetMaxOpenConns(1)
	for _, s := range []string{
		"PRAGMA foreign_keys = 0", "DROP TRIGGER publication_update",
		"UPDATE publication SET body = (SELECT body FROM publication WHERE number = 2) WHERE number = 1",
		"INSERT INTO folder_definition VALUES (77, 'x', 1)",
	} {
		if _, err := raw.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	wrong, err := db.Integrity(t.Context())
	if err != nil || !strings.Contains(strings.Join(wrong, "\n"), "a row of table folder_definition refers to a row of table folder that is not there") {
		t.Errorf("a reference to nothing: %v, %v", wrong, err)
	}
	n, wrong, err := db.CheckPublications(t.Context())
	if err != nil || n != 2 || len(wrong) != 1 || !strings.HasPrefix(wrong[0], "publication 1: ") {
		t.Errorf("a publication with other bytes: %d, %v, %v", n, wrong, err)
	}
}
