package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// makeIndicators makes an indicator of every row.
func (p *plan) makeIndicators() {
	l := p.ds.loader
	if l.inPlan == nil {
		l.inPlan = map[place][]string{}
	}
	l.inRows = true
	defer func() { l.inRows = false }()
	for _, r := range p.rows {
		o, ok := p.object(r)
		if !ok {
			continue // it is a mapping that was made here
		}
		ind := p.ds.indicator(o)
		ind.Plan, ind.Code = r.node, r.cells["code"].raw
		if id := r.cells["code"]; p.column("code") != nil && id.listed {
			ind.Code = id.text
		}
		l.city.Indicators = append(l.city.Indicators, ind)
		p.fillLater(r, len(l.city.Indicators)-1)
	}
}

// repeated reports whether enough has been said about a line that stands for all rows of a plan: a mistake there is one mistake.
func (l *loader) repeated(at place, message string) bool {
	const most = 3 // where it says something else for each row
	if l.inPlan == nil || at.src.cells != nil {
		return false
	}
	said := l.inPlan[at]
	if l.inRows && len(said) >= most || slices.Contains(said, message) {
		return true
	}
	l.inPlan[at] = append(said, message)
	return false
}

// object writes a row out as an indicator of the folder. What could not be read is in it as such: it was reported.
func (p *plan) object(r *planRow) (object, bool) {
	n := &node{src: p.every.n.src, line: p.every.n.line, column: p.every.n.column, kind: mapping, size: 1}
	put := func(key string, value *node) {
		if value != nil {
			n.pairs = append(n.pairs, pair{&node{src: value.src, line: value.line, column: value.column, kind: scalar, text: key}, value})
		}
	}
	put("id", p.idNode(r))
	for _, q := range p.every.n.pairs {
		if p.elsewhere(q.key.text) {
			continue
		}
		f := filler{plan: p, row: r}
		value := f.fill(q.value, q.key.text, "")
		if q.key.text == "baseline" && f.lack {
			continue // the table knows none for this row
		}
		if q.key.text == "project" && value != nil && value.kind == mapping && wholeProject(q.value) && !wholeProject(value) {
			continue // this row is none
		}
		if value != nil && p.every.key[q.key.text] != nil {
			n.pairs = append(n.pairs, pair{q.key, value})
		}
	}
	f := filler{plan: p, row: r}
	for _, c := range p.columns {
		if slices.Contains(indicatorShape.keys(), c.name) {
			put(c.name, f.cellNode(c.name))
		}
	}
	p.putWay(r, put)
	return p.ds.object(n, indicatorShape)
}

// elsewhere reports whether a key is given by something else than every: who gives it there as well was told.
func (p *plan) elsewhere(key string) bool {
	return key == "id" || p.column(key) != nil || len(p.levels) > 0 && (key == "priority" || key == "goal")
}

// putWay gives the row its priority and goal.
func (p *plan) putWay(r *planRow, put func(string, *node)) {
	if len(p.levels) > 0 && len(r.way) == 0 {
		put("priority", brokenNode(r.levels[0].at))
	}
	for i, key := range []string{"priority", "goal"} {
		if i < len(r.way) {
			put(key, cellNode(r.levels[i].at, r.way[i]))
		}
	}
}

func cellNode(at place, text string) *node {
	return &node{src: at.src, line: at.line, column: at.column, kind: scalar, text: text, spare: true, size: 1}
}

// brokenNode is what was reported already.
func brokenNode(at place) *node {
	return &node{src: at.src, line: at.line, column: at.column, kind: broken, size: 1}
}

// idNode makes the id of a row. It stands where the first column of which it is made does.
func (p *plan) idNode(r *planRow) *node {
	first := placeholders.FindStringSubmatch(p.id.text)[1]
	id := placeholders.ReplaceAllStringFunc(p.id.text, func(m string) string { return longSlug(r.cells[m[1:len(m)-1]].text) })
	return cellNode(r.cells[first].at, id)
}

// filler fills in what a row has in the places of {name}.
type filler struct {
	*plan
	row  *planRow
	lack bool // a cell that alone is a value is blank
}

// fill copies a node of every for the row; nil if there is nothing to be said for this row. key is that of the value, within the one of the
// mapping in which it stands.
func (f *filler) fill(n *node, key, within string) *node {
	switch n.kind {
	case scalar:
		return f.fillScalar(n, key, within)
	case mapping, sequence:
	default:
		return n
	}
	out := *n
	out.pairs, out.items = nil, nil
	for _, item := range n.items {
		inner := filler{plan: f.plan, row: f.row}
		if value := inner.fill(item, key, within); value != nil && !inner.lack {
			out.items = append(out.items, value)
		}
	}
	for _, q := range n.pairs {
		if value := f.fill(q.value, q.key.text, key); value != nil {
			out.pairs = append(out.pairs, pair{q.key, value})
		}
	}
	return &out
}

