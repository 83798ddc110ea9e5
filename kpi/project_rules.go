package kpi

import "math"

// daysFrom returns the number of days from one day to another, negative if the other is earlier. Unlike [Date.Sub] it has no bound.
func daysFrom(from, to Date) int { return dayNumber(to) - dayNumber(from) }

// laterDay returns the later of two days.
func laterDay(a, b Date) Date {
	if a.After(b) {
		return a
	}
	return b
}

// projectCurve is the planned progress: percent at days after the start, both never falling, from the start to 100 at the end.
type projectCurve struct {
	start, end Date
	day        []float64
	percent    []float64
}

// curve returns the planned progress, and whether there is a plan. A percentage that falls is held at what was planned before it.
func (p *Project) curve() (projectCurve, bool) {
	c := projectCurve{start: p.PlannedStart, end: p.PlannedEnd}
	if c.start.IsZero() || c.end.IsZero() || c.end.Before(c.start) {
		return c, false
	}
	c.add(0, 0)
	for _, point := range pointsUntil(p.PlannedProgress, c.end) {
		if point.Date.Before(c.start) || point.Date == c.end {
			continue
		}
		c.add(float64(daysFrom(c.start, point.Date)), math.Min(math.Max(point.Value, c.percent[len(c.percent)-1]), 100))
	}
	c.add(float64(c.days()), 100)
	return c, true
}

// add adds a point, in place of one for the same day.
func (c *projectCurve) add(day, percent float64) {
	if n := len(c.day); n > 0 && c.day[n-1] == day {
		c.percent[n-1] = percent
		return
	}
	c.day, c.percent = append(c.day, day), append(c.percent, percent)
}

// days returns the planned duration.
func (c projectCurve) days() int { return daysFrom(c.start, c.end) }

// at returns the percent planned by a day: 0 before the start, 100 from the end on.
func (c projectCurve) at(d Date) float64 {
	x := float64(daysFrom(c.start, d))
	if x < 0 {
		return 0
	}
	return betweenPoints(c.day, c.percent, x)
}

// betweenPoints returns the y at x on straight lines from point to point, the x of which rise: the first y before them, the last after them.
func betweenPoints(xs, ys []float64, x float64) float64 {
	if x < xs[0] {
		return ys[0]
	}
	for k := 1; k < len(xs); k++ {
		if x < xs[k] {
			return ys[k-1] + (ys[k]-ys[k-1])*((x-xs[k-1])/(xs[k]-xs[k-1]))
		}
	}
	return ys[len(ys)-1]
}

// earned returns the earned schedule of a percentage: the days after the start by which the plan has it; of several the nearest to the
// elapsed days.
func (c projectCurve) earned(percent, elapsed float64) float64 {
	n := len(c.day)
	first, last := c.day[n-1], c.day[0]
	for k := n - 1; k >= 0; k-- {
		if c.percent[k] >= percent-100*tolerance {
			first = c.day[k]
		} else if k+1 < n { // the plan reaches it on the way from k to k + 1
			first = math.Min(first, c.day[k]+(c.day[k+1]-c.day[k])*math.Min(1, (percent-c.percent[k])/(c.percent[k+1]-c.percent[k])))
			break
		}
	}
	for k, v := range c.percent {
		if v <= percent+100*tolerance {
			last = c.day[k]
		}
	}
	return math.Min(math.Max(elapsed, first), math.Max(first, last))
}

// projectRules is everything that decides a project's status.
type projectRules struct {
	p       *Project
	s       *ProjectState
	w       projectWork
	curve   projectCurve
	planned bool
	bands   Bands
}

