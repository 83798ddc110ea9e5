package pages

import (
	"cmp"
	"context"
	"slices"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// room is a meeting as those who sit in it see it: what is on its agenda, and the numbers of which they speak.
type room struct {
	*sitting
	in    meeting.AgendaInputs
	items []meeting.Item
	card  *scorecard.Scorecard // frozen when it began; that of now before
	memo  *scorecard.Scorecard // frozen when its memo went out; nil: none was
	seen  *Request             // the request with that card, for what is said of its numbers
}

// room reads it. Once the memo is out the agenda is the memo's, item by item; before that, and without a memo, it is what the rules say. What they said when the meeting
// began holds until it ends: nothing leaves the agenda because it was settled five minutes ago.
func (r *Request) room(ctx context.Context, s *sitting) (*room, error) {
	in, err := r.agendaInputs(ctx, s)
	if err != nil {
		return nil, err
	}
	if r.work.Commitments != nil { // what waits for somebody is not all: the agenda has what was closed since, too
		if in.Commitments, err = r.work.Commitments.Commitments(ctx, kpi.PaperQuery{}); err != nil {
			return nil, err
		}
	}
	rm := &room{sitting: s, in: in, card: in.Live}
	if s.m.Memo != nil {
		if rm.memo, err = r.work.Meetings.FrozenCard(ctx, s.series.ID, s.m.Slot, kpi.FrozenMemo); err != nil {
			return nil, err
		}
	}
	if s.m.State.Held() {
		frozen, err := r.work.Meetings.FrozenCard(ctx, s.series.ID, s.m.Slot, kpi.FrozenMeeting)
		if err != nil {
			return nil, err
		}
		if frozen != nil {
			rm.card = frozen
		}
	}
	seen := *r
	seen.Card = rm.card
	if rm.card == in.Live {
		seen.City = rm.card.City // a frozen card has not all of the city
	}
	rm.seen = &seen
	rm.in.Live = rm.card
	if s.m.Memo == nil && s.m.State.Held() && r.work.Commitments != nil {
		if rm.in.Commitments, err = r.work.Commitments.CommitmentsThen(ctx, s.m.Opened); err != nil {
			return nil, err
		}
	}
	rm.items = meeting.MakeAgenda(rm.in).Items
	rm.in.Commitments = in.Commitments
	for i := range rm.items {
		if it := &rm.items[i]; it.Commitment != 0 {
			it.Promise = promiseNumbered(in.Commitments, it.Commitment) // as it stands now
		}
	}
	return rm, nil
}

// promiseNumbered returns the commitment with the number, nil if there is none.
func promiseNumbered(list []kpi.Commitment, id int64) *kpi.Commitment {
	if i := slices.IndexFunc(list, func(c kpi.Commitment) bool { return c.ID == id }); i >= 0 {
		return &list[i]
	}
	return nil
}

// hereSource is the source of commitments that are made in the meeting.
func (s *sitting) hereSource() string { return kpi.MeetingSource(s.series.ID, s.m.Slot) }

// heading is what an item is about, in the words that stand above it.
func (rm *room) heading(r *Request, it *meeting.Item) Words {
	switch {
	case it.Promise != nil:
		return r.typed(it.Promise.Text, it.Promise.Lang)
	case it.LaterTopic != nil:
		return r.typed(it.LaterTopic.Text, it.LaterTopic.Lang)
	case it.Commitment == 0 && it.Card != nil:
		return r.Words(it.Card.Result.Indicator.Name)
	case it.Text != "":
		return r.typed(it.Text, it.Lang)
	}
	if ind := r.City.Indicator(it.Indicator); ind != nil {
		return r.Words(ind.Name)
	}
	return own(it.Key) // the folder has it no more
}

// question is what is asked of an item.
func (r *Request) question(it *meeting.Item) Words {
	text, typed := i18n.AgendaQuestion(r.P, &it.AgendaItem)
	if !typed {
		return own(text)
	}
	return r.typed(text, cmp.Or(it.Lang, r.Lang))
}

// rule says why something is on the agenda, in a few words.
func (r *Request) rule(it *meeting.Item) string { return r.P.CardRule(meeting.CardRule(it.Rule)) }

// minutes says how long something takes.
func (r *Request) minutes(n int) string { return r.P.N("unit.minutes", n) }

// meetingAfter is the next meeting of the series that takes place after this one and after today; nil if none is planned.
func (r *Request) meetingAfter(s *sitting) *kpi.Meeting {
	from := s.m.Date
	if from.Before(r.Today) {
		from = r.Today
	}
	for _, m := range meeting.Calendar(r.City, s.series, s.all, from.AddDays(1), from.AddDays(120)) {
		if m.State != kpi.MeetingCancelled && m.Slot != s.m.Slot {
			return &m
		}
	}
	return nil
}
