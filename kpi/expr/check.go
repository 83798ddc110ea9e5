package expr

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Check types the expression over the columns and returns its type. It sets the Type of every *Column and *AsOf. The error joins an
// *Error for every mistake (errors.Join); the type is "" if the mistakes leave it open.
//
// Two values are compared only if they have the same type; as_of is a day where it meets a date and the end of that day where it
// meets a timestamp. A timestamp is never compared with a date: date_of makes a day of it. A comparison with null, which would never
// hold, is a mistake too.
func Check(n Node, columns map[string]Type) (Type, error) {
	c := &checker{columns: columns}
	t := c.check(n)
	return t, errors.Join(c.mistakes...)
}

// Mistakes returns the *Errors that an error of Parse or Check is made of, in the order of their positions.
func Mistakes(err error) []*Error {
	var list []*Error
	var collect func(error)
	collect = func(err error) {
		var joined interface{ Unwrap() []error }
		var e *Error
		if errors.As(err, &joined) {
			for _, e := range joined.Unwrap() {
				collect(e)
			}
		} else if errors.As(err, &e) {
			list = append(list, e)
		}
	}
	collect(err)
	slices.SortStableFunc(list, func(a, b *Error) int { return a.Pos - b.Pos })
	return list
}

// unknown is the type of a part that has been reported already; nothing more is said about it.
const unknown Type = ""

// checker collects mistakes.
type checker struct {
	columns  map[string]Type
	mistakes []error
}

func (c *checker) fault(at int, format string, args ...any) Type {
	c.mistakes = append(c.mistakes, &Error{at, fmt.Sprintf(format, args...)})
	return unknown
}

func (c *checker) check(n Node) Type {
	switch n := n.(type) {
	case *Literal:
		return n.Type
	case *Column:
		return c.column(n)
	case *AsOf:
		n.Type = Timestamp
		return Timestamp
	case *Not:
		c.want(n.X, Boolean, "not")
		return Boolean
	case *Negate:
		c.want(n.X, Number, "-")
		return Number
	case *Binary:
		return c.binary(n)
	case *IsNull:
		if c.check(n.X) == Null {
			c.fault(n.X.Pos(), "null is always null; name a column")
		}
		return Boolean
	case *In:
		return c.in(n)
	case *Between:
		c.comparable(n.At, n.X, n.Lo, n.Hi)
		return Boolean
	case *Call:
		return c.call(n)
	}
	return c.fault(0, "a part of the expression is missing")
}

func (c *checker) column(n *Column) Type {
	t, ok := c.columns[n.Name]
	if ok {
		n.Type = t
		return t
	}
	if _, function := Functions[n.Name]; function {
		return c.fault(n.At, "%q is a function; write it with its arguments: %s", n.Name, usage(n.Name))
	}
	return c.fault(n.At, "there is no column %q; %s", n.Name, suggest(n.Name, slices.Sorted(maps.Keys(c.columns)), "the columns are"))
}

// want checks that n has the type that the operator or function needs.
func (c *checker) want(n Node, want Type, by string) {
	got := c.check(n)
	if got == unknown || got == want {
		return
	}
	mend := ""
	switch {
	case want == Boolean && got == Null:
		mend = "; write x is null"
	case want == Boolean:
		mend = fmt.Sprintf("; write a comparison such as %s", exampleOf(n, got))
	case got == Date || got == Timestamp:
		mend = "; for the time between two days write days_between(…, …)"
	}
	c.fault(n.Pos(), "%s needs a %s, and %s is a %s%s", by, want, short(String(n)), got, mend)
}

// exampleOf writes a comparison that n could stand in.
func exampleOf(n Node, t Type) string {
	s := short(String(n))
	switch t {
	case Number:
		return s + " > 0"
	case Text:
		return s + " = '…'"
	}
	return s + " is not null"
}

func (c *checker) binary(n *Binary) Type {
	switch n.Op {
	case "and", "or":
		c.want(n.L, Boolean, n.Op)
		c.want(n.R, Boolean, n.Op)
		return Boolean
	case "+", "-", "*", "/":
		c.want(n.L, Number, n.Op)
		c.want(n.R, Number, n.Op)
		return Number
	}
	t := c.comparable(n.At, n.L, n.R)
	if t == Boolean && n.Op != "=" && n.Op != "<>" {
		c.fault(n.At, "true and false have no order; write = or <>")
	}
	return Boolean
}

// comparable checks that the nodes can be compared with each other and returns their common type, or unknown.
func (c *checker) comparable(at int, nodes ...Node) Type {
	types := make([]Type, len(nodes))
	for i, n := range nodes {
		types[i] = c.check(n)
	}
	if slices.Contains(types, unknown) {
		return unknown
	}
	for i, t := range types {
		if t == Null {
			return c.fault(nodes[i].Pos(), "nothing equals null; write x is null or x is not null")
		}
	}
	meetDate(nodes, types)
	for i, t := range types[1:] {
		if t != types[0] {
			return c.mismatch(at, nodes[0], types[0], nodes[i+1], t)
		}
	}
	return types[0]
}

