package main

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/meeting"
)

var meetingColumns = []string{
	"meeting", "series", "slot", "date", "outcome", "moved", "extra", "suspended", "memo_due", "memo_at", "memo_on_time", "follow_up_due", "follow_up_at", "follow_up_on_time",
	"minutes_booked", "minutes_taken", "promises", "requests",
}

// meetings returns a row for each stat meeting that has come, in order of its day.
func (t tables) meetings(ctx context.Context) ([][]string, error) {
	p, err := t.programme(ctx)
	if err != nil {
		return nil, err
	}
	made, err := t.engine.led.Commitments(ctx, kpi.PaperQuery{})
	if err != nil {
		return nil, err
	}
	count := map[string]map[kpi.CommitmentKind]int{}
	for i := range made {
		if count[made[i].Source] == nil {
			count[made[i].Source] = map[kpi.CommitmentKind]int{}
		}
		count[made[i].Source][made[i].Kind]++
	}
	rows := make([][]string, len(p.come))
	for i := range p.come {
		rows[i] = p.meetingRow(&p.come[i], count[kpi.MeetingSource(p.come[i].Series, p.come[i].Slot)])
	}
	return rows, nil
}

// programme is a desk with the stat meetings that have come, in order of their day.
type programme struct {
	desk
	come   []kpi.Meeting
	begins map[string]kpi.Date // a series → the first day on which it is known whether a meeting of it was held
}

// beforeFirst is how many months before a series begins meetings are looked for: its first one may have been moved to an earlier day.
const beforeFirst = 12

// beginning is the first day on which it is known whether a meeting of a series was held: the one on which the ledger was founded, or that of the first meeting of the
// series that is in it.
func beginning(s *kpi.MeetingSeries, saved []kpi.Meeting, founded kpi.Date) kpi.Date {
	for _, m := range saved {
		if m.Series == s.ID && m.Slot.Before(founded) {
			founded = m.Slot
		}
	}
	return founded
}

// calendarOf are the meetings of a series up to a day, and of those of which nobody said anything the ones from its beginning on.
func calendarOf(city *kpi.City, s *kpi.MeetingSeries, saved []kpi.Meeting, begins, until kpi.Date) []kpi.Meeting {
	return slices.DeleteFunc(meeting.Calendar(city, s, saved, s.From.AddMonths(-beforeFirst), until), func(m kpi.Meeting) bool {
		return m.ID == 0 && m.Date.Before(begins)
	})
}

// programme reads the meetings that have come. What became of those of today that nobody opened or cancelled is not known yet. Meetings of which nobody said anything
// are missed from the day on which the ledger began, or from the first one that is in it: what was before is not known here.
func (t tables) programme(ctx context.Context) (*programme, error) {
	d, err := t.desk(ctx)
	if err != nil {
		return nil, err
	}
	saved, err := t.engine.led.Meetings(ctx, kpi.PaperQuery{})
	if err != nil {
		return nil, err
	}
	founded, err := t.engine.led.Founded(ctx)
	if err != nil {
		return nil, err
	}
	p := &programme{desk: d, begins: map[string]kpi.Date{}}
	for i := range d.city.Meetings {
		s := &d.city.Meetings[i]
		p.begins[s.ID] = beginning(s, saved, d.day(d.city.Clock(founded, d.calendar.Location)))
		p.come = append(p.come, calendarOf(d.city, s, saved, p.begins[s.ID], d.farthest(saved))...)
	}
	for _, m := range saved {
		if d.city.Series(m.Series) == nil { // the folder has the series no more: what people did stays
			p.come = append(p.come, m)
		}
	}
	today := d.day(d.now)
	p.come = slices.DeleteFunc(p.come, func(m kpi.Meeting) bool {
		outcome := meeting.OutcomeOf(&m, d.now, d.calendar.Location)
		return outcome == meeting.OutcomeComing || outcome == meeting.OutcomeCancelled && m.Date.After(today)
	})
	slices.SortStableFunc(p.come, func(a, b kpi.Meeting) int {
		return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.Series, b.Series), a.Slot.Compare(b.Slot))
	})
	return p, nil
}

// farthest is the last day on which there can be a meeting that has come: today, or a later one of a meeting that was opened before its day.
func (d *desk) farthest(saved []kpi.Meeting) kpi.Date {
	last := d.day(d.now)
	for i := range saved {
		if saved[i].Date.After(last) {
			last = saved[i].Date
		}
	}
	return last
}

