package pages

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"citystat/assets"
	"citystat/kpi"
)

// themeFile and logoFile are the names of what a city's folder adds to the assets. Another folder has other files under the same names,
// at other addresses: no page that is open loses what it links to.
const (
	themeFile = "city/theme.css"
	logoFile  = "city/logo"
)

// dress is how the site of a city looks.
type dress struct {
	Style     string // address of the sheet that comes after the site's own; "" if there is none
	Logo      *logo
	Head      string // colour of the browser's own frame
	HeadNight string // the same in the dark
}

// logo is the city's picture in the head of a page.
type logo struct {
	URL           string
	Alt           Words
	Width, Height int
}

// dressed is dress for a page, which is whole without it too.
func (p *Pages) dressed(r *Request) dress {
	d, err := p.dress(r)
	if err != nil {
		p.opts.Logger.Error("the city's theme cannot be shown", "error", err)
	}
	return d
}

// dress makes the city's sheet and logo known to the assets, where they stay as they are, and returns their addresses.
func (p *Pages) dress(r *Request) (dress, error) {
	var d dress
	theme, city := assets.Theme{}, r.City
	if city != nil {
		theme = assets.Theme{Preset: city.Theme.Preset, Light: city.Theme.Light, Dark: city.Theme.Dark}
	}
	tokens, err := theme.Tokens()
	if err != nil {
		return d, err
	}
	d.Head, d.HeadNight = tokens[assets.Light]["band"], tokens[assets.Dark]["band"]
	css, err := theme.CSS()
	if err != nil || city == nil {
		return d, err
	}
	if city.Theme.Logo != nil {
		css += tokens.Plate()
	}
	if css != "" {
		if d.Style, err = p.opts.Assets.Put(themeFile, []byte(css)); err != nil {
			return d, err
		}
	}
	if picture := city.Theme.Logo; picture != nil {
		d.Logo, err = p.logo(r, picture)
	}
	return d, err
}

// logo makes the picture known. Its size stands on the page, so that nothing moves once it has come.
func (p *Pages) logo(r *Request, picture *kpi.Picture) (*logo, error) {
	name := logoFile + ".svg"
	if picture.Type == "image/png" {
		name = logoFile + ".png"
	}
	url, err := p.opts.Assets.Put(name, picture.Data)
	if err != nil {
		return nil, err
	}
	l := &logo{URL: url, Height: logoHeight}
	width, height := assets.PictureSize(picture.Data)
	l.Width = min(max(int(width*logoHeight/height+0.5), 1), logoWidth)
	if !picture.Alt.IsZero() {
		l.Alt = r.Words(picture.Alt)
	}
	return l, nil
}

// logoHeight and logoWidth bound the logo, in CSS pixels; the style says the same.
const (
	logoHeight = 36
	logoWidth  = 192
)

// Asset answers what a page links to. A server that has just begun may be asked for the city's own files by a page that a browser kept: they
// are made before it says that there are none.
func (p *Pages) Asset(c echo.Context) error {
	if !p.opts.Assets.Has(c.Request().URL.Path) {
		if card, err := p.opts.Published(c.Request().Context()); err == nil && card != nil && card.City != nil {
			p.dressed(&Request{City: card.City, Lang: card.City.Source()})
		}
	}
	p.opts.Assets.ServeHTTP(c.Response(), c.Request())
	return nil
}

// RegisterAssets adds the route of the assets.
func (p *Pages) RegisterAssets(e *echo.Echo) {
	e.Match([]string{http.MethodGet, http.MethodHead}, assets.Prefix+"*", p.Asset)
}
