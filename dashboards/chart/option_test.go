package chart

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// walk visits every value of a JSON tree with the key under which it stands.
func walk(v any, key string, visit func(key string, v any)) {
	visit(key, v)
	switch v := v.(type) {
	case map[string]any:
		for k, child := range v {
			walk(child, k, visit)
		}
	case []any:
		for _, child := range v {
			walk(child, key, visit)
		}
	}
}

func options(t *testing.T, f *Figure) (string, map[string]any) {
	t.Helper()
	b, err := f.Option()
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(b, &tree); err != nil {
		t.Fatal(err)
	}
	return string(b), tree
}

func TestOptionsArePlainAndNamed(t *testing.T) {
	for name, f := range cases(t) {
		text, tree := options(t, f)
		if strings.ContainsAny(text, "<>&") {
			t.Errorf("%s: the option holds < > or &, which a script element may not", name)
		}
		if tree["animation"] != false {
			t.Errorf("%s is animated", name)
		}
		label, _ := tree["aria"].(map[string]any)["label"].(map[string]any)
		if label["description"] != f.Finding {
			t.Errorf("%s is described as %v, want the finding", name, label["description"])
		}
		if tip, _ := tree["tooltip"].(map[string]any); tip["renderMode"] != "richText" || tip["formatter"] != "@shown" {
			t.Errorf("%s: tooltip %v", name, tip)
		}
		again, _ := options(t, f)
		if again != text {
			t.Errorf("%s: two options of one figure differ", name)
		}
	}
}

// Texts of a city stay text: neither markup, nor the marker that go-echarts runs, nor our own names have any meaning in them.
func TestHostileTextsInOptions(t *testing.T) {
	meaning := map[string]bool{"color": true, "borderColor": true, "areaColor": true, "backgroundColor": true, "formatter": true}
	for _, bad := range append(scorecardtest.HostileTexts(), attacks...) {
		r := normal(t)
		r.Indicator.Name = kpi.NewText(kpi.English, bad)
		city, members := squares(t, 4)
		members.Indicator.Name = r.Indicator.Name
		for i := range city.Districts {
			city.Districts[i].Name = kpi.NewText(kpi.English, bad)
		}
		en := printer(t, kpi.English)
		figures := append(furtherNamed(t, city, members, r, bad), Trend(en, "f", r), DistrictBars(en, "f", city, members, "2013-07"), DistrictMap(en, "f", city, members, "2013-07"))
		for _, f := range figures {
			text, tree := options(t, f)
			if strings.ContainsAny(text, "<>") {
				t.Errorf("%q: the option holds markup", bad)
			}
			found := false
			walk(tree, "", func(key string, v any) {
				s, ok := v.(string)
				if !ok {
					return
				}
				found = found || strings.Contains(s, strings.ToValidUTF8(bad, "\uFFFD"))
				if meaning[key] && !strings.HasPrefix(s, "@") && s != "{b}" {
					t.Errorf("%q: key %s holds the text %q", bad, key, s)
				}
			})
			if !found && bad != "" {
				t.Errorf("%q does not come through as it is", bad)
			}
			outline, err := f.Map()
			if err != nil || strings.ContainsAny(string(outline), "<>") {
				t.Errorf("%q: map %v", bad, err)
			}
		}
	}
}

// What is no number is a gap, everywhere.
func TestNotANumberIsAGap(t *testing.T) {
	r := months(t, 1, math.Inf(1), 3, math.Inf(-1), 5)
	r.Series[0].Expected = at(math.NaN())
	r.Assessment.Signal = kpi.Signal{Mean: at(1), Lower: at(math.Inf(-1)), Upper: at(math.NaN())}
	r.Assessment.Target = &kpi.Target{Value: math.Inf(1)}
	f := Trend(printer(t, kpi.English), "f", r)
	_, tree := options(t, f)
	data := tree["series"].([]any)[0].(map[string]any)["data"].([]any)
	if data[1] != "-" || data[3] != "-" || data[0].(map[string]any)["value"] != 1.0 {
		t.Errorf("data %v", data)
	}
	var buf bytes.Buffer
	if err := f.Table.WriteCSV(&buf); err != nil || strings.Contains(buf.String(), "Inf") || strings.Contains(buf.String(), "NaN") {
		t.Errorf("%v\n%s", err, buf.String())
	}
}

