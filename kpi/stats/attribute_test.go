package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// fromJSON reads a JSON file of testdata.
func fromJSON(t *testing.T, name string, to any) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, to); err != nil {
		t.Fatal(err)
	}
}

// qichart is one chart of the reference.
type qichart struct {
	name                     string
	kind                     string
	numerators, denominators []float64
	rows                     []map[string]string
}

func qicharts(t *testing.T) []*qichart {
	t.Helper()
	var list []*qichart
	index := map[string]*qichart{}
	for _, row := range records(t, "qicharts_rules_on_ae_attendances.csv.gz") {
		name := row["series"] + " " + row["chart"]
		c := index[name]
		if c == nil {
			c = &qichart{name: name, kind: row["chart"]}
			index[name] = c
			list = append(list, c)
		}
		c.numerators = append(c.numerators, number(t, row["numerator"]))
		c.denominators = append(c.denominators, number(t, row["denominator"]))
		c.rows = append(c.rows, row)
	}
	return list
}

// qikinds translates the reference's names of charts.
var qikinds = map[string]AttributeKind{
	"i": ChartI, "p": ChartP, "pp": ChartLaneyP, "c": ChartC, "u": ChartU, "up": ChartLaneyU, "ip": ChartIPrime,
}

var allKinds = []AttributeKind{ChartP, ChartLaneyP, ChartC, ChartU, ChartLaneyU, ChartI, ChartIPrime, ChartT, ChartG}

func TestAttributeAgainstReference(t *testing.T) {
	points, charts := 0, 0
	for _, q := range qicharts(t) {
		if q.kind == "run" {
			continue // TestMedianRunsAgainstReference
		}
		charts++
		c := Attribute(qikinds[q.kind], q.numerators, q.denominators, 0)
		if !c.Known || c.Basis != len(q.rows) {
			t.Fatalf("%s: known %v from %d points", q.name, c.Known, c.Basis)
		}
		checkRuns(t, q.name, c.Runs, q.rows[0])
		for i, row := range q.rows {
			points++
			p := c.Points[i]
			lower, upper := number(t, row["lcl"]), number(t, row["ucl"])
			if !p.Valid || !same(p.Value, number(t, row["value"])) || !same(c.Center, number(t, row["cl"])) || !same(p.Lower, lower) || !same(p.Upper, upper) {
				t.Errorf("%s point %d: %+v around %v, want %v", q.name, i, p, c.Center, row)
			}
			outside := 0
			if p.Value > upper {
				outside = 1
			} else if p.Value < lower {
				outside = -1
			}
			if p.Outside != outside {
				t.Errorf("%s point %d: outside %d, want %d", q.name, i, p.Outside, outside)
			}
		}
	}
	if points != 2520 || charts != 70 {
		t.Errorf("%d points of %d charts checked, want 2520 of 70", points, charts)
	}
}

// checkRuns compares a run test with a row of the reference.
func checkRuns(t *testing.T, name string, r RunTest, row map[string]string) {
	t.Helper()
	for column, got := range map[string]int{
		"n_useful": r.Useful, "longest_run": r.Longest, "longest_run_max": r.LongestMax, "crossings": r.Crossings, "crossings_min": r.CrossingsMin,
	} {
		if strconv.Itoa(got) != row[column] {
			t.Errorf("%s: %s %d, want %s", name, column, got, row[column])
		}
	}
	if flag(r.Signal) != row["runs_signal"] {
		t.Errorf("%s: runs signal %v, want %s", name, r.Signal, row["runs_signal"])
	}
}

// Months of a few cases: limits end where no value can be, and a value on such a limit is not outside.
func TestAttributeLimitsEnd(t *testing.T) {
	few := []float64{0, 1, 2, 0, 1, 1, 0, 3}
	ten := []float64{10, 10, 10, 10, 10, 10, 10, 10}
	most := []float64{10, 9, 8, 10, 9, 9, 10, 7}
	for _, k := range []AttributeKind{ChartP, ChartLaneyP, ChartC, ChartU, ChartLaneyU, ChartG} {
		for i, p := range Attribute(k, few, ten, 0).Points {
			if p.Lower != 0 || p.Outside != 0 || !(p.Upper > 0) {
				t.Errorf("%s of few cases, point %d: %+v", k, i, p)
			}
		}
	}
	for _, k := range []AttributeKind{ChartP, ChartLaneyP} {
		for i, p := range Attribute(k, most, ten, 0).Points {
			if p.Upper != 1 || p.Outside != 0 || !(p.Lower > 0) {
				t.Errorf("%s of most cases, point %d: %+v", k, i, p)
			}
		}
	}
	if p := Attribute(ChartI, few, nil, 0).Points[0]; !(p.Lower < 0) {
		t.Errorf("values may be negative, so may their limits: %+v", p)
	}
}

