package main

import (
	"bytes"
	"errors"
	"io"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/rogpeppe/go-internal/txtar"

	writer "citystat/dashboards/mail"
	"citystat/kpi/account"
)

// inbox is a mail server that hands on what it takes.
type inbox chan []byte

func (b inbox) NewSession(*smtp.Conn) (smtp.Session, error) { return b, nil }
func (b inbox) Mail(string, *smtp.MailOptions) error        { return nil }
func (b inbox) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (b inbox) Reset()                                      {}
func (b inbox) Logout() error                               { return nil }
func (b inbox) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	b <- raw
	return err
}

// openInbox serves one, and says how it is reached.
func openInbox(t *testing.T) (inbox, string) {
	t.Helper()
	b := make(inbox, 10)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, done := smtp.NewServer(b), make(chan struct{})
	s.Domain = "localhost"
	go func() {
		defer close(done)
		if err := s.Serve(l); err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), ignoreClosed(l.Close())); err != nil {
			t.Error(err)
		}
		<-done
	})
	return b, "smtp://" + l.Addr().String() + "?tls=none"
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// letter waits for a mail, and returns its header and its text as it is read.
func (b inbox) letter(t *testing.T) (mail.Header, string) {
	t.Helper()
	select {
	case raw := <-b:
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		return m.Header, strings.ReplaceAll(string(body), "\u00a0", " ")
	case <-time.After(20 * time.Second):
		t.Fatal("no mail came")
	}
	return nil, ""
}

// TestMailOfAProgram forgets a password, gets a link, sets another; is reminded of what is due, follows the link to it, and wants no more mail.
func TestMailOfAProgram(t *testing.T) {
	b, address := openInbox(t)
	config, err := mailConfig(address, "stat@town.gov")
	if err != nil {
		t.Fatal(err)
	}
	archive, err := txtar.ParseFile("testdata/script/city.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	var clock atomic.Pointer[time.Time]
	set := func(day int) {
		at := time.Date(2026, 4, day, 12, 30, 0, 0, time.UTC) // half past eight in New York
		clock.Store(&at)
	}
	set(7) // a Tuesday
	var said output
	o := testOptions(filepath.Join(dir, "town"), t.TempDir())
	o.Mail, o.Site, o.Out, o.Now = config, "http://stat.town.gov", &said, func() time.Time { return *clock.Load() }
	app := start(t, o)
	if !strings.Contains(said.String(), "Mail             127.0.0.1:") {
		t.Errorf("the program does not say how mail is sent:\n%s", said.String())
	}
	chief, head := signedIn(t, app, "chief@town.gov", "chief_of_staff"), signedIn(t, app, "head@town.gov", "department_head:works")

	for _, email := range []string{"nobody@town.gov", "head@town.gov"} {
		if status, _, body := head.send("/sign-in/forgotten", url.Values{"email": {email}}); status != http.StatusOK {
			t.Fatalf("%d\n%s", status, body)
		}
	}
	header, text := b.letter(t)
	link := regexp.MustCompile(`http://stat\.town\.gov(/sign-in/link/[A-Za-z0-9_-]+)`).FindStringSubmatch(text)
	if link == nil || header.Get("To") == "" || !strings.Contains(header.Get("To"), "head@town.gov") {
		t.Fatalf("to %s\n%s", header.Get("To"), text)
	}
	const password = "another four words here"
	if status, to, _ := head.send(link[1], url.Values{"password": {password}, "again": {password}}); status != http.StatusSeeOther || to != "/staff" {
		t.Fatalf("the link gives %d, to %q", status, to)
	}

	if status, _, body := chief.send("/staff/releases", url.Values{"period": {"2026-03"}, "fill_by": {"2026-04-08"}, "check_by": {"2026-04-13"}, "release_on": {"2026-04-15"}}); status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", status, body)
	}
	app.post.reminder.Pass(t.Context())
	var digest string
	for len(b) > 0 { // the chief of staff may have something to do too
		if h, text := b.letter(t); strings.Contains(h.Get("To"), "head@town.gov") {
			header, digest = h, text
		}
	}
	if !strings.Contains(digest, "http://stat.town.gov/staff/releases/1") || !strings.Contains(digest, "April 8, 2026") {
		t.Fatalf("the head of works is not reminded of the round:\n%s", digest)
	}
	for _, path := range regexp.MustCompile(`http://stat\.town\.gov(/staff/[^\s"<]+)`).FindAllStringSubmatch(digest, -1) {
		at, _, _ := strings.Cut(path[1], "#")
		if status, _, _ := head.send(at, nil); status != http.StatusOK {
			t.Errorf("%s, which the mail leads to: %d", at, status)
		}
	}
	end := strings.TrimPrefix(strings.Trim(header.Get("List-Unsubscribe"), "<>"), "http://stat.town.gov")
	res, err := http.PostForm("http://"+app.Addr()+end, url.Values{"List-Unsubscribe": {"One-Click"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", end, res.StatusCode, err)
	}
	p, err := app.engine.led.PersonByEmail(t.Context(), "head@town.gov")
	if err != nil {
		t.Fatal(err)
	}
	if chosen, err := app.engine.led.Preferences(t.Context(), p.ID); err != nil || chosen.Digest != account.DigestNever {
		t.Errorf("%+v, %v", chosen, err)
	}
	set(8)
	app.post.reminder.Pass(t.Context())
	for len(b) > 0 {
		if h, _ := b.letter(t); strings.Contains(h.Get("To"), "head@town.gov") {
			t.Error("mail comes to somebody who wants none")
		}
	}
	if body := string(get(t, app, "/metrics")); !strings.Contains(body, `citystat_mail_total{result="failed"} 0`) || strings.Contains(body, `citystat_mail_total{result="sent"} 0`) {
		t.Error("/metrics does not count the mail")
	}
}

// TestMailIsToldWhatIsWrong: a program that could not send mail as it was told does not start.
func TestMailIsToldWhatIsWrong(t *testing.T) {
	for _, c := range [][2]string{{"mail.town.gov", "stat@town.gov"}, {"smtp://mail.town.gov", ""}, {"", "stat@town.gov"}, {"smtp://u:file:%2Fnot%2Fthere@mail.town.gov", "stat@town.gov"}} {
		if config, err := mailConfig(c[0], c[1]); err == nil {
			t.Errorf("%v: %+v", c, config)
		}
	}
	if config, err := mailConfig("", ""); config != nil || err != nil {
		t.Errorf("nothing said: %+v, %v", config, err)
	}
	o := testOptions("", t.TempDir())
	o.Mail = &writer.Config{Host: "127.0.0.1", Port: "25", Encryption: writer.None, From: mail.Address{Address: "stat@town.gov"}}
	if _, err := startApp(o); err == nil || !strings.Contains(err.Error(), "--site") {
		t.Errorf("without the address of the site: %v", err)
	}
}
