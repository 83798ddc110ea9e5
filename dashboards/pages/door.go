package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"citystat/dashboards/auth"
	"citystat/kpi"
	"citystat/kpi/account"
)

// DoorRoot is where the pages lie by which people come in.
const DoorRoot = "/sign-in"

// The addresses at the door.
const (
	linkPath     = DoorRoot + "/link/:secret"
	providerPath = DoorRoot + "/provider"
	backPath     = DoorRoot + "/back"
)

// OutPath is where people sign out.
const OutPath = "/sign-out"

// ProviderReturn is the path to which the city's provider of identities leads people back.
const ProviderReturn = backPath

var (
	signInPage = Page{Name: "sign_in", Path: DoorRoot, Role: AtDoor, Query: []string{"to", "out"}, Load: loadSignIn, Post: postSignIn}
	linkPage   = Page{Name: "sign_in_link", Path: linkPath, Role: AtDoor, Load: loadLink, Post: postLink}
)

// BelowDoor reports whether an address is one of those by which people come in, or end mail, without being known.
func BelowDoor(path string) bool {
	return path == DoorRoot || strings.HasPrefix(path, DoorRoot+"/") || strings.HasPrefix(path, UnsubscribeRoot+"/")
}

// signInData is the page at which people sign in.
type signInData struct {
	formErrors
	Forgotten string // address of the form for those who have forgotten their password; "" where no mail is sent
	Action    string
	To        string // where they are led then
	Email     string
	Provider  string // address of the way through the city's provider; "" if there is none
	Notice    string
}

func loadSignIn(_ context.Context, r *Request) (Content, error) {
	d := signInData{To: ownPath(r.Query.Get("to"))}
	if r.Query.Get("out") != "" {
		d.Notice = r.P.T("people.signed_out")
	}
	return r.signIn(d), nil
}

// signIn is the page with what was sent before, if anything was.
func (r *Request) signIn(d signInData) Content {
	d.Action = DoorRoot
	if r.recovery != nil {
		d.Forgotten = forgottenPath
	}
	if r.door.HasProvider() {
		d.Provider = providerPath + "?" + url.Values{"to": {d.To}}.Encode()
	}
	c := Content{Title: r.P.T("people.sign_in"), Summary: r.P.T("people.sign_in_intro")}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c
}

// ownPath returns an address below the staff's root, where readers may be led after they have signed in; that root for any other.
func ownPath(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !BelowStaff(u.Path) || strings.Contains(u.Path, "//") || strings.Contains(u.Path, "\\") {
		return StaffRoot
	}
	return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
}

func postSignIn(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	d := signInData{To: ownPath(form.Get("to")), Email: strings.TrimSpace(form.Get("email"))}
	err := r.door.SignIn(ctx, d.Email, form.Get("password"), r.From)
	var wait auth.WaitError
	switch {
	case err == nil:
		return Posted{To: d.To}, nil
	case errors.As(err, &wait):
		d.add("email", r.P.T("people.wait", "time", r.P.Span(wait.For)))
		return Posted{Content: r.signIn(d), Status: http.StatusTooManyRequests, After: wait.For}, nil
	case errors.Is(err, auth.ErrWrong):
		d.add("email", r.P.T("people.wrong"))
		return Posted{Content: r.signIn(d)}, nil
	}
	return Posted{}, err
}

// linkData is the page at which somebody sets a password.
type linkData struct {
	formErrors
	Action string
	Email  string
	Name   string
}

func loadLink(ctx context.Context, r *Request) (Content, error) {
	p, err := r.door.LinkOf(ctx, r.Params["secret"])
	if err != nil {
		return Content{}, err
	}
	return r.link(p, linkData{}), nil
}

func (r *Request) link(p account.Person, d linkData) Content {
	d.Action, d.Email, d.Name = LinkPath(r.Params["secret"]), p.Email, p.Name
	c := Content{Title: r.P.T("people.set_password"), Summary: r.P.T("people.set_password_intro")}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c
}

func postLink(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	p, err := r.door.LinkOf(ctx, r.Params["secret"])
	if err != nil {
		return Posted{}, err
	}
	var d linkData
	weak := auth.WeaknessOf(form.Get("password"), p.Email, p.Name)
	switch {
	case weak != "":
		d.add("password", r.P.T("people.weak."+string(weak)))
		return Posted{Content: r.link(p, d)}, nil
	case form.Get("password") != form.Get("again"):
		d.add("again", r.P.T("people.not_the_same"))
		return Posted{Content: r.link(p, d)}, nil
	}
	if _, err := r.door.UseLink(ctx, r.Params["secret"], form.Get("password")); err != nil {
		return Posted{}, err
	}
	return Posted{To: StaffRoot}, nil
}

// LinkPath returns the path of the link with a secret, by which somebody sets a password.
func LinkPath(secret string) string { return DoorRoot + "/link/" + url.PathEscape(secret) }

// RegisterDoor adds the ways in and out. bounded is put around all of them.
func (p *Pages) RegisterDoor(e *echo.Echo, bounded echo.MiddlewareFunc) {
	reads := []string{http.MethodGet, http.MethodHead}
	for _, page := range p.pages {
		if page.Role == AtDoor {
			e.Match(reads, page.Path, p.staffHandler(page), bounded)
			switch {
			case page.Loose:
				e.POST(page.Path, p.staffPostHandler(page), bounded)
			case page.Post != nil:
				e.POST(page.Path, p.staffPostHandler(page), sameOrigin, bounded)
			}
		}
	}
	e.GET(providerPath, p.toProvider, bounded)
	e.GET(backPath, p.fromProvider, bounded)
	e.POST(OutPath, p.signOut, sameOrigin, bounded)
}

// toProvider leads to the city's provider of identities.
func (p *Pages) toProvider(c echo.Context) error {
	to, err := p.opts.Door.Begin(c.Request().Context(), ownPath(c.QueryParam("to")))
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, staffCaching)
	return c.Redirect(http.StatusSeeOther, to)
}

// fromProvider takes whom the provider sends back. What it says of a failure is its own, and is not repeated.
func (p *Pages) fromProvider(c echo.Context) error {
	q := c.QueryParams()
	to, err := p.opts.Door.Finish(c.Request().Context(), q.Get("state"), q.Get("code"))
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, staffCaching)
	return c.Redirect(http.StatusSeeOther, ownPath(to))
}

func (p *Pages) signOut(c echo.Context) error {
	if err := p.opts.Door.SignOut(c.Request().Context()); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, staffCaching)
	return c.Redirect(http.StatusSeeOther, DoorRoot+"?out=1")
}

// guard lets those to a staff page who may see it, of the department that it is about. Whoever is not known is led to the door, and comes back then.
func guard(needs account.Action, of func(echo.Context) (string, error)) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			p := personOf(c)
			if p == nil {
				return toDoor(c)
			}
			department := ""
			if of != nil {
				var err error
				if department, err = of(c); err != nil {
					return err
				}
			}
			if !p.May(needs, department) && (of != nil || !p.MayAnywhere(needs)) {
				return kpi.Errorf(kpi.CodeDenied, "your roles do not let you do this; an administrator gives roles")
			}
			return next(c)
		}
	}
}

func toDoor(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, staffCaching)
	to := DoorRoot
	if m := c.Request().Method; m == http.MethodGet || m == http.MethodHead {
		to += "?" + url.Values{"to": {c.Request().URL.RequestURI()}}.Encode()
	}
	return c.Redirect(http.StatusSeeOther, to)
}
