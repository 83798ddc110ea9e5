package chart

import (
	"math"
	"slices"
)

// Line is a series over time. Its texts are finished: the language and the units are in them.
type Line struct {
	Name   string // of the series, for the interactive chart
	Points []LinePoint
	Extras []Extra
	Breaks []Break
	Target *Level     // the target
	Lower  *Level     // the lower end of a target range; Target is the upper
	Band   *Band      // the usual ups and downs, where points have no limits of their own
	Ahead  *Ahead     // where the value will probably be at a later day
	Fan    []FanStep  // the way there, in order
	Way    []Waypoint // targets at their days, in order
	Zone   *Zone      // periods that are set apart
	Loose  bool       // points are drawn without a line between them
	Base   *float64   // a value that the axis shows in any case

	Steps    bool // the expected path jumps from value to value
	Axis     Axis
	Expected string // name of the expected path, for the interactive chart
	BandName string
	WayName  string // of the targets at their days, for the interactive chart
	Empty    string // stands in a chart without values
}

// LinePoint is one period.
type LinePoint struct {
	Tick, Group string   // the two lines of its label on the axis; Group is written where it changes
	Label       string   // its full name
	Value       *float64 // nil is a gap
	Shown       string   // the value as a reader sees it
	Expected    *float64
	ExpectedAs  string   // as a reader sees it
	Mean        *float64 // the usual ups and downs of this period; nil where there are none
	Lower       *float64
	Upper       *float64
	Provisional bool
	Partial     bool
	Outside     bool // beyond the usual ups and downs
	Apart       bool // shown, and not counted: between announcement and start of what is evaluated
}

// Extra is a further line over the same periods.
type Extra struct {
	Name   string // for the interactive chart
	Label  string // stands at its end; "" for none
	Style  Style
	Values []*float64 // one a point
	Shown  []string   // as a reader sees them; nil: they are not spoken of
}

// Style is how a further line is drawn.
type Style string

// The styles.
const (
	StyleBefore  Style = "before"  // the same a year before
	StyleOther   Style = "other"   // those that are compared with; with marks of their own
	StyleFitted  Style = "fitted"  // a line through the values
	StyleWithout Style = "without" // a line on which the values would be
	StyleMiddle  Style = "middle"  // the median
)

// Break is where a line is interrupted: the points before it and from it on do not compare.
type Break struct {
	At    int    // index of the first point after it
	Label string // why
}

// Ahead is where a value will probably be: an interval and its middle.
type Ahead struct {
	After           float64 // periods after the last point
	Low, Mean, High float64
	Tick, Group     string // the two lines of its label on the axis
	Label           string // the day
	Name            string // for the interactive chart
	Shown           string // the interval as a reader sees it
}

// Zone is a stretch of periods, both ends included.
type Zone struct {
	From, To int
	Label    string
}

// Level is a value with its finished label.
type Level struct {
	Value float64
	Label string
}

// Band is the room between two limits, and the average.
type Band struct{ Low, Mean, High float64 }

// Axis is how the axis of values is labelled.
type Axis struct {
	Title string // the unit, "" if the labels say it
	// Label returns the text of a tick with so many decimals.
	Label func(v float64, decimals int) string
	// Floor and Ceiling are the natural ends of the values, nil if there are none.
	Floor, Ceiling *float64
	// Whole says that values are counts: there is no tick between 0 and 1.
	Whole bool
}

// bounds returns the natural ends of an axis over values from lo to hi. Values beyond an end show that it is none.
func (a Axis) bounds(lo, hi float64, zero bool) bounds {
	b := bounds{floor: math.Inf(-1), ceiling: math.Inf(1), zero: zero, grain: float64(bit(a.Whole))}
	if f := finite(a.Floor); f != nil && lo >= *f {
		b.floor = *f
	}
	if c := finite(a.Ceiling); c != nil && hi <= *c {
		b.ceiling = *c
	}
	return b
}

// NewLine returns the figure of a series over time. Numbers that are not finite count as none.
func NewLine(id, finding, caption, desc string, t Table, l Line) *Figure {
	l.clean()
	return &Figure{ID: id, Finding: finding, Caption: caption, Table: t, desc: desc, plot: &l}
}

