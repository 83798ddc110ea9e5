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
	"citystat/kpi/scorecard"
)

var staffCommentaryFormPage = Page{
	Name: "staff_commentary_form", Path: StaffRoot + "/indicators/:id/commentary", Role: StaffOnly, Needs: account.Comment, Sends: account.Comment, Query: []string{"period", "done"},
	Load: loadCommentaryForm, Post: postCommentaryForm,
}

// commentaryFormPath is where the commentary about a period of an indicator is written.
func commentaryFormPath(indicator, period string) string {
	return staffIndicatorPath(indicator) + "/commentary?" + url.Values{"period": {period}}.Encode()
}

// commentaryForm is the form with what it is about.
type commentaryForm struct {
	formErrors
	Action    string
	Period    string // its id
	About     string // in words
	Notice    string
	Periods   []option
	Numbers   []numberView
	Miss      *missView
	Asked     bool // why is asked for: the number is behind
	Hidden    bool // the number may be one that the public does not see
	Contested []contestNote
	State     string // "" while there is none
	History   Link   // URL is "" while there is none
	Stands    bool   // an approved text stands until this one is approved
	Returned  *returnedView
	Theirs    *commentaryView // what somebody else saved meanwhile
	Typed     kpi.Commentary
	DueTyped  string
	Revision  int
	Longest   int
	Owners    []option
	Langs     []option
	Steps     struct{ Send, Withdraw bool }
}

// returnedView is why a text came back.
type returnedView struct {
	Note []string
	By   string
	At   Moment
}

// commentarySubject is what a commentary is about, and how it stands.
type commentarySubject struct {
	live    *Request
	res     *scorecard.Result
	point   *scorecard.Point
	all     []kpi.Commentary // about the indicator
	current *kpi.Commentary  // nil: there is none
	miss    *meeting.Miss    // of the judged period, if the page is about that
}

func (r *Request) commentarySubject(ctx context.Context, period string) (*commentarySubject, error) {
	if r.work.Commentaries == nil {
		return nil, kpi.Errorf(kpi.CodeNotFound, "nobody writes commentary here")
	}
	s := &commentarySubject{}
	var err error
	if s.res, s.live, err = r.liveResult(ctx); err != nil {
		return nil, err
	}
	if s.point, err = typedPeriod(s.res, period); err != nil {
		return nil, err
	}
	if s.all, err = r.work.Commentaries.Commentaries(ctx, kpi.PaperQuery{Subject: s.res.Indicator.ID}); err != nil {
		return nil, err
	}
	for i := range s.all {
		if s.all[i].Period == s.point.Period.ID {
			s.current = &s.all[i]
		}
	}
	if s.point.Period.ID == s.res.Assessment.Period {
		s.miss, err = r.miss(ctx, s.res, s.all)
	}
	return s, err
}

func loadCommentaryForm(ctx context.Context, r *Request) (Content, error) {
	s, err := r.commentarySubject(ctx, r.Query.Get("period"))
	if err != nil {
		return Content{}, err
	}
	f := commentaryForm{Typed: kpi.Commentary{Owner: s.res.Indicator.Owner, Lang: r.Lang, Public: s.res.Indicator.Public}}
	if s.current != nil {
		f.Typed = *s.current
	}
	if !f.Typed.Due.IsZero() {
		f.DueTyped = f.Typed.Due.String()
	}
	if r.Query.Get("done") != "" {
		f.Notice = r.P.T("commentary.saved")
	}
	return r.commentaryForm(ctx, s, f)
}

