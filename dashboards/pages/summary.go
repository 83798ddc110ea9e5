package pages

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"

	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Chip is a status as the public reads it: one of four words, drawn beside its shape.
type Chip struct {
	Class kpi.PublicStatus
	Word  string
}

// Summary is one indicator in a few words: a card, or a row of a list.
type Summary struct {
	Link   Link
	Chip   Chip
	Code   string // the city's own number for it, where the page shows its place in the plan
	Way    []step // that place
	Fine   string // the finer word where nothing can be said: why
	Value  Value  // what was judged, beside which the target stands: of what adds up in a year the total so far
	SoFar  string // says that it is one, "" where it is not
	Period string // the period's name; of a total so far the periods in it, and that it is one
	Target Value  // Text is "" where there is no target
	By     string // the target's date, as a finished phrase
	Path   *Value // the expected value, where it is not the target itself
	Flags  []string
	Spark  template.HTML // a line without words
	Bullet template.HTML // the value beside what it should be, in a small drawing; "" where the page has none
	Local  *local        // in the district that the reader chose; nil if none was
	Ask    *serviceView  // where residents report what it measures; nil if they do not
}

// summary returns an indicator in a few words.
func (r *Request) summary(res *scorecard.Result) Summary {
	ind, a := res.Indicator, res.Assessment
	s := Summary{
		Link:  Link{URL: r.To("/indicators/" + ind.ID), Words: r.Words(ind.Name)},
		Chip:  r.chip(a.Status),
		Value: r.judged(res),
		Spark: chart.Sparkline(res),
		Local: r.local(res),
		Ask:   r.service(ind),
	}
	if s.Chip.Class == kpi.PublicCannotSay {
		s.Fine = r.P.Status(a.Status)
	}
	if pt := point(res, a.Period); pt != nil {
		s.Period = r.P.Period(pt.Period)
		r.summarySoFar(&s, res, pt.Period)
	}
	if a.Target != nil {
		s.Target, s.By = r.target(ind, a.Target), r.P.By(a.Target.By)
	}
	if a.Expected != nil && (a.Target == nil || i18n.Round(*a.Expected, ind.Decimals) != a.Target.Value) {
		v := r.Value(ind, a.Expected)
		s.Path = &v
	}
	for _, f := range a.Flags {
		if !ofNewest(f) && (f != kpi.FlagIllustrative || !r.examples) {
			s.Flags = append(s.Flags, r.P.Flag(f))
		}
	}
	if len(r.contested(ind.ID, r.Card.Contests)) > 0 {
		s.Flags = append(s.Flags, r.P.T("contest.flag"))
	}
	return s
}

// summarySoFar puts the year's total so far in the place of a period's value where the target beside it is the year's.
func (r *Request) summarySoFar(s *Summary, res *scorecard.Result, until kpi.Period) {
	a := res.Assessment
	if a.Judged == nil || a.Target == nil || a.Status == kpi.TooFew {
		return
	}
	s.Value, s.SoFar = r.Value(res.Indicator, a.Judged), r.P.T("page.so_far")
	if year, err := r.Cal.Period(res.Indicator.AddsUpIn, until.Last); err == nil && !until.Last.Before(year.Last) {
		s.SoFar = r.P.T("summary.whole_year")
	}
	since := until
	if pt := point(res, a.Since); pt != nil {
		since = pt.Period
	}
	s.Period = r.P.T("summary.to_date", "total", s.SoFar, "periods", r.P.Periods(since, until))
}

// onlyExamples reports whether no target of a public indicator is the city's own. It is said once on a page then, and not beside each
// value.
func onlyExamples(card *scorecard.Scorecard) bool {
	some := false
	for _, res := range card.Results {
		for _, t := range res.Indicator.Targets {
			if res.Indicator.Public && !t.Illustrative && !t.Dropped {
				return false
			}
			some = some || res.Indicator.Public
		}
	}
	return some
}

// illustrative says that no target is the city's own; "" where one is.
func (r *Request) illustrative() string {
	if !r.examples {
		return ""
	}
	return r.P.T("home.illustrative")
}

// ofNewest reports whether a flag speaks of the newest period. Beside the judged value it would mislead.
func ofNewest(f kpi.Flag) bool { return f == kpi.FlagPartial || f == kpi.FlagProvisional }

// judged returns the judged value. Where it rests on too few rows to be judged it is said in cases and never as a percentage: one of
// one is not 100 %.
func (r *Request) judged(res *scorecard.Result) Value {
	a := res.Assessment
	v := r.Value(res.Indicator, a.Value)
	if a.Status != kpi.TooFew || a.Value == nil {
		return v
	}
	if pt := point(res, a.Period); pt != nil {
		v.Text = r.P.Cases(res.Indicator, &pt.Observation)
	}
	return v
}

