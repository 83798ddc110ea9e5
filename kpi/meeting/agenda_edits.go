package meeting

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
)

// added are topics that somebody added: in their own words, or one of an earlier meeting that nobody has withdrawn since. Indicators that somebody added stand among
// the numbers already, and those that the series does not take are none of its own.
func (in *AgendaInputs) added() []Item {
	var list []Item
	seen := map[string]bool{}
	for _, o := range in.Meeting.Agenda.Added {
		if seen[o.Key] || o.Indicator != "" || !wellAdded(&o) {
			continue
		}
		seen[o.Key] = true
		it := Item{AgendaItem: o}
		it.Part, it.Rule, it.Minutes = kpi.PartNew, string(RuleAdded), cmp.Or(o.Minutes, minutesTopic)
		if o.Note != 0 {
			n := noteOf(in.Notes, o.Note)
			if n == nil || n.State == kpi.NoteWithdrawn {
				continue
			}
			it.LaterTopic, it.Text, it.Lang = n, n.Text, n.Lang
		}
		list = append(list, it)
	}
	return list
}

// wellAdded reports whether something that was added has the key of what it is: a promise comes back by itself and is never added.
func wellAdded(o *kpi.AgendaItem) bool {
	switch {
	case o.Indicator != "":
		return o.Key == IndicatorKey(o.Indicator)
	case o.Note != 0:
		return o.Key == NoteKey(o.Note)
	}
	return strings.HasPrefix(o.Key, "topic/")
}

func noteOf(list []kpi.MeetingNote, id int64) *kpi.MeetingNote {
	for i := range list {
		if list[i].ID == id {
			return &list[i]
		}
	}
	return nil
}

// edit lays what whoever prepares the meeting changed over an item.
func (in *AgendaInputs) edit(it *Item) {
	e := &in.Meeting.Agenda
	for _, o := range e.Added {
		if o.Key == it.Key && o.Indicator != "" && it.Part == kpi.PartNew {
			if CardRule(it.Rule) == CardNotTaken {
				it.Rule = string(RuleAdded)
			}
			it.Reason, it.Lang = o.Reason, o.Lang
			it.Minutes = cmp.Or(o.Minutes, it.Minutes)
		}
	}
	if n, ok := e.Minutes[it.Key]; ok {
		it.Minutes = min(max(MinMinutes, n), MaxItemMinutes)
	}
	it.Question = e.Questions[it.Key]
	for _, d := range e.Dropped {
		if d.Key == it.Key && MayDrop(&it.AgendaItem) {
			it.Out, it.Reason = kpi.OutDropped, d.Reason
		}
	}
}

// MayDrop reports whether something can be dropped from an agenda: all but a commitment that slipped for the third time.
func MayDrop(it *kpi.AgendaItem) bool { return CardRule(it.Rule) != RuleThird }

// choose says what is on the agenda, and of the rest why it is not. list is in the order of the rules.
func (in *AgendaInputs) choose(a *Agenda, list []Item) {
	fresh := 0
	stays := func(it *Item) bool { return it.Out == "" && (it.Part != kpi.PartNew || in.isAdded(it.Key)) }
	for i := range list {
		if it := &list[i]; stays(it) {
			a.Minutes += it.Minutes
			if it.Part == kpi.PartNew {
				fresh++
			}
		}
	}
	for i := range list {
		it := &list[i]
		switch {
		case it.Out != "" || stays(it):
		case fresh >= MaxNew:
			it.Out = kpi.OutFull
		case a.Minutes+it.Minutes > a.Booked:
			it.Out = kpi.OutTime
		default:
			a.Minutes += it.Minutes
			fresh++
		}
		if it.Out != "" {
			a.Left = append(a.Left, *it)
		} else {
			a.Items = append(a.Items, *it)
		}
	}
}

// order puts items into the order in which they are taken: part by part, within each in the order of the rules. Of those for which somebody gave an order each
// takes the place of another of them; what they did not know of stands where the rules put it.
func (in *AgendaInputs) order(list []Item) {
	slices.SortStableFunc(list, func(x, y Item) int { return cmp.Compare(section(&x), section(&y)) })
	given := map[string]int{}
	for i, key := range in.Meeting.Agenda.Order {
		if _, twice := given[key]; !twice {
			given[key] = i
		}
	}
	for from := 0; from < len(list); {
		to := from + 1
		for to < len(list) && section(&list[to]) == section(&list[from]) {
			to++
		}
		var places []int
		var items []Item
		for i := from; i < to; i++ {
			if _, ok := given[list[i].Key]; ok {
				places, items = append(places, i), append(items, list[i])
			}
		}
		slices.SortStableFunc(items, func(x, y Item) int { return cmp.Compare(given[x.Key], given[y.Key]) })
		for k, i := range places {
			list[i] = items[k]
		}
		from = to
	}
}

