package pages

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"citystat/dashboards/chart"
	"citystat/kpi"
	"citystat/kpi/meeting"
)

// publicMeetingsPath is where residents read of stat meetings, below the language; the file has none.
const (
	publicMeetingsPath     = "/meetings"
	publicMeetingsFilePath = "/meetings.csv"
)

var publicMeetingsPage = Page{
	Name: "public_meetings", Path: publicMeetingsPath, Menu: "publicmeeting.menu", Role: Everyone, Load: loadPublicMeetings,
	Shown: func(r *Request) bool { return r.staff == nil && r.Card != nil && len(r.Card.Meetings) > 0 }, // staff pages lead to the meetings themselves
}

// decidedAtMost is how many decisions stand on the page of all meetings; the others stand with their meetings.
const decidedAtMost = 8

// publicMeetingsData is every series of which residents may read: its next meetings, and what became of those of a year; and what was decided and promised in them.
type publicMeetingsData struct {
	AsOf      string
	Series    []publicSeriesView
	Decisions []publicDecision
	Promised  []promisedIn
	File      string
}

// publicSeriesView is a series of meetings.
type publicSeriesView struct {
	ID          string
	Name        Words
	Purpose     Words
	Chair       Words
	Departments []Link // none: all
	Tally       []Count
	Next        []publicMeetingRow
	Past        []publicMeetingRow // the newest first
}

// publicMeetingRow is a meeting in a list.
type publicMeetingRow struct {
	Link      Link
	Machine   string
	Chip      Chip
	Moved     string // for when it was planned first; "" if it was not moved
	Memo      string
	FollowUp  string
	Decisions Value
	Promises  Value
}

// publicDecision is what was decided for residents to read.
type publicDecision struct {
	Text  Words
	About Link // the indicator; URL is "" if it is about none
	In    Link // the meeting
}

// promisedIn is what was promised in meetings because of an indicator, in numbers.
type promisedIn struct {
	Indicator                          Link // URL is "" of what is about none
	Made, Kept, Waiting, Late, Dropped Value
}

func loadPublicMeetings(_ context.Context, r *Request) (Content, error) {
	d := publicMeetingsData{AsOf: r.asOf(), File: publicMeetingsFilePath}
	for i := range r.City.Meetings {
		if s := &r.City.Meetings[i]; s.Public {
			d.Series = append(d.Series, r.publicSeriesView(s))
		}
	}
	d.Decisions, d.Promised = r.decidedLately(), r.promisedInMeetings()
	return Content{Title: r.P.T("publicmeeting.title"), Summary: r.P.T("publicmeeting.intro"), Data: d}, nil
}

// publicMeetings are the meetings of series of which residents may read, in order of their day.
func (r *Request) publicMeetings() []kpi.Meeting {
	return slices.DeleteFunc(slices.Clone(r.Card.Meetings), func(m kpi.Meeting) bool {
		s := r.City.Series(m.Series)
		return s == nil || !s.Public
	})
}

// publicMeetingAt returns the meeting of a public series with a slot; nil if residents read of none.
func (r *Request) publicMeetingAt(series string, slot kpi.Date) *kpi.Meeting {
	if s := r.City.Series(series); s == nil || !s.Public {
		return nil
	}
	return r.Card.MeetingAt(series, slot)
}

// publicMeetingPath is the address of a meeting's public page, below the language.
func publicMeetingPath(m *kpi.Meeting) string {
	return publicMeetingsPath + "/" + m.Series + "/" + m.Slot.String()
}

// metAt is the moment of which the published scorecard tells what became of meetings: the beginning of its day, so that one of that day is still to come.
func (r *Request) metAt() time.Time { return r.Card.AsOf.In(r.Cal.Location) }

// publicOutcome says what became of a meeting: a shape and words.
func (r *Request) publicOutcome(m *kpi.Meeting) Chip {
	key := r.outcomeKey(m)
	class := map[string]kpi.PublicStatus{
		string(meeting.OutcomeHeld): kpi.PublicOnTrack, string(meeting.OutcomeCancelled): kpi.PublicBehind, string(meeting.OutcomeMissed): kpi.PublicOffTrack,
		string(meeting.OutcomeComing): kpi.PublicCannotSay, outcomeSuspended: kpi.PublicCannotSay,
	}[key]
	return Chip{Class: class, Word: r.P.T("publicmeeting.outcome." + key)}
}

// publicTiming says whether a memo of a meeting went out in time; "" where none was due.
func (r *Request) publicTiming(m *kpi.Meeting, of func([]kpi.Emergency, *kpi.MeetingSeries, *kpi.Meeting, time.Time, *time.Location) meeting.Timing) string {
	if !m.State.Held() {
		return "" // residents are not told of a memo before its meeting
	}
	t := of(r.Card.Emergencies, r.City.Series(m.Series), m, r.metAt(), r.Cal.Location)
	if t == meeting.TimingNone {
		return ""
	}
	return r.P.T("publicmeeting.timing." + string(t))
}

