package scorecard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"citystat/kpi"

	"github.com/google/go-cmp/cmp"
)

// smallCity builds the scorecard of a city of three districts with a flow that adds up in a year, or a ratio. held are the rows that
// hold; rows are by month and district.
func smallCity(t *testing.T, kind kpi.MeasureKind, rows [][3]int64, held [][3]int64) *Scorecard {
	t.Helper()
	i := kpi.Indicator{
		ID: "cases", Dataset: "requests", Priority: "streets", Department: "works", Measure: kpi.Measure{Kind: kind}, Unit: kpi.Number, Direction: kpi.Up,
		Period: kpi.Month, Trajectory: kpi.TrajectoryLinear, Dimensions: []string{kpi.DimensionDistrict}, Public: true, Version: 1, Suppress: 11,
		Targets: []kpi.Target{{By: date("2015-12-31"), Value: 900}, {By: date("2017-12-31"), Value: 1000, Kind: kpi.TargetTerm}},
	}
	if kind == kpi.MeasureShare || kind == kpi.MeasureMean {
		i.Unit, i.Baseline = kpi.Percent, &kpi.Baseline{Value: 50, Date: date("2013-12-31")}
		i.Targets = []kpi.Target{{By: date("2016-12-31"), Value: 90}, {By: date("2017-12-31"), Value: 95, Kind: kpi.TargetTerm}}
	} else {
		i.AddsUpIn, i.AddsUpFrom, i.Trajectory = kpi.Year, time.January, kpi.TrajectorySeasonal
	}
	city := &kpi.City{
		ID: "c", Languages: []kpi.Lang{kpi.English}, TimeZone: "UTC", Bands: kpi.DefaultBands, Districts: []kpi.District{{ID: "a"}, {ID: "b"}, {ID: "c"}},
		Datasets: []kpi.Dataset{{ID: "requests"}}, Indicators: []kpi.Indicator{i}, RollUp: &kpi.RollUp{},
		Evaluations: []kpi.Evaluation{
			{ID: "all", Indicator: "cases", Method: kpi.EvaluateSegments, Date: date("2015-01-01"), Public: true},
			{ID: "one", Indicator: "cases", Method: kpi.EvaluateCounts, Date: date("2015-01-01"), Public: true, Dimension: kpi.DimensionDistrict, Where: []string{"b"}},
			{ID: "two", Indicator: "cases", Method: kpi.EvaluateDifferences, Date: date("2015-01-01"), Public: true, Dimension: kpi.DimensionDistrict, Where: []string{"b", "a"}, ComparedTo: []string{"c"}},
		},
	}
	m := &memory{city: city, folder: 1, version: 1, fail: map[string]error{}, datasets: []kpi.DatasetState{{Dataset: "requests", DataUntil: date("2015-12-31")}}}
	add := func(period, member string, n, h int64) {
		o := kpi.Observation{Indicator: "cases", Version: 1, Period: period, Member: member, Rows: n, Load: 1, AsOf: date("2016-01-12")}
		number, value, d := float64(n), float64(n), float64(n)
		switch kind {
		case kpi.MeasureShare:
			number, value, o.Denominator = float64(h), 100*float64(h)/d, &d
		case kpi.MeasureSum:
			number = float64(7*n + h)
			value = number
		case kpi.MeasureMean:
			number, value, o.Denominator = float64(7*n+h), float64(7*n+h)/d, &d
		}
		if o.Numerator = &number; n > 0 || i.Measure.Flow() {
			o.Value = &value
		}
		if member != "" {
			o.Dimension = kpi.DimensionDistrict
		}
		m.observations = append(m.observations, o)
	}
	var all, allHeld [3]int64
	for k := range rows {
		period := fmt.Sprintf("%d-%02d", 2014+k/12, k%12+1)
		var n, h int64
		for d, name := range []string{"a", "b", "c"} {
			add(period, name, rows[k][d], held[k][d])
			n, h = n+rows[k][d], h+held[k][d]
			all[d], allHeld[d] = all[d]+rows[k][d], allHeld[d]+held[k][d]
		}
		add(period, "", n, h)
	}
	add(kpi.PeriodTotal, "", all[0]+all[1]+all[2], allHeld[0]+allHeld[1]+allHeld[2])
	for d, name := range []string{"a", "b", "c"} {
		add(kpi.PeriodTotal, name, all[d], allHeld[d])
	}
	return build(t, m, "2016-01-12")
}

// fewIn makes two years of rows in three districts, with few in some months.
func fewIn(r *rand.Rand, city int) (rows, held [][3]int64) {
	for k := range 24 {
		var n, h [3]int64
		for d := range n {
			n[d] = 60 + int64(r.IntN(30))
			if d == 0 && k%5 == 1 {
				n[d] = 2 + int64(r.IntN(4))
			}
			if k == city {
				n[d] = 1 + int64(r.IntN(2))
			}
			h[d] = n[d] / 2
		}
		rows, held = append(rows, n), append(held, h)
	}
	return rows, held
}

