package connector

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"citystat/kpi"
)

// CKAN reads a resource of a CKAN portal: from its datastore, or, where the source declares the format of a file, the file behind the
// resource. Datastore rows come in the order of _id; the portal's own limit on the size of a page is followed, whatever was asked for; rows
// are counted before and after. An answer that says success: false is a failure, whatever its HTTP status.
//
// Documented at docs.ckan.org (API guide, datastore_search, resource_show).
type CKAN struct{}

// ckanPage is the number of rows that are asked for; a portal that allows fewer says so in its answer.
const ckanPage = 32_000

// Read fetches the rows.
func (CKAN) Read(ctx context.Context, req Request) (Result, error) {
	p, err := openPortal(req)
	if err != nil {
		return Result{}, err
	}
	src := &req.Dataset.Source
	p.name += " resource " + src.Resource
	if err := p.token("Authorization", ""); err != nil {
		return Result{}, err
	}
	c := ckan{p}
	if src.Format != "" {
		return c.file(ctx)
	}
	return p.attempts(ctx, c.read)
}

type ckan struct{ *portal }

// ckanAnswer is the frame of every answer.
type ckanAnswer struct {
	Success *bool           `json:"success"`
	Result  json.RawMessage `json:"result"`
	Error   struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	} `json:"error"`
}

// call asks for an action.
func (c ckan) call(ctx context.Context, action string, into any, pairs ...string) error {
	var a ckanAnswer
	if err := c.get(ctx, query(c.base+"/api/3/action/"+action, pairs...), &a); err != nil {
		return err
	}
	switch {
	case a.Success == nil:
		return kpi.Errorf(kpi.CodeInvalid, "%s: the answer to %s is not that of a CKAN portal; source url is the address of the portal's front page", c.name, action)
	case !*a.Success:
		return kpi.Errorf(kpi.CodeInvalid, "%s refuses %s: %s", c.name, action, c.req.Network.excerptText(a.Error.Type+" "+a.Error.Message))
	}
	var said *failure
	if err := json.Unmarshal(a.Result, into); errors.As(err, &said) {
		return c.req.Network.conclude(c.name, 1, said)
	} else if err != nil {
		return kpi.Errorf(kpi.CodeInvalid, "%s: the answer to %s is not what the API's guide says", c.name, action)
	}
	return nil
}

// file reads the file of the resource.
func (c ckan) file(ctx context.Context) (Result, error) {
	var resource struct {
		URL string `json:"url"`
	}
	if err := c.call(ctx, "resource_show", &resource, "id", c.req.Dataset.Source.Resource); err != nil {
		return Result{}, err
	}
	form, ok := fileForms()[c.req.Dataset.Source.Format]
	if !ok {
		return Result{}, kpi.Errorf(kpi.CodeInvalid, "dataset %s: format %q is no kind of file", c.req.Dataset.ID, c.req.Dataset.Source.Format)
	}
	if u, err := url.Parse(resource.URL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return Result{}, kpi.Errorf(kpi.CodeInvalid, "%s keeps no file at an address of https://; fetch it from where it lies, with kind: %s", c.name, c.req.Dataset.Source.Format)
	}
	ds := *c.req.Dataset
	ds.Source.Kind, ds.Source.URL, ds.Source.Format = ds.Source.Format, resource.URL, ""
	if !sameServer(resource.URL, c.base) { // what opens the portal is not for whoever keeps its files
		ds.Source.Token, ds.Source.Headers, ds.Source.User, ds.Source.Password = "", nil, "", ""
	}
	req := c.req
	req.Dataset = &ds
	return form.Read(ctx, req)
}

// ckanRows is the answer of datastore_search.
type ckanRows struct {
	Fields []struct {
		ID string `json:"id"`
	} `json:"fields"`
	Records page[json.RawMessage] `json:"records"`
	Total   int64                 `json:"total"`
}

func (c ckan) search(ctx context.Context, fields []string, offset int64, limit int) (ckanRows, error) {
	src := &c.req.Dataset.Source
	var rows ckanRows
	err := c.call(ctx, "datastore_search", &rows, "resource_id", src.Resource, "limit", digits(limit), "offset", digits(offset),
		"sort", "_id asc", "filters", src.Filter, "fields", strings.Join(fields, ","), "include_total", "true")
	return rows, err
}

func (c ckan) read(ctx context.Context) (File, error) {
	about, err := c.search(ctx, nil, 0, 0)
	if err != nil {
		return File{}, err
	}
	c.total = about.Total
	var has []string
	for _, f := range about.Fields {
		has = append(has, f.ID)
	}
	out, err := c.columns(ctx, has)
	if err != nil {
		return File{}, err
	}
	if err := c.pages(ctx, unique(append([]string{"_id"}, c.wanted(has)...)), out); err != nil {
		return File{}, errors.Join(err, out.discard())
	}
	out.forget("_id", "_full_text")
	return out.finish(false)
}

func (c ckan) pages(ctx context.Context, fields []string, out *objectRows) error {
	for offset := int64(0); offset < c.total; {
		page, err := c.search(ctx, fields, offset, ckanPage)
		if err != nil {
			return err
		}
		if len(page.Records) == 0 || page.Total != c.total {
			return errMoved
		}
		offset += int64(len(page.Records)) // fewer than were asked for, where the portal has a lower limit
		for _, raw := range page.Records {
			var own struct {
				ID json.Number `json:"_id"`
			}
			if err := json.Unmarshal(raw, &own); err != nil || own.ID == "" {
				return kpi.Errorf(kpi.CodeInvalid, "%s: row %d has no _id, by which pages are ordered", c.name, c.line+1)
			}
			if !c.first(own.ID.String()) {
				continue
			}
			c.line++
			values, err := c.values(raw)
			if err != nil {
				return err
			}
			if err := out.object(c.line, values); err != nil {
				return err
			}
		}
		c.told()
	}
	after, err := c.search(ctx, fields, 0, 0)
	if err != nil {
		return err
	}
	return c.complete(after.Total)
}

// fileForms are the kinds of file, by their names.
func fileForms() map[string]interface {
	Read(ctx context.Context, req Request) (Result, error)
} {
	return map[string]interface {
		Read(ctx context.Context, req Request) (Result, error)
	}{kpi.SourceCSV: CSV{}, kpi.SourceXLSX: XLSX{}, kpi.SourceJSON: JSON{}, kpi.SourceGeoJSON: GeoJSON{}, kpi.SourceParquet: Parquet{}}
}

// sameServer reports whether two addresses are of one server.
func sameServer(a, b string) bool {
	x, err := url.Parse(a)
	if err != nil {
		return false
	}
	y, err := url.Parse(b)
	return err == nil && x.Scheme == y.Scheme && sameHost(x, y)
}
