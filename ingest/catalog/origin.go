package catalog

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"citystat/kpi"
)

// sourceKeys returns the keys that a source of the kind may have; the format is of the file behind a CKAN resource. A key that would have
// no effect is a mistake: whoever wrote it believes that it has one.
func sourceKeys(kind kpi.SourceKind, format string) []string {
	fetch := ofFetching()
	portal := []string{"kind", "url", "token", "headers", "timeout"}
	switch kind {
	case kpi.SourceSocrata:
		return append(portal, "resource", "filter", "delivers", "cursor", "user", "password")
	case kpi.SourceCKAN:
		if format != "" {
			return slices.Concat(portal, []string{"resource", "format", "max_bytes"}, writingKeys(format))
		}
		return append(portal, "resource", "format", "filter", "unpivot")
	case kpi.SourceArcGIS:
		return append(portal, "filter", "geometry")
	case kpi.SourceSQL:
		return []string{"kind", "connection", "query", "delivers", "cursor", "timeout"}
	case kpi.SourceLedger:
		return []string{"kind", "table"}
	case kpi.SourceEntry:
		return []string{"kind", "path", "sheet", "merged", "encoding", "delimiter", "quote", "skip_lines", "header_lines", "ends_at"}
	}
	return slices.Concat([]string{"kind", "path", "url"}, fetch, writingKeys(kind))
}

// writingKeys returns the keys that say how a file of the kind is written.
func writingKeys(kind kpi.SourceKind) []string {
	switch kind {
	case kpi.SourceCSV:
		return []string{"encoding", "delimiter", "quote", "skip_lines", "header_lines", "ends_at", "member", "unpivot"}
	case kpi.SourceXLSX:
		return []string{"sheet", "merged", "skip_lines", "header_lines", "ends_at", "unpivot"}
	case kpi.SourceJSON:
		return []string{"encoding", "shape", "rows", "member", "unpivot"}
	case kpi.SourceGeoJSON:
		return []string{"encoding", "rows", "geometry", "member", "unpivot"}
	case kpi.SourceParquet:
		return []string{"member", "unpivot"}
	case kpi.SourceOCDS:
		return []string{"encoding", "shape", "rows", "member"}
	}
	return nil
}

// What becomes of shapes.
const (
	geometryDrop     = "drop"
	geometryDistrict = "district"
)

// readSource reads where the rows come from.
func (ds *dataset) readSource() error {
	n := ds.o.get("source", required)
	ds.hideSecrets(n)
	s, ok := ds.object(n, sourceShape)
	if !ok {
		return nil
	}
	src := &ds.d.Source
	if src.Kind = ds.sourceKind(s); src.Kind == "" {
		return nil // which keys it needs is not known
	}
	formats := []string{kpi.SourceCSV, kpi.SourceXLSX, kpi.SourceJSON, kpi.SourceGeoJSON, kpi.SourceParquet}
	if src.Kind == kpi.SourceCKAN {
		if src.Format = oneOf(s, "format", optional, "", formats); src.Format == "" && (s.key["format"] != nil || s.misspelt("format")) {
			return nil // which keys it needs is not known
		}
	}
	ds.refuseKeys(s, sourceKeys(src.Kind, src.Format), func(key string) string {
		switch {
		case src.Format != "":
			return fmt.Sprintf("%q is not for a CKAN resource that is a file of kind %s", key, src.Format)
		case src.Kind == kpi.SourceCKAN && slices.ContainsFunc(formats, func(kind string) bool { return slices.Contains(writingKeys(kind), key) }):
			return fmt.Sprintf("%q is for a CKAN resource that is a file and has a format, such as format: csv", key)
		}
		return fmt.Sprintf("%q is for sources of kind %s, and this one is %s", key, strings.Join(kindsWith(key), " or "), src.Kind)
	})
	ds.readWriting(s)
	switch src.Kind {
	case kpi.SourceSocrata, kpi.SourceCKAN, kpi.SourceArcGIS:
		ds.readPortal(s)
	case kpi.SourceSQL:
		ds.readDatabase(s)
	case kpi.SourceLedger:
		ds.readTable(s)
	case kpi.SourceEntry:
		return ds.readSeed(s)
	default:
		return ds.readFiles(s)
	}
	return nil
}

// kindsWith lists the kinds of source that have a key.
func kindsWith(key string) []string {
	return slices.DeleteFunc(slices.Clone(kpi.SourceKinds), func(kind string) bool { return !slices.Contains(sourceKeys(kind, ""), key) })
}

// refuseKeys reports the keys that are there and not among those that are taken, and forgets them.
func (ds *dataset) refuseKeys(o object, taken []string, why func(key string) string) {
	for _, p := range o.n.pairs {
		key := p.key.text
		if o.key[key] == nil || slices.Contains(taken, key) {
			continue
		}
		ds.bad(p.key, "leave it out", "%s", why(key))
		delete(o.key, key)
		delete(o.value, key)
	}
}

// sourceKind reads the kind, "" if there is none that is known.
func (ds *dataset) sourceKind(s object) kpi.SourceKind {
	n, kind := s.raw("kind", required)
	if n == nil || slices.Contains(kpi.SourceKinds, kind) {
		return kind
	}
	ds.bad(n, kindMend(kind), "there is no kind of source %s", short(kind))
	return ""
}

