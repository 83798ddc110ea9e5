package catalog

import (
	"slices"
	"strings"

	"citystat/kpi"
)

// readChanges reads why the definition, the targets or the owner of an indicator were changed.
func (ds *dataset) readChanges(o object, i *kpi.Indicator) {
	if n := o.value["changes"]; n != nil && n.kind != sequence || o.misspelt("changes") {
		ds.open("indicator") // its reasons are not known, and may be translated
	}
	for _, n := range o.list("changes", optional) {
		c, ok := ds.object(n, changeShape)
		if !ok {
			ds.open("indicator")
			continue
		}
		if on, note := ds.changeNote(c, i); on != nil {
			i.Reasons = append(i.Reasons, note)
		} else {
			ds.open("indicator")
		}
	}
}

// changeNote reads one note and returns the node of its day, nil if it has none.
func (ds *dataset) changeNote(o object, i *kpi.Indicator) (*node, kpi.ChangeNote) {
	on, day := o.date("on", required)
	note := kpi.ChangeNote{On: day, ByWhom: o.text("by_whom", required), Act: ds.act(o)}
	what := o.value["what"]
	if what != nil {
		note.What = []string{} // not nil, which is everything
	}
	for _, w := range o.words("what", optional) {
		if !slices.Contains(kpi.ChangeKinds, w.text) {
			ds.bad(w.n, suggest(w.text, kpi.ChangeKinds, "write some of"), "nothing that changes is called %s", short(w.text))
			continue
		}
		note.What = append(note.What, w.text)
	}
	if what != nil && what.kind == sequence && len(what.items) == 0 {
		o.empty("what", what)
	}
	at := address("indicator", i.ID, "change", day.String(), "reason")
	if len(i.Reasons) > 0 && on != nil {
		ds.besides(on, what, note, i.Reasons)
		if i.Reasons[len(i.Reasons)-1].On == day {
			at = address("indicator", i.ID, secondChange(note))
		}
	}
	note.Reason = ds.phrase(o, "reason", required, at)
	return on, note
}

// secondChange is what leads, within its indicator, to the reason of a note that is not the first of its day.
func secondChange(note kpi.ChangeNote) string {
	if len(note.What) == 0 {
		return ""
	}
	return address("change", note.On.String(), note.What[0], "reason")
}

// besides checks a note against those before it: they come by date, and no two speak of the same change.
func (ds *dataset) besides(on, what *node, note kpi.ChangeNote, before []kpi.ChangeNote) {
	if last := before[len(before)-1].On; note.On.Before(last) {
		ds.bad(on, "order the changes by their dates", "the change of %s stands after the one of %s", note.On, last)
		return
	}
	for _, other := range before {
		switch same := common(note.What, other.What); {
		case other.On != note.On:
		case what == nil || other.What == nil:
			ds.bad(on, "say of both what they are about, such as "+changeShape.line("what"), "two notes explain the changes of %s, and one is about everything", note.On)
			return
		case len(same) > 0:
			ds.bad(what, "keep one of the two", "two notes explain the change of %s on %s", strings.Join(same, ", "), note.On)
			return
		}
	}
}

// common returns the words that both lists have.
func common(a, b []string) []string {
	var list []string
	for _, w := range a {
		if slices.Contains(b, w) {
			list = append(list, w)
		}
	}
	return list
}
