package catalog

import (
	"citystat/kpi"
)

// readRollUp reads whether the city wants the indicators of a priority in one number, and how much each weighs.
func (l *loader) readRollUp(city object) {
	o, ok := l.object(city.get("roll_up", optional), rollUpShape)
	if !ok {
		return
	}
	average := o.boolean("average", false)
	r := &kpi.RollUp{}
	if average {
		l.city.RollUp = r
	}
	if n := o.value["average"]; o.key["weights"] != nil && !average && !o.misspelt("average") && (n == nil || n.kind == scalar && isBool(n.text)) {
		l.bad(o.key["weights"], "write average: true, or leave the weights out", "weights have no effect without an average")
	}
	for _, p := range o.pairs("weights", optional) {
		id := p.key.text
		one := object{l: l, n: o.n, shape: rollUpShape, value: map[string]*node{"weights": p.value}, key: map[string]*node{"weights": p.key}}
		n, v := one.number("weights", required)
		l.refer("indicator", p.key, id)
		l.later = append(l.later, func() {
			if i := l.city.Indicator(id); i != nil && id != "" && i.Direction == kpi.Neutral {
				l.bad(p.key, "leave its weight out", "the indicator %q has the direction none and is never judged, so that its weight has no effect", id)
			}
		})
		switch {
		case n == nil:
		case v < 0 || v > 1000:
			l.bad(n, "write 2 for one that counts twice, 0 for one that does not count", "a weight lies between 0 and 1000, and this is %s", n.text)
		default:
			if r.Weights == nil {
				r.Weights = map[string]float64{}
			}
			r.Weights[id] = v
		}
	}
	if n := o.value["weights"]; n != nil && n.kind == mapping && len(n.pairs) == 0 {
		o.empty("weights", n)
	}
}
