package pages

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

var calendarChangePage = Page{
	Name: "calendar_change", Path: meetingPath + changeBelow, Role: StaffOnly, Needs: account.SeeStaff, Sends: account.ConveneMeetings,
	Query: []string{"done"}, Load: loadChange, Post: postChange,
}

// changeData is when a meeting is held, what was changed about that, and the forms that change it.
type changeData struct {
	formErrors
	Row    meetingRow
	Stages stagesView
	Typed  []string // what somebody typed into a form that somebody else was faster than
	Forms  []calendarForm
	MayNot string // why there are no forms
	Told   []toldStep
	Notice string
}

// toldStep is something that was done about when a meeting is held, and by whom.
type toldStep struct {
	Title string
	Moved *meetingMoved
	Post  *holderView
	Said  Words
	At    Moment
	Who   string
}

// changeSteps are the steps of the page, in the order of its forms.
var changeSteps = []meeting.MeetingStep{meeting.MeetingMove, meeting.MeetingDelegate, meeting.MeetingCancel, meeting.MeetingRestore}

// changeSent is what was typed into one of its forms.
type changeSent struct {
	formErrors
	step                     meeting.MeetingStep
	date, time, post, reason string
	conflict                 bool
}

func loadChange(ctx context.Context, r *Request) (Content, error) {
	return r.calendarChange(ctx, &changeSent{})
}

// calendarChange is the page, with what came of a form.
func (r *Request) calendarChange(ctx context.Context, sent *changeSent) (Content, error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return Content{}, err
	}
	k, err := r.meetingsKnown(ctx)
	if err != nil {
		return Content{}, err
	}
	d := changeData{formErrors: sent.formErrors, Row: r.meetingRow(s.series, &s.m, &k), Stages: r.stages(s, changeBelow)}
	outcome := meeting.OutcomeOf(&s.m, r.now, r.Cal.Location)
	over := outcome == meeting.OutcomeMissed || outcome == meeting.OutcomeCancelled && !s.start.After(r.now)
	for _, step := range changeSteps {
		if !over && meeting.MayMeeting(step, &s.m, r.Person, s.presides) {
			d.Forms = append(d.Forms, r.changeForm(s, step, sent))
		}
	}
	switch {
	case len(d.Forms) > 0:
	case over:
		d.MayNot = r.P.T("calendar.may_not." + string(outcome))
	case r.Person.MayAnywhere(account.ConveneMeetings):
		d.MayNot = r.P.T("calendar.may_not.over")
	default:
		d.MayNot = r.P.T("calendar.may_not.rights")
	}
	if sent.conflict {
		for _, text := range []string{sent.date, sent.time, r.holder(sent.post).Title.Text, sent.reason} {
			if text != "" {
				d.Typed = append(d.Typed, text)
			}
		}
	}
	if d.Told, err = r.toldOf(ctx, &s.m); err != nil {
		return Content{}, err
	}
	if done := meeting.MeetingStep(r.Query.Get("done")); slices.Contains(changeSteps, done) || done == meeting.MeetingCall {
		d.Notice = r.P.T("calendar.done." + string(done))
	}
	c := Content{
		Title: r.P.T("calendar.change_title", "name", r.P.Text(s.series.Name)), Summary: d.Row.When.Text,
		Crumbs: []Link{{URL: MeetingsRoot, Words: own(r.P.T("calendar.title"))}, d.Row.Series, d.Row.Page},
	}
	if len(sent.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c, nil
}

// changeForm is the form for a step.
func (r *Request) changeForm(s *sitting, step meeting.MeetingStep, sent *changeSent) calendarForm {
	f := calendarForm{
		ID: string(step), Do: string(step), Title: r.P.T("calendar." + string(step)), Action: meetingAddress(s.m.Series, s.m.Slot, changeBelow), Revision: strconv.Itoa(s.m.Revision),
		Button: r.P.T("calendar." + string(step) + "_button"), Open: sent.step == step || step == meeting.MeetingRestore,
	}
	v := changeSent{date: s.m.Date.String(), time: clockField(s.m.At)}
	if sent.step == step {
		v = *sent
	}
	switch step {
	case meeting.MeetingMove:
		f.Notes = []string{r.P.T("calendar.move_note")}
		if s.m.Memo != nil {
			f.Notes = []string{r.P.T("calendar.move_note_out")}
		}
		f.put(&sent.formErrors, calendarField{Name: "date", Label: r.P.T("calendar.date"), Value: v.date, Kind: "date", Min: r.Today.String(), Required: true})
		f.put(&sent.formErrors, calendarField{Name: "time", Label: r.P.T("calendar.time"), Value: v.time, Kind: "time", Required: true})
	case meeting.MeetingDelegate:
		post := calendarField{Name: "post", Label: r.P.T("calendar.post"), Kind: "choice", Required: true, Choose: r.P.T("calendar.choose")}
		for i := range r.City.People {
			if p := &r.City.People[i]; p.ID != s.m.Chair {
				post.Options = append(post.Options, option{Value: p.ID, Words: r.Words(p.Title), Selected: p.ID == v.post})
			}
		}
		f.put(&sent.formErrors, post)
	case meeting.MeetingCancel:
		f.Notes = []string{r.P.T("calendar.cancel_note"), r.P.T("calendar.stays")}
	case meeting.MeetingRestore:
		f.Notes = []string{r.P.T("calendar.restore_note")}
		return f
	}
	f.put(&sent.formErrors, r.calendarReason(v.reason))
	return f
}

