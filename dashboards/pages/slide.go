package pages

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

var slidePage = Page{
	Name: "meeting_slide", Path: meetingPath + slidesBelow + "/:slide", Role: StaffOnly, Needs: account.SeeStaff, Stage: true, Own: "js/meeting.js", Load: loadSlide,
}

// slideKind is what a slide shows.
type slideKind string

const (
	slideTitle slideKind = "title" // the meeting, and its agenda in one look
	slideSince slideKind = "since" // what changed since last time
	slideItem  slideKind = "item"  // one question
	slideClose slideKind = "close" // what was decided and promised today
)

// slideRef is a slide of the deck.
type slideRef struct {
	kind slideKind
	item int // its place in the agenda
}

// deck is the order of the slides: the title, what was moved for the third time, what changed since last time, the other items, and what was decided.
func (rm *room) deck() []slideRef {
	list := []slideRef{{kind: slideTitle}}
	third := func(it *meeting.Item) bool {
		return it.Rule == string(meeting.RuleThird) || it.Promise != nil && it.Promise.Slips() >= kpi.ThirdSlip
	}
	for i := range rm.items {
		if third(&rm.items[i]) {
			list = append(list, slideRef{slideItem, i})
		}
	}
	list = append(list, slideRef{kind: slideSince})
	for i := range rm.items {
		if !third(&rm.items[i]) {
			list = append(list, slideRef{slideItem, i})
		}
	}
	return append(list, slideRef{kind: slideClose})
}

// slidePath is the address of a slide, counted from 1.
func (s *sitting) slidePath(n int) string {
	return meetingAddress(s.series.ID, s.m.Slot, slidesBelow+"/"+strconv.Itoa(n))
}

// slideOf is the address of the slide of an item; of the first slide if there is none.
func (rm *room) slideOf(key string) string {
	for n, ref := range rm.deck() {
		if ref.kind == slideItem && rm.items[ref.item].Key == key {
			return rm.slidePath(n + 1)
		}
	}
	return rm.slidePath(1)
}

// toFirstSlide leads from the address of all slides to the first one.
func toFirstSlide(c echo.Context) error {
	slot, err := kpi.ParseDate(c.Param("date"))
	if err != nil {
		return kpi.Errorf(kpi.CodeNotFound, "%q is no day", c.Param("date"))
	}
	c.Response().Header().Set(echo.HeaderCacheControl, staffCaching)
	return c.Redirect(http.StatusFound, meetingAddress(c.Param("series"), slot, slidesBelow+"/1"))
}

// slideData is one slide.
type slideData struct {
	Kind     slideKind
	Place    string // which of how many
	Series   Words
	When     Moment
	Previous Link // URL is "" of the first
	Next     Link // URL is "" of the last
	First    string
	Last     string
	Agenda   Link
	Live     Link
	Leave    Link
	Timer    *slideTimer // nil of a slide that has no time of its own
	Opening  *slideOpening
	Since    *slideSinceView
	Item     *slideItemView
	Closing  *slideClosing
}

// slideTimer is what the script counts by: the minutes of the item, and in words what is left of them.
type slideTimer struct {
	Label   string
	Seconds int
	Words   string // JSON of slideTimes
}

// slideTimes are finished words by the minute: what is left, and what the item is over.
type slideTimes struct {
	Left []string `json:"left"`
	Over []string `json:"over"`
}

// slideOpening is the title with the agenda.
type slideOpening struct {
	State  string
	Place  Words
	Chair  holderView
	Parts  []slidePart
	Total  string
	Over   string // the agenda takes longer than the room is booked
	Steady string
}

// slidePart is a part of the agenda.
type slidePart struct {
	Heading string
	Items   []slideLine
}

type slideLine struct {
	Link
	Minutes string
	Class   kpi.PublicStatus
	Word    string
}

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
}

// slideTold is what a department says of a number.
type slideTold struct {
	Office Words
	Period string
	Texts  []toldText
	Lang   kpi.Lang
}

// slideClosing is what came of the meeting.
type slideClosing struct {
	Decisions []liveEntry
	Promises  []liveEntry
	Later     []liveEntry
	None      string
	Next      Moment
	NextAt    Link
}

func loadSlide(ctx context.Context, r *Request) (Content, error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return Content{}, err
	}
	rm, err := r.room(ctx, s)
	if err != nil {
		return Content{}, err
	}
	deck := rm.deck()
	n, err := strconv.Atoi(r.Params["slide"])
	if err != nil || strconv.Itoa(n) != r.Params["slide"] || n < 1 || n > len(deck) {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "the meeting %s has no slide %q", s.m.Name(), r.Params["slide"])
	}
	ref := deck[n-1]
	d := slideData{
		Kind: ref.kind, Place: r.P.T("slides.place", "n", n, "total", len(deck)), Series: r.Words(s.series.Name), When: r.on(s.m.Date),
		First: s.slidePath(1), Last: s.slidePath(len(deck)),
		Agenda: Link{URL: s.slidePath(1), Words: own(r.P.T("slides.agenda")), Current: n == 1},
		Live:   Link{URL: meetingAddress(s.series.ID, s.m.Slot, liveBelow), Words: own(r.P.T("meeting.stage.live"))},
		Leave:  Link{URL: meetingAddress(s.series.ID, s.m.Slot, ""), Words: own(r.P.T("slides.leave"))},
	}
	if n > 1 {
		d.Previous = Link{URL: s.slidePath(n - 1), Words: own(r.P.T("slides.previous"))}
	}
	if n < len(deck) {
		d.Next = Link{URL: s.slidePath(n + 1), Words: own(r.P.T("slides.next"))}
	}
	title := d.Series.Text
	switch ref.kind {
	case slideTitle:
		d.Opening = r.slideOpening(rm)
	case slideSince:
		title = r.P.T("agenda.since.title")
		d.Since, err = r.slideSince(ctx, rm)
	case slideItem:
		it := &rm.items[ref.item]
		d.Live.URL = s.liveAddress(it.Key)
		title = rm.heading(r, it).Text
		d.Timer, err = r.slideTimer(it.Minutes)
		d.Item = r.slideItem(rm, it)
	case slideClose:
		title = r.P.T("slides.closing")
		d.Closing, err = r.slideClosing(ctx, rm)
	}
	if err != nil {
		return Content{}, err
	}
	return Content{Title: r.P.T("slides.window", "name", title, "n", n, "total", len(deck)), Summary: r.P.T("slides.summary", "name", s.series.Name, "date", r.P.Date(s.m.Date)), Data: d}, nil
}

