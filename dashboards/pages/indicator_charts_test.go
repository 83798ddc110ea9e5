package pages

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/assets"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// The further charts of an indicator have a page of their own, to which its page leads by their headings; where there are none, nothing leads there.
func TestIndicatorCharts(t *testing.T) {
	s := newSite(t, scorecardtest.Published())
	some := map[string]int{}
	for i := range s.card.Results {
		id := s.card.Results[i].Indicator.ID
		page, charts := s.page("/en/indicators/"+id), s.page("/en/indicators/"+id+"/charts")
		led := map[string]bool{}
		for _, a := range elements(page.root, "a") {
			if _, part, ok := strings.Cut(get(a, "href"), "/en/indicators/"+id+"/charts#"); ok {
				led[part] = true
				if charts.ids[part] == nil {
					t.Errorf("%s: the page leads to %s, which is not there", id, part)
				}
			}
		}
		figures := elements(charts.root, "figure")
		if len(figures) != len(led) {
			t.Errorf("%s: %d charts, and links to %v", id, len(figures), led)
		}
		for part := range led {
			some[part]++
		}
		if len(led) == 0 && !strings.Contains(text(charts.root), "There are no further charts of this indicator yet.") {
			t.Errorf("%s: the page is empty and does not say so", id)
		}
	}
	if some["process"] < 5 || some["heat"] < 5 || some["panels"] < 5 {
		t.Errorf("further charts: %v", some)
	}
}

// A daily indicator has a calendar of its days, with its own file.
func TestCalendarOfDays(t *testing.T) {
	card := scorecardtest.Normal()
	res := card.Result("requests-received")
	res.Indicator.Period, res.Series = kpi.Day, nil
	for i := range 60 {
		d := card.AsOf.AddDays(i - 60)
		v := float64(100 + i%9)
		res.Series = append(res.Series, scorecard.Point{Period: kpi.Period{Kind: kpi.Day, ID: d.String(), First: d, Last: d}, Settled: true,
			Observation: kpi.Observation{Indicator: res.Indicator.ID, Period: d.String(), Value: &v, Rows: 100}})
	}
	res.Assessment.Period = res.Series[59].Period.ID
	s := newSite(t, card)
	d := s.page("/fr/indicators/requests-received/charts")
	d.check(kpi.French)
	if d.ids["days-chart"] == nil {
		t.Error("there is no calendar of days")
	}
	file := s.do(http.MethodGet, "/indicators/requests-received/days.csv", nil)
	if file.Code != http.StatusOK || !strings.HasPrefix(file.Body.String(), "indicator,week,mon,tue,wed,thu,fri,sat,sun\r\n") {
		t.Errorf("%d %s", file.Code, file.Body)
	}
}

// What is not shown is on none of the further charts: neither in a drawing nor in a table, an option or a file.
func TestFurtherChartsKeepBack(t *testing.T) {
	live, card := scorecardtest.Normal(), scorecardtest.Published()
	hidden := 0
	s := newSite(t, card)
	for i := range card.Results {
		res := &card.Results[i]
		published := publishedValues(res)
		for _, m := range res.Members {
			for _, o := range m.Series {
				if o.Suppressed == kpi.NotSuppressed || m.Dimension != kpi.DimensionDistrict {
					continue
				}
				was := live.Result(res.Indicator.ID).Observation(o.Period, m.Dimension, m.Member)
				if was == nil || was.Value == nil || *was.Value == 0 {
					continue
				}
				number := raw(was.Value)
				if len(number) < 6 || published[number] { // it stands for others too
					continue
				}
				hidden++
				for _, path := range []string{"/en/indicators/" + res.Indicator.ID + "/charts", "/indicators/" + res.Indicator.ID + "/districts.csv"} {
					if got := s.do(http.MethodGet, path, nil); strings.Contains(got.Body.String(), number) {
						t.Errorf("%s shows %s of %s in %s, which is kept back", path, number, m.Member, o.Period)
					}
				}
			}
		}
	}
	if hidden < 3 {
		t.Fatalf("only %d numbers are kept back: the test sees nothing", hidden)
	}
}

// publishedValues are the values of a result that are shown, of its districts and of the whole city.
func publishedValues(res *scorecard.Result) map[string]bool {
	have := map[string]bool{}
	for _, pt := range res.Series {
		have[raw(pt.Observation.Value)] = true
	}
	for _, m := range res.Members {
		for _, o := range m.Series {
			have[raw(o.Value)] = true
		}
	}
	return have
}

