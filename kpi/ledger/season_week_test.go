package ledger_test

import (
	"cmp"
	"slices"

	"citystat/kpi"
	"citystat/kpi/account"
)

// week lives a week of the town.
func (s *season) week(n int) {
	monday := firstMonday.AddDays(7 * n)
	for ahead := range 4 { // memos go out before, and meetings are moved to days that others have
		s.plan(monday.AddDays(7 * ahead))
	}
	for d := monday; d.Before(monday.AddDays(7)); d = d.AddDays(1) {
		s.at(d, 7, 0)
		s.numbers.arrive()
		if d == monday {
			s.fate(n, monday)
		}
		if s.workday(d) {
			s.day(d)
		}
	}
	s.at(monday.AddDays(6), 20, 0)
	s.rules()
}

// day lives a working day: the data office and the mayor's in the morning, meetings at their hours, departments and follow-up memos afterwards.
func (s *season) day(d kpi.Date) {
	s.at(d, 8, 0)
	for _, m := range s.sittings {
		if ahead := m.date.Sub(d); ahead < 1 || ahead > 8 {
			continue
		}
		s.convene(m)
		if m.ahead() {
			s.prepare(m)
		}
	}
	if s.chance(0.07) {
		s.call(&s.city.Meetings[s.rnd.IntN(len(s.city.Meetings))])
	}
	var today []*sitting
	for _, m := range s.sittings {
		if m.date == d && m.ahead() {
			today = append(today, m)
		}
	}
	slices.SortStableFunc(today, func(a, b *sitting) int { return cmp.Compare(a.at, b.at) })
	for _, m := range today {
		s.meet(m)
	}
	s.at(d, 16, 0)
	for _, v := range s.vows {
		if !v.over() {
			s.work(v)
		}
	}
	for _, m := range s.sittings {
		if m.state == kpi.MeetingHeld {
			s.follow(m)
		}
	}
	if s.chance(0.1) {
		department := pick(s.rnd, departments)
		s.promise(s.one(func(h *human) bool { return s.may(h, account.Commit, department) }), kpi.CommitmentPromise, department, "", "workspace")
	}
	if len(s.notes) > 0 && s.chance(0.03) {
		if j := pick(s.rnd, s.notes); j.state == kpi.NoteOpen {
			s.noted(j, kpi.NoteWithdrawn, "It was said in another meeting.")
		}
	}
}
