package catalog

import (
	"net/mail"
	"net/url"
	"regexp"
	"strings"
)

// webAddress reads an address to which readers are led. They go there by themselves: the program fetches nothing from it.
func (l *loader) webAddress(o object, key string, must need) string {
	n, s := o.raw(key, must)
	if n == nil {
		return ""
	}
	u, err := url.Parse(s)
	switch {
	case err == nil && u.User != nil:
		l.hideFound(n, secretsIn(s))
		l.bad(n, "write the address without it: readers see it", "the address names a user")
	case err == nil && u.Scheme == "http" && u.Host != "":
		l.bad(n, "write "+strings.Replace(s, "http://", "https://", 1)+", and try it", "what readers send to an address with http:// can be read and changed on its way")
	case err != nil || u.Scheme != "https" || u.Hostname() == "" || !strings.Contains(u.Hostname(), ".") || strings.ContainsAny(s, " \t\n"):
		l.bad(n, "write the whole address, such as "+o.shape.line(key), "%s is no address that begins with https://", short(s))
	default:
		return s
	}
	return ""
}

// email reads an address of electronic mail.
func (l *loader) email(o object) string {
	n, s := o.raw("email", optional)
	if n == nil {
		return ""
	}
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".") {
		l.bad(n, "write the address alone, such as "+o.shape.line("email"), "%s is no address of electronic mail", short(s))
		return ""
	}
	return s
}

var phoneNumber = regexp.MustCompile(`^\+?[0-9(][0-9 ()./-]{1,24}$`)

// phone reads a telephone number, as it is dialled and easy to read.
func (l *loader) phone(o object) string {
	s := o.text("phone", optional)
	if s == "" {
		return ""
	}
	digits := 0
	for _, r := range s {
		if '0' <= r && r <= '9' {
			digits++
		}
	}
	if !phoneNumber.MatchString(s) || digits < 3 || digits > 15 {
		l.bad(o.value["phone"], "write the number alone, such as "+o.shape.line("phone"), "%s is no telephone number", short(s))
		return ""
	}
	return s
}
