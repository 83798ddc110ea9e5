package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"citystat/assets"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
)

// staffDataPath is the address of the staff page about the data; all about a dataset lies below it.
const staffDataPath = StaffRoot + "/data"

// StaffRoot is where all staff pages lie.
const StaffRoot = "/staff"

// MeetingsRoot is where the pages of stat meetings lie; they are the staff's too.
const MeetingsRoot = "/meetings"

// BelowStaff reports whether an address is one of the staff's.
func BelowStaff(path string) bool {
	return below(StaffRoot, path) || below(MeetingsRoot, path)
}

// below reports whether a path is a root, or lies below it.
func below(root, path string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// staffCaching keeps what is not public out of every cache.
const staffCaching = "private, no-store"

// staffKey is where a context says that its reader may see staff pages.
const staffKey = "staff"

// MarkStaff notes who asks, if it is somebody who may see staff pages. It is the server's to know.
func MarkStaff(c echo.Context, p *account.Person) {
	if p.MayAnywhere(account.SeeStaff) {
		c.Set(staffKey, p)
	}
}

// Everybody is whoever sits at this machine and has shown its key, as long as nobody can sign in: it may do everything, and has no name.
func Everybody() *account.Person {
	p := &account.Person{Name: "this machine"}
	for _, r := range account.Roles {
		if !r.OfDepartment() {
			p.Grants = append(p.Grants, account.Grant{Role: r})
		}
	}
	return p
}

// personOf returns who asks, nil if it is nobody who may see staff pages.
func personOf(c echo.Context) *account.Person { p, _ := c.Get(staffKey).(*account.Person); return p }

func isStaff(c echo.Context) bool { return personOf(c) != nil }

// RegisterStaff adds the staff pages and what belongs to them. Each is for those alone who have the right to it (package account), as the server
// knows them; see [MarkStaff]. bounded is put around everything that must end soon: all but the live progress and the download.
//
// Somebody else's page may make a browser ask for these addresses. It cannot read the answer (no answer allows it to), and it cannot
// set anything off: a POST must come from a page of this very origin, which the browser itself says (Sec-Fetch-Site, Origin).
func (p *Pages) RegisterStaff(e *echo.Echo, bounded echo.MiddlewareFunc) {
	reads := []string{http.MethodGet, http.MethodHead}
	see := guard(account.SeeStaff, nil)
	e.Match(reads, StaffRoot, toStaff, bounded, see)
	e.Match(reads, StaffRoot+"/", toStaff, bounded, see)
	for _, page := range p.pages {
		if page.Role != StaffOnly {
			continue
		}
		of := p.departmentOf(page.Path)
		e.Match(reads, page.Path, p.staffHandler(page), bounded, guard(page.Needs, of))
		if page.Post != nil {
			e.POST(page.Path, p.staffPostHandler(page), sameOrigin, bounded, guard(page.Sends, of))
		}
	}
	dataset := staffDataPath + "/:dataset"
	of := p.departmentOf(dataset)
	e.Match(reads, staffDataPath+"/events", p.events, sameOrigin, see)
	e.Match(reads, dataset+"/rejects.csv", p.rejectsFile, guard(account.SeeRejects, of))
	e.Match(reads, staffFeedbackPath+".csv", p.feedbackFile, guard(account.SeeFeedback, nil))
	e.Match(reads, staffCommitmentsPath+".csv", p.commitmentsFile, bounded, see)
	e.Match(reads, staffCommitmentsPath+"/:number/evidence/:evidence", p.evidenceFile, bounded, see)
	e.Match(reads, dataset+"/deliveries.csv", p.staffDeliveriesFile, bounded, see)
	p.registerInvitations(e, bounded, see)
	e.Match(reads, staffDecisionsPath+".patch", p.decisionsPatch, bounded, see)
	e.Match(reads, meetingPath+slidesBelow, toFirstSlide, bounded, see)
	e.Match(reads, meetingPath+eventsBelow, p.meetingEvents, sameOrigin, see)
	cases := StaffRoot + "/indicators/:id/cases.csv"
	e.Match(reads, cases, p.staffCasesFile, bounded, guard(account.SeeCases, p.departmentOf(cases)))
	e.Match(reads, StaffRoot+"/departments/:id/board.csv", p.staffBoardFile, bounded, see)
	e.Match(reads, meetingPath+memoBelow+".csv", p.memoFile, bounded, see)
	e.POST(dataset+"/load", p.askForLoad, sameOrigin, bounded, guard(account.RunLoad, of))
}

// departmentOf returns what says which department an address below a route is about; nil if the route is about none. A dataset without a department
// is the whole city's.
func (p *Pages) departmentOf(route string) func(echo.Context) (string, error) {
	var of func(*kpi.City, echo.Context) string
	switch {
	case strings.HasPrefix(route, staffDataPath+"/:dataset"):
		of = func(city *kpi.City, c echo.Context) string { return departmentOfDataset(city, c.Param("dataset")) }
	case strings.HasPrefix(route, StaffRoot+"/indicators/:id/"):
		of = func(city *kpi.City, c echo.Context) string { return departmentOfIndicator(city, c.Param("id")) }
	case strings.HasPrefix(route, StaffRoot+"/departments/:id"):
		of = func(_ *kpi.City, c echo.Context) string { return c.Param("id") }
	default:
		return nil
	}
	return func(c echo.Context) (string, error) {
		city, err := p.opts.Staff.City(c.Request().Context())
		if err != nil || city == nil {
			return "", err
		}
		return of(city, c), nil
	}
}

// departmentOfIndicator returns the department that answers for an indicator; "" if there is no such indicator.
func departmentOfIndicator(city *kpi.City, id string) string {
	if i := city.Indicator(id); i != nil {
		return i.Department
	}
	return ""
}

// departmentOfDataset returns the department that answers for the delivery of a dataset; "" if none does, or if there is no such dataset.
func departmentOfDataset(city *kpi.City, id string) string {
	if d := city.Dataset(id); d != nil {
		return d.Department
	}
	return ""
}

func toStaff(c echo.Context) error { return c.Redirect(http.StatusFound, staffWorkPath) }

// sameOrigin refuses what a page of another origin asks for. Programs that are no browsers say nothing of an origin, and are let through.
func sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	guard := http.NewCrossOriginProtection()
	return func(c echo.Context) error {
		req := c.Request()
		site := req.Header.Get("Sec-Fetch-Site")
		if err := guard.Check(req); err != nil || (site != "" && site != "same-origin" && site != "none") {
			return &kpi.Error{Code: kpi.CodeDenied, Message: "the page of another site asked for this", Err: err}
		}
		return next(c)
	}
}

