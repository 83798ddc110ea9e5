package chart

import (
	"slices"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi/scorecard"
)

// Process returns the process-behaviour chart of an indicator: its values between the limits of its usual ups and downs, with the average between
// them, and nothing that was promised. It is nil where there are no limits yet.
func Process(p *i18n.Printer, id string, r *scorecard.Result) *Figure {
	ind := r.Indicator
	if !slices.ContainsFunc(r.Series, func(pt scorecard.Point) bool { return finite(pt.Lower) != nil && finite(pt.Upper) != nil }) {
		return nil
	}
	l := Line{Name: p.Text(ind.Name), BandName: p.T("chart.band"), Empty: p.T("chart.empty"), Axis: axis(p, ind.Unit, largest(r.Series))}
	mean := Extra{Name: p.T("table.mean"), Style: StyleMiddle}
	for _, pt := range r.Series {
		point := linePoint(p, ind, pt)
		point.Expected, point.ExpectedAs = nil, ""
		l.Points = append(l.Points, point)
		mean.Values, mean.Shown = append(mean.Values, finite(pt.Mean)), append(mean.Shown, p.Value(pt.Mean, ind.Unit, ind.Decimals))
	}
	if hasValue(mean.Values) {
		l.Extras = []Extra{mean}
	}
	marks := breaks(p, r.Series)
	for _, b := range marks {
		l.Breaks = append(l.Breaks, Break{b.At, p.Upper(b.Label)})
	}
	l.clean()
	t := trendTable(p, r, marks)
	for i := range t.Columns {
		switch t.Columns[i].Key {
		case "mean", "lower", "upper":
			t.Columns[i].Only = Everywhere
		case "expected", "rows", "excluded":
			t.Columns[i].Only = OnlyFile
		}
	}
	desc := trendDesc(p, r)
	if limits := i18n.SignalLimits(p, *r); limits != "" {
		desc += " " + limits
	}
	return NewLine(id, i18n.SignalSentence(p, *r), processCaption(p, r, &l), desc, t, l)
}

// processCaption says how to read what is drawn.
func processCaption(p *i18n.Printer, r *scorecard.Result, l *Line) string {
	plain := *l
	plain.Extras = nil // the caption of a trend would call it a median
	list := []string{trendCaption(p, r, &plain)}
	if len(l.Extras) > 0 {
		list = append(list, p.T("figure.caption.mean"))
	}
	return strings.Join(list, " ")
}
