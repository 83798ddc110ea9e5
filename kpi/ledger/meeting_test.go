package ledger

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// hall is a ledger whose city has a series of meetings on Thursdays at half past nine in Bogotá, and people who may do different things in it.
type hall struct {
	*DB
	t      *testing.T
	city   *kpi.City
	cal    kpi.Calendar
	now    time.Time
	people map[string]account.By
}

func newHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{DB: fresh(t), t: t, now: time.Date(2026, 3, 2, 14, 30, 0, 0, time.UTC), people: map[string]account.By{"machine": {Name: "console"}}} // a Monday, half past nine there
	h.city = city("h1")
	h.city.TimeZone = "America/Bogota"
	h.city.People = []kpi.Person{{ID: "mayor"}, {ID: "deputy"}}
	h.city.Meetings = []kpi.MeetingSeries{{
		ID: "streets", Chair: "mayor", Analyst: "mayor", Weekday: time.Thursday, Weeks: 1, From: kpi.NewDate(2026, 1, 1), At: 570, Minutes: 60, Departments: []string{"parks"},
	}}
	record(t, h.DB, h.city, h.now.AddDate(0, -1, 0))
	var err error
	if h.cal, err = h.city.Calendar(); err != nil {
		t.Fatal(err)
	}
	for name, role := range map[string]account.Role{
		"mayor": account.Mayor, "chief": account.ChiefOfStaff, "analyst": account.Analyst, "head": account.DepartmentHead, "deputy": account.Viewer, "viewer": account.Viewer,
	} {
		g := account.Grant{Role: role}
		if role.OfDepartment() {
			g.Department = "parks"
		}
		id, err := h.AddPerson(t.Context(), account.Person{Email: name + "@city.gov", Name: name, Grants: []account.Grant{g}}, account.By{Name: "the test"}, h.now)
		if err != nil {
			t.Fatal(err)
		}
		h.people[name] = account.By{Person: id, Name: name + "@city.gov"}
	}
	return h
}

// find is a meeting as it stands now.
func (h *hall) find(slot kpi.Date) kpi.Meeting {
	h.t.Helper()
	saved, err := h.Meetings(h.t.Context(), kpi.PaperQuery{Subject: "streets"})
	if err != nil {
		h.t.Fatal(err)
	}
	m, ok := meeting.Find(h.city, &h.city.Meetings[0], saved, slot)
	if !ok {
		h.t.Fatalf("no meeting on %s", slot)
	}
	return m
}

// turn is what a meeting becomes by a step, by what the rule says.
func (h *hall) turn(m kpi.Meeting, t meeting.MeetingTurn) kpi.Meeting {
	h.t.Helper()
	saved, err := h.Meetings(h.t.Context(), kpi.PaperQuery{Subject: m.Series})
	if err != nil {
		h.t.Fatal(err)
	}
	next, err := meeting.TurnMeeting(h.city, h.cal, m, saved, t, "somebody else", h.now)
	if err != nil {
		h.t.Fatal(err)
	}
	return next
}

// try saves a meeting as somebody, and wants that to go as it should.
func (h *hall) try(m kpi.Meeting, name string, want kpi.Code) kpi.Meeting {
	h.t.Helper()
	if err := h.SaveMeeting(h.t.Context(), &m, []byte(`{"as_of":"2026-03-01"}`), h.people[name], h.now); kpi.ErrorCode(err) != want {
		h.t.Fatalf("%s saves %s (%s): %v, want %q", name, m.Name(), m.State, err, want)
	}
	return m
}

