package chart

import (
	"math"
	"strings"
	"testing"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// promised gives an indicator targets for three years and the path to them; the last of them governs and lies ahead.
func promised(r *scorecard.Result, shape kpi.Trajectory) *scorecard.Result {
	ind := r.Indicator
	ind.Trajectory, ind.Baseline = shape, &kpi.Baseline{Value: 68, Date: kpi.NewDate(2013, 7, 31)}
	set := kpi.NewDate(2013, 1, 1)
	ind.Targets = []kpi.Target{{By: kpi.NewDate(2013, 12, 31), Value: 74, Set: set}, {By: kpi.NewDate(2014, 12, 31), Value: 80, Set: set}, {By: kpi.NewDate(2015, 12, 31), Value: 90, Set: set}}
	r.Assessment.Target = &ind.Targets[2]
	for i := range r.Series {
		r.Series[i].Expected = nil
		if v, ok := ind.Expected(r.Series[i].Period); ok {
			r.Series[i].Expected = at(v)
		}
	}
	return r
}

// fanned adds an outlook whose fan begins after the last settled point and ends with the period of the target.
func fanned(t testing.TB, r *scorecard.Result, from, steps int) *scorecard.Result {
	t.Helper()
	o := &kpi.Outlook{Word: kpi.Unlikely, Probability: 0.2, Low: 76, Mean: 82, High: 91, Target: 90}
	c := kpi.Calendar{}
	period := r.Series[from].Period
	for k := range steps {
		period = c.Next(period)
		w := 2 + 0.9*float64(k)
		mean := 70 + 0.4*float64(k)
		o.Fan = append(o.Fan, kpi.OutlookStep{Period: period, Low: mean - w, InnerLow: mean - w/2, Mean: mean, InnerHigh: mean + w/2, High: mean + w})
		o.Low, o.Mean, o.High = mean-w, mean, mean+w
	}
	o.By = period.Last
	r.Assessment.Outlook = o
	return r
}

// wayCases are figures with targets at their days and with fans.
func wayCases(t testing.TB) map[string]*Figure {
	en, fr := printer(t, kpi.English), printer(t, kpi.French)
	list := map[string]*Figure{
		"line-way":       Trend(en, "f", promised(normal(t), kpi.TrajectoryMilestones)),
		"line-way-steps": Trend(fr, "f", promised(normal(t), kpi.TrajectoryStep)),
		"line-fan":       Trend(en, "f", fanned(t, promised(normal(t), kpi.TrajectoryMilestones), 19, 10)),
		"line-fan-one":   Trend(fr, "f", fanned(t, promised(months(t, 65.1), kpi.TrajectoryLinear), 0, 1)),
		"line-fan-long":  Trend(en, "f", fanned(t, broken(normal(t)), 21, 120)),
	}
	city, r := planting(t)
	o := r.Assessment.Outlook
	total, period, c := 741.0, r.Series[19].Period, kpi.Calendar{}
	for k := range 4 {
		period = c.Next(period)
		total += 140
		w := 30 + 20*float64(k)
		o.Fan = append(o.Fan, kpi.OutlookStep{Period: period, Low: total - w, InnerLow: total - w/2, Mean: total, InnerHigh: total + w/2, High: total + w})
	}
	list["to-date-fan"] = YearToDate(en, "f", "Finding", city, r)
	edges := fanned(t, months(t, 1, 2, 3), 2, 3)
	edges.Assessment.Outlook.Fan[1].Low, edges.Assessment.Outlook.Fan[1].High = -math.MaxFloat64, math.MaxFloat64
	edges.Assessment.Outlook.Fan[0].Mean = math.MaxFloat64
	list["line-fan-edges"] = Trend(en, "f", edges)
	return list
}

// The path goes on to the target that governs, whose diamond is hollow, and targets whose day is over are full.
func TestWay(t *testing.T) {
	en := printer(t, kpi.English)
	f := Trend(en, "f", promised(normal(t), kpi.TrajectoryMilestones))
	l := f.plot.(*Line)
	if len(l.Way) != 3 || l.Way[0].At != 5 || l.Way[1].At != 17 || math.Abs(l.Way[2].At-(21+245.0/30)) > 1e-9 {
		t.Fatalf("targets stand at %+v", l.Way)
	}
	for _, c := range both(f) {
		svg := c.bytes()
		if strings.Count(svg, `class="c-step-done"`) != 2 || strings.Count(svg, `class="c-step"`) != 1 {
			t.Errorf("%s: %d targets in the past and %d ahead", c.class, strings.Count(svg, `class="c-step-done"`), strings.Count(svg, `class="c-step"`))
		}
		if !strings.Contains(svg, "By December\u00a031, 2013: Target\u00a074%") && !strings.Contains(svg, "By December\u00a031, 2013: Target 74%") {
			t.Errorf("%s: the first target is not named", c.class)
		}
	}
	if !strings.Contains(f.Caption, "Diamond: target at its date") {
		t.Errorf("caption %q", f.Caption)
	}
	for name, change := range map[string]func(*scorecard.Result){
		"a range":      func(r *scorecard.Result) { r.Indicator.Direction = kpi.Range },
		"every period": func(r *scorecard.Result) { r.Indicator.Trajectory = kpi.TrajectoryEveryPeriod },
		"no target":    func(r *scorecard.Result) { r.Assessment.Target = nil },
		"neutral":      func(r *scorecard.Result) { r.Indicator.Direction = kpi.Neutral },
	} {
		r := promised(normal(t), kpi.TrajectoryMilestones)
		change(r)
		if f := Trend(en, "f", r); len(f.plot.(*Line).Way) != 0 {
			t.Errorf("%s has targets at their days", name)
		}
	}
	// A target that is not in force yet, or lies ahead of the governing one, is nobody's path.
	later := promised(normal(t), kpi.TrajectoryLinear)
	later.Assessment.Target = &later.Indicator.Targets[1]
	if l := Trend(en, "f", later).plot.(*Line); len(l.Way) != 2 || l.beyond().some {
		t.Errorf("a target after the governing one is drawn: %+v", l.Way)
	}
}

// The fan opens at the last settled value, widens to the target's period, and is in the interactive chart with a category for each period.
func TestFan(t *testing.T) {
	en := printer(t, kpi.English)
	r := fanned(t, promised(normal(t), kpi.TrajectoryMilestones), 19, 10)
	f := Trend(en, "f", r)
	l := f.plot.(*Line)
	if len(l.Fan) != 10 || l.Fan[0].At != 20 || l.Fan[9].At != 29 {
		t.Fatalf("fan %+v", l.Fan)
	}
	svg := string(f.SVGWide())
	if strings.Count(svg, `class="c-fan"`) != 1 || strings.Count(svg, `class="c-fan-inner"`) != 1 {
		t.Error("the drawing does not have the two areas of a fan")
	}
	if !strings.Contains(f.Caption, "Light area at the right: 8 out of 10 forecasts. Its darker part: 5 out of 10.") {
		t.Errorf("caption %q", f.Caption)
	}
	text, tree := options(t, f)
	names := tree["xAxis"].([]any)[0].(map[string]any)["data"].([]any)
	if len(names) != 22+7+1 || names[22] != "May 2015" || names[29] != "By December\u00a031, 2015" {
		t.Errorf("%d categories, %v", len(names), names[22:])
	}
	for _, s := range tree["series"].([]any) {
		if n := len(s.(map[string]any)["data"].([]any)); n != len(names) && n != len(l.Points) {
			t.Errorf("series %v has %d data for %d categories", s.(map[string]any)["name"], n, len(names))
		}
	}
	if !strings.Contains(text, l.Fan[4].Shown) {
		t.Errorf("the interactive chart does not say the interval %q", l.Fan[4].Shown)
	}
	r.Assessment.Outlook = nil
	if f := Trend(en, "f", r); strings.Contains(string(f.SVGWide()), "c-fan") || strings.Contains(f.Caption, "forecast") {
		t.Error("without an outlook there is a fan")
	}
	apart := fanned(t, normal(t), 19, 10)
	apart.Assessment.Outlook.Fan = apart.Assessment.Outlook.Fan[4:]
	if l := Trend(en, "f", apart).plot.(*Line); len(l.Fan) != 0 {
		t.Error("a fan that does not follow the series is drawn")
	}
}
