package scorecard

import (
	"slices"
	"testing"

	"citystat/kpi"
)

// What was changed while an indicator was not public stays unknown, and so does all about one that is not.
func TestPublicChanges(t *testing.T) {
	change := func(indicator, what string, folder int, to string) kpi.Change {
		c := kpi.Change{Indicator: indicator, What: what, Folder: folder, Field: what + indicator}
		if to != "" {
			c.To = &kpi.ChangeValue{ID: to}
		}
		return c
	}
	s := &Scorecard{
		City: &kpi.City{
			RollUp:      &kpi.RollUp{Weights: map[string]float64{"a": 2, "b": 3}},
			Indicators:  []kpi.Indicator{{ID: "a", Public: true}, {ID: "b"}, {ID: "c", Public: true}, {ID: "d", Public: true}},
			Evaluations: []kpi.Evaluation{{ID: "open", Indicator: "a", Public: true}, {ID: "closed", Indicator: "a"}, {ID: "of-b", Indicator: "b", Public: true}},
			Meetings:    []kpi.MeetingSeries{{ID: "closed", Standing: []string{"a"}}, {ID: "open", Public: true, Standing: []string{"b", "a"}}},
		},
		Changes: []kpi.Change{
			change("a", kpi.ChangeTarget, 5, ""),
			change("b", kpi.ChangeTarget, 5, "secret"),
			change("c", kpi.ChangeTarget, 4, ""),
			change("c", kpi.ChangeOwner, 3, ""),
			change("c", kpi.ChangePublic, 3, "true"),
			change("c", kpi.ChangeTarget, 3, "secret"),
			change("c", kpi.ChangeTarget, 2, "secret"),
			change("d", kpi.ChangePublic, 4, "true"),
			change("d", kpi.ChangePublic, 2, "false"),
			change("", kpi.ChangeJudging, 2, ""),
			change("gone", kpi.ChangeIndicator, 2, ""),
		},
	}
	for _, e := range s.City.Evaluations {
		s.Evaluations = append(s.Evaluations, Evaluation{Definition: e})
	}
	p, err := s.Public(nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range p.Changes {
		got = append(got, c.Field)
	}
	if want := []string{"targeta", "targetc", "publicc", "publicd", "judging"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if len(p.City.RollUp.Weights) != 1 || len(s.City.RollUp.Weights) != 2 {
		t.Errorf("weights %v of %v", p.City.RollUp.Weights, s.City.RollUp.Weights)
	}
	if len(p.Evaluations) != 1 || p.Evaluations[0].Definition.ID != "open" || len(p.City.Evaluations) != 1 {
		t.Errorf("evaluations %+v, definitions %+v", p.Evaluations, p.City.Evaluations)
	}
	if m := p.City.Meetings; len(m) != 1 || m[0].ID != "open" || !slices.Equal(m[0].Standing, []string{"a"}) || len(s.City.Meetings[1].Standing) != 2 {
		t.Errorf("meetings %+v of %+v", m, s.City.Meetings)
	}
}