// clean leaves out what cannot be drawn. It changes copies.
func (l *Line) clean() {
	l.Points = slices.Clone(l.Points)
	for i := range l.Points {
		p := &l.Points[i]
		for _, v := range []**float64{&p.Value, &p.Expected, &p.Mean, &p.Lower, &p.Upper} {
			*v = finite(*v)
		}
		if p.Lower == nil || p.Upper == nil || *p.Upper < *p.Lower {
			p.Lower, p.Upper = nil, nil
		}
	}
	if b := l.Band; b != nil && (finite(&b.Low) == nil || finite(&b.High) == nil || finite(&b.Mean) == nil) {
		l.Band = nil
	}
	for _, level := range []**Level{&l.Target, &l.Lower} {
		if *level != nil && finite(&(*level).Value) == nil {
			*level = nil
		}
	}
	if a := l.Ahead; a != nil && (finite(&a.Low) == nil || finite(&a.Mean) == nil || finite(&a.High) == nil || finite(&a.After) == nil || a.High < a.Low) {
		l.Ahead = nil
	}
	l.cleanBeyond()
	l.Breaks = slices.DeleteFunc(slices.Clone(l.Breaks), func(b Break) bool { return b.At <= 0 || b.At >= len(l.Points) })
	if z := l.Zone; z != nil && (z.From < 0 || z.To >= len(l.Points) || z.To < z.From) {
		l.Zone = nil
	}
	l.Extras = slices.Clone(l.Extras)
	for i := range l.Extras {
		e := &l.Extras[i]
		values := make([]*float64, len(l.Points))
		for k := range min(len(values), len(e.Values)) {
			values[k] = finite(e.Values[k])
		}
		e.Values = values
	}
}

// broken reports whether the line is interrupted before a point.
func (l *Line) broken(i int) bool {
	return slices.ContainsFunc(l.Breaks, func(b Break) bool { return b.At == i })
}

// stretches returns the first point of each stretch between breaks, and the one after its last.
func (l *Line) stretches() [][2]int {
	var list [][2]int
	first := 0
	for end := 1; end <= len(l.Points); end++ {
		if end == len(l.Points) || l.broken(end) {
			list = append(list, [2]int{first, end})
			first = end
		}
	}
	return list
}

// limited reports whether points have limits of their own.
func (l *Line) limited() bool {
	return slices.ContainsFunc(l.Points, func(p LinePoint) bool { return p.Lower != nil })
}

func (l *Line) height(s size) float64 { return s.h }

// last returns the index of the newest value whose period is over, or of the newest value; -1 if there is none.
func (l *Line) last() int {
	newest := -1
	for i := len(l.Points) - 1; i >= 0; i-- {
		if l.Points[i].Value == nil {
			continue
		}
		if !l.Points[i].Partial {
			return i
		}
		if newest < 0 {
			newest = i
		}
	}
	return newest
}

// path returns whether the expected path says more than the target's line does: that it rises, falls or steps.
func (l *Line) path() bool {
	for _, p := range l.Points {
		if p.Expected != nil && (l.Target == nil || math.Abs(*p.Expected-l.Target.Value) > 1e-9*math.Abs(l.Target.Value)) {
			return true
		}
	}
	return false
}

// scaleY returns the axis of values. The band is shown as far as it lies near the values: limits far away would flatten the line. So is what
// lies ahead.
func (l *Line) scaleY(n int) (scale, bool) {
	lo, hi := math.Inf(1), math.Inf(-1)
	show := func(v float64) { lo, hi = min(lo, v), max(hi, v) }
	some := false
	for _, p := range l.Points {
		if p.Value != nil {
			show(*p.Value)
			some = true
		}
	}
	if !some {
		return scale{}, false
	}
	low, high := lo, hi
	for _, e := range l.Extras {
		for _, v := range e.Values {
			if v != nil {
				show(*v)
			}
		}
	}
	for _, p := range l.Points {
		if p.Expected != nil && l.path() {
			show(*p.Expected)
		}
	}
	for _, level := range []*Level{l.Target, l.Lower} {
		if level != nil {
			show(level.Value)
		}
	}
	for _, w := range l.Way {
		show(w.Value)
	}
	if l.Base != nil {
		show(*l.Base)
	}
	l.clear(lo, hi, show)
	l.around(lo, hi, show)
	return newScale(lo, hi, n, l.Axis.bounds(low, high, false)), true
}

// around shows limits and what lies ahead, no farther than the values reach themselves.
func (l *Line) around(lo, hi float64, show func(float64)) {
	reach := 0.75 * (hi - lo)
	near := func(low, high float64) {
		show(min(max(low, lo-reach), hi+reach))
		show(max(min(high, hi+reach), lo-reach))
	}
	if l.Band != nil && !l.limited() {
		near(l.Band.Low, l.Band.High)
	}
	for _, p := range l.Points {
		if p.Lower != nil {
			near(*p.Lower, *p.Upper)
		}
	}
	for _, s := range l.Fan {
		near(s.Low, s.High)
	}
	if a := l.Ahead; a != nil {
		near(a.Low, a.High)
		reach = max(3*(hi-lo), 0.5*max(math.Abs(lo), math.Abs(hi))) // its middle is not where it is drawn otherwise
		near(a.Mean, a.Mean)
	}
}

// clear leaves some room beyond a target at the end of the values, so that its line is not taken for the axis.
func (l *Line) clear(lo, hi float64, show func(float64)) {
	for _, level := range []*Level{l.Target, l.Lower} {
		if room := 0.04 * (hi - lo); level != nil && !math.IsInf(room, 0) {
			show(level.Value - room)
			show(level.Value + room)
		}
	}
}
