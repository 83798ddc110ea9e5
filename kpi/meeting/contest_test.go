package meeting

import (
	"math"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// TestMayContest tries every step from every state as everybody, as whoever contested and as somebody else.
func TestMayContest(t *testing.T) {
	contests := map[string]bool{"analyst": true, "department_head": true, "department_staff": true, "this machine": true}
	answers := map[string]bool{"analyst": true, "chief_of_staff": true}
	for name, who := range people() {
		for _, state := range []kpi.ContestState{"", kpi.ContestOpen, kpi.ContestCorrected, kpi.ContestUpheld, kpi.ContestWithdrawn} {
			for _, own := range []bool{false, true} {
				c := kpi.Contest{Stamp: kpi.Stamp{Founder: 99}, State: state, Department: "works"}
				if own && who != nil {
					c.Founder = who.ID
				}
				open := state == kpi.ContestOpen
				for step, want := range map[ContestStep]bool{
					ContestMake: contests[name] && state == "", ContestWithdraw: contests[name] && open,
					ContestCorrect: answers[name] && open && !own, ContestUphold: answers[name] && open && !own, "lose": false,
				} {
					if got := MayContest(step, &c, who); got != want {
						t.Errorf("%s may %s what is %q (own %t): %t, want %t", name, step, state, own, got, want)
					}
				}
			}
		}
	}
}

// TestWaysOfContests brings every state after every other, and asks of each turn what the ledger will ask.
func TestWaysOfContests(t *testing.T) {
	states := []kpi.ContestState{kpi.ContestOpen, kpi.ContestCorrected, kpi.ContestUpheld, kpi.ContestWithdrawn}
	today, ben := kpi.NewDate(2026, time.March, 20), account.By{Person: 6, Name: "ben@city.gov"}
	value := 54.0
	for _, from := range append([]kpi.ContestState{""}, states...) {
		for _, to := range states {
			var was *kpi.Contest
			now := kpi.Contest{Stamp: kpi.Stamp{ID: 1, Revision: 1, Founder: 5, Person: 6}, Indicator: "i", Period: "2026-01", Department: "works", Value: &value, Version: 3, Reason: "Twice."}
			if from != "" {
				before := now
				before.State = from
				was = &before
			}
			now.State, now.Answer = to, "So."
			want := from == "" && to == kpi.ContestOpen || from == kpi.ContestOpen && to != kpi.ContestOpen
			if err := CheckContest(was, &now); (err == nil) != want {
				t.Errorf("from %q to %q: %v", from, to, err)
			}
		}
	}
	open := kpi.Contest{Stamp: kpi.Stamp{ID: 1, Revision: 1, Founder: 5}, Indicator: "i", Department: "works", State: kpi.ContestOpen, Reason: "Twice.", Value: &value}
	for _, step := range ContestSteps[1:] {
		c, err := TurnContest(open, step, "So.", 9, ben, today)
		c.Person = 6
		if err != nil || CheckContest(&open, &c) != nil || c.Answer != "So." || (c.Load == 9) != (step == ContestCorrect) || (c.AnsweredAt == today) != (step != ContestWithdraw) {
			t.Errorf("%s: %+v, %v", step, c, err)
		}
		if _, err := TurnContest(c, step, "So.", 0, ben, today); kpi.ErrorCode(err) != kpi.CodeConflict {
			t.Errorf("%s twice: %v", step, err)
		}
		if c.Person = 5; (CheckContest(&open, &c) == nil) != (step == ContestWithdraw) {
			t.Errorf("%s by whoever contested it: %v", step, CheckContest(&open, &c))
		}
		other := 52.0
		for name, change := range map[string]func(*kpi.Contest){
			"reason": func(c *kpi.Contest) { c.Reason = "Thrice." }, "value": func(c *kpi.Contest) { c.Value = &other }, "believed": func(c *kpi.Contest) { c.Believed = &other },
			"public": func(c *kpi.Contest) { c.Public = true }, "department": func(c *kpi.Contest) { c.Department = "parks" }, "period": func(c *kpi.Contest) { c.Period = "2026-02" },
		} {
			d := c
			d.Person = 6
			if change(&d); kpi.ErrorCode(CheckContest(&open, &d)) != kpi.CodeInvalid {
				t.Errorf("%s changes the %s: %v", step, name, CheckContest(&open, &d))
			}
		}
	}
	if _, err := TurnContest(open, ContestMake, "So.", 0, ben, today); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Error(err)
	}
}

func TestContestProblems(t *testing.T) {
	nan, fine := math.NaN(), 52.0
	for want, c := range map[string]kpi.Contest{
		"":               {State: kpi.ContestOpen, Reason: "Twice.", Believed: &fine},
		"reason empty":   {State: kpi.ContestOpen},
		"reason long":    {State: kpi.ContestOpen, Reason: strings.Repeat("é", kpi.MaxContest+1)},
		"answer empty":   {State: kpi.ContestUpheld, Reason: "Twice."},
		"answer long":    {State: kpi.ContestCorrected, Reason: "Twice.", Answer: "x\x00"},
		"believed empty": {State: kpi.ContestOpen, Reason: "Twice.", Believed: &nan},
	} {
		got := ""
		for _, p := range ContestProblems(&c) {
			got += p.Field + " " + p.What
		}
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := ContestDue(kpi.NewDate(2026, time.March, 20), kpi.NewWorkdays(nil, nil)); got != kpi.NewDate(2026, time.March, 27) {
		t.Error(got)
	}
}
