package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

var calendarSeriesPage = Page{
	Name: "calendar_series", Path: MeetingsRoot + "/:series", Role: StaffOnly, Needs: account.SeeStaff, Sends: account.ConveneMeetings,
	Query: []string{"page", "done"}, Load: loadSeries, Post: postSeries,
}

const (
	seriesAPage   = 26
	monthsCounted = 12 // months that are over, in which meetings of departments are counted
)

// seriesData is one series of meetings.
type seriesData struct {
	formErrors
	Name        Words
	Purpose     Words
	Rhythm      string
	Minutes     string
	From, Until Moment
	Place       Words
	Chair       holderView
	Analyst     holderView
	Departments []Words // none: it takes all
	Standing    []Link
	Public      bool
	Alerts      []emergencyView
	Coming      []meetingRow
	Past        []meetingRow
	Monthly     []monthlyRow
	MonthsSaid  string
	Call        *calendarForm // nil: the reader may call none
	Notice      string
	File        string // all of them, for a calendar
	pager
}

// monthlyRow says how often a department had a meeting.
type monthlyRow struct {
	Department Words
	Held       Value
	Without    []string
	Class      kpi.PublicStatus
	Said       string
}

// seriesNamed returns the series that the address names.
func (r *Request) seriesNamed() (*kpi.MeetingSeries, error) {
	if s := r.City.Series(r.Params["series"]); s != nil && r.work.Meetings != nil {
		return s, nil
	}
	return nil, kpi.Errorf(kpi.CodeNotFound, "there is no series of meetings %q", r.Params["series"])
}

// callForm is what was typed to call a meeting.
type callForm struct{ Date, Time, Minutes, Reason string }

func loadSeries(ctx context.Context, r *Request) (Content, error) {
	return r.seriesOf(ctx, formErrors{}, nil)
}

