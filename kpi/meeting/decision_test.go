package meeting

import (
	"math"
	"slices"
	"strings"
	"testing"

	"citystat/kpi"
)

// decidable is a city about which something can be decided.
func decidable() *kpi.City {
	set := kpi.NewDate(2025, 7, 1)
	target := kpi.Target{By: kpi.NewDate(2026, 12, 31), Value: 80, Kind: kpi.TargetAnnual, Set: set}
	ranged := target
	ranged.Value, ranged.Low, ranged.High = 0, 20, 30
	share := kpi.Measure{Kind: kpi.MeasureShare}
	return &kpi.City{
		ID: "town", Languages: []kpi.Lang{kpi.Spanish, kpi.English}, TimeZone: "America/Bogota", FiscalStart: 1, People: []kpi.Person{{ID: "chief"}, {ID: "deputy"}},
		Indicators: []kpi.Indicator{
			{ID: "lamps", Direction: kpi.Up, Owner: "chief", Measure: share, Targets: []kpi.Target{target}, Baseline: &kpi.Baseline{Date: kpi.NewDate(2024, 12, 31)},
				Reasons: []kpi.ChangeNote{{On: kpi.NewDate(2025, 10, 1), What: []string{kpi.ChangeOwner}, ByWhom: "the mayor"}}},
			{ID: "water", Direction: kpi.Range, Targets: []kpi.Target{ranged}},
			{ID: "visits", Direction: kpi.Neutral},
			{ID: "quay", Direction: kpi.Up, Project: &kpi.Project{}, Targets: []kpi.Target{target}},
			{ID: "trees", Direction: kpi.Up, Measure: kpi.Measure{Kind: kpi.MeasureCount}, AddsUpIn: kpi.Year, Targets: []kpi.Target{target}},
			{ID: "cost", Direction: kpi.Down, Judge: kpi.Judge{By: kpi.MethodCityScore}, Targets: []kpi.Target{target}},
		},
	}
}

// said is a decision in which nothing is wrong.
func said(indicator string, change func(*kpi.Decision)) *kpi.Decision {
	d := &kpi.Decision{
		Kind: kpi.DecideTarget, State: kpi.DecisionInForce, Indicator: indicator, Target: &kpi.Target{By: kpi.NewDate(2026, 12, 31), Value: 85}, On: kpi.NewDate(2026, 3, 3),
		Whose: "Concejo", Reason: "Hay otra cuadrilla.", Lang: kpi.Spanish,
	}
	if change != nil {
		change(d)
	}
	return d
}

