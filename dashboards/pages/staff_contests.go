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

// contestsPath is the address of the page about all contested numbers.
const contestsPath = StaffRoot + "/contests"

var staffContestsPage = Page{Name: "staff_contests", Path: contestsPath, Role: StaffOnly, Needs: account.SeeStaff, Query: []string{"state"}, Load: loadContests}

var staffContestPage = Page{
	Name: "staff_contest", Path: contestsPath + "/:number", Role: StaffOnly, Needs: account.SeeStaff, Sends: account.AnswerContests, Query: []string{"done"}, Load: loadContest, Post: postContest,
}

// contestPath is where one contest is read and answered.
func contestPath(id int64) string { return contestsPath + "/" + strconv.FormatInt(id, 10) }

// contestStates are the states, in the order of the page.
var contestStates = []kpi.ContestState{kpi.ContestOpen, kpi.ContestCorrected, kpi.ContestUpheld, kpi.ContestWithdrawn}

// contestsData is a list of contested numbers in one state.
type contestsData struct {
	States  []Link
	Heading string
	Rows    []contestRow
	Open    bool
}

// contestRow is one of them.
type contestRow struct {
	Link   Link
	Period string
	Office Words
	Value  Value
	Since  Moment
	Due    Moment // until when it is answered; when it was, where it is not open any more
	Late   string
	Public bool
}

func loadContests(ctx context.Context, r *Request) (Content, error) {
	if r.work.Contests == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "nobody contests numbers here")
	}
	state := kpi.ContestState(r.Query.Get("state"))
	if !slices.Contains(contestStates, state) {
		state = kpi.ContestOpen
	}
	all, err := r.work.Contests.Contests(ctx, kpi.PaperQuery{})
	if err != nil {
		return Content{}, err
	}
	d := contestsData{Heading: r.P.T("contest.state." + string(state)), Open: state == kpi.ContestOpen}
	n := map[kpi.ContestState]int{}
	for i := range all {
		c := &all[i]
		if n[c.State]++; c.State == state {
			d.Rows = append(d.Rows, r.contestRow(c))
		}
	}
	if state != kpi.ContestOpen {
		slices.Reverse(d.Rows)
	}
	for _, s := range contestStates {
		d.States = append(d.States, Link{
			URL: contestsPath + "?state=" + string(s), Current: s == state, Words: own(r.P.T("feedback.staff.count", "state", r.P.T("contest.state."+string(s)), "n", n[s])),
		})
	}
	return Content{Title: r.P.T("contest.title"), Summary: r.P.T("contest.intro"), Data: d}, nil
}

func (r *Request) contestRow(c *kpi.Contest) contestRow {
	row := contestRow{
		Link: Link{URL: contestPath(c.ID), Words: own(c.Indicator)}, Period: r.periodCalled(c.Period), Office: r.departmentName(c.Department), Since: r.dayOf(c.Since), Due: r.dayOf(c.At), Public: c.Public,
		Value: Value{Text: r.P.Value(nil, kpi.Number, 0)},
	}
	if ind := r.City.Indicator(c.Indicator); ind != nil {
		row.Link.Words, row.Value = r.Words(ind.Name), r.exactly(ind, c.Value)
	}
	if c.State == kpi.ContestOpen {
		due := r.contestDue(c)
		if row.Due = r.on(due); due.Before(r.Today) {
			row.Late = r.P.T("contest.late")
		}
	}
	return row
}

// exactly is a value with all its decimals: two numbers that are contested may differ in one that pages do not show.
func (r *Request) exactly(ind *kpi.Indicator, v *float64) Value {
	if v == nil {
		return r.Value(ind, nil)
	}
	return Value{Text: r.P.Exact(*v, ind.Unit), Raw: raw(v)}
}

func (r *Request) contestDue(c *kpi.Contest) kpi.Date {
	return meeting.ContestDue(kpi.DateOf(c.Since.In(r.Cal.Location)), r.City.Workdays())
}

// contestData is one contested number, with the form that answers it.
type contestData struct {
	formErrors
	Action  string
	Notice  string
	Name    Words
	State   string
	Period  string
	Reason  []string
	Facts   []contestFact
	Answer  []string
	Answers bool // the reader may answer
	Own     bool // the reader contested it, and so does not answer
	Form    Link // where whoever may takes it back; URL is "" for others
	Typed   struct{ Outcome, Answer string }
	Loads   []option
	History []contestStep
	Since   Moment
	Stamp   int // the revision
}

