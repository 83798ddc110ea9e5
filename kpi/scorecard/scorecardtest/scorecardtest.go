// Package scorecardtest makes scorecards for tests, without any store: the same bytes on every machine and in every run.
//
// The observations are invented but hold together as real ones do: a share is 100 · numerator / denominator, the whole city is the sum
// of its districts and of the rows that belong to none, totals are the sums of their periods, and the newest period is partial. What is
// said of them is not invented: a [scorecard.Builder] reads them as it reads the stores. So a test that compares two surfaces for one
// number, or that draws a page, sees what a city would see.
//
// Every call returns a fresh value, which the caller may change.
package scorecardtest

import (
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// AsOf is the day as of which [Normal], [One] and [Hostile] are judged.
var AsOf = kpi.Date{Year: 2026, Month: time.March, Day: 20}

// KnownAt is the time at which the newest data version of the scorecards became live.
var KnownAt = time.Date(2026, 3, 21, 5, 4, 3, 0, time.UTC)

// Now is a time shortly after the scorecards were published, for tests that need a clock.
var Now = time.Date(2026, 3, 21, 9, 30, 0, 0, time.UTC)

const dataVersion = 12

// Normal returns the scorecard of Harborview, a fictional city: 4 priorities, 25 indicators in all ten statuses with all units,
// directions, flags, measures, methods and charts, 24 months or more, 8 districts, 4 datasets of which one has a failed later load and one was
// never loaded; departments say something of some. It is live: numbers of too few people are in it, which [Published] does not show.
func Normal() *scorecard.Scorecard {
	b := builder{city: harborview(), asOf: AsOf, datasets: harborviewDatasets(), record: harborviewRecord(), said: harborviewSaid()}
	card := b.card(harborviewPlans())
	withTerms(card, func() string { return "It is a promise of the whole city." })
	return card
}

// Supposed returns the scorecard of [Normal] as it would be if its indicators had the targets of another city's, which has them under the same ids.
func Supposed(city *kpi.City) *scorecard.Scorecard {
	b := builder{city: harborview(), asOf: AsOf, datasets: harborviewDatasets(), record: harborviewRecord()}
	plans := harborviewPlans()
	for k := range plans {
		if i := city.Indicator(plans[k].indicator.ID); i != nil {
			plans[k].indicator.Targets = i.Targets
		}
	}
	return b.card(plans)
}

// Empty returns the scorecard of a city that has defined everything and loaded nothing.
func Empty() *scorecard.Scorecard {
	b := builder{city: harborview(), asOf: AsOf}
	plans := harborviewPlans()
	for i := range plans {
		plans[i].months = 0
		plans[i].undated = nil
	}
	for _, d := range b.city.Datasets {
		b.datasets = append(b.datasets, kpi.DatasetState{Dataset: d.ID})
	}
	return b.card(plans)
}

// One returns the scorecard of a city with a single indicator and rows in a single, settled period, without districts.
func One() *scorecard.Scorecard {
	city := harborview()
	city.Districts = nil
	city.Priorities = city.Priorities[:1]
	city.Datasets = city.Datasets[:1]
	plan := harborviewPlans()[0]
	plan.months, plan.newest, plan.noDistricts, plan.to = 1, -1, true, 76
	plan.indicator.SettlesAfter = 0
	plan.indicator.PairedWith = nil
	city.Evaluations = nil
	b := builder{city: city, asOf: AsOf, datasets: harborviewDatasets()[:1]}
	return b.card([]history{plan})
}
