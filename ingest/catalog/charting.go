package catalog

import (
	"slices"

	"citystat/kpi"
)

// readChart reads the chart on which the indicator's history is read, if the series is not to choose it.
func (ds *dataset) readChart(o object, i *kpi.Indicator) {
	i.Chart = oneOf(o, "chart", optional, "", kpi.ChartKinds)
	of := map[kpi.ChartKind][]kpi.MeasureKind{
		kpi.ChartPPrime: {kpi.MeasureShare},
		kpi.ChartUPrime: {kpi.MeasureRate, kpi.MeasureRatio},
	}[i.Chart]
	if of == nil || i.Measure.Kind == "" || slices.Contains(of, i.Measure.Kind) {
		return
	}
	ds.bad(o.value["chart"], "write xmr, or leave it out: then the series decides", "%s is a chart of %s, and the measure is %s", i.Chart,
		either(i.Chart == kpi.ChartPPrime, "shares", "rates and ratios"), i.Measure.Kind)
}

// readRebases reads the decisions that limits begin anew.
func (ds *dataset) readRebases(o object, i *kpi.Indicator) {
	if n := o.value["rebase"]; n != nil && n.kind != sequence || o.misspelt("rebase") {
		ds.open("indicator") // its reasons are not known, and may be translated
	}
	var last kpi.Date
	for _, n := range o.list("rebase", optional) {
		r, ok := ds.object(n, rebaseShape)
		if !ok {
			ds.open("indicator")
			continue
		}
		from, x := ds.rebase(r, i)
		switch {
		case from == nil:
			ds.open("indicator")
			continue
		case x.From == last:
			ds.bad(from, "keep one of the two", "limits begin anew twice on %s", x.From)
		case x.From.Before(last):
			ds.bad(from, "order the entries by their dates", "what begins on %s stands after what begins on %s", x.From, last)
		default:
			last = x.From
		}
		i.Rebases = append(i.Rebases, x)
	}
}

// rebase reads one decision and returns the node of its first day, nil if it has none.
func (ds *dataset) rebase(o object, i *kpi.Indicator) (*node, kpi.Rebase) {
	from, first := o.date("from", required)
	set, day := o.date("set", required)
	x := kpi.Rebase{From: first, Set: day, ByWhom: o.text("by_whom", required)}
	x.Reason = ds.phrase(o, "reason", required, address("indicator", i.ID, "rebase", first.String(), "reason"))
	if from == nil {
		return nil, x
	}
	if set != nil && day.Before(first) {
		ds.bad(set, "write the day of the decision: nobody knows a change before it has come", "it was decided on %s that limits begin anew on %s, which is later", day, first)
	}
	if ds.calendar == nil || i.Period == "" {
		return from, x
	}
	if p, err := ds.calendar.Period(i.Period, first); err == nil && p.First != first {
		ds.bad(from, "write from: "+nearestBegin(*ds.calendar, p, first).String(), "limits begin anew with a %s, and none begins on %s", plainWords(i.Period), first)
	}
	return from, x
}

// nearestBegin returns the first day of the period or of the next one, whichever is nearer to a day within it.
func nearestBegin(c kpi.Calendar, p kpi.Period, day kpi.Date) kpi.Date {
	if next := c.Next(p).First; next.Sub(day) < day.Sub(p.First) {
		return next
	}
	return p.First
}
