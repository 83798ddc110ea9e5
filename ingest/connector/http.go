package connector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"

	"citystat/kpi"
)

// ask is one address to ask, and how far to go.
type ask struct {
	url     string
	header  http.Header   // may hold secrets
	limit   int64         // bytes of the answer; 0: 64 MB
	timeout time.Duration // of all attempts together; 0: that of the Network
}

// answer is what came.
type answer struct {
	header   http.Header
	fetch    kpi.Fetch
	warnings []string
	length   int64 // of the body as announced, -1 if it is not
	body     io.ReadCloser
}

// Read reads the body. Its errors carry a message, but for io.EOF.
func (a *answer) Read(b []byte) (int, error) { return a.body.Read(b) }

// Close lets go of the connection.
func (a *answer) Close() error { return a.body.Close() }

// get asks for an address until there is an answer with a body to read. What breaks while it is read is for the caller to ask again.
func (n *Network) get(ctx context.Context, a ask) (*answer, error) {
	ctx, cancel := n.within(ctx, a.timeout)
	ans, err := retry(ctx, n, a, func(context.Context, uint) (*answer, *failure) {
		ans, f := n.send(ctx, a)
		if f == nil {
			f = n.accept(ans, http.StatusOK, http.StatusNonAuthoritativeInfo)
		}
		return ans, f
	})
	if err != nil {
		cancel()
		return nil, err
	}
	ans.body = &streamed{ReadCloser: ans.body, n: n, where: n.where(a.url), limit: a.bound(), left: a.bound(), ctx: ctx, cancel: cancel}
	return ans, nil
}

// streamed gives the errors of a body a message, and ends it when it is longer than its bound.
type streamed struct {
	io.ReadCloser
	n      *Network
	where  string
	limit  int64
	left   int64
	ctx    context.Context // of the one request
	cancel context.CancelFunc
}

// Read reads from the body.
func (s *streamed) Read(b []byte) (int, error) {
	k, err := s.ReadCloser.Read(b)
	if s.left -= int64(k); s.left < 0 {
		return 0, s.n.conclude(s.where, 1, tooLarge(s.limit))
	}
	var f *failure
	switch {
	case err == nil || err == io.EOF: //nolint:errorlint // the contract of io.Reader
	case ended(s.ctx):
		err = s.ctx.Err()
	case errors.As(err, &f):
		err = s.n.conclude(s.where, 1, f)
	}
	return k, err
}

// Close lets go of the connection.
func (s *streamed) Close() error {
	defer s.cancel()
	return s.ReadCloser.Close()
}

func (a ask) bound() int64 {
	if a.limit > 0 {
		return a.limit
	}
	return 64 << 20
}

func tooLarge(limit int64) *failure {
	return final("if that is right, raise the source's max_bytes", "sends more than the %s that are allowed", size(limit))
}

// within bounds a delivery in time.
func (n *Network) within(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout <= 0 {
		timeout = n.pace.Total
	}
	return context.WithTimeoutCause(ctx, timeout, errTotal)
}

// where is an address for people: without its query, which is long and may hold secrets.
func (n *Network) where(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address"
	}
	bare := *u
	bare.RawQuery, bare.ForceQuery = "", false
	return n.safeURL(&bare)
}

// retry tries until it goes well, what happened does not pass, or the attempts or the time are used up.
func retry[T any](ctx context.Context, n *Network, a ask, try func(ctx context.Context, attempt uint) (T, *failure)) (T, error) {
	var (
		attempt uint // of all
		vain    uint // of those that brought nothing, one after the other
		last    *failure
		where   = n.where(a.url)
	)
	wait := &backoff.ExponentialBackOff{InitialInterval: n.pace.First, RandomizationFactor: 0.5, Multiplier: 1.5, MaxInterval: n.pace.Cap}
	v, err := backoff.Retry(ctx, func() (T, error) {
		attempt++
		vain++
		v, f := try(ctx, attempt)
		if last = f; f == nil {
			return v, nil
		}
		if f.gained {
			vain = 0
			wait.Reset()
		}
		switch {
		case !f.passes || vain >= n.pace.Attempts || ctx.Err() != nil || n.tooLate(ctx, f):
			return v, backoff.Permanent(f)
		case f.wait > 0:
			return v, &paused{failure: f, RetryAfterError: backoff.RetryAfterError{Duration: f.wait}}
		}
		return v, f
	}, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(0), backoff.WithNotify(func(err error, d time.Duration) {
		n.log.InfoContext(ctx, "a source is asked again", "source", where, "attempt", attempt, "why", n.scrub(err.Error()), "wait", d.Round(time.Millisecond))
	}))
	switch {
	case err == nil:
		return v, nil
	case ended(ctx):
		return v, ctx.Err()
	case ctx.Err() != nil && (last == nil || last.passes):
		last = timeUp(last)
	}
	return v, n.conclude(where, attempt, last)
}

// ended reports whether somebody else than the source's own clock has ended a delivery.
func ended(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(context.Cause(ctx), errTotal)
}

