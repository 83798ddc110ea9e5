package pages

import (
	"cmp"
	"context"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

var indicatorPage = Page{
	Name: "indicator", Path: "/indicators/:id", Role: Everyone, Query: []string{"period"}, Load: loadIndicator,
}

// indicatorData is everything that may be said about one indicator, and why.
type indicatorData struct {
	Summary
	Said      Chip   // the status; where nothing can be said, with the reason
	Headline  string // under the name
	Sentence  Words
	Newest    string // what the newest value is, where it is not the judged one
	Flags     []flagView
	Numbers   []numberView
	Answers   []answer
	Trend     figure
	More      []Link         // to the charts that this page has no room for
	Course    *answer        // which way it went over all its history; nil if nobody can say
	Year      *figure        // the total of a year; nil for what does not add up
	Project   *projectView   // nil if it is no work that the city does
	Doing     *doingView     // nil if nothing was promised
	Districts *districtsView // nil if it is not broken down by district
	Equity    []groupsView   // how the groups of each dimension compare
	Drivers   []groupsView   // what each group contributed to the newest change
	Evaluated []evaluationView
	History   *historyView // nil if nothing was changed
	Heard     *heardView   // what residents said of it; nil where they cannot
	Story     []storyView  // what the department says of it
	Contested []contestNote
	Contents  []Link // of the page, where it is long
	Total     totalView
	Unplaced  unplaced // of all periods together
	Why       Words
	Counted   countedView
	Caution   Words
	Targets   []targetView
	Setters   bool // whether it is known who set a target
	Kinds     bool // the targets are of several kinds
	Facts     []fact
	Source    sourceView
	Paired    []Summary
	Downloads []Link
	Place     placeView
}

// flagView is a flag and what it means.
type flagView struct{ Word, Text string }

// numberView is one of the numbers under the headline.
type numberView struct {
	Label string
	Value
	Note string
}

// fact is a label and what it says.
type fact struct {
	Label string
	Words Words
	URL   string
}

// concerns reports whether a flag speaks of a value that the page shows. "Its value will change" would mislead where the newest period
// has none.
func concerns(res *scorecard.Result, f kpi.Flag) bool {
	if !ofNewest(f) {
		return true
	}
	for i := range res.Series {
		o := &res.Series[i].Observation
		if o.Value != nil && (f == kpi.FlagPartial && o.Partial || f == kpi.FlagProvisional && o.Provisional) {
			return true
		}
	}
	return false
}

// targetView is a row of the history of targets.
type targetView struct {
	By           Moment
	Value        Value
	Set          Moment
	Seen         Moment // when it was first seen here; empty if that is not known
	Act          *Link  // the legal act; nil: none was named
	Dropped      bool   // the one before it holds no longer
	ByWhom       string
	Kind         string // for the year, for the term, on the way
	Reason       Words
	Illustrative string
	Replaced     bool // by another for the same day
}

// placeView leads to the indicators before and after this one.
type placeView struct{ Previous, Next *Link }

func loadIndicator(ctx context.Context, r *Request) (Content, error) {
	res, err := r.public(r.Params["id"])
	if err != nil {
		return Content{}, err
	}
	ind := res.Indicator
	d := indicatorData{
		Summary:   r.summary(res),
		Said:      r.chipWhy(res.Assessment.Status),
		Headline:  i18n.Headline(r.P, *res),
		Sentence:  r.Prose(ind.Sentence),
		Newest:    i18n.Newest(r.P, *res),
		Numbers:   r.numbers(res),
		Answers:   r.answers(res),
		Total:     r.total(res),
		Unplaced:  r.unplaced(res, kpi.PeriodTotal),
		Why:       r.Prose(ind.Why),
		Counted:   r.counted(ind),
		Caution:   r.Prose(ind.Caution),
		Targets:   r.targets(ind),
		Facts:     r.facts(ind),
		Source:    r.source(res),
		Paired:    r.paired(ind),
		Place:     r.place(ind.ID),
		Downloads: r.downloads(ind.ID),
		Story:     r.story(ind.ID),
		Contested: r.contested(ind.ID, r.Card.Contests),
	}
	for i := range d.Targets {
		d.Setters = d.Setters || d.Targets[i].ByWhom != ""
		d.Kinds = d.Kinds || d.Targets[i].Kind != d.Targets[0].Kind
	}
	for _, f := range res.Assessment.Flags {
		if !concerns(res, f) {
			continue
		}
		d.Flags = append(d.Flags, flagView{r.P.Flag(f), r.P.FlagText(f)})
	}
	if d.Heard, err = r.heard(ctx, ind.ID); err != nil {
		return Content{}, err
	}
	if d.Trend, err = r.trend(res); err != nil {
		return Content{}, err
	}
	if d.Districts, err = r.districts(res); err != nil {
		return Content{}, err
	}
	if err := r.further(&d, res); err != nil {
		return Content{}, err
	}
	c := Content{Title: d.Link.Text, Summary: i18n.Finding(r.P, *res), Data: d}
	if pr := r.City.Priority(ind.Priority); pr != nil {
		c.Crumbs = []Link{{URL: r.To("/priorities/" + pr.ID), Words: r.Words(pr.Name)}}
	}
	return c, nil
}

// numbers are the value, the target, where the trajectory says it should be, the targets that hold at the same time, and the change in a
// year. Of what adds up in a year it is the total so far that is judged.
func (r *Request) numbers(res *scorecard.Result) []numberView {
	ind, a := res.Indicator, res.Assessment
	judged := point(res, a.Period)
	list := []numberView{{Label: r.P.T("indicator.value"), Value: r.judged(res)}}
	if judged != nil {
		list[0].Note = r.P.Period(judged.Period)
	}
	if here := r.localNumber(res); len(here) > 0 {
		list[0].Label = r.P.T("chart.city")
		list = append(list, here...)
	}
	if a.Judged != nil && a.Target != nil && judged != nil {
		list = append([]numberView{r.soFar(ind, &a, judged.Period)}, list...)
	}
	if a.Target != nil {
		list = append(list, numberView{r.P.T("indicator.target"), r.target(ind, a.Target), r.P.By(a.Target.By)})
	}
	if a.Expected != nil {
		list = append(list, numberView{Label: r.P.T("indicator.expected"), Value: r.Value(ind, a.Expected)})
		if judged != nil {
			list[len(list)-1].Note = r.P.On(judged.Period.Last)
		}
	}
	for k := range a.Standings {
		t := &a.Standings[k].Target
		list = append(list, numberView{r.P.T("page.standing." + kindOf(t)), r.target(ind, t), r.P.By(t.By)})
	}
	if change, before := yearChange(res, judged); change != nil && a.Status != kpi.TooFew {
		list = append(list, numberView{
			r.P.T("indicator.year_change"), Value{r.P.Change(change, ind.Unit, ind.Decimals), raw(change)}, r.P.Period(before.Period),
		})
	}
	return list
}

// soFar is a year's total until a period, beside the target for all of it.
func (r *Request) soFar(ind *kpi.Indicator, a *kpi.Assessment, until kpi.Period) numberView {
	v := numberView{Label: r.P.T("page.so_far"), Value: r.Value(ind, a.Judged)}
	if year, err := r.Cal.Period(ind.AddsUpIn, until.Last); err == nil {
		v.Note = r.P.T("page.of_year", "target", r.P.Target(a.Target, ind), "year", r.P.PeriodShort(year))
	}
	return v
}

// downloads are the files of an indicator.
func (r *Request) downloads(id string) []Link {
	var list []Link
	for _, ext := range []string{"csv", "xlsx", "json", "parquet", "svg"} {
		list = append(list, Link{URL: "/indicators/" + id + "." + ext, Words: own(r.P.T("data.download_" + ext))})
	}
	return list
}

// kindOf is the kind of a target.
func kindOf(t *kpi.Target) string { return cmp.Or(t.Kind, kpi.TargetAnnual) }

// yearChange is the difference between a point and the settled one a year before it, nil if there is none.
func yearChange(res *scorecard.Result, now *scorecard.Point) (*float64, *scorecard.Point) {
	if now == nil || now.Observation.Value == nil {
		return nil, nil
	}
	first := now.Period.First.AddMonths(-12)
	for i := range res.Series {
		before := &res.Series[i]
		if before.Period.First == first && before.Settled && before.Observation.Value != nil {
			diff := *now.Observation.Value - *before.Observation.Value
			return &diff, before
		}
	}
	return nil, nil
}

// targets is the history of targets, in order of their dates.
func (r *Request) targets(ind *kpi.Indicator) []targetView {
	var list []targetView
	for i := range ind.Targets {
		list = append(list, r.targetRow(ind, &ind.Targets[i]))
	}
	return list
}

// targetRow is one target.
func (r *Request) targetRow(ind *kpi.Indicator, t *kpi.Target) targetView {
	v := targetView{
		By: r.on(t.By), Set: r.on(t.Set), ByWhom: t.ByWhom, Reason: r.Prose(t.Reason), Kind: r.P.T("page.target." + kindOf(t)), Replaced: ind.Replaced(*t), Dropped: t.Dropped,
	}
	if !t.Dropped {
		v.Value = r.target(ind, t)
	}
	if t.Illustrative {
		v.Illustrative = r.P.Flag(kpi.FlagIllustrative)
	}
	if !t.Seen.IsZero() {
		v.Seen = r.on(t.Seen)
	}
	if act := r.act(t.Act); act.Text != "" {
		v.Act = &act
	}
	return v
}

// facts are who answers for the indicator and what kind it is.
func (r *Request) facts(ind *kpi.Indicator) []fact {
	var list []fact
	add := func(id string, w Words, url string) {
		if w.Text != "" {
			list = append(list, fact{r.P.T(id), w, url})
		}
	}
	if pr := r.City.Priority(ind.Priority); pr != nil {
		add("indicator.priority", r.Words(pr.Name), r.To("/priorities/"+pr.ID))
		for _, g := range pr.Goals {
			if g.ID == ind.Goal {
				add("indicator.goal", r.Words(g.Name), "")
			}
		}
	}
	list = append(list, r.inPlan(ind)...)
	if dep := r.City.Department(ind.Department); dep != nil {
		add("indicator.department", r.Words(dep.Name), r.To("/departments/"+dep.ID))
	}
	if r.staff == nil { // a staff page names today's holder, too
		add("indicator.owner", r.person(ind.Owner), "")
	}
	add("indicator.kind", own(r.P.Upper(r.P.Kind(ind.Kind))), "")
	add("direction.label", own(r.P.Upper(r.P.Direction(ind.Direction))), "")
	if until := r.state(ind.Dataset).DataUntil; !until.IsZero() {
		add("data.freshness", own(r.P.T("data.until", "date", until)), r.To("/data")+"#"+ind.Dataset)
	}
	return list
}

// paired returns the public indicators that should be read together with this one.
func (r *Request) paired(ind *kpi.Indicator) []Summary {
	var list []Summary
	for _, id := range ind.PairedWith {
		if res, err := r.public(id); err == nil { // one that is not public is as if it were not there
			list = append(list, r.summary(res))
		}
	}
	return list
}

// place returns the indicators before and after one in the order of the folder.
func (r *Request) place(id string) placeView {
	var v placeView
	all := r.results("")
	for i, res := range all {
		if res.Indicator.ID != id {
			continue
		}
		if i > 0 {
			l := r.summary(all[i-1]).Link
			v.Previous = &l
		}
		if i+1 < len(all) {
			l := r.summary(all[i+1]).Link
			v.Next = &l
		}
	}
	return v
}
