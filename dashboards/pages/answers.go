package pages

import (
	"cmp"
	"slices"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// answer is one of the answers about an indicator, with its reason. They stand side by side and are never folded into one.
type answer struct {
	Question string
	Chip     *Chip  // of the answer about the target
	Word     string // the answer's own; where nothing can be said, why
	Fine     string // the finer word of the answer about the target, for whoever opens the reason
	Text     []string
	Opener   string // opens the reason; "" where there is none to open
	Reasons  []string
	Numbers  []count
	Limits   []count
	Basis    []count // periods and rows
	Left     []leftOut
	Rule     *Link // the rule by which it was found; nil where the public reads of none
}

// leftOut is a number of rows that do not count, and why.
type leftOut struct {
	Reason Words // begins with a capital
	Inside Words // the same inside a sentence
	Rows   Value
}

// answers returns the three answers: status, signal and outlook. An indicator without a target has no third question, nor has the public where
// the city does not show outlooks.
func (r *Request) answers(res *scorecard.Result) []answer {
	list := []answer{}
	outlook := false
	for _, e := range i18n.Explain(r.P, r.City, *res) {
		switch e.Question {
		case kpi.QuestionStatus:
			list = append(list, r.statusAnswer(res, e))
		case kpi.QuestionSignal:
			list = append(list, r.signalAnswer(res, e))
		case kpi.QuestionOutlook:
			list = append(list, r.outlookAnswer(res, e))
			outlook = true
		}
	}
	if !outlook && res.Assessment.Target != nil && (r.City.Outlook || r.staff != nil) {
		list = append(list, r.noOutlook(res))
	}
	return list
}

// trendAnswer says which way the indicator went over all its history, nil if that was not computed.
func (r *Request) trendAnswer(res *scorecard.Result) *answer {
	for _, e := range i18n.Explain(r.P, r.City, *res) {
		if e.Question == kpi.QuestionTrend {
			a := r.answer(e, "indicator.how_trend", 1)
			a.Rule = r.how("trend")
			return &a
		}
	}
	return nil
}

// answer is an explanation: its first sentences say it, and the others open with all numbers.
func (r *Request) answer(e i18n.Explanation, opener string, said int) answer {
	said = min(said, len(e.Sentences))
	a := answer{
		Question: e.Heading, Word: e.Word, Text: e.Sentences[:said], Opener: r.P.T(opener), Reasons: e.Sentences[said:],
		Numbers: counts(e.Inputs), Limits: counts(e.Thresholds),
	}
	if e.Periods != "" {
		a.Basis = append(a.Basis, count{r.P.T("explain.periods"), Value{Text: e.Periods}})
	}
	a.Basis = append(a.Basis, counts([]i18n.Fact{e.Rows})...)
	for _, f := range e.LeftOut {
		v := counts([]i18n.Fact{f})[0]
		a.Left = append(a.Left, leftOut{own(v.Label), r.reason(f.Name), v.Value})
	}
	return a
}

// counts are facts as labels and numbers.
func counts(facts []i18n.Fact) []count {
	var list []count
	for _, f := range facts {
		list = append(list, count{f.Label, Value{f.Text, raw(&f.Value)}})
	}
	return list
}

// statusAnswer says whether the indicator is where it should be. In public it is one of four words, with the finer one where its reason is opened. A value that rests on too few rows is said in cases.
func (r *Request) statusAnswer(res *scorecard.Result, e i18n.Explanation) answer {
	a := r.answer(e, "indicator.how_status", 1)
	a.Rule = r.how(statusRule(res.Indicator))
	chip := r.chip(res.Assessment.Status)
	a.Chip = &chip
	switch {
	case e.Word == chip.Word:
		a.Word = ""
	case r.staff != nil: // who looks after the data reads the finer word at once
	case chip.Class == kpi.PublicCannotSay:
		whole := r.chipWhy(res.Assessment.Status)
		a.Chip, a.Word = &whole, ""
	default:
		a.Word, a.Fine = "", r.P.T("page.finer", "status", e.Word)
	}
	for k, f := range e.Inputs {
		if f.Name == "value" {
			a.Numbers[k].Value = r.judged(res)
		}
	}
	return a
}

// statusRule is the anchor of the rule by which an indicator's status is found.
func statusRule(ind *kpi.Indicator) string {
	switch {
	case ind.Judge.By != kpi.MethodPace:
		return string(ind.Judge.By)
	case ind.AddsUp():
		return "year"
	}
	return "status"
}

// signalAnswer says whether anything really changed, by the indicator's own history.
func (r *Request) signalAnswer(res *scorecard.Result, e i18n.Explanation) answer {
	a := r.answer(e, "indicator.how_signal", 1)
	a.Rule = r.how("signal")
	s := res.Assessment.Signal
	if s.Kind == kpi.TooEarly { // the word says the rest of the sentence already
		a.Text = []string{r.P.T("signal.so_far", "n", s.Points, "min", s.Needed)}
	}
	if s.Chart != "" {
		a.Basis = append([]count{{r.P.T("signal.chart.label"), Value{Text: r.P.Upper(r.P.ChartKind(s.Chart))}}}, a.Basis...)
	}
	return a
}

// outlookAnswer says how likely it is that the target will be met, what is needed for it, and where the value will probably be.
func (r *Request) outlookAnswer(res *scorecard.Result, e i18n.Explanation) answer {
	o := res.Assessment.Outlook
	said := slices.IndexFunc(e.Sentences, func(s string) bool {
		return s == r.P.T("outlook.chance", "chance", r.P.Chance(o.Probability)) || s == r.P.ForecastMethod(o.Method)
	})
	if said < 1 {
		said = 1
	}
	a := r.answer(e, "indicator.how_outlook", said)
	if r.City.Outlook {
		a.Rule = r.how("outlook")
	}
	return a
}

// noOutlook says why there is no forecast.
func (r *Request) noOutlook(res *scorecard.Result) answer {
	a := answer{Question: r.P.T("indicator.outlook"), Word: r.P.T("value.unknown"), Text: []string{r.P.T("page.outlook_none")}}
	switch {
	case res.Assessment.Status == kpi.Achieved:
		a.Word, a.Text = "", []string{r.P.T("page.outlook_reached")}
	case targetsOver(res, r.Card.AsOf):
		a.Text = []string{r.P.T("page.outlook_over")}
	}
	return a
}

// targetsOver reports whether the date of every target has passed: one that is still ahead could have a forecast.
func targetsOver(res *scorecard.Result, day kpi.Date) bool {
	return !slices.ContainsFunc(res.Indicator.TargetsInForce(day), func(t kpi.Target) bool { return !t.By.Before(day) })
}

// leftOut returns rows by reason, the most first.
func (r *Request) leftOut(excluded map[string]int64) []leftOut {
	codes := make([]string, 0, len(excluded))
	for code, n := range excluded {
		if n > 0 {
			codes = append(codes, code)
		}
	}
	slices.SortFunc(codes, func(a, b string) int {
		return cmp.Or(cmp.Compare(excluded[b], excluded[a]), cmp.Compare(a, b))
	})
	list := make([]leftOut, len(codes))
	for i, code := range codes {
		reason := r.reason(code)
		list[i] = leftOut{Words{Text: r.P.Upper(reason.Text), Lang: reason.Lang}, reason, r.Count(excluded[code])}
	}
	return list
}

// reason says why rows are left out: in our words, or in the city's.
func (r *Request) reason(code string) Words {
	words := own(r.P.Reason(code, r.City))
	if t, ok := r.City.Reasons[code]; ok && words.Text == r.P.Text(t) {
		return r.Words(t)
	}
	return words
}
