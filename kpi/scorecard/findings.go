package scorecard

import "citystat/kpi"

// Equity compares the groups of a dimension with a reference that the city fixed.
type Equity struct {
	Dimension string   `json:"dimension"`
	Reference string   `json:"reference,omitempty"` // a member; empty: the whole city
	From      string   `json:"from"`                // ids of the first and last period that were put together
	To        string   `json:"to"`
	Groups    []Group  `json:"groups"`              // in the order of the result's members
	Value     *float64 `json:"value,omitempty"`     // of the reference
	Low       *float64 `json:"low,omitempty"`       // its 95 % interval
	High      *float64 `json:"high,omitempty"`      // all in the indicator's unit
	Method    string   `json:"method"`              // of the intervals: wilson, byar, none
	Weights   string   `json:"weights,omitempty"`   // of the disparity: population, or rows; empty if it was not computed
	Range     *float64 `json:"range,omitempty"`     // highest minus lowest of the groups that can be compared
	Disparity *float64 `json:"disparity,omitempty"` // weighted index of disparity: the mean distance from the city, in percent of the city's value
	Hidden    int      `json:"hidden,omitempty"`    // groups whose numbers are not shown
}

// Group is one member of a dimension beside the reference.
type Group struct {
	Member     string          `json:"member"`
	Value      *float64        `json:"value,omitempty"`
	Low        *float64        `json:"low,omitempty"` // 95 % interval; nil where the measure has none
	High       *float64        `json:"high,omitempty"`
	Rows       int64           `json:"rows"`
	Population int64           `json:"population,omitempty"`
	Ratio      *float64        `json:"ratio,omitempty"` // value / reference
	RatioLow   *float64        `json:"ratio_low,omitempty"`
	RatioHigh  *float64        `json:"ratio_high,omitempty"`
	Difference *float64        `json:"difference,omitempty"` // value − reference, in the indicator's unit (points of a percentage)
	DiffLow    *float64        `json:"difference_low,omitempty"`
	DiffHigh   *float64        `json:"difference_high,omitempty"`
	Verdict    Verdict         `json:"verdict"`
	Suppressed kpi.Suppression `json:"suppressed,omitempty"`
}

// Verdict says how a group stands to the reference, as far as chance lets it be said.
type Verdict string

// The verdicts. Better and worse are by the indicator's direction; without one a difference is only that.
const (
	VerdictBetter    Verdict = "better"
	VerdictWorse     Verdict = "worse"
	VerdictDifferent Verdict = "different"
	VerdictSimilar   Verdict = "similar"    // the 95 % interval of the difference holds zero
	VerdictTooFew    Verdict = "too_few"    // fewer than 20 events or rows
	VerdictNone      Verdict = "none"       // no value, or a measure without an interval
	VerdictReference Verdict = "reference"  // it is the reference itself
	VerdictHidden    Verdict = "suppressed" // its numbers are not shown
)

// Drivers divides the change between two periods among the groups of a dimension. It is arithmetic, and says nothing of causes.
type Drivers struct {
	Dimension string   `json:"dimension"`
	From      string   `json:"from"` // ids of the two periods: the judged one, and the same a year before or else the one before
	To        string   `json:"to"`
	Change    float64  `json:"change"` // of the whole city, in the indicator's unit
	Rate      float64  `json:"rate"`   // of it: groups did better or worse; of what adds up all of it
	Mix       float64  `json:"mix"`    // of it: groups grew or shrank
	Groups    []Driver `json:"groups"` // by the size of what they contributed, the largest first
}

// Driver is what one group contributed to a change.
type Driver struct {
	Member string  `json:"member"` // "" for all whose numbers are not shown, together
	Rate   float64 `json:"rate"`
	Mix    float64 `json:"mix"` // centred on the city: a group that grew counts as it is better or worse than the city
	Total  float64 `json:"total"`
}

// TrustCheck is a look at whether a number can be trusted.
type TrustCheck struct {
	Check   string         `json:"check"` // closed_before_opened, no_due_date, excluded, all_green, heaping, deadline_jump, late_revisions
	State   TrustState     `json:"state"`
	Value   *float64       `json:"value,omitempty"` // what was looked at: a share in percent, a count, a probability; see the check
	Numbers []kpi.Quantity `json:"numbers,omitempty"`
	Limit   *float64       `json:"limit,omitempty"`  // from which it is remarkable; of a probability: below which
	Latest  string         `json:"latest,omitempty"` // of late_revisions: the newest period of which the value was moved
}

