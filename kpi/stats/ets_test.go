package stats

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// etsReference is a model as the reference fitted it.
type etsReference struct {
	Series, Method                      string
	Par, Initstate                      map[string]float64
	Loglik, AIC, AICc, BIC, Sigma2, MSE float64
	Mean, Hi95                          []float64
}

// name returns the model's short name.
func (r etsReference) name() string {
	return strings.NewReplacer("ETS(", "", ")", "", ",", "").Replace(r.Method)
}

// at returns the model with the reference's parameters and initial state. The reference counts the effects of the seasons backwards: s1
// is the newest.
func (r etsReference) at(t *testing.T, period int) ETS {
	t.Helper()
	m, ok := ParseETS(r.name())
	if !ok || m.String() != r.Method {
		t.Fatalf("%q reads as %s", r.Method, m)
	}
	e := ETS{Model: m, Period: period, ETSParams: ETSParams{r.Par["alpha"], r.Par["beta"], r.Par["gamma"], r.Par["phi"]}}
	e.Initial.Level, e.Initial.Slope = r.Initstate["l"], r.Initstate["b"]
	if m.seasonal() {
		for i := period; i >= 1; i-- {
			e.Initial.Season = append(e.Initial.Season, r.Initstate[fmt.Sprint("s", i)])
		}
	}
	return e
}

// etsReferences returns the models of both files.
func etsReferences(t *testing.T) map[string]etsReference {
	t.Helper()
	models, more := map[string]etsReference{}, map[string]etsReference{}
	forecastJSON(t, "ets_models.json", &models)
	forecastJSON(t, "ets_more.json", &more)
	if len(models) != 10 || len(more) != 36 {
		t.Fatalf("%d and %d models", len(models), len(more))
	}
	for name, r := range more {
		models[name] = r
	}
	return models
}

// At the reference's parameters likelihood, criteria and variance are the reference's; the optimum is no worse than its own.
func TestETSIsThatOfTheReference(t *testing.T) {
	values, period := forecastSeries(t)
	for name, r := range etsReferences(t) {
		x, m := values[r.Series], period[r.Series]
		e := r.at(t, m)
		fixed := ETSParams{}
		if name == "nile_ets_ANN_alpha0.2" {
			fixed.Alpha, e.Free = 0.2, 1 // only the level was estimated
		}
		e, ok := e.Apply(x)
		aicc, counted := e.AICc()
		if !ok || !counted {
			t.Fatal(name, "does not run")
		}
		for what, pair := range map[string][2]float64{
			"likelihood": {e.LogLik, r.Loglik}, "AIC": {e.AIC(), r.AIC}, "AICc": {aicc, r.AICc}, "BIC": {e.BIC(), r.BIC}, "variance": {e.Sigma * e.Sigma, r.Sigma2}, "MSE": {e.RMSE * e.RMSE, r.MSE},
		} {
			if forecastApart(pair[0], pair[1], 0, 1e-9) {
				t.Errorf("%s: %s %v, want %v", name, what, pair[0], pair[1])
			}
		}
		best, ok := FitETS(x, m, e.Model, fixed)
		if !ok || best.LogLik < r.Loglik-1e-6 {
			t.Errorf("%s: fitted %t to likelihood %v, the reference found %v", name, ok, best.LogLik, r.Loglik)
		}
		if again, ok := best.Apply(x); !ok || forecastApart(again.LogLik, best.LogLik, 0, 1e-9) || again.Free != best.Free {
			t.Errorf("%s: the fitted model has likelihood %v, run again %v", name, best.LogLik, again.LogLik)
		}
	}
}

