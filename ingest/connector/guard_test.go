package connector

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"citystat/kpi"
)

// names is a resolver for tests: each name has its answers, one after the other, the last one for good.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	answers := n[host]
	if len(answers) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(answers) > 1 {
		n[host] = answers[1:]
	}
	var addrs []netip.Addr
	for a := range strings.SplitSeq(answers[0], " ") {
		addrs = append(addrs, netip.MustParseAddr(a))
	}
	return addrs, nil
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, a := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "100.100.100.200", "127.0.0.1", "127.1.2.3", "168.63.129.16",
		"169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255",
		"198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::1",
		"100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:808:808::1",
		"3fff::1", "5f00::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fe80::1%eth0", "2606:4700::1%eth0", "febf::1", "fec0::1", "ff02::1", "ff0e::1", "4000::1", "e000::1",
	} {
		if what, _ := notPublic(netip.MustParseAddr(a)); what == "" {
			t.Errorf("%s passes for public", a)
		}
	}
	for _, a := range []string{"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1", "168.63.129.15", "169.253.1.1", "172.15.255.255", "172.32.0.1",
		"192.0.1.1", "192.167.1.1", "192.169.1.1", "198.17.1.1", "198.20.0.1", "223.255.255.255", "::ffff:8.8.8.8", "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1", "3ffe::1"} {
		if what, _ := notPublic(netip.MustParseAddr(a)); what != "" {
			t.Errorf("%s is %s", a, what)
		}
	}
}

// TestRefusedAddresses tries addresses of sources that must lead nowhere. Nothing is sent: the only server that could hear it hears nothing.
func TestRefusedAddresses(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	s := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	n := newNetwork(t, NetworkOptions{Pace: quick, Network: kpi.Network{AllowHosts: []string{"intranet.example", "metadata.example", "plain.example:" + port}}, Resolver: names{
		"private.example": {"10.1.2.3"}, "self.example": {"127.0.0.1"}, "both.example": {"127.0.0.1 ::1"}, "metadata.example": {"169.254.169.254"}, "ec2.example": {"fd00:ec2::254"},
		"nat64.example": {"64:ff9b::7f00:1"}, "mapped.example": {"::ffff:127.0.0.1"}, "none.example": {"0.0.0.0"}, "2130706433": {"127.0.0.1"}, "localhost": {"127.0.0.1"},
		"intranet.example": {"127.0.0.1"}, "plain.example": {"127.0.0.1"},
	}})
	for _, c := range []struct{ url, says string }{
		{"https://private.example/", "which is private"}, {"https://self.example/", "this machine itself"}, {"https://both.example/", "this machine itself"},
		{"https://metadata.example/", "metadata service"}, {"https://ec2.example/", "metadata service"}, {"https://nat64.example/", "translated"},
		{"https://mapped.example/", "this machine itself"}, {"https://none.example/", "no host"}, {"https://localhost/", "this machine itself"}, {"https://LOCALHOST./", "this machine itself"},
		{"https://127.0.0.1/", "this machine itself"}, {"https://[::1]/", "this machine itself"}, {"https://[::ffff:127.0.0.1]/", "neither a name nor an address"}, {"https://[::ffff:8.8.8.8]/", "neither a name nor an address"},
		{"https://[fe80::1%25eth0]/", "neither a name nor an address"}, {"https://2130706433/", "neither a name nor an address"}, {"https://0x7f000001/", "neither a name nor an address"},
		{"https://0177.0.0.1/", "neither a name nor an address"}, {"https://127.1/", "neither a name nor an address"}, {"https://127.0.0.1.:443/", "neither a name nor an address"},
		{"https://169.254.169.254/latest/meta-data/", "metadata service"}, {"https://[fd00:ec2::254]/", "metadata service"},
		{"https://127.0.0.1:" + port + "/", "add 127.0.0.1:" + port}, {"https://intranet.example:" + port + "/", "allow_hosts"}, {"https://intranet.example:22/", "allow_hosts"},
		{"http://private.example/", "not encrypted"}, {"http://plain.example/", "not encrypted"}, {"file:///etc/passwd", "no address"}, {"gopher://private.example/", "no way to fetch"},
		{"ftp://private.example/", "no way to fetch"}, {"https://user:hunter2@private.example/", "holds a user or a password"}, {"https:///x", "no address"}, {"unix:/run/x", "no address"},
		{"//private.example/", "no way to fetch"}, {"https://nowhere.example/", "no machine of that name"}, {"sftp://user@private.example/x", "host_key"},
	} {
		_, _, err := bring(t, n, kpi.Source{URL: c.url}, kpi.Load{})
		if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", c.url, err)
		}
	}
	if asked.Load() != 0 {
		t.Error("a server was asked")
	}
	if text, _, err := bring(t, n, kpi.Source{URL: "http://plain.example:" + port}, kpi.Load{}); err != nil || asked.Load() != 1 {
		t.Errorf("what is allowed: %q %v", text, err)
	}
}

