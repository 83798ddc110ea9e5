package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/cenkalti/backoff/v5"
	gomail "github.com/wneessen/go-mail"

	"citystat/dashboards/ics"
	"citystat/kpi/account"
)

// Message is a mail to one person.
type Message struct {
	To          string // an address, as package account writes it
	Name        string
	Subject     string
	Text        string
	HTML        string
	Unsubscribe string // address of the page that ends such mail; empty: none, and the mail is no list's

	Calendar []byte     // what the reader's calendar reads; nil: nothing
	Method   ics.Method // of Calendar
}

// How long sending may take, and how often it is tried at once.
const (
	timeout = 30 * time.Second
	tries   = 3
)

// UnknownError says that the connection was lost when the server had the whole mail: it may have taken it.
type UnknownError struct{ Err error }

// Error says it.
func (e UnknownError) Error() string {
	return "the connection was lost before the server said whether it took the mail: " + e.Err.Error()
}

// Unwrap returns what happened.
func (e UnknownError) Unwrap() error { return e.Err }

// SMTP sends mail through a server.
type SMTP struct {
	config  Config
	timeout time.Duration
	wait    time.Duration // before the second try
}

// NewSMTP returns a sender.
func NewSMTP(c Config) *SMTP { return &SMTP{config: c, timeout: timeout, wait: 2 * time.Second} }

// Send sends a mail. What the server refuses for now, and what fails on the way to it, is tried twice more. It fails with an [UnknownError] where nobody
// knows whether the server took it: that is not tried again.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	letter, err := s.letter(m)
	if err != nil {
		return err
	}
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval = s.wait
	_, err = backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, s.once(ctx, letter) }, backoff.WithBackOff(pause), backoff.WithMaxTries(tries))
	return err
}

// once tries once. What need not be tried again is marked as permanent.
func (s *SMTP) once(ctx context.Context, letter *gomail.Msg) error {
	client, err := s.client()
	if err != nil {
		return backoff.Permanent(err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	err = client.DialAndSendWithContext(ctx, letter)
	if err == nil || letter.IsDelivered() { // what went wrong after it was taken is nothing to its reader
		return nil
	}
	var told *textproto.Error
	var sent *gomail.SendError
	switch {
	case errors.As(err, &told):
		if told.Code >= 500 {
			return backoff.Permanent(err)
		}
	case errors.As(err, &sent) && sent.Reason == gomail.ErrSMTPDataClose && sent.ErrorCode() == 0:
		return backoff.Permanent(UnknownError{err})
	case errors.As(err, &sent) && sent.ErrorCode() >= 500:
		return backoff.Permanent(err)
	}
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return backoff.Permanent(err)
	}
	return err
}

// client is a connection that is not open yet.
func (s *SMTP) client() (*gomail.Client, error) {
	c := s.config
	port, err := strconv.Atoi(c.Port)
	if err != nil {
		return nil, err
	}
	options := []gomail.Option{
		gomail.WithPort(port), gomail.WithTimeout(s.timeout),
		gomail.WithTLSConfig(&tls.Config{ServerName: c.Host, RootCAs: c.CA, MinVersion: tls.VersionTLS12}),
	}
	switch c.Encryption {
	case Implicit:
		options = append(options, gomail.WithSSL())
	case None:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if c.User != "" {
		auth := gomail.SMTPAuthAutoDiscover
		if c.Encryption == None { // within this machine
			auth = gomail.SMTPAuthPlainNoEnc
		}
		options = append(options, gomail.WithSMTPAuth(auth), gomail.WithUsername(c.User), gomail.WithPassword(c.Password))
	}
	return gomail.NewClient(c.Host, options...)
}

// letter makes the mail. Nothing of it can begin a header of its own: names and subjects are one line, and addresses are looked at once more.
func (s *SMTP) letter(m Message) (*gomail.Msg, error) {
	to, err := account.Address(m.To)
	if err != nil {
		return nil, err
	}
	if m.Text == "" || m.HTML == "" || m.Subject == "" {
		return nil, errors.New("a mail has a subject and both its forms")
	}
	letter := gomail.NewMsg()
	letter.FromMailAddress(&mail.Address{Name: line(s.config.From.Name), Address: s.config.From.Address})
	letter.AddToMailAddress(&mail.Address{Name: line(m.Name), Address: to})
	letter.Subject(line(m.Subject))
	letter.SetDate()
	_, domain, _ := strings.Cut(s.config.From.Address, "@")
	letter.SetMessageIDWithValue(rand.Text() + "@" + domain) // and not the name of this machine
	letter.SetUserAgent("CityStat")
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // nobody's absence is answered to a machine
	if m.Unsubscribe != "" {
		if strings.ContainsFunc(m.Unsubscribe, func(r rune) bool { return r <= ' ' || r > unicode.MaxASCII || r == '<' || r == '>' }) {
			return nil, errors.New("the address that ends mail is no address")
		}
		letter.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
		letter.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	letter.SetBodyString(gomail.TypeTextPlain, m.Text)
	letter.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	if m.Calendar != nil {
		if err := attach(letter, m); err != nil {
			return nil, err
		}
	}
	if len(letter.GetTo()) != 1 || len(letter.GetFrom()) != 1 {
		return nil, fmt.Errorf("the mail has no sender, or nobody to go to")
	}
	return letter, nil
}

// attach adds a calendar in both ways in which programs look for one: as another form of the mail, which they offer to accept, and as a file, for all others.
func attach(letter *gomail.Msg, m Message) error {
	letter.AddAlternativeString(gomail.ContentType("text/calendar; method="+string(m.Method)), string(m.Calendar))
	return letter.AttachReader("invitation.ics", bytes.NewReader(m.Calendar), gomail.WithFileContentType("application/ics"))
}

// line is a text as one line: what would end it is a space. Spaces at which no line may break stay what they are.
func line(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }), " ")
}
