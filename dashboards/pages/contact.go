package pages

import (
	"html/template"
	"net/mail"
	"net/url"
	"strings"
)

// contactView is where residents reach those who publish. What is not known is empty.
type contactView struct {
	Office  Words
	Email   string
	Mail    bool // the address can be written to
	Phone   string
	Tel     template.URL
	Address []string // lines
	URL     string
	Host    string
}

// contact returns the city's contact, nil if its folder names none.
func (r *Request) contact() *contactView {
	c := r.City.Contact
	if c.IsZero() {
		return nil
	}
	v := &contactView{Office: r.Words(c.Office), Email: c.Email, Phone: c.Phone, Tel: callable(c.Phone)}
	_, err := mail.ParseAddress(c.Email)
	v.Mail = err == nil && !strings.ContainsAny(c.Email, "<>\" ")
	for line := range strings.Lines(c.Address) {
		if line = strings.TrimSpace(line); line != "" {
			v.Address = append(v.Address, line)
		}
	}
	v.URL, v.Host = outside(c.URL)
	return v
}

// outside returns an address of the web and the host that it leads to, nothing for any other: what a folder writes becomes no other kind of link.
func outside(address string) (href, host string) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.User != nil {
		return "", ""
	}
	return u.String(), strings.TrimPrefix(u.Hostname(), "www.")
}

// shortestNumber is the number of digits below which a phone number is a mistake: 311, 911, 156.
const shortestNumber = 3

// callable returns the address by which a telephone calls a number, "" if it holds anything but digits and what people set them apart with.
func callable(phone string) template.URL {
	var b strings.Builder
	for i, c := range strings.TrimSpace(phone) {
		switch {
		case '0' <= c && c <= '9', c == '+' && i == 0:
			b.WriteRune(c)
		case !strings.ContainsRune(" \u00a0\u202f-‑–./()", c):
			return ""
		}
	}
	if len(strings.TrimPrefix(b.String(), "+")) < shortestNumber {
		return ""
	}
	return template.URL("tel:" + b.String()) //nolint:gosec // digits and a plus sign
}
