package ledgertest

import (
	"context"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// fillWords has people write commentary in every state, and contest numbers. Number 1 of each is the own department's: a commentary that was approved and is being
// written anew, and an open contest that residents may know of.
func fillWords(o *Office) {
	staff, head, analyst, chief := o.by(account.DepartmentStaff), o.by(account.DepartmentHead), o.by(account.Analyst), o.by(account.ChiefOfStaff)
	first := o.writeCommentary("street-lights-on-time", "2026-02", true, staff, -9)
	o.turnCommentary(&first, meeting.CommentarySend, staff, "", -9)
	o.turnCommentary(&first, meeting.CommentaryReturn, head, o.say("Say which streets, and since when."), -8)
	first.Why = o.say("The cables under Quay Street were laid in 1974. Water gets in.")
	o.turnCommentary(&first, meeting.CommentarySend, staff, "", -8)
	o.turnCommentary(&first, meeting.CommentaryApprove, head, "", -7)
	first.Happened = o.say("Half of the late repairs were on two streets.")
	o.turnCommentary(&first, meeting.CommentarySave, staff, "", -1)

	sent := o.writeCommentary("missed-collections", "2026-02", true, staff, -6)
	o.turnCommentary(&sent, meeting.CommentarySend, staff, "", -5)
	back := o.writeCommentary("dumping-hours", "2026-02", false, staff, -6)
	o.turnCommentary(&back, meeting.CommentarySend, staff, "", -6)
	o.turnCommentary(&back, meeting.CommentaryReturn, chief, o.say("This is a list of tickets. Say what happened."), -4)
	o.writeCommentary("speed-humps", "2026-02", true, analyst, -3)
	done := o.writeCommentary("permit-days", "2025-10", true, analyst, -12)
	o.turnCommentary(&done, meeting.CommentarySend, analyst, "", -12)
	o.turnCommentary(&done, meeting.CommentaryApprove, chief, "", -11)
	gone := o.writeCommentary("repair-cost", "2026-01", true, staff, -20)
	o.turnCommentary(&gone, meeting.CommentaryWithdraw, staff, "", -19)

	o.contestNumber("missed-collections", true, staff, -4)
	upheld := o.contestNumber("repair-cost", false, head, -30)
	o.answerContest(upheld, meeting.ContestUphold, analyst, -27)
	corrected := o.contestNumber("street-lights-on-time", true, staff, -40)
	o.answerContest(corrected, meeting.ContestCorrect, chief, -36)
	o.answerContest(o.contestNumber("permit-days", false, analyst, -50), meeting.ContestWithdraw, analyst, -49)
	o.contestNumber("repair-cost", false, analyst, -20)
}

// daysFromNow is a moment some days from now.
func (o *Office) daysFromNow(days int) time.Time { return o.now.AddDate(0, 0, days) }

// writeCommentary begins a commentary, as a draft.
func (o *Office) writeCommentary(indicator, period string, public bool, by account.By, days int) kpi.Commentary {
	c := kpi.Commentary{
		Indicator: indicator, Period: period, Department: o.city.Indicator(indicator).Department, Miss: true, Public: public, Lang: kpi.English,
		Happened: o.say("More reports than usual came from the old harbor.\nThe crews were there twice."), Why: o.say("Water gets into the cables, and the lamps fail again."),
		Next: o.say("We lay new cables under Quay Street."), Owner: "director-public-works", Due: kpi.DateOf(o.now).AddDays(60), Help: o.say("Two electricians from Transportation, for six weeks."),
	}
	next, err := meeting.TurnCommentary(nil, c, meeting.CommentarySave, by, "")
	o.must(err)
	o.must(o.SaveCommentary(context.Background(), &next, by, o.daysFromNow(days)))
	return next
}

// turnCommentary takes a step with a commentary, whose text may have been changed.
func (o *Office) turnCommentary(c *kpi.Commentary, step meeting.CommentaryStep, by account.By, note string, days int) {
	was, err := o.Commentary(context.Background(), c.ID)
	o.must(err)
	next, err := meeting.TurnCommentary(&was, *c, step, by, note)
	o.must(err)
	o.must(o.SaveCommentary(context.Background(), &next, by, o.daysFromNow(days)))
	*c = next
}

// contestNumber contests a number.
func (o *Office) contestNumber(indicator string, public bool, by account.By, days int) kpi.Contest {
	value, believed := 54.5, 61.25
	c := kpi.Contest{
		Indicator: indicator, Period: "2026-02", Department: o.city.Indicator(indicator).Department, State: kpi.ContestOpen, Value: &value, Version: 9,
		Reason: o.say("Requests that were closed as duplicates are counted twice."), Believed: &believed, Public: public,
	}
	o.must(o.SaveContest(context.Background(), &c, by, o.daysFromNow(days)))
	return c
}

// answerContest ends a contest.
func (o *Office) answerContest(c kpi.Contest, step meeting.ContestStep, by account.By, days int) {
	said := ""
	if step != meeting.ContestWithdraw {
		said = o.say("We looked at all duplicates of February. They are counted once.")
	}
	next, err := meeting.TurnContest(c, step, said, 12, by, kpi.DateOf(o.daysFromNow(days)))
	o.must(err)
	o.must(o.SaveContest(context.Background(), &next, by, o.daysFromNow(days)))
}
