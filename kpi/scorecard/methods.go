package scorecard

import (
	"citystat/kpi"
	"citystat/kpi/stats"
)

// Methods are the limits by which the engine decides, for those who tell readers how it does. They are read from the very constants that it uses, so
// what is told and what is done are one.
type Methods struct {
	StalePeriods int // an older value is stale

	SignalPeriods int     // settled periods below which it is too early
	TrialPeriods  int     // below which limits will still move, and a run chart is read
	LimitFactor   float64 // limits lie so many mean moving ranges from the mean
	ShiftPoints   int     // in a row on one side of the mean
	TrendPoints   int     // that rise, or fall, at every step
	NearPoints    int     // close to a limit …
	NearOf        int     // … of so many in a row
	SeasonYears   int     // from which a season is taken out
	UnevenBy      float64 // times the smallest denominator the largest must be for limits by the number of cases

	TrendPeriods int     // settled periods below which no trend is told
	TrendLevel   float64 // of its test

	OutlookLevel   float64 // probability of the range that is shown
	OutlookBounds  []OutlookBound
	OutlookPeriods int // settled periods below which nothing is forecast
	LeastChance    float64
	MostChance     float64

	EquityConfidence float64
	EquityMonths     int // that are put together
	EquityEvents     int // of a group, below which nothing is said of it

	EvaluationConfidence float64

	ScoreCoverage float64 // part of the weight that must have a value before a score is told
	NamedRows     int     // rows below which a name that is no district is not told
}

// OutlookBound is the upper bound of a word for a probability. That of the last is 1.
type OutlookBound struct {
	Word  kpi.OutlookWord
	Below float64
}

// EngineMethods returns the engine's limits.
func EngineMethods() Methods {
	m := Methods{
		StalePeriods:  kpi.StalePeriods,
		SignalPeriods: needed, TrialPeriods: stats.TrialPoints, LimitFactor: stats.LimitFactor, ShiftPoints: stats.ShiftPoints,
		TrendPoints: stats.TrendPoints, NearPoints: stats.WindowNear, NearOf: stats.WindowSize, SeasonYears: fullCycles, UnevenBy: unevenDenominators,
		TrendPeriods: stats.KendallPoints, TrendLevel: trendLevel,
		OutlookLevel: outlookLevel, OutlookPeriods: stats.PointsNeeded(1), LeastChance: stats.LeastChance, MostChance: stats.MostChance,
		EquityConfidence: equityConfidence, EquityMonths: equityMonths, EquityEvents: stats.EventsPerGroup,
		EvaluationConfidence: evaluationConfidence, ScoreCoverage: fullestCoverage, NamedRows: smallestNamed,
	}
	for _, b := range outlookWords {
		m.OutlookBounds = append(m.OutlookBounds, OutlookBound{b.word, b.below})
	}
	m.OutlookBounds = append(m.OutlookBounds, OutlookBound{kpi.VeryLikely, 1})
	return m
}
