package pages

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

const emergenciesPath = StaffRoot + "/emergencies"

// emergencyPath is the address of one.
func emergencyPath(id int64) string { return emergenciesPath + "/" + strconv.FormatInt(id, 10) }

var emergenciesPage = Page{
	Name: "emergencies", Path: emergenciesPath, Role: StaffOnly, Needs: account.SeeStaff, Sends: account.ConveneMeetings, Load: loadEmergencies, Post: postEmergencies,
}

// emergenciesData is the list of emergencies, the newest first, with a form for another one.
type emergenciesData struct {
	formErrors
	List []emergencyView
	Form *calendarForm // nil: the reader may declare none
}

// readEmergencies reads them; there are none where nobody keeps them.
func readEmergencies(ctx context.Context, store Emergencies) ([]kpi.Emergency, error) {
	if store == nil {
		return nil, nil
	}
	return store.Emergencies(ctx)
}

// emergencyView is an emergency in a list, or on top of a page while it lasts.
type emergencyView struct {
	Link        Link // its words are what it is called
	Reason      Words
	Days        string
	State       string
	Class       kpi.PublicStatus
	Departments []Words // none: all
	Why         string  // of one that was called off
	Counts      []count
	Covered     string
}

// emergencyView makes one. counted is nil where nobody counts.
func (r *Request) emergencyView(e *kpi.Emergency, in *meeting.EmergencyInputs) emergencyView {
	v := emergencyView{Link: Link{URL: emergencyPath(e.ID), Words: r.typed(e.What, e.Lang)}, Reason: r.typed(e.Reason, e.Lang), Why: e.Why}
	for _, id := range e.Departments {
		v.Departments = append(v.Departments, r.departmentName(id))
	}
	v.Days = r.P.T("emergency.from", "from", r.P.Date(e.From))
	if !e.Until.IsZero() {
		v.Days = r.P.T("emergency.days", "from", r.P.Date(e.From), "until", r.P.Date(e.Until))
	}
	switch {
	case e.Void:
		v.State = r.P.T("emergency.state.void")
	case r.Today.Before(e.From):
		v.State = r.P.T("emergency.state.coming")
	case !e.Until.IsZero() && e.Until.Before(r.Today):
		v.State = r.P.T("emergency.state.over")
	default:
		v.State, v.Class = r.P.T("emergency.state.now"), kpi.PublicOffTrack
	}
	if in == nil || e.Void {
		return v
	}
	c := meeting.CountEmergency(e, *in)
	v.Covered = r.P.T("emergency.covers", "n", c.Sum())
	for _, k := range []struct {
		name string
		n    int
	}{{"memos", c.Memos}, {"follow_ups", c.FollowUps}, {"commitments", c.Commitments}, {"commentaries", c.Commentaries}} {
		if k.n > 0 {
			v.Counts = append(v.Counts, count{r.P.T("emergency.covers." + k.name), r.Count(int64(k.n))})
		}
	}
	return v
}

// emergenciesNow are those that last today, for the top of a page.
func (r *Request) emergenciesNow(list []kpi.Emergency) []emergencyView {
	var now []emergencyView
	for i := range list {
		e := &list[i]
		if !e.Void && !r.Today.Before(e.From) && (e.Until.IsZero() || !r.Today.After(e.Until)) {
			now = append(now, r.emergencyView(e, nil))
		}
	}
	return now
}

// emergencyInputs reads what the deadlines of emergencies are counted in.
func (r *Request) emergencyInputs(ctx context.Context) (*meeting.EmergencyInputs, error) {
	in := &meeting.EmergencyInputs{City: r.City, Loc: r.Cal.Location, Today: r.Today}
	var err error
	if r.work.Meetings != nil {
		if in.Meetings, err = r.work.Meetings.Meetings(ctx, kpi.PaperQuery{}); err != nil {
			return nil, err
		}
	}
	if r.work.Commitments != nil {
		if in.Commitments, err = r.work.Commitments.Commitments(ctx, kpi.PaperQuery{}); err != nil {
			return nil, err
		}
	}
	in.Commentaries, err = r.commentaryDates(ctx)
	return in, err
}

