package catalog

import (
	"slices"
	"strings"

	"citystat/kpi"
)

// readBaseline reads where the city started from.
func (ds *dataset) readBaseline(o object, i *kpi.Indicator) {
	b, ok := ds.object(o.get("baseline", optional), baselineShape)
	if !ok || ds.needlessBaseline(o, i) {
		return
	}
	n, value := b.number("value", required)
	ds.possible(n, value, i)
	line := kpi.Baseline{Value: value}
	period, hasPeriod := b.key["period"]
	_, hasDate := b.key["date"]
	switch {
	case hasPeriod && hasDate:
		ds.bad(period, "keep one of the two", "the baseline has both a period and a date")
		return
	case !hasPeriod && !hasDate:
		if !b.misspelt("period") && !b.misspelt("date") {
			ds.bad(b.n, "add "+baselineShape.line("period")+" or "+baselineShape.line("date"), "the baseline does not say for when it holds")
		}
		return
	case hasDate:
		_, line.Date = b.date("date", required)
	default:
		line.From, line.Date = ds.period(b)
	}
	if n != nil && !line.Date.IsZero() {
		i.Baseline = &line
	}
}

// period reads the id of a period and its last day.
func (ds *dataset) period(o object) (string, kpi.Date) {
	n, s := o.raw("period", required)
	if n == nil {
		return "", kpi.Date{}
	}
	calendar := kpi.Calendar{}
	if ds.calendar != nil {
		calendar = *ds.calendar
	}
	p, err := calendar.Parse(s)
	if err != nil {
		ds.bad(n, "write 2015-06-30, 2015-W23, 2015-06, 2015-Q2, 2015, FY2016 or FY2016-Q1", "there is no period %s", short(s))
		return "", kpi.Date{}
	}
	return s, p.Last
}

// possible reports a value that the indicator can never have.
func (ds *dataset) possible(n *node, v float64, i *kpi.Indicator) {
	if n == nil {
		return
	}
	switch kind := i.Measure.Kind; {
	case kind == kpi.MeasureShare && (v < 0 || v > 100):
		ds.bad(n, "write a percentage", "a share lies between 0 and 100 percent, and this is %s", n.text)
	case slices.Contains([]kpi.MeasureKind{kpi.MeasureCount, kpi.MeasureRate, kpi.MeasureDuration}, kind) && v < 0:
		ds.bad(n, "write 0 or more", "a %s is never below 0, and this is %s", kind, n.text)
	}
}

// readTargets reads where the city promised to be.
func (ds *dataset) readTargets(o object, i *kpi.Indicator) {
	list := o.list("targets", optional)
	if n := o.value["targets"]; n != nil && n.kind != sequence || o.misspelt("targets") {
		ds.open("indicator") // its targets' reasons are not known, and may be translated
	}
	if i.Direction == kpi.Neutral && len(list) > 0 {
		ds.bad(o.key["targets"], "give the indicator a direction, or leave the targets out", "an indicator of direction none is never judged, so it has no targets")
		ds.open("indicator")
		return
	}
	var last kpi.Target
	for _, n := range list {
		t, ok := ds.object(n, targetShape)
		if !ok {
			ds.open("indicator")
			continue
		}
		by, value, target := ds.target(t, i)
		if by == nil {
			ds.open("indicator")
			continue
		}
		if ds.inOrder(t, target, last, i.Targets) {
			last = target
			ds.dropsSomething(t, target, i.Targets)
		}
		ds.ahead(by, value, target, i)
		ds.wholeYear(by, target, i)
		i.Targets = append(i.Targets, target)
	}
}

// target reads one target and returns the nodes of its date and its value, nil if it has none.
func (ds *dataset) target(o object, i *kpi.Indicator) (by, value *node, t kpi.Target) {
	var set *node
	by, t.By = o.date("by", required)
	set, t.Set = o.date("set", required)
	ds.readDropped(o, &t)
	if by != nil && set != nil && t.By.Before(t.Set) && !t.Dropped {
		ds.bad(set, "write the day on which the target was decided", "the target was set on %s, after the day that it is for, %s", t.Set, t.By)
	}
	if !t.Dropped {
		value = ds.targetValue(o, i, &t)
	}
	t.Kind = ds.targetKind(o)
	t.ByWhom, t.Act = o.text("by_whom", optional), ds.act(o)
	t.Illustrative = o.boolean("illustrative", false)
	t.Reason = ds.phrase(o, "reason", optional, targetAddress(address("indicator", i.ID), t, i.Targets))
	return by, value, t
}

// readDropped reads whether the target before it for the day and of the kind holds no longer.
func (ds *dataset) readDropped(o object, t *kpi.Target) {
	n := o.value["dropped"]
	t.Dropped = o.boolean("dropped", false)
	switch {
	case n != nil && n.kind == scalar && strings.EqualFold(n.text, "false"):
		ds.bad(o.key["dropped"], "leave it out", "a target that is not dropped does not say so")
	case !t.Dropped:
		return
	}
	for _, key := range []string{"value", "range", "illustrative"} {
		if k := o.key[key]; k != nil && t.Dropped {
			ds.bad(k, "leave it out", "a target that is dropped has no %s; the one before it keeps its own", key)
		}
	}
}

// act reads the act by which something was decided: its title, or title, date and address.
func (ds *dataset) act(o object) kpi.Act {
	n := o.value["act"]
	if n == nil || n.kind != mapping {
		return kpi.Act{Title: o.text("act", optional)}
	}
	a, _ := ds.object(n, actShape)
	act := kpi.Act{Title: a.text("title", required), URL: ds.link(a, "url")}
	_, act.Date = a.date("date", optional)
	return act
}

