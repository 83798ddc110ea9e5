package catalog

import (
	"fmt"
	"slices"
	"strings"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// expression checks an expression over the dataset's columns: that it can be read, that its type is the wanted one, and that it is not
// compared with words that can never stand in a column. It returns the tree, nil if there is none without mistakes.
func (ds *dataset) expression(n *node, what string, want expr.Type) expr.Node {
	tree, err := expr.Parse(n.text)
	if err != nil {
		ds.mistakes(n, err)
		return nil
	}
	if ds.guess(tree) {
		return nil
	}
	t, err := expr.Check(tree, ds.columns)
	if err != nil {
		ds.mistakes(n, err)
		return nil
	}
	if t != want {
		ds.bad(n, expressionMend(want, t), "%s needs %s, and %s is %s", what, wanted(want), short(strings.TrimSpace(n.text)), article(t))
		return nil
	}
	ds.members(n, tree)
	return tree
}

// guess reports whether the expression names a column whose declaration is not understood: nothing is known about its type then.
func (ds *dataset) guess(tree expr.Node) bool {
	for _, name := range expr.Columns(tree) {
		if _, ok := ds.columns[name]; !ok && (ds.broken[name] || ds.unsure) {
			return true
		}
	}
	return false
}

// mistakes reports what is wrong within an expression, each at its own character.
func (ds *dataset) mistakes(n *node, err error) { ds.mistakesFrom(n, err, nil) }

// mistakesFrom reports mistakes in a text that was made of the node's. from is where each byte of it stands there; nil: in the same place.
func (ds *dataset) mistakesFrom(n *node, err error, from []int) {
	list := expr.Mistakes(err)
	if len(list) == 0 {
		ds.bad(n, "write it more simply", "the expression %s cannot be read: %v", short(n.text), err)
	}
	for _, m := range list {
		message, mend, _ := strings.Cut(m.Message, "; ")
		if text := strings.TrimSpace(n.text); text != "" {
			message += " in " + short(text)
		}
		pos := m.Pos
		if pos < len(from) {
			pos = from[pos]
		}
		ds.add(SeverityError, n.at(pos), message, mend)
	}
}

func wanted(t expr.Type) string {
	if t == expr.Boolean {
		return "something that is true or false for each row"
	}
	return article(t)
}

// article puts an article before the name of a type.
func article[T ~string](t T) string {
	if t == T(kpi.TypeInteger) {
		return "an " + string(t)
	}
	return "a " + string(t)
}

func expressionMend(want, got expr.Type) string {
	switch {
	case want == expr.Boolean && got == expr.Number:
		return "compare it with a number, such as … > 0"
	case want == expr.Boolean && got == expr.Text:
		return "compare it with a text, such as … = 'street-light'"
	case want == expr.Boolean:
		return "write a comparison, such as closed <= due"
	case got == expr.Boolean:
		return "use share for what is true or false, or write a number"
	case got == expr.Timestamp || got == expr.Date:
		return "write the time between two days, such as days_between(opened, closed)"
	}
	return "name a column of numbers, or compute one"
}

// members reports texts that are compared with a column which can never hold them: one with a list of values, or a district.
func (ds *dataset) members(n *node, tree expr.Node) {
	expr.Walk(tree, func(e expr.Node) {
		switch e := e.(type) {
		case *expr.Binary:
			if e.Op == "=" || e.Op == "<>" {
				ds.member(n, e.L, e.R)
				ds.member(n, e.R, e.L)
			}
		case *expr.In:
			for _, lit := range e.List {
				ds.member(n, e.X, lit)
			}
		}
	})
}

// member reports the literal if the column cannot hold it.
func (ds *dataset) member(n *node, column, literal expr.Node) {
	c, isColumn := column.(*expr.Column)
	lit, isLiteral := literal.(*expr.Literal)
	if !isColumn || !isLiteral {
		return
	}
	s, isText := lit.Value.(string)
	i := slices.IndexFunc(ds.d.Columns, func(d kpi.Column) bool { return d.Name == c.Name })
	if i < 0 || !isText {
		return
	}
	allowed, all := ds.domain(ds.d.Columns[i])
	if allowed == nil || slices.Contains(allowed, s) {
		return
	}
	ds.add(SeverityError, n.at(lit.Pos()), fmt.Sprintf("the column %q never holds %s", c.Name, short(s)), suggest(s, allowed, all))
}

// domain returns the words that a column can hold; nil if they are not limited, or not known.
func (ds *dataset) domain(c kpi.Column) (allowed []string, all string) {
	switch {
	case c.Type == kpi.TypeDistrict && !ds.table("district").open && len(ds.table("district").list) > 0:
		return append(slices.Clone(ds.table("district").list), kpi.MemberNotRecorded, kpi.MemberNotRecognised), "the districts are"
	case len(c.Values) > 0:
		for _, v := range c.Values {
			allowed = append(allowed, v)
		}
		if c.OthersAre != "" {
			allowed = append(allowed, c.OthersAre)
		}
		slices.Sort(allowed)
		return slices.Compact(allowed), "its values are"
	}
	return nil, ""
}
