package kpi

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
)

// near12 compares with the tolerance that the published numbers were reproduced with.
func near12(a, b float64) bool { return math.Abs(a-b) <= 1e-12*math.Max(1, math.Abs(b)) }

// agree12 compares what may not be there.
func agree12(got, want *float64) bool {
	if got == nil || want == nil {
		return got == want
	}
	return near12(*got, *want)
}

func shown(v *float64) any {
	if v == nil {
		return "nothing"
	}
	return *v
}

// cell returns the number in a cell, or nil.
func cell(t testing.TB, s string) *float64 {
	t.Helper()
	if s == "" {
		return nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return &v
}

func readJSON(t testing.TB, name string, into any) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

// publishedSDG judges a published row again from its two endpoints.
func publishedSDG(t testing.TB, r map[string]string) OpenSDGResult {
	o := OpenSDGOptions{Direction: Up, Target: cell(t, r["target"]), Limit: cell(t, r["limit"])}
	if r["direction"] == "-1" {
		o.Direction = Down
	}
	for column, into := range map[string]*int{"base_year": &o.BaseYear, "target_year": &o.TargetYear} {
		*into = int(*cell(t, r[column]))
	}
	var points []OpenSDGPoint
	if v := cell(t, r["base_value"]); v != nil {
		points = append(points, OpenSDGPoint{o.BaseYear, *v})
	}
	if v := cell(t, r["current_value"]); v != nil && r["current_year"] != r["base_year"] {
		points = append(points, OpenSDGPoint{int(*cell(t, r["current_year"])), *v})
	}
	return OpenSDG(points, o)
}

func TestOracleOpenSDGSeries(t *testing.T) {
	rows := readCSV(t, "statcan_gif_series.csv")
	if len(rows) != 247 {
		t.Fatalf("%d series", len(rows))
	}
	for _, r := range rows {
		got := publishedSDG(t, r)
		if got.Status.Label() != r["status"] || !agree12(got.Value, cell(t, r["progress_value"])) || !agree12(got.Score, cell(t, r["score"])) {
			t.Errorf("%s: %s, value %v, score %v; want %v", r["series"], got.Status, shown(got.Value), shown(got.Score), r)
		}
		if (got.Value == nil) != (got.Why != "") {
			t.Errorf("%s: value %v because %q", r["series"], shown(got.Value), got.Why)
		}
	}
}

func TestOracleOpenSDGEdges(t *testing.T) {
	var cases []struct {
		Name  string
		Input struct {
			Base        float64  `json:"base_value"`
			Current     float64  `json:"current_value"`
			BaseYear    int      `json:"base_year"`
			CurrentYear int      `json:"current_year"`
			Target      *float64 `json:"target"`
			TargetYear  int      `json:"target_year"`
			Direction   int      `json:"direction"`
			Limit       *float64 `json:"limit"`
		}
		Value  *float64 `json:"progress_value"`
		Status string
		Score  *float64
		C      float64 `json:"coefficient_C"`
	}
	readJSON(t, "statcan_edge_cases.json", &cases)
	if len(cases) != 11 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		o := OpenSDGOptions{Direction: Up, BaseYear: c.Input.BaseYear, Target: c.Input.Target, TargetYear: c.Input.TargetYear, Limit: c.Input.Limit}
		if c.Input.Direction < 0 {
			o.Direction = Down
		}
		points := []OpenSDGPoint{{c.Input.CurrentYear, c.Input.Current}}
		if c.Input.BaseYear != c.Input.CurrentYear {
			points = append(points, OpenSDGPoint{c.Input.BaseYear, c.Input.Base})
		}
		got := OpenSDG(points, o)
		if got.Status.Label() != c.Status || !agree12(got.Value, c.Value) || !agree12(got.Score, c.Score) || !near12(got.Coefficient, c.C) {
			t.Errorf("%s: %s, value %v, score %v, C %v; want %+v", c.Name, got.Status, shown(got.Value), shown(got.Score), got.Coefficient, c)
		}
	}
}

