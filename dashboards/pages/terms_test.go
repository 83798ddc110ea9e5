package pages

import (
	"net/http"
	"strings"
	"testing"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/scorecard/scorecardtest"
)

// TestTermsInPublic: the page of a term has what became of every target, the archived scorecard, and nobody's name.
func TestTermsInPublic(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	list := text(s.page("/en/terms").root)
	for _, w := range []string{"Term: 2022–2025", "Term: 2018–2021", "December\u00a031, 2025", "Not answered yet", "Targets and scorecard: 2022–2025"} {
		if !strings.Contains(list, w) {
			t.Errorf("the list does not say %q", w)
		}
	}
	page := s.page("/en/terms/2")
	said := text(page.root)
	for _, w := range []string{"Kept", "Revised", "Dropped", "It is a promise of the whole city.", "City Council", "February\u00a02, 2026", "Target now", "The scorecard at the end of the term"} {
		if !strings.Contains(said, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	if strings.Contains(said, "not for the public") || strings.Contains(said, "harborview.gov") {
		t.Error("the page says what is for staff alone")
	}
	for _, path := range []string{"/en/terms/3", "/en/terms/0", "/en/terms/x", "/en/terms/-1", "/en/terms/01", "/en/terms/+1"} {
		if res := s.do(http.MethodGet, path, nil); res.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", path, res.Code)
		}
	}
}

// TestKeepingATarget: a reason is wanted, what was typed stays, whoever answers over somebody else is told so, and what a decision changed is not kept.
func TestKeepingATarget(t *testing.T) {
	s, work := officeOf(t, account.ChiefOfStaff)
	const path = "/staff/terms/1"
	review := func() kpi.TermReview {
		t.Helper()
		r, err := work.Term(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if page := text(s.page(path).root); !strings.Contains(page, "Keep this target") || !strings.Contains(page, "Change the reason") || !strings.Contains(page, "Revise or drop it") {
		t.Error("the page offers not all that can be done")
	}
	res := s.send(path, form("target", "1", "reason", " "))
	if body := res.Body.String(); res.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `href="#reason-1"`) || !strings.Contains(body, "<title>Error: ") {
		t.Errorf("without a reason: %d", res.Code)
	}
	long := strings.Repeat("long ", kpi.MaxTermReason/5+1)
	if res := s.send(path, form("target", "1", "reason", long)); res.Code != http.StatusUnprocessableEntity || !strings.Contains(res.Body.String(), strings.TrimSpace(long)) {
		t.Errorf("a long reason: %d", res.Code)
	}
	for _, wrong := range []string{"-1", "999", "x", ""} {
		if res := s.send(path, form("target", wrong, "reason", "x")); res.Code < 400 {
			t.Errorf("target %q: %d", wrong, res.Code)
		}
	}
	if res := s.send(path, form("target", "1", "reason", "Trees are for everybody.\r\nStill.")); res.Code != http.StatusSeeOther || res.Header().Get("Location") != path+"?done=keep#target-1" {
		t.Fatalf("kept: %d to %q", res.Code, res.Header().Get("Location"))
	}
	if a := review().Answers[1]; a.Answer != kpi.TermKeep || a.Reason != "Trees are for everybody.\nStill." || a.Lang != kpi.English || a.At.IsZero() {
		t.Errorf("%+v", a)
	}
	// Somebody who has not seen that answers too.
	res = s.send(path, form("target", "1", "seen", "", "reason", "Mine."))
	if body := res.Body.String(); res.Code != http.StatusConflict || !strings.Contains(body, "Mine.") || !strings.Contains(body, "Trees are for everybody.") {
		t.Errorf("over somebody else's: %d", res.Code)
	}
	r := review()
	if res := s.send(path, form("target", "1", "seen", termSeen(&r.Answers[1]), "reason", "Mine.")); res.Code != http.StatusSeeOther || review().Answers[1].Reason != "Mine." {
		t.Errorf("having seen it: %d", res.Code)
	}
}

// TestARevisedTargetIsNotKept: the folder or a decision has changed the target since.
func TestARevisedTargetIsNotKept(t *testing.T) {
	s, work := officeOf(t, account.Mayor)
	city, err := s.pages.opts.Staff.City(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := work.Term(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	a := r.Answers[1]
	ind := city.Indicator(a.Indicator)
	now := a.Target
	now.Value, now.High, now.Set, now.ByWhom = now.Value+1, now.High+1, r.Ended.AddDays(20), "City Council"
	ind.Targets = append(ind.Targets, now)
	res := s.send("/staff/terms/1", form("target", "1", "reason", "x"))
	if body := res.Body.String(); res.Code != http.StatusConflict || !strings.Contains(body, "was revised or dropped meanwhile") || !strings.Contains(body, "City Council") {
		t.Errorf("%d", res.Code)
	}
	if len(r.Answers) > 1 && r.Answers[1].Answer == kpi.TermKeep {
		t.Error("the fixture had answered")
	}
}
