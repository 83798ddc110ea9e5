package chart

import (
	"cmp"
	"slices"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
)

// Project returns the figure of a project: how much of the work was done and how much was planned, the same of its money in percent of the
// budget, and its milestones. s is its state, as of whose day it is drawn.
func Project(p *i18n.Printer, id, finding string, project *kpi.Project, s kpi.ProjectState) *Figure {
	w := work{p: p, project: project, asOf: s.AsOf}
	c := Course{Empty: p.T("chart.empty"), Axis: axis(p, kpi.Percent, 100)}
	planned, done := w.planned(), w.done()
	c.Lines = []CourseLine{
		{p.T("chart.work.planned"), CoursePlanned, planned}, {p.T("chart.work.done"), CourseDone, done},
		{p.T("chart.work.spending"), CourseSpending, w.money(project.PlannedSpending, kpi.Date{})}, {p.T("chart.work.spent"), CourseSpent, w.money(project.Spending, s.AsOf)},
	}
	for _, m := range w.milestones() {
		day := milestoneDay(m, s.AsOf)
		c.Steps = append(c.Steps, CourseStep{Day: dayNumber(day), Done: reached(m, s.AsOf), Name: p.Text(m.Name), Label: p.Date(day) + ", " + w.state(m)})
	}
	if !s.AsOf.IsZero() {
		c.Today = &CourseDay{Day: dayNumber(s.AsOf), Tick: p.Date(s.AsOf)}
	}
	c.Ticks = w.ticks(&c)
	caption := []string{p.T("chart.caption.project")}
	if project.Budget != nil && len(project.Spending)+len(project.PlannedSpending) > 0 {
		caption = append(caption, p.T("chart.caption.spending"))
	}
	if len(c.Steps) > 0 {
		caption = append(caption, p.T("chart.caption.milestones"))
	}
	if c.Today != nil {
		caption = append(caption, p.T("chart.caption.date", "date", s.AsOf))
	}
	return NewCourse(id, finding, strings.Join(caption, " "), w.desc(s), w.table(), c)
}

// work is a project as of a day.
type work struct {
	p       *i18n.Printer
	project *kpi.Project
	asOf    kpi.Date
}

// dayNumber counts the days from an epoch on.
func dayNumber(d kpi.Date) int { return d.Sub(kpi.NewDate(2000, 1, 1)) }

func (w *work) point(d kpi.Date, v float64) CoursePoint {
	return CoursePoint{Day: dayNumber(d), Value: v, Label: w.p.Date(d), Shown: w.p.Percent(v, 0)}
}

// plannedBy is the work planned by a day, as the domain reckons it; nil without a plan.
func (w *work) plannedBy(d kpi.Date) *float64 {
	return w.project.Assess(kpi.ProjectOptions{AsOf: d}).PlannedToday
}

// planned is the planned progress, from its start to its end.
func (w *work) planned() []CoursePoint {
	days := []kpi.Date{w.project.PlannedStart, w.project.PlannedEnd}
	for _, pt := range w.project.PlannedProgress {
		if pt.Date.After(w.project.PlannedStart) && pt.Date.Before(w.project.PlannedEnd) {
			days = append(days, pt.Date)
		}
	}
	slices.SortFunc(days, kpi.Date.Compare)
	var list []CoursePoint
	for i, d := range slices.Compact(days) {
		v := w.plannedBy(d)
		if v == nil || d.IsZero() {
			return nil
		}
		if i == 0 && d != w.project.PlannedEnd {
			*v = 0 // nothing is done before the first day
		}
		list = append(list, w.point(d, *v))
	}
	return list
}

// done is what was reported until the as-of date, from the day on which the work began.
func (w *work) done() []CoursePoint {
	var list []CoursePoint
	for _, pt := range reports(w.project.Progress, w.asOf) {
		list = append(list, w.point(pt.Date, min(max(pt.Value, 0), 100)))
	}
	if start := w.project.ActualStart; !start.IsZero() && !start.After(w.asOf) && len(list) > 0 && dayNumber(start) < list[0].Day {
		list = append([]CoursePoint{w.point(start, 0)}, list...)
	}
	return list
}