// contestFact is one of the numbers and days of a contest.
type contestFact struct {
	Label string
	Words Words
	Value Value
	When  Moment
}

// contestStep is one revision.
type contestStep struct {
	Number string
	State  string
	By     string
	At     Moment
	Said   []string
}

func loadContest(ctx context.Context, r *Request) (Content, error) {
	c, err := r.contestOf(ctx)
	if err != nil {
		return Content{}, err
	}
	d := contestData{}
	switch r.Query.Get("done") {
	case "make", "answer":
		d.Notice = r.P.T("contest.done." + r.Query.Get("done"))
	}
	return r.contestContent(ctx, c, d)
}

// contestOf returns the contest that the address names.
func (r *Request) contestOf(ctx context.Context) (*kpi.Contest, error) {
	if r.work.Contests == nil {
		return nil, kpi.Errorf(kpi.CodeNotFound, "nobody contests numbers here")
	}
	c, err := byNumber(ctx, r, r.work.Contests.Contest)
	return &c, err
}

// contestContent is the page, with what came of a form.
func (r *Request) contestContent(ctx context.Context, c *kpi.Contest, d contestData) (Content, error) {
	name, err := r.naming(ctx)
	if err != nil {
		return Content{}, err
	}
	d.Action, d.Stamp, d.State = contestPath(c.ID), c.Revision, r.P.T("contest.state."+string(c.State))
	d.Name, d.Period, d.Reason, d.Answer, d.Since = own(c.Indicator), r.P.Upper(r.periodCalled(c.Period)), paragraphs(c.Reason), paragraphs(c.Answer), r.at(c.Since)
	d.Answers = r.mayContest(meeting.ContestUphold, c)
	d.Own = c.State == kpi.ContestOpen && !d.Answers && r.Person.May(account.AnswerContests, c.Department)
	if r.City.Indicator(c.Indicator) != nil && r.mayContest(meeting.ContestWithdraw, c) {
		d.Form = Link{URL: contestFormPath(c.Indicator, c.Period), Words: own(r.P.T("contest.withdraw"))}
	}
	if err := r.contestFacts(ctx, c, &d); err != nil {
		return Content{}, err
	}
	if d.Answers {
		if d.Loads, err = r.loadOptions(ctx, c); err != nil {
			return Content{}, err
		}
	}
	history, err := r.work.Contests.ContestHistory(ctx, c.ID)
	if err != nil {
		return Content{}, err
	}
	for i := range slices.Backward(history) {
		h := &history[i]
		d.History = append(d.History, contestStep{r.P.Int(int64(h.Revision)), r.P.T("contest.state." + string(h.State)), name(h.Person, h.By), r.at(h.At), paragraphs(h.Answer)})
	}
	content := Content{Title: r.P.T("contest.one.title"), Summary: r.P.T("contest.one.intro"), Crumbs: []Link{{URL: contestsPath, Words: own(r.P.T("contest.title"))}}}
	if ind := r.City.Indicator(c.Indicator); ind != nil {
		d.Name = r.Words(ind.Name)
		content.Crumbs = append(content.Crumbs, Link{URL: staffIndicatorPath(ind.ID), Words: d.Name})
	}
	if len(d.Errors) > 0 {
		content.Title = r.errorTitle(content.Title)
	}
	content.Data = d
	return content, nil
}

