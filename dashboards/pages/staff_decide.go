package pages

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

var staffDecidePage = Page{
	Name: "staff_decide", Path: StaffRoot + "/indicators/:id/decide", Role: StaffOnly, Needs: account.Decide, Sends: account.Decide,
	Query: []string{"do", "by", "kind"}, Load: loadDecide, Post: postDecide,
}

// decidePath is where something about an indicator is decided.
func decidePath(id string) string { return staffIndicatorPath(id) + "/decide" }

// What may be decided about an indicator.
const (
	decideNew    = "target" // a target for a day that has none of the kind
	decideRevise = "revise"
	decideDrop   = "drop"
	decideOwner  = "owner"
)

// decideData is what holds for an indicator now, and the form with which something else is decided, or what it would change.
type decideData struct {
	formErrors
	Action  string
	Name    Words
	Targets []standingTarget
	Owner   Words
	Cannot  string // why nothing can be decided about targets
	Links   []Link
	Sent    decideForm
	Form    decideFields
	Look    *decideLook // before it is saved
	Decided []decisionView
	All     Link
}

// standingTarget is a target that holds, with the ways to change it.
type standingTarget struct {
	targetView
	Revise, Drop Link
}

// decideForm is what somebody typed.
type decideForm struct {
	Do, By, Kind, Value, Low, High, Owner, On, Whose, Reason, ActTitle, ActDate, ActURL string
	Says                                                                                string // what held when the form was shown
}

// decideFields are the fields of the form, and what it is about.
type decideFields struct {
	Title  string
	Lead   string
	Hidden []hiddenField
	What   []decideField // what is decided
	Who    []decideField // when, by whom, why
	Act    []decideField
}

type hiddenField struct{ Name, Value string }

// decideField is a field of the form.
type decideField struct {
	ID, Name, Type, Label, Hint, Value, Wrong string
	Optional, Decimal                         bool
	Options                                   []option
}

// decideLook is what a decision would change.
type decideLook struct {
	Said   string
	Facts  []fact
	Rows   []lookRow
	Note   string
	Hidden []hiddenField
}

// lookRow is something as it is now and as it would be.
type lookRow struct {
	Label    string
	Now, New string
	Same     bool
}

func loadDecide(ctx context.Context, r *Request) (Content, error) {
	sent := decideForm{Do: r.Query.Get("do"), By: r.Query.Get("by"), Kind: r.Query.Get("kind"), On: r.Today.String()}
	c, _, err := r.decide(ctx, sent, formErrors{}, nil)
	return c, err
}

