package scorecard

import (
	"math"
	"slices"

	"citystat/kpi"
	"citystat/kpi/stats"
)

// needed is the number of settled periods below which it is too early to speak of change (Wheeler reads charts from five or six
// points, the NHS from twelve; below twelve the median's runs are read, which ask nothing of the spread).
const needed = 8

// unevenDenominators is how many times the smallest denominator the largest must be for a share to have limits of its own in every period:
// below, XmR's limits are as good.
const unevenDenominators = 1.5

// Rules of the run chart, beside those of stats.Rule.
const (
	ruleLongRun      = "long_run"      // more points in a row on one side of the median than chance makes likely
	ruleFewCrossings = "few_crossings" // the median is crossed less often than chance makes likely
)

// history is the part of a series that can stand in one chart: settled periods with a value, enough rows and the definition of the newest of
// them. A chart over two definitions would report the change of the definition.
type history struct {
	at     []int     // places in the series
	values []float64 // in the indicator's unit
	from   int       // where the newest segment begins in at
	starts []int     // where segments begin, the first left out
}

// signal reads the series as a process-behaviour chart, and writes its lines into the points. What the last of them says is the signal.
func (s subject) signal(series []Point) kpi.Signal {
	h := s.history(series)
	s.segments(series)
	n := len(h.values) - h.from
	if s.grows() {
		return kpi.Signal{Kind: kpi.NotAsked, Points: n}
	}
	signal := kpi.Signal{Kind: kpi.TooEarly, Points: n, Needed: needed, Trial: n < stats.TrialPoints}
	if h.from > 0 {
		signal.From = series[h.at[h.from]].Period.ID
	}
	if n < needed {
		return signal
	}
	r := s.read(series, h)
	if r.chart == "" {
		return signal
	}
	r.draw(series, h)
	r.say(&signal, s, series, h)
	s.assure(&signal, series, h)
	s.warn(&signal, series, h, r)
	return signal
}

// grows reports whether the indicator is a total to date, which only grows unless it is corrected: how much of a piece of work is done, or what was
// paid for it so far. A chart of ups and downs, and a trend, would say of it what everybody knows.
func (s subject) grows() bool {
	if s.indicator.Project != nil {
		return true
	}
	return s.indicator.Measure.Kind == kpi.MeasureLast && slices.ContainsFunc(s.city.Indicators, func(i kpi.Indicator) bool {
		return i.Project != nil && i.Project.Spent == s.indicator.ID
	})
}

// history collects the values that can stand in one chart.
func (s subject) history(series []Point) history {
	var h history
	version := 0
	for k := len(series) - 1; k >= 0; k-- {
		o := series[k].Observation
		if !series[k].Settled || o.Value == nil || o.Rows < int64(s.indicator.Minimum) || o.Suppressed != kpi.NotSuppressed {
			continue
		}
		if len(h.at) == 0 {
			version = o.Version
		}
		if o.Version != version {
			break
		}
		h.at, h.values = append(h.at, k), append(h.values, *o.Value)
	}
	for a, b := 0, len(h.at)-1; a < b; a, b = a+1, b-1 {
		h.at[a], h.at[b] = h.at[b], h.at[a]
		h.values[a], h.values[b] = h.values[b], h.values[a]
	}
	for _, r := range s.indicator.Rebases {
		for j, k := range h.at {
			if !series[k].Period.First.Before(r.From) {
				if j > h.from {
					h.starts, h.from = append(h.starts, j), j
				}
				break
			}
		}
	}
	return h
}

// segments numbers the stretches of the series, which have no lines yet: a new one begins where the definition changed, or limits by a person's decision.
func (s subject) segments(series []Point) {
	segment, last := 0, -1
	for k := range series {
		begins := false
		for _, r := range s.indicator.Rebases {
			begins = begins || k > 0 && !series[k].Period.First.Before(r.From) && series[k-1].Period.First.Before(r.From)
		}
		if o := series[k].Observation; o.Value != nil {
			begins = begins || last >= 0 && series[last].Observation.Version != o.Version
			last = k
		}
		if begins {
			segment++
		}
		p := &series[k]
		p.Segment, p.Mean, p.Lower, p.Upper, p.Adjusted, p.Outside = segment, nil, nil, nil, nil, false
	}
}

