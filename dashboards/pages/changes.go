package pages

import (
	"cmp"
	"context"
	"slices"

	"citystat/dashboards/i18n"
	"citystat/kpi"
)

var changesPage = Page{
	Name: "changes", Path: changesPath, Menu: "changes.menu", Role: Everyone, Query: []string{"indicator", "what", "page"}, Load: loadChanges,
}

const (
	changesAPage    = 50         // on a page of the list
	changesAtMost   = 5          // on the page of an indicator; the rest is one link away
	allIndicators   = ""         // the indicator of a change that concerns all
	changesPath     = "/changes" // below the language
	changesFilePath = "/changes.csv"
)

// changesData is everything that was changed in what the city promises and in how it is judged, behind its filters.
type changesData struct {
	Action  string
	Filters []filter
	Any     bool // a filter is set
	Some    bool // there is a change at all
	Found   string
	Days    []changeDay
	File    string
	pager
}

// changeDay is the changes that stand in the folder since a day, or were decided on it.
type changeDay struct {
	Moment
	Since   string // which of the two, before the day
	Changes []changeView
}

// changeView is one change: what, from what to what, who decided it, why.
type changeView struct {
	Day       Moment
	Since     string // what the day is of: the folder, or the decision
	Indicator Link   // URL is "" of one that concerns all
	Kind      string
	Said      string
	Who       string
	When      Moment // of the decision
	Recorded  Moment // where the day is that of the decision: when it was first seen here
	Why       Words
	Nobody    bool // nobody said why
	Act       Link // the legal act; URL is "" where it is no address
}

func loadChanges(_ context.Context, r *Request) (Content, error) {
	all := r.changes("", "")
	found := r.changes(r.Query.Get("indicator"), r.Query.Get("what"))
	d := changesData{
		Action: r.To(changesPath), Filters: r.changeFilters(all), Any: r.Query.Has("indicator") || r.Query.Has("what"), Some: len(all) > 0,
		Found: r.P.T("changes.count", "n", len(found), "total", len(all)), File: changesFilePath,
	}
	from, to, err := r.turn(&d.pager, changesPath, len(found), changesAPage, "changes.page")
	if err != nil {
		return Content{}, err
	}
	for _, c := range found[from:to] {
		v := r.change(c)
		if n := len(d.Days); n == 0 || d.Days[n-1].Moment != v.Day || d.Days[n-1].Since != v.Since {
			d.Days = append(d.Days, changeDay{Moment: v.Day, Since: v.Since})
		}
		day := &d.Days[len(d.Days)-1]
		day.Changes = append(day.Changes, v)
	}
	return Content{Title: r.P.T("changes.title"), Summary: r.P.T("changes.intro"), Data: d}, nil
}

// changes returns what was changed, the newest first, of an indicator and of a kind; of all where these are "". What concerns an indicator
// that is not public is as if it were not there.
func (r *Request) changes(indicator, what string) []*kpi.Change {
	var list []*kpi.Change
	for i := range r.Card.Changes {
		c := &r.Card.Changes[i]
		if (indicator != "" && c.Indicator != indicator) || (what != "" && c.What != what) {
			continue
		}
		if _, err := r.public(c.Indicator); err == nil || c.Indicator == allIndicators {
			list = append(list, c)
		}
	}
	return list
}

// changeFilters returns the choices of the form: the indicators and the kinds of change that there are.
func (r *Request) changeFilters(all []*kpi.Change) []filter {
	indicators := filter{Name: "indicator", Label: r.P.T("table.indicator"), All: r.P.T("list.all")}
	for _, res := range r.results("") {
		id := res.Indicator.ID
		if slices.ContainsFunc(all, func(c *kpi.Change) bool { return c.Indicator == id }) {
			o := option{Value: id, Words: r.Words(res.Indicator.Name), Selected: r.Query.Get("indicator") == id}
			indicators.Options = append(indicators.Options, o)
		}
	}
	kinds := filter{Name: "what", Label: r.P.T("changes.what"), All: r.P.T("list.all")}
	for _, what := range kpi.ChangeKinds {
		if slices.ContainsFunc(all, func(c *kpi.Change) bool { return c.What == what }) {
			o := option{Value: what, Words: own(r.P.Upper(r.P.ChangeKind(what))), Selected: r.Query.Get("what") == what}
			kinds.Options = append(kinds.Options, o)
		}
	}
	return []filter{indicators, kinds}
}

// withTitles returns a change in which a person is called by the post: names, and ids that may be made of them, are not for public pages.
func (r *Request) withTitles(c *kpi.Change) *kpi.Change {
	if c.Field != "owner" {
		return c
	}
	post := func(v *kpi.ChangeValue) *kpi.ChangeValue {
		if v == nil || v.ID == "" {
			return v
		}
		if title := r.person(v.ID).Text; title != "" {
			return &kpi.ChangeValue{ID: title}
		}
		return &kpi.ChangeValue{ID: r.P.T("changes.former")}
	}
	titled := *c
	titled.From, titled.To = post(c.From), post(c.To)
	return &titled
}

// change is one change in words. Whoever looks after the data reads names as the folder has them.
func (r *Request) change(c *kpi.Change) changeView {
	if r.staff == nil {
		c = r.withTitles(c)
	}
	v := changeView{Day: r.on(c.Seen), Since: r.P.T("changes.since"), Kind: r.P.Upper(r.P.ChangeKind(c.What)), Said: i18n.ChangeSentences(r.P, r.City, *c)[0]}
	if day, told := c.Decided(); told {
		v.Day, v.Since, v.Recorded = r.on(day), r.P.T("changes.when"), r.on(c.Seen)
	}
	switch ind := r.City.Indicator(c.Indicator); {
	case c.Indicator == allIndicators:
		v.Indicator = Link{Words: own(r.P.T("changes.all"))}
	case ind != nil:
		v.Indicator = Link{URL: r.To("/indicators/" + ind.ID), Words: r.Words(ind.Name)}
	default:
		v.Indicator = Link{Words: Words{Text: c.Indicator}}
	}
	n := c.Note
	if n == nil {
		v.Nobody = true
		return v
	}
	v.Who, v.Why, v.Nobody = n.ByWhom, r.Prose(n.Reason), n.Reason.IsZero()
	v.Act = r.act(n.Act)
	if !n.On.IsZero() {
		v.When = r.on(n.On)
	}
	return v
}

// act is a legal act, with its address where it has one that a reader can follow.
func (r *Request) act(a kpi.Act) Link {
	return Link{URL: webAddress(cmp.Or(a.URL, a.Title)), Words: own(r.P.Act(a))}
}

// historyView is the newest changes of one indicator.
type historyView struct {
	Changes []changeView
	All     Link
}

// history returns the newest changes of an indicator, nil if there are none.
func (r *Request) history(id string) *historyView {
	list := r.changes(id, "")
	if len(list) == 0 {
		return nil
	}
	v := &historyView{All: Link{URL: r.To(changesPath + "?indicator=" + id), Words: own(r.P.T("changes.more", "n", len(list)))}}
	for _, c := range list[:min(len(list), changesAtMost)] {
		v.Changes = append(v.Changes, r.change(c))
	}
	return v
}
