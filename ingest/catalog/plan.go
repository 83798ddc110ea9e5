package catalog

import (
	"regexp"
	"slices"
	"strings"

	"citystat/kpi"
)

// A city's plan comes as a table: hundreds of goals, a row each, under the levels that the city itself has given its plan. What all rows
// have in common is written once, under every; {name} stands there for what the row has in the column of that name. Each row becomes an
// indicator as if somebody had written it out, and is checked as one; what is wrong is told at the cell or at the line that it comes from.

// maxPlanRows is the number of rows that a plan may have.
const maxPlanRows = 5_000

// maxPlanBytes is the size that the file of a plan may have.
const maxPlanBytes = 64 << 20

var (
	planName     = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	placeholders = regexp.MustCompile(`\{([a-z][a-z0-9_]*)\}`)
)

// plan is a table of indicators that is being read.
type plan struct {
	ds      *dataset
	o       object
	every   object
	source  kpi.Source
	at      *node // where the table is named
	columns []planColumn
	levels  []planLevel
	id      *node
	src     *source // the table itself
	rows    []*planRow
	broken  bool // something is wrong that every row would say again: no indicators are made
	phrases map[string]*phrase
}

// planLevel is one level of the city's plan: where the table has its names and, perhaps, its numbers.
type planLevel struct {
	name       kpi.Text
	from, code planColumn
}

// openPlan notes that what a plan would have made is not known.
func (ds *dataset) openPlan() { ds.open("indicator", "priority", "goal", "every", "level", "plan") }

// isPlan reports whether an entry of indicators names a table.
func isPlan(n *node) bool {
	return n.kind == mapping && slices.ContainsFunc(n.pairs, func(q pair) bool { return q.key.text == "from" })
}

// readPlan reads indicators that are the rows of a table.
func (ds *dataset) readPlan(n *node) error {
	o, ok := ds.object(n, planShape)
	if !ok {
		ds.openPlan()
		return nil
	}
	p := &plan{ds: ds, o: o, phrases: map[string]*phrase{}}
	if err := p.readSource(); err != nil {
		return err
	}
	p.readColumns()
	p.readLevels()
	p.readEvery()
	p.readID()
	if p.broken = p.broken || p.every.n == nil || p.id == nil; p.source.Path == "" {
		ds.openPlan()
		return nil
	}
	if err := p.readRows(); err != nil {
		return err
	}
	if p.broken {
		ds.openPlan()
		return nil
	}
	p.makeNodes()
	p.makeIndicators()
	ds.plans = append(ds.plans, p)
	return nil
}

// readSource reads where the table is: the dataset's own file, a file of the folder, or a source of its own.
func (p *plan) readSource() error {
	p.at = p.o.get("from", required)
	if p.at == nil {
		return nil
	}
	sheet := p.o.value["sheet"]
	if p.at.kind == scalar && p.at.text == "source" {
		own := p.ds.d.Source
		switch {
		case own.Kind == "": // reported
		case own.Path == "" || own.Kind != kpi.SourceCSV && own.Kind != kpi.SourceXLSX:
			p.ds.bad(p.at, "keep the plan as a file of the folder, and write from: data/plan.xlsx", "the dataset's own source is no CSV file or workbook of the folder, and a plan is read before anything is fetched")
		default:
			p.source = own
		}
		p.notBeside(sheet)
		return nil
	}
	n := p.at
	if n.kind == scalar {
		n = p.fileSource(n, sheet)
	} else {
		p.notBeside(sheet)
	}
	if n == nil {
		return nil
	}
	return p.otherSource(n)
}

// notBeside refuses a sheet that stands beside a source which names its own.
func (p *plan) notBeside(sheet *node) {
	if sheet != nil {
		p.ds.bad(p.o.key["sheet"], "write it within the source", "sheet stands beside a source, which says itself what is read")
	}
}

