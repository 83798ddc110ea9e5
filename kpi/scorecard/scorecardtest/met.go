package scorecardtest

import (
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// The meetings of Harborview of whose pages tests ask: one with an agenda, decisions and promises, one that was moved, and one that is still to come.
const (
	MetMeeting     = "2026-03-05"
	MovedMeeting   = "2026-02-19"
	PlannedMeeting = "2026-04-02"
)

// harborviewMet are the meetings of Harborview since December: missed, cancelled, held, suspended by a storm, moved, held with everything that is said in one, and planned.
// One belongs to a series that is for staff alone. What is for staff alone holds [Secret].
func harborviewMet() []kpi.Meeting {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err) // the program carries its zones
	}
	meet := func(series string, slot kpi.Date, state kpi.MeetingState) kpi.Meeting {
		m := kpi.Meeting{
			Stamp:  kpi.Stamp{ID: int64(slot.Sub(day(2025, 1, 1))), Revision: 4, At: KnownAt, Person: 4, By: Secret + "@harborview.gov", Since: KnownAt, Founder: 5},
			Series: series, Slot: slot, Date: slot, At: 9*60 + 30, Minutes: 60, Chair: "director-public-works", Lang: kpi.English, State: state,
			Agenda: kpi.AgendaEdits{Questions: map[string]string{"topic/1": Secret + ": who pays?"}},
		}
		if state.Held() {
			m.Opened = m.Start(zone).UTC()
			m.Over = m.Opened.Add(55 * time.Minute)
			due := m.Opened.Add(-48 * time.Hour)
			m.Memo = &kpi.MeetingMemo{At: due.Add(-time.Hour), By: Secret + "@harborview.gov", Due: due, Items: harborviewAgenda(), Left: harborviewAgenda(), Steady: 11}
		}
		if state == kpi.MeetingClosed {
			m.FollowUp = &kpi.FollowUpMemo{At: m.Over.Add(26 * time.Hour), By: Secret + "@harborview.gov", Due: m.Date.AddDays(2).EndIn(zone), Summary: Secret + ": it was loud", Notes: []int64{1, 2, 3, 4, 5, 6}}
		}
		return m
	}
	list := []kpi.Meeting{
		meet("streetstat", day(2025, 12, 11), kpi.MeetingPlanned), meet("streetstat", day(2025, 12, 25), kpi.MeetingCancelled), meet("streetstat", day(2026, 1, 8), kpi.MeetingClosed),
		meet("streetstat", day(2026, 1, 22), kpi.MeetingPlanned), meet("streetstat", day(2026, 2, 5), kpi.MeetingHeld), meet("streetstat", day(2026, 2, 19), kpi.MeetingClosed),
		meet("streetstat", day(2026, 3, 5), kpi.MeetingClosed), meet("streetstat", day(2026, 3, 19), kpi.MeetingHeld), meet("streetstat", day(2026, 4, 2), kpi.MeetingReady),
		meet("streetstat", day(2026, 4, 16), kpi.MeetingPlanned), meet("streetstat", day(2026, 4, 30), kpi.MeetingCancelled), meet("streetstat", day(2026, 5, 14), kpi.MeetingPlanned),
		meet("citystat", day(2026, 3, 10), kpi.MeetingClosed),
	}
	list[0].Stamp, list[0].Agenda = kpi.Stamp{}, kpi.AgendaEdits{} // nobody said anything about it
	list[1].Date, list[1].Reason = day(2025, 12, 26), Secret+": nobody is there"
	list[4].Memo.At = list[4].Memo.Due.Add(3 * time.Hour)
	for _, k := range []int{5, 9} {
		m := &list[k]
		m.Date = m.Slot.AddDays(5)
		m.Moves = []kpi.MeetingMove{{From: m.Slot, To: m.Date, Reason: Secret + ": the mayor speaks to the council", At: KnownAt, By: Secret + "@harborview.gov"}}
	}
	list[6].Delegated, list[8].Delegated = Secret+": on a journey", Secret+": ill"
	list[10].Reason = Secret + ": the fair"
	return list
}