// fillScalar fills in a value. One that is nothing but {name} is the cell itself: a number if it is one.
func (f *filler) fillScalar(n *node, key, within string) *node {
	m := placeholders.FindStringSubmatch(n.text)
	switch {
	case m == nil:
		return n
	case slices.Contains([]string{"where", "of", "when"}, key) || key == "per" && within == string(kpi.MeasureRatio):
		return f.fillExpression(n, key)
	case m[0] == strings.TrimSpace(n.text):
		c := f.cellNode(m[1])
		f.lack = f.lack || c == nil
		return c
	}
	if f.needsBroken(n.text) {
		return brokenNode(n.place())
	}
	out := *n
	out.text, out.spare = fillText(n.text, f.row, ""), true
	return &out
}

// needsBroken reports whether a text needs a cell that was reported.
func (f *filler) needsBroken(text string) bool {
	return slices.ContainsFunc(placeholders.FindAllStringSubmatch(text, -1), func(m []string) bool { return f.column(m[1]) == nil || f.row.cells[m[1]].broken })
}

// cellNode is a cell as a value; nil if it is blank.
func (f *filler) cellNode(name string) *node {
	c := f.row.cells[name]
	switch {
	case f.column(name) == nil:
		return brokenNode(f.every.n.place())
	case c.broken:
		return brokenNode(c.at)
	}
	if c.text == "" {
		return nil
	}
	n := cellNode(c.at, c.text)
	if isBool(c.text) && !c.listed {
		n.style = doubleQuoted // a text that happens to look like a yes or no
	}
	if !kpi.ValidID(c.text) {
		n.text = f.named(name, c.text)
	}
	return n
}

// named returns the id of a department or person whom the table calls by name, and any other text as it is.
func (p *plan) named(column, text string) string {
	key := kpi.NormaliseName(text)
	switch column {
	case "department":
		for _, d := range p.ds.city.Departments {
			if kpi.NormaliseName(d.Name.String(d.Name.Source)) == key {
				return d.ID
			}
		}
	case "owner":
		for _, q := range p.ds.city.People {
			if kpi.NormaliseName(q.Name) == key || kpi.NormaliseName(q.Title.String(q.Title.Source)) == key {
				return q.ID
			}
		}
	}
	return text
}

// fillText fills in a text. name is that of the indicator in the language of the text, if it has one.
func fillText(template string, r *planRow, name string) string {
	return placeholders.ReplaceAllStringFunc(template, func(m string) string {
		if m == "{name}" && name != "" {
			return name
		}
		c := r.cells[m[1:len(m)-1]]
		if c.listed {
			return c.text
		}
		return c.raw
	})
}

// fillExpression fills in literals. What stands in a cell never becomes anything else: it is put into the tree of the expression, not into
// its text.
func (f *filler) fillExpression(n *node, key string) *node {
	if f.needsBroken(n.text) {
		return brokenNode(n.place())
	}
	text, from := quotePlaceholders(n.text)
	tree, err := expr.Parse(text)
	if err != nil {
		f.ds.mistakesFrom(n, err, from)
		return brokenNode(n.place())
	}
	s := &substitution{filler: f, key: key}
	if tree = s.tree(tree, expr.Text); s.refused {
		return brokenNode(n.place())
	}
	out := *n
	out.text = expr.String(tree)
	return &out
}

// quotePlaceholders puts every {name} that is not within quotes into quotes. from is where each byte of the result stands in s.
func quotePlaceholders(s string) (text string, from []int) {
	var b strings.Builder
	put := func(c byte, at int) {
		b.WriteByte(c)
		from = append(from, at)
	}
	quoted, end := false, -1
	for i := range len(s) {
		if s[i] == '\'' {
			quoted = !quoted
		}
		if m := placeholders.FindStringIndex(s[i:]); !quoted && m != nil && m[0] == 0 {
			put('\'', i)
			end = i + m[1] - 1
		}
		put(s[i], i)
		if i == end {
			put('\'', i)
		}
	}
	return b.String(), append(from, len(s))
}

// substitution fills in the literals of one expression.
type substitution struct {
	*filler
	key     string
	refused bool // a cell cannot stand where it should
}