// fileSource makes the source of a path: from: data/plan.xlsx, sheet: Plan.
func (p *plan) fileSource(n, sheet *node) *node {
	word := func(text string) *node {
		return &node{src: n.src, line: n.line, column: n.column, kind: scalar, text: text}
	}
	kind := kpi.SourceCSV
	switch lower := strings.ToLower(n.text); {
	case strings.HasSuffix(lower, ".xlsx"):
		kind = kpi.SourceXLSX
	case !strings.HasSuffix(lower, ".csv"):
		p.ds.bad(n, "write from: {kind: csv, path: "+n.text+"}, or whatever it is, or from: source for the dataset's own file", "nothing says what %s is", short(n.text))
		return nil
	}
	m := &node{src: n.src, line: n.line, column: n.column, kind: mapping, pairs: []pair{{word("kind"), word(kind)}, {word("path"), n}}}
	if sheet != nil {
		m.pairs = append(m.pairs, pair{p.o.key["sheet"], sheet})
	}
	return m
}

// otherSource reads a source by the rules for those of datasets.
func (p *plan) otherSource(n *node) error {
	key := p.o.key["from"]
	of := &dataset{plan: true, loader: p.ds.loader, o: object{l: p.ds.loader, n: p.o.n, shape: datasetShape, value: map[string]*node{"source": n}, key: map[string]*node{"source": key}}}
	before := p.ds.said()
	if err := of.readSource(); err != nil {
		return err
	}
	src := of.d.Source
	switch {
	case p.ds.said() > before || src.Kind == "":
	case src.Kind != kpi.SourceCSV && src.Kind != kpi.SourceXLSX:
		p.ds.bad(n, "keep it as a workbook or as CSV", "a plan is a table of kind csv or xlsx, and this one is %s", src.Kind)
	case src.URL != "":
		p.ds.bad(n, "keep the plan as a file of the folder", "a plan is read when the folder is, and nothing is fetched then")
	case len(src.Unpivot) > 0:
		p.ds.bad(n, "leave unpivot out; targets may name the columns of several years", "every row of a plan is one indicator, and unpivot makes several of it")
	default:
		p.source = src
	}
	return nil
}

// readColumns reads which columns of the table have which names here.
func (p *plan) readColumns() {
	for _, pair := range p.o.pairs("columns", required) {
		name := pair.key.text
		if !planName.MatchString(name) {
			p.ds.bad(pair.key, "names are small letters, digits and _, beginning with a letter, such as "+planShape.line("columns"), "%s cannot name a column", short(name))
			continue
		}
		if slices.Contains(planNotCells(), name) {
			p.ds.bad(pair.key, "write it under every, with {…} for what stands in a cell", "%q is made of more than one cell", name)
			continue
		}
		if c, ok := p.readColumn(name, pair.value); ok {
			p.columns = append(p.columns, c)
		}
	}
	if n := p.o.value["columns"]; n != nil && n.kind == mapping && len(n.pairs) == 0 {
		p.o.empty("columns", n)
	}
}

// said is the number of problems so far.
func (l *loader) said() int {
	return len(l.problems) + l.unlisted[SeverityError] + l.unlisted[SeverityWarning]
}

// planNotCells lists the keys of an indicator that no single cell can fill.
func planNotCells() []string {
	return []string{"id", "measure", "baseline", "targets", "project", "judge", "rebase", "equity", "suppress", "changes", "paired_with"}
}

// column returns the column of the name, or nil.
func (p *plan) column(name string) *planColumn {
	for i := range p.columns {
		if p.columns[i].name == name {
			return &p.columns[i]
		}
	}
	return nil
}

