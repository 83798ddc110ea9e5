package kpi

import (
	"math"
	"slices"
	"testing"
)

// yearly makes an indicator of years from 2015 on.
func yearly(t *testing.T, judge Judge, direction Direction, targets []Target, values ...float64) AssessInput {
	t.Helper()
	in := AssessInput{Indicator: &Indicator{ID: "x", Version: 1, Direction: direction, Period: Year, Judge: judge, Targets: targets}, Bands: DefaultBands}
	for k, v := range values {
		p, err := in.Calendar.Period(Year, Date{2015 + k, 1, 1})
		if err != nil {
			t.Fatal(err)
		}
		in.Series = append(in.Series, SeriesPoint{p, Observation{Period: p.ID, Version: 1, Value: ptr(v), Rows: 10}})
		in.AsOf = p.Last
	}
	return in
}

func TestNamedMethods(t *testing.T) {
	goal := func(v float64) []Target { return []Target{by("2030-12-31", v)} }
	sdg, score, executed := Judge{By: MethodOpenSDG}, Judge{By: MethodCityScore}, Judge{By: MethodExecuted}
	rate := math.Pow(2, 1.0/15) // what doubling by 2030 needs a year
	worsening := func(in AssessInput) AssessInput { in.Signal.Kind = Worsening; return in }
	adds := func(planned float64) AssessInput {
		in := monthly(t, Up, TrajectoryLinear, []Target{by("2025-06-30", planned)}, afterSeasonalYear(100, 50)...)
		in.Indicator.Judge = executed
		return in
	}
	for _, c := range []struct {
		name   string
		in     AssessInput
		status Status
		word   string
		value  float64 // NaN: none
	}{
		{"as fast as needed", yearly(t, sdg, Up, goal(200), 100, 100*rate), OnTrack, "on_track", 1},
		{"half as fast", yearly(t, sdg, Up, goal(200), 100, 100*(1+0.5*(rate-1))), WellBehind, "limited_progress", 0.5},
		{"seven tenths", yearly(t, sdg, Up, goal(200), 100, 100*(1+0.7*(rate-1))), Behind, "acceleration_needed", 0.7},
		{"back, by chance", yearly(t, sdg, Up, goal(200), 100, 90), NoClearChange, "deterioration", -0.1 / (rate - 1)},
		{"back, for real", worsening(yearly(t, sdg, Up, goal(200), 100, 90)), WrongWay, "deterioration", -0.1 / (rate - 1)},
		{"reached", yearly(t, sdg, Up, goal(200), 100, 210), Achieved, "achieved", 1.1 / (rate - 1)},
		{"no target", yearly(t, sdg, Up, nil, 100, 102), OnTrack, "on_track", 0.02},
		{"one year", yearly(t, sdg, Up, goal(200), 100), NoData, "not_available", math.NaN()},
		{"on target", yearly(t, score, Up, goal(80), 80), OnTrack, "on_track", 1},
		{"a perfect zero", yearly(t, score, Down, goal(10), 0), OnTrack, "on_track", 2},
		{"nothing to divide by", yearly(t, score, Up, goal(0), 3), NoTarget, "not_available", math.NaN()},
		{"90 of 100", yearly(t, executed, Up, goal(100), 90), OnTrack, "on_plan", 90},
		{"89.9 of 100", yearly(t, executed, Up, goal(100), 89.9), Behind, "behind", 89.9},
		{"69 of 100", yearly(t, executed, Up, goal(100), 69), WellBehind, "far_behind", 69},
		{"all of it, when it was due", yearly(t, executed, Up, []Target{by("2015-12-31", 100)}, 120), Achieved, "on_plan", 120},
		{"nothing planned", yearly(t, executed, Up, goal(0), 0), NoTarget, "not_programmed", math.NaN()},
		{"nothing planned, something done", yearly(t, executed, Up, goal(0), 4), NoTarget, "not_programmed_executed", math.NaN()},
		{"a year that adds up", adds(160), OnTrack, "on_plan", 93.75},
	} {
		a := Assess(c.in)
		if a.Status != c.status || a.Named == nil || a.Named.Word != c.word || !same(a.Named.Value, c.value) || a.Rule != RuleNamed {
			t.Errorf("%s: %s by %s, %+v", c.name, a.Status, a.Rule, a.Named)
		}
	}
}

// The targets of what adds up are for the year's total, whatever method judges: a month beside it says nothing.
func TestNamedMethodsOfWhatAddsUp(t *testing.T) {
	year := func(total float64) []float64 {
		values := make([]float64, 12)
		for k := range values {
			values[k] = total / 12
		}
		return values
	}
	values := append(append(year(1000), year(1100)...), year(1210)[:6]...) // until December 2025
	targets := []Target{{By: Date{2026, 6, 30}, Value: 1210}, {By: Date{2030, 6, 30}, Value: 1000 * math.Pow(1.1, 6)}}

	in := monthly(t, Up, TrajectoryLinear, targets, values...)
	in.Indicator.Judge = Judge{By: MethodCityScore}
	if a := Assess(in); a.Status != Behind || a.Named == nil || a.Named.Value == nil || !close9(*a.Named.Value, 605/(1210*184.0/365)) || !same(a.Judged, 605) || a.Met {
		t.Errorf("half a year is %s, %+v", a.Status, a.Named)
	}

	in.Indicator.Judge = Judge{By: MethodOpenSDG}
	in.Indicator.Targets = targets[1:]
	a := Assess(in)
	if a.Status != OnTrack || a.Target == nil || a.Named == nil || a.Named.Value == nil || !close9(*a.Named.Value, 1) || a.Met {
		t.Errorf("growth as it should be is %s, %+v, towards %+v", a.Status, a.Named, a.Target)
	}
	in.Indicator.Targets = []Target{{By: Date{2030, 6, 30}, Value: 1050}} // the year to June 2025 had 1100
	if a := Assess(in); a.Status != Achieved || !a.Met {
		t.Errorf("reached is %s, %+v", a.Status, a.Named)
	}
	in.Series, in.AsOf = in.Series[:6], Date{2023, 12, 31}
	if a := Assess(in); a.Status.Rank() != 0 || a.Met {
		t.Errorf("no year is over, and it is %s, %+v", a.Status, a.Named)
	}
}

// The reason says by which bounds the method's own word was found.
func TestNamedThresholds(t *testing.T) {
	goal := []Target{by("2030-12-31", 200)}
	for _, c := range []struct {
		judge           MethodName
		onTrack, behind float64
	}{{MethodOpenSDG, 0.95, 0.6}, {MethodCityScore, 1, 0.6}, {MethodExecuted, 0.9, 0.7}} {
		r := Assess(yearly(t, Judge{By: c.judge}, Up, goal, 100, 101)).Reason(QuestionStatus)
		want := []Quantity{{"band_on_track", c.onTrack, QuantityRatio}, {"band_behind", c.behind, QuantityRatio}}
		if !slices.Equal(r.Thresholds, want) {
			t.Errorf("%s: %v, want %v", c.judge, r.Thresholds, want)
		}
	}
}
