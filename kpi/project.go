package kpi

import (
	"cmp"
	"math"
	"slices"
)

// Project is a piece of work that a city promised to finish by a date: a school, a road, a system. It is an indicator too: its value is the
// part of the work that is done, in percent, and its target is all of it at the planned end.
type Project struct {
	ID    string       `json:"id"`
	Name  Text         `json:"name"`
	Place ProjectPlace `json:"place,omitzero"`

	PlannedStart Date `json:"planned_start,omitzero"` // the day from which on work is planned: 0 % are done on it
	PlannedEnd   Date `json:"planned_end,omitzero"`   // the day by whose end all of it is
	ActualStart  Date `json:"actual_start,omitzero"`
	ActualEnd    Date `json:"actual_end,omitzero"`

	Milestones []Milestone `json:"milestones,omitempty"` // in any order

	// Progress of the work in percent, by day, cumulative, in any order. The plan runs straight from point to point, from 0 at the planned start
	// to 100 at the planned end; points outside of these days do not count. What was done is known on the days of reports, and is not guessed
	// between them.
	PlannedProgress []ProjectPoint `json:"planned_progress,omitempty"`
	Progress        []ProjectPoint `json:"progress,omitempty"`

	// Money, by day, cumulative, all in one currency. Without a plan of spending it is planned as the work is.
	Budget          *float64       `json:"budget,omitempty"` // for all of the work
	PlannedSpending []ProjectPoint `json:"planned_spending,omitempty"`
	Spending        []ProjectPoint `json:"spending,omitempty"`
	Spent           string         `json:"spent,omitempty"` // the indicator whose values are the spending: a sum that goes on, or a stock
}

// ProjectPlace is where a project is.
type ProjectPlace struct {
	District  string   `json:"district,omitempty"` // id
	Address   string   `json:"address,omitempty"`
	Latitude  *float64 `json:"latitude,omitempty"`
	Longitude *float64 `json:"longitude,omitempty"`
}

// ProjectPoint is how far something had come by the end of a day, or was to have come. Numbers that are not finite count as none; of two for
// one day the later in the list holds.
type ProjectPoint struct {
	Date  Date    `json:"date"`
	Value float64 `json:"value"`
}

// Milestone is a step of a project with a date.
type Milestone struct {
	ID      string `json:"id,omitempty"`
	Name    Text   `json:"name"`
	Planned Date   `json:"planned"`          // as promised first; without it the milestone does not count
	Revised Date   `json:"revised,omitzero"` // as expected now, if that is another day
	Done    Date   `json:"done,omitzero"`
}

// ProjectFlag says something beside the status of a project.
type ProjectFlag string

// The flags.
const (
	ProjectNoUpdate    ProjectFlag = "no_update"     // nothing was reported for longer than ProjectOptions.NoUpdateAfter
	ProjectNotStarted  ProjectFlag = "not_started"   // the planned start has passed, and nothing tells that it began
	ProjectStartedLate ProjectFlag = "started_late"  // it began after the planned start
	ProjectOverdue     ProjectFlag = "overdue"       // the planned end has passed, and it is not finished
	ProjectLate        ProjectFlag = "finished_late" // it was finished after the planned end
	ProjectFellBack    ProjectFlag = "fell_back"     // less is done than was reported before: a correction, or work lost
	ProjectOverBudget  ProjectFlag = "over_budget"   // more was spent than the budget holds
	ProjectBadDates    ProjectFlag = "bad_dates"     // an end before its start
)

// ProjectFlags lists the flags.
var ProjectFlags = []ProjectFlag{
	ProjectNoUpdate, ProjectNotStarted, ProjectStartedLate, ProjectOverdue, ProjectLate, ProjectFellBack, ProjectOverBudget, ProjectBadDates,
}

