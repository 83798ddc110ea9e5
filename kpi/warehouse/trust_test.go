package warehouse

import (
	"fmt"
	"testing"
	"time"

	"citystat/kpi"
)

// trustCity has promises of every form that has a deadline, and some that have none.
func trustCity() *kpi.City {
	stamp := "%Y-%m-%d %H:%M:%S"
	city := &kpi.City{ID: "trust", TimeZone: "UTC", Datasets: []kpi.Dataset{{ID: "cases", Hash: "one", Key: []string{"id"}, Columns: []kpi.Column{
		{Name: "id", From: "ID", Type: kpi.TypeText}, {Name: "kind", From: "KIND", Type: kpi.TypeText},
		{Name: "opened", From: "OPENED", Type: kpi.TypeTimestamp, Format: stamp}, {Name: "due", From: "DUE", Type: kpi.TypeTimestamp, Format: stamp}, {Name: "closed", From: "CLOSED", Type: kpi.TypeTimestamp, Format: stamp},
		{Name: "asked", From: "ASKED", Type: kpi.TypeDate}, {Name: "answered", From: "ANSWERED", Type: kpi.TypeDate},
	}}}}
	share := func(id, of string) {
		m := kpi.Measure{Kind: kpi.MeasureShare, Of: of, Where: "kind = 'a'", Date: "opened", Exclude: []kpi.Exclusion{{When: "due is null", Because: kpi.ReasonNoDueDate}}}
		city.Indicators = append(city.Indicators, kpi.Indicator{ID: id, Dataset: "cases", Version: 1, Unit: kpi.Percent, Period: kpi.Month, Measure: m})
	}
	share("due", "closed <= due")
	share("mirrored", "due >= closed and kind = 'a'")
	share("days", "days_between(opened, closed) <= 30")
	share("hours", "hours_between(opened, closed) <= 48")
	share("dates", "answered <= asked")
	share("strict", "answered < asked")
	share("none", "kind = 'a'")
	share("other", "days_between(opened, closed) > 3")
	return city
}

// Windows by hand: a deadline of 31 January, noon; days count from 1 January, noon.
func TestTrust(t *testing.T) {
	row := func(n int, kind, closed, answered string) []string {
		return []string{fmt.Sprint(n), kind, "2025-01-01 12:00:00", "2025-01-31 12:00:00", closed, "2025-01-31", answered}
	}
	rows := table{{"ID", "KIND", "OPENED", "DUE", "CLOSED", "ASKED", "ANSWERED"},
		row(1, "a", "2025-01-31 12:00:00", "2025-01-31"),                                          // slack 0: met
		row(2, "a", "2025-01-30 12:00:01", "2025-01-30"),                                          // less than a day: met
		row(3, "a", "2025-01-30 12:00:00", "2025-01-29"),                                          // one day: early
		row(4, "a", "2025-01-31 12:00:01", "2025-02-01"),                                          // a second late: missed
		row(5, "a", "2025-02-01 12:00:00", "2025-02-02"),                                          // a day late: missed
		row(6, "a", "2025-02-02 12:00:00", "2025-02-03"),                                          // two days late: late
		row(7, "a", "2025-02-09 12:00:00", ""),                                                    // beyond the windows
		row(8, "a", "", ""),                                                                       // still open: in none
		row(9, "b", "2025-01-31 12:00:00", "2025-01-31"),                                          // takes no part
		{"10", "a", "2025-01-01 12:00:00", "", "2025-01-31 12:00:00", "2025-01-31", "2025-01-31"}, // left out
		row(11, "a", "2025-01-03 12:00:00", ""),                                                   // 48 hours
		row(12, "a", "2025-01-03 13:00:00", ""),                                                   // 49 hours
	}
	db, city := openTest(t), trustCity()
	mustLoad(t, db, city, 1, 0, "2025-03-31", rows)
	facts, err := db.Trust(t.Context(), city, kpi.NewDate(2025, 3, 31), 1)
	if err != nil {
		t.Fatal(err)
	}
	type windows struct {
		window                   float64
		unit                     kpi.Unit
		early, met, missed, late int64
	}
	want := map[string]windows{
		"due":      {1, kpi.Days, 1, 2, 2, 1},
		"mirrored": {1, kpi.Days, 1, 2, 2, 1},
		"days":     {3, kpi.Days, 0, 3, 3, 0}, // within three days of 30: those of rows 1–3, 4–6
		"hours":    {4.8, kpi.Hours, 0, 1, 1, 0},
		"dates":    {1, kpi.Days, 1, 1, 1, 1}, // 30 January early, 31 met, 1 February missed, 2 late
		"strict":   {1, kpi.Days, 1, 1, 1, 1}, // 29 early, 30 met, 31 missed, 1 February late
		"none":     {}, "other": {},
	}
	if len(facts) != len(want) {
		t.Fatalf("%d facts", len(facts))
	}
	for _, f := range facts {
		w := want[f.Indicator]
		if got := (windows{f.Window, f.Unit, f.Early, f.Met, f.Missed, f.Late}); got != w || f.Deadline != (w.unit != "") || f.Rows != 11 {
			t.Errorf("%s: %+v of %d rows, want %+v", f.Indicator, got, f.Rows, w)
		}
	}
}

