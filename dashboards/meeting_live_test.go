package dashboards

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"citystat/dashboards/pages"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/account/accounttest"
	"citystat/kpi/ledger/ledgertest"
)

const (
	sittingAt = "/meetings/streetstat/" + ledgertest.NextMeeting
	liveAt    = sittingAt + "/live"
)

// actsInMeetings are what people do while a meeting is under way.
func actsInMeetings() []act {
	return []act{
		{account.SeeStaff, "", "GET", sittingAt + "/slides", nil}, {account.SeeStaff, "", "GET", sittingAt + "/slides/1", nil}, {account.SeeStaff, "", "GET", liveAt, nil},
		{account.CloseCommitments, "public-works", "POST", liveAt + "?item=commitment%2F1", url.Values{"do": {"drop"}, "commitment": {"1"}, "revision": {"1"}}},
	}
}

// chamber is a site with a meeting whose memo is out, and people of every role.
func chamber(t *testing.T) (in func(account.Role) *guest, work *pages.Work, town *accounttest.Town) {
	t.Helper()
	town, links := doorTown()
	work = new(pages.Work)
	s := doorServer(t, town, func(o *Options) { *work, o.heartbeat = o.Work, 20*time.Millisecond })
	site := httptest.NewServer(s)
	t.Cleanup(site.Close)
	t.Cleanup(func() { close(s.stop) }) // what stays open ends before the site waits for it
	return func(r account.Role) *guest { return newGuest(t, site.URL).in(links[string(r)+"@harborview.gov"]) }, work, town
}

// field is the value of a hidden field, the first of its name.
func field(t *testing.T, page, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("there is no field %q", name)
	}
	return m[1]
}

// from is the rest of a page from some words on.
func from(t *testing.T, page, words string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, words)
	if !found {
		t.Fatalf("the page does not hold %q", words)
	}
	return rest
}

// begun begins the meeting as the mayor.
func begun(t *testing.T, mayor *guest) {
	t.Helper()
	_, _, page := mayor.do("GET", liveAt, nil)
	status, to, _ := mayor.do("POST", liveAt, url.Values{"do": {"begin"}, "revision": {field(t, page, "revision")}})
	if status != http.StatusSeeOther || to != liveAt+"?done=begun" {
		t.Fatalf("begin: %d, to %q", status, to)
	}
}

