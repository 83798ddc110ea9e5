package catalog

import (
	"fmt"
	"slices"
	"strings"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// wholeCity is what groups are compared with if nothing else is said.
const wholeCity = "city"

// readEquity reads how the groups of an indicator are compared.
func (ds *dataset) readEquity(o object, i *kpi.Indicator) {
	e, ok := ds.object(o.get("equity", optional), equityShape)
	if !ok {
		return
	}
	plan := &kpi.EquityPlan{}
	for _, w := range e.words("by", optional) {
		if ds.isDimension(w.n, w.text) {
			plan.By = append(plan.By, w.text)
		}
	}
	switch n := e.value["by"]; {
	case n != nil && n.kind == sequence && len(n.items) == 0:
		e.empty("by", n)
	case n == nil && !e.misspelt("by"):
		plan.By = slices.Clone(ds.d.Dimensions)
		if len(plan.By) == 0 && ds.dimensionsKnown() {
			ds.bad(o.key["equity"], "add "+datasetShape.line("dimensions")+" to the dataset, or leave equity out", "the dataset has no dimensions, so that there are no groups to compare")
		}
	}
	i.Equity = plan
	n := e.get("compare_with", optional)
	reference, ok := e.plainText("compare_with", n)
	if !ok || reference == wholeCity || len(plan.By) == 0 {
		return
	}
	if len(plan.By) > 1 {
		ds.bad(n, fmt.Sprintf("write compare_with: city, or by: [%s] alone", plan.By[0]), "%s is compared with in one dimension, and these are %s", short(reference), strings.Join(plan.By, ", "))
		return
	}
	if ds.isMember(n, plan.By[0], reference) {
		plan.Reference = reference
	}
}

// readSuppress reads below which number nothing is published.
func (ds *dataset) readSuppress(o object, i *kpi.Indicator) {
	s, ok := ds.object(o.get("suppress", optional), suppressShape)
	if !ok {
		return
	}
	if n, v := s.integer("below", required, 2, 1000); n != nil {
		i.Suppress = int(v)
	}
}

// dimensionsKnown reports whether the dataset's dimensions could all be read.
func (ds *dataset) dimensionsKnown() bool {
	n := ds.o.value["dimensions"]
	return !ds.o.misspelt("dimensions") && (n == nil || n.kind == sequence && len(n.items) == len(ds.d.Dimensions))
}

// isDimension reports whether the dataset is broken down by a column; if not, that is reported, unless it was.
func (ds *dataset) isDimension(n *node, name string) bool {
	if slices.Contains(ds.d.Dimensions, name) {
		return true
	}
	if !ds.dimensionsKnown() {
		return false
	}
	mend := suggest(name, ds.d.Dimensions, "its dimensions are")
	if t, ok := ds.columns[name]; ok && t == expr.Text {
		mend = "add it to the dimensions of the dataset " + ds.d.ID
	} else if len(ds.d.Dimensions) == 0 {
		mend = "add " + datasetShape.line("dimensions") + " to it"
	}
	ds.bad(n, mend, "%s is no dimension of the dataset %s", short(name), ds.d.ID)
	return false
}

// isMember reports whether a dimension can have a member; if not, that is reported. Of a column of free text nobody knows.
func (ds *dataset) isMember(n *node, dimension, id string) bool {
	if ds.ofDistricts(dimension) {
		t := ds.table("district")
		if t.ids[id] != nil {
			return true
		}
		if !t.open {
			ds.bad(n, suggest(id, t.list, "the districts are"), "there is no district %s", short(id))
		}
		return false
	}
	i := slices.IndexFunc(ds.d.Columns, func(c kpi.Column) bool { return c.Name == dimension })
	if i < 0 {
		return false
	}
	if allowed, all := ds.domain(ds.d.Columns[i]); allowed != nil && !slices.Contains(allowed, id) {
		ds.bad(n, suggest(id, allowed, all), "the column %q never holds %s", dimension, short(id))
		return false
	}
	return true
}
