package pages

import (
	"context"
	"slices"
	"strings"

	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

var evaluationsPage = Page{
	Name: "evaluations", Path: "/evaluations", Menu: "evaluations.menu", Role: Everyone, Load: loadEvaluations,
	Shown: func(r *Request) bool { return len(r.evaluations("")) > 0 },
}

var evaluationPage = Page{Name: "evaluation", Path: "/evaluations/:id", Role: Everyone, Load: loadEvaluation}

// evaluationsData is every question that the city asks about what it did.
type evaluationsData struct {
	List   []evaluationView
	Hidden string // that numbers of very few people are left out of some of them
}

// evaluationView is one question and its answer in a few words.
type evaluationView struct {
	Link
	Indicator Link
	What      Words
	Date      Moment
	Finding   string
	State     string // in words, where there is no answer
}

// evaluationData is one question, its answer, and all that speaks for it and against it.
type evaluationData struct {
	evaluationView
	Method  string
	Facts   []fact
	Figure  *figure
	Effects []effectView
	Notes   []string
	Caution Words    // what else the city says about it
	Careful []string // why to read it with care, besides
	Further []count  // for specialists
	Others  []Link   // the other questions
}

// effectView is a difference with its probable range.
type effectView struct {
	Name            string
	Size, Low, High Value
}

func loadEvaluations(_ context.Context, r *Request) (Content, error) {
	var d evaluationsData
	for _, e := range r.evaluations("") {
		d.List = append(d.List, r.evaluation(e))
		if slices.Contains(e.Warnings, scorecard.EvaluationHidden) {
			d.Hidden = r.P.EvaluationWarning(scorecard.EvaluationHidden)
		}
	}
	return Content{Title: r.P.T("evaluations.title"), Summary: r.P.T("evaluations.intro"), Data: d}, nil
}

// evaluations returns the public questions about public indicators, in the order of the folder; of one indicator, or of all if it is "".
func (r *Request) evaluations(indicator string) []*scorecard.Evaluation {
	if r.Card == nil {
		return nil
	}
	var list []*scorecard.Evaluation
	for i := range r.Card.Evaluations {
		e := &r.Card.Evaluations[i]
		if _, err := r.public(e.Definition.Indicator); err == nil && e.Definition.Public && (indicator == "" || e.Definition.Indicator == indicator) {
			list = append(list, e)
		}
	}
	return list
}

// evaluation is a question and its answer in a few words.
func (r *Request) evaluation(e *scorecard.Evaluation) evaluationView {
	ind := r.Card.Result(e.Definition.Indicator).Indicator
	v := evaluationView{
		Link: Link{URL: r.To("/evaluations/" + e.Definition.ID), Words: r.Words(e.Definition.Name)}, What: r.Prose(e.Definition.What),
		Indicator: Link{URL: r.To("/indicators/" + ind.ID), Words: r.Words(ind.Name)}, Date: r.on(e.Definition.Date), Finding: i18n.EvaluationFinding(r.P, ind, *e),
	}
	if e.State != scorecard.EvaluationStates[0] {
		v.State = r.P.EvaluationState(e.State)
	}
	return v
}

func loadEvaluation(_ context.Context, r *Request) (Content, error) {
	all := r.evaluations("")
	i := slices.IndexFunc(all, func(e *scorecard.Evaluation) bool { return e.Definition.ID == r.Params["id"] })
	if i < 0 {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "there is no evaluation %q", r.Params["id"])
	}
	e := all[i]
	res := r.Card.Result(e.Definition.Indicator)
	d := evaluationData{
		evaluationView: r.evaluation(e), Method: r.P.Upper(r.P.EvaluationMethod(e.Method)), Facts: r.evaluated(e), Effects: r.effects(res.Indicator, e),
		Caution: r.Prose(e.Definition.Caution), Further: r.evaluationNumbers(e),
	}
	d.Notes = r.evaluationNotes(res.Indicator, e)
	for _, w := range e.Warnings {
		d.Careful = append(d.Careful, r.P.EvaluationWarning(w))
	}
	if f := chart.Evaluation(r.P, "before-after", d.Finding, r.City, res, e); f != nil {
		drawn, err := newFigure(f, "line", evaluationFile(e.Definition.ID), true)
		if err != nil {
			return Content{}, err
		}
		d.Figure = &drawn
	}
	for _, other := range all {
		if other != e {
			d.Others = append(d.Others, r.evaluation(other).Link)
		}
	}
	crumbs := []Link{{URL: r.To(evaluationsPage.Path), Words: own(r.P.T("evaluations.title"))}}
	return Content{Title: d.Link.Text, Summary: d.Finding, Crumbs: crumbs, Data: d}, nil
}

