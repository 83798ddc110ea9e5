package connector

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"citystat/kpi"
)

// What ends a request from here.
var (
	errNoAnswer = errors.New("did not answer in time")
	errStalled  = errors.New("stopped sending in the middle of its answer")
	errTotal    = errors.New("took longer than the source's timeout")
)

// failure is why one attempt failed.
type failure struct {
	text   string        // what the other side did, to go after its address
	mend   string        // what to do about it
	passes bool          // another attempt may go better
	gained bool          // this one was not in vain: the next goes on where it ended
	wait   time.Duration // that the other side asked for before it
	status int           // of HTTP, 0 if there was no answer
	ours   error         // something of this machine, to be returned as it is
}

// Error says why.
func (f *failure) Error() string {
	if f.ours != nil {
		return f.ours.Error()
	}
	return f.text
}

// passing is a failure that may pass, final one that will not.
func passing(format string, args ...any) *failure {
	return &failure{text: fmt.Sprintf(format, args...), mend: "the last good data stay, and the next run asks again", passes: true}
}

func final(mend, format string, args ...any) *failure {
	return &failure{text: fmt.Sprintf(format, args...), mend: mend}
}

// problem is an error of a request. It unwraps to its [*kpi.Error].
type problem struct {
	told   *kpi.Error
	status int // of HTTP, 0 if there was no answer
}

// Error returns the message.
func (p *problem) Error() string { return p.told.Error() }

// Unwrap returns the error with its code.
func (p *problem) Unwrap() error { return p.told }

// statusOf returns the HTTP status that an error of a request comes from, 0 if from none.
func statusOf(err error) int {
	var p *problem
	if errors.As(err, &p) {
		return p.status
	}
	return 0
}

// explain says why a request or the reading of an answer failed; happened is what to say of what is nothing special.
func (n *Network) explain(ctx context.Context, happened string, err error) *failure {
	if cause := context.Cause(ctx); errors.Is(cause, errNoAnswer) || errors.Is(cause, errStalled) || errors.Is(cause, errTotal) {
		return passing("%s", cause.Error())
	}
	var beneath *url.Error
	for errors.As(err, &beneath) {
		err = beneath.Err // what it says beyond that is the address, with all that is in it
	}
	if f := n.explainTrust(err); f != nil {
		return f
	}
	var (
		name *net.DNSError
		via  *proxyRefusal
	)
	switch {
	case errors.As(err, &via) && via.status == http.StatusProxyAuthRequired:
		return final("give the proxy's user and password in network: proxy, as http://user:${NAME}@host:port", "cannot be reached: %s", via)
	case errors.As(err, &via) && via.status < 500:
		return final("ask who runs the proxy to allow the host", "cannot be reached: %s", via)
	case errors.As(err, &via):
		return passing("cannot be reached: %s", via)
	case errors.As(err, &name) && name.IsNotFound:
		return final("check how the address is written", "cannot be reached: there is no machine of that name")
	case errors.As(err, &name):
		return passing("cannot be reached: the machine's address could not be found out")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return passing("ended its answer too early")
	case strings.Contains(err.Error(), "Location header"):
		return final("write the address at which the data are", "redirects to what is no address")
	}
	return passing("%s: %s", happened, strings.ReplaceAll(n.scrub(err.Error()), "\n", "; "))
}

// unreached makes the failure to connect to something that is no web server an error with a message.
func (n *Network) unreached(ctx context.Context, where string, err error) error {
	return n.conclude(where, 1, n.explain(ctx, "cannot be reached", err))
}

// explainTrust explains what the guard and TLS refuse: nothing of it passes by itself.
func (n *Network) explainTrust(err error) *failure {
	var (
		no      *refusal
		invalid x509.CertificateInvalidError
		host    x509.HostnameError
		unknown x509.UnknownAuthorityError
		other   *tls.CertificateVerificationError
		plain   tls.RecordHeaderError
	)
	const tell = "tell who runs it; certificates are always checked"
	switch {
	case errors.As(err, &no):
		return &failure{text: "is not fetched: " + no.text}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return final(tell, "has a certificate that is not valid today: it is expired or not valid yet")
	case errors.As(err, &host):
		return final(tell, "has a certificate for other names than its own")
	case errors.As(err, &unknown):
		return final("if it is the city's own, name the city's authorities in network: ca", "has a certificate of an authority that this machine does not know")
	case errors.As(err, &other), errors.As(err, &invalid):
		return final(tell, "has a certificate that is not good: %s", n.scrub(err.Error()))
	case errors.As(err, &plain), errors.Is(err, http.ErrSchemeMismatch):
		return final("check port and scheme of the address", "does not speak TLS at this port")
	}
	return nil
}

// unwanted says why an answer is none, by its status. said is what the other side says about it, fit to be shown, or empty.
func (n *Network) unwanted(status int, header http.Header, said string) *failure {
	answered := fmt.Sprintf("answered %d %s", status, http.StatusText(status))
	if said != "" {
		answered += " (" + said + ")"
	}
	f := &failure{text: answered, status: status}
	switch {
	case status == http.StatusAccepted:
		f.text, f.passes = "is still preparing the data (202 Accepted)", true
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500 && status != http.StatusNotImplemented:
		f.passes = true
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		f.mend = "check the source's token, or user and password, and whether they may read this"
	case status == http.StatusProxyAuthRequired:
		f.mend = "give the proxy's user and password in network: proxy, as http://user:${NAME}@host:port"
	case status == http.StatusNotFound, status == http.StatusGone:
		f.mend = "the data may have moved: look for them where they are published and mend the address"
	case status >= 200 && status < 400:
		f.mend = "that is no delivery of data: mend the address"
	default:
		f.mend = "mend the address or the source's keys"
	}
	if f.passes {
		f.mend = passing("").mend
		f.pause(header.Get("Retry-After"), n.now(), n.pace.RetryAfter)
	}
	return f
}

// pause notes the wait that the other side asks for. One that is too long ends the run.
func (f *failure) pause(asked string, now time.Time, longest time.Duration) {
	wait, ok := retryAfter(asked, now)
	if !ok {
		return
	}
	f.wait = wait
	if wait > longest {
		f.passes = false
		f.text += fmt.Sprintf(" and asks to come back in %s", wait.Round(time.Second))
	}
}

// retryAfter reads a Retry-After header: seconds, or a date. A date that is past is no wait.
func retryAfter(text string, now time.Time) (time.Duration, bool) {
	const most = 10 * 365 * 24 * time.Hour
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, false
	}
	if strings.Trim(text, "0123456789") == "" {
		s, err := strconv.ParseInt(text, 10, 64)
		if err != nil || s > int64(most/time.Second) {
			return most, true // more digits than a number has
		}
		return time.Duration(s) * time.Second, true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), most), true
}

// conclude makes the last failure an error: what happened where, after how many attempts, and the mend.
func (n *Network) conclude(where string, attempts uint, f *failure) error {
	if f.ours != nil {
		return f.ours
	}
	text := where + " " + f.text
	if attempts > 1 {
		text += fmt.Sprintf(", at the last of %d attempts", attempts)
	}
	if f.mend != "" {
		text += "; " + f.mend
	}
	code := kpi.CodeInvalid
	if f.passes || f.wait > 0 {
		code = kpi.CodeUnready
	}
	return &problem{told: &kpi.Error{Code: code, Message: n.scrub(text)}, status: f.status}
}
