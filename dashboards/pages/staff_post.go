package pages

import (
	"context"
	"slices"
	"strings"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

var staffPostPage = Page{
	Name: "staff_post", Path: staffPostsPath + "/:post", Role: StaffOnly, Needs: account.SeeStaff, Sends: account.ChangePosts,
	Query: []string{"done"}, Load: loadPost, Post: postPost,
}

// postData is one post: who holds it, what it owns, and who held it.
type postData struct {
	formErrors
	Title     Words
	Notice    string
	Vacant    bool
	Held      []heldView // today, whoever acts first
	Warn      []string
	Owns      []ownedGroup
	Holders   []heldView // over time, the newest first
	Handovers []handoverRow
	Action    string
	Form      *postForm
}

// postSent is what came of a form about a post.
type postSent struct {
	give     *postForm
	holding  string // that the form is about
	end      endForm
	conflict bool
	wrong    []formError
	notice   string
}

func loadPost(ctx context.Context, r *Request) (Content, error) {
	sent := postSent{}
	if id := "posts.done." + r.Query.Get("done"); r.P.Has(id) {
		sent.notice = r.P.T(id)
	}
	return r.post(ctx, sent)
}

// post is the page, with what came of a form.
func (r *Request) post(ctx context.Context, sent postSent) (Content, error) {
	if err := r.mustKnowPosts(); err != nil {
		return Content{}, err
	}
	post := r.City.Person(r.Params["post"])
	if post == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "there is no post %q", r.Params["post"])
	}
	t, err := r.things(ctx)
	if err != nil {
		return Content{}, err
	}
	lists, err := r.work.Handovers.Handovers(ctx, kpi.PaperQuery{Subject: post.ID, States: []string{"open", "ended"}})
	if err != nil {
		return Content{}, err
	}
	if sent.give == nil {
		sent.give = &postForm{}
	}
	row := r.postRow(post, t.papers)
	owned := meeting.Owned(r.City, post.ID, t.papers)
	d := postData{
		formErrors: formErrors{sent.wrong}, Title: row.Post.Words, Notice: sent.notice, Vacant: row.Vacant, Held: row.Held, Warn: row.Warn,
		Owns: r.groups(t, owned, owned), Action: staffPostPath(post.ID), Form: r.postForm(sent.give, post.ID),
	}
	for i := range lists {
		d.Handovers = append(d.Handovers, r.handoverRow(&lists[i]))
	}
	d.Holders = r.overTime(post.ID, lists, len(owned) > 0, sent)
	title := d.Title.Text
	if len(sent.wrong) > 0 {
		title = r.errorTitle(title)
	}
	return Content{Title: title, Summary: r.P.T("posts.summary", "owns", len(owned)), Crumbs: r.postCrumbs(true), Data: d}, nil
}

// recently is for how long after an end somebody is asked for the list of what is handed over, in days.
const recently = 92

// overTime is who held a post, holds it and will hold it, the newest first, with what may be changed.
func (r *Request) overTime(post string, lists []kpi.Handover, owns bool, sent postSent) []heldView {
	var held []kpi.Holding
	for i := range r.holders.list {
		if r.holders.list[i].Post == post {
			held = append(held, r.holders.list[i])
		}
	}
	slices.SortStableFunc(held, func(a, b kpi.Holding) int {
		if c := b.From.Compare(a.From); c != 0 {
			return c
		}
		return strings.Compare(b.Until.String(), a.Until.String())
	})
	may := r.Person.May(account.ChangePosts, "")
	var views []heldView
	for i := range held {
		h := &held[i]
		v := r.heldView(h)
		for k := range lists {
			if lists[k].Holding == h.ID {
				v.List = &Link{URL: staffHandoverPath(lists[k].ID), Words: own(r.P.T("posts.handover"))}
			}
		}
		v.May, v.Ends, v.Reopens = may && !h.Void, !h.Void, !h.Acting && !h.Until.IsZero()
		v.Asks = may && owns && v.List == nil && !h.Acting && !h.Void && !h.Until.IsZero() && r.Today.Sub(h.Until) < recently
		v.Sent = endForm{Until: v.UntilText}
		if v.ID == sent.holding {
			v.Sent = sent.end
		}
		views = append(views, v)
	}
	return views
}
