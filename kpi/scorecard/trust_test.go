package scorecard

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"citystat/kpi"
)

func checkNamed(t *testing.T, list []TrustCheck, name string) TrustCheck {
	t.Helper()
	at := slices.IndexFunc(list, func(c TrustCheck) bool { return c.Check == name })
	if at < 0 {
		t.Fatalf("there is no check %s in %+v", name, list)
	}
	return list[at]
}

func quantity(c TrustCheck, name string) float64 {
	for _, q := range c.Numbers {
		if q.Name == name {
			return q.Value
		}
	}
	return math.NaN()
}

// trusted makes a result with rows counted and excluded over all periods.
func trusted(m kpi.Measure, rows int64, excluded map[string]int64) *Result {
	return &Result{Indicator: &kpi.Indicator{ID: "i", Dataset: "d", Measure: m, Direction: kpi.Neutral}, Total: &kpi.Observation{Rows: rows, Excluded: excluded}}
}

// The shares of rows that are left out, with the number at the limit and just below it.
func TestChecksOfRows(t *testing.T) {
	because := func(reason string) kpi.Measure {
		return kpi.Measure{Kind: kpi.MeasureShare, Exclude: []kpi.Exclusion{{When: "x", Because: reason}}}
	}
	duration := kpi.Measure{Kind: kpi.MeasureDuration}
	for _, c := range []struct {
		name     string
		check    string
		measure  kpi.Measure
		rows     int64
		excluded map[string]int64
		state    TrustState
		value    float64
	}{
		{"one in a hundred ends before it begins", "closed_before_opened", because("closed-before-opened"), 990, map[string]int64{"closed-before-opened": 10}, TrustLook, 1},
		{"nine of a thousand", "closed_before_opened", duration, 991, map[string]int64{"closed-before-opened": 9}, TrustFine, 0.9},
		{"four of a hundred", "closed_before_opened", duration, 96, map[string]int64{"closed-before-opened": 4}, TrustFine, 4},
		{"five of a hundred", "closed_before_opened", duration, 95, map[string]int64{"closed-before-opened": 5}, TrustLook, 5},
		{"none of a duration", "closed_before_opened", duration, 95, nil, TrustFine, 0},
		{"29 rows", "closed_before_opened", duration, 9, map[string]int64{"closed-before-opened": 20}, TrustCannot, -1},
		{"a count", "closed_before_opened", kpi.Measure{Kind: kpi.MeasureCount}, 95, nil, TrustNotAsked, -1},
		{"one in five has no deadline", "no_due_date", because("no-due-date"), 80, map[string]int64{"no-due-date": 20}, TrustLook, 20},
		{"a little less", "no_due_date", because("no-due-date"), 801, map[string]int64{"no-due-date": 199}, TrustFine, 19.9},
		{"no deadline at all", "no_due_date", because("no-date"), 801, nil, TrustNotAsked, -1},
		{"one in four is left out", "excluded", because("duplicate"), 75, map[string]int64{"duplicate": 15, "no-date": 10}, TrustLook, 25},
		{"a little less", "excluded", because("duplicate"), 751, map[string]int64{"duplicate": 240, "no-date": 9}, TrustFine, 24.9},
		{"what waits is not left out", "excluded", because("not-yet-due"), 80, map[string]int64{"not-yet-due": 900, "after-as-of": 50, "no-date": 20}, TrustFine, 20},
		{"what is open is", "excluded", because("not-yet-closed"), 60, map[string]int64{"not-yet-closed": 40}, TrustLook, 40},
		{"nothing is", "excluded", kpi.Measure{Kind: kpi.MeasureCount}, 30, nil, TrustFine, 0},
		{"no rows", "excluded", kpi.Measure{Kind: kpi.MeasureCount}, 0, nil, TrustCannot, -1},
	} {
		got := checkNamed(t, checks(trusted(c.measure, c.rows, c.excluded), nil), c.check)
		value := -1.0
		if got.Value != nil {
			value = *got.Value
		}
		if got.State != c.state || math.Abs(value-c.value) > 1e-9 || (got.Limit != nil) != (got.Value != nil) {
			t.Errorf("%s: %+v is %v, want %s of %v", c.name, got, value, c.state, c.value)
		}
	}
	// Without a total the facts know the rows.
	r := trusted(duration, 0, nil)
	r.Total = nil
	if got := checkNamed(t, checks(r, []kpi.TrustFacts{{Indicator: "i", Rows: 500}}), "excluded"); got.State != TrustFine || quantity(got, "rows") != 500 {
		t.Errorf("%+v", got)
	}
}

