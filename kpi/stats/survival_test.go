package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// durationCases reads the inputs of the reference by case and group.
func durationCases(t *testing.T) (days map[string][]float64, ended map[string][]bool) {
	t.Helper()
	days, ended = map[string][]float64{}, map[string][]bool{}
	add := func(id, length, status string) {
		days[id], ended[id] = append(days[id], number(t, length)), append(ended[id], status == "1")
	}
	for _, row := range plainRecords(t, "aml.csv") {
		add("aml_by_group/"+row["group"], row["time"], row["status"])
		add("aml_all/all", row["time"], row["status"])
	}
	for _, row := range plainRecords(t, "open_cases.csv") {
		add("open_cases/all", row["days"], row["status"])
	}
	return days, ended
}

func TestKaplanMeierAgainstReference(t *testing.T) {
	days, ended := durationCases(t)
	rows := map[string][]map[string]string{}
	for _, row := range plainRecords(t, "kaplan_meier_expected.csv") {
		id := row["case"] + "/" + row["strata"]
		rows[id] = append(rows[id], row)
	}
	if len(rows) != 4 {
		t.Fatalf("%d curves, want 4", len(rows))
	}
	for id, want := range rows {
		s := KaplanMeier(days[id], ended[id])
		if len(s.Steps) != len(want) {
			t.Fatalf("%s: %d steps, want %d", id, len(s.Steps), len(want))
		}
		for i, row := range want {
			p := s.Steps[i]
			if p.Time != number(t, row["time"]) || p.AtRisk != int(number(t, row["n_risk"])) || p.Ended != int(number(t, row["n_event"])) {
				t.Errorf("%s step %d: %+v, want %v", id, i, p, row)
			}
			matches(t, id+" S", p.Share, number(t, row["surv"]), 0)
			lower, upper, ok := p.Limits(0.95, LimitsLog)
			if row["se"] == "" {
				if ok || p.Share != 0 || p.StdErr != 0 {
					t.Errorf("%s: limits at the end: %+v", id, p)
				}
				continue
			}
			matches(t, id+" SE", p.StdErr, number(t, row["se"]), 0)
			matches(t, id+" lower", lower, number(t, row["lo95_log"]), 0)
			matches(t, id+" upper", upper, number(t, row["hi95_log"]), 0)
		}
	}
}