// evaluationNotes are the sentences about how it was compared, without those that have a place of their own on the page.
func (r *Request) evaluationNotes(ind *kpi.Indicator, e *scorecard.Evaluation) []string {
	elsewhere := func(note string) bool {
		if note == r.P.Text(e.Definition.Caution) || note == r.P.T("evaluation.careful") {
			return true
		}
		if slices.ContainsFunc(e.Warnings, func(w scorecard.EvaluationWarning) bool { return note == r.P.EvaluationWarning(w) }) {
			return true
		}
		return slices.ContainsFunc(e.Effects, func(x scorecard.Effect) bool { return strings.HasPrefix(note, r.P.Effect(x.Name)) }) // in the table
	}
	return slices.DeleteFunc(i18n.EvaluationNotes(r.P, r.City, ind, *e), elsewhere)
}

// evaluated says what was done, when and where, and with whom it is compared.
func (r *Request) evaluated(e *scorecard.Evaluation) []fact {
	def := e.Definition
	var list []fact
	add := func(id string, w Words) {
		if w.Text != "" {
			list = append(list, fact{Label: r.P.T(id), Words: w})
		}
	}
	add("evaluations.done", r.Prose(def.What))
	add("evaluations.since", own(r.P.Date(def.Date)))
	add("evaluations.announced", own(r.P.Date(def.AnnouncedOn)))
	where := r.P.T("chart.city")
	if len(def.Where) > 0 {
		where = r.members(def.Dimension, def.Where)
	}
	add("evaluations.where", own(where))
	add("evaluations.compared", own(r.members(def.Dimension, def.ComparedTo)))
	if len(def.ComparedTo) == 0 {
		add("evaluations.compared", own(r.P.T("evaluations.own_past")))
	}
	return list
}

// members are the names of members of a dimension.
func (r *Request) members(dimension string, members []string) string {
	var names []string
	for _, m := range members {
		names = append(names, r.P.Member(dimension, m, r.City))
	}
	return r.P.List(names)
}

// effects are the differences that were found, and the one before the date that there should not be.
func (r *Request) effects(ind *kpi.Indicator, e *scorecard.Evaluation) []effectView {
	var list []effectView
	add := func(label string, x scorecard.Effect) {
		show := func(v *float64) Value { return Value{i18n.EffectNumber(r.P, ind, x.Name, v), raw(v)} }
		list = append(list, effectView{Name: label, Size: show(&x.Size), Low: show(x.Low), High: show(x.High)})
	}
	for _, x := range e.Effects {
		add(r.P.Effect(x.Name), x)
	}
	if e.Pretrend != nil {
		before := *e.Pretrend
		before.Name = "slope" // it is a difference a period, whatever it is called
		add(r.P.T("evaluations.pretrend"), before)
	}
	return list
}

// evaluationNumbers are those that only specialists ask for.
func (r *Request) evaluationNumbers(e *scorecard.Evaluation) []count {
	var list []count
	if e.Lag > 0 {
		list = append(list, count{r.P.T("evaluations.lag"), r.Count(int64(e.Lag))})
	}
	if e.Dispersion != nil {
		list = append(list, count{r.P.T("evaluations.dispersion"), Value{r.P.Number(*e.Dispersion, 2), raw(e.Dispersion)}})
	}
	return list
}
