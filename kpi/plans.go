package kpi

// ChartKind is the chart on which an indicator's history is read.
type ChartKind string

// The kinds of chart. Without one the series decides: a run chart while there are fewer than 12 values, else p′ of shares whose
// denominators differ much, u′ of such rates, else XmR; of the seasonally adjusted series if there is a season.
const (
	ChartXmR    ChartKind = "xmr"     // individuals and moving ranges, NHS "Making Data Count"
	ChartPPrime ChartKind = "p-prime" // Laney's p′, of a share
	ChartUPrime ChartKind = "u-prime" // Laney's u′, of a rate or ratio of counts
	ChartRun    ChartKind = "run"     // the median, with Anhøj's rules
)

// ChartKinds lists the kinds.
var ChartKinds = []ChartKind{ChartXmR, ChartPPrime, ChartUPrime, ChartRun}

// Rebase is a person's decision that the limits of an indicator's chart begin anew, since a known change is here to stay. The program
// never does so by itself: limits that follow every run make a failure normal.
type Rebase struct {
	From   Date   `json:"from"` // the first day of the period with which new limits begin
	ByWhom string `json:"by_whom"`
	Reason Text   `json:"reason"`
	Set    Date   `json:"set"` // the day of the decision
}

// MethodName names a method of judging that other programs use too.
type MethodName string

// The methods. Pace is this program's own, see [Assess].
const (
	MethodPace      MethodName = ""          // value against trajectory
	MethodOpenSDG   MethodName = "open-sdg"  // Statistics Canada's growth rates, see [OpenSDG]
	MethodCityScore MethodName = "cityscore" // Boston's value over target, its known mistakes mended
	MethodExecuted  MethodName = "executed"  // executed over planned, as plans of development are judged
)

// MethodNames lists the methods that a folder may name.
var MethodNames = []MethodName{MethodOpenSDG, MethodCityScore, MethodExecuted}

// Judge says by which method an indicator's status is found.
type Judge struct {
	By    MethodName `json:"by,omitempty"`
	Since int        `json:"since,omitempty"` // of open-sdg: the base year; 0: that of the baseline, or the first
	Limit *float64   `json:"limit,omitempty"` // of open-sdg: the value that cannot be passed, such as 100
}

// EquityPlan says how the groups of an indicator are compared. The reference is fixed by policy, never the best group of the day.
type EquityPlan struct {
	By        []string `json:"by,omitempty"`        // dimensions; empty: all of the dataset
	Reference string   `json:"reference,omitempty"` // a member of the (one) dimension; empty: the whole city
}

// What a [ChangeNote] or [Change] is about.
const (
	ChangeMeasure   = "measure"   // what is counted, and how: a new definition version
	ChangeTarget    = "target"    // a target was added, moved or dropped
	ChangeBaseline  = "baseline"  // the baseline
	ChangeOwner     = "owner"     // who answers: owner or department
	ChangeIndicator = "indicator" // the indicator came or went
	ChangeJudging   = "judging"   // direction, bands, trajectory, method, minimum, settling
	ChangeRebase    = "rebase"    // limits of the chart begin anew
	ChangePublic    = "public"    // whether the public sees it
)

// ChangeKinds lists what a change is about.
var ChangeKinds = []string{ChangeMeasure, ChangeTarget, ChangeBaseline, ChangeOwner, ChangeIndicator, ChangeJudging, ChangeRebase, ChangePublic}

// ChangeNote is what the folder says about a change that somebody made: when, who and why. The program finds the change itself; a note
// explains it, and what nobody explained is shown as such.
type ChangeNote struct {
	On     Date     `json:"on"`
	What   []string `json:"what"` // of ChangeKinds; empty: all that changed with it
	ByWhom string   `json:"by_whom"`
	Reason Text     `json:"reason"`
	Act    Act      `json:"act,omitzero"` // the legal act
}

// Change is one difference between two versions of the folder.
type Change struct {
	Indicator string       `json:"indicator"` // "" for what concerns all: status_bands
	What      string       `json:"what"`      // of ChangeKinds
	Field     string       `json:"field"`     // what differs: "value", "measure.where", "owner" …
	Target    Date         `json:"target,omitzero"`
	From      *ChangeValue `json:"from,omitempty"` // nil: there was none
	To        *ChangeValue `json:"to,omitempty"`   // nil: there is none
	Version   int          `json:"version"`        // of the definition, after the change
	Folder    int          `json:"folder"`         // version of the folder in which it stands first
	Seen      Date         `json:"seen"`           // the day on which the program first saw it, in the city's time zone
	Note      *ChangeNote  `json:"note,omitempty"` // nil: nobody said why
	Told      bool         `json:"told,omitempty"` // the first folder tells it of the time before: the day on which it was seen says nothing of when it was changed
}

// Decided returns the day of the decision on a change of the time before the first folder, where the folder tells it; false of any other: it was
// changed about when it was seen.
func (c *Change) Decided() (Date, bool) {
	day := c.decided()
	return day, c.Told && !day.IsZero()
}

// ChangeValue is what stood before or after a change: a number in the indicator's unit, a day, an id, or the text of the folder.
type ChangeValue struct {
	Number *float64 `json:"number,omitempty"`
	Low    *float64 `json:"low,omitempty"`
	High   *float64 `json:"high,omitempty"`
	Date   Date     `json:"date,omitzero"`
	ID     string   `json:"id,omitempty"`   // of a person, department or direction, by Field
	Text   string   `json:"text,omitempty"` // an expression, as the folder writes it
}

// Evaluation is a question about something that the city did: is it otherwise since, or otherwise there? The answer is a comparison, and
// never says that one thing caused the other.
type Evaluation struct {
	ID          string           `json:"id"`
	Indicator   string           `json:"indicator"`
	Name        Text             `json:"name"`
	What        Text             `json:"what"` // what was done
	Date        Date             `json:"date"` // the first day on which it was in force
	Dimension   string           `json:"dimension,omitempty"`
	Where       []string         `json:"where,omitempty"`         // members among whom it was done; empty: the whole city
	ComparedTo  []string         `json:"compared_with,omitempty"` // members among whom it was not; empty: before and after alone
	Method      EvaluationMethod `json:"method"`
	Seasonal    bool             `json:"seasonal,omitempty"` // the season is taken out
	Caution     Text             `json:"caution"`            // what else happened at the time
	Public      bool             `json:"public"`
	AnnouncedOn Date             `json:"announced,omitzero"` // people may have acted on it from then on; periods between are left out
}

// EvaluationMethod is how an evaluation compares.
type EvaluationMethod string

// The methods.
const (
	EvaluateSegments    EvaluationMethod = "segments"    // segmented regression, Newey–West errors
	EvaluateCounts      EvaluationMethod = "counts"      // quasi-Poisson with harmonics
	EvaluateDifferences EvaluationMethod = "differences" // difference in differences, errors clustered by member
)

// EvaluationMethods lists the methods.
var EvaluationMethods = []EvaluationMethod{EvaluateSegments, EvaluateCounts, EvaluateDifferences}

// RollUp says how a city wants the indicators of a priority put into one number. Without one there is none: an average hides what is bad
// behind what is good.
type RollUp struct {
	Weights map[string]float64 `json:"weights,omitempty"` // by indicator; one that is not named weighs 1
}
