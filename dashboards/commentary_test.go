package dashboards

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"citystat/kpi/account"
	"citystat/kpi/scorecard/scorecardtest"
)

// actsOnWords are what people do with what is said of an indicator; without one, with what has a number. The forms are such that nothing comes of them.
func actsOnWords(indicator, department string) []act {
	nothing := url.Values{"do": {"nothing"}}
	if indicator == "" { // the first of each is of public-works
		return []act{
			{account.SeeStaff, "", "GET", "/staff/commentary", nil},
			{account.SeeStaff, "", "GET", "/staff/commentary/1", nil},
			{account.ReviewComments, "", "POST", "/staff/commentary/1", nothing},
			{account.SeeStaff, "", "GET", "/staff/contests", nil},
			{account.SeeStaff, "", "GET", "/staff/contests/1", nil},
			{account.AnswerContests, "", "POST", "/staff/contests/1", nothing},
		}
	}
	of := "/staff/indicators/" + indicator
	return []act{
		{account.Comment, department, "GET", of + "/commentary", nil},
		{account.Comment, department, "POST", of + "/commentary", nothing},
		{account.ContestNumbers, department, "GET", of + "/contest", nil},
		{account.ContestNumbers, department, "POST", of + "/contest", nothing},
	}
}

// hidden returns the revision that a form on a page has seen.
func hidden(t *testing.T, body, action string) string {
	t.Helper()
	m := regexp.MustCompile(`action="` + regexp.QuoteMeta(action) + `"[^>]*>(?:\s*<input type="hidden"[^>]*>)*?\s*<input type="hidden" name="revision" value="(\d+)">`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("there is no form to %s with a revision:\n%s", action, body)
	}
	return m[1]
}

// office serves a city at work, and returns somebody's browser by their role.
func wordsSite(t *testing.T) func(account.Role) *guest {
	town, links := doorTown()
	site := httptest.NewServer(doorServer(t, town, nil))
	t.Cleanup(site.Close)
	in := map[account.Role]*guest{}
	return func(r account.Role) *guest {
		if in[r] == nil {
			in[r] = newGuest(t, site.URL).in(links[string(r)+"@harborview.gov"])
		}
		return in[r]
	}
}