// harborviewAgenda is an agenda on which there is something of each kind: what residents may read of, and what they may not.
func harborviewAgenda() []kpi.AgendaItem {
	value := 41.4142
	number := func(id, rule string, part kpi.AgendaPart) kpi.AgendaItem {
		return kpi.AgendaItem{
			Key: "indicator/" + id, Part: part, Rule: rule, Also: []string{"again"}, Indicator: id, Minutes: 8, Question: Secret + ": why?", Reason: Secret + ": the council asks",
			Period: "2026-02", Value: &value, Status: kpi.Behind, Lang: kpi.English,
		}
	}
	promise := func(id int64, rule, text string) kpi.AgendaItem {
		return kpi.AgendaItem{
			Key: "commitment/" + text, Part: kpi.PartFollowUp, Rule: rule, Indicator: "street-lights-on-time", Commitment: id, Text: text, Lang: kpi.English, Minutes: 5, Due: day(2026, 3, 10), Late: 3, Slips: 2,
		}
	}
	topic := kpi.AgendaItem{Key: "topic/1", Part: kpi.PartNew, Rule: "added", Text: Secret + ": the contract for asphalt", Lang: kpi.English, Minutes: 5, Reason: Secret + ": it ends in June"}
	return []kpi.AgendaItem{
		promise(1, "overdue", "Replace the lamps of Quay Street."), promise(7, "third_slip", Secret+": ask the mayor for money."),
		number("missed-collections", "standing", kpi.PartStanding),
		number("street-lights-on-time", "signal", kpi.PartNew), number("families-housed", "crossed", kpi.PartNew), number("no-such-indicator", "win", kpi.PartNew), topic,
	}
}

// harborviewNotes are what was decided, and what was left for later: two decisions for residents, one of them in Spanish; and what is not for them.
func harborviewNotes() []kpi.MeetingNote {
	var list []kpi.MeetingNote
	add := func(series, slot, text string, change func(*kpi.MeetingNote)) {
		at, err := kpi.ParseDate(slot)
		if err != nil {
			panic(err)
		}
		n := kpi.MeetingNote{
			Stamp: kpi.Stamp{ID: int64(len(list) + 1), Revision: 2, At: KnownAt, Person: 4, By: Secret + "@harborview.gov", Since: KnownAt, Founder: 5},
			Kind:  kpi.NoteDecision, Series: series, Slot: at, Item: "indicator/street-lights-on-time", Text: text, Lang: kpi.English, Indicator: "street-lights-on-time", Public: true, State: kpi.NoteOpen,
		}
		if change != nil {
			change(&n)
		}
		list = append(list, n)
	}
	add("streetstat", MetMeeting, "The night crew works until the end of May.", nil)
	add("streetstat", MetMeeting, "Las luces del muelle se revisan cada semana.", func(n *kpi.MeetingNote) { n.Lang, n.Indicator = kpi.Spanish, "" })
	add("streetstat", MetMeeting, Secret+": we say nothing of the budget.", func(n *kpi.MeetingNote) { n.Public = false })
	add("streetstat", MetMeeting, Secret+": who pays for the poles?", func(n *kpi.MeetingNote) { n.Kind = kpi.NoteLater })
	add("streetstat", MetMeeting, Secret+": nobody works at night.", func(n *kpi.MeetingNote) { n.State, n.Why = kpi.NoteWithdrawn, Secret+": it was wrong" })
	add("citystat", "2026-03-10", Secret+": the office moves.", nil)
	return list
}

// harborviewEmergencies is a storm in which nobody met.
func harborviewEmergencies() []kpi.Emergency {
	return []kpi.Emergency{{
		Stamp: kpi.Stamp{ID: 1, Revision: 1, At: KnownAt, Person: 4, By: Secret + "@harborview.gov"}, What: Secret + ": Storm Ana", Reason: Secret + ": all crews clear the streets", Lang: kpi.English,
		From: day(2026, 1, 20), Until: day(2026, 1, 26),
	}}
}

// withMeetings puts what was said in meetings among the words. Some promises were made in them.
func withMeetings(w scorecard.Words) scorecard.Words {
	w.Meetings, w.Notes, w.Emergencies = harborviewMet(), harborviewNotes(), harborviewEmergencies()
	for i := range w.Commitments {
		c := &w.Commitments[i]
		switch c.ID {
		case 2, 4, 7:
			c.Source = "meeting/streetstat/" + MetMeeting
		case 6:
			c.Source = "meeting/citystat/2026-03-10"
		}
	}
	return w
}
