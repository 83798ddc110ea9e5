package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// postForm gives a post to somebody, or names acting cover.
type postForm struct {
	Action  string
	Posts   []option // nil: the page is about one post
	Holders []option
	Acting  bool
	From    string
	Until   string
	Reason  string

	post, holder string // that were chosen
}

// endForm says when a holding ends, or that it was a mistake.
type endForm struct{ Do, Until, Reason string }

// postForm makes the form, with what was typed; nil if the reader may not change who holds what, or if nobody can sign in. post is the one that the page
// is about, "" for a page about all.
func (r *Request) postForm(sent *postForm, post string) *postForm {
	if !r.Person.May(account.ChangePosts, "") || len(r.holders.people) == 0 || len(r.City.People) == 0 {
		return nil
	}
	f := *sent
	f.Action = staffPostPath(post)
	if post == "" {
		f.Action = staffPostsPath
		for i := range r.City.People {
			p := &r.City.People[i]
			f.Posts = append(f.Posts, option{Value: p.ID, Words: r.Words(p.Title), Selected: p.ID == f.post})
		}
	}
	var people []account.Person
	for _, p := range r.holders.people {
		if !p.Disabled {
			people = append(people, p)
		}
	}
	slices.SortFunc(people, func(a, b account.Person) int { return int(a.ID - b.ID) })
	for i := range people {
		id := strconv.FormatInt(people[i].ID, 10)
		f.Holders = append(f.Holders, option{Value: id, Words: own(people[i].Name + " (" + people[i].Email + ")"), Selected: id == f.holder})
	}
	return &f
}

// mustChangePosts is an error for whoever may not change who holds what.
func (r *Request) mustChangePosts() error {
	if !r.Person.May(account.ChangePosts, "") {
		return kpi.Errorf(kpi.CodeDenied, "your roles do not let you change who holds a post")
	}
	return r.mustKnowPosts()
}

func postPosts(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	if err := r.mustChangePosts(); err != nil {
		return Posted{}, err
	}
	sent, wrong, done, err := r.give(ctx, form, form.Get("post"))
	if err != nil || done {
		return Posted{To: staffPostPath(form.Get("post")) + "?done=given"}, err
	}
	content, err := r.posts(ctx, sent, wrong)
	return Posted{Content: content}, err
}

// give keeps a new holding of a post as a form says. It returns what was typed and what is wrong with it, or that it was done.
func (r *Request) give(ctx context.Context, form url.Values, post string) (*postForm, []formError, bool, error) {
	sent := &postForm{
		post: post, holder: form.Get("holder"), Acting: form.Get("acting") != "", From: form.Get("from"), Until: form.Get("until"), Reason: typed(form.Get("reason")),
	}
	h := kpi.Holding{Post: post, Acting: sent.Acting, Reason: sent.Reason}
	var errs formErrors
	if r.City.Person(post) == nil {
		errs.add("post", r.P.T("posts.wrong.post"))
	}
	h.Holder, _ = strconv.ParseInt(sent.holder, 10, 64)
	if who, known := r.holders.people[h.Holder]; !known || who.Disabled {
		errs.add("holder", r.P.T("posts.wrong.holder"))
	}
	h.From = r.dayTyped(&errs, "from", sent.From)
	h.Until = r.dayTyped(&errs, "until", sent.Until)
	if len(errs.Errors) > 0 {
		return sent, errs.Errors, false, nil
	}
	wrong, err := r.keep(ctx, &h)
	if wrong != "" {
		errs.add(holdingField(wrong), r.P.T("posts.wrong."+string(wrong)))
	}
	return sent, errs.Errors, wrong == "" && err == nil, err
}

// typed is what somebody typed into a field of many lines.
func typed(s string) string { return kpi.PlainText(s) }

// dayTyped reads a day of a form; zero if nothing was typed, or something that is none, which is then said at the field.
func (r *Request) dayTyped(errs *formErrors, field, s string) kpi.Date {
	s = strings.TrimSpace(s)
	if s == "" {
		return kpi.Date{}
	}
	d, err := kpi.ParseDate(s)
	if err != nil {
		errs.add(field, r.P.T("posts.wrong.day"))
		return kpi.Date{}
	}
	return d
}

// keep saves a holding. What is wrong with it is no error.
func (r *Request) keep(ctx context.Context, h *kpi.Holding) (meeting.HoldingProblem, error) {
	err := r.work.Posts.SaveHolding(ctx, h, r.Person.By(), r.now)
	var wrong meeting.HoldingProblem
	if errors.As(err, &wrong) {
		return wrong, nil
	}
	return "", err
}

// holdingField is the field of the form at which a problem is told.
func holdingField(p meeting.HoldingProblem) string {
	switch p {
	case meeting.HoldingNoPost:
		return "post"
	case meeting.HoldingNobody, meeting.HoldingOwnCover:
		return "holder"
	case meeting.HoldingNoStart, meeting.HoldingTaken:
		return "from"
	case meeting.HoldingNoEnd, meeting.HoldingBackwards:
		return "until"
	case meeting.HoldingNoReason, meeting.HoldingLong:
		return "reason"
	}
	return ""
}

