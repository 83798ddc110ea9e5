package i18n

import (
	"cmp"
	"math"
	"slices"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Explanation is one of the answers about an indicator with everything that it rests on, as finished texts of one language. Pages, API and command
// line show the same.
type Explanation struct {
	Question   string   `json:"question"`  // status, signal, outlook or trend
	Heading    string   `json:"heading"`   // the question in words
	Answer     string   `json:"answer"`    // its code
	Word       string   `json:"word"`      // the answer in words
	Rule       string   `json:"rule"`      // the code of the rule that decided; empty where none did
	Sentences  []string `json:"sentences"` // whole ones: the answer first, then how it was found and why to read it with care
	Inputs     []Fact   `json:"inputs"`
	Thresholds []Fact   `json:"thresholds"`
	Periods    string   `json:"periods"` // the period that it looked at, or the first and the last; empty if there is none
	Rows       Fact     `json:"rows"`    // counted in these periods
	LeftOut    []Fact   `json:"left_out"`
}

// Fact is a number with its label. Text is the number as a reader sees it; Value has all its digits.
type Fact struct {
	Name  string  `json:"name"` // a code: of the quantity, or of the reason for which rows were left out
	Label string  `json:"label"`
	Text  string  `json:"text"`
	Value float64 `json:"value"`
}

// Explain explains every answer about an indicator: status and signal always, outlook and trend where they were computed. What an assessment
// says of its own reason is in the lists; those of one that says nothing are empty.
func Explain(p *Printer, city *kpi.City, r scorecard.Result) []Explanation {
	a := r.Assessment
	list := []Explanation{
		p.explanation(city, r, kpi.QuestionStatus, string(a.Status), p.Status(a.Status), append(StatusReason(p, r), StandingSentences(p, r)...)),
		p.explanation(city, r, kpi.QuestionSignal, string(a.Signal.Kind), p.Signal(a.Signal.Kind), append([]string{SignalSentence(p, r)}, SignalReasons(p, r)...)),
	}
	if o := a.Outlook; o != nil {
		sentences := append([]string{OutlookSentence(p, o)}, OutlookReasons(p, r.Indicator, o)...)
		list = append(list, p.explanation(city, r, kpi.QuestionOutlook, string(o.Word), p.Outlook(o.Word), sentences))
	}
	if t := a.Trend; t != nil {
		sentences := append([]string{TrendSentence(p, r)}, TrendReasons(p, t)...)
		list = append(list, p.explanation(city, r, kpi.QuestionTrend, trendCode(t), p.Trend(t), sentences))
	}
	return list
}

// trendCode is the code of a trend's word.
func trendCode(t *kpi.Trend) string {
	switch {
	case !t.Real:
		return "no_trend"
	case t.Tau < 0:
		return "falling"
	}
	return "rising"
}

// headings are the questions in words.
var headings = map[string]string{
	kpi.QuestionStatus: "indicator.status", kpi.QuestionSignal: "indicator.signal", kpi.QuestionOutlook: "indicator.outlook", kpi.QuestionTrend: "indicator.trend",
}

// explanation puts an answer and the reason that the assessment has for it together.
func (p *Printer) explanation(city *kpi.City, r scorecard.Result, question, answer, word string, sentences []string) Explanation {
	reason := r.Assessment.Reason(question)
	if reason == nil {
		none := kpi.NewReason(question, answer, "")
		reason = &none
	}
	e := Explanation{
		Question: question, Heading: p.T(headings[question]), Answer: answer, Word: word, Rule: reason.Rule, Sentences: sentences,
		Inputs: p.facts(question, r, reason.Inputs), Thresholds: p.limits(question, r, reason.Thresholds),
		Rows:    Fact{"rows", p.T("table.rows"), p.Int(reason.Rows), float64(reason.Rows)},
		LeftOut: p.leftOut(city, reason.Excluded),
	}
	if periods := periodsOf(city, r, ends(reason.Periods)...); len(periods) > 0 {
		e.Periods = p.span(periods)
	}
	return e
}

// ends returns the first and the last of a list.
func ends(list []string) []string {
	if len(list) < 2 {
		return list
	}
	return []string{list[0], list[len(list)-1]}
}

// leftOut returns rows by reason, the most first.
func (p *Printer) leftOut(city *kpi.City, excluded map[string]int64) []Fact {
	list := []Fact{}
	for code, n := range excluded {
		if n > 0 {
			list = append(list, Fact{code, p.Upper(p.Reason(code, city)), p.Int(n), float64(n)})
		}
	}
	slices.SortFunc(list, func(a, b Fact) int { return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.Name, b.Name)) })
	return list
}

// facts writes numbers of a reason with their labels.
func (p *Printer) facts(question string, r scorecard.Result, list []kpi.Quantity) []Fact {
	facts := make([]Fact, 0, len(list))
	for _, q := range list {
		facts = append(facts, Fact{q.Name, p.Quantity(question, q.Name), p.quantity(r.Indicator, q), q.Value})
	}
	return facts
}

// limits writes thresholds. Some have a label of their own, beside that of the number that is compared with them.
func (p *Printer) limits(question string, r scorecard.Result, list []kpi.Quantity) []Fact {
	facts := p.facts(question, r, list)
	for k := range facts {
		if id := "quantity.limit." + facts[k].Name; p.bundle.Has(id) {
			facts[k].Label = p.T(id)
		}
	}
	return facts
}

// quantity writes a number of a reason in its unit.
func (p *Printer) quantity(ind *kpi.Indicator, q kpi.Quantity) string {
	switch q.Name {
	case "lag1", "tau":
		return p.Number(q.Value, 2)
	case "p_value":
		return p.SmallChance(q.Value)
	case "gap":
		return p.Change(&q.Value, ind.Unit, ind.Decimals)
	case "target", "target_low", "target_high":
		return p.Exact(q.Value, kpi.Unit(q.Unit))
	}
	switch q.Unit {
	case kpi.QuantityRatio:
		return p.Share(q.Value)
	case kpi.QuantityCount:
		if q.Value != math.Trunc(q.Value) {
			return p.Number(q.Value, 1)
		}
		return p.Number(q.Value, 0)
	case kpi.QuantityProbability:
		return p.Chance(q.Value)
	case kpi.QuantityPerYear:
		return p.Change(&q.Value, ind.Unit, perYear(ind))
	case kpi.QuantityPoints:
		return p.Number(q.Value, 2)
	}
	return p.Value(&q.Value, kpi.Unit(q.Unit), ind.Decimals)
}
