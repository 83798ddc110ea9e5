package pages

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/meeting"
)

// postLive begins or ends the meeting, writes something down, changes it, or closes a commitment.
func postLive(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return Posted{}, err
	}
	switch do := form.Get("do"); do {
	case string(meeting.MeetingBegin), string(meeting.MeetingEnd):
		return r.liveTurn(ctx, s, meeting.MeetingStep(do), form)
	case "add":
		return r.liveAdd(ctx, s, form)
	case "edit", "withdraw", "show", "hide":
		return r.liveChange(ctx, s, do, form)
	case string(meeting.CommitmentKeep), string(meeting.CommitmentReopen), string(meeting.CommitmentMove), string(meeting.CommitmentDrop):
		return r.liveClose(ctx, s, meeting.CommitmentStep(do), form)
	}
	return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say what to do")
}

// liveDoneAt leads back to the item, and says what was done.
func (r *Request) liveDoneAt(s *sitting, done, kind string) Posted {
	q := url.Values{"done": {done}}
	if kind != "" {
		q.Set("kind", kind)
	}
	if item := r.Query.Get("item"); item != "" {
		q.Set("item", item)
	}
	return Posted{To: meetingAddress(s.series.ID, s.m.Slot, liveBelow) + "?" + q.Encode()}
}

// liveAgainWith shows the page with what was typed, and why it was not kept.
func (r *Request) liveAgainWith(ctx context.Context, sent *sentLive) (Posted, error) {
	content, err := r.live(ctx, sent)
	return Posted{Content: content, Status: statusOf(sent.conflict)}, err
}

// mustRecord refuses whoever may not write in the meeting.
func (r *Request) mustRecord(s *sitting) error {
	if !meeting.MayRecord(r.Person, s.presides) {
		return kpi.Errorf(kpi.CodeDenied, "your roles do not let you write in a meeting")
	}
	return nil
}

// liveTurn begins or ends the meeting. The numbers that are seen when it begins are kept with it.
func (r *Request) liveTurn(ctx context.Context, s *sitting, step meeting.MeetingStep, form url.Values) (Posted, error) {
	if err := r.mustRecord(s); err != nil {
		return Posted{}, err
	}
	next, err := meeting.TurnMeeting(r.City, r.Cal, s.m, s.all, meeting.MeetingTurn{Step: step}, r.Person.By().Name, r.now)
	if err == nil && form.Get("revision") != strconv.Itoa(s.m.Revision) {
		err = kpi.Errorf(kpi.CodeConflict, "somebody else changed the meeting meanwhile")
	}
	if err == nil {
		err = r.saveTurn(ctx, &next, step)
	}
	sent := &sentLive{}
	switch {
	case err == nil:
		return r.liveDoneAt(s, map[meeting.MeetingStep]string{meeting.MeetingBegin: "begun", meeting.MeetingEnd: "ended"}[step], ""), nil
	case kpi.ErrorCode(err) == kpi.CodeConflict, errors.Is(err, meeting.MeetingStands):
		sent.conflict = true
		sent.add("", r.P.T("live.error.turned"))
		return r.liveAgainWith(ctx, sent)
	case errors.Is(err, meeting.MeetingEarly): // it was moved while the button stood on somebody's page, or nobody pressed one
		sent.add("", r.P.T("live.error.early"))
		return r.liveAgainWith(ctx, sent)
	}
	return Posted{}, err
}

func (r *Request) saveTurn(ctx context.Context, next *kpi.Meeting, step meeting.MeetingStep) error {
	if step != meeting.MeetingBegin {
		return r.work.Meetings.SaveMeeting(ctx, next, nil, r.Person.By(), r.now)
	}
	live, err := r.staff.Live(ctx)
	if err != nil {
		return err
	}
	return r.work.Meetings.SaveMeeting(ctx, next, live, r.Person.By(), r.now)
}

// liveAdd writes one sentence down: a decision, a promise, a request, or a topic for later.
func (r *Request) liveAdd(ctx context.Context, s *sitting, form url.Values) (Posted, error) {
	if err := r.mustRecord(s); err != nil {
		return Posted{}, err
	}
	sent := &sentLive{kind: form.Get("kind"), owner: form.Get("owner"), form: &liveForm{
		Text: kpi.PlainText(form.Get("text")), Due: strings.TrimSpace(form.Get("due")), Public: form.Get("readers") == "public",
	}}
	if !slices.Contains(liveKinds, sent.kind) {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say what it is")
	}
	if s.m.State != kpi.MeetingOpen && s.m.State != kpi.MeetingHeld {
		sent.conflict = true
		sent.add("", r.P.T("live.error.not_open"))
		return r.liveAgainWith(ctx, sent)
	}
	var err error
	if sent.kind == livePromise || sent.kind == liveRequest {
		err = r.addPromise(ctx, s, sent)
	} else {
		err = r.addNote(ctx, s, sent)
	}
	switch {
	case err != nil:
		return Posted{}, err
	case len(sent.Errors) > 0:
		return r.liveAgainWith(ctx, sent)
	}
	return r.liveDoneAt(s, sent.kind, sent.kind), nil
}

