package kpi

// Questions that a [Reason] answers.
const (
	QuestionStatus  = "status"
	QuestionSignal  = "signal"
	QuestionOutlook = "outlook"
	QuestionTrend   = "trend"
)

// Questions lists the questions, in the order in which they are answered.
var Questions = []string{QuestionStatus, QuestionSignal, QuestionOutlook, QuestionTrend}

// ReasonQuantities lists, by question, the names that inputs and thresholds of its reason may have.
var ReasonQuantities = map[string][]string{
	QuestionStatus: {
		"value", "to_date", "expected", "gap", "baseline", "target", "target_low", "target_high", "progress", "pace", "named_value", "score",
		"minimum_rows", "band_on_track", "band_behind", "distance_behind", "settles_after_days",
	},
	QuestionSignal: {
		"value", "adjusted", "mean", "lower", "upper", "points", "needed", "longest_run", "longest_run_max", "crossings", "crossings_min", "lag1", "sigma",
	},
	QuestionOutlook: {
		"target", "target_low", "target_high", "probability", "forecast_mean", "forecast_low", "forecast_high", "horizon", "points", "so_far", "needed", "best", "error",
		string(VeryUnlikely), string(Unlikely), string(AboutEven), string(Likely),
	},
	QuestionTrend: {"slope", "slope_low", "slope_high", "p_value", "tau", "points", "lag1"},
}

// Units of a [Quantity] beside those of indicators.
const (
	QuantityRatio       = "ratio"       // 1 is all of it
	QuantityCount       = "count"       // rows, periods, points
	QuantityProbability = "probability" // 0–1
	QuantityPerYear     = "per_year"    // of the indicator's unit
	QuantityPoints      = "points"      // of a score
)

// Add adds an input if there is one.
func (r *Reason) Add(name string, v *float64, unit string) {
	if v != nil && usable(*v) {
		r.Inputs = append(r.Inputs, Quantity{name, *v, unit})
	}
}

// Limit adds a threshold.
func (r *Reason) Limit(name string, v float64, unit string) {
	if usable(v) {
		r.Thresholds = append(r.Thresholds, Quantity{name, v, unit})
	}
}

// NewReason returns a reason without inputs; its lists are empty, not null, in JSON.
func NewReason(question, answer, rule string) Reason {
	return Reason{Question: question, Answer: answer, Rule: rule, Inputs: []Quantity{}, Thresholds: []Quantity{}, Periods: []string{}}
}

// Reason returns the reason of one of the questions, nil if the assessment does not answer it.
func (a Assessment) Reason(question string) *Reason {
	for k := range a.Reasons {
		if a.Reasons[k].Question == question {
			return &a.Reasons[k]
		}
	}
	return nil
}

// statusReason is everything that the rule looked at which decided the status.
func (a *Assessment) statusReason(in AssessInput) Reason {
	r := NewReason(QuestionStatus, string(a.Status), a.Rule)
	r.Rows, r.Excluded = a.Rows, a.Excluded
	unit := string(in.Indicator.Unit)
	switch {
	case a.Since != "":
		r.Periods = append(r.Periods, a.Since, a.Period)
	case a.Period != "":
		r.Periods = append(r.Periods, a.Period)
	}
	r.Add("value", a.Value, unit)
	r.Add("to_date", a.Judged, unit)
	r.Add("expected", a.Expected, unit)
	r.Add("gap", a.Gap, unit)
	r.Add("baseline", a.baselineValue(), unit)
	if t := a.Target; t != nil {
		if in.Indicator.Direction == Range {
			r.Add("target_low", &t.Low, unit)
			r.Add("target_high", &t.High, unit)
		} else {
			r.Add("target", &t.Value, unit)
		}
	}
	r.Add("progress", a.Progress, QuantityRatio)
	r.Add("pace", a.Pace, QuantityRatio)
	if n := a.Named; n != nil {
		r.Add("named_value", n.Value, n.unit())
		r.Add("score", n.Score, QuantityPoints)
	}
	a.statusLimits(&r, in)
	return r
}

// statusLimits are the thresholds of the rule that decided.
func (a *Assessment) statusLimits(r *Reason, in AssessInput) {
	if in.Indicator.Minimum > 0 {
		r.Limit("minimum_rows", float64(in.Indicator.Minimum), QuantityCount)
	}
	switch a.Rule {
	case RulePace, RuleYearPace:
		r.Limit("band_on_track", a.Bands.OnTrack, QuantityRatio)
		r.Limit("band_behind", a.Bands.Behind, QuantityRatio)
	case RuleNamed:
		a.namedLimits(r)
	case RuleDistance:
		r.Limit("distance_behind", 1-a.Bands.Behind, QuantityRatio)
	case RuleNoSettledValue:
		r.Limit("settles_after_days", float64(in.Indicator.SettlesAfter), QuantityCount)
	}
}

// namedLimits are the thresholds of the method that decided, as parts of what it divides by. Those of growth rates without a target depend on the
// value and are none.
func (a *Assessment) namedLimits(r *Reason) {
	onTrack, behind := 0.0, 0.0
	switch n := a.Named; {
	case n == nil || n.Value == nil:
		return
	case n.Method == MethodCityScore:
		onTrack, behind = 1, a.Bands.Behind
	case n.Method == MethodExecuted:
		onTrack, behind = DefaultExecutedBands.OnPlan/100, DefaultExecutedBands.Behind/100
	case n.Method == MethodOpenSDG && a.Target != nil && a.Status != Achieved:
		onTrack, behind = openSDGOnTrack, openSDGAcceleration
	default:
		return
	}
	r.Limit("band_on_track", onTrack, QuantityRatio)
	r.Limit("band_behind", behind, QuantityRatio)
}