// TestCommentaryOverHTTP writes, sends, returns, changes, approves and withdraws a commentary, and tries what none of them may.
func TestCommentaryOverHTTP(t *testing.T) {
	as := wordsSite(t)
	staff, head, viewer := as(account.DepartmentStaff), as(account.DepartmentHead), as(account.Viewer)
	const form = "/staff/indicators/city-emissions/commentary"
	get := func(g *guest, path string) string {
		t.Helper()
		status, _, body := g.do("GET", path, nil)
		if status != http.StatusOK {
			t.Fatalf("%s: %d", path, status)
		}
		return body
	}
	body := get(staff, form)
	for _, want := range []string{"behind its target", "periods off in a row", "Target", `name="revision" value="0"`, "must be answered"} {
		if !strings.Contains(body, want) {
			t.Errorf("the form does not say %q", want)
		}
	}
	typed := url.Values{
		"do": {"send"}, "period": {"2025"}, "revision": {"0"}, "happened": {"Two boilers burn oil."}, "next": {"We replace <both>."}, "due": {"2026-13-40"}, "owner": {"director-public-works"},
		"help": {"Money from the mayor."}, "public": {"true"}, "text_lang": {"es"},
	}
	status, _, body := staff.do("POST", form, typed)
	for _, want := range []string{"<title>Error: ", `href="#why"`, `href="#due"`, `value="2026-13-40"`, "We replace &lt;both&gt;.", "Money from the mayor.", `aria-describedby="due-wrong"`} {
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, want) {
			t.Errorf("%d: a form with mistakes comes back without %q", status, want)
		}
	}
	typed.Set("why", "They were bought in 1998.")
	typed.Set("due", "2026-10-01")
	status, to, body := staff.do("POST", form, typed)
	one := strings.TrimSuffix(to, "?done=send")
	if status != http.StatusSeeOther || !regexp.MustCompile(`^/staff/commentary/\d+$`).MatchString(one) {
		t.Fatalf("%d, to %q\n%s", status, to, body)
	}
	// The writer does not approve, somebody else's draft is nobody's who only reads, and a stale page changes nothing.
	if status, _, _ := staff.do("POST", one, url.Values{"do": {"approve"}, "revision": {"1"}}); status != http.StatusForbidden {
		t.Errorf("the writer approves: %d", status)
	}
	if status, _, body := viewer.do("GET", one, nil); status != http.StatusForbidden || strings.Contains(body, "1998") {
		t.Errorf("a viewer reads what is not approved: %d", status)
	}
	if body := get(viewer, "/staff/indicators/city-emissions"); strings.Contains(body, "1998") || strings.Contains(body, form) {
		t.Error("a viewer reads a draft, or finds a form that would be refused, on the indicator’s page")
	}
	if body := get(staff, one); !strings.Contains(body, "1998") || strings.Contains(body, `value="approve"`) {
		t.Error("the writer finds no text, or a button that would be refused")
	}
	body = get(head, one)
	revision := hidden(t, body, one)
	if !strings.Contains(body, "Money from the mayor.") || !strings.Contains(body, "Somebody department_staff") || strings.Contains(body, "department_staff@") {
		t.Error("the reviewer does not read who wrote what, by name")
	}
	if status, _, body := head.do("POST", one, url.Values{"do": {"return"}, "revision": {revision}, "note": {" "}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, `href="#note"`) {
		t.Errorf("returned without a note: %d", status)
	}
	if status, to, _ := head.do("POST", one, url.Values{"do": {"return"}, "revision": {revision}, "note": {"Which boilers?"}}); status != http.StatusSeeOther || to != one+"?done=return" {
		t.Errorf("returned: %d, to %q", status, to)
	}
	if body := get(staff, form); !strings.Contains(body, "Which boilers?") || !strings.Contains(body, "Somebody department_head") || !strings.Contains(body, "Two boilers burn oil.") {
		t.Error("the writer does not read why the text came back, or does not find it in the form")
	}
	// Two people change it at once: the second one is told, sees both texts, and loses nothing.
	first, second := url.Values{}, url.Values{}
	for k, v := range typed {
		first[k], second[k] = v, v
	}
	first.Set("revision", "2")
	first.Set("happened", "Two boilers in City Hall burn oil.")
	second.Set("revision", "2")
	second.Set("happened", "The boilers in the pool burn oil.")
	if status, _, _ := staff.do("POST", form, first); status != http.StatusSeeOther {
		t.Fatalf("sent again: %d", status)
	}
	status, _, body = as(account.Analyst).do("POST", form, second)
	if status != http.StatusConflict || !strings.Contains(body, "The boilers in the pool burn oil.") || !strings.Contains(body, "Two boilers in City Hall burn oil.") || hidden(t, body, form) != "3" {
		t.Errorf("a lost update: %d\n%s", status, body)
	}
	if status, _, _ := head.do("POST", one, url.Values{"do": {"approve"}, "revision": {revision}}); status != http.StatusConflict {
		t.Errorf("approved without having been read: %d", status)
	}
	if status, to, _ := head.do("POST", one, url.Values{"do": {"approve"}, "revision": {"3"}}); status != http.StatusSeeOther || to != one+"?done=approve" {
		t.Errorf("approved: %d, to %q", status, to)
	}
	offer := regexp.MustCompile(`href="(/staff/commitments\?[^"]*)"`).FindStringSubmatch(get(staff, one))
	if offer == nil {
		t.Fatal("what will be done does not become a commitment by a link")
	}
	if body := get(staff, html.UnescapeString(offer[1])); !strings.Contains(body, "We replace &lt;both&gt;.") || !strings.Contains(body, `value="2026-10-01"`) || !strings.Contains(body, `value="director-public-works" selected`) {
		t.Error("the form of commitments does not take over what, by whom and until when")
	}
	if body := get(viewer, one); !strings.Contains(body, "City Hall") || strings.Contains(body, "Which boilers?") {
		t.Error("a viewer does not read the approved text, or reads the note")
	}
	// It is taken up again: the approved text stands.
	second.Set("revision", "4")
	second.Set("do", "save")
	if status, to, _ := staff.do("POST", form, second); status != http.StatusSeeOther || !strings.HasPrefix(to, form+"?period=2025") {
		t.Errorf("taken up again: %d, to %q", status, to)
	}
	for name, body := range map[string]string{"one": get(viewer, one), "indicator": get(viewer, "/staff/indicators/city-emissions")} {
		if !strings.Contains(body, "City Hall") || strings.Contains(body, "pool") {
			t.Errorf("%s: a viewer reads the draft in place of what stands", name)
		}
	}
	if body := get(staff, form); !strings.Contains(body, "It stands until the new one is approved") || !strings.Contains(body, "pool") {
		t.Error("the form does not say that a text stands")
	}
	if status, _, _ := staff.do("POST", form, url.Values{"do": {"withdraw"}, "period": {"2025"}, "revision": {"5"}}); status != http.StatusForbidden {
		t.Errorf("staff withdraws what stands: %d", status)
	}
	if status, _, _ := head.do("POST", one, url.Values{"do": {"withdraw"}, "revision": {"5"}}); status != http.StatusSeeOther {
		t.Errorf("withdrawn: %d", status)
	}
	if body := get(viewer, "/staff/indicators/city-emissions"); strings.Contains(body, "City Hall") {
		t.Error("what was withdrawn stands still")
	}
	for path, form := range map[string]url.Values{one: {"do": {"save"}}, form: {"do": {"approve"}, "period": {"2025"}}} {
		if status, _, _ := head.do("POST", path, form); status != http.StatusBadRequest {
			t.Errorf("%s: %v gives %d", path, form, status)
		}
	}
	for _, path := range []string{"/staff/commentary/999", "/staff/commentary/x", form + "?period=1999", "/staff/contests/999", "/staff/indicators/city-emissions/contest?period=x"} {
		if status, _, _ := head.do("GET", path, nil); status != http.StatusNotFound {
			t.Errorf("%s gives %d", path, status)
		}
	}
	// Of another department nobody reviews, whoever they are there.
	if status, _, _ := head.do("POST", "/staff/commentary/5", url.Values{"do": {"withdraw"}, "revision": {"3"}}); status != http.StatusForbidden {
		t.Errorf("the head of one department withdraws what another says: %d", status)
	}
}

