package mail

import (
	"context"
	"errors"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"citystat/kpi"
)

func hello() Message {
	return Message{To: "ana@city.gov", Name: "Ana Gómez", Subject: "Áé", Text: "Plain: ñ\r\n", HTML: "<p>Rich: ñ</p>", Unsubscribe: "https://stat.city.gov/unsubscribe/abc"}
}

// TestWaysToTheServer sends over every way, and not over those that would tell too much.
func TestWaysToTheServer(t *testing.T) {
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		how     opening
		address string
		sent    bool
	}{
		"STARTTLS, with a password":             {opening{password: "s3cret"}, "smtp://citystat:s3cret@ADDR?ca=CA", true},
		"a password in a file":                  {opening{password: "s3cret"}, "smtp://citystat@ADDR?ca=CA&password=file:" + password, true},
		"encrypted from the first byte":         {opening{implicit: true, password: "s3cret"}, "smtps://citystat:s3cret@ADDR?ca=CA", true},
		"within this machine":                   {opening{plain: true}, "smtp://ADDR?tls=none", true},
		"within this machine, with a password":  {opening{plain: true, password: "s3cret"}, "smtp://citystat:s3cret@ADDR?tls=none", true},
		"a wrong password":                      {opening{password: "s3cret"}, "smtp://citystat:wrong@ADDR?ca=CA", false},
		"an authority that nobody knows":        {opening{password: "s3cret"}, "smtp://citystat:s3cret@ADDR", false},
		"a server that knows no encryption":     {opening{plain: true, password: "s3cret"}, "smtp://citystat:s3cret@ADDR", false},
		"an unknown authority, from first byte": {opening{implicit: true}, "smtps://ADDR", false},
	} {
		t.Run(name, func(t *testing.T) {
			o := openPostOffice(t, c.how)
			err := o.sender(c.address).Send(t.Context(), hello())
			list := o.letters()
			if c.sent != (err == nil) || c.sent != (len(list) == 1) || !c.sent && o.tried != 0 {
				t.Fatalf("%d letters, %v", len(list), err)
			}
			if !c.sent {
				if strings.Contains(err.Error(), "s3cret") {
					t.Errorf("the error has the password: %v", err)
				}
				return
			}
			if c.how.password != "" && o.signedIn != 1 {
				t.Error("nobody signed in")
			}
			if list[0].from != "stat@city.gov" || list[0].to != "ana@city.gov" {
				t.Errorf("from %s to %s", list[0].from, list[0].to)
			}
			p := parse(t, list[0].raw)
			to, err := mail.ParseAddress(p.header.Get("To"))
			if err != nil || *to != (mail.Address{Name: "Ana Gómez", Address: "ana@city.gov"}) || p.subject != "Áé" || p.text != "Plain: ñ\r\n" || p.html != "<p>Rich: ñ</p>" {
				t.Errorf("%v, %v, %+v", to, err, p)
			}
			if id := p.header.Get("Message-Id"); !strings.HasSuffix(id, "@city.gov>") {
				t.Errorf("the mail is called %s", id)
			}
			for key, want := range map[string]string{
				"List-Unsubscribe": "<https://stat.city.gov/unsubscribe/abc>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated",
			} {
				if got := p.header.Get(key); got != want {
					t.Errorf("%s: %q", key, got)
				}
			}
		})
	}
}

