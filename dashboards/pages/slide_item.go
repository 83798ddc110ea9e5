package pages

import (
	"cmp"
	"context"
	"slices"

	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// slideItemView is one question with what is known of it.
type slideItemView struct {
	Part     string
	Rule     string
	Heading  Words
	Question Words
	Number   *slideNumber
	Promise  *slidePromise
	Told     *slideTold // nil where the department says nothing
	Silence  string     // that it says nothing
	Promised []slidePromise
	More     string // how many further commitments there are
	About    Link
	Reason   Words // why somebody added it
}

// slideNumber is an indicator on the wall.
type slideNumber struct {
	Summary
	Finding string
	Memo    string   // as the memo has it; "" where none is out
	Now     []string // how it stands now, and why, in sentences; none where it did not move
	Figure  *chart.Figure
}

// slidePromise is a commitment on the wall.
type slidePromise struct {
	commitmentView
	Slips   string
	Blocker Words
	Note    Words    // what its owner said last
	Since   []string // what became of it since the memo
	Shown   []Link   // photos and files that show that it is kept
}

// slideTold is what a department says of a number.
type slideTold struct {
	Office Words
	Period string
	Texts  []toldText
	Lang   kpi.Lang
}

// slideItem is one question.
func (r *Request) slideItem(rm *room, it *meeting.Item) *slideItemView {
	v := &slideItemView{Part: r.P.T("agenda.part." + string(it.Part)), Rule: r.rule(it), Heading: rm.heading(r, it), Question: r.question(it)}
	if it.Reason != "" {
		v.Reason = r.typed(it.Reason, it.Lang)
	}
	if ind := r.City.Indicator(it.Indicator); ind != nil {
		v.About = Link{URL: staffIndicatorPath(ind.ID), Words: own(r.P.T("slides.indicator"))}
	}
	if c := it.Promise; c != nil {
		p := r.slidePromise(c)
		if rm.m.Memo != nil {
			moved := meeting.MovedSince(&it.AgendaItem, rm.memo, rm.card, rm.in.Commitments)
			p.Since = i18n.MovedSentences(r.P, r.City, r.Cal, &moved)
		}
		v.Promise = &p
		return v
	}
	if it.Card == nil || it.Commitment != 0 {
		return v
	}
	res := it.Card.Result
	v.Number = &slideNumber{Summary: rm.seen.staffSummary(res), Finding: i18n.Headline(r.P, *res), Figure: r.slideFigure(res)}
	r.slideMoved(rm, it, v.Number)
	v.Told, v.Silence = r.slideTold(rm, it)
	const most = 1
	for i := range rm.in.Commitments {
		c := &rm.in.Commitments[i]
		if c.Indicator == it.Indicator && !c.State.Ended() {
			v.Promised = append(v.Promised, r.slidePromise(c))
		}
	}
	if n := len(v.Promised) - most; n > 0 {
		v.Promised, v.More = v.Promised[:most], r.P.N("slides.more", n)
	}
	return v
}

// slidePromise is a commitment as it stands now.
func (r *Request) slidePromise(c *kpi.Commitment) slidePromise {
	v := slidePromise{commitmentView: r.commitment(c, r.Today, true)}
	if n := c.Slips(); n > 0 {
		v.Slips = r.P.N("slides.slips", n)
	}
	if c.Blocker != "" {
		v.Blocker = own(c.Blocker)
	}
	if c.Note != "" {
		v.Note = own(c.Note)
	}
	return v
}

// slideEvidence leads to what shows that a commitment is kept.
func (r *Request) slideEvidence(ctx context.Context, it *meeting.Item, v *slidePromise) error {
	if v == nil || r.work.Evidence == nil {
		return nil
	}
	list, err := r.work.Evidence.Evidence(ctx, it.Commitment)
	for i := range list {
		if e := &list[i]; e.Gone == nil {
			v.Shown = append(v.Shown, Link{URL: evidencePath(it.Commitment, e.ID), Words: r.typed(cmp.Or(e.Shows, e.Name), e.Lang)})
		}
	}
	return err
}

// slideTold is what the department says of the number that is judged: what was approved, and nothing else. Everybody in the room reads it.
func (r *Request) slideTold(rm *room, it *meeting.Item) (*slideTold, string) {
	period := it.Card.Result.Assessment.Period
	said := slices.Concat(rm.in.Commentaries, rm.card.Commentary)
	for i := range said {
		c := &said[i]
		if c.Indicator != it.Indicator || c.Period != period || c.State != kpi.CommentaryApproved {
			continue
		}
		v := &slideTold{Office: r.departmentName(c.Department), Period: r.periodCalled(c.Period), Texts: r.prompts(c)}
		if c.Lang != r.Lang {
			v.Lang = c.Lang
		}
		return v, ""
	}
	return nil, r.P.T("slides.silence")
}

// slideFigure draws an indicator over time; nil where there is nothing to draw.
func (r *Request) slideFigure(res *scorecard.Result) *chart.Figure {
	if !slices.ContainsFunc(res.Series, func(pt scorecard.Point) bool { return pt.Observation.Value != nil }) {
		return nil
	}
	return chart.Trend(r.P, "slide-chart", res)
}

// slideMoved says what the memo has, where one is out, and how the number stands now if it is another one, and why.
func (r *Request) slideMoved(rm *room, it *meeting.Item, v *slideNumber) {
	if rm.m.Memo == nil {
		return
	}
	ind := it.Card.Result.Indicator
	value, period := r.P.Value(it.Value, ind.Unit, ind.Decimals), r.periodCalled(it.Period)
	if rm.memo != nil {
		if then := rm.memo.Result(it.Indicator); then != nil { // of what adds up the memo shows the total, and so does the slide
			var sum Summary
			if pt := point(then, it.Period); pt != nil {
				r.summarySoFar(&sum, then, pt.Period)
			}
			if sum.SoFar != "" {
				value, period = sum.Value.Text, sum.Period
			}
		}
	}
	v.Memo = r.P.T("slides.memo", "value", value, "period", period)
	if it.Period == "" {
		v.Memo = ""
	}
	moved := meeting.MovedSince(&it.AgendaItem, rm.memo, rm.card, rm.in.Commitments)
	v.Now = i18n.MovedSentences(r.P, r.City, r.Cal, &moved)
}
