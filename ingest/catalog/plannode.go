package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"citystat/kpi"
)

// planNode is a part of the plan before it has an id.
type planNode struct {
	level      int
	parent     *planNode
	code, name string
	at         place // where it is met first
	first      int   // that row
	id         string
	text       kpi.Text
	adopted    bool // the city has it already
}

// makeNodes makes the tree of the plan. A part is the same wherever it has the same parent, number and name.
func (p *plan) makeNodes() {
	if len(p.levels) == 0 {
		return
	}
	known := map[string]*planNode{}
	var list []*planNode
	ends := make([]*planNode, len(p.rows))
	for i, r := range p.rows {
		var above *planNode
		path := ""
		for level, cell := range r.levels {
			if !p.levelGiven(r, level) {
				break
			}
			path += "\x00" + kpi.NormaliseName(r.codes[level].raw) + "\x01" + kpi.NormaliseName(cell.raw)
			n := known[path]
			if n == nil {
				n = &planNode{level: level, parent: above, code: r.codes[level].raw, name: cell.raw, at: cell.at, first: r.line}
				known[path], list = n, append(list, n)
			}
			above = n
		}
		ends[i] = above
	}
	p.warnCodes(list)
	p.adopt(list)
	p.nameNodes(list)
	for _, n := range list {
		p.enter(n)
	}
	for i, r := range p.rows {
		for n := ends[i]; n != nil; n = n.parent {
			r.way = append([]string{n.id}, r.way...)
		}
		if ends[i] != nil {
			r.node = ends[i].id
		}
	}
}

// levelGiven reports whether a row has a name on a level. A plan may end above its lowest level, and has no holes.
func (p *plan) levelGiven(r *planRow, level int) bool {
	c := r.levels[level]
	if c.raw != "" || c.broken {
		return c.raw != ""
	}
	at := p.cell(r.line, p.levels[level].from.index, "")
	r.levels[level].at = at
	name := p.levels[level].name.String(p.ds.language)
	for below := level + 1; below < len(r.levels); below++ {
		if r.levels[below].raw != "" {
			p.ds.add(SeverityError, at, fmt.Sprintf("the row has nothing on the level %s, and something below it (%s)", short(name), short(p.levels[below].name.String(p.ds.language))), "fill in the cell; merged: fill gives merged cells the value of the first one")
			p.ds.openPlan()
			return false
		}
	}
	if level == 0 {
		p.ds.add(SeverityError, at, fmt.Sprintf("the row has nothing on the first level of the plan, %s", short(name)), "fill in the cell")
		p.ds.openPlan()
	}
	return false
}

// warnCodes warns of numbers that stand for two parts under the same parent: workbooks make 1.1 of 1.10.
func (p *plan) warnCodes(list []*planNode) {
	type key struct {
		parent *planNode
		level  int
		code   string
	}
	first := map[key]*planNode{}
	for _, n := range list {
		k := key{n.parent, n.level, n.code}
		switch before := first[k]; {
		case n.code == "":
		case before == nil:
			first[k] = n
		default:
			at := p.cell(n.at.line, p.levels[n.level].code.index, n.code)
			p.ds.add(SeverityWarning, at, fmt.Sprintf("the number %s stands for two parts of the plan: %s here, and %s in row %d", n.code, short(n.name), short(before.name), before.first), "write the numbers as texts if 1.10 has become 1.1, or the names alike if they are one")
		}
	}
}

// adopt finds the parts that the city has already, of city.yaml by the same id or name, or of another table: they stay as they are.
func (p *plan) adopt(list []*planNode) {
	city := &p.ds.city
	for _, n := range list {
		key := kpi.NormaliseName(n.name)
		is := func(id string, name kpi.Text) bool {
			return id == p.plainID(n) || kpi.NormaliseName(name.String(name.Source)) == key
		}
		switch {
		case n.level == 0:
			if i := slices.IndexFunc(city.Priorities, func(q kpi.Priority) bool { return is(q.ID, q.Name) }); i >= 0 {
				n.adopted, n.id, n.text = true, city.Priorities[i].ID, city.Priorities[i].Name
			}
		case !n.parent.adopted:
		case n.level == 1:
			goals := city.Priority(n.parent.id).Goals
			if i := slices.IndexFunc(goals, func(g kpi.Goal) bool { return is(g.ID, g.Name) }); i >= 0 {
				n.adopted, n.id, n.text = true, goals[i].ID, goals[i].Name
			}
		default:
			same := func(x kpi.PlanNode) bool {
				return x.Parent == n.parent.id && x.Level == n.level && x.Code == n.code && kpi.NormaliseName(x.Name.String(x.Name.Source)) == key
			}
			if i := slices.IndexFunc(city.Plan.Nodes, same); i >= 0 {
				n.adopted, n.id, n.text = true, city.Plan.Nodes[i].ID, city.Plan.Nodes[i].Name
			}
		}
	}
}