func TestCheckDecision(t *testing.T) {
	today := kpi.NewDate(2026, 4, 1)
	kind := func(k kpi.DecisionKind) func(*kpi.Decision) { return func(d *kpi.Decision) { d.Kind = k } }
	owner := func(post string, on kpi.Date) func(*kpi.Decision) {
		return func(d *kpi.Decision) { d.Kind, d.Target, d.Owner, d.On = kpi.DecideOwner, nil, post, on }
	}
	value := func(v float64) func(*kpi.Decision) { return func(d *kpi.Decision) { d.Target.Value = v } }
	by := func(day kpi.Date) func(*kpi.Decision) { return func(d *kpi.Decision) { d.Target.By = day } }
	held := func(low, high float64) func(*kpi.Decision) {
		return func(d *kpi.Decision) { d.Target.Value, d.Target.Low, d.Target.High = 0, low, high }
	}
	found := map[DecisionFault]bool{}
	for name, c := range map[string]struct {
		indicator string
		change    func(*kpi.Decision)
		want      string
	}{
		"a new value":                 {"lamps", nil, ""},
		"a target for another day":    {"lamps", by(kpi.NewDate(2027, 3, 31)), ""},
		"an earlier decision":         {"lamps", func(d *kpi.Decision) { d.On = kpi.NewDate(2025, 2, 1) }, ""},
		"a drop":                      {"lamps", kind(kpi.DecideDrop), ""},
		"a range":                     {"water", held(22, 28), ""},
		"an owner":                    {"lamps", owner("deputy", kpi.NewDate(2026, 3, 3)), ""},
		"with an act":                 {"lamps", func(d *kpi.Decision) { d.Act = kpi.Act{Title: "Acuerdo 12", URL: "https://example.gov/12?a=b#c"} }, ""},
		"nothing":                     {"", func(d *kpi.Decision) { *d = kpi.Decision{} }, "kind, on no_date, whose no_body, reason no_reason"},
		"of no kind":                  {"lamps", kind("measure"), "kind"},
		"not there":                   {"lights", nil, "indicator"},
		"never judged":                {"visits", nil, "neutral"},
		"a project":                   {"quay", nil, "plan"},
		"without a day":               {"lamps", by(kpi.Date{}), "by no_day"},
		"for a day that is over":      {"lamps", by(kpi.NewDate(2026, 3, 2)), "by day_over"},
		"before the baseline":         {"lamps", func(d *kpi.Decision) { d.Target.By, d.On = kpi.NewDate(2024, 12, 31), kpi.NewDate(2024, 3, 1) }, "by baseline"},
		"within a year":               {"trees", by(kpi.NewDate(2026, 11, 30)), "by year"},
		"within a year, on the way":   {"trees", func(d *kpi.Decision) { d.Target.By, d.Target.Kind = kpi.NewDate(2026, 11, 30), kpi.TargetInterim }, ""},
		"no number":                   {"lamps", value(math.NaN()), "value no_value"},
		"without an end":              {"water", held(1, math.Inf(1)), "high no_value"},
		"more than all":               {"lamps", value(100.5), "value share"},
		"less than nothing":           {"trees", value(-1), "value negative"},
		"a range of nothing":          {"water", held(30, 30), "high range"},
		"divided by nothing":          {"cost", value(0), "value not_above"},
		"as it is":                    {"lamps", value(80), "value same"},
		"the range that it is":        {"water", held(20, 30), "high same"},
		"nothing to drop":             {"lamps", func(d *kpi.Decision) { d.Kind, d.Target.Kind = kpi.DecideDrop, kpi.TargetTerm }, "by no_target"},
		"no post":                     {"lamps", owner("", kpi.NewDate(2026, 3, 3)), "owner no_post"},
		"a post that is not there":    {"lamps", owner("mayor", kpi.NewDate(2026, 3, 3)), "owner no_post"},
		"the owner that it has":       {"lamps", owner("chief", kpi.NewDate(2026, 3, 3)), "owner same"},
		"before the last owner":       {"lamps", owner("deputy", kpi.NewDate(2025, 10, 1)), "on earlier"},
		"no day":                      {"lamps", func(d *kpi.Decision) { d.On = kpi.Date{} }, "on no_date"},
		"a slip of the pen":           {"lamps", func(d *kpi.Decision) { d.On = kpi.NewDate(206, 2, 1) }, "on no_date"},
		"tomorrow":                    {"lamps", func(d *kpi.Decision) { d.On = today.AddDays(1) }, "on future"},
		"on the day of the one there": {"lamps", func(d *kpi.Decision) { d.On = kpi.NewDate(2025, 7, 1) }, "on earlier"},
		"too long":                    {"lamps", func(d *kpi.Decision) { d.Reason = strings.Repeat("ñ", MaxReason+1) }, "reason long"},
		"an address without a title":  {"lamps", func(d *kpi.Decision) { d.Act.URL = "https://example.gov" }, "act_title act_title"},
		"a script":                    {"lamps", func(d *kpi.Decision) { d.Act = kpi.Act{Title: "x", URL: "javascript:alert(1)"} }, "act_url act_url"},
		"another machine's name":      {"lamps", func(d *kpi.Decision) { d.Act = kpi.Act{Title: "x", URL: "https://user:word@example.gov"} }, "act_url act_url"},
		"another language":            {"lamps", func(d *kpi.Decision) { d.Lang = kpi.English }, "reason lang"},
	} {
		d := said(c.indicator, c.change)
		var list []string
		for _, f := range CheckDecision(decidable(), d, today) {
			list = append(list, strings.TrimSpace(f.Field+" "+string(f.Fault)))
			found[f.Fault] = true
		}
		if got := strings.Join(list, ", "); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if err := KeepDecision(nil, d); c.want == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, f := range DecisionFaults {
		if !found[f] && f != FaultWithdrawalWhy {
			t.Errorf("no case ends with %q", f)
		}
	}
}

func TestKeepDecision(t *testing.T) {
	before := said("lamps", func(d *kpi.Decision) { d.ID, d.Revision = 7, 1 })
	next := func(change func(*kpi.Decision)) *kpi.Decision {
		d := *before
		target := *before.Target
		d.Target = &target
		d.State, d.Why = kpi.DecisionWithdrawn, "por error"
		change(&d)
		return &d
	}
	withdrawn := next(func(*kpi.Decision) {})
	for name, c := range map[string]struct {
		before, d *kpi.Decision
		want      kpi.Code
	}{
		"new":                     {nil, said("lamps", nil), ""},
		"new and withdrawn":       {nil, said("lamps", func(d *kpi.Decision) { d.State = kpi.DecisionWithdrawn }), kpi.CodeInvalid},
		"new without a reason":    {nil, said("lamps", func(d *kpi.Decision) { d.Reason = " " }), kpi.CodeInvalid},
		"withdrawn":               {before, withdrawn, ""},
		"withdrawn twice":         {withdrawn, withdrawn, kpi.CodeConflict},
		"in force again":          {withdrawn, before, kpi.CodeConflict},
		"withdrawn without a why": {before, next(func(d *kpi.Decision) { d.Why = "" }), kpi.CodeInvalid},
		"withdrawn at length":     {before, next(func(d *kpi.Decision) { d.Why = strings.Repeat("x", MaxReason+1) }), kpi.CodeInvalid},
		"another value":           {before, next(func(d *kpi.Decision) { d.Target.Value = 90 }), kpi.CodeInvalid},
		"another date":            {before, next(func(d *kpi.Decision) { d.On = d.On.AddDays(1) }), kpi.CodeInvalid},
		"the same once more":      {before, before, kpi.CodeInvalid},
	} {
		if got := kpi.ErrorCode(KeepDecision(c.before, c.d)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if !slices.Contains(DecisionFaults, FaultWithdrawalWhy) {
		t.Error("a fault is not listed")
	}
}
