package i18n

import (
	"math"
	"strconv"
	"strings"

	"citystat/kpi"
)

// Int returns a whole number with its groups.
func (p *Printer) Int(n int64) string {
	if n > 1<<53 || n < -1<<53 {
		return strconv.FormatInt(n, 10) // beyond what a float64 holds exactly; no city counts so far
	}
	return p.Number(float64(n), 0)
}

// Number returns v with so many decimals, half away from zero as a reader rounds. A number that is not finite is the word for "no
// value"; a number that rounds to zero has no sign.
func (p *Printer) Number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return p.T("value.none")
	}
	v = Round(v, decimals)
	s := p.numbers.FmtNumber(v, uint64(max(decimals, 0)))
	if p.Format == "es-ES" && math.Abs(v) < 10000 {
		s = strings.Replace(s, ".", "", 1) // Spain groups from five digits on
	}
	return s
}

// Round rounds v to so many decimals as a reader would who sees its shortest decimal form: 2.675 is 2.68, although the float64 is
// a little less. Pages round by it and by nothing else.
func Round(v float64, decimals int) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	scale := math.Pow10(max(decimals, 0))
	shifted, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil || math.Abs(shifted) > 1e15/scale {
		return v
	}
	r := math.Round(shifted*scale*(1+1e-15)) / scale
	if r == 0 {
		return 0 // no negative zero
	}
	return r
}

// Percent returns v, from 0 to 100, with the sign of per cent.
func (p *Printer) Percent(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return p.T("value.none")
	}
	sign := strings.TrimPrefix(p.numbers.FmtPercent(0, 0), "0")
	return p.Number(v, decimals) + sign
}

// Value returns a finished value: number, unit, sign and spaces that do not break. nil is the word for "no value".
func (p *Printer) Value(v *float64, unit kpi.Unit, decimals int) string {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return p.T("value.none")
	}
	if unit == kpi.Percent {
		return p.Percent(*v, decimals)
	}
	if noun, ok := nouns[unit]; ok {
		return p.counted(noun, *v, decimals, "")
	}
	return p.Number(*v, decimals)
}

// nouns are the messages of the units that are a noun after the number.
var nouns = map[kpi.Unit]string{kpi.Days: "unit.days", kpi.WorkingDays: "unit.working_days", kpi.Hours: "unit.hours"}

// Share returns a part of a whole, 1 being all of it, as a percentage: with one decimal, and without if it needs none.
func (p *Printer) Share(v float64) string {
	decimals := 0
	if math.Abs(Round(100*v, 1)-Round(100*v, 0)) > 1e-9 {
		decimals = 1
	}
	return p.Percent(100*v, decimals)
}

// Chance returns a probability as a percentage. At its ends it is not said more precisely than it is known: 5% or less, 95% or more.
func (p *Printer) Chance(v float64) string {
	const least, most = 0.05, 0.95
	switch {
	case v <= least*(1+1e-9):
		return p.T("chance.at_most", "value", p.Percent(100*least, 0))
	case v >= most*(1-1e-9):
		return p.T("chance.at_least", "value", p.Percent(100*most, 0))
	}
	return p.Percent(100*v, 0)
}

// SmallChance returns the probability that chance alone does something, such as a p-value, with one decimal; a very small one by what
// it is below.
func (p *Printer) SmallChance(v float64) string {
	const least = 0.001
	if v >= 0 && v < least {
		return p.T("chance.below", "value", p.Percent(100*least, 1))
	}
	return p.Percent(100*v, 1)
}

// Change returns a difference of two values, with its sign and its unit: +2.4 percentage points. A difference that rounds to zero has
// no sign.
func (p *Printer) Change(v *float64, unit kpi.Unit, decimals int) string {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return p.T("value.none")
	}
	plus := ""
	if Round(*v, decimals) > 0 {
		plus = "+"
	}
	noun, ok := nouns[unit]
	if unit == kpi.Percent {
		noun, ok = "unit.points", true
	}
	if ok {
		return p.counted(noun, *v, decimals, plus)
	}
	return plus + p.Number(*v, decimals)
}

// Difference returns how far two values are apart, with its unit and without a sign.
func (p *Printer) Difference(v *float64, unit kpi.Unit, decimals int) string {
	return strings.TrimPrefix(p.Change(v, unit, decimals), "+")
}

// between returns the ends of an interval of differences: both with their sign, the second alone with the unit.
func (p *Printer) between(low, high float64, unit kpi.Unit, decimals int) (from, to string) {
	return p.Change(&low, kpi.Number, decimals), p.Change(&high, unit, decimals)
}

// ChangeShort is Change for narrow tables: percentage points are abbreviated, which the page explains.
func (p *Printer) ChangeShort(v *float64, unit kpi.Unit, decimals int) string {
	if v == nil || unit != kpi.Percent || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return p.Change(v, unit, decimals)
	}
	plus := ""
	if Round(*v, decimals) > 0 {
		plus = "+"
	}
	return p.T("unit.points_short", "n", plus+p.Number(*v, decimals))
}

// counted prints a number before its noun, in the plural form of the number as it is shown.
func (p *Printer) counted(id string, v float64, decimals int, plus string) string {
	// Beyond 10¹⁵ the plural rules' own arithmetic ends; every number up there has the form of this one.
	shown := strconv.FormatFloat(min(math.Abs(Round(v, decimals)), 1e15), 'f', max(decimals, 0), 64)
	return p.plural(id, shown, []any{"n", plus + p.Number(v, decimals)})
}

// Target returns a target as a finished value, with the decimals that it was written with: 80%, not 80.0%. A range is "60% to 80%".
func (p *Printer) Target(t *kpi.Target, ind *kpi.Indicator) string {
	if t == nil {
		return p.T("indicator.no_target")
	}
	if ind.Direction == kpi.Range {
		return p.T("value.range", "low", p.Exact(t.Low, ind.Unit), "high", p.Exact(t.High, ind.Unit))
	}
	return p.Exact(t.Value, ind.Unit)
}

// Exact returns a finished value with as many decimals as it needs, six at most: what somebody wrote and did not measure.
func (p *Printer) Exact(v float64, unit kpi.Unit) string {
	decimals := 0
	for decimals < 6 && Round(v, decimals) != Round(v, 6) {
		decimals++
	}
	return p.Value(&v, unit, decimals)
}
