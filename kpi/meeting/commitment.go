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

// CommitmentStep is something that people do to a commitment.
type CommitmentStep string

// The steps. Saying that something is done closes nothing: it comes back until whoever closes commitments has said whether it was kept.
const (
	CommitmentMake   CommitmentStep = "make"
	CommitmentReport CommitmentStep = "report" // how far it is
	CommitmentBlock  CommitmentStep = "block"  // what stands in its way, or that nothing does any more
	CommitmentMove   CommitmentStep = "move"   // its due date
	CommitmentFinish CommitmentStep = "finish" // its owner says that it is done
	CommitmentKeep   CommitmentStep = "keep"   // it is closed: it was kept
	CommitmentDrop   CommitmentStep = "drop"   // it is closed: nobody waits for it any more
	CommitmentReopen CommitmentStep = "reopen" // it is not done after all
	CommitmentShow   CommitmentStep = "show"   // residents may read it
	CommitmentHide   CommitmentStep = "hide"   // they may not
)

// CommitmentSteps lists the steps, in the order in which they are offered.
var CommitmentSteps = []CommitmentStep{
	CommitmentMake, CommitmentReport, CommitmentFinish, CommitmentBlock, CommitmentMove, CommitmentKeep, CommitmentReopen, CommitmentDrop, CommitmentShow, CommitmentHide,
}

// CommitmentProblem is why a step cannot be taken.
type CommitmentProblem string

// The problems. Each but the last two stands at one field of a form.
const (
	CommitmentNoText   CommitmentProblem = "text"     // nothing is promised
	CommitmentLong     CommitmentProblem = "long"     // a text is too long, or has more than one line where it is one sentence
	CommitmentNoOwner  CommitmentProblem = "owner"    // nobody promises it
	CommitmentNoDue    CommitmentProblem = "due"      // no date
	CommitmentDuePast  CommitmentProblem = "due_past" // a date that is over
	CommitmentDueFar   CommitmentProblem = "due_far"  // a date that nobody here will see
	CommitmentDueSame  CommitmentProblem = "due_same" // the date that it has already
	CommitmentNoReason CommitmentProblem = "reason"
	CommitmentNoNote   CommitmentProblem = "note"
	CommitmentNotOpen  CommitmentProblem = "public" // a request that residents could read: requests are the staff's
	CommitmentSaid     CommitmentProblem = "said"   // that is what stands in the way already
	CommitmentState    CommitmentProblem = "state"  // the step is none from where the commitment stands
	CommitmentWrong    CommitmentProblem = "change" // something was changed that no step changes
)

// Error says what is wrong, for a log.
func (p CommitmentProblem) Error() string { return "commitment: " + string(p) }

// Limits of what is typed about commitments.
const (
	maxCommitmentNote = 2000
	commitmentYears   = 10 // ahead, that a date may lie
)

// CommitmentTurn is a step with what is said of it.
type CommitmentTurn struct {
	Step       CommitmentStep
	Text       string   // the note, the reason, or what stands in the way; "" of a block: nothing does any more
	Due        kpi.Date // of a move
	Chair      bool     // of a move: it is the chair's, see [MovesAsChair]; the ledger says so, whatever stands here
	Department string   // of a block: which one could move it
}

// fromStates are the states from which a step can be taken.
var fromStates = map[CommitmentStep][]kpi.CommitmentState{
	CommitmentReport: {kpi.CommitmentOpen, kpi.CommitmentDone},
	CommitmentBlock:  {kpi.CommitmentOpen},
	CommitmentMove:   {kpi.CommitmentOpen},
	CommitmentFinish: {kpi.CommitmentOpen},
	CommitmentKeep:   {kpi.CommitmentOpen, kpi.CommitmentDone},
	CommitmentDrop:   {kpi.CommitmentOpen, kpi.CommitmentDone},
	CommitmentReopen: {kpi.CommitmentDone, kpi.CommitmentKept, kpi.CommitmentDropped},
	CommitmentShow:   {kpi.CommitmentOpen, kpi.CommitmentDone, kpi.CommitmentKept, kpi.CommitmentDropped},
	CommitmentHide:   {kpi.CommitmentOpen, kpi.CommitmentDone, kpi.CommitmentKept, kpi.CommitmentDropped},
}