// A value that changes after its period has settled is a late revision; before that, it is none.
func TestTrustLateRevisions(t *testing.T) {
	header := []string{"ID", "KIND", "OPENED", "DUE", "CLOSED", "ASKED", "ANSWERED"}
	rows := table{header}
	add := func(month time.Month, closed string) {
		opened := fmt.Sprintf("2025-%02d-05 12:00:00", month)
		rows = append(rows, []string{fmt.Sprint(len(rows)), "a", opened, fmt.Sprintf("2025-%02d-20 12:00:00", month), closed, "", ""})
	}
	db, city := openTest(t), trustCity()
	city.Indicators = city.Indicators[:1]
	city.Indicators[0].SettlesAfter = 10
	look := func(version int64, asOf kpi.Date, judged, moved int, latest string) {
		t.Helper()
		facts, err := db.Trust(t.Context(), city, asOf, version)
		if err != nil {
			t.Fatal(err)
		}
		if f := facts[0]; f.Judged != judged || f.Moved != moved || f.Latest != latest {
			t.Errorf("version %d: %+v, want %d judged, %d moved, %q", version, f, judged, moved, latest)
		}
	}
	add(time.January, "2025-01-10 12:00:00")
	add(time.February, "2025-02-10 12:00:00")
	mustLoad(t, db, city, 1, 0, "2025-03-05", rows) // January is settled, February is not
	look(1, kpi.NewDate(2025, 3, 5), 1, 0, "")
	add(time.February, "2025-02-28 12:00:00")
	mustLoad(t, db, city, 2, 1, "2025-03-08", rows) // February changes while it may
	look(2, kpi.NewDate(2025, 3, 8), 1, 0, "")
	add(time.January, "2025-01-30 12:00:00")
	mustLoad(t, db, city, 3, 2, "2025-03-20", rows) // January changes though it was final
	look(3, kpi.NewDate(2025, 3, 20), 2, 1, "2025-01")
	look(2, kpi.NewDate(2025, 3, 8), 1, 0, "") // as it was known then
	city.Indicators[0].Version = 2
	if facts, err := db.Trust(t.Context(), city, kpi.NewDate(2025, 3, 20), 3); err != nil || facts[0].Judged != 0 {
		t.Errorf("by another definition: %+v, %v", facts, err)
	}
}

func TestTrustWithoutRows(t *testing.T) {
	db, city := openTest(t), trustCity()
	if facts, err := db.Trust(t.Context(), city, kpi.NewDate(2025, 3, 31), 0); err != nil || len(facts) != 0 {
		t.Errorf("%v, %v", facts, err)
	}
}