// The option, the table and the CSV hold the very numbers that went in.
func TestEveryFaceHasTheSameNumbers(t *testing.T) {
	r := normal(t)
	f := Trend(printer(t, kpi.Portuguese), "f", r)
	_, tree := options(t, f)
	data := tree["series"].([]any)[0].(map[string]any)["data"].([]any)
	records := readCSV(t, f.Table)
	if diff := cmp.Diff([]string{"period", "numerator", "denominator", "value", "adjusted", "expected", "mean", "lower", "upper", "rows", "excluded", "partial", "provisional", "suppressed"}, records[0]); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	for i, pt := range r.Series {
		o := pt.Observation
		cell := f.Table.Rows[i].Cells[3]
		if cmp.Diff(finite(o.Value), cell.Number) != "" || records[i+1][0] != o.Period {
			t.Errorf("%s: table %v, want %v", o.Period, cell.Number, o.Value)
		}
		if o.Value == nil {
			if data[i] != "-" || records[i+1][3] != "" || cell.Text != "sem valor" {
				t.Errorf("%s: a gap is %v in the option, %q in the file, %q on the page", o.Period, data[i], records[i+1][3], cell.Text)
			}
			continue
		}
		if data[i].(map[string]any)["value"] != *o.Value {
			t.Errorf("%s: option %v, want %v", o.Period, data[i], *o.Value)
		}
		if v, err := strconv.ParseFloat(records[i+1][3], 64); err != nil || v != *o.Value {
			t.Errorf("%s: file %q, want %v", o.Period, records[i+1][3], *o.Value)
		}
	}
	if got := f.Table.Rows[len(f.Table.Rows)-1].Mark; got != "período não terminado" {
		t.Errorf("the last period is marked %q", got)
	}
	if got := f.Table.Rows[16].Mark; got != "fora das variações habituais" {
		t.Errorf("the value outside is marked %q", got)
	}
}

func readCSV(t *testing.T, table Table) [][]string {
	t.Helper()
	var buf bytes.Buffer
	if err := table.WriteCSV(&buf); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&buf).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// Districts: the table has a row for every one, those without a value too, and rows without a district stand apart.
