package pages

import (
	"bytes"
	"encoding/csv"
	"net/http"

	"github.com/labstack/echo/v4"

	"citystat/dashboards/i18n"
)

// commitmentsFile sends the ledger of commitments, behind the filters of its page, as CSV after RFC 4180.
func (p *Pages) commitmentsFile(c echo.Context) error {
	r, err := p.staffRequest(c)
	if err != nil {
		return err
	}
	_, r.Query = canonical(staffCommitmentsPage, c)
	_, found, err := r.foundCommitments(c.Request().Context())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	out.UseCRLF = true
	if err := out.Write(i18n.CommitmentColumns); err != nil {
		return err
	}
	for i := range found {
		if err := out.Write(i18n.CommitmentRecord(&found[i], r.Today, r.emergencies)); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, `attachment; filename="commitments.csv"`)
	h.Set(echo.HeaderCacheControl, staffCaching)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8; header=present", b.Bytes())
}
