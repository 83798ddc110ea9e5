package catalog

import (
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"

	"citystat/kpi"
)

// maxGeo is the largest map that is read, in bytes: a page shows it, so it has to be simplified anyway.
const maxGeo = 8 << 20

// readDistricts reads the map and the aliases of the districts.
func (l *loader) readDistricts(city object) error {
	if city.value["districts"] == nil && !city.misspelt("districts") {
		return nil
	}
	o, ok := l.object(city.get("districts", optional), districtsShape)
	if !ok {
		l.open("district")
		return nil
	}
	g := &geo{l: l, o: o, key: o.text("key", required), name: o.text("name", required), seen: map[string]string{}}
	_, file, err := l.fileOf(o, "file", required)
	if err != nil {
		return err
	}
	aliasNode, aliases, err := l.fileOf(o, "aliases", optional)
	if err != nil {
		return err
	}
	if err := g.read(file); err != nil {
		return err
	}
	g.readHistory(o)
	if aliasNode != nil {
		if err := g.readAliases(aliases); err != nil {
			return err
		}
	}
	return l.readParts(o)
}

// geo reads a GeoJSON file (RFC 7946) of districts.
type geo struct {
	l         *loader
	o         object
	src       *source
	key, name string            // the properties that hold a district's id and name
	seen      map[string]string // normalised names and ids → district id
}

func (g *geo) bad(v *value, mend, format string, args ...any) {
	g.l.add(SeverityError, g.src.offset(v.at), fmt.Sprintf(format, args...), mend)
}

func (g *geo) read(file string) error {
	if file == "" || g.key == "" || g.name == "" {
		g.l.open("district")
		return nil
	}
	src, err := g.l.read(file, maxGeo)
	if err != nil {
		return err
	}
	if src == nil {
		g.l.open("district")
		return nil
	}
	g.src = src
	root := g.l.json(src)
	if root == nil {
		g.l.open("district")
		return nil
	}
	g.features(g.collection(root))
	return nil
}

// collection returns the features of the file.
func (g *geo) collection(root *value) []*value {
	if t, _ := root.field("type").text(); t != "FeatureCollection" {
		g.bad(root, `export the districts as GeoJSON, {"type": "FeatureCollection", "features": [ … ]}`, "this is no GeoJSON FeatureCollection")
		g.l.open("district")
		return nil
	}
	features := root.field("features")
	if features == nil || !features.is('[') || len(features.items) == 0 {
		g.bad(root, "export the districts again", "the FeatureCollection holds no features")
		g.l.open("district")
		return nil
	}
	return features.items
}

func (g *geo) features(list []*value) {
	if !g.property("key", g.key, list) || !g.property("name", g.name, list) {
		g.l.open("district")
		return
	}
	for _, f := range list {
		if d, ok := g.feature(f); ok {
			g.l.city.Districts = append(g.l.city.Districts, d)
		} else {
			g.l.open("district")
		}
	}
}

// property checks that the property which city.yaml names is there at all: if no feature has it, the mistake is in city.yaml.
func (g *geo) property(key, name string, list []*value) bool {
	var names []string
	for _, f := range list {
		p := f.field("properties")
		if p == nil {
			continue
		}
		if p.field(name) != nil {
			return true
		}
		if names == nil {
			names = p.keys
		}
	}
	if len(list) > 0 {
		g.l.bad(g.o.value[key], suggest(name, names, "the first feature has"), "no feature of %s has a property %s", g.src.name, short(name))
	}
	return false
}

// feature reads one district.
func (g *geo) feature(f *value) (kpi.District, bool) {
	d := kpi.District{}
	if t, _ := f.field("type").text(); t != "Feature" {
		g.bad(f, "export the districts again", "this is no GeoJSON Feature")
		return d, false
	}
	properties := f.field("properties")
	if properties == nil || !properties.is('{') {
		g.bad(f, fmt.Sprintf("give it %q and %q", g.key, g.name), "the feature has no properties")
		return d, false
	}
	id, idAt := g.say(f, properties, g.key)
	name, nameAt := g.say(f, properties, g.name)
	if idAt == nil || nameAt == nil || !g.identify(idAt, id) {
		return d, false
	}
	d.ID, d.Name = id, newText(g.l.language, name)
	g.take(idAt, id, id)
	g.take(nameAt, name, id)
	g.l.note(address("district", id, "name"), &phrase{text: d.Name, where: g.src.offset(nameAt.at), proper: true})
	before := len(g.l.problems)
	d.Polygons = g.geometry(f)
	return d, len(g.l.problems) == before
}

