package scorecard

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
)

// TestTermsInPublic: residents read no person, nothing of indicators that they could not see then or cannot see now, and everything of those that are gone.
func TestTermsInPublic(t *testing.T) {
	answer := func(indicator string, public bool) kpi.TermAnswer {
		return kpi.TermAnswer{Indicator: indicator, Public: public, Answer: kpi.TermKeep, Reason: "why " + indicator, Lang: kpi.English, Decision: 77}
	}
	at := time.Date(2015, 9, 1, 9, 0, 0, 0, time.UTC)
	r := kpi.TermReview{
		Stamp: kpi.Stamp{ID: 4, Revision: 9, At: at, Person: 88, By: "ana@city.gov", Founder: 88}, Name: "2012–2015", Ended: kpi.NewDate(2015, 8, 31), Publication: 3,
		AsOf: kpi.NewDate(2015, 8, 31), Published: at,
		Answers: []kpi.TermAnswer{answer("open", true), answer("hidden-then", false), answer("hidden-now", true), answer("gone", true)},
		Results: []kpi.TermResult{{Indicator: "open"}, {Indicator: "hidden-now"}, {Indicator: "gone"}},
	}
	p := Words{Terms: []kpi.TermReview{r}}.public(&kpi.City{}, map[string]bool{"open": true, "hidden-then": true, "hidden-now": false}).Terms[0]
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"ana@", "88", "77", "hidden"} {
		if strings.Contains(string(b), secret) {
			t.Errorf("%q is public: %s", secret, b)
		}
	}
	if len(p.Answers) != 2 || p.Answers[1].Reason != "why gone" || len(p.Results) != 2 || p.ID != 4 || p.Publication != 3 || p.AsOf != r.AsOf || !p.At.Equal(at) {
		t.Errorf("%s", b)
	}
}

// TestTermsOfADay: a scorecard tells of the terms that had ended on its day, the newest first, with what its own city has made of the targets.
func TestTermsOfADay(t *testing.T) {
	target := kpi.Target{By: kpi.NewDate(2020, 12, 31), Value: 80}
	now := target
	now.Value = 70
	card := &Scorecard{AsOf: kpi.NewDate(2016, 1, 1), City: &kpi.City{Indicators: []kpi.Indicator{{ID: "lights", Direction: kpi.Up, Targets: []kpi.Target{now}}}}}
	term := func(id int64, year int) kpi.TermReview {
		return kpi.TermReview{Stamp: kpi.Stamp{ID: id}, Ended: kpi.NewDate(year, 12, 31), Answers: []kpi.TermAnswer{{Indicator: "lights", Target: target}}}
	}
	list := termsOf([]kpi.TermReview{term(1, 2011), term(2, 2015), term(3, 2019)}, card)
	if len(list) != 2 || list[0].ID != 2 || list[1].ID != 1 || list[0].Answers[0].Answer != kpi.TermRevise || list[0].Answers[0].Now.Value != 70 {
		t.Errorf("%+v", list)
	}
	card.Terms = list
	if card.Term(1) == nil || card.Term(3) != nil {
		t.Error("terms are not found by their number")
	}
}
