package meeting

import (
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/account"
)

// MeetingStep is something that people do to a meeting.
type MeetingStep string

// The steps.
const (
	MeetingEdit     MeetingStep = "edit"     // change its agenda
	MeetingIssue    MeetingStep = "issue"    // send its memo, which locks its agenda
	MeetingReopen   MeetingStep = "reopen"   // take the memo back, as long as there is time for another one
	MeetingBegin    MeetingStep = "begin"    // open it
	MeetingEnd      MeetingStep = "end"      // it is over
	MeetingFollow   MeetingStep = "follow"   // send its follow-up memo
	MeetingMove     MeetingStep = "move"     // to another day or hour, with a reason
	MeetingDelegate MeetingStep = "delegate" // let another post preside, with a reason
	MeetingCancel   MeetingStep = "cancel"   // with a reason
	MeetingRestore  MeetingStep = "restore"  // one that was cancelled takes place after all
	MeetingCall     MeetingStep = "call"     // one beside the rhythm, with a reason
)

// MeetingSteps lists the steps.
var MeetingSteps = []MeetingStep{
	MeetingEdit, MeetingIssue, MeetingReopen, MeetingBegin, MeetingEnd, MeetingFollow, MeetingMove, MeetingDelegate, MeetingCancel, MeetingRestore, MeetingCall,
}

// MeetingProblem is why a step cannot be taken.
type MeetingProblem string

// The problems.
const (
	MeetingNoReason MeetingProblem = "reason"
	MeetingLong     MeetingProblem = "long"     // a text is too long
	MeetingNoDate   MeetingProblem = "date"     // no date, no hour, or one that is over
	MeetingSame     MeetingProblem = "same"     // the day and the hour, or the post, that it has already
	MeetingTaken    MeetingProblem = "taken"    // another one of the series is on that day, or is called by it
	MeetingFar      MeetingProblem = "far"      // a day that is too far away
	MeetingNoPost   MeetingProblem = "post"     // the city has no such post
	MeetingEmpty    MeetingProblem = "empty"    // a memo without anything in it
	MeetingTooLate  MeetingProblem = "too_late" // less than 48 hours are left: the memo stays
	MeetingEarly    MeetingProblem = "early"    // its day has not come
	MeetingStands   MeetingProblem = "state"    // the step is none from where the meeting stands
	MeetingWrong    MeetingProblem = "change"   // something was changed that no step changes
)

// MeetingProblems lists the problems.
var MeetingProblems = []MeetingProblem{
	MeetingNoReason, MeetingLong, MeetingNoDate, MeetingSame, MeetingTaken, MeetingFar, MeetingNoPost, MeetingEmpty, MeetingTooLate, MeetingEarly, MeetingStands, MeetingWrong,
}

// Error says what is wrong, for a log.
func (p MeetingProblem) Error() string { return "meeting: " + string(p) }

// MaxMeetingText is how long a text about a meeting may be, in letters.
const MaxMeetingText = 2000

// MeetingTurn is a step with what is said of it.
type MeetingTurn struct {
	Step    MeetingStep
	Reason  string           // of a move, a delegation, a cancellation, a call; of the follow-up memo its summary
	Lang    kpi.Lang         // of Reason
	Date    kpi.Date         // of a move and a call
	At      int              // of both, minutes after midnight
	Minutes int              // of a call; 0: as the series has it
	Post    string           // of a delegation: who presides
	Agenda  *kpi.AgendaEdits // of an edit: all of them, as they are now
	Memo    *kpi.MeetingMemo // of an issue: items, and what is left
	Follow  *kpi.FollowUpMemo
}

// meetingFrom are the states from which a step can be taken.
var meetingFrom = map[MeetingStep][]kpi.MeetingState{
	MeetingEdit:     {kpi.MeetingPlanned},
	MeetingIssue:    {kpi.MeetingPlanned},
	MeetingReopen:   {kpi.MeetingReady},
	MeetingBegin:    {kpi.MeetingPlanned, kpi.MeetingReady},
	MeetingEnd:      {kpi.MeetingOpen},
	MeetingFollow:   {kpi.MeetingHeld},
	MeetingMove:     {kpi.MeetingPlanned, kpi.MeetingReady},
	MeetingDelegate: {kpi.MeetingPlanned, kpi.MeetingReady, kpi.MeetingOpen},
	MeetingCancel:   {kpi.MeetingPlanned, kpi.MeetingReady},
	MeetingRestore:  {kpi.MeetingCancelled},
	MeetingCall:     {kpi.MeetingPlanned},
}

