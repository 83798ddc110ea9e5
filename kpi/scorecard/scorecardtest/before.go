package scorecardtest

import (
	"context"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Archive is what was published before: two weeks before Harborview's scorecard of now the first indicator that is on track today was well behind.
type Archive struct{}

// PublishedBy returns it.
func (Archive) PublishedBy(context.Context, time.Time) (*scorecard.Scorecard, error) {
	card := *Normal()
	card.AsOf = card.AsOf.AddDays(-14)
	results := append([]scorecard.Result{}, card.Results...)
	for i := range results {
		if results[i].Assessment.Status == kpi.OnTrack {
			results[i].Assessment.Status = kpi.WellBehind
			break
		}
	}
	card.Results = results
	return &card, nil
}
