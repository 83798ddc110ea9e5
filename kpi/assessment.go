package kpi

// Status is the answer to: are we where we said we would be?
type Status string

// The statuses. The first six are ordered, see [Status.Rank]; the others say why there is no answer.
const (
	WrongWay      Status = "wrong_way"       // moving away from the target, and the signal says that it is real
	NoClearChange Status = "no_clear_change" // on the wrong side of the baseline, within the usual ups and downs
	WellBehind    Status = "well_behind"     // pace 0–0.60
	Behind        Status = "behind"          // pace 0.60–0.95
	OnTrack       Status = "on_track"        // pace 0.95 or more
	Achieved      Status = "achieved"        // met, and it can no longer be lost

	NoTarget         Status = "no_target"
	BaselineBeingSet Status = "baseline_being_set"
	NoData           Status = "no_data"
	TooFew           Status = "too_few"
)

// Statuses lists the statuses, worst first, then those outside the order.
var Statuses = []Status{WrongWay, NoClearChange, WellBehind, Behind, OnTrack, Achieved, NoTarget, BaselineBeingSet, NoData, TooFew}

// Rank orders statuses, worst first: wrong way 1 < no clear change = well behind 2 < behind 3 < on track 4 < achieved 5. A status
// outside the order has rank 0.
func (s Status) Rank() int {
	switch s {
	case WrongWay:
		return 1
	case NoClearChange, WellBehind:
		return 2
	case Behind:
		return 3
	case OnTrack:
		return 4
	case Achieved:
		return 5
	}
	return 0
}

// PublicStatus is one of the four words that the public reads.
type PublicStatus string

// The four words.
const (
	PublicOnTrack   PublicStatus = "on_track"
	PublicBehind    PublicStatus = "behind"
	PublicOffTrack  PublicStatus = "off_track"
	PublicCannotSay PublicStatus = "cannot_say"
)

// PublicStatuses lists the four words in the order in which they are counted.
var PublicStatuses = []PublicStatus{PublicOnTrack, PublicBehind, PublicOffTrack, PublicCannotSay}

// Public returns the public word for a status.
func (s Status) Public() PublicStatus {
	switch s {
	case Achieved, OnTrack:
		return PublicOnTrack
	case Behind:
		return PublicBehind
	case WellBehind, WrongWay, NoClearChange:
		return PublicOffTrack
	}
	return PublicCannotSay
}

// Flag says something beside the status.
type Flag string

// The flags.
const (
	FlagPartial           Flag = "partial"            // the newest period is not over
	FlagProvisional       Flag = "provisional"        // the newest period is over but not settled
	FlagStale             Flag = "stale"              // the judged period is older than two periods before the as-of date
	FlagTargetOver        Flag = "target_over"        // every target's date has passed
	FlagDefinitionChanged Flag = "definition_changed" // the series mixes definition versions
	FlagIllustrative      Flag = "illustrative"       // the target is not the city's own
)

// SignalKind is the answer to: did anything really change?
type SignalKind string

// The signals.
const (
	Improving SignalKind = "improving"
	Worsening SignalKind = "worsening"
	Steady    SignalKind = "steady"
	TooEarly  SignalKind = "too_early"
	Changing  SignalKind = "changing" // a real change of an indicator without a desired direction
)

// Signal is the reading of an indicator's own history on a process-behaviour (XmR) chart, computed by package scorecard.
type Signal struct {
	Kind   SignalKind `json:"kind"`
	Rule   string     `json:"rule,omitempty"`  // outside, trend, two_of_three, shift; empty if steady or too early
	Points int        `json:"points"`          // settled periods used
	Needed int        `json:"needed"`          // periods below which it is too early
	Trial  bool       `json:"trial,omitempty"` // fewer than 12 points: limits are provisional
	Mean   *float64   `json:"mean,omitempty"`
	Lower  *float64   `json:"lower,omitempty"`
	Upper  *float64   `json:"upper,omitempty"`
	Since  string     `json:"since,omitempty"` // the first period of the run that made the signal
}

// Real reports whether something really changed for the worse or for the better.
func (s Signal) Real() bool { return s.Kind == Improving || s.Kind == Worsening }

// OutlookWord says how likely it is that the target will be met.
type OutlookWord string

// The words. An outlook is nil until it is computed; nothing is guessed in its place.
const (
	VeryUnlikely OutlookWord = "very_unlikely"
	Unlikely     OutlookWord = "unlikely"
	AboutEven    OutlookWord = "about_even"
	Likely       OutlookWord = "likely"
	VeryLikely   OutlookWord = "very_likely"
	OutOfReach   OutlookWord = "out_of_reach"
)

// Outlook is the answer to: will we make it?
type Outlook struct {
	Word        OutlookWord `json:"word"`
	Probability float64     `json:"probability"` // 0–1, clipped to 0.05–0.95
	Low         float64     `json:"low"`
	High        float64     `json:"high"`
	By          Date        `json:"by"`
}

// Assessment is what may be said about one indicator as of a day. The fields after Signal are the reason: every input of the rule
// that decided.
type Assessment struct {
	Status  Status   `json:"status"`
	Flags   []Flag   `json:"flags,omitempty"`
	Signal  Signal   `json:"signal"`
	Outlook *Outlook `json:"outlook,omitempty"`

	AsOf     Date             `json:"as_of"`
	Period   string           `json:"period,omitempty"` // the judged period: the last settled one with a value
	Value    *float64         `json:"value,omitempty"`  // its value
	Rows     int64            `json:"rows"`             // rows counted in it
	Excluded map[string]int64 `json:"excluded,omitempty"`
	Newest   string           `json:"newest,omitempty"` // the newest period that has begun, judged or not
	Target   *Target          `json:"target,omitempty"` // the target that governs the judged period
	Baseline *Baseline        `json:"baseline,omitempty"`
	Expected *float64         `json:"expected,omitempty"` // where the trajectory is at the end of the judged period
	Gap      *float64         `json:"gap,omitempty"`      // value − expected, in the indicator's unit
	Progress *float64         `json:"progress,omitempty"` // (value − baseline)/(target − baseline)
	Pace     *float64         `json:"pace,omitempty"`     // progress / expected progress
	Met      bool             `json:"met"`                // the judged value meets the target
	Bands    Bands            `json:"bands"`
	Rule     string           `json:"rule"` // which rule decided, see Assess
}

// Has reports whether the assessment carries the flag.
func (a Assessment) Has(f Flag) bool {
	for _, g := range a.Flags {
		if g == f {
			return true
		}
	}
	return false
}
