package i18n

import (
	"citystat/kpi"
	"citystat/kpi/scorecard"
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

// SignalWarning returns the sentence that says why to read a signal with care.
func (p *Printer) SignalWarning(w kpi.SignalWarning) string {
	return p.T("signal.warning." + string(w))
}

// ChartKind returns the words for a kind of chart, for specialists.
func (p *Printer) ChartKind(k kpi.ChartKind) string { return p.T("signal.chart." + string(k)) }

// Assurance returns the sentence that says whether a process as it is meets its target, "" if nothing is known of that.
func (p *Printer) Assurance(a string) string {
	if a == "" {
		return ""
	}
	return p.T("signal.assurance." + a)
}

// Trend returns the word for the direction of a trend. Whether that direction is good is for the signal to say.
func (p *Printer) Trend(t *kpi.Trend) string {
	switch {
	case !t.Real:
		return p.T("trend.none")
	case t.Tau < 0:
		return p.T("trend.falling")
	}
	return p.T("trend.rising")
}

// Flag returns the word for a flag.
func (p *Printer) Flag(f kpi.Flag) string { return p.T("flag." + string(f)) }

// FlagText returns the sentence that explains a flag.
func (p *Printer) FlagText(f kpi.Flag) string { return p.T("flag.text." + string(f)) }

// Outlook returns the word for an outlook.
func (p *Printer) Outlook(o kpi.OutlookWord) string { return p.T("outlook." + string(o)) }

// OutlookWarning returns the sentence that says why to read an outlook with care.
func (p *Printer) OutlookWarning(w kpi.OutlookWarning) string {
	return p.T("outlook.warning." + string(w))
}

// ForecastMethod returns the sentence that says how a method of forecasting goes about it.
func (p *Printer) ForecastMethod(method string) string {
	if p.bundle.Has("outlook.method." + method) {
		return p.T("outlook.method." + method)
	}
	return p.T("outlook.method.other", "code", method)
}

// Trajectory returns the words for the shape of a path to the target.
func (p *Printer) Trajectory(t kpi.Trajectory) string { return p.T("trajectory." + string(t)) }

// Phasing returns the words for the way in which a year's target is divided among its days.
func (p *Printer) Phasing(phasing string) string { return p.T("phasing." + phasing) }

// Method returns the name of a method of judging that other programs use too.
func (p *Printer) Method(m kpi.MethodName) string { return p.T("named.method." + string(m)) }

// NamedWord returns the own word of a named method for its result.
func (p *Printer) NamedWord(n *kpi.Named) string {
	return p.T("named." + string(n.Method) + "." + n.Word)
}

// Suppression returns the sentence that says why a number is not shown, "" if it is.
func (p *Printer) Suppression(s kpi.Suppression) string {
	if s == kpi.NotSuppressed {
		return ""
	}
	return p.T("suppressed." + string(s))
}

// Verdict returns the words for how a group stands to the city, or to a reference group if there is one.
func (p *Printer) Verdict(v scorecard.Verdict, reference bool) string {
	if reference && p.bundle.Has("verdict."+string(v)+"_reference") {
		return p.T("verdict." + string(v) + "_reference")
	}
	return p.T("verdict." + string(v))
}

// EvaluationMethod returns the words for the way in which an evaluation compares, for specialists.
func (p *Printer) EvaluationMethod(m kpi.EvaluationMethod) string {
	return p.T("evaluation.method." + string(m))
}

// EvaluationState returns the words for what became of a question about something that the city did.
func (p *Printer) EvaluationState(state string) string { return p.T("evaluation.state." + state) }

// EvaluationWarning returns the sentence that says why to read an evaluation with care.
func (p *Printer) EvaluationWarning(w scorecard.EvaluationWarning) string {
	return p.T("evaluation.warning." + string(w))
}

// Effect returns the name of an effect that an evaluation found.
func (p *Printer) Effect(name string) string { return p.T("effect." + name) }

// ChangeKind returns the words for what a change is about.
func (p *Printer) ChangeKind(kind string) string { return p.T("change.kind." + kind) }

// ProjectFlag returns the words for a flag beside the status of works.
func (p *Printer) ProjectFlag(f kpi.ProjectFlag) string { return p.T("project.flag." + string(f)) }

// TrustCheck returns the name of a look at whether a number can be trusted.
func (p *Printer) TrustCheck(check string) string { return p.T("trust.check." + check) }

// TrustState returns the words for what such a look found.
func (p *Printer) TrustState(s scorecard.TrustState) string { return p.T("trust.state." + string(s)) }

// Quantity returns the label of a number that the reason of a question names.
func (p *Printer) Quantity(question, name string) string {
	for _, id := range []string{"quantity." + question + "." + name, "quantity." + name, "quantity.limit." + name} {
		if p.bundle.Has(id) {
			return p.T(id)
		}
	}
	return p.T("quantity.other", "code", name)
}

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

// Dimension returns the words for a breakdown: by district, or the name that the city's folder gives the dimension.
func (p *Printer) Dimension(dimension string) string {
	if dimension == kpi.DimensionDistrict {
		return p.T("indicator.by_district")
	}
	return p.Upper(dimension)
}

// Mark returns the mark beside an observation that is not shown or not settled, "" for any other.
func (p *Printer) Mark(o kpi.Observation) string {
	switch {
	case o.Suppressed != kpi.NotSuppressed:
		return p.T("table.mark.suppressed")
	case o.Partial:
		return p.T("table.mark.partial")
	case o.Provisional:
		return p.T("table.mark.provisional")
	}
	return ""
}

// Cases says how many rows stand behind an observation: of a share, how many of how many.
func (p *Printer) Cases(ind *kpi.Indicator, o *kpi.Observation) string {
	if o.Suppressed != kpi.NotSuppressed {
		return p.T("value.suppressed")
	}
	if ind.Measure.Kind == kpi.MeasureShare && o.Numerator != nil && o.Denominator != nil {
		return p.T("indicator.share_of", "numerator", p.Number(*o.Numerator, 0), "denominator", p.Number(*o.Denominator, 0))
	}
	return p.T("indicator.cases", "n", o.Rows)
}

// Observed returns an observation's value as a reader should see it. Where too few rows stand behind it, it is those rows that are
// said: "1 of 1" claims less than "100%". A number that is not shown has the word for that.
func (p *Printer) Observed(ind *kpi.Indicator, o *kpi.Observation) string {
	if o.Suppressed != kpi.NotSuppressed {
		return p.T("value.suppressed")
	}
	if o.Value != nil && o.Rows < int64(ind.Minimum) {
		return p.Cases(ind, o)
	}
	return p.Value(o.Value, ind.Unit, ind.Decimals)
}
