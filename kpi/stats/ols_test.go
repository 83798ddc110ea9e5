package stats

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// nistCase is one problem of NIST's Statistical Reference Datasets with its certified results, as decimal texts.
type nistCase struct {
	Model      string
	Columns    []string
	Data       [][]string
	Beta, SE   []string
	ResidualSD string `json:"residual_sd"`
	RSS        string
	RSquared   string `json:"r_squared"`
}

func nistCases(t testing.TB) map[string]nistCase {
	t.Helper()
	raw, err := os.ReadFile("testdata/nist_strd_linear.json")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]nistCase{}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// floats reads decimal texts.
func floats(t *testing.T, texts []string) []float64 {
	t.Helper()
	list := make([]float64, len(texts))
	for i, s := range texts {
		list[i] = number(t, s)
	}
	return list
}

// design returns what the case regresses: y, the predictors in rows as the model has them, and the degree if it is a polynomial in the
// first predictor with a constant, else 0.
func (c nistCase) design(t *testing.T) (x [][]float64, y []float64, degree int) {
	t.Helper()
	degree = len(c.Beta) - 1
	constant := !strings.Contains(c.Model, "~ 0")
	if len(c.Columns) > 2 || !constant {
		degree = 0
	}
	for _, texts := range c.Data {
		v := floats(t, texts)
		y = append(y, v[0])
		row := v[1:]
		if degree > 0 {
			row = nil
			for j, p := 0, v[1]; j < degree; j, p = j+1, p*v[1] {
				row = append(row, p)
			}
		}
		if constant {
			row = append([]float64{1}, row...)
		}
		x = append(x, row)
	}
	return x, y, degree
}

// off is the relative error, or the absolute one in units of scale where the certified value is 0.
func off(got, want, scale float64) float64 {
	if want == 0 {
		return math.Abs(got) / scale
	}
	return math.Abs(got-want) / math.Abs(want)
}

// check compares a fit with the certified values. tolerance is relative; where a standard error or the sum of squares is certified as
// 0, it is that of a float in units of y.
func (c nistCase) check(t *testing.T, f Fit, y []float64, coefficient, spread float64) {
	t.Helper()
	beta, se := floats(t, c.Beta), floats(t, c.SE)
	for j := range beta {
		if e := off(f.Coefficients[j], beta[j], 1); !(e <= coefficient) {
			t.Errorf("coefficient %d: %.17g, want %.17g, off by %.2g", j, f.Coefficients[j], beta[j], e)
		}
		if e := off(f.StdErrors[j], se[j], largest(y)); !(e <= spread) {
			t.Errorf("standard error %d: %.17g, want %.17g, off by %.2g", j, f.StdErrors[j], se[j], e)
		}
	}
	for name, v := range map[string][3]float64{
		"residual sd": {math.Sqrt(f.Sigma2), number(t, c.ResidualSD), largest(y)},
		"RSS":         {f.RSS, number(t, c.RSS), largest(y) * largest(y)},
		"R²":          {f.R2, number(t, c.RSquared), 1},
	} {
		if e := off(v[0], v[1], v[2]); !(e <= spread) {
			t.Errorf("%s: %.17g, want %.17g, off by %.2g", name, v[0], v[1], e)
		}
	}
}

func TestOLSAgainstNIST(t *testing.T) {
	cases := nistCases(t)
	if len(cases) != 11 {
		t.Fatalf("%d cases, want 11", len(cases))
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			x, y, degree := c.design(t)
			f, err := OLS(x, y)
			if name == "filip" { // its powers as floats leave about six digits: refused
				if !errors.Is(err, ErrCollinear) || f.Coefficients != nil {
					t.Errorf("%v, %+v", err, f)
				}
			} else {
				if err != nil {
					t.Fatal(err)
				}
				c.check(t, f, y, 1e-13, 1e-11)
			}
			if degree == 0 {
				return
			}
			if f, err = Polynomial(floatsOf(x, 1), y, degree); err != nil {
				t.Fatal(err)
			}
			c.check(t, f, y, 1e-13, 1e-11)
		})
	}
}

// floatsOf returns a column.
func floatsOf(x [][]float64, j int) []float64 {
	list := make([]float64, len(x))
	for i, row := range x {
		list[i] = row[j]
	}
	return list
}

