package assets

import "strings"

// pair is what stands on what.
type pair struct {
	front string
	backs string
	least float64
}

// pairs lists what stands on what: text needs 4.5, graphics and the edges of controls need 3. What figures are drawn with begins with c-.
var pairs = []pair{
	{"ink", "paper surface tint", 7},
	{"ink-soft", "paper surface tint", 4.5},
	{"link", "paper surface tint", 4.5},
	{"link-hover", "paper surface tint", 4.5},
	{"link-seen", "paper surface tint", 4.5},
	{"accent-ink", "accent", 4.5},
	{"band-ink", "band", 4.5},
	{"band-soft", "band", 4.5},
	{"band-mark", "band", 3},
	{"focus-ink", "focus", 4.5},
	{"on-ink", "on-ground", 4.5},
	{"behind-ink", "behind-ground", 4.5},
	{"off-ink", "off-ground", 4.5},
	{"unknown-ink", "unknown-ground", 4.5},
	{"line-strong", "paper surface tint", 3},
	{"accent", "paper surface tint", 3},
	{"on-edge", "paper surface tint on-ground", 3},
	{"behind-edge", "paper surface tint behind-ground", 3},
	{"off-edge", "paper surface tint off-ground", 3},
	{"unknown-edge", "paper surface tint unknown-ground", 3},
	{"c-text", "c-paper surface paper c-band c-zone", 4.5},
	{"c-strong", "c-paper surface paper c-band c-zone", 4.5},
	{"c-target", "c-paper surface paper c-band c-zone", 4.5},
	{"c-line", "c-paper surface paper c-band c-zone", 3},
	{"c-rest", "c-paper surface paper c-band c-zone", 3},
	{"c-axis", "c-paper surface paper c-band c-zone", 3},
	{"c-bar", "c-paper surface paper", 3},
	{"c-edge", "c-paper surface paper", 3},
	{"c-hatch", "c-paper surface paper", 3},
	{"c-line", "c-fan c-fan-inner c-zone-1 c-zone-2 c-zone-3", 3},
	{"c-target", "c-fan c-fan-inner c-zone-1 c-zone-2 c-zone-3", 3},
	{"c-strong", "c-zone-1 c-zone-2 c-zone-3", 3},
	{"c-target", "c-bar", 1.2},
	{"c-zone-1", "c-zone-2", 1.1},
	{"c-zone-2", "c-zone-3", 1.1},
}

// fills are the colours of the marks of a status. Below leastApart two begin to be taken for one another.
var fills = []string{"on-fill", "behind-fill", "off-fill", "unknown-fill"}

const leastApart = 10

// Check returns every pair of colours that cannot be read or told apart. A pair of which a token is not there is passed over.
func (t Tokens) Check() []Fault {
	var list []Fault
	for _, mode := range Modes {
		m := modeTokens{mode: mode, value: t[mode]}
		for _, p := range pairs {
			for back := range strings.FieldsSeq(p.backs) {
				m.stands(p.front, back, p.least)
			}
		}
		m.ring()
		m.apart()
		m.goes()
		list = append(list, m.faults...)
	}
	return list
}

// modeTokens looks at the tokens of one mode.
type modeTokens struct {
	mode   Mode
	value  map[string]string
	faults []Fault
}

// colour returns the colour of a token, and false if it is not there.
func (m *modeTokens) colour(name string) (rgb, bool) { return parseColour(m.value[name]) }

func (m *modeTokens) fault(front, back string, got, wanted float64) *Fault {
	m.faults = append(m.faults, Fault{Mode: m.mode, Front: Spot{front, m.value[front]}, Back: Spot{back, m.value[back]}, Got: got, Wanted: wanted})
	return &m.faults[len(m.faults)-1]
}

// stands checks a colour on its ground.
func (m *modeTokens) stands(front, back string, least float64) {
	f, ok := m.colour(front)
	b, ok2 := m.colour(back)
	if got := contrast(f, b); ok && ok2 && got < least {
		m.fault(front, back, got, least)
	}
}

// ring checks the focus ring, a line of ink and a bright one around it: one of them always stands out from the ground. Nobody tabs on paper.
func (m *modeTokens) ring() {
	ink, ok := m.colour("ink")
	focus, ok2 := m.colour("focus")
	if m.mode == Print || !ok || !ok2 {
		return
	}
	for _, back := range []string{"paper", "surface", "tint"} {
		ground, ok := m.colour(back)
		if got := max(contrast(ink, ground), contrast(focus, ground)); ok && got < 3 {
			m.fault("focus", back, got, 3)
		}
	}
}

// apart checks that the marks of a status differ for every kind of colour vision.
func (m *modeTokens) apart() {
	for i, a := range fills {
		for _, b := range fills[i+1:] {
			x, ok := m.colour(a)
			y, ok2 := m.colour(b)
			if v, d := nearest(x, y); ok && ok2 && d < leastApart {
				f := m.fault(a, b, d, leastApart)
				f.Apart, f.Vision = true, v
			}
		}
	}
}

// nearest returns how near two colours come to each other, and for whom: for all readers if they are too near for everybody.
func nearest(a, b rgb) (who string, d float64) {
	if d = distance(a, b); d < leastApart {
		return "", d
	}
	for _, v := range visions {
		if seen := distance(v.seen(a), v.seen(b)); seen < d {
			who, d = v.name, seen
		}
	}
	return who, d
}

// goes checks that the colours of a map go one way, from near the page to far from it, in steps that can be told apart.
func (m *modeTokens) goes() {
	paper, ok := m.colour("c-paper")
	before, last := 1.0, "c-paper"
	for _, name := range []string{"c-seq-1", "c-seq-2", "c-seq-3", "c-seq-4", "c-seq-5"} {
		c, ok2 := m.colour(name)
		if !ok || !ok2 {
			return
		}
		got := contrast(c, paper)
		if got < before*1.2 {
			m.fault(name, last, got/before, 1.2)
		}
		before, last = got, name
	}
	if before < 7 {
		m.fault(last, "c-paper", before, 7)
	}
}
