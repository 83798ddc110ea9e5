package meeting

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// hall is a city with a series on Thursdays and three posts.
func hall(t testing.TB) (*kpi.City, kpi.Calendar) {
	t.Helper()
	s := weekly(t, 1, "2026-01-01")
	c := &kpi.City{TimeZone: "America/New_York", Meetings: []kpi.MeetingSeries{*s}, People: []kpi.Person{{ID: "mayor"}, {ID: "analyst"}, {ID: "chief"}}}
	cal, err := c.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	return c, cal
}

// thursday is a meeting of that city in a state, as the ledger has it: on 8 January at half past nine.
func thursday(t testing.TB, state kpi.MeetingState) kpi.Meeting {
	t.Helper()
	c, cal := hall(t)
	m := Planned(c, &c.Meetings[0], day(t, "2026-01-08"))
	m.Stamp = kpi.Stamp{ID: 7, Revision: 3}
	m.State = state
	if state == kpi.MeetingReady || state.Held() {
		m.Memo = &kpi.MeetingMemo{Due: m.Start(cal.Location).Add(-MemoBefore).UTC(), Items: []kpi.AgendaItem{{Key: "topic/1"}}}
	}
	if state.Held() {
		m.Opened = m.Start(cal.Location).UTC()
	}
	if state == kpi.MeetingHeld || state == kpi.MeetingClosed {
		m.Over = m.Opened.Add(time.Hour)
	}
	if state == kpi.MeetingClosed {
		m.FollowUp = &kpi.FollowUpMemo{Due: FollowUpDue(&m, cal.Location).UTC()}
	}
	if state == kpi.MeetingCancelled {
		m.Reason = "Snow."
	}
	return m
}

// stepsOf says of a state which steps lead on from it, by the right that they need. It is written down once more, as a person from a city would.
var stepsOf = map[kpi.MeetingState]map[account.Action]string{
	kpi.MeetingPlanned:   {account.PrepareMeetings: "edit issue", account.RecordMeetings: "begin", account.ConveneMeetings: "move delegate cancel call"},
	kpi.MeetingReady:     {account.PrepareMeetings: "reopen", account.RecordMeetings: "begin", account.ConveneMeetings: "move delegate cancel"},
	kpi.MeetingOpen:      {account.RecordMeetings: "end", account.ConveneMeetings: "delegate"},
	kpi.MeetingHeld:      {account.PrepareMeetings: "follow"},
	kpi.MeetingClosed:    {},
	kpi.MeetingCancelled: {account.ConveneMeetings: "restore"},
}

// TestWhoMayDoWhatWithAMeeting goes through every role × whether they preside × state × step, and asks both the rule and the guard of what is saved.
func TestWhoMayDoWhatWithAMeeting(t *testing.T) {
	town, cal := hall(t)
	rights := map[account.Role]string{
		account.Mayor: "record_meetings convene_meetings", account.ChiefOfStaff: "prepare_meetings record_meetings convene_meetings", account.Analyst: "prepare_meetings record_meetings",
	}
	cells := 0
	for _, role := range append([]account.Role{""}, account.Roles...) {
		for _, presides := range []bool{false, true} {
			who := &account.Person{}
			if role != "" {
				who.Grants = []account.Grant{{Role: role}}
				if role.OfDepartment() {
					who.Grants[0].Department = "parks"
				}
			}
			for _, state := range kpi.MeetingStates {
				may := ""
				for need, steps := range stepsOf[state] {
					if strings.Contains(rights[role], string(need)) || presides && need == account.RecordMeetings {
						may += " " + steps
					}
				}
				for _, step := range MeetingSteps {
					cells++
					m := thursday(t, state)
					want := slices.Contains(strings.Fields(may), string(step))
					if got := MayMeeting(step, &m, who, presides); got != want {
						t.Errorf("%s, presides %v: %s from %s: %v, want %v", role, presides, step, state, got, want)
					}
					if !slices.Contains(strings.Fields(stepsOf[state][meetingNeeds[step]]), string(step)) {
						continue
					}
					was, next, now := turned(t, step, state)
					got, err := CheckMeeting(town, cal, was, next, nil, who, presides, now)
					if code := kpi.ErrorCode(err); got != step || want && err != nil || !want && code != kpi.CodeDenied {
						t.Errorf("%s, presides %v: saves a meeting by %s (%s) from %s: %v, want allowed %v", role, presides, step, got, state, err, want)
					}
				}
				if got, want := MayRecord(who, presides), strings.Contains(rights[role], "record_meetings") || presides; got != want {
					t.Errorf("%s, presides %v: records %v", role, presides, got)
				}
			}
		}
	}
	if cells != (len(account.Roles)+1)*2*len(kpi.MeetingStates)*len(MeetingSteps) {
		t.Errorf("%d cells", cells)
	}
	disabled := &account.Person{Disabled: true, Grants: []account.Grant{{Role: account.Mayor}}}
	m := thursday(t, kpi.MeetingReady)
	if MayMeeting(MeetingBegin, &m, disabled, true) || MayRecord(disabled, true) || MayMeeting(MeetingBegin, &m, nil, true) || MayRecord(nil, true) {
		t.Error("an account that is blocked, or nobody, begins a meeting")
	}
}

