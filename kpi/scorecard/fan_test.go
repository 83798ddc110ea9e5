package scorecard

import (
	"math"
	"testing"
	"time"

	"citystat/kpi"
)

// The fan leads from the period after the last one to that of the target's date, and ends with the very interval of the outlook.
func TestFanEndsWithTheOutlook(t *testing.T) {
	year := func(i *kpi.Indicator) {
		aims("2016-06-30", 1180)(i)
		i.AddsUpIn, i.AddsUpFrom, i.Baseline, i.Measure.Kind = kpi.FiscalYear, time.July, nil, kpi.MeasureCount
	}
	share := func(i *kpi.Indicator) {
		aims("2016-12-31", 90)(i)
		i.Unit, i.Measure.Kind = kpi.Percent, kpi.MeasureShare
	}
	for name, c := range map[string]struct {
		change func(*kpi.Indicator)
		values []float64
		steps  int
	}{
		"a number": {aims("2016-12-31", 200), line(36, 100, 2), 12},
		"a share":  {share, noise(36, 3, 70, 4), 12},
		"a total":  {year, noise(36, 5, 100, 4), 6},
	} {
		r := future(t, c.change, c.values...)
		o := r.Assessment.Outlook
		if o == nil || len(o.Fan) != c.steps {
			t.Fatalf("%s: %+v, want a fan of %d periods", name, o, c.steps)
		}
		last := r.Series[len(r.Series)-1].Period
		for k, s := range o.Fan {
			if s.Period.First != last.Last.AddDays(1) {
				t.Errorf("%s: period %d is %s after %s", name, k, s.Period.ID, last.ID)
			}
			last = s.Period
			if !ordered(s.Low, s.InnerLow, s.Mean, s.InnerHigh, s.High) {
				t.Errorf("%s: %s: %+v", name, s.Period.ID, s)
			}
			if name == "a share" && (s.Low < 0 || s.High > 100) {
				t.Errorf("a share may be from %v to %v", s.Low, s.High)
			}
		}
		end := o.Fan[len(o.Fan)-1]
		if end.Low != o.Low || end.Mean != o.Mean || end.High != o.High {
			t.Errorf("%s: the fan ends with %+v, the outlook is %v, %v, %v", name, end, o.Low, o.Mean, o.High)
		}
		if o.Fan[0].High-o.Fan[0].Low > 1.05*(end.High-end.Low) { // on the scale of shares the width depends on the middle too
			t.Errorf("%s: the first period is much less sure than the last", name)
		}
	}
}

// A target beyond what any drawing shows has an outlook and no fan.
func TestFarTargetHasNoFan(t *testing.T) {
	o := future(t, aims("2027-06-30", 200), line(36, 100, 2)...).Assessment.Outlook
	if o == nil || o.Horizon <= mostSteps || o.Fan != nil {
		t.Errorf("%+v", o)
	}
	if ordered(1, math.NaN()) || !ordered(1, 1, 2) || ordered(2, 1) {
		t.Error("what is in order is not what rises or stays")
	}
}

// An interval is that of the observation's own numbers, and of what is not shown there is none.
func TestIntervalOfAnObservation(t *testing.T) {
	share := &kpi.Indicator{Measure: kpi.Measure{Kind: kpi.MeasureShare}}
	low, high := Interval(share, &kpi.Observation{Value: ptr(80), Numerator: ptr(80), Denominator: ptr(100)})
	if low == nil || math.Abs(*low-71.11708) > 1e-4 || math.Abs(*high-86.66331) > 1e-4 { // Wilson 1927; R: prop.test(80, 100, correct = FALSE)
		t.Errorf("80 of 100: %v to %v", low, high)
	}
	for name, o := range map[string]*kpi.Observation{
		"nothing": nil, "no value": {Numerator: ptr(1), Denominator: ptr(2)}, "hidden": {Value: ptr(1), Numerator: ptr(1), Denominator: ptr(100), Suppressed: kpi.SuppressedPrimary},
		"no cases": {Value: ptr(0), Numerator: ptr(0), Denominator: ptr(0)},
	} {
		if low, high := Interval(share, o); low != nil || high != nil {
			t.Errorf("%s has the interval %v to %v", name, *low, *high)
		}
	}
	if low, _ := Interval(&kpi.Indicator{Measure: kpi.Measure{Kind: kpi.MeasureMean}}, &kpi.Observation{Value: ptr(3), Numerator: ptr(30), Denominator: ptr(10)}); low != nil {
		t.Error("a mean has an interval")
	}
}
