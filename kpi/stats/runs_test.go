package stats

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestMedianRunsAgainstReference(t *testing.T) {
	charts := 0
	for _, q := range qicharts(t) {
		if q.kind != "run" {
			continue
		}
		charts++
		c := MedianRuns(q.numerators, 0)
		if !c.Known || c.Points != len(q.rows) || !same(c.Median, number(t, q.rows[0]["cl"])) {
			t.Errorf("%s: %+v, want the median %s", q.name, c, q.rows[0]["cl"])
		}
		checkRuns(t, q.name, c.Runs, q.rows[0])
	}
	if charts != 10 {
		t.Errorf("%d charts checked, want 10", charts)
	}
}

func TestAnhojThresholdsAgainstReference(t *testing.T) {
	rows := records(t, "anhoej_runchart_thresholds.csv.gz")
	for _, row := range rows {
		longest, crossings := AnhojThresholds(int(number(t, row["n_useful"])))
		if float64(longest) != number(t, row["longest_run_max"]) || float64(crossings) != number(t, row["crossings_min"]) {
			t.Errorf("%d and %d, want %v", longest, crossings, row)
		}
	}
	if len(rows) != 116 {
		t.Errorf("%d rows checked, want 116", len(rows))
	}
	for _, n := range []int{-3, 0} {
		if longest, crossings := AnhojThresholds(n); longest != 0 || crossings != 0 {
			t.Errorf("of %d points: %d and %d", n, longest, crossings)
		}
	}
}

// The quantile is held against sums of binomial coefficients as whole numbers, up to series of 20 years of days.
func TestFairQuantileIsExact(t *testing.T) {
	tosses := []int{1000, 1001, 2000, 7305}
	for n := range 300 {
		tosses = append(tosses, n)
	}
	for _, n := range tosses {
		k := fairQuantile(n, 0.05)
		// P(X ≤ j) < 1/20 for all j < k, and not for k
		sum, coefficient := new(big.Int), big.NewInt(1)
		all := new(big.Int).Lsh(big.NewInt(1), uint(n))
		for j := 0; j <= k; j++ {
			if twenty := new(big.Int).Mul(sum, big.NewInt(20)); twenty.Cmp(all) >= 0 {
				t.Fatalf("%d tosses: %d, want at most %d", n, k, j-1)
			}
			sum.Add(sum, coefficient)
			coefficient.Mul(coefficient, big.NewInt(int64(n-j))).Div(coefficient, big.NewInt(int64(j+1)))
		}
		if twenty := sum.Mul(sum, big.NewInt(20)); twenty.Cmp(all) < 0 {
			t.Fatalf("%d tosses: %d, want more", n, k)
		}
	}
}

func TestRuns(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		values []float64
		line   float64
		want   RunTest
	}{
		"nothing":      {nil, 0, RunTest{}},
		"no line":      {[]float64{1, 2, 3}, nan, RunTest{}},
		"all on it":    {[]float64{2, 2, 2}, 2, RunTest{}},
		"one":          {[]float64{2}, 0, RunTest{Useful: 1, Longest: 1, LongestMax: 3}},
		"later run":    {[]float64{1, 1, -1, 1, 1}, 0, RunTest{Useful: 5, Longest: 2, LongestMax: 5, First: 3, Last: 4, Crossings: 2}},
		"gap and line": {[]float64{-1, 1, nan, 1, 0, 1, -1}, 0, RunTest{Useful: 5, Longest: 3, LongestMax: 5, First: 1, Last: 5, Crossings: 2}},
		"a long one":   {[]float64{1, 1, 1, 1, 1, 1, 1}, 0, RunTest{Useful: 7, Longest: 7, LongestMax: 6, Last: 6, CrossingsMin: 1, Signal: true}},
		"few crossings": {[]float64{1, 1, 1, 1, 1, -1, -1, -1, -1, -1}, 0, RunTest{
			Useful: 10, Longest: 5, LongestMax: 6, First: 5, Last: 9, Crossings: 1, CrossingsMin: 2, Signal: true,
		}},
		"last digits": {[]float64{0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2}, 0.3, RunTest{}},
	} {
		if got := Runs(c.values, c.line); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestMedianRuns(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		values []float64
		fix    int
		known  bool
		median float64
	}{
		"nothing":        {nil, 0, false, 0},
		"only gaps":      {[]float64{nan, inf}, 0, false, 0},
		"one":            {[]float64{nan, 4}, 0, true, 4},
		"even":           {[]float64{4, nan, 1, 2, 7}, 0, true, 3},
		"odd":            {[]float64{4, 1, 7}, 0, true, 4},
		"from the first": {[]float64{4, nan, 1, 7, 9, 9, 9}, 3, true, 4},
		"large":          {[]float64{math.MaxFloat64, math.MaxFloat64, -math.MaxFloat64, math.MaxFloat64}, 0, true, math.MaxFloat64},
		"small":          {[]float64{5e-324, 5e-324}, 0, true, 5e-324},
	} {
		if got := MedianRuns(c.values, c.fix); got.Known != c.known || got.Median != c.median {
			t.Errorf("%s: %+v, want %v", name, got, c.median)
		}
	}
}

// Stable series give few signals, whatever their distribution and length: too few crossings are at most 5 % by construction, long runs
// less. Most shifts of two standard deviations after half of three years are found.
func TestRunsFindShiftsAndLittleElse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	const charts = 2000
	share := func(n int, shift float64, draw func() float64) float64 {
		signals := 0
		for range charts {
			x := make([]float64, n)
			for i := range x {
				x[i] = draw()
				if i >= n/2 {
					x[i] += shift
				}
			}
			if MedianRuns(x, 0).Runs.Signal {
				signals++
			}
		}
		return float64(signals) / charts
	}
	for _, n := range []int{12, 24, 36, 60, 120} {
		if got := share(n, 0, r.NormFloat64); got > 0.1 {
			t.Errorf("%d normal points: a signal in %.3f of the charts", n, got)
		}
		if got := share(n, 0, r.ExpFloat64); got > 0.1 {
			t.Errorf("%d skewed points: a signal in %.3f of the charts", n, got)
		}
	}
	if got := share(36, 2, r.NormFloat64); got < 0.75 {
		t.Errorf("a shift of two standard deviations is found in %.3f of the charts", got)
	}
	if got := share(24, 3, r.NormFloat64); got < 0.9 {
		t.Errorf("a shift of three standard deviations is found in %.3f of the charts", got)
	}
}

// FuzzRuns: no input panics, and a series turned upside down has the same runs.
func FuzzRuns(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 255, 0, 0}, 5.0)
	f.Add([]byte{128}, math.Inf(1))
	f.Fuzz(func(t *testing.T, raw []byte, line float64) {
		up, down := make([]float64, len(raw)), make([]float64, len(raw))
		for i, b := range raw {
			if up[i] = float64(b); b == 255 {
				up[i] = math.NaN()
			}
			down[i] = -up[i]
		}
		a, b := Runs(up, line), Runs(down, -line)
		if a != b || a.Longest > a.Useful || a.Crossings > max(a.Useful-1, 0) {
			t.Fatalf("%+v, upside down %+v", a, b)
		}
		if c := MedianRuns(append(up, line), 0); !finite(c.Median) || c.Runs.Useful > c.Points {
			t.Fatalf("%+v", c)
		}
	})
}
