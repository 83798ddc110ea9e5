package kpi

import (
	"strings"
	"unicode"
)

// NormaliseName returns the key under which a name is looked up: without white space at its ends, every run of white space within it
// (no-break spaces and line breaks too) as one space, without characters that nobody can see (zero-width space, word joiner, byte order
// mark, soft hyphen), and in one case by Unicode's simple case folding. Two names that a reader takes for the same have the same key.
// It does not compose accents: callers that read text of unknown origin bring it to NFC first.
func NormaliseName(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false // white space is owed, if anything follows it
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
		case invisible(r):
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			b.WriteRune(foldRune(r))
		}
	}
	return b.String()
}

func invisible(r rune) bool { return r == 0x200B || r == 0x2060 || r == 0xFEFF || r == 0x00AD }

// foldRune returns one and the same rune for all runes that differ in case alone: the small letter that belongs to the smallest of
// them. unicode.ToLower alone would keep the long s and the final sigma apart from their plain forms.
func foldRune(r rune) rune {
	if r < unicode.MaxASCII {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if least == r && unicode.SimpleFold(r) == r {
		return r // has no other case; unicode.ToLower would still change a dotted capital I
	}
	return unicode.ToLower(least)
}

// DistrictIndex maps every way of writing a district to its id: the normalised forms ([NormaliseName]) of its id, of its names in all
// languages and of its aliases. The catalog makes sure that no form stands for two districts.
func (c *City) DistrictIndex() map[string]string {
	index := make(map[string]string, 4*len(c.Districts))
	for _, d := range c.Districts {
		index[NormaliseName(d.ID)] = d.ID
		for _, name := range d.Name.In {
			index[NormaliseName(name)] = d.ID
		}
		for _, alias := range d.Aliases {
			index[NormaliseName(alias)] = d.ID
		}
	}
	delete(index, "") // a blank is no district's name
	return index
}
