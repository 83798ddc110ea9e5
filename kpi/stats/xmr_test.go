package stats

import (
	"compress/gzip"
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"
)

// records reads a gzipped CSV of testdata as maps from column to field.
func records(t testing.TB, name string) []map[string]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
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

func number(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// series is one chart of the reference.
type series struct {
	id     string
	values []float64
	rows   []map[string]string
	rebase []int
}

func reference(t *testing.T) []*series {
	t.Helper()
	var list []*series
	index := map[string]*series{}
	for _, row := range records(t, "nhs_xmr_expected_points.csv.gz") {
		id := row["case"] + "/" + row["series"]
		s := index[id]
		if s == nil {
			s = &series{id: id}
			index[id] = s
			list = append(list, s)
		}
		if n := len(s.rows); n > 0 && s.rows[n-1]["rebase_group"] != row["rebase_group"] {
			s.rebase = append(s.rebase, n)
		}
		s.values = append(s.values, number(t, row["value"]))
		s.rows = append(s.rows, row)
	}
	return list
}

// options are those with which the reference drew the case.
func options(kase string, rebase []int) Options {
	o := Options{Screen: kase != "perf_increase_target80_noscreen", Rebase: rebase}
	if kase == "breaches_fix_after_12" {
		o.FixAfter = 12
	}
	return o
}

func higherIsBetter(kase string) bool {
	return kase != "breaches_decrease" && kase != "breaches_fix_after_12" && kase != "edge_decrease"
}

// label is the reference's name for a reading.
func label(p Point) string {
	up := p.Direction > 0
	pick := func(a, b string) string {
		if up {
			return a
		}
		return b
	}
	switch p.Rule {
	case RuleOutside:
		return pick("Above UCL", "Below LCL")
	case RuleTrend:
		return pick("7 Point Trend (Increasing)", "7 Point Trend (Decreasing)")
	case RuleTwoOfThree:
		return pick("2 in 3 Above CL", "2 in 3 Below CL")
	case RuleShift:
		return pick("7 Points Above CL", "7 Points Below CL")
	}
	return "Common Cause"
}

// kind is the reference's word for what a reading means.
func kind(p Point, higherIsBetter bool) string {
	switch {
	case p.Direction == 0:
		return "common_cause"
	case (p.Direction > 0) == higherIsBetter:
		return "special_cause_improvement"
	}
	return "special_cause_concern"
}

func same(a, b float64) bool {
	return math.Abs(a-b) <= 1e-9*math.Max(1e-9, math.Max(math.Abs(a), math.Abs(b)))
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func TestXmRAgainstReference(t *testing.T) {
	points := 0
	for _, s := range reference(t) {
		kase := s.rows[0]["case"]
		c := XmR(s.values, options(kase, s.rebase))
		for i, row := range s.rows {
			points++
			p, l := c.Points[i], c.Segments[c.Points[i].Segment].Limits
			if got := label(p); got != row["special_cause_type"] {
				t.Errorf("%s point %d: %s, want %s", s.id, i, got, row["special_cause_type"])
			}
			if got := kind(p, higherIsBetter(kase)); got != row["point_type"] {
				t.Errorf("%s point %d: %s, want %s", s.id, i, got, row["point_type"])
			}
			if row["lpl"] == "" {
				continue // a constant series and a single point: see TestXmREdges
			}
			if !l.Known || !same(l.Mean, number(t, row["mean"])) || !same(l.Lower, number(t, row["lpl"])) || !same(l.Upper, number(t, row["upl"])) {
				t.Errorf("%s point %d: limits %+v, want %s %s %s", s.id, i, l, row["mean"], row["lpl"], row["upl"])
			}
			if got := strconv.Itoa(p.Side); got != row["relative_to_mean"] {
				t.Errorf("%s point %d: side %s, want %s", s.id, i, got, row["relative_to_mean"])
			}
			if flag(p.Near) != row["close_to_limits"] || flag(p.Rule == RuleOutside) != row["outside_limits"] {
				t.Errorf("%s point %d: near %v rule %q, want close %s outside %s", s.id, i, p.Near, p.Rule, row["close_to_limits"], row["outside_limits"])
			}
		}
	}
	if points != 7598 {
		t.Errorf("%d points checked, want 7598", points)
	}
}

func TestXmRSummaries(t *testing.T) {
	charts := map[string]Chart{}
	targets := map[string]string{}
	for _, s := range reference(t) {
		charts[s.id] = XmR(s.values, options(s.rows[0]["case"], s.rebase))
		targets[s.id] = s.rows[0]["target"]
	}
	words := map[string]Assurance{"consistent_fail": NeverMeets, "consistent_pass": AlwaysMeets, "inconsistent": SometimesMeets}
	rows := records(t, "nhs_xmr_expected_summary.csv.gz")
	for _, row := range rows {
		id := row["case"] + "/" + row["series"]
		c := charts[id]
		_, last, ok := c.Last()
		if got := kind(last, higherIsBetter(row["case"])); !ok || got != row["variation_type"] {
			t.Errorf("%s: variation %s, want %s", id, got, row["variation_type"])
		}
		s := c.Segments[len(c.Segments)-1]
		if strconv.Itoa(s.Points) != row["n_last_group"] || strconv.Itoa(len(c.Points)) != row["n"] {
			t.Errorf("%s: %d points of %d, want %s of %s", id, s.Points, len(c.Points), row["n_last_group"], row["n"])
		}
		if row["assurance_type"] == "" || row["lpl"] == "" {
			continue
		}
		if got := Assure(s.Limits, number(t, targets[id]), higherIsBetter(row["case"])); got != words[row["assurance_type"]] {
			t.Errorf("%s: assurance %s, want %s", id, got, row["assurance_type"])
		}
	}
	if len(rows) != 228 {
		t.Errorf("%d summaries checked, want 228", len(rows))
	}
}

// The input file is the same series as the values in the expected points.
func TestInputIsWhatTheReferenceDrew(t *testing.T) {
	input := records(t, "nhs_xmr_input.csv.gz")
	want := records(t, "nhs_xmr_expected_points.csv.gz")
	if len(input) != len(want) {
		t.Fatalf("%d rows, want %d", len(input), len(want))
	}
	for i := range input {
		for _, column := range []string{"case", "series", "date"} {
			if input[i][column] != want[i][column] {
				t.Fatalf("row %d: %s %s, want %s", i, column, input[i][column], want[i][column])
			}
		}
		if !same(number(t, input[i]["value"]), number(t, want[i]["value"])) {
			t.Fatalf("row %d: value %s, want %s", i, input[i]["value"], want[i]["value"])
		}
	}
}

func TestXmREdges(t *testing.T) {
	constant := make([]float64, 15)
	for i := range constant {
		constant[i] = 0.1
	}
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		values []float64
		known  bool
		points int
	}{
		"none":           {nil, false, 0},
		"one":            {[]float64{4}, false, 1},
		"two":            {[]float64{4, 6}, true, 2},
		"constant":       {constant, true, 15},
		"only gaps":      {[]float64{nan, inf, -inf}, false, 0},
		"gaps":           {[]float64{nan, 4, nan, 6, inf}, true, 2},
		"too large":      {[]float64{math.MaxFloat64, -math.MaxFloat64, math.MaxFloat64}, false, 3},
		"one and a half": {[]float64{4, nan}, false, 1},
	} {
		chart := XmR(c.values, Options{Screen: true})
		if len(c.values) == 0 {
			if len(chart.Segments) != 0 {
				t.Errorf("%s: %+v", name, chart)
			}
			continue
		}
		s := chart.Segments[0]
		if s.Limits.Known != c.known || s.Points != c.points {
			t.Errorf("%s: limits %+v of %d points", name, s.Limits, s.Points)
		}
		for i, p := range chart.Points {
			if p.Rule != RuleNone || p.Valid != finite(c.values[i]) {
				t.Errorf("%s point %d: %+v", name, i, p)
			}
		}
	}
	l := XmR(constant, Options{Screen: true}).Segments[0].Limits
	if l.Mean != 0.1 || l.Lower != 0.1 || l.Upper != 0.1 {
		t.Errorf("limits of a constant series: %+v", l)
	}
	if got := Assure(l, 0.09, true); got != AlwaysMeets {
		t.Errorf("a constant 0.1 against 0.09: %s", got)
	}
	if got := Assure(Limits{}, 1, true); got != AssuranceNone {
		t.Errorf("without limits: %s", got)
	}
}

func TestRebaseIgnoresNonsense(t *testing.T) {
	values := []float64{1, 2, 3, 4, 5, 6}
	c := XmR(values, Options{Rebase: []int{0, 3, 3, 2, 99}})
	if len(c.Segments) != 2 || c.Segments[0].End != 3 || c.Segments[1].First != 3 || c.Segments[1].End != 6 {
		t.Errorf("segments %+v", c.Segments)
	}
}

// FuzzXmR: no input panics, no result is NaN or infinite, and adding a constant or another unit changes no reading that is not a
// matter of the last digit.
func FuzzXmR(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, 4, 0, true)
	f.Add([]byte{5, 5, 5, 5, 0, 255, 5, 5, 9, 9, 9, 9, 9, 9, 9}, 0, 6, false)
	f.Fuzz(func(t *testing.T, raw []byte, rebase, fix int, screen bool) {
		values := make([]float64, len(raw))
		scaled := make([]float64, len(raw))
		for i, b := range raw {
			switch b {
			case 255:
				values[i] = math.NaN()
			case 254:
				values[i] = math.Inf(-1)
			default:
				values[i] = float64(b) - 100
			}
			scaled[i] = values[i] * 1000
		}
		o := Options{Screen: screen, FixAfter: fix, Rebase: []int{rebase}}
		a, b := XmR(values, o), XmR(scaled, o)
		for i := range a.Points {
			if a.Points[i] != b.Points[i] {
				t.Fatalf("point %d: %+v, in other units %+v", i, a.Points[i], b.Points[i])
			}
		}
		for _, s := range a.Segments {
			for _, v := range []float64{s.Limits.Mean, s.Limits.Lower, s.Limits.Upper, s.Limits.NearLower, s.Limits.NearUpper, s.Limits.Range} {
				if !finite(v) {
					t.Fatalf("limits %+v", s.Limits)
				}
			}
		}
	})
}

// FuzzXmRFloats: floats of any size.
func FuzzXmRFloats(f *testing.F) {
	f.Add(1.0, -1e308, 1e308, math.Inf(1), math.NaN())
	f.Fuzz(func(t *testing.T, a, b, c, d, e float64) {
		chart := XmR([]float64{a, b, c, d, e, a, c, b, a, a}, Options{Screen: true})
		for _, s := range chart.Segments {
			if l := s.Limits; !finite(l.Mean) || !finite(l.Lower) || !finite(l.Upper) || !finite(l.NearLower) || !finite(l.NearUpper) {
				t.Fatalf("limits %+v", l)
			}
		}
	})
}
