package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

var staffCommentaryOnePage = Page{
	Name: "staff_commentary_one", Path: commentaryPath + "/:number", Role: StaffOnly, Needs: account.SeeStaff, Sends: account.ReviewComments, Query: []string{"done"},
	Load: loadCommentaryOne, Post: postCommentaryOne,
}

// commentaryOnePath is where one commentary is read with all its revisions, and reviewed.
func commentaryOnePath(id int64) string { return commentaryPath + "/" + strconv.FormatInt(id, 10) }

// commentaryView is one revision of a commentary as staff read it.
type commentaryView struct {
	Anchor   string
	Number   string // of the revision
	Name     Words  // of the indicator
	Page     Link   // the indicator's, of the staff
	Period   string
	Office   Words
	State    string
	Draft    bool // it is not approved
	Reader   string
	Lang     kpi.Lang // of the text, where it is another than the page's
	Texts    []toldText
	Owner    holderView
	Due      Moment
	Help     []string
	Author   string
	By       string // whoever saved this revision
	At       Moment
	Note     []string // why it was returned
	Language string
}

// commentaryOne is a commentary with its history.
type commentaryOne struct {
	formErrors
	Action   string
	Notice   string
	Now      commentaryView
	Stands   *commentaryView // the approved text, where it is not the newest
	Miss     *missView
	Numbers  []numberView
	Own      bool // the reader wrote it, and so does not review it
	May      struct{ Write, Review, Withdraw bool }
	Write    string
	Note     string // typed
	Revision int
	Commit   Link // to the form that makes a commitment of it; URL is "" where there is none
	History  []commentaryView
	Hidden   bool // there are drafts that the reader does not see
}

func loadCommentaryOne(ctx context.Context, r *Request) (Content, error) {
	c, err := r.commentary(ctx)
	if err != nil {
		return Content{}, err
	}
	d := commentaryOne{}
	switch r.Query.Get("done") {
	case "send", "approve", "return", "withdraw":
		d.Notice = r.P.T("commentary.done." + r.Query.Get("done"))
	}
	return r.commentaryOne(ctx, c, d)
}

// commentary returns the commentary that the address names.
func (r *Request) commentary(ctx context.Context) (*kpi.Commentary, error) {
	if r.work.Commentaries == nil {
		return nil, kpi.Errorf(kpi.CodeNotFound, "nobody writes commentary here")
	}
	c, err := byNumber(ctx, r, r.work.Commentaries.Commentary)
	return &c, err
}

// commentaryOne is the page, with what came of a form.
func (r *Request) commentaryOne(ctx context.Context, c *kpi.Commentary, d commentaryOne) (Content, error) {
	history, err := r.work.Commentaries.CommentaryHistory(ctx, c.ID)
	if err != nil {
		return Content{}, err
	}
	name, err := r.naming(ctx)
	if err != nil {
		return Content{}, err
	}
	ind := r.City.Indicator(c.Indicator)
	now := r.rights(c, ind)
	drafts := meeting.MayReadDrafts(now.Department, r.Person)
	if !drafts && !slices.ContainsFunc(history, func(h kpi.Commentary) bool { return h.State == kpi.CommentaryApproved }) {
		return Content{}, kpi.Errorf(kpi.CodeDenied, "nothing of commentary %d is approved yet", c.ID)
	}
	d.Action, d.Revision = commentaryOnePath(c.ID), c.Revision
	for i := range slices.Backward(history) {
		if h := &history[i]; drafts || h.State == kpi.CommentaryApproved || h.State == kpi.CommentaryWithdrawn && i > 0 && history[i-1].Stands != 0 {
			d.History = append(d.History, r.commentaryView(h, name))
		} else {
			d.Hidden = true
		}
		if h := &history[i]; h.Revision == c.Stands && c.State != kpi.CommentaryApproved {
			v := r.commentaryView(h, name)
			d.Stands = &v
		}
	}
	d.Now = d.History[0]
	if d.Hidden && d.Stands != nil {
		d.Now, d.Stands = *d.Stands, nil
	}
	r.commentaryMay(&d, c, &now)
	if err := r.commentaryNumbers(ctx, c, &d); err != nil {
		return Content{}, err
	}
	content := Content{Title: r.P.T("commentary.one.title"), Summary: r.P.T("commentary.one.intro"), Crumbs: []Link{{URL: commentaryPath, Words: own(r.P.T("commentary.title"))}}}
	if ind != nil {
		content.Crumbs = append(content.Crumbs, Link{URL: staffIndicatorPath(ind.ID), Words: r.Words(ind.Name)})
	}
	if len(d.Errors) > 0 {
		content.Title = r.errorTitle(content.Title)
	}
	content.Data = d
	return content, nil
}

