// Package expr is the small typed language of the city folder: expressions over the columns of a dataset, such as
//
//	closed <= due
//	due is not null and due <= as_of
//	type = 'pothole' and channel in ('app', 'call')
//	days_between(opened, closed)
//
// It parses a string into a tree of [Node], checks the tree against the dataset's columns, and knows no SQL: package
// warehouse compiles the tree, package catalog reports its errors with line and column. There are no sub-queries, no
// functions but those of [Functions], and no way to name anything but a declared column and as_of.
package expr

import "fmt"

// Type is the type of an expression.
type Type string

// The types. A district column is text: the id of a district.
const (
	Text      Type = "text"
	Number    Type = "number"
	Boolean   Type = "boolean"
	Date      Type = "date"
	Timestamp Type = "timestamp"
	Null      Type = "null" // of the literal null alone
)

// Error is a mistake in an expression. Pos is the byte offset in the source, 0-based.
type Error struct {
	Pos     int
	Message string // what is wrong and the mend
}

// Error returns the message with the position, 1-based.
func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Pos+1, e.Message) }

// Node is an expression. The nodes are *Literal, *Column, *AsOf, *Not, *Negate, *Binary, *IsNull, *In, *Between and *Call.
type Node interface {
	// Pos is the byte offset of the node in the source.
	Pos() int
}

// Literal is a constant. Value is a string, float64, bool, or nil for null. Dates are written date '2026-06-30' and have Type Date.
type Literal struct {
	At    int
	Type  Type
	Value any
}

// Column names a column of the dataset. Type is set by Check.
type Column struct {
	At   int
	Name string
	Type Type
}

// AsOf is the day that is judged: its end as a timestamp, its date where it meets a date. Type says which; it is set by Check.
type AsOf struct {
	At   int
	Type Type
}

// Not is logical negation.
type Not struct {
	At int
	X  Node
}

// Negate is the minus sign.
type Negate struct {
	At int
	X  Node
}

// Binary is an operator between two expressions. Op is one of and or = <> < <= > >= + - * /. Division by zero is null.
type Binary struct {
	At   int // of the operator
	Op   string
	L, R Node
}

// IsNull is "x is null", or "x is not null" if Negated.
type IsNull struct {
	At      int
	X       Node
	Negated bool
}

// In is "x in (a, b)", or "x not in (a, b)" if Negated. The list holds literals.
type In struct {
	At      int
	X       Node
	List    []*Literal
	Negated bool
}

// Between is "x between lo and hi", both ends included, or its negation.
type Between struct {
	At        int
	X, Lo, Hi Node
	Negated   bool
}

// Call is one of Functions.
type Call struct {
	At   int
	Name string
	Args []Node
}

// Pos is the byte offset of the node in the source.
func (n *Literal) Pos() int { return n.At }

// Pos is the byte offset of the node in the source.
func (n *Column) Pos() int { return n.At }

// Pos is the byte offset of the node in the source.
func (n *AsOf) Pos() int { return n.At }

// Pos is the byte offset of the node in the source.
func (n *Not) Pos() int { return n.At }

// Pos is the byte offset of the node in the source.
func (n *Negate) Pos() int { return n.At }

// Pos is the byte offset of the operator in the source.
func (n *Binary) Pos() int { return n.At }

// Pos is the byte offset of the node in the source.
func (n *IsNull) Pos() int { return n.At }

// Pos is the byte offset of the node in the source.
func (n *In) Pos() int { return n.At }

// Pos is the byte offset of the node in the source.
func (n *Between) Pos() int { return n.At }

// Pos is the byte offset of the node in the source.
func (n *Call) Pos() int { return n.At }

// Signature is what a function takes and gives.
type Signature struct {
	Args   []Type
	Result Type
	Doc    string
}

// Functions are the functions of the language; each gives null if one of its arguments is null. days_between and hours_between take dates or
// timestamps and give elapsed time as a number with fractions. workdays_between counts the working days of the half-open stretch from the first
// to the second: the first day counts if it is one, the last does not, and it is negative if the second comes first. add_workdays gives the
// working day on which so many working days have passed since the day, whole ones: a due date.
var Functions = map[string][]Signature{
	"days_between":  {{[]Type{Timestamp, Timestamp}, Number, "days from the first to the second, with fractions"}, {[]Type{Date, Date}, Number, "whole days from the first to the second"}},
	"hours_between": {{[]Type{Timestamp, Timestamp}, Number, "hours from the first to the second, with fractions"}},
	"workdays_between": {
		{[]Type{Timestamp, Timestamp}, Number, "working days from the day of the first to that of the second, which does not count, in the dataset's time zone"},
		{[]Type{Date, Date}, Number, "working days from the first to the second, which does not count"},
	},
	"add_workdays": {{[]Type{Date, Number}, Date, "the working day that lies so many working days after the day"}},
	"date_of":      {{[]Type{Timestamp}, Date, "the day of a timestamp in the dataset's time zone"}},
	"abs":          {{[]Type{Number}, Number, "the value without its sign"}},
	"lower":        {{[]Type{Text}, Text, "the text in small letters"}},
}
