package expr

import (
	"fmt"
	"strings"
	"time"
)

// Limits that no expression of a folder comes near. They keep every tree small enough to be walked by recursion, here and in the
// database that runs it.
const (
	MaxLength = 8192 // bytes of source
	MaxDepth  = 100  // parentheses, calls, nots and signs within each other
	MaxNodes  = 400  // nodes of the tree, without the literals of in-lists
)

// Parse reads an expression. The error is an *Error at the first place that cannot be read. From loosest to tightest: or; and; not;
// comparisons, is, in and between, which do not chain; + and -; * and /; the sign. Keywords may be written in capitals.
func Parse(src string) (Node, error) {
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	if len(tokens) == 1 {
		return nil, &Error{0, "the expression is empty; write a column or a comparison"}
	}
	p := &parser{tokens: tokens}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokEnd {
		return nil, p.unexpected("and, or, an operator or the end")
	}
	return n, nil
}

// parser walks over the tokens. depth and nodes guard the limits.
type parser struct {
	tokens       []token
	i            int
	depth, nodes int
}

func (p *parser) peek() token { return p.tokens[p.i] }

// take steps over the next token and returns it. The end is never stepped over.
func (p *parser) take() token {
	t := p.tokens[p.i]
	if t.kind != tokEnd {
		p.i++
	}
	return t
}

// accept steps over the next token if it is the keyword or symbol.
func (p *parser) accept(kind tokenKind, text string) (token, bool) {
	if t := p.peek(); t.kind == kind && t.text == text {
		return p.take(), true
	}
	return token{}, false
}

// expect steps over the keyword or symbol, or says that it is missing.
func (p *parser) expect(kind tokenKind, text string) error {
	if _, ok := p.accept(kind, text); !ok {
		return p.unexpected(text)
	}
	return nil
}

func (p *parser) unexpected(wanted string) error {
	t := p.peek()
	return &Error{t.at, fmt.Sprintf("found %s where %s should stand", short(t.describe()), wanted)}
}

