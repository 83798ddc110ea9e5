// Package api answers programs: the list of indicators, each indicator with all its observations and where they come from, and the
// same as files to download. It reads the published scorecard and nothing else, so what is not published cannot leave through it;
// an indicator that is not published and one that does not exist get the same answer, byte for byte.
//
//	GET /api/v1/indicators        all indicators with status, value and target; how each priority stands
//	GET /api/v1/indicators/{id}   one indicator: observations, assessment with its reasons, groups, changes, provenance; ?period= ?dimension= ?member=
//	GET /api/v1/changes           what was changed of targets, measures and owners, by whom and why; ?indicator=
//	GET /api/v1/evaluations       the city's questions about what it did
//	GET /api/v1/evaluations/{id}  one of them: effects and both series
//	GET /api/v1/districts         all districts, and how each stands to the rest of the city
//	GET /api/v1/districts/{id}    one of them: every indicator there, beside the whole city
//	GET /indicators/{id}.json     the indicator's document, without filters
//	GET /indicators/{id}.csv      its observations as a table; .xlsx and .parquet the same with numbers as numbers
//	GET /indicators/{id}.svg      its course as a drawing, in the city's own language
//
// Codes and numbers are the same for everybody. With ?lang= (en, es, pt-BR or fr) the documents of one indicator, of changes, of
// evaluations and of districts say in words what their numbers mean, as the pages do.
//
// Everything is open: any site may read it (CORS), without credentials. Documents carry an entity tag and may be kept as long as they
// are asked for again with it.
package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/labstack/echo/v4"

	"citystat/assets"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Prefix begins the addresses of the API's first version.
const Prefix = "/api/v1"

// Published returns the scorecard that the public sees; nil if there is none yet.
type Published func(context.Context) (*scorecard.Scorecard, error)

// API answers requests for the published numbers. It keeps each document of the scorecard that it was last asked for.
type API struct {
	published Published
	bundle    *i18n.Bundle
	draw      Draw
	cache     atomic.Pointer[cache]
}

// Draw returns the drawing of an indicator's course as an SVG document that stands by itself.
type Draw func(*i18n.Printer, *scorecard.Result) []byte

// cache holds the documents of one scorecard. It is dropped as a whole when another scorecard is published.
type cache struct {
	card  *scorecard.Scorecard
	docs  sync.Map // address → assets.Body
	bytes atomic.Int64
}

// cacheLimit bounds the uncompressed bytes that are kept. What comes after is made anew for each request.
const cacheLimit = 64 << 20

// New returns an API that reads the scorecards that published gives, and writes their sentences with the words of a bundle. Without draw there
// are no drawings.
func New(published Published, bundle *i18n.Bundle, draw Draw) *API {
	return &API{published: published, bundle: bundle, draw: draw}
}

// Endpoint is an address that programs can ask for.
type Endpoint struct {
	Name  string   // of what it gives
	Path  string   // with {id} and the like in place of what varies
	Query []string // parameters that it knows

	route  string // as the server knows it; "" if it is the path with :id for {id}
	handle func(*API) echo.HandlerFunc
}

// endpoints are all addresses of the API, in the order in which people are told of them.
var endpoints = []Endpoint{
	{Name: "list", Path: Prefix + "/indicators", handle: func(a *API) echo.HandlerFunc { return a.list }},
	{Name: "indicator", Path: Prefix + "/indicators/{id}", Query: []string{"period", "dimension", "member", "lang"}, handle: func(a *API) echo.HandlerFunc { return a.indicator }},
	{Name: "file", Path: "/indicators/{id}.{ext}", route: "/indicators/:file", handle: func(a *API) echo.HandlerFunc { return a.file }},
	{Name: "districts", Path: Prefix + "/districts", Query: []string{"lang"}, handle: func(a *API) echo.HandlerFunc { return a.districts }},
	{Name: "district", Path: Prefix + "/districts/{id}", Query: []string{"lang"}, handle: func(a *API) echo.HandlerFunc { return a.district }},
	{Name: "changes", Path: Prefix + "/changes", Query: []string{"indicator", "lang"}, handle: func(a *API) echo.HandlerFunc { return a.changes }},
	{Name: "evaluations", Path: Prefix + "/evaluations", Query: []string{"lang"}, handle: func(a *API) echo.HandlerFunc { return a.evaluations }},
	{Name: "evaluation", Path: Prefix + "/evaluations/{id}", Query: []string{"lang"}, handle: func(a *API) echo.HandlerFunc { return a.evaluation }},
}

