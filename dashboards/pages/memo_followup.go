package pages

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// Everybody who may see the staff's pages reads a follow-up memo; who may send it is the rule's to say.
var followUpPage = Page{
	Name: "follow_up", Path: meetingPath + followUpBelow, Role: StaffOnly, Needs: account.SeeStaff, Sends: account.PrepareMeetings, Query: []string{"done"}, Load: loadFollowUp, Post: postFollowUp,
}

// maxSummary is how long the summary of a meeting may be, in letters.
const maxSummary = 2000

// followUpData is what came of a meeting: as it stands now, or as it stood when its follow-up memo went out.
type followUpData struct {
	formErrors
	Stages   stagesView
	Name     Words
	Day      Moment
	Running  string
	Notice   string
	Draft    string
	None     string
	Facts    []fact
	Issued   string // when it went out, or when it is due
	Late     bool
	Summary  []string
	Lang     kpi.Lang // of the summary, where it is another than the page's
	Lists    []followUpList
	Silent   []memoLeft // that were on the agenda, and of which nothing is written down
	Next     Link       // the meeting after it; URL is "" where none is planned
	Action   string
	Revision int
	Seen     string // what was listed when the form was made
	Form     bool
	Hint     string
	Text     string // of the form
	Copy     Link
}

// followUpList is what came of a meeting, of one kind.
type followUpList struct {
	ID, Heading, None string
	Notes             []followUpNote
	Promises          []followUpPromise
}

// followUpNote is a decision, or a topic for later.
type followUpNote struct {
	Said  Words
	About Link
	Now   string // what became of it since; "" if it stands
	Open  bool   // residents may read it
}

// followUpPromise is a commitment as it stood when the memo went out, with where it stands now.
type followUpPromise struct {
	commitmentView
	Now *followUpNow // nil in a draft
}

// followUpNow is where a commitment stands now.
type followUpNow struct {
	Chip Chip
	Due  Moment // Text is "" where it is the same
}

func loadFollowUp(ctx context.Context, r *Request) (Content, error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return Content{}, err
	}
	return r.followUpContent(ctx, s, formErrors{}, "")
}

// followUpNow returns what came of a meeting as it is written down now.
func (r *Request) followUpNow(ctx context.Context, s *sitting) (meeting.FollowUp, []kpi.Commitment, error) {
	in := meeting.FollowUpInputs{Series: s.series, Meeting: &s.m, Zone: r.Cal.Location}
	var err error
	if r.work.Commitments != nil {
		if in.Commitments, err = r.work.Commitments.Commitments(ctx, kpi.PaperQuery{}); err != nil {
			return meeting.FollowUp{}, nil, err
		}
	}
	if r.work.Notes != nil {
		if in.Notes, err = r.work.Notes.MeetingNotes(ctx, kpi.PaperQuery{Subject: s.series.ID}); err != nil {
			return meeting.FollowUp{}, nil, err
		}
	}
	return meeting.MakeFollowUp(in), in.Commitments, nil
}

// followUpThen returns what came of a meeting as its follow-up memo tells it: the revisions that it names.
func (r *Request) followUpThen(ctx context.Context, s *sitting) (meeting.FollowUp, error) {
	in := meeting.FollowUpInputs{Series: s.series, Meeting: &s.m, Zone: r.Cal.Location}
	memo := s.m.FollowUp
	if r.work.Commitments != nil {
		for _, id := range memo.Commitments {
			history, err := r.work.Commitments.CommitmentHistory(ctx, id)
			if err != nil {
				return meeting.FollowUp{}, err
			}
			if c := revisionThen(history, memo, meeting.CommitmentKey(id), func(c *kpi.Commitment) *kpi.Stamp { return &c.Stamp }); c != nil {
				in.Commitments = append(in.Commitments, *c)
			}
		}
	}
	if r.work.Notes != nil {
		for _, id := range memo.Notes {
			history, err := r.work.Notes.MeetingNoteHistory(ctx, id)
			if err != nil {
				return meeting.FollowUp{}, err
			}
			if n := revisionThen(history, memo, meeting.NoteKey(id), func(n *kpi.MeetingNote) *kpi.Stamp { return &n.Stamp }); n != nil {
				in.Notes = append(in.Notes, *n)
			}
		}
	}
	return meeting.MakeFollowUp(in), nil
}

