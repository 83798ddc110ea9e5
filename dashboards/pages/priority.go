package pages

import (
	"context"
	"slices"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

var priorityPage = Page{Name: "priority", Path: "/priorities/:id", Role: Everyone, Load: loadPriority}

// priorityData is one promise and everything by which it is judged.
type priorityData struct {
	Name         Words
	Promise      Words
	Illustrative string
	Said         string
	AsOf         string
	Tally        []Count
	Total        int
	Groups       []Group // by goal
	Others       []Link  // the other priorities
}

func loadPriority(_ context.Context, r *Request) (Content, error) {
	pr := r.City.Priority(r.Params["id"])
	if pr == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "there is no priority %q", r.Params["id"])
	}
	results := r.results(pr.ID)
	tally := r.Card.Tally(pr.ID)
	d := priorityData{
		Name:         r.Words(pr.Name),
		Promise:      r.Words(pr.Promise),
		Illustrative: r.illustrative(),
		AsOf:         r.asOf(),
		Tally:        r.tally(tally),
		Total:        tally.Total(),
		Groups:       r.goals(pr, results),
	}
	for _, other := range r.City.Priorities {
		if other.ID != pr.ID {
			d.Others = append(d.Others, Link{URL: r.To("/priorities/" + other.ID), Words: r.Words(other.Name)})
		}
	}
	flat := make([]scorecard.Result, len(results))
	for i, res := range results {
		flat[i] = *res
	}
	d.Said = i18n.PrioritySentence(r.P, pr.Name, flat)
	return Content{Title: d.Name.Text, Summary: d.Said, Data: d}, nil
}

// goals returns the results of a priority by goal; those that serve no goal of their own come last.
func (r *Request) goals(pr *kpi.Priority, results []*scorecard.Result) []Group {
	var groups []Group
	for _, g := range pr.Goals {
		if rows := withGoal(results, func(id string) bool { return id == g.ID }); len(rows) > 0 {
			groups = append(groups, Group{Heading: Link{Words: r.Words(g.Name)}, ID: "goal-" + g.ID, Rows: r.summaries(rows)})
		}
	}
	other := func(id string) bool {
		return !slices.ContainsFunc(pr.Goals, func(g kpi.Goal) bool { return g.ID == id })
	}
	if rest := withGoal(results, other); len(rest) > 0 {
		heading := r.P.T("priority.other")
		if len(groups) == 0 {
			heading = r.P.T("priority.indicators")
		}
		groups = append(groups, Group{Heading: Link{Words: own(heading)}, ID: "goal-other", Rows: r.summaries(rest)})
	}
	return groups
}

func withGoal(results []*scorecard.Result, is func(goal string) bool) []*scorecard.Result {
	var out []*scorecard.Result
	for _, res := range results {
		if is(res.Indicator.Goal) {
			out = append(out, res)
		}
	}
	return out
}
