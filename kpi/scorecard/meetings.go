package scorecard

import (
	"cmp"
	"slices"

	"citystat/kpi"
)

// How far meetings are told of: so many months back, and so many days ahead.
const (
	monthsOfMeetings = 12
	daysOfMeetings   = 56
)

// withMeetings puts the meetings of public series that lie near a scorecard's day, what was decided in them, and the emergencies of that time into its words.
func (w *Words) withMeetings(from Words, card *Scorecard) {
	first, last := card.AsOf.AddMonths(-monthsOfMeetings), card.AsOf.AddDays(daysOfMeetings)
	told := map[string]bool{}
	for i := range from.Meetings {
		m := &from.Meetings[i]
		if s := card.City.Series(m.Series); s != nil && s.Public && !m.Date.Before(first) && !m.Date.After(last) {
			w.Meetings = append(w.Meetings, *m)
			told[m.Name()] = true
		}
	}
	for _, n := range from.Notes {
		if n.Kind == kpi.NoteDecision && n.State != kpi.NoteWithdrawn && told[n.Series+"/"+n.Slot.String()] {
			w.Notes = append(w.Notes, n)
		}
	}
	for i := range from.Emergencies {
		if e := &from.Emergencies[i]; len(w.Meetings)+len(w.Commitments) > 0 && !e.Void && !e.From.After(last) && (e.Until.IsZero() || !e.Until.Before(first)) {
			w.Emergencies = append(w.Emergencies, *e)
		}
	}
	slices.SortFunc(w.Meetings, func(a, b kpi.Meeting) int {
		return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.At, b.At), cmp.Compare(a.Series, b.Series), a.Slot.Compare(b.Slot))
	})
	slices.SortFunc(w.Notes, func(a, b kpi.MeetingNote) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(w.Emergencies, func(a, b kpi.Emergency) int { return cmp.Compare(a.ID, b.ID) })
}

// MeetingAt returns the meeting of a series with a slot, as far as the scorecard tells of it; nil if it does not.
func (s *Scorecard) MeetingAt(series string, slot kpi.Date) *kpi.Meeting {
	for i := range s.Meetings {
		if s.Meetings[i].Series == series && s.Meetings[i].Slot == slot {
			return &s.Meetings[i]
		}
	}
	return nil
}

// DecisionsOf returns what was decided in a meeting, in the order in which it was written down.
func (s *Scorecard) DecisionsOf(series string, slot kpi.Date) []kpi.MeetingNote {
	var list []kpi.MeetingNote
	for _, n := range s.Notes {
		if n.Series == series && n.Slot == slot {
			list = append(list, n)
		}
	}
	return list
}

// PromisedIn returns what was promised in a meeting, what is due first first.
func (s *Scorecard) PromisedIn(series string, slot kpi.Date) []kpi.Commitment {
	var list []kpi.Commitment
	for i := range s.Commitments {
		if of, day, ok := s.Commitments[i].Meeting(); ok && of == series && day == slot {
			list = append(list, s.Commitments[i])
		}
	}
	return list
}

// publicSeries is what residents read of a series of meetings: not who prepares it, nor where people sit.
func publicSeries(s *kpi.MeetingSeries, open map[string]bool) kpi.MeetingSeries {
	p := kpi.MeetingSeries{
		ID: s.ID, Name: s.Name, Purpose: s.Purpose, Departments: s.Departments, Chair: s.Chair, Weekday: s.Weekday, Weeks: s.Weeks, Month: s.Month, From: s.From, Until: s.Until,
		At: s.At, Minutes: s.Minutes, Public: true,
	}
	for _, id := range s.Standing {
		if open[id] {
			p.Standing = append(p.Standing, id)
		}
	}
	return p
}

