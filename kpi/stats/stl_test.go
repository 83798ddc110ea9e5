package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// stlCase is a series that R took apart.
type stlCase struct {
	values                              []float64
	seasonal, trend, remainder, weights []float64
}

func stlCases(t testing.TB) map[string]*stlCase {
	t.Helper()
	cases := map[string]*stlCase{}
	for _, row := range records(t, "stl_expected.csv.gz") {
		c := cases[row["case"]]
		if c == nil {
			c = &stlCase{}
			cases[row["case"]] = c
		}
		for column, list := range map[string]*[]float64{
			"value": &c.values, "seasonal": &c.seasonal, "trend": &c.trend, "remainder": &c.remainder, "weight": &c.weights,
		} {
			*list = append(*list, number(t, row[column]))
		}
	}
	return cases
}

// compare reports how far a decomposition is off, in units of the largest value.
func (c *stlCase) compare(t *testing.T, name string, got Decomposition, tolerance, weight float64) {
	t.Helper()
	scale := largest(c.values)
	for part, pair := range map[string][2][]float64{
		"seasonal": {got.Seasonal, c.seasonal}, "trend": {got.Trend, c.trend}, "remainder": {got.Remainder, c.remainder}, "weights": {got.Weights, c.weights},
	} {
		worst, unit := 0.0, scale
		if part == "weights" {
			unit = weight / tolerance
		}
		for i, v := range pair[1] {
			worst = math.Max(worst, math.Abs(pair[0][i]-v)/unit)
		}
		if len(pair[0]) != len(pair[1]) || !(worst <= tolerance) {
			t.Errorf("%s %s: off by %.2g of %.2g", name, part, worst, tolerance)
		}
	}
}

// The tolerance of robust fits is what R and other implementations agree to. R's fits differ from the published method: the partial sort
// that its Fortran finds the median of the residuals with is asked for the two middle ones in descending order, which it is not made
// for, and returns another than the median now and then (in round 11 of the first, 0.02135 for 0.02095).
func TestSTLAgainstR(t *testing.T) {
	cases := stlCases(t)
	for name, c := range map[string]struct {
		period            int
		options           STLOptions
		tolerance, weight float64
	}{
		"nottem_periodic":            {12, STLOptions{}, 1e-12, 1e-12},
		"nottem_s13_t23_jump1":       {12, STLOptions{Window: 13, TrendWindow: 23, SeasonalJump: 1, TrendJump: 1, LowJump: 1}, 1e-12, 1e-12},
		"USAccDeaths_periodic_jump1": {12, STLOptions{SeasonalJump: 1, TrendJump: 1, LowJump: 1}, 1e-12, 1e-12},
		"logAirPassengers_s7":        {12, STLOptions{Window: 7}, 1e-12, 1e-12},
		"logco2_s21":                 {12, STLOptions{Window: 21}, 1e-12, 1e-12},
		"logAirPassengers_s7_robust": {12, STLOptions{Window: 7, Robust: true}, 5e-3, 0.1},
		"logUKgas_periodic_robust":   {4, STLOptions{Robust: true}, 5e-3, 0.01},
	} {
		got, ok := STL(cases[name].values, c.period, c.options)
		if !ok || got.First != 0 {
			t.Errorf("%s: %v, first %d", name, ok, got.First)
			continue
		}
		cases[name].compare(t, name, got, c.tolerance, c.weight)
		delete(cases, name)
	}
	if len(cases) != 0 {
		t.Errorf("not checked: %v", cases)
	}
}

// statsmodels takes the median by the book: robust fits are the same to the last digits.
func TestSTLRobustAgainstStatsmodels(t *testing.T) {
	cases := stlCases(t)
	want := map[string]*stlCase{}
	for _, row := range records(t, "stl_robust_expected.csv.gz") {
		c := want[row["case"]]
		if c == nil {
			c = &stlCase{}
			want[row["case"]] = c
		}
		c.seasonal, c.trend = append(c.seasonal, number(t, row["seasonal"])), append(c.trend, number(t, row["trend"]))
		c.weights = append(c.weights, number(t, row["weight"]))
	}
	for name, c := range map[string]struct {
		values  []float64
		period  int
		options STLOptions
	}{
		"logAirPassengers_s7_robust": {cases["logAirPassengers_s7"].values, 12, STLOptions{Window: 7, Robust: true}},
		"logUKgas_s9_robust":         {cases["logUKgas_periodic_robust"].values, 4, STLOptions{Window: 9, Robust: true}},
		"nottem_s13_robust_inner2_outer6_linear": {
			cases["nottem_periodic"].values, 12, STLOptions{Window: 13, Robust: true, Inner: 2, Outer: 6, SeasonalDegree: Linear},
		},
	} {
		w := want[name]
		w.values, w.remainder = c.values, make([]float64, len(c.values))
		for i, v := range c.values {
			w.remainder[i] = v - w.seasonal[i] - w.trend[i]
		}
		got, ok := STL(c.values, c.period, c.options)
		if !ok {
			t.Errorf("%s: none", name)
			continue
		}
		w.compare(t, name, got, 1e-9, 1e-7)
	}
	if len(want) != 3 {
		t.Errorf("%d cases, want 3", len(want))
	}
}