// reading is a chart of a history. Lines are in the indicator's unit, one a value; NaN where there is none.
type reading struct {
	chart              kpi.ChartKind // empty: no lines could be drawn
	read               []float64     // what the rules were applied to, in any unit
	marks              stats.Chart   // of read
	mean, lower, upper []float64
	adjusted           []float64 // without the season; nil if none was taken out
	runs               stats.RunTest
	sigma              float64
}

// read chooses the chart and reads it.
func (s subject) read(series []Point, h history) reading {
	switch kind := s.chartKind(series, h); kind {
	case kpi.ChartRun:
		return readRuns(h)
	case kpi.ChartPPrime, kpi.ChartUPrime:
		if r := s.readLaney(series, h, kind); r.chart != "" {
			return r
		}
	}
	return s.readXmR(series, h)
}

// chartKind is the folder's chart, or the one that fits the series.
func (s subject) chartKind(series []Point, h history) kpi.ChartKind {
	if s.indicator.Chart != "" {
		return s.indicator.Chart
	}
	if len(h.values)-h.from < stats.TrialPoints {
		return kpi.ChartRun
	}
	kind := kpi.ChartKind("")
	switch s.indicator.Measure.Kind {
	case kpi.MeasureShare:
		kind = kpi.ChartPPrime
	case kpi.MeasureRate:
		kind = kpi.ChartUPrime
	default:
		return kpi.ChartXmR
	}
	least, most := math.Inf(1), 0.0
	for _, k := range h.at {
		d := series[k].Observation.Denominator
		if d == nil || *d <= 0 {
			return kpi.ChartXmR
		}
		least, most = math.Min(least, *d), math.Max(most, *d)
	}
	if most < unevenDenominators*least {
		return kpi.ChartXmR
	}
	if _, seasonal := s.season(series, h); seasonal {
		return kpi.ChartXmR // there is no season in a chart of shares
	}
	return kind
}

// cycle is the number of periods in a year, 0 where a year has none of its own.
func cycle(kind kpi.PeriodKind) int {
	switch kind {
	case kpi.Week:
		return 52
	case kpi.Month:
		return 12
	case kpi.Quarter, kpi.FiscalQuarter:
		return 4
	}
	return 0
}

// fullCycles is how many years a season is asked from. The usual two years find one in a fifth of series that have none.
const fullCycles = 3

// season returns the values of the history without their season, and whether they have one.
func (s subject) season(series []Point, h history) ([]float64, bool) {
	period := cycle(s.indicator.Period)
	if period == 0 || len(h.values) < fullCycles*period {
		return nil, false
	}
	whole := h.whole(series, h.values)
	adjusted, ok := stats.SeasonallyAdjusted(whole, period)
	if !ok {
		return nil, false
	}
	list := make([]float64, len(h.at))
	for j, k := range h.at {
		list[j] = adjusted[k-h.at[0]]
	}
	return list, true
}

// whole returns values of the history with NaN for every period between them that has none.
func (h history) whole(series []Point, values []float64) []float64 {
	if len(h.at) == 0 {
		return nil
	}
	list := make([]float64, h.at[len(h.at)-1]-h.at[0]+1)
	for i := range list {
		list[i] = math.NaN()
	}
	for j, k := range h.at {
		list[k-h.at[0]] = values[j]
	}
	return list
}

// readXmR reads individuals and moving ranges, of the values without their season where they have one.
func (s subject) readXmR(series []Point, h history) reading {
	r := reading{read: h.values}
	season := make([]float64, len(h.values))
	if adjusted, ok := s.season(series, h); ok {
		r.read, r.adjusted = adjusted, adjusted
		for j, v := range adjusted {
			season[j] = h.values[j] - v
		}
	}
	r.marks = stats.XmR(r.read, stats.Options{Screen: true, Rebase: h.starts})
	if newest := r.marks.Segments[len(r.marks.Segments)-1]; !newest.Limits.Known {
		return reading{}
	}
	r.chart = kpi.ChartXmR
	r.lines(len(h.values))
	for j := range h.values {
		if l := r.marks.Segments[r.marks.Points[j].Segment].Limits; l.Known {
			r.mean[j], r.lower[j], r.upper[j] = l.Mean+season[j], l.Lower+season[j], l.Upper+season[j]
		}
	}
	return r
}

