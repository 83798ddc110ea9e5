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
				if (o.Value == nil) != (!r.Indicator.Measure.Flow() && o.Rows == 0) {
					t.Errorf("%v: value %v with %d rows", id, o.Value, o.Rows)
				}
				if o.Value == nil {
					return
				}
				if math.IsNaN(*o.Value) || math.IsInf(*o.Value, 0) {
					t.Errorf("%v: value %v", id, *o.Value)
				}
				want := *o.Value
				switch m := r.Indicator.Measure; {
				case m.Kind == kpi.MeasureShare && *o.Denominator != 1:
					want = 100 * *o.Numerator / *o.Denominator
				case m.Kind == kpi.MeasureMean:
					want = *o.Numerator / *o.Denominator
				case m.Flow():
					want = *o.Numerator
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

func TestClaimedStatusesLieInTheirBands(t *testing.T) {
	for name, make := range map[string]func() *scorecard.Scorecard{"normal": scorecardtest.Normal, "one": scorecardtest.One} {
		for _, r := range make().Results {
			a := r.Assessment
			t.Run(name+"/"+r.Indicator.ID, func(t *testing.T) {
				var low, high float64
				switch a.Status {
				case kpi.WrongWay, kpi.NoClearChange:
					low, high = math.Inf(-1), 0
				case kpi.WellBehind:
					low, high = 0, a.Bands.Behind
				case kpi.Behind:
					low, high = a.Bands.Behind, a.Bands.OnTrack
				case kpi.OnTrack, kpi.Achieved:
					if a.Met {
						return
					}
					low, high = a.Bands.OnTrack, math.Inf(1)
				default:
					return
				}
				if a.Pace == nil || *a.Pace < low || *a.Pace >= high {
					t.Errorf("%s with pace %s, value %s, expected %s: want a pace in [%g, %g)", a.Status, show(a.Pace), show(a.Value), show(a.Expected), low, high)
				}
				if (a.Status == kpi.WrongWay) != (a.Signal.Kind == kpi.Worsening) {
					t.Errorf("%s with signal %s", a.Status, a.Signal.Kind)
				}
			})
		}
	}
}

func show(v *float64) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func TestHugeIsHuge(t *testing.T) {
	n := 0
	every(scorecardtest.Huge(), func(*scorecard.Result, *kpi.Observation) { n++ })
	if n < 400*60*20 {
		t.Errorf("%d observations", n)
	}
}
