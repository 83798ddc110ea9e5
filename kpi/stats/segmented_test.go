package stats

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// segmentedCase is one regression of the reference.
type segmentedCase struct {
	Coef  map[string]float64
	SEOLS map[string]float64 `json:"se_ols"`
	DW    float64
	N     int
	RSS   float64
	Lag0  map[string]float64 `json:"nw_lag0_noadjust"`
	Lag0A map[string]float64 `json:"nw_lag0_adjust"`
	Lag1  map[string]float64 `json:"nw_lag1_noadjust"`
	Lag1A map[string]float64 `json:"nw_lag1_adjust"`
	Lag2  map[string]float64 `json:"nw_lag2_noadjust"`
	Lag2A map[string]float64 `json:"nw_lag2_adjust"`
	Lag3  map[string]float64 `json:"nw_lag3_noadjust"`
	Lag3A map[string]float64 `json:"nw_lag3_adjust"`
	Lag12 map[string]float64 `json:"nw_lag12_adjust"`

	Counterfactual float64 `json:"counterfactual_2000"`
	Effect         float64 `json:"effect_2000"`
	EffectSE       float64 `json:"effect_2000_se_nw1"`
	PostSlope      float64 `json:"post_slope"`
	PostSlopeSE    float64 `json:"post_slope_se_nw1"`
}

func segmentedCases(t *testing.T) (california, seatbelts segmentedCase) {
	t.Helper()
	var all map[string]segmentedCase
	readExpected(t, "segmented_newey_west_expected.json", &all)
	return all["california_prop99"], all["seatbelts_log_drivers"]
}

// california is the series of cigarette packs sold a head, 1970 to 2000; the tax rose in 1989.
func california(t *testing.T) (values []float64, start int) {
	t.Helper()
	for _, v := range prop99(t) {
		if v.Treated {
			values = append(values, v.Value)
		}
	}
	return values, 1989 - 1970
}

// drivers is the series of car drivers killed or seriously injured in Great Britain, monthly from January 1969; seat belts became
// compulsory in February 1983.
func drivers(t *testing.T) (values []float64, start int) {
	t.Helper()
	for i, row := range plainRecords(t, "seatbelts.csv") {
		values = append(values, number(t, row["drivers"]))
		if row["law"] == "1" && start == 0 {
			start = i
		}
	}
	return values, start
}

func TestSegmentedAgainstCalifornia(t *testing.T) {
	want, _ := segmentedCases(t)
	values, start := california(t)
	if len(values) != want.N {
		t.Fatalf("%d values, want %d", len(values), want.N)
	}
	in := Interruption{Start: start}
	for _, c := range []struct {
		lag   int
		plain bool
		se    map[string]float64
	}{
		{0, true, want.Lag0}, {0, false, want.Lag0A}, {1, true, want.Lag1}, {1, false, want.Lag1A},
		{2, true, want.Lag2}, {2, false, want.Lag2A}, {3, true, want.Lag3}, {3, false, want.Lag3A},
	} {
		s, err := SegmentedRegression(values, in, HAC{Lag: c.lag, Unadjusted: c.plain})
		if err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string]Coefficient{"(Intercept)": s.Intercept, "t": s.Trend, "x": s.Level, "xt": s.Slope} {
			what := fmt.Sprintf("%s, lag %d, plain %t", name, c.lag, c.plain)
			matches(t, what, got.Value, want.Coef[name], 0)
			matches(t, "SE of "+what, got.StdErr, c.se[name], 0)
		}
		matches(t, "Durbin-Watson", s.DurbinWatson, want.DW, 0)
		if s.Before != 19 || s.After != 12 || s.Lag != c.lag || len(s.Season) != 0 || s.Level.DF != 27 {
			t.Errorf("%+v", s)
		}
	}
	s, err := SegmentedRegression(values, in, HAC{Lag: 1})
	if err != nil {
		t.Fatal(err)
	}
	effect, ok := s.EffectAt(2000 - 1989)
	without, ok2 := s.Without(2000 - 1970)
	fitted, ok3 := s.Fitted(2000 - 1970)
	if !ok || !ok2 || !ok3 {
		t.Fatal("no effect in 2000")
	}
	matches(t, "effect in 2000", effect.Value, want.Effect, 0)
	matches(t, "its SE", effect.StdErr, want.EffectSE, 0)
	matches(t, "without", without.Value, want.Counterfactual, 0)
	matches(t, "fitted", fitted.Value-without.Value, effect.Value, 0)
	matches(t, "slope after", s.PostSlope.Value, want.PostSlope, 0)
	matches(t, "its SE", s.PostSlope.StdErr, want.PostSlopeSE, 0)
	// The errors as if nothing were correlated, as the fit itself gives them.
	x := make([][]float64, len(values))
	for i := range x {
		x[i] = in.row(i, i >= in.Start)
	}
	f, err := OLS(x, values)
	if err != nil {
		t.Fatal(err)
	}
	for j, name := range []string{"(Intercept)", "t", "x", "xt"} {
		matches(t, "plain SE of "+name, f.StdErrors[j], want.SEOLS[name], 0)
	}
	matches(t, "RSS", f.RSS, want.RSS, 0)
}

