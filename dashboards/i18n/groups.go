package i18n

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// namesShown is the number of names in a sentence; what is more is counted.
const namesShown = 5

// EquityFinding says which groups are worse and which are better than the city, or than the reference group, the furthest first, and of how
// many nothing can be said. It never says which is best: with many small groups that is chance.
func EquityFinding(p *Printer, city *kpi.City, e scorecard.Equity) string {
	by := map[scorecard.Verdict][]scorecard.Group{}
	for _, g := range e.Groups {
		by[g.Verdict] = append(by[g.Verdict], g)
	}
	reference := ""
	if e.Reference != "" {
		reference = "_reference"
	}
	var list []string
	for _, v := range []scorecard.Verdict{scorecard.VerdictWorse, scorecard.VerdictBetter, scorecard.VerdictDifferent} {
		if len(by[v]) > 0 {
			list = append(list, p.T("equity."+string(v)+reference, "names", p.groupNames(city, e.Dimension, by[v])))
		}
	}
	if len(list) == 0 && len(by[scorecard.VerdictSimilar]) > 0 {
		list = append(list, p.T("equity.none"+reference))
	}
	hidden := max(e.Hidden, len(by[scorecard.VerdictHidden]))
	without := 0 // a value; the others have one, but no interval
	for _, g := range by[scorecard.VerdictNone] {
		if g.Value == nil {
			without++
		}
	}
	for _, c := range []struct {
		id string
		n  int
	}{
		{"equity.similar", len(by[scorecard.VerdictSimilar])}, {"equity.cannot", len(by[scorecard.VerdictTooFew])},
		{"equity.no_value", without}, {"equity.not_compared", len(by[scorecard.VerdictNone]) - without}, {"equity.hidden", hidden},
	} {
		if c.n > 0 {
			list = append(list, p.T(c.id, "n", c.n))
		}
	}
	return strings.Join(list, " ")
}

// groupNames returns the names of groups, those with the largest difference first.
func (p *Printer) groupNames(city *kpi.City, dimension string, groups []scorecard.Group) string {
	far := func(g scorecard.Group) float64 {
		if g.Difference == nil {
			return 0
		}
		return math.Abs(*g.Difference)
	}
	groups = slices.Clone(groups)
	slices.SortStableFunc(groups, func(a, b scorecard.Group) int { return cmp.Compare(far(b), far(a)) })
	var names []string
	for k, g := range groups {
		if k == namesShown && len(groups) > namesShown+1 { // one more name takes no more room than its count
			names = append(names, p.T("equity.more", "n", len(groups)-namesShown))
			break
		}
		names = append(names, p.Member(dimension, g.Member, city))
	}
	return p.List(names)
}

// EquityNotes returns the sentences that say what the comparison of groups rests on: the reference, the periods, the method, and how unequal the
// groups are.
func EquityNotes(p *Printer, city *kpi.City, r scorecard.Result, e scorecard.Equity) []string {
	var list []string
	if e.Reference != "" {
		list = append(list, p.T("equity.reference", "district", p.Member(e.Dimension, e.Reference, city)))
	}
	if span := p.span(periodsOf(city, r, e.From, e.To)); span != "" {
		list = append(list, p.T("equity.periods", "periods", span))
	}
	switch e.Method {
	case "wilson", "byar":
		list = append(list, p.T("equity.method."+e.Method, "share", p.Percent(95, 0)))
	case "none":
		list = append(list, p.T("equity.method.none"))
	}
	if e.Range != nil {
		list = append(list, p.T("equity.range", "change", p.Difference(e.Range, r.Indicator.Unit, r.Indicator.Decimals)))
	}
	if e.Disparity != nil && e.Weights != "" {
		list = append(list, p.T("equity.disparity."+e.Weights, "share", p.Percent(*e.Disparity, 1)))
	}
	return list
}

// partsShown is the number of groups in the sentence about what a change is made of.
const partsShown = 3

// DriversFinding says how much an indicator changed and which groups contributed most to that, three at most, and that this is arithmetic. It is
// "" without groups.
func DriversFinding(p *Printer, city *kpi.City, r scorecard.Result, d scorecard.Drivers) string {
	periods := periodsOf(city, r, d.From, d.To)
	if len(d.Groups) == 0 || len(periods) != 2 {
		return ""
	}
	show := func(v float64) string { return p.Change(&v, r.Indicator.Unit, r.Indicator.Decimals) }
	var parts []string
	for _, g := range d.Groups[:min(partsShown, len(d.Groups))] {
		name := p.T("drivers.hidden")
		if g.Member != "" {
			name = p.Member(d.Dimension, g.Member, city)
		}
		parts = append(parts, p.T("drivers.part", "district", name, "change", show(g.Total)))
	}
	finding := p.T("drivers.finding", "in_period", p.InPeriod(periods[1]), "in_previous", p.InPeriod(periods[0]), "change", show(d.Change), "parts", p.List(parts))
	return finding + " " + p.T("drivers.arithmetic")
}

// DriversSplit says how much of a change comes from other results within the groups, and how much from groups of another size; "" where sizes
// play no part.
func DriversSplit(p *Printer, ind *kpi.Indicator, d scorecard.Drivers) string {
	if d.Mix == 0 {
		return ""
	}
	return p.T("drivers.split", "rate", p.Change(&d.Rate, ind.Unit, ind.Decimals), "mix", p.Change(&d.Mix, ind.Unit, ind.Decimals))
}

// periodsOf returns the periods with the ids: from the series or, where it has them no more, from the city's calendar. What is no period is left
// out, and so is one that was named before.
func periodsOf(city *kpi.City, r scorecard.Result, ids ...string) []kpi.Period {
	var list []kpi.Period
	for _, id := range ids {
		x, ok := inSeries(r, id)
		if !ok && id != "" && city != nil {
			if c, err := city.Calendar(); err == nil {
				x, err = c.Parse(id)
				ok = err == nil
			}
		}
		if ok && !slices.ContainsFunc(list, func(y kpi.Period) bool { return y.ID == x.ID }) {
			list = append(list, x)
		}
	}
	return list
}
