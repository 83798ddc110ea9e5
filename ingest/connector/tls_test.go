package connector

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
)

func pemOf(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// authority is a certificate authority of a city, for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "City of Harborview"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return authority{c, key}
}

// server starts a server that shows a certificate of the authority, for a name, until a time.
func (a authority) server(t *testing.T, name string, until time.Time, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{name}, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = true
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	city, soon := newAuthority(t), time.Now().Add(time.Hour)
	ok := func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("asked by %s", r.Proto)
		}
		write(t, w, table12)
	}
	plain := serve(t, ok)
	for name, c := range map[string]struct {
		server *httptest.Server
		ca     []byte
		says   string
	}{
		"good":        {city.server(t, "files.city.example", soon, ok), pemOf(city.cert.Raw), ""},
		"unknown":     {city.server(t, "files.city.example", soon, ok), nil, "authority that this machine does not know; if it is the city's own, name the city's authorities in network: ca"},
		"another":     {city.server(t, "files.city.example", soon, ok), pemOf(newAuthority(t).cert.Raw), "authority that this machine does not know"},
		"expired":     {city.server(t, "files.city.example", time.Now().Add(-time.Hour), ok), pemOf(city.cert.Raw), "expired"},
		"wrong host":  {city.server(t, "www.city.example", soon, ok), pemOf(city.cert.Raw), "for other names than its own"},
		"not for TLS": {plain, nil, "does not speak TLS"},
	} {
		port := c.server.Listener.Addr().String()[len("127.0.0.1"):]
		n := newNetwork(t, NetworkOptions{Pace: quick, CA: c.ca, Network: kpi.Network{AllowHosts: []string{"files.city.example" + port}}, Resolver: names{"files.city.example": {"127.0.0.1"}}})
		text, _, err := bring(t, n, kpi.Source{URL: "https://files.city.example" + port + "/a.csv"}, kpi.Load{})
		switch {
		case c.says == "" && (err != nil || text != table12):
			t.Errorf("%s: %q %v", name, text, err)
		case c.says != "" && (kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "attempts")):
			t.Errorf("%s: %q %v", name, text, err)
		}
	}
	if _, err := NewNetwork(NetworkOptions{Network: kpi.Network{CA: "ca.pem"}, CA: []byte("nothing")}); kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), "ca.pem") {
		t.Error(err)
	}
}

// TestCutOverHTTP2 is a cut like any other.
func TestCutOverHTTP2(t *testing.T) {
	t.Parallel()
	city, asked := newAuthority(t), 0
	s := city.server(t, "files.city.example", time.Now().Add(time.Hour), func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked == 1 {
			cut(t, w, table12[:5])
		}
		write(t, w, table12)
	})
	port := s.Listener.Addr().String()[len("127.0.0.1"):]
	n := newNetwork(t, NetworkOptions{Pace: quick, CA: pemOf(city.cert.Raw), Network: kpi.Network{AllowHosts: []string{"files.city.example" + port}}, Resolver: names{"files.city.example": {"127.0.0.1"}}})
	if text, _, err := bring(t, n, kpi.Source{URL: "https://files.city.example" + port}, kpi.Load{}); err != nil || text != table12 || asked != 2 {
		t.Errorf("%q after %d requests, %v", text, asked, err)
	}
}