// Deliveries are on the page about the data, for datasets of which something is known, and say nothing of why one failed.
func TestDeliveries(t *testing.T) {
	card := scorecardtest.Normal()
	s := newSite(t, card)
	d := s.page("/en/data")
	for dataset, want := range map[string]bool{"service-requests": true, "street-safety": true, "housing-permits": true, "resident-survey": false} {
		f := d.ids["deliveries-"+dataset]
		if (f != nil) != want {
			t.Errorf("%s: a calendar of deliveries: %v", dataset, f != nil)
		}
		if f != nil && get(f, "data-kind") != "cells" {
			t.Errorf("%s: the kind of the chart is %q", dataset, get(f, "data-kind"))
		}
	}
	if got := text(elements(d.ids["deliveries-housing-permits"], "figcaption")[0]); got != "Days with new data: 0. With nothing new: 6. With a failed delivery: 0. Days on which the data were late: 82." {
		t.Errorf("a dataset long overdue: %q", got)
	}
	safety := s.do(http.MethodGet, "/data/street-safety/deliveries.csv", nil).Body.String()
	if !strings.Contains(safety, "street-safety,2026-03-20,failed,") || strings.Contains(safety, "larger than") {
		t.Errorf("file of deliveries:\n%s", safety)
	}
}

// The rows of a priority carry a small drawing that has a name, where there is a value and a target, and no page of lists has one.
func TestBulletsOfAPriority(t *testing.T) {
	s := newSite(t, scorecardtest.Published())
	n := 0
	for _, pr := range s.card.City.Priorities {
		d := s.page("/es/priorities/" + pr.ID)
		for _, svg := range elements(d.root, "svg") {
			if strings.Contains(get(svg, "class"), "c-bullet") {
				n++
				if name := get(svg, "aria-label"); !strings.HasPrefix(name, "Valor ") || !strings.Contains(name, "meta ") || get(svg, "role") != "img" {
					t.Errorf("%s: a bullet is called %q", pr.ID, name)
				}
			}
		}
	}
	if n < 8 {
		t.Errorf("only %d bullets", n)
	}
	for _, svg := range elements(s.page("/es/indicators").root, "svg") {
		if strings.Contains(get(svg, "class"), "c-bullet") {
			t.Error("the list of all indicators has bullets")
		}
	}
}

// The page of the charts, which somebody asks for, is heavier than that of the indicator, and still no burden for a phone.
func TestChartsPageIsLight(t *testing.T) {
	s := newSite(t, scorecardtest.Published())
	for i := range s.card.Results {
		id := s.card.Results[i].Indicator.ID
		body := s.do(http.MethodGet, "/fr/indicators/"+id+"/charts", nil).Body.Bytes()
		if n := len(assets.Gzip(body)); n > 40<<10 {
			t.Errorf("%s: %d bytes compressed", id, n)
		}
	}
}

// Of what adds up in a year the target is the year's: beside it stands the total so far, and what it is a total of, wherever an indicator is in a list.
func TestYearTotalsStandBesideTheirTarget(t *testing.T) {
	card := scorecardtest.Published()
	s := newSite(t, card)
	some := 0
	for i := range card.Results {
		res := &card.Results[i]
		a := res.Assessment
		if !res.Indicator.Public || a.Judged == nil || a.Target == nil || a.Status == kpi.TooFew {
			continue
		}
		some++
		for _, path := range []string{"/en/indicators", "/en/priorities/" + res.Indicator.Priority, "/en/departments/" + res.Indicator.Department} {
			row := rowOf(s.page(path), "/en/indicators/"+res.Indicator.ID)
			if row == nil {
				t.Errorf("%s: %s is not there", path, res.Indicator.ID)
				continue
			}
			values := elements(row, "data")
			if len(values) == 0 || get(values[0], "value") != raw(a.Judged) || !strings.Contains(text(row), "Total") {
				t.Errorf("%s: %s, wanted the total %s: %s", path, res.Indicator.ID, raw(a.Judged), text(row))
			}
		}
	}
	if some < 2 {
		t.Errorf("%d indicators add up in a year", some)
	}
}

// rowOf is the row, the line or the card that leads to an address; nil if there is none.
func rowOf(d *document, href string) *html.Node {
	for _, n := range elements(d.root, "tr", "li") {
		for _, a := range elements(n, "a") {
			if get(a, "href") == href {
				return n
			}
		}
	}
	return nil
}
