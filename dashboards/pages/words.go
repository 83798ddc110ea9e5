package pages

import (
	"context"
	"strconv"
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// What people say of numbers, as pages show it. Public pages read it from the published scorecard, staff pages from where it is kept.

// toldText is one of the four prompts with what was written.
type toldText struct {
	Label string
	Lines []string
}

// storyView is a public commentary: from an office, not from a person.
type storyView struct {
	ID     string
	Period string
	On     Moment
	Office Words
	Lang   kpi.Lang // where it is another than the page's
	Note   string   // why it is in another language
	Texts  []toldText
	Owner  Words // the post that does what will be done
	Due    Moment
}

// story is what departments say of an indicator in public, of the newest period first.
func (r *Request) story(indicator string) []storyView {
	var list []storyView
	for _, c := range r.Card.CommentaryOf(indicator) {
		p, err := r.Cal.Parse(c.Period)
		if err != nil || !c.Public || c.State != kpi.CommentaryApproved {
			continue // none of the others is in what is published
		}
		v := storyView{
			ID: "said-" + strconv.FormatInt(c.ID, 10), Period: r.P.Upper(r.P.Period(p)), On: r.dayOf(c.At), Office: r.departmentName(c.Department), Texts: r.prompts(&c), Owner: r.person(c.Owner),
		}
		if !c.Due.IsZero() {
			v.Due = r.on(c.Due)
		}
		if c.Lang != r.Lang {
			v.Lang, v.Note = c.Lang, r.P.T("commentary.in_language", "language", i18n.OwnName(c.Lang))
		}
		list = append(list, v)
	}
	return list
}

// prompts are the texts of a commentary that residents may read, each under its prompt.
func (r *Request) prompts(c *kpi.Commentary) []toldText {
	var list []toldText
	for _, t := range [][2]string{{"commentary.happened", c.Happened}, {"commentary.why", c.Why}, {"commentary.next", c.Next}} {
		if t[1] != "" {
			list = append(list, toldText{r.P.T(t[0]), paragraphs(t[1])})
		}
	}
	return list
}

// dayOf is the day of a moment in the city.
func (r *Request) dayOf(at time.Time) Moment { return r.on(kpi.DateOf(at.In(r.Cal.Location))) }

// departmentName is the name of a department; of one that the folder has no more, its id.
func (r *Request) departmentName(id string) Words {
	if d := r.City.Department(id); d != nil {
		return r.Words(d.Name)
	}
	return own(id)
}

// contestNote says beside a number that a department contests it. The template "contested" writes a list of them.
type contestNote struct {
	Said   string
	Office Words
	Since  Moment
	Link   Link // to the contest, for staff; URL is "" in public
}

// contested returns what stands beside the number of an indicator, from open contests: those of the published scorecard (r.Card.Contests) on a public
// page, [Request.openContests] on one of the staff.
func (r *Request) contested(indicator string, open []kpi.Contest) []contestNote {
	var list []contestNote
	for i := range open {
		c := &open[i]
		staff := r.work.Contests != nil
		if c.Indicator != indicator || c.State != kpi.ContestOpen || !staff && !c.Public {
			continue
		}
		n := contestNote{Said: r.P.T("contest.said", "period", r.periodCalled(c.Period)), Office: r.departmentName(c.Department), Since: r.dayOf(c.At)}
		if staff {
			n.Since = r.dayOf(c.Since)
			n.Link = Link{URL: contestPath(c.ID), Words: own(r.P.T("contest.read"))}
		}
		list = append(list, n)
	}
	return list
}

// openContests returns the contests that nobody has answered, of all indicators; none where nobody keeps them.
func (r *Request) openContests(ctx context.Context) ([]kpi.Contest, error) {
	if r.work.Contests == nil {
		return nil, nil
	}
	return r.work.Contests.Contests(ctx, kpi.PaperQuery{States: []string{string(kpi.ContestOpen)}})
}

// periodCalled is a period by its id, in words; of one that is none, the id.
func (r *Request) periodCalled(id string) string {
	p, err := r.Cal.Parse(id)
	if err != nil {
		return id
	}
	return r.P.Period(p)
}

// miss returns the miss of a result of the live scorecard, nil if its number is not behind; see [meeting.MissOf].
func (r *Request) miss(ctx context.Context, res *scorecard.Result, said []kpi.Commentary) (*meeting.Miss, error) {
	if r.work.Commentaries == nil {
		return nil, nil
	}
	return meeting.MissOf(res.Indicator, &res.Assessment, r.Cal, r.City.Workdays(), said, r.work.firstLoad(ctx, r.Cal))
}

// missView is a number that is behind, and what a department owes about it.
type missView struct {
	Lead    string
	Periods string // for how long it has been behind
	Due     Moment
	State   string // whether somebody explained it
	Late    bool
	Write   Link // URL is "" for whoever may not
}

// missOf says it; nil if there is none.
func (r *Request) missOf(m *meeting.Miss, res *scorecard.Result) *missView {
	if m == nil {
		return nil
	}
	off := res.Behind()
	if len(off) == 0 {
		off = []kpi.Period{m.Period}
	}
	v := &missView{Lead: r.P.T("commentary.miss", "period", r.P.Period(m.Period)), Due: r.on(m.Due), Late: m.Late(r.Today)}
	v.Periods = r.P.N("commentary.miss.periods", len(off), "periods", r.P.Periods(off[0], off[len(off)-1]))
	if len(off) == 1 {
		v.Periods = r.P.N("commentary.miss.periods", 1, "periods", r.P.Period(off[0]))
	}
	switch {
	case m.Explained:
		v.Due = Moment{}
		v.State = r.P.T("commentary.miss.explained")
	case m.Said != nil && m.Said.State == kpi.CommentarySubmitted:
		v.State = r.P.T("commentary.miss.sent")
	case v.Late:
		v.State = r.P.T("commentary.miss.late")
	default:
		v.State = r.P.T("commentary.miss.open")
	}
	return v
}

// naming returns what names whoever did something on a staff page: by the name of their account, and without one as it was written down.
func (r *Request) naming(ctx context.Context) (func(id int64, by string) string, error) {
	names := map[int64]string{}
	if r.directory != nil {
		people, err := r.directory.People(ctx)
		if err != nil {
			return nil, err
		}
		for i := range people {
			names[people[i].ID] = people[i].Name
		}
	}
	return func(id int64, by string) string {
		if n := names[id]; n != "" {
			return n
		}
		return by
	}, nil
}

// typedPeriod returns the period that a page is about: the one that was asked for, or the judged one, or the newest. It fails with code not found if the
// indicator has no such period.
func typedPeriod(res *scorecard.Result, asked string) (*scorecard.Point, error) {
	id := asked
	if id == "" {
		id = res.Assessment.Period
	}
	if p := point(res, id); p != nil {
		return p, nil
	}
	if n := len(res.Series); asked == "" && n > 0 {
		return &res.Series[n-1], nil
	}
	return nil, kpi.Errorf(kpi.CodeNotFound, "the indicator %s has no period %q", res.Indicator.ID, asked)
}

// periodsOffered is how many periods can be chosen.
const periodsOffered = 24

// periodOptions are the newest periods of an indicator, the newest first.
func (r *Request) periodOptions(res *scorecard.Result, chosen string) []option {
	var list []option
	for k := len(res.Series) - 1; k >= 0 && len(list) < periodsOffered; k-- {
		p := res.Series[k].Period
		list = append(list, option{Value: p.ID, Words: own(r.P.Period(p)), Selected: p.ID == chosen})
	}
	return list
}

// periodNumbers are the numbers of a period: of the judged one all that was judged.
func (r *Request) periodNumbers(res *scorecard.Result, p *scorecard.Point) []numberView {
	if p.Period.ID == res.Assessment.Period {
		return r.numbers(res)
	}
	list := []numberView{{Label: r.P.T("indicator.value"), Value: r.Value(res.Indicator, p.Observation.Value), Note: r.P.Period(p.Period)}}
	if p.Expected != nil {
		list = append(list, numberView{Label: r.P.T("indicator.expected"), Value: r.Value(res.Indicator, p.Expected), Note: r.P.On(p.Period.Last)})
	}
	return list
}

// liveResult returns the live scorecard's result of the indicator that a staff page is about, and the request as the live scorecard sees it.
func (r *Request) liveResult(ctx context.Context) (*scorecard.Result, *Request, error) {
	card, err := r.staff.Live(ctx)
	if err != nil {
		return nil, nil, err
	}
	res := card.Result(r.Params["id"])
	if res == nil {
		return nil, nil, kpi.Errorf(kpi.CodeNotFound, "there is no indicator %q", r.Params["id"])
	}
	return res, r.liveRequest(card), nil
}

// paperID reads the number of something that people typed from an address. It is written in one way, so that nothing has two addresses.
func paperID(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != s {
		return 0, kpi.Errorf(kpi.CodeNotFound, "%q is no number of anything", s)
	}
	return n, nil
}

// byNumber reads what people typed that the address names by its number.
func byNumber[T any](ctx context.Context, r *Request, read func(ctx context.Context, id int64) (T, error)) (T, error) {
	id, err := paperID(r.Params["number"])
	if err != nil {
		var none T
		return none, err
	}
	return read(ctx, id)
}
