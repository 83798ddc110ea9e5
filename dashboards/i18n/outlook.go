package i18n

import (
	"citystat/kpi"
)

// OutlookSentence returns pattern 13, and the word for "we do not know yet" where no outlook was computed.
func OutlookSentence(p *Printer, o *kpi.Outlook) string {
	if o == nil {
		return p.T("indicator.outlook_none")
	}
	return p.T("sentence.outlook", "by_date", p.By(o.By), "outlook", p.Outlook(o.Word))
}

// OutlookReasons returns the sentences that say how an outlook was found: what is needed, the range, the chance, the method in plain words,
// how far it was off in the past, what it rests on, and why to read it with care. Of a target that is out of reach no chance is said.
func OutlookReasons(p *Printer, ind *kpi.Indicator, o *kpi.Outlook) []string {
	list := needed(p, ind, o)
	show := func(v float64) string { return p.Value(&v, ind.Unit, ind.Decimals) }
	low, high := show(possible(ind, o.Low)), show(possible(ind, o.High))
	switch {
	case o.Method == "": // nothing was forecast: it is out of reach whatever comes
	case ind.AddsUp():
		list = append(list, p.T("outlook.total", "low", low, "high", high))
	default:
		list = append(list, p.T("sentence.projection", "low", low, "high", high, "on_date", p.On(o.By)))
	}
	if o.Word != kpi.OutOfReach {
		list = append(list, p.T("outlook.chance", "chance", p.Chance(o.Probability)))
	}
	if o.Method != "" {
		list = append(list, p.ForecastMethod(o.Method))
	}
	for _, t := range o.Tried {
		if t.Method == o.Method {
			list = append(list, p.T("outlook.error", "share", p.Percent(100*t.Error, 0)))
		}
	}
	if o.Points > 0 {
		list = append(list, p.T("outlook.points", "points", o.Points, "horizon", o.Horizon))
	}
	for _, w := range o.Warnings {
		list = append(list, p.OutlookWarning(w))
	}
	return list
}

// needed says of what adds up how much there is and what each remaining period must bring, or may; and of what is out of reach what the best
// was.
func needed(p *Printer, ind *kpi.Indicator, o *kpi.Outlook) []string {
	show := func(v *float64) string { return p.Value(v, ind.Unit, ind.Decimals) }
	var list []string
	if o.SoFar != nil {
		list = append(list, p.T("outlook.so_far", "so_far", show(o.SoFar)))
	}
	per := p.PerPeriod(ind.Period)
	switch {
	case o.Word == kpi.OutOfReach && o.Needed != nil && o.Best != nil:
		list = append(list, p.T("outlook.reach", "needed", show(o.Needed), "per_period", per, "best", show(o.Best)))
	case o.Word == kpi.OutOfReach && o.Best != nil:
		list = append(list, p.T("outlook.best", "best", show(o.Best)))
	case o.Needed == nil || *o.Needed <= 0: // reached already, or used up
	case ind.Direction == kpi.Down:
		list = append(list, p.T("outlook.allowed", "needed", show(o.Needed), "per_period", per))
	default:
		list = append(list, p.T("outlook.needed", "needed", show(o.Needed), "per_period", per))
	}
	return list
}
