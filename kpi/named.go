package kpi

// NamedWords lists, by method, the words that it has of its own.
var NamedWords = map[MethodName][]string{
	MethodOpenSDG:   wordsOf(OpenSDGStatuses),
	MethodCityScore: {string(OnTrack), string(Behind), string(WellBehind), "not_available"},
	MethodExecuted:  wordsOf(ExecutedBandList),
}

func wordsOf[T ~string](list []T) []string {
	words := make([]string, len(list))
	for k, w := range list {
		words[k] = string(w)
	}
	return words
}

// unit is that of the method's value: a ratio of growth rates or a growth rate, a score, or a percentage.
func (n *Named) unit() string {
	switch n.Method {
	case MethodCityScore:
		return QuantityPoints
	case MethodExecuted:
		return string(Percent)
	}
	return QuantityRatio
}

// judgeNamed decides the status by a method that other programs use too. Its own word and numbers are in Named; the status is the nearest word
// of ours, so that lists, counts and colours stay comparable. "Wrong way" is said only if the signal says that it is real, whatever the
// method says.
func (a *Assessment) judgeNamed(in AssessInput, series []SeriesPoint, judged SeriesPoint) {
	switch in.Indicator.Judge.By {
	case MethodOpenSDG:
		a.judgeOpenSDG(in, series, judged)
	case MethodCityScore:
		a.judgeCityScore(in.Indicator, judged)
	case MethodExecuted:
		a.judgeExecuted(in, series, judged)
	}
	a.Rule = RuleNamed
}

// judgeOpenSDG looks at the last value of each year until the judged one, see [OpenSDG].
func (a *Assessment) judgeOpenSDG(in AssessInput, series []SeriesPoint, judged SeriesPoint) {
	i := in.Indicator
	o := OpenSDGOptions{Direction: i.Direction, BaseYear: i.Judge.Since, Limit: i.Judge.Limit}
	var points []OpenSDGPoint
	for _, p := range series {
		if !p.hasValue() || p.Period.Last.After(judged.Period.Last) || p.Observation.Rows < int64(i.Minimum) {
			continue
		}
		year := p.Period.Last.Year
		if n := len(points); n > 0 && points[n-1].Year == year {
			points[n-1].Value = *p.Observation.Value
		} else {
			points = append(points, OpenSDGPoint{year, *p.Observation.Value})
		}
	}
	switch {
	case o.BaseYear == 0 && a.Baseline != nil:
		o.BaseYear = a.Baseline.Date.Year
	case o.BaseYear == 0 && len(points) > 0:
		o.BaseYear = points[0].Year
	}
	if b := a.Baseline; b != nil && (len(points) == 0 || b.Date.Year < points[0].Year) {
		points = append([]OpenSDGPoint{{b.Date.Year, b.Value}}, points...)
	}
	if a.Target != nil && i.Direction != Range {
		o.Target, o.TargetYear = &a.Target.Value, a.Target.By.Year
		a.Met = meets(i.Direction, *a.Target, *a.Value)
	}
	r := OpenSDG(points, o)
	a.Named = &Named{Method: MethodOpenSDG, Word: string(r.Status), Value: r.Value, Score: r.Score, Why: r.Why}
	a.Status = r.Status.Status()
	if r.Status == OpenSDGDeterioration {
		a.Status = worse(a.Signal)
	}
}

// judgeCityScore divides the value by the target, or mirrors it where less is better, see [CityScoreOf]. Its known mistakes are mended
// ([CityScoreFixed]): the judged value is that of a period, not a mean of days, and nothing is rounded up.
func (a *Assessment) judgeCityScore(i *Indicator, judged SeriesPoint) {
	score, ok := CityScoreOf(CityScoreFixed, *judged.Observation.Value, a.Target.Value, i.Direction)
	if !ok {
		a.Named, a.Status = &Named{Method: MethodCityScore, Word: "not_available"}, NoTarget
		return
	}
	a.Met = meets(i.Direction, *a.Target, *judged.Observation.Value)
	a.Status = CityScoreStatus(score, a.Bands)
	a.Named = &Named{Method: MethodCityScore, Word: string(a.Status), Value: &score}
}

// judgeExecuted takes the target for what was planned, and the value, or the year's total of what adds up, for what was executed.
func (a *Assessment) judgeExecuted(in AssessInput, series []SeriesPoint, judged SeriesPoint) {
	i, executed := in.Indicator, judged.Observation.Value
	if i.AddsUp() {
		d, err := i.YearToDate(in.Calendar, series, judged.Period)
		if err == nil && d.Known && usable(d.Total) {
			executed = &d.Total
			a.Judged, a.Since, a.Rows, a.Excluded = &d.Total, d.Since.ID, d.Rows, d.Left
		} else {
			executed = nil
		}
	}
	r := ExecutedOverPlanned(&a.Target.Value, executed, DefaultExecutedBands)
	a.Named = &Named{Method: MethodExecuted, Word: string(r.Band), Value: r.Percent}
	a.Status = r.Band.Status()
	a.Met = executed != nil && meets(Up, *a.Target, *executed)
	if over := !judged.Period.Last.Before(a.Target.By) || i.AddsUp() && i.over(in.Calendar, judged.Period, *a.Target); a.Status == OnTrack && a.Met && over && a.Target.Kind != TargetInterim {
		a.Status = Achieved
	}
}
