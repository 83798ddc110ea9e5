package kpi

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Feedback is what a resident wrote to those who publish the scorecard. It is answered in public or not at all: what is shown is
// [FeedbackAnswer] alone, never what the resident wrote.
type Feedback struct {
	Reference string          `json:"reference"` // by which the resident finds the answer: hard to guess, easy to read out
	Received  time.Time       `json:"received"`
	Lang      Lang            `json:"lang"`
	About     string          `json:"about,omitempty"`     // the address below the language from which it was sent
	Indicator string          `json:"indicator,omitempty"` // the one that it is about, if it is about one
	District  string          `json:"district,omitempty"`
	Text      string          `json:"text"`
	Email     string          `json:"email,omitempty"` // for a question back; never shown, deleted with the answer
	Answer    *FeedbackAnswer `json:"answer,omitempty"`
	Closed    bool            `json:"closed,omitempty"` // it will not be answered
	Reason    string          `json:"reason,omitempty"` // why not, for the staff alone
	Ended     time.Time       `json:"ended,omitzero"`   // when it was answered or closed; zero: it waits
}

// State returns what became of it.
func (f *Feedback) State() FeedbackState {
	switch {
	case f.Answer != nil:
		return FeedbackAnswered
	case f.Closed:
		return FeedbackClosed
	}
	return FeedbackOpen
}

// Public returns what anybody may know who has the reference: nothing of what was written, by whom, or why it was closed.
func (f *Feedback) Public() Feedback {
	return Feedback{
		Reference: f.Reference, Received: f.Received, Lang: f.Lang, Indicator: f.Indicator, Answer: f.Answer, Closed: f.Closed, Ended: f.Ended,
	}
}

// FeedbackState is what became of feedback.
type FeedbackState string

// The states.
const (
	FeedbackOpen     FeedbackState = "open"
	FeedbackAnswered FeedbackState = "answered"
	FeedbackClosed   FeedbackState = "closed"
)

// FeedbackStates lists the states in the order in which they follow.
var FeedbackStates = []FeedbackState{FeedbackOpen, FeedbackAnswered, FeedbackClosed}

// FeedbackAnswer is the public answer: what the city heard, in its own words, and what it did.
type FeedbackAnswer struct {
	Heard string    `json:"heard"`
	Said  string    `json:"said"`
	Lang  Lang      `json:"lang"`
	By    string    `json:"by"` // who answers, as the public may read it
	At    time.Time `json:"at"`
}

// FeedbackQuery asks for feedback: open by age, the oldest first; what has ended by its end, the newest first; all of it as it came.
type FeedbackQuery struct {
	State         FeedbackState // "": all
	Reference     string        // "": any
	Limit, Offset int           // a limit of 0 is none
}

// What feedback may hold, in letters.
const (
	MaxFeedback      = 2000 // what a resident writes, and each part of an answer
	MaxFeedbackAbout = 200
	MaxFeedbackEmail = 254
	MaxFeedbackBy    = 120
)

// KeepEmail is how long the e-mail address of feedback is kept that nobody answers.
const KeepEmail = 180 * 24 * time.Hour

// referenceLetters are those of Crockford's base 32: no I, L, O or U, so nothing is mistaken for another when it is read out or copied.
const referenceLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// A reference is three groups of four letters, each of five bits.
const referenceSize, referenceGroup = 12, 4

// Reference writes the lowest 60 bits of a number as a reference, such as K7QX-0M4T-9ZRB.
func Reference(bits uint64) string {
	var b strings.Builder
	for i := range referenceSize {
		if i > 0 && i%referenceGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(referenceLetters[bits>>(5*(referenceSize-1-i))&31])
	}
	return b.String()
}

