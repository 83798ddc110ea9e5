package kpi

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"
	"time"
)

// oracle is testdata/trajectory_cases.json.
type oracle struct {
	Trajectories []struct {
		Kind         string
		Baseline     string
		BaselineDate Date `json:"baseline_date"`
		Target       string
		TargetDate   Date     `json:"target_date"`
		AsOf         Date     `json:"as_of"`
		Expected     float64  `json:"expected"`
		Milestones   [][2]any `json:"milestones"`
		Piecewise    float64  `json:"expected_piecewise_linear"`
		Step         float64  `json:"expected_step"`
	}
	Phasing struct {
		Prior  []float64 `json:"prior_year_monthly"`
		Target float64   `json:"annual_target"`
		Rows   []struct {
			Month    int
			Flat     float64 `json:"expected_ytd_flat"`
			Seasonal float64 `json:"expected_ytd_seasonal"`
		}
		Example []struct {
			Month              int     `json:"fy_month"`
			Actual             float64 `json:"actual_ytd"`
			Target             float64
			Flat               float64 `json:"flat_expected"`
			RatioFlat          float64 `json:"ratio_flat"`
			Seasonal           float64 `json:"seasonal_expected"`
			RatioSeasonal      float64 `json:"ratio_seasonal"`
			RunRate            float64 `json:"run_rate_projection"`
			SeasonalProjection float64 `json:"seasonal_projection"`
		} `json:"ytd_example"`
	} `json:"cumulative_phasing"`
	Fiscal []struct {
		Date    Date
		Start   int `json:"fy_start_month"`
		Year    int `json:"fiscal_year_named_by_end"`
		Month   int `json:"period_month"`
		Quarter int `json:"fiscal_quarter"`
	} `json:"fiscal_calendar"`
	Ranges []struct {
		Value, Low, High float64
		InRange          bool `json:"in_range"`
		Distance         float64
		Fold             float64 `json:"ratio_fold"`
	} `json:"range_targets"`
	Percent []struct {
		Baseline, Current, Target float64
		Fraction                  *float64 `json:"progress_fraction"`
	} `json:"percent_progress"`
	Days []struct {
		Start, End Date
		AsOf       Date `json:"as_of"`
		Elapsed    int  `json:"elapsed_days_inclusive"`
		Total      int  `json:"total_days_inclusive"`
		Target     float64
		Expected   float64
	} `json:"cumulative_inclusive_days"`
}