// revisionThen returns the revision that a follow-up memo names by a key; where it names none, the newest one of its moment.
func revisionThen[T any](history []T, memo *kpi.FollowUpMemo, key string, stamp func(*T) *kpi.Stamp) *T {
	want, named := memo.Revisions[key]
	var found *T
	for i := range history {
		s := stamp(&history[i])
		if named && s.Revision == want || !named && !s.At.After(memo.At) {
			found = &history[i]
		}
	}
	return found
}

// followUpContent is the page; wrong and typed are of a form that was sent.
func (r *Request) followUpContent(ctx context.Context, s *sitting, wrong formErrors, typed string) (Content, error) {
	d := followUpData{
		formErrors: wrong, Stages: r.stages(s, followUpBelow), Name: r.Words(s.series.Name), Day: r.on(s.m.Date), Action: meetingAddress(s.m.Series, s.m.Slot, followUpBelow),
		Revision: s.m.Revision, Text: typed,
	}
	d.Running, d.Copy = r.P.T("memo.running", "name", d.Name.Text, "date", d.Day.Text), r.memoCopy(d.Action)
	if r.Query.Get("done") == string(meeting.MeetingFollow) {
		d.Notice = r.P.T("memo.follow.notice")
	}
	if next := meeting.Next(r.City, s.series, s.all, &s.m); next != nil {
		d.Next = Link{URL: meetingAddress(next.Series, next.Slot, ""), Words: own(r.at(next.Start(r.Cal.Location)).Text)}
	}
	if !s.m.State.Held() {
		d.None = r.P.T("memo.follow.none." + map[bool]string{true: "cancelled", false: "ahead"}[s.m.State == kpi.MeetingCancelled])
	} else if err := r.followUpFill(ctx, s, &d); err != nil {
		return Content{}, err
	}
	c := Content{Title: r.P.T("memo.follow.window", "name", d.Running), Summary: r.P.T("memo.follow.summary_of_page"), Data: d}
	c.Crumbs = []Link{{URL: seriesAddress(s.m.Series), Words: d.Name}}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	return c, nil
}

// followUpFill writes the follow-up memo.
func (r *Request) followUpFill(ctx context.Context, s *sitting, d *followUpData) error {
	f, all, err := r.followUpNow(ctx, s)
	if err != nil {
		return err
	}
	d.Facts = append(d.Facts, fact{Label: r.P.T("memo.follow.began"), Words: own(r.at(s.m.Opened).Text)})
	if !s.m.Over.IsZero() {
		d.Facts = append(d.Facts, fact{Label: r.P.T("memo.follow.ended"), Words: own(r.at(s.m.Over).Text)})
	}
	day := kpi.DateOf(s.m.Opened.In(r.Cal.Location))
	if memo := s.m.FollowUp; memo != nil {
		if f, err = r.followUpThen(ctx, s); err != nil {
			return err
		}
		day = kpi.DateOf(memo.At.In(r.Cal.Location))
		d.Late = memo.At.After(memo.Due)
		d.Issued = r.P.T("memo.follow.issued", "time", r.at(memo.At).Text, "state", r.P.T(map[bool]string{true: "memo.late", false: "memo.on_time"}[d.Late], "time", r.at(memo.Due).Text))
		d.Summary = paragraphs(memo.Summary)
		if s.m.Lang != "" && s.m.Lang != r.Lang {
			d.Lang = s.m.Lang
		}
	} else {
		due := meeting.FollowUpDue(&s.m, r.Cal.Location)
		d.Draft = r.P.T("memo.follow.draft")
		d.Late = r.now.After(due)
		d.Issued = r.P.T(map[bool]string{true: "memo.follow.overdue", false: "memo.follow.due"}[d.Late], "time", r.at(due).Text)
		d.Form, d.Hint = meeting.MayMeeting(meeting.MeetingFollow, &s.m, r.Person, s.presides), r.P.T("memo.follow.issue_hint", "time", r.at(due).Text)
		d.Seen = digestOf(f.Memo())
		all = nil
	}
	r.followUpLists(s, &f, day, all, d)
	return nil
}

