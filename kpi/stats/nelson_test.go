package stats

import (
	"math"
	"slices"
	"testing"
)

// nelsonCase is a series of the reference with the points that complete each rule.
type nelsonCase struct {
	Name   string           `json:"name"`
	Rule   int              `json:"rule"`
	Series []float64        `json:"series"`
	Z      []float64        `json:"z"`
	Mean   float64          `json:"mean"`
	SD     float64          `json:"sd_n_minus_1"`
	Starts []int            `json:"expected_start_1based"`
	Flags  map[string][]int `json:"flag_last_point_0based"`
}

// flagged lists the points that complete a rule.
func flagged(marks []ZoneMarks, rule int) []int {
	list := []int{}
	for i, m := range marks {
		if m.Has(rule) {
			list = append(list, i)
		}
	}
	return list
}

func TestNelsonAgainstReference(t *testing.T) {
	var file struct {
		Published []nelsonCase `json:"published_NelsonRules_jl"`
		Own       []nelsonCase `json:"own_patterns"`
	}
	fromJSON(t, "nelson_rules.json", &file)
	if len(file.Published) != 9 || len(file.Own) != 14 {
		t.Errorf("%d published series and %d patterns, want 9 and 14", len(file.Published), len(file.Own))
	}
	points := []int{0, 1, 9, 6, 14, 3, 5, 15, 8}
	for _, c := range file.Published {
		marks := Nelson(c.Series, c.Mean, c.SD)
		checkNelson(t, c, marks)
		// NelsonRules.jl's own rule 8 asks only that no point be within one standard deviation, so its series for it is one long shift, on
		// one side; Nelson asks for points on both sides. Its row for rule 8 (starts 19 and 20) is left out.
		if c.Rule == 8 {
			if got := flagged(marks, 8); len(got) != 0 {
				t.Errorf("rule 8 on one side: %v", got)
			}
			continue
		}
		for _, start := range c.Starts {
			if last := start - 1 + points[c.Rule] - 1; !marks[last].Has(c.Rule) {
				t.Errorf("published series of rule %d: no mark at %d, where the pattern from %d ends", c.Rule, last, start)
			}
		}
	}
	for _, c := range file.Own {
		checkNelson(t, c, Nelson(c.Z, 0, 1))
		scaled := make([]float64, len(c.Z))
		for i, z := range c.Z {
			scaled[i] = 1e6 + 250*z
		}
		checkNelson(t, c, Nelson(scaled, 1e6, 250))
	}
}

func checkNelson(t *testing.T, c nelsonCase, marks []ZoneMarks) {
	t.Helper()
	for rule := 1; rule <= 8; rule++ {
		if got, want := flagged(marks, rule), c.Flags[string(rune('0'+rule))]; !slices.Equal(got, want) {
			t.Errorf("%s %d: rule %d at %v, want %v", c.Name, c.Rule, rule, got, want)
		}
	}
}

func TestWesternElectric(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		z    []float64
		want [4][]int
	}{
		"beyond 3":               {[]float64{0, 3.1, 0, -3.1, 3}, [4][]int{{1, 3}}},
		"2 of 3 beyond 2":        {[]float64{0, 2.1, 0, 2.2, -2.1, -2.3, 2.0}, [4][]int{nil, {3, 5, 6}}},
		"2 of 2 are not 2 of 3":  {[]float64{2.1, 2.2}, [4][]int{}},
		"4 of 5 beyond 1":        {[]float64{1.1, 1.2, 0, 1.3, 1.1, -2}, [4][]int{nil, nil, {4}}},
		"8 on one side":          {[]float64{.1, .2, .3, .4, .1, .2, .3, .1, .2}, [4][]int{nil, nil, nil, {7, 8}}},
		"7, then one on it":      {[]float64{.1, .2, .3, .4, .1, .2, .3, 0, .1}, [4][]int{}},
		"8 with gaps":            {[]float64{.1, .2, nan, .3, .4, .1, nan, .2, .3, .1}, [4][]int{nil, nil, nil, {9}}},
		"a point on a line":      {[]float64{3, -3, 3, -3}, [4][]int{nil, {2, 3}}},
		"no values":              {[]float64{nan, math.Inf(1)}, [4][]int{}},
		"nothing":                {nil, [4][]int{}},
		"beyond all with a gap":  {[]float64{3.5, nan}, [4][]int{{0}}},
		"both sides are no side": {[]float64{2.1, -2.1, 0, 1.1, -1.1}, [4][]int{}},
	} {
		marks := WesternElectric(c.z, 0, 1)
		for rule := 1; rule <= 4; rule++ {
			if got := flagged(marks, rule); !slices.Equal(got, c.want[rule-1]) {
				t.Errorf("%s: rule %d at %v, want %v", name, rule, got, c.want[rule-1])
			}
		}
	}
}

func TestZoneRulesEdges(t *testing.T) {
	constant := make([]float64, 20)
	for i := range constant {
		constant[i] = 0.1
	}
	for _, marks := range [][]ZoneMarks{Nelson(constant, 0.1, 0), Nelson(constant, 0.1, 1e-17), WesternElectric(constant, 0.1, 0)} {
		for i, m := range marks {
			if m != 0 {
				t.Errorf("a constant series breaks a rule at %d: %b", i, m)
			}
		}
	}
	if m := Nelson(constant, 0.1, 1); !m[14].Has(7) || m[13].Has(7) {
		t.Error("a constant series in a process with spread is within one standard deviation")
	}
	if m := Nelson([]float64{0.1, 0.2}, 0.1, 0); m[0] != 0 || !m[1].Has(1) {
		t.Errorf("where there was no spread, every change is one: %v", m)
	}
	for _, bad := range [][2]float64{{math.NaN(), 1}, {0, math.NaN()}, {math.Inf(1), 1}, {0, math.Inf(1)}, {0, -1}} {
		for _, m := range Nelson([]float64{100, 200, 300}, bad[0], bad[1]) {
			if m != 0 {
				t.Errorf("centre %v, deviation %v: %b", bad[0], bad[1], m)
			}
		}
	}
	if m := ZoneMarks(255); m.Has(0) || m.Has(9) || m.Has(-1) || !m.Has(8) {
		t.Error("there are rules 1 to 8")
	}
}

// FuzzNelson: no input panics; a series upside down, or with a gap put into it, has the same marks.
func FuzzNelson(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 255, 0, 0}, 5.0, 2.0, uint8(3))
	f.Add([]byte{128, 9, 128, 9, 128, 9, 128, 9, 128, 9, 128, 9, 128, 9, 128, 9}, 60.0, 0.0, uint8(0))
	f.Add([]byte{1, 2}, 1e308, 1e308, uint8(9))
	f.Fuzz(func(t *testing.T, raw []byte, center, sigma float64, gap uint8) {
		up, down := make([]float64, len(raw)), make([]float64, len(raw))
		for i, b := range raw {
			if up[i] = float64(b); b == 255 {
				up[i] = math.NaN()
			}
			down[i] = -up[i]
		}
		at := min(int(gap), len(up))
		gapped := slices.Insert(slices.Clone(up), at, math.NaN())
		for _, rules := range []func([]float64, float64, float64) []ZoneMarks{Nelson, WesternElectric} {
			a := rules(up, center, sigma)
			if b := rules(down, -center, sigma); !slices.Equal(a, b) {
				t.Fatalf("%b, upside down %b", a, b)
			}
			b := rules(gapped, center, sigma)
			if b[at] != 0 || !slices.Equal(a, slices.Delete(b, at, at+1)) {
				t.Fatalf("%b, with a gap at %d %b", a, at, b)
			}
		}
	})
}