// MayCommitment reports whether somebody may take a step with a commitment as it stands. holds says that they hold its owner's post, or act for whoever does.
// Of a step that makes one, c is the new one.
func MayCommitment(step CommitmentStep, c *kpi.Commitment, who *account.Person, holds bool) bool {
	commit := who.May(account.Commit, c.Department)
	closes := who.May(account.CloseCommitments, c.Department)
	switch step {
	case CommitmentMake:
		return commit && (!c.Public || MayPublishCommitment(c.Department, who))
	case CommitmentShow:
		return !c.Public && c.Kind != kpi.CommitmentRequest && MayPublishCommitment(c.Department, who)
	case CommitmentHide:
		return c.Public && closes // a promise that residents have read is not taken from them by whoever gave it
	}
	owns := commit || holds && who != nil && !who.Disabled
	switch step {
	case CommitmentReport, CommitmentBlock, CommitmentMove, CommitmentFinish:
		return owns && slices.Contains(fromStates[step], c.State)
	case CommitmentReopen: // whoever called it done may take that back; what was closed is opened by those who close
		return closes && slices.Contains(fromStates[step], c.State) || owns && c.State == kpi.CommitmentDone
	}
	return closes && slices.Contains(fromStates[step], c.State)
}

// MovesAsChair reports whether whoever moves a due date on a day does so as the one to whom it was promised: the date that was agreed changes, and it is no slip. That
// is somebody who closes commitments and does not hold the owner's post, as long as there is time: a date that has passed is not washed clean. who is nil where
// nobody signs in: then nobody is known to preside.
func MovesAsChair(c *kpi.Commitment, who *account.Person, holds bool, today kpi.Date) bool {
	return !holds && who.May(account.CloseCommitments, c.Department) && c.DaysLate(today) == 0 && !today.After(c.Agreed())
}

// MayPublishCommitment reports whether somebody may promise something to residents in the name of a department: whoever may let its commentary out, or closes
// commitments.
func MayPublishCommitment(department string, who *account.Person) bool {
	return who.May(account.ReviewComments, department) || who.May(account.CloseCommitments, department)
}

// TurnCommitment returns what a commitment becomes by a step, on a day of the city. by is who takes it. It fails with a [CommitmentProblem].
func TurnCommitment(was kpi.Commitment, t CommitmentTurn, by string, today kpi.Date, now time.Time) (kpi.Commitment, error) {
	if !slices.Contains(fromStates[t.Step], was.State) || t.Step == CommitmentShow && (was.Public || was.Kind == kpi.CommitmentRequest) || t.Step == CommitmentHide && !was.Public {
		return was, CommitmentState
	}
	if t.Text != kpi.PlainText(t.Text) || utf8.RuneCountInString(t.Text) > maxCommitmentNote {
		return was, CommitmentLong
	}
	next := was
	next.Moves, next.Note = slices.Clone(was.Moves), t.Text
	switch t.Step {
	case CommitmentReport:
		if t.Text == "" {
			return was, CommitmentNoNote
		}
	case CommitmentBlock:
		next.Note, next.Blocker, next.BlockedBy = "", t.Text, t.Department
		if t.Text == "" && (t.Department != "" || was.Blocker == "") {
			return was, CommitmentNoNote
		}
		if t.Text == was.Blocker && t.Department == was.BlockedBy {
			return was, CommitmentSaid
		}
	case CommitmentMove:
		return moved(was, next, t, by, today, now)
	case CommitmentFinish:
		next.State, next.Done = kpi.CommitmentDone, today
	case CommitmentShow, CommitmentHide:
		next.Note, next.Public = "", t.Step == CommitmentShow
	default:
		return closed(was, next, t, today)
	}
	if next.State != kpi.CommitmentOpen {
		next.Blocker, next.BlockedBy = "", ""
	}
	return next, nil
}

// closed is a commitment that is closed, or opened again.
func closed(was, next kpi.Commitment, t CommitmentTurn, today kpi.Date) (kpi.Commitment, error) {
	if t.Text == "" && t.Step != CommitmentKeep {
		return was, CommitmentNoReason
	}
	next.Blocker, next.BlockedBy, next.Ended = "", "", today
	switch t.Step {
	case CommitmentKeep:
		next.State = kpi.CommitmentKept
	case CommitmentDrop:
		next.State = kpi.CommitmentDropped
	default:
		next.State, next.Done, next.Ended = kpi.CommitmentOpen, kpi.Date{}, kpi.Date{}
	}
	return next, nil
}

// moved is a commitment with another date.
func moved(was, next kpi.Commitment, t CommitmentTurn, by string, today kpi.Date, now time.Time) (kpi.Commitment, error) {
	switch {
	case t.Text == "":
		return was, CommitmentNoReason
	case t.Due == was.Due:
		return was, CommitmentDueSame
	}
	if p := dueProblem(t.Due, today, today); p != "" {
		return was, p
	}
	next.Note, next.Due = "", t.Due
	next.Moves = append(next.Moves, kpi.DueMove{From: was.Due, To: t.Due, Reason: t.Text, Chair: t.Chair, At: now.UTC().Round(0), By: by})
	return next, nil
}

// dueProblem finds what is wrong with a date by which something is promised.
func dueProblem(due, earliest, today kpi.Date) CommitmentProblem {
	switch {
	case due.IsZero():
		return CommitmentNoDue
	case due.Before(earliest):
		return CommitmentDuePast
	case due.After(today.AddMonths(12 * commitmentYears)):
		return CommitmentDueFar
	}
	return ""
}

