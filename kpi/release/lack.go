package release

import (
	"slices"

	"citystat/kpi"
)

// LackKind is what is missing.
type LackKind string

// What can be missing.
const (
	LackValue  LackKind = "value"  // an indicator has no value for the round's period
	LackEntry  LackKind = "entry"  // so too, and its values are typed here
	LackData   LackKind = "data"   // a dataset is older than it should be, or was never loaded
	LackReason LackKind = "reason" // a target was missed, and nobody says why
)

// LackKinds lists what can be missing.
var LackKinds = []LackKind{LackValue, LackEntry, LackData, LackReason}

// Lack is something that is still missing of a department's part of a round.
type Lack struct {
	Kind      LackKind
	Indicator string // empty for LackData
	Dataset   string
	Period    string // of the value that is missing, or that missed
}

// Facts are what is known of the numbers now.
type Facts struct {
	Assessment func(indicator string) *kpi.Assessment // nil: there is none
	Has        func(indicator, period string) bool    // whether there is a value
	Late       func(dataset string) bool              // whether its data are older than they should be
	Explained  func(indicator, period string) bool    // whether somebody says why the target was missed
}

// Explained reports whether one of the commentaries, which somebody has at least sent to review, says why an indicator missed its target.
func Explained(list []kpi.Commentary, indicator, period string) bool {
	return slices.ContainsFunc(list, func(c kpi.Commentary) bool {
		return c.Indicator == indicator && c.Period == period && (c.Miss || c.Why != "") && (c.State == kpi.CommentarySubmitted || c.State == kpi.CommentaryApproved)
	})
}

// Lacks lists what is still missing of a department's part of a round about a period, in the order of the folder. A department may fill it all the same.
func Lacks(city *kpi.City, department string, period kpi.Period, facts Facts) []Lack {
	var values, data, reasons []Lack
	late := map[string]bool{}
	for i := range city.Indicators {
		ind := &city.Indicators[i]
		if !ind.Public || ind.Department != department {
			continue
		}
		ds := city.Dataset(ind.Dataset)
		if ind.Period == period.Kind && !facts.Has(ind.ID, period.ID) {
			kind := LackValue
			if ds != nil && ds.Source.Kind == sourceEntry {
				kind = LackEntry
			}
			values = append(values, Lack{Kind: kind, Indicator: ind.ID, Dataset: ind.Dataset, Period: period.ID})
		}
		if ds != nil && !late[ds.ID] && facts.Late(ds.ID) {
			late[ds.ID] = true
			data = append(data, Lack{Kind: LackData, Dataset: ds.ID})
		}
		if a := facts.Assessment(ind.ID); a != nil && missed(a.Status) && !facts.Explained(ind.ID, a.Period) {
			reasons = append(reasons, Lack{Kind: LackReason, Indicator: ind.ID, Dataset: ind.Dataset, Period: a.Period})
		}
	}
	return slices.Concat(data, values, reasons)
}

// sourceEntry is the kind of a source whose values are typed here.
const sourceEntry kpi.SourceKind = "entry"

// missed reports whether a status asks for an explanation.
func missed(s kpi.Status) bool {
	return s.Public() == kpi.PublicBehind || s.Public() == kpi.PublicOffTrack
}

// Row is a department's part of a round as a row of a dataset.
type Row struct {
	Round      int64
	Period     string
	Department string
	State      FilingState
	Due        kpi.Date
	FilledOn   kpi.Date // the first time; zero: not yet
	OnTime     *bool    // nil: not due yet
	Returns    int
	CheckedOn  kpi.Date // in the city; zero: not yet
}

// Rows returns every filing of rounds that were not stopped, as rows of a dataset, as of a day in the city.
func Rows(rounds []Round, cal kpi.Calendar, today kpi.Date) []Row {
	var list []Row
	for i := range rounds {
		r := &rounds[i]
		if r.State == Stopped {
			continue
		}
		for _, f := range r.Filings {
			row := Row{Round: r.ID, Period: r.Period, Department: f.Department, State: f.State, Due: r.FillBy, FilledOn: f.FilledOn, Returns: f.Returns}
			if !f.CheckedAt.IsZero() {
				row.CheckedOn = kpi.DateOf(f.CheckedAt.In(cal.Location))
			}
			if timely := !f.FilledOn.IsZero() && !f.Late; timely || f.Late || r.FillBy.Before(today) || f.State == FilingExcused || r.State == Released {
				row.OnTime = &timely
			}
			list = append(list, row)
		}
	}
	return list
}