// TestAMeetingInTheLedger plays a meeting from its agenda to its follow-up memo; whoever may not take a step is refused, and the audit trail tells of each.
func TestAMeetingInTheLedger(t *testing.T) {
	h := newHall(t)
	thursday := kpi.NewDate(2026, 3, 5)
	step := func(m kpi.Meeting, by string, refused string, turn meeting.MeetingTurn) kpi.Meeting {
		t.Helper()
		next := h.turn(m, turn)
		for _, name := range strings.Fields(refused) {
			h.try(next, name, kpi.CodeDenied)
		}
		return h.try(next, by, "")
	}
	m := step(h.find(thursday), "analyst", "mayor head deputy viewer", meeting.MeetingTurn{Step: meeting.MeetingEdit, Agenda: &kpi.AgendaEdits{Questions: map[string]string{"indicator/trees": "Why?"}}})
	if m.ID != 1 || m.Revision != 1 || m.Date != thursday {
		t.Fatalf("%+v", m)
	}
	m = step(m, "chief", "analyst head deputy viewer", meeting.MeetingTurn{Step: meeting.MeetingDelegate, Post: "deputy", Reason: "The mayor travels.", Lang: kpi.English})
	m = step(m, "analyst", "mayor head", meeting.MeetingTurn{Step: meeting.MeetingIssue, Memo: &kpi.MeetingMemo{Items: []kpi.AgendaItem{{Key: "indicator/trees"}}}})
	if m.Memo.By != "analyst@city.gov" || !m.Memo.At.Equal(h.now) || !m.Memo.Due.Equal(time.Date(2026, 3, 3, 14, 30, 0, 0, time.UTC)) {
		t.Errorf("memo %+v", m.Memo)
	}
	m = step(m, "analyst", "mayor deputy", meeting.MeetingTurn{Step: meeting.MeetingReopen})
	m = step(m, "analyst", "mayor", meeting.MeetingTurn{Step: meeting.MeetingIssue, Memo: &kpi.MeetingMemo{Items: []kpi.AgendaItem{{Key: "indicator/trees"}, {Key: "topic/1"}}}})
	h.now = time.Date(2026, 3, 5, 14, 32, 0, 0, time.UTC)
	begin := h.turn(m, meeting.MeetingTurn{Step: meeting.MeetingBegin})
	h.try(begin, "deputy", kpi.CodeDenied) // nobody said yet that they hold the post
	hold := kpi.Holding{Post: "deputy", Holder: h.people["deputy"].Person, From: thursday}
	if err := h.SaveHolding(t.Context(), &hold, h.people["chief"], h.now); err != nil {
		t.Fatal(err)
	}
	decided := kpi.MeetingNote{Kind: kpi.NoteDecision, Series: m.Series, Slot: m.Slot, Text: "Trees first.", Lang: kpi.English, State: kpi.NoteOpen}
	if err := h.SaveMeetingNote(t.Context(), &decided, h.people["chief"], h.now); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("a decision of a meeting that has not begun: %v", err)
	}
	m = step(m, "deputy", "head viewer", meeting.MeetingTurn{Step: meeting.MeetingBegin})
	if err := h.SaveMeetingNote(t.Context(), &decided, h.people["chief"], h.now); err != nil {
		t.Errorf("a decision: %v", err)
	}
	if !m.Opened.Equal(h.now) {
		t.Errorf("opened %s", m.Opened)
	}
	h.now = h.now.Add(time.Hour)
	m = step(m, "deputy", "head viewer", meeting.MeetingTurn{Step: meeting.MeetingEnd})
	h.now = h.now.Add(24 * time.Hour)
	m = step(m, "analyst", "mayor deputy", meeting.MeetingTurn{Step: meeting.MeetingFollow, Follow: &kpi.FollowUpMemo{Commitments: []int64{1}}, Reason: "We spoke of trees.", Lang: kpi.English})
	if m.FollowUp.By != "analyst@city.gov" || m.FollowUp.Summary != "We spoke of trees." || !m.FollowUp.Due.Equal(time.Date(2026, 3, 8, 5, 0, 0, 0, time.UTC)) {
		t.Errorf("follow-up memo %+v", m.FollowUp)
	}
	h.try(m, "chief", kpi.CodeInvalid) // nothing leads on from here, not even the same again
	history, err := h.MeetingHistory(t.Context(), m.ID)
	if err != nil || len(history) != 8 || len(history[2].Memo.Items) != 1 || history[3].Memo != nil || len(history[4].Memo.Items) != 2 {
		t.Errorf("%d revisions: %v", len(history), err)
	}
	if at := history[7].Stamp.At; !at.Equal(h.now) || history[7].At != 570 {
		t.Errorf("the last revision was kept at %s, and the meeting begins at %d", at, history[7].At)
	}
	entries, err := h.Audit(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range entries {
		if strings.HasPrefix(e.Action, "meeting.") {
			told = append([]string{strings.TrimPrefix(e.Action, "meeting.")}, told...)
			if e.Subject != "meeting 1" || e.Detail["meeting"] != "streets/2026-03-05" || e.Action == "meeting.delegate" && e.Detail["post"] != "deputy" {
				t.Errorf("audit entry %+v", e)
			}
		}
	}
	if got := strings.Join(told, " "); got != "edit delegate issue reopen issue begin end follow" {
		t.Errorf("the audit trail tells of %s", got)
	}
	if _, _, wrong, err := h.VerifyAudit(t.Context()); wrong != "" || err != nil {
		t.Errorf("the audit trail is %q: %v", wrong, err)
	}
}

