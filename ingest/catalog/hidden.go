package catalog

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// hidden is a part of a file that no message shows.
type hidden struct {
	file     string
	from, to place
}

// hide keeps a part of a scalar, in bytes of its text, out of the lines that problems show.
func (l *loader) hide(n *node, at, length int) {
	if n == nil || n.kind != scalar || length == 0 {
		return
	}
	h := hidden{n.src.name, n.at(at), n.at(at + length)}
	if h.to.line < h.from.line || h.to.line == h.from.line && h.to.column <= h.from.column {
		h.to = place{n.src, h.from.line, utf8.RuneCountInString(n.src.line(h.from.line)) + 1}
	}
	l.hidden = append(l.hidden, h)
}

// hideSecrets keeps out of all messages what stands in a source and looks like a secret, before anything is said about the source.
func (l *loader) hideSecrets(source *node) {
	if source == nil || source.kind != mapping {
		return
	}
	for _, p := range source.pairs {
		v := p.value
		switch key := p.key.text; key {
		case "token", "password", "key":
			l.hideUnless(v, refersOrNearly(v.text))
		case "connection":
			l.hideFound(v, secretsIn(v.text))
			l.hideUnless(v, inText.MatchString(v.text) || refersOrNearly(v.text))
		case "url":
			l.hideFound(v, secretsIn(v.text))
		case "host_key":
			l.hideUnless(v, !strings.Contains(v.text, "PRIVATE KEY"))
		case "headers":
			for _, h := range v.pairs {
				l.hideUnless(h.value, inText.MatchString(h.value.text) || headerName.MatchString(h.key.text) && !secretName(h.key.text))
			}
		default: // whoever writes passwort means a password
			meant := nearest(key, sourceShape.keys())
			if !slices.Contains(sourceShape.keys(), key) {
				l.hideUnless(v, !secretName(key) && !slices.Contains([]string{"token", "password", "key", "connection"}, meant))
			}
		}
	}
}

func (l *loader) hideUnless(n *node, harmless bool) {
	if !harmless {
		l.hide(n, 0, len(n.text))
	}
}

// hideFound keeps the secrets of an address out of all messages; a reference is none.
func (l *loader) hideFound(n *node, found []finding) {
	for _, f := range found {
		if !reference.MatchString(n.text[f.at : f.at+f.length]) {
			l.hide(n, f.at, f.length)
		}
	}
}

// refersOrNearly reports whether a text is a reference to a secret, or is meant to be one.
func refersOrNearly(s string) bool {
	return reference.MatchString(s) || almost.MatchString(s) || strings.HasPrefix(s, secretFile+"/")
}

// mask replaces what is hidden in the lines that problems show, character for character, so that every caret stays where it was.
func (l *loader) mask(problems []Problem) {
	for i := range problems {
		p := &problems[i]
		for _, h := range l.hidden {
			if p.File != h.file || p.Line < h.from.line || p.Line > h.to.line {
				continue
			}
			runes := []rune(p.Source)
			from, to := 0, len(runes)
			if p.Line == h.from.line {
				from = h.from.column - 1 - p.Cut
			}
			if p.Line == h.to.line {
				to = h.to.column - 1 - p.Cut
			}
			for at := max(from, 0); at < min(to, len(runes)); at++ {
				runes[at] = '•'
			}
			p.Source = string(runes)
		}
	}
}
