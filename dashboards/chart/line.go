package chart

import (
	"math"
	"slices"
)

// Line is a series over time. Its texts are finished: the language and the units are in them.
type Line struct {
	Name   string // of the series, for the interactive chart
	Points []LinePoint
	Target *Level // the target
	Lower  *Level // the lower end of a target range; Target is the upper
	Band   *Band  // the usual ups and downs

	Steps    bool // the expected path jumps from value to value
	Axis     Axis
	Expected string // name of the expected path, for the interactive chart
	BandName string
	Empty    string // stands in a chart without values
}

// LinePoint is one period.
type LinePoint struct {
	Tick, Group string   // the two lines of its label on the axis; Group is written where it changes
	Label       string   // its full name
	Value       *float64 // nil is a gap
	Shown       string   // the value as a reader sees it
	Expected    *float64
	ExpectedAs  string // as a reader sees it
	Provisional bool
	Partial     bool
	Outside     bool // beyond the usual ups and downs
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

// NewLine returns the figure of a series over time.
func NewLine(id, finding, caption, desc string, t Table, l Line) *Figure {
	l.Points = slices.Clone(l.Points)
	for i := range l.Points {
		l.Points[i].Value, l.Points[i].Expected = finite(l.Points[i].Value), finite(l.Points[i].Expected)
	}
	if b := l.Band; b != nil && (finite(&b.Low) == nil || finite(&b.High) == nil || finite(&b.Mean) == nil) {
		l.Band = nil
	}
	for _, level := range []**Level{&l.Target, &l.Lower} {
		if *level != nil && finite(&(*level).Value) == nil {
			*level = nil
		}
	}
	return &Figure{ID: id, Finding: finding, Caption: caption, Table: t, desc: desc, plot: &l}
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

// scaleY returns the axis of values. The band is shown as far as it lies near the values: limits far away would flatten the line.
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
	l.clear(lo, hi, show)
	if b := l.Band; b != nil {
		reach := 0.75 * (hi - lo)
		show(max(b.Low, lo-reach))
		show(min(b.High, hi+reach))
	}
	return newScale(lo, hi, n, l.Axis.bounds(low, high, false)), true
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