func TestStrengthAgainstR(t *testing.T) {
	cases := stlCases(t)
	raw, err := os.ReadFile("testdata/strength_expected.json")
	if err != nil {
		t.Fatal(err)
	}
	expected := map[string]struct{ Ft, Fs float64 }{}
	if err := json.Unmarshal(raw, &expected); err != nil {
		t.Fatal(err)
	}
	co2 := make([]float64, 0, 468)
	for _, v := range cases["logco2_s21"].values {
		co2 = append(co2, math.Exp(v))
	}
	series := map[string][]float64{
		"nottem": cases["nottem_periodic"].values, "logAirPassengers": cases["logAirPassengers_s7"].values,
		"USAccDeaths": cases["USAccDeaths_periodic_jump1"].values, "co2": co2,
	}
	if len(expected) != len(series) {
		t.Fatalf("%d cases, want %d", len(expected), len(series))
	}
	for name, want := range expected {
		d, seasonal := Seasonal(series[name], 12)
		if got := d.Strength(); !seasonal || !same(got.Trend, want.Ft) || !same(got.Season, want.Fs) {
			t.Errorf("%s: %+v %v, want %+v", name, got, seasonal, want)
		}
	}
}

// calendar is a line plus a season, without chance, and noise of a size.
func calendar(n, period int, noise float64) (values, line []float64) {
	r := rand.New(rand.NewPCG(7, 8))
	for i := range n {
		line = append(line, 200+0.5*float64(i))
		values = append(values, line[i]+20*math.Sin(2*math.Pi*float64(i)/float64(period))+noise*r.NormFloat64())
	}
	return values, line
}

// With gaps inside and at the ends the season found is still that of the calendar, and the gaps stay gaps.
func TestSTLGaps(t *testing.T) {
	values, line := calendar(64, 12, 0)
	for _, i := range []int{0, 1, 5, 17, 18, 19, 20, 31, 43, 50, 63} {
		values[i] = math.NaN()
	}
	d, ok := STL(values, 12, STLOptions{Inner: 60})
	if !ok || d.First != 2 || len(d.Seasonal) != 61 {
		t.Fatalf("%v, first %d, %d periods", ok, d.First, len(d.Seasonal))
	}
	adjusted := d.Adjusted(values)
	for i, v := range adjusted {
		if math.IsNaN(values[i]) != math.IsNaN(v) || math.Abs(v-line[i]) > 1e-6 {
			t.Errorf("period %d: %v, want %v", i, v, line[i])
		}
	}
	for i := range d.Trend { // the season repeats itself over gaps too, and so does the line go on
		j := i + d.First
		if math.IsNaN(values[j]) && (d.Weights[i] != 0 || d.Remainder[i] != 0 || math.Abs(d.Trend[i]-line[j]) > 1e-6) {
			t.Errorf("gap %d: trend %v remainder %v weight %v", j, d.Trend[i], d.Remainder[i], d.Weights[i])
		}
		if i >= 12 && d.Seasonal[i] != d.Seasonal[i-12] {
			t.Errorf("period %d: season %v, a year before %v", j, d.Seasonal[i], d.Seasonal[i-12])
		}
	}
	for _, robust := range []bool{false, true} { // with the usual rounds, and chance of a tenth of the season
		values, line := calendar(60, 12, 2)
		for _, i := range []int{3, 17, 18, 40, 59} {
			values[i] = math.Inf(1)
		}
		d, ok := STL(values, 12, STLOptions{Robust: robust})
		if s := d.Strength(); !ok || s.Season < 0.95 || s.Trend < 0.8 {
			t.Errorf("%v, strength %+v", ok, s)
		}
		for i, v := range d.Adjusted(values) {
			if math.Abs(v-line[i]) > 8 {
				t.Errorf("robust %v, period %d: %v, want about %v", robust, i, v, line[i])
			}
		}
	}
}

