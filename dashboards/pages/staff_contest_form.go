package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

var staffContestFormPage = Page{
	Name: "staff_contest_form", Path: StaffRoot + "/indicators/:id/contest", Role: StaffOnly, Needs: account.ContestNumbers, Sends: account.ContestNumbers, Query: []string{"period", "done"},
	Load: loadContestForm, Post: postContestForm,
}

// contestFormPath is where a department says that a number of an indicator is wrong.
func contestFormPath(indicator, period string) string {
	return staffIndicatorPath(indicator) + "/contest?" + url.Values{"period": {period}}.Encode()
}

// contestForm is the form with the number that it is about.
type contestForm struct {
	formErrors
	Action   string
	Period   string
	About    string
	Notice   string
	Periods  []option
	Numbers  []numberView
	Unit     string
	Reason   string
	Believed string // as it was typed
	Public   bool
	Open     []openContest
	Taken    bool // the number of this period is contested already
}

// openContest is a contest of the indicator that nobody has answered, with the form that takes it back.
type openContest struct {
	Number   string
	Revision int
	Period   string
	Link     Link
	Withdraw bool
}

// contestSubject is what a contest is about.
type contestSubject struct {
	live  *Request
	res   *scorecard.Result
	point *scorecard.Point
	open  []kpi.Contest
}

func (r *Request) contestSubject(ctx context.Context, period string) (*contestSubject, error) {
	if r.work.Contests == nil {
		return nil, kpi.Errorf(kpi.CodeNotFound, "nobody contests numbers here")
	}
	s := &contestSubject{}
	var err error
	if s.res, s.live, err = r.liveResult(ctx); err != nil {
		return nil, err
	}
	if s.point, err = typedPeriod(s.res, period); err != nil {
		return nil, err
	}
	s.open, err = r.work.Contests.Contests(ctx, kpi.PaperQuery{Subject: s.res.Indicator.ID, States: []string{string(kpi.ContestOpen)}})
	return s, err
}

func loadContestForm(ctx context.Context, r *Request) (Content, error) {
	s, err := r.contestSubject(ctx, r.Query.Get("period"))
	if err != nil {
		return Content{}, err
	}
	f := contestForm{}
	if r.Query.Get("done") != "" {
		f.Notice = r.P.T("contest.done.withdraw")
	}
	return r.contestForm(s, f), nil
}

