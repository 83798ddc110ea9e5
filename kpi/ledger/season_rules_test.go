package ledger_test

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"citystat/kpi"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// judge holds the agenda of a meeting against what the world expects of it.
func (s *season) judge(m *sitting) {
	s.Helper()
	if !s.watch {
		return
	}
	in := s.inputs(m)
	agenda := meeting.MakeAgenda(in)
	s.shuffled(m, in, agenda)
	if last := s.last(m); last != nil {
		s.since(m, last)
	}
	want := s.expect(m, in)
	if got := told(agenda); got != want {
		s.faults("the agenda of %s is\n%s\nwant\n%s", m.name(), got, want)
	}
	s.bounds(m, agenda, in.Meeting.Agenda.Added)
	for key, why := range m.dropped {
		at := slices.IndexFunc(agenda.Left, func(it meeting.Item) bool { return it.Key == key })
		if on := slices.ContainsFunc(agenda.Items, func(it meeting.Item) bool { return it.Key == key }); on || at >= 0 && (agenda.Left[at].Out != kpi.OutDropped || agenda.Left[at].Reason != why) {
			s.faults("%s was dropped from %s because %q, and is on it: %v, at %d of those left", key, m.name(), why, on, at)
		}
		if at >= 0 {
			s.tally["dropped with a reason"]++
		}
	}
}

// bounds makes sure that an agenda has no more new cards than five, and no more minutes than are booked, but for what people added by hand.
func (s *season) bounds(m *sitting, agenda meeting.Agenda, added []kpi.AgendaItem) {
	s.Helper()
	fresh, byRule, minutes := 0, 0, 0
	for _, it := range agenda.Items {
		minutes += it.Minutes
		if it.Part == kpi.PartNew {
			fresh++
			if !slices.ContainsFunc(added, func(o kpi.AgendaItem) bool { return o.Key == it.Key }) {
				byRule++
			}
		}
	}
	if fresh > 5 && byRule > 0 {
		s.faults("%d new cards on the agenda of %s, %d of them by a rule", fresh, m.name(), byRule)
	}
	if minutes != agenda.Minutes || minutes > m.minutes && byRule > 0 {
		s.faults("the agenda of %s takes %d of %d minutes (%d are said), and %d new cards are on it by a rule", m.name(), minutes, m.minutes, agenda.Minutes, byRule)
	}
}

// shuffled makes sure that an agenda is the same whatever the order in which the stores tell what they know.
func (s *season) shuffled(m *sitting, in meeting.AgendaInputs, want meeting.Agenda) {
	s.Helper()
	other := in
	other.Commitments, other.Notes = slices.Clone(in.Commitments), slices.Clone(in.Notes)
	s.dice.Shuffle(len(other.Commitments), func(i, j int) {
		other.Commitments[i], other.Commitments[j] = other.Commitments[j], other.Commitments[i]
	})
	s.dice.Shuffle(len(other.Notes), func(i, j int) { other.Notes[i], other.Notes[j] = other.Notes[j], other.Notes[i] })
	if got := meeting.MakeAgenda(other); !reflect.DeepEqual(got, want) {
		s.faults("the agenda of %s is another one if commitments and notes come in another order:\n%s\n%s", m.name(), told(got), told(want))
	}
}

// told is an agenda as text, to be compared.
func told(a meeting.Agenda) string {
	return lines(a) + fmt.Sprintln("waiting", a.Waiting, "steady", a.Steady, "booked", a.Booked)
}

func lines(a meeting.Agenda) string {
	var b strings.Builder
	for _, it := range a.Items {
		fmt.Fprintln(&b, line(it.AgendaItem))
	}
	for _, it := range a.Left {
		fmt.Fprintln(&b, "left", line(it.AgendaItem))
	}
	return b.String()
}

func line(it kpi.AgendaItem) string {
	value := "none"
	if it.Value != nil {
		value = fmt.Sprint(*it.Value)
	}
	return fmt.Sprint(it.Part, " ", it.Key, " ", it.Rule, it.Also, " ", it.Minutes, "′ ", it.Out, " ", it.Reason, " ", it.Question, " due ", it.Due, " late ", it.Late, " slips ", it.Slips, " ", it.Period, " ", it.Status, " ", value)
}

