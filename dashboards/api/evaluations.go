package api

import (
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Evaluations is the answer of /api/v1/evaluations.
type Evaluations struct {
	City        string              `json:"city"` // its id
	AsOf        kpi.Date            `json:"as_of"`
	Publication int64               `json:"publication"`
	PublishedAt *time.Time          `json:"published_at"`
	Evaluations []EvaluationSummary `json:"evaluations"` // in the city's own order
}

// EvaluationSummary is one question about something that the city did: is it otherwise since, or otherwise there? It never says that one
// thing caused the other.
type EvaluationSummary struct {
	ID        string   `json:"id"`
	Indicator string   `json:"indicator"`
	Name      Text     `json:"name"`
	What      Text     `json:"what"`   // what was done
	Date      kpi.Date `json:"date"`   // the first day on which it was in force
	Method    string   `json:"method"` // segments, counts, differences
	State     string   `json:"state"`  // answered, too_few_before, too_few_after, no_comparison, not_fitted
	Self      string   `json:"self"`   // address of the whole document
	Finding   *string  `json:"finding"`
	Notes     []string `json:"notes"` // finding and notes are in the language of ?lang=; null and empty without it
}

// Evaluation is the answer of /api/v1/evaluations/{id}.
type Evaluation struct {
	EvaluationSummary
	Publication  int64             `json:"publication"`
	AsOf         kpi.Date          `json:"as_of"`
	Dimension    string            `json:"dimension"`
	Where        []string          `json:"where"`         // members among whom it was done; empty: the whole city
	ComparedWith []string          `json:"compared_with"` // members among whom it was not; empty: before and after alone
	Seasonal     bool              `json:"seasonal"`      // the season is taken out
	Caution      Text              `json:"caution"`       // what else happened at the time
	Announced    *kpi.Date         `json:"announced"`     // periods from then until the start are left out
	Before       int               `json:"before"`        // periods used
	After        int               `json:"after"`
	Lag          int               `json:"lag"` // of the Newey–West errors
	Effects      []Effect          `json:"effects"`
	Pretrend     *Effect           `json:"pretrend"`   // difference of the slopes before; it should be none
	Dispersion   *float64          `json:"dispersion"` // of counts: 1 is chance alone
	Members      int               `json:"members"`    // of differences: how many on both sides
	Treated      []EvaluationPoint `json:"treated"`
	Compared     []EvaluationPoint `json:"compared"`
	Warnings     []string          `json:"warnings"` // short_series, few_members, pretrend, suppressed
}

// Effect is a difference with its 95 % interval: level (at once), slope (a period), at_end (at the last period), rate_ratio (a factor),
// difference.
type Effect struct {
	Name string   `json:"name"`
	At   string   `json:"at"` // period; "" where it is none's
	Size float64  `json:"size"`
	Low  *float64 `json:"low"` // null, like high and p, where nothing is left to judge by
	High *float64 `json:"high"`
	P    *float64 `json:"p"`
}

// EvaluationPoint is one period of an evaluation.
type EvaluationPoint struct {
	Period         string   `json:"period"`
	Value          *float64 `json:"value"`
	Fitted         *float64 `json:"fitted"`
	Counterfactual *float64 `json:"counterfactual"` // where the series would be had it gone on as before
	Rows           int64    `json:"rows"`
	After          bool     `json:"after"`
	LeftOut        bool     `json:"left_out"`
}

// evaluations are those that may be shown: public ones, of public indicators.
func evaluations(card *scorecard.Scorecard) []*scorecard.Evaluation {
	var list []*scorecard.Evaluation
	for k := range card.Evaluations {
		e := &card.Evaluations[k]
		if r := card.Result(e.Definition.Indicator); e.Definition.Public && r != nil && r.Indicator.Public {
			list = append(list, e)
		}
	}
	return list
}

// NewEvaluations returns the document of all public evaluations. p writes their findings; without it there are none.
func NewEvaluations(card *scorecard.Scorecard, p *i18n.Printer) Evaluations {
	d := Evaluations{City: card.City.ID, AsOf: card.AsOf, Publication: card.Number, PublishedAt: instant(card.PublishedAt), Evaluations: []EvaluationSummary{}}
	for _, e := range evaluations(card) {
		d.Evaluations = append(d.Evaluations, evaluationSummary(card, e, p))
	}
	return d
}

func evaluationSummary(card *scorecard.Scorecard, e *scorecard.Evaluation, p *i18n.Printer) EvaluationSummary {
	d := e.Definition
	s := EvaluationSummary{
		ID: d.ID, Indicator: d.Indicator, Name: text(d.Name), What: text(d.What), Date: d.Date, Method: string(e.Method), State: e.State,
		Self: Prefix + "/evaluations/" + d.ID, Notes: []string{},
	}
	if p != nil {
		ind := card.Result(d.Indicator).Indicator
		s.Finding = word(i18n.EvaluationFinding(p, ind, *e))
		s.Notes = i18n.EvaluationNotes(p, card.City, ind, *e)
	}
	return s
}

// NewEvaluation returns the document of one evaluation. p writes its finding; without it there is none.
func NewEvaluation(card *scorecard.Scorecard, e *scorecard.Evaluation, p *i18n.Printer) Evaluation {
	d := e.Definition
	out := Evaluation{
		EvaluationSummary: evaluationSummary(card, e, p), Publication: card.Number, AsOf: card.AsOf, Dimension: d.Dimension,
		Where: append([]string{}, d.Where...), ComparedWith: append([]string{}, d.ComparedTo...), Seasonal: d.Seasonal, Caution: text(d.Caution),
		Announced: day(d.AnnouncedOn), Before: e.Before, After: e.After, Lag: e.Lag, Effects: []Effect{}, Dispersion: e.Dispersion, Members: e.Members,
		Treated: evaluationPoints(e.Treated), Compared: evaluationPoints(e.Compared),
		Warnings: words(e.Warnings),
	}
	for _, x := range e.Effects {
		out.Effects = append(out.Effects, Effect(x))
	}
	if e.Pretrend != nil {
		x := Effect(*e.Pretrend)
		out.Pretrend = &x
	}
	return out
}

func evaluationPoints(list []scorecard.EvaluationPoint) []EvaluationPoint {
	out := make([]EvaluationPoint, 0, len(list))
	for _, p := range list {
		out = append(out, EvaluationPoint(p))
	}
	return out
}
