package warehouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// TestAllRowsAreLater: the as-of day's month has begun, so rows later in it are left out there, and there is a value for it.
func TestAllRowsAreLater(t *testing.T) {
	db := openTest(t)
	city := twelveCity()
	city.Indicators = city.Indicators[1:2]
	mustLoad(t, db, city, 1, 0, "2015-02-10", table{twelveHeader, {"c10", "pothole", "2015-02-12 08:00:00", "", "", "North", "1"}})
	got := lines(mustObservations(t, db, city, 1))
	want := wanted(`
		opened/1 city 2015-02 0/- 0 n=0 after-as-of=1 P V @1
		opened/1 city total 0/- 0 n=0 after-as-of=1 @1
		opened/1 north 2015-02 0/- 0 n=0 after-as-of=1 P V @1
		opened/1 north total 0/- 0 n=0 after-as-of=1 @1
		opened/1 south total 0/- 0 n=0 @1`)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestManyIndicatorsNeedManyWords: the classes of fifty indicators do not fit into one integer.
func TestManyIndicatorsNeedManyWords(t *testing.T) {
	city := twelveCity()
	city.Datasets[0].Dimensions = []string{"area", "kind"}
	one := city.Indicators[0]
	city.Indicators = nil
	for i := range 50 {
		ind := one
		ind.ID = fmt.Sprintf("copy-%02d", i)
		city.Indicators = append(city.Indicators, ind)
	}
	plans, err := newPlans(&city.Datasets[0], indicatorsOf(city, "cases"))
	if err != nil {
		t.Fatal(err)
	}
	if groups := newGroups(&city.Datasets[0], plans); len(groups) != 1 || groups[0].words < 2 {
		t.Fatalf("%d groups", len(groups))
	}
	db := openTest(t)
	mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	list := mustObservations(t, db, city, 1)
	for _, ind := range city.Indicators {
		if o := find(t, list, ind.ID, kpi.PeriodTotal, "", ""); *o.Numerator != 3 || o.Rows != 5 || o.ExcludedRows() != 2 {
			t.Errorf("%s: %s", ind.ID, line(o))
		}
		if o := find(t, list, ind.ID, "2015-02", "area", "south"); *o.Numerator != 1 || o.Rows != 1 || o.ExcludedRows() != 1 {
			t.Errorf("%s: %s", ind.ID, line(o))
		}
		if o := find(t, list, ind.ID, kpi.PeriodTotal, "kind", "light"); o.Rows != 5 {
			t.Errorf("%s: %s", ind.ID, line(o))
		}
	}
}

// TestValuesOutOfRange: a value that cannot be summed exactly is an error that names the indicator, never a wrong sum.
func TestValuesOutOfRange(t *testing.T) {
	for _, kind := range []kpi.MeasureKind{kpi.MeasureSum, kpi.MeasureMean, kpi.MeasureMedian} {
		city := twelveCity()
		city.Indicators[2].Measure.Kind = kind
		rows := twelveRows(1)
		rows[1][6] = "1e17" // what is larger is refused when it is read
		db := openTest(t)
		_, err := db.Load(context.Background(), loading(t, db, city, 1, 0, "2015-02-10", rows))
		if kpi.ErrorCode(err) != kpi.CodeInvalid || err == nil || !containsAll(err.Error(), "indicator cost", "not finite or beyond") {
			t.Errorf("%s: %v", kind, err)
		}
		checkEmpty(t, db)
	}
}

func containsAll(s string, parts ...string) bool {
	return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(s, p) })
}

// TestSumsAreExact: ten times ten cents are a euro, however they are added up.
func TestSumsAreExact(t *testing.T) {
	city := twelveCity()
	city.Indicators = city.Indicators[2:3]
	rows := table{twelveHeader}
	for i := range 1000 {
		rows = append(rows, []string{fmt.Sprint(i), "light", "2015-01-05 09:00:00", "", "", "North", "0.1"})
	}
	db := openTest(t)
	mustLoad(t, db, city, 1, 0, "2015-02-10", rows)
	if o := find(t, mustObservations(t, db, city, 1), "cost", kpi.PeriodTotal, "", ""); *o.Value != 100 {
		t.Errorf("1000 × 0.1 = %v", *o.Value)
	}
}

// TestOneWrongDate: a date in the year 1900 would make forty thousand days without rows in every place; the load says so instead.
func TestOneWrongDate(t *testing.T) {
	city := twelveCity()
	city.Indicators = city.Indicators[1:2]
	city.Indicators[0].Period = kpi.Day
	for i := range 20 {
		city.Districts = append(city.Districts, district(fmt.Sprintf("d%d", i), fmt.Sprintf("D %d", i)))
	}
	rows := twelveRows(1)
	rows[1][2] = "1900-01-05 09:00:00"
	db := openTest(t)
	_, err := db.Load(context.Background(), loading(t, db, city, 1, 0, "2015-02-10", rows))
	if kpi.ErrorCode(err) != kpi.CodeInvalid || !containsAll(err.Error(), "indicator opened: its first row is of 1900-01-05", "exclude rows with such a date") {
		t.Errorf("got %v", err)
	}
	city.Indicators[0].Measure.Exclude = []kpi.Exclusion{{When: "date_of(opened) < date '2000-01-01'", Because: "wrong-date"}}
	mustLoad(t, db, city, 1, 0, "2015-02-10", rows)
	if o := find(t, mustObservations(t, db, city, 1), "opened", "1900-01-05", "", ""); o.Rows != 0 || o.Excluded["wrong-date"] != 1 {
		t.Errorf("got %s", line(o))
	}
}

// TestOrderOfObservations: as in the folder, the city first, what is no member last, periods by time, the total last.
func TestOrderOfObservations(t *testing.T) {
	db := openTest(t)
	city := twelveCity()
	mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	var got []string
	for _, o := range mustObservations(t, db, city, 1) {
		if o.Indicator == "opened" {
			got = append(got, o.Member+" "+o.Period)
		}
	}
	want := []string{" 2015-01", " 2015-02", " total", "north 2015-01", "north 2015-02", "north total", "south 2015-01", "south 2015-02", "south total",
		"not-recorded 2015-01", "not-recorded 2015-02", "not-recorded total", "not-recognised 2015-01", "not-recognised 2015-02", "not-recognised total"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
