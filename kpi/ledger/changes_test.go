package ledger

import (
	"testing"
	"time"

	"citystat/kpi"
)

// What was changed is known from when the folder was read, and not before.
func TestChanges(t *testing.T) {
	db := fresh(t)
	at := func(n int) time.Time { return day.Add(time.Duration(n) * 24 * time.Hour) }
	changed := func(hash, where, owner string) *kpi.City {
		c := city(hash)
		c.Indicators[0].Measure.Where, c.Indicators[0].Owner = where, owner
		return c
	}
	if list, err := db.Changes(t.Context(), time.Time{}); err != nil || len(list) != 0 {
		t.Fatalf("without a folder: %v, %v", list, err)
	}
	record(t, db, city("h1"), at(0))
	first := city("h1").Indicators[0]
	record(t, db, changed("h2", "type = 'pothole'", first.Owner), at(1))
	for range 2 { // the second time what was read is remembered
		list, err := db.Changes(t.Context(), time.Time{})
		if err != nil || len(list) != 1 || list[0].Field != "measure.where" || list[0].To.Text != "type = 'pothole'" || list[0].Version != 2 {
			t.Fatalf("%+v, %v", list, err)
		}
	}
	record(t, db, changed("h3", "type = 'pothole'", "rosa"), at(2))
	for knownAt, want := range map[time.Time]int{{}: 2, at(0): 0, at(1): 1, at(2): 2, at(0).Add(-time.Hour): 0} {
		list, err := db.Changes(t.Context(), knownAt)
		if err != nil || len(list) != want {
			t.Errorf("known at %s: %d changes, want %d (%v)", knownAt, len(list), want, err)
		}
	}
	list, err := db.Changes(t.Context(), time.Time{})
	if err != nil || list[0].What != kpi.ChangeOwner || list[0].Folder != 3 || list[1].Folder != 2 {
		t.Errorf("the newest stands first: %+v, %v", list, err)
	}
	cal, err := city("h1").Calendar()
	if err != nil {
		t.Fatal(err)
	}
	if want := kpi.DateOf(at(2).In(cal.Location)); list[0].Seen != want {
		t.Errorf("seen on %s, want %s", list[0].Seen, want)
	}
}