func (r *reading) lines(n int) {
	r.mean, r.lower, r.upper = make([]float64, n), make([]float64, n), make([]float64, n)
	for j := range n {
		r.mean[j], r.lower[j], r.upper[j] = math.NaN(), math.NaN(), math.NaN()
	}
}

// readLaney reads shares or rates of the newest segment with limits that follow the denominators and what periods differ by beyond chance.
// The rules are those of XmR, applied to standard deviations from the centre.
func (s subject) readLaney(series []Point, h history, kind kpi.ChartKind) reading {
	num, den := make([]float64, len(h.at)), make([]float64, len(h.at))
	for j, k := range h.at {
		o := series[k].Observation
		if o.Numerator == nil || o.Denominator == nil {
			return reading{}
		}
		num[j], den[j] = *o.Numerator, *o.Denominator
	}
	of := stats.ChartLaneyP
	if kind == kpi.ChartUPrime {
		of = stats.ChartLaneyU
	}
	r := reading{chart: kind, read: make([]float64, len(h.at))}
	r.lines(len(h.at))
	factor := s.indicator.Measure.Factor()
	ends := append(append([]int(nil), h.starts...), len(h.at))
	first := 0
	r.marks.Points = make([]stats.Point, len(h.at))
	for segment, end := range ends {
		c := stats.Attribute(of, num[first:end], den[first:end], 0)
		newest := segment == len(ends)-1
		if !c.Known || c.SigmaZ <= 0 {
			if newest {
				return reading{} // all alike: XmR says so
			}
			c.Points = nil
		}
		z := make([]float64, end-first)
		for j := range z {
			z[j] = math.NaN()
			if c.Points == nil || !c.Points[j].Valid || c.Points[j].Sigma <= 0 {
				continue
			}
			p := c.Points[j]
			z[j] = (p.Value - c.Center) / p.Sigma
			r.mean[first+j], r.lower[first+j], r.upper[first+j] = factor*c.Center, factor*p.Lower, factor*p.Upper
		}
		marks := stats.Read(z, stats.Limits{Known: true, Lower: -3, Upper: 3, NearLower: -2, NearUpper: 2})
		for j := range z {
			r.read[first+j] = z[j]
			r.marks.Points[first+j] = marks.Points[j]
			r.marks.Points[first+j].Segment = segment
		}
		r.marks.Segments = append(r.marks.Segments, stats.Segment{First: first, End: end, Points: end - first, Limits: marks.Segments[0].Limits})
		if newest {
			r.sigma = c.SigmaZ
		}
		first = end
	}
	return r
}

// readRuns reads the runs of the newest segment around its median.
func readRuns(h history) reading {
	c := stats.MedianRuns(h.values[h.from:], 0)
	if !c.Known {
		return reading{}
	}
	r := reading{chart: kpi.ChartRun, read: h.values, runs: c.Runs}
	r.lines(len(h.values))
	for j := h.from; j < len(h.values); j++ {
		r.mean[j] = c.Median
	}
	return r
}

// draw writes the lines into the points.
func (r reading) draw(series []Point, h history) {
	for j, k := range h.at {
		p := &series[k]
		p.Mean, p.Lower, p.Upper = number(r.mean[j]), number(r.lower[j]), number(r.upper[j])
		if r.adjusted != nil {
			p.Adjusted = number(r.adjusted[j])
		}
		if r.chart != kpi.ChartRun {
			p.Outside = r.marks.Points[j].Rule == stats.RuleOutside
		}
	}
}

