package main

import (
	"context"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// explain lets departments say what happened to their numbers that are off target, and somebody else approve it.
func (y *demoYear) explain(ctx context.Context, s *kpi.MeetingSeries, live *scorecard.Scorecard, at time.Time) error {
	said, err := y.engine.led.Commentaries(ctx, kpi.PaperQuery{})
	if err != nil {
		return err
	}
	for i := range live.Results {
		r := &live.Results[i]
		ind, period := r.Indicator, r.Assessment.Period
		public := r.Assessment.Status.Public()
		off := public == kpi.PublicBehind || public == kpi.PublicOffTrack
		known := slices.ContainsFunc(said, func(c kpi.Commentary) bool { return c.Indicator == ind.ID && c.Period == period })
		n := number(ind.ID + period)
		if !off || known || period == "" || !s.Takes(ind.Department) || n%5 == 0 { // now and then nobody says anything
			continue
		}
		words := pick(y.script.of(ind.Department).Explains, n)
		day := kpi.DateOf(at.In(y.cal.Location))
		head, reviewer := y.headOf(ind.Department, day), y.holder(s.Analyst, day)
		if words.Happened == "" || head.Person == reviewer.Person || head.Person == 0 {
			continue
		}
		c := kpi.Commentary{
			Indicator: ind.ID, Period: period, Department: ind.Department, Miss: true, Public: y.script.Public && ind.Public, Lang: y.script.Lang,
			Happened: words.Happened, Why: words.Why, Next: words.Next,
		}
		if d := y.city.Department(ind.Department); d != nil && c.Next != "" {
			c.Owner, c.Due = d.Head, y.days.After(day, 15)
		}
		c, err := meeting.TurnCommentary(nil, c, meeting.CommentarySend, head, "")
		if err != nil {
			return err
		}
		if err := y.engine.led.SaveCommentary(ctx, &c, head, at.Add(-20*time.Hour)); err != nil {
			return err
		}
		if c, err = meeting.TurnCommentary(&c, c, meeting.CommentaryApprove, reviewer, ""); err != nil {
			return err
		}
		if err := y.engine.led.SaveCommentary(ctx, &c, reviewer, at.Add(-4*time.Hour)); err != nil {
			return err
		}
	}
	return nil
}

// headOf is whoever leads a department on a day.
func (y *demoYear) headOf(department string, day kpi.Date) account.By {
	if d := y.city.Department(department); d != nil {
		return y.holder(d.Head, day)
	}
	return demoHand
}

// talk is what is said in a meeting: whoever presides closes what was done, and asks for more.
func (y *demoYear) talk(ctx context.Context, n int, s *kpi.MeetingSeries, m *kpi.Meeting, chair account.By) error {
	at := m.Start(y.cal.Location)
	fresh := 0
	made, err := y.made(ctx, m)
	if err != nil {
		return err
	}
	for i, it := range m.Memo.Items {
		at = at.Add(time.Duration(it.Minutes) * time.Minute)
		if it.Commitment != 0 {
			if err := y.close(ctx, n, it.Commitment, chair, at); err != nil {
				return err
			}
			continue
		}
		ind := y.city.Indicator(it.Indicator)
		public := it.Status.Public()
		if ind == nil || public != kpi.PublicBehind && public != kpi.PublicOffTrack || fresh == 2 || (n+i)%3 == 1 {
			continue
		}
		fresh++
		if err := y.promise(ctx, n+i, m, ind, chair, at, made); err != nil {
			return err
		}
	}
	return y.note(ctx, n, s, m, chair, at)
}

// promise lets the owner of an indicator promise something, or asks it for an answer.
func (y *demoYear) promise(ctx context.Context, n int, m *kpi.Meeting, ind *kpi.Indicator, chair account.By, at time.Time, made []kpi.Commitment) error {
	d := y.city.Department(ind.Department)
	if d == nil || d.Head == "" {
		return nil
	}
	open, err := y.engine.led.Commitments(ctx, kpi.PaperQuery{States: []string{string(kpi.CommitmentOpen), string(kpi.CommitmentDone)}})
	if err != nil {
		return err
	}
	words := y.script.of(ind.Department)
	c := kpi.Commitment{
		Text: unsaid(words.Promises, number(ind.ID)+n, open), Lang: y.script.Lang, Owner: d.Head, Department: d.ID, Indicator: ind.ID, Made: m.Date, Due: y.days.After(m.Date, 8+n%3*5),
		State: kpi.CommitmentOpen, Public: y.script.Public && ind.Public && n%4 != 3, Source: "meeting/" + m.Name(),
	}
	if n%5 == 4 && len(y.script.Requests) > 0 {
		c.Kind, c.Text, c.Public, c.Due = kpi.CommitmentRequest, unsaid(y.script.Requests, number(ind.ID)+n/5, open), false, y.days.After(m.Date, 5)
	}
	if c.Text == "" || slices.ContainsFunc(made, func(o kpi.Commitment) bool { return o.Indicator == c.Indicator }) {
		return nil
	}
	return y.engine.led.SaveCommitment(ctx, &c, chair, at)
}

// unsaid takes the nth of some sayings, or the next one that nobody waits for just now: nobody promises twice what is not done yet.
func unsaid(list []string, n int, open []kpi.Commitment) string {
	for k := range list {
		text := pick(list, n+k)
		if !slices.ContainsFunc(open, func(c kpi.Commitment) bool { return c.Text == text }) {
			return text
		}
	}
	return pick(list, n)
}

// note writes down what was decided, and what was left for later.
func (y *demoYear) note(ctx context.Context, n int, s *kpi.MeetingSeries, m *kpi.Meeting, chair account.By, at time.Time) error {
	written, err := y.engine.led.MeetingNotes(ctx, kpi.PaperQuery{Subject: s.ID, Department: m.Slot.String()})
	if err != nil || len(written) > 0 {
		return err
	}
	item := m.Memo.Items[len(m.Memo.Items)-1]
	notes := []kpi.MeetingNote{{Kind: kpi.NoteDecision, Text: pick(y.script.Decisions, n), Public: y.script.Public && n%2 == 0}}
	if n%3 == 1 {
		notes = append(notes, kpi.MeetingNote{Kind: kpi.NoteLater, Text: pick(y.script.Later, n/3)})
	}
	for _, note := range notes {
		if note.Text == "" {
			continue
		}
		note.Series, note.Slot, note.Item, note.Indicator, note.Lang, note.State = s.ID, m.Slot, item.Key, item.Indicator, y.script.Lang, kpi.NoteOpen
		if err := y.engine.led.SaveMeetingNote(ctx, &note, chair, at); err != nil {
			return err
		}
	}
	return nil
}

// turn takes a step with a commitment.
func (y *demoYear) turn(ctx context.Context, c kpi.Commitment, t meeting.CommitmentTurn, by account.By, at time.Time) error {
	next, err := meeting.TurnCommitment(c, t, by.Name, kpi.DateOf(at.In(y.cal.Location)), at)
	if err != nil {
		return err
	}
	return y.engine.led.SaveCommitment(ctx, &next, by, at)
}

// close is what whoever presides does with something that comes back.
func (y *demoYear) close(ctx context.Context, n int, id int64, chair account.By, at time.Time) error {
	c, err := y.engine.led.Commitment(ctx, id)
	if err != nil || c.State.Ended() {
		return err
	}
	day := kpi.DateOf(at.In(y.cal.Location))
	late := c.DaysLate(day)
	switch {
	case c.State == kpi.CommitmentDone && id%11 == 3 && c.Revision < 4 && len(y.script.Reopens) > 0:
		return y.turn(ctx, c, meeting.CommitmentTurn{Step: meeting.CommitmentReopen, Text: pick(y.script.Reopens, n)}, chair, at)
	case c.State == kpi.CommitmentDone:
		return y.turn(ctx, c, meeting.CommitmentTurn{Step: meeting.CommitmentKeep}, chair, at)
	case c.Blocker != "" && late == 0 && c.ChairMoves() == 0 && len(y.script.ChairMoves) > 0:
		return y.turn(ctx, c, meeting.CommitmentTurn{Step: meeting.CommitmentMove, Due: y.days.After(c.Due, 10), Text: pick(y.script.ChairMoves, n)}, chair, at)
	case late > 45 && len(y.script.ChairMoves) > 0:
		return y.turn(ctx, c, meeting.CommitmentTurn{Step: meeting.CommitmentDrop, Text: pick(y.script.ChairMoves, n)}, chair, at)
	}
	return nil
}

// between lets the owners of commitments do what they do until a day, each on its day.
func (y *demoYear) between(ctx context.Context, until kpi.Date) error {
	for day := y.acted.AddDays(1); !day.After(until); day = day.AddDays(1) {
		y.acted = day
		if !y.days.IsWorkday(day) {
			continue
		}
		open, err := y.engine.led.Commitments(ctx, kpi.PaperQuery{States: []string{string(kpi.CommitmentOpen)}})
		if err != nil {
			return err
		}
		for _, c := range open {
			if err := y.own(ctx, c, day); err != nil {
				return err
			}
		}
	}
	return nil
}

// own is what the owner of a commitment does on a day. Most keep what they promised; some move the date, one in ten three times; some are blocked.
func (y *demoYear) own(ctx context.Context, c kpi.Commitment, day kpi.Date) error {
	at, owner := y.at(day, 10*60+int(c.ID%300)), y.holder(c.Owner, day)
	if owner.Person == 0 || !c.Made.Before(day) {
		return nil // nobody holds the post: it waits
	}
	words, left, kind := y.script.of(c.Department), y.days.WorkdaysBetween(day, c.Due), c.ID%10
	slips := map[int64]int{5: 1, 6: 1, 7: 3}[kind]
	switch {
	case kind == 9 && c.Blocker == "" && left == 4 && len(c.Moves) == 0 && len(words.Blockers) > 0:
		return y.turn(ctx, c, meeting.CommitmentTurn{Step: meeting.CommitmentBlock, Text: pick(words.Blockers, int(c.ID))}, owner, at)
	case c.Slips() < slips && left == 2 && len(words.Slips) > 0:
		return y.turn(ctx, c, meeting.CommitmentTurn{Step: meeting.CommitmentMove, Due: y.days.After(c.Due, 8), Text: pick(words.Slips, int(c.ID)+c.Slips())}, owner, at)
	case kind == 8 && left != -7, kind == 3 && left != -2, c.Slips() < slips, kind == 9 && len(c.Moves) == 0, left > 1 && kind < 8:
		return nil
	case left > 1:
		return nil
	}
	return y.turn(ctx, c, meeting.CommitmentTurn{Step: meeting.CommitmentFinish, Text: pick(words.Done, int(c.ID))}, owner, at)
}
