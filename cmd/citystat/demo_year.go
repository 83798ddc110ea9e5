package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// demoYear lives a year of meetings of a sample city: what is on an agenda follows from the numbers as they were on that day, and everything is written through the
// same rules as what real people write. It has no chance in it: the same folder gives the same year. What was written already it does not write again.
type demoYear struct {
	*demonstration
	city  *kpi.City
	cal   kpi.Calendar
	days  kpi.Workdays
	first kpi.Date
	until kpi.Date // the city's day: what comes after it is for the newcomer

	holdings []kpi.Holding
	by       map[int64]account.By
	desk     meetings
	cards    map[kpi.Date]*scorecard.Scorecard
	acted    kpi.Date // the last day on which owners of commitments did something
	held     int
}

func newDemoYear(d *demonstration, city *kpi.City) (*demoYear, error) {
	y := &demoYear{demonstration: d, city: city, days: city.Workdays(), desk: meetings{d.engine.led, d.engine}, cards: map[kpi.Date]*scorecard.Scorecard{}, by: map[int64]account.By{}}
	var err error
	if y.cal, err = city.Calendar(); err != nil {
		return nil, err
	}
	if y.first, err = kpi.ParseDate(d.script.From); err != nil {
		return nil, err
	}
	y.until, err = d.engine.asOf(city)
	return y, err
}

// live lives it, day by day.
func (y *demoYear) live(ctx context.Context) error {
	var err error
	if y.holdings, err = y.engine.led.Holdings(ctx, kpi.PaperQuery{}); err != nil {
		return err
	}
	people, err := y.engine.led.People(ctx)
	if err != nil {
		return err
	}
	for i := range people {
		y.by[people[i].ID] = people[i].By()
	}
	if err := y.emergencies(ctx); err != nil {
		return err
	}
	plan, err := y.plan(ctx)
	if err != nil {
		return err
	}
	y.acted = y.first
	for i := range plan {
		m := &plan[i]
		if m.State == kpi.MeetingCancelled || m.State == kpi.MeetingClosed {
			continue
		}
		if err := y.between(ctx, m.Date); err != nil {
			return err
		}
		if err := y.conduct(ctx, i, *m); err != nil {
			return fmt.Errorf("meeting %s: %w", m.Name(), err)
		}
		y.held++
	}
	if err := y.between(ctx, y.until); err != nil {
		return err
	}
	return y.ahead(ctx)
}

// plan lists the meetings of all series, in order of their day.
func (y *demoYear) plan(ctx context.Context) ([]kpi.Meeting, error) {
	saved, err := y.engine.led.Meetings(ctx, kpi.PaperQuery{})
	if err != nil {
		return nil, err
	}
	var list []kpi.Meeting
	for i := range y.city.Meetings {
		list = append(list, meeting.Calendar(y.city, &y.city.Meetings[i], saved, y.first, y.until.AddDays(-1))...)
	}
	slices.SortStableFunc(list, func(a, b kpi.Meeting) int { return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.At, b.At)) })
	return list, nil
}

// emergencies declares those of the script.
func (y *demoYear) emergencies(ctx context.Context) error {
	known, err := y.engine.led.Emergencies(ctx)
	if err != nil {
		return err
	}
	for _, e := range y.script.Emergencies {
		if slices.ContainsFunc(known, func(k kpi.Emergency) bool { return k.What == e.What }) {
			continue
		}
		one := kpi.Emergency{What: e.What, Reason: e.Reason, Lang: y.script.Lang}
		if one.From, err = kpi.ParseDate(e.From); err != nil {
			return err
		}
		if one.Until, err = kpi.ParseDate(e.Until); err != nil {
			return err
		}
		if err := y.engine.led.SaveEmergency(ctx, &one, y.holder(y.city.Meetings[0].Chair, one.From), y.at(one.From, 7*60)); err != nil {
			return err
		}
	}
	return nil
}

// at is a time of a day in the city, in minutes after midnight.
func (y *demoYear) at(d kpi.Date, minutes int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, minutes, 0, 0, y.cal.Location)
}

// holder is whoever holds a post on a day; the demonstration itself where nobody does.
func (y *demoYear) holder(post string, day kpi.Date) account.By {
	if h := meeting.Holder(y.holdings, post, day); h != nil {
		return y.by[h.Holder]
	}
	return demoHand
}

// card is the scorecard as of a day. The newest ones are remembered: several meetings of a week see the same.
func (y *demoYear) card(ctx context.Context, day kpi.Date) (*scorecard.Scorecard, error) {
	if c := y.cards[day]; c != nil {
		return c, nil
	}
	if len(y.cards) > 4 {
		clear(y.cards)
	}
	c, err := y.engine.builder.Build(ctx, kpi.At{AsOf: day})
	if err == nil {
		y.cards[day] = c
	}
	return c, err
}

