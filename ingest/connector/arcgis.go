package connector

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"citystat/kpi"
)

// ArcGIS reads a layer of a FeatureServer or MapServer. Geometry is left out, or turned into the district in which it lies. Pages follow
// the server's limits (maxRecordCount, exceededTransferLimit); a server that knows no pages is asked by object ids. An answer with an error
// object is a failure, whatever its HTTP status. Dates, which the server gives in milliseconds, are written as ISO 8601 in UTC.
//
// Documented at developers.arcgis.com/rest/services-reference (Query, Layer).
type ArcGIS struct{}

// arcgisPage is the greatest number of rows of a page, whatever the server allows.
const arcgisPage = 10_000

// Read fetches the rows.
func (ArcGIS) Read(ctx context.Context, req Request) (Result, error) {
	p, err := openPortal(req)
	if err != nil {
		return Result{}, err
	}
	if req.Dataset.Source.Geometry == "district" && req.Place == nil {
		return Result{}, kpi.Errorf(kpi.CodeInvalid, "dataset %s: there is no map with which geometry could be turned into districts; add districts to city.yaml", req.Dataset.ID)
	}
	if err := p.token("X-Esri-Authorization", "Bearer "); err != nil {
		return Result{}, err
	}
	a := &arcgis{portal: p}
	return p.attempts(ctx, a.read)
}

type arcgis struct {
	*portal
	layer arcgisLayer
	dates map[string]bool
}

// arcgisLayer is what a server says about a layer.
type arcgisLayer struct {
	Fields []struct {
		Name string `json:"name"`
		Type string `json:"type"`
	} `json:"fields"`
	ObjectIDField string `json:"objectIdField"`
	MaxRecords    int64  `json:"maxRecordCount"`
	Capable       struct {
		Pagination bool `json:"supportsPagination"`
	} `json:"advancedQueryCapabilities"`
	Editing struct {
		Last json.Number `json:"lastEditDate"`
	} `json:"editingInfo"`
	arcgisFailure
}

