package chart

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// box is a rectangle; y grows downwards.
type box struct{ x, y, w, h float64 }

// overlaps reports whether two boxes share more than an edge.
func (b box) overlaps(o box) bool {
	return b.x < o.x+o.w && o.x < b.x+b.w && b.y < o.y+o.h && o.y < b.y+b.h
}

// within reports whether b lies in o.
func (b box) within(o box) bool {
	return b.x >= o.x && b.y >= o.y && b.x+b.w <= o.x+o.w && b.y+b.h <= o.y+o.h
}

// crossed reports whether the line from p to q touches the box (after Liang and Barsky).
func (b box) crossed(p, q point) bool {
	t0, t1 := 0.0, 1.0
	for _, e := range [4][2]float64{{p.x - q.x, p.x - b.x}, {q.x - p.x, b.x + b.w - p.x}, {p.y - q.y, p.y - b.y}, {q.y - p.y, b.y + b.h - p.y}} {
		d, r := e[0], e[1]
		switch {
		case d == 0 && r < 0:
			return false
		case d < 0:
			t0 = max(t0, r/d)
		case d > 0:
			t1 = min(t1, r/d)
		}
	}
	return t0 <= t1
}

// textWidth estimates the width of a text in a sans-serif typeface, on the safe side: DejaVu Sans, the widest that readers are likely
// to have, is measured too short by no more than a few per cent.
func textWidth(s string, font float64) float64 {
	em := 0.0
	for _, r := range s {
		em += runeWidth(r)
	}
	return em * font
}

// asciiWidths are the widths of the characters below 128, in em.
var asciiWidths = func() (widths [utf8.RuneSelf]float64) {
	for r := range widths {
		widths[r] = wideRune(rune(r))
	}
	return widths
}()

func runeWidth(r rune) float64 {
	if r >= 0 && r < utf8.RuneSelf {
		return asciiWidths[r]
	}
	return wideRune(r)
}

func wideRune(r rune) float64 {
	switch {
	case strings.ContainsRune("ijlI|.,:;'’!· \u00a0\u202f", r):
		return 0.34
	case strings.ContainsRune("frt()[]-/º", r):
		return 0.41
	case strings.ContainsRune("mwMW%@…", r):
		return 0.95
	case unicode.IsDigit(r):
		return 0.64
	case unicode.Is(unicode.Mn, r):
		return 0
	case r > 0x2E80: // East Asian, emoji
		return 1.1
	case unicode.IsUpper(r):
		return 0.72
	}
	return 0.615
}

// fit cuts a text so that it takes no more than a width.
func fit(s string, font, width float64) string {
	if textWidth(s, font) <= width {
		return s
	}
	em := runeWidth('…') * font
	for i, r := range s {
		em += runeWidth(r) * font
		if em > width {
			return strings.TrimRight(s[:i], " \u00a0\u202f-–") + "…"
		}
	}
	return s
}

// wrap breaks a text into lines of at most a width at its spaces; a word that is too long is cut. At most lines lines, the last cut.
func wrap(s string, font, width float64, lines int) []string {
	if s != "" && !strings.ContainsAny(s, "\t\n\r") && textWidth(s, font) <= width {
		return []string{s}
	}
	words := strings.Fields(s)
	var out []string
	for len(words) > 0 {
		if len(out) == lines-1 {
			return append(out, fit(strings.Join(words, " "), font, width))
		}
		n := 1
		for n < len(words) && textWidth(strings.Join(words[:n+1], " "), font) <= width {
			n++
		}
		out = append(out, fit(strings.Join(words[:n], " "), font, width))
		words = words[n:]
	}
	return out
}
