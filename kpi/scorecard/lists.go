package scorecard

// Verdicts lists the verdicts about a group.
var Verdicts = []Verdict{VerdictBetter, VerdictWorse, VerdictDifferent, VerdictSimilar, VerdictTooFew, VerdictNone, VerdictReference, VerdictHidden}

// TrustChecks lists the names of the checks, see [TrustCheck].
var TrustChecks = []string{"closed_before_opened", "no_due_date", "excluded", "all_green", "heaping", "deadline_jump", "late_revisions"}

// TrustNumbers lists, by check, the names that its numbers may have.
var TrustNumbers = map[string][]string{
	checkClosedBeforeOpened: {"rows", "excluded"},
	checkNoDueDate:          {"rows", "excluded"},
	checkExcluded:           {"rows", "excluded"},
	checkAllGreen:           {"points", "least_margin"},
	checkHeaping:            {"met", "missed", "window"},
	checkDeadlineJump:       {"met", "early", "window"},
	checkLateRevisions:      {"moved", "judged"},
}

// TrustStates lists what a check may find.
var TrustStates = []TrustState{TrustFine, TrustLook, TrustCannot, TrustNotAsked}

// EvaluationStates lists what may become of a question about something that the city did; the first is its answer.
var EvaluationStates = []string{"answered", "too_few_before", "too_few_after", "no_comparison", "not_fitted"}

// EffectNames lists the kinds of [Effect].
var EffectNames = []string{"level", "slope", "at_end", "rate_ratio", "difference"}

// EvaluationWarnings lists the reasons to read an evaluation with care.
var EvaluationWarnings = []EvaluationWarning{EvaluationShort, EvaluationFewMembers, EvaluationPretrend, EvaluationHidden}
