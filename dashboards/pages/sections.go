package pages

import (
	"slices"
	"strings"

	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// contentsAtLeast is from how many further sections on a page begins with links to them.
const contentsAtLeast = 3

// groupsView is a figure of the groups of a dimension, and what it rests on.
type groupsView struct {
	Title  string // names the dimension
	Figure figure
	Notes  []string
}

// further adds what not every indicator has.
func (r *Request) further(d *indicatorData, res *scorecard.Result) error {
	var err error
	d.Course, d.More = r.trendAnswer(res), r.moreCharts(res)
	if d.Year, err = r.yearToDate(res); err != nil {
		return err
	}
	if d.Project, err = r.project(res); err != nil {
		return err
	}
	if d.Equity, err = r.equity(res); err != nil {
		return err
	}
	if d.Drivers, err = r.drivers(res); err != nil {
		return err
	}
	for _, e := range r.evaluations(res.Indicator.ID) {
		d.Evaluated = append(d.Evaluated, r.evaluation(e))
	}
	d.History, d.Doing = r.history(res.Indicator.ID), r.doing(res.Indicator.ID)
	d.Contents = r.contents(d)
	return nil
}

// contents leads to the sections below the chart, in their order.
func (r *Request) contents(d *indicatorData) []Link {
	var list []Link
	add := func(there bool, id, message string) {
		if there {
			list = append(list, Link{URL: "#" + id, Words: own(r.P.T(message))})
		}
	}
	add(d.Project != nil, "project", "page.project")
	add(d.Doing != nil, "doing", "commitments.doing")
	add(d.Districts != nil, "districts", "indicator.by_district")
	add(len(d.Equity) > 0, "equity", "page.equity")
	add(len(d.Drivers) > 0, "drivers", "page.drivers")
	add(len(d.Evaluated) > 0, "evaluated", "page.evaluated")
	if len(list) < contentsAtLeast {
		return nil
	}
	add(true, "rows", "indicator.rows_behind")
	add(true, "counted", "indicator.counted")
	add(len(d.Targets) > 0, "targets", "indicator.targets")
	add(d.History != nil, "history", "page.history")
	add(true, "source", "indicator.provenance")
	return list
}

// yearToDate is the total of a year as it grows, nil for what does not add up.
func (r *Request) yearToDate(res *scorecard.Result) (*figure, error) {
	a, ind := res.Assessment, res.Indicator
	finding := i18n.Finding(r.P, *res)
	if a.Judged != nil && a.Target != nil {
		finding = i18n.StatusReason(r.P, *res)[0]
	}
	f := chart.YearToDate(r.P, "year-to-date", finding, r.City, res)
	if f == nil {
		return nil, nil
	}
	drawn, err := newFigure(f, "line", indicatorFile(ind.ID, "year-to-date"), true)
	return &drawn, err
}

// equity compares the groups of every dimension in which any can be compared.
func (r *Request) equity(res *scorecard.Result) ([]groupsView, error) {
	var list []groupsView
	for i := range res.Equity {
		e := &res.Equity[i]
		if !slices.ContainsFunc(e.Groups, compared) {
			continue
		}
		finding := i18n.EquityFinding(r.P, r.City, *e)
		f := chart.Equity(r.P, "equity-"+e.Dimension, finding, r.City, res, e)
		if f == nil || finding == "" {
			continue
		}
		if e.Dimension == kpi.DimensionDistrict {
			r.pointOut(f)
		}
		drawn, err := newFigure(f, "bars", indicatorFile(res.Indicator.ID, "equity"), true)
		if err != nil {
			return nil, err
		}
		list = append(list, groupsView{r.P.T("page.equity_by", "dimension", r.P.Dimension(e.Dimension)), drawn, i18n.EquityNotes(r.P, r.City, *res, *e)})
	}
	return list, nil
}

// compared reports whether anything can be said of a group. Where that is so of none, its values stand by district alone, with their few cases.
func compared(g scorecard.Group) bool {
	return slices.Contains([]scorecard.Verdict{scorecard.VerdictBetter, scorecard.VerdictWorse, scorecard.VerdictDifferent, scorecard.VerdictSimilar}, g.Verdict)
}

// drivers says what each group contributed to the newest change, by every dimension.
func (r *Request) drivers(res *scorecard.Result) ([]groupsView, error) {
	var list []groupsView
	for i := range res.Drivers {
		d := &res.Drivers[i]
		finding := i18n.DriversFinding(r.P, r.City, *res, *d)
		f := chart.Drivers(r.P, "drivers-"+d.Dimension, finding, r.City, res, d)
		if f == nil || finding == "" {
			continue
		}
		drawn, err := newFigure(f, "bars", indicatorFile(res.Indicator.ID, "drivers"), true)
		if err != nil {
			return nil, err
		}
		v := groupsView{Title: r.P.T("page.drivers_by", "dimension", r.P.Dimension(d.Dimension)), Figure: drawn}
		if split := i18n.DriversSplit(r.P, res.Indicator, *d); split != "" {
			v.Notes = append(v.Notes, split)
		}
		list = append(list, v)
	}
	return list, nil
}

// projectView is a piece of work: how it stands, its milestones, its course, its place.
type projectView struct {
	Sentences  []string
	Flags      []string
	Figure     *figure
	Milestones []milestoneView
	Place      []fact
}

// milestoneView is a step of a piece of work.
type milestoneView struct {
	Name    Words
	Planned Moment
	Due     Moment // the day on which it was done, or is expected
	State   string
	Delay   Value
	Overdue bool
}

// projectFigure is the course of a piece of work, nil for what is none.
func (r *Request) projectFigure(res *scorecard.Result) *chart.Figure {
	p := r.Card.Works(res)
	if p == nil {
		return nil
	}
	s := r.Card.State(p)
	return chart.Project(r.P, "project-course", strings.Join(i18n.ProjectSentences(r.P, s)[:1], " "), p, s)
}

// project is the piece of work that an indicator is about, nil if it is about none.
func (r *Request) project(res *scorecard.Result) (*projectView, error) {
	f := r.projectFigure(res)
	if f == nil {
		return nil, nil
	}
	p := r.Card.Works(res)
	s := r.Card.State(p)
	drawn, err := newFigure(f, "line", indicatorFile(res.Indicator.ID, "project"), true)
	if err != nil {
		return nil, err
	}
	v := &projectView{Sentences: i18n.ProjectSentences(r.P, s)[1:], Figure: &drawn, Place: r.projectPlace(p.Place)}
	for _, flag := range s.Flags {
		v.Flags = append(v.Flags, r.P.ProjectFlag(flag))
	}
	for _, m := range p.Milestones {
		if !m.Planned.IsZero() {
			v.Milestones = append(v.Milestones, r.milestone(m))
		}
	}
	return v, nil
}

// milestone says when a step was planned, when it was done or is expected, and how many days lie between.
func (r *Request) milestone(m kpi.Milestone) milestoneView {
	asOf := r.Card.AsOf
	v := milestoneView{Name: r.Words(m.Name), Planned: r.on(m.Planned), State: r.P.T("page.milestone.done")}
	due := m.Done
	if due.IsZero() || due.After(asOf) {
		if due = m.Revised; due.IsZero() {
			due = m.Planned
		}
		v.State = r.P.T("page.milestone.expected")
		if v.Overdue = due.Before(asOf); v.Overdue {
			v.State = r.P.T("page.milestone.overdue")
		}
	}
	late := float64(due.Sub(m.Planned))
	if v.Overdue {
		late = float64(asOf.Sub(m.Planned)) // so far
	}
	v.Due, v.Delay = r.on(due), Value{r.P.Change(&late, kpi.Days, 0), raw(&late)}
	return v
}

// projectPlace says where a piece of work is.
func (r *Request) projectPlace(at kpi.ProjectPlace) []fact {
	var list []fact
	if d := r.City.District(at.District); d != nil {
		list = append(list, fact{Label: r.P.T("table.district"), Words: r.Words(d.Name)})
	}
	if at.Address != "" {
		list = append(list, fact{Label: r.P.T("page.address"), Words: own(at.Address)})
	}
	if at.Latitude != nil && at.Longitude != nil {
		list = append(list, fact{Label: r.P.T("page.coordinates"), Words: own(raw(at.Latitude) + ", " + raw(at.Longitude))})
	}
	return list
}
