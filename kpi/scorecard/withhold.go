package scorecard

import (
	"slices"

	"citystat/kpi"
)

// Withhold takes what is said of the time to come out of a scorecard, unless its city shows that to the public: the outlook of every target, how it
// was found, and whether the target is met if nothing changes. A city that begins to forecast looks at its forecasts first. What the scorecard shares
// with others is not changed.
func (s *Scorecard) Withhold() {
	if s.City.Outlook {
		return
	}
	s.Results = slices.Clone(s.Results)
	for i := range s.Results {
		a := &s.Results[i].Assessment
		a.Outlook, a.Signal.Assurance = nil, ""
		a.Standings = slices.Clone(a.Standings)
		for k := range a.Standings {
			a.Standings[k].Outlook = nil
		}
		a.Reasons = slices.DeleteFunc(slices.Clone(a.Reasons), func(r kpi.Reason) bool { return r.Question == kpi.QuestionOutlook })
	}
}

// State is how a piece of work of [Scorecard.Works] stands on the scorecard's day; when it will be finished at its pace is said where the city shows outlooks.
func (s *Scorecard) State(p *kpi.Project) kpi.ProjectState {
	state := p.Assess(kpi.ProjectOptions{AsOf: s.AsOf, Bands: s.City.Bands})
	if !s.City.Outlook {
		state.Forecast, state.ForecastDelay = kpi.Date{}, nil
	}
	return state
}
