package warehouse

import (
	"fmt"
	"testing"

	"citystat/kpi"
)

// TestAPlanOfManyGoals: hundreds of indicators, each of its own row, are measured in the memory that a warehouse usually has, and none is
// taken for another.
func TestAPlanOfManyGoals(t *testing.T) {
	const goals = 700
	city := twelveCity()
	sum, median := city.Indicators[2], city.Indicators[3]
	median.Measure = kpi.Measure{Kind: kpi.MeasureMedian, Of: "cost", Date: "opened"}
	median.Minimum = 0
	city.Indicators = nil
	rows := table{twelveHeader}
	for i := range goals {
		id := fmt.Sprintf("c%03d", i)
		for k, ind := range []kpi.Indicator{sum, median} {
			if k == 1 && i%10 != 0 {
				continue
			}
			ind.ID = fmt.Sprintf("goal-%03d-%d", i, k)
			ind.Measure.Where = "id = '" + id + "'"
			city.Indicators = append(city.Indicators, ind)
		}
		rows = append(rows, []string{id, "light", "2015-01-05 09:00:00", "", "", "North", fmt.Sprintf("%d.25", i)})
	}
	db := openTest(t)
	mustLoad(t, db, city, 1, 0, "2015-02-10", rows)
	list := map[[2]string]kpi.Observation{}
	for _, o := range mustObservations(t, db, city, 1) {
		if o.Dimension == "" {
			list[[2]string{o.Indicator, o.Period}] = o
		}
	}
	for _, ind := range city.Indicators {
		var goal int
		if _, err := fmt.Sscanf(ind.ID, "goal-%d-", &goal); err != nil {
			t.Fatal(err)
		}
		for _, period := range []string{"2015-01", kpi.PeriodTotal} {
			o, ok := list[[2]string{ind.ID, period}]
			if !ok || o.Value == nil || *o.Value != float64(goal)+0.25 || o.Rows != 1 {
				t.Errorf("%s in %s: %s", ind.ID, period, line(o))
			}
		}
	}
}
