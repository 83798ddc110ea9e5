package stats

import (
	"math"
	"math/big"
	"testing"
)

// tailByCounting adds up the ways in which a fair coin falls.
func tailByCounting(k, n int64) float64 {
	sum := new(big.Int)
	for i := max(k, 0); i <= n; i++ {
		sum.Add(sum, new(big.Int).Binomial(n, i))
	}
	share, _ := new(big.Float).SetPrec(200).Quo(new(big.Float).SetInt(sum), new(big.Float).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(n)))).Float64()
	return share
}

// The tail of a fair coin is held against sums of binomial coefficients as whole numbers.
func TestBinomialTailOfAFairCoin(t *testing.T) {
	for n := int64(0); n <= 70; n++ {
		for k := int64(-1); k <= n+1; k++ {
			got, ok := BinomialTail(k, n, 0.5)
			if want := tailByCounting(k, n); !ok || math.Abs(got-want) > 1e-12*want {
				t.Errorf("%d of %d: %v, %v, want %v", k, n, got, ok, want)
			}
		}
	}
	for _, c := range [][2]int64{{30, 30}, {520, 1000}, {600, 1000}, {999, 1000}, {1060, 2000}} {
		got, ok := BinomialTail(c[0], c[1], 0.5)
		if want := tailByCounting(c[0], c[1]); !ok || math.Abs(got-want) > 1e-11*want {
			t.Errorf("%d of %d: %v, want %v", c[0], c[1], got, want)
		}
	}
}

// The tail of a coin that is not fair, added up term by term.
func TestBinomialTail(t *testing.T) {
	for _, p := range []float64{0.001, 0.1, 0.3, 0.77, 0.999} {
		for _, n := range []int64{1, 2, 10, 60} {
			sum := 0.0
			for k := n; k >= 0; k-- {
				ways, _ := new(big.Float).SetInt(new(big.Int).Binomial(n, k)).Float64()
				sum += ways * math.Pow(p, float64(k)) * math.Pow(1-p, float64(n-k))
				if got, ok := BinomialTail(k, n, p); !ok || math.Abs(got-sum) > 1e-12*sum {
					t.Errorf("%d of %d at %v: %v, want %v", k, n, p, got, sum)
				}
			}
		}
	}
}

func TestBinomialTailAtItsEnds(t *testing.T) {
	for _, c := range []struct {
		k, n int64
		p    float64
		want float64
		ok   bool
	}{
		{0, 0, 0.5, 1, true}, {1, 0, 0.5, 0, true}, {5, 5, 1, 1, true}, {1, 5, 0, 0, true}, {0, 5, 0, 1, true},
		{1, -1, 0.5, 0, false}, {1, 2, math.NaN(), 0, false}, {1, 2, 1.5, 0, false}, {1, 2, -0.1, 0, false}, {1, math.MaxInt64, 0.5, 0, false},
		{1 << 20, 1 << 20, 0.5, 0, true}, // too small for a float
	} {
		if got, ok := BinomialTail(c.k, c.n, c.p); got != c.want || ok != c.ok {
			t.Errorf("%d of %d at %v: %v, %v", c.k, c.n, c.p, got, ok)
		}
	}
	if got, ok := BinomialTail(500_000_000, 1_000_000_000, 0.5); !ok || math.Abs(got-0.5) > 1e-4 || got <= 0.5 {
		t.Errorf("half of a thousand million: %v", got)
	}
}

func FuzzBinomialTail(f *testing.F) {
	f.Add(int64(40), int64(60), 0.5)
	f.Add(int64(-3), int64(0), 0.0)
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), 1.0)
	f.Fuzz(func(t *testing.T, k, n int64, p float64) {
		n %= 1 << 40
		k %= 1 << 41
		got, ok := BinomialTail(k, n, p)
		if !(got >= 0 && got <= 1) {
			t.Fatalf("%d of %d at %v: %v", k, n, p, got)
		}
		if !ok {
			return
		}
		if next, _ := BinomialTail(k+1, n, p); next > got+1e-12 {
			t.Fatalf("%d of %d at %v: %v, and %v for one more", k, n, p, got, next)
		}
	})
}