// Rules that decide the status of a project, in the order in which they are asked; the first that applies decides.
const (
	// ProjectRuleDates: the actual end is before the actual start, so that neither can be believed. Status no_data.
	ProjectRuleDates = "project-dates"
	// ProjectRuleNoPlan: there is no planned start or end, or the end is before the start. Status no_target.
	ProjectRuleNoPlan = "project-no-plan"
	// ProjectRuleFinished: finished by the planned end. Status achieved.
	ProjectRuleFinished = "project-finished"
	// ProjectRuleFinishedLate: finished after it. Status behind or well_behind, by the pace: planned days / days taken, from the planned start.
	// A date is met or missed, so that no pace makes it on track.
	ProjectRuleFinishedLate = "project-finished-late"
	// ProjectRuleOverdue: the planned end has passed and nobody said that it is finished. Status behind or well_behind by the pace at the as-of
	// date; without progress in percent by that which the milestones allow; well_behind if none was done either.
	ProjectRuleOverdue = "project-overdue"
	// ProjectRuleMilestone: no progress is reported in percent, and a milestone is overdue by the first plan. Status behind or well_behind by
	// the pace that it allows: days from the planned start to the milestone / days to the as-of date; behind at best.
	ProjectRuleMilestone = "project-milestone-missed"
	// ProjectRuleMilestonesMet: no progress is reported in percent, and all milestones that were due are done. Status on_track.
	ProjectRuleMilestonesMet = "project-milestones-met"
	// ProjectRuleNotDue: the planned start is to come, and nothing was reported. Status on_track.
	ProjectRuleNotDue = "project-not-due"
	// ProjectRuleNoReport: it should have begun, and nothing was reported. Status no_data.
	ProjectRuleNoReport = "project-no-report"
	// ProjectRulePlanned: on the judged day at least as much was done as was planned. Status on_track.
	ProjectRulePlanned = "project-as-planned"
	// ProjectRulePace: less was done than planned; the pace is compared with the bands. Status on_track, behind or well_behind.
	ProjectRulePace = "project-pace"
)

// ProjectRules lists the rules, in the order in which they are asked.
var ProjectRules = []string{
	ProjectRuleDates, ProjectRuleNoPlan, ProjectRuleFinished, ProjectRuleFinishedLate, ProjectRuleOverdue, ProjectRuleMilestone, ProjectRuleMilestonesMet,
	ProjectRuleNotDue, ProjectRuleNoReport, ProjectRulePlanned, ProjectRulePace,
}

// ProjectOptions say as of when and by what a project is judged.
type ProjectOptions struct {
	AsOf          Date
	Bands         Bands // DefaultBands if they are zero or make no sense
	NoUpdateAfter int   // days; ProjectNoUpdateAfter if it is 0 or less
}

// ProjectNoUpdateAfter is the number of days after which silence is flagged: two months.
const ProjectNoUpdateAfter = 62

// MilestoneState is where a milestone stands.
type MilestoneState struct {
	Milestone
	Delay   int  `json:"delay"`   // days after the first plan: of one that is done until it was, of another until it is expected, at least the as-of date
	Overdue bool `json:"overdue"` // not done, and the day on which it is expected has passed
}

// ProjectState is what may be said about a project as of a day. What is nil, or no day, is not known or does not exist.
type ProjectState struct {
	AsOf   Date          `json:"as_of"`
	Status Status        `json:"status"`
	Rule   string        `json:"rule"`
	Flags  []ProjectFlag `json:"flags,omitempty"`

	Judged       Date     `json:"judged,omitzero"`         // the day of the newest report of progress, or of the end once it is finished
	Planned      *float64 `json:"planned,omitempty"`       // percent that should have been done by then
	PlannedToday *float64 `json:"planned_today,omitempty"` // and by the as-of date
	Actual       *float64 `json:"actual,omitempty"`        // percent that was
	Variance     *float64 `json:"variance,omitempty"`      // Actual − Planned, in points

	PlannedDays   *int     `json:"planned_days,omitempty"`   // from the planned start to the planned end
	EarnedDays    *float64 `json:"earned_days,omitempty"`    // ES: days after the planned start by which the plan had as much done as is
	VarianceDays  *float64 `json:"variance_days,omitempty"`  // ES − days from the planned start to Judged: below zero the days by which it is behind
	Pace          *float64 `json:"pace,omitempty"`           // ES / days from the planned start to the day that was judged by the rule
	SPI           *float64 `json:"spi,omitempty"`            // SPI(t) = ES / AT, with AT the days since work began
	Forecast      Date     `json:"forecast,omitzero"`        // of the end: the start + planned days / SPI(t)
	ForecastDelay *int     `json:"forecast_delay,omitempty"` // days from the planned end to it
	Delay         *int     `json:"delay,omitempty"`          // days from the planned end to the actual one, or so far

	Last *MilestoneState `json:"last,omitempty"` // the milestone that was done last
	Next *MilestoneState `json:"next,omitempty"` // the one that is expected next
	Cost ProjectCost     `json:"cost"`
}