// TestCommentaryQueue reads who finds what in the lists.
func TestCommentaryQueue(t *testing.T) {
	as := wordsSite(t)
	for role, want := range map[account.Role][2]bool{account.Analyst: {true, true}, account.DepartmentHead: {true, false}, account.Viewer: {false, false}, account.Mayor: {false, false}} {
		_, _, body := as(role).do("GET", "/staff/commentary", nil)
		returned := strings.Contains(body, `href="/staff/commentary/3"`)                           // of public-works
		draft := strings.Contains(body, "/staff/indicators/speed-humps/commentary?period=2026-02") // of transportation
		write := strings.Contains(body, "/staff/indicators/city-emissions/commentary?period=2025") // of public-works, and nobody has begun
		told := strings.Contains(body, `href="/staff/indicators/city-emissions"`)                  // told to whoever may not write
		if returned != want[0] || draft != want[1] || write != want[0] || told == want[0] {
			t.Errorf("%s: returned %t, draft %t, to write %t, told %t", role, returned, draft, write, told)
		}
		if !strings.Contains(body, `href="/staff/commentary/5"`) { // approved
			t.Errorf("%s does not find what is approved", role)
		}
	}
	_, _, body := as(account.Analyst).do("GET", "/staff/commentary?department=housing", nil)
	if strings.Contains(body, "/staff/commentary/3") || !strings.Contains(body, "/staff/commentary/5") || !strings.Contains(body, `value="housing" selected`) {
		t.Error("the lists of one department hold those of others")
	}
}

