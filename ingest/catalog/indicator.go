package catalog

import (
	"slices"
	"time"

	"citystat/kpi"
)

// readIndicators reads the dataset's indicators: a list of them, and of tables whose rows become some.
func (ds *dataset) readIndicators() error {
	if n := ds.o.value["indicators"]; n != nil && n.kind == mapping {
		return ds.readPlan(n)
	}
	for _, n := range ds.o.list("indicators", optional) {
		if isPlan(n) {
			if err := ds.readPlan(n); err != nil {
				return err
			}
			continue
		}
		o, ok := ds.object(n, indicatorShape)
		if !ok {
			ds.open("indicator")
			continue
		}
		ds.city.Indicators = append(ds.city.Indicators, ds.indicator(o))
	}
	ds.section(ds.o, "indicators", optional, "indicator")
	return nil
}

// indicator reads one indicator.
func (ds *dataset) indicator(o object) kpi.Indicator {
	id := ds.identity(o, "id", "indicator")
	i := kpi.Indicator{ID: id, Dataset: ds.d.ID}
	i.Name = ds.phrase(o, "name", required, address("indicator", id, "name"))
	i.Sentence = ds.phrase(o, "sentence", required, address("indicator", id, "sentence"))
	i.Why = ds.phrase(o, "why", optional, address("indicator", id, "why"))
	i.Method = ds.phrase(o, "method", required, address("indicator", id, "method"))
	i.Caution = ds.phrase(o, "caution", optional, address("indicator", id, "caution"))
	i.Kind = oneOf(o, "kind", required, "", kpi.IndicatorKinds)
	ds.place(o, &i)
	i.Service = ds.readService(o, id)
	i.Direction = oneOf(o, "direction", required, "", kpi.Directions)
	i.Period = oneOf(o, "period", required, "", kpi.PeriodKinds)
	i.Public = o.boolean("public", true)
	ds.readMeasure(o, &i)
	ds.readUnit(o, &i)
	i.SettlesAfter = ds.settles(o)
	i.Minimum = leastRows(i.Measure)
	if n, v := o.integer("minimum", optional, 0, 1_000_000); n != nil {
		i.Minimum = int(v)
	}
	ds.readAddsUp(o, &i)
	judge := ds.readJudge(o, &i)
	if !ds.readProject(o, &i) {
		ds.readTrajectory(o, &i)
		ds.readBaseline(o, &i)
		ds.readTargets(o, &i)
	}
	ds.checkJudge(judge, o, &i)
	ds.readChart(o, &i)
	ds.readRebases(o, &i)
	ds.readEquity(o, &i)
	ds.readSuppress(o, &i)
	ds.readChanges(o, &i)
	ds.readPairs(o, &i)
	return i
}

// leastRows is the number of rows below which a value says too little, if the folder says nothing: none where it counts what is there.
func leastRows(m kpi.Measure) int {
	if m.Flow() || m.Kind == kpi.MeasureRate || m.Kind == kpi.MeasureLast {
		return 0
	}
	return 10
}

// place reads where the indicator stands: its priority and goal, its department and owner.
func (ds *dataset) place(o object, i *kpi.Indicator) {
	i.Department = ds.reference(o, "department", required, "department")
	ds.tellEnd(o.value["department"], kpi.OrgDepartment, i.Department)
	i.Owner = ds.reference(o, "owner", optional, "person")
	i.Priority = ds.reference(o, "priority", required, "priority")
	ds.tellEnd(o.value["priority"], kpi.OrgPriority, i.Priority)
	n := o.get("goal", optional)
	goal, ok := o.plainText("goal", n)
	if !ok {
		return
	}
	i.Goal = goal
	ds.refer("goal", n, goal)
	priority := i.Priority
	ds.later = append(ds.later, func() { ds.goalOf(n, goal, priority) })
}

// goalOf checks that a goal that exists is one of the indicator's priority.
func (ds *dataset) goalOf(n *node, goal, priority string) {
	own := ds.city.Priority(priority)
	if own == nil || ds.table("goal").ids[goal] == nil {
		return
	}
	is := func(g kpi.Goal) bool { return g.ID == goal }
	if slices.ContainsFunc(own.Goals, is) {
		return
	}
	for _, p := range ds.city.Priorities {
		if slices.ContainsFunc(p.Goals, is) && p.ID != "" {
			ds.bad(n, "choose a goal of its own priority, or the other priority", "the goal %q belongs to the priority %q, and the indicator to %q", goal, p.ID, priority)
		}
	}
}

// settles reads the number of days after which a period's value is settled.
func (ds *dataset) settles(o object) int {
	n := o.get("settles_after", optional)
	if n != nil && n.kind == scalar && (n.text == "0" || n.text == "0 days") {
		return 0
	}
	d := o.duration("settles_after", optional)
	const day = 24 * time.Hour
	if d%day != 0 {
		ds.bad(n, "write whole days, such as 7 days", "values settle after whole days, and this is %s", n.text)
	}
	return int(d / day)
}

// readPairs reads the indicators that are to be read beside this one. Two that name each other are as they should be.
func (ds *dataset) readPairs(o object, i *kpi.Indicator) {
	for _, w := range o.words("paired_with", optional) {
		if w.text == i.ID {
			ds.bad(w.n, "name another indicator", "the indicator is paired with itself")
			continue
		}
		ds.refer("indicator", w.n, w.text)
		i.PairedWith = append(i.PairedWith, w.text)
	}
}