// TestMeetingsAreConvened moves, cancels, restores and calls meetings; who may not is refused, and so is a day that another one has.
func TestMeetingsAreConvened(t *testing.T) {
	h := newHall(t)
	first, second := kpi.NewDate(2026, 3, 5), kpi.NewDate(2026, 3, 12)
	to := func(day kpi.Date, at int) meeting.MeetingTurn {
		return meeting.MeetingTurn{Step: meeting.MeetingMove, Date: day, At: at, Reason: "The hall is painted.", Lang: kpi.English}
	}
	move := h.turn(h.find(first), to(kpi.NewDate(2026, 3, 9), 600))
	for _, name := range []string{"analyst", "head", "viewer", "deputy"} {
		h.try(move, name, kpi.CodeDenied)
	}
	m := h.try(move, "mayor", "")
	if v := m.Moves[0]; v.By != "mayor@city.gov" || !v.At.Equal(h.now) || v.From != first || v.FromAt != 570 || v.ToAt != 600 || m.Slot != first {
		t.Errorf("moved %+v", v)
	}
	entries, err := h.Audit(t.Context(), 0, 1)
	if err != nil || entries[0].Detail["date"] != "2026-03-05 → 2026-03-09" || entries[0].Detail["hour"] != "09:30 → 10:00" {
		t.Errorf("%+v %v", entries, err)
	}

	// Two people move two meetings to one day at a time: each of them sees the day free, and the second is refused.
	third := h.find(kpi.NewDate(2026, 3, 19))
	here, there := h.turn(h.find(second), to(kpi.NewDate(2026, 3, 17), 570)), h.turn(third, to(kpi.NewDate(2026, 3, 17), 800))
	h.try(here, "mayor", "")
	h.try(there, "chief", kpi.CodeInvalid)

	// Two people say something about one meeting for the first time.
	cancel, edit := h.turn(third, meeting.MeetingTurn{Step: meeting.MeetingCancel, Reason: "Nobody is there.", Lang: kpi.English}), h.turn(third, meeting.MeetingTurn{Step: meeting.MeetingEdit, Agenda: &kpi.AgendaEdits{Order: []string{"topic/1"}}})
	off := h.try(cancel, "chief", "")
	h.try(edit, "analyst", kpi.CodeConflict)
	stale := off
	stale.Revision = 0
	h.try(stale, "chief", kpi.CodeNotFound)
	back := h.try(h.turn(off, meeting.MeetingTurn{Step: meeting.MeetingRestore}), "mayor", "")
	h.try(h.turn(off, meeting.MeetingTurn{Step: meeting.MeetingRestore}), "chief", kpi.CodeConflict)
	if back.State != kpi.MeetingPlanned || back.Reason != "" {
		t.Errorf("restored %+v", back)
	}

	// One beside the rhythm, and not twice, nor by a name that the rhythm gives.
	s := &h.city.Meetings[0]
	called := func(day kpi.Date) kpi.Meeting {
		m := meeting.Planned(h.city, s, day)
		m.Slot, m.Date, m.At, m.Extra, m.Called, m.Lang = day, day, 700, true, "The bridge.", kpi.English
		return m
	}
	h.try(called(kpi.NewDate(2026, 3, 10)), "analyst", kpi.CodeDenied)
	extra := h.try(called(kpi.NewDate(2026, 3, 10)), "mayor", "")
	h.try(called(kpi.NewDate(2026, 3, 10)), "mayor", kpi.CodeInvalid)
	h.try(called(kpi.NewDate(2026, 4, 2)), "mayor", kpi.CodeInvalid)
	h.try(called(first), "mayor", kpi.CodeInvalid)
	if got := h.find(kpi.NewDate(2026, 3, 10)); got.ID != extra.ID || !got.Extra || got.Called != "The bridge." {
		t.Errorf("called %+v", got)
	}

	// What is no meeting cannot be saved as one.
	for what, change := range map[string]func(*kpi.Meeting){
		"a slot that is none": func(m *kpi.Meeting) { m.Slot = m.Slot.AddDays(1) }, "a series that is none": func(m *kpi.Meeting) { m.Series = "other" }, "a number that is none": func(m *kpi.Meeting) { m.ID, m.Revision = 99, 1 },
	} {
		m := h.find(kpi.NewDate(2026, 4, 9))
		change(&m)
		if err := h.SaveMeeting(t.Context(), &m, nil, h.people["chief"], h.now); kpi.ErrorCode(err) != kpi.CodeNotFound {
			t.Errorf("%s: %v", what, err)
		}
	}
	forged := h.find(kpi.NewDate(2026, 4, 9))
	forged.Date = forged.Date.AddDays(1)
	h.try(forged, "machine", kpi.CodeInvalid)
	var problem meeting.MeetingProblem
	if err := h.SaveMeeting(t.Context(), &forged, nil, h.people["mayor"], h.now); !errors.As(err, &problem) || problem != meeting.MeetingNoReason {
		t.Errorf("moved without a reason: %v", err)
	}
}

