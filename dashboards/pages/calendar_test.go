package pages

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// TestCalendarPage looks at what comes and what was: in the words of a reader, with what is due, moved, cancelled, suspended and was not held.
func TestCalendarPage(t *testing.T) {
	s, _ := officeOf(t, account.Viewer)
	page := flat(s.page(MeetingsRoot).root)
	for _, w := range []string{
		"Next meeting, April 2, 2026, 9:30 a.m.: StreetStat.",
		"Moved: April 16, 2026, 9:30 a.m. → April 20, 2026, 10:00 a.m. · The mayor speaks to the council that day.",
		"CancelledNobody is there in the week of the fair.", "April 2026", "May 2026",
		"DueMarch 31, 2026, 9:30 a.m.",  // the memo of the next one
		"Due date suspended: emergency", // of a meeting that the storm of January would have had
	} {
		if !strings.Contains(strings.ReplaceAll(page, "\u00a0", " "), w) {
			t.Errorf("the calendar does not say %q", w)
		}
	}
	if strings.Contains(page, "Move, delegate or cancel") || strings.Contains(page, "<form class=\"writing\"") {
		t.Error("whoever may only read is offered to change a meeting")
	}
	row := flat(sittingRow(t, s.page(MeetingsRoot), "2026-03-19"))
	if !strings.Contains(row, "Not held") || !strings.Contains(row, "Sent on time") {
		t.Errorf("a meeting that nobody opened: %s", row)
	}
	for slot, w := range map[string]string{"2026-03-05": "Held", "2026-02-19": "Never sent"} {
		if row := flat(sittingRow(t, s.page(MeetingsRoot), slot)); !strings.Contains(row, w) {
			t.Errorf("%s: %s", slot, row)
		}
	}
	one := flat(s.page(MeetingsRoot + "?series=citystat").root)
	if strings.Contains(one, "The mayor speaks to the council") || !strings.Contains(one, "The month in the city") || !strings.Contains(one, "Clear filters") {
		t.Error("the calendar of one series shows others, or does not lead back")
	}
	if all := flat(s.page(MeetingsRoot + "?series=no-such").root); !strings.Contains(all, "The mayor speaks to the council") {
		t.Error("a series that is none hides the others")
	}
}

// sittingRow is the row of a table that leads to the meeting of a slot.
func sittingRow(t *testing.T, d *document, slot string) *html.Node {
	t.Helper()
	for _, tr := range elements(d.root, "tr") {
		for _, a := range elements(tr, "a") {
			if strings.HasSuffix(get(a, "href"), "/"+slot) {
				return tr
			}
		}
	}
	t.Fatalf("there is no row of %s", slot)
	return nil
}

