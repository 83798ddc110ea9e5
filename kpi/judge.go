package kpi

import "math"

// course is a judged value beside what it is judged against, all turned so that more is better: a lower-is-better value changes its
// sign, and of a value to be kept in a range it is minus the distance to the range. slack is the difference that counts as none; grain is
// the same without the value itself.
type course struct {
	value, target float64
	baseline      *float64
	expected      *float64
	slack, grain  float64
}

// turned returns v so that more is better.
func turned(d Direction, t Target, v float64) float64 {
	switch d {
	case Down:
		return -v
	case Range:
		return -RangeDistance(v, t.Low, t.High)
	}
	return v
}

// newCourse turns the judged value, the baseline, the target and the expected value.
func newCourse(i *Indicator, a *Assessment) course {
	t := *a.Target
	c := course{value: turned(i.Direction, t, *a.Value), target: turned(i.Direction, t, i.aim(t, *a.Value))}
	sizes := []float64{t.Value}
	if i.Direction == Range {
		sizes = []float64{t.Low, t.High}
	}
	for _, from := range []struct {
		v  *float64
		to **float64
	}{{a.baselineValue(), &c.baseline}, {a.Expected, &c.expected}} {
		if from.v != nil {
			x := turned(i.Direction, t, *from.v)
			*from.to = &x
			sizes = append(sizes, *from.v)
		}
	}
	for _, v := range sizes {
		c.grain = math.Max(c.grain, tolerance*math.Abs(v))
	}
	c.slack = math.Max(c.grain, tolerance*math.Abs(*a.Value))
	return c
}

func (a *Assessment) baselineValue() *float64 {
	if a.Baseline == nil {
		return nil
	}
	return &a.Baseline.Value
}

// reaches reports whether the value is at least as good as a goal.
func (c course) reaches(goal float64) bool { return c.value >= goal-c.slack }

// judge decides the status of a value that has a target.
func (a *Assessment) judge(i *Indicator, series []SeriesPoint, judged SeriesPoint) {
	a.measure(i, judged.Period)
	a.Standings = i.standings(a, judged.Period)
	c := newCourse(i, a)
	switch {
	case a.Met && i.kept(*a.Target, series, judged.Period):
		a.decide(Achieved, RuleMetAtDate)
	case a.Met:
		a.decide(OnTrack, RuleMet)
	case c.expected != nil && c.reaches(*c.expected):
		a.decide(OnTrack, RuleExpected)
	case c.baseline != nil && !c.reaches(*c.baseline):
		a.decide(worse(a.Signal), RuleWorseThanBaseline)
	case a.Pace != nil && i.Trajectory != TrajectoryEveryPeriod:
		a.decide(a.Bands.status(*a.Pace), RulePace)
	case i.Trajectory != TrajectoryEveryPeriod && c.expected == nil && judged.Period.Last.Before(a.Target.By):
		a.decide(BaselineBeingSet, RuleNoBaseline)
	default:
		a.decide(i.byDistance(a, c), RuleDistance)
	}
}

// measure sets the numbers that the rules compare.
func (a *Assessment) measure(i *Indicator, p Period) {
	if e, ok := i.Expected(p); ok && usable(e) {
		gap := *a.Value - e
		a.Expected, a.Gap = &e, &gap
	}
	c := newCourse(i, a)
	a.Met = c.reaches(c.target)
	if c.baseline == nil {
		return
	}
	a.Progress = c.share(c.target)
	if c.expected != nil {
		a.Pace = c.share(*c.expected)
	}
}

// share returns the part of the way from the baseline to a goal that has been covered, nil if there is no way to go.
func (c course) share(goal float64) *float64 {
	way := goal - *c.baseline
	if way <= c.grain {
		return nil
	}
	f := (c.value - *c.baseline) / way
	if !usable(f) {
		return nil
	}
	return &f
}

// kept reports whether a target that the judged value meets can no longer be lost: its date lies in the judged period or before, it is
// no interim target, and if it holds in every period, it was met in all.
func (i *Indicator) kept(t Target, series []SeriesPoint, judged Period) bool {
	if judged.Last.Before(t.By) || t.Kind == TargetInterim {
		return false
	}
	return i.Trajectory != TrajectoryEveryPeriod || i.metInAll(t, series, judged)
}

// metInAll reports whether no period from the day on which the target was first set, and for which it governed, missed it as it stood then. Periods without a value or with
// too few rows say nothing.
func (i *Indicator) metInAll(t Target, series []SeriesPoint, judged Period) bool {
	since := i.firstSet(t)
	for _, p := range series {
		if p.Period.First.After(judged.First) || p.Period.First.Before(since) || !p.hasValue() || p.Observation.Rows < int64(i.Minimum) {
			continue
		}
		g := i.TargetFor(p.Period)
		if g == nil || g.By != t.By {
			continue
		}
		v := *p.Observation.Value
		if c := newCourse(i, &Assessment{Value: &v, Target: g}); !c.reaches(c.target) {
			return false
		}
	}
	return true
}

// firstSet is the day on which there was first a target of the kind and for the day of one that may have replaced it: moving a target does
// not make good what was missed before.
func (i *Indicator) firstSet(t Target) Date {
	first := t.Set
	for _, u := range i.Targets {
		if u.By == t.By && u.rank() == t.rank() && u.Set.Before(first) {
			first = u.Set
		}
	}
	return first
}

// worse is the status of a value that is worse than the baseline.
func worse(s Signal) Status {
	if s.Kind == Worsening {
		return WrongWay
	}
	return NoClearChange
}

// status returns the status of a pace of 0 or more, short of the trajectory.
func (b Bands) status(pace float64) Status {
	switch {
	case pace >= b.OnTrack*(1-tolerance):
		return OnTrack
	case pace >= b.Behind*(1-tolerance):
		return Behind
	}
	return WellBehind
}

// byDistance judges a value that misses what is expected by its distance, in shares of what is expected: of the target or the
// milestone in force, or of the width of the range. If that is zero, any distance is well behind.
func (i *Indicator) byDistance(a *Assessment, c course) Status {
	goal, unit := c.target, math.Abs(a.Target.Value)
	if i.Direction == Range {
		unit = a.Target.High - a.Target.Low
	} else if c.expected != nil {
		goal, unit = *c.expected, math.Abs(*c.expected)
	}
	if goal-c.value <= (1-a.Bands.Behind)*unit+c.slack && unit > 0 {
		return Behind
	}
	return WellBehind
}
