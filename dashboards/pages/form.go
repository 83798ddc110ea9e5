package pages

import (
	"cmp"
	"math"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"citystat/assets"
	"citystat/dashboards/i18n"
	"citystat/kpi"
)

// districtCookie remembers the district that a reader chose: its id, and nothing that could tell one reader of it from another.
const districtCookie = "district"

// chosenDistrict returns the district that the reader has chosen, nil if there is none or if the city has it no more.
func chosenDistrict(c echo.Context, city *kpi.City) *kpi.District {
	cookie, err := c.Cookie(districtCookie)
	if err != nil {
		return nil
	}
	return city.District(cookie.Value)
}

// TakesForm reports whether a form can be sent to addresses of the route.
func (p *Pages) TakesForm(route string) bool {
	for _, lang := range kpi.Langs {
		path, ok := strings.CutPrefix(route, "/"+i18n.Segment(lang))
		if ok && slices.ContainsFunc(p.pages, func(page Page) bool { return page.Post != nil && page.Path == path }) {
			return true
		}
	}
	return false
}

// postHandler answers a form that was sent to a page's address: it leads the reader on, or shows the page again with what is wrong. Nobody
// keeps the answer.
func (p *Pages) postHandler(page Page, lang kpi.Lang) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, err := p.request(c.Request().Context(), lang)
		if err != nil {
			return err
		}
		form, err := sentForm(c)
		if err != nil {
			return err
		}
		suffix, query := canonical(page, c)
		r.Query, r.Params, r.Staff, r.District, r.From, r.now = query, params(c), isStaff(c), chosenDistrict(c, r.City), c.RealIP(), p.opts.Now()
		return p.post(c, page, r, suffix, form)
	}
}

// post does what a form asks for, and answers.
func (p *Pages) post(c echo.Context, page Page, r *Request, suffix string, form url.Values) error {
	done, err := page.Post(c.Request().Context(), r, form)
	if err != nil {
		return err
	}
	for _, cookie := range done.Cookies {
		c.SetCookie(cookie)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, staffCaching)
	if done.To != "" {
		return c.Redirect(http.StatusSeeOther, done.To)
	}
	body, err := p.render(p.view(r, page.Name, suffix, done.Content))
	if err != nil {
		return err
	}
	if done.After > 0 {
		h.Set(echo.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(done.After.Seconds()))))
	}
	h.Set(echo.HeaderContentType, htmlType)
	assets.Write(c.Response(), c.Request(), assets.Body{Status: cmp.Or(done.Status, http.StatusUnprocessableEntity), Plain: body})
	return nil
}

// sentForm reads the fields of a form. What else a program may send is refused.
func sentForm(c echo.Context) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEApplicationForm {
		return nil, kpi.Errorf(kpi.CodeInvalid, "a form is sent as %s", echo.MIMEApplicationForm)
	}
	if err := c.Request().ParseForm(); err != nil {
		return nil, &kpi.Error{Code: kpi.CodeInvalid, Message: "the form cannot be read", Err: err}
	}
	return c.Request().PostForm, nil
}

// keepDistrict is the cookie that remembers a district for a year; an empty id forgets it.
func keepDistrict(id string) *http.Cookie {
	age := 365 * 24 * 60 * 60
	if id == "" {
		age = -1
	}
	return &http.Cookie{Name: districtCookie, Value: id, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}
