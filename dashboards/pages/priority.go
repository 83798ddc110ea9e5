package pages

import (
	"context"
	"slices"

	"citystat/dashboards/chart"
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
	Roll         *rollView
	Code         string  // the city's own number of it, where it is a part of a plan
	Groups       []Group // by goal
	Goals        []goalLink
	Others       []Link // the other priorities
	Life         *lifeView
}

// goalLink leads to a goal further down.
type goalLink struct {
	Link
	Code, Said string
}

// goalsAtLeast is from how many goals on a page begins with links to them.
const goalsAtLeast = 4

func loadPriority(_ context.Context, r *Request) (Content, error) {
	pr := r.City.Priority(r.Params["id"])
	if pr == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "there is no priority %q", r.Params["id"])
	}
	results := r.results(pr.ID)
	tally := r.Card.Tally(pr.ID)
	d := priorityData{
		Name:         r.Words(pr.Name),
		Promise:      r.Prose(pr.Promise),
		Illustrative: r.illustrative(),
		AsOf:         r.asOf(),
		Tally:        r.linked(r.tally(tally), pr.ID),
		Total:        tally.Total(),
		Roll:         r.rollUp(pr.ID),
		Code:         r.codeOf(pr.ID),
		Groups:       r.goals(pr, results),
		Life:         r.life(kpi.OrgPriority, pr.ID),
	}
	if len(d.Groups) >= goalsAtLeast {
		for _, g := range d.Groups {
			d.Goals = append(d.Goals, goalLink{Link{URL: "#" + g.ID, Words: g.Heading.Words}, g.Code, g.Said})
		}
	}
	for _, other := range r.City.PrioritiesOn(r.day()) {
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
			groups = append(groups, r.goal(Link{Words: r.Words(g.Name)}, g.ID, r.codeOf(g.ID), rows))
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
		groups = append(groups, r.goal(Link{Words: own(heading)}, "other", "", rest))
	}
	return groups
}

// goalLevel is the level of a plan whose parts are goals; its parts below are said beside each indicator.
const goalLevel = 1

// goal is a goal with its indicators, and how many of them are on track.
func (r *Request) goal(heading Link, id, code string, results []*scorecard.Result) Group {
	g := Group{Heading: heading, ID: "goal-" + id, Code: code, Ask: true}
	g.Said = r.P.T("priority.goals_count", "n", len(withStatus(results, kpi.PublicOnTrack)), "total", len(results))
	for _, res := range results {
		s := r.planned(r.summary(res), res.Indicator, goalLevel+1)
		s.Bullet = chart.NewBullet(r.P, res)
		g.Rows = append(g.Rows, s)
	}
	return g
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
