package ledgertest

import (
	"context"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// fillDecisions lets people decide: a target is moved, one is dropped, another owner is named, and one decision is withdrawn; one was overtaken by the folder, one stands
// in it, and one is about an indicator that is gone.
func fillDecisions(o *Office) {
	today := kpi.DateOf(o.now)
	first := &o.city.Indicators[0]
	up := o.firstWith(func(i *kpi.Indicator) bool {
		return i.ID != first.ID && i.Direction != kpi.Neutral && i.Project == nil && len(i.TargetsInForce(today)) > 0
	})
	decide := func(of *kpi.Indicator, kind kpi.DecisionKind, days int, change func(*kpi.Decision)) *kpi.Decision {
		d := &kpi.Decision{
			Kind: kind, State: kpi.DecisionInForce, Indicator: of.ID, On: today.AddDays(-days), Whose: o.say("City Council"), Lang: o.city.Source(),
			Reason: o.say("The budget of the year allows a second crew."), Act: kpi.Act{Title: o.say("Ordinance 14-2026"), Date: today.AddDays(-days - 1), URL: "https://example.gov/ordinances/14-2026"},
		}
		if t := of.TargetsInForce(today); kind != kpi.DecideOwner && len(t) > 0 {
			x := t[len(t)-1]
			d.Target = &kpi.Target{By: x.By, Kind: x.Kind, Value: x.Value, Low: x.Low, High: x.High}
		}
		change(d)
		if d.Was == "" {
			d.Was = d.Says(o.city)
		}
		o.must(o.SaveDecision(context.Background(), d, o.by(account.Analyst), o.now.AddDate(0, 0, -days/2)))
		return d
	}
	decide(first, kpi.DecideTarget, 20, func(d *kpi.Decision) { moved(d.Target, first.Direction) })
	back := decide(up, kpi.DecideTarget, 40, func(d *kpi.Decision) { moved(d.Target, up.Direction) })
	back.State, back.Why = kpi.DecisionWithdrawn, o.say("The number was that of another indicator.")
	o.must(o.SaveDecision(context.Background(), back, o.by(account.ChiefOfStaff), o.now.AddDate(0, 0, -10)))
	decide(up, kpi.DecideDrop, 12, func(*kpi.Decision) {})
	decide(first, kpi.DecideOwner, 8, func(d *kpi.Decision) { d.Owner, d.Act = o.city.People[len(o.city.People)-1].ID, kpi.Act{} })
	decide(first, kpi.DecideTarget, 90, func(d *kpi.Decision) {
		moved(d.Target, first.Direction)
		d.Target.Kind, d.Was = kpi.TargetTerm, "1 since 2001-01-01"
	})
	named := o.firstWith(func(i *kpi.Indicator) bool { return i.Owner != "" })
	decide(named, kpi.DecideOwner, 60, func(d *kpi.Decision) { d.Owner, d.Was = named.Owner, "somebody" })
	decide(up, kpi.DecideTarget, 30, func(d *kpi.Decision) { d.Indicator = "an-indicator-that-is-gone" })
}

// moved makes a target another one.
func moved(t *kpi.Target, d kpi.Direction) {
	if d == kpi.Range {
		t.High += 1.5
		return
	}
	t.Value += 1.5
}

// firstWith is the first indicator with something.
func (o *Office) firstWith(has func(*kpi.Indicator) bool) *kpi.Indicator {
	for k := range o.city.Indicators {
		if has(&o.city.Indicators[k]) {
			return &o.city.Indicators[k]
		}
	}
	o.tb.Fatal("the city has no such indicator")
	return nil
}

// Applied lays what was decided over the city.
func (o *Office) Applied(ctx context.Context) ([]kpi.Applied, error) {
	list, err := o.Decisions(ctx, kpi.PaperQuery{})
	if err != nil || o.city == nil {
		return nil, err
	}
	_, applied := kpi.Apply(o.city, list)
	return applied, nil
}

// Patch is one that leaves the first decision in force to people: a patch itself needs a folder.
func (o *Office) Patch(ctx context.Context) (kpi.FolderPatch, error) {
	list, err := o.Applied(ctx)
	p := kpi.FolderPatch{Diff: []byte("--- a/datasets/x.yaml\n+++ b/datasets/x.yaml\n@@ -1,1 +1,2 @@\n dataset: x\n+# decided\n")}
	if k := slices.IndexFunc(list, func(a kpi.Applied) bool { return a.State == kpi.AppliedInForce }); k >= 0 {
		d := &list[k].Decision
		p.ByHand = []kpi.HandPatch{{Decision: d.ID, File: "datasets/street-lights.yaml", Line: 42, Why: kpi.HandAnchor, Lines: []string{"targets:", "  - {by: 2026-12-31, value: 85, reason: " + d.Reason + "}"}}}
	}
	return p, err
}

// Preview is the scorecard of Harborview with the decision laid over it.
func (o *Office) Preview(ctx context.Context, d *kpi.Decision, now time.Time) (*scorecard.Scorecard, error) {
	list, err := o.Decisions(ctx, kpi.PaperQuery{})
	if err != nil {
		return nil, err
	}
	next := *d
	next.Was, next.Since, next.ID = d.Says(o.city), now, int64(len(list)+1)
	city, _ := kpi.Apply(o.city, append(list, next))
	return scorecardtest.Supposed(city), nil
}