// TestSeriesPage says when a series meets in the words of each language, and which months its departments had none.
func TestSeriesPage(t *testing.T) {
	s, work := officeOf(t, account.ChiefOfStaff)
	for lang, w := range map[kpi.Lang]string{
		kpi.English: "Every 2 weeks on Thursday, 9:30 a.m.", kpi.Spanish: "Cada 2 semanas, el jueves, 9:30 a.m.", kpi.Portuguese: "A cada 2 semanas, na quinta-feira, 09:30", kpi.French: "Toutes les 2 semaines, le jeudi, 09 h 30",
	} {
		if page := strings.ReplaceAll(flat(s.in(lang, MeetingsRoot+"/streetstat").root), "\u00a0", " "); !strings.Contains(page, w) {
			t.Errorf("%s: the page does not say %q", lang, w)
		}
	}
	page := flat(s.page(MeetingsRoot + "/streetstat").root)
	for _, w := range []string{"We ask whether streets are repaired on time.", "Public Works, Transportation", "None in: October 2025, November 2025, December 2025, January 2026, February 2026", "Call a meeting outside the rhythm"} {
		if !strings.Contains(page, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	if res := s.do(http.MethodGet, MeetingsRoot+"/no-such", nil); res.Code != http.StatusNotFound {
		t.Errorf("a series that is none: %d", res.Code)
	}
	whole := form("do", "call", "date", "2026-04-08", "time", "14:00", "minutes", "45", "reason", "The bridge is closed.")
	for name, c := range map[string]struct {
		change []string
		fields []string
	}{
		"nothing":            {[]string{"date", "", "time", "", "reason", ""}, []string{"call-date", "call-time", "call-reason"}},
		"no day":             {[]string{"date", "2026-02-30"}, []string{"call-date"}},
		"no hour":            {[]string{"time", "25:00"}, []string{"call-time"}},
		"a day that is over": {[]string{"date", "2026-03-20"}, []string{"call-date"}},
		"a day of another":   {[]string{"date", "2026-04-20"}, []string{"call-date"}},
		"no minutes":         {[]string{"minutes", "two"}, []string{"call-minutes"}},
		"too much is said":   {[]string{"reason", strings.Repeat("x", meeting.MaxMeetingText+1)}, []string{"call-reason"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := maps.Clone(whole)
			for i := 0; i < len(c.change); i += 2 {
				f.Set(c.change[i], c.change[i+1])
			}
			s.t = t
			d := s.wrong(s.send(MeetingsRoot+"/streetstat", f), http.StatusUnprocessableEntity, kpi.English, c.fields...)
			if get(d.ids["call-date"], "value") != f.Get("date") || get(d.ids["call-time"], "value") != f.Get("time") || !strings.Contains(text(d.ids["call-reason"]), f.Get("reason")) {
				t.Error("what was typed is lost")
			}
		})
	}
	s.t = t
	if res := s.send(MeetingsRoot+"/streetstat", whole); res.Code != http.StatusSeeOther || res.Header().Get("Location") != MeetingsRoot+"/streetstat/2026-04-08/change?done=call" {
		t.Fatalf("%d to %q", res.Code, res.Header().Get("Location"))
	}
	saved, err := work.Meetings(t.Context(), kpi.PaperQuery{Subject: "streetstat"})
	m := saved[len(saved)-1]
	if err != nil || !m.Extra || m.At != 14*60 || m.Minutes != 45 || m.Called != "The bridge is closed." || m.By != "chief_of_staff@harborview.gov" {
		t.Errorf("%+v, %v", m, err)
	}
	after := flat(s.page(MeetingsRoot + "/streetstat/2026-04-08/change?done=call").root)
	if !strings.Contains(after, "The meeting was called.") || !strings.Contains(after, "The bridge is closed.") {
		t.Error("the page of the meeting does not say that it was called, and why")
	}
	const at = MeetingsRoot + "/streetstat/2026-04-08"
	if res := s.send(at+"/change", form("do", "move", "revision", "1", "date", "2026-04-08", "time", "15:00", "reason", "The hall is painted.")); res.Code != http.StatusSeeOther {
		t.Fatalf("moved to another hour: %d", res.Code)
	}
	if head := flat(s.page(at).root); !strings.Contains(head, "The bridge is closed.") || strings.Contains(head, "planned for") {
		t.Error("the head of a called meeting does not say why it was called, or says that it is on another day than planned")
	}
}

// TestChangeAMeeting moves, delegates, cancels and restores one, and refuses what is wrong with the values that were typed.
func TestChangeAMeeting(t *testing.T) {
	s, work := officeOf(t, account.Mayor)
	const at = MeetingsRoot + "/streetstat/2026-05-14/change"
	page := flat(s.page(at).root)
	for _, w := range []string{"Commitments stay: they come back in the next meeting that is held, and their dates do not move.", "Nothing was changed: it is held as its series plans it."} {
		if !strings.Contains(page, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	for name, c := range map[string]struct {
		form   url.Values
		fields []string
	}{
		"moved nowhere":       {form("do", "move", "revision", "0", "date", "2026-05-14", "time", "09:30", "reason", "Snow."), []string{"move-date"}},
		"moved without a why": {form("do", "move", "revision", "0", "date", "2026-05-15", "time", "09:30", "reason", " "), []string{"move-reason"}},
		"moved to no hour":    {form("do", "move", "revision", "0", "date", "2026-05-15", "time", "half past", "reason", "Snow."), []string{"move-time"}},
		"moved too far":       {form("do", "move", "revision", "0", "date", "2028-05-15", "time", "09:30", "reason", "Snow."), []string{"move-date"}},
		"moved onto another":  {form("do", "move", "revision", "0", "date", "2026-05-28", "time", "09:30", "reason", "Snow."), []string{"move-date"}},
		"delegated to nobody": {form("do", "delegate", "revision", "0", "post", "", "reason", "Snow."), []string{"delegate-post"}},
		"cancelled unsaid":    {form("do", "cancel", "revision", "0", "reason", ""), []string{"cancel-reason"}},
		"cancelled unseen":    {form("do", "cancel", "revision", "0", "reason", "\u202e\u200b"), []string{"cancel-reason"}},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			d := s.wrong(s.send(at, c.form), http.StatusUnprocessableEntity, kpi.English, c.fields...)
			if c.form.Get("do") == "move" && get(d.ids["move-date"], "value") != c.form.Get("date") {
				t.Error("the day that was typed is lost")
			}
		})
	}
	s.t = t
	step := func(f url.Values, done string) *kpi.Meeting {
		t.Helper()
		if res := s.send(at, f); res.Code != http.StatusSeeOther || res.Header().Get("Location") != at+"?done="+done {
			t.Fatalf("%v: %d to %q\n%s", f, res.Code, res.Header().Get("Location"), res.Body)
		}
		saved, err := work.Meetings(t.Context(), kpi.PaperQuery{Subject: "streetstat"})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(saved, func(m kpi.Meeting) bool { return m.Slot == kpi.NewDate(2026, 5, 14) })
		return &saved[i]
	}
	m := step(form("do", "move", "revision", "0", "date", "2026-05-15", "time", "16:05", "reason", "The hall is painted."), "move")
	if m.Date != kpi.NewDate(2026, 5, 15) || m.At != 16*60+5 || m.Moves[0].Reason != "The hall is painted." || m.Moves[0].By != "mayor@harborview.gov" {
		t.Errorf("%+v", m)
	}

	// Somebody else was slower: nothing that they typed is lost, and nothing of it is kept.
	res := s.send(at, form("do", "move", "revision", "0", "date", "2026-05-18", "time", "11:00", "reason", "The bridge."))
	if res.Code != http.StatusConflict || !strings.Contains(res.Body.String(), "The bridge.") || !strings.Contains(res.Body.String(), "2026-05-18") || !strings.Contains(res.Body.String(), "Somebody else has changed it meanwhile") {
		t.Errorf("a conflict gives %d", res.Code)
	}
	m = step(form("do", "delegate", "revision", "1", "post", "data-office", "reason", "The mayor travels."), "delegate")
	if m.Chair != "data-office" || m.Delegated != "The mayor travels." {
		t.Errorf("%+v", m)
	}
	m = step(form("do", "cancel", "revision", "2", "reason", "A strike."), "cancel")
	if m.State != kpi.MeetingCancelled || m.Reason != "A strike." {
		t.Errorf("%+v", m)
	}
	if res := s.send(at, form("do", "move", "revision", "3", "date", "2026-05-18", "time", "11:00", "reason", "The bridge.")); res.Code != http.StatusUnprocessableEntity || !strings.Contains(res.Body.String(), "this cannot be done with it") {
		t.Errorf("a cancelled one is moved: %d", res.Code)
	}
	m = step(form("do", "restore", "revision", "3"), "restore")
	told := flat(s.page(at).root)
	for _, w := range []string{"May 14, 2026, 9:30 a.m. → May 15, 2026, 4:05 p.m.", "The hall is painted.", "Chair of a meeting delegated", "The mayor travels.", "Meeting cancelled A strike.", "Cancelled meeting restored"} {
		if !strings.Contains(strings.ReplaceAll(told, "\u00a0", " "), w) {
			t.Errorf("the history does not say %q", w)
		}
	}
	if res := s.send(at, form("do", "dance", "revision", "4")); res.Code != http.StatusBadRequest {
		t.Errorf("a step that is none: %d", res.Code)
	}
	for path, w := range map[string]string{"/2026-03-05/change": "It was held: nothing can be changed any more.", "/2026-03-19/change": "Its day is over, and it was not held."} {
		page := s.page(MeetingsRoot + "/streetstat" + path)
		if !strings.Contains(flat(page.root), w) || len(elements(page.root, "textarea")) > 0 {
			t.Errorf("%s does not say %q", path, w)
		}
	}
	if m.State != kpi.MeetingPlanned {
		t.Errorf("%+v", m)
	}
	viewer, _ := officeOf(t, account.Viewer)
	if page := viewer.page(at); len(elements(page.root, "textarea")) > 0 || !strings.Contains(flat(page.root), "The mayor and the chief of staff change this.") {
		t.Error("a viewer is offered to change a meeting")
	}
}

// TestEmergencyPages declares one, changes it, calls it off; each form says what is wrong with it, and a second writer loses nothing.
func TestEmergencyPages(t *testing.T) {
	s, work := officeOf(t, account.Mayor)
	page := strings.ReplaceAll(flat(s.page(emergenciesPath).root), "\u00a0", " ")
	for _, w := range []string{"Storm Ana", "January 12, 2026 to January 20, 2026", "All departments", "Due dates suspended: 2", "Storm Bruno", "Called off: It went by."} {
		if !strings.Contains(page, w) {
			t.Errorf("the list does not say %q", w)
		}
	}
	whole := url.Values{"do": {"declare"}, "what": {"Flood"}, "reason": {"The river is high."}, "from": {"2026-03-20"}, "until": {""}, "department": {"transportation", "housing", "transportation"}}
	for name, c := range map[string]struct {
		change []string
		fields []string
	}{
		"nothing":   {[]string{"what", "", "reason", "", "from", ""}, []string{"declare-what", "declare-reason", "declare-from"}},
		"no day":    {[]string{"from", "soon"}, []string{"declare-from"}},
		"long over": {[]string{"from", "0206-03-20"}, []string{"declare-from"}},
		"backwards": {[]string{"until", "2026-03-19"}, []string{"declare-until"}},
		"too long":  {[]string{"what", strings.Repeat("x", meeting.MaxWhose+1)}, []string{"declare-what"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := maps.Clone(whole)
			for i := 0; i < len(c.change); i += 2 {
				f.Set(c.change[i], c.change[i+1])
			}
			s.t = t
			d := s.wrong(s.send(emergenciesPath, f), http.StatusUnprocessableEntity, kpi.English, c.fields...)
			if get(d.ids["declare-from"], "value") != f.Get("from") || len(checked(d)) != 2 {
				t.Error("what was typed is lost")
			}
		})
	}
	s.t = t
	if res := s.send(emergenciesPath, whole); res.Code != http.StatusSeeOther || res.Header().Get("Location") != emergenciesPath+"/3?done=declared" {
		t.Fatalf("%d to %q\n%s", res.Code, res.Header().Get("Location"), res.Body)
	}
	if banner := flat(s.page(MeetingsRoot).root); !strings.Contains(banner, "Emergency: Flood") {
		t.Error("the calendar does not say that there is an emergency")
	}
	change := maps.Clone(whole)
	change.Set("do", "change")
	change.Set("revision", "1")
	change.Set("until", "2026-03-25")
	if res := s.send(emergenciesPath+"/3", change); res.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", res.Code, res.Body)
	}
	change.Set("until", "2026-03-30")
	if res := s.send(emergenciesPath+"/3", change); res.Code != http.StatusConflict || !strings.Contains(res.Body.String(), "2026-03-30") {
		t.Errorf("a conflict gives %d", res.Code)
	}
	s.wrong(s.send(emergenciesPath+"/3", form("do", "void", "revision", "2", "reason", "")), http.StatusUnprocessableEntity, kpi.English, "void-reason")
	if res := s.send(emergenciesPath+"/3", form("do", "void", "revision", "2", "reason", "It was another river.")); res.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", res.Code, res.Body)
	}
	list, err := work.Emergencies(t.Context())
	if e := list[2]; err != nil || !e.Void || e.Why != "It was another river." || e.Reason != "The river is high." || e.Until != kpi.NewDate(2026, 3, 25) || len(e.Departments) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	one := s.page(emergenciesPath + "/3")
	if told := flat(one.root); strings.Count(told, "The river is high.") != 4 || len(elements(one.root, "textarea")) > 0 { // now, and in three revisions
		t.Errorf("the history of one that was called off: %s", told)
	}
	for _, path := range []string{"/9", "/01", "/x"} {
		if res := s.do(http.MethodGet, emergenciesPath+path, nil); res.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.Code)
		}
	}
	viewer, _ := officeOf(t, account.Viewer)
	if page := viewer.page(emergenciesPath + "/1"); len(elements(page.root, "textarea")) > 0 {
		t.Error("a viewer is offered to change an emergency")
	}
}

