package kpi

import (
	"maps"
	"math"
	"testing"
)

func TestExecutedOverPlanned(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name              string
		planned, executed *float64
		percent, capped   *float64
		band              ExecutedBand
	}{
		{"all of it", ptr(40), ptr(40), ptr(100), ptr(100), ExecutedOnPlan},
		{"more than planned", ptr(40), ptr(60), ptr(150), ptr(100), ExecutedOnPlan},
		{"90 % exactly", ptr(10), ptr(9), ptr(90), ptr(90), ExecutedOnPlan},
		{"90 % but for the last digits", ptr(1), ptr(0.9 - 1e-12), ptr(90 - 1e-10), ptr(90 - 1e-10), ExecutedOnPlan},
		{"three tenths thrice, of one", ptr(1), ptr(0.3 + 0.3 + 0.3), ptr(90), ptr(90), ExecutedOnPlan},
		{"89.5 % is not 90 %", ptr(200), ptr(179), ptr(89.5), ptr(89.5), ExecutedBehind},
		{"89.9999 % is not 90 %", ptr(1e6), ptr(899_999), ptr(89.9999), ptr(89.9999), ExecutedBehind},
		{"70 % exactly", ptr(10), ptr(7), ptr(70), ptr(70), ExecutedBehind},
		{"69.9 %", ptr(1000), ptr(699), ptr(69.9), ptr(69.9), ExecutedFarBehind},
		{"nothing of it", ptr(10), ptr(0), ptr(0), ptr(0), ExecutedFarBehind},
		{"a correction", ptr(10), ptr(-5), ptr(-50), ptr(0), ExecutedFarBehind},
		{"not reported", ptr(10), nil, nil, nil, ExecutedNotReported},
		{"reported as not a number", ptr(10), &nan, nil, nil, ExecutedNotReported},
		{"planned as zero", ptr(0), ptr(0), nil, nil, ExecutedNotProgrammed},
		{"not in the plan", nil, nil, nil, nil, ExecutedNotProgrammed},
		{"not in the plan, and nothing done", nil, ptr(0), nil, nil, ExecutedNotProgrammed},
		{"planned as zero, not reported", ptr(0), nil, nil, nil, ExecutedNotProgrammed},
		{"planned as zero, but done", ptr(0), ptr(3), nil, nil, ExecutedUnplanned},
		{"not in the plan, but done", nil, ptr(3), nil, nil, ExecutedUnplanned},
		{"a plan below zero", ptr(-10), ptr(-9), nil, nil, ExecutedUnplanned},
		{"a plan that is not a number", &nan, ptr(0), nil, nil, ExecutedNotProgrammed},
		{"too large a percentage", ptr(1e-300), ptr(1), nil, nil, ExecutedOnPlan},
	} {
		got := ExecutedOverPlanned(c.planned, c.executed, ExecutedBands{})
		if got.Band != c.band || !agree12(got.Percent, c.percent) || !agree12(got.Capped, c.capped) {
			t.Errorf("%s: %+v, percent %v, capped %v", c.name, got, shown(got.Percent), shown(got.Capped))
		}
	}
	own := ExecutedBands{OnPlan: 80, Behind: 50}
	if a, b := ExecutedOverPlanned(ptr(10), ptr(8), own).Band, ExecutedOverPlanned(ptr(10), ptr(4), own).Band; a != ExecutedOnPlan || b != ExecutedFarBehind {
		t.Errorf("a city's own bands: %s, %s", a, b)
	}
	if got := (ExecutedBands{OnPlan: 50, Behind: 80}).orDefault(); got != DefaultExecutedBands {
		t.Errorf("bands out of order: %+v", got)
	}
	words := map[ExecutedBand]Status{ExecutedOnPlan: OnTrack, ExecutedBehind: Behind, ExecutedFarBehind: WellBehind, ExecutedNotReported: NoData, ExecutedNotProgrammed: NoTarget, ExecutedUnplanned: NoTarget}
	for _, b := range ExecutedBandList {
		if b.Status() != words[b] {
			t.Errorf("%s is %s", b, b.Status())
		}
	}
}

func executedGoal(planned, executed *float64) ExecutedResult {
	return ExecutedOverPlanned(planned, executed, DefaultExecutedBands)
}