// sits opens the events of the meeting for somebody who has read the page.
func sits(t *testing.T, g *guest, page string) (*bufio.Scanner, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	seen := regexp.MustCompile(`data-seen="([^"]+)"`).FindStringSubmatch(page)
	if seen == nil {
		t.Fatal("the page does not say what is on it")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.site+sittingAt+"/events?seen="+seen[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := g.c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") || res.Header.Get("Cache-Control") != "private, no-store" {
		t.Fatalf("the events: %d %v", res.StatusCode, res.Header)
	}
	return bufio.NewScanner(res.Body), cancel
}

// hears reads events until one says something with the words.
func hears(t *testing.T, sc *bufio.Scanner, words string) {
	t.Helper()
	for sc.Scan() {
		data, ok := strings.CutPrefix(sc.Text(), "data: ")
		if !ok {
			continue
		}
		var change struct {
			Seen string
			Said []string
		}
		if err := json.Unmarshal([]byte(data), &change); err != nil || change.Seen == "" {
			t.Fatalf("%s: %v", data, err)
		}
		if slices.ContainsFunc(change.Said, func(s string) bool { return strings.Contains(s, words) }) {
			return
		}
	}
	t.Fatalf("the events ended before anybody told of %q: %v", words, sc.Err())
}

// One begins the meeting and writes; another sees it at once; whoever may only read has no form and is refused.
func TestLiveMeeting(t *testing.T) {
	in, work, _ := chamber(t)
	mayor, analyst, viewer := in(account.Mayor), in(account.Analyst), in(account.Viewer)
	staff := in(account.DepartmentStaff) // who acts for whoever presides
	decision := url.Values{"do": {"add"}, "kind": {"decision"}, "text": {"The <b>quay</b> goes first."}}

	_, _, page := viewer.do("GET", liveAt, nil)
	holds(t, "a viewer before", page, "The meeting has not begun")
	lacks(t, "a viewer before", page, `value="begin"`, `class="live-form`)
	if status, _, _ := viewer.do("POST", liveAt, url.Values{"do": {"begin"}, "revision": {"1"}}); status != http.StatusForbidden {
		t.Errorf("a viewer begins it: %d", status)
	}
	status, _, page := mayor.do("POST", liveAt, decision)
	if status != http.StatusConflict {
		t.Errorf("before it has begun: %d", status)
	}
	holds(t, "before it has begun", page, "<title>Error: ", "Nothing was saved", "The &lt;b&gt;quay&lt;/b&gt; goes first.")

	_, _, page = analyst.do("GET", liveAt, nil)
	revision := field(t, page, "revision")
	begun(t, mayor)
	if frozen, err := work.Meetings.FrozenCard(t.Context(), "streetstat", kpi.NewDate(2026, time.March, 19), kpi.FrozenMeeting); err != nil || frozen == nil {
		t.Errorf("the numbers of the moment were not kept: %v", err)
	}
	if status, _, page := analyst.do("POST", liveAt, url.Values{"do": {"begin"}, "revision": {revision}}); status != http.StatusConflict {
		t.Errorf("begun twice: %d", status)
	} else {
		holds(t, "begun twice", page, "Somebody else changed the meeting", `value="end"`)
	}

	_, _, page = analyst.do("GET", liveAt, nil)
	events, _ := sits(t, analyst, page)
	status, to, _ := mayor.do("POST", liveAt+"?item=topic%2F1", decision)
	if status != http.StatusSeeOther || to != liveAt+"?done=decision&item=topic%2F1&kind=decision" {
		t.Fatalf("a decision: %d, to %q", status, to)
	}
	hears(t, events, "Somebody mayor, ")
	_, _, page = analyst.do("GET", liveAt, nil) // and without a script, by a reload
	holds(t, "the other's page", page, "The &lt;b&gt;quay&lt;/b&gt; goes first.", "Somebody mayor")
	_, _, page = mayor.do("GET", to, nil)
	holds(t, "after it was saved", page, "The decision is saved.", `enterkeyhint="send" autofocus`, `value="decision" checked`)

	if status, _, _ := staff.do("POST", liveAt, decision); status != http.StatusSeeOther {
		t.Errorf("who presides writes: %d", status)
	}
	_, _, page = mayor.do("GET", liveAt, nil) // what residents can read is changed by those alone who may say what they read
	note := regexp.MustCompile(`edit=(\d+)`).FindStringSubmatch(page)[1]
	if status, _, _ := mayor.do("POST", liveAt, url.Values{"do": {"show"}, "note": {note}, "revision": {"1"}}); status != http.StatusSeeOther {
		t.Errorf("it is opened to residents: %d", status)
	}
	_, _, page = staff.do("GET", liveAt, nil)
	lacks(t, "who presides", page, "edit="+note)
	if status, _, _ := staff.do("POST", liveAt, url.Values{"do": {"edit"}, "note": {note}, "revision": {"2"}, "text": {"Nobody read this."}}); status != http.StatusForbidden {
		t.Errorf("who presides rewords what residents read: %d", status)
	}
	if status, _, _ := in(account.Administrator).do("POST", liveAt, decision); status != http.StatusForbidden {
		t.Errorf("an administrator writes: %d", status)
	}
	if status, _, _ := viewer.do("POST", liveAt, decision); status != http.StatusForbidden {
		t.Errorf("a viewer writes: %d", status)
	}
	_, _, page = viewer.do("GET", liveAt, nil)
	holds(t, "a viewer", page, "You can read along", "goes first.")
	lacks(t, "a viewer", page, `class="live-form`, "edit=1", `value="end"`)

	_, _, page = mayor.do("GET", liveAt, nil)
	if status, to, _ := mayor.do("POST", liveAt, url.Values{"do": {"end"}, "revision": {field(t, from(t, page, `value="end"`), "revision")}}); status != http.StatusSeeOther || to != liveAt+"?done=ended" {
		t.Errorf("end: %d, to %q", status, to)
	}
	hears(t, events, "the meeting was changed")
}

// What is promised and asked for has an owner and a date before anybody chooses them, belongs to the meeting, and is a commitment like any other.
func TestLivePromises(t *testing.T) {
	in, work, _ := chamber(t)
	mayor := in(account.Mayor)
	begun(t, mayor)
	_, _, page := mayor.do("GET", liveAt, nil)
	link := regexp.MustCompile(`href="[^"]*/live\?item=indicator%2F([a-z-]+)"`).FindStringSubmatch(page)
	if link == nil {
		t.Fatal("no indicator is on the agenda")
	}
	indicator, item := link[1], "?item=indicator%2F"+link[1]
	_, _, page = mayor.do("GET", liveAt+item, nil)
	page = from(t, page, `class="live-form`)
	owner := regexp.MustCompile(`<option value="([^"]+)" selected`).FindStringSubmatch(page)
	if owner == nil || !strings.Contains(page, `name="due" value="`+ledgertest.ComingMeeting+`"`) {
		t.Fatalf("no owner, or no day, is chosen: %v", owner)
	}
	form := url.Values{"do": {"add"}, "kind": {"promise"}, "text": {"Replace the last forty lamps."}, "owner": {owner[1]}, "due": {ledgertest.ComingMeeting}, "readers": {"public"}}
	for name, c := range map[string]struct{ field, value, want string }{
		"no text": {"text", "", `href="#commitment-text"`}, "no day": {"due", "soon", `href="#commitment-due"`}, "no owner": {"owner", "nobody", `href="#commitment-owner"`},
	} {
		wrong := url.Values{}
		for k, v := range form {
			wrong[k] = v
		}
		wrong.Set(c.field, c.value)
		status, _, page := mayor.do("POST", liveAt+item, wrong)
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, status)
		}
		holds(t, name, page, "<title>Error: ", c.want, `aria-invalid="true"`)
	}
	for _, kind := range []string{"promise", "request"} {
		form.Set("kind", kind)
		if status, to, page := mayor.do("POST", liveAt+item, form); status != http.StatusSeeOther || to != liveAt+"?done="+kind+"&item=indicator%2F"+indicator+"&kind="+kind {
			t.Fatalf("%s: %d, to %q\n%s", kind, status, to, page)
		}
	}
	all, err := work.Commitments.Commitments(t.Context(), kpi.PaperQuery{})
	if err != nil {
		t.Fatal(err)
	}
	made := all[len(all)-2:]
	for i, kind := range kpi.CommitmentKinds {
		c := made[i]
		if c.Kind != kind || c.Source != "meeting/streetstat/"+ledgertest.NextMeeting || c.Owner != owner[1] || c.Indicator != indicator || c.Due.String() != ledgertest.ComingMeeting || c.Public != (kind == kpi.CommitmentPromise) {
			t.Errorf("%+v", c)
		}
	}
	_, _, page = mayor.do("GET", liveAt+item, nil)
	holds(t, "the list", page, "Replace the last forty lamps.", "2\u00a0entries", "Request", "/staff/commitments/")
	form.Set("kind", "later")
	mayor.do("POST", liveAt+item, form)
	_, _, page = mayor.do("GET", sittingAt+"/slides/99", nil)
	holds(t, "a slide that is none", page, "<h1")
	_, _, page = mayor.do("GET", sittingAt+"/slides/1", nil)
	last := regexp.MustCompile(`data-last="([^"]+)"`).FindStringSubmatch(page)
	if last == nil {
		t.Fatal("the slide does not say which is the last")
	}
	_, _, page = mayor.do("GET", last[1], nil)
	holds(t, "the last slide", page, "Decisions and commitments of today", "Replace the last forty lamps.", "Parking lot", "Next meeting", "April\u00a02, 2026")
}

