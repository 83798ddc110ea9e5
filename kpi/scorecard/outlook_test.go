package scorecard

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/stats"
)

// future makes a subject whose months begin in January 2013 and that are judged in January after the last of them.
func future(t *testing.T, change func(*kpi.Indicator), values ...float64) *Result {
	t.Helper()
	ind := &kpi.Indicator{ID: "x", Version: 1, Direction: kpi.Up, Period: kpi.Month, Trajectory: kpi.TrajectoryLinear, Unit: kpi.Number, Baseline: &kpi.Baseline{Value: values[0], Date: date("2012-12-31")}}
	change(ind)
	s := subject{indicator: ind, city: &kpi.City{}, calendar: kpi.Calendar{FiscalStart: time.July}}
	r := &Result{Indicator: ind}
	for k, v := range values {
		p, err := s.calendar.Period(kpi.Month, date("2013-01-01").AddMonths(k))
		if err != nil {
			t.Fatal(err)
		}
		o := kpi.Observation{Indicator: "x", Version: 1, Period: p.ID, Rows: 50}
		if !math.IsNaN(v) {
			o.Value = ptr(v)
		}
		r.Series = append(r.Series, Point{Period: p, Observation: o})
		s.asOf = p.Last
	}
	s.describe(r)
	return r
}

func aims(day string, v float64) func(*kpi.Indicator) {
	return func(i *kpi.Indicator) {
		i.Targets = append(i.Targets, kpi.Target{By: date(day), Value: v, Kind: kpi.TargetAnnual})
	}
}

func line(n int, from, step float64) []float64 {
	list := noise(n, 9, from, step)
	for k := range list {
		list[k] += step * float64(k)
	}
	return list
}

func TestOutlook(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*kpi.Indicator)
		values []float64
		want   []kpi.OutlookWord // nil: none
	}{
		{"a rise that gets there", aims("2016-12-31", 150), line(36, 100, 2), []kpi.OutlookWord{kpi.Likely, kpi.VeryLikely}},
		{"a rise that does not", aims("2016-12-31", 400), line(36, 100, 2), []kpi.OutlookWord{kpi.VeryUnlikely}},
		{"a steady series under its target", aims("2016-06-30", 120), noise(36, 2, 100, 3), []kpi.OutlookWord{kpi.VeryUnlikely}},
		{"a steady series at its target", aims("2016-06-30", 100), noise(36, 2, 100, 3), []kpi.OutlookWord{kpi.AboutEven, kpi.Unlikely, kpi.Likely}},
		{"less is better", func(i *kpi.Indicator) { aims("2016-06-30", 120)(i); i.Direction = kpi.Down }, noise(36, 2, 100, 3), nil}, // met already: see below
		{"a range", func(i *kpi.Indicator) {
			i.Direction, i.Targets = kpi.Range, []kpi.Target{{By: date("2016-06-30"), Low: 90, High: 110}}
		}, noise(36, 2, 100, 2), []kpi.OutlookWord{kpi.Likely, kpi.VeryLikely}},
		{"seven points", aims("2014-06-30", 120), noise(7, 2, 100, 3), nil},
		{"eight points", aims("2014-06-30", 200), noise(8, 2, 100, 3), []kpi.OutlookWord{kpi.VeryUnlikely}},
		{"the date is over", aims("2015-06-30", 150), line(36, 100, 1), nil},
		{"no target", func(*kpi.Indicator) {}, line(36, 100, 1), nil},
		{"no direction", func(i *kpi.Indicator) { i.Direction = kpi.Neutral }, line(36, 100, 1), nil},
	} {
		r := future(t, c.change, c.values...)
		o := r.Assessment.Outlook
		if c.name == "less is better" {
			if o == nil || o.Word != kpi.VeryLikely || o.Probability != 0.95 {
				t.Errorf("%s: %+v", c.name, o)
			}
			continue
		}
		if (o == nil) != (c.want == nil) || o != nil && !slices.Contains(c.want, o.Word) {
			t.Errorf("%s: %+v, want one of %v", c.name, o, c.want)
		}
		if o != nil && (o.Probability < 0.05 || o.Probability > 0.95 || o.Low > o.Mean || o.High < o.Mean || o.Method == "" || o.Points != len(c.values)) {
			t.Errorf("%s: %+v", c.name, o)
		}
		if reason := r.Assessment.Reason(kpi.QuestionOutlook); (reason == nil) != (o == nil) || reason != nil && reason.Answer != string(o.Word) {
			t.Errorf("%s: reason %+v", c.name, reason)
		}
	}
}

