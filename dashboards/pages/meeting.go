package pages

import (
	"context"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// The addresses of the pages of one meeting, below it.
const (
	meetingPath     = MeetingsRoot + "/:series/:date" // prepare: the agenda, and when and where it is held
	memoBelow       = "/memo"
	slidesBelow     = "/slides"
	liveBelow       = "/live"
	followUpBelow   = "/follow-up"
	meetingICSBelow = "/invitation.ics"
)

// meetingAddress is the address of a meeting's page, or of one below it.
func meetingAddress(series string, slot kpi.Date, below string) string {
	return seriesAddress(series) + "/" + slot.String() + below
}

// sitting is a meeting with what its pages need to know of it.
type sitting struct {
	series   *kpi.MeetingSeries
	m        kpi.Meeting   // as the ledger has it, or as its rhythm plans it
	all      []kpi.Meeting // of the series, that the ledger has
	last     *kpi.Meeting  // that was held before it; nil: none was
	start    time.Time
	memoDue  time.Time
	presides bool // the reader holds the post that presides, or acts for whoever does
}

// sitting returns the meeting that the address names: a day on which its series has one by its rhythm, or for which one was called.
func (r *Request) sitting(ctx context.Context) (*sitting, error) {
	id := r.Params["series"]
	s := r.City.Series(id)
	if s == nil || r.work.Meetings == nil {
		return nil, kpi.Errorf(kpi.CodeNotFound, "there is no series of meetings %q", id)
	}
	slot, err := kpi.ParseDate(r.Params["date"])
	if err != nil || slot.String() != r.Params["date"] {
		return nil, kpi.Errorf(kpi.CodeNotFound, "%q is no day", r.Params["date"])
	}
	all, err := r.work.Meetings.Meetings(ctx, kpi.PaperQuery{Subject: s.ID})
	if err != nil {
		return nil, err
	}
	m, ok := meeting.Find(r.City, s, all, slot)
	if !ok {
		return nil, kpi.Errorf(kpi.CodeNotFound, "the series %s has no meeting on %s", s.ID, slot)
	}
	return &sitting{
		series: s, m: m, all: all, last: meeting.LastHeld(all, &m), start: m.Start(r.Cal.Location), memoDue: meeting.MemoDue(&m, r.Cal.Location),
		presides: slices.Contains(r.heldByMe(), m.Chair),
	}, nil
}

// agendaInputs reads what the agenda of a meeting is made of. What was seen last time is what was frozen at the meeting before; where none was held yet, it is what
// was published two weeks ago.
func (r *Request) agendaInputs(ctx context.Context, s *sitting) (meeting.AgendaInputs, error) {
	in := meeting.AgendaInputs{City: r.City, Series: s.series, Meeting: &s.m}
	var err error
	if in.Live, err = r.staff.Live(ctx); err != nil {
		return in, err
	}
	if in.Before, err = r.seenInLast(ctx, s); err != nil {
		return in, err
	}
	due, err := r.work.DutyInputs(ctx, r.staff, in.Live, r.City, r.Cal, r.now)
	if err != nil {
		return in, err
	}
	in.Troubles, in.Commentaries, in.Commitments = meeting.DataTroubles(due), due.Commentaries, due.Commitments
	if s.m.Memo != nil && r.work.Commitments != nil { // an item of a memo may be kept by now
		if in.Commitments, err = r.work.Commitments.Commitments(ctx, kpi.PaperQuery{}); err != nil {
			return in, err
		}
	}
	if in.Emergencies, err = readEmergencies(ctx, r.work.Emergencies); err != nil {
		return in, err
	}
	if r.work.Notes != nil {
		in.Notes, err = r.work.Notes.MeetingNotes(ctx, kpi.PaperQuery{Subject: s.series.ID})
	}
	return in, err
}

// seenInLast returns what was seen in the meeting of the series that was held before; nil if nothing was.
func (r *Request) seenInLast(ctx context.Context, s *sitting) (*scorecard.Scorecard, error) {
	if s.last != nil {
		return r.work.Meetings.FrozenCard(ctx, s.series.ID, s.last.Slot, kpi.FrozenMeeting)
	}
	return r.seenLast(ctx)
}
