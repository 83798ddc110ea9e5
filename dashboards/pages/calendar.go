package pages

import (
	"cmp"
	"context"
	"net/url"
	"slices"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// changeBelow is the page below a meeting's address on which it is moved, cancelled, delegated or restored.
const changeBelow = "/change"

// How far the calendar looks.
const (
	meetingsAhead = 56  // days
	meetingsBack  = 91  // days
	nextAhead     = 400 // days in which the next meeting of a series is looked for
)

var calendarPage = Page{
	Name: "calendar", Path: MeetingsRoot, Menu: "calendar.menu", Role: StaffOnly, Needs: account.SeeStaff, Query: []string{"series"}, Load: loadCalendar,
	Shown: func(r *Request) bool { return r.work.Meetings != nil && len(r.City.Meetings) > 0 },
}

// seriesAddress is the address of the page of a series.
func seriesAddress(id string) string { return MeetingsRoot + "/" + url.PathEscape(id) }

// calendarData is what comes, and what was.
type calendarData struct {
	Lead     string
	Alerts   []emergencyView // of today
	Declare  *Link           // where emergencies are declared, for whoever may
	Filter   filter
	Action   string
	Chosen   bool
	Series   []Link
	Next     []meetingRow // the next one of each series
	Waiting  []meetingRow // held, and its follow-up memo is not out
	Months   []meetingMonth
	Past     []meetingRow
	NoSeries bool
}

// meetingMonth is a month of the calendar.
type meetingMonth struct {
	ID, Title string
	Rows      []meetingRow
}

// dated is a meeting with its series.
type dated struct {
	series *kpi.MeetingSeries
	m      kpi.Meeting
}

func loadCalendar(ctx context.Context, r *Request) (Content, error) {
	k, err := r.meetingsKnown(ctx)
	if err != nil {
		return Content{}, err
	}
	d := calendarData{Action: MeetingsRoot, NoSeries: len(r.City.Meetings) == 0, Alerts: r.emergenciesNow(k.emergencies)}
	if r.work.Emergencies != nil {
		d.Declare = &Link{URL: emergenciesPath, Words: own(r.P.T("emergency.title"))}
	}
	chosen := r.City.Series(r.Query.Get("series"))
	d.Chosen = chosen != nil
	d.Filter = filter{Name: "series", Label: r.P.T("calendar.series"), All: r.P.T("list.all")}
	var ahead, past []dated
	for i := range r.City.Meetings {
		s := &r.City.Meetings[i]
		d.Filter.Options = append(d.Filter.Options, option{Value: s.ID, Words: r.Words(s.Name), Selected: chosen == s})
		if chosen != nil && chosen != s {
			continue
		}
		d.Series = append(d.Series, Link{URL: seriesAddress(s.ID), Words: r.Words(s.Name)})
		if m := r.nextMeeting(s, k.saved); m != nil {
			d.Next = append(d.Next, r.meetingRow(s, m, &k))
		}
		for _, m := range meeting.Calendar(r.City, s, k.saved, r.Today.AddDays(-meetingsBack), r.Today.AddDays(meetingsAhead)) {
			if o := meeting.OutcomeOf(&m, r.now, r.Cal.Location); o == meeting.OutcomeHeld || o == meeting.OutcomeMissed || m.Date.Before(r.Today) {
				past = append(past, dated{s, m})
			} else {
				ahead = append(ahead, dated{s, m})
			}
		}
		for j := range k.saved {
			if m := &k.saved[j]; m.Series == s.ID && (m.State == kpi.MeetingHeld || m.State == kpi.MeetingOpen) {
				d.Waiting = append(d.Waiting, r.meetingRow(s, m, &k))
			}
		}
	}
	slices.SortStableFunc(d.Next, func(a, b meetingRow) int { return cmp.Compare(a.When.Machine, b.When.Machine) })
	slices.SortStableFunc(d.Waiting, func(a, b meetingRow) int { return cmp.Compare(a.When.Machine, b.When.Machine) })
	d.Months = r.meetingMonths(ahead, &k)
	slices.SortStableFunc(past, func(a, b dated) int { return byDay(b, a) })
	for i := range past {
		d.Past = append(d.Past, r.meetingRow(past[i].series, &past[i].m, &k))
	}
	d.Lead = r.P.T("calendar.lead.none")
	if len(d.Next) > 0 {
		d.Lead = r.P.T("calendar.lead.next", "name", d.Next[0].Series.Text, "time", d.Next[0].When.Text)
	}
	return Content{Title: r.P.T("calendar.title"), Summary: d.Lead, Data: d}, nil
}

// byDay orders meetings by when they are held.
func byDay(a, b dated) int {
	return cmp.Or(a.m.Date.Compare(b.m.Date), cmp.Compare(a.m.At, b.m.At), cmp.Compare(a.series.ID, b.series.ID), a.m.Slot.Compare(b.m.Slot))
}

// nextMeeting is the next meeting of a series that takes place, or is under way; nil if none does.
func (r *Request) nextMeeting(s *kpi.MeetingSeries, saved []kpi.Meeting) *kpi.Meeting {
	for _, m := range meeting.Calendar(r.City, s, saved, r.Today, r.Today.AddDays(nextAhead)) {
		if m.State == kpi.MeetingOpen || meeting.OutcomeOf(&m, r.now, r.Cal.Location) == meeting.OutcomeComing {
			return &m
		}
	}
	return nil
}

// meetingMonths groups meetings by month.
func (r *Request) meetingMonths(list []dated, k *meetingsKnown) []meetingMonth {
	slices.SortStableFunc(list, byDay)
	var months []meetingMonth
	for i := range list {
		m := &list[i].m
		title := r.monthCalled(meeting.MonthOf(m.Date))
		if n := len(months); n == 0 || months[n-1].Title != title {
			months = append(months, meetingMonth{ID: "month-" + m.Date.String()[:len("2026-01")], Title: title})
		}
		last := &months[len(months)-1]
		last.Rows = append(last.Rows, r.meetingRow(list[i].series, m, k))
	}
	return months
}

// monthCalled is a month as a heading has it.
func (r *Request) monthCalled(m meeting.Month) string {
	p, err := r.Cal.Parse(m.First().String()[:len("2026-01")])
	if err != nil { // a month of the calendar is always one of the city's periods
		return m.First().String()
	}
	return r.P.Upper(r.P.Period(p))
}
