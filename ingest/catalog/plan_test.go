package catalog

import (
	"strings"
	"testing"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/expr"
)

func TestLetters(t *testing.T) {
	for column, want := range map[int]string{1: "A", 26: "Z", 27: "AA", 52: "AZ", 53: "BA", 702: "ZZ", 703: "AAA", 16384: "XFD"} {
		if got := letters(column); got != want {
			t.Errorf("column %d is %s and should be %s", column, got, want)
		}
	}
}

func TestSlugs(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Eje 1. Ambiente, Conectividad y Ordenamiento y servicios públicos", "eje-1-ambiente-conectividad-y-ordenamiento-y-servicios-publicos"},
		{"Niñez, juventud — y más", "ninez-juventud-y-mas"},
		{strings.Repeat("palabra ", 20), strings.TrimSuffix(strings.Repeat("palabra-", 8), "-")},
		{strings.Repeat("x", 100), strings.Repeat("x", 64)},
		{"中文", ""},
	} {
		if got := cutSlug(c.text, 64); got != c.want {
			t.Errorf("%q becomes %q and should be %q", c.text, got, c.want)
		}
	}
}

// FuzzSlug: what comes of any text can be an id or is nothing, and is the same for the same text.
func FuzzSlug(f *testing.F) {
	for _, s := range []string{"", "Eje 1", "ÁÉ í", "a--b", "---", "ﬁ", strings.Repeat("é ", 70)} {
		f.Add(s, 64)
	}
	f.Fuzz(func(t *testing.T, s string, most int) {
		most = 8 + (most%57+57)%57 // 8 to 64
		got := cutSlug(s, most)
		if got != "" && !kpi.ValidID(got) || len(got) > most || got != cutSlug(s, most) || strings.HasPrefix(got, "-") || strings.HasSuffix(got, "-") || strings.Contains(got, "--") {
			t.Errorf("%q becomes %q with at most %d", s, got, most)
		}
		if got != cutSlug(got, most) {
			t.Errorf("%q becomes %q, and that %q", s, got, cutSlug(got, most))
		}
	})
}

// FuzzFillExpression: whatever stands in a cell stays a literal. The expression that is filled in differs from the template in the values of
// its literals and in nothing else.
func FuzzFillExpression(f *testing.F) {
	f.Add("lower({code}) = 'x'", "\x0e")
	for _, s := range []string{"17", "a' or 'a' = 'a", "x') or true or name in ('", "{code}", "null", "--", "\x00", "é", "1 or 1"} {
		f.Add("name = {code} and n > 3 or name in ('b', {code}) and not name = 'x {code}'", s)
		f.Add("n = {code}", s)
		f.Add("days_between(d, {code}) * {code} > 1", s)
	}
	columns := map[string]expr.Type{"name": expr.Text, "n": expr.Number, "d": expr.Date}
	f.Fuzz(func(t *testing.T, template, cell string) {
		if !utf8.ValidString(template) || !utf8.ValidString(cell) {
			return
		}
		quoted, from := quotePlaceholders(template)
		if len(from) != len(quoted)+1 {
			t.Fatalf("%q has %d bytes, and %d are placed", quoted, len(quoted), len(from))
		}
		tree, err := expr.Parse(quoted)
		if err != nil {
			return
		}
		l := newLoader(nil)
		p := &plan{ds: &dataset{loader: l, columns: columns}, columns: []planColumn{{name: "code"}}, src: &source{name: "plan.csv", cells: map[cell_]string{}}}
		r := &planRow{cells: map[string]planCell{"code": {text: cell, raw: cell, at: place{p.src, 2, 1}}}}
		for _, name := range placeholders.FindAllStringSubmatch(template, -1) {
			if name[1] != "code" {
				return
			}
		}
		s := &substitution{filler: &filler{plan: p, row: r}, key: "where"}
		filled := s.tree(tree, expr.Text)
		if s.refused {
			if len(l.problems) == 0 {
				t.Errorf("%q is refused without a word", cell)
			}
			return
		}
		text := expr.String(filled)
		again, err := expr.Parse(text)
		if err != nil {
			t.Fatalf("%q with %q becomes %q: %v", template, cell, text, err)
		}
		if a, b := shapeOf(tree), shapeOf(again); a != b {
			t.Errorf("%q with %q becomes %q: %s and not %s", template, cell, text, b, a)
		}
	})
}

// cell_ is the type cell, which the fuzz target's argument hides.
type cell_ = cell

// shapeOf writes a tree without its literals. A number below zero is the negative of one.
func shapeOf(n expr.Node) string {
	switch n := n.(type) {
	case *expr.Literal:
		return "?"
	case *expr.Negate:
		if _, ok := n.X.(*expr.Literal); ok {
			return "?"
		}
		return "-" + shapeOf(n.X)
	case *expr.Not:
		return "not " + shapeOf(n.X)
	case *expr.IsNull:
		return shapeOf(n.X) + " is null"
	case *expr.Binary:
		return "(" + shapeOf(n.L) + n.Op + shapeOf(n.R) + ")"
	case *expr.In:
		return shapeOf(n.X) + " in " + strings.Repeat("?", len(n.List))
	case *expr.Between:
		return "(" + shapeOf(n.X) + " between " + shapeOf(n.Lo) + " and " + shapeOf(n.Hi) + ")"
	case *expr.Call:
		s := n.Name
		for _, a := range n.Args {
			s += " " + shapeOf(a)
		}
		return s
	case *expr.Column:
		return n.Name
	}
	return "as_of"
}

// TestIDsDependOnNothingElse: the order of the rows changes no id of the plan.
func TestIDsDependOnNothingElse(t *testing.T) {
	l := newLoader(nil)
	p := &plan{ds: &dataset{loader: l}, levels: []planLevel{{name: kpi.NewText(l.language, "Axis")}, {name: kpi.NewText(l.language, "Program")}}}
	a, b := &planNode{name: "A"}, &planNode{name: "B"}
	list := []*planNode{a, b,
		{level: 1, parent: a, name: "Health"}, {level: 1, parent: b, name: "Health"}, {level: 1, parent: a, code: "1", name: "Roads"},
		{level: 1, parent: b, code: "1", name: "Paths"}, {level: 1, parent: b, code: "2", name: "中"}, {level: 1, parent: b, name: "中"}, {level: 1, parent: b, name: "文"},
	}
	p.nameNodes(list)
	first := map[*planNode]string{}
	seen := map[string]bool{}
	for _, n := range list {
		first[n] = n.id
		if seen[n.id] || !kpi.ValidID(n.id) {
			t.Errorf("the id %q is no id or given twice", n.id)
		}
		seen[n.id] = true
	}
	for range list {
		list = append(list[1:], list[0])
		p.nameNodes(list)
		for _, n := range list {
			if n.id != first[n] {
				t.Errorf("%s is %q, and was %q in another order", n.name, n.id, first[n])
			}
		}
	}
	if first[list[2]] == first[list[3]] {
		t.Error("two parts have one id")
	}
}