// section is where items stand that can change places with each other: those of a part; of the follow-ups the third slips come before the rest.
func section(it *Item) int {
	n := 2 * slices.Index(kpi.AgendaParts, it.Part)
	if it.Part == kpi.PartFollowUp && CardRule(it.Rule) != RuleThird {
		n++
	}
	return n
}

// Swaps reports whether two things of an agenda can change places.
func Swaps(x, y *Item) bool { return section(x) == section(y) }

// locked is the agenda of a memo that is out. known are things as they are now.
func (in *AgendaInputs) locked(a *Agenda, known []Item) {
	memo := in.Meeting.Memo
	a.Steady, a.Minutes = memo.Steady, 0
	look := func(o *kpi.AgendaItem) Item {
		it := Item{AgendaItem: *o, LaterTopic: noteOf(in.Notes, o.Note)}
		if o.Commitment != 0 {
			it.Promise = promiseOf(in.Commitments, o.Commitment)
		}
		for i := range known {
			if known[i].Key == o.Key {
				it.Card = known[i].Card
			}
		}
		if it.Card == nil && o.Indicator != "" {
			it.Card = in.card(o.Indicator)
		}
		return it
	}
	for i := range memo.Items {
		a.Items = append(a.Items, look(&memo.Items[i]))
		a.Minutes += memo.Items[i].Minutes
	}
	for i := range memo.Left {
		a.Left = append(a.Left, look(&memo.Left[i]))
	}
}

// card is that of an indicator; nil if it has no result.
func (in *AgendaInputs) card(indicator string) *Card {
	r := in.Live.Result(indicator)
	if r == nil {
		return nil
	}
	c := (&CardInputs{Live: in.Live, Before: in.Before, Troubles: in.Troubles, Commentaries: in.Commentaries, Ahead: in.Meeting.Date}).card(r)
	return &c
}

// Parked returns the topics that were left for later in a series and wait to be taken up, by number. A topic counts as taken once the memo of a meeting that has it is out, as
// long as that meeting is not cancelled; what was said of it there, nobody needs to write down for that.
func Parked(notes []kpi.MeetingNote, meetings []kpi.Meeting) []kpi.MeetingNote {
	taken := map[int64]bool{}
	for i := range meetings {
		m := &meetings[i]
		if m.Memo == nil || m.State == kpi.MeetingCancelled {
			continue
		}
		for _, it := range m.Memo.Items {
			taken[it.Note] = true
		}
	}
	var list []kpi.MeetingNote
	for i := range notes {
		if n := &notes[i]; n.Kind == kpi.NoteLater && n.State == kpi.NoteOpen && !taken[n.ID] {
			list = append(list, *n)
		}
	}
	slices.SortFunc(list, func(a, b kpi.MeetingNote) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// Limits of what whoever prepares a meeting types.
const (
	MaxAgendaText = 500 // letters of a question and of a reason
	maxAgendaKeys = 500 // things that somebody changed
)

// EditsProblem finds what is wrong with what somebody changed of an agenda: a text that is too long, no reason for something that is dropped or added, a time that
// nothing takes. "" if nothing is.
func EditsProblem(e *kpi.AgendaEdits) MeetingProblem {
	long := func(s string, most int) bool { return s != kpi.PlainText(s) || utf8.RuneCountInString(s) > most }
	if len(e.Added)+len(e.Dropped)+len(e.Order)+len(e.Minutes)+len(e.Questions) > maxAgendaKeys {
		return MeetingLong
	}
	for i := range e.Added {
		switch o := &e.Added[i]; {
		case long(o.Text, kpi.MaxCommitment) || long(o.Reason, MaxAgendaText):
			return MeetingLong
		case strings.TrimSpace(o.Reason) == "":
			return MeetingNoReason
		case o.Minutes < 0 || o.Minutes > MaxItemMinutes, !wellAdded(o), o.Indicator == "" && o.Note == 0 && strings.TrimSpace(o.Text) == "":
			return MeetingWrong
		}
	}
	for _, d := range e.Dropped {
		switch {
		case long(d.Reason, MaxAgendaText):
			return MeetingLong
		case strings.TrimSpace(d.Reason) == "":
			return MeetingNoReason
		}
	}
	for _, n := range e.Minutes {
		if n < MinMinutes || n > MaxItemMinutes {
			return MeetingWrong
		}
	}
	for _, q := range e.Questions {
		if long(q, MaxAgendaText) {
			return MeetingLong
		}
	}
	return ""
}
