package pages

import (
	"bytes"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"citystat/kpi"
)

// staffDeliveries is the calendar of what the runs of a dataset brought until today; nil where nothing is known.
func (r *Request) staffDeliveries(ds *kpi.Dataset, rep *kpi.DatasetReport) (*figure, error) {
	f := r.deliveries(ds, rep.State, r.Today)
	if f == nil {
		return nil, nil
	}
	drawn, err := newFigure(f, "cells", staffDataPath+"/"+url.PathEscape(ds.ID)+"/deliveries.csv", true)
	return &drawn, err
}

// staffDeliveriesFile sends the numbers of that calendar.
func (p *Pages) staffDeliveriesFile(c echo.Context) error {
	r, err := p.staffRequest(c)
	if err != nil {
		return err
	}
	ds := r.City.Dataset(c.Param("dataset"))
	if ds == nil {
		return kpi.Errorf(kpi.CodeNotFound, "there is no dataset %q", c.Param("dataset"))
	}
	reports, err := r.staff.Datasets(c.Request().Context())
	if err != nil {
		return err
	}
	table, err := single(r.deliveries(ds, reportOf(reports, ds.ID).State, r.Today), "calendar of deliveries", "dataset", ds.ID)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := table.WriteCSV(&b); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, `attachment; filename="deliveries-`+ds.ID+`.csv"`)
	h.Set(echo.HeaderCacheControl, staffCaching)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8; header=present", b.Bytes())
}
