package scorecard

import (
	"cmp"
	"slices"

	"citystat/kpi"
)

// Archive returns what a published scorecard says at the end of a term, for the review of the term: its day, when it was published, and of every indicator
// what is needed to read its result for ever. The review itself is not changed.
func (s *Scorecard) Archive(r kpi.TermReview) kpi.TermReview {
	r.AsOf, r.Published, r.Results = s.AsOf, s.PublishedAt, []kpi.TermResult{}
	for i := range s.Results {
		res := &s.Results[i]
		a, ind := &res.Assessment, res.Indicator
		t := kpi.TermResult{
			Indicator: ind.ID, Name: ind.Name, Priority: ind.Priority, Unit: ind.Unit, Decimals: ind.Decimals, Direction: ind.Direction,
			Value: a.Value, Status: a.Status, Target: a.Target,
		}
		for k := range res.Series {
			if p := res.Series[k].Period; p.ID == a.Period {
				t.Period = p
			}
		}
		r.Results = append(r.Results, t)
	}
	return r
}

// termsOf returns the reviews of terms that had ended on a scorecard's day, the newest term first, with what has become of each target in its city.
func termsOf(list []kpi.TermReview, card *Scorecard) []kpi.TermReview {
	var own []kpi.TermReview
	for _, r := range list {
		if r.Ended.After(card.AsOf) {
			continue
		}
		r.Answers = r.AnswersIn(card.City)
		own = append(own, r)
	}
	slices.SortFunc(own, func(a, b kpi.TermReview) int { return cmp.Or(b.Ended.Compare(a.Ended), cmp.Compare(b.ID, a.ID)) })
	return own
}

// publicTerm returns what residents read of a review, field by field: no person, and nothing of indicators that they could not see then or cannot see now. An
// indicator that the folder has no more stays: what was published stays published.
func publicTerm(r *kpi.TermReview, open map[string]bool) kpi.TermReview {
	p := kpi.TermReview{
		Stamp: kpi.Stamp{ID: r.ID, At: r.At}, Name: r.Name, Ended: r.Ended, Publication: r.Publication, AsOf: r.AsOf, Published: r.Published,
		Answers: []kpi.TermAnswer{}, Results: []kpi.TermResult{},
	}
	seen := func(indicator string) bool {
		public, known := open[indicator]
		return public || !known
	}
	for _, a := range r.Answers {
		if a.Public && seen(a.Indicator) {
			p.Answers = append(p.Answers, kpi.TermAnswer{
				Indicator: a.Indicator, Target: a.Target, Public: true, Answer: a.Answer, Reason: a.Reason, Lang: a.Lang, At: a.At, Now: a.Now,
			})
		}
	}
	for _, t := range r.Results {
		if seen(t.Indicator) {
			p.Results = append(p.Results, t)
		}
	}
	return p
}

// Term returns the review with the number, nil if there is none.
func (s *Scorecard) Term(id int64) *kpi.TermReview {
	for i := range s.Terms {
		if s.Terms[i].ID == id {
			return &s.Terms[i]
		}
	}
	return nil
}
