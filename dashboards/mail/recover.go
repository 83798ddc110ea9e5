package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
)

// Links makes links by which people set a password.
type Links interface {
	PersonByEmail(ctx context.Context, email string) (account.Person, error)
	NewLink(ctx context.Context, id int64, by account.By, now time.Time, valid time.Duration) (string, error)
}

// linkValid is how long the link in a mail serves.
const linkValid = time.Hour

// asked is how many requests wait at a time; beyond it the newest is dropped.
const asked = 64

// Recovery sends links to those who have forgotten their password. Whether somebody has an address is found out behind the answer to whoever asked, so that
// neither its words nor the time that it takes tell it.
type Recovery struct {
	links  Links
	sender Sender
	bundle *i18n.Bundle
	city   func() *kpi.City
	link   func(secret string) string // its whole address
	now    func() time.Time
	log    *slog.Logger
	queue  chan string
	stats  Stats
}

// NewRecovery returns one. link writes the whole address of a link with a secret.
func NewRecovery(links Links, sender Sender, bundle *i18n.Bundle, city func() *kpi.City, link func(string) string, now func() time.Time, log *slog.Logger) *Recovery {
	return &Recovery{links: links, sender: sender, bundle: bundle, city: city, link: link, now: now, log: log, queue: make(chan string, asked)}
}

// Recover asks for a link for whoever has an address, if somebody has. It does not wait.
func (r *Recovery) Recover(email string) {
	select {
	case r.queue <- email:
	default:
		r.log.Warn("too many people ask for links at a time; one is dropped")
	}
}

// Run sends links until the context ends.
func (r *Recovery) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case email := <-r.queue:
			if err := r.send(ctx, email); err != nil && ctx.Err() == nil {
				r.log.WarnContext(ctx, "a link to set a password was not sent", "err", err)
			}
		}
	}
}

// send sends a link, if somebody has the address and may sign in.
func (r *Recovery) send(ctx context.Context, email string) error {
	p, err := r.links.PersonByEmail(ctx, email)
	switch {
	case kpi.ErrorCode(err) == kpi.CodeNotFound || kpi.ErrorCode(err) == kpi.CodeInvalid || err == nil && p.Disabled:
		return nil
	case err != nil:
		return err
	}
	now := r.now()
	secret, err := r.links.NewLink(ctx, p.ID, account.By{Name: "forgotten password"}, now, linkValid)
	if err != nil {
		return err
	}
	m, err := r.compose(&p, r.link(secret), now.Add(linkValid))
	if err != nil {
		return err
	}
	err = r.sender.Send(ctx, m)
	var unknown UnknownError
	switch {
	case err == nil:
		r.stats.add(resultSent)
	case errors.As(err, &unknown):
		r.stats.add(resultUnknown)
	default:
		r.stats.add(resultFailed)
	}
	return err
}

// compose writes the mail with a link.
func (r *Recovery) compose(p *account.Person, address string, until time.Time) (Message, error) {
	city := r.city()
	cal, err := city.Calendar()
	if err != nil {
		return Message{}, err
	}
	w := printer(r.bundle, city, p.Lang)
	d := struct {
		Lang                                  kpi.Lang
		Subject, Hello, Lead, URL, Until, Why string
	}{
		w.Lang, w.T("mail.link.subject", "city", w.Text(city.Name)), w.T("mail.hello", "name", line(p.Name)), w.T("mail.link.lead"), address,
		w.T("mail.link.until", "time", w.DateTime(until.In(cal.Location))), w.T("mail.link.why"),
	}
	page, err := fill("link", d)
	text := strings.ReplaceAll(fmt.Sprintf("%s\n\n%s\n%s\n\n%s\n%s\n", d.Hello, d.Lead, d.URL, d.Until, d.Why), "\n", "\r\n")
	return Message{To: p.Email, Name: p.Name, Subject: d.Subject, Text: text, HTML: page}, err
}

// Counts is how many mails had which result since the program began.
func (r *Recovery) Counts() map[string]int64 { return r.stats.Counts() }
