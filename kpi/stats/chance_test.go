package stats

import (
	"math"
	"strings"
	"testing"
)

// The probability follows from mean and standard deviation, and both from the reference's models where they are checked at all.
func TestChanceOfALevelIsThatOfTheReference(t *testing.T) {
	values, period := forecastSeries(t)
	models := map[string]etsReference{}
	forecastJSON(t, "ets_models.json", &models)
	rows, whole := records(t, "prob_target_expected.csv.gz"), 0
	for _, row := range rows {
		name, series, step := row["case"], "", int(number(t, row["h"]))
		mean, sd, target := number(t, row["mean"]), number(t, row["sd"]), number(t, row["target"])
		given := Forecast{Mean: []float64{mean}, SD: []float64{sd}}
		above, ok := given.LevelChance(1, AtLeast(target))
		below, also := given.LevelChance(1, AtMost(target))
		if !ok || !also || forecastApart(above, number(t, row["p_at_or_above"]), 0, 1e-9) || forecastApart(below, number(t, row["p_at_or_below"]), 0, 1e-9) {
			t.Errorf("%s step %d: %v and %v, want %s and %s", name, step, above, below, row["p_at_or_above"], row["p_at_or_below"])
		}
		if series = strings.SplitN(name, "_", 2)[0]; series == "oil" {
			series = "oil_saudi"
		}
		if r, known := models[name]; known {
			series = r.Series
		}
		f, made := Forecast{}, false
		if values[series] != nil {
			f, made = referenceForecast(t, models, name, values[series], period[series], 24)
		}
		if !made {
			continue
		}
		p, ok := f.LevelChance(step, AtLeast(target))
		if !ok || forecastApart(p, number(t, row["p_at_or_above"]), 0, 1e-9) {
			t.Errorf("%s step %d: our forecast gives %v, want %s", name, step, p, row["p_at_or_above"])
		}
		whole++
	}
	if len(rows) != 74 || whole != 68 {
		t.Errorf("%d rows, %d of them from our own forecast", len(rows), whole)
	}
}

// cumulativeReference is a year-to-date total: closed form and simulation of its author.
type cumulativeReference struct {
	Model                            string
	Alpha, Beta, Level, Trend, Sigma float64
	Left                             int     `json:"periods_left"`
	Done                             float64 `json:"ytd_done"`
	Target                           float64 `json:"target_total"`
	Mean                             float64 `json:"mean_remaining"`
	SD                               float64 `json:"sd_remaining"`
	Independent                      float64 `json:"sd_if_periods_wrongly_independent"`
	P                                float64 `json:"p_total_at_or_above_target"`
	SimulatedP                       float64 `json:"mc_p"`
}

func TestChanceOfATotalIsThatOfTheReference(t *testing.T) {
	var list []cumulativeReference
	forecastJSON(t, "cumulative_target_probability.json", &list)
	for _, r := range list {
		model, _ := ParseETS(strings.NewReplacer("ETS(", "", ")", "", ",", "").Replace(r.Model))
		e := ETS{Model: model, Period: 1, ETSParams: ETSParams{Alpha: r.Alpha, Beta: r.Beta}, Last: ETSState{Level: r.Level, Slope: r.Trend}, Sigma: r.Sigma}
		f, ok := e.Forecast(r.Left)
		if !ok {
			t.Fatal(r.Model)
		}
		mean, sd, ok := f.Sum(filledWith(1, r.Left))
		if !ok || forecastApart(mean, r.Mean, 0, 1e-9) || forecastApart(sd, r.SD, 0, 1e-9) {
			t.Errorf("remaining %v ± %v, want %v ± %v", mean, sd, r.Mean, r.SD)
		}
		p, ok := f.TotalChance(r.Done, r.Left, AtLeast(r.Target))
		if !ok || forecastApart(p, r.P, 0, 1e-9) {
			t.Errorf("chance %v, want %v", p, r.P)
		}
		independent := 0.0
		for _, s := range f.SD {
			independent += s * s
		}
		if independent = math.Sqrt(independent); forecastApart(independent, r.Independent, 0, 1e-9) {
			t.Errorf("independent %v, want %v", independent, r.Independent)
		}
		simulated, ok := f.pathChance(r.Left, func(path []float64) bool {
			sum := r.Done
			for _, v := range path {
				sum += v
			}
			return sum >= r.Target
		})
		if !ok || math.Abs(simulated-r.P) > 0.025 {
			t.Errorf("paths give %v, the closed form %v", simulated, r.P)
		}
		average, ok := f.AverageChance(r.Done, 4, r.Left, AtLeast(r.Target/float64(r.Left+4)))
		if !ok || forecastApart(average, r.P, 0, 1e-9) {
			t.Errorf("an average of the same total: %v, want %v", average, r.P)
		}
	}
	if len(list) != 3 {
		t.Errorf("%d cases", len(list))
	}
}

