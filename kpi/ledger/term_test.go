package ledger

import (
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

func TestTerms(t *testing.T) {
	db := fresh(t)
	by, now := account.By{Name: "the test"}, day
	begin := func(name string, year int) kpi.TermReview {
		return kpi.TermReview{
			Name: name, Ended: kpi.NewDate(year, 12, 31), Publication: 1,
			Answers: []kpi.TermAnswer{{Indicator: "lights", Public: true, Target: kpi.Target{By: kpi.NewDate(2029, 12, 31), Value: 90}}, {Indicator: "trees", Target: kpi.Target{By: kpi.NewDate(2030, 12, 31), Value: 5}}},
		}
	}
	first := begin("2020–2023", 2023)
	if err := db.SaveTerm(t.Context(), &first, by, now); err != nil || first.ID != 1 {
		t.Fatalf("%+v, %v", first.Stamp, err)
	}
	again := begin("the same", 2023)
	wantError(t, db.SaveTerm(t.Context(), &again, by, now), kpi.CodeConflict, "the term that ended on 2023-12-31 is under review already")
	second := begin("2024–2025", 2025)
	if err := db.SaveTerm(t.Context(), &second, by, now); err != nil || second.ID != 2 {
		t.Fatalf("%+v, %v", second.Stamp, err)
	}
	mine, theirs := first, first
	answer := func(r *kpi.TermReview, reason string) {
		r.Answers = append([]kpi.TermAnswer{}, r.Answers...)
		a := &r.Answers[0]
		a.Answer, a.Reason, a.Lang, a.At = kpi.TermKeep, reason, kpi.English, now.UTC()
	}
	answer(&theirs, "theirs")
	answer(&mine, "mine")
	if err := db.SaveTerm(t.Context(), &theirs, by, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	wantError(t, db.SaveTerm(t.Context(), &mine, by, now.Add(time.Hour)), kpi.CodeConflict, "changed by somebody else")
	if r, err := db.Term(t.Context(), 1); err != nil || r.Revision != 2 || r.Answers[0].Reason != "theirs" {
		t.Errorf("%+v, %v", r, err)
	}
	wrong := theirs
	wrong.Name = "another name"
	wantError(t, db.SaveTerm(t.Context(), &wrong, by, now.Add(2*time.Hour)), kpi.CodeInvalid, "does not change")
	if then, err := db.TermsThen(t.Context(), now); err != nil || len(then) != 2 || then[0].Answers[0].Answer != "" {
		t.Errorf("as it stood before: %+v, %v", then, err)
	}
	trail, err := db.Audit(t.Context(), 0, 1)
	if err != nil || trail[0].Action != "term.answered" || trail[0].Detail["kept"] != "1" {
		t.Errorf("%+v, %v", trail, err)
	}
	if _, err := db.Term(t.Context(), 9); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("%v", err)
	}
}

func TestPublicationByNumber(t *testing.T) {
	db := fresh(t)
	f := record(t, db, city("h1"), day)
	for n, body := range []string{"one", "two"} {
		if _, err := db.Publish(t.Context(), Publication{PublishedAt: day.Add(time.Duration(n) * time.Hour), AsOf: kpi.DateOf(day), Folder: f, Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	if p, err := db.Publication(t.Context(), 1); err != nil || string(p.Body) != "one" || p.Number != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := db.Publication(t.Context(), 3); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("%v", err)
	}
}