func TestDurationSummariesAgainstReference(t *testing.T) {
	type quantiles struct{ P25, P50, P75, P90 float64 }
	var want struct {
		All struct{ Quantile quantiles } `json:"aml_all"`
		Our struct {
			Quantile     quantiles
			NaiveMean    float64 `json:"naive_mean_closed"`
			NaiveMedian  float64 `json:"naive_median_closed"`
			Open         int     `json:"n_open"`
			RestrictedTo float64 `json:"rmst_180"`
		} `json:"open_cases"`
		LogRank struct{ ChiSq float64 } `json:"logrank_aml"`
		Medians map[string]float64      `json:"aml_medians"`
	}
	readExpected(t, "kaplan_meier_summary.json", &want)
	days, ended := durationCases(t)
	check := func(id string, p, want float64) {
		t.Helper()
		if got, ok := KaplanMeier(days[id], ended[id]).Quantile(p); !ok || got != want {
			t.Errorf("%s: quantile %g is %g, want %g", id, p, got, want)
		}
	}
	for id, q := range map[string]quantiles{"aml_all/all": want.All.Quantile, "open_cases/all": want.Our.Quantile} {
		check(id, 0.25, q.P25)
		check(id, 0.50, q.P50)
		check(id, 0.75, q.P75)
		check(id, 0.90, q.P90)
	}
	for group, m := range want.Medians {
		check("aml_by_group/"+group, 0.5, m)
	}
	s := KaplanMeier(days["open_cases/all"], ended["open_cases/all"])
	m, _, ok := s.RestrictedMean(180)
	if !ok {
		t.Fatal("no restricted mean")
	}
	matches(t, "RMST", m, want.Our.RestrictedTo, 0)
	if s.Cases-s.Ended != want.Our.Open {
		t.Errorf("%d open, want %d", s.Cases-s.Ended, want.Our.Open)
	}
	var closed, open []float64
	for i, d := range days["open_cases/all"] {
		if ended["open_cases/all"][i] {
			closed = append(closed, d)
		} else {
			open = append(open, d)
		}
	}
	naive, _ := Quantile(closed, 0.5, QuantileDefault)
	matches(t, "naive median", naive, want.Our.NaiveMedian, 0)
	matches(t, "naive mean", mean(closed), want.Our.NaiveMean, 0)
	if b := OpenBacklog(open); b.Open != 10 || b.Oldest != 100 || b.Median != 43 || math.Abs(b.P90-94.6) > 1e-9 || math.Abs(b.Mean-43.9) > 1e-9 {
		t.Errorf("backlog %+v", b) // 100 94 65 51 45 41 17 12 8 6
	}

	var group []int
	var all []float64
	var over []bool
	for g, id := range []string{"aml_by_group/Maintained", "aml_by_group/Nonmaintained"} {
		for i, d := range days[id] {
			group, all, over = append(group, 7*g), append(all, d), append(over, ended[id][i])
		}
	}
	r := CompareSurvival(all, over, group)
	matches(t, "log-rank", r.Chi2, want.LogRank.ChiSq, 0)
	if !r.Known || r.DF != 1 || r.Groups[1] != 7 || r.Observed[0] != 7 || r.Observed[1] != 11 {
		t.Errorf("%+v", r)
	}
	matches(t, "p", r.P, math.Erfc(math.Sqrt(r.Chi2/2)), 0) // one degree of freedom is the square of a normal value
	matches(t, "expected", total(r.Expected), total(r.Observed), 0)
}

// Without open cases the curve is the share of the cases that last longer, and its summaries are those of the numbers.
func TestKaplanMeierOfClosedCases(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 100 {
		n := 1 + r.IntN(40)
		days, ended := make([]float64, n), make([]bool, n)
		for i := range days {
			days[i], ended[i] = float64(r.IntN(20)), true
		}
		s := KaplanMeier(days, ended)
		for _, p := range s.Steps {
			longer := 0.0
			for _, d := range days {
				if d > p.Time {
					longer++
				}
			}
			matches(t, "share", p.Share, longer/float64(n), 1e-3)
			if p.Share > 0 { // Greenwood's variance is then the binomial one
				matches(t, "SE", p.StdErr, math.Sqrt(p.Share*(1-p.Share)/float64(n)), 0)
			}
		}
		if m, se, ok := s.RestrictedMean(30); !ok || math.Abs(m-mean(days)) > 1e-9 {
			t.Errorf("%v: mean %g", days, m)
		} else {
			variance := 0.0
			for _, d := range days {
				variance += (d - m) * (d - m) / float64(n) / float64(n)
			}
			matches(t, "SE of the mean", se, math.Sqrt(variance), 1)
		}
		if m, ok := s.Median(); !ok {
			t.Errorf("%v: no median", days)
		} else if want, _ := Quantile(days, 0.5, QuantileInverse); m != want {
			t.Errorf("%v: median %g, want %g", days, m, want)
		}
	}
}

