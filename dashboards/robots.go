package dashboards

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// robots tells programs that read the whole web what they may read: all that the public may, and nothing of the staff's.
func robots(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=3600")
	return c.String(http.StatusOK, "User-agent: *\nDisallow: /staff\nDisallow: /meetings\n")
}
