package mail

import (
	"crypto/x509"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"citystat/kpi"
	"citystat/kpi/account"
)

// Encryption is how the way to the server is encrypted.
type Encryption string

// The ways.
const (
	STARTTLS Encryption = "starttls" // begun in the open and encrypted before anything is said
	Implicit Encryption = "implicit" // from the first byte
	None     Encryption = "none"     // within this machine, or where somebody asked for it
)

// Config says how mail is sent.
type Config struct {
	Host, Port     string
	Encryption     Encryption
	User, Password string         // both empty: nobody signs in
	CA             *x509.CertPool // authorities that are trusted; nil: those of the machine
	From           mail.Address
}

// Parse reads how mail is sent: smtp://user:password@host:587 (STARTTLS), smtps://user:password@host:465 (encrypted from the first byte), and from whom. Behind
// a question mark may stand tls=none (smtp only), ca=/path/to/authorities.pem and password=file:/path. The password, and the whole address, may be references that
// secret looks up (file:/path). Neither address nor password are in its errors. It fails with [kpi.CodeInvalid].
func Parse(address, from string, secret func(ref kpi.SecretRef) (string, error)) (Config, error) {
	if strings.HasPrefix(address, "file:") {
		var err error
		if address, err = secret(kpi.SecretRef(address)); err != nil {
			return Config{}, err
		}
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return Config{}, kpi.Errorf(kpi.CodeInvalid, "CITYSTAT_SMTP is no address of a mail server; write smtp://user:password@mail.city.gov:587 or smtps://…")
	}
	c := Config{Host: u.Hostname(), Port: u.Port(), Encryption: STARTTLS, User: u.User.Username()}
	if u.Scheme == "smtps" {
		c.Encryption = Implicit
	}
	if c.Port == "" {
		c.Port = map[Encryption]string{STARTTLS: "587", Implicit: "465"}[c.Encryption]
	}
	if n, err := strconv.Atoi(c.Port); err != nil || n < 1 || n > 65535 {
		return Config{}, kpi.Errorf(kpi.CodeInvalid, "CITYSTAT_SMTP: a port is a number from 1 to 65535")
	}
	if err := c.query(u.Query()); err != nil {
		return Config{}, err
	}
	if err := c.password(u, secret); err != nil {
		return Config{}, err
	}
	if c.Encryption == None && c.User != "" && !loopback(c.Host) {
		return Config{}, kpi.Errorf(kpi.CodeInvalid, "CITYSTAT_SMTP: a password is not sent to another machine without encryption; leave tls=none out, or the user")
	}
	return c, c.sender(from)
}

// query reads what stands behind the question mark.
func (c *Config) query(q url.Values) error {
	for name := range q {
		if !slices.Contains([]string{"tls", "ca", "password"}, name) {
			return kpi.Errorf(kpi.CodeInvalid, "CITYSTAT_SMTP: %q is not known; there are tls, ca and password", name)
		}
	}
	switch tls := q.Get("tls"); {
	case tls == "":
	case tls == string(None) && c.Encryption == STARTTLS:
		c.Encryption = None
	default:
		return kpi.Errorf(kpi.CodeInvalid, "CITYSTAT_SMTP: tls can be none, with smtp:// alone; without it the way is always encrypted")
	}
	file := q.Get("ca")
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file) // whoever starts the program names it
	if err != nil {
		return &kpi.Error{Code: kpi.CodeInvalid, Message: "CITYSTAT_SMTP: the file of authorities (ca) cannot be read", Err: err}
	}
	if c.CA = x509.NewCertPool(); !c.CA.AppendCertsFromPEM(pem) {
		return kpi.Errorf(kpi.CodeInvalid, "CITYSTAT_SMTP: %s holds no certificate in PEM form", file)
	}
	return nil
}

// password reads the password, or what it refers to.
func (c *Config) password(u *url.URL, secret func(kpi.SecretRef) (string, error)) error {
	written, has := u.User.Password()
	if other := u.Query().Get("password"); other != "" {
		if has {
			return kpi.Errorf(kpi.CodeInvalid, "CITYSTAT_SMTP has two passwords")
		}
		written, has = other, true
	}
	if has && strings.HasPrefix(written, "file:") {
		var err error
		if written, err = secret(kpi.SecretRef(written)); err != nil {
			return err
		}
	}
	if (c.User == "") != (written == "") {
		return kpi.Errorf(kpi.CodeInvalid, "CITYSTAT_SMTP: a user needs a password, and a password a user")
	}
	c.Password = written
	return nil
}

// sender reads from whom mail is: an address, or a name with an address.
func (c *Config) sender(from string) error {
	a, err := mail.ParseAddress(from)
	if err == nil {
		a.Address, err = account.Address(a.Address)
	}
	if err != nil {
		return kpi.Errorf(kpi.CodeInvalid, "CITYSTAT_MAIL_FROM is no e-mail address; write stat@city.gov, or CityStat <stat@city.gov>")
	}
	c.From = mail.Address{Name: line(a.Name), Address: a.Address}
	return nil
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// String says where mail goes and how, without secrets.
func (c Config) String() string {
	how := map[Encryption]string{STARTTLS: "encrypted (STARTTLS)", Implicit: "encrypted (TLS)", None: "NOT encrypted"}[c.Encryption]
	return net.JoinHostPort(c.Host, c.Port) + ", " + how + ", from " + c.From.Address
}
