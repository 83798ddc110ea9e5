package catalog

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// address reads an address from which data are fetched. Its scheme is one of those named; plain http only where city.yaml allows the
// host. It holds no secret: addresses are shown, to the public too.
func (ds *dataset) address(o object, key string, schemes ...string) *url.URL {
	n, s := o.raw(key, required)
	if n == nil {
		return nil
	}
	if found := secretsIn(s); len(found) > 0 {
		ds.add(SeverityError, n.at(found[0].at), found[0].message, found[0].mend)
		return nil
	}
	u, err := url.Parse(s)
	begin := strings.Join(schemes, ":// or ") + "://"
	switch {
	case err != nil || u.Host == "" || u.Opaque != "" || u.Hostname() == "" || strings.ContainsAny(s, " \t\n"):
		ds.bad(n, "write the whole address, such as "+o.shape.line(key), "%s is no address that begins with %s", short(s), begin)
		return nil
	case u.Fragment != "" || u.RawFragment != "":
		ds.bad(n, "leave it out", "the part behind # never reaches the server")
		return nil
	case u.User != nil && u.Scheme != "sftp":
		ds.bad(n, fmt.Sprintf("write user: %s, and password: \"${NAME}\"", u.User.Username()), "the address names a user")
		return nil
	case u.Scheme == "http" && !ds.plainHTTP(n, u):
		return nil
	case u.Scheme != "http" && !slices.Contains(schemes, u.Scheme):
		ds.bad(n, "write "+o.shape.line(key), "%s does not begin with %s", short(s), begin)
		return nil
	}
	ds.reachable(n, u)
	return u
}

// finding is something in an address that should not stand there.
type finding struct {
	at, length    int // bytes; length 0 for what need not be hidden
	message, mend string
}

// secretsIn finds what should not stand in an address: a password, keys among the parameters, references to secrets.
func secretsIn(s string) []finding {
	var list []finding
	begin := 0
	if scheme := strings.Index(s, "://"); scheme >= 0 {
		begin = scheme + 3
	}
	authority := s[begin:]
	authority = authority[:indexAny(authority, "/?#")]
	end := strings.LastIndexByte(authority, '@')
	if colon := strings.IndexByte(authority[:max(end, 0)], ':'); colon >= 0 {
		list = append(list, finding{begin + colon + 1, end - colon - 1, "the address holds a password",
			`take it out, and write user: NAME and password: "${NAME}"; a secret never stands in the folder`})
	}
	at := indexAny(s, "?") + 1
	for _, p := range strings.SplitAfter(s[min(at, len(s)):], "&") {
		name, value, _ := strings.Cut(strings.TrimSuffix(p, "&"), "=")
		plain, err := url.QueryUnescape(name)
		if value != "" && (secretName(name) || err == nil && secretName(plain)) {
			list = append(list, finding{at + len(name) + 1, len(value), fmt.Sprintf("the address holds a secret, the parameter %s", short(name)),
				`send it as token: "${NAME}" or in headers; a secret never stands in the folder, and addresses are shown`})
		}
		at += len(p)
	}
	if at := strings.Index(s, "${"); at >= 0 {
		list = append(list, finding{at, 0, "a reference to a secret stands in the address", `send it as token: "${NAME}" or in headers; addresses are shown`})
	}
	return list
}

func indexAny(s, chars string) int {
	if at := strings.IndexAny(s, chars); at >= 0 {
		return at
	}
	return len(s)
}

// secretName reports whether a parameter or header of this name probably holds a secret.
func secretName(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"token", "secret", "passw", "apikey", "accesskey", "credential", "signature", "authoriz"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return r < '0' || r > '9' && r < 'a' || r > 'z' })
	return slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains([]string{"auth", "key", "sig", "pwd", "cookie", "session"}, w)
	})
}

// plainHTTP reports whether an address may go without encryption, and reports it if not.
func (ds *dataset) plainHTTP(n *node, u *url.URL) bool {
	if ds.allows(u, "80", "443") {
		return true
	}
	ds.bad(n, fmt.Sprintf("write https://, or allow a host of the city's own network in city.yaml with network: {allow_hosts: [%q]}", hostOf(u)),
		"what comes by http:// can be changed on its way")
	return false
}

