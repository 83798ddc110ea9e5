package pages

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

var emergencyPage = Page{
	Name: "emergency", Path: emergenciesPath + "/:number", Role: StaffOnly, Needs: account.SeeStaff, Sends: account.ConveneMeetings, Query: []string{"done"},
	Load: loadEmergency, Post: postEmergency,
}

// emergencyData is one emergency, with the forms that change it and what it was before.
type emergencyData struct {
	formErrors
	One    emergencyView
	Typed  []string
	Forms  []calendarForm
	Told   []toldEmergency
	Notice string
}

// toldEmergency is a revision of one.
type toldEmergency struct {
	Title string
	View  emergencyView
	At    Moment
	Who   string
}

// emergencySent is what was typed into a form about one.
type emergencySent struct {
	do, what, reason, from, until string
	departments                   []string
	conflict                      bool
}

// emergencySent reads it.
func (r *Request) emergencySent(form url.Values) *emergencySent {
	return &emergencySent{
		do: form.Get("do"), what: typed(form.Get("what")), reason: typed(form.Get("reason")), from: strings.TrimSpace(form.Get("from")), until: strings.TrimSpace(form.Get("until")),
		departments: slices.Compact(slices.Sorted(slices.Values(form["department"]))), // each once, whatever a form names
	}
}

// emergencyForm is the form for one. id begins the ids of its fields.
func (r *Request) emergencyForm(id, action, revision string, errs *formErrors, sent *emergencySent) calendarForm {
	f := calendarForm{ID: id, Do: id, Action: action, Revision: revision, Open: sent.do == id, Notes: []string{r.P.T("emergency.note")}}
	f.put(errs, calendarField{Name: "what", Label: r.P.T("emergency.what"), Hint: r.P.T("emergency.what_hint"), Value: sent.what, Kind: "text", Required: true})
	reason := r.calendarReason(sent.reason)
	reason.Hint = r.P.T("emergency.reason_hint")
	f.put(errs, reason)
	f.put(errs, calendarField{Name: "from", Label: r.P.T("emergency.first"), Value: sent.from, Kind: "date", Required: true})
	f.put(errs, calendarField{Name: "until", Label: r.P.T("emergency.last"), Hint: r.P.T("emergency.last_hint"), Value: sent.until, Kind: "date"})
	boxes := calendarField{Name: "department", Label: r.P.T("emergency.departments"), Hint: r.P.T("emergency.departments_hint"), Kind: "boxes"}
	for i := range r.City.Departments {
		d := &r.City.Departments[i]
		if chosen := slices.Contains(sent.departments, d.ID); chosen || d.On(r.Today) {
			boxes.Options = append(boxes.Options, option{Value: d.ID, Words: r.Words(d.Name), Selected: chosen})
		}
	}
	f.put(errs, boxes)
	return f
}

// fillEmergency makes one of what was typed, and notes what cannot be read.
func (r *Request) fillEmergency(errs *formErrors, id string, e *kpi.Emergency, sent *emergencySent) {
	if e.What != sent.what || e.Reason != sent.reason {
		e.What, e.Reason, e.Lang = sent.what, sent.reason, r.Lang
	}
	e.Departments = sent.departments
	if e.What == "" {
		errs.add(id+"-what", r.P.T("emergency.wrong.what"))
	}
	if e.Reason == "" {
		errs.add(id+"-reason", r.P.T("calendar.wrong.reason"))
	}
	e.From = r.dayTyped(errs, id+"-from", sent.from)
	e.Until = r.dayTyped(errs, id+"-until", sent.until)
	if e.From.IsZero() && errs.Wrong(id+"-from") == "" {
		errs.add(id+"-from", r.P.T("emergency.wrong.from"))
	}
}

// emergencyError notes what is wrong with one at a field of its form, and whether somebody else was faster. It returns the error if it is none that a reader can mend.
func (r *Request) emergencyError(errs *formErrors, id string, err error) (conflict bool, _ error) {
	var p meeting.EmergencyProblem
	if !errors.As(err, &p) {
		if kpi.ErrorCode(err) != kpi.CodeConflict {
			return false, err
		}
		errs.add("", r.P.T("calendar.wrong.conflict"))
		return true, nil
	}
	switch p {
	case meeting.EmergencyNoName:
		errs.add(id+"-what", r.P.T("emergency.wrong.what"))
	case meeting.EmergencyNoReason:
		errs.add(id+"-reason", r.P.T("calendar.wrong.reason"))
	case meeting.EmergencyDay:
		errs.add(id+"-from", r.P.T("emergency.wrong.from"))
	case meeting.EmergencyDates:
		errs.add(id+"-until", r.P.T("emergency.wrong.dates"))
	case meeting.EmergencyLong:
		errs.add(id+"-what", r.P.T("emergency.wrong.long", "what", meeting.MaxWhose, "reason", meeting.MaxReason))
	default:
		errs.add("", r.P.T("emergency.wrong.change"))
	}
	return false, nil
}

