package pages

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"citystat/assets"
	"citystat/kpi"
	"citystat/kpi/account"
)

// staffDecisionsPath is the address of all decisions.
const staffDecisionsPath = StaffRoot + "/decisions"

var staffDecisionsPage = Page{
	Name: "staff_decisions", Path: staffDecisionsPath, Menu: "decisions.menu", Role: StaffOnly, Needs: account.SeeStaff, Sends: account.Decide,
	Shown: func(r *Request) bool { return r.work.Decisions != nil }, Query: []string{"done", "withdrawn"}, Load: loadDecisions, Post: postDecisions,
}

// decisionsData is what was decided over the folder.
type decisionsData struct {
	formErrors
	Action string
	Notice string
	Groups []decisionGroup
	Open   string // how many the folder does not say
	Patch  Link   // URL is "" where there is none
	ByHand []handView
}

// decisionGroup is the decisions of which the same became.
type decisionGroup struct {
	ID, Title, Lead string
	Decisions       []decisionView
}

// decisionView is one decision.
type decisionView struct {
	ID          int64
	Revision    int
	Anchor      string
	Subject     Link // the indicator; URL is "" where it is gone
	Said        string
	State       string
	Class       kpi.PublicStatus
	Lack        string
	On          Moment
	Recorded    Moment
	Whose       string
	Reason      string
	Lang        kpi.Lang // of whose and reason, where it is another than the page's
	Act         Link
	By          string // who entered it
	WithdrawnBy string
	Withdrawn   *Moment
	Why         string
	May         bool   // the reader may withdraw it
	Because     string // what was typed
	Open        bool
}

// handView is a decision that only a person can write into the folder.
type handView struct {
	Decision Link
	Why      string
	Where    string
	Lines    string
}

func loadDecisions(ctx context.Context, r *Request) (Content, error) {
	d := decisionsData{}
	for _, said := range []string{"done", "withdrawn"} {
		if id, err := strconv.ParseInt(r.Query.Get(said), 10, 64); err == nil {
			d.Notice = r.P.T("decisions."+said, "id", strconv.FormatInt(id, 10))
		}
	}
	return r.decisions(ctx, d, nil)
}

// withdrawal is a form that was sent to withdraw a decision.
type withdrawal struct {
	id      int64
	because string
}

// decisions is the page; sent is a form that is shown again.
func (r *Request) decisions(ctx context.Context, d decisionsData, sent *withdrawal) (Content, error) {
	if r.work.Decisions == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "nothing is decided here")
	}
	list, err := r.work.Decisions.Applied(ctx)
	if err != nil {
		return Content{}, err
	}
	d.Action = staffDecisionsPath
	open := 0
	for _, state := range kpi.AppliedStates {
		g := decisionGroup{ID: "state-" + string(state), Title: r.P.T("decisions.state." + string(state)), Lead: r.P.T("decisions.about." + string(state))}
		for k := len(list) - 1; k >= 0; k-- {
			if list[k].State == state {
				g.Decisions = append(g.Decisions, r.decision(&list[k], sent))
			}
		}
		if state == kpi.AppliedInForce {
			open = len(g.Decisions)
		}
		if len(g.Decisions) > 0 {
			d.Groups = append(d.Groups, g)
		}
	}
	if open > 0 {
		if err := r.exported(ctx, &d, open); err != nil {
			return Content{}, err
		}
	}
	c := Content{Title: r.P.T("decisions.title"), Summary: r.P.T("decisions.intro")}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c, nil
}

// exported says how what was decided comes into the folder.
func (r *Request) exported(ctx context.Context, d *decisionsData, open int) error {
	d.Open = r.P.T("decisions.open", "n", open)
	p, err := r.work.Decisions.Patch(ctx)
	switch {
	case kpi.ErrorCode(err) == kpi.CodeConflict: // the folder's files have mistakes just now
		d.Open += " " + r.P.T("decisions.folder_broken")
		return nil
	case err != nil:
		return err
	}
	if len(p.Diff) > 0 {
		d.Patch = Link{URL: staffDecisionsPath + ".patch", Words: own(r.P.T("decisions.patch"))}
	}
	for _, h := range p.ByHand {
		v := handView{
			Decision: Link{URL: "#" + decisionAnchor(h.Decision), Words: own(r.P.T("decisions.number", "id", strconv.FormatInt(h.Decision, 10)))},
			Why:      r.P.T("decisions.hand." + string(h.Why)), Lines: strings.Join(h.Lines, "\n"),
		}
		if h.File != "" {
			v.Where = fmt.Sprintf("%s:%d", h.File, h.Line)
		}
		d.ByHand = append(d.ByHand, v)
	}
	return nil
}

func decisionAnchor(id int64) string { return "decision-" + strconv.FormatInt(id, 10) }

// decisionClasses are the shapes of the states. They are those of the statuses: a reader knows them already.
var decisionClasses = map[kpi.AppliedState]kpi.PublicStatus{
	kpi.AppliedInForce: kpi.PublicOnTrack, kpi.AppliedInFolder: kpi.PublicOnTrack, kpi.AppliedOvertaken: kpi.PublicBehind, kpi.AppliedNotApplicable: kpi.PublicBehind,
	kpi.AppliedWithdrawn: kpi.PublicCannotSay,
}

