package pages

import (
	"context"
	"slices"
	"strconv"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// termsPath is where the reviews of terms are, below the language.
const termsPath = "/terms"

var termsPage = Page{
	Name: "terms", Path: termsPath, Menu: "terms.menu", Role: Everyone, Load: loadTerms,
	Shown: func(r *Request) bool { return r.Card != nil && len(r.Card.Terms) > 0 },
}

var termPage = Page{Name: "term", Path: termsPath + "/:number", Role: Everyone, Load: loadTerm}

// termsData is every term that ended and was reviewed, the newest first.
type termsData struct{ Terms []reviewedTerm }

// reviewedTerm is one of them: its scorecard in counts, and how many of its targets were answered how.
type reviewedTerm struct {
	Link    Link
	Name    string
	Ended   Moment
	AsOf    Moment
	Archive string // which publication is its scorecard
	Tally   []Count
	Answers []termCount
}

// termCount is how many targets were answered in a way.
type termCount struct {
	Count
	Anchor string // of the list of them
}

// termData is one review: what became of each target, and the scorecard at the end.
type termData struct {
	reviewedTerm
	Groups  []termGroup
	Results []termResult
	Staff   Link // where targets are answered; URL is "" for others
}

// termGroup is the targets with one answer.
type termGroup struct {
	Anchor  string
	Title   string
	Count   string
	Targets []termTarget
}

// termTarget is one target and what became of it.
type termTarget struct {
	Anchor    string
	Indicator Link // URL is "" of one that the folder has no more
	Target    Value
	By        string // until when
	Kind      string
	Now       Value // of one that was revised
	Reason    Words
	Nobody    bool // nobody said why
	Who       string
	When      Moment
	Act       Link // URL is "" where it is no address
}

// termResult is an indicator in the archived scorecard.
type termResult struct {
	Indicator Link
	Value     Value
	Period    string
	Target    Value
	By        string
	Chip      Chip
}

func loadTerms(_ context.Context, r *Request) (Content, error) {
	d := termsData{}
	for i := range r.Card.Terms {
		d.Terms = append(d.Terms, r.term(&r.Card.Terms[i]))
	}
	return Content{Title: r.P.T("terms.title"), Summary: r.P.T("terms.intro"), Data: d}, nil
}

func loadTerm(_ context.Context, r *Request) (Content, error) {
	id, err := paperID(r.Params["number"])
	if err != nil {
		return Content{}, err
	}
	t := r.Card.Term(id)
	if t == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "there is no review of a term %d", id)
	}
	d := termData{reviewedTerm: r.term(t), Groups: r.termGroups(t)}
	for i := range t.Results {
		if r.termShows(t.Results[i].Indicator) {
			d.Results = append(d.Results, r.termResult(&t.Results[i]))
		}
	}
	if r.Staff {
		d.Staff = Link{URL: staffTermPath(id), Words: own(r.P.T("terms.answer"))}
	}
	return Content{
		Title: r.P.T("terms.one", "name", t.Name), Summary: r.P.T("terms.intro"), Data: d, Crumbs: []Link{{URL: r.To(termsPath), Words: own(r.P.T("terms.title"))}},
	}, nil
}

// termShows reports whether residents may read of an indicator: one that is public, or that the folder has no more.
func (r *Request) termShows(id string) bool {
	i := r.City.Indicator(id)
	return i == nil || i.Public
}

// term is what the list says of a review.
func (r *Request) term(t *kpi.TermReview) reviewedTerm {
	tally := scorecard.Tally{}
	for i := range t.Results {
		if r.termShows(t.Results[i].Indicator) {
			tally[t.Results[i].Status.Public()]++
		}
	}
	v := reviewedTerm{
		Link: Link{URL: r.To(termsPath + "/" + strconv.FormatInt(t.ID, 10)), Words: own(r.P.T("terms.read", "name", t.Name))}, Name: t.Name, Ended: r.on(t.Ended), AsOf: r.on(t.AsOf),
		Archive: r.P.T("footer.published", "time", r.at(t.Published).Text, "n", t.Publication), Tally: r.tally(tally),
	}
	n := map[kpi.TermChoice]int{}
	for _, a := range t.Answers {
		if a.Public && r.termShows(a.Indicator) {
			n[a.Answer]++
		}
	}
	for _, c := range kpi.TermChoices {
		v.Answers = append(v.Answers, termCount{Count{Chip: termChip(r, c), N: n[c], Text: r.P.Int(int64(n[c]))}, termAnchor(c)})
	}
	return v
}