// step takes a step with a meeting.
func (y *demoYear) step(ctx context.Context, m kpi.Meeting, t meeting.MeetingTurn, live *scorecard.Scorecard, by account.By, at time.Time) (kpi.Meeting, error) {
	all, err := y.engine.led.Meetings(ctx, kpi.PaperQuery{Subject: m.Series})
	if err != nil {
		return m, err
	}
	if t.Reason != "" {
		t.Lang = y.script.Lang
	}
	next, err := meeting.TurnMeeting(y.city, y.cal, m, all, t, by.Name, at)
	if err != nil {
		return m, fmt.Errorf("%s: %w", t.Step, err)
	}
	frozen, err := frozenCard(&next, live)
	if err != nil {
		return m, err
	}
	if err := y.engine.led.SaveMeeting(ctx, &next, frozen, by, at); err != nil { // the whole year is published at its end, and not at each step
		return m, fmt.Errorf("%s: %w", t.Step, err)
	}
	return next, nil
}

// conduct takes a meeting from where it stands to its follow-up memo. n counts the meetings of the year.
func (y *demoYear) conduct(ctx context.Context, n int, m kpi.Meeting) error {
	s := y.city.Series(m.Series)
	chair, analyst := y.holder(s.Chair, m.Date), y.holder(s.Analyst, m.Date)
	var err error
	if m.State == kpi.MeetingPlanned && m.ID == 0 {
		if m, err = y.convene(ctx, n, m, chair); err != nil || m.State == kpi.MeetingCancelled {
			return err
		}
		if !m.Date.Before(y.until) {
			return nil // it was moved out of the year
		}
	}
	start := m.Start(y.cal.Location)
	if m.State == kpi.MeetingPlanned {
		if m, err = y.prepare(ctx, n, s, m, analyst); err != nil {
			return err
		}
	}
	if m.State == kpi.MeetingReady {
		live, err := y.card(ctx, m.Date)
		if err != nil {
			return err
		}
		if m, err = y.step(ctx, m, meeting.MeetingTurn{Step: meeting.MeetingBegin}, live, chair, start); err != nil {
			return err
		}
	}
	if m.State == kpi.MeetingOpen {
		if err := y.talk(ctx, n, s, &m, chair); err != nil {
			return err
		}
		if m, err = y.step(ctx, m, meeting.MeetingTurn{Step: meeting.MeetingEnd}, nil, chair, start.Add(time.Duration(m.Minutes-n%9)*time.Minute)); err != nil {
			return err
		}
	}
	if m.State == kpi.MeetingHeld {
		return y.followUp(ctx, n, m, analyst)
	}
	return nil
}

// convene moves a meeting in a while, cancels one or lets somebody else preside.
func (y *demoYear) convene(ctx context.Context, n int, m kpi.Meeting, chair account.By) (kpi.Meeting, error) {
	early := y.at(m.Date.AddDays(-5), 11*60)
	switch {
	case n%13 == 9 && len(y.script.Cancels) > 0:
		return y.step(ctx, m, meeting.MeetingTurn{Step: meeting.MeetingCancel, Reason: pick(y.script.Cancels, n/13)}, nil, chair, early)
	case n%11 == 6 && len(y.script.Moves) > 0:
		return y.step(ctx, m, meeting.MeetingTurn{Step: meeting.MeetingMove, Date: y.days.After(m.Date, 1), At: m.At, Reason: pick(y.script.Moves, n/11)}, nil, chair, early)
	}
	return m, nil
}

// prepare edits the agenda and sends the memo: nearly always in time.
func (y *demoYear) prepare(ctx context.Context, n int, s *kpi.MeetingSeries, m kpi.Meeting, analyst account.By) (kpi.Meeting, error) {
	hours := 52
	if n%9 == 5 {
		hours = 30 // somebody was ill
	}
	at := m.Start(y.cal.Location).Add(-time.Duration(hours) * time.Hour)
	live, err := y.card(ctx, m.Date)
	if err != nil {
		return m, err
	}
	if err := y.explain(ctx, s, live, at); err != nil {
		return m, err
	}
	a, err := y.agenda(ctx, s, &m, live)
	if err != nil {
		return m, err
	}
	edits := kpi.AgendaEdits{}
	for i, it := range a.Items {
		switch {
		case it.Part != kpi.PartNew:
		case i == len(a.Items)-1 && n%4 == 2 && len(y.script.Drops) > 0:
			edits.Dropped = append(edits.Dropped, kpi.AgendaDrop{Key: it.Key, Reason: pick(y.script.Drops, n/4), At: at.Add(-time.Hour).UTC(), By: analyst.Name})
		case len(edits.Questions) == 0 && len(y.script.Questions) > 0:
			edits.Questions = map[string]string{it.Key: pick(y.script.Questions, n)}
		}
	}
	if len(edits.Dropped)+len(edits.Questions) > 0 {
		if m, err = y.step(ctx, m, meeting.MeetingTurn{Step: meeting.MeetingEdit, Agenda: &edits}, nil, analyst, at.Add(-time.Hour)); err != nil {
			return m, err
		}
		if a, err = y.agenda(ctx, s, &m, live); err != nil {
			return m, err
		}
	}
	if len(a.Items) == 0 {
		return m, nil // nothing to ask: nobody sends a memo, and it is not held
	}
	return y.step(ctx, m, meeting.MeetingTurn{Step: meeting.MeetingIssue, Memo: a.Memo()}, live, analyst, at)
}