// seriesOf is the page, with what came of a form.
func (r *Request) seriesOf(ctx context.Context, errs formErrors, sent *callForm) (Content, error) {
	s, err := r.seriesNamed()
	if err != nil {
		return Content{}, err
	}
	k, err := r.meetingsKnown(ctx)
	if err != nil {
		return Content{}, err
	}
	d := seriesData{
		formErrors: errs, Name: r.Words(s.Name), Purpose: r.Prose(s.Purpose), Rhythm: r.P.Upper(rhythm(r.P, s, r.clockOf(s))), Minutes: r.P.T("calendar.minutes", "n", s.Minutes), From: r.on(s.From),
		Place: r.Words(s.Place), Chair: r.holder(s.Chair), Analyst: r.holder(s.Analyst), Public: s.Public, Alerts: r.emergenciesNow(k.emergencies), Call: r.callForm(s, &errs, sent),
	}
	d.File = seriesFile(s.ID)
	if !s.Until.IsZero() {
		d.Until = r.on(s.Until)
	}
	for _, id := range s.Departments {
		d.Departments = append(d.Departments, r.departmentName(id))
	}
	for _, id := range s.Standing {
		if ind := r.City.Indicator(id); ind != nil {
			d.Standing = append(d.Standing, Link{URL: staffIndicatorPath(id), Words: r.Words(ind.Name)})
		}
	}
	if r.Query.Get("done") == "called" {
		d.Notice = r.P.T("calendar.done.call")
	}
	if err := r.meetingsOf(&d, s, &k); err != nil {
		return Content{}, err
	}
	r.monthly(&d, s, &k)
	title := r.P.Text(s.Name)
	c := Content{Title: title, Summary: d.Rhythm, Crumbs: []Link{{URL: MeetingsRoot, Words: own(r.P.T("calendar.title"))}}}
	if len(errs.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c, nil
}

// clockOf is the hour at which the meetings of a series begin.
func (r *Request) clockOf(s *kpi.MeetingSeries) string {
	m := kpi.Meeting{Date: kpi.NewDate(2026, 1, 1), At: s.At}
	return r.P.Clock(m.Start(r.Cal.Location))
}

// meetingsOf lists what comes in a series, and what was, the newest first.
func (r *Request) meetingsOf(d *seriesData, s *kpi.MeetingSeries, k *meetingsKnown) error {
	first := s.From
	for i := range k.saved {
		if m := &k.saved[i]; m.Series == s.ID && m.Date.Before(first) {
			first = m.Date
		}
	}
	var past []kpi.Meeting
	for _, m := range meeting.Calendar(r.City, s, k.saved, first, r.Today.AddDays(meetingsAhead)) {
		if o := meeting.OutcomeOf(&m, r.now, r.Cal.Location); m.State != kpi.MeetingOpen && (o == meeting.OutcomeHeld || o == meeting.OutcomeMissed || m.Date.Before(r.Today)) {
			past = append(past, m)
		} else {
			d.Coming = append(d.Coming, r.meetingRow(s, &m, k))
		}
	}
	slices.Reverse(past)
	from, to, err := r.turn(&d.pager, seriesAddress(s.ID), len(past), seriesAPage, "calendar.page")
	if err != nil {
		return err
	}
	for _, l := range []*Link{d.Previous, d.Next} {
		if l != nil {
			l.URL = r.staffAddress(l.URL)
		}
	}
	for i := range past[from:to] {
		d.Past = append(d.Past, r.meetingRow(s, &past[from+i], k))
	}
	return nil
}

// monthly says of each department of a series in which months it had a meeting of any series: one a month is the least.
func (r *Request) monthly(d *seriesData, s *kpi.MeetingSeries, k *meetingsKnown) {
	this := meeting.MonthOf(r.Today).First()
	from := this.AddMonths(-monthsCounted)
	begun := s.From
	for i := range r.City.Meetings {
		if o := &r.City.Meetings[i]; o.From.Before(begun) {
			begun = o.From
		}
	}
	if first := meeting.MonthOf(begun).First(); from.Before(first) {
		from = first
	}
	months := meeting.Months(from, this.AddDays(-1))
	if len(months) == 0 {
		return
	}
	d.MonthsSaid = r.P.T("calendar.monthly.since", "from", r.monthCalled(months[0]), "until", r.monthCalled(months[len(months)-1]))
	for _, dep := range r.City.DepartmentsOn(r.Today) {
		if !s.Takes(dep.ID) {
			continue
		}
		count := meeting.HeldBy(r.City, dep.ID, k.saved)
		row := monthlyRow{Department: r.Words(dep.Name), Class: kpi.PublicOnTrack, Said: r.P.T("calendar.monthly.each")}
		held := 0
		for _, m := range months {
			held += count[m]
		}
		row.Held = r.Count(int64(held))
		for _, m := range meeting.MonthsWithout(months, count, k.emergencies, dep.ID, r.City.Workdays()) {
			row.Without = append(row.Without, r.monthCalled(m))
		}
		if len(row.Without) > 0 {
			row.Class, row.Said = kpi.PublicOffTrack, r.P.T("calendar.monthly.without", "list", r.P.List(row.Without))
		}
		d.Monthly = append(d.Monthly, row)
	}
}

// callForm is the form that calls a meeting beside the rhythm; nil for whoever may not.
func (r *Request) callForm(s *kpi.MeetingSeries, errs *formErrors, sent *callForm) *calendarForm {
	if !r.Person.MayAnywhere(account.ConveneMeetings) {
		return nil
	}
	f := calendarForm{
		ID: "call", Do: string(meeting.MeetingCall), Title: r.P.T("calendar.call"), Notes: []string{r.P.T("calendar.call_note")}, Action: seriesAddress(s.ID), Open: sent != nil, Button: r.P.T("calendar.call_button"),
	}
	if sent == nil {
		sent = &callForm{Time: clockField(s.At), Minutes: strconv.Itoa(s.Minutes)}
	}
	f.put(errs, calendarField{Name: "date", Label: r.P.T("calendar.date"), Value: sent.Date, Kind: "date", Min: r.Today.String(), Required: true})
	f.put(errs, calendarField{Name: "time", Label: r.P.T("calendar.time"), Value: sent.Time, Kind: "time", Required: true})
	f.put(errs, calendarField{Name: "minutes", Label: r.P.T("calendar.booked"), Value: sent.Minutes, Kind: "number", Min: "5", Max: strconv.Itoa(meeting.MaxMinutes)})
	f.put(errs, r.calendarReason(sent.Reason))
	return &f
}

// postSeries calls a meeting.
func postSeries(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	s, err := r.seriesNamed()
	if err != nil {
		return Posted{}, err
	}
	if form.Get("do") != string(meeting.MeetingCall) {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say what to do")
	}
	if !r.Person.MayAnywhere(account.ConveneMeetings) {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "your roles do not let you call a meeting")
	}
	sent := &callForm{Date: strings.TrimSpace(form.Get("date")), Time: form.Get("time"), Minutes: strings.TrimSpace(form.Get("minutes")), Reason: typed(form.Get("reason"))}
	var errs formErrors
	t := meeting.MeetingTurn{Step: meeting.MeetingCall, Reason: sent.Reason, Lang: r.Lang, At: clockTyped(sent.Time)}
	r.dayAndHour(&errs, "call", sent.Date, &t)
	if sent.Minutes != "" {
		if t.Minutes, err = strconv.Atoi(sent.Minutes); err != nil || t.Minutes < 5 || t.Minutes > meeting.MaxMinutes {
			errs.add("call-minutes", r.P.T("calendar.wrong.minutes", "min", 5, "max", meeting.MaxMinutes))
		}
	}
	if len(errs.Errors) == 0 {
		was := meeting.Planned(r.City, s, t.Date)
		next, err := r.turnMeeting(ctx, &was, t)
		if err == nil {
			return Posted{To: meetingAddress(s.ID, next.Slot, changeBelow) + "?done=call"}, nil
		}
		if err := r.calendarError(&errs, err, t.Step); err != nil {
			return Posted{}, err
		}
	}
	content, err := r.seriesOf(ctx, errs, sent)
	return Posted{Content: content, Status: http.StatusUnprocessableEntity}, err
}

