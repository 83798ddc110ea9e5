package kpi

func (a *Assessment) judgeNamed(in AssessInput, series []SeriesPoint, judged SeriesPoint) {
	a.decide(NoTarget, RuleNamed)
}
