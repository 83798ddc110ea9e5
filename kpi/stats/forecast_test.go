package stats

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// forecastSeries returns the series of the references by name, with the periods in a cycle of each.
func forecastSeries(t *testing.T) (map[string][]float64, map[string]int) {
	t.Helper()
	values, period := map[string][]float64{}, map[string]int{}
	for _, row := range records(t, "series.csv.gz") {
		name := row["series"]
		values[name] = append(values[name], number(t, row["value"]))
		period[name] = int(number(t, row["frequency"]))
	}
	values["oil_saudi(1996-2013)"], period["oil_saudi(1996-2013)"] = values["oil_saudi"][31:], 1 // the series begins in 1965
	return values, period
}

// forecastJSON reads a JSON file of testdata.
func forecastJSON(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

// forecastApart reports whether two numbers differ by more than a part of the reference's size, or of scale where that is larger.
func forecastApart(got, want, scale, tolerance float64) bool {
	return !(math.Abs(got-want) <= tolerance*math.Max(math.Abs(want), math.Abs(scale)))
}

// dampedRelative is the case whose forecasts are not checked: forecast 8.20 adds the whole slope to the level of an ETS(M,Ad,M) where the
// model adds the damped one, so that its mean one step ahead is not the model's own one-step forecast. TestForecastDampedDefect shows it.
const dampedRelative = "air_ets_auto"

// referenceForecast returns our forecast for a case of the reference: from the values where it follows from them, from the reference's
// parameters and initial state where those were fitted. Theta has a test of its own, the reference does not print its parameters.
func referenceForecast(t *testing.T, models map[string]etsReference, name string, values []float64, period, h int) (Forecast, bool) {
	t.Helper()
	var f Forecast
	var ok bool
	switch {
	case strings.HasSuffix(name, "_lineartrend_season"):
		f, ok = LinearTrend(values, period, h)
	case strings.HasSuffix(name, "_lineartrend"):
		f, ok = LinearTrend(values, 1, h)
	case strings.HasSuffix(name, "_snaive"):
		f, ok = SeasonalNaive(values, period, h)
	case strings.HasSuffix(name, "_naive"):
		f, ok = Naive(values, h)
	case strings.HasSuffix(name, "_drift"):
		f, ok = Drift(values, h)
	case strings.HasSuffix(name, "_mean"):
		f, ok = MeanForecast(values, h)
	case name == "oil1996_ses_optimal", name == dampedRelative, strings.HasSuffix(name, "_theta"):
		return Forecast{}, false
	default:
		e, applied := models[name].at(t, period).Apply(values)
		if !applied {
			t.Fatal(name, "the reference's model does not run")
		}
		f, ok = e.Forecast(h)
	}
	if !ok {
		t.Fatal(name, "is not forecast")
	}
	return f, true
}

func TestForecastsAreThoseOfTheReference(t *testing.T) {
	values, period := forecastSeries(t)
	models := map[string]etsReference{}
	forecastJSON(t, "ets_models.json", &models)
	forecasts, checked := map[string]Forecast{}, 0
	for _, row := range records(t, "forecast_expected.csv.gz") {
		name := row["case"]
		f, seen := forecasts[name]
		if !seen {
			f, _ = referenceForecast(t, models, name, values[row["series"]], period[row["series"]], 24)
			forecasts[name] = f
		}
		if f.Mean == nil {
			continue
		}
		step := int(number(t, row["h"]))
		low80, high80, _ := f.Interval(step, 0.80)
		low95, high95, _ := f.Interval(step, 0.95)
		for column, got := range map[string]float64{"mean": f.Mean[step-1], "lo80": low80, "hi80": high80, "lo95": low95, "hi95": high95} {
			if want := number(t, row[column]); forecastApart(got, want, f.SD[step-1], 1e-9) {
				t.Errorf("%s step %d %s: %v, want %v", name, step, column, got, want)
			}
		}
		checked++
	}
	if checked != 385 { // 454 rows less 24 of air_ets_auto, 5 of oil1996_ses_optimal and 40 of theta
		t.Errorf("%d rows checked", checked)
	}
}

// TestForecastDampedDefect shows why air_ets_auto is left out: the reference's first mean is (l + b)·s, the model's is (l + φb)·s, and the
// latter is what the likelihood that the reference itself reports was computed with.
func TestForecastDampedDefect(t *testing.T) {
	values, period := forecastSeries(t)
	models := map[string]etsReference{}
	forecastJSON(t, "ets_models.json", &models)
	e, ok := models[dampedRelative].at(t, period["AirPassengers"]).Apply(values["AirPassengers"])
	if !ok || forecastApart(e.LogLik, models[dampedRelative].Loglik, 0, 1e-9) {
		t.Fatal("another likelihood than the reference's")
	}
	f, _ := e.Forecast(1)
	for _, row := range records(t, "forecast_expected.csv.gz") {
		if row["case"] != dampedRelative || row["h"] != "1" {
			continue
		}
		l := e.Last
		if defect := (l.Level + l.Slope) * l.Season[0]; forecastApart(number(t, row["mean"]), defect, 0, 1e-9) {
			t.Errorf("the reference has %s, the defect would be %v", row["mean"], defect)
		}
		if own := (l.Level + e.Phi*l.Slope) * l.Season[0]; forecastApart(f.Mean[0], own, 0, 1e-12) {
			t.Errorf("forecast %v, the model's is %v", f.Mean[0], own)
		}
	}
}

// TestThetaIsThatOfTheReference: the smoothing is fitted, so σ is no larger than the reference's, means and intervals lie within a
// thousandth of a standard deviation, and the difference of the means of two steps, half of the line's slope, is exact.
func TestThetaIsThatOfTheReference(t *testing.T) {
	values, _ := forecastSeries(t)
	type steps struct{ mean, high []float64 }
	list := map[string]*steps{}
	for _, row := range records(t, "forecast_expected.csv.gz") {
		if !strings.HasSuffix(row["case"], "_theta") {
			continue
		}
		s := list[row["series"]]
		if s == nil {
			s = &steps{}
			list[row["series"]] = s
		}
		s.mean, s.high = append(s.mean, number(t, row["mean"])), append(s.high, number(t, row["hi95"]))
	}
	if len(list) != 4 {
		t.Fatalf("%d series", len(list))
	}
	for name, want := range list {
		f, ok := Theta(values[name], 1, len(want.mean))
		if !ok {
			t.Fatal(name)
		}
		if reference := (want.high[0] - want.mean[0]) / 1.959963984540054; f.Sigma > reference*(1+1e-9) {
			t.Errorf("%s: sigma %v, the reference found %v", name, f.Sigma, reference)
		}
		for k := range want.mean {
			_, high, _ := f.Interval(k+1, 0.95)
			if math.Abs(f.Mean[k]-want.mean[k]) > 1e-3*f.SD[k] || math.Abs(high-want.high[k]) > 1e-3*f.SD[k] {
				t.Errorf("%s step %d: %v up to %v, want %v up to %v", name, k+1, f.Mean[k], high, want.mean[k], want.high[k])
			}
			if k > 0 && forecastApart(f.Mean[k]-f.Mean[0], want.mean[k]-want.mean[0], f.SD[0]*1e-3, 1e-9) {
				t.Errorf("%s step %d: rises by %v, want %v", name, k+1, f.Mean[k]-f.Mean[0], want.mean[k]-want.mean[0])
			}
		}
	}
}

func TestThetaWithSeasonIsThatOfTheReference(t *testing.T) {
	values, period := forecastSeries(t)
	list := map[string]struct {
		Mean, Hi95 []float64
	}{}
	forecastJSON(t, "theta_more.json", &list)
	for name, want := range list {
		f, ok := Theta(values[name], period[name], len(want.Mean))
		if sigma := (want.Hi95[0] - want.Mean[0]) / 1.959963984540054; !ok || f.Sigma > sigma*(1+1e-9) {
			t.Fatalf("%s: %t, sigma %v, the reference found %v", name, ok, f.Sigma, sigma)
		}
		for k := range want.Mean {
			if _, high, _ := f.Interval(k+1, 0.95); math.Abs(f.Mean[k]-want.Mean[k]) > 1e-3*f.SD[k] || math.Abs(high-want.Hi95[k]) > 1e-3*f.SD[k] {
				t.Errorf("%s step %d: %v up to %v, want %v up to %v", name, k+1, f.Mean[k], high, want.Mean[k], want.Hi95[k])
			}
		}
	}
}

func TestAccuracyIsThatOfTheReference(t *testing.T) {
	values, period := forecastSeries(t)
	rows := records(t, "accuracy_expected.csv.gz")
	for _, row := range rows {
		x, holdout := values[row["series"]], int(number(t, row["holdout"]))
		training, actual := x[:len(x)-holdout], x[len(x)-holdout:]
		f, ok := Drift(training, holdout)
		if row["method"] == "snaive" {
			f, ok = SeasonalNaive(training, period[row["series"]], holdout)
		}
		a, measured := AccuracyOf(actual, f.Mean, training, period[row["series"]])
		if !ok || !measured || !a.Percent || !a.Scaled || a.Points != holdout {
			t.Fatal(row["series"], ok, measured, a)
		}
		for column, got := range map[string]float64{"ME": a.ME, "RMSE": a.RMSE, "MAE": a.MAE, "MPE": a.MPE, "MAPE": a.MAPE, "MASE": a.MASE, "ACF1": a.ACF1} {
			if want := number(t, row[column]); forecastApart(got, want, 0, 1e-9) {
				t.Errorf("%s %s: %v, want %v", row["series"], column, got, want)
			}
		}
	}
	if len(rows) != 5 {
		t.Errorf("%d rows", len(rows))
	}
}

func TestMeasureWithoutABasis(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		actual, forecast, training []float64
		ok                         bool
		want                       Accuracy
	}{
		"gaps":           {[]float64{1, nan, 3}, []float64{2, 2, 2}, []float64{1, nan, 3, 4}, true, Accuracy{Points: 2, RMSE: 1, MAE: 1, MPE: -100.0 / 3, MAPE: 200.0 / 3, Percent: true, MASE: 1, Scaled: true, ACF1: -0.5}},
		"zero actual":    {[]float64{0, 2}, []float64{1, 1}, nil, true, Accuracy{Points: 2, RMSE: 1, MAE: 1, ACF1: -0.5}},
		"constant":       {[]float64{5}, []float64{5}, []float64{5, 5}, true, Accuracy{Points: 1, Percent: true}},
		"other lengths":  {[]float64{5}, []float64{5, 6}, nil, false, Accuracy{}},
		"no common pair": {[]float64{5, nan}, []float64{nan, 6}, nil, false, Accuracy{}},
		"too large":      {[]float64{1e300}, []float64{-1e300}, nil, false, Accuracy{}},
	} {
		a, ok := AccuracyOf(c.actual, c.forecast, c.training, 1)
		if ok != c.ok || fmt.Sprintf("%.9v", a) != fmt.Sprintf("%.9v", c.want) {
			t.Errorf("%s: %t %+v, want %+v", name, ok, a, c.want)
		}
	}
}

