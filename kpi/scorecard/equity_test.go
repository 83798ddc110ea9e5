package scorecard

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"citystat/kpi"
	"citystat/kpi/stats"
)

// months makes a share, by month of 2015, whose members have so many rows that hold and so many in all in each month.
func months(direction kpi.Direction, held, counted map[string]float64, n int) (subject, *Result) {
	s := subject{city: &kpi.City{}, indicator: &kpi.Indicator{
		ID: "x", Direction: direction, Period: kpi.Month, Unit: kpi.Percent, Version: 1, Dimensions: []string{"district"}, Measure: kpi.Measure{Kind: kpi.MeasureShare},
	}, asOf: date("2016-01-12")}
	r := &Result{Indicator: s.indicator}
	names := []string{"a", "b", "c", "d", kpi.MemberNotRecorded}
	for k := range n {
		p, _ := s.calendar.Period(kpi.Month, date("2015-01-01").AddMonths(k))
		var num, den float64
		for _, m := range names {
			if counted[m] == 0 {
				continue
			}
			num, den = num+held[m], den+counted[m]
			at := r.Member("district", m)
			if at == nil {
				r.Members = append(r.Members, Member{Dimension: "district", Member: m})
				at = &r.Members[len(r.Members)-1]
			}
			at.Series = append(at.Series, counts(p.ID, "district", m, held[m], counted[m]))
		}
		r.Series = append(r.Series, Point{Period: p, Settled: true, Observation: counts(p.ID, "", "", num, den)})
		r.Assessment.Period = p.ID
	}
	return s, r
}

func counts(period, dimension, member string, num, den float64) kpi.Observation {
	v := 100 * num / den
	return kpi.Observation{Indicator: "x", Version: 1, Period: period, Dimension: dimension, Member: member, Numerator: &num, Denominator: &den, Value: &v, Rows: int64(den)}
}

func TestEquity(t *testing.T) {
	held := map[string]float64{"a": 90, "b": 40, "c": 76, "d": 1, kpi.MemberNotRecorded: 1}
	counted := map[string]float64{"a": 100, "b": 80, "c": 100, "d": 1, kpi.MemberNotRecorded: 10}
	s, r := months(kpi.Up, held, counted, 14)
	list := s.equity(r)
	if len(list) != 1 {
		t.Fatalf("%d comparisons", len(list))
	}
	e := list[0]
	if e.From != "2015-03" || e.To != "2016-02" || e.Method != intervalWilson || len(e.Groups) != 4 || e.Weights != "rows" {
		t.Errorf("%+v", e)
	}
	city := 100 * (90 + 40 + 76 + 1 + 1) / 291.0 // those without a district are part of the city
	if math.Abs(*e.Value-city) > 1e-9 {
		t.Errorf("the city is at %v, want %v", *e.Value, city)
	}
	for k, want := range []Verdict{VerdictBetter, VerdictWorse, VerdictBetter, VerdictTooFew} {
		if g := e.Groups[k]; g.Verdict != want {
			t.Errorf("%s is %s, want %s (%v to %v)", g.Member, g.Verdict, want, *g.DiffLow, *g.DiffHigh)
		}
	}
	// The difference from the city is that from its rest, times the part of the rest.
	a := e.Groups[0]
	d, i, _ := stats.ProportionDifference(12*90, 1200, 12*(291*city/100-90), 12*191, 0.95)
	part := 191.0 / 291
	if math.Abs(*a.Difference-100*d*part) > 1e-9 || math.Abs(*a.DiffLow-100*i.Lower*part) > 1e-9 || math.Abs(*a.DiffHigh-100*i.Upper*part) > 1e-9 {
		t.Errorf("%v (%v to %v), want %v", *a.Difference, *a.DiffLow, *a.DiffHigh, 100*d*part)
	}
	if math.Abs(*a.Ratio-90/city) > 1e-9 || a.RatioLow != nil {
		t.Errorf("ratio %v, from %v", *a.Ratio, a.RatioLow)
	}
	if math.Abs(*e.Range-40) > 1e-9 { // of those with enough rows: 90 − 50
		t.Errorf("range %v", *e.Range)
	}
	mean := (90*100 + 50*80 + 76*100) / 280.0
	if want := 100 / mean * (100*(90-mean) + 80*(mean-50) + 100*math.Abs(76-mean)) / 280; math.Abs(*e.Disparity-want) > 1e-9 {
		t.Errorf("disparity %v, want %v", *e.Disparity, want)
	}
	s.indicator.Direction = kpi.Down
	if g := s.equity(r)[0].Groups; g[0].Verdict != VerdictWorse || g[1].Verdict != VerdictBetter {
		t.Errorf("lower is better: %s, %s", g[0].Verdict, g[1].Verdict)
	}
	s.indicator.Direction = kpi.Neutral
	if g := s.equity(r)[0].Groups; g[0].Verdict != VerdictDifferent {
		t.Errorf("without a direction: %s", g[0].Verdict)
	}
}

