package stats

import (
	"math"
	"testing"
)

func TestTwoGroupsAgainstReference(t *testing.T) {
	for _, row := range records(t, "two_group_comparison.csv.gz") {
		x1, n1, x2, n2 := number(t, row["x1"]), number(t, row["n1"]), number(t, row["x2"]), number(t, row["n2"])
		what := row["x1"] + "/" + row["n1"] + " and " + row["x2"] + "/" + row["n2"]
		difference, i, ok := ProportionDifference(x1, n1, x2, n2, 0.95)
		if !ok || math.Abs(difference-number(t, row["rate_difference"])) > 1e-15 {
			t.Errorf("%s: difference %v", what, difference)
		}
		intervalIs(t, what+" difference", i, row["newcombe10_lo"], row["newcombe10_hi"])
		ratio, i, ok := ProportionRatio(x1, n1, x2, n2, 0.95)
		limitIs(t, what+" ratio", row["rate_ratio"], ratio, ok)
		intervalIs(t, what+" ratio", i, row["katz_lo"], row["katz_hi"])
		test, ok := ProportionTest(x1, n1, x2, n2)
		if !ok {
			t.Errorf("%s: no test", what)
		}
		limitIs(t, what+" chi-squared", row["chisq_p"], test.ChiSquared, test.HasChiSquared)
		limitIs(t, what+" Fisher", row["fisher_p"], test.Fisher, true)
	}
}

func TestRateRatioAgainstReference(t *testing.T) {
	for _, row := range records(t, "incidence_rate_ratio_exact.csv.gz") {
		ratio, i, p, ok := RateRatio(number(t, row["x1"]), number(t, row["t1"]), number(t, row["x2"]), number(t, row["t2"]), 0.95)
		what := row["x1"] + "/" + row["t1"] + " to " + row["x2"] + "/" + row["t2"]
		if !ok || !same(ratio, number(t, row["irr"])) || !same(p, number(t, row["p"])) {
			t.Errorf("%s: ratio %v, want %s; p %v, want %s", what, ratio, row["irr"], p, row["p"])
		}
		intervalIs(t, what, i, row["lo"], row["hi"])
	}
}

// TestExtremesAreAddedUp compares the search for outcomes as extreme with the plain sum over all of them.
func TestExtremesAreAddedUp(t *testing.T) {
	choose := func(n, k float64) float64 { return lgamma(n+1) - lgamma(k+1) - lgamma(n-k+1) }
	for n := 0.0; n <= 12; n++ {
		for x := 0.0; x <= n; x++ {
			for _, p := range []float64{0.02, 0.3, 0.5, 0.97} {
				weight := func(k float64) float64 { return math.Exp(choose(n, k)) * math.Pow(p, k) * math.Pow(1-p, n-k) }
				want := 0.0
				for k := 0.0; k <= n; k++ {
					if weight(k) <= weight(x)*(1+1e-7) {
						want += weight(k)
					}
				}
				if got := binomialTest(x, n, p/(1-p)); math.Abs(got-want) > 1e-12 {
					t.Errorf("%v of %v at %v: %v, want %v", x, n, p, got, want)
				}
			}
		}
	}
	for n1 := 1.0; n1 <= 8; n1++ {
		for n2 := 1.0; n2 <= 8; n2++ {
			for x1 := 0.0; x1 <= n1; x1++ {
				for x2 := 0.0; x2 <= n2; x2++ {
					weight := func(k float64) float64 { return math.Exp(choose(n1, k) + choose(n2, x1+x2-k) - choose(n1+n2, x1+x2)) }
					want := 0.0
					for k := max(0, x1+x2-n2); k <= min(n1, x1+x2); k++ {
						if weight(k) <= weight(x1)*(1+1e-7) {
							want += weight(k)
						}
					}
					if got, ok := ProportionTest(x1, n1, x2, n2); !ok || math.Abs(got.Fisher-want) > 1e-12 {
						t.Errorf("%v/%v, %v/%v: %v, want %v", x1, n1, x2, n2, got.Fisher, want)
					}
				}
			}
		}
	}
}

func TestComparisonsTurnWithTheGroups(t *testing.T) {
	d1, i1, _ := ProportionDifference(7, 50, 20, 90, 0.95)
	d2, i2, _ := ProportionDifference(20, 90, 7, 50, 0.95)
	if !same(d1, -d2) || !same(i1.Lower, -i2.Upper) || !same(i1.Upper, -i2.Lower) {
		t.Errorf("differences %v %+v and %v %+v", d1, i1, d2, i2)
	}
	r1, j1, p1, _ := RateRatio(7, 50, 20, 90, 0.95)
	r2, j2, p2, _ := RateRatio(20, 90, 7, 50, 0.95)
	if !same(r1, 1/r2) || !same(j1.Lower, 1/j2.Upper) || !same(j1.Upper, 1/j2.Lower) || !same(p1, p2) {
		t.Errorf("ratios %v %+v %v and %v %+v %v", r1, j1, p1, r2, j2, p2)
	}
}

// TestTestsOfLargeCounts holds the probabilities to those of R 4.2.2: prop.test(correct = FALSE), fisher.test, poisson.test.
func TestTestsOfLargeCounts(t *testing.T) {
	got, ok := ProportionTest(500000, 1e6, 501200, 1e6)
	if !ok || !same(got.ChiSquared, 0.089685790784838695) || math.Abs(got.Fisher/0.089953430645109494-1) > 1e-8 {
		t.Errorf("proportions: %+v, want %v and %v", got, 0.089685790784838695, 0.089953430645109494)
	}
	_, _, p, ok := RateRatio(1e6, 1, 1003000, 1, 0.95)
	if !ok || math.Abs(p/0.034088365079439388-1) > 1e-8 {
		t.Errorf("rates: %v, want %v", p, 0.034088365079439388)
	}
}

func TestComparisonsOfStrangeNumbers(t *testing.T) {
	for _, x1 := range strange() {
		for _, n1 := range strange() {
			for _, x2 := range strange() {
				for _, n2 := range strange() {
					compareAnything(t, x1, n1, x2, n2, 0.95)
				}
			}
		}
	}
}

func compareAnything(t *testing.T, x1, n1, x2, n2, c float64) {
	t.Helper()
	v, i, _ := ProportionDifference(x1, n1, x2, n2, c)
	soundInterval(t, "difference", i)
	w, j, _ := ProportionRatio(x1, n1, x2, n2, c)
	soundInterval(t, "ratio", j)
	test, _ := ProportionTest(x1, n1, x2, n2)
	if !finite(v) || !finite(w) || !(test.ChiSquared >= 0 && test.ChiSquared <= 1) || !(test.Fisher >= 0 && test.Fisher <= 1) {
		t.Errorf("%v/%v, %v/%v: %v %v %+v", x1, n1, x2, n2, v, w, test)
	}
	r, k, p, _ := RateRatio(x1, n1, x2, n2, c)
	soundInterval(t, "rate ratio", k)
	if !finite(r) || !(p >= 0 && p <= 1) {
		t.Errorf("%v/%v to %v/%v: %v, p %v", x1, n1, x2, n2, r, p)
	}
}

func FuzzComparisons(f *testing.F) {
	f.Add(3.0, 10.0, 4.0, 9.0, 0.95)
	f.Add(0.0, 1e300, 7.0, 1e-300, 0.5)
	f.Fuzz(func(t *testing.T, x1, n1, x2, n2, c float64) {
		compareAnything(t, x1, n1, x2, n2, c)
	})
}
