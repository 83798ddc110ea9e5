package i18n

import (
	"citystat/kpi"
)

// Status returns the word for a status.
func (p *Printer) Status(s kpi.Status) string { return p.T("status." + string(s)) }

// PublicStatus returns one of the four words that the public reads.
func (p *Printer) PublicStatus(s kpi.PublicStatus) string { return p.T("public." + string(s)) }

// PublicText returns the sentence that explains a public word, with the percentages of the bands.
func (p *Printer) PublicText(s kpi.PublicStatus, b kpi.Bands) string {
	low, high := p.Percent(100*b.Behind, 0), p.Percent(100*b.OnTrack, 0)
	return p.T("public.text."+string(s), "low", low, "high", high)
}

// Signal returns the word for a signal.
func (p *Printer) Signal(s kpi.SignalKind) string { return p.T("signal." + string(s)) }

// SignalRule returns the sentence for the rule that made a signal, "" if none did.
func (p *Printer) SignalRule(rule string) string {
	if rule == "" {
		return ""
	}
	return p.T("signal.rule." + rule)
}

// Flag returns the word for a flag.
func (p *Printer) Flag(f kpi.Flag) string { return p.T("flag." + string(f)) }

// FlagText returns the sentence that explains a flag.
func (p *Printer) FlagText(f kpi.Flag) string { return p.T("flag.text." + string(f)) }

// Outlook returns the word for an outlook.
func (p *Printer) Outlook(o kpi.OutlookWord) string { return p.T("outlook." + string(o)) }

// Reason returns why rows are left out: a built-in reason's words, or the city's own. Texts that the city did not translate come in
// its source language.
func (p *Printer) Reason(code string, city *kpi.City) string {
	if p.bundle.Has("reason." + code) {
		return p.T("reason." + code)
	}
	if city != nil {
		if t, ok := city.Reasons[code]; ok && !t.IsZero() {
			return p.Text(t)
		}
	}
	return p.T("reason.other", "code", code)
}

// Reject returns why a row was refused.
func (p *Printer) Reject(code string) string {
	if p.bundle.Has("reject." + code) {
		return p.T("reject." + code)
	}
	return p.T("reject.other", "code", code)
}

// Step returns the name of a step of a load.
func (p *Printer) Step(s kpi.Step) string { return p.T("step." + string(s)) }

// LoadState returns the word for the state of a load.
func (p *Printer) LoadState(s kpi.LoadState) string { return p.T("load." + string(s)) }

// Direction returns the words for the desired direction of an indicator.
func (p *Printer) Direction(d kpi.Direction) string { return p.T("direction." + string(d)) }

// Kind returns the word for a kind of indicator.
func (p *Printer) Kind(k kpi.IndicatorKind) string { return p.T("kind." + string(k)) }

// Unit returns the name of a unit.
func (p *Printer) Unit(u kpi.Unit) string { return p.T("unit.name." + string(u)) }

// Measure returns the words for the way in which rows become a value.
func (p *Printer) Measure(m kpi.Measure) string {
	return p.T("measure."+string(m.Kind), "p", p.Number(100*m.P, 0))
}

// Member returns the name of a member of a dimension: a district's name, the words for the two reserved members, or the member
// itself.
func (p *Printer) Member(dimension, member string, city *kpi.City) string {
	switch member {
	case kpi.MemberNotRecorded, kpi.MemberNotRecognised:
		return p.T("member." + member)
	}
	if dimension == kpi.DimensionDistrict && city != nil {
		if d := city.District(member); d != nil {
			return p.Text(d.Name)
		}
	}
	return member
}

// Mark returns the mark beside an observation that is not settled, "" for one that is.
func (p *Printer) Mark(o kpi.Observation) string {
	switch {
	case o.Partial:
		return p.T("table.mark.partial")
	case o.Provisional:
		return p.T("table.mark.provisional")
	}
	return ""
}

// Cases says how many rows stand behind an observation: of a share, how many of how many.
func (p *Printer) Cases(ind *kpi.Indicator, o *kpi.Observation) string {
	if ind.Measure.Kind == kpi.MeasureShare && o.Numerator != nil && o.Denominator != nil {
		return p.T("indicator.share_of", "numerator", p.Number(*o.Numerator, 0), "denominator", p.Number(*o.Denominator, 0))
	}
	return p.T("indicator.cases", "n", o.Rows)
}

// Observed returns an observation's value as a reader should see it. Where too few rows stand behind it, it is those rows that are
// said: "1 of 1" claims less than "100%".
func (p *Printer) Observed(ind *kpi.Indicator, o *kpi.Observation) string {
	if o.Value != nil && o.Rows < int64(ind.Minimum) {
		return p.Cases(ind, o)
	}
	return p.Value(o.Value, ind.Unit, ind.Decimals)
}
