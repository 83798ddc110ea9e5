package kpi

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// monthly makes an indicator whose months add up in a fiscal year from July, and its months from July 2023 on.
func monthly(t testing.TB, direction Direction, trajectory Trajectory, targets []Target, values ...float64) AssessInput {
	t.Helper()
	i := &Indicator{
		ID: "x", Version: 1, Direction: direction, Trajectory: trajectory, Targets: targets, Period: Month, AddsUpIn: FiscalYear, AddsUpFrom: time.July,
		Measure: Measure{Kind: MeasureCount},
	}
	in := AssessInput{Indicator: i, Bands: DefaultBands, Calendar: Calendar{FiscalStart: time.July}}
	for k, v := range values {
		p, err := in.Calendar.Period(Month, Date{2023, 7, 1}.AddMonths(k))
		if err != nil {
			t.Fatal(err)
		}
		o := Observation{Indicator: "x", Version: 1, Period: p.ID, Rows: int64(v), Excluded: map[string]int64{ReasonNoDate: 1}}
		if !math.IsNaN(v) {
			o.Value = ptr(v)
		}
		in.Series = append(in.Series, SeriesPoint{p, o})
		in.AsOf = p.Last
	}
	return in
}

// The twelve months of the oracle's year before, and so many of the year after.
func afterSeasonalYear(months ...float64) []float64 {
	return append([]float64{30, 25, 40, 45, 50, 55, 60, 50, 45, 40, 35, 25}, months...)
}