// tree copies an expression with what the row has. want is the type that a literal needs to have where it stands.
func (s *substitution) tree(n expr.Node, want expr.Type) expr.Node {
	switch n := n.(type) {
	case *expr.Literal:
		return s.literal(n, want)
	case *expr.Not:
		return &expr.Not{At: n.At, X: s.tree(n.X, expr.Boolean)}
	case *expr.Negate:
		return &expr.Negate{At: n.At, X: s.tree(n.X, expr.Number)}
	case *expr.IsNull:
		return &expr.IsNull{At: n.At, X: s.tree(n.X, want), Negated: n.Negated}
	case *expr.Binary:
		left, right := s.operands(n, want)
		return &expr.Binary{At: n.At, Op: n.Op, L: s.tree(n.L, left), R: s.tree(n.R, right)}
	case *expr.In:
		of := s.typeOf(n.X)
		out := &expr.In{At: n.At, X: s.tree(n.X, want), Negated: n.Negated}
		for _, lit := range n.List {
			out.List = append(out.List, s.literal(lit, of))
		}
		return out
	case *expr.Between:
		of := s.typeOf(n.X, n.Lo, n.Hi)
		return &expr.Between{At: n.At, X: s.tree(n.X, of), Lo: s.tree(n.Lo, of), Hi: s.tree(n.Hi, of), Negated: n.Negated}
	case *expr.Call:
		out := &expr.Call{At: n.At, Name: n.Name}
		for _, a := range n.Args {
			out.Args = append(out.Args, s.tree(a, s.typeOf(a)))
		}
		return out
	}
	return n
}

// operands returns the types that literals on the two sides of an operator need to have.
func (s *substitution) operands(n *expr.Binary, want expr.Type) (left, right expr.Type) {
	switch n.Op {
	case "and", "or":
		return expr.Boolean, expr.Boolean
	case "+", "-", "*", "/":
		return expr.Number, expr.Number
	}
	return s.typeOf(n.R), s.typeOf(n.L)
}

// typeOf is the type of the first expression that is more than a placeholder; text if there is none.
func (s *substitution) typeOf(list ...expr.Node) expr.Type {
	for _, n := range list {
		if lit, ok := n.(*expr.Literal); ok && placeholderOf(lit) != "" {
			continue
		}
		if b, ok := n.(*expr.Binary); ok && strings.Contains("+-*/", b.Op) {
			return expr.Number
		}
		if t, err := expr.Check(n, s.ds.columns); err == nil && t != expr.Null {
			return t
		}
	}
	return expr.Text
}

// placeholderOf returns the name in a literal that is nothing but {name}.
func placeholderOf(n *expr.Literal) string {
	text, ok := n.Value.(string)
	if m := placeholders.FindStringSubmatch(text); ok && m != nil && m[0] == text {
		return m[1]
	}
	return ""
}

// literal fills in a literal.
func (s *substitution) literal(n *expr.Literal, want expr.Type) *expr.Literal {
	text, ok := n.Value.(string)
	if !ok || !placeholders.MatchString(text) {
		return n
	}
	out := &expr.Literal{At: n.At, Type: expr.Text}
	for _, m := range placeholders.FindAllStringSubmatch(text, -1) {
		switch c := s.row.cells[m[1]]; {
		case c.text == "":
			return s.refuse(c, out, "the cell is blank, and %s needs what stands in it", s.key)
		case strings.ContainsFunc(c.text+c.raw, unicode.IsControl):
			return s.refuse(c, out, "%s holds a character that nobody can see, and %s needs a plain text", short(c.text), s.key)
		}
	}
	name := placeholderOf(n)
	if name == "" {
		out.Value = fillText(text, s.row, "")
		return out
	}
	c := s.row.cells[name]
	switch want {
	case expr.Number:
		v, err := strconv.ParseFloat(c.text, 64)
		if err != nil || !numeric(c.text) {
			return s.refuse(c, out, "%s is no number, and %s needs one", short(c.text), s.key)
		}
		out.Type, out.Value = expr.Number, v
	case expr.Date, expr.Timestamp:
		day, err := kpi.ParseDate(c.text)
		if err != nil {
			return s.refuse(c, out, "%s is no day such as 2025-12-31, and %s needs one", short(c.text), s.key)
		}
		out.Type, out.Value = expr.Date, day.String()
	default:
		out.Value = c.text
	}
	return out
}

// refuse reports a cell that cannot stand in an expression.
func (s *substitution) refuse(c planCell, out *expr.Literal, format string, args ...any) *expr.Literal {
	s.refused = true
	s.ds.add(SeverityError, c.at, fmt.Sprintf(format, args...), "mend the cell")
	out.Value = ""
	return out
}
