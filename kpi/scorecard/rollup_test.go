package scorecard

import (
	"math"
	"testing"

	"citystat/kpi"
)

// rolled makes a city of indicators with the assessments; the one whose id is "hidden" is not public.
func rolled(up *kpi.RollUp, assessments map[string]kpi.Assessment, order ...string) *Scorecard {
	s := &Scorecard{City: &kpi.City{RollUp: up}}
	for _, id := range order {
		ind := &kpi.Indicator{ID: id, Priority: "p", Public: id != "hidden"}
		s.Results = append(s.Results, Result{Indicator: ind, Assessment: assessments[id]})
	}
	return s
}

func TestRollUp(t *testing.T) {
	half := 0.5
	over := 1.7
	back := -3.0
	target, base := &kpi.Target{}, &kpi.Baseline{}
	all := map[string]kpi.Assessment{
		"good":    {Status: kpi.OnTrack, Met: true},
		"middle":  {Status: kpi.Behind, Progress: &half},
		"bad":     {Status: kpi.WellBehind, Progress: &back},
		"worse":   {Status: kpi.WrongWay, Progress: &back},
		"over":    {Status: kpi.OnTrack, Progress: &over},
		"lost":    {Status: kpi.NoClearChange, Target: target, Baseline: base},
		"none":    {Status: kpi.NoData},
		"quiet":   {Status: kpi.NoTarget},
		"floor":   {Status: kpi.Behind, Target: target}, // a floor without a baseline has no way
		"hidden":  {Status: kpi.WrongWay},
		"another": {Status: kpi.Achieved, Met: true},
	}
	roll := rolled(nil, all, "good", "middle", "bad", "none", "hidden").RollUp("p", true)
	if roll.Worst != "bad" || roll.Answered != 3 || roll.Total != 4 || roll.Score != nil || roll.Counts[kpi.NoData] != 1 || roll.Tally[kpi.PublicOffTrack] != 1 {
		t.Errorf("%+v", roll)
	}
	if all := rolled(nil, all, "good", "hidden").RollUp("", false); all.Worst != "hidden" || all.Total != 2 {
		t.Errorf("with what is not public: %+v", all)
	}
	if other := rolled(nil, all, "good").RollUp("q", true); other.Total != 0 || other.Worst != "" {
		t.Errorf("another priority: %+v", other)
	}
	for _, c := range []struct {
		name            string
		up              *kpi.RollUp
		ids             []string
		value, coverage float64
		low, high       float64
		none            bool
	}{
		{"the mean of 100, 50, 0", &kpi.RollUp{}, []string{"good", "middle", "bad"}, 50, 1, 37.5, 62.5, false},
		{"by weight", &kpi.RollUp{Weights: map[string]float64{"good": 2, "bad": 0}}, []string{"good", "middle", "bad"}, 250.0 / 3, 1, 75, 90, false},
		{"capped", &kpi.RollUp{}, []string{"over", "worse"}, 50, 1, 100.0 / 3, 200.0 / 3, false},
		{"maintain, lost", &kpi.RollUp{}, []string{"lost"}, 0, 1, 0, 0, false},
		{"two thirds", &kpi.RollUp{}, []string{"good", "another", "none"}, 100, 2.0 / 3, 100, 100, false},
		{"less than two thirds", &kpi.RollUp{}, []string{"good", "none", "quiet"}, 0, 0, 0, 0, true},
		{"nothing to say", &kpi.RollUp{}, []string{"none", "floor"}, 0, 0, 0, 0, true},
		{"nothing at all", &kpi.RollUp{}, nil, 0, 0, 0, 0, true},
	} {
		s := rolled(c.up, all, c.ids...).RollUp("", false).Score
		if (s == nil) != c.none {
			t.Errorf("%s: %+v", c.name, s)
			continue
		}
		near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
		if s != nil && (!near(s.Value, c.value) || !near(s.Coverage, c.coverage) || !near(s.Low, c.low) || !near(s.High, c.high)) {
			t.Errorf("%s: %+v", c.name, *s)
		}
	}
}
