package pages

import (
	"context"
	"strings"
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

var meetingPage = Page{
	Name: "meeting", Path: meetingPath, Role: StaffOnly, Needs: account.SeeStaff, Sends: account.PrepareMeetings, Query: []string{"done", "at"}, Load: loadMeeting, Post: postMeeting,
}

// meetingData is a meeting that is being prepared: its agenda, and what whoever prepares it may change.
type meetingData struct {
	formErrors
	Stages  stagesView
	Heading string
	Notice  string
	Says    string // that the agenda is locked, or that there is none
	Facts   []agendaFact
	Over    string // the items take longer than booked
	Parts   []agendaPart
	Tail    []string
	Left    []agendaItem
	Add     []agendaForm // none: the reader may not
	Typed   []Words      // what could not be kept
	Since   sinceView
	Off     bool // it does not take place, and nothing went out for it
}

// agendaFact is something that is known of a meeting, in a few words.
type agendaFact struct {
	Label string
	When  Moment // Text is "" where it is no time
	Text  string
	Class kpi.PublicStatus // of a warning
}

// agendaPart is a part of an agenda.
type agendaPart struct {
	ID    string
	Title string
	Time  string
	Items []agendaItem
}

// agendaItem is one thing on an agenda, or one that is not on it.
type agendaItem struct {
	Key, ID  string
	Rule     string
	Also     string
	Request  bool
	Link     Link // of what it is about; URL is "" of a topic
	Chip     *Chip
	Fine     string
	Value    Value
	Period   string
	Flags    []string
	Facts    []string // sentences
	Now      []string // how it stands now, where that is not as the memo has it
	Why      string
	Promise  *commitmentView
	Time     string
	Question Words
	Reason   Words  // why it was added, or dropped
	Out      string // why it is not on the agenda
	Links    []Link
	Stays    string // why it cannot be dropped
	Move     *agendaMove
	Forms    []agendaForm
}

// agendaMove are the buttons by which an item changes places, or comes back.
type agendaMove struct {
	Action   string
	Revision int
	Key      string
	About    string // for whoever does not see where the button stands
	Buttons  []agendaButton
}

type agendaButton struct {
	Do, Text string
	Focus    bool // it was pressed last, or the other one that is no longer there
}

// agendaForm is a folded form.
type agendaForm struct {
	Action   string
	Revision int
	Key      string // of the item that it changes; "" of one that adds something
	Do, What string
	Title    string
	About    string
	Send     string
	Open     bool // it was sent and is shown again
	Fields   []agendaField
}

// agendaField is a field of such a form.
type agendaField struct {
	ID, Name, Label string
	Kind            string // minutes, line, text or choice
	Hint, Wrong     string
	Value           string
	Needed          bool
	Options         []option
}

func loadMeeting(ctx context.Context, r *Request) (Content, error) { return r.meetingContent(ctx, nil) }

// meetingContent is the page; sent is a form that is shown again, nil if there is none.
func (r *Request) meetingContent(ctx context.Context, sent *sentAgenda) (Content, error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return Content{}, err
	}
	in, err := r.agendaInputs(ctx, s)
	if err != nil {
		return Content{}, err
	}
	d := meetingData{
		Stages: r.stages(s, ""), Heading: r.P.T("agenda.title", "date", r.P.Date(s.m.Date)), Off: s.m.State == kpi.MeetingCancelled && s.m.Memo == nil,
	}
	if done := r.Query.Get("done"); done == "saved" || done == "up" || done == "down" {
		d.Notice = r.P.T("agenda.notice.saved")
	}
	v := agendaViewer{Request: r.liveRequest(in.Live), s: s, in: &in, sent: sent, may: meeting.MayMeeting(meeting.MeetingEdit, &s.m, r.Person, s.presides)}
	if !d.Off {
		if err := v.agenda(ctx, &d); err != nil {
			return Content{}, err
		}
	}
	if _, d.Since, err = v.changedSince(ctx, s, in.Live); err != nil {
		return Content{}, err
	}
	d.Says = r.agendaSays(&s.m)
	content := Content{Title: d.Heading, Summary: r.P.T("agenda.summary"), Crumbs: []Link{{URL: d.Stages.Series.URL, Words: d.Stages.Series.Words}}}
	if sent != nil {
		d.formErrors, content.Title = sent.formErrors, r.errorTitle(d.Heading)
	}
	content.Data = d
	return content, nil
}

