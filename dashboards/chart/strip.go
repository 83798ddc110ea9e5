package chart

import (
	"html/template"

	"citystat/kpi"
)

// DeliveryStrip returns the deliveries of the last weeks as a strip without any text, for a line that says them in words: a day each, the newest on the right.
// New data are a bar, nothing new is a dot, a failure a cross; below the days on which the data were late there is a line. It is hidden from screen readers, and
// empty where nothing is known.
func DeliveryStrip(ds *kpi.Dataset, st kpi.DatasetState, asOf kpi.Date) template.HTML {
	f := fresh{ds: ds, byDay: map[kpi.Date]kpi.Delivery{}}
	if asOf.IsZero() || !f.read(st, asOf) {
		return ""
	}
	const days, step, h = 7 * freshWeeks, 4.0, 22.0
	w := days*step + 4
	c := newCanvas(size{w: w, h: h}, "")
	c.open("svg", "c-strip", "viewBox", "0 0 "+number(w)+" "+number(h), "aria-hidden", "true", "focusable", "false", "width", w, "height", h)
	first := asOf.AddDays(1 - days)
	var late []point
	for i := range days {
		day, x := first.AddDays(i), 4+float64(i)*step
		switch f.kind(day) {
		case dayNew:
			c.leaf("rect", "c-came", "x", x-1.25, "y", 2.0, "width", 2.5, "height", 13.0)
		case dayUnchanged:
			c.leaf("circle", "c-came", "cx", x, "cy", 13.5, "r", 1.25)
		case dayFailed:
			c.polyline("c-broke", []point{{x - 2.5, 5}, {x + 2.5, 12}})
			c.polyline("c-broke", []point{{x - 2.5, 12}, {x + 2.5, 5}})
		case dayNothing:
		}
		if f.late(day) {
			late = append(late, point{x - 2, 19}, point{x + 2, 19})
			continue
		}
		c.polyline("c-broke", late)
		late = nil
	}
	c.polyline("c-broke", late)
	c.close("svg")
	return template.HTML(c.bytes()) // numbers only
}
