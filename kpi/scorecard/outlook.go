package scorecard

import (
	"math"
	"slices"

	"citystat/kpi"
	"citystat/kpi/stats"
)

// outlookLevel is the probability of the interval that is shown: wider ones promise more than these methods keep.
const outlookLevel = 0.80

// outlookWords are the bounds of the words for a probability, as stats.ChanceOf has them.
var outlookWords = []struct {
	word  kpi.OutlookWord
	below float64
}{{kpi.VeryUnlikely, 0.10}, {kpi.Unlikely, 0.33}, {kpi.AboutEven, 0.66}, {kpi.Likely, 0.90}}

// outlooks fills in whether the governing target will be met, and those that hold beside it.
func (s subject) outlooks(r *Result) {
	a := &r.Assessment
	f := s.newForecaster(r.Series)
	if a.Target != nil && (a.Status.Rank() > 0 || a.Status == kpi.BaselineBeingSet) && a.Status != kpi.Achieved {
		a.Outlook = f.outlookNow(*a.Target, a)
	}
	for k := range a.Standings {
		if !a.Standings[k].Target.By.Before(s.asOf) {
			a.Standings[k].Outlook = f.outlookNow(a.Standings[k].Target, a)
		}
	}
}

// outlookNow is the outlook for a target as it stands now. The judged period is judged by what held then; what is ahead goes to what was decided since, and
// of a target that was dropped nobody asks whether it will be met.
func (f *forecaster) outlookNow(t kpi.Target, a *kpi.Assessment) *kpi.Outlook {
	for _, now := range f.indicator.TargetsInForce(f.asOf) {
		if now.Again(t) {
			return f.outlook(now, a)
		}
	}
	return nil
}

// forecaster forecasts one series. It forecasts once for the farthest horizon that was asked, since choosing the method is the dear part.
type forecaster struct {
	subject
	series []Point
	h      history
	all    []float64 // every value that there was, of the newest definition
	whole  []float64 // of the newest segment, with gaps
	made   map[stats.ForecastScale]stats.Forecast
}

func (s subject) newForecaster(series []Point) *forecaster {
	f := &forecaster{subject: s, series: series, h: s.history(series), made: map[stats.ForecastScale]stats.Forecast{}}
	f.all = f.h.values
	// Values before a person's decision that limits begin anew belong to another process, if those since are enough.
	if season := max(cycle(s.indicator.Period), 1); f.h.from > 0 && len(f.h.values)-f.h.from >= stats.PointsNeeded(season) {
		f.h.at, f.h.values, f.h.from = f.h.at[f.h.from:], f.h.values[f.h.from:], 0
	}
	f.whole = f.h.whole(series, f.h.values)
	return f
}

// forecast returns the forecast of at least so many steps after the last value.
func (f *forecaster) forecast(scale stats.ForecastScale, steps int) (stats.Forecast, bool) {
	made, ok := f.made[scale]
	if ok && len(made.Mean) >= steps {
		return made, true
	}
	made, ok = stats.Choose(f.whole, f.period(), steps, scale)
	if ok {
		f.made[scale] = made
	}
	return made, ok
}

// period is the season with which is forecast: that of a year where two of them and four periods more are known, none otherwise.
func (f *forecaster) period() int {
	if season := cycle(f.indicator.Period); season > 1 && len(f.h.values) >= stats.PointsNeeded(season) {
		return season
	}
	return 1
}

// scale is the scale on which what cannot happen is not forecast.
func (f *forecaster) scale() stats.ForecastScale {
	switch f.indicator.Measure.Kind {
	case kpi.MeasureShare:
		return stats.ScaleLogit
	case kpi.MeasureCount:
		return stats.ScaleLog1p
	}
	return stats.ScaleLinear
}

// outlook says how likely a target is to be met; nil where nothing can be said: its date is over, the series is too short, or it is kept in
// a way that no forecast knows of.
func (f *forecaster) outlook(t kpi.Target, a *kpi.Assessment) *kpi.Outlook {
	if len(f.h.at) == 0 || f.indicator.Direction == kpi.Neutral {
		return nil
	}
	last := f.series[f.h.at[len(f.h.at)-1]].Period
	due, err := f.due(t)
	if err != nil || !due.First.After(last.Last) {
		return nil
	}
	steps := 0
	for p := f.calendar.Next(last); !p.First.After(due.First); p = f.calendar.Next(p) {
		if steps++; steps > stats.MaxHorizon {
			return nil
		}
	}
	o := &kpi.Outlook{By: t.By, Target: t.Value, Points: len(f.h.values), Horizon: steps}
	if f.indicator.Direction == kpi.Range {
		o.Target = t.Low
		if a.Value != nil && math.Abs(*a.Value-t.High) < math.Abs(*a.Value-t.Low) {
			o.Target = t.High
		}
	}
	ok := false
	if f.indicator.AddsUp() {
		ok = f.total(o, t, a, steps)
	} else {
		ok = f.level(o, t, steps)
	}
	if !ok || math.IsNaN(o.Low) || math.IsNaN(o.High) || math.IsNaN(o.Mean) {
		return nil
	}
	f.warn(o, a)
	o.Fan = f.fan(last, a, steps)
	return o
}

// due is the period in which a target's date lies. Of weeks that add up in a year it is the last one that ends in it.
func (f *forecaster) due(t kpi.Target) (kpi.Period, error) {
	due, err := f.calendar.Period(f.indicator.Period, t.By)
	if err != nil || !f.indicator.AddsUp() {
		return due, err
	}
	year, err := f.calendar.Period(f.indicator.AddsUpIn, t.By)
	if err == nil && due.Last.After(year.Last) {
		return f.calendar.Period(f.indicator.Period, due.First.AddDays(-1))
	}
	return due, err
}

