package scorecard

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"citystat/kpi"
)

// noise is a steady series with a spread of its own.
func noise(n int, seed uint64, level, spread float64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	list := make([]float64, n)
	for k := range list {
		list[k] = level + spread*r.NormFloat64()
	}
	return list
}

func TestSignalOfASeason(t *testing.T) {
	values := noise(48, 7, 100, 1)
	for k := range values {
		values[k] += 20 * math.Sin(2*math.Pi*float64(k)/12)
	}
	s, series := chart(t, kpi.Up, values...)
	got := s.signal(series)
	if got.Kind != kpi.Steady || !got.Adjusted || got.Chart != kpi.ChartXmR || slices.Contains(got.Warnings, kpi.WarnAutocorrelated) {
		t.Errorf("a season is taken for a change: %+v", got)
	}
	// The limits follow the season: those of March are higher than those of September.
	if *series[39-12].Upper < *series[45-12].Upper+20 || series[10].Adjusted == nil {
		t.Errorf("March ends at %v, September at %v", *series[27].Upper, *series[33].Upper)
	}
	for k := 42; k < 48; k++ {
		series[k].Observation.Value = ptr(*series[k].Observation.Value - 12)
	}
	if got := s.signal(series); got.Kind != kpi.Worsening || !got.Adjusted {
		t.Errorf("a drop beside the season is not seen: %+v", got)
	}
	s, series = chart(t, kpi.Up, values[:24]...)
	if got := s.signal(series); got.Adjusted || !slices.Contains(got.Warnings, kpi.WarnSeasonUnknown) {
		t.Errorf("two years are taken for enough: %+v", got)
	}
}

func TestSignalOfUnevenShares(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	s, series := chart(t, kpi.Up, make([]float64, 30)...)
	s.indicator.Measure.Kind = kpi.MeasureShare
	for k := range series {
		den := 200.0
		if k%3 == 0 {
			den = 2000
		}
		num := math.Round(den*0.8 + 2*math.Sqrt(den*0.16)*r.NormFloat64())
		series[k].Observation = counts(series[k].Period.ID, "", "", num, den)
	}
	got := s.signal(series)
	if got.Chart != kpi.ChartPPrime || got.Sigma == nil || *got.Sigma < 1 || got.Kind != kpi.Steady {
		t.Errorf("%+v", got)
	}
	if small, large := *series[28].Upper-*series[28].Lower, *series[27].Upper-*series[27].Lower; small < 2*large {
		t.Errorf("a month of 200 rows has limits %v apart, one of 2,000 %v", small, large)
	}
	// A share that is far off for 2,000 rows would be ordinary for 200.
	off := func(k int) kpi.Signal {
		num, den := *series[k].Observation.Denominator*0.70, *series[k].Observation.Denominator
		series[k].Observation = counts(series[k].Period.ID, "", "", num, den)
		got := s.signal(series[:k+1])
		series[k].Observation = counts(series[k].Period.ID, "", "", 0.8*den, den)
		return got
	}
	if got := off(27); got.Kind != kpi.Worsening || got.Rule != "outside" {
		t.Errorf("70 %% of 2,000: %+v", got)
	}
	if got := off(29); got.Kind == kpi.Worsening && got.Rule == "outside" {
		t.Errorf("70 %% of 200: %+v", got)
	}
	s.indicator.Chart = kpi.ChartXmR
	if got := s.signal(series); got.Chart != kpi.ChartXmR {
		t.Errorf("the folder's chart is not taken: %+v", got)
	}
}

// Nine months, the last six of them on one side: more than chance makes likely.
func TestSignalOfRuns(t *testing.T) {
	s, series := chart(t, kpi.Down, 9, 10, 11, 20, 9.5, 21, 22, 23, 24, 25, 26)
	got := s.signal(series)
	if got.Chart != kpi.ChartRun || got.Kind != kpi.Worsening || got.Rule == "" || *got.Mean != 21 || !got.Trial {
		t.Errorf("%+v", got)
	}
	s, series = chart(t, kpi.Down, 1, 2, 3, 4, 5, 11, 12, 13, 14, 15, 16)
	if got := s.signal(series); got.Kind != kpi.Worsening || got.Rule != ruleFewCrossings || got.Since != "2014-07" {
		t.Errorf("crossed once: %+v", got)
	}
	s, series = chart(t, kpi.Down, 10, 12, 9, 13, 8, 14, 10, 12, 9)
	if got := s.signal(series); got.Kind != kpi.Steady {
		t.Errorf("up and down: %+v", got)
	}
	s, series = chart(t, kpi.Down, 5, 5, 5, 5, 5, 5, 5, 5, 5)
	if got := s.signal(series); got.Kind != kpi.Steady {
		t.Errorf("all alike: %+v", got)
	}
}

