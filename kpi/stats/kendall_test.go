package stats

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// kendallData returns the series of the reference; an empty field is a period without a value.
func kendallData(t testing.TB) map[string][]float64 {
	t.Helper()
	f, err := os.Open("testdata/mk_data.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	list := map[string][]float64{}
	for _, row := range rows[1:] {
		v := math.NaN()
		if row[2] != "" {
			if err := json.Unmarshal([]byte(row[2]), &v); err != nil {
				t.Fatal(err)
			}
		}
		list[row[0]] = append(list[row[0]], v)
	}
	return list
}

// kendallCase is what the reference found in a series, by test.
type kendallCase struct {
	P, Z, Tau                float64
	S                        float64
	VarS                     float64 `json:"var_s"`
	Trend                    string
	Slope, Intercept, Lo, Hi float64
}

func kendallExpected(t testing.TB) map[string]map[string]json.RawMessage {
	t.Helper()
	raw, err := os.ReadFile("testdata/mk_expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Expected map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file.Expected
}

// alike compares relatively; absolute is what the reference's own rounding may take from a number near 0.
func alike(got, want, absolute float64) bool {
	return math.Abs(got-want) <= 1e-9*math.Max(math.Abs(got), math.Abs(want))+absolute
}

// positions are the times 0, 1, 2 and so on.
func positions(n int) []float64 {
	t := make([]float64, n)
	for i := range t {
		t[i] = float64(i)
	}
	return t
}

func TestKendallAgainstReference(t *testing.T) {
	data := kendallData(t)
	line := func(x []float64) (TrendLine, bool) { return TheilSen(positions(len(x)), x, 0.95) }
	year := func(x []float64) (TrendLine, bool) { return SeasonalSlope(x, 12) }
	test := func(a Autocorrelated, lags int) func([]float64) (Kendall, bool) {
		return func(x []float64) (Kendall, bool) { return MannKendall(x, KendallOptions{a, lags, true}) }
	}
	seasonal := func(correlated bool) func([]float64) (Kendall, bool) {
		return func(x []float64) (Kendall, bool) { return SeasonalKendall(x, 12, correlated) }
	}
	tests := map[string]struct {
		test func([]float64) (Kendall, bool)
		line func([]float64) (TrendLine, bool)
	}{
		"original":               {test(Ignored, 0), line},
		"sens_slope":             {nil, line},
		"hamed_rao":              {test(HamedRao, 0), line},
		"hamed_rao_lag3":         {test(HamedRao, 3), line},
		"yue_wang":               {test(YueWang, 0), line},
		"pre_whitening":          {test(PreWhiten, 0), line},
		"tfpw":                   {test(TrendFreePreWhiten, 0), line},
		"seasonal_12":            {seasonal(false), year},
		"correlated_seasonal_12": {seasonal(true), year},
		"seasonal_sens_12":       {nil, year},
		"scipy_theilslopes_95":   {nil, line},
	}
	checked := 0
	for name, expected := range kendallExpected(t) {
		for kind, raw := range expected {
			c, ok := tests[kind]
			if !ok { // the size of the series, τ_b and the tests of several series: below
				continue
			}
			checked++
			var want kendallCase
			if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
			id := name + "/" + kind
			if c.test != nil {
				got, ok := c.test(data[name])
				want.check(t, id, got, ok)
			}
			got, ok := c.line(data[name])
			if !ok || !alike(got.Slope, want.Slope, 0) || !alike(got.Intercept, want.Intercept, 0) {
				t.Errorf("%s: line %+v %v, want %+v", id, got, ok, want)
			}
			if kind == "scipy_theilslopes_95" && (!got.Bounded || !alike(got.Lower, want.Lo, 0) || !alike(got.Upper, want.Hi, 0)) {
				t.Errorf("%s: limits %+v, want %+v", id, got, want)
			}
		}
	}
	if checked != 4*11+5*3 {
		t.Errorf("%d tests checked, want 59", checked)
	}
}

// check compares a test with the reference, whose p is 2(1 − Φ) and so off by the last digit of 1.
func (c kendallCase) check(t *testing.T, id string, got Kendall, ok bool) {
	t.Helper()
	if !ok || !alike(got.S, c.S, 0) || !alike(got.VarS, c.VarS, 0) || !alike(got.Z, c.Z, 0) || !alike(got.Tau, c.Tau, 0) || !alike(got.P, c.P, 4e-16) {
		t.Errorf("%s: %+v %v, want %+v", id, got, ok, c)
	}
	if words := map[int]string{-1: "decreasing", 0: "no trend", 1: "increasing"}; words[got.Direction(0.05)] != c.Trend {
		t.Errorf("%s: direction %d, want %s", id, got.Direction(0.05), c.Trend)
	}
}

func TestKendallTauB(t *testing.T) {
	data := kendallData(t)
	for name, expected := range kendallExpected(t) {
		raw, ok := expected["scipy_kendall_tau_b"]
		if !ok {
			continue
		}
		var want float64 // stays 0 for a constant, which has none
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		if got, ok := MannKendall(data[name], KendallOptions{}); !ok || !alike(got.TauB, want, 0) {
			t.Errorf("%s: τ_b %v, want %v", name, got.TauB, want)
		}
	}
}

func TestKendallOfSeveralSeries(t *testing.T) {
	data := kendallData(t)
	columns := [][]float64{data["_2d_regional_80x2_col1"], data["_2d_regional_80x2_col2"]}
	regional := func(correlated bool) func() (Kendall, bool) {
		return func() (Kendall, bool) { return RegionalKendall(columns, correlated) }
	}
	partial := func() (Kendall, bool) { return PartialKendall(columns[0], columns[1]) }
	all := func() (TrendLine, bool) { return RegionalSlope(columns) }
	first := func() (TrendLine, bool) { return TheilSen(positions(len(columns[0])), columns[0], 0.95) }
	for kind, c := range map[string]struct {
		test func() (Kendall, bool)
		line func() (TrendLine, bool)
	}{"regional": {regional(false), all}, "correlated_multivariate": {regional(true), all}, "partial": {partial, first}} {
		var want kendallCase
		if err := json.Unmarshal(kendallExpected(t)["_2d_regional_80x2"][kind], &want); err != nil {
			t.Fatal(err)
		}
		got, ok := c.test()
		want.check(t, kind, got, ok)
		if l, ok := c.line(); !ok || !alike(l.Slope, want.Slope, 0) || !alike(l.Intercept, want.Intercept, 0) {
			t.Errorf("%s: line %+v %v, want %+v", kind, l, ok, want)
		}
	}
}

// Without a gap a lag is the same either way; with one, a pair whose periods are not next to each other is no pair of neighbours.
func TestKendallGaps(t *testing.T) {
	x := []float64{3, 5, math.NaN(), 4, 8, 9, math.NaN(), math.NaN(), 7, 12, 11, 15}
	// R 4.2.2: acf(x, na.action = na.pass)
	for i, want := range []float64{0.4331226295828067, 0.3886430678466077, 0.1385587863463969, 0.01670353982300882, 0.01927236971484757} {
		if got, ok := Autocorrelation(x, i+1); !ok || !same(got, want) {
			t.Errorf("lag %d: %v %v, want %v", i+1, got, ok, want)
		}
	}
	if got, ok := Autocorrelation(x, 11); !ok || got >= 0 {
		t.Errorf("lag 11: %v %v, want the pair 3 and 15", got, ok)
	}
	for _, lag := range []int{-1, 0, 12, math.MaxInt} {
		if got, ok := Autocorrelation(x, lag); ok {
			t.Errorf("lag %d: %v", lag, got)
		}
	}
	whole := []float64{3, 5, 4, 8, 9, 7, 12, 11, 15, 10, 9, 16}
	for _, a := range []Autocorrelated{Ignored, HamedRao, YueWang, PreWhiten, TrendFreePreWhiten} {
		left, _ := MannKendall(whole, KendallOptions{Autocorrelated: a, Lags: 2})
		right, ok := MannKendall(whole, KendallOptions{Autocorrelated: a, Lags: 2, Compact: true})
		if !ok || left != right {
			t.Errorf("%q: %+v, with gaps closed %+v", a, left, right)
		}
	}
	// 5→4 and 9→7 are neighbours only when gaps are closed: of eight steps six are from one period to the next.
	if k, ok := MannKendall(x, KendallOptions{Autocorrelated: PreWhiten}); !ok || k.N != 6 {
		t.Errorf("%+v %v, want 6 steps", k, ok)
	}
	if k, ok := MannKendall(x, KendallOptions{Autocorrelated: PreWhiten, Compact: true}); !ok || k.N != 8 {
		t.Errorf("%+v %v, want 8 steps", k, ok)
	}
	// a gap at the ends or of any length changes nothing of S, and stretches the slope
	far := append(append(append([]float64{math.NaN()}, whole[:6]...), math.Inf(1), math.NaN()), whole[6:]...)
	a, _ := MannKendall(whole, KendallOptions{})
	if b, ok := MannKendall(far, KendallOptions{}); !ok || a != b {
		t.Errorf("%+v, with gaps %+v", a, b)
	}
}

// What the corrections are for: of 400 series that wander without a trend the plain test calls many a trend; with gaps too.
func TestKendallAutocorrelatedSeries(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, share := range []float64{0, 0.25} {
		found := map[Autocorrelated]int{}
		for range 400 {
			x, last := make([]float64, 60), 0.0
			for i := range x {
				last = 0.5*last + r.NormFloat64()
				x[i] = last
				if r.Float64() < share {
					x[i] = math.NaN()
				}
			}
			for _, a := range []Autocorrelated{Ignored, HamedRao, YueWang, PreWhiten, TrendFreePreWhiten} {
				if k, ok := MannKendall(x, KendallOptions{Autocorrelated: a, Lags: 3}); ok && k.Direction(0.05) != 0 {
					found[a]++
				}
			}
		}
		if found[Ignored] < 60 {
			t.Errorf("%v missing: the plain test finds %d trends: the series are too easy", share, found[Ignored])
		}
		for _, a := range []Autocorrelated{HamedRao, PreWhiten} {
			if found[a] > 50 {
				t.Errorf("%v missing, %s: %d trends in 400 without one, the plain test finds %d", share, a, found[a], found[Ignored])
			}
		}
		if found[TrendFreePreWhiten] < found[Ignored]/2 { // it is said to protect no better than the plain test
			t.Errorf("%v missing: %v", share, found)
		}
	}
}

func TestKendallEdges(t *testing.T) {
	nan := math.NaN()
	all := []Autocorrelated{Ignored, HamedRao, YueWang, PreWhiten, TrendFreePreWhiten}
	for name, x := range map[string][]float64{"none": nil, "one": {4}, "one of three": {nan, 4, nan}, "gaps": {nan, math.Inf(1), math.Inf(-1)}} {
		for _, a := range all {
			if k, ok := MannKendall(x, KendallOptions{Autocorrelated: a}); ok || k != (Kendall{}) {
				t.Errorf("%s %q: %+v", name, a, k)
			}
		}
		if l, ok := TheilSen(positions(len(x)), x, 0.95); ok || l != (TrendLine{}) {
			t.Errorf("%s: %+v", name, l)
		}
	}
	constant, line := make([]float64, 20), make([]float64, 20)
	for i := range constant {
		constant[i], line[i] = 0.1, 0.1*float64(i)
	}
	for _, a := range all {
		if k, ok := MannKendall(constant, KendallOptions{Autocorrelated: a}); !ok || k.S != 0 || k.P != 1 || k.Direction(1) != 0 {
			t.Errorf("constant %q: %+v %v", a, k, ok)
		}
		if k, ok := MannKendall(line, KendallOptions{Autocorrelated: a}); !ok || k.Tau != 1 || k.Direction(0.05) != 1 {
			t.Errorf("line %q: %+v %v", a, k, ok)
		}
	}
	// what differs by arithmetic only is a tie
	if k, ok := MannKendall([]float64{0.3, 0.1 + 0.2, 0.3}, KendallOptions{}); !ok || k.S != 0 {
		t.Errorf("rounding: %+v %v", k, ok)
	}
	if k, ok := MannKendall(line, KendallOptions{Autocorrelated: "other"}); ok {
		t.Errorf("a correction that is not known: %+v", k)
	}
	if k, ok := MannKendall(make([]float64, kendallMaximum+1), KendallOptions{}); ok {
		t.Errorf("too long: %+v", k)
	}
	if l, ok := TheilSen([]float64{2, 2, 2}, []float64{1, 2, 3}, 0.95); ok {
		t.Errorf("one time: %+v", l)
	}
	if l, ok := TheilSen([]float64{3, 1, 2}, []float64{30, 10, 20}, 0.95); !ok || l.Slope != 10 || l.Intercept != 0 || !l.Bounded {
		t.Errorf("times out of order: %+v %v", l, ok)
	}
	if l, ok := TheilSen([]float64{1, 2, 3}, []float64{1, 2, 3}, 1); !ok || l.Bounded || l.Lower != 0 || l.Upper != 0 {
		t.Errorf("confidence 1: %+v %v", l, ok)
	}
	if l, ok := TheilSen([]float64{0, 1, 2}, []float64{-1e308, 0, 1e308}, 0.95); !ok || l.Slope != 1e308 {
		t.Errorf("large: %+v %v", l, ok)
	}
	if l, ok := TheilSen([]float64{1e-10, 2e-10, 3e-10}, []float64{1e300, 2e300, 3e300}, 0.95); ok {
		t.Errorf("a slope beyond floats: %+v", l)
	}
}

func TestSeasonalKendallEdges(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5, 6, 7}
	for _, period := range []int{-1, 0, 7, 8, math.MaxInt} {
		for _, correlated := range []bool{false, true} {
			if k, ok := SeasonalKendall(x, period, correlated); ok {
				t.Errorf("period %d: %+v", period, k)
			}
		}
		if l, ok := SeasonalSlope(x, period); ok {
			t.Errorf("period %d: %+v", period, l)
		}
	}
	plain, _ := MannKendall(x, KendallOptions{})
	plain.TauB = 0
	if k, ok := SeasonalKendall(x, 1, false); !ok || k != plain {
		t.Errorf("one season: %+v %v, want %+v", k, ok, plain)
	}
	if k, ok := SeasonalKendall(x, 1, true); !ok || k.VarS != plain.VarS || k.Z <= plain.Z {
		t.Errorf("one season: %+v %v, want %+v without the correction", k, ok, plain)
	}
	// a year with a gap is left out of a correlated test, and only its gap out of the other
	gap := []float64{1, 2, 3, 4, math.NaN(), 6, 7, 8}
	if k, ok := SeasonalKendall(gap, 2, true); !ok || k.N != 6 || k.S != 6 {
		t.Errorf("correlated with a gap: %+v %v", k, ok)
	}
	if k, ok := SeasonalKendall(gap, 2, false); !ok || k.N != 7 || k.S != 9 {
		t.Errorf("with a gap: %+v %v", k, ok)
	}
	if k, ok := RegionalKendall(nil, true); ok {
		t.Errorf("no series: %+v", k)
	}
	if k, ok := RegionalKendall([][]float64{nil, x}, false); !ok || k.S != 21 {
		t.Errorf("a series without values: %+v %v", k, ok)
	}
	long := positions(kendallMaximum)
	if l, ok := RegionalSlope([][]float64{long, long}); ok {
		t.Errorf("too many pairs: %+v", l)
	}
	if k, ok := PartialKendall(x, x); ok {
		t.Errorf("a series given itself: %+v", k)
	}
	if k, ok := PartialKendall(x, []float64{5, 5, 5, 5, 5, 5, 5}); !ok || k.S != plain.S || k.VarS != plain.VarS {
		t.Errorf("given a constant: %+v %v", k, ok)
	}
}

// FuzzKendall: no input panics or gives a number that is none; a series in reverse, negated or in other units tells the same.
func FuzzKendall(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, 2, 3, 1e300, 1e-300)
	f.Add([]byte{5, 5, 5, 5, 0, 255, 5, 5, 254, 9, 9, 9, 1, 9, 9}, 12, 0, math.NaN(), math.Inf(-1))
	f.Add([]byte{100, 200, 255, 0, 100, 200, 254, 0, 7}, 4, -1, -1e308, 5e-324)
	f.Fuzz(func(t *testing.T, raw []byte, period, lags int, a, b float64) {
		x := make([]float64, min(len(raw), 200))
		negative, back := make([]float64, len(x)), make([]float64, len(x))
		for i := range x {
			x[i] = pick(raw[i], a, b)
			negative[i], back[len(x)-1-i] = -x[i], x[i]
		}
		for _, method := range []Autocorrelated{Ignored, HamedRao, YueWang, PreWhiten, TrendFreePreWhiten, "other"} {
			for _, compact := range []bool{false, true} {
				kendallSane(t)(MannKendall(x, KendallOptions{method, lags, compact}))
			}
		}
		k, ok := MannKendall(x, KendallOptions{})
		for _, other := range [][]float64{negative, back} {
			o, ok2 := MannKendall(other, KendallOptions{})
			o.S, o.Z, o.Tau, o.TauB = -o.S, -o.Z, -o.Tau, -o.TauB
			if ok != ok2 || k != o {
				t.Fatalf("%v: %+v, turned %+v", x, k, o)
			}
		}
		for _, correlated := range []bool{false, true} {
			kendallSane(t)(SeasonalKendall(x, period, correlated))
			kendallSane(t)(RegionalKendall([][]float64{x, back}, correlated))
		}
		kendallSane(t)(PartialKendall(x, back))
		lineSane(t)(SeasonalSlope(x, period))
		lineSane(t)(RegionalSlope([][]float64{x, back}))
		lineSane(t)(TheilSen(positions(len(x)), x, 0.95))
		lineSane(t)(TheilSen(back, x, a))
		if rho, ok := Autocorrelation(x, lags); !finite(rho) || !ok && rho != 0 {
			t.Fatalf("%v: autocorrelation %v", x, rho)
		}
	})
}

