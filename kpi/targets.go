package kpi

import (
	"cmp"
	"slices"
)

// TargetsInForce returns the targets that can be judged against as they stood at the end of a day, by date. A target that was changed
// later stands as it was then: of several with the same date and kind the one that was set last until the day, or first if all were set
// later. Without a day it is the newest of each. A target of an indicator to be kept in a range needs low ≤ high; what its direction does
// not use is dropped. Where the last word on a target is that it holds no longer ([Target.Dropped]), it is not among them.
func (i *Indicator) TargetsInForce(day Date) []Target {
	var list []Target
	for _, t := range i.Targets {
		ok := usable(t.Value)
		if i.Direction == Range {
			ok, t.Value = usable(t.Low) && usable(t.High) && t.Low <= t.High, 0
		} else {
			t.Low, t.High = 0, 0
		}
		if t.Dropped {
			ok, t.Value, t.Low, t.High = true, 0, 0, 0
		}
		if ok && i.Direction != Neutral {
			list = append(list, t)
		}
	}
	slices.SortStableFunc(list, func(a, b Target) int {
		return cmp.Or(a.By.Compare(b.By), cmp.Compare(a.rank(), b.rank()), a.Set.Compare(b.Set))
	})
	kept := list[:0]
	for _, t := range list {
		n := len(kept)
		switch {
		case n == 0 || kept[n-1].By != t.By || kept[n-1].rank() != t.rank():
			kept = append(kept, t)
		case day.IsZero() || !t.Set.After(day):
			kept[n-1] = t
		}
	}
	return slices.DeleteFunc(kept, func(t Target) bool { return t.Dropped })
}

// Replaced reports whether a target was changed later: there is one for the same date and of the same kind that was set after it.
func (i *Indicator) Replaced(t Target) bool {
	return slices.ContainsFunc(i.Targets, func(u Target) bool {
		return u.By == t.By && u.rank() == t.rank() && u.Set.After(t.Set)
	})
}

// Again reports whether a target is for the day of another and of its kind: the one set later is what the other became.
func (t Target) Again(u Target) bool { return t.By == u.By && t.rank() == u.rank() }

// same reports whether two targets for one day promise the same.
func (t Target) same(u Target) bool {
	return t.Value == u.Value && t.Low == u.Low && t.High == u.High && t.Dropped == u.Dropped
}

// rank orders the kinds of target that are for the same day: the year's counts before the term's, and a point on the way last.
func (t Target) rank() int {
	switch t.Kind {
	case TargetTerm:
		return 1
	case TargetInterim:
		return 2
	}
	return 0
}

// TargetFor returns the target that governs a period, as it stood at the period's end: the last one whose date lies in the period; if there is
// none, the next one; if all dates have passed, the last one. Of several for the same day the year's counts before the term's, and that before a
// point on the way. It is nil for an indicator without targets or without a direction. What adds up in a year is governed by that year's
// targets alone, unless it is judged by [MethodOpenSDG], which looks years ahead.
func (i *Indicator) TargetFor(p Period) *Target {
	targets := i.TargetsInForce(p.Last)
	if i.AddsUp() && i.Judge.By != MethodOpenSDG {
		targets = i.targetsOfYear(p.Last, p.Last)
	}
	if len(targets) == 0 {
		return nil
	}
	if k := governing(targets, p); k >= 0 {
		return &targets[k]
	}
	return nil
}

// governing returns the index of the target that governs a period. Targets are by date and rank.
func governing(targets []Target, p Period) int {
	within, next, last := -1, -1, 0
	for k, t := range targets {
		switch {
		case k > 0 && targets[k-1].By == t.By: // the first of a day is the one that counts
		case t.By.Before(p.First):
			last = k
		case !t.By.After(p.Last):
			within = k
		case next < 0:
			next = k
		}
	}
	switch {
	case within >= 0:
		return within
	case next >= 0:
		return next
	}
	return last
}

// along returns the targets that the trajectory passes on its way to the one that governs, by date, and on which it goes on from there:
// of milestones and steps all, one a day; of other shapes that one alone.
func (i *Indicator) along(to Target, day Date) []Target {
	if i.Trajectory != TrajectoryMilestones && i.Trajectory != TrajectoryStep {
		return []Target{to}
	}
	list := i.TargetsInForce(day)
	return slices.CompactFunc(list, func(a, b Target) bool { return a.By == b.By })
}

// standings returns how the judged value stands to the targets that hold beside the governing one: of each other kind, the next that is not over.
// The path to each is straight from the baseline; milestones and steps lead to all of them by one path.
func (i *Indicator) standings(a *Assessment, p Period) []Standing {
	var list []Standing
	seen := map[int]bool{a.Target.rank(): true}
	for _, t := range i.TargetsInForce(p.Last) {
		if seen[t.rank()] || t.By.Before(p.First) || i.AddsUp() {
			continue
		}
		seen[t.rank()] = true
		straight := *i
		switch i.Trajectory {
		case TrajectoryMilestones, TrajectoryStep:
		case TrajectoryEveryPeriod:
			straight.Targets = []Target{t}
		default:
			straight.Trajectory, straight.Targets = TrajectoryLinear, []Target{t}
		}
		other := Assessment{Value: a.Value, Baseline: a.Baseline, Target: &t}
		other.measure(&straight, p)
		list = append(list, Standing{Target: t, Expected: other.Expected, Met: other.Met, Progress: other.Progress})
	}
	return list
}