// Limits begin anew where a person decided so, and nowhere else.
func TestSignalRebased(t *testing.T) {
	values := append(noise(14, 1, 100, 2), noise(14, 2, 50, 2)...)
	s, series := chart(t, kpi.Up, values...)
	if got := s.signal(series); got.Kind != kpi.Worsening || got.From != "" {
		t.Errorf("a fall by half is not seen: %+v", got)
	}
	s.indicator.Rebases = []kpi.Rebase{{From: date("2015-03-01"), ByWhom: "rosa"}, {From: date("2030-01-01")}}
	got := s.signal(series)
	if got.Kind != kpi.Steady || got.From != "2015-03" || got.Points != 14 || !slices.Contains(got.Warnings, kpi.WarnRebased) || math.Abs(*got.Mean-50) > 3 {
		t.Errorf("%+v", got)
	}
	if series[13].Segment != 0 || series[14].Segment != 1 || *series[0].Mean < 90 || *series[20].Mean > 60 {
		t.Errorf("segments %d, %d; means %v, %v", series[13].Segment, series[14].Segment, *series[0].Mean, *series[20].Mean)
	}
	s.indicator.Rebases[0].From = date("2015-12-01") // five months are too few
	if got := s.signal(series); got.Kind != kpi.TooEarly || got.Points != 5 {
		t.Errorf("%+v", got)
	}
}

func TestSignalWarnings(t *testing.T) {
	walk := noise(36, 11, 0, 1)
	for k := 1; k < len(walk); k++ {
		walk[k] += 0.8 * walk[k-1]
	}
	s, series := chart(t, kpi.Up, walk...)
	if got := s.signal(series); !slices.Contains(got.Warnings, kpi.WarnAutocorrelated) || got.Lag1 == nil {
		t.Errorf("neighbours that resemble each other: %+v", got)
	}
	s, series = chart(t, kpi.Up, noise(36, 12, 100, 1)...)
	if got := s.signal(series); slices.Contains(got.Warnings, kpi.WarnAutocorrelated) || got.Assurance == "" {
		t.Errorf("none: %+v", got)
	}
	series[10].Observation.Value = nil
	if got := s.signal(series); !slices.Contains(got.Warnings, kpi.WarnGaps) {
		t.Errorf("a gap: %+v", got)
	}
	s.indicator.Targets = []kpi.Target{{By: date("2018-12-31"), Value: 110}}
	if got := s.signal(series); got.Assurance != "never" {
		t.Errorf("assurance: %+v", got)
	}
	// A change of the definition breaks the chart, and the line.
	for k := range 12 {
		series[k].Observation.Version = 0
	}
	if got := s.signal(series); got.Points != 24 || series[11].Segment != 0 || series[12].Segment != 1 || series[5].Mean != nil {
		t.Errorf("two definitions: %+v, segments %d, %d", got, series[11].Segment, series[12].Segment)
	}
}

func TestTrend(t *testing.T) {
	rising := noise(36, 3, 100, 2)
	for k := range rising {
		rising[k] += 0.5 * float64(k)
	}
	s, series := chart(t, kpi.Up, rising...)
	if got := s.trend(series); got == nil || !got.Real || got.Low > 6 || got.High < 6 || math.Abs(got.Slope-6) > 1.5 { // 0.5 a month
		t.Errorf("%+v", got)
	}
	s, series = chart(t, kpi.Up, noise(36, 4, 100, 2)...)
	if got := s.trend(series); got == nil || got.Real || got.Low > 0 || got.High < 0 {
		t.Errorf("%+v", got)
	}
	for k := range rising {
		rising[k] += 30 * math.Cos(2*math.Pi*float64(k)/12)
	}
	s, series = chart(t, kpi.Up, rising...)
	if got := s.trend(series); got == nil || !got.Seasonal || !got.Real || math.Abs(got.Slope-6) > 1.5 {
		t.Errorf("with a season: %+v", got)
	}
	s, series = chart(t, kpi.Up, 1, 2, 3, 4, 5, 6, 7)
	if got := s.trend(series); got != nil {
		t.Errorf("seven points: %+v", got)
	}
	s, series = chart(t, kpi.Up, 3, 3, 3, 3, 3, 3, 3, 3, 3)
	if got := s.trend(series); got != nil && (got.Real || got.Slope != 0) {
		t.Errorf("all alike: %+v", got)
	}
}