// agendaSays says what an agenda is, where it is not being prepared.
func (r *Request) agendaSays(m *kpi.Meeting) string {
	switch {
	case m.State == kpi.MeetingCancelled:
		return r.P.T("agenda.cancelled")
	case m.Memo != nil:
		return r.P.T("agenda.locked")
	case m.State != kpi.MeetingPlanned:
		return r.P.T("agenda.without")
	}
	return ""
}

// agendaViewer writes an agenda for a reader. Its request is that of the live scorecard.
type agendaViewer struct {
	*Request
	s    *sitting
	in   *meeting.AgendaInputs
	sent *sentAgenda
	may  bool                 // the reader may change the agenda
	then *scorecard.Scorecard // that was frozen with the memo; nil: none was
	told bool                 // how an item stands now is told
}

// agenda writes what is on the agenda, and what is not.
func (v *agendaViewer) agenda(ctx context.Context, d *meetingData) error {
	m := &v.s.m
	if m.Memo != nil && (m.State == kpi.MeetingReady || m.State == kpi.MeetingOpen) {
		v.told = true
		var err error
		if v.then, err = v.work.Meetings.FrozenCard(ctx, m.Series, m.Slot, kpi.FrozenMemo); err != nil {
			return err
		}
	}
	a := meeting.MakeAgenda(*v.in)
	d.Facts = v.facts(&a)
	if over := a.Over(); over > 0 && v.may {
		d.Over = v.P.T("agenda.minutes.over", "time", v.P.Span(agendaMinutes(over)))
	}
	for _, part := range kpi.AgendaParts {
		p := agendaPart{ID: string(part), Title: v.P.T("agenda.part." + string(part))}
		total := 0
		for i := range a.Items {
			if it := &a.Items[i]; it.Part == part {
				total += it.Minutes
				view := v.item(it)
				v.moves(&view, i > 0 && meeting.Swaps(&a.Items[i-1], it), i+1 < len(a.Items) && meeting.Swaps(it, &a.Items[i+1]))
				p.Items = append(p.Items, view)
			}
		}
		if total > 0 {
			p.Time = v.P.Span(agendaMinutes(total))
		}
		d.Parts = append(d.Parts, p)
	}
	for i := range a.Left {
		d.Left = append(d.Left, v.item(&a.Left[i]))
	}
	if a.Steady > 0 {
		d.Tail = append(d.Tail, v.P.N("agenda.steady", a.Steady))
	}
	if a.Waiting > 0 && m.Memo == nil {
		d.Tail = append(d.Tail, v.P.N("agenda.waiting", a.Waiting))
	}
	v.addForms(d, &a)
	v.lost(d, &a)
	return nil
}

func agendaMinutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// facts are when the memo is due, or went out, and how long the items take.
func (v *agendaViewer) facts(a *meeting.Agenda) []agendaFact {
	var list []agendaFact
	switch m := &v.s.m; {
	case m.Memo != nil:
		list = append(list, agendaFact{Label: v.P.T("agenda.memo.out"), When: v.at(m.Memo.At)})
	case m.State == kpi.MeetingPlanned:
		f := agendaFact{Label: v.P.T("agenda.memo.due"), When: v.at(v.s.memoDue)}
		if left := v.s.memoDue.Sub(v.now); left >= 0 {
			f.Text = v.P.T("agenda.memo.left", "time", v.P.Span(left))
		} else {
			f.Text, f.Class = v.P.T("commitments.late", "time", v.P.Span(-left)), kpi.PublicOffTrack
		}
		list = append(list, f)
	}
	planned := agendaFact{Label: v.P.T("agenda.minutes.planned"), Text: v.P.Span(agendaMinutes(a.Minutes))}
	if a.Over() > 0 {
		planned.Class = kpi.PublicOffTrack
	}
	return append(list, planned, agendaFact{Label: v.P.T("agenda.minutes.booked"), Text: v.P.Span(agendaMinutes(a.Booked))})
}