// termChip is the mark and word of an answer. A target that was kept is no better than one that was revised: the shape says only how far the answer is.
func termChip(r *Request, c kpi.TermChoice) Chip {
	class := map[kpi.TermChoice]kpi.PublicStatus{kpi.TermKeep: kpi.PublicOnTrack, kpi.TermRevise: kpi.PublicBehind, kpi.TermDrop: kpi.PublicOffTrack, "": kpi.PublicCannotSay}[c]
	return Chip{Class: class, Word: r.P.T("terms.choice." + termWord(c))}
}

// termWord is the choice in ids and addresses.
func termWord(c kpi.TermChoice) string {
	if c == "" {
		return "open"
	}
	return string(c)
}

func termAnchor(c kpi.TermChoice) string { return "targets-" + termWord(c) }

// termGroups are the public targets by answer; of none an answer, it is left out.
func (r *Request) termGroups(t *kpi.TermReview) []termGroup {
	var list []termGroup
	for _, c := range kpi.TermChoices {
		g := termGroup{Anchor: termAnchor(c), Title: r.P.T("terms.choice." + termWord(c))}
		for k := range t.Answers {
			if a := &t.Answers[k]; a.Answer == c && a.Public && r.termShows(a.Indicator) {
				g.Targets = append(g.Targets, r.termTarget(t, k, a))
			}
		}
		if len(g.Targets) > 0 {
			g.Count = r.P.N("terms.targets", len(g.Targets))
			list = append(list, g)
		}
	}
	return list
}

// termIndicator is how an indicator was when the term ended: as the archived scorecard has it, or else as it is now.
func (r *Request) termIndicator(t *kpi.TermReview, id string) kpi.Indicator {
	if k := slices.IndexFunc(t.Results, func(x kpi.TermResult) bool { return x.Indicator == id }); k >= 0 {
		x := &t.Results[k]
		return kpi.Indicator{ID: id, Name: x.Name, Unit: x.Unit, Decimals: x.Decimals, Direction: x.Direction}
	}
	if i := r.City.Indicator(id); i != nil {
		return *i
	}
	return kpi.Indicator{ID: id, Name: kpi.NewText(r.City.Source(), id)}
}

// termName is the name of an indicator, which leads to its page if it has one still.
func (r *Request) termName(ind *kpi.Indicator) Link {
	l := Link{Words: r.Words(ind.Name)}
	if now := r.City.Indicator(ind.ID); now != nil {
		l = Link{URL: r.To("/indicators/" + now.ID), Words: r.Words(now.Name)}
		if r.staff != nil {
			l.URL = staffIndicatorPath(now.ID)
		}
	}
	return l
}

// termTarget is one target and what became of it.
func (r *Request) termTarget(t *kpi.TermReview, k int, a *kpi.TermAnswer) termTarget {
	ind := r.termIndicator(t, a.Indicator)
	v := termTarget{
		Anchor: "target-" + strconv.Itoa(k), Indicator: r.termName(&ind), Target: r.target(&ind, &a.Target), By: r.P.By(a.Target.By), Kind: r.P.T("page.target." + kindOf(&a.Target)),
	}
	switch {
	case a.Answer == kpi.TermKeep:
		v.Reason = r.saidIn(a.Reason, a.Lang)
		v.When = r.dayOf(a.At)
	case a.Answer == "":
		return v
	case a.Now != nil:
		v.Reason, v.Who, v.Act = r.Prose(a.Now.Reason), a.Now.ByWhom, r.act(a.Now.Act)
		if !a.Now.Set.IsZero() {
			v.When = r.on(a.Now.Set)
		}
		if a.Answer == kpi.TermRevise {
			if i := r.City.Indicator(a.Indicator); i != nil {
				ind.Direction = i.Direction
			}
			v.Now = r.target(&ind, a.Now)
		}
	}
	v.Nobody = v.Reason.Text == ""
	return v
}

// saidIn is what somebody wrote in a language.
func (r *Request) saidIn(text string, lang kpi.Lang) Words {
	w := Words{Text: text}
	if lang != r.Lang && text != "" {
		w.Lang, w.Note = lang, r.P.T("commentary.in_language", "language", i18n.OwnName(lang))
	}
	return w
}

func (r *Request) termResult(t *kpi.TermResult) termResult {
	ind := kpi.Indicator{ID: t.Indicator, Name: t.Name, Unit: t.Unit, Decimals: t.Decimals, Direction: t.Direction}
	v := termResult{Indicator: r.termName(&ind), Value: r.Value(&ind, t.Value), Chip: r.chipWhy(t.Status)}
	if t.Period.ID != "" {
		v.Period = r.P.Upper(r.P.Period(t.Period))
	}
	if t.Target != nil {
		v.Target, v.By = r.target(&ind, t.Target), r.P.By(t.Target.By)
	}
	return v
}