func TestSegmentedAgainstSeatbelts(t *testing.T) {
	_, want := segmentedCases(t)
	values, start := drivers(t)
	for i, v := range values {
		values[i] = math.Log(v)
	}
	s, err := SegmentedRegression(values, Interruption{Start: start, Season: Season{Period: 12}}, HAC{Lag: 12})
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]Coefficient{"(Intercept)": s.Intercept, "t": s.Trend, "law": s.Level, "lt": s.Slope}
	for i, c := range s.Season {
		named[fmt.Sprintf("month%d", i+2)] = c
	}
	if len(named) != len(want.Coef) || len(named) != 15 {
		t.Fatalf("%d coefficients", len(named))
	}
	for name, c := range named {
		matches(t, name, c.Value, want.Coef[name], 0)
		matches(t, "SE of "+name, c.StdErr, want.Lag12[name], 0)
	}
	matches(t, "Durbin-Watson", s.DurbinWatson, want.DW, 0)
	auto, err := SegmentedRegression(values, Interruption{Start: start, Season: Season{Period: 12}}, HAC{Lag: AutoLag})
	if err != nil || auto.Lag != 12 {
		t.Errorf("the rule takes lag %d (%v), want a season", auto.Lag, err)
	}
}

// line is a series of two lines with noise of this size, and a season.
func line(r *rand.Rand, n, start int, level, slope, noise float64, s Season) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = 50 + 0.3*float64(i) + noise*r.NormFloat64()
		if i >= start {
			values[i] += level + slope*float64(i-start)
		}
		if s.Period > 1 {
			values[i] += 5 * math.Cos(2*math.Pi*float64(i+s.Phase)/float64(s.Period))
		}
	}
	return values
}

func TestSegmentedFindsWhatIsThere(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for _, season := range []Season{{}, {Period: 12}, {Period: 12, Phase: 3}, {Period: 12, Phase: -30, Harmonics: 2}, {Period: 4, Harmonics: 2}, {Period: 12, Harmonics: 6}} {
		exact := line(r, 60, 30, -8, 0.5, 0, season)
		in := Interruption{Start: 30, Season: season}
		s, err := SegmentedRegression(exact, in, HAC{Lag: AutoLag})
		if err != nil {
			t.Fatalf("%+v: %v", season, err)
		}
		for name, got := range map[string][2]float64{"trend": {s.Trend.Value, 0.3}, "level": {s.Level.Value, -8}, "slope": {s.Slope.Value, 0.5}, "after": {s.PostSlope.Value, 0.8}} {
			matches(t, fmt.Sprintf("%+v %s", season, name), got[0], got[1], 1)
		}
		if _, _, ok := s.Level.Limits(0.95); ok || s.Level.StdErr != 0 {
			t.Errorf("%+v: a series without errors has limits: %+v", season, s.Level)
		}
		for i, v := range exact {
			if f, ok := s.Fitted(i); !ok || math.Abs(f.Value-v) > 1e-9*math.Abs(v) {
				t.Fatalf("%+v: fitted %g at %d, want %g", season, f.Value, i, v)
			}
		}
		// Periods without a value leave the others where they are.
		for _, i := range []int{0, 7, 33, 59} {
			exact[i] = math.NaN()
		}
		g, err := SegmentedRegression(exact, in, HAC{Lag: AutoLag})
		if err != nil {
			t.Fatalf("%+v: %v", season, err)
		}
		matches(t, "level with gaps", g.Level.Value, -8, 1)
	}
	only, err := SegmentedRegression(line(r, 40, 20, 5, 0, 0, Season{}), Interruption{Start: 20, NoSlope: true}, HAC{})
	if err != nil || only.Slope != (Coefficient{}) || only.PostSlope != only.Trend {
		t.Fatalf("%+v %v", only, err)
	}
	if e, ok := only.EffectAt(10); !ok || e != only.Level {
		t.Errorf("the effect of a level alone changes: %+v", e)
	}
}

