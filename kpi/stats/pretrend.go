package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Gap is one period of the two sides of a comparison.
type Gap struct {
	Period           int
	Treated, Control float64 // means of the units that have a value
	Gap              float64 // Treated − Control
	// Change is Gap less that of the last period before the start: near zero before it if the two sides went the same way.
	Change float64
}

// PreTrend shows whether the two sides went the same way before the start.
type PreTrend struct {
	Gaps    []Gap // of all periods in which both sides have a value, ascending
	Periods int   // of these, before the start
	// Slope is by how much the treated units' slope before the start lies above the others', in the unit of the values per period, from
	// each unit's own slope around its own level. Its StdErr is clustered by unit and not known with fewer than two units on either side.
	// A slope that cannot be told from zero proves little with few periods: it is to be shown with its limits.
	Slope Coefficient
}

// PreTrends compares the two sides period by period, and their slopes before start. The errors are ErrComparison, also if either side
// has no unit with two periods before start or if no period before start has both sides, and ErrTooLarge.
func PreTrends(values []PanelValue, start int) (PreTrend, error) {
	p, err := newPanel(values, start)
	if err != nil {
		return PreTrend{}, err
	}
	t := PreTrend{Gaps: p.gaps()}
	base := -1
	for i, g := range t.Gaps {
		if g.Period < start {
			base = i
			t.Periods++
		}
	}
	if base < 0 {
		return PreTrend{}, fmt.Errorf("%w: no period before %d has both sides", ErrComparison, start)
	}
	for i := range t.Gaps {
		t.Gaps[i].Change = t.Gaps[i].Gap - t.Gaps[base].Gap
	}
	var slope, variance [2]float64
	for side := range slope {
		var ok bool
		if slope[side], variance[side], ok = p.slopeBefore(side); !ok {
			return PreTrend{}, fmt.Errorf("%w: no unit with two periods before %d, treated %t", ErrComparison, start, side == 1)
		}
	}
	g := float64(p.units[0] + p.units[1])
	var stdErr float64
	if min(p.units[0], p.units[1]) >= 2 {
		stdErr = math.Sqrt((variance[0] + variance[1]) * g / (g - 1))
	}
	t.Slope = coefficient(slope[1]-slope[0], stdErr, g-1, p.power)
	return t.unscale(p.power)
}

// unscale takes the power of two out of the gaps.
func (t PreTrend) unscale(power int) (PreTrend, error) {
	for i := range t.Gaps {
		for _, v := range []*float64{&t.Gaps[i].Treated, &t.Gaps[i].Control, &t.Gaps[i].Gap, &t.Gaps[i].Change} {
			if *v = math.Ldexp(*v, power); !finite(*v) {
				return PreTrend{}, ErrTooLarge
			}
		}
	}
	if !finite(t.Slope.Value) || !finite(t.Slope.StdErr) {
		return PreTrend{}, ErrTooLarge
	}
	return t, nil
}

// gaps returns the means of both sides by period.
func (p panel) gaps() []Gap {
	byPeriod := map[int]*[2][]float64{}
	for _, v := range p.values {
		x := byPeriod[v.Period]
		if x == nil {
			x = &[2][]float64{}
			byPeriod[v.Period] = x
		}
		x[v.side] = append(x[v.side], v.Value)
	}
	var list []Gap
	for period, x := range byPeriod {
		if len(x[0]) > 0 && len(x[1]) > 0 {
			g := Gap{Period: period, Treated: mean(x[1]), Control: mean(x[0])}
			g.Gap = g.Treated - g.Control
			list = append(list, g)
		}
	}
	slices.SortFunc(list, func(a, b Gap) int { return cmp.Compare(a.Period, b.Period) })
	return list
}

// slopeBefore is the slope of one side's values before the start, units having levels of their own, and its variance by unit.
func (p panel) slopeBefore(side int) (slope, variance float64, ok bool) {
	units := map[int][]point{}
	for _, v := range p.values {
		if v.side == side && v.after == 0 {
			units[v.Unit] = append(units[v.Unit], point{float64(v.Period), v.Value})
		}
	}
	var sxx, sxy float64
	sums := map[int][2]float64{} // by unit: of squares and of products, around the unit's means
	keys := make([]int, 0, len(units))
	for u, points := range units {
		xx, xy := around(points)
		sums[u] = [2]float64{xx, xy}
		keys = append(keys, u)
	}
	slices.Sort(keys)
	for _, u := range keys {
		sxx, sxy = sxx+sums[u][0], sxy+sums[u][1]
	}
	if sxx == 0 {
		return 0, 0, false
	}
	slope = sxy / sxx
	for _, u := range keys {
		e := (sums[u][1] - slope*sums[u][0]) / sxx
		variance += e * e
	}
	return slope, variance, true
}

type point struct{ x, y float64 }

// around returns Σ(x − x̄)² and Σ(x − x̄)(y − ȳ).
func around(points []point) (xx, xy float64) {
	var mx, my float64
	for _, p := range points {
		mx, my = mx+p.x/float64(len(points)), my+p.y/float64(len(points))
	}
	for _, p := range points {
		xx += (p.x - mx) * (p.x - mx)
		xy += (p.x - mx) * (p.y - my)
	}
	return xx, xy
}
