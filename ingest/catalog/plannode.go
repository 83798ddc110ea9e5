package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"citystat/kpi"
)

// planNode is a part of the plan before it has an id.
type planNode struct {
	level        int
	parent       *planNode
	code, name   string
	at           place // where it is met first
	id           string
	text         kpi.Text
	declared     bool // city.yaml has it
	first, other int  // rows
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

// nameNodes gives the parts of the plan their ids. They depend on what a part is called and numbered and on nothing else, so that the
// addresses of pages stay: the level and the number; with the name, where a number stands for two; with a digest of the whole way, where
// that is not enough either.
func (p *plan) nameNodes(list []*planNode) {
	ids := []func(*planNode) string{
		func(n *planNode) string {
			if n.code == "" {
				return cutSlug(n.name, 64)
			}
			return cutSlug(p.levels[n.level].name.String(p.ds.language)+" "+n.code, 64)
		},
		func(n *planNode) string { return cutSlug(n.code+" "+n.name, 64) },
		func(n *planNode) string { return strings.Trim(cutSlug(n.code+" "+n.name, 55)+"-"+digest(n), "-") },
	}
	open := list
	for i, id := range ids {
		count := map[string]int{}
		for _, n := range open {
			n.id = id(n)
			count[n.id]++
		}
		open = slices.DeleteFunc(slices.Clone(open), func(n *planNode) bool {
			return n.id != "" && count[n.id] == 1 && (i == 0 || !slices.ContainsFunc(list, func(m *planNode) bool { return m != n && m.id == n.id }))
		})
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

// enter makes a part of the plan known: to the plan, and on the first two levels as a priority or goal. One that city.yaml declares, by the
// same id or name, stays as it is there.
func (p *plan) enter(n *planNode) {
	parent := ""
	if n.parent != nil {
		parent = n.parent.id
	}
	n.text = kpi.NewText(p.ds.language, n.name)
	switch n.level {
	case 0:
		p.enterPriority(n)
	case 1:
		p.enterGoal(n)
	default:
		p.note(n, "plan")
	}
	nodes := &p.ds.city.Plan.Nodes
	if !slices.ContainsFunc(*nodes, func(x kpi.PlanNode) bool { return x.ID == n.id }) {
		*nodes = append(*nodes, kpi.PlanNode{ID: n.id, Parent: parent, Level: n.level, Code: n.code, Name: n.text})
	}
}

// note makes the name of a part known as a text that may be translated.
func (p *plan) note(n *planNode, kind string) {
	p.ds.note(address(kind, n.id, "name"), &phrase{text: n.text, where: n.at, state: given, spare: true})
}

func (p *plan) enterPriority(n *planNode) {
	city := &p.ds.city
	is := func(q kpi.Priority) bool {
		return q.ID == n.id || kpi.NormaliseName(q.Name.String(q.Name.Source)) == kpi.NormaliseName(n.name)
	}
	if i := slices.IndexFunc(city.Priorities, is); i >= 0 {
		n.id, n.text = city.Priorities[i].ID, city.Priorities[i].Name
		return
	}
	n.id = p.define("priority", n)
	p.note(n, "priority")
	p.ds.note(address("priority", n.id, "promise"), &phrase{state: absent})
	city.Priorities = append(city.Priorities, kpi.Priority{ID: n.id, Name: n.text, Promise: kpi.NewText(p.ds.language, ""), Goals: []kpi.Goal{}})
}

func (p *plan) enterGoal(n *planNode) {
	own := p.ds.city.Priority(n.parent.id)
	is := func(g kpi.Goal) bool {
		return g.ID == n.id || kpi.NormaliseName(g.Name.String(g.Name.Source)) == kpi.NormaliseName(n.name)
	}
	if i := slices.IndexFunc(own.Goals, is); i >= 0 {
		n.id, n.text = own.Goals[i].ID, own.Goals[i].Name
		return
	}
	n.id = p.define("goal", n)
	p.note(n, "goal")
	own.Goals = append(own.Goals, kpi.Goal{ID: n.id, Name: n.text})
}

// define makes the id of a part known, another one if it is something else's already.
func (p *plan) define(kind string, n *planNode) string {
	if p.ds.table(kind).ids[n.id] != nil {
		n.id = strings.Trim(cutSlug(n.code+" "+n.name, 55)+"-"+digest(n), "-")
	}
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
