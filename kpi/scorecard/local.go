package scorecard

import (
	"math"
	"slices"

	"citystat/kpi"
	"citystat/kpi/stats"
)

// localMonths is how far back a district's newest value may lie behind the period that is judged. What is older says nothing of today.
const localMonths = 12

// Local is one indicator in one district beside the whole city: what a resident asks with "and where I live?". It is read from what a
// scorecard shows, so what is not published of a district is not in it either.
type Local struct {
	Result *Result
	State  LocalState
	Period kpi.Period       // of both values: the judged one, or the newest before it in which the district has one; zero if there is none
	Here   *kpi.Observation // of the district in that period; nil if there is none
	City   *kpi.Observation // of the whole city in the same period; nil if there is none

	Equity *Equity // the comparison of districts; nil if they are not compared
	Group  *Group  // the district in it; nil if it is not

	Before *kpi.Observation // of the district in the same period a year earlier; nil if there is none to compare with
	Year   kpi.Period       // that period
	Change *float64         // from then to now, in the indicator's unit; nil if nothing can be said
	Course Verdict          // of the change, as far as chance lets it be said; VerdictNone where nobody can tell
}

// LocalState says what is known of an indicator in a district.
type LocalState string

// The states.
const (
	LocalShown  LocalState = "shown"
	LocalFew    LocalState = "too_few"    // fewer rows than can be judged: it is said in cases
	LocalHidden LocalState = "suppressed" // its numbers are not shown
	LocalNone   LocalState = "no_data"
)

// LocalStates lists the states.
var LocalStates = []LocalState{LocalShown, LocalFew, LocalHidden, LocalNone}

// Verdict is how the district stands to the rest of the city, or to the group that the city compares with.
func (l *Local) Verdict() Verdict {
	if l.Group == nil {
		return VerdictNone
	}
	return l.Group.Verdict
}

// WithRest reports whether the verdict compares with the rest of the city, and not with a group that the city chose.
func (l *Local) WithRest() bool { return l.Equity != nil && l.Equity.Reference == "" }

// InDistrict returns every public indicator that is broken down by district, in a district and beside the city, in the order of the folder.
func (s *Scorecard) InDistrict(district string) []Local {
	var list []Local
	for i := range s.Results {
		if r := &s.Results[i]; r.Indicator.Public && r.ByDistrict() {
			list = append(list, s.Local(r, district))
		}
	}
	return list
}

// ByDistrict reports whether an indicator is broken down by district.
func (r *Result) ByDistrict() bool {
	return slices.Contains(r.Indicator.Dimensions, kpi.DimensionDistrict) ||
		slices.ContainsFunc(r.Members, func(m Member) bool { return m.Dimension == kpi.DimensionDistrict })
}

// Local returns an indicator in a district, beside the city.
func (s *Scorecard) Local(r *Result, district string) Local {
	l := Local{Result: r, State: LocalNone, Course: VerdictNone}
	for k := range r.Equity {
		if e := &r.Equity[k]; e.Dimension == kpi.DimensionDistrict {
			l.Equity = e
			if at := slices.IndexFunc(e.Groups, func(g Group) bool { return g.Member == district }); at >= 0 {
				l.Group = &e.Groups[at]
			}
		}
	}
	now := r.newestIn(district)
	if now == nil {
		return l
	}
	l.Period, l.City, l.Here = now.Period, &now.Observation, r.Observation(now.Period.ID, kpi.DimensionDistrict, district)
	few := func(o *kpi.Observation) bool { return o.Rows < int64(r.Indicator.Minimum) }
	switch {
	case l.Here.Suppressed != kpi.NotSuppressed:
		l.State = LocalHidden
		return l
	case few(l.Here):
		l.State = LocalFew
		return l
	}
	l.State = LocalShown
	if before := r.settledFrom(now.Period.First.AddMonths(-12)); before != nil {
		o := r.Observation(before.Period.ID, kpi.DimensionDistrict, district)
		if o != nil && o.Value != nil && o.Suppressed == kpi.NotSuppressed && o.Version == l.Here.Version && !few(o) {
			l.Before, l.Year = o, before.Period
			l.Change = number(*l.Here.Value - *o.Value)
			l.Course = subject{indicator: r.Indicator, city: s.City}.course(l.Here, o)
		}
	}
	return l
}

// newestIn returns the settled period that speaks of a district now: the judged one, or else the newest of the year before it in which the
// district has a value or one that is not shown; nil if there is none.
func (r *Result) newestIn(district string) *Point {
	judged := slices.IndexFunc(r.Series, func(p Point) bool { return p.Period.ID == r.Assessment.Period })
	if judged < 0 {
		judged = len(r.Series) - 1
	}
	for k := judged; k >= 0; k-- {
		p := &r.Series[k]
		if p.Period.First.Before(r.Series[judged].Period.First.AddMonths(-localMonths)) {
			return nil
		}
		if o := r.Observation(p.Period.ID, kpi.DimensionDistrict, district); p.Settled && o != nil && (o.Value != nil || o.Suppressed != kpi.NotSuppressed) {
			return p
		}
	}
	return nil
}

// settledFrom returns the settled period that begins on a day, or nil.
func (r *Result) settledFrom(first kpi.Date) *Point {
	for k := range r.Series {
		if p := &r.Series[k]; p.Settled && p.Period.First == first {
			return p
		}
	}
	return nil
}

// course says whether a value differs from the one a year earlier by more than chance.
func (s subject) course(now, before *kpi.Observation) Verdict {
	a, b := s.pool([]kpi.Observation{*now}), s.pool([]kpi.Observation{*before})
	if s.intervals() == intervalNone || a.den <= 0 || b.den <= 0 {
		return VerdictNone
	}
	events := math.Min(a.den, b.den)
	if s.indicator.Measure.Kind == kpi.MeasureRate {
		events = math.Min(a.num, b.num)
	}
	if events < stats.EventsPerGroup {
		return VerdictTooFew
	}
	difference, ok := s.difference(a, b)
	if !ok {
		return VerdictNone
	}
	return s.side(difference)
}
