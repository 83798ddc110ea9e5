package pages

import (
	"context"
	"slices"

	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/kpi/scorecard"
)

var indicatorChartsPage = Page{Name: "indicator_charts", Path: "/indicators/:id/charts", Role: Everyone, Load: loadIndicatorCharts}

// indicatorCharts are the charts of an indicator that its own page has no room for: a phone loads them when somebody asks for them.
type indicatorCharts struct {
	Name    Words
	Finding string
	Chip    Chip
	Parts   []chartPart
	Back    Link
}

// chartPart is a figure under its heading.
type chartPart struct {
	ID      string
	Heading string
	Figure  figure
}

// furtherChart is a chart with the id of its section, its kind for the site's script, and the address of its numbers.
type furtherChart struct {
	id, kind, file string
	figure         *chart.Figure
}

// furtherCharts are the further charts of a result, in the order of their page.
func (r *Request) furtherCharts(res *scorecard.Result) []furtherChart {
	id := res.Indicator.ID
	list := []furtherChart{
		{"process", "line", allFile(res), chart.Process(r.P, "process-chart", res)},
		{"days", "cells", indicatorFile(id, "days"), chart.DayHeat(r.P, "days-chart", res)},
		{"heat", "cells", indicatorFile(id, "districts"), r.pointOut(chart.DistrictHeat(r.P, "heat-chart", r.City, res))},
		{"panels", "panels", indicatorFile(id, "district-changes"), r.pointOut(chart.DistrictPanels(r.P, "panels-chart", r.City, res))},
	}
	return slices.DeleteFunc(list, func(c furtherChart) bool { return c.figure == nil })
}

func loadIndicatorCharts(_ context.Context, r *Request) (Content, error) {
	res, err := r.public(r.Params["id"])
	if err != nil {
		return Content{}, err
	}
	ind := res.Indicator
	d := indicatorCharts{Name: r.Words(ind.Name), Finding: i18n.Headline(r.P, *res), Chip: r.chip(res.Assessment.Status)}
	d.Back = Link{URL: r.To("/indicators/" + ind.ID), Words: own(r.P.T("figure.page.back"))}
	for _, c := range r.furtherCharts(res) {
		drawn, err := newFigure(r.pointOut(c.figure), c.kind, c.file, true)
		if err != nil {
			return Content{}, err
		}
		d.Parts = append(d.Parts, chartPart{c.id, r.P.T("figure.page." + c.id), drawn})
	}
	c := Content{Title: r.P.T("figure.page.title", "name", ind.Name), Summary: i18n.Finding(r.P, *res), Data: d}
	if pr := r.City.Priority(ind.Priority); pr != nil {
		c.Crumbs = []Link{{URL: r.To("/priorities/" + pr.ID), Words: r.Words(pr.Name)}}
	}
	c.Crumbs = append(c.Crumbs, Link{URL: d.Back.URL, Words: d.Name})
	return c, nil
}

// moreCharts leads to the further charts of an indicator, by their headings.
func (r *Request) moreCharts(res *scorecard.Result) []Link {
	var list []Link
	for _, c := range r.furtherCharts(res) {
		list = append(list, Link{URL: r.To("/indicators/" + res.Indicator.ID + "/charts#" + c.id), Words: own(r.P.T("figure.page." + c.id))})
	}
	return list
}
