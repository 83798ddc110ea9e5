package pages

import (
	"context"
	"slices"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

const staffPostsPath = StaffRoot + "/posts"

var staffPostsPage = Page{
	Name: "staff_posts", Path: staffPostsPath, Role: StaffOnly, Needs: account.SeeStaff, Sends: account.ChangePosts,
	Load: loadPosts, Post: postPosts,
}

// staffPostPath is the address of the page of a post.
func staffPostPath(post string) string { return staffPostsPath + "/" + post }

// postsData is the list of posts, those that nobody holds first.
type postsData struct {
	formErrors
	Lead      string
	Posts     []postRow
	Handovers []handoverRow // that are under way
	Form      *postForm     // nil: the reader may not change who holds what
}

// postRow is one post.
type postRow struct {
	Post   Link
	Vacant bool
	Held   []heldView // whoever acts first
	Owns   []count
	Warn   []string
}

// heldView is somebody who holds a post, held it or will hold it.
type heldView struct {
	ID, Revision string
	Name         string
	Acting       bool
	Closed       bool // the account may not sign in
	Void         bool
	From         Moment
	Until        *Moment // nil: no end is known
	UntilText    string  // as a form has it
	Reason       string
	State        string // in words: today, from a day on, over, a mistake
	Now          bool
	List         *Link // the handover
	May          bool  // it may be changed
	Ends         bool  // an end may be set, or another one
	Reopens      bool  // the end may be taken back
	Asks         bool  // it has ended, and no list of what is handed over was made
	Sent         endForm
}

// handoverRow is a handover in a list.
type handoverRow struct {
	Link Link
	From string
	To   string
	On   Moment
	Done string // how much of it
}

func loadPosts(ctx context.Context, r *Request) (Content, error) {
	return r.posts(ctx, &postForm{}, nil)
}

// mustKnowPosts is an error where nobody keeps who holds what: then its pages are no pages.
func (r *Request) mustKnowPosts() error {
	if r.work.Posts == nil || r.work.Handovers == nil || r.holders == nil {
		return kpi.Errorf(kpi.CodeNotFound, "nobody keeps here who holds which post")
	}
	return nil
}

// posts is the page, with what came of a form.
func (r *Request) posts(ctx context.Context, sent *postForm, wrong []formError) (Content, error) {
	if err := r.mustKnowPosts(); err != nil {
		return Content{}, err
	}
	p, err := r.papers(ctx)
	if err != nil {
		return Content{}, err
	}
	open, err := r.work.Handovers.Handovers(ctx, kpi.PaperQuery{States: []string{"open"}})
	if err != nil {
		return Content{}, err
	}
	d := postsData{formErrors: formErrors{wrong}, Form: r.postForm(sent, "")}
	vacant := 0
	for i := range r.City.People {
		row := r.postRow(&r.City.People[i], p)
		if row.Vacant {
			vacant++
		}
		d.Posts = append(d.Posts, row)
	}
	slices.SortStableFunc(d.Posts, func(a, b postRow) int {
		switch {
		case a.Vacant == b.Vacant:
			return 0
		case a.Vacant:
			return -1
		}
		return 1
	})
	for i := range open {
		d.Handovers = append(d.Handovers, r.handoverRow(&open[i]))
	}
	d.Lead = r.P.T("posts.lead", "n", len(d.Posts), "vacant", vacant)
	c := Content{Title: r.P.T("posts.title"), Summary: d.Lead, Crumbs: r.postCrumbs(false), Data: d}
	if len(wrong) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	return c, nil
}

// postCrumbs is the way to pages about posts.
func (r *Request) postCrumbs(below bool) []Link {
	var list []Link
	if r.Person.MayAnywhere(account.SeePeople) && r.directory != nil {
		list = append(list, Link{URL: staffPeoplePath, Words: own(r.P.T("people.title"))})
	}
	if below {
		list = append(list, Link{URL: staffPostsPath, Words: own(r.P.T("posts.title"))})
	}
	return list
}

func (r *Request) postRow(post *kpi.Person, p meeting.Papers) postRow {
	row := postRow{Post: Link{URL: staffPostPath(post.ID), Words: r.Words(post.Title)}, Warn: r.postWarnings(post.ID)}
	held := meeting.Holders(r.holders.list, post.ID, r.Today)
	for i := range held {
		row.Held = append(row.Held, r.heldView(&held[i]))
	}
	row.Vacant = len(held) == 0
	if row.Vacant && post.Name != "" && !r.holders.ever(post.ID) {
		row.Vacant, row.Held = false, []heldView{{Name: post.Name, State: r.P.T("posts.by_folder")}}
	}
	n := map[string]int{}
	for _, i := range meeting.Owned(r.City, post.ID, p) {
		n[i.Kind]++
	}
	for _, kind := range kpi.HandoverKinds {
		if n[kind] > 0 {
			row.Owns = append(row.Owns, count{r.P.T("posts.owns." + kind), r.Count(int64(n[kind]))})
		}
	}
	return row
}

// postWarnings says of a post what somebody should look at: a holder without the role that goes with the department, one whose account is closed.
func (r *Request) postWarnings(post string) []string {
	list := r.endedHeads(post)
	for _, h := range meeting.Holders(r.holders.list, post, r.Today) {
		who, known := r.holders.people[h.Holder]
		if !known {
			continue
		}
		if who.Disabled {
			list = append(list, r.P.T("posts.warn_closed", "name", who.Name))
			continue
		}
		for i := range r.City.Departments {
			d := &r.City.Departments[i]
			if d.Head == post && d.On(r.day()) && !slices.Contains(who.Grants, account.Grant{Role: account.DepartmentHead, Department: d.ID}) {
				list = append(list, r.P.T("posts.warn_role", "name", who.Name, "department", r.P.Text(d.Name)))
			}
		}
	}
	return list
}

// endedHeads says which of the departments that a post heads have ended.
func (r *Request) endedHeads(post string) []string {
	var list []string
	for i := range r.City.Departments {
		if d := &r.City.Departments[i]; d.Head == post && d.Ended(r.day()) {
			list = append(list, r.P.T("org.post_ended", "on_day", r.P.On(d.Until), "department", r.P.Text(d.Name)))
		}
	}
	return list
}

// heldView is a holding in words.
func (r *Request) heldView(h *kpi.Holding) heldView {
	who := r.holders.people[h.Holder]
	v := heldView{
		ID: strconv.FormatInt(h.ID, 10), Revision: strconv.Itoa(h.Revision), Name: who.Name, Closed: who.Disabled, Acting: h.Acting, Void: h.Void,
		From: r.on(h.From), Reason: h.Reason, Now: h.Holds(r.Today),
	}
	if v.Name == "" {
		v.Name = r.P.T("posts.nobody_known")
	}
	if !h.Until.IsZero() {
		until := r.on(h.Until)
		v.Until, v.UntilText = &until, h.Until.String()
	}
	switch {
	case h.Void:
		v.State = r.P.T("posts.state.void")
	case v.Now:
		v.State = r.P.T("posts.state.now")
	case h.From.After(r.Today):
		v.State = r.P.T("posts.state.later")
	default:
		v.State = r.P.T("posts.state.over")
	}
	return v
}

// nameOf is the name of an account, for staff pages; "" if it is of nobody.
func (r *Request) nameOf(id int64) string { return r.holders.people[id].Name }

func (r *Request) handoverRow(h *kpi.Handover) handoverRow {
	done := 0
	for _, i := range h.Items {
		if i.Done {
			done++
		}
	}
	return handoverRow{
		Link: Link{URL: staffHandoverPath(h.ID), Words: r.holder(h.Post).Title},
		From: r.nameOf(h.From), To: r.nameOf(meeting.Incoming(r.holders.list, h, r.Today)), On: r.on(h.On),
		Done: r.P.T("posts.handover_done", "n", done, "total", len(h.Items)),
	}
}
