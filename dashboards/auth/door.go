package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"citystat/kpi"
	"citystat/kpi/account"
)

// Passwords keeps what sign-ins with a password are compared with.
type Passwords interface {
	// Credentials returns those of the person with an address; false if there is nobody.
	Credentials(ctx context.Context, email string) (account.Credentials, bool, error)
	// Rehash replaces the hash of a password by a dearer one of the same password.
	Rehash(ctx context.Context, person int64, old, hash string) error
	// LinkOf returns whose link it is; it fails with kpi.CodeNotFound if it cannot be used.
	LinkOf(ctx context.Context, secret string, now time.Time) (account.Person, error)
	// UseLink sets a password by a link that serves once.
	UseLink(ctx context.Context, secret, hash string, now time.Time) (account.Person, error)
}

// People knows who may be in.
type People interface {
	// SignedIn notes a sign-in, and returns the epoch of the person's sessions.
	SignedIn(ctx context.Context, person int64, how string, now time.Time) (epoch int64, err error)
	// Session returns the person of a session as they are now; false if sessions of the epoch have ended.
	Session(ctx context.Context, person, epoch int64) (account.Person, bool, error)
	// Identify returns the person of an identity that a provider vouches for; it fails with kpi.CodeDenied if there is nobody.
	Identify(ctx context.Context, issuer, subject, email string, verified bool, now time.Time) (account.Person, error)
}

// Options are what a Door needs. All but Provider and Logger are required.
type Options struct {
	Passwords Passwords
	People    People
	Sessions  scs.CtxStore // what sessions hold
	Now       func() time.Time
	Secure    bool      // the site is reached over HTTPS only
	Provider  *Provider // of identities; nil: passwords alone
	Logger    *slog.Logger
}

// Door lets people in and knows them again. It is safe for many goroutines.
type Door struct {
	opts     Options
	hasher   *Hasher
	throttle *Throttle
	asks     *Throttle // of what is asked for without a password
	sessions *scs.SessionManager
}

// How long a session lasts: a working day, and not over a long lunch.
const (
	lifetime = 12 * time.Hour
	idle     = 2 * time.Hour
)

// hashers is how many passwords are worked on at a time.
const hashers = 4

// New returns a Door.
func New(o Options) (*Door, error) {
	if o.Passwords == nil || o.People == nil || o.Sessions == nil || o.Now == nil {
		return nil, errors.New("auth: Passwords, People, Sessions and Now are required")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	h, err := NewHasher(hashers)
	if err != nil {
		return nil, fmt.Errorf("auth: %w", err)
	}
	return newDoor(o, h), nil
}

func newDoor(o Options, h *Hasher) *Door {
	d := &Door{opts: o, hasher: h, throttle: NewThrottle(o.Now), asks: newAskThrottle(o.Now), sessions: scs.New()}
	d.sessions.Store = store{o.Sessions}
	d.sessions.Lifetime, d.sessions.IdleTimeout = lifetime, idle
	d.sessions.Cookie = scs.SessionCookie{Name: "citystat_session", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: o.Secure}
	if o.Secure {
		d.sessions.Cookie.Name = "__Host-citystat_session" // no other host, and no page without encryption, can set it
	}
	return d
}

// store is a store of contexts for a library that also knows one without.
type store struct{ scs.CtxStore }

// Find returns what a session holds.
func (s store) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit keeps what a session holds.
func (s store) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

// Delete ends a session.
func (s store) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// What a session holds.
const (
	keyPerson = "person"
	keyEpoch  = "epoch"
)

// personKey is where a context of the server has the person who asks.
const personKey = "auth.person"

// Known is middleware: whoever has a session is known to all that comes after ([PersonOf]), with the rights that they have at this moment.
func (d *Door) Known(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		var failed error
		h := d.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c.SetRequest(r)
			c.Response().Writer = w
			p, err := d.person(r.Context())
			if err != nil {
				failed = err
				return
			}
			if p != nil {
				c.Set(personKey, p)
			}
			if failed = next(c); failed != nil {
				c.Error(failed) // answered here, while what the session holds can still be sent along
				failed = nil
			}
		}))
		h.ServeHTTP(c.Response().Writer, c.Request())
		return failed
	}
}

// HasSession reports whether a request brings a session, without asking whether it is one.
func (d *Door) HasSession(r *http.Request) bool {
	_, err := r.Cookie(d.sessions.Cookie.Name)
	return err == nil
}

// PersonOf returns who asks, nil if nobody is known.
func PersonOf(c echo.Context) *account.Person { p, _ := c.Get(personKey).(*account.Person); return p }

// person returns the person of the session in a context, nil if it is nobody's. A session that has ended is emptied.
func (d *Door) person(ctx context.Context) (*account.Person, error) {
	id := d.sessions.GetInt64(ctx, keyPerson)
	if id == 0 {
		return nil, nil
	}
	p, ok, err := d.opts.People.Session(ctx, id, d.sessions.GetInt64(ctx, keyEpoch))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, d.sessions.Destroy(ctx)
	}
	return &p, nil
}

