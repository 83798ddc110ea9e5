package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/ingest"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// assembly is a town that holds stat meetings, and measures them.
type assembly struct {
	*honest
	hand account.By
}

func openAssembly(t *testing.T) *assembly {
	t.Helper()
	a := &assembly{honest: &honest{T: t, opts: townWritten(t, "testdata/programme.txtar")}, hand: account.By{Name: "the test"}}
	a.goTo("2026-03-02 08:00")
	a.opts.Now = func() time.Time { return a.now }
	a.app = start(t, a.opts)
	return a
}

// goTo moves the clock of the town.
func (a *assembly) goTo(s string) {
	a.Helper()
	at, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		a.Fatal(err)
	}
	a.now = at.Add(5 * time.Hour) // Bogotá has no summer time
}

// turn takes a step with the meeting of a slot at a time.
func (a *assembly) turn(at, series, slot string, t meeting.MeetingTurn) {
	a.Helper()
	a.goTo(at)
	city, _ := a.app.engine.definitions()
	cal, err := city.Calendar()
	if err != nil {
		a.Fatal(err)
	}
	day, err := kpi.ParseDate(slot)
	if err != nil {
		a.Fatal(err)
	}
	work := a.app.workspace().Meetings
	saved, err := work.Meetings(a.Context(), kpi.PaperQuery{})
	if err != nil {
		a.Fatal(err)
	}
	was := meeting.Planned(city, city.Series(series), day)
	if t.Step != meeting.MeetingCall {
		var ok bool
		if was, ok = meeting.Find(city, city.Series(series), saved, day); !ok {
			a.Fatalf("%s has no meeting on %s", series, slot)
		}
	}
	next, err := meeting.TurnMeeting(city, cal, was, saved, t, a.hand.Name, a.now)
	if err == nil {
		err = work.SaveMeeting(a.Context(), &next, card(a.T, a.app), a.hand, a.now)
	}
	if err != nil {
		a.Fatalf("%s of %s/%s: %v", t.Step, series, slot, err)
	}
}

func (a *assembly) memo(at, series, slot string) {
	a.Helper()
	memo := &kpi.MeetingMemo{Items: []kpi.AgendaItem{
		{Key: "indicator/repairs-on-time", Part: kpi.PartNew, Rule: string(meeting.CardSignal), Indicator: "repairs-on-time", Minutes: 8, Question: "QUESTION-ONLY-STAFF"},
		{Key: "topic/1", Part: kpi.PartNew, Rule: string(meeting.RuleAdded), Text: "TOPIC-ONLY-STAFF", Lang: kpi.English, Minutes: 5, Reason: "REASON-ONLY-STAFF"},
	}}
	a.turn(at, series, slot, meeting.MeetingTurn{Step: meeting.MeetingIssue, Memo: memo})
}

// hold holds a meeting at nine o'clock, for three quarters of an hour; follow is when the follow-up memo goes out, "" if it never does.
func (a *assembly) hold(date, series, slot, follow string) {
	a.Helper()
	a.turn(date+" 09:00", series, slot, meeting.MeetingTurn{Step: meeting.MeetingBegin})
	a.turn(date+" 09:45", series, slot, meeting.MeetingTurn{Step: meeting.MeetingEnd})
	if follow != "" {
		a.turn(follow, series, slot, meeting.MeetingTurn{Step: meeting.MeetingFollow, Follow: &kpi.FollowUpMemo{}, Reason: "SUMMARY-ONLY-STAFF", Lang: kpi.English})
	}
}

// promises makes a commitment in a meeting.
func (a *assembly) promises(in string, kind kpi.CommitmentKind, department, due string) kpi.Commitment {
	a.Helper()
	day, err := kpi.ParseDate(due)
	if err != nil {
		a.Fatal(err)
	}
	c := kpi.Commitment{
		Kind: kind, Text: "Something of " + department + " to do.", Lang: kpi.English, Owner: department + "-head", Department: department, Made: a.day(), Due: day,
		State: kpi.CommitmentOpen, Source: "meeting/" + in,
	}
	if err := a.app.workspace().Commitments.SaveCommitment(a.Context(), &c, a.hand, a.now); err != nil {
		a.Fatal(err)
	}
	return c
}