// What adds up is asked for its year, with what is there already; and a target is out of reach when every month left had to be better than any.
func TestOutlookOfAYear(t *testing.T) {
	adds := func(direction kpi.Direction, target float64) func(*kpi.Indicator) {
		return func(i *kpi.Indicator) {
			aims("2016-06-30", target)(i)
			i.Direction, i.AddsUpIn, i.AddsUpFrom, i.Baseline = direction, kpi.FiscalYear, time.July, nil
			i.Measure.Kind = kpi.MeasureCount
		}
	}
	values := noise(36, 5, 100, 4) // until December 2015: half of the fiscal year 2016
	so := 0.0
	for _, v := range values[30:] {
		so += v
	}
	for _, c := range []struct {
		direction kpi.Direction
		target    float64
		want      kpi.OutlookWord
	}{
		{kpi.Up, so + 550, kpi.VeryLikely}, {kpi.Up, so + 640, kpi.VeryUnlikely}, {kpi.Up, so + 900, kpi.OutOfReach},
		{kpi.Down, so + 660, kpi.VeryLikely}, {kpi.Down, so + 500, kpi.OutOfReach}, {kpi.Down, so - 1, kpi.OutOfReach},
	} {
		r := future(t, adds(c.direction, c.target), values...)
		o := r.Assessment.Outlook
		if o == nil || o.Word != c.want || o.SoFar == nil || math.Abs(*o.SoFar-so) > 1e-9 || o.Horizon != 6 {
			t.Errorf("%s %v: %+v", c.direction, c.target, o)
			continue
		}
		if o.Word == kpi.OutOfReach && (o.Best == nil || o.Needed == nil) {
			t.Errorf("out of reach without a reason: %+v", o)
		}
		if math.Abs(o.Mean-so-600) > 40 || o.Low < so {
			t.Errorf("the year is to bring %v (%v to %v), and has %v", o.Mean, o.Low, o.High, so)
		}
	}
}

// A year of which one or two months are known has no best month yet that could bound those to come.
func TestOutlookOfAFewMonths(t *testing.T) {
	adds := func(direction kpi.Direction, target float64) func(*kpi.Indicator) {
		return func(i *kpi.Indicator) {
			aims("2013-12-31", target)(i)
			i.Direction, i.AddsUpIn, i.AddsUpFrom, i.Baseline = direction, kpi.Year, time.January, nil
			i.Measure.Kind = kpi.MeasureCount
		}
	}
	if o := future(t, adds(kpi.Up, 1300), 90, 95).Assessment.Outlook; o != nil {
		t.Errorf("after two months: %+v", o)
	}
	if o := future(t, adds(kpi.Up, 1300), noise(8, 1, 90, 4)...).Assessment.Outlook; o == nil || o.Word != kpi.OutOfReach {
		t.Errorf("after eight: %+v", o)
	}
	if o := future(t, adds(kpi.Down, 150), 90, 95).Assessment.Outlook; o == nil || o.Word != kpi.OutOfReach {
		t.Errorf("a count that is over its bound: %+v", o)
	}
}

// What is said of how a forecast was made: each method once, and the periods that it rests on.
func TestOutlookReason(t *testing.T) {
	r := future(t, func(i *kpi.Indicator) {
		aims("2016-12-31", 150)(i)
		i.Rebases = []kpi.Rebase{{From: date("2013-07-01"), Set: date("2014-07-01")}}
	}, line(36, 100, 2)...)
	o, reason := r.Assessment.Outlook, r.Assessment.Reason(kpi.QuestionOutlook)
	if o == nil || reason == nil || o.Points != 30 {
		t.Fatalf("%+v, %+v", o, reason)
	}
	seen, errors := map[string]bool{}, 0
	for _, c := range o.Tried {
		if seen[c.Method] {
			t.Errorf("%s is said to have been tried twice: %+v", c.Method, o.Tried)
		}
		seen[c.Method] = true
	}
	for _, q := range reason.Inputs {
		if q.Name == "error" {
			errors++
		}
	}
	if errors != 1 || !slices.Equal(reason.Periods, []string{"2013-07", "2015-12"}) || reason.Rows != 30*50 {
		t.Errorf("%d errors, %v, %d rows", errors, reason.Periods, reason.Rows)
	}
}

