package i18n

import "citystat/kpi"

// EffectNumber returns the size of an effect of an evaluation, or an end of its interval, as a finished value of its own for a table: a ratio as
// a percentage, any other with its sign and unit. It is the word for no value where there is none.
func EffectNumber(p *Printer, ind *kpi.Indicator, name string, v *float64) string {
	switch {
	case v == nil:
		return p.T("value.none")
	case name == "rate_ratio":
		return p.Percent(100**v, 1)
	case name == "slope":
		return p.Change(v, ind.Unit, perYear(ind))
	}
	return p.Change(v, ind.Unit, ind.Decimals)
}
