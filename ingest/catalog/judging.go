package catalog

import (
	"citystat/kpi"
)

// readJudge reads the method by which the status is found, if it is not the pace.
func (ds *dataset) readJudge(o object, i *kpi.Indicator) object {
	j, ok := ds.object(o.get("judge", optional), judgeShape)
	if !ok {
		return j
	}
	by := oneOf(j, "by", required, "", kpi.MethodNames)
	since, year := j.integer("since", optional, 1900, 2200)
	limit, most := j.number("limit", optional)
	i.Judge.By = by
	for _, key := range []string{"since", "limit"} {
		if j.key[key] != nil && by != "" && by != kpi.MethodOpenSDG {
			ds.bad(j.key[key], "leave it out, or write by: open-sdg", "%q is for open-sdg, and has no effect on %s", key, by)
			since, limit = nil, nil
		}
	}
	if since != nil {
		i.Judge.Since = int(year)
	}
	switch {
	case limit == nil:
	case most <= 0:
		ds.bad(limit, "write "+judgeShape.line("limit")+", or leave it out", "the limit is what the value cannot pass on its way up from 0, and this is %s", limit.text)
	default:
		ds.possible(limit, most, i)
		i.Judge.Limit = &most
	}
	return j
}

// checkJudge checks that the method can judge the indicator, once its targets are read. A row of a plan may have none: then that is what the
// method says of it.
func (ds *dataset) checkJudge(j, o object, i *kpi.Indicator) {
	by := j.value["by"]
	project := o.key["project"] != nil
	if i.Judge.By == "" || i.Direction == "" || project && i.Direction != kpi.Up {
		return // not there, or reported
	}
	aimless := len(i.Targets) == 0 && o.value["targets"] == nil && !o.misspelt("targets") && !project && !ds.inRows
	switch method := i.Judge.By; {
	case i.Direction == kpi.Neutral:
		ds.bad(o.key["judge"], "give the indicator a direction, or leave judge out", "an indicator of direction none is never judged")
	case i.Direction == kpi.Range:
		ds.bad(by, "leave judge out", "%s judges what goes up or down, and the indicator is to stay in a range", method)
	case method == kpi.MethodExecuted && i.Direction == kpi.Down:
		ds.bad(by, "write direction: up, or leave judge out", "executed divides what was done by what was planned, so that more is better, and the direction is down")
	case method == kpi.MethodOpenSDG:
		ds.checkOpenSDG(j, i)
	case aimless:
		ds.bad(by, "add "+indicatorShape.line("targets")+", or leave judge out", "%s divides by a target, and the indicator has none", method)
	case method == kpi.MethodCityScore:
		for _, t := range i.Targets {
			if t.Value <= 0 && !t.Dropped {
				ds.bad(by, "write another target, or leave judge out", "cityscore divides by the target, and that for %s is not above 0", t.By)
				return
			}
		}
	}
}

// checkOpenSDG checks that the years of a growth rate are in order, and that the limit counts: it does where there is no target.
func (ds *dataset) checkOpenSDG(j object, i *kpi.Indicator) {
	if len(i.Targets) == 0 {
		return
	}
	if n := j.key["limit"]; n != nil && !ds.inRows {
		ds.bad(n, "leave it out, or the targets", "the limit is for an indicator without targets, and has no effect beside them")
	}
	base, at := i.Judge.Since, j.value["since"]
	if base == 0 && i.Baseline != nil {
		base, at = i.Baseline.Date.Year, j.value["by"]
	}
	if last := i.Targets[len(i.Targets)-1].By; base >= last.Year {
		ds.bad(at, "write an earlier year as since", "open-sdg compares a year with the base year, and the last target is for %s, not after %d", last, base)
	}
}