// followUpLists writes what came of the meeting. all are the commitments as they stand now; nil in a draft.
func (r *Request) followUpLists(s *sitting, f *meeting.FollowUp, day kpi.Date, all []kpi.Commitment, d *followUpData) {
	promises := func(id string, list []kpi.Commitment) {
		l := followUpList{ID: id, Heading: r.P.T("memo.follow.list." + id)}
		if len(list) == 0 {
			l.None = r.P.T("memo.follow.list.none." + id)
		}
		for i := range list {
			p := followUpPromise{commitmentView: r.commitment(&list[i], day, true)}
			if at := slices.IndexFunc(all, func(c kpi.Commitment) bool { return c.ID == list[i].ID }); at >= 0 {
				p.Now = &followUpNow{Chip: r.commitmentChip(&all[at], r.Today)}
				if all[at].Due != list[i].Due {
					p.Now.Due = r.on(all[at].Due)
				}
			}
			l.Promises = append(l.Promises, p)
		}
		d.Lists = append(d.Lists, l)
	}
	notes := func(id string, list []kpi.MeetingNote) {
		l := followUpList{ID: id, Heading: r.P.T("memo.follow.list." + id), None: r.P.T("memo.follow.list.none." + id)}
		for i := range list {
			n := followUpNote{Said: r.typed(list[i].Text, list[i].Lang), Open: list[i].Public}
			if ind := r.City.Indicator(list[i].Indicator); ind != nil {
				n.About = Link{URL: staffIndicatorPath(ind.ID), Words: r.Words(ind.Name)}
			}
			l.Notes = append(l.Notes, n)
		}
		d.Lists = append(d.Lists, l)
	}
	notes("decisions", f.Decisions)
	promises("promised", f.Promised)
	promises("requested", f.Requested)
	if len(f.Closed) > 0 {
		promises("closed", f.Closed)
	}
	if len(f.Moved) > 0 {
		promises("moved", f.Moved)
	}
	notes("later", f.Later)
	for i := range f.Silent {
		it := &f.Silent[i]
		v := memoLeft{Rule: r.P.CardRule(meeting.CardRule(it.Rule)), Name: Link{Words: r.typed(it.Text, it.Lang)}}
		if ind := r.City.Indicator(it.Indicator); it.Commitment != 0 {
			v.Name.URL = staffCommitmentPath(it.Commitment)
		} else if ind != nil {
			v.Name = Link{URL: staffIndicatorPath(ind.ID), Words: r.Words(ind.Name)}
		} else if it.Indicator != "" {
			v.Name.Words = own(it.Indicator)
		}
		d.Silent = append(d.Silent, v)
	}
}

// postFollowUp sends the follow-up memo.
func postFollowUp(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return Posted{}, err
	}
	text := kpi.PlainText(form.Get("summary"))
	if revision := form.Get("revision"); revision != "" && revision != strconv.Itoa(s.m.Revision) {
		return r.againFollowUp(ctx, "", r.P.T("memo.error.conflict"), text, true)
	}
	if n := utf8.RuneCountInString(text); n > maxSummary {
		return r.againFollowUp(ctx, "summary", r.P.T("feedback.error.long", "n", n, "max", maxSummary), text, false)
	}
	f, _, err := r.followUpNow(ctx, s)
	if err != nil {
		return Posted{}, err
	}
	if seen := form.Get("seen"); seen != "" && seen != digestOf(f.Memo()) {
		return r.againFollowUp(ctx, "", r.P.T("memo.follow.error.changed"), text, true)
	}
	by := r.Person.By()
	turn := meeting.MeetingTurn{Step: meeting.MeetingFollow, Follow: f.Memo(), Reason: text, Lang: r.Lang}
	next, err := meeting.TurnMeeting(r.City, r.Cal, s.m, s.all, turn, by.Name, r.now)
	if err == nil {
		err = r.work.Meetings.SaveMeeting(ctx, &next, nil, by, r.now)
	}
	var problem meeting.MeetingProblem
	switch {
	case err == nil:
		return Posted{To: meetingAddress(s.m.Series, s.m.Slot, followUpBelow) + "?done=" + string(meeting.MeetingFollow)}, nil
	case kpi.ErrorCode(err) == kpi.CodeConflict:
		return r.againFollowUp(ctx, "", r.P.T("memo.error.conflict"), text, true)
	case errors.As(err, &problem) && problem == meeting.MeetingStands:
		return r.againFollowUp(ctx, "", r.P.T("memo.follow.error.state"), text, false)
	}
	return Posted{}, err
}

// againFollowUp shows the page as it is now, with what was typed and why it was not kept.
func (r *Request) againFollowUp(ctx context.Context, field, why, typed string, conflict bool) (Posted, error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return Posted{}, err
	}
	var wrong formErrors
	wrong.add(field, why)
	content, err := r.followUpContent(ctx, s, wrong, typed)
	return Posted{Content: content, Status: statusOf(conflict)}, err
}