func (r *Request) chip(s kpi.Status) Chip {
	return Chip{Class: s.Public(), Word: r.P.PublicStatus(s.Public())}
}

// chipWhy is a chip that says at once why nothing can be said, where that is so.
func (r *Request) chipWhy(s kpi.Status) Chip {
	c := r.chip(s)
	if c.Class == kpi.PublicCannotSay {
		c.Word = r.P.T("public.why", "word", c.Word, "why", r.P.Status(s))
	}
	return c
}

// target returns a target as a value. A range is two numbers: it has words and no single raw one.
func (r *Request) target(ind *kpi.Indicator, t *kpi.Target) Value {
	v := Value{Text: r.P.Target(t, ind)}
	if ind.Direction != kpi.Range {
		v.Raw = raw(&t.Value)
	}
	return v
}

// point returns the point of a series with the period's id, or nil.
func point(res *scorecard.Result, id string) *scorecard.Point {
	for i := range res.Series {
		if res.Series[i].Period.ID == id {
			return &res.Series[i]
		}
	}
	return nil
}

// Count is how many indicators have one of the four words.
type Count struct {
	Chip
	N      int
	Shapes int // how many shapes are drawn, where each stands for an indicator; 0: one for all
	Text   string
	URL    string // of the list of just these indicators; "" where there is none
}

// tally returns the four counts, in their order.
func (r *Request) tally(t scorecard.Tally) []Count {
	var list []Count
	for _, s := range kpi.PublicStatuses {
		list = append(list, Count{Chip: Chip{s, r.P.PublicStatus(s)}, N: t[s], Text: r.P.Int(int64(t[s]))})
	}
	return list
}

// linked returns counts that lead to the lists of what they count, in a priority or the whole city.
func (r *Request) linked(list []Count, priority string) []Count {
	for i := range list {
		if list[i].N > 0 {
			list[i].URL = r.listOf(list[i].Class, priority)
		}
	}
	return list
}

// listOf is the address of the list of the indicators with a public word, in a priority or the whole city.
func (r *Request) listOf(word kpi.PublicStatus, priority string) string {
	q := url.Values{}
	if priority != "" {
		q.Set("priority", priority)
	}
	q.Set("status", string(word))
	return r.To("/indicators?" + q.Encode())
}

// results returns the public results of a priority, in the order of the folder; all if priority is "".
func (r *Request) results(priority string) []*scorecard.Result {
	var list []*scorecard.Result
	for i := range r.Card.Results {
		res := &r.Card.Results[i]
		if res.Indicator.Public && (priority == "" || res.Indicator.Priority == priority) {
			list = append(list, res)
		}
	}
	return list
}

// public returns the public result with the id. A result that is not public is as if it were not there.
func (r *Request) public(id string) (*scorecard.Result, error) {
	res := r.Card.Result(id)
	if res == nil || !res.Indicator.Public {
		return nil, kpi.Errorf(kpi.CodeNotFound, "there is no indicator %q", id)
	}
	return res, nil
}

// summaries returns results in a few words.
func (r *Request) summaries(list []*scorecard.Result) []Summary {
	out := make([]Summary, len(list))
	for i, res := range list {
		out[i] = r.summary(res)
	}
	return out
}

// attention returns the results that are behind or off track, the worst first: by the rank of their status, then by their pace.
func attention(list []*scorecard.Result) []*scorecard.Result {
	var out []*scorecard.Result
	for _, res := range list {
		switch res.Assessment.Status.Public() {
		case kpi.PublicBehind, kpi.PublicOffTrack:
			out = append(out, res)
		}
	}
	slices.SortStableFunc(out, func(a, b *scorecard.Result) int {
		return cmp.Or(cmp.Compare(a.Assessment.Status.Rank(), b.Assessment.Status.Rank()), cmp.Compare(pace(a), pace(b)))
	})
	return out
}

// pace orders results of the same status; one without a pace comes last.
func pace(res *scorecard.Result) float64 {
	if res.Assessment.Pace == nil {
		return 2
	}
	return *res.Assessment.Pace
}

// withStatus returns the results that have the public word.
func withStatus(list []*scorecard.Result, word kpi.PublicStatus) []*scorecard.Result {
	var out []*scorecard.Result
	for _, res := range list {
		if res.Assessment.Status.Public() == word {
			out = append(out, res)
		}
	}
	return out
}

// Group is a heading with the indicators below it.
type Group struct {
	Heading Link // URL is "" where the heading leads nowhere
	ID      string
	Code    string // the city's own number, of a goal that is a part of a plan
	Said    string // how it goes, of a goal
	Ask     bool   // the rows lead to where residents report what they measure
	Rows    []Summary
}