// bounds is what a value must lie within to meet the target.
func (f *forecaster) bounds(t kpi.Target) stats.Bounds {
	switch f.indicator.Direction {
	case kpi.Up:
		return stats.AtLeast(t.Value)
	case kpi.Down:
		return stats.AtMost(t.Value)
	}
	return stats.Bounds{Low: t.Low, High: t.High}
}

// level asks for the value of the period in which the target's date lies; of a target that holds in every period for all until then.
func (f *forecaster) level(o *kpi.Outlook, t kpi.Target, steps int) bool {
	made, ok := f.forecast(f.scale(), steps)
	if !ok {
		return false
	}
	var p float64
	if f.indicator.Trajectory == kpi.TrajectoryEveryPeriod {
		p, ok = made.EveryChance(steps, f.bounds(t))
	} else {
		p, ok = made.LevelChance(steps, f.bounds(t))
	}
	if !ok {
		return false
	}
	if o.Mean, ok = made.Median(steps); !ok {
		return false
	}
	o.Low, o.High, ok = made.Interval(steps, outlookLevel)
	say(o, made, p)
	return ok
}

// total asks for the year's total: what is there already, and what the periods left will bring, whose errors go together.
func (f *forecaster) total(o *kpi.Outlook, t kpi.Target, a *kpi.Assessment, steps int) bool {
	if a.Judged == nil || f.series[f.h.at[len(f.h.at)-1]].Period.ID != a.Period {
		return false
	}
	done := *a.Judged
	o.SoFar = &done
	made, known := f.forecast(stats.ScaleLinear, steps)
	p, likely := 0.0, false
	if known {
		if p, known = made.TotalChance(done, steps, f.bounds(t)); !known || !f.sum(o, made, done, steps) {
			return false
		}
		note(o, made)
		likely = p >= outlookWords[0].below
	}
	if needed, ok := stats.RequiredPerPeriod(o.Target, done, steps); ok {
		o.Needed = &needed
		if !likely && f.outOfReach(o, needed) { // a series that rises may well reach what it never reached before
			o.Word, o.Probability = kpi.OutOfReach, stats.ClipChance(0)
			if !known {
				o.Mean, o.Low, o.High = done, done, done
			}
			return true
		}
	}
	if known {
		say(o, made, p)
	}
	return known
}

// sum fills in the interval of the year's total. What counts things only grows.
func (f *forecaster) sum(o *kpi.Outlook, made stats.Forecast, done float64, steps int) bool {
	weights := make([]float64, steps)
	for k := range weights {
		weights[k] = 1
	}
	mean, sd, ok := made.Sum(weights)
	if !ok {
		return false
	}
	const z = 1.2815515655446004 // of 80 %
	o.Mean, o.Low, o.High = done+mean, done+mean-z*sd, done+mean+z*sd
	if f.indicator.Measure.Kind == kpi.MeasureCount {
		o.Mean, o.Low, o.High = max(o.Mean, done), max(o.Low, done), max(o.High, done)
	}
	return true
}

// outOfReach reports whether every period left would have to be better than any that there was, also before limits began anew. What is to stay under a total is out of
// reach once it is over it.
func (f *forecaster) outOfReach(o *kpi.Outlook, needed float64) bool {
	up := f.indicator.Direction == kpi.Up
	over := !up && f.indicator.Measure.Kind == kpi.MeasureCount && needed < 0 // a count never falls
	if f.indicator.Direction == kpi.Range || !stats.OutOfReach(f.all, needed, up) || len(f.all) < stats.PointsNeeded(1) && !over {
		return false // of a few values the best is no bound for those to come
	}
	best := f.all[0]
	for _, v := range f.all {
		if (v > best) == up {
			best = v
		}
	}
	o.Best = &best
	return true
}

// say fills in the probability, its word and how it was found.
func say(o *kpi.Outlook, made stats.Forecast, p float64) {
	o.Probability = stats.ClipChance(p)
	o.Word = kpi.OutlookWord(stats.ChanceOf(o.Probability))
	note(o, made)
}

// note fills in how a forecast was made. Of a method that was tried in several forms, such as with a season and without, it is the best of them.
func note(o *kpi.Outlook, made stats.Forecast) {
	o.Method, o.Scale = string(made.Method), string(made.Scale)
	o.Tried = nil
	for _, c := range made.Candidates {
		k := slices.IndexFunc(o.Tried, func(t kpi.OutlookTried) bool { return t.Method == string(c.Method) })
		if k < 0 {
			o.Tried = append(o.Tried, kpi.OutlookTried{Method: string(c.Method), Error: c.MASE})
		} else {
			o.Tried[k].Error = min(o.Tried[k].Error, c.MASE)
		}
	}
}

// warn says why to read the outlook with care.
func (f *forecaster) warn(o *kpi.Outlook, a *kpi.Assessment) {
	for _, w := range []struct {
		when bool
		what kpi.OutlookWarning
	}{
		{o.Horizon > o.Points, kpi.WarnFar},
		{a.Signal.Real() || a.Signal.Kind == kpi.Changing, kpi.WarnChanged},
		{f.indicator.Period == kpi.Year || f.indicator.Period == kpi.FiscalYear, kpi.WarnYearly},
	} {
		if w.when {
			o.Warnings = append(o.Warnings, w.what)
		}
	}
}
