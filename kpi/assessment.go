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

// Flags lists the flags.
var Flags = []Flag{FlagPartial, FlagProvisional, FlagStale, FlagTargetOver, FlagDefinitionChanged, FlagIllustrative}

// SignalKind is the answer to: did anything really change?
type SignalKind string

// The signals.
const (
	Improving SignalKind = "improving"
	Worsening SignalKind = "worsening"
	Steady    SignalKind = "steady"
	TooEarly  SignalKind = "too_early"
	Changing  SignalKind = "changing"  // a real change of an indicator without a desired direction
	NotAsked  SignalKind = "not_asked" // of what only grows, such as the work done so far: it has no ups and downs
)

// SignalKinds lists the signals.
var SignalKinds = []SignalKind{Improving, Worsening, Steady, TooEarly, Changing, NotAsked}

// SignalRules lists the rules that make a signal: of a chart with limits, then of a run chart.
var SignalRules = []string{"outside", "trend", "two_of_three", "shift", "long_run", "few_crossings"}

// Assurances lists how a process as it is may stand to its target.
var Assurances = []string{"always", "never", "hit_or_miss"}

// Signal is the reading of an indicator's own history on a process-behaviour chart, computed by package scorecard.
type Signal struct {
	Kind   SignalKind `json:"kind"`
	Rule   string     `json:"rule,omitempty"`  // outside, trend, two_of_three, shift; of a run chart long_run, few_crossings; empty if steady or too early
	Points int        `json:"points"`          // settled periods used
	Needed int        `json:"needed"`          // periods below which it is too early
	Trial  bool       `json:"trial,omitempty"` // fewer than 12 points: limits are provisional
	Mean   *float64   `json:"mean,omitempty"`  // of the newest segment; of a run chart the median
	Lower  *float64   `json:"lower,omitempty"` // at the judged period, where limits differ by period
	Upper  *float64   `json:"upper,omitempty"`
	Since  string     `json:"since,omitempty"` // the first period of the run that made the signal

	Chart     ChartKind       `json:"chart,omitempty"`     // on which it was read
	Adjusted  bool            `json:"adjusted,omitempty"`  // the season was taken out; limits are those of the adjusted values plus the season
	From      string          `json:"from,omitempty"`      // the first period of the newest segment, if limits began anew
	Assurance string          `json:"assurance,omitempty"` // whether the process as it is meets the target: always, never, hit_or_miss
	Warnings  []SignalWarning `json:"warnings,omitempty"`  // why to read it with care
	Lag1      *float64        `json:"lag1,omitempty"`      // correlation of neighbouring periods, where it was asked
	Sigma     *float64        `json:"sigma,omitempty"`     // Laney's σz: how much wider the limits are than chance alone would make them
}

// SignalWarning is a reason to read a signal with care.
type SignalWarning string

// The warnings.
const (
	WarnTrial          SignalWarning = "trial"          // fewer than 12 points: the limits will still move
	WarnAutocorrelated SignalWarning = "autocorrelated" // each period resembles the one before: more false alarms than the rules promise
	WarnSeasonUnknown  SignalWarning = "season_unknown" // weeks, months or quarters, but fewer than three years: a season cannot be told from a change
	WarnGaps           SignalWarning = "gaps"           // periods without a value lie between
	WarnRebased        SignalWarning = "rebased"        // limits began anew by a person's decision
	WarnSkewed         SignalWarning = "skewed"         // rare or very uneven values: points outside the limits are more common
)

// SignalWarnings lists the warnings of a signal.
var SignalWarnings = []SignalWarning{WarnTrial, WarnAutocorrelated, WarnSeasonUnknown, WarnGaps, WarnRebased, WarnSkewed}

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

// OutlookWords lists the words, the least likely first.
var OutlookWords = []OutlookWord{OutOfReach, VeryUnlikely, Unlikely, AboutEven, Likely, VeryLikely}

// ForecastMethods lists the methods of forecasting, see package stats.
var ForecastMethods = []string{"naive", "seasonal_naive", "drift", "mean", "trend", "theta", "ets", "holt_winters"}

// Outlook is the answer to: will we make it?
type Outlook struct {
	Word        OutlookWord `json:"word"`
	Probability float64     `json:"probability"` // 0–1, clipped to 0.05–0.95
	Low         float64     `json:"low"`         // of the 80 % interval at By, in the indicator's unit; of what adds up, of the year's total
	High        float64     `json:"high"`
	By          Date        `json:"by"`

	Target   float64          `json:"target"`            // what it was asked for; of a range its nearer end
	Mean     float64          `json:"mean"`              // the middle of the forecast
	Method   string           `json:"method,omitempty"`  // naive, seasonal_naive, drift, ets …
	Scale    string           `json:"scale,omitempty"`   // identity, logit (shares), log1p (counts)
	Points   int              `json:"points,omitempty"`  // settled periods used
	Horizon  int              `json:"horizon,omitempty"` // periods from the last of them to the one of the target
	Tried    []OutlookTried   `json:"tried,omitempty"`   // methods compared, by their errors
	SoFar    *float64         `json:"so_far,omitempty"`  // of what adds up: the year until the last settled period
	Needed   *float64         `json:"needed,omitempty"`  // of what adds up: what each remaining period must bring
	Best     *float64         `json:"best,omitempty"`    // the best that any period ever brought, where the target is out of reach
	Warnings []OutlookWarning `json:"warnings,omitempty"`
	Fan      []OutlookStep    `json:"fan,omitempty"` // the way to By, period by period
}