// One month that is far off keeps to itself in a robust fit, and is spread over the season in another.
func TestSTLRobust(t *testing.T) {
	values, line := calendar(60, 12, 1)
	values[30] += 300
	for robust, limit := range map[bool][2]float64{true: {0, 6}, false: {30, 100}} {
		d, ok := STL(values, 12, STLOptions{Robust: robust})
		if !ok {
			t.Fatal("none")
		}
		worst := 0.0
		for i, v := range d.Adjusted(values) {
			if i != 30 {
				worst = math.Max(worst, math.Abs(v-line[i]))
			}
		}
		if worst < limit[0] || worst > limit[1] || robust != (d.Weights[30] == 0) {
			t.Errorf("robust %v: other months off by %v, weight %v", robust, worst, d.Weights[30])
		}
	}
}

func TestSTLRefuses(t *testing.T) {
	values, _ := calendar(48, 12, 1)
	with := func(n int, gaps ...int) []float64 {
		list := append([]float64(nil), values[:n]...)
		for _, i := range gaps {
			list[i] = math.NaN()
		}
		return list
	}
	quarter := []int{1, 13, 3, 27, 7, 19, 11, 35, 17, 29, 33, 45} // two of the four values of six seasons
	for name, c := range map[string]struct {
		values []float64
		period int
		o      STLOptions
		want   bool
	}{
		"two cycles":             {with(24), 12, STLOptions{}, true},
		"a month less":           {with(23), 12, STLOptions{}, false},
		"two cycles, one gap":    {with(24, 5), 12, STLOptions{}, false}, // June has one value
		"gaps at the ends":       {with(26, 0, 25), 12, STLOptions{}, true},
		"too short by its ends":  {with(25, 0, 24), 12, STLOptions{}, false},
		"a quarter missing":      {with(48, quarter...), 12, STLOptions{}, true},
		"more than a quarter":    {with(48, append(quarter, 26)...), 12, STLOptions{}, false},
		"eleven months missing":  {with(48, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22), 12, STLOptions{}, true},
		"a year missing":         {with(48, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23), 12, STLOptions{}, false},
		"nothing":                {nil, 12, STLOptions{}, false},
		"only gaps":              {with(2, 0, 1), 12, STLOptions{}, false},
		"no cycle":               {with(48), 1, STLOptions{}, false},
		"period 0":               {with(48), 0, STLOptions{}, false},
		"negative period":        {with(48), -12, STLOptions{}, false},
		"huge period":            {with(48), math.MaxInt, STLOptions{}, false},
		"negative window":        {with(48), 12, STLOptions{Window: -7}, false},
		"negative rounds":        {with(48), 12, STLOptions{Inner: -1}, false},
		"a degree of two":        {with(48), 12, STLOptions{TrendDegree: Linear + 1}, false},
		"a degree below none":    {with(48), 12, STLOptions{LowDegree: -1}, false},
		"windows beyond all":     {with(48), 12, STLOptions{Window: math.MaxInt32, TrendWindow: math.MaxInt32, LowWindow: math.MaxInt32}, true},
		"windows of one":         {with(48), 12, STLOptions{Window: 1, TrendWindow: 1, LowWindow: 1}, true},
		"windows of two":         {with(48), 12, STLOptions{Window: 2, TrendWindow: 2, LowWindow: 2, SeasonalJump: 99, TrendJump: 99, LowJump: 99}, true},
		"all degrees linear":     {with(48), 12, STLOptions{Window: 7, SeasonalDegree: Linear, TrendDegree: Linear, LowDegree: Linear}, true},
		"all degrees constant":   {with(48), 12, STLOptions{Window: 7, SeasonalDegree: Constant, TrendDegree: Constant, LowDegree: Constant}, true},
		"a sum beyond the range": {[]float64{math.MaxFloat64, -math.MaxFloat64, math.MaxFloat64, -math.MaxFloat64, math.MaxFloat64}, 2, STLOptions{}, true},
	} {
		d, ok := STL(c.values, c.period, c.o)
		if ok != c.want || ok != (d.Trend != nil) {
			t.Errorf("%s: %v", name, ok)
		}
	}
}