// itemIndicator is the indicator of the item that the address names; "" if there is none.
func (r *Request) itemIndicator(ctx context.Context, s *sitting) (string, error) {
	item := r.Query.Get("item")
	id, is := strings.CutPrefix(item, meeting.IndicatorKey(""))
	switch {
	case is && r.City.Indicator(id) != nil:
		return id, nil
	case item == "":
		return "", nil
	}
	number, is := strings.CutPrefix(item, "commitment/")
	if n, err := paperID(number); is && err == nil && r.work.Commitments != nil {
		c, err := r.work.Commitments.Commitment(ctx, n)
		if err != nil && kpi.ErrorCode(err) != kpi.CodeNotFound {
			return "", err
		}
		return c.Indicator, nil
	}
	return "", nil
}

// addPromise makes a commitment of the form, or a request. What is wrong with it stands in sent.
func (r *Request) addPromise(ctx context.Context, s *sitting, sent *sentLive) error {
	if r.work.Commitments == nil {
		return kpi.Errorf(kpi.CodeNotFound, "nobody keeps commitments here")
	}
	indicator, err := r.itemIndicator(ctx, s)
	if err != nil {
		return err
	}
	c := kpi.Commitment{
		Text: sent.form.Text, Lang: r.Lang, Owner: sent.owner, Indicator: indicator, Made: r.Today, State: kpi.CommitmentOpen, Source: s.hereSource(), Public: sent.form.Public && sent.kind == livePromise,
	}
	if sent.kind == liveRequest {
		c.Kind = kpi.CommitmentRequest
	}
	if r.checkNew(&sent.formErrors, &c, sent.form.Due); len(sent.Errors) > 0 {
		return nil
	}
	err = r.work.Commitments.SaveCommitment(ctx, &c, r.Person.By(), r.now)
	if err != nil && r.commitmentError(&sent.formErrors, "commitment-", err) {
		return nil
	}
	return err
}

// addNote writes a decision down, or a topic for later.
func (r *Request) addNote(ctx context.Context, s *sitting, sent *sentLive) error {
	if r.work.Notes == nil {
		return kpi.Errorf(kpi.CodeNotFound, "nobody keeps notes of meetings here")
	}
	indicator, err := r.itemIndicator(ctx, s)
	if err != nil {
		return err
	}
	n := kpi.MeetingNote{
		Kind: kpi.NoteDecision, Series: s.series.ID, Slot: s.m.Slot, Item: itemKey(r.Query.Get("item")), Text: sent.form.Text, Lang: r.Lang, Indicator: indicator, State: kpi.NoteOpen,
		Public: sent.form.Public && sent.kind == liveDecision,
	}
	if sent.kind == liveLater {
		n.Kind = kpi.NoteLater
	}
	err = r.work.Notes.SaveMeetingNote(ctx, &n, r.Person.By(), r.now)
	if err != nil && r.noteError(&sent.formErrors, "commitment-text", "commitment-text", n.Text, err) {
		return nil
	}
	return err
}

// maxItemKey is how long the key of an item may be.
const maxItemKey = 100

// itemKey is a key as an address may name it.
func itemKey(s string) string {
	if len(s) > maxItemKey || s != kpi.PlainText(s) {
		return ""
	}
	return s
}

// noteError notes what the rule finds wrong with a note, at the field of its text or of the reason. It reports whether the rule found something.
func (r *Request) noteError(f *formErrors, at, why, text string, err error) bool {
	var p meeting.NoteProblem
	if !errors.As(err, &p) {
		return false
	}
	switch p {
	case meeting.NoteNoText:
		f.add(at, r.P.T("live.error.text"))
	case meeting.NoteLong:
		f.add(at, r.P.T("feedback.error.long", "n", utf8.RuneCountInString(text), "max", meeting.MaxMeetingNote))
	case meeting.NoteNoWhy:
		f.add(why, r.P.T("live.error.why"))
	default:
		f.add("", r.P.T("live.error.note"))
	}
	return true
}