// OutlookStep is the forecast of one period on the way to the target's date; of what adds up, of the year's total at its end.
type OutlookStep struct {
	Period    Period  `json:"period"`
	Low       float64 `json:"low"` // of the 80 % interval
	High      float64 `json:"high"`
	InnerLow  float64 `json:"inner_low"` // of the 50 % interval
	InnerHigh float64 `json:"inner_high"`
	Mean      float64 `json:"mean"` // the middle
}

// OutlookTried is a method of forecasting and how far it was off, on average, when it had to forecast what is known now: its mean absolute
// scaled error (MASE) from rolling origins. 1 is the error of repeating the value before.
type OutlookTried struct {
	Method string  `json:"method"`
	Error  float64 `json:"error"`
}

// OutlookWarning is a reason to read an outlook with care.
type OutlookWarning string

// The warnings.
const (
	WarnFar     OutlookWarning = "far"     // the target lies further ahead than the series is long
	WarnChanged OutlookWarning = "changed" // the history holds a change that the forecast may not have taken up yet
	WarnYearly  OutlookWarning = "yearly"  // yearly values: intervals of such series are known to be too narrow
)

// OutlookWarnings lists the warnings of an outlook.
var OutlookWarnings = []OutlookWarning{WarnFar, WarnChanged, WarnYearly}

// Trend says which way a series went over all its settled periods, by Theil–Sen and Mann–Kendall.
type Trend struct {
	Slope    float64  `json:"slope"` // a year, in the indicator's unit
	Low      float64  `json:"low"`   // of its 95 % interval
	High     float64  `json:"high"`
	P        float64  `json:"p"`   // two-sided; corrected for autocorrelation where Lag1 is given
	Tau      float64  `json:"tau"` // −1 to 1
	Points   int      `json:"points"`
	Seasonal bool     `json:"seasonal,omitempty"` // compared month by month, quarter by quarter
	Lag1     *float64 `json:"lag1,omitempty"`     // the autocorrelation, where P was corrected for it
	Real     bool     `json:"real"`               // P < 0.05
}

// Standing is how the judged value stands to one of the targets that hold beside the governing one: the term's beside the year's.
type Standing struct {
	Target   Target   `json:"target"`
	Expected *float64 `json:"expected,omitempty"`
	Met      bool     `json:"met"`
	Progress *float64 `json:"progress,omitempty"`
	Outlook  *Outlook `json:"outlook,omitempty"`
}

// Named is the result of a named method of judging.
type Named struct {
	Method MethodName `json:"method"`
	Word   string     `json:"word"`            // the method's own: acceleration_needed, not_programmed …
	Value  *float64   `json:"value,omitempty"` // the method's own: ratio of growth rates, value over target, executed of planned in percent
	Score  *float64   `json:"score,omitempty"` // open-sdg: −5 to 5
	Why    string     `json:"why,omitempty"`   // open-sdg: why there is no value, see OpenSDGNoData and the others
}

// Reason is why one of the answers is as it is, as data: the rule that decided and everything that it looked at. Names of inputs and
// thresholds are stable; i18n has words for each.
type Reason struct {
	Question   string           `json:"question"` // status, signal, outlook, trend
	Answer     string           `json:"answer"`   // the status, signal or outlook word
	Rule       string           `json:"rule"`
	Inputs     []Quantity       `json:"inputs"`
	Thresholds []Quantity       `json:"thresholds"`
	Periods    []string         `json:"periods"` // ids of the periods that it looked at, by time; first and last where they are many
	Rows       int64            `json:"rows"`    // counted in these periods
	Excluded   map[string]int64 `json:"excluded,omitempty"`
}

// Quantity is a named number of a reason. Unit is the indicator's, or ratio (1 is all of it), count, probability, per_year.
type Quantity struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// Assessment is what may be said about one indicator as of a day. The fields after Outlook are the reason: every input of the rule
// that decided.
type Assessment struct {
	Status  Status   `json:"status"`
	Flags   []Flag   `json:"flags,omitempty"`
	Signal  Signal   `json:"signal"`
	Outlook *Outlook `json:"outlook,omitempty"`
	Trend   *Trend   `json:"trend,omitempty"`

	AsOf      Date             `json:"as_of"`
	Period    string           `json:"period,omitempty"` // the judged period: the last settled one with a value
	Value     *float64         `json:"value,omitempty"`  // its value
	Judged    *float64         `json:"judged,omitempty"` // what was judged, where it is not Value: the year's total so far of what adds up
	Since     string           `json:"since,omitempty"`  // the first period in Judged
	Rows      int64            `json:"rows"`             // rows counted in it
	Excluded  map[string]int64 `json:"excluded,omitempty"`
	Untold    bool             `json:"untold,omitempty"` // rows that were left out are not shown, see [Observation.LeftUntold]
	Newest    string           `json:"newest,omitempty"` // the newest period that has begun, judged or not
	Target    *Target          `json:"target,omitempty"` // the target that governs the judged period
	Baseline  *Baseline        `json:"baseline,omitempty"`
	Expected  *float64         `json:"expected,omitempty"`  // where the trajectory is at the end of the judged period
	Gap       *float64         `json:"gap,omitempty"`       // value − expected, in the indicator's unit
	Progress  *float64         `json:"progress,omitempty"`  // (value − baseline)/(target − baseline)
	Pace      *float64         `json:"pace,omitempty"`      // progress / expected progress
	Phasing   string           `json:"phasing,omitempty"`   // of what adds up: flat, or seasonal
	Met       bool             `json:"met"`                 // the judged value meets the target
	Standings []Standing       `json:"standings,omitempty"` // other targets that hold at the same time
	Named     *Named           `json:"named,omitempty"`     // where a named method decided
	Bands     Bands            `json:"bands"`
	Rule      string           `json:"rule"` // which rule decided, see Assess
	Reasons   []Reason         `json:"reasons,omitempty"`
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
