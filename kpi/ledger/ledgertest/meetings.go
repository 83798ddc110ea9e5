package ledgertest

import (
	"context"
	"encoding/json"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// The days of the meetings that [fillMeetings] fills, of the first series of the city of package scorecardtest.
const (
	HeldMeeting   = "2026-03-05" // held; its follow-up memo is out
	NextMeeting   = "2026-03-19" // its memo is out; of the day before the city's own
	ComingMeeting = "2026-04-02" // its agenda is being prepared
)

// SaveMeeting saves a revision, and keeps the scorecard with it.
func (o *Office) SaveMeeting(ctx context.Context, m *kpi.Meeting, live *scorecard.Scorecard, by account.By, now time.Time) error {
	var frozen []byte
	if live != nil {
		var err error
		if frozen, err = json.Marshal(live.Frozen()); err != nil {
			return err
		}
	}
	return o.DB.SaveMeeting(ctx, m, frozen, by, now)
}

// FrozenCard returns what was kept with a meeting.
func (o *Office) FrozenCard(ctx context.Context, series string, slot kpi.Date, stage string) (*scorecard.Scorecard, error) {
	text, err := o.Frozen(ctx, series, slot, stage)
	if err != nil || text == nil {
		return nil, err
	}
	card := new(scorecard.Scorecard)
	return card, json.Unmarshal(text, card)
}

// fillMeetings has one meeting held, with decisions, a promise, a request and a topic for later; one whose memo is out; one that is prepared; one that was moved, and
// one that was cancelled; an emergency that is over, and one that was called off.
func fillMeetings(o *Office) {
	if len(o.city.Meetings) == 0 {
		return
	}
	if _, err := o.RecordFolder(context.Background(), o.city, o.now.AddDate(-1, 0, 0)); err != nil { // the ledger asks the folder when its series meet
		o.tb.Fatal(err)
	}
	s := &o.city.Meetings[0]
	card := scorecardtest.Normal()
	held := o.meet(s, HeldMeeting)
	held = o.turnMeeting(held, account.Analyst, 20, card, meeting.MeetingTurn{Step: meeting.MeetingIssue, Memo: o.memo(s, &held, card)})
	held = o.turnMeeting(held, account.Mayor, 16, card, meeting.MeetingTurn{Step: meeting.MeetingBegin})
	item := held.Memo.Items[0]
	for _, n := range []kpi.MeetingNote{
		{Kind: kpi.NoteDecision, Text: o.line("The night crew works until the end of May."), Public: true},
		{Kind: kpi.NoteLater, Text: o.line("Who pays for the poles that cars knock down?")},
	} {
		n.Series, n.Slot, n.Item, n.Indicator, n.Lang, n.State = s.ID, held.Slot, item.Key, item.Indicator, kpi.English, kpi.NoteOpen
		o.must(o.SaveMeetingNote(context.Background(), &n, o.by(account.ChiefOfStaff), o.now.AddDate(0, 0, -16)))
	}
	held = o.turnMeeting(held, account.Mayor, 16, nil, meeting.MeetingTurn{Step: meeting.MeetingEnd})
	o.turnMeeting(held, account.Analyst, 15, nil, meeting.MeetingTurn{
		Step: meeting.MeetingFollow, Follow: &kpi.FollowUpMemo{Notes: []int64{1, 2}}, Reason: o.said("We spoke of the lights of the quay for most of the hour."), Lang: kpi.English,
	})
	next := o.meet(s, NextMeeting)
	o.turnMeeting(next, account.Analyst, 5, card, meeting.MeetingTurn{Step: meeting.MeetingIssue, Memo: o.memo(s, &next, card)})
	coming := o.meet(s, ComingMeeting)
	edits := kpi.AgendaEdits{
		Added:     []kpi.AgendaItem{{Key: meeting.TopicKey(1), Text: o.line("The contract for asphalt ends in June."), Lang: kpi.English, Minutes: 5, Reason: o.line("The council asks.")}},
		Questions: map[string]string{meeting.TopicKey(1): o.line("Who writes the next one?")},
	}
	o.turnMeeting(coming, account.Analyst, 2, nil, meeting.MeetingTurn{Step: meeting.MeetingEdit, Agenda: &edits})
	moved := o.meet(s, "2026-04-16")
	o.turnMeeting(moved, account.ChiefOfStaff, 2, nil, meeting.MeetingTurn{
		Step: meeting.MeetingMove, Date: kpi.NewDate(2026, time.April, 20), At: 600, Reason: o.said("The mayor speaks to the council that day."), Lang: kpi.English,
	})
	off := o.meet(s, "2026-04-30")
	o.turnMeeting(off, account.ChiefOfStaff, 2, nil, meeting.MeetingTurn{Step: meeting.MeetingCancel, Reason: o.said("Nobody is there in the week of the fair."), Lang: kpi.English})
	e := kpi.Emergency{What: o.line("Storm Ana"), Reason: o.said("All crews clear the streets."), Lang: kpi.English, From: kpi.NewDate(2026, time.January, 12), Until: kpi.NewDate(2026, time.January, 20)}
	o.must(o.SaveEmergency(context.Background(), &e, o.by(account.Mayor), o.now.AddDate(0, 0, -60)))
	bruno := kpi.Emergency{What: o.line("Storm Bruno"), Reason: o.said("It may come near."), Lang: kpi.English, From: kpi.NewDate(2026, time.February, 9), Departments: []string{o.city.Departments[0].ID}}
	o.must(o.SaveEmergency(context.Background(), &bruno, o.by(account.ChiefOfStaff), o.now.AddDate(0, 0, -40)))
	bruno.Void, bruno.Why = true, o.said("It went by.")
	o.must(o.SaveEmergency(context.Background(), &bruno, o.by(account.ChiefOfStaff), o.now.AddDate(0, 0, -39)))
}

// said is what somebody typed, as forms keep it.
func (o *Office) said(s string) string {
	if t := kpi.PlainText(o.say(s)); t != "" {
		return t
	}
	return s
}

// meet is a meeting of a series as its rhythm plans it.
func (o *Office) meet(s *kpi.MeetingSeries, slot string) kpi.Meeting {
	o.tb.Helper()
	day, err := kpi.ParseDate(slot)
	o.must(err)
	saved, err := o.Meetings(context.Background(), kpi.PaperQuery{Subject: s.ID})
	o.must(err)
	m, ok := meeting.Find(o.city, s, saved, day)
	if !ok {
		o.tb.Fatalf("the series %s has no meeting on %s", s.ID, slot)
	}
	return m
}

// memo is what the rules say of a meeting.
func (o *Office) memo(s *kpi.MeetingSeries, m *kpi.Meeting, card *scorecard.Scorecard) *kpi.MeetingMemo {
	o.tb.Helper()
	promised, err := o.Commitments(context.Background(), kpi.PaperQuery{})
	o.must(err)
	a := meeting.MakeAgenda(meeting.AgendaInputs{City: o.city, Series: s, Meeting: m, Live: card, Commitments: promised})
	return a.Memo()
}

// turnMeeting takes a step as somebody of a role, so many days ago.
func (o *Office) turnMeeting(m kpi.Meeting, role account.Role, ago int, live *scorecard.Scorecard, t meeting.MeetingTurn) kpi.Meeting {
	o.tb.Helper()
	at, by := o.now.AddDate(0, 0, -ago), o.by(role)
	cal, err := o.city.Calendar()
	o.must(err)
	saved, err := o.Meetings(context.Background(), kpi.PaperQuery{Subject: m.Series})
	o.must(err)
	next, err := meeting.TurnMeeting(o.city, cal, m, saved, t, by.Name, at)
	o.must(err)
	if live != nil { // what is kept has the commitments that the agenda was made of
		kept := *live
		kept.Commitments, err = o.Commitments(context.Background(), kpi.PaperQuery{})
		o.must(err)
		live = &kept
	}
	o.must(o.SaveMeeting(context.Background(), &next, live, by, at))
	return next
}