// decide asks the rules in their order.
func (r projectRules) decide() (Status, string) {
	s, w := r.s, r.w
	switch {
	case r.endsBeforeItStarts():
		return NoData, ProjectRuleDates
	case !r.planned:
		return NoTarget, ProjectRuleNoPlan
	case !w.end.IsZero() && !w.end.After(r.curve.end):
		return Achieved, ProjectRuleFinished
	case !w.end.IsZero():
		return r.missed(w.end, float64(r.curve.days())), ProjectRuleFinishedLate
	case s.Actual == nil:
		return r.unreported()
	case r.curve.end.Before(s.AsOf):
		return r.missed(s.AsOf, *s.EarnedDays), ProjectRuleOverdue
	}
	if elapsed := daysFrom(r.curve.start, s.Judged); elapsed > 0 {
		r.pace(s.Judged, *s.EarnedDays)
	}
	if *s.Actual >= *s.Planned-100*tolerance || s.Pace == nil {
		return OnTrack, ProjectRulePlanned
	}
	return r.bands.status(*s.Pace), ProjectRulePace
}

func (r projectRules) endsBeforeItStarts() bool {
	return !r.w.start.IsZero() && !r.w.end.IsZero() && r.w.end.Before(r.w.start)
}

// pace sets the pace: earned days over those from the planned start to a day after it.
func (r projectRules) pace(day Date, earned float64) float64 {
	v := earned / float64(daysFrom(r.curve.start, day))
	r.s.Pace = &v
	return v
}

// missed is the status for a date that was missed, as of a day after the planned start.
func (r projectRules) missed(day Date, earned float64) Status {
	if s := r.bands.status(r.pace(day, earned)); s != OnTrack {
		return s
	}
	return Behind
}

// unreported judges a project that is not finished and of which no progress is reported in percent.
func (r projectRules) unreported() (Status, string) {
	asOf, start := r.s.AsOf, r.curve.start
	first := r.curve.end // the first milestone that is overdue by the first plan, or the end
	done, due := false, false
	for _, m := range r.p.Milestones {
		switch {
		case m.Planned.IsZero():
		case happened(m.Done, asOf):
			done = true
		case m.Planned.Before(asOf):
			due = true
			if m.Planned.Before(first) {
				first = m.Planned
			}
		}
	}
	overdue := r.curve.end.Before(asOf)
	switch {
	case overdue && !done:
		return WellBehind, ProjectRuleOverdue
	case overdue:
		return r.missed(asOf, math.Max(0, float64(daysFrom(start, first)))), ProjectRuleOverdue
	case due && start.Before(asOf):
		return r.missed(asOf, math.Max(0, float64(daysFrom(start, first)))), ProjectRuleMilestone
	case due: // a step before the planned start
		return Behind, ProjectRuleMilestone
	case done:
		return OnTrack, ProjectRuleMilestonesMet
	case asOf.Before(start):
		return OnTrack, ProjectRuleNotDue
	}
	return NoData, ProjectRuleNoReport
}

// flags sets the flags.
func (r projectRules) flags(noUpdateAfter int) {
	s, w := r.s, r.w
	finished := !w.end.IsZero()
	begun := !w.start.IsZero() || finished || s.Actual != nil && *s.Actual > 0
	start := r.p.PlannedStart
	since := w.updated
	if since.IsZero() {
		since = start
	}
	for _, f := range []struct {
		flag ProjectFlag
		set  bool
	}{
		{ProjectNoUpdate, !finished && happened(since, s.AsOf) && daysFrom(since, s.AsOf) > noUpdateAfter},
		{ProjectNotStarted, !begun && !start.IsZero() && start.Before(s.AsOf)},
		{ProjectStartedLate, !w.start.IsZero() && !start.IsZero() && w.start.After(start)},
		{ProjectOverdue, r.planned && !finished && r.curve.end.Before(s.AsOf)},
		{ProjectLate, r.planned && finished && w.end.After(r.curve.end)},
		{ProjectFellBack, w.fellBack && !finished},
		{ProjectOverBudget, s.Cost.overBudget()},
		{ProjectBadDates, r.endsBeforeItStarts() || !r.planned && !start.IsZero() && !r.p.PlannedEnd.IsZero()},
	} {
		if f.set {
			s.Flags = append(s.Flags, f.flag)
		}
	}
}