// publicDecisionsOf are the decisions of a meeting that are meant for residents.
func (r *Request) publicDecisionsOf(m *kpi.Meeting) []kpi.MeetingNote {
	return slices.DeleteFunc(r.Card.DecisionsOf(m.Series, m.Slot), func(n kpi.MeetingNote) bool {
		return !n.Public || n.Kind != kpi.NoteDecision || n.State != kpi.NoteOpen
	})
}

// publicPromisesIn are what was promised to residents in a meeting.
func (r *Request) publicPromisesIn(m *kpi.Meeting) []kpi.Commitment {
	return slices.DeleteFunc(r.Card.PromisedIn(m.Series, m.Slot), func(c kpi.Commitment) bool { return !c.Public })
}

func (r *Request) publicSeriesView(s *kpi.MeetingSeries) publicSeriesView {
	v := publicSeriesView{ID: s.ID, Name: r.Words(s.Name), Purpose: r.Prose(s.Purpose), Chair: r.person(s.Chair)}
	for _, id := range s.Departments {
		if d := r.City.Department(id); d != nil {
			v.Departments = append(v.Departments, Link{URL: r.To(orgPaths[kpi.OrgDepartment] + id), Words: r.Words(d.Name)})
		}
	}
	became := map[Chip]int{}
	for _, m := range r.publicMeetings() {
		switch {
		case m.Series != s.ID:
		case m.State.Held() || m.Date.Before(r.Card.AsOf):
			v.Past = append(v.Past, r.publicMeetingRow(&m))
			became[r.publicOutcome(&m)]++
		default:
			v.Next = append(v.Next, r.publicMeetingRow(&m))
		}
	}
	slices.Reverse(v.Past)
	for chip, n := range became {
		v.Tally = append(v.Tally, Count{Chip: chip, N: n, Text: r.P.Int(int64(n))})
	}
	order := []kpi.PublicStatus{kpi.PublicOnTrack, kpi.PublicBehind, kpi.PublicOffTrack, kpi.PublicCannotSay}
	slices.SortFunc(v.Tally, func(a, b Count) int { return cmp.Compare(slices.Index(order, a.Class), slices.Index(order, b.Class)) })
	return v
}

func (r *Request) publicMeetingRow(m *kpi.Meeting) publicMeetingRow {
	v := publicMeetingRow{
		Link: Link{URL: r.To(publicMeetingPath(m)), Words: own(r.P.Date(m.Date))}, Machine: m.Date.String(), Chip: r.publicOutcome(m), Moved: r.publicMoved(m),
		Memo: r.publicTiming(m, meeting.MemoTiming), FollowUp: r.publicTiming(m, meeting.FollowUpTiming),
	}
	if m.State.Held() {
		v.Decisions, v.Promises = r.Count(int64(len(r.publicDecisionsOf(m)))), r.Count(int64(len(r.publicPromisesIn(m))))
	}
	return v
}

// publicMoved says for which day a meeting was planned first; "" if it was not moved.
func (r *Request) publicMoved(m *kpi.Meeting) string {
	from, moved := movedFrom(m)
	if !moved {
		return ""
	}
	return r.P.T("publicmeeting.moved", "date", r.P.Date(from))
}

// publicMeetingLink names a meeting by its series and its day.
func (r *Request) publicMeetingLink(m *kpi.Meeting) Link {
	name := r.Words(r.City.Series(m.Series).Name)
	name.Text = r.P.T("publicmeeting.one", "name", name.Text, "date", r.P.Date(m.Date))
	return Link{URL: r.To(publicMeetingPath(m)), Words: name}
}

// publicDecision is one decision; in says in which meeting, where the reader does not know.
func (r *Request) publicDecision(n *kpi.MeetingNote, in *kpi.Meeting) publicDecision {
	d := publicDecision{Text: r.saidIn(n.Text, n.Lang)}
	if res, err := r.public(n.Indicator); err == nil {
		d.About = Link{URL: r.To("/indicators/" + res.Indicator.ID), Words: r.Words(res.Indicator.Name)}
	}
	if in != nil {
		d.In = r.publicMeetingLink(in)
	}
	return d
}

// decidedLately are the newest decisions for residents.
func (r *Request) decidedLately() []publicDecision {
	var list []publicDecision
	for _, m := range slices.Backward(r.publicMeetings()) {
		for _, n := range r.publicDecisionsOf(&m) {
			if list = append(list, r.publicDecision(&n, &m)); len(list) == decidedAtMost {
				return list
			}
		}
	}
	return list
}