// reports are points until a day (all of them for none), by date; of two for one day the later in the list holds.
func reports(points []kpi.ProjectPoint, until kpi.Date) []kpi.ProjectPoint {
	var list []kpi.ProjectPoint
	for _, pt := range points {
		if v := pt.Value; finite(&v) != nil && !pt.Date.IsZero() && (until.IsZero() || !pt.Date.After(until)) {
			list = append(list, pt)
		}
	}
	slices.SortStableFunc(list, func(a, b kpi.ProjectPoint) int { return a.Date.Compare(b.Date) })
	kept := list[:0]
	for _, pt := range list {
		if n := len(kept); n > 0 && kept[n-1].Date == pt.Date {
			kept[n-1] = pt
		} else {
			kept = append(kept, pt)
		}
	}
	return kept
}

// money is amounts in percent of the budget; none without one.
func (w *work) money(points []kpi.ProjectPoint, until kpi.Date) []CoursePoint {
	budget := finite(w.project.Budget)
	if budget == nil || *budget <= 0 {
		return nil
	}
	var list []CoursePoint
	for _, pt := range reports(points, until) {
		if v := 100 * (pt.Value / *budget); finite(&v) != nil {
			list = append(list, w.point(pt.Date, v))
		}
	}
	return list
}

// milestones returns those with a day, by the day on which they were or are expected.
func (w *work) milestones() []kpi.Milestone {
	var list []kpi.Milestone
	for _, m := range w.project.Milestones {
		if !m.Planned.IsZero() {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b kpi.Milestone) int {
		return cmp.Or(milestoneDay(a, w.asOf).Compare(milestoneDay(b, w.asOf)), a.Planned.Compare(b.Planned))
	})
	return list
}

// reached reports whether a milestone was done by a day.
func reached(m kpi.Milestone, asOf kpi.Date) bool { return !m.Done.IsZero() && !m.Done.After(asOf) }

// milestoneDay is the day on which a milestone was done, or is expected.
func milestoneDay(m kpi.Milestone, asOf kpi.Date) kpi.Date {
	switch {
	case reached(m, asOf):
		return m.Done
	case !m.Revised.IsZero():
		return m.Revised
	}
	return m.Planned
}

// state says whether a milestone is done, or when it is expected.
func (w *work) state(m kpi.Milestone) string {
	if reached(m, w.asOf) {
		return w.p.T("table.mark.done")
	}
	return w.p.T("table.mark.due", "on_date", w.p.On(milestoneDay(m, w.asOf)))
}

// Longest spans of time whose months, and whose years, have ticks.
const (
	mostMonths = 600
	mostYears  = 400
)

// ticks are the beginnings of the months that the drawing shows; of the years where these are too many.
func (w *work) ticks(c *Course) []CourseDay {
	first, last := c.span()
	if first > last || last-first > mostYears*366 {
		return nil
	}
	kind := kpi.Month
	if last-first > mostMonths*31 {
		kind = kpi.Year
	}
	epoch := kpi.NewDate(2000, 1, 1)
	list, err := (kpi.Calendar{}).Periods(kind, epoch.AddDays(first), epoch.AddDays(last))
	if err != nil {
		return nil
	}
	var ticks []CourseDay
	for _, period := range list {
		if d := dayNumber(period.First); d >= first {
			tick, group := w.p.PeriodTick(period)
			ticks = append(ticks, CourseDay{Day: d, Tick: tick, Group: group})
		}
	}
	return ticks
}