// readLevels reads the levels of the city's plan.
func (p *plan) readLevels() {
	for _, n := range p.o.list("plan", optional) {
		o, ok := p.ds.object(n, planLevelShape)
		if !ok {
			p.broken = true
			continue
		}
		_, text := o.raw("level", required)
		l := planLevel{name: p.ds.phrase(o, "level", required, address("level", slug(text)))}
		_, l.from.header = o.raw("from", required)
		_, l.code.header = o.raw("code", optional)
		l.from.at, l.code.at = o.value["from"], o.value["code"]
		p.broken = p.broken || l.name.IsZero() || l.from.header == ""
		p.levels = append(p.levels, l)
	}
	if n := p.o.value["plan"]; n != nil && n.kind != sequence || p.o.misspelt("plan") {
		p.broken = true
	}
	if n := p.o.value["plan"]; n != nil && n.kind == sequence && len(n.items) == 0 {
		p.broken = true
		p.o.empty("plan", n)
	}
	if len(p.levels) > 0 {
		p.nameLevels()
	}
}

// nameLevels makes the levels those of the city. A second table may belong to the same plan.
func (p *plan) nameLevels() {
	city := &p.ds.city.Plan
	names := make([]kpi.Text, len(p.levels))
	for i, l := range p.levels {
		names[i] = l.name
	}
	same := func(a, b kpi.Text) bool { return a.String(a.Source) == b.String(b.Source) }
	switch {
	case len(city.Levels) == 0:
		city.Levels = names
	case !slices.EqualFunc(city.Levels, names, same):
		p.ds.bad(p.o.value["plan"], "name the same levels in the same order", "another table gives the city's plan other levels")
	}
}

// readEvery reads what all rows have in common. Texts that are written there are the folder's own, and translated once for all rows.
func (p *plan) readEvery() {
	n := p.o.get("every", required)
	if n == nil {
		return
	}
	var ok bool
	if p.every, ok = p.ds.object(n, indicatorShape); !ok {
		return
	}
	for _, q := range n.pairs {
		switch name := q.key.text; {
		case name == "id":
			p.ds.bad(q.key, "write id beside every", "the id is made for each row")
		case p.column(name) != nil:
			p.ds.bad(q.key, "keep one of the two", "%q is given here, and by the column %s as well", name, short(p.column(name).header))
		case len(p.levels) > 0 && (name == "priority" || name == "goal"):
			p.ds.bad(q.key, "leave it out", "the levels of the plan give every indicator its %s", name)
		}
	}
	for _, name := range []string{"priority", "goal"} {
		if c := p.column(name); c != nil && len(p.levels) > 0 {
			p.ds.bad(c.at, "leave it out", "the levels of the plan give every indicator its %s", name)
		}
	}
	p.checkPlaceholders(n)
	p.notePhrases()
}

// checkPlaceholders reports every {name} that no column has.
func (p *plan) checkPlaceholders(n *node) {
	for _, item := range n.items {
		p.checkPlaceholders(item)
	}
	for _, q := range n.pairs {
		p.checkPlaceholders(q.value)
	}
	if n.kind != scalar {
		return
	}
	for _, m := range placeholders.FindAllStringSubmatchIndex(n.text, -1) {
		if name := n.text[m[2]:m[3]]; p.column(name) == nil && !p.misread(name) {
			var names []string
			for _, c := range p.columns {
				names = append(names, c.name)
			}
			p.ds.add(SeverityError, n.at(m[0]), "there is no column "+short(name)+" to fill in", suggest(name, names, "the columns are"))
		}
	}
}

// misread reports whether the column is declared, and could not be read.
func (p *plan) misread(name string) bool {
	n := p.o.value["columns"]
	return n == nil || n.kind != mapping || slices.ContainsFunc(n.pairs, func(q pair) bool { return q.key.text == name })
}

// readID reads how ids are made.
func (p *plan) readID() {
	n, text := p.o.raw("id", required)
	if n == nil {
		return
	}
	if !placeholders.MatchString(text) {
		p.ds.bad(n, "write "+planShape.line("id"), "every row would have the id %s", short(text))
		return
	}
	before := p.ds.said()
	if p.checkPlaceholders(n); p.ds.said() == before {
		p.id = n
	}
}