func readOracle(t *testing.T) oracle {
	t.Helper()
	b, err := os.ReadFile("testdata/trajectory_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var o oracle
	if err := json.Unmarshal(b, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func close9(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b)) }

func day(t *testing.T, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func onDay(t *testing.T, d Date) Period {
	t.Helper()
	p, err := Calendar{}.Period(Day, d)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func float(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestOracleTrajectories(t *testing.T) {
	checked := 0
	for _, c := range readOracle(t).Trajectories {
		p := onDay(t, c.AsOf)
		if c.Kind == "linear" {
			checked++
			i := &Indicator{Direction: Up, Trajectory: TrajectoryLinear, Baseline: &Baseline{Value: float(t, c.Baseline), Date: c.BaselineDate}, Targets: []Target{{By: c.TargetDate, Value: float(t, c.Target)}}}
			if got, ok := i.Expected(p); !ok || !close9(got, c.Expected) {
				t.Errorf("linear on %s: %v %v, want %v", c.AsOf, got, ok, c.Expected)
			}
			continue
		}
		// The oracle's first milestone is where the path begins: the baseline.
		i := &Indicator{Direction: Up, Baseline: &Baseline{Value: c.Milestones[0][1].(float64), Date: day(t, c.Milestones[0][0].(string))}}
		for _, m := range c.Milestones[1:] {
			i.Targets = append(i.Targets, Target{By: day(t, m[0].(string)), Value: m[1].(float64)})
		}
		for kind, want := range map[Trajectory]float64{TrajectoryMilestones: c.Piecewise, TrajectoryStep: c.Step} {
			checked++
			i.Trajectory = kind
			if got, ok := i.Expected(p); !ok || !close9(got, want) {
				t.Errorf("%s on %s: %v %v, want %v", kind, c.AsOf, got, ok, want)
			}
		}
	}
	if checked != 20 {
		t.Errorf("%d cases checked, want 20", checked)
	}
}

func TestOraclePhasing(t *testing.T) {
	o := readOracle(t).Phasing
	even := make([]float64, len(o.Prior))
	for k := range even {
		even[k] = 1
	}
	if len(o.Rows) != 12 || len(o.Example) != 1 {
		t.Fatalf("%d rows, %d examples", len(o.Rows), len(o.Example))
	}
	for _, r := range o.Rows {
		flat, ok1 := SeasonalPhasing(o.Target, even, r.Month)
		seasonal, ok2 := SeasonalPhasing(o.Target, o.Prior, r.Month)
		if !ok1 || !ok2 || !close9(flat, r.Flat) || !close9(seasonal, r.Seasonal) {
			t.Errorf("month %d: %v %v, want %v %v", r.Month, flat, seasonal, r.Flat, r.Seasonal)
		}
	}
	e := o.Example[0]
	flat, _ := SeasonalPhasing(e.Target, even, e.Month)
	seasonal, _ := SeasonalPhasing(e.Target, o.Prior, e.Month)
	ratioFlat, _ := Covered(0, flat, e.Actual)
	ratioSeasonal, _ := Covered(0, seasonal, e.Actual)
	if !close9(flat, e.Flat) || !close9(seasonal, e.Seasonal) || !close9(ratioFlat, e.RatioFlat) || !close9(ratioSeasonal, e.RatioSeasonal) {
		t.Errorf("year to date: %v %v %v %v, want %+v", flat, seasonal, ratioFlat, ratioSeasonal, e)
	}
	if !close9(e.Target*ratioFlat, e.RunRate) || !close9(e.Target*ratioSeasonal, e.SeasonalProjection) {
		t.Errorf("projections %v %v, want %v %v", e.Target*ratioFlat, e.Target*ratioSeasonal, e.RunRate, e.SeasonalProjection)
	}
	for name, parts := range map[string][]float64{"none": nil, "zeros": {0, 0}, "negative": {1, -1}, "not a number": {math.NaN()}} {
		if _, ok := SeasonalPhasing(1, parts, 1); ok {
			t.Errorf("%s: phased", name)
		}
	}
}

func TestOracleInclusiveDays(t *testing.T) {
	cases := readOracle(t).Days
	if len(cases) != 2 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		if got := FlatPhasing(c.Target, c.Start, c.End, c.AsOf); !close9(got, c.Expected) {
			t.Errorf("%s–%s on %s: %v, want %v", c.Start, c.End, c.AsOf, got, c.Expected)
		}
		if got := (Period{First: c.Start, Last: c.AsOf}).Days(); got != c.Elapsed {
			t.Errorf("%s–%s has %d days, want %d", c.Start, c.AsOf, got, c.Elapsed)
		}
		if got := (Period{First: c.Start, Last: c.End}).Days(); got != c.Total {
			t.Errorf("%s–%s has %d days, want %d", c.Start, c.End, got, c.Total)
		}
		if before, after := FlatPhasing(c.Target, c.Start, c.End, c.Start.AddDays(-1)), FlatPhasing(c.Target, c.Start, c.End, c.End.AddDays(9)); before != 0 || after != c.Target {
			t.Errorf("before and after: %v %v", before, after)
		}
	}
}

func TestOracleFiscalCalendar(t *testing.T) {
	cases := readOracle(t).Fiscal
	if len(cases) != 7 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		calendar := Calendar{FiscalStart: time.Month(c.Start)}
		year, err := calendar.Period(FiscalYear, c.Date)
		if err != nil {
			t.Fatal(err)
		}
		quarter, err := calendar.Period(FiscalQuarter, c.Date)
		if err != nil {
			t.Fatal(err)
		}
		wantYear := "FY" + strconv.Itoa(c.Year)
		if wantQuarter := wantYear + "-Q" + strconv.Itoa(c.Quarter); year.ID != wantYear || quarter.ID != wantQuarter {
			t.Errorf("%s: %s %s, want %s %s", c.Date, year.ID, quarter.ID, wantYear, wantQuarter)
		}
		months, err := calendar.Periods(Month, year.First, c.Date)
		if err != nil || len(months) != c.Month {
			t.Errorf("%s: month %d of the fiscal year, want %d (%v)", c.Date, len(months), c.Month, err)
		}
	}
}

func TestOracleRangesAndProgress(t *testing.T) {
	o := readOracle(t)
	if len(o.Ranges) != 4 || len(o.Percent) != 6 {
		t.Fatalf("%d ranges, %d progresses", len(o.Ranges), len(o.Percent))
	}
	for _, c := range o.Ranges {
		got := RangeDistance(c.Value, c.Low, c.High)
		if !close9(got, c.Distance) || (got == 0) != c.InRange || c.InRange && c.Fold != 1 {
			t.Errorf("%v in %v–%v: distance %v, want %v", c.Value, c.Low, c.High, got, c.Distance)
		}
	}
	for _, c := range o.Percent {
		got, ok := Covered(c.Baseline, c.Target, c.Current)
		if ok != (c.Fraction != nil) || ok && !close9(got, *c.Fraction) {
			t.Errorf("from %v to %v, now %v: %v %v, want %v", c.Baseline, c.Target, c.Current, got, ok, c.Fraction)
		}
	}
}

func TestTargetFor(t *testing.T) {
	i := &Indicator{Direction: Up, Targets: []Target{{By: day(t, "2016-12-31"), Value: 3}, {By: day(t, "2015-06-15"), Value: 1}, {By: day(t, "2015-12-31"), Value: 2}, {By: day(t, "2017-01-01"), Value: math.NaN()}}}
	calendar := Calendar{}
	for id, want := range map[string]float64{"2015-01": 1, "2015-06": 1, "2015-07": 2, "2015-12": 2, "2016-01": 3, "2016-12": 3, "2017-01": 3, "2015": 2, "2015-Q2": 1, "2015-06-15": 1, "2015-06-16": 2} {
		p, err := calendar.Parse(id)
		if err != nil {
			t.Fatal(err)
		}
		if got := i.TargetFor(p); got == nil || got.Value != want {
			t.Errorf("%s: %+v, want %v", id, got, want)
		}
	}
	i.Direction = Neutral
	if got := i.TargetFor(onDay(t, day(t, "2015-06-15"))); got != nil {
		t.Errorf("an indicator without a direction has the target %+v", got)
	}
}

func TestExpectedWithoutValue(t *testing.T) {
	by, next := day(t, "2015-06-30"), day(t, "2015-12-31")
	two := []Target{{By: by, Value: 10, Low: 8, High: 12}, {By: next, Value: 20, Low: 18, High: 22}}
	for _, c := range []struct {
		name       string
		trajectory Trajectory
		direction  Direction
		baseline   *Baseline
		day        string
		want       float64
		ok         bool
	}{
		{"linear without a baseline", TrajectoryLinear, Up, nil, "2015-03-31", 0, false},
		{"linear without a baseline, on the date", TrajectoryLinear, Up, nil, "2015-06-30", 10, true},
		{"linear after the first target", TrajectoryLinear, Up, &Baseline{Value: 0, Date: day(t, "2014-12-31")}, "2015-09-30", 20 * 273.0 / 365, true},
		{"milestones without a baseline", TrajectoryMilestones, Up, nil, "2015-03-31", 0, false},
		{"milestones without a baseline, after the first", TrajectoryMilestones, Up, nil, "2015-09-30", 15, true},
		{"step without a baseline", TrajectoryStep, Down, nil, "2015-06-29", 0, false},
		{"step after the first", TrajectoryStep, Down, nil, "2015-12-30", 10, true},
		{"step before the first, from a baseline", TrajectoryStep, Down, &Baseline{Value: 7, Date: day(t, "2014-12-31")}, "2015-06-29", 7, true},
		{"every period", TrajectoryEveryPeriod, Up, nil, "2015-03-31", 10, true},
		{"every period in a range", TrajectoryEveryPeriod, Range, nil, "2015-03-31", 0, false},
		{"range without a baseline", TrajectoryLinear, Range, nil, "2016-03-31", 0, false},
		{"range from below", TrajectoryMilestones, Range, &Baseline{Value: 0, Date: day(t, "2014-12-31")}, "2015-06-30", 8, true},
		{"range from above", TrajectoryLinear, Range, &Baseline{Value: 40, Date: day(t, "2014-12-31")}, "2015-12-31", 22, true},
		{"range from within", TrajectoryLinear, Range, &Baseline{Value: 9, Date: day(t, "2014-12-31")}, "2015-03-31", 9, true},
		{"after the last", TrajectoryMilestones, Up, &Baseline{Value: 0, Date: day(t, "2014-12-31")}, "2018-03-31", 20, true},
		{"a baseline after the last target", TrajectoryMilestones, Up, &Baseline{Value: 0, Date: day(t, "2017-12-31")}, "2018-03-31", 20, true},
		{"a baseline between the targets", TrajectoryMilestones, Up, &Baseline{Value: 0, Date: day(t, "2015-09-30")}, "2015-09-30", 0, true},
		{"no direction", TrajectoryLinear, Neutral, &Baseline{Value: 0, Date: day(t, "2014-12-31")}, "2015-03-31", 0, false},
	} {
		i := &Indicator{Direction: c.direction, Trajectory: c.trajectory, Targets: two, Baseline: c.baseline}
		got, ok := i.Expected(onDay(t, day(t, c.day)))
		if ok != c.ok || ok && !close9(got, c.want) {
			t.Errorf("%s: %v %v, want %v %v", c.name, got, ok, c.want, c.ok)
		}
	}
}
