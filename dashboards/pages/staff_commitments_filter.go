package pages

import (
	"net/url"
	"slices"

	"citystat/kpi"
)

// findsCommitment reports whether the filters, but for the state, find a commitment.
func findsCommitment(q url.Values, c *kpi.Commitment) bool {
	series, slot, made := c.Meeting()
	meeting := ""
	if made {
		meeting = slot.String()
	}
	have := map[string]string{"kind": commitmentKind(c), "department": c.Department, "owner": c.Owner, "indicator": c.Indicator, "series": series, "meeting": meeting}
	for name, is := range have {
		if want := q.Get(name); want != "" && want != is {
			return false
		}
	}
	return true
}

// promiseKind is what a filter, a form and a file call a commitment that is no request.
const promiseKind = "promise"

func commitmentKind(c *kpi.Commitment) string {
	if c.Kind == kpi.CommitmentPromise {
		return promiseKind
	}
	return string(c.Kind)
}

// showsCommitment reports whether a choice of states has a commitment.
func (r *Request) showsCommitment(state string, c *kpi.Commitment) bool {
	switch state {
	case showAll:
		return true
	case showOverdue:
		return c.State == kpi.CommitmentOpen && r.daysLate(c, r.Today) > 0
	case string(kpi.CommitmentDone), string(kpi.CommitmentKept), string(kpi.CommitmentDropped):
		return string(c.State) == state
	}
	return !c.State.Ended()
}

// commitmentFilters are the choices of the form: departments and posts that have commitments, and where these stand.
func (r *Request) commitmentFilters(all []kpi.Commitment) []filter {
	q := r.commitmentQuery()
	department := filter{Name: "department", Label: r.P.T("indicator.department"), All: r.P.T("list.all")}
	for i := range r.City.Departments {
		d := &r.City.Departments[i]
		if slices.ContainsFunc(all, func(c kpi.Commitment) bool { return c.Department == d.ID }) {
			department.Options = append(department.Options, option{Value: d.ID, Words: r.Words(d.Name), Selected: q.Get("department") == d.ID})
		}
	}
	owner := filter{Name: "owner", Label: r.P.T("commitments.owner"), All: r.P.T("list.all")}
	seen := map[string]bool{}
	for i := range all {
		if id := all[i].Owner; !seen[id] {
			seen[id] = true
			owner.Options = append(owner.Options, option{Value: id, Words: r.holder(id).Title, Selected: q.Get("owner") == id})
		}
	}
	state := filter{Name: "state", Label: r.P.T("commitments.filter.state")} // its first choice is one of its own
	for _, s := range commitmentShows {
		state.Options = append(state.Options, option{Value: s, Words: own(r.P.T("commitments.show." + s)), Selected: q.Get("state") == s})
	}
	kind := filter{Name: "kind", Label: r.P.T("commitments.kind"), All: r.P.T("list.all")}
	for _, k := range []string{promiseKind, string(kpi.CommitmentRequest)} {
		kind.Options = append(kind.Options, option{Value: k, Words: own(r.P.T("commitments.kind." + k)), Selected: q.Get("kind") == k})
	}
	return append([]filter{kind, department, owner, state}, r.meetingFilters(all)...)
}

// meetingFilters are choices of the series in whose meetings something was promised, and, where one is chosen, of its meetings, the newest first.
func (r *Request) meetingFilters(all []kpi.Commitment) []filter {
	q := r.commitmentQuery()
	series := filter{Name: "series", Label: r.P.T("commitments.filter.series"), All: r.P.T("list.all")}
	one := filter{Name: "meeting", Label: r.P.T("commitments.filter.meeting"), All: r.P.T("list.all")}
	var days []kpi.Date
	seen := map[string]bool{}
	for i := range all {
		id, slot, made := all[i].Meeting()
		if !made {
			continue
		}
		seen[id] = true
		if id == q.Get("series") && !slices.Contains(days, slot) {
			days = append(days, slot)
		}
	}
	for i := range r.City.Meetings {
		if s := &r.City.Meetings[i]; seen[s.ID] {
			series.Options = append(series.Options, option{Value: s.ID, Words: r.Words(s.Name), Selected: q.Get("series") == s.ID})
		}
	}
	slices.SortFunc(days, func(a, b kpi.Date) int { return b.Compare(a) })
	for _, d := range days {
		one.Options = append(one.Options, option{Value: d.String(), Words: own(r.P.Date(d)), Selected: q.Get("meeting") == d.String()})
	}
	var list []filter
	for _, f := range []filter{series, one} {
		if len(f.Options) > 0 {
			list = append(list, f)
		}
	}
	return list
}