// contestForm is the page with a form that has what was typed, and what is wrong with it.
func (r *Request) contestForm(s *contestSubject, f contestForm) Content {
	ind := s.res.Indicator
	f.Action, f.Period, f.About = staffIndicatorPath(ind.ID)+"/contest", s.point.Period.ID, r.P.Period(s.point.Period)
	f.Periods, f.Numbers, f.Unit = r.periodOptions(s.res, f.Period), s.live.periodNumbers(s.res, s.point), r.P.Upper(r.P.Unit(ind.Unit))
	for i := range s.open {
		c := &s.open[i]
		f.Taken = f.Taken || c.Period == f.Period
		f.Open = append(f.Open, openContest{
			Number: strconv.FormatInt(c.ID, 10), Revision: c.Revision, Period: r.P.Upper(r.periodCalled(c.Period)), Link: Link{URL: contestPath(c.ID), Words: own(r.P.T("contest.read"))},
			Withdraw: r.mayContest(meeting.ContestWithdraw, c),
		})
	}
	c := Content{
		Title: r.P.T("contest.form.title"), Summary: r.P.T("contest.form.intro"), Data: f,
		Crumbs: []Link{{URL: contestsPath, Words: own(r.P.T("contest.title"))}, {URL: staffIndicatorPath(ind.ID), Words: r.Words(ind.Name)}},
	}
	if len(f.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	return c
}

// mayContest reports whether the reader may take a step with a contest. The department that answers for the indicator now has the rights.
func (r *Request) mayContest(step meeting.ContestStep, c *kpi.Contest) bool {
	now := *c
	if ind := r.City.Indicator(c.Indicator); ind != nil {
		now.Department = ind.Department
	}
	return meeting.MayContest(step, &now, r.Person)
}

// postContestForm contests a number, or takes a contest back.
func postContestForm(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	s, err := r.contestSubject(ctx, form.Get("period"))
	if err != nil {
		return Posted{}, err
	}
	switch form.Get("do") {
	case "contest":
		return r.contest(ctx, s, form)
	case "withdraw":
		return r.withdrawContest(ctx, s, form)
	}
	return Posted{}, kpi.Errorf(kpi.CodeInvalid, "%q is nothing that the form does", form.Get("do"))
}

func (r *Request) contest(ctx context.Context, s *contestSubject, form url.Values) (Posted, error) {
	f := contestForm{Reason: kpi.PlainText(form.Get("reason")), Believed: kpi.PlainText(form.Get("believed")), Public: form.Get("public") == "true"}
	c := kpi.Contest{
		Indicator: s.res.Indicator.ID, Period: s.point.Period.ID, Department: s.res.Indicator.Department, Value: s.point.Observation.Value, Version: s.live.Card.Version,
		Reason: f.Reason, Public: f.Public,
	}
	if !meeting.MayContest(meeting.ContestMake, &c, r.Person) {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "whoever asks may not contest numbers of %s", c.Department)
	}
	c.State = kpi.ContestOpen
	r.need(&f.formErrors, "reason", f.Reason, kpi.MaxContest, "contest.error.reason")
	if f.Believed != "" {
		v, ok := typedNumber(f.Believed)
		if !ok {
			f.add("believed", r.P.T("contest.error.believed"))
		}
		c.Believed = &v
	}
	status := 0
	if len(f.Errors) == 0 {
		err := r.work.Contests.SaveContest(ctx, &c, r.Person.By(), r.now)
		if err == nil {
			return Posted{To: contestPath(c.ID) + "?done=make"}, nil
		}
		if kpi.ErrorCode(err) != kpi.CodeConflict {
			return Posted{}, err
		}
		f.add("open", r.P.T("contest.error.taken"))
		status = http.StatusConflict
		if s, err = r.contestSubject(ctx, s.point.Period.ID); err != nil {
			return Posted{}, err
		}
	}
	return Posted{Content: r.contestForm(s, f), Status: status}, nil
}

func (r *Request) withdrawContest(ctx context.Context, s *contestSubject, form url.Values) (Posted, error) {
	at := slices.IndexFunc(s.open, func(c kpi.Contest) bool { return strconv.FormatInt(c.ID, 10) == form.Get("number") })
	if at < 0 || strconv.Itoa(s.open[at].Revision) != form.Get("revision") {
		f := contestForm{}
		f.add("", r.P.T("contest.error.ended"))
		return Posted{Content: r.contestForm(s, f), Status: http.StatusConflict}, nil
	}
	c := &s.open[at]
	if !r.mayContest(meeting.ContestWithdraw, c) {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "whoever asks may not withdraw contest %d", c.ID)
	}
	next, err := meeting.TurnContest(*c, meeting.ContestWithdraw, "", 0, r.Person.By(), r.Today)
	if err == nil {
		err = r.work.Contests.SaveContest(ctx, &next, r.Person.By(), r.now)
	}
	if err != nil {
		return Posted{}, err
	}
	return Posted{To: contestFormPath(c.Indicator, c.Period) + "&done=withdraw"}, nil
}

// typedNumber reads a number as people type it: with a comma or a point before the decimals, and spaces, points or commas between thousands. Where one mark
// stands once it is before the decimals.
func typedNumber(s string) (float64, bool) {
	s = strings.Map(func(c rune) rune {
		switch c {
		case ' ', '\u00a0', '\u202f', '\'', '’':
			return -1
		case '−':
			return '-'
		}
		return c
	}, s)
	comma, dot := strings.LastIndexByte(s, ','), strings.LastIndexByte(s, '.')
	switch {
	case comma > dot && (dot >= 0 || strings.Count(s, ",") == 1):
		s = strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), ",", ".")
	case strings.Count(s, ".") > 1:
		s = strings.ReplaceAll(s, ".", "")
	}
	s = strings.ReplaceAll(s, ",", "")
	if strings.Trim(s, "+-.0123456789") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}