// The probabilities are those of coins: 40 of 60 and more is 0.0067, 39 is 0.0137; 21 of 30 is 0.0214, 22 is 0.0081.
func TestChecksOfDeadlines(t *testing.T) {
	for _, c := range []struct {
		name               string
		check              string
		early, met, missed int64
		state              TrustState
		p                  float64
	}{
		{"40 of 60", "heaping", 0, 40, 20, TrustLook, 0.0067},
		{"39 of 60", "heaping", 0, 39, 21, TrustFine, 0.0137},
		{"22 of 30", "heaping", 0, 22, 8, TrustLook, 0.0081},
		{"21 of 30", "heaping", 0, 21, 9, TrustFine, 0.0214},
		{"29 of 29", "heaping", 0, 29, 0, TrustCannot, -1},
		{"all too late", "heaping", 0, 0, 30, TrustFine, 1},
		{"every one of a million", "heaping", 0, 1_000_000, 0, TrustLook, 0},
		{"twice as many as before", "deadline_jump", 20, 40, 0, TrustLook, 0.0067},
		{"not quite", "deadline_jump", 201, 400, 0, TrustFine, 0},
		{"none before", "deadline_jump", 0, 30, 0, TrustLook, 0},
		{"twice as many by chance", "deadline_jump", 10, 20, 0, TrustFine, 0.0494},
		{"29", "deadline_jump", 9, 20, 0, TrustCannot, -1},
	} {
		f := kpi.TrustFacts{Indicator: "i", Deadline: true, Window: 1, Unit: kpi.Days, Early: c.early, Met: c.met, Missed: c.missed, Late: 7}
		got := checkNamed(t, checks(trusted(kpi.Measure{Kind: kpi.MeasureShare}, 100, nil), []kpi.TrustFacts{{Indicator: "h"}, f}), c.check)
		p := -1.0
		if got.Value != nil {
			p = *got.Value
		}
		if got.State != c.state || math.Abs(p-c.p) > 0.00005 || quantity(got, "met") != float64(c.met) || quantity(got, "window") != 1 {
			t.Errorf("%s: %+v, p %v, want %s, %v", c.name, got, p, c.state, c.p)
		}
	}
	none := checks(trusted(kpi.Measure{Kind: kpi.MeasureCount}, 100, nil), []kpi.TrustFacts{{Indicator: "i", Met: 100}})
	if checkNamed(t, none, "heaping").State != TrustNotAsked || checkNamed(t, none, "deadline_jump").State != TrustNotAsked {
		t.Errorf("a measure without a deadline: %+v", none)
	}
}

func TestCheckOfRevisions(t *testing.T) {
	for _, c := range []struct {
		judged, moved int
		state         TrustState
		value         float64
	}{
		{11, 11, TrustCannot, -1}, {12, 0, TrustFine, 0}, {12, 1, TrustFine, 100. / 12}, {12, 2, TrustLook, 100. / 6}, {20, 2, TrustLook, 10}, {21, 2, TrustFine, 200. / 21}, {-3, 5, TrustCannot, -1},
	} {
		got := checkNamed(t, checks(trusted(kpi.Measure{}, 1, nil), []kpi.TrustFacts{{Indicator: "i", Judged: c.judged, Moved: c.moved, Latest: "2015-06"}}), "late_revisions")
		value := -1.0
		if got.Value != nil {
			value = *got.Value
		}
		if got.State != c.state || math.Abs(value-c.value) > 1e-9 || (got.Latest != "") != (c.moved > 0 && c.judged > 0) {
			t.Errorf("%+v: %+v", c, got)
		}
	}
	if got := checkNamed(t, checks(trusted(kpi.Measure{}, 1, nil), nil), "late_revisions"); got.State != TrustCannot || got.Numbers != nil {
		t.Errorf("nobody counted: %+v", got)
	}
}

