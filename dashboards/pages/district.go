package pages

import (
	"context"
	"slices"
	"strings"

	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

var districtPage = Page{Name: "district", Path: "/districts/:id", Role: Everyone, Load: loadDistrict}

// districtData is what every indicator says of one district.
type districtData struct {
	Name   Words
	Said   string
	AsOf   string
	Mine   bool // the reader chose it
	ID     string
	Action string // of the form that remembers it
	Tally  []verdictCount
	Facts  []fact
	Atlas  *atlasView
	Groups []localGroup
	Change bool // of some indicator the change since a year earlier is known
	File   string
	Others []Link
	Life   *lifeView
	Now    bool // it is there: readers may choose it
}

// verdictCount is in how many indicators a district stands so to the rest of the city.
type verdictCount struct {
	verdictView
	N    int
	Text string
}

// verdictView is how a district stands to the rest of the city, as a shape and a word.
type verdictView struct {
	Class scorecard.Verdict
	Word  string
}

// localGroup is a priority with its indicators in one district.
type localGroup struct {
	Heading Link
	ID      string
	Caption string
	Rows    []localRow
}

// localRow is one indicator in a district, beside the city.
type localRow struct {
	Link    Link
	Period  string
	Here    Value
	Few     string // why the value cannot be judged, or is not there; "" where it can
	City    Value
	Chip    Chip // of the whole city
	Verdict verdictView
	Said    bool     // the verdict is shown: without one the notes say why
	Notes   []string // what it rests on
	Change  *Value
	Way     string // up, down or same: the shape beside the change
	Course  string // what may be said of the change
}

func loadDistrict(_ context.Context, r *Request) (Content, error) {
	dist, err := r.districtNamed(r.Params["id"])
	if err != nil {
		return Content{}, err
	}
	list := r.Card.InDistrict(dist.ID)
	d := districtData{
		Name: r.Words(dist.Name), Said: i18n.DistrictFinding(r.P, list), AsOf: r.asOf(), Mine: r.District == dist, ID: dist.ID,
		Action: r.To(districtsPath), Facts: r.districtFacts(dist), Groups: r.localGroups(list), File: districtFile(dist.ID),
		Atlas: r.atlas(dist.ID, r.P.T("places.map_here", "district", r.P.Text(dist.Name)), false),
	}
	d.Change = slices.ContainsFunc(list, func(l scorecard.Local) bool { return l.Change != nil })
	if len(list) > 0 {
		d.Tally = r.verdictTally(list)
	}
	d.Life, d.Now = r.life(kpi.OrgDistrict, dist.ID), dist.On(r.day())
	for _, other := range r.City.DistrictsOn(r.day()) {
		if other != dist {
			d.Others = append(d.Others, Link{URL: r.To("/districts/" + other.ID), Words: r.Words(other.Name)})
		}
	}
	i18n.SortBy(r.P, d.Others, func(l Link) string { return l.Text })
	crumbs := []Link{{URL: r.To(districtsPath), Words: own(r.P.T("places.title"))}}
	return Content{Title: d.Name.Text, Summary: d.Said, Crumbs: crumbs, Data: d}, nil
}

// verdictTally counts the indicators of a district by how it stands. A difference without a better side has its place only where there is one.
func (r *Request) verdictTally(list []scorecard.Local) []verdictCount {
	n := i18n.DistrictCounts(list)
	words := map[scorecard.Verdict]string{
		scorecard.VerdictBetter: r.P.T("places.verdict.better"), scorecard.VerdictWorse: r.P.T("places.verdict.worse"),
		scorecard.VerdictSimilar: r.P.Verdict(scorecard.VerdictSimilar, false), scorecard.VerdictDifferent: r.P.Verdict(scorecard.VerdictDifferent, false),
		scorecard.VerdictNone: r.P.T("places.verdict.cannot"),
	}
	var out []verdictCount
	for _, v := range []scorecard.Verdict{scorecard.VerdictBetter, scorecard.VerdictWorse, scorecard.VerdictSimilar, scorecard.VerdictDifferent, scorecard.VerdictNone} {
		if n[v] > 0 || v != scorecard.VerdictDifferent {
			out = append(out, verdictCount{verdictView{v, words[v]}, n[v], r.P.Int(int64(n[v]))})
		}
	}
	return out
}

// districtFacts are what a district is made of and how many people live there.
func (r *Request) districtFacts(d *kpi.District) []fact {
	var list []fact
	add := func(id, text string) {
		if text != "" {
			list = append(list, fact{Label: r.P.T(id), Words: own(text)})
		}
	}
	add("places.parts", r.P.List(d.Parts))
	add("places.postcodes", r.P.List(d.Postcodes))
	if p := r.City.Population; p != nil && p.ByDistrict[d.ID] > 0 {
		add("places.population", r.P.Int(p.ByDistrict[d.ID]))
	}
	return list
}

// localGroups are the indicators of a district by priority.
func (r *Request) localGroups(list []scorecard.Local) []localGroup {
	var groups []localGroup
	for _, pr := range r.City.Priorities {
		g := localGroup{Heading: Link{URL: r.To("/priorities/" + pr.ID), Words: r.Words(pr.Name)}, ID: "in-" + pr.ID}
		g.Caption = r.P.T("places.table", "priority", g.Heading.Text)
		for i := range list {
			if list[i].Result.Indicator.Priority == pr.ID {
				g.Rows = append(g.Rows, r.localRow(&list[i]))
			}
		}
		if len(g.Rows) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// localRow is one indicator in a district.
func (r *Request) localRow(l *scorecard.Local) localRow {
	ind := l.Result.Indicator
	row := localRow{
		Link: Link{URL: r.To("/indicators/" + ind.ID), Words: r.Words(ind.Name)}, Here: r.localValue(l), Chip: r.chip(l.Result.Assessment.Status),
		City: r.judged(l.Result), Verdict: verdictView{l.Verdict(), i18n.DistrictVerdictShort(r.P, l)}, Notes: i18n.DistrictNotes(r.P, r.City, l),
		Course: i18n.DistrictCourse(r.P, l),
	}
	row.Said = row.Verdict.Class != scorecard.VerdictNone || len(row.Notes) == 0
	if l.Period.ID != "" {
		row.Period, row.City = r.P.Period(l.Period), r.observed(ind, l.City)
	}
	switch l.State {
	case scorecard.LocalFew:
		row.Few = r.P.T("table.mark.too_few")
	case scorecard.LocalHidden:
		row.Few = r.P.Suppression(l.Here.Suppressed)
	}
	if l.Change != nil {
		row.Change = &Value{r.P.Change(l.Change, ind.Unit, ind.Decimals), raw(l.Change)}
		switch rounded := i18n.Round(*l.Change, ind.Decimals); {
		case rounded > 0:
			row.Way = "up"
		case rounded < 0:
			row.Way = "down"
		default:
			row.Way = "same"
		}
	}
	return row
}

// districtFile is the address of the numbers of a district.
func districtFile(id string) string { return "/districts/" + id + ".csv" }

// districtTable is what the page of a district shows, as a table: one row an indicator, the columns named as in the API.
func districtTable(r *Request) (chart.Table, error) {
	id, ok := strings.CutSuffix(r.Params["file"], ".csv")
	dist, err := r.districtNamed(id)
	if err != nil || !ok {
		return chart.Table{}, noFile("district", r.Params["file"])
	}
	t := chart.Table{}
	for _, key := range []string{
		"district", "indicator", "indicator_name", "priority", "unit", "direction", "state", "period", "value", "rows", "suppressed", "city_value",
		"city_public_status", "verdict", "reference", "compared_from", "compared_to", "period_before", "value_before", "change", "course",
		"district_from", "district_until", "district_successors",
	} {
		t.Columns = append(t.Columns, chart.Column{Key: key})
	}
	for _, l := range r.Card.InDistrict(dist.ID) {
		t.Rows = append(t.Rows, chart.Row{Cells: append(r.districtCells(dist.ID, &l), lifeCells(&dist.Life)...)})
	}
	return t, nil
}

// lifeCells say from when until when something is there, and what takes over from it.
func lifeCells(l *kpi.Life) []chart.Cell {
	day := func(d kpi.Date) chart.Cell {
		if d.IsZero() {
			return chart.Cell{}
		}
		return chart.Cell{Raw: d.String()}
	}
	return []chart.Cell{day(l.From), day(l.Until), {Raw: strings.Join(l.Successors, " ")}}
}

// districtCells is a row of that table.
func (r *Request) districtCells(district string, l *scorecard.Local) []chart.Cell {
	word := func(s string) chart.Cell { return chart.Cell{Raw: s} }
	number := func(o *kpi.Observation) chart.Cell {
		if o == nil {
			return chart.Cell{}
		}
		return chart.Cell{Number: o.Value}
	}
	ind, rows, hidden, e := l.Result.Indicator, chart.Cell{}, "", l.Equity
	if l.Here != nil {
		hidden = string(l.Here.Suppressed)
		if l.Here.Suppressed == kpi.NotSuppressed {
			n := float64(l.Here.Rows)
			rows.Number = &n
		}
	}
	if e == nil {
		e = &scorecard.Equity{}
	}
	return []chart.Cell{
		word(district), word(ind.ID), word(r.P.Text(ind.Name)), word(ind.Priority), word(string(ind.Unit)), word(string(ind.Direction)), word(string(l.State)),
		word(l.Period.ID), number(l.Here), rows, word(hidden), number(l.City), word(string(l.Result.Assessment.Status.Public())), word(string(l.Verdict())),
		word(e.Reference), word(e.From), word(e.To), word(l.Year.ID), number(l.Before), {Number: l.Change}, word(string(l.Course)),
	}
}
