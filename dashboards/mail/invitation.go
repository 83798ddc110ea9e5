package mail

import (
	"fmt"
	"strconv"
	"strings"

	"citystat/dashboards/ics"
	"citystat/kpi"
	"citystat/kpi/account"
)

// invitation is what a mail about a meeting says.
type invitation struct {
	Lang    kpi.Lang
	Subject string
	Hello   string
	Lead    string
	Name    string
	Lines   []string
	Page    item
	Why     string
	Change  item
	End     item
}

// compose writes the mail with which somebody is invited to a meeting, or told what has changed: in both forms, and as what their calendar reads. Like a calendar file it
// says when and where the meeting is and who presides; no number, no reason, and no topic.
func (v *Inviter) compose(r *round, s *kpi.MeetingSeries, m *kpi.Meeting, to *account.Person, sequence int, again bool, end string) (Message, error) {
	p := printer(v.opts.Bundle, r.city, to.Lang)
	off := m.State == kpi.MeetingCancelled
	kind := "new"
	switch {
	case off:
		kind = "canceled"
	case again:
		kind = "changed"
	}
	when := p.Weekday(m.Date.Weekday()) + ", " + p.DateTime(m.Start(r.cal.Location))
	d := invitation{
		Lang: p.Lang, Hello: p.T("mail.hello", "name", line(to.Name)), Lead: p.T("invitation.lead." + kind), Name: line(p.Text(s.Name)),
		Subject: p.T("invitation.subject."+kind, "city", p.Text(r.city.Name), "name", p.Text(s.Name), "time", p.DateTime(m.Start(r.cal.Location))),
		Lines:   []string{p.T("invitation.when", "time", when, "minutes", strconv.Itoa(m.Minutes))}, Page: item{Text: p.T("invitation.page"), URL: v.opts.Site + v.opts.Page(s.ID, m.Slot)},
		Why:    p.T("invitation.why"),
		Change: item{Text: p.T("mail.change"), URL: v.opts.Site + mePath}, End: item{Text: p.T("mail.end"), URL: end},
	}
	if place := line(p.Text(s.Place)); place != "" {
		d.Lines = append(d.Lines, p.T("invitation.where", "place", place))
	}
	of := ics.Meeting{
		City: r.city, Zone: r.cal.Location, Series: s, Meeting: m, Sequence: sequence, Now: r.now, Page: d.Page.URL, Memo: v.opts.Site + v.opts.Memo(s.ID, m.Slot),
	}
	d.Lines = append(d.Lines, p.T("invitation.chair", "post", line(ics.PostOf(p, r.city, m.Chair))))
	for _, day := range of.Earlier() {
		d.Lines = append(d.Lines, p.T("invitation.earlier", "date", p.Date(day)))
	}
	letter := Message{To: to.Email, Name: to.Name, Subject: d.Subject, Text: d.text(), Unsubscribe: end, Method: ics.Request}
	if off {
		letter.Method = ics.Cancel
	}
	event := of.Event(p)
	event.Organizer, event.Guest = ics.Mailbox{Name: v.opts.From.Name, Address: v.opts.From.Address}, ics.Mailbox{Name: to.Name, Address: to.Email}
	var err error
	if letter.Calendar, err = (&ics.Calendar{Method: letter.Method, Events: []ics.Event{event}}).Bytes(); err != nil {
		return Message{}, err
	}
	letter.HTML, err = fill("invitation", d)
	return letter, err
}

// text is the mail in plain text.
func (d *invitation) text() string {
	var text strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&text, format+"\r\n", args...) }
	put("%s\r\n\r\n%s\r\n\r\n%s", d.Hello, d.Lead, d.Name)
	for _, x := range d.Lines {
		put("%s", x)
	}
	put("\r\n%s\r\n%s\r\n\r\n-- \r\n%s", d.Page.Text, d.Page.URL, d.Why)
	put("%s\r\n%s", d.Change.Text, d.Change.URL)
	put("%s\r\n%s", d.End.Text, d.End.URL)
	return text.String()
}
