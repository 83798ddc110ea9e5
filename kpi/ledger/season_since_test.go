package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"citystat/kpi"
	"citystat/kpi/meeting"
)

// memory is what somebody in a meeting would remember of it: what was known when it began.
type memory struct {
	values   map[string]float64 // by indicator and period, of what was settled
	vows     []vow
	troubles map[string]meeting.DutyState
	notes    int
}

// remember is what is known now.
func (s *season) remember() *memory {
	m := &memory{values: map[string]float64{}, troubles: map[string]meeting.DutyState{}, notes: len(s.notes)}
	for _, r := range s.numbers.known {
		if !r.last.AddDays(2).After(s.today()) {
			m.values[r.indicator+" "+r.period] = r.value()
		}
	}
	for _, v := range s.vows {
		m.vows = append(m.vows, *v)
	}
	for _, d := range s.city.Datasets {
		m.troubles[d.ID] = s.trouble(d.ID)
	}
	return m
}

// since compares what changed since the last meeting, as the rules find it in what the ledger kept, with what the world remembers.
func (s *season) since(m, last *sitting) {
	s.Helper()
	in := meeting.SinceInputs{Series: m.series, Before: s.before(last), Live: s.card(), Since: last.opened}
	var err error
	in.Then, err = s.db.CommitmentsThen(context.Background(), last.opened)
	s.must(err)
	in.Now, err = s.db.Commitments(context.Background(), kpi.PaperQuery{})
	s.must(err)
	in.Notes, err = s.db.MeetingNotes(context.Background(), kpi.PaperQuery{Subject: m.series.ID})
	s.must(err)
	var got []string
	for _, it := range meeting.ChangedSince(in).Items {
		got = append(got, changed(it))
	}
	got = slices.DeleteFunc(got, func(line string) bool { return line == "" })
	want := slices.Concat(s.crossedSince(m, last), s.revisedSince(m, last), s.promisedSince(m, last.known), s.troubledSince(m, last.known), s.notedSince(m, last.known))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		s.faults("since %s, before %s, there changed\n%s\nwant\n%s", last.name(), m.name(), strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, line := range want {
		s.tally["since: "+strings.Fields(line)[0]]++
	}
}

// changed is one change as text; "" of a further period, which is told of by what it moved.
func changed(it meeting.SinceItem) string {
	switch it.Kind {
	case meeting.SincePeriod:
		return ""
	case meeting.SinceRevised:
		return fmt.Sprint("revised ", it.Indicator.ID, " ", it.Period.ID, " ", rounded(it.Was), " ", rounded(it.Is), " ", it.Revised)
	case meeting.SinceStale, meeting.SinceFresh:
		return fmt.Sprint(it.Kind, " ", it.Dataset, " ", it.Trouble)
	case meeting.SinceDecided, meeting.SinceLater:
		return fmt.Sprint(it.Kind, " note ", it.Note.ID)
	case meeting.SinceCrossed:
		return fmt.Sprint("crossed ", it.Indicator.ID, " ", it.WasStatus, " ", it.Status)
	}
	return fmt.Sprint(it.Kind, " commitment ", it.Promise.ID)
}

// crossedSince are the indicators of which another word is said than was seen then.
func (s *season) crossedSince(m, last *sitting) (list []string) {
	before, live := s.before(last), s.card()
	for i := range live.Results {
		r := &live.Results[i]
		if takes(m.series, r.Indicator.Department) && slices.Contains(s.cardRules(r, before), "crossed") {
			list = append(list, fmt.Sprint("crossed ", r.Indicator.ID, " ", before.Result(r.Indicator.ID).Assessment.Status, " ", r.Assessment.Status))
		}
	}
	return list
}

// rounded is a value as it is read: without decimals.
func rounded(v *float64) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprintf("%.0f", *v)
}

// revisedSince are the indicators of which a settled period that was seen, with a value or without one, has another value.
func (s *season) revisedSince(m, last *sitting) (list []string) {
	for i := range s.before(last).Results {
		was := &s.before(last).Results[i]
		count, newest := 0, ""
		for _, p := range was.Series {
			if p.Period.Last.AddDays(2).After(kpi.DateOf(last.opened.In(s.cal.Location))) {
				continue
			}
			var then, now *float64
			if v, known := last.known.values[was.Indicator.ID+" "+p.Period.ID]; known {
				then = &v
			}
			for _, r := range s.numbers.known {
				if v := r.value(); r.indicator == was.Indicator.ID && r.period == p.Period.ID {
					now = &v
				}
			}
			if rounded(then) != rounded(now) {
				count++
				newest = fmt.Sprint(was.Indicator.ID, " ", p.Period.ID, " ", rounded(then), " ", rounded(now))
			}
		}
		if count > 0 && takes(m.series, was.Indicator.Department) {
			list = append(list, fmt.Sprint("revised ", newest, " ", count))
		}
	}
	return list
}

// promisedSince is what became of commitments.
func (s *season) promisedSince(m *sitting, then *memory) (list []string) {
	for i, v := range s.vows {
		if !v.concerns(m.series) {
			continue
		}
		was := vow{state: kpi.CommitmentOpen}
		say := func(what string) { list = append(list, fmt.Sprint(what, " commitment ", v.id)) }
		if i < len(then.vows) {
			was = then.vows[i]
		} else {
			say("made")
		}
		if v.state != was.state {
			say(map[kpi.CommitmentState]string{kpi.CommitmentOpen: "reopened", kpi.CommitmentDone: "done", kpi.CommitmentKept: "kept", kpi.CommitmentDropped: "dropped"}[v.state])
		}
		if v.slips > was.slips {
			say("slipped")
		}
		if v.moves-v.slips > was.moves-was.slips {
			say("moved")
		}
		if v.blocked && !was.blocked {
			say("blocked")
		}
	}
	return list
}

