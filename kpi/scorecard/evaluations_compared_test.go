package scorecard

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"citystat/kpi"
)

// By hand: two districts rise from 10 and 20 to 16 and 28, two others from 12 and 14 to 13 and 15, so by 7 and by 1 on average.
func TestEvaluationOfDifferences(t *testing.T) {
	sides := func(before, after float64) []kpi.Observation { return valued(before-1, before+1, after-1, after+1) }
	series := map[string][]kpi.Observation{
		"": valued(1, 1, 1, 1), "a": sides(10, 16), "b": sides(20, 28), "c": sides(12, 13), "d": sides(14, 15),
	}
	e := kpi.Evaluation{
		Date: date("2014-03-01"), Dimension: kpi.DimensionDistrict, Where: []string{"a", "b"}, ComparedTo: []string{"c", "d"}, Method: kpi.EvaluateDifferences,
	}
	a := evaluateWith(evaluated(kpi.Measure{Kind: kpi.MeasureCount}, series), e, nil)
	d := effectNamed(t, a, "difference")
	if a.State != "answered" || !closeTo(d.Size, 6) || a.Members != 4 || a.Before != 2 || a.After != 2 {
		t.Fatalf("%+v", a)
	}
	// Units move the effect by ±1/2 on the treated side and not at all on the other: variance (1/4 + 1/4) · 4/3 · 15/12; t of 3 degrees of freedom.
	if half := 3.182446305284263 * math.Sqrt(0.5*4/3*15/12); !closeTo(*d.Low, 6-half) || !closeTo(*d.High, 6+half) || *d.P >= 0.05 {
		t.Errorf("limits %v and %v, want ±%v; p %v", *d.Low, *d.High, half, *d.P)
	}
	for _, c := range []struct{ what, got, want string }{
		{"treated", points(a.Treated, values), "14 16 21 23"},
		{"fitted", points(a.Treated, fitted), "15 15 22 22"},
		{"counterfactual", points(a.Treated, counterfactual), "- - 16 16"},
		{"compared", points(a.Compared, values), "12 14 13 15"},
		{"its line", points(a.Compared, fitted), "13 13 14 14"},
		{"it has no other", points(a.Compared, counterfactual), "- - - -"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
		}
	}
	if a.Pretrend == nil || a.Pretrend.Name != "slope" || !closeTo(a.Pretrend.Size, 0) || !slices.Equal(a.Warnings, []EvaluationWarning{EvaluationFewMembers}) {
		t.Errorf("%+v %v", a.Pretrend, a.Warnings)
	}

	// Without its high month a district would seem to have fallen: its mean of what it has is compared, as those of all.
	series["b"][3].Value = nil
	a = evaluateWith(evaluated(kpi.Measure{Kind: kpi.MeasureMedian}, series), e, nil)
	if d := effectNamed(t, a, "difference"); !closeTo(d.Size, 5.5) || d.Low == nil || points(a.Treated, values) != "14 16 21 -" {
		t.Errorf("%+v, %s", d, points(a.Treated, values))
	}
	// One that has nothing after is in neither mean.
	series["b"][2].Value = nil
	if a = evaluateWith(evaluated(kpi.Measure{Kind: kpi.MeasureMedian}, series), e, nil); !closeTo(effectNamed(t, a, "difference").Size, 5) || a.Members != 3 {
		t.Errorf("%+v", a)
	}
}

// The two sides went different ways before.
func TestEvaluationWarnsOfTrendsBefore(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	series := map[string][]kpi.Observation{"": valued(make([]float64, 12)...)}
	e := kpi.Evaluation{Date: date("2014-09-01"), Dimension: kpi.DimensionDistrict, Method: kpi.EvaluateDifferences}
	for k := range 24 {
		name := fmt.Sprintf("m%02d", k)
		slope := 0.0
		if k < 12 {
			slope = 2
			e.Where = append(e.Where, name)
		} else {
			e.ComparedTo = append(e.ComparedTo, name)
		}
		series[name] = valued(made(12, func(j int) float64 { return 50 + slope*float64(j) + random.NormFloat64() })...)
	}
	a := evaluateWith(evaluated(kpi.Measure{Kind: kpi.MeasureMedian}, series), e, nil)
	if !slices.Equal(a.Warnings, []EvaluationWarning{EvaluationPretrend}) || math.Abs(a.Pretrend.Size-2) > 0.5 || *a.Pretrend.P > 0.001 {
		t.Errorf("%v %+v", a.Warnings, a.Pretrend)
	}
}

// What is hidden changes nothing, and is missing from what is shown.
func TestEvaluationKeepsWhatIsHidden(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 6))
	for n := range 60 {
		m := evaluatedMeasures[n%len(evaluatedMeasures)]
		r := somewhere(random, m)
		cells := map[string]bool{}
		for range 12 {
			cells[[]string{"a", "c", "d", ""}[random.IntN(4)]+r.Series[random.IntN(36)].Period.ID] = true
		}
		hidden := func(member, period string) bool { return cells[member+period] }
		for _, method := range kpi.EvaluationMethods {
			for _, where := range [][]string{nil, {"a"}, {"a", "b"}} {
				e := kpi.Evaluation{Date: date("2015-07-01"), Dimension: kpi.DimensionDistrict, Where: where, ComparedTo: []string{"c", "d", "e"}, Method: method}
				a := evaluateWith(r, e, hidden)
				for k := range r.Members {
					for j := range r.Members[k].Series {
						change(random, &r.Members[k].Series[j], cells[r.Members[k].Member+r.Members[k].Series[j].Period])
					}
				}
				for k := range r.Series {
					change(random, &r.Series[k].Observation, cells[r.Series[k].Period.ID])
				}
				if other := evaluateWith(r, e, hidden); !reflect.DeepEqual(a, other) {
					t.Fatalf("%s of %v: %+v\nbecomes %+v", method, where, a, other)
				}
				for _, p := range a.Treated {
					for _, m := range where {
						if p.Value != nil && cells[m+p.Period] {
							t.Fatalf("%s: %+v is shown", m, p)
						}
					}
				}
				if !slices.Contains(a.Warnings, EvaluationHidden) && method == kpi.EvaluateDifferences && where != nil {
					t.Fatalf("nothing is said of what is not shown: %+v", a.Warnings)
				}
			}
		}
	}
}

// change gives an observation that is hidden other numbers.
func change(random *rand.Rand, o *kpi.Observation, hidden bool) {
	if hidden {
		o.Numerator, o.Denominator, o.Value, o.Rows = ptr(random.Float64()), ptr(random.Float64()), ptr(random.Float64()), random.Int64N(9)
	}
}

// somewhere makes districts of shares over three years, and what is hidden of them.
func somewhere(random *rand.Rand, m kpi.Measure) *Result {
	series := map[string][]kpi.Observation{}
	total := make([]float64, 72)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		var pairs []float64
		for k := range 36 {
			den := float64(20 + random.IntN(50))
			pairs = append(pairs, math.Floor(den*random.Float64()), den)
			total[2*k], total[2*k+1] = total[2*k]+pairs[2*k], total[2*k+1]+den
		}
		series[name] = outOf(m, pairs...)
	}
	series[""] = outOf(m, total...)
	if !m.Ratio() {
		for _, list := range series {
			for k := range list {
				list[k].Value = list[k].Numerator
			}
		}
	}
	return evaluated(m, series)
}
