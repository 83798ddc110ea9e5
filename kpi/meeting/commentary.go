package meeting

import (
	"errors"
	"slices"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/account"
)

// CommentaryStep is something that people do with a commentary.
type CommentaryStep string

// The steps. What was approved stands until another text is approved, or until it is withdrawn.
const (
	CommentarySave     CommentaryStep = "save"    // keep it as a draft
	CommentarySend     CommentaryStep = "send"    // to whoever reviews it
	CommentaryApprove  CommentaryStep = "approve" // residents read it from now on if it is public
	CommentaryReturn   CommentaryStep = "return"  // with a note
	CommentaryWithdraw CommentaryStep = "withdraw"
)

// CommentarySteps lists the steps.
var CommentarySteps = []CommentaryStep{CommentarySave, CommentarySend, CommentaryApprove, CommentaryReturn, CommentaryWithdraw}

// commentaryWays says to which state a step leads from each state; from "" there is nothing yet. What is not there cannot be done.
var commentaryWays = map[CommentaryStep]map[kpi.CommentaryState]kpi.CommentaryState{
	CommentarySave: {
		"": kpi.CommentaryDraft, kpi.CommentaryDraft: kpi.CommentaryDraft, kpi.CommentarySubmitted: kpi.CommentaryDraft, kpi.CommentaryReturned: kpi.CommentaryDraft,
		kpi.CommentaryApproved: kpi.CommentaryDraft, kpi.CommentaryWithdrawn: kpi.CommentaryDraft,
	},
	CommentarySend: {
		"": kpi.CommentarySubmitted, kpi.CommentaryDraft: kpi.CommentarySubmitted, kpi.CommentaryReturned: kpi.CommentarySubmitted,
		kpi.CommentaryApproved: kpi.CommentarySubmitted, kpi.CommentaryWithdrawn: kpi.CommentarySubmitted,
	},
	CommentaryApprove: {kpi.CommentarySubmitted: kpi.CommentaryApproved},
	CommentaryReturn:  {kpi.CommentarySubmitted: kpi.CommentaryReturned},
	CommentaryWithdraw: {
		kpi.CommentaryDraft: kpi.CommentaryWithdrawn, kpi.CommentarySubmitted: kpi.CommentaryWithdrawn, kpi.CommentaryReturned: kpi.CommentaryWithdrawn,
		kpi.CommentaryApproved: kpi.CommentaryWithdrawn,
	},
}

// MayCommentary reports whether somebody may take a step with a commentary as it stands; of one that is new, c has its department and nothing else.
// Whoever wrote the text last neither approves nor returns it, and what stands in public is withdrawn by whoever may approve.
func MayCommentary(step CommentaryStep, c *kpi.Commentary, who *account.Person) bool {
	if _, ok := commentaryWays[step][c.State]; !ok {
		return false
	}
	switch {
	case step == CommentaryApprove || step == CommentaryReturn:
		return who.May(account.ReviewComments, c.Department) && who.ID != 0 && who.ID != c.Author
	case step == CommentaryWithdraw && c.Stands != 0:
		return who.May(account.ReviewComments, c.Department)
	}
	return who.May(account.Comment, c.Department)
}

// MayReadDrafts reports whether somebody may read commentary of a department that is not approved.
func MayReadDrafts(department string, who *account.Person) bool {
	return who.May(account.Comment, department) || who.May(account.ReviewComments, department)
}