func kendallSane(t *testing.T) func(Kendall, bool) {
	return func(k Kendall, ok bool) {
		t.Helper()
		if !ok {
			if k != (Kendall{}) {
				t.Fatalf("none, and yet %+v", k)
			}
			return
		}
		for _, v := range []float64{k.S, k.VarS, k.Z, k.P, k.Tau, k.TauB} {
			if !finite(v) {
				t.Fatalf("%+v", k)
			}
		}
		if k.P < 0 || k.P > 1 || k.VarS < 0 || math.Abs(k.Tau) > 1+1e-9 || math.Abs(k.TauB) > 1+1e-9 || k.N < 1 {
			t.Fatalf("%+v", k)
		}
	}
}

func lineSane(t *testing.T) func(TrendLine, bool) {
	return func(l TrendLine, ok bool) {
		t.Helper()
		if !ok {
			if l != (TrendLine{}) {
				t.Fatalf("none, and yet %+v", l)
			}
			return
		}
		for _, v := range []float64{l.Slope, l.Intercept, l.Lower, l.Upper} {
			if !finite(v) {
				t.Fatalf("%+v", l)
			}
		}
		if l.Bounded && (l.Lower > l.Slope || l.Upper < l.Slope) {
			t.Fatalf("%+v", l)
		}
	}
}

// wandering are 60 months with a trend, a season and chance that lasts.
func wandering() []float64 {
	r := rand.New(rand.NewPCG(1, 2))
	x, last := make([]float64, 60), 0.0
	for i := range x {
		last = 0.4*last + r.NormFloat64()
		x[i] = 100 + 0.1*float64(i) + 5*math.Sin(2*math.Pi*float64(i)/12) + last
	}
	return x
}

func BenchmarkMannKendall(b *testing.B) {
	x := wandering()
	for _, method := range []Autocorrelated{Ignored, HamedRao, YueWang, PreWhiten, TrendFreePreWhiten} {
		b.Run("method="+string(method), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				MannKendall(x, KendallOptions{Autocorrelated: method, Lags: 3})
			}
		})
	}
}

func BenchmarkSeasonalKendall(b *testing.B) {
	x := wandering()
	b.ReportAllocs()
	for b.Loop() {
		SeasonalKendall(x, 12, true)
		SeasonalSlope(x, 12)
	}
}

func BenchmarkTheilSen(b *testing.B) {
	x := wandering()
	t := positions(len(x))
	b.ReportAllocs()
	for b.Loop() {
		TheilSen(t, x, 0.95)
	}
}
