package scorecard

import (
	"math"
	"testing"

	"citystat/kpi"
)

// card is a scorecard of one public result.
func cardOf(s subject, r *Result) *Scorecard {
	s.indicator.Public = true
	r.Equity = s.equity(r)
	return &Scorecard{City: s.city, AsOf: s.asOf, Results: []Result{*r}}
}

func TestLocal(t *testing.T) {
	s, r := months(kpi.Up, map[string]float64{"a": 90, "b": 40, "c": 76}, map[string]float64{"a": 100, "b": 80, "c": 100}, 14)
	then := &r.Member("district", "a").Series[1] // a year before the last
	*then = counts(then.Period, "district", "a", 60, 100)
	l := cardOf(s, r).Local(r, "a")
	if l.State != LocalShown || l.Period.ID != "2016-02" || *l.Here.Value != 90 || l.City != &r.Series[13].Observation || l.Verdict() != VerdictBetter || !l.WithRest() {
		t.Errorf("a: %+v", l)
	}
	if l.Year.ID != "2015-02" || math.Abs(*l.Change-30) > 1e-9 || l.Course != VerdictBetter {
		t.Errorf("a in a year: %v since %s, %s", *l.Change, l.Year.ID, l.Course)
	}
	if l := cardOf(s, r).Local(r, "c"); *l.Change != 0 || l.Course != VerdictSimilar {
		t.Errorf("c in a year: %v, %s", *l.Change, l.Course)
	}
	s.indicator.Direction = kpi.Down
	if l := cardOf(s, r).Local(r, "a"); l.Verdict() != VerdictWorse || l.Course != VerdictWorse {
		t.Errorf("lower is better: %s, %s", l.Verdict(), l.Course)
	}
	// Another definition a year ago is no value to compare with.
	then.Version = 7
	if l := cardOf(s, r).Local(r, "a"); l.Before != nil || l.Change != nil || l.Course != VerdictNone {
		t.Errorf("compared across definitions: %+v", l)
	}
}

// What is hidden stays so: nothing older is shown in its place, and nothing is computed from it.
func TestLocalHidesAndLooksBack(t *testing.T) {
	s, r := months(kpi.Up, map[string]float64{"a": 90, "b": 40, "c": 3}, map[string]float64{"a": 100, "b": 80, "c": 4}, 14)
	s.indicator.Minimum = 5
	hide := func(o *kpi.Observation) {
		*o = kpi.Observation{Indicator: o.Indicator, Version: 1, Period: o.Period, Dimension: o.Dimension, Member: o.Member, Suppressed: kpi.SuppressedComplementary}
	}
	a, b := r.Member("district", "a"), r.Member("district", "b")
	hide(&a.Series[1])
	l := cardOf(s, r).Local(r, "a")
	if l.State != LocalShown || l.Before != nil || l.Change != nil {
		t.Errorf("a change from a hidden number: %+v", l)
	}
	hide(&a.Series[13])
	l = cardOf(s, r).Local(r, "a")
	if l.State != LocalHidden || l.Here.Value != nil || l.Change != nil || l.Verdict() != VerdictHidden || l.Period.ID != "2016-02" {
		t.Errorf("hidden: %+v", l)
	}
	// A month of few is not judged; a year of such months is enough to compare.
	if l := cardOf(s, r).Local(r, "c"); l.State != LocalFew || l.Change != nil || l.Verdict() != VerdictSimilar {
		t.Errorf("few: %+v, %s", l, l.Verdict())
	}
	if l := cardOf(s, r).Local(r, "elsewhere"); l.State != LocalNone || l.Here != nil || !l.Period.First.IsZero() {
		t.Errorf("a district without rows: %+v", l)
	}
	// The newest value is older than the judged period: both are of that older one.
	b.Series = b.Series[:11]
	if l := cardOf(s, r).Local(r, "b"); l.State != LocalShown || l.Period.ID != "2015-11" || l.City != &r.Series[10].Observation {
		t.Errorf("looking back: %+v", l)
	}
	b.Series = b.Series[:1]
	if l := cardOf(s, r).Local(r, "b"); l.State != LocalNone {
		t.Errorf("a value of more than a year ago: %+v", l)
	}
	// An unsettled value is none yet.
	s, r = months(kpi.Up, map[string]float64{"a": 90, "b": 40}, map[string]float64{"a": 100, "b": 80}, 3)
	r.Assessment.Period = ""
	r.Series[2].Settled = false
	if l := cardOf(s, r).Local(r, "a"); l.Period.ID != "2015-02" {
		t.Errorf("the newest settled period is %q", l.Period.ID)
	}
}

func TestInDistrict(t *testing.T) {
	s, r := months(kpi.Up, map[string]float64{"a": 90, "b": 40}, map[string]float64{"a": 100, "b": 80}, 3)
	card := cardOf(s, r)
	secret, whole := *r, *r
	hidden, none := *s.indicator, *s.indicator
	hidden.ID, hidden.Public = "secret", false
	none.ID, none.Dimensions = "whole", nil
	secret.Indicator, whole.Indicator, whole.Members = &hidden, &none, nil
	card.Results = append(card.Results, secret, whole)
	if list := card.InDistrict("a"); len(list) != 1 || list[0].Result.Indicator.ID != "x" {
		t.Errorf("%d indicators in the district, want the public one that is broken down", len(list))
	}
	if list := card.InDistrict("nowhere"); len(list) != 1 || list[0].State != LocalNone {
		t.Errorf("of a district without rows: %+v", list)
	}
}