func TestYearToDate(t *testing.T) {
	goal := []Target{by("2025-06-30", 600)} // fiscal year 2025; 365 days
	for _, c := range []struct {
		name       string
		direction  Direction
		trajectory Trajectory
		targets    []Target
		values     []float64
		status     Status
		rule       string
		judged     float64
		expected   float64 // NaN: none
	}{
		{"flat: as it should be", Up, TrajectoryLinear, goal, afterSeasonalYear(60, 60, 60), OnTrack, RuleYearPace, 180, 600 * 92.0 / 365},
		{"flat: 0.95 of it", Up, TrajectoryLinear, goal, afterSeasonalYear(0.95 * 600 * 31 / 365), OnTrack, RuleYearPace, 0.95 * 600 * 31 / 365, 600 * 31.0 / 365},
		{"flat: a little under", Up, TrajectoryLinear, goal, afterSeasonalYear(0.9499 * 600 * 31 / 365), Behind, RuleYearPace, 0.9499 * 600 * 31 / 365, 600 * 31.0 / 365},
		{"flat: well behind", Up, TrajectoryLinear, goal, afterSeasonalYear(0, 0, 10), WellBehind, RuleYearPace, 10, 600 * 92.0 / 365},
		{"150 of 600 after four months is 75 % of flat", Up, TrajectoryLinear, goal, afterSeasonalYear(30, 40, 40, 40), Behind, RuleYearPace, 150, 600 * 123.0 / 365},
		{"and 89 % of the season", Up, TrajectorySeasonal, goal, afterSeasonalYear(30, 40, 40, 40), Behind, RuleYearPace, 150, 168},
		{"the season, as it should be", Up, TrajectorySeasonal, goal, afterSeasonalYear(36, 30), OnTrack, RuleYearPace, 66, 66},
		{"no year before: flat", Up, TrajectorySeasonal, []Target{by("2024-06-30", 600)}, []float64{30, 25}, WellBehind, RuleYearPace, 55, 600 * 62.0 / 366},
		{"a count that is reached cannot be lost", Up, TrajectoryLinear, goal, afterSeasonalYear(600), Achieved, RuleYearMet, 600, 600 * 31.0 / 365},
		{"reached at a point on the way", Up, TrajectoryLinear, []Target{{By: Date{2024, 9, 30}, Value: 100, Kind: TargetInterim}, goal[0]}, afterSeasonalYear(50, 30, 30), OnTrack, RuleMet, 110, 100},
		{"the year is over, missed", Up, TrajectoryLinear, goal, afterSeasonalYear(49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49), OnTrack, RuleYearPace, 588, 600},
		{"the year is over, missed by more", Up, TrajectoryLinear, goal, afterSeasonalYear(40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40), Behind, RuleYearPace, 480, 600},
		{"less is better, on track", Down, TrajectoryLinear, goal, afterSeasonalYear(40, 40), OnTrack, RuleYearPace, 80, 600 * 62.0 / 365},
		{"less is better, nothing", Down, TrajectoryLinear, goal, afterSeasonalYear(0), OnTrack, RuleYearPace, 0, 600 * 31.0 / 365},
		{"less is better, too much so far", Down, TrajectoryLinear, goal, afterSeasonalYear(70), Behind, RuleYearPace, 70, 600 * 31.0 / 365},
		{"less is better, far too much", Down, TrajectoryLinear, goal, afterSeasonalYear(100), WellBehind, RuleYearPace, 100, 600 * 31.0 / 365},
		{"less is better, all of it used", Down, TrajectoryLinear, goal, afterSeasonalYear(601), WellBehind, RuleYearExceeded, 601, 600 * 31.0 / 365},
		{"less is better, kept to", Down, TrajectoryLinear, goal, afterSeasonalYear(50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50), Achieved, RuleYearMet, 600, 600},
		{"a range, on the way", Range, TrajectoryLinear, []Target{{By: Date{2025, 6, 30}, Low: 500, High: 600}}, afterSeasonalYear(70), OnTrack, RuleYearPace, 70, math.NaN()},
		{"a range, left", Range, TrajectoryLinear, []Target{{By: Date{2025, 6, 30}, Low: 500, High: 600}}, afterSeasonalYear(601), WellBehind, RuleYearExceeded, 601, math.NaN()},
		{"a range, missed", Range, TrajectoryLinear, []Target{{By: Date{2025, 6, 30}, Low: 500, High: 600}}, afterSeasonalYear(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), WellBehind, RuleDistance, 12, math.NaN()},
		{"the target is another year's", Up, TrajectoryLinear, []Target{by("2026-06-30", 600)}, afterSeasonalYear(30), NoTarget, RuleNoTarget, math.NaN(), math.NaN()},
		{"a month without a value", Up, TrajectoryLinear, goal, afterSeasonalYear(50, math.NaN(), 50), NoData, RuleYearUnknown, math.NaN(), math.NaN()},
		{"nothing was wanted", Down, TrajectoryLinear, []Target{by("2025-06-30", 0)}, afterSeasonalYear(0, 0), OnTrack, RuleYearPace, 0, 0},
		{"nothing was wanted, one came", Down, TrajectoryLinear, []Target{by("2025-06-30", 0)}, afterSeasonalYear(0, 1), WellBehind, RuleYearExceeded, 1, 0},
	} {
		a := Assess(monthly(t, c.direction, c.trajectory, c.targets, c.values...))
		if a.Status != c.status || a.Rule != c.rule {
			t.Errorf("%s: %s by %s, want %s by %s", c.name, a.Status, a.Rule, c.status, c.rule)
		}
		if !same(a.Judged, c.judged) || !same(a.Expected, c.expected) {
			t.Errorf("%s: %s of %s expected, want %v of %v", c.name, show(a.Judged), show(a.Expected), c.judged, c.expected)
		}
	}
}

func same(v *float64, want float64) bool {
	if math.IsNaN(want) {
		return v == nil
	}
	return v != nil && close9(*v, want)
}

func show(v *float64) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprint(*v)
}

// A year's total speaks of all its rows, and its reason names the periods.
func TestYearToDateReason(t *testing.T) {
	a := Assess(monthly(t, Up, TrajectorySeasonal, []Target{by("2025-06-30", 600)}, afterSeasonalYear(30, 40, 40, 40)...))
	r := a.Reason(QuestionStatus)
	if a.Since != "2024-07" || a.Rows != 150 || a.Excluded[ReasonNoDate] != 4 || a.Phasing != PhasingSeasonal {
		t.Errorf("since %s, %d rows, %v left out, %s", a.Since, a.Rows, a.Excluded, a.Phasing)
	}
	if r == nil || !slices.Equal(r.Periods, []string{"2024-07", "2024-10"}) || r.Rule != RuleYearPace || len(r.Thresholds) != 2 {
		t.Fatalf("%+v", r)
	}
	for name, want := range map[string]float64{"value": 40, "to_date": 150, "expected": 168, "gap": -18, "target": 600, "progress": 0.25, "pace": 150.0 / 168} {
		k := slices.IndexFunc(r.Inputs, func(q Quantity) bool { return q.Name == name })
		if k < 0 || !close9(r.Inputs[k].Value, want) {
			t.Errorf("%s is not %v in %+v", name, want, r.Inputs)
		}
	}
}