func TestSeasonalDecides(t *testing.T) {
	values, _ := calendar(24, 12, 2)
	if _, ok := Seasonal(values, 12); !ok {
		t.Error("two years of a clear season")
	}
	if list, ok := SeasonallyAdjusted(values, 12); !ok || len(list) != 24 {
		t.Errorf("%v %v", list, ok)
	}
	if _, ok := Seasonal(values[:23], 12); ok {
		t.Error("less than two years")
	}
	constant, line := make([]float64, 36), make([]float64, 36)
	for i := range line {
		constant[i], line[i] = 0.1, 0.1*float64(i)
	}
	for name, x := range map[string][]float64{"constant": constant, "line": line} {
		d, ok := Seasonal(x, 12)
		if s := d.Strength(); ok || s.Season > 0.2 {
			t.Errorf("%s: %+v", name, s)
		}
		if list, ok := SeasonallyAdjusted(x, 12); ok || list != nil {
			t.Errorf("%s: %v", name, list)
		}
	}
	if s := (Decomposition{}).Strength(); s != (Strength{}) {
		t.Errorf("nothing: %+v", s)
	}
	if list := (Decomposition{}).Adjusted([]float64{1}); len(list) != 1 || !math.IsNaN(list[0]) {
		t.Errorf("nothing: %v", list)
	}
	// how often chance alone is called a season
	r := rand.New(rand.NewPCG(5, 6))
	for n, limit := range map[int][2]int{25: {60, 140}, 36: {0, 20}, 60: {0, 2}} {
		found := 0
		for range 500 {
			x := make([]float64, n)
			for i := range x {
				x[i] = r.NormFloat64()
			}
			if _, ok := Seasonal(x, 12); ok {
				found++
			}
		}
		if found < limit[0] || found > limit[1] {
			t.Errorf("%d months: %d of 500 series without a season are called seasonal, said to be %v", n, found, limit)
		}
	}
}

// FuzzSTL: no input panics or gives a number that is none but for gaps, the parts add up to the values, and other units by a power of two
// change nothing.
func FuzzSTL(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4}, 4, 7, 0, 0, true, 1e300, 1e-300)
	f.Add([]byte{5, 5, 5, 5, 0, 255, 5, 5, 254, 9, 9, 9, 1, 9, 9, 1, 7, 7, 7}, 3, 0, 3, 1, false, math.NaN(), math.Inf(-1))
	f.Add([]byte{100, 200, 255, 0, 100, 200, 254, 0, 7, 7}, 2, -1, 9, 99, true, -1e308, 5e-324)
	f.Fuzz(func(t *testing.T, raw []byte, period, window, trend, jump int, robust bool, a, b float64) {
		x := make([]float64, min(len(raw), 150))
		half := make([]float64, len(x))
		for i := range x {
			x[i] = pick(raw[i], a, b)
			half[i] = x[i] / 4
		}
		o := STLOptions{Window: window, TrendWindow: trend, LowWindow: jump, Robust: robust, SeasonalJump: jump, TrendJump: window}
		d, ok := STL(x, period, o)
		if !ok {
			if d.Trend != nil {
				t.Fatalf("none, and yet %+v", d)
			}
			return
		}
		unit := largest(valid(x))
		for i := range d.Trend {
			v := x[d.First+i]
			if !finite(d.Seasonal[i]) || !finite(d.Trend[i]) || !finite(d.Remainder[i]) || !(d.Weights[i] >= 0 && d.Weights[i] <= 1) {
				t.Fatalf("%v: %+v", x, d)
			}
			sum := d.Seasonal[i]/4 + d.Trend[i]/4 + d.Remainder[i]/4
			if finite(v) && !(math.Abs(sum-v/4) <= 1e-9*unit+1e-300) {
				t.Fatalf("%v: parts of %d add up to %v", x, i, sum)
			}
		}
		s := d.Strength()
		if !(s.Trend >= 0 && s.Trend <= 1 && s.Season >= 0 && s.Season <= 1) {
			t.Fatalf("%v: %+v", x, s)
		}
		for i, v := range d.Adjusted(x) {
			if math.IsInf(v, 0) || math.IsNaN(v) && finite(x[i]) && unit < 1e307 {
				t.Fatalf("%v: adjusted %v", x, v)
			}
		}
		if e, ok := STL(half, period, o); unit > 1e-280 && (!ok || e.First != d.First || e.Weights[0] != d.Weights[0]) {
			t.Fatalf("%v: %+v, in other units %+v", x, d, e)
		}
		Seasonal(x, period)
	})
}

func BenchmarkSTL(b *testing.B) {
	x := wandering()
	for name, o := range map[string]STLOptions{"periodic": {}, "window=7": {Window: 7}, "robust": {Robust: true}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				STL(x, 12, o)
			}
		})
	}
}

func BenchmarkSeasonal(b *testing.B) {
	x := wandering()
	b.ReportAllocs()
	for b.Loop() {
		SeasonallyAdjusted(x, 12)
	}
}
