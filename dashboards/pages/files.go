package pages

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"citystat/assets"
	"citystat/dashboards/chart"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// fileCaching lets everybody keep a file, and ask each time whether it is still the one, as package api does for its own.
const fileCaching = "public, no-cache"

// A file is the numbers of a figure, or of a list, as CSV. Its address has no language: the columns are named as in the API, the names in it
// are those of the city's own language. It is made from the published scorecard and nothing else.
type file struct {
	path string // of the route
	name func(params map[string]string) string
	make func(*Request) (chart.Table, error)
}

// allFiles lists them.
func allFiles() []file {
	of := func(figure string, table func(*Request, *scorecard.Result) (chart.Table, error)) file {
		return file{
			path: "/indicators/:id/" + figure + ".csv", name: func(p map[string]string) string { return p["id"] + "-" + figure },
			make: func(r *Request) (chart.Table, error) {
				res, err := r.public(r.Params["id"])
				if err != nil {
					return chart.Table{}, err
				}
				return table(r, res)
			},
		}
	}
	return []file{
		of("year-to-date", yearToDateFile), of("equity", equityFile), of("drivers", driversFile), of("project", projectFile),
		of("districts", districtsFile), of("district-changes", districtChangesFile), of("days", daysFile),
		{path: "/data/:id/deliveries.csv", name: func(p map[string]string) string { return p["id"] + "-deliveries" }, make: deliveriesTable},
		{path: "/evaluations/:file", name: func(p map[string]string) string { return strings.TrimSuffix(p["file"], ".csv") }, make: evaluationTable},
		{path: "/districts/:file", name: func(p map[string]string) string { return strings.TrimSuffix(p["file"], ".csv") }, make: districtTable},
		{path: changesFilePath, name: func(map[string]string) string { return "changes" }, make: changesTable},
		{path: publicMeetingsFilePath, name: func(map[string]string) string { return "meetings" }, make: publicMeetingsTable},
	}
}

// indicatorFile is the address of one of the files of an indicator.
func indicatorFile(id, figure string) string { return "/indicators/" + id + "/" + figure + ".csv" }

// evaluationFile is the address of the numbers of an evaluation.
func evaluationFile(id string) string { return "/evaluations/" + id + ".csv" }

// fileHandler answers one kind of file.
func (p *Pages) fileHandler(f file) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Access-Control-Allow-Origin", "*") // errors too are for everybody to read; there are no credentials to borrow
		h.Set("Access-Control-Expose-Headers", "ETag")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		r, err := p.request(c.Request().Context(), kpi.English)
		if err != nil {
			return err
		}
		r.Lang = r.City.Source()
		r.P, r.Params = p.opts.Bundle.Printer(r.Lang, r.City.Formats[r.Lang]), params(c)
		out, err := p.file(c.Request().Context(), f, r, c.Request().URL.Path)
		if err != nil {
			return err
		}
		h.Set(echo.HeaderCacheControl, fileCaching)
		h.Set(echo.HeaderContentType, "text/csv; charset=utf-8; header=present")
		h.Set(echo.HeaderContentDisposition, `attachment; filename="`+f.name(r.Params)+`.csv"`) // what was found has valid ids: letters, digits, hyphens
		assets.Write(c.Response(), c.Request(), assets.Body{Plain: out.body, Gzip: out.zipped, ETag: out.etag})
		return nil
	}
}

