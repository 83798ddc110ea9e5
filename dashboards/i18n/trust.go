package i18n

import (
	"slices"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// TrustSentences returns what a look at whether a number can be trusted means and what to do, if it found something, and what was found beside
// the limit from which it is remarkable. It is empty for a look that does not apply.
func TrustSentences(p *Printer, city *kpi.City, r scorecard.Result, c scorecard.TrustCheck) []string {
	var list []string
	if c.State == scorecard.TrustNotAsked {
		return list
	}
	if c.State == scorecard.TrustLook {
		list = append(list, p.T("trust.text."+c.Check), p.T("trust.do."+c.Check))
	}
	if c.Value != nil {
		list = append(list, p.T("trust.found", "value", p.trustValue(c.Check, *c.Value)))
	}
	if c.Limit != nil {
		id := "trust.limit"
		if slices.Contains(byChance, c.Check) {
			id = "trust.limit_below"
		}
		list = append(list, p.T(id, "limit", p.trustValue(c.Check, *c.Limit)))
	}
	for _, x := range periodsOf(city, r, c.Latest) {
		list = append(list, p.T("trust.latest", "period", p.Period(x)))
	}
	return list
}

// byChance are the checks that ask how likely chance alone gives such counts around a deadline.
var byChance = []string{"heaping", "deadline_jump"}

// trustValue writes what a check looked at: the probability that chance alone gives such counts around a deadline, a count of periods, or a share
// of rows or periods in percent.
func (p *Printer) trustValue(check string, v float64) string {
	switch {
	case slices.Contains(byChance, check):
		return p.SmallChance(v)
	case check == "all_green":
		return p.Number(v, 0)
	}
	return p.Percent(v, 1)
}

// TrustFacts returns the numbers that a check looked at, with their labels.
func TrustFacts(p *Printer, r scorecard.Result, c scorecard.TrustCheck) []Fact {
	return p.facts("trust", r, c.Numbers)
}