// TurnCommentary returns what a commentary becomes by a step. was is it as it stands, nil if there is none; next is it with what was typed. A step that does
// not write takes nothing of the text from next. The error has code conflict if the step is none from where it stands.
func TurnCommentary(was *kpi.Commentary, next kpi.Commentary, step CommentaryStep, who account.By, note string) (kpi.Commentary, error) {
	before := kpi.Commentary{Indicator: next.Indicator, Period: next.Period, Department: next.Department, Miss: next.Miss}
	if was != nil {
		before = *was
	}
	state, ok := commentaryWays[step][before.State]
	if !ok {
		return before, kpi.Errorf(kpi.CodeConflict, "a commentary that is %q takes no step %q", before.State, step)
	}
	c := before
	c.State = state
	switch step {
	case CommentarySave, CommentarySend:
		c.Public, c.Lang, c.Happened, c.Why, c.Next, c.Owner, c.Due, c.Help = next.Public, next.Lang, next.Happened, next.Why, next.Next, next.Owner, next.Due, next.Help
		c.Miss = before.Miss || next.Miss
		if was == nil || !c.SameText(was) {
			c.Author, c.AuthorName = who.Person, who.Name
		}
		if step == CommentarySend {
			c.Note = ""
		}
	case CommentaryApprove:
		c.Note, c.Stands = "", before.Revision+1
	case CommentaryReturn:
		c.Note = note
	case CommentaryWithdraw:
		c.Note, c.Stands = "", 0
	}
	return c, nil
}

// CommentaryProblem is something that is wrong with a text. Field is that of the form.
type CommentaryProblem struct {
	Field string // happened, why, next, owner, due, help, lang, note; "" : it is about all of it
	What  string // empty, long, past, far, unknown
}

// Error says it in English, for logs and programs.
func (p CommentaryProblem) Error() string { return "commentary: " + p.Field + " is " + p.What }

// CommentaryProblems finds what is wrong with a text that is to be kept, or to be sent to be reviewed. today is the city's day; zero: no date is too early.
func CommentaryProblems(c *kpi.Commentary, step CommentaryStep, today kpi.Date) []CommentaryProblem {
	var list []CommentaryProblem
	add := func(wrong bool, field, what string) {
		if wrong {
			list = append(list, CommentaryProblem{field, what})
		}
	}
	sent := step == CommentarySend
	for _, f := range []struct {
		name, text string
		needed     bool
	}{{"happened", c.Happened, sent}, {"why", c.Why, sent && c.Miss}, {"next", c.Next, sent && (c.Owner != "" || !c.Due.IsZero())}} {
		add(f.needed && f.text == "", f.name, "empty")
		add(badText(f.text), f.name, "long")
	}
	add(sent && c.Next != "" && c.Owner == "", "owner", "empty")
	add(utf8.RuneCountInString(c.Owner) > 64, "owner", "unknown")
	add(sent && c.Next != "" && c.Due.IsZero(), "due", "empty")
	add(sent && !c.Due.IsZero() && !today.IsZero() && c.Due.Before(today), "due", "past")
	add(sent && !today.IsZero() && dueProblem(c.Due, c.Due, today) == CommitmentDueFar, "due", "far")
	add(badText(c.Help), "help", "long")
	add(!slices.Contains(kpi.Langs, c.Lang), "lang", "unknown")
	add(step == CommentarySave && c.Happened+c.Why+c.Next+c.Help == "", "happened", "empty")
	return list
}

// badText reports whether a text is too long, or not as [kpi.PlainText] leaves it.
func badText(s string) bool {
	return s != kpi.PlainText(s) || utf8.RuneCountInString(s) > kpi.MaxCommentary
}

// CheckCommentary finds why a revision may not follow another (nil: there is none), whoever brings it: a step that is none, a text that a reviewer changed,
// one pair of eyes where two are needed. The right to a step is the page's to know.
func CheckCommentary(was, now *kpi.Commentary) error {
	before := kpi.Commentary{Indicator: now.Indicator, Period: now.Period, Department: now.Department}
	if was != nil {
		before = *was
	}
	if now.Indicator != before.Indicator || now.Period != before.Period || now.Department != before.Department {
		return kpi.Errorf(kpi.CodeInvalid, "a commentary stays about one number of one department")
	}
	step, ok := commentaryStepOf(before.State, now.State)
	if !ok {
		return kpi.Errorf(kpi.CodeConflict, "a commentary that is %q does not become %q", before.State, now.State)
	}
	writes := step == CommentarySave || step == CommentarySend
	author := before.Author
	if writes && (was == nil || !now.SameText(was)) {
		author = now.Person
	}
	stands := before.Stands
	switch step {
	case CommentaryApprove:
		stands = now.Revision
	case CommentaryWithdraw:
		stands = 0
	}
	switch problems := CommentaryProblems(now, step, kpi.Date{}); {
	case writes && len(problems) > 0:
		return &kpi.Error{Code: kpi.CodeInvalid, Message: "the commentary cannot be kept", Err: problems[0]}
	case !writes && !now.SameText(&before):
		return kpi.Errorf(kpi.CodeInvalid, "whoever reviews or withdraws a commentary does not change it")
	case now.Author != author || now.Stands != stands:
		return kpi.Errorf(kpi.CodeInvalid, "a commentary says who wrote it, and which text stands")
	case (step == CommentaryApprove || step == CommentaryReturn) && (now.Person == 0 || now.Person == before.Author):
		return kpi.Errorf(kpi.CodeDenied, "a commentary is reviewed by somebody who did not write it")
	case step == CommentaryReturn && (now.Note == "" || badText(now.Note)):
		return &kpi.Error{Code: kpi.CodeInvalid, Message: "the commentary cannot be returned", Err: CommentaryProblem{"note", "empty"}}
	}
	return nil
}