// Weeks belong to the year of their last day, so that every week belongs to one.
func TestWeeksAddUp(t *testing.T) {
	c := Calendar{FiscalStart: time.July}
	i := &Indicator{Period: Week, AddsUpIn: FiscalYear, AddsUpFrom: time.July}
	weeks, err := c.Periods(Week, Date{2022, 6, 1}, Date{2025, 8, 1})
	if err != nil {
		t.Fatal(err)
	}
	var series []SeriesPoint
	for _, w := range weeks {
		series = append(series, SeriesPoint{w, Observation{Value: ptr(1)}})
	}
	counted := 0
	for _, last := range []Date{{2023, 6, 30}, {2024, 6, 30}, {2025, 6, 30}} {
		year, _ := c.Period(FiscalYear, last)
		parts, ok := i.partsOf(c, series, year)
		if !ok || len(parts) != 52 && len(parts) != 53 {
			t.Errorf("%s has %d weeks", year.ID, len(parts))
		}
		counted += len(parts)
	}
	days := Date{2025, 6, 30}.Sub(Date{2022, 6, 30})
	if counted*7 < days-7 || counted*7 > days+7 {
		t.Errorf("%d weeks in %d days", counted, days)
	}
}

func TestTargetsInForce(t *testing.T) {
	set := func(by, set Date, v float64, kind string) Target {
		return Target{By: by, Set: set, Value: v, Kind: kind}
	}
	end := Date{2026, 6, 30}
	i := &Indicator{Direction: Up, Period: Month, Targets: []Target{
		set(end, Date{2025, 7, 1}, 80, TargetAnnual),
		set(end, Date{2026, 1, 15}, 75, TargetAnnual),
		set(end, Date{2025, 7, 1}, 90, TargetTerm),
		set(Date{2026, 3, 31}, Date{2025, 7, 1}, 70, TargetInterim),
		set(Date{2027, 6, 30}, Date{2025, 7, 1}, 95, TargetTerm),
	}}
	value := func(month string) float64 {
		p, err := Calendar{}.Parse(month)
		if err != nil {
			t.Fatal(err)
		}
		return i.TargetFor(p).Value
	}
	for month, want := range map[string]float64{
		"2025-08": 70, "2026-03": 70, // the point on the way comes first
		"2026-04": 75, "2026-06": 75, // the year's, as changed, before the term's of the same day
		"2026-07": 95, "2028-01": 95,
	} {
		if got := value(month); got != want {
			t.Errorf("%s is judged against %v, want %v", month, got, want)
		}
	}
	i.Targets[3].By = Date{2025, 9, 30}
	for month, want := range map[string]float64{"2025-12": 80, "2026-01": 75} { // changed on 15 January
		if got := value(month); got != want {
			t.Errorf("%s is judged against %v, want %v", month, got, want)
		}
	}
	if !i.Replaced(i.Targets[0]) || i.Replaced(i.Targets[1]) || i.Replaced(i.Targets[2]) {
		t.Error("which target was replaced")
	}
	if n := len(i.TargetsInForce(Date{})); n != 4 {
		t.Errorf("%d targets hold, want 4", n)
	}
}

// The term's target stands beside the year's.
func TestStandings(t *testing.T) {
	s := situation{direction: Up, baseline: ptr(60), targets: []Target{{By: Date{2015, 12, 31}, Value: 70, Kind: TargetAnnual}, {By: Date{2017, 12, 31}, Value: 90, Kind: TargetTerm}}, values: []float64{72}}
	a := Assess(s.input(t))
	if a.Status != Achieved || a.Target.Value != 70 || len(a.Standings) != 1 {
		t.Fatalf("%s against %+v beside %+v", a.Status, a.Target, a.Standings)
	}
	st := a.Standings[0]
	if st.Target.Value != 90 || st.Met || !same(st.Progress, 0.4) || !same(st.Expected, 60+30*365.0/1096) {
		t.Errorf("%+v, expected %s", st, show(st.Expected))
	}
}