// Expected numbers: the formulas in decimals of 50 digits.
func TestRareEventCharts(t *testing.T) {
	days := []float64{12, 30, 3, 0, 45, 8, 22, 16, 5, 60, 9, 14, 27, 1, 33}
	c := Attribute(ChartT, days, nil, 0)
	p := c.Points[3]
	if !c.Known || !same(p.Sigma, 0.95800770465076652) || !same(c.Center, 11.905961196930260) || !same(p.Upper, 297.26285950926390) || p.Lower != 0 || p.Value != 0 {
		t.Errorf("t: %+v of %+v", p, c)
	}
	if p.Side != -1 || c.Points[0].Side != 1 {
		t.Errorf("t: days are compared with the centre in days: %+v %+v", p, c.Points[0])
	}
	c = Attribute(ChartT, []float64{40, 55, 30, 62, 48, 51, 39, 45, 58, 44, 70, 36, 10, 200}, nil, 12)
	p = c.Points[12]
	if !same(p.Sigma, 0.26412760820622134) || !same(c.Center, 47.246804990136158) || !same(p.Upper, 112.19121123837805) || !same(p.Lower, 15.102052469178646) {
		t.Errorf("t: %+v of %+v", p, c)
	}
	if p.Outside != -1 || c.Points[13].Outside != 1 || c.Basis != 12 {
		t.Errorf("t: 10 and 200 days are outside: %+v", c.Points[12:])
	}
	c = Attribute(ChartG, append(days, 78, math.NaN(), 77), nil, 15)
	p = c.Points[0]
	if c.Center != 14 || !same(p.Sigma, 19.493588689617928) || !same(p.Upper, 77.480766068853783) || p.Lower != 0 {
		t.Errorf("g: %+v of %+v", p, c)
	}
	if c.Points[15].Outside != 1 || c.Points[16] != (AttributePoint{}) || c.Points[17].Outside != 0 {
		t.Errorf("g: 78 is outside, 77 is not: %+v", c.Points[15:])
	}
}

func TestAttributeLimitsFromTheFirstPoints(t *testing.T) {
	x := []float64{10, 14, 9, 12, 30, 40}
	n := []float64{100, 120, 90, 110, 80, 200}
	for _, k := range allKinds {
		first, all := Attribute(k, x[:4], n[:4], 0), Attribute(k, x, n, 4)
		if !all.Known || all.Center != first.Center || all.SigmaZ != first.SigmaZ || all.Basis != 4 || !all.Trial() {
			t.Errorf("%s: %+v, want the lines of %+v", k, all, first)
		}
		for i, p := range first.Points {
			if all.Points[i] != p {
				t.Errorf("%s point %d: %+v, want %+v", k, i, all.Points[i], p)
			}
		}
		if all.Points[5].Value == 0 || all.Points[5].Upper == 0 {
			t.Errorf("%s: the points after the first have no limits: %+v", k, all.Points[5])
		}
	}
}

// With equal denominators p' is the I chart of the shares, and i' also but for the rounding of d2.
func TestPrimedChartsOfEqualDenominators(t *testing.T) {
	x := []float64{410, 380, 455, 502, 390, 431, 420, 399, 470, 365, 440, 425}
	n := make([]float64, len(x))
	shares := make([]float64, len(x))
	for i := range x {
		n[i], shares[i] = 1000, x[i]/1000
	}
	want := Attribute(ChartI, shares, nil, 0).Points[0]
	for k, tolerance := range map[AttributeKind]float64{ChartLaneyP: 1e-12, ChartLaneyU: 1e-12, ChartIPrime: 1e-3} {
		got := Attribute(k, x, n, 0).Points[0]
		if math.Abs(got.Lower-want.Lower) > tolerance || math.Abs(got.Upper-want.Upper) > tolerance {
			t.Errorf("%s: %+v, want the limits of %+v", k, got, want)
		}
	}
}

