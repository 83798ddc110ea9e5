package pages

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
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
	title, err := r.slideBody(ctx, rm, ref, &d)
	if err != nil {
		return Content{}, err
	}
	return Content{Title: r.P.T("slides.window", "name", title, "n", n, "total", len(deck)), Summary: r.P.T("slides.summary", "name", s.series.Name, "date", r.P.Date(s.m.Date)), Data: d}, nil
}

// slideBody puts on a slide what it shows, and returns its title.
func (r *Request) slideBody(ctx context.Context, rm *room, ref slideRef, d *slideData) (title string, err error) {
	switch ref.kind {
	case slideSince:
		d.Since, err = r.slideSince(ctx, rm)
		return r.P.T("agenda.since.title"), err
	case slideItem:
		it := &rm.items[ref.item]
		d.Live.URL = rm.liveAddress(it.Key)
		if d.Timer, err = r.slideTimer(it.Minutes); err != nil {
			return "", err
		}
		d.Item = r.slideItem(rm, it)
		return rm.heading(r, it).Text, r.slideEvidence(ctx, it, d.Item.Promise)
	case slideClose:
		d.Closing, err = r.slideClosing(ctx, rm)
		return r.P.T("slides.closing"), err
	}
	d.Opening = r.slideOpening(rm)
	return d.Series.Text, nil
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
			v.Parts = append(v.Parts, slidePart{Heading: r.P.T("agenda.part." + string(it.Part))})
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
