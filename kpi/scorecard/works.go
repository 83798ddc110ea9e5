package scorecard

import "citystat/kpi"

// Works returns the project whose work an indicator measures, with what was reported of it until the as-of date: the progress is the indicator's
// own series, the spending that of the indicator which the project names, a sum added up from its first period on; where there is no series, or no
// such name, it is what the project says itself. It is nil for an indicator that is no project. A public project shows no numbers of an indicator
// that is not public.
func (s *Scorecard) Works(r *Result) *kpi.Project {
	if r.Indicator.Project == nil {
		return nil
	}
	p := *r.Indicator.Project
	if done := s.reported(r.Series, false); len(done) > 0 {
		p.Progress = done
	}
	if p.Spent == "" {
		return &p
	}
	p.Spending = nil
	if of := s.Result(p.Spent); of != nil && (of.Indicator.Public || !r.Indicator.Public) {
		p.Spending = s.reported(of.Series, of.Indicator.Measure.Flow())
	}
	return &p
}

// reported returns the values of a series by the last day of their periods, of one that is not over by the as-of date; added up if they go on.
func (s *Scorecard) reported(series []Point, sum bool) []kpi.ProjectPoint {
	var list []kpi.ProjectPoint
	total := 0.0
	for _, pt := range series {
		if pt.Observation.Value == nil {
			continue
		}
		day, v := pt.Period.Last, *pt.Observation.Value
		if day.After(s.AsOf) {
			day = s.AsOf
		}
		if sum {
			total += v
			v = total
		}
		list = append(list, kpi.ProjectPoint{Date: day, Value: v})
	}
	return list
}
