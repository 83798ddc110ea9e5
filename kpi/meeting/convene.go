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
	MeetingNoDate   MeetingProblem = "date"     // no date, or one that is over
	MeetingSame     MeetingProblem = "same"     // the day, the hour or the post that it has already
	MeetingTaken    MeetingProblem = "taken"    // another one of the series is on that day
	MeetingFar      MeetingProblem = "far"      // a day that is too far away
	MeetingNoPost   MeetingProblem = "post"     // the city has no such post
	MeetingEmpty    MeetingProblem = "empty"    // a memo without anything in it
	MeetingTooLate  MeetingProblem = "too_late" // less than 48 hours are left: the memo stays
	MeetingStands   MeetingProblem = "state"    // the step is none from where the meeting stands
	MeetingWrong    MeetingProblem = "change"   // something was changed that no step changes
)

// Error says what is wrong, for a log.
func (p MeetingProblem) Error() string { return "meeting: " + string(p) }

// maxMeetingText is how long a text about a meeting may be, in letters.
const maxMeetingText = 2000

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
	if t.Reason != kpi.PlainText(t.Reason) || utf8.RuneCountInString(t.Reason) > maxMeetingText {
		return was, MeetingLong
	}
	next, now, today := was, now.UTC().Round(0), kpi.DateOf(now.In(cal.Location))
	next.Moves = slices.Clone(was.Moves)
	if t.Reason != "" && t.Lang != "" {
		next.Lang = t.Lang
	}
	switch t.Step {
	case MeetingEdit:
		if t.Agenda == nil {
			return was, MeetingWrong
		}
		next.Agenda = *t.Agenda
	case MeetingIssue:
		if t.Memo == nil || len(t.Memo.Items) == 0 {
			return was, MeetingEmpty
		}
		memo := *t.Memo
		memo.At, memo.By, memo.Due = now, by, was.Start(cal.Location).Add(-MemoBefore).UTC()
		next.State, next.Memo = kpi.MeetingReady, &memo
	case MeetingReopen:
		if !now.Before(was.Start(cal.Location).Add(-MemoBefore)) {
			return was, MeetingTooLate
		}
		next.State, next.Memo = kpi.MeetingPlanned, nil
	case MeetingBegin:
		next.State, next.Opened = kpi.MeetingOpen, now
	case MeetingEnd:
		next.State, next.Over = kpi.MeetingHeld, now
	case MeetingFollow:
		if t.Follow == nil {
			return was, MeetingWrong
		}
		memo := *t.Follow
		memo.At, memo.By, memo.Due, memo.Summary = now, by, FollowUpDue(&was, cal.Location).UTC(), t.Reason
		next.State, next.FollowUp = kpi.MeetingClosed, &memo
	default:
		return convened(city, was, next, others, t, by, today, now)
	}
	return next, nil
}

// convened is a meeting that is moved, delegated, cancelled or called.
func convened(city *kpi.City, was, next kpi.Meeting, others []kpi.Meeting, t MeetingTurn, by string, today kpi.Date, now time.Time) (kpi.Meeting, error) {
	if strings.TrimSpace(t.Reason) == "" && t.Step != MeetingRestore {
		return was, MeetingNoReason
	}
	switch t.Step {
	case MeetingMove, MeetingCall:
		if p := dayProblem(&was, others, t, today); p != "" {
			return was, p
		}
		if t.Step == MeetingMove {
			if t.Date != was.Date {
				next.Moves = append(next.Moves, kpi.MeetingMove{From: was.Date, To: t.Date, Reason: t.Reason, At: now, By: by})
			} else if t.At == was.At {
				return was, MeetingSame
			}
			next.Date, next.At = t.Date, t.At
			break
		}
		if was.ID != 0 {
			return was, MeetingStands
		}
		next.Slot, next.Date, next.At, next.Extra, next.Reason = t.Date, t.Date, t.At, true, t.Reason
		if t.Minutes > 0 {
			next.Minutes = t.Minutes
		}
	case MeetingDelegate:
		switch {
		case city.Person(t.Post) == nil:
			return was, MeetingNoPost
		case t.Post == was.Chair:
			return was, MeetingSame
		}
		next.Chair, next.Delegated = t.Post, t.Reason
	case MeetingCancel:
		next.State, next.Reason = kpi.MeetingCancelled, t.Reason
	case MeetingRestore:
		next.State, next.Reason = kpi.MeetingPlanned, ""
		if next.Memo != nil {
			next.State = kpi.MeetingReady
		}
	}
	return next, nil
}

// dayProblem finds what is wrong with the day to which a meeting is moved, or for which it is called.
func dayProblem(was *kpi.Meeting, others []kpi.Meeting, t MeetingTurn, today kpi.Date) MeetingProblem {
	switch {
	case t.Date.IsZero() || t.Date.Before(today) || t.At < 0 || t.At >= 24*60 || t.Minutes < 0 || t.Minutes > 24*60:
		return MeetingNoDate
	case t.Date.After(today.AddMonths(maxAhead)):
		return MeetingFar
	}
	for i := range others {
		o := &others[i]
		same := t.Step == MeetingMove && o.Slot == was.Slot
		if o.Series == was.Series && !same && (o.Date == t.Date && o.State != kpi.MeetingCancelled || t.Step == MeetingCall && o.Slot == t.Date) {
			return MeetingTaken
		}
	}
	return ""
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
		t.Minutes = next.Minutes
	case MeetingMove:
		t.Reason = next.Reason
		if len(next.Moves) > len(was.Moves) {
			m := next.Moves[len(next.Moves)-1]
			t.Reason, by = m.Reason, m.By
		} else {
			t.Reason = string(t.Step) // another hour of the same day: nobody keeps why
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
