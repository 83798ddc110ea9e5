package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger/ledgertest"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

const (
	comingMemo = "/meetings/streetstat/" + ledgertest.ComingMeeting + memoBelow
	nextFollow = "/meetings/streetstat/" + ledgertest.NextMeeting + followUpBelow
)

// memoOf is what a memo says, without what stands around it: its head, its items, and what was left out.
func memoOf(t *testing.T, d *document) string {
	t.Helper()
	var b strings.Builder
	parts := 0
	for _, n := range elements(d.root, "dl", "li", "section") {
		class, labelled := get(n, "class"), get(n, "aria-labelledby")
		if !strings.Contains(class, "memo-facts") && !strings.Contains(class, "memo-item") && labelled != "left" && labelled != "since" {
			continue
		}
		parts++
		if err := html.Render(&b, n); err != nil {
			t.Fatal(err)
		}
	}
	if parts < 5 {
		t.Fatalf("%s: a memo of %d parts", d.name, parts)
	}
	return b.String()
}

// another is a live scorecard in which every number, status, name and word is another one.
func another() *scorecard.Scorecard {
	card := scorecardtest.Normal()
	for i := range card.Results {
		r := &card.Results[i]
		ind := *r.Indicator
		ind.Name, ind.Targets = kpi.NewText(kpi.English, "Renamed "+ind.ID), nil
		r.Indicator, r.Assessment.Target, r.Assessment.Status = &ind, nil, kpi.NoTarget
		for k := range r.Series {
			if v := r.Series[k].Observation.Value; v != nil {
				twice := 2**v + 1
				r.Series[k].Observation.Value = &twice
			}
		}
	}
	card.Words = scorecard.Words{}
	return card
}

// A memo that went out is the same for ever, in every language, whatever becomes of the numbers, the promises, the posts and the day.
func TestMemoIsTheSameForEver(t *testing.T) {
	s, work := officeOf(t, account.Analyst)
	draft := s.page(comingMemo)
	if got := text(draft.root); !strings.Contains(got, "Draft.") || !strings.Contains(got, "Issue and lock") || !strings.Contains(got, "What changed since last time") {
		t.Fatalf("the page shows no draft that can be issued: %s", got)
	}
	before := memoOf(t, draft)
	res := s.send(comingMemo, hiddenIn(draft, comingMemo))
	if to := res.Header().Get("Location"); res.Code != http.StatusSeeOther || to != comingMemo+"?done=issue" {
		t.Fatalf("issued: %d, to %q\n%s", res.Code, to, res.Body)
	}
	if got := text(s.page(comingMemo + "?done=issue").root); !strings.Contains(got, "The memo is out, and locked.") || strings.Contains(got, "Draft.") || !strings.Contains(got, "Take the memo back") {
		t.Errorf("after it went out the page says: %s", got)
	}
	was, file := map[kpi.Lang]string{}, s.get(comingMemo+".csv?indicator="+lights).Body.String()
	for _, lang := range kpi.Langs {
		was[lang] = memoOf(t, s.in(lang, comingMemo))
	}
	if items(before) != items(was[kpi.English]) {
		t.Errorf("another memo went out than the draft\n%s\n%s", before, was[kpi.English])
	}

	everythingChanges(t, s, work)
	for _, lang := range kpi.Langs {
		if got := memoOf(t, s.in(lang, comingMemo)); got != was[lang] {
			t.Errorf("%s: the memo says something else by now\n%s\n%s", lang, got, was[lang])
		}
	}
	if got := s.get(comingMemo + ".csv?indicator=" + lights).Body.String(); got != file || !strings.Contains(got, ",") {
		t.Errorf("the file of the memo holds other numbers by now\n%s\n%s", got, file)
	}
	if got := text(s.page("/meetings/citystat/2026-05-12" + memoBelow).root); !strings.Contains(got, "Renamed "+lights) {
		t.Errorf("the live numbers are the same, so this proved nothing: %s", got)
	}
}

// items are the items of a memo: its head says when it went out.
func items(memo string) string {
	_, after, _ := strings.Cut(memo, "</dl>")
	return after
}

