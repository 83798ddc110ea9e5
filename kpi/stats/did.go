package stats

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Difference in differences sets the change where something was done against the change where it was not. It says "against the
// comparison", never "caused": it rests on the two having gone the same way otherwise, which PreTrends lets one see for the time before.

// ErrComparison means that one of the four corners, before and after, with and without, has no value, or a unit is on both sides.
var ErrComparison = errors.New("there is nothing to compare before and after, with and without")

// FewUnits is the number of units on either side below which errors clustered by unit are themselves unsure, and mostly too small.
const FewUnits = 10

// PanelValue is the value of one unit (a district, a school) in one period.
type PanelValue struct {
	Unit, Period int
	Treated      bool // the unit is one where something was done; the same in all its periods
	Value        float64
}

// Comparison is a difference in differences, in the unit of the values.
type Comparison struct {
	// Means over all values of a corner.
	TreatedBefore, TreatedAfter, ControlBefore, ControlAfter float64
	TreatedUnits, ControlUnits                               int
	LeftOut                                                  int // values that are not finite, or units without one of the two periods
	// Effect is (TreatedAfter − TreatedBefore) − (ControlAfter − ControlBefore). Its StdErr is not known with fewer than two units on
	// either side: one unit alone shows nothing of how units differ.
	Effect Coefficient
}

// Few reports whether either side has fewer than FewUnits units.
func (c Comparison) Few() bool { return min(c.TreatedUnits, c.ControlUnits) < FewUnits }

// DifferenceInDifferences compares the means of the four corners; periods from start on are after. The standard error is clustered by
// unit (Liang & Zeger 1986) with the factor G/(G − 1)·(N − 1)/(N − 4) of G units and N values, and G − 1 degrees of freedom, as in Stata:
// a unit's values go together, and a pooled regression takes each for news. The errors are ErrComparison and ErrTooLarge.
func DifferenceInDifferences(panel []PanelValue, start int) (Comparison, error) {
	p, err := newPanel(panel, start)
	if err != nil {
		return Comparison{}, err
	}
	c := Comparison{TreatedUnits: p.units[1], ControlUnits: p.units[0], LeftOut: p.leftOut}
	var means [2][2]float64
	var count [2][2]float64
	for side := range means {
		for after := range means[side] {
			means[side][after], count[side][after] = p.corner(side, after)
			if count[side][after] == 0 {
				return Comparison{}, fmt.Errorf("%w: treated %t, after %t", ErrComparison, side == 1, after == 1)
			}
		}
	}
	effect := (means[1][1] - means[1][0]) - (means[0][1] - means[0][0])
	// By how much each unit moves the effect: of a regression on the four corners this is all of the sandwich.
	influence := map[int]float64{}
	for _, v := range p.values {
		e := (v.Value - means[v.side][v.after]) / count[v.side][v.after]
		if v.side != v.after {
			e = -e
		}
		influence[v.Unit] += e
	}
	n, g := float64(len(p.values)), float64(p.units[0]+p.units[1])
	var variance float64
	if min(p.units[0], p.units[1]) >= 2 && n > 4 {
		variance = sumOfSquares(influence) * g / (g - 1) * (n - 1) / (n - 4)
	}
	c.TreatedBefore, c.TreatedAfter = math.Ldexp(means[1][0], p.power), math.Ldexp(means[1][1], p.power)
	c.ControlBefore, c.ControlAfter = math.Ldexp(means[0][0], p.power), math.Ldexp(means[0][1], p.power)
	c.Effect = coefficient(effect, math.Sqrt(variance), g-1, p.power)
	return c, c.tooLarge()
}

func (c Comparison) tooLarge() error {
	if !finite(c.Effect.Value) || !finite(c.Effect.StdErr) {
		return ErrTooLarge
	}
	return nil
}

