package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// prop99 is the panel of packs of cigarettes sold a head in 39 states, 1970 to 2000. California alone is treated, from 1989 on.
func prop99(t *testing.T) []PanelValue {
	t.Helper()
	units := map[string]int{}
	var list []PanelValue
	for _, row := range plainRecords(t, "prop99_panel.csv") {
		name := row["state"]
		if _, ok := units[name]; !ok {
			units[name] = len(units)
		}
		list = append(list, PanelValue{Unit: units[name], Period: int(number(t, row["year"])), Treated: name == "California", Value: number(t, row["packs"])})
	}
	return list
}

func TestDifferenceInDifferencesAgainstReference(t *testing.T) {
	var want struct {
		N0        int
		T0        int
		Estimates struct{ DID float64 }
	}
	readExpected(t, "prop99_synthetic_expected.json", &want) // its synthetic controls are not for the first releases
	c, err := DifferenceInDifferences(prop99(t), 1989)
	if err != nil {
		t.Fatal(err)
	}
	matches(t, "effect", c.Effect.Value, want.Estimates.DID, 0)
	if c.TreatedUnits != 1 || c.ControlUnits != want.N0 || c.LeftOut != 0 || !c.Few() {
		t.Errorf("%+v", c)
	}
	if _, _, ok := c.Effect.Limits(0.95); ok || c.Effect.StdErr != 0 {
		t.Errorf("one state has limits: %+v", c.Effect)
	}
	matches(t, "corners", c.TreatedAfter-c.TreatedBefore-c.ControlAfter+c.ControlBefore, c.Effect.Value, 0)
	p, err := PreTrends(prop99(t), 1989)
	if err != nil || p.Periods != want.T0 || len(p.Gaps) != 31 || p.Slope.StdErr != 0 {
		t.Fatalf("%+v %v", p, err)
	}
	if p.Slope.Value >= 0 { // California was falling behind before: the comparison is not what it seems
		t.Errorf("slope before: %+v", p.Slope)
	}
	if g := p.Gaps[18]; g.Period != 1988 || g.Change != 0 || math.Abs(g.Gap-(g.Treated-g.Control)) > 1e-12 {
		t.Errorf("%+v", g)
	}
	sum := 0.0 // in a balanced panel the effect is the mean gap after less the mean gap before
	for _, g := range p.Gaps {
		if g.Period < 1989 {
			sum -= g.Gap / 19
		} else {
			sum += g.Gap / 12
		}
	}
	matches(t, "mean of the gaps", sum, c.Effect.Value, 0)
}

// randomPanel is a panel of n units, half of them treated, that are unlike and go their own ways.
func randomPanel(r *rand.Rand, n, periods, start int, effect, holes float64) []PanelValue {
	var list []PanelValue
	for u := range n {
		level := 10 * r.NormFloat64()
		for p := range periods {
			v := PanelValue{Unit: u, Period: p, Treated: u%2 == 0, Value: level + float64(p) + r.NormFloat64()}
			if v.Treated && p >= start {
				v.Value += effect
			}
			if r.Float64() < holes {
				v.Value = math.NaN()
			}
			list = append(list, v)
		}
	}
	return list
}

// The effect and its clustered error are those of a regression on the corners with the sandwich summed by unit.
func TestDifferenceInDifferencesIsARegression(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	for range 20 {
		panel := randomPanel(r, 14, 6, 3, 2, 0.2)
		c, err := DifferenceInDifferences(panel, 3)
		if err != nil {
			t.Fatal(err)
		}
		var x [][]float64
		var y []float64
		var unit []int
		for _, v := range panel {
			if !finite(v.Value) {
				continue
			}
			treated, after := 0.0, 0.0
			if v.Treated {
				treated = 1
			}
			if v.Period >= 3 {
				after = 1
			}
			x, y, unit = append(x, []float64{1, treated, after, treated * after}), append(y, v.Value), append(unit, v.Unit)
		}
		f, err := OLS(x, y)
		if err != nil {
			t.Fatal(err)
		}
		matches(t, "effect", c.Effect.Value, f.Coefficients[3], 1)
		scores := map[int][]float64{}
		for i, row := range x {
			if scores[unit[i]] == nil {
				scores[unit[i]] = make([]float64, 4)
			}
			for a := range row {
				scores[unit[i]][a] += row[a] * f.Residuals[i]
			}
		}
		variance := 0.0
		for _, s := range scores {
			e := 0.0
			for a := range s {
				e += f.Inverse[3][a] * s[a]
			}
			variance += e * e
		}
		g, n := float64(len(scores)), float64(len(y))
		matches(t, "SE", c.Effect.StdErr, math.Sqrt(variance*g/(g-1)*(n-1)/(n-4)), 0)
		if c.Effect.DF != g-1 || c.LeftOut != len(panel)-len(y) {
			t.Errorf("%+v", c)
		}
	}
}