// turned takes a step from a state, at a moment at which it can be taken.
func turned(t testing.TB, step MeetingStep, state kpi.MeetingState) (was, next *kpi.Meeting, now time.Time) {
	t.Helper()
	town, cal := hall(t)
	m := thursday(t, state)
	now = m.Start(cal.Location).Add(-72 * time.Hour)
	turn := MeetingTurn{Step: step, Reason: "It snows.", Lang: kpi.English, Date: day(t, "2026-01-09"), At: 600, Post: "chief"}
	switch step {
	case MeetingEdit:
		turn.Agenda = &kpi.AgendaEdits{Order: []string{"topic/2"}}
	case MeetingIssue:
		turn.Memo = &kpi.MeetingMemo{Items: []kpi.AgendaItem{{Key: "topic/1"}}}
	case MeetingBegin, MeetingEnd:
		now = m.Start(cal.Location).Add(time.Hour)
	case MeetingFollow:
		turn.Follow, now = &kpi.FollowUpMemo{Notes: []int64{1}}, m.Start(cal.Location).Add(24*time.Hour)
	case MeetingCall:
		m = Planned(town, &town.Meetings[0], turn.Date)
	}
	n, err := TurnMeeting(town, cal, m, nil, turn, "", now)
	if err != nil {
		t.Fatalf("%s from %s: %v", step, state, err)
	}
	return &m, &n, now
}

