package scorecard

// Frozen returns what is kept of a live scorecard with a stat meeting: the numbers of the whole city with what was concluded from them, and what people said of them.
// Groups, districts, drivers, checks and evaluations are left out, and of the city what no number needs: the folder's version says the rest. It shares what it keeps
// with s.
func (s *Scorecard) Frozen() *Scorecard {
	f := *s
	city := *s.City
	city.Districts, city.Plan.Nodes, city.Datasets, city.Glossary, city.Evaluations, city.Indicators = nil, nil, nil, nil, nil, nil
	f.City, f.Evaluations, f.Changes = &city, nil, nil
	f.Meetings, f.Notes, f.Emergencies = nil, nil, nil // each would hold the agendas of all before it
	f.Results = make([]Result, len(s.Results))
	for i := range s.Results {
		r := s.Results[i]
		r.Members, r.Equity, r.Drivers, r.Checks = nil, nil, nil, nil
		f.Results[i] = r
	}
	return &f
}
