package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

const staffCommitmentsPath = StaffRoot + "/commitments"

// staffCommitmentPath is the address of one.
func staffCommitmentPath(id int64) string {
	return staffCommitmentsPath + "/" + strconv.FormatInt(id, 10)
}

// commitmentFilters are the parameters by which the list is filtered; text, due and source stand in the form for a new one alone, owner and indicator in both.
var commitmentFilters = []string{"kind", "department", "owner", "state", "series", "meeting", "indicator"}

var staffCommitmentsPage = Page{
	Name: "staff_commitments", Path: staffCommitmentsPath, Menu: "commitments.menu", Role: StaffOnly, Needs: account.SeeStaff, Sends: account.Commit,
	Shown: func(r *Request) bool { return r.work.Commitments != nil },
	Query: append([]string{"new", "text", "due", "source", "page"}, commitmentFilters...), Load: loadCommitments, Post: postCommitments,
}

// The states that the filter offers. The first is chosen where none is named.
const (
	showCurrent = "current" // nobody has closed it
	showOverdue = "overdue"
	showAll     = "all"
)

var commitmentShows = []string{showCurrent, showOverdue, string(kpi.CommitmentDone), string(kpi.CommitmentKept), string(kpi.CommitmentDropped), showAll}

const commitmentsAPage = 50

// commitmentsData is the ledger of commitments, with a form for another one.
type commitmentsData struct {
	formErrors
	Action  string
	Filters []filter
	Any     bool // a filter is set
	Late    string
	Found   string
	File    string
	List    []commitmentView
	Nobody  bool // nobody has made one
	New     *newCommitment
	pager
}

// newCommitment is the form for one; nil where the reader may make none.
type newCommitment struct {
	Request    bool // it asks for something to be answered
	Text, Hint string
	Owners     []postOption
	Indicators []option
	Due, First string // days; the first one possible
	Public     bool
	MayPublish bool
	Source     string
	Open       bool // it was sent, or was asked for
}

func loadCommitments(ctx context.Context, r *Request) (Content, error) {
	q := r.Query
	f := newCommitment{Text: q.Get("text"), Due: q.Get("due"), Source: q.Get("source"), Request: q.Get("new") == string(kpi.CommitmentRequest)}
	f.Open = q.Has("new") || f.Text != "" || f.Due != "" || f.Source != ""
	return r.commitments(ctx, commitmentsData{}, f, q.Get("owner"), q.Get("indicator"))
}

// commitments is the page with a form as it was sent, or is to be filled in.
func (r *Request) commitments(ctx context.Context, d commitmentsData, f newCommitment, owner, indicator string) (Content, error) {
	all, found, err := r.foundCommitments(ctx)
	if err != nil {
		return Content{}, err
	}
	d.Action, d.File, d.Nobody = staffCommitmentsPath, staffCommitmentsPath+".csv", len(all) == 0
	if q := r.commitmentQuery(); len(q) > 0 {
		d.Any, d.File = true, d.File+"?"+q.Encode()
	}
	d.Filters = r.commitmentFilters(all)
	overdue := 0
	for i := range found {
		if found[i].State == kpi.CommitmentOpen && r.daysLate(&found[i], r.Today) > 0 {
			overdue++
		}
	}
	d.Late = r.P.T("commitments.none_overdue")
	if overdue > 0 {
		d.Late = r.P.T("commitments.overdue_count", "n", overdue)
	}
	d.Found = r.P.T("commitments.count", "n", len(found), "total", len(all))
	from, to, err := r.turn(&d.pager, staffCommitmentsPath, len(found), commitmentsAPage, "commitments.page")
	if err != nil {
		return Content{}, err
	}
	for _, l := range []*Link{d.Previous, d.Next} {
		if l != nil {
			l.URL = r.staffAddress(l.URL)
		}
	}
	files, err := r.evidenceCounts(ctx)
	if err != nil {
		return Content{}, err
	}
	for i := range found[from:to] {
		v := r.commitment(&found[from+i], r.Today, true)
		if n := files[found[from+i].ID]; n > 0 {
			v.Files = r.P.T("commitments.evidence.number", "n", n)
		}
		d.List = append(d.List, v)
	}
	d.New = r.newCommitment(f, owner, indicator)
	c := Content{Title: r.P.T("commitments.title"), Summary: r.P.T("commitments.intro")}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c, nil
}