// say returns what a property of a feature says; a whole number is taken as it is written.
func (g *geo) say(f, properties *value, key string) (string, *value) {
	v := properties.field(key)
	if v == nil {
		g.bad(f, suggest(key, properties.keys, "its properties are"), "the feature has no property %q", key)
		return "", nil
	}
	s, ok := v.text()
	if n, number := v.what.(json.Number); number {
		s, ok = n.String(), true
	}
	s = norm.NFC.String(strings.TrimSpace(s))
	if !ok || s == "" {
		g.bad(v, "write a text", "the property %q is no text", key)
		return "", nil
	}
	return s, v
}

// identify checks a district's id.
func (g *geo) identify(at *value, id string) bool {
	p := g.src.offset(at.at)
	if id == kpi.MemberNotRecorded || id == kpi.MemberNotRecognised {
		g.bad(at, "choose another id", "%q stands for rows of no district, and cannot be a district", id)
		return false
	}
	return g.l.define("district", &node{src: g.src, line: p.line, column: p.column}, id) != ""
}

// take notes that a name stands for a district, and reports one that stands for another already.
func (g *geo) take(at *value, name, id string) {
	key := kpi.NormaliseName(name)
	if other, taken := g.seen[key]; taken && other != id {
		g.bad(at, "give every district names of its own", "%s is the name of the district %q already", short(name), other)
		return
	}
	g.seen[key] = id
}

// geometry reads the polygons of a feature.
func (g *geo) geometry(f *value) [][][][2]float64 {
	v := f.field("geometry")
	if v == nil || !v.is('{') {
		g.bad(f, "give it a Polygon or MultiPolygon", "the feature has no geometry")
		return nil
	}
	coordinates := v.field("coordinates")
	t, _ := v.field("type").text()
	switch {
	case t != "Polygon" && t != "MultiPolygon":
		g.bad(v, "districts are areas: export them as polygons", "the geometry is a %s, not a Polygon or MultiPolygon", short(t))
	case coordinates == nil || !coordinates.is('[') || len(coordinates.items) == 0:
		g.bad(v, "export the districts again", "the %s has no coordinates", t)
	case t == "Polygon":
		return [][][][2]float64{g.polygon(coordinates)}
	default:
		var list [][][][2]float64
		for _, p := range coordinates.items {
			list = append(list, g.polygon(p))
		}
		return list
	}
	return nil
}

func (g *geo) polygon(v *value) [][][2]float64 {
	if !v.is('[') || len(v.items) == 0 {
		g.bad(v, "export the districts again", "a polygon is a list of rings, and this is none")
		return nil
	}
	var rings [][][2]float64
	for _, r := range v.items {
		rings = append(rings, g.ring(r))
	}
	return rings
}

// ring reads a closed line. Of many bad positions in it the first is reported: the others have the same cause.
func (g *geo) ring(v *value) [][2]float64 {
	if !v.is('[') || len(v.items) < 4 {
		g.bad(v, "a ring has at least four positions, the last the same as the first", "this is no ring")
		return nil
	}
	var ring [][2]float64
	for _, p := range v.items {
		position, ok := g.position(p)
		if !ok {
			return nil
		}
		ring = append(ring, position)
	}
	if ring[0] != ring[len(ring)-1] {
		g.bad(v.items[len(v.items)-1], "end it where it began", "the ring is not closed")
	}
	return ring
}

// position reads a longitude and latitude in degrees (WGS 84); a height is left out.
func (g *geo) position(v *value) ([2]float64, bool) {
	var p [2]float64
	if !v.is('[') || len(v.items) < 2 {
		g.bad(v, "write [longitude, latitude]", "this is no position")
		return p, false
	}
	for i, limit := range []float64{180, 90} {
		n, ok := v.items[i].what.(json.Number)
		f, err := n.Float64()
		if !ok || err != nil {
			g.bad(v.items[i], "write [longitude, latitude]", "a position needs numbers")
			return p, false
		}
		if f < -limit || f > limit {
			g.bad(v.items[i], "export the map in degrees (WGS 84, EPSG:4326), longitude first", "%v is no %s", n, []string{"longitude", "latitude"}[i])
			return p, false
		}
		p[i] = f
	}
	return p, true
}