// TestStepsOfAMeeting looks at what each step makes of a meeting, and that it leaves what it began with as it was.
func TestStepsOfAMeeting(t *testing.T) {
	for _, c := range []struct {
		step  MeetingStep
		state kpi.MeetingState
		want  func(was, next *kpi.Meeting, now time.Time) bool
	}{
		{MeetingEdit, kpi.MeetingPlanned, func(_, n *kpi.Meeting, _ time.Time) bool {
			return n.Agenda.Order[0] == "topic/2" && n.State == kpi.MeetingPlanned
		}},
		{MeetingIssue, kpi.MeetingPlanned, func(_, n *kpi.Meeting, now time.Time) bool {
			return n.State == kpi.MeetingReady && n.Memo.At.Equal(now) && n.Memo.Due.Equal(now.Add(24*time.Hour)) && len(n.Memo.Items) == 1
		}},
		{MeetingReopen, kpi.MeetingReady, func(_, n *kpi.Meeting, _ time.Time) bool { return n.State == kpi.MeetingPlanned && n.Memo == nil }},
		{MeetingBegin, kpi.MeetingPlanned, func(_, n *kpi.Meeting, now time.Time) bool { return n.State == kpi.MeetingOpen && n.Opened.Equal(now) }},
		{MeetingBegin, kpi.MeetingReady, func(_, n *kpi.Meeting, now time.Time) bool {
			return n.State == kpi.MeetingOpen && n.Opened.Equal(now) && n.Memo != nil
		}},
		{MeetingEnd, kpi.MeetingOpen, func(_, n *kpi.Meeting, now time.Time) bool { return n.State == kpi.MeetingHeld && n.Over.Equal(now) }},
		{MeetingFollow, kpi.MeetingHeld, func(w, n *kpi.Meeting, now time.Time) bool {
			return n.State == kpi.MeetingClosed && n.FollowUp.At.Equal(now) && n.FollowUp.Summary == "It snows." && n.FollowUp.Due.Equal(time.Date(2026, 1, 11, 5, 0, 0, 0, time.UTC))
		}},
		{MeetingMove, kpi.MeetingReady, func(w, n *kpi.Meeting, now time.Time) bool {
			m := n.Moves[0]
			return len(n.Moves) == 1 && m.From == w.Date && m.FromAt == w.At && m.To == n.Date && m.ToAt == 600 && m.Reason == "It snows." && m.Lang == kpi.English && m.At.Equal(now) &&
				n.Slot == w.Slot && n.At == 600 && n.State == w.State && reflect.DeepEqual(n.Memo, w.Memo)
		}},
		{MeetingDelegate, kpi.MeetingOpen, func(_, n *kpi.Meeting, _ time.Time) bool {
			return n.Chair == "chief" && n.Delegated == "It snows." && n.State == kpi.MeetingOpen
		}},
		{MeetingCancel, kpi.MeetingReady, func(w, n *kpi.Meeting, _ time.Time) bool {
			return n.State == kpi.MeetingCancelled && n.Reason == "It snows." && reflect.DeepEqual(n.Memo, w.Memo) && n.Date == w.Date
		}},
		{MeetingRestore, kpi.MeetingCancelled, func(_, n *kpi.Meeting, _ time.Time) bool { return n.State == kpi.MeetingPlanned && n.Reason == "" }},
		{MeetingCall, kpi.MeetingPlanned, func(_, n *kpi.Meeting, _ time.Time) bool {
			return n.Extra && n.Slot.String() == "2026-01-09" && n.Date == n.Slot && n.At == 600 && n.Minutes == 60 && n.Called == "It snows." && n.Chair == "mayor" && n.Name() == "streets/2026-01-09"
		}},
	} {
		was, next, now := turned(t, c.step, c.state)
		before := thursday(t, c.state)
		if c.step != MeetingCall && !reflect.DeepEqual(*was, before) {
			t.Errorf("%s changed what it began with: %+v", c.step, was)
		}
		if !c.want(was, next, now) {
			t.Errorf("%s from %s makes %+v", c.step, c.state, next)
		}
		if got := MeetingStepOf(was, next); got != c.step {
			t.Errorf("%s from %s looks like %s", c.step, c.state, got)
		}
	}
}

