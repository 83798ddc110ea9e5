package connector

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"citystat/kpi"
)

// login is how the program makes itself known to an SSH server, and the server to it.
type login struct {
	user    string
	methods []ssh.AuthMethod
	host    ssh.PublicKey
}

// login makes a login of the source's keys. The server's key must be declared: without it anybody on the way could be the server.
func (n *Network) login(u *url.URL, src *kpi.Source) (login, error) {
	l := login{user: src.User}
	if _, ok := u.User.Password(); ok {
		return l, kpi.Errorf(kpi.CodeInvalid, "the address of %s holds a password; use password: with a reference to the secret", u.Host)
	}
	if l.user == "" {
		l.user = u.User.Username()
	}
	if l.user == "" {
		return l, kpi.Errorf(kpi.CodeInvalid, "%s needs user:, and key: or password:", u.Host)
	}
	var err error
	if l.host, err = hostKey(u.Hostname(), src.HostKey); err != nil {
		return l, err
	}
	l.methods, err = n.methods(u.Host, src)
	return l, err
}

// hostKey reads a public key as in known_hosts, with or without the host before it.
func hostKey(host, text string) (ssh.PublicKey, error) {
	if strings.TrimSpace(text) == "" {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s needs host_key:, the server's public key, so that nobody else can take its place; ssh-keyscan %s prints it, and who runs the server can confirm it", host, host)
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil {
		_, _, key, _, _, err = ssh.ParseKnownHosts([]byte(text))
	}
	if err != nil {
		return nil, kpi.Errorf(kpi.CodeInvalid, "host_key of %s is no public key; write it as in known_hosts, such as ssh-ed25519 AAAA…", host)
	}
	return key, nil
}

// methods are the ways in: the key first.
func (n *Network) methods(host string, src *kpi.Source) ([]ssh.AuthMethod, error) {
	password, err := n.secret("password", src.Password)
	if err != nil {
		return nil, err
	}
	pem, err := n.secret("key", src.Key)
	if err != nil {
		return nil, err
	}
	var methods []ssh.AuthMethod
	if pem != "" {
		signer, err := privateKey(pem, password)
		if err != nil {
			return nil, kpi.Errorf(kpi.CodeInvalid, "the key %s of %s %s", src.Key, host, err.Error())
		}
		methods = append(methods, ssh.PublicKeys(signer))
	}
	if password != "" {
		methods = append(methods, ssh.Password(password), ssh.KeyboardInteractive(func(_, _ string, questions []string, _ []bool) ([]string, error) {
			if len(questions) > 1 {
				return nil, errors.New("the server asks for more than a password")
			}
			return []string{password}[:len(questions)], nil
		}))
	}
	if len(methods) == 0 {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s needs key: or password: with a reference to the secret", host)
	}
	return methods, nil
}

// privateKey reads a private key, which the password may open. Its errors never hold any of it.
func privateKey(pem, password string) (ssh.Signer, error) {
	signer, err := ssh.ParsePrivateKey([]byte(pem + "\n"))
	var locked *ssh.PassphraseMissingError
	switch {
	case err == nil:
		return signer, nil
	case errors.As(err, &locked) && password == "":
		return nil, errors.New("is locked with a passphrase; give it under password")
	case errors.As(err, &locked):
		if signer, err = ssh.ParsePrivateKeyWithPassphrase([]byte(pem+"\n"), []byte(password)); err != nil {
			return nil, errors.New("is not opened by the passphrase under password")
		}
		return signer, nil
	}
	return nil, errors.New("is no private key in the form of OpenSSH or PEM")
}

// wrongKey is what a server showed in place of the key that is declared.
type wrongKey struct{ shown string }

// Error says what key was shown. It is a public one.
func (w *wrongKey) Error() string { return "the server showed the key " + w.shown }

// greet agrees with a server on keys and logs in.
func (n *Network) greet(ctx context.Context, conn net.Conn, address string, l login) (*ssh.Client, *failure) {
	cfg := &ssh.ClientConfig{User: l.user, Auth: l.methods, ClientVersion: "SSH-2.0-CityStat", HostKeyAlgorithms: algorithms(l.host)}
	cfg.HostKeyCallback = func(_ string, _ net.Addr, key ssh.PublicKey) error {
		if !bytes.Equal(key.Marshal(), l.host.Marshal()) {
			return &wrongKey{key.Type() + " " + ssh.FingerprintSHA256(key)}
		}
		return nil
	}
	if err := conn.SetDeadline(time.Now().Add(n.pace.Connect)); err != nil {
		return nil, n.explain(ctx, "cannot be reached", err)
	}
	c, chans, reqs, err := ssh.NewClientConn(conn, address, cfg)
	if err != nil {
		return nil, n.turnedAway(ctx, l, err)
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return nil, n.explain(ctx, "cannot be reached", err)
	}
	return ssh.NewClient(c, chans, reqs), nil
}

// algorithms are those by which a host proves that it has its key.
func algorithms(key ssh.PublicKey) []string {
	if key.Type() == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{key.Type()}
}

// turnedAway says why a greeting failed. A wrong password is not tried again: servers lock users out for that.
func (n *Network) turnedAway(ctx context.Context, l login, err error) *failure {
	var wrong *wrongKey
	var kinds *ssh.AlgorithmNegotiationError
	declared := fmt.Sprintf("%s %s", l.host.Type(), ssh.FingerprintSHA256(l.host))
	switch {
	case errors.As(err, &wrong):
		return final("either the server was set up anew (then its people can confirm the new key, for host_key:) or somebody else is in its place",
			"has another key than host_key: says, %s in place of %s, and nothing was sent to it", wrong.shown, declared)
	case errors.As(err, &kinds):
		return final("check that host_key: is one that the server still has", "and this program have no way to talk in common: %s", n.scrub(kinds.Error()))
	case strings.Contains(err.Error(), "unable to authenticate"):
		return final("check user:, key: and password:", "does not let in the user %.60q with the key or password it was given", l.user)
	}
	return n.explain(ctx, "broke off the greeting", err)
}