// TrustState is what a check found.
type TrustState string

// The states.
const (
	TrustFine     TrustState = "fine"
	TrustLook     TrustState = "look"      // somebody should look
	TrustCannot   TrustState = "cannot"    // too few rows to say
	TrustNotAsked TrustState = "not_asked" // the measure has no such thing
)

// Evaluation is the answer to one of the city's questions about what it did.
type Evaluation struct {
	Definition kpi.Evaluation       `json:"definition"`
	State      string               `json:"state"` // answered, too_few_before, too_few_after, no_comparison, not_fitted
	Method     kpi.EvaluationMethod `json:"method"`
	Before     int                  `json:"before"` // periods used, left of the date and right of it
	After      int                  `json:"after"`
	Lag        int                  `json:"lag,omitempty"` // of Newey–West
	Effects    []Effect             `json:"effects,omitempty"`
	Treated    []EvaluationPoint    `json:"treated,omitempty"`
	Compared   []EvaluationPoint    `json:"compared,omitempty"`
	Pretrend   *Effect              `json:"pretrend,omitempty"`   // difference of the slopes before; it should be none
	Dispersion *float64             `json:"dispersion,omitempty"` // of counts: 1 is chance alone
	Members    int                  `json:"members,omitempty"`    // of differences: how many on both sides
	Season     string               `json:"season,omitempty"`     // harmonics
	Warnings   []EvaluationWarning  `json:"warnings,omitempty"`   // why to read it with care
}

// EvaluationWarning is a reason to read an evaluation with care.
type EvaluationWarning string

// The warnings.
const (
	EvaluationShort      EvaluationWarning = "short_series" // the limits of Newey and West are too narrow for so few periods
	EvaluationFewMembers EvaluationWarning = "few_members"  // so few on one side that errors by member are unsure, and mostly too small
	EvaluationPretrend   EvaluationWarning = "pretrend"     // the two sides went different ways before already
	EvaluationHidden     EvaluationWarning = "suppressed"   // some numbers are not shown: this is the answer of those that are
)

// Effect is a difference with its 95 % interval. Its name says what it is: level (at once), slope (a period), at_end (at the last period),
// rate_ratio (a factor), difference.
type Effect struct {
	Name string   `json:"name"`
	At   string   `json:"at,omitempty"` // period
	Size float64  `json:"size"`
	Low  *float64 `json:"low,omitempty"` // nil, like High and P, where nothing is left to judge by: one member alone, or values without any error
	High *float64 `json:"high,omitempty"`
	P    *float64 `json:"p,omitempty"`
}

// Known reports whether the interval of the effect is known. Without it nothing can be said of a difference.
func (e Effect) Known() bool { return e.Low != nil && e.High != nil }

// EvaluationPoint is one period of an evaluation's chart.
type EvaluationPoint struct {
	Period         string   `json:"period"`
	Value          *float64 `json:"value"`
	Fitted         *float64 `json:"fitted,omitempty"`
	Counterfactual *float64 `json:"counterfactual,omitempty"` // where the series would be had it gone on as before
	Rows           int64    `json:"rows"`
	After          bool     `json:"after,omitempty"`
	LeftOut        bool     `json:"left_out,omitempty"` // between announcement and start
}

// RollUp is a priority, or the whole city, in numbers that hide nothing: how many indicators say what, the worst of them, and for how many
// nothing can be said.
type RollUp struct {
	Counts   map[kpi.Status]int `json:"counts"`
	Tally    Tally              `json:"tally"`
	Worst    string             `json:"worst,omitempty"` // id of the indicator with the lowest rank; of several the first in the folder
	Answered int                `json:"answered"`        // with a status of the order
	Total    int                `json:"total"`
	Score    *Score             `json:"score,omitempty"` // only where the city asks for it
}

// Score is an average over indicators on fixed goalposts: the baseline is 0 and the target 100, by each of its own. It is capped at both ends.
type Score struct {
	Value    float64 `json:"value"`    // 0–100
	Coverage float64 `json:"coverage"` // 0–1 of the weight
	Low      float64 `json:"low"`      // with each indicator's weight halved and doubled in turn
	High     float64 `json:"high"`
}
