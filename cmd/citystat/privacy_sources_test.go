package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// marked are the rows of a source: good ones, one that is refused for its type, and one for its check. PERSON is dropped and NOTE is declared by
// nobody; both are marked everywhere.
func marked(kind string, n int) [][]string {
	m := func(place string) string { return fmt.Sprintf("%s-%s-%s-%d", mark, kind, place, n) }
	return [][]string{
		{"ID", "DAY", "AMOUNT", "PERSON", "NOTE"},
		{"a", "2026-03-01", fmt.Sprint(10 + n), m("dropped"), m("undeclared")},
		{"b", "2026-03-02", "20", m("dropped-b"), m("undeclared-b")},
		{"c", "someday", "30", m("dropped-typed"), m("undeclared-typed")},
		{"d", "2026-03-03", "-40", m("dropped-checked"), m("undeclared-checked")},
	}
}

// csvOf writes rows as CSV between lines that are no table, with rows that are broken in four ways.
func csvOf(kind string, n int) string {
	m := func(place string) string { return fmt.Sprintf("%s-%s-%s-%d", mark, kind, place, n) }
	lines := []string{"Prepared by " + m("preamble"), ""}
	for _, row := range marked(kind, n) {
		lines = append(lines, strings.Join(row, ","))
	}
	return strings.Join(append(lines,
		"z,2026-03-04,0,José "+m("utf8")+",x", // so that a row that is no UTF-8 is known to be broken
		"e,2026-03-04,1,"+m("short"),
		"f,2026-03-04,1,"+m("long")+","+m("long-note")+","+m("too-much"),
		"g,2026-03-04,1,"+m("bytes")+"\xff,x",
		"h,2026-03-04,1,"+m("stray")+"\"quote,x",
		"Total,"+m("footer"), m("behind"),
	), "\n") + "\n"
}

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, s)
	must(errors.Join(err, w.Close()))
	return b.String()
}

func zipped(name, s string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range []string{name, "other.txt"} {
		f, err := w.Create(n)
		must(err)
		_, err = io.WriteString(f, s)
		must(err)
	}
	must(w.Close())
	return b.String()
}

// must ends the test binary's work on what cannot fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func objectsOf(kind string, n int) []map[string]any {
	rows := marked(kind, n)
	var list []map[string]any
	for _, row := range rows[1:] {
		o := map[string]any{}
		for i, name := range rows[0] {
			o[name] = row[i]
		}
		o["DEEP"] = map[string]any{"inside": []string{fmt.Sprintf("%s-%s-deep-%d", mark, kind, n)}}
		list = append(list, o)
	}
	return list
}

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	must(err)
	return string(b)
}

func jsonLines(kind string, n int) string {
	var b strings.Builder
	for _, o := range objectsOf(kind, n) {
		b.WriteString(jsonOf(o) + "\n")
	}
	return b.String() + fmt.Sprintf("{\"ID\": \"e\", \"PERSON\": \"%s-%s-cut-%d\n", mark, kind, n)
}

func jsonColumns(kind string, n int) string {
	rows := marked(kind, n)
	out := map[string][]string{}
	for i, name := range rows[0] {
		for _, row := range rows[1:] {
			out[name] = append(out[name], row[i])
		}
	}
	return jsonOf(out)
}

func geojsonOf(kind string, n int) string {
	var features []any
	for _, o := range objectsOf(kind, n) {
		features = append(features, map[string]any{"type": "Feature", "properties": o, "geometry": map[string]any{"type": "Point", "coordinates": []float64{1, 2}}})
	}
	return jsonOf(map[string]any{"type": "FeatureCollection", "features": features, "generator": fmt.Sprintf("%s-%s-preamble-%d", mark, kind, n)})
}

func ocdsOf(kind string, n int) string {
	var releases []any
	for _, row := range marked(kind, n)[1:] {
		releases = append(releases, map[string]any{
			"ocid": "ocds-x-" + row[0], "id": row[0], "date": row[1], "tag": []string{"tender"}, "initiationType": "tender", "language": row[3],
			"parties": []any{map[string]any{"id": row[3], "name": row[3], "contactPoint": map[string]any{"name": row[4]}}},
			"buyer":   map[string]any{"id": "x", "name": row[4]}, "tender": map[string]any{"id": "t", "value": map[string]any{"amount": json.Number(row[2]), "currency": "USD"}},
		})
	}
	return jsonOf(map[string]any{"uri": "https://example.org/p", "version": "1.1", "publisher": map[string]any{"name": mark + "-ocds-preamble"}, "publishedDate": "2026-03-01T00:00:00Z", "releases": releases})
}