// exactly solves the normal equations in rational arithmetic; it returns the coefficients and (X'X)⁻¹, or nil where there is none.
func exactly(x [][]float64, y []float64) (beta []float64, inverse [][]float64) {
	k := len(x[0])
	m := make([][]*big.Rat, k) // X'X | X'y | identity
	for i := range m {
		m[i] = make([]*big.Rat, 2*k+1)
		for j := range m[i] {
			m[i][j] = new(big.Rat)
		}
		m[i][k+1+i].SetInt64(1)
		for row, v := range x {
			a := new(big.Rat).SetFloat64(v[i])
			for j := range k {
				m[i][j].Add(m[i][j], new(big.Rat).Mul(a, new(big.Rat).SetFloat64(v[j])))
			}
			m[i][k].Add(m[i][k], new(big.Rat).Mul(a, new(big.Rat).SetFloat64(y[row])))
		}
	}
	for i := range m { // X'X is positive definite or singular: no pivots
		if m[i][i].Sign() == 0 {
			return nil, nil
		}
		p := new(big.Rat).Inv(m[i][i])
		for j := range m[i] {
			m[i][j].Mul(m[i][j], p)
		}
		for r := range m {
			if r == i {
				continue
			}
			f := new(big.Rat).Set(m[r][i])
			for j := range m[r] {
				m[r][j].Sub(m[r][j], new(big.Rat).Mul(f, m[i][j]))
			}
		}
	}
	for i := range m {
		b, _ := m[i][k].Float64()
		beta = append(beta, b)
		row := make([]float64, k)
		for j := range row {
			row[j], _ = m[i][k+1+j].Float64()
		}
		inverse = append(inverse, row)
	}
	return beta, inverse
}

// Designs of small whole numbers are often collinear or nearly so: where there is a solution, it is found to the last digits.
func TestOLSIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	solved, refused := 0, 0
	for range 4000 {
		n, k := 3+r.IntN(6), 1+r.IntN(4)
		if n <= k {
			continue
		}
		x, y := make([][]float64, n), make([]float64, n)
		for i := range x {
			x[i] = make([]float64, k)
			for j := range x[i] {
				x[i][j] = float64(r.IntN(3)) * math.Pow(1000, float64(j))
			}
			y[i] = r.NormFloat64() * 1e6
		}
		beta, inverse := exactly(x, y)
		f, err := OLS(x, y)
		if beta == nil {
			if refused++; !errors.Is(err, ErrCollinear) {
				t.Fatalf("%v %v: %v, %v", x, y, f, err)
			}
			continue
		}
		if solved++; err != nil {
			t.Fatalf("%v %v: %v", x, y, err)
		}
		for i, row := range inverse {
			if !(off(f.Coefficients[i], beta[i], 1) <= 1e-12) {
				t.Fatalf("%v %v: coefficients %v, want %v", x, y, f.Coefficients, beta)
			}
			for j, v := range row {
				if !(math.Abs(f.Inverse[i][j]-v) <= 1e-12*math.Sqrt(inverse[i][i]*inverse[j][j])) {
					t.Fatalf("%v %v: inverse %v, want %v", x, y, f.Inverse, inverse)
				}
			}
		}
	}
	if solved < 1000 || refused < 50 {
		t.Errorf("%d solved, %d refused: the cases are too much alike", solved, refused)
	}
}

func TestOLSRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		x    [][]float64
		y    []float64
		want error
	}{
		"nothing":               {nil, nil, ErrDesign},
		"no columns":            {[][]float64{{}, {}}, []float64{1, 2}, ErrDesign},
		"fewer values":          {[][]float64{{1}, {1}}, []float64{1}, ErrDesign},
		"ragged":                {[][]float64{{1, 2}, {1}, {1, 3}}, []float64{1, 2, 3}, ErrDesign},
		"ragged, longer":        {[][]float64{{1}, {1, 2}, {1, 3}}, []float64{1, 2, 3}, ErrDesign},
		"as many coefficients":  {[][]float64{{1, 2}, {1, 3}}, []float64{1, 2}, ErrDesign},
		"no value":              {[][]float64{{1}, {1}}, []float64{1, nan}, ErrDesign},
		"infinite":              {[][]float64{{1}, {inf}}, []float64{1, 2}, ErrDesign},
		"a column twice":        {[][]float64{{1, 1}, {2, 2}, {4, 4}}, []float64{1, 2, 3}, ErrCollinear},
		"a column of nothing":   {[][]float64{{1, 0}, {2, 0}, {4, 0}}, []float64{1, 2, 3}, ErrCollinear},
		"all dummies and ones":  {[][]float64{{1, 1, 0}, {1, 0, 1}, {1, 1, 0}, {1, 0, 1}}, []float64{1, 2, 3, 4}, ErrCollinear},
		"alike to nine digits":  {[][]float64{{1, 1}, {1, 1 + 1e-9}, {1, 1}, {1, 1 - 1e-9}}, []float64{1, 2, 3, 4}, ErrCollinear},
		"variance out of range": {[][]float64{{1}, {1}}, []float64{1e300, -1e300}, ErrTooLarge},
		"inverse out of range":  {[][]float64{{1e-200}, {1e-200}}, []float64{1, 2}, ErrTooLarge},
	} {
		if f, err := OLS(c.x, c.y); !errors.Is(err, c.want) || f.Coefficients != nil {
			t.Errorf("%s: %+v, %v, want %v", name, f, err, c.want)
		}
	}
	for degree, want := range map[int]error{-1: ErrDesign, 3: ErrDesign, 4: ErrDesign, math.MaxInt: ErrDesign, 2: ErrCollinear, 1: nil} {
		if f, err := Polynomial([]float64{1, 1, 2, 2}, []float64{1, 2, 3, 4}, degree); !errors.Is(err, want) || (f.Coefficients == nil) != (want != nil) {
			t.Errorf("degree %d: %+v, %v, want %v", degree, f, err, want)
		}
	}
}

