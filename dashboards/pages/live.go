package pages

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// Whoever presides records too, whatever their roles are: who may write is the rule's to say, see [meeting.MayRecord].
var livePage = Page{
	Name: "meeting_live", Path: meetingPath + liveBelow, Role: StaffOnly, Needs: account.SeeStaff, Sends: account.SeeStaff, Own: "js/meeting.js",
	Query: []string{"item", "kind", "edit", "done"}, Load: loadLive, Post: postLive,
}

// liveData is a meeting while it is under way: its agenda, what is said of the current item, and what was written down.
type liveData struct {
	formErrors
	Stages   stagesView
	Action   string // of forms; it keeps the item
	Events   string // what tells of what others write
	Seen     string // what of it is on the page
	Notice   string
	Typed    string    // what was typed and could not be saved, where the page has no field for it
	Turn     *liveTurn // beginning or ending it; nil where the reader may not, or where there is neither
	Stands   string    // why nothing can be written down now; "" where it can
	Agenda   []liveLine
	Total    string
	Item     *liveItem // nil of a meeting without an agenda
	Form     *liveForm
	Edit     *liveEdit
	Entries  []liveEntry
	Slides   Link
	Next     Link // the next item; URL is "" of the last
	Previous Link
}

// liveTurn is the button that begins or ends a meeting.
type liveTurn struct{ Do, Button, Hint, Revision string }

// liveLine is an item of the agenda, beside the page.
type liveLine struct {
	Link
	Part    string // heading above it; "" where the one before has the same
	Minutes string
	Class   kpi.PublicStatus
	Word    string // where it stands
	Entries string // how much was written down for it; "" if nothing was
}

// liveItem is what is spoken of.
type liveItem struct {
	Place    string // in the agenda
	Heading  Words
	Rule     string
	Minutes  string
	Question Words
	Finding  string
	Summary  *Summary // of an indicator
	Promise  *commitmentView
	Blocker  Words
	ID       int64 // of the commitment
	Revision int
	Turns    []turnView // what the reader may do with it
	Doing    []commitmentView
	Slide    Link
	About    Link // the indicator's page
}

// liveForm is the one sentence that is written down, and what it is.
type liveForm struct {
	Kinds      []option
	Text       string
	Owners     []postOption
	Due, First string
	MayPublish bool
	Public     bool
	Focus      bool // the reader has just written something
}

// liveEdit is a note that is changed.
type liveEdit struct {
	ID         int64
	Revision   int
	Kind       string
	Text       string // as it was typed
	Why        string
	Theirs     *liveEntry // what somebody else made of it meanwhile
	Withdraw   bool       // it was to be withdrawn
	Earlier    []liveEntry
	Cancel     string
	Visibility string // the button that opens it to residents, or closes it; "" where the reader may not
	Do         string // of that button
}

// liveEntry is something that was written down.
type liveEntry struct {
	ID      string
	Kind    string
	Text    Words
	About   Words // the item
	Owner   holderView
	Due     Moment
	Public  bool
	Gone    string // that it was withdrawn, and why
	Changed bool
	Who     string
	At      Moment
	Link    Link   // to its page, or to the form that changes it; URL is "" where there is none
	key     string // of the item
	kind    string
}

// The kinds of what is written down, in the order in which they are offered.
const (
	liveDecision = "decision"
	livePromise  = "promise"
	liveRequest  = "request"
	liveLater    = "later"
)

var liveKinds = []string{liveDecision, livePromise, liveRequest, liveLater}

// sentLive is a form that was sent and is shown again.
type sentLive struct {
	formErrors
	form     *liveForm
	kind     string
	owner    string
	edit     *liveEdit
	turn     *sentTurn
	conflict bool
}

func loadLive(ctx context.Context, r *Request) (Content, error) { return r.live(ctx, nil) }

// liveAddress is the page with an item of the agenda.
func (s *sitting) liveAddress(item string) string {
	at := meetingAddress(s.series.ID, s.m.Slot, liveBelow)
	if item != "" {
		at += "?item=" + url.QueryEscape(item)
	}
	return at
}

