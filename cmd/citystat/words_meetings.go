package main

import (
	"context"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// plannedAhead is for how many days the meetings that a rhythm plans are put among the words; the scorecard tells of those that it wants.
const plannedAhead = 92

// meetings puts the stat meetings of public series among the words, as they were known at the clock, with what was decided in them and with emergencies.
func (w words) meetings(ctx context.Context, said *scorecard.Words, city *kpi.City, at kpi.At) error {
	if !slices.ContainsFunc(city.Meetings, func(s kpi.MeetingSeries) bool { return s.Public }) {
		return nil
	}
	cal, err := city.Calendar()
	if err != nil {
		return err
	}
	founded, err := w.led.Founded(ctx)
	if err != nil {
		return err
	}
	saved, err := w.led.MeetingsThen(ctx, at.KnownAt)
	if err != nil {
		return err
	}
	for i := range city.Meetings {
		if s := &city.Meetings[i]; s.Public {
			begins := beginning(s, saved, kpi.DateOf(city.Clock(founded, cal.Location).In(cal.Location)))
			said.Meetings = append(said.Meetings, calendarOf(city, s, saved, begins, at.AsOf.AddDays(plannedAhead))...)
		}
	}
	if said.Notes, err = w.led.MeetingNotesThen(ctx, at.KnownAt); err != nil {
		return err
	}
	said.Emergencies, err = w.led.EmergenciesThen(ctx, at.KnownAt)
	return err
}

// publicSeries is a series of meetings of which residents may read; nil if it is another.
func (e *engine) publicSeries(id string) *kpi.MeetingSeries {
	city, _ := e.definitions()
	if s := city.Series(id); s != nil && s.Public {
		return s
	}
	return nil
}

// staffSteps are steps of which residents read nothing: what is on an agenda is told once the meeting has begun.
var staffSteps = []meeting.MeetingStep{meeting.MeetingEdit, meeting.MeetingIssue, meeting.MeetingReopen}

// tellMeeting publishes anew if residents may read of the step that was taken with a meeting. was is the meeting before.
func (e *engine) tellMeeting(ctx context.Context, was, is *kpi.Meeting) {
	if e.publicSeries(is.Series) != nil && !slices.Contains(staffSteps, meeting.MeetingStepOf(was, is)) {
		e.tell(ctx)
	}
}

// SaveMeetingNote saves a revision. What was decided and is meant for residents they see at once, if they may read of the meeting.
func (t told) SaveMeetingNote(ctx context.Context, n *kpi.MeetingNote, by account.By, now time.Time) error {
	public := n.Public
	if n.ID != 0 {
		was, err := t.MeetingNote(ctx, n.ID)
		if err != nil {
			return err
		}
		public = public || was.Public
	}
	if err := t.DB.SaveMeetingNote(ctx, n, by, now); err != nil {
		return err
	}
	if public && t.engine.publicSeries(n.Series) != nil {
		t.engine.tell(ctx)
	}
	return nil
}

// SaveEmergency saves a revision. That a public meeting was not held because of it residents see at once.
func (t told) SaveEmergency(ctx context.Context, one *kpi.Emergency, by account.By, now time.Time) error {
	if err := t.DB.SaveEmergency(ctx, one, by, now); err != nil {
		return err
	}
	if p := t.engine.published.Load(); p != nil && len(p.Meetings) > 0 {
		t.engine.tell(ctx)
	}
	return nil
}
