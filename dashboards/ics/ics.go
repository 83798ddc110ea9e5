// Package ics writes calendars as calendar programs read them (iCalendar, RFC 5545): stat meetings as files to download, and as invitations that mail carries.
//
// Each meeting is an event of its own, without a rule of repetition: any of them may be moved. Times are written in UTC, which every calendar shows in its reader's
// zone, so that no description of a zone is needed and none can be wrong. An event keeps its UID for ever, and its SEQUENCE goes up with whatever changes when it is held,
// who presides or whether it takes place: so a calendar replaces what it has.
package ics

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"citystat/kpi"
)

// Method is what whoever gets a calendar is to do with it (RFC 5546).
type Method string

// The methods.
const (
	Publish Method = "PUBLISH" // a file: nobody is asked to come
	Request Method = "REQUEST" // somebody is invited, or what they were invited to has changed
	Cancel  Method = "CANCEL"  // what somebody was invited to does not take place
)

// Calendar is some events.
type Calendar struct {
	Method Method
	Name   string // of a file; may be empty
	Events []Event
}

// Event is one meeting.
type Event struct {
	UID       string
	Sequence  int
	Stamp     time.Time // when the calendar was written
	Start     time.Time
	Length    time.Duration
	Lang      kpi.Lang // of the texts
	Summary   string
	Location  string // may be empty
	Text      string // lines; may be empty
	URL       string // of its page; may be empty
	Cancelled bool
	Organizer Mailbox // of Request and Cancel: who invites
	Guest     Mailbox // of Request and Cancel: who is invited
}

// Mailbox is somebody who gets mail.
type Mailbox struct {
	Name    string
	Address string
}

// utc is how a moment is written.
const utc = "20060102T150405Z"

// Bytes writes the calendar. It fails if it would be none: an event without an identity or a time, an invitation of nobody, an address that could end a line.
func (c *Calendar) Bytes() ([]byte, error) {
	w := &writer{}
	w.line("BEGIN:VCALENDAR")
	w.line("VERSION:2.0")
	w.line("PRODID:-//CityStat//CityStat//EN")
	w.line("CALSCALE:GREGORIAN")
	w.line("METHOD:" + string(c.Method))
	if c.Name != "" {
		w.text("NAME", "", c.Name)
		w.text("X-WR-CALNAME", "", c.Name) // what most programs know of it
	}
	for i := range c.Events {
		if err := w.event(&c.Events[i], c.Method); err != nil {
			return nil, err
		}
	}
	w.line("END:VCALENDAR")
	return w.Bytes(), nil
}

// writer writes content lines.
type writer struct{ bytes.Buffer }

// event writes one event.
func (w *writer) event(e *Event, m Method) error {
	switch {
	case e.UID == "" || e.UID != plain(e.UID):
		return fmt.Errorf("ics: an event needs an identity of one line, and this is %q", e.UID)
	case e.Stamp.IsZero() || e.Start.IsZero() || e.Length <= 0 || e.Sequence < 0 || plain(e.Summary) == "":
		return fmt.Errorf("ics: the event %s needs a time, a length and a name", e.UID)
	case e.URL != "" && !address(e.URL):
		return fmt.Errorf("ics: the event %s has an address that is none", e.UID)
	case m == Cancel && !e.Cancelled, m == Request && e.Cancelled:
		return fmt.Errorf("ics: the event %s is not what its calendar asks for", e.UID)
	}
	w.line("BEGIN:VEVENT")
	w.text("UID", "", e.UID)
	w.line("DTSTAMP:" + e.Stamp.UTC().Format(utc))
	w.line("DTSTART:" + e.Start.UTC().Format(utc))
	w.line("DTEND:" + e.Start.Add(e.Length).UTC().Format(utc))
	w.line("SEQUENCE:" + strconv.Itoa(e.Sequence))
	state, transparent := "CONFIRMED", "OPAQUE"
	if e.Cancelled {
		state, transparent = "CANCELLED", "TRANSPARENT" // nobody's time is taken
	}
	w.line("STATUS:" + state)
	w.line("TRANSP:" + transparent)
	w.text("SUMMARY", e.Lang, e.Summary)
	w.text("LOCATION", e.Lang, e.Location)
	w.text("DESCRIPTION", e.Lang, e.Text)
	if e.URL != "" {
		w.line("URL:" + e.URL)
	}
	if m != Publish {
		if !mailbox(e.Organizer.Address) || !mailbox(e.Guest.Address) {
			return fmt.Errorf("ics: an invitation to %s has nobody who sends it, or nobody who gets it", e.UID)
		}
		w.line("ORGANIZER" + e.Organizer.name() + ":mailto:" + e.Organizer.Address)
		w.line("ATTENDEE" + e.Guest.name() + ";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:mailto:" + e.Guest.Address)
	}
	w.line("END:VEVENT")
	return nil
}

// text writes a property that is a text, if there is any.
func (w *writer) text(name string, lang kpi.Lang, s string) {
	if strings.TrimSpace(s) == "" {
		return
	}
	if lang != "" {
		name += ";LANGUAGE=" + string(lang)
	}
	w.line(name + ":" + escape(s))
}

// longest is how many octets a line may have, without its end.
const longest = 75

// line writes a content line, folded: a line that is too long goes on behind a space. No letter is cut in two.
func (w *writer) line(s string) {
	room := longest
	for len(s) > room {
		cut := room
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		w.WriteString(s[:cut] + "\r\n ")
		s, room = s[cut:], longest-1
	}
	w.WriteString(s + "\r\n")
}

// escape writes a text: what has a meaning in a calendar gets a backslash, a line's end becomes \n, and what no text may hold is left out.
func escape(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(s)
}

// plain is a text without anything that ends a line or controls a machine.
func plain(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
}

// name is somebody's name as a parameter. No quotation mark can be written in one.
func (m Mailbox) name() string {
	name := strings.ReplaceAll(plain(m.Name), `"`, "'")
	if name == "" {
		return ""
	}
	return `;CN="` + name + `"`
}

// address reports whether an address of a page can stand in a line.
func address(s string) bool {
	return (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > unicode.MaxASCII || r == 0x7f })
}

// mailbox reports whether an address of mail can stand in a line.
func mailbox(s string) bool {
	name, domain, ok := strings.Cut(s, "@")
	return ok && name != "" && domain != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > unicode.MaxASCII || r == 0x7f || strings.ContainsRune(`"<>\,;:`, r)
	})
}
