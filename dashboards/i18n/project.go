package i18n

import (
	"math"

	"citystat/kpi"
)

// ProjectSentences says how works stand: the rule that decided, how much is done and was planned, by how many days they are late or will be, the
// next milestone and the money.
func ProjectSentences(p *Printer, s kpi.ProjectState) []string {
	list := []string{p.T("project.rule." + s.Rule)}
	switch {
	case s.Actual != nil && s.Planned != nil:
		list = append(list, p.T("project.progress", "on_date", p.On(s.Judged), "actual", p.Percent(*s.Actual, 0), "planned", p.Percent(*s.Planned, 0)))
	case s.Actual != nil:
		list = append(list, p.T("project.progress_only", "on_date", p.On(s.Judged), "actual", p.Percent(*s.Actual, 0)))
	}
	list = append(list, projectDays(p, s)...)
	if m := s.Next; m != nil && m.Overdue {
		list = append(list, p.T("project.milestone_overdue", "milestone", m.Name, "date", dueNow(m.Milestone)))
	} else if m != nil {
		list = append(list, p.T("project.milestone", "milestone", m.Name, "by_date", p.By(dueNow(m.Milestone))))
	}
	if c := s.Cost; c.Spent != nil && c.Budget != nil && c.SpentPercent != nil {
		list = append(list, p.T("project.spent", "spent", p.Number(*c.Spent, 0), "budget", p.Number(*c.Budget, 0), "share", p.Percent(*c.SpentPercent, 0)))
	}
	return list
}

// dueNow is the day on which a milestone is expected now.
func dueNow(m kpi.Milestone) kpi.Date {
	if m.Revised.IsZero() {
		return m.Planned
	}
	return m.Revised
}

// projectDays says by how many days works are late or early: once they are finished, once their end has passed, or as they go now.
func projectDays(p *Printer, s kpi.ProjectState) []string {
	finished := s.Rule == kpi.ProjectRuleFinished || s.Rule == kpi.ProjectRuleFinishedLate
	var list []string
	switch {
	case finished && s.Delay != nil:
		return []string{p.T("project.finished", "on_date", p.On(s.Judged), "delay", p.delay(*s.Delay))}
	case s.Delay != nil:
		list = append(list, p.T("project.not_finished", "delay", p.delay(*s.Delay)))
	case s.VarianceDays != nil && math.Abs(*s.VarianceDays) >= 0.5:
		id := "project.ahead"
		if *s.VarianceDays < 0 {
			id = "project.behind"
		}
		days := math.Abs(*s.VarianceDays)
		list = append(list, p.T(id, "days", p.Value(&days, kpi.Days, 0)))
	}
	if s.ForecastDelay != nil && !s.Forecast.IsZero() {
		list = append(list, p.T("project.forecast", "on_date", p.On(s.Forecast), "delay", p.delay(*s.ForecastDelay)))
	}
	return list
}

// delay returns days from the planned end as a finished phrase.
func (p *Printer) delay(days int) string {
	switch {
	case days > 0:
		return p.N("project.late_days", days)
	case days < 0:
		return p.N("project.early_days", -days)
	}
	return p.T("project.on_time")
}