// The closed form of a total is that of the simulated paths for every method: 4,000 paths know its standard deviation to about 1.2 %.
func TestSumIsThatOfPaths(t *testing.T) {
	x := forecastQuarters(40)
	x[13], x[14] = math.NaN(), math.NaN()
	list := everyForecast(append(x, math.NaN()), 4, 10)
	list["Holt-Winters"], _ = mustHoltWinters(t, forecastQuarters(40), 4, false).Forecast(10)
	g, _ := mustHoltWinters(t, forecastQuarters(40), 4, true).Forecast(10)
	list["Holt-Winters, multiplicative"] = g
	tested := 0
	for name, f := range list {
		weights := []float64{1, 1, 1, 0.5, 0, 1, 1, 2, 1, 1}
		mean, sd, linear := f.Sum(weights)
		if !linear {
			if !strings.HasPrefix(name, "M") {
				t.Errorf("%s has no closed form", name)
			}
			continue
		}
		squares, n := 0.0, 0.0
		_, ok := f.pathChance(10, func(path []float64) bool {
			total := 0.0
			for k, w := range weights {
				total += w * path[k]
			}
			squares += squareOf(total - mean)
			n++
			return true
		})
		student := 1.0 // Student's t is wider than its scale
		if f.Freedom > 2 {
			student = math.Sqrt(float64(f.Freedom) / float64(f.Freedom-2))
		}
		if ratio := math.Sqrt(squares/n) / sd / student; !ok || math.Abs(ratio-1) > 0.05 {
			t.Errorf("%s: paths spread %v times as far as the closed form", name, ratio)
		}
		tested++
		for h := range f.Mean { // a total of one step is the level
			one := make([]float64, h+1)
			one[h] = 1
			if m, s, ok := f.Sum(one); !ok || forecastApart(m, f.Mean[h], 0, 1e-12) || forecastApart(s, f.SD[h], 0, 1e-9) {
				t.Errorf("%s step %d: %v ± %v as a sum, %v ± %v as a level", name, h+1, m, s, f.Mean[h], f.SD[h])
			}
		}
	}
	if tested != 13 {
		t.Errorf("%d methods tested", tested)
	}
}

func mustHoltWinters(t *testing.T, x []float64, period int, multiplicative bool) HoltWintersFit {
	t.Helper()
	m, ok := HoltWinters(x, period, HoltWintersOptions{Multiplicative: multiplicative})
	if !ok {
		t.Fatal("Holt-Winters does not fit")
	}
	return m
}

// A random walk's total: Var = σ²·Σ i², worked out by hand. Independent months would have Σ i instead.
func TestSumOfARandomWalk(t *testing.T) {
	f, _ := Naive([]float64{0, 2, 0, 2, 0}, 12)
	_, sd, ok := f.Sum(filledWith(1, 12))
	if want := 2 * math.Sqrt(12*13*25/6.0); !ok || forecastApart(sd, want, 0, 1e-12) {
		t.Errorf("%v, want %v", sd, want)
	}
}

