package pages

import (
	"context"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// holders are who holds which post, for one reader of a staff page. Their names are never public: what is public speaks of a post by its title alone.
type holders struct {
	list   []kpi.Holding
	people map[int64]account.Person
}

// readHolders reads them; there are none where nobody keeps them.
func readHolders(ctx context.Context, posts Posts, directory Directory) (*holders, error) {
	h := &holders{people: map[int64]account.Person{}}
	if posts == nil {
		return h, nil
	}
	var err error
	if h.list, err = posts.Holdings(ctx, kpi.PaperQuery{}); err != nil || directory == nil {
		return h, err
	}
	people, err := directory.People(ctx)
	for i := range people {
		h.people[people[i].ID] = people[i]
	}
	return h, err
}

// ever reports whether it is known who holds a post, or held it.
func (h *holders) ever(post string) bool {
	for i := range h.list {
		if h.list[i].Post == post && !h.list[i].Void {
			return true
		}
	}
	return false
}

// holderView is a post as staff pages name it: by its title and by who holds it today. The template "holder" writes it.
type holderView struct {
	ID     string // of the post; "" if there is none
	Title  Words
	Name   string // of today's holder, of whoever acts while somebody does; "" if nobody holds it
	Acting bool
	URL    string // of the page of the post; "" where there is none
}

// holder returns a post with whoever holds it today, for staff pages alone. As long as nobody ever held it here, the name that the city's folder may
// give stands for the holder. A post that the folder does not have any more is named by its id.
func (r *Request) holder(post string) holderView {
	if post == "" {
		return holderView{}
	}
	v := holderView{ID: post, Title: Words{Text: post}}
	p := r.City.Person(post)
	if p != nil {
		v.Title = r.Words(p.Title)
	}
	if r.holders == nil {
		return v
	}
	if r.work.Posts != nil && p != nil {
		v.URL = staffPostPath(post)
	}
	switch h := meeting.Holder(r.holders.list, post, r.Today); {
	case h != nil:
		v.Name, v.Acting = r.holders.people[h.Holder].Name, h.Acting
	case p != nil && !r.holders.ever(post):
		v.Name = p.Name
	}
	return v
}

// heldByMe returns the posts that the reader holds, or acts for, today.
func (r *Request) heldByMe() []string {
	if r.holders == nil || r.Person == nil || r.Person.ID == 0 {
		return nil
	}
	return meeting.PostsOf(r.holders.list, r.Person.ID, r.Today)
}

// stillHeld returns the posts that somebody holds or acts for today or later, with their pages.
func (r *Request) stillHeld(holder int64) []Link {
	var list []Link
	for i := range r.holders.list {
		h := &r.holders.list[i]
		over := !h.Until.IsZero() && h.Until.Before(r.Today)
		if h.Holder == holder && !h.Void && !over && r.City.Person(h.Post) != nil {
			list = append(list, Link{URL: staffPostPath(h.Post) + "#holding-" + strconv.FormatInt(h.ID, 10), Words: r.holder(h.Post).Title})
		}
	}
	return list
}
