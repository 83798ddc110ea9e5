package pages

import (
	"cmp"
	"context"
	"slices"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// saidView is what people say of an indicator, on its page for staff.
type saidView struct {
	Kept      bool // somebody keeps commentary here
	Miss      *missView
	Contested []contestNote
	Write     Link // URL is "" for whoever may not
	Contest   Link
	Timeline  []saidOnce
	Lists     []Link // of all commentary and all contested numbers
}

// saidOnce is one commentary: the text that stands, or, where none does, the newest that the reader may read.
type saidOnce struct {
	commentaryView
	ID      string
	History Link
	Waits   string // a newer text is on its way: its state; "" if there is none
}

// said is what people say of an indicator; the request is as the live scorecard sees it.
func (r *Request) said(ctx context.Context, res *scorecard.Result) (saidView, error) {
	ind := res.Indicator
	if r.work.Commentaries == nil {
		return saidView{}, nil
	}
	all, err := r.work.Commentaries.Commentaries(ctx, kpi.PaperQuery{Subject: ind.ID})
	if err != nil {
		return saidView{}, err
	}
	v := saidView{Kept: true, Lists: []Link{{URL: commentaryPath, Words: own(r.P.T("commentary.title"))}}}
	if r.work.Contests != nil {
		v.Lists = append(v.Lists, Link{URL: contestsPath, Words: own(r.P.T("contest.title"))})
	}
	m, err := r.miss(ctx, res, all)
	if err != nil {
		return saidView{}, err
	}
	v.Miss = r.missOf(m, res)
	if period, err := typedPeriod(res, ""); err == nil {
		if r.Person.May(account.Comment, ind.Department) {
			v.Write = Link{URL: commentaryFormPath(ind.ID, period.Period.ID), Words: own(r.P.T("commentary.write"))}
		}
		if r.work.Contests != nil && r.Person.May(account.ContestNumbers, ind.Department) {
			v.Contest = Link{URL: contestFormPath(ind.ID, period.Period.ID), Words: own(r.P.T("contest.write"))}
		}
	}
	open, err := r.openContests(ctx)
	if err != nil {
		return saidView{}, err
	}
	v.Contested = r.contested(ind.ID, open)
	v.Timeline, err = r.timeline(ctx, ind, all)
	return v, err
}

// timeline is what was said of each period, the newest first, as far as the reader may read it.
func (r *Request) timeline(ctx context.Context, ind *kpi.Indicator, all []kpi.Commentary) ([]saidOnce, error) {
	name, err := r.naming(ctx)
	if err != nil {
		return nil, err
	}
	drafts := meeting.MayReadDrafts(ind.Department, r.Person)
	begins := func(c *kpi.Commentary) kpi.Date {
		p, _ := r.Cal.Parse(c.Period)
		return p.First
	}
	list := slices.Clone(all)
	slices.SortStableFunc(list, func(a, b kpi.Commentary) int {
		return cmp.Or(begins(&b).Compare(begins(&a)), cmp.Compare(b.ID, a.ID))
	})
	var told []saidOnce
	for i := range list {
		c := &list[i]
		text := c
		if c.State != kpi.CommentaryApproved && c.Stands != 0 {
			history, err := r.work.Commentaries.CommentaryHistory(ctx, c.ID)
			if err != nil {
				return nil, err
			}
			if at := slices.IndexFunc(history, func(h kpi.Commentary) bool { return h.Revision == c.Stands }); at >= 0 {
				text = &history[at]
			}
		}
		if text.State != kpi.CommentaryApproved && !drafts {
			continue
		}
		once := saidOnce{commentaryView: r.commentaryView(text, name), ID: "said-" + c.Period, History: Link{URL: commentaryOnePath(c.ID), Words: own(r.P.T("commentary.all_revisions"))}}
		if text != c && drafts {
			once.Waits = r.P.T("commentary.state." + string(c.State))
		}
		told = append(told, once)
	}
	return told, nil
}
