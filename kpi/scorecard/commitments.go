package scorecard

import "citystat/kpi"

// CommitmentsOf returns what was promised because of an indicator, what is due first first.
func (s *Scorecard) CommitmentsOf(indicator string) []kpi.Commitment {
	var list []kpi.Commitment
	for _, c := range s.Commitments {
		if indicator != "" && c.Indicator == indicator {
			list = append(list, c)
		}
	}
	return list
}
