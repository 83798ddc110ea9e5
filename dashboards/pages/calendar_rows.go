package pages

import (
	"context"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// meetingsKnown is what a page about several meetings reads once.
type meetingsKnown struct {
	saved       []kpi.Meeting // of all series, that the ledger has
	emergencies []kpi.Emergency
}

// meetingsKnown reads it. It fails with code not found where nobody keeps meetings.
func (r *Request) meetingsKnown(ctx context.Context) (k meetingsKnown, err error) {
	if r.work.Meetings == nil {
		return k, kpi.Errorf(kpi.CodeNotFound, "nobody keeps meetings here")
	}
	if k.saved, err = r.work.Meetings.Meetings(ctx, kpi.PaperQuery{}); err != nil {
		return k, err
	}
	k.emergencies, err = readEmergencies(ctx, r.work.Emergencies)
	return k, err
}

// meetingRow is a meeting in a list.
type meetingRow struct {
	Series  Link // to the series
	Page    Link // to the meeting; its words are its day
	When    Moment
	Weekday string
	Place   Words
	Chair   holderView
	Deputy  bool
	Extra   string // why it was called beside the rhythm, "" of one that was not
	Why     Words  // of a cancelled one, and of one that was called
	Moves   []meetingMoved
	State   string
	Class   kpi.PublicStatus // of the state's shape; "" where there is none
	Memo    timingView
	After   timingView // its follow-up memo
	Change  *Link      // where whoever may moves or cancels it
}

// meetingMoved is a date or an hour that was moved.
type meetingMoved struct {
	From, To Moment
	Reason   Words
	At       Moment
	By       string // on staff pages alone
}

// timingView says how a memo stands to its deadline: a shape, and words. Text is "" where there is nothing to say.
type timingView struct {
	Class kpi.PublicStatus
	Text  string
	When  Moment // the deadline; Text is "" where none is shown
	Link  string // to the memo; "" where none is out
}

// meetingTable is a table of meetings.
type meetingTable struct {
	Caption string
	Rows    []meetingRow
	Of      bool // the rows name their series
	Over    bool // there is a column for follow-up memos
}

// Table is for templates.
func (calendarData) Table(caption string, rows []meetingRow, over bool) meetingTable {
	return meetingTable{caption, rows, true, over}
}

// Table is for templates.
func (seriesData) Table(caption string, rows []meetingRow, over bool) meetingTable {
	return meetingTable{caption, rows, false, over}
}

// meetingRow makes the line about a meeting.
func (r *Request) meetingRow(s *kpi.MeetingSeries, m *kpi.Meeting, k *meetingsKnown) meetingRow {
	start := m.Start(r.Cal.Location)
	v := meetingRow{
		Series: Link{URL: seriesAddress(s.ID), Words: r.Words(s.Name)}, When: r.at(start), Weekday: r.P.Upper(r.P.Weekday(m.Date.Weekday())), Place: r.Words(s.Place), Chair: r.holderOn(m.Chair, m.Date),
		Deputy: m.Delegated != "", Memo: r.memoTiming(s, m, k.emergencies), After: r.followTiming(s, m, k.emergencies),
	}
	v.Page = Link{URL: meetingAddress(m.Series, m.Slot, ""), Words: own(v.When.Text)}
	for _, move := range m.Moves {
		v.Moves = append(v.Moves, r.meetingMoved(move))
	}
	v.Why = r.meetingWhy(m)
	if m.Extra {
		v.Extra = r.P.T("calendar.extra")
	}
	outcome := meeting.OutcomeOf(m, r.now, r.Cal.Location)
	v.State, v.Class = r.meetingState(m, outcome)
	if r.Person.MayAnywhere(account.ConveneMeetings) && (outcome == meeting.OutcomeComing || outcome == meeting.OutcomeCancelled && start.After(r.now)) {
		v.Change = &Link{URL: meetingAddress(m.Series, m.Slot, changeBelow), Words: own(r.P.T("calendar.change"))}
	}
	return v
}

// holderOn is who holds a post, and of a day that is over who held it then.
func (r *Request) holderOn(post string, day kpi.Date) holderView {
	v := r.holder(post)
	if r.holders == nil || !day.Before(r.Today) {
		return v
	}
	if h := meeting.Holder(r.holders.list, post, day); h != nil {
		v.Name, v.Acting = r.holders.people[h.Holder].Name, h.Acting
	} else if r.holders.ever(post) {
		v.Name, v.Acting = "", false
	}
	return v
}

// meetingState says where a meeting stands, or what became of it.
func (r *Request) meetingState(m *kpi.Meeting, o meeting.Outcome) (string, kpi.PublicStatus) {
	switch o {
	case meeting.OutcomeMissed:
		return r.P.T("calendar.outcome.missed"), kpi.PublicOffTrack
	case meeting.OutcomeCancelled:
		return r.P.T("meeting.state.cancelled"), kpi.PublicBehind
	case meeting.OutcomeHeld:
		if m.State == kpi.MeetingOpen {
			return r.P.T("meeting.state.open"), ""
		}
		return r.P.T("meeting.state.held"), kpi.PublicOnTrack
	}
	return r.P.T("meeting.state." + string(m.State)), ""
}

func (r *Request) meetingMoved(m kpi.MeetingMove) meetingMoved {
	at := func(d kpi.Date, minutes int) Moment {
		one := kpi.Meeting{Date: d, At: minutes}
		return r.at(one.Start(r.Cal.Location))
	}
	return meetingMoved{From: at(m.From, m.FromAt), To: at(m.To, m.ToAt), Reason: r.typed(m.Reason, m.Lang), At: r.at(m.At), By: m.By}
}

// memoTiming says how the memo of a meeting stands.
func (r *Request) memoTiming(s *kpi.MeetingSeries, m *kpi.Meeting, emergencies []kpi.Emergency) timingView {
	due := meeting.MemoDue(m, r.Cal.Location)
	v := timingView{When: r.at(due)}
	var at time.Time
	if m.Memo != nil {
		at, v.Link = m.Memo.At, meetingAddress(m.Series, m.Slot, memoBelow)
	}
	return r.timing(v, true, meeting.MemoTiming(emergencies, s, m, r.now, r.Cal.Location), due, at)
}

// followTiming says how the follow-up memo of a meeting stands. It is due until the end of a day, which is shown by its date.
func (r *Request) followTiming(s *kpi.MeetingSeries, m *kpi.Meeting, emergencies []kpi.Emergency) timingView {
	due := meeting.FollowUpDue(m, r.Cal.Location)
	v := timingView{When: r.on(kpi.DateOf(due.In(r.Cal.Location).Add(-time.Second)))}
	var at time.Time
	if m.FollowUp != nil {
		at, v.Link = m.FollowUp.At, meetingAddress(m.Series, m.Slot, followUpBelow)
	}
	return r.timing(v, false, meeting.FollowUpTiming(emergencies, s, m, r.now, r.Cal.Location), due, at)
}

// timing puts it into words: at is when it went out, zero if it did not.
func (r *Request) timing(v timingView, memo bool, t meeting.Timing, due, at time.Time) timingView {
	day := func(x time.Time) kpi.Date { return kpi.DateOf(x.In(r.Cal.Location).Add(-time.Second)) }
	switch t {
	case meeting.TimingOnTime:
		v.Class, v.Text, v.When = kpi.PublicOnTrack, r.P.T("calendar.timing.on_time"), r.at(at)
	case meeting.TimingSuspended:
		v.Text = r.P.T("calendar.timing.suspended")
	case meeting.TimingOpen:
		v.Text = r.P.T("calendar.timing.due")
		if due.Sub(r.now) <= soonDays*24*time.Hour {
			v.Class = kpi.PublicBehind
		}
	case meeting.TimingLate:
		v.Class = kpi.PublicOffTrack
		switch {
		case at.IsZero() && memo && !r.now.Before(due.Add(meeting.MemoBefore)): // the meeting has begun
			v.Text = r.P.T("calendar.timing.never")
		case at.IsZero():
			v.Text = r.late(day(r.now).Sub(day(due)))
		default:
			v.Text, v.When = r.late(day(at).Sub(day(due))), r.at(at)
		}
	default:
		return timingView{}
	}
	return v
}

// late says how many days something is late; on its last day some hours.
func (r *Request) late(days int) string {
	if days <= 0 {
		return r.P.T("calendar.timing.hours")
	}
	return r.P.N("duty.late", days)
}

// todayView is a meeting of the reader's that is held today.
type todayView struct {
	Link  Link
	When  Moment
	Place Words
	State string
}

// meetingsToday are the meetings of today in which the reader has a part: those that take one of their departments, and those in which one of their posts presides or prepares.
func (r *Request) meetingsToday(s *workScope, saved []kpi.Meeting) []todayView {
	var list []todayView
	for i := range r.City.Meetings {
		series := &r.City.Meetings[i]
		for _, m := range meeting.Calendar(r.City, series, saved, r.Today, r.Today) {
			mine := slices.ContainsFunc(s.own, series.Takes) || slices.Contains(s.posts, m.Chair) || slices.Contains(s.posts, series.Analyst) || s.whole && (s.chosen == "" || series.Takes(s.chosen))
			if r.work.Meetings == nil || m.State == kpi.MeetingCancelled || !mine {
				continue
			}
			state, _ := r.meetingState(&m, meeting.OutcomeOf(&m, r.now, r.Cal.Location))
			list = append(list, todayView{
				Link: Link{URL: meetingAddress(m.Series, m.Slot, ""), Words: r.Words(series.Name)}, When: r.at(m.Start(r.Cal.Location)), Place: r.Words(series.Place), State: state,
			})
		}
	}
	return list
}
