package pages

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger/ledgertest"
	"citystat/kpi/meeting"
	"citystat/kpi/release"
	"citystat/kpi/scorecard/scorecardtest"
)

// flat is the text of a page in one line.
func flat(n *html.Node) string { return strings.Join(strings.Fields(text(n)), " ") }

// leadsTo are the addresses to which the part of a page leads that lies below the heading with the id.
func leadsTo(d *document, id string) []string {
	var list []string
	for _, a := range elements(d.root, "a") {
		for n := a; n != nil; n = n.Parent {
			if get(n, "aria-labelledby") == id {
				list = append(list, get(a, "href"))
			}
		}
	}
	return list
}

// get asks for an address, without its place on the page.
func (s *site) get(at string) *httptest.ResponseRecorder {
	at, _, _ = strings.Cut(at, "#")
	return s.do(http.MethodGet, at, nil)
}

// What a department head reads first: their department, one sentence, what is due by date with days left or late, and no work of others.
func TestWorkOfADepartmentHead(t *testing.T) {
	s, _ := officeOf(t, account.DepartmentHead)
	page := s.page(staffWorkPath)
	said := flat(page.root)
	for _, w := range []string{
		"Public Works My work Waiting for you: ", "Repair every light of the quay before the school year begins.3 changes of the date by its ownerWhat is in the way: The budget line for cables is used up. March 11, 2026 10 days late",
		"Commentary returned Hours until dumped waste is gone", "until March 30, 2026, to explain, mend or contest them",
		"Status changed Days to fill a pothole", "Status on March 6, 2026: well behind. Now: on track.", "Just noise: 263 in January 2026, 264 in February 2026.",
		"Missed trash collections", "not explained yet", "Where you are blocked Repair every light of the quay before the school year begins. What is in the way The budget line for cables is used up. Who can move itStreet Lighting Who is waitingPublic Works",
		"Days with new data: 72.",
	} {
		if !strings.Contains(said, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	for _, w := range []string{"Contested number to answer", "Done, awaiting the chair", "Waiting for the departments", "Rental homes that pass inspection", "a part to check"} {
		if strings.Contains(said, w) {
			t.Errorf("the page says %q, which is for others", w)
		}
	}
	links := leadsTo(page, "due")
	for _, want := range []string{
		"/staff/commitments/1", "/staff/releases/2", "/staff/handovers/1", "/staff/indicators/dumping-hours/commentary?period=2026-02", "/staff/data/service-requests/rejects",
	} {
		if !slices.Contains(links, want) {
			t.Errorf("nothing leads to %s; there are %v", want, links)
		}
	}
	for _, at := range append(links, leadsTo(page, "mayor")...) {
		if res := s.get(at); res.Code != http.StatusOK {
			t.Errorf("%s: status %d", at, res.Code)
		}
	}
	if len(elements(page.root, "select")) > 0 {
		t.Error("somebody of one department is asked which one")
	}
}

// Due dates go up from the top; what has none is last.
func TestWorkIsSortedByDate(t *testing.T) {
	for _, role := range []account.Role{account.DepartmentHead, account.Mayor} {
		s, _ := officeOf(t, role)
		for _, table := range elements(s.page(staffWorkPath).root, "table") {
			if get(table, "class") != "stacked duties" {
				continue
			}
			last := ""
			for _, row := range elements(table, "tr")[1:] {
				due := "9999"
				for _, m := range elements(row, "time") {
					due = get(m, "datetime")
				}
				if due < last {
					t.Errorf("%s: %s comes after %s", role, due, last)
				}
				last = due
			}
			if last == "" {
				t.Errorf("%s: the table is empty", role)
			}
		}
	}
}

// Who looks at the whole city chooses a department; a viewer is offered nothing that they may not do, and reads of no draft.
func TestWorkOfTheWholeCity(t *testing.T) {
	viewer, _ := officeOf(t, account.Viewer)
	page := viewer.page(staffWorkPath)
	said := flat(page.root)
	for _, w := range []string{"Say what happened", "Contest the number", "Oldest open cases", "Draft to finish", "Commentary returned", "explanation returned", "Waiting for you"} {
		if strings.Contains(said, w) {
			t.Errorf("a viewer reads %q", w)
		}
	}
	for _, w := range []string{"Whole city My work Waiting for the departments: ", "Housing permits", "The departments have five working days, until March 30, 2026"} {
		if !strings.Contains(said, w) {
			t.Errorf("a viewer does not read %q", w)
		}
	}
	for _, at := range append(leadsTo(page, "due"), leadsTo(page, "mayor")...) {
		if res := viewer.get(at); res.Code != http.StatusOK {
			t.Errorf("a viewer is led to %s: status %d", at, res.Code)
		}
	}
	mayor, _ := officeOf(t, account.Mayor)
	if said := flat(mayor.page(staffWorkPath).root); !strings.Contains(said, "Waiting for you: 1 late, 1 without a date. Waiting for the departments: ") || !strings.Contains(said, "Done, awaiting the chair") {
		t.Errorf("the mayor does not read what waits for the mayor: %.400s", said)
	}
	housing := flat(mayor.page(staffWorkPath + "?department=housing").root)
	if !strings.Contains(housing, "Rental homes that pass inspection") || strings.Contains(housing, "Missed trash collections") || strings.Contains(housing, "Done, awaiting the chair") {
		t.Error("the filter lets others through, or not the one")
	}
	if !strings.Contains(flat(mayor.page(staffWorkPath+"?department=nowhere").root), "Missed trash collections") {
		t.Error("a department that is not there leaves nothing")
	}
}

// Nothing due is said as such, with what comes next; an account without a department is told why its page is empty.
func TestWorkWithNothingDue(t *testing.T) {
	s, _ := officeOf(t, account.DepartmentHead)
	empty := &ledgertest.Office{DB: ledgertest.Open(t, scorecardtest.Now)}
	office := s.pages.opts.Staff.(*scorecardtest.Staff)
	office.Reports = slices.DeleteFunc(office.Reports, func(r kpi.DatasetReport) bool { return r.State.Dataset == "service-requests" })
	for i := range office.TheCity.Datasets {
		office.TheCity.Datasets[i].Department = "housing"
	}
	next := kpi.Commitment{Text: "Count the trees.", Lang: kpi.English, Owner: publicWorksPost, Department: "public-works", Made: kpi.DateOf(scorecardtest.Now), Due: kpi.NewDate(2026, 5, 4), State: kpi.CommitmentOpen, Source: "workspace"}
	if err := empty.SaveCommitment(t.Context(), &next, account.By{Person: 4, Name: "Somebody"}, scorecardtest.Now); err != nil {
		t.Fatal(err)
	}
	s.pages.opts.Work = Work{Commitments: empty}
	said := flat(s.page(staffWorkPath).root)
	for _, w := range []string{"Nothing is due from you. Next, by May 4, 2026: Count the trees.", "Nothing is due in the next 14 days.", "Due later: 1", "No commitment is blocked."} {
		if !strings.Contains(said, w) {
			t.Errorf("the page does not say %q: %.600s", w, said)
		}
	}
	if strings.Contains(said, "Say what happened") || strings.Contains(said, "Contest the number") {
		t.Error("the page leads to what is not there")
	}
	office.LiveErr = fmt.Errorf("the disk is full")
	if said := flat(s.page(staffWorkPath).root); !strings.Contains(said, "The numbers of now cannot be read.") || !strings.Contains(said, "Nothing is due from you.") {
		t.Errorf("without live numbers: %.400s", said)
	}
}

// Everything that can be due leads to a page that is there.
func TestDutiesLeadSomewhere(t *testing.T) {
	s, work := officeOf(t, account.Analyst)
	who, err := work.PersonByEmail(t.Context(), "analyst@harborview.gov")
	if err != nil {
		t.Fatal(err)
	}
	city, cal := s.pages.opts.Staff.(*scorecardtest.Staff).TheCity, kpi.Calendar{Location: scorecardtest.Now.Location()}
	live, err := s.pages.opts.Staff.Live(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.pages.opts.Work.DutyInputs(t.Context(), s.pages.opts.Staff, live, city, cal, scorecardtest.Now)
	if err != nil {
		t.Fatal(err)
	}
	in.Rounds = append(in.Rounds, release.Round{Stamp: kpi.Stamp{ID: 1}, State: release.Filling, Filings: []release.Filing{{State: release.FilingChecked}}})
	r := &Request{Lang: kpi.English, City: city, Cal: cal, Person: &who, work: s.pages.opts.Work}
	seen := map[meeting.DutyState]bool{}
	for _, d := range meeting.Due(in, &who) {
		at := r.dutyPath(&d)
		if res := s.get(at); res.Code != http.StatusOK {
			t.Errorf("%s %s leads to %s: status %d", d.Kind, d.State, at, res.Code)
		}
		seen[d.State] = true
	}
	if len(seen) < 14 {
		t.Errorf("only %d states of duties occur: %v", len(seen), seen)
	}
}

// The board has every indicator of its department and no other, the worst first; the file says the same.
func TestBoard(t *testing.T) {
	s, _ := officeOf(t, account.DepartmentHead)
	const path = "/staff/departments/public-works"
	page := s.page(path)
	said := flat(page.root)
	for _, w := range []string{"Target board Public Works", "Head Director of Public Works · Somebody department_staff (acting)", "explanation returned", "very unlikely", "nobody is named", "What residents see"} {
		if !strings.Contains(said, w) {
			t.Errorf("the board does not say %q", w)
		}
	}
	live, err := s.pages.opts.Staff.Live(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	res := s.do(http.MethodGet, path+"/board.csv", nil)
	records, err := csv.NewReader(res.Body).ReadAll()
	if err != nil || res.Code != http.StatusOK || !strings.Contains(res.Header().Get("Content-Disposition"), "board-public-works.csv") || res.Header().Get("Cache-Control") != staffCaching {
		t.Fatal(res.Code, res.Header(), err)
	}
	column := func(name string) int { return slices.Index(records[0], name) }
	want := 0
	for i := range live.Results {
		if live.Results[i].Indicator.Department == "public-works" {
			want++
		}
	}
	if len(records)-1 != want || want < 5 {
		t.Errorf("%d indicators are in the file, want %d", len(records)-1, want)
	}
	ranks, at := 0, 0
	for _, rec := range records[1:] {
		a := live.Result(rec[0]).Assessment
		value := a.Value
		if a.Judged != nil {
			value = a.Judged
		}
		if got := rec[column("value")]; value == nil && got != "" || value != nil && got != strconv.FormatFloat(*value, 'f', -1, 64) {
			t.Errorf("%s: value %s", rec[0], got)
		}
		if k := a.Status.Rank(); k > 0 && k < ranks {
			t.Errorf("%s (%s) comes after what is better", rec[0], a.Status)
		} else if k > 0 {
			ranks = k
		}
		place := strings.Index(said[at:], rec[column("name")])
		if place < 0 || rec[column("status")] != string(a.Status) {
			t.Errorf("%s is not on the page in its place, or has another status", rec[0])
		}
		at += max(place, 0)
	}
	if !slices.ContainsFunc(records[1:], func(rec []string) bool { return rec[column("commentary")] == "returned" }) {
		t.Error("the head does not see in the file what was returned")
	}
	viewer, _ := officeOf(t, account.Viewer)
	if got := viewer.do(http.MethodGet, path+"/board.csv", nil).Body.String(); strings.Contains(got, "returned") || strings.Contains(flat(viewer.page(path).root), "explanation returned") {
		t.Error("a viewer reads of commentary that is not approved")
	}
	if res := s.do(http.MethodGet, "/staff/departments/nowhere", nil); res.Code != http.StatusNotFound {
		t.Errorf("a department that is not there: %d", res.Code)
	}
}

// The oldest open cases: how many, the overdue ones first, of a district; the file has more of them; where nothing says which rows are open, the page says so.
func TestCases(t *testing.T) {
	s, _ := officeOf(t, account.DepartmentHead)
	const path = "/staff/indicators/street-lights-on-time/cases"
	page := s.page(path)
	said := flat(page.root)
	for _, w := range []string{"Open cases: 60. Overdue: 36.", "Listed: 50 of 60.", "SR-100245 February 14, 2025 June 14, 2025 400 overdue", "A case begins withopened A case ends withclosed It is due bydue"} {
		if !strings.Contains(said, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	if rows := len(elements(elements(page.root, "tbody")[0], "tr")); rows != casesShown {
		t.Errorf("%d rows", rows)
	}
	some := flat(s.page(path + "?district=" + kpi.MemberNotRecorded).root)
	if !strings.Contains(some, "Open cases: 20.") || strings.Contains(some, "SR-100245") || !strings.Contains(some, "SR-100246") {
		t.Error("the filter by district does not hold")
	}
	if all := flat(s.page(path + "?district=%27--").root); !strings.Contains(all, "Open cases: 60.") {
		t.Error("a district that is not there is asked for")
	}
	res := s.do(http.MethodGet, path+".csv", nil)
	records, err := csv.NewReader(res.Body).ReadAll()
	if err != nil || len(records) != 61 || strings.Join(records[0], " ") != "case_id opened due overdue days_open district" || strings.Join(records[1], " ") != "SR-100245 2025-02-14 2025-06-14 true 400 old-harbor" {
		t.Errorf("the file: %v %v", err, records[:min(len(records), 2)])
	}
	city := s.pages.opts.Staff.(*scorecardtest.Staff).TheCity
	everywhere, _ := officeOf(t, account.Analyst)
	last := "/staff/indicators/" + city.Indicators[len(city.Indicators)-1].ID + "/cases"
	if said := flat(everywhere.page(last).root); !strings.Contains(said, "This indicator has no open cases to show.") {
		t.Errorf("of what has no cases: %.300s", said)
	}
	if res := everywhere.do(http.MethodGet, last+".csv", nil); res.Code != http.StatusNotFound {
		t.Errorf("the file of what has no cases: %d", res.Code)
	}
	for _, c := range city.Indicators {
		if c.Department != "public-works" {
			if res := s.do(http.MethodGet, casesPath(c.ID), nil); res.Code == http.StatusOK {
				t.Errorf("a head reads the cases of %s: %d", c.Department, res.Code)
			}
			break
		}
	}
}
