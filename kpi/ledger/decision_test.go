package ledger

import (
	"slices"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// TestDecisionsOfAFolder: what is decided is a new version of the folder, which can be asked for as it was known at any time, and each target says when
// it was first seen.
func TestDecisionsOfAFolder(t *testing.T) {
	db := fresh(t)
	own := city("h1")
	own.Languages, own.TimeZone = []kpi.Lang{kpi.English}, "America/New_York"
	by := kpi.NewDate(2026, 12, 31)
	own.Indicators[0].Direction, own.Indicators[0].Targets = kpi.Up, []kpi.Target{{By: by, Value: 80, Kind: kpi.TargetAnnual, Set: kpi.NewDate(2025, 7, 1)}}
	record(t, db, own, day)
	d := kpi.Decision{
		Kind: kpi.DecideTarget, State: kpi.DecisionInForce, Indicator: own.Indicators[0].ID, Target: &kpi.Target{By: by, Value: 90}, On: kpi.NewDate(2026, 1, 2),
		Whose: "the council", Reason: "more crews", Lang: kpi.English,
	}
	d.Was = d.Says(own)
	who := account.By{Name: "the test"}
	if err := db.SaveDecision(t.Context(), &d, who, day.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	lay := func(at time.Time) int {
		t.Helper()
		list, err := db.Decisions(t.Context(), kpi.PaperQuery{})
		if err != nil {
			t.Fatal(err)
		}
		city, _ := kpi.Apply(own, list)
		c := *city
		c.Indicators = slices.Clone(c.Indicators)
		return record(t, db, &c, at)
	}
	if got := lay(day.AddDate(0, 0, 2)); got != 2 {
		t.Fatalf("the decision is in folder %d", got)
	}
	if got := lay(day.AddDate(0, 0, 3)); got != 2 {
		t.Errorf("the same decision is in folder %d", got)
	}
	next := d
	next.State, next.Why = kpi.DecisionWithdrawn, "a wrong number"
	if err := db.SaveDecision(t.Context(), &next, who, day.AddDate(0, 0, 4)); err != nil {
		t.Fatal(err)
	}
	if got := lay(day.AddDate(0, 0, 4)); got != 3 {
		t.Errorf("the withdrawal is in folder %d", got)
	}
	again := d
	again.State, again.Why = kpi.DecisionWithdrawn, "once more"
	wantError(t, db.SaveDecision(t.Context(), &again, who, day.AddDate(0, 0, 5)), kpi.CodeConflict, "withdrawn already")
	wrong := d
	wrong.Stamp, wrong.Reason = kpi.Stamp{}, ""
	wantError(t, db.SaveDecision(t.Context(), &wrong, who, day), kpi.CodeInvalid, "no_reason")

	for _, c := range []struct {
		at     time.Time
		folder int
		value  float64
		seen   []kpi.Date
	}{
		{day, 1, 80, []kpi.Date{kpi.DateOf(day)}}, {day.AddDate(0, 0, 2), 2, 90, []kpi.Date{kpi.DateOf(day), kpi.DateOf(day.AddDate(0, 0, 2))}}, {time.Time{}, 3, 80, []kpi.Date{kpi.DateOf(day)}},
	} {
		city, folder, err := db.City(t.Context(), c.at)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.MarkSeen(t.Context(), city); err != nil {
			t.Fatal(err)
		}
		var seen []kpi.Date
		for _, x := range city.Indicators[0].Targets {
			seen = append(seen, x.Seen)
		}
		if got := city.Indicators[0].TargetsInForce(kpi.Date{})[0].Value; folder != c.folder || got != c.value || !slices.Equal(seen, c.seen) {
			t.Errorf("known at %v: folder %d, value %v, seen %v", c.at, folder, got, seen)
		}
	}
	changes, err := db.Changes(t.Context(), time.Time{})
	if err != nil || len(changes) != 2 {
		t.Fatalf("changes: %+v, %v", changes, err)
	}
	if n := changes[1].Note; n == nil || n.On != d.On || n.ByWhom != "the council" || changes[1].Seen != kpi.DateOf(day.AddDate(0, 0, 2)) {
		t.Errorf("decided: %+v", changes[1])
	}
	if n := changes[0].Note; n == nil || n.Reason.String(kpi.English) != "a wrong number" {
		t.Errorf("withdrawn: %+v", changes[0])
	}
	history, err := db.DecisionHistory(t.Context(), d.ID)
	if err != nil || len(history) != 2 || history[0].State != kpi.DecisionInForce {
		t.Errorf("history: %+v, %v", history, err)
	}
}
