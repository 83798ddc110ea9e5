package catalog

import (
	"slices"
	"strings"

	"citystat/kpi"
)

// readLife reads from when until when a part of the city's organisation is there, and what takes over from it.
func (l *loader) readLife(o object, kind kpi.OrgPart, id string) kpi.Life {
	var life kpi.Life
	_, life.From = o.date("from", optional)
	until, last := o.date("until", optional)
	life.Until = last
	if until != nil && life.Until.Before(life.From) {
		l.bad(until, "write a day from "+life.From.String()+" on", "the %s ends before it begins", kind)
	}
	heirs := successors(o)
	for _, w := range heirs {
		if w.text == id {
			l.bad(w.n, "name another one, or leave it out", "the %s takes over from itself", kind)
			continue
		}
		l.refer(string(kind), w.n, w.text)
		life.Successors = append(life.Successors, w.text)
		if id != "" {
			l.later = append(l.later, func() { l.checkSuccessor(kind, id, w) })
		}
	}
	if len(heirs) > 0 && until == nil && o.key["until"] == nil && !o.misspelt("until") {
		l.bad(heirs[0].n, "write "+o.shape.line("until")+", its last day, or leave successor out", "what takes over from a %s does so when it has ended, and this one has no end", kind)
	}
	return life
}

// successors are one id, or a list of them.
func successors(o object) []word {
	n := o.get("successor", optional)
	if n == nil || n.kind != scalar {
		return o.words("successor", optional)
	}
	if id, ok := o.plainText("successor", n); ok {
		return []word{{n, id}}
	}
	return nil
}

// checkSuccessor looks, once everything is read, that a successor is there when it has to take over, and that the way to it does not lead back.
func (l *loader) checkSuccessor(kind kpi.OrgPart, id string, heir word) {
	_, life := l.city.LifeOf(kind, id)
	_, next := l.city.LifeOf(kind, heir.text)
	if life == nil || next == nil {
		return
	}
	if circle := l.circle(kind, []string{id, heir.text}); circle != nil {
		if slices.Min(circle) == id { // told once, at one of those that lie on it
			l.bad(heir.n, "end the way at what is there today", "the %s take over from each other in a circle: %s", plural(string(kind)), strings.Join(append(circle, id), " → "))
		}
		return
	}
	if !next.Until.IsZero() && !life.Until.IsZero() && next.Until.Before(life.Until) {
		l.bad(heir.n, "name what was there afterwards", "the %s %q ended on %s, before it could take over", kind, heir.text, next.Until)
	}
}

// circle follows successors from the end of a way. It returns the way if it leads back to its beginning, nil otherwise.
func (l *loader) circle(kind kpi.OrgPart, way []string) []string {
	_, life := l.city.LifeOf(kind, way[len(way)-1])
	if life == nil {
		return nil
	}
	for _, next := range life.Successors {
		if next == way[0] {
			return way
		}
		if slices.Contains(way, next) {
			continue
		}
		if found := l.circle(kind, append(slices.Clone(way), next)); found != nil {
			return found
		}
	}
	return nil
}

// tellEnd warns of something that belongs to a part of the organisation which comes to an end. A city that shows a day before that has nothing to do.
func (l *loader) tellEnd(n *node, kind kpi.OrgPart, id string) {
	if n == nil || id == "" {
		return
	}
	l.later = append(l.later, func() { l.tellEnded(n, kind, id) })
}

// tellEnded is tellEnd when everything is read.
func (l *loader) tellEnded(n *node, kind kpi.OrgPart, id string) {
	_, life := l.city.LifeOf(kind, id)
	if life == nil || life.Until.IsZero() || !l.city.AsOf.IsZero() && !life.Ended(l.city.AsOf) {
		return
	}
	mend := "give it to another one"
	if len(life.Successors) > 0 {
		mend = "give it to " + strings.Join(life.Successors, " or ")
	}
	l.warn(n, mend, "the %s %q comes to an end on %s, and this still belongs to it", kind, id, life.Until)
}

// readHistory reads what the map of the districts does not say: from when until when each is there, and what became of it. Districts that the map does
// not show any more stand here with their name, so that rows which name them still count for them.
func (g *geo) readHistory(districts object) {
	for _, n := range districts.list("history", optional) {
		o, ok := g.l.object(n, pastDistrictShape)
		if !ok {
			g.l.open("district")
			continue
		}
		at := o.get("id", required)
		id, ok := o.plainText("id", at)
		if !ok {
			g.l.open("district")
			continue
		}
		d := g.l.city.District(id)
		if d == nil {
			d = g.pastDistrict(o, at, id)
		} else if name := o.value["name"]; name != nil {
			g.l.bad(name, "leave it out", "the map gives the name of the district %q", id)
		}
		life := g.l.readLife(o, kpi.OrgDistrict, id)
		if d != nil {
			d.Life = life
		}
	}
}

// pastDistrict adds a district that the map does not show; nil if there can be none.
func (g *geo) pastDistrict(o object, at *node, id string) *kpi.District {
	if g.l.table("district").ids[id] != nil {
		return nil // the map has it, and something is wrong with it there
	}
	if id == kpi.MemberNotRecorded || id == kpi.MemberNotRecognised {
		g.l.bad(at, "choose another id", "%q stands for rows of no district, and cannot be a district", id)
		return nil
	}
	if o.value["until"] == nil && !o.misspelt("until") {
		g.l.bad(at, "draw it on the map, or write "+pastDistrictShape.line("until")+", its last day", "the map does not show the district %q, and it has no end", id)
	}
	name := o.get("name", required)
	said, ok := o.plainText("name", name)
	if g.l.define("district", at, id) == "" || !ok {
		return nil
	}
	for _, s := range []word{{at, id}, {name, said}} {
		key := kpi.NormaliseName(s.text)
		if other, taken := g.seen[key]; taken && other != id {
			g.l.bad(s.n, "give every district names of its own", "%s is the name of the district %q already", short(s.text), other)
			return nil
		}
		g.seen[key] = id
	}
	d := kpi.District{ID: id, Name: newText(g.l.language, said)}
	g.l.note(address("district", id, "name"), &phrase{text: d.Name, where: name.place(), proper: true})
	g.l.city.Districts = append(g.l.city.Districts, d)
	return &g.l.city.Districts[len(g.l.city.Districts)-1]
}
