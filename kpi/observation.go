package kpi

import "time"

// Observation is one value of an indicator for one period, for the whole city or for one member of a dimension.
type Observation struct {
	Indicator   string           `json:"indicator"`
	Version     int              `json:"definition_version"`
	Period      string           `json:"period"`              // a period's id or PeriodTotal
	Dimension   string           `json:"dimension,omitempty"` // "" for the whole city
	Member      string           `json:"member,omitempty"`
	Numerator   *float64         `json:"numerator"`          // share: rows for which Of holds; sum, mean, ratio, last: Σ of; count, rate: rows; duration: closed cases; nil: other quantiles, and a last without a row
	Denominator *float64         `json:"denominator"`        // share, mean, duration: rows counted; ratio: Σ per; rate: residents; nil: others, and where nobody counted residents
	Value       *float64         `json:"value"`              // in the indicator's unit; nil: no rows to judge
	Rows        int64            `json:"rows"`               // rows counted
	Excluded    map[string]int64 `json:"excluded,omitempty"` // rows left out, by reason
	Partial     bool             `json:"partial"`            // the as-of date lies before the period's end
	Provisional bool             `json:"provisional"`        // the period is not settled yet (a partial one never is)
	AsOf        Date             `json:"as_of"`              // the day as of which it was computed
	Load        int64            `json:"load"`               // the data version that first gave this value

	Suppressed Suppression `json:"suppressed,omitempty"`  // why its numbers are not shown; then there are none
	LeftUntold bool        `json:"left_untold,omitempty"` // the rows left out are not shown, for some of them are few people; Excluded is empty then
}

// Suppression says why numbers that exist are not published.
type Suppression string

// The reasons.
const (
	NotSuppressed           Suppression = ""
	SuppressedPrimary       Suppression = "small"         // so few people are behind it that it might tell of one of them
	SuppressedComplementary Suppression = "complementary" // another number that is too small could be worked out from it
)

// Suppressions lists the reasons.
var Suppressions = []Suppression{SuppressedPrimary, SuppressedComplementary}

// ExcludedRows returns the number of rows left out, for all reasons.
func (o Observation) ExcludedRows() int64 {
	var n int64
	for _, k := range o.Excluded {
		n += k
	}
	return n
}

// At is the pair of clocks that a question is asked with.
type At struct {
	AsOf    Date      `json:"as_of"`    // the day that is judged
	KnownAt time.Time `json:"known_at"` // which loads and definitions are visible; zero: all live ones
}
