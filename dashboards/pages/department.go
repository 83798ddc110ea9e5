package pages

import (
	"context"
	"net/url"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

var departmentsPage = Page{
	Name: "departments", Path: "/departments", Menu: "departments.title", Role: Everyone, Load: loadDepartments,
	Shown: func(r *Request) bool { return r.City != nil && len(r.City.Departments) > 0 },
}

var departmentPage = Page{Name: "department", Path: "/departments/:id", Role: Everyone, Load: loadDepartment}

// departmentsData is everybody who answers for indicators.
type departmentsData struct {
	List []departmentCard
}

// departmentCard is a department, and how many of its indicators are where.
type departmentCard struct {
	Link  Link
	About Words
	Tally []Count
	Total int
	Worst *Summary // nil if nothing is behind
}

// departmentData is one department and everything that it answers for.
type departmentData struct {
	Name         Words
	About        Words
	Said         string
	AsOf         string
	Illustrative string
	Tally        []Count
	Total        int
	Head         Words // the title of the post
	URL          string
	Attention    []Summary
	Groups       []Group // the rest, by priority
	Services     []serviceView
	Others       []Link
	Life         *lifeView
}

func loadDepartments(_ context.Context, r *Request) (Content, error) {
	var d departmentsData
	for _, dep := range r.City.DepartmentsOn(r.day()) {
		results := r.ofDepartment(dep.ID)
		tally := tallyOf(results)
		card := departmentCard{
			Link: Link{URL: r.To("/departments/" + dep.ID), Words: r.Words(dep.Name)}, About: r.Prose(dep.About), Tally: r.countsOf(dep.ID, tally), Total: tally.Total(),
		}
		if needs := attention(results); len(needs) > 0 {
			worst := r.summary(needs[0])
			card.Worst = &worst
		}
		d.List = append(d.List, card)
	}
	return Content{Title: r.P.T("departments.title"), Summary: r.P.T("departments.intro"), Data: d}, nil
}

func loadDepartment(_ context.Context, r *Request) (Content, error) {
	dep := r.City.Department(r.Params["id"])
	if dep == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "there is no department %q", r.Params["id"])
	}
	results := r.ofDepartment(dep.ID)
	tally, needs := tallyOf(results), attention(results)
	var rest []*scorecard.Result
	for _, res := range results {
		if word := res.Assessment.Status.Public(); word != kpi.PublicBehind && word != kpi.PublicOffTrack {
			rest = append(rest, res)
		}
	}
	d := departmentData{
		Name: r.Words(dep.Name), About: r.Prose(dep.About), AsOf: r.asOf(), Illustrative: r.illustrative(), Tally: r.countsOf(dep.ID, tally), Total: tally.Total(),
		Head: r.person(dep.Head), URL: webAddress(dep.URL), Attention: r.summaries(needs), Groups: r.byPriority(rest), Services: r.services(results),
		Said: i18n.CityResult(r.P, tally), Life: r.life(kpi.OrgDepartment, dep.ID),
	}
	if d.Total == 0 {
		d.Said = r.P.T("departments.no_indicators")
	}
	for _, other := range r.City.DepartmentsOn(r.day()) {
		if other != dep {
			d.Others = append(d.Others, Link{URL: r.To("/departments/" + other.ID), Words: r.Words(other.Name)})
		}
	}
	crumbs := []Link{{URL: r.To(departmentsPage.Path), Words: own(r.P.T("departments.title"))}}
	return Content{Title: d.Name.Text, Summary: d.Said, Crumbs: crumbs, Data: d}, nil
}

// ofDepartment returns the public results that a department answers for, in the order of the folder.
func (r *Request) ofDepartment(id string) []*scorecard.Result {
	var list []*scorecard.Result
	for _, res := range r.results("") {
		if res.Indicator.Department == id {
			list = append(list, res)
		}
	}
	return list
}

// tallyOf counts results by the public's four words.
func tallyOf(results []*scorecard.Result) scorecard.Tally {
	t := scorecard.Tally{}
	for _, res := range results {
		t[res.Assessment.Status.Public()]++
	}
	return t
}

// countsOf returns counts that lead to the lists of what they count, in a department.
func (r *Request) countsOf(department string, t scorecard.Tally) []Count {
	list := r.tally(t)
	for i := range list {
		if list[i].N > 0 {
			list[i].URL = r.To("/indicators?" + url.Values{"department": {department}, "status": {string(list[i].Class)}}.Encode())
		}
	}
	return list
}
