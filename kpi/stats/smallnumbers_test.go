package stats

import (
	"math"
	"slices"
	"strconv"
	"testing"
)

func TestDisplayRules(t *testing.T) {
	for count, want := range map[int64]Display{0: Show, 1: Suppress, 10: Suppress, 11: Show, -1: Suppress} {
		if got := DisplayCMS(count); got != want {
			t.Errorf("CMS %d: %s, want %s", count, got, want)
		}
	}
	for events, want := range map[float64]Display{9.99: Suppress, 10: Show, 0: Suppress, math.Inf(1): Suppress} {
		if got := DisplayOHID(events); got != want {
			t.Errorf("OHID %v: %s, want %s", events, got, want)
		}
	}
	if DisplayOHID(math.NaN()) != Suppress {
		t.Error("OHID shows NaN")
	}
}

func TestDisplayNCHSRate(t *testing.T) {
	for _, c := range []struct {
		sample, estimate, lower, upper, degrees float64
		want                                    Display
	}{
		{10, 100, 20, 180, 0, Show}, // exactly 160 %
		{10, 100, 20, 180.01, 0, Suppress},
		{9, 100, 60, 140, 0, Suppress},
		{50, 100, 60, 140, 7.9, Review},
		{50, 100, 60, 140, 8, Show},
		{9, 100, 60, 140, 5, Suppress},
		{50, 0, 0, 1, 0, Suppress},
		{50, math.NaN(), 0, 1, 0, Suppress},
		{50, 100, 60, 140, math.NaN(), Review},
	} {
		if got := DisplayNCHSRate(c.sample, c.estimate, interval(c.lower, c.upper), c.degrees); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	if DisplayNCHSRate(50, 100, Interval{}, 0) != Suppress {
		t.Error("a rate without limits is shown")
	}
}

func TestDisplayNCHSProportion(t *testing.T) {
	for _, c := range []struct {
		p, effective, lower, upper, degrees float64
		want                                Display
		complement                          bool
	}{
		{0.01, 900, 0.001, 0.051, 0, Show, false}, // narrow, however large relative to the proportion
		{0.5, 29.9, 0.49, 0.51, 0, Suppress, false},
		{0.5, 30, 0.35, 0.65, 0, Suppress, false},
		{0.5, 60, 0.36, 0.65, 0, Show, false},
		{0.05, 60, 0.01, 0.08, 0, Suppress, false}, // 140 % of the proportion
		{0.055, 60, 0.02, 0.09, 0, Show, false},    // 127 %
		{0.95, 60, 0.92, 0.99, 0, Show, true},      // 140 % of the complement
		{0.95, 60, 0.92, 0.99, 5, Review, true},    // few degrees of freedom
		{0, 40, 0, 0.09, 0, Review, false},         // 0 % is for review
		{1, 40, 0.91, 1, 0, Review, false},         // and 100 %
		{0, 20, 0, 0.16, 0, Suppress, false},       // of enough
		{1.2, 60, 1, 1.4, 0, Suppress, false},      // no proportion
		{math.NaN(), 60, 0, 0.1, 0, Suppress, false},
		{0.5, math.NaN(), 0.49, 0.51, 0, Suppress, false},
	} {
		if got, complement := DisplayNCHSProportion(c.p, c.effective, interval(c.lower, c.upper), c.degrees); got != c.want || complement != c.complement {
			t.Errorf("%+v: %s %v", c, got, complement)
		}
	}
}

func TestEffectiveSample(t *testing.T) {
	for _, c := range []struct{ p, deviation, sample, want float64 }{
		{0.5, 0.1, 100, 25}, {0.5, 0.01, 100, 100}, {0, 0, 100, 100}, {1, 0, 100, 100}, {0.5, 0, 100, 100}, {0.5, math.NaN(), 100, 100}, {0.5, 0.1, math.NaN(), 0},
	} {
		if got := EffectiveSample(c.p, c.deviation, c.sample); !same(got, c.want) && got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestNumeratorsAgainstRounding rounds the share of every numerator and compares what is found with those that give the value.
func TestNumeratorsAgainstRounding(t *testing.T) {
	for n := int64(1); n <= 64; n++ {
		for decimals := range 3 {
			up, even := map[int64][]int64{}, map[int64][]int64{} // numerators by digits shown
			scale := int64(math.Pow10(decimals))
			for x := range n + 1 {
				// 100·x·scale/n in whole numbers: quotient and remainder tell what is half-way.
				q, r := 100*x*scale/n, 100*x*scale%n
				u, e := q, q
				if 2*r >= n {
					u++
				}
				if 2*r > n || 2*r == n && q%2 == 1 {
					e++
				}
				up[u], even[e] = append(up[u], x), append(even[e], x)
			}
			for digits, want := range up {
				compareNumerators(t, digits, decimals, n, TiesUp, want)
			}
			for digits, want := range even {
				compareNumerators(t, digits, decimals, n, TiesEven, want)
				either := append(slices.Clone(want), up[digits]...)
				slices.Sort(either)
				compareNumerators(t, digits, decimals, n, TiesAny, slices.Compact(either))
			}
		}
	}
}

func compareNumerators(t *testing.T, digits int64, decimals int, n int64, ties Ties, want []int64) {
	t.Helper()
	value, err := strconv.ParseFloat(strconv.FormatFloat(float64(digits)/math.Pow10(decimals), 'f', decimals, 64), 64)
	if err != nil {
		t.Fatal(err)
	}
	least, most, ok := Numerators(value, decimals, 100, n, ties)
	if most = min(most, n); !ok || least != want[0] || most != want[len(want)-1] {
		t.Errorf("%v %% of %d (%d decimals, ties %d): %d to %d, want %v", value, n, decimals, ties, least, most, want)
	}
}

func TestNumeratorsThatAreNone(t *testing.T) {
	for _, c := range []struct {
		value       float64
		decimals    int
		per, of     int64
		least, most int64
		ok          bool
	}{
		{7, 1, 100, 57, 4, 4, true},
		{7.1, 1, 100, 57, 0, 0, false},
		{2.3, 1, 100000, 435000, 10, 10, true}, // 2.3 of 100,000
		{0, 0, 100, 10, 0, 0, true},
		{math.NaN(), 0, 100, 10, 0, 0, false},
		{-1, 0, 100, 10, 0, 0, false},
		{1e300, 0, 100, 10, 0, 0, false},
		{5, -1, 100, 10, 0, 0, false},
		{5, 16, 100, 10, 0, 0, false},
		{5, 0, 0, 10, 0, 0, false},
		{5, 0, 100, 0, 0, 0, false},
		{1e12, 0, 1, math.MaxInt64, 0, 0, false},
	} {
		least, most, ok := Numerators(c.value, c.decimals, c.per, c.of, TiesUp)
		if least != c.least || most != c.most || ok != c.ok {
			t.Errorf("%+v: %d to %d, %v", c, least, most, ok)
		}
	}
}

func FuzzNumerators(f *testing.F) {
	f.Add(7.0, 1, int64(100), int64(57), uint8(0))
	f.Add(99.95, 1, int64(100), int64(1000), uint8(2))
	f.Add(1e12, 15, int64(math.MaxInt32), int64(math.MaxInt64), uint8(1))
	f.Fuzz(func(t *testing.T, value float64, decimals int, per, denominator int64, ties uint8) {
		least, most, ok := Numerators(value, decimals, per, denominator, Ties(ties%3))
		if ok != (least >= 0 && most >= least && ok) || !ok && (least != 0 || most != 0) {
			t.Errorf("%d to %d, %v", least, most, ok)
		}
		if !ok || decimals > 6 || denominator > 1e9 || per > 1e6 {
			return
		}
		for _, x := range []int64{least, most} { // both round to the value, to within what a float can tell
			if got := float64(x) * float64(per) / float64(denominator); math.Abs(got-value) > 0.5000001*math.Pow10(-decimals)+1e-9*value+math.Pow10(-decimals) {
				t.Errorf("%d of %d is %v, not %v", x, denominator, got, value)
			}
		}
	})
}