// decision is one decision in words.
func (r *Request) decision(a *kpi.Applied, sent *withdrawal) decisionView {
	d := &a.Decision
	v := decisionView{
		ID: d.ID, Revision: d.Revision, Anchor: decisionAnchor(d.ID), Said: r.decided(d), State: r.P.T("decisions.state." + string(a.State)),
		Class: decisionClasses[a.State], On: r.on(d.On), Recorded: r.at(d.Since), Whose: d.Whose, Reason: d.Reason, Act: r.act(d.Act), By: r.holders.people[d.Founder].Name, Why: d.Why,
		Subject: Link{Words: Words{Text: d.Indicator}},
	}
	if d.Lang != r.Lang {
		v.Lang = d.Lang
	}
	if a.Lack != "" {
		v.Lack = r.P.T("decisions.lack." + string(a.Lack))
	}
	if i := r.City.Indicator(d.Indicator); i != nil {
		v.Subject = Link{URL: staffIndicatorPath(i.ID), Words: r.Words(i.Name)}
	}
	if a.State == kpi.AppliedWithdrawn {
		at := r.at(d.At)
		v.Withdrawn, v.WithdrawnBy = &at, r.holders.people[d.Person].Name
	}
	v.May = a.State != kpi.AppliedWithdrawn && a.State != kpi.AppliedInFolder && r.Person.May(account.Decide, r.departmentOfDecision(d))
	if sent != nil && sent.id == d.ID {
		v.Because, v.Open = sent.because, true
	}
	return v
}

func (r *Request) departmentOfDecision(d *kpi.Decision) string {
	return departmentOfIndicator(r.City, d.Indicator)
}

// decided says what was decided: a label and what stands there from then on.
func (r *Request) decided(d *kpi.Decision) string {
	switch {
	case d.Kind == kpi.DecideOwner:
		name := d.Owner
		if w := r.person(d.Owner); w.Text != "" {
			name = w.Text
		}
		return r.P.T("decisions.said.owner", "post", name)
	case d.Target == nil:
		return ""
	case d.Kind == kpi.DecideDrop:
		return r.P.T("decisions.said.drop", "kind", r.P.T("page.standing."+kindOf(d.Target)), "by_date", r.P.By(d.Target.By))
	}
	value := strconv.FormatFloat(d.Target.Value, 'f', -1, 64)
	if i := r.City.Indicator(d.Indicator); i != nil {
		value = r.P.Target(d.Target, i)
	}
	return r.P.T("decisions.said.target", "kind", r.P.T("page.standing."+kindOf(d.Target)), "by_date", r.P.By(d.Target.By), "value", value)
}

// postDecisions withdraws a decision.
func postDecisions(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	if r.work.Decisions == nil {
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "nothing is decided here")
	}
	id, err := strconv.ParseInt(form.Get("decision"), 10, 64)
	if err != nil || form.Get("do") != "withdraw" {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say which decision is withdrawn")
	}
	d, err := r.work.Decisions.Decision(ctx, id)
	if err != nil {
		return Posted{}, err
	}
	if !r.Person.May(account.Decide, r.departmentOfDecision(&d)) {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "your roles do not let you decide")
	}
	sent := &withdrawal{id, oneLine(form.Get("because"))}
	if sent.because == "" {
		return r.againDecisions(ctx, sent, "because-"+strconv.FormatInt(id, 10), "decisions.wrong.withdrawal_why", http.StatusUnprocessableEntity)
	}
	if d.Revision, err = strconv.Atoi(form.Get("revision")); err != nil {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say which revision it is about")
	}
	d.State, d.Why = kpi.DecisionWithdrawn, sent.because
	switch err := r.work.Decisions.SaveDecision(ctx, &d, r.Person.By(), r.now); kpi.ErrorCode(err) {
	case "":
		return Posted{To: staffDecisionsPath + "?withdrawn=" + strconv.FormatInt(id, 10) + "#" + decisionAnchor(id)}, nil
	case kpi.CodeConflict:
		return r.againDecisions(ctx, sent, "", "decisions.conflict", http.StatusConflict)
	case kpi.CodeInvalid:
		return r.againDecisions(ctx, sent, "because-"+strconv.FormatInt(id, 10), "decisions.wrong.long", http.StatusUnprocessableEntity)
	default:
		return Posted{}, err
	}
}

// againDecisions shows the page again with what is wrong.
func (r *Request) againDecisions(ctx context.Context, sent *withdrawal, field, message string, status int) (Posted, error) {
	var d decisionsData
	d.add(field, r.P.T(message))
	c, err := r.decisions(ctx, d, sent)
	return Posted{Content: c, Status: status}, err
}

// oneLine is what somebody typed, without line breaks and what cannot be seen: it stands in files and tables too.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == 0xfeff {
			return ' '
		}
		return c
	}, s)), " ")
}

// decisionsPatch is the patch to the folder, as a file.
func (p *Pages) decisionsPatch(c echo.Context) error {
	if p.opts.Work.Decisions == nil {
		return kpi.Errorf(kpi.CodeNotFound, "nothing is decided here")
	}
	patch, err := p.opts.Work.Decisions.Patch(c.Request().Context())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, h := range patch.ByHand {
		where := h.File
		if where != "" {
			where = fmt.Sprintf(" into %s, at line %d", h.File, h.Line)
		}
		fmt.Fprintf(&b, "# Decision %d is to be written by hand%s:\n#   %s\n", h.Decision, where, strings.Join(h.Lines, "\n#   "))
	}
	b.Write(patch.Diff)
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, staffCaching)
	h.Set(echo.HeaderContentType, "text/x-diff; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="decisions.patch"`)
	assets.Write(c.Response(), c.Request(), assets.Body{Plain: b.Bytes()})
	return nil
}

// ofIndicator returns the decisions about an indicator, the newest first.
func (r *Request) ofIndicator(ctx context.Context, id string) ([]decisionView, error) {
	list, err := r.work.Decisions.Applied(ctx)
	if err != nil {
		return nil, err
	}
	var views []decisionView
	for k := range slices.Backward(list) {
		if list[k].Decision.Indicator == id {
			views = append(views, r.decision(&list[k], nil))
		}
	}
	return views, nil
}