// commentaryDates are the days on which commentary was due: about numbers that somebody explained, and about those that nobody has explained yet.
func (r *Request) commentaryDates(ctx context.Context) ([]meeting.DatedDuty, error) {
	if r.work.Commentaries == nil {
		return nil, nil
	}
	said, err := r.work.Commentaries.Commentaries(ctx, kpi.PaperQuery{})
	if err != nil {
		return nil, err
	}
	var list []meeting.DatedDuty
	known := map[string]bool{}
	first, work := r.work.firstLoad(ctx, r.Cal), r.City.Workdays()
	for i := range said {
		c := &said[i]
		ind := r.City.Indicator(c.Indicator)
		p, err := r.Cal.Parse(c.Period)
		if ind == nil || err != nil || !c.Miss {
			continue
		}
		came, err := first(ind.Dataset, ind.SettledOn(p))
		if err != nil {
			return nil, err
		}
		known[c.Indicator+" "+c.Period] = true
		list = append(list, meeting.DatedDuty{Due: meeting.CommentaryDue(ind, p, came, work), Department: ind.Department})
	}
	live, err := r.staff.Live(ctx)
	if err != nil {
		r.log.WarnContext(ctx, "the live scorecard cannot be made, so commentary that nobody has written counts in no emergency", "err", err)
		return list, nil
	}
	misses, err := r.work.misses(ctx, live, r.City, r.Cal, said)
	if err != nil {
		return nil, err
	}
	for id, m := range misses {
		if ind := r.City.Indicator(id); ind != nil && !known[id+" "+m.Period.ID] {
			list = append(list, meeting.DatedDuty{Due: m.Due, Department: ind.Department})
		}
	}
	return list, nil
}

func loadEmergencies(ctx context.Context, r *Request) (Content, error) {
	return r.emergencyList(ctx, formErrors{}, &emergencySent{})
}

// emergencyList is the page, with what came of a form.
func (r *Request) emergencyList(ctx context.Context, errs formErrors, sent *emergencySent) (Content, error) {
	if r.work.Emergencies == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "nobody keeps emergencies here")
	}
	list, err := r.work.Emergencies.Emergencies(ctx)
	if err != nil {
		return Content{}, err
	}
	in, err := r.emergencyInputs(ctx)
	if err != nil {
		return Content{}, err
	}
	d := emergenciesData{formErrors: errs}
	for i := range list {
		d.List = append(d.List, r.emergencyView(&list[i], in))
	}
	slices.Reverse(d.List)
	if r.Person.MayAnywhere(account.ConveneMeetings) {
		f := r.emergencyForm("declare", emergenciesPath, "", &errs, sent)
		f.Title, f.Button = r.P.T("emergency.declare"), r.P.T("emergency.declare_button")
		d.Form = &f
	}
	c := Content{Title: r.P.T("emergency.title"), Summary: r.P.T("emergency.intro"), Data: d, Crumbs: r.emergencyCrumbs(false)}
	if len(errs.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	return c, nil
}

// emergencyCrumbs is the way to pages about emergencies.
func (r *Request) emergencyCrumbs(below bool) []Link {
	var list []Link
	if calendarPage.Shown(r) {
		list = append(list, Link{URL: MeetingsRoot, Words: own(r.P.T("calendar.title"))})
	}
	if below {
		list = append(list, Link{URL: emergenciesPath, Words: own(r.P.T("emergency.title"))})
	}
	return list
}

// postEmergencies declares one.
func postEmergencies(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	if r.work.Emergencies == nil {
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "nobody keeps emergencies here")
	}
	sent := r.emergencySent(form)
	var errs formErrors
	e := kpi.Emergency{Lang: r.Lang}
	r.fillEmergency(&errs, "declare", &e, sent)
	if len(errs.Errors) == 0 {
		err := r.work.Emergencies.SaveEmergency(ctx, &e, r.Person.By(), r.now)
		if err == nil {
			return Posted{To: emergencyPath(e.ID) + "?done=declared"}, nil
		}
		if _, err := r.emergencyError(&errs, "declare", err); err != nil {
			return Posted{}, err
		}
	}
	content, err := r.emergencyList(ctx, errs, sent)
	return Posted{Content: content}, err
}
