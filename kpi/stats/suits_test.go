package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestLagOneAgainstReference(t *testing.T) {
	var cases []struct {
		Name   string    `json:"name"`
		Errors []float64 `json:"errors"`
		ACF1   float64   `json:"acf1"`
	}
	fromJSON(t, "lag_one.json", &cases)
	for _, c := range cases {
		if r, ok := LagOne(c.Errors); !ok || !same(r, c.ACF1) {
			t.Errorf("%s: %v %v, want %v", c.Name, r, ok, c.ACF1)
		}
	}
	if len(cases) != 5 {
		t.Errorf("%d series checked, want 5", len(cases))
	}
}

func TestLagOne(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		values []float64
		want   float64
		ok     bool
	}{
		"nothing":                 {nil, 0, false},
		"one":                     {[]float64{4}, 0, false},
		"two":                     {[]float64{4, 6}, -0.5, true},
		"rising":                  {[]float64{1, 2, 3, 4, 5}, 0.4, true},
		"a gap":                   {[]float64{1, nan, 3, 4, 5}, 6.0 / 35, true}, // (1.125/3)/(8.75/4)
		"gaps at the ends":        {[]float64{nan, 1, 2, 3, 4, 5, inf}, 0.4, true},
		"no neighbours":           {[]float64{1, nan, 3, nan, 5}, 0, false},
		"constant":                {[]float64{0.1, 0.1, 0.1, 0.1}, 0, false},
		"constant but for dust":   {[]float64{0.3, 0.1 + 0.2, 0.3, 0.1 + 0.2}, 0, false},
		"pairs far from the mean": {[]float64{1, 1, nan, 0, 0, nan, 1, 1, nan, 0, 0}, 0.8, true},              // (1/5)/(2/8)
		"held within 1":           {[]float64{4, 4, nan, 0, nan, 0, nan, 0, nan, 0, nan, 0, nan, 0}, 1, true}, // (9/2)/(24/8)
		"huge":                    {[]float64{1e308, -1e308, 1e308, -1e308}, -0.75, true},
		"tiny":                    {[]float64{1e-308, -1e-308, 1e-308, -1e-308}, -0.75, true},
	} {
		r, ok := LagOne(c.values)
		if ok != c.ok || !same(r, c.want) {
			t.Errorf("%s: %v %v, want %v %v", name, r, ok, c.want, c.ok)
		}
	}
}

// Expected skewness: the formula in decimals of 50 digits.
func TestSkewness(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{1, 2, 3, 4, 10}, 1.6970562748477141},
		{[]float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 13}, 3.4641016151377546},
		{[]float64{2, 8, 0, 4, 1, 9, 9, 0}, 0.33058218040797466},
		{[]float64{1e300, 2e300, 3e300, 4e300, 10e300}, 1.6970562748477141},
		{[]float64{-1, -2, -3, -4, -10}, -1.6970562748477141},
		{[]float64{1, 5}, 0},
		{[]float64{7, 7, 7, 7}, 0},
	} {
		if got := SuitsXmR(c.values); !same(got.Skewness, c.want) {
			t.Errorf("%v: %v, want %v", c.values, got.Skewness, c.want)
		}
	}
}

