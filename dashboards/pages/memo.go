package pages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// Everybody who may see the staff's pages reads a memo; who may send it is the rule's to say.
var memoPage = Page{
	Name: "memo", Path: meetingPath + memoBelow, Role: StaffOnly, Needs: account.SeeStaff, Sends: account.PrepareMeetings, Query: []string{"done"}, Load: loadMemo, Post: postMemo,
}

// memoData is the memo of a meeting: what the rules make of it now, or what went out.
type memoData struct {
	formErrors
	Stages   stagesView
	Name     Words // of the series
	Day      Moment
	Running  string // what each printed page begins with
	Notice   string // what came of pressing a button
	Draft    string // that it is one; "" of one that went out
	None     string // why there is nothing to read; "" where there is
	After    string // what happened to the meeting since the memo went out; "" if nothing did
	Facts    []fact
	Chair    holderView
	Analyst  holderView
	Issued   string // when, and how long before the meeting
	Late     bool   // it went out, or will, after it was due
	Minutes  string // all together, and of how many
	Over     string // by how much the items are longer than the meeting; "" if they are not
	Reading  string
	Empty    bool
	Parts    []memoPart
	Since    *memoSince // what changed since the last meeting; nil where nothing is known of it
	Left     []memoLeft
	Steady   string
	Action   string
	Revision int
	Seen     string // what the draft was when the form was made
	Issue    string // what the button does; "" where the reader may not press it
	TakeBack string // the same, of taking it back
	Copy     Link   // of the page, to copy
}

// memoPart is a part of an agenda.
type memoPart struct {
	ID, Heading string
	Items       []memoItem
	None        string
}

// memoLeft is something that is not on the agenda.
type memoLeft struct {
	Name Link
	Rule string
	Why  string
	Said Words // the reason that somebody gave
}

// memoSource is what a memo is rendered from: what the rules make of the numbers of now, or what was kept when it went out. All that stands in the memo comes from here, so
// that one that went out is the same for ever.
type memoSource struct {
	draft    bool
	m        *kpi.Meeting // as it was planned then
	memo     *kpi.MeetingMemo
	card     *scorecard.Scorecard
	promised []kpi.Commitment // as they stood then
	evidence map[int64]int    // how many files show that a commitment is kept
	start    time.Time        // of the meeting as it was planned then
	day      kpi.Date         // on which it went out; of a draft today
}

func loadMemo(ctx context.Context, r *Request) (Content, error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return Content{}, err
	}
	return r.memoContent(ctx, s, formErrors{})
}

// memoSource finds what the memo of a meeting is rendered from; nil where there is none and will be none.
func (r *Request) memoSource(ctx context.Context, s *sitting) (*memoSource, error) {
	if s.m.Memo != nil {
		return r.memoIssued(ctx, s)
	}
	if s.m.State != kpi.MeetingPlanned {
		return nil, nil
	}
	memo, card, err := r.memoToIssue(ctx, s)
	if err != nil {
		return nil, err
	}
	return &memoSource{draft: true, m: &s.m, memo: memo, card: card, promised: card.Commitments, start: s.start, day: r.Today}, nil
}

// memoIssued is a memo that went out: the meeting as it was planned then, and the numbers that were kept.
func (r *Request) memoIssued(ctx context.Context, s *sitting) (*memoSource, error) {
	card, err := r.work.Meetings.FrozenCard(ctx, s.m.Series, s.m.Slot, kpi.FrozenMemo)
	if err != nil {
		return nil, err
	}
	if card == nil || card.City == nil {
		return nil, kpi.Errorf(kpi.CodeNotFound, "the numbers of the memo of the meeting %s were not kept", s.m.Name())
	}
	then := s.m
	history, err := r.work.Meetings.MeetingHistory(ctx, s.m.ID)
	if err != nil {
		return nil, err
	}
	for i := range history {
		if memo := history[i].Memo; memo != nil && memo.At.Equal(s.m.Memo.At) {
			then = history[i]
			break
		}
	}
	promised, err := r.memoPromised(ctx, card, then.Memo)
	if err != nil {
		return nil, err
	}
	at := then.Memo.At.In(r.Cal.Location)
	return &memoSource{m: &then, memo: then.Memo, card: card, promised: promised, start: then.Start(r.Cal.Location), day: kpi.DateOf(at)}, nil
}

