package pages

import (
	"context"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/meeting"
)

var publicMeetingPage = Page{Name: "public_meeting", Path: publicMeetingsPath + "/:series/:date", Role: Everyone, Load: loadPublicMeeting}

// publicMeetingData is one meeting as residents read of it.
type publicMeetingData struct {
	publicMeetingRow
	Day         string
	Name        Words
	Purpose     Words
	When        Moment
	Chair       Words
	Departments []Link
	Taken       string // how long it took; "" if it was not held
	Agenda      []publicAgendaPart
	NoAgenda    string // why there is none
	Internal    string // how much of the agenda is for the staff alone; "" if nothing is
	Decisions   []publicDecision
	Promises    []commitmentView
	Held        bool
	Before      Link // the meeting of the series before it; URL is "" if there is none
	After       Link
}

// publicAgendaPart is a part of an agenda.
type publicAgendaPart struct {
	Part  kpi.AgendaPart
	Title string
	Items []publicAgendaItem
}

// publicAgendaItem is a public indicator, or a promise that residents may read, with the rule by which it was on the agenda.
type publicAgendaItem struct {
	Link Link // URL is "" of a promise about nothing that has a page
	Why  string
	Now  Chip // how the indicator, or the promise, stands in what is published now
}

func loadPublicMeeting(_ context.Context, r *Request) (Content, error) {
	slot, err := kpi.ParseDate(r.Params["date"])
	if err != nil || slot.String() != r.Params["date"] {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "%q is no day", r.Params["date"])
	}
	m := r.publicMeetingAt(r.Params["series"], slot)
	if m == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "residents read of no meeting %s of %q", slot, r.Params["series"])
	}
	s := r.City.Series(m.Series)
	of := r.publicSeriesView(s)
	d := publicMeetingData{
		publicMeetingRow: r.publicMeetingRow(m), Day: r.P.Date(m.Date), Name: of.Name, Purpose: of.Purpose, When: r.at(m.Start(r.Cal.Location)), Chair: r.person(m.Chair),
		Departments: of.Departments, Held: m.State.Held(),
	}
	if !m.Opened.IsZero() && m.Over.After(m.Opened) {
		d.Taken = r.P.Span(m.Over.Sub(m.Opened).Round(time.Minute))
	}
	r.publicAgenda(&d, m)
	for _, n := range r.publicDecisionsOf(m) {
		d.Decisions = append(d.Decisions, r.publicDecision(&n, nil))
	}
	promised := r.publicPromisesIn(m)
	r.byUrgency(promised, r.Card.AsOf)
	for i := range promised {
		v := r.commitment(&promised[i], r.Card.AsOf, true)
		v.Meeting = nil // the page is about it
		d.Promises = append(d.Promises, v)
	}
	d.Before, d.After = r.publicNeighbours(m)
	return Content{
		Title: r.publicMeetingLink(m).Text, Summary: r.P.T("publicmeeting.intro"), Data: d, Crumbs: []Link{{URL: r.To(publicMeetingsPath), Words: own(r.P.T("publicmeeting.title"))}},
	}, nil
}

// publicAgenda puts what residents may read of an agenda on the page, once the meeting has begun.
func (r *Request) publicAgenda(d *publicMeetingData, m *kpi.Meeting) {
	if m.Memo == nil || !m.State.Held() {
		why := "none"
		if !m.State.Held() {
			why = string(meeting.OutcomeOf(m, r.metAt(), r.Cal.Location))
		}
		d.NoAgenda = r.P.T("publicmeeting.agenda." + why)
		return
	}
	internal := 0
	for _, part := range kpi.AgendaParts {
		p := publicAgendaPart{Part: part, Title: r.P.T("publicmeeting.part." + string(part))}
		for i := range m.Memo.Items {
			if m.Memo.Items[i].Part != part {
				continue
			}
			if item, ok := r.publicAgendaItem(&m.Memo.Items[i]); ok {
				p.Items = append(p.Items, item)
			} else {
				internal++
			}
		}
		if len(p.Items) > 0 {
			d.Agenda = append(d.Agenda, p)
		}
	}
	if internal > 0 {
		d.Internal = r.P.T("publicmeeting.internal", "n", internal)
	}
	if len(d.Agenda) == 0 {
		d.NoAgenda = r.P.T("publicmeeting.agenda.internal")
	}
}

// publicAgendaItem is one thing on an agenda; ok is false of what is for the staff alone. Of an indicator whose numbers are kept back it is not told by which rule it was
// there.
func (r *Request) publicAgendaItem(it *kpi.AgendaItem) (v publicAgendaItem, ok bool) {
	why := ""
	if it.Rule != "" {
		why = r.P.T("publicmeeting.rule." + it.Rule)
	}
	if it.Commitment != 0 {
		k := slices.IndexFunc(r.Card.Commitments, func(c kpi.Commitment) bool { return c.ID == it.Commitment && c.Public })
		if k < 0 {
			return v, false
		}
		c := &r.Card.Commitments[k]
		v = publicAgendaItem{Link: Link{Words: r.typed(c.Text, c.Lang)}, Why: why, Now: r.commitmentChip(c, r.Card.AsOf)}
		if res, err := r.public(c.Indicator); err == nil {
			v.Link.URL = r.To("/indicators/" + res.Indicator.ID + "#doing")
		}
		return v, true
	}
	res, err := r.public(it.Indicator)
	if err != nil || it.Note != 0 || it.Text != "" {
		return v, false
	}
	if res.Indicator.Suppress > 1 {
		why = ""
	}
	return publicAgendaItem{
		Link: Link{URL: r.To("/indicators/" + res.Indicator.ID), Words: r.Words(res.Indicator.Name)}, Why: why, Now: r.chip(res.Assessment.Status),
	}, true
}

// publicNeighbours are the meetings of a series before and after one.
func (r *Request) publicNeighbours(m *kpi.Meeting) (before, after Link) {
	var list []kpi.Meeting
	for _, o := range r.publicMeetings() {
		if o.Series == m.Series {
			list = append(list, o)
		}
	}
	at := slices.IndexFunc(list, func(o kpi.Meeting) bool { return o.Slot == m.Slot })
	link := func(k int, word string) Link {
		if k < 0 || k >= len(list) {
			return Link{}
		}
		return Link{URL: r.To(publicMeetingPath(&list[k])), Words: own(r.P.T(word, "date", r.P.Date(list[k].Date)))}
	}
	return link(at-1, "publicmeeting.before"), link(at+1, "publicmeeting.after")
}
