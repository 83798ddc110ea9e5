package expr

import (
	"slices"
	"strconv"
	"strings"
)

// String writes the expression in its canonical form: keywords in small letters, one space around operators, no parenthesis
// that is not needed. Parse reads it back as the same tree, up to positions.
func String(n Node) string {
	var b strings.Builder
	write(&b, n)
	return b.String()
}

// The strengths of operators, loosest first.
const (
	strengthOr = iota + 1
	strengthAnd
	strengthNot
	strengthCompare
	strengthSum
	strengthProduct
	strengthSign
	strengthPrimary
)

func strength(n Node) int {
	switch n := n.(type) {
	case *Binary:
		switch n.Op {
		case "or":
			return strengthOr
		case "and":
			return strengthAnd
		case "+", "-":
			return strengthSum
		case "*", "/":
			return strengthProduct
		}
		return strengthCompare
	case *Not:
		return strengthNot
	case *IsNull, *In, *Between:
		return strengthCompare
	case *Negate:
		return strengthSign
	}
	return strengthPrimary
}

// writeAt writes n, in parentheses if it is looser than least.
func writeAt(b *strings.Builder, n Node, least int) {
	if strength(n) >= least {
		write(b, n)
		return
	}
	b.WriteByte('(')
	write(b, n)
	b.WriteByte(')')
}

func write(b *strings.Builder, n Node) {
	switch n := n.(type) {
	case *Literal:
		b.WriteString(literalString(n))
	case *Column:
		b.WriteString(n.Name)
	case *AsOf:
		b.WriteString("as_of")
	case *Not:
		b.WriteString("not ")
		writeAt(b, n.X, strengthNot)
	case *Negate:
		b.WriteByte('-')
		if _, twice := n.X.(*Negate); twice {
			b.WriteByte(' ') // "--" would look like a comment
		}
		writeAt(b, n.X, strengthSign)
	case *Binary:
		writeBinary(b, n)
	case *IsNull:
		writeAt(b, n.X, strengthCompare+1)
		b.WriteString(either(n.Negated, " is not null", " is null"))
	case *In:
		writeIn(b, n)
	case *Between:
		writeAt(b, n.X, strengthCompare+1)
		b.WriteString(either(n.Negated, " not between ", " between "))
		writeAt(b, n.Lo, strengthCompare+1)
		b.WriteString(" and ")
		writeAt(b, n.Hi, strengthCompare+1)
	case *Call:
		writeCall(b, n)
	}
}

func either(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

func writeBinary(b *strings.Builder, n *Binary) {
	s := strength(n)
	left := s
	if s == strengthCompare { // comparisons do not chain
		left++
	}
	writeAt(b, n.L, left)
	b.WriteString(" " + n.Op + " ")
	writeAt(b, n.R, s+1)
}

func writeIn(b *strings.Builder, n *In) {
	writeAt(b, n.X, strengthCompare+1)
	b.WriteString(either(n.Negated, " not in (", " in ("))
	for i, l := range n.List {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(literalString(l))
	}
	b.WriteByte(')')
}

func writeCall(b *strings.Builder, n *Call) {
	b.WriteString(n.Name + "(")
	for i, arg := range n.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		write(b, arg)
	}
	b.WriteByte(')')
}

func literalString(l *Literal) string {
	switch v := l.Value.(type) {
	case string:
		if l.Type == Date {
			return "date " + quote(v)
		}
		return quote(v)
	case float64:
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if len(s) > 20 {
			s = strconv.FormatFloat(v, 'e', -1, 64)
		}
		return s
	case bool:
		return strconv.FormatBool(v)
	}
	return "null"
}

// Walk calls visit for the node and everything beneath it, parents first. Literals of in-lists are not visited.
func Walk(n Node, visit func(Node)) {
	visit(n)
	for _, c := range children(n) {
		Walk(c, visit)
	}
}

func children(n Node) []Node {
	switch n := n.(type) {
	case *Not:
		return []Node{n.X}
	case *Negate:
		return []Node{n.X}
	case *Binary:
		return []Node{n.L, n.R}
	case *IsNull:
		return []Node{n.X}
	case *In:
		return []Node{n.X}
	case *Between:
		return []Node{n.X, n.Lo, n.Hi}
	case *Call:
		return n.Args
	}
	return nil
}

// Columns returns the names of the columns that the expression reads, each once, in the order in which they appear.
func Columns(n Node) []string {
	var names []string
	Walk(n, func(n Node) {
		if c, ok := n.(*Column); ok && !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	})
	return names
}

// UsesAsOf reports whether the value of the expression can change with the as-of date alone, without new rows.
func UsesAsOf(n Node) bool {
	uses := false
	Walk(n, func(n Node) {
		if _, ok := n.(*AsOf); ok {
			uses = true
		}
	})
	return uses
}