// promised makes a result of months with values and what was promised for them.
func promised(direction kpi.Direction, target kpi.Target, list ...float64) *Result {
	r := evaluated(kpi.Measure{Kind: kpi.MeasureShare}, map[string][]kpi.Observation{"": valued(list...)})
	r.Indicator.Direction, r.Indicator.Trajectory, r.Indicator.Targets = direction, kpi.TrajectoryEveryPeriod, []kpi.Target{target}
	return r
}

func TestCheckOfGreen(t *testing.T) {
	goal := kpi.Target{By: date("2030-12-31"), Value: 80, Low: 70, High: 90}
	all := func(n int, v float64) []float64 { return made(n, func(int) float64 { return v }) }
	for _, c := range []struct {
		name   string
		r      *Result
		state  TrustState
		row    float64
		margin float64
	}{
		{"always more", promised(kpi.Up, goal, all(12, 85)...), TrustLook, 12, 5},
		{"just enough", promised(kpi.Up, goal, all(12, 80)...), TrustLook, 12, 0},
		{"but for the last digit", promised(kpi.Up, goal, append(all(11, 81), 80*(1-1e-12))...), TrustLook, 12, 0},
		{"never", promised(kpi.Up, goal, all(12, 79)...), TrustFine, 0, math.NaN()},
		{"missed once", promised(kpi.Up, goal, append(all(6, 85), append([]float64{79}, all(11, 85)...)...)...), TrustFine, 11, 5},
		{"a year ago", promised(kpi.Up, goal, append([]float64{79}, append([]float64{95}, all(12, 85)...)...)...), TrustLook, 13, 5},
		{"eleven months", promised(kpi.Up, goal, all(11, 85)...), TrustCannot, 11, 5},
		{"always less", promised(kpi.Down, goal, append(all(11, 60), 75)...), TrustLook, 12, 5},
		{"more where less is better", promised(kpi.Down, goal, all(12, 85)...), TrustFine, 0, math.NaN()},
		{"within the range", promised(kpi.Range, goal, append(all(11, 80), 88)...), TrustLook, 12, 2},
		{"out of it", promised(kpi.Range, goal, append(all(11, 80), 91)...), TrustFine, 0, math.NaN()},
		{"a month without a value says nothing", promised(kpi.Up, goal, append(all(6, 85), append([]float64{math.NaN()}, all(6, 85)...)...)...), TrustLook, 12, 5},
		{"before it was promised", promised(kpi.Up, kpi.Target{By: date("2030-12-31"), Value: 80, Set: date("2015-01-15")}, all(20, 85)...), TrustCannot, 8, 5},
	} {
		got := checkNamed(t, checks(c.r, nil), "all_green")
		if margin := quantity(got, "least_margin"); got.State != c.state || got.Value == nil || *got.Value != c.row || *got.Limit != 12 || math.Abs(margin-c.margin) > 1e-9 || math.IsNaN(margin) != math.IsNaN(c.margin) {
			t.Errorf("%s: %+v, want %s after %v with %v to spare", c.name, got, c.state, c.row, c.margin)
		}
	}
	for name, change := range map[string]func(*Result){
		"no target":    func(r *Result) { r.Indicator.Targets = nil },
		"no direction": func(r *Result) { r.Indicator.Direction = kpi.Neutral },
	} {
		r := promised(kpi.Up, goal, all(12, 85)...)
		if change(r); checkNamed(t, checks(r, nil), "all_green").State != TrustNotAsked {
			t.Errorf("%s: %+v", name, checkNamed(t, checks(r, nil), "all_green"))
		}
	}
}

