package pages

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
)

var staffRejectsPage = Page{
	Name: "staff_rejects", Path: staffDataPath + "/:dataset/rejects", Role: StaffOnly, Needs: account.SeeRejects, Query: []string{"load", "reason", "column", "page"},
	Load: loadStaffRejects,
}

const (
	rejectsAPage  = 50
	examplesShown = 24   // groups with an example; each is a question to the store
	rejectsAPiece = 5000 // rows of the file at a time
)

// rejectsData is the refused rows of one load: by reason, and one by one.
type rejectsData struct {
	Name     Words
	Loads    []Link // the load in use and a newer one that failed, if both refused rows
	Load     string // which of them this is
	At       Moment
	Groups   []rejectGroup
	Filter   []option // reasons
	Action   string
	Kept     string // the load that the filter keeps
	Only     string // what the filter leaves, in words
	All      Link   // takes the filter away
	Rows     []rejectRow
	Shown    string
	Previous Link
	Next     Link
	File     string
	Back     Link
}

type rejectGroup struct {
	Reason, Code, Column, Mend string
	Rows                       Value
	Example                    string
	Only                       Link
}

type rejectRow struct {
	File         string
	Line         Value
	Load         string // its number, where it is another one than the load that is shown
	Column       string
	Reason, Code string
	Detail, Raw  string
}

// refused is what the query asks for: a load of a dataset, and which of its refused rows.
type refused struct {
	ds     *kpi.Dataset
	load   *kpi.Load
	groups []kpi.RejectGroup // of the load
	loads  []refusedLoad
	query  kpi.RejectQuery
	total  int64 // rows that the query finds
}

// refusedLoad is a load whose refused rows can be seen.
type refusedLoad struct {
	load   *kpi.Load
	groups []kpi.RejectGroup
	live   bool
}

func loadStaffRejects(ctx context.Context, r *Request) (Content, error) {
	ask, err := r.refused(ctx, r.Params["dataset"])
	if err != nil {
		return Content{}, err
	}
	d := rejectsData{Name: r.Words(ask.ds.Name), Action: rejectsPath(ask.ds.ID), Back: Link{URL: staffDataPath + "#dataset-" + ask.ds.ID, Words: own(r.P.T("staff.title"))}}
	for _, l := range ask.loads {
		link := r.refusedLink(ask, l)
		if link.Current {
			d.Load, d.At = link.Text, r.at(l.load.Started)
		}
		d.Loads = append(d.Loads, link)
	}
	c := Content{Title: d.Name.Text + " · " + r.P.T("data.rejected"), Summary: r.P.T("rejects.intro"), Crumbs: []Link{d.Back}}
	if ask.load != nil {
		if err := r.rejectRows(ctx, &d, ask); err != nil {
			return Content{}, err
		}
	}
	c.Data = d
	return c, nil
}

// refused reads the query against what is known of the dataset. Without a load in the query it is the newest one that refused rows.
func (r *Request) refused(ctx context.Context, dataset string) (*refused, error) {
	ask := &refused{ds: r.City.Dataset(dataset)}
	if ask.ds == nil {
		return nil, kpi.Errorf(kpi.CodeNotFound, "there is no dataset %q", dataset)
	}
	reports, err := r.staff.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	ask.loads = refusedLoads(reportOf(reports, dataset))
	wanted := r.Query.Get("load")
	for _, l := range ask.loads {
		if id := strconv.FormatInt(l.load.ID, 10); wanted == id || (wanted == "" && ask.load == nil) {
			ask.load, ask.groups = l.load, l.groups
		}
	}
	if ask.load == nil {
		if wanted != "" {
			return nil, kpi.Errorf(kpi.CodeInvalid, "no refused rows are kept of load %q", wanted)
		}
		return ask, nil
	}
	ask.query = kpi.RejectQuery{Dataset: dataset, Load: ask.load.ID, Reason: r.Query.Get("reason"), Column: r.Query.Get("column"), Limit: rejectsAPage}
	for _, g := range ask.groups {
		if (ask.query.Reason == "" || g.Reason == ask.query.Reason) && (ask.query.Column == "" || g.Column == ask.query.Column) {
			ask.total += g.Rows
		}
	}
	return ask, ask.turnTo(r.Query.Get("page"))
}