// TestServersThatFail: what may go well later is tried again, what was refused for good is not, and what a server may have taken is not sent twice.
func TestServersThatFail(t *testing.T) {
	busy, never := &smtp.SMTPError{Code: 451, Message: "come back later"}, &smtp.SMTPError{Code: 554, Message: "no"}
	for name, c := range map[string]struct {
		set   func(*postOffice)
		tried int
		taken int
		want  func(error) bool
	}{
		"busy once":                       {func(o *postOffice) { o.refuse = []error{busy} }, 2, 1, func(err error) bool { return err == nil }},
		"busy always":                     {func(o *postOffice) { o.refuse = []error{busy, busy, busy, busy} }, 3, 0, func(err error) bool { return err != nil && !errors.As(err, new(UnknownError)) }},
		"no":                              {func(o *postOffice) { o.refuse = []error{never} }, 1, 0, func(err error) bool { return err != nil && !errors.As(err, new(UnknownError)) }},
		"gone when it had the whole mail": {func(o *postOffice) { o.drop = 1 }, 1, 1, func(err error) bool { return errors.As(err, new(UnknownError)) }},
		"slow beyond patience":            {func(o *postOffice) { o.slow = 400 * time.Millisecond }, 1, 1, func(err error) bool { return errors.As(err, new(UnknownError)) }},
	} {
		t.Run(name, func(t *testing.T) {
			o := openPostOffice(t, opening{})
			c.set(o)
			s := o.sender("smtp://ADDR?ca=CA")
			if o.slow > 0 {
				s.timeout = 200 * time.Millisecond
			}
			err := s.Send(t.Context(), hello())
			o.set(func() {
				if o.tried != c.tried || len(o.taken) != c.taken || !c.want(err) {
					t.Errorf("tried %d times, taken %d times, %v", o.tried, len(o.taken), err)
				}
			})
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		o := &postOffice{tb: t, addr: l.Addr().String()}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if err := o.sender("smtp://ADDR").Send(t.Context(), hello()); err == nil || errors.As(err, new(UnknownError)) {
			t.Errorf("%v", err)
		}
	})
	t.Run("the program ends", func(t *testing.T) {
		o := openPostOffice(t, opening{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := o.sender("smtp://ADDR?ca=CA").Send(ctx, hello()); err == nil || len(o.letters()) != 0 {
			t.Errorf("%v", err)
		}
	})
}

// TestNoHeaderIsInjected puts line ends wherever a person can write something.
func TestNoHeaderIsInjected(t *testing.T) {
	o := openPostOffice(t, opening{})
	s := o.sender("smtp://ADDR?ca=CA")
	m := hello()
	m.Name = "Eve\r\nBcc: everybody@city.gov\r\n\r\n<script>\u2028\x00\"; <x@y.z>,"
	m.Subject = "Good morning\r\nBcc: everybody@city.gov\n\n.\r\n" + strings.Repeat("لا ", 200)
	m.Text = "a\r\n.\r\nQUIT\r\nFrom somebody\r\n"
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	list := o.letters()
	if len(list) != 1 {
		t.Fatalf("%d letters", len(list))
	}
	p := parse(t, list[0].raw)
	if p.header.Get("Bcc") != "" || len(p.header["To"]) != 1 || p.text != m.Text || !strings.HasPrefix(p.subject, "Good morning Bcc: everybody@city.gov .") {
		t.Errorf("%+v", p)
	}
	to, err := mail.ParseAddressList(p.header.Get("To"))
	if err != nil || len(to) != 1 || to[0].Address != "ana@city.gov" {
		t.Errorf("%v, %v", to, err)
	}
	for name, wrong := range map[string]func(*Message){
		"two addresses":      func(m *Message) { m.To = "ana@city.gov, eve@city.gov" },
		"a line end":         func(m *Message) { m.To = "ana@city.gov\r\nRCPT TO:<eve@city.gov>" },
		"none":               func(m *Message) { m.To = "" },
		"a link with an end": func(m *Message) { m.Unsubscribe = "https://x/>\r\nBcc: y" },
		"no text":            func(m *Message) { m.Text = "" },
	} {
		m := hello()
		wrong(&m)
		if err := s.Send(t.Context(), m); err == nil || len(o.letters()) != 1 {
			t.Errorf("%s: sent", name)
		}
	}
}

func TestParse(t *testing.T) {
	secret := func(ref kpi.SecretRef) (string, error) {
		return map[kpi.SecretRef]string{"file:/p": "s3cret", "file:/all": "smtp://u:s3cret@mail.city.gov"}[ref], nil
	}
	for address, want := range map[string]string{
		"smtp://mail.city.gov":                    "mail.city.gov:587 starttls  ",
		"smtp://u:p%40ss@mail.city.gov:2525":      "mail.city.gov:2525 starttls u p@ss",
		"smtps://u:p@mail.city.gov/":              "mail.city.gov:465 implicit u p",
		"smtp://u:file:%2Fp@mail.city.gov":        "mail.city.gov:587 starttls u s3cret",
		"smtp://u@mail.city.gov?password=file:/p": "mail.city.gov:587 starttls u s3cret",
		"file:/all":                                                "mail.city.gov:587 starttls u s3cret",
		"smtp://mail.city.gov:25?tls=none":                         "mail.city.gov:25 none  ",
		"smtp://u:p@127.0.0.1:25?tls=none":                         "127.0.0.1:25 none u p",
		"smtp://u:p@[::1]:25?tls=none":                             "::1:25 none u p",
		"smtp://u:s3cret@mail.city.gov?tls=none":                   "",
		"smtps://mail.city.gov?tls=none":                           "",
		"smtp://mail.city.gov?tls=maybe":                           "",
		"smtp://u@mail.city.gov":                                   "",
		"smtp://:s3cret@mail.city.gov":                             "",
		"smtp://u:s3cret@mail.city.gov?password=file:/p":           "",
		"smtp://mail.city.gov?cc=x":                                "",
		"smtp://mail.city.gov:0":                                   "",
		"smtp://u:s3cret@mail.city.gov:99999":                      "",
		"smtp://mail.city.gov/path":                                "",
		"http://mail.city.gov":                                     "",
		"mail.city.gov":                                            "",
		"smtp://u:s3cret@":                                         "",
		"smtp://u:s3cret@bad host":                                 "",
		"smtp://mail.city.gov?ca=/there/is/no/such/file/there.pem": "",
	} {
		c, err := Parse(address, "CityStat <Stat@City.gov>", secret)
		got := ""
		if err == nil {
			got = strings.Join([]string{c.Host + ":" + c.Port, string(c.Encryption), c.User, c.Password}, " ")
			if c.From != (mail.Address{Name: "CityStat", Address: "stat@city.gov"}) || c.Password != "" && len(c.Password) > 1 && strings.Contains(c.String(), c.Password) {
				t.Errorf("%s: %+v", address, c)
			}
		} else if kpi.ErrorCode(err) != kpi.CodeInvalid || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", address, err)
		}
		if got != want {
			t.Errorf("%s: %q (%v), want %q", address, got, err, want)
		}
	}
	for _, from := range []string{"", "stat", "a@b.c, d@e.f", "\"x\r\nBcc: y\" <stat@city.gov", "stat@city.gov\r\nBcc: x@y.z"} {
		if c, err := Parse("smtp://mail.city.gov", from, secret); kpi.ErrorCode(err) != kpi.CodeInvalid {
			t.Errorf("from %q: %+v, %v", from, c.From, err)
		}
	}
	if _, err := Parse("smtp://mail.city.gov", "stat@city.gov", func(kpi.SecretRef) (string, error) { return "", errors.New("not asked for") }); err != nil {
		t.Error(err)
	}
}
