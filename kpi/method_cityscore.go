package kpi

import "math"

// CityScoreMode says whose rules a CityScore is computed by.
type CityScoreMode string

// The modes.
const (
	// CityScoreFaithful does what Boston's published toolkit does, its mistakes included, so that a city that moves from it sees the numbers
	// that it knows.
	CityScoreFaithful CityScoreMode = "faithful"
	// CityScoreFixed mends them:
	//
	//   - Lower is better: 2 − value/target in place of target/value, so that a perfect zero has the best score in place of the worst, and to
	//     miss a target by a tenth costs what beating it by a tenth earns.
	//   - Scores lie between 0 and 2, so that one outlier does not make up for everything else.
	//   - The mean of the scores of single days is the score of their mean (but for the bounds): no 0, 0, 12 that scores 1.5 against 6.
	//   - Nothing is rounded up: 0.9901 is no 1.00.
	//   - A metric of which there is one value is read in its direction, like any other.
	//   - A historic target is the mean of what was before the newest 90 days, not the mean of everything minus (plus) its standard deviation,
	//     which five values in six pass by construction.
	//   - Windows end at the day that is asked for, so that a metric nobody updates runs out of score.
	//   - A day on which a rare thing did not happen is a good day and not a day without a value.
	//   - A target of zero or less has no score: nothing can be a share of it.
	CityScoreFixed CityScoreMode = "fixed"
)

// CityScoreWindow is the number of days, ending with the newest entry, over which a score is taken.
type CityScoreWindow int

// The windows.
const (
	CityScoreDay     CityScoreWindow = 1
	CityScoreWeek    CityScoreWindow = 7
	CityScoreMonth   CityScoreWindow = 30
	CityScoreQuarter CityScoreWindow = 90
)

// CityScoreWindows lists the windows, shortest first.
var CityScoreWindows = []CityScoreWindow{CityScoreDay, CityScoreWeek, CityScoreMonth, CityScoreQuarter}

// What a historic target needs.
const (
	cityScoreHistory = 90  // more values than this
	cityScoreYear    = 365 // days, and the number of values from which a rare thing has a target of the year before
)

// CityScoreEntry is the value of one day, in the metric's unit. One that is not finite is none.
type CityScoreEntry struct {
	Date  Date
	Value float64
}

// CityScoreMetric is a metric as Boston's toolkit knows it.
type CityScoreMetric struct {
	Entries   []CityScoreEntry // in any order; of several for one day the last is the newest
	Direction Direction        // Up or Down
	Target    float64          // in the metric's unit
	Historic  bool             // the target comes from the entries, once there are more than 90
	Trend     bool             // a rare thing: not every day has a value, and 0 may mean that it has none
}

// CityScoreMetricScore is the score of a metric over a window.
type CityScoreMetricScore struct {
	Score   float64 `json:"score"`   // 1 on target, more if better
	Mean    float64 `json:"mean"`    // of the entries, in the metric's unit
	Target  float64 `json:"target"`  // the one used
	Entries int     `json:"entries"` // in the window
	First   Date    `json:"first"`   // of the window
	Last    Date    `json:"last"`
}

// Score returns the metric's score over a window. asOf is the last day that is known: later entries do not exist. It is false where there is
// no score: no entry in the window, no usable target, no direction, in faithful mode a rare thing whose newest value is 0 for the day.
//
// By the toolkit the score is value/target if higher is better, else target/value; over a window the mean of the values is taken first, and
// inverted then; a mean of 0 scores 0, and so does a sum of 0; a day's score is not inverted while the metric has one value; every score is
// rounded up to two decimals, where the last digits of a float may cost a hundredth. The window ends at the newest entry in faithful
// mode, at asOf in fixed mode. What fixed mode does otherwise is told at CityScoreFixed.
//
// Source: cityscore/models.py of CityOfBoston/CityScoreToolkit, commit e5202d808c19, read for its rules.
func (m CityScoreMetric) Score(mode CityScoreMode, window CityScoreWindow, asOf Date) (CityScoreMetricScore, bool) {
	known, newest := m.known(asOf)
	if len(known) == 0 {
		return CityScoreMetricScore{}, false
	}
	s := CityScoreMetricScore{Last: newest.Date}
	if mode == CityScoreFixed {
		s.Last = asOf
	}
	s.First = s.Last.AddDays(1 - int(window))
	target, ok := m.target(mode, known, s.Last)
	if !ok {
		return CityScoreMetricScore{}, false
	}
	values := entriesWithin(known, s.First, s.Last)
	if window == CityScoreDay && len(values) > 0 {
		values = []float64{newest.Value}
	}
	if len(values) == 0 {
		return CityScoreMetricScore{}, false
	}
	s.Target, s.Entries, s.Mean = target, len(values), plainMean(values)
	d := m.Direction
	if mode != CityScoreFixed && window == CityScoreDay {
		if m.Trend && newest.Value == 0 {
			return CityScoreMetricScore{}, false
		}
		if d == Down && len(known) == 1 {
			d = Up
		}
	}
	s.Score, ok = CityScoreOf(mode, s.Mean, s.Target, d)
	return s, ok
}

