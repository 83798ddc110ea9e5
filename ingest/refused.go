package ingest

import (
	"cmp"
	"slices"

	"citystat/kpi"
)

// Refused returns the rows that a load which did not become live refused, as far as they were kept: those that the connector set aside, and
// up to [warehouse.MaxRefused] of those for which the warehouse would not take the load. None if there were none. Those of a live load are
// in the warehouse.
func (r *Runner) Refused(load int64) ([]kpi.Reject, error) { return r.spool.Rejects(load) }

// RefusedGroups counts the rows that [Runner.Refused] returns by reason and column, the most frequent first.
func (r *Runner) RefusedGroups(load int64) ([]kpi.RejectGroup, error) {
	rows, err := r.Refused(load)
	return countRejects(rows), err
}

func countRejects(rows []kpi.Reject) []kpi.RejectGroup {
	at := map[[2]string]int{}
	var list []kpi.RejectGroup
	for _, r := range rows {
		key := [2]string{r.Reason, r.Column}
		i, ok := at[key]
		if !ok {
			i = len(list)
			at[key], list = i, append(list, kpi.RejectGroup{Reason: r.Reason, Column: r.Column})
		}
		list[i].Rows++
	}
	slices.SortStableFunc(list, func(a, b kpi.RejectGroup) int { return cmp.Compare(b.Rows, a.Rows) })
	return list
}
