package pages

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// sentAgenda is a form of an agenda that was sent.
type sentAgenda struct {
	formErrors
	do       string
	key      string // of the item that it is about
	what     string // of what is added: indicator, topic or note
	chosen   string // which indicator or note
	topic    string
	minutes  string
	question string
	reason   string
	conflict bool
}

// agendaDoes are the forms of an agenda.
var agendaDoes = []string{"up", "down", "edit", "drop", "back", "force", "add"}

// postMeeting changes an agenda, and leads back to it.
func postMeeting(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return Posted{}, err
	}
	sent := &sentAgenda{
		do: form.Get("do"), key: form.Get("key"), what: form.Get("what"), chosen: form.Get("chosen"), topic: kpi.PlainText(form.Get("topic")), minutes: strings.TrimSpace(form.Get("minutes")),
		question: kpi.PlainText(form.Get("question")), reason: kpi.PlainText(form.Get("reason")),
	}
	if sent.do == "add" {
		sent.key = "" // what is added has one when it is there
	}
	if !slices.Contains(agendaDoes, sent.do) {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say what to do")
	}
	if !r.Person.MayAnywhere(account.PrepareMeetings) {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "your roles do not let you prepare a meeting")
	}
	if !meeting.MayMeeting(meeting.MeetingEdit, &s.m, r.Person, s.presides) {
		return r.againAgenda(ctx, sent, meeting.MeetingStands)
	}
	if form.Get("revision") != strconv.Itoa(s.m.Revision) {
		return r.againAgenda(ctx, sent, kpi.Errorf(kpi.CodeConflict, "somebody else changed the agenda"))
	}
	in, err := r.agendaInputs(ctx, s)
	if err != nil {
		return Posted{}, err
	}
	a := meeting.MakeAgenda(in)
	edits := editsOf(&s.m)
	by := r.Person.By()
	e := agendaEditor{Request: r, s: s, in: &in, a: &a, edits: &edits, sent: sent, by: by}
	if e.edit(); len(sent.Errors) > 0 {
		return r.againAgenda(ctx, sent, nil)
	}
	next, err := meeting.TurnMeeting(r.City, r.Cal, s.m, s.all, meeting.MeetingTurn{Step: meeting.MeetingEdit, Agenda: &edits}, by.Name, r.now)
	if err == nil {
		err = r.work.Meetings.SaveMeeting(ctx, &next, nil, by, r.now)
	}
	if err != nil {
		return r.againAgenda(ctx, sent, err)
	}
	to := url.Values{"done": {"saved"}}
	if sent.do == "up" || sent.do == "down" {
		to = url.Values{"done": {sent.do}, "at": {sent.key}}
	}
	address := meetingAddress(s.m.Series, s.m.Slot, "") + "?" + to.Encode()
	if sent.do == "edit" || sent.do == "back" || sent.do == "force" {
		address += "#" + agendaID(sent.key)
	}
	return Posted{To: address}, nil
}

// editsOf is a copy of what was changed of an agenda so far.
func editsOf(m *kpi.Meeting) kpi.AgendaEdits {
	e := m.Agenda
	e.Added, e.Dropped, e.Order = slices.Clone(e.Added), slices.Clone(e.Dropped), slices.Clone(e.Order)
	e.Minutes, e.Questions = maps.Clone(e.Minutes), maps.Clone(e.Questions)
	if e.Minutes == nil {
		e.Minutes = map[string]int{}
	}
	if e.Questions == nil {
		e.Questions = map[string]string{}
	}
	return e
}

// agendaEditor does what a form asks for.
type agendaEditor struct {
	*Request
	s     *sitting
	in    *meeting.AgendaInputs
	a     *meeting.Agenda
	edits *kpi.AgendaEdits
	sent  *sentAgenda
	by    account.By
}

// agendaAt returns where something stands among the items, or among what is not on the agenda; −1 if it does not.
func agendaAt(list []meeting.Item, key string) int {
	return slices.IndexFunc(list, func(it meeting.Item) bool { return it.Key == key })
}

// edit changes what the form asks for, and notes what is wrong with it.
func (e *agendaEditor) edit() {
	on, off := agendaAt(e.a.Items, e.sent.key), agendaAt(e.a.Left, e.sent.key)
	id := agendaID(e.sent.key)
	switch do := e.sent.do; {
	case do == "add":
		e.add()
	case (do == "back" || do == "force") && off < 0 || do != "back" && do != "force" && on < 0:
		e.sent.add("", e.P.T("agenda.error.gone"))
	case do == "up":
		e.swap(on-1, on)
	case do == "down":
		e.swap(on, on+1)
	case do == "edit":
		e.change(id, &e.a.Items[on])
	case do == "drop" && !meeting.MayDrop(&e.a.Items[on].AgendaItem):
		e.sent.add("", e.P.T("agenda.third_stays"))
	case do == "drop":
		if e.because(id + "-drop") {
			e.edits.Dropped = append(e.undropped(e.sent.key), kpi.AgendaDrop{Key: e.sent.key, Reason: e.sent.reason, At: e.now.UTC().Round(0), By: e.by.Name})
		}
	case do == "back":
		e.edits.Dropped = e.undropped(e.sent.key)
	case do == "force":
		if it := &e.a.Left[off]; e.because(id + "-force") {
			e.put(kpi.AgendaItem{Key: it.Key, Indicator: it.Indicator, Lang: e.Lang, Reason: e.sent.reason})
		}
	}
}

