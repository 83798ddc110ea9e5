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
	Word     string // the finer word where there is one, or the answer's own
	Text     string
	Opener   string // opens the reason
	Reasons  []string
	Numbers  []count
	Left     []leftOut
}

// leftOut is a number of rows that do not count, and why.
type leftOut struct {
	Reason string // begins with a capital
	Inside string // the same inside a sentence
	Rows   Value
}

// answers returns the answers that there are: status and signal always, outlook once it is computed.
func (r *Request) answers(res *scorecard.Result) []answer {
	list := []answer{r.statusAnswer(res), r.signalAnswer(res)}
	if o := res.Assessment.Outlook; o != nil {
		list = append(list, r.outlookAnswer(res, o))
	}
	return list
}

// statusAnswer says whether the indicator is where it should be, and every input of the rule that decided.
func (r *Request) statusAnswer(res *scorecard.Result) answer {
	a, ind := res.Assessment, res.Indicator
	reasons := i18n.StatusReason(r.P, *res)
	chip := r.chip(a.Status)
	ans := answer{
		Question: r.P.T("indicator.status"),
		Chip:     &chip,
		Opener:   r.P.T("indicator.how_status"),
		Left:     r.leftOut(a.Excluded),
	}
	if fine := r.P.Status(a.Status); fine != chip.Word {
		ans.Word = fine
	}
	if len(reasons) > 0 {
		ans.Text, ans.Reasons = reasons[0], reasons[1:]
	}
	if pt := point(res, a.Period); pt != nil {
		ans.Numbers = append(ans.Numbers, count{r.P.T("indicator.judged_period"), Value{Text: r.P.Period(pt.Period)}})
	}
	number := func(id string, v *float64) {
		if v != nil {
			ans.Numbers = append(ans.Numbers, count{r.P.T(id), r.Value(ind, v)})
		}
	}
	if a.Value != nil {
		ans.Numbers = append(ans.Numbers, count{r.P.T("indicator.value"), r.judged(res)})
	}
	number("indicator.expected", a.Expected)
	if a.Gap != nil {
		ans.Numbers = append(ans.Numbers, count{r.P.T("indicator.gap"), Value{r.P.Change(a.Gap, ind.Unit, ind.Decimals), raw(a.Gap)}})
	}
	if a.Target != nil {
		ans.Numbers = append(ans.Numbers, count{r.P.T("indicator.target"), r.target(ind, a.Target)})
	}
	if a.Baseline != nil {
		number("indicator.baseline", &a.Baseline.Value)
	}
	ans.Numbers = append(ans.Numbers, count{r.P.T("table.rows"), r.Count(a.Rows)})
	return ans
}

// signalAnswer says whether anything really changed, by the indicator's own history.
func (r *Request) signalAnswer(res *scorecard.Result) answer {
	s := res.Assessment.Signal
	ans := answer{
		Question: r.P.T("indicator.signal"),
		Word:     r.P.Signal(s.Kind),
		Text:     i18n.SignalSentence(r.P, *res),
		Opener:   r.P.T("indicator.how_signal"),
	}
	if s.Kind == kpi.TooEarly {
		ans.Text = r.P.T("signal.so_far", "n", s.Points, "min", s.Needed)
	}
	for _, reason := range []string{r.P.SignalRule(s.Rule), i18n.SignalLimits(r.P, *res)} {
		if reason != "" {
			ans.Reasons = append(ans.Reasons, reason)
		}
	}
	if s.Trial && len(ans.Reasons) > 0 { // without limits there is nothing that could change
		ans.Reasons = append(ans.Reasons, r.P.SignalWarning(kpi.WarnTrial))
	}
	ans.Numbers = []count{
		{r.P.T("signal.points"), r.Count(int64(s.Points))},
		{r.P.T("signal.needed"), r.Count(int64(s.Needed))},
	}
	return ans
}

// outlookAnswer says how likely it is that the target will be met.
func (r *Request) outlookAnswer(res *scorecard.Result, o *kpi.Outlook) answer {
	ind := res.Indicator
	return answer{
		Question: r.P.T("indicator.outlook"),
		Word:     r.P.Outlook(o.Word),
		Text:     i18n.OutlookSentence(r.P, o),
		Reasons: []string{r.P.T("sentence.projection",
			"low", r.P.Value(&o.Low, ind.Unit, ind.Decimals), "high", r.P.Value(&o.High, ind.Unit, ind.Decimals), "on_date", r.P.On(o.By))},
		Opener: r.P.T("indicator.how_outlook"),
	}
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
		reason := r.P.Reason(code, r.City)
		list[i] = leftOut{r.P.Upper(reason), reason, r.Count(excluded[code])}
	}
	return list
}
