package pages

import (
	"cmp"
	"errors"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"citystat/assets"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/evidence"
)

// districtCookie remembers the district that a reader chose: its id, and nothing that could tell one reader of it from another.
const districtCookie = "district"

// chosenDistrict returns the district that the reader has chosen, nil if there is none or if the city has it no more. Where the one that was chosen has
// ended since, it is the one that took over from it, if there is one alone.
func chosenDistrict(c echo.Context, city *kpi.City, day kpi.Date) *kpi.District {
	cookie, err := c.Cookie(districtCookie)
	if err != nil {
		return nil
	}
	return lifeNow(city, cookie.Value, day)
}

// TakesForm reports whether a form can be sent to addresses of the route.
func (p *Pages) TakesForm(route string) bool {
	for _, lang := range kpi.Langs {
		path, ok := strings.CutPrefix(route, "/"+i18n.Segment(lang))
		if ok && slices.ContainsFunc(p.pages, func(page Page) bool { return page.Role == Everyone && page.Post != nil && page.Path == path }) {
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
		form, _, err := sentForm(c, false)
		if err != nil {
			return err
		}
		suffix, query := canonical(page, c)
		r.Query, r.Params, r.Staff, r.District, r.From, r.now = query, params(c), isStaff(c), chosenDistrict(c, r.City, r.day()), c.RealIP(), p.opts.Now()
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

// sentForm reads the fields of a form, and the file among them where one may be. What else a program may send is refused.
func sentForm(c echo.Context, files bool) (url.Values, *sentFile, error) {
	kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if err == nil && kind == echo.MIMEMultipartForm && files {
		return sentParts(c.Request())
	}
	if err != nil || kind != echo.MIMEApplicationForm {
		return nil, nil, kpi.Errorf(kpi.CodeInvalid, "a form is sent as %s", echo.MIMEApplicationForm)
	}
	if err := c.Request().ParseForm(); err != nil {
		return nil, nil, &kpi.Error{Code: kpi.CodeInvalid, Message: "the form cannot be read", Err: err}
	}
	return c.Request().PostForm, nil, nil
}

// sentFile is a file that was sent with a form.
type sentFile struct {
	Name    string
	Data    []byte // nil where it is too large
	TooMuch bool   // it is larger than [maxSentFile]
}

// Bounds of a form with a file. The fields of any form are smaller.
const (
	maxSentFile   = max(kpi.MaxEntryFile, evidence.MaxBytes)
	maxSentFields = 256 << 10
	maxSentParts  = 100
)

// sentParts reads a form of several parts, in memory. The rest of a file that is too large is read and thrown away, so that the reader is answered in
// words: a browser whose form nobody reads says that the connection broke.
func sentParts(req *http.Request) (url.Values, *sentFile, error) {
	broken := func(err error) error {
		return &kpi.Error{Code: kpi.CodeInvalid, Message: "the form cannot be read", Err: err}
	}
	parts, err := req.MultipartReader()
	if err != nil {
		return nil, nil, broken(err)
	}
	form, left := url.Values{}, int64(maxSentFields)
	var file *sentFile
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, file, nil
		}
		if err != nil {
			return nil, nil, broken(err)
		}
		if n == maxSentParts {
			return nil, nil, kpi.Errorf(kpi.CodeInvalid, "the form has more than %d parts", maxSentParts)
		}
		if part.FileName() != "" {
			if file, err = readSentFile(part); err != nil {
				return nil, nil, broken(err)
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, left+1))
		if err != nil {
			return nil, nil, broken(err)
		}
		if left -= int64(len(text)); left < 0 {
			return nil, nil, kpi.Errorf(kpi.CodeInvalid, "the fields of the form are larger than %d kB", maxSentFields>>10)
		}
		form.Add(part.FormName(), string(text))
	}
}

func readSentFile(part *multipart.Part) (*sentFile, error) {
	f := &sentFile{Name: part.FileName()}
	var err error
	if f.Data, err = io.ReadAll(io.LimitReader(part, maxSentFile+1)); err != nil {
		return nil, err
	}
	if f.TooMuch = len(f.Data) > maxSentFile; f.TooMuch {
		f.Data = nil
		_, err = io.Copy(io.Discard, part)
	}
	return f, err
}

// Takes returns the most bytes that may be sent to a staff page by its route; 0 if those of any form.
func (p *Pages) Takes(route string) int64 {
	for i := range p.pages {
		if p.pages[i].Role != Everyone && p.pages[i].Path == route {
			return p.pages[i].Takes
		}
	}
	return 0
}

// keepDistrict is the cookie that remembers a district for a year; an empty id forgets it.
func keepDistrict(id string) *http.Cookie {
	age := 365 * 24 * 60 * 60
	if id == "" {
		age = -1
	}
	return &http.Cookie{Name: districtCookie, Value: id, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}