// Two change the same note: the second is told, both versions are there, and nothing that was typed is lost.
func TestLiveConflicts(t *testing.T) {
	in, work, _ := chamber(t)
	mayor, chief := in(account.Mayor), in(account.ChiefOfStaff)
	begun(t, mayor)
	mayor.do("POST", liveAt, url.Values{"do": {"add"}, "kind": {"decision"}, "text": {"Two crews work at night."}})
	notes, err := work.Notes.MeetingNotes(t.Context(), kpi.PaperQuery{Subject: "streetstat", Department: ledgertest.NextMeeting})
	if err != nil || len(notes) != 1 {
		t.Fatalf("%d notes, %v", len(notes), err)
	}
	_, _, page := mayor.do("GET", liveAt, nil)
	edit := regexp.MustCompile(`href="([^"]*edit=\d+)"`).FindStringSubmatch(page)
	if edit == nil {
		t.Fatal("nothing leads to the form that changes the note")
	}
	at := strings.ReplaceAll(edit[1], "&amp;", "&")
	form := func(g *guest, do, name, text string) (int, string) {
		_, _, page := g.do("GET", at, nil)
		status, _, page := g.do("POST", liveAt, url.Values{"do": {do}, "note": {field(t, page, "note")}, "revision": {field(t, page, "revision")}, name: {text}})
		return status, page
	}
	_, _, seen := chief.do("GET", at, nil)
	if status, _ := form(mayor, "edit", "text", "Three crews work at night."); status != http.StatusSeeOther {
		t.Fatalf("edit: %d", status)
	}
	late := url.Values{"do": {"edit"}, "note": {field(t, seen, "note")}, "revision": {field(t, seen, "revision")}, "text": {"One crew works at night."}}
	status, _, page := chief.do("POST", liveAt, late)
	if status != http.StatusConflict {
		t.Errorf("a conflict: %d", status)
	}
	holds(t, "a conflict", page, "<title>Error: ", "Both versions are below", "Three crews work at night.", "One crew works at night.", "Two crews work at night.")
	late.Set("revision", field(t, from(t, page, `class="live-edit"`), "revision"))
	if status, _, _ := chief.do("POST", liveAt, late); status != http.StatusSeeOther {
		t.Errorf("in full knowledge: %d", status)
	}
	history, err := work.Notes.MeetingNoteHistory(t.Context(), notes[0].ID)
	if err != nil || len(history) != 3 || history[2].Text != "One crew works at night." {
		t.Errorf("%+v, %v", history, err)
	}
	if status, page := form(mayor, "withdraw", "why", ""); status != http.StatusUnprocessableEntity || !strings.Contains(page, `href="#note-why"`) {
		t.Errorf("withdrawn without a reason: %d", status)
	}
	if status, _ := form(mayor, "show", "x", ""); status != http.StatusSeeOther {
		t.Errorf("opened to residents: %d", status)
	}
	_, _, seen = chief.do("GET", at, nil)
	if status, _ := form(mayor, "withdraw", "why", "Nobody can pay for it."); status != http.StatusSeeOther {
		t.Errorf("withdrawn: %d", status)
	}
	status, _, page = chief.do("POST", liveAt, url.Values{"do": {"edit"}, "note": {field(t, seen, "note")}, "revision": {field(t, from(t, seen, `class="live-edit"`), "revision")}, "text": {"Ten crews."}})
	if status != http.StatusConflict {
		t.Errorf("changed after it was withdrawn: %d", status)
	}
	holds(t, "changed after it was withdrawn", page, "Ten crews.", "Nobody can pay for it.")
}

