package pages

import (
	"context"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// mayorView is what a meeting would call out.
type mayorView struct {
	Intro   string
	Cards   []cardView
	Fold    string // opens the further cards of a whole city
	Further []cardView
	None    string // where no card is there
	More    string // opens the rest
	Rest    []restView
}

// cardView is an indicator as a meeting sees it.
type cardView struct {
	Summary
	Rule   string
	Also   string
	Reason string
	Move   string
	Noise  bool
	Coming string
	Said   string // whether it is explained; "" of one that need not be
	Links  []Link
}

// restView is an indicator that is told in one line.
type restView struct {
	Summary
	Noise bool
	Move  string
}

// mayor makes the cards of the indicators that a reader answers for. live is nil where it cannot be read.
func (r *Request) mayor(ctx context.Context, s *workScope, live *scorecard.Scorecard, due *meeting.DutyInputs) (mayorView, error) {
	var v mayorView
	if live == nil {
		v.None = r.P.T("work.mayor.unread")
		return v, nil
	}
	in := meeting.CardInputs{Live: live, Troubles: meeting.DataTroubles(*due), Commentaries: due.Commentaries, Ahead: r.ahead()}
	switch {
	case !r.City.AsOf.IsZero():
		in.Ahead, v.Intro = r.City.AsOf, r.P.T("work.mayor.past")
	case r.Person.MayAnywhere(account.Comment):
		v.Intro = r.P.T("work.mayor.intro", "until", r.P.Until(in.Ahead))
	default:
		v.Intro = r.P.T("work.mayor.theirs", "until", r.P.Until(in.Ahead))
	}
	var err error
	if in.Before, err = r.seenLast(ctx); err != nil {
		return v, err
	}
	r = r.liveRequest(live)
	for _, c := range meeting.Cards(in) {
		ind := c.Result.Indicator
		switch {
		case !s.of(ind.Department, ind.Owner):
		case c.Rule == meeting.CardNotTaken:
			v.Rest = append(v.Rest, restView{Summary: r.staffSummary(c.Result), Noise: c.Noise, Move: i18n.CardMove(r.P, &c)})
		default:
			v.Cards = append(v.Cards, r.card(&c))
		}
	}
	if s.whole && s.chosen == "" && len(v.Cards) > mostCards {
		v.Cards, v.Further = v.Cards[:mostCards], v.Cards[mostCards:]
		v.Fold = r.P.T("work.mayor.further", "n", len(v.Further))
	}
	if len(v.Cards) == 0 {
		v.None = r.P.T("work.mayor.none")
	}
	if len(v.Rest) > 0 {
		v.More = r.P.N("work.mayor.rest", len(v.Rest))
	}
	return v, nil
}

// ahead is the day of which departments are told what will be called out.
func (r *Request) ahead() kpi.Date {
	return r.City.Workdays().After(r.Today, meeting.AheadDays)
}

// seenLast returns the scorecard with which the live one is compared: the newest release, or what was published two weeks ago where every load is.
func (r *Request) seenLast(ctx context.Context) (*scorecard.Scorecard, error) {
	switch {
	case r.City.Publish == kpi.PublishByRelease:
		return r.Card, nil
	case r.work.Seen == nil:
		return nil, nil
	}
	return r.work.Seen.PublishedBy(ctx, r.Today.AddDays(-meeting.LookBackDays).EndIn(r.Cal.Location))
}

// staffSummary is a result in a few words, with the staff's page about it behind its name.
func (r *Request) staffSummary(res *scorecard.Result) Summary {
	s := r.summary(res)
	s.Link.URL = staffIndicatorPath(res.Indicator.ID)
	return s
}

func (r *Request) card(c *meeting.Card) cardView {
	ind := c.Result.Indicator
	v := cardView{
		Summary: r.staffSummary(c.Result), Rule: r.P.CardRule(c.Rule), Reason: i18n.CardReason(r.P, c), Move: i18n.CardMove(r.P, c), Noise: c.Noise, Links: r.cardLinks(c),
	}
	if len(c.Also) > 0 {
		var names []string
		for _, rule := range c.Also {
			names = append(names, r.P.CardRule(rule))
		}
		v.Also = r.P.T("card.also", "list", strings.Join(names, "; "))
	}
	if n := c.Coming; n != nil {
		v.Coming = r.P.T("card.coming_none", "period", r.P.Period(n.Period))
		if n.Value != nil {
			v.Coming = r.P.T("card.coming", "period", r.P.Period(n.Period), "value", r.Value(ind, n.Value).Text)
		}
	}
	v.Said = r.explained(c)
	return v
}

// explained says how far a department has come with saying why a number is behind; "" of one that is not. Of what is not approved only those are told who
// may read it.
func (r *Request) explained(c *meeting.Card) string {
	said := c.Said
	switch {
	case said != nil && (said.Stands || said.State == kpi.CommentaryApproved):
		return r.P.T("card.said.stands")
	case said != nil && meeting.MayReadDrafts(c.Result.Indicator.Department, r.Person):
		return r.P.T("card.said." + string(said.State))
	case !c.Off:
		return ""
	}
	return r.P.T("card.said.none")
}

// cardLinks lead to what the reader may do about a number.
func (r *Request) cardLinks(c *meeting.Card) []Link {
	ind, period := c.Result.Indicator, c.Result.Assessment.Period
	var list []Link
	done := c.Said != nil && (c.Said.Stands || c.Said.State == kpi.CommentarySubmitted)
	if c.Off && !done && period != "" && r.work.Commentaries != nil && r.Person.May(account.Comment, ind.Department) {
		list = append(list, Link{URL: commentaryFormPath(ind.ID, period), Words: own(r.P.T("card.do.explain"))})
	}
	switch {
	case r.work.Contests == nil:
	case c.Contest != nil:
		list = append(list, Link{URL: contestPath(c.Contest.ID), Words: own(r.P.T("contest.read"))})
	case period != "" && r.Person.May(account.ContestNumbers, ind.Department):
		list = append(list, Link{URL: contestFormPath(ind.ID, period), Words: own(r.P.T("card.do.contest"))})
	}
	if r.work.Cases != nil && r.Person.May(account.SeeCases, ind.Department) && r.work.Cases.HasCases(ind.ID) {
		list = append(list, Link{URL: casesPath(ind.ID), Words: own(r.P.T("card.do.cases"))})
	}
	return list
}