// decide is the page; wrong is what is wrong with the form that was sent, look what it would change.
func (r *Request) decide(ctx context.Context, sent decideForm, wrong formErrors, look *decideLook) (Content, *decideData, error) {
	if r.work.Decisions == nil {
		return Content{}, nil, kpi.Errorf(kpi.CodeNotFound, "nothing is decided here")
	}
	card, err := r.staff.Live(ctx)
	if err != nil {
		return Content{}, nil, err
	}
	ind := r.City.Indicator(r.Params["id"])
	if ind == nil {
		return Content{}, nil, kpi.Errorf(kpi.CodeNotFound, "there is no indicator %q", r.Params["id"])
	}
	d := decideData{formErrors: wrong, Action: decidePath(ind.ID), Name: r.Words(ind.Name), Owner: r.person(ind.Owner), Look: look, All: Link{URL: staffDecisionsPath, Words: own(r.P.T("decisions.all"))}}
	d.Cannot = r.cannotDecide(ind)
	if res := card.Result(ind.ID); res != nil && d.Cannot == "" {
		d.Targets = r.standing(ind, res.Indicator)
	}
	if d.Cannot == "" {
		d.Links = append(d.Links, Link{URL: d.Action + "?do=" + decideNew + "#form", Words: own(r.P.T("decisions.do.target"))})
	}
	d.Links = append(d.Links, Link{URL: d.Action + "?do=" + decideOwner + "#form", Words: own(r.P.T("decisions.do.owner"))})
	if sent.Do != decideOwner && (d.Cannot != "" || !slices.Contains([]string{decideNew, decideRevise, decideDrop}, sent.Do)) {
		sent.Do = decideNew
		if d.Cannot != "" {
			sent.Do = decideOwner
		}
	}
	d.Sent = sent
	d.Form = r.decideForm(ind, &sent, wrong)
	if d.Decided, err = r.ofIndicator(ctx, ind.ID); err != nil {
		return Content{}, nil, err
	}
	c := Content{Title: r.P.T("decisions.decide"), Summary: r.P.T("decisions.decide_intro"), Crumbs: []Link{{URL: staffIndicatorPath(ind.ID), Words: d.Name}}}
	if look != nil {
		c.Title = r.P.T("decisions.look")
	}
	if len(wrong.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c, &d, nil
}

// cannotDecide says why no target of an indicator can be decided here; "" if one can.
func (r *Request) cannotDecide(ind *kpi.Indicator) string {
	switch {
	case ind.Direction == kpi.Neutral:
		return r.P.T("decisions.wrong.neutral")
	case ind.Project != nil:
		return r.P.T("decisions.wrong.plan")
	}
	return ""
}

// standing are the targets that hold today. seen is the indicator of the live scorecard, which knows when each was first seen.
func (r *Request) standing(ind, seen *kpi.Indicator) []standingTarget {
	var list []standingTarget
	for _, t := range ind.TargetsInForce(r.Today) {
		for _, s := range seen.Targets {
			if s.Again(t) && s.Set == t.Set {
				t.Seen = s.Seen
			}
		}
		q := url.Values{"by": {t.By.String()}, "kind": {kindOf(&t)}}
		link := func(do string) Link {
			q.Set("do", do)
			return Link{URL: decidePath(ind.ID) + "?" + q.Encode() + "#form", Words: own(r.P.T("decisions.do." + do))}
		}
		list = append(list, standingTarget{r.targetRow(ind, &t), link(decideRevise), link(decideDrop)})
	}
	return list
}

// decideForm makes the form for what is to be decided.
func (r *Request) decideForm(ind *kpi.Indicator, sent *decideForm, wrong formErrors) decideFields {
	f := decideFields{Title: r.P.T("decisions.do." + sent.Do), Lead: r.P.T("decisions.lead." + sent.Do)}
	field := func(name, kind, value string) decideField {
		x := decideField{ID: "decide-" + name, Name: name, Type: kind, Label: r.P.T("decisions.field." + name), Value: value}
		x.Wrong = wrong.Wrong(x.ID)
		return x
	}
	f.Hidden = []hiddenField{{"do", sent.Do}}
	fixed := sent.Do == decideRevise || sent.Do == decideDrop
	if day, err := kpi.ParseDate(sent.By); err == nil && fixed {
		t := kpi.Target{By: day, Kind: sent.Kind}
		f.Title = r.P.T("decisions.about_target", "what", f.Title, "kind", r.P.T("page.standing."+kindOf(&t)), "by_date", r.P.By(day))
		f.Hidden = append(f.Hidden, hiddenField{"by", sent.By}, hiddenField{"kind", sent.Kind})
	}
	if sent.Do == decideOwner {
		owner := field("owner", "", "")
		owner.Options = []option{{Words: own(r.P.T("decisions.choose"))}}
		for _, p := range r.City.People {
			owner.Options = append(owner.Options, option{Value: p.ID, Words: r.Words(p.Title), Selected: p.ID == sent.Owner})
		}
		f.What = append(f.What, owner)
	}
	if sent.Do == decideNew || fixed && len(f.Hidden) == 1 {
		kinds := field("kind", "", "")
		for _, k := range []string{kpi.TargetAnnual, kpi.TargetInterim, kpi.TargetTerm} {
			kinds.Options = append(kinds.Options, option{Value: k, Words: own(r.P.T("page.standing." + k)), Selected: k == sent.Kind})
		}
		f.What = append(f.What, field("by", "date", sent.By), kinds)
	}
	if sent.Do == decideNew || sent.Do == decideRevise {
		numbers := []decideField{field("value", "text", sent.Value)}
		if ind.Direction == kpi.Range {
			numbers = []decideField{field("low", "text", sent.Low), field("high", "text", sent.High)}
		}
		for k := range numbers {
			numbers[k].Decimal, numbers[k].Hint = true, r.P.T("decisions.in_unit", "unit", r.P.Unit(ind.Unit))
		}
		f.What = append(f.What, numbers...)
	}
	on, reason := field("on", "date", sent.On), field("reason", "area", sent.Reason)
	on.Hint, reason.Hint = r.P.T("decisions.on_hint"), r.P.T("decisions.reason_hint", "language", i18n.OwnName(r.City.Source()))
	f.Who = []decideField{on, field("whose", "text", sent.Whose), reason}
	f.Act = []decideField{field("act_title", "text", sent.ActTitle), field("act_date", "date", sent.ActDate), field("act_url", "url", sent.ActURL)}
	for k := range f.Act {
		f.Act[k].Optional = true
	}
	if x := r.decisionOf(ind, sent, &formErrors{}); sent.Says == "" {
		sent.Says = cmp.Or(x.Says(r.City), nothingSaid)
	}
	f.Hidden = append(f.Hidden, hiddenField{"says", sent.Says})
	return f
}

// nothingSaid stands in the form where the city says nothing yet of what is decided.
const nothingSaid = "-"

// sentDecide reads the form.
func sentDecide(form url.Values) decideForm {
	get := func(name string) string { return norm.NFC.String(oneLine(form.Get(name))) }
	return decideForm{
		Do: get("do"), By: get("by"), Kind: get("kind"), Value: get("value"), Low: get("low"), High: get("high"), Owner: get("owner"), On: get("on"), Whose: get("whose"),
		Reason: get("reason"), ActTitle: get("act_title"), ActDate: get("act_date"), ActURL: get("act_url"), Says: get("says"),
	}
}

// hidden returns what was typed, for the page on which it is looked at before it is saved.
func (f *decideForm) hidden() []hiddenField {
	var list []hiddenField
	for _, h := range []hiddenField{
		{"do", f.Do}, {"by", f.By}, {"kind", f.Kind}, {"value", f.Value}, {"low", f.Low}, {"high", f.High}, {"owner", f.Owner}, {"on", f.On}, {"whose", f.Whose}, {"reason", f.Reason},
		{"act_title", f.ActTitle}, {"act_date", f.ActDate}, {"act_url", f.ActURL}, {"says", f.Says},
	} {
		if h.Value != "" {
			list = append(list, h)
		}
	}
	return list
}

// decisionOf makes the decision of what was typed; what cannot be read is said at its field.
func (r *Request) decisionOf(ind *kpi.Indicator, f *decideForm, wrong *formErrors) kpi.Decision {
	bad := func(field string, fault meeting.DecisionFault) {
		wrong.add("decide-"+field, r.P.T("decisions.wrong."+string(fault)))
	}
	day := func(field, s string, fault meeting.DecisionFault) kpi.Date {
		d, err := kpi.ParseDate(s)
		if err != nil {
			if s != "" {
				bad(field, fault)
			}
			return kpi.Date{}
		}
		return d
	}
	d := kpi.Decision{
		State: kpi.DecisionInForce, Indicator: ind.ID, Lang: r.City.Source(), Whose: f.Whose, Reason: f.Reason, Act: kpi.Act{Title: f.ActTitle, URL: f.ActURL},
		On: day("on", f.On, meeting.FaultNoDate),
	}
	d.Act.Date = day("act_date", f.ActDate, meeting.FaultNoDate)
	if f.Do == decideOwner {
		d.Kind, d.Owner = kpi.DecideOwner, f.Owner
		return d
	}
	d.Kind = kpi.DecideTarget
	d.Target = &kpi.Target{By: day("by", f.By, meeting.FaultNoDay), Kind: kpi.TargetAnnual}
	if slices.Contains([]string{kpi.TargetInterim, kpi.TargetTerm}, f.Kind) {
		d.Target.Kind = f.Kind
	}
	switch {
	case f.Do == decideDrop:
		d.Kind = kpi.DecideDrop
	case ind.Direction == kpi.Range:
		d.Target.Low, d.Target.High = numberTyped(f.Low), numberTyped(f.High)
	default:
		d.Target.Value = numberTyped(f.Value)
	}
	return d
}

// numberTyped reads a number with a point or a comma for its decimals; NaN if it is none.
func numberTyped(s string) float64 {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "%"))
	if strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(v, 0) || strings.ContainsAny(s, "xXpP_") {
		return math.NaN()
	}
	return v
}

