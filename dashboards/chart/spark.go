package chart

import (
	"html/template"
	"math"
)

// Spark returns a line of the values without any text, for a card that says them in words. It is hidden from screen readers. target
// may be nil. Without two values in a row it is empty.
func Spark(values []*float64, target *float64) template.HTML {
	const w, h, pad = 160.0, 40.0, 5.0
	lo, hi := math.Inf(1), math.Inf(-1)
	last := -1
	for i, v := range values {
		if v = finite(v); v != nil {
			lo, hi = min(lo, *v), max(hi, *v)
			last = i
		}
	}
	if last < 1 || len(values) < 2 {
		return ""
	}
	if target = finite(target); target != nil {
		lo, hi = min(lo, *target), max(hi, *target)
	}
	y := scale{lo: lo, hi: hi, from: h - pad, to: pad}
	c := newCanvas(size{w: w, h: h}, "")
	c.open("svg", "c-spark", "viewBox", "0 0 "+number(w)+" "+number(h), "aria-hidden", "true", "focusable", "false", "width", w, "height", h)
	if target != nil {
		c.line("c-expected", pad, y.at(*target), w-pad, y.at(*target))
	}
	var run []point
	for i, v := range values {
		if v = finite(v); v == nil {
			c.polyline("c-line", run)
			run = nil
			continue
		}
		run = append(run, point{pad + float64(i)/float64(len(values)-1)*(w-2*pad), y.at(*v)})
	}
	c.polyline("c-line", run)
	at := point{pad + float64(last)/float64(len(values)-1)*(w-2*pad), y.at(*values[last])}
	c.leaf("circle", "c-last", "cx", at.x, "cy", at.y, "r", 4.0)
	c.close("svg")
	return template.HTML(c.bytes()) // numbers only
}