// file returns a file from the cache, or makes it once for all who ask for it at the same time.
func (p *Pages) file(_ context.Context, f file, r *Request, path string) (*rendered, error) {
	key := cacheKey(r, "file "+path) // a page may have the same address below its language
	if out := p.cache.get(key); out != nil {
		return out, nil
	}
	v, err, _ := p.flight.Do(key, func() (any, error) {
		t, err := f.make(r)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := t.WriteCSV(&b); err != nil {
			return nil, err
		}
		out := newRendered(b.Bytes())
		p.cache.put(key, out)
		return out, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*rendered), nil
}

// registerFiles adds the routes of all files.
func (p *Pages) registerFiles(e *echo.Echo) {
	for _, f := range allFiles() {
		e.Match([]string{http.MethodGet, http.MethodHead}, f.path, p.fileHandler(f))
		e.OPTIONS(f.path, askFirst)
	}
}

// askFirst answers the question of a browser whether a page of another site may ask with an entity tag.
func askFirst(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD")
	h.Set("Access-Control-Allow-Headers", "If-None-Match")
	h.Set("Access-Control-Max-Age", "86400")
	h.Set("Allow", "GET, HEAD, OPTIONS")
	return c.NoContent(http.StatusNoContent)
}

// noFile says that there are no such numbers.
func noFile(figure, id string) error {
	return kpi.Errorf(kpi.CodeNotFound, "there is no %s of %q", figure, id)
}

// together puts tables of the same columns below each other, each row with the values that stand before it.
func together(before []string, tables []chart.Table, values [][]string) chart.Table {
	var all chart.Table
	for i, t := range tables {
		if i == 0 {
			for _, key := range before {
				all.Columns = append(all.Columns, chart.Column{Key: key})
			}
			all.Columns = append(all.Columns, t.Columns...)
		}
		for _, row := range t.Rows {
			var cells []chart.Cell
			for _, v := range values[i] {
				cells = append(cells, chart.Cell{Raw: v})
			}
			row.Cells = append(cells, row.Cells...)
			all.Rows = append(all.Rows, row)
		}
	}
	return all
}

func yearToDateFile(r *Request, res *scorecard.Result) (chart.Table, error) {
	f := chart.YearToDate(r.P, "file", "", r.City, res)
	if f == nil {
		return chart.Table{}, noFile("total of a year", res.Indicator.ID)
	}
	return together([]string{"indicator"}, []chart.Table{f.Table}, [][]string{{res.Indicator.ID}}), nil
}

func equityFile(r *Request, res *scorecard.Result) (chart.Table, error) {
	var tables []chart.Table
	var values [][]string
	for i := range res.Equity {
		e := &res.Equity[i]
		if f := chart.Equity(r.P, "file", "", r.City, res, e); f != nil {
			f.Table.Columns = append(f.Table.Columns, chart.Column{Key: "suppressed"})
			for k := range f.Table.Rows { // one for each group, in their order
				row := &f.Table.Rows[k]
				row.Cells = append(row.Cells, chart.Cell{Raw: string(e.Groups[k].Suppressed)})
			}
			tables, values = append(tables, f.Table), append(values, []string{res.Indicator.ID, e.Dimension, e.From, e.To})
		}
	}
	if len(tables) == 0 {
		return chart.Table{}, noFile("comparison of groups", res.Indicator.ID)
	}
	return together([]string{"indicator", "dimension", "from", "to"}, tables, values), nil
}

func driversFile(r *Request, res *scorecard.Result) (chart.Table, error) {
	var tables []chart.Table
	var values [][]string
	for i := range res.Drivers {
		d := &res.Drivers[i]
		if f := chart.Drivers(r.P, "file", "", r.City, res, d); f != nil {
			tables, values = append(tables, f.Table), append(values, []string{res.Indicator.ID, d.Dimension, d.From, d.To})
		}
	}
	if len(tables) == 0 {
		return chart.Table{}, noFile("change by group", res.Indicator.ID)
	}
	return together([]string{"indicator", "dimension", "from", "to"}, tables, values), nil
}

func projectFile(r *Request, res *scorecard.Result) (chart.Table, error) {
	f := r.projectFigure(res)
	if f == nil {
		return chart.Table{}, noFile("plan of works", res.Indicator.ID)
	}
	return together([]string{"indicator"}, []chart.Table{f.Table}, [][]string{{res.Indicator.ID}}), nil
}

func evaluationTable(r *Request) (chart.Table, error) {
	id, ok := strings.CutSuffix(r.Params["file"], ".csv")
	list := r.evaluations("")
	i := slices.IndexFunc(list, func(e *scorecard.Evaluation) bool { return e.Definition.ID == id })
	if !ok || i < 0 {
		return chart.Table{}, noFile("evaluation", r.Params["file"])
	}
	e := list[i]
	f := chart.Evaluation(r.P, "file", "", r.City, r.Card.Result(e.Definition.Indicator), e)
	if f == nil {
		return chart.Table{}, noFile("evaluation with numbers", id)
	}
	return together([]string{"evaluation", "indicator"}, []chart.Table{f.Table}, [][]string{{id, e.Definition.Indicator}}), nil
}

// changesTable is every change that the public may see, the newest first. A number stands as a number, a range as low..high, all else as the
// folder has it.
func changesTable(r *Request) (chart.Table, error) {
	t := chart.Table{}
	for _, key := range []string{
		"seen", "indicator", "indicator_name", "what", "field", "target_date", "from", "from_date", "to", "to_date", "definition_version", "folder_version",
		"decided_on", "decided_by", "reason", "act", "act_date", "act_url",
	} {
		t.Columns = append(t.Columns, chart.Column{Key: key})
	}
	word := func(s string) chart.Cell { return chart.Cell{Raw: s} }
	for _, c := range r.changes("", "") {
		c = r.withTitles(c)
		name, note := "", kpi.ChangeNote{}
		if ind := r.City.Indicator(c.Indicator); ind != nil {
			name = r.P.Text(ind.Name)
		}
		if c.Note != nil {
			note = *c.Note
		}
		from, fromDate := changed(c.From)
		to, toDate := changed(c.To)
		t.Rows = append(t.Rows, chart.Row{Cells: []chart.Cell{
			word(iso(c.Seen)), word(c.Indicator), word(name), word(c.What), word(c.Field), word(iso(c.Target)), from, fromDate, to, toDate,
			word(strconv.Itoa(c.Version)), word(strconv.Itoa(c.Folder)), word(iso(note.On)), word(note.ByWhom), word(r.P.Text(note.Reason)), word(note.Act.Title), word(iso(note.Act.Date)), word(note.Act.URL),
		}})
	}
	return t, nil
}

// changed is what stood before or after a change, and its day.
func changed(v *kpi.ChangeValue) (value, date chart.Cell) {
	switch {
	case v == nil:
		return value, date
	case v.Number != nil:
		value.Number = v.Number
	case v.Low != nil && v.High != nil:
		value.Raw = raw(v.Low) + ".." + raw(v.High)
	case v.ID != "":
		value.Raw = v.ID
	default:
		value.Raw = v.Text
	}
	date.Raw = iso(v.Date)
	return value, date
}

// iso writes a day for machines; no day is nothing.
func iso(d kpi.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
