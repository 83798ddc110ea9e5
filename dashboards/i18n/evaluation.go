package i18n

import (
	"slices"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// EvaluationFinding says what a comparison before and after, or against a comparison group, shows: the difference with its probable range, or
// that there is no clear one, or why there is no answer. It never says that one thing brought about the other.
func EvaluationFinding(p *Printer, ind *kpi.Indicator, e scorecard.Evaluation) string {
	effect := headline(e)
	if e.State != "answered" || effect == nil {
		state := e.State
		if state == "answered" || !slices.Contains(scorecard.EvaluationStates, state) {
			state = "not_fitted"
		}
		return p.T("evaluation.text." + state)
	}
	if effect.Low == nil || effect.High == nil {
		return p.effectSentence(ind, *effect)
	}
	none := 0.0 // what the effect is when there is none
	if effect.Name == "rate_ratio" {
		none = 1
	}
	clear := ".clear"
	if *effect.Low <= none && none <= *effect.High {
		clear = ".unclear"
	}
	size, low, high := p.effect(ind, *effect)
	return p.T("evaluation."+string(e.Method)+clear, "date", e.Definition.Date, "change", size, "share", size, "low", low, "high", high)
}

// headline is the effect that the finding speaks of: of a course that changed where it has led, of counts their ratio, of groups the difference
// between their changes.
func headline(e scorecard.Evaluation) *scorecard.Effect {
	wanted := map[kpi.EvaluationMethod][]string{
		kpi.EvaluateSegments: {"at_end", "level"}, kpi.EvaluateCounts: {"rate_ratio"}, kpi.EvaluateDifferences: {"difference"},
	}[e.Method]
	for _, name := range wanted {
		for k := range e.Effects {
			if e.Effects[k].Name == name {
				return &e.Effects[k]
			}
		}
	}
	return nil
}

// effect returns an effect and the ends of its interval as finished values: a ratio as a percentage, any other with its sign and unit. The ends are
// empty where there is none.
func (p *Printer) effect(ind *kpi.Indicator, e scorecard.Effect) (size, low, high string) {
	size = EffectNumber(p, ind, e.Name, &e.Size)
	switch {
	case e.Low == nil || e.High == nil:
		return size, "", ""
	case e.Name == "rate_ratio":
		return size, EffectNumber(p, ind, e.Name, e.Low), EffectNumber(p, ind, e.Name, e.High)
	}
	decimals := effectDecimals(ind)
	if e.Name == "slope" { // a period brings little
		decimals = perYear(ind)
	}
	low, high = p.between(*e.Low, *e.High, ind.Unit, decimals)
	if low, high = minus(low), minus(high); e.Name != "slope" && ind.Unit == kpi.Number && ind.Measure.Flow() {
		high = p.T("evaluation.per_period", "change", high, "per_period", p.PerPeriod(ind.Period))
	}
	return size, low, high
}

// effectSentence says one effect by itself.
func (p *Printer) effectSentence(ind *kpi.Indicator, e scorecard.Effect) string {
	size, low, high := p.effect(ind, e)
	if low == "" {
		return p.T("evaluation.unsure", "what", p.Effect(e.Name), "change", size)
	}
	return p.T("evaluation.effect", "what", p.Effect(e.Name), "change", size, "low", low, "high", high)
}

// EvaluationNotes returns the sentences under the finding: the other effects, what the comparison rests on, what the groups did before, what else the
// city says about it, and that a comparison does not show why.
func EvaluationNotes(p *Printer, city *kpi.City, ind *kpi.Indicator, e scorecard.Evaluation) []string {
	var list []string
	main := headline(e)
	if e.State == "answered" && main != nil {
		if at := periodsOf(city, scorecard.Result{}, main.At); len(at) == 1 {
			list = append(list, p.T("evaluation.at", "in_period", p.InPeriod(at[0])))
		}
		for k := range e.Effects {
			if &e.Effects[k] != main {
				list = append(list, p.effectSentence(ind, e.Effects[k]))
			}
		}
	}
	list = append(list, p.T("evaluation.periods", "before", e.Before, "after", e.After))
	if e.Members > 0 {
		list = append(list, p.T("evaluation.members", "n", e.Members))
	}
	if e.Definition.Seasonal {
		list = append(list, p.T("evaluation.season"))
	}
	if d := e.Definition.AnnouncedOn; !d.IsZero() {
		list = append(list, p.T("evaluation.announced", "date", d))
	}
	if pre := e.Pretrend; pre != nil && pre.Low != nil && pre.High != nil && *pre.Low <= 0 && 0 <= *pre.High {
		list = append(list, p.T("evaluation.pretrend_alike"))
	}
	for _, w := range e.Warnings {
		list = append(list, p.EvaluationWarning(w))
	}
	if c := p.Text(e.Definition.Caution); c != "" {
		list = append(list, c)
	}
	return append(list, p.T("evaluation.careful"))
}