// The chance that every step is met: one step is a level; of independent steps it is the product; more steps are never likelier.
func TestChanceOfEveryStep(t *testing.T) {
	f, _ := MeanForecast(append(filledWith(10, 200), filledWith(12, 200)...), 6)
	level, _ := f.LevelChance(1, AtLeast(10.5))
	last := 1.0
	for n := 1; n <= 6; n++ {
		p, ok := f.EveryChance(n, AtLeast(10.5))
		if want := math.Pow(level, float64(n)); !ok || math.Abs(p-want) > 0.03 || p > last {
			t.Errorf("%d steps: %v, want about %v, at most %v", n, p, want, last)
		}
		last = p
	}
	again, _ := f.EveryChance(6, AtLeast(10.5))
	if again != last {
		t.Errorf("a second answer: %v after %v", again, last)
	}
}

func TestChanceOnAScale(t *testing.T) {
	percent := []float64{91, 94, 92, 96, 95, 93, 97, 96, 98, 97, 99, 98, 100, 99, 97, 100}
	f, ok := Choose(percent, 1, 6, ScaleLogit)
	if !ok || f.Scale != ScaleLogit {
		t.Fatalf("%t %+v", ok, f)
	}
	for step := 1; step <= 6; step++ {
		low, high, ok := f.Interval(step, 0.95)
		median, _ := f.Median(step)
		if !ok || low < 0 || high > 100 || !(low < median && median <= high) {
			t.Errorf("step %d: %v in %v to %v", step, median, low, high)
		}
		half, _ := f.LevelChance(step, AtLeast(median)) // what would lie above 100 lies at 100
		edge, _ := f.LevelChance(step, AtLeast(low))
		if math.Abs(half-0.5) > 1e-9 && !(median == 100 && half > 0.5) || math.Abs(edge-0.975) > 1e-9 {
			t.Errorf("step %d: chance %v of the median, %v of the lower limit", step, half, edge)
		}
	}
	for b, want := range map[Bounds]float64{AtLeast(101): 0, AtMost(101): 1, AtLeast(-1): 1, AtMost(-1): 0, {0, 100}: 1, AtLeast(0): 1, AtMost(100): 1} {
		if p, ok := f.LevelChance(3, b); !ok || p != want {
			t.Errorf("%v: %v, want %v", b, p, want)
		}
	}
	counts := []float64{3, 0, 2, 5, 1, 0, 4, 2, 3, 1, 0, 2}
	g, ok := Choose(counts, 1, 4, ScaleLog1p)
	low, _, _ := g.Interval(4, 0.95)
	if !ok || g.Scale != ScaleLog1p || low < 0 {
		t.Errorf("%t %s from %v", ok, g.Scale, low)
	}
	level, _ := g.LevelChance(1, AtLeast(3))
	total, simulated := g.TotalChance(0, 1, AtLeast(3))
	if _, _, linear := g.Sum([]float64{1}); linear || !simulated || math.Abs(level-total) > 0.03 {
		t.Errorf("a total of one step: %v simulated, %v as a level", total, level)
	}
	h, ok := Choose(append([]float64{120}, percent...), 1, 4, ScaleLogit)
	if !ok || h.Scale != ScaleLinear {
		t.Errorf("120 %% on %q", h.Scale)
	}
}

func TestScalesThereAndBack(t *testing.T) {
	for _, v := range []float64{0, 0.3, 50, 99.9, 100} {
		for _, c := range []ForecastScale{ScaleLinear, ScaleLogit, ScaleLog1p} {
			for _, n := range []float64{8, 60, 500} {
				if got := c.back(c.to(v, n), n); forecastApart(got, v, 1, 1e-9) {
					t.Errorf("%q of %v points: %v comes back as %v", c, n, v, got)
				}
			}
		}
	}
}

