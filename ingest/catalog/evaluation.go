package catalog

import (
	"fmt"
	"slices"

	"citystat/kpi"
)

// evaluation is a question about something that the city did, as it is read.
type evaluation struct {
	*loader
	o         object
	e         kpi.Evaluation
	dimension *node
	where     []word
	compared  []word
}

// readEvaluations reads what the city asks about what it did. What depends on the indicators is checked when these are known.
func (l *loader) readEvaluations(city object) {
	for _, n := range city.list("evaluations", optional) {
		o, ok := l.object(n, evaluationShape)
		if !ok {
			l.open("evaluation")
			continue
		}
		v := &evaluation{loader: l, o: o}
		v.read()
		k := len(l.city.Evaluations)
		l.city.Evaluations = append(l.city.Evaluations, v.e)
		l.later = append(l.later, func() {
			v.complete()
			l.city.Evaluations[k] = v.e
		})
	}
	l.section(city, "evaluations", optional, "evaluation")
}

// read reads one.
func (v *evaluation) read() {
	o, e := v.o, &v.e
	e.ID = v.identity(o, "id", "evaluation")
	e.Indicator = v.reference(o, "indicator", required, "indicator")
	e.Name = v.phrase(o, "name", required, address("evaluation", e.ID, "name"))
	e.What = v.phrase(o, "what", required, address("evaluation", e.ID, "what"))
	e.Caution = v.phrase(o, "caution", optional, address("evaluation", e.ID, "caution"))
	date, announced := (*node)(nil), (*node)(nil)
	date, e.Date = o.date("date", required)
	announced, e.AnnouncedOn = o.date("announced", optional)
	if date != nil && announced != nil && e.AnnouncedOn.After(e.Date) {
		v.bad(announced, "write the day on which people came to know of it, or leave it out", "it was announced on %s, after it was in force, on %s", e.AnnouncedOn, e.Date)
	}
	e.Seasonal = o.boolean("seasonal", false)
	v.readGroups()
}

// readGroups reads among whom it was done, and among whom it was not.
func (v *evaluation) readGroups() {
	pairs := v.o.pairs("where", optional)
	n := v.o.value["where"]
	switch {
	case n != nil && n.kind == mapping && len(pairs) == 0:
		v.o.empty("where", n)
	case len(pairs) > 1:
		v.bad(pairs[1].key, "keep one of the two, or write two evaluations", "where names the members of one dimension, and this one names %s and %s", short(pairs[0].key.text), short(pairs[1].key.text))
	case len(pairs) == 1:
		v.dimension, v.e.Dimension = pairs[0].key, pairs[0].key.text
		one := object{l: v.loader, n: v.o.n, shape: evaluationShape, value: map[string]*node{"where": pairs[0].value}, key: map[string]*node{"where": pairs[0].key}}
		v.where = one.words("where", required)
		if items := pairs[0].value; items.kind == sequence && len(items.items) == 0 {
			one.empty("where", items)
		}
	}
	v.compared = v.o.words("compared_with", optional)
	compared := v.o.value["compared_with"]
	if compared != nil && compared.kind == sequence && len(compared.items) == 0 {
		v.o.empty("compared_with", compared)
	}
	if compared != nil && n == nil && !v.o.misspelt("where") {
		v.bad(v.o.key["compared_with"], "add "+evaluationShape.line("where"), "the evaluation says with whom is compared, and not who")
	}
	for _, w := range v.compared {
		if slices.ContainsFunc(v.where, func(x word) bool { return x.text == w.text }) {
			v.bad(w.n, "name only members among whom it was not done", "%s is in where as well, and would be compared with itself", short(w.text))
		}
	}
}

// complete checks the evaluation against its indicator and fills in what the folder leaves open.
func (v *evaluation) complete() {
	ind := (*kpi.Indicator)(nil)
	if v.e.Indicator != "" {
		ind = v.city.Indicator(v.e.Indicator)
	}
	v.readMethod(ind)
	v.e.Public = v.o.boolean("public", ind == nil || ind.Public)
	if ind == nil {
		return // reported
	}
	if v.e.Public && !ind.Public {
		v.bad(v.o.value["public"], "leave it out, or publish the indicator", "the indicator %q is not public, so that an evaluation of it is not either", ind.ID)
	}
	if v.e.Seasonal && (ind.Period == kpi.Year || ind.Period == kpi.FiscalYear) {
		v.bad(v.o.key["seasonal"], "leave it out", "the indicator %q has one value a %s, and a year has no season", ind.ID, plainWords(ind.Period))
	}
	ds := v.datasets[ind.Dataset]
	if v.dimension == nil || ds == nil || !ds.isDimension(v.dimension, v.e.Dimension) {
		return
	}
	v.e.Where = v.members(ds, v.where)
	v.e.ComparedTo = v.members(ds, v.compared)
}

// members returns those words that are members of the dimension.
func (v *evaluation) members(ds *dataset, list []word) []string {
	var members []string
	for _, w := range list {
		if ds.isMember(w.n, v.e.Dimension, w.text) {
			members = append(members, w.text)
		}
	}
	return members
}

// readMethod reads how is compared. Where nothing is said it follows from whether there is somebody to compare with, and from the measure.
func (v *evaluation) readMethod(ind *kpi.Indicator) {
	compared := v.o.key["compared_with"] != nil || v.o.misspelt("compared_with")
	usual := kpi.EvaluateSegments
	switch {
	case compared:
		usual = kpi.EvaluateDifferences
	case ind != nil && ind.Measure.Kind == kpi.MeasureCount:
		usual = kpi.EvaluateCounts
	}
	v.e.Method = oneOf(v.o, "method", optional, usual, kpi.EvaluationMethods)
	n := v.o.value["method"]
	if n == nil || n.text != string(v.e.Method) {
		return // nothing said, or reported
	}
	switch method := v.e.Method; {
	case method == kpi.EvaluateDifferences && !compared:
		add := evaluationShape.line("compared_with")
		if v.o.key["where"] == nil {
			add = evaluationShape.line("where") + " and " + add
		}
		v.bad(n, "add "+add, "differences are between those among whom it was done and others, and the evaluation names no others")
	case method != kpi.EvaluateDifferences && compared:
		v.bad(n, "write differences, or leave compared_with out", "%s compares before and after alone, so that compared_with has no effect", method)
	case method == kpi.EvaluateCounts && ind != nil && ind.Measure.Kind != "" && !ind.Measure.Flow():
		v.bad(n, fmt.Sprintf("write %s, or leave it out", kpi.EvaluateSegments), "counts is for a count or a sum, and the measure of %q is %s", ind.ID, ind.Measure.Kind)
	}
}
