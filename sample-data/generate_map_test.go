package sampledata_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
)

// corners are where borders of the drawn map meet, in kilometres east and north of a point in the open sea.
var corners = map[string][2]float64{
	"n1": {1, 11.2}, "n2": {4.6, 11.6}, "n3": {8.8, 11.9}, "n4": {12.6, 11}, "n5": {14.6, 8}, "n6": {15.2, 4.2}, "n7": {13.8, 0.8}, "n8": {10.2, 1.2},
	"n10": {6.3, 3}, "n11": {4.9, 5}, "n12": {2.2, 6.4}, "h1": {0.2, 7.2}, "h2": {-0.6, 9}, "s1": {6.8, 0.9}, "e1": {12.2, 2.1},
	"c1": {4.4, 8.6}, "c2": {6.2, 7}, "c3": {6.6, 5.6}, "c4": {8.2, 4.4}, "c5": {9.4, 5.2}, "c6": {9.6, 7.6}, "c7": {10.6, 6.7}, "c8": {10.6, 4.1},
	"i1": {1.9, 2.3}, "i2": {3.3, 2.7}, "i3": {4, 1.7}, "i4": {2.9, 0.8}, "i5": {1.7, 1.2},
}

// outlines are the districts, each by its corners.
var outlines = map[string][]string{
	"el-faro":       {"n1", "h2", "h1", "n12", "c1", "n2"},
	"la-bahia":      {"n12", "n11", "c3", "c2", "c1"},
	"los-almendros": {"n2", "c1", "c2", "c6", "n3"},
	"buena-brisa":   {"n3", "c6", "c7", "n5", "n4"},
	"centro":        {"c2", "c3", "c4", "c5", "c7", "c6"},
	"muelle-viejo":  {"n11", "n10", "c4", "c3"},
	"las-salinas":   {"n10", "s1", "n8", "c8", "c5", "c4"},
	"loma-alta":     {"c7", "c5", "c8", "n6", "n5"},
	"el-estero":     {"c8", "n8", "e1", "n7", "n6"},
	"isla-garza":    {"i1", "i5", "i4", "i3", "i2"},
}

// coast are the pieces of border that lie at the sea: they are rougher than a street or a river.
var coast = []string{"h2-n1", "h1-h2", "h1-n12", "n11-n12", "n10-n11", "n10-s1", "n8-s1", "e1-n8", "e1-n7", "i1-i5", "i4-i5", "i3-i4", "i2-i3", "i1-i2"}

// border is the line from one corner to another. It is the same one from either side, so that neighbours have neither gap nor overlap.
func border(from, to string) [][2]float64 {
	a, b := min(from, to), max(from, to)
	h := fnv.New64a()
	h.Write([]byte(a + "-" + b))
	d := dice(h.Sum64())
	rough, depth := 0.09, 3
	if slices.Contains(coast, a+"-"+b) {
		rough, depth = 0.2, 5
	}
	line := [][2]float64{corners[a], corners[b]}
	for range depth { // each piece is bent in its middle, by ever less
		var finer [][2]float64
		for i := range len(line) - 1 {
			p, q := line[i], line[i+1]
			by := rough * (2*d.float() - 1)
			finer = append(finer, p, [2]float64{(p[0]+q[0])/2 - by*(q[1]-p[1]), (p[1]+q[1])/2 + by*(q[0]-p[0])})
		}
		line, rough = append(finer, line[len(line)-1]), rough*0.85
	}
	if from != a {
		slices.Reverse(line)
	}
	return line
}

// drawnDistricts is the map of the districts, as GeoJSON.
func drawnDistricts() []byte {
	var b bytes.Buffer
	b.WriteString(`{"type":"FeatureCollection","features":[` + "\n")
	for i, p := range places {
		var ring [][2]json.Number
		outline := outlines[p.id]
		for k, from := range outline {
			line := border(from, outline[(k+1)%len(outline)])
			for _, at := range line[:len(line)-1] {
				ring = append(ring, degrees(at))
			}
		}
		ring = append(ring, ring[0])
		text, err := json.Marshal(ring)
		if err != nil {
			panic(err) // numbers alone
		}
		end := ",\n"
		if i == len(places)-1 {
			end = "\n"
		}
		fmt.Fprintf(&b, `{"type":"Feature","properties":{"id":%q,"nombre":%q},"geometry":{"type":"Polygon","coordinates":[%s]}}%s`, p.id, p.name, text, end)
	}
	b.WriteString("]}\n")
	return b.Bytes()
}

// degrees are a place in the Pacific, far from any land.
func degrees(km [2]float64) [2]json.Number {
	number := func(v float64) json.Number { return json.Number(fmt.Sprintf("%.5f", math.Round(v*1e5)/1e5)) }
	return [2]json.Number{number(-102 + km[0]/111.0), number(2 + km[1]/110.6)}
}