// With one value before and after for every unit the two ways give one effect, and errors that differ by their factors only.
func TestChangeComparison(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 26))
	panel := randomPanel(r, 40, 2, 1, 3, 0)
	var before, after []float64
	var treated []bool
	for i := 0; i < len(panel); i += 2 {
		before, after, treated = append(before, panel[i].Value), append(after, panel[i+1].Value), append(treated, panel[i].Treated)
	}
	a, err := DifferenceInDifferences(panel, 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ChangeComparison(before, after, treated)
	if err != nil {
		t.Fatal(err)
	}
	matches(t, "effect", b.Effect.Value, a.Effect.Value, 0)
	clustered := a.Effect.StdErr / math.Sqrt(40.0/39*79/76)
	matches(t, "SE", b.Effect.StdErr*math.Sqrt(19.0/20), clustered, 0)
	if b.TreatedUnits != 20 || b.ControlUnits != 20 || b.Effect.DF < 19 || b.Effect.DF > 38 {
		t.Errorf("%+v", b)
	}
	// By hand: changes 2, 4 and 6 against 1 and 1: 3, with √(4/3 + 0) and 2 degrees of freedom.
	c, err := ChangeComparison([]float64{0, 1, 2, 0, 5, 7}, []float64{2, 5, 8, 1, 6, math.NaN()}, []bool{true, true, true, false, false, false})
	if err != nil || c.Effect.Value != 3 || c.LeftOut != 1 || c.ControlUnits != 2 {
		t.Fatalf("%+v %v", c, err)
	}
	matches(t, "SE", c.Effect.StdErr, math.Sqrt(4.0/3), 0)
	matches(t, "degrees of freedom", c.Effect.DF, 2, 0)
	if c.TreatedBefore != 1 || c.TreatedAfter != 5 || c.ControlBefore != 2.5 || c.ControlAfter != 3.5 {
		t.Errorf("%+v", c)
	}
}

// In nine of ten panels the truth lies within limits of 90 percent, or nearly so.
func TestComparisonLimitsHold(t *testing.T) {
	r := rand.New(rand.NewPCG(27, 28))
	const runs = 500
	hits := 0.0
	for range runs {
		c, err := DifferenceInDifferences(randomPanel(r, 40, 6, 3, 2, 0), 3)
		if err != nil {
			t.Fatal(err)
		}
		if lower, upper, ok := c.Effect.Limits(0.9); ok && lower <= 2 && 2 <= upper {
			hits++
		}
	}
	if hits /= runs; hits < 0.85 || hits > 0.95 {
		t.Errorf("%.3f of the limits hold the truth", hits)
	}
}

func TestPreTrends(t *testing.T) {
	r := rand.New(rand.NewPCG(29, 30))
	panel := randomPanel(r, 30, 8, 5, 4, 0)
	for i := range panel {
		if panel[i].Treated { // the treated rise by a half a period more than the others
			panel[i].Value += 0.5 * float64(panel[i].Period)
		}
	}
	p, err := PreTrends(panel, 5)
	if err != nil || p.Periods != 5 || len(p.Gaps) != 8 {
		t.Fatalf("%+v %v", p, err)
	}
	if lower, upper, ok := p.Slope.Limits(0.99); !ok || lower > 0.5 || upper < 0.5 || lower < 0 {
		t.Errorf("slope %+v: %g to %g", p.Slope, lower, upper)
	}
	// The slope is that of a regression in which every unit has a level of its own.
	var x [][]float64
	var y []float64
	for _, v := range panel {
		if v.Period >= 5 {
			continue
		}
		row := make([]float64, 32)
		row[v.Unit] = 1
		row[30] = float64(v.Period)
		if v.Treated {
			row[31] = float64(v.Period)
		}
		x, y = append(x, row), append(y, v.Value)
	}
	f, err := OLS(x, y)
	if err != nil {
		t.Fatal(err)
	}
	matches(t, "slope", p.Slope.Value, f.Coefficients[31], 0)
	variance := 0.0
	for u := range 30 {
		e := 0.0
		for i, row := range x {
			if row[u] == 1 {
				for a, v := range row {
					e += f.Inverse[31][a] * v * f.Residuals[i]
				}
			}
		}
		variance += e * e
	}
	matches(t, "SE", p.Slope.StdErr, math.Sqrt(variance*30/29), 0)
}