// slideTimer is the clock of an item.
func (r *Request) slideTimer(minutes int) (*slideTimer, error) {
	var w slideTimes
	for n := range minutes + 1 {
		w.Left = append(w.Left, r.P.T("slides.left", "minutes", r.minutes(n)))
	}
	const longest = 60
	for n := range longest {
		w.Over = append(w.Over, r.P.T("slides.over", "minutes", r.minutes(n+1)))
	}
	text, err := json.Marshal(w)
	return &slideTimer{Label: r.P.T("slides.timer", "minutes", r.minutes(minutes)), Seconds: 60 * minutes, Words: string(text)}, err
}

// slideOpening is the agenda in one look.
func (r *Request) slideOpening(rm *room) *slideOpening {
	v := &slideOpening{State: r.P.T("meeting.state." + string(rm.m.State)), Place: r.Words(rm.series.Place), Chair: r.holder(rm.m.Chair)}
	total := 0
	for i := range rm.items {
		it := &rm.items[i]
		if n := len(v.Parts); n == 0 || i > 0 && rm.items[i-1].Part != it.Part {
			v.Parts = append(v.Parts, slidePart{Heading: r.P.T("slides.part." + string(it.Part))})
		}
		l := slideLine{Link: Link{URL: rm.slideOf(it.Key), Words: rm.heading(r, it)}, Minutes: r.minutes(it.Minutes)}
		switch {
		case it.Promise != nil:
			chip := r.commitmentChip(it.Promise, r.Today)
			l.Class, l.Word = chip.Class, chip.Word
		case it.Commitment == 0 && it.Card != nil:
			chip := r.chip(it.Card.Result.Assessment.Status)
			l.Class, l.Word = chip.Class, chip.Word
		}
		p := &v.Parts[len(v.Parts)-1]
		p.Items = append(p.Items, l)
		total += it.Minutes
	}
	v.Total = r.P.T("slides.total", "minutes", r.minutes(total), "booked", r.minutes(rm.m.Minutes))
	if total > rm.m.Minutes {
		v.Over = r.P.T("slides.over_booked", "minutes", r.minutes(total-rm.m.Minutes))
	}
	return v
}

// slideSinceView is what changed since last time, as much of it as a wall has room for.
type slideSinceView struct {
	sinceView
	Prepare Link // where all of it is
}

// slideSince reads what changed since the last meeting.
func (r *Request) slideSince(ctx context.Context, rm *room) (*slideSinceView, error) {
	live, err := r.staff.Live(ctx)
	if err != nil {
		return nil, err
	}
	_, since, err := r.changedSince(ctx, rm.sitting, live)
	return &slideSinceView{since, Link{URL: meetingAddress(rm.series.ID, rm.m.Slot, "") + "#since", Words: own(since.More)}}, err
}

// slideItem is one question.
func (r *Request) slideItem(rm *room, it *meeting.Item) *slideItemView {
	v := &slideItemView{Part: r.P.T("slides.part." + string(it.Part)), Rule: r.rule(it), Heading: rm.heading(r, it), Question: r.question(it)}
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

// slideClosing is what was decided and promised in the meeting, and when the next one is.
func (r *Request) slideClosing(ctx context.Context, rm *room) (*slideClosing, error) {
	entries, err := r.liveEntries(ctx, rm)
	if err != nil {
		return nil, err
	}
	slices.Reverse(entries)
	v := &slideClosing{}
	for _, e := range entries {
		switch {
		case e.Gone != "":
		case e.kind == liveDecision:
			v.Decisions = append(v.Decisions, e)
		case e.kind == liveLater:
			v.Later = append(v.Later, e)
		default:
			v.Promises = append(v.Promises, e)
		}
	}
	if len(v.Decisions)+len(v.Promises)+len(v.Later) == 0 {
		v.None = r.P.T("slides.nothing_yet")
	}
	if next := r.meetingAfter(rm.sitting); next != nil {
		v.Next = r.at(next.Start(r.Cal.Location))
		v.NextAt = Link{URL: meetingAddress(next.Series, next.Slot, ""), Words: own(v.Next.Text)}
	}
	return v, nil
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
	v.Memo = r.P.T("slides.memo", "value", r.P.Value(it.Value, ind.Unit, ind.Decimals), "period", r.periodCalled(it.Period))
	if it.Period == "" {
		v.Memo = ""
	}
	moved := meeting.MovedSince(&it.AgendaItem, rm.memo, rm.card, rm.in.Commitments)
	v.Now = i18n.MovedSentences(r.P, r.City, r.Cal, &moved)
}