// The same model by the reference's other door: its parameters are not printed, so σ is no larger and the forecasts lie within a thousandth
// of a standard deviation.
func TestSimpleSmoothingIsThatOfTheReference(t *testing.T) {
	values, _ := forecastSeries(t)
	model, _ := ParseETS("ANN")
	e, ok := FitETS(values["oil_saudi(1996-2013)"], 1, model, ETSParams{})
	f, also := e.Forecast(5)
	if !ok || !also {
		t.Fatal("not fitted")
	}
	steps := 0
	for _, row := range records(t, "forecast_expected.csv.gz") {
		if row["case"] != "oil1996_ses_optimal" {
			continue
		}
		step, mean, want := int(number(t, row["h"])), number(t, row["mean"]), number(t, row["hi95"])
		_, high, _ := f.Interval(step, 0.95)
		if step == 1 && f.Sigma > (want-mean)/1.959963984540054*(1+1e-9) {
			t.Errorf("sigma %v, the reference found %v", f.Sigma, (want-mean)/1.959963984540054)
		}
		if math.Abs(f.Mean[step-1]-mean) > 1e-3*f.SD[step-1] || math.Abs(high-want) > 1e-3*f.SD[step-1] {
			t.Errorf("step %d: %v up to %v, want %v up to %v", step, f.Mean[step-1], high, mean, want)
		}
		steps++
	}
	if steps != 5 {
		t.Errorf("%d steps", steps)
	}
}

// wrongSpread reports whether the reference's interval at a step is known to be wrong: forecast 8.20 has γ in the wrong state of a model
// with season and without trend, which moves it from lag m to lag m−1. With additive errors this shows where h is a multiple of m,
// with multiplicative ones from m on.
func wrongSpread(model string, m, step int) bool {
	return model == "ANA" && step%m == 0 || model == "MNA" && step >= m
}

// Means and intervals of every class of model at the reference's parameters. Left out are ETS(M,Ad,M), see TestForecastDampedDefect, and
// the intervals of wrongSpread.
func TestETSForecastsAreThoseOfTheReference(t *testing.T) {
	values, period := forecastSeries(t)
	more := map[string]etsReference{}
	forecastJSON(t, "ets_more.json", &more)
	steps := 0
	for name, r := range more {
		if r.name() == "MAdM" {
			continue
		}
		m := period[r.Series]
		e, _ := r.at(t, m).Apply(values[r.Series])
		f, ok := e.Forecast(len(r.Mean))
		if !ok {
			t.Fatal(name, "is not forecast")
		}
		for k := range r.Mean {
			if forecastApart(f.Mean[k], r.Mean[k], f.SD[k], 1e-9) {
				t.Errorf("%s step %d: %v, want %v", name, k+1, f.Mean[k], r.Mean[k])
			}
			_, high, _ := f.Interval(k+1, 0.95)
			if wrong := forecastApart(high, r.Hi95[k], f.SD[k], 1e-9); wrong != wrongSpread(r.name(), m, k+1) {
				t.Errorf("%s step %d: up to %v, the reference has %v", name, k+1, high, r.Hi95[k])
			}
			steps++
		}
	}
	if steps != 326 {
		t.Errorf("%d steps", steps)
	}
}

// The moments of models with multiplicative errors are those of their own simulated paths. 4,000 paths know a standard deviation to about
// 1.2 %; three of those are allowed, and more for the skewed sums of relative errors.
func TestETSMomentsAreThoseOfPaths(t *testing.T) {
	values, period := forecastSeries(t)
	for name, r := range etsReferences(t) {
		e, ok := r.at(t, period[r.Series]).Apply(values[r.Series])
		if !ok {
			t.Fatal(name)
		}
		f, ok := e.Forecast(13)
		if !ok {
			t.Fatal(name)
		}
		sum, squares, n := make([]float64, 13), make([]float64, 13), 0.0
		_, ok = f.pathChance(13, func(path []float64) bool {
			for k, v := range path {
				sum[k] += v - f.Mean[k]
				squares[k] += squareOf(v - f.Mean[k])
			}
			n++
			return true
		})
		if !ok {
			t.Fatal(name, "has no paths")
		}
		for k := range sum {
			if shift := sum[k] / n / f.SD[k]; math.Abs(shift) > 0.02 {
				t.Errorf("%s step %d: paths are %v standard deviations off", name, k+1, shift)
			}
			if ratio := math.Sqrt(squares[k]/n) / f.SD[k]; math.Abs(ratio-1) > 0.05 {
				t.Errorf("%s step %d: paths spread %v times as far", name, k+1, ratio)
			}
		}
	}
}