// agenda makes the agenda of a meeting as it is then.
func (y *demoYear) agenda(ctx context.Context, s *kpi.MeetingSeries, m *kpi.Meeting, live *scorecard.Scorecard) (meeting.Agenda, error) {
	in := meeting.AgendaInputs{City: y.city, Series: s, Meeting: m, Live: live}
	var err error
	if in.Commitments, err = y.engine.led.Commitments(ctx, kpi.PaperQuery{}); err != nil {
		return meeting.Agenda{}, err
	}
	if in.Commentaries, err = y.engine.led.Commentaries(ctx, kpi.PaperQuery{}); err != nil {
		return meeting.Agenda{}, err
	}
	if in.Notes, err = y.engine.led.MeetingNotes(ctx, kpi.PaperQuery{Subject: s.ID}); err != nil {
		return meeting.Agenda{}, err
	}
	all, err := y.engine.led.Meetings(ctx, kpi.PaperQuery{Subject: s.ID})
	if err != nil {
		return meeting.Agenda{}, err
	}
	if last := meeting.LastHeld(all, m); last != nil {
		if in.Before, err = y.desk.FrozenCard(ctx, s.ID, last.Slot, kpi.FrozenMeeting); err != nil {
			return meeting.Agenda{}, err
		}
	}
	return meeting.MakeAgenda(in), nil
}

// followUp sends the follow-up memo: nearly always in time.
func (y *demoYear) followUp(ctx context.Context, n int, m kpi.Meeting, analyst account.By) error {
	in := meeting.FollowUpInputs{Series: y.city.Series(m.Series), Meeting: &m, Zone: y.cal.Location}
	var err error
	if in.Notes, err = y.engine.led.MeetingNotes(ctx, kpi.PaperQuery{Subject: m.Series}); err != nil {
		return err
	}
	if in.Commitments, err = y.engine.led.Commitments(ctx, kpi.PaperQuery{}); err != nil {
		return err
	}
	f := meeting.MakeFollowUp(in)
	day := m.Date.AddDays(1)
	if n%8 == 3 {
		day = m.Date.AddDays(4)
	}
	if !day.Before(y.until) {
		day = y.until
	}
	_, err = y.step(ctx, m, meeting.MeetingTurn{Step: meeting.MeetingFollow, Follow: f.Memo(), Reason: pick(y.script.Summaries, n)}, nil, analyst, y.at(day, 16*60+n%40))
	return err
}

// made are the promises and requests that were made in a meeting.
func (y *demoYear) made(ctx context.Context, m *kpi.Meeting) ([]kpi.Commitment, error) {
	list, err := y.engine.led.Commitments(ctx, kpi.PaperQuery{})
	return slices.DeleteFunc(list, func(c kpi.Commitment) bool { return c.Source != "meeting/"+m.Name() }), err
}

// ahead prepares what comes after the city's day: the memo of what is next is out, and the newcomer can hold the meeting.
func (y *demoYear) ahead(ctx context.Context) error {
	saved, err := y.engine.led.Meetings(ctx, kpi.PaperQuery{})
	if err != nil {
		return err
	}
	for i := range y.city.Meetings {
		s := &y.city.Meetings[i]
		for _, m := range meeting.Calendar(y.city, s, saved, y.until, y.until.AddDays(3)) {
			if m.State != kpi.MeetingPlanned {
				continue
			}
			live, err := y.card(ctx, y.until)
			if err != nil {
				return err
			}
			a, err := y.agenda(ctx, s, &m, live)
			if err != nil {
				return err
			}
			if len(a.Items) == 0 {
				continue
			}
			at := m.Start(y.cal.Location).Add(-50 * time.Hour)
			if _, err := y.step(ctx, m, meeting.MeetingTurn{Step: meeting.MeetingIssue, Memo: a.Memo()}, live, y.holder(s.Analyst, y.until), at); err != nil {
				return err
			}
		}
	}
	return nil
}

// number makes a small number of a text, the same on every machine.
func number(s string) int {
	n := 0
	for _, r := range s {
		n = (n*31 + int(r)) % 9973
	}
	return n
}
