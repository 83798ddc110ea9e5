package connector

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"citystat/kpi"
)

// archiveOf packs parts, in the order of their names and contents.
func archiveOf(t testing.TB, parts ...string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(parts); i += 2 {
		f, err := w.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const (
	typesPart = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`
	rootRels  = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookRels  = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`
	bookPart  = `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`
	textsPart = `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>plain</t></si><si><r><t xml:space="preserve">two </t></r><r><rPr><b/></rPr><t>runs</t></r><rPh sb="0" eb="1"><t>guide</t></rPh></si><si><t>a_x000D_b_x005F_c</t></si></sst>`
)

// codes are the number formats of the styles of workbookOf, from style 1 on: the first by number, the others by code.
var codes = []string{"#14", "#22", "#20", "#10", "[h]:mm", "dd/mm/yyyy", `"day" 0`, `[$-409]mmm\-yy;@`, "0.00E+00", `#,##0\ "d"`, "mm:ss", "General", `yyyy"年"m"月"`, "#46"}

func stylesPart() string {
	var formats, styles strings.Builder
	for i, c := range codes {
		id := strconv.Itoa(200 + i)
		if n, ok := strings.CutPrefix(c, "#"); ok && !strings.HasPrefix(c, "#,") {
			id = n
		} else {
			fmt.Fprintf(&formats, `<numFmt numFmtId="%s" formatCode="%s"/>`, id, strings.ReplaceAll(c, `"`, "&quot;"))
		}
		fmt.Fprintf(&styles, `<xf numFmtId="%s" applyNumberFormat="1"/>`, id)
	}
	return `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts>` + formats.String() + `</numFmts><cellXfs><xf numFmtId="0"/>` + styles.String() + `</cellXfs></styleSheet>`
}

// workbookOf makes a workbook of the inside of a sheet.
func workbookOf(t testing.TB, sheet string) string {
	t.Helper()
	return archiveOf(t, "[Content_Types].xml", typesPart, "_rels/.rels", rootRels, "xl/workbook.xml", bookPart, "xl/_rels/workbook.xml.rels", bookRels,
		"xl/sharedStrings.xml", textsPart, "xl/styles.xml", stylesPart(),
		"xl/worksheets/sheet1.xml", `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`+sheet+`</worksheet>`)
}

func rowXML(n int, texts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<row r="%d">`, n)
	for i, s := range texts {
		if s != "" {
			name, err := excelize.CoordinatesToCellName(i+1, n)
			if err != nil {
				panic(err)
			}
			fmt.Fprintf(&b, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, name, s)
		}
	}
	return b.String() + "</row>"
}

// TestCells: what a cell stores, and what comes of it.
func TestCells(t *testing.T) {
	for _, c := range []struct{ cell, text, fault string }{
		{`<c r="A2"><v>1.23E+11</v></c>`, "123000000000", ""},
		{`<c r="A2"><v>71.900000000000006</v></c>`, "71.9", ""},
		{`<c r="A2"><v>0.30000000000000004</v></c>`, "0.30000000000000004", ""},
		{`<c r="A2"><v>-12345678901234567890</v></c>`, "-12345678901234567890", ""},
		{`<c r="A2"><v>1E+300</v></c>`, "1E+300", ""},
		{`<c r="A2"><v>-1.5E-3</v></c>`, "-0.0015", ""},
		{`<c r="A2" t="n"><v> 5 </v></c>`, "5", ""},
		{`<c r="A2" t="s"><v>1</v></c>`, "two runs", ""},
		{`<c r="A2" t="s"><v>2</v></c>`, "a\rb_c", ""},
		{`<c r="A2" t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c>`, "inline", ""},
		{`<c r="A2" t="b"><v>1</v></c>`, "true", ""},
		{`<c r="A2" t="b"><v>0</v></c>`, "false", ""},
		{`<c r="A2" t="d"><v>2026-01-31T10:00:00</v></c>`, "2026-01-31T10:00:00", ""},
		{`<c r="A2" t="e"><v>#N/A</v></c>`, "", ReasonCellError},
		{`<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c>`, "", ReasonCellError},
		{`<c r="A2"><f>SUM(B1:B9)</f></c>`, "", ReasonNoValue},
		{`<c r="A2"><f>SUM(B1:B9)</f><v></v></c>`, "", ReasonNoValue},
		{`<c r="A2" t="str"><f>IF(1,"","")</f><v></v></c>`, "", ""},
		{`<c r="A2" t="str"><f>"x"</f><v>x</v></c>`, "x", ""},
		{`<c r="A2"><f t="shared" si="0"/><v>3</v></c>`, "3", ""},
		{`<c r="A2" s="1"><v>44197</v></c>`, "2021-01-01", ""},
		{`<c r="A2" s="1"><v>44197.5</v></c>`, "2021-01-01T12:00:00", ""},
		{`<c r="A2" s="1"><v>1</v></c>`, "1900-01-01", ""},
		{`<c r="A2" s="1"><v>59</v></c>`, "1900-02-28", ""},
		{`<c r="A2" s="1"><v>60</v></c>`, "1900-02-29", ""},
		{`<c r="A2" s="1"><v>61</v></c>`, "1900-03-01", ""},
		{`<c r="A2" s="1"><v>0</v></c>`, "0", ""},
		{`<c r="A2" s="1"><v>-3</v></c>`, "-3", ""},
		{`<c r="A2" s="1"><v>2958465</v></c>`, "9999-12-31", ""},
		{`<c r="A2" s="1"><v>2958466</v></c>`, "2958466", ""},
		{`<c r="A2" s="2"><v>44197.041666666664</v></c>`, "2021-01-01T01:00:00", ""},
		{`<c r="A2" s="3"><v>0.60416666666666663</v></c>`, "14:30:00", ""},
		{`<c r="A2" s="4"><v>0.71</v></c>`, "0.71", ""},
		{`<c r="A2" s="5"><v>1.5</v></c>`, "1.5", ""},
		{`<c r="A2" s="6"><v>44197</v></c>`, "2021-01-01", ""},
		{`<c r="A2" s="7"><v>3</v></c>`, "3", ""},
		{`<c r="A2" s="8"><v>44197</v></c>`, "2021-01-01", ""},
		{`<c r="A2" s="9"><v>1.5E+5</v></c>`, "150000", ""},
		{`<c r="A2" s="10"><v>4000</v></c>`, "4000", ""},
		{`<c r="A2" s="11"><v>0.5</v></c>`, "12:00:00", ""},
		{`<c r="A2" s="12"><v>44197</v></c>`, "44197", ""},
		{`<c r="A2" s="13"><v>44197</v></c>`, "2021-01-01", ""},
		{`<c r="A2" s="14"><v>1.25</v></c>`, "1.25", ""},
		{`<c r="A2" s="999"><v>7</v></c>`, "7", ""},
		{`<c r="A2" s="1" t="s"><v>0</v></c>`, "plain", ""},
	} {
		text := "(no row)"
		fault := ""
		in := workbookOf(t, "<sheetData>"+rowXML(1, "a", "b")+`<row r="2">`+c.cell+`<c r="B2" t="inlineStr"><is><t>x</t></is></c></row></sheetData>`)
		for row, err := range ReadTable(t.Context(), fstest.MapFS{"a.xlsx": {Data: []byte(in)}}, kpi.Source{Kind: kpi.SourceXLSX, Path: "a.xlsx"}, Limits{}) {
			if err != nil {
				t.Fatalf("%s: %v", c.cell, err)
			}
			if row.Line == 2 {
				text = row.Fields[0]
				for _, f := range row.Faults {
					fault += f.Reason
				}
			}
		}
		if text != c.text || fault != c.fault {
			t.Errorf("%s: %q %q, want %q %q", c.cell, text, fault, c.text, c.fault)
		}
	}
}

func TestSheetsAsDeclared(t *testing.T) {
	rows := func(r ...string) string { return "<sheetData>" + strings.Join(r, "") + "</sheetData>" }
	merged := func(refs ...string) string {
		return `<mergeCells><mergeCell ref="` + strings.Join(refs, `"/><mergeCell ref="`) + `"/></mergeCells>`
	}
	with := func(f func(*kpi.Dataset), columns ...string) *kpi.Dataset {
		ds := xlsxDataset(columns...)
		f(ds)
		return ds
	}
	for _, c := range []struct {
		name, sheet, want string
		ds                *kpi.Dataset
		skipped, rejected int64
		warnings          int
	}{
		{"two lines of header, merged", rows(rowXML(3, "", "2025", "", "Note"), rowXML(4, "id", "plan", "done"), rowXML(5, "1", "2", "3", "n")) + merged("B3:C3"),
			"_line,id,2025 plan,2025 done,Note\n5,1,2,3,n\n", with(func(ds *kpi.Dataset) { ds.Source.HeaderLines = 2 }, "id", "2025 plan", "2025 done", "Note"), 0, 0, 0},
		{"a header merged down is told once", rows(rowXML(1, "id", "2025"), rowXML(2, "", "plan"), rowXML(3, "1", "2")) + merged("A1:A2"),
			"_line,id,2025 plan\n3,1,2\n", with(func(ds *kpi.Dataset) { ds.Source.HeaderLines = 2 }, "id", "2025 plan"), 0, 0, 0},
		{"rows before the header and an end", rows(rowXML(1, "Report"), rowXML(2, "of 2025"), rowXML(5, "a", "b"), rowXML(6, "1", "2"), rowXML(7), rowXML(9, "", "Total"), rowXML(10, "source: us")),
			"_line,a,b\n6,1,2\n", with(func(ds *kpi.Dataset) { ds.Source.SkipLines, ds.Source.EndsAt = 2, []string{"Total"} }, "a", "b"), 5, 0, 0},
		{"an end that never comes", rows(rowXML(1, "a", "b"), rowXML(2, "1", "2")), "_line,a,b\n2,1,2\n", with(func(ds *kpi.Dataset) { ds.Source.EndsAt = []string{"Total"} }, "a", "b"), 0, 0, 1},
		{"merged across", rows(rowXML(1, "a", "b"), rowXML(2, "section"), rowXML(3, "1", "2")) + merged("A2:B2"), "_line,a,b\n3,1,2\n", xlsxDataset("a", "b"), 0, 1, 0},
		{"a merged area without a value", rows(rowXML(1, "a", "b"), rowXML(2, "", "1"), rowXML(3, "", "2")) + merged("A2:A3"), "_line,a,b\n2,,1\n3,,2\n", xlsxDataset("a", "b"), 0, 0, 0},
		{"merged and not kept", rows(rowXML(1, "a", "b"), rowXML(2, "x", "1"), rowXML(3, "", "2")) + merged("A2:A3"), "_line,b\n2,1\n3,2\n", xlsxDataset("b"), 0, 0, 0},
		{"filled", rows(rowXML(1, "a", "b"), rowXML(2, "x", "1"), rowXML(3, "", "2"), rowXML(4), rowXML(5, "y", "3")) + merged("A2:A4"), "_line,a,b\n2,x,1\n3,x,2\n5,y,3\n",
			with(func(ds *kpi.Dataset) { ds.Source.Merged = "fill" }, "a", "b"), 1, 0, 0},
		{"an error fills its area", `<sheetData>` + rowXML(1, "a", "b") + `<row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>` + rowXML(3, "", "2") + rowXML(4, "x", "3") + `</sheetData>` + merged("A2:A3"), "_line,a,b\n4,x,3\n",
			with(func(ds *kpi.Dataset) { ds.Source.Merged = "fill" }, "a", "b"), 0, 2, 0},
		{"hidden columns and rows", `<cols><col min="1" max="2" hidden="1"/></cols><sheetData>` + rowXML(1, "a", "b") + strings.Replace(rowXML(2, "1", "2"), "<row", `<row hidden="true"`, 1) + `</sheetData>`, "_line,a\n2,1\n", xlsxDataset("a"), 0, 0, 2},
		{"beyond the header", rows(rowXML(1, "a"), rowXML(2, "1", "", "note")), "_line,a\n2,1\n", xlsxDataset("a"), 0, 0, 1},
		{"rows and cells without numbers", `<sheetData><row><c t="inlineStr"><is><t>a</t></is></c></row><row/><row><c><v>5</v></c></row></sheetData>`, "_line,a\n3,5\n", xlsxDataset("a"), 1, 0, 0},
		{"days of a timestamp", `<sheetData>` + rowXML(1, "a", "b") + `<row r="2"><c r="A2" s="1"><v>44197</v></c><c r="B2" s="1"><v>44197</v></c></row></sheetData>`, "_line,a,b\n2,2021-01-01T00:00:00,44197\n",
			with(func(ds *kpi.Dataset) {
				ds.Columns[0].Type = kpi.TypeTimestamp
				ds.Columns[1].Type, ds.Columns[1].Format = kpi.TypeDate, kpi.FormatExcel
			}, "a", "b"), 0, 0, 0},
		{"formulas of other workbooks", `<sheetData>` + rowXML(1, "a") + `<row r="2"><c r="A2"><f>[2]Plan!B7+Table[1]</f><v>4</v></c></row><row r="3"><c r="A3"><f>SUM(Table[1])</f><v>4</v></c></row></sheetData>`, "_line,a\n2,4\n3,4\n", xlsxDataset("a"), 0, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, plain, err := readFiled(t, c.ds, map[string]string{"data/a.xlsx": workbookOf(t, c.sheet)})
			if err != nil {
				t.Fatal(err)
			}
			if plain != c.want || res.Skipped != c.skipped || int64(len(res.Rejects)) != c.rejected || len(res.Warnings) != c.warnings {
				t.Errorf("copy %q\nwant %q\nskipped %d, rejects %+v, warnings %q", plain, c.want, res.Skipped, res.Rejects, res.Warnings)
			}
		})
	}
}

