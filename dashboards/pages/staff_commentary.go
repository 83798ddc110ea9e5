package pages

import (
	"cmp"
	"context"
	"slices"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// commentaryPath is the address of the page about all commentary.
const commentaryPath = StaffRoot + "/commentary"

var staffCommentaryPage = Page{
	Name: "staff_commentary", Path: commentaryPath, Role: StaffOnly, Needs: account.SeeStaff, Query: []string{"department"}, Load: loadCommentary,
}

// approvedLately is how many approved texts the page lists.
const approvedLately = 12

// commentaryQueue is what waits for whom.
type commentaryQueue struct {
	Action      string
	Departments []option
	Lead        string
	Queues      []queueView
}

// queueView is a list of commentaries that wait for the same.
type queueView struct {
	ID, Heading, Empty string
	WhenHeading        string
	Rows               []queueRow
}

// queueRow is a number that was or should be explained.
type queueRow struct {
	Link   Link
	Period string
	Office Words
	When   Moment
	Late   string // "" : it is not
	Who    string
	State  string // of the text that somebody began
	due    kpi.Date
}

func loadCommentary(ctx context.Context, r *Request) (Content, error) {
	if r.work.Commentaries == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "nobody writes commentary here")
	}
	of := r.Query.Get("department")
	d := commentaryQueue{Action: commentaryPath, Departments: r.departmentOptions(of)}
	all, err := r.work.Commentaries.Commentaries(ctx, kpi.PaperQuery{})
	if err != nil {
		return Content{}, err
	}
	name, err := r.naming(ctx)
	if err != nil {
		return Content{}, err
	}
	write, late, err := r.toWrite(ctx, of, all)
	if err != nil {
		return Content{}, err
	}
	queue := func(id string, rows []queueRow) {
		d.Queues = append(d.Queues, queueView{
			ID: id, Heading: r.P.T("commentary.queue." + id), Empty: r.P.T("commentary.queue.none"), WhenHeading: r.P.T("commentary.queue.when." + id), Rows: rows,
		})
	}
	queue("write", write)
	for _, q := range []struct {
		id     string
		states []kpi.CommentaryState
	}{{"drafts", []kpi.CommentaryState{kpi.CommentaryDraft}}, {"returned", []kpi.CommentaryState{kpi.CommentaryReturned}}, {"review", []kpi.CommentaryState{kpi.CommentarySubmitted}}, {"approved", []kpi.CommentaryState{kpi.CommentaryApproved}}} {
		rows := r.queued(of, all, name, q.states...)
		if q.id == "approved" {
			slices.Reverse(rows)
			rows = rows[:min(len(rows), approvedLately)]
		}
		queue(q.id, rows)
	}
	d.Lead = r.P.T("commentary.queue.lead", "n", len(write), "late", late)
	return Content{Title: r.P.T("commentary.title"), Summary: d.Lead, Data: d}, nil
}

// departmentOptions are the city's departments after all of them together.
func (r *Request) departmentOptions(chosen string) []option {
	list := []option{{Words: own(r.P.T("commentary.all_departments"))}}
	for i := range r.City.Departments {
		dep := &r.City.Departments[i]
		list = append(list, option{Value: dep.ID, Words: r.Words(dep.Name), Selected: dep.ID == chosen})
	}
	return list
}

// toWrite are the misses that nobody has sent an explanation of, the most urgent first, and how many are late. of is a department; "": all.
func (r *Request) toWrite(ctx context.Context, of string, all []kpi.Commentary) (rows []queueRow, late int, err error) {
	card, err := r.staff.Live(ctx)
	if err != nil {
		return nil, 0, err
	}
	for i := range card.Results {
		res := &card.Results[i]
		ind := res.Indicator
		m, err := r.miss(ctx, res, all)
		if err != nil {
			return nil, 0, err
		}
		if m == nil || m.Explained || of != "" && ind.Department != of || m.Said != nil && m.Said.State == kpi.CommentarySubmitted {
			continue
		}
		row := queueRow{Link: Link{URL: staffIndicatorPath(ind.ID), Words: r.Words(ind.Name)}, Period: r.P.Period(m.Period), Office: r.departmentName(ind.Department), When: r.on(m.Due), due: m.Due}
		if r.Person.May(account.Comment, ind.Department) {
			row.Link.URL = commentaryFormPath(ind.ID, m.Period.ID)
		}
		if m.Said != nil && meeting.MayReadDrafts(ind.Department, r.Person) {
			row.State = r.P.T("commentary.state." + string(m.Said.State))
		}
		if m.Late(r.Today) {
			row.Late = r.P.T("commentary.late")
			late++
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b queueRow) int { return a.due.Compare(b.due) })
	return rows, late, nil
}

// queued are the commentaries in one of the states, the one that has waited longest first; drafts only of departments whose drafts the reader may read.
func (r *Request) queued(of string, all []kpi.Commentary, name func(int64, string) string, states ...kpi.CommentaryState) []queueRow {
	var list []kpi.Commentary
	for i := range all {
		now := r.rights(&all[i], r.City.Indicator(all[i].Indicator))
		if !slices.Contains(states, now.State) || of != "" && now.Department != of || now.State != kpi.CommentaryApproved && !meeting.MayReadDrafts(now.Department, r.Person) {
			continue
		}
		list = append(list, now)
	}
	slices.SortStableFunc(list, func(a, b kpi.Commentary) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	var rows []queueRow
	for i := range list {
		c := &list[i]
		row := queueRow{
			Link: Link{URL: commentaryOnePath(c.ID), Words: own(c.Indicator)}, Period: r.periodCalled(c.Period), Office: r.departmentName(c.Department), When: r.at(c.At), Who: name(c.Author, c.AuthorName),
		}
		if ind := r.City.Indicator(c.Indicator); ind != nil {
			row.Link.Words = r.Words(ind.Name)
			if c.State == kpi.CommentaryDraft && r.Person.May(account.Comment, c.Department) {
				row.Link.URL = commentaryFormPath(c.Indicator, c.Period)
			}
		}
		rows = append(rows, row)
	}
	return rows
}
