package mail

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/mail"
	"slices"
	"strings"
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// Guests are the meetings, who is invited to them, and what they were told.
type Guests interface {
	People(ctx context.Context) ([]account.Person, error)
	Preferences(ctx context.Context, person int64) (account.Preferences, error)
	Holdings(ctx context.Context, q kpi.PaperQuery) ([]kpi.Holding, error)
	Meetings(ctx context.Context, q kpi.PaperQuery) ([]kpi.Meeting, error)
	MeetingHistory(ctx context.Context, id int64) ([]kpi.Meeting, error)
	// Invitations returns what people were told of meetings that begin from a time on.
	Invitations(ctx context.Context, from time.Time) ([]meeting.Invitation, error)
	// BeginInvitation notes that one is about to be sent, and reports whether it may be.
	BeginInvitation(ctx context.Context, i *meeting.Invitation, now time.Time) (bool, error)
	// EndInvitation notes that it was sent, or why not.
	EndInvitation(ctx context.Context, i *meeting.Invitation, failure string, now time.Time) error
	// NewUnsubscribe makes the secret of a link that ends a person's mail.
	NewUnsubscribe(ctx context.Context, person int64, now time.Time) (string, error)
}

// InviterOptions are what an Inviter needs. All are required but Logger.
type InviterOptions struct {
	Guests Guests
	Sender Sender
	From   mail.Address // who invites
	Bundle *i18n.Bundle
	Site   string // address of the site, such as https://stat.city.gov
	City   func() *kpi.City
	Page   func(series string, slot kpi.Date) string // a meeting's page, below the site
	Memo   func(series string, slot kpi.Date) string // its memo
	Now    func() time.Time
	Logger *slog.Logger
}

const (
	// inviteDays is how many days before a meeting people are invited to it.
	inviteDays = 28
	// rememberDays is for how long after a meeting was to begin it is known who was invited: it may have been put off.
	rememberDays = 60
	// inviteEvery is how often it is looked whether something has changed.
	inviteEvery = 5 * time.Minute
)

// Inviter invites people to meetings, and tells them what has changed since.
type Inviter struct {
	opts  InviterOptions
	stats Stats
}

// NewInviter returns one.
func NewInviter(o InviterOptions) (*Inviter, error) {
	if o.Guests == nil || o.Sender == nil || o.Bundle == nil || o.City == nil || o.Page == nil || o.Memo == nil || o.Now == nil || o.From.Address == "" {
		return nil, errors.New("mail: Guests, Sender, From, Bundle, City, Page, Memo and Now are required")
	}
	if !strings.HasPrefix(o.Site, "https://") && !strings.HasPrefix(o.Site, "http://") {
		return nil, kpi.Errorf(kpi.CodeInvalid, "mail leads people back to the site: name its address with --site (CITYSTAT_SITE), such as https://stat.city.gov")
	}
	o.Site = strings.TrimSuffix(o.Site, "/")
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Inviter{opts: o}, nil
}