// In nine of ten series the truth lies within limits of 90 percent: with errors of their own and, nearly so, with errors that follow each
// other if the lag allows for it; else in two of three.
func TestSegmentedLimitsHold(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	const runs, n = 600, 400
	for _, c := range []struct {
		ar, least, most float64
		lag             int
	}{{0, 0.85, 0.95, 0}, {0.5, 0.78, 0.95, 12}, {0.5, 0.50, 0.72, 0}} {
		hits := 0.0
		for range runs {
			values := line(r, n, n/2, -4, 0.1, 0, Season{})
			e := r.NormFloat64() / math.Sqrt(1-c.ar*c.ar)
			for i := range values {
				values[i] += e
				e = c.ar*e + r.NormFloat64()
			}
			s, err := SegmentedRegression(values, Interruption{Start: n / 2}, HAC{Lag: c.lag})
			if err != nil {
				t.Fatal(err)
			}
			effect, _ := s.EffectAt(30)
			if lower, upper, ok := effect.Limits(0.90); ok && lower <= -1 && -1 <= upper {
				hits++
			}
		}
		if hits /= runs; hits < c.least || hits > c.most {
			t.Errorf("autocorrelation %g, lag %d: %.3f of the limits hold the truth, want %g to %g", c.ar, c.lag, hits, c.least, c.most)
		}
	}
}

func TestSegmentedRefuses(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	year := line(r, 24, 12, 1, 0, 1, Season{})
	gap := line(r, 24, 12, 1, 0, 1, Season{})
	gap[23] = math.NaN()
	marches := line(r, 60, 30, 1, 0, 1, Season{})
	for i := 3; i < len(marches); i += 12 {
		marches[i] = math.NaN()
	}
	huge := make([]float64, 24)
	for i := range huge {
		huge[i] = math.MaxFloat64 * float64(1-2*(i%2))
	}
	monthly := Season{Period: 12}
	for name, c := range map[string]struct {
		values []float64
		in     Interruption
		want   error
	}{
		"nothing":          {nil, Interruption{}, ErrAround},
		"seven before":     {year, Interruption{Start: 7}, ErrAround},
		"seven after":      {year, Interruption{Start: 17}, ErrAround},
		"eight before":     {year, Interruption{Start: 8}, nil},
		"eight after":      {year, Interruption{Start: 16}, nil},
		"start far away":   {year, Interruption{Start: math.MaxInt}, ErrAround},
		"start long ago":   {year, Interruption{Start: math.MinInt}, ErrAround},
		"two years":        {year, Interruption{Start: 12, Season: Season{Period: 12, Harmonics: 2}}, nil},
		"a year of months": {year, Interruption{Start: 12, Season: monthly}, ErrCollinear}, // the months are the slope of such a year
		"eleven before":    {year, Interruption{Start: 11, Season: monthly}, ErrAround},
		"eleven after":     {gap, Interruption{Start: 12, Season: monthly}, ErrAround},
		"no March":         {marches, Interruption{Start: 30, Season: monthly}, ErrCollinear},
		"seven harmonics":  {marches, Interruption{Start: 30, Season: Season{Period: 12, Harmonics: 7}}, ErrDesign},
		"endless":          {marches, Interruption{Start: 30, Season: Season{Period: 12, Harmonics: math.MaxInt}}, ErrDesign},
		"negative period":  {marches, Interruption{Start: 30, Season: Season{Period: -12}}, ErrDesign},
		"period of an age": {marches, Interruption{Start: 30, Season: Season{Period: math.MaxInt}}, ErrAround},
		"no period":        {year, Interruption{Start: 12, Season: Season{Harmonics: 1}}, ErrDesign},
		"largest floats":   {huge, Interruption{Start: 12}, nil},
	} {
		s, err := SegmentedRegression(c.values, c.in, HAC{Lag: AutoLag})
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err != nil && (s.Level != Coefficient{} || s.Before != 0) {
			t.Errorf("%s: refused, and still %+v", name, s)
		}
	}
	for _, f := range []func() (Coefficient, bool){
		func() (Coefficient, bool) { return Segmented{}.EffectAt(1) },
		func() (Coefficient, bool) { return Segmented{}.Fitted(1) },
		func() (Coefficient, bool) { return Segmented{}.Without(1) },
	} {
		if c, ok := f(); ok || c != (Coefficient{}) {
			t.Errorf("of no fit: %+v", c)
		}
	}
	s, _ := SegmentedRegression(year, Interruption{Start: 12}, HAC{})
	if _, ok := s.EffectAt(-1); ok {
		t.Error("an effect before the start")
	}
}