// commitmentQuery are the filters that are set. Where a commitment is to be written down at once, owner and indicator are those of the form.
func (r *Request) commitmentQuery() url.Values {
	q := url.Values{}
	for _, name := range commitmentFilters {
		form := name == "owner" || name == "indicator"
		if v := r.Query.Get(name); v != "" && !(form && (r.Query.Has("new") || r.Query.Has("text") || r.Query.Has("due") || r.Query.Has("source"))) {
			q.Set(name, v)
		}
	}
	return q
}

// foundCommitments returns all commitments, and those that the filters find, in the order of their urgency.
func (r *Request) foundCommitments(ctx context.Context) (all, found []kpi.Commitment, err error) {
	if r.work.Commitments == nil {
		return nil, nil, kpi.Errorf(kpi.CodeNotFound, "nobody keeps commitments here")
	}
	if all, err = r.work.Commitments.Commitments(ctx, kpi.PaperQuery{}); err != nil {
		return nil, nil, err
	}
	q := r.commitmentQuery()
	for i := range all {
		if findsCommitment(q, &all[i]) && r.showsCommitment(q.Get("state"), &all[i]) {
			found = append(found, all[i])
		}
	}
	r.byUrgency(found, r.Today)
	return all, found, nil
}

// newCommitment is the form for one, nil where the reader may make none.
func (r *Request) newCommitment(f newCommitment, owner, indicator string) *newCommitment {
	f.Owners = r.owners(owner)
	if len(f.Owners) == 0 {
		return nil
	}
	f.Hint, f.First = r.P.T("commitments.text_hint", "max", kpi.MaxCommitment), r.Today.String()
	for i := range r.City.Indicators {
		ind := &r.City.Indicators[i]
		f.Indicators = append(f.Indicators, option{Value: ind.ID, Words: r.Words(ind.Name), Selected: ind.ID == indicator})
	}
	f.MayPublish = slices.ContainsFunc(f.Owners, func(o postOption) bool { return meeting.MayPublishCommitment(o.department, r.Person) })
	f.Open = f.Open || indicator != ""
	return &f
}

// postCommitments keeps a commitment that somebody makes, and leads to its page.
func postCommitments(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	if r.work.Commitments == nil {
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "nobody keeps commitments here")
	}
	text := func(name string) string { return kpi.PlainText(form.Get(name)) }
	f := newCommitment{Request: form.Get("kind") == string(kpi.CommitmentRequest), Text: text("text"), Due: strings.TrimSpace(form.Get("due")), Public: form.Get("readers") == "public", Source: text("source"), Open: true}
	c := kpi.Commitment{
		Text: f.Text, Lang: r.Lang, Owner: form.Get("owner"), Indicator: form.Get("indicator"), Made: r.Today, State: kpi.CommitmentOpen, Public: f.Public, Source: r.commitmentSource(ctx, f.Source),
	}
	if f.Request {
		c.Kind = kpi.CommitmentRequest
	}
	d := commitmentsData{}
	r.checkNew(&d.formErrors, &c, f.Due)
	if len(d.Errors) == 0 {
		switch err := r.work.Commitments.SaveCommitment(ctx, &c, r.Person.By(), r.now); {
		case err == nil:
			return Posted{To: staffCommitmentPath(c.ID) + "?done=made"}, nil
		case !r.commitmentError(&d.formErrors, "commitment-", err):
			return Posted{}, err
		}
	}
	content, err := r.commitments(ctx, d, f, c.Owner, c.Indicator)
	return Posted{Content: content}, err
}

