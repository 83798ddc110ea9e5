package pages

import (
	"context"
	"slices"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

var scorecardPage = Page{Name: "scorecard", Path: "/", Menu: "nav.scorecard", Role: Everyone, Load: loadScorecard}

// scorecardData is the front page: is the city keeping its promises?
type scorecardData struct {
	City         Words
	About        Words
	Illustrative string // that no target is the city's own
	Mine         string // how the reader's district stands; "" if none was chosen
	Lead         string
	AsOf         string
	Updated      string // when the numbers were published, in words
	Next         string // when new ones should come, or that none will
	Tally        []Count
	Total        int
	Roll         *rollView
	Judged       bool // something was judged: otherwise "nothing needs attention" would be a claim
	Priorities   []priorityCard
	Attention    []Summary   // the worst
	Also         []Summary   // what needs attention besides
	Worse        []Link      // the lists of all that needs attention, where the page shows the worst of it only
	Moved        []movedView // what really changed for the better or the worse, the newest first
	Steady       bool        // nothing did
	Changed      *Link       // to what the city changed of targets and definitions; nil if it is nothing
	Wins         []Summary
	MoreWins     *Link     // the list of all that is on track, where the page shows a part of it only
	Unknown      []Summary // what nothing can be said of, each with the reason
	All          *Link     // the list of all indicators
	Legend       []legend
	Waiting      []Link          // datasets without a load
	Failed       []Link          // datasets whose newest delivery could not be loaded
	Services     []serviceView   // what residents can ask the city for
	Release      []roundSaidView // what the release says of itself
}

// priorityCard is a promise, and how many of its indicators are where.
type priorityCard struct {
	Link    Link
	Promise Words
	Tally   []Count
	Total   int
	Worst   *Summary // nil if nothing is behind
	Score   string   // "" unless the city asks for one
}

// movedView is an indicator that changed by more than its usual ups and downs.
type movedView struct {
	Summary
	Word string // improving or worsening
	Text string
}

// legend explains a public word.
type legend struct {
	Chip
	Text string
}

func loadScorecard(_ context.Context, r *Request) (Content, error) {
	p := r.P
	all := r.results("")
	tally := r.Card.Tally("")
	needs := attention(all)
	d := scorecardData{
		City:         r.Words(r.City.Name),
		About:        r.Prose(r.City.About),
		Illustrative: r.illustrative(),
		Mine:         r.mineSaid(),
		AsOf:         r.asOf(),
		Next:         r.nextUpdate(),
		Tally:        r.linked(r.tally(tally), ""),
		Total:        tally.Total(),
		Judged:       tally.Total() > tally[kpi.PublicCannotSay],
		Legend:       r.legend(),
		Roll:         r.rollUp(""),
		Services:     r.services(all),
		Release:      r.releaseNote(),
	}
	r.few(&d, needs, withStatus(all, kpi.PublicOnTrack), tally)
	d.Lead = i18n.CityResult(p, tally)
	if tally.Total() > 0 {
		d.Lead = p.T("home.lead", "n", tally[kpi.PublicOnTrack], "total", tally.Total(), "attention", len(needs))
	}
	if !r.Card.PublishedAt.IsZero() {
		d.Updated = p.T("home.last_update", "date", kpi.DateOf(r.Card.PublishedAt.In(r.Cal.Location)))
	}
	for _, pr := range r.City.PrioritiesOn(r.day()) {
		d.Priorities = append(d.Priorities, r.priorityCard(*pr))
	}
	if len(all) > 0 {
		d.All = &Link{URL: r.To("/indicators"), Words: own(p.T("list.more", "n", len(all)))}
	}
	if len(all) <= listAtMost {
		d.Unknown = r.summaries(withStatus(all, kpi.PublicCannotSay))
		r.moved(&d, all)
	}
	d.Changed = r.newestChange()
	d.Waiting, d.Failed = r.datasetTrouble()
	return Content{Title: p.T("home.title"), Summary: i18n.CityResult(p, tally), Data: d}, nil
}

// few shows the worst of what needs attention and a part of what is on track, with the way to the rest: a front page is read at a glance,
// whether a city has promised ten things or three hundred.
func (r *Request) few(d *scorecardData, needs, wins []*scorecard.Result, tally scorecard.Tally) {
	if len(needs) > cardsAtMost {
		needs = needs[:cardsAtMost]
		for _, word := range []kpi.PublicStatus{kpi.PublicOffTrack, kpi.PublicBehind} {
			if tally[word] > 0 {
				more := r.P.Upper(r.P.PublicStatus(word)) + " (" + r.P.Int(int64(tally[word])) + ")"
				d.Worse = append(d.Worse, Link{URL: r.listOf(word, ""), Words: own(more)})
			}
		}
	}
	if len(wins) > cardsAtMost {
		wins = wins[:cardsAtMost]
		d.MoreWins = &Link{URL: r.listOf(kpi.PublicOnTrack, ""), Words: own(r.P.T("list.more", "n", tally[kpi.PublicOnTrack]))}
	}
	large := min(largeAtMost, len(needs))
	d.Attention, d.Also, d.Wins = r.summaries(needs[:large]), r.summaries(needs[large:]), r.summaries(wins)
}

// moved adds what really changed for the better or the worse. That nothing did is said only where it was asked of something.
func (r *Request) moved(d *scorecardData, all []*scorecard.Result) {
	var list []*scorecard.Result
	asked := false
	for _, res := range all {
		signal := res.Assessment.Signal
		asked = asked || signal.Kind == kpi.Steady
		if signal.Real() {
			list = append(list, res)
		}
	}
	since := func(res *scorecard.Result) kpi.Date {
		for _, id := range []string{res.Assessment.Signal.Since, res.Assessment.Period} {
			if pt := point(res, id); pt != nil {
				return pt.Period.First
			}
		}
		return kpi.Date{}
	}
	slices.SortStableFunc(list, func(a, b *scorecard.Result) int { return since(b).Compare(since(a)) })
	for _, res := range list[:min(movedAtMost, len(list))] {
		s := r.summary(res)
		if pt := point(res, res.Assessment.Period); pt != nil { // it is the period's value that moved, also of what adds up in a year
			s.Value, s.Period = r.judged(res), r.P.Period(pt.Period)
		}
		d.Moved = append(d.Moved, movedView{s, r.P.Upper(r.P.Signal(res.Assessment.Signal.Kind)), i18n.SignalSentence(r.P, *res)})
	}
	d.Steady = asked && len(list) == 0
}

// newestChange leads to what the city changed of targets and definitions; nil if it changed nothing.
func (r *Request) newestChange() *Link {
	list := r.changes("", "")
	if len(list) == 0 {
		return nil
	}
	day := list[0].Seen
	if decided, told := list[0].Decided(); told {
		day = decided
	}
	return &Link{URL: r.To(changesPath), Words: own(r.P.T("home.changed", "date", day))}
}

func (r *Request) priorityCard(pr kpi.Priority) priorityCard {
	tally := r.Card.Tally(pr.ID)
	c := priorityCard{
		Link:    Link{URL: r.To("/priorities/" + pr.ID), Words: r.Words(pr.Name)},
		Promise: r.Prose(pr.Promise),
		Total:   tally.Total(),
	}
	for _, n := range r.linked(r.tally(tally), pr.ID) {
		if c.Total <= shapesAtMost {
			n.Shapes = n.N
		}
		if n.N > 0 {
			c.Tally = append(c.Tally, n)
		}
	}
	if roll := r.rollUp(pr.ID); roll != nil {
		c.Worst, c.Score = roll.Worst, roll.Score
	}
	return c
}

// rollView is a priority, or the whole city, in numbers that hide nothing. What is said of a score is there only if the city asks for one.
type rollView struct {
	Worst    *Summary // nil if nothing is behind
	Coverage string   // of how many anything can be said
	Score    string
}

// rollUp puts the public indicators of a priority together, of the whole city if it is ""; nil if there are none.
func (r *Request) rollUp(priority string) *rollView {
	roll := r.Card.RollUp(priority, true)
	if roll.Total == 0 {
		return nil
	}
	v := &rollView{Coverage: r.P.T("rollup.coverage", "n", roll.Answered, "total", roll.Total)}
	if worst := r.Card.Result(roll.Worst); worst != nil && worst.Assessment.Status.Public() != kpi.PublicOnTrack {
		s := r.summary(worst)
		v.Worst = &s
	}
	if s := roll.Score; s != nil {
		v.Score = r.P.T("rollup.score", "score", r.P.Number(s.Value, 0), "low", r.P.Number(s.Low, 0), "high", r.P.Number(s.High, 0),
			"share", r.P.Share(s.Coverage))
	}
	return v
}

// legend explains the four words, with the city's bands.
func (r *Request) legend() []legend {
	var list []legend
	for _, s := range kpi.PublicStatuses {
		list = append(list, legend{Chip{s, r.P.PublicStatus(s)}, r.P.PublicText(s, r.bands())})
	}
	return list
}

// nextUpdate says when new numbers should come: the first delivery that is due, as the datasets promise it. A city that looks back
// gets none.
func (r *Request) nextUpdate() string {
	if !r.City.AsOf.IsZero() {
		return r.P.T("home.historic", "date", r.City.AsOf)
	}
	var next kpi.Date
	for _, st := range r.Card.Datasets {
		ds := r.City.Dataset(st.Dataset)
		if ds == nil || ds.Expect.Every <= 0 || st.Last == nil {
			continue
		}
		due := kpi.DateOf(st.Last.Time().Add(ds.Expect.Every).In(r.Cal.Location))
		if next.IsZero() || due.Before(next) {
			next = due
		}
	}
	switch {
	case next.IsZero():
		return ""
	case next.Before(r.Today):
		return r.P.T("home.update_overdue", "by_date", r.P.By(next))
	}
	return r.P.T("home.next_update", "by_date", r.P.By(next))
}

// datasetTrouble returns the datasets that were never loaded, and those whose newest delivery failed.
func (r *Request) datasetTrouble() (waiting, failed []Link) {
	for i := range r.City.Datasets {
		ds := &r.City.Datasets[i]
		if !r.feedsPublic(ds.ID) {
			continue
		}
		link := Link{URL: r.To("/data") + "#" + ds.ID, Words: r.Words(ds.Name)}
		switch st := r.state(ds.ID); {
		case st.Last == nil:
			waiting = append(waiting, link)
		case st.Failed != nil:
			failed = append(failed, link)
		}
	}
	return waiting, failed
}

// feedsPublic reports whether a public indicator is computed from the dataset.
func (r *Request) feedsPublic(dataset string) bool {
	return len(r.fedBy(dataset)) > 0
}

// fedBy returns the public results computed from a dataset.
func (r *Request) fedBy(dataset string) []*scorecard.Result {
	var list []*scorecard.Result
	for _, res := range r.results("") {
		if res.Indicator.Dataset == dataset {
			list = append(list, res)
		}
	}
	return list
}

// state returns what is known of a dataset; the zero state if nothing is.
func (r *Request) state(dataset string) kpi.DatasetState {
	for _, st := range r.Card.Datasets {
		if st.Dataset == dataset {
			return st
		}
	}
	return kpi.DatasetState{Dataset: dataset}
}