// On the way to a target what counts is the way, of what adds up the year so far; and days and weeks take a year.
func TestCheckOfGreenAsksWhatWasExpected(t *testing.T) {
	r := promised(kpi.Up, kpi.Target{By: date("2030-12-31"), Value: 80}, made(12, func(k int) float64 { return 40 + float64(k) })...)
	for k := range r.Series {
		r.Series[k].Expected = ptr(40 + float64(k) - 3)
	}
	if got := checkNamed(t, checks(r, nil), "all_green"); got.State != TrustLook || quantity(got, "least_margin") != 3 {
		t.Errorf("ahead of the way: %+v", got)
	}
	down := promised(kpi.Down, kpi.Target{By: date("2030-12-31"), Value: 10}, made(12, func(k int) float64 { return 40 - float64(k) })...)
	for k := range down.Series {
		down.Series[k].Expected = ptr(40 - float64(k) + 4)
	}
	if got := checkNamed(t, checks(down, nil), "all_green"); got.State != TrustLook || quantity(got, "least_margin") != 4 {
		t.Errorf("ahead of the way down: %+v", got)
	}
	r.Indicator.AddsUpIn = kpi.Year
	r.Indicator.Targets = []kpi.Target{{By: date("2014-12-31"), Value: 80}}
	for k := range r.Series {
		r.Series[k].ToDate = ptr(*r.Series[k].Expected + 1)
	}
	if got := checkNamed(t, checks(r, nil), "all_green"); got.State != TrustLook || quantity(got, "least_margin") != 1 {
		t.Errorf("ahead in the year: %+v", got)
	}
	r.Series[11].ToDate = ptr(*r.Series[11].Expected - 1)
	if got := checkNamed(t, checks(r, nil), "all_green"); got.State != TrustFine || *got.Value != 0 {
		t.Errorf("behind at the end of the year: %+v", got)
	}
	r.Series[11].ToDate = nil
	if got := checkNamed(t, checks(r, nil), "all_green"); got.State != TrustCannot {
		t.Errorf("a year that is not known: %+v", got)
	}
	for kind, need := range map[kpi.PeriodKind]int{kpi.Day: 365, kpi.Week: 52, kpi.Month: 12, kpi.Quarter: 12, kpi.Year: 12} {
		for _, n := range []int{need - 1, need} {
			r := evaluatedBy(kpi.Measure{Kind: kpi.MeasureShare}, kind, date("2001-01-01"), map[string][]kpi.Observation{"": valued(made(n, func(int) float64 { return 85 })...)})
			r.Indicator.Direction, r.Indicator.Targets = kpi.Up, []kpi.Target{{By: date("2030-12-31"), Value: 80}}
			if got := checkNamed(t, checks(r, nil), "all_green"); (got.State == TrustLook) != (n == need) {
				t.Errorf("%d of %s: %+v", n, kind, got)
			}
		}
	}
}

// All checks are there, in their order, and name what is listed; a page can count those that ask somebody to look.
func TestChecksAndAttention(t *testing.T) {
	r := trusted(kpi.Measure{Kind: kpi.MeasureDuration}, 90, map[string]int64{"closed-before-opened": 10, "no-date": 30})
	f := kpi.TrustFacts{Indicator: "i", Deadline: true, Window: 2.5, Unit: kpi.Hours, Early: 10, Met: 50, Missed: 3, Judged: 20, Moved: 4}
	list := checks(r, []kpi.TrustFacts{f})
	var names []string
	for _, c := range list {
		names = append(names, c.Check)
		if !slices.Contains(TrustStates, c.State) {
			t.Errorf("%+v", c)
		}
		for _, q := range c.Numbers {
			if !slices.Contains(TrustNumbers[c.Check], q.Name) || q.Unit == "" {
				t.Errorf("%s: %+v is not in the list", c.Check, q)
			}
		}
	}
	if !slices.Equal(names, TrustChecks) || len(TrustNumbers) != len(TrustChecks) {
		t.Errorf("%v", names)
	}
	r.Checks = list
	other := trusted(kpi.Measure{}, 3, nil)
	other.Indicator.Dataset = "e"
	other.Checks = checks(other, nil)
	s := &Scorecard{Results: []Result{*r, *other}}
	for _, c := range []struct {
		dataset      string
		look, cannot int
	}{{"d", 5, 0}, {"e", 0, 2}, {"", 5, 2}, {"x", 0, 0}} {
		if look, cannot := s.Attention(c.dataset); look != c.look || cannot != c.cannot {
			t.Errorf("%q: %d and %d, want %d and %d", c.dataset, look, cannot, c.look, c.cannot)
		}
	}
}