// reachable reports an address that would be refused at each run: one that is plainly not public, or has an unusual port, and is not
// allowed.
func (ds *dataset) reachable(n *node, u *url.URL) {
	usual := []string{"80", "443"}
	if u.Scheme == "sftp" {
		usual = []string{"22"}
	}
	name := strings.ToLower(u.Hostname())
	ip, err := netip.ParseAddr(name)
	private := err == nil && (!ip.IsGlobalUnicast() || ip.IsPrivate())
	local := err != nil && (!strings.Contains(name, ".") || strings.HasSuffix(name, ".localhost") || strings.HasSuffix(name, ".local") || strings.HasSuffix(name, ".internal"))
	odd := u.Port() != "" && !slices.Contains(usual, u.Port())
	if !private && !local && !odd || ds.allows(u, usual...) {
		return
	}
	mend := fmt.Sprintf("allow it in city.yaml with network: {allow_hosts: [%q]}", hostOf(u))
	if odd && !private && !local {
		ds.bad(n, mend, "the port %s of %s is not a usual one", u.Port(), u.Hostname())
		return
	}
	ds.bad(n, mend, "%s is no public address, and the program fetches from those alone", short(u.Host))
}

// allows reports whether the city allows a host by name, at the address's port or, named without a port, at the usual ones. It does if it
// is not known which hosts the city allows.
func (ds *dataset) allows(u *url.URL, usual ...string) bool {
	if ds.table("host").open {
		return true
	}
	list := ds.city.Network.AllowHosts
	port := u.Port()
	if port == "" || slices.Contains(usual, port) {
		if slices.Contains(list, withPort(strings.ToLower(u.Hostname()), "")) {
			return true
		}
	}
	return slices.Contains(list, withPort(strings.ToLower(u.Hostname()), cmp.Or(port, portOf(u.Scheme))))
}

// portOf is the usual port of a scheme.
func portOf(scheme string) string {
	switch scheme {
	case "http":
		return "80"
	case "sftp":
		return "22"
	}
	return "443"
}

// hostOf returns the host of an address as network.allow_hosts names it: in small letters, with the port if the address has one.
func hostOf(u *url.URL) string { return withPort(strings.ToLower(u.Hostname()), u.Port()) }

func withPort(name, port string) string {
	if strings.Contains(name, ":") {
		name = "[" + name + "]"
	}
	return name + either(port == "", "", ":"+port)
}

// readNetwork reads how far the program may reach.
func (l *loader) readNetwork(o object) error {
	n, ok := l.object(o.get("network", optional), networkShape)
	if !ok {
		if o.value["network"] != nil || o.misspelt("network") {
			l.open("host")
		}
		return nil
	}
	if n.value["allow_hosts"] == nil && n.misspelt("allow_hosts") || n.value["allow_hosts"] != nil && n.value["allow_hosts"].kind != sequence {
		l.open("host")
	}
	for _, w := range n.words("allow_hosts", optional) {
		if host, ok := l.host(w); ok {
			l.city.Network.AllowHosts = append(l.city.Network.AllowHosts, host)
		} else {
			l.open("host") // which host was meant is not known
		}
	}
	l.city.Network.Proxy = l.proxy(n)
	return l.readAuthorities(n)
}

// host reads a host that the city allows: by its name, one at a time.
func (l *loader) host(w word) (string, bool) {
	u, err := url.Parse("https://" + w.text)
	mend := "write the name of one host, such as gis.city.internal, and its port where it is not the usual one, such as gis.city.internal:8443"
	switch {
	case strings.Contains(w.text, "://"):
		if full, err := url.Parse(w.text); err == nil && full.Host != "" {
			mend = "write " + hostOf(full)
		}
		l.bad(w.n, mend, "%s is an address, and a host is named here", short(w.text))
	case strings.Contains(w.text, "*"):
		l.bad(w.n, "name each host by itself", "%s stands for many hosts", short(w.text))
	case strings.Contains(w.text, "/") && err == nil && u.Hostname() != "":
		l.bad(w.n, mend, "%s is more than a host", short(w.text))
	case err != nil || u.Host != w.text || u.Hostname() == "" || strings.HasSuffix(w.text, ":") || !hostName(u.Hostname()):
		l.bad(w.n, mend, "%s is no name of a host", short(w.text))
	case slices.Contains(l.city.Network.AllowHosts, hostOf(u)):
		l.bad(w.n, "delete it here", "the host %s is allowed twice", short(hostOf(u)))
		return "", true
	default:
		return hostOf(u), true
	}
	return "", false
}

// hostName reports whether s can be a host's name or address.
func hostName(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	for _, label := range strings.Split(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			return false
		}
	}
	return len(s) <= 253
}

// proxy reads the address of the outbound proxy.
func (l *loader) proxy(o object) string {
	n, s := o.raw("proxy", optional)
	if n == nil {
		return ""
	}
	if found := secretsIn(s); len(found) > 0 {
		l.hideFound(n, found)
		l.add(SeverityError, n.at(found[0].at), "the proxy's address holds a secret", "leave proxy out, and give the whole address in the environment, as HTTPS_PROXY")
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		l.bad(n, "write "+o.shape.line("proxy"), "%s is no address of a proxy", short(s))
		return ""
	}
	return u.Scheme + "://" + u.Host
}