// meetDate makes every as_of a day if it meets a date and no timestamp.
func meetDate(nodes []Node, types []Type) {
	if !slices.Contains(types, Date) {
		return
	}
	for i, n := range nodes {
		if _, asOf := n.(*AsOf); !asOf && types[i] == Timestamp {
			return
		}
	}
	for i, n := range nodes {
		if a, ok := n.(*AsOf); ok {
			a.Type, types[i] = Date, Date
		}
	}
}

// mismatch reports two values that cannot be compared, and how they could be.
func (c *checker) mismatch(at int, a Node, ta Type, b Node, tb Type) Type {
	mend := "compare values of one type"
	for range 2 {
		switch {
		case ta == Timestamp && tb == Date:
			mend = fmt.Sprintf("write date_of(%s)", short(String(a)))
		case (ta == Timestamp || ta == Date) && tb == Text:
			mend = dateMend(a, ta, b)
		case (ta == Timestamp || ta == Date) && tb == Number: // a day without quotes is a subtraction
			mend = "write a day as date '2026-06-30'"
		case ta == Number && tb == Text:
			if l, ok := b.(*Literal); ok {
				mend = fmt.Sprintf("write the number without quotes: %s", short(fmt.Sprint(l.Value)))
			}
		case ta == Text && tb == Boolean:
			mend = "write the text in quotes"
		}
		a, ta, b, tb = b, tb, a, ta
	}
	return c.fault(at, "%s is a %s and %s is a %s; %s", short(String(a)), ta, short(String(b)), tb, mend)
}

func dateMend(a Node, ta Type, b Node) string {
	l, ok := b.(*Literal)
	if !ok {
		return "declare the column as a date"
	}
	left := short(String(a))
	if ta == Timestamp {
		left = "date_of(" + left + ")"
	}
	return fmt.Sprintf("write a day as date %s and compare it with %s", short(quote(fmt.Sprint(l.Value))), left)
}

func (c *checker) in(n *In) Type {
	nodes := []Node{n.X}
	for _, l := range n.List {
		nodes = append(nodes, l)
	}
	t := c.check(n.X)
	if t == unknown {
		return Boolean
	}
	if len(n.List) == 0 {
		return c.fault(n.At, "the list is empty; name at least one value")
	}
	types := []Type{t}
	for _, l := range n.List {
		types = append(types, l.Type)
	}
	meetDate(nodes, types)
	if types[0] == Null {
		c.fault(n.X.Pos(), "nothing equals null; write x is null or x is not null")
		return Boolean
	}
	for i, l := range n.List {
		switch {
		case l.Type == Null:
			c.fault(l.At, "null in a list equals nothing; write %s is null beside it", short(String(n.X)))
		case l.Type != types[0]:
			c.mismatch(l.At, n.X, types[0], n.List[i], l.Type)
		}
	}
	return Boolean
}

func (c *checker) call(n *Call) Type {
	signatures, ok := Functions[n.Name]
	if !ok {
		for _, arg := range n.Args {
			c.check(arg)
		}
		return c.fault(n.At, "there is no function %q; %s", n.Name, suggest(n.Name, slices.Sorted(maps.Keys(Functions)), "the functions are"))
	}
	types := make([]Type, len(n.Args))
	for i, arg := range n.Args {
		types[i] = c.check(arg)
	}
	result := signatures[0].Result
	if slices.Contains(types, unknown) {
		return result
	}
	for _, s := range signatures {
		if c.fits(n, types, s) {
			return s.Result
		}
	}
	given := make([]string, len(types))
	for i, t := range types {
		given[i] = string(t)
	}
	c.fault(n.At, "%s(%s) does not exist; write %s%s", n.Name, strings.Join(given, ", "), usage(n.Name), callMend(types))
	return result
}

// fits reports whether the arguments have the signature's types, and makes an as_of among them the day or the timestamp that fits.
func (c *checker) fits(n *Call, types []Type, s Signature) bool {
	if len(types) != len(s.Args) {
		return false
	}
	for i, want := range s.Args {
		_, asOf := n.Args[i].(*AsOf)
		if types[i] != want && (!asOf || want != Date) {
			return false
		}
	}
	for i, want := range s.Args {
		if a, ok := n.Args[i].(*AsOf); ok {
			a.Type = want
		}
	}
	return true
}

func callMend(types []Type) string {
	if slices.Contains(types, Date) && slices.Contains(types, Timestamp) {
		return "; make a day of the timestamp with date_of(…)"
	}
	return ""
}

// usage writes the ways to call a function.
func usage(name string) string {
	var ways []string
	for _, s := range Functions[name] {
		args := make([]string, len(s.Args))
		for i, t := range s.Args {
			args[i] = string(t)
		}
		ways = append(ways, name+"("+strings.Join(args, ", ")+")")
	}
	return strings.Join(ways, " or ")
}

// suggest names what a wrong name was perhaps meant to be: the nearest one, or all if there are few.
func suggest(name string, names []string, all string) string {
	best, least := "", len(name)/3+2
	for _, n := range names {
		if d := distance(name, n); d < least {
			best, least = n, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	if len(names) == 0 {
		return "none is declared"
	}
	list := strings.Join(names[:min(len(names), 12)], ", ")
	return all + " " + list + either(len(names) > 12, ", …", "")
}

// distance is the number of single-byte edits from a to b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