// kindMend offers the kind that was probably meant: people name the program or the way that a file comes.
func kindMend(kind string) string {
	switch strings.ToLower(kind) {
	case "excel", "spreadsheet", "workbook":
		return "write kind: xlsx"
	case "xls", "xlsb", "ods":
		return "save the workbook as .xlsx, and write kind: xlsx"
	case "tsv", "tab", "text", "txt", "zip", "gzip":
		return "write kind: csv, which is any text with a delimiter, compressed or not"
	case "ndjson", "jsonl", "jsonlines":
		return "write kind: json, and shape: lines"
	case "http", "https", "web", "url", "api", "sftp", "ftp":
		return `write the form of the file, such as kind: csv, and where it is as url: "https://…"`
	case "postgres", "postgresql", "mysql", "mariadb", "sqlserver", "mssql", "oracle", "database", "odbc":
		return "write kind: sql"
	case "typed", "form", "manual", "input", "entries", "hand":
		return "write kind: entry, for rows that people type or upload"
	case "soda", "tyler":
		return "write kind: socrata"
	case "esri", "featureserver", "mapserver":
		return "write kind: arcgis"
	}
	return suggest(kind, kpi.SourceKinds, "the kinds are")
}

// readWriting reads how rows are written in a text, a workbook or JSON.
func (ds *dataset) readWriting(s object) {
	src := &ds.d.Source
	fallback := func(v string) string {
		return either(src.Kind == kpi.SourceCSV || src.Kind == kpi.SourceEntry || src.Format == kpi.SourceCSV, v, "")
	}
	src.Encoding = oneOf(s, "encoding", optional, fallback("utf-8"), []string{"utf-8", "windows-1252", "iso-8859-1", "utf-16le", "utf-16be"})
	src.Delimiter = ds.sign(s, "delimiter", fallback(","))
	src.Quote = ds.sign(s, "quote", fallback(`"`))
	if src.Quote != "" && src.Quote == src.Delimiter {
		ds.bad(s.n, "name two different characters", "the quote is the delimiter")
	}
	_, skip := s.integer("skip_lines", optional, 1, 10_000)
	_, header := s.integer("header_lines", optional, 1, 20)
	src.SkipLines, src.HeaderLines = int(skip), int(header)
	for _, w := range s.words("ends_at", optional) {
		if ds.theirs(w.n) {
			src.EndsAt = append(src.EndsAt, w.text)
		}
	}
	if n := s.value["ends_at"]; n != nil && n.kind == sequence && len(n.items) == 0 {
		s.empty("ends_at", n)
	}
	_, src.Sheet = s.raw("sheet", optional)
	src.Merged = oneOf(s, "merged", optional, "", []string{"fill"})
	src.Member = ds.archiveMember(s)
	shapes := []string{kpi.ShapeRows, kpi.ShapeLines, kpi.ShapeColumns, kpi.ShapeTable}
	if src.Kind == kpi.SourceOCDS {
		shapes = shapes[:2] // releases without a package around them
	}
	src.Shape = oneOf(s, "shape", optional, "", shapes)
	src.Rows = ds.rowsPath(s)
	src.Geometry = ds.geometry(s)
	src.Unpivot = ds.unpivot(s)
}

// sign reads a single character.
func (ds *dataset) sign(o object, key, fallback string) string {
	n, s := o.raw(key, optional)
	if n == nil {
		return fallback
	}
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case size != len(s):
		mend := "write " + o.shape.line(key)
		if s == `\t` || strings.EqualFold(s, "tab") {
			mend = `write "\t" in double quotes for a tab`
		}
		ds.bad(n, mend, "%q needs one character, and %s has %d", key, short(s), utf8.RuneCountInString(s))
	case r == '\n' || r == '\r' || r == 0 || unicode.IsLetter(r) || unicode.IsDigit(r):
		ds.bad(n, "write "+o.shape.line(key), "%s cannot be the %s", short(s), key)
	default:
		return s
	}
	return fallback
}

// rowsPath reads the path to the rows of JSON: names with dots between them.
func (ds *dataset) rowsPath(s object) string {
	n, at := s.raw("rows", optional)
	if n == nil {
		return ""
	}
	if ds.d.Source.Shape == kpi.ShapeLines {
		ds.bad(s.key["rows"], "leave it out; with shape: lines every line is a row", "rows leads into a document, and a file of lines has none")
		return ""
	}
	if strings.ContainsAny(at, "[]*") || strings.HasPrefix(at, "/") || strings.HasPrefix(at, "$.") || slices.Contains(strings.Split(at, "."), "") {
		ds.bad(n, "write the names that lead to the rows with dots between them, such as "+s.shape.line("rows"), "%s is no path to the rows", short(at))
		return ""
	}
	return at
}

// geometry reads what becomes of shapes: nothing, or the district in which they lie.
func (ds *dataset) geometry(s object) string {
	g := oneOf(s, "geometry", optional, "", []string{geometryDrop, geometryDistrict})
	if g == geometryDistrict && len(ds.city.Districts) == 0 && !ds.table("district").open {
		ds.bad(s.value["geometry"], "declare districts in city.yaml, or write geometry: drop", "the city declares no districts in which a place could lie")
	}
	return g
}

// checkGeometry makes sure that the district of a place becomes a column, and that it does not without having been asked for.
func (ds *dataset) checkGeometry() {
	if ds.unsure || len(ds.broken) > 0 || ds.d.Source.Geometry != geometryDistrict {
		return
	}
	if !slices.ContainsFunc(ds.d.Columns, func(c kpi.Column) bool { return c.From == "district" }) {
		ds.bad(ds.o.value["source"], "declare a column such as district: {from: district, type: district}, or leave geometry out",
			`the district in which a place lies is delivered as the column "district", and no column reads it`)
	}
}
