package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/expr"
)

var (
	existsForm = regexp.MustCompile(`^\s*(\S+)\s+in\s+([^\s.]+)\.(\S+)\s*$`)
	freshForm  = regexp.MustCompile(`^\s*(\S+)\s+within\s+([0-9]{1,4}) ?(day|week|month)s?\s*$`)
)

// existsRule reads "exists unit in units.code" from behind its first word. The other dataset may be read later than this one.
func (ds *dataset) existsRule(c *kpi.Check, n *node, at int) {
	m := existsForm.FindStringSubmatchIndex(n.text[at:])
	if m == nil {
		ds.bad(n, "write a column, in, and a column of another dataset, such as exists unit in units.code", "the rule %s cannot be read", short(strings.TrimSpace(n.text)))
		return
	}
	word := func(group int) (string, int) { return n.text[at+m[2*group] : at+m[2*group+1]], at + m[2*group] }
	column, columnAt := word(1)
	other, otherAt := word(2)
	code, codeAt := word(3)
	c.Columns, c.InDataset, c.InColumn = []string{column}, other, code
	mine, known := ds.ruleColumn(n, columnAt, column)
	ds.later = append(ds.later, func() {
		t := ds.table("dataset")
		there := ds.datasets[other]
		switch {
		case other == ds.d.ID:
			ds.add(SeverityError, n.at(otherAt), "the rule looks the column up in its own dataset", "name another dataset; rows that are only being loaded are not there yet")
		case t.ids[other] == nil && !t.open:
			ds.add(SeverityError, n.at(otherAt), "there is no dataset "+short(other), suggest(other, t.list, "the datasets are"))
		case there != nil:
			theirs, ok := there.ruleColumnOf(ds, n, codeAt, code)
			if ok && known && mine != theirs {
				ds.add(SeverityError, n.at(codeAt), fmt.Sprintf("%q is %s and %s.%s is %s", column, article(mine), other, code, article(theirs)), "compare columns of one type")
			}
		}
	})
}

// ruleColumn reports a column of a rule that the dataset does not have, and returns its type if it has it.
func (ds *dataset) ruleColumn(n *node, at int, name string) (expr.Type, bool) {
	return ds.ruleColumnOf(ds, n, at, name)
}

// ruleColumnOf is ruleColumn for a rule of another dataset.
func (ds *dataset) ruleColumnOf(asking *dataset, n *node, at int, name string) (expr.Type, bool) {
	t, ok := ds.columns[name]
	if !ok && !ds.broken[name] && !ds.unsure {
		who := "the dataset"
		if asking != ds {
			who += " " + ds.d.ID
		}
		asking.add(SeverityError, n.at(at), who+" has no column "+short(name), suggest(name, keys(ds.columns), "the columns are"))
	}
	return t, ok
}

// freshRule reads "fresh opened within 3 days" from behind its first word.
func (ds *dataset) freshRule(c *kpi.Check, n *node, at int) {
	m := freshForm.FindStringSubmatchIndex(n.text[at:])
	if m == nil {
		ds.bad(n, "write a column, within, and a number of days, weeks or months, such as fresh opened within 3 days", "the rule %s cannot be read", short(strings.TrimSpace(n.text)))
		return
	}
	rest := n.text[at:]
	name := rest[m[2]:m[3]]
	c.Columns = []string{name}
	count, err := strconv.Atoi(rest[m[4]:m[5]])
	c.Within = time.Duration(count) * unitOf(rest[m[6]:m[7]])
	if err != nil || c.Within <= 0 || c.Within > 3650*24*time.Hour {
		ds.add(SeverityError, n.at(at+m[4]), "a rule about freshness needs a time above nothing and up to ten years", "write fresh "+name+" within 3 days")
	}
	if t, ok := ds.ruleColumn(n, at+m[2], name); ok && t != expr.Date && t != expr.Timestamp {
		i := slices.IndexFunc(ds.d.Columns, func(c kpi.Column) bool { return c.Name == name })
		ds.add(SeverityError, n.at(at+m[2]), fmt.Sprintf("the column %q is %s, and no day", name, article(ds.d.Columns[i].Type)), "name a column of type date or timestamp")
	}
}
