package pages

import (
	"context"
	"slices"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// ownedGroup is what a post owns of one kind.
type ownedGroup struct {
	Kind  string
	Title string
	Items []ownedItem
}

// ownedItem is one thing that a post owns.
type ownedItem struct {
	Key   string // of its fields in a form
	Link  Link   // URL is "" where the reader may not go, or where there is no page
	Under string // what stands under its name
	Chip  *Chip  // of an indicator
	Note  string
	Done  bool
	Typed bool // its name was typed by somebody, in any language
	Gone  bool // the post does not own it any more, or it has come to an end
}

// things are what items are looked up in.
type things struct {
	papers meeting.Papers
	card   *scorecard.Scorecard // the live one; nil while there is none
}

// papers reads what people typed of which a post may own something.
func (r *Request) papers(ctx context.Context) (meeting.Papers, error) {
	var p meeting.Papers
	var err error
	if c := r.work.Commitments; c != nil {
		if p.Commitments, err = c.Commitments(ctx, kpi.PaperQuery{}); err != nil {
			return p, err
		}
	}
	if c := r.work.Commentaries; c != nil {
		if p.Commentaries, err = c.Commentaries(ctx, kpi.PaperQuery{}); err != nil {
			return p, err
		}
	}
	if c := r.work.Contests; c != nil {
		p.Contests, err = c.Contests(ctx, kpi.PaperQuery{})
	}
	return p, err
}

// things reads all that items may be. A city that cannot be judged now still has posts.
func (r *Request) things(ctx context.Context) (things, error) {
	p, err := r.papers(ctx)
	if err != nil {
		return things{}, err
	}
	card, err := r.staff.Live(ctx)
	if err != nil && kpi.ErrorCode(err) != kpi.CodeUnready {
		return things{}, err
	}
	return things{p, card}, nil
}

// groups puts items into groups, in the order of [kpi.HandoverKinds]. owned is what the post owns now.
func (r *Request) groups(t things, items, owned []kpi.HandoverItem) []ownedGroup {
	var list []ownedGroup
	for _, kind := range kpi.HandoverKinds {
		g := ownedGroup{Kind: kind, Title: r.P.T("posts.owns." + kind)}
		for _, i := range items {
			if i.Kind != kind {
				continue
			}
			o := r.thing(t, i)
			o.Key, o.Note, o.Done = i.Kind+"-"+i.ID, i.Note, i.Done
			o.Gone = !slices.ContainsFunc(owned, func(own kpi.HandoverItem) bool { return own.Kind == i.Kind && own.ID == i.ID })
			g.Items = append(g.Items, o)
		}
		if len(g.Items) > 0 {
			list = append(list, g)
		}
	}
	return list
}

// thing is an item in words, with the way to it. One that is not there any more keeps its id.
func (r *Request) thing(t things, i kpi.HandoverItem) ownedItem {
	o := ownedItem{Link: Link{Words: own(i.ID)}}
	number, _ := strconv.ParseInt(i.ID, 10, 64)
	switch i.Kind {
	case kpi.OwnsDepartment:
		if d := r.City.Department(i.ID); d != nil {
			o.Link = Link{URL: boardPath(d.ID), Words: r.Words(d.Name)}
		}
	case kpi.OwnsDataset:
		if d := r.City.Dataset(i.ID); d != nil {
			o.Link = Link{URL: staffDataPath + "#dataset-" + d.ID, Words: r.Words(d.Name)}
		}
	case kpi.OwnsIndicator:
		r.ownedIndicator(&o, t, i.ID)
	case kpi.OwnsCommitment:
		for k := range t.papers.Commitments {
			if c := &t.papers.Commitments[k]; c.ID == number {
				o.Link = Link{URL: staffCommitmentPath(c.ID), Words: own(c.Text)}
				o.Typed, o.Under = true, r.P.T("posts.due", "date", r.P.Date(c.Due))
			}
		}
	case kpi.OwnsCommentary:
		for k := range t.papers.Commentaries {
			if c := &t.papers.Commentaries[k]; c.ID == number {
				r.ownedPeriod(&o, t, c.Indicator, c.Period)
				if o.Link.URL = ""; r.Person.May(account.Comment, c.Department) || r.Person.May(account.ReviewComments, c.Department) {
					o.Link.URL = commentaryOnePath(c.ID)
				}
			}
		}
	case kpi.OwnsContest:
		for k := range t.papers.Contests {
			if c := &t.papers.Contests[k]; c.ID == number {
				r.ownedPeriod(&o, t, c.Indicator, c.Period)
				o.Link.URL = contestPath(c.ID)
			}
		}
	}
	return o
}

func (r *Request) ownedIndicator(o *ownedItem, t things, id string) {
	if ind := r.City.Indicator(id); ind != nil {
		o.Link.Words = r.Words(ind.Name)
	}
	if t.card == nil {
		return
	}
	if res := t.card.Result(id); res != nil {
		chip := r.chip(res.Assessment.Status)
		o.Link.URL, o.Chip = staffIndicatorPath(id), &chip
	}
}

// ownedPeriod is what is said of an indicator's value in a period.
func (r *Request) ownedPeriod(o *ownedItem, t things, indicator, period string) {
	r.ownedIndicator(o, t, indicator)
	o.Chip, o.Under = nil, period
	if p, err := r.Cal.Parse(period); err == nil {
		o.Under = r.P.Period(p)
	}
}
