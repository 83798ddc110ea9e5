package i18n

import (
	"strings"

	"citystat/kpi"
)

// EffectNumber returns the size of an effect of an evaluation, or an end of its interval, as a finished value of its own for a table: a ratio as
// a percentage, any other with its sign and unit. It is the word for no value where there is none.
func EffectNumber(p *Printer, ind *kpi.Indicator, name string, v *float64) string {
	switch {
	case v == nil:
		return p.T("value.none")
	case name == "rate_ratio":
		return p.Percent(100**v, 1)
	case name == "slope":
		return minus(p.Change(v, ind.Unit, perYear(ind)))
	}
	return p.effectSize(ind, v)
}

// effectDecimals is the number of decimals of an effect. On counts it is one more: what is told from chance there may be few of them.
func effectDecimals(ind *kpi.Indicator) int {
	if ind.Unit == kpi.Number {
		return min(ind.Decimals+1, 6)
	}
	return ind.Decimals
}

// effectSize is an effect in the indicator's unit, with its sign. What is counted has none of its own: it is so many in a period.
func (p *Printer) effectSize(ind *kpi.Indicator, v *float64) string {
	size := minus(p.Change(v, ind.Unit, effectDecimals(ind)))
	if ind.Unit == kpi.Number && ind.Measure.Flow() {
		return p.T("evaluation.per_period", "change", size, "per_period", p.PerPeriod(ind.Period))
	}
	return size
}

// minus puts the sign for less in the place of the hyphen before a number, which is easily overlooked.
func minus(number string) string {
	if rest, ok := strings.CutPrefix(number, "-"); ok {
		return "−" + rest
	}
	return number
}
