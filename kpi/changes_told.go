package kpi

import (
	"cmp"
	"slices"
)

// toldAtFirst lists what the first version of a folder tells of the time before it, the newest decision first.
func toldAtFirst(first FolderVersion) []Change {
	d := differ{folder: first.Version, seen: first.Seen}
	for k := range first.City.Indicators {
		now := &first.City.Indicators[k]
		d.indicator, d.version = now.ID, now.Version
		d.told(now)
	}
	for k := range d.list {
		d.list[k].Told = true
	}
	slices.SortStableFunc(d.list, func(a, b Change) int { return b.decided().Compare(a.decided()) })
	return d.list
}

// decided is the day on which a change was decided; zero if nobody said it.
func (c *Change) decided() Date {
	if c.Note == nil {
		return Date{}
	}
	return c.Note.On
}

// told adds what an indicator tells of its own past: targets that were replaced, limits that began anew, and what its notes say beside.
func (d *differ) told(now *Indicator) {
	begin := len(d.list)
	targets := slices.Clone(now.Targets)
	slices.SortStableFunc(targets, func(a, b Target) int {
		return cmp.Or(a.By.Compare(b.By), cmp.Compare(a.rank(), b.rank()), a.Set.Compare(b.Set))
	})
	for k := 1; k < len(targets); k++ {
		old, t := targets[k-1], targets[k]
		if old.By == t.By && old.rank() == t.rank() && !old.same(t) {
			d.target(t, targetValue(&old, now.Direction), targetValue(&t, now.Direction))
		}
	}
	d.rebases(&Indicator{}, now)
	for _, note := range now.Reasons {
		d.noted(begin, note)
	}
}

// noted gives a note to the changes that were decided on its day. One about a measure, a baseline or an owner that finds none is a change by itself:
// what stood there before, nobody knows here.
func (d *differ) noted(begin int, note ChangeNote) {
	for _, what := range note.What {
		found := false
		for k := begin; k < len(d.list); k++ {
			if c := &d.list[k]; c.What == what && c.decided() == note.On {
				c.Note, found = &note, true
			}
		}
		if field := map[string]string{ChangeMeasure: "measure", ChangeBaseline: "baseline", ChangeOwner: "owner"}[what]; field != "" && !found {
			d.add(what, field, nil, nil).Note = &note
		}
	}
	if len(note.What) > 0 {
		return
	}
	for k := begin; k < len(d.list); k++ {
		if c := &d.list[k]; c.decided() == note.On {
			c.Note = &note
		}
	}
}
