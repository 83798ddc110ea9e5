package mail

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// Sender sends one mail.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Book keeps the people, what they chose, and what was sent.
type Book interface {
	People(ctx context.Context) ([]account.Person, error)
	Preferences(ctx context.Context, person int64) (account.Preferences, error)
	// BeginDigest notes that a digest is about to be sent, and reports whether it may be.
	BeginDigest(ctx context.Context, person int64, day kpi.Date, now time.Time) (bool, error)
	// EndDigest notes that it was sent, or why not.
	EndDigest(ctx context.Context, person int64, day kpi.Date, failure string, now time.Time) error
	// NewUnsubscribe makes the secret of a link that ends a person's digests.
	NewUnsubscribe(ctx context.Context, person int64, now time.Time) (string, error)
}

// Options are what a Reminder needs. All are required but Logger.
type Options struct {
	Book   Book
	Sender Sender
	Bundle *i18n.Bundle
	Site   string // address of the site, such as https://stat.city.gov
	Duties func(ctx context.Context, now time.Time) (meeting.DutyInputs, error)
	Path   func(d *meeting.Duty, who *account.Person) string // where somebody does a duty, below the site
	Now    func() time.Time
	Logger *slog.Logger
}

// When digests go out.
const (
	morning = 7 * time.Hour  // of a working day in the city
	evening = 18 * time.Hour // later nobody is written to: tomorrow there is another
	again   = time.Hour      // after some could not be sent
)

// Reminder writes to people of what waits for them.
type Reminder struct {
	opts  Options
	stats Stats
}

// NewReminder returns one. It fails if there is no address of the site: a mail without links is no use.
func NewReminder(o Options) (*Reminder, error) {
	if o.Book == nil || o.Sender == nil || o.Bundle == nil || o.Duties == nil || o.Path == nil || o.Now == nil {
		return nil, errors.New("mail: Book, Sender, Bundle, Duties, Path and Now are required")
	}
	if !strings.HasPrefix(o.Site, "https://") && !strings.HasPrefix(o.Site, "http://") {
		return nil, kpi.Errorf(kpi.CodeInvalid, "mail leads people back to the site: name its address with --site (CITYSTAT_SITE), such as https://stat.city.gov")
	}
	o.Site = strings.TrimSuffix(o.Site, "/")
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Reminder{opts: o}, nil
}

// Run writes to people until the context ends.
func (r *Reminder) Run(ctx context.Context) {
	for {
		wait := r.Pass(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// Pass sends what is due now, and returns for how long there is nothing to do.
func (r *Reminder) Pass(ctx context.Context) time.Duration {
	now := r.opts.Now()
	in, err := r.opts.Duties(ctx, now)
	if err != nil {
		if ctx.Err() == nil {
			r.opts.Logger.ErrorContext(ctx, "what is due cannot be read, so nobody is reminded of it", "err", err)
		}
		return again
	}
	today := kpi.DateOf(now.In(in.Cal.Location))
	work := in.City.Workdays()
	at := func(d kpi.Date, since time.Duration) time.Time {
		return time.Date(d.Year, d.Month, d.Day, int(since.Hours()), 0, 0, 0, in.Cal.Location) // by the clock on the wall, on days of 23 and 25 hours too
	}
	failed := false
	if work.IsWorkday(today) && !now.Before(at(today, morning)) && now.Before(at(today, evening)) {
		if failed, err = r.morning(ctx, in, today, firstOfWeek(work, today)); err != nil && ctx.Err() == nil {
			r.opts.Logger.ErrorContext(ctx, "people are not reminded of what is due", "err", err)
			failed = true
		}
	}
	next := at(today, morning)
	if !now.Before(next) {
		next = at(today.AddDays(1), morning)
	}
	wait := next.Sub(now)
	if failed {
		wait = min(wait, again)
	}
	return max(wait, time.Second)
}

// firstOfWeek reports whether a day is the first working day of its week, which begins on a Monday: on it those are written to who chose weekly mail.
func firstOfWeek(work kpi.Workdays, d kpi.Date) bool {
	for d.Weekday() != time.Monday {
		if d = d.AddDays(-1); work.IsWorkday(d) {
			return false
		}
	}
	return true
}

// morning writes to everybody for whom something waits. It reports whether somebody could not be written to.
func (r *Reminder) morning(ctx context.Context, in meeting.DutyInputs, today kpi.Date, weekly bool) (failed bool, err error) {
	people, err := r.opts.Book.People(ctx)
	if err != nil {
		return false, err
	}
	s := &scene{city: in.City, cal: in.Cal, today: today, site: r.opts.Site}
	for i := range people {
		p := &people[i]
		if p.Disabled {
			continue
		}
		chosen, err := r.opts.Book.Preferences(ctx, p.ID)
		if err != nil {
			return failed, err
		}
		if chosen.Digest == account.DigestNever || chosen.Digest == account.DigestWeekly && !weekly {
			continue
		}
		duties := Waiting(meeting.Due(in, p), today)
		if len(duties) == 0 {
			continue
		}
		if err := r.remind(ctx, s, p, duties); err != nil {
			if ctx.Err() != nil {
				return failed, ctx.Err()
			}
			failed = true
			r.opts.Logger.WarnContext(ctx, "a digest was not sent", "person", p.ID, "err", err)
		}
	}
	return failed, nil
}

// remind sends one digest, if it may still be sent today.
func (r *Reminder) remind(ctx context.Context, s *scene, p *account.Person, duties []meeting.Duty) error {
	ok, err := r.opts.Book.BeginDigest(ctx, p.ID, s.today, r.opts.Now())
	if err != nil || !ok {
		return err
	}
	secret, err := r.opts.Book.NewUnsubscribe(ctx, p.ID, r.opts.Now())
	var m Message
	if err == nil {
		m, err = s.compose(r.printer(s.city, p), p.Name, duties, func(d *meeting.Duty) string { return r.opts.Path(d, p) }, s.site+UnsubscribePath+secret)
	}
	if err == nil {
		m.To, m.Name = p.Email, p.Name
		err = r.opts.Sender.Send(ctx, m)
	}
	return r.stats.settle(ctx, err, func(failure string) error { return r.opts.Book.EndDigest(ctx, p.ID, s.today, failure, r.opts.Now()) })
}

// printer is the language in which somebody is written to.
func (r *Reminder) printer(city *kpi.City, p *account.Person) *i18n.Printer {
	return printer(r.opts.Bundle, city, p.Lang)
}

func printer(bundle *i18n.Bundle, city *kpi.City, lang kpi.Lang) *i18n.Printer {
	if lang == "" {
		lang = city.Source()
	}
	return bundle.Printer(lang, city.Formats[lang])
}

// Counts is how many mails had which result since the program began.
func (r *Reminder) Counts() map[string]int64 { return r.stats.Counts() }