// turnTo goes to a page, by its number.
func (ask *refused) turnTo(number string) error {
	if number == "" {
		return nil
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || int64(n-1)*rejectsAPage >= max(ask.total, 1) {
		return kpi.Errorf(kpi.CodeInvalid, "there is no page %q", number)
	}
	ask.query.Offset = (n - 1) * rejectsAPage
	return nil
}

// refusedLoads are the loads whose refused rows can be seen: a newer one that failed, and the one in use.
func refusedLoads(rep *kpi.DatasetReport) []refusedLoad {
	var list []refusedLoad
	if rep.State.Failed != nil && len(rep.Refused) > 0 {
		list = append(list, refusedLoad{rep.State.Failed, rep.Refused, false})
	}
	if rep.State.Last != nil && len(rep.State.Rejects) > 0 {
		list = append(list, refusedLoad{rep.State.Last, rep.State.Rejects, true})
	}
	return list
}

func (r *Request) refusedLink(ask *refused, l refusedLoad) Link {
	id := "rejects.of_failed"
	if l.live {
		id = "rejects.of_live"
	}
	return Link{URL: rejectsAddress(ask.ds.ID, l.load.ID, "", "", 1), Words: own(r.P.T(id, "n", strconv.FormatInt(l.load.ID, 10))), Current: l.load == ask.load}
}

// rejectRows fills in the groups and one page of the rows.
func (r *Request) rejectRows(ctx context.Context, d *rejectsData, ask *refused) error {
	q := ask.query
	rows, err := r.staff.Rejects(ctx, q)
	if err != nil {
		return err
	}
	for _, row := range rows {
		d.Rows = append(d.Rows, r.rejectRow(row, q.Load))
	}
	if d.Groups, err = r.rejectGroups(ctx, ask); err != nil {
		return err
	}
	d.Filter, d.Kept = r.reasons(ask), strconv.FormatInt(q.Load, 10)
	if q.Reason != "" || q.Column != "" {
		d.Only = r.P.Upper(r.P.Reject(q.Reason))
		if q.Reason == "" {
			d.Only = ""
		}
		d.All = Link{URL: rejectsAddress(q.Dataset, q.Load, "", "", 1), Words: own(r.P.T("rejects.all"))}
	}
	page := q.Offset/rejectsAPage + 1
	if len(rows) > 0 {
		d.Shown = r.P.T("rejects.shown", "from", q.Offset+1, "to", q.Offset+len(rows), "total", ask.total)
	}
	if page > 1 {
		d.Previous = Link{URL: rejectsAddress(q.Dataset, q.Load, q.Reason, q.Column, page-1), Words: own(r.P.T("rejects.previous"))}
	}
	if int64(q.Offset+rejectsAPage) < ask.total {
		d.Next = Link{URL: rejectsAddress(q.Dataset, q.Load, q.Reason, q.Column, page+1), Words: own(r.P.T("rejects.next"))}
	}
	d.File = rejectsPath(q.Dataset) + ".csv?load=" + d.Kept
	return nil
}

// rejectGroups says which reasons there are, the most frequent first, each with one of its rows.
func (r *Request) rejectGroups(ctx context.Context, ask *refused) ([]rejectGroup, error) {
	groups := slices.SortedStableFunc(slices.Values(ask.groups), func(a, b kpi.RejectGroup) int { return cmp.Compare(b.Rows, a.Rows) })
	var list []rejectGroup
	for i, g := range groups {
		v := rejectGroup{
			Reason: r.P.Upper(r.P.Reject(g.Reason)), Code: g.Reason, Column: g.Column, Mend: r.P.RejectMend(g.Reason), Rows: r.Count(g.Rows),
			Only: Link{URL: rejectsAddress(ask.ds.ID, ask.load.ID, g.Reason, g.Column, 1), Words: own(r.P.T("rejects.cell"))},
		}
		if i < examplesShown {
			one, err := r.staff.Rejects(ctx, kpi.RejectQuery{Dataset: ask.ds.ID, Load: ask.load.ID, Reason: g.Reason, Column: g.Column, Limit: 1})
			if err != nil {
				return nil, err
			}
			if len(one) > 0 {
				v.Example = cut(one[0].Raw, 80)
			}
		}
		list = append(list, v)
	}
	return list, nil
}

// reasons are the choices of the filter.
func (r *Request) reasons(ask *refused) []option {
	var list []option
	for _, g := range ask.groups {
		if !slices.ContainsFunc(list, func(o option) bool { return o.Value == g.Reason }) {
			list = append(list, option{Value: g.Reason, Words: own(r.P.Upper(r.P.Reject(g.Reason))), Selected: g.Reason == ask.query.Reason})
		}
	}
	i18n.SortBy(r.P, list, func(o option) string { return o.Words.Text })
	return list
}

// rejectRow is a refused row among those of a load: its own, or those of the loads that it builds on.
func (r *Request) rejectRow(row kpi.Reject, load int64) rejectRow {
	v := rejectRow{
		File: row.File, Line: Value{Text: strconv.FormatInt(row.Line, 10), Raw: strconv.FormatInt(row.Line, 10)}, Column: row.Column,
		Reason: r.P.Upper(r.P.Reject(row.Reason)), Code: row.Reason, Detail: row.Detail, Raw: row.Raw,
	}
	if row.File == kpi.Entries { // what somebody entered has the line of its entry
		batch, line := kpi.EntryOf(row.Line)
		v.File, v.Line = r.P.T("entries.number", "n", strconv.FormatInt(batch, 10)), Value{Text: strconv.FormatInt(line, 10), Raw: strconv.FormatInt(line, 10)}
	}
	if row.Load != load {
		v.Load = strconv.FormatInt(row.Load, 10)
	}
	return v
}

// cut shortens a text to so many letters.
func cut(s string, letters int) string {
	runes := []rune(s)
	if len(runes) <= letters {
		return s
	}
	return string(runes[:letters-1]) + "…"
}

func rejectsPath(dataset string) string {
	return staffDataPath + "/" + url.PathEscape(dataset) + "/rejects"
}

// rejectsAddress is the address of refused rows; load is 0 for the newest load that refused any.
func rejectsAddress(dataset string, load int64, reason, column string, page int) string {
	q := url.Values{}
	set := func(name, v string, is bool) {
		if is {
			q.Set(name, v)
		}
	}
	set("load", strconv.FormatInt(load, 10), load > 0)
	set("reason", reason, reason != "")
	set("column", column, column != "")
	set("page", strconv.Itoa(page), page > 1)
	if len(q) == 0 {
		return rejectsPath(dataset)
	}
	return rejectsPath(dataset) + "?" + q.Encode()
}

// rejectsFile sends all refused rows of a load (of those with a reason, if one is asked for) as CSV after RFC 4180.
func (p *Pages) rejectsFile(c echo.Context) error {
	r, err := p.staffRequest(c)
	if err != nil {
		return err
	}
	_, r.Query = canonical(staffRejectsPage, c)
	r.Query.Del("page")
	ctx := c.Request().Context()
	ask, err := r.refused(ctx, c.Param("dataset"))
	if err != nil {
		return err
	}
	name := "rejects-" + ask.ds.ID
	if ask.load != nil {
		name += "-" + strconv.FormatInt(ask.load.ID, 10)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8; header=present")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`.csv"`)
	h.Set(echo.HeaderCacheControl, staffCaching)
	if c.Request().Method == http.MethodHead {
		c.Response().WriteHeader(http.StatusOK)
		return nil
	}
	if err := r.writeRejects(ctx, c, ask); err != nil {
		if !c.Response().Committed {
			return err
		}
		// A file that ends too early must not look like a whole one: the connection is cut.
		p.opts.Logger.ErrorContext(ctx, "the file of refused rows was cut off", "dataset", ask.ds.ID, "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// writeRejects writes the file in pieces; each piece has a minute to reach the reader.
func (r *Request) writeRejects(ctx context.Context, c echo.Context, ask *refused) error {
	rc := http.NewResponseController(c.Response())
	out := csv.NewWriter(c.Response())
	out.UseCRLF = true
	q := ask.query
	q.Limit, q.Offset = rejectsAPiece, 0
	header := []string{"dataset", "load", "file", "line", "column", "reason", "detail", "raw"}
	for first := true; ; first = false {
		var rows []kpi.Reject
		if ask.load != nil {
			var err error
			if rows, err = r.staff.Rejects(ctx, q); err != nil {
				return err
			}
		}
		if err := rc.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil && !isUnsupported(err) {
			return fmt.Errorf("file of refused rows: %w", err)
		}
		if first {
			if err := out.Write(header); err != nil {
				return fmt.Errorf("file of refused rows: %w", err)
			}
		}
		for _, row := range rows {
			if err := out.Write(rejectRecord(row)); err != nil {
				return fmt.Errorf("file of refused rows: %w", err)
			}
		}
		out.Flush()
		if err := out.Error(); err != nil || len(rows) < q.Limit {
			return err
		}
		q.Offset += len(rows)
	}
}

// rejectRecord is a line of the file. What came from outside is text, and never a formula.
func rejectRecord(row kpi.Reject) []string {
	list := []string{row.Dataset, strconv.FormatInt(row.Load, 10), row.File, strconv.FormatInt(row.Line, 10), row.Column, row.Reason, row.Detail, row.Raw}
	for _, i := range []int{2, 4, 6, 7} {
		list[i] = i18n.Cell(list[i])
	}
	return list
}