// meetingRow is the row of one meeting.
func (d *desk) meetingRow(m *kpi.Meeting, made map[kpi.CommitmentKind]int) []string {
	loc := d.calendar.Location
	s := d.city.Series(m.Series)
	if s == nil {
		s = &kpi.MeetingSeries{ID: m.Series}
	}
	deadline := meeting.SeriesDeadline(d.emergencies, m.Date, s)
	suspended := deadline.Suspended() && !m.State.Held()
	memo, follow := timely(meeting.MemoTiming(d.emergencies, s, m, d.now, loc)), timely(meeting.FollowUpTiming(d.emergencies, s, m, d.now, loc))
	if suspended {
		memo = ""
	}
	memoDue, memoAt, followDue, followAt, taken := moment(meeting.MemoDue(m, loc)), "", "", "", ""
	if m.State == kpi.MeetingCancelled {
		memoDue = ""
	}
	if m.Memo != nil {
		memoAt = moment(m.Memo.At)
	}
	if m.State.Held() {
		followDue = moment(meeting.FollowUpDue(m, loc))
	}
	if m.FollowUp != nil {
		followAt = moment(m.FollowUp.At)
	}
	if !m.Opened.IsZero() && !m.Over.IsZero() {
		taken = strconv.Itoa(int(m.Over.Sub(m.Opened).Minutes()))
	}
	return []string{
		m.Name(), m.Series, m.Slot.String(), m.Date.String(), string(meeting.OutcomeOf(m, d.now, loc)), strconv.Itoa(len(m.Moves)), strconv.FormatBool(m.Extra),
		strconv.FormatBool(suspended), memoDue, memoAt, memo, followDue, followAt, follow, strconv.Itoa(m.Minutes), taken,
		strconv.Itoa(made[kpi.CommitmentPromise]), strconv.Itoa(made[kpi.CommitmentRequest]),
	}
}

var agencyColumns = []string{"agency", "department", "month", "held", "at_least_one", "suspended"}

// agencies returns a row for each department and month in which a series of meetings took its numbers.
func (t tables) agencies(ctx context.Context) ([][]string, error) {
	p, err := t.programme(ctx)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for i := range p.city.Departments {
		rows = append(rows, p.agencyRows(&p.city.Departments[i])...)
	}
	return rows, nil
}

// agencyRows are those of one department. The month that is not over yet says only that there was a meeting.
func (p *programme) agencyRows(of *kpi.Department) [][]string {
	months := p.monthsOf(of)
	held := meeting.HeldBy(p.city, of.ID, p.come)
	without := meeting.MonthsWithout(months, held, p.emergencies, of.ID, p.days)
	var rows [][]string
	for _, m := range months {
		none := slices.Contains(without, m)
		atLeastOne, suspended := "", held[m] == 0 && !none
		switch {
		case held[m] > 0:
			atLeastOne = strconv.FormatBool(true)
		case none && m != meeting.MonthOf(p.day(p.now)):
			atLeastOne = strconv.FormatBool(false)
		}
		first := m.First().String()
		rows = append(rows, []string{of.ID + "/" + first[:7], of.ID, first, strconv.Itoa(held[m]), atLeastOne, strconv.FormatBool(suspended)})
	}
	return rows
}

// monthsOf are the months up to now in which a series takes the numbers of a department that is there: from the month of its first meeting to that of its last.
func (p *programme) monthsOf(of *kpi.Department) []meeting.Month {
	today := p.day(p.now)
	found := map[meeting.Month]bool{}
	first := today
	for i := range p.city.Meetings {
		s := &p.city.Meetings[i]
		if !s.Takes(of.ID) {
			continue
		}
		slots := meeting.Slots(s, s.From, today)
		if len(slots) == 0 {
			continue
		}
		from, until := meeting.Planned(p.city, s, slots[0]).Date, today
		if from.Before(p.begins[s.ID]) {
			from = p.begins[s.ID]
		}
		if !s.Until.IsZero() && s.Until.Before(until) {
			until = s.Until
		}
		if from.Before(first) {
			first = from
		}
		for _, m := range meeting.Months(from, until) {
			if last := m.First().AddMonths(1).AddDays(-1); of.On(m.First()) || of.On(last) {
				found[m] = true
			}
		}
	}
	return slices.DeleteFunc(meeting.Months(first, today), func(m meeting.Month) bool { return !found[m] })
}