// TestTheRhythmChanges changes the folder: what the ledger has stays, by its name, and can be worked on.
func TestTheRhythmChanges(t *testing.T) {
	h := newHall(t)
	thursday := kpi.NewDate(2026, 3, 5)
	h.try(h.turn(h.find(thursday), meeting.MeetingTurn{Step: meeting.MeetingEdit, Agenda: &kpi.AgendaEdits{Order: []string{"topic/1"}}}), "analyst", "")
	other := *h.city
	other.Hash, other.Meetings = "h2", []kpi.MeetingSeries{h.city.Meetings[0]}
	other.Meetings[0].Weekday = time.Tuesday
	h.city = &other
	record(t, h.DB, h.city, h.now)
	m := h.find(thursday)
	m = h.try(h.turn(m, meeting.MeetingTurn{Step: meeting.MeetingIssue, Memo: &kpi.MeetingMemo{Items: []kpi.AgendaItem{{Key: "topic/1"}}}}), "analyst", "")
	h.try(h.turn(m, meeting.MeetingTurn{Step: meeting.MeetingMove, Date: thursday.AddDays(1), At: 570, Reason: "Snow.", Lang: kpi.English}), "mayor", "")
	if _, err := kpi.ParseDate(h.find(kpi.NewDate(2026, 3, 10)).Slot.String()); err != nil {
		t.Error(err)
	}
	gone := *h.city
	gone.Hash, gone.Meetings = "h3", nil
	record(t, h.DB, &gone, h.now.Add(time.Minute))
	h.now = h.now.Add(time.Hour)
	saved, err := h.Meetings(t.Context(), kpi.PaperQuery{})
	if err != nil || len(saved) != 1 {
		t.Fatalf("%d meetings: %v", len(saved), err)
	}
	h.city = &gone
	h.try(h.turn(saved[0], meeting.MeetingTurn{Step: meeting.MeetingCancel, Reason: "The series ended.", Lang: kpi.English}), "chief", "")
}

