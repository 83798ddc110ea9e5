package scorecard

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"citystat/kpi"
	"citystat/kpi/stats"
)

// evaluated makes the result of an indicator of months from January 2014 on. The series of the city is under "".
func evaluated(m kpi.Measure, series map[string][]kpi.Observation) *Result {
	return evaluatedBy(m, kpi.Month, kpi.NewDate(2014, 1, 1), series)
}

func evaluatedBy(m kpi.Measure, kind kpi.PeriodKind, first kpi.Date, series map[string][]kpi.Observation) *Result {
	r := &Result{Indicator: &kpi.Indicator{ID: "i", Measure: m, Period: kind}}
	calendar := kpi.Calendar{}
	for member, list := range series {
		p, err := calendar.Period(kind, first)
		if err != nil {
			panic(err)
		}
		var observations []kpi.Observation
		for _, o := range list {
			o.Period, o.Member = p.ID, member
			if member == "" {
				r.Series = append(r.Series, Point{Period: p, Settled: true, Observation: o})
			} else if o.Rows >= 0 { // fewer: there is none
				observations = append(observations, o)
			}
			p = calendar.Next(p)
		}
		if member != "" {
			r.Members = append(r.Members, Member{Dimension: kpi.DimensionDistrict, Member: member, Series: observations})
		}
	}
	return r
}

// valued makes observations of values; NaN: none.
func valued(values ...float64) []kpi.Observation {
	var list []kpi.Observation
	for _, v := range values {
		list = append(list, kpi.Observation{Version: 1, Value: number(v), Rows: 20})
	}
	return list
}

// outOf makes observations of a measure that is Σ/Σ, from pairs of numerator and denominator.
func outOf(m kpi.Measure, pairs ...float64) []kpi.Observation {
	var list []kpi.Observation
	for k := 0; k+1 < len(pairs); k += 2 {
		o := kpi.Observation{Version: 1, Numerator: ptr(pairs[k]), Denominator: ptr(pairs[k+1]), Rows: int64(pairs[k+1])}
		if pairs[k+1] != 0 {
			o.Value = ptr(m.Factor() * pairs[k] / pairs[k+1])
		}
		list = append(list, o)
	}
	return list
}

// made makes n values.
func made(n int, of func(k int) float64) []float64 {
	list := make([]float64, n)
	for k := range list {
		list[k] = of(k)
	}
	return list
}

func effectNamed(t *testing.T, a Evaluation, name string) Effect {
	t.Helper()
	at := slices.IndexFunc(a.Effects, func(e Effect) bool { return e.Name == name })
	if at < 0 {
		t.Fatalf("there is no %s in %+v", name, a)
	}
	return a.Effects[at]
}

func closeTo(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b)) }

func points(list []EvaluationPoint, of func(EvaluationPoint) *float64) string {
	var b strings.Builder
	for _, p := range list {
		if v := of(p); v == nil {
			b.WriteString("- ")
		} else {
			fmt.Fprintf(&b, "%.4g ", *v)
		}
	}
	return strings.TrimSpace(b.String())
}

func values(p EvaluationPoint) *float64         { return p.Value }
func fitted(p EvaluationPoint) *float64         { return p.Fitted }
func counterfactual(p EvaluationPoint) *float64 { return p.Counterfactual }

