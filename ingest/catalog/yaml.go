package catalog

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of one YAML file. The library's parser needs time that grows with the square of a mapping's keys and of the nesting, so that
// a file of a few megabytes could hold up a reload for minutes; no real folder comes near these.
const (
	maxYAML    = 4 << 20 // bytes
	maxTokens  = 200_000
	maxKeys    = 4_000 // in one mapping
	maxDepth   = 64
	maxNodes   = 200_000 // with aliases written out
	maxAngles  = 100     // "<" in a row: the scanner looks ahead over all of them at each
	maxRecords = 1_000   // problems
)

// parse reads a YAML file into a tree of nodes. It returns nil if it has reported why there is none.
func (l *loader) parse(src *source) *node {
	if at := strings.Index(src.text, strings.Repeat("<", maxAngles)); at >= 0 {
		l.add(SeverityError, src.offset(at), fmt.Sprintf("more than %d < stand in a row", maxAngles), "delete them")
		return nil
	}
	var c *converter
	var root *node
	err := guard(func() error {
		tokens := lexer.Tokenize(src.text)
		if err := measure(tokens); err != nil {
			return err
		}
		file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
		if err != nil {
			return err
		}
		c = &converter{l: l, src: src, anchors: map[string]*node{}}
		root = c.file(file)
		return nil
	})
	if err != nil {
		l.syntax(src, err)
		return nil
	}
	return root
}

// guard turns a panic of the YAML library into an error: a broken file is the city's mistake and must not end the program.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the YAML reader gave up: %v", p)
		}
	}()
	return f()
}

// excess is a file that goes beyond a limit, at a token.
type excess struct {
	at      *token.Token
	message string
}

func (e *excess) Error() string { return e.message }

// gauge follows the nesting of a file by its tokens, as far as the limits need it.
type gauge struct {
	flow   int // open brackets
	levels []level
}

// level is a mapping or list without brackets: its column, and its keys so far.
type level struct{ column, keys int }

// measure returns the first place at which the file goes beyond a limit, or nil.
func measure(tokens token.Tokens) error {
	var g gauge
	for i, t := range tokens {
		keys := g.step(t)
		switch {
		case keys > maxKeys:
			return &excess{t, fmt.Sprintf("a mapping has more than %d keys", maxKeys)}
		case g.flow+len(g.levels) > maxDepth:
			return &excess{t, fmt.Sprintf("more than %d mappings and lists stand within each other", maxDepth)}
		case i >= maxTokens:
			return &excess{t, fmt.Sprintf("the file has more than %d words and signs", maxTokens)}
		}
	}
	return nil
}

// step takes the next token and returns the number of keys of the mapping that it belongs to.
func (g *gauge) step(t *token.Token) int {
	switch t.Type {
	case token.MappingStartType, token.SequenceStartType:
		g.flow++
	case token.MappingEndType, token.SequenceEndType:
		g.flow = max(g.flow-1, 0)
	case token.DocumentHeaderType:
		g.levels = g.levels[:0]
	case token.SequenceEntryType:
		g.enter(t.Position.Column)
	case token.MappingValueType:
		column := t.Position.Column
		if t.Prev != nil && t.Prev.Position.Line == t.Position.Line {
			column = t.Prev.Position.Column // the key's
		}
		return g.key(column)
	}
	return 0
}

// enter moves to the mapping or list that begins in the column, out of those that begin to the right of it.
func (g *gauge) enter(column int) {
	if g.flow > 0 {
		return
	}
	for len(g.levels) > 0 && g.levels[len(g.levels)-1].column > column {
		g.levels = g.levels[:len(g.levels)-1]
	}
	if len(g.levels) == 0 || g.levels[len(g.levels)-1].column < column {
		g.levels = append(g.levels, level{column: column})
	}
}

func (g *gauge) key(column int) int {
	if g.flow > 0 {
		return 0
	}
	g.enter(column)
	top := &g.levels[len(g.levels)-1]
	top.keys++
	return top.keys
}

// syntax reports an error of the YAML library in words that help.
func (l *loader) syntax(src *source, err error) {
	var over *excess
	if errors.As(err, &over) {
		l.add(SeverityError, place{src, over.at.Position.Line, over.at.Position.Column}, over.message, "write it in several files, or more simply")
		return
	}
	at, message := place{src, 1, 1}, ""
	var se *yaml.SyntaxError
	switch {
	case !errors.As(err, &se):
		message = err.Error()
	case se.Token == nil:
		message = se.Message
	default: // not its Error(), which writes out the file in a time that grows with the square of its size
		at, message = place{src, se.Token.Position.Line, se.Token.Position.Column}, se.Message
	}
	for _, e := range syntaxErrors {
		if strings.Contains(message, e.theirs) {
			l.add(SeverityError, at, e.ours, e.mend)
			return
		}
	}
	l.add(SeverityError, at, "this is not YAML: "+message, "compare the line and the ones above with a folder that works")
}

// syntaxErrors says the library's messages in the words of somebody who keeps a folder.
var syntaxErrors = []struct{ theirs, ours, mend string }{
	{"'\t' that cannot start any token", "a tab stands where the indentation is", "indent with spaces"},
	{"end character of double-quoted", `the text that begins here has no closing "`, `close it; within it write \" for a quote`},
	{"end character of single-quoted", "the text that begins here has no closing '", "close it; within it write '' for an apostrophe"},
	{"unknown escape character", `\ begins an escape that YAML does not know`, `write \\ for a backslash, or put the text in single quotes`},
	{"mapping value is not allowed in this context", "the value that begins here holds a second \"key: value\"", "put a text that holds a colon in quotes, or mend the indentation of the next line"},
	{"map key-value is pre-defined", "this follows a value that has ended already", "put the whole value in quotes, or mend the indentation"},
	{"value is not allowed in this context", "this does not fit what stands before it", "begin it in the same column as its neighbours, and put a text in quotes from its beginning to its end"},
	{"non-map value is specified", "a key was expected here", "write key: value, in the same column as the keys above"},
	{"',' or ']' must be specified", "the list in [ ] is not closed before this", "close it with ], separate its entries by commas, and put texts that hold commas or brackets in quotes"},
	{"sequence end token ']' not found", "the list that begins here is not closed", "close it with ]"},
	{"',' or '}' must be specified", "the mapping in { } is not closed before this", "close it with }, separate its keys by commas, and put texts that hold commas or brackets in quotes"},
	{"could not find flow mapping end token", "the mapping that begins here is not closed", "close it with }"},
	{"could not find flow map content", "a comma within { } ends the value before it, and what follows is no key", "put a text that holds commas or brackets in quotes"},
	{"is a reserved character", "a text cannot begin with this character", "put the text in quotes"},
	{"unexpected directive value", "a text cannot begin with %", "put the text in quotes"},
	{"undefined alias name", "a text cannot begin with *", "put the text in quotes"},
	{"could not find '[' character", "this ] closes nothing", "delete it, or put the text in quotes"},
	{"could not find '{' character", "this } closes nothing", "delete it, or put the text in quotes"},
}