// A constant series did not change, and a series in another unit changed by as much in that unit.
func TestSegmentedUnits(t *testing.T) {
	constant := make([]float64, 30)
	for i := range constant {
		constant[i] = 0.1
	}
	s, err := SegmentedRegression(constant, Interruption{Start: 15}, HAC{Lag: AutoLag})
	if err != nil || s.Level.Value != 0 || s.Slope.Value != 0 || s.Level.StdErr != 0 {
		t.Errorf("constant: %+v %v", s, err)
	}
	if _, ok := s.Level.P(); ok {
		t.Error("a constant series is tested")
	}
	r := rand.New(rand.NewPCG(19, 20))
	values := line(r, 40, 20, 3, 0.1, 1, Season{})
	a, err := SegmentedRegression(values, Interruption{Start: 20}, HAC{Lag: AutoLag})
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range []float64{1e-300, 1e-9, -1000, 1e300} {
		scaled := make([]float64, len(values))
		for i, v := range values {
			scaled[i] = v * unit
		}
		b, err := SegmentedRegression(scaled, Interruption{Start: 20}, HAC{Lag: AutoLag})
		if err != nil {
			t.Fatalf("unit %g: %v", unit, err)
		}
		matches(t, "level", b.Level.Value/unit, a.Level.Value, 0)
		matches(t, "SE", b.Level.StdErr/math.Abs(unit), a.Level.StdErr, 0)
	}
}