// By hand: 50 and rising by one a month; ten more at once, and then by three a month. There is no error to judge by, so there are no limits.
func TestEvaluationOfSegments(t *testing.T) {
	r := evaluated(kpi.Measure{Kind: kpi.MeasureMedian}, map[string][]kpi.Observation{"": valued(made(16, func(k int) float64 {
		if k >= 8 {
			return 60 + float64(k) + 2*float64(k-8)
		}
		return 50 + float64(k)
	})...)})
	a := evaluateWith(r, kpi.Evaluation{ID: "e", Date: date("2014-09-01"), Method: kpi.EvaluateSegments}, nil)
	if a.State != "answered" || a.Method != kpi.EvaluateSegments || a.Before != 8 || a.After != 8 || a.Lag != 2 || a.Season != "" || a.Definition.ID != "e" || len(a.Treated) != 16 || a.Compared != nil {
		t.Fatalf("%+v", a)
	}
	for _, want := range []Effect{{Name: "level", At: "2014-09", Size: 10}, {Name: "slope", Size: 2}, {Name: "at_end", At: "2015-04", Size: 24}} {
		if got := effectNamed(t, a, want.Name); got.At != want.At || !closeTo(got.Size, want.Size) || got.Low != nil || got.High != nil || got.P != nil {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if got := points(a.Treated, counterfactual); got != "- - - - - - - - 58 59 60 61 62 63 64 65" {
		t.Errorf("counterfactual %s", got)
	}
	if got := points(a.Treated, fitted); got != points(a.Treated, values) {
		t.Errorf("fitted %s", got)
	}
	if !slices.Equal(a.Warnings, []EvaluationWarning{EvaluationShort}) {
		t.Errorf("warnings %v", a.Warnings)
	}
}

// prop99 is cigarettes sold a head by state and year, 1970 to 2000, as an indicator whose members are states.
func prop99(t *testing.T) *Result {
	t.Helper()
	f, err := os.Open("../stats/testdata/prop99_panel.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	series := map[string][]kpi.Observation{"": valued(make([]float64, 31)...)}
	for _, row := range rows[1:] {
		packs, err := strconv.ParseFloat(row[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		series[row[0]] = append(series[row[0]], valued(packs)...)
	}
	return evaluatedBy(kpi.Measure{Kind: kpi.MeasureMedian}, kpi.Year, kpi.NewDate(1970, 1, 1), series)
}

// California's Proposition 99, as Linden (Stata Journal 15, 2015) and Abadie and others (2010) have it.
func TestEvaluationOfProposition99(t *testing.T) {
	r := prop99(t)
	e := kpi.Evaluation{Date: date("1989-01-01"), Dimension: kpi.DimensionDistrict, Where: []string{"California"}, Method: kpi.EvaluateSegments}
	a := evaluateWith(r, e, nil)
	if a.State != "answered" || a.Before != 19 || a.After != 12 || a.Lag != 3 {
		t.Fatalf("%+v", a)
	}
	level := effectNamed(t, a, "level")
	if !closeTo(level.Size, -20.0580966295547) || !closeTo(effectNamed(t, a, "slope").Size, -1.49465237871415) {
		t.Errorf("%+v", a.Effects)
	}
	if end := effectNamed(t, a, "at_end"); end.At != "2000" || math.Abs(end.Size+36.5) > 0.05 || *end.Low >= end.Size || *end.High <= end.Size {
		t.Errorf("%+v", end)
	}
	// Student's t of 31 − 4 degrees of freedom, not the normal distribution.
	if half, se := (*level.High-*level.Low)/2, level.Size-*level.Low; !closeTo(half, se) {
		t.Errorf("limits %v and %v around %v", *level.Low, *level.High, level.Size)
	}
	fit, err := stats.SegmentedRegression(california(r), stats.Interruption{Start: 19}, stats.HAC{Lag: 3})
	if err != nil || !closeTo(*level.High-level.Size, 2.0518305164802837*fit.Level.StdErr) {
		t.Errorf("%v around %v, standard error %v", *level.High, level.Size, fit.Level.StdErr)
	}

	e.Method = kpi.EvaluateDifferences
	for k := range r.Members {
		if m := r.Members[k].Member; m != "California" {
			e.ComparedTo = append(e.ComparedTo, m)
		}
	}
	a = evaluateWith(r, e, nil)
	if a.State != "answered" || a.Members != 39 || a.Before != 19 || a.After != 12 || len(a.Compared) != 31 {
		t.Fatalf("%+v", a)
	}
	if d := effectNamed(t, a, "difference"); math.Abs(d.Size+27.349) > 0.0005 || d.Low != nil || d.P != nil {
		t.Errorf("%+v", d)
	}
	if a.Pretrend == nil || a.Pretrend.Size >= 0 || a.Pretrend.P != nil || !slices.Equal(a.Warnings, []EvaluationWarning{EvaluationFewMembers}) {
		t.Errorf("slope before %+v, warnings %v", a.Pretrend, a.Warnings)
	}
	last := a.Treated[30]
	if !closeTo(*last.Fitted-*last.Counterfactual, effectNamed(t, a, "difference").Size) {
		t.Errorf("%v and %v", *last.Fitted, *last.Counterfactual)
	}
}

func california(r *Result) []float64 {
	var list []float64
	for _, o := range r.Member(kpi.DimensionDistrict, "California").Series {
		list = append(list, *o.Value)
	}
	return list
}

// What is neither before nor after is shown and not used: from the announcement on, and the month in which it begins.
func TestEvaluationLeavesOut(t *testing.T) {
	flat := made(24, func(k int) float64 {
		if k > 8 && k < 14 {
			return 1000
		}
		return float64(50 + k%2)
	})
	r := evaluated(kpi.Measure{Kind: kpi.MeasureMedian}, map[string][]kpi.Observation{"": valued(flat...)})
	for _, c := range []struct {
		date, announced string
		before, after   int
		left            string
	}{
		{"2015-03-01", "2014-10-15", 9, 10, "2014-10 2014-11 2014-12 2015-01 2015-02"},
		{"2015-02-10", "2014-10-01", 9, 10, "2014-10 2014-11 2014-12 2015-01 2015-02"},
		{"2014-10-01", "", 9, 15, ""},
		{"2014-10-02", "", 9, 14, "2014-10"},
		{"2014-10-31", "", 9, 14, "2014-10"},
		{"2014-10-01", "2015-03-01", 9, 15, ""}, // announced when it was in force already
		{"2014-10-02", "2015-03-01", 9, 14, "2014-10"},
	} {
		e := kpi.Evaluation{Date: date(c.date), Method: kpi.EvaluateSegments}
		if c.announced != "" {
			e.AnnouncedOn = date(c.announced)
		}
		a := evaluateWith(r, e, nil)
		var left []string
		for _, p := range a.Treated {
			if p.LeftOut {
				left = append(left, p.Period)
				if p.Value == nil || p.Fitted != nil || p.Counterfactual == nil {
					t.Errorf("%s: %+v", c.date, p)
				}
			}
		}
		if a.State != "answered" || a.Before != c.before || a.After != c.after || strings.Join(left, " ") != c.left || len(a.Treated) != 24 {
			t.Errorf("%+v: %s, %d and %d, left out %v", c, a.State, a.Before, a.After, left)
		}
		if c.after == 10 && math.Abs(effectNamed(t, a, "level").Size) > 2 {
			t.Errorf("%+v counts what is left out: %+v", c, a.Effects)
		}
	}
}

// Members are added up by what is counted, never as a mean of shares; a member that is not there brings nothing, and of a flow 0.
func TestEvaluationAddsUp(t *testing.T) {
	share, count := kpi.Measure{Kind: kpi.MeasureShare}, kpi.Measure{Kind: kpi.MeasureCount}
	rate := kpi.Measure{Kind: kpi.MeasureRate, Times: 1000}
	gone := kpi.Observation{Rows: -1}
	both := kpi.Evaluation{Date: date("2014-03-01"), Dimension: kpi.DimensionDistrict, Where: []string{"a", "b"}, Method: kpi.EvaluateSegments}
	for _, c := range []struct {
		name   string
		r      *Result
		e      kpi.Evaluation
		values string
		rows   int64
	}{
		{"share", evaluated(share, map[string][]kpi.Observation{"": outOf(share, 9, 10, 9, 10, 9, 10), "a": outOf(share, 10, 100, 0, 0, 30, 100), "b": append(outOf(share, 9, 10, 1, 2), gone)}),
			both, "17.27 50 30", 110},
		{"rate", evaluated(rate, map[string][]kpi.Observation{"": outOf(rate, 9, 9, 9, 9), "a": outOf(rate, 10, 1000, 20, 1000), "b": append(outOf(rate, 2, 500), gone)}), both, "8", 1500},
		{"a rate of a place whose residents nobody counted", evaluated(rate, map[string][]kpi.Observation{"": outOf(rate, 9, 9, 9, 9), "a": outOf(rate, 10, 1000, 20, 1000), "b": {{Version: 1, Numerator: ptr(4), Rows: 4}, outOf(rate, 5, 1000)[0]}}),
			both, "12.5", 2000},
		{"count", evaluated(count, map[string][]kpi.Observation{"": valued(9, 9, math.NaN()), "a": valued(3, 4, 5), "b": {valued(1)[0], gone, gone}}), both, "4 4", 40},
		{"last", evaluated(kpi.Measure{Kind: kpi.MeasureLast}, map[string][]kpi.Observation{"": valued(9, 9, 9), "a": valued(3, 4, math.NaN()), "b": {valued(1)[0], gone, gone}}), both, "4 4", 40},
		{"one of two that nobody knows", evaluated(count, map[string][]kpi.Observation{"": valued(9, 9), "a": valued(3, 4)}), both, "", 0},
		{"one median", evaluated(kpi.Measure{Kind: kpi.MeasureMedian}, map[string][]kpi.Observation{"": valued(9, 9), "a": valued(3, 4)}),
			kpi.Evaluation{Dimension: kpi.DimensionDistrict, Where: []string{"a"}}, "3 4", 20},
		{"the city", evaluated(kpi.Measure{Kind: kpi.MeasureMedian}, map[string][]kpi.Observation{"": valued(math.NaN(), 9, math.NaN(), 7)}), kpi.Evaluation{}, "9 - 7", 20},
	} {
		a := evaluateWith(c.r, c.e, nil)
		if got := points(a.Treated, values); got != c.values || len(a.Treated) > 0 && a.Treated[0].Rows != c.rows {
			t.Errorf("%s: %q, want %q; %+v", c.name, got, c.values, a.Treated)
		}
	}
	r := evaluated(share, map[string][]kpi.Observation{"": outOf(share, 9, 10, 9, 10), "a": outOf(share, 10, 30, 2, 4), "b": outOf(share, 1, 10, 2, 4)})
	r.Indicator.Minimum = 10
	if got := points(evaluateWith(r, both, nil).Treated, values); got != "27.5" {
		t.Errorf("with at least ten rows: %s", got)
	}
	several := evaluateWith(evaluated(kpi.Measure{Kind: kpi.MeasureMedian}, map[string][]kpi.Observation{"": valued(9, 9), "a": valued(3, 4), "b": valued(3, 4)}), both, nil)
	if several.State != "not_fitted" || several.Treated != nil {
		t.Errorf("a median of two members: %+v", several)
	}
}

// Settled periods of the newest definition, one after the other.
func TestEvaluationStretch(t *testing.T) {
	r := evaluated(kpi.Measure{Kind: kpi.MeasureMedian}, map[string][]kpi.Observation{"": valued(1, 2, 3, 4, 5, 6, 7)})
	for name, c := range map[string]struct {
		change func([]Point) []Point
		want   string
	}{
		"all":                       {func(p []Point) []Point { return p }, "1 2 3 4 5 6 7"},
		"not settled":               {func(p []Point) []Point { p[5].Settled, p[6].Settled = false, false; return p }, "1 2 3 4 5"},
		"another definition before": {func(p []Point) []Point { p[2].Observation.Version = 0; return p }, "4 5 6 7"},
		"a gap has no definition":   {func(p []Point) []Point { p[2].Observation = kpi.Observation{}; return p }, "1 2 - 4 5 6 7"},
		"a hole":                    {func(p []Point) []Point { return append(p[:2:2], p[4:]...) }, "5 6 7"},
		"nothing":                   {func(p []Point) []Point { return nil }, ""},
		"nothing settled": {func(p []Point) []Point {
			for k := range p {
				p[k].Settled = false
			}
			return p
		}, ""},
	} {
		other := *r
		other.Series = c.change(slices.Clone(r.Series))
		if got := points(evaluateWith(&other, kpi.Evaluation{Date: date("2014-03-01")}, nil).Treated, values); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// By hand: a rate that grows by one percent a month and is a fifth lower from the start on.
func TestEvaluationOfCounts(t *testing.T) {
	growing := func(k int) float64 {
		v := math.Pow(1.01, float64(k))
		if k >= 12 {
			v *= 0.8
		}
		return v
	}
	rate := kpi.Measure{Kind: kpi.MeasureRate, Times: 1000}
	var pairs []float64
	for k := range 24 {
		residents := float64(10_000 + 500*k)
		pairs = append(pairs, residents*growing(k)/100, residents)
	}
	e := kpi.Evaluation{Date: date("2015-01-01"), Method: kpi.EvaluateCounts}
	for name, r := range map[string]*Result{
		"count": evaluated(kpi.Measure{Kind: kpi.MeasureCount}, map[string][]kpi.Observation{"": valued(made(24, func(k int) float64 { return 10 * growing(k) })...)}),
		"rate":  evaluated(rate, map[string][]kpi.Observation{"": outOf(rate, pairs...)}),
	} {
		a := evaluateWith(r, e, nil)
		if a.State != "answered" || a.Before != 12 || a.After != 12 || a.Dispersion == nil || len(a.Effects) != 1 {
			t.Fatalf("%s: %+v", name, a)
		}
		ratio := effectNamed(t, a, "rate_ratio")
		if math.Abs(ratio.Size-0.8) > 1e-9 || ratio.Low != nil {
			t.Errorf("%s: %+v", name, ratio)
		}
		for k, p := range a.Treated {
			if math.Abs(*p.Fitted-*p.Value) > 1e-6 || k >= 12 && math.Abs(*p.Counterfactual-*p.Value/0.8) > 1e-6 || k < 12 && p.Counterfactual != nil {
				t.Errorf("%s: %+v", name, p)
			}
		}
	}
}

// The limits of counts are those of the regression of package stats, with and without a season.
func TestEvaluationOfCountsHasLimits(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	counts := made(60, func(k int) float64 {
		return math.Round(200 + 40*math.Sin(2*math.Pi*float64(k)/12) + 15*random.NormFloat64() - 30*float64(k/36))
	})
	counts[7] = math.NaN()
	r := evaluated(kpi.Measure{Kind: kpi.MeasureCount}, map[string][]kpi.Observation{"": valued(counts...)})
	for _, seasonal := range []bool{false, true} {
		in, season := stats.Interruption{Start: 36, NoSlope: true}, ""
		if seasonal {
			in.Season, season = stats.Season{Period: 12, Harmonics: 2}, "harmonics"
		}
		fit, err := stats.CountsRegression(counts, nil, in, false)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := fit.EffectAt(0, 0.95)
		a := evaluateWith(r, kpi.Evaluation{Date: date("2017-01-01"), Method: kpi.EvaluateCounts, Seasonal: seasonal}, nil)
		got := effectNamed(t, a, "rate_ratio")
		if !closeTo(got.Size, want.Value) || !closeTo(*got.Low, want.Lower) || !closeTo(*got.High, want.Upper) || *got.P >= 1 || a.Season != season || !closeTo(*a.Dispersion, fit.Dispersion) || a.Before != 35 || a.Warnings != nil {
			t.Errorf("%+v: %+v, want %+v", a, got, want)
		}
		if rate, _ := fit.RateWithout(40); !closeTo(*a.Treated[40].Counterfactual, rate) || a.Treated[7].Value != nil || a.Treated[7].Fitted == nil {
			t.Errorf("%+v", a.Treated[40])
		}
	}
}

// The season is that of the year, of days that of the week; a year has none.
func TestEvaluationOfSeasons(t *testing.T) {
	for _, c := range []struct {
		kind   kpi.PeriodKind
		first  string
		length int
		period int
		pairs  int
		season string
	}{
		{kpi.Month, "2010-01-01", 60, 12, 2, "harmonics"},
		{kpi.Quarter, "2010-01-01", 24, 4, 2, "harmonics"},
		{kpi.Week, "2012-01-02", 150, 52, 2, "harmonics"},
		{kpi.Day, "2014-01-01", 120, 7, 3, "harmonics"},
		{kpi.Year, "1970-01-01", 20, 0, 0, ""},
	} {
		random := rand.New(rand.NewPCG(8, 8))
		list := made(c.length, func(int) float64 { return 50 + random.NormFloat64() })
		half := c.length / 2
		fit, err := stats.SegmentedRegression(list, stats.Interruption{Start: half, Season: stats.Season{Period: c.period, Harmonics: c.pairs}}, stats.HAC{Lag: stats.AutoLag})
		if err != nil {
			t.Fatal(err)
		}
		r := evaluatedBy(kpi.Measure{Kind: kpi.MeasureMedian}, c.kind, date(c.first), map[string][]kpi.Observation{"": valued(list...)})
		a := evaluateWith(r, kpi.Evaluation{Date: r.Series[half].Period.First, Seasonal: true}, nil)
		low, _, _ := fit.Level.Limits(0.95)
		if got := effectNamed(t, a, "level"); a.Season != c.season || a.Lag != fit.Lag || !closeTo(got.Size, fit.Level.Value) || !closeTo(*got.Low, low) {
			t.Errorf("%s: %+v, want %+v", c.kind, a, fit.Level)
		}
		if short := slices.Contains(a.Warnings, EvaluationShort); short != (c.length < 60) {
			t.Errorf("%s: warnings %v of %d values", c.kind, a.Warnings, c.length)
		}
	}
}

// Why there is no answer.
func TestEvaluationStates(t *testing.T) {
	few := func(n int) *Result {
		return evaluated(kpi.Measure{Kind: kpi.MeasureCount}, map[string][]kpi.Observation{
			"": valued(made(n, func(k int) float64 { return float64(k % 3) })...), "a": valued(made(n, func(k int) float64 { return 1 })...), "b": valued(made(n, func(k int) float64 { return 1 })...),
		})
	}
	negative := evaluated(kpi.Measure{Kind: kpi.MeasureSum}, map[string][]kpi.Observation{"": valued(made(24, func(k int) float64 { return float64(k - 3) })...)})
	zero := evaluated(kpi.Measure{Kind: kpi.MeasureSum}, map[string][]kpi.Observation{"": valued(make([]float64, 24)...)})
	median := evaluated(kpi.Measure{Kind: kpi.MeasureMedian}, map[string][]kpi.Observation{"": valued(make([]float64, 24)...)})
	parted := evaluated(kpi.Measure{Kind: kpi.MeasureMedian}, map[string][]kpi.Observation{
		"": valued(1, 1, 1, 1), "a": valued(1, 1, math.NaN(), math.NaN()), "b": valued(math.NaN(), math.NaN(), 1, 1), "c": valued(1, 1, 1, 1),
	})
	where := func(e kpi.Evaluation, where, compared string) kpi.Evaluation {
		e.Method, e.Dimension, e.Where, e.ComparedTo = kpi.EvaluateDifferences, kpi.DimensionDistrict, strings.Fields(where), strings.Fields(compared)
		return e
	}
	from := func(day string, method kpi.EvaluationMethod) kpi.Evaluation {
		return kpi.Evaluation{Date: date(day), Method: method}
	}
	seasonal := from("2014-12-01", kpi.EvaluateSegments)
	seasonal.Seasonal = true
	for _, c := range []struct {
		name string
		r    *Result
		e    kpi.Evaluation
		want string
	}{
		{"seven months before", few(20), from("2014-08-01", kpi.EvaluateSegments), "too_few_before"},
		{"eight months before", few(20), from("2014-09-01", kpi.EvaluateSegments), "answered"},
		{"seven months after", few(15), from("2014-09-01", kpi.EvaluateSegments), "too_few_after"},
		{"eight months after", few(16), from("2014-09-01", kpi.EvaluateCounts), "answered"},
		{"counts, seven months after", few(15), from("2014-09-01", kpi.EvaluateCounts), "too_few_after"},
		{"a day to come", few(20), from("2030-09-01", kpi.EvaluateSegments), "too_few_after"},
		{"a season of eleven months", few(30), seasonal, "too_few_before"},
		{"no data", few(0), from("2014-09-01", kpi.EvaluateSegments), "too_few_before"},
		{"negative counts", negative, from("2015-01-01", kpi.EvaluateCounts), "not_fitted"},
		{"no counts", zero, from("2015-01-01", kpi.EvaluateCounts), "not_fitted"},
		{"a median as a count", median, from("2015-01-01", kpi.EvaluateCounts), "not_fitted"},
		{"all the same", zero, from("2015-01-01", kpi.EvaluateSegments), "answered"},
		{"without a method", few(20), from("2014-09-01", ""), "answered"},
		{"nobody to compare with", few(20), where(from("2014-09-01", ""), "a", ""), "no_comparison"},
		{"nobody who did it", few(20), where(from("2014-09-01", ""), "", "b"), "no_comparison"},
		{"nobody knows them", few(20), where(from("2014-09-01", ""), "a", "c"), "no_comparison"},
		{"one who has nothing after, one who has nothing before", parted, where(from("2014-03-01", ""), "a b", "c"), "no_comparison"},
		{"one month before", few(20), where(from("2014-02-01", ""), "a", "b"), "too_few_before"},
		{"two months before", few(20), where(from("2014-03-01", ""), "a", "b"), "answered"},
		{"nothing after", few(8), where(from("2014-09-01", ""), "a", "b"), "too_few_after"},
	} {
		a := evaluateWith(c.r, c.e, nil)
		if a.State != c.want || (len(a.Effects) > 0) != (c.want == "answered") || !slices.Contains(EvaluationStates, a.State) {
			t.Errorf("%s: %+v, want %s", c.name, a, c.want)
		}
		for _, e := range a.Effects {
			if !slices.Contains(EffectNames, e.Name) {
				t.Errorf("%s: the effect %s has no name", c.name, e.Name)
			}
		}
		if c.want != "answered" && points(a.Treated, fitted) != strings.TrimSpace(strings.Repeat("- ", len(a.Treated))) {
			t.Errorf("%s: lines without an answer", c.name)
		}
	}
}

var evaluatedMeasures = []kpi.Measure{{Kind: kpi.MeasureShare}, {Kind: kpi.MeasureCount}, {Kind: kpi.MeasureMean}, {Kind: kpi.MeasureLast}}

// Values in another unit give effects in it, and the order of members changes nothing.
func TestEvaluationProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for n := range 40 {
		m := evaluatedMeasures[n%len(evaluatedMeasures)]
		r := somewhere(random, m)
		for _, method := range kpi.EvaluationMethods {
			if m.Kind == kpi.MeasureMean && method == kpi.EvaluateCounts {
				continue
			}
			e := kpi.Evaluation{Date: date("2015-07-01"), Dimension: kpi.DimensionDistrict, Where: []string{"a", "b"}, ComparedTo: []string{"c", "d", "e"}, Method: method}
			a := evaluateWith(r, e, nil)
			if a.State != "answered" {
				t.Fatalf("%+v", a)
			}
			turned := e
			turned.Where, turned.ComparedTo = []string{"b", "a"}, []string{"e", "c", "d"}
			other := evaluateWith(r, turned, nil)
			large := *r
			large.Series, large.Members = slices.Clone(r.Series), slices.Clone(r.Members)
			for k := range large.Members {
				large.Members[k].Series = slices.Clone(r.Members[k].Series)
				for j := range large.Members[k].Series {
					o := &large.Members[k].Series[j]
					o.Numerator, o.Value = ptr(8**o.Numerator), ptr(8**o.Value)
				}
			}
			scaled := evaluateWith(&large, e, nil)
			for k, effect := range a.Effects {
				factor := 8.0
				if effect.Name == "rate_ratio" {
					factor = 1
				}
				if !closeTo(other.Effects[k].Size, effect.Size) || !closeTo(scaled.Effects[k].Size, factor*effect.Size) || !closeTo(*scaled.Effects[k].Low, factor**effect.Low) || !closeTo(*scaled.Effects[k].P, *effect.P) {
					t.Fatalf("%s: %+v, turned %+v, scaled %+v", m.Kind, effect, other.Effects[k], scaled.Effects[k])
				}
				if !(*effect.Low <= effect.Size && effect.Size <= *effect.High) || !(*effect.P >= 0 && *effect.P <= 1) {
					t.Fatalf("%+v", effect)
				}
			}
		}
	}
}

func FuzzEvaluation(f *testing.F) {
	f.Add(uint8(0), uint8(12), 40., 50., 18., 20., false)
	f.Add(uint8(1), uint8(9), 1e300, -1e300, 5e-324, math.Inf(1), true)
	f.Add(uint8(6), uint8(30), 1e308, 1e308, math.NaN(), 0., true)
	f.Fuzz(func(t *testing.T, kind, n uint8, a, b, c, d float64, seasonal bool) {
		m := evaluatedMeasures[int(kind)%len(evaluatedMeasures)]
		method := kpi.EvaluationMethods[int(kind)/len(evaluatedMeasures)%len(kpi.EvaluationMethods)]
		numbers := []float64{a, b, c, d, 1, a, d}
		series := map[string][]kpi.Observation{}
		for i, name := range []string{"", "a", "b", "c", "d"} {
			for k := range int(n % 64) {
				num, den, v := numbers[(k+i)%7], numbers[(k+2*i+1)%7], numbers[(k*k+i)%7]
				o := kpi.Observation{Version: 1, Numerator: &num, Denominator: &den, Value: &v, Rows: int64(k)}
				if k%11 == 5 {
					o.Value = nil
				}
				series[name] = append(series[name], o)
			}
		}
		r := evaluated(m, series)
		e := kpi.Evaluation{
			Date: date("2015-03-01"), Dimension: kpi.DimensionDistrict, Where: []string{"a", "b"}[:1+kind%2], ComparedTo: []string{"c", "d"}, Method: method, Seasonal: seasonal,
		}
		for _, hidden := range []func(string, string) bool{nil, func(member, period string) bool { return member == "a" && period > "2015-06" }} {
			got := evaluateWith(r, e, hidden)
			if _, err := json.Marshal(got); err != nil {
				t.Fatalf("%+v: %v", got, err)
			}
			if !slices.Contains(EvaluationStates, got.State) {
				t.Fatalf("%+v", got)
			}
		}
	})
}
