package dashboards

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"citystat/dashboards/auth"
	"citystat/dashboards/pages"
)

// apartKey is where a context says that its request was answered by the staff's own routes.
const apartKey = "apart"

// staffRoutes makes the staff's routes. They are a router of their own: where nobody may come here they do not exist, and what is asked for
// is answered as any other address is that nobody knows, down to the last byte.
func (s *Server) staffRoutes() *echo.Echo {
	e := echo.New()
	e.IPExtractor = s.echo.IPExtractor
	e.HTTPErrorHandler = func(err error, c echo.Context) { s.fail(c, err) }
	e.Use(s.limitBody)
	if s.opts.Door == nil {
		e.Use(asEverybody)
		s.pages.RegisterStaff(e, s.deadline)
		return e
	}
	e.Use(s.opts.Door.Known, func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if pass, _ := c.Request().Context().Value(passKey{}).(bool); pass {
				return asEverybody(next)(c)
			}
			pages.MarkStaff(c, auth.PersonOf(c))
			return next(c)
		}
	})
	s.pages.RegisterStaff(e, s.deadline)
	s.pages.RegisterDoor(e, s.deadline)
	return e
}

// limitBody refuses more than any form needs, or than the page says that it takes.
func (s *Server) limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	usual := middleware.BodyLimit("64KB")(next)
	return func(c echo.Context) error {
		if n := s.pages.Takes(c.Path()); n > 0 {
			return middleware.BodyLimit(strconv.FormatInt(n, 10) + "B")(next)(c)
		}
		return usual(c)
	}
}

// passKey is where the context of a request says that its reader sits at this machine and may do everything.
type passKey struct{}

func asEverybody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		pages.MarkStaff(c, pages.Everybody())
		return next(c)
	}
}

// staff leads to the staff's routes, and tells public pages that their reader has a way there.
//
// Who may come: people who are signed in ([Options.Door]); and, as long as nobody can sign in, readers at this machine who have shown its key.
// Where nobody can sign in and the reader is not at this machine, there are no such pages.
func (s *Server) staff(next echo.HandlerFunc) echo.HandlerFunc {
	if s.opts.Staff == nil {
		return next
	}
	routes := s.staffRoutes()
	return func(c echo.Context) error {
		at := c.Request().URL.Path
		below, door := pages.BelowStaff(at), pages.BelowDoor(at) || at == pages.OutPath
		session := s.opts.Door != nil && s.opts.Door.HasSession(c.Request())
		if !below && !door && !session && !(s.mayBeLocal(c) && s.remembered(c)) {
			return next(c) // a resident: nothing is asked about him
		}
		open, err := s.signIn(c)
		if err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(at, pages.DemoRoot) && (s.opts.Demo == nil || !s.mayBeLocal(c)):
			return next(c) // there is no such address
		case open && (below || door):
			return s.apart(c, routes)
		case open:
			return s.known(c, next)
		case s.mayBeLocal(c) && below && s.showsKey(c):
			return s.remember(c)
		case !s.mayBeLocal(c) || !s.remembered(c):
			return next(c)
		case below:
			c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), passKey{}, true)))
			return s.apart(c, routes)
		}
		pages.MarkStaff(c, pages.Everybody())
		return next(c)
	}
}

// signIn reports whether people sign in here: there is a door, and somebody who can come through it.
func (s *Server) signIn(c echo.Context) (bool, error) {
	if s.opts.Door == nil {
		return false, nil
	}
	return s.opts.Anybody(c.Request().Context())
}

// mayBeLocal reports whether a request may come from a reader at this machine. Where a proxy stands before the server nobody can know.
func (s *Server) mayBeLocal(c echo.Context) bool {
	return !s.opts.NotLocal && !s.opts.TLS && len(s.opts.TrustedProxies) == 0 && atThisMachine(c.Request())
}

// apart lets the staff's routes answer.
func (s *Server) apart(c echo.Context, routes *echo.Echo) error {
	c.Set(apartKey, true)
	routes.ServeHTTP(c.Response(), c.Request())
	return nil
}

// known lets a public page know that its reader is one of the staff. Whoever brings no session is not asked for one.
func (s *Server) known(c echo.Context, next echo.HandlerFunc) error {
	if !s.opts.Door.HasSession(c.Request()) {
		return next(c)
	}
	return s.opts.Door.Known(func(c echo.Context) error {
		pages.MarkStaff(c, auth.PersonOf(c))
		return next(c)
	})(c)
}

