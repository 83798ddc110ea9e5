package connector

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/idna"

	"citystat/kpi"
)

// Somebody who may write the address of a source, or who answers for the name in it, must not reach through the program what only the
// program's machine can reach: the city's inner network, other programs on the machine, the cloud's metadata with its passwords. So what
// counts is the address that is connected to, at the moment of connecting, on every connection: not the name, and not an earlier answer of
// the resolver, which may be another the next time (DNS rebinding).

// guard decides who may be connected to.
type guard struct {
	allowed  map[string]bool // host or host:port, as normal
	resolver interface {
		LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	}
	connect func(ctx context.Context, address string, check func(netip.AddrPort) error) (net.Conn, error)
}

// rules are what holds for a kind of connection.
type rules struct {
	what  string   // for people
	ports []string // that need not be named
	named bool     // the host must be allowed by name even if its address is public
}

var webRules = rules{what: "a web server", ports: []string{"80", "443"}}

func newGuard(hosts []string, resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}, timeout time.Duration) (*guard, error) {
	g := &guard{allowed: map[string]bool{}, resolver: resolver}
	if g.resolver == nil {
		g.resolver = net.DefaultResolver
	}
	g.connect = func(ctx context.Context, address string, check func(netip.AddrPort) error) (net.Conn, error) {
		d := net.Dialer{Timeout: timeout, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			return check(to)
		}}
		return d.DialContext(ctx, "tcp", address)
	}
	for _, h := range hosts {
		entry, err := allowedHost(h)
		if err != nil {
			return nil, err
		}
		g.allowed[entry] = true
	}
	return g, nil
}

// allowedHost normalises an entry of the city's list: host or host:port, where a host is a name or an address.
func allowedHost(entry string) (string, error) {
	host, port := strings.TrimSpace(entry), ""
	if h, p, err := net.SplitHostPort(host); err == nil {
		host, port = h, p
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	name, err := normalHost(host)
	if err == nil && port != "" {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil || name == "" || strings.ContainsFunc(name, noHost) || strings.Contains(name, ":") && !literal(name) {
		return "", kpi.Errorf(kpi.CodeInvalid, "network: allow_hosts: %q is no host; write a name such as files.example.org or files.example.org:8443, without https:// and path", entry)
	}
	if port == "" {
		return name, nil
	}
	return net.JoinHostPort(name, port), nil
}

// normalHost writes a host in the one form in which hosts are compared: lower case, no final dot, names beyond ASCII as in the DNS.
func normalHost(host string) (string, error) {
	host = strings.TrimSuffix(host, ".")
	if a, err := netip.ParseAddr(host); err == nil {
		return a.String(), nil
	}
	name, err := idna.Lookup.ToASCII(host)
	if err != nil && isASCII(host) {
		name, err = strings.ToLower(host), nil // names such as my_server break the rules and exist
	}
	if err == nil && slices.Contains(strings.Split(name, "."), "") {
		err = errors.New("no host")
	}
	return name, err
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) }

// noHost reports whether a character stands in no host: white space, control characters, and what separates the parts of an address.
func noHost(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("/*@[]", r) }

func literal(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// allows reports whether the city allows a host by name: at this port, or at any of the usual ones.
func (g *guard) allows(host, port string, usual []string) bool {
	name, err := normalHost(host)
	if err != nil {
		return false
	}
	return g.allowed[net.JoinHostPort(name, port)] || g.allowed[name] && slices.Contains(usual, port)
}

func (g *guard) dialWeb(ctx context.Context, _, address string) (net.Conn, error) {
	return g.dial(ctx, address, webRules)
}

// dial resolves a host, connects to the first of its addresses that may be connected to and answers, and checks the address once more as
// the socket sees it.
func (g *guard) dial(ctx context.Context, address string, by rules) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, refuse("%q is no address of a machine with a port", address)
	}
	addrs, err := g.addresses(ctx, host, port, by)
	if err != nil {
		return nil, err
	}
	allowed := g.allows(host, port, by.ports)
	check := func(to netip.AddrPort) error { return g.check(host, to.Addr(), allowed) }
	var errs []error
	for _, a := range addrs {
		conn, err := g.connect(ctx, net.JoinHostPort(a.String(), port), check)
		if err == nil {
			return conn, nil
		}
		if errs = append(errs, err); ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(errs...)
}

// addresses returns the addresses of a host that may be connected to. It fails if there are none.
func (g *guard) addresses(ctx context.Context, host, port string, by rules) ([]netip.Addr, error) {
	allowed := g.allows(host, port, by.ports)
	if !allowed && (by.named || !slices.Contains(by.ports, port)) {
		return nil, refuse("%s at port %s is not allowed; if it is %s that the city trusts, add %s to network: allow_hosts", host, port, by.what, net.JoinHostPort(host, port))
	}
	if !allowed && odd(host) {
		return nil, refuse("%s is neither a name nor an address as it is usually written; write the host's name", host)
	}
	all, err := g.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	var good []netip.Addr
	for _, a := range all {
		if bad := g.check(host, a, allowed); bad != nil {
			err = bad
			continue
		}
		good = append(good, a)
	}
	if len(good) == 0 && err == nil {
		err = &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	if len(good) > 0 {
		err = nil
	}
	return good, err
}

func (g *guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	all, err := g.resolver.LookupNetIP(ctx, "ip", host)
	for i, a := range all {
		all[i] = a.Unmap() // some resolvers give addresses of version 4 in the form of version 6
	}
	return all, err
}

// check refuses an address that the host must not have. The city's word for a host covers its inner network, not what no host of a city is.
func (g *guard) check(host string, a netip.Addr, allowed bool) error {
	why, private := notPublic(a)
	switch {
	case why == "" || allowed && (private || literal(host)):
		return nil
	case private:
		return refuse("%s has the address %s, which is %s; sources are fetched from public addresses only: if the city trusts this host, add it to network: allow_hosts", host, a, why)
	}
	return refuse("%s has the address %s, which is %s; no data are fetched from there", host, a, why)
}

// odd reports whether a host is an address in a form that only some programs understand (decimal, octal, hexadecimal, short), or an address
// of version 4 in the form of version 6, which have hidden where a request goes.
func odd(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Is4In6() || a.Zone() != ""
	}
	last := host[strings.LastIndexByte(strings.TrimSuffix(host, "."), '.')+1:]
	last = strings.ToLower(strings.TrimSuffix(last, "."))
	return last == "" || strings.HasPrefix(last, "0x") || strings.Trim(last, "0123456789") == ""
}

// refusal is the guard's word, which no further attempt changes.
type refusal struct{ text string }

// Error returns the reason and the mend.
func (r *refusal) Error() string { return r.text }

func refuse(format string, args ...any) error {
	return &refusal{kpi.Errorf(kpi.CodeInvalid, format, args...).Message}
}
