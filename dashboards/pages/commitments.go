package pages

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// commitmentView is a commitment in a list, for the staff or for residents. The template "promise" writes it.
type commitmentView struct {
	ID      string // in the page
	Link    Link   // its text; URL is "" where the reader has no page of it
	Number  string // "" for residents
	Request string // the mark of one; "" of a promise
	Chip    Chip
	Late    string // how late it is, or was; "" if it is not
	Stopped string // an emergency suspends its date; "" if none does
	Third   string // it was moved to a later day too often; "" for residents
	Blocked bool
	Public  bool // the mark for the staff
	Due     Moment
	First   string // the date that was promised first; "" if it still holds
	Moves   string // how often it was moved, and by whom
	Owner   holderView
	Of      Words // the department
	About   Link  // the indicator; Text is "" where the list is about one
	Ended   *Moment
	Meeting *madeIn // in which it was made; nil: in none, or in one of which the reader may not read
	Files   string  // how many show that it is kept; "" for residents, and where nobody counted
}

// madeIn is the meeting in which something was promised.
type madeIn struct {
	Link // to the meeting, in the words of its series; URL is "" where residents read no more of it
	On   Moment
}

// commitment is one in a list. about says whether the list is about more than one indicator.
func (r *Request) commitment(c *kpi.Commitment, today kpi.Date, about bool) commitmentView {
	v := commitmentView{
		ID: "commitment-" + strconv.FormatInt(c.ID, 10), Link: Link{Words: r.typed(c.Text, c.Lang)}, Chip: r.commitmentChip(c, today), Due: r.on(c.Due),
		Owner: holderView{ID: c.Owner, Title: r.person(c.Owner)},
	}
	if late := r.daysLate(c, today); late > 0 {
		v.Late = r.P.T("commitments.late", "time", r.P.Span(time.Duration(late)*24*time.Hour))
	}
	if line := meeting.CommitmentDeadline(r.emergenciesKnown(), c); line.Suspended() && c.State == kpi.CommitmentOpen {
		v.Stopped = r.P.T("commitments.suspended")
	}
	if len(c.Moves) > 0 {
		v.First, v.Moves = r.P.T("commitments.first_due", "date", r.P.Date(c.FirstDue())), r.whoMoved(len(c.Moves)-c.ChairMoves(), c.ChairMoves())
	}
	v.Meeting = r.meetingOf(c)
	if d := r.City.Department(c.Department); d != nil {
		v.Of = r.Words(d.Name)
	}
	if c.State.Ended() {
		ended := r.on(c.Ended)
		v.Ended = &ended
	}
	if r.staff == nil {
		return v
	}
	number := "commitments.number"
	if c.Kind == kpi.CommitmentRequest {
		number, v.Request = "commitments.number_request", r.P.T("commitments.request")
	}
	v.Number = r.P.T(number, "n", strconv.FormatInt(c.ID, 10))
	v.Link.URL, v.Owner, v.Blocked, v.Public = staffCommitmentPath(c.ID), r.holder(c.Owner), c.Blocker != "", c.Public
	if c.Escalated() {
		v.Third = r.P.T("commitments.third", "n", c.Slips())
	}
	if ind := r.City.Indicator(c.Indicator); ind != nil && about {
		v.About = Link{URL: staffIndicatorPath(ind.ID), Words: r.Words(ind.Name)}
	}
	return v
}

// whoMoved says how often a date was moved by its owner, and how often by whoever leads the meeting.
func (r *Request) whoMoved(owner, chair int) string {
	var list []string
	if owner > 0 {
		list = append(list, r.P.N("commitments.moved.owner", owner))
	}
	if chair > 0 {
		list = append(list, r.P.N("commitments.moved.chair", chair))
	}
	return r.P.List(list)
}

// meetingOf is the meeting in which a commitment was made. Its source in a public scorecard names none that residents may not know of.
func (r *Request) meetingOf(c *kpi.Commitment) *madeIn {
	id, slot, made := c.Meeting()
	s := r.City.Series(id)
	if !made || s == nil {
		return nil
	}
	m := &madeIn{Link: Link{Words: r.Words(s.Name)}, On: r.on(slot)}
	switch {
	case r.staff == nil && !s.Public:
		return nil
	case r.staff == nil:
		if told := r.publicMeetingAt(id, slot); told != nil {
			m.URL, m.On = r.To(publicMeetingPath(told)), r.on(told.Date)
		}
	case r.work.Meetings != nil:
		m.URL = meetingAddress(id, slot, "")
	}
	return m
}

// typed is a text that somebody wrote in a language.
func (r *Request) typed(text string, lang kpi.Lang) Words {
	if lang == r.Lang {
		return Words{Text: text}
	}
	return Words{Text: text, Lang: lang}
}

// emergenciesKnown are those that suspend dates: of a staff page those of now, of a public one those that were published with its scorecard.
func (r *Request) emergenciesKnown() []kpi.Emergency {
	if r.staff != nil {
		return r.emergencies
	}
	if r.Card != nil {
		return r.Card.Emergencies
	}
	return nil
}

