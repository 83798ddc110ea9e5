package catalog

import (
	"strings"

	"citystat/kpi"
)

// phrase is a text of the folder that can be translated.
type phrase struct {
	text   kpi.Text // its map is shared with the city's own text, so that a translation put here is there too
	where  place    // of the source text
	state  phraseState
	proper bool // a proper name, which needs no translation
	spare  bool // a text of a table or made of one: it may be translated, and need not be
}

// newText is a text whose translations and their states are yet to come.
func newText(source kpi.Lang, s string) kpi.Text {
	t := kpi.NewText(source, s)
	t.State = map[kpi.Lang]kpi.TextState{}
	return t
}

// phraseState says whether the folder gives a text.
type phraseState int

const (
	given   phraseState = iota
	absent              // the key is not there, and need not be
	garbled             // it was reported
)

// phrase reads a text of the city and notes under which address its translations stand. An empty address means that the thing has no
// usable id: that was reported, and its texts cannot be asked for.
func (l *loader) phrase(o object, key string, must need, address string) kpi.Text {
	n := o.get(key, must)
	s, ok := o.plainText(key, n)
	p := &phrase{state: garbled}
	switch {
	case ok:
		p.state, p.text, p.where, p.spare = given, newText(l.language, s), n.place(), n.spare
	case o.value[key] == nil && must == optional && !o.misspelt(key):
		p.state = absent
	}
	l.note(address, p)
	return p.text
}

// note makes a phrase known under its address.
func (l *loader) note(address string, p *phrase) {
	if address == "" || l.phrases[address] != nil {
		return
	}
	l.phrases[address] = p
	l.order = append(l.order, address)
}

// address joins what leads to a text; it is "" if a part of it is.
func address(parts ...string) string {
	for _, p := range parts {
		if p == "" {
			return ""
		}
	}
	return strings.Join(parts, ".")
}
