package pages

import (
	"citystat/kpi"
)

// stagesView is the head of every page of a meeting: what it is, when it is held and where it stands, and the way from one of its pages to the next.
type stagesView struct {
	Series  Link
	When    Moment
	Place   Words
	Chair   holderView
	Deputy  bool // somebody else presides than usual
	State   string
	Class   kpi.MeetingState
	Moved   string // from which day, of one that was moved
	Why     Words  // of one that was cancelled or called beside the rhythm
	File    string // it, for a calendar
	Stages  []stageLink
	Present string // the accessible name of the way
}

// stageLink is one page of a meeting.
type stageLink struct {
	Link
	Below string
}

// meetingStages are the pages of a meeting in the order in which they are needed, by what follows their address.
var meetingStages = []struct{ below, name string }{
	{"", "prepare"}, {memoBelow, "memo"}, {slidesBelow, "slides"}, {liveBelow, "live"}, {followUpBelow, "follow_up"},
}

// movedFrom is the day for which a meeting was planned first; moved is false if it is held on it, at whatever hour.
func movedFrom(m *kpi.Meeting) (day kpi.Date, moved bool) {
	if len(m.Moves) == 0 {
		return m.Date, false
	}
	return m.Moves[0].From, m.Moves[0].From != m.Date
}

// meetingWhy is why a meeting was cancelled, or called beside the rhythm.
func (r *Request) meetingWhy(m *kpi.Meeting) Words {
	switch {
	case m.State == kpi.MeetingCancelled && m.Reason != "":
		return r.typed(m.Reason, m.Lang)
	case m.Called != "":
		return r.typed(m.Called, m.Lang)
	}
	return Words{}
}

// stages makes the head of a page of a meeting. here is what follows the address of the meeting in that of the page; one of the constants in meeting.go, "" for the
// meeting's own.
func (r *Request) stages(s *sitting, here string) stagesView {
	m := &s.m
	v := stagesView{
		Series: Link{URL: seriesAddress(s.series.ID), Words: r.Words(s.series.Name)}, When: r.at(s.start), Place: r.Words(s.series.Place), Chair: r.holder(m.Chair),
		Deputy: m.Delegated != "", State: r.P.T("meeting.state." + string(m.State)), Class: m.State, Present: r.P.T("meeting.stages"),
		File: meetingAddress(m.Series, m.Slot, meetingICSBelow),
	}
	if from, moved := movedFrom(m); moved {
		v.Moved = r.P.T("meeting.moved", "date", r.P.Date(from))
	}
	v.Why = r.meetingWhy(m)
	for _, stage := range meetingStages {
		v.Stages = append(v.Stages, stageLink{
			Link: Link{URL: meetingAddress(m.Series, m.Slot, stage.below), Words: own(r.P.T("meeting.stage." + stage.name)), Current: stage.below == here}, Below: stage.below,
		})
	}
	return v
}