// enter guards a recursion; leave ends it.
func (p *parser) enter(at int) error {
	if p.depth++; p.depth > MaxDepth {
		return &Error{at, fmt.Sprintf("more than %d parentheses, nots or signs within each other; simplify the expression", MaxDepth)}
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// node counts a node of the tree.
func (p *parser) node(n Node) (Node, error) {
	if p.nodes++; p.nodes > MaxNodes {
		return nil, &Error{n.Pos(), fmt.Sprintf("the expression has more than %d parts; split it, or write a list: x in (…)", MaxNodes)}
	}
	return n, nil
}

// chain reads operands joined by operators of one strength, from left to right.
func (p *parser) chain(kind tokenKind, operand func() (Node, error), ops ...string) (Node, error) {
	left, err := operand()
	if err != nil {
		return nil, err
	}
	for {
		t, ok := p.acceptAny(kind, ops)
		if !ok {
			return left, nil
		}
		right, err := operand()
		if err != nil {
			return nil, err
		}
		if left, err = p.node(&Binary{At: t.at, Op: t.text, L: left, R: right}); err != nil {
			return nil, err
		}
	}
}

func (p *parser) acceptAny(kind tokenKind, texts []string) (token, bool) {
	for _, s := range texts {
		if t, ok := p.accept(kind, s); ok {
			return t, true
		}
	}
	return token{}, false
}

func (p *parser) or() (Node, error)  { return p.chain(tokKeyword, p.and, "or") }
func (p *parser) and() (Node, error) { return p.chain(tokKeyword, p.not, "and") }

func (p *parser) not() (Node, error) {
	t, ok := p.accept(tokKeyword, "not")
	if !ok {
		return p.comparison()
	}
	if err := p.enter(t.at); err != nil {
		return nil, err
	}
	defer p.leave()
	x, err := p.not()
	if err != nil {
		return nil, err
	}
	return p.node(&Not{At: t.at, X: x})
}

func (p *parser) comparison() (Node, error) {
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	n, err := p.compared(left)
	if err != nil || n == left {
		return n, err
	}
	if t := p.peek(); p.startsComparison() {
		return nil, &Error{t.at, "comparisons do not chain; join two of them with and, or put one in parentheses"}
	}
	return n, nil
}

// startsComparison reports whether the next token would go on with a comparison.
func (p *parser) startsComparison() bool {
	t := p.peek()
	if t.kind == tokKeyword {
		return t.text == "is" || t.text == "in" || t.text == "between" || t.text == "not"
	}
	return t.kind == tokSymbol && comparisonOp(t.text)
}

func comparisonOp(op string) bool {
	switch op {
	case "=", "<>", "<", "<=", ">", ">=":
		return true
	}
	return false
}

// compared reads what may follow the left side of a comparison. It returns left itself if nothing does.
func (p *parser) compared(left Node) (Node, error) {
	t := p.peek()
	if !p.startsComparison() {
		return left, nil
	}
	p.take()
	if t.kind == tokSymbol {
		right, err := p.sum()
		if err != nil {
			return nil, err
		}
		return p.node(&Binary{At: t.at, Op: t.text, L: left, R: right})
	}
	negated := t.text == "not"
	if negated {
		if next := p.peek(); next.kind != tokKeyword || next.text != "in" && next.text != "between" {
			return nil, p.unexpected("in or between")
		}
		p.take()
	}
	switch p.tokens[p.i-1].text {
	case "in":
		return p.in(left, negated, t.at)
	case "between":
		return p.between(left, negated, t.at)
	}
	_, negated = p.accept(tokKeyword, "not")
	if err := p.expect(tokKeyword, "null"); err != nil {
		return nil, err
	}
	return p.node(&IsNull{At: t.at, X: left, Negated: negated})
}

func (p *parser) between(x Node, negated bool, at int) (Node, error) {
	lo, err := p.sum()
	if err != nil {
		return nil, err
	}
	if err := p.expect(tokKeyword, "and"); err != nil {
		return nil, err
	}
	hi, err := p.sum()
	if err != nil {
		return nil, err
	}
	return p.node(&Between{At: at, X: x, Lo: lo, Hi: hi, Negated: negated})
}

func (p *parser) in(x Node, negated bool, at int) (Node, error) {
	if err := p.expect(tokSymbol, "("); err != nil {
		return nil, err
	}
	var list []*Literal
	for {
		l, err := p.listed()
		if err != nil {
			return nil, err
		}
		list = append(list, l)
		if _, more := p.accept(tokSymbol, ","); !more {
			break
		}
	}
	if err := p.expect(tokSymbol, ")"); err != nil {
		return nil, err
	}
	return p.node(&In{At: at, X: x, List: list, Negated: negated})
}

// listed reads a literal of an in-list; a number may carry a sign.
func (p *parser) listed() (*Literal, error) {
	sign, minus := p.accept(tokSymbol, "-")
	l, err := p.literal()
	if err != nil {
		return nil, err
	}
	if l == nil || minus && l.Type != Number {
		return nil, p.unexpected("a constant (a list holds constants only)")
	}
	if minus {
		l.At = sign.at
		if v := l.Value.(float64); v != 0 { // no negative zero
			l.Value = -v
		}
	}
	return l, nil
}

func (p *parser) sum() (Node, error)     { return p.chain(tokSymbol, p.product, "+", "-") }
func (p *parser) product() (Node, error) { return p.chain(tokSymbol, p.unary, "*", "/") }

func (p *parser) unary() (Node, error) {
	t, ok := p.accept(tokSymbol, "-")
	if !ok {
		return p.primary()
	}
	if err := p.enter(t.at); err != nil {
		return nil, err
	}
	defer p.leave()
	x, err := p.unary()
	if err != nil {
		return nil, err
	}
	return p.node(&Negate{At: t.at, X: x})
}

func (p *parser) primary() (Node, error) {
	l, err := p.literal()
	if err != nil {
		return nil, err
	}
	if l != nil {
		return p.node(l)
	}
	t := p.peek()
	switch {
	case t.kind == tokKeyword && t.text == "as_of":
		p.take()
		return p.node(&AsOf{At: t.at})
	case t.kind == tokName:
		p.take()
		if _, call := p.accept(tokSymbol, "("); call {
			return p.call(t)
		}
		return p.node(&Column{At: t.at, Name: t.text})
	case t.kind == tokSymbol && t.text == "(":
		return p.parenthesis()
	}
	return nil, p.unexpected("a column, a constant or a parenthesis")
}

func (p *parser) parenthesis() (Node, error) {
	t := p.take()
	if err := p.enter(t.at); err != nil {
		return nil, err
	}
	defer p.leave()
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	return n, p.expect(tokSymbol, ")")
}

// call reads the arguments of a function; its opening parenthesis has been taken.
func (p *parser) call(name token) (Node, error) {
	if err := p.enter(name.at); err != nil {
		return nil, err
	}
	defer p.leave()
	c := &Call{At: name.at, Name: name.text}
	if _, empty := p.accept(tokSymbol, ")"); empty {
		return p.node(c)
	}
	for {
		arg, err := p.or()
		if err != nil {
			return nil, err
		}
		c.Args = append(c.Args, arg)
		if _, more := p.accept(tokSymbol, ","); !more {
			break
		}
	}
	if err := p.expect(tokSymbol, ")"); err != nil {
		return nil, err
	}
	return p.node(c)
}

// literal reads a constant, or returns nil if there is none.
func (p *parser) literal() (*Literal, error) {
	t := p.peek()
	l := &Literal{At: t.at}
	switch {
	case t.kind == tokText:
		l.Type, l.Value = Text, t.text
	case t.kind == tokNumber:
		l.Type, l.Value = Number, t.number
	case t.kind == tokKeyword && (t.text == "true" || t.text == "false"):
		l.Type, l.Value = Boolean, t.text == "true"
	case t.kind == tokKeyword && t.text == "null":
		l.Type = Null
	case t.kind == tokName && t.text == "date" && p.tokens[p.i+1].kind == tokText:
		p.take()
		return p.date(t)
	default:
		return nil, nil
	}
	p.take()
	return l, nil
}

// date reads the text after the word date. Its value is kept as it is written, 2026-06-30.
func (p *parser) date(word token) (*Literal, error) {
	t := p.take()
	d, err := time.Parse(time.DateOnly, t.text)
	if err != nil || d.Year() < 1 {
		hint := ""
		if strings.ContainsAny(t.text, "/.") {
			hint = " (year first)"
		}
		return nil, &Error{t.at, fmt.Sprintf("%s is not a day; write date '2026-06-30'%s", short(quote(t.text)), hint)}
	}
	return &Literal{At: word.at, Type: Date, Value: t.text}, nil
}