// everyForecast runs all methods that know gaps on a series.
func everyForecast(x []float64, season, h int) map[string]Forecast {
	list := quickForecasts(x, season, h)
	for _, name := range []string{"ANN", "AAN", "AAdN", "ANA", "AAdA", "MNN", "MAdM"} {
		model, _ := ParseETS(name)
		if e, fitted := FitETS(x, season, model, ETSParams{}); fitted {
			if f, ok := e.Forecast(h); ok {
				list[name] = f
			}
		}
	}
	return list
}

// quickForecasts runs those that take no time.
func quickForecasts(x []float64, season, h int) map[string]Forecast {
	list := map[string]Forecast{}
	keep := func(name string, f Forecast, ok bool) {
		if ok {
			list[name] = f
		}
	}
	f, ok := Naive(x, h)
	keep("naive", f, ok)
	f, ok = SeasonalNaive(x, season, h)
	keep("seasonal naive", f, ok)
	f, ok = Drift(x, h)
	keep("drift", f, ok)
	f, ok = MeanForecast(x, h)
	keep("mean", f, ok)
	f, ok = LinearTrend(x, season, h)
	keep("trend", f, ok)
	f, ok = Choose(x, season, h, ScaleLinear)
	keep("choose", f, ok)
	return list
}

func forecastQuarters(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 50 + 0.4*float64(i) + []float64{4, -3, 1, -2}[i%4] + 3*math.Sin(float64(i*i))
	}
	return x
}