// ProjectCost is what a project cost and what it got for it, as of the judged day; all but the percentages in its currency.
type ProjectCost struct {
	Budget       *float64 `json:"budget,omitempty"`
	Planned      *float64 `json:"planned,omitempty"`       // planned value (PV): the spending planned by the judged day, or the budget's share of the work planned
	Earned       *float64 `json:"earned,omitempty"`        // earned value (EV): the budget's share of the work done
	Actual       *float64 `json:"actual,omitempty"`        // actual cost (AC): what was spent by the judged day
	Variance     *float64 `json:"variance,omitempty"`      // EV − AC: below zero more was spent than the work was to cost
	CPI          *float64 `json:"cpi,omitempty"`           // EV / AC: what each unit of money got; 1 as budgeted
	AtCompletion *float64 `json:"at_completion,omitempty"` // budget / CPI: what all of it will cost if it goes on like this
	Spent        *float64 `json:"spent,omitempty"`         // the newest report of spending, which may be later than the judged day
	SpentOn      Date     `json:"spent_on,omitzero"`
	SpentPercent *float64 `json:"spent_percent,omitempty"` // 100 · Spent / Budget: the financial progress
}

func (c ProjectCost) overBudget() bool {
	return c.Budget != nil && c.Spent != nil && *c.Spent > *c.Budget+tolerance*math.Abs(*c.Budget)
}

// cost returns the cost side. Without a budget above zero nothing can be earned or be a share of it; a budget below zero is none. Without progress
// nothing is known to be earned, and planned value and actual cost are those of the as-of date.
func (p *Project) cost(s ProjectState, w projectWork) ProjectCost {
	c := ProjectCost{Budget: usableCopy(p.Budget)}
	if c.Budget != nil && *c.Budget < 0 {
		c.Budget = nil
	}
	day, share := s.AsOf, s.PlannedToday
	if s.Actual != nil {
		day, share = s.Judged, s.Planned
	}
	if n := len(w.spending); n > 0 {
		c.Spent, c.SpentOn = &w.spending[n-1].Value, w.spending[n-1].Date
	}
	for k, point := range w.spending {
		if !point.Date.After(day) {
			c.Actual = &w.spending[k].Value
		}
	}
	c.Planned = p.plannedValue(day, c.Budget, share)
	if c.Budget == nil || *c.Budget == 0 {
		return c
	}
	if c.Spent != nil {
		c.SpentPercent, _ = percentOf(*c.Spent, *c.Budget)
	}
	if s.Actual == nil {
		return c
	}
	earned := *c.Budget * *s.Actual / 100
	c.Earned = &earned
	if c.Actual == nil {
		return c
	}
	variance := earned - *c.Actual
	c.Variance = &variance
	if *c.Actual > 0 && usable(earned / *c.Actual) {
		cpi := earned / *c.Actual
		c.CPI = &cpi
		if total := *c.Budget / cpi; cpi > 0 && usable(total) {
			c.AtCompletion = &total
		}
	}
	return c
}

// plannedValue returns the spending planned by a day: straight from point to point, from nothing at the planned start, and none before that; what
// was planned last after the last point. Without a plan of spending it is the share of the budget, in percent.
func (p *Project) plannedValue(day Date, budget, share *float64) *float64 {
	plan := usablePoints(p.PlannedSpending)
	if len(plan) == 0 {
		if budget == nil || share == nil {
			return nil
		}
		v := *budget * *share / 100
		return &v
	}
	start := plan[0].Date
	var days, amounts []float64
	if happened(p.PlannedStart, start.AddDays(-1)) {
		start = p.PlannedStart
		days, amounts = []float64{0}, []float64{0}
	}
	for _, point := range plan {
		days, amounts = append(days, float64(daysFrom(start, point.Date))), append(amounts, point.Value)
	}
	v := 0.0
	if x := float64(daysFrom(start, day)); x >= 0 {
		v = betweenPoints(days, amounts, x)
	}
	return &v
}
