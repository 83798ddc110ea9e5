package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// readChecks reads the rules about the dataset's rows.
func (ds *dataset) readChecks() {
	for _, n := range ds.o.list("checks", optional) {
		o, ok := ds.object(n, checkShape)
		if !ok {
			continue
		}
		rule, s := o.raw("rule", required)
		c := kpi.Check{Rule: strings.Join(strings.Fields(s), " ")}
		c.Else = oneOf(o, "else", required, kpi.ElseWarn, []kpi.CheckElse{kpi.ElseFail, kpi.ElseReject, kpi.ElseWarn})
		if rule == nil {
			continue
		}
		ds.rule(&c, rule)
		if c.Kind == kpi.CheckFresh && c.Else == kpi.ElseReject {
			ds.bad(o.value["else"], "write fail or warn", "no single row is to blame when the newest one is too old, so none can be rejected")
		}
		c.ID = ds.ruleID(c.Rule)
		if c.ID == "" {
			ds.bad(rule, "keep one of the two", "the rule is given twice")
			continue
		}
		ds.d.Checks = append(ds.d.Checks, c)
	}
}

// rule tells the forms of a rule apart.
func (ds *dataset) rule(c *kpi.Check, n *node) {
	if at, ok := afterWords(n.text, string(kpi.CheckExists)); ok {
		c.Kind = kpi.CheckExists
		ds.existsRule(c, n, at)
		return
	}
	if at, ok := afterWords(n.text, string(kpi.CheckFresh)); ok {
		c.Kind = kpi.CheckFresh
		ds.freshRule(c, n, at)
		return
	}
	for _, form := range []kpi.CheckKind{kpi.CheckUnique, kpi.CheckNotNull} {
		at, ok := afterWords(n.text, string(form))
		if !ok {
			continue
		}
		c.Kind = form
		c.Columns = ds.ruleColumns(n, at, form)
		return
	}
	c.Kind, c.Expr = kpi.CheckRow, strings.TrimSpace(n.text)
	ds.expression(n, "a rule", expr.Boolean)
}

// afterWords returns the offset behind the words if s begins with them and a name follows: "unique = 1" is about a column.
func afterWords(s, words string) (int, bool) {
	at := 0
	for _, w := range strings.Fields(words) {
		at += len(s[at:]) - len(strings.TrimLeft(s[at:], " \t\n"))
		if !strings.HasPrefix(s[at:], w) {
			return 0, false
		}
		at += len(w)
	}
	rest := strings.TrimLeft(s[at:], " \t\n")
	if len(rest) == len(s[at:]) && rest != "" || rest != "" && !letter(rest[0]) {
		return 0, false
	}
	return at, true
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }

// ruleColumns reads the columns of a rule such as "unique case_id, opened".
func (ds *dataset) ruleColumns(n *node, at int, form kpi.CheckKind) []string {
	var list []string
	for _, field := range strings.SplitAfter(n.text[at:], ",") {
		name := strings.TrimSpace(strings.TrimSuffix(field, ","))
		start := at + len(field) - len(strings.TrimLeft(field, " \t\n"))
		at += len(field)
		_, known := ds.columns[name]
		switch {
		case name == "":
			ds.add(SeverityError, n.at(start), "a column is missing here", "write "+string(form)+" case_id, or several columns with commas between them")
		case !known && !ds.broken[name] && !ds.unsure:
			ds.add(SeverityError, n.at(start), "the dataset has no column "+short(name), suggest(name, keys(ds.columns), "the columns are"))
		default:
			list = append(list, name)
		}
	}
	return list
}

// ruleID makes the id of a check from its rule; "" if the dataset has the rule already. Pages and metrics name checks by it.
func (ds *dataset) ruleID(rule string) string {
	if ds.rules[rule] {
		return ""
	}
	ds.rules[rule] = true
	spoken := strings.NewReplacer("<=", " le ", ">=", " ge ", "<>", " ne ", "!=", " ne ", "<", " lt ", ">", " gt ", "=", " eq ", "+", " plus ", "*", " times ", "/", " by ").Replace(rule)
	id := slug(spoken)
	if len(id) < 64 && id != "" && !ds.rules["#"+id] {
		ds.rules["#"+id] = true
		return id
	}
	sum := sha256.Sum256([]byte(rule))
	return strings.Trim(id[:min(len(id), 54)], "-") + "-" + hex.EncodeToString(sum[:4])
}
