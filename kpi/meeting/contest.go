package meeting

import (
	"math"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/account"
)

// ContestStep is something that people do with a contested number.
type ContestStep string

// The steps.
const (
	ContestMake     ContestStep = "make"
	ContestCorrect  ContestStep = "correct" // it was wrong, and has been mended
	ContestUphold   ContestStep = "uphold"  // it is right
	ContestWithdraw ContestStep = "withdraw"
)

// ContestSteps lists the steps.
var ContestSteps = []ContestStep{ContestMake, ContestCorrect, ContestUphold, ContestWithdraw}

// contestWays says to which state a step leads. All but the first begin where a contest is open: one that was answered is over, and a number can be
// contested again.
var contestWays = map[ContestStep]kpi.ContestState{
	ContestMake: kpi.ContestOpen, ContestCorrect: kpi.ContestCorrected, ContestUphold: kpi.ContestUpheld, ContestWithdraw: kpi.ContestWithdrawn,
}

// MayContest reports whether somebody may take a step with a contest as it stands; of one that is new, c has its department and nothing else. Whoever contested
// a number does not answer.
func MayContest(step ContestStep, c *kpi.Contest, who *account.Person) bool {
	if (step == ContestMake) != (c.State == "") || step != ContestMake && c.State != kpi.ContestOpen {
		return false
	}
	switch step {
	case ContestMake, ContestWithdraw:
		return who.May(account.ContestNumbers, c.Department)
	case ContestCorrect, ContestUphold:
		return who.May(account.AnswerContests, c.Department) && who.ID != 0 && who.ID != c.Founder
	}
	return false
}

// TurnContest returns what an open contest becomes by a step, on a day of the city, with what is said to it. load is the load that mended the number; 0:
// none is named. The error has code conflict if the contest is not open.
func TurnContest(was kpi.Contest, step ContestStep, answer string, load int64, who account.By, today kpi.Date) (kpi.Contest, error) {
	state, ok := contestWays[step]
	if !ok || step == ContestMake || was.State != kpi.ContestOpen {
		return was, kpi.Errorf(kpi.CodeConflict, "a contest that is %q takes no step %q", was.State, step)
	}
	c := was
	c.State, c.Answer = state, answer
	if step != ContestWithdraw {
		c.AnsweredAt, c.AnsweredBy = today, who.Name
	}
	if step == ContestCorrect {
		c.Load = load
	}
	return c, nil
}

// ContestProblem is something that is wrong with what was typed. Field is that of the form.
type ContestProblem struct {
	Field string // reason, believed, answer
	What  string // empty, long
}

// Error says it in English, for logs and programs.
func (p ContestProblem) Error() string { return "contest: " + p.Field + " is " + p.What }

// ContestProblems finds what is wrong with what was typed.
func ContestProblems(c *kpi.Contest) []ContestProblem {
	var list []ContestProblem
	for _, f := range []struct {
		name, text string
		needed     bool
	}{{"reason", c.Reason, true}, {"answer", c.Answer, c.State == kpi.ContestCorrected || c.State == kpi.ContestUpheld}} {
		switch {
		case f.text == "" && f.needed:
			list = append(list, ContestProblem{f.name, "empty"})
		case f.text != kpi.PlainText(f.text) || utf8.RuneCountInString(f.text) > kpi.MaxContest:
			list = append(list, ContestProblem{f.name, "long"})
		}
	}
	if c.Believed != nil && (math.IsNaN(*c.Believed) || math.IsInf(*c.Believed, 0)) {
		list = append(list, ContestProblem{"believed", "empty"})
	}
	return list
}

// CheckContest finds why a revision may not follow another (nil: there is none), whoever brings it.
func CheckContest(was, now *kpi.Contest) error {
	if problems := ContestProblems(now); len(problems) > 0 {
		return &kpi.Error{Code: kpi.CodeInvalid, Message: "the contest cannot be kept", Err: problems[0]}
	}
	if was == nil {
		if now.State != kpi.ContestOpen {
			return kpi.Errorf(kpi.CodeConflict, "a contest begins open")
		}
		return nil
	}
	same := now.Indicator == was.Indicator && now.Period == was.Period && now.Department == was.Department && now.Version == was.Version && now.Reason == was.Reason &&
		now.Public == was.Public && equal(now.Value, was.Value) && equal(now.Believed, was.Believed)
	switch {
	case was.State != kpi.ContestOpen || now.State == kpi.ContestOpen:
		return kpi.Errorf(kpi.CodeConflict, "a contest that is %q does not become %q", was.State, now.State)
	case !same:
		return kpi.Errorf(kpi.CodeInvalid, "whoever answers a contest does not change it")
	case now.State != kpi.ContestWithdrawn && (now.Person == 0 || now.Person == was.Founder):
		return kpi.Errorf(kpi.CodeDenied, "a contested number is answered by somebody who did not contest it")
	}
	return nil
}

func equal(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// ContestDue returns the day until which a number that was contested on a day is answered.
func ContestDue(on kpi.Date, w kpi.Workdays) kpi.Date { return w.After(on, AnswerDays) }