// Has reports whether the state carries the flag.
func (s ProjectState) Has(f ProjectFlag) bool { return slices.Contains(s.Flags, f) }

// Assess says what may be said about a project as of a day. What is dated later does not exist yet: starts, ends, reports, milestones done.
//
// Work and plan are compared on the day of the newest report, so that the time since a report is no delay; that nothing was reported for long is
// flagged. Once the planned end has passed they are compared on the as-of date: what nobody reported as finished is not finished. A project
// is finished on its actual end or, without one, with the report from which on all is done.
//
// The pace is the earned schedule over the time that passed since the planned start. The earned schedule (ES) is the time at which the plan had as
// much done as is; where the plan stands still, any time of the standstill will do, and the one nearest to the judged day is taken. Pace and
// bands are those of [Assess], in time in place of value. SPI(t) differs in its time, AT, which begins with the work itself if its actual start is
// known: it tells how fast the work goes, and the forecast is the start + planned days / SPI(t), rounded up to a day. There is no forecast without
// progress, for more than a century, or for a day that has passed.
//
// Source: W. Lipke, "Schedule is Different", The Measurable News, March 2003: ES, SPI(t) = ES/AT and IEAC(t) = PD/SPI(t).
func (p *Project) Assess(o ProjectOptions) ProjectState {
	s := ProjectState{AsOf: o.AsOf}
	w := p.work(o.AsOf)
	curve, planned := p.curve()
	p.milestones(&s)
	s.measure(w, curve, planned)
	s.Cost = p.cost(s, w)
	rules := projectRules{p: p, s: &s, w: w, curve: curve, planned: planned, bands: o.Bands.orDefault()}
	s.Status, s.Rule = rules.decide()
	after := o.NoUpdateAfter
	if after <= 0 {
		after = ProjectNoUpdateAfter
	}
	rules.flags(after)
	return s
}

// projectWork is what is known of the work as of a day.
type projectWork struct {
	start, end Date           // actual; no day: not yet
	reports    []ProjectPoint // of progress, by date, 0–100
	spending   []ProjectPoint // by date
	updated    Date           // the newest day for which anything was reported
	fellBack   bool
}

func (p *Project) work(asOf Date) projectWork {
	w := projectWork{reports: pointsUntil(p.Progress, asOf), spending: pointsUntil(p.Spending, asOf)}
	best := 0.0
	for k := range w.reports {
		v := math.Min(math.Max(w.reports[k].Value, 0), 100)
		w.reports[k].Value = v
		best = math.Max(best, v)
		if v < 100-100*tolerance {
			w.end = Date{}
		} else if w.end.IsZero() {
			w.end = w.reports[k].Date
		}
	}
	if n := len(w.reports); n > 0 {
		w.fellBack = w.reports[n-1].Value < best-100*tolerance
		w.updated = w.reports[n-1].Date
	}
	if happened(p.ActualStart, asOf) {
		w.start = p.ActualStart
	}
	if happened(p.ActualEnd, asOf) {
		w.end = p.ActualEnd
	}
	days := []Date{w.start, w.end}
	if n := len(w.spending); n > 0 {
		days = append(days, w.spending[n-1].Date)
	}
	for _, m := range p.Milestones {
		if happened(m.Done, asOf) {
			days = append(days, m.Done)
		}
	}
	for _, d := range days {
		if !d.IsZero() && (w.updated.IsZero() || d.After(w.updated)) {
			w.updated = d
		}
	}
	return w
}