// sumOfSquares adds in the order of the keys, so that the last digit is the same every time.
func sumOfSquares(m map[int]float64) float64 {
	keys := make([]int, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	sum := 0.0
	for _, k := range keys {
		sum += m[k] * m[k]
	}
	return sum
}

// sided is a value with the corner that it belongs to: side 1 is treated.
type sided struct {
	PanelValue
	side, after int
}

// panel is what can be compared, with values scaled by a power of two.
type panel struct {
	values  []sided
	units   [2]int
	power   int
	leftOut int
}

func newPanel(values []PanelValue, start int) (panel, error) {
	var p panel
	var y []float64
	side := map[int]int{}
	for _, v := range values {
		if !finite(v.Value) {
			p.leftOut++
			continue
		}
		s := sided{PanelValue: v}
		if v.Treated {
			s.side = 1
		}
		if v.Period >= start {
			s.after = 1
		}
		known, ok := side[v.Unit]
		if ok && known != s.side {
			return panel{}, fmt.Errorf("%w: unit %d is on both sides", ErrComparison, v.Unit)
		}
		if !ok {
			side[v.Unit] = s.side
			p.units[s.side]++
		}
		p.values, y = append(p.values, s), append(y, v.Value)
	}
	p.power = scaleDown(y, 0, 1)
	for i, v := range y {
		p.values[i].Value = v
	}
	return p, nil
}

// corner returns the mean of a corner and its number of values.
func (p panel) corner(side, after int) (m, n float64) {
	var y []float64
	for _, v := range p.values {
		if v.side == side && v.after == after {
			y = append(y, v.Value)
		}
	}
	return mean(y), float64(len(y))
}

// ChangeComparison is the difference in differences of units that have one value before and one after (or their means), from the
// change of each unit: before, after and treated hold one entry a unit. The standard error is that of a difference of two means with
// variances of their own, √(s₁²/n₁ + s₀²/n₀), with Welch's degrees of freedom. A unit without one of the two values is left out. The
// errors are ErrComparison and ErrTooLarge.
func ChangeComparison(before, after []float64, treated []bool) (Comparison, error) {
	if len(before) != len(after) || len(before) != len(treated) {
		return Comparison{}, fmt.Errorf("%w: %d, %d and %d units", ErrComparison, len(before), len(after), len(treated))
	}
	var c Comparison
	var x [2][2][]float64 // side, after
	y := append(slices.Clone(before), after...)
	for i, v := range y {
		if !finite(v) {
			y[i] = 0
		}
	}
	power := scaleDown(y, 0, 1)
	for i := range before {
		if !finite(before[i]) || !finite(after[i]) {
			c.LeftOut++
			continue
		}
		side := 0
		if treated[i] {
			side = 1
		}
		x[side][0], x[side][1] = append(x[side][0], y[i]), append(x[side][1], y[len(before)+i])
	}
	c.ControlUnits, c.TreatedUnits = len(x[0][0]), len(x[1][0])
	if c.ControlUnits == 0 || c.TreatedUnits == 0 {
		return Comparison{}, fmt.Errorf("%w: %d treated units, %d others", ErrComparison, c.TreatedUnits, c.ControlUnits)
	}
	c.TreatedBefore, c.TreatedAfter = math.Ldexp(mean(x[1][0]), power), math.Ldexp(mean(x[1][1]), power)
	c.ControlBefore, c.ControlAfter = math.Ldexp(mean(x[0][0]), power), math.Ldexp(mean(x[0][1]), power)
	m1, v1 := meanChange(x[1])
	m0, v0 := meanChange(x[0])
	var stdErr, df float64
	if min(c.ControlUnits, c.TreatedUnits) >= 2 && v1+v0 > 0 {
		stdErr = math.Sqrt(v1 + v0)
		a, b := v1/(v1+v0), v0/(v1+v0)
		df = 1 / (a*a/float64(c.TreatedUnits-1) + b*b/float64(c.ControlUnits-1))
	}
	c.Effect = coefficient(m1-m0, stdErr, df, power)
	return c, c.tooLarge()
}

// meanChange returns the mean change of units and its variance.
func meanChange(x [2][]float64) (m, variance float64) {
	change := make([]float64, len(x[0]))
	for i := range change {
		change[i] = x[1][i] - x[0][i]
	}
	m = mean(change)
	for _, v := range change {
		variance += (v - m) * (v - m)
	}
	if n := float64(len(change)); n > 1 {
		return m, variance / (n - 1) / n
	}
	return m, 0
}
