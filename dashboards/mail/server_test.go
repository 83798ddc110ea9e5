package mail

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"citystat/kpi"
)

// postOffice is a real SMTP server that keeps what it took, and can be made to misbehave.
type postOffice struct {
	tb   testing.TB
	addr string
	ca   string // file with the authority of its certificate

	mu       sync.Mutex
	taken    []letter
	tried    int // mails that were begun
	signedIn int
	refuse   []error // for the mails to come, one after the other; nil takes it
	drop     int     // so many connections are dropped when the mail is whole
	slow     time.Duration
	conns    []net.Conn
}

// letter is a mail as it came.
type letter struct {
	from, to string
	raw      []byte
}

// opening says how a post office is opened.
type opening struct {
	implicit bool
	plain    bool // it knows no encryption
	password string
}

func openPostOffice(tb testing.TB, how opening) *postOffice {
	tb.Helper()
	o := &postOffice{tb: tb}
	s := smtp.NewServer(o.backend(how.password))
	s.Domain, s.AllowInsecureAuth = "localhost", how.plain
	s.ReadTimeout, s.WriteTimeout = 5*time.Second, 5*time.Second
	s.ErrorLog = nobody{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	o.addr = l.Addr().String()
	if !how.plain {
		s.TLSConfig = o.certificate()
	}
	kept := net.Listener(keeping{l, o})
	if how.implicit {
		kept = tls.NewListener(kept, s.TLSConfig)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(kept); err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			tb.Error(err)
		}
	}()
	tb.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			tb.Error(err)
		}
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) { // the server may not know it yet
			tb.Error(err)
		}
		<-done
	})
	return o
}

// nobody reads what a server says of connections that broke.
type nobody struct{}

func (nobody) Printf(string, ...any) {}
func (nobody) Println(...any)        {}

// keeping is a listener that knows its newest connections, so that they can be dropped.
type keeping struct {
	net.Listener
	o *postOffice
}

func (k keeping) Accept() (net.Conn, error) {
	c, err := k.Listener.Accept()
	if err == nil {
		k.o.mu.Lock()
		k.o.conns = append(k.o.conns, c)
		k.o.mu.Unlock()
	}
	return c, err
}

// certificate makes an authority for the test and a certificate for this machine.
func (o *postOffice) certificate() *tls.Config {
	o.tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		o.tb.Fatal(err)
	}
	of := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "the city's own authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, &key.PublicKey, key)
	if err != nil {
		o.tb.Fatal(err)
	}
	o.ca = filepath.Join(o.tb.TempDir(), "ca.pem")
	if err := os.WriteFile(o.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		o.tb.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

func (o *postOffice) backend(password string) smtp.Backend {
	return smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &counter{o: o, password: password}, nil })
}

// counter serves one connection.
type counter struct {
	o        *postOffice
	password string
	known    bool
	from, to string
}

// AuthMechanisms are those of the simplest servers.
func (c *counter) AuthMechanisms() []string {
	if c.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth lets in whoever knows the password.
func (c *counter) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "citystat" || password != c.password {
			return &smtp.SMTPError{Code: 535, Message: "no"}
		}
		c.known = true
		c.o.mu.Lock()
		defer c.o.mu.Unlock()
		c.o.signedIn++
		return nil
	}), nil
}

// Mail begins one.
func (c *counter) Mail(from string, _ *smtp.MailOptions) error {
	if c.password != "" && !c.known {
		return smtp.ErrAuthRequired
	}
	c.from = from
	return nil
}

// Rcpt says to whom.
func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error { c.to = to; return nil }

// Data takes it, or does not.
func (c *counter) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.o.mu.Lock()
	c.o.tried++
	slow := c.o.slow
	var refused error
	if len(c.o.refuse) > 0 {
		refused, c.o.refuse = c.o.refuse[0], c.o.refuse[1:]
	}
	drop := c.o.drop > 0
	if drop {
		c.o.drop--
	}
	if refused == nil {
		c.o.taken = append(c.o.taken, letter{c.from, c.to, b})
	}
	conn := c.o.conns[len(c.o.conns)-1]
	c.o.mu.Unlock()
	time.Sleep(slow)
	if drop {
		return conn.Close()
	}
	return refused
}

// Reset forgets what was begun.
func (c *counter) Reset() {}

// Logout ends it.
func (c *counter) Logout() error { return nil }

// letters are what was taken.
func (o *postOffice) letters() []letter {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]letter(nil), o.taken...)
}

func (o *postOffice) set(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

// config is how mail is sent to it, as somebody would write it.
func (o *postOffice) config(format string) Config {
	o.tb.Helper()
	c, err := Parse(strings.NewReplacer("ADDR", o.addr, "CA", o.ca).Replace(format), "CityStat <stat@city.gov>", func(ref kpi.SecretRef) (string, error) {
		b, err := os.ReadFile(strings.TrimPrefix(string(ref), "file:"))
		return strings.TrimSpace(string(b)), err
	})
	if err != nil {
		o.tb.Fatal(err)
	}
	return c
}

// sender sends to it, and does not wait long for anything.
func (o *postOffice) sender(format string) *SMTP {
	s := NewSMTP(o.config(format))
	s.timeout, s.wait = 2*time.Second, time.Millisecond
	return s
}

// parsed is a mail as a program reads it.
type parsed struct {
	header     mail.Header
	subject    string
	text, html string
	calendar   []byte // as a form of the mail
	method     string // of it
	file       []byte // attached
}

func parse(tb testing.TB, raw []byte) parsed {
	tb.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		tb.Fatalf("%v\n%s", err, raw)
	}
	p := parsed{header: m.Header}
	if p.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		tb.Fatal(err)
	}
	p.parts(tb, m.Header.Get("Content-Type"), m.Body)
	return p
}

// parts reads a body that has parts.
func (p *parsed) parts(tb testing.TB, kind string, body io.Reader) {
	tb.Helper()
	within, params, err := mime.ParseMediaType(kind)
	if err != nil || within != "multipart/alternative" && within != "multipart/mixed" {
		tb.Fatalf("%s, %v", kind, err)
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			tb.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil {
			tb.Fatal(err)
		}
		if within == "multipart/mixed" && strings.HasPrefix(kind, "multipart/") {
			p.parts(tb, part.Header.Get("Content-Type"), part)
			continue
		}
		enc := part.Header.Get("Content-Transfer-Encoding")
		if want := map[string]string{"multipart/alternative": "quoted-printable", "multipart/mixed": "base64"}[within]; enc != want {
			tb.Fatalf("encoded as %s", enc)
		}
		decoded := io.Reader(quotedprintable.NewReader(part))
		if enc == "base64" {
			decoded = base64.NewDecoder(base64.StdEncoding, part)
		}
		b, err := io.ReadAll(decoded)
		if err != nil {
			tb.Fatal(err)
		}
		switch {
		case within == "multipart/alternative" && kind == "text/plain":
			p.text = string(b)
		case within == "multipart/alternative" && kind == "text/html":
			p.html = string(b)
		case within == "multipart/alternative" && kind == "text/calendar" && strings.EqualFold(params["charset"], "utf-8"):
			p.calendar, p.method = b, params["method"]
		case within == "multipart/mixed" && kind == "application/ics" && part.FileName() == "invitation.ics":
			p.file = b
		default:
			tb.Fatalf("a part of kind %s", part.Header.Get("Content-Type"))
		}
	}
}
