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
	"works": scorecardtest.Works, "published": scorecardtest.Published,
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
	sumOfMembers(t, scorecardtest.Normal())
	sumOfMembers(t, scorecardtest.Published())
}

func sumOfMembers(t *testing.T, card *scorecard.Scorecard) {
	t.Helper()
	for i := range card.Results {
		r := &card.Results[i]
		if len(r.Members) == 0 {
			continue
		}
		for _, p := range r.Series {
			var rows, excluded, hidden int64
			for _, m := range r.Members {
				if o := r.Observation(p.Period.ID, m.Dimension, m.Member); o != nil {
					rows += o.Rows
					excluded += o.ExcludedRows()
					if o.Suppressed != kpi.NotSuppressed {
						hidden++
					}
				}
			}
			if hidden == 1 {
				t.Errorf("%s %s: what is hidden of one member is the city less the others", r.Indicator.ID, p.Period.ID)
			}
			if hidden > 0 && rows < p.Observation.Rows {
				continue
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
	for i := range card.Results {
		look(&card.Results[i], seen)
		ind := card.Results[i].Indicator
		for _, l := range kpi.Langs {
			for _, text := range []kpi.Text{ind.Name, ind.Sentence, ind.Method} {
				if text.In[l] == "" {
					t.Errorf("%s: a text is missing in %s", ind.ID, l)
				}
			}
		}
	}
	shown := scorecardtest.Published() // and a piece of work
	for i := range shown.Results {
		look(&shown.Results[i], seen)
	}
	for _, c := range card.Changes {
		seen["change "+c.What] = true
		seen["change with a note"] = seen["change with a note"] || c.Note != nil
		seen["change without a note"] = seen["change without a note"] || c.Note == nil
	}
	for _, e := range card.Evaluations {
		seen[e.Method], seen["evaluation "+e.State] = true, true
		seen["comparison"] = seen["comparison"] || len(e.Compared) > 0
		for _, w := range e.Warnings {
			seen[w] = true
		}
		for _, pt := range e.Treated {
			seen["left out"] = seen["left out"] || pt.LeftOut
		}
	}
	for _, w := range everything() {
		if !seen[w] {
			t.Errorf("nothing shows %v", w)
		}
	}
	if n := len(card.Results); n < 12 || len(card.City.PrioritiesOn(card.AsOf)) != 4 || len(card.City.DistrictsOn(card.AsOf)) != 8 {
		t.Errorf("%d indicators, %d priorities, %d districts", n, len(card.City.Priorities), len(card.City.Districts))
	}
}

// look notes what a result shows.
func look(r *scorecard.Result, seen map[any]bool) {
	a, ind := r.Assessment, r.Indicator
	for _, x := range []any{a.Status, ind.Unit, ind.Direction, ind.Measure.Kind, a.Signal.Kind, a.Signal.Chart, ind.Judge.By, "adds up in " + string(ind.AddsUpIn), a.Phasing, ind.Trajectory} {
		seen[x] = true
	}
	for _, f := range a.Flags {
		seen[f] = true
	}
	for _, w := range a.Signal.Warnings {
		seen[w] = true
	}
	if a.Outlook != nil {
		seen[a.Outlook.Word] = true
	}
	for _, c := range r.Checks {
		seen[c.State] = true
	}
	for _, e := range r.Equity {
		seen["intervals by "+e.Method] = true
		for _, g := range e.Groups {
			seen[g.Verdict] = true
		}
	}
	for _, d := range r.Drivers {
		seen["rate"], seen["mix"] = seen["rate"] || d.Rate != 0, seen["mix"] || d.Mix != 0
		for _, g := range d.Groups {
			seen["hidden driver"] = seen["hidden driver"] || g.Member == ""
		}
	}
	for _, what := range []struct {
		name string
		is   bool
	}{
		{"standings", len(a.Standings) > 0}, {"trend", a.Trend != nil && a.Trend.Real}, {"adjusted", a.Signal.Adjusted}, {"project", ind.Project != nil}, {"limits vary", vary(r)},
		{"two segments", len(r.Series) > 0 && r.Series[0].Segment != r.Series[len(r.Series)-1].Segment},
	} {
		seen[what.name] = seen[what.name] || what.is
	}
	for _, m := range r.Members {
		for _, o := range m.Series {
			seen[o.Suppressed] = true
		}
	}
}

// vary reports whether the limits of a chart differ from period to period.
func vary(r *scorecard.Result) bool {
	var before *float64
	for _, p := range r.Series {
		if p.Upper != nil && before != nil && *p.Upper != *before && r.Assessment.Signal.Chart == kpi.ChartPPrime {
			return true
		}
		before = p.Upper
	}
	return false
}

// everything lists what a city can show.
func everything() []any {
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
	for _, c := range kpi.ChartKinds {
		want = append(want, c)
	}
	for _, s := range kpi.SignalKinds {
		if s != kpi.NotAsked { // of works alone, which stand in a city of their own
			want = append(want, s)
		}
	}
	for _, s := range scorecard.TrustStates {
		want = append(want, s)
	}
	for _, v := range scorecard.Verdicts {
		if v != scorecard.VerdictDifferent { // for an indicator without a direction, and districts of a count are not compared
			want = append(want, v)
		}
	}
	return append(want, kpi.FlagPartial, kpi.FlagStale, kpi.FlagTargetOver, kpi.FlagDefinitionChanged, kpi.FlagIllustrative,
		kpi.MethodPace, kpi.MethodOpenSDG, kpi.MethodExecuted, "adds up in fiscal_year", kpi.PhasingFlat, kpi.PhasingSeasonal, kpi.TrajectorySeasonal,
		kpi.Likely, kpi.OutOfReach, kpi.WarnAutocorrelated, kpi.WarnRebased, kpi.WarnTrial, kpi.WarnSeasonUnknown,
		"standings", "trend", "adjusted", "project", "limits vary", "two segments", kpi.SuppressedPrimary, kpi.SuppressedComplementary,
		"rate", "mix", "hidden driver", "intervals by wilson", "intervals by byar", "intervals by none",
		"change target", "change measure", "change owner", "change rebase", "change with a note", "change without a note",
		kpi.EvaluateSegments, kpi.EvaluateDifferences, "evaluation answered", "evaluation too_few_after", "comparison", "left out")
}

// A number that is not shown is nowhere: the observation has none at all.
func TestSuppressedObservationsCarryNoNumber(t *testing.T) {
	n := 0
	every(scorecardtest.Published(), func(r *scorecard.Result, o *kpi.Observation) {
		if o.Suppressed == kpi.NotSuppressed {
			return
		}
		n++
		if o.Value != nil || o.Numerator != nil || o.Denominator != nil || o.Rows != 0 || len(o.Excluded) != 0 {
			t.Errorf("%s %s %s is not shown, and has numbers: %+v", r.Indicator.ID, o.Period, o.Member, *o)
		}
		if r.Indicator.Suppress < 2 {
			t.Errorf("%s shows all of its numbers, but not %s %s", r.Indicator.ID, o.Period, o.Member)
		}
	})
	if n < 20 {
		t.Errorf("only %d numbers are not shown", n)
	}
}

// The points of an evaluation are the values of the series: of the whole city, or of the members that it names, put together.
func TestEvaluationPointsAreThoseOfTheSeries(t *testing.T) {
	card := scorecardtest.Normal()
	n := 0
	for _, e := range card.Evaluations {
		r := card.Result(e.Definition.Indicator)
		for side, points := range map[string][]scorecard.EvaluationPoint{"treated": e.Treated, "compared": e.Compared} {
			members := e.Definition.Where
			if side == "compared" {
				members = e.Definition.ComparedTo
			}
			for _, pt := range points {
				want := together(r, e.Definition.Dimension, members, pt.Period)
				if (pt.Value == nil) != (want == nil) || want != nil && math.Abs(*pt.Value-*want) > 1e-9*math.Abs(*want) {
					t.Errorf("%s %s %s: %v, want %v", e.Definition.ID, side, pt.Period, pt.Value, want)
				}
				n++
			}
		}
	}
	if n < 80 {
		t.Errorf("only %d points were compared", n)
	}
}

// together is the value of members put together, of the whole city if there are none.
func together(r *scorecard.Result, dimension string, members []string, period string) *float64 {
	if len(members) == 0 {
		return r.Observation(period, "", "").Value
	}
	var num, den float64
	for _, m := range members {
		if o := r.Observation(period, dimension, m); o != nil && o.Numerator != nil && o.Denominator != nil {
			num, den = num+*o.Numerator, den+*o.Denominator
		}
	}
	if den == 0 {
		return nil
	}
	v := r.Indicator.Measure.Factor() * num / den
	return &v
}

// What groups contributed adds up to the change, and the change is that of the series.
func TestDriversAddUp(t *testing.T) {
	card := scorecardtest.Normal()
	for i := range card.Results {
		r := &card.Results[i]
		for _, d := range r.Drivers {
			sum, rate, mix := 0.0, 0.0, 0.0
			for _, g := range d.Groups {
				sum, rate, mix = sum+g.Total, rate+g.Rate, mix+g.Mix
			}
			change := *r.Observation(d.To, "", "").Value - *r.Observation(d.From, "", "").Value
			size := 1e-9 * (1 + math.Abs(*r.Observation(d.To, "", "").Value))
			if math.Abs(sum-change) > size || math.Abs(d.Change-change) > size || math.Abs(rate-d.Rate) > size || math.Abs(mix-d.Mix) > size {
				t.Errorf("%s: parts of %v and %v, %v in all, for a change of %v", r.Indicator.ID, rate, mix, sum, change)
			}
		}
	}
}

// The running total of a year is the sum of its periods, and begins anew with each year.
func TestTotalsOfAYearAddUp(t *testing.T) {
	card := scorecardtest.Normal()
	calendar, err := card.City.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := range card.Results {
		r := &card.Results[i]
		total, year := 0.0, ""
		for _, p := range r.Series {
			if !r.Indicator.AddsUp() {
				if p.ToDate != nil {
					t.Errorf("%s does not add up, and has a total", r.Indicator.ID)
				}
				continue
			}
			in, err := calendar.Period(r.Indicator.AddsUpIn, p.Period.Last)
			if err != nil {
				t.Fatal(err)
			}
			if in.ID != year {
				total, year = 0, in.ID
			}
			total += *p.Observation.Value
			if p.ToDate != nil && *p.ToDate != total {
				t.Errorf("%s %s: %v so far, want %v", r.Indicator.ID, p.Period.ID, *p.ToDate, total)
			}
			n += map[bool]int{true: 1}[p.ToDate != nil]
		}
	}
	if n < 60 {
		t.Errorf("only %d totals", n)
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
		"speed-humps": kpi.WellBehind,
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

// TestWhatIsDecidedAfterThePeriod: a period that is over is judged by what held then; what lies ahead goes to what was decided since, and to nothing where
// the target was dropped.
func TestWhatIsDecidedAfterThePeriod(t *testing.T) {
	const id = "street-lights-on-time"
	before := scorecardtest.Normal()
	was := before.Result(id).Assessment
	if was.Target == nil || was.Outlook == nil {
		t.Fatalf("the indicator has no target or no outlook: %+v", was)
	}
	target := *was.Target
	target.Set = scorecardtest.AsOf
	for name, c := range map[string]struct {
		change  func(*kpi.Target)
		outlook bool
	}{
		"moved":   {func(t *kpi.Target) { t.Value -= 20 }, true},
		"dropped": {func(t *kpi.Target) { t.Dropped, t.Value = true, 0 }, false},
	} {
		city := *before.City
		city.Indicators = append([]kpi.Indicator(nil), city.Indicators...)
		moved := target
		c.change(&moved)
		ind := city.Indicator(id)
		ind.Targets = append(append([]kpi.Target(nil), ind.Targets...), moved)
		is := scorecardtest.Supposed(&city).Result(id).Assessment
		if is.Target == nil || is.Target.Value != was.Target.Value || is.Status != was.Status {
			t.Errorf("%s: the period is judged by %+v as %s, before as %s", name, is.Target, is.Status, was.Status)
		}
		if (is.Outlook != nil) != c.outlook || c.outlook && (is.Outlook.Target != moved.Value || is.Outlook.Probability <= was.Outlook.Probability) {
			t.Errorf("%s: the outlook is %+v, before %+v", name, is.Outlook, was.Outlook)
		}
	}
}
