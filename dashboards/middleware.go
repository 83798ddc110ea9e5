package dashboards

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"citystat/dashboards/pages"
)

// middleware is everything that a request passes through, outermost first.
func (s *Server) middleware() []echo.MiddlewareFunc {
	return []echo.MiddlewareFunc{
		requestID,                    // names the request in the log and in the answer
		s.observe,                    // counts it by route, and writes its line in the log
		s.headers,                    // before anything can fail, so that errors carry them too
		s.errors,                     // turns an error into the one error page
		s.recover,                    // turns a panic into an error
		s.staff,                      // answers readers at this machine who ask for staff pages; the rest is for everybody
		s.allowMethods,               // refuses what no route answers
		middleware.BodyLimit("64KB"), // more than any form needs
		s.deadline,                   // ends what takes too long: every query takes the request's context
	}
}

// contentPolicy is the Content-Security-Policy of every answer. Nothing is inline and nothing comes from elsewhere; data: images are
// the symbols in style sheets.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// permissions switches off what the pages never use.
const permissions = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()"

func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := rand.Text() // never the reader's own: it would let strangers write into the log
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

// requestName is what the log knows the request by.
func requestName(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := s.opts.Now()
		err := next(c) // nil: errors lie further in
		took := s.opts.Now().Sub(start)
		res := c.Response()
		if c.Get(apartKey) == nil { // /metrics is public: it does not say that anybody reads staff pages
			s.seen.Observe(c.Path(), c.Request().Method, res.Status, took)
		}
		path, from := c.Request().URL.Path, c.RealIP()
		if discreet(c.Path()) || s.pages.TakesForm(c.Path()) { // who writes to the city is promised that the address of the device is not kept
			path, from = c.Path(), ""
		}
		for _, secret := range []string{pages.LinkPath(""), pages.DemoRoot, pages.UnsubscribeRoot + "/"} {
			if strings.HasPrefix(path, secret) {
				path = secret + "…" // whoever reads the log could set the password before the person does, or end their mail
			}
		}
		s.opts.Logger.LogAttrs(c.Request().Context(), slog.LevelInfo, "request",
			slog.String("id", requestName(c)), slog.String("method", c.Request().Method), slog.String("path", path),
			slog.Int("status", res.Status), slog.Int64("bytes", res.Size), slog.Duration("took", took), slog.String("from", from))
		return err
	}
}

// discreet reports whether the log does not say who asked for an address of the route, and which: it would tell who wrote to the city.
func discreet(route string) bool { return strings.Contains(route, "/feedback") }

func (s *Server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", permissions)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store") // until the handler says better
		if s.opts.TLS {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

func (s *Server) errors(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := next(c); err != nil {
			s.fail(c, err)
		}
		return nil
	}
}

func (s *Server) recover(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v) // asks the server to cut the connection
			default:
				err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
			}
		}()
		return next(c)
	}
}

func (s *Server) allowMethods(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch c.Request().Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
			return next(c)
		case http.MethodPost: // where a page takes a form
			if s.pages.TakesForm(c.Path()) {
				return next(c)
			}
		}
		c.Response().Header().Set(echo.HeaderAllow, "GET, HEAD, OPTIONS")
		return echo.ErrMethodNotAllowed
	}
}

func (s *Server) deadline(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), s.opts.Timeout)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// ipExtractor believes the connection alone, or X-Forwarded-For as far as named proxies wrote it. Echo's own default believes any
// header, and its extractor for the header trusts all private networks unless it is told not to.
func ipExtractor(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	opts := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		p = p.Masked()
		opts = append(opts, echo.TrustIPRange(&net.IPNet{
			IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(opts...)
}

// forPrograms reports whether a request is a program's: its errors are problem documents, not pages.
func forPrograms(path string) bool {
	for _, prefix := range []string{"/api/", "/indicators/", "/evaluations/", "/districts/", "/changes.csv", "/meetings.csv", "/healthz", "/readyz", "/metrics", "/assets/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}