// TestContestsOverHTTP contests a number, and answers.
func TestContestsOverHTTP(t *testing.T) {
	as := wordsSite(t)
	staff, analyst, viewer := as(account.DepartmentStaff), as(account.Analyst), as(account.Viewer)
	const form = "/staff/indicators/trees-planted/contest"
	status, _, body := staff.do("POST", form, url.Values{"do": {"contest"}, "period": {"2026-02"}, "believed": {"many"}, "public": {"true"}})
	for _, want := range []string{"<title>Error: ", `href="#reason"`, `href="#believed"`, `value="many"`, " checked"} {
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, want) {
			t.Errorf("%d: a form with mistakes comes back without %q", status, want)
		}
	}
	typed := url.Values{"do": {"contest"}, "period": {"2026-02"}, "reason": {"The nursery counts pots, not trees."}, "believed": {"1.234,5"}}
	status, to, body := staff.do("POST", form, typed)
	one := strings.TrimSuffix(to, "?done=make")
	if status != http.StatusSeeOther || !strings.HasPrefix(one, "/staff/contests/") {
		t.Fatalf("%d, to %q\n%s", status, to, body)
	}
	if status, _, body := analyst.do("POST", form, typed); status != http.StatusConflict || !strings.Contains(body, "already") {
		t.Errorf("contested twice: %d", status)
	}
	for _, path := range []string{one, "/staff/indicators/trees-planted", "/staff/contests"} {
		if status, _, body := viewer.do("GET", path, nil); status != http.StatusOK || !strings.Contains(body, one) && path != one || strings.Contains(body, `value="answer"`) {
			t.Errorf("%s: %d: a viewer finds no contest, or a button that would be refused", path, status)
		}
	}
	_, _, body = analyst.do("GET", one, nil)
	if !strings.Contains(body, `value="1234.5"`) || !strings.Contains(body, "pots") || !strings.Contains(body, "Somebody department_staff") {
		t.Error("the page does not say what is believed, why and by whom")
	}
	revision := hidden(t, body, one)
	status, _, body = analyst.do("POST", one, url.Values{"do": {"answer"}, "revision": {revision}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, `href="#outcome"`) || !strings.Contains(body, `href="#answer"`) {
		t.Errorf("answered without an answer: %d", status)
	}
	answer := url.Values{"do": {"answer"}, "revision": {revision}, "outcome": {"uphold"}, "answer": {"It counts trees since 2024."}, "load": {"99999"}}
	if status, _, _ := staff.do("POST", one, answer); status != http.StatusForbidden {
		t.Errorf("the department answers itself: %d", status)
	}
	if status, to, _ := analyst.do("POST", one, answer); status != http.StatusSeeOther || to != one+"?done=answer" {
		t.Errorf("answered: %d, to %q", status, to)
	}
	if status, _, body := as(account.ChiefOfStaff).do("POST", one, answer); status != http.StatusConflict || !strings.Contains(body, "since 2024") {
		t.Errorf("answered twice: %d", status)
	}
	if _, _, body := viewer.do("GET", "/staff/indicators/trees-planted", nil); strings.Contains(body, one) {
		t.Error("a number that was answered is contested still")
	}
	// Whoever contests does not answer, even with the right to; they may take it back.
	_, to, _ = analyst.do("POST", form, typed)
	one = strings.TrimSuffix(to, "?done=make")
	answer.Set("revision", "1")
	if status, _, _ := analyst.do("POST", one, answer); status != http.StatusForbidden {
		t.Errorf("whoever contested answers: %d", status)
	}
	if _, _, body := analyst.do("GET", one, nil); strings.Contains(body, `value="answer"`) || !strings.Contains(body, "Somebody else answers") {
		t.Error("a button that would be refused is shown to whoever contested")
	}
	number := strings.TrimPrefix(one, "/staff/contests/")
	if status, _, _ := staff.do("POST", form, url.Values{"do": {"withdraw"}, "period": {"2026-02"}, "number": {number}, "revision": {"7"}}); status != http.StatusConflict {
		t.Errorf("withdrawn unread: %d", status)
	}
	if status, _, _ := staff.do("POST", form, url.Values{"do": {"withdraw"}, "period": {"2026-02"}, "number": {number}, "revision": {"1"}}); status != http.StatusSeeOther {
		t.Errorf("withdrawn: %d", status)
	}
	if _, _, body := viewer.do("GET", "/staff/contests?state=withdrawn", nil); !strings.Contains(body, one) {
		t.Error("what was withdrawn is in no list")
	}
}