// Periods without a value before the first value change nothing; those after the last are steps that are over.
func TestForecastsBeginAfterTheSlice(t *testing.T) {
	nan := math.NaN()
	x := forecastQuarters(30)
	plain := everyForecast(x, 4, 12)
	if len(plain) != 13 {
		t.Fatalf("%d methods forecast", len(plain))
	}
	for name, later := range everyForecast(append([]float64{nan, nan}, append(append([]float64(nil), x...), nan, nan, nan)...), 4, 9) {
		f := plain[name]
		if later.Points != 30 || f.Method != later.Method {
			t.Errorf("%s: %d points by %s, want 30 by %s", name, later.Points, later.Method, f.Method)
		}
		for k := range later.Mean {
			if forecastApart(later.Mean[k], f.Mean[k+3], 0, 1e-9) || forecastApart(later.SD[k], f.SD[k+3], 0, 1e-9) {
				t.Errorf("%s step %d: %v ± %v, want %v ± %v", name, k+1, later.Mean[k], later.SD[k], f.Mean[k+3], f.SD[k+3])
			}
		}
		total, ok := later.TotalChance(0, 3, AtLeast(180))
		weights := []float64{0, 0, 0, 1, 1, 1}
		mean, sd, linear := f.Sum(weights)
		if linear && (!ok || math.Abs(total-f.within(mean, sd, AtLeast(180))) > 1e-9) {
			t.Errorf("%s: chance of the total %v, want %v", name, total, f.within(mean, sd, AtLeast(180)))
		}
	}
}