func postDecide(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	ind := r.City.Indicator(r.Params["id"])
	switch {
	case r.work.Decisions == nil || ind == nil:
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "there is no indicator %q about which something is decided here", r.Params["id"])
	case !r.Person.May(account.Decide, ind.Department):
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "your roles do not let you decide")
	}
	sent := sentDecide(form)
	var wrong formErrors
	d := r.decisionOf(ind, &sent, &wrong)
	for _, f := range meeting.CheckDecision(r.City, &d, r.Today) {
		id := ""
		if f.Field != meeting.FieldAll {
			id = "decide-" + f.Field
		}
		if wrong.Wrong(id) == "" {
			wrong.add(id, r.P.T("decisions.wrong."+string(f.Fault)))
		}
	}
	slices.SortStableFunc(wrong.Errors, func(a, b formError) int {
		return cmp.Compare(slices.Index(decideOrder, a.Field), slices.Index(decideOrder, b.Field))
	})
	if says := cmp.Or(d.Says(r.City), nothingSaid); sent.Says != "" && sent.Says != says {
		sent.Says = says
		return r.againDecide(ctx, sent, "decisions.conflict")
	}
	step := form.Get("step")
	if len(wrong.Errors) > 0 || step == "edit" {
		if step == "edit" {
			wrong = formErrors{}
		}
		c, _, err := r.decide(ctx, sent, wrong, nil)
		status := http.StatusUnprocessableEntity
		if step == "edit" {
			status = http.StatusOK
		}
		return Posted{Content: c, Status: status}, err
	}
	if step != "save" {
		look, err := r.look(ctx, ind, &d, &sent)
		if err != nil {
			return Posted{}, err
		}
		c, _, err := r.decide(ctx, sent, wrong, look)
		return Posted{Content: c, Status: http.StatusOK}, err
	}
	switch err := r.work.Decisions.SaveDecision(ctx, &d, r.Person.By(), r.now); {
	case kpi.ErrorCode(err) == kpi.CodeConflict:
		return r.againDecide(ctx, sent, "decisions.conflict")
	case err != nil:
		return Posted{}, err
	}
	id := strconv.FormatInt(d.ID, 10)
	return Posted{To: staffDecisionsPath + "?done=" + id + "#" + decisionAnchor(d.ID)}, nil
}

