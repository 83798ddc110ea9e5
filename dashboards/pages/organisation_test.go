package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// leads reports whether a link in a part of a page leads to an address.
func leads(n *html.Node, to string) bool {
	return slices.ContainsFunc(elements(n, "a"), func(a *html.Node) bool { return get(a, "href") == to })
}

// TestWhatHasEndedKeepsItsPage looks at the pages of what has ended, in every language, and at those of what took over.
func TestWhatHasEndedKeepsItsPage(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for _, c := range []struct{ ended, says, until, heir, before string }{
		{"/departments/street-lighting", "Ended on June\u00a030, 2024.", "Its work goes on in: Public Works", "/departments/public-works", "Before, this work was done by: Street Lighting"},
		{"/districts/harbor-islands", "Ended on December\u00a031, 2022.", "This area now lies in: Old Harbor, East Quay", "/districts/east-quay", "Before, this area lay in: Harbor Islands"},
		{"/priorities/bright-nights", "Ended on June\u00a030, 2024.", "Its promises go on in: Safe streets", "/priorities/safe-streets", "Before, these promises stood in: Bright nights"},
	} {
		for _, lang := range kpi.Langs {
			s.page("/" + strings.ToLower(string(lang)) + c.ended).check(lang)
		}
		d := s.page("/en" + c.ended)
		main := strings.Join(strings.Fields(text(elements(d.root, "main")[0])), " ")
		for _, w := range []string{c.says, c.until} {
			if !strings.Contains(main, strings.Join(strings.Fields(w), " ")) {
				t.Errorf("%s does not say %q", c.ended, w)
			}
		}
		if !leads(elements(d.root, "main")[0], "/en"+c.heir) {
			t.Errorf("%s does not lead to %s", c.ended, c.heir)
		}
		heir := s.page("/en" + c.heir)
		if got := strings.Join(strings.Fields(text(elements(heir.root, "main")[0])), " "); !strings.Contains(got, c.before) || strings.Contains(got, "Ended") {
			t.Errorf("%s does not say what came before it", c.heir)
		}
		if !leads(elements(heir.root, "main")[0], "/en"+c.ended) {
			t.Errorf("%s does not lead to what came before it", c.heir)
		}
	}
}

// TestListsShowWhatIsThere looks that nothing that has ended stands where readers choose.
func TestListsShowWhatIsThere(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for path, gone := range map[string][]string{
		"/en/": {"Bright nights"}, "/en/departments": {"Street Lighting"}, "/en/departments/housing": {"Street Lighting"}, "/en/priorities/homes": {"Bright nights"},
		"/en/indicators": {"Bright nights", "Street Lighting"}, "/en/districts/mill-river": {"Harbor Islands"}, "/en/feedback": {"Harbor Islands", "Bright nights"},
	} {
		page := text(s.page(path).root)
		for _, w := range gone {
			if strings.Contains(page, w) {
				t.Errorf("%s shows %s, which is not there any more", path, w)
			}
		}
	}
	page := s.page("/en/districts")
	if options := elements(page.root, "option"); slices.ContainsFunc(options, func(o *html.Node) bool { return get(o, "value") == "harbor-islands" }) || len(options) != 9 {
		t.Errorf("%d districts may be chosen", len(options))
	}
	if !strings.Contains(text(page.root), "Districts of earlier years") || !leads(page.root, "/en/districts/harbor-islands") {
		t.Error("the page of all districts does not lead to those of earlier years")
	}
}

// TestAsTheDayIsJudged looks that a scorecard of a day before the end shows what was there then.
func TestAsTheDayIsJudged(t *testing.T) {
	card := *scorecardtest.Normal()
	card.AsOf = kpi.Date{Year: 2024, Month: 6, Day: 30}
	s := newSite(t, &card)
	if page := text(s.page("/en/departments").root); !strings.Contains(page, "Street Lighting") {
		t.Error("on its last day a department is not in the list")
	}
	if page := text(s.page("/en/departments/street-lighting").root); strings.Contains(page, "Ended") {
		t.Error("on its last day a department is said to have ended")
	}
	city := *card.City
	city.Departments = slices.Clone(city.Departments)
	city.Departments[0].From = kpi.Date{Year: 2025, Month: 1, Day: 1}
	card.City = &city
	s = newSite(t, &card)
	if page := text(s.page("/en/departments/public-works").root); !strings.Contains(page, "Begins on January\u00a01, 2025.") {
		t.Error("a department that is not there yet does not say from when on it is")
	}
}

