package stats

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Survival is the Kaplan–Meier curve of durations of which some had not ended when they were last seen: the share that lasts longer than
// a time. The mean of the ended ones alone is too short, for the long ones are still open.
type Survival struct {
	Cases, Ended int // Cases − Ended are open
	LeftOut      int // without a duration: negative, or not finite
	Last         float64
	Steps        []SurvivalStep // at the times at which cases ended, ascending
}

// SurvivalStep is the curve from a time at which cases ended to the next.
type SurvivalStep struct {
	Time   float64 // in the unit of the durations
	AtRisk int     // cases that lasted to Time or longer
	Ended  int     // of these, at Time
	Share  float64 // S: of all cases, the share that lasts longer than Time
	// StdErr is Greenwood's, S·√Σ d/(n(n − d)); it is 0, and not known, where S is 0.
	StdErr float64
}

// KaplanMeier estimates the curve (Kaplan & Meier, Journal of the American Statistical Association 53, 1958). days holds how long each
// case lasted or, if it is open, has lasted so far, in any unit; ended says which, and what it does not say is open. A case that ended
// when another was last seen open counts as the earlier.
func KaplanMeier(days []float64, ended []bool) Survival {
	cases, left := durations(days, ended, nil)
	s := Survival{Cases: len(cases), LeftOut: left}
	share, greenwood := 1.0, 0.0
	for i := 0; i < len(cases); {
		t, atRisk := cases[i].days, len(cases)-i
		d := 0
		for ; i < len(cases) && cases[i].days == t; i++ {
			if cases[i].ended {
				d++
			}
		}
		s.Last = t
		if d == 0 {
			continue
		}
		s.Ended += d
		step := SurvivalStep{Time: t, AtRisk: atRisk, Ended: d}
		if d < atRisk {
			share *= float64(atRisk-d) / float64(atRisk)
			greenwood += float64(d) / (float64(atRisk) * float64(atRisk-d))
			step.Share, step.StdErr = share, share*math.Sqrt(greenwood)
		}
		s.Steps = append(s.Steps, step)
	}
	return s
}

// duration is a case of a group.
type duration struct {
	days  float64
	ended bool
	group int
}

// durations returns the cases that have a duration, shortest first, and the number of the others. group may be nil.
func durations(days []float64, ended []bool, group []int) (cases []duration, left int) {
	cases = make([]duration, 0, len(days))
	for i, d := range days {
		if !finite(d) || d < 0 {
			left++
			continue
		}
		c := duration{days: d, ended: i < len(ended) && ended[i]}
		if group != nil {
			c.group = group[i]
		}
		cases = append(cases, c)
	}
	slices.SortFunc(cases, func(a, b duration) int { return cmp.Compare(a.days, b.days) })
	return cases, left
}

// LimitsKind is the scale on which the limits of a curve are symmetric.
type LimitsKind int

// The scales.
const (
	LimitsLog    LimitsKind = iota // S·exp(∓z·σ/S), at most 1: R's default
	LimitsLogLog                   // S^exp(±z·σ/(S·ln S)): never below 0 or above 1 (Kalbfleisch & Prentice)
)

// Limits returns the confidence limits of Share, for a confidence such as 0.95. ok is false where Share is 0, and for a confidence that
// is not between 0 and 1.
func (p SurvivalStep) Limits(confidence float64, kind LimitsKind) (lower, upper float64, ok bool) {
	if !(confidence > 0 && confidence < 1) || p.Share <= 0 || p.Share >= 1 {
		return 0, 0, false
	}
	e := normalDeviate(confidence) * p.StdErr / p.Share
	if kind == LimitsLogLog {
		l := math.Log(p.Share)
		return math.Pow(p.Share, math.Exp(-e/l)), math.Pow(p.Share, math.Exp(e/l)), true
	}
	return p.Share * math.Exp(-e), min(1, p.Share*math.Exp(e)), true
}