// targetKind reads what the target is for; "" if that was reported.
func (ds *dataset) targetKind(o object) string {
	kinds := []string{kpi.TargetAnnual, kpi.TargetInterim, kpi.TargetTerm}
	if kind := oneOf(o, "kind", optional, "", kinds); kind != "" || o.value["kind"] != nil {
		return kind
	}
	return kpi.TargetAnnual
}

// targetAddress is where the reason of a target is translated. Further targets for the same day have their kind and the day on which they
// were set in it, so that the address of the first stays when they come.
func targetAddress(of string, t kpi.Target, before []kpi.Target) string {
	if slices.ContainsFunc(before, func(b kpi.Target) bool { return b.By == t.By }) {
		return address(of, "target", t.By.String(), t.Kind, t.Set.String(), "reason")
	}
	return address(of, "target", t.By.String(), "reason")
}

// inOrder checks a target against those before it: by their days, and those for one day by the days on which they were set. Two of a kind for
// one day are one that was changed, and the later one says why. It returns false for one that stands in the wrong place.
func (ds *dataset) inOrder(o object, t, last kpi.Target, before []kpi.Target) bool {
	by, set := o.value["by"], o.value["set"]
	switch {
	case t.By.Before(last.By):
		ds.bad(by, "order the targets by their dates", "the target for %s stands after the one for %s", t.By, last.By)
		return false
	case t.By != last.By || t.Set.IsZero() || last.Set.IsZero(): // the first of its day, or reported
		return true
	case t.Set.Before(last.Set):
		ds.bad(set, "order the targets for one day by the days on which they were set", "the target that was set on %s stands after the one that was set on %s", t.Set, last.Set)
		return false
	}
	for k := len(before) - 1; k >= 0; k-- {
		b := before[k]
		if b.By != t.By || b.Kind != t.Kind || b.Kind == "" {
			continue
		}
		switch {
		case b.Set == t.Set:
			ds.bad(by, "keep one of the two; of a target that was changed the later one has a later day as set", "two targets are for %s", t.By)
		case b.Dropped && t.Dropped:
			ds.bad(o.key["dropped"], "keep one of the two", "the target for %s was dropped already, on %s", t.By, b.Set)
		case o.value["reason"] == nil && t.Dropped && !o.misspelt("reason"):
			ds.bad(o.n, "add "+targetShape.line("reason"), "the target for %s is dropped, and nothing says why", t.By)
		case o.value["reason"] == nil && !o.misspelt("reason"):
			ds.bad(o.n, "add "+targetShape.line("reason"), "the target replaces the one for %s that was set on %s, and does not say why", t.By, b.Set)
		}
		break
	}
	return true
}

// dropsSomething checks that what is dropped was there.
func (ds *dataset) dropsSomething(o object, t kpi.Target, before []kpi.Target) {
	if t.Dropped && t.Kind != "" && !slices.ContainsFunc(before, t.Again) {
		ds.bad(o.key["dropped"], "write the target that was dropped before it, or delete this entry", "nothing is dropped: no target of this kind for %s stands before it", t.By)
	}
}

// targetValue reads the value of a target, or the range of an indicator of direction range. It returns the node of the value.
func (ds *dataset) targetValue(o object, i *kpi.Indicator, t *kpi.Target) *node {
	ranged := i.Direction == kpi.Range
	value, low := o.key["value"], o.key["range"]
	switch {
	case i.Direction == "":
		return nil // reported; which of the two belongs here is not known
	case ranged && value != nil:
		ds.bad(value, "write range: {low: 20, high: 30}", "an indicator of direction range needs a range, not a value")
		return nil
	case !ranged && low != nil:
		ds.bad(low, "write value: 80, or direction: range", "an indicator of direction %s needs a value, not a range", i.Direction)
		return nil
	case !ranged:
		var n *node
		n, t.Value = o.number("value", required)
		ds.possible(n, t.Value, i)
		return n
	}
	if r, ok := ds.object(o.get("range", required), rangeShape); ok {
		ds.targetRange(r, i, t)
	}
	return nil
}

func (ds *dataset) targetRange(r object, i *kpi.Indicator, t *kpi.Target) {
	lowNode, lowest := r.number("low", required)
	highNode, highest := r.number("high", required)
	ds.possible(lowNode, lowest, i)
	ds.possible(highNode, highest, i)
	if lowNode != nil && highNode != nil && lowest >= highest {
		ds.bad(highNode, "write the smaller number as low", "the range ends at %s, not above its beginning, %s", highNode.text, lowNode.text)
	}
	t.Low, t.High = lowest, highest
}

// ahead checks a target against the baseline: it comes after it, and it usually lies in the desired direction.
func (ds *dataset) ahead(by, value *node, t kpi.Target, i *kpi.Indicator) {
	b := i.Baseline
	if b == nil {
		return
	}
	if !t.By.After(b.Date) {
		ds.bad(by, "name a later day, or an earlier baseline", "the target is for %s, and the baseline is as of %s", t.By, b.Date)
	}
	if value == nil || i.Trajectory == kpi.TrajectoryEveryPeriod {
		return // a floor or ceiling that holds in each period may lie on the safe side of the baseline
	}
	if i.Direction == kpi.Up && t.Value < b.Value || i.Direction == kpi.Down && t.Value > b.Value {
		ds.warn(value, "check baseline, target and direction", "the direction is %s, and the target for %s (%v) lies on the wrong side of the baseline (%v)", i.Direction, t.By, t.Value, b.Value)
	}
}