func TestSurvivalEdges(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	none := KaplanMeier([]float64{nan, inf, -1}, []bool{true, true, true})
	if none.Cases != 0 || none.LeftOut != 3 || len(none.Steps) != 0 {
		t.Errorf("%+v", none)
	}
	if _, ok := none.Median(); ok {
		t.Error("a median of nothing")
	}
	if _, ok := none.At(1); ok {
		t.Error("a share of nothing")
	}
	if m, se, ok := none.RestrictedMean(1); ok || m != 0 || se != 0 {
		t.Error("a mean of nothing")
	}
	open := KaplanMeier([]float64{3, 5, 8, 9}, []bool{true, false}) // what ended does not say is open
	if open.Ended != 1 || open.Last != 9 || len(open.Steps) != 1 {
		t.Errorf("%+v", open)
	}
	if _, ok := open.Median(); ok {
		t.Error("a median, though most are open")
	}
	if s, ok := open.At(9); !ok || s != 0.75 {
		t.Errorf("S(9) = %g", s)
	}
	if s, ok := open.At(2); !ok || s != 1 {
		t.Errorf("S(2) = %g", s)
	}
	if _, ok := open.At(9.5); ok {
		t.Error("a share beyond what was seen")
	}
	if m, _, ok := open.RestrictedMean(9); !ok || m != 3+6*0.75 {
		t.Errorf("mean to 9: %g", m)
	}
	if m, se, ok := open.RestrictedMean(2); !ok || m != 2 || se != 0 {
		t.Errorf("mean to 2: %g", m)
	}
	for _, h := range []float64{9.5, 0, -1, nan, inf} {
		if _, _, ok := open.RestrictedMean(h); ok {
			t.Errorf("a mean to %g", h)
		}
	}
	zero := KaplanMeier([]float64{0, 0, 4, 4}, []bool{true, true, true, true})
	if m, ok := zero.Median(); !ok || m != 0 {
		t.Errorf("the median of what ends at once: %g", m)
	}
	if s, ok := zero.At(inf); !ok || s != 0 {
		t.Errorf("S(∞) = %g", s)
	}
	if _, ok := zero.Quantile(0); ok {
		t.Error("quantile 0")
	}
	if q, ok := zero.Quantile(1); !ok || q != 4 {
		t.Errorf("quantile 1: %g", q)
	}
	for _, c := range []float64{0, 1, nan, -1} {
		if _, _, ok := zero.Steps[0].Limits(c, LimitsLogLog); ok {
			t.Errorf("limits with confidence %g", c)
		}
	}
	if _, _, ok := (Survival{}).RestrictedMean(1); ok {
		t.Error("the zero curve has a mean")
	}
	if b := OpenBacklog([]float64{nan, -3}); b != (Backlog{}) {
		t.Errorf("%+v", b)
	}
	if b := OpenBacklog([]float64{math.MaxFloat64, math.MaxFloat64}); b.Mean != math.MaxFloat64 {
		t.Errorf("%+v", b)
	}
}

// The log-log limits of Kalbfleisch and Prentice at the first step of the maintained group, S = 10/11.
func TestLogLogLimits(t *testing.T) {
	days, ended := durationCases(t)
	p := KaplanMeier(days["aml_by_group/Maintained"], ended["aml_by_group/Maintained"]).Steps[0]
	lower, upper, ok := p.Limits(0.95, LimitsLogLog)
	if !ok || !(0 < lower && lower < p.Share && p.Share < upper && upper < 1) {
		t.Fatalf("%g to %g", lower, upper)
	}
	// On their scale, ln(−ln S), the limits lie 1.96 standard errors to either side of the estimate.
	scale := func(s float64) float64 { return math.Log(-math.Log(s)) }
	se := p.StdErr / (p.Share * -math.Log(p.Share))
	matches(t, "upper", scale(p.Share)-scale(upper), 1.959963984540054*se, 0)
	matches(t, "lower", scale(lower)-scale(p.Share), 1.959963984540054*se, 0)
}

