package scorecard

import (
	"fmt"
	"maps"
	"slices"

	"citystat/kpi"
)

// smallestNamed is the number of rows from which a name that is no district is public. Fewer rows may be somebody's address, written
// into the wrong field; eleven is the smallest cell that US health statistics publish (CMS).
const smallestNamed = 11

// Public returns the copy that may be published: public indicators only, datasets that feed one only, and nothing that is meant for
// those who run the system, such as the error of a load, which may quote a row. The outlook is in it only if the city shows it, see
// [Scorecard.Withhold]. The scorecard itself is not changed; what is not private is shared with the copy. Numbers of too few people are not in it,
// nor what they could be worked out from; before is the newest publication, nil if there is none: what can be worked out from both together
// counts as published. It fails if such numbers cannot be kept back safely: then nothing may be published.
func (s *Scorecard) Public(before *Scorecard) (*Scorecard, error) {
	calendar, err := s.City.Calendar()
	if err != nil {
		return nil, err
	}
	public, city := *s, *s.City
	public.City = &city
	open := map[string]bool{}  // indicators
	feeds := map[string]bool{} // datasets
	for _, i := range city.Indicators {
		open[i.ID], feeds[i.Dataset] = i.Public, feeds[i.Dataset] || i.Public
	}
	city.Indicators = []kpi.Indicator{}
	for _, i := range s.City.Indicators {
		if i.Public {
			city.Indicators = append(city.Indicators, without(i, open))
		}
	}
	public.Results = []Result{}
	for _, r := range s.Results {
		if i := city.Indicator(r.Indicator.ID); i != nil {
			r.Indicator, r.Checks = i, nil
			if err := s.keepBack(&r, calendar, before); err != nil {
				return nil, fmt.Errorf("indicator %s: %w", i.ID, err)
			}
			public.Results = append(public.Results, r)
		}
	}
	city.Datasets = slices.DeleteFunc(slices.Clone(s.City.Datasets), func(d kpi.Dataset) bool { return !feeds[d.ID] })
	public.Datasets = []kpi.DatasetState{}
	for _, d := range s.Datasets {
		if feeds[d.Dataset] {
			public.Datasets = append(public.Datasets, publicState(d))
		}
	}
	public.Changes = publicChanges(s.Changes, open)
	public.Words = s.Words.public(s.City, open)
	city.Evaluations, public.Evaluations = publicEvaluations(s, &public, open)
	city.RollUp = publicRollUp(city.RollUp, open)
	city.Meetings = openSeries(city.Meetings, open)
	public.Withhold()
	return &public, nil
}

// keepBack takes numbers that must not be shown out of a result, and judges it anew by what is left: a status tells of the value that it was
// made of.
func (s *Scorecard) keepBack(r *Result, calendar kpi.Calendar, before *Scorecard) error {
	if r.Indicator.Suppress < 2 {
		return nil
	}
	live := *r
	clone(r)
	var was *Result
	if before != nil {
		was = before.Result(r.Indicator.ID)
	}
	of := subject{indicator: r.Indicator, city: s.City, calendar: calendar, asOf: s.AsOf}
	if err := of.suppress(r, was); err != nil {
		return err
	}
	of.describe(r)
	r.Drivers = driversWith(&live, r.hides)
	return nil
}

// hides reports whether the numbers of a member in a period, of the whole city if member is "", are not shown in the result. What is not there was
// never shown.
func (r *Result) hides(dimension, member, period string) bool {
	if member == "" {
		dimension = ""
	}
	o := r.Observation(period, dimension, member)
	return o != nil && o.Suppressed != kpi.NotSuppressed
}

// clone gives a result observations of its own.
func clone(r *Result) {
	if r.Total != nil {
		total := *r.Total
		r.Total = &total
	}
	r.Series, r.Members = slices.Clone(r.Series), slices.Clone(r.Members)
	for k := range r.Members {
		m := &r.Members[k]
		if m.Series = slices.Clone(m.Series); m.Total != nil {
			total := *m.Total
			m.Total = &total
		}
	}
}