// Run invites people until the context ends.
func (v *Inviter) Run(ctx context.Context) {
	for {
		if err := v.Pass(ctx); err != nil && ctx.Err() == nil {
			v.opts.Logger.ErrorContext(ctx, "people are not told of meetings", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(inviteEvery):
		}
	}
}

// Counts is how many mails had which result since the program began.
func (v *Inviter) Counts() map[string]int64 { return v.stats.Counts() }

// round is what one pass knows.
type round struct {
	city     *kpi.City
	cal      kpi.Calendar
	now      time.Time
	today    kpi.Date
	people   map[int64]*account.Person // those who may be written to
	holdings []kpi.Holding
	saved    []kpi.Meeting
	told     map[string][]meeting.Invitation // by the meeting's name
	first    bool                            // the hour is one at which people are invited; of what has changed they are told at once
}

// Pass tells everybody what they have to know now. Nobody is invited to the meetings of a city of the past.
func (v *Inviter) Pass(ctx context.Context) error {
	city := v.opts.City()
	if city == nil || !city.AsOf.IsZero() || len(city.Meetings) == 0 {
		return nil
	}
	r, err := v.look(ctx, city)
	if err != nil {
		return err
	}
	for i := range city.Meetings {
		s := &city.Meetings[i]
		for _, m := range r.meetings(s) {
			if err := v.tellAll(ctx, r, s, &m); err != nil {
				return err
			}
		}
	}
	return nil
}

// look reads what a pass must know.
func (v *Inviter) look(ctx context.Context, city *kpi.City) (*round, error) {
	cal, err := city.Calendar()
	if err != nil {
		return nil, err
	}
	now := v.opts.Now()
	r := &round{city: city, cal: cal, now: now, today: kpi.DateOf(now.In(cal.Location)), people: map[int64]*account.Person{}, told: map[string][]meeting.Invitation{}}
	hour := now.In(cal.Location).Hour()
	r.first = city.Workdays().IsWorkday(r.today) && hour >= int(morning.Hours()) && hour < int(evening.Hours())
	people, err := v.opts.Guests.People(ctx)
	if err != nil {
		return nil, err
	}
	for i := range people {
		p := &people[i]
		if p.Disabled || !p.MayAnywhere(account.SeeStaff) {
			continue
		}
		chosen, err := v.opts.Guests.Preferences(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		if chosen.Digest != account.DigestNever { // whoever wants no mail is sent none
			r.people[p.ID] = p
		}
	}
	if r.holdings, err = v.opts.Guests.Holdings(ctx, kpi.PaperQuery{}); err != nil {
		return nil, err
	}
	if r.saved, err = v.opts.Guests.Meetings(ctx, kpi.PaperQuery{}); err != nil {
		return nil, err
	}
	list, err := v.opts.Guests.Invitations(ctx, now.AddDate(0, 0, -rememberDays))
	for _, i := range list {
		name := i.Series + "/" + i.Slot.String()
		r.told[name] = append(r.told[name], i)
	}
	return r, err
}

// meetings returns the meetings of a series of which somebody may have to be told something: those of the next four weeks, and those to which people were invited, wherever
// they were moved. One that its series no longer has is called off.
func (r *round) meetings(s *kpi.MeetingSeries) []kpi.Meeting {
	list := meeting.Calendar(r.city, s, r.saved, r.today, r.today.AddDays(inviteDays))
	for _, told := range r.told {
		slot := told[0].Slot
		if told[0].Series != s.ID || slices.ContainsFunc(list, func(m kpi.Meeting) bool { return m.Slot == slot }) {
			continue
		}
		m, ok := meeting.Find(r.city, s, r.saved, slot)
		if !ok {
			last := newest(told)
			start := last.Said.Start.In(r.cal.Location)
			m = kpi.Meeting{
				Series: s.ID, Slot: slot, Date: kpi.DateOf(start), At: 60*start.Hour() + start.Minute(), Minutes: last.Said.Minutes, Chair: last.Said.Chair, State: kpi.MeetingCancelled,
			}
		}
		list = append(list, m)
	}
	list = slices.DeleteFunc(list, func(m kpi.Meeting) bool { return m.State.Held() || !m.Start(r.cal.Location).After(r.now) })
	slices.SortFunc(list, func(a, b kpi.Meeting) int { return cmp.Or(a.Date.Compare(b.Date), a.Slot.Compare(b.Slot)) })
	return list
}

// newest is the last of what people were told of a meeting.
func newest(told []meeting.Invitation) *meeting.Invitation {
	var last *meeting.Invitation
	for i := range told {
		if t := &told[i]; t.Sent && (last == nil || t.Sequence > last.Sequence) {
			last = t
		}
	}
	if last == nil {
		last = &told[0]
	}
	return last
}

// tellAll tells everybody who has to know of a meeting.
func (v *Inviter) tellAll(ctx context.Context, r *round, s *kpi.MeetingSeries, m *kpi.Meeting) error {
	told := r.told[m.Name()]
	one := meeting.Invitation{Series: s.ID, Slot: m.Slot, Said: meeting.SayInvitation(s, m, r.cal.Location)}
	var err error
	if one.Sequence, err = v.sequence(ctx, r, s, m, told, one.Said); err != nil {
		return err
	}
	for _, id := range r.guests(s, m, told) {
		var last *meeting.Invitation // that they got
		for i := range told {
			if t := &told[i]; t.Person == id && t.Sent && (last == nil || t.Sequence > last.Sequence) {
				last = t
			}
		}
		switch {
		case last == nil && (one.Said.Cancelled || !r.first), last != nil && (last.Said == one.Said || last.Said.Cancelled && one.Said.Cancelled):
			continue
		}
		i := one
		i.Person = id
		if err := v.tell(ctx, r, s, m, r.people[id], &i, last != nil); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			v.opts.Logger.WarnContext(ctx, "an invitation was not sent", "meeting", m.Name(), "person", id, "err", err)
		}
	}
	return nil
}

// sequence is that of what is said now: the same as what was said last, if that was the same; a greater one otherwise, even where the folder alone says something else.
func (v *Inviter) sequence(ctx context.Context, r *round, s *kpi.MeetingSeries, m *kpi.Meeting, told []meeting.Invitation, says meeting.InvitationSaid) (int, error) {
	var history []kpi.Meeting
	if m.ID != 0 {
		var err error
		if history, err = v.opts.Guests.MeetingHistory(ctx, m.ID); err != nil {
			return 0, err
		}
	}
	n := meeting.Sequence(r.city, s, history)
	if len(told) == 0 {
		return n, nil
	}
	if last := newest(told); last.Said == says {
		return max(n, last.Sequence), nil
	} else if last.Sent {
		return max(n, last.Sequence+1), nil
	}
	return n, nil
}

// guests are the accounts that are to know of a meeting: of those who hold the posts that are invited, and of those who were invited before.
func (r *round) guests(s *kpi.MeetingSeries, m *kpi.Meeting, told []meeting.Invitation) []int64 {
	var list []int64
	for _, post := range meeting.InvitedPosts(r.city, s, m) {
		list = append(list, meeting.MailFor(r.holdings, post, r.today)...)
	}
	for i := range told {
		if told[i].Sent {
			list = append(list, told[i].Person)
		}
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(id int64) bool { return r.people[id] == nil })
}

// tell sends one mail, if it may still be sent. again says that its reader was invited before.
func (v *Inviter) tell(ctx context.Context, r *round, s *kpi.MeetingSeries, m *kpi.Meeting, p *account.Person, i *meeting.Invitation, again bool) error {
	ok, err := v.opts.Guests.BeginInvitation(ctx, i, v.opts.Now())
	if err != nil || !ok {
		return err
	}
	secret, err := v.opts.Guests.NewUnsubscribe(ctx, p.ID, v.opts.Now())
	var letter Message
	if err == nil {
		letter, err = v.compose(r, s, m, p, i.Sequence, again, v.opts.Site+UnsubscribePath+secret)
	}
	if err == nil {
		err = v.opts.Sender.Send(ctx, letter)
	}
	return v.stats.settle(ctx, err, func(failure string) error { return v.opts.Guests.EndInvitation(ctx, i, failure, v.opts.Now()) })
}