func loadEmergency(ctx context.Context, r *Request) (Content, error) {
	return r.oneEmergency(ctx, formErrors{}, &emergencySent{})
}

// oneEmergency is the page of one, with what came of a form.
func (r *Request) oneEmergency(ctx context.Context, errs formErrors, sent *emergencySent) (Content, error) {
	history, err := r.readEmergency(ctx)
	if err != nil {
		return Content{}, err
	}
	in, err := r.emergencyInputs(ctx)
	if err != nil {
		return Content{}, err
	}
	e := &history[len(history)-1]
	d := emergencyData{formErrors: errs, One: r.emergencyView(e, in)}
	if r.Person.MayAnywhere(account.ConveneMeetings) && !e.Void {
		d.Forms = r.emergencyForms(e, &errs, sent)
	}
	if sent.conflict {
		for _, text := range []string{sent.what, sent.reason, sent.from, sent.until} {
			if text != "" {
				d.Typed = append(d.Typed, text)
			}
		}
	}
	for i := range history {
		h := &history[i]
		title := "emergency.told.changed"
		switch {
		case i == 0:
			title = "people.action.emergency.declared"
		case h.Void:
			title = "people.action.emergency.void"
		}
		d.Told = append(d.Told, toldEmergency{Title: r.P.T(title), View: r.emergencyView(h, nil), At: r.at(h.At), Who: h.By})
	}
	slices.Reverse(d.Told)
	if done := r.Query.Get("done"); slices.Contains([]string{"declared", "change", "void"}, done) {
		d.Notice = r.P.T("emergency.done." + done)
	}
	c := Content{Title: d.One.Link.Text, Summary: d.One.Days, Crumbs: r.emergencyCrumbs(true), Data: d}
	if len(errs.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	return c, nil
}

// readEmergency returns every revision of the emergency that the address names.
func (r *Request) readEmergency(ctx context.Context) ([]kpi.Emergency, error) {
	id, err := strconv.ParseInt(r.Params["number"], 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != r.Params["number"] || r.work.Emergencies == nil {
		return nil, kpi.Errorf(kpi.CodeNotFound, "there is no emergency %q", r.Params["number"])
	}
	history, err := r.work.Emergencies.EmergencyHistory(ctx, id)
	if err == nil && len(history) == 0 {
		err = kpi.Errorf(kpi.CodeNotFound, "there is no emergency %d", id)
	}
	return history, err
}

// emergencyForms are the forms that change one, and that call it off.
func (r *Request) emergencyForms(e *kpi.Emergency, errs *formErrors, sent *emergencySent) []calendarForm {
	revision := strconv.Itoa(e.Revision)
	v := &emergencySent{what: e.What, reason: e.Reason, from: e.From.String(), departments: e.Departments}
	if !e.Until.IsZero() {
		v.until = e.Until.String()
	}
	if sent.do == "change" {
		v = sent
	}
	change := r.emergencyForm("change", emergencyPath(e.ID), revision, errs, v)
	change.Title, change.Button, change.Open = r.P.T("emergency.change"), r.P.T("emergency.change_button"), sent.do == "change"
	void := calendarForm{
		ID: "void", Do: "void", Title: r.P.T("emergency.void"), Action: emergencyPath(e.ID), Revision: revision, Notes: []string{r.P.T("emergency.void_note")}, Button: r.P.T("emergency.void_button"), Open: sent.do == "void",
	}
	why := r.calendarReason("")
	why.Hint = r.P.T("emergency.reason_hint")
	if sent.do == "void" {
		why.Value = sent.reason
	}
	void.put(errs, why)
	return []calendarForm{change, void}
}

// postEmergency changes one, or calls it off.
func postEmergency(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	history, err := r.readEmergency(ctx)
	if err != nil {
		return Posted{}, err
	}
	e, sent := history[len(history)-1], r.emergencySent(form)
	var errs formErrors
	switch {
	case sent.do != "change" && sent.do != "void":
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say what to do")
	case form.Get("revision") != strconv.Itoa(e.Revision):
		err = kpi.Errorf(kpi.CodeConflict, "somebody else changed the emergency")
	case sent.do == "void":
		if e.Void, e.Why = true, sent.reason; sent.reason == "" {
			errs.add("void-reason", r.P.T("calendar.wrong.reason"))
		}
	default:
		r.fillEmergency(&errs, "change", &e, sent)
	}
	if err == nil && len(errs.Errors) == 0 {
		if err = r.work.Emergencies.SaveEmergency(ctx, &e, r.Person.By(), r.now); err == nil {
			return Posted{To: emergencyPath(e.ID) + "?done=" + sent.do}, nil
		}
	}
	if err != nil {
		if sent.conflict, err = r.emergencyError(&errs, sent.do, err); err != nil {
			return Posted{}, err
		}
	}
	content, err := r.oneEmergency(ctx, errs, sent)
	return Posted{Content: content, Status: statusOf(sent.conflict)}, err
}