// paused tells the library how long to wait.
type paused struct {
	*failure
	backoff.RetryAfterError
}

// Error says why.
func (p *paused) Error() string { return p.failure.Error() }

// As gives the library what it looks for.
func (p *paused) As(target any) bool {
	to, ok := target.(**backoff.RetryAfterError)
	if ok {
		*to = &p.RetryAfterError
	}
	return ok
}

// tooLate reports whether the other side asks for a wait beyond the end of the delivery's time.
func (n *Network) tooLate(ctx context.Context, f *failure) bool {
	end, ok := ctx.Deadline()
	return ok && time.Now().Add(f.wait).After(end)
}

func timeUp(last *failure) *failure {
	f := passing("%s", errTotal.Error())
	if last != nil && last.text != f.text {
		f.text += "; before, it " + last.text
	}
	return f
}

// send asks once. An answer of any status is one; its body is bounded in time.
func (n *Network) send(ctx context.Context, a ask) (*answer, *failure) {
	ctx, cancel := context.WithCancelCause(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url, nil)
	if err != nil {
		cancel(nil)
		return nil, final("write it as https://host/path", "is no address")
	}
	n.vault.rememberQuery(req.URL)
	for name, values := range a.header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	req.Header.Set("User-Agent", n.agent)
	if req.Header.Get("Accept-Encoding") == "" {
		req.Header.Set("Accept-Encoding", "identity")
	}
	timer := time.AfterFunc(n.pace.Answer, func() { cancel(errNoAnswer) })
	resp, err := n.client.Do(req) //nolint:bodyclose // who gets the answer closes it
	timer.Stop()
	if err != nil {
		defer cancel(nil)
		return nil, n.explain(ctx, "cannot be reached", err)
	}
	idle := time.AfterFunc(n.pace.Idle, func() { cancel(errStalled) })
	idle.Stop()
	return &answer{
		header: resp.Header, length: resp.ContentLength, fetch: n.facts(a.url, resp), warnings: n.doubts(resp),
		body: &body{ReadCloser: resp.Body, n: n, ctx: ctx, cancel: cancel, idle: idle},
	}, nil
}

// body is the body of an answer that must go on coming.
type body struct {
	io.ReadCloser
	n      *Network
	ctx    context.Context // of the one request
	cancel context.CancelCauseFunc
	idle   *time.Timer // runs while something is waited for
}

// Read reads; its errors but io.EOF are a *failure.
func (b *body) Read(p []byte) (int, error) {
	b.idle.Reset(b.n.pace.Idle)
	k, err := b.ReadCloser.Read(p)
	b.idle.Stop()
	if err != nil && err != io.EOF { //nolint:errorlint // the contract of io.Reader
		err = b.n.explain(b.ctx, "broke off its answer", err)
	}
	return k, err
}

// Close ends the request.
func (b *body) Close() error {
	b.idle.Stop()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}

// facts are what is kept of an answer. A final address keeps its path only: what a redirect adds to it often is a signature that opens it.
func (n *Network) facts(asked string, resp *http.Response) kpi.Fetch {
	f := kpi.Fetch{
		At: n.now().UTC(), Status: resp.StatusCode,
		ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified"), ContentType: resp.Header.Get("Content-Type"),
	}
	if u, err := url.Parse(asked); err == nil {
		f.URL = n.safeURL(u)
	}
	if resp.Request.URL.String() != asked {
		if final := n.where(resp.Request.URL.String()); final != n.where(asked) {
			f.FinalURL = final
		}
	}
	return f
}

// doubts are warnings about an answer: a clock that is off, or an end that cannot be told from a cut.
func (n *Network) doubts(resp *http.Response) []string {
	var warnings []string
	host := resp.Request.URL.Host
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		if age, err := strconv.Atoi(resp.Header.Get("Age")); err == nil && age > 0 {
			date = date.Add(time.Duration(min(age, 1<<30)) * time.Second) // a cache repeats the date at which it asked
		}
		if off := date.Sub(n.now()); off.Abs() > time.Hour {
			warnings = append(warnings, fmt.Sprintf("the clock of %s is %s off this machine's; one of them is wrong", host, off.Abs().Round(time.Minute)))
		}
	}
	if resp.ProtoMajor == 1 && resp.ContentLength < 0 && len(resp.TransferEncoding) == 0 && resp.TLS == nil {
		warnings = append(warnings, host+" does not say how long its answer is, so one that was cut off could not be told from a whole one")
	}
	return warnings
}

// accept refuses an answer whose status is none of those wanted. It is then closed.
func (n *Network) accept(a *answer, wanted ...int) *failure {
	for _, s := range wanted {
		if a.fetch.Status == s {
			return nil
		}
	}
	said := n.excerpt(a)
	if err := a.Close(); err != nil {
		n.log.Debug("an answer that was refused could not be closed", "why", n.scrub(err.Error()))
	}
	return n.unwanted(a.fetch.Status, a.header, said)
}
