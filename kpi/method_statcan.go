package kpi

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// OpenSDGStatus is the word of the method of Open SDG for how far an indicator has come.
type OpenSDGStatus string

// The words, best first. The bands are those of R, the growth rate over the rate that the target needs; without a target those of the growth
// rate in the desired direction.
const (
	OpenSDGAchieved      OpenSDGStatus = "achieved"            // the newest value meets the target, whatever its trend
	OpenSDGOnTrack       OpenSDGStatus = "on_track"            // R ≥ 95 %; without a target ≥ 1.5 % · C a year
	OpenSDGAcceleration  OpenSDGStatus = "acceleration_needed" // 60–95 %; 0.5–1.5 % · C
	OpenSDGLimited       OpenSDGStatus = "limited_progress"    // 0–60 %; 0–0.5 % · C
	OpenSDGDeterioration OpenSDGStatus = "deterioration"       // below 0
	OpenSDGNotAvailable  OpenSDGStatus = "not_available"       // there is no growth rate; OpenSDGResult.Why says why
)

// Lower bounds of R, the part of the growth rate that the target needs.
const (
	openSDGOnTrack      = 0.95
	openSDGAcceleration = 0.6
)

// Lower bounds of the growth a year, where there is no target; they shrink near a natural limit.
const (
	openSDGGrowth         = 0.015
	openSDGModerateGrowth = 0.005
)

// OpenSDGBands are the lower bounds of "on track" and "acceleration needed": of the part of the growth rate that the target needs, and of the growth
// a year where there is no target.
var OpenSDGBands = struct{ WithTarget, Without Bands }{
	WithTarget: Bands{OnTrack: openSDGOnTrack, Behind: openSDGAcceleration},
	Without:    Bands{OnTrack: openSDGGrowth, Behind: openSDGModerateGrowth},
}

// OpenSDGStatuses lists the words, best first.
var OpenSDGStatuses = []OpenSDGStatus{
	OpenSDGAchieved, OpenSDGOnTrack, OpenSDGAcceleration, OpenSDGLimited, OpenSDGDeterioration, OpenSDGNotAvailable,
}

// Label returns the name by which files of Open SDG call the status: target_achieved, substantial_progress, moderate_progress,
// limited_progress, deterioration or not_available.
func (s OpenSDGStatus) Label() string {
	switch s {
	case OpenSDGAchieved:
		return "target_achieved"
	case OpenSDGOnTrack:
		return "substantial_progress"
	case OpenSDGAcceleration:
		return "moderate_progress"
	}
	return string(s)
}

// Status returns the word of [Assess] that is nearest. "Deterioration" is no clear change: two endpoints cannot tell whether it is real.
func (s OpenSDGStatus) Status() Status {
	switch s {
	case OpenSDGAchieved:
		return Achieved
	case OpenSDGOnTrack:
		return OnTrack
	case OpenSDGAcceleration:
		return Behind
	case OpenSDGLimited:
		return WellBehind
	case OpenSDGDeterioration:
		return NoClearChange
	}
	return NoData
}

// Reasons for which the method has no growth rate.
const (
	OpenSDGNoDirection = "no-direction"   // neither up nor down is better
	OpenSDGNoData      = "no-data"        // no year has a value
	OpenSDGTwice       = "year-twice"     // a year has two values
	OpenSDGNoBase      = "no-base-year"   // no value in the base year or later
	OpenSDGOnePoint    = "one-point"      // the base year is the newest year
	OpenSDGSignChange  = "sign-change"    // base, newest value and target are not all on one side of zero
	OpenSDGNoTime      = "no-time"        // the target's year is not after the base year
	OpenSDGNoWay       = "no-way"         // the base is the target: no growth is needed, and nothing can be divided by it
	OpenSDGUnusable    = "not-computable" // the target, or the rate itself, is not finite or too large
)

// OpenSDGReasons lists these reasons.
var OpenSDGReasons = []string{
	OpenSDGNoDirection, OpenSDGNoData, OpenSDGTwice, OpenSDGNoBase, OpenSDGOnePoint, OpenSDGSignChange, OpenSDGNoTime, OpenSDGNoWay, OpenSDGUnusable,
}