// Endpoints returns all addresses that programs can ask for. The files of an indicator stand for themselves, one for each kind.
func (a *API) Endpoints() []Endpoint {
	var list []Endpoint
	for _, e := range endpoints {
		if e.Name != "file" {
			list = append(list, e)
			continue
		}
		for _, ext := range slices.Sorted(maps.Keys(a.forms())) {
			f := e
			f.Path = strings.Replace(e.Path, "{ext}", ext, 1)
			list = append(list, f)
		}
	}
	return list
}

// Register adds the API's routes.
func (a *API) Register(e *echo.Echo) {
	for _, p := range endpoints {
		route := p.route
		if route == "" {
			route = strings.ReplaceAll(p.Path, "{id}", ":id")
		}
		e.Match([]string{http.MethodGet, http.MethodHead}, route, p.handle(a))
		e.OPTIONS(route, preflight)
	}
}

// allow lets programs on other sites read the answer. There are no credentials that they could borrow.
func allow(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

func preflight(c echo.Context) error {
	h := c.Response().Header()
	allow(h)
	h.Set("Allow", "GET, HEAD, OPTIONS")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD")
	h.Set("Access-Control-Allow-Headers", "If-None-Match")
	h.Set("Access-Control-Max-Age", "86400")
	return c.NoContent(http.StatusNoContent)
}

func (a *API) list(c echo.Context) error {
	card, err := a.card(c)
	if err != nil {
		return err
	}
	return a.sendKept(c, card, "list", func() any { return NewList(card) })
}

func (a *API) indicator(c echo.Context) error {
	f, err := ParseFilter(c.QueryParams())
	if err != nil {
		return err
	}
	card, r, err := a.result(c, c.Param("id"))
	if err != nil {
		return err
	}
	p, err := a.printer(c, card)
	if err != nil {
		return err
	}
	if f.All() {
		return a.sendJSON(c, card, r, p)
	}
	// A narrowed document is not kept: its addresses are without number.
	b, err := encode(indicatorIn(p, card, r, f))
	if err != nil {
		return err
	}
	return send(c, assets.Body{Plain: b, ETag: tag(card, b)}, "application/json; charset=utf-8")
}

// indicatorIn is the document of an indicator, with what it means in words if there is a printer.
func indicatorIn(p *i18n.Printer, card *scorecard.Scorecard, r *scorecard.Result, f Filter) Indicator {
	d := NewIndicator(card, r, f)
	if p != nil {
		d.Explanation = explanation(p, card, r)
	}
	return d
}

// printer returns the printer of the language that a request asks for, nil if it asks for none.
func (a *API) printer(c echo.Context, card *scorecard.Scorecard) (*i18n.Printer, error) {
	asked := first(c.QueryParams(), "lang")
	if asked == nil {
		return nil, nil
	}
	lang, _, ok := i18n.FromSegment(*asked)
	if !ok {
		return nil, kpi.Errorf(kpi.CodeInvalid, "lang is none of the languages that there are; write en, es, pt-BR or fr")
	}
	return a.bundle.Printer(lang, card.City.Formats[lang]), nil
}

// asked returns what is published, and the printer of the language that is asked for.
func (a *API) asked(c echo.Context) (*scorecard.Scorecard, *i18n.Printer, error) {
	card, err := a.card(c)
	if err != nil {
		return nil, nil, err
	}
	p, err := a.printer(c, card)
	return card, p, err
}

// inLang is the part of a cached document's address that says its language.
func inLang(p *i18n.Printer) string {
	if p == nil {
		return ""
	}
	return "/" + string(p.Lang)
}

func (a *API) changes(c echo.Context) error {
	card, p, err := a.asked(c)
	if err != nil {
		return err
	}
	of := ""
	if id := first(c.QueryParams(), "indicator"); id != nil {
		if !kpi.ValidID(*id) {
			return kpi.Errorf(kpi.CodeInvalid, "indicator is no id; ids are 1 to 64 lower-case letters, digits and hyphens")
		}
		of = *id
	}
	if of != "" { // not kept: each indicator may be asked for in each language
		if r := card.Result(of); r == nil || !r.Indicator.Public {
			return notFound()
		}
		b, err := encode(NewChanges(card, of, p))
		if err != nil {
			return err
		}
		return send(c, assets.Body{Plain: b, ETag: tag(card, b)}, "application/json; charset=utf-8")
	}
	return a.sendKept(c, card, "changes"+inLang(p), func() any { return NewChanges(card, "", p) })
}

func (a *API) evaluations(c echo.Context) error {
	card, p, err := a.asked(c)
	if err != nil {
		return err
	}
	return a.sendKept(c, card, "evaluations"+inLang(p), func() any { return NewEvaluations(card, p) })
}

func (a *API) evaluation(c echo.Context) error {
	card, p, err := a.asked(c)
	if err != nil {
		return err
	}
	for _, e := range evaluations(card) {
		if e.Definition.ID == c.Param("id") {
			return a.sendKept(c, card, "evaluation/"+e.Definition.ID+inLang(p), func() any { return NewEvaluation(card, e, p) })
		}
	}
	return kpi.Errorf(kpi.CodeNotFound, "there is no such evaluation")
}

// file answers /indicators/{id}.{ext}. The extension begins at the last dot; ids have none.
func (a *API) file(c echo.Context) error {
	name := c.Param("file")
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return notFound()
	}
	id, ext := name[:dot], name[dot+1:]
	form, known := a.forms()[ext]
	if !known {
		return notFound()
	}
	card, r, err := a.result(c, id)
	if err != nil {
		return err
	}
	if ext == "json" {
		return a.sendJSON(c, card, r, nil)
	}
	body, err := a.cached(card, ext+"/"+id, func() ([]byte, error) { return form.make(card, r) })
	if err != nil {
		return err
	}
	h := c.Response().Header()
	if form.policy != "" {
		h.Set("Content-Security-Policy", form.policy)
	} else {
		h.Set("Content-Disposition", `attachment; filename="`+id+"."+ext+`"`) // id is a valid id here: letters, digits, hyphens
	}
	return send(c, body, form.kind)
}