// taken returns the ids that parts of the plan, priorities and goals have already.
func (p *plan) taken() map[string]bool {
	ids := map[string]bool{}
	for _, q := range p.ds.city.Priorities {
		ids[q.ID] = true
		for _, g := range q.Goals {
			ids[g.ID] = true
		}
	}
	for _, n := range p.ds.city.Plan.Nodes {
		ids[n.ID] = true
	}
	return ids
}

// plainID is the id that a part has if no other one has it.
func (p *plan) plainID(n *planNode) string {
	if n.code == "" {
		return cutSlug(n.name, maxID)
	}
	return cutSlug(p.levels[n.level].name.String(p.ds.language)+" "+n.code, maxID)
}

// maxID is the length of an id, and shortID leaves room for a digest.
const (
	maxID   = 64
	shortID = 55
)

// nameNodes gives the parts of the plan their ids. They depend on what a part is called and numbered and on nothing else, so that the
// addresses of pages stay: the level and the number, or the name; the number with the name, where that stands for two; with a digest of the
// whole way, where that is not enough either.
func (p *plan) nameNodes(list []*planNode) {
	ids := []func(*planNode) string{
		p.plainID,
		func(n *planNode) string { return cutSlug(n.code+" "+n.name, maxID) },
		func(n *planNode) string {
			return strings.Trim(cutSlug(n.code+" "+n.name, shortID)+"-"+digest(n), "-")
		},
	}
	taken := p.taken()
	open := slices.DeleteFunc(slices.Clone(list), func(n *planNode) bool { return n.adopted })
	for _, id := range ids {
		count := map[string]int{}
		for _, n := range open {
			n.id = id(n)
			count[n.id]++
		}
		var rest []*planNode
		named := map[string]bool{}
		for _, n := range open {
			if n.id == "" || count[n.id] > 1 || taken[n.id] {
				rest = append(rest, n)
			} else {
				named[n.id] = true
			}
		}
		maps.Copy(taken, named)
		open = rest
	}
}

// cutSlug is the slug of a text with at most so many characters, cut between words where that is possible.
func cutSlug(s string, most int) string {
	whole := longSlug(s)
	if len(whole) <= most {
		return whole
	}
	cut := whole[:most]
	if whole[most] != '-' {
		if i := strings.LastIndexByte(cut, '-'); i > most/2 {
			cut = cut[:i]
		}
	}
	return strings.TrimRight(cut, "-")
}

// digest is over the way to a part of the plan.
func digest(n *planNode) string {
	h := sha256.New()
	for ; n != nil; n = n.parent {
		fmt.Fprintf(h, "%q %q\n", n.code, n.name)
	}
	return hex.EncodeToString(h.Sum(nil))[:8]
}

// enter makes a part of the plan known: to the plan, and on the first two levels as a priority or goal.
func (p *plan) enter(n *planNode) {
	city := &p.ds.city
	if !n.adopted {
		n.text = newText(p.ds.language, n.name)
		switch n.level {
		case 0:
			n.id = p.define("priority", n)
			p.note(n, "priority")
			p.ds.note(address("priority", n.id, "promise"), &phrase{state: absent})
			city.Priorities = append(city.Priorities, kpi.Priority{ID: n.id, Name: n.text, Promise: newText(p.ds.language, ""), Goals: []kpi.Goal{}})
		case 1:
			n.id = p.define("goal", n)
			p.note(n, "goal")
			own := city.Priority(n.parent.id)
			own.Goals = append(own.Goals, kpi.Goal{ID: n.id, Name: n.text})
		default:
			p.note(n, "plan")
		}
	}
	if slices.ContainsFunc(city.Plan.Nodes, func(x kpi.PlanNode) bool { return x.ID == n.id }) {
		return // of another table
	}
	parent := ""
	if n.parent != nil {
		parent = n.parent.id
	}
	city.Plan.Nodes = append(city.Plan.Nodes, kpi.PlanNode{ID: n.id, Parent: parent, Level: n.level, Code: n.code, Name: n.text})
}

// note makes the name of a part known as a text that may be translated.
func (p *plan) note(n *planNode, kind string) {
	p.ds.note(address(kind, n.id, "name"), &phrase{text: n.text, where: n.at, state: given, spare: true})
}

// define makes the id of a part known.
func (p *plan) define(kind string, n *planNode) string {
	return p.ds.define(kind, &node{src: p.src, line: n.at.line, column: n.at.column, kind: scalar, text: n.id}, n.id)
}

// needPriorities reports that nothing gives the city its priorities.
func (l *loader) needPriorities() {
	if l.unplaced == nil || len(l.city.Priorities) > 0 || l.table("priority").open && l.plansFailed() {
		return
	}
	l.unplaced.get("priorities", required)
	l.open("priority", "goal")
}

// plansFailed reports whether a plan could not be read, which might have given the city its priorities.
func (l *loader) plansFailed() bool {
	for _, ds := range l.datasets {
		if n := ds.o.value["indicators"]; n != nil && (n.kind == mapping || slices.ContainsFunc(n.items, isPlan)) {
			return true
		}
	}
	return false
}
