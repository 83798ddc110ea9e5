package main

import (
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// TestATermIsReviewedInPublic: what becomes of targets reaches residents as it is said, by an answer and by a decision, and the archived scorecard stays.
func TestATermIsReviewedInPublic(t *testing.T) {
	town, data := townOf(t, "term.txtar"), t.TempDir()
	app := start(t, testOptions(town, data))
	if said, err := citystat(t, "new-term", town, "--data", data, "--name", "2022–2025", "--ended", "2025-12-31"); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	page := func() string { return string(get(t, app, "/en/terms/1")) }
	if p := page(); !strings.Contains(p, "Not answered yet") || !strings.Contains(p, "2\u00a0targets") || !strings.Contains(p, "The scorecard at the end of the term") {
		t.Fatal("the review is not public")
	}
	if !strings.Contains(string(get(t, app, "/en/")), `href="/en/terms"`) {
		t.Error("the menu does not lead there")
	}
	by, work := account.By{Name: "the test"}, app.workspace()
	r, err := work.Terms.Term(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	archived := r.Publication
	a := &r.Answers[0]
	a.Answer, a.Reason, a.Lang, a.At = kpi.TermKeep, "Roads matter to everybody.", kpi.English, time.Now().UTC()
	if err := work.Terms.SaveTerm(t.Context(), &r, by, time.Now()); err != nil {
		t.Fatal(err)
	}
	if p := page(); !strings.Contains(p, "Roads matter to everybody.") || !strings.Contains(p, "Kept") {
		t.Error("a target that is kept is not said to be")
	}
	second := r.Answers[1].Target
	d := kpi.Decision{
		Kind: kpi.DecideDrop, State: kpi.DecisionInForce, Indicator: "on-time", Target: &kpi.Target{By: second.By, Kind: second.Kind}, On: kpi.NewDate(2026, 3, 30),
		Whose: "City Council", Reason: "There is no money for it.", Lang: kpi.English, Act: kpi.Act{Title: "Ordinance 7", Date: kpi.NewDate(2026, 3, 30)},
	}
	if err := work.Decisions.SaveDecision(t.Context(), &d, by, time.Now()); err != nil {
		t.Fatal(err)
	}
	p := page()
	for _, want := range []string{"Dropped", "There is no money for it.", "City Council", "Ordinance 7"} {
		if !strings.Contains(p, want) {
			t.Errorf("a target that a decision dropped: the page does not say %q", want)
		}
	}
	if strings.Contains(p, "2\u00a0targets") {
		t.Error("something is said to be not answered yet")
	}
	c := card(t, app)
	if term := c.Term(1); term == nil || term.Publication != archived || len(term.Results) != 1 || term.Results[0].Target == nil || c.Number <= archived {
		t.Errorf("the archive: %+v", term)
	}
}
