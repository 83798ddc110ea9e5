package meeting

import (
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/account"
)

// NoteProblem is why a note of a meeting cannot be kept.
type NoteProblem string

// The problems.
const (
	NoteNoText NoteProblem = "text"
	NoteLong   NoteProblem = "long"
	NoteNoWhy  NoteProblem = "why"    // nobody says why it is withdrawn
	NoteWrong  NoteProblem = "change" // something was changed that does not change
)

// Error says what is wrong, for a log.
func (p NoteProblem) Error() string { return "note: " + string(p) }

// MaxMeetingNote is how many letters a note may have.
const MaxMeetingNote = 500

// CheckNote fails with [kpi.CodeInvalid] if a note of a meeting may not follow on was (nil of a new one), and with [kpi.CodeDenied] if whoever writes it may not. who is nil
// of whoever sits at the machine. presides says that they preside in the meeting.
func CheckNote(was, next *kpi.MeetingNote, who *account.Person, presides bool) error {
	if who != nil && !MayRecord(who, presides) {
		return kpi.Errorf(kpi.CodeDenied, "your roles do not let you write in a meeting")
	}
	if (next.Public || was != nil && was.Public) && who != nil && !MayPublishNote(who) {
		return kpi.Errorf(kpi.CodeDenied, "your roles do not let you say what residents read of a meeting")
	}
	if p := noteProblem(was, next); p != "" {
		return &kpi.Error{Code: kpi.CodeInvalid, Message: "the note cannot be kept", Err: p}
	}
	return nil
}

// MayPublishNote reports whether somebody may open what was decided in a meeting to residents, and change or withdraw what they can read: whoever closes commitments,
// or lets commentary out.
func MayPublishNote(who *account.Person) bool {
	return who.MayAnywhere(account.CloseCommitments) || who.MayAnywhere(account.ReviewComments)
}

// noteProblem finds what is wrong with a note. Its text, what it belongs to and whether residents may read it can change as long as it is open; its kind and its
// meeting never do.
func noteProblem(was, next *kpi.MeetingNote) NoteProblem {
	switch {
	case strings.TrimSpace(next.Text) == "":
		return NoteNoText
	case next.Text != kpi.PlainText(next.Text) || utf8.RuneCountInString(next.Text) > MaxMeetingNote || utf8.RuneCountInString(next.Why) > MaxMeetingNote:
		return NoteLong
	case next.Kind != kpi.NoteDecision && next.Kind != kpi.NoteLater, next.Series == "", next.Slot.IsZero():
		return NoteWrong
	case next.State != kpi.NoteOpen && next.State != kpi.NoteTaken && next.State != kpi.NoteWithdrawn:
		return NoteWrong
	case was == nil && (next.State != kpi.NoteOpen || next.Why != ""):
		return NoteWrong
	case was == nil:
		return ""
	}
	same := *next
	same.Stamp, same.Item, same.Text, same.Lang, same.Indicator, same.Public, same.State, same.Why = was.Stamp, was.Item, was.Text, was.Lang, was.Indicator, was.Public, was.State, was.Why
	switch {
	case !reflect.DeepEqual(same, *was), was.State == kpi.NoteWithdrawn:
		return NoteWrong
	case next.State == kpi.NoteWithdrawn && strings.TrimSpace(next.Why) == "":
		return NoteNoWhy
	case next.State == kpi.NoteTaken && next.Kind != kpi.NoteLater:
		return NoteWrong
	}
	return ""
}

// EmergencyProblem is why an emergency cannot be declared as it is.
type EmergencyProblem string

// The problems.
const (
	EmergencyNoName   EmergencyProblem = "what"
	EmergencyNoReason EmergencyProblem = "reason"
	EmergencyDay      EmergencyProblem = "day"   // no first day, or one before there were such things
	EmergencyDates    EmergencyProblem = "dates" // a last day before the first one
	EmergencyLong     EmergencyProblem = "long"
	EmergencyWrong    EmergencyProblem = "change" // a department that the city does not have, or a change to one that was called off
)

// Error says what is wrong, for a log.
func (p EmergencyProblem) Error() string { return "emergency: " + string(p) }

// CheckEmergency finds what is wrong with an emergency that follows on was, nil of a new one; "" if nothing is. Its days and its words may change: who changed them
// stays visible.
func CheckEmergency(city *kpi.City, was, next *kpi.Emergency) EmergencyProblem {
	switch {
	case strings.TrimSpace(next.What) == "":
		return EmergencyNoName
	case strings.TrimSpace(next.Reason) == "", next.Void && strings.TrimSpace(next.Why) == "":
		return EmergencyNoReason
	case next.What != kpi.PlainText(next.What) || next.Reason != kpi.PlainText(next.Reason) || utf8.RuneCountInString(next.What) > MaxWhose || utf8.RuneCountInString(next.Reason) > MaxReason,
		next.Why != kpi.PlainText(next.Why) || utf8.RuneCountInString(next.Why) > MaxReason:
		return EmergencyLong
	case next.From.Year < firstYear:
		return EmergencyDay
	case !next.Until.IsZero() && next.Until.Before(next.From):
		return EmergencyDates
	case was != nil && was.Void, !next.Void && next.Why != "", next.Lang != "" && !slices.Contains(kpi.Langs, next.Lang):
		return EmergencyWrong
	}
	for _, d := range next.Departments {
		if city.Department(d) == nil {
			return EmergencyWrong
		}
	}
	return ""
}