// live is the page; sent is a form that is shown again, nil if there is none.
func (r *Request) live(ctx context.Context, sent *sentLive) (Content, error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return Content{}, err
	}
	rm, err := r.room(ctx, s)
	if err != nil {
		return Content{}, err
	}
	d := liveData{Stages: r.stages(s, liveBelow), Events: meetingAddress(s.series.ID, s.m.Slot, eventsBelow), Seen: r.traceOf(s, rm.in.Notes, rm.in.Commitments).mark()}
	d.Slides = Link{URL: meetingAddress(s.series.ID, s.m.Slot, slidesBelow), Words: own(r.P.T("meeting.stage.slides"))}
	if d.Entries, err = r.liveEntries(ctx, rm); err != nil {
		return Content{}, err
	}
	current := r.liveAgenda(&d, rm)
	key := ""
	if current >= 0 {
		key = rm.items[current].Key
		d.Item = r.liveItem(rm, current)
	}
	d.Action = s.liveAddress(key)
	may := meeting.MayRecord(r.Person, s.presides)
	r.liveState(&d, s, may)
	if may && d.Stands == "" {
		d.Form = r.liveForm(rm, current, sent)
	}
	if err := r.liveEdit(ctx, &d, s, may, sent); err != nil {
		return Content{}, err
	}
	if done := r.Query.Get("done"); slices.Contains(liveDone, done) && sent == nil {
		d.Notice = r.P.T("live.done." + done)
	}
	c := Content{Title: r.P.T("live.window", "name", s.series.Name, "date", r.P.Date(s.m.Date)), Summary: r.P.T("live.intro")}
	if sent != nil {
		d.formErrors = sent.formErrors
		r.liveAgain(&d, sent)
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c, nil
}

// liveDone is what can have been done just now.
var liveDone = []string{"begun", "ended", liveDecision, livePromise, liveRequest, liveLater, "changed", "withdrawn", "shown", "hidden", "kept", "reopened", "moved", "dropped"}

// liveState says whether something can be written down, and offers to begin or end the meeting.
func (r *Request) liveState(d *liveData, s *sitting, may bool) {
	m := &s.m
	for _, step := range []meeting.MeetingStep{meeting.MeetingBegin, meeting.MeetingEnd} {
		if meeting.MayMeeting(step, m, r.Person, s.presides) && (step != meeting.MeetingBegin || !meeting.Early(m, r.Cal.Location, r.now)) {
			d.Turn = &liveTurn{Do: string(step), Button: r.P.T("live.do." + string(step)), Hint: r.P.T("live.hint." + string(step)), Revision: strconv.Itoa(m.Revision)}
		}
	}
	switch {
	case m.State == kpi.MeetingCancelled, m.State == kpi.MeetingClosed:
		d.Stands = r.P.T("live.stands." + string(m.State))
	case !m.State.Held():
		d.Stands = r.P.T("live.stands.before")
	case !may:
		d.Stands = r.P.T("live.stands.reader")
	}
}

// liveAgenda lists the agenda, and returns the place of the current item; −1 if there is none.
func (r *Request) liveAgenda(d *liveData, rm *room) int {
	current := slices.IndexFunc(rm.items, func(it meeting.Item) bool { return it.Key == r.Query.Get("item") })
	if current < 0 && len(rm.items) > 0 {
		current = 0
	}
	total, part := 0, kpi.AgendaPart("")
	for i := range rm.items {
		it := &rm.items[i]
		l := liveLine{Link: Link{URL: rm.liveAddress(it.Key), Words: rm.heading(r, it), Current: i == current}, Minutes: r.minutes(it.Minutes)}
		if it.Part != part {
			part = it.Part
			l.Part = r.P.T("agenda.part." + string(part))
		}
		switch {
		case it.Promise != nil:
			chip := r.commitmentChip(it.Promise, r.Today)
			l.Class, l.Word = chip.Class, chip.Word
		case it.Commitment == 0 && it.Card != nil:
			chip := r.chip(it.Card.Result.Assessment.Status)
			l.Class, l.Word = chip.Class, chip.Word
		}
		n := 0
		for k := range d.Entries {
			if d.Entries[k].key == it.Key && d.Entries[k].Gone == "" {
				n++
			}
		}
		if n > 0 {
			l.Entries = r.P.N("live.entries", n)
		}
		total += it.Minutes
		d.Agenda = append(d.Agenda, l)
	}
	d.Total = r.P.T("slides.total", "minutes", r.minutes(total), "booked", r.minutes(rm.m.Minutes))
	if current > 0 {
		d.Previous = Link{URL: d.Agenda[current-1].URL, Words: own(r.P.T("live.previous"))}
	}
	if current+1 < len(d.Agenda) {
		d.Next = Link{URL: d.Agenda[current+1].URL, Words: own(r.P.T("live.next"))}
	}
	return current
}