// A factor on all values is one on the forecasts: a power of two exactly, however large or small.
func TestForecastsHaveNoUnit(t *testing.T) {
	x := forecastQuarters(30)
	plain := everyForecast(x, 4, 8)
	for _, exp := range []int{1, 400, -400, 990, -1000} {
		scaled := make([]float64, len(x))
		for i, v := range x {
			scaled[i] = math.Ldexp(v, exp)
		}
		list := everyForecast(scaled, 4, 8)
		if len(list) != len(plain) {
			t.Errorf("2^%d: %d methods forecast, want %d", exp, len(list), len(plain))
		}
		for name, f := range list {
			for k := range f.Mean {
				if forecastApart(math.Ldexp(f.Mean[k], -exp), plain[name].Mean[k], 0, 1e-9) || forecastApart(math.Ldexp(f.SD[k], -exp), plain[name].SD[k], 0, 1e-9) {
					t.Errorf("%s, 2^%d, step %d: %v ± %v, want %v ± %v", name, exp, k+1, f.Mean[k], f.SD[k], plain[name].Mean[k], plain[name].SD[k])
				}
			}
		}
	}
}

// What a gap does to the simple methods, worked out by hand.
func TestForecastsOverGaps(t *testing.T) {
	nan := math.NaN()
	x := []float64{1, 2, nan, nan, 8, 7}
	f, ok := Naive(x, 2)
	if want := math.Sqrt((1 + 36.0/3 + 1) / 3); !ok || f.Points != 4 || f.Mean[1] != 7 || forecastApart(f.SD[1], want*math.Sqrt2, 0, 1e-12) {
		t.Errorf("naive %+v, want sd %v", f, want*math.Sqrt2)
	}
	f, ok = Drift(x, 1)
	slope := 6.0 / 5
	sigma := math.Sqrt((squareOf(1-slope) + squareOf(6-3*slope)/3 + squareOf(-1-slope)) / 2)
	if !ok || forecastApart(f.Mean[0], 7+slope, 0, 1e-12) || forecastApart(f.SD[0], sigma*math.Sqrt(1+1.0/5), 0, 1e-12) {
		t.Errorf("drift %+v, want %v ± %v", f, 7+slope, sigma*math.Sqrt(1.2))
	}
	f, ok = SeasonalNaive([]float64{1, 10, 2, nan, nan, 14}, 2, 4)
	if want := math.Sqrt((1 + 16.0/2) / 2); !ok || f.Mean[0] != 2 || f.Mean[1] != 14 || f.Mean[3] != 14 || forecastApart(f.SD[1], want, 0, 1e-12) || forecastApart(f.SD[2], want*math.Sqrt2, 0, 1e-12) {
		t.Errorf("seasonal naive %+v, want sd %v", f, want)
	}
	if _, ok := SeasonalNaive([]float64{1, nan, 2, nan, 3}, 2, 2); ok {
		t.Error("a season without a value is forecast")
	}
	f, ok = LinearTrend([]float64{1, nan, 3, nan, 5, 6.5}, 1, 1)
	if !ok || f.Freedom != 2 {
		t.Errorf("trend %+v", f)
	}
}

