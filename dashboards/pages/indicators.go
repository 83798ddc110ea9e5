package pages

import (
	"context"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

var indicatorsPage = Page{
	Name: "indicators", Path: "/indicators", Menu: "nav.indicators", Role: Everyone,
	Query: []string{"q", "priority", "department", "status"}, Load: loadIndicators,
}

// indicatorsData is the list of indicators behind its filters.
type indicatorsData struct {
	Action       string
	Query        string
	Filters      []filter
	Found        string
	Illustrative string
	Any          bool // a filter is set
	Groups       []Group
}

// filter is one choice of the form.
type filter struct {
	Name, Label, All string
	Options          []option
}

// option is one entry of a choice.
type option struct {
	Value    string
	Words    Words
	Selected bool
}

func loadIndicators(_ context.Context, r *Request) (Content, error) {
	all := r.results("")
	d := indicatorsData{
		Action:       r.To("/indicators"),
		Query:        r.Query.Get("q"),
		Illustrative: r.illustrative(),
		Filters:      r.filters(),
		Any:          len(r.Query) > 0,
	}
	n := 0
	for _, pr := range r.City.Priorities {
		var rows []*scorecard.Result
		for _, res := range r.results(pr.ID) {
			if r.matches(res) {
				rows = append(rows, res)
			}
		}
		if len(rows) > 0 {
			heading := Link{URL: r.To("/priorities/" + pr.ID), Words: r.Words(pr.Name)}
			d.Groups = append(d.Groups, Group{Heading: heading, ID: "list-" + pr.ID, Rows: r.summaries(rows)})
			n += len(rows)
		}
	}
	d.Found = r.P.T("list.count", "n", n, "total", len(all))
	return Content{Title: r.P.T("list.title"), Summary: d.Found, Data: d}, nil
}

// filters returns the three choices of the form.
func (r *Request) filters() []filter {
	pick := func(name, id string, w Words) option {
		return option{Value: id, Words: w, Selected: r.Query.Get(name) == id}
	}
	priority := filter{Name: "priority", Label: r.P.T("indicator.priority"), All: r.P.T("list.all")}
	for _, pr := range r.City.Priorities {
		priority.Options = append(priority.Options, pick("priority", pr.ID, r.Words(pr.Name)))
	}
	department := filter{Name: "department", Label: r.P.T("indicator.department"), All: r.P.T("list.all")}
	for _, dep := range r.City.Departments {
		department.Options = append(department.Options, pick("department", dep.ID, r.Words(dep.Name)))
	}
	status := filter{Name: "status", Label: r.P.T("public.label"), All: r.P.T("list.all")}
	for _, s := range kpi.PublicStatuses {
		status.Options = append(status.Options, pick("status", string(s), own(r.P.Upper(r.P.PublicStatus(s)))))
	}
	return []filter{priority, department, status}
}

// matches reports whether a result passes the filters and holds every word that was searched for.
func (r *Request) matches(res *scorecard.Result) bool {
	ind := res.Indicator
	is := func(name, have string) bool { want := r.Query.Get(name); return want == "" || want == have }
	if !is("priority", ind.Priority) || !is("department", ind.Department) || !is("status", string(res.Assessment.Status.Public())) {
		return false
	}
	text := []string{ind.ID}
	for _, t := range []kpi.Text{ind.Name, ind.Sentence, ind.Why, ind.Method} {
		text = append(text, r.P.Text(t))
	}
	if dep := r.City.Department(ind.Department); dep != nil {
		text = append(text, r.P.Text(dep.Name))
	}
	hay := fold(strings.Join(text, "\n"))
	for word := range strings.FieldsSeq(fold(r.Query.Get("q"))) {
		if !strings.Contains(hay, word) {
			return false
		}
	}
	return true
}

// fold makes words comparable as a reader types them: without case and accents.
func fold(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Mn, c) {
			return -1
		}
		return unicode.ToLower(c)
	}, norm.NFD.String(s))
}
