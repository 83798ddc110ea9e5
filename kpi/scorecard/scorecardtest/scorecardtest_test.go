package scorecardtest_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

var cards = map[string]func() *scorecard.Scorecard{
	"normal": scorecardtest.Normal, "empty": scorecardtest.Empty, "one": scorecardtest.One, "hostile": scorecardtest.Hostile,
}

// every calls f for each observation of the card.
func every(card *scorecard.Scorecard, f func(r *scorecard.Result, o *kpi.Observation)) {
	for i := range card.Results {
		r := &card.Results[i]
		if r.Total != nil {
			f(r, r.Total)
		}
		for j := range r.Series {
			f(r, &r.Series[j].Observation)
		}
		for m := range r.Members {
			if r.Members[m].Total != nil {
				f(r, r.Members[m].Total)
			}
			for j := range r.Members[m].Series {
				f(r, &r.Members[m].Series[j])
			}
		}
	}
}

func TestCardsAreTheSameEveryTimeAndSurviveJSON(t *testing.T) {
	for name, make := range cards {
		t.Run(name, func(t *testing.T) {
			first, err := json.Marshal(make())
			if err != nil {
				t.Fatal(err)
			}
			second, err := json.Marshal(make())
			if err != nil {
				t.Fatal(err)
			}
			if string(first) != string(second) {
				t.Error("two calls gave different scorecards")
			}
			var back scorecard.Scorecard
			if err := json.Unmarshal(first, &back); err != nil {
				t.Fatal(err)
			}
			third, err := json.Marshal(&back)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(first), string(third)); d != "" {
				t.Errorf("the round trip changed the scorecard (-want +got):\n%s", d)
			}
		})
	}
}

func TestValuesFollowFromNumeratorAndDenominator(t *testing.T) {
	for name, make := range cards {
		t.Run(name, func(t *testing.T) {
			n := 0
			every(make(), func(r *scorecard.Result, o *kpi.Observation) {
				n++
				id := []any{r.Indicator.ID, o.Period, o.Member}
				m := r.Indicator.Measure
				if (o.Value == nil) != valueless(r, o) {
					t.Errorf("%v: value %v with %d rows", id, o.Value, o.Rows)
				}
				if o.Value == nil {
					return
				}
				if math.IsNaN(*o.Value) || math.IsInf(*o.Value, 0) {
					t.Errorf("%v: value %v", id, *o.Value)
				}
				want := *o.Value
				switch {
				case m.Ratio() && *o.Denominator == 1: // an edge of what a float64 holds
					want = m.Factor() * *o.Numerator
				case m.Ratio():
					want = m.Factor() * *o.Numerator / *o.Denominator
				case m.Flow() || m.Kind == kpi.MeasureLast:
					want = *o.Numerator
				case m.Kind == kpi.MeasureDuration && name != "hostile" && *o.Numerator >= *o.Denominator:
					t.Errorf("%v: %v of %v cases are closed", id, *o.Numerator, *o.Denominator)
				}
				if *o.Value != want {
					t.Errorf("%v: value %v, want %v", id, *o.Value, want)
				}
			})
			if n == 0 && name != "empty" {
				t.Error("no observation")
			}
		})
	}
}

// valueless reports whether an observation should have no value: nothing to judge, nothing known yet, nobody to count per, or too few to show.
func valueless(r *scorecard.Result, o *kpi.Observation) bool {
	m := r.Indicator.Measure
	switch {
	case o.Suppressed != kpi.NotSuppressed:
		return true
	case m.Kind == kpi.MeasureRate:
		return o.Denominator == nil
	case m.Flow():
		return o.Rows == 0 && o.Numerator == nil && (o.Partial || o.Provisional)
	}
	return o.Rows == 0
}

func TestTheCityIsTheSumOfItsMembers(t *testing.T) {
	card := scorecardtest.Normal()
	for i := range card.Results {
		r := &card.Results[i]
		if len(r.Members) == 0 {
			continue
		}
		for _, p := range r.Series {
			var rows, excluded int64
			for _, m := range r.Members {
				if o := r.Observation(p.Period.ID, m.Dimension, m.Member); o != nil {
					rows += o.Rows
					excluded += o.ExcludedRows()
				}
			}
			if rows != p.Observation.Rows || excluded != p.Observation.ExcludedRows() {
				t.Errorf("%s %s: members have %d rows and %d excluded, the city %d and %d", r.Indicator.ID, p.Period.ID, rows, excluded,
					p.Observation.Rows, p.Observation.ExcludedRows())
			}
		}
	}
}

