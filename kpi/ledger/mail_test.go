package ledger

import (
	"path/filepath"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// mailLedger is a ledger with one person.
func mailLedger(t *testing.T) (*DB, int64, time.Time) {
	t.Helper()
	db, now := open(t, filepath.Join(t.TempDir(), "ledger.db")), time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	id, err := db.AddPerson(t.Context(), account.Person{Email: "ana@city.gov", Name: "Ana"}, account.By{Name: "the test"}, now)
	if err != nil {
		t.Fatal(err)
	}
	return db, id, now
}

func TestOneDigestADay(t *testing.T) {
	today, tomorrow := kpi.NewDate(2026, 11, 30), kpi.NewDate(2026, 12, 1)
	begin := func(want bool) func(*testing.T, *DB, int64, time.Time) {
		return func(t *testing.T, db *DB, id int64, now time.Time) {
			t.Helper()
			if ok, err := db.BeginDigest(t.Context(), id, today, now); err != nil || ok != want {
				t.Errorf("%t, %v, want %t", ok, err, want)
			}
		}
	}
	end := func(failure string) func(*testing.T, *DB, int64, time.Time) {
		return func(t *testing.T, db *DB, id int64, now time.Time) {
			t.Helper()
			if err := db.EndDigest(t.Context(), id, today, failure, now); err != nil {
				t.Fatal(err)
			}
		}
	}
	type steps = []func(*testing.T, *DB, int64, time.Time)
	for name, list := range map[string]steps{
		"sent once":                               {begin(true), end(""), begin(false), end("too late to fail"), begin(false)},
		"refused, and tried again":                {begin(true), end("no"), begin(true), end(""), begin(false)},
		"five tries":                              {begin(true), end("no"), begin(true), end("no"), begin(true), end("no"), begin(true), end("no"), begin(true), end("no"), begin(false)},
		"ended while sending: once more":          {begin(true), begin(true), begin(false)},
		"once more, however it was begun":         {begin(true), begin(true), end(""), begin(false)},
		"refused after it was not known":          {begin(true), begin(true), end("no"), begin(true), end(""), begin(false)},
		"not known, refused, and not known again": {begin(true), begin(true), end("no"), begin(true), begin(false)},
	} {
		t.Run(name, func(t *testing.T) {
			db, id, now := mailLedger(t)
			for _, step := range list {
				step(t, db, id, now)
			}
			if ok, err := db.BeginDigest(t.Context(), id, tomorrow, now); err != nil || !ok {
				t.Errorf("the next day: %t, %v", ok, err)
			}
		})
	}
}

func TestMailTrouble(t *testing.T) {
	db, id, now := mailLedger(t)
	day := func(n int, failure string) {
		t.Helper()
		d := kpi.NewDate(2026, 11, n)
		if _, err := db.BeginDigest(t.Context(), id, d, now.AddDate(0, 0, n)); err != nil {
			t.Fatal(err)
		}
		if err := db.EndDigest(t.Context(), id, d, failure, now.AddDate(0, 0, n)); err != nil {
			t.Fatal(err)
		}
	}
	want := func(since kpi.Date, days int, why string) {
		t.Helper()
		gotSince, gotDays, gotWhy, err := db.MailTrouble(t.Context())
		if err != nil || gotSince != since || gotDays != days || gotWhy != why {
			t.Errorf("%v, %d, %q, %v; want %v, %d, %q", gotSince, gotDays, gotWhy, err, since, days, why)
		}
	}
	want(kpi.Date{}, 0, "")
	day(2, "no route")
	day(3, "no password")
	want(kpi.NewDate(2026, 11, 2), 2, "no password")
	day(4, "")
	want(kpi.Date{}, 0, "")
	day(5, "full")
	want(kpi.NewDate(2026, 11, 5), 1, "full")
}

func TestUnsubscribe(t *testing.T) {
	db, id, now := mailLedger(t)
	ctx := t.Context()
	secret, err := db.NewUnsubscribe(ctx, id, now)
	if err != nil || len(secret) < 40 {
		t.Fatal(secret, err)
	}
	second, err := db.NewUnsubscribe(ctx, id, now)
	if err != nil || second == secret {
		t.Fatal(err)
	}
	var kept int
	if err := db.read.QueryRow(`SELECT count(*) FROM unsubscribe WHERE hash = ?`, secret).Scan(&kept); err != nil || kept != 0 {
		t.Errorf("the secret itself is kept: %d, %v", kept, err)
	}
	for s, want := range map[string]bool{secret: true, second: true, "": false, secret + "x": false} {
		if ok, err := db.Unsubscribes(ctx, s, now); err != nil || ok != want {
			t.Errorf("%q: %t, %v", s, ok, err)
		}
	}
	if ok, _ := db.Unsubscribes(ctx, secret, now.Add(unsubscribeValid+time.Hour)); ok {
		t.Error("it serves for more than a year")
	}
	if err := db.Unsubscribe(ctx, "nothing", now); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("%v", err)
	}
	for range 2 {
		if err := db.Unsubscribe(ctx, secret, now); err != nil {
			t.Fatal(err)
		}
	}
	if p, err := db.Preferences(ctx, id); err != nil || p.Digest != account.DigestNever {
		t.Errorf("%+v, %v", p, err)
	}
	trail, err := db.Audit(ctx, 0, 1)
	if err != nil || trail[0].Action != "preferences.changed" || trail[0].Name != "link in a mail" {
		t.Errorf("%+v, %v", trail, err)
	}
	if _, err := db.NewUnsubscribe(ctx, id, now.Add(unsubscribeValid+time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := db.read.QueryRow(`SELECT count(*) FROM unsubscribe`).Scan(&kept); err != nil || kept != 1 {
		t.Errorf("%d secrets are kept for ever, %v", kept, err)
	}
}
