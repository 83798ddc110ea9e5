package meeting

import (
	"strings"
	"testing"
	"time"

	"citystat/kpi"
)

// endedTerm is a review of a term in a town with four targets, of which two held beyond it.
func endedTerm(t *testing.T) kpi.TermReview {
	t.Helper()
	ended := kpi.NewDate(2027, 12, 31)
	city := &kpi.City{Indicators: []kpi.Indicator{
		{ID: "lights", Direction: kpi.Up, Public: true, Targets: []kpi.Target{
			{By: ended, Value: 80, Set: kpi.NewDate(2024, 1, 1)}, {By: kpi.NewDate(2029, 12, 31), Value: 90, Set: kpi.NewDate(2024, 1, 1)},
			{By: kpi.NewDate(2031, 12, 31), Value: 99, Set: kpi.NewDate(2028, 1, 2)}, // of the next term already
		}},
		{ID: "staff-turnover", Direction: kpi.Down, Targets: []kpi.Target{{By: kpi.NewDate(2028, 6, 30), Value: 7, Set: kpi.NewDate(2024, 1, 1)}}},
		{ID: "no-target", Direction: kpi.Up, Public: true},
	}}
	r, err := NewTerm(city, "2024–2027", ended, 3, kpi.NewDate(2028, 1, 5))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestATermAsksOfWhatHolds(t *testing.T) {
	r := endedTerm(t)
	if len(r.Answers) != 2 || r.Answers[0].Target.Value != 90 || !r.Answers[0].Public || r.Answers[1].Indicator != "staff-turnover" || r.Answers[1].Public {
		t.Errorf("%+v", r.Answers)
	}
	if _, err := NewTerm(&kpi.City{}, "2024–2027", kpi.NewDate(2028, 1, 6), 3, kpi.NewDate(2028, 1, 5)); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("a term that has not ended: %v", err)
	}
}

func TestATermIsNotChanged(t *testing.T) {
	now := time.Date(2028, 1, 6, 9, 0, 0, 0, time.UTC)
	keep := func(a *kpi.TermAnswer) {
		a.Answer, a.Reason, a.Lang, a.At = kpi.TermKeep, "It is right.", kpi.English, now
	}
	for name, tc := range map[string]struct {
		change func(*kpi.TermReview)
		want   string // of the error; "" if it is fine
	}{
		"kept":      {func(r *kpi.TermReview) { keep(&r.Answers[0]) }, ""},
		"nothing":   {func(*kpi.TermReview) {}, "nothing was answered"},
		"no reason": {func(r *kpi.TermReview) { keep(&r.Answers[0]); r.Answers[0].Reason = "" }, "says why"},
		"a long reason": {func(r *kpi.TermReview) {
			keep(&r.Answers[0])
			r.Answers[0].Reason = strings.Repeat("x", kpi.MaxTermReason+1)
		}, "says why"},
		"a hidden letter":   {func(r *kpi.TermReview) { keep(&r.Answers[0]); r.Answers[0].Reason = "a\x00b" }, "says why"},
		"no language":       {func(r *kpi.TermReview) { keep(&r.Answers[0]); r.Answers[0].Lang = "" }, "a language and a time"},
		"revised by hand":   {func(r *kpi.TermReview) { keep(&r.Answers[0]); r.Answers[0].Answer = kpi.TermRevise }, "by a decision or in the folder"},
		"a new target":      {func(r *kpi.TermReview) { keep(&r.Answers[0]); r.Answers[0].Now = &kpi.Target{} }, "said by the target"},
		"another target":    {func(r *kpi.TermReview) { keep(&r.Answers[0]); r.Answers[0].Target.Value = 10 }, "does not change"},
		"made public":       {func(r *kpi.TermReview) { keep(&r.Answers[0]); r.Answers[1].Public = true }, "does not change"},
		"one fewer":         {func(r *kpi.TermReview) { r.Answers = r.Answers[:1] }, "does not change"},
		"another name":      {func(r *kpi.TermReview) { keep(&r.Answers[0]); r.Name = "2025" }, "does not change"},
		"no name":           {func(r *kpi.TermReview) { r.Name = "" }, "a name of one line"},
		"two lines":         {func(r *kpi.TermReview) { r.Name = "a\nb" }, "a name of one line"},
		"no day":            {func(r *kpi.TermReview) { r.Ended = kpi.Date{} }, "a last day"},
		"another scorecard": {func(r *kpi.TermReview) { keep(&r.Answers[0]); r.Publication = 4 }, "does not change"},
		"no scorecard":      {func(r *kpi.TermReview) { r.Publication = 0 }, "nothing was published"},
		"its contents":      {func(r *kpi.TermReview) { r.Results = []kpi.TermResult{{}} }, "kept with the scorecard"},
	} {
		t.Run(name, func(t *testing.T) {
			was, r := endedTerm(t), endedTerm(t)
			tc.change(&r)
			err := CheckTerm(&was, &r)
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}
