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
	minutesTopic    = 5
	// MinMinutes is the least that a thing gets.
	MinMinutes = 1
	// MaxItemMinutes is the most.
	MaxItemMinutes = 240
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
	Emergencies  []kpi.Emergency
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

// CommitmentKey is the key of a commitment on an agenda. One thing has one key.
func CommitmentKey(id int64) string { return "commitment/" + strconv.FormatInt(id, 10) }

// IndicatorKey is the key of an indicator.
func IndicatorKey(id string) string { return "indicator/" + id }

// TopicKey is the key of a topic that somebody added, counted from 1 in each meeting.
func TopicKey(n int) string { return fmt.Sprintf("topic/%d", n) }

// NoteKey is the key of a topic of an earlier meeting.
func NoteKey(id int64) string { return "note/" + strconv.FormatInt(id, 10) }

// MakeAgenda makes the agenda of a meeting from what is known now, by the rules and with what whoever prepares it changed. Of a meeting whose memo is out it is what
// the memo says, with what is known now of each item. It is a pure function: the same inputs make the same agenda, whatever their order.
//
// Follow-ups and standing items are always on it. New ones are chosen in the order of the rules: what somebody added first, whose place and time the rules do not
// get; then at most five in all, as far as the booked minutes reach. A later one that is short enough is taken where an earlier one is too long. What is
// not on it is listed with why. The order that somebody gave things holds within a part, and changes nothing of what is chosen; a commitment that slipped for the third
// time comes first all the same, and nobody drops it from an agenda: it is the chair's to close.
func MakeAgenda(in AgendaInputs) Agenda {
	a := Agenda{Booked: in.Meeting.Minutes}
	list := append(in.followUps(&a), in.numbers(&a)...)
	if in.Meeting.Memo != nil {
		in.locked(&a, list)
		return a
	}
	list = append(list, in.added()...)
	for i := range list {
		in.edit(&list[i])
	}
	in.choose(&a, list)
	in.order(a.Items)
	return a
}

// followUps are the commitments that come back, the third slips first, then the latest.
func (in *AgendaInputs) followUps(a *Agenda) []Item {
	var list []Item
	for i := range in.Commitments {
		c := &in.Commitments[i]
		if c.State.Ended() || !TakesPromise(in.Series, c) {
			continue
		}
		late := CommitmentDaysLate(in.Emergencies, c, in.Meeting.Date)
		rule := ruleOf(c, late, in.Meeting.Date)
		if rule == "" {
			a.Waiting++
			continue
		}
		it := Item{Promise: c, AgendaItem: kpi.AgendaItem{
			Key: CommitmentKey(c.ID), Part: kpi.PartFollowUp, Rule: string(rule), Indicator: c.Indicator, Commitment: c.ID, Text: c.Text, Lang: c.Lang, Minutes: minutesFollowUp,
			Due: c.Due, Late: late, Slips: c.Slips(),
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

// TakesPromise reports whether a commitment comes back in the meetings of a series: it is of one of its departments, or it was made in one of its meetings, whoever
// promised it.
func TakesPromise(s *kpi.MeetingSeries, c *kpi.Commitment) bool {
	series, _, made := c.Meeting()
	return s.Takes(c.Department) || made && series == s.ID
}

// ruleOf is the rule by which a commitment that is so many days late comes back on a day; "" if it is not due yet. One whose date an emergency suspends is due, and not late.
func ruleOf(c *kpi.Commitment, late int, day kpi.Date) CardRule {
	switch {
	case c.Slips() >= kpi.ThirdSlip:
		return RuleThird
	case c.State == kpi.CommitmentDone:
		return RuleDone
	case late > 0:
		return RuleOverdue
	case !c.Due.After(day) || c.Blocker != "":
		return RuleDue
	}
	return ""
}

// cards are those of the live scorecard, in order.
func (in *AgendaInputs) cards() []Card {
	return Cards(CardInputs{Live: in.Live, Before: in.Before, Troubles: in.Troubles, Commentaries: in.Commentaries, Ahead: in.Meeting.Date})
}

// isAdded reports whether somebody added something.
func (in *AgendaInputs) isAdded(key string) bool {
	return slices.ContainsFunc(in.Meeting.Agenda.Added, func(o kpi.AgendaItem) bool { return o.Key == key })
}

// numbers are the indicators that stand on each agenda, and those that rules name.
func (in *AgendaInputs) numbers(a *Agenda) []Item {
	var standing, other []Item
	for _, c := range in.cards() {
		ind := c.Result.Indicator
		if !in.Series.Takes(ind.Department) {
			continue
		}
		it := Item{Card: &c, AgendaItem: kpi.AgendaItem{
			Key: IndicatorKey(ind.ID), Part: kpi.PartNew, Rule: string(c.Rule), Indicator: ind.ID, Minutes: minutesNew, Period: c.Result.Assessment.Period, Status: c.Result.Assessment.Status,
			Was: c.Was, Seen: c.Seen, Trouble: string(c.Trouble),
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
		case in.isAdded(it.Key):
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