// promisedInMeetings counts by indicator what was promised in the meetings of which the page tells, in the order of the folder; what is about none comes last.
func (r *Request) promisedInMeetings() []promisedIn {
	of := map[string][]kpi.Commitment{}
	for _, m := range r.publicMeetings() {
		for _, c := range r.publicPromisesIn(&m) {
			id := c.Indicator
			if _, err := r.public(id); err != nil {
				id = ""
			}
			of[id] = append(of[id], c)
		}
	}
	var list []promisedIn
	for i := range r.City.Indicators {
		ind := &r.City.Indicators[i]
		if len(of[ind.ID]) > 0 {
			p := r.promisedIn(of[ind.ID])
			p.Indicator = Link{URL: r.To("/indicators/" + ind.ID), Words: r.Words(ind.Name)}
			list = append(list, p)
		}
	}
	if len(of[""]) > 0 {
		p := r.promisedIn(of[""])
		p.Indicator = Link{Words: own(r.P.T("publicmeeting.no_indicator"))}
		list = append(list, p)
	}
	return list
}

func (r *Request) promisedIn(list []kpi.Commitment) promisedIn {
	var kept, waiting, late, dropped int64
	for i := range list {
		switch c := &list[i]; {
		case c.State == kpi.CommitmentKept:
			kept++
		case c.State == kpi.CommitmentDropped:
			dropped++
		case c.DaysLate(r.Card.AsOf) > 0:
			late++
		default:
			waiting++
		}
	}
	return promisedIn{Made: r.Count(int64(len(list))), Kept: r.Count(kept), Waiting: r.Count(waiting), Late: r.Count(late), Dropped: r.Count(dropped)}
}

// publicMeetingsTable is the file of all meetings of which residents may read.
func publicMeetingsTable(r *Request) (chart.Table, error) {
	t := chart.Table{}
	for _, key := range []string{"series", "series_name", "slot", "date", "outcome", "times_moved", "memo_due", "memo_at", "memo_on_time", "follow_up_due", "follow_up_at", "follow_up_on_time", "decisions", "promises"} {
		t.Columns = append(t.Columns, chart.Column{Key: key})
	}
	moment := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.UTC().Format(time.RFC3339)
	}
	for _, m := range r.publicMeetings() {
		s := r.City.Series(m.Series)
		row := []string{m.Series, r.P.Text(s.Name), m.Slot.String(), m.Date.String(), r.outcomeKey(&m), strconv.Itoa(len(m.Moves)), "", "", "", "", "", "", "", ""}
		if m.State.Held() {
			row[6], row[8] = moment(meeting.MemoDue(&m, r.Cal.Location)), timingKey(meeting.MemoTiming(r.Card.Emergencies, s, &m, r.metAt(), r.Cal.Location))
			row[9], row[11] = moment(meeting.FollowUpDue(&m, r.Cal.Location)), timingKey(meeting.FollowUpTiming(r.Card.Emergencies, s, &m, r.metAt(), r.Cal.Location))
			if m.Memo != nil {
				row[7] = moment(m.Memo.At)
			}
			if m.FollowUp != nil {
				row[10] = moment(m.FollowUp.At)
			}
			row[12], row[13] = strconv.Itoa(len(r.publicDecisionsOf(&m))), strconv.Itoa(len(r.publicPromisesIn(&m)))
		}
		var cells []chart.Cell
		for _, v := range row {
			cells = append(cells, chart.Cell{Raw: v})
		}
		t.Rows = append(t.Rows, chart.Row{Cells: cells})
	}
	return t, nil
}

// outcomeSuspended is what became of a meeting that was not held because of an emergency.
const outcomeSuspended = "suspended"

// outcomeKey is what became of a meeting, in files. An emergency says why one was not held; one that is still to come may be held all the same.
func (r *Request) outcomeKey(m *kpi.Meeting) string {
	outcome := meeting.OutcomeOf(m, r.metAt(), r.Cal.Location)
	deadline := meeting.SeriesDeadline(r.Card.Emergencies, m.Date, r.City.Series(m.Series))
	if deadline.Suspended() && (outcome == meeting.OutcomeMissed || outcome == meeting.OutcomeCancelled) {
		return outcomeSuspended
	}
	return string(outcome)
}

// timingKey is whether something was in time, in files; "" as long as it may still be, and where nothing was due or an emergency suspended it.
func timingKey(t meeting.Timing) string {
	if t == meeting.TimingOnTime || t == meeting.TimingLate {
		return strconv.FormatBool(t == meeting.TimingOnTime)
	}
	return ""
}