// Still returns who the session of a request belongs to by now, nil if it has ended since the request came. It is for answers that go on for long, and is no use of the session.
func (d *Door) Still(ctx context.Context, r *http.Request) (*account.Person, error) {
	cookie, err := r.Cookie(d.sessions.Cookie.Name)
	if err != nil {
		return nil, nil //nolint:nilerr // without a cookie it is nobody's
	}
	now, err := d.sessions.Load(context.Background(), cookie.Value) // the context of the request holds the session as it was
	if err != nil {
		return nil, fmt.Errorf("read the session again: %w", err)
	}
	id := d.sessions.GetInt64(now, keyPerson)
	if id == 0 {
		return nil, nil
	}
	p, ok, err := d.opts.People.Session(ctx, id, d.sessions.GetInt64(now, keyEpoch))
	if err != nil || !ok {
		return nil, err
	}
	return &p, nil
}

// ErrWrong says that address or password is wrong, and not which.
var ErrWrong = kpi.Errorf(kpi.CodeDenied, "the address or the password is wrong")

// WaitError says that too much went wrong, and for how long nothing is tried.
type WaitError struct{ For time.Duration }

// Error says it.
func (e WaitError) Error() string {
	return fmt.Sprintf("too many wrong passwords; wait %s", e.For.Round(time.Second))
}

// SignIn signs a person in with a password, within the session of the context. It fails with [ErrWrong] or a [WaitError].
func (d *Door) SignIn(ctx context.Context, email, password, from string) error {
	address, err := account.Address(email)
	if err != nil {
		address = "" // nobody's; the answer takes as long all the same
	}
	if wait := d.throttle.Wait(address, from); wait > 0 {
		return WaitError{wait}
	}
	c, ok, err := d.opts.Passwords.Credentials(ctx, address)
	if err != nil {
		return err
	}
	if !ok || c.Disabled {
		c = account.Credentials{}
	}
	same, old, err := d.hasher.Verify(ctx, c.Password, password)
	if err != nil {
		return err
	}
	if !same {
		d.throttle.Failed(address, from)
		d.opts.Logger.WarnContext(ctx, "a sign-in failed", "from", from)
		return ErrWrong
	}
	d.throttle.Worked(address, from)
	if old {
		if err := d.rehash(ctx, c, password); err != nil {
			return err
		}
	}
	return d.enter(ctx, c.Person, "password")
}

func (d *Door) rehash(ctx context.Context, c account.Credentials, password string) error {
	hash, err := d.hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	return d.opts.Passwords.Rehash(ctx, c.Person, c.Password, hash)
}

// enter makes the session of the context a person's, under a new token: one that a stranger may have planted is worth nothing.
func (d *Door) enter(ctx context.Context, person int64, how string) error {
	epoch, err := d.opts.People.SignedIn(ctx, person, how, d.opts.Now())
	if err != nil {
		return err
	}
	if err := d.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("renew the session: %w", err)
	}
	d.sessions.Put(ctx, keyPerson, person)
	d.sessions.Put(ctx, keyEpoch, epoch)
	return nil
}

// EnterAs makes the session of the context a person's without any proof: it is for people of a demonstration, who are nobody. how says it in the audit trail.
func (d *Door) EnterAs(ctx context.Context, person int64, how string) error {
	return d.enter(ctx, person, how)
}

// SignOut ends the session of the context.
func (d *Door) SignOut(ctx context.Context) error { return d.sessions.Destroy(ctx) }

// Asked counts that something was asked for without a password, such as a link for an address, from a network, and returns for how long too much was: then
// nothing is done. It is the same whether there is somebody with the address or not.
func (d *Door) Asked(about, from string) time.Duration {
	if wait := d.asks.Wait(about, from); wait > 0 {
		return wait
	}
	d.asks.Failed(about, from)
	return 0
}

// LinkOf returns whose link it is, before a password is asked for; it fails with kpi.CodeNotFound if it cannot be used.
func (d *Door) LinkOf(ctx context.Context, secret string) (account.Person, error) {
	return d.opts.Passwords.LinkOf(ctx, secret, d.opts.Now())
}

// UseLink sets a password by a link and signs the person in. weak says why the password cannot be taken; the link serves once more then.
func (d *Door) UseLink(ctx context.Context, secret, password string) (weak Weakness, err error) {
	p, err := d.LinkOf(ctx, secret)
	if err != nil {
		return "", err
	}
	if weak := WeaknessOf(password, p.Email, p.Name); weak != "" {
		return weak, nil
	}
	hash, err := d.hasher.Hash(ctx, password)
	if err != nil {
		return "", err
	}
	if p, err = d.opts.Passwords.UseLink(ctx, secret, hash, d.opts.Now()); err != nil {
		return "", err
	}
	return "", d.enter(ctx, p.ID, "link")
}