// meetingNeeds are the rights that steps need.
var meetingNeeds = map[MeetingStep]account.Action{
	MeetingEdit: account.PrepareMeetings, MeetingIssue: account.PrepareMeetings, MeetingReopen: account.PrepareMeetings, MeetingFollow: account.PrepareMeetings,
	MeetingBegin: account.RecordMeetings, MeetingEnd: account.RecordMeetings,
	MeetingMove: account.ConveneMeetings, MeetingDelegate: account.ConveneMeetings, MeetingCancel: account.ConveneMeetings, MeetingRestore: account.ConveneMeetings,
	MeetingCall: account.ConveneMeetings,
}

// MayMeeting reports whether somebody may take a step with a meeting as it stands. presides says that they hold the post that presides, or act for whoever does:
// then they may begin and end it.
func MayMeeting(step MeetingStep, m *kpi.Meeting, who *account.Person, presides bool) bool {
	need, known := meetingNeeds[step]
	may := known && who.MayAnywhere(need) || presides && who != nil && !who.Disabled && need == account.RecordMeetings
	return may && slices.Contains(meetingFrom[step], m.State)
}

// MayRecord reports whether somebody may write down what is decided in a meeting.
func MayRecord(who *account.Person, presides bool) bool {
	return who.MayAnywhere(account.RecordMeetings) || presides && who != nil && !who.Disabled
}

// TurnMeeting returns what a meeting becomes by a step. city and cal are those of now; by is who takes it. others are all meetings of its series that the ledger
// has. It fails with a [MeetingProblem].
func TurnMeeting(city *kpi.City, cal kpi.Calendar, was kpi.Meeting, others []kpi.Meeting, t MeetingTurn, by string, now time.Time) (kpi.Meeting, error) {
	if !slices.Contains(meetingFrom[t.Step], was.State) {
		return was, MeetingStands
	}
	if t.Reason != kpi.PlainText(t.Reason) || utf8.RuneCountInString(t.Reason) > MaxMeetingText {
		return was, MeetingLong
	}
	if t.Lang != "" && !slices.Contains(kpi.Langs, t.Lang) {
		return was, MeetingWrong
	}
	c := convening{city: city, loc: cal.Location, others: others, by: by, now: now.UTC().Round(0)}
	next := was
	next.Moves = slices.Clone(was.Moves)
	if t.Reason != "" && t.Lang != "" {
		next.Lang = t.Lang
	}
	var err error
	switch t.Step {
	case MeetingEdit, MeetingIssue, MeetingReopen:
		err = c.prepare(&was, &next, t)
	case MeetingBegin, MeetingEnd, MeetingFollow:
		err = c.hold(&was, &next, t)
	default:
		err = c.convene(&was, &next, t)
	}
	if err != nil {
		return was, err
	}
	return next, nil
}

// convening is what a step needs to know beside the meeting.
type convening struct {
	city   *kpi.City
	loc    *time.Location
	others []kpi.Meeting // of the series, that the ledger has
	by     string
	now    time.Time
}

// prepare is what happens before a meeting: its agenda is changed, its memo goes out, or is taken back.
func (c *convening) prepare(was, next *kpi.Meeting, t MeetingTurn) error {
	due := was.Start(c.loc).Add(-MemoBefore)
	switch t.Step {
	case MeetingEdit:
		if t.Agenda == nil {
			return MeetingWrong
		}
		if p := EditsProblem(t.Agenda); p != "" {
			return p
		}
		next.Agenda = *t.Agenda
	case MeetingIssue:
		if t.Memo == nil || len(t.Memo.Items) == 0 {
			return MeetingEmpty
		}
		memo := *t.Memo
		memo.At, memo.By, memo.Due = c.now, c.by, due.UTC()
		next.State, next.Memo = kpi.MeetingReady, &memo
	case MeetingReopen:
		if !c.now.Before(due) {
			return MeetingTooLate
		}
		next.State, next.Memo = kpi.MeetingPlanned, nil
	}
	return nil
}

// Early reports whether the day of a meeting has not come yet. Nobody begins it before.
func Early(m *kpi.Meeting, loc *time.Location, now time.Time) bool {
	return now.Before(m.Date.In(loc))
}

