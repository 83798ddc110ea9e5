package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"citystat/kpi"
)

// need says whether a key has to be there.
type need bool

const (
	required need = true
	optional need = false
)

// object reads the keys of a mapping. Every getter reports what is wrong with its key, once, and returns the zero value then.
type object struct {
	l     *loader
	n     *node
	shape *shape
	value map[string]*node
	key   map[string]*node
}

// object begins to read a mapping of the shape: false if it is none, which is reported.
func (l *loader) object(n *node, s *shape) (object, bool) {
	o := object{l: l, n: n, shape: s, value: map[string]*node{}, key: map[string]*node{}}
	if n == nil || n.kind == broken {
		return o, false
	}
	if n.kind != mapping {
		l.bad(n, "write it as "+s.example(), "%s is written as keys and values, and this is %s", s.what, n.noun())
		return o, false
	}
	for _, p := range n.pairs {
		if !slices.Contains(s.keys(), p.key.text) {
			mend := suggest(p.key.text, s.keys(), "its keys are")
			if len(s.fields) == 0 {
				mend = "write " + s.what + ": {}"
			}
			l.bad(p.key, mend, "%s has no key %s", s.what, short(p.key.text))
			continue
		}
		o.key[p.key.text], o.value[p.key.text] = p.key, p.value
	}
	return o, true
}

// get returns the value of a key; nil if there is none that could be read.
func (o object) get(key string, must need) *node {
	n, ok := o.value[key]
	switch {
	case o.n == nil || o.n.kind != mapping:
		return nil
	case !ok && must == required && !o.misspelt(key):
		o.l.bad(o.n, "add "+o.shape.line(key), "%s lacks %q", o.shape.what, key)
		return nil
	case !ok || n.kind == broken:
		return nil
	case n.kind == null:
		o.l.bad(o.key[key], "write "+o.shape.line(key)+either(must == optional, ", or leave the key out", ""), "%q says nothing", key)
		return nil
	}
	return n
}

// misspelt reports whether an unknown key of the mapping was probably meant for this one: then it is not reported as missing too.
func (o object) misspelt(key string) bool {
	for _, p := range o.n.pairs {
		if !slices.Contains(o.shape.keys(), p.key.text) && nearest(p.key.text, o.shape.keys()) == key {
			return true
		}
	}
	return false
}

