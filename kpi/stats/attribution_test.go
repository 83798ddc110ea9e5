package stats

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// readExpected reads a JSON file of testdata.
func readExpected(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

// plainRecords reads a CSV of testdata as maps from column to field.
func plainRecords(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, column := range rows[0] {
			m[column] = row[i]
		}
		list = append(list, m)
	}
	return list
}

// matches fails unless got is want to 1e-9, relative to the larger of the two and of scale.
func matches(t *testing.T, what string, got, want, scale float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*max(math.Abs(got), math.Abs(want), math.Abs(scale))) {
		t.Errorf("%s: %.17g, want %.17g", what, got, want)
	}
}

func total(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum
}

// mixCase is one case of the reference whose groups have weights and rates, or counts.
type mixCase struct {
	Groups []struct {
		W0, W1, R0, R1, N0, X0, N1, X1 float64
		RateEffect                     float64 `json:"rate_effect"`
		MixEffect                      float64 `json:"mix_effect"`
	}
	SumRate    float64   `json:"sum_rate_effect"`
	SumMix     float64   `json:"sum_mix_effect"`
	Difference float64   `json:"difference"`
	Centred    []float64 `json:"mix_centred"`
	Three      ThreePart `json:"three_part"`
	Rate0      float64   `json:"rate0"`
	Rate1      float64   `json:"rate1"`
	TotalRate  float64   `json:"rate_effect_total"`
	TotalMix   float64   `json:"mix_effect_total"`
}

func TestKitagawaAgainstReference(t *testing.T) {
	var all map[string]json.RawMessage
	readExpected(t, "dasgupta_kitagawa.json", &all)
	var c mixCase
	if err := json.Unmarshal(all["5.1_groups"], &c); err != nil {
		t.Fatal(err)
	}
	var groups []MixGroup
	for _, g := range c.Groups {
		groups = append(groups, MixGroup{Weight0: g.W0, Weight1: g.W1, Rate0: g.R0, Rate1: g.R1})
	}
	m := Kitagawa(groups)
	if !m.Known || len(groups) != 13 || len(c.Centred) != 13 {
		t.Fatalf("%d groups, %+v", len(groups), m)
	}
	for i, g := range c.Groups {
		matches(t, "rate effect", m.Groups[i].Rate, g.RateEffect, 0)
		matches(t, "mix as it is", m.Groups[i].MixAsIs, g.MixEffect, 1e-3) // a group whose share did not change has an effect of 0
		matches(t, "mix centred", m.Groups[i].Mix, c.Centred[i], 1e-3)
	}
	matches(t, "rate", m.RateEffect, c.SumRate, 0)
	matches(t, "mix", m.MixEffect, c.SumMix, 0)
	matches(t, "difference", m.Rate1-m.Rate0, c.Difference, 0)
	b, ok := BaseWeighted(groups)
	if !ok {
		t.Fatal("no three parts")
	}
	matches(t, "base rate", b.Rate, c.Three.Rate, 0)
	matches(t, "base mix", b.Mix, c.Three.Mix, 0)
	matches(t, "interaction", b.Interaction, c.Three.Interaction, 0)
}

// The city's departments: each but one got better or stayed, and the whole got worse.
func TestKitagawaOfCounts(t *testing.T) {
	var all map[string]json.RawMessage
	readExpected(t, "dasgupta_kitagawa.json", &all)
	var c mixCase
	if err := json.Unmarshal(all["own_city_ontime"], &c); err != nil {
		t.Fatal(err)
	}
	var x0, n0, x1, n1 []float64
	for _, g := range c.Groups {
		x0, n0, x1, n1 = append(x0, g.X0), append(n0, g.N0), append(x1, g.X1), append(n1, g.N1)
	}
	groups, ok := RateGroups(x0, n0, x1, n1)
	m := Kitagawa(groups)
	if !ok || !m.Known || len(c.Groups) != 3 {
		t.Fatalf("%+v", m)
	}
	for i, g := range c.Groups {
		matches(t, "rate effect", m.Groups[i].Rate, g.RateEffect, 0)
		matches(t, "mix as it is", m.Groups[i].MixAsIs, g.MixEffect, 0)
	}
	matches(t, "rate 0", m.Rate0, c.Rate0, 0)
	matches(t, "rate 1", m.Rate1, c.Rate1, 0)
	matches(t, "rate effect", m.RateEffect, c.TotalRate, 0)
	matches(t, "mix effect", m.MixEffect, c.TotalMix, 0)
	if m.RateEffect <= 0 || m.MixEffect >= 0 || m.Rate1 >= m.Rate0 {
		t.Errorf("the reversal is not seen: %+v", m)
	}
}

