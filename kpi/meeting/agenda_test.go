package meeting

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// street is a series that takes the department of [monthly] and no other, and its meeting on April 9, 2026, for an hour.
func street() (*kpi.MeetingSeries, *kpi.Meeting) {
	s := &kpi.MeetingSeries{ID: "street", Departments: []string{"works"}, Chair: "mayor", Analyst: "analyst", Minutes: 60}
	return s, &kpi.Meeting{Series: "street", Slot: kpi.NewDate(2026, 4, 9), Date: kpi.NewDate(2026, 4, 9), Minutes: 60, State: kpi.MeetingPlanned}
}

// agendaOf is what an agenda of a meeting is made of, with results and commitments.
func agendaOf(results []scorecard.Result, promised ...kpi.Commitment) AgendaInputs {
	s, m := street()
	return AgendaInputs{
		City: &kpi.City{}, Series: s, Meeting: m, Live: &scorecard.Scorecard{City: cityWith(results), Results: results, AsOf: kpi.NewDate(2026, 4, 7)}, Commitments: promised,
	}
}

// cityWith is a city whose folder has the indicators of results, in their order.
func cityWith(results []scorecard.Result) *kpi.City {
	city := &kpi.City{}
	for i := range results {
		city.Indicators = append(city.Indicators, *results[i].Indicator)
	}
	return city
}

// told writes an agenda in a line: its items with rule and minutes, then what is left out and why.
func told(a *Agenda) string {
	var list []string
	for _, it := range a.Items {
		list = append(list, fmt.Sprintf("%s %s %d", it.Key, it.Rule, it.Minutes))
	}
	for _, it := range a.Left {
		list = append(list, fmt.Sprintf("(%s %s: %s)", it.Key, it.Rule, it.Out))
	}
	return strings.Join(list, ", ")
}

// dueOn is a commitment of the works department that is due on a day of April 2026.
func dueOn(id int64, due int) kpi.Commitment {
	return kpi.Commitment{Stamp: kpi.Stamp{ID: id}, Text: "It is done.", Department: "works", Owner: "head", Made: kpi.NewDate(2026, 1, 1), Due: kpi.NewDate(2026, 4, due), State: kpi.CommitmentOpen}
}

// slipped is a commitment whose owner moved its date so often.
func slipped(c kpi.Commitment, times int) kpi.Commitment {
	for i := times; i > 0; i-- {
		c.Moves = append(c.Moves, kpi.DueMove{From: c.Due.AddDays(-7 * i), To: c.Due.AddDays(-7 * (i - 1))})
	}
	return c
}

// Each rule by which something is on an agenda, beside what nearly is; each item says its rule.
func TestAgendaRules(t *testing.T) {
	done, kept, blocked, byChair, other, here, request := dueOn(1, 20), dueOn(1, 1), dueOn(1, 30), slipped(dueOn(1, 9), 3), dueOn(1, 1), dueOn(1, 1), dueOn(1, 1)
	done.State, done.Done = kpi.CommitmentDone, kpi.NewDate(2026, 4, 2)
	kept.State = kpi.CommitmentKept
	blocked.Blocker = "No asphalt."
	byChair.Moves[1].Chair = true
	other.Department = "parks"
	here.Department, here.Source = "parks", "meeting/street/2026-03-26"
	request.Kind = kpi.CommitmentRequest
	elsewhere := here
	elsewhere.Source = "meeting/streets/2026-03-26"
	for name, c := range map[string]struct {
		promised kpi.Commitment
		want     string
		waiting  int
	}{
		"late":                                {dueOn(1, 8), "commitment/1 overdue 3", 0},
		"due on the day of the meeting":       {dueOn(1, 9), "commitment/1 due 3", 0},
		"due the day after":                   {dueOn(1, 10), "", 1},
		"blocked":                             {blocked, "commitment/1 due 3", 0},
		"done":                                {done, "commitment/1 done 3", 0},
		"closed":                              {kept, "", 0},
		"slipped twice":                       {slipped(dueOn(1, 20), 2), "", 1},
		"slipped for the third time":          {slipped(dueOn(1, 20), 3), "commitment/1 third_slip 5", 0},
		"moved by the chair, no slip":         {byChair, "commitment/1 due 3", 0},
		"of a department of another series":   {other, "", 0},
		"of another one, made in this series": {here, "commitment/1 overdue 3", 0},
		"of another one, made in another":     {elsewhere, "", 0},
		"a request":                           {request, "commitment/1 overdue 3", 0},
	} {
		a := MakeAgenda(agendaOf(nil, c.promised))
		if got := told(&a); got != c.want || a.Waiting != c.waiting {
			t.Errorf("%s: %q and %d that wait, want %q and %d", name, got, a.Waiting, c.want, c.waiting)
		}
	}
}

