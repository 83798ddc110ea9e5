package ledger

import (
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

func TestPreferences(t *testing.T) {
	db, ctx := fresh(t), t.Context()
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	ana, err := db.AddPerson(ctx, account.Person{Email: "ana@city.gov", Name: "Ana"}, account.By{Name: "the test"}, now)
	if err != nil {
		t.Fatal(err)
	}
	by := account.By{Person: ana, Name: "ana@city.gov"}
	want := func(digest account.Digest, entries int) {
		t.Helper()
		if p, err := db.Preferences(ctx, ana); err != nil || p.Digest != digest {
			t.Errorf("%+v, %v; want %s", p, err, digest)
		}
		list, err := db.Audit(ctx, 0, 100)
		if err != nil || len(list) != 1+entries {
			t.Errorf("%d entries in the trail, want %d: %v", len(list), 1+entries, err)
		}
		if entries > 0 && (list[0].Action != "preferences.changed" || list[0].Subject != "person 1" || list[0].Person != ana) {
			t.Errorf("the trail says %+v", list[0])
		}
	}
	want(account.DigestDaily, 0)
	for i, d := range []account.Digest{account.DigestWeekly, account.DigestNever, account.DigestDaily} {
		for range 2 { // the second time nothing changes
			if err := db.SetPreferences(ctx, ana, account.Preferences{Digest: d}, by, now); err != nil {
				t.Fatal(err)
			}
		}
		want(d, i+1)
	}
	if err := db.SetPreferences(ctx, ana, account.Preferences{Digest: "hourly"}, by, now); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("a digest that is none: %v", err)
	}
	if err := db.SetPreferences(ctx, 7, account.Preferences{Digest: account.DigestNever}, by, now); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("of nobody: %v", err)
	}
	want(account.DigestDaily, 3)
	if p, err := db.Preferences(ctx, 7); err != nil || p != account.DefaultPreferences() {
		t.Errorf("of nobody: %+v, %v", p, err)
	}
}