func (a *API) sendJSON(c echo.Context, card *scorecard.Scorecard, r *scorecard.Result, p *i18n.Printer) error {
	return a.sendKept(c, card, "json/"+r.Indicator.ID+inLang(p), func() any { return indicatorIn(p, card, r, Filter{}) })
}

// sendKept sends the document of a scorecard at an address, made once.
func (a *API) sendKept(c echo.Context, card *scorecard.Scorecard, address string, doc func() any) error {
	body, err := a.cached(card, address, func() ([]byte, error) { return encode(doc()) })
	if err != nil {
		return err
	}
	return send(c, body, "application/json; charset=utf-8")
}

// result finds a published indicator.
func (a *API) result(c echo.Context, id string) (*scorecard.Scorecard, *scorecard.Result, error) {
	card, err := a.card(c)
	if err != nil {
		return nil, nil, err
	}
	if kpi.ValidID(id) {
		if r := card.Result(id); r != nil && r.Indicator.Public {
			return card, r, nil
		}
	}
	return nil, nil, notFound()
}

func (a *API) card(c echo.Context) (*scorecard.Scorecard, error) {
	allow(c.Response().Header()) // errors too are for everybody to read
	card, err := a.published(c.Request().Context())
	if err != nil {
		return nil, err
	}
	if card == nil {
		return nil, kpi.Errorf(kpi.CodeUnready, "nothing is published yet; try again in a minute")
	}
	return card, nil
}

func notFound() error { return kpi.Errorf(kpi.CodeNotFound, "there is no such indicator") }

// cached returns the document of a scorecard at an address, made once.
func (a *API) cached(card *scorecard.Scorecard, address string, write func() ([]byte, error)) (assets.Body, error) {
	c := a.cache.Load()
	if c == nil || c.card != card {
		c = &cache{card: card}
		a.cache.Store(c)
	}
	if body, ok := c.docs.Load(address); ok {
		return body.(assets.Body), nil
	}
	b, err := write()
	if err != nil {
		return assets.Body{}, err
	}
	body := assets.Body{Plain: b, Gzip: sync.OnceValue(func() []byte { return assets.Gzip(b) }), ETag: tag(card, b)}
	if c.bytes.Add(int64(len(b))) <= cacheLimit {
		c.docs.Store(address, body)
	}
	return body, nil
}

// tag is the entity tag of a document: its publication and its bytes.
func tag(card *scorecard.Scorecard, body []byte) string {
	sum := sha256.Sum256(body)
	return fmt.Sprintf(`"%d-%s"`, card.Number, hex.EncodeToString(sum[:12]))
}

func send(c echo.Context, body assets.Body, kind string) error {
	h := c.Response().Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, no-cache") // keep it, but ask each time whether it is still the one
	assets.Write(c.Response(), c.Request(), body)
	return nil
}

// encode writes a document as JSON that can stand in any page: <, > and & are escaped. A value that is no number is an error.
func encode(doc any) ([]byte, error) {
	b, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write the document as JSON: %w", err)
	}
	return append(b, '\n'), nil
}
