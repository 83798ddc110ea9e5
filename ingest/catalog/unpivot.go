package catalog

import (
	"fmt"
	"maps"
	"slices"

	"citystat/kpi"
)

// unpivot reads how a wide table becomes a long one: an entry for each row that a row of the source becomes.
func (ds *dataset) unpivot(s object) []kpi.Unpivot {
	var list []kpi.Unpivot
	used := map[string]*node{}
	for _, n := range s.list("unpivot", optional) {
		o, ok := ds.object(n, unpivotShape)
		if !ok {
			continue
		}
		u := kpi.Unpivot{Set: ds.newColumns(o, "set", nil), Columns: ds.newColumns(o, "columns", used)}
		for name := range u.Set {
			if _, twice := u.Columns[name]; twice {
				ds.bad(n, "choose another name for one of them", "the entry sets the column %s and fills it too", short(name))
			}
		}
		if len(list) > 0 {
			ds.sameColumns(n, u, list[0])
		}
		for _, before := range list {
			if maps.Equal(before.Set, u.Set) && len(u.Set) > 0 {
				ds.bad(n, "set what tells the rows apart, such as year: 2025", "the entry sets the same as one before it")
				break
			}
		}
		list = append(list, u)
	}
	if n := s.value["unpivot"]; n != nil && n.kind == sequence && len(n.items) == 0 {
		s.empty("unpivot", n)
	}
	return list
}

// newColumns reads the new columns of an entry and what fills them. used holds the source's columns that entries have named: one that is
// named twice was probably copied and not changed, and would give one year's numbers to another.
func (ds *dataset) newColumns(o object, key string, used map[string]*node) map[string]string {
	m := map[string]string{}
	for _, p := range o.pairs(key, required) {
		switch {
		case p.value.kind == broken:
		case p.value.kind != scalar || p.value.text == "":
			ds.bad(p.value, "write "+unpivotShape.line(key), "%s needs a text, and this is %s", short(p.key.text), described(p.value))
		case p.key.text == "":
			ds.bad(p.key, "write "+unpivotShape.line(key), "a column has no name")
		case used != nil && used[p.value.text] != nil:
			ds.bad(p.value, "name the column that belongs to this row; one that belongs to every row needs no entry", "the source's column %s is named twice, first at %s", short(p.value.text), used[p.value.text].place())
		default:
			m[p.key.text] = p.value.text
			if used != nil {
				used[p.value.text] = p.value
			}
		}
	}
	if n := o.value[key]; n != nil && n.kind == mapping && len(n.pairs) == 0 {
		o.empty(key, n)
	}
	return m
}

// sameColumns reports an entry that makes other columns than the first one.
func (ds *dataset) sameColumns(n *node, u, first kpi.Unpivot) {
	for _, part := range []struct {
		verb      string
		here, one map[string]string
	}{{"sets", u.Set, first.Set}, {"fills", u.Columns, first.Columns}} {
		here, one := keys(part.here), keys(part.one)
		if len(here) > 0 && len(one) > 0 && !slices.Equal(here, one) {
			ds.bad(n, "let every entry make the same columns", "the entry %s %v, and the first one %v", part.verb, here, one)
		}
	}
}

// checkUnpivot compares the columns that unpivot makes and takes with those that the dataset reads.
func (ds *dataset) checkUnpivot() {
	src := ds.d.Source
	if ds.unsure || len(ds.broken) > 0 || len(src.Unpivot) == 0 {
		return
	}
	made, taken := unpivoted(src)
	at := ds.o.value["source"]
	reads := map[string]bool{}
	for _, c := range ds.d.Columns {
		reads[c.From] = true
		if taken[c.From] && !made[c.From] {
			ds.bad(at, "read the new column instead", "the column %q reads %s, which unpivot turns into rows", c.Name, short(c.From))
		}
	}
	for _, name := range keys(made) {
		if !reads[name] {
			ds.bad(at, fmt.Sprintf("declare one with from: %s, or leave it out of unpivot", name), "unpivot makes the column %s, and no column reads it", short(name))
		}
	}
}

// unpivoted returns the columns that unpivot makes, and those of the source that it takes.
func unpivoted(src kpi.Source) (made, taken map[string]bool) {
	made, taken = map[string]bool{}, map[string]bool{}
	for _, u := range src.Unpivot {
		for name := range u.Set {
			made[name] = true
		}
		for name, from := range u.Columns {
			made[name], taken[from] = true, true
		}
	}
	return made, taken
}