func TestOLSEdges(t *testing.T) {
	x := [][]float64{{1, 0}, {1, 1}, {1, 2}, {1, 3}}
	f, err := OLS(x, []float64{0.1, 0.1, 0.1, 0.1})
	if err != nil || f.R2 != 0 || f.Coefficients[0] != 0.1 || math.Abs(f.Coefficients[1]) > 1e-30 {
		t.Errorf("a constant: %+v, %v", f, err)
	}
	f, err = OLS(x, []float64{0, 0, 0, 0})
	if err != nil || f.R2 != 0 || f.Sigma2 != 0 || f.StdErrors[1] != 0 {
		t.Errorf("zeros: %+v, %v", f, err)
	}
	f, err = OLS(x, []float64{1, 3, 5, 7})
	if err != nil || f.R2 != 1 || f.RSS != 0 || f.DF != 2 || f.Coefficients[0] != 1 || f.Coefficients[1] != 2 {
		t.Errorf("a line: %+v, %v", f, err)
	}
	seasons := [][]float64{{1, 0}, {0, 1}, {1, 0}, {0, 1}} // together a constant, though no column is one
	if f, err = OLS(seasons, []float64{1, 5, 3, 7}); err != nil || !same(f.R2, 0.8) {
		t.Errorf("seasons: R² %v, %v, want 0.8", f.R2, err)
	}
	small := []float64{1e-300, 3e-300, 4e-300, 7e-300}
	large := []float64{1e150, 3e150, 4e150, 7e150}
	for _, y := range [][]float64{small, large} {
		if f, err = OLS(x, y); err != nil || !same(f.Coefficients[1]/y[0], 1.9) || !same(f.StdErrors[1]/y[0], math.Sqrt(0.7/2/5)) {
			t.Errorf("%v: %+v, %v", y, f, err)
		}
	}
	if y := []float64{0.1, 0.1, 0.1, 0.1}; true {
		saved := append([]float64(nil), y...)
		if _, err := Polynomial(y, saved, 0); err != nil || y[0] != 0.1 || saved[0] != 0.1 {
			t.Errorf("the caller's numbers were changed: %v %v, %v", y, saved, err)
		}
	}
}

// FuzzOLS: no input panics or gives a number that is none; what is fitted leaves residuals that no column explains.
func FuzzOLS(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 1}, uint8(2), 1.0, 1.0)
	f.Add([]byte{1, 1, 1, 1, 1, 2, 1, 1, 3, 1, 1, 9}, uint8(3), 1e300, 1e-300)
	f.Add([]byte{255, 1, 1, 1, 254, 2, 1, 1}, uint8(1), math.NaN(), 0.0)
	f.Fuzz(func(t *testing.T, raw []byte, columns uint8, a, b float64) {
		k := int(columns % 6)
		var x [][]float64
		var y []float64
		for i := 0; i+k < len(raw) && i < 400; i += k + 1 {
			row := make([]float64, k)
			for j := range row {
				row[j] = pick(raw[i+j], a, b)
			}
			x, y = append(x, row), append(y, pick(raw[i+k], a, b))
		}
		fit, err := OLS(x, y)
		if err != nil {
			return
		}
		for _, list := range append(append(fit.Inverse, fit.Coefficients, fit.StdErrors, fit.Residuals), []float64{fit.RSS, fit.Sigma2, fit.R2}) {
			for _, v := range list {
				if !finite(v) {
					t.Fatalf("%v %v: %+v", x, y, fit)
				}
			}
		}
		if fit.R2 < 0 || fit.R2 > 1 || fit.DF != len(y)-k {
			t.Fatalf("%+v", fit)
		}
		for j := range k {
			column := floatsOf(x, j)
			dot, length := 0.0, largest(column)*largest(y)
			for i, v := range column {
				dot += v / largest(column) * (fit.Residuals[i] / math.Max(largest(y), math.SmallestNonzeroFloat64))
			}
			if length > 0 && !(math.Abs(dot) <= 1e-12*float64(len(y))) {
				t.Fatalf("%v %v: column %d goes with the residuals by %g", x, y, j, dot)
			}
		}
	})
}

// pick turns a byte into a small whole number or one of two given floats.
func pick(b byte, a, c float64) float64 {
	switch b {
	case 255:
		return a
	case 254:
		return c
	}
	return float64(b) - 100
}

// BenchmarkOLS fits 60 months to a constant, a trend, a step and its slope.
func BenchmarkOLS(b *testing.B) {
	x, y := make([][]float64, 60), make([]float64, 60)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range x {
		x[i] = []float64{1, float64(i), 0, 0}
		if i >= 30 {
			x[i][2], x[i][3] = 1, float64(i-30)
		}
		y[i] = 100 + r.NormFloat64()
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := OLS(x, y); err != nil {
			b.Fatal(err)
		}
	}
}
