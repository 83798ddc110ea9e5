package kpi

import (
	"slices"
	"testing"
)

// Every field that a change may name comes from somewhere, and none is missing in the list.
func TestChangeFieldsAreAllOfThem(t *testing.T) {
	limit := 100.0
	other := func(c *City) {
		c.Bands = Bands{0.9, 0.5}
		c.Indicators = append(c.Indicators, Indicator{ID: "y"})
		i := &c.Indicators[0]
		i.Dataset, i.Unit, i.Period, i.Version = "e", Days, Quarter, 2
		i.Measure = Measure{
			Kind: MeasurePercentile, Of: "a", P: 0.9, Per: "b", Times: 2, From: "c", To: "d", Where: "e", Date: "f", Exclude: []Exclusion{{When: "g", Because: "h"}},
		}
		i.Targets = []Target{by("2026-12-31", 70)}
		for _, kind := range []string{TargetTerm, TargetInterim} {
			t := by("2027-12-31", 90)
			t.Kind = kind
			i.Targets = append(i.Targets, t)
		}
		i.Baseline, i.Owner, i.Department, i.Direction = &Baseline{Value: 3}, "bo", "parks", Down
		i.Trajectory, i.AddsUpIn, i.Judge = TrajectoryStep, Year, Judge{By: MethodOpenSDG, Since: 2015, Limit: &limit}
		i.Chart, i.Minimum, i.SettlesAfter, i.Suppress, i.Public = ChartRun, 3, 7, 11, false
		i.Rebases = []Rebase{{From: Date{2025, 1, 1}}}
	}
	gone := func(c *City) { c.Indicators = c.Indicators[:1] }
	rows := func(c *City) { c.Indicators[0].Version = 3 }
	holidays := func(c *City) { c.Indicators[0].Version, c.Holidays = 4, []Date{{2025, 5, 1}} }
	residents := func(c *City) { c.Indicators[0].Version, c.Population = 5, &Population{Value: 10} }
	seen := map[string]map[string]bool{}
	for _, c := range ChangesAmong(folders(other, gone, rows, holidays, residents)) {
		if seen[c.What] == nil {
			seen[c.What] = map[string]bool{}
		}
		seen[c.What][c.Field] = true
		if !slices.Contains(ChangeFields[c.What], c.Field) {
			t.Errorf("%s.%s is not in the list", c.What, c.Field)
		}
	}
	for _, what := range ChangeKinds {
		if len(ChangeFields[what]) == 0 {
			t.Errorf("%s has no fields", what)
		}
		for _, f := range ChangeFields[what] {
			if !seen[what][f] {
				t.Errorf("nothing changes %s.%s", what, f)
			}
		}
	}
	if len(ChangeFields) != len(ChangeKinds) {
		t.Errorf("%d kinds of change have fields, want %d", len(ChangeFields), len(ChangeKinds))
	}
}

// What a reason of a status names is in the list, in the unit that fits.
func TestReasonsNameWhatIsListed(t *testing.T) {
	goal := []Target{by("2030-12-31", 200)}
	units := map[MethodName]string{MethodOpenSDG: QuantityRatio, MethodCityScore: QuantityPoints, MethodExecuted: string(Percent)}
	for _, method := range append([]MethodName{MethodPace}, MethodNames...) {
		a := Assess(yearly(t, Judge{By: method}, Up, goal, 100, 120))
		r := a.Reason(QuestionStatus)
		if r == nil || len(r.Inputs) < 2 {
			t.Fatalf("%s: %+v", method, r)
		}
		for _, q := range append(slices.Clone(r.Inputs), r.Thresholds...) {
			if !slices.Contains(ReasonQuantities[QuestionStatus], q.Name) {
				t.Errorf("%s: %s is not in the list", method, q.Name)
			}
			if q.Name == "named_value" && q.Unit != units[method] {
				t.Errorf("%s: its value is in %s", method, q.Unit)
			}
		}
		if n := a.Named; n != nil && !slices.Contains(NamedWords[method], n.Word) {
			t.Errorf("%s: the word %s is not in the list", method, n.Word)
		}
	}
}