// commitmentSource is where one was made, as far as a form can say it. A meeting is one that there is.
func (r *Request) commitmentSource(ctx context.Context, s string) string {
	kind, rest, _ := strings.Cut(s, "/")
	if id, slot, made := (&kpi.Commitment{Source: s}).Meeting(); made {
		series := r.City.Series(id)
		if series == nil || r.work.Meetings == nil {
			return commitmentSources[0]
		}
		saved, err := r.work.Meetings.Meetings(ctx, kpi.PaperQuery{Subject: id})
		if _, found := meeting.Find(r.City, series, saved, slot); err != nil || !found {
			return commitmentSources[0]
		}
		return s
	} else if kind == kpi.CommitmentMeeting && rest != "" {
		return commitmentSources[0]
	}
	if !slices.Contains(commitmentSources, kind) || utf8.RuneCountInString(s) > 64 || strings.ContainsFunc(rest, func(c rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-/", c) }) {
		return commitmentSources[0]
	}
	return s
}

// commitmentSources are where commitments are made. The first is the page itself.
var commitmentSources = []string{"workspace", "commentary", kpi.CommitmentMeeting}

// checkNew finds what is wrong with the form for one, and completes it.
func (r *Request) checkNew(f *formErrors, c *kpi.Commitment, due string) {
	switch n := utf8.RuneCountInString(c.Text); {
	case c.Text == "":
		f.add("commitment-text", r.P.T("commitments.error.text"))
	case strings.ContainsAny(c.Text, "\n\t"):
		f.add("commitment-text", r.P.T("commitments.error.line"))
	case n > kpi.MaxCommitment:
		f.add("commitment-text", r.P.T("feedback.error.long", "n", n, "max", kpi.MaxCommitment))
	}
	owners := r.owners(c.Owner)
	if i := slices.IndexFunc(owners, func(o postOption) bool { return o.Selected }); i < 0 {
		f.add("commitment-owner", r.P.T("commitments.error.owner"))
	} else {
		c.Department = owners[i].department
	}
	var err error
	if c.Due, err = kpi.ParseDate(due); err != nil {
		f.add("commitment-due", r.P.T("commitments.error.due", "date", r.Today.AddDays(30).String()))
	} else if c.Due.Before(r.Today) {
		f.add("commitment-due", r.P.T("commitments.error.due_past", "date", r.P.Date(r.Today)))
	}
	if c.Indicator != "" && r.City.Indicator(c.Indicator) == nil {
		f.add("commitment-indicator", r.P.T("commitments.error.indicator"))
	}
	if c.Public && c.Kind == kpi.CommitmentRequest {
		f.add("commitment-public", r.P.T("commitments.error.public"))
	}
	if c.Public && len(f.Errors) == 0 && !meeting.MayPublishCommitment(c.Department, r.Person) {
		f.add("commitment-public", r.P.T("commitments.staff_only"))
	}
}

// commitmentError notes what the rule finds wrong, at the field of the form whose ids begin with a prefix. It reports whether the rule found something.
func (r *Request) commitmentError(f *formErrors, prefix string, err error) bool {
	var p meeting.CommitmentProblem
	if !errors.As(err, &p) {
		return false
	}
	at := map[meeting.CommitmentProblem]string{
		meeting.CommitmentNoText: "text", meeting.CommitmentLong: "note", meeting.CommitmentNoOwner: "owner", meeting.CommitmentNoDue: "due", meeting.CommitmentDuePast: "due",
		meeting.CommitmentDueFar: "due", meeting.CommitmentDueSame: "due", meeting.CommitmentNoReason: "note", meeting.CommitmentNoNote: "note", meeting.CommitmentSaid: "note",
		meeting.CommitmentNotOpen: "public",
	}[p]
	if at != "" {
		at = prefix + at
	}
	switch p {
	case meeting.CommitmentNoDue:
		f.add(at, r.P.T("commitments.error.due", "date", r.Today.AddDays(30).String()))
	case meeting.CommitmentDuePast:
		f.add(at, r.P.T("commitments.error.due_past", "date", r.P.Date(r.Today)))
	case meeting.CommitmentWrong:
		f.add("", r.P.T("commitments.error.state"))
	default:
		f.add(at, r.P.T("commitments.error."+string(p)))
	}
	return true
}

// statusOf is the status of a page that shows a form again.
func statusOf(conflict bool) int {
	if conflict {
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

// isProblem reports whether the rule found just this wrong.
func isProblem(err error, p meeting.CommitmentProblem) bool {
	var found meeting.CommitmentProblem
	return errors.As(err, &found) && found == p
}