func xlsxOf(kind string, n int) string {
	f := excelize.NewFile()
	must(f.SetSheetRow("Sheet1", "A1", &[]any{"Prepared by " + mark + "-xlsx-preamble"}))
	for i, row := range marked(kind, n) {
		must(f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+3), &row))
	}
	must(f.SetCellFormula("Sheet1", "C8", "1/0")) // no value was saved with it
	must(f.SetCellValue("Sheet1", "A8", "e"))
	must(f.SetCellValue("Sheet1", "D8", mark+"-xlsx-no-value"))
	must(f.SetSheetRow("Sheet1", "A9", &[]any{"Total", mark + "-xlsx-footer"}))
	_, err := f.NewSheet("Hidden")
	must(err)
	must(f.SetCellValue("Hidden", "A1", mark+"-xlsx-other-sheet"))
	var b bytes.Buffer
	must(errors.Join(f.Write(&b), f.Close()))
	return b.String()
}

func parquetOf(kind string, n int) string {
	type row struct{ ID, DAY, AMOUNT, PERSON, NOTE string }
	var rows []row
	for _, r := range marked(kind, n)[1:] {
		rows = append(rows, row{r[0], r[1], r[2], r[3], r[4]})
	}
	return parquetRows(rows)
}

// markedSource is a dataset of the test: how its source is declared, the n-th delivery of it, and those that must fail.
type markedSource struct {
	id, source string
	file       string // in the folder; empty: it is fetched
	good       func(n int) string
	bad        []string
}

const page = "<!DOCTYPE html><html><body>Session of MARKED-page expired</body></html>"

// headless is a table without its header: the first row stands in its place.
func headless(kind string) string {
	return "preamble\n\n" + strings.Join(marked(kind, 0)[1], ",") + "\n" + strings.Join(marked(kind, 0)[2], ",") + "\n"
}

func markedSources(portal string) []markedSource {
	text := func(kind string) func(int) string { return func(n int) string { return csvOf(kind, n) } }
	over := func(how func(string) string, kind string) func(int) string {
		return func(n int) string { return how(csvOf(kind, n)) }
	}
	const around = "skip_lines: 2, ends_at: [Total]"
	open := func(kind string) string {
		return strings.Replace(csvOf(kind, 0), "20,"+mark, "20,\""+mark, 1) // a quote that nothing closes
	}
	worthless := func(kind string) string { // no row of it is good
		return "x\n\nID,DAY,AMOUNT,PERSON,NOTE\na,never,1," + mark + "-" + kind + "-all-refused,y\n"
	}
	return []markedSource{
		{"plain", "{kind: csv, path: data/plain.csv, " + around + "}", "plain.csv", text("plain"), []string{page, headless("plain"), open("plain"), worthless("plain"), ""}},
		{"packed", "{kind: csv, path: data/packed.csv.gz, " + around + "}", "packed.csv.gz", over(gzipped, "packed"), []string{gzipped(csvOf("packed", 0))[:90], gzipped(open("packed")), headless("packed")}},
		{"archive", "{kind: csv, path: data/archive.zip, member: rows.csv, " + around + "}", "archive.zip", over(func(s string) string { return zipped("rows.csv", s) }, "archive"),
			[]string{zipped("../rows.csv", csvOf("archive", 0)), zipped("lines.csv", csvOf("archive", 0)), zipped("rows.csv", headless("archive"))}},
		{"book", "{kind: xlsx, path: data/book.xlsx, sheet: Sheet1, skip_lines: 2, ends_at: [Total]}", "book.xlsx", func(n int) string { return xlsxOf("xlsx", n) }, []string{page, xlsxOf("xlsx", 0)[:900]}},
		{"rows", "{kind: json, path: data/rows.json, shape: rows, rows: result.records}", "rows.json", func(n int) string {
			return jsonOf(map[string]any{"help": mark + "-rows-preamble", "result": map[string]any{"records": objectsOf("rows", n)}})
		}, []string{`{"error": "no access", "PERSON": "MARKED-rows-error"}`, jsonOf(map[string]any{"result": map[string]any{"records": objectsOf("rows", 0)}})[:120], `{"result": {"records": [{"PERSON": "MARKED-rows-twice", "PERSON": "MARKED-rows-twice"}]}}`,
			`{"result": {"records": [{"PERSON": "\ud800MARKED-rows-half"}]}}`, `{"result": {"records": [{"PERSON": "\uMARKED"}]}}`, `{"result": {"records": [{"PERSON": MARKED}]}}`, `{"result": {"records": ["MARKED-rows-text"]}}`, `{"result": {"records": "MARKED-rows-no-list"}}`}},
		{"lines", "{kind: json, path: data/lines.ndjson, shape: lines}", "lines.ndjson", func(n int) string { return jsonLines("lines", n) }, []string{page, "MARKED-lines-nothing\nMARKED-lines-nothing\n"}},
		{"columns", "{kind: json, path: data/columns.json, shape: columns}", "columns.json", func(n int) string { return jsonColumns("columns", n) },
			[]string{`{"ID": ["a"], "DAY": ["2026-03-01", "2026-03-02"], "AMOUNT": ["1"], "PERSON": ["MARKED-columns-uneven"]}`, `{"ID": "MARKED-columns-text"}`}},
		{"places", "{kind: geojson, path: data/places.geojson}", "places.geojson", func(n int) string { return geojsonOf("places", n) }, []string{`{"type": "Nothing", "features": [{"PERSON": "MARKED-places-type"}]}`, geojsonOf("places", 0)[:150]}},
		{"contracts", "{kind: ocds, path: data/contracts.json}", "contracts.json", func(n int) string { return ocdsOf("contracts", n) }, []string{`{"message": "no access", "buyer": {"name": "MARKED-contracts-error"}}`, ocdsOf("contracts", 0)[:300]}},
		{"trips", "{kind: parquet, path: data/trips.parquet}", "trips.parquet", func(n int) string { return parquetOf("trips", n) }, []string{parquetOf("trips", 0)[:60], page}},
		{"fetched", `{kind: csv, url: "` + portal + `/fetched.csv", user: clerk, password: "${PRIVACY_USER_PASSWORD}", headers: {X-Key: "${PRIVACY_HEADER}"}, ` + around + "}", "", text("fetched"), []string{page, open("fetched"), "401", "500"}},
		{"portal", `{kind: socrata, url: "` + portal + `", resource: abcd-1234, token: "${PRIVACY_TOKEN}"}`, "", func(n int) string { return jsonOf(objectsOf("portal", n)) },
			[]string{`[{"ID": "MARKED-portal-no-id"}]`, "401", "500", "403", `{"PERSON": "MARKED-portal-error"}`}},
	}
}