// TestWordsInPublic looks what of the words of a city reaches residents: what was approved for them, everywhere; and nothing else, anywhere.
func TestWordsInPublic(t *testing.T) {
	live := scorecardtest.Normal()
	card, err := live.Public(nil)
	if err != nil {
		t.Fatal(err)
	}
	frozen, err := json.Marshal(card)
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, Options{Published: published(card)})
	answer := func(path string) string {
		t.Helper()
		w := ask(s, http.MethodGet, path)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, w.Code)
		}
		return w.Body.String()
	}
	surfaces := map[string]string{"the publication": string(frozen), "metrics": answer("/metrics"), "list": answer("/api/v1/indicators"), "feed": answer("/changes.csv")}
	for _, r := range card.Results {
		id := r.Indicator.ID
		for _, path := range []string{"/en/indicators/" + id, "/indicators/" + id + ".json", "/api/v1/indicators/" + id, "/indicators/" + id + ".csv", "/indicators/" + id + ".svg", "/en/indicators/" + id + "/charts"} {
			surfaces[path] = answer(path)
		}
		surfaces["xlsx of "+id] = unzipped(t, answer("/indicators/"+id+".xlsx"))
	}
	for name, body := range surfaces {
		for _, bad := range []string{scorecardtest.Secret, "@harborview.gov", "truck on Mondays", "desk is not staffed", "61.2571"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
	}
	page := surfaces["/en/indicators/street-lights-on-time"]
	newest, older := strings.Index(page, "The cables under Quay Street were laid in 1974"), strings.Index(page, "En enero hubo tres tormentas.")
	if newest < 0 || older < newest || !strings.Contains(page, "Director of Public Works") || !strings.Contains(page, `lang="es"`) || !strings.Contains(page, "Language of this text: Español") {
		t.Errorf("the page does not tell the story, the newest part first and each in its language: %d, %d", newest, older)
	}
	var doc struct {
		Commentary []map[string]any `json:"commentary"`
		Contests   []map[string]any `json:"contests"`
	}
	for _, path := range []string{"/indicators/street-lights-on-time.json", "/api/v1/indicators/street-lights-on-time"} {
		if err := json.Unmarshal([]byte(surfaces[path]), &doc); err != nil || len(doc.Commentary) != 2 || fmt.Sprintf("%v %v %v", doc.Commentary[0]["period"], doc.Commentary[1]["lang"], doc.Commentary[0]["due"]) != "2026-02 es 2026-10-01" {
			t.Errorf("%s: %v, %+v", path, err, doc)
		}
	}
	for id, want := range map[string]bool{"missed-collections": true, "repair-cost": false} {
		if err := json.Unmarshal([]byte(surfaces["/api/v1/indicators/"+id]), &doc); err != nil || (len(doc.Contests) == 1) != want {
			t.Errorf("%s: %v, %+v", id, err, doc.Contests)
		}
		if got := strings.Contains(surfaces["/en/indicators/"+id], "The answer is still open"); got != want {
			t.Errorf("%s: its page says that it is contested: %t", id, got)
		}
	}
	if body := answer("/en/departments/public-works"); !regexp.MustCompile(`(?s)missed-collections.{0,800}>Contested<`).MatchString(body) {
		t.Error("a list does not say that a number is contested")
	}
	// The live scorecard in place of the published one would change nothing: pages and documents choose for themselves too.
	open := newServer(t, Options{Published: published(live)})
	for _, path := range []string{"/en/indicators/permit-days", "/api/v1/indicators/permit-days", "/en/indicators/repair-cost", "/api/v1/indicators/repair-cost", "/indicators/repair-cost.json"} {
		if body := ask(open, http.MethodGet, path).Body.String(); strings.Contains(body, scorecardtest.Secret) || strings.Contains(body, "The answer is still open") {
			t.Errorf("%s holds what is not public", path)
		}
	}
}

// unzipped is all that a workbook holds.
func unzipped(t *testing.T, body string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader([]byte(body)), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