func TestExecutedRollUp(t *testing.T) {
	got := ExecutedRollUp([]ExecutedResult{
		executedGoal(ptr(100), ptr(150)), executedGoal(ptr(200), ptr(160)), executedGoal(ptr(50), ptr(10)), executedGoal(ptr(50), nil), executedGoal(ptr(0), ptr(40)), executedGoal(nil, nil), executedGoal(ptr(100), ptr(-20)),
	}, DefaultExecutedBands)
	// 150 + 160 + 10 − 20 = 300 of 500; without the surplus of the first 100 + 160 + 10 + 0 = 270.
	want := map[ExecutedBand]int{ExecutedOnPlan: 1, ExecutedBehind: 1, ExecutedFarBehind: 2, ExecutedNotReported: 1, ExecutedUnplanned: 1, ExecutedNotProgrammed: 1}
	if !maps.Equal(got.Bands, want) || got.Goals != 7 || got.Planned != 500 || got.Executed != 300 || got.Unplanned != 40 ||
		!agree12(got.Percent, ptr(60)) || !agree12(got.Capped, ptr(54)) || got.Band != ExecutedFarBehind {
		t.Errorf("%+v, percent %v, capped %v", got, shown(got.Percent), shown(got.Capped))
	}
	for want, goals := range map[ExecutedBand][]ExecutedResult{
		ExecutedNotProgrammed: {executedGoal(nil, nil)}, ExecutedUnplanned: {executedGoal(nil, nil), executedGoal(ptr(0), ptr(1))}, ExecutedNotReported: {executedGoal(ptr(1), nil), executedGoal(ptr(0), ptr(1))},
		ExecutedOnPlan: {executedGoal(ptr(10), ptr(9)), executedGoal(ptr(0), ptr(-100))},
	} {
		if got := ExecutedRollUp(goals, ExecutedBands{}); got.Band != want || (got.Percent != nil) != (want == ExecutedOnPlan) {
			t.Errorf("%+v, want %s", got, want)
		}
	}
	if got := ExecutedRollUp(nil, ExecutedBands{}); got.Band != ExecutedNotProgrammed || got.Goals != 0 || got.Percent != nil {
		t.Errorf("an empty plan: %+v", got)
	}
}

// Whatever the input: no panic, nothing that is not finite, bands that add up; more executed is never a worse band; the unit does not matter.
func FuzzExecuted(f *testing.F) {
	f.Add(10.0, 9.0, 7.0, 90.0, 70.0)
	f.Add(0.0, 3.0, -1.0, 0.0, 0.0)
	f.Add(1e-300, 1e150, math.NaN(), 101.0, 1e-9)
	f.Fuzz(func(t *testing.T, planned, a, b, high, low float64) {
		bands := ExecutedBands{high, low}
		lower, upper := ExecutedOverPlanned(&planned, ptr(math.Min(a, b)), bands), ExecutedOverPlanned(&planned, ptr(math.Max(a, b)), bands)
		for _, r := range []ExecutedResult{lower, upper} {
			for _, v := range []*float64{r.Planned, r.Executed, r.Percent, r.Capped} {
				if v != nil && !usable(*v) {
					t.Fatalf("%+v", r)
				}
			}
			if (r.Percent != nil) != (r.Capped != nil) || r.Capped != nil && (*r.Capped < 0 || *r.Capped > 100) {
				t.Fatalf("%+v", r)
			}
		}
		if lower.Band.Status().Rank() > upper.Band.Status().Rank() && upper.Band.Status().Rank() > 0 {
			t.Fatalf("%+v is better than %+v", lower, upper)
		}
		if lower.Percent != nil && math.Abs(planned) > 1e-100 {
			thousand := ExecutedOverPlanned(ptr(planned*1024), ptr(*lower.Executed*1024), bands)
			if thousand.Band != lower.Band && usable(planned*1024) && usable(*lower.Executed*1024) {
				t.Fatalf("%+v in another unit is %+v", lower, thousand)
			}
		}
		plan := ExecutedRollUp([]ExecutedResult{lower, upper, {}, lower}, bands)
		sum := 0
		for _, n := range plan.Bands {
			sum += n
		}
		if sum != 4 || plan.Percent != nil && !usable(*plan.Percent) || plan.Capped != nil && (*plan.Capped < 0 || *plan.Capped > 100) {
			t.Fatalf("%+v", plan)
		}
	})
}