// staffHandler answers one staff page.
func (p *Pages) staffHandler(page Page) echo.HandlerFunc {
	return func(c echo.Context) error {
		if chooseLanguage(c) {
			return nil
		}
		r, err := p.staffRequest(c)
		if err != nil {
			return err
		}
		suffix, query := canonical(page, c)
		r.Query, r.Params = query, params(c)
		content, err := page.Load(c.Request().Context(), r)
		if err != nil {
			return err
		}
		body, err := p.render(p.view(r, page.Name, suffix, content))
		if err != nil {
			return err
		}
		h := c.Response().Header()
		h.Set(echo.HeaderCacheControl, staffCaching)
		h.Set(echo.HeaderContentType, htmlType)
		assets.Write(c.Response(), c.Request(), assets.Body{Plain: body})
		return nil
	}
}

// staffPostHandler answers a form that was sent to a staff page's address.
func (p *Pages) staffPostHandler(page Page) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, err := p.staffRequest(c)
		if err != nil {
			return err
		}
		form, file, err := sentForm(c, page.Files || page.Loose)
		if err != nil {
			return err
		}
		r.sent = file
		suffix, query := canonical(page, c)
		r.Query, r.Params = query, params(c)
		return p.post(c, page, r, suffix, form)
	}
}

// staffRequest makes the request for a staff page.
func (p *Pages) staffRequest(c echo.Context) (*Request, error) {
	ctx := c.Request().Context()
	city, err := p.opts.Staff.City(ctx)
	if err != nil {
		return nil, err
	}
	if city == nil {
		return nil, kpi.Errorf(kpi.CodeUnready, "the folder of the city has not been read yet")
	}
	cal, err := city.Calendar()
	if err != nil {
		return nil, err
	}
	card, err := p.opts.Published(ctx)
	if err != nil && kpi.ErrorCode(err) != kpi.CodeUnready && kpi.ErrorCode(err) != kpi.CodeNotFound {
		return nil, err
	}
	if card != nil && card.City == nil {
		card = nil
	}
	who := personOf(c)
	holders, err := readHolders(ctx, p.opts.Work.Posts, p.opts.Directory)
	if err != nil {
		return nil, err
	}
	emergencies, err := readEmergencies(ctx, p.opts.Work.Emergencies)
	if err != nil {
		return nil, err
	}
	lang := suits(c, city)
	now := city.Clock(p.opts.Now(), cal.Location)
	return &Request{
		P: p.opts.Bundle.Printer(lang, city.Formats[lang]), Lang: lang, Card: card, City: city, Cal: cal,
		Today: kpi.DateOf(now.In(cal.Location)), Staff: who != nil, Person: who, staff: p.opts.Staff, now: now, log: p.opts.Logger,
		desk: p.opts.Desk, feedback: p.opts.Feedback, door: p.opts.Door, mail: p.opts.Mail, recovery: p.opts.Recovery, directory: p.opts.Directory, trail: p.opts.Trail, site: p.opts.Site,
		work: p.opts.Work, demo: p.opts.Demo, holders: holders, emergencies: emergencies, From: c.RealIP(),
	}, nil
}