// TestWhatIsSeenIsFrozen keeps the numbers with the memo and with the beginning, the newest of several; without them nothing goes out, and damage to them is found.
func TestWhatIsSeenIsFrozen(t *testing.T) {
	h := newHall(t)
	ctx, slot := t.Context(), kpi.NewDate(2026, 3, 5)
	issue := func() meeting.MeetingTurn {
		return meeting.MeetingTurn{Step: meeting.MeetingIssue, Memo: &kpi.MeetingMemo{Items: []kpi.AgendaItem{{Key: "topic/1"}}}}
	}
	frozen := func(stage, want string) {
		t.Helper()
		text, err := h.Frozen(ctx, "streets", slot, stage)
		if err != nil || string(text) != want {
			t.Errorf("frozen at %s: %s %v, want %s", stage, text, err, want)
		}
	}
	save := func(m kpi.Meeting, numbers string, want kpi.Code) kpi.Meeting {
		t.Helper()
		if err := h.SaveMeeting(ctx, &m, []byte(numbers), h.people["chief"], h.now); kpi.ErrorCode(err) != want {
			t.Fatalf("%s with %q: %v, want %q", m.State, numbers, err, want)
		}
		return m
	}
	frozen(kpi.FrozenMemo, "")
	save(h.turn(h.find(slot), issue()), "", kpi.CodeInvalid)
	if saved, err := h.Meetings(ctx, kpi.PaperQuery{}); err != nil || len(saved) != 0 {
		t.Errorf("a memo went out without its numbers: %v %v", saved, err)
	}
	m := save(h.turn(h.find(slot), issue()), `{"n":1}`, "")
	m = save(h.turn(m, meeting.MeetingTurn{Step: meeting.MeetingReopen}), "", "")
	m = save(h.turn(m, issue()), `{"n":2}`, "")
	frozen(kpi.FrozenMemo, `{"n":2}`)
	frozen(kpi.FrozenMeeting, "")
	m = save(h.turn(m, meeting.MeetingTurn{Step: meeting.MeetingMove, Date: slot.AddDays(1), At: 570, Reason: "Snow.", Lang: kpi.English}), `{"n":3}`, "")
	frozen(kpi.FrozenMemo, `{"n":2}`) // what is sent with a step that freezes nothing is not kept
	h.now = time.Date(2026, 3, 6, 14, 30, 0, 0, time.UTC)
	save(h.turn(m, meeting.MeetingTurn{Step: meeting.MeetingBegin}), "", kpi.CodeInvalid)
	save(h.turn(m, meeting.MeetingTurn{Step: meeting.MeetingBegin}), `{"n":4}`, "")
	frozen(kpi.FrozenMeeting, `{"n":4}`)
	frozen(kpi.FrozenMemo, `{"n":2}`)
	if text, err := h.Frozen(ctx, "streets", slot.AddDays(1), kpi.FrozenMeeting); err != nil || text != nil {
		t.Errorf("a meeting is found by its day: %s %v", text, err)
	}
	raw, err := sql.Open("sqlite", h.path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	for _, statement := range []string{`UPDATE frozen SET body = x'00'`, `DELETE FROM frozen`} {
		if _, err := raw.ExecContext(ctx, statement); err == nil || !strings.Contains(err.Error(), "what was seen in a meeting") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	if _, err := raw.ExecContext(ctx, `DROP TRIGGER frozen_is_frozen`); err != nil {
		t.Fatal(err)
	}
	for what, statement := range map[string]string{
		"other bytes": `UPDATE frozen SET body = (SELECT body FROM frozen WHERE stage = 'memo' ORDER BY id LIMIT 1) WHERE stage = 'meeting'`, "no bytes that can be read": `UPDATE frozen SET body = x'00' WHERE stage = 'meeting'`,
	} {
		if _, err := raw.ExecContext(ctx, statement); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if text, err := h.Frozen(ctx, "streets", slot, kpi.FrozenMeeting); kpi.ErrorCode(err) != kpi.CodeInvalid || text != nil || !strings.Contains(err.Error(), "restore the ledger from a backup") {
			t.Errorf("%s: %s %v", what, text, err)
		}
	}
	frozen(kpi.FrozenMemo, `{"n":2}`)
}

// TestEmergenciesInTheLedger declares one, changes it, calls it off; and refuses who may not and what is no emergency.
func TestEmergenciesInTheLedger(t *testing.T) {
	h := newHall(t)
	ctx := t.Context()
	e := kpi.Emergency{What: "Storm Ana", Reason: "All crews clear the streets.", Lang: kpi.English, From: kpi.NewDate(2026, 3, 1), Until: kpi.NewDate(2026, 3, 9)}
	try := func(e kpi.Emergency, name string, want kpi.Code) kpi.Emergency {
		t.Helper()
		if err := h.SaveEmergency(ctx, &e, h.people[name], h.now); kpi.ErrorCode(err) != want {
			t.Fatalf("%s saves %+v: %v, want %q", name, e, err, want)
		}
		return e
	}
	for _, name := range []string{"analyst", "head", "deputy", "viewer"} {
		try(e, name, kpi.CodeDenied)
	}
	for _, change := range []func(*kpi.Emergency){
		func(e *kpi.Emergency) { e.What = " " }, func(e *kpi.Emergency) { e.Reason = "" }, func(e *kpi.Emergency) { e.From = kpi.Date{} }, func(e *kpi.Emergency) { e.Until = e.From.AddDays(-1) },
		func(e *kpi.Emergency) { e.Departments = []string{"none"} }, func(e *kpi.Emergency) { e.What = strings.Repeat("x", 5000) },
	} {
		wrong := e
		change(&wrong)
		try(wrong, "mayor", kpi.CodeInvalid)
	}
	declared := try(e, "mayor", "")
	ended := declared
	ended.Until = kpi.NewDate(2026, 3, 4)
	ended = try(ended, "chief", "")
	late := declared
	late.Until = kpi.Date{}
	try(late, "mayor", kpi.CodeConflict)
	void := ended
	void.Void = true
	try(void, "mayor", kpi.CodeInvalid) // nobody says why
	void.Why = "The storm went by."
	void = try(void, "mayor", "")
	try(void, "mayor", kpi.CodeInvalid) // it was called off for good
	list, err := h.Emergencies(ctx)
	if err != nil || len(list) != 1 || !list[0].Void || list[0].Until != ended.Until {
		t.Errorf("%+v %v", list, err)
	}
	history, err := h.EmergencyHistory(ctx, declared.ID)
	if err != nil || len(history) != 3 || history[0].Until != e.Until || history[1].By != "chief@city.gov" {
		t.Errorf("%+v %v", history, err)
	}
	entries, err := h.Audit(ctx, 0, 3)
	if err != nil || entries[0].Action != "emergency.void" || entries[2].Action != "emergency.declared" || entries[2].Detail["until"] != "2026-03-09" {
		t.Errorf("%+v %v", entries, err)
	}
}