// commentaryStepOf returns the step that leads from one state to another.
func commentaryStepOf(from, to kpi.CommentaryState) (CommentaryStep, bool) {
	for _, s := range CommentarySteps {
		if way, ok := commentaryWays[s][from]; ok && way == to {
			return s, true
		}
	}
	return "", false
}

// CommentaryDays is in how many working days a department says why its number is behind, from the day on which it could know it.
const CommentaryDays = 10

// CommentaryDue returns the day on which a commentary about a period is due: ten working days after the number could be known. That is the day on which the period
// settled, or, where the data came later, the day of the load that brought them: came is the day of the first good load on or after the settling day, zero
// if there was none.
func CommentaryDue(ind *kpi.Indicator, p kpi.Period, came kpi.Date, w kpi.Workdays) kpi.Date {
	known := ind.SettledOn(p)
	if came.After(known) {
		known = came
	}
	return w.After(known, CommentaryDays)
}

// Missed reports whether the judged value of an indicator is behind its target.
func Missed(a *kpi.Assessment) bool {
	s := a.Status.Public()
	return s == kpi.PublicBehind || s == kpi.PublicOffTrack
}

// FirstLoad answers on which day a dataset was loaded well for the first time, from a day on; the zero day if it was not yet.
type FirstLoad func(dataset string, from kpi.Date) (kpi.Date, error)

// Miss is a settled period whose value is behind its target, and which somebody should explain.
type Miss struct {
	Period    kpi.Period
	Due       kpi.Date
	Said      *kpi.Commentary // as it stands; nil: nobody has begun
	Explained bool            // a text about the period was approved and stands
}

// Late reports whether nobody has sent an explanation, and the day on which it was due is over.
func (m *Miss) Late(today kpi.Date) bool {
	return !m.Explained && (m.Said == nil || m.Said.State != kpi.CommentarySubmitted) && m.Due.Before(today)
}

// MissOf returns the miss of an indicator: its judged period if that is behind its target, otherwise nil. said are commentaries as they stand now, about any
// indicator and period.
func MissOf(ind *kpi.Indicator, a *kpi.Assessment, cal kpi.Calendar, w kpi.Workdays, said []kpi.Commentary, first FirstLoad) (*Miss, error) {
	if !Missed(a) || a.Period == "" {
		return nil, nil
	}
	p, err := cal.Parse(a.Period)
	if err != nil {
		return nil, err
	}
	came, err := first(ind.Dataset, ind.SettledOn(p))
	if err != nil {
		return nil, err
	}
	m := &Miss{Period: p, Due: CommentaryDue(ind, p, came, w)}
	for i := range said {
		if c := &said[i]; c.Indicator == ind.ID && c.Period == p.ID {
			m.Said, m.Explained = c, c.Stands != 0
		}
	}
	return m, nil
}

// CommentaryProblemsIn returns the problem that an error of the ledger tells of, and whether it tells of one.
func CommentaryProblemsIn(err error) (CommentaryProblem, bool) {
	var p CommentaryProblem
	ok := errors.As(err, &p)
	return p, ok
}