// expect is what the agenda of a meeting should be, worked out from the world in a plain way.
func (s *season) expect(m *sitting, in meeting.AgendaInputs) string {
	follow, waiting := s.expectPromises(m)
	numbers, steady := s.expectNumbers(m, in)
	if !m.memo.IsZero() { // it is what went out
		return m.memoLines + fmt.Sprintln("waiting", waiting, "steady", m.memoSteady, "booked", m.minutes)
	}
	list := append(follow, numbers...)
	e := in.Meeting.Agenda
	for _, o := range e.Added {
		if o.Indicator == "" && (o.Note == 0 || s.notes[o.Note-1].state != kpi.NoteWithdrawn) {
			list = append(list, kpi.AgendaItem{Key: o.Key, Part: kpi.PartNew, Rule: "added", Minutes: o.Minutes, Reason: o.Reason, Note: o.Note})
		}
	}
	for i := range list {
		it := &list[i]
		if n := e.Minutes[it.Key]; n > 0 {
			it.Minutes = n
		}
		it.Question = e.Questions[it.Key]
		if why := m.dropped[it.Key]; why != "" && it.Rule != "third_slip" {
			it.Out, it.Reason = "dropped", why
		}
	}
	return s.room(m, list, e) + fmt.Sprintln("waiting", waiting, "steady", steady, "booked", m.minutes)
}

// room says what finds a place on the agenda, in which order, and what is left: first all that is not new and all that somebody added, then what the rules name as
// long as there are fewer than five and there is time.
func (s *season) room(m *sitting, list []kpi.AgendaItem, e kpi.AgendaEdits) string {
	byHand := func(it kpi.AgendaItem) bool {
		return slices.ContainsFunc(e.Added, func(o kpi.AgendaItem) bool { return o.Key == it.Key })
	}
	minutes, fresh := 0, 0
	for _, it := range list {
		if it.Out == "" && (it.Part != kpi.PartNew || byHand(it)) {
			minutes += it.Minutes
			fresh += map[bool]int{true: 1}[it.Part == kpi.PartNew]
		}
	}
	var on []kpi.AgendaItem
	var left strings.Builder
	for _, it := range list {
		if it.Out == "" && it.Part == kpi.PartNew && !byHand(it) {
			switch {
			case fresh >= 5:
				it.Out = "full"
			case minutes+it.Minutes > m.minutes:
				it.Out = "time"
			default:
				minutes, fresh = minutes+it.Minutes, fresh+1
			}
		}
		if it.Out != "" {
			fmt.Fprintln(&left, "left", line(it))
			s.tally["left: "+it.Out]++
			continue
		}
		on = append(on, it)
	}
	var b strings.Builder
	for _, is := range []func(kpi.AgendaItem) bool{
		func(it kpi.AgendaItem) bool { return it.Rule == "third_slip" },
		func(it kpi.AgendaItem) bool { return it.Part == kpi.PartFollowUp && it.Rule != "third_slip" },
		func(it kpi.AgendaItem) bool { return it.Part == kpi.PartStanding },
		func(it kpi.AgendaItem) bool { return it.Part == kpi.PartNew },
	} {
		var some []kpi.AgendaItem
		for _, it := range on {
			if is(it) {
				some = append(some, it)
			}
		}
		for _, it := range inOrder(some, e.Order) {
			fmt.Fprintln(&b, line(it))
		}
	}
	return b.String() + left.String()
}

// inOrder puts what somebody ordered in that order, into the places that these things have among the others; everything else stays where it is.
func inOrder(list []kpi.AgendaItem, order []string) []kpi.AgendaItem {
	was, k := slices.Clone(list), 0
	var ordered []kpi.AgendaItem
	for _, key := range order {
		for _, it := range was {
			if it.Key == key {
				ordered = append(ordered, it)
			}
		}
	}
	for i := range list {
		if slices.Contains(order, list[i].Key) {
			list[i] = ordered[k]
			k++
		}
	}
	return list
}

// comesBack is why a commitment is on the agenda of a meeting on a day; "" if it is not.
func (s *season) comesBack(v *vow, day kpi.Date) string {
	switch {
	case v.over():
		return ""
	case v.slips >= 3:
		return "third_slip"
	case v.state == kpi.CommitmentDone:
		return "done"
	case s.lateBeyond(v, day) > 0:
		return "overdue"
	case !day.Before(v.due) || v.blocked: // what an emergency suspends is due, and not late
		return "due"
	}
	return ""
}

// concerns reports whether a series asks about a commitment: it is of one of its departments, or was made in one of its meetings.
func (v *vow) concerns(series *kpi.MeetingSeries) bool {
	return takes(series, v.department) || strings.HasPrefix(v.source, "meeting/"+series.ID+"/")
}

