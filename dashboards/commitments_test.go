package dashboards

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"citystat/dashboards/pages"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/scorecard/scorecardtest"
)

// office opens a site in which people of every role keep commitments, and returns who comes in by a role.
func office(t *testing.T) (in func(account.Role) *guest, work *pages.Work) {
	t.Helper()
	town, links := doorTown()
	work = new(pages.Work)
	site := httptest.NewServer(doorServer(t, town, func(o *Options) { *work = o.Work }))
	t.Cleanup(site.Close)
	return func(r account.Role) *guest { return newGuest(t, site.URL).in(links[string(r)+"@harborview.gov"]) }, work
}

// holds reports whether a page holds all of what it should.
func holds(t *testing.T, what, page string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(page, w) {
			t.Errorf("%s: the page does not hold %q", what, w)
		}
	}
}

// lacks reports whether a page holds nothing of what it should not.
func lacks(t *testing.T, what, page string, not ...string) {
	t.Helper()
	for _, w := range not {
		if strings.Contains(page, w) {
			t.Errorf("%s: the page holds %q", what, w)
		}
	}
}

func TestMakeACommitment(t *testing.T) {
	in, _ := office(t)
	staff := in(account.DepartmentStaff)
	_, _, page := staff.do("GET", "/staff/commitments", nil)
	holds(t, "staff of a department", page, `id="commitment-text"`, "The head of the department can open it")
	lacks(t, "staff of a department", page, `name="readers"`)

	// What is wrong is said at its field, and nothing that was typed is lost.
	for name, c := range map[string]struct {
		form url.Values
		want []string
	}{
		"empty":          {url.Values{}, []string{`href="#commitment-text"`, `href="#commitment-owner"`, `href="#commitment-due"`}},
		"a wrong date":   {url.Values{"text": {"Paint the bridge."}, "due": {"tomorrow"}}, []string{`value="Paint the bridge."`, `value="tomorrow"`, `aria-invalid="true"`}},
		"a day too late": {url.Values{"text": {"x"}, "due": {"2026-03-20"}, "owner": {"director-public-works"}}, []string{"The date is over", `<option value="director-public-works" selected>`}},
		"too long":       {url.Values{"text": {strings.Repeat("ñ", 301)}}, []string{"301 of 300"}},
		"two lines":      {url.Values{"text": {"a\nb"}}, []string{"one sentence"}},
		"another department's post": {url.Values{"text": {"x"}, "due": {"2026-04-20"}, "owner": {"director-transportation"}}, []string{
			"Choose one post of your own departments",
		}},
		"no such indicator": {url.Values{"text": {"x"}, "due": {"2026-04-20"}, "owner": {"director-public-works"}, "indicator": {"nothing"}}, []string{"Choose an indicator of the list"}},
		"for residents":     {url.Values{"text": {"x"}, "due": {"2026-04-20"}, "owner": {"director-public-works"}, "readers": {"public"}}, []string{"Staff only"}},
	} {
		status, _, page := staff.do("POST", "/staff/commitments", c.form)
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, status)
		}
		holds(t, name, page, append(c.want, "<title>Error: ")...)
	}
	form := url.Values{"text": {"=HYPERLINK(1) is painted."}, "due": {"2026-04-20"}, "owner": {"director-public-works"}, "source": {"commentary/12"}}
	status, to, _ := staff.do("POST", "/staff/commitments", form)
	if status != http.StatusSeeOther || to != "/staff/commitments/6?done=made" {
		t.Fatalf("%d, to %q", status, to)
	}
	_, _, page = staff.do("GET", to, nil)
	holds(t, "made", page, "The commitment is saved.", "=HYPERLINK(1) is painted.", "a commentary", "April\u00a020, 2026", "Report progress")
	lacks(t, "made", page, "Close it as kept", "Open it to residents")

	// Whoever may only look has no form, and is refused without one.
	viewer := in(account.Viewer)
	_, _, page = viewer.do("GET", "/staff/commitments", nil)
	holds(t, "a viewer", page, "=HYPERLINK(1) is painted.")
	lacks(t, "a viewer", page, "<form class=\"writing\"")
	if status, _, _ := viewer.do("POST", "/staff/commitments", form); status != http.StatusForbidden {
		t.Errorf("a viewer makes one: %d", status)
	}
	_, _, file := viewer.do("GET", "/staff/commitments.csv?state=all", nil)
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil || len(rows) != 7 {
		t.Fatalf("%d lines, %v", len(rows), err)
	}
	found := false
	for _, row := range rows {
		if row[0] == "6" {
			found = row[1] == "'=HYPERLINK(1) is painted." && row[7] == "2026-04-20" && row[18] == "commentary/12"
		}
	}
	if !found {
		t.Errorf("the file does not hold what was typed as a text:\n%s", file)
	}
}