// A reference that the city named is not part of the groups: the interval of the ratio is there.
func TestEquityReference(t *testing.T) {
	s, r := months(kpi.Up, map[string]float64{"a": 90, "b": 40}, map[string]float64{"a": 100, "b": 80}, 12)
	s.indicator.Equity = &kpi.EquityPlan{By: []string{"district"}, Reference: "a"}
	s.city.Population = &kpi.Population{ByDistrict: map[string]int64{"a": 3000, "b": 1000}}
	e := s.equity(r)[0]
	b := e.Groups[1]
	_, want, _ := stats.ProportionRatio(480, 960, 1080, 1200, 0.95)
	if e.Groups[0].Verdict != VerdictReference || b.Verdict != VerdictWorse || math.Abs(*b.RatioLow-want.Lower) > 1e-9 || math.Abs(*b.Difference+40) > 1e-9 || e.Weights != "population" {
		t.Errorf("%+v beside %+v", b, e)
	}
	if want := 100 / 80.0 * (0.75*10 + 0.25*30); math.Abs(*e.Disparity-want) > 1e-9 {
		t.Errorf("disparity %v, want %v", *e.Disparity, want)
	}
}

// What is suppressed is in nothing that is computed.
func TestEquityHides(t *testing.T) {
	s, r := months(kpi.Up, map[string]float64{"a": 90, "b": 40, "c": 76}, map[string]float64{"a": 100, "b": 80, "c": 100}, 12)
	hide := func(o *kpi.Observation) {
		*o = kpi.Observation{Indicator: o.Indicator, Version: 1, Period: o.Period, Dimension: o.Dimension, Member: o.Member, Suppressed: kpi.SuppressedPrimary}
	}
	hide(&r.Member("district", "b").Series[5])
	e := s.equity(r)[0]
	if g := e.Groups[1]; g.Verdict != VerdictHidden || g.Value != nil || g.Rows != 0 || g.Suppressed != kpi.SuppressedPrimary || e.Hidden != 1 || *e.Range != 14 {
		t.Errorf("%+v of %+v", g, e)
	}
	hide(&r.Member("district", "a").Series[5])
	if list := s.equity(r); len(list) != 0 {
		t.Errorf("one group alone is compared: %+v", list)
	}
}

func TestEquityOfOtherMeasures(t *testing.T) {
	for kind, want := range map[kpi.MeasureKind]string{
		kpi.MeasureCount: "", kpi.MeasureSum: "", kpi.MeasureLast: "", kpi.MeasureMean: intervalNone, kpi.MeasureRatio: intervalNone, kpi.MeasureRate: intervalByar, kpi.MeasureMedian: intervalNone,
	} {
		s, r := months(kpi.Down, map[string]float64{"a": 30, "b": 70}, map[string]float64{"a": 1000, "b": 1000}, 12)
		s.indicator.Measure.Kind, s.indicator.Measure.Times = kind, 1000
		list := s.equity(r)
		if len(list) > 0 != (want != "") || len(list) > 0 && list[0].Method != want {
			t.Errorf("%s: %+v", kind, list)
			continue
		}
		if kind == kpi.MeasureRate {
			if g := list[0].Groups[0]; math.Abs(*g.Value-30) > 1e-9 || g.Verdict != VerdictBetter {
				t.Errorf("rate: %+v", g)
			}
		}
		if kind == kpi.MeasureMedian && (list[0].From != "2015-12" || list[0].Groups[0].Verdict != VerdictNone) {
			t.Errorf("median: %+v", list[0])
		}
	}
}

// Whatever the numbers are, the result is one that JSON can hold.
func TestEquityOfAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	odd := []float64{0, 1, 2, 19, 20, 1e6, 1e300, 1e-300, -5}
	for range 2000 {
		held, counted := map[string]float64{}, map[string]float64{}
		for _, m := range []string{"a", "b", "c", "d"} {
			counted[m] = odd[r.IntN(len(odd))]
			held[m] = odd[r.IntN(len(odd))]
		}
		s, res := months(kpi.Directions[r.IntN(4)], held, counted, 1+r.IntN(14))
		s.indicator.Measure.Kind = kpi.MeasureKinds[r.IntN(len(kpi.MeasureKinds))]
		for k := range res.Series {
			res.Series[k].Observation = clean(res.Series[k].Observation)
		}
		if _, err := json.Marshal(s.equity(res)); err != nil {
			t.Fatalf("%v of %v as %s: %v", held, counted, s.indicator.Measure.Kind, err)
		}
	}
}

// A reference that has no rows, or none that are shown, is not the city in its place.
func TestEquityWithoutItsReference(t *testing.T) {
	s, r := months(kpi.Up, map[string]float64{"a": 90, "b": 40}, map[string]float64{"a": 100, "b": 80}, 12)
	s.indicator.Equity = &kpi.EquityPlan{By: []string{"district"}, Reference: "harbor"}
	if list := s.equity(r); len(list) != 0 {
		t.Errorf("compared with nobody: %+v", list)
	}
}