// commentaryMay says what the reader may do with it; now is it as rights see it.
func (r *Request) commentaryMay(d *commentaryOne, c, now *kpi.Commentary) {
	d.May.Write = r.City.Indicator(c.Indicator) != nil && meeting.MayCommentary(meeting.CommentarySave, now, r.Person)
	d.May.Review = meeting.MayCommentary(meeting.CommentaryApprove, now, r.Person)
	d.May.Withdraw = c.Stands != 0 && meeting.MayCommentary(meeting.CommentaryWithdraw, now, r.Person)
	d.Own = c.State == kpi.CommentarySubmitted && !d.May.Review && r.Person.May(account.ReviewComments, now.Department)
	d.Write = commentaryFormPath(c.Indicator, c.Period)
	if c.State == kpi.CommentaryApproved && c.Next != "" && r.work.Commitments != nil && r.Person.May(account.Commit, now.Department) {
		d.Commit = Link{Words: own(r.P.T("commentary.commit")), URL: StaffRoot + "/commitments?" + url.Values{
			"text": {c.Next}, "owner": {c.Owner}, "due": {c.Due.String()}, "indicator": {c.Indicator}, "source": {"commentary/" + strconv.FormatInt(c.ID, 10)},
		}.Encode()}
	}
}

// commentaryNumbers adds the numbers that a commentary is about, as they are now: whoever reviews a text reads them beside it.
func (r *Request) commentaryNumbers(ctx context.Context, c *kpi.Commentary, d *commentaryOne) error {
	card, err := r.staff.Live(ctx)
	if err != nil {
		return err
	}
	res := card.Result(c.Indicator)
	if res == nil {
		return nil
	}
	p := point(res, c.Period)
	if p == nil {
		return nil
	}
	live := *r
	live.Card, live.City = card, card.City
	d.Numbers = live.periodNumbers(res, p)
	if c.Period == res.Assessment.Period {
		m, err := r.miss(ctx, res, []kpi.Commentary{*c})
		if err != nil {
			return err
		}
		d.Miss = r.missOf(m, res)
	}
	return nil
}

// commentaryView is a revision in words.
func (r *Request) commentaryView(c *kpi.Commentary, name func(int64, string) string) commentaryView {
	v := commentaryView{
		Anchor: "revision-" + strconv.Itoa(c.Revision), Number: r.P.Int(int64(c.Revision)), Name: own(c.Indicator), Period: r.P.Upper(r.periodCalled(c.Period)), Office: r.departmentName(c.Department),
		State: r.P.T("commentary.state." + string(c.State)), Draft: c.State != kpi.CommentaryApproved, Reader: r.P.T("commentary.for_staff"), Texts: r.prompts(c), Owner: r.holder(c.Owner),
		Help: paragraphs(c.Help), Author: name(c.Author, c.AuthorName), By: name(c.Person, c.By), At: r.at(c.At), Language: i18n.OwnName(c.Lang),
	}
	if ind := r.City.Indicator(c.Indicator); ind != nil {
		v.Name = r.Words(ind.Name)
		v.Page = Link{URL: staffIndicatorPath(ind.ID), Words: v.Name}
	}
	if c.Public {
		v.Reader = r.P.T("commentary.for_all")
	}
	if c.Lang != r.Lang {
		v.Lang = c.Lang
	}
	if !c.Due.IsZero() {
		v.Due = r.on(c.Due)
	}
	if c.State == kpi.CommentaryReturned {
		v.Note = paragraphs(c.Note)
	}
	return v
}

// postCommentaryOne approves a text, returns it with a note, or withdraws one that stands.
func postCommentaryOne(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	c, err := r.commentary(ctx)
	if err != nil {
		return Posted{}, err
	}
	step := meeting.CommentaryStep(form.Get("do"))
	if !slices.Contains([]meeting.CommentaryStep{meeting.CommentaryApprove, meeting.CommentaryReturn, meeting.CommentaryWithdraw}, step) {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "%q is nothing that the form does", step)
	}
	d := commentaryOne{Note: kpi.PlainText(form.Get("note"))}
	if strconv.Itoa(c.Revision) != form.Get("revision") {
		return r.reviewConflict(ctx, c, d)
	}
	now := r.rights(c, r.City.Indicator(c.Indicator))
	if !meeting.MayCommentary(step, &now, r.Person) || step == meeting.CommentaryWithdraw && !r.Person.May(account.ReviewComments, now.Department) {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "whoever asks may not %s commentary %d, which is %q", step, c.ID, c.State)
	}
	if step == meeting.CommentaryReturn {
		r.need(&d.formErrors, "note", d.Note, kpi.MaxCommentary, "commentary.error.note")
	}
	if len(d.Errors) > 0 {
		content, err := r.commentaryOne(ctx, c, d)
		return Posted{Content: content}, err
	}
	next, err := meeting.TurnCommentary(c, *c, step, r.Person.By(), d.Note)
	if err != nil {
		return Posted{}, err
	}
	switch err := r.work.Commentaries.SaveCommentary(ctx, &next, r.Person.By(), r.now); {
	case kpi.ErrorCode(err) == kpi.CodeConflict: // between reading and saving
		if c, err = r.commentary(ctx); err != nil {
			return Posted{}, err
		}
		return r.reviewConflict(ctx, c, d)
	case err != nil:
		return Posted{}, err
	}
	return Posted{To: commentaryOnePath(c.ID) + "?done=" + string(step)}, nil
}

// reviewConflict shows the text as it is now: whoever reviews must have read what they approve.
func (r *Request) reviewConflict(ctx context.Context, c *kpi.Commentary, d commentaryOne) (Posted, error) {
	d.add("now", r.P.T("commentary.error.review_conflict"))
	content, err := r.commentaryOne(ctx, c, d)
	return Posted{Content: content, Status: http.StatusConflict}, err
}
