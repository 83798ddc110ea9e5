package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"citystat/dashboards"
	"citystat/dashboards/i18n"
	"citystat/dashboards/mail"
	"citystat/dashboards/pages"
	"citystat/ingest"
	"citystat/ingest/connector"
	"citystat/kpi"
	"citystat/kpi/ledger"
	"citystat/kpi/meeting"
)

// post is how the program writes to people: reminders of what waits for them, invitations to meetings, and links to those who have forgotten their password.
type post struct {
	reminder *mail.Reminder
	inviter  *mail.Inviter
	recovery *mail.Recovery
}

// mailConfig reads how mail is sent; nil: none is.
func mailConfig(smtp, from string) (*mail.Config, error) {
	if smtp == "" {
		if from != "" {
			return nil, errUsage{errors.New("CITYSTAT_MAIL_FROM says from whom mail is, and CITYSTAT_SMTP does not say how it is sent; name both or none")}
		}
		return nil, nil
	}
	c, err := mail.Parse(smtp, from, connector.LookupSecret)
	if err != nil {
		return nil, errUsage{err}
	}
	return &c, nil
}

// writeMail sets up mail, if the program was told how to send it, and says at the start whether it was.
func (a *App) writeMail(o *dashboards.Options) error {
	if a.opts.Mail == nil {
		fmt.Fprintln(a.opts.Out, "Mail             none: no reminders, no invitations, no links by mail (CITYSTAT_SMTP, CITYSTAT_MAIL_FROM)")
		return nil
	}
	bundle, err := i18n.New()
	if err != nil {
		return err
	}
	sender := mail.NewSMTP(*a.opts.Mail)
	reminder, err := mail.NewReminder(mail.Options{
		Book: a.engine.led, Sender: sender, Bundle: bundle, Site: a.opts.Site, Duties: a.duties, Path: a.workspace().DutyPath, Now: a.opts.Now, Logger: a.opts.Log,
	})
	if err != nil {
		return errUsage{err}
	}
	site := strings.TrimSuffix(a.opts.Site, "/")
	city := func() *kpi.City { c, _ := a.engine.definitions(); return c }
	link := func(secret string) string { return site + dashboards.LinkPath(secret) }
	inviter, err := mail.NewInviter(mail.InviterOptions{
		Guests: a.engine.led, Sender: sender, From: a.opts.Mail.From, Bundle: bundle, Site: a.opts.Site, City: city, Page: pages.MeetingPath, Memo: pages.MeetingMemoPath, Now: a.opts.Now, Logger: a.opts.Log,
	})
	if err != nil {
		return errUsage{err}
	}
	a.post = &post{reminder, inviter, mail.NewRecovery(a.engine.led, sender, bundle, city, link, a.opts.Now, a.opts.Log)}
	o.Mail, o.Recovery, o.MailCounts = a.engine.led, a.post.recovery, a.post.counts
	fmt.Fprintf(a.opts.Out, "Mail             %s\n", a.opts.Mail)
	return nil
}

// counts is how many mails had which result.
func (p *post) counts() map[string]int64 {
	all := p.reminder.Counts()
	for _, other := range []map[string]int64{p.inviter.Counts(), p.recovery.Counts()} {
		for result, n := range other {
			all[result] += n
		}
	}
	return all
}

// sendMail sends mail until the context ends.
func (a *App) sendMail(ctx context.Context) {
	if a.post == nil {
		return
	}
	a.work.Go(func() { a.post.recovery.Run(ctx) })
	a.work.Go(func() { a.post.reminder.Run(ctx) })
	a.work.Go(func() { a.post.inviter.Run(ctx) })
}

// duties is all that may be due in the city.
func (a *App) duties(ctx context.Context, now time.Time) (meeting.DutyInputs, error) {
	city, _ := a.engine.definitions()
	cal, err := city.Calendar()
	if err != nil {
		return meeting.DutyInputs{}, err
	}
	s := &staff{engine: a.engine, jobs: a.jobs}
	live, err := s.Live(ctx)
	if err != nil {
		a.opts.Log.WarnContext(ctx, "the live scorecard cannot be made, so nobody is reminded of targets that were missed", "err", err)
		live = nil
	}
	return a.workspace().DutyInputs(ctx, s, live, city, cal, now)
}

// examineMail says what became of mail.
func examineMail(ctx context.Context, led *ledger.DB) ingest.Finding {
	f := ingest.Finding{Check: "mail", About: "reminders reach people", Looked: 1, Unit: "ways"}
	smtp, from := os.Getenv("CITYSTAT_SMTP"), os.Getenv("CITYSTAT_MAIL_FROM")
	c, err := mailConfig(smtp, from)
	switch {
	case err != nil:
		f.Wrong = append(f.Wrong, err.Error())
	case c == nil:
		f.Notes = append(f.Notes, "no mail is set up where doctor runs: CITYSTAT_SMTP, CITYSTAT_MAIL_FROM and CITYSTAT_SITE say how the server sends it")
	default:
		f.Notes = append(f.Notes, c.String())
	}
	since, days, why, err := led.MailTrouble(ctx)
	if err != nil {
		f.Wrong = append(f.Wrong, err.Error())
	}
	if days > 0 {
		f.Warnings = append(f.Warnings, fmt.Sprintf("no digest was sent since %s, on %d days, although some were due: %s", since, days, why))
	}
	failed, why, err := led.InvitationTrouble(ctx, time.Now())
	if err != nil {
		f.Wrong = append(f.Wrong, err.Error())
	}
	if failed > 0 {
		f.Warnings = append(f.Warnings, fmt.Sprintf("%d invitations to meetings that are still to come did not go out: %s", failed, why))
	}
	return f
}
