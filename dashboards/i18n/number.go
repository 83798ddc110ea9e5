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
	switch unit {
	case kpi.Percent:
		return p.Percent(*v, decimals)
	case kpi.Days:
		return p.counted("unit.days", *v, decimals, "")
	case kpi.Hours:
		return p.counted("unit.hours", *v, decimals, "")
	}
	return p.Number(*v, decimals)
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
	switch unit {
	case kpi.Percent:
		return p.counted("unit.points", *v, decimals, plus)
	case kpi.Days:
		return p.counted("unit.days", *v, decimals, plus)
	case kpi.Hours:
		return p.counted("unit.hours", *v, decimals, plus)
	}
	return plus + p.Number(*v, decimals)
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
