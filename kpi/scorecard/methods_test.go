package scorecard

import (
	"math"
	"testing"

	"citystat/kpi/stats"
)

// What is told of the words for a probability is how they are chosen: just below a bound it is the word of the bound, just above it the next one.
func TestOutlookBoundsAreThoseOfTheWords(t *testing.T) {
	m := EngineMethods()
	low := 0.0
	for _, b := range m.OutlookBounds {
		if b.Below <= low {
			t.Fatalf("%s ends at %g, and the word before it at %g", b.Word, b.Below, low)
		}
		for _, p := range []float64{low + 1e-6, b.Below - 1e-6} {
			if got := stats.ChanceOf(p); string(got) != string(b.Word) {
				t.Errorf("a probability of %g is %s, told is %s", p, got, b.Word)
			}
		}
		low = b.Below
	}
	if low != 1 {
		t.Errorf("the last word ends at %g", low)
	}
}

// No limit that is told is missing.
func TestEngineMethodsAreAllThere(t *testing.T) {
	m := EngineMethods()
	for name, v := range map[string]float64{
		"StalePeriods": float64(m.StalePeriods), "SignalPeriods": float64(m.SignalPeriods), "TrialPeriods": float64(m.TrialPeriods), "LimitFactor": m.LimitFactor,
		"ShiftPoints": float64(m.ShiftPoints), "TrendPoints": float64(m.TrendPoints), "NearPoints": float64(m.NearPoints), "NearOf": float64(m.NearOf),
		"SeasonYears": float64(m.SeasonYears), "UnevenBy": m.UnevenBy, "TrendPeriods": float64(m.TrendPeriods), "TrendLevel": m.TrendLevel,
		"OutlookLevel": m.OutlookLevel, "OutlookPeriods": float64(m.OutlookPeriods), "LeastChance": m.LeastChance, "MostChance": m.MostChance,
		"EquityConfidence": m.EquityConfidence, "EquityMonths": float64(m.EquityMonths), "EquityEvents": float64(m.EquityEvents),
		"EvaluationConfidence": m.EvaluationConfidence, "ScoreCoverage": m.ScoreCoverage, "NamedRows": float64(m.NamedRows),
	} {
		if v <= 0 || math.IsNaN(v) {
			t.Errorf("%s is %g", name, v)
		}
	}
	if stats.ClipChance(0.01) != m.LeastChance || stats.ClipChance(0.99) != m.MostChance {
		t.Error("probabilities are not cut off where it is told")
	}
}