// liveItem says what is spoken of, and offers what can be done with a commitment.
func (r *Request) liveItem(rm *room, at int) *liveItem {
	it := &rm.items[at]
	v := &liveItem{
		Place: r.P.T("slides.place", "n", at+1, "total", len(rm.items)), Heading: rm.heading(r, it), Rule: r.rule(it), Minutes: r.minutes(it.Minutes), Question: r.question(it),
		Slide: Link{URL: rm.slideOf(it.Key), Words: own(r.P.T("live.slide"))},
	}
	if ind := r.City.Indicator(it.Indicator); ind != nil {
		v.About = Link{URL: staffIndicatorPath(ind.ID), Words: own(r.P.T("slides.indicator"))}
	}
	if c := it.Promise; c != nil {
		view := r.commitment(c, r.Today, true)
		v.Promise, v.ID, v.Revision = &view, c.ID, c.Revision
		v.Turns = r.liveTurns(c)
		if c.Blocker != "" {
			v.Blocker = own(c.Blocker)
		}
		return v
	}
	if it.Card != nil && it.Commitment == 0 {
		sum := rm.seen.staffSummary(it.Card.Result)
		v.Summary, v.Finding = &sum, i18n.Headline(r.P, *it.Card.Result)
	}
	if it.Indicator != "" {
		for i := range rm.in.Commitments {
			if c := &rm.in.Commitments[i]; c.Indicator == it.Indicator && !c.State.Ended() && c.Source != rm.hereSource() {
				v.Doing = append(v.Doing, r.commitment(c, r.Today, false))
			}
		}
	}
	return v
}

// liveSteps are what is done with a commitment in a meeting, in the order in which it is offered.
var liveSteps = []meeting.CommitmentStep{meeting.CommitmentKeep, meeting.CommitmentReopen, meeting.CommitmentMove, meeting.CommitmentDrop}

// liveTurns are the steps that are taken in a meeting, as far as the reader may take them.
func (r *Request) liveTurns(c *kpi.Commitment) []turnView {
	var list []turnView
	for _, step := range liveSteps {
		for _, t := range r.turns(c, nil) {
			if t.Do == string(step) {
				list = append(list, t)
			}
		}
	}
	return list
}

// liveForm is the form for one sentence. Whoever may promise nothing in anybody's name writes decisions and topics.
func (r *Request) liveForm(rm *room, current int, sent *sentLive) *liveForm {
	f := &liveForm{First: r.Today.String(), MayPublish: meeting.MayPublishNote(r.Person), Focus: r.Query.Get("done") != ""}
	owner, due := "", r.Today.AddDays(meeting.LookBackDays)
	if next := r.meetingAfter(rm.sitting); next != nil {
		due = next.Date
	}
	if current >= 0 {
		it := &rm.items[current]
		switch ind := r.City.Indicator(it.Indicator); {
		case it.Promise != nil:
			owner = it.Promise.Owner
		case ind != nil:
			owner = ind.Owner
			if dep := r.City.Department(ind.Department); dep != nil {
				owner = cmp.Or(owner, dep.Head)
			}
		}
	}
	f.Due = due.String()
	kind := r.Query.Get("kind")
	if sent != nil && sent.form != nil {
		f.Text, f.Due, f.Public, kind, owner = sent.form.Text, sent.form.Due, sent.form.Public, sent.kind, sent.owner
	}
	f.Owners = r.owners(owner)
	if !slices.Contains(liveKinds, kind) {
		kind = livePromise
	}
	for _, k := range liveKinds {
		if (k == livePromise || k == liveRequest) && len(f.Owners) == 0 {
			continue
		}
		f.Kinds = append(f.Kinds, option{Value: k, Words: own(r.P.T("live.kind." + k)), Selected: k == kind})
	}
	if !slices.ContainsFunc(f.Kinds, func(o option) bool { return o.Selected }) {
		f.Kinds[0].Selected = true
	}
	return f
}

// liveAgain lays what was typed over the page.
func (r *Request) liveAgain(d *liveData, sent *sentLive) {
	switch {
	case sent.form != nil && d.Form == nil:
		d.Typed = sent.form.Text
	case sent.edit != nil && d.Edit == nil:
		d.Typed = strings.TrimSpace(sent.edit.Text + "\n" + sent.edit.Why)
	case sent.turn != nil && (d.Item == nil || !slices.ContainsFunc(d.Item.Turns, func(t turnView) bool { return t.Do == string(sent.turn.turn.Step) && (t.Needed || t.Dated) })):
		d.Typed = sent.turn.turn.Text
	}
	if sent.turn == nil || d.Item == nil {
		return
	}
	for i := range d.Item.Turns {
		if t := &d.Item.Turns[i]; t.Do == string(sent.turn.turn.Step) {
			t.Open, t.Text, t.Due = true, sent.turn.turn.Text, sent.turn.due
		}
	}
}
