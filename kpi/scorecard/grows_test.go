package scorecard

import (
	"testing"

	"citystat/kpi"
)

// What a project says was paid for it to date only grows; what was paid in each period does not, nor does a stock that is nobody's total.
func TestWhatOnlyGrows(t *testing.T) {
	road := kpi.Indicator{ID: "road", Project: &kpi.Project{ID: "road", Spent: "money"}}
	city := &kpi.City{Indicators: []kpi.Indicator{road}}
	for _, c := range []struct {
		indicator kpi.Indicator
		want      bool
	}{
		{road, true},
		{kpi.Indicator{ID: "money", Measure: kpi.Measure{Kind: kpi.MeasureLast}}, true},
		{kpi.Indicator{ID: "money", Measure: kpi.Measure{Kind: kpi.MeasureSum}}, false},
		{kpi.Indicator{ID: "open-requests", Measure: kpi.Measure{Kind: kpi.MeasureLast}}, false},
	} {
		if got := (subject{indicator: &c.indicator, city: city}).grows(); got != c.want {
			t.Errorf("%s, %s: %t", c.indicator.ID, c.indicator.Measure.Kind, got)
		}
	}
}
