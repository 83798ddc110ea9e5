package main

import (
	"database/sql"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestNothingIsMigratedUnderAServer: a program that finds another one at work leaves the ledger as it is, whatever its schema.
func TestNothingIsMigratedUnderAServer(t *testing.T) {
	city, data := makeTown(t)
	o := testOptions(city, data)
	start(t, o)
	db, err := sql.Open("sqlite", filepath.Join(data, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var was, is int
	if err := db.QueryRow(`PRAGMA user_version`).Scan(&was); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`PRAGMA user_version = 99`); err != nil { // as a program that knows another schema would find it
		t.Fatal(err)
	}
	if _, err := NewApp(t.Context(), o); err == nil || !strings.Contains(err.Error(), "another CityStat has this data directory open") {
		t.Errorf("a second program looked at the ledger first: %v", err)
	}
	if err := db.QueryRow(`PRAGMA user_version`).Scan(&is); err != nil || is != 99 {
		t.Errorf("schema %d, %v", is, err)
	}
	if _, err := db.Exec(`PRAGMA user_version = ` + strconv.Itoa(was)); err != nil {
		t.Fatal(err)
	}
}
