package pages

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// A department's page has all of its public indicators, the worst first, and no other; every indicator leads to its department.
func TestDepartmentPages(t *testing.T) {
	card := scorecardtest.Normal()
	card.Results[3].Indicator.Public = false
	card.Results[0].Indicator.Service = &kpi.Service{
		Name: kpi.NewText(kpi.English, "Street lights"), Report: "https://311.example/report", Track: "https://311.example/track", Phone: "+1 (555) 010-0100",
	}
	card.Results[1].Indicator.Service = &kpi.Service{Name: kpi.NewText(kpi.English, "Potholes"), Report: "javascript:alert(1)", Phone: "ask at the desk"}
	s := newSite(t, card)
	for _, dep := range card.City.Departments {
		d := s.page("/en/departments/" + dep.ID)
		var got []string
		for _, table := range elements(d.root, "table") {
			for _, a := range elements(table, "a") {
				if id, ok := strings.CutPrefix(get(a, "href"), "/en/indicators/"); ok {
					got = append(got, id)
				}
			}
		}
		want := 0
		for _, res := range card.Results {
			if there := slices.Contains(got, res.Indicator.ID); there != (res.Indicator.Public && res.Indicator.Department == dep.ID) {
				t.Errorf("%s: %s is there: %v", dep.ID, res.Indicator.ID, there)
			} else if there {
				want++
			}
		}
		if len(got) != want {
			t.Errorf("%s: %v, some of them twice", dep.ID, got)
		}
		ranks := []int{}
		for _, id := range got {
			switch card.Result(id).Assessment.Status.Public() {
			case kpi.PublicBehind, kpi.PublicOffTrack:
				ranks = append(ranks, card.Result(id).Assessment.Status.Rank())
			}
		}
		if !slices.IsSorted(ranks) || len(ranks) > 0 && card.Result(got[0]).Assessment.Status.Rank() != ranks[0] {
			t.Errorf("%s: what needs attention is not first, the worst before the others: %v", dep.ID, got)
		}
	}
	d := s.page("/en/departments/" + card.Results[0].Indicator.Department)
	var hrefs []string
	for _, a := range elements(d.root, "a") {
		hrefs = append(hrefs, get(a, "href"))
	}
	for _, want := range []string{"https://311.example/report", "https://311.example/track", "tel:+15550100100", "https://www.harborview.example/public-works"} {
		if !slices.Contains(hrefs, want) {
			t.Errorf("the department's page does not lead to %s", want)
		}
	}
	for _, want := range []string{"Director of Public Works", "ask at the desk", "Keeps streets"} {
		if !strings.Contains(text(d.root), want) {
			t.Errorf("the department's page does not say %q", want)
		}
	}
	page := s.page("/en/indicators/" + card.Results[0].Indicator.ID)
	if !slices.ContainsFunc(elements(page.root, "a"), func(a *html.Node) bool {
		return get(a, "href") == "/en/departments/"+card.Results[0].Indicator.Department
	}) {
		t.Error("an indicator does not lead to its department")
	}
}