// A year of weeks is over with the last one that ends in it.
func TestOutlookOfWeeks(t *testing.T) {
	ind := &kpi.Indicator{
		ID: "x", Version: 1, Direction: kpi.Up, Period: kpi.Week, AddsUpIn: kpi.FiscalYear, AddsUpFrom: time.July, Unit: kpi.Number, Measure: kpi.Measure{Kind: kpi.MeasureSum},
		Targets: []kpi.Target{{By: date("2026-06-30"), Value: 600}},
	}
	s := subject{indicator: ind, city: &kpi.City{}, calendar: kpi.Calendar{FiscalStart: time.July}}
	weeks, err := s.calendar.Periods(kpi.Week, date("2025-07-01"), date("2026-06-10"))
	if err != nil {
		t.Fatal(err)
	}
	r := &Result{Indicator: ind}
	for k, v := range noise(len(weeks), 3, 10, 1) {
		r.Series = append(r.Series, Point{Period: weeks[k], Observation: kpi.Observation{Indicator: "x", Version: 1, Period: weeks[k].ID, Rows: 9, Value: ptr(v)}})
		s.asOf = weeks[k].Last
	}
	s.describe(r)
	if o := r.Assessment.Outlook; o == nil || o.Horizon != 2 { // those that end on the 21st and the 28th
		t.Errorf("until %s, %+v", weeks[len(weeks)-1].ID, o)
	}
}

// A term's target has an outlook of its own beside the year's.
func TestOutlookOfStandings(t *testing.T) {
	r := future(t, func(i *kpi.Indicator) {
		i.Targets = []kpi.Target{{By: date("2016-06-30"), Value: 110, Kind: kpi.TargetAnnual}, {By: date("2017-12-31"), Value: 500, Kind: kpi.TargetTerm}}
	}, line(36, 100, 1)...)
	if s := r.Assessment.Standings; len(s) != 1 || s[0].Outlook == nil || s[0].Outlook.Word != kpi.VeryUnlikely || s[0].Outlook.Horizon != 24 {
		t.Errorf("%+v", s)
	}
	if o := r.Assessment.Outlook; o == nil || o.Horizon != 6 {
		t.Errorf("%+v", o)
	}
}

// Shares never leave 0 to 100, counts never fall below 0.
func TestOutlookStaysPossible(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for range 40 {
		values := make([]float64, 12+r.IntN(30))
		for k := range values {
			values[k] = math.Min(100, math.Max(0, 97+3*r.NormFloat64()))
		}
		res := future(t, func(i *kpi.Indicator) {
			aims("2018-12-31", 99)(i)
			i.Measure.Kind, i.Unit = kpi.MeasureShare, kpi.Percent
		}, values...)
		if o := res.Assessment.Outlook; o != nil && (o.Low < -1e-9 || o.High > 100+1e-9) {
			t.Errorf("%v to %v", o.Low, o.High)
		}
	}
}

// Whatever the numbers are, the result is one that JSON can hold.
func TestOutlookOfAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 4))
	odd := []float64{0, 1, -1, 1e300, math.NaN(), 1e-300, math.MaxFloat64, 5}
	for range 300 {
		values := make([]float64, 1+r.IntN(40))
		for k := range values {
			values[k] = float64(r.IntN(50))
			if r.IntN(6) == 0 {
				values[k] = odd[r.IntN(len(odd))]
			}
		}
		if math.IsNaN(values[0]) {
			values[0] = 1
		}
		res := future(t, func(i *kpi.Indicator) {
			target := odd[r.IntN(len(odd))]
			if math.IsNaN(target) { // the folder cannot say that
				target = 3
			}
			aims("2017-06-30", target)(i)
			i.Direction, i.Measure.Kind = kpi.Directions[r.IntN(3)], kpi.MeasureKinds[r.IntN(len(kpi.MeasureKinds))]
			if r.IntN(3) == 0 {
				i.AddsUpIn, i.AddsUpFrom = kpi.FiscalYear, time.July
			}
		}, values...)
		for k := range res.Series {
			res.Series[k].Observation = clean(res.Series[k].Observation)
		}
		if _, err := json.Marshal(res); err != nil {
			t.Fatalf("%v: %v: outlook %+v, trend %+v, signal %+v", values, err, res.Assessment.Outlook, res.Assessment.Trend, res.Assessment.Signal)
		}
	}
}

func TestOutlookWordsAreThoseOfTheMethod(t *testing.T) {
	for _, w := range outlookWords {
		if got := stats.ChanceOf(w.below - 1e-6); string(got) != string(w.word) {
			t.Errorf("just below %v is %s, want %s", w.below, got, w.word)
		}
	}
	if stats.ChanceOf(0.95) != stats.Chance(kpi.VeryLikely) {
		t.Error("the last word is another")
	}
}
