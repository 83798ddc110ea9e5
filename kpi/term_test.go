package kpi

import (
	"testing"
	"time"
)

// TestAnswersFollowTheTargets: a target that says something else was revised, one that is gone was dropped, whatever somebody had answered before; the others
// are as they were answered.
func TestAnswersFollowTheTargets(t *testing.T) {
	day := func(y int, m time.Month) Date { return NewDate(y, m, 1) }
	target := func(by Date, value float64, kind string, set Date) Target {
		return Target{By: by, Value: value, Kind: kind, Set: set}
	}
	was := []Target{target(day(2028, 1), 80, "", day(2024, 1)), target(day(2028, 1), 90, TargetTerm, day(2024, 1)), target(day(2029, 1), 95, "", day(2024, 1)), target(day(2030, 1), 97, "", day(2024, 1))}
	r := TermReview{Name: "2024–2027", Ended: day(2027, 12)}
	for _, w := range was {
		r.Answers = append(r.Answers, TermAnswer{Indicator: "lights", Target: w, Public: true, Answer: TermKeep, Reason: "as before", Lang: English})
	}
	r.Answers[2].Answer, r.Answers[2].Reason = "", ""
	r.Answers = append(r.Answers, TermAnswer{Indicator: "gone", Target: was[0], Answer: TermKeep, Reason: "as before"})
	dropped := Target{By: day(2030, 1), Set: day(2028, 3), Dropped: true, ByWhom: "Council"}
	city := &City{Indicators: []Indicator{{ID: "lights", Direction: Up, Targets: append(append([]Target{}, was...), target(day(2028, 1), 85, TargetTerm, day(2028, 2)), dropped)}}}
	got := r.AnswersIn(city)
	for k, want := range []TermChoice{TermKeep, TermRevise, "", TermDrop, TermDrop} {
		if got[k].Answer != want {
			t.Errorf("target %d: %q, want %q", k, got[k].Answer, want)
		}
	}
	if got[0].Reason != "as before" || got[1].Reason != "" || got[1].Now == nil || got[1].Now.Value != 85 || !got[1].Public {
		t.Errorf("kept %+v, revised %+v", got[0], got[1])
	}
	if got[3].Now == nil || got[3].Now.ByWhom != "Council" || got[4].Now != nil {
		t.Errorf("dropped %+v, of an indicator that is gone %+v", got[3], got[4])
	}
	if n := r.Count(); n[TermKeep] != 4 || n[""] != 1 {
		t.Errorf("the review itself was changed: %v", n)
	}
	// What was dropped comes back as it was: then it is answered as before.
	city.Indicators[0].Targets = append(city.Indicators[0].Targets, target(day(2030, 1), 97, "", day(2028, 4)))
	if a := r.AnswersIn(city)[3]; a.Answer != TermKeep {
		t.Errorf("a target that holds again: %+v", a)
	}
}
