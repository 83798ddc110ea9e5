package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

const staffHandoversPath = StaffRoot + "/handovers"

// Whoever may hand over for the post's department works on the list, and so does whoever changes posts: the page looks for itself.
var staffHandoverPage = Page{
	Name: "staff_handover", Path: staffHandoversPath + "/:number", Role: StaffOnly, Needs: account.SeeStaff, Sends: account.SeeStaff,
	Query: []string{"done"}, Load: loadHandover, Post: postHandover,
}

// staffHandoverPath is the address of a handover.
func staffHandoverPath(id int64) string { return staffHandoversPath + "/" + strconv.FormatInt(id, 10) }

// handoverData is a list of what a post hands over.
type handoverData struct {
	formErrors
	Title    string
	Notice   string
	Post     holderView
	From, To string
	On       Moment
	Done     string // how much of it
	Ended    bool
	Void     bool
	May      bool // the reader may work on it
	Action   string
	Revision int
	Groups   []ownedGroup
	Others   map[string]string // notes that somebody else saved meanwhile, by key
}

// Rows is how high the field of a note is.
func (o ownedItem) Rows() int {
	const line, least, most = 60, 2, 12
	return max(least, min(most, 1+len([]rune(o.Note))/line))
}

func loadHandover(ctx context.Context, r *Request) (Content, error) {
	h, err := r.handover(ctx)
	if err != nil {
		return Content{}, err
	}
	d := handoverData{}
	if id := "handover.done." + r.Query.Get("done"); r.P.Has(id) {
		d.Notice = r.P.T(id)
	}
	return r.handing(ctx, h, d, nil)
}

// handover reads the handover that an address names.
func (r *Request) handover(ctx context.Context) (*kpi.Handover, error) {
	if err := r.mustKnowPosts(); err != nil {
		return nil, err
	}
	h, err := byNumber(ctx, r, r.work.Handovers.Handover)
	return &h, err
}

// mayHandOver reports whether the reader may work on a list.
func (r *Request) mayHandOver(h *kpi.Handover) bool {
	return r.Person.May(account.HandOver, h.Department) || r.Person.May(account.ChangePosts, "")
}

// handing is the page; sent are the items as somebody typed them, nil if nobody did.
func (r *Request) handing(ctx context.Context, h *kpi.Handover, d handoverData, sent []kpi.HandoverItem) (Content, error) {
	t, err := r.things(ctx)
	if err != nil {
		return Content{}, err
	}
	owned := meeting.Owned(r.City, h.Post, t.papers)
	items := sent
	if items == nil {
		items = meeting.Grown(h, owned)
	}
	d.Post, d.From, d.To, d.On = r.holder(h.Post), r.nameOf(h.From), r.nameOf(meeting.Incoming(r.holders.list, h, r.Today)), r.on(h.On)
	d.Title = r.P.T("handover.title", "post", d.Post.Title.Text)
	d.Ended, d.Void, d.Revision, d.Action = h.Ended, h.Void, h.Revision, staffHandoverPath(h.ID)
	d.May = !h.Void && r.mayHandOver(h)
	d.Groups = r.groups(t, items, owned)
	done := 0
	for _, i := range h.Items {
		if i.Done {
			done++
		}
	}
	d.Done = r.P.T("posts.handover_done", "n", done, "total", len(items))
	crumbs := r.postCrumbs(true)
	if d.Post.URL != "" {
		crumbs = append(crumbs, Link{URL: d.Post.URL, Words: d.Post.Title})
	}
	c := Content{Title: d.Title, Summary: d.Done, Crumbs: crumbs, Data: d}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	return c, nil
}

func postHandover(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	h, err := r.handover(ctx)
	if err != nil {
		return Posted{}, err
	}
	if !r.mayHandOver(h) {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "your roles do not let you hand over for this department")
	}
	p, err := r.papers(ctx)
	if err != nil {
		return Posted{}, err
	}
	before := *h
	h.Items = meeting.Grown(h, meeting.Owned(r.City, h.Post, p))
	var d handoverData
	for i := range h.Items {
		item := &h.Items[i]
		key := item.Kind + "-" + item.ID
		if _, there := form["note-"+key]; !there {
			continue // it came after the page was made
		}
		item.Note, item.Done = typed(form.Get("note-"+key)), form.Get("done-"+key) != ""
		if len([]rune(item.Note)) > meeting.MaxNote {
			d.add("note-"+key, r.P.T("handover.long", "most", meeting.MaxNote))
		}
	}
	if len(d.Errors) == 0 {
		h.Revision, _ = strconv.Atoi(form.Get("revision"))
		h.Ended, h.To = meeting.AllDone(h.Items), meeting.Incoming(r.holders.list, h, r.Today)
		err = r.work.Handovers.SaveHandover(ctx, h, r.Person.By(), r.now)
		if err == nil {
			return Posted{To: staffHandoverPath(h.ID) + "?done=" + map[bool]string{true: "ended", false: "saved"}[h.Ended]}, nil
		}
		if err = r.notSaved(&d, &before, h, err); err != nil {
			return Posted{}, err
		}
	}
	content, err := r.handing(ctx, &before, d, h.Items)
	status := http.StatusUnprocessableEntity
	if d.Others != nil {
		status = http.StatusConflict
	}
	return Posted{Content: content, Status: status}, err
}

// notSaved says why a list was not kept. Where somebody else has saved meanwhile, their notes are shown beside those that were typed.
func (r *Request) notSaved(d *handoverData, saved, typed *kpi.Handover, err error) error {
	var wrong meeting.HandoverProblem
	switch {
	case kpi.ErrorCode(err) == kpi.CodeConflict:
		d.add("", r.P.T("handover.conflict", "name", saved.By))
		d.Others = map[string]string{}
		for _, item := range typed.Items {
			if was := itemLike(saved.Items, item); was != nil && was.Note != item.Note && was.Note != "" {
				d.Others[item.Kind+"-"+item.ID] = was.Note
			}
		}
		return nil
	case errors.As(err, &wrong):
		d.add("", r.P.T("handover.closed"))
		return nil
	}
	return err
}

func itemLike(items []kpi.HandoverItem, like kpi.HandoverItem) *kpi.HandoverItem {
	for i := range items {
		if items[i].Kind == like.Kind && items[i].ID == like.ID {
			return &items[i]
		}
	}
	return nil
}
