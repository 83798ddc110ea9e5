// Package scorecard puts the indicators of a city together as of a day: observations become series, series are judged, and the
// result is one value that pages, API, CSV and /metrics all read. It reads through the small interface [Reader] and knows no SQL.
//
// A [Scorecard] is frozen: nobody changes it after it is made, it survives a round trip through JSON, and two built from the same
// as-of date and data version have the same bytes.
package scorecard

import (
	"context"
	"time"

	"citystat/kpi"
)

// Scorecard is every indicator of a city, assessed as of a day.
type Scorecard struct {
	Number      int64              `json:"number"` // of the publication; 0 for a live scorecard
	PublishedAt time.Time          `json:"published_at,omitzero"`
	City        *kpi.City          `json:"city"`
	AsOf        kpi.Date           `json:"as_of"`
	KnownAt     time.Time          `json:"known_at"` // when the newest data version in it became live
	Version     int64              `json:"version"`  // that data version
	Folder      int                `json:"folder"`   // version of the folder
	Results     []Result           `json:"results"`  // in the order of the folder
	Datasets    []kpi.DatasetState `json:"datasets"`
	Changes     []kpi.Change       `json:"changes,omitempty"`     // of targets, measures, owners, the newest first
	Evaluations []Evaluation       `json:"evaluations,omitempty"` // in the order of the folder
	Release     *kpi.ReleaseNote   `json:"release,omitempty"`     // what the release that made it public says of itself; nil where every load is published
	Words                          // what people say of the numbers; in public only what they meant for residents
}

// Result is one indicator in a scorecard.
type Result struct {
	Indicator  *kpi.Indicator   `json:"indicator"`
	Assessment kpi.Assessment   `json:"assessment"`
	Total      *kpi.Observation `json:"total,omitempty"` // over all periods, whole city
	Series     []Point          `json:"series"`          // whole city, by period; every period from the first to the newest, gaps included
	Members    []Member         `json:"members,omitempty"`
	Equity     []Equity         `json:"equity,omitempty"`  // one a dimension, where groups can be compared
	Drivers    []Drivers        `json:"drivers,omitempty"` // one a dimension, where the change can be divided among groups
	Checks     []TrustCheck     `json:"checks,omitempty"`  // for those who run the system; never published
}

// Point is one period of a series.
type Point struct {
	Period      kpi.Period      `json:"period"`
	Observation kpi.Observation `json:"observation"`
	Expected    *float64        `json:"expected,omitempty"` // where the trajectory is at the period's end; nil where there is none
	Settled     bool            `json:"settled"`            // neither partial nor provisional
	Outside     bool            `json:"outside,omitempty"`  // beyond the limits of the signal
	Mean        *float64        `json:"mean,omitempty"`     // of the chart at this period; of a seasonal one with the season put back
	Lower       *float64        `json:"lower,omitempty"`    // the limits of the chart at this period
	Upper       *float64        `json:"upper,omitempty"`
	Adjusted    *float64        `json:"adjusted,omitempty"` // the value without its season, where there is one
	ToDate      *float64        `json:"to_date,omitempty"`  // of what adds up: the year's total at the period's end
	Segment     int             `json:"segment,omitempty"`  // of the chart; a new one begins where limits or the definition do
}

// Member is the series of one member of a dimension.
type Member struct {
	Dimension string            `json:"dimension"`
	Member    string            `json:"member"`
	Total     *kpi.Observation  `json:"total,omitempty"`
	Series    []kpi.Observation `json:"series"` // by period; periods without rows are left out
}

// Reader is what a Builder reads. All methods are asked with the same two clocks for one scorecard.
type Reader interface {
	// Definitions returns the city as its folder stood at the clocks, every indicator with its definition version, and the folder's version.
	Definitions(ctx context.Context, at kpi.At) (*kpi.City, int, error)
	// Version returns the newest data version visible at the clocks and when it became live; 0 and the zero time if there is none.
	Version(ctx context.Context, at kpi.At) (int64, time.Time, error)
	// Observations returns all observations of the city's indicators at the clocks, in any order.
	Observations(ctx context.Context, city *kpi.City, at kpi.At) ([]kpi.Observation, error)
	// Datasets returns what is known of every dataset of the city at the clocks, in the order of the folder.
	Datasets(ctx context.Context, city *kpi.City, at kpi.At) ([]kpi.DatasetState, error)
	// Record returns what the stores remember beside the numbers: what was changed in the folder until then, and what the rows say
	// about whether they can be trusted.
	Record(ctx context.Context, city *kpi.City, at kpi.At) (Record, error)
}

// Record is what the stores remember beside the numbers.
type Record struct {
	Changes []kpi.Change     // the newest first
	Trust   []kpi.TrustFacts // in any order; an indicator that is left out has no such facts
}

// Result returns the result of the indicator with the id, or nil.
func (s *Scorecard) Result(id string) *Result {
	for i := range s.Results {
		if s.Results[i].Indicator.ID == id {
			return &s.Results[i]
		}
	}
	return nil
}

// Tally counts results by the public's four words.
type Tally map[kpi.PublicStatus]int

// Total returns the number of results counted.
func (t Tally) Total() int {
	n := 0
	for _, k := range t {
		n += k
	}
	return n
}

// Tally counts the public results of a priority, or of the whole city if priority is "".
func (s *Scorecard) Tally(priority string) Tally {
	t := Tally{}
	for _, r := range s.Results {
		if r.Indicator.Public && (priority == "" || r.Indicator.Priority == priority) {
			t[r.Assessment.Status.Public()]++
		}
	}
	return t
}

// Member returns the series of one member of a dimension, or nil.
func (r *Result) Member(dimension, member string) *Member {
	for i := range r.Members {
		if r.Members[i].Dimension == dimension && r.Members[i].Member == member {
			return &r.Members[i]
		}
	}
	return nil
}

// Observation returns the observation of a period (or kpi.PeriodTotal), for the whole city if dimension and member are "", or nil.
func (r *Result) Observation(period, dimension, member string) *kpi.Observation {
	if dimension == "" {
		if period == kpi.PeriodTotal {
			return r.Total
		}
		for i := range r.Series {
			if r.Series[i].Period.ID == period {
				return &r.Series[i].Observation
			}
		}
		return nil
	}
	m := r.Member(dimension, member)
	if m == nil {
		return nil
	}
	if period == kpi.PeriodTotal {
		return m.Total
	}
	for i := range m.Series {
		if m.Series[i].Period == period {
			return &m.Series[i]
		}
	}
	return nil
}