// The seven rules in their order: promises first, third slips before all, then the latest; then indicators by rule, each once, the rest counted.
func TestAgendaOrder(t *testing.T) {
	good, bad := []float64{90, 91, 92}, []float64{70, 71, 69}
	results := []scorecard.Result{
		monthly("steady", kpi.OnTrack, kpi.Steady, good...), monthly("win", kpi.OnTrack, kpi.Improving, good...), monthly("warning", kpi.OnTrack, kpi.Worsening, good...),
		monthly("again", kpi.Behind, kpi.Steady, bad...), monthly("none", kpi.NoData, kpi.TooEarly), monthly("crossed", kpi.Behind, kpi.Steady, 90, 91, 69),
		monthly("several", kpi.WellBehind, kpi.Worsening, bad...), monthly("quiet", kpi.NoTarget, kpi.Steady, good...),
	}
	elsewhere := monthly("elsewhere", kpi.WrongWay, kpi.Worsening, bad...)
	elsewhere.Indicator.Department = "parks"
	late, later, third := dueOn(1, 8), dueOn(2, 1), slipped(dueOn(3, 30), 3)
	done := dueOn(4, 8)
	done.State, done.Done = kpi.CommitmentDone, kpi.NewDate(2026, 4, 7)
	in := agendaOf(append(results, elsewhere), late, done, later, third, dueOn(5, 9), dueOn(6, 30))
	in.Before = &scorecard.Scorecard{Results: []scorecard.Result{monthly("crossed", kpi.OnTrack, kpi.Steady, 90), monthly("several", kpi.OnTrack, kpi.Steady, 90)}}
	in.Meeting.Minutes = 52 // the early warning no longer fits, and the win that comes after it does
	a := MakeAgenda(in)
	want := "commitment/3 third_slip 5, commitment/2 overdue 3, commitment/1 overdue 3, commitment/4 done 3, commitment/5 due 3, " +
		"indicator/several signal 8, indicator/crossed crossed 8, indicator/none data 8, indicator/again again 8, indicator/win win 2, (indicator/warning warning: time)"
	if got := told(&a); got != want {
		t.Errorf("the agenda is\n%s, want\n%s", got, want)
	}
	if a.Steady != 2 || a.Waiting != 1 || a.Minutes != 51 || a.Over() != 0 {
		t.Errorf("%d steady, %d waiting, %d minutes", a.Steady, a.Waiting, a.Minutes)
	}
	if got := strings.Join(a.Items[5].Also, " "); got != "crossed again" {
		t.Errorf("the other rules of the first card: %q", got)
	}
}

// At most five new cards are on an agenda, and no more than the booked minutes hold; what is left says why. Promises are on it however long they take.
func TestAgendaRoom(t *testing.T) {
	var results []scorecard.Result
	for i := range 8 {
		results = append(results, monthly(fmt.Sprintf("i%d", i), kpi.Behind, kpi.Worsening, 70, 71, 69))
	}
	in := agendaOf(results)
	a := MakeAgenda(in)
	if got, want := told(&a), "indicator/i0 signal 8, indicator/i1 signal 8, indicator/i2 signal 8, indicator/i3 signal 8, indicator/i4 signal 8, (indicator/i5 signal: full), (indicator/i6 signal: full), (indicator/i7 signal: full)"; got != want {
		t.Errorf("%s", got)
	}
	in.Meeting.Minutes = 20
	a = MakeAgenda(in)
	if got, want := told(&a), "indicator/i0 signal 8, indicator/i1 signal 8, (indicator/i2 signal: time), (indicator/i3 signal: time), (indicator/i4 signal: time), (indicator/i5 signal: time), (indicator/i6 signal: time), (indicator/i7 signal: time)"; got != want {
		t.Errorf("%s", got)
	}
	for id := range int64(9) {
		in.Commitments = append(in.Commitments, dueOn(id+1, 1))
	}
	a = MakeAgenda(in)
	if len(a.Items) != 9 || a.Minutes != 27 || a.Over() != 7 || len(a.Left) != 8 {
		t.Errorf("nine promises in twenty minutes: %s", told(&a))
	}
}