func published(t *testing.T, s *Scorecard) (*Scorecard, []byte) {
	t.Helper()
	p := publish(t, s, nil)
	b, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return p, b
}

// Of a number that is not shown nothing follows: put another in its place, so that all that is shown stays as it was, and not a byte changes.
func TestHiddenNumbersChangeNothing(t *testing.T) {
	for _, kind := range []kpi.MeasureKind{kpi.MeasureCount, kpi.MeasureShare, kpi.MeasureSum, kpi.MeasureMean} {
		for _, city := range []int{-1, 5, 14, 23} { // the month in which the whole city is hidden
			moved, across := 0, 0
			for seed := range uint64(3) {
				rows, held := fewIn(rand.New(rand.NewPCG(seed, 3)), city)
				p, want := published(t, smallCity(t, kind, rows, held))
				r := p.Result("cases")
				name := func(k int) string { return fmt.Sprintf("%d-%02d", 2014+k/12, k%12+1) }
				hidden := func(r *Result, k, d int) bool { return r.hides(kpi.DimensionDistrict, string("abc"[d]), name(k)) }
				// other publishes other rows. If the same are hidden, nothing else may be told; if not, the copy tells another story, as it should.
				other := func(move func(rows, held [][3]int64) bool) {
					a, b := append([][3]int64(nil), rows...), append([][3]int64(nil), held...)
					if !move(a, b) {
						return
					}
					q, got := published(t, smallCity(t, kind, a, b))
					for k := range rows {
						for d := range 3 {
							if hidden(r, k, d) != hidden(q.Result("cases"), k, d) || r.hides("", "", name(k)) != q.Result("cases").hides("", "", name(k)) {
								return
							}
						}
					}
					if moved++; !bytes.Equal(got, want) {
						t.Fatalf("%s, %d: a number that is not shown is told:\n%s", kind, city, cmp.Diff(string(want), string(got)))
					}
				}
				for k := range rows {
					for l := range k {
						for d := range 3 {
							if hidden(r, k, d) && hidden(r, l, d) && r.hides("", "", name(k)) && r.hides("", "", name(l)) {
								before := moved
								other(func(rows, held [][3]int64) bool { // of a district from month to month, where the city's are not shown either
									rows[k][d]++
									rows[l][d]--
									return rows[l][d] > 0 && held[l][d] <= rows[l][d]
								})
								across += moved - before
							}
							for e := range d {
								if hidden(r, k, d) && hidden(r, k, e) && hidden(r, l, d) && hidden(r, l, e) {
									other(func(rows, held [][3]int64) bool { // around two months and two districts, so that every sum stays
										rows[k][d]++
										rows[k][e]--
										rows[l][d]--
										rows[l][e]++
										return rows[l][d] > 0 && rows[k][e] > 0 && held[l][d] <= rows[l][d] && held[k][e] <= rows[k][e]
									})
								}
							}
						}
					}
				}
			}
			if moved == 0 || city >= 0 && across == 0 {
				t.Errorf("%s, %d: no number could be moved", kind, city)
			}
		}
	}
}

// A month of the whole city that is not shown is in no total of the year, no mean and no forecast either.
func TestHiddenMonthOfTheCity(t *testing.T) {
	rows, held := fewIn(rand.New(rand.NewPCG(1, 3)), 14)
	s := smallCity(t, kpi.MeasureCount, rows, held)
	p, _ := published(t, s)
	r := p.Result("cases")
	if r.Series[14].Observation.Suppressed == kpi.NotSuppressed {
		t.Fatal("the month is shown")
	}
	for k := 14; k < 24; k++ {
		if r.Series[k].ToDate != nil {
			t.Errorf("the year's total at %s is %v: less that of the month before it tells what is hidden", r.Series[k].Period.ID, *r.Series[k].ToDate)
		}
	}
	if live := s.Result("cases").Series[23]; live.ToDate == nil {
		t.Error("those who run the system do not see the year's total")
	}
}

// What is published again, on what was published before, has the same bytes; so has what is read back from JSON.
func TestPublicIsStable(t *testing.T) {
	for _, kind := range []kpi.MeasureKind{kpi.MeasureCount, kpi.MeasureShare} {
		rows, held := fewIn(rand.New(rand.NewPCG(1, 3)), 14)
		s := smallCity(t, kind, rows, held)
		p, want := published(t, s)
		var back Scorecard
		if err := json.Unmarshal(want, &back); err != nil {
			t.Fatal(err)
		}
		for _, before := range []*Scorecard{p, &back} {
			again, err := json.MarshalIndent(publish(t, s, before), "", " ")
			if err != nil || !bytes.Equal(again, want) {
				t.Errorf("%s: published on itself it is another: %v\n%s", kind, err, cmp.Diff(string(want), string(again)))
			}
		}
		if round, err := json.MarshalIndent(&back, "", " "); err != nil || !bytes.Equal(round, want) {
			t.Errorf("%s: the round trip changes it: %v\n%s", kind, err, cmp.Diff(string(want), string(round)))
		}
	}
}
