package pages

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"citystat/assets"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// htmlType is the content type of every page.
const htmlType = "text/html; charset=utf-8"

// pageCaching lets browsers and proxies keep a page for a minute, and show it once more while they ask for the new one.
const pageCaching = "public, max-age=60, stale-while-revalidate=300"

// ownCaching lets nobody but the reader's own browser keep a page, and that one must ask whether it still holds.
const ownCaching = "private, no-cache"

// langCookie remembers the language that a reader chose. It decides where / leads, and nothing else.
const langCookie = "lang"

// Register adds the routes of all pages to the server: every page in every language for GET and HEAD, the redirect of the front
// page, and redirects from other spellings of a language and from addresses with a slash too many.
func (p *Pages) Register(e *echo.Echo) {
	add := func(path string, h echo.HandlerFunc) { e.Match([]string{http.MethodGet, http.MethodHead}, path, h) }
	add("/", p.front)
	for _, lang := range kpi.Langs {
		root := "/" + i18n.Segment(lang)
		add(root, func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, root+"/") })
		for _, page := range p.pages {
			if page.Role == Everyone {
				add(root+page.Path, p.handler(page, lang))
				if page.Post != nil {
					e.POST(root+page.Path, p.postHandler(page, lang), sameOrigin)
				}
			}
		}
		add(root+"/*", unslash)
	}
	p.registerFiles(e)
	add("/:lang", respell)
	add("/:lang/*", respell)
}

// handler answers one page in one language.
func (p *Pages) handler(page Page, lang kpi.Lang) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, err := p.request(c.Request().Context(), lang)
		if err != nil {
			return err
		}
		suffix, query := canonical(page, c)
		if other := offered(r.City); !slices.Contains(other, lang) {
			return c.Redirect(http.StatusFound, "/"+i18n.Segment(other[0])+suffix)
		}
		r.Query, r.Params, r.Staff, r.District = query, params(c), isStaff(c), chosenDistrict(c, r.City, r.day())
		if page.Fresh {
			return p.fresh(c, page, r, suffix)
		}
		out, err := p.page(c.Request().Context(), page, r, suffix)
		if err != nil {
			return err
		}
		caching := pageCaching
		if r.Staff || r.District != nil {
			caching = ownCaching // it has a way to the staff pages, or shows the reader's own district
		}
		h := c.Response().Header()
		h.Set(echo.HeaderCacheControl, caching)
		h.Add(echo.HeaderVary, echo.HeaderCookie)
		if links := p.alternates(c.Request(), r, suffix); links != "" {
			h.Set("Link", links)
		}
		send(c, out)
		return nil
	}
}

// fresh answers a page that is one reader's own. Nobody keeps it.
func (p *Pages) fresh(c echo.Context, page Page, r *Request, suffix string) error {
	r.now = p.opts.Now()
	content, err := page.Load(c.Request().Context(), r)
	if err != nil {
		return err
	}
	v := p.view(r, page.Name, suffix, content)
	v.NoIndex = v.NoIndex || page.Bare
	body, err := p.render(v)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, staffCaching)
	h.Set(echo.HeaderContentType, htmlType)
	if links := p.alternates(c.Request(), r, suffix); links != "" && !page.Bare {
		h.Set("Link", links)
	}
	assets.Write(c.Response(), c.Request(), assets.Body{Plain: body})
	return nil
}

