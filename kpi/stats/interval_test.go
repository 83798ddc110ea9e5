package stats

import (
	"math"
	"strconv"
	"testing"
)

// limitIs compares a limit with a field of the reference, where an empty one is a limit that does not exist.
func limitIs(t *testing.T, what, field string, limit float64, has bool) {
	t.Helper()
	if field == "" || field == "NA" || field == "Inf" {
		if has || limit != 0 {
			t.Errorf("%s: got %v, want none", what, limit)
		}
		return
	}
	if want := number(t, field); !has || !same(limit, want) {
		t.Errorf("%s: got %v (%v), want %v", what, limit, has, want)
	}
}

func intervalIs(t *testing.T, what string, i Interval, lower, upper string) {
	t.Helper()
	limitIs(t, what+" lower", lower, i.Lower, i.HasLower)
	limitIs(t, what+" upper", upper, i.Upper, i.HasUpper)
}

func TestProportionLimitsAgainstReference(t *testing.T) {
	for _, row := range records(t, "proportion_ci.csv.gz") {
		x, n, c := number(t, row["x"]), number(t, row["n"]), number(t, row["conf"])
		what := row["x"] + "/" + row["n"] + " at " + row["conf"]
		intervalIs(t, "Wilson "+what, Wilson(x, n, c), row["wilson_lo"], row["wilson_hi"])
		intervalIs(t, "Clopper–Pearson "+what, ClopperPearson(x, n, c), row["clopper_pearson_lo"], row["clopper_pearson_hi"])
	}
}

func TestRateLimitsAgainstReference(t *testing.T) {
	methods := map[string]func(events, confidence float64) Interval{"exact": ExactPoisson, "byar": Byar, "ohid": OHID}
	for _, row := range records(t, "rate_ci.csv.gz") {
		x, n, per, c := number(t, row["x"]), number(t, row["n"]), number(t, row["multiplier"]), number(t, row["conf"])
		for name, method := range methods {
			rate, i, ok := Rate(x, n, per, c, method)
			if !ok || !same(rate, number(t, row["rate"])) {
				t.Errorf("%v of %v: rate %v", x, n, rate)
			}
			lower := row[name+"_lo"]
			if name == "byar" && x == 1 && c == 0.998 {
				lower = "" // the formula gives a negative number there, which is no limit of a count
			}
			intervalIs(t, name+" "+row["x"]+"/"+row["n"]+" at "+row["conf"], i, lower, row[name+"_hi"])
		}
	}
}

// TestBetaQuantileOfLargeCounts holds the quantiles to those of R 4.2.2's qbeta, where gonum's have lost digits.
func TestBetaQuantileOfLargeCounts(t *testing.T) {
	for _, c := range []struct{ p, a, b, want float64 }{
		{0.025, 5, 16, 8.6571469101434539e-02},
		{0.025, 5, 1e6, 1.6234818253061567e-06},
		{0.025, 5, 1e9, 1.6234863855535882e-09},
		{0.025, 5, 1e12, 1.6234863901138589e-12},
		{0.025, 1e7, 2e7, 3.3316465701991166e-01},
		{0.025, 1e9, 1e9, 4.9997808693649332e-01},
		{0.025, 1e9, 3e9, 2.4998658116231900e-01},
		{0.025, 1e11, 1e11, 4.9999780869364852e-01},
		{0.025, 0.5, 3, 1.7781993293475770e-04},
		{0.025, 2e5, 0.5, 9.9998744034770515e-01},
	} {
		if got := betaQuantile(c.p, c.a, c.b); !same(got, c.want) {
			t.Errorf("beta(%v, %v) at %v: got %.17g, want %.17g", c.a, c.b, c.p, got, c.want)
		}
	}
}

// TestExactLimitsAreExact adds up the binomial and the Poisson probabilities themselves.
func TestExactLimitsAreExact(t *testing.T) {
	for _, c := range []struct{ x, n, confidence float64 }{{0, 9, 0.9}, {3, 9, 0.95}, {9, 9, 0.95}, {7, 40, 0.998}, {39, 40, 0.8}} {
		i := ClopperPearson(c.x, c.n, c.confidence)
		atLeast, atMost := 0.0, 0.0
		for k := 0.0; k <= c.n; k++ {
			ways := math.Round(math.Exp(lgamma(c.n+1) - lgamma(k+1) - lgamma(c.n-k+1)))
			if k >= c.x {
				atLeast += ways * math.Pow(i.Lower, k) * math.Pow(1-i.Lower, c.n-k)
			}
			if k <= c.x {
				atMost += ways * math.Pow(i.Upper, k) * math.Pow(1-i.Upper, c.n-k)
			}
		}
		tail := (1 - c.confidence) / 2
		if c.x > 0 && math.Abs(atLeast-tail) > 1e-12 || c.x < c.n && math.Abs(atMost-tail) > 1e-12 {
			t.Errorf("%v of %v: tails %v and %v, want %v", c.x, c.n, atLeast, atMost, tail)
		}
	}
	i := ExactPoisson(4, 0.95)
	atLeast, atMost, lower, upper := 1.0, 0.0, math.Exp(-i.Lower), math.Exp(-i.Upper)
	for k := range 5 {
		if k < 4 {
			atLeast -= lower
		}
		atMost += upper
		lower, upper = lower*i.Lower/float64(k+1), upper*i.Upper/float64(k+1)
	}
	if math.Abs(atLeast-0.025) > 1e-12 || math.Abs(atMost-0.025) > 1e-12 {
		t.Errorf("4 events: tails %v and %v", atLeast, atMost)
	}
}