// decideOrder is the order in which the fields stand in the form.
var decideOrder = []string{
	"decide-owner", "decide-by", "decide-kind", "decide-value", "decide-low", "decide-high", "decide-on", "decide-whose", "decide-reason", "decide-act_title", "decide-act_date", "decide-act_url",
}

// againDecide shows the form again, with all that was typed, because something else was decided meanwhile.
func (r *Request) againDecide(ctx context.Context, sent decideForm, message string) (Posted, error) {
	var wrong formErrors
	wrong.add("", r.P.T(message))
	c, _, err := r.decide(ctx, sent, wrong, nil)
	return Posted{Content: c, Status: http.StatusConflict}, err
}

// look is what a decision would change, found by building the scorecard with it.
func (r *Request) look(ctx context.Context, ind *kpi.Indicator, d *kpi.Decision, sent *decideForm) (*decideLook, error) {
	l := &decideLook{Said: r.decided(d), Hidden: sent.hidden()}
	add := func(id, text, url string) {
		if text != "" {
			l.Facts = append(l.Facts, fact{Label: r.P.T(id), Words: own(text), URL: url})
		}
	}
	add("changes.when", r.P.Date(d.On), "")
	add("changes.who", d.Whose, "")
	add("changes.why", d.Reason, "")
	act := r.act(d.Act)
	add("changes.act", act.Text, act.URL)
	if d.Kind == kpi.DecideOwner {
		l.row(r.P.T("indicator.owner"), r.person(ind.Owner).Text, r.person(d.Owner).Text)
		return l, nil
	}
	now, err := r.staff.Live(ctx)
	if err != nil {
		return nil, err
	}
	then, err := r.work.Decisions.Preview(ctx, d, r.now)
	if err != nil {
		return nil, err
	}
	was, is := now.Result(ind.ID), then.Result(ind.ID)
	if was == nil || is == nil {
		return nil, kpi.Errorf(kpi.CodeUnready, "the scorecard does not have the indicator %q yet", ind.ID)
	}
	l.row(r.P.T("decisions.about_day", "kind", r.P.T("page.standing."+kindOf(d.Target)), "by_date", r.P.By(d.Target.By)), r.holdsOn(was.Indicator, d), r.holdsOn(is.Indicator, d))
	l.row(r.P.T("status.label"), r.P.Status(was.Assessment.Status), r.P.Status(is.Assessment.Status))
	l.row(r.P.T("indicator.target"), r.governed(was), r.governed(is))
	l.row(r.P.T("indicator.expected"), r.Value(ind, was.Assessment.Expected).Text, r.Value(ind, is.Assessment.Expected).Text)
	l.row(r.P.T("indicator.outlook"), r.outlookWord(was), r.outlookWord(is))
	if p := point(is, is.Assessment.Period); p != nil {
		l.Note = r.P.T("decisions.judged", "period", r.P.Period(p.Period))
		if p.Period.Last.Before(d.On) {
			l.Note += " " + r.P.T("decisions.judged_before")
		}
	}
	return l, nil
}

// holdsOn is the target that a decision is about, as it stands at the end of the day.
func (r *Request) holdsOn(ind *kpi.Indicator, d *kpi.Decision) string {
	for _, t := range ind.TargetsInForce(r.Today) {
		if t.Again(*d.Target) {
			return r.P.Target(&t, ind)
		}
	}
	return ""
}

// row adds something as it is and as it would be.
func (l *decideLook) row(label, now, then string) {
	l.Rows = append(l.Rows, lookRow{Label: label, Now: cmp.Or(now, "–"), New: cmp.Or(then, "–"), Same: now == then})
}

// governed is the target by which an indicator is judged.
func (r *Request) governed(res *scorecard.Result) string {
	t := res.Assessment.Target
	if t == nil {
		return ""
	}
	return r.P.T("decisions.target_by", "value", r.P.Target(t, res.Indicator), "by_date", r.P.By(t.By))
}

// outlookWord is how likely it is that the target is met.
func (r *Request) outlookWord(res *scorecard.Result) string {
	if o := res.Assessment.Outlook; o != nil {
		return r.P.Outlook(o.Word)
	}
	return ""
}
