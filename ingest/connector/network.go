package connector

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"citystat/kpi"
)

// Network is how connectors reach other machines, and how far. It refuses addresses that are not public unless the city allows the host
// by name, checks certificates always, keeps secrets out of what it says, tries again what may pass, and gives up on what never ends.
// A proxy carries http and https; SFTP servers and databases are connected to directly. It is safe for concurrent use.
type Network struct {
	guard   *guard
	vault   *vault
	roots   *x509.CertPool
	client  *http.Client
	closing []*http.Transport
	pace    Pace
	agent   string
	now     func() time.Time
	log     *slog.Logger
}

// NetworkOptions are what a Network is made of. The zero value reaches public addresses, directly or through the proxy of the environment.
type NetworkOptions struct {
	Network kpi.Network                             // of the city: the hosts it allows, and its proxy; CA is read by the caller
	CA      []byte                                  // certificate authorities in PEM that are trusted beside the machine's
	Version string                                  // of the program, for the servers that are asked
	Secrets func(ref kpi.SecretRef) (string, error) // looks up one reference, ${NAME} or file:/path; nil: [LookupSecret]
	Pace    Pace
	Now     func() time.Time // nil: time.Now
	Logger  *slog.Logger     // told of what is tried again; nil: nobody

	// Resolver finds the addresses of names; nil: the machine's.
	Resolver interface {
		LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	}
}

// Pace says how often and how long a Network tries. A zero field takes the value of DefaultPace.
type Pace struct {
	Attempts   uint          // at one request that bring nothing; one that brings a megabyte of a file that can be resumed does not count
	First, Cap time.Duration // wait before the second attempt, half as long again for each one after it, and the longest; each is varied by a half at random
	RetryAfter time.Duration // the longest wait that a server may ask for; asked for a longer one, the run ends, and another begins as scheduled
	Connect    time.Duration // to connect to one address, and to agree on keys
	Answer     time.Duration // until an answer begins
	Idle       time.Duration // between two pieces of an answer
	Total      time.Duration // for a delivery, all attempts together, where its source does not say
}

// DefaultPace is patient with portals, which are slow and often busy, and bounded.
var DefaultPace = Pace{
	Attempts: 6, First: time.Second, Cap: time.Minute, RetryAfter: 10 * time.Minute,
	Connect: 15 * time.Second, Answer: 3 * time.Minute, Idle: time.Minute, Total: time.Hour,
}

func (p Pace) orDefault() Pace {
	d := DefaultPace
	if p.Attempts > 0 {
		d.Attempts = p.Attempts
	}
	for _, f := range []struct{ to, from *time.Duration }{
		{&d.First, &p.First}, {&d.Cap, &p.Cap}, {&d.RetryAfter, &p.RetryAfter}, {&d.Connect, &p.Connect},
		{&d.Answer, &p.Answer}, {&d.Idle, &p.Idle}, {&d.Total, &p.Total},
	} {
		if *f.from > 0 {
			*f.to = *f.from
		}
	}
	return d
}

// NewNetwork makes a Network. It fails if a host, the proxy or a certificate authority cannot be understood, and says which.
func NewNetwork(o NetworkOptions) (*Network, error) {
	n := &Network{pace: o.Pace.orDefault(), agent: "CityStat/" + o.Version, now: o.Now, log: o.Logger}
	if o.Version == "" {
		n.agent = "CityStat"
	}
	if n.now == nil {
		n.now = time.Now
	}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	n.vault = newVault(o.Secrets)
	var err error
	if n.guard, err = newGuard(o.Network.AllowHosts, o.Resolver, n.pace.Connect); err != nil {
		return nil, err
	}
	return n, n.prepare(o)
}

func (n *Network) prepare(o NetworkOptions) error {
	roots, err := authorities(o.Network.CA, o.CA)
	if err != nil {
		return err
	}
	proxy, err := n.proxy(o.Network.Proxy)
	if err != nil {
		return err
	}
	n.roots = roots
	direct, through := n.transport(roots), n.transport(roots)
	direct.DialContext = n.guard.dialWeb
	through.Proxy = func(r *http.Request) (*url.URL, error) { return proxy(r.URL) }
	through.DialContext = (&net.Dialer{Timeout: n.pace.Connect}).DialContext // to the proxy, which is allowed by being configured
	through.OnProxyConnectResponse = proxyAnswer
	n.closing = []*http.Transport{direct, through}
	n.client = &http.Client{
		Transport:     &gate{guard: n.guard, proxy: proxy, direct: direct, through: through},
		CheckRedirect: followed,
	}
	return nil
}

// transport is the part that is the same with a proxy and without.
func (n *Network) transport(roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    n.pace.Connect,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // what is asked for is asked for on purpose
		MaxResponseHeaderBytes: 256 << 10,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        time.Minute,
	}
}

// authorities returns the machine's certificate authorities and the city's own.
func authorities(name string, pem []byte) (*x509.CertPool, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, &kpi.Error{Code: kpi.CodeInvalid, Message: "the machine's certificate authorities cannot be read", Err: err}
	}
	if len(pem) > 0 && !roots.AppendCertsFromPEM(pem) {
		return nil, kpi.Errorf(kpi.CodeInvalid, "network: ca: %s holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", name)
	}
	return roots, nil
}

// Close lets go of connections that are kept for the next request.
func (n *Network) Close() {
	for _, t := range n.closing {
		t.CloseIdleConnections()
	}
}

// DialContext connects to a database, over TCP. Its host must be allowed by name, with its port where that is not a usual one of databases.
// It has the form that database drivers take.
func (n *Network) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return n.guard.dial(ctx, address, rules{what: "a database", ports: []string{"5432", "3306", "1433", "1521"}, named: true})
}