// liveChange changes a note: its text, whether residents may read it, or that it does not hold any more. What somebody else has made of it meanwhile is shown beside what
// was typed.
func (r *Request) liveChange(ctx context.Context, s *sitting, do string, form url.Values) (Posted, error) {
	if err := r.mustRecord(s); err != nil {
		return Posted{}, err
	}
	if r.work.Notes == nil {
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "nobody keeps notes of meetings here")
	}
	id, err := paperID(form.Get("note"))
	if err != nil {
		return Posted{}, err
	}
	n, err := r.work.Notes.MeetingNote(ctx, id)
	if err != nil {
		return Posted{}, err
	}
	if !s.writtenHere(&n) {
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "the meeting %s has no note %d", s.m.Name(), id)
	}
	edit := &liveEdit{ID: id, Text: kpi.PlainText(form.Get("text")), Why: kpi.PlainText(form.Get("why")), Withdraw: do == "withdraw"}
	if do != "edit" {
		edit.Text = n.Text
	}
	sent := &sentLive{edit: edit}
	was, done := n, ""
	switch do {
	case "edit":
		n.Text, done = edit.Text, "changed"
		if n.Text != was.Text {
			n.Lang = r.Lang
		}
	case "withdraw":
		n.State, n.Why, done = kpi.NoteWithdrawn, edit.Why, "withdrawn"
	default:
		if !meeting.MayPublishNote(r.Person) {
			return Posted{}, kpi.Errorf(kpi.CodeDenied, "your roles do not let you say what residents read of a meeting")
		}
		n.Public, done = do == "show", map[bool]string{true: "shown", false: "hidden"}[do == "show"]
	}
	err = nil
	if form.Get("revision") != strconv.Itoa(was.Revision) {
		err = kpi.Errorf(kpi.CodeConflict, "somebody else changed the note meanwhile")
	}
	if err == nil {
		err = r.work.Notes.SaveMeetingNote(ctx, &n, r.Person.By(), r.now)
	}
	switch {
	case err == nil:
		return r.liveDoneAt(s, done, ""), nil
	case kpi.ErrorCode(err) == kpi.CodeConflict:
		sent.conflict = true
		sent.add("", r.P.T("live.error.conflict"))
	case !r.noteError(&sent.formErrors, "note-text", "note-why", edit.Text, err):
		return Posted{}, err
	}
	return r.liveAgainWith(ctx, sent)
}

// liveClose closes a commitment, opens it again, or moves its date.
func (r *Request) liveClose(ctx context.Context, s *sitting, step meeting.CommitmentStep, form url.Values) (Posted, error) {
	if r.work.Commitments == nil {
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "nobody keeps commitments here")
	}
	id, err := paperID(form.Get("commitment"))
	if err != nil {
		return Posted{}, err
	}
	c, err := r.work.Commitments.Commitment(ctx, id)
	if err != nil {
		return Posted{}, err
	}
	turn := &sentTurn{due: strings.TrimSpace(form.Get("due")), turn: meeting.CommitmentTurn{Step: step, Text: kpi.PlainText(form.Get("note"))}}
	if step == meeting.CommitmentMove {
		if turn.turn.Due, err = kpi.ParseDate(turn.due); err != nil {
			turn.turn.Due = kpi.Date{}
		}
	}
	holds := slices.Contains(r.heldByMe(), c.Owner)
	if !meeting.MayCommitment(step, &c, r.Person, holds) && !r.mightCommitment(step, &c) {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "your roles do not let you do this with the commitment")
	}
	by := r.Person.By()
	next, err := meeting.TurnCommitment(c, turn.turn, by.Name, r.Today, r.now)
	if form.Get("revision") != strconv.Itoa(c.Revision) {
		err = kpi.Errorf(kpi.CodeConflict, "somebody else changed the commitment meanwhile")
	}
	if err == nil {
		err = r.work.Commitments.SaveCommitment(ctx, &next, by, r.now)
	}
	if err == nil {
		return r.liveDoneAt(s, map[meeting.CommitmentStep]string{
			meeting.CommitmentKeep: "kept", meeting.CommitmentReopen: "reopened", meeting.CommitmentMove: "moved", meeting.CommitmentDrop: "dropped",
		}[step], ""), nil
	}
	sent := &sentLive{turn: turn}
	prefix := string(step) + "-"
	switch {
	case kpi.ErrorCode(err) == kpi.CodeConflict, isProblem(err, meeting.CommitmentState):
		sent.conflict = true
		sent.add("", r.P.T("live.error.closed"))
	case utf8.RuneCountInString(turn.turn.Text) > maxNote:
		sent.add(prefix+"note", r.P.T("feedback.error.long", "n", utf8.RuneCountInString(turn.turn.Text), "max", maxNote))
	case !r.commitmentError(&sent.formErrors, prefix, err):
		return Posted{}, err
	}
	return r.liveAgainWith(ctx, sent)
}