// arcgisFailure is the error that may come in place of an answer.
type arcgisFailure struct {
	Error *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func (f arcgisFailure) failure(n *Network) error {
	if f.Error == nil {
		return nil
	}
	code := kpi.CodeInvalid
	if f.Error.Code >= 500 || f.Error.Code == 429 {
		code = kpi.CodeUnready
	}
	mend := ""
	if f.Error.Code == 498 || f.Error.Code == 499 || f.Error.Code == 403 {
		mend = "; does the source need a token, or has it expired?"
	}
	return kpi.Errorf(code, "error %d: %s%s", f.Error.Code, n.excerptText(f.Error.Message), mend)
}

// ask asks for one thing and turns an error object into an error.
func (a *arcgis) ask(ctx context.Context, address string, into interface{ failure(n *Network) error }) error {
	if err := a.get(ctx, address, into); err != nil {
		return err
	}
	if err := into.failure(a.req.Network); err != nil {
		return &kpi.Error{Code: kpi.ErrorCode(err), Message: a.name + " answers with an error", Err: err}
	}
	return nil
}

func (a *arcgis) about(ctx context.Context) (arcgisLayer, error) {
	var l arcgisLayer
	err := a.ask(ctx, query(a.base, "f", "json"), &l)
	if err == nil && len(l.Fields) == 0 {
		err = kpi.Errorf(kpi.CodeInvalid, "%s names no fields; source url is the address of a layer, such as https://…/FeatureServer/0", a.name)
	}
	for _, f := range l.Fields {
		if l.ObjectIDField == "" && f.Type == "esriFieldTypeOID" {
			l.ObjectIDField = f.Name
		}
	}
	if err == nil && l.ObjectIDField == "" {
		err = kpi.Errorf(kpi.CodeInvalid, "%s has no field of object ids, without which its pages have no order", a.name)
	}
	return l, err
}

func (a *arcgis) read(ctx context.Context) (File, error) {
	var err error
	if a.layer, err = a.about(ctx); err != nil {
		return File{}, err
	}
	a.dates = map[string]bool{}
	var has []string
	for _, f := range a.layer.Fields {
		has = append(has, f.Name)
		a.dates[f.Name] = f.Type == "esriFieldTypeDate"
	}
	fields := unique(append([]string{a.layer.ObjectIDField}, a.wanted(has)...))
	if a.req.Dataset.Source.Geometry == "district" {
		has = append(has, districtColumn)
	}
	out, err := a.columns(ctx, has)
	if err != nil {
		return File{}, err
	}
	if err := a.pages(ctx, fields, out); err != nil {
		return File{}, errors.Join(err, out.discard())
	}
	if !slices.Contains(declared(a.req.Dataset), a.layer.ObjectIDField) {
		out.forget(a.layer.ObjectIDField)
	}
	return out.finish(false)
}

func (a *arcgis) where() string {
	if f := a.req.Dataset.Source.Filter; f != "" {
		return f
	}
	return "1=1"
}

func (a *arcgis) count(ctx context.Context) (int64, error) {
	var n struct {
		Count *int64 `json:"count"`
		arcgisFailure
	}
	if err := a.ask(ctx, query(a.base+"/query", "where", a.where(), "returnCountOnly", "true", "f", "json"), &n); err != nil {
		return 0, err
	}
	if n.Count == nil {
		return 0, kpi.Errorf(kpi.CodeInvalid, "%s does not say how many rows it has", a.name)
	}
	return *n.Count, nil
}

// arcgisRows is the answer to a query.
type arcgisRows struct {
	Features page[arcgisFeature] `json:"features"`
	Exceeded bool                `json:"exceededTransferLimit"`
	arcgisFailure
}

// arcgisFeature is a row.
type arcgisFeature struct {
	Attributes json.RawMessage `json:"attributes"`
	Geometry   *arcgisGeometry `json:"geometry"`
}

// arcgisGeometry is a point, or the rings of a polygon, or the paths of a line.
type arcgisGeometry struct {
	X     *float64       `json:"x"`
	Y     *float64       `json:"y"`
	Rings [][][2]float64 `json:"rings"`
	Paths [][][2]float64 `json:"paths"`
}

func (a *arcgis) pages(ctx context.Context, fields []string, out *objectRows) (err error) {
	if a.total, err = a.count(ctx); err != nil {
		return err
	}
	size := min(max(a.layer.MaxRecords, 1), arcgisPage)
	if a.layer.Capable.Pagination {
		err = a.byOffset(ctx, fields, size, out)
	} else {
		err = a.byID(ctx, fields, min(size, 500), out) // ids stand in the address, whose length is limited
	}
	if err != nil {
		return err
	}
	now, err := a.count(ctx)
	if err != nil {
		return err
	}
	if err := a.complete(now); err != nil {
		return err
	}
	after, err := a.about(ctx)
	if err == nil && after.Editing.Last != a.layer.Editing.Last {
		err = errMoved
	}
	return err
}

func (a *arcgis) byOffset(ctx context.Context, fields []string, size int64, out *objectRows) error {
	for offset := int64(0); offset < a.total; {
		rows, err := a.page(ctx, fields, "where", a.where(), "orderByFields", a.layer.ObjectIDField, "resultOffset", digits(offset), "resultRecordCount", digits(size))
		if err != nil {
			return err
		}
		if err := a.keep(rows, out); err != nil {
			return err
		}
		n := int64(len(rows.Features))
		if offset += n; n == 0 || offset < a.total && !rows.Exceeded && n < size {
			return errMoved
		}
	}
	return nil
}

func (a *arcgis) byID(ctx context.Context, fields []string, size int64, out *objectRows) error {
	var all struct {
		IDs []int64 `json:"objectIds"`
		arcgisFailure
	}
	if err := a.ask(ctx, query(a.base+"/query", "where", a.where(), "returnIdsOnly", "true", "f", "json"), &all); err != nil {
		return err
	}
	for chunk := range slices.Chunk(all.IDs, int(size)) {
		ids := make([]string, len(chunk))
		for i, id := range chunk {
			ids[i] = digits(id)
		}
		rows, err := a.page(ctx, fields, "objectIds", strings.Join(ids, ","))
		if err != nil {
			return err
		}
		if len(rows.Features) != len(chunk) {
			return errMoved
		}
		if err := a.keep(rows, out); err != nil {
			return err
		}
	}
	return nil
}

func (a *arcgis) page(ctx context.Context, fields []string, pairs ...string) (arcgisRows, error) {
	pairs = append(pairs, "outFields", strings.Join(fields, ","), "returnGeometry", "false", "f", "json")
	if a.req.Dataset.Source.Geometry == "district" {
		pairs = append(pairs, "returnGeometry", "true", "outSR", "4326")
	}
	var rows arcgisRows
	err := a.ask(ctx, query(a.base+"/query", pairs...), &rows)
	return rows, err
}

// keep writes the rows of a page.
func (a *arcgis) keep(rows arcgisRows, out *objectRows) error {
	for _, f := range rows.Features {
		var own map[string]json.RawMessage
		if err := json.Unmarshal(f.Attributes, &own); err != nil || own[a.layer.ObjectIDField] == nil {
			return kpi.Errorf(kpi.CodeInvalid, "%s: row %d has no %s, by which pages are ordered", a.name, a.line+1, a.layer.ObjectIDField)
		}
		if !a.first(string(own[a.layer.ObjectIDField])) {
			continue
		}
		a.line++
		values, err := a.values(f.Attributes)
		if err != nil {
			return err
		}
		for name, v := range values {
			if ms, err := strconv.ParseInt(v, 10, 64); err == nil && a.dates[name] {
				values[name] = time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.999Z07:00")
			}
		}
		if a.req.Dataset.Source.Geometry == "district" {
			values[districtColumn] = a.district(f.Geometry)
		}
		if err := out.object(a.line, values); err != nil {
			return err
		}
	}
	a.told()
	return nil
}

// districtColumn is the column that holds the district of a row's geometry.
const districtColumn = "district"

// district finds the district of a geometry: of a point, of the middle of a line, of the centroid of a polygon's outer ring.
func (a *arcgis) district(g *arcgisGeometry) string {
	switch {
	case g == nil:
		return ""
	case g.X != nil && g.Y != nil:
		return a.req.Place(*g.X, *g.Y)
	case len(g.Rings) > 0:
		return a.req.Place(centroid(g.Rings[0]))
	case len(g.Paths) > 0 && len(g.Paths[0]) > 0:
		p := g.Paths[0][len(g.Paths[0])/2]
		return a.req.Place(p[0], p[1])
	}
	return ""
}

// centroid is the centre of mass of a ring; the mean of its corners if it encloses nothing.
func centroid(ring [][2]float64) (x, y float64) {
	var area float64
	for i := range ring {
		p, q := ring[i], ring[(i+1)%len(ring)]
		cross := p[0]*q[1] - q[0]*p[1]
		area += cross
		x += (p[0] + q[0]) * cross
		y += (p[1] + q[1]) * cross
	}
	if area != 0 {
		return x / (3 * area), y / (3 * area)
	}
	x, y = 0, 0
	for _, p := range ring {
		x += p[0] / float64(len(ring))
		y += p[1] / float64(len(ring))
	}
	return x, y
}
