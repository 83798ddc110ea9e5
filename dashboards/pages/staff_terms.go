package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// staffTermsPath is where whoever decides answers what becomes of the targets of a term.
const staffTermsPath = StaffRoot + "/terms"

var staffTermsPage = Page{Name: "staff_terms", Path: staffTermsPath, Role: StaffOnly, Needs: account.Decide, Load: loadStaffTerms}

var staffTermPage = Page{
	Name: "staff_term", Path: staffTermsPath + "/:number", Role: StaffOnly, Needs: account.Decide, Sends: account.Decide, Query: []string{"done"},
	Load: loadStaffTerm, Post: postStaffTerm,
}

func staffTermPath(id int64) string { return staffTermsPath + "/" + strconv.FormatInt(id, 10) }

// staffTermsData is the list of reviews, the newest term first.
type staffTermsData struct{ Terms []staffTermRow }

type staffTermRow struct {
	Link    Link
	Ended   Moment
	Answers []termCount
}

func loadStaffTerms(ctx context.Context, r *Request) (Content, error) {
	if r.work.Terms == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "no term is reviewed here")
	}
	list, err := r.work.Terms.Terms(ctx)
	if err != nil {
		return Content{}, err
	}
	d := staffTermsData{}
	for i := range slices.Backward(list) {
		t := &list[i]
		t.Answers = t.AnswersIn(r.City)
		d.Terms = append(d.Terms, staffTermRow{
			Link: Link{URL: staffTermPath(t.ID), Words: own(r.P.T("terms.one", "name", t.Name))}, Ended: r.on(t.Ended), Answers: r.termCounts(t),
		})
	}
	return Content{Title: r.P.T("terms.staff.title"), Summary: r.P.T("terms.staff.intro"), Data: d}, nil
}

// termCounts counts all targets of a review, whoever may see them.
func (r *Request) termCounts(t *kpi.TermReview) []termCount {
	n := t.Count()
	var list []termCount
	for _, c := range kpi.TermChoices {
		list = append(list, termCount{Count{Chip: termChip(r, c), N: n[c], Text: r.P.Int(int64(n[c]))}, termAnchor(c)})
	}
	return list
}

// staffTermData is one review with the forms that answer it.
type staffTermData struct {
	formErrors
	Action string
	Notice string
	Name   string
	Ended  Moment
	Counts []termCount
	Groups []staffTermGroup
}

// staffTermGroup is the targets with one answer; those without one come first.
type staffTermGroup struct {
	Anchor  string
	Title   string
	Targets []staffTermTarget
}

// staffTermTarget is one target with its form.
type staffTermTarget struct {
	Shown   termTarget
	Index   int
	Since   string // of the answer that the reader has seen
	Reason  string // as it was typed
	Theirs  string // what somebody else answered meanwhile
	Keeps   bool   // it can be kept here
	Again   bool   // it is kept already
	Open    bool   // the form is shown open
	Decide  Link   // where it is revised or dropped; URL is "" where that is done in the folder alone
	Private bool   // residents do not see it
}

func loadStaffTerm(ctx context.Context, r *Request) (Content, error) {
	t, err := r.staffTerm(ctx)
	if err != nil {
		return Content{}, err
	}
	d := staffTermData{}
	if r.Query.Get("done") != "" {
		d.Notice = r.P.T("terms.done")
	}
	return r.staffTermContent(t, d, -1, "", nil), nil
}

// staffTerm returns the review that the address names, with what has become of its targets by now.
func (r *Request) staffTerm(ctx context.Context) (*kpi.TermReview, error) {
	if r.work.Terms == nil {
		return nil, kpi.Errorf(kpi.CodeNotFound, "no term is reviewed here")
	}
	id, err := paperID(r.Params["number"])
	if err != nil {
		return nil, err
	}
	t, err := r.work.Terms.Term(ctx, id)
	return &t, err
}

