package i18n

import (
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// RollUpSentences says how a priority, or the whole city, stands: how many indicators are where they should be, which is furthest from it, of
// how many anything can be said, and a score only if the city asks for one.
func RollUpSentences(p *Printer, card *scorecard.Scorecard, roll scorecard.RollUp) []string {
	if roll.Total == 0 {
		return []string{p.T("rollup.none")}
	}
	t := roll.Tally
	list := []string{p.T("rollup.counts", "total", roll.Total, "on_track", t[kpi.PublicOnTrack], "behind", t[kpi.PublicBehind],
		"off_track", t[kpi.PublicOffTrack], "cannot_say", t[kpi.PublicCannotSay])}
	if r := card.Result(roll.Worst); r != nil && r.Assessment.Status.Public() != kpi.PublicOnTrack {
		list = append(list, p.T("rollup.worst", "name", r.Indicator.Name))
	}
	list = append(list, p.T("rollup.coverage", "n", roll.Answered, "total", roll.Total))
	if s := roll.Score; s != nil {
		list = append(list, p.T("rollup.score", "score", p.Number(s.Value, 0), "low", p.Number(s.Low, 0), "high", p.Number(s.High, 0), "share", p.Share(s.Coverage)))
	}
	return list
}
