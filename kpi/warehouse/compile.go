package warehouse

import (
	"fmt"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// exprType is the type that a column has in expressions, "" if the column's type is unknown.
func exprType(t kpi.ColumnType) expr.Type {
	switch t {
	case kpi.TypeText, kpi.TypeDistrict:
		return expr.Text
	case kpi.TypeInteger, kpi.TypeNumber:
		return expr.Number
	case kpi.TypeBoolean:
		return expr.Boolean
	case kpi.TypeDate:
		return expr.Date
	case kpi.TypeTimestamp:
		return expr.Timestamp
	}
	return ""
}

func exprTypes(d *kpi.Dataset) map[string]expr.Type {
	types := make(map[string]expr.Type, len(d.Columns))
	for _, c := range d.Columns {
		types[c.Name] = exprType(c.Type)
	}
	return types
}

// parse reads and types an expression of the folder. where names it in the error, such as `indicator lights: of`.
func parse(d *kpi.Dataset, where, src string, want expr.Type) (expr.Node, error) {
	n, err := expr.Parse(src)
	if err != nil {
		return nil, &kpi.Error{Code: kpi.CodeInvalid, Message: where + ": " + src, Err: err}
	}
	got, err := expr.Check(n, exprTypes(d))
	if err == nil && got != want {
		err = fmt.Errorf("it is a %s and should be a %s", got, want)
	}
	if err != nil {
		return nil, &kpi.Error{Code: kpi.CodeInvalid, Message: where + ": " + src, Err: err}
	}
	return n, nil
}

// scope is what an expression is compiled in: the statement that its literals are bound to, the table that its columns are read
// from, the instant and day of as_of, the zone of date_of, the working calendar.
type scope struct {
	*statement
	table   string // an alias with its dot, or ""
	dataset *kpi.Dataset
	asOf    asOf
	zone    *time.Location
	work    *workCalendar
	steps   *steps // nil: there is no place for them
}

// newScope makes the scope of a statement over rows of a dataset.
func newScope(s *statement, city *kpi.City, d *kpi.Dataset, asOf asOf, zone *time.Location, table string) scope {
	return scope{statement: s, table: table, dataset: d, asOf: asOf, zone: zone, work: newWorkCalendar(city), steps: &steps{}}
}

// steps are intermediate values of a row that are worked out once, however often they are asked for: SQL has no names for parts of an expression, and
// one that is written out again is worked out again.
type steps []step

type step struct {
	name, sql string
	level     int // above those that it asks for
}

// once makes a step of an expression and returns its name.
func (s scope) once(sql string) string {
	if s.steps == nil {
		return sql
	}
	st := step{name: fmt.Sprintf("%s_%sstep%d_", s.table, strings.TrimSuffix(s.table, "."), len(*s.steps)), sql: sql}
	for _, other := range *s.steps {
		if other.sql == sql {
			return other.name
		}
		if strings.Contains(sql, other.name) {
			st.level = max(st.level, other.level+1)
		}
	}
	*s.steps = append(*s.steps, st)
	return st.name
}

// withSteps is the SQL of a derived table that adds the steps to rows: everything that is compiled in the scope must have been.
func (s scope) withSteps(rows string) string {
	for level, done := 0, 0; done < len(*s.steps); level++ {
		var b strings.Builder
		for _, st := range *s.steps {
			if st.level == level {
				fmt.Fprintf(&b, ", %s AS %s", st.sql, strings.TrimPrefix(st.name, s.table))
				done++
			}
		}
		rows = fmt.Sprintf("(SELECT %s*%s FROM %s AS %s)", s.table, b.String(), rows, strings.TrimSuffix(s.table, "."))
	}
	return rows
}

// asOf is the end of the day that is judged: its last microsecond, the finest that the warehouse can tell apart.
type asOf struct {
	day  kpi.Date
	last time.Time
}

func asOfIn(day kpi.Date, loc *time.Location) asOf {
	return asOf{day: day, last: day.EndIn(loc).UTC().Add(-time.Microsecond)}
}

// timestampText is how timestamps are bound: as text, which DuckDB reads exactly.
func timestampText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.999999") }

func (s *statement) timestamp(t time.Time) string { return s.bind(timestampText(t), "TIMESTAMP") }

func (s *statement) date(d kpi.Date) string { return s.bind(d.String(), "DATE") }

// compile writes a checked expression as SQL. Every literal is bound, every name is a declared column in quotes, every part stands in
// parentheses. Numbers are doubles throughout, as they are in the language, whatever the column's type.
func (s scope) compile(n expr.Node) (string, error) {
	switch n := n.(type) {
	case *expr.Literal:
		return s.literal(n)
	case *expr.Column:
		return s.column(n)
	case *expr.AsOf:
		if n.Type == expr.Date {
			return s.date(s.asOf.day), nil
		}
		return s.timestamp(s.asOf.last), nil
	case *expr.Not:
		return s.compose("(NOT %s)", n.X)
	case *expr.Negate:
		return s.compose("(- %s)", n.X)
	case *expr.Binary:
		return s.binary(n)
	case *expr.IsNull:
		return s.compose("(%s IS"+negation(n.Negated)+" NULL)", n.X)
	case *expr.In:
		return s.in(n)
	case *expr.Between:
		return s.compose("(%s"+negation(n.Negated)+" BETWEEN %s AND %s)", n.X, n.Lo, n.Hi)
	case *expr.Call:
		return s.call(n)
	}
	return "", fmt.Errorf("an expression cannot hold a %T", n)
}

func negation(negated bool) string {
	if negated {
		return " NOT"
	}
	return ""
}

// compose compiles the parts and sets them into the format.
func (s scope) compose(format string, parts ...expr.Node) (string, error) {
	compiled := make([]any, len(parts))
	for i, p := range parts {
		c, err := s.compile(p)
		if err != nil {
			return "", err
		}
		compiled[i] = c
	}
	return fmt.Sprintf(format, compiled...), nil
}

func (s scope) literal(n *expr.Literal) (string, error) {
	switch v := n.Value.(type) {
	case nil:
		return "NULL", nil
	case string:
		if n.Type == expr.Date {
			return s.bind(v, "DATE"), nil
		}
		return s.text(v), nil
	case float64:
		return s.bind(v, "DOUBLE"), nil
	case bool:
		return s.bind(v, "BOOLEAN"), nil
	}
	return "", fmt.Errorf("a literal cannot be a %T", n.Value)
}

func (s scope) column(n *expr.Column) (string, error) {
	c := column(s.dataset, n.Name)
	if c == nil {
		return "", fmt.Errorf("there is no column %q", n.Name)
	}
	name := s.table + quoteName(c.Name)
	if c.Type == kpi.TypeInteger {
		return "CAST(" + name + " AS DOUBLE)", nil
	}
	return name, nil
}

// operators maps the operators of the language to SQL; division by zero is null.
func operatorFormat(op string) (string, bool) {
	switch op {
	case "and", "or", "=", "<>", "<", "<=", ">", ">=", "+", "-", "*":
		return "(%s " + strings.ToUpper(op) + " %s)", true
	case "/":
		return "(%s / nullif(%s, 0))", true
	}
	return "", false
}

func (s scope) binary(n *expr.Binary) (string, error) {
	format, ok := operatorFormat(n.Op)
	if !ok {
		return "", fmt.Errorf("there is no operator %q", n.Op)
	}
	return s.compose(format, n.L, n.R)
}

func (s scope) in(n *expr.In) (string, error) {
	nodes := []expr.Node{n.X}
	for _, l := range n.List {
		nodes = append(nodes, l)
	}
	list := strings.TrimSuffix(strings.Repeat("%s, ", len(n.List)), ", ")
	return s.compose("(%s"+negation(n.Negated)+" IN ("+list+"))", nodes...)
}

const (
	microsecondsInHour = 3_600_000_000
	microsecondsInDay  = 24 * microsecondsInHour
)

func (s scope) call(n *expr.Call) (string, error) {
	switch {
	case n.Name == "abs" && len(n.Args) == 1:
		return s.compose("abs(%s)", n.Args...)
	case n.Name == "lower" && len(n.Args) == 1:
		return s.compose("lower(%s)", n.Args...)
	case n.Name == "date_of" && len(n.Args) == 1:
		x, err := s.compile(n.Args[0])
		if err != nil {
			return "", err
		}
		return s.localDay(expr.Timestamp, x), nil
	case n.Name == "days_between" && len(n.Args) == 2 && nodeType(n.Args[0], s.dataset) == expr.Date:
		return s.compose("CAST(date_diff('day', %s, %s) AS DOUBLE)", n.Args...)
	case n.Name == "days_between" && len(n.Args) == 2:
		return s.elapsed(n.Args, microsecondsInDay)
	case n.Name == "hours_between" && len(n.Args) == 2:
		return s.elapsed(n.Args, microsecondsInHour)
	case n.Name == "workdays_between" && len(n.Args) == 2:
		a, b, err := s.pair(n.Args)
		return "CAST(" + s.workdays(nodeType(n.Args[0], s.dataset), a, b) + " AS DOUBLE)", err
	case n.Name == "add_workdays" && len(n.Args) == 2:
		a, b, err := s.pair(n.Args)
		return s.addWorkdays(a, b), err
	}
	return "", fmt.Errorf("there is no function %q with %d arguments", n.Name, len(n.Args))
}

func (s scope) pair(args []expr.Node) (a, b string, err error) {
	if a, err = s.compile(args[0]); err != nil {
		return "", "", err
	}
	b, err = s.compile(args[1])
	return a, b, err
}

// elapsed is the time from the first to the second in units of so many microseconds, with fractions.
func (s scope) elapsed(args []expr.Node, unit int64) (string, error) {
	return s.compose(fmt.Sprintf("(CAST(date_diff('microsecond', %%s, %%s) AS DOUBLE) / %d)", unit), args...)
}

// nodeType is the type of a part of a checked expression.
func nodeType(n expr.Node, d *kpi.Dataset) expr.Type {
	if a, ok := n.(*expr.AsOf); ok {
		return a.Type // Check has set it; asking again would forget what it met
	}
	t, err := expr.Check(n, exprTypes(d))
	if err != nil {
		return ""
	}
	return t
}