// What whoever prepares a meeting changes: what is added takes a place of the five and time, and may exceed both; what is dropped stays visible with its reason, and a third
// slip cannot be; standing items are on each agenda.
func TestAgendaEdits(t *testing.T) {
	var results []scorecard.Result
	for i := range 6 {
		results = append(results, monthly(fmt.Sprintf("i%d", i), kpi.Behind, kpi.Worsening, 70, 71, 69))
	}
	results = append(results, monthly("calm", kpi.OnTrack, kpi.Steady, 90, 91, 92))
	waits := kpi.MeetingNote{Stamp: kpi.Stamp{ID: 7}, Kind: kpi.NoteLater, Series: "street", Text: "Who pays?", State: kpi.NoteOpen}
	gone := waits
	gone.ID, gone.State = 8, kpi.NoteWithdrawn
	add := func(o ...kpi.AgendaItem) kpi.AgendaEdits { return kpi.AgendaEdits{Added: o} }
	topic := kpi.AgendaItem{Key: "topic/1", Text: "The budget.", Minutes: 10, Reason: "The council asks."}
	for name, c := range map[string]struct {
		edits    kpi.AgendaEdits
		standing []string
		minutes  int
		want     string
	}{
		"a topic":                  {add(topic), nil, 60, "indicator/i0 signal 8, indicator/i1 signal 8, indicator/i2 signal 8, indicator/i3 signal 8, topic/1 added 10, (indicator/i4 signal: full), (indicator/i5 signal: full)"},
		"a topic takes time first": {add(topic), nil, 20, "indicator/i0 signal 8, topic/1 added 10, (indicator/i1 signal: time), (indicator/i2 signal: time), (indicator/i3 signal: time), (indicator/i4 signal: time), (indicator/i5 signal: time)"},
		"a steady indicator":       {add(kpi.AgendaItem{Key: "indicator/calm", Indicator: "calm", Reason: "Look."}), nil, 60, "indicator/i0 signal 8, indicator/i1 signal 8, indicator/i2 signal 8, indicator/i3 signal 8, indicator/calm added 8, (indicator/i4 signal: full), (indicator/i5 signal: full)"},
		"one that was left out": {add(kpi.AgendaItem{Key: "indicator/i5", Indicator: "i5", Reason: "Look.", Minutes: 4}), nil, 60,
			"indicator/i0 signal 8, indicator/i1 signal 8, indicator/i2 signal 8, indicator/i3 signal 8, indicator/i5 signal 4, (indicator/i4 signal: full)"},
		"a topic of an earlier meeting, and one that was withdrawn": {add(kpi.AgendaItem{Key: "note/7", Note: 7, Reason: "It waited."}, kpi.AgendaItem{Key: "note/8", Note: 8, Reason: "It waited."}, kpi.AgendaItem{Key: "note/9", Note: 9}), nil, 13,
			"indicator/i0 signal 8, note/7 added 5, (indicator/i1 signal: time), (indicator/i2 signal: time), (indicator/i3 signal: time), (indicator/i4 signal: time), (indicator/i5 signal: time)"},
		"dropped": {kpi.AgendaEdits{Dropped: []kpi.AgendaDrop{{Key: "indicator/i0", Reason: "We know."}}}, nil, 60,
			"indicator/i1 signal 8, indicator/i2 signal 8, indicator/i3 signal 8, indicator/i4 signal 8, indicator/i5 signal 8, (indicator/i0 signal: dropped)"},
		"a standing item":       {kpi.AgendaEdits{}, []string{"calm", "i5"}, 20, "indicator/calm standing 5, indicator/i5 standing 5, indicator/i0 signal 8, (indicator/i1 signal: time), (indicator/i2 signal: time), (indicator/i3 signal: time), (indicator/i4 signal: time)"},
		"less time, more cards": {kpi.AgendaEdits{Minutes: map[string]int{"indicator/i0": 4, "indicator/i1": 0, "indicator/i9": 900}}, nil, 13, "indicator/i0 signal 4, indicator/i1 signal 1, indicator/i2 signal 8, (indicator/i3 signal: time), (indicator/i4 signal: time), (indicator/i5 signal: time)"},
		"an order": {kpi.AgendaEdits{Order: []string{"indicator/i3", "indicator/gone", "indicator/i1", "indicator/i5", "indicator/i3"}}, nil, 60,
			"indicator/i0 signal 8, indicator/i3 signal 8, indicator/i2 signal 8, indicator/i1 signal 8, indicator/i4 signal 8, (indicator/i5 signal: full)"},
	} {
		in := agendaOf(results)
		in.Meeting.Agenda, in.Series.Standing, in.Meeting.Minutes = c.edits, c.standing, c.minutes
		in.Notes = []kpi.MeetingNote{waits, gone}
		a := MakeAgenda(in)
		if got := told(&a); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", name, got, c.want)
		}
	}
}

