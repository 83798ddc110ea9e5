package pages

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

var staffBoardPage = Page{Name: "staff_board", Path: StaffRoot + "/departments/:id", Role: StaffOnly, Needs: account.SeeStaff, Load: loadStaffBoard}

// staffBoard are all indicators of a department, as they stand now.
type staffBoard struct {
	Name   Words
	Head   holderView
	Result string
	Time   string
	File   string
	Public Link // what residents see; URL is "" before anything was published
	Rows   []boardRow
	Others []Link
}

// boardRow is an indicator of the board.
type boardRow struct {
	Summary
	Priority Link // URL is "" where residents do not see it
	Public   Link // its public page; URL is "" where there is none
	Hidden   bool
	Signal   string
	Outlook  string
	Said     string
	Owner    holderView
}

// board reads the indicators of a department, the worst first.
func (r *Request) board(ctx context.Context) (*kpi.Department, []meeting.Card, *scorecard.Scorecard, error) {
	live, err := r.staff.Live(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	dep := live.City.Department(r.Params["id"])
	if dep == nil {
		return nil, nil, nil, kpi.Errorf(kpi.CodeNotFound, "there is no department %q", r.Params["id"])
	}
	in := meeting.CardInputs{Live: live}
	if r.work.Commentaries != nil {
		if in.Commentaries, err = r.work.Commentaries.Commentaries(ctx, kpi.PaperQuery{}); err != nil {
			return nil, nil, nil, err
		}
	}
	cards := slices.DeleteFunc(meeting.Cards(in), func(c meeting.Card) bool { return c.Result.Indicator.Department != dep.ID })
	slices.SortStableFunc(cards, func(a, b meeting.Card) int { return meeting.Worse(a.Result, b.Result) })
	return dep, cards, live, nil
}

func loadStaffBoard(ctx context.Context, r *Request) (Content, error) {
	dep, cards, live, err := r.board(ctx)
	if err != nil {
		return Content{}, err
	}
	public, r := r, r.liveRequest(live)
	d := staffBoard{
		Name: r.Words(dep.Name), Head: r.holder(dep.Head), Time: r.P.T("staff.time", "time", r.at(r.now).Text), File: boardPath(dep.ID) + "/board.csv",
	}
	tally := scorecard.Tally{}
	for i := range cards {
		tally[cards[i].Result.Assessment.Status.Public()]++
		d.Rows = append(d.Rows, r.boardRow(public, &cards[i]))
	}
	d.Result = i18n.CityResult(r.P, tally)
	if len(cards) == 0 {
		d.Result = r.P.T("board.none")
	}
	if public.Card != nil && public.Card.City.Department(dep.ID) != nil {
		d.Public = Link{URL: r.To("/departments/" + dep.ID), Words: own(r.P.T("board.public"))}
	}
	for _, other := range r.City.DepartmentsOn(r.day()) {
		if other.ID != dep.ID {
			d.Others = append(d.Others, Link{URL: boardPath(other.ID), Words: r.Words(other.Name)})
		}
	}
	crumbs := []Link{{URL: staffWorkPath, Words: own(r.P.T("work.title"))}}
	return Content{Title: r.P.T("board.window", "name", d.Name.Text), Summary: d.Result, Crumbs: crumbs, Data: d}, nil
}

// boardRow says how an indicator stands. public is the request with the published scorecard, of which links to public pages are made.
func (r *Request) boardRow(public *Request, c *meeting.Card) boardRow {
	ind, a := c.Result.Indicator, &c.Result.Assessment
	v := boardRow{
		Summary: r.staffSummary(c.Result), Public: public.indicatorLink(ind), Hidden: !ind.Public, Signal: r.P.Signal(a.Signal.Kind), Outlook: r.P.T("board.no_outlook"),
		Said: cmp.Or(r.explained(c), r.P.T("board.nothing_asked")), Owner: r.holder(ind.Owner),
	}
	v.Public.Words = own(r.P.T("board.public"))
	if v.Fine = r.P.Status(a.Status); v.Fine == v.Chip.Word {
		v.Fine = ""
	}
	if a.Outlook != nil {
		v.Outlook = r.P.Outlook(a.Outlook.Word)
	}
	if p := r.City.Priority(ind.Priority); p != nil {
		v.Priority.Words = r.Words(p.Name)
		if v.Public.URL != "" {
			v.Priority.URL = r.To("/priorities/" + p.ID)
		}
	}
	return v
}

// staffBoardFile sends the board as CSV: words in the language of the reader, codes as the API has them.
func (p *Pages) staffBoardFile(c echo.Context) error {
	r, err := p.staffRequest(c)
	if err != nil {
		return err
	}
	r.Params = params(c)
	dep, cards, live, err := r.board(c.Request().Context())
	if err != nil {
		return err
	}
	r = r.liveRequest(live)
	var t chart.Table
	for _, key := range []string{
		"indicator", "name", "priority", "period", "value", "unit", "target", "target_low", "target_high", "target_by", "status", "signal", "outlook", "commentary", "contested", "owner", "public",
	} {
		t.Columns = append(t.Columns, chart.Column{Key: key, Label: key})
	}
	for i := range cards {
		t.Rows = append(t.Rows, r.boardRecord(&cards[i]))
	}
	var b bytes.Buffer
	if err := t.WriteCSV(&b); err != nil {
		return err
	}
	return staffCSV(c, "board-"+dep.ID, b.Bytes())
}

// boardRecord is a line of the file.
func (r *Request) boardRecord(c *meeting.Card) chart.Row {
	ind, a := c.Result.Indicator, &c.Result.Assessment
	text := func(s string) chart.Cell { return chart.Cell{Text: s, Raw: s} }
	number := func(v *float64) chart.Cell { return chart.Cell{Number: v} }
	value, said, outlook := a.Value, "", ""
	if a.Judged != nil {
		value = a.Judged
	}
	if s := c.Said; s != nil && (s.Stands || meeting.MayReadDrafts(ind.Department, r.Person)) {
		said = string(s.State)
		if s.Stands {
			said = string(kpi.CommentaryApproved)
		}
	}
	if a.Outlook != nil {
		outlook = string(a.Outlook.Word)
	}
	var target, low, high *float64
	by := ""
	if t := a.Target; t != nil {
		by = t.By.String()
		if ind.Direction == kpi.Range {
			low, high = &t.Low, &t.High
		} else {
			target = &t.Value
		}
	}
	return chart.Row{Cells: []chart.Cell{
		text(ind.ID), text(r.Words(ind.Name).Text), text(ind.Priority), text(a.Period), number(value), text(string(ind.Unit)), number(target), number(low), number(high), text(by),
		text(string(a.Status)), text(string(a.Signal.Kind)), text(outlook), text(said), text(yesNo(c.Contest != nil)), text(ind.Owner), text(yesNo(ind.Public)),
	}}
}

// yesNo writes a truth as files do.
func yesNo(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// staffCSV sends a file that is for staff alone.
func staffCSV(c echo.Context, name string, body []byte) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`.csv"`)
	h.Set(echo.HeaderCacheControl, staffCaching)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8; header=present", body)
}