// hold is what happens in a meeting and after it. It begins on its day or later: one that nobody opened while people sat in it can be opened afterwards, and says when that was.
func (c *convening) hold(was, next *kpi.Meeting, t MeetingTurn) error {
	switch t.Step {
	case MeetingBegin:
		if Early(was, c.loc, c.now) {
			return MeetingEarly
		}
		next.State, next.Opened = kpi.MeetingOpen, c.now
	case MeetingEnd:
		next.State, next.Over = kpi.MeetingHeld, c.now
	case MeetingFollow:
		if t.Follow == nil {
			return MeetingWrong
		}
		memo := *t.Follow
		memo.At, memo.By, memo.Due, memo.Summary = c.now, c.by, FollowUpDue(was, c.loc).UTC(), t.Reason
		next.State, next.FollowUp = kpi.MeetingClosed, &memo
	}
	return nil
}

// convene is what happens to a meeting as a whole: it is moved, delegated, cancelled, takes place after all, or is called.
func (c *convening) convene(was, next *kpi.Meeting, t MeetingTurn) error {
	if strings.TrimSpace(t.Reason) == "" && t.Step != MeetingRestore {
		return MeetingNoReason
	}
	if t.Step != MeetingRestore && t.Step != MeetingCall && was.State != kpi.MeetingOpen && !c.now.Before(was.Date.EndIn(c.loc)) {
		return MeetingNoDate // it was not held: nobody makes that another thing afterwards
	}
	switch t.Step {
	case MeetingMove:
		return c.move(was, next, t)
	case MeetingCall:
		return c.call(was, next, t)
	case MeetingDelegate:
		switch {
		case c.city.Person(t.Post) == nil:
			return MeetingNoPost
		case t.Post == was.Chair:
			return MeetingSame
		}
		next.Chair, next.Delegated = t.Post, t.Reason
	case MeetingCancel:
		next.State, next.Reason = kpi.MeetingCancelled, t.Reason
	case MeetingRestore:
		if p := c.dayProblem(was, was.Date, was.At); p != "" {
			return p
		}
		next.State, next.Reason = kpi.MeetingPlanned, ""
		if next.Memo != nil {
			next.State = kpi.MeetingReady
		}
	}
	return nil
}

// move takes a meeting to another day or hour. What it was and why it was moved stands in it for ever.
func (c *convening) move(was, next *kpi.Meeting, t MeetingTurn) error {
	if t.Date == was.Date && t.At == was.At {
		return MeetingSame
	}
	if p := c.dayProblem(was, t.Date, t.At); p != "" {
		return p
	}
	next.Moves = append(next.Moves, kpi.MeetingMove{From: was.Date, FromAt: was.At, To: t.Date, ToAt: t.At, Reason: t.Reason, Lang: t.Lang, At: c.now, By: c.by})
	next.Date, next.At = t.Date, t.At
	return nil
}

// call has a meeting beside the rhythm. Its day gives it its name, which no other meeting of the series has had, nor will have by the rhythm.
func (c *convening) call(was, next *kpi.Meeting, t MeetingTurn) error {
	if was.ID != 0 {
		return MeetingStands
	}
	if t.Minutes < 0 || t.Minutes > MaxMinutes {
		return MeetingNoDate
	}
	*next = kpi.Meeting{Series: was.Series, Slot: t.Date, Extra: true, Date: t.Date, At: t.At, Minutes: was.Minutes, Chair: was.Chair, State: kpi.MeetingPlanned, Called: t.Reason, Lang: t.Lang}
	if p := c.dayProblem(next, t.Date, t.At); p != "" {
		return p
	}
	if t.Minutes > 0 {
		next.Minutes = t.Minutes
	}
	s := c.city.Series(was.Series)
	named := func(o kpi.Meeting) bool { return o.Series == was.Series && o.Slot == t.Date }
	if s == nil || slices.ContainsFunc(c.others, named) || len(Slots(s, t.Date, t.Date)) > 0 {
		return MeetingTaken
	}
	return nil
}

// MaxMinutes is for how many minutes a room is booked at most.
const MaxMinutes = 24 * 60