func TestDamagedWorkbooks(t *testing.T) {
	sheet := func(inside string) string { return workbookOf(t, "<sheetData>"+rowXML(1, "a")+inside+"</sheetData>") }
	for _, c := range []struct{ name, in, want string }{
		{"cut markup", workbookOf(t, "<sheetData>"+rowXML(1, "a")+rowXML(2, "x")+"<row>"), "is damaged: its part xl/worksheets/sheet1.xml cannot be read"},
		{"damaged behind the rows", workbookOf(t, "<sheetData>"+rowXML(1, "a")+rowXML(2, "x")+"</sheetData><oops>"), "is damaged: its part xl/worksheets/sheet1.xml"},
		{"rows out of order", sheet(rowXML(3, "x") + rowXML(2, "y")), `row "2" follows row 3`},
		{"a row twice", sheet(rowXML(2, "x") + rowXML(2, "y")), `row "2" follows row 2`},
		{"a row beyond the last", sheet(`<row r="1048577"/>`), "is damaged"},
		{"cells out of order", sheet(`<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>`), "cell A2 stands in row 2 behind column 2"},
		{"a cell of another row", sheet(`<row r="2"><c r="A3"><v>1</v></c></row>`), "cell A3 stands in row 2"},
		{"no cell", sheet(`<row r="2"><c r="2A"><v>1</v></c></row>`), "is damaged"},
		{"a text that is not there", sheet(`<row r="2"><c r="A2" t="s"><v>3</v></c></row>`), `a cell refers to text "3" of 3`},
		{"a document type", archiveOf(t, "[Content_Types].xml", typesPart, "_rels/.rels", rootRels, "xl/workbook.xml", bookPart, "xl/_rels/workbook.xml.rels", bookRels,
			"xl/worksheets/sheet1.xml", `<!DOCTYPE w [<!ENTITY x "xxx">]><worksheet><sheetData>`+rowXML(1, "a")+rowXML(2, "&x;")+`</sheetData></worksheet>`), "holds a document type"},
		{"an entity", sheet(rowXML(2, "&x;")), "is damaged"},
		{"merged wrongly", workbookOf(t, "<sheetData>"+rowXML(1, "a")+`</sheetData><mergeCells><mergeCell ref="B2:A1"/></mergeCells>`), `merged area "B2:A1"`},
		{"a long text", sheet(rowXML(2, strings.Repeat("x", 5<<20))), "holds a text that is longer than 4 MB"},
		{"a broken header", workbookOf(t, `<sheetData><row r="1"><c r="A1" t="e"><v>#REF!</v></c></row></sheetData>`), "the header is broken in column 1"},
		{"nothing", workbookOf(t, "<sheetData/>"), "holds no rows"},
		{"another document", archiveOf(t, "word/document.xml", "<w/>"), "no Excel workbook (.xlsx)"},
		{"no sheet part", archiveOf(t, "_rels/.rels", rootRels, "xl/workbook.xml", bookPart, "xl/_rels/workbook.xml.rels", strings.Replace(bookRels, "sheet1", "sheet9", 1)), "its part xl/worksheets/sheet9.xml is missing"},
		{"a name that climbs out", archiveOf(t, "../x", "", "xl/workbook.xml", bookPart), "leads out of the archive"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := readFiled(t, xlsxDataset("a"), map[string]string{"data/a.xlsx": c.in})
			if err == nil || kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestAsTheLibraryWritesThem writes tables with a library and reads them back.
func TestAsTheLibraryWritesThem(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	want := "_line,id,amount,text\n"
	if err := w.SetRow("A1", []any{"id", "amount", "text"}); err != nil {
		t.Fatal(err)
	}
	for i := range 3000 {
		amount := float64(r.IntN(1_000_000)) / 100
		text := fmt.Sprintf("%q <&> é %d", string(rune('a'+i%26)), i)
		if err := w.SetRow(fmt.Sprintf("A%d", i+2), []any{i, amount, text}); err != nil {
			t.Fatal(err)
		}
		want += fmt.Sprintf("%d,%d,%s,%s\n", i+2, i, strconv.FormatFloat(amount, 'f', -1, 64), appendField(nil, []byte(text)))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	_, plain, err := readFiled(t, xlsxDataset("id", "amount", "text"), map[string]string{"data/a.xlsx": b.String()})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, plain); diff != "" {
		t.Error(diff)
	}
}

// TestLargeSheet: a sheet is read a row at a time.
func TestLargeSheet(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var rows strings.Builder
	rows.WriteString("<sheetData>" + rowXML(1, "a", "b"))
	for i := range 120_000 {
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%[1]d"><v>%d</v></c><c r="B%[1]d" t="inlineStr"><is><t>%x</t></is></c></row>`, i+2, i, r.Uint64())
	}
	rows.WriteString("</sheetData>")
	from := fstest.MapFS{"a.xlsx": {Data: []byte(workbookOf(t, rows.String()))}}
	rows.Reset()
	most, n := uint64(0), 0
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for _, err := range ReadTable(t.Context(), from, kpi.Source{Kind: kpi.SourceXLSX, Path: "a.xlsx"}, Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%20_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
	}
	if n != 120_001 || most > before.HeapAlloc+4<<20 {
		t.Errorf("%d rows with %d kB of memory", n, (int64(most)-int64(before.HeapAlloc))>>10)
	}
}

// TestReadTable: text and a sheet give the same rows.
func TestReadTable(t *testing.T) {
	from := fstest.MapFS{
		"c1.csv": {Data: []byte("a\n1\n")}, "c2.csv": {Data: []byte("a\n1\n")},
		"a.csv":  {Data: []byte("Plan\nyear,2025,\nid,plan,done\n1,2,3\n\n4,5\n7,8,9\nTotal,1,1\nnote \" of us\n")},
		"a.xlsx": {Data: []byte(workbookOf(t, "<sheetData>"+rowXML(1, "Plan")+rowXML(2, "year", "2025")+rowXML(3, "id", "plan", "done")+rowXML(4, "1", "2", "3")+rowXML(7, "7", "8", "9")+rowXML(8, "Total", "1", "1")+`</sheetData><mergeCells><mergeCell ref="B2:C2"/></mergeCells>`))},
	}
	read := func(kind, path string) (rows []Row) {
		t.Helper()
		for row, err := range ReadTable(t.Context(), from, kpi.Source{Kind: kind, Path: path, SkipLines: 1, HeaderLines: 2, EndsAt: []string{"Total"}}, Limits{}) {
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row)
		}
		return rows
	}
	header, first, last := Row{Line: 2, Fields: []string{"year id", "2025 plan", "2025 done"}}, Row{Line: 4, Fields: []string{"1", "2", "3"}}, Row{Line: 7, Fields: []string{"7", "8", "9"}}
	short := Row{Line: 6, Fields: []string{"4", "5"}, Faults: []Fault{{Column: -1, Reason: ReasonFieldCount, Detail: "the row has 2 fields and the header 3; put a field that holds the delimiter ',' in quotes", Raw: "4,5"}}}
	if diff := cmp.Diff([]Row{header, first, short, last}, read(kpi.SourceCSV, "a.csv")); diff != "" {
		t.Errorf("csv (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Row{header, first, last}, read(kpi.SourceXLSX, "a.xlsx")); diff != "" {
		t.Errorf("xlsx (-want +got):\n%s", diff)
	}
	for path, want := range map[string]string{"b.csv": "no file matches", "c*.csv": "names 2 files, such as c1.csv and c2.csv", "a.xlsx": "is an Excel workbook and not CSV"} {
		for _, err := range ReadTable(t.Context(), from, kpi.Source{Kind: kpi.SourceCSV, Path: path}, Limits{}) {
			if err == nil || !strings.Contains(err.Error(), want) || kpi.ErrorCode(err) != kpi.CodeInvalid {
				t.Errorf("%s: %v, want %q", path, err, want)
			}
		}
	}
	for row := range ReadTable(t.Context(), from, kpi.Source{Kind: kpi.SourceCSV, Path: "a.csv", SkipLines: 1}, Limits{}) {
		if row.Line != 2 {
			t.Errorf("row %+v after the caller had enough", row)
		}
		break
	}
}
