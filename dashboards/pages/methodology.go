package pages

import (
	"cmp"
	"context"
	"slices"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// methodologyPath is where the rules stand, below the language; each has an anchor to which the pages of indicators lead.
const methodologyPath = "/methodology"

var methodologyPage = Page{Name: "methodology", Path: methodologyPath, Role: Everyone, Load: loadMethodology}

// methodologyData is the rules by which the city is judged: its own, from its folder, and those of the program, from the constants that it
// computes with. What the city does not use is not explained.
type methodologyData struct {
	AsOf     string
	Contents []Link
	Words    []wordView
	Sections []methodSection
}

// wordView is one of the four words and the finer statuses behind it.
type wordView struct {
	Chip
	Fine []fineStatus
}

// fineStatus is a status and what it means.
type fineStatus struct{ Word, Text string }

// methodSection is a rule: in plain words first, then the city's numbers, then the formulas for those who want them.
type methodSection struct {
	ID, Heading string
	Text        []string
	Facts       []fact
	Prose       bool     // what the facts say is sentences
	More        []string // further sentences, below the numbers
	Formulas    []string
	Uses        []Link // indicators of which it speaks, where they are few
	Tables      []methodTable
	Link        *Link // where more of it stands
}

// methodTable is a list of names with a number or a text each, folded.
type methodTable struct {
	Caption     string
	Name, Value string // of the columns
	Rows        []methodRow
	Number      bool
}

type methodRow struct {
	Name  Words
	Value Value
}

// usesAtMost is how many indicators a rule names; more are counted only.
const usesAtMost = 12

func loadMethodology(_ context.Context, r *Request) (Content, error) {
	m := methods{Request: r, engine: scorecard.EngineMethods(), results: r.results("")}
	d := methodologyData{AsOf: r.asOf(), Words: r.fourWords()}
	for _, section := range []func() *methodSection{
		m.status, m.year, m.openSDG, m.cityScore, m.executed, m.signal, m.trend, m.outlook, m.periods, m.counting, m.leftOut,
		m.privacy, m.groups, m.drivers, m.evaluated, m.together, m.calendar, m.population, m.changed,
	} {
		if s := section(); s != nil {
			d.Sections = append(d.Sections, *s)
		}
	}
	d.Contents = append(d.Contents, Link{URL: "#words", Words: own(r.P.T("method.words"))})
	for _, s := range d.Sections {
		d.Contents = append(d.Contents, Link{URL: "#" + s.ID, Words: own(s.Heading)})
	}
	return Content{Title: r.P.T("nav.method"), Summary: r.P.T("method.intro"), Data: d}, nil
}

// bands are the city's own, or the default ones.
func (r *Request) bands() kpi.Bands {
	if r.City.Bands == (kpi.Bands{}) {
		return kpi.DefaultBands
	}
	return r.City.Bands
}

// fourWords are the words that the public reads, each with the statuses that it stands for.
func (r *Request) fourWords() []wordView {
	var list []wordView
	for _, public := range kpi.PublicStatuses {
		w := wordView{Chip: Chip{public, r.P.PublicStatus(public)}}
		for _, s := range kpi.Statuses {
			if s.Public() == public {
				w.Fine = append(w.Fine, fineStatus{r.P.Upper(r.P.Status(s)), r.statusMeaning(s)})
			}
		}
		if public != kpi.PublicCannotSay { // the worst stands first, and those outside the order have none
			slices.Reverse(w.Fine)
		}
		list = append(list, w)
	}
	return list
}

// statusMeaning says what a status means, with the city's bands.
func (r *Request) statusMeaning(s kpi.Status) string {
	b := r.bands()
	switch s {
	case kpi.OnTrack, kpi.Behind:
		return r.P.PublicText(s.Public(), b)
	case kpi.WellBehind:
		return r.P.T("method.status.well_behind", "low", r.P.Percent(100*b.Behind, 0))
	case kpi.TooFew:
		return r.P.T("method.status.too_few")
	}
	return r.P.T(meanings[s])
}

// meanings are the messages that explain a status without a number.
var meanings = map[kpi.Status]string{
	kpi.Achieved: "why.achieved", kpi.WrongWay: "why.wrong_way", kpi.NoClearChange: "why.no_clear_change", kpi.NoTarget: "why.no_target",
	kpi.BaselineBeingSet: "why.baseline", kpi.NoData: "why.no_data",
}

// methods makes the sections of the page.
type methods struct {
	*Request
	engine  scorecard.Methods
	results []*scorecard.Result
}

// used returns the results of which something holds.
func (m methods) used(holds func(*scorecard.Result) bool) []*scorecard.Result {
	var list []*scorecard.Result
	for _, res := range m.results {
		if holds(res) {
			list = append(list, res)
		}
	}
	return list
}

// count says of how many indicators something holds.
func (m methods) count(n int) Words { return own(m.P.T("method.used", "n", n)) }

// number is a whole number as the words of a fact.
func (m methods) number(n int) Words { return own(m.P.Int(int64(n))) }

// share is a part of one, in percent.
func (m methods) share(v float64) string { return m.P.Exact(i18n.Round(100*v, 1), kpi.Percent) }

// fact is a label and what it says.
func (m methods) fact(id string, w Words) fact { return fact{Label: m.P.T(id), Words: w} }

// uses are links to the indicators, none where they are many.
func (m methods) uses(list []*scorecard.Result) []Link {
	if len(list) > usesAtMost {
		return nil
	}
	var links []Link
	for _, res := range list {
		links = append(links, Link{URL: m.To("/indicators/" + res.Indicator.ID), Words: m.Words(res.Indicator.Name)})
	}
	return links
}

// counted are facts of how many indicators there are of each of several kinds, in the order of the kinds.
func counted[T comparable](m methods, kinds []T, of func(*scorecard.Result) (T, bool), name func(T) string) []fact {
	n := map[T]int{}
	for _, res := range m.results {
		if kind, ok := of(res); ok {
			n[kind]++
		}
	}
	var list []fact
	for _, kind := range kinds {
		if n[kind] > 0 {
			list = append(list, fact{Label: m.P.Upper(name(kind)), Words: m.count(n[kind])})
		}
	}
	return list
}

// distinct are the values that occur, in order.
func distinct[T cmp.Ordered](m methods, of func(*scorecard.Result) (T, bool)) []T {
	var list []T
	for _, res := range m.results {
		if v, ok := of(res); ok {
			list = append(list, v)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// How leads to the rule of that name; it is for templates.
func (v view) How(anchor string) Link {
	return Link{URL: v.Home.URL + methodologyPath[1:] + "#" + anchor, Words: own(v.P.T("method.more"))}
}

// how leads to the rule by which an answer was found, nil on the pages of the staff, who may read of what the public page does not explain.
func (r *Request) how(anchor string) *Link {
	if r.staff != nil {
		return nil
	}
	return &Link{URL: r.To(methodologyPath) + "#" + anchor, Words: own(r.P.T("method.more"))}
}