// TestEveryProblemOfAMeeting meets each of them, and nothing is changed by a step that is refused.
func TestEveryProblemOfAMeeting(t *testing.T) {
	town, cal := hall(t)
	long := strings.Repeat("á", MaxMeetingText+1)
	other := func(slot, on string, state kpi.MeetingState) kpi.Meeting {
		return kpi.Meeting{Stamp: kpi.Stamp{ID: 9}, Series: "streets", Slot: day(t, slot), Date: day(t, on), State: state}
	}
	at := func(text string) time.Time {
		d, err := time.ParseInLocation("2006-01-02 15:04", text, cal.Location)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	move := func(on string, minutes int) MeetingTurn {
		return MeetingTurn{Step: MeetingMove, Reason: "Snow.", Lang: kpi.English, Date: day(t, on), At: minutes}
	}
	call := func(on string, minutes int) MeetingTurn {
		turn := move(on, minutes)
		turn.Step = MeetingCall
		return turn
	}
	seen := map[MeetingProblem]bool{}
	for name, c := range map[string]struct {
		state  kpi.MeetingState
		turn   MeetingTurn
		others []kpi.Meeting
		now    string // "": three days before
		want   MeetingProblem
	}{
		"moved":                                        {turn: move("2026-01-09", 570)},
		"moved to another hour":                        {turn: move("2026-01-08", 600)},
		"moved to where it is":                         {turn: move("2026-01-08", 570), want: MeetingSame},
		"moved to yesterday":                           {turn: move("2026-01-04", 570), want: MeetingNoDate},
		"moved to later today":                         {turn: move("2026-01-05", 600)},
		"moved to this very minute":                    {turn: move("2026-01-05", 570), want: MeetingNoDate},
		"moved to an hour that is over":                {turn: move("2026-01-05", 500), want: MeetingNoDate},
		"moved to no day":                              {turn: MeetingTurn{Step: MeetingMove, Reason: "Snow.", At: 570}, want: MeetingNoDate},
		"moved to no hour":                             {turn: move("2026-01-09", 24*60), want: MeetingNoDate},
		"moved to before midnight":                     {turn: move("2026-01-09", -1), want: MeetingNoDate},
		"moved to a day in two years":                  {turn: move("2028-01-05", 570)},
		"moved to a day in more than two years":        {turn: move("2028-01-07", 570), want: MeetingFar},
		"moved to a day of the rhythm":                 {turn: move("2026-01-15", 570), want: MeetingTaken},
		"moved to one from which it was moved":         {turn: move("2026-01-15", 570), others: []kpi.Meeting{other("2026-01-15", "2026-01-16", kpi.MeetingPlanned)}},
		"moved to where one was moved":                 {turn: move("2026-01-16", 570), others: []kpi.Meeting{other("2026-01-15", "2026-01-16", kpi.MeetingReady)}, want: MeetingTaken},
		"moved to where one was cancelled":             {turn: move("2026-01-15", 570), others: []kpi.Meeting{other("2026-01-15", "2026-01-15", kpi.MeetingCancelled)}},
		"moved with a blank":                           {turn: MeetingTurn{Step: MeetingMove, Reason: " ", Date: day(t, "2026-01-09"), At: 570}, want: MeetingLong},
		"moved with nothing as a reason":               {turn: MeetingTurn{Step: MeetingMove, Date: day(t, "2026-01-09"), At: 570}, want: MeetingNoReason},
		"moved with too long a reason":                 {turn: MeetingTurn{Step: MeetingMove, Reason: long, Date: day(t, "2026-01-09"), At: 570}, want: MeetingLong},
		"moved with a reason full of holes":            {turn: MeetingTurn{Step: MeetingMove, Reason: "a\x00b", Date: day(t, "2026-01-09"), At: 570}, want: MeetingLong},
		"moved in a language that is none":             {turn: MeetingTurn{Step: MeetingMove, Reason: "Snow.", Lang: "xx", Date: day(t, "2026-01-09"), At: 570}, want: MeetingWrong},
		"moved when it is under way":                   {state: kpi.MeetingOpen, turn: move("2026-01-09", 570), want: MeetingStands},
		"moved on its own day":                         {turn: move("2026-01-09", 570), now: "2026-01-08 23:59"},
		"moved when its day is over":                   {turn: move("2026-01-16", 570), now: "2026-01-09 00:00", want: MeetingNoDate},
		"cancelled on its own day":                     {turn: MeetingTurn{Step: MeetingCancel, Reason: "Snow."}, now: "2026-01-08 23:59"},
		"cancelled when its day is over":               {turn: MeetingTurn{Step: MeetingCancel, Reason: "Snow."}, now: "2026-01-09 00:00", want: MeetingNoDate},
		"delegated when its day is over":               {turn: MeetingTurn{Step: MeetingDelegate, Reason: "Snow.", Post: "chief"}, now: "2026-01-09 00:00", want: MeetingNoDate},
		"delegated in a long meeting":                  {state: kpi.MeetingOpen, turn: MeetingTurn{Step: MeetingDelegate, Reason: "Snow.", Post: "chief"}, now: "2026-01-09 00:10"},
		"delegated to nobody":                          {turn: MeetingTurn{Step: MeetingDelegate, Reason: "Snow.", Post: "gone"}, want: MeetingNoPost},
		"delegated to whoever presides":                {turn: MeetingTurn{Step: MeetingDelegate, Reason: "Snow.", Post: "mayor"}, want: MeetingSame},
		"delegated without a reason":                   {turn: MeetingTurn{Step: MeetingDelegate, Post: "chief"}, want: MeetingNoReason},
		"cancelled without a reason":                   {turn: MeetingTurn{Step: MeetingCancel}, want: MeetingNoReason},
		"cancelled twice":                              {state: kpi.MeetingCancelled, turn: MeetingTurn{Step: MeetingCancel, Reason: "Snow."}, want: MeetingStands},
		"cancelled after it was held":                  {state: kpi.MeetingClosed, turn: MeetingTurn{Step: MeetingCancel, Reason: "Snow."}, want: MeetingStands},
		"restored":                                     {state: kpi.MeetingCancelled, turn: MeetingTurn{Step: MeetingRestore}},
		"restored when its hour is over":               {state: kpi.MeetingCancelled, turn: MeetingTurn{Step: MeetingRestore}, now: "2026-01-08 09:30", want: MeetingNoDate},
		"restored on a day that was taken":             {state: kpi.MeetingCancelled, turn: MeetingTurn{Step: MeetingRestore}, others: []kpi.Meeting{other("2026-01-15", "2026-01-08", kpi.MeetingReady)}, want: MeetingTaken},
		"restored though it takes place":               {turn: MeetingTurn{Step: MeetingRestore}, want: MeetingStands},
		"called":                                       {turn: call("2026-01-09", 600)},
		"called on a day of the rhythm":                {turn: call("2026-01-15", 600), want: MeetingTaken},
		"called on one from which it was moved":        {turn: call("2026-01-15", 600), others: []kpi.Meeting{other("2026-01-15", "2026-01-16", kpi.MeetingPlanned)}, want: MeetingTaken},
		"called where one was cancelled":               {turn: call("2026-01-15", 600), others: []kpi.Meeting{other("2026-01-15", "2026-01-15", kpi.MeetingCancelled)}, want: MeetingTaken},
		"called on a day to which one is moved":        {turn: call("2026-01-16", 600), others: []kpi.Meeting{other("2026-01-15", "2026-01-16", kpi.MeetingPlanned)}, want: MeetingTaken},
		"called where one that was moved there is off": {turn: call("2026-01-16", 600), others: []kpi.Meeting{other("2026-01-15", "2026-01-16", kpi.MeetingCancelled)}},
		"called for a day that is over":                {turn: call("2026-01-02", 600), want: MeetingNoDate},
		"called for more than a day":                   {turn: MeetingTurn{Step: MeetingCall, Reason: "Snow.", Date: day(t, "2026-01-09"), At: 600, Minutes: MaxMinutes + 1}, want: MeetingNoDate},
		"called without a reason":                      {turn: MeetingTurn{Step: MeetingCall, Date: day(t, "2026-01-09"), At: 600}, want: MeetingNoReason},
		"an agenda that is not there":                  {turn: MeetingTurn{Step: MeetingEdit}, want: MeetingWrong},
		"an agenda that is locked":                     {state: kpi.MeetingReady, turn: MeetingTurn{Step: MeetingEdit, Agenda: &kpi.AgendaEdits{}}, want: MeetingStands},
		"a memo that is not there":                     {turn: MeetingTurn{Step: MeetingIssue}, want: MeetingEmpty},
		"a memo without anything in it":                {turn: MeetingTurn{Step: MeetingIssue, Memo: &kpi.MeetingMemo{}}, want: MeetingEmpty},
		"a memo taken back in time":                    {state: kpi.MeetingReady, turn: MeetingTurn{Step: MeetingReopen}, now: "2026-01-06 09:29"},
		"a memo taken back too late":                   {state: kpi.MeetingReady, turn: MeetingTurn{Step: MeetingReopen}, now: "2026-01-06 09:30", want: MeetingTooLate},
		"begun on its day, early":                      {state: kpi.MeetingReady, turn: MeetingTurn{Step: MeetingBegin}, now: "2026-01-08 00:00"},
		"begun the evening before":                     {state: kpi.MeetingReady, turn: MeetingTurn{Step: MeetingBegin}, now: "2026-01-07 23:59", want: MeetingEarly},
		"opened afterwards":                            {state: kpi.MeetingReady, turn: MeetingTurn{Step: MeetingBegin}, now: "2026-01-09 12:00"},
		"begun twice":                                  {state: kpi.MeetingOpen, turn: MeetingTurn{Step: MeetingBegin}, now: "2026-01-08 10:00", want: MeetingStands},
		"ended before it began":                        {turn: MeetingTurn{Step: MeetingEnd}, want: MeetingStands},
		"a follow-up memo that is not there":           {state: kpi.MeetingHeld, turn: MeetingTurn{Step: MeetingFollow}, want: MeetingWrong},
		"a follow-up memo of one under way":            {state: kpi.MeetingOpen, turn: MeetingTurn{Step: MeetingFollow, Follow: &kpi.FollowUpMemo{}}, want: MeetingStands},
		"a step that is none":                          {turn: MeetingTurn{Step: "dance"}, want: MeetingStands},
	} {
		state, now := c.state, at("2026-01-05 09:30")
		if state == "" {
			state = kpi.MeetingPlanned
		}
		if c.now != "" {
			now = at(c.now)
		}
		m := thursday(t, state)
		if c.turn.Step == MeetingCall {
			m = Planned(town, &town.Meetings[0], c.turn.Date)
		}
		was := m
		next, err := TurnMeeting(town, cal, m, c.others, c.turn, "me", now)
		var got MeetingProblem
		errors.As(err, &got)
		if got != c.want || (err != nil) != (c.want != "") || !reflect.DeepEqual(m, was) || err != nil && !reflect.DeepEqual(next, was) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		seen[got] = true
	}
	for _, p := range MeetingProblems {
		if !seen[p] || p.Error() == "" {
			t.Errorf("no case meets %q", p)
		}
	}
}

// TestMemoDeadlineAndMoves follows the deadline of a memo through moves: moving the meeting makes no memo late that went out, and takes the deadline of one along that did not.
func TestMemoDeadlineAndMoves(t *testing.T) {
	town, cal := hall(t)
	turn := func(m kpi.Meeting, turn MeetingTurn, now string) kpi.Meeting {
		t.Helper()
		at, err := time.ParseInLocation("2006-01-02 15:04", now, cal.Location)
		if err != nil {
			t.Fatal(err)
		}
		next, err := TurnMeeting(town, cal, m, nil, turn, "me", at)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	want := func(m *kpi.Meeting, due string, now string, timing Timing) {
		t.Helper()
		at, err := time.ParseInLocation("2006-01-02 15:04", now, cal.Location)
		if err != nil {
			t.Fatal(err)
		}
		if got := MemoDue(m, cal.Location).In(cal.Location).Format("2006-01-02 15:04"); got != due {
			t.Errorf("due %s, want %s", got, due)
		}
		if got := MemoTiming(nil, &town.Meetings[0], m, at, cal.Location); got != timing {
			t.Errorf("%s: %s, want %s", now, got, timing)
		}
	}
	issue := MeetingTurn{Step: MeetingIssue, Memo: &kpi.MeetingMemo{Items: []kpi.AgendaItem{{Key: "topic/1"}}}}
	move := func(on string) MeetingTurn {
		return MeetingTurn{Step: MeetingMove, Reason: "Snow.", Date: day(t, on), At: 570}
	}
	m := thursday(t, kpi.MeetingPlanned)
	want(&m, "2026-01-06 09:30", "2026-01-06 09:30", TimingOpen)
	want(&m, "2026-01-06 09:30", "2026-01-06 09:31", TimingLate)

	later := turn(m, move("2026-01-12"), "2026-01-07 12:00") // not out yet: the deadline goes with the meeting
	want(&later, "2026-01-10 09:30", "2026-01-07 12:00", TimingOpen)
	later = turn(later, issue, "2026-01-10 09:30")
	want(&later, "2026-01-10 09:30", "2026-02-01 12:00", TimingOnTime)

	out := turn(m, issue, "2026-01-06 09:30")
	earlier := turn(out, move("2026-01-07"), "2026-01-06 10:00") // moved earlier when the memo was out: it was in time
	want(&earlier, "2026-01-06 09:30", "2026-01-07 12:00", TimingOnTime)
	later = turn(out, move("2026-01-13"), "2026-01-06 10:00") // and later: it is as it was, and there is time to take it back
	want(&later, "2026-01-06 09:30", "2026-01-07 12:00", TimingOnTime)
	again := turn(later, MeetingTurn{Step: MeetingReopen}, "2026-01-11 09:29")
	want(&again, "2026-01-11 09:30", "2026-01-11 09:30", TimingOpen)
	again = turn(again, issue, "2026-01-11 09:31")
	want(&again, "2026-01-11 09:30", "2026-01-12 09:30", TimingLate)

	late := turn(m, issue, "2026-01-07 09:30")
	late = turn(late, move("2026-01-20"), "2026-01-07 10:00") // moving makes no late memo a good one either
	want(&late, "2026-01-06 09:30", "2026-01-21 09:30", TimingLate)
	off := turn(late, MeetingTurn{Step: MeetingCancel, Reason: "Snow."}, "2026-01-07 11:00")
	want(&off, "2026-01-06 09:30", "2026-01-21 09:30", TimingNone)
	back := turn(off, MeetingTurn{Step: MeetingRestore}, "2026-01-07 12:00")
	want(&back, "2026-01-06 09:30", "2026-01-21 09:30", TimingLate)
	if back.State != kpi.MeetingReady || len(back.Moves) != 1 {
		t.Errorf("restored %+v", back)
	}
}

// TestNobodyGetsRoundTheStepsOfAMeeting changes one field after another of what a step makes: none of it can be saved.
func TestNobodyGetsRoundTheStepsOfAMeeting(t *testing.T) {
	town, cal := hall(t)
	for step, state := range map[MeetingStep]kpi.MeetingState{
		MeetingEdit: kpi.MeetingPlanned, MeetingIssue: kpi.MeetingPlanned, MeetingReopen: kpi.MeetingReady, MeetingBegin: kpi.MeetingReady, MeetingEnd: kpi.MeetingOpen,
		MeetingFollow: kpi.MeetingHeld, MeetingMove: kpi.MeetingReady, MeetingDelegate: kpi.MeetingReady, MeetingCancel: kpi.MeetingReady, MeetingRestore: kpi.MeetingCancelled,
		MeetingCall: kpi.MeetingPlanned,
	} {
		was, next, now := turned(t, step, state)
		if got, err := CheckMeeting(town, cal, was, next, nil, nil, false, now); err != nil || got != step {
			t.Fatalf("%s: %s %v", step, got, err)
		}
		text, err := json.Marshal(next)
		if err != nil {
			t.Fatal(err)
		}
		var read kpi.Meeting // what comes from a file or a form is the same meeting
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		if _, err := CheckMeeting(town, cal, was, &read, nil, nil, false, now); err != nil {
			t.Errorf("%s, written and read: %v", step, err)
		}
		forge := map[string]func(*kpi.Meeting){
			"series": func(m *kpi.Meeting) { m.Series = "other" }, "slot": func(m *kpi.Meeting) { m.Slot = m.Slot.AddDays(1) }, "minutes": func(m *kpi.Meeting) { m.Minutes = MaxMinutes + 1 },
			"language": func(m *kpi.Meeting) { m.Lang = "xx" }, "reason": func(m *kpi.Meeting) { m.Reason += "\x00" }, "called": func(m *kpi.Meeting) { m.Called += "\x00" },
			"opened": func(m *kpi.Meeting) { m.Opened = m.Opened.Add(time.Minute) }, "over": func(m *kpi.Meeting) { m.Over = m.Over.Add(time.Minute) },
			"the deadline of the memo": func(m *kpi.Meeting) {
				if m.Memo == nil {
					m.Memo = &kpi.MeetingMemo{Items: []kpi.AgendaItem{{Key: "x"}}}
				} else {
					memo := *m.Memo
					memo.Due = memo.Due.Add(time.Minute)
					m.Memo = &memo
				}
			},
			"the deadline of the follow-up memo": func(m *kpi.Meeting) { m.FollowUp = &kpi.FollowUpMemo{Due: now.Add(time.Hour)} },
			"a move that was none":               func(m *kpi.Meeting) { m.Moves = append(m.Moves, kpi.MeetingMove{From: m.Date, To: m.Date}) },
			"its history":                        func(m *kpi.Meeting) { m.Moves = append([]kpi.MeetingMove{{Reason: "forged"}}, m.Moves...) },
			"beside the rhythm": func(m *kpi.Meeting) {
				m.Extra = !m.Extra
				if m.Extra {
					m.ID = 0 // not by saving it as a new one either
				}
			},
		}
		if step != MeetingMove && step != MeetingCall { // a day or an hour by themselves are a move, which asks for a reason
			forge["date"] = func(m *kpi.Meeting) { m.Date = m.Date.AddDays(1) }
			forge["hour"] = func(m *kpi.Meeting) { m.At++ }
		}
		if step != MeetingDelegate {
			forge["who presides"] = func(m *kpi.Meeting) { m.Chair, m.Delegated = "chief", "" }
		}
		if step != MeetingEdit && step != MeetingCall {
			forge["agenda"] = func(m *kpi.Meeting) { m.Agenda.Order = append(m.Agenda.Order, "x") }
		}
		for what, change := range forge {
			forged := *next
			forged.Moves = slices.Clone(next.Moves)
			change(&forged)
			if _, err := CheckMeeting(town, cal, was, &forged, nil, nil, false, now); kpi.ErrorCode(err) != kpi.CodeInvalid {
				t.Errorf("%s with a forged field (%s) is saved: %v", step, what, err)
			}
		}
	}
}

func TestOutcomeOf(t *testing.T) {
	_, cal := hall(t)
	at := func(text string) time.Time {
		d, err := time.ParseInLocation("2006-01-02 15:04", text, cal.Location)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	seen := map[Outcome]bool{}
	for _, c := range []struct {
		state kpi.MeetingState
		now   string
		want  Outcome
	}{
		{kpi.MeetingPlanned, "2026-01-01 09:00", OutcomeComing}, {kpi.MeetingReady, "2026-01-08 23:59", OutcomeComing}, {kpi.MeetingReady, "2026-01-09 00:00", OutcomeMissed},
		{kpi.MeetingPlanned, "2026-03-01 00:00", OutcomeMissed}, {kpi.MeetingOpen, "2026-01-08 10:00", OutcomeHeld}, {kpi.MeetingHeld, "2026-01-09 10:00", OutcomeHeld},
		{kpi.MeetingClosed, "2026-03-01 10:00", OutcomeHeld}, {kpi.MeetingCancelled, "2026-01-01 10:00", OutcomeCancelled}, {kpi.MeetingCancelled, "2026-03-01 10:00", OutcomeCancelled},
	} {
		m := thursday(t, c.state)
		got := OutcomeOf(&m, at(c.now), cal.Location)
		if got != c.want {
			t.Errorf("%s at %s: %s, want %s", c.state, c.now, got, c.want)
		}
		seen[got] = true
	}
	if len(seen) != len(Outcomes) {
		t.Errorf("seen %v", seen)
	}
}

func TestMonthsWithoutAMeeting(t *testing.T) {
	water := kpi.MeetingSeries{ID: "water", Departments: []string{"water"}}
	town := &kpi.City{Meetings: []kpi.MeetingSeries{water, {ID: "all"}}}
	meeting := func(series, on string, state kpi.MeetingState) kpi.Meeting {
		return kpi.Meeting{Series: series, Date: day(t, on), State: state}
	}
	list := []kpi.Meeting{
		meeting("water", "2026-01-08", kpi.MeetingClosed), meeting("water", "2026-01-22", kpi.MeetingHeld), meeting("water", "2026-02-05", kpi.MeetingCancelled),
		meeting("all", "2026-03-01", kpi.MeetingClosed), meeting("all", "2026-03-31", kpi.MeetingReady), meeting("gone", "2026-02-03", kpi.MeetingClosed),
	}
	months := Months(day(t, "2026-01-31"), day(t, "2026-04-01"))
	if len(months) != 4 || months[0] != (Month{2026, time.January}) || months[3].First() != day(t, "2026-04-01") {
		t.Fatalf("%v", months)
	}
	april := []kpi.Emergency{{From: day(t, "2026-03-15"), Until: day(t, "2026-04-29"), Departments: []string{"parks"}}, {From: day(t, "2026-04-30"), Until: day(t, "2026-05-01")}}
	for department, want := range map[string][]Month{"water": {{2026, time.February}, {2026, time.April}}, "parks": {{2026, time.January}, {2026, time.February}}} {
		count := HeldBy(town, department, list)
		if got := MonthsWithout(months, count, april, department, town.Workdays()); !slices.Equal(got, want) {
			t.Errorf("%s: %v without one, want %v (%v)", department, got, want, count)
		}
	}
	if n := HeldBy(town, "water", list); n[Month{2026, time.January}] != 2 || n[Month{2026, time.March}] != 1 || len(n) != 2 {
		t.Errorf("%v", n)
	}
}
