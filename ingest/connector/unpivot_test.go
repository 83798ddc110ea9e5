package connector

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"citystat/kpi"
)

// wide is a dataset that makes a row a year of a table with columns for each year.
func wide(kind kpi.SourceKind) *kpi.Dataset {
	ds := dataset("code", "year", "planned", "done")
	ds.Source = kpi.Source{Kind: kind, Path: "data/*", Unpivot: []kpi.Unpivot{
		{Set: map[string]string{"year": "2024"}, Columns: map[string]string{"planned": "PLAN 2024", "done": "DONE 2024"}},
		{Set: map[string]string{"year": "2025"}, Columns: map[string]string{"planned": "PLAN 2025", "done": "DONE 2025"}},
	}}
	return ds
}

// longRows are the rows of all copies, the header left out.
func longRows(t *testing.T, res Result) []string {
	t.Helper()
	var list []string
	for _, f := range res.Files {
		rows, err := csv.NewReader(bytes.NewReader(plainOf(t, f))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if want := "_line|code|year|planned|done"; strings.Join(rows[0], "|") != want {
			t.Errorf("the header is %q and should be %q", rows[0], want)
		}
		for _, r := range rows[1:] {
			list = append(list, strings.Join(r, "|"))
		}
	}
	return list
}

func TestWideTablesBecomeLong(t *testing.T) {
	number := func(n int64) *int64 { return &n }
	long := []string{"2|a|2024|1|2", "2|a|2025|3|4", "3|b, c|2024||5", "3|b, c|2025|6|"}
	fromOne := []string{"1|a|2024|1|2", "1|a|2025|3|4", "2|b, c|2024||5", "2|b, c|2025|6|"}
	table := [][]any{{"code", "PLAN 2024", "DONE 2024", "PLAN 2025", "DONE 2025", "note", "note"}, {"a", "1", "2", "3", "4", "x", "y"}, {"b, c", "", "5", "6", "", "", ""}}
	for _, c := range []struct {
		name    string
		kind    kpi.SourceKind
		shape   string
		content string
		reader  reader
		want    []string
		skipped int64
	}{
		{"csv", kpi.SourceCSV, "", "code,PLAN 2024,DONE 2024,PLAN 2025,DONE 2025,note,note\na,1,2,3,4,x,y\n\"b, c\",,5,6,,,\n\n", CSV{}, long, 1},
		{"csv of all columns", kpi.SourceCSV, "", "code,PLAN 2024,DONE 2024,PLAN 2025,DONE 2025\na,1,2,3,4\n\"b, c\",,5,6,\n", CSV{}, long, 0},
		{"xlsx", kpi.SourceXLSX, "", wideWorkbook(t, table...), XLSX{}, long, 0},
		{"json", kpi.SourceJSON, "", `[{"code":"a","PLAN 2024":1,"DONE 2024":2,"PLAN 2025":3,"DONE 2025":4},{"code":"b, c","DONE 2024":5,"PLAN 2025":6,"extra":1}]`, JSON{}, fromOne, 0},
		{"json lines", kpi.SourceJSON, kpi.ShapeLines, "{\"code\":\"a\",\"PLAN 2024\":1,\"DONE 2024\":2,\"PLAN 2025\":3,\"DONE 2025\":4}\n{\"code\":\"b, c\",\"DONE 2024\":5,\"PLAN 2025\":6}\n", JSON{}, fromOne, 0},
		{"json columns", kpi.SourceJSON, kpi.ShapeColumns, `{"code":["a","b, c"],"PLAN 2024":[1,null],"DONE 2024":[2,5],"PLAN 2025":[3,6],"DONE 2025":[4,null]}`, JSON{}, fromOne, 0},
		{"geojson", kpi.SourceGeoJSON, "", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"code":"a","PLAN 2024":1,"DONE 2024":2,"PLAN 2025":3,"DONE 2025":4}},{"type":"Feature","geometry":null,"properties":{"code":"b, c","DONE 2024":5,"PLAN 2025":6}}]}`, GeoJSON{}, fromOne, 0},
		{"parquet", kpi.SourceParquet, "", string(parquetOf(t, []wideRow{{"a", number(1), number(2), number(3), number(4)}, {"b, c", nil, number(5), number(6), nil}})), Parquet{}, fromOne, 0},
		{"json table", kpi.SourceJSON, kpi.ShapeTable, `[["code","PLAN 2024","DONE 2024","PLAN 2025","DONE 2025"],["a",1,2,3,4],["b, c",null,5,6,null]]`, JSON{}, long, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			ds := wide(c.kind)
			ds.Source.Shape = c.shape
			res, err := readKind(t, c.reader, Request{Folder: fstest.MapFS{"data/a": {Data: []byte(c.content)}}, Dataset: ds})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, longRows(t, res)); diff != "" {
				t.Error(diff)
			}
			if res.Read != 4+c.skipped || res.Skipped != c.skipped || len(res.Rejects) != 0 {
				t.Errorf("read %d, skipped %d, %d rejects", res.Read, res.Skipped, len(res.Rejects))
			}
		})
	}
}

// wideRow is a row of the wide table in Parquet.
type wideRow struct {
	Code  string `parquet:"code"`
	Plan4 *int64 `parquet:"PLAN 2024,optional"`
	Done4 *int64 `parquet:"DONE 2024,optional"`
	Plan5 *int64 `parquet:"PLAN 2025,optional"`
	Done5 *int64 `parquet:"DONE 2025,optional"`
}

// wideWorkbook writes a workbook with one sheet.
func wideWorkbook(t *testing.T, rows ...[]any) string {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	return savedWorkbook(t, f)
}

func savedWorkbook(t *testing.T, f *excelize.File) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestACellWithoutAValueCostsTheRowThatNeedsIt(t *testing.T) {
	f := excelize.NewFile()
	for i, r := range [][]any{{"code", "PLAN 2024", "DONE 2024", "PLAN 2025", "DONE 2025", "share"}, {"a", 1, 2, 3}, {"b", 5, 6, 7, 8}, {nil, 1, 1, 1, 1}} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	for _, cell := range []string{"E2", "F2", "F3", "A4"} { // formulas without a saved value: one that 2025 needs, two that nobody declared, one of every row
		if err := f.SetCellFormula("Sheet1", cell, "A1/0"); err != nil {
			t.Fatal(err)
		}
	}
	res, err := readKind(t, XLSX{}, Request{Folder: fstest.MapFS{"data/a.xlsx": {Data: []byte(savedWorkbook(t, f))}}, Dataset: wide(kpi.SourceXLSX)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2|a|2024|1|2", "3|b|2024|5|6", "3|b|2025|7|8"}, longRows(t, res)); diff != "" {
		t.Error(diff)
	}
	var got []string
	for _, r := range res.Rejects {
		got = append(got, fmt.Sprintf("%d %s %s %s", r.Line, r.Column, r.Reason, r.Detail[strings.LastIndex(r.Detail, "("):]))
	}
	if diff := cmp.Diff([]string{"2 DONE 2025 formula_no_value (year: 2025)", "4 code formula_no_value (year: 2024)", "4 code formula_no_value (year: 2025)"}, got); diff != "" {
		t.Error(diff)
	}
	if res.Read != 6 {
		t.Errorf("read %d", res.Read)
	}
}

func TestARowOfTextThatIsSetAsideIsAllRowsItWouldHaveBecome(t *testing.T) {
	res, err := read(t, wide(kpi.SourceCSV), folder("code,PLAN 2024,DONE 2024,PLAN 2025,DONE 2025\na,1,2,3,4\nb,1,2\nc,1,2,3,4\n"))
	if err != nil {
		t.Fatal(err)
	}
	if res.Read != 6 || len(res.Rejects) != 2 || res.Rejects[0].Line != 3 || !strings.HasSuffix(res.Rejects[1].Detail, "(year: 2025)") {
		t.Errorf("read %d, rejects %+v", res.Read, res.Rejects)
	}
}

func TestHeadersOfWideTables(t *testing.T) {
	for _, c := range []struct{ name, header, want string }{
		{"renamed", "code,PLAN 2024,DONE 2024,PLANS 2025,DONE 2025",
			`data/a.csv line 1: column "PLAN 2025" is missing; the header has "PLANS 2025": renamed? If so, write PLANS 2025 under unpivot in datasets/requests.yaml`},
		{"twice", "code,PLAN 2024,DONE 2024,PLAN 2025,DONE 2025,PLAN 2025",
			`data/a.csv line 1: column "PLAN 2025" is there 2 times (columns 4 and 6); nobody can tell which one is meant`},
		{"twice where nobody looks", "code,PLAN 2024,DONE 2024,PLAN 2025,DONE 2025,L.B,L.B", ""},
		{"in another case", "code,Plan 2024,DONE 2024,PLAN 2025,DONE 2025,x,y", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			fields := strings.Count(c.header, ",")
			res, err := read(t, wide(kpi.SourceCSV), folder(c.header+"\na,1,2,3,4"+strings.Repeat(",", fields-4)+"\n"))
			switch {
			case c.want == "" && err != nil, c.want != "" && (err == nil || err.Error() != c.want):
				t.Errorf("the error is %v", err)
			case err == nil && len(res.Files[0].Undeclared) != fields-4:
				t.Errorf("undeclared: %q", res.Files[0].Undeclared)
			}
		})
	}
}

func TestATextThatIsSetMustBeOne(t *testing.T) {
	ds := wide(kpi.SourceCSV)
	ds.Source.Unpivot[1].Set["year"] = "20\x0025"
	if _, err := read(t, ds, folder("code,PLAN 2024,DONE 2024,PLAN 2025,DONE 2025\na,1,2,3,4\n")); err == nil || !strings.Contains(err.Error(), "NUL") {
		t.Errorf("the error is %v", err)
	}
}

// FuzzUnpivot compares the long table with one that is made by hand of what encoding/csv reads.
func FuzzUnpivot(f *testing.F) {
	f.Add("a,1,2,3,4\nb,,,,\n", "2024", "2025")
	f.Add("\"a\"\"\n,\",\"1\",2,3,\n", "a,b", "\"")
	f.Fuzz(func(t *testing.T, rows, one, two string) {
		ds := wide(kpi.SourceCSV)
		ds.Source.Unpivot[0].Set["year"], ds.Source.Unpivot[1].Set["year"] = one, two
		res, err := read(t, ds, folder("code,PLAN 2024,DONE 2024,PLAN 2025,DONE 2025\n"+rows))
		if err != nil || len(res.Rejects) > 0 || strings.Contains(one+two, "\r") {
			return
		}
		r := csv.NewReader(strings.NewReader(rows))
		in, err := r.ReadAll()
		if err != nil || strings.Contains(rows, "\r") {
			return // another reader's idea of quotes or line ends
		}
		var want []string
		for _, row := range in {
			want = append(want, strings.Join([]string{row[0], one, row[1], row[2]}, "|"), strings.Join([]string{row[0], two, row[3], row[4]}, "|"))
		}
		got := longRows(t, res)
		for i, g := range got {
			line, rest, _ := strings.Cut(g, "|")
			if _, err := strconv.Atoi(line); err != nil {
				t.Fatalf("line %q", line)
			}
			got[i] = rest
		}
		if !slices.Equal(want, got) {
			t.Errorf("the rows are %q and should be %q", got, want)
		}
	})
}
