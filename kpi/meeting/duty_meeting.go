package meeting

import (
	"citystat/kpi"
	"citystat/kpi/account"
)

// DutyMeetingDays is how many days ahead the memos of meetings stand among what is due; the next one of each series always does.
const DutyMeetingDays = 14

// meetings finds memos that are to be sent: of the meetings that come, and, afterwards, of those that were held.
func (in *DutyInputs) meetings() []Duty {
	if in.Meetings == nil {
		return nil
	}
	var list []Duty
	for i := range in.City.Meetings {
		list = append(list, in.meetingsOf(&in.City.Meetings[i])...)
	}
	return list
}

// meetingsOf finds those of a series.
func (in *DutyInputs) meetingsOf(s *kpi.MeetingSeries) []Duty {
	var list []Duty
	loc := in.Cal.Location
	about := func(m *kpi.Meeting, state DutyState) Duty {
		return Duty{Kind: DutyMeeting, State: state, Thing: s.ID, Slot: m.Slot, On: m.Date, Owner: s.Analyst, Needs: account.PrepareMeetings}
	}
	next := true
	for _, m := range Calendar(in.City, s, in.Meetings, in.Today, in.Today.AddMonths(maxAhead)) {
		if m.State == kpi.MeetingPlanned && OutcomeOf(&m, in.Now, loc) == OutcomeComing {
			d := about(&m, MemoToIssue)
			d.Hour = MemoDue(&m, loc)
			d.Due = dueDay(d.Hour, loc)
			if !next && d.Due.Sub(in.Today) > DutyMeetingDays {
				break
			}
			list = append(list, d)
		}
		next = next && m.State == kpi.MeetingCancelled
	}
	for i := range in.Meetings {
		m := &in.Meetings[i]
		over := m.State == kpi.MeetingHeld || m.State == kpi.MeetingOpen && kpi.DateOf(m.Opened.In(loc)).Before(in.Today) // nobody said that it ended
		if m.Series == s.ID && over {
			d := about(m, FollowUpToIssue)
			d.Due = dueDay(FollowUpDue(m, loc), loc)
			list = append(list, d)
		}
	}
	return list
}

// suspend finds the emergency that suspends a duty's date. What a meeting asks for waits for all of its departments.
func (in *DutyInputs) suspend(d *Duty) {
	line := DeadlineOf(in.Emergencies, d.Due, d.Department)
	if s := in.City.Series(d.Thing); d.Kind == DutyMeeting && s != nil {
		line = SeriesDeadline(in.Emergencies, d.Due, s)
	}
	d.Suspend(line)
}

// Suspend says which emergency suspends the duty's date, if one does.
func (d *Duty) Suspend(line Deadline) {
	if line.Suspended() {
		d.Emergency, d.In, d.Again = line.Emergency.What, line.Emergency.Lang, line.Again
	}
}