func FuzzChecks(f *testing.F) {
	f.Add(int64(90), int64(10), int64(5), int64(40), int64(20), int64(10), 1.0, 80.0, 85.0, 3, 20)
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), int64(-1), int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MinInt64), math.Inf(1), 1e300, -1e300, math.MinInt, math.MaxInt)
	f.Fuzz(func(t *testing.T, rows, a, b, met, missed, early int64, window, goal, v float64, moved, judged int) {
		r := promised(kpi.Directions[uint64(rows)%uint64(len(kpi.Directions))], kpi.Target{By: date("2030-12-31"), Value: goal, Low: goal, High: v}, v, goal, v, v, goal, v, v, v, v, v, v, v, goal)
		r.Indicator.Measure = kpi.Measure{Kind: kpi.MeasureDuration}
		r.Total = &kpi.Observation{Rows: rows, Excluded: map[string]int64{"closed-before-opened": a, "no-date": b, "not-yet-due": met, "no-due-date": early}}
		list := checks(r, []kpi.TrustFacts{{Indicator: "i", Deadline: true, Window: window, Unit: kpi.Days, Early: early, Met: met, Missed: missed, Judged: judged, Moved: moved, Rows: rows}})
		if _, err := json.Marshal(list); err != nil {
			t.Fatalf("%+v: %v", list, err)
		}
		for _, c := range list {
			if !slices.Contains(TrustStates, c.State) || c.Value != nil && *c.Value < 0 || c.State == TrustLook && c.Value == nil {
				t.Fatalf("%+v", c)
			}
		}
	})
}

// What is built carries all three, and the public copy no checks.
func TestBuildFindings(t *testing.T) {
	m := reader()
	m.city.Evaluations = []kpi.Evaluation{
		{ID: "more-lights", Indicator: "lights-on-time", Date: date("2015-07-01"), Method: kpi.EvaluateSegments, Public: true},
		{ID: "crews", Indicator: "lights-on-time", Date: date("2015-07-01"), Dimension: kpi.DimensionDistrict, Where: []string{"north"}, ComparedTo: []string{"south"}, Method: kpi.EvaluateDifferences},
		{ID: "nothing", Indicator: "gone", Date: date("2015-07-01"), Method: kpi.EvaluateCounts},
	}
	m.record.Trust = []kpi.TrustFacts{{Indicator: "lights-on-time", Deadline: true, Window: 1, Unit: kpi.Days, Met: 60, Missed: 10}}
	for _, o := range m.observations { // what is in neither of the two districts has none
		if o.Member == "" && (o.Period == "2015-11" || o.Period == "2015-12") {
			m.observations = append(m.observations, observe("lights-on-time", o.Period, kpi.MemberNotRecorded, *o.Numerator/4, 25))
		}
	}
	card := build(t, m, "2016-01-12")
	r := card.Result("lights-on-time")
	if len(r.Drivers) != 1 || r.Drivers[0].From != "2015-11" || r.Drivers[0].To != "2015-12" || r.Drivers[0].Change != 2 || len(r.Drivers[0].Groups) != 3 {
		t.Errorf("drivers %+v", r.Drivers)
	}
	if c := checkNamed(t, r.Checks, "heaping"); c.State != TrustLook {
		t.Errorf("%+v", c)
	}
	var states []string
	for _, e := range card.Evaluations {
		states = append(states, e.Definition.ID+" "+e.State)
	}
	if want := []string{"more-lights too_few_before", "crews answered", "nothing too_few_before"}; !slices.Equal(states, want) {
		t.Errorf("%v", states)
	}
	if _, err := json.Marshal(card); err != nil {
		t.Error(err)
	}
	public, err := card.Public(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range public.Results {
		if r.Checks != nil {
			t.Errorf("%s has checks", r.Indicator.ID)
		}
	}
	if look, cannot := public.Attention(""); look != 0 || cannot != 0 || len(public.Evaluations) != 1 {
		t.Errorf("%d, %d, %+v", look, cannot, public.Evaluations)
	}
	if d := effectNamed(t, card.Evaluations[1], "difference"); math.Abs(d.Size) > 1e-9 || d.Low != nil { // both districts have the city's share
		t.Errorf("%+v", d)
	}
}