// contestFacts are the numbers and days of a contest; of the number as it is now too.
func (r *Request) contestFacts(ctx context.Context, c *kpi.Contest, d *contestData) error {
	add := func(id string, f contestFact) {
		f.Label = r.P.T(id)
		d.Facts = append(d.Facts, f)
	}
	if ind := r.City.Indicator(c.Indicator); ind != nil {
		add("contest.value", contestFact{Value: r.exactly(ind, c.Value)})
		if c.Believed != nil {
			add("contest.believed", contestFact{Value: r.exactly(ind, c.Believed)})
		}
		card, err := r.staff.Live(ctx)
		if err != nil {
			return err
		}
		if res := card.Result(c.Indicator); res != nil {
			if p := point(res, c.Period); p != nil {
				add("contest.now", contestFact{Value: r.exactly(ind, p.Observation.Value)})
			}
		}
	}
	add("contest.version", contestFact{Value: r.Count(c.Version)})
	add("indicator.department", contestFact{Words: r.departmentName(c.Department)})
	reader := "contest.for_staff"
	if c.Public {
		reader = "contest.for_all"
	}
	add("contest.readers", contestFact{Words: own(r.P.T(reader))})
	switch c.State {
	case kpi.ContestOpen:
		add("contest.due", contestFact{When: r.on(r.contestDue(c))})
	case kpi.ContestCorrected, kpi.ContestUpheld:
		add("contest.answered", contestFact{When: r.on(c.AnsweredAt)})
		if c.Load != 0 {
			add("contest.load", contestFact{Value: r.Count(c.Load)})
		}
	}
	return nil
}

// loadOptions are the good loads of the indicator's dataset since the contested number: one of them may have mended it.
func (r *Request) loadOptions(ctx context.Context, c *kpi.Contest) ([]option, error) {
	ind := r.City.Indicator(c.Indicator)
	if ind == nil {
		return nil, nil
	}
	reports, err := r.staff.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	list := []option{{Words: own(r.P.T("contest.no_load"))}}
	for i := range reports {
		if reports[i].State.Dataset != ind.Dataset {
			continue
		}
		for _, l := range reports[i].Runs {
			if l.State == kpi.LoadLive && l.ID > c.Version {
				list = append(list, option{Value: strconv.FormatInt(l.ID, 10), Words: own(r.P.T("contest.load_of", "n", l.ID, "time", r.at(l.LiveAt).Text))})
			}
		}
	}
	return list, nil
}

// postContest answers a contest.
func postContest(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	c, err := r.contestOf(ctx)
	if err != nil {
		return Posted{}, err
	}
	if form.Get("do") != "answer" {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "%q is nothing that the form does", form.Get("do"))
	}
	d := contestData{}
	d.Typed.Outcome, d.Typed.Answer = form.Get("outcome"), kpi.PlainText(form.Get("answer"))
	if c.State != kpi.ContestOpen || strconv.Itoa(c.Revision) != form.Get("revision") {
		return r.contestConflict(ctx, c, d)
	}
	step := meeting.ContestStep(d.Typed.Outcome)
	if step != meeting.ContestCorrect && step != meeting.ContestUphold {
		d.add("outcome", r.P.T("contest.error.outcome"))
		step = meeting.ContestUphold
	}
	if !r.mayContest(step, c) {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "whoever asks may not answer contest %d", c.ID)
	}
	r.need(&d.formErrors, "answer", d.Typed.Answer, kpi.MaxContest, "contest.error.answer")
	if len(d.Errors) > 0 {
		content, err := r.contestContent(ctx, c, d)
		return Posted{Content: content}, err
	}
	loads, err := r.loadOptions(ctx, c)
	if err != nil {
		return Posted{}, err
	}
	load := int64(0)
	if slices.ContainsFunc(loads, func(o option) bool { return o.Value != "" && o.Value == form.Get("load") }) {
		load, _ = strconv.ParseInt(form.Get("load"), 10, 64)
	}
	next, err := meeting.TurnContest(*c, step, d.Typed.Answer, load, r.Person.By(), r.Today)
	if err != nil {
		return Posted{}, err
	}
	switch err := r.work.Contests.SaveContest(ctx, &next, r.Person.By(), r.now); {
	case kpi.ErrorCode(err) == kpi.CodeConflict: // between reading and saving
		if c, err = r.contestOf(ctx); err != nil {
			return Posted{}, err
		}
		return r.contestConflict(ctx, c, d)
	case err != nil:
		return Posted{}, err
	}
	return Posted{To: contestPath(c.ID) + "?done=answer"}, nil
}

// contestConflict shows the contest as it is now.
func (r *Request) contestConflict(ctx context.Context, c *kpi.Contest, d contestData) (Posted, error) {
	d.add("", r.P.T("contest.error.ended"))
	content, err := r.contestContent(ctx, c, d)
	return Posted{Content: content, Status: http.StatusConflict}, err
}