// TestEndedDistrictLeadsOn looks that a reader of a district that has ended comes to what took over.
func TestEndedDistrictLeadsOn(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	found := s.page("/en/districts?q=the+islands")
	hits := slices.DeleteFunc(elements(found.root, "ul"), func(n *html.Node) bool { return get(n, "class") != "hits" })
	if len(hits) != 1 || !leads(hits[0], "/en/districts/old-harbor") || !leads(hits[0], "/en/districts/east-quay") || strings.Count(text(hits[0]), "Earlier district: Harbor Islands") != 2 {
		t.Errorf("whoever looks for an earlier district does not find those that took over")
	}
	res := s.post("/en/districts", url.Values{"district": {"harbor-islands"}}, nil)
	if res.Code != http.StatusSeeOther || res.Header().Get("Location") != "/en/districts/harbor-islands" || len(res.Result().Cookies()) != 0 {
		t.Errorf("an ended district with two successors can be chosen: %d to %q, %v", res.Code, res.Header().Get("Location"), res.Result().Cookies())
	}
	if body := s.as("harbor-islands", "/en/").Body.String(); strings.Contains(body, "Harbor Islands") {
		t.Error("a district that was chosen before it ended is still the reader's")
	}
	card := *scorecardtest.Normal()
	city := *card.City
	city.Districts = slices.Clone(city.Districts)
	city.Districts[len(city.Districts)-1].Successors = []string{"east-quay"}
	card.City = &city
	s = newSite(t, &card)
	res = s.post("/en/districts", url.Values{"district": {"harbor-islands"}}, nil)
	if cookies := res.Result().Cookies(); res.Header().Get("Location") != "/en/districts/east-quay" || len(cookies) != 1 || cookies[0].Value != "east-quay" {
		t.Errorf("an ended district does not lead to its only successor: %q, %v", res.Header().Get("Location"), cookies)
	}
	if body := s.as("harbor-islands", "/en/").Body.String(); !strings.Contains(body, `href="/en/districts/east-quay"`) {
		t.Error("whoever chose a district before it ended is not taken to its only successor")
	}
}

// TestOldSeriesStay looks that rows which name a district that has ended count for it, in its own page, the table of the indicator and the files.
func TestOldSeriesStay(t *testing.T) {
	card := *scorecardtest.Normal()
	card.Results = slices.Clone(card.Results)
	k := slices.IndexFunc(card.Results, func(r scorecard.Result) bool { return r.Indicator.ID == "street-lights-on-time" })
	res := &card.Results[k]
	res.Members = slices.Clone(res.Members)
	m := slices.IndexFunc(res.Members, func(m scorecard.Member) bool { return m.Member == "east-quay" })
	old := res.Members[m]
	old.Member = "harbor-islands"
	res.Members = append(res.Members, old)
	s := newSite(t, &card)
	page := text(s.page("/en/indicators/street-lights-on-time").root)
	if !strings.Contains(page, "Harbor Islands (ended)") {
		t.Error("the indicator's table does not show a district that has ended, and that rows name")
	}
	if other := text(s.page("/en/indicators/speed-humps").root); strings.Contains(other, "Harbor Islands") {
		t.Error("a district that has ended is shown where no rows name it")
	}
	if own := text(s.page("/en/districts/harbor-islands").root); !strings.Contains(own, "Street lights") {
		t.Error("the district's own page does not show its series")
	}
	file := s.do(http.MethodGet, "/districts/harbor-islands.csv", nil).Body.String()
	if !strings.Contains(file, "district_until,district_successors") || !strings.Contains(file, "2022-12-31,old-harbor east-quay") || !strings.Contains(file, "street-lights-on-time") {
		t.Errorf("the file of the district: %.400s", file)
	}
}

// TestRolesOfWhatHasEnded looks that a role for a department that has ended is warned of, may be kept, and is given to nobody.
func TestRolesOfWhatHasEnded(t *testing.T) {
	s, work := officeOf(t, account.Administrator)
	by := account.By{Name: "the test"}
	grants := []account.Grant{{Role: account.DepartmentHead, Department: "street-lighting"}}
	if err := work.ChangePerson(t.Context(), 6, account.Change{Grants: &grants}, by, scorecardtest.Now); err != nil {
		t.Fatal(err)
	}
	d := s.page(staffPeoplePath)
	if got := text(d.ids["person-6"]); !strings.Contains(got, "This role is for a department that ended on June\u00a030, 2024: Street Lighting.") {
		t.Error("the role is not warned of")
	}
	if d.ids["person-6-department_head-street-lighting"] == nil || d.ids["person-4-department_head-street-lighting"] != nil || d.ids["new-department_head-street-lighting"] != nil {
		t.Error("a role for a department that has ended is lost, or offered")
	}
}
