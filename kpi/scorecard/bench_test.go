package scorecard

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"citystat/kpi"
)

// grand is a city of so many indicators with months and districts, all with a season, a trend and targets.
func grand(indicators, months, districts int) *memory {
	r := rand.New(rand.NewPCG(1, 2))
	m := &memory{folder: 1, version: 1, liveAt: time.Date(2026, 1, 13, 4, 0, 0, 0, time.UTC), fail: map[string]error{}}
	m.city = &kpi.City{ID: "c", Languages: []kpi.Lang{kpi.English}, TimeZone: "America/New_York", Bands: kpi.DefaultBands, Datasets: []kpi.Dataset{{ID: "d"}}}
	for d := range districts {
		m.city.Districts = append(m.city.Districts, kpi.District{ID: fmt.Sprintf("district-%d", d)})
	}
	first := kpi.Date{Year: 2026, Month: 1, Day: 1}.AddMonths(-months)
	for k := range indicators {
		ind := kpi.Indicator{
			ID: fmt.Sprintf("indicator-%d", k), Dataset: "d", Priority: "p", Unit: kpi.Percent, Direction: kpi.Up, Period: kpi.Month, Version: 1, Public: true,
			Measure: kpi.Measure{Kind: kpi.MeasureShare}, Dimensions: []string{kpi.DimensionDistrict}, Trajectory: kpi.TrajectoryLinear,
			Baseline: &kpi.Baseline{Value: 60, Date: first}, Targets: []kpi.Target{{By: date("2026-12-31"), Value: 90}, {By: date("2028-12-31"), Value: 95, Kind: kpi.TargetTerm}},
		}
		m.city.Indicators = append(m.city.Indicators, ind)
		for i := range months {
			d := first.AddMonths(i)
			period := fmt.Sprintf("%04d-%02d", d.Year, d.Month)
			var num, den float64
			for _, district := range m.city.Districts {
				n := 20 + float64(r.IntN(80))
				held := math.Round(n * min(0.95, 0.65+0.003*float64(i)+0.1*math.Sin(float64(i)*math.Pi/6)+0.05*r.NormFloat64()))
				num, den = num+held, den+n
				m.observations = append(m.observations, observe(ind.ID, period, district.ID, held, n))
			}
			m.observations = append(m.observations, observe(ind.ID, period, "", num, den))
		}
	}
	return m
}

// BenchmarkAll assesses 200 indicators with 60 months and 25 districts from observations that are there: status, signal, outlook, trend, groups
// and reasons of all of them.
func BenchmarkAll(b *testing.B) {
	m := grand(200, 60, 25)
	b.ResetTimer()
	for b.Loop() {
		m.version++
		card, err := NewBuilder(m).Build(context.Background(), kpi.At{AsOf: date("2026-01-12")})
		if err != nil {
			b.Fatal(err)
		}
		if len(card.Results) != 200 || card.Results[7].Assessment.Outlook == nil || len(card.Results[7].Equity[0].Groups) != 25 {
			b.Fatal("something was left out")
		}
	}
	b.ReportMetric(float64(len(m.observations)), "observations")
}