func lgamma(v float64) float64 { l, _ := math.Lgamma(v); return l }

func TestLimitsAreMirrored(t *testing.T) {
	for _, c := range []struct{ x, n float64 }{{0, 1}, {3, 12}, {500, 1000}, {499, 1000}, {1, 1e9}} {
		for name, f := range map[string]func(x, n, c float64) Interval{"Wilson": Wilson, "Clopper–Pearson": ClopperPearson} {
			a, b := f(c.x, c.n, 0.95), f(c.n-c.x, c.n, 0.95)
			if !same(a.Lower, 1-b.Upper) && math.Abs(a.Lower-(1-b.Upper)) > 1e-15 || !same(a.Upper, 1-b.Lower) && math.Abs(a.Upper-(1-b.Lower)) > 1e-15 {
				t.Errorf("%s %v of %v: %v and %v", name, c.x, c.n, a, b)
			}
		}
	}
}

func TestByarHasNoNegativeLimit(t *testing.T) {
	if i := Byar(1, 0.998); i.HasLower || i.Lower != 0 || !i.HasUpper {
		t.Errorf("one event at 99.8 %%: %+v", i)
	}
	if i := Byar(0, 0.95); i.HasLower || !i.HasUpper {
		t.Errorf("no event: %+v", i)
	}
}

// strange are numbers that no method may stumble over.
func strange() []float64 {
	return []float64{0, 1, -1, 0.5, 9, 10, 11, 1e-300, 1e12, 2e12, 1e300, -1e300, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1)}
}

func soundInterval(t *testing.T, what string, i Interval) {
	t.Helper()
	if !finite(i.Lower) || !finite(i.Upper) || !i.HasLower && i.Lower != 0 || !i.HasUpper && i.Upper != 0 {
		t.Errorf("%s: %+v", what, i)
	}
	if i.HasLower && i.HasUpper && i.Lower > i.Upper {
		t.Errorf("%s: limits in the wrong order: %+v", what, i)
	}
}

func TestLimitsOfStrangeNumbers(t *testing.T) {
	for _, x := range strange() {
		for _, c := range []float64{0.95, 0.5, 1e-9, 1 - 1e-12, 0, 1, -1, 2, math.NaN()} {
			for name, f := range map[string]func(x, c float64) Interval{"exact": ExactPoisson, "Byar": Byar, "OHID": OHID} {
				i := f(x, c)
				soundInterval(t, name, i)
				if i.HasLower && (i.Lower > x*(1+1e-12) || i.Upper < x) {
					t.Errorf("%s(%v, %v) = %+v leaves out what was seen", name, x, c, i)
				}
			}
			for _, n := range strange() {
				for name, f := range map[string]func(x, n, c float64) Interval{"Wilson": Wilson, "Clopper–Pearson": ClopperPearson} {
					i := f(x, n, c)
					soundInterval(t, name, i)
					if i.HasLower && (i.Lower > x/n*(1+1e-12) || i.Upper < x/n*(1-1e-12) || i.Lower < 0 || i.Upper > 1) {
						t.Errorf("%s(%v, %v, %v) = %+v leaves out what was seen", name, x, n, c, i)
					}
				}
				if rate, i, ok := Rate(x, n, 1000, c, OHID); ok {
					soundInterval(t, "rate", i)
					if !finite(rate) {
						t.Errorf("rate of %v in %v: %v", x, n, rate)
					}
				}
			}
		}
	}
}

func FuzzProportionLimits(f *testing.F) {
	f.Add(3.0, 10.0, 0.95)
	f.Add(0.0, 1e12, 0.998)
	f.Add(1e9, 1e9, 0.5)
	f.Fuzz(func(t *testing.T, x, n, c float64) {
		soundInterval(t, "Wilson", Wilson(x, n, c))
		soundInterval(t, "Clopper–Pearson", ClopperPearson(x, n, c))
		soundInterval(t, "exact", ExactPoisson(x, c))
		soundInterval(t, "Byar", Byar(x, c))
	})
}

func BenchmarkWilson(b *testing.B) {
	for range b.N {
		Wilson(17, 230, 0.95)
	}
}

func BenchmarkClopperPearson(b *testing.B) {
	for _, n := range []float64{230, 1e6} {
		b.Run(strconv.FormatFloat(n, 'g', -1, 64), func(b *testing.B) {
			for range b.N {
				ClopperPearson(n/10, n, 0.95)
			}
		})
	}
}
