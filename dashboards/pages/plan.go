package pages

import "citystat/kpi"

const (
	cardsAtMost  = 12  // indicators that need attention, and indicators on track, on the front page; the rest is one link away
	largeAtMost  = 6   // of those that need attention, the worst ones that have a card of their own
	movedAtMost  = 4   // indicators that really changed, on the front page
	listAtMost   = 60  // indicators of a city whose front page names each of them
	shapesAtMost = 24  // indicators of a priority that are drawn one by one
	listAPage    = 100 // indicators on a page of the list
)

// step is one part of the way to an indicator through the city's plan.
type step struct {
	Level Words // what the city calls this level
	Code  string
	Name  Words
}

// node returns the part of the city's plan with the id, or nil.
func (r *Request) node(id string) *kpi.PlanNode {
	if r.nodes == nil {
		r.nodes = make(map[string]*kpi.PlanNode, len(r.City.Plan.Nodes))
		for i := range r.City.Plan.Nodes {
			r.nodes[r.City.Plan.Nodes[i].ID] = &r.City.Plan.Nodes[i]
		}
	}
	return r.nodes[id]
}

// way returns the parts of the plan above an indicator, the highest first, from a level on.
func (r *Request) way(ind *kpi.Indicator, from int) []step {
	var list []step
	// Parents stand before children, so this ends; the bound holds for a plan that somebody made by other means.
	for n := r.node(ind.Plan); n != nil && n.Level >= from && len(list) < len(r.City.Plan.Nodes); n = r.node(n.Parent) {
		s := step{Code: n.Code, Name: r.Words(n.Name)}
		if n.Level < len(r.City.Plan.Levels) {
			s.Level = r.Words(r.City.Plan.Levels[n.Level])
		}
		list = append([]step{s}, list...)
	}
	return list
}

// planned is a summary with the indicator's place in the plan, from a level on.
func (r *Request) planned(s Summary, ind *kpi.Indicator, from int) Summary {
	s.Code, s.Way = ind.Code, nearest(r.way(ind, from))
	return s
}

// nearest is the last part of a way if the city numbers it: its number tells the parts above. Otherwise it is the whole way.
func nearest(way []step) []step {
	if n := len(way); n > 0 && way[n-1].Code != "" {
		return way[n-1:]
	}
	return way
}

// codeOf returns the city's own number of a part of its plan.
func (r *Request) codeOf(id string) string {
	if n := r.node(id); n != nil {
		return n.Code
	}
	return ""
}

// inPlan says where an indicator stands in the city's plan, below the goal, in the city's own words for its levels.
func (r *Request) inPlan(ind *kpi.Indicator) []fact {
	var list []fact
	for _, s := range r.way(ind, goalLevel+1) {
		w := s.Name
		if s.Code != "" {
			w.Text = s.Code + " " + w.Text
		}
		list = append(list, fact{Label: s.Level.Text, Words: w})
	}
	if ind.Code != "" {
		list = append(list, fact{Label: r.P.T("indicator.code"), Words: own(ind.Code)})
	}
	return list
}