// chooseLanguage keeps the language that a reader chose, and leads to the same address without the choice. It reports whether it did.
func chooseLanguage(c echo.Context) bool {
	lang, _, ok := i18n.FromSegment(c.QueryParam("lang"))
	if !ok {
		return false
	}
	c.SetCookie(&http.Cookie{
		Name: langCookie, Value: i18n.Segment(lang), Path: "/", MaxAge: 365 * 24 * 60 * 60, SameSite: http.SameSiteLaxMode,
	})
	q := c.QueryParams()
	q.Del("lang")
	to := "/" + strings.TrimLeft(c.Request().URL.EscapedPath(), "/")
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	c.Response().Header().Set(echo.HeaderLocation, to)
	c.Response().Header().Set(echo.HeaderCacheControl, staffCaching)
	c.Response().WriteHeader(http.StatusSeeOther)
	return true
}

// staffLanguages returns links to the same staff page in the languages that the city offers.
func staffLanguages(r *Request, suffix string) []langLink {
	path, query, _ := strings.Cut(suffix, "?")
	var links []langLink
	for _, l := range offered(r.City) {
		q, err := url.ParseQuery(query)
		if err != nil {
			q = url.Values{}
		}
		q.Del("asked") // what was said once need not be said again
		q.Del("busy")
		q.Del("done")
		q.Del("ended")
		q.Set("lang", i18n.Segment(l))
		links = append(links, langLink{URL: path + "?" + q.Encode(), Lang: l, Name: i18n.OwnName(l), Current: l == r.Lang})
	}
	return links
}

// askForLoad sets off a run of a dataset, and leads back to the page, which says what came of it.
func (p *Pages) askForLoad(c echo.Context) error {
	dataset := c.Param("dataset")
	said := "asked"
	var known *kpi.Error
	switch err := p.opts.Staff.Run(c.Request().Context(), dataset); {
	case errors.As(err, &known) && known.Code == kpi.CodeConflict:
		said = "busy"
	case err != nil:
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, staffCaching)
	id := url.QueryEscape(dataset)
	return c.Redirect(http.StatusSeeOther, staffDataPath+"?"+said+"="+id+"#dataset-"+id)
}
