package catalog

import (
	"slices"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// readUnit reads the unit, checks that the measure can have it, and reads the decimals.
func (ds *dataset) readUnit(o object, i *kpi.Indicator) {
	kind := i.Measure.Kind
	implied := kpi.Unit("")
	switch kind {
	case kpi.MeasureShare:
		implied = kpi.Percent
	case kpi.MeasureCount, kpi.MeasureRate:
		implied = kpi.Number
	}
	must := need(implied == "" && kind != "")
	if kind == kpi.MeasureDuration && o.value["unit"] == nil && o.key["unit"] == nil && !o.misspelt("unit") {
		ds.bad(o.n, "add unit: days, or working_days, or hours", "an indicator lacks %q", "unit")
		must = optional
	}
	i.Unit = oneOf(o, "unit", must, implied, kpi.Units)
	n := o.value["unit"]
	switch {
	case implied != "" && i.Unit != implied:
		ds.bad(n, "write unit: "+string(implied)+", or leave it out", "a %s is in %s, not in %s", kind, implied, i.Unit)
		i.Unit = implied
	case kind == kpi.MeasureSum && i.Unit == kpi.Percent:
		ds.bad(n, "write a share, or another unit", "percentages cannot be summed")
	case kind == kpi.MeasureRatio && i.Unit == kpi.Percent && i.Measure.Factor() != 100:
		ds.bad(n, "write times: 100 in the ratio, or another unit", "a ratio in percent is multiplied by 100, and this one by %v", i.Measure.Factor())
	}
	ds.unitOfTime(i, n)
	i.Decimals = 1
	if wholeNumbers(i) {
		i.Decimals = 0
	}
	if n, v := o.integer("decimals", optional, 0, 6); n != nil {
		i.Decimals = int(v)
	}
}

// wholeNumbers reports whether the values are whole, or so large as a rule that nobody looks for more.
func wholeNumbers(i *kpi.Indicator) bool {
	switch i.Measure.Kind {
	case kpi.MeasureRatio, kpi.MeasureRate:
		return false
	case kpi.MeasureDuration:
		return i.Unit == kpi.WorkingDays
	}
	return i.Unit == kpi.Number
}

// unitOfTime checks that a time between two columns is in a unit of time, and in the one that the function gives.
func (ds *dataset) unitOfTime(i *kpi.Indicator, n *node) {
	if n == nil || i.Unit == "" {
		return // reported, or nothing to check
	}
	switch i.Measure.Kind {
	case kpi.MeasureDuration:
		ds.unitOfDuration(i, n)
		return
	case kpi.MeasureRatio:
		return // it is divided by something
	}
	tree, err := expr.Parse(i.Measure.Of)
	if err != nil {
		return
	}
	call, ok := tree.(*expr.Call)
	if !ok {
		return
	}
	switch {
	case call.Name == "days_between" && i.Unit != kpi.Days:
		ds.bad(n, either(i.Unit == kpi.WorkingDays, "write unit: days, or measure a duration, which may be in working days", "write unit: days"), "days_between gives days, and the unit is %s", plainWords(i.Unit))
	case call.Name == "hours_between" && i.Unit != kpi.Hours:
		ds.bad(n, "write unit: hours", "hours_between gives hours, and the unit is %s", plainWords(i.Unit))
	}
}

// unitOfDuration checks the unit of a duration.
func (ds *dataset) unitOfDuration(i *kpi.Indicator, n *node) {
	switch {
	case !slices.Contains([]kpi.Unit{kpi.Days, kpi.WorkingDays, kpi.Hours}, i.Unit):
		ds.bad(n, "write unit: days, or working_days, or hours", "a duration is a time, and not in %s", i.Unit)
	case i.Unit == kpi.Hours && ds.columns[i.Measure.From] == expr.Date && ds.columns[i.Measure.To] == expr.Date:
		ds.bad(n, "write unit: days", "%q and %q are dates, which have no hours", i.Measure.From, i.Measure.To)
	}
}
