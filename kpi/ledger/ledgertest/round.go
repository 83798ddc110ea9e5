package ledgertest

import (
	"context"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/release"
)

// ReleaseRound releases a round without numbers of its own: a ledger alone has none.
func (o *Office) ReleaseRound(ctx context.Context, id int64, revision int, m release.Move, by account.By, now time.Time) (release.Round, error) {
	return o.DB.ReleaseRound(ctx, id, revision, m, nil, by, now)
}

// fillRounds is a round that was released without one department, and one that is under way, with a part in every state.
func fillRounds(o *Office) {
	ctx := context.Background()
	cal, err := o.city.Calendar()
	o.must(err)
	departments := release.Departments(o.city)
	today := kpi.DateOf(o.now.In(cal.Location))
	open := func(ago int, correction string) release.Round {
		period, err := cal.Period(kpi.Month, today.AddMonths(-ago))
		o.must(err)
		r, err := o.OpenRound(ctx, release.Opening{
			Name: o.say("Round about " + period.ID), Period: period, FillBy: period.Last.AddDays(7), CheckBy: period.Last.AddDays(10), ReleaseOn: period.Last.AddDays(14), Correction: correction, Lang: kpi.English,
		}, departments, today, o.by(account.ChiefOfStaff), o.now.AddDate(0, 0, -ago))
		o.must(err)
		return r
	}
	move := func(r *release.Round, do release.Do, department, note string, by account.Role, on kpi.Date) {
		m := release.Move{Do: do, Department: department, Note: note, Lang: kpi.English, On: on}
		var err error
		if do == release.Publish {
			*r, err = o.ReleaseRound(ctx, r.ID, r.Revision, m, o.by(by), o.now)
		} else {
			*r, err = o.MoveRound(ctx, r.ID, r.Revision, m, o.by(by), o.now)
		}
		o.must(err)
	}
	first := open(3, "")
	for i, d := range departments {
		if i == 1 {
			move(&first, release.Excuse, d, o.say("They have not reported: the office was closed."), account.ChiefOfStaff, today)
			continue
		}
		move(&first, release.Fill, d, o.say("All is there."), account.Analyst, first.FillBy)
		move(&first, release.Check, d, "", account.ChiefOfStaff, first.CheckBy)
	}
	move(&first, release.Publish, "", o.say("The first release of the year."), account.ChiefOfStaff, first.ReleaseOn)
	second := open(2, "")
	for i, d := range departments {
		switch i % 5 {
		case 1, 2, 3:
			move(&second, release.Fill, d, o.say("One value is missing: the machine was broken."), account.Analyst, second.FillBy.AddDays(i-1))
		case 4:
			move(&second, release.Excuse, d, o.say("Nobody was there."), account.ChiefOfStaff, today)
		}
		switch i % 5 {
		case 2:
			move(&second, release.Return, d, o.say("February has 28 days."), account.ChiefOfStaff, today)
		case 3:
			move(&second, release.Check, d, o.say("Compared with the paper list."), account.ChiefOfStaff, today)
		}
	}
}
