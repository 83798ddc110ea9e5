package pages

import (
	"context"
	"net/url"
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
)

const staffMePath = StaffRoot + "/me"

// Everybody of the staff has this page, and nobody sees another's.
var staffMePage = Page{
	Name: "staff_me", Path: staffMePath, Role: StaffOnly, Needs: account.SeeStaff, Sends: account.SeeStaff, Query: []string{"done"}, Load: loadMe, Post: postMe,
}

// meData is somebody's own account.
type meData struct {
	formErrors
	Action  string
	Notice  string
	Known   bool // the reader has an account; otherwise it is whoever sits at the machine
	Name    string
	Email   string
	Roles   []string
	Seen    *Moment
	Posts   []Link
	Digests []option
	Langs   []option
}

func loadMe(ctx context.Context, r *Request) (Content, error) {
	d := meData{}
	if r.Query.Get("done") != "" {
		d.Notice = r.P.T("me.saved")
	}
	return r.me(ctx, d, "", "")
}

// me is the page; digest and lang are what was chosen in a form that is shown again.
func (r *Request) me(ctx context.Context, d meData, digest account.Digest, lang kpi.Lang) (Content, error) {
	p := r.Person
	d.Action, d.Name, d.Email, d.Known = staffMePath, p.Name, p.Email, p.ID != 0 && r.work.Self != nil && r.directory != nil
	for _, g := range p.Grants {
		d.Roles = append(d.Roles, r.role(g))
	}
	if !p.Seen.IsZero() {
		at := r.at(p.Seen)
		d.Seen = &at
	}
	if d.Known {
		d.Posts = r.stillHeld(p.ID)
		chosen, err := r.work.Self.Preferences(ctx, p.ID)
		if err != nil {
			return Content{}, err
		}
		if digest == "" {
			digest = chosen.Digest
		}
		for _, o := range account.Digests {
			d.Digests = append(d.Digests, option{Value: string(o), Words: own(r.P.T("me.digest." + string(o))), Selected: o == digest})
		}
		if lang == "" {
			lang = p.Lang
		}
		for _, l := range offered(r.City) {
			d.Langs = append(d.Langs, option{Value: string(l), Words: own(i18n.OwnName(l)), Selected: l == lang || lang == "" && l == r.City.Source()})
		}
	}
	c := Content{Title: r.P.T("me.title"), Summary: r.P.T("me.intro")}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c, nil
}

// postMe keeps how the program writes to whoever asks, or signs them out everywhere.
func postMe(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	p := r.Person
	if p.ID == 0 || r.work.Self == nil || r.directory == nil {
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "nobody is signed in, so there is no account")
	}
	if form.Get("do") == "sign_out" {
		if err := r.work.Self.SignOut(ctx, p.ID, p.By(), r.now); err != nil {
			return Posted{}, err
		}
		return Posted{To: DoorRoot + "?out=1"}, nil
	}
	chosen, lang := account.Preferences{Digest: account.Digest(form.Get("digest"))}, r.langOf(form)
	var d meData
	if chosen.Check() != nil {
		d.add("digest", r.P.T("me.error.digest"))
	}
	if lang == "" {
		d.add("mail-lang", r.P.T("me.error.lang"))
	}
	if len(d.Errors) > 0 {
		content, err := r.me(ctx, d, chosen.Digest, lang)
		return Posted{Content: content}, err
	}
	if lang != p.Lang {
		if err := r.directory.ChangePerson(ctx, p.ID, account.Change{Lang: &lang}, p.By(), r.now); err != nil {
			return Posted{}, err
		}
	}
	if err := r.work.Self.SetPreferences(ctx, p.ID, chosen, p.By(), r.now); err != nil {
		return Posted{}, err
	}
	return Posted{To: staffMePath + "?done=1"}, nil
}

// Self is what people look after themselves.
type Self interface {
	Preferences(ctx context.Context, person int64) (account.Preferences, error)
	SetPreferences(ctx context.Context, person int64, p account.Preferences, by account.By, now time.Time) error
	SignOut(ctx context.Context, person int64, by account.By, now time.Time) error // everywhere
}