// The quick search of Choose ends near the best: within 1 % of its standard deviation. AirPassengers is left out, whose season grows
// with its level: an additive one fits it badly, in a valley along which the turns of the quick search creep (12 % above the best).
func TestQuickSearchEndsNearTheBest(t *testing.T) {
	values, period := forecastSeries(t)
	for name, x := range values {
		for _, model := range dampedModels(period[name]) {
			if name == "AirPassengers" && model.seasonal() {
				continue
			}
			best, ok := FitETS(x, period[name], model, ETSParams{})
			s := newStretch(x)
			fitter, made := newETSFitter(s.x, period[name], model, ETSParams{})
			if !ok || !made || !fitter.searchQuick() {
				t.Fatal(name, model)
			}
			quick, ok := fitter.result(s)
			if !ok || quick.Sigma > best.Sigma*1.01 {
				t.Errorf("%s %s: sigma %v, the best is %v", name, model, quick.Sigma, best.Sigma)
			}
		}
	}
}

// A period without a value passes without an error: the model goes on as it expected to, and its likelihood is that of the others.
func TestETSPassesGaps(t *testing.T) {
	x := forecastQuarters(40)
	x[10], x[11], x[25] = math.NaN(), math.NaN(), math.NaN()
	for _, name := range []string{"ANN", "AAdN", "AAA", "MAM"} {
		model, _ := ParseETS(name)
		e, ok := FitETS(x, 4, model, ETSParams{})
		if !ok || e.Points != 37 {
			t.Fatalf("%s: %t, %d points", name, ok, e.Points)
		}
		r := newETSRun(e.Model, e.ETSParams, e.Initial)
		for i, v := range x {
			if expected := r.forecast(); i == 10 || i == 11 || i == 25 {
				v = expected // the value that was expected leaves no error either
			}
			r.step(v)
		}
		if forecastApart(r.l, e.Last.Level, 0, 1e-9) || forecastApart(r.b, e.Last.Slope, r.l, 1e-9) {
			t.Errorf("%s: ends at %v %v, want %v %v", name, e.Last.Level, e.Last.Slope, r.l, r.b)
		}
	}
}

func TestETSRefuses(t *testing.T) {
	for _, name := range []string{"", "A", "AXN", "AMN", "ANM", "AAM", "ANdN", "ANNd", "dAAN", "MMM", "AAAA", "ZNN"} {
		if m, ok := ParseETS(name); ok {
			t.Errorf("%q reads as %s", name, m)
		}
	}
	annual, _ := ParseETS("ANN")
	seasonal, _ := ParseETS("ANA")
	relative, _ := ParseETS("MNN")
	x := forecastQuarters(30)
	for what, refused := range map[string]func() bool{
		"3 points":           func() bool { _, ok := FitETS(x[:3], 1, annual, ETSParams{}); return !ok },
		"a cycle of 1":       func() bool { _, ok := FitETS(x, 1, seasonal, ETSParams{}); return !ok },
		"a cycle of 25":      func() bool { _, ok := FitETS(forecastQuarters(90), 25, seasonal, ETSParams{}); return !ok },
		"alpha above 1":      func() bool { _, ok := FitETS(x, 1, annual, ETSParams{Alpha: 1.5}); return !ok },
		"beta without slope": func() bool { _, ok := FitETS(x, 1, annual, ETSParams{Beta: 0.1}); return !ok },
		"a zero, relative":   func() bool { _, ok := FitETS(append([]float64{0}, x...), 1, relative, ETSParams{}); return !ok },
		"nothing fitted":     func() bool { _, ok := ETS{}.Forecast(3); return !ok },
		"a missing effect":   func() bool { _, ok := (ETS{Model: seasonal, Period: 4}).Apply(x); return !ok },
		"no horizon":         func() bool { _, ok := (ETS{Model: annual}).Forecast(0); return !ok },
	} {
		if !refused() {
			t.Errorf("%s: not refused", what)
		}
	}
}

// A series that a model reproduces leaves no error, and a likelihood that would be infinite is not one.
func TestETSWithoutError(t *testing.T) {
	model, _ := ParseETS("ANN")
	e, ok := FitETS([]float64{5, 5, 5, 5, 5, 5}, 1, model, ETSParams{})
	if !ok || !e.Exact || e.Sigma != 0 || e.LogLik != 0 || e.Last.Level != 5 {
		t.Errorf("%t %+v", ok, e)
	}
}
