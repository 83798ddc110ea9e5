package dashboards

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"citystat/assets"
	"citystat/kpi"
)

// statusClosed is the status of a request whose reader has gone. Nobody sees it but the log (nginx's number).
const statusClosed = 499

// statuses is the one map from the program's codes to HTTP.
var statuses = map[kpi.Code]int{
	kpi.CodeInvalid:  http.StatusBadRequest,
	kpi.CodeNotFound: http.StatusNotFound,
	kpi.CodeConflict: http.StatusConflict,
	kpi.CodeDenied:   http.StatusForbidden,
	kpi.CodeUnready:  http.StatusServiceUnavailable,
	kpi.CodeInternal: http.StatusInternalServerError,
}

// status returns the HTTP status for an error.
func status(err error) int {
	var known *kpi.Error
	var he *echo.HTTPError
	switch {
	case errors.As(err, &known):
		return statuses[known.Code]
	case errors.As(err, &he):
		return he.Code
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	case errors.Is(err, context.Canceled):
		return statusClosed
	}
	return http.StatusInternalServerError
}

// fail answers a request with an error: a page for people, a problem document for programs. The answer says what the reader can do
// about it; everything else is in the log, under the request's id.
func (s *Server) fail(c echo.Context, err error) {
	code := status(err)
	s.logError(c, code, err)
	if c.Response().Committed {
		return // too late to say anything: what was sent is cut short, and the log says why
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	for _, of := range []string{"Content-Disposition", "Content-Encoding", "Content-Length", "ETag"} {
		h.Del(of) // of the answer that was begun
	}
	if code == http.StatusServiceUnavailable {
		h.Set(echo.HeaderRetryAfter, "5")
	}
	body, kind := s.errorBody(c, code, err)
	h.Set(echo.HeaderContentType, kind)
	assets.Write(c.Response(), c.Request(), assets.Body{Status: code, Plain: body})
}

func (s *Server) logError(c echo.Context, code int, err error) {
	level := slog.LevelDebug
	if code >= http.StatusInternalServerError {
		level = slog.LevelError
		var known *kpi.Error
		switch {
		case !errors.As(err, &known) || known.Code != kpi.CodeUnready:
		case known.Err == nil:
			level = slog.LevelInfo // nothing is wrong: whoever watches a start asks early and often
		default:
			level = slog.LevelWarn
		}
	}
	s.opts.Logger.LogAttrs(c.Request().Context(), level, "request failed", slog.String("id", requestName(c)),
		slog.String("route", c.Path()), slog.Int("status", code), slog.Any("err", err))
}

func (s *Server) errorBody(c echo.Context, code int, err error) (body []byte, kind string) {
	if forPrograms(c.Request().URL.Path) {
		return problem(code, err), "application/problem+json"
	}
	body, pageErr := s.errorPage(c, code)
	if pageErr != nil {
		s.opts.Logger.ErrorContext(c.Request().Context(), "the error page itself failed", "id", requestName(c), "err", pageErr)
		body = lastResort(code)
	}
	return body, "text/html; charset=utf-8"
}

// errorPage makes the page that says what went wrong. Whatever made the first page fail may make this one fail too, or panic.
func (s *Server) errorPage(c echo.Context, code int) (body []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return s.pages.ErrorPage(c, code, requestName(c))
}

// problem is a problem document after RFC 9457. Two errors with the same status differ only where the message is for the one who
// asked: "not found" never says what was not found, so that what is unpublished and what does not exist look the same.
func problem(code int, err error) []byte {
	doc := struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail,omitempty"`
	}{Type: "about:blank", Title: http.StatusText(code), Status: code}
	var known *kpi.Error
	if errors.As(err, &known) && (known.Code == kpi.CodeInvalid || known.Code == kpi.CodeConflict || known.Code == kpi.CodeUnready) {
		doc.Detail = known.Message
	}
	b, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return []byte("{}\n") // a struct of strings and an int can always be written
	}
	return append(b, '\n')
}

// lastResort is the page for the case that pages cannot be made. It needs nothing that could fail.
func lastResort(code int) []byte {
	title := html.EscapeString(strconv.Itoa(code) + " " + http.StatusText(code))
	return fmt.Appendf(nil, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>%s</title><h1>%s</h1>\n", title, title)
}
