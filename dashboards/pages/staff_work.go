package pages

import (
	"context"
	"html/template"
	"net/url"
	"slices"

	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// staffWorkPath is the address of the page that the staff begin with.
const staffWorkPath = StaffRoot + "/work"

var staffWorkPage = Page{
	Name: "staff_work", Path: staffWorkPath, Menu: "work.menu", Role: StaffOnly, Needs: account.SeeStaff, Query: []string{"department"}, Load: loadStaffWork,
}

// dutyDays is how many days ahead something is due soon; what comes later is folded away.
const dutyDays = 14

// How much of a whole city's duties and cards is read at once; the rest is folded away.
const (
	mostDuties = 12
	mostCards  = 8
)

// staffWork is what waits for a reader, what the mayor will see of their numbers, how fresh their data are, and where they are blocked.
type staffWork struct {
	Names       []Words // of the reader's departments; none of the whole city
	Lead        []string
	Time        string
	Whole       bool
	Action      string
	Departments []option // to choose from, for somebody who looks at the whole city
	Boards      []Link
	Today       []todayView // meetings of the reader's that are held today
	Due         []dutyList
	None        string // where nothing is due soon
	Mayor       mayorView
	Data        []*freshView
	Blocked     []blockedView
	Others      []blockedView // whose work waits for the reader's departments
}

// dutyList is a part of what is due.
type dutyList struct {
	Heading string // "" of the only one
	ID      string
	Rows    []dutyView
	Later   []dutyView
	More    string // opens the later ones
	Of      bool   // the rows name their department
}

// Afterwards is the list of what is due later.
func (l dutyList) Afterwards() dutyList {
	return dutyList{Heading: l.More, ID: l.ID + "-later", Rows: l.Later, Of: l.Of}
}

// freshView is a dataset in a line.
type freshView struct {
	*staffDataset
	Until Moment        // the newest day in it
	Strip template.HTML // of its deliveries in the last weeks; "" where nothing is known of them
	Said  string        // the same in words
}

// blockedView is a commitment in whose way something stands.
type blockedView struct {
	Link    Link
	Blocker string
	Lang    kpi.Lang // of both, where it is another than the page's
	Who     Words    // who could move it
	Whose   Words    // who waits
	Left    string
	Class   kpi.PublicStatus
}

// workScope is what of a city a reader's page is about.
type workScope struct {
	whole  bool
	chosen string   // the department that somebody who looks at the whole city chose; "": all
	own    []string // departments
	posts  []string
}

// of reports whether something of a department, or of a post, is in it.
func (s *workScope) of(department, post string) bool {
	switch {
	case s.whole:
		return s.chosen == "" || s.chosen == department
	case post != "" && slices.Contains(s.posts, post):
		return true
	}
	return slices.Contains(s.own, department)
}

// scope finds it out: the departments of the reader's roles, and those of the posts that they hold.
func (r *Request) scope() workScope {
	s := workScope{whole: meeting.WholeCity(r.Person), posts: r.heldByMe()}
	if s.whole {
		if d := r.City.Department(r.Query.Get("department")); d != nil {
			s.chosen = d.ID
		}
		return s
	}
	for _, g := range r.Person.Grants {
		if g.Role.OfDepartment() && !slices.Contains(s.own, g.Department) {
			s.own = append(s.own, g.Department)
		}
	}
	for _, post := range s.posts {
		if d := meeting.DepartmentOf(r.City, post); d != "" && !slices.Contains(s.own, d) {
			s.own = append(s.own, d)
		}
	}
	return s
}

func loadStaffWork(ctx context.Context, r *Request) (Content, error) {
	live, err := r.staff.Live(ctx)
	if err != nil { // what is due is shown all the same
		r.log.WarnContext(ctx, "the live scorecard cannot be made for the page of a person's work", "err", err)
		live = nil
	}
	in, err := r.work.DutyInputs(ctx, r.staff, live, r.City, r.Cal, r.now)
	if err != nil {
		return Content{}, err
	}
	s := r.scope()
	duties := slices.DeleteFunc(meeting.Due(in, r.Person), func(d meeting.Duty) bool { return s.whole && !s.of(d.Department, d.Owner) })
	d := staffWork{Whole: s.whole, Action: staffWorkPath, Time: r.P.T("staff.time", "time", r.at(r.now).Text), Lead: r.dutyLead(&s, duties)}
	r.workNames(&d, &s)
	r.dutyLists(&d, &s, duties)
	d.Today = r.meetingsToday(&s, in.Meetings)
	if d.Mayor, err = r.mayor(ctx, &s, live, &in); err != nil {
		return Content{}, err
	}
	r.freshData(&d, &s, in.Datasets)
	r.blocked(&d, &s, in.Commitments, in.Emergencies)
	return Content{Title: r.P.T("work.title"), Summary: d.Lead[0], Data: d}, nil
}

// workNames says whose page it is, and where the boards of the departments are.
func (r *Request) workNames(d *staffWork, s *workScope) {
	if s.whole {
		d.Departments = []option{{Words: own(r.P.T("commentary.all_departments")), Selected: s.chosen == ""}}
	}
	for _, dep := range r.City.DepartmentsOn(r.day()) {
		if s.whole {
			d.Departments = append(d.Departments, option{Value: dep.ID, Words: r.Words(dep.Name), Selected: dep.ID == s.chosen})
		}
		if s.of(dep.ID, "") {
			d.Boards = append(d.Boards, Link{URL: boardPath(dep.ID), Words: r.Words(dep.Name)})
		}
	}
	for _, id := range s.own {
		d.Names = append(d.Names, r.departmentName(id))
	}
}

// dutyLead says in a sentence what is due, and when; for somebody who looks at the whole city in two, what waits for them first.
func (r *Request) dutyLead(s *workScope, duties []meeting.Duty) []string {
	if !s.whole && len(s.own)+len(s.posts) == 0 {
		return []string{r.P.T("work.no_department")}
	}
	mine, others := parted(duties)
	lead := []string{r.P.T("work.lead.nothing")}
	if list := r.dutyCounts(mine); len(list) > 0 {
		lead[0] = r.P.T("work.lead.waiting", "list", r.P.List(list))
	}
	if s.whole {
		city := r.P.T("work.lead.nothing_city")
		if list := r.dutyCounts(others); len(list) > 0 {
			city = r.P.T("work.lead.city", "list", r.P.List(list))
		}
		if !mayDoAnything(r.Person) {
			return []string{city}
		}
		lead = append(lead, city)
	}
	if next := slices.IndexFunc(mine, func(d meeting.Duty) bool { return d.Left(r.Today) > dutyDays }); next >= 0 && len(r.dutyCounts(mine)) == 0 {
		text, _ := i18n.DutyThing(r.Lang, r.City, &mine[next])
		lead = append(lead, r.P.T("work.lead.next", "by_date", r.P.By(mine[next].By()), "name", text))
	}
	return lead
}

// mayDoAnything reports whether anything at all could wait for a person.
func mayDoAnything(p *account.Person) bool {
	return slices.ContainsFunc([]account.Action{
		account.RunLoad, account.EnterValues, account.Comment, account.ReviewComments, account.Commit, account.CloseCommitments, account.AnswerContests, account.FillRound, account.CheckRound,
		account.Release, account.HandOver, account.PrepareMeetings,
	}, p.MayAnywhere)
}

// dutyCounts are how many duties are late, are due soon and have no date.
func (r *Request) dutyCounts(duties []meeting.Duty) []string {
	var late, soon, undated int
	var last kpi.Date
	for i := range duties {
		switch d := &duties[i]; {
		case d.By().IsZero():
			undated++
		case d.Late(r.Today):
			late++
		case d.Left(r.Today) <= dutyDays:
			soon++
			last = d.By() // they come by date
		}
	}
	var list []string
	if late > 0 {
		list = append(list, r.P.T("work.lead.late", "n", late))
	}
	if soon > 0 {
		list = append(list, r.P.T("work.lead.soon", "n", soon, "by_date", r.P.By(last)))
	}
	if undated > 0 {
		list = append(list, r.P.T("work.lead.undated", "n", undated))
	}
	return list
}

// parted puts what waits for the reader apart from the rest.
func parted(duties []meeting.Duty) (mine, others []meeting.Duty) {
	for _, d := range duties {
		if d.Mine {
			mine = append(mine, d)
		} else {
			others = append(others, d)
		}
	}
	return mine, others
}

// dutyLists makes the lists of what is due.
func (r *Request) dutyLists(d *staffWork, s *workScope, duties []meeting.Duty) {
	mine, others := parted(duties)
	first := r.dutyList("mine", "", mine)
	if s.whole && len(others) > 0 {
		first.Heading = r.P.T("work.due.you")
	}
	first.Of = s.whole || len(s.own) > 1
	second := r.fold(r.dutyList("others", r.P.T("work.due.others"), others))
	second.Of = s.chosen == ""
	for _, l := range []dutyList{first, second} {
		if len(l.Rows)+len(l.Later) > 0 {
			d.Due = append(d.Due, l)
		}
	}
	if !slices.ContainsFunc(d.Due, func(l dutyList) bool { return len(l.Rows) > 0 }) {
		d.None = r.P.T("work.due.none", "n", dutyDays)
	}
}

// dutyList puts what is due later apart.
func (r *Request) dutyList(id, heading string, duties []meeting.Duty) dutyList {
	l := dutyList{ID: id, Heading: heading}
	for i := range duties {
		if v := r.duty(&duties[i]); duties[i].Left(r.Today) > dutyDays {
			l.Later = append(l.Later, v)
		} else {
			l.Rows = append(l.Rows, v)
		}
	}
	l.More = r.P.T("work.due.later", "n", len(l.Later))
	return l
}

// fold folds the end of a list away that is too long to be read at once.
func (r *Request) fold(l dutyList) dutyList {
	if len(l.Rows) > mostDuties {
		rest := l.Rows[mostDuties:]
		undated := slices.IndexFunc(rest, func(v dutyView) bool { return v.Due.Text == "" }) // these are the last
		if undated < 0 {
			undated = len(rest)
		}
		l.Rows, l.Later = l.Rows[:mostDuties], slices.Concat(rest[:undated], l.Later, rest[undated:])
		l.More = r.P.T("work.due.further", "n", len(l.Later))
	}
	return l
}

// freshData says how fresh the datasets are that the reader looks after, and those behind the reader's numbers.
func (r *Request) freshData(d *staffWork, s *workScope, reports []kpi.DatasetReport) {
	for i := range r.City.Datasets {
		ds := &r.City.Datasets[i]
		behind := slices.ContainsFunc(r.City.Indicators, func(ind kpi.Indicator) bool { return ind.Dataset == ds.ID && s.of(ind.Department, ind.Owner) })
		if !behind && !s.of(ds.Department, ds.Steward) {
			continue
		}
		rep := reportOf(reports, ds.ID)
		v := &freshView{staffDataset: r.staffDataset(ds, rep)}
		if !rep.State.DataUntil.IsZero() {
			v.Until = r.on(rep.State.DataUntil)
		}
		if v.Strip = chart.DeliveryStrip(ds, rep.State, r.Today); v.Strip != "" {
			v.Said = r.deliveries(ds, rep.State, r.Today).Finding
		}
		d.Data = append(d.Data, v)
	}
}

// blocked lists the commitments in whose way something stands: the reader's own, and those of others that wait for the reader's departments.
func (r *Request) blocked(d *staffWork, s *workScope, commitments []kpi.Commitment, emergencies []kpi.Emergency) {
	for i := range commitments {
		c := &commitments[i]
		if c.Blocker == "" || c.State.Ended() {
			continue
		}
		duty := meeting.Duty{Kind: meeting.DutyCommitment, Number: c.ID, Department: c.Department, Due: c.Due}
		duty.Suspend(meeting.CommitmentDeadline(emergencies, c))
		v := blockedView{
			Link: Link{URL: r.dutyPath(&duty), Words: own(c.Text)}, Blocker: c.Blocker, Who: r.departmentName(c.BlockedBy), Whose: r.departmentName(c.Department), Left: r.P.DutyLeft(&duty, r.Today),
		}
		if c.Lang != r.Lang {
			v.Lang = c.Lang
		}
		if duty.Late(r.Today) {
			v.Class = kpi.PublicOffTrack
		}
		switch {
		case s.of(c.Department, c.Owner):
			d.Blocked = append(d.Blocked, v)
		case c.BlockedBy != "" && s.of(c.BlockedBy, ""):
			d.Others = append(d.Others, v)
		}
	}
}

// liveRequest is the request with the live scorecard in the place of the published one, for what is said of its results.
func (r *Request) liveRequest(card *scorecard.Scorecard) *Request {
	live := *r
	live.Card, live.City = card, card.City
	return &live
}

// boardPath is the address of the table of all indicators of a department.
func boardPath(department string) string {
	return StaffRoot + "/departments/" + url.PathEscape(department)
}