func either(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

// empty reports a list or mapping that holds nothing.
func (o object) empty(key string, n *node) {
	o.l.bad(n, "write "+o.shape.line(key), "%q is empty", key)
}

// wrong reports a value of the wrong type.
func (o object) wrong(key string, n *node, want string) {
	o.l.bad(n, "write "+o.shape.line(key), "%q needs %s, and this is %s", key, want, described(n))
}

// described names a value for a message: what it is, and what it says if that is short.
func described(n *node) string {
	switch noun := n.noun(); noun {
	case "a text":
		return "the text " + short(n.text)
	case "a number":
		return "the number " + n.text
	default:
		return noun
	}
}

// plainText returns what a scalar says, in NFC and without white space at its ends.
func (o object) plainText(key string, n *node) (string, bool) {
	switch {
	case n == nil:
		return "", false
	case n.kind != scalar:
		o.wrong(key, n, "a text")
		return "", false
	case n.style == plain && isBool(n.text):
		o.l.bad(n, fmt.Sprintf("put it in quotes if it is to be a text: %q", n.text), "%q needs a text, and %s is a yes or no", key, n.text)
		return "", false
	}
	s := norm.NFC.String(strings.TrimSpace(n.text))
	if s == "" {
		o.l.bad(n, "write "+o.shape.line(key), "%q is empty", key)
		return "", false
	}
	return s, true
}

// text returns the text of a key.
func (o object) text(key string, must need) string {
	s, _ := o.plainText(key, o.get(key, must))
	return s
}

// raw returns a scalar exactly as it is written; what is compared with a source's bytes is not normalised.
func (o object) raw(key string, must need) (*node, string) {
	n := o.get(key, must)
	if n == nil {
		return nil, ""
	}
	if n.kind != scalar {
		o.wrong(key, n, "a text")
		return nil, ""
	}
	if n.text == "" {
		o.l.bad(n, "write "+o.shape.line(key), "%q is empty", key)
		return nil, ""
	}
	return n, n.text
}

var numbers = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

func numeric(s string) bool { return numbers.MatchString(s) }

// number returns a number and its node, nil if there is none.
func (o object) number(key string, must need) (*node, float64) {
	n := o.get(key, must)
	if n == nil {
		return nil, 0
	}
	if n.kind != scalar {
		o.wrong(key, n, "a number")
		return nil, 0
	}
	if n.style == plain && numeric(n.text) {
		if v, err := strconv.ParseFloat(n.text, 64); err == nil {
			return n, v
		}
	}
	o.l.bad(n, numberMend(n, o.shape.line(key)), "%q needs a number, and this is %s", key, described(n))
	return nil, 0
}

// numberMend says how to write the number that was probably meant.
func numberMend(n *node, example string) string {
	s := strings.TrimSpace(n.text)
	switch {
	case n.style != plain && numeric(s):
		return "take the quotes away"
	case numeric(strings.TrimSuffix(s, "%")):
		return "write a plain number, such as " + example
	case numeric(strings.NewReplacer(",", "", "_", "", " ", "").Replace(s)):
		return "write it without separators, with a point for decimals"
	}
	return "write " + example
}

// integer returns a whole number of at least the least.
func (o object) integer(key string, must need, least, most int64) (*node, int64) {
	n, v := o.number(key, must)
	if n == nil {
		return nil, 0
	}
	i := int64(v)
	if v != float64(i) || i < least || i > most {
		o.l.bad(n, "write "+o.shape.line(key), "%q needs a whole number from %d to %d, and this is %s", key, least, most, n.text)
		return nil, 0
	}
	return n, i
}

// boolean returns true or false, or the default if the key is not there.
func (o object) boolean(key string, fallback bool) bool {
	n := o.get(key, optional)
	switch {
	case n == nil:
		return fallback
	case n.kind != scalar || n.style != plain || !isBool(n.text):
		o.l.bad(n, "write true or false", "%q needs true or false, and this is %s", key, described(n))
		return fallback
	}
	return strings.EqualFold(n.text, "true")
}

// date returns a day and its node, nil if there is none.
func (o object) date(key string, must need) (*node, kpi.Date) {
	n := o.get(key, must)
	if n == nil {
		return nil, kpi.Date{}
	}
	if n.kind != scalar {
		o.wrong(key, n, "a date")
		return nil, kpi.Date{}
	}
	d, err := kpi.ParseDate(strings.TrimSpace(n.text))
	if err != nil || d.Year < 1 {
		o.l.bad(n, "write a day of the calendar as "+o.shape.line(key), "%q needs a date, and this is %s", key, described(n))
		return nil, kpi.Date{}
	}
	return n, d
}

// list returns the entries of a list.
func (o object) list(key string, must need) []*node {
	n := o.get(key, must)
	if n == nil {
		return nil
	}
	if n.kind != sequence {
		o.wrong(key, n, "a list")
		return nil
	}
	return n.items
}

// words returns the entries of a list of texts with their nodes; an entry that is not a text is reported and left out, as is one that
// is given twice.
func (o object) words(key string, must need) []word {
	var list []word
	seen := map[string]bool{}
	for _, n := range o.list(key, must) {
		switch {
		case n.kind == broken:
			continue
		case n.kind != scalar || n.text == "":
			o.l.bad(n, "write "+o.shape.line(key), "an entry of %q needs to be a text, and this is %s", key, described(n))
			continue
		case seen[n.text]:
			o.l.bad(n, "delete it here", "%s is named twice in %q", short(n.text), key)
			continue
		}
		seen[n.text] = true
		list = append(list, word{n, n.text})
	}
	return list
}

// word is an entry of a list of texts.
type word struct {
	n    *node
	text string
}

// oneOf returns one of the words of a list, or the default.
func oneOf[T ~string](o object, key string, must need, fallback T, allowed []T) T {
	n, s := o.raw(key, must)
	if n == nil {
		return fallback
	}
	if slices.Contains(allowed, T(s)) {
		return T(s)
	}
	o.l.bad(n, suggest(s, words(allowed), "write one of"), "%q cannot be %s", key, short(s))
	return fallback
}

// pairs returns the keys and values of a mapping whose keys are the city's own words.
func (o object) pairs(key string, must need) []pair {
	n := o.get(key, must)
	if n == nil {
		return nil
	}
	if n.kind != mapping {
		o.wrong(key, n, "keys and values")
		return nil
	}
	return n.pairs
}