// expectPromises are the commitments that must be on an agenda, in order, and how many wait.
func (s *season) expectPromises(m *sitting) (list []kpi.AgendaItem, waiting int) {
	for _, rule := range []string{"third_slip", "overdue", "done", "due"} {
		var some []*vow
		for _, v := range s.vows {
			if v.concerns(m.series) && s.comesBack(v, m.date) == rule {
				some = append(some, v)
			}
		}
		slices.SortFunc(some, func(a, b *vow) int {
			return cmp.Or(s.lateBeyond(b, m.date)-s.lateBeyond(a, m.date), a.due.Compare(b.due), cmp.Compare(a.id, b.id))
		})
		for _, v := range some {
			minutes := map[bool]int{true: 5, false: 3}[rule == "third_slip"]
			list = append(list, kpi.AgendaItem{Key: fmt.Sprintf("commitment/%d", v.id), Part: kpi.PartFollowUp, Rule: rule, Minutes: minutes, Due: v.due, Late: s.lateBeyond(v, m.date), Slips: v.slips})
			s.tally["comes back: "+rule]++
		}
	}
	for _, v := range s.vows {
		if v.concerns(m.series) && !v.over() && s.comesBack(v, m.date) == "" {
			waiting++
		}
	}
	return list, waiting
}

// takes is a plain way to ask whether a series asks about a department.
func takes(series *kpi.MeetingSeries, department string) bool {
	for _, d := range series.Departments {
		if d == department {
			return true
		}
	}
	return len(series.Departments) == 0
}

// expectNumbers are the indicators that a series asks about always, and those that a rule names, the worst first; and how many are told in one line.
func (s *season) expectNumbers(m *sitting, in meeting.AgendaInputs) (list []kpi.AgendaItem, steady int) {
	item := func(r *scorecard.Result, part kpi.AgendaPart, rules []string, minutes int) kpi.AgendaItem {
		it := kpi.AgendaItem{Key: "indicator/" + r.Indicator.ID, Part: part, Rule: rules[0], Also: rules[1:], Indicator: r.Indicator.ID, Minutes: minutes, Period: r.Assessment.Period, Status: r.Assessment.Status}
		for i := range r.Series {
			if r.Series[i].Period.ID == it.Period {
				it.Value = r.Series[i].Observation.Value
			}
		}
		return it
	}
	for _, id := range m.series.Standing {
		r := in.Live.Result(id)
		list = append(list, item(r, kpi.PartStanding, append([]string{"standing"}, s.cardRules(r, in.Before)...), 5))
	}
	for _, rule := range []string{"signal", "crossed", "data", "again", "warning", "win", ""} {
		var some []*scorecard.Result
		for i := range in.Live.Results {
			r := &in.Live.Results[i]
			if rules := append(s.cardRules(r, in.Before), ""); takes(m.series, r.Indicator.Department) && rules[0] == rule && !slices.Contains(m.series.Standing, r.Indicator.ID) {
				some = append(some, r)
			}
		}
		slices.SortStableFunc(some, worst)
		for _, r := range some {
			it := item(r, kpi.PartNew, append(s.cardRules(r, in.Before), "")[:max(1, len(s.cardRules(r, in.Before)))], map[bool]int{true: 2, false: 8}[rule == "win"])
			if byHand := s.added(&it, in.Meeting.Agenda.Added); rule == "" && !byHand {
				steady++
				continue
			} else if rule == "" {
				it.Rule = "added"
			}
			list = append(list, it)
			s.tally["rule: "+it.Rule]++
		}
	}
	return list, steady
}

// added lays what somebody said who added an indicator over it.
func (s *season) added(it *kpi.AgendaItem, added []kpi.AgendaItem) bool {
	for _, o := range added {
		if o.Indicator == it.Indicator {
			it.Reason = o.Reason
			if o.Minutes > 0 {
				it.Minutes = o.Minutes
			}
			return true
		}
	}
	return false
}

// rules holds what the ledger and the rules say at the end of a week against what the world knows.
func (s *season) rules() {
	s.Helper()
	if !s.watch {
		return
	}
	s.promisesStand()
	s.timings()
	for i := range s.city.Meetings {
		series := &s.city.Meetings[i]
		s.calendarStands(series)
		var next *sitting
		for _, m := range s.sittings {
			if m.series == series && m.ahead() && m.date.After(s.today()) && (next == nil || m.start(s).Before(next.start(s))) {
				next = m
			}
		}
		if next != nil {
			s.judge(next)
		}
	}
}

