package scorecard

import (
	"slices"
	"testing"
	"time"

	"citystat/kpi"
)

func TestWorks(t *testing.T) {
	date := func(y int, m time.Month, d int) kpi.Date { return kpi.Date{Year: y, Month: m, Day: d} }
	month := func(m time.Month, v float64) Point {
		first := date(2026, m, 1)
		pt := Point{Period: kpi.Period{First: first, Last: first.AddMonths(1).AddDays(-1)}}
		if v >= 0 {
			pt.Observation.Value = &v
		}
		return pt
	}
	road := &kpi.Indicator{ID: "road", Public: true, Project: &kpi.Project{ID: "road", Spent: "money"}}
	money := &kpi.Indicator{ID: "money", Public: true, Measure: kpi.Measure{Kind: kpi.MeasureSum}}
	s := &Scorecard{AsOf: date(2026, 4, 10), Results: []Result{
		{Indicator: road, Series: []Point{month(1, 10), month(2, -1), month(3, 25), month(4, 30)}},
		{Indicator: money, Series: []Point{month(1, 100), month(2, -1), month(3, 50)}},
	}}
	p := s.Works(&s.Results[0])
	if want := []kpi.ProjectPoint{{Date: date(2026, 1, 31), Value: 10}, {Date: date(2026, 3, 31), Value: 25}, {Date: date(2026, 4, 10), Value: 30}}; !slices.Equal(p.Progress, want) {
		t.Errorf("progress %v, want %v", p.Progress, want)
	}
	if want := []kpi.ProjectPoint{{Date: date(2026, 1, 31), Value: 100}, {Date: date(2026, 3, 31), Value: 150}}; !slices.Equal(p.Spending, want) {
		t.Errorf("spending %v, want %v", p.Spending, want)
	}
	if road.Project.Progress != nil {
		t.Error("the definition was changed")
	}
	money.Measure.Kind = kpi.MeasureLast
	if got := s.Works(&s.Results[0]).Spending[1].Value; got != 50 {
		t.Errorf("a stock is added up: %v", got)
	}
	money.Public = false
	if p := s.Works(&s.Results[0]); p.Spending != nil {
		t.Error("a public project shows the numbers of an indicator that is not")
	}
	road.Public = false
	if p := s.Works(&s.Results[0]); len(p.Spending) != 2 {
		t.Error("a project that is not public lacks its spending")
	}
	own := []kpi.ProjectPoint{{Date: date(2026, 1, 15), Value: 5}}
	road.Project = &kpi.Project{Progress: own, Spending: own}
	s.Results[0].Series = nil
	if p := s.Works(&s.Results[0]); !slices.Equal(p.Progress, own) || !slices.Equal(p.Spending, own) {
		t.Errorf("what the project says itself is lost: %+v", p)
	}
	if s.Works(&s.Results[1]) != nil {
		t.Error("an indicator without a project has one")
	}
}