// ParseReference reads a reference as people write it: in small letters, with spaces or without hyphens, an O for a zero and an I or L for a
// one. It reports whether it is one.
func ParseReference(s string) (string, bool) {
	var bits uint64
	n := 0
	for _, c := range s {
		c = unicode.ToUpper(c)
		switch {
		case c == '-' || c == '–' || c == '.' || unicode.IsSpace(c):
			continue
		case c == 'O':
			c = '0'
		case c == 'I' || c == 'L':
			c = '1'
		}
		at := strings.IndexRune(referenceLetters, c)
		if at < 0 || n == referenceSize {
			return "", false
		}
		bits, n = bits<<5|uint64(at), n+1
	}
	return Reference(bits), n == referenceSize
}

// PlainText makes what a person typed into text that can be kept and shown: valid, with newlines of one kind, without control characters
// and without spaces around it. Where there is nothing that anybody could see, nothing was typed: a reason of a mark of direction alone is none.
func PlainText(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(c rune) rune {
		if c != '\n' && c != '\t' && unicode.IsControl(c) {
			return -1
		}
		return c
	}, s)
	if !strings.ContainsFunc(s, isSeen) {
		return ""
	}
	return strings.TrimSpace(s)
}

// isSeen reports whether a character leaves anything on a page.
func isSeen(c rune) bool {
	const emptyBraille = '\u2800'
	return !unicode.IsSpace(c) && c != emptyBraille && !unicode.In(c, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// IsEmail reports whether a text can be an e-mail address. Whether there is such an address nobody knows but its mail server.
func IsEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || utf8.RuneCountInString(s) > MaxFeedbackEmail || strings.ContainsFunc(s, unicode.IsSpace) {
		return false
	}
	_, host, _ := strings.Cut(s[strings.LastIndex(s, "@"):], "@")
	return strings.Contains(strings.Trim(host, "."), ".")
}

// Check finds what makes feedback that nobody can keep. Where people can mend it, a form says so before.
func (f *Feedback) Check() error {
	switch {
	case f.Text == "" || f.Text != PlainText(f.Text) || tooLong(f.Text, MaxFeedback):
		return Errorf(CodeInvalid, "feedback has a text of at most %d letters", MaxFeedback)
	case f.Email != "" && !IsEmail(f.Email):
		return Errorf(CodeInvalid, "the e-mail address of feedback is none")
	case f.About != PlainText(f.About) || tooLong(f.About, MaxFeedbackAbout) || (f.About != "" && !strings.HasPrefix(f.About, "/")):
		return Errorf(CodeInvalid, "feedback is about a page of the site, with an address of at most %d letters", MaxFeedbackAbout)
	case tooLong(f.Indicator, 64) || tooLong(f.District, 64) || f.Indicator != PlainText(f.Indicator) || f.District != PlainText(f.District):
		return Errorf(CodeInvalid, "no indicator and no district has such an id")
	case f.Received.IsZero():
		return Errorf(CodeInvalid, "feedback has a time")
	}
	return checkLang(f.Lang)
}

// Check finds what an answer lacks.
func (a *FeedbackAnswer) Check() error {
	for _, s := range []string{a.Heard, a.Said} {
		if s == "" || s != PlainText(s) || tooLong(s, MaxFeedback) {
			return Errorf(CodeInvalid, "an answer says what was heard and what is said to it, each in at most %d letters", MaxFeedback)
		}
	}
	if a.By == "" || a.By != PlainText(a.By) || tooLong(a.By, MaxFeedbackBy) {
		return Errorf(CodeInvalid, "an answer says who answers, in at most %d letters", MaxFeedbackBy)
	}
	if a.At.IsZero() {
		return Errorf(CodeInvalid, "an answer has a time")
	}
	return checkLang(a.Lang)
}

func checkLang(l Lang) error {
	for _, known := range Langs {
		if l == known {
			return nil
		}
	}
	return Errorf(CodeInvalid, "%q is no language of the program; it has %v", l, Langs)
}

func tooLong(s string, letters int) bool { return utf8.RuneCountInString(s) > letters }