// A line through the seasons has the coefficients and intervals of the full regression, here by its normal equations.
func TestLinearTrendIsTheFullRegression(t *testing.T) {
	x := forecastQuarters(19)
	x[3], x[7], x[9] = math.NaN(), math.NaN(), math.NaN()
	f, ok := LinearTrend(x, 4, 5)
	if !ok {
		t.Fatal("no line")
	}
	row := func(i int) []float64 {
		r := make([]float64, 5)
		r[i%4], r[4] = 1, float64(i)
		return r
	}
	columns, y, c := make([][]float64, 5), []float64{}, make([]float64, 5)
	for i, v := range x {
		if finite(v) {
			y = append(y, -v)
			for k, a := range row(i) {
				columns[k] = append(columns[k], a)
			}
		}
	}
	reflectionSolve(columns, y, c)
	for k := range f.Mean {
		want := 0.0
		for j, a := range row(len(x) + k) {
			want += a * c[j]
		}
		if forecastApart(f.Mean[k], want, 0, 1e-9) {
			t.Errorf("step %d: %v, want %v", k+1, f.Mean[k], want)
		}
	}
}

func checkForecast(t *testing.T, name string, f Forecast, ok bool) {
	t.Helper()
	if !ok {
		return
	}
	if len(f.Mean) == 0 || len(f.SD) != len(f.Mean) || !finite(f.Sigma) || f.Sigma < 0 {
		t.Fatalf("%s: %+v", name, f)
	}
	for k := range f.Mean {
		low, high, inside := f.Interval(k+1, 0.95)
		median, there := f.Median(k + 1)
		if !finite(f.Mean[k]) || !finite(f.SD[k]) || f.SD[k] < 0 || !finite(low) || !finite(high) || low > high || !finite(median) || inside && !there {
			t.Fatalf("%s step %d: %v ± %v, %v in %v to %v", name, k+1, f.Mean[k], f.SD[k], median, low, high)
		}
	}
	n := len(f.Mean)
	for _, b := range []Bounds{AtLeast(f.Mean[0]), AtMost(0), {-1, 1}, AtLeast(1e300)} {
		for _, chance := range []func() (float64, bool){
			func() (float64, bool) { return f.LevelChance(n, b) },
			func() (float64, bool) { return f.TotalChance(1, min(n, 3), b) },
			func() (float64, bool) { return f.AverageChance(1, 2, min(n, 3), b) },
			func() (float64, bool) { return f.EveryChance(min(n, 3), b) },
		} {
			if p, _ := chance(); !(p >= 0 && p <= 1) {
				t.Fatalf("%s: a chance of %v", name, p)
			}
		}
	}
}