// desc says how far the work has come.
func (w *work) desc(s kpi.ProjectState) string {
	p := w.p
	var list []string
	if s.Actual != nil {
		list = append(list, p.T("chart.desc.work", "value", p.Percent(*s.Actual, 0), "on_date", p.On(s.Judged)))
	}
	if s.Planned != nil {
		list = append(list, p.T("chart.desc.expected", "expected", p.Percent(*s.Planned, 0)))
	}
	if all := w.milestones(); len(all) > 0 {
		n := 0
		for _, m := range all {
			n += bit(reached(m, w.asOf))
		}
		list = append(list, p.T("chart.desc.milestones", "n", n, "total", len(all)))
	}
	if list == nil {
		return p.T("chart.empty")
	}
	return strings.Join(list, " ")
}

// table has a row for every day of the plan, of a report and of a milestone.
func (w *work) table() Table {
	p := w.p
	t := Table{
		Caption: p.T("table.caption.project", "name", w.project.Name),
		Columns: []Column{
			{Key: "date", Label: p.T("table.date")},
			{Key: "milestone", Label: p.T("table.milestone")},
			{Key: "work_planned", Label: p.T("table.work_planned"), Number: true},
			{Key: "work_done", Label: p.T("table.work_done"), Number: true},
			{Key: "spending_planned", Label: p.T("table.spending"), Number: true},
			{Key: "spent", Label: p.T("table.spent"), Number: true},
			{Key: "note", Label: p.T("table.note"), Only: OnlyPage},
		},
	}
	done, spending, spent := w.project.Progress, w.money(w.project.PlannedSpending, kpi.Date{}), w.money(w.project.Spending, w.asOf)
	for _, d := range w.tableDays() {
		var own *float64
		for _, pt := range reports(done, w.asOf) {
			if pt.Date == d {
				own = &pt.Value
			}
		}
		names, lang, states := w.on(d)
		t.Rows = append(t.Rows, Row{Mark: states, Cells: []Cell{
			{Text: p.Date(d), Raw: d.String()}, {Text: names, Lang: lang, Raw: names}, percent(p, w.plannedBy(d)), percent(p, own),
			percent(p, onDay(spending, d)), percent(p, onDay(spent, d)), {Text: states},
		}})
	}
	return t
}

// tableDays are the days of the table, in order.
func (w *work) tableDays() []kpi.Date {
	list := []kpi.Date{w.project.PlannedStart, w.project.PlannedEnd, w.project.ActualStart, w.project.ActualEnd}
	for _, m := range w.milestones() {
		list = append(list, milestoneDay(m, w.asOf))
	}
	for _, points := range [][]kpi.ProjectPoint{w.project.PlannedProgress, reports(w.project.Progress, w.asOf), w.project.PlannedSpending, reports(w.project.Spending, w.asOf)} {
		for _, pt := range points {
			list = append(list, pt.Date)
		}
	}
	slices.SortFunc(list, kpi.Date.Compare)
	return slices.DeleteFunc(slices.Compact(list), kpi.Date.IsZero)
}

// on returns the names and states of the milestones of a day, and the language of the names where it is another than the page's.
func (w *work) on(d kpi.Date) (names string, lang kpi.Lang, states string) {
	var n, s []string
	for _, m := range w.milestones() {
		if milestoneDay(m, w.asOf) == d {
			name, in := m.Name.For(w.p.Lang)
			if in != w.p.Lang {
				lang = in
			}
			n, s = append(n, name), append(s, w.state(m))
		}
	}
	return w.p.List(n), lang, w.p.List(s)
}

func onDay(points []CoursePoint, d kpi.Date) *float64 {
	for _, pt := range points {
		if pt.Day == dayNumber(d) {
			return &pt.Value
		}
	}
	return nil
}

// percent is a share of the work or of the budget.
func percent(p *i18n.Printer, v *float64) Cell {
	if v = finite(v); v == nil {
		return Cell{Text: p.T("value.none")}
	}
	return Cell{Text: p.Percent(*v, 0), Number: v}
}
