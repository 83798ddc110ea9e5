package kpi

import (
	"math"
)

// tolerance is the relative difference below which two numbers are taken for equal when a status is decided, so that the last
// digits of a float never decide it.
const tolerance = 1e-9

// Kinds of target. An interim target is a point on the way: meeting it achieves nothing yet.
const (
	TargetAnnual  = "annual"
	TargetInterim = "interim"
	TargetTerm    = "term"
)

// usable reports whether v can be calculated with: it is finite, and so far from the largest float that no difference of two such
// numbers overflows. Any other value is treated as no value.
func usable(v float64) bool { return math.Abs(v) <= 1e150 }

// Expected returns where the trajectory is at the end of the period, in the indicator's unit; false where there is no such value.
//
//   - linear: E = b + (T − b)·(t − tb)/(tT − tb), in days, clamped at both ends, from the baseline to the target that governs the period.
//   - milestones: the same from point to point, the baseline being the first.
//   - step: the last milestone at or before the day; the baseline before the first.
//   - every period: the target that governs the period.
//
// From the last target's date on it is that target. Without a baseline there is none on the way to the first target. For an
// indicator to be kept in a range, a target is the point of its range that is nearest to where the path comes from; without a
// baseline, and for targets that hold in every period, the range itself is all that is expected and there is no value.
func (i *Indicator) Expected(p Period) (float64, bool) {
	governing := i.TargetFor(p)
	if governing == nil {
		return 0, false
	}
	if i.Trajectory == TrajectoryEveryPeriod {
		return governing.Value, i.Direction != Range
	}
	if i.AddsUp() {
		return 0, false // of one period by itself nothing is expected, see [Indicator.ExpectedToDate]
	}
	path := i.path(p, *governing)
	if len(path) == 0 {
		return 0, false
	}
	return along(path, p.Last, i.Trajectory == TrajectoryStep)
}

// waypoint is a point of the trajectory. begins marks the baseline: the path is level before it.
type waypoint struct {
	day    Date
	value  float64
	begins bool
}

// path returns the waypoints by date: the baseline, if there is one, and the targets that the trajectory passes.
func (i *Indicator) path(p Period, governing Target) []waypoint {
	targets := i.along(governing, p.Last)
	last := targets[len(targets)-1]
	var path []waypoint
	from := math.NaN()
	if i.hasBaseline() {
		from = i.Baseline.Value
		path = append(path, waypoint{i.Baseline.Date, from, true})
	} else if i.Direction == Range {
		return nil
	}
	for _, t := range targets {
		from = i.aim(t, from)
		if i.hasBaseline() && !t.By.After(i.Baseline.Date) && t.By != last.By {
			continue // it was over before the city started from its baseline
		}
		path = append(path, waypoint{t.By, from, false})
	}
	if !p.Last.Before(last.By) {
		path = path[len(path)-1:]
	}
	return path
}

// aim returns the value that the target asks for, coming from a value.
func (i *Indicator) aim(t Target, from float64) float64 {
	if i.Direction == Range {
		return math.Min(math.Max(from, t.Low), t.High)
	}
	return t.Value
}

func (i *Indicator) hasBaseline() bool { return i.Baseline != nil && usable(i.Baseline.Value) }

// along returns the value of the path on a day, and whether it has one: before its first point only if that is the baseline.
func along(path []waypoint, day Date, step bool) (float64, bool) {
	at := -1 // the last waypoint at or before the day
	for k, w := range path {
		if !w.day.After(day) {
			at = k
		}
	}
	if at < 0 {
		return path[0].value, path[0].begins
	}
	a := path[at]
	if step || at == len(path)-1 {
		return a.value, true
	}
	b := path[at+1]
	return a.value + (b.value-a.value)*float64(day.Sub(a.day))/float64(b.day.Sub(a.day)), true
}

// FlatPhasing returns the part of a flow's target that should be there at the end of a day, if every day brings the same:
// T · elapsed days / days of the period, both ends included. It is 0 before the period and T after it.
func FlatPhasing(target float64, first, last, day Date) float64 {
	elapsed, total := day.Sub(first)+1, last.Sub(first)+1
	if elapsed <= 0 || total <= 0 {
		return 0
	}
	return target * float64(min(elapsed, total)) / float64(total)
}

// SeasonalPhasing returns the part of a flow's target that should be there after n of the parts of a year, if the year goes as the
// years did whose parts are given: T · Σ first n / Σ all. It is false if those parts do not say: none, a negative or unusable one, or
// all zero.
func SeasonalPhasing(target float64, parts []float64, n int) (float64, bool) {
	var done, all float64
	for k, v := range parts {
		if !usable(v) || v < 0 {
			return 0, false
		}
		all += v
		if k < n {
			done += v
		}
	}
	if all <= 0 || !usable(target) {
		return 0, false
	}
	return target * (done / all), true
}

// Covered returns the part of the way from the baseline to the target that has been covered, (y − b)/(T − b): 0 at the baseline, 1 at the
// target, negative on the wrong side. It is false if there is no way to go.
func Covered(baseline, target, value float64) (float64, bool) {
	if !usable(baseline) || !usable(target) || !usable(value) || near(baseline, target) {
		return 0, false
	}
	return (value - baseline) / (target - baseline), true
}

// RangeDistance returns how far a value lies outside a range, 0 within it.
func RangeDistance(value, low, high float64) float64 {
	return math.Max(0, math.Max(low-value, value-high))
}

// near reports whether two numbers are equal but for the tolerance.
func near(a, b float64) bool {
	return math.Abs(a-b) <= tolerance*math.Max(math.Abs(a), math.Abs(b))
}