// A plan by milestones has one path: what is expected on the way to its end is what is expected on the way to the next milestone.
func TestStandingsOfMilestones(t *testing.T) {
	for _, trajectory := range []Trajectory{TrajectoryMilestones, TrajectoryStep} {
		s := situation{direction: Up, trajectory: trajectory, baseline: ptr(0), values: []float64{10}, targets: []Target{
			{By: Date{2016, 6, 30}, Value: 20, Kind: TargetInterim}, {By: Date{2016, 12, 31}, Value: 100, Kind: TargetTerm},
		}}
		a := Assess(s.input(t))
		if a.Expected == nil || len(a.Standings) != 1 || !same(a.Standings[0].Expected, *a.Expected) || !same(a.Standings[0].Progress, 0.1) {
			t.Errorf("%s: %s expected, beside it %+v", trajectory, show(a.Expected), a.Standings)
		}
	}
}

// Any numbers: nothing panics, a better total is never worse, and what is returned is finite.
func TestAnyYear(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	odd := []float64{0, 1, -1, 50, 600, 1e300, math.Inf(1), math.NaN(), 1e-300, math.MaxFloat64}
	for range 3000 {
		values := make([]float64, 1+r.IntN(30))
		for k := range values {
			values[k] = float64(r.IntN(100))
			if r.IntN(8) == 0 {
				values[k] = odd[r.IntN(len(odd))]
			}
		}
		targets := []Target{{By: Date{2024, 6, 30}, Value: odd[r.IntN(len(odd))], Low: 1, High: 500}, {By: Date{2025, 6, 30}, Value: float64(r.IntN(900) - 100), Low: 100, High: 500}}
		in := monthly(t, Directions[r.IntN(3)], []Trajectory{TrajectoryLinear, TrajectorySeasonal}[r.IntN(2)], targets, values...)
		a := Assess(in)
		for _, q := range a.Reasons[0].Inputs {
			if !usable(q.Value) {
				t.Fatalf("%s is %v for %v", q.Name, q.Value, values)
			}
		}
		last := len(in.Series) - 1
		if v := in.Series[last].Observation.Value; v == nil || !usable(*v) || in.Indicator.Direction == Range || a.Status.Rank() == 0 {
			continue
		}
		better := 10.0
		if in.Indicator.Direction == Down {
			better = -10
		}
		*in.Series[last].Observation.Value += better
		if b := Assess(in); b.Status.Rank() < a.Status.Rank() && b.Status.Rank() > 0 && *b.Judged >= 0 {
			t.Fatalf("a better value made %s of %s: %v, %+v", b.Status, a.Status, values, targets)
		}
	}
}

// A target that was moved in the middle of the year moves what was expected from then on, and nothing before.
func TestYearToDateOfMovedTarget(t *testing.T) {
	targets := []Target{{By: Date{2025, 6, 30}, Value: 600, Set: Date{2024, 7, 1}}, {By: Date{2025, 6, 30}, Value: 300, Set: Date{2025, 1, 15}}}
	for _, trajectory := range []Trajectory{TrajectoryLinear, TrajectorySeasonal} {
		for months, want := range map[int]float64{6: 600, 7: 300} { // until December, until January
			values := afterSeasonalYear(50, 50, 50, 50, 50, 50, 50)[:12+months]
			a := Assess(monthly(t, Up, trajectory, targets, values...))
			share := 184.0 / 365
			switch {
			case trajectory == TrajectorySeasonal && months == 6:
				share = 245.0 / 500
			case trajectory == TrajectorySeasonal:
				share = 305.0 / 500
			case months == 7:
				share = 215.0 / 365
			}
			if a.Target == nil || a.Target.Value != want || !same(a.Expected, want*share) {
				t.Errorf("%s, %d months: %s expected on the way to %v, want %v on the way to %v", trajectory, months, show(a.Expected), a.Target, want*share, want)
			}
		}
	}
}

