package connector

import (
	"context"
	"io"
	"math"
	"strconv"

	"citystat/kpi"
)

// GeoJSON reads the features of a FeatureCollection (RFC 7946), one row each; Source.Rows is the path to it where it lies deeper. The
// properties are the columns, flattened as those of JSON are. A feature's own id is the column id, unless the properties hold one: files in
// which some features have the one and some the other are refused.
//
// The geometry is left out, or with geometry: district becomes the column district: the id of the district in which the feature's place
// lies, no value if it lies in none or is null. The place of a point is the point; of several points, the first; of a line, the point half
// way along it, of several, of the longest; of a polygon, its centroid, or if that lies outside, the middle of the widest stretch inside on
// the line through the middle of its height; of several, of the largest; of a collection, of its first member that has a place. A property
// named district is then left out. Coordinates must be longitudes and latitudes: a crs other than CRS84 is refused, and so are numbers
// beyond 180 and 90 degrees.
type GeoJSON struct{}

// Read copies the delivery to req.Dir and says what it left out, as [CSV.Read] does.
func (GeoJSON) Read(ctx context.Context, req Request) (Result, error) {
	switch g := req.Dataset.Source.Geometry; {
	case g != "" && g != "drop" && g != districtColumn:
		return Result{}, kpi.Errorf(kpi.CodeInvalid, "dataset %s: geometry %q is neither drop nor district", req.Dataset.ID, g)
	case g == districtColumn && req.Place == nil:
		return Result{}, kpi.Errorf(kpi.CodeInvalid, "dataset %s: geometry: district needs the outlines of the districts; declare districts: with a file in city.yaml, or geometry: drop", req.Dataset.ID)
	}
	return readFiles(ctx, req, func(ctx context.Context, d *delivery, it item) (File, error) {
		return d.jsonFile(ctx, it, d.geoJSON)
	})
}

// features is a collection that is being read.
type features struct {
	*jsonReader
	row     *jsonRow
	out     *objectRows
	place   Placer // nil: the geometry is left out
	rows    int64
	typed   bool  // the collection said that it is one
	listed  bool  // and had features
	foreign error // the fault of a crs that is not CRS84
	ids     [2]bool
	left    bool // a property named district was left out
}

// geoJSON reads a collection.
func (d *delivery) geoJSON(ctx context.Context, it item, body io.Reader) (File, error) {
	f := &features{jsonReader: newJSONReader(body, d.limits), row: newJSONRow(d.req.Dataset, d.limits)}
	var has []string
	if d.req.Dataset.Source.Geometry == districtColumn {
		f.place, has = d.req.Place, []string{districtColumn}
	}
	file, err := d.objects(ctx, it.name, has, func(o *objectRows) error {
		f.out = o
		if err := f.find(d.req.Dataset.Source.Rows); err != nil {
			return err
		}
		return f.collection()
	})
	if err == nil && f.left {
		d.warn(it.name + ": the property district was left out, because geometry: district makes a column of that name")
	}
	return file, err
}

// collection reads the object to the end of the file. Its members may come in any order.
func (f *features) collection() error {
	if f.kind() != '{' {
		return f.want('{', "a FeatureCollection")
	}
	says := ""
	var names []string
	err := f.members(func(name string) error {
		if len(names) < 12 {
			names = append(names, cutText(name, 40))
		}
		switch name {
		case "type":
			kind, err := f.word()
			if err == nil && kind != "FeatureCollection" {
				err = faultf("a FeatureCollection should stand here, and it is %q", cutText(kind, 40))
			}
			f.typed = true
			return err
		case "crs":
			return f.crs()
		case "features":
			return f.list()
		case "error", "message":
			if f.kind() == '"' {
				var err error
				says, err = f.scalar()
				return err
			}
		}
		return f.skip()
	})
	switch {
	case err != nil:
		return err
	case !f.typed || !f.listed:
		return faultf("a FeatureCollection with features should stand here; %s", holds(names, says))
	case f.place != nil && f.foreign != nil:
		return f.foreign
	case f.ids == [2]bool{true, true}:
		return faultf("some features have their id as a member of their own and some among their properties; nobody can tell which one is meant")
	}
	return f.end()
}