// fuzzedSeries makes a series of bytes: of eight each a float with any bits, or of one each a small number or none.
func fuzzedSeries(data []byte) []float64 {
	if len(data) == 0 {
		return nil
	}
	var x []float64
	if data[0]%2 == 0 {
		for _, b := range data[1:] {
			v := float64(b) - 20
			if b > 240 {
				v = math.NaN()
			}
			x = append(x, v)
		}
		return x
	}
	for data = data[1:]; len(data) >= 8; data = data[8:] {
		bits := uint64(0)
		for _, b := range data[:8] {
			bits = bits<<8 | uint64(b)
		}
		x = append(x, math.Float64frombits(bits))
	}
	return x
}

// fuzzSeeds adds series of both kinds.
func fuzzSeeds(f *testing.F) {
	var wild []byte
	for _, v := range []float64{1, math.Inf(1), 1e300, -1e300, 1e-300, 5e-324, 0, 1.7e308, -1.7e308, 3} {
		bits := math.Float64bits(v)
		for s := 56; s >= 0; s -= 8 {
			wild = append(wild, byte(bits>>s))
		}
	}
	f.Add([]byte{}, 1, 1)
	f.Add([]byte{0, 5}, 1, 3)
	f.Add([]byte{0, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20}, 1, 3)
	f.Add(append([]byte{0}, []byte(strings.Repeat("abcd", 6))...), 4, 7)
	f.Add(append([]byte{0}, []byte(strings.Repeat("ab\xffd", 7))...), 4, 7)
	f.Add(append([]byte{0}, []byte(strings.Repeat("aquickfoxran", 3))...), 12, 14)
	f.Add(append([]byte{1}, wild...), 1, 5)
	f.Add(append([]byte{1}, append(wild, wild...)...), 3, 5)
}

func FuzzForecasts(f *testing.F) {
	fuzzSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte, season, h int) {
		x := fuzzedSeries(data)
		x, h = x[:min(len(x), 40)], min(h, 15)
		for name, f := range quickForecasts(x, season, h) {
			checkForecast(t, name, f, true)
		}
		for _, scale := range []ForecastScale{ScaleLogit, ScaleLog1p, "other"} {
			g, ok := Choose(x, season, h, scale)
			checkForecast(t, "choose "+string(scale), g, ok)
		}
		if a, ok := AccuracyOf(x, append([]float64{0}, x...)[:len(x)], x, season); ok {
			for _, v := range []float64{a.ME, a.RMSE, a.MAE, a.MPE, a.MAPE, a.MASE, a.ACF1} {
				if !finite(v) {
					t.Fatalf("%+v", a)
				}
			}
		}
		OutOfReach(x, 3, true)
	})
}

func FuzzSmoothing(f *testing.F) {
	fuzzSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte, season, h int) {
		x := fuzzedSeries(data)
		x, h, season = x[:min(len(x), 20)], min(h, 10), min(season, 4)
		g, ok := Theta(x, season, h)
		checkForecast(t, "theta", g, ok)
		for _, o := range []HoltWintersOptions{{}, {Multiplicative: true}, {NoSeason: true}, {NoSeason: true, NoTrend: true}} {
			if m, ok := HoltWinters(x, season, o); ok {
				g, ok := m.Forecast(h)
				checkForecast(t, "Holt-Winters", g, ok)
			}
		}
		for _, name := range []string{"ANN", "AAdA", "MAN", "MAdM"} {
			model, _ := ParseETS(name)
			e, ok := FitETS(x, season, model, ETSParams{})
			if !ok {
				continue
			}
			if aicc, _ := e.AICc(); !finite(aicc) || !finite(e.BIC()) || !e.sound() {
				t.Fatalf("%s: %+v", name, e)
			}
			g, ok := e.Forecast(h)
			checkForecast(t, name, g, ok)
		}
	})
}