func TestComparisonEdges(t *testing.T) {
	nan := math.NaN()
	two := []PanelValue{{0, 0, true, 1}, {0, 1, true, 2}, {1, 0, false, 1}, {1, 1, false, 1}}
	for name, c := range map[string]struct {
		panel []PanelValue
		start int
		want  error
	}{
		"nothing":     {nil, 0, ErrComparison},
		"no after":    {two, 2, ErrComparison},
		"no before":   {two, 0, ErrComparison},
		"no control":  {two[:2], 1, ErrComparison},
		"both sides":  {append(slices.Clone(two), PanelValue{0, 2, false, 1}), 1, ErrComparison},
		"a gap":       {[]PanelValue{two[0], two[1], two[2], {1, 1, false, nan}}, 1, ErrComparison},
		"too large":   {[]PanelValue{{0, 0, true, -math.MaxFloat64}, {0, 1, true, math.MaxFloat64}, {1, 0, false, 0}, {1, 1, false, 0}}, 1, ErrTooLarge},
		"all as ever": {two, 1, nil},
	} {
		d, err := DifferenceInDifferences(c.panel, c.start)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v (%+v)", name, err, c.want, d)
		}
	}
	if d, err := DifferenceInDifferences(two, 1); err != nil || d.Effect.Value != 1 {
		t.Errorf("%+v %v", d, err)
	}
	if _, err := PreTrends(two, 1); !errors.Is(err, ErrComparison) {
		t.Errorf("a trend of one period: %v", err)
	}
	if _, err := PreTrends(two, -5); !errors.Is(err, ErrComparison) {
		t.Errorf("a trend of no period: %v", err)
	}
	for _, c := range []func() error{
		func() error { _, err := ChangeComparison([]float64{1}, nil, nil); return err },
		func() error { _, err := ChangeComparison([]float64{1}, []float64{2}, []bool{true}); return err },
		func() error {
			_, err := ChangeComparison([]float64{1, nan}, []float64{2, 2}, []bool{true, false})
			return err
		},
	} {
		if err := c(); !errors.Is(err, ErrComparison) {
			t.Errorf("%v", err)
		}
	}
	if c, err := ChangeComparison([]float64{1, 1}, []float64{2, 1}, []bool{true, false}); err != nil || c.Effect.Value != 1 || c.Effect.StdErr != 0 {
		t.Errorf("%+v %v", c, err)
	}
	equal := make([]PanelValue, 0, 40)
	for u := range 20 {
		equal = append(equal, PanelValue{u, 0, u < 10, 0.1}, PanelValue{u, 1, u < 10, 0.1})
	}
	if c, err := DifferenceInDifferences(equal, 1); err != nil || c.Effect.Value != 0 || c.Effect.StdErr != 0 || c.Few() {
		t.Errorf("all equal: %+v %v", c, err)
	}
}

// FuzzComparison: no input panics, and no result is NaN or infinite.
func FuzzComparison(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 2, 1.0)
	f.Add([]byte{255, 254, 0, 0, 0, 0, 9, 9, 9, 9, 1, 1}, 1, 1e300)
	f.Add([]byte{200, 100, 200, 100, 1, 1, 1, 1}, 1, 1e-300)
	f.Fuzz(func(t *testing.T, raw []byte, start int, unit float64) {
		var panel []PanelValue
		var before, after []float64
		var treated []bool
		for i, b := range raw {
			v := PanelValue{Unit: i / 4, Period: i % 4, Treated: i/4%3 == 0, Value: (float64(b) - 100) * unit}
			switch b {
			case 255:
				v.Value = math.NaN()
			case 254:
				v.Value = math.Inf(1)
			}
			panel = append(panel, v)
			if i%4 == 0 {
				before, treated = append(before, v.Value), append(treated, v.Treated)
			} else if i%4 == 1 {
				after = append(after, v.Value)
			}
		}
		if len(before) > len(after) {
			before, treated = before[:len(after)], treated[:len(after)]
		}
		a, _ := DifferenceInDifferences(panel, start)
		b, _ := ChangeComparison(before, after, treated)
		p, _ := PreTrends(panel, start)
		numbers := []float64{p.Slope.Value, p.Slope.StdErr}
		for _, c := range []Comparison{a, b} {
			lower, upper, _ := c.Effect.Limits(0.95)
			q, _ := c.Effect.P()
			numbers = append(numbers, c.TreatedBefore, c.TreatedAfter, c.ControlBefore, c.ControlAfter, c.Effect.Value, c.Effect.StdErr, c.Effect.DF, lower, upper, q)
		}
		for _, g := range p.Gaps {
			numbers = append(numbers, g.Treated, g.Control, g.Gap, g.Change)
		}
		for _, v := range numbers {
			if !finite(v) {
				t.Fatalf("%g among %+v %+v %+v", v, a, b, p)
			}
		}
	})
}

func BenchmarkDifferenceInDifferences(b *testing.B) {
	panel := randomPanel(rand.New(rand.NewPCG(1, 2)), 25, 60, 30, 2, 0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DifferenceInDifferences(panel, 30); err != nil {
			b.Fatal(err)
		}
	}
}