// sdgTree builds nodes from the published form of a tree: names of series and {"group": […]}.
func sdgTree(t testing.TB, tree []any, series map[string]OpenSDGResult) []OpenSDGNode {
	t.Helper()
	nodes := []OpenSDGNode{}
	for _, v := range tree {
		if group, ok := v.(map[string]any); ok {
			nodes = append(nodes, OpenSDGNode{Group: sdgTree(t, group["group"].([]any), series)})
			continue
		}
		s, ok := series[v.(string)]
		if !ok {
			t.Fatalf("there is no series %q", v)
		}
		nodes = append(nodes, OpenSDGNode{Series: s})
	}
	return nodes
}

func TestOracleOpenSDGRollUp(t *testing.T) {
	series, names := map[string]OpenSDGResult{}, map[string][]string{}
	for _, r := range readCSV(t, "statcan_gif_series.csv") {
		series[r["series"]] = publishedSDG(t, r)
		names[r["indicator"]] = append(names[r["indicator"]], r["series"])
	}
	var groups map[string]struct {
		Tree   []any `json:"options_tree"`
		Score  float64
		Status string
	}
	readJSON(t, "statcan_gif_groups.json", &groups)
	trees := map[string][]any{}
	for id, g := range groups {
		trees[id] = g.Tree
	}
	// Groups of two more, as their publisher has them (indicator-config/16-3-1.yml and 1-4-1.yml of the same commit). In the second the
	// proficiency in mathematics at the end of lower secondary stands twice.
	trees["16-3-1"] = []any{
		map[string]any{"group": []any{"16-3-1 / Physical violence / Physical assault", "16-3-1 / Physical violence / Robbery"}},
		"16-3-1 / Sexual violence / Sexual assault",
	}
	const education, mobility = "1-4-1 / Access to basic education / Total / ", "1-4-1 / Access to basic mobility / Canada / "
	const secondary = education + "Proportion of children and young people at the end of lower secondary achie..."
	trees["1-4-1"] = []any{
		"1-4-1 / Access to basic drinking water services", "1-4-1 / Access to basic sanitation services", "1-4-1 / Access to clean fuels and technology",
		map[string]any{"group": []any{
			mobility + "Proportion of population within 500 metres of a public transit stop",
			mobility + "Proportion of the rural population who live within 2 km of an all-season road",
		}},
		map[string]any{"group": []any{secondary, secondary, education + "Proportion of children in Grade 4 achieving at least a minimum proficiency ..."}},
		"1-4-1 / Access to basic information services / Proportion of population covered by Evolved High-Speed Packet Access (HS...",
	}
	// The names of the series of 4-5-1 are cut short, so that those of proficiency in mathematics and in reading are the same and the file holds
	// one of each two: 6 of the 12 scores in the mean are not in it.
	excluded := []string{"4-5-1"}
	checked, grouped, unscored := 0, 0, 0
	for _, r := range readCSV(t, "statcan_gif_indicator.csv") {
		id := r["indicator"]
		want := cell(t, r["score"])
		if slices.Contains(excluded, id) || want == nil && names[id] == nil {
			continue // an indicator without any series: its word, if there is one, was typed by a person
		}
		var nodes []OpenSDGNode
		if tree, ok := trees[id]; ok {
			nodes, grouped = sdgTree(t, tree, series), grouped+1
		} else {
			for _, name := range names[id] {
				nodes = append(nodes, OpenSDGNode{Series: series[name]})
			}
		}
		score, status := OpenSDGRollUp(nodes)
		if !agree12(score, want) || status.Label() != r["status"] {
			t.Errorf("%s: %v %s, want %s %s", id, shown(score), status, r["score"], r["status"])
		}
		checked++
		if want == nil {
			unscored++
		}
	}
	if checked-unscored != 115 || grouped != 4 || unscored != 21 {
		t.Errorf("%d indicators checked, %d of them with groups, %d without a score", checked, grouped, unscored)
	}
}