func TestChanceWithoutSpread(t *testing.T) {
	tenth := 0.1
	f, _ := Choose([]float64{tenth + 0.2, tenth + 0.2, tenth + 0.2, tenth + 0.2, tenth + 0.2, tenth + 0.2, tenth + 0.2, tenth + 0.2}, 1, 3, ScaleLinear)
	for b, want := range map[Bounds]float64{AtLeast(0.3): 1, AtLeast(0.31): 0, AtMost(0.3): 1, AtMost(0.29): 0, {0.3, 0.3}: 1} {
		level, ok := f.LevelChance(2, b)
		every, also := f.EveryChance(3, b)
		if !ok || !also || level != want || every != want {
			t.Errorf("%v: %v, every step %v, want %v", b, level, every, want)
		}
	}
	if p, ok := f.TotalChance(7, 0, AtLeast(7)); !ok || p != 1 {
		t.Errorf("nothing to come: %v %t", p, ok)
	}
	if p, ok := f.AverageChance(7, 2, 0, AtLeast(3.6)); !ok || p != 0 {
		t.Errorf("an average that is over: %v %t", p, ok)
	}
	nan, inf := math.NaN(), math.Inf(1)
	for _, b := range []Bounds{{2, 1}, {nan, 1}, {1, nan}, {inf, inf}, {-inf, -inf}} {
		if _, ok := f.LevelChance(1, b); ok {
			t.Errorf("%v are bounds", b)
		}
	}
	for _, step := range []int{-1, 0, 4} {
		if _, ok := f.LevelChance(step, AtLeast(1)); ok {
			t.Errorf("step %d is forecast", step)
		}
	}
	if _, ok := f.TotalChance(nan, 2, AtLeast(1)); ok {
		t.Error("no number is a start")
	}
	if _, ok := (Forecast{}).EveryChance(1, AtLeast(1)); ok {
		t.Error("nothing is forecast, but met")
	}
}

func TestChanceInWords(t *testing.T) {
	third, tenth := 0.3, 0.1 // variables, so that the machine adds them and not the compiler
	for p, want := range map[float64]Chance{
		0: ChanceVeryUnlikely, 0.0999999: ChanceVeryUnlikely, 0.1: ChanceUnlikely, 0.3299999: ChanceUnlikely, 0.33: ChanceEven, 0.5: ChanceEven,
		0.66: ChanceEven, tenth + 0.2 + 0.36: ChanceEven, 0.6600001: ChanceLikely, 0.9: ChanceLikely, third * 3: ChanceLikely, 0.9000001: ChanceVeryLikely, 1: ChanceVeryLikely,
	} {
		if got := ChanceOf(p); got != want {
			t.Errorf("%v is %s, want %s", p, got, want)
		}
	}
	for p, want := range map[float64]float64{-1: 0.05, 0: 0.05, 0.05: 0.05, 0.5: 0.5, 0.96: 0.95, 1: 0.95, math.Inf(1): 0.95} {
		if got := ClipChance(p); got != want {
			t.Errorf("%v is clipped to %v, want %v", p, got, want)
		}
	}
	if ClipChance(math.NaN()) != 0.5 {
		t.Error("no number is clipped to something")
	}
}

func TestOutOfReach(t *testing.T) {
	seen := []float64{math.NaN(), 40, 55, math.Inf(1), 48}
	for _, c := range []struct {
		required float64
		higher   bool
		want     bool
	}{
		{55, true, false}, {55.01, true, true}, {55 * (1 + 1e-14), true, false}, {40, false, false}, {39.9, false, true}, {10, true, false}, {90, false, false},
		{math.Inf(1), true, true}, {math.NaN(), true, false},
	} {
		if got := OutOfReach(seen, c.required, c.higher); got != c.want {
			t.Errorf("%v, higher is better %t: %t, want %t", c.required, c.higher, got, c.want)
		}
	}
	if OutOfReach(nil, 1, true) || OutOfReach([]float64{math.NaN()}, 1, true) {
		t.Error("nothing was seen, but it is out of reach")
	}
	if v, ok := RequiredPerPeriod(1200, 410, 8); !ok || v != 98.75 {
		t.Errorf("%v %t are required", v, ok)
	}
	if v, ok := RequiredPerPeriod(1e308, -1e308, 1); ok {
		t.Errorf("%v are required", v)
	}
	if v, ok := RequiredPerPeriod(1200, 410, 0); ok {
		t.Errorf("%v are required of no period", v)
	}
}
