package meeting

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// The rules by which something is on an agenda beside those by which an indicator gets a card ([CardRules]).
const (
	RuleThird    CardRule = "third_slip" // a commitment whose date its owner moved for the third time
	RuleOverdue  CardRule = "overdue"    // a commitment or request that is late
	RuleDone     CardRule = "done"       // one that its owner calls done: whoever presides closes it
	RuleDue      CardRule = "due"        // one that is due until the meeting, or that somebody is blocked in
	RuleStanding CardRule = "standing"   // an indicator that is on each agenda
	RuleAdded    CardRule = "added"      // somebody added it
)

// FollowUpRules lists the rules by which what was promised comes back, in order.
var FollowUpRules = []CardRule{RuleThird, RuleOverdue, RuleDone, RuleDue}

// MaxNew is how many new cards an agenda has at most.
const MaxNew = 5

// Minutes that a thing takes, as long as nobody says another number.
const (
	minutesFollowUp = 3
	minutesThird    = 5
	minutesStanding = 5
	minutesNew      = 8
	minutesWin      = 2
	// MinMinutes is the least that a thing gets.
	MinMinutes = 1
)

// AgendaInputs is what an agenda is made of.
type AgendaInputs struct {
	City         *kpi.City
	Series       *kpi.MeetingSeries
	Meeting      *kpi.Meeting
	Live         *scorecard.Scorecard
	Before       *scorecard.Scorecard // frozen at the meeting that was held last; nil: none was
	Troubles     map[string]DutyState // see [DataTroubles]
	Commitments  []kpi.Commitment     // of all departments and states
	Notes        []kpi.MeetingNote    // of all meetings of the series
	Commentaries []kpi.Commentary
}

// Item is one thing on an agenda, with what it is made of.
type Item struct {
	kpi.AgendaItem
	Card       *Card           // of an indicator; nil if it has no result
	Promise    *kpi.Commitment // of a commitment
	LaterTopic *kpi.MeetingNote
}

// Agenda is what a meeting is about, in order.
type Agenda struct {
	Items   []Item
	Left    []Item // what the rules name, or somebody added, and is not on it: Out says why
	Waiting int    // commitments that are not due yet
	Steady  int    // indicators that are told in one line
	Minutes int    // of the items
	Booked  int
}

// Over is how many minutes more than the booked ones the items take. Follow-ups stay on an agenda, however many there are.
func (a *Agenda) Over() int { return max(0, a.Minutes-a.Booked) }

// CommitmentKey, IndicatorKey, TopicKey and NoteKey are the keys of things on an agenda.
func CommitmentKey(id int64) string { return "commitment/" + strconv.FormatInt(id, 10) }

// IndicatorKey is the key of an indicator.
func IndicatorKey(id string) string { return "indicator/" + id }

// TopicKey is the key of a topic that somebody added, counted from 1 in each meeting.
func TopicKey(n int) string { return fmt.Sprintf("topic/%d", n) }

// NoteKey is the key of a topic of an earlier meeting.
func NoteKey(id int64) string { return "note/" + strconv.FormatInt(id, 10) }

// MakeAgenda makes the agenda of a meeting from what is known now, by the rules and with what whoever prepares it changed. It is a pure function: the same
// inputs make the same agenda.
func MakeAgenda(in AgendaInputs) Agenda {
	a := Agenda{Booked: in.Meeting.Minutes}
	list := append(in.followUps(&a), in.numbers(&a)...)
	list = append(list, in.added()...)
	for i := range list {
		in.edit(&list[i])
	}
	slices.SortStableFunc(list, func(x, y Item) int {
		return cmp.Or(cmp.Compare(slices.Index(kpi.AgendaParts, x.Part), slices.Index(kpi.AgendaParts, y.Part)), in.ordered(x.Key, y.Key))
	})
	in.fill(&a, list)
	return a
}

// followUps are the commitments that come back, the third slips first, then the latest.
func (in *AgendaInputs) followUps(a *Agenda) []Item {
	var list []Item
	for i := range in.Commitments {
		c := &in.Commitments[i]
		if c.State.Ended() || !in.Series.Takes(c.Department) {
			continue
		}
		rule := ruleOf(c, in.Meeting.Date)
		if rule == "" {
			a.Waiting++
			continue
		}
		it := Item{Promise: c, AgendaItem: kpi.AgendaItem{
			Key: CommitmentKey(c.ID), Part: kpi.PartFollowUp, Rule: string(rule), Indicator: c.Indicator, Commitment: c.ID, Text: c.Text, Lang: c.Lang, Minutes: minutesFollowUp,
			Due: c.Due, Late: c.DaysLate(in.Meeting.Date), Slips: c.Slips(),
		}}
		if rule == RuleThird {
			it.Minutes = minutesThird
		}
		list = append(list, it)
	}
	slices.SortStableFunc(list, func(x, y Item) int {
		return cmp.Or(cmp.Compare(slices.Index(FollowUpRules, CardRule(x.Rule)), slices.Index(FollowUpRules, CardRule(y.Rule))), cmp.Compare(y.Late, x.Late), x.Due.Compare(y.Due),
			cmp.Compare(x.Commitment, y.Commitment))
	})
	return list
}