// The last week that ends in a year ends it, whatever day the year ends on.
func TestWeeksEndTheYear(t *testing.T) {
	c := Calendar{FiscalStart: time.July}
	weeks, err := c.Periods(Week, Date{2025, 7, 1}, Date{2026, 6, 30}) // a Tuesday: the last week of the year ends on the 28th
	if err != nil {
		t.Fatal(err)
	}
	weeks = weeks[:len(weeks)-1]
	for _, judge := range []MethodName{MethodPace, MethodExecuted} {
		i := &Indicator{
			ID: "x", Period: Week, AddsUpIn: FiscalYear, AddsUpFrom: time.July, Direction: Up, Measure: Measure{Kind: MeasureSum}, Judge: Judge{By: judge},
			Targets: []Target{by("2026-06-30", float64(len(weeks)))},
		}
		in := AssessInput{Indicator: i, Calendar: c, Bands: DefaultBands}
		for k, w := range weeks {
			in.Series = append(in.Series, SeriesPoint{w, Observation{Value: ptr(1), Rows: 1}})
			in.AsOf = w.Last
			want := OnTrack
			if k == len(weeks)-1 {
				want = Achieved
			}
			if a := Assess(in); a.Status != want && (judge == MethodPace || k == len(weeks)-1) {
				t.Errorf("%s after %s: %s by %s, want %s", judge, w.ID, a.Status, a.Rule, want)
			}
		}
		if a := Assess(in); judge == MethodPace && !same(a.Expected, float64(len(weeks))) {
			t.Errorf("at the end %s is expected of %d", show(a.Expected), len(weeks))
		}
	}
}

// Totals below nothing: a loss that is to stay small is not kept because it has begun, and a surplus not missed because it has not come.
func TestYearBelowNothing(t *testing.T) {
	for _, c := range []struct {
		name      string
		direction Direction
		target    Target
		values    []float64
		status    Status
	}{
		{"a loss that goes too fast", Up, by("2025-06-30", -120), []float64{-15}, Behind},
		{"a loss as it may be", Up, by("2025-06-30", -120), []float64{-10}, OnTrack},
		{"no loss", Up, by("2025-06-30", -120), []float64{3}, OnTrack},
		{"the loss of a year is too much", Up, by("2025-06-30", -120), []float64{-60, -70}, WellBehind},
		{"to fall on the way", Down, by("2025-06-30", -120), []float64{-10.3}, OnTrack},
		{"to fall slowly", Down, by("2025-06-30", -120), []float64{-8}, Behind},
		{"to fall and does not", Down, by("2025-06-30", -120), []float64{8}, WellBehind},
		{"a range below nothing, at its upper end", Range, Target{By: Date{2025, 6, 30}, Low: -20, High: -10}, []float64{-10}, OnTrack},
		{"a range below nothing, not yet there", Range, Target{By: Date{2025, 6, 30}, Low: -20, High: -10}, []float64{-9}, OnTrack},
		{"a range below nothing, left", Range, Target{By: Date{2025, 6, 30}, Low: -20, High: -10}, []float64{-21}, WellBehind},
	} {
		in := monthly(t, c.direction, TrajectoryLinear, []Target{c.target}, afterSeasonalYear(c.values...)...)
		in.Indicator.Measure.Kind = MeasureSum
		for k := range in.Series {
			in.Series[k].Observation.Rows = 1
		}
		if a := Assess(in); a.Status != c.status {
			t.Errorf("%s: %s by %s, want %s; pace %s", c.name, a.Status, a.Rule, c.status, show(a.Pace))
		}
	}
}

// A month of few rows does not make a year of many too few.
func TestYearOfFewRows(t *testing.T) {
	in := monthly(t, Up, TrajectoryLinear, []Target{by("2025-06-30", 600)}, afterSeasonalYear(60, 60, 3)...)
	in.Indicator.Minimum = 10
	if a := Assess(in); a.Rule != RuleYearPace || a.Rows != 123 {
		t.Errorf("%s by %s of %d rows", a.Status, a.Rule, a.Rows)
	}
	in = monthly(t, Up, TrajectoryLinear, []Target{by("2025-06-30", 600)}, afterSeasonalYear(4, 3)...)
	in.Indicator.Minimum = 10
	if a := Assess(in); a.Status != TooFew || a.Rows != 7 || a.Since != "2024-07" {
		t.Errorf("%s by %s of %d rows", a.Status, a.Rule, a.Rows)
	}
}
