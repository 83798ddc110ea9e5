package ledgertest

import (
	"context"
	"fmt"
	"slices"

	"citystat/kpi"
)

// HasCases reports whether anything says which rows behind an indicator are open: of every indicator but the city's last one, which shows how that looks.
func (o *Office) HasCases(indicator string) bool {
	return o.city == nil || indicator != o.city.Indicators[len(o.city.Indicators)-1].ID
}

// OpenCases returns some open cases, one of each kind: overdue, in time, without a due date, in a district, in none. In an office in which nobody did anything
// none is open.
func (o *Office) OpenCases(_ context.Context, q kpi.CaseQuery) (kpi.OpenCases, error) {
	if !o.HasCases(q.Indicator) {
		return kpi.OpenCases{}, nil
	}
	out := kpi.OpenCases{Begin: "opened", End: "closed", Due: "due", Key: []string{"case_id"}, Placed: true, AsOf: kpi.DateOf(o.now)}
	if o.city == nil {
		return out, nil
	}
	districts := []string{o.city.Districts[0].ID, kpi.MemberNotRecorded, kpi.MemberNotRecognised}
	for i := range 60 {
		district := districts[i%3]
		if q.District != "" && q.District != district {
			continue
		}
		c := kpi.OpenCase{Key: map[string]string{"case_id": o.say(fmt.Sprintf("SR-%06d", 100245+i))}, Days: 400 - 6*i, District: district}
		c.Opened = out.AsOf.AddDays(-c.Days)
		if i%4 != 3 {
			c.Due = c.Opened.AddDays(120)
			c.Overdue = c.Due.Before(out.AsOf)
		}
		out.Open++
		if c.Overdue {
			out.Overdue++
		}
		out.List = append(out.List, c)
	}
	slices.SortStableFunc(out.List, func(a, b kpi.OpenCase) int {
		return map[bool]int{false: 1}[a.Overdue] - map[bool]int{false: 1}[b.Overdue]
	})
	out.List = out.List[:min(len(out.List), q.Limit)]
	return out, nil
}
