package api

import (
	"net/url"
	"regexp"

	"citystat/kpi"
)

// Filter narrows the observations of an indicator. A nil field lets everything through; an empty dimension is the whole city.
type Filter struct {
	Period, Dimension, Member *string
}

// periodForm is the form of every period id; whether there is such a period is for the data to say.
var periodForm = regexp.MustCompile(`^[0-9A-Z-]{4,10}$`)

// ParseFilter reads period, dimension and member from a query. Other keys are not the API's business and are passed over.
// A value that no period, dimension or member can have is kpi.CodeInvalid.
func ParseFilter(q url.Values) (Filter, error) {
	f := Filter{Period: first(q, "period"), Dimension: first(q, "dimension"), Member: first(q, "member")}
	if f.Period != nil && !periodForm.MatchString(*f.Period) {
		return Filter{}, kpi.Errorf(kpi.CodeInvalid, "period is no period id; write for example 2015-06-30, 2015-W23, 2015-06, 2015-Q2, 2015, FY2016 or FY2016-Q1")
	}
	for key, v := range map[string]*string{"dimension": f.Dimension, "member": f.Member} {
		if v != nil && *v != "" && !kpi.ValidID(*v) {
			return Filter{}, kpi.Errorf(kpi.CodeInvalid, "%s is no id; ids are 1 to 64 lower-case letters, digits and hyphens", key)
		}
	}
	return f, nil
}

// All reports whether the filter lets everything through.
func (f Filter) All() bool { return f == Filter{} }

func (f Filter) lets(o kpi.Observation) bool {
	return is(f.Period, o.Period) && is(f.Dimension, o.Dimension) && is(f.Member, o.Member)
}

func is(want *string, got string) bool { return want == nil || *want == got }

func first(q url.Values, key string) *string {
	if v, ok := q[key]; ok && len(v) > 0 {
		return &v[0]
	}
	return nil
}