// promisesStand compares all commitments.
func (s *season) promisesStand() {
	s.Helper()
	list, err := s.db.Commitments(context.Background(), kpi.PaperQuery{})
	s.must(err)
	if len(list) != len(s.vows) {
		s.Fatalf("%d commitments were made, and %d are there", len(s.vows), len(list))
	}
	for i, v := range s.vows {
		c := &list[i]
		if c.ID != v.id || c.Kind != v.kind || c.Revision != v.revisions || c.State != v.state || c.Due != v.due || c.Agreed() != v.agreed || c.Slips() != v.slips || len(c.Moves) != v.moves || c.Owner != v.owner ||
			c.Department != v.department || (c.Blocker != "") != v.blocked || c.Done != v.done || c.Ended != v.ended || c.Source != v.source || c.DaysLate(s.today()) != s.lateNow(v) {
			s.faults("commitment %d is %+v, want %+v, agreed on %s, %d slips, %d days late", v.id, *c, *v, c.Agreed(), c.Slips(), c.DaysLate(s.today()))
		}
		inTime, known := s.keptInTime(v)
		if is, sure := c.OnTime(s.today()); sure != known || known && is != inTime {
			s.faults("commitment %d was kept in time: %v, known: %v; want %v, %v: %+v", v.id, is, sure, inTime, known, *v)
		}
	}
}

func (s *season) lateNow(v *vow) int {
	switch {
	case v.state == kpi.CommitmentDropped:
		return 0
	case v.state != kpi.CommitmentOpen && !v.done.IsZero():
		return max(0, v.done.Sub(v.due))
	case v.over():
		return max(0, v.ended.Sub(v.due))
	}
	return max(0, s.today().Sub(v.due))
}

// keptInTime is a plain way to ask whether a commitment was kept by the day that was agreed, and whether that is known by now.
func (s *season) keptInTime(v *vow) (inTime, known bool) {
	there := v.done
	if there.IsZero() {
		there = v.ended
	}
	switch v.state {
	case kpi.CommitmentKept:
		return !there.After(v.agreed), true
	case kpi.CommitmentDropped:
		return false, v.ended.After(v.agreed)
	case kpi.CommitmentDone:
		return false, v.done.After(v.agreed)
	}
	return false, s.today().After(v.agreed)
}

// calendarStands compares the meetings of a series, when their memos are due, and where they stand.
func (s *season) calendarStands(series *kpi.MeetingSeries) {
	s.Helper()
	saved, from, until := s.saved(series.ID), firstMonday, s.today().AddDays(7)
	got := meeting.Calendar(s.city, series, saved, from, until)
	var want []*sitting
	for _, m := range s.sittings {
		if m.series == series && !m.date.Before(from) && !m.date.After(until) {
			want = append(want, m)
		}
	}
	slices.SortFunc(want, func(a, b *sitting) int { return cmp.Or(a.start(s).Compare(b.start(s)), a.slot.Compare(b.slot)) })
	if len(got) != len(want) {
		s.Fatalf("%s: %d meetings of %s until %s, want %d", s.now, len(got), series.ID, until, len(want))
	}
	for i, m := range want {
		g := &got[i]
		if g.Name() != m.name() || g.Date != m.date || g.At != m.at || g.Chair != m.chair || g.State != m.state || g.Extra != m.extra || len(g.Moves) != m.moves || (g.ID != 0) != m.saved || g.Minutes != m.minutes {
			s.faults("a meeting is %+v, want %+v", *g, *m)
		}
		memoDue, followDue := m.before(s), m.opened
		if !m.memo.IsZero() {
			memoDue = m.memoDue
		}
		if followDue.IsZero() {
			followDue = m.start(s)
		}
		if due := meeting.MemoDue(g, s.cal.Location); !due.Equal(memoDue) {
			s.faults("the memo of %s is due %s, want %s", m.name(), due, memoDue)
		}
		third := kpi.DateOf(followDue.In(s.cal.Location)).AddDays(3)
		if due := meeting.FollowUpDue(g, s.cal.Location); !due.Equal(third.In(s.cal.Location)) {
			s.faults("the follow-up memo of %s is due %s, want %s", m.name(), due, third)
		}
		if g.Memo != nil && (!g.Memo.At.Equal(m.memo) || text(g.Memo) != m.memoBody) || (g.Memo == nil) != m.memo.IsZero() {
			s.faults("the memo of %s is not the one that went out", m.name())
		}
		if g.FollowUp != nil && (!g.FollowUp.At.Equal(m.follow) || !g.FollowUp.Due.Equal(m.followDue)) || (g.FollowUp == nil) != m.follow.IsZero() {
			s.faults("the follow-up memo of %s is not the one that went out: %+v", m.name(), g.FollowUp)
		}
	}
}
