package pages

import (
	"strconv"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/meeting"
)

// calendarForm is a form about a meeting or an emergency, as its template writes it.
type calendarForm struct {
	ID       string // of the form's heading; begins the ids of its fields
	Do       string
	Title    string
	Notes    []string
	Action   string
	Revision string
	Open     bool // it was sent, or is the only one
	Fields   []calendarField
	Button   string
}

// calendarField is one field of it.
type calendarField struct {
	ID, Name, Label, Hint, Value, Wrong string
	Kind                                string // date, time, number, text, lines, choice, or boxes
	Min, Max                            string
	Required                            bool
	Options                             []option // of a choice, and of boxes
	Choose                              string   // of a choice: what stands first, and chooses nothing
}

// Described is what aria-describedby of the field names.
func (f calendarField) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.Wrong != "" {
		ids = append(ids, f.ID+"-wrong")
	}
	return strings.Join(ids, " ")
}

// put adds a field to a form, with what is wrong with it.
func (f *calendarForm) put(errs *formErrors, field calendarField) {
	field.ID = f.ID + "-" + field.Name
	field.Wrong = errs.Wrong(field.ID)
	f.Fields = append(f.Fields, field)
}

// calendarReason is the field for a reason.
func (r *Request) calendarReason(value string) calendarField {
	return calendarField{Name: "reason", Label: r.P.T("calendar.reason"), Hint: r.P.T("calendar.reason_hint"), Value: value, Kind: "lines", Required: true}
}

// clockTyped reads an hour of a form as minutes after midnight; −1 if it is none.
func clockTyped(s string) int {
	h, m, ok := strings.Cut(strings.TrimSpace(s), ":")
	hour, errH := strconv.Atoi(h)
	minute, errM := strconv.Atoi(m)
	if !ok || errH != nil || errM != nil || len(h) > 2 || len(m) != 2 || hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return -1
	}
	return hour*60 + minute
}

// clockField writes minutes after midnight as a form has them.
func clockField(at int) string {
	return strings.Join([]string{pad2(at / 60), pad2(at % 60)}, ":")
}

func pad2(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// calendarProblem says what is wrong with a step, and at which field of its form.
func (r *Request) calendarProblem(p meeting.MeetingProblem, step meeting.MeetingStep) (field, text string) {
	switch p {
	case meeting.MeetingNoReason:
		field = "reason"
	case meeting.MeetingLong:
		return "reason", r.P.T("calendar.wrong.long", "max", meeting.MaxMeetingText)
	case meeting.MeetingNoDate:
		if field = "date"; step != meeting.MeetingMove && step != meeting.MeetingCall {
			return "", r.P.T("calendar.wrong.over")
		}
	case meeting.MeetingTaken, meeting.MeetingFar:
		if field = "date"; step == meeting.MeetingRestore {
			field = ""
		}
	case meeting.MeetingSame:
		if field = "date"; step == meeting.MeetingDelegate {
			return "post", r.P.T("calendar.wrong.same_post")
		}
	case meeting.MeetingNoPost:
		field = "post"
	case meeting.MeetingStands, meeting.MeetingWrong, meeting.MeetingEmpty, meeting.MeetingTooLate, meeting.MeetingEarly:
		return "", r.P.T("calendar.wrong.state")
	}
	return field, r.P.T("calendar.wrong." + string(p))
}

// rhythm says in words when the meetings of a series are.
func rhythm(p *i18n.Printer, s *kpi.MeetingSeries, clock string) string {
	day := p.T("calendar.on_day." + strconv.Itoa(int(s.Weekday)))
	switch {
	case s.Month != 0:
		which := strconv.Itoa(s.Month)
		if s.Month < 0 {
			which = "last"
		}
		if s.Weekday == 0 || s.Weekday == 6 { // in Portuguese these two are masculine, and the other days are not
			which += "_weekend"
		}
		return p.T("calendar.rhythm.month_"+which, "weekday", p.Weekday(s.Weekday), "time", clock)
	case s.Weeks == 1:
		return p.T("calendar.rhythm.week", "on_day", day, "time", clock)
	}
	return p.T("calendar.rhythm.weeks", "n", s.Weeks, "on_day", day, "time", clock)
}