// changedField is the field of a form about a holding that there is, at which a problem is told.
func changedField(p meeting.HoldingProblem, do string) string {
	switch f := holdingField(p); {
	case do == "void":
		return "why"
	case f == "reason":
		return f
	}
	return "until"
}

func postPost(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	if err := r.mustChangePosts(); err != nil {
		return Posted{}, err
	}
	post := r.Params["post"]
	if r.City.Person(post) == nil {
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "there is no post %q", post)
	}
	if form.Get("do") == "give" {
		sent, wrong, done, err := r.give(ctx, form, post)
		if err != nil || done {
			return Posted{To: staffPostPath(post) + "?done=given"}, err
		}
		content, err := r.post(ctx, postSent{give: sent, wrong: wrong})
		return Posted{Content: content}, err
	}
	return r.changeHolding(ctx, form, post)
}

// changeHolding ends a holding, takes its end back, says that it was a mistake, or makes the list of what is handed over.
func (r *Request) changeHolding(ctx context.Context, form url.Values, post string) (Posted, error) {
	id := form.Get("holding")
	k := slices.IndexFunc(r.holders.list, func(h kpi.Holding) bool { return h.Post == post && strconv.FormatInt(h.ID, 10) == id })
	if k < 0 {
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "nobody holds %s under number %q", post, id)
	}
	h, do := r.holders.list[k], form.Get("do")
	if do == "list" {
		return r.makeList(ctx, &h, "ended")
	}
	h.Revision, _ = strconv.Atoi(form.Get("revision"))
	sent := postSent{holding: id, end: endForm{do, form.Get("until"), typed(form.Get("reason"))}}
	var errs formErrors
	r.apply(&errs, &h, sent)
	if len(errs.Errors) == 0 {
		wrong, err := r.keep(ctx, &h)
		switch {
		case wrong != "":
			errs.add(changedField(wrong, sent.end.Do)+"-"+id, r.P.T("posts.wrong."+string(wrong)))
		case kpi.ErrorCode(err) == kpi.CodeConflict:
			errs.add("", r.P.T("posts.conflict"))
			if r.holders, err = readHolders(ctx, r.work.Posts, r.directory); err != nil {
				return Posted{}, err
			}
			sent.conflict = true
		case err != nil:
			return Posted{}, err
		default:
			return r.makeList(ctx, &h, do)
		}
	}
	sent.wrong = errs.Errors
	content, err := r.post(ctx, sent)
	status := 0
	if sent.conflict {
		status = http.StatusConflict
	}
	return Posted{Content: content, Status: status}, err
}

// apply changes a holding as a form says.
func (r *Request) apply(errs *formErrors, h *kpi.Holding, sent postSent) {
	switch sent.end.Do {
	case "end":
		field := "until-" + sent.holding
		h.Until = r.dayTyped(errs, field, sent.end.Until)
		if h.Until.IsZero() && len(errs.Errors) == 0 {
			errs.add(field, r.P.T("posts.wrong.until"))
		}
		if sent.end.Reason != "" {
			h.Reason = sent.end.Reason
		}
	case "reopen":
		h.Until = kpi.Date{}
	case "void":
		h.Void, h.Reason = true, sent.end.Reason
	default:
		errs.add("", r.P.T("error.invalid"))
	}
}

// makeList makes the list of what a post hands over, or brings the one that there is in line with the holding. A holding that ended without a list, because
// something went wrong between the two, may be given one later.
func (r *Request) makeList(ctx context.Context, h *kpi.Holding, do string) (Posted, error) {
	back := Posted{To: staffPostPath(h.Post) + "?done=" + url.QueryEscape(do)}
	lists, err := r.work.Handovers.Handovers(ctx, kpi.PaperQuery{Subject: h.Post, States: []string{"open", "ended"}})
	if err != nil {
		return Posted{}, err
	}
	for i := range lists {
		l := &lists[i]
		if l.Holding != h.ID {
			continue
		}
		stays := h.Void || h.Until.IsZero()
		if !stays && l.On == h.Until {
			return back, nil
		}
		if l.Void = stays; !stays {
			l.On = h.Until
		}
		return back, r.work.Handovers.SaveHandover(ctx, l, r.Person.By(), r.now)
	}
	p, err := r.papers(ctx)
	if err != nil {
		return Posted{}, err
	}
	l := meeting.NewHandover(r.City, h, p)
	if l == nil {
		return back, nil
	}
	l.To = meeting.Incoming(r.holders.list, l, r.Today)
	if err := r.work.Handovers.SaveHandover(ctx, l, r.Person.By(), r.now); err != nil {
		return Posted{}, err
	}
	return Posted{To: staffHandoverPath(l.ID) + "?done=begun"}, nil
}
