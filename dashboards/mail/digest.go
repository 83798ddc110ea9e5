package mail

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/meeting"
)

//go:embed *.gohtml
var files embed.FS

// forms are the mails in HTML. They have no style and no picture: nothing is fetched when one is read.
var forms = template.Must(template.ParseFS(files, "*.gohtml"))

// soon is how many days before its date something is told of. What has no date is always told of.
const soon = 7

// Waiting returns what a digest tells somebody of: what waits for them, is late or is due within a week, or has no date.
func Waiting(duties []meeting.Duty, today kpi.Date) []meeting.Duty {
	return slices.DeleteFunc(slices.Clone(duties), func(d meeting.Duty) bool { return !d.Mine || d.Left(today) > soon })
}

// item is a line of a digest.
type item struct {
	Text, When, URL string
}

// group is what is late, what is due soon, or what has no date.
type group struct {
	Title string
	Items []item
}

// digest is what a mail says.
type digest struct {
	Lang    kpi.Lang
	Subject string
	Hello   string
	Lead    string
	Groups  []group
	Work    item // the page with all of it
	Why     string
	Change  item // of how often
	End     item
}

// scene is what all digests of a morning share.
type scene struct {
	city  *kpi.City
	cal   kpi.Calendar
	today kpi.Date
	site  string // without a slash at its end
}

// Addresses on the site.
const (
	workPath = "/staff/work"
	mePath   = "/staff/me"

	// UnsubscribePath is where a secret behind it ends somebody's mail.
	UnsubscribePath = "/unsubscribe/"
)

// compose writes a digest in a person's language; at is where they do a duty. What it lists is titles, dates and counts.
func (s *scene) compose(p *i18n.Printer, name string, duties []meeting.Duty, at func(*meeting.Duty) string, end string) (Message, error) {
	d := digest{
		Lang: p.Lang, Subject: p.N("mail.subject", len(duties), "city", p.Text(s.city.Name)), Hello: p.T("mail.hello", "name", line(name)), Lead: p.N("mail.lead", len(duties)),
		Work: item{Text: p.T("mail.work"), URL: s.site + workPath}, Why: p.T("mail.why", "city", p.Text(s.city.Name)),
		Change: item{Text: p.T("mail.change"), URL: s.site + mePath}, End: item{Text: p.T("mail.end"), URL: end},
	}
	for _, part := range []struct {
		title string
		fits  func(*meeting.Duty) bool
	}{
		{"mail.late", func(x *meeting.Duty) bool { return x.Late(s.today) }},
		{"mail.soon", func(x *meeting.Duty) bool { return !x.By().IsZero() && !x.Late(s.today) }},
		{"mail.undated", func(x *meeting.Duty) bool { return x.By().IsZero() }},
	} {
		g := group{Title: p.T(part.title)}
		for i := range duties {
			if part.fits(&duties[i]) {
				g.Items = append(g.Items, s.item(p, &duties[i], at(&duties[i])))
			}
		}
		if len(g.Items) > 0 {
			d.Groups = append(d.Groups, g)
		}
	}
	return d.message(p)
}

// item is a line about a duty.
func (s *scene) item(p *i18n.Printer, d *meeting.Duty, at string) item {
	x := *d
	if x.Kind == meeting.DutyCommitment { // its words may hold a number that is nobody's outside
		x.Text, x.Lang = p.T("mail.number", "n", x.Number), p.Lang
		if ind := s.city.Indicator(x.Thing); ind != nil {
			x.Text = p.Text(ind.Name)
		}
	}
	v := item{Text: line(i18n.Duty(p, s.city, s.cal, &x)), URL: s.site + at}
	switch left := p.DutyLeft(d, s.today); {
	case !d.By().IsZero():
		v.When = p.T("mail.when", "date", p.Date(d.By()), "left", left)
	case left != "": // an emergency suspends it; what that is called was typed, and stays inside
		v.When = left
	}
	return v
}

// message writes both forms of a digest.
func (d *digest) message(p *i18n.Printer) (Message, error) {
	var text strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&text, format+"\r\n", args...) }
	put("%s\r\n\r\n%s", d.Hello, d.Lead)
	for _, g := range d.Groups {
		put("\r\n%s", strings.ToUpper(g.Title))
		for _, x := range g.Items {
			put("\r\n- %s", x.Text)
			if x.When != "" {
				put("  %s", x.When)
			}
			put("  %s", x.URL)
		}
	}
	put("\r\n%s\r\n%s\r\n\r\n-- \r\n%s", d.Work.Text, d.Work.URL, d.Why)
	put("%s\r\n%s", d.Change.Text, d.Change.URL)
	put("%s\r\n%s", d.End.Text, d.End.URL)
	page, err := fill("digest", d)
	return Message{Subject: d.Subject, Text: text.String(), HTML: page, Unsubscribe: d.End.URL}, err
}

// fill writes a mail in HTML.
func fill(name string, data any) (string, error) {
	var b bytes.Buffer
	if err := forms.ExecuteTemplate(&b, name+".gohtml", data); err != nil {
		return "", fmt.Errorf("mail: %w", err)
	}
	return b.String(), nil
}