// The point of Laney's charts: months of 20,000 cases whose true share moves by a tenth of itself from month to month are nothing
// special, but most leave the limits of p or u. Months that differ by chance alone look the same on both.
func TestLaneyChartsStayQuiet(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	flagged := func(kind AttributeKind, noise float64) (share, sigmaZ float64) {
		const charts, months, people = 600, 36, 20000
		outside := 0
		for range charts {
			x, n := make([]float64, months), make([]float64, months)
			for i := range x {
				n[i] = people * (0.8 + 0.4*r.Float64())
				rate := 0.4 * (1 + noise*r.NormFloat64())
				spread := math.Sqrt(n[i] * rate)
				if kind == ChartP || kind == ChartLaneyP {
					spread *= math.Sqrt(1 - rate)
				}
				x[i] = math.Round(n[i]*rate + spread*r.NormFloat64()) // normal in place of binomial or Poisson: thousands of cases
			}
			c := Attribute(kind, x, n, 0)
			sigmaZ += c.SigmaZ / charts
			for _, p := range c.Points {
				if p.Outside != 0 {
					outside++
				}
			}
		}
		return float64(outside) / (charts * months), sigmaZ
	}
	for _, pair := range [][2]AttributeKind{{ChartP, ChartLaneyP}, {ChartU, ChartLaneyU}} {
		plain, laney := pair[0], pair[1]
		for _, k := range []AttributeKind{plain, laney} {
			if share, z := flagged(k, 0); share > 0.008 || math.Abs(z-1) > 0.03 {
				t.Errorf("%s by chance alone: %.4f of the points outside, sigma z %.3f", k, share, z)
			}
		}
		if share, z := flagged(plain, 0.1); share < 0.3 || z < 5 {
			t.Errorf("%s of a moving share: %.4f of the points outside, sigma z %.3f", plain, share, z)
		}
		if share, _ := flagged(laney, 0.1); share > 0.012 {
			t.Errorf("%s of a moving share: %.4f of the points outside", laney, share)
		}
	}
}

func TestAttributeEdges(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, k := range append([]AttributeKind{"", "x"}, allKinds...) {
		for name, c := range map[string]struct{ x, n []float64 }{
			"nothing":      {nil, nil},
			"one":          {[]float64{3}, []float64{5}},
			"only gaps":    {[]float64{nan, inf, -inf}, []float64{nan, 1, 1}},
			"one and gaps": {[]float64{nan, 3, inf}, []float64{5, 5, 5}},
		} {
			chart := Attribute(k, c.x, c.n, 0)
			if chart.Known || chart.Center != 0 || chart.Basis != 0 || len(chart.Points) != len(c.x) || chart.Runs != (RunTest{}) {
				t.Errorf("%s of %s: %+v", k, name, chart)
			}
		}
	}
	if c := Attribute("x", []float64{1, 2, 3}, []float64{4, 5, 6}, 0); c.Known || c.Points[0].Valid {
		t.Errorf("a kind that does not exist: %+v", c)
	}
	for name, c := range map[string]struct {
		kind   AttributeKind
		x, n   []float64
		points int
	}{
		"denominators missing":        {ChartP, []float64{1, 2, 3, 4}, []float64{5, 5, 5}, 3},
		"denominators of 0":           {ChartU, []float64{1, 2, 3, 4}, []float64{5, 0, 5, -1}, 2},
		"more than all":               {ChartLaneyP, []float64{1, 6, 3, 4}, []float64{5, 5, 5, 5}, 3},
		"more than one for each":      {ChartLaneyU, []float64{1, 6, 3, 4}, []float64{5, 5, 5, 5}, 4},
		"negative counts":             {ChartC, []float64{1, -6, 3, 4}, nil, 3},
		"negative values":             {ChartI, []float64{1, -6, 3, 4}, nil, 4},
		"negative amounts":            {ChartIPrime, []float64{1, -6, 3, 4}, []float64{5, 5, 5, 5}, 4},
		"negative times":              {ChartT, []float64{1, -6, 3, 4}, nil, 3},
		"negative cases":              {ChartG, []float64{1, -6, 3, 4}, nil, 3},
		"a quotient that is too huge": {ChartU, []float64{1, 1e300, 3}, []float64{5, 1e-300, 4}, 2},
	} {
		chart := Attribute(c.kind, c.x, c.n, 0)
		if !chart.Known || chart.Basis != c.points {
			t.Errorf("%s: %+v", name, chart)
		}
	}
	if c := Attribute(ChartI, []float64{math.MaxFloat64, -math.MaxFloat64, math.MaxFloat64}, nil, 0); c.Known || !c.Points[1].Valid || c.Points[1].Upper != 0 {
		t.Errorf("too large: %+v", c)
	}
}

