package meeting

import (
	"reflect"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/account"
)

// NewTerm begins the review after a term: it asks about every target of the city that still held when the term ended and whose day has not come by then. public
// are the indicators that residents can see. It fails with [kpi.CodeInvalid] if the name or the day is none.
func NewTerm(city *kpi.City, name string, ended kpi.Date, publication int64, today kpi.Date) (kpi.TermReview, error) {
	r := kpi.TermReview{Name: name, Ended: ended, Publication: publication, Answers: []kpi.TermAnswer{}}
	if ended.After(today) {
		return r, kpi.Errorf(kpi.CodeInvalid, "a term that ends on %s has not ended yet", ended)
	}
	for k := range city.Indicators {
		i := &city.Indicators[k]
		for _, t := range i.TargetsInForce(ended) {
			if t.By.After(ended) && !t.Set.After(ended) {
				r.Answers = append(r.Answers, kpi.TermAnswer{Indicator: i.ID, Target: t, Public: i.Public})
			}
		}
	}
	return r, CheckTerm(nil, &r)
}

// MayAnswerTerm reports whether somebody may say what becomes of targets.
func MayAnswerTerm(who *account.Person) bool { return who.MayAnywhere(account.Decide) }

// CheckTerm finds why a revision of a review may not follow another (nil: there is none). Of what the term left nothing changes; an answer is that a target is
// kept, and why. That it was revised or dropped is said by the target itself, see [kpi.TermReview.AnswersIn].
func CheckTerm(was, now *kpi.TermReview) error {
	switch n := utf8.RuneCountInString(now.Name); {
	case n == 0 || n > kpi.MaxTermName || now.Name != kpi.PlainText(now.Name) || strings.ContainsAny(now.Name, "\n\t"):
		return kpi.Errorf(kpi.CodeInvalid, "a term has a name of one line and at most %d characters, such as 2024–2027", kpi.MaxTermName)
	case now.Ended.IsZero():
		return kpi.Errorf(kpi.CodeInvalid, "a term has a last day")
	case now.Publication < 1:
		return kpi.Errorf(kpi.CodeConflict, "no scorecard is archived with the term: nothing was published yet")
	case len(now.Results) > 0:
		return kpi.Errorf(kpi.CodeInvalid, "what the archived scorecard says is kept with the scorecard")
	}
	for k := range now.Answers {
		if err := checkAnswer(&now.Answers[k]); err != nil {
			return err
		}
	}
	if was == nil {
		return nil
	}
	if now.Name != was.Name || now.Ended != was.Ended || now.Publication != was.Publication || len(now.Answers) != len(was.Answers) {
		return kpi.Errorf(kpi.CodeInvalid, "what a term left does not change")
	}
	changed := 0
	for k := range now.Answers {
		a, b := &was.Answers[k], &now.Answers[k]
		if a.Indicator != b.Indicator || a.Public != b.Public || !reflect.DeepEqual(a.Target, b.Target) {
			return kpi.Errorf(kpi.CodeInvalid, "what a term left does not change")
		}
		if !reflect.DeepEqual(a, b) {
			changed++
		}
	}
	if changed == 0 {
		return kpi.Errorf(kpi.CodeInvalid, "nothing was answered")
	}
	return nil
}

// checkAnswer finds what is wrong with one answer.
func checkAnswer(a *kpi.TermAnswer) error {
	switch {
	case a.Now != nil:
		return kpi.Errorf(kpi.CodeInvalid, "what became of a target is said by the target")
	case a.Answer == "" && a.Reason == "":
		return nil
	case a.Answer != kpi.TermKeep:
		return kpi.Errorf(kpi.CodeInvalid, "a target is revised or dropped by a decision or in the folder")
	case a.Reason == "" || a.Reason != kpi.PlainText(a.Reason) || utf8.RuneCountInString(a.Reason) > kpi.MaxTermReason:
		return kpi.Errorf(kpi.CodeInvalid, "whoever keeps a target says why, in at most %d characters", kpi.MaxTermReason)
	case a.Lang == "" || a.At.IsZero():
		return kpi.Errorf(kpi.CodeInvalid, "an answer has a language and a time")
	}
	return nil
}
