package catalog

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a node of a YAML file is.
type kind int

const (
	broken kind = iota // something that was reported already: nothing more is said about it
	null
	scalar
	mapping
	sequence
)

// style is how a scalar is written.
type style int

const (
	plain style = iota
	singleQuoted
	doubleQuoted
	block // literal or folded
)

// node is a value or key of a YAML file. Line and column are those of its first character: of the opening quote or bracket where
// there is one, of the | or > of a block, of the first key of a mapping without brackets.
type node struct {
	src          *source
	line, column int
	kind         kind
	style        style
	text         string // of a scalar, unquoted
	pairs        []pair
	items        []*node
	size         int  // nodes in it, with aliases written out
	spare        bool // made for a row of a plan
	flow         bool // in [ ] or { }
	anchored     bool // an alias elsewhere may stand for it
}

// pair is a key and its value.
type pair struct{ key, value *node }

// noun says what the node is, for messages.
func (n *node) noun() string {
	switch {
	case n.kind == mapping:
		return "a mapping"
	case n.kind == sequence:
		return "a list"
	case n.kind == null:
		return "nothing"
	case n.style != plain:
		return "a text"
	case isBool(n.text):
		return strings.ToLower(n.text)
	case numeric(n.text):
		return "a number"
	}
	return "a text"
}

func isBool(s string) bool { return strings.EqualFold(s, "true") || strings.EqualFold(s, "false") }

// at returns the place of a byte of the scalar's text in the file, whatever its quotes, escapes, folded lines and indentation. It
// walks text and file side by side: every character that is not white space stands in both, in the same order. Should they ever
// disagree, the place is the scalar's own.
func (n *node) at(offset int) place {
	c := cursor{src: n.src, style: n.style, line: n.line, rest: n.src.tail(n.line, n.column)}
	switch n.style {
	case singleQuoted, doubleQuoted:
		c.skip(1)
	case block:
		c.nextLine()
	}
	for i, r := range n.text {
		if i >= offset {
			break
		}
		if !c.pass(r) {
			return n.place()
		}
	}
	if offset < len(n.text) {
		if r, _ := utf8.DecodeRuneInString(n.text[offset:]); !unicode.IsSpace(r) && !c.seek() {
			return n.place()
		}
	}
	return place{n.src, c.line, utf8.RuneCountInString(n.src.line(c.line)) - utf8.RuneCountInString(c.rest) + 1}
}

// settle moves a scalar to where its text begins, should the library have miscounted (it does behind white space at the end of a line
// of a text of several lines, and behind tabs): the nearest place before, a few lines up at most, from which the whole text can be read.
func (n *node) settle() {
	if n.begins(n.line, n.column) {
		return
	}
	const lines, columns = 3, 200
	for line := n.line; line > 0 && line > n.line-lines; line-- {
		last := min(utf8.RuneCountInString(n.src.line(line)), columns)
		if line == n.line {
			last = min(last, n.column+lines)
		}
		for column := last; column > 0; column-- {
			if n.begins(line, column) {
				n.line, n.column = line, column
				return
			}
		}
	}
}

// begins reports whether the scalar's text can be read from a place of the file.
func (n *node) begins(line, column int) bool {
	c := cursor{src: n.src, style: n.style, line: line, rest: n.src.tail(line, column)}
	first, _ := utf8.DecodeRuneInString(c.rest)
	switch n.style {
	case singleQuoted, doubleQuoted:
		if first != '\'' && first != '"' {
			return false
		}
		c.skip(1)
	default:
		if unicode.IsSpace(first) {
			return false
		}
	}
	for _, r := range n.text {
		if !c.pass(r) {
			return false
		}
	}
	return true
}

// cursor is a place in a file within a scalar.
type cursor struct {
	src   *source
	style style
	line  int
	rest  string // of the line, from the cursor on
}

func (c *cursor) skip(bytes int) { c.rest = c.rest[min(bytes, len(c.rest)):] }

// nextLine moves to the beginning of the next line; false at the end of the file.
func (c *cursor) nextLine() bool {
	if c.line >= len(c.src.lines) {
		return false
	}
	c.line++
	c.rest = c.src.line(c.line)
	return true
}

// seek moves over white space, escaped or not, to the next character that is in the text too; false at the end of the file.
func (c *cursor) seek() bool {
	for {
		c.rest = strings.TrimLeftFunc(c.rest, unicode.IsSpace)
		switch {
		case c.style == doubleQuoted && blankEscape(c.rest):
			c.skip(2)
		case c.rest != "":
			return true
		case !c.nextLine():
			return false
		}
	}
}

// blankEscape reports whether s begins with an escaped line end or with an escape that stands for white space.
func blankEscape(s string) bool {
	return s == `\` || len(s) > 1 && s[0] == '\\' && strings.IndexByte(" \tntrvfN_LP", s[1]) >= 0
}

// pass moves over one character of the text; false if the file has another one there.
func (c *cursor) pass(r rune) bool {
	escaped := c.style == doubleQuoted && strings.HasPrefix(c.rest, `\`)
	switch {
	case unicode.IsSpace(r) && !escaped:
		return c.passSpace(r)
	case !unicode.IsSpace(r) && !c.seek():
		return false
	}
	if c.style == doubleQuoted && c.rest[0] == '\\' {
		length := escapeLength(c.rest)
		c.skip(length)
		return length > 0
	}
	got, size := utf8.DecodeRuneInString(c.rest)
	if got != r {
		return false
	}
	if c.style == singleQuoted && r == '\'' {
		size = 2 // written twice
	}
	c.skip(size)
	return true
}

// passSpace moves over what became a space or a line break in the text: that character, or the end of a line.
func (c *cursor) passSpace(r rune) bool {
	if got, size := utf8.DecodeRuneInString(c.rest); size > 0 && got == r {
		c.skip(size)
		return true
	}
	if strings.TrimSpace(c.rest) == "" {
		return c.nextLine()
	}
	return true
}

var hexEscapes = regexp.MustCompile(`^\\(x[0-9A-Fa-f]{2}|u[dD][89abAB][0-9A-Fa-f]{2}\\u[0-9A-Fa-f]{4}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})`)

// escapeLength returns the number of bytes of the escape sequence that s begins with, a surrogate pair as one; 0 if it is none.
func escapeLength(s string) int {
	if len(s) < 2 {
		return 0
	}
	if strings.IndexByte("xuU", s[1]) >= 0 {
		return len(hexEscapes.FindString(s))
	}
	_, size := utf8.DecodeRuneInString(s[1:])
	return 1 + size
}