// happened reports whether there is such a day and it is not after the as-of date.
func happened(d, asOf Date) bool { return !d.IsZero() && !d.After(asOf) }

// pointsUntil returns the usable points up to a day.
func pointsUntil(points []ProjectPoint, asOf Date) []ProjectPoint {
	return slices.DeleteFunc(usablePoints(points), func(p ProjectPoint) bool { return p.Date.After(asOf) })
}

// usablePoints returns the points that have a day and a value, by date, of each day the last in the list.
func usablePoints(points []ProjectPoint) []ProjectPoint {
	var list []ProjectPoint
	for _, p := range points {
		if usable(p.Value) && !p.Date.IsZero() {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b ProjectPoint) int { return a.Date.Compare(b.Date) })
	kept := list[:0]
	for _, p := range list {
		if n := len(kept); n > 0 && kept[n-1].Date == p.Date {
			kept[n-1] = p
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

// measure sets the numbers that the rules compare.
func (s *ProjectState) measure(w projectWork, curve projectCurve, planned bool) {
	switch n := len(w.reports); {
	case !w.end.IsZero():
		all := 100.0
		s.Judged, s.Actual = w.end, &all
	case n > 0:
		s.Judged, s.Actual = w.reports[n-1].Date, &w.reports[n-1].Value
	}
	if !planned {
		return
	}
	today, days := curve.at(s.AsOf), curve.days()
	s.PlannedToday, s.PlannedDays = &today, &days
	if !w.end.IsZero() || curve.end.Before(s.AsOf) {
		late := daysFrom(curve.end, s.AsOf)
		if !w.end.IsZero() {
			late = daysFrom(curve.end, w.end)
		}
		s.Delay = &late
	}
	if s.Actual == nil {
		return
	}
	at := curve.at(s.Judged)
	variance := *s.Actual - at
	s.Planned, s.Variance = &at, &variance
	elapsed := float64(daysFrom(curve.start, s.Judged))
	earned := curve.earned(*s.Actual, elapsed)
	ahead := earned - elapsed
	if earned == 0 && elapsed < 0 {
		ahead = 0 // nothing was done before anything was planned
	}
	s.EarnedDays, s.VarianceDays = &earned, &ahead
	s.forecast(w, curve)
}

// forecast sets SPI(t), and the end that it leads to if the work is not finished.
func (s *ProjectState) forecast(w projectWork, curve projectCurve) {
	const century = 36_525
	start := curve.start
	if !w.start.IsZero() {
		start = w.start
	}
	spent := daysFrom(start, s.Judged)
	if spent <= 0 {
		return
	}
	spi := *s.EarnedDays / float64(spent)
	s.SPI = &spi
	if days := math.Ceil(float64(curve.days())/spi - 1e-6); spi > 0 && w.end.IsZero() && days <= century {
		if end := start.AddDays(int(days)); !end.Before(s.AsOf) {
			late := daysFrom(curve.end, end)
			s.Forecast, s.ForecastDelay = end, &late
		}
	}
}

// milestones finds the one that was done last and the one that is expected next.
func (p *Project) milestones(s *ProjectState) {
	for _, m := range p.Milestones {
		if m.Planned.IsZero() {
			continue
		}
		if happened(m.Done, s.AsOf) {
			if s.Last == nil || cmp.Or(m.Done.Compare(s.Last.Done), m.Planned.Compare(s.Last.Planned)) >= 0 {
				s.Last = &MilestoneState{Milestone: m, Delay: daysFrom(m.Planned, m.Done)}
			}
			continue
		}
		m.Done = Date{}
		if s.Next == nil || m.expected().Before(s.Next.expected()) {
			s.Next = &MilestoneState{Milestone: m, Delay: daysFrom(m.Planned, laterDay(m.expected(), s.AsOf)), Overdue: m.expected().Before(s.AsOf)}
		}
	}
}

// expected returns the day on which the milestone is expected now.
func (m Milestone) expected() Date {
	if m.Revised.IsZero() {
		return m.Planned
	}
	return m.Revised
}
