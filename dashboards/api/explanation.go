package api

import (
	"citystat/dashboards/i18n"
	"citystat/kpi/scorecard"
)

// Explanation is everything that the pages say about an indicator's answers, in one language.
type Explanation struct {
	Lang    string   `json:"lang"`    // en, es, pt-BR, fr
	Finding string   `json:"finding"` // the headline
	Newest  string   `json:"newest"`  // of the newest value, if it is not settled; "" otherwise
	Answers []Answer `json:"answers"` // status and signal always; outlook and trend where they were computed
	Groups  []string `json:"groups"`  // who is worse and who is better, one a dimension
	Drivers []string `json:"drivers"` // what a change is made of, one a dimension
	Changes []string `json:"changes"` // one sentence a change, the newest first
}

// Answer is one of the answers with everything that it rests on.
type Answer struct {
	Question   string   `json:"question"` // status, signal, outlook, trend
	Heading    string   `json:"heading"`  // the question in words
	Answer     string   `json:"answer"`   // its code
	Word       string   `json:"word"`     // the answer in words
	Rule       string   `json:"rule"`
	Sentences  []string `json:"sentences"` // whole ones: the answer first, then how it was found and why to read it with care
	Inputs     []Fact   `json:"inputs"`
	Thresholds []Fact   `json:"thresholds"`
	Periods    string   `json:"periods"`
	Rows       Fact     `json:"rows"`
	LeftOut    []Fact   `json:"left_out"`
}

// Fact is a number with its label, as a reader sees it and with all its digits.
type Fact struct {
	Name  string  `json:"name"`
	Label string  `json:"label"`
	Text  string  `json:"text"`
	Value float64 `json:"value"`
}

func explanation(p *i18n.Printer, card *scorecard.Scorecard, r *scorecard.Result) *Explanation {
	x := &Explanation{
		Lang: string(p.Lang), Finding: i18n.Finding(p, *r), Newest: i18n.Newest(p, *r), Answers: []Answer{}, Groups: []string{}, Drivers: []string{},
		Changes: []string{},
	}
	for _, e := range i18n.Explain(p, card.City, *r) {
		x.Answers = append(x.Answers, Answer{
			Question: e.Question, Heading: e.Heading, Answer: e.Answer, Word: e.Word, Rule: e.Rule, Sentences: append([]string{}, e.Sentences...),
			Inputs: facts(e.Inputs), Thresholds: facts(e.Thresholds), Periods: e.Periods, Rows: Fact(e.Rows), LeftOut: facts(e.LeftOut),
		})
	}
	for _, e := range r.Equity {
		x.Groups = append(x.Groups, i18n.EquityFinding(p, card.City, e))
	}
	for _, d := range r.Drivers {
		if s := i18n.DriversFinding(p, card.City, *r, d); s != "" {
			x.Drivers = append(x.Drivers, s)
		}
	}
	for _, c := range card.Changes {
		if c.Indicator == r.Indicator.ID {
			x.Changes = append(x.Changes, i18n.ChangeSentences(p, card.City, c)[0])
		}
	}
	return x
}

func facts(list []i18n.Fact) []Fact {
	out := make([]Fact, 0, len(list))
	for _, f := range list {
		out = append(out, Fact(f))
	}
	return out
}