func TestNormalHoldsOneOfEverything(t *testing.T) {
	card := scorecardtest.Normal()
	seen := map[any]bool{}
	for _, r := range card.Results {
		a, ind := r.Assessment, r.Indicator
		seen[a.Status], seen[ind.Unit], seen[ind.Direction], seen[ind.Measure.Kind], seen[a.Signal.Kind] = true, true, true, true, true
		for _, f := range a.Flags {
			seen[f] = true
		}
		for _, l := range kpi.Langs {
			for _, text := range []kpi.Text{ind.Name, ind.Sentence, ind.Method} {
				if text.In[l] == "" {
					t.Errorf("%s: a text is missing in %s", ind.ID, l)
				}
			}
		}
	}
	var want []any
	for _, s := range kpi.Statuses {
		want = append(want, s)
	}
	for _, u := range kpi.Units {
		want = append(want, u)
	}
	for _, d := range kpi.Directions {
		want = append(want, d)
	}
	for _, m := range kpi.MeasureKinds {
		want = append(want, m)
	}
	want = append(want, kpi.FlagPartial, kpi.FlagStale, kpi.FlagTargetOver, kpi.FlagDefinitionChanged, kpi.FlagIllustrative,
		kpi.Improving, kpi.Worsening, kpi.Steady, kpi.TooEarly, kpi.Changing)
	for _, w := range want {
		if !seen[w] {
			t.Errorf("no indicator shows %v", w)
		}
	}
	if n := len(card.Results); n < 12 || len(card.City.Priorities) != 4 || len(card.City.Districts) != 8 {
		t.Errorf("%d indicators, %d priorities, %d districts", n, len(card.City.Priorities), len(card.City.Districts))
	}
}

func TestNormalIsJudgedAsItsStoryTells(t *testing.T) {
	want := map[string]kpi.Status{
		"street-lights-on-time": kpi.Behind, "potholes-days": kpi.OnTrack, "protected-lanes": kpi.Achieved, "traffic-injuries": kpi.WrongWay,
		"missed-collections": kpi.NoClearChange, "dumping-hours": kpi.WellBehind, "graffiti-on-time": kpi.NoData, "rodents-on-time": kpi.TooFew,
		"hours-to-first-reply": kpi.OnTrack, "requests-received": kpi.NoTarget, "satisfied-residents": kpi.BaselineBeingSet,
		"visits-per-request": kpi.OnTrack, "affordable-homes": kpi.OnTrack, "permit-days": kpi.Behind, "eviction-help": kpi.OnTrack,
		"repair-cost": kpi.Behind, "rodent-reports": kpi.OnTrack, "open-requests": kpi.OnTrack, "hiring-days": kpi.OnTrack, "trees-planted": kpi.OnTrack,
		"sidewalks-rebuilt": kpi.OnTrack, "city-emissions": kpi.Behind, "rentals-passed": kpi.Behind, "families-housed": kpi.Behind,
	}
	for _, r := range scorecardtest.Normal().Results {
		if got := r.Assessment.Status; got != want[r.Indicator.ID] {
			t.Errorf("%s: %s by the rule %s, want %s", r.Indicator.ID, got, r.Assessment.Rule, want[r.Indicator.ID])
		}
	}
	for _, r := range scorecardtest.Empty().Results {
		if r.Assessment.Status != kpi.NoData || len(r.Series) != 0 {
			t.Errorf("empty: %s is %s with %d periods", r.Indicator.ID, r.Assessment.Status, len(r.Series))
		}
	}
}

func TestHugeIsHuge(t *testing.T) {
	n := 0
	every(scorecardtest.Huge(), func(*scorecard.Result, *kpi.Observation) { n++ })
	if n < 400*60*20 {
		t.Errorf("%d observations", n)
	}
}

func TestPlanIsAPlan(t *testing.T) {
	card := scorecardtest.Plan()
	if n := len(card.Results); n != 335 || len(card.City.Priorities) != 4 {
		t.Errorf("%d indicators under %d axes", n, len(card.City.Priorities))
	}
	count, seen := map[int]int{}, map[string]bool{"": true}
	for _, n := range card.City.Plan.Nodes {
		if !seen[n.Parent] || seen[n.ID] {
			t.Errorf("%s stands before its parent %s, or twice", n.ID, n.Parent)
		}
		seen[n.ID] = true
		count[n.Level]++
	}
	if count[0] != 4 || count[1] != 19 || count[2] != 76 {
		t.Errorf("parts by level: %v, want 4, 19 and 76", count)
	}
	for _, r := range card.Results {
		if !seen[r.Indicator.Plan] || card.City.Priority(r.Indicator.Priority) == nil {
			t.Errorf("%s stands nowhere in the plan", r.Indicator.ID)
		}
	}
}