// A third slip is first whatever the order says, and stays whatever was dropped.
func TestAgendaThirdSlipStays(t *testing.T) {
	in := agendaOf(nil, dueOn(1, 1), slipped(dueOn(2, 30), 3), slipped(dueOn(3, 20), 4))
	in.Meeting.Agenda = kpi.AgendaEdits{
		Order: []string{"commitment/1", "commitment/2", "commitment/3"}, Dropped: []kpi.AgendaDrop{{Key: "commitment/2", Reason: "Not again."}, {Key: "commitment/1", Reason: "Not now."}},
	}
	a := MakeAgenda(in)
	if got, want := told(&a), "commitment/2 third_slip 5, commitment/3 third_slip 5, (commitment/1 overdue: dropped)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if a.Left[0].Reason != "Not now." {
		t.Errorf("the reason is gone: %+v", a.Left[0])
	}
}

// Once the memo is out it is the agenda, whatever the numbers say since.
func TestAgendaLocked(t *testing.T) {
	in := agendaOf([]scorecard.Result{monthly("one", kpi.Behind, kpi.Worsening, 70, 71, 69), monthly("two", kpi.OnTrack, kpi.Steady, 90, 91, 92)}, dueOn(1, 1))
	before := MakeAgenda(in)
	in.Meeting.Memo = before.Memo()
	in.Meeting.State = kpi.MeetingReady
	in.Live = &scorecard.Scorecard{City: in.Live.City, Results: []scorecard.Result{monthly("one", kpi.OnTrack, kpi.Steady, 90, 91, 92), monthly("two", kpi.Behind, kpi.Worsening, 70, 71, 69)}}
	in.Commitments[0].State = kpi.CommitmentKept
	in.Commitments = append(in.Commitments, dueOn(2, 1))
	in.Meeting.Agenda.Dropped = []kpi.AgendaDrop{{Key: "indicator/one", Reason: "Late."}}
	a := MakeAgenda(in)
	if told(&a) != told(&before) || a.Minutes != before.Minutes || a.Steady != before.Steady {
		t.Errorf("the memo says\n%s, the agenda\n%s", told(&before), told(&a))
	}
	if a.Items[0].Promise == nil || a.Items[0].Promise.State != kpi.CommitmentKept || a.Items[1].Card == nil || a.Items[1].Card.Result.Assessment.Status != kpi.OnTrack || a.Items[1].Status != kpi.Behind {
		t.Errorf("what is known now of the items: %+v", a.Items)
	}
}

// A promise whose date an emergency suspends is due, and not late; days late are counted from the day to which it moved.
func TestAgendaEmergency(t *testing.T) {
	in := agendaOf(nil, dueOn(1, 1))
	storm := kpi.Emergency{From: kpi.NewDate(2026, 3, 31), Until: kpi.NewDate(2026, 4, 10)}
	in.Emergencies = []kpi.Emergency{storm}
	if a := MakeAgenda(in); told(&a) != "commitment/1 due 3" {
		t.Errorf("in an emergency: %s", told(&a))
	}
	in.Emergencies[0].Until = kpi.NewDate(2026, 4, 3) // it is to be there on April 5
	a := MakeAgenda(in)
	if told(&a) != "commitment/1 overdue 3" || a.Items[0].Late != 4 {
		t.Errorf("after it: %s, %d days late", told(&a), a.Items[0].Late)
	}
}