// TestRebinding has a name that is public when it is looked at and private when it is connected to.
func TestRebinding(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	s := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	port := netip.MustParseAddrPort(s.Listener.Addr().String()).Port()
	n := newNetwork(t, NetworkOptions{Pace: quick, Resolver: names{"rebind.example": {"8.8.8.8", "8.8.8.8", "127.0.0.1"}}})
	var tried []string
	real := n.guard.connect
	n.guard.connect = func(ctx context.Context, address string, check func(netip.AddrPort) error) (net.Conn, error) {
		if tried = append(tried, address); len(tried) == 1 {
			return nil, syscall.ECONNREFUSED // the machine of the public address does not answer, so there is a second attempt
		}
		// Here the socket is about to go elsewhere than what was resolved.
		return real(ctx, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port).String(), check)
	}
	_, _, err := bring(t, n, kpi.Source{URL: "https://rebind.example/"}, kpi.Load{})
	if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), "rebind.example has the address 127.0.0.1") || !slices.Equal(tried, []string{"8.8.8.8:443", "8.8.8.8:443"}) {
		t.Errorf("at the socket: %v, tried %v", err, tried)
	}
	_, _, err = bring(t, n, kpi.Source{URL: "https://rebind.example/"}, kpi.Load{})
	if kpi.ErrorCode(err) != kpi.CodeInvalid || len(tried) != 2 {
		t.Errorf("at the third answer of the resolver: %v, tried %v", err, tried)
	}
	if asked.Load() != 0 {
		t.Error("the server on this machine was asked")
	}
}

// TestSomePublicAddresses connects to those addresses of a host that are public, in order, and to no other.
func TestSomePublicAddresses(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, NetworkOptions{Pace: quick, Resolver: names{"mixed.example": {"10.0.0.1 8.8.8.8 fd00::1 2606:4700::1111"}}})
	var tried []string
	n.guard.connect = func(_ context.Context, address string, _ func(netip.AddrPort) error) (net.Conn, error) {
		tried = append(tried, address)
		return nil, syscall.EHOSTUNREACH
	}
	conn, err := n.guard.dial(t.Context(), "mixed.example:443", webRules)
	if conn != nil || !errors.Is(err, syscall.EHOSTUNREACH) || !slices.Equal(tried, []string{"8.8.8.8:443", "[2606:4700::1111]:443"}) {
		t.Errorf("%v %v", tried, err)
	}
}

func TestAllowedHosts(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		"Files.Example.org": "files.example.org", "files.example.org.": "files.example.org", "files.example.org:8443": "files.example.org:8443", "10.0.0.5": "10.0.0.5",
		"[::1]:8080": "[::1]:8080", "::1": "::1", "[::1]": "::1", "münchen.example": "xn--mnchen-3ya.example", "my_server": "my_server",
	} {
		if got, err := allowedHost(entry); err != nil || got != want {
			t.Errorf("%s: %q %v", entry, got, err)
		}
	}
	for _, bad := range []string{"", "https://files.example.org", "files.example.org/x", "*.example.org", "user@host", "a b", ":80", "a:b:c"} {
		if _, err := NewNetwork(NetworkOptions{Network: kpi.Network{AllowHosts: []string{bad}}}); kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), "allow_hosts") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestDatabases are reached only where the city allows the host, and at the ports of databases.
func TestDatabases(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // end of the test
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	n := newNetwork(t, NetworkOptions{Pace: quick, Network: kpi.Network{AllowHosts: []string{"db.example:" + port, "usual.example"}}, Resolver: names{"db.example": {"127.0.0.1"}, "usual.example": {"127.0.0.1"}, "public.example": {"8.8.8.8"}}})
	conn, err := n.DialContext(t.Context(), "tcp", "db.example:"+port)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"db.example:5432", "public.example:5432", "usual.example:" + port, "127.0.0.1:5432", "nonsense"} {
		if _, err := n.DialContext(t.Context(), "tcp", bad); !errors.As(err, new(*refusal)) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := n.DialContext(t.Context(), "tcp", "usual.example:1521"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a usual port of an allowed host: %v", err)
	}
	if err := n.unreached(t.Context(), "usual.example:1521", syscall.ECONNREFUSED); kpi.ErrorCode(err) != kpi.CodeUnready {
		t.Error(err)
	}
}