// number is a value, nil if it is none.
func number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// say fills in what the last value says.
func (r reading) say(signal *kpi.Signal, s subject, series []Point, h history) {
	last := len(h.values) - 1
	signal.Kind, signal.Chart, signal.Adjusted = kpi.Steady, r.chart, r.adjusted != nil
	signal.Mean, signal.Lower, signal.Upper = number(r.mean[last]), number(r.lower[last]), number(r.upper[last])
	if r.sigma > 0 {
		signal.Sigma = &r.sigma
	}
	direction, since := 0, last
	if r.chart == kpi.ChartRun {
		signal.Rule, direction, since = r.runSignal(h)
	} else if p := r.marks.Points[last]; p.Valid && p.Rule != stats.RuleNone {
		signal.Rule, direction, since = string(p.Rule), p.Direction, r.marks.Since(r.read, last)
	}
	if signal.Rule == "" {
		return
	}
	signal.Kind = s.meaning(series[h.at[last]].Period, h.values[last], direction)
	signal.Since = series[h.at[since]].Period.ID
}

// runSignal says what the runs around the median tell: of a long run, if it is the one that goes on; of few crossings the side on which the
// series is now.
func (r reading) runSignal(h history) (rule string, direction, since int) {
	side := func(j int) int {
		switch v := h.values[j] - r.mean[j]; {
		case v > 0:
			return 1
		case v < 0:
			return -1
		}
		return 0
	}
	last := len(h.values) - 1
	for last > h.from && side(last) == 0 {
		last--
	}
	since = last
	for j := last; j >= h.from && side(j) != -side(last); j-- {
		if side(j) != 0 {
			since = j
		}
	}
	switch t := r.runs; {
	case t.Longest > t.LongestMax && h.from+t.Last == last:
		return ruleLongRun, side(last), h.from + t.First
	case t.Crossings < t.CrossingsMin:
		return ruleFewCrossings, side(last), since
	}
	return "", 0, 0
}

// assure says whether the process as it is meets the target of the judged period.
func (s subject) assure(signal *kpi.Signal, series []Point, h history) {
	ind := s.indicator
	if signal.Lower == nil || signal.Upper == nil || ind.AddsUp() || ind.Direction != kpi.Up && ind.Direction != kpi.Down {
		return
	}
	if t := ind.TargetFor(series[h.at[len(h.at)-1]].Period); t != nil {
		l := stats.Limits{Known: true, Lower: *signal.Lower, Upper: *signal.Upper}
		signal.Assurance = string(stats.Assure(l, t.Value, ind.Direction == kpi.Up))
	}
}

// warn says why to read the signal with care.
func (s subject) warn(signal *kpi.Signal, series []Point, h history, r reading) {
	newest := history{at: h.at[h.from:]}
	values := h.values[h.from:]
	if r.adjusted != nil {
		values = r.adjusted[h.from:]
	}
	whole := newest.whole(series, values)
	suits := stats.SuitsXmR(whole)
	if suits.LagOneKnown && suits.Points >= stats.LagOnePoints {
		signal.Lag1 = &suits.LagOne
	}
	period := cycle(s.indicator.Period)
	for _, w := range []struct {
		when bool
		what kpi.SignalWarning
	}{
		{signal.Trial, kpi.WarnTrial},
		{suits.Autocorrelated, kpi.WarnAutocorrelated},
		{r.chart == kpi.ChartXmR && (suits.Skewed || suits.Rare), kpi.WarnSkewed},
		{period > 0 && len(h.values) < fullCycles*period, kpi.WarnSeasonUnknown},
		{len(whole) > len(values), kpi.WarnGaps},
		{h.from > 0, kpi.WarnRebased},
	} {
		if w.when {
			signal.Warnings = append(signal.Warnings, w.what)
		}
	}
}

// meaning says whether a change towards higher values (1) or lower ones (-1) is one for the better. For an indicator to be kept in a
// range, it is if it leads to the range; within the range, without a target and without a direction there is no better or worse.
func (s subject) meaning(p kpi.Period, value float64, direction int) kpi.SignalKind {
	wanted := 0
	switch s.indicator.Direction {
	case kpi.Up:
		wanted = 1
	case kpi.Down:
		wanted = -1
	case kpi.Range:
		if t := s.indicator.TargetFor(p); t != nil && value < t.Low {
			wanted = 1
		} else if t != nil && value > t.High {
			wanted = -1
		}
	}
	switch wanted * direction {
	case 1:
		return kpi.Improving
	case -1:
		return kpi.Worsening
	}
	return kpi.Changing
}