// A commitment is closed from its item; whoever comes second is told how it stands, and keeps what they typed.
func TestLiveClosing(t *testing.T) {
	in, work, _ := chamber(t)
	mayor, chief, staff := in(account.Mayor), in(account.ChiefOfStaff), in(account.DepartmentStaff)
	begun(t, mayor)
	item := "?item=commitment%2F1"
	_, _, page := mayor.do("GET", liveAt+item, nil)
	holds(t, "the follow-up", page, "Repair every light of the quay", "Close it as kept", `name="commitment" value="1"`)
	now, err := work.Commitments.Commitment(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	revision := regexp.MustCompile(`name="commitment" value="1">\s*<input type="hidden" name="revision" value="(\d+)"`).FindStringSubmatch(page)
	if revision == nil {
		t.Fatal("the form does not say which revision it has seen")
	}
	form := url.Values{"do": {"keep"}, "commitment": {"1"}, "revision": {revision[1]}}
	if status, _, _ := staff.do("POST", liveAt+item, form); status != http.StatusForbidden {
		t.Errorf("staff of the department close it: %d", status)
	}
	if status, to, _ := mayor.do("POST", liveAt+item, form); status != http.StatusSeeOther || to != liveAt+"?done=kept&item=commitment%2F1" {
		t.Errorf("kept: %d, to %q", status, to)
	}
	status, _, page := chief.do("POST", liveAt+item, url.Values{"do": {"drop"}, "commitment": {"1"}, "revision": {revision[1]}, "note": {"Nobody needs it any more."}})
	if status != http.StatusConflict {
		t.Errorf("dropped after it was kept: %d", status)
	}
	holds(t, "dropped after it was kept", page, "Somebody else changed the commitment", "Nobody needs it any more.", "commitment kept")
	after, err := work.Commitments.Commitment(t.Context(), 1)
	if err != nil || after.State != kpi.CommitmentKept || after.Revision != now.Revision+1 {
		t.Errorf("%+v, %v", after, err)
	}
	// It stays on the agenda of the meeting in which it was closed, and can be opened again.
	status, _, page = mayor.do("POST", liveAt+item, url.Values{"do": {"reopen"}, "commitment": {"1"}, "revision": {"x"}, "note": {"The lights went out again."}})
	if status != http.StatusConflict {
		t.Errorf("an unknown revision: %d", status)
	}
	holds(t, "an unknown revision", page, "The lights went out again.")
}

// Events end for somebody whose account is disabled, and are for no other site.
func TestLiveEventsEnd(t *testing.T) {
	in, _, town := chamber(t)
	viewer := in(account.Viewer)
	_, _, page := viewer.do("GET", liveAt, nil)
	events, _ := sits(t, viewer, page)
	people, err := town.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		if p.Has(account.Viewer) {
			town.Set(p.ID, func(p *account.Person) { p.Disabled = true })
		}
	}
	for events.Scan() { // until the stream ends; the bound of the request would make it an error
	}
	if err := events.Err(); err != nil {
		t.Errorf("the events went on: %v", err)
	}
	mayor := in(account.Mayor)
	for path, want := range map[string]int{sittingAt + "/events": http.StatusForbidden} {
		if status, _, _ := mayor.do("GET", path, nil, "Sec-Fetch-Site", "cross-site"); status != want {
			t.Errorf("from another site %s: %d", path, status)
		}
	}
	for path, want := range map[string]int{
		sittingAt + "/events": http.StatusOK, "/meetings/streetstat/2026-03-20/events": http.StatusNotFound, "/meetings/nothing/" + ledgertest.NextMeeting + "/events": http.StatusNotFound,
		sittingAt + "/slides": http.StatusFound, "/meetings/streetstat/2026-3-19/live": http.StatusNotFound,
	} {
		if status, _, _ := mayor.do("HEAD", path, nil); status != want {
			t.Errorf("HEAD %s: %d, want %d", path, status, want)
		}
	}
}

