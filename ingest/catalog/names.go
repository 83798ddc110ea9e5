package catalog

import (
	"fmt"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"citystat/kpi"
)

// table holds the ids of one kind of thing, for references.
type table struct {
	ids  map[string]*node
	list []string
	open bool // an id of this kind could not be read, so that an unknown one need not be a mistake
}

// table returns the ids of a kind: department, person, priority, goal, reason, district, dataset or indicator.
func (l *loader) table(kind string) *table {
	t := l.tables[kind]
	if t == nil {
		t = &table{ids: map[string]*node{}}
		l.tables[kind] = t
	}
	return t
}

// open notes that ids of these kinds could not be read.
func (l *loader) open(kinds ...string) {
	for _, kind := range kinds {
		l.table(kind).open = true
	}
}

// identity reads the id of a thing and makes it known. It returns "" if there is none to go by.
func (l *loader) identity(o object, key, kind string) string {
	n := o.get(key, required)
	s, ok := o.plainText(key, n)
	if !ok {
		l.open(kind)
		return ""
	}
	return l.define(kind, n, s)
}

// define makes an id known, and returns "" if it cannot be one.
func (l *loader) define(kind string, n *node, id string) string {
	t := l.table(kind)
	if !kpi.ValidID(id) {
		t.open = true
		l.bad(n, idMend(id), "%s cannot be the id of a %s", short(id), kind)
		return ""
	}
	if first := t.ids[id]; first != nil {
		t.open = true // the id that was meant is not known
		l.bad(n, "ids are given once; choose another", "the %s id %q is used twice, first at %s", kind, id, first.place())
		return ""
	}
	t.ids[id] = n
	t.list = append(t.list, id)
	return id
}

// idMend offers the id that was probably meant.
func idMend(id string) string {
	rule := "ids are 1 to 64 small letters, digits and hyphens"
	if s := slug(id); kpi.ValidID(s) {
		return fmt.Sprintf("%s; write %s", rule, s)
	}
	return rule
}

// refer checks, once everything is read, that the id names a thing of the kind.
func (l *loader) refer(kind string, n *node, id string) {
	if id == "" {
		return
	}
	l.later = append(l.later, func() {
		t := l.table(kind)
		if t.ids[id] != nil || t.open {
			return
		}
		l.bad(n, suggest(id, t.list, "the "+plural(kind)+" are"), "there is no %s %s", kind, short(id))
	})
}

func plural(kind string) string {
	switch kind {
	case "person":
		return "people"
	case "priority":
		return "priorities"
	case "series":
		return kind
	}
	return kind + "s"
}

// slug makes an id of a text: small letters without their accents, digits, single hyphens, at most 64 of them.
func slug(s string) string {
	s = longSlug(s)
	return s[:min(len(s), 64)]
}

// longSlug is a slug of any length.
func longSlug(s string) string {
	var b []byte
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			b = append(b, byte(r))
		case 'A' <= r && r <= 'Z':
			b = append(b, byte(r-'A'+'a'))
		case len(b) > 0 && b[len(b)-1] != '-':
			b = append(b, '-')
		}
	}
	for len(b) > 0 && b[len(b)-1] == '-' {
		b = b[:len(b)-1]
	}
	return string(b)
}