// showsKey reports whether the address of a request holds the key.
func (s *Server) showsKey(c echo.Context) bool {
	return s.opts.StaffKey != "" && c.Request().Method == http.MethodGet && s.isKey(c.QueryParam("key"))
}

func (s *Server) isKey(shown string) bool {
	return subtle.ConstantTimeCompare([]byte(shown), []byte(s.opts.StaffKey)) == 1
}

// staffCookie is the name of the cookie that remembers the key. Servers on other ports of this machine see each other's cookies: each has a
// name of its own.
func (s *Server) staffCookie() string {
	sum := sha256.Sum256([]byte(s.opts.StaffKey))
	return "citystat_staff_" + hex.EncodeToString(sum[:4])
}

// remembered reports whether a reader has shown the key before, or need not.
func (s *Server) remembered(c echo.Context) bool {
	if s.opts.StaffKey == "" {
		return true
	}
	cookie, err := c.Cookie(s.staffCookie())
	return err == nil && s.isKey(cookie.Value)
}

// remember lets the browser keep the key, and leads to the same address without it.
func (s *Server) remember(c echo.Context) error {
	c.Set(apartKey, true)
	c.SetCookie(&http.Cookie{
		Name: s.staffCookie(), Value: s.opts.StaffKey, Path: "/", MaxAge: 365 * 24 * 60 * 60, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	c.Response().Header().Set(echo.HeaderCacheControl, "private, no-store")
	return c.Redirect(http.StatusSeeOther, (&url.URL{Path: path.Clean(c.Request().URL.Path)}).EscapedPath())
}

// atThisMachine reports whether a request came from this machine, for this machine, over a loopback connection, and nobody passed it on:
//
//   - both ends of the connection are loopback addresses, so no other machine is part of it;
//   - it asks for localhost or a loopback address by number: a page of a stranger whose name was made to lead here (DNS rebinding) asks
//     for its own name;
//   - no header says that a proxy forwarded it. A proxy on this machine would make strangers look as if they sat here. One that adds no
//     header may be known by the old protocol that it speaks (nginx before 1.29.7 without further settings), or by the options that a
//     server behind a proxy is started with (TLS, TrustedProxies): then there are no staff pages at all. One that cannot be known at all
//     (nginx from 1.29.7 on) is why there is [Options.StaffKey].
func atThisMachine(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ok && loopback(local.String()) && loopback(r.RemoteAddr) && loopbackHost(r.Host) && r.ProtoAtLeast(1, 1) && !forwarded(r.Header)
}

// loopback reports whether an address with its port is one of this machine alone.
func loopback(address string) bool {
	a, err := netip.ParseAddrPort(address)
	return err == nil && a.Addr().Unmap().IsLoopback()
}

// loopbackHost reports whether a Host header means this machine and can mean no other.
func loopbackHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]") // without a port
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(name)
	return err == nil && a.Zone() == "" && a.Unmap().IsLoopback()
}

// forwarded reports whether a header says that the request was passed on.
func forwarded(h http.Header) bool {
	for name := range h {
		name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
		switch name {
		case "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "client-ip", "cdn-loop":
			return true
		}
		for _, prefix := range []string{"x-forwarded", "x-original-", "x-envoy-", "x-proxy", "cf-", "fastly-", "x-azure-", "x-amzn-"} {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
	}
	return false
}

// StaffAddress returns where the staff pages can be read if the server listens on the address, and "" if nobody can: none were asked for,
// a proxy stands before the server, or others than readers at this machine can reach the listener.
func (s *Server) StaffAddress(l net.Addr) string {
	if s.opts.Staff == nil || s.opts.NotLocal || s.opts.TLS || len(s.opts.TrustedProxies) > 0 {
		return ""
	}
	a, err := netip.ParseAddrPort(l.String())
	if err != nil || !(a.Addr().Unmap().IsLoopback() || a.Addr().IsUnspecified()) {
		return ""
	}
	at := fmt.Sprintf("http://localhost:%d%s", a.Port(), pages.StaffRoot)
	if s.opts.StaffKey != "" {
		at += "?key=" + url.QueryEscape(s.opts.StaffKey)
	}
	return at
}