// page returns a page from the cache, or renders it once for all who ask for it at the same time.
func (p *Pages) page(ctx context.Context, page Page, r *Request, suffix string) (*rendered, error) {
	key := cacheKey(r, suffix)
	if out := p.cache.get(key); out != nil {
		return out, nil
	}
	// Whoever asks first renders for the others: their going away must not break the page.
	v, err, _ := p.flight.Do(key, func() (any, error) {
		content, err := page.Load(context.WithoutCancel(ctx), r)
		if err != nil {
			return nil, err
		}
		body, err := p.render(p.view(r, page.Name, suffix, content))
		if err != nil {
			return nil, err
		}
		out := newRendered(body)
		p.cache.put(key, out)
		return out, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*rendered), nil
}

// cacheKey names everything that a page depends on: the publication, both clocks, the day, the answers to feedback, the language, the reader's
// district, the address.
func cacheKey(r *Request, suffix string) string {
	district := ""
	if r.District != nil {
		district = r.District.ID
	}
	return fmt.Sprintf("%d|%d|%d|%s|%s|%d|%s|%t|%s|%s", r.Card.Number, r.Card.Version, r.Card.Folder, r.Card.AsOf, r.Today, r.answered, r.Lang, r.Staff, district, suffix)
}

// request makes the request for the newest publication.
func (p *Pages) request(ctx context.Context, lang kpi.Lang) (*Request, error) {
	card, err := p.opts.Published(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the publication: %w", err)
	}
	if card == nil || card.City == nil {
		return nil, kpi.Errorf(kpi.CodeUnready, "nothing has been published yet")
	}
	cal, err := p.calendar(card)
	if err != nil {
		return nil, err
	}
	r := &Request{
		P: p.opts.Bundle.Printer(lang, card.City.Formats[lang]), Lang: lang, Card: card, City: card.City,
		Cal: cal, Today: kpi.DateOf(p.opts.Now().In(cal.Location)), examples: onlyExamples(card),
		feedback: p.opts.Feedback, box: p.box, api: p.opts.API,
	}
	if r.feedback != nil {
		r.answered = r.feedback.AnswersVersion() // before anything is read: what is newer is under the next number too
	}
	return r, nil
}

// canonical returns the address of the request below the language, with the query parameters that the page knows and nothing else,
// in one order. So nobody can fill the cache with addresses that mean the same.
func canonical(page Page, c echo.Context) (suffix string, known url.Values) {
	known = url.Values{}
	asked := c.QueryParams()
	for _, name := range page.Query {
		if v := strings.TrimSpace(asked.Get(name)); v != "" && len(v) <= 200 {
			known.Set(name, v)
		}
	}
	suffix = page.Path
	for _, name := range c.ParamNames() {
		suffix = strings.Replace(suffix, ":"+name, url.PathEscape(c.Param(name)), 1)
	}
	if len(known) > 0 {
		suffix += "?" + known.Encode()
	}
	return suffix, known
}

func params(c echo.Context) map[string]string {
	m := make(map[string]string, len(c.ParamNames()))
	for _, name := range c.ParamNames() {
		m[name] = c.Param(name)
	}
	return m
}

// send writes a rendered page.
func send(c echo.Context, out *rendered) {
	c.Response().Header().Set(echo.HeaderContentType, htmlType)
	assets.Write(c.Response(), c.Request(), assets.Body{Plain: out.body, Gzip: out.zipped, ETag: out.etag})
}

// front leads to the scorecard in the reader's language: the one chosen before, or the best of those that the browser asks for.
func (p *Pages) front(c echo.Context) error {
	h := c.Response().Header()
	h.Add(echo.HeaderVary, "Accept-Language, Cookie")
	h.Set(echo.HeaderCacheControl, "no-cache")
	card, err := p.opts.Published(c.Request().Context())
	if err != nil {
		card = nil // the page that it leads to says what is wrong
	}
	return c.Redirect(http.StatusFound, "/"+i18n.Segment(preferred(c, card))+"/")
}

// preferred returns the language that suits the reader best among those of the city.
func preferred(c echo.Context, card *scorecard.Scorecard) kpi.Lang {
	if card == nil {
		return suits(c, nil)
	}
	return suits(c, card.City)
}

// suits is preferred for a city that need not be published; all languages are its own if it is nil.
func suits(c echo.Context, city *kpi.City) kpi.Lang {
	langs := offered(city)
	if cookie, err := c.Cookie(langCookie); err == nil {
		if lang, _, ok := i18n.FromSegment(cookie.Value); ok && slices.Contains(langs, lang) {
			return lang
		}
	}
	return i18n.Match(c.Request().Header.Get("Accept-Language"), langs)
}

// respell redirects from another spelling of a language (ES, pt, pt-BR, fr-CA) to ours.
func respell(c echo.Context) error {
	path := c.Request().URL.EscapedPath()
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	lang, canonical, ok := i18n.FromSegment(first)
	if !ok || canonical {
		return echo.ErrNotFound
	}
	return c.Redirect(http.StatusMovedPermanently, withQuery("/"+i18n.Segment(lang)+"/"+rest, c))
}

// unslash redirects from an address that ends in a slash to the same without it. Anything else is no page.
func unslash(c echo.Context) error {
	path := c.Request().URL.EscapedPath()
	bare := strings.TrimRight(path, "/")
	if bare == path || strings.HasPrefix(bare, "//") {
		return echo.ErrNotFound
	}
	return c.Redirect(http.StatusMovedPermanently, withQuery(bare, c))
}

func withQuery(path string, c echo.Context) string {
	if q := c.Request().URL.RawQuery; q != "" {
		return path + "?" + q
	}
	return path
}

// calendar returns the city's calendar. Reading a time zone reads a file, so it is read once for each publication.
func (p *Pages) calendar(card *scorecard.Scorecard) (kpi.Calendar, error) {
	if known := p.clock.Load(); known != nil && known.card == card {
		return known.cal, nil
	}
	cal, err := card.City.Calendar()
	if err == nil {
		p.clock.Store(&clock{card, cal})
	}
	return cal, err
}

type clock struct {
	card *scorecard.Scorecard
	cal  kpi.Calendar
}