// checked are the boxes of a page that are ticked.
func checked(d *document) []*html.Node {
	return slices.DeleteFunc(elements(d.root, "input"), func(n *html.Node) bool {
		_, ticked := attribute(n, "checked")
		return get(n, "type") != "checkbox" || !ticked
	})
}

// TestWorkOfMeetings finds what meetings ask for on the page of a person's work, and an emergency beside what it suspends.
func TestWorkOfMeetings(t *testing.T) {
	s, work := officeOf(t, account.Analyst)
	page := strings.ReplaceAll(flat(s.page(staffWorkPath).root), "\u00a0", " ")
	for _, w := range []string{"Memo to issue StreetStatMeeting: April 2, 2026Memo due: March 31, 2026, 9:30 a.m.", "10 days left"} {
		if !strings.Contains(page, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	if !slices.Contains(leadsTo(s.page(staffWorkPath), "due"), MeetingsRoot+"/streetstat/2026-04-02/memo") {
		t.Error("the memo to issue leads nowhere")
	}
	if strings.Contains(page, "Your meetings today") {
		t.Error("there is a meeting today")
	}
	storm := kpi.Emergency{What: "Flood", Reason: "The river is high.", Lang: kpi.English, From: kpi.NewDate(2026, 3, 1)}
	if err := work.SaveEmergency(t.Context(), &storm, account.By{Name: "the test"}, s.pages.opts.Now()); err != nil {
		t.Fatal(err)
	}
	page = strings.ReplaceAll(flat(s.page(staffWorkPath).root), "\u00a0", " ")
	for _, w := range []string{"Due date March 31, 2026 suspended by an emergency: Flood", "suspended while the emergency lasts", "Due date March 11, 2026 suspended by an emergency: Flood"} {
		if !strings.Contains(page, w) {
			t.Errorf("with an emergency the page does not say %q", w)
		}
	}
	if strings.Contains(page, "March 11, 2026 10 days late") {
		t.Error("what is suspended is late")
	}
}
