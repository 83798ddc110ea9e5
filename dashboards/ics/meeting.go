package ics

import (
	"strings"
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
)

// Meeting is what a calendar is told of a stat meeting. There is no number in it, and nothing that somebody wrote about one: whoever wants to read that signs in.
type Meeting struct {
	City     *kpi.City
	Zone     *time.Location
	Series   *kpi.MeetingSeries
	Meeting  *kpi.Meeting
	Sequence int
	Now      time.Time
	Page     string // address of its page; may be empty
	Memo     string // address of its memo; may be empty
}

// UID is the identity of a meeting in calendars. It is never given to another one, and stays whatever becomes of the meeting.
func UID(city, series string, slot kpi.Date) string {
	return series + "/" + slot.String() + "@" + city
}

// Event is the meeting in words.
func (m *Meeting) Event(p *i18n.Printer) Event {
	e := Event{
		UID: UID(m.City.ID, m.Series.ID, m.Meeting.Slot), Sequence: m.Sequence, Stamp: m.Now, Start: m.Meeting.Start(m.Zone), Length: time.Duration(m.Meeting.Minutes) * time.Minute,
		Lang: p.Lang, Summary: p.Text(m.Series.Name), Location: p.Text(m.Series.Place), Text: strings.Join(m.Lines(p), "\n"), URL: m.Page, Cancelled: m.Meeting.State == kpi.MeetingCancelled,
	}
	if e.Cancelled {
		e.Summary = p.T("invitation.canceled", "name", e.Summary)
	}
	return e
}

// Lines are what is said of the meeting beside when and where it is.
func (m *Meeting) Lines(p *i18n.Printer) []string {
	var list []string
	if s := p.Text(m.Series.Purpose); s != "" {
		list = append(list, s)
	}
	list = append(list, p.T("invitation.chair", "post", PostOf(p, m.City, m.Meeting.Chair)))
	for _, day := range m.Earlier() {
		list = append(list, p.T("invitation.earlier", "date", p.Date(day)))
	}
	if m.Memo != "" && m.Meeting.State != kpi.MeetingCancelled {
		list = append(list, p.T("invitation.memo", "address", m.Memo))
	}
	return list
}

// Earlier are the days on which it was to be held before, newest first, each once.
func (m *Meeting) Earlier() []kpi.Date {
	var list []kpi.Date
	seen := map[kpi.Date]bool{m.Meeting.Date: true}
	for i := len(m.Meeting.Moves) - 1; i >= 0; i-- {
		if day := m.Meeting.Moves[i].From; !seen[day] {
			seen[day] = true
			list = append(list, day)
		}
	}
	return list
}

// PostOf is the title of a post; its id, where the city has it no more.
func PostOf(p *i18n.Printer, city *kpi.City, id string) string {
	if post := city.Person(id); post != nil {
		return p.Text(post.Title)
	}
	return id
}