// staffTermContent is the page, with what was typed for one target, and what somebody else has answered for it.
func (r *Request) staffTermContent(t *kpi.TermReview, d staffTermData, typed int, reason string, theirs *kpi.TermAnswer) Content {
	now := *t
	now.Answers = t.AnswersIn(r.City)
	d.Action, d.Name, d.Ended, d.Counts = staffTermPath(t.ID), t.Name, r.on(t.Ended), r.termCounts(&now)
	order := append([]kpi.TermChoice{""}, kpi.TermChoices[:len(kpi.TermChoices)-1]...)
	for _, c := range order {
		g := staffTermGroup{Anchor: termAnchor(c), Title: r.P.T("terms.choice." + termWord(c))}
		for k := range now.Answers {
			if a := &now.Answers[k]; a.Answer == c {
				v := r.staffTermTarget(&now, k)
				if k == typed {
					v.Open, v.Reason = true, reason
					if theirs != nil {
						v.Theirs = theirs.Reason
					}
				}
				g.Targets = append(g.Targets, v)
			}
		}
		if len(g.Targets) > 0 {
			d.Groups = append(d.Groups, g)
		}
	}
	c := Content{
		Title: r.P.T("terms.one", "name", t.Name), Summary: r.P.T("terms.staff.intro"), Data: d,
		Crumbs: []Link{{URL: staffTermsPath, Words: own(r.P.T("terms.staff.title"))}},
	}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	return c
}

func (r *Request) staffTermTarget(t *kpi.TermReview, k int) staffTermTarget {
	a := &t.Answers[k]
	v := staffTermTarget{Shown: r.termTarget(t, k, a), Index: k, Since: termSeen(a), Private: !a.Public, Again: a.Answer == kpi.TermKeep}
	v.Keeps = a.Answer == "" || v.Again
	if v.Keeps && r.work.Decisions != nil && r.City.Indicator(a.Indicator) != nil {
		v.Decide = Link{URL: staffIndicatorPath(a.Indicator) + "/decide", Words: own(r.P.T("terms.decide"))}
	}
	return v
}

// termSeen is by what a form knows whether somebody has answered since it was made.
func termSeen(a *kpi.TermAnswer) string {
	if a.At.IsZero() {
		return ""
	}
	return strconv.FormatInt(a.At.UnixNano(), 10)
}

// postStaffTerm keeps a target, with the reason.
func postStaffTerm(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	t, err := r.staffTerm(ctx)
	if err != nil {
		return Posted{}, err
	}
	if !meeting.MayAnswerTerm(r.Person) {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "whoever asks may not say what becomes of targets")
	}
	k, err := strconv.Atoi(form.Get("target"))
	if err != nil || k < 0 || k >= len(t.Answers) {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "%q is no target of the term", form.Get("target"))
	}
	reason := kpi.PlainText(form.Get("reason"))
	d := staffTermData{}
	field := "reason-" + strconv.Itoa(k)
	r.need(&d.formErrors, field, reason, kpi.MaxTermReason, "terms.error.reason")
	if len(d.Errors) > 0 {
		return Posted{Content: r.staffTermContent(t, d, k, reason, nil)}, nil
	}
	conflict := func() (Posted, error) {
		d.add(field, r.P.T("terms.error.conflict"))
		return Posted{Content: r.staffTermContent(t, d, k, reason, &t.Answers[k]), Status: http.StatusConflict}, nil
	}
	if now := t.AnswersIn(r.City)[k]; now.Answer == kpi.TermRevise || now.Answer == kpi.TermDrop {
		d.add("", r.P.T("terms.error.ended"))
		return Posted{Content: r.staffTermContent(t, d, -1, "", nil), Status: http.StatusConflict}, nil
	}
	if termSeen(&t.Answers[k]) != form.Get("seen") {
		return conflict()
	}
	next := *t
	next.Answers = slices.Clone(t.Answers)
	a := &next.Answers[k]
	a.Answer, a.Reason, a.Lang, a.At = kpi.TermKeep, reason, r.Lang, r.now.UTC()
	err = r.work.Terms.SaveTerm(ctx, &next, r.Person.By(), r.now)
	if kpi.ErrorCode(err) == kpi.CodeConflict { // between reading and saving
		if t, err = r.staffTerm(ctx); err != nil {
			return Posted{}, err
		}
		return conflict()
	}
	if err != nil {
		return Posted{}, err
	}
	return Posted{To: staffTermPath(t.ID) + "?done=keep#target-" + strconv.Itoa(k)}, nil
}