// fakePortal serves the datasets that are fetched.
type fakePortal struct {
	*httptest.Server
	deliveries map[string]string // by the id of the dataset
	told       int               // requests with all secrets that were due
}

func newFakePortal(t *testing.T) *fakePortal {
	p := &fakePortal{deliveries: map[string]string{}}
	fault := func(w http.ResponseWriter, r *http.Request, said string) bool {
		switch said {
		case "401":
			http.Error(w, "no entry with "+r.Header.Get("X-Key")+r.Header.Get("X-App-Token")+r.Header.Get("Authorization"), http.StatusUnauthorized)
		case "500":
			w.Header().Set("X-Debug", mark+"-header")
			http.Error(w, "MARKED-trace of "+r.Header.Get("X-App-Token"), http.StatusNotImplemented)
		case "403":
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, jsonOf(map[string]any{"error": true, "message": "the token " + r.Header.Get("X-App-Token") + " may not"}))
		default:
			return false
		}
		return true
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/fetched.csv", func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); ok && user == "clerk" && password == secrets["PRIVACY_USER_PASSWORD"] && r.Header.Get("X-Key") == secrets["PRIVACY_HEADER"] {
			p.told++
		}
		if said := p.deliveries["fetched"]; !fault(w, r, said) {
			_, _ = io.WriteString(w, said)
		}
	})
	mux.HandleFunc("/api/views/abcd-1234.json", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-App-Token") == secrets["PRIVACY_TOKEN"] {
			p.told++
		}
		var columns []any
		for _, name := range marked("portal", 0)[0] {
			columns = append(columns, map[string]any{"fieldName": name})
		}
		_, _ = io.WriteString(w, jsonOf(map[string]any{"rowsUpdatedAt": 1, "columns": columns, "owner": mark + "-portal-owner"}))
	})
	mux.HandleFunc("/resource/abcd-1234.json", func(w http.ResponseWriter, r *http.Request) {
		said := p.deliveries["portal"]
		if fault(w, r, said) {
			return
		}
		var rows []map[string]any
		if json.Unmarshal([]byte(said), &rows) != nil {
			_, _ = io.WriteString(w, said)
			return
		}
		if strings.HasPrefix(r.URL.Query().Get("$select"), "count(") {
			_, _ = io.WriteString(w, jsonOf([]any{map[string]any{"count": fmt.Sprint(len(rows))}}))
			return
		}
		for i := range rows { // this portal hands out more than it was asked for
			if len(rows) > 1 {
				rows[i][":id"], rows[i][":updated_at"] = fmt.Sprintf("row-%d", i), "2026-03-01T00:00:00.000Z"
			}
		}
		_, _ = io.WriteString(w, jsonOf(rows))
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}