// Events end for somebody who signs out while they are open, and tell nothing that is written afterwards. A browser may hold a request open for hours.
func TestLiveEventsEndAtSignOut(t *testing.T) {
	in, _, _ := chamber(t)
	mayor, viewer := in(account.Mayor), in(account.Viewer)
	begun(t, mayor)
	_, _, page := viewer.do("GET", liveAt, nil)
	events, _ := sits(t, viewer, page)
	if status, _, _ := viewer.do("POST", "/sign-out", nil); status != http.StatusSeeOther {
		t.Fatalf("sign out: %d", status)
	}
	if status, _, _ := mayor.do("POST", liveAt, url.Values{"do": {"add"}, "kind": {"decision"}, "text": {"For the staff alone."}}); status != http.StatusSeeOther {
		t.Fatalf("a decision: %d", status)
	}
	for events.Scan() {
		if strings.Contains(events.Text(), "For the staff alone.") {
			t.Error("whoever signed out is told what is written afterwards")
		}
	}
	if err := events.Err(); err != nil {
		t.Errorf("the events went on: %v", err)
	}
}

// Nobody begins a meeting before its day: there is no button for it, and whoever sends the form all the same is told so.
func TestLiveBeforeItsDay(t *testing.T) {
	in, work, _ := chamber(t)
	mayor := in(account.Mayor)
	const early = "/meetings/streetstat/" + ledgertest.ComingMeeting + "/live"
	_, _, page := mayor.do("GET", early, nil)
	holds(t, "before its day", page, "The meeting has not begun")
	lacks(t, "before its day", page, `value="begin"`)
	saved, err := work.Meetings.Meetings(t.Context(), kpi.PaperQuery{Subject: "streetstat"})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(saved, func(m kpi.Meeting) bool { return m.Slot.String() == ledgertest.ComingMeeting })
	if at < 0 {
		t.Fatal("nobody prepared the meeting")
	}
	status, _, page := mayor.do("POST", early, url.Values{"do": {"begin"}, "revision": {strconv.Itoa(saved[at].Revision)}})
	if status != http.StatusUnprocessableEntity {
		t.Errorf("begun before its day: %d", status)
	}
	holds(t, "begun before its day", page, "<title>Error: ", "A meeting begins on its day at the earliest.")
}