// dayProblem finds what is wrong with the day and the hour at which a meeting is to be held: it is over, or another one of the series is on that day, as the ledger
// has it or as the rhythm plans it. A meeting that is cancelled keeps no day.
func (c *convening) dayProblem(m *kpi.Meeting, day kpi.Date, at int) MeetingProblem {
	if day.IsZero() || at < 0 || at >= 24*60 {
		return MeetingNoDate
	}
	to := *m
	to.Date, to.At = day, at
	switch {
	case !to.Start(c.loc).After(c.now):
		return MeetingNoDate
	case day.After(kpi.DateOf(c.now.In(c.loc)).AddMonths(maxAhead)):
		return MeetingFar
	}
	for _, o := range c.on(m.Series, day) {
		if o.Slot != m.Slot && o.State != kpi.MeetingCancelled {
			return MeetingTaken
		}
	}
	return ""
}

// on returns the meetings of a series on a day; of one that the folder no longer has those of the ledger.
func (c *convening) on(series string, day kpi.Date) []kpi.Meeting {
	if s := c.city.Series(series); s != nil {
		return Calendar(c.city, s, c.others, day, day)
	}
	return slices.DeleteFunc(slices.Clone(c.others), func(o kpi.Meeting) bool { return o.Series != series || o.Date != day })
}

// MeetingStepOf is the step that a change looks like. was is the meeting before, as the ledger has it or as its rhythm plans it.
func MeetingStepOf(was, next *kpi.Meeting) MeetingStep {
	switch {
	case was.ID == 0 && next.Extra:
		return MeetingCall
	case was.State != next.State:
		switch next.State {
		case kpi.MeetingReady:
			if was.State == kpi.MeetingCancelled {
				return MeetingRestore
			}
			return MeetingIssue
		case kpi.MeetingOpen:
			return MeetingBegin
		case kpi.MeetingHeld:
			return MeetingEnd
		case kpi.MeetingClosed:
			return MeetingFollow
		case kpi.MeetingCancelled:
			return MeetingCancel
		case kpi.MeetingPlanned:
			if was.State == kpi.MeetingCancelled {
				return MeetingRestore
			}
			return MeetingReopen
		}
	case was.Date != next.Date || was.At != next.At || len(was.Moves) != len(next.Moves):
		return MeetingMove
	case was.Chair != next.Chair || was.Delegated != next.Delegated:
		return MeetingDelegate
	}
	return MeetingEdit
}

// CheckMeeting fails with [kpi.CodeInvalid] if next is not what was becomes by one step, and with [kpi.CodeDenied] if whoever takes it may not. was is the meeting
// as the ledger has it, or as its rhythm plans it; who is nil where nobody signs in: whoever sits at the machine may do everything.
func CheckMeeting(city *kpi.City, cal kpi.Calendar, was, next *kpi.Meeting, others []kpi.Meeting, who *account.Person, presides bool, now time.Time) (MeetingStep, error) {
	t := MeetingTurn{Step: MeetingStepOf(was, next), Lang: next.Lang, Reason: next.Reason, Date: next.Date, At: next.At, Post: next.Chair, Agenda: &next.Agenda, Memo: next.Memo, Follow: next.FollowUp}
	by := ""
	switch t.Step {
	case MeetingCall:
		t.Minutes, t.Reason = next.Minutes, next.Called
	case MeetingMove:
		if t.Reason = ""; len(next.Moves) > 0 {
			m := next.Moves[len(next.Moves)-1]
			t.Reason, t.Lang, by = m.Reason, m.Lang, m.By
		}
	case MeetingDelegate:
		t.Reason = next.Delegated
	case MeetingIssue:
		by = next.Memo.By
	case MeetingFollow:
		t.Reason, by = next.FollowUp.Summary, next.FollowUp.By
	case MeetingCancel:
	default:
		t.Reason = ""
	}
	want, err := TurnMeeting(city, cal, *was, others, t, by, now)
	if err == nil && next.Lang != "" && !slices.Contains(kpi.Langs, next.Lang) {
		err = MeetingWrong
	}
	if err == nil {
		want.Stamp, want.Lang = next.Stamp, next.Lang
		if len(want.Moves) == 0 && len(next.Moves) == 0 {
			want.Moves = next.Moves // nil or empty: it is the same
		}
		if !reflect.DeepEqual(want, *next) {
			err = MeetingWrong
		}
	}
	if err != nil {
		return t.Step, &kpi.Error{Code: kpi.CodeInvalid, Message: "the meeting cannot become this", Err: err}
	}
	if who != nil && !MayMeeting(t.Step, was, who, presides) {
		return t.Step, kpi.Errorf(kpi.CodeDenied, "your roles do not let you do this with the meeting (%s)", t.Step)
	}
	return t.Step, nil
}