// Years that the method takes where none is given: those of the Sustainable Development Goals.
const (
	OpenSDGBaseYear   = 2015
	OpenSDGTargetYear = 2030
)

// openSDGZero stands for a base or a target of zero, from which no exponential growth can be computed.
const openSDGZero = 0.001

// OpenSDGPoint is the value of one year. A value that is not finite is none.
type OpenSDGPoint struct {
	Year  int
	Value float64
}

// OpenSDGYear reads the year of a reference period: 2015, and of a range such as 2015-16 or 2015/2016 the first one.
func OpenSDGYear(s string) (int, bool) {
	digits := 0
	for digits < len(s) && '0' <= s[digits] && s[digits] <= '9' {
		digits++
	}
	if digits != 4 {
		return 0, false
	}
	year, err := strconv.Atoi(s[:4])
	return year, err == nil
}

// OpenSDGOptions says what the growth rate is compared with.
type OpenSDGOptions struct {
	Direction  Direction // Up or Down
	BaseYear   int       // 0: OpenSDGBaseYear. Without a value in it, the next year that has one
	Target     *float64  // in the indicator's unit; nil: none. Zero is taken as 0.001
	TargetYear int       // 0: OpenSDGTargetYear
	Limit      *float64  // a value that cannot be passed, such as 100 of a percentage; used where there is no target
}

// OpenSDGResult is the reading of one series.
type OpenSDGResult struct {
	BaseYear    int           `json:"base_year"` // the one used
	Base        *float64      `json:"base,omitempty"`
	CurrentYear int           `json:"current_year,omitempty"` // the newest year with a value
	Current     *float64      `json:"current,omitempty"`
	Coefficient float64       `json:"coefficient"`     // C, by which thresholds above 0 shrink near the limit: 0–1, and 1 without one
	Value       *float64      `json:"value,omitempty"` // R; without a target the growth rate a year in the desired direction, 0.015 for 1.5 %
	Score       *float64      `json:"score,omitempty"` // −5 to 5
	Status      OpenSDGStatus `json:"status"`
	Why         string        `json:"why,omitempty"` // why there is no Value
}

// OpenSDG judges a series by the method that Statistics Canada devised and Open SDG (2.4.0) computes, after Eurostat's:
//
//	CAGR_o = (y/y0)^(1/(t − t0)) − 1, from the base year t0 to the newest year t
//	CAGR_r = (T/y0)^(1/(tT − t0)) − 1, from the base year to the target's
//	R      = s·d·CAGR_o/|CAGR_r|, or s·d·CAGR_o without a target
//
// with d = 1 where higher is better and −1 where lower is, and s = −1 if y0 < 0. R and the bands of [OpenSDGStatus] give the status, R also
// the score. Thresholds above 0 of a growth rate without a target are multiplied with C where there is a natural limit L:
//
//	C = 1 − (|y0|/L)^4.44 up to L, 1 − ((2L − |y0|)/L)^4.44 up to 2L, 1 beyond
//
// Source: docs/progress-methodology.md of open-sdg/open-sdg. The comparisons are exact, as there, without the tolerance of [Assess].
//
// A target that the newest value meets is achieved, with a score of 5, even if there is no growth rate or the value fell. Known faults of the
// method, which are kept, since this is for cities that report by it: it looks at two years only, has no dead band, and the 0.001 for
// zero can decide the answer. What it leaves undefined is not available here: values, base and target on both sides of zero, a target's year
// that is not after the base year, and a base that is the target, where the target is missed. A limit that is not finite is none.
func OpenSDG(points []OpenSDGPoint, o OpenSDGOptions) OpenSDGResult {
	r := OpenSDGResult{BaseYear: cmp.Or(o.BaseYear, OpenSDGBaseYear), Coefficient: 1, Status: OpenSDGNotAvailable}
	d := 1.0
	switch o.Direction {
	case Up:
	case Down:
		d = -1
	default:
		return r.without(OpenSDGNoDirection)
	}
	if why := r.read(points); why != "" {
		return r.without(why)
	}
	if o.Target == nil {
		r.withoutTarget(d, o.Limit)
		return r
	}
	target := *o.Target
	if !usable(target) {
		return r.without(OpenSDGUnusable)
	}
	if target == 0 {
		target = openSDGZero
	}
	r.withTarget(d, target, cmp.Or(o.TargetYear, OpenSDGTargetYear))
	if d*(*r.Current) >= d*target {
		best := 5.0
		r.Score, r.Status = &best, OpenSDGAchieved
	}
	return r
}