func TestDistrictTable(t *testing.T) {
	city, r := squares(t, 24)
	en := printer(t, kpi.English)
	bars, areas := DistrictBars(en, "b", city, r, "2013-07"), DistrictMap(en, "m", city, r, kpi.PeriodTotal)
	if len(bars.Table.Rows) != 26 || len(areas.Table.Rows) != 26 {
		t.Fatalf("%d and %d rows, want 24 districts and 2 apart", len(bars.Table.Rows), len(areas.Table.Rows))
	}
	records := readCSV(t, bars.Table)
	if diff := cmp.Diff([]string{"member", "member_name", "numerator", "denominator", "value", "low", "high", "rows", "excluded"}, records[0]); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	for i, row := range bars.Table.Rows {
		member := records[i+1][0]
		want := r.Observation("2013-07", kpi.DimensionDistrict, member)
		if row.Apart != (i >= 24) {
			t.Errorf("row %d, %s, stands apart: %v", i, member, row.Apart)
		}
		if want == nil {
			if records[i+1][4] != "" || row.Cells[4].Text != "no value" {
				t.Errorf("%s has the value %q", member, records[i+1][4])
			}
			continue
		}
		if v, err := strconv.ParseFloat(records[i+1][4], 64); err != nil || v != *want.Value {
			t.Errorf("%s: %q, want %v", member, records[i+1][4], *want.Value)
		}
	}
	if few := bars.Table.Rows[22]; few.Mark != "too few cases to judge" {
		t.Errorf("three rows are marked %q", few.Mark)
	}
	same(t, bars.Finding, "Districts with a higher value than the whole city: 8 of 22.")
	same(t, DistrictMap(en, "m", city, r, "2013-07").Finding, "Lowest value: Allston / Brighton, 40.3%. Highest value: Mission Hill*, 83.3%. Whole city: 65.1%.")
	same(t, bars.Caption, "Bars: value by district, from highest to lowest. Vertical line: whole city. The thin line at the end of a bar shows where the true value probably lies. Outlined bar: too few cases to judge.")
	none := DistrictBars(en, "b", city, months(t, 65.1), "2013-07")
	same(t, none.Finding, "There are too few districts with a value to compare them.")
	for i := range city.Districts {
		city.Districts[i].Polygons = nil
	}
	if DistrictMap(en, "m", city, r, "2013-07") != nil {
		t.Error("a city without outlines has a map")
	}
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCaptionSaysWhatIsDrawn(t *testing.T) {
	en := printer(t, kpi.English)
	same(t, Trend(en, "f", normal(t)).Caption, "Each point is one month. Dashed line: expected value. Shaded area: usual ups and downs. "+
		"Square: outside the usual ups and downs. Hollow point: provisional figure. Dotted line: the period is not over. Gap: no value.")
	same(t, Trend(en, "f", months(t, 1, 2)).Caption, "Each point is one month.")
	same(t, Trend(en, "f", months(t)).Caption, "")
	same(t, Trend(en, "f", normal(t)).desc, "Values: 21. Lowest: 55.0%, in November 2014. Highest: 84.0%, in February 2014. Latest: 70.0%, in April 2015.")
	same(t, Trend(en, "f", months(t)).desc, "No values to draw")
}

func TestCSVIsSafeInSpreadsheets(t *testing.T) {
	table := Table{Columns: []Column{{Key: "name"}, {Key: "value", Number: true}, {Key: "page", Only: OnlyPage}}}
	texts := []string{"=1+1", "+1", "-1", "@x", "\tx", "\rx", " =x", "＝x", "plain", `with "quotes", commas`, "", "a=b"}
	for _, s := range texts {
		table.Rows = append(table.Rows, Row{Cells: []Cell{{Text: "shown", Raw: s}, {Number: at(-1.5)}, {Text: "=never"}}})
	}
	records := readCSV(t, table)
	want := []string{"'=1+1", "'+1", "'-1", "'@x", "'\tx", "'x", "' =x", "'＝x", "plain", `with "quotes", commas`, "", "a=b"}
	for i, w := range want {
		if records[i+1][0] != w || records[i+1][1] != "-1.5" || len(records[i+1]) != 2 {
			t.Errorf("%q is written as %q", texts[i], records[i+1])
		}
	}
}

// The outline of a map has a feature for every area with polygons, named by its id, as the data are.
func TestMapOutline(t *testing.T) {
	city, r := squares(t, 5)
	f := DistrictMap(printer(t, kpi.English), "f", city, r, "2013-07")
	b, err := f.Map()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Name    string
		GeoJSON struct {
			Type     string
			Features []struct {
				Properties struct{ Name string }
				Geometry   struct {
					Type        string
					Coordinates [][][][2]float64
				}
			}
		}
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	_, tree := options(t, f)
	series := tree["series"].([]any)[0].(map[string]any)
	if got.Name != series["map"] || got.GeoJSON.Type != "FeatureCollection" || len(got.GeoJSON.Features) != 5 {
		t.Fatalf("outline %s with %d features for the map %v", got.Name, len(got.GeoJSON.Features), series["map"])
	}
	for i, ft := range got.GeoJSON.Features {
		if ft.Properties.Name != city.Districts[i].ID || ft.Geometry.Type != "MultiPolygon" || cmp.Diff(city.Districts[i].Polygons, ft.Geometry.Coordinates) != "" {
			t.Errorf("feature %d: %+v", i, ft)
		}
		if d := series["data"].([]any)[i].(map[string]any); d["name"] != ft.Properties.Name || d["title"] != city.Districts[i].Name.String(kpi.English) {
			t.Errorf("datum %d: %v", i, d)
		}
	}
	if m, err := Trend(printer(t, kpi.English), "f", r).Map(); m != nil || err != nil {
		t.Errorf("a line has the outline %s, %v", m, err)
	}
}
