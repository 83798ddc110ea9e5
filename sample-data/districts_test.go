package sampledata_test

import (
	"encoding/csv"
	"encoding/json"
	"maps"
	"math"
	"os"
	"strings"
	"testing"
)

type feature struct {
	Properties struct {
		ID   string `json:"district_id"`
		Name string
	}
	Geometry struct {
		Type        string
		Coordinates json.RawMessage
	}
}

// rings returns all rings of a feature.
func (f feature) rings(t *testing.T) [][][2]float64 {
	t.Helper()
	var polygons [][][][2]float64
	switch f.Geometry.Type {
	case "Polygon":
		polygons = make([][][][2]float64, 1)
		if err := json.Unmarshal(f.Geometry.Coordinates, &polygons[0]); err != nil {
			t.Fatal(err)
		}
	case "MultiPolygon":
		if err := json.Unmarshal(f.Geometry.Coordinates, &polygons); err != nil {
			t.Fatal(err)
		}
	default:
		t.Fatalf("%s is a %s", f.Properties.ID, f.Geometry.Type)
	}
	var all [][][2]float64
	for _, p := range polygons {
		all = append(all, p...)
	}
	return all
}

func districts(t *testing.T) []feature {
	t.Helper()
	var c struct{ Features []feature }
	if err := json.Unmarshal([]byte(readText(t, "geo/districts.geojson")), &c); err != nil {
		t.Fatal(err)
	}
	return c.Features
}

// TestMapIsSound: rings are closed, coordinates are Boston's and rounded, and a border is either the city's edge or shared by two
// districts as one and the same line, so that neighbours have neither gap nor overlap between them.
func TestMapIsSound(t *testing.T) {
	borders := map[[2][2]float64]int{}
	list := districts(t)
	if len(list) != 17 {
		t.Errorf("%d districts, not 17", len(list))
	}
	for _, f := range list {
		for _, r := range f.rings(t) {
			if len(r) < 4 || r[0] != r[len(r)-1] {
				t.Errorf("%s has a ring that is not closed", f.Properties.ID)
			}
			for i, p := range r {
				if p[0] < -71.2 || p[0] > -70.9 || p[1] < 42.2 || p[1] > 42.42 {
					t.Errorf("%s: %v is not in Boston", f.Properties.ID, p)
				}
				for _, x := range p {
					if math.Abs(x*1e5-math.Round(x*1e5)) > 1e-4 {
						t.Errorf("%s: %v has more than five decimals", f.Properties.ID, p)
					}
				}
				if i > 0 {
					a, b := r[i-1], p
					if a[0] > b[0] || a[0] == b[0] && a[1] > b[1] {
						a, b = b, a
					}
					borders[[2][2]float64{a, b}]++
				}
			}
		}
	}
	shared := 0
	for edge, n := range borders {
		if n > 2 {
			t.Errorf("%v is the border of %d districts", edge, n)
		}
		if n == 2 {
			shared++
		}
	}
	if shared < 300 {
		t.Errorf("only %d shared pieces of border: neighbours do not meet", shared)
	}
}

// TestNeighborhoodsFindTheirDistrict: every name in the rows is a district, an alias, blank, or one of the two that no district answers to.
func TestNeighborhoodsFindTheirDistrict(t *testing.T) {
	known := map[string]string{}
	for _, f := range districts(t) {
		known[f.Properties.Name] = f.Properties.ID
	}
	names := maps.Clone(known)
	rows, err := csv.NewReader(strings.NewReader(readText(t, "geo/aliases.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, id := range known {
		ids[id] = true
	}
	for _, r := range rows[1:] {
		if _, twice := names[r[0]]; twice || !ids[r[1]] {
			t.Errorf("alias %q → %q is there already or leads nowhere", r[0], r[1])
		}
		names[r[0]] = r[1]
	}
	got, used := map[string]int{}, map[string]bool{}
	for _, list := range readAll(t) {
		for _, rec := range list {
			if id, ok := names[rec["neighborhood"]]; ok {
				used[id] = true
			} else {
				got[rec["neighborhood"]]++
			}
		}
	}
	if want := map[string]int{"": 904, "Boston": 752, "Chestnut Hill": 6}; !maps.Equal(got, want) {
		t.Errorf("rows without a district: %v, want %v", got, want)
	}
	if len(used) != 17 {
		t.Errorf("%d districts have rows, not all 17", len(used))
	}
}

// TestExpectedNumbersAreThoseOfTheFolder: the file that other tests check the engine against speaks of just the indicators that there are.
func TestExpectedNumbersAreThoseOfTheFolder(t *testing.T) {
	b, err := os.ReadFile("testdata/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	type numbers struct {
		Rows     int
		Excluded map[string]int
	}
	var want struct {
		AsOf       string `json:"as_of"`
		Indicators map[string]struct {
			Period  string
			Total   numbers
			Periods map[string]numbers
		}
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	var city, data node
	readYAML(t, "city.yaml", &city)
	readYAML(t, "datasets/service-requests.yaml", &data)
	if city["as_of"] != want.AsOf {
		t.Errorf("as of %v in the folder, %s in the numbers", city["as_of"], want.AsOf)
	}
	list := data["indicators"].([]any)
	if len(list) != len(want.Indicators) {
		t.Errorf("%d indicators, numbers for %d", len(list), len(want.Indicators))
	}
	for _, x := range list {
		n := x.(node)
		w, ok := want.Indicators[n["id"].(string)]
		if !ok || w.Period != n["period"] {
			t.Errorf("%v by %v: the numbers have %q", n["id"], n["period"], w.Period)
			continue
		}
		sum := 0
		for _, p := range w.Periods {
			sum += p.Rows
		}
		if sum != w.Total.Rows {
			t.Errorf("%v: periods count %d rows, the total %d", n["id"], sum, w.Total.Rows)
		}
	}
}