func (r OpenSDGResult) without(why string) OpenSDGResult {
	r.Why = why
	return r
}

// read finds the base and the newest value.
func (r *OpenSDGResult) read(points []OpenSDGPoint) string {
	var list []OpenSDGPoint
	for _, p := range points {
		if usable(p.Value) {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return OpenSDGNoData
	}
	slices.SortStableFunc(list, func(a, b OpenSDGPoint) int { return cmp.Compare(a.Year, b.Year) })
	for k := 1; k < len(list); k++ {
		if list[k].Year == list[k-1].Year {
			return OpenSDGTwice
		}
	}
	newest := list[len(list)-1]
	r.CurrentYear, r.Current = newest.Year, &newest.Value
	k := slices.IndexFunc(list, func(p OpenSDGPoint) bool { return p.Year >= r.BaseYear })
	if k < 0 {
		return OpenSDGNoBase
	}
	r.BaseYear, r.Base = list[k].Year, &list[k].Value
	return ""
}

// growth returns the compound growth a year from the base to a value, and s, or why there is none.
func (r *OpenSDGResult) growth(value float64, year int) (rate, s float64, why string) {
	base := *r.Base
	if base == 0 {
		base = openSDGZero
	}
	s = 1
	if base < 0 {
		s = -1
	}
	if s*value < 0 {
		return 0, s, OpenSDGSignChange
	}
	rate = math.Pow(value/base, 1/float64(year-r.BaseYear)) - 1
	if !usable(rate) {
		return 0, s, OpenSDGUnusable
	}
	return rate, s, ""
}

// withoutTarget judges the growth rate by itself.
func (r *OpenSDGResult) withoutTarget(d float64, limit *float64) {
	if limit != nil && usable(*limit) {
		r.Coefficient = openSDGCoefficient(math.Abs(*r.Base), math.Abs(*limit))
	}
	if r.CurrentYear <= r.BaseYear {
		r.Why = OpenSDGOnePoint
		return
	}
	rate, s, why := r.growth(*r.Current, r.CurrentYear)
	if why != "" {
		r.Why = why
		return
	}
	r.judge(s*d*rate, openSDGGrowth*r.Coefficient, openSDGModerateGrowth*r.Coefficient, openSDGGrowthScore(s*d*rate, r.Coefficient))
}

// withTarget judges the growth rate by the one that the target needs.
func (r *OpenSDGResult) withTarget(d, target float64, targetYear int) {
	switch {
	case r.CurrentYear <= r.BaseYear:
		r.Why = OpenSDGOnePoint
		return
	case targetYear <= r.BaseYear:
		r.Why = OpenSDGNoTime
		return
	}
	observed, s, why := r.growth(*r.Current, r.CurrentYear)
	needed, _, whyTarget := r.growth(target, targetYear)
	if why = cmp.Or(why, whyTarget); why == "" && needed == 0 {
		why = OpenSDGNoWay
	}
	if why == "" && !usable(observed/math.Abs(needed)) {
		why = OpenSDGUnusable
	}
	if why != "" {
		r.Why = why
		return
	}
	ratio := s * d * observed / math.Abs(needed)
	r.judge(ratio, openSDGOnTrack, openSDGAcceleration, openSDGRatioScore(ratio))
}

// judge sets value and score, and the status by the lower bounds of "on track" and "acceleration needed".
func (r *OpenSDGResult) judge(value, high, middle, score float64) {
	r.Value, r.Score = &value, &score
	switch {
	case value >= high:
		r.Status = OpenSDGOnTrack
	case value >= middle:
		r.Status = OpenSDGAcceleration
	case value >= 0:
		r.Status = OpenSDGLimited
	default:
		r.Status = OpenSDGDeterioration
	}
}

// openSDGCoefficient returns C for the sizes of the base and of the limit.
func openSDGCoefficient(base, limit float64) float64 {
	const steepness = 4.44
	switch {
	case base >= 2*limit: // asked first, so that it is 1 where both are zero
		return 1
	case base <= limit:
		return 1 - math.Pow(base/limit, steepness)
	}
	return 1 - math.Pow((2*limit-base)/limit, steepness)
}

// openSDGRatioScore turns R into a score: −5 at −60 %, 0 at 60 %, 2.5 at 95 %, 5 at 130 %.
func openSDGRatioScore(r float64) float64 {
	if r >= 0.6 {
		return math.Min(7.1429*r-4.2857, 5)
	}
	return math.Max(4.1667*r-2.5, -5)
}

// openSDGGrowthScore turns a growth rate into a score: −5 at −2 %, −2.5 at 0, and with C = 1: 0 at 0.5 %, 2.5 at 1.5 %, 5 at 2 %.
func openSDGGrowthScore(v, c float64) float64 {
	switch {
	case v < 0:
		return math.Max(125*v-2.5, -5)
	case c == 0: // at the limit and still there
		return 5
	case v >= openSDGGrowth*c:
		return math.Min(500*v/c-5, 5)
	case v >= openSDGModerateGrowth*c:
		return 250*v/c - 1.25
	}
	return 500*v/c - 2.5
}

// OpenSDGParity turns a parity index, such as girls over boys, so that down to 1 is always good: the larger of y and 1/y, and 1 from 0.97 to 1.03,
// which is parity. It is false for an index that is not above 0. To be judged with direction down and a target of 1.
func OpenSDGParity(y float64) (float64, bool) {
	const low, high = 0.97, 1.03
	folded := math.Max(y, 1/y)
	switch {
	case !(y > 0) || !usable(folded):
		return 0, false
	case y >= low*(1-tolerance) && y <= high*(1+tolerance):
		return 1, true
	}
	return folded, true
}

// OpenSDGFold turns a value that should be at a target, neither above nor below, so that down to the target is always good: T + |y − T|. The
// share of a budget that was spent folds at 100, a share of women at 50. It is false for numbers that are not usable. To be judged with
// direction down and the same target.
func OpenSDGFold(y, target float64) (float64, bool) {
	if !usable(y) || !usable(target) || !usable(target+math.Abs(y-target)) {
		return 0, false
	}
	return target + math.Abs(y-target), true
}

// OpenSDGNode is a series of an indicator, or a group of series that together count as one.
type OpenSDGNode struct {
	Series OpenSDGResult
	Group  []OpenSDGNode // not nil: Series is not looked at
}

// OpenSDGRollUp returns the score and status of an indicator of several series: the mean of their scores, groups being averaged first, at any
// depth. Series and groups without a score are left out; without any there is none, and the status is not available. It is achieved only if
// all that have a score are; otherwise on track from 2.5, acceleration needed from 0, limited from −2.5, deterioration below.
func OpenSDGRollUp(nodes []OpenSDGNode) (*float64, OpenSDGStatus) {
	score, achieved, ok := openSDGMean(nodes)
	switch {
	case !ok:
		return nil, OpenSDGNotAvailable
	case achieved:
		return &score, OpenSDGAchieved
	case score >= 2.5:
		return &score, OpenSDGOnTrack
	case score >= 0:
		return &score, OpenSDGAcceleration
	case score >= -2.5:
		return &score, OpenSDGLimited
	}
	return &score, OpenSDGDeterioration
}

// openSDGMean returns the mean score of the nodes that have one, and whether all of these achieved their target.
func openSDGMean(nodes []OpenSDGNode) (mean float64, achieved, ok bool) {
	sum, n := 0.0, 0
	achieved = true
	for _, node := range nodes {
		var score float64
		var met, has bool
		if node.Group != nil {
			score, met, has = openSDGMean(node.Group)
		} else if s := node.Series.Score; s != nil && usable(*s) {
			score, met, has = *s, node.Series.Status == OpenSDGAchieved, true
		}
		if has {
			sum, n = sum+score, n+1
			achieved = achieved && met
		}
	}
	if n == 0 {
		return 0, false, false
	}
	return sum / float64(n), achieved, true
}
