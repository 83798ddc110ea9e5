package kpi

// notAvailable is the word of CityScore where a value and a target cannot be divided.
const notAvailable = "not_available"

// NamedWords lists, by method, the words that it has of its own.
var NamedWords = map[MethodName][]string{
	MethodOpenSDG:   wordsOf(OpenSDGStatuses),
	MethodCityScore: {string(OnTrack), string(Behind), string(WellBehind), notAvailable},
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
		a.judgeCityScore(in, series, judged)
	case MethodExecuted:
		a.judgeExecuted(in, series, judged)
	}
	a.Rule = RuleNamed
}

// openSDGPoints are the last values of the years until the judged period; of what adds up the totals of the years that are over.
func (i *Indicator) openSDGPoints(in AssessInput, series []SeriesPoint, judged SeriesPoint) []OpenSDGPoint {
	var points []OpenSDGPoint
	for _, p := range series {
		if !p.hasValue() || p.Period.Last.After(judged.Period.Last) {
			continue
		}
		year, value, rows := p.Period.Last.Year, *p.Observation.Value, p.Observation.Rows
		if i.AddsUp() {
			d, err := i.YearToDate(in.Calendar, series, p.Period)
			if err != nil || !d.Known || !i.lastOfYear(in.Calendar, p.Period) {
				continue
			}
			year, value, rows = d.Year.Last.Year, d.Total, d.Rows
		}
		if !usable(value) || rows < int64(i.Minimum) {
			continue
		}
		if n := len(points); n > 0 && points[n-1].Year == year {
			points[n-1].Value = value
		} else {
			points = append(points, OpenSDGPoint{year, value})
		}
	}
	return points
}

// judgeOpenSDG looks at a value of each year until the judged period, see [OpenSDG].
func (a *Assessment) judgeOpenSDG(in AssessInput, series []SeriesPoint, judged SeriesPoint) {
	i := in.Indicator
	o := OpenSDGOptions{Direction: i.Direction, BaseYear: i.Judge.Since, Limit: i.Judge.Limit}
	points := i.openSDGPoints(in, series, judged)
	newest, known := *a.Value, true
	if n := len(points); i.AddsUp() && n > 0 {
		newest = points[n-1].Value
	} else if i.AddsUp() {
		known = false
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
		a.Met = known && meets(i.Direction, *a.Target, newest)
	}
	r := OpenSDG(points, o)
	a.Named = &Named{Method: MethodOpenSDG, Word: string(r.Status), Value: r.Value, Score: r.Score, Why: r.Why}
	a.Status = r.Status.Status()
	if r.Status == OpenSDGDeterioration {
		a.Status = worse(a.Signal)
	}
}

// judgeCityScore divides the value by the target, or mirrors it where less is better, see [CityScoreOf]. Its known mistakes are mended
// ([CityScoreFixed]): the judged value is that of a period, not a mean of days, and nothing is rounded up. Of what adds up it is the year's total
// so far, by what should be there by now: the target is for the whole year.
func (a *Assessment) judgeCityScore(in AssessInput, series []SeriesPoint, judged SeriesPoint) {
	i, value, target := in.Indicator, *judged.Observation.Value, &a.Target.Value
	if i.AddsUp() {
		d, known := a.toDate(in, series, judged)
		if !known {
			a.Named, a.Status = &Named{Method: MethodCityScore, Word: notAvailable}, NoData
			return
		}
		a.due(in, series, d)
		value, target = d.Total, a.Expected
	}
	a.Met = meets(i.Direction, *a.Target, value)
	score, ok := 0.0, false
	if target != nil {
		score, ok = CityScoreOf(CityScoreFixed, value, *target, i.Direction)
	}
	if !ok {
		a.Named, a.Status = &Named{Method: MethodCityScore, Word: notAvailable}, NoTarget
		return
	}
	a.Status = CityScoreStatus(score, a.Bands)
	a.Named = &Named{Method: MethodCityScore, Word: string(a.Status), Value: &score}
}

// judgeExecuted takes the target for what was planned, and the value, or the year's total of what adds up, for what was executed.
func (a *Assessment) judgeExecuted(in AssessInput, series []SeriesPoint, judged SeriesPoint) {
	i, executed := in.Indicator, judged.Observation.Value
	if i.AddsUp() {
		a.toDate(in, series, judged)
		executed = a.Judged
	}
	r := ExecutedOverPlanned(&a.Target.Value, executed, DefaultExecutedBands)
	a.Named = &Named{Method: MethodExecuted, Word: string(r.Band), Value: r.Percent}
	a.Status = r.Band.Status()
	a.Met = executed != nil && meets(Up, *a.Target, *executed)
	if over := !judged.Period.Last.Before(a.Target.By) || i.AddsUp() && i.over(in.Calendar, judged.Period, *a.Target); a.Status == OnTrack && a.Met && over && a.Target.Kind != TargetInterim {
		a.Status = Achieved
	}
}