// TestTheListOfCommitments: what is overdue stands first, filters are links that can be kept, and a link from elsewhere fills in the form and filters nothing.
func TestTheListOfCommitments(t *testing.T) {
	in, _ := office(t)
	analyst := in(account.Analyst)
	count := func(query, want string) string {
		t.Helper()
		status, _, page := analyst.do("GET", "/staff/commitments"+query, nil)
		got := regexp.MustCompile(`Commitments: \d of \d`).FindString(page)
		if status != http.StatusOK || got != want {
			t.Errorf("%s: %d, %q, want %q", query, status, got, want)
		}
		return page
	}
	page := count("", "Commitments: 3 of 5")
	order := regexp.MustCompile(`id="commitment-(\d)"`).FindAllStringSubmatch(page, -1)
	if len(order) != 3 || order[0][1] != "1" || order[1][1] != "5" || order[2][1] != "2" {
		t.Errorf("in the order %v, want 1, 5, 2", order)
	}
	holds(t, "the list", page, "Overdue: 1", "10\u00a0days late", "First promised for February\u00a09, 2026 · 3\u00a0changes of the date by its owner", "moved later 3 times by its owner, goes first")
	count("?state=overdue", "Commitments: 1 of 5")
	count("?state=kept", "Commitments: 1 of 5")
	count("?state=dropped&department=public-works", "Commitments: 1 of 5")
	count("?state=all", "Commitments: 5 of 5")
	count("?state=all&owner=director-transportation", "Commitments: 0 of 5")
	page = count("?text=Lay+cables.&due=2026-10-01&owner=director-transportation&indicator=permit-days&source=commentary%2F7", "Commitments: 3 of 5")
	holds(t, "the form", page, `value="Lay cables."`, `value="2026-10-01"`, `<option value="director-transportation" selected>`, `<option value="permit-days" selected>`, `name="source" value="commentary/7"`)
	for _, query := range []string{"?page=2", "?page=x"} {
		if status, _, _ := analyst.do("GET", "/staff/commitments"+query, nil); status != http.StatusBadRequest {
			t.Errorf("%s: %d", query, status)
		}
	}
	for _, path := range []string{"/staff/commitments/99", "/staff/commitments/x", "/staff/commitments/-1", "/staff/commitments/0"} {
		if status, _, _ := analyst.do("GET", path, nil); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
}

// TestACommitmentIsReportedOn lets the head of a department and the chief of staff work on one at the same time.
func TestACommitmentIsReportedOn(t *testing.T) {
	in, work := office(t)
	head, chief, viewer := in(account.DepartmentHead), in(account.ChiefOfStaff), in(account.Viewer)
	const one = "/staff/commitments/5"
	revision := func() string {
		t.Helper()
		_, _, page := head.do("GET", one, nil)
		m := regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(page)
		if m == nil {
			t.Fatal("the page has no form")
		}
		return m[1]
	}
	send := func(g *guest, want int, form url.Values) string {
		t.Helper()
		status, to, page := g.do("POST", one, form)
		if status != want || want == http.StatusSeeOther && to != one+"?done=saved" {
			t.Fatalf("%v: %d, to %q\n%.3000s", form, status, to, page)
		}
		return page
	}
	first := revision()
	send(chief, http.StatusSeeOther, url.Values{"do": {"report"}, "revision": {first}, "note": {"Two of three days now."}})
	page := send(head, http.StatusConflict, url.Values{"do": {"move"}, "revision": {first}, "due": {"2026-05-02"}, "note": {"We wait for a truck."}})
	holds(t, "somebody else was first", page, "Someone else changed this meanwhile", "Two of three days now.", "We wait for a truck.", `value="2026-05-02"`, `<details class="turn" open>`, "<title>Error: ")
	if revision() == first {
		t.Error("the form still has the revision that was seen before")
	}
	holds(t, "no reason", send(head, 422, url.Values{"do": {"move"}, "due": {"2026-05-02"}}), `href="#move-note"`, "Write the reason.")
	holds(t, "no date", send(head, 422, url.Values{"do": {"move"}, "due": {"soon"}, "note": {"Rain."}}), `href="#move-due"`, `value="soon"`, "Rain.")
	holds(t, "a past date", send(head, 422, url.Values{"do": {"move"}, "due": {"2026-03-20"}, "note": {"Rain."}}), "The date is over")
	holds(t, "nothing new", send(head, 422, url.Values{"do": {"report"}, "note": {" \n "}}), `href="#report-note"`)
	holds(t, "no obstacle", send(head, 422, url.Values{"do": {"block"}, "department": {"housing"}}), `href="#block-note"`, "Write what stands in the way.")
	holds(t, "too long", send(head, 422, url.Values{"do": {"report"}, "note": {strings.Repeat("x", 2001)}}), "2,001 of 2,000")
	send(head, http.StatusSeeOther, url.Values{"do": {"move"}, "revision": {revision()}, "due": {"2026-05-02"}, "note": {"We wait for a truck."}})
	send(head, http.StatusSeeOther, url.Values{"do": {"block"}, "note": {"No truck."}, "department": {"housing"}})
	_, _, page = viewer.do("GET", one, nil)
	holds(t, "a viewer reads", page, "No truck.", "Who could move it", "First promised for April", "From April", "We wait for a truck.", "Somebody department_head", "or whoever holds the post, reports here")
	lacks(t, "a viewer reads", page, "<form class=\"writing", "@harborview.gov")
	send(viewer, http.StatusForbidden, url.Values{"do": {"report"}, "note": {"x"}})

	// Whoever acts for the holder reports, whatever their role is.
	cover := kpi.Holding{Post: "director-public-works", Holder: 6, From: kpi.DateOf(scorecardtest.Now).AddDays(-1), Until: kpi.DateOf(scorecardtest.Now).AddDays(5), Acting: true, Reason: "On leave."}
	if err := work.Posts.SaveHolding(t.Context(), &cover, account.By{Name: "the test"}, scorecardtest.Now); err != nil {
		t.Fatal(err)
	}
	send(viewer, http.StatusSeeOther, url.Values{"do": {"finish"}, "note": {"The truck came."}})
	send(viewer, http.StatusForbidden, url.Values{"do": {"keep"}})
	for _, do := range []string{"keep", "drop", "hide"} { // nobody closes anything by saying that it is done, nor takes it from residents
		send(head, http.StatusForbidden, url.Values{"do": {do}, "note": {"x"}})
	}
	_, _, page = chief.do("GET", "/staff/commitments?state=done", nil)
	holds(t, "it comes back", page, `id="commitment-5"`)
	send(chief, http.StatusSeeOther, url.Values{"do": {"keep"}, "revision": {revision()}})
	page = send(head, 422, url.Values{"do": {"report"}, "note": {"I was about to say more."}})
	holds(t, "it was closed meanwhile", page, "this step is not possible any more", "What you wrote", "I was about to say more.")
	for _, form := range []url.Values{{"do": {"make"}}, {"do": {"burn"}}} {
		send(chief, http.StatusBadRequest, form)
	}
}