// normalDeviate is the z within which a normal value lies with this confidence on both sides: 1.96 for 0.95.
func normalDeviate(confidence float64) float64 { return math.Sqrt2 * math.Erfinv(confidence) }

// At returns the share that lasts longer than t. ok is false for a t beyond the longest case if that is still open, for a t that is
// not a number, and without cases.
func (s Survival) At(t float64) (share float64, ok bool) {
	if s.Cases == 0 || math.IsNaN(t) || t > s.Last && !s.closed() {
		return 0, false
	}
	share = 1
	for _, p := range s.Steps {
		if p.Time > t {
			break
		}
		share = p.Share
	}
	return share, true
}

// closed reports whether the curve comes down to 0, so that it is known to the end of time.
func (s Survival) closed() bool { return len(s.Steps) > 0 && s.Steps[len(s.Steps)-1].Share == 0 }

// Quantile returns the first time by which at least a share p of all cases, open ones included, has ended: S ≤ 1 − p. ok is false if
// fewer have ended, which is an answer too: more than the rest are still open; and unless 0 < p ≤ 1. R differs where S is exactly 1 − p
// for a while: it takes the middle of that while.
func (s Survival) Quantile(p float64) (t float64, ok bool) {
	if !(p > 0 && p <= 1) {
		return 0, false
	}
	for _, step := range s.Steps {
		if sign(step.Share, 1-p, 1) <= 0 {
			return step.Time, true
		}
	}
	return 0, false
}

// Median is the quantile of one half.
func (s Survival) Median() (t float64, ok bool) { return s.Quantile(0.5) }

// RestrictedMean returns the mean duration up to a horizon, the area under the curve: a case that lasts longer counts with the horizon.
// stdErr follows from Greenwood's variances. ok is false without cases, for a horizon that is not a positive number, and for one beyond
// the longest case if that is still open: nothing is known of what lies there.
func (s Survival) RestrictedMean(horizon float64) (mean, stdErr float64, ok bool) {
	if !(horizon > 0) || !finite(horizon) || s.Cases == 0 || horizon > s.Last && !s.closed() {
		return 0, 0, false
	}
	var variance float64
	last := horizon
	for i := len(s.Steps) - 1; i >= 0; i-- { // from the right: mean is the area from the step on
		p := s.Steps[i]
		if p.Time >= horizon {
			continue
		}
		mean += p.Share * (last - p.Time)
		last = p.Time
		if n, d := float64(p.AtRisk), float64(p.Ended); n > d {
			variance += mean * mean * d / (n * (n - d))
		}
	}
	mean += last
	if stdErr = math.Sqrt(variance); !finite(mean) || !finite(stdErr) {
		return 0, 0, false
	}
	return mean, stdErr, true
}

// LogRank is the comparison of the curves of several groups.
type LogRank struct {
	Known  bool
	Groups []int // ascending
	// Observed and Expected are the cases of each group that ended, and that would have if all groups were alike.
	Observed, Expected []float64
	Chi2               float64
	DF                 int
	P                  float64 // of a Chi2 as large if all groups are alike
}

// CompareSurvival makes the log-rank test (Mantel 1966; Peto & Peto 1972) of durations as for KaplanMeier, each in the group whose number
// stands in group. The result is not known with fewer than two groups, if days and group differ in length, and where the groups were
// never open at the same time.
func CompareSurvival(days []float64, ended []bool, group []int) LogRank {
	if len(days) != len(group) {
		return LogRank{}
	}
	cases, _ := durations(days, ended, group)
	var r LogRank
	for _, c := range cases {
		r.Groups = append(r.Groups, c.group)
	}
	slices.Sort(r.Groups)
	r.Groups = slices.Compact(r.Groups)
	if len(r.Groups) < 2 {
		return LogRank{}
	}
	for i, c := range cases {
		cases[i].group, _ = slices.BinarySearch(r.Groups, c.group)
	}
	covariance := r.count(cases)
	excess := make([]float64, len(r.Groups))
	for g := range excess {
		excess[g] = r.Observed[g] - r.Expected[g]
	}
	if r.Chi2, r.DF = quadraticForm(covariance, excess); r.DF == 0 {
		return LogRank{}
	}
	r.Known, r.P = true, mathext.GammaIncRegComp(float64(r.DF)/2, r.Chi2/2)
	return r
}