func (a *assembly) emergency(at, from, until string, departments ...string) {
	a.Helper()
	a.goTo(at)
	e := kpi.Emergency{What: "FLOOD-ONLY-STAFF", Reason: "The river.", Lang: kpi.English, Departments: departments}
	for _, d := range []struct {
		to   *kpi.Date
		text string
	}{{&e.From, from}, {&e.Until, until}} {
		var err error
		if *d.to, err = kpi.ParseDate(d.text); err != nil {
			a.Fatal(err)
		}
	}
	if err := a.app.workspace().Emergencies.SaveEmergency(a.Context(), &e, a.hand, a.now); err != nil {
		a.Fatal(err)
	}
}

// ofMeetings are the indicators that come of meetings.
var ofMeetings = []string{"meetings-held", "meetings-cancelled", "memos-on-time", "follow-ups-on-time", "months-with-a-meeting", "commitments-on-time"}

// TestTheProgrammeMeasuresItself lets a town hold its meetings for three months, and counts by hand what its indicators about them say.
func TestTheProgrammeMeasuresItself(t *testing.T) {
	a := openAssembly(t)
	for _, id := range ofMeetings { // nothing has come yet: nobody claims anything
		if r := card(t, a.app).Result(id); r.Assessment.Status != kpi.NoData || r.Assessment.Value != nil {
			t.Errorf("%s of an empty ledger: %s, %v", id, r.Assessment.Status, r.Assessment.Value)
		}
		if page := string(get(t, a.app, "/en/indicators/"+id)); !strings.Contains(page, "no data") {
			t.Errorf("the page of %s does not say that there are no data", id)
		}
	}
	a.memo("2026-03-02 09:00", "streets", "2026-03-03") // a day before: late
	a.turn("2026-03-03 09:00", "streets", "2026-03-03", meeting.MeetingTurn{Step: meeting.MeetingBegin})
	kept := a.promises("streets/2026-03-03", kpi.CommitmentPromise, "works", "2026-03-20")
	a.promises("streets/2026-03-03", kpi.CommitmentRequest, "works", "2026-04-20") // never answered
	a.promises("streets/2026-03-03", kpi.CommitmentPromise, "parks", "2026-04-10") // its date falls into an emergency
	a.turn("2026-03-03 10:20", "streets", "2026-03-03", meeting.MeetingTurn{Step: meeting.MeetingEnd})
	a.turn("2026-03-05 23:59", "streets", "2026-03-03", meeting.MeetingTurn{Step: meeting.MeetingFollow, Follow: &kpi.FollowUpMemo{}}) // in the last minute
	a.memo("2026-03-15 09:00", "streets", "2026-03-17")                                                                                // 48 hours before
	a.hold("2026-03-17", "streets", "2026-03-17", "2026-03-20 08:00")                                                                  // its follow-up memo is late
	for _, step := range []meeting.CommitmentStep{meeting.CommitmentFinish, meeting.CommitmentKeep} {
		a.honest.turn(&kept, meeting.CommitmentTurn{Step: step})
	}
	a.memo("2026-03-24 09:00", "everything", "2026-03-27")
	a.hold("2026-03-27", "everything", "2026-03-27", "2026-03-28 08:00")
	a.turn("2026-03-30 09:00", "streets", "2026-03-31", meeting.MeetingTurn{Step: meeting.MeetingCancel, Reason: "CANCEL-ONLY-STAFF"})
	a.emergency("2026-04-01 08:00", "2026-04-01", "2026-04-30", "parks")
	a.turn("2026-04-10 09:00", "streets", "2026-04-14", meeting.MeetingTurn{Step: meeting.MeetingMove, Date: kpi.NewDate(2026, 4, 16), At: 9 * 60, Reason: "MOVE-ONLY-STAFF"})
	a.memo("2026-04-14 08:00", "streets", "2026-04-14")         // 48 hours before the day to which it was moved
	a.hold("2026-04-16", "streets", "2026-04-14", "")           // no follow-up memo
	a.emergency("2026-05-10 08:00", "2026-05-10", "2026-05-20") // on 24 and 28 April nobody came; the meeting of 12 May is suspended
	a.turn("2026-05-21 09:00", "streets", "2026-05-25", meeting.MeetingTurn{Step: meeting.MeetingCall, Date: kpi.NewDate(2026, 5, 25), At: 9 * 60, Reason: "CALL-ONLY-STAFF"})
	a.memo("2026-05-23 09:00", "streets", "2026-05-26")
	a.hold("2026-05-25", "streets", "2026-05-25", "2026-05-26 08:00") // beside the rhythm, without a memo
	a.hold("2026-05-26", "streets", "2026-05-26", "2026-05-27 08:00")
	a.turn("2026-05-28 09:00", "everything", "2026-05-29", meeting.MeetingTurn{Step: meeting.MeetingCancel, Reason: "CANCEL-ONLY-STAFF"})
	a.turn("2026-05-28 09:30", "everything", "2026-06-26", meeting.MeetingTurn{Step: meeting.MeetingCancel, Reason: "Nobody counts it before it has come."})
	a.goTo("2026-06-01 12:00")
	a.load("meetings", "agencies", "commitments")

	// Of streets five of seven were held: one was cancelled, one missed, and the suspended one is in no count. Of everything one of three.
	a.wants("meetings-held", map[string][2]float64{"": {6, 10}, "streets": {5, 7}, "everything": {1, 3}})
	a.wants("meetings-cancelled", map[string][2]float64{"": {2, 10}, "streets": {1, 7}, "everything": {1, 3}})
	// Late: that of 3 March, and those that never came: of 28 April, of 25 May and, of everything, of 24 April.
	a.wants("memos-on-time", map[string][2]float64{"": {4, 8}, "streets": {3, 6}, "everything": {1, 2}})
	a.wants("follow-ups-on-time", map[string][2]float64{"": {4, 6}, "streets": {3, 5}, "everything": {1, 1}})
	// Works was asked in each month. Parks in March, not in May; in April it had an emergency.
	a.wants("months-with-a-meeting", map[string][2]float64{"": {4, 5}, "works": {3, 3}, "parks": {1, 2}})
	a.wants("commitments-on-time", map[string][2]float64{"": {1, 2}, "works": {1, 2}, "parks": {0, 0}}) // that of parks is counted apart

	got := a.table(ingest.TableMeetings, "meeting", "date", "outcome", "moved", "extra", "suspended", "minutes_taken", "promises", "requests")
	if diff := cmp.Diff([]string{
		"streets/2026-03-03 2026-03-03 held 0 false false 80 2 1", "streets/2026-03-17 2026-03-17 held 0 false false 45 0 0", "everything/2026-03-27 2026-03-27 held 0 false false 45 0 0",
		"streets/2026-03-31 2026-03-31 cancelled 0 false false - 0 0", "streets/2026-04-14 2026-04-16 held 1 false false 45 0 0", "everything/2026-04-24 2026-04-24 missed 0 false false - 0 0",
		"streets/2026-04-28 2026-04-28 missed 0 false false - 0 0", "streets/2026-05-12 2026-05-12 missed 0 false true - 0 0", "streets/2026-05-25 2026-05-25 held 0 true false 45 0 0",
		"streets/2026-05-26 2026-05-26 held 0 false false 45 0 0", "everything/2026-05-29 2026-05-29 cancelled 0 false false - 0 0",
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got = a.table(ingest.TableAgencies, "agency", "held", "at_least_one", "suspended")
	if diff := cmp.Diff([]string{
		"parks/2026-03 1 true false", "parks/2026-04 0 - true", "parks/2026-05 0 false false", "parks/2026-06 0 - false",
		"works/2026-03 3 true false", "works/2026-04 1 true false", "works/2026-05 2 true false", "works/2026-06 0 - false",
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	before := observed(t, a.app)
	if err := a.app.engine.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, observed(t, a.app)); diff != "" || len(before) < 20 {
		t.Errorf("rebuilt from the spool (-before +after):\n%s", diff)
	}
	publicMeetings(a)
}

// publicMeetings: residents read of a meeting of a public series as soon as something of it is saved, and of nothing else that people typed.
func publicMeetings(a *assembly) {
	a.Helper()
	const one = "/en/meetings/streets/2026-05-26"
	all := func() string {
		p, _, err := a.app.engine.led.Published(a.Context())
		if err != nil {
			a.Fatal(err)
		}
		body := string(p.Body)
		for _, path := range []string{"/en/meetings", one, "/en/meetings/streets/2026-04-14", "/en/meetings/streets/2026-03-31", "/meetings.csv", "/en/indicators/repairs-on-time", "/api/v1/indicators", "/metrics"} {
			body += string(get(a.T, a.app, path))
		}
		return body
	}
	decide := func(n *kpi.MeetingNote) {
		a.Helper()
		a.now = a.now.Add(time.Minute)
		if err := a.app.workspace().Notes.SaveMeetingNote(a.Context(), n, a.hand, a.now); err != nil {
			a.Fatal(err)
		}
	}
	note := kpi.MeetingNote{Kind: kpi.NoteDecision, Series: "streets", Slot: kpi.NewDate(2026, 5, 26), Text: "DECIDED-IN-SECRET", Lang: kpi.English, State: kpi.NoteOpen, Indicator: "repairs-on-time"}
	decide(&note)
	elsewhere := note
	elsewhere.Stamp, elsewhere.Series, elsewhere.Slot, elsewhere.Public = kpi.Stamp{}, "everything", kpi.NewDate(2026, 3, 27), true
	decide(&elsewhere) // its series is for staff alone
	body := all()
	for _, bad := range []string{"ONLY-STAFF", "DECIDED-IN-SECRET", "meetings/everything", `"id":"everything"`, "Something of works to do."} {
		if strings.Contains(body, bad) {
			a.Errorf("residents read %q", bad)
		}
	}
	for _, want := range []string{"Repairs on time", "first planned for April", "Cancelled", "Not held", "Not held: emergency", "Further items that are not public: 1"} {
		if !strings.Contains(body, want) {
			a.Errorf("residents do not read %q", want)
		}
	}
	note.Public = true
	decide(&note)
	if !strings.Contains(string(get(a.T, a.app, one)), "DECIDED-IN-SECRET") {
		a.Error("what was decided for residents is not told at once")
	}
	note.Public = false
	decide(&note)
	if strings.Contains(all(), "DECIDED-IN-SECRET") {
		a.Error("what was taken back is told still")
	}
	number := card(a.T, a.app).Number
	a.turn("2026-06-02 08:00", "streets", "2026-06-23", meeting.MeetingTurn{Step: meeting.MeetingEdit, Agenda: &kpi.AgendaEdits{Order: []string{"topic/1"}}})
	if card(a.T, a.app).Number != number {
		a.Error("what is prepared is published")
	}
	a.turn("2026-06-02 08:10", "streets", "2026-06-23", meeting.MeetingTurn{Step: meeting.MeetingCancel, Reason: "CANCEL-ONLY-STAFF"})
	if !strings.Contains(string(get(a.T, a.app, "/en/meetings/streets/2026-06-23")), "Cancelled") {
		a.Error("that a meeting is cancelled is not told at once")
	}
}

// table reads a table of what the program records as lines of its fields; what is blank is -.
func (a *assembly) table(name string, columns ...string) []string {
	a.Helper()
	header, rows, err := tables{a.app.engine}.Table(a.Context(), name)
	if err != nil {
		a.Fatal(err)
	}
	var list []string
	for fields, err := range rows {
		if err != nil || len(fields) != len(header) {
			a.Fatal(fields, err)
		}
		var line []string
		for _, c := range columns {
			for i := range header {
				if header[i] == c {
					line = append(line, map[bool]string{true: "-", false: fields[i]}[fields[i] == ""])
				}
			}
		}
		list = append(list, strings.Join(line, " "))
	}
	return list
}
