package pages

import (
	"strconv"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// totalView is an indicator over all periods together: what was counted, and what was left out and why. It is always there, also
// when nothing could be counted.
type totalView struct {
	Value   Value
	Share   string // "5,114 of 7,858" in finished words, or that these are too few
	Counted Value
	Out     Value
	Left    []leftOut
	Untold  bool   // rows left out are not told: they are few people
	Nothing bool   // rows came, and none of them can be counted
	Hidden  string // why the numbers are not shown; "" where they are
}

func (r *Request) total(res *scorecard.Result) totalView {
	o := res.Total
	if o == nil {
		o = &kpi.Observation{}
	}
	v := totalView{
		Value:   r.observed(res.Indicator, o),
		Counted: r.rows(o, o.Rows),
		Out:     r.left(o),
		Hidden:  r.P.Suppression(o.Suppressed),
		Left:    r.leftOut(o.Excluded),
		Untold:  o.LeftUntold,
		Nothing: o.Rows == 0 && o.ExcludedRows() > 0,
	}
	switch share := res.Indicator.Measure.Kind == kpi.MeasureShare; {
	case o.Value != nil && o.Rows < int64(res.Indicator.Minimum):
		v.Share = r.P.T("table.mark.too_few")
	case share && o.Value != nil:
		v.Share = r.P.Cases(res.Indicator, o)
	}
	return v
}

// countedView is how rows become a value: in the city's words, and as the folder writes it.
type countedView struct {
	Method Words
	Facts  []fact
	Rule   []ruleLine
}

// ruleLine is one line of the definition as the folder writes it.
type ruleLine struct {
	Key, Text string
	Because   Words
}

func (r *Request) counted(ind *kpi.Indicator) countedView {
	m := ind.Measure
	v := countedView{Method: r.Prose(ind.Method)}
	add := func(id, text string) { v.Facts = append(v.Facts, fact{Label: r.P.T(id), Words: own(text)}) }
	add("indicator.measure", r.P.Upper(r.P.Measure(m)))
	add("indicator.unit", r.P.Upper(r.P.Unit(ind.Unit)))
	add("indicator.period", r.P.PeriodKind(ind.Period))
	add("indicator.settles", r.P.Int(int64(ind.SettlesAfter)))
	if !ind.CompleteUntil.IsZero() {
		add("indicator.complete_until", r.P.Date(ind.CompleteUntil))
	}
	if ind.Minimum > 0 {
		add("indicator.minimum", r.P.Int(int64(ind.Minimum)))
	}
	if ind.Version > 0 {
		add("indicator.definition_no", strconv.Itoa(ind.Version))
	}
	line := func(key, text string, because Words) {
		if text != "" {
			v.Rule = append(v.Rule, ruleLine{key, text, because})
		}
	}
	line(string(m.Kind), of(m), Words{})
	line("per", m.Per, Words{})
	if m.Times != 0 {
		line("times", strconv.FormatFloat(m.Times, 'g', -1, 64), Words{})
	}
	line("where", m.Where, Words{})
	for _, x := range m.Exclude {
		line("exclude", x.When, r.reason(x.Because))
	}
	line("date", m.Date, Words{})
	return v
}

// of is the expression of a measure as the folder writes it; a count has none, so it is all rows.
func of(m kpi.Measure) string {
	switch {
	case m.Kind == kpi.MeasurePercentile:
		return m.Of + ", p: " + strconv.FormatFloat(m.P, 'g', -1, 64)
	case m.Kind == kpi.MeasureDuration:
		return m.From + " → " + m.To + ", p: " + strconv.FormatFloat(m.P, 'g', -1, 64)
	case m.Of == "":
		return "*"
	}
	return m.Of
}

// sourceView is where an indicator's rows came from, down to the kept copies.
type sourceView struct {
	Dataset Link
	Loaded  *Moment
	Until   Moment
	Facts   []count
	Files   []fileView
	Credit  credit
	Sum     string // checksum
	Failed  *failedView
}

func (r *Request) source(res *scorecard.Result) sourceView {
	ind := res.Indicator
	ds, st := r.City.Dataset(ind.Dataset), r.state(ind.Dataset)
	v := sourceView{}
	if ds != nil {
		v.Dataset = Link{URL: r.To("/data") + "#" + ds.ID, Words: r.Words(ds.Name)}
		v.Credit = credit{ds.Credit.Publisher, webAddress(ds.Credit.URL), ds.Credit.Licence}
	}
	if st.Failed != nil {
		v.Failed = &failedView{At: r.at(st.Failed.Started)}
	}
	if st.Last == nil {
		return v
	}
	loaded := r.at(st.Last.Time())
	v.Loaded = &loaded
	if !st.DataUntil.IsZero() {
		v.Until = r.on(st.DataUntil)
	}
	v.Files, _ = r.files(st.Last)
	v.Facts = []count{
		{r.P.T("data.version_no"), r.Count(r.Card.Version)},
		{r.P.T("data.load_no"), r.Count(st.Last.ID)},
		{r.P.T("data.folder_no"), r.Count(int64(r.Card.Folder))},
	}
	v.Sum = short(st.Last.Checksum)
	return v
}