// commentaryForm is the page with a form that has what was typed, and what is wrong with it.
func (r *Request) commentaryForm(ctx context.Context, s *commentarySubject, f commentaryForm) (Content, error) {
	ind := s.res.Indicator
	f.Action, f.Period, f.About = staffIndicatorPath(ind.ID)+"/commentary", s.point.Period.ID, r.P.Period(s.point.Period)
	f.Periods, f.Numbers, f.Longest = r.periodOptions(s.res, f.Period), s.live.periodNumbers(s.res, s.point), kpi.MaxCommentary
	f.Miss, f.Asked, f.Hidden = r.missOf(s.miss, s.res), s.miss != nil || s.current != nil && s.current.Miss, ind.Suppress > 1
	open, err := r.openContests(ctx)
	if err != nil {
		return Content{}, err
	}
	f.Contested = r.contested(ind.ID, open)
	if err := r.commentaryState(ctx, s, &f); err != nil {
		return Content{}, err
	}
	f.Owners = r.postOptions(f.Typed.Owner)
	for _, l := range offered(r.City) {
		f.Langs = append(f.Langs, option{Value: string(l), Words: own(i18n.OwnName(l)), Selected: l == f.Typed.Lang})
	}
	c := Content{
		Title: r.P.T("commentary.form.title"), Summary: r.P.T("commentary.form.intro"), Data: f,
		Crumbs: []Link{{URL: commentaryPath, Words: own(r.P.T("commentary.title"))}, {URL: staffIndicatorPath(ind.ID), Words: r.Words(ind.Name)}},
	}
	if len(f.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	return c, nil
}

// commentaryState says how the text stands now, whatever the form holds.
func (r *Request) commentaryState(ctx context.Context, s *commentarySubject, f *commentaryForm) error {
	now := r.rights(s.current, s.res.Indicator)
	f.Steps.Send, f.Steps.Withdraw = meeting.MayCommentary(meeting.CommentarySend, &now, r.Person), meeting.MayCommentary(meeting.CommentaryWithdraw, &now, r.Person)
	if s.current == nil {
		return nil
	}
	f.Revision, f.State, f.History = s.current.Revision, r.P.T("commentary.state."+string(s.current.State)), Link{URL: commentaryOnePath(s.current.ID), Words: own(r.P.T("commentary.all_revisions"))}
	f.Stands = s.current.Stands != 0 && s.current.State != kpi.CommentaryApproved
	if s.current.Note == "" {
		return nil
	}
	history, err := r.work.Commentaries.CommentaryHistory(ctx, s.current.ID)
	if err != nil {
		return err
	}
	name, err := r.naming(ctx)
	if err != nil {
		return err
	}
	for i := range slices.Backward(history) {
		if h := &history[i]; h.State == kpi.CommentaryReturned {
			f.Returned = &returnedView{Note: paragraphs(s.current.Note), By: name(h.Person, h.By), At: r.at(h.At)}
			break
		}
	}
	return nil
}

// rights is a commentary as rights see it: of the department that answers for the indicator now. c may be nil: there is none yet.
func (r *Request) rights(c *kpi.Commentary, ind *kpi.Indicator) kpi.Commentary {
	var v kpi.Commentary
	if c != nil {
		v = *c
	}
	if ind != nil {
		v.Department = ind.Department
	}
	return v
}

// postOptions are the posts of the city by their titles, after an empty choice.
func (r *Request) postOptions(chosen string) []option {
	list := []option{{Words: own(r.P.T("commentary.nobody"))}}
	for i := range r.City.People {
		p := &r.City.People[i]
		list = append(list, option{Value: p.ID, Words: r.Words(p.Title), Selected: p.ID == chosen})
	}
	return list
}

// postCommentaryForm keeps a text, sends it to be reviewed, or withdraws it.
func postCommentaryForm(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	s, err := r.commentarySubject(ctx, form.Get("period"))
	if err != nil {
		return Posted{}, err
	}
	step := meeting.CommentaryStep(form.Get("do"))
	if !slices.Contains([]meeting.CommentaryStep{meeting.CommentarySave, meeting.CommentarySend, meeting.CommentaryWithdraw}, step) {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "%q is nothing that the form does", step)
	}
	f := r.typedCommentary(s, form)
	seen, _ := strconv.Atoi(form.Get("revision"))
	now := r.rights(s.current, s.res.Indicator)
	if now.Revision != seen {
		return r.commentaryConflict(ctx, s, f)
	}
	if !meeting.MayCommentary(step, &now, r.Person) {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "whoever asks may not %s what is %q", step, now.State)
	}
	if step != meeting.CommentaryWithdraw {
		r.commentaryErrors(&f, step)
	}
	if len(f.Errors) > 0 {
		content, err := r.commentaryForm(ctx, s, f)
		return Posted{Content: content}, err
	}
	next, err := meeting.TurnCommentary(s.current, f.Typed, step, r.Person.By(), "")
	if err != nil {
		return Posted{}, err
	}
	switch err := r.work.Commentaries.SaveCommentary(ctx, &next, r.Person.By(), r.now); {
	case kpi.ErrorCode(err) == kpi.CodeConflict: // between reading and saving
		if s, err = r.commentarySubject(ctx, s.point.Period.ID); err != nil {
			return Posted{}, err
		}
		return r.commentaryConflict(ctx, s, f)
	case err != nil:
		return Posted{}, err
	}
	if step == meeting.CommentarySave {
		return Posted{To: commentaryFormPath(next.Indicator, next.Period) + "&done=save"}, nil
	}
	return Posted{To: commentaryOnePath(next.ID) + "?done=" + string(step)}, nil
}