// A topic that was left for later waits until a memo has it, and waits again if that meeting is cancelled.
func TestParked(t *testing.T) {
	note := func(id int64, kind kpi.NoteKind, state kpi.NoteState) kpi.MeetingNote {
		return kpi.MeetingNote{Stamp: kpi.Stamp{ID: id}, Kind: kind, State: state}
	}
	notes := []kpi.MeetingNote{note(4, kpi.NoteLater, kpi.NoteOpen), note(2, kpi.NoteLater, kpi.NoteOpen), note(1, kpi.NoteDecision, kpi.NoteOpen), note(3, kpi.NoteLater, kpi.NoteWithdrawn), note(5, kpi.NoteLater, kpi.NoteTaken)}
	m := kpi.Meeting{State: kpi.MeetingReady, Memo: &kpi.MeetingMemo{Items: []kpi.AgendaItem{{Key: "note/2", Note: 2}}, Left: []kpi.AgendaItem{{Key: "note/4", Note: 4}}}}
	ids := func(list []kpi.MeetingNote) string {
		var s []string
		for _, n := range list {
			s = append(s, fmt.Sprint(n.ID))
		}
		return strings.Join(s, " ")
	}
	if got := ids(Parked(notes, []kpi.Meeting{m})); got != "4" {
		t.Errorf("a memo has 2: %q wait", got)
	}
	m.State = kpi.MeetingCancelled
	if got := ids(Parked(notes, []kpi.Meeting{m})); got != "2 4" {
		t.Errorf("that meeting is cancelled: %q wait", got)
	}
}

// What is kept of an agenda has bounds and reasons.
func TestEditsProblem(t *testing.T) {
	long := strings.Repeat("x", MaxAgendaText+1)
	for name, c := range map[string]struct {
		edits kpi.AgendaEdits
		want  MeetingProblem
	}{
		"nothing":                  {},
		"all in order":             {kpi.AgendaEdits{Added: []kpi.AgendaItem{{Key: "topic/1", Text: "x", Reason: "y"}}, Dropped: []kpi.AgendaDrop{{Key: "k", Reason: "y"}}, Minutes: map[string]int{"k": 1}, Questions: map[string]string{"k": "?"}}, ""},
		"added, nobody said why":   {kpi.AgendaEdits{Added: []kpi.AgendaItem{{Key: "topic/1", Text: "x", Reason: ""}}}, MeetingNoReason},
		"a topic of nothing":       {kpi.AgendaEdits{Added: []kpi.AgendaItem{{Key: "topic/1", Text: "", Reason: "y"}}}, MeetingWrong},
		"without a key":            {kpi.AgendaEdits{Added: []kpi.AgendaItem{{Text: "x", Reason: "y"}}}, MeetingWrong},
		"a promise, added":         {kpi.AgendaEdits{Added: []kpi.AgendaItem{{Key: "commitment/1", Text: "x", Reason: "y"}}}, MeetingWrong},
		"a long topic":             {kpi.AgendaEdits{Added: []kpi.AgendaItem{{Key: "topic/1", Text: long, Reason: "y"}}}, MeetingLong},
		"dropped, nobody said why": {kpi.AgendaEdits{Dropped: []kpi.AgendaDrop{{Key: "k"}}}, MeetingNoReason},
		"a long reason":            {kpi.AgendaEdits{Dropped: []kpi.AgendaDrop{{Key: "k", Reason: long}}}, MeetingLong},
		"no minute":                {kpi.AgendaEdits{Minutes: map[string]int{"k": 0}}, MeetingWrong},
		"days":                     {kpi.AgendaEdits{Minutes: map[string]int{"k": MaxItemMinutes + 1}}, MeetingWrong},
		"a long question":          {kpi.AgendaEdits{Questions: map[string]string{"k": long}}, MeetingLong},
		"a question of bells":      {kpi.AgendaEdits{Questions: map[string]string{"k": "a\x07b"}}, MeetingLong},
		"without end":              {kpi.AgendaEdits{Order: make([]string, maxAgendaKeys+1)}, MeetingLong},
	} {
		if got := EditsProblem(&c.edits); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	s, m := street()
	city := &kpi.City{Meetings: []kpi.MeetingSeries{*s}}
	_, err := TurnMeeting(city, kpi.Calendar{Location: time.UTC}, *m, nil, MeetingTurn{Step: MeetingEdit, Agenda: &kpi.AgendaEdits{Dropped: []kpi.AgendaDrop{{Key: "k"}}}}, "x", time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC))
	if err != MeetingNoReason { //nolint:errorlint // it is the problem itself
		t.Errorf("dropped without a reason: %v", err)
	}
}
