package pages

import (
	"encoding/json"
	"fmt"
	"slices"

	"citystat/dashboards/chart"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// figure is a drawing with its table, and what the interactive chart is made from. Option is nil where there is nothing to explore.
type figure struct {
	*chart.Figure
	Kind   string // line, bars, map, cells or panels
	Option json.RawMessage
	Map    json.RawMessage
}

// newFigure completes a figure with the address of its numbers.
func newFigure(f *chart.Figure, kind, file string, explore bool) (figure, error) {
	f.CSVHref = file
	out := figure{Figure: f, Kind: kind}
	if !explore {
		return out, nil
	}
	var err error
	if out.Option, err = f.Option(); err != nil {
		return figure{}, fmt.Errorf("figure %s of %s: %w", f.ID, file, err)
	}
	if out.Map, err = f.Map(); err != nil {
		return figure{}, fmt.Errorf("outline of %s of %s: %w", f.ID, file, err)
	}
	return out, nil
}

// allFile is the address of all numbers of an indicator.
func allFile(res *scorecard.Result) string { return "/indicators/" + res.Indicator.ID + ".csv" }

// trend is the indicator over time.
func (r *Request) trend(res *scorecard.Result) (figure, error) {
	valued := func(pt scorecard.Point) bool { return pt.Observation.Value != nil }
	return newFigure(chart.Trend(r.P, "over-time", res), "line", allFile(res), slices.ContainsFunc(res.Series, valued))
}

// districtsView is an indicator by district in a period that the reader chooses.
type districtsView struct {
	Action   string
	Options  []option
	Figures  []figure
	Unplaced unplaced
	Hidden   bool // numbers of a district are not shown
	Untested bool // the districts are not compared: the measure has no range for it
}

// unplaced are the rows that belong to no district, in a period or in all.
type unplaced struct {
	Caption string
	Rows    []unplacedRow
}

// unplacedRow is the rows that belong to no district, apart from the districts: blank ones, and those with an unknown name.
type unplacedRow struct {
	Name             string
	Value, Rows, Out Value
}

// districts returns the indicator by district, nil if it is not broken down. A period that the indicator does not have is refused:
// the address would promise what the page does not hold.
func (r *Request) districts(res *scorecard.Result) (*districtsView, error) {
	chosen := r.Query.Get("period")
	periods := districtPeriods(res)
	if chosen != "" && !slices.Contains(periods, chosen) {
		return nil, kpi.Errorf(kpi.CodeInvalid, "indicator %s has no period %q", res.Indicator.ID, chosen)
	}
	if len(periods) == 0 {
		return nil, nil
	}
	if chosen == "" {
		chosen = periods[0]
		if slices.Contains(periods, res.Assessment.Period) {
			chosen = res.Assessment.Period
		}
	}
	v := &districtsView{Action: r.To("/indicators/" + res.Indicator.ID)}
	for _, id := range periods {
		v.Options = append(v.Options, option{Value: id, Words: own(r.periodName(res, id)), Selected: id == chosen})
	}
	valued := slices.ContainsFunc(res.Members, func(m scorecard.Member) bool {
		o := res.Observation(chosen, m.Dimension, m.Member)
		return m.Dimension == kpi.DimensionDistrict && o != nil && o.Value != nil
	})
	bars := chart.DistrictBars(r.P, "district-bars", r.City, res, chosen)
	if m := chart.DistrictMap(r.P, "district-map", r.City, res, chosen); m != nil && valued && m.Finding != bars.Finding { // with too few to compare a map shows nothing
		f, err := newFigure(r.pointOut(m), "map", allFile(res), valued)
		if err != nil {
			return nil, err
		}
		v.Figures = append(v.Figures, f)
	}
	f, err := newFigure(r.pointOut(bars), "bars", allFile(res), valued)
	if err != nil {
		return nil, err
	}
	v.Figures = append(v.Figures, f)
	v.Untested = !slices.ContainsFunc(res.Equity, func(e scorecard.Equity) bool { return slices.ContainsFunc(e.Groups, compared) }) &&
		slices.ContainsFunc(res.Equity, func(e scorecard.Equity) bool { return e.Method == "none" })
	v.Hidden = slices.ContainsFunc(res.Members, func(m scorecard.Member) bool {
		o := res.Observation(chosen, m.Dimension, m.Member)
		return m.Dimension == kpi.DimensionDistrict && o != nil && o.Suppressed != kpi.NotSuppressed
	})
	if chosen != kpi.PeriodTotal { // those of all periods have their place beside the other rows
		v.Unplaced = r.unplaced(res, chosen)
	}
	return v, nil
}

// unplaced returns the rows of a period that belong to no district.
func (r *Request) unplaced(res *scorecard.Result, period string) unplaced {
	list := unplaced{Caption: r.P.T("page.unplaced", "period", r.periodName(res, period))}
	for _, member := range []string{kpi.MemberNotRecorded, kpi.MemberNotRecognised} {
		o := res.Observation(period, kpi.DimensionDistrict, member)
		if o == nil || (o.Rows+o.ExcludedRows() == 0 && o.Suppressed == kpi.NotSuppressed) {
			continue
		}
		row := unplacedRow{
			Name: r.P.Member(kpi.DimensionDistrict, member, r.City), Value: r.observed(res.Indicator, o),
			Rows: r.rows(o, o.Rows), Out: r.left(o),
		}
		list.Rows = append(list.Rows, row)
	}
	return list
}

// rows is a number of rows of an observation; where its numbers are not shown neither are they.
func (r *Request) rows(o *kpi.Observation, n int64) Value {
	if o.Suppressed != kpi.NotSuppressed {
		return Value{Text: r.P.T("table.hidden")}
	}
	return r.Count(n)
}

// left is the number of rows that an observation leaves out, or that it is not told.
func (r *Request) left(o *kpi.Observation) Value {
	if o.LeftUntold {
		return Value{Text: r.P.T("table.hidden")}
	}
	return r.rows(o, o.ExcludedRows())
}

// observed is the value of an observation, or that it is not shown.
func (r *Request) observed(ind *kpi.Indicator, o *kpi.Observation) Value {
	if o.Suppressed != kpi.NotSuppressed {
		return Value{Text: r.P.T("table.hidden")}
	}
	return Value{r.P.Observed(ind, o), raw(o.Value)}
}

// districtPeriods returns the periods for which there is a district with rows: all together first, then the newest first. It is empty
// if the indicator is not broken down by district.
func districtPeriods(res *scorecard.Result) []string {
	have := map[string]bool{}
	for i := range res.Members {
		m := &res.Members[i]
		if m.Dimension != kpi.DimensionDistrict {
			continue
		}
		have[kpi.PeriodTotal] = have[kpi.PeriodTotal] || m.Total != nil
		for j := range m.Series {
			have[m.Series[j].Period] = true
		}
	}
	var list []string
	if have[kpi.PeriodTotal] {
		list = append(list, kpi.PeriodTotal)
	}
	for i := len(res.Series) - 1; i >= 0; i-- {
		if id := res.Series[i].Period.ID; have[id] {
			list = append(list, id)
		}
	}
	return list
}

// periodName returns the name of a period of a result.
func (r *Request) periodName(res *scorecard.Result, id string) string {
	if pt := point(res, id); pt != nil {
		return r.P.Period(pt.Period)
	}
	return r.P.T("indicator.all_periods")
}