// daysLate is how many days a commitment is, or was, late: none as long as an emergency suspends its date.
func (r *Request) daysLate(c *kpi.Commitment, today kpi.Date) int {
	return meeting.CommitmentDaysLate(r.emergenciesKnown(), c, today)
}

// commitmentChip says where a commitment stands: a shape and words. That somebody promises something says nothing yet.
func (r *Request) commitmentChip(c *kpi.Commitment, today kpi.Date) Chip {
	class, state := kpi.PublicCannotSay, string(c.State)
	switch {
	case c.State == kpi.CommitmentOpen && r.daysLate(c, today) > 0:
		class, state = kpi.PublicOffTrack, "overdue"
	case c.State == kpi.CommitmentKept && r.daysLate(c, today) > 0:
		class = kpi.PublicBehind
	case c.State == kpi.CommitmentKept:
		class = kpi.PublicOnTrack
	}
	if c.Kind == kpi.CommitmentRequest && c.State != kpi.CommitmentOpen {
		state = "request." + state
	}
	return Chip{Class: class, Word: r.P.T("commitments.state." + state)}
}

// byUrgency puts commitments in the order in which somebody must look at them: what is overdue, most first; then what is due, soonest first; what waits to be
// closed; and what has ended, newest first.
func (r *Request) byUrgency(list []kpi.Commitment, today kpi.Date) {
	rank := func(c *kpi.Commitment) int {
		switch {
		case c.State == kpi.CommitmentOpen && r.daysLate(c, today) > 0:
			return 0
		case c.State == kpi.CommitmentOpen:
			return 1
		case c.State == kpi.CommitmentDone:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(list, func(a, b kpi.Commitment) int {
		return cmp.Or(cmp.Compare(rank(&a), rank(&b)), b.Ended.Compare(a.Ended), cmp.Compare(r.daysLate(&b, today), r.daysLate(&a, today)), a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID))
	})
}

// doingView is what is done about an indicator: its public commitments.
type doingView struct {
	Intro string
	List  []commitmentView
	Links []Link // for the staff: to all of them, and to the form for another
}

// doing is what residents may read of what is done about an indicator; nil if nothing was promised.
func (r *Request) doing(indicator string) *doingView {
	list := slices.DeleteFunc(r.Card.CommitmentsOf(indicator), func(c kpi.Commitment) bool { return !c.Public })
	if len(list) == 0 {
		return nil
	}
	r.byUrgency(list, r.Card.AsOf)
	d := &doingView{Intro: r.P.T("commitments.doing_intro")}
	for i := range list {
		d.List = append(d.List, r.commitment(&list[i], r.Card.AsOf, false))
	}
	return d
}

// promisedAtMost is how many commitments stand on the staff's page of an indicator; the others are one link away.
const promisedAtMost = 5

// promised is what staff promised because of an indicator, as it is now; nil where nobody keeps commitments.
func (r *Request) promised(ctx context.Context, indicator string) (*doingView, error) {
	if r.work.Commitments == nil {
		return nil, nil
	}
	all, err := r.work.Commitments.Commitments(ctx, kpi.PaperQuery{})
	if err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(all, func(c kpi.Commitment) bool { return c.Indicator != indicator })
	r.byUrgency(list, r.Today)
	d := &doingView{}
	for i := range list[:min(len(list), promisedAtMost)] {
		d.List = append(d.List, r.commitment(&list[i], r.Today, false))
	}
	of := "indicator=" + url.QueryEscape(indicator)
	if len(list) > 0 {
		d.Links = append(d.Links, Link{URL: staffCommitmentsPath + "?" + of + "&state=" + showAll, Words: own(r.P.T("commitments.all"))})
	}
	if r.Person.MayAnywhere(account.Commit) {
		owner := ""
		if ind := r.City.Indicator(indicator); ind != nil {
			owner = "&owner=" + url.QueryEscape(ind.Owner)
		}
		d.Links = append(d.Links, Link{URL: staffCommitmentsPath + "?source=workspace&" + of + owner + "#new", Words: own(r.P.T("commitments.new"))})
	}
	return d, nil
}

// postOption is a post that may promise something, with its department.
type postOption struct {
	option
	department string
}

// owners are the posts for which the reader may make a commitment, in the order of the folder.
func (r *Request) owners(chosen string) []postOption {
	var list []postOption
	for i := range r.City.People {
		p := &r.City.People[i]
		of := meeting.DepartmentOf(r.City, p.ID)
		if !r.Person.May(account.Commit, of) {
			continue
		}
		h := r.holder(p.ID)
		w := h.Title
		if h.Name != "" {
			w.Text += " · " + h.Name
		}
		list = append(list, postOption{option{Value: p.ID, Words: w, Selected: p.ID == chosen}, of})
	}
	return list
}