// members hands the names of an object to each, which reads the values.
func (j *jsonReader) members(each func(name string) error) error {
	if err := j.open('{'); err != nil {
		return err
	}
	for {
		more, err := j.more()
		if err != nil || !more {
			return err
		}
		name, err := j.name()
		if err != nil {
			return err
		}
		if err := each(name); err != nil {
			return err
		}
	}
}

// word reads a text; of anything else it reads the value and returns "".
func (j *jsonReader) word() (string, error) {
	if j.kind() != '"' {
		return "", j.skip()
	}
	return j.scalar()
}

// crs reads the member by which GeoJSON of 2008 names another system of coordinates.
func (f *features) crs() error {
	if f.kind() != '{' {
		f.foreign = faultf("the crs is unknown; deliver longitudes and latitudes of WGS 84 (CRS84)")
		return f.skip()
	}
	name := ""
	err := f.members(func(member string) error {
		if member != "properties" || f.kind() != '{' {
			return f.skip()
		}
		return f.members(func(member string) error {
			if member != "name" {
				return f.skip()
			}
			var err error
			name, err = f.word()
			return err
		})
	})
	if name != "urn:ogc:def:crs:OGC:1.3:CRS84" && name != "urn:ogc:def:crs:OGC::CRS84" && name != "http://www.opengis.net/def/crs/OGC/1.3/CRS84" {
		f.foreign = faultf("the coordinates are of the crs %q; deliver longitudes and latitudes of WGS 84 (CRS84)", cutText(name, 80))
	}
	return err
}

// list reads the features.
func (f *features) list() error {
	if k := f.kind(); k != '[' {
		return faultf("the features are %s and not an array", kindWord(k))
	}
	if err := f.open('['); err != nil {
		return err
	}
	f.listed = true
	for {
		more, err := f.more()
		if err != nil || !more {
			return err
		}
		f.rows++
		if f.kind() != '{' {
			err = f.out.noObject(f.jsonReader, f.rows)
		} else {
			err = f.feature()
		}
		if err != nil {
			return err
		}
	}
}

// feature reads a feature as a row.
func (f *features) feature() error {
	f.row.reset()
	id, kind := "", ""
	var at *position
	err := f.members(func(name string) error {
		var err error
		switch {
		case name == "type":
			kind, err = f.word()
		case name == "id" && f.kind() != '{' && f.kind() != '[':
			id, err = f.scalar()
		case name == "properties" && f.kind() == '{':
			err = f.row.object(f.jsonReader, "")
		case name == "geometry" && f.place != nil && f.kind() == '{':
			at, err = f.geometry()
		default:
			err = f.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	if kind != "Feature" {
		return faultf("feature %d has the type %q and not Feature", f.rows, cutText(kind, 40))
	}
	if err := f.identify(id); err != nil {
		return err
	}
	if f.place != nil {
		if err := f.locate(at); err != nil {
			return err
		}
	}
	return f.out.object(f.rows, f.row.values)
}

// identify makes a column of a feature's own id.
func (f *features) identify(id string) error {
	_, among := f.row.values["id"]
	if among || id != "" {
		f.ids[btoi(among)] = true
	}
	if among || id == "" {
		return nil
	}
	if !f.row.declared["id"] {
		id = "" // only its name is told
	}
	return f.row.put("id", id)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// locate makes a column of the district of a place.
func (f *features) locate(at *position) error {
	if _, is := f.row.values[districtColumn]; is {
		f.left = true
	}
	f.row.values[districtColumn] = ""
	if at == nil {
		return nil
	}
	if !(math.Abs(at.lon) <= 180 && math.Abs(at.lat) <= 90) {
		return faultf("feature %d has the coordinates %s, %s, which are no longitude and latitude; deliver those of WGS 84", f.rows, degrees(at.lon), degrees(at.lat))
	}
	f.row.values[districtColumn] = f.place(at.lon, at.lat)
	return nil
}

func degrees(f float64) string { return strconv.FormatFloat(f, 'g', 10, 64) }