// The folds of the trajectory cases, and of a budget of 1,250,000 of which 1,180,000 were spent.
func TestOracleOpenSDGFolds(t *testing.T) {
	cases := readOracle(t).Ranges
	if len(cases) != 4 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		if got, ok := OpenSDGParity(c.Value); !ok || !near12(got, c.Fold) {
			t.Errorf("%v folds to %v %v, want %v", c.Value, got, ok, c.Fold)
		}
	}
	if got, ok := OpenSDGFold(1_180_000/1_250_000.0, 1); !ok || !near12(got, 1.056) {
		t.Errorf("a budget folds to %v %v", got, ok)
	}
	for _, y := range []float64{40, 60} {
		if got, ok := OpenSDGFold(y, 50); !ok || got != 60 {
			t.Errorf("%v folds at 50 to %v %v", y, got, ok)
		}
	}
	for _, y := range []float64{0, -1, math.NaN(), math.Inf(1), 1e-300, 1e300} {
		if got, ok := OpenSDGParity(y); ok {
			t.Errorf("%v folds to %v", y, got)
		}
	}
	if got, ok := OpenSDGFold(math.NaN(), 1); ok {
		t.Errorf("nothing folds to %v", got)
	}
}

func TestOpenSDGYears(t *testing.T) {
	for s, want := range map[string]int{"2015": 2015, "2015-16": 2015, "2015/2016": 2015, "2015–2016": 2015, "2015-2016": 2015} {
		if got, ok := OpenSDGYear(s); !ok || got != want {
			t.Errorf("%q: %d %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "15", "FY2015", "20156", "201506", "x"} {
		if got, ok := OpenSDGYear(s); ok {
			t.Errorf("%q is the year %d", s, got)
		}
	}
}

func TestOpenSDGRules(t *testing.T) {
	ten := []OpenSDGPoint{{2020, 20}, {2016, 12}, {2015, 10}, {2014, 9}, {2017, math.NaN()}, {2021, math.Inf(1)}}
	for _, c := range []struct {
		name   string
		points []OpenSDGPoint
		o      OpenSDGOptions
		base   int
		status OpenSDGStatus
		why    string
	}{
		{"the base year is there", ten, OpenSDGOptions{Direction: Up}, 2015, OpenSDGOnTrack, ""},
		{"the next year with a value", ten, OpenSDGOptions{Direction: Up, BaseYear: 2017}, 2020, OpenSDGNotAvailable, OpenSDGOnePoint},
		{"an earlier base year", ten, OpenSDGOptions{Direction: Up, BaseYear: 2010}, 2014, OpenSDGOnTrack, ""},
		{"no value since the base year", ten, OpenSDGOptions{Direction: Up, BaseYear: 2022}, 2022, OpenSDGNotAvailable, OpenSDGNoBase},
		{"no value", ten[4:], OpenSDGOptions{Direction: Up}, 2015, OpenSDGNotAvailable, OpenSDGNoData},
		{"nothing", nil, OpenSDGOptions{Direction: Down}, 2015, OpenSDGNotAvailable, OpenSDGNoData},
		{"a year twice", append(ten[:3:3], OpenSDGPoint{2016, 12}), OpenSDGOptions{Direction: Up}, 2015, OpenSDGNotAvailable, OpenSDGTwice},
		{"no direction", ten, OpenSDGOptions{}, 2015, OpenSDGNotAvailable, OpenSDGNoDirection},
		{"a range", ten, OpenSDGOptions{Direction: Range}, 2015, OpenSDGNotAvailable, OpenSDGNoDirection},
		{"a target that is not one", ten, OpenSDGOptions{Direction: Up, Target: ptr(math.NaN())}, 2015, OpenSDGNotAvailable, OpenSDGUnusable},
		{"a target on the other side of zero", ten, OpenSDGOptions{Direction: Down, Target: ptr(-5)}, 2015, OpenSDGNotAvailable, OpenSDGSignChange},
		{"a target for the base year", ten, OpenSDGOptions{Direction: Up, Target: ptr(30), TargetYear: 2015}, 2015, OpenSDGNotAvailable, OpenSDGNoTime},
		{"met in the only year", ten[:1], OpenSDGOptions{Direction: Up, Target: ptr(20)}, 2020, OpenSDGAchieved, OpenSDGOnePoint},
		{"the base was the target", ten, OpenSDGOptions{Direction: Up, Target: ptr(10)}, 2015, OpenSDGAchieved, OpenSDGNoWay},
		{"the base was the target, and it is missed", ten, OpenSDGOptions{Direction: Down, Target: ptr(10)}, 2015, OpenSDGNotAvailable, OpenSDGNoWay},
		{"zero is 0.001", []OpenSDGPoint{{2015, 5}, {2020, 0.0005}}, OpenSDGOptions{Direction: Down, Target: ptr(0)}, 2015, OpenSDGAchieved, ""},
		{"a base of zero", []OpenSDGPoint{{2015, 0}, {2020, 0.001}}, OpenSDGOptions{Direction: Up}, 2015, OpenSDGLimited, ""},
		{"down to zero", []OpenSDGPoint{{2015, 5}, {2020, 0}}, OpenSDGOptions{Direction: Down}, 2015, OpenSDGOnTrack, ""},
		{"a limit that is not one", ten, OpenSDGOptions{Direction: Up, Limit: ptr(math.Inf(1))}, 2015, OpenSDGOnTrack, ""},
		{"too large", []OpenSDGPoint{{2015, 1e-300}, {2016, 1e100}}, OpenSDGOptions{Direction: Up}, 2015, OpenSDGNotAvailable, OpenSDGUnusable},
	} {
		got := OpenSDG(c.points, c.o)
		if got.BaseYear != c.base || got.Status != c.status || got.Why != c.why {
			t.Errorf("%s: %+v, want %d %s %q", c.name, got, c.base, c.status, c.why)
		}
	}
	for _, s := range OpenSDGStatuses {
		if s.Label() == "" || s.Status() == "" {
			t.Errorf("%s has no other words", s)
		}
	}
	if score, status := OpenSDGRollUp([]OpenSDGNode{{Group: []OpenSDGNode{}}, {}}); score != nil || status != OpenSDGNotAvailable {
		t.Errorf("of nothing: %v %s", score, status)
	}
}

// Whatever the input: no panic, nothing that is not finite, a score within its range, in the band of its status, that never falls when the
// newest value gets better.
func FuzzOpenSDG(f *testing.F) {
	f.Add(10.0, 20.0, 30.0, 5, true, uint8(1), 100.0)
	f.Add(0.0, 5.0, 50.0, 5, true, uint8(0), 0.0)
	f.Add(-10.0, -8.0, -1.0, 1, false, uint8(3), -100.0)
	f.Add(1e300, math.NaN(), math.Inf(-1), 0, false, uint8(2), 1e-300)
	f.Add(97.0, 97.8, 100.0, 5, true, uint8(2), 100.0)
	f.Fuzz(func(t *testing.T, base, current, target float64, years int, up bool, use uint8, limit float64) {
		o := OpenSDGOptions{Direction: Down}
		better := math.Nextafter(current-math.Abs(current)/100, math.Inf(-1))
		if up {
			o.Direction, better = Up, math.Nextafter(current+math.Abs(current)/100, math.Inf(1))
		}
		if use&1 == 1 {
			o.Target = &target
		}
		if use&2 == 2 {
			o.Limit = &limit
		}
		judged := func(v float64) OpenSDGResult {
			return OpenSDG([]OpenSDGPoint{{2015, base}, {2015 + years%100, v}}, o)
		}
		got := judged(current)
		for _, v := range []*float64{got.Base, got.Current, got.Value, got.Score, &got.Coefficient} {
			if v != nil && !usable(*v) {
				t.Fatalf("%+v", got)
			}
		}
		if (got.Value == nil) != (got.Why != "") || (got.Score == nil) != (got.Status == OpenSDGNotAvailable) || got.Coefficient < 0 || got.Coefficient > 1 {
			t.Fatalf("%+v", got)
		}
		if got.Score == nil {
			return
		}
		floor := map[OpenSDGStatus]float64{OpenSDGAchieved: 5, OpenSDGOnTrack: 2.5, OpenSDGAcceleration: 0, OpenSDGLimited: -2.5, OpenSDGDeterioration: -5}[got.Status]
		if *got.Score < floor-1e-4 || *got.Score > 5 { // the factors of the score have five digits
			t.Fatalf("%s with a score of %v", got.Status, *got.Score)
		}
		if after := judged(better); after.Score != nil && *after.Score < *got.Score-1e-9 {
			t.Fatalf("%v scores %v, the better %v %v", current, *got.Score, better, *after.Score)
		}
	})
}