// troubledSince are the datasets with which something is wrong that was not, or no longer is.
func (s *season) troubledSince(m *sitting, then *memory) (list []string) {
	for _, d := range s.city.Datasets {
		was, is := then.troubles[d.ID], s.trouble(d.ID)
		switch {
		case was == is || !takes(m.series, d.Department):
		case is != "":
			list = append(list, fmt.Sprint("stale ", d.ID, " ", is))
		default:
			list = append(list, fmt.Sprint("fresh ", d.ID, " ", was))
		}
	}
	return list
}

// notedSince is what was decided in meetings of the series, and left for later.
func (s *season) notedSince(m *sitting, then *memory) (list []string) {
	for _, n := range s.notes[then.notes:] {
		if n.series == m.series.ID && n.state != kpi.NoteWithdrawn {
			list = append(list, fmt.Sprint(map[kpi.NoteKind]string{kpi.NoteDecision: "decided", kpi.NoteLater: "later"}[n.kind], " note ", n.id))
		}
	}
	return list
}

// stormy reports whether a day lies in an emergency that has all of some departments.
func (s *season) stormy(day kpi.Date, departments []string) bool {
	if len(departments) == 0 {
		departments = []string{""}
	}
	return !slices.ContainsFunc(departments, func(d string) bool {
		return !slices.ContainsFunc(s.storms, func(e *storm) bool { return e.holds(day, d) })
	})
}

// timing is how something stands to a moment by which it is due, in a plain way: done is zero as long as it is not there.
func (s *season) timing(departments []string, due, done int64, day kpi.Date) meeting.Timing {
	switch {
	case s.stormy(day, departments):
		return meeting.TimingSuspended
	case done != 0 && done <= due:
		return meeting.TimingOnTime
	case done == 0 && s.now.UnixNano() <= due:
		return meeting.TimingOpen
	}
	return meeting.TimingLate
}

// timings compares how memos, follow-up memos and commitments stand to their deadlines, emergencies counted apart.
func (s *season) timings() {
	s.Helper()
	storms, err := s.db.Emergencies(context.Background())
	s.must(err)
	unix := func(m *sitting, of string) int64 {
		t := map[string]int64{"memo": m.memo.UnixNano(), "follow": m.follow.UnixNano()}[of]
		if of == "memo" && m.memo.IsZero() || of == "follow" && m.follow.IsZero() {
			return 0
		}
		return t
	}
	for _, m := range s.sittings {
		if !m.saved {
			continue
		}
		is, _ := s.read(m)
		memoDue, want := m.before(s), meeting.TimingNone
		if !m.memo.IsZero() {
			memoDue = m.memoDue
		}
		if m.state != kpi.MeetingCancelled {
			want = s.timing(m.series.Departments, memoDue.UnixNano(), unix(m, "memo"), kpi.DateOf(memoDue.In(s.cal.Location)))
		}
		if got := meeting.MemoTiming(storms, m.series, &is, s.now, s.cal.Location); got != want {
			s.faults("the memo of %s, due %s, is %s, want %s", m.name(), memoDue, got, want)
		}
		s.tally["memo "+string(want)]++
		want = meeting.TimingNone
		if m.held() {
			day := kpi.DateOf(m.opened.In(s.cal.Location)).AddDays(2)
			want = s.timing(m.series.Departments, day.AddDays(1).In(s.cal.Location).UnixNano(), unix(m, "follow"), day)
		}
		if got := meeting.FollowUpTiming(storms, m.series, &is, s.now, s.cal.Location); got != want {
			s.faults("the follow-up memo of %s is %s, want %s", m.name(), got, want)
		}
		s.tally["follow-up "+string(want)]++
	}
	s.promiseTimings(storms)
}

func (s *season) promiseTimings(storms []kpi.Emergency) {
	s.Helper()
	list, err := s.db.Commitments(context.Background(), kpi.PaperQuery{})
	s.must(err)
	for i, v := range s.vows {
		inTime, known := s.keptInTime(v)
		want := meeting.TimingLate
		switch {
		case v.state == kpi.CommitmentDropped && !known:
			want = meeting.TimingNone
		case s.stormy(v.agreed, []string{v.department}):
			want = meeting.TimingSuspended
		case !known:
			want = meeting.TimingOpen
		case inTime:
			want = meeting.TimingOnTime
		}
		if got := meeting.CommitmentTiming(storms, &list[i], s.today()); got != want {
			s.faults("commitment %d stands to its date as %s, want %s: %+v", v.id, got, want, *v)
		}
		if got, want := meeting.CommitmentDaysLate(storms, &list[i], s.today()), s.lateBeyond(v, s.today()); got != want {
			s.faults("commitment %d is %d days late, want %d: %+v", v.id, got, want, *v)
		}
		s.tally["commitment "+string(want)]++
	}
}

// lateBeyond is by how many days a commitment is late on a day, or was when it was done: what is due in an emergency is due as many days after it as were left when it began.
func (s *season) lateBeyond(v *vow, today kpi.Date) int {
	switch {
	case v.state == kpi.CommitmentDropped:
		return 0
	case v.state != kpi.CommitmentOpen && !v.done.IsZero():
		today = v.done
	case v.over():
		today = v.ended
	}
	due := v.due
	for range s.storms {
		for _, e := range s.storms {
			if e.holds(due, v.department) {
				due = e.until.AddDays(1 + due.Sub(e.from))
				break
			}
		}
	}
	return max(0, today.Sub(due))
}
