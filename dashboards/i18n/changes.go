package i18n

import (
	"cmp"
	"strconv"
	"strings"

	"citystat/kpi"
)

// ChangeSentences says what was changed in the folder: from what to what, since when, who decided it and why, or that nobody said why.
func ChangeSentences(p *Printer, city *kpi.City, c kpi.Change) []string {
	list := []string{p.changed(city, c), p.T("change.seen", "date", c.Seen)}
	if c.Note == nil {
		return append(list, p.T("decision.nobody"))
	}
	list = append(list, p.decision(c.Note.ByWhom, c.Note.On, c.Note.Reason, p.Act(c.Note.Act))...)
	if c.Note.Reason.IsZero() {
		list = append(list, p.T("decision.nobody"))
	}
	return list
}

// Act names a legal act by its title and its day; "" if there is none.
func (p *Printer) Act(a kpi.Act) string {
	title := cmp.Or(a.Title, a.URL)
	if title == "" || a.Date.IsZero() {
		return title
	}
	return p.T("decision.act_of", "act", title, "date", a.Date)
}

// changed says from what to what.
func (p *Printer) changed(city *kpi.City, c kpi.Change) string {
	id := "change.field." + c.Field
	switch c.What {
	case kpi.ChangeIndicator:
		return p.T(id)
	case kpi.ChangePublic:
		id = "change.field.public"
		if c.To == nil || c.To.ID != "true" {
			id += "_no"
		}
		return p.T(id)
	case kpi.ChangeRebase:
		id = "change.field.rebase"
		if c.To == nil {
			return p.T(id+"_no", "date", cmp.Or(c.From, &kpi.ChangeValue{}).Date)
		}
		return p.T(id, "date", c.To.Date)
	}
	what := p.Upper(p.ChangeKind(c.What))
	if p.bundle.Has(id) {
		what = p.T(id, "by_date", p.By(c.Target))
	}
	from, to := p.changeValue(city, c, c.From), p.changeValue(city, c, c.To)
	switch {
	case from != "" && to != "":
		return p.T("change.moved", "what", what, "old", from, "new", to)
	case to != "":
		return p.T("change.added", "what", what, "new", to)
	case from != "":
		return p.T("change.dropped", "what", what, "old", from)
	}
	return p.T("change.plain", "what", what)
}

// changeValue is what stood before or after a change, as a finished value; "" for nothing.
func (p *Printer) changeValue(city *kpi.City, c kpi.Change, v *kpi.ChangeValue) string {
	switch {
	case v == nil:
		return p.unsaid(c.Field)
	case v.Text != "":
		return p.T("value.quoted", "value", v.Text)
	case v.ID != "":
		return p.changeID(city, c.Field, v.ID)
	case v.Low != nil && v.High != nil:
		unit := unitOf(city, c.Indicator)
		return p.T("value.range", "low", p.Exact(*v.Low, unit), "high", p.Exact(*v.High, unit))
	case v.Number != nil && !v.Date.IsZero():
		return p.T("change.value_on", "value", p.changeNumber(city, c, *v.Number), "on_date", p.On(v.Date))
	case v.Number != nil:
		return p.changeNumber(city, c, *v.Number)
	case !v.Date.IsZero():
		return p.Date(v.Date)
	}
	return ""
}

// unsaid is what a field means where the folder says nothing of it; "" if it means nothing.
func (p *Printer) unsaid(field string) string {
	switch field {
	case "minimum", "settles_after":
		return p.Int(0)
	case "judge":
		return p.T("change.value.own")
	case "chart":
		return p.T("change.value.chosen")
	case "adds_up_in":
		return p.T("change.value.single")
	case "suppress":
		return p.T("change.value.all_shown")
	}
	return ""
}

// changeNumber writes a number of a change in the unit of its field.
func (p *Printer) changeNumber(city *kpi.City, c kpi.Change, v float64) string {
	switch c.Field {
	case "status_bands.on_track", "status_bands.behind":
		return p.Share(v)
	case "judge.since":
		return strconv.FormatFloat(v, 'f', 0, 64) // a year has no groups of digits
	case "measure.p":
		return p.Exact(100*v, kpi.Number)
	case "measure.times", "minimum", "settles_after", "suppress":
		return p.Exact(v, kpi.Number)
	}
	return p.Exact(v, unitOf(city, c.Indicator))
}

// unitOf returns the unit of an indicator; that of a plain number for one that is gone.
func unitOf(city *kpi.City, indicator string) kpi.Unit {
	if city != nil {
		if ind := city.Indicator(indicator); ind != nil {
			return ind.Unit
		}
	}
	return kpi.Number
}

// changeID returns the name of what an id stands for in a field of the folder.
func (p *Printer) changeID(city *kpi.City, field, id string) string {
	prefix := map[string]string{
		"measure": "measure.", "unit": "unit.name.", "period": "period.", "direction": "direction.", "trajectory": "trajectory.", "adds_up_in": "period.",
		"judge": "named.method.", "chart": "signal.chart.",
	}[field]
	if field == "measure" && p.bundle.Has("change.value."+id) { // whose own words name a number that stands elsewhere
		return p.T("change.value." + id)
	}
	if prefix != "" && p.bundle.Has(prefix+id) {
		if prefix == "period." { // which are written as headers
			return strings.ToLower(p.T(prefix + id))
		}
		return p.T(prefix + id)
	}
	if city == nil {
		return id
	}
	switch field {
	case "owner":
		if x := city.Person(id); x != nil {
			return cmp.Or(p.Text(x.Title), x.Name, id)
		}
	case "department":
		if x := city.Department(id); x != nil {
			return cmp.Or(p.Text(x.Name), id)
		}
	case "dataset":
		if x := city.Dataset(id); x != nil {
			return cmp.Or(p.Text(x.Name), id)
		}
	}
	return id
}
