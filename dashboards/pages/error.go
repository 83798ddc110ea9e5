package pages

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"citystat/dashboards/i18n"
)

// errorData says what went wrong and where to go from here.
type errorData struct {
	Heading   string
	Text      string
	Staff     string // what the people who run the server can do
	Reference string // to quote when asking for help
	Links     []Link
}

// ErrorPage returns the page that says what went wrong, in the reader's language. reference is what the log knows the request by; it
// may be empty. The page holds nothing of the error itself: what is inside stays inside. Status and headers are the caller's.
func (p *Pages) ErrorPage(c echo.Context, status int, reference string) ([]byte, error) {
	r := p.errorRequest(c)
	heading, text := errorWords(status)
	d := errorData{Heading: r.P.T(heading), Text: r.P.T(text)}
	switch {
	case status == http.StatusServiceUnavailable:
		d.Staff = r.P.T("error.unready_staff")
	case reference != "" && status >= http.StatusInternalServerError:
		d.Reference = r.P.T("error.reference", "id", reference)
	}
	if r.Staff = isStaff(c); r.Card != nil || r.Staff {
		d.Links = p.menu(r, "")
	}
	if r.City != nil {
		r.District = chosenDistrict(c, r.City, r.day())
	}
	v := p.view(r, errorTemplate, "/", Content{Title: d.Heading, Summary: d.Text, Data: d})
	v.NoIndex = true
	return p.render(v)
}

// errorRequest makes the request of an error page: in the language of the address, or in the one that suits the reader. It works
// without a publication too.
func (p *Pages) errorRequest(c echo.Context) *Request {
	card, err := p.opts.Published(c.Request().Context())
	if err != nil || card == nil || card.City == nil {
		card = nil
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(c.Request().URL.Path, "/"), "/")
	lang, _, ok := i18n.FromSegment(first)
	if !ok || (card != nil && !slices.Contains(offered(card.City), lang)) {
		lang = preferred(c, card)
	}
	if card != nil {
		if r, err := p.request(c.Request().Context(), lang); err == nil {
			return r
		}
	}
	return &Request{P: p.opts.Bundle.Printer(lang, ""), Lang: lang}
}

// errorWords returns the messages for an HTTP status.
func errorWords(status int) (heading, text string) {
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return "error.not_found", "error.not_found_text"
	case http.StatusForbidden, http.StatusUnauthorized:
		return "error.invalid", "error.denied_text"
	case http.StatusMethodNotAllowed:
		return "error.invalid", "error.method_text"
	case http.StatusServiceUnavailable:
		return "error.unready", "error.unready_text"
	}
	if status >= http.StatusInternalServerError {
		return "error.internal", "error.internal_text"
	}
	return "error.invalid", "error.invalid_text"
}