// publicMeeting is what residents read of a meeting: when it was planned for and when held, by which post, whether its memos came in time; and, once it has begun, what
// was on its agenda. Why it was moved, cancelled or given to somebody else is for the staff: nobody has approved these words.
func (w Words) publicMeeting(m *kpi.Meeting, city *kpi.City, open map[string]bool) kpi.Meeting {
	p := kpi.Meeting{
		Series: m.Series, Slot: m.Slot, Extra: m.Extra, Date: m.Date, At: m.At, Minutes: m.Minutes, Chair: m.Chair, State: m.State, Opened: m.Opened, Over: m.Over,
	}
	for _, move := range m.Moves {
		p.Moves = append(p.Moves, kpi.MeetingMove{From: move.From, FromAt: move.FromAt, To: move.To, ToAt: move.ToAt})
	}
	if m.State == kpi.MeetingReady {
		p.State = kpi.MeetingPlanned // how far those who prepare it have come
	}
	if !m.State.Held() {
		return p
	}
	if m.Memo != nil {
		p.Memo = &kpi.MeetingMemo{At: m.Memo.At, Due: m.Memo.Due}
		for i := range m.Memo.Items {
			p.Memo.Items = append(p.Memo.Items, w.publicItem(&m.Memo.Items[i], city, open))
		}
	}
	if m.FollowUp != nil {
		p.FollowUp = &kpi.FollowUpMemo{At: m.FollowUp.At, Due: m.FollowUp.Due}
	}
	return p
}

// publicItem is what residents read of a thing on an agenda: which public indicator or public promise it is about, and by which rule it was there. Of one whose numbers
// are kept back the rule is not told: it would tell of them. What is for the staff alone, such as a topic that somebody wrote, is an item without anything in it.
func (w Words) publicItem(i *kpi.AgendaItem, city *kpi.City, open map[string]bool) kpi.AgendaItem {
	p := kpi.AgendaItem{Part: i.Part, Minutes: i.Minutes}
	switch {
	case i.Commitment != 0:
		if !slices.ContainsFunc(w.Commitments, func(c kpi.Commitment) bool {
			return c.ID == i.Commitment && c.Public && c.Kind == kpi.CommitmentPromise
		}) {
			return p
		}
		p.Commitment, p.Rule = i.Commitment, i.Rule
		if open[i.Indicator] {
			p.Indicator = i.Indicator
		}
	case i.Note == 0 && i.Text == "" && open[i.Indicator]:
		p.Indicator = i.Indicator
		if ind := city.Indicator(i.Indicator); ind != nil && ind.Suppress < 2 {
			p.Rule = i.Rule
		}
	}
	return p
}

func publicNote(n *kpi.MeetingNote, open map[string]bool) kpi.MeetingNote {
	p := kpi.MeetingNote{Stamp: kpi.Stamp{ID: n.ID, At: n.At}, Kind: n.Kind, Series: n.Series, Slot: n.Slot, Text: n.Text, Lang: n.Lang, Public: true, State: n.State}
	if open[n.Indicator] {
		p.Indicator = n.Indicator
	}
	return p
}

// publicEmergency says when deadlines did not count, and whose. What happened is for the city to tell in its own words.
func publicEmergency(e *kpi.Emergency) kpi.Emergency {
	return kpi.Emergency{Stamp: kpi.Stamp{ID: e.ID}, From: e.From, Until: e.Until, Departments: e.Departments}
}

// publicMeetings puts what residents may read of meetings into their words.
func (w Words) publicMeetings(p *Words, city *kpi.City, open map[string]bool) {
	public := map[string]bool{}
	for i := range w.Meetings {
		if s := city.Series(w.Meetings[i].Series); s != nil && s.Public {
			public[w.Meetings[i].Name()] = true
			p.Meetings = append(p.Meetings, w.publicMeeting(&w.Meetings[i], city, open))
		}
	}
	for i := range w.Notes {
		n := &w.Notes[i]
		if n.Public && n.Kind == kpi.NoteDecision && n.State == kpi.NoteOpen && public[n.Series+"/"+n.Slot.String()] {
			p.Notes = append(p.Notes, publicNote(n, open))
		}
	}
	for i := range w.Emergencies {
		if len(p.Meetings)+len(p.Commitments) > 0 && !w.Emergencies[i].Void {
			p.Emergencies = append(p.Emergencies, publicEmergency(&w.Emergencies[i]))
		}
	}
}