// dayAndHour reads the day and the hour of a form.
func (r *Request) dayAndHour(errs *formErrors, form, date string, t *meeting.MeetingTurn) {
	var err error
	if t.Date, err = kpi.ParseDate(date); err != nil {
		t.Date = kpi.Date{}
		errs.add(form+"-date", r.P.T("calendar.wrong.date"))
	}
	if t.At < 0 {
		errs.add(form+"-time", r.P.T("calendar.wrong.time"))
	}
	if strings.TrimSpace(t.Reason) == "" {
		errs.add(form+"-reason", r.P.T("calendar.wrong.reason"))
	}
}

// turnMeeting takes a step with a meeting and saves what it becomes.
func (r *Request) turnMeeting(ctx context.Context, was *kpi.Meeting, t meeting.MeetingTurn) (kpi.Meeting, error) {
	saved, err := r.work.Meetings.Meetings(ctx, kpi.PaperQuery{Subject: was.Series})
	if err != nil {
		return *was, err
	}
	by := r.Person.By()
	next, err := meeting.TurnMeeting(r.City, r.Cal, *was, saved, t, by.Name, r.now)
	if err != nil {
		return next, err
	}
	return next, r.work.Meetings.SaveMeeting(ctx, &next, nil, by, r.now)
}

// calendarError notes what is wrong with a step at the field of its form. It returns the error if it is none that a reader can mend.
func (r *Request) calendarError(errs *formErrors, err error, step meeting.MeetingStep) error {
	var p meeting.MeetingProblem
	switch {
	case errors.As(err, &p):
		field, text := r.calendarProblem(p, step)
		if field != "" {
			field = string(step) + "-" + field
		}
		errs.add(field, text)
	case kpi.ErrorCode(err) == kpi.CodeConflict:
		errs.add("", r.P.T("calendar.wrong.conflict"))
	default:
		return err
	}
	return nil
}
