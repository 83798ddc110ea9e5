package pages

import (
	"cmp"
	"slices"

	"citystat/kpi"
)

// day is the day that is judged: of a public page that of its scorecard, of a staff page the city's own. Lists and menus show what is there on it.
func (r *Request) day() kpi.Date {
	if r.staff == nil && r.Card != nil {
		return r.Card.AsOf
	}
	if r.City != nil && !r.City.AsOf.IsZero() {
		return r.City.AsOf
	}
	return r.Today
}

// orgPaths are where the public reads about a part of the organisation, below the language.
var orgPaths = map[kpi.OrgPart]string{kpi.OrgDepartment: "/departments/", kpi.OrgDistrict: "/districts/", kpi.OrgPriority: "/priorities/"}

// orgLink leads to a part of the organisation; one that is not there has no address.
func (r *Request) orgLink(kind kpi.OrgPart, id string) Link {
	name, life := r.City.LifeOf(kind, id)
	if life == nil {
		return Link{Words: own(id)}
	}
	return Link{URL: r.To(orgPaths[kind] + id), Words: r.Words(name)}
}

// lifeView says of a part of the organisation that it has ended or not begun, what carries on its work, and what came before it.
type lifeView struct {
	Said   string // "" where there is nothing to say: it is there
	Label  string // before the successors
	Heirs  []Link
	Before []formerView
	Came   string // before what came before
}

// formerView is a part of the organisation that was there before.
type formerView struct {
	Link
	Until string // "" while it is still there
}

// life returns that of a part; nil where nothing is to be said.
func (r *Request) life(kind kpi.OrgPart, id string) *lifeView {
	_, life := r.City.LifeOf(kind, id)
	if life == nil {
		return nil
	}
	v := lifeView{Label: r.P.T("org.heirs." + string(kind)), Came: r.P.T("org.before." + string(kind))}
	switch day := r.day(); {
	case life.Ended(day):
		v.Said, v.Heirs = r.P.T("org.ended", "on_day", r.P.On(life.Until)), r.heirs(kind, id)
	case day.Before(life.From):
		v.Said = r.P.T("org.begins", "on_day", r.P.On(life.From))
	}
	for _, before := range r.City.Forebears(kind, id) {
		_, was := r.City.LifeOf(kind, before)
		v.Before = append(v.Before, formerView{r.orgLink(kind, before), r.until(was)})
	}
	if v.Said == "" && len(v.Before) == 0 {
		return nil
	}
	return &v
}

// until says on which day something ended; "" while it is there.
func (r *Request) until(life *kpi.Life) string {
	if !life.Ended(r.day()) {
		return ""
	}
	return r.P.T("org.until", "on_day", r.P.On(life.Until))
}

// heirs lead to what carries on the work of something that has ended: to those that are there, or to its next successors where none is.
func (r *Request) heirs(kind kpi.OrgPart, id string) []Link {
	ids := r.City.Heirs(kind, id, r.day())
	if _, life := r.City.LifeOf(kind, id); len(ids) == 0 && life != nil {
		ids = life.Successors
	}
	var list []Link
	for _, heir := range ids {
		list = append(list, r.orgLink(kind, heir))
	}
	return list
}

// lifeNow returns the district that a reader means today: itself while it is there, its only successor once it has ended, nil where there are several or
// none.
func lifeNow(city *kpi.City, id string, day kpi.Date) *kpi.District {
	if heirs := city.Heirs(kpi.OrgDistrict, id, day); len(heirs) == 1 {
		return city.District(heirs[0])
	}
	return nil
}

// endedDistricts are the districts that have ended, the last to end first, each with its successors.
func (r *Request) endedDistricts() []endedView {
	var list []endedView
	for i := range r.City.Districts {
		d := &r.City.Districts[i]
		if d.Ended(r.day()) {
			list = append(list, endedView{Link: r.orgLink(kpi.OrgDistrict, d.ID), Until: r.until(&d.Life), Heirs: r.heirs(kpi.OrgDistrict, d.ID), last: d.Until})
		}
	}
	slices.SortFunc(list, func(a, b endedView) int { return cmp.Or(b.last.Compare(a.last), cmp.Compare(a.Text, b.Text)) })
	return list
}

// endedView is something that has ended, in a list.
type endedView struct {
	Link
	Until string
	Heirs []Link
	last  kpi.Date
}