// CityScoreOf returns the score of a value, or of the mean of several, against a target, by direction: 1 on target, more if better. It is false
// for a target of 0, in fixed mode also for a negative one, for a direction that is not up or down and for numbers that are not usable.
func CityScoreOf(mode CityScoreMode, value, target float64, d Direction) (float64, bool) {
	ratio := value / target
	if d != Up && d != Down || target == 0 || !usable(value) || !usable(target) || !usable(ratio) {
		return 0, false
	}
	if mode == CityScoreFixed {
		if d == Down {
			ratio = 2 - ratio
		}
		return math.Min(math.Max(ratio, 0), 2), target > 0
	}
	if d == Down && ratio != 0 {
		ratio = 1 / ratio
	}
	return roundedUp(ratio)
}

// CityScoreCity returns the score of a city: the unweighted mean of the scores of its metrics, rounded up once more in faithful mode. It is false
// without any.
func CityScoreCity(mode CityScoreMode, scores []float64) (float64, bool) {
	var list []float64
	for _, s := range scores {
		if usable(s) {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return 0, false
	}
	mean := plainMean(list)
	if mode == CityScoreFixed {
		return mean, usable(mean)
	}
	return roundedUp(mean)
}

// CityScoreStatus returns the word of [Assess] for a score of fixed mode, by the share of the target that it misses: on track from 1,
// behind from the bands' Behind on (0.60), well behind below.
func CityScoreStatus(score float64, b Bands) Status {
	switch b = b.orDefault(); {
	case score >= 1-tolerance:
		return OnTrack
	case score >= b.Behind*(1-tolerance):
		return Behind
	}
	return WellBehind
}

// HistoricTarget returns the target that the entries of a metric give as of a day. In faithful mode, with more than 90 entries: their mean
// minus their standard deviation (without sign) if higher is better, plus it if lower is; the standard deviation is that of a population. For a
// rare thing with more than 365 entries it is the mean of the days from 365 to 454 before the newest entry, in both modes. In fixed mode it is
// the mean of what is older than 90 days, of which there must be more than 90 entries. It is false where the history is too short.
func (m CityScoreMetric) HistoricTarget(mode CityScoreMode, asOf Date) (float64, bool) {
	known, newest := m.known(asOf)
	if mode != CityScoreFixed {
		asOf = newest.Date
	}
	return m.historic(mode, known, asOf)
}

// target returns the target to be used, with end the last day of the window.
func (m CityScoreMetric) target(mode CityScoreMode, known []CityScoreEntry, end Date) (float64, bool) {
	if !m.Historic {
		return m.Target, usable(m.Target)
	}
	if t, ok := m.historic(mode, known, end); ok {
		return t, true
	}
	if mode != CityScoreFixed && m.Target == 0 {
		return 1, true // the toolkit's way not to divide by zero
	}
	return m.Target, usable(m.Target)
}

func (m CityScoreMetric) historic(mode CityScoreMode, known []CityScoreEntry, end Date) (float64, bool) {
	if m.Trend && len(known) > cityScoreYear {
		values := entriesWithin(known, end.AddDays(-cityScoreYear-int(CityScoreQuarter)+1), end.AddDays(-cityScoreYear))
		return plainMean(values), len(values) > 0
	}
	values := make([]float64, 0, len(known))
	for _, e := range known {
		if mode != CityScoreFixed || e.Date.Before(end.AddDays(1-int(CityScoreQuarter))) {
			values = append(values, e.Value)
		}
	}
	if len(values) <= cityScoreHistory {
		return 0, false
	}
	mean := plainMean(values)
	if mode == CityScoreFixed {
		return mean, true
	}
	deviation := 0.0
	for _, v := range values {
		deviation = math.Hypot(deviation, v-mean)
	}
	deviation /= math.Sqrt(float64(len(values)))
	if m.Direction == Down {
		return mean + deviation, true
	}
	return math.Abs(mean - deviation), true
}

// known returns the entries up to a day that have a value, and the newest of them.
func (m CityScoreMetric) known(asOf Date) ([]CityScoreEntry, CityScoreEntry) {
	var list []CityScoreEntry
	var newest CityScoreEntry
	for _, e := range m.Entries {
		if !usable(e.Value) || e.Date.After(asOf) {
			continue
		}
		if len(list) == 0 || !e.Date.Before(newest.Date) {
			newest = e
		}
		list = append(list, e)
	}
	return list, newest
}

// entriesWithin returns the values of the entries from one day to another, both included.
func entriesWithin(entries []CityScoreEntry, first, last Date) []float64 {
	var list []float64
	for _, e := range entries {
		if !e.Date.Before(first) && !e.Date.After(last) {
			list = append(list, e.Value)
		}
	}
	return list
}

// plainMean returns the sum over the number, 0 of nothing.
func plainMean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / math.Max(1, float64(len(values)))
}

// roundedUp rounds up to two decimals.
func roundedUp(v float64) (float64, bool) {
	v = math.Ceil(v*100) / 100
	return v, usable(v)
}