// ruleOf is the rule by which a commitment comes back on a day; "" if it is not due yet.
func ruleOf(c *kpi.Commitment, day kpi.Date) CardRule {
	switch {
	case c.Slips() >= kpi.ThirdSlip:
		return RuleThird
	case c.State == kpi.CommitmentDone:
		return RuleDone
	case c.DaysLate(day) > 0:
		return RuleOverdue
	case !c.Due.After(day) || c.Blocker != "":
		return RuleDue
	}
	return ""
}

// numbers are the indicators that stand on each agenda, and those that rules name.
func (in *AgendaInputs) numbers(a *Agenda) []Item {
	var standing, other []Item
	for _, c := range Cards(CardInputs{Live: in.Live, Before: in.Before, Troubles: in.Troubles, Commentaries: in.Commentaries, Ahead: in.Meeting.Date}) {
		ind := c.Result.Indicator
		if !in.Series.Takes(ind.Department) {
			continue
		}
		it := Item{Card: &c, AgendaItem: kpi.AgendaItem{
			Key: IndicatorKey(ind.ID), Part: kpi.PartNew, Rule: string(c.Rule), Indicator: ind.ID, Minutes: minutesNew, Period: c.Result.Assessment.Period, Status: c.Result.Assessment.Status,
		}}
		for _, rule := range c.Also {
			it.Also = append(it.Also, string(rule))
		}
		if c.Period != nil {
			it.Value = c.Period.Observation.Value
		}
		switch {
		case slices.Contains(in.Series.Standing, ind.ID):
			it.Part, it.Minutes = kpi.PartStanding, minutesStanding
			if c.Rule != CardNotTaken {
				it.Also = append([]string{string(c.Rule)}, it.Also...)
			}
			it.Rule = string(RuleStanding)
			standing = append(standing, it)
			continue
		case slices.ContainsFunc(in.Meeting.Agenda.Added, func(o kpi.AgendaItem) bool { return o.Key == it.Key }):
			// It is added with the reason of whoever did, below.
		case c.Rule == CardNotTaken:
			a.Steady++
			continue
		}
		if c.Rule == CardWin {
			it.Minutes = minutesWin
		}
		other = append(other, it)
	}
	slices.SortStableFunc(standing, func(x, y Item) int {
		return cmp.Compare(slices.Index(in.Series.Standing, x.Indicator), slices.Index(in.Series.Standing, y.Indicator))
	})
	return append(standing, other...)
}

// added are topics that somebody added. Indicators that somebody added stand among the numbers already.
func (in *AgendaInputs) added() []Item {
	var list []Item
	for _, o := range in.Meeting.Agenda.Added {
		if o.Indicator != "" && o.Key == IndicatorKey(o.Indicator) {
			continue
		}
		it := Item{AgendaItem: o}
		it.Part, it.Rule = kpi.PartNew, string(RuleAdded)
		for i := range in.Notes {
			if n := &in.Notes[i]; o.Note != 0 && n.ID == o.Note {
				it.LaterTopic, it.Text, it.Lang = n, n.Text, n.Lang
			}
		}
		if it.Minutes == 0 {
			it.Minutes = minutesStanding
		}
		list = append(list, it)
	}
	return list
}

// edit lays what whoever prepares the meeting changed over an item.
func (in *AgendaInputs) edit(it *Item) {
	e := &in.Meeting.Agenda
	for _, o := range e.Added {
		if o.Key == it.Key && o.Indicator != "" {
			if CardRule(it.Rule) == CardNotTaken {
				it.Rule = string(RuleAdded)
			}
			it.Reason, it.Lang = o.Reason, o.Lang
			it.Minutes = cmp.Or(o.Minutes, it.Minutes)
		}
	}
	if n, ok := e.Minutes[it.Key]; ok {
		it.Minutes = max(MinMinutes, n)
	}
	it.Question = e.Questions[it.Key]
	for _, d := range e.Dropped {
		if d.Key == it.Key {
			it.Out, it.Reason = kpi.OutDropped, d.Reason
		}
	}
}

// ordered compares two things by the order that somebody gave them; 0 where nobody did for both.
func (in *AgendaInputs) ordered(x, y string) int {
	a, b := slices.Index(in.Meeting.Agenda.Order, x), slices.Index(in.Meeting.Agenda.Order, y)
	if a < 0 || b < 0 {
		return 0
	}
	return cmp.Compare(a, b)
}

// fill puts items on the agenda as long as there is room.
func (in *AgendaInputs) fill(a *Agenda, list []Item) {
	fresh := 0
	for _, it := range list {
		added := slices.ContainsFunc(in.Meeting.Agenda.Added, func(o kpi.AgendaItem) bool { return o.Key == it.Key })
		switch {
		case it.Out != "":
		case it.Part != kpi.PartNew || added:
		case fresh >= MaxNew:
			it.Out = kpi.OutFull
		case a.Minutes+it.Minutes > a.Booked:
			it.Out = kpi.OutTime
		}
		if it.Out != "" {
			a.Left = append(a.Left, it)
			continue
		}
		if it.Part == kpi.PartNew {
			fresh++
		}
		a.Minutes += it.Minutes
		a.Items = append(a.Items, it)
	}
}

// Memo is what goes out with the memo of a meeting.
func (a *Agenda) Memo() *kpi.MeetingMemo {
	m := &kpi.MeetingMemo{Steady: a.Steady}
	for _, it := range a.Items {
		m.Items = append(m.Items, it.AgendaItem)
	}
	for _, it := range a.Left {
		m.Left = append(m.Left, it.AgendaItem)
	}
	return m
}
