package pages

import (
	"cmp"
	"context"
	"slices"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/scorecard"
)

var staffIndicatorPage = Page{Name: "staff_indicator", Path: StaffRoot + "/indicators/:id", Role: StaffOnly, Needs: account.SeeStaff, Load: loadStaffIndicator}

// staffIndicatorPath is where those who look after the data read about an indicator.
func staffIndicatorPath(id string) string { return StaffRoot + "/indicators/" + id }

// staffIndicator is what is known of an indicator now, published or not, and whether its number can be trusted.
type staffIndicator struct {
	Name     Words
	Chip     Chip
	Fine     string
	Finding  string
	Time     string
	Hidden   bool // the public does not see it
	Public   Link // its public page; URL is "" where there is none yet
	Lead     string
	Checks   []trustView
	Doing    *doingView // nil where nobody keeps commitments
	Answers  []answer
	Counted  countedView
	Versions []versionView
	Changes  []changeView
	Facts    []fact
	Owner    holderView
	Targets  []targetView
	Decide   Link   // URL is "" for whoever may not, or where nothing is decided
	Others   []Link // the other indicators of its dataset
	Dataset  Link
	Said     saidView
	Entries  Link // where its values are typed; URL is "" where nobody types them, or not this reader
}

// trustView is one look at whether a number can be trusted.
type trustView struct {
	Class     kpi.PublicStatus // the shape beside its state
	Name      string
	State     string
	Sentences []string
	Numbers   []count
}

// versionView is a version of a definition and the periods that it counts.
type versionView struct {
	Number  Value
	From    string
	To      string
	Periods Value
}

func loadStaffIndicator(ctx context.Context, r *Request) (Content, error) {
	card, err := r.staff.Live(ctx)
	if err != nil {
		return Content{}, err
	}
	res := card.Result(r.Params["id"])
	if res == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "there is no indicator %q", r.Params["id"])
	}
	live := *r // what is said of the live card is read from it, and links to public pages from what is published
	live.Card, live.City = card, card.City
	ind := res.Indicator
	d := staffIndicator{
		Name: r.Words(ind.Name), Chip: r.chip(res.Assessment.Status), Fine: r.P.Status(res.Assessment.Status), Finding: i18n.Finding(r.P, *res),
		Time: r.P.T("staff.time", "time", r.at(r.now).Text), Hidden: !ind.Public, Public: r.indicatorLink(ind), Checks: live.trust(res),
		Answers: live.answers(res), Counted: live.counted(ind), Versions: live.versions(res), Facts: live.facts(ind), Owner: live.holder(ind.Owner),
	}
	if d.Fine == d.Chip.Word {
		d.Fine = ""
	}
	d.Lead = r.P.T("staff.checks.lead", "n", looks(res), "total", asked(res))
	d.Targets = live.targets(ind)
	if r.work.Decisions != nil && r.Person.May(account.Decide, ind.Department) {
		d.Decide = Link{URL: decidePath(ind.ID), Words: own(r.P.T("decisions.decide"))}
	}
	for i := range card.Changes {
		if c := &card.Changes[i]; c.Indicator == ind.ID {
			d.Changes = append(d.Changes, live.change(c))
		}
	}
	if ds := card.City.Dataset(ind.Dataset); ds != nil {
		d.Dataset = Link{URL: staffDataPath + "#dataset-" + ds.ID, Words: r.Words(ds.Name)}
		if now := r.City.Dataset(ds.ID); now != nil && r.maySeeEntries(now) {
			d.Entries = r.entriesLink(ds.ID)
		}
	}
	for i := range card.Results {
		if other := card.Results[i].Indicator; other.Dataset == ind.Dataset && other.ID != ind.ID {
			d.Others = append(d.Others, Link{URL: staffIndicatorPath(other.ID), Words: r.Words(other.Name)})
		}
	}
	if d.Said, err = live.said(ctx, res); err != nil {
		return Content{}, err
	}
	if d.Doing, err = r.promised(ctx, ind.ID); err != nil {
		return Content{}, err
	}
	crumbs := []Link{{URL: staffDataPath + "#dataset-" + ind.Dataset, Words: own(r.P.T("staff.title"))}}
	return Content{Title: d.Name.Text, Summary: d.Lead, Crumbs: crumbs, Data: d}, nil
}

// trustOrder is the order in which checks are read: what asks for somebody first.
var trustOrder = []scorecard.TrustState{scorecard.TrustLook, scorecard.TrustCannot, scorecard.TrustFine, scorecard.TrustNotAsked}

// trustShapes are the shapes of the states. They are those of the statuses: a reader knows them already.
var trustShapes = map[scorecard.TrustState]kpi.PublicStatus{
	scorecard.TrustLook: kpi.PublicBehind, scorecard.TrustFine: kpi.PublicOnTrack,
}

// trust returns the checks of a result.
func (r *Request) trust(res *scorecard.Result) []trustView {
	checks := slices.Clone(res.Checks)
	slices.SortStableFunc(checks, func(a, b scorecard.TrustCheck) int {
		return cmp.Compare(slices.Index(trustOrder, a.State), slices.Index(trustOrder, b.State))
	})
	var list []trustView
	for _, c := range checks {
		v := trustView{
			Class: cmp.Or(trustShapes[c.State], kpi.PublicCannotSay), Name: r.P.Upper(r.P.TrustCheck(c.Check)), State: r.P.TrustState(c.State),
			Sentences: i18n.TrustSentences(r.P, r.City, *res, c),
		}
		if c.State != scorecard.TrustNotAsked {
			v.Numbers = counts(i18n.TrustFacts(r.P, *res, c))
		}
		list = append(list, v)
	}
	return list
}

// looks is how many checks of a result ask somebody to look.
func looks(res *scorecard.Result) int {
	n := 0
	for _, c := range res.Checks {
		if c.State == scorecard.TrustLook {
			n++
		}
	}
	return n
}

// asked is how many checks apply to a result.
func asked(res *scorecard.Result) int {
	n := 0
	for _, c := range res.Checks {
		if c.State != scorecard.TrustNotAsked {
			n++
		}
	}
	return n
}

// versions returns the versions of the definition that the series holds, the newest first. The periods of one lie together.
func (r *Request) versions(res *scorecard.Result) []versionView {
	type stretch struct {
		first, last kpi.Period
		n           int64
	}
	by := map[int]*stretch{}
	var numbers []int
	for i := range res.Series {
		pt := &res.Series[i]
		v := pt.Observation.Version
		if v == 0 {
			continue // a period without rows
		}
		if by[v] == nil {
			by[v] = &stretch{first: pt.Period}
			numbers = append(numbers, v)
		}
		by[v].last = pt.Period
		by[v].n++
	}
	slices.Sort(numbers)
	slices.Reverse(numbers)
	var list []versionView
	for _, v := range numbers {
		s := by[v]
		list = append(list, versionView{r.Count(int64(v)), r.P.Period(s.first), r.P.Period(s.last), r.Count(s.n)})
	}
	return list
}