func TestNeweyWest(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	n := 30
	x, y := make([][]float64, n), make([]float64, n)
	for i := range x {
		x[i], y[i] = []float64{1, r.NormFloat64()}, r.NormFloat64()
	}
	f, err := OLS(x, y)
	if err != nil {
		t.Fatal(err)
	}
	// The textbook's sandwich, product by product, rows numbered by periods with gaps.
	period := make([]int, n)
	for i := range period {
		period[i] = i + i/7
	}
	const lag = 3
	var meat [2][2]float64
	for i := range x {
		for j := range x {
			if l := max(period[i]-period[j], period[j]-period[i]); l <= lag {
				w := (1 - float64(l)/(lag+1)) * f.Residuals[i] * f.Residuals[j]
				for a := range meat {
					for b := range meat {
						meat[a][b] += w * x[i][a] * x[j][b]
					}
				}
			}
		}
	}
	got, err := NeweyWest(x, f, period, lag, true)
	if err != nil {
		t.Fatal(err)
	}
	for a := range meat {
		for b := range meat {
			want := 0.0
			for c := range meat {
				for d := range meat {
					want += f.Inverse[a][c] * meat[c][d] * f.Inverse[d][b] * float64(n) / float64(n-2)
				}
			}
			matches(t, "sandwich", got[a][b], want, 1e-3)
		}
	}
	for name, c := range map[string]func() error{
		"rows":     func() error { _, err := NeweyWest(x[1:], f, nil, 1, false); return err },
		"columns":  func() error { _, err := NeweyWest(append([][]float64{{1}}, x[1:]...), f, nil, 1, false); return err },
		"lag":      func() error { _, err := NeweyWest(x, f, nil, -1, false); return err },
		"periods":  func() error { _, err := NeweyWest(x, f, []int{1}, 1, false); return err },
		"backward": func() error { _, err := NeweyWest(x, f, append([]int{99}, period[1:]...), 1, false); return err },
		"no fit":   func() error { _, err := NeweyWest(nil, Fit{}, nil, 1, false); return err },
	} {
		if err := c(); !errors.Is(err, ErrDesign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []struct{ n, period, want int }{{0, 0, 0}, {1, 0, 0}, {2, 0, 1}, {31, 0, 3}, {100, 0, 4}, {192, 12, 12}, {24, 12, 6}, {24, 4, 4}} {
		if got := NeweyWestLag(c.n, c.period); got != c.want {
			t.Errorf("lag for %d values, season %d: %d, want %d", c.n, c.period, got, c.want)
		}
	}
	if d := DurbinWatson([]float64{1, -1, 1, -1}); d != 3 || DurbinWatson(nil) != 0 || DurbinWatson([]float64{0, 0}) != 0 {
		t.Errorf("Durbin-Watson %g", d)
	}
}

// The limits of a coefficient by tables of Student's t and of the normal distribution.
func TestCoefficient(t *testing.T) {
	for _, c := range []struct{ df, confidence, want float64 }{
		{27, 0.95, 2.0518305164802833}, {1, 0.95, 12.706204736174694}, {10, 0.99, 3.16927267261695}, {0, 0.95, 1.959963984540054}, {0, 0.998, 3.090232306167813},
	} {
		e := Coefficient{Value: 1, StdErr: 2, DF: c.df}
		lower, upper, ok := e.Limits(c.confidence)
		if !ok {
			t.Fatalf("%+v has no limits", e)
		}
		matches(t, "upper", upper, 1+2*c.want, 0)
		matches(t, "lower", lower, 1-2*c.want, 0)
		p, ok := Coefficient{Value: -2 * c.want, StdErr: 2, DF: c.df}.P()
		if !ok {
			t.Fatalf("%+v has no probability", e)
		}
		matches(t, "p", p, 1-c.confidence, 0)
	}
	nan := math.NaN()
	for _, c := range []float64{0, 1, -1, 2, nan} {
		if _, _, ok := (Coefficient{Value: 1, StdErr: 1}).Limits(c); ok {
			t.Errorf("limits with confidence %g", c)
		}
	}
	if _, _, ok := (Coefficient{Value: math.MaxFloat64, StdErr: math.MaxFloat64, DF: 3}).Limits(0.9); ok {
		t.Error("limits that no float holds")
	}
	if p, ok := (Coefficient{Value: 1e200, StdErr: 1e-200, DF: 3}).P(); !ok || p != 0 {
		t.Errorf("p = %g", p)
	}
}

// FuzzSegmented: no input panics, and no result is NaN or infinite.
func FuzzSegmented(f *testing.F) {
	f.Add([]byte("a series of some length that goes up and down"), 20, 12, 2, 3, 1.0)
	f.Add([]byte{0, 255, 1, 254, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}, 9, 0, 0, -1, 1e300)
	f.Add([]byte("0000000000000000000000000000000000000000"), 16, 4, 0, 50, 1e-300)
	f.Fuzz(func(t *testing.T, raw []byte, start, period, harmonics, lag int, unit float64) {
		raw = raw[:min(len(raw), 120)]
		values, counts := make([]float64, len(raw)), make([]float64, len(raw))
		for i, b := range raw {
			switch values[i] = (float64(b) - 100) * unit; b {
			case 255:
				values[i] = math.NaN()
			case 254:
				values[i] = math.Inf(-1)
			}
			counts[i] = math.Abs(values[i])
		}
		in := Interruption{Start: start, Season: Season{Period: period % 60, Harmonics: harmonics, Phase: lag}, NoSlope: lag%2 == 0}
		s, err := SegmentedRegression(values, in, HAC{Lag: lag})
		all := append([]Coefficient{s.Intercept, s.Trend, s.Level, s.Slope, s.PostSlope, {Value: s.DurbinWatson}}, s.Season...)
		if err == nil {
			for i := range values {
				a, _ := s.Fitted(i)
				b, _ := s.Without(i)
				c, _ := s.EffectAt(i)
				all = append(all, a, b, c)
			}
		}
		var numbers []float64
		for _, c := range all {
			lower, upper, _ := c.Limits(0.95)
			p, _ := c.P()
			numbers = append(numbers, c.Value, c.StdErr, lower, upper, p)
		}
		q, err := CountsRegression(counts, nil, in, lag > 3)
		for _, c := range append([]Coefficient{q.Intercept, q.Trend, q.Level, q.Slope, {Value: q.Dispersion}}, q.Season...) {
			numbers = append(numbers, c.Value, c.StdErr)
		}
		if err == nil {
			for i := range values {
				a, _ := q.RateAt(i)
				b, _ := q.RateWithout(i)
				c, _ := q.EffectAt(i, 0.95)
				numbers = append(numbers, a, b, c.Value, c.Lower, c.Upper)
			}
		}
		for _, v := range numbers {
			if !finite(v) {
				t.Fatalf("%g among %+v, %+v", v, s, q)
			}
		}
	})
}

func BenchmarkSegmented(b *testing.B) {
	values := line(rand.New(rand.NewPCG(1, 2)), 60, 30, 3, 0.1, 1, Season{Period: 12})
	for name, season := range map[string]Season{"months": {Period: 12}, "harmonics": {Period: 12, Harmonics: 2}, "no season": {}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := SegmentedRegression(values, Interruption{Start: 30, Season: season}, HAC{Lag: AutoLag}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