// randomGroups are n groups, some of which are there in one period only.
func randomGroups(r *rand.Rand, n int) []MixGroup {
	groups := make([]MixGroup, n)
	for i := range groups {
		groups[i] = MixGroup{Weight0: 0.1 + r.Float64(), Weight1: 0.1 + r.Float64(), Rate0: r.NormFloat64(), Rate1: r.NormFloat64()}
		switch r.IntN(8) {
		case 0:
			groups[i].Weight0 = 0
		case 1:
			groups[i].Weight1, groups[i].Rate1 = 5, math.NaN()
		}
	}
	groups[0] = MixGroup{Weight0: 1, Weight1: 1, Rate0: 2, Rate1: 3}
	return groups
}

func TestKitagawaAddsUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		groups := randomGroups(r, 1+r.IntN(12))
		m := Kitagawa(groups)
		if !m.Known {
			t.Fatalf("not known: %+v", groups)
		}
		matches(t, "all", m.RateEffect+m.MixEffect, m.Rate1-m.Rate0, 1)
		var rate, mix, asIs, whole float64
		back := make([]MixGroup, len(groups))
		for i, g := range m.Groups {
			rate, mix, asIs, whole = rate+g.Rate, mix+g.Mix, asIs+g.MixAsIs, whole+g.Total()
			if (g.Entered || g.Left) && g.Rate != 0 {
				t.Errorf("a group in one period has a rate effect: %+v", g)
			}
			back[i] = MixGroup{Weight0: groups[i].Weight1, Weight1: groups[i].Weight0, Rate0: groups[i].Rate1, Rate1: groups[i].Rate0}
		}
		matches(t, "rate", rate, m.RateEffect, 1)
		matches(t, "mix", mix, m.MixEffect, 1)
		matches(t, "mix as it is", asIs, m.MixEffect, 1)
		matches(t, "groups", whole, m.Rate1-m.Rate0, 1)
		matches(t, "backwards", Kitagawa(back).RateEffect, -m.RateEffect, 1)
	}
}

func TestKitagawaEdges(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	// A group that appears with the overall rate changes nothing; one that vanishes leaves what it held.
	m := Kitagawa([]MixGroup{{Weight0: 10, Weight1: 10, Rate0: 0.5, Rate1: 0.5}, {Weight0: 0, Weight1: 10, Rate0: nan, Rate1: 0.5}})
	if !m.Known || !m.Groups[1].Entered || m.RateEffect != 0 || m.MixEffect != 0 {
		t.Errorf("a group like the others appears: %+v", m)
	}
	m = Kitagawa([]MixGroup{{Weight0: 5, Weight1: 5, Rate0: 0.4, Rate1: 0.5}, {Weight0: 5, Weight1: nan, Rate0: 0.8, Rate1: 0.8}})
	if !m.Known || !m.Groups[1].Left || m.Groups[1].Rate != 0 {
		t.Errorf("a group vanishes: %+v", m)
	}
	matches(t, "mix of the vanished", m.Groups[1].MixAsIs, -0.4, 0)
	matches(t, "rate of the rest", m.RateEffect, 0.1*0.75, 0)
	for name, groups := range map[string][]MixGroup{
		"none":            nil,
		"negative weight": {{Weight0: -1, Weight1: 1}, {Weight0: 2, Weight1: 1}},
		"nothing before":  {{Weight0: 0, Weight1: 1, Rate1: 1}},
		"nothing after":   {{Weight0: 1, Weight1: inf, Rate1: 1}},
		"too large":       {{Weight0: 1, Weight1: 1, Rate0: -math.MaxFloat64, Rate1: math.MaxFloat64}},
	} {
		if m := Kitagawa(groups); m.Known || m.Groups != nil || m.Rate0 != 0 {
			t.Errorf("%s: %+v", name, m)
		}
		if b, ok := BaseWeighted(groups); ok || b != (ThreePart{}) {
			t.Errorf("%s: %+v", name, b)
		}
	}
	if _, ok := RateGroups([]float64{1}, nil, nil, nil); ok {
		t.Error("slices of different length make groups")
	}
	if g, ok := RateGroups([]float64{0}, []float64{0}, []float64{1}, []float64{4}); !ok || finite(g[0].Rate0) || g[0].Rate1 != 0.25 {
		t.Errorf("%+v", g)
	}
	if _, ok := BaseWeighted([]MixGroup{{Weight0: 1, Weight1: 1}, {Weight1: 1}}); ok {
		t.Error("three parts with a group that appears")
	}
	huge, tiny := Kitagawa([]MixGroup{{1e300, 1e300, 1, 2}, {1e300, 3e300, 4, 4}}), Kitagawa([]MixGroup{{1e-320, 1e-320, 1, 2}, {1e-320, 3e-320, 4, 4}})
	matches(t, "huge weights", huge.RateEffect, 0.375, 0)
	if !tiny.Known {
		t.Error("tiny weights have no result")
	}
}