// then is the request as of a memo: with its numbers and its city, on its day.
func (src *memoSource) then(r *Request) *Request {
	old := r.liveRequest(src.card)
	old.Today = src.day
	return old
}

// memoContent is the page; wrong is what was wrong with a form that was sent.
func (r *Request) memoContent(ctx context.Context, s *sitting, wrong formErrors) (Content, error) {
	d := memoData{formErrors: wrong, Stages: r.stages(s, memoBelow), Name: r.Words(s.series.Name), Day: r.on(s.m.Date), Action: meetingAddress(s.m.Series, s.m.Slot, memoBelow), Revision: s.m.Revision}
	d.Copy = r.memoCopy(d.Action)
	if done := r.Query.Get("done"); done == string(meeting.MeetingIssue) || done == string(meeting.MeetingReopen) {
		d.Notice = r.P.T("memo.notice." + done)
	}
	src, err := r.memoSource(ctx, s)
	if err != nil {
		return Content{}, err
	}
	if src == nil {
		d.None = r.P.T("memo.none." + map[bool]string{true: "cancelled", false: "held"}[s.m.State == kpi.MeetingCancelled])
	} else if err := r.memoFill(ctx, s, src, &d); err != nil {
		return Content{}, err
	}
	d.Running = r.P.T("memo.running", "name", d.Name.Text, "date", d.Day.Text)
	c := Content{Title: d.Running, Summary: r.P.T("memo.summary"), Crumbs: []Link{{URL: seriesAddress(s.m.Series), Words: d.Name}}, Data: d}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	return c, nil
}

// memoCopy is the whole address of a page, to be copied into a letter.
func (r *Request) memoCopy(path string) Link { return Link{URL: path, Words: own(r.site + path)} }

// memoFill writes the memo.
func (r *Request) memoFill(ctx context.Context, s *sitting, src *memoSource, d *memoData) error {
	old := src.then(r)
	series := s.series
	if was := src.card.City.Series(src.m.Series); was != nil {
		series = was
	}
	d.Name, d.Day = r.Words(series.Name), r.on(src.m.Date)
	d.Chair, d.Analyst = old.holder(src.m.Chair), old.holder(series.Analyst)
	when := r.at(src.start)
	d.Facts = append(d.Facts, fact{Label: r.P.T("memo.when"), Words: own(when.Text)})
	if place := r.Words(series.Place); place.Text != "" {
		d.Facts = append(d.Facts, fact{Label: r.P.T("memo.place"), Words: place})
	}
	if err := r.memoEvidence(ctx, src); err != nil {
		return err
	}
	words := r.memoItems(old, src, d)
	d.Empty = len(src.memo.Items) == 0
	d.Reading = r.P.N("memo.minutes", max(1, (words+wordsAMinute/2)/wordsAMinute))
	r.memoMinutes(src, d)
	r.memoLeft(src, d)
	if err := r.memoSince(ctx, s, src, d); err != nil {
		return err
	}
	d.Steady = r.P.N("agenda.steady", src.memo.Steady)
	if src.memo.Steady == 0 {
		d.Steady = r.P.T("memo.steady_none")
	}
	if src.draft {
		d.Draft = r.P.T("memo.draft")
		r.memoDeadline(s, src, d)
		return nil
	}
	d.Issued, d.Late = r.memoIssuedAt(src.memo), src.memo.At.After(src.memo.Due)
	if s.m.Date != src.m.Date || s.m.At != src.m.At {
		d.After = r.P.T("memo.moved_since", "time", r.at(s.start).Text)
	}
	if s.m.State == kpi.MeetingCancelled {
		d.After = r.P.T("memo.cancelled_since")
	}
	if may := meeting.MayMeeting(meeting.MeetingReopen, &s.m, r.Person, s.presides); may && r.now.Before(s.start.Add(-meeting.MemoBefore)) {
		d.TakeBack = r.P.T("memo.take_back_hint", "time", r.at(s.start.Add(-meeting.MemoBefore)).Text)
	}
	return nil
}

// wordsAMinute is how fast people read.
const wordsAMinute = 200

// memoMinutes says how long the items take, and the meeting.
func (r *Request) memoMinutes(src *memoSource, d *memoData) {
	all := 0
	for i := range src.memo.Items {
		all += src.memo.Items[i].Minutes
	}
	d.Minutes = r.P.T("memo.minutes_of", "n", all, "total", src.m.Minutes)
	if all > src.m.Minutes {
		d.Over = r.P.T("memo.over", "n", all-src.m.Minutes)
	}
}