// toldOf lists what was done about when a meeting is held, the newest first.
func (r *Request) toldOf(ctx context.Context, m *kpi.Meeting) ([]toldStep, error) {
	if m.ID == 0 {
		return nil, nil
	}
	history, err := r.work.Meetings.MeetingHistory(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	var list []toldStep
	for i := range history {
		now := &history[i]
		before := kpi.Meeting{State: kpi.MeetingPlanned, Chair: now.Chair, Date: now.Date, At: now.At}
		if i > 0 {
			before = history[i-1]
		} else if len(now.Moves) > 0 {
			before.Date, before.At = now.Moves[0].From, now.Moves[0].FromAt
		} else if s := r.City.Series(m.Series); s != nil && !now.Extra {
			before.Chair = meeting.Planned(r.City, s, m.Slot).Chair
		}
		step := meeting.MeetingStepOf(&before, now)
		if now.Delegated != before.Delegated {
			step = meeting.MeetingDelegate
		}
		t := toldStep{Title: r.P.T("people.action.meeting." + string(step)), At: r.at(now.Stamp.At), Who: now.By}
		switch step {
		case meeting.MeetingMove:
			moved := r.meetingMoved(now.Moves[len(now.Moves)-1])
			t.Moved, t.Said = &moved, moved.Reason
		case meeting.MeetingDelegate:
			post := r.holder(now.Chair)
			t.Post, t.Said = &post, r.typed(now.Delegated, now.Lang)
		case meeting.MeetingCancel:
			t.Said = r.typed(now.Reason, now.Lang)
		case meeting.MeetingCall:
			t.Said = r.typed(now.Called, now.Lang)
		case meeting.MeetingRestore:
		default:
			continue
		}
		list = append(list, t)
	}
	slices.Reverse(list)
	return list, nil
}

// postChange takes a step, and leads back to the page.
func postChange(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return Posted{}, err
	}
	sent := &changeSent{
		step: meeting.MeetingStep(form.Get("do")), date: strings.TrimSpace(form.Get("date")), time: form.Get("time"), post: form.Get("post"), reason: typed(form.Get("reason")),
	}
	if !slices.Contains(changeSteps, sent.step) {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say what to do")
	}
	if !r.Person.MayAnywhere(account.ConveneMeetings) {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "your roles do not let you do this with the meeting")
	}
	t := meeting.MeetingTurn{Step: sent.step, Reason: sent.reason, Lang: r.Lang, Post: sent.post, At: clockTyped(sent.time)}
	switch {
	case form.Get("revision") != strconv.Itoa(s.m.Revision):
		err = kpi.Errorf(kpi.CodeConflict, "somebody else changed the meeting")
	case sent.step == meeting.MeetingMove:
		r.dayAndHour(&sent.formErrors, string(sent.step), sent.date, &t)
	}
	if err == nil && len(sent.Errors) == 0 {
		if _, err = r.turnMeeting(ctx, &s.m, t); err == nil {
			return Posted{To: meetingAddress(s.m.Series, s.m.Slot, changeBelow) + "?done=" + string(sent.step)}, nil
		}
	}
	if err != nil {
		sent.conflict = kpi.ErrorCode(err) == kpi.CodeConflict
		if err := r.calendarError(&sent.formErrors, err, sent.step); err != nil {
			return Posted{}, err
		}
	}
	content, err := r.calendarChange(ctx, sent)
	return Posted{Content: content, Status: statusOf(sent.conflict)}, err
}