func TestContributions(t *testing.T) {
	a := Contributions([]float64{60, 40, 0}, []float64{66, 30, 14})
	if !a.Known || a.Total0 != 100 || a.Total1 != 110 || !slices.Equal(a.Points, []float64{6, -10, 14}) {
		t.Fatalf("%+v", a)
	}
	for i, want := range []float64{0.06, -0.10, 0.14} {
		matches(t, "share", a.Shares[i], want, 0)
	}
	matches(t, "growth", total(a.Shares), 0.10, 0)
	if got := LargestEffects(a.Shares, 3); !slices.Equal(got, []int{2, 1, 0}) {
		t.Errorf("largest %v", got)
	}
	zero := Contributions([]float64{0, 0}, []float64{3, 4})
	if !zero.Known || zero.Shares != nil || total(zero.Points) != 7 {
		t.Errorf("from nothing: %+v", zero)
	}
	if cancel := Contributions([]float64{0.1, 0.2, -0.3}, []float64{1, 2, 3}); !cancel.Known || cancel.Shares != nil {
		t.Errorf("a total of rounding errors is divided by: %+v", cancel)
	}
	if a := Contributions([]float64{-100}, []float64{-50}); !a.Known || a.Shares[0] != -0.5 {
		t.Errorf("a deficit that halves shrinks by half: %+v", a)
	}
	for name, c := range map[string][2][]float64{
		"none": {}, "lengths": {{1}, {1, 2}}, "gap": {{1, math.NaN()}, {1, 2}}, "too large": {{1e308, 1e308}, {1, 2}}, "infinite": {{1}, {math.Inf(1)}},
	} {
		if a := Contributions(c[0], c[1]); a.Known || a.Points != nil {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestLargestEffects(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		effects []float64
		n       int
		want    []int
	}{
		{nil, 3, nil},
		{[]float64{0, nan, math.Inf(-1)}, 3, nil},
		{[]float64{1, -1, 2, 0, -3}, 3, []int{4, 2, 0}},
		{[]float64{1, 2}, 3, []int{1, 0}},
		{[]float64{1, 2}, -1, nil},
	} {
		if got := LargestEffects(c.effects, c.n); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.effects, got, c.want)
		}
	}
}

// FuzzKitagawa: no input panics, no result is NaN or infinite, and what is known adds up.
func FuzzKitagawa(f *testing.F) {
	f.Add(0.3, 0.7, 0.2, 0.4, 0.5, 0.5, 0.1, 0.9)
	f.Add(0.0, 1e300, math.NaN(), -1e300, 1e-300, 1.0, math.Inf(1), 0.0)
	f.Add(1.0, 0.0, 1.0, 1.0, 0.0, 1.0, -1.0, 1.0)
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h, i float64) {
		groups := []MixGroup{{a, b, c, d}, {e, g, h, i}, {b, a, i, h}}
		m := Kitagawa(groups)
		largest := math.Max(math.Abs(m.Rate0), math.Abs(m.Rate1))
		for k, x := range m.Groups {
			for _, v := range []float64{x.Rate, x.Mix, x.MixAsIs} {
				if !finite(v) {
					t.Fatalf("%+v: %+v", groups, m)
				}
				largest = math.Max(largest, math.Abs(v))
			}
			for _, r := range []float64{groups[k].Rate0, groups[k].Rate1} {
				if finite(r) {
					largest = math.Max(largest, math.Abs(r))
				}
			}
		}
		if m.Known && !(math.Abs(m.RateEffect+m.MixEffect-(m.Rate1-m.Rate0)) <= 1e-12*largest) {
			t.Fatalf("%+v does not add up: %+v", groups, m)
		}
		if b, ok := BaseWeighted(groups); ok && (!finite(b.Rate) || !finite(b.Mix) || !finite(b.Interaction)) {
			t.Fatalf("%+v", b)
		}
		before, after := []float64{a, c, e, h}, []float64{b, d, g, i}
		for _, v := range append(Contributions(before, after).Points, Contributions(before, after).Shares...) {
			if !finite(v) {
				t.Fatalf("%v to %v: %v", before, after, v)
			}
		}
	})
}

func BenchmarkKitagawa(b *testing.B) {
	groups := randomGroups(rand.New(rand.NewPCG(1, 2)), 25)
	b.ReportAllocs()
	for b.Loop() {
		Kitagawa(groups)
	}
}