// agendaID is the id of an item's element.
func agendaID(key string) string { return "item-" + strings.ReplaceAll(key, "/", "-") }

// item writes one thing.
func (v *agendaViewer) item(it *meeting.Item) agendaItem {
	w := agendaItem{
		Key: it.Key, ID: agendaID(it.Key), Rule: v.P.CardRule(meeting.CardRule(it.Rule)), Why: i18n.AgendaWhy(v.P, &it.AgendaItem), Time: v.P.Span(agendaMinutes(it.Minutes)),
		Reason: own(it.Reason), Link: Link{Words: v.typed(it.Text, it.Lang)},
	}
	question, _ := i18n.AgendaQuestion(v.P, &it.AgendaItem)
	w.Question = own(question)
	var also []string
	for _, rule := range it.Also {
		also = append(also, v.P.CardRule(meeting.CardRule(rule)))
	}
	if len(also) > 0 {
		w.Also = v.P.T("card.also", "list", strings.Join(also, "; "))
	}
	if it.Out != "" {
		w.Out = v.P.T("agenda.out." + it.Out)
	}
	switch {
	case it.Promise != nil:
		p := v.commitment(it.Promise, v.Today, true)
		w.Promise, w.Link, w.Request = &p, p.Link, it.Promise.Kind == kpi.CommitmentRequest
		if meeting.CardRule(it.Rule) == meeting.RuleOverdue && v.s.m.Memo == nil && !it.Promise.Due.Before(v.Today) {
			w.Rule = v.P.T("agenda.rule.overdue_then")
		}
	case it.Indicator != "":
		v.number(&w, it)
	case it.LaterTopic != nil:
		w.Facts = append(w.Facts, v.P.T("agenda.add.note")+": "+v.P.Date(it.LaterTopic.Slot))
	}
	v.stands(&w, it)
	v.forms(&w, it)
	return w
}

// number writes an indicator: as it is now, or, of a memo that is out, as that has it.
func (v *agendaViewer) number(w *agendaItem, it *meeting.Item) {
	w.Link.Words = own(it.Indicator)
	if it.Card == nil {
		return
	}
	ind := it.Card.Result.Indicator
	w.Link = Link{URL: staffIndicatorPath(ind.ID), Words: v.Words(ind.Name)}
	if v.s.m.Memo != nil {
		c := v.chip(it.Status)
		w.Chip, w.Value = &c, v.Value(ind, it.Value)
		if p, err := v.Cal.Parse(it.Period); err == nil {
			w.Period = v.P.Period(p)
		}
		return
	}
	c := v.card(it.Card)
	w.Chip, w.Fine, w.Value, w.Period, w.Flags, w.Links = &c.Chip, c.Fine, c.Value, c.Period, c.Flags, c.Links
	if c.Said != "" {
		w.Flags = append(w.Flags, c.Said)
	}
	for _, said := range []string{c.Reason, c.Move} {
		if said != "" {
			w.Facts = append(w.Facts, said)
		}
	}
}

// stands says how something of a memo stands now, where that is otherwise.
func (v *agendaViewer) stands(w *agendaItem, it *meeting.Item) {
	if !v.told {
		return
	}
	m := meeting.MovedSince(&it.AgendaItem, v.then, v.in.Live, v.in.Commitments)
	w.Now = i18n.MovedSentences(v.P, v.City, v.Cal, &m)
}
