package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestQuantileAgainstReference(t *testing.T) {
	done := 0
	for _, row := range plainRecords(t, "quantile_types.csv") {
		var x []float64
		for _, s := range strings.Split(row["values"], ";") {
			x = append(x, number(t, s))
		}
		kept := slices.Clone(x)
		q, ok := Quantile(x, number(t, row["p"]), QuantileType(number(t, row["type"])))
		if !ok {
			t.Errorf("%v: no quantile", row)
		}
		matches(t, row["vector"]+" "+row["p"]+" type "+row["type"], q, number(t, row["quantile"]), 0)
		if !slices.Equal(x, kept) {
			t.Errorf("the values were sorted in place: %v", x)
		}
		done++
	}
	if done != 360 {
		t.Errorf("%d quantiles checked, want 360", done)
	}
}

// The numbers of the comment on QuantileType.
func TestQuantileOfOneToTen(t *testing.T) {
	x := []float64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}
	for kind, want := range map[QuantileType]float64{QuantileInverse: 10, QuantileInterpolated: 9.5, QuantileDefault: 9.55} {
		q, _ := Quantile(x, 0.95, kind)
		matches(t, "P95", q, want, 0)
	}
}

func TestQuantileEdges(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		x    []float64
		p    float64
		kind QuantileType
	}{
		{nil, 0.5, 7}, {[]float64{nan, inf}, 0.5, 7}, {[]float64{1}, -0.1, 7}, {[]float64{1}, 1.1, 7}, {[]float64{1}, nan, 7}, {[]float64{1}, 0.5, 0}, {[]float64{1}, 0.5, 10},
	} {
		if q, ok := Quantile(c.x, c.p, c.kind); ok || q != 0 {
			t.Errorf("%+v: %g", c, q)
		}
	}
	if q, ok := Quantile([]float64{nan, 3, inf, 1}, 0.5, 7); !ok || q != 2 {
		t.Errorf("gaps are not left out: %g", q)
	}
	if q, ok := Quantile([]float64{-math.MaxFloat64, math.MaxFloat64}, 0.5, 7); !ok || q != 0 {
		t.Errorf("largest numbers: %g", q)
	}
}

// FuzzQuantile: a quantile lies among the values, rises with p, and moves with the values.
func FuzzQuantile(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 0.5, 7)
	f.Add(-1e308, 1e308, math.NaN(), 1.0, 6)
	f.Add(1e-320, 0.0, math.Inf(1), 0.1, 3)
	f.Fuzz(func(t *testing.T, a, b, c, p float64, kind int) {
		x := []float64{a, b, c, a}
		q, ok := Quantile(x, p, QuantileType(kind))
		if !finite(q) {
			t.Fatalf("%v: %g", x, q)
		}
		if !ok {
			return
		}
		v := valid(x)
		slack := 1e-12 * largest(v)
		if q < slices.Min(v)-slack || q > slices.Max(v)+slack {
			t.Fatalf("%v: %g", x, q)
		}
		if r, _ := Quantile(x, p/2, QuantileType(kind)); r > q+slack {
			t.Fatalf("%v: %g at half of %g, %g at it", x, r, p, q)
		}
	})
}

func BenchmarkQuantile(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, 1000)
	for i := range x {
		x[i] = r.ExpFloat64()
	}
	b.ReportAllocs()
	for b.Loop() {
		Quantile(x, 0.9, QuantileDefault)
	}
}