// everythingChanges lets a month pass in which all that a memo rests on becomes another.
func everythingChanges(t *testing.T, s *site, work *ledgertest.Office) {
	t.Helper()
	s.pages.opts.Staff.(*scorecardtest.Staff).TheCard = another()
	s.now = s.now.AddDate(0, 1, 0)
	by, day := byOf(t, work, account.ChiefOfStaff), kpi.DateOf(s.now)
	list, err := work.Commitments(t.Context(), kpi.PaperQuery{})
	if err != nil {
		t.Fatal(err)
	}
	changed := 0
	for _, c := range list {
		if c.State.Ended() {
			continue
		}
		next, err := meeting.TurnCommitment(c, meeting.CommitmentTurn{Step: meeting.CommitmentDrop, Text: "Another law."}, by.Name, day, s.now)
		if err == nil {
			err = work.SaveCommitment(t.Context(), &next, by, s.now)
		}
		if err != nil {
			t.Fatal(err)
		}
		changed++
	}
	if changed < 2 {
		t.Fatalf("%d commitments changed", changed)
	}
	note, err := work.MeetingNote(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if note.State, note.Why = kpi.NoteWithdrawn, "It was never decided."; work.SaveMeetingNote(t.Context(), &note, by, s.now) != nil {
		t.Fatal("the decision stays")
	}
	h := kpi.Holding{Post: "data-office", Holder: by.Person, From: day}
	if err := work.SaveHolding(t.Context(), &h, byOf(t, work, account.Administrator), s.now); err != nil {
		t.Fatal(err)
	}
}

// byOf is somebody of a role.
func byOf(t *testing.T, work *ledgertest.Office, role account.Role) account.By {
	t.Helper()
	p, err := work.PersonByEmail(t.Context(), string(role)+"@harborview.gov")
	if err != nil {
		t.Fatal(err)
	}
	return p.By()
}

// What somebody else did meanwhile is never overrun: neither another agenda nor another draft.
func TestMemoConflicts(t *testing.T) {
	s, work := officeOf(t, account.Analyst)
	sent := hiddenIn(s.page(comingMemo), comingMemo)
	with := func(name, value string) url.Values {
		f := url.Values{}
		for k, v := range sent {
			f[k] = v
		}
		f.Set(name, value)
		return f
	}
	for name, f := range map[string]url.Values{"another revision": with("revision", "7"), "another draft": with("seen", "0000000000000000")} {
		d := s.wrong(s.send(comingMemo, f), http.StatusConflict, kpi.English)
		if !strings.Contains(text(d.root), "Draft.") {
			t.Errorf("%s: the page does not show the draft of now", name)
		}
	}
	s.pages.opts.Staff.(*scorecardtest.Staff).TheCard = another()
	if d := s.wrong(s.send(comingMemo, sent), http.StatusConflict, kpi.English); !strings.Contains(text(d.root), "The draft has changed since you opened it") {
		t.Errorf("numbers that came meanwhile went out unread: %s", text(d.root))
	}
	list, err := work.Meetings(t.Context(), kpi.PaperQuery{Subject: "streetstat"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if m.Slot.String() == ledgertest.ComingMeeting && m.Memo != nil {
			t.Error("a refused memo went out all the same")
		}
	}
	if res := s.send(comingMemo, form("do", "burn")); res.Code != http.StatusBadRequest && res.Code != http.StatusUnprocessableEntity {
		t.Errorf("a step that is none: %d", res.Code)
	}
	fresh := hiddenIn(s.page(comingMemo), comingMemo)
	if res := s.send(comingMemo, fresh); res.Code != http.StatusSeeOther {
		t.Fatalf("the memo as it is now: %d\n%s", res.Code, res.Body)
	}
	s.wrong(s.send(comingMemo, fresh), http.StatusConflict, kpi.English) // twice
}

// A memo can be taken back as long as there is time for another one; what is late says so.
func TestMemoDeadline(t *testing.T) {
	s, _ := officeOf(t, account.Analyst)
	if res := s.send(comingMemo, hiddenIn(s.page(comingMemo), comingMemo)); res.Code != http.StatusSeeOther {
		t.Fatal(res.Code)
	}
	if got := text(s.page(comingMemo).root); !strings.Contains(got, "hours before the meeting: on time") {
		t.Errorf("it does not say that it is in time: %s", got)
	}
	back := hiddenIn(s.page(comingMemo), comingMemo)
	if back.Get("do") != string(meeting.MeetingReopen) {
		t.Fatalf("no form takes it back: %v", back)
	}
	if res := s.send(comingMemo, back); res.Code != http.StatusSeeOther {
		t.Fatalf("taken back: %d\n%s", res.Code, res.Body)
	}
	s.now = time.Date(2026, time.April, 1, 14, 0, 0, 0, time.UTC)
	late := s.page(comingMemo)
	if got := text(late.root); !strings.Contains(got, "That time has passed.") || !strings.Contains(got, "it will be counted as late") {
		t.Errorf("the draft does not say that it is late: %s", got)
	}
	if res := s.send(comingMemo, hiddenIn(late, comingMemo)); res.Code != http.StatusSeeOther {
		t.Fatalf("issued late: %d\n%s", res.Code, res.Body)
	}
	d := s.page(comingMemo)
	if got := text(d.root); !strings.Contains(got, "hours before the meeting: late, it was due") || strings.Contains(got, "Take the memo back") {
		t.Errorf("a memo that is late says: %s", got)
	}
	back.Set("revision", "")
	s.wrong(s.send(comingMemo, back), http.StatusUnprocessableEntity, kpi.English)
}

// Whoever may not send a memo reads it, and finds no button.
func TestMemoForReaders(t *testing.T) {
	s, _ := officeOf(t, account.Viewer)
	for _, at := range []string{comingMemo, nextFollow} {
		if d := s.page(at); len(hiddenIn(d, at)) > 0 {
			t.Errorf("%s: whoever may only look finds a form", at)
		}
	}
	if res := s.send(comingMemo, form("do", "issue")); res.Code < 400 {
		t.Errorf("somebody without the right sends a memo: %d", res.Code)
	}
	if res := s.get("/meetings/streetstat/2026-04-02/memo.csv?indicator=nothing"); res.Code != http.StatusNotFound {
		t.Errorf("the numbers of what is on no memo: %d", res.Code)
	}
	for at, want := range map[string]string{
		"/meetings/streetstat/2026-04-30/memo": "The meeting is cancelled", "/meetings/streetstat/2026-04-30/follow-up": "The meeting was cancelled",
		"/meetings/streetstat/2026-04-02/follow-up": "has not been held yet",
	} {
		if got := text(s.page(at).root); !strings.Contains(got, want) {
			t.Errorf("%s says %q", at, got)
		}
	}
}

// meetingNow is a meeting as the ledger has it.
func meetingNow(t *testing.T, work *ledgertest.Office, slot string) (kpi.Meeting, []kpi.Meeting) {
	t.Helper()
	all, err := work.Meetings(t.Context(), kpi.PaperQuery{Subject: "streetstat"})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(m kpi.Meeting) bool { return m.Slot.String() == slot })
	if i < 0 {
		t.Fatalf("there is no meeting on %s", slot)
	}
	return all[i], all
}

// holdMeeting begins and ends the next meeting, with a decision, a topic for later, a promise and a request, and something that is closed.
func holdMeeting(t *testing.T, s *site, work *ledgertest.Office) {
	t.Helper()
	city := s.pages.opts.Staff.(*scorecardtest.Staff).TheCity
	cal, err := city.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	mayor := byOf(t, work, account.Mayor)
	step := func(what meeting.MeetingStep, live *scorecard.Scorecard) {
		m, all := meetingNow(t, work, ledgertest.NextMeeting)
		next, err := meeting.TurnMeeting(city, cal, m, all, meeting.MeetingTurn{Step: what}, mayor.Name, s.now)
		if err == nil {
			err = work.SaveMeeting(t.Context(), &next, live, mayor, s.now)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	step(meeting.MeetingBegin, scorecardtest.Normal())
	m, _ := meetingNow(t, work, ledgertest.NextMeeting)
	for _, n := range []kpi.MeetingNote{{Kind: kpi.NoteDecision, Text: "The night crew stays."}, {Kind: kpi.NoteLater, Text: "Who pays for the poles?"}} {
		n.Series, n.Slot, n.Item, n.Lang, n.State = m.Series, m.Slot, m.Memo.Items[len(m.Memo.Items)-1].Key, kpi.English, kpi.NoteOpen
		if err := work.SaveMeetingNote(t.Context(), &n, mayor, s.now); err != nil {
			t.Fatal(err)
		}
	}
	head, day := byOf(t, work, account.DepartmentHead), kpi.DateOf(s.now)
	for kind, said := range map[kpi.CommitmentKind]string{kpi.CommitmentPromise: "A second crew works at night.", kpi.CommitmentRequest: "How many poles are older than ten years?"} {
		c := kpi.Commitment{
			Kind: kind, Text: said, Lang: kpi.English, Owner: "director-public-works", Department: "public-works", Made: day, Due: day.AddDays(30), State: kpi.CommitmentOpen,
			Source: kpi.MeetingSource(m.Series, m.Slot),
		}
		if err := work.SaveCommitment(t.Context(), &c, head, s.now); err != nil {
			t.Fatal(err)
		}
	}
	done, err := work.Commitment(t.Context(), 2) // that its owner calls done
	if err != nil {
		t.Fatal(err)
	}
	kept, err := meeting.TurnCommitment(done, meeting.CommitmentTurn{Step: meeting.CommitmentKeep}, mayor.Name, day, s.now)
	if err == nil {
		err = work.SaveCommitment(t.Context(), &kept, mayor, s.now)
	}
	if err != nil {
		t.Fatal(err)
	}
	step(meeting.MeetingEnd, nil)
}

// The follow-up memo has every decision, promise and request, is fixed when it goes out, and says beside it how things stand now.
func TestFollowUpMemo(t *testing.T) {
	s, work := officeOf(t, account.Analyst)
	holdMeeting(t, s, work)
	draft := s.page(nextFollow)
	got := text(draft.root)
	for _, want := range []string{
		"Draft.", "The night crew stays.", "A second crew works at night.", "How many poles are older", "Who pays for the poles?", "Closed on that day", "Publish the list of the lights",
		"On the agenda, nothing written down", "two days after the meeting", "April\u00a02, 2026",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the draft does not say %q", want)
		}
	}
	f := hiddenIn(draft, nextFollow)
	f.Set("summary", strings.Repeat("x", 2001))
	s.wrong(s.send(nextFollow, f), http.StatusUnprocessableEntity, kpi.English, "summary")
	f.Set("summary", "We spoke of </script> and of poles.")
	f.Set("seen", "0000000000000000")
	d := s.wrong(s.send(nextFollow, f), http.StatusConflict, kpi.English)
	if got := text(d.root); !strings.Contains(got, "We spoke of </script> and of poles.") {
		t.Errorf("what was typed is lost: %s", got)
	}
	f.Set("seen", hiddenIn(draft, nextFollow).Get("seen"))
	if res := s.send(nextFollow, f); res.Code != http.StatusSeeOther {
		t.Fatalf("issued: %d\n%s", res.Code, res.Body)
	}
	issued := text(s.page(nextFollow).root)
	if strings.Contains(issued, "Draft.") || !strings.Contains(issued, "We spoke of </script> and of poles.") || !strings.Contains(issued, "on time") {
		t.Errorf("the memo that went out says: %s", issued)
	}
	again := s.wrong(s.send(nextFollow, f), http.StatusConflict, kpi.English)
	if got := text(again.root); !strings.Contains(got, "What you typed") {
		t.Errorf("a second summary is lost: %s", got)
	}

	// The decision is withdrawn and the promise is moved afterwards: the memo keeps both as they were.
	by, after := byOf(t, work, account.ChiefOfStaff), s.now.Add(time.Hour)
	m, _ := meetingNow(t, work, ledgertest.NextMeeting)
	note, err := work.MeetingNote(t.Context(), m.FollowUp.Notes[0])
	if err != nil {
		t.Fatal(err)
	}
	note.State, note.Why, note.Text = kpi.NoteWithdrawn, "It was never decided.", "Something else."
	if err := work.SaveMeetingNote(t.Context(), &note, by, after); err != nil {
		t.Fatal(err)
	}
	c, err := work.Commitment(t.Context(), m.FollowUp.Commitments[0])
	if err != nil {
		t.Fatal(err)
	}
	next, err := meeting.TurnCommitment(c, meeting.CommitmentTurn{Step: meeting.CommitmentDrop, Text: "No crew was found."}, by.Name, kpi.DateOf(after), after)
	if err == nil {
		err = work.SaveCommitment(t.Context(), &next, by, after)
	}
	if err != nil {
		t.Fatal(err)
	}
	d = s.page(nextFollow)
	got = text(d.root)
	if !strings.Contains(got, "The night crew stays.") || strings.Contains(got, "Something else.") || !strings.Contains(got, "Now: Commitment dropped") && !strings.Contains(got, "Now: commitment dropped") {
		t.Errorf("what changed afterwards shows in: %s", got)
	}
}