// memoIssuedAt says when a memo went out, and whether that was in time.
func (r *Request) memoIssuedAt(memo *kpi.MeetingMemo) string {
	hours := meeting.MemoHours(memo)
	said := r.P.T("memo.issued_after")
	if hours >= 0 {
		said = r.P.N("memo.issued_before", hours)
	}
	state := "memo.on_time"
	if memo.At.After(memo.Due) {
		state = "memo.late"
	}
	return r.P.T("memo.issued", "time", r.at(memo.At).Text, "hours", said, "state", r.P.T(state, "time", r.at(memo.Due).Text))
}

// memoDeadline says until when a draft must go out, and what the button does.
func (r *Request) memoDeadline(s *sitting, src *memoSource, d *memoData) {
	due := r.at(s.memoDue).Text
	d.Issued = r.P.T("memo.due", "time", due)
	if d.Late = r.now.After(s.memoDue); d.Late {
		d.Issued = r.P.T("memo.overdue", "time", due)
	}
	d.Seen = digestOf(src.memo)
	if len(src.memo.Items) == 0 || !meeting.MayMeeting(meeting.MeetingIssue, &s.m, r.Person, s.presides) {
		return
	}
	if d.Issue = r.P.T("memo.issue_hint", "time", due); d.Late {
		d.Issue = r.P.T("memo.issue_late_hint", "time", due)
	}
}

// digestOf tells one value from another by its JSON.
func digestOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// postMemo sends the memo out, or takes it back.
func postMemo(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return Posted{}, err
	}
	step := meeting.MeetingStep(form.Get("do"))
	if step != meeting.MeetingIssue && step != meeting.MeetingReopen {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say what to do")
	}
	if revision := form.Get("revision"); revision != "" && revision != strconv.Itoa(s.m.Revision) {
		return r.againMemo(ctx, s, "memo.error.conflict", true)
	}
	turn := meeting.MeetingTurn{Step: step}
	var live *scorecard.Scorecard
	if step == meeting.MeetingIssue && s.m.State == kpi.MeetingPlanned {
		if turn.Memo, live, err = r.memoToIssue(ctx, s); err != nil {
			return Posted{}, err
		}
		if seen := form.Get("seen"); seen != "" && seen != digestOf(turn.Memo) {
			return r.againMemo(ctx, s, "memo.error.changed", true)
		}
	}
	by := r.Person.By()
	next, err := meeting.TurnMeeting(r.City, r.Cal, s.m, s.all, turn, by.Name, r.now)
	if err == nil {
		err = r.work.Meetings.SaveMeeting(ctx, &next, live, by, r.now)
	}
	var problem meeting.MeetingProblem
	switch {
	case err == nil:
		return Posted{To: meetingAddress(s.m.Series, s.m.Slot, memoBelow) + "?done=" + string(step)}, nil
	case kpi.ErrorCode(err) == kpi.CodeConflict:
		return r.againMemo(ctx, s, "memo.error.conflict", true)
	case errors.As(err, &problem) && (problem == meeting.MeetingEmpty || problem == meeting.MeetingTooLate || problem == meeting.MeetingStands):
		return r.againMemo(ctx, s, "memo.error."+string(problem), false)
	}
	return Posted{}, err
}

// memoToIssue makes the memo of now, and the scorecard that is kept with it: with all commitments that its agenda was made of.
func (r *Request) memoToIssue(ctx context.Context, s *sitting) (*kpi.MeetingMemo, *scorecard.Scorecard, error) {
	in, err := r.agendaInputs(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	a := meeting.MakeAgenda(in)
	live := *in.Live
	live.Commitments = in.Commitments
	memo := a.Memo()
	memo.Changes = meeting.ChangesSince(s.series, in.Before, in.Live)
	return memo, &live, nil
}

// againMemo shows the page as it is now, with why the form did nothing.
func (r *Request) againMemo(ctx context.Context, s *sitting, why string, conflict bool) (Posted, error) {
	now, err := r.sitting(ctx) // somebody may have changed it since it was read
	if err != nil {
		return Posted{}, err
	}
	var wrong formErrors
	wrong.add("", r.P.T(why))
	content, err := r.memoContent(ctx, now, wrong)
	return Posted{Content: content, Status: statusOf(conflict)}, err
}
