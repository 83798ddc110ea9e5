package pages

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"citystat/dashboards/i18n"
	"citystat/kpi"
)

var glossaryPage = Page{Name: "glossary", Path: "/glossary", Role: Everyone, Load: loadGlossary}

// glossaryData is the words of the site and those of the city, in the order of the reader's alphabet.
type glossaryData struct {
	Letters []letterView
}

// letterView is the words that begin with a letter.
type letterView struct {
	ID, Letter string
	Terms      []termView
}

// termView is a word and what it means.
type termView struct {
	ID      string
	Term    Words
	Meaning Words
	City    bool // it is the city's own
	Link    *Link
}

// programTerms are the words that the program itself uses, each by the message that pages show it with, so that there is one word for one thing.
// Meaning is a message too; that of a status comes from the page of the rules. Rule is the anchor there, "" if there is none.
var programTerms = []struct{ ID, Term, Meaning, Rule string }{
	{"indicator", "table.indicator", "glossary.indicator", "counting"},
	{"target", "indicator.target", "glossary.target", "status"},
	{"baseline", "indicator.baseline", "glossary.baseline", "status"},
	{"trajectory", "indicator.trajectory", "glossary.trajectory", "status"},
	{"expected", "indicator.expected", "glossary.expected", "status"},
	{"milestone", "table.milestone", "glossary.milestone", ""},
	{"signal", "signal.label", "glossary.signal", "signal"},
	{"ups-and-downs", "chart.band", "glossary.ups", "signal"},
	{"settled", "glossary.settled_word", "glossary.settled", "periods"},
	{"partial", "flag.partial", "glossary.partial", "periods"},
	{"provisional", "flag.provisional", "glossary.provisional", "periods"},
	{"stale", "flag.stale", "glossary.stale", "periods"},
	{"suppressed", "value.suppressed", "glossary.suppressed", ""},
	{"left-out", "indicator.left_out", "glossary.left_out", "left-out"},
	{"rejected", "data.rejected", "glossary.rejected", ""},
	{"dataset", "data.dataset", "glossary.dataset", ""},
	{"definition", "indicator.definition", "glossary.definition", "changes"},
	{"release", "glossary.release_word", "glossary.release", "changes"},
	{"priority", "indicator.priority", "glossary.priority", "together"},
	{"goal", "indicator.goal", "glossary.goal", ""},
	{"district", "table.district", "glossary.district", ""},
	{"department", "indicator.department", "glossary.department", ""},
	{"owner", "indicator.owner", "glossary.owner", ""},
	{"steward", "data.steward", "glossary.steward", ""},
	{"reference", "verdict.reference", "glossary.reference", ""},
	{"likely-range", "glossary.likely_range_word", "glossary.likely_range", ""},
	{"share", "measure.share", "glossary.share", "counting"},
	{"rate", "glossary.rate_word", "glossary.rate", "counting"},
	{"average", "measure.mean", "glossary.mean", ""},
	{"median", "glossary.median_word", "glossary.median", "counting"},
	{"percentage-point", "glossary.percentage_point_word", "glossary.percentage_point", ""},
	{"fiscal-year", "period.fiscal_year", "glossary.fiscal_year", "calendar"},
	{"evaluation", "evaluations.menu", "glossary.evaluation", ""},
}

func loadGlossary(_ context.Context, r *Request) (Content, error) {
	terms := r.terms()
	i18n.SortBy(r.P, terms, func(t termView) string { return t.Term.Text })
	var d glossaryData
	for _, t := range terms {
		letter := initial(t.Term.Text)
		at := slices.IndexFunc(d.Letters, func(l letterView) bool { return l.Letter == letter })
		if at < 0 {
			at, d.Letters = len(d.Letters), append(d.Letters, letterView{ID: letterID(letter), Letter: letter})
		}
		d.Letters[at].Terms = append(d.Letters[at].Terms, t)
	}
	return Content{Title: r.P.T("nav.glossary"), Summary: r.P.T("glossary.intro"), Data: d}, nil
}

// terms are the words, in no order.
func (r *Request) terms() []termView {
	var list []termView
	rule := func(anchor string) *Link {
		if anchor == "" {
			return nil
		}
		return &Link{URL: r.To(methodologyPath) + "#" + anchor, Words: own(r.P.T("glossary.method"))}
	}
	for _, t := range programTerms {
		list = append(list, termView{ID: "term-" + t.ID, Term: own(r.P.Upper(r.P.T(t.Term))), Meaning: own(r.P.T(t.Meaning)), Link: rule(t.Rule)})
	}
	for _, s := range kpi.PublicStatuses {
		list = append(list, termView{ID: "term-public-" + string(s), Term: own(r.P.Upper(r.P.PublicStatus(s))), Meaning: own(r.P.PublicText(s, r.bands())), Link: rule("words")})
	}
	for _, s := range kpi.Statuses {
		if s == kpi.OnTrack || s == kpi.Behind {
			continue // they are among the four words
		}
		list = append(list, termView{ID: "term-status-" + string(s), Term: own(r.P.Upper(r.P.Status(s))), Meaning: own(r.statusMeaning(s)), Link: rule("words")})
	}
	if r.City.Outlook {
		list = append(list, termView{ID: "term-outlook", Term: own(r.P.T("chart.ahead")), Meaning: own(r.P.T("glossary.outlook")), Link: rule("outlook")})
	}
	for _, t := range r.City.Glossary {
		if !t.Term.IsZero() {
			list = append(list, termView{ID: "city-" + t.ID, Term: r.Words(t.Term), Meaning: r.Prose(t.Meaning), City: true})
		}
	}
	return list
}

// otherLetter stands over what begins with no letter.
const otherLetter = "#"

// initial is the letter under which a reader looks for a word: without accents, as a capital.
func initial(word string) string {
	first, _ := utf8.DecodeRuneInString(strings.ToUpper(fold(strings.TrimSpace(word))))
	if !unicode.IsLetter(first) {
		return otherLetter
	}
	return string(first)
}

// letterID is the anchor of a letter.
func letterID(letter string) string {
	if letter == otherLetter {
		return "letter-other"
	}
	return "letter-" + strings.ToLower(letter)
}
