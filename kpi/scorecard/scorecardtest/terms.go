package scorecardtest

import (
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// withTerms puts the reviews of two terms on a scorecard: of the newer one some targets are kept, the next was revised since, one was dropped, the others wait; of
// the older one everything is kept. say makes the reasons.
func withTerms(card *scorecard.Scorecard, say func() string) {
	newer := termOf(card, 2, "2022–2025", day(2025, time.December, 31))
	for k := range newer.Answers {
		a := &newer.Answers[k]
		switch k % 4 {
		case 0:
			a.Answer, a.Reason, a.Lang, a.At = kpi.TermKeep, say(), kpi.English, KnownAt.AddDate(0, 0, -3)
		case 1:
			now := a.Target
			now.Value, now.High, now.Set, now.ByWhom, now.Reason = a.Target.Value*0.9, a.Target.High*1.1, day(2026, time.February, 2), "City Council", kpi.NewText(kpi.English, say())
			a.Answer, a.Now = kpi.TermRevise, &now
		case 2:
			a.Answer = kpi.TermDrop
		}
	}
	// An indicator that the folder has no more, and one that nobody saw.
	if len(newer.Answers) > 0 {
		gone, hidden := newer.Answers[0], newer.Answers[0]
		gone.Indicator, gone.Answer, gone.Reason = "gone", kpi.TermDrop, ""
		hidden.Public, hidden.Reason = false, Secret+": not for the public"
		newer.Answers = append(newer.Answers, gone, hidden)
		result := newer.Results[0]
		result.Indicator, result.Name = "gone", kpi.NewText(kpi.English, say())
		newer.Results = append(newer.Results, result)
	}
	newer.Person, newer.By = 4, Secret+"@harborview.gov"
	older := termOf(card, 1, "2018–2021", day(2021, time.December, 31))
	older.Results = older.Results[:min(len(older.Results), 3)]
	card.Terms = []kpi.TermReview{newer, older}
}

// termOf is the review of a term whose scorecard is that of now.
func termOf(card *scorecard.Scorecard, id int64, name string, ended kpi.Date) kpi.TermReview {
	r := kpi.TermReview{Stamp: kpi.Stamp{ID: id, Revision: 1, At: KnownAt}, Name: name, Ended: ended, Publication: 3}
	for i := range card.City.Indicators {
		ind := &card.City.Indicators[i]
		for _, t := range ind.TargetsInForce(kpi.Date{}) {
			if t.By.After(ended) {
				r.Answers = append(r.Answers, kpi.TermAnswer{Indicator: ind.ID, Target: t, Public: ind.Public})
			}
		}
	}
	r = card.Archive(r)
	r.AsOf, r.Published = ended, ended.EndIn(time.UTC)
	shown := r.Results[:0]
	for _, t := range r.Results {
		if ind := card.City.Indicator(t.Indicator); ind != nil && ind.Public {
			shown = append(shown, t)
		}
	}
	r.Results = shown
	return r
}
