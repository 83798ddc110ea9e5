package pages

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

var indicatorsPage = Page{
	Name: "indicators", Path: "/indicators", Menu: "nav.indicators", Role: Everyone,
	Query: []string{"q", "priority", "department", "status", "page"}, Load: loadIndicators,
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
	pager
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
	}
	for _, name := range []string{"q", "priority", "department", "status"} {
		d.Any = d.Any || r.Query.Has(name)
	}
	var found []*scorecard.Result
	for _, pr := range r.City.Priorities {
		for _, res := range r.results(pr.ID) {
			if r.matches(res) {
				found = append(found, res)
			}
		}
	}
	d.Found = r.P.T("list.count", "n", len(found), "total", len(all))
	from, to, err := r.turn(&d.pager, "/indicators", len(found), listAPage, "list.page")
	if err != nil {
		return Content{}, err
	}
	d.Groups = r.byPriority(found[from:to])
	return Content{Title: r.P.T("list.title"), Summary: d.Found, Data: d}, nil
}

// pager leads through a list that is too long for one page.
type pager struct {
	Shown    string // which part of the list is on this page; "" where it is all of it
	Previous *Link
	Next     *Link
}

// turn finds the part of a list that is on the page that was asked for, and puts the links to the pages before and after it. shown is the message
// that says which part it is.
func (r *Request) turn(p *pager, path string, total, size int, shown string) (from, to int, err error) {
	page := 1
	if s := r.Query.Get("page"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 1+max(0, total-1)/size {
			return 0, 0, kpi.Errorf(kpi.CodeInvalid, "the list has no page %q", s)
		}
		page = n
	}
	from, to = (page-1)*size, min(page*size, total)
	link := func(n int, id string) *Link {
		q := maps.Clone(r.Query)
		q.Del("page")
		if n > 1 {
			q.Set("page", strconv.Itoa(n))
		}
		address := path
		if len(q) > 0 {
			address += "?" + q.Encode()
		}
		return &Link{URL: r.To(address), Words: own(r.P.T(id))}
	}
	if page > 1 {
		p.Previous = link(page-1, "rejects.previous")
	}
	if to < total {
		p.Next = link(page+1, "rejects.next")
	}
	if page > 1 || to < total {
		p.Shown = r.P.T(shown, "from", from+1, "to", to, "total", total)
	}
	return from, to, nil
}

// byPriority returns results under their priorities, in the order in which they come.
func (r *Request) byPriority(results []*scorecard.Result) []Group {
	var groups []Group
	for _, pr := range r.City.Priorities {
		g := Group{Heading: Link{URL: r.To("/priorities/" + pr.ID), Words: r.Words(pr.Name)}, ID: "list-" + pr.ID}
		for _, res := range results {
			if res.Indicator.Priority == pr.ID {
				g.Rows = append(g.Rows, r.planned(r.summary(res), res.Indicator, goalLevel))
			}
		}
		if len(g.Rows) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// filters returns the three choices of the form.
func (r *Request) filters() []filter {
	pick := func(name, id string, w Words) option {
		return option{Value: id, Words: w, Selected: r.Query.Get(name) == id}
	}
	priority := filter{Name: "priority", Label: r.P.T("indicator.priority"), All: r.P.T("list.all")}
	for i := range r.City.Priorities {
		pr := &r.City.Priorities[i]
		if !pr.On(r.day()) && r.Query.Get("priority") != pr.ID {
			continue
		}
		priority.Options = append(priority.Options, pick("priority", pr.ID, r.Words(pr.Name)))
	}
	department := filter{Name: "department", Label: r.P.T("indicator.department"), All: r.P.T("list.all")}
	for i := range r.City.Departments {
		dep := &r.City.Departments[i]
		if !dep.On(r.day()) && r.Query.Get("department") != dep.ID {
			continue
		}
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
	text := []string{ind.ID, ind.Code}
	for _, s := range r.way(ind, 0) {
		text = append(text, s.Code, s.Name.Text)
	}
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
