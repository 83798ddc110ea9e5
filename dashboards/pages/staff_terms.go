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
	slices.SortStableFunc(list, func(a, b kpi.TermReview) int { return b.Ended.Compare(a.Ended) })
	for i := range list {
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
	Decided Link   // the decision that changed it; URL is "" if none did
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
	return r.staffTermContent(ctx, t, d, -1, "", nil)
}

// staffTerm returns the review that the address names, with what has become of its targets by now.
func (r *Request) staffTerm(ctx context.Context) (*kpi.TermReview, error) {
	if r.work.Terms == nil {
		return nil, kpi.Errorf(kpi.CodeNotFound, "no term is reviewed here")
	}
	t, err := byNumber(ctx, r, r.work.Terms.Term)
	return &t, err
}

// staffTermContent is the page, with what was typed for one target, and what somebody else has answered for it.
func (r *Request) staffTermContent(ctx context.Context, t *kpi.TermReview, d staffTermData, typed int, reason string, theirs *kpi.TermAnswer) (Content, error) {
	decided, err := r.decidedTargets(ctx)
	if err != nil {
		return Content{}, err
	}
	now := *t
	now.Answers = t.AnswersIn(r.City)
	d.Action, d.Name, d.Ended, d.Counts = staffTermPath(t.ID), t.Name, r.on(t.Ended), r.termCounts(&now)
	order := append([]kpi.TermChoice{""}, kpi.TermChoices[:len(kpi.TermChoices)-1]...)
	for _, c := range order {
		g := staffTermGroup{Anchor: termAnchor(c), Title: r.P.T("terms.choice." + termWord(c))}
		for k := range now.Answers {
			if a := &now.Answers[k]; a.Answer == c {
				v := r.staffTermTarget(&now, k, decided)
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
	return c, nil
}

// aim is a target by what it is for.
type aim struct {
	indicator string
	by        kpi.Date
	kind      string
}

// decidedTargets returns which decision about a target holds last.
func (r *Request) decidedTargets(ctx context.Context) (map[aim]int64, error) {
	if r.work.Decisions == nil {
		return nil, nil
	}
	list, err := r.work.Decisions.Applied(ctx)
	last := map[aim]int64{}
	for _, a := range list {
		if d := a.Decision; d.Target != nil && (a.State == kpi.AppliedInForce || a.State == kpi.AppliedInFolder) {
			last[aim{d.Indicator, d.Target.By, kindOf(d.Target)}] = d.ID
		}
	}
	return last, err
}

func (r *Request) staffTermTarget(t *kpi.TermReview, k int, decided map[aim]int64) staffTermTarget {
	a := &t.Answers[k]
	v := staffTermTarget{Shown: r.termTarget(t, k, a), Index: k, Since: termSeen(a), Private: !a.Public, Again: a.Answer == kpi.TermKeep}
	v.Keeps = a.Answer == "" || v.Again
	if v.Keeps && r.work.Decisions != nil && r.City.Indicator(a.Indicator) != nil {
		v.Decide = Link{URL: decidePath(a.Indicator), Words: own(r.P.T("terms.decide"))}
	}
	if id := decided[aim{a.Indicator, a.Target.By, kindOf(&a.Target)}]; id != 0 && !v.Keeps {
		v.Decided = Link{URL: staffDecisionsPath + "#" + decisionAnchor(id), Words: own(r.P.T("decisions.number", "id", strconv.FormatInt(id, 10)))}
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
		content, err := r.staffTermContent(ctx, t, d, k, reason, nil)
		return Posted{Content: content}, err
	}
	conflict := func() (Posted, error) {
		d.add(field, r.P.T("terms.error.conflict"))
		content, err := r.staffTermContent(ctx, t, d, k, reason, &t.Answers[k])
		return Posted{Content: content, Status: http.StatusConflict}, err
	}
	if now := t.AnswersIn(r.City)[k]; now.Answer == kpi.TermRevise || now.Answer == kpi.TermDrop {
		d.add("", r.P.T("terms.error.ended"))
		content, err := r.staffTermContent(ctx, t, d, -1, "", nil)
		return Posted{Content: content, Status: http.StatusConflict}, err
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
