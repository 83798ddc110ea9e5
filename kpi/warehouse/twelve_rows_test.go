package warehouse

import (
	"testing"

	"citystat/kpi"
)

func TestSmoke(t *testing.T) {
	db := openTest(t)
	city := &kpi.City{ID: "x", TimeZone: "America/New_York", FiscalStart: 7, Districts: []kpi.District{district("north", "North"), district("south", "South", "Sur")},
		Datasets: []kpi.Dataset{{ID: "cases", Hash: "1", Key: []string{"id"}, Dimensions: []string{"area"}, Columns: []kpi.Column{
			{Name: "id", From: "ID", Type: kpi.TypeText}, {Name: "opened", From: "OPENED", Type: kpi.TypeTimestamp, Format: "%Y-%m-%d %H:%M"},
			{Name: "area", From: "AREA", Type: kpi.TypeDistrict}, {Name: "n", From: "N", Type: kpi.TypeNumber}}}},
		Indicators: []kpi.Indicator{{ID: "count", Dataset: "cases", Version: 1, Unit: kpi.Number, Period: kpi.Month, Measure: kpi.Measure{Kind: kpi.MeasureCount, Date: "opened"}},
			{ID: "sum", Dataset: "cases", Version: 1, Unit: kpi.Number, Period: kpi.Month, Measure: kpi.Measure{Kind: kpi.MeasureSum, Of: "n", Where: "n > 1", Date: "opened"}},
			{ID: "median", Dataset: "cases", Version: 1, Unit: kpi.Number, Period: kpi.Month, Measure: kpi.Measure{Kind: kpi.MeasureMedian, Of: "n", Date: "opened"}},
		},
	}
	out := mustLoad(t, db, city, 1, 0, "2015-03-10", table{{"ID", "OPENED", "AREA", "N"}, {"a", "2015-01-31 23:59", "north", "1.5"}, {"b", "2015-02-01 00:00", "sur", "2"}, {"c", "x", "", "3"}, {"d", "2015-03-08 02:30", "", "3"}, {"e", "2015-03-01 02:30", "", ""}, {"f", "2015-03-01 02:30", "Oz", "7"}})
	t.Logf("%+v", out)
	for _, o := range mustObservations(t, db, city, 1) {
		v := -1.0
		if o.Value != nil {
			v = *o.Value
		}
		t.Logf("%s %s %s %s: %v rows %d excluded %v partial %v prov %v", o.Indicator, o.Period, o.Dimension, o.Member, v, o.Rows, o.Excluded, o.Partial, o.Provisional)
	}
	f, err := db.Facts(t.Context(), city, "cases", 1)
	t.Logf("%+v %v", f, err)
	r, err := db.Rejects(t.Context(), "cases", 1, 10, 0)
	t.Logf("%+v %v", r, err)
}