// openSeries returns the series of meetings of which residents may read.
func openSeries(list []kpi.MeetingSeries, open map[string]bool) []kpi.MeetingSeries {
	var public []kpi.MeetingSeries
	for i := range list {
		if list[i].Public {
			public = append(public, publicSeries(&list[i], open))
		}
	}
	return public
}

// publicRollUp returns the weights of public indicators.
func publicRollUp(r *kpi.RollUp, open map[string]bool) *kpi.RollUp {
	if r == nil {
		return nil
	}
	weights := maps.Clone(r.Weights)
	maps.DeleteFunc(weights, func(id string, _ float64) bool { return !open[id] })
	return &kpi.RollUp{Weights: weights}
}

// publicChanges returns the changes of public indicators since they are public: what was promised before was not for the public. List
// and copy have the newest first.
func publicChanges(list []kpi.Change, open map[string]bool) []kpi.Change {
	var public []kpi.Change
	opened := map[string]bool{} // indicators that became public in the version of which a change was seen
	at := map[string]int{}
	for _, c := range list {
		became := c.What == kpi.ChangePublic && c.To != nil && c.To.ID == "true" || c.What == kpi.ChangeIndicator && c.To != nil
		switch {
		case c.Indicator != "" && !open[c.Indicator], opened[c.Indicator]:
			continue
		case became:
			opened[c.Indicator], at[c.Indicator] = true, c.Folder
		}
		public = append(public, c)
	}
	return slices.DeleteFunc(public, func(c kpi.Change) bool {
		folder, ok := at[c.Indicator]
		return ok && c.Folder == folder && c.What != kpi.ChangePublic && c.What != kpi.ChangeIndicator
	})
}

// publicEvaluations returns the evaluations that are public, of indicators that are, and their answers: where numbers are kept back, those that
// can be given without them.
func publicEvaluations(s, public *Scorecard, open map[string]bool) ([]kpi.Evaluation, []Evaluation) {
	var definitions []kpi.Evaluation
	for _, e := range s.City.Evaluations {
		if e.Public && open[e.Indicator] {
			definitions = append(definitions, e)
		}
	}
	var answers []Evaluation
	for _, a := range s.Evaluations {
		if !a.Definition.Public || !open[a.Definition.Indicator] {
			continue
		}
		if r := public.Result(a.Definition.Indicator); r != nil && r.Indicator.Suppress > 1 {
			a = evaluateWith(r, a.Definition, func(member, period string) bool { return r.hides(a.Definition.Dimension, member, period) })
		}
		answers = append(answers, a)
	}
	return definitions, answers
}

// without returns the indicator with those of its pairs that are public.
func without(i kpi.Indicator, open map[string]bool) kpi.Indicator {
	i.PairedWith = slices.DeleteFunc(slices.Clone(i.PairedWith), func(id string) bool { return !open[id] })
	return i
}

// publicState returns the state of a dataset without what is not for the public.
func publicState(d kpi.DatasetState) kpi.DatasetState {
	d.Last, d.Failed = publicLoad(d.Last), publicLoad(d.Failed)
	d.Unplaced = publicUnplaced(d.Unplaced)
	return d
}

func publicLoad(l *kpi.Load) *kpi.Load {
	if l == nil {
		return nil
	}
	public := *l
	public.Error = ""
	return &public
}

// publicUnplaced counts the names that stand in few rows together, without the names.
func publicUnplaced(list []kpi.Unplaced) []kpi.Unplaced {
	var public []kpi.Unplaced
	rare := map[string]int{} // member → its place in public
	for _, u := range list {
		if u.Name != "" && u.Rows < smallestNamed {
			u.Name = ""
		}
		if at, ok := rare[u.Member]; ok && u.Name == "" {
			public[at].Rows += u.Rows
			continue
		}
		if u.Name == "" {
			rare[u.Member] = len(public)
		}
		public = append(public, u)
	}
	return public
}