// count adds up what ended and was expected to at each time, and returns the covariance of the former.
func (r *LogRank) count(cases []duration) [][]float64 {
	k := len(r.Groups)
	r.Observed, r.Expected = make([]float64, k), make([]float64, k)
	covariance := make([][]float64, k)
	atRisk := make([]float64, k)
	for g := range covariance {
		covariance[g] = make([]float64, k)
	}
	for _, c := range cases {
		atRisk[c.group]++
	}
	for i, first := 0, 0; i < len(cases); first = i {
		n, d := float64(len(cases)-i), 0.0
		for ; i < len(cases) && cases[i].days == cases[first].days; i++ {
			if cases[i].ended {
				d++
				r.Observed[cases[i].group]++
			}
		}
		if d > 0 {
			hypergeometric(covariance, r.Expected, atRisk, n, d)
		}
		for ; first < i; first++ {
			atRisk[cases[first].group]--
		}
	}
	return covariance
}

// hypergeometric adds mean and covariance of how d ends fall on groups of which so many are at risk, n in all.
func hypergeometric(covariance [][]float64, expected, atRisk []float64, n, d float64) {
	factor := 0.0
	if n > 1 {
		factor = d * (n - d) / (n - 1)
	}
	for g, a := range atRisk {
		expected[g] += d * a / n
		for h, b := range atRisk {
			covariance[g][h] -= factor * a / n * b / n
		}
		covariance[g][g] += factor * a / n
	}
}

// quadraticForm returns x'V⁻x and the rank of V, for a covariance V that may be singular and an x from its span, by elimination with the
// largest pivot first. V is overwritten.
func quadraticForm(v [][]float64, x []float64) (q float64, rank int) {
	x = slices.Clone(x)
	done := make([]bool, len(x))
	limit := 0.0
	for i := range v {
		limit = math.Max(limit, 1e-10*v[i][i])
	}
	for range x {
		pivot := -1
		for i := range x {
			if !done[i] && v[i][i] > limit && (pivot < 0 || v[i][i] > v[pivot][pivot]) {
				pivot = i
			}
		}
		if pivot < 0 {
			break
		}
		done[pivot] = true
		rank++
		q += x[pivot] * x[pivot] / v[pivot][pivot]
		for i := range x {
			if done[i] {
				continue
			}
			f := v[i][pivot] / v[pivot][pivot]
			x[i] -= f * x[pivot]
			for j := range x {
				v[i][j] -= f * v[pivot][j]
			}
		}
	}
	return q, rank
}

// Backlog says how long what is open has been so, in the unit of the ages.
type Backlog struct {
	Open              int
	Mean, Median, P90 float64 // quantiles of type 7
	Oldest            float64
}

// OpenBacklog describes the ages of open cases. Negative ages and such as are not finite are left out; all is 0 without any.
func OpenBacklog(ages []float64) Backlog {
	kept := make([]float64, 0, len(ages))
	for _, a := range ages {
		if finite(a) && a >= 0 {
			kept = append(kept, a)
		}
	}
	if len(kept) == 0 {
		return Backlog{}
	}
	slices.Sort(kept)
	b := Backlog{Open: len(kept), Oldest: kept[len(kept)-1], Median: sortedQuantile(kept, 0.5, QuantileDefault), P90: sortedQuantile(kept, 0.9, QuantileDefault)}
	if b.Mean = mean(kept); !finite(b.Mean) { // their sum is too large
		b.Mean = 0
		for _, a := range kept {
			b.Mean += a / float64(len(kept))
		}
	}
	return b
}