func TestCompareSurvival(t *testing.T) {
	days := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 9}
	ended := []bool{true, true, false, true, true, true, true, false, true, true}
	group := []int{1, 2, 3, 1, 2, 3, 1, 2, 3, 1}
	r := CompareSurvival(days, ended, group)
	if !r.Known || r.DF != 2 || r.Chi2 < 0 || r.P < 0 || r.P > 1 {
		t.Fatalf("%+v", r)
	}
	matches(t, "p", r.P, math.Exp(-r.Chi2/2), 0) // two degrees of freedom
	matches(t, "expected", total(r.Expected), total(r.Observed), 0)
	// The order of the cases and the numbers of the groups do not matter, nor does a copy of the time scale.
	other := make([]int, len(group))
	for i, g := range group {
		other[i] = 100 - g
		days[i] *= 1e6
	}
	o := CompareSurvival(days, ended, other)
	matches(t, "other names", o.Chi2, r.Chi2, 0)
	for name, r := range map[string]LogRank{
		"one group":    CompareSurvival([]float64{1, 2}, []bool{true, true}, []int{0, 0}),
		"lengths":      CompareSurvival([]float64{1, 2}, []bool{true, true}, []int{0}),
		"none":         CompareSurvival(nil, nil, nil),
		"nothing ends": CompareSurvival([]float64{1, 2}, nil, []int{0, 1}),
		"never both":   CompareSurvival([]float64{1, 2}, []bool{false, true}, []int{0, 1}),
	} {
		if r.Known || r.Chi2 != 0 || r.Observed != nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
	// Groups that are alike: the same durations in both.
	same := CompareSurvival([]float64{1, 2, 3, 1, 2, 3}, []bool{true, true, true, true, true, true}, []int{0, 0, 0, 1, 1, 1})
	if !same.Known || same.Chi2 > 1e-20 || same.P < 1-1e-9 {
		t.Errorf("%+v", same)
	}
}

// FuzzSurvival: no input panics, no result is NaN or infinite, and the curve only falls.
func FuzzSurvival(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8}, uint8(0b10110101), 4.0, 0.5)
	f.Add([]byte{255, 254, 0, 0, 3, 3, 253}, uint8(0xff), 1e300, 0.95)
	f.Add([]byte{9, 9, 9}, uint8(0), math.NaN(), 1.0)
	f.Fuzz(func(t *testing.T, raw []byte, over uint8, horizon, p float64) {
		days, ended, group := make([]float64, len(raw)), make([]bool, len(raw)), make([]int, len(raw))
		for i, b := range raw {
			switch days[i] = float64(b) / 4; b {
			case 255:
				days[i] = math.NaN()
			case 254:
				days[i] = 1e300
			case 253:
				days[i] = math.Inf(1)
			}
			ended[i], group[i] = over>>(i%8)&1 == 1, i%3
		}
		s := KaplanMeier(days, ended)
		last := 1.0
		for _, step := range s.Steps {
			lower, upper, ok := step.Limits(p, LimitsLogLog)
			l, u, _ := step.Limits(p, LimitsLog)
			if ok && (lower > step.Share || upper < step.Share || l > step.Share || u < step.Share || l < 0 || lower < 0 || upper > 1) {
				t.Fatalf("%+v: limits %g %g, %g %g", step, lower, upper, l, u)
			}
			if step.Share < 0 || step.Share >= last || !finite(step.StdErr) {
				t.Fatalf("%+v", s)
			}
			last = step.Share
		}
		m, se, _ := s.RestrictedMean(horizon)
		q, _ := s.Quantile(p)
		at, _ := s.At(horizon)
		r := CompareSurvival(days, ended, group)
		b := OpenBacklog(days)
		for _, v := range append([]float64{m, se, q, at, r.Chi2, r.P, b.Mean, b.Median, b.P90, b.Oldest}, r.Expected...) {
			if !finite(v) || v < 0 {
				t.Fatalf("%v %v: %g among %g %g %g %g %+v %+v", days, ended, v, m, se, q, at, r, b)
			}
		}
	})
}

func BenchmarkKaplanMeier(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	days, ended := make([]float64, 10000), make([]bool, 10000)
	for i := range days {
		days[i], ended[i] = math.Floor(r.ExpFloat64()*60), r.IntN(5) > 0
	}
	b.ReportAllocs()
	for b.Loop() {
		KaplanMeier(days, ended)
	}
}
