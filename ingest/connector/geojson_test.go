package connector

import (
	"math"
	"strings"
	"testing"

	"citystat/kpi"
)

func geoDataset(geometry string, columns ...string) *kpi.Dataset {
	ds := dataset(columns...)
	ds.Source.Kind, ds.Source.Geometry = kpi.SourceGeoJSON, geometry
	return ds
}

// square is the district "d" from 0, 0 to 10, 10.
func square(lon, lat float64) string {
	if lon >= 0 && lon <= 10 && lat >= 0 && lat <= 10 {
		return "d"
	}
	return ""
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

func feature(properties, geometry string) string {
	return `{"type":"Feature","properties":` + properties + `,"geometry":` + geometry + `}`
}

func TestGeoJSON(t *testing.T) {
	point := `{"type":"Point","coordinates":[1,2]}`
	for _, c := range []struct {
		name string
		ds   *kpi.Dataset
		text string
		want string
	}{
		{"properties", geoDataset("", "a", "b.c"), collection(feature(`{"a":1,"b":{"c":"x"}}`, point), feature(`{"a":null}`, "null"), feature("null", point)), "_line,a,b.c\n1,1,x\n2,,\n3,,\n"},
		{"id", geoDataset("drop", "id", "a"), collection(`{"type":"Feature","id":7,"properties":{"a":1},"geometry":null}`, `{"properties":{"a":2},"id":"x","type":"Feature"}`), "_line,id,a\n1,7,1\n2,x,2\n"},
		{"id among the properties", geoDataset("", "id"), collection(`{"type":"Feature","id":7,"properties":{"id":1}}`), "_line,id\n1,1\n"},
		{"both ids", geoDataset("", "id"), collection(`{"type":"Feature","id":7,"properties":{"a":1}}`, `{"type":"Feature","properties":{"id":1}}`), "error: nobody can tell which one is meant"},
		{"order of members", geoDataset("", "a"), `{"features":[` + feature(`{"a":1}`, point) + `],"bbox":[0,0,1,1],"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:3857"}}}`, "_line,a\n1,1\n"},
		{"district", geoDataset("district", "a", "district"), collection(feature(`{"a":1}`, point), feature(`{"a":2}`, `{"type":"Point","coordinates":[11,2,5]}`), feature(`{"a":3}`, "null"), feature(`{"a":4,"district":"x"}`, `{"type":"Point","coordinates":[]}`)), "_line,a,district\n1,1,d\n2,2,\n3,3,\n4,4,\n"},
		{"collection of geometries", geoDataset("district", "district"), collection(feature("{}", `{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[]},`+point+`]}`)), "_line,district\n1,d\n"},
		{"another crs", geoDataset("district", "district"), `{"type":"FeatureCollection","features":[` + feature("{}", point) + `],"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::2263"}}}`, `error: the crs "urn:ogc:def:crs:EPSG::2263"; deliver longitudes`},
		{"CRS84", geoDataset("district", "district"), `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},"features":[` + feature("{}", point) + `]}`, "_line,district\n1,d\n"},
		{"feet", geoDataset("district", "district"), collection(feature("{}", `{"type":"Point","coordinates":[984000,190000]}`)), "error: feature 1 has the coordinates 984000, 190000, which are no longitude and latitude"},
		{"wrong depth", geoDataset("district", "district"), collection(feature("{}", `{"type":"Polygon","coordinates":[[1,2],[3,4]]}`)), "error: the coordinates are not those of a Polygon"},
		{"a text", geoDataset("district", "district"), collection(feature("{}", `{"type":"Point","coordinates":["1","2"]}`)), "error: among the coordinates stands a text"},
		{"one number", geoDataset("district", "district"), collection(feature("{}", `{"type":"Point","coordinates":[1]}`)), "error: a position has one number"},
		{"unknown geometry", geoDataset("district", "district"), collection(feature("{}", `{"type":"Circle","coordinates":[1,1]}`)), `error: the type "Circle"`},
		{"no feature", geoDataset("", "a"), collection(feature(`{"a":1}`, point), "3"), "_line,a\n1,1\n! 2:bad_json\n"},
		{"a geometry as a feature", geoDataset("", "a"), collection(point), `error: feature 1 has the type "Point" and not Feature`},
		{"no collection", geoDataset("", "a"), feature(`{"a":1}`, point), `error: a FeatureCollection should stand here, and it is "Feature"`},
		{"topology", geoDataset("", "a"), `{"type":"Topology","arcs":[]}`, `error: it is "Topology"`},
		{"error", geoDataset("", "a"), `{"error":"gone"}`, `error: the object has ["error"] and says "gone"`},
		{"array", geoDataset("", "a"), `[]`, "error: a FeatureCollection should stand here, and it is an array"},
		{"empty", geoDataset("", "a"), collection(), "error: has no rows"},
		{"features null", geoDataset("", "a"), `{"type":"FeatureCollection","features":null}`, "error: the features are null and not an array"},
		{"geometry", geoDataset("centroid", "a"), collection(), `error: geometry "centroid" is neither`},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, err := readKind(t, GeoJSON{}, Request{Folder: folder(c.text), Dataset: c.ds, Place: square})
			got := outcome(t, res, err)
			if part, is := strings.CutPrefix(c.want, "error: "); got != c.want && (!is || !strings.Contains(got, part)) {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
	_, err := readKind(t, GeoJSON{}, Request{Folder: folder(collection()), Dataset: geoDataset("district", "a")})
	if err == nil || !strings.Contains(err.Error(), "needs the outlines of the districts") {
		t.Errorf("without districts: %v", err)
	}
	res, err := readKind(t, GeoJSON{}, Request{Folder: folder(collection(feature(`{"district":"x"}`, point))), Dataset: geoDataset("district", "district"), Place: square})
	if err != nil || len(res.Warnings) != 1 || !strings.Contains(res.Warnings[0], "the property district was left out") {
		t.Errorf("a property named district: %v, %q", err, res.Warnings)
	}
}

// TestPlaces: where each kind of geometry is said to lie.
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		geometry string
		lon, lat float64
	}{
		{`{"type":"MultiPoint","coordinates":[[3,4],[90,9]]}`, 3, 4},
		{`{"type":"LineString","coordinates":[[0,0],[4,0],[4,4]]}`, 4, 0},
		{`{"type":"LineString","coordinates":[[0,0],[1,0],[9,0]]}`, 4.5, 0},
		{`{"type":"LineString","coordinates":[[2,3],[2,3]]}`, 2, 3},
		{`{"type":"MultiLineString","coordinates":[[[50,0],[51,0]],[[0,0],[0,10]]]}`, 0, 5},
		{`{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,2],[0,2],[0,0]]]}`, 2, 1},
		{`{"type":"Polygon","coordinates":[[[0,0],[0,2],[4,2],[4,0],[0,0]]]}`, 2, 1},                                        // clockwise
		{`{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,8],[8,8],[8,1],[0,1],[0,0]]]}`, 8.5, 4.5},            // its centroid lies outside
		{`{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[7,1],[7,8],[1,8],[1,1]]]}`, 8, 4.5},      // or in a hole
		{`{"type":"Polygon","coordinates":[[[1,1],[1,1],[1,1]]]}`, 1, 1},                                                    // no area
		{`{"type":"MultiPolygon","coordinates":[[[[50,0],[51,0],[51,1],[50,0]]],[[[0,0],[4,0],[4,4],[0,4],[0,0]]]]}`, 2, 2}, // the larger
		{`{"type":"Polygon","coordinates":[[[-71.061,42.357],[-71.060,42.357],[-71.060,42.358],[-71.061,42.358],[-71.061,42.357]]]}`, -71.0605, 42.3575},
	} {
		var lon, lat float64
		_, err := readKind(t, GeoJSON{}, Request{Folder: folder(collection(feature(`{"a":1}`, c.geometry))), Dataset: geoDataset("district", "a"), Place: func(x, y float64) string { lon, lat = x, y; return "d" }})
		if err != nil || math.Abs(lon-c.lon) > 1e-9 || math.Abs(lat-c.lat) > 1e-9 {
			t.Errorf("%s lies at %v, %v: %v", c.geometry, lon, lat, err)
		}
	}
}

func TestGeoJSONCutAtEveryByte(t *testing.T) {
	text := collection(feature(`{"a":1}`, `{"type":"Point","coordinates":[1,2]}`), feature(`{"a":2}`, "null"))
	for n := range len(text) {
		if res, err := readKind(t, GeoJSON{}, Request{Folder: folder(text[:n]), Dataset: geoDataset("district", "a"), Place: square}); err == nil {
			t.Errorf("cut to %d bytes: %d rows", n, res.Read)
		}
	}
}

// FuzzGeoJSON: what is let through has as many rows as encoding/json finds features, and no district that the place does not say.
func FuzzGeoJSON(f *testing.F) {
	f.Add(collection(feature(`{"a":1}`, `{"type":"Point","coordinates":[1,2]}`)))
	f.Add(collection(feature(`{"a":1,"id":2}`, `{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]]]}`), "3"))
	f.Add(collection(feature(`null`, `{"type":"GeometryCollection","geometries":[{"type":"MultiPolygon","coordinates":[[],[[]]]}]}`)))
	f.Add(`{"type":"FeatureCollection","crs":null,"features":[]}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, geometry := range []string{"", "district"} {
			res, err := readKind(t, GeoJSON{}, Request{Folder: folder(text), Dataset: geoDataset(geometry, "a"), Place: square})
			if err != nil || strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") || strings.HasPrefix(text, "\x1f\x8b") {
				continue
			}
			m, _ := decodeJSON(strings.TrimPrefix(text, "\ufeff")).(map[string]any)
			list, _ := m["features"].([]any)
			if int64(len(list)) != res.Read || m["type"] != "FeatureCollection" {
				t.Errorf("%q: %d rows of %d features", text, res.Read, len(list))
			}
		}
	})
}