// NewCommitmentProblem finds what is wrong with a commitment that somebody makes on a day; "" if nothing is.
func NewCommitmentProblem(c *kpi.Commitment, today kpi.Date) CommitmentProblem {
	clean := kpi.Commitment{
		Stamp: c.Stamp, Kind: c.Kind, Text: c.Text, Lang: c.Lang, Owner: c.Owner, Department: c.Department, Indicator: c.Indicator, Made: c.Made, Due: c.Due, State: kpi.CommitmentOpen,
		Public: c.Public, Source: c.Source,
	}
	switch {
	case c.Text == "":
		return CommitmentNoText
	case c.Text != kpi.PlainText(c.Text) || strings.ContainsAny(c.Text, "\n\t") || utf8.RuneCountInString(c.Text) > kpi.MaxCommitment:
		return CommitmentLong
	case c.Owner == "":
		return CommitmentNoOwner
	case c.Kind == kpi.CommitmentRequest && c.Public:
		return CommitmentNotOpen
	case !slices.Contains(kpi.CommitmentKinds, c.Kind) || !reflect.DeepEqual(clean, *c) || !slices.Contains(kpi.Langs, c.Lang) || c.Made.IsZero() || c.Made.After(today):
		return CommitmentWrong
	}
	return dueProblem(c.Due, c.Made, today)
}

// CheckCommitment fails with [kpi.CodeInvalid] if next is not what was becomes by one step on a day, and with [kpi.CodeDenied] if whoever takes it may not. was is
// nil of a commitment that is made. who is nil where nobody signs in: whoever sits at the machine may do everything.
func CheckCommitment(was, next *kpi.Commitment, who *account.Person, holds bool, today kpi.Date) (CommitmentStep, error) {
	step, err := turnOf(was, next, today)
	if err != nil {
		return step, &kpi.Error{Code: kpi.CodeInvalid, Message: "the commitment cannot become this", Err: err}
	}
	as := was
	if was == nil {
		as = next
	}
	if who != nil && !MayCommitment(step, as, who, holds) {
		return step, kpi.Errorf(kpi.CodeDenied, "your roles do not let you do this with the commitment (%s)", step)
	}
	if step == CommitmentMove && next.Moves[len(next.Moves)-1].Chair != MovesAsChair(was, who, holds, today) {
		return step, &kpi.Error{Code: kpi.CodeInvalid, Message: "whose move of the date it is follows from who makes it, and when", Err: CommitmentWrong}
	}
	return step, nil
}

// turnOf finds the one step by which was becomes next. What the step does not change must be as it was.
func turnOf(was, next *kpi.Commitment, today kpi.Date) (CommitmentStep, error) {
	if was == nil {
		if p := NewCommitmentProblem(next, today); p != "" {
			return CommitmentMake, p
		}
		return CommitmentMake, nil
	}
	t := CommitmentTurn{Step: CommitmentStepOf(was, next), Text: next.Note}
	var by string
	var at time.Time
	switch t.Step {
	case CommitmentMove:
		if len(next.Moves) == 0 {
			return t.Step, CommitmentWrong
		}
		m := next.Moves[len(next.Moves)-1]
		t.Text, t.Due, t.Chair, by, at = m.Reason, next.Due, m.Chair, m.By, m.At
	case CommitmentBlock:
		t.Text, t.Department = next.Blocker, next.BlockedBy
	}
	want, err := TurnCommitment(*was, t, by, today, at)
	if err != nil {
		return t.Step, err
	}
	want.Stamp = next.Stamp
	if len(want.Moves) == 0 && len(next.Moves) == 0 {
		want.Moves = next.Moves // nil or empty: it is the same
	}
	if !reflect.DeepEqual(want, *next) {
		return t.Step, CommitmentWrong
	}
	return t.Step, nil
}

// CommitmentStepOf is the step that a change looks like. was is nil of the first revision.
func CommitmentStepOf(was, next *kpi.Commitment) CommitmentStep {
	switch {
	case was == nil:
		return CommitmentMake
	case was.State != next.State:
		return map[kpi.CommitmentState]CommitmentStep{
			kpi.CommitmentOpen: CommitmentReopen, kpi.CommitmentDone: CommitmentFinish, kpi.CommitmentKept: CommitmentKeep, kpi.CommitmentDropped: CommitmentDrop,
		}[next.State]
	case was.Public != next.Public && next.Public:
		return CommitmentShow
	case was.Public != next.Public:
		return CommitmentHide
	case was.Due != next.Due || len(was.Moves) != len(next.Moves):
		return CommitmentMove
	case was.Blocker != next.Blocker || was.BlockedBy != next.BlockedBy:
		return CommitmentBlock
	}
	return CommitmentReport
}