// typedCommentary is what a form holds.
func (r *Request) typedCommentary(s *commentarySubject, form url.Values) commentaryForm {
	text := func(name string) string { return kpi.PlainText(form.Get(name)) }
	f := commentaryForm{DueTyped: text("due"), Typed: kpi.Commentary{
		Indicator: s.res.Indicator.ID, Period: s.point.Period.ID, Department: s.res.Indicator.Department, Miss: s.miss != nil, Public: form.Get("public") == "true", Lang: kpi.Lang(form.Get("text_lang")),
		Happened: text("happened"), Why: text("why"), Next: text("next"), Owner: form.Get("owner"), Help: text("help"),
	}}
	if !slices.Contains(offered(r.City), f.Typed.Lang) {
		f.Typed.Lang = r.Lang
	}
	if f.Typed.Next == "" && f.DueTyped == "" { // the post stands there by itself
		f.Typed.Owner = ""
	}
	if d, err := kpi.ParseDate(f.DueTyped); err == nil {
		f.Typed.Due = d
	}
	return f
}

// commentaryErrors finds what is wrong with what was typed.
func (r *Request) commentaryErrors(f *commentaryForm, step meeting.CommentaryStep) {
	if f.DueTyped != "" && f.Typed.Due.IsZero() {
		f.add("due", r.P.T("commentary.error.due.unknown"))
	}
	if f.Typed.Owner != "" && r.City.Person(f.Typed.Owner) == nil {
		f.add("owner", r.P.T("commentary.error.owner.empty"))
	}
	for _, p := range meeting.CommentaryProblems(&f.Typed, step, r.Today) {
		switch {
		case f.Wrong(p.Field) != "":
		case p.What == "long":
			f.add(p.Field, r.P.T("commentary.error.long", "max", kpi.MaxCommentary))
		default:
			f.add(p.Field, r.P.T("commentary.error."+p.Field+"."+p.What))
		}
	}
	slices.SortStableFunc(f.Errors, func(a, b formError) int {
		order := []string{"happened", "why", "next", "owner", "due", "help"}
		return slices.Index(order, a.Field) - slices.Index(order, b.Field)
	})
}

// commentaryConflict shows what somebody else saved meanwhile beside what was typed. Whoever saves again has seen it.
func (r *Request) commentaryConflict(ctx context.Context, s *commentarySubject, f commentaryForm) (Posted, error) {
	f.add("theirs", r.P.T("commentary.error.conflict"))
	if s.current != nil {
		name, err := r.naming(ctx)
		if err != nil {
			return Posted{}, err
		}
		v := r.commentaryView(s.current, name)
		f.Theirs = &v
	}
	content, err := r.commentaryForm(ctx, s, f)
	return Posted{Content: content, Status: http.StatusConflict}, err
}
