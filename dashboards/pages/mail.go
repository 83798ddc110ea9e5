package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// Mail is what was sent to people, and who wants no more of it.
type Mail interface {
	// Unsubscribes reports whether a secret is one that ends somebody's digests.
	Unsubscribes(ctx context.Context, secret string, now time.Time) (bool, error)
	// Unsubscribe ends them. It fails with code not found if the secret is none.
	Unsubscribe(ctx context.Context, secret string, now time.Time) error
	// MailTrouble returns since which day no digest was sent although some were tried, on how many days, and the newest reason.
	MailTrouble(ctx context.Context) (since kpi.Date, days int, why string, err error)
}

// Recovery sends links to those who have forgotten their password.
type Recovery interface {
	// Recover sends a link to whoever has an address, if somebody has. It does not wait, and says nothing.
	Recover(email string)
}

// UnsubscribeRoot is where a secret below it ends somebody's mail.
const UnsubscribeRoot = "/unsubscribe"

const forgottenPath = DoorRoot + "/forgotten"

var (
	unsubscribePage = Page{Name: "unsubscribe", Path: UnsubscribeRoot + "/:token", Role: AtDoor, Loose: true, Load: loadUnsubscribe, Post: postUnsubscribe}
	forgottenPage   = Page{Name: "forgotten", Path: forgottenPath, Role: AtDoor, Load: loadForgotten, Post: postForgotten}
)

// unsubscribeData is the page that ends mail. It says nothing of whose.
type unsubscribeData struct {
	Action string
	Done   bool
}

// errUnsubscribe is the one answer about a secret that ends nothing.
func errUnsubscribe() error { return kpi.Errorf(kpi.CodeNotFound, "this link ends nobody's mail") }

// mayUnsubscribe fails if the address ends nobody's mail, or if too many such addresses were tried.
func (r *Request) mayUnsubscribe(ctx context.Context) error {
	if r.mail == nil {
		return errUnsubscribe()
	}
	ok, err := r.mail.Unsubscribes(ctx, r.Params["token"], r.now)
	if err != nil || ok {
		return err
	}
	if r.door.Asked("a link that ends mail", r.From) > 0 {
		return kpi.Errorf(kpi.CodeUnready, "too many links that end nothing were tried; wait a while")
	}
	return errUnsubscribe()
}

func (r *Request) unsubscribe(done bool) Content {
	id := "mail.unsubscribe.intro"
	if done {
		id = "mail.unsubscribe.done"
	}
	d := unsubscribeData{Action: UnsubscribeRoot + "/" + url.PathEscape(r.Params["token"]), Done: done}
	return Content{Title: r.P.T("mail.unsubscribe.title"), Summary: r.P.T(id), Data: d}
}

func loadUnsubscribe(ctx context.Context, r *Request) (Content, error) {
	return r.unsubscribe(false), r.mayUnsubscribe(ctx)
}

// postUnsubscribe ends mail. It answers without leading on: programs that do this for a reader (RFC 8058) follow nothing.
func postUnsubscribe(ctx context.Context, r *Request, _ url.Values) (Posted, error) {
	if err := r.mayUnsubscribe(ctx); err != nil {
		return Posted{}, err
	}
	if err := r.mail.Unsubscribe(ctx, r.Params["token"], r.now); err != nil {
		return Posted{}, err
	}
	return Posted{Content: r.unsubscribe(true), Status: http.StatusOK}, nil
}

// forgottenData is the form for those who have forgotten their password.
type forgottenData struct {
	formErrors
	Action string
	Email  string
	Sent   bool
}

func loadForgotten(_ context.Context, r *Request) (Content, error) {
	if r.recovery == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "no mail is sent here; an administrator makes links")
	}
	return r.forgotten(forgottenData{}), nil
}

func (r *Request) forgotten(d forgottenData) Content {
	d.Action = forgottenPath
	c := Content{Title: r.P.T("mail.forgotten.title"), Summary: r.P.T("mail.forgotten.intro")}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c
}

// postForgotten asks for a link. The answer is the same whether somebody has the address or not.
func postForgotten(_ context.Context, r *Request, form url.Values) (Posted, error) {
	if r.recovery == nil {
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "no mail is sent here; an administrator makes links")
	}
	d := forgottenData{Email: strings.TrimSpace(form.Get("email"))}
	email, err := account.Address(d.Email)
	if err != nil {
		d.add("email", r.P.T("people.wrong_email"))
	}
	if len(d.Errors) > 0 {
		return Posted{Content: r.forgotten(d)}, nil
	}
	if wait := r.door.Asked(email, r.From); wait > 0 {
		d.add("email", r.P.T("mail.forgotten.wait", "time", r.P.Span(wait)))
		return Posted{Content: r.forgotten(d), Status: http.StatusTooManyRequests, After: wait}, nil
	}
	r.recovery.Recover(email)
	d.Sent = true
	return Posted{Content: r.forgotten(d), Status: http.StatusOK}, nil
}

// mailTrouble says to those who may do something about it that mail has not gone out for days; "" if it has.
func (r *Request) mailTrouble(ctx context.Context) (string, error) {
	if r.mail == nil {
		return "", nil
	}
	since, days, _, err := r.mail.MailTrouble(ctx)
	if err != nil || days < troubleDays {
		return "", err
	}
	return r.P.T("mail.trouble", "since", r.P.Date(since)), nil
}

// troubleDays is on how many days mail must have failed before it is more than a bad morning.
const troubleDays = 2