func TestSuitsXmR(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	var walk, steady, skewed, few, shifted []float64
	at := 0.0
	for i := range 36 {
		at = 0.8*at + r.NormFloat64()
		noise := r.NormFloat64()
		walk, steady, skewed = append(walk, 100+at), append(steady, 100+noise), append(skewed, math.Exp(r.NormFloat64()))
		few = append(few, float64(i*7%5))
		shifted = append(shifted, noise+4*float64(i/18))
	}
	for name, c := range map[string]struct {
		values                 []float64
		correlated, skew, rare bool
	}{
		"nothing":               {nil, false, false, false},
		"steady":                {steady, false, false, false},
		"a walk":                {walk, true, false, false},
		"a walk too short":      {walk[:19], false, false, false},
		"skewed":                {skewed, false, true, false},
		"skewed but too short":  {skewed[:11], false, false, false},
		"a skewness of 0.78":    {[]float64{10, 8, 12, 9, 11, 7, 13, 10, 9, 11, 10, 15.5}, false, false, false},
		"a skewness of 1.12":    {[]float64{10, 8, 12, 9, 11, 7, 13, 10, 9, 11, 10, 16.5}, false, true, false},
		"one of -1.12":          {[]float64{0, 2, -2, 1, -1, 3, -3, 0, 1, -1, 0, -6.5}, false, true, false},
		"few":                   {few, false, false, true},
		"few but too short":     {few[:11], false, false, false},
		"a shift":               {shifted, true, false, false},
		"each side of a shift":  {shifted[18:], false, false, false},
		"five a month":          {[]float64{4, 6, 5, 5, 4, 6, 6, 4, 5, 5, 6, 4}, false, false, false},
		"less than five":        {[]float64{4, 6, 5, 5, 4, 6, 6, 4, 5, 5, 6, 3}, false, false, true},
		"negative, so no count": {append([]float64{-1}, few...), false, false, false},
		"halves are no counts":  {append([]float64{0.5}, few...), false, false, false},
	} {
		s := SuitsXmR(c.values)
		if s.Autocorrelated != c.correlated || s.Skewed != c.skew || s.Rare != c.rare || s.Points != len(c.values) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// Months in which nothing but chance differs are over-dispersed in about 5 % of the series, whatever their number of cases and of months.
func TestOverdispersionByChance(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	const series = 3000
	for _, months := range []int{12, 24, 60} {
		over, small, sigmaZ, square := 0, 0, 0.0, 0.0
		for range series {
			x, n := make([]float64, months), make([]float64, months)
			for i := range x {
				n[i] = 300 + 200*r.Float64()
				x[i] = math.Round(n[i]*0.5 + math.Sqrt(n[i])*0.5*r.NormFloat64())
			}
			d, ok := Overdispersion(ChartP, x, n)
			if !ok {
				t.Fatalf("no test of %v of %v", x, n)
			}
			if d.Over {
				over++
			}
			if d.PValue < 0.05 {
				small++
			}
			sigmaZ, square = sigmaZ+d.SigmaZ/series, square+d.SigmaZ*d.SigmaZ/series
		}
		if share := float64(over) / series; share < 0.04 || share > 0.075 {
			t.Errorf("%d months: %.3f over-dispersed by sigma z", months, share)
		}
		if share := float64(small) / series; share < 0.035 || share > 0.065 {
			t.Errorf("%d months: %.3f over-dispersed by χ²", months, share)
		}
		if sd := math.Sqrt(square - sigmaZ*sigmaZ); math.Abs(sd/sigmaZDeviation(months)-1) > 0.06 {
			t.Errorf("%d months: sigma z has the standard deviation %.4f, want %.4f", months, sd, sigmaZDeviation(months))
		}
	}
}

// The reference's hospitals treat thousands of cases a month: their p and u limits are all too tight.
func TestOverdispersionOfHospitals(t *testing.T) {
	tested := 0
	for _, q := range qicharts(t) {
		kind := qikinds[q.kind]
		d, ok := Overdispersion(kind, q.numerators, q.denominators)
		if want := kind != ChartI && kind != ChartIPrime && q.kind != "run"; ok != want {
			t.Errorf("%s: tested %v", q.name, ok)
		}
		if !ok {
			continue
		}
		tested++
		c := Attribute(kind, q.numerators, q.denominators, 0)
		if kind != ChartC && d.SigmaZ != c.SigmaZ {
			t.Errorf("%s: sigma z %v, on the chart %v", q.name, d.SigmaZ, c.SigmaZ)
		}
		if !d.Over || d.PValue > 1e-6 || d.Ratio < 2 {
			t.Errorf("%s: %+v", q.name, d)
		}
	}
	if tested != 50 {
		t.Errorf("%d charts tested, want 50", tested)
	}
}

func TestOverdispersion(t *testing.T) {
	// Counts 10, 20, 30 have the mean 20 and χ² = 100/20 + 0 + 100/20; with two degrees of freedom its tail is exp(−χ²/2).
	d, ok := Overdispersion(ChartC, []float64{10, 20, 30}, nil)
	if !ok || d.Points != 3 || !same(d.Ratio, 5) || !same(d.PValue, math.Exp(-5)) || !same(d.SigmaZ, 10/math.Sqrt(20)/1.128) || d.Over {
		t.Errorf("%+v %v", d, ok)
	}
	if d, _ := Overdispersion(ChartU, []float64{1, 2, 3}, []float64{10, 20, 30}); d.SigmaZ != 0 || d.Ratio != 0 || d.PValue != 1 {
		t.Errorf("equal rates: %+v", d)
	}
	if got := sigmaZDeviation(2); !same(got, math.Sqrt(2-4/math.Pi)/1.128) {
		t.Errorf("of one difference: %v", got)
	}
	nan := math.NaN()
	for name, c := range map[string]struct {
		kind AttributeKind
		x, n []float64
	}{
		"nothing":         {ChartP, nil, nil},
		"one":             {ChartP, []float64{1}, []float64{5}},
		"no case":         {ChartU, []float64{0, 0, 0}, []float64{5, 5, 5}},
		"all cases":       {ChartP, []float64{5, 5, 5}, []float64{5, 5, 5}},
		"no such test":    {ChartT, []float64{1, 2, 3}, nil},
		"gaps":            {ChartC, []float64{1, nan, nan}, nil},
		"too large":       {ChartU, []float64{1e308, 1e308, 1e308}, []float64{1, 1, 1}},
		"no denominators": {ChartU, []float64{1, 2, 3}, nil},
	} {
		if d, ok := Overdispersion(c.kind, c.x, c.n); ok || d != (Dispersion{}) {
			t.Errorf("%s: %+v %v", name, d, ok)
		}
	}
}

// FuzzSuits: no input panics, every result is finite and within its range; the order of the values turned round changes nothing.
func FuzzSuits(f *testing.F) {
	f.Add(1.0, -1e308, 1e308, math.Inf(1), math.NaN(), 5e-324)
	f.Add(1e300, 1e-300, 1e300, 1e-300, 2.0, 3.0)
	f.Add(0.1, 0.1, 0.1, 0.1, 0.1, 0.1)
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g float64) {
		values := []float64{a, b, c, d, e, g, a, a, c, d}
		s := SuitsXmR(values)
		if !finite(s.LagOne) || s.LagOne < -1 || s.LagOne > 1 || !finite(s.Skewness) || math.Abs(s.Skewness) > 10 {
			t.Fatalf("%+v", s)
		}
		slices.Reverse(values)
		if back := SuitsXmR(values); math.Abs(back.LagOne-s.LagOne) > 1e-6 {
			t.Fatalf("%+v, backwards %+v", s, back)
		}
		for _, k := range allKinds {
			x, ok := Overdispersion(k, values, []float64{b, c, 1, 2, a, a, g, g, e, d})
			if !finite(x.SigmaZ) || !finite(x.Ratio) || !(x.PValue >= 0 && x.PValue <= 1) || !finite(x.Bound) || !ok && x != (Dispersion{}) {
				t.Fatalf("%s: %+v", k, x)
			}
		}
	})
}
