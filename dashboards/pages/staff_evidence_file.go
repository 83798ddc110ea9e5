package pages

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"citystat/kpi"
	"citystat/kpi/evidence"
)

// evidencePolicy is for a picture that is opened by itself: nothing in it runs, and nothing is fetched.
const evidencePolicy = "default-src 'none'; sandbox"

// evidenceFile sends a file of evidence to the staff: a picture to be seen, all else to be saved. Nobody keeps it on the way.
func (p *Pages) evidenceFile(c echo.Context) error {
	number := func(name string) int64 {
		n, err := strconv.ParseInt(c.Param(name), 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != c.Param(name) {
			return 0 // there is none of that number
		}
		return n
	}
	if p.opts.Work.Evidence == nil {
		return kpi.Errorf(kpi.CodeNotFound, "nobody keeps evidence here")
	}
	e, body, err := p.opts.Work.Evidence.EvidenceFile(c.Request().Context(), number("number"), number("evidence"))
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", evidencePolicy)
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set(echo.HeaderContentDisposition, evidenceDisposition(&e, e.Type == evidence.JPEG || e.Type == evidence.PNG))
	h.Set(echo.HeaderCacheControl, staffCaching)
	return c.Blob(http.StatusOK, e.Type, body)
}