// A process without any spread has limits on its centre and no point outside, whatever the last digits do.
func TestAttributeConstant(t *testing.T) {
	x, n := make([]float64, 15), make([]float64, 15)
	for i := range x {
		n[i] = float64(10 + 7*i)
		x[i] = 0.1 * n[i]
	}
	for _, k := range []AttributeKind{ChartP, ChartLaneyP, ChartU, ChartLaneyU, ChartIPrime} {
		c := Attribute(k, x, n, 0)
		for i, p := range c.Points {
			if !c.Known || p.Outside != 0 || p.Side != 0 {
				t.Errorf("%s point %d: %+v", k, i, p)
			}
		}
		if c.Runs.Useful != 0 || c.Runs.Signal {
			t.Errorf("%s: runs %+v", k, c.Runs)
		}
	}
	for _, k := range allKinds {
		c := Attribute(k, make([]float64, 15), n, 0)
		if p := c.Points[14]; !c.Known || p.Lower != 0 || p.Upper != 0 || p.Outside != 0 || c.SigmaZ != 0 {
			t.Errorf("%s without a case: %+v", k, p)
		}
	}
	if c := Attribute(ChartLaneyP, n, n, 0); !c.Known || c.Center != 1 || c.Points[3].Outside != 0 {
		t.Errorf("all cases: %+v", c)
	}
}

// checkFinite fails if a chart holds a number that is none.
func checkFinite(t *testing.T, c AttributeChart) {
	t.Helper()
	for i, p := range c.Points {
		for _, v := range []float64{c.Center, c.SigmaZ, p.Value, p.Sigma, p.Lower, p.Upper} {
			if !finite(v) {
				t.Fatalf("%s point %d: %+v around %v", c.Kind, i, p, c.Center)
			}
		}
		if p.Lower > p.Upper || !p.Valid && p != (AttributePoint{}) {
			t.Fatalf("%s point %d: %+v", c.Kind, i, p)
		}
	}
}

// FuzzAttribute: no input panics, no result is NaN or infinite, and points in other units read the same.
func FuzzAttribute(f *testing.F) {
	f.Add([]byte{1, 9, 2, 9, 3, 9, 4, 9, 5, 9, 6, 9, 70, 90, 8, 9, 9, 9}, 0)
	f.Add([]byte{0, 20, 0, 20, 0, 30, 255, 20, 5, 0, 254, 9}, 4)
	f.Add([]byte{5, 5, 5, 5, 5, 5}, -1)
	f.Fuzz(func(t *testing.T, raw []byte, fix int) {
		var x, n, scaled []float64
		for i := 0; i+1 < len(raw); i += 2 {
			v := float64(raw[i]) - 3
			switch raw[i] {
			case 255:
				v = math.NaN()
			case 254:
				v = math.Inf(-1)
			}
			x, n, scaled = append(x, v), append(n, float64(raw[i+1])*10), append(scaled, v*1000)
		}
		for _, k := range allKinds {
			checkFinite(t, Attribute(k, x, n, fix))
		}
		for _, k := range []AttributeKind{ChartI, ChartIPrime, ChartT} {
			a, b := Attribute(k, x, n, fix), Attribute(k, scaled, n, fix)
			for i := range a.Points {
				if a.Points[i].Side != b.Points[i].Side || a.Points[i].Outside != b.Points[i].Outside {
					t.Fatalf("%s point %d: %+v, in other units %+v", k, i, a.Points[i], b.Points[i])
				}
			}
		}
	})
}

// FuzzAttributeFloats: floats of any size.
func FuzzAttributeFloats(f *testing.F) {
	f.Add(1.0, -1e308, 1e308, math.Inf(1), math.NaN(), 5e-324)
	f.Add(1e300, 1e-300, 1e300, 1e-300, 2.0, 3.0)
	f.Add(5e-324, 1e-300, 0.5, 1e300, 1e300, 0.0)
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g float64) {
		for _, k := range allKinds {
			checkFinite(t, Attribute(k, []float64{a, b, c, d, e, a, a}, []float64{g, c, d, e, b, a, d}, 0))
			checkFinite(t, Attribute(k, []float64{g, a, b, c, d, e}, []float64{1, a, b, c, d, e}, 3))
		}
	})
}

// benchmarkSeries is five years of months.
func benchmarkSeries() (x, n []float64) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 60 {
		x, n = append(x, math.Round(400+30*r.NormFloat64())), append(n, math.Round(1000+50*r.NormFloat64()))
	}
	return x, n
}

func BenchmarkXmR60(b *testing.B) {
	x, _ := benchmarkSeries()
	b.ReportAllocs()
	for b.Loop() {
		XmR(x, Options{Screen: true})
	}
}

func BenchmarkLaney60(b *testing.B) {
	x, n := benchmarkSeries()
	b.ReportAllocs()
	for b.Loop() {
		Attribute(ChartLaneyP, x, n, 0)
	}
}