// swap lets two things of a part change places.
func (e *agendaEditor) swap(i, k int) {
	if i < 0 || k >= len(e.a.Items) || !meeting.Swaps(&e.a.Items[i], &e.a.Items[k]) {
		return // it is at the end already
	}
	order := make([]string, len(e.a.Items))
	for n := range e.a.Items {
		order[n] = e.a.Items[n].Key
	}
	order[i], order[k] = order[k], order[i]
	e.edits.Order = order
}

// change gives an item another time and another question.
func (e *agendaEditor) change(id string, it *meeting.Item) {
	n, ok := e.time(id + "-minutes")
	if c := utf8.RuneCountInString(e.sent.question); c > meeting.MaxAgendaText {
		e.sent.add(id+"-question", e.P.T("feedback.error.long", "n", c, "max", meeting.MaxAgendaText))
		return
	}
	if !ok {
		return
	}
	if n != it.Minutes {
		e.edits.Minutes[it.Key] = n
	}
	delete(e.edits.Questions, it.Key)
	if e.sent.question != "" {
		e.edits.Questions[it.Key] = e.sent.question
	}
}

// time reads a number of minutes.
func (e *agendaEditor) time(field string) (int, bool) {
	n, err := strconv.Atoi(e.sent.minutes)
	if err != nil || n < meeting.MinMinutes || n > meeting.MaxItemMinutes {
		e.sent.add(field, e.P.T("agenda.error.minutes", "min", meeting.MinMinutes, "max", meeting.MaxItemMinutes))
		return 0, false
	}
	return n, true
}

// because reports whether a reason was given that can be kept.
func (e *agendaEditor) because(field string) bool {
	n := utf8.RuneCountInString(e.sent.reason)
	switch {
	case strings.TrimSpace(e.sent.reason) == "":
		e.sent.add(field, e.P.T("agenda.error.reason"))
	case n > meeting.MaxAgendaText:
		e.sent.add(field, e.P.T("feedback.error.long", "n", n, "max", meeting.MaxAgendaText))
	}
	return len(e.sent.Errors) == 0
}

// undropped is what was dropped, without an item.
func (e *agendaEditor) undropped(key string) []kpi.AgendaDrop {
	return slices.DeleteFunc(e.edits.Dropped, func(d kpi.AgendaDrop) bool { return d.Key == key })
}

// put puts something onto the agenda, once. The minutes that are typed for it now hold, and not those that it had before.
func (e *agendaEditor) put(o kpi.AgendaItem) {
	e.edits.Dropped = e.undropped(o.Key)
	e.edits.Added = slices.DeleteFunc(e.edits.Added, func(other kpi.AgendaItem) bool { return other.Key == o.Key })
	e.edits.Added = append(e.edits.Added, o)
	if o.Minutes != 0 {
		delete(e.edits.Minutes, o.Key)
	}
}

// add puts an indicator, a topic or one that was left for later onto the agenda.
func (e *agendaEditor) add() {
	o := kpi.AgendaItem{Lang: e.Lang, Reason: e.sent.reason}
	field := "add-" + e.sent.what
	var ok bool
	switch e.sent.what {
	case "indicator":
		r := e.in.Live.Result(e.sent.chosen)
		if ok = r != nil && e.s.series.Takes(r.Indicator.Department); ok {
			o.Key, o.Indicator = meeting.IndicatorKey(r.Indicator.ID), r.Indicator.ID
		}
	case "note":
		for _, n := range meeting.Parked(e.in.Notes, e.s.all) {
			if strconv.FormatInt(n.ID, 10) == e.sent.chosen {
				o.Key, o.Note, o.Text, o.Lang, ok = meeting.NoteKey(n.ID), n.ID, n.Text, n.Lang, true
			}
		}
	case "topic":
		o.Key, o.Text, ok = e.nextTopic(), e.sent.topic, true
		if n := utf8.RuneCountInString(o.Text); n > kpi.MaxCommitment {
			e.sent.add(field, e.P.T("feedback.error.long", "n", n, "max", kpi.MaxCommitment))
		} else if strings.TrimSpace(o.Text) == "" || strings.ContainsAny(o.Text, "\n\t") {
			e.sent.add(field, e.P.T("agenda.error.topic"))
		}
	}
	if !ok {
		e.sent.add(field, e.P.T("agenda.error.choose"))
	} else if agendaAt(e.a.Items, o.Key) >= 0 {
		e.sent.add(field, e.P.T("agenda.error.there"))
	}
	o.Minutes, _ = e.time(field + "-minutes")
	if e.because(field + "-reason") {
		e.put(o)
	}
}

// nextTopic is the key of a topic that is not there yet.
func (e *agendaEditor) nextTopic() string {
	n := 1
	for slices.ContainsFunc(e.edits.Added, func(o kpi.AgendaItem) bool { return o.Key == meeting.TopicKey(n) }) {
		n++
	}
	return meeting.TopicKey(n)
}

// againAgenda shows the page with what was typed and why it was not kept.
func (r *Request) againAgenda(ctx context.Context, sent *sentAgenda, err error) (Posted, error) {
	problem := meeting.MeetingProblem("")
	switch {
	case err == nil:
	case errors.As(err, &problem) && problem == meeting.MeetingStands:
		sent.conflict = true
		sent.add("", r.P.T("agenda.error.locked"))
	case kpi.ErrorCode(err) == kpi.CodeConflict:
		sent.conflict = true
		sent.add("", r.P.T("agenda.error.conflict"))
	case problem == meeting.MeetingLong: // each text has been measured: it is how much there is
		sent.add("", r.P.T("agenda.error.full"))
	default:
		return Posted{}, err
	}
	content, err := r.meetingContent(ctx, sent)
	return Posted{Content: content, Status: statusOf(sent.conflict)}, err
}
