package pages

import (
	"bytes"
	"context"
	"net/url"

	"github.com/labstack/echo/v4"

	"citystat/dashboards/chart"
	"citystat/kpi"
	"citystat/kpi/account"
)

var staffCasesPage = Page{
	Name: "staff_cases", Path: StaffRoot + "/indicators/:id/cases", Role: StaffOnly, Needs: account.SeeCases, Query: []string{"district"}, Load: loadStaffCases,
}

// How many cases the page lists, and the file.
const (
	casesShown  = 50
	casesInFile = 5000
)

// casesPath is the address of the oldest open cases behind a number.
func casesPath(indicator string) string { return staffIndicatorPath(indicator) + "/cases" }

// staffCases are the oldest open cases behind a number.
type staffCases struct {
	Name      Words
	Lead      string
	AsOf      string
	Known     bool
	Action    string
	Districts []option // to choose from; none where the rows have no districts
	Shown     string
	File      string
	Keys      []string // the columns by which a case is known
	Dated     bool     // the cases have due dates
	Placed    bool
	Rows      []caseRow
	Begins    string
	Ends      string
	Promised  string
}

// caseRow is an open case.
type caseRow struct {
	Keys     []string
	Opened   Moment
	Due      Moment
	Days     Value
	State    string
	Class    kpi.PublicStatus
	District Words
}

// openCases reads the cases that are asked for.
func (r *Request) openCases(ctx context.Context, limit int) (*kpi.Indicator, kpi.OpenCases, error) {
	ind := r.City.Indicator(r.Params["id"])
	if ind == nil || r.work.Cases == nil {
		return nil, kpi.OpenCases{}, kpi.Errorf(kpi.CodeNotFound, "there is no indicator %q", r.Params["id"])
	}
	list, err := r.work.Cases.OpenCases(ctx, kpi.CaseQuery{Indicator: ind.ID, District: r.Query.Get("district"), Limit: limit})
	return ind, list, err
}

func loadStaffCases(ctx context.Context, r *Request) (Content, error) {
	if !r.inCity(r.Query.Get("district")) {
		r.Query.Del("district")
	}
	ind, list, err := r.openCases(ctx, casesShown)
	if err != nil {
		return Content{}, err
	}
	d := staffCases{
		Name: r.Words(ind.Name), Lead: r.P.T("cases.unknown"), Known: list.Known(), Action: casesPath(ind.ID), Placed: list.Placed, Dated: list.Due != "", Keys: list.Key,
		Begins: list.Begin, Ends: list.End, Promised: list.Due,
	}
	if !list.AsOf.IsZero() {
		d.AsOf = r.P.Upper(r.P.AsOf(list.AsOf))
	}
	if d.Known {
		r.caseNumbers(&d, &list)
		for i := range list.List {
			d.Rows = append(d.Rows, r.caseRow(&list, &list.List[i]))
		}
	}
	crumbs := []Link{{URL: staffWorkPath, Words: own(r.P.T("work.title"))}, {URL: staffIndicatorPath(ind.ID), Words: d.Name}}
	return Content{Title: r.P.T("cases.window", "name", d.Name.Text), Summary: d.Lead, Crumbs: crumbs, Data: d}, nil
}

// inCity reports whether rows can be of a district: of one of the city, or of those that stand for none.
func (r *Request) inCity(district string) bool {
	return district == kpi.MemberNotRecorded || district == kpi.MemberNotRecognised || r.City.District(district) != nil
}

// caseNumbers says how many cases are open, and offers the districts.
func (r *Request) caseNumbers(d *staffCases, list *kpi.OpenCases) {
	chosen := r.Query.Get("district")
	if d.Placed {
		d.Districts = []option{{Words: own(r.P.T("cases.everywhere")), Selected: chosen == ""}}
		for i := range r.City.Districts {
			dis := &r.City.Districts[i]
			d.Districts = append(d.Districts, option{Value: dis.ID, Words: r.Words(dis.Name), Selected: dis.ID == chosen})
		}
		for _, m := range []string{kpi.MemberNotRecorded, kpi.MemberNotRecognised} {
			d.Districts = append(d.Districts, option{Value: m, Words: own(r.P.Upper(r.P.T("member." + m))), Selected: m == chosen})
		}
	}
	switch {
	case list.Open == 0:
		d.Lead = r.P.T("cases.none")
		return
	case d.Dated:
		d.Lead = r.P.T("cases.lead", "n", list.Open, "late", list.Overdue)
	default:
		d.Lead = r.P.T("cases.lead_undated", "n", list.Open)
	}
	d.Shown = r.P.T("cases.shown", "n", len(list.List), "total", list.Open)
	d.File = d.Action + ".csv"
	if chosen != "" {
		d.File += "?" + url.Values{"district": {chosen}}.Encode()
	}
}

func (r *Request) caseRow(list *kpi.OpenCases, c *kpi.OpenCase) caseRow {
	v := caseRow{Opened: r.on(c.Opened), Days: r.Count(int64(c.Days)), State: r.P.T("cases.in_time"), Class: kpi.PublicOnTrack, District: r.districtCalled(c.District)}
	for _, k := range list.Key {
		v.Keys = append(v.Keys, c.Key[k])
	}
	if !c.Due.IsZero() {
		v.Due = r.on(c.Due)
	}
	switch {
	case c.Overdue:
		v.State, v.Class = r.P.T("cases.overdue"), kpi.PublicOffTrack
	case c.Due.IsZero():
		v.State, v.Class = r.P.T("cases.undated"), kpi.PublicCannotSay
	}
	return v
}

// districtCalled names a district, or what stands for none.
func (r *Request) districtCalled(id string) Words {
	switch d := r.City.District(id); {
	case d != nil:
		return r.Words(d.Name)
	case id == kpi.MemberNotRecorded || id == kpi.MemberNotRecognised:
		return own(r.P.T("member." + id))
	}
	return own(id)
}

// staffCasesFile sends the cases as CSV.
func (p *Pages) staffCasesFile(c echo.Context) error {
	r, err := p.staffRequest(c)
	if err != nil {
		return err
	}
	r.Params, r.Query = params(c), url.Values{"district": {c.QueryParam("district")}}
	ind, list, err := r.openCases(c.Request().Context(), casesInFile)
	if err != nil {
		return err
	}
	if !list.Known() {
		return kpi.Errorf(kpi.CodeNotFound, "%s has no open cases to show", ind.ID)
	}
	var t chart.Table
	for _, key := range append(append([]string{}, list.Key...), "opened", "due", "overdue", "days_open", "district") {
		t.Columns = append(t.Columns, chart.Column{Key: key, Label: key})
	}
	for i := range list.List {
		k := &list.List[i]
		var row chart.Row
		for _, key := range list.Key {
			row.Cells = append(row.Cells, chart.Cell{Raw: k.Key[key], Text: k.Key[key]})
		}
		days := float64(k.Days)
		row.Cells = append(row.Cells, chart.Cell{Raw: k.Opened.String()}, chart.Cell{Raw: k.Due.String()}, chart.Cell{Raw: yesNo(k.Overdue)}, chart.Cell{Number: &days}, chart.Cell{Raw: k.District})
		t.Rows = append(t.Rows, row)
	}
	var b bytes.Buffer
	if err := t.WriteCSV(&b); err != nil {
		return err
	}
	return staffCSV(c, "cases-"+ind.ID, b.Bytes())
}
